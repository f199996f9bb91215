"""Editions of a zone: only what is new comes out, once, and nothing after half a zone."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.errors import Failure, SourceError
from namaak.records import OBSERVATION_SCHEMA
from namaak.sources.lists import opening
from namaak.sources.zones import diffing, measuring
from namaak.sources.zones.snapshots import ZoneFolder
from tests.sources.zones.zone_store import NOW, SERIAL, Store, packed, reading, soa, zone_text

MANY = [f"name{number}" for number in range(200)]


@pytest.fixture
def folder(tmp_path):
    """Of the source."""
    path = tmp_path / "state"
    path.mkdir()
    return path


def gathered(folder, names, name, *, serial=SERIAL, octets=None, store=None, **config):
    octets = packed(zone_text(names, serial)) if octets is None else octets
    store = store or Store(folder / f"{name}.stored")
    store.gather(reading(folder, octets, name, **config))
    return store


def test_the_first_edition_gives_every_name_at_its_first_line(folder):
    store = gathered(folder, ["acme", "beta"], "one")
    assert store.rows == [(3, "acme.test"), (6, "beta.test")]
    assert store.load()["complete"]
    assert store.load()["position"] == 11  # nine records, their end, and the end of the zone


def test_the_next_edition_gives_only_what_is_new_and_counts_what_is_gone(folder):
    gathered(folder, [*MANY, "gone"], "one")
    store = gathered(folder, ["new", *MANY], "two", serial=SERIAL + 1)
    assert store.rows == [(3, "new.test")]
    change = ZoneFolder(folder, "test").book().changes["two"]
    assert (change.against, change.new, change.gone) == ("one", 1, 1)
    again = gathered(folder, [*MANY, "gone"], "three", serial=SERIAL + 2)
    assert again.hosts == ["gone.test"]


def test_what_a_row_says(folder):
    octets = packed(zone_text(["acme"]))
    (batch, last) = list(reading(folder, octets, "one").batches(0, observed_at=NOW, state=None))
    assert batch.observations.schema.equals(OBSERVATION_SCHEMA, check_metadata=True)
    (row,) = [
        {key: value for key, value in row.items() if value is not None}
        for row in batch.observations.to_pylist()
    ]
    digest = subprocess.run(["sha256sum"], input=octets, capture_output=True, check=True)
    assert row == {
        "source": "czds", "instance": "test/one", "position": 3, "observed_at": NOW,
        "subject_kind": "host", "subject_key": "host:acme.test", "host": "acme.test",
        "source_time": NOW.replace(hour=0), "entry_type": "ns", "trust": "unauthenticated",
        "evidence_hash": digest.stdout.decode().split()[0],
    }  # fmt: skip
    assert batch.skipped == 5 and not batch.last
    assert (last.start, last.end, last.skipped, last.last) == (batch.end, batch.end + 1, 1, True)


def test_a_baseline_gives_no_rows_but_a_gap_that_says_so(folder):
    given = reading(folder, packed(zone_text(MANY)), "one", first="baseline")
    batches = Store(folder / "stored").gather(given)
    (gap,) = batches[0].gaps
    assert (gap.start, gap.end) == (batches[0].start, batches[0].end) == (0, 604)
    assert "200 names" in gap.reason
    assert all(batch.observations.num_rows == 0 for batch in batches)
    store = gathered(folder, [*MANY, "new"], "two", serial=SERIAL + 1, first="baseline")
    assert store.hosts == ["new.test"]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (packed(zone_text(MANY, SERIAL + 1))[:-30], "file ends|ended|end-of-stream"),
        (packed(zone_text(MANY, SERIAL + 1, extra="$INCLUDE more\n")), r"line 603: \$INCLUDE"),
        (packed(zone_text(MANY, SERIAL + 1, extra=soa(SERIAL + 2))), "two serials"),
        (packed("acme.test.\t1\tin\tns\ta.\n"), "no SOA record"),
        (packed(""), "no SOA record"),
        (zone_text(MANY, SERIAL + 1, closing=False).encode(), "does not end with its SOA"),
        (zone_text(MANY, SERIAL + 1)[:-20].encode(), "does not end with its SOA|SOA record"),
        (soa(SERIAL + 1).encode(), "does not end with its SOA"),
        (b"\x1f\x8bno gzip at all", "line 1"),
    ],
)
def test_a_zone_that_is_not_whole_is_refused_and_the_base_stays(folder, octets, reason):
    gathered(folder, MANY, "one")
    with pytest.raises(SourceError, match=reason) as caught:
        gathered(folder, None, "two", octets=octets)
    assert caught.value.failure is Failure.MALFORMED
    kept = ZoneFolder(folder, "test").file("two")
    assert str(kept) in str(caught.value)
    assert kept.read_bytes() == octets
    assert not (folder / "two.stored").exists()
    store = gathered(folder, [*MANY, "new"], "three", serial=SERIAL + 2)
    assert store.hosts == ["new.test"]


def test_a_refused_edition_is_not_fetched_again(folder):
    for _ in range(3):
        with pytest.raises(SourceError, match="was not taken"):
            gathered(folder, None, "one", octets=packed(zone_text(MANY))[:-9])
    assert (folder / "fetched").read_text().split() == ["one"]


def test_a_zone_that_lost_too_many_names_is_refused_until_somebody_allows_it(folder):
    gathered(folder, MANY, "one")
    with pytest.raises(SourceError, match="195 names where it had 200 before, less than 98%"):
        gathered(folder, MANY[:195], "two", serial=SERIAL + 1)
    with pytest.raises(SourceError, match="less than 98%"):
        gathered(folder, MANY[:195], "two", serial=SERIAL + 1)
    allowed = gathered(folder, [*MANY[:195]], "two", serial=SERIAL + 1, min_share=0.9)
    assert allowed.rows == [] and allowed.load()["complete"]
    # Names that were dropped and come back are new again.
    assert gathered(folder, MANY, "three", serial=SERIAL + 2).hosts == [
        f"{name}.test" for name in MANY[195:]
    ]


def test_a_zone_may_lose_two_in_a_hundred_names(folder):
    gathered(folder, MANY, "one")
    assert gathered(folder, [*MANY[:195], "x"], "two", serial=SERIAL + 1).hosts == ["x.test"]


@pytest.mark.parametrize("serial", [SERIAL, SERIAL - 1, (SERIAL + (1 << 31)) % (1 << 32)])
def test_a_serial_that_is_no_step_forward_refuses_the_edition(folder, serial):
    gathered(folder, MANY, "one")
    with pytest.raises(SourceError, match="no step forward") as caught:
        gathered(folder, [*MANY, "new"], "two", serial=serial)
    assert caught.value.failure is Failure.STALE
    assert gathered(folder, [*MANY, "new"], "three", serial=SERIAL + 1).hosts == ["new.test"]


def test_a_serial_may_pass_its_highest_value(folder):
    gathered(folder, MANY, "one", serial=(1 << 32) - 1)
    assert gathered(folder, [*MANY, "new"], "two", serial=3).hosts == ["new.test"]


def test_a_packed_zone_without_its_closing_soa_is_taken_and_told(folder):
    store = gathered(folder, None, "one", octets=packed(zone_text(["acme"], closing=False)))
    assert store.hosts == ["acme.test"]
    assert store.load()["rejects"][0][0] == 0
    assert "does not end with its SOA" in store.load()["rejects"][0][1]


def test_what_cannot_be_taken_is_told_with_its_line(folder):
    extra = (
        "be ta.test.\tns\ta.\n"
        "sh\\@ll.test.\t1\tin\tns\ta.\n"
        "x.acme.test.\t1\tin\tns\ta.\n"
        "acme.example.\t1\tin\tns\ta.\n"
        "a/b.test.\t1\tin\tns\ta.\n"
    )
    store = gathered(folder, None, "one", octets=packed(zone_text(["acme"], extra=extra)))
    assert store.rows == [(3, "acme.test")]
    assert [(line, reason.partition(":")[0]) for line, reason in store.load()["rejects"]] == [
        (6, "'ta.test.' is neither TTL, class nor type"),
        (7, "host"), (8, "ns"), (9, "ns"), (10, "host"),
    ]  # fmt: skip


def test_a_file_of_which_too_much_is_refused_is_no_zone(folder, monkeypatch):
    monkeypatch.setattr(measuring, "MAX_REFUSED", 10)
    text = zone_text(["acme"], extra="what is this\n" * 11)
    with pytest.raises(SourceError, match="more than 10 of its lines"):
        gathered(folder, None, "one", octets=packed(text))


def test_a_zone_larger_than_its_limit_is_refused(folder):
    with pytest.raises(SourceError, match="more than 5000 bytes unpacked"):
        gathered(folder, MANY, "one", max_bytes=5_000)


def test_two_runs_never_read_one_zone_at_the_same_time(folder):
    octets = packed(zone_text(MANY))
    first = reading(folder, octets, "one").batches(0, observed_at=NOW, state=None)
    next(first)
    with pytest.raises(SourceError, match="Another run is reading") as caught:
        next(reading(folder, octets, "one").batches(0, observed_at=NOW, state=None))
    assert caught.value.failure is Failure.TRANSIENT
    first.close()
    assert Store(folder / "stored").gather(reading(folder, octets, "one"))


def test_rows_of_another_file_do_not_join_those_of_the_first(folder):
    octets = packed(zone_text(MANY))
    batches = reading(folder, octets, "one", rows_per_batch=50).batches(
        0, observed_at=NOW, state=None
    )
    first = next(batches)
    batches.close()
    zone = ZoneFolder(folder, "test")
    zone.file("one").unlink()
    (zone.folder / "zone.json").unlink()
    other = reading(folder, packed(zone_text(MANY[::-1])), "one", rows_per_batch=50)
    with pytest.raises(SourceError, match="not the one of which the first names were stored"):
        next(other.batches(first.end, observed_at=NOW, state=first.state))


def test_only_the_files_that_the_next_edition_needs_are_kept(folder):
    for number in range(4):
        gathered(folder, [*MANY, f"new{number}"], f"e{number}", serial=SERIAL + number)
    assert sorted(path.name for path in (folder / "zones" / "test").iterdir()) == [
        "e2.names", "e3.names", "e3.new", "e3.zone.gz", "reading.lock",
        "zone.json",
    ]  # fmt: skip


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_a_name_that_stands_in_several_places_of_a_zone_is_one_row(folder, block, monkeypatch):
    monkeypatch.setattr(opening, "BLOCK", block)
    store = gathered(folder, ["acme", "beta", "acme", "gamma", "acme", "beta"], "one")
    assert store.rows == [(3, "acme.test"), (6, "beta.test"), (12, "gamma.test")]


def test_an_edition_that_was_never_read_to_its_end_is_no_base(folder):
    gathered(folder, MANY, "one")
    octets = packed(zone_text([*MANY, "a", "b", "c"], SERIAL + 1))
    batches = reading(folder, octets, "two", rows_per_batch=2).batches(
        0, observed_at=NOW, state=None
    )
    assert next(batches).observations["host"].to_pylist() == ["a.test", "b.test"]
    batches.close()
    store = gathered(folder, [*MANY, "a", "b", "c", "d"], "three", serial=SERIAL + 2)
    assert store.hosts == ["a.test", "b.test", "c.test", "d.test"]


def test_a_finished_edition_gives_the_same_rows_when_they_are_asked_for_again(folder):
    gathered(folder, MANY, "one")
    octets = packed(zone_text([*MANY, "new"], SERIAL + 1))
    first = gathered(folder, None, "two", octets=octets)
    lost = Store(folder / "another")
    lost.gather(reading(folder, octets, "two"))
    assert lost.load() == first.load()


def test_a_damaged_book_is_told_with_what_to_do(folder):
    gathered(folder, MANY, "one")
    (folder / "zones" / "test" / "zone.json").write_text('{"base": 7}')
    with pytest.raises(SourceError, match=r"zone\.json is damaged; restore it"):
        gathered(folder, MANY, "two", serial=SERIAL + 1)


NAMES = st.sets(st.sampled_from(MANY), min_size=1)


@settings(max_examples=15)
@given(earlier=NAMES, later=NAMES, rows_per_batch=st.integers(1, 7), stop=st.integers(0, 20))
def test_new_is_what_the_earlier_edition_lacks_however_it_is_cut(
    earlier, later, rows_per_batch, stop, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("zone")
    gathered(folder, sorted(earlier), "one")
    octets = packed(zone_text(sorted(later), SERIAL + 1))
    config = {"min_share": 0.0, "rows_per_batch": rows_per_batch}
    store = Store(folder / "two.stored")
    # One run stops after some batches, another goes on.
    batches = reading(folder, octets, "two", **config).batches(0, observed_at=NOW, state=None)
    for _, batch in zip(range(stop), batches, strict=False):
        store.commit(batch)
    batches.close()
    store.gather(reading(folder, octets, "two", **config))
    assert store.hosts == [f"{name}.test" for name in sorted(later - earlier)]
    assert all(len(batch) for batch in store.load()["rows"])


class Killed(BaseException):
    """The process is gone; nothing of ours may catch it."""


def test_killed_at_any_write_the_same_rows_come_out(tmp_path, monkeypatch):
    names = [*MANY[:12], "a", "b", "c", "d", "e"]
    monkeypatch.setattr(diffing, "_RUN", 5)
    monkeypatch.setattr(diffing, "_SLICE", 4)
    octets = packed(zone_text(names, SERIAL + 1))
    config = {"rows_per_batch": 2}

    def run(folder):
        folder.mkdir()
        gathered(folder, MANY[:12], "one")
        return Store(folder / "stored"), reading(folder, octets, "two", **config)

    undisturbed, given = run(tmp_path / "undisturbed")
    undisturbed.gather(given)
    kills = 0
    for number in range(1_000):
        store, given = run(tmp_path / f"killed-{number}")
        with pytest.MonkeyPatch.context() as patch:
            left = [number]

            def watched(real, left=left):
                def call(*values, **named):
                    if left[0] == 0:
                        raise Killed
                    left[0] -= 1
                    return real(*values, **named)

                return call

            for owner, name in (
                (os, "fsync"), (Path, "rename"), (Path, "replace"), (Path, "unlink"),
            ):  # fmt: skip
                patch.setattr(owner, name, watched(getattr(owner, name)))
            try:
                store.gather(given)
            except Killed:
                kills += 1
            else:
                break
        store.gather(given)
        assert store.load() == undisturbed.load()
        book = ZoneFolder(tmp_path / f"killed-{number}", "test").book()
        assert book.base == "two"
    assert kills > 15


NURSERY = """
import os, sys
from pathlib import Path
from namaak.sources.zones import diffing
from tests.sources.zones.zone_store import Store, reading
diffing._RUN, diffing._SLICE = 500, 300
folder = Path(sys.argv[1])
octets = (folder / "given").read_bytes()
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        Store(folder / "stored").gather(reading(folder, octets, "two", rows_per_batch=37))
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_process_killed_at_random_moments_gives_the_rows_of_one_never_killed(tmp_path):
    rng = random.Random(20261122)
    old = [f"old{number}" for number in range(1_000)]
    new = [f"new{number}" for number in range(300)]
    mixed = old + new
    rng.shuffle(mixed)
    octets = packed(zone_text(mixed, SERIAL + 1))
    calm, shaken = (Store(tmp_path / name / "stored") for name in ("calm", "shaken"))
    for store in (calm, shaken):
        store.path.parent.mkdir()
        gathered(store.path.parent, old, "one")
    (shaken.path.parent / "given").write_bytes(octets)
    calm.gather(reading(calm.path.parent, octets, "two", rows_per_batch=37))
    killed = 0
    # One process has everything loaded; its children read, and are killed.
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY, str(shaken.path.parent)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as nursery:  # fmt: skip
        while not shaken.load()["complete"]:
            nursery.stdin.write("\n")
            nursery.stdin.flush()
            child = int(nursery.stdout.readline())
            # Ever longer, so that it ends.
            time.sleep(rng.uniform(0, 0.04 * 1.5**killed))
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            killed += int(nursery.stdout.readline()) == -signal.SIGKILL
        nursery.stdin.close()
    assert killed >= 3
    assert sorted(shaken.hosts) == sorted(f"{name}.test" for name in new)
    assert shaken.load() == calm.load()
