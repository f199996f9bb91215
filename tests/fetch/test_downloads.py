"""Downloads: whole or not there, continued only within one version, safe against kills and lies."""

from __future__ import annotations

import asyncio
import fcntl
import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from namaak.errors import Failure, SourceError
from namaak.fetch import Budget, FetchError, Limits, Validators
from tests.fetch.asking import Time, fetcher
from tests.peers import CLOSE, hostile, nginx, reply

ROOT = Path(__file__).resolve().parents[2]
WHOLE = bytes(range(256)) * 400
ETAG = '"version-1"'
OLD = "Sun, 22 Nov 2020 12:00:00 GMT"
HALF = 50_000


def _download(url, path, made=None, **how):
    async def run():
        port = int(url.split(":")[2].split("/")[0])
        async with made or fetcher(port, time=Time()) as fetch:
            return await fetch.download(url, path, **how)

    return asyncio.run(run())


def _failed(url, path, made=None, **how):
    how.setdefault("retries", 0)
    with pytest.raises(FetchError) as caught:
        _download(url, path, made, **how)
    return caught.value


def first_half(etag=ETAG, **headers):
    """Promises all, sends half, breaks off."""
    return CLOSE + reply(WHOLE[:HALF], Content_Length=str(len(WHOLE)), ETag=etag, **headers)


def rest(start=HALF, *, told=None, body=None, etag=ETAG):
    told = told or f"bytes {start}-{len(WHOLE) - 1}/{len(WHOLE)}"
    body = WHOLE[start:] if body is None else body
    return reply(body, status="206 Partial Content", ETag=etag, Content_Range=told)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "zones" / "shop.zone.gz"


def _left(path):
    return sorted(file.name for file in path.parent.iterdir())


def test_a_file_is_whole_with_its_sum_and_nothing_beside_it(path):
    with hostile(reply(WHOLE, ETag=ETAG, Last_Modified=OLD)) as server:
        done = _download(f"{server.url}/a", path)
        assert server.header("Accept-Encoding") == "identity"
    assert path.read_bytes() == WHOLE
    assert (done.path, done.size, done.resumed_from) == (path, len(WHOLE), 0)
    assert done.sha256 == hashlib.sha256(WHOLE).hexdigest()
    assert done.validators == Validators(etag=ETAG, last_modified=OLD)
    assert _left(path) == [path.name]


def test_what_broke_off_is_continued_in_the_same_call(path):
    with hostile(first_half(), rest()) as server:
        done = _download(f"{server.url}/a", path, retries=1)
        assert server.header("Range") == f"bytes={HALF}-"
        assert server.header("If-Range") == ETAG
    assert path.read_bytes() == WHOLE
    assert done.resumed_from == 0


def test_what_an_earlier_run_left_is_continued(path):
    with hostile(first_half(), rest()) as server:
        error = _failed(f"{server.url}/a", path)
        assert error.failure is Failure.TRANSIENT
        assert _left(path) == [path.name + ".part", path.name + ".part.json"]
        done = _download(f"{server.url}/a", path)
        assert server.header("Range") == f"bytes={HALF}-"
    assert path.read_bytes() == WHOLE
    assert (done.resumed_from, done.size) == (HALF, len(WHOLE))
    assert _left(path) == [path.name]


def test_a_server_with_another_version_sends_it_whole_and_the_half_is_thrown_away(path):
    other = b"other" * 1_000
    with hostile(first_half(), reply(other, ETag='"version-2"')) as server:
        _failed(f"{server.url}/a", path)
        done = _download(f"{server.url}/a", path)
    assert path.read_bytes() == other
    assert (done.resumed_from, done.validators.etag) == (0, '"version-2"')


LIES = {
    "another-version": rest(etag='"version-2"'),
    "another-start": rest(told=f"bytes 0-{len(WHOLE) - 1}/{len(WHOLE)}"),
    "another-length": rest(told=f"bytes {HALF}-{len(WHOLE)}/{len(WHOLE) + 1}"),
    "beyond-its-length": rest(told=f"bytes {HALF}-{len(WHOLE)}/{len(WHOLE)}"),
    "before-its-start": rest(told=f"bytes {HALF}-3/{len(WHOLE)}"),
    "no-length": rest(told=f"bytes {HALF}-{len(WHOLE) - 1}/*"),
    "no-range": rest(told="words"),
    "no-unit": rest(told=f"{HALF}-{len(WHOLE) - 1}/{len(WHOLE)}"),
    "longer-than-it-says": rest(told=f"bytes {HALF}-{HALF + 9}/{len(WHOLE)}"),
    "not-satisfiable": reply(status="416 Range Not Satisfiable", Content_Range="bytes */7"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_part_that_does_not_fit_starts_it_all_again(path, lie):
    with hostile(first_half(), lie, reply(WHOLE, ETag=ETAG)) as server:
        _failed(f"{server.url}/a", path)
        done = _download(f"{server.url}/a", path, retries=1)
        assert [server.header("Range", n) is not None for n in range(3)] == [False, True, False]
    assert path.read_bytes() == WHOLE
    assert done.resumed_from == 0


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_part_that_does_not_fit_is_malformed_and_leaves_nothing(path, lie):
    with hostile(first_half(), lie) as server:
        _failed(f"{server.url}/a", path)
        assert _failed(f"{server.url}/a", path).failure is Failure.MALFORMED
    assert _left(path) == []


@pytest.mark.parametrize(
    ("headers", "if_range"),
    [
        ({"etag": 'W/"weak"'}, None),
        ({"etag": "", "Last_Modified": OLD, "Date": "Sun, 22 Nov 2020 12:00:30 GMT"}, None),
        ({"etag": "", "Last_Modified": OLD, "Date": "Sun, 22 Nov 2020 12:30:00 GMT"}, OLD),
        ({"etag": "", "Last_Modified": OLD}, None),
        ({"etag": ""}, None),
    ],
    ids=["weak", "just-modified", "settled", "no-date", "none"],
)
def test_only_a_validator_that_tells_bytes_apart_continues_a_file(path, headers, if_range):
    with hostile(first_half(**headers), reply(WHOLE)) as server:
        _failed(f"{server.url}/a", path)
        _download(f"{server.url}/a", path)
        assert server.header("If-Range") == if_range
        assert (server.header("Range") is None) == (if_range is None)
    assert path.read_bytes() == WHOLE


def test_a_part_of_another_url_is_not_continued(path):
    with hostile(first_half(), reply(WHOLE)) as server:
        _failed(f"{server.url}/a", path)
        _download(f"{server.url}/b", path)
        assert server.header("Range") is None
    assert path.read_bytes() == WHOLE


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"url": 1, "length": -1, "version": {}}',
        b"x" * 100_000,
    ],
    ids=["empty", "no-text", "a-list", "no-version", "huge"],
)
def test_a_note_that_is_not_understood_counts_as_none(path, note):
    with hostile(first_half(), reply(WHOLE)) as server:
        _failed(f"{server.url}/a", path)
        path.with_name(path.name + ".part.json").write_bytes(note)
        _download(f"{server.url}/a", path)
        assert server.header("Range") is None
    assert path.read_bytes() == WHOLE


def test_a_validator_in_a_note_cannot_smuggle_a_header(path):
    with hostile(first_half(), reply(WHOLE)) as server:
        _failed(f"{server.url}/a", path)
        place = path.with_name(path.name + ".part.json")
        note = json.loads(place.read_text())
        note["version"]["if_range"] = '"x"\r\nX-Evil: 1'
        place.write_text(json.dumps(note))
        _download(f"{server.url}/a", path)
        assert "Evil" not in server.heads[-1]


def test_bytes_beyond_those_counted_are_cut_off(path):
    """As after a loss of power: the size reached the disk, the bytes did not."""
    with hostile(first_half(), rest()) as server:
        _failed(f"{server.url}/a", path)
        with path.with_name(path.name + ".part").open("ab") as part:
            part.write(bytes(2 * len(WHOLE)))
        _download(f"{server.url}/a", path)
        assert server.header("Range") == f"bytes={HALF}-"
    assert path.read_bytes() == WHOLE


def test_fewer_bytes_than_those_counted_are_what_there_is(path):
    with hostile(first_half(), rest(start=10)) as server:
        _failed(f"{server.url}/a", path)
        os.truncate(path.with_name(path.name + ".part"), 10)
        _download(f"{server.url}/a", path)
        assert server.header("Range") == "bytes=10-"
    assert path.read_bytes() == WHOLE


def test_a_server_that_gives_slices_is_asked_until_the_file_is_whole(path):
    slices = [
        rest(start, told=f"bytes {start}-{start + 9_999}/{len(WHOLE)}",
             body=WHOLE[start : start + 10_000])
        for start in range(HALF, 100_000, 10_000)
    ]  # fmt: skip
    with hostile(first_half(), *slices, rest(100_000)) as server:
        _download(f"{server.url}/a", path, retries=9)
        assert len(server.heads) == 7
    assert path.read_bytes() == WHOLE


def test_a_length_that_only_the_second_answer_tells_is_believed(path):
    """The first came in chunks; the second promises the rest and gives less of it."""
    half = b"%x\r\n" % HALF + WHOLE[:HALF] + b"\r\n"
    chunked = (
        CLOSE + b'HTTP/1.1 200 OK\r\nETag: "version-1"\r\nTransfer-Encoding: chunked\r\n\r\n' + half
    )
    told = f"bytes {HALF}-{HALF + 9}/{len(WHOLE)}"
    less = rest(told=told, body=WHOLE[HALF : HALF + 10])
    with hostile(chunked, less, rest(HALF + 10)) as server:
        _download(f"{server.url}/a", path, retries=2)
        assert len(server.heads) == 3
    assert path.read_bytes() == WHOLE


def test_retries_count_anew_after_a_good_piece_and_not_after_a_small_one(path):
    piece = 1 << 20
    whole = os.urandom(piece) * 4

    def slice_of(start, size):
        told = f"bytes {start}-{start + size - 1}/{len(whole)}"
        return rest(start, told=told, body=whole[start : start + size])

    first = CLOSE + reply(whole[:10], Content_Length=str(len(whole)), ETag=ETAG)
    good = [slice_of(at, piece) for at in range(10, len(whole) - piece, piece)]
    last = slice_of(10 + 3 * piece, piece - 10)
    with hostile(first, *good, last) as server:
        _download(f"{server.url}/a", path, retries=1)
    assert path.read_bytes() == whole
    path.unlink()
    small = [slice_of(at, 10) for at in range(10, 100, 10)]
    with hostile(first, *small) as server:
        assert _failed(f"{server.url}/a", path, retries=1).failure is Failure.TRANSIENT
        assert len(server.heads) == 2


def test_a_file_not_modified_stays_and_tells_its_sum(path):
    path.parent.mkdir()
    path.write_bytes(b"old")
    same = reply(status="304 Not Modified", ETag=ETAG)
    with hostile(same) as server:
        done = _download(f"{server.url}/a", path, validators=Validators(etag=ETAG))
        assert server.header("If-None-Match") == ETAG
    assert (done.not_modified, done.size) == (True, 3)
    assert done.sha256 == hashlib.sha256(b"old").hexdigest()
    assert _left(path) == [path.name]


def test_validators_of_a_file_that_is_not_there_are_not_sent(path):
    with hostile(reply(WHOLE)) as server:
        done = _download(f"{server.url}/a", path, validators=Validators(etag=ETAG))
        assert server.header("If-None-Match") is None
    assert (done.not_modified, done.size) == (False, len(WHOLE))


def test_the_old_file_stays_until_the_new_one_is_whole(path):
    path.parent.mkdir()
    path.write_bytes(b"old")
    with hostile(first_half(), rest()) as server:
        _failed(f"{server.url}/a", path)
        assert path.read_bytes() == b"old"
        _download(f"{server.url}/a", path)
    assert path.read_bytes() == WHOLE


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
def test_a_file_over_its_limit_is_refused_and_leaves_nothing(path, told):
    answer = reply(WHOLE) if told else CLOSE + b"HTTP/1.1 200 OK\r\n\r\n" + WHOLE
    with hostile(answer) as server:
        error = _failed(f"{server.url}/a", path, limits=Limits(max_bytes=len(WHOLE) - 1))
    assert error.failure is Failure.POLICY
    assert _left(path) == []


def test_bytes_are_kept_as_sent_and_their_coding_is_told(path):
    coded = gzip.compress(WHOLE)
    with hostile(reply(coded, Content_Encoding="gzip")) as server:
        assert _download(f"{server.url}/a", path).content_encoding == "gzip"
    assert path.read_bytes() == coded


def test_a_spent_budget_ends_it_and_the_next_run_continues(path):
    with hostile(first_half(), rest()) as server:
        made = fetcher(server.port, budget=Budget(received_bytes=HALF - 1))
        assert _failed(f"{server.url}/a", path, made).failure is Failure.POLICY
        assert _download(f"{server.url}/a", path).resumed_from == HALF
    assert path.read_bytes() == WHOLE


@pytest.mark.parametrize("status", ["201 Created", "204 No Content"])
def test_another_success_than_a_file_is_malformed(path, status):
    with hostile(reply(status=status)) as server:
        assert _failed(f"{server.url}/a", path).failure is Failure.MALFORMED
    assert _left(path) == []


def test_two_downloads_of_one_file_do_not_mix(path):
    path.parent.mkdir()
    handle = os.open(path.with_name(path.name + ".part"), os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with hostile(reply(WHOLE)) as server:
            with pytest.raises(SourceError, match="another download") as caught:
                _download(f"{server.url}/a", path)
            assert server.heads == []
    finally:
        os.close(handle)
    assert caught.value.failure is Failure.POLICY


KILLED = """
import asyncio, sys
from pathlib import Path
import namaak.fetch.parts as parts
from namaak.fetch import Allowed, Fetcher, Manners
parts._FLUSH_EVERY = 1 << 20
async def run(url, port, path):
    allow = [Allowed("127.0.0.1/32", int(port))]
    async with Fetcher(contact="abuse@waldermond.example", manners=Manners(), allow=allow) as fetch:
        await fetch.download(url, Path(path))
asyncio.run(run(*sys.argv[1:]))
"""


@pytest.mark.peer
def test_a_process_killed_in_the_middle_leaves_a_beginning_that_is_continued(tmp_path):
    """nginx sends slowly, SIGKILL comes somewhere, the next process asks for the rest only."""
    whole = os.urandom(1 << 16) * 96
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "zone").write_bytes(whole)
    path = tmp_path / "zone"
    part = tmp_path / "zone.part"
    slowly = "location /slow { limit_rate 6m; alias %s; }" % (tmp_path / "www" / "zone")
    with nginx(tmp_path / "www", locations=slowly) as served:
        command = [sys.executable, "-c", KILLED, f"{served.url}/slow", str(served.port), str(path)]
        process = subprocess.Popen(command, cwd=ROOT)
        end = time.monotonic() + 20
        while time.monotonic() < end and not (part.exists() and part.stat().st_size > 2 << 20):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not path.exists()
        done = _download(f"{served.url}/slow", path, fetcher(served.port))
        (first, second) = served.requests()
    assert (first.range, second.status) == ("", 206)
    assert second.range == f"bytes={done.resumed_from}-"
    assert done.resumed_from >= 1 << 20
    assert path.read_bytes() == whole
    assert done.sha256 == hashlib.sha256(whole).hexdigest()


@pytest.mark.peer
def test_a_file_changed_at_the_server_between_two_runs_comes_whole_and_new(tmp_path):
    site = tmp_path / "www"
    site.mkdir()
    (site / "zone").write_bytes(b"1" * 400_000)
    # The ETag of nginx is made of seconds and length.
    os.utime(site / "zone", (1_600_000_000, 1_600_000_000))
    path = tmp_path / "zone"
    slowly = "location /slow { limit_rate 600k; alias %s; }" % (site / "zone")
    with nginx(site, locations=slowly) as served:
        _failed(f"{served.url}/slow", path, fetcher(served.port), deadline_s=0.2)
        assert path.with_name("zone.part").stat().st_size > 0
        (site / "zone").write_bytes(b"2" * 400_000)
        done = _download(f"{served.url}/slow", path, fetcher(served.port))
        again = served.requests()[-1]
    assert again.range
    assert (again.status, done.resumed_from) == (200, 0)
    assert path.read_bytes() == b"2" * 400_000
