"""How the process that drives the browser tells what it sees, piece by piece, while it sees it.

A visit may end at any moment, by a clock or for want of memory: what was told before is kept.
A frame is the length of its head and of its body (eight bytes each, the highest first), a head of
JSON, and a body of bytes.
May import: nothing of ours.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from typing import Any

_LENGTHS = struct.Struct(">QQ")
MAX_HEAD = 4 << 20


class BadFrame(ValueError):
    """What came is no frame."""


def write_frame(descriptor: int, head: dict[str, Any], body: bytes = b"") -> None:
    """Returns when all of it is written."""
    # Halves of characters, which scripts can write, have no place in UTF-8.
    encoded = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
    rest = memoryview(_LENGTHS.pack(len(encoded), len(body)) + encoded + body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


class Frames:
    """Takes bytes as they come and gives the frames that are complete."""

    def __init__(self, *, max_body: int) -> None:
        self._max_body = max_body
        self._came = bytearray()

    def take(self, part: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Raises BadFrame; nothing that comes afterwards can be read."""
        self._came += part
        while len(self._came) >= _LENGTHS.size:
            head_length, body_length = _LENGTHS.unpack_from(self._came)
            if head_length > MAX_HEAD or body_length > self._max_body:
                raise BadFrame("a frame is larger than any can be")
            begin = _LENGTHS.size + head_length
            end = begin + body_length
            if len(self._came) < end:
                return
            try:
                head = json.loads(bytes(self._came[_LENGTHS.size : begin]))
            except (ValueError, RecursionError):
                raise BadFrame("the head of a frame cannot be read") from None
            if not isinstance(head, dict):
                raise BadFrame("the head of a frame is no object")
            body = bytes(self._came[begin:end])
            del self._came[:end]
            yield head, body
