"""Signed notes: their form, and nothing that is not it."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.transparency.notes import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    NoteError,
    canonical_base64,
    read_note,
)

SIGNED = "one\ntwo\n\n— a.example AAAAAAE=\n— b.example/x AAAAAQECAw==\n"
_PLAIN = st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Zs", "Zl", "Zp"))
_NAMES = st.text(_PLAIN.filter(lambda one: not one.isspace() and one != "+"), min_size=1)
_LINES = st.lists(st.tuples(_NAMES, st.binary(min_size=5, max_size=60)), min_size=1, max_size=16)


def test_a_note_is_its_text_and_its_signature_lines():
    note = read_note(SIGNED.encode())
    assert note.text == "one\ntwo\n"
    assert [(one.name, one.key_id, one.body) for one in note.signatures] == [
        ("a.example", bytes(4), b"\x01"),
        ("b.example/x", b"\0\0\0\1", b"\x01\x02\x03"),
    ]


def test_the_last_blank_line_ends_the_text():
    note = read_note("first\n\nsecond\n\n— a.example AAAAAAE=\n".encode())
    assert note.text == "first\n\nsecond\n"


@given(st.lists(st.text(_PLAIN), min_size=1).filter(any), _LINES)
def test_what_was_written_as_a_note_is_read_again(lines, signatures):
    text = "\n".join(lines).strip("\n") + "\n"
    signed = [f"— {name} {base64.b64encode(body).decode()}\n" for name, body in signatures]
    note = read_note(f"{text}\n{''.join(signed)}".encode())
    assert note.text == text
    assert [(one.name, one.key_id + one.body) for one in note.signatures] == signatures


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SIGNED.encode()[:-1], "cut off"),
        (b"text\n\n", "no signature lines"),
        ("text\n— a.example AAAAAAE=\n".encode(), "blank line"),
        ("\n\n— a.example AAAAAAE=\n".encode(), "blank line"),
        (b"", "blank line"),
        (SIGNED.encode().replace(b"two", b"t\xffo"), "UTF-8"),
        (SIGNED.encode().replace(b"two", b"t\ro"), "control"),
        (SIGNED.encode().replace(b"two", b"t\0o"), "control"),
        (SIGNED.replace("— a", "- a").encode(), "dash"),
        (SIGNED.replace("a.example ", "a.example").encode(), "dash"),
        (SIGNED.replace("a.example", "a+example").encode(), "dash"),
        (SIGNED.replace("a.example", "a\u00a0example").encode(), "dash"),
        (SIGNED.replace("a.example", "").encode(), "dash"),
        (SIGNED.replace("AAAAAAE=", "AAAAAA==").encode(), "too short"),
        (SIGNED.replace("AAAAAAE=", "AAAAAAF=").encode(), "canonical"),
        (SIGNED.replace("AAAAAAE=", "AAAAAAE").encode(), "base64"),
        (SIGNED.replace("AAAAAAE=", "AAAA_AE=").encode(), "base64"),
        (SIGNED.replace("AAAAAAE=", "AAAAAAE= ").encode(), "base64"),
        (SIGNED.encode() + "— a.example AAAAAAE=\n".encode() * MAX_SIGNATURES, "more than"),
        (b"x" * MAX_NOTE_BYTES + SIGNED.encode(), "longer than"),
    ],
)
def test_what_is_no_note_is_refused_with_its_reason(content, reason):
    with pytest.raises(NoteError, match=reason):
        read_note(content)


@given(st.binary() | st.text().map(lambda text: (SIGNED + text).encode("utf-8", "replace")))
def test_any_bytes_are_a_note_or_refused(content):
    with suppress(NoteError):
        assert read_note(content).signatures


@given(st.binary())
def test_base64_has_one_spelling(content):
    spelling = base64.b64encode(content).decode()
    assert canonical_base64(spelling) == content
    for other in (spelling + "\n", " " + spelling, spelling + "=", spelling + "AA"):
        with pytest.raises(ValueError):
            canonical_base64(other)
