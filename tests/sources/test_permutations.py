"""Names asked in rotation: each once, in the same order, and none called absent without proof.

Run as a program, this file is the process that gets killed: see `_run_and_die`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from detectors.permutations import registrable
from namaak.brands import Brand
from namaak.errors import Failure, SourceError
from namaak.gathering import gather_instance
from namaak.lake import Lake
from namaak.sources import permutations
from namaak.sources.permutations import Permutations, Rotation
from tests.peers import nsd
from tests.resolving.udp import reply, serving_beside
from tests.surroundings import around

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BRANDS = {"walder": Brand(name="Walder", domains=("walder.com",))}
#: Omissions of "walder", as they are ordered.
OMITTED = ["wader.com", "walde.com", "waler.com", "waldr.com", "wlder.com", "alder.com"]
ORDER = ["wader.com", "walde.com", "waldr.com", "waler.com", "wlder.com", "alder.com"]


def source(folder, address, *, brands=None, now=NOW, **table):
    given = around(folder, brands=brands or BRANDS, now=now)
    config = Permutations.Config.model_validate(
        {"resolvers": [address], "kinds": ["omission"], "timeout_s": 0.2, "tries": 1,
         "queries_per_second": 5_000} | table
    )  # fmt: skip
    return Permutations(config, given)


def run(opened, start=0, state=None, *, at=NOW):
    (instance,) = opened.instances()
    return list(opened.batches(instance, start, observed_at=at, state=state))


def rows(*batches):
    return [
        (row["position"], row["host"], row["entry_type"])
        for batch in batches
        for row in batch.observations.to_pylist()
    ]


def existing(*hosts, outcome="NXDOMAIN", but=()):
    """A resolver for which these hosts exist; others are absent, or what `but` says."""
    other = dict(but)

    def replies(question):
        name = question.question[0].name.to_text(omit_final_dot=True)
        type_ = question.question[0].rdtype
        zone = name.count(".") == 0
        if name in hosts:
            if type_ == 2:
                return [reply(question, f"{name}. 600 NS ns.test.")]
            return [reply(question, *([f"{name}. 600 A 192.0.2.1"] if type_ == 1 else []))]
        if zone and type_ == 6:
            return [reply(question, f"{name}. 900 SOA ns.test. who.test. 1 2 3 4 86400")]
        told = other.get(name, outcome)
        return [] if told == "silence" else [reply(question, rcode=told)]

    return replies


def names_asked(heard):
    return Counter(name for name, type_ in heard.questions if type_ == "NS")


def test_a_run_asks_as_many_names_as_it_may_and_the_next_goes_on(tmp_path):
    with serving_beside(existing("waler.com", "alder.com")) as heard:
        opened = source(tmp_path, heard.address, names_per_run=4)
        (first,) = run(opened)
        assert (first.start, first.end, first.last) == (0, 4, False)
        assert rows(first) == [(3, "waler.com", "resolved")]
        assert first.skipped == 3 and first.rejects == ()
        (second,) = run(opened, first.end, first.state)
        assert (second.start, second.end) == (4, 6)
        assert rows(second) == [(5, "alder.com", "resolved")]
        assert names_asked(heard) == Counter(ORDER)
        assert Rotation.read(second.state).index == 6


def test_a_cycle_that_is_over_begins_anew_when_it_is_time(tmp_path):
    with serving_beside(existing("waler.com")) as heard:
        opened = source(tmp_path, heard.address, every_days=3)
        (first,) = run(opened)
        assert run(opened, first.end, first.state, at=NOW + timedelta(days=2)) == []
        again = source(tmp_path, heard.address, every_days=3, now=NOW + timedelta(days=3))
        (second,) = run(again, first.end, first.state, at=NOW + timedelta(days=3))
        assert (second.start, second.end) == (6, 12)
        assert rows(second) == [(9, "waler.com", "resolved")]
        assert Rotation.read(second.state).cycle == 2
        assert set(names_asked(heard).values()) == {2}


def test_another_watch_file_begins_a_cycle_and_asks_nothing_that_is_known(tmp_path):
    with serving_beside(existing("waler.com")) as heard:
        (first,) = run(source(tmp_path, heard.address, names_per_run=4))
        asked = len(heard.questions)
        brands = BRANDS | {"quib": Brand(name="Quib", domains=("quib.com",))}
        opened = source(tmp_path, heard.address, brands=brands, names_per_run=100)
        (second,) = run(opened, first.end, first.state, at=NOW + timedelta(minutes=30))
        found = {row["host"]: row["position"] for row in second.observations.to_pylist()}
        assert second.start == 4 and set(found) == {"waler.com"} and found["waler.com"] >= 4
        assert Rotation.read(second.state).cycle == 2
        assert names_asked(heard) == Counter([*ORDER, "qui.com", "qub.com", "qib.com", "uib.com"])
        assert len(heard.questions) > asked


def test_an_answer_is_believed_as_long_as_its_zone_says(tmp_path):
    """The names exist for 600 s, so an hour at least; absence holds for 900 s by the SOA."""
    with serving_beside(existing("waler.com")) as heard:
        opened = source(tmp_path, heard.address)
        run(opened)
        before = len(heard.questions)
        # The lake's cursor lost, or another data folder: the memory saves the questions.
        (again,) = run(opened, at=NOW + timedelta(minutes=59))
        assert rows(again) == [(3, "waler.com", "resolved")]
        assert len(heard.questions) == before
        later = source(tmp_path, heard.address, now=NOW + timedelta(minutes=61))
        (batch,) = run(later, 6, None, at=NOW + timedelta(minutes=61))
        assert rows(batch) == [(9, "waler.com", "resolved")]
        assert set(names_asked(heard).values()) == {2}


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("SERVFAIL", "host: broken delegation or signature (SERVFAIL)"),
        ("REFUSED", "host: the resolver refused to answer"),
        ("silence", "host: nobody answered in time"),
    ],
)
def test_a_name_of_which_nobody_tells_is_a_refused_row_and_asked_again_sooner(
    tmp_path, outcome, reason
):
    with serving_beside(existing("waler.com", but={"waldr.com": outcome})) as heard:
        opened = source(tmp_path, heard.address)
        (first,) = run(opened)
        assert rows(first) == [(3, "waler.com", "resolved")]
        (refused,) = first.rejects
        assert (refused.position, refused.excerpt) == (2, "waldr.com")
        assert refused.reason.startswith(reason)
        assert first.skipped == 4
        # Not within the hour; then it comes back although the cycle is not over.
        assert run(opened, first.end, first.state, at=NOW + timedelta(minutes=59)) == []
    with serving_beside(existing("waldr.com")) as heard:
        opened = source(tmp_path, heard.address, now=NOW + timedelta(hours=1))
        (second,) = run(opened, first.end, first.state, at=NOW + timedelta(hours=1))
        assert rows(second) == [(6, "waldr.com", "resolved")]
        assert second.rejects == () and set(names_asked(heard)) == {"waldr.com"}
        assert Rotation.read(second.state).index == 6
        assert run(opened, second.end, second.state, at=NOW + timedelta(hours=3)) == []


def test_a_batch_that_was_not_stored_is_the_same_when_it_is_asked_for_again(tmp_path):
    """Also where it holds a name that was asked again, and of which somebody has told since."""
    with serving_beside(existing("waler.com", but={"waldr.com": "SERVFAIL"})) as heard:
        (first,) = run(source(tmp_path, heard.address))
    with serving_beside(existing("waldr.com")) as heard:
        opened = source(tmp_path, heard.address, now=NOW + timedelta(hours=1))
        at = NOW + timedelta(hours=1)
        (lost,) = run(opened, first.end, first.state, at=at)
        asked = len(heard.questions)
        (again,) = run(opened, first.end, first.state, at=at)
        assert again.observations.equals(lost.observations) and rows(again)
        assert replace(again, observations=None) == replace(lost, observations=None)
        assert len(heard.questions) == asked


def test_names_of_which_nobody_tells_again_wait_longer_each_time(tmp_path):
    with serving_beside(existing(but={"waldr.com": "SERVFAIL"})) as heard:
        (batch,) = run(source(tmp_path, heard.address))
        for after_h, due in ((1, True), (2, False), (3, True), (6, False), (7, True)):
            at = NOW + timedelta(hours=after_h)
            found = run(source(tmp_path, heard.address, now=at), batch.end, batch.state, at=at)
            assert bool(found) is due, after_h
            if found:
                (batch,) = found
                assert [one.excerpt for one in batch.rejects] == ["waldr.com"]


@pytest.mark.parametrize("outcome", ["silence", "REFUSED", "SERVFAIL"])
def test_a_resolver_that_is_down_stops_the_run_and_nothing_is_counted(tmp_path, outcome):
    """SERVFAIL for everything is what a validating resolver says that does not reach the net."""

    def down(question):
        return [] if outcome == "silence" else [reply(question, rcode=outcome)]

    with serving_beside(down) as heard:
        with pytest.raises(SourceError, match=r"does not answer .*mend `resolvers`") as caught:
            run(source(tmp_path, heard.address))
        assert caught.value.failure is Failure.TRANSIENT
    with serving_beside(existing("waler.com")) as heard:
        # Up again: at once, not after the pause for names of which nobody told.
        (batch,) = run(source(tmp_path, heard.address))
        assert rows(batch) == [(3, "waler.com", "resolved")]


@pytest.mark.parametrize("names_answered", [3, 4])
@pytest.mark.parametrize("outcome", ["silence", "SERVFAIL"])
def test_a_resolver_that_dies_in_the_midst_of_a_run_is_noticed_at_that_batch(
    tmp_path, monkeypatch, outcome, names_answered
):
    """Also when it still knows the suffix itself by heart, and between the names of a batch."""
    monkeypatch.setattr(permutations, "_NAMES_PER_BATCH", 3)
    alive = existing("waler.com")

    def dying(question):
        name = question.question[0].name.to_text(omit_final_dot=True)
        if name == "com" or name in ORDER[:names_answered]:
            return alive(question)
        return [] if outcome == "silence" else [reply(question, rcode=outcome)]

    stored = []
    with serving_beside(dying) as heard:
        opened = source(tmp_path, heard.address)
        (instance,) = opened.instances()
        with pytest.raises(SourceError, match="does not answer") as caught:
            stored.extend(opened.batches(instance, observed_at=NOW))
        assert caught.value.failure is Failure.TRANSIENT
    assert [(batch.start, batch.end, batch.rejects) for batch in stored] == [(0, 3, ())]
    with serving_beside(alive) as heard:
        (second,) = run(source(tmp_path, heard.address), 3, stored[0].state)
    assert rows(second) == [(3, "waler.com", "resolved")] and second.rejects == ()
    assert set(names_asked(heard)) == set(ORDER[names_answered:])


def test_a_registry_that_is_down_stops_no_run(tmp_path):
    brands = {"walder": Brand(name="Walder", domains=("walder.com", "walder.net"))}

    def replies(question):
        if question.question[0].name.to_text(omit_final_dot=True).endswith("com"):
            return [reply(question, rcode="SERVFAIL")]
        return existing("waler.net")(question)

    with serving_beside(replies) as heard:
        (batch,) = run(source(tmp_path, heard.address, brands=brands))
    assert [host for _, host, _ in rows(batch)] == ["waler.net"]
    assert {one.excerpt for one in batch.rejects} == set(OMITTED)


def test_what_was_asked_for_names_is_let_go_with_their_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(permutations, "_NAMES_PER_BATCH", 2)
    kept = []
    leave = permutations.Inquiry.__aexit__

    async def leaving(inquiry, *given):
        kept.append({key[0] for key in inquiry._kept} - {"com"})
        await leave(inquiry, *given)

    monkeypatch.setattr(permutations.Inquiry, "__aexit__", leaving)
    with serving_beside(existing()) as heard:
        run(source(tmp_path, heard.address))
    assert kept == [set(ORDER[:2]), set(ORDER[2:4]), set(ORDER[4:])]


def test_what_was_answered_before_a_run_was_stopped_is_not_asked_again(tmp_path):
    def replies(question):
        if len(heard.questions) == 40:
            opened.around.stop.set()
        return existing("walderq.com")(question)

    with serving_beside(replies) as heard:
        opened = source(tmp_path, heard.address, kinds=["addition"], queries_per_second=40)
        assert run(opened) == []
        opened.around.stop.clear()
        begun = set(names_asked(heard))
        table = {"kinds": ["addition"], "now": NOW + timedelta(minutes=5)}
        (batch,) = run(source(tmp_path, heard.address, **table), at=NOW + timedelta(minutes=5))
        asked = names_asked(heard)
    assert [host for _, host, _ in rows(batch)] == ["walderq.com"]
    assert len(asked) == 36 and len(begun) < 36
    # Twenty names were under way at most; what was answered of the others was kept.
    twice = {name for name, times in asked.items() if times > 1}
    assert twice <= begun and len(twice) <= 20
    assert not twice & {name for name, type_ in heard.questions[:20] if type_ == "CNAME"}


def test_the_brands_own_domains_are_not_asked(tmp_path):
    brands = {"walder": Brand(name="Walder", domains=("walder.com", "alder.com", "www.waler.com"))}
    with serving_beside(existing()) as heard:
        run(source(tmp_path, heard.address, brands=brands))
        assert not {"walder.com", "alder.com"} & set(names_asked(heard))


def test_a_name_without_a_domain_is_asked_as_one(tmp_path):
    brands = {"acme": Brand(name="Acme Böttger")}
    with serving_beside(existing("acmebottger.com")) as heard:
        (batch,) = run(source(tmp_path, heard.address, brands=brands))
        assert "acmebottger.com" in {host for _, host, _ in rows(batch)}


def test_a_brand_of_which_no_name_can_be_made_is_told_before_anything_is_asked(tmp_path):
    opened = source(tmp_path, "127.0.0.1:9", brands={"kk": Brand(name="株式会社")})
    (fault,) = opened.faults()
    assert fault.startswith("brands.kk: no domain name can be made of it; add `domains`")
    assert run(opened) == []


def test_a_damaged_memory_is_named_with_what_to_do(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "memory.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(SourceError, match=r"memory\.sqlite, cannot be used .*delete that file"):
        run(source(tmp_path, "127.0.0.1:9"))


def test_a_damaged_order_is_made_anew(tmp_path):
    with serving_beside(existing("waler.com")) as heard:
        (first,) = run(source(tmp_path, heard.address, names_per_run=3))
        (path,) = (tmp_path / "state").glob("order-*.parquet")
        path.write_bytes(path.read_bytes()[:-9])
        (second,) = run(source(tmp_path, heard.address), first.end, first.state)
        assert rows(first, second) == [(3, "waler.com", "resolved")]
        assert names_asked(heard) == Counter(ORDER)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"resolvers": []}, "resolvers"),
        ({"resolvers": ["dns.example"]}, "resolvers"),
        ({"kinds": ["omision"]}, "kinds"),
        ({"suffixes": ["not a suffix"]}, "suffixes"),
        ({"names_per_run": 0}, "names_per_run"),
        ({"queries_per_second": 0}, "queries_per_second"),
        ({"every_days": 0}, "every_days"),
    ],
)
def test_a_table_without_sense_is_refused(table, key):
    with pytest.raises(ValueError, match=key):
        Permutations.Config.model_validate({"resolvers": ["127.0.0.1"]} | table)


@pytest.mark.peer
def test_a_zone_that_answers_for_any_name_is_flagged_and_its_names_are_not_counted(tmp_path):
    zones = {"com": "* IN A 192.0.2.99\n", "waler.com": "@ IN A 192.0.2.6\n"}
    with nsd(zones, tmp_path / "nsd") as served:
        (batch,) = run(source(tmp_path, served.address, timeout_s=2))
    assert rows(batch) == [(3, "waler.com", "resolved")]
    assert {one.reason for one in batch.rejects} == {"host: its parent zone answers for any name"}
    assert len(batch.rejects) == 5 and batch.skipped == 0


@pytest.mark.peer
def test_a_run_killed_anywhere_and_started_again_gives_the_rows_of_one_that_was_not(tmp_path):
    zone = "".join(f"{host.partition('.')[0]} IN A 192.0.2.1\n" for host in OMITTED[::2])
    zone += "".join(f"walder{char} IN TXT x\n" for char in "abcdefgh135")
    with nsd({"com": zone}, tmp_path / "nsd") as served:
        whole = tmp_path / "whole"
        _gather(whole, served.address)
        killed = tmp_path / "killed"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, __file__, served.address, str(killed)],
            env=environment, check=True, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    kills = json.loads(done.stdout)
    assert kills >= 5
    assert _stored(killed) == _stored(whole)
    assert len(_stored(whole)) == 14


def _killable(folder: Path, address: str) -> Permutations:
    kinds = ["omission", "addition", "replacement"]
    opened = source(folder, address, kinds=kinds, timeout_s=5, names_per_run=1_000,
                    queries_per_second=600)  # fmt: skip
    return Permutations(opened.config, replace(opened.around, now=lambda: datetime.now(UTC)))


def _gather(folder: Path, address: str) -> None:
    opened = _killable(folder, address)
    (instance,) = opened.instances()
    gather_instance(opened, instance, folder / "lake", now=lambda: datetime.now(UTC))


def _stored(folder: Path) -> list[tuple[int, str, str]]:
    """What the lake counts, so files of a batch that was never committed are left out."""
    with Lake(folder / "lake") as lake:
        tables = [pq.read_table(path) for path in lake.observation_files()]
    return sorted(
        (row["position"], row["host"], row["entry_type"])
        for table in tables
        for row in table.to_pylist()
    )


def _run_and_die(address: str, folder: Path) -> None:
    """Children that gather are killed at a random moment, until one comes to its end."""
    registrable("what takes long to import.example")
    chosen = random.Random(5)
    kills = 0
    longest = 0.2
    while True:
        child = os.fork()
        if not child:
            _gather(folder, address)
            os._exit(0)
        time.sleep(chosen.uniform(0.0, longest))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            break
        kills += 1
        longest *= 1.15
    print(json.dumps(kills))


if __name__ == "__main__":
    _run_and_die(sys.argv[1], Path(sys.argv[2]))
