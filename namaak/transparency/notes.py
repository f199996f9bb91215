"""Signed notes: a text, and lines under it in which anybody may have signed it.

Only the form is read here; who signed what is for `heads`. Real notes carry lines of
strangers, of witnesses, and of the log itself under keys that nobody knows, put there on
purpose so that readers learn to pass over them. Form: C2SP signed-note.
May import: nothing of ours.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

#: A post-quantum signature takes 5 kB, and the form asks readers to bear 16 of them. Real
#: checkpoints are below 4 kB.
MAX_NOTE_BYTES = 64 << 10
MAX_SIGNATURES = 100

_DASH = "\u2014 "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID_BYTES = 4


class NoteError(ValueError):
    """Bytes that are no signed note; the message completes "the note ..."."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line. Name and key id together say which key it claims."""

    name: str
    key_id: bytes  #: 4 bytes
    body: bytes  #: what follows the key id; its form depends on the key


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and its signature lines, none of them verified."""

    text: str  #: with its last newline, without the blank line
    signatures: tuple[NoteSignature, ...]


def read_note(content: bytes) -> Note:
    """The parts of a signed note. Raises NoteError.

    >>> note = read_note("a text\\n\\n— signer.example AAAAAAE=\\n".encode())
    >>> note.text, note.signatures[0].name, note.signatures[0].body
    ('a text\\n', 'signer.example', b'\\x01')
    """
    if len(content) > MAX_NOTE_BYTES:
        raise NoteError(f"is longer than {MAX_NOTE_BYTES} bytes")
    try:
        whole = content.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("is not UTF-8") from None
    if _CONTROL.search(whole):
        raise NoteError("holds a control character")
    text, blank, signed = whole.rpartition("\n\n")
    if not blank or not text:
        raise NoteError("has no blank line between its text and its signatures")
    if not signed.endswith("\n"):
        raise NoteError("has no signature lines, or the last one is cut off")
    lines = signed[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"has more than {MAX_SIGNATURES} signature lines")
    return Note(text=text + "\n", signatures=tuple(map(_signature, lines)))


def canonical_base64(text: str) -> bytes:
    """The bytes of base64 in its one canonical spelling. Raises ValueError.

    Two spellings of one signature would let a note change without anybody noticing.

    >>> canonical_base64("AAE=")
    b'\\x00\\x01'
    >>> canonical_base64("AAF=")
    Traceback (most recent call last):
    ...
    ValueError: is not canonical base64
    """
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64") from None
    if base64.b64encode(decoded).decode("ascii") != text:
        raise ValueError("is not canonical base64")
    return decoded


def _signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not _is_name(name):
        raise NoteError("has a signature line that is not dash, name and signature")
    try:
        body = canonical_base64(encoded)
    except ValueError as error:
        raise NoteError(f"has a signature line whose signature {error}") from None
    if len(body) <= _KEY_ID_BYTES:
        raise NoteError("has a signature line that is too short to hold a signature")
    return NoteSignature(name=name, key_id=body[:_KEY_ID_BYTES], body=body[_KEY_ID_BYTES:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(map(str.isspace, name))
