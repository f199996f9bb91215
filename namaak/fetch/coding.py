"""Undoing the content coding of an answer while counting what comes out.

Ten megabytes of gzip can hold ten gigabytes of zeros, so nothing is decoded further than one
piece at a time and every piece is counted before the next. Coded answers are taken unasked,
because static logs send them so. One layer only: an honest server has no use for two.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from namaak.errors import Failure
from namaak.fetch.replies import Limits

#: Decoded at a time; what a bomb may cost beyond the limit.
_PIECE = 64 * 1024
#: Coded, decoded at a time: what lies behind the end of a member is copied for each member.
_SLICE = 16 * 1024
#: Below it a ratio says nothing: an empty page of a template shrinks far, too.
_RATIO_FROM = 64 * 1024

_GZIP = 16 + zlib.MAX_WBITS
_NAMES = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}


class CodingError(Exception):
    """The body is over its limit or is not what its header says; `failure` tells which."""

    def __init__(self, says: str, failure: Failure) -> None:
        super().__init__(says)
        self.failure = failure


def coding_of(values: Iterable[str]) -> str | None:
    """The one coding that Content-Encoding names: "gzip", "deflate", or None for none.

    values: of all such headers. Raises CodingError for two layers and for unknown names.

    >>> coding_of(["identity, x-gzip"])
    'gzip'
    """
    names = [name.strip().lower() for value in values for name in value.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return None
    if len(names) > 1:
        raise CodingError(f"is coded {len(names)} times over", Failure.POLICY)
    if names[0] not in _NAMES:
        raise CodingError(f"is coded as {names[0]!r}, which was not offered", Failure.MALFORMED)
    return _NAMES[names[0]]


class Body:
    """A body in the making: fed what comes from the network, it gives the decoded whole."""

    def __init__(self, coding: str | None, limits: Limits) -> None:
        self.sent = 0  #: bytes fed
        self._limits = limits
        self._coding = coding
        self._decoded = bytearray()
        self._inflate: zlib._Decompress | None = None
        self._head = b""  #: of deflate, until its two header bytes are there

    def feed(self, piece: bytes) -> None:
        """Raises CodingError."""
        self.sent += len(piece)
        if self._coding is None:
            self._take(piece)
            return
        # Coding may make something small a little larger, and nothing at all endless.
        if self.sent > self._limits.max_bytes + _PIECE:
            raise self._too_large()
        if self._inflate is None:
            piece = self._head + piece
            if len(piece) < 2 and self._coding == "deflate":
                self._head = piece
                return
            self._inflate = self._start(piece)
        for at in range(0, len(piece), _SLICE):
            self._decode(piece[at : at + _SLICE])

    def whole(self) -> bytes:
        """The body, once everything was fed. Raises CodingError where the end is missing."""
        ended = self._inflate is not None and self._inflate.eof
        if self._coding is not None and self.sent and not ended:
            raise CodingError(f"breaks off inside its {self._coding} coding", Failure.MALFORMED)
        return bytes(self._decoded)

    def _start(self, piece: bytes) -> zlib._Decompress:
        if self._coding == "gzip":
            return zlib.decompressobj(_GZIP)
        # RFC 9110 means zlib by "deflate"; some servers send the bare stream.
        wrapped = piece[0] & 0x0F == 8 and (piece[0] << 8 | piece[1]) % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def _decode(self, piece: bytes) -> None:
        assert self._inflate is not None
        while piece:
            if self._inflate.eof:
                if self._coding != "gzip":
                    raise CodingError("has bytes behind its deflate coding", Failure.MALFORMED)
                # A gzip file may have several members (RFC 1952, section 2.2).
                self._inflate = zlib.decompressobj(_GZIP)
            try:
                decoded = self._inflate.decompress(piece, _PIECE)
            except zlib.error as error:
                says = f"is not the {self._coding} that it says"
                raise CodingError(says, Failure.MALFORMED) from error
            self._take(decoded)
            piece = self._inflate.unconsumed_tail or self._inflate.unused_data

    def _take(self, decoded: bytes) -> None:
        self._decoded += decoded
        size = len(self._decoded)
        if size > self._limits.max_bytes:
            raise self._too_large()
        if size > _RATIO_FROM and size > self._limits.max_ratio * self.sent:
            says = f"decodes to more than {self._limits.max_ratio:g} bytes for each byte sent"
            raise CodingError(says, Failure.POLICY)

    def _too_large(self) -> CodingError:
        says = f"is larger than the {self._limits.max_bytes} bytes that are taken"
        return CodingError(says, Failure.POLICY)
