"""A column made ready: what is scanned is what people read, and every value is somewhere."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.folding import shape
from detectors.names.sightings import TextFlag
from detectors.names.texts import Column, read_column
from detectors.suffixes import suffix_list
from namaak.records import Field


def texts_of(column: Column) -> list[str]:
    texts = column.texts
    return [
        texts.buffer[low:high].tobytes().decode("ascii", "replace")
        for low, high in zip(texts.begin.tolist(), texts.end.tolist(), strict=True)
    ]


def read(*values: str | None, field: Field = Field.HOST) -> Column:
    return read_column(pa.array(values, pa.string()), field)


@pytest.mark.parametrize(
    ("host", "text", "label", "suffix"),
    [
        ("login.acme.co.uk", "login.acme", 6, 5),
        ("acme.nl", "acme", 0, 2),
        ("shop.acme.github.io", "shop.acme", 5, 9),
        ("localhost", "localhost", 0, 0),
        ("github.io", "github", 0, 2),
        ("evil.ck", "evil", 0, 2),
    ],
)
def test_a_host_is_scanned_without_its_suffix(
    host: str, text: str, label: int, suffix: int
) -> None:
    column = read(host)
    assert texts_of(column) == [text]
    assert column.texts.label.tolist() == [label]
    assert column.texts.suffix.tolist() == [suffix]


def test_names_on_a_hosting_service_are_marked() -> None:
    flags = read("acme.github.io", "acme.nl").texts.flags.tolist()
    assert [bool(flag & TextFlag.FREE_HOST) for flag in flags] == [True, False]
    assert all(flag & TextFlag.HOST for flag in flags)


def test_a_label_of_another_script_is_read_and_its_reading_stands_behind() -> None:
    column = read("acme.nl", "xn--80ak6aa92e.com", None, "")
    assert texts_of(column)[:4] == ["acme", "", "", ""]
    behind = texts_of(column)[4:]
    # The palochka is read as an i, which looks like the l that is meant.
    at = 4 + [shape(text) for text in behind].index(shape("apple"))
    assert column.texts.row[at] == 1
    assert column.texts.suffix[at] == 3
    assert column.texts.flags[at] & TextFlag.PUNYCODE
    assert column.texts.flags[at] & TextFlag.REREAD
    assert column.read(at).value == "аррӏе.com"


@pytest.mark.parametrize(
    ("name", "reading"), [("аcme", "acme"), ("𝐀cme", "acme"), ("p@ypal", "paypal")]
)
def test_letters_that_only_look_like_ascii_are_read_as_it(name: str, reading: str) -> None:
    assert reading in [text.lower() for text in texts_of(read(name, field=Field.HANDLE))]


def test_bytes_that_are_no_utf_8_are_read_as_far_as_they_can_be() -> None:
    data = b"acme\xff-login.com"
    column = pa.Array.from_buffers(
        pa.large_string(), 1,
        [None, pa.array([0, len(data)], pa.int64()).buffers()[1], pa.py_buffer(data)],
    )  # fmt: skip
    for field in (Field.HOST, Field.HANDLE):
        texts = texts_of(read_column(column, field))
        assert any(text.startswith("acme") and "-login" in text for text in texts), field


def test_a_slice_copies_no_more_than_its_own_bytes() -> None:
    column = pa.array(["acme.nl"] * 1000 + ["xn--80ak6aa92e.com"], pa.large_string())
    assert len(read_column(column.slice(999), Field.HOST).texts.buffer) < 200


def test_a_slice_of_chunks_is_read_like_a_column_of_its_own() -> None:
    whole = pa.chunked_array([["a.nl", "acme.nl"], ["xn--80ak6aa92e.com", "b.nl"]])
    part = read_column(whole.slice(1, 2), Field.HOST)
    assert texts_of(part)[:2] == ["acme", ""]
    assert part.texts.row.tolist()[:2] == [0, 1]


_HOSTS = st.lists(
    st.lists(
        st.sampled_from(["acme", "com", "co", "uk", "xn--a", "xn--80ak6aa92e", "ck", "www", "é"]),
        max_size=4,
    ).map(".".join)
    | st.none(),
    max_size=6,
)


@settings(max_examples=120, deadline=None)
@given(_HOSTS)
def test_every_host_has_a_text_of_what_stands_before_its_suffix(hosts: list[str | None]) -> None:
    column = read(*hosts)
    texts = texts_of(column)
    covered = set(column.texts.row[[at for at, text in enumerate(texts) if text]].tolist())
    for row, host in enumerate(hosts):
        if not host:
            assert texts[row] == ""
        elif host.isascii() and "xn--" not in host:
            before = host[: max(suffix_list().split(host).suffix - 1, 0)]
            assert texts[row] == before or not before
        elif any(char.isascii() and char.isalnum() for char in host.rpartition(".")[0]):
            assert row in covered


@settings(max_examples=120, deadline=None)
@given(st.lists(st.text(max_size=30) | st.none(), max_size=6), st.sampled_from(list(Field)[:4]))
def test_any_text_can_be_read(values: list[str | None], field: Field) -> None:
    column = read(*values, field=field)
    texts = column.texts
    assert len(texts.begin) >= len(values)
    assert (texts.begin <= texts.end).all()
    assert (texts.row < len(values)).all()
    assert (texts.label <= texts.end - texts.begin).all()
    for at in range(len(values), len(texts.begin)):
        name = column.read(at)
        assert texts_of(column)[at] == name.raw
