"""The starter file: for any name at all it is a watch file, or the name is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from namaak.brands import (
    AllowRule,
    Brand,
    Enrichment,
    Executive,
    Mark,
    Organisation,
    Watch,
    parse_watch_file,
)
from namaak.checking import problems_of
from namaak.errors import UsageError
from namaak.practice.alerts import Alerts
from namaak.practice.evidence import Evidence
from namaak.practice.follow_up import FollowUp
from namaak.practice.notices import Notices
from namaak.practice.retention import Retention
from namaak.practice.vantages import Vantage
from namaak.starter import starter_file

AWKWARD = ['"', "'", "\\", "\\u0041", '"""', "\n", "\r", "\t", "\x00", "\x1f", "\x7f", "\x85",
           "\u2028", "\u202e", "{name}", "{0}", "{", "}", "#", "[x]", "=", "🦊", "\U000e0041", ".",
           " ", "-", "--", "a", "Z", "é", "日本", "٣", "www."]  # fmt: skip
NAMES = st.one_of(
    st.text(max_size=520),
    st.lists(st.sampled_from(AWKWARD), max_size=12).map("".join),
)


@settings(max_examples=150, deadline=None)
@given(NAMES)
@example("a" * 59 + " bcd")
@example("Acme \x7f Bank")
@example('Acme "the {best}" \\ Bank')
def test_any_name_gives_a_valid_watch_file_or_a_usage_error(name: str) -> None:
    try:
        text = starter_file(name)
    except UsageError as error:
        assert "\n" not in str(error)
        return
    watch = parse_watch_file(text)
    (brand,) = watch.brands.values()
    if not brand.domains:
        assert brand.name == name.strip()
    text.encode()  # it is going to be a file


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=100))
def test_a_name_of_letters_and_digits_is_never_refused(name: str) -> None:
    (brand,) = parse_watch_file(starter_file(name)).brands.values()
    assert brand.name == name


def test_a_name_becomes_the_brand_and_its_id() -> None:
    watch = parse_watch_file(starter_file("  Acme & Söhne B.V. "))
    assert list(watch.brands) == ["acme-shne-b-v"]
    assert watch.brands["acme-shne-b-v"].name == "Acme & Söhne B.V."
    assert watch.brands["acme-shne-b-v"].domains == ()


@pytest.mark.parametrize(
    ("domain", "name", "a_label"),
    [
        ("acmebank.example", "acmebank", "acmebank.example"),
        ("AcmeBank.example.", "AcmeBank", "acmebank.example"),
        ("bücher.example", "bücher", "xn--bcher-kva.example"),
        ("www.acmebank.example", "acmebank", "www.acmebank.example"),
        ("www.example", "www", "www.example"),
    ],
)
def test_a_domain_becomes_the_name_and_is_owned(domain: str, name: str, a_label: str) -> None:
    (brand,) = parse_watch_file(starter_file(domain)).brands.values()
    assert (brand.name, brand.domains) == (name, (a_label,))


def test_a_name_in_another_script_gets_an_id_all_the_same() -> None:
    assert list(parse_watch_file(starter_file("日本郵便")).brands) == ["brand"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "is no name"),
        (" \t", "is no name"),
        ("!?-", "is no name"),
        ("acme..example", "neither a name nor a domain"),
        ("https://acme.example/", "neither a name nor a domain"),
        ("a" * 501, "longer than 500"),
        ("acme\udcff", "no text"),
    ],
)
def test_what_is_no_name_is_refused(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        starter_file(name)


def test_the_file_can_be_run_as_it_is() -> None:
    watch = parse_watch_file(starter_file("Acme Bank"))
    assert problems_of(watch) == ()
    assert watch.sources == {"files": {"enabled": True}, "intake": {}}


def test_every_commented_line_is_valid_once_it_is_taken_up() -> None:
    """What a person uncomments must work: an example that fails teaches nothing."""
    lines = starter_file("Acme Bank").splitlines()
    taken_up = "\n".join(
        line[1:] if line[:1] == "#" and line[1:2] != " " else line for line in lines
    )
    watch = parse_watch_file(taken_up)
    brand = watch.brands["acme-bank"]
    assert watch.organisation is not None
    assert brand.marks and brand.executives and brand.accounts and brand.apps and brand.industry
    assert brand.founded and brand.executives[0].photo
    assert watch.sources["files"]["inputs"][0]["kind"] == "host"


@pytest.mark.parametrize(
    "table",
    [
        *(Watch, Organisation, Brand, Mark, Executive, AllowRule, Enrichment, Retention),
        *(Evidence, Vantage, Notices, FollowUp, Alerts),
    ],
)
def test_every_key_there_is_stands_in_it(table: type[BaseModel]) -> None:
    text = starter_file("Acme Bank")
    missing = [
        key
        for key in table.model_fields
        if not re.search(rf"^#?(?:{key} = |\[+[a-z.-]+\.{key}\])", text, re.MULTILINE)
    ]
    assert missing == []


def test_a_star_in_it_stands_where_nobody_else_can_register() -> None:
    stars = [line for line in starter_file("Acme").splitlines() if line[:2] != "# " and "*" in line]
    assert stars == ['#bluesky = ["acme.example", "*.acme.example"]']
