"""Mailboxes of strangers: whole, plain, nobody's own, and not known to be useless."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.contacts.mailboxes import Refused, parsed, usable
from namaak.casework.notices.mail import mailbox


@pytest.mark.parametrize(
    "text",
    ["", "abuse", "abuse@", "@host.test", "a b@host.test", "a@b@host.test", "a@host", "a@192.0.2.1",
     "a@[192.0.2.1]", '"a b"@host.test', "a@host.test\nBcc: x@y.test", "a@host.test, b@host.test",
     "a@-host.test", "a..b@host.test", "a@hóst.test", "x" * 65 + "@host.test",
     "a@" + "h" * 250 + ".test", "<a@host.test>", "a\r@host.test", "a@host.test?cc=x@y.test",
     "=?x?=@host.test"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parsed(text)


@given(st.one_of(st.text(max_size=80), st.emails()))
def test_what_a_stranger_published_and_is_taken_a_mail_can_be_sent_to(text: str) -> None:
    try:
        address = parsed(text)
    except Refused:
        return
    assert mailbox(address) == address


def test_headers_in_a_mailto_link_are_cut_off() -> None:
    assert parsed("mailto:abuse@host.test?bcc=x@y.test&subject=z") == "abuse@host.test"


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = parsed(text)
    except Refused:
        return
    assert address == parsed(address)
    assert address.isascii() and address.isprintable() and " " not in address


def test_a_domain_that_only_ends_alike_is_somebody_elses() -> None:
    assert usable("abuse@notpeer.test", own_domains=["peer.test"]).address == "abuse@notpeer.test"
    with pytest.raises(Refused):
        usable("abuse@sub.peer.test", own_domains=["peer.test"])


def test_a_replacement_at_the_cases_own_domain_is_refused_as_well() -> None:
    with pytest.raises(Refused, match="complained about"):
        usable("registrar-abuse@google.com", own_domains=["squarespace.com"])


def test_the_list_says_of_each_box_why_how_sure_and_when() -> None:
    text = files("namaak.casework.contacts").joinpath("mailboxes.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    for row in [*table["useless"], *table["instead"]]:
        assert row["box"].count("@") == 1
        assert row["why"] and not row["why"].endswith(".")
        assert row["confidence"] in ("documented", "general-knowledge")
        assert row["confidence"] != "documented" or row["source"]
        assert row["checked"].year >= 2026
    for row in table["instead"]:
        assert parsed(row["to"]) == row["to"]
