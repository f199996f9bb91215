"""Traits of a page and what stands around it, for one brand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.pages import mentions, owns, page_traits
from namaak.brands import Brand

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACME = Brand(name="Acme Bank", aliases=("Acme",), domains=("acme.example",))


def traits(brand=ACME, **facts):
    return {trait.name: trait.raw for trait in page_traits(facts, brand, now=NOW)}


def form(**further):
    return {"action": "https://drop.test/p", "action_host": "drop.test", "method": "post",
            "password": False, "fields": [], "off_site": False, **further}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Welcome to Acme", 1),
        ("ACME-BANK and acmebank", 3),
        ("\u0410\u0441me", 1),
        ("Acmeology", 0),
        ("", 0),
    ],
)
def test_a_name_is_counted_as_people_read_it(text, count):
    assert mentions(text, ACME) == count


def test_a_name_without_a_reading_in_ascii_is_looked_for_as_it_stands():
    assert (
        mentions(
            "\u697d\u5929\u5e02\u5834\u3078\u3088\u3046\u3053\u305d", Brand(name="\u697d\u5929")
        )
        == 1
    )


def test_a_short_name_stands_in_texts_by_chance():
    assert mentions("we are ab now", Brand(name="ab")) == 0


def test_words_in_title_site_name_and_text():
    found = traits(
        page={"title": "Acme: log in", "site_name": "Acme", "text": "Acme and Acme", "mentions": {}}
    )
    assert found["page.title-brand"] == "Acme: log in"
    assert found["page.site-name-brand"] == "Acme"
    assert found["page.text-brand"] == "2"


def test_what_was_counted_over_the_whole_text_counts_beyond_its_cut():
    assert traits(page={"text": "x", "mentions": {"Acme": 7}})["page.text-brand"] == "7"


def test_an_ordinary_word_must_stand_there_more_often():
    brand = Brand(name="Orange", common_word=True)
    assert "page.text-brand" not in traits(brand, page={"text": "an orange and an orange"})
    assert traits(brand, page={"text": "orange " * 3})["page.text-brand"] == "3"


def test_a_password_sent_elsewhere_is_two_traits():
    found = traits(page={"forms": [form(password=True, off_site=True)]})
    assert found == {
        "page.password-form": "https://drop.test/p",
        "page.password-off-site": "https://drop.test/p",
    }


@pytest.mark.parametrize("field", ["card", "seed", "code"])
def test_forms_that_ask_for_more(field):
    assert list(traits(page={"forms": [form(fields=[field])]})) == [f"page.{field}-form"]


def test_assets_of_the_brand_loaded_from_its_own_servers():
    found = traits(
        page={"resources": {"static.acme.example": 2, "cdn.test": 9, "notacme.example": 1},
              "links": {"acme.example": 1}, "final_host": "acme-login.test"}
    )  # fmt: skip
    assert found == {
        "page.hot-linking": "static.acme.example: 2",
        "page.links-to-brand": "acme.example: 1",
    }


def test_a_host_that_leads_to_the_brand_itself():
    page = {"final_host": "www.acme.example", "off_site": True, "url": "https://www.acme.example/",
            "resources": {"static.acme.example": 2}}  # fmt: skip
    assert traits(page=page) == {"page.redirects-to-brand": "https://www.acme.example/"}
    page = {"final_host": "other.test", "off_site": True, "url": "https://other.test/"}
    assert list(traits(page=page)) == ["page.redirects-elsewhere"]


@pytest.mark.parametrize("key", ["refreshes_to", "script_sends_to"])
def test_words_that_would_lead_to_the_brand_and_did_not_take_nothing_from_the_page(key):
    page = {"final_host": "a.test", key: "https://acme.example/login", "title": "Acme"}
    assert list(traits(page=page)) == ["page.title-brand", "page.sends-to-brand"]


@pytest.mark.parametrize("kind", ["parked", "for-sale", "suspended", "default-server", "blocked"])
def test_kinds_of_pages(kind):
    assert traits(page={"kind": kind, "kind_reasons": ["a", "b"]}) == {f"page.{kind}": "a; b"}


def test_mail_and_name_servers():
    assert traits(dns={"mail_capable": True, "mail_servers": ["mx.test"]}) == {
        "dns.mail-capable": "mx.test"
    }
    assert traits(dns={"mail_capable": True, "mail_without_web": True, "mail_servers": ["m"]}) == {
        "dns.mail-without-web": "m"
    }


def test_name_servers_are_the_brands_when_the_registry_says_so_too():
    own = {"name_servers": ["ns1.acme.example", "ns2.acme.example"]}
    mixed = {"name_servers": ["ns1.acme.example", "ns.other.test"]}
    assert list(traits(dns=own, rdap=own)) == ["dns.brand-name-servers"]
    for registry in ({}, mixed, {"name_servers": []}):
        assert list(traits(dns=own, rdap=registry)) == ["dns.brand-name-servers-claimed"]
    assert traits(dns=mixed, rdap=own) == {}


@pytest.mark.parametrize(("days", "young"), [(0, True), (90, True), (91, False), (-2, False)])
def test_age_of_a_registration(days, young):
    registered = (NOW - timedelta(days=days)).isoformat()
    assert ("rdap.young" in traits(rdap={"registered_at": registered})) is young


def test_certificates():
    found = traits(certificate={"self_signed": True, "mismatch": True, "issuer": "CN=x",
                                "names": ["*.acme.example", "b.test"]})  # fmt: skip
    assert found == {
        "certificate.brand-names": "*.acme.example",
        "certificate.self-signed": "CN=x",
        "certificate.mismatch": "*.acme.example, b.test",
    }


def test_a_domain_that_only_ends_alike_is_not_the_brands():
    assert owns(ACME, "acme.example") == owns(ACME, "a.b.acme.example") == "acme.example"
    assert owns(ACME, "notacme.example") is None


def test_nothing_known_gives_no_trait():
    assert traits() == {}
    unknown = {"title": None, "forms": [], "off_site": False, "kind": "content"}
    assert traits(page=unknown, dns={"mail_capable": None}, rdap={"registered_at": None}) == {}


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_give_traits_once_each(title, text):
    found = page_traits({"page": {"title": title, "text": text}}, ACME, now=NOW)
    assert len({trait.name for trait in found}) == len(found)
    assert all(len(trait.raw) <= 300 for trait in found)
