"""Frames between the browser's process and ours: whole in any pieces, refused when they lie."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.capturing.frames import BadFrame, Frames, write_frame
from namaak.capturing.visited import Visited

HEADS = st.dictionaries(
    st.text(max_size=5), st.one_of(st.text(max_size=9), st.integers(), st.none())
)
PNG = b"\x89PNG\r\n\x1a\n..."
EXCHANGE = {
    "kind": "exchange", "seq": 1, "at": 1_700_000_000_123, "url": "http://a.test/", "method": "GET",
    "request_headers": [], "status": 200, "status_text": "OK", "response_headers": [["A", "b"]],
    "type": "document", "main": True, "redirected": False, "truncated": None, "post": 2,
}  # fmt: skip


def written(*frames: tuple[dict, bytes]) -> bytes:
    read, write = os.pipe()

    def fill() -> None:
        for head, body in frames:
            write_frame(write, head, body)
        os.close(write)

    filling = threading.Thread(target=fill)
    filling.start()
    with os.fdopen(read, "rb") as pipe:
        came = pipe.read()
    filling.join()
    return came


@settings(max_examples=60, deadline=None)
@given(
    frames=st.lists(st.tuples(HEADS, st.binary(max_size=300)), max_size=4), step=st.integers(1, 97)
)
def test_what_was_written_is_read_in_pieces_of_any_size(frames, step):
    came = written(*frames)
    reader = Frames(max_body=300)
    found = [one for at in range(0, len(came), step) for one in reader.take(came[at : at + step])]
    assert found == frames


def test_a_frame_that_is_not_whole_yet_gives_nothing():
    came = written(({"kind": "dom"}, b"x" * 50))
    assert list(Frames(max_body=100).take(came[:-1])) == []


def test_a_body_larger_than_any_can_be_is_refused_before_it_comes():
    came = written(({"kind": "dom"}, b"x" * 101))
    with pytest.raises(BadFrame, match="larger"):
        list(Frames(max_body=100).take(came[:16]))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_refused_in_our_own_words(came):
    visited = Visited()
    try:
        for head, body in Frames(max_body=100).take(came):
            visited.take(head, body)
    except BadFrame:
        pass


def test_an_exchange_is_taken_with_both_bodies():
    visited = Visited()
    visited.take(EXCHANGE, b"a=page")
    (one,) = visited.exchanges
    assert (one.posted, one.body, one.header("a")) == (b"a=", b"page", "b")


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "file:///etc/passwd"},
        {"url": "http://a.test/\r\nX: y"},
        {"post": 99},
        {"status": 7},
        {"method": "GET /x"},
        {"surprise": 1},
        {"kind": "order"},
    ],
)
def test_an_exchange_that_cannot_be_is_refused(changed):
    with pytest.raises(BadFrame):
        Visited().take({**EXCHANGE, **changed}, b"a=page")


def test_a_picture_that_is_no_png_is_refused():
    visited = Visited()
    visited.take({"kind": "view"}, PNG)
    with pytest.raises(BadFrame):
        visited.take({"kind": "full"}, b"<html>")
    assert (visited.view, visited.full) == (PNG, None)
