"""Names that exist, that do not, and that a zone makes up, against NSD."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import dns.rdatatype
import pytest

from namaak.resolving import Existence, Inquiry, Resolver
from tests.peers import nsd
from tests.peers.zones import soa
from tests.resolving.udp import reply, serving

ZONES = {
    # Delegations would be answered by others, so registered domains are zones or names here.
    "test": soa(negative_ttl=120) + "unused IN TXT x\nnamed IN A 192.0.2.1\n",
    "held.test": "@ IN A 192.0.2.2\nwww IN A 192.0.2.3\nsix IN AAAA 2001:db8::1\n",
    "idle.test": "@ IN MX 0 .\n",
    "catch.test": "@ IN A 192.0.2.4\n* IN A 192.0.2.4\nown IN A 192.0.2.5\n",
    # A registry that answers for what nobody registered.
    "wild": "* IN A 192.0.2.99\n",
    "real.wild": "@ IN A 192.0.2.6\n",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with nsd(ZONES, tmp_path_factory.mktemp("nsd")) as zones:
        yield zones.address


def examined(server, *names, **options):
    async def ask():
        async with (
            Resolver(servers=[server], **options) as resolver,
            Inquiry(resolver) as inquiry,
        ):
            found = [await inquiry.examine(host, domain) for host, domain in names]
            return found, resolver.tries_by_outcome.total()

    return asyncio.run(ask())


@pytest.mark.peer
@pytest.mark.parametrize(
    ("host", "registrable", "existence", "ttl"),
    [
        ("held.test", "held.test", Existence.ADDRESSED, 3600),
        ("www.held.test", "held.test", Existence.ADDRESSED, 3600),
        ("six.held.test", "held.test", Existence.ADDRESSED, 3600),
        ("nobody.held.test", "held.test", Existence.ABSENT, 300),
        ("idle.test", "idle.test", Existence.REGISTERED, 3600),
        ("unused.test", "unused.test", Existence.REGISTERED, None),
        ("named.test", "named.test", Existence.ADDRESSED, 3600),
        ("free.test", "free.test", Existence.ABSENT, 120),
        ("sub.free.test", "free.test", Existence.ABSENT, 120),
        ("anything.wild", "anything.wild", Existence.WILDCARD, None),
        ("real.wild", "real.wild", Existence.ADDRESSED, 3600),
        ("any.catch.test", "catch.test", Existence.WILDCARD, 3600),
        ("own.catch.test", "catch.test", Existence.ADDRESSED, 3600),
        ("free.elsewhere", "free.elsewhere", Existence.UNKNOWN, None),
    ],
)
def test_a_name_is_told_from_one_that_its_zone_makes_up(served, host, registrable, existence, ttl):
    (found,), _ = examined(served, (host, registrable))
    assert (found.host, found.existence, found.ttl) == (host, existence, ttl)
    told = existence not in (Existence.UNKNOWN, Existence.WILDCARD)
    assert bool(found.reason) is not told


@pytest.mark.peer
def test_names_that_are_not_registered_cost_one_question_and_its_proof(served):
    names = [(f"free{number}.test", f"free{number}.test") for number in range(10)]
    found, tries = examined(served, *names)
    assert {one.existence for one in found} == {Existence.ABSENT}
    # Two each, and once how long absence lasts in that zone.
    assert tries == 2 * 10 + 1


@pytest.mark.peer
def test_what_names_have_in_common_is_asked_once(served):
    names = [(f"sub{number}.free.test", "free.test") for number in range(10)]
    found, tries = examined(served, *names)
    assert {one.existence for one in found} == {Existence.ABSENT}
    assert tries == 3


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
def test_a_failure_leaves_a_name_unknown_and_says_why(rcode):
    async def ask():
        async with (
            serving(lambda question: [reply(question, rcode=rcode)]) as heard,
            Resolver(servers=[heard.address], clock=lambda: NOW) as resolver,
            Inquiry(resolver) as inquiry,
        ):
            return await inquiry.examine("name.test", "name.test")

    found = asyncio.run(ask())
    assert (found.existence, found.asked_at) == (Existence.UNKNOWN, NOW)
    assert ("SERVFAIL" in found.reason) is (rcode == "SERVFAIL")


NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_zone_that_cannot_be_tested_for_wildcards_leaves_its_names_unknown():
    def half(question):
        made_up = len(question.question[0].name.labels[0]) == 20
        return [reply(question, rcode="SERVFAIL" if made_up else "NOERROR")]

    async def ask():
        async with (
            serving(half) as heard,
            Resolver(servers=[heard.address]) as resolver,
            Inquiry(resolver) as inquiry,
        ):
            return await inquiry.examine("name.test", "name.test")

    found = asyncio.run(ask())
    assert found.existence is Existence.UNKNOWN
    assert "any name" in found.reason


@pytest.mark.parametrize("denied", [{"NS"}, {"NS", "SOA", "CNAME", "AAAA", "MX"}])
def test_a_server_that_denies_a_name_for_all_types_but_the_address_hides_nothing(denied):
    """Visitors ask for the address alone, so whoever wants them and not us denies the rest."""

    def lying(question):
        name = question.question[0].name.to_text()
        type_ = dns.rdatatype.to_text(question.question[0].rdtype)
        if name == "test.":
            return [reply(question)]
        if name == "acme-login.test." and type_ not in denied:
            return [reply(question, "acme-login.test. 60 A 192.0.2.7")]
        return [reply(question, rcode="NXDOMAIN")]

    async def ask():
        async with (
            serving(lying) as heard,
            Resolver(servers=[heard.address]) as resolver,
            Inquiry(resolver) as inquiry,
        ):
            domain = "acme-login.test"
            there = await inquiry.examine(domain, domain)
            answers = [await resolver.ask(domain, type_) for type_ in denied]
            return there, answers, await inquiry.examine("free.test", "free.test")

    there, answers, free = asyncio.run(ask())
    assert there.existence is Existence.ADDRESSED
    assert {answer.outcome.exists for answer in answers} == {True}
    assert all("denies the name" in answer.says for answer in answers)
    assert free.existence is Existence.ABSENT
