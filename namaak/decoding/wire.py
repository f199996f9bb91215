"""What the parent and a decoding process say to each other, and how little is believed.

A request is a length and the bytes of one file. An answer is two lengths, a small JSON head and
the arrays' bytes. Never pickle: a picture may have taken the process over, so the parent checks
each length, shape, role and note before it makes an array of it.
May import: detectors.images.picture.
"""

from __future__ import annotations

import json
import re
import struct
from typing import Any, get_args

import numpy as np

from detectors.images.picture import (
    FRAME_SIDE,
    LARGE_SIDE,
    Frame,
    Picture,
    Pixels,
    Role,
    Undecodable,
)

#: Bytes that follow.
REQUEST = struct.Struct("<I")
#: Bytes of the head, bytes of the arrays.
ANSWER = struct.Struct("<II")
#: What a process says once its limits hold.
READY = b"ready to decode\n"

MAX_HEAD = 4096
_MAX_FRAMES = 3
MAX_ARRAYS = LARGE_SIDE * LARGE_SIDE * 3 + _MAX_FRAMES * FRAME_SIDE * FRAME_SIDE * 4

_MAX_REASON = 200
_MAX_SIDE = 1 << 30
_ROLES: tuple[str, ...] = get_args(Role)
_WORD = re.compile(r"[A-Za-z0-9-]{1,20}")


class Nonsense(ValueError):
    """An answer that no decoder of ours would give."""


def pack(answer: Picture | Undecodable) -> tuple[bytes, ...]:
    """The parts to write, in order. The first says how long the others are."""
    if isinstance(answer, Undecodable):
        head = json.dumps({"reason": answer.reason[:_MAX_REASON]}).encode()
        return ANSWER.pack(len(head), 0), head
    arrays = []
    frames = []
    for frame in answer.frames:
        frames.append(
            {
                "role": frame.role,
                "shape": frame.pixels.shape[:2],
                "cover": frame.cover is not None,
            }
        )
        arrays.append(frame.pixels.tobytes())
        if frame.cover is not None:
            arrays.append(frame.cover.tobytes())
    if answer.large is not None:
        arrays.append(answer.large.tobytes())
    head = json.dumps(
        {
            "frames": frames,
            "large": None if answer.large is None else answer.large.shape[:2],
            "format": answer.format,
            "width": answer.width,
            "height": answer.height,
            "notes": sorted(answer.notes),
        }
    ).encode()
    return ANSWER.pack(len(head), sum(map(len, arrays))), head, *arrays


def lengths(prefix: bytes | bytearray) -> tuple[int, int]:
    """prefix: ANSWER.size bytes. Bytes of head and arrays; Nonsense where they are too many."""
    head, arrays = ANSWER.unpack(prefix)
    if not 0 < head <= MAX_HEAD or arrays > MAX_ARRAYS:
        raise Nonsense("lengths")
    return head, arrays


def unpack(head: bytes, arrays: bytearray) -> Picture | Undecodable:
    """Nonsense where anything is not as `pack` writes it."""
    try:
        said = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise Nonsense("head") from error
    if not isinstance(said, dict):
        raise Nonsense("head")
    if "reason" in said:
        return Undecodable(_reason(said["reason"]))
    reader = _Reader(arrays)
    made = said.get("frames")
    if not isinstance(made, list) or not 1 <= len(made) <= _MAX_FRAMES:
        raise Nonsense("frames")
    frames = tuple(_frame(one, reader) for one in made)
    if frames[0].role != "first" or any(frame.role == "first" for frame in frames[1:]):
        raise Nonsense("roles")
    large = None
    if said.get("large") is not None:
        large = reader.take(_shape(said["large"], LARGE_SIDE), 3)
    if reader.left:
        raise Nonsense("length")
    notes = said.get("notes")
    if not isinstance(notes, list) or len(notes) > 20:
        raise Nonsense("notes")
    return Picture(
        frames=frames,
        large=large,
        format=_word(said.get("format")),
        width=_side(said.get("width"), _MAX_SIDE),
        height=_side(said.get("height"), _MAX_SIDE),
        notes=frozenset(_word(note) for note in notes),
    )


class _Reader:
    """Cuts arrays off the bytes that came with an answer."""

    def __init__(self, arrays: bytearray) -> None:
        self._arrays = arrays
        self._position = 0

    @property
    def left(self) -> int:
        return len(self._arrays) - self._position

    def take(self, shape: tuple[int, int], channels: int) -> Pixels:
        count = shape[0] * shape[1] * channels
        if count > self.left:
            raise Nonsense("length")
        flat = np.frombuffer(self._arrays, np.uint8, count, self._position)
        self._position += count
        # A copy: whoever keeps a frame should not keep the large form with it.
        return flat.reshape(*shape, channels).copy() if channels > 1 else flat.reshape(shape).copy()


def _frame(said: Any, reader: _Reader) -> Frame:
    if not isinstance(said, dict) or said.get("role") not in _ROLES:
        raise Nonsense("role")
    shape = _shape(said.get("shape"), FRAME_SIDE)
    pixels = reader.take(shape, 3)
    cover = reader.take(shape, 1) if said.get("cover") is True else None
    return Frame(pixels=pixels, cover=cover, role=said["role"])


def _shape(said: Any, longest: int) -> tuple[int, int]:
    if not isinstance(said, list) or len(said) != 2:
        raise Nonsense("shape")
    return _side(said[0], longest), _side(said[1], longest)


def _side(said: Any, longest: int) -> int:
    # type() and not isinstance(): true and false are integers to Python.
    if type(said) is not int or not 1 <= said <= longest:
        raise Nonsense("side")
    return said


def _word(said: Any) -> str:
    if not isinstance(said, str) or not _WORD.fullmatch(said):
        raise Nonsense("word")
    return said


def _reason(said: Any) -> str:
    if not isinstance(said, str) or not 0 < len(said) <= _MAX_REASON or not said.isprintable():
        raise Nonsense("reason")
    return said
