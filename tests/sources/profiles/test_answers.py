"""Platforms' JSON, read as what it should be."""

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.errors import Failure, SourceError
from namaak.sources.profiles.answers import (
    as_raw,
    count_of,
    entries,
    id_of,
    moment_of,
    object_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.profile import Profile, Refused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def parsed(body):
    return parse_answer(body, who="Peer", where="a search for 'acme'")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_an_error_of_ours(body):
    try:
        parsed(body)
    except SourceError as error:
        assert "Peer" in str(error) and "\n" not in str(error)


@given(JSON)
def test_json_is_read_as_it_was_written(value):
    body = json.dumps(value).encode()
    assert repr(parsed(body)) == repr(json.loads(body))


@given(st.dictionaries(st.text(min_size=1), JSON, min_size=1), st.data())
def test_an_answer_that_breaks_off_is_asked_again(value, data):
    body = json.dumps(value).encode()
    end = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(SourceError) as caught:
        parsed(body[:end])
    assert caught.value.failure is Failure.TRANSIENT


@pytest.mark.parametrize("body", [b"<html>", b"acme", b'{"a": nope, "b": "quite some more"}'])
def test_what_is_no_json_is_malformed(body):
    with pytest.raises(SourceError) as caught:
        parsed(body)
    assert caught.value.failure is Failure.MALFORMED


@pytest.mark.parametrize("depth", [101, 500, 985, 990, 995, 100_000])
def test_brackets_nested_deep_are_refused_before_anything_is_read_of_them(depth):
    nested = b'{"rows": [' + b"[" * depth + b"]" * depth + b"]}"
    with pytest.raises(SourceError, match="JSON that nobody reads"):
        parsed(nested)


def test_numbers_of_thousands_of_digits_are_refused():
    with pytest.raises(SourceError, match="nobody reads"):
        parsed(b"1" * 5_000)


def test_a_list_is_found_at_its_path_or_the_shape_is_told():
    answer = {"query": {"users": [1]}}
    assert entries(answer, "query", "users", who="Peer", where="it") == [1]
    for path in (("query",), ("query", "users", "x"), ("nothing",)):
        with pytest.raises(SourceError, match="of another shape"):
            entries(answer, *path, who="Peer", where="it")


def test_a_row_is_read_or_refused_with_its_reason():
    def read(row):
        if "id" not in row:
            raise ValueError("id: is missing")
        return Profile(native_id=row["id"])

    found = profiles([{"id": "1"}, "acme", {"name": "x"}], read)
    assert found == (
        Profile(native_id="1"),
        Refused(reason="row: is no object", excerpt="acme"),
        Refused(reason="id: is missing", excerpt='{"name": "x"}'),
    )


@given(st.dictionaries(st.sampled_from("abc"), JSON))
def test_every_field_is_of_its_type_or_absent(row):
    text, number, count = text_of(row, "a", "b"), id_of(row, "a"), count_of(row, "a")
    moment = moment_of(row, "a")
    assert text is None or (isinstance(text, str) and text.strip())
    assert number is None or (isinstance(number, str) and number.strip())
    assert count is None or (type(count) is int and 0 <= count < 2**63)
    assert moment is None or moment.tzinfo is UTC
    assert object_of(row, "a") == (row["a"] if isinstance(row.get("a"), dict) else {})
    assert json.loads(as_raw(row)).keys() == row.keys()


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -1, 1e300, "yesterday", "", True, None, [], "2026-13-01", 10**30]
)
def test_what_is_no_time_is_absent(value):
    assert moment_of({"at": value}, "at") is None


@pytest.mark.parametrize(
    "value",
    ["2026-11-02T09:00:00Z", "2026-11-02T10:00:00+01:00", "2026-11-02T09:00:00", 1793610000],
)
def test_a_time_is_read_in_every_usual_spelling(value):
    assert moment_of({"at": value}, "at") == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
