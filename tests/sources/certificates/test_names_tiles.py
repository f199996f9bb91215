"""Names tiles: what Sunlight logs say of their entries."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.certificates.names_tiles import MAX_LINES, NamesTileError, names_tile
from tests.ct_entries import cheap_entry
from tests.ct_log import CtLog, some_entries

LINE = b'{"Timestamp":7,"Subject":{"CommonName":"a.example"},"DNS":["a.example","b.example"]}\n'


def test_a_line_says_time_common_name_names_and_addresses(tmp_path):
    log = CtLog(tmp_path)
    log.append(
        [
            *some_entries(9),
            cheap_entry(["x.example", b"\xff.example"], number=9, addresses=["192.0.2.1"]),
            cheap_entry([], number=10, common_name="only"),
        ]
    )
    found = list(names_tile(log.names_tile(0, 11)))
    assert len(found) == 11
    for entry, line in zip(log.entries, found, strict=True):
        assert line.timestamp_ms == entry.timestamp_ms
        assert line.dns == [one.decode("utf-8", "replace") for one in entry.names]
        assert line.common_name == (entry.common_name and entry.common_name.decode())
        assert line.addresses == len(entry.addresses)
    assert found[9].dns == ["x.example", "\ufffd.example"]
    assert (found[10].common_name, found[10].dns) == ("only", [])


def test_fields_that_are_missing_null_or_new_are_no_fault():
    lines = b'{"Timestamp":1}\n{"Timestamp":2,"Subject":null,"DNS":null,"IP":null,"New":[1]}\n'
    assert [line.dns for line in names_tile(lines)] == [[], []]


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{}", b"[]", b"null", b"{", b'{"Timestamp":"1"}', b'{"Timestamp":-1}',
        b'{"Timestamp":1.5}', b'{"Timestamp":true}', b'{"Timestamp":1e400}',
        b'{"Timestamp":99999999999999999999}', b'{"Timestamp":1,"DNS":"a.example"}',
        b'{"Timestamp":1,"DNS":[1]}', b'{"Timestamp":1,"DNS":[null]}', b'{"Timestamp":1,"IP":{}}',
        b'{"Timestamp":1,"Subject":"x"}', b'{"Timestamp":1,"Subject":{"CommonName":1}}',
        b'{"Timestamp":1,"DNS":["\xff"]}', b'{"Timestamp":1,"X":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_line_of_another_shape_is_named_and_those_before_it_are_given(line):
    found: list[object] = []
    with pytest.raises(NamesTileError) as raised:
        _keep(names_tile(LINE + line + b"\n" + LINE), found)
    assert raised.value.index == 1
    assert len(found) == 1


def _keep(lines, found):
    # What came before an error must be there after it; `extend` would lose it.
    for line in lines:
        found.append(line)


def test_a_tile_cut_short_gives_the_whole_lines_and_says_so():
    tile = LINE * 3
    for cut in range(len(tile)):
        found: list[object] = []
        if cut % len(LINE) == 0:
            _keep(names_tile(tile[:cut]), found)
        else:
            with pytest.raises(NamesTileError, match="cut short") as raised:
                _keep(names_tile(tile[:cut]), found)
            assert raised.value.index == cut // len(LINE)
        assert len(found) == cut // len(LINE)


def test_a_tile_holds_no_more_than_256_lines():
    assert len(list(names_tile(LINE * MAX_LINES))) == MAX_LINES
    with pytest.raises(NamesTileError) as raised:
        list(names_tile(LINE * (MAX_LINES + 1)))
    assert raised.value.index == MAX_LINES


@given(st.binary() | st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["Timestamp", "Subject", "DNS", "IP", "CommonName"]), inner
    ),
).map(lambda value: json.dumps(value).encode() + b"\n"))  # fmt: skip
def test_any_bytes_are_names_or_our_error(content):
    with suppress(NamesTileError):
        for line in names_tile(content):
            assert all(isinstance(one, str) for one in line.dns)
