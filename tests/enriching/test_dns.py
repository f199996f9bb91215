"""What the DNS says of a host: absence, emptiness, silence and refusal kept apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from namaak.enriching import Outcome
from namaak.enriching.dns import ask_dns, dns_facts
from namaak.resolving import Answer, Wildcard
from namaak.resolving import Outcome as Told
from tests.enriching.world import NOW, asked, clock
from tests.peers import free_port, nsd, soa

TEST = (
    soa()
    + """
kept 3600 IN NS ns1.kept
ns1.kept 3600 IN A 192.0.2.53
"""
)
SITE = (
    soa()
    + """
@    300 IN A 9.9.9.9
@    600 IN AAAA 2620:fe::fe
www  120 IN A 9.9.9.10
@    300 IN MX 20 second.mail.example.
@    300 IN MX 10 first.mail.example.
@    300 IN TXT "v=spf1 include:mail.example ~all"
@    300 IN TXT "something=else"
_dmarc 300 IN TXT "v=DMARC1; p=reject; rua=mailto:a@mail.example"
@    300 IN CAA 0 issue "ca.example"
"""
)


def look(zones, host):
    return asked(zones.address, lambda resolver, _: ask_dns(resolver, host, clock=clock))


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    texts = {
        "test": TEST,
        "site.test": SITE,
        "idle.test": soa(),
        "mail.test": soa() + "@ 300 IN MX 10 mx.mail.example.\n",
        "nomail.test": soa() + "@ 300 IN MX 0 .\n@ 300 IN A 9.9.9.9\n",
        "any.test": soa() + "* 300 IN A 9.9.9.9\n@ 300 IN A 9.9.9.9\n",
        "inside.test": soa() + "@ 300 IN A 10.0.0.7\n",
        "sold.test": "@ 300 IN SOA ns1.sedoparking.com. h.sedo.example. 1 1 1 1 1\n"
        "@ 300 IN NS ns1.sedoparking.com.\n@ 300 IN NS ns2.sedoparking.com.\n"
        "@ 300 IN A 9.9.9.9\n",
    }
    with nsd(texts, tmp_path_factory.mktemp("zones")) as served:
        yield served


@pytest.mark.peer
def test_a_site_with_mail_is_told_whole(zones):
    finding = look(zones, "www.site.test")
    facts = finding.facts
    assert finding.outcome is Outcome.ANSWERED
    assert finding.vantage == f"resolver {zones.address}"
    assert finding.due_at == NOW + timedelta(days=1)
    assert (facts["registrable"], facts["registered"], facts["delegated"]) == (
        "site.test", True, True,
    )  # fmt: skip
    assert facts["addresses"] == ["9.9.9.10"]
    assert facts["apex_addresses"] == ["9.9.9.9", "2620:fe::fe"]
    assert facts["mail_servers"] == ["first.mail.example", "second.mail.example"]
    assert (facts["mail_capable"], facts["null_mx"], facts["mail_without_web"]) == (
        True, False, False,
    )  # fmt: skip
    assert (facts["spf_all"], facts["dmarc_policy"]) == ("~", "reject")
    assert facts["caa"] == ['0 issue "ca.example"']
    assert (facts["wildcard"], facts["min_ttl"]) == (False, 120)
    questions = {(q["name"], q["type"]): q["outcome"] for q in facts["questions"]}
    assert questions["www.site.test", "AAAA"] == "empty"
    assert questions["www.site.test", "MX"] == "empty"


@pytest.mark.peer
def test_a_name_that_does_not_exist_is_absent_and_asked_no_further(zones):
    finding = look(zones, "nobody.test")
    assert finding.outcome is Outcome.ABSENT
    assert finding.facts["exists"] is False
    assert finding.facts["registered"] is None
    assert finding.facts["answers"] is False
    assert len(finding.facts["questions"]) == 2
    assert "does not exist" in finding.facts["reason"]


@pytest.mark.peer
def test_a_domain_without_records_is_registered_and_idle(zones):
    facts = look(zones, "idle.test").facts
    assert (facts["registered"], facts["answers"], facts["mail_capable"]) == (True, False, False)


@pytest.mark.peer
def test_mail_without_a_site_is_told(zones):
    facts = look(zones, "mail.test").facts
    assert (facts["mail_capable"], facts["answers"], facts["mail_without_web"]) == (
        True, False, True,
    )  # fmt: skip


@pytest.mark.peer
def test_a_null_mx_is_no_mail_server(zones):
    facts = look(zones, "nomail.test").facts
    assert (facts["null_mx"], facts["mail_capable"], facts["mail_servers"]) == (True, False, [])


@pytest.mark.peer
def test_a_zone_that_answers_for_everything_is_told(zones):
    facts = look(zones, "login.any.test").facts
    assert facts["wildcard"] is True
    assert facts["wildcard_addresses"] == ["9.9.9.9"]


@pytest.mark.peer
def test_addresses_that_are_nobodys_are_told(zones):
    assert look(zones, "inside.test").facts["private_addresses"] == ["10.0.0.7"]


@pytest.mark.peer
def test_name_servers_of_a_parking_service_are_named(zones):
    (first, _) = look(zones, "sold.test").facts["parking"]
    assert (first["by"], first["value"], first["service"], first["kind"]) == (
        "name-server", "ns1.sedoparking.com", "Sedo", "for-sale",
    )  # fmt: skip


def test_silence_is_not_absence():
    finding = asked(
        f"127.0.0.1:{free_port()}", lambda resolver, _: ask_dns(resolver, "a.test", clock=clock)
    )
    assert finding.outcome in (Outcome.TIMEOUT, Outcome.REFUSED)
    for key in ("exists", "registered", "delegated", "answers", "mail_capable"):
        assert finding.facts[key] is None, key
    assert finding.due_at < NOW + timedelta(days=1)


def answer(name, type_, outcome, *values, **further):
    return Answer(
        name=name, type=type_, outcome=outcome, values=values, ttl=60 if values else None,
        asked_at=NOW, resolver="192.0.2.53:53", attempts=1, **further,
    )  # fmt: skip


def test_a_broken_zone_may_well_be_registered():
    facts = dns_facts(
        "a.test", "a.test",
        [answer("a.test", "SOA", Told.BROKEN), answer("a.test", "NS", Told.BROKEN)],
        below=None, beside=None,
    )  # fmt: skip
    assert (facts["exists"], facts["registered"], facts["answers"]) == (None, None, None)


def test_one_unanswered_question_leaves_only_its_own_fact_unknown():
    facts = dns_facts(
        "a.test", "a.test",
        [
            answer("a.test", "NS", Told.ANSWERED, "ns.example"),
            answer("a.test", "A", Told.EMPTY),
            answer("a.test", "AAAA", Told.TIMEOUT),
            answer("a.test", "MX", Told.ANSWERED, "10 mx.example"),
        ],
        below=None, beside=None,
    )  # fmt: skip
    assert facts["registered"] is True
    assert facts["answers"] is None
    assert facts["mail_capable"] is True
    assert facts["mail_without_web"] is None


def test_a_suffix_where_every_name_answers_proves_no_registration():
    beside = Wildcard(parent="test", outcome=Told.ANSWERED, addresses=frozenset({"9.9.9.9"}))
    facts = dns_facts(
        "a.test", "a.test",
        [answer("a.test", "SOA", Told.EMPTY), answer("a.test", "A", Told.ANSWERED, "9.9.9.9")],
        below=None, beside=beside,
    )  # fmt: skip
    assert (facts["exists"], facts["suffix_wildcard"], facts["registered"]) == (True, True, None)


def test_an_alias_to_a_parking_service_is_a_sign():
    facts = dns_facts(
        "a.test", "a.test",
        [answer("a.test", "A", Told.ANSWERED, "9.9.9.9", aliases=("x.parkingcrew.net",))],
        below=None, beside=None,
    )  # fmt: skip
    assert facts["parking"][0]["by"] == "alias"


def test_mail_and_policies_that_lead_to_a_parking_service_are_no_sign():
    parked = ("x.parkingcrew.net",)
    facts = dns_facts(
        "a.test", "a.test",
        [
            answer("a.test", "A", Told.ANSWERED, "9.9.9.9"),
            answer("a.test", "MX", Told.ANSWERED, "50 park-mx.above.com"),
            answer("_dmarc.a.test", "TXT", Told.EMPTY, aliases=parked),
        ],
        below=None, beside=None,
    )  # fmt: skip
    assert facts["parking"] == []
