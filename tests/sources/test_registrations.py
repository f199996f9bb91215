"""Lists of new registrations from nginx: days that come, come late, never come, come twice."""

import base64
import gzip
import hashlib
import io
import os
import zipfile
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import ValidationError

from namaak.errors import Failure, SourceError
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.sources.daily.addresses import address, check_pattern, is_dated
from namaak.sources.registrations import Registrations, RegistrationsConfig
from tests.peers import nginx
from tests.surroundings import CONTACT, around

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
#: The same bytes at each collection, because they are part of the name of a test.
GZIPPED = gzip.compress(b"acme.test\nbeta.test\n", mtime=0)
DAY = "2026-11-21"


def source(tmp_path, served, given, *, now=NOW, **config):
    fetcher = partial(
        Fetcher, contact=CONTACT, manners=Manners(default=Rate(per_second=1e3, burst=100)),
        allow=(Allowed(network="127.0.0.0/8", port=served.port),), retries=0,
    )  # fmt: skip
    given = {"name": "new", "first_days": 0, **given, "url": served.url + given["url"]}
    surroundings = around(tmp_path, fetcher=fetcher, now=now)
    return Registrations(
        RegistrationsConfig.model_validate({"lists": [given], **config}), surroundings
    )


def gathered(found, *, complete=()):
    """What every instance gives that is not complete yet: hosts, or why there are none."""
    given = {}
    for instance in found.instances():
        if instance.id in complete:
            continue
        try:
            batches = list(found.batches(instance, observed_at=found.around.now()))
        except SourceError as error:
            given[instance.id] = str(error)
            continue
        if not batches[-1].last:
            (batch,) = batches
            assert batch.start == batch.end
            given[instance.id] = "; ".join(attempt.says for attempt in batch.attempts)
        else:
            assert [batch.end for batch in batches[:-1]] == [b.start for b in batches[1:]]
            given[instance.id] = [
                host for batch in batches for host in batch.observations["host"].to_pylist()
            ]
    return given


@pytest.fixture
def www(tmp_path):
    path = tmp_path / "www"
    path.mkdir()
    return path


def packed(name, octets):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, octets)
    return file.getvalue()


@pytest.mark.peer
@pytest.mark.parametrize(
    ("pattern", "path", "octets"),
    [
        ("/{date}.txt", f"{DAY}.txt", b"acme.test\nbeta.test\n"),
        (
            "/{date:%d%m%Y}.txt.gz",
            "21112026.txt.gz",
            gzip.compress(b"acme.test\nbeta.test\n", mtime=0),
        ),
        ("/{date}.csv", f"{DAY}.csv", b"domain,created\nacme.test,2026-11-21\nbeta.test,\n"),
        ("/{date}.jsonl", f"{DAY}.jsonl", b'{"domain":"acme.test"}\n{"domain":"beta.test"}\n'),
        (
            "/{base64:%Y-%m-%d.zip}/nrd",
            f"{base64.b64encode(b'2026-11-21.zip').decode()}/nrd",
            packed("domain-names.txt", b"acme.test\r\nbeta.test\r\n"),
        ),
    ],
)
def test_the_list_of_a_day_is_read_in_any_form(tmp_path, www, pattern, path, octets):
    (www / path).parent.mkdir(exist_ok=True)
    (www / path).write_bytes(octets)
    with nginx(www) as served:
        found = source(tmp_path, served, {"url": pattern})
        (instance,) = found.instances()
        batches = list(found.batches(instance, observed_at=NOW))
    rows = [row for batch in batches for row in batch.observations.to_pylist()]
    assert [row["host"] for row in rows] == ["acme.test", "beta.test"]
    assert {
        (row["source_time"], row["entry_type"], row["trust"], row["evidence_hash"]) for row in rows
    } == {
        (datetime(2026, 11, 21, tzinfo=UTC), "new", "unauthenticated",
         hashlib.sha256(octets).hexdigest())
    }  # fmt: skip


@pytest.mark.peer
def test_a_list_that_was_read_is_not_fetched_again_and_its_file_is_gone(tmp_path, www):
    (www / f"{DAY}.txt").write_text("acme.test\n")
    with nginx(www) as served:
        found = source(tmp_path, served, {"url": "/{date}.txt"})
        assert gathered(found) == {f"new/{DAY}": ["acme.test"]}
        (instance,) = source(tmp_path, served, {"url": "/{date}.txt"}).instances()
        (last,) = found.batches(instance, 2, observed_at=NOW)
        assert last.last and last.observations.num_rows == 0
        assert len(served.requests()) == 1
    kept = {path.name for path in (tmp_path / "state" / "new").iterdir()}
    assert kept == {"lists.json", "lists.lock", f"{DAY}.lock"}


@pytest.mark.peer
def test_days_that_no_run_looked_at_are_made_up_for(tmp_path, www):
    with nginx(www) as served:
        for day in range(21, 26):
            (www / f"2026-11-{day}.txt").write_text(f"name{day}.test\n")
        assert gathered(source(tmp_path, served, {"url": "/{date}.txt"})) == {
            "new/2026-11-21": ["name21.test"]
        }
        later = source(tmp_path, served, {"url": "/{date}.txt"}, now=NOW + timedelta(days=4))
        assert gathered(later, complete={"new/2026-11-21"}) == {
            f"new/2026-11-{day}": [f"name{day}.test"] for day in range(22, 26)
        }


@pytest.mark.peer
def test_a_day_that_is_missing_is_asked_for_again_and_at_last_a_gap(tmp_path, www):
    with nginx(www) as served:
        pattern = {"url": "/{date}.txt", "retry_days": 2}
        for days in (0, 2):
            found = source(tmp_path, served, pattern, now=NOW + timedelta(days=days))
            instance = next(iter(found.instances()))
            assert instance.id == f"new/{DAY}"
            # Late is no failure: a run that finds nothing else wrong has gone well.
            (batch,) = found.batches(instance, observed_at=found.around.now())
            assert (batch.start, batch.end, batch.last, batch.gaps) == (0, 0, False, ())
            (attempt,) = batch.attempts
            assert (attempt.failure, attempt.status) == (Failure.EXPECTED_ABSENT, 404)
            assert attempt.url == f"{served.url}/{DAY}.txt"
        late = NOW + timedelta(days=3)
        (batch,) = found.batches(instance, observed_at=late)
        (gap,) = batch.gaps
        assert (gap.start, gap.end, batch.start, batch.end, batch.last) == (0, 1, 0, 1, True)
        assert "never came" in gap.reason and f"{DAY}.txt" in gap.reason
        after = source(tmp_path, served, pattern, now=late + timedelta(days=3))
        assert f"new/{DAY}" not in {instance.id for instance in after.instances()}


@pytest.mark.peer
def test_a_day_that_has_not_come_is_not_asked_for_by_every_run(tmp_path, www):
    with nginx(www) as served:

        def at(hours, **config):
            now = NOW + timedelta(hours=hours)
            return gathered(source(tmp_path, served, {"url": "/{date}.txt"}, now=now, **config))

        assert set(at(0)) == {f"new/{DAY}"}
        assert at(5.9) == {} and at(2.9, hours_between=3) == {}
        assert len(served.requests()) == 1
        assert set(at(6)) == {f"new/{DAY}"} and at(7) == {}
        assert [asked.status for asked in served.requests()] == [404, 404]
        # Another day has its own hours.
        assert set(at(16)) == {f"new/{DAY}", "new/2026-11-22"}


@pytest.mark.peer
def test_a_day_that_comes_late_is_read(tmp_path, www):
    with nginx(www) as served:
        found = source(tmp_path, served, {"url": "/{date}.txt"})
        assert "404" in gathered(found)[f"new/{DAY}"]
        (www / f"{DAY}.txt").write_text("acme.test\n")
        later = source(tmp_path, served, {"url": "/{date}.txt"}, now=NOW + timedelta(hours=6))
        assert gathered(later) == {f"new/{DAY}": ["acme.test"]}


@pytest.mark.peer
def test_a_server_that_fails_is_no_missing_day(tmp_path, www):
    locations = "location / { return 500; }"
    with nginx(www, locations=locations) as served:
        late = source(tmp_path, served, {"url": "/{date}.txt"})
        (instance,) = late.instances()
        with pytest.raises(SourceError) as caught:
            list(late.batches(instance, observed_at=NOW + timedelta(days=300)))
        assert caught.value.failure is Failure.TRANSIENT


@pytest.mark.peer
def test_the_list_of_yesterday_is_not_taken_for_that_of_today(tmp_path, www):
    (www / f"{DAY}.txt").write_text("acme.test\n")
    (www / "2026-11-22.txt").write_text("acme.test\n")
    with nginx(www) as served:
        assert gathered(source(tmp_path, served, {"url": "/{date}.txt"}))
        later = source(tmp_path, served, {"url": "/{date}.txt"}, now=NOW + timedelta(days=1))
        assert f"the very list of {DAY}" in gathered(later)["new/2026-11-22"]
        (www / "2026-11-22.txt").write_text("beta.test\n")
        later = source(tmp_path, served, {"url": "/{date}.txt"}, now=NOW + timedelta(hours=30))
        assert gathered(later)["new/2026-11-22"] == ["beta.test"]


@pytest.mark.peer
def test_a_run_that_stopped_goes_on_with_the_same_rows(tmp_path, www):
    names = [f"name{number}.test" for number in range(95)]
    (www / f"{DAY}.txt").write_text("\n".join(names))
    with nginx(www) as served:
        pattern = {"url": "/{date}.txt"}
        calm = list(_batches(source(tmp_path / "calm", served, pattern, rows_per_batch=10)))
        for stop in range(len(calm)):
            place = tmp_path / f"stopped-{stop}"
            found = source(place, served, pattern, rows_per_batch=10)
            first = [batch for _, batch in zip(range(stop + 1), _batches(found), strict=False)]
            again = source(place, served, pattern, rows_per_batch=10)
            rest = list(_batches(again, first[-1].end, first[-1].state))
            whole = first + ([] if first[-1].last else rest)
            assert [(b.start, b.end, b.last) for b in whole] == [
                (b.start, b.end, b.last) for b in calm
            ]
            for one, other in zip(whole, calm, strict=True):
                assert one.observations.equals(other.observations)


def _batches(found, start=0, state=None):
    (instance,) = found.instances()
    return found.batches(instance, start, observed_at=NOW, state=state)


@pytest.mark.peer
def test_a_list_at_one_address_is_read_when_its_content_is_new(tmp_path, www):
    path = www / "latest.txt"
    with nginx(www) as served:
        pattern = {"url": "/latest.txt"}

        def at(hours, *complete):
            found = source(tmp_path, served, pattern, now=NOW + timedelta(hours=hours))
            return gathered(found, complete=complete)

        path.write_text("acme.test\n")
        os.utime(path, (1_000_000_000,) * 2)
        (first,) = at(0).items()
        assert first[1] == ["acme.test"]
        assert first[0] == f"new/{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"
        assert at(1, first[0]) == {}
        assert [asked.status for asked in served.requests()] == [200]
        assert at(7, first[0]) == {}
        assert [asked.status for asked in served.requests()] == [200, 304]
        path.write_text("acme.test\nbeta.test\n")
        ((second, hosts),) = at(14, first[0]).items()
        assert second != first[0] and hosts == ["acme.test", "beta.test"]
        # The older content again is nothing new.
        path.write_text("acme.test\n")
        assert at(21, first[0], second) == {}


@pytest.mark.peer
def test_a_list_is_read_to_its_end_before_a_newer_one_is_fetched(tmp_path, www):
    path = www / "latest.txt"
    path.write_text("\n".join(f"name{number}.test" for number in range(30)))
    with nginx(www) as served:
        pattern = {"url": "/latest.txt"}
        found = source(tmp_path, served, pattern, rows_per_batch=10)
        (instance,) = found.instances()
        batches = found.batches(instance, observed_at=NOW)
        first = next(batches)
        batches.close()
        path.write_text("other.test\n")
        later = source(tmp_path, served, pattern, rows_per_batch=10, now=NOW + timedelta(days=1))
        (same,) = later.instances()
        assert same.id == instance.id
        rest = list(later.batches(same, first.end, observed_at=NOW, state=first.state))
        assert sum(batch.observations.num_rows for batch in [first, *rest]) == 30
        (newer,) = later.instances()
        assert newer.id != instance.id


@pytest.mark.peer
@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (packed("notes.pdf", b"x"), "holds 0 lists where one belongs"),
        (b"PK\x03\x04 no archive", "no zip archive or damaged"),
    ],
)
def test_an_archive_without_one_list_is_kept_and_told(tmp_path, www, octets, reason):
    (www / f"{DAY}.zip").write_bytes(octets)
    with nginx(www) as served:
        found = source(tmp_path, served, {"url": "/{date}.zip"})
        assert reason in gathered(found)[f"new/{DAY}"]
        assert (tmp_path / "state" / "new" / f"{DAY}.zip").read_bytes() == octets
        # It is here, so it is not fetched again.
        assert reason in gathered(found)[f"new/{DAY}"]
        assert len(served.requests()) == 1


@pytest.mark.peer
def test_a_column_of_pictures_opens_no_file_of_ours(tmp_path, www):
    (www / f"{DAY}.csv").write_text("domain,image\nacme.test,../../../../etc/hostname\n")
    with nginx(www) as served:
        found = source(tmp_path, served, {"url": "/{date}.csv"})
        (instance,) = found.instances()
        batches = list(found.batches(instance, observed_at=NOW))
    assert [batch.images for batch in batches] == [{}, {}]
    assert batches[0].observations["image_sha256"].to_pylist() == [None]


@pytest.mark.peer
def test_a_bomb_is_cut_off_and_told(tmp_path, www):
    (www / f"{DAY}.txt.gz").write_bytes(gzip.compress(b"a.test\n" * 100_000, mtime=0))
    with nginx(www) as served:
        found = source(tmp_path, served, {"url": "/{date}.txt.gz"}, max_bytes=10_000)
        (instance,) = found.instances()
        batches = list(found.batches(instance, observed_at=NOW))
        reasons = [reject.reason for batch in batches for reject in batch.rejects]
        assert any("more than 10000 bytes unpacked" in reason for reason in reasons)
        small = source(tmp_path / "b", served, {"url": "/{date}.txt.gz"}, max_download_bytes=10)
        assert "more than the 10 that are taken" in gathered(small)[f"new/{DAY}"]


@pytest.mark.parametrize(
    "url", ["ftp://x/", "https://x/{day}", "https://x/{date", "https://x/date}", "{date}"]
)
def test_an_address_that_says_of_a_day_what_is_unknown_is_refused(url):
    with pytest.raises(ValidationError):
        RegistrationsConfig.model_validate({"lists": [{"name": "a", "url": url}]})


@drawn(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_base64_of_an_address_is_that_of_the_file_name(day):
    pattern = check_pattern("https://lists.example/{base64:%Y-%m-%d.zip}/nrd")
    assert is_dated(pattern) and not is_dated("https://lists.example/new.txt")
    name = address(pattern, day).split("/")[3]
    assert base64.b64decode(name).decode() == f"{day}.zip"


def test_two_lists_of_one_name_are_told(tmp_path):
    lists = [{"name": "new", "url": f"https://{host}.example/"} for host in "ab"]
    config = RegistrationsConfig.model_validate({"lists": lists})
    (fault,) = Registrations(config, around(tmp_path)).faults()
    assert fault.startswith("lists[1].name: new is the name of another list")
