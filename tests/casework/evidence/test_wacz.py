"""Web archives that somebody made to harm whoever checks them: a verdict, and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import resource
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.casework.evidence import wacz
from namaak.casework.evidence.archives import _believed, archive_problems

pytest.importorskip("warcio")
RECORD = (
    b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
    b"WARC-Target-URI: http://acme-login.example/%s\r\nWARC-Date: 2026-11-21T12:00:01Z\r\n"
    b"WARC-Payload-Digest: sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N\r\n"
    b"Content-Type: application/http; msgtype=response\r\nContent-Length: 43\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n"
)
TWO = RECORD % b"" + RECORD % b"two"


def archive(
    content: bytes,
    *,
    name: str = "archive/data.warc",
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    told = {"resources": [{"path": name, "hash": digest, "bytes": len(content)}]}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        made.writestr("datapackage.json", json.dumps(told))
        made.writestr(name, content)
    return out.getvalue()


def zeros(mebibytes: int, head: bytes) -> bytes:
    """A gzip file of many zeros behind a few bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed:
        packed.write(head)
        for _ in range(mebibytes):
            packed.write(bytes(1 << 20))
    return out.getvalue()


def here(content: bytes) -> list[str]:
    return wacz.wacz_problems(io.BytesIO(content), records=True)


def test_a_sound_archive_is_sound_packed_or_not() -> None:
    packed = gzip.compress(RECORD % b"") + gzip.compress(RECORD % b"two")
    assert archive_problems(archive(TWO)) == []
    assert archive_problems(archive(packed, name="archive/data.warc.gz")) == []


def test_a_record_that_was_changed_is_named() -> None:
    (problem,) = archive_problems(archive(TWO.replace(b"hello", b"hullo", 1)))
    assert "does not fit its digest: <urn:uuid:1>" in problem


def mutated(content: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    made = bytearray(content)
    for _ in range(chance.choice([1, 2, 5])):
        place = chance.randrange(len(made))
        kind = chance.random()
        if kind < 0.5:
            made[place] = chance.randrange(256)
        elif kind < 0.8:
            del made[place : place + chance.randrange(1, 20)]
        else:
            made[place:place] = chance.choice(
                [b"\r\n", b"\r\n\r\n", b": ", b"\0", b"\xff", b"\x1b"]
            )
    return bytes(made) or b"\0"


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 1 << 32),
    inside=st.booleans(),
    packed=st.booleans(),
    compression=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA]),
)
def test_whatever_is_changed_gives_a_verdict(
    seed: int, inside: bool, packed: bool, compression: int
) -> None:
    content = mutated(TWO, seed) if inside else TWO
    if packed:
        content = gzip.compress(content, mtime=0)
    whole = archive(content, compression=compression)
    problems = here(whole if inside else mutated(whole, seed))
    assert all(isinstance(one, str) and one.isprintable() for one in problems)


ODD = b"WARC/1.1\r\nWARC-Type: response\r\n"


@pytest.mark.parametrize(
    "content",
    [
        ODD + b"\r\n",
        ODD + b"WARC-Payload-Digest: x:y\r\nContent-Length: 5\r\n\r\nhello",
        (RECORD % b"").replace(b"sha1:", b"shake_128:"),
    ],
)
def test_records_without_the_usual_headers_are_no_crash(content: bytes) -> None:
    (problem,) = archive_problems(archive(content))
    assert "cannot be read" in problem


def test_other_ways_to_pack_than_those_of_web_archives_are_refused() -> None:
    for compression in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        (problem,) = here(archive(TWO, compression=compression))
        assert problem == "holds a file that is packed in another way than web archives are"


def test_what_a_library_prints_reaches_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    record = RECORD % b" \x1b]0;PWNED\x07\x1b[2J\x1b[32mFiles and signature agree."
    assert archive_problems(archive(record[:-4] + b"more\r\n" + record)) == [
        "holds a record in 'archive/data.warc' that is longer or shorter than it says"
    ]
    assert capfd.readouterr() == ("", "")


def test_a_file_that_ends_in_the_middle_is_told() -> None:
    packed = gzip.compress(TWO)
    for content in (packed[:-12], packed + b"junk", packed + b"\x1f\x8bjunk"):
        (problem,) = here(archive(content))
        assert "cannot be read" in problem


def test_a_small_archive_that_unpacks_to_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wacz, "ALWAYS_ALLOWED", 1 << 20)
    head = (RECORD % b"").replace(b"Content-Length: 43", b"Content-Length: 4194339")
    deep = archive(zeros(4, head), name="data.warc.gz")
    flat = archive(bytes(4 << 20))
    for content in (deep, flat):
        assert len(content) < 50_000
        assert here(content) == ["unpacks to more than can be checked"]


def test_a_line_without_an_end_fills_no_memory_but_its_own_process_s() -> None:
    content = archive(zeros(80, b"WARC/1.1\r\nWARC-Type: "), name="data.warc.gz")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert archive_problems(content) == ["needs more memory than checking may take"]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 50_000
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2_000_000


def test_an_answer_that_is_none_is_a_problem() -> None:
    good = b'{"problems": [], "records": true}'
    others = (b"", b"[]", b'{"problems": "", "records": true}', b"[" * 100_000)
    for answer, code in ((good, 1), *((one, 0) for one in others)):
        found = _believed(answer, code)
        assert found.problems and not found.records
    assert _believed(b'{"problems": ["\\u001b[2J"], "records": true}', 0).problems == ("\\x1b[2J",)
    assert "longer" in _believed(b"", -9).problems[0]
