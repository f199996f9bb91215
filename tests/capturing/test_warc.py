"""The archive: whatever headers and bodies come, others read it and its digests are right."""

from __future__ import annotations

import contextlib
import io
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("warcio", reason="needs the extra capture")
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from namaak.capturing.frames import BadFrame
from namaak.capturing.packing import Unpacked, pages_of, wacz_of
from namaak.capturing.visited import Exchange, Visited
from namaak.capturing.warc import timestamp, warc_of
from tests.capturing.test_frames import EXCHANGE

HEADER = st.tuples(st.text(max_size=20), st.text(max_size=60))


def exchange(body: bytes = b"", **changed) -> Exchange:
    visited = Visited()
    visited.take({**EXCHANGE, "post": 0, **changed}, body)
    return visited.exchanges[0]


def archive(*exchanges: Exchange, pages=(), **addresses: str) -> bytes:
    return warc_of(
        exchanges, addresses=addresses, pages=pages, about={"software": "namaak\r\nx: y"},
        filename="capture.warc.gz",
    )  # fmt: skip


def read(warc: bytes) -> list:
    return [
        (one.rec_type, one.rec_headers, one.http_headers, one.content_stream().read())
        for one in ArchiveIterator(BytesIO(warc), check_digests="raise")
    ]


@settings(max_examples=60, deadline=None)
@given(
    headers=st.lists(HEADER, max_size=6), asked=st.lists(HEADER, max_size=4),
    body=st.binary(max_size=400), words=st.text(max_size=30), status=st.integers(100, 999),
)  # fmt: skip
def test_no_header_and_no_body_breaks_the_archive(headers, asked, body, words, status):
    try:
        one = exchange(
            body, response_headers=headers, request_headers=asked, status_text=words, status=status
        )
    except BadFrame:
        return
    info, response, request = read(archive(one))
    assert (info[0], response[0], request[0]) == ("warcinfo", "response", "request")
    assert response[3] == body
    assert response[2].get_header("Content-Length") == str(len(body))
    assert request[1].get_header("WARC-Concurrent-To") == response[1].get_header("WARC-Record-ID")


def test_the_checker_of_others_finds_every_digest_right(tmp_path):
    warc = archive(exchange(b"one" * 1000), exchange(b"two", url="http://a.test/b?c=d", seq=2))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(warc)
    told = io.StringIO()

    class Options:
        inputs = (str(path),)
        verbose = True

    with contextlib.redirect_stdout(told):
        code = Checker(Options()).process_all()
    assert not code
    assert told.getvalue().count("digest pass") == 5 and "fail" not in told.getvalue()


def test_a_post_is_kept_with_what_it_sent():
    visited = Visited()
    visited.take({**EXCHANGE, "method": "POST", "post": 5}, b"a=b&cpage")
    _, response, request = read(archive(visited.exchanges[0]))
    assert (response[3], request[3]) == (b"page", b"a=b&c")
    assert request[2].get_header("Content-Length") == "5"


def test_secrets_of_the_way_to_our_proxy_are_left_out():
    one = exchange(request_headers=[["Proxy-Authorization", "Basic eA=="], [":path", "/"],
                                    ["Accept", "*/*"]])  # fmt: skip
    request = read(archive(one))[2]
    assert [name for name, _ in request[2].headers] == ["Host", "Accept"]


def test_an_answer_that_did_not_come_whole_says_so():
    one = exchange(b"part", truncated="disconnect")
    response = read(archive(one, **{"a.test": "192.0.2.7"}))[1]
    assert response[1].get_header("WARC-Truncated") == "disconnect"
    assert response[1].get_header("WARC-IP-Address") == "192.0.2.7"
    assert response[1].get_header("WARC-Date") == "2023-11-14T22:13:20Z"


def test_a_page_that_loads_nothing_is_in_the_list_of_pages():
    """By itself wacz lists only documents that something refers to."""
    one = exchange(b"<title>x</title>", response_headers=[["Content-Type", "text/html"]])
    page = {"timestamp": timestamp(one), "url": one.url, "title": "x \u2028 <b>"}
    packed = wacz_of(archive(one, pages=[page]), title="x", pages=[one.url])
    assert pages_of(packed) == [one.url]


def test_an_archive_without_its_page_is_not_taken_for_one():
    with pytest.raises(Unpacked, match="left out the page"):
        wacz_of(archive(exchange(b"x")), title="x", pages=["http://a.test/"])


def test_what_is_no_warc_is_not_packed():
    with pytest.raises(Unpacked):
        wacz_of(b"no archive", title="-x", pages=["http://a.test/"])
