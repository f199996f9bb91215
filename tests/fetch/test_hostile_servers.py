"""Servers that lie, stall, flood or break off: each ends as one class of failure, in time."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
import zlib
from functools import partial

import pytest

from namaak.errors import Failure
from namaak.fetch import FetchError, Limits
from tests.fetch.asking import Time, fetcher, get, refused
from tests.peers import CLOSE, hostile, reply

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def _failure(*answers, **how) -> FetchError:
    with hostile(*answers) as server:
        return refused(f"{server.url}/", **how)


def flood(first: bytes, again: bytes):
    async def script(reader, writer):
        writer.write(first)
        while not writer.is_closing():
            writer.write(again)
            await writer.drain()

    return script


def then_silence(first: bytes):
    async def script(reader, writer):
        writer.write(first)
        await writer.drain()
        await asyncio.sleep(20)

    return script


def drip(text: bytes, pause_s: float = 0.02):
    async def script(reader, writer):
        for at in range(len(text)):
            writer.write(text[at : at + 1])
            await writer.drain()
            await asyncio.sleep(pause_s)

    return script


def test_endless_chunks_end_at_the_limit():
    endless = flood(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n")
    tracemalloc.start()
    error = _failure(endless, limits=Limits(max_bytes=1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.failure is Failure.POLICY
    assert "1048576" in error.says
    assert peak < 16 << 20


def test_a_body_without_length_or_end_ends_at_the_limit():
    endless = flood(HEAD + b"\r\n", b"x" * 65536)
    assert _failure(endless, limits=Limits(max_bytes=1 << 20)).failure is Failure.POLICY


def test_endless_gzip_that_decodes_to_nothing_ends_at_the_limit():
    nothing = compress(b"")
    piece = nothing * 1000
    endless = flood(HEAD + b"Content-Encoding: gzip\r\n\r\n", piece)
    error = _failure(endless, limits=Limits(max_bytes=1 << 18))
    assert error.failure is Failure.POLICY
    assert "262144" in error.says


@pytest.mark.parametrize(
    "script",
    [
        drip(HEAD + b"Slow: " + b"x" * 10_000),
        drip(CHUNKED + b"1\r\nx\r\n" * 1_000),
        flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        flood(CHUNKED, b"1;" + b"x" * 65536),
        then_silence(HEAD + b"Content-Length: 10\r\n\r\n123"),
    ],
    ids=["slow-header", "slow-body", "endless-100", "endless-chunk-extension", "silence"],
)
def test_what_never_ends_ends_at_the_deadline_or_before(script):
    before = time.monotonic()
    error = _failure(script, deadline_s=0.3, retries=3)
    assert error.failure in (Failure.TRANSIENT, Failure.MALFORMED)
    assert time.monotonic() - before < 3


def test_silence_between_two_pieces_ends_an_attempt_before_the_deadline():
    with hostile(then_silence(HEAD), reply(b"here")) as server:
        made = fetcher(server.port, idle_s=0.2)
        assert get(f"{server.url}/", made, retries=1, deadline_s=10).body == b"here"
        assert len(server.heads) == 2


@pytest.mark.parametrize(
    "header",
    [b"Big: " + b"x" * 1_000_000 + b"\r\n", b"Small: xxxxxxxxxxxxxxxx\r\n" * 100_000],
    ids=["one-giant", "many-small"],
)
def test_giant_headers_are_refused(header):
    error = _failure(HEAD + header + b"Content-Length: 0\r\n\r\n")
    assert error.failure is Failure.POLICY


def test_headers_are_counted_together():
    header = b"".join(b"H%d: %s\r\n" % (n, b"x" * 1_000) for n in range(40))
    error = _failure(HEAD + header + b"Content-Length: 0\r\n\r\n")
    assert error.failure is Failure.POLICY
    assert "32768" in error.says


def test_a_length_over_the_limit_is_refused_before_the_body():
    announced = then_silence(HEAD + b"Content-Length: 3000000\r\n\r\n")
    error = _failure(announced, deadline_s=5)
    assert (error.failure, error.status) == (Failure.POLICY, 200)


def test_fewer_bytes_than_promised_are_tried_again_then_transient():
    short = CLOSE + reply(b"half", Content_Length="8")
    with hostile(short, short, short) as server:
        error = refused(f"{server.url}/", fetcher(server.port, time=Time()), retries=2)
        assert len(server.heads) == 3
    assert error.failure is Failure.TRANSIENT


def test_chunks_without_their_end_are_transient():
    assert _failure(CLOSE + CHUNKED + b"3\r\nabc\r\n").failure is Failure.TRANSIENT


def test_bytes_beyond_the_promised_length_make_it_malformed():
    """They could be the answer to the next request, or a lie about this one."""
    assert _failure(reply(b"abcdef", Content_Length="3")).failure is Failure.MALFORMED


def test_a_connection_closed_before_any_answer_is_transient():
    with hostile(CLOSE) as server:
        error = refused(f"{server.url}/", fetcher(server.port, time=Time()), retries=1)
        assert len(server.heads) == 2
    assert error.failure is Failure.TRANSIENT
    assert error.status is None


@pytest.mark.parametrize(
    "answer",
    [
        b"not http at all\r\n\r\n",
        b"<html>\r\n\r\n",
        HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        HEAD + b"Content-Length: -1\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        HEAD + b"No colon here\r\n\r\n",
        CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
    ],
    ids=[
        "words",
        "html",
        "two-lengths",
        "negative-length",
        "upgrade",
        "no-colon",
        "bad-chunk-size",
    ],
)
def test_what_is_no_http_is_malformed_and_not_tried_again(answer):
    with hostile(CLOSE + answer) as server:
        error = refused(f"{server.url}/", retries=3)
        assert len(server.heads) == 1
    assert error.failure is Failure.MALFORMED


#: The same bytes at each collection, because they are part of the names of tests.
compress = partial(gzip.compress, mtime=0)

BODY = b"<html>" + bytes(range(256)) * 40
BARE = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        ("gzip", compress(BODY)),
        ("x-gzip", compress(BODY[:99]) + compress(BODY[99:])),
        ("deflate", zlib.compress(BODY)),
        ("deflate", BARE.compress(BODY) + BARE.flush()),
        ("identity", BODY),
        ("gzip, identity", compress(BODY)),
    ],
    ids=["gzip", "two-members", "zlib", "bare-deflate", "identity", "gzip-and-identity"],
)
def test_coded_bodies_are_decoded(coding, coded):
    with hostile(reply(coded, Content_Encoding=coding)) as server:
        answer = get(f"{server.url}/")
    assert answer.body == BODY
    assert answer.sent_bytes == len(coded)


@pytest.mark.parametrize(
    ("coding", "coded", "failure"),
    [
        ("gzip", compress(BODY)[:-9], Failure.MALFORMED),
        ("gzip", compress(BODY)[:-8] + b"\0" * 8, Failure.MALFORMED),
        ("gzip", compress(BODY) + b"more", Failure.MALFORMED),
        ("gzip", BODY, Failure.MALFORMED),
        ("deflate", zlib.compress(BODY)[:-1], Failure.MALFORMED),
        ("deflate", zlib.compress(BODY) + b"more", Failure.MALFORMED),
        ("deflate", b"x", Failure.MALFORMED),
        ("br", BODY, Failure.MALFORMED),
        ("gzip, gzip", compress(compress(BODY)), Failure.POLICY),
        ("deflate, gzip", compress(zlib.compress(BODY)), Failure.POLICY),
    ],
    ids=[
        "gzip-without-end", "gzip-wrong-sum", "gzip-and-more", "plain-as-gzip",
        "deflate-without-end", "deflate-and-more", "one-byte", "not-offered", "twice", "nested",
    ],
)  # fmt: skip
def test_bodies_that_are_not_what_they_say_are_refused(coding, coded, failure):
    with hostile(reply(coded, Content_Encoding=coding)) as server:
        error = refused(f"{server.url}/", retries=3)
        assert len(server.heads) == 1
    assert error.failure is failure


def test_two_layers_in_two_headers_are_two_layers():
    coded = compress(compress(BODY))
    head = b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    assert _failure(HEAD + head % len(coded) + coded).failure is Failure.POLICY


def test_header_values_come_as_text_that_can_be_stored():
    head = b"Server: caf\xc3\xa9 \xff\r\nX-Twice: a\r\nX-Twice: b\r\nContent-Length: 0\r\n\r\n"
    with hostile(HEAD + head) as server:
        headers = get(f"{server.url}/").headers
    assert headers["server"] == "café \\xff"
    assert headers["X-TWICE"] == "a"


def test_a_reason_with_control_characters_is_shown_harmless():
    place = "javascript:\x1b[2J"
    error = _failure(HEAD.replace(b"200", b"302") + f"Location: {place}\r\n\r\n".encode())
    assert "\x1b" not in str(error)
