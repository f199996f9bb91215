"""An answer is believed only as far as it is one that a decoder of ours would give."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.images.picture import FRAME_SIDE, LARGE_SIDE, Frame, Picture, Undecodable
from namaak.decoding import wire


def a_picture(side: int = 8) -> Picture:
    pixels = np.arange(side * side * 3, dtype=np.uint32).astype(np.uint8).reshape(side, side, 3)
    return Picture(
        frames=(
            Frame(pixels=pixels, cover=pixels[..., 0].copy()),
            Frame(pixels=pixels, role="last"),
        ),
        large=np.full((20, 30, 3), 7, np.uint8),
        format="GIF",
        width=900,
        height=600,
        notes=frozenset({"animated", "transparent"}),
    )


def parts(answer: Picture | Undecodable) -> tuple[bytes, bytearray]:
    prefix, head, *arrays = wire.pack(answer)
    body = bytearray(b"".join(arrays))
    assert wire.lengths(prefix) == (len(head), len(body))
    return head, body


def test_a_picture_comes_back_as_it_went() -> None:
    sent = a_picture()
    found = wire.unpack(*parts(sent))
    assert isinstance(found, Picture)
    assert (found.format, found.width, found.height) == ("GIF", 900, 600)
    assert found.notes == sent.notes
    assert [frame.role for frame in found.frames] == ["first", "last"]
    assert np.array_equal(found.frames[0].pixels, sent.frames[0].pixels)
    assert np.array_equal(found.frames[0].cover, sent.frames[0].cover)
    assert found.frames[1].cover is None
    assert np.array_equal(found.large, sent.large)


def test_a_reason_comes_back_as_it_went() -> None:
    assert wire.unpack(*parts(Undecodable("4 x 4 pixels are too few"))) == Undecodable(
        "4 x 4 pixels are too few"
    )


@pytest.mark.parametrize(
    "lie",
    [
        {"frames": []},
        {"frames": [{"role": "first", "shape": [8, 8], "cover": False}] * 4},
        {"frames": [{"role": "last", "shape": [8, 8], "cover": False}]},
        {"frames": [{"role": "king", "shape": [8, 8], "cover": False}]},
        {"frames": [{"role": ["first"], "shape": [8, 8], "cover": False}]},
        {"frames": [{"role": "first", "shape": [0, 8], "cover": False}]},
        {"frames": [{"role": "first", "shape": [-8, -8], "cover": False}]},
        {"frames": [{"role": "first", "shape": [FRAME_SIDE + 1, 1], "cover": False}]},
        {"frames": [{"role": "first", "shape": [8, 8, 8], "cover": False}]},
        {"frames": [{"role": "first", "shape": [8.0, 8], "cover": False}]},
        {"frames": [{"role": "first", "shape": [True, 8], "cover": False}]},
        {"frames": [{"role": "first", "shape": [9, 9], "cover": False}]},
        {"frames": "first"},
        {"frames": {"role": "first"}},
        {"large": [LARGE_SIDE + 1, 1]},
        {"large": [20, 31]},
        {"large": None},
        {"format": "GIF\x1b[31m"},
        {"format": None},
        {"width": 0},
        {"height": 1e9},
        {"width": 1 << 40},
        {"notes": ["<script>"]},
        {"notes": "animated"},
        {"notes": ["animated"] * 21},
        {"notes": [["animated"]]},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "two\nlines"},
        {"reason": "\u202eturned"},
        {"reason": 5},
    ],
)
def test_a_lie_is_nonsense(lie: dict[str, object]) -> None:
    head, body = parts(a_picture())
    with pytest.raises(wire.Nonsense):
        wire.unpack(json.dumps({**json.loads(head), **lie}).encode(), body)


@pytest.mark.parametrize("change", [-1, 1, 1_000])
def test_too_few_or_too_many_bytes_are_nonsense(change: int) -> None:
    head, body = parts(a_picture())
    body = body[:change] if change < 0 else body + bytes(change)
    with pytest.raises(wire.Nonsense):
        wire.unpack(head, body)


@pytest.mark.parametrize("head", [b"", b"[]", b"null", b"\xff", b"[" * 4_000, b'{"frames": NaN}'])
def test_a_head_that_is_none_is_nonsense(head: bytes) -> None:
    with pytest.raises(wire.Nonsense):
        wire.unpack(head, bytearray())


def test_lengths_beyond_any_picture_are_nonsense() -> None:
    for head, arrays in ((0, 0), (wire.MAX_HEAD + 1, 0), (10, wire.MAX_ARRAYS + 1)):
        with pytest.raises(wire.Nonsense):
            wire.lengths(wire.ANSWER.pack(head, arrays))


def test_the_largest_picture_fits() -> None:
    side = np.zeros((FRAME_SIDE, FRAME_SIDE, 3), np.uint8)
    frame = Frame(pixels=side, cover=side[..., 0])
    notes = ("animated", "transparent", "truncated", "cmyk", "16-bit", "turned", "shortened")
    largest = Picture(
        frames=(frame, Frame(pixels=side, cover=side[..., 0], role="most-different"),
                Frame(pixels=side, cover=side[..., 0], role="last")),
        large=np.zeros((LARGE_SIDE, LARGE_SIDE, 3), np.uint8),
        format="JPEG",
        width=5_000,
        height=5_000,
        notes=frozenset(notes),
    )  # fmt: skip
    assert isinstance(wire.unpack(*parts(largest)), Picture)


@given(st.binary(max_size=300), st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_an_answer_or_nonsense(head: bytes, arrays: bytes) -> None:
    try:
        wire.unpack(head, bytearray(arrays))
    except wire.Nonsense:
        return
