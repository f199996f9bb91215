"""The nouns: keys that mean one thing for ever."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.records import (
    MATCH_SCHEMA,
    OBSERVATION_SCHEMA,
    PICTURE_SCHEMA,
    Band,
    account_key,
    app_key,
    case_id,
    host_key,
    image_key,
    match_id,
)


@pytest.mark.parametrize(
    ("brand", "subject", "published"),
    [
        # In notices that are out, in packs and in people's mail: these never change.
        ("acme", "host:acme-login.example", "NK-9FNBGW9JXTVS"),
        ("acme", "account:x:991", "NK-PNK4QSPSV4DF"),
        ("brouwer", "image:" + "0" * 64, "NK-8ZHJ6715DTFQ"),
    ],
)
def test_a_case_id_is_the_same_for_ever(brand: str, subject: str, published: str) -> None:
    assert case_id(brand, subject) == published


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_case_id_has_twelve_characters_that_nobody_misreads(brand: str, subject: str) -> None:
    assert re.fullmatch(r"NK-[0-9A-HJKMNP-TV-Z]{12}", case_id(brand, subject))


def test_brand_and_subject_do_not_run_into_one_another() -> None:
    assert case_id("acme", "host:x") != case_id("acmeh", "ost:x")


def test_keys_name_their_kind_so_that_no_two_kinds_meet() -> None:
    keys = [host_key("a"), account_key("x", "a", "h"), app_key("x", "a"), image_key("a")]
    assert keys == ["host:a", "account:x:a", "app:x:a", "image:a"]


def test_an_account_keeps_its_key_when_it_changes_its_handle() -> None:
    assert account_key("x", "991", "old") == account_key("x", "991", "new") == "account:x:991"


def test_without_an_id_the_handle_is_the_key_in_any_letter_case() -> None:
    assert account_key("x", None, "AcmeHelp") == account_key("x", "", "acmehelp")
    assert account_key("x", None, "991") != account_key("x", "991", "991")


def test_a_match_id_is_the_same_for_ever() -> None:
    parts = ("acme", "host:acme-login.example", "host", "acme-login.example", "ACME", "combosquat")
    assert match_id(parts) == "af148a72ccb7e0558eda6f92d1ee4cde"


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_a_match_id_is_hexadecimal_and_tells_its_parts_apart(parts: list[str]) -> None:
    made = match_id(parts)
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    for at, part in enumerate(parts):
        assert match_id([*parts[:at], part + "x", *parts[at + 1 :]]) != made
    if len(parts) > 1:
        assert match_id([parts[0] + parts[1], *parts[2:]]) != made


@pytest.mark.parametrize("schema", [OBSERVATION_SCHEMA, MATCH_SCHEMA, PICTURE_SCHEMA])
def test_names_of_columns_are_unique(schema: pa.Schema) -> None:
    assert len(set(schema.names)) == len(schema.names)


@pytest.mark.parametrize("schema", [OBSERVATION_SCHEMA, MATCH_SCHEMA])
def test_every_moment_is_in_utc(schema: pa.Schema) -> None:
    moments = [column.type for column in schema if pa.types.is_timestamp(column.type)]
    assert moments and all(moment.tz == "UTC" for moment in moments)


def test_a_match_says_where_its_observation_lies() -> None:
    place = ("source", "instance", "position", "observed_at", "subject_kind", "subject_key")
    for name in place:
        assert MATCH_SCHEMA.field(name).equals(OBSERVATION_SCHEMA.field(name))


def test_bands_are_declared_from_the_least_to_the_most_urgent() -> None:
    assert [*Band] == ["none", "watch", "review", "high", "critical"]
