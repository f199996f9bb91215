"""What findings say over time: age, absence, awakening; and what they must not be taken for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.brands import Brand
from namaak.casework.site_signals import weighed_names
from namaak.enriching.findings import Aspect, Finding, Outcome
from namaak.enriching.traits import LogoHash, host_traits, standing_facts
from namaak.enriching.words import in_words
from namaak.looks import enrichment_rows, traits_for

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOST = "login.acme-bank.test"
ACME = Brand(name="Acme Bank", domains=("acme.example",))
IDLE = {"exists": True, "registered": True, "answers": False, "addresses": []}
THERE = {"exists": True, "registered": True, "answers": True, "addresses": ["192.0.2.7"]}
PAGE = {"kind": "content", "title": "Acme Bank", "final_host": HOST, "status": 200}


def finding(aspect: Aspect, facts: dict, *, days: float = 0, outcome: Outcome = Outcome.ANSWERED,
            host: str = HOST) -> Finding:  # fmt: skip
    return Finding(host=host, aspect=aspect, asked_at=NOW + days * DAY, vantage="here",
                   outcome=outcome, facts=facts)  # fmt: skip


def rdap(registered: datetime | None, **other) -> Finding:
    given_at = registered and registered.isoformat()
    return finding(Aspect.RDAP, {"registered_at": given_at, "registered": True} | other)


def names(*findings: Finding) -> dict[str, str]:
    return {trait["name"]: trait["raw"] for trait in host_traits(findings)}


@pytest.mark.parametrize(("years", "old"), [(1, False), (4.9, False), (5.1, True), (30, True)])
def test_a_name_registered_long_ago_is_old(years, old):
    assert ("rdap.old" in names(rdap(NOW - 365 * years * DAY))) is old


@pytest.mark.parametrize("told", [None, "yesterday", "2026-01-01", 5, ["2026"], {"a": 1}])
def test_an_age_that_nobody_tells_in_so_many_words_is_no_age(told):
    assert names(finding(Aspect.RDAP, {"registered_at": told})) == {}


@pytest.mark.parametrize(
    ("after", "prompt"),
    [(0 * DAY, "0"), (6 * DAY, "6"), (7 * DAY, "7"), (8 * DAY, None), (-0.5 * DAY, "0"),
     (-2 * DAY, None), (900 * DAY, None)],
)  # fmt: skip
def test_a_certificate_within_a_week_of_registration_is_prompt(after, prompt):
    registered = NOW - 20 * DAY
    certificate = finding(Aspect.CERTIFICATE, {"valid_from": (registered + after).isoformat()})
    assert names(rdap(registered), certificate).get("certificate.prompt") == prompt


def test_unregistered_is_said_by_the_registry_and_not_by_the_dns_alone():
    gone = finding(Aspect.DNS, {"exists": False, "answers": False}, outcome=Outcome.ABSENT)
    absent = finding(Aspect.RDAP, {"registered": False, "reason": "404"}, outcome=Outcome.ABSENT)
    silent = finding(Aspect.RDAP, {"reason": "silence"}, outcome=Outcome.TIMEOUT)
    nobody = finding(Aspect.RDAP, {"reason": "no such service"}, outcome=Outcome.NO_RDAP)
    assert names(gone, absent)["site.unregistered"] == "its registry"
    assert names(gone, nobody)["site.unregistered"] == "the DNS"
    assert "site.unregistered" not in names(gone)
    assert "site.unregistered" not in names(gone, silent)


def test_a_name_on_hold_that_has_servers_all_the_same_is_still_there():
    held = rdap(NOW - DAY, on_hold=True, status=["client hold"])
    off = finding(Aspect.DNS, {"exists": False, "answers": False}, outcome=Outcome.ABSENT)
    assert names(held, off)["site.off-the-net"] == "client hold"
    assert "site.off-the-net" not in names(held, finding(Aspect.DNS, THERE))
    assert "site.off-the-net" not in names(held)


def test_what_was_idle_and_is_alive_has_awoken():
    before = [finding(Aspect.DNS, IDLE, days=-9)]
    after = [finding(Aspect.DNS, THERE), finding(Aspect.PAGE, PAGE)]
    assert names(*before, *after)["site.awoke"] == "2026-11-13"
    parked = [finding(Aspect.DNS, THERE, days=-9),
              finding(Aspect.PAGE, {"kind": "parked"}, days=-9)]  # fmt: skip
    assert "site.awoke" in names(*parked, *after)


def test_that_no_page_was_asked_for_is_no_sleep():
    before = [finding(Aspect.DNS, THERE, days=-9), rdap(NOW - 20 * DAY)]
    after = [finding(Aspect.DNS, THERE), finding(Aspect.PAGE, PAGE)]
    assert "site.awoke" not in names(*before, *after)
    assert "site.awoke" not in names(*after)


def test_what_fell_asleep_again_is_not_awake():
    awake = [finding(Aspect.DNS, IDLE, days=-9), finding(Aspect.PAGE, PAGE, days=-5)]
    asleep = finding(Aspect.PAGE, {"kind": "parked"})
    assert "site.awoke" not in names(*awake, asleep)


def test_what_nobody_answered_today_stands_as_it_was_answered():
    known = finding(Aspect.PAGE, PAGE, days=-3)
    silent = finding(Aspect.PAGE, {"reason": "silence"}, outcome=Outcome.TIMEOUT)
    assert standing_facts([known, silent])["page"]["title"] == "Acme Bank"


def test_a_page_of_a_host_without_an_address_is_gone():
    known = finding(Aspect.PAGE, PAGE, days=-3)
    gone = finding(Aspect.PAGE, {"reason": "no address"}, outcome=Outcome.NO_ADDRESS)
    assert "page" not in standing_facts([known, gone])
    assert "page" in standing_facts([gone, finding(Aspect.PAGE, PAGE, days=1)])


def test_traits_of_a_host_are_read_for_one_brand_at_a_time():
    looked = [finding(Aspect.DNS, THERE), finding(Aspect.PAGE, PAGE)]
    assert "page.title-brand" in {trait["name"] for trait in traits_for(looked, ACME)}
    other = Brand(name="Zenith")
    assert "page.title-brand" not in {trait["name"] for trait in traits_for(looked, other)}


def test_the_age_is_that_of_the_moment_of_asking_however_often_other_things_are_asked():
    registered = rdap(NOW - 3 * DAY)
    early = traits_for([registered], ACME)
    late = traits_for([registered, finding(Aspect.DNS, THERE, days=40)], ACME)
    (young,) = (trait for trait in early if trait["name"] == "rdap.young")
    assert young["raw"] == "3"
    assert young in late


def test_a_wildcard_says_something_of_names_below_the_registered_one_only():
    facts = THERE | {"wildcard": True, "registrable": "acme-bank.test"}
    below = traits_for([finding(Aspect.DNS, facts)], ACME)
    itself = traits_for([finding(Aspect.DNS, facts, host="acme-bank.test")], ACME)
    assert "dns.wildcard" in {trait["name"] for trait in below}
    assert "dns.wildcard" not in {trait["name"] for trait in itself}


def test_delegating_to_the_brands_servers_is_not_yet_being_answered_by_them():
    servers = {"name_servers": ["ns1.acme.example", "ns2.acme.example"]}
    registry = rdap(None, **servers)
    answered = traits_for([finding(Aspect.DNS, THERE | servers), registry], ACME)
    assert "dns.brand-name-servers" in {trait["name"] for trait in answered}
    for told in ([registry], []):
        lame = traits_for([finding(Aspect.DNS, IDLE | servers), *told], ACME)
        assert not {name for trait in lame if "brand" in (name := trait["name"])}


def test_everything_that_is_read_is_known_to_the_ranking():
    page = PAGE | {
        "site_name": "Acme Bank", "text": "Acme Bank", "off_site": False, "obfuscated": True,
        "forms": [{"password": True, "off_site": True, "action": "https://x.test/",
                   "action_host": "x.test", "fields": ["password", "card", "seed", "code"]}],
        "resources": {"acme.example": 2}, "links": {"www.acme.example": 1},
    }  # fmt: skip
    dns = THERE | {"wildcard": True, "registrable": "x.test", "mail_capable": True,
                   "parking": [{"service": "Parkit", "value": "ns.parkit.test"}],
                   "name_servers": ["ns.acme.example"], "mail_servers": ["mx.test"]}  # fmt: skip
    certificate = {"names": ["acme.example"], "self_signed": True, "mismatch": True,
                   "valid_from": NOW.isoformat()}  # fmt: skip
    held = rdap(NOW - DAY, on_hold=True, status=["client hold"])
    found = set()
    for kind in ("content", "parked", "for-sale", "suspended", "default-server", "blocked"):
        for away in ({}, {"off_site": True, "final_host": "acme.example"},
                     {"off_site": True, "final_host": "else.test"}):  # fmt: skip
            for more in ({}, {"mail_without_web": True}):
                page |= icon(0)
                looks = [finding(Aspect.DNS, dns | more), held,
                         finding(Aspect.CERTIFICATE, certificate),
                         finding(Aspect.PAGE, page | away | {"kind": kind})]  # fmt: skip
                found |= {trait["name"] for trait in traits_for(looks, ACME, [LOGO])}
    assert len(found) > 20
    assert found <= set(weighed_names())


LOGO = LogoHash(path="acme.png", sha256="a" * 64, phash="0f" * 32)


def icon(bits: int = 0, **other) -> dict:
    phash = int(LOGO.phash, 16) ^ ((1 << bits) - 1)
    return {"icons": [{"url": "https://x.test/i", "phash": f"{phash:064x}", **other}]}


@pytest.mark.parametrize(
    ("page", "alike"),
    [
        (icon(0), True), (icon(12), True), (icon(13), False), (icon(128), False),
        # A negative of the logo shows it too.
        (icon(256), True), (icon(244), True), (icon(243), False),
        (icon(128, sha256="a" * 64), True), (icon(0, phash=None), False), ({"icons": []}, False),
        ({"icons": None}, False), ({}, False), (icon(0) | {"off_site": True}, False),
    ],
)  # fmt: skip
def test_a_favicon_is_the_brands_when_it_is_its_logo(page, alike):
    looked = [finding(Aspect.PAGE, page)]
    named = {trait["name"] for trait in traits_for(looked, ACME, [LOGO])}
    assert ("page.icon-brand" in named) is alike
    assert "page.icon-brand" not in {trait["name"] for trait in traits_for(looked, ACME)}


def test_of_the_rows_the_last_and_the_last_known_keep_their_facts():
    def row(days: int, outcome: str) -> dict:
        return {"aspect": "page", "asked_at": NOW + days * DAY, "outcome": outcome,
                "facts": json.dumps({"title": str(days), "text": "long"})}  # fmt: skip

    made = enrichment_rows([row(0, "answered"), row(1, "answered"), row(2, "timeout")])
    assert [(one["latest"], one["known"]) for one in made] == [
        (False, False), (False, True), (True, False),
    ]  # fmt: skip
    assert made[0]["facts"] is None
    assert json.loads(made[1]["facts"]) == {"title": "1"}


facts = st.dictionaries(
    st.sampled_from(["registered_at", "on_hold", "status", "valid_from", "answers", "delegated",
                     "kind", "parking", "name_servers"]),
    st.none() | st.booleans() | st.integers() | st.text(max_size=30)
    | st.lists(st.text(max_size=9), max_size=3),
    max_size=6,
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(list(Aspect)), facts, st.floats(-900, 900),
                          st.sampled_from(list(Outcome))), max_size=8))  # fmt: skip
def test_whatever_stands_in_the_facts_host_traits_are_texts(given_findings):
    made = host_traits([finding(a, f, days=d, outcome=o) for a, f, d, o in given_findings])
    for trait in made:
        assert trait.keys() == {"name", "raw", "says"}
        assert all(isinstance(text, str) for text in trait.values())
        assert trait["says"] and trait["name"] in weighed_names()


@pytest.mark.parametrize(
    ("aspect", "outcome", "facts", "said"),
    [
        ("dns", "answered", {"name_servers": ["ns1.test"], "addresses": ["192.0.2.1"],
                             "mail_capable": True, "mail_servers": ["mx.test"], "spf": "v=spf1"},
         "name servers ns1.test; at 192.0.2.1; mail by mx.test, SPF"),
        ("dns", "absent", {}, "no such name"),
        ("dns", "timeout", {"reason": "no answer in 3 s"}, "not known: no answer in 3 s"),
        ("dns", "answered", {"name_servers": [f"ns{n}.test" for n in range(5)]},
         "name servers ns0.test, ns1.test, ns2.test and 2 more"),
        ("rdap", "answered", {"registrar": "Waldregister", "registered_at": "2026-11-20T00:00:00Z",
                              "on_hold": True, "abuse": {"email": ["abuse@w.test"]}},
         "registered 2026-11-20; through Waldregister; on hold; abuse to abuse@w.test"),
        ("page", "answered", {"kind": "content", "status": 200, "title": "Acme",
                              "asks_password": True}, "HTTP 200; “Acme”; asks for a password"),
        ("page", "answered", {"kind": "parked", "status": 200}, "parked; HTTP 200"),
        ("screenshot", "no-browser", {"reason": "there is no Chromium"},
         "not known: there is no Chromium"),
        ("network", "empty", None, "nothing of the kind"),
        ("smell", "answered", {}, "answered"),
    ],
)  # fmt: skip
def test_an_answer_is_told_in_one_line(aspect, outcome, facts, said):
    assert in_words(aspect, outcome, facts) == said
