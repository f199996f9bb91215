"""Every outcome against NSD: what a zone holds is told, and nothing else is called absent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from namaak.resolving import Outcome, Resolver
from tests.peers import nsd

pytestmark = pytest.mark.peer

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MANY = "\n".join(f"many IN A 192.0.2.{number}" for number in range(90))
LONG = " ".join(f'"{"x" * 250}"' for _ in range(80))
ZONE = rf"""
a IN A 192.0.2.2
a IN A 192.0.2.1
b IN TXT "only text"
six IN AAAA 2001:db8::1
short 0 IN A 192.0.2.4
@ IN MX 10 Mail.Zone.Test.
@ IN MX 0 .
@ IN CAA 0 issue "ca.test"
@ IN TXT "v=spf1 " "-all"
@ IN TXT "caf\195\169 \\ \000"
@ IN HTTPS 1 . alpn=h2
alias 60 IN CNAME Second
second IN CNAME a
dangling IN CNAME gone
round IN CNAME about
about IN CNAME round
_dmarc IN TXT "v=DMARC1; p=none"
long IN TXT {LONG}
{MANY}
deep.middle IN A 192.0.2.3
*.wild IN A 192.0.2.9
*.text IN TXT "any"
"""


@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    with nsd({"zone.test": ZONE}, tmp_path_factory.mktemp("nsd")) as served:
        yield served.address


def asked(server, *questions, **options):
    async def ask():
        async with Resolver(servers=[server], clock=lambda: NOW, **options) as resolver:
            return [await resolver.ask(name, type_) for name, type_ in questions]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("name", "type_", "values"),
    [
        ("a.zone.test", "A", ("192.0.2.1", "192.0.2.2")),
        ("A.Zone.TEST.", "A", ("192.0.2.1", "192.0.2.2")),
        ("six.zone.test", "AAAA", ("2001:db8::1",)),
        ("zone.test", "NS", ("ns.test",)),
        ("zone.test", "SOA", ("ns.test hostmaster.test 1 7200 3600 1209600 300",)),
        ("zone.test", "MX", ("0 .", "10 mail.zone.test")),
        ("zone.test", "CAA", ('0 issue "ca.test"',)),
        ("zone.test", "TXT", (r"caf\195\169 \092 \000", "v=spf1 -all")),
        ("_dmarc.zone.test", "TXT", ("v=DMARC1; p=none",)),
        ("alias.zone.test", "CNAME", ("second.zone.test",)),
        ("zone.test", "HTTPS", ('1 . alpn="h2"',)),
    ],
)
def test_what_a_zone_holds_is_told_in_presentation_form(zone, name, type_, values):
    (answer,) = asked(zone, (name, type_))
    assert (answer.outcome, answer.values) == (Outcome.ANSWERED, values)
    assert (answer.name, answer.type) == (name.lower().removesuffix("."), type_)
    assert (answer.attempts, answer.resolver, answer.asked_at) == (1, zone, NOW)


@pytest.mark.parametrize(
    ("name", "type_", "outcome"),
    [
        ("b.zone.test", "A", Outcome.EMPTY),  # exists, has no address
        ("middle.zone.test", "A", Outcome.EMPTY),  # exists only because of what is below it
        ("nobody.zone.test", "A", Outcome.ABSENT),
        ("nobody.zone.test", "NS", Outcome.ABSENT),
        ("nobody.zone.test", "CNAME", Outcome.ABSENT),
        ("nobody.zone.test", "TLSA", Outcome.ABSENT),
        ("a.elsewhere.test", "A", Outcome.REFUSED),
        ("a.elsewhere.test", "TLSA", Outcome.REFUSED),
    ],
)
def test_an_empty_answer_an_absent_name_and_a_refusal_are_three_things(zone, name, type_, outcome):
    (answer,) = asked(zone, (name, type_))
    assert (answer.outcome, answer.values, answer.ttl) == (outcome, (), None)


def test_the_shortest_ttl_of_all_records_used_is_told_and_zero_is_one(zone):
    short, alias = asked(zone, ("short.zone.test", "A"), ("alias.zone.test", "A"))
    assert short.ttl == 0
    assert alias.ttl == 60


def test_aliases_on_the_way_are_told(zone):
    (answer,) = asked(zone, ("alias.zone.test", "A"))
    assert answer.aliases == ("second.zone.test", "a.zone.test")
    assert answer.values == ("192.0.2.1", "192.0.2.2")


def test_an_alias_of_a_name_that_does_not_exist_is_not_absent(zone):
    """NXDOMAIN is of the last name of the chain (RFC 6604): somebody made the first."""
    (answer,) = asked(zone, ("dangling.zone.test", "A"))
    assert (answer.outcome, answer.aliases) == (Outcome.EMPTY, ("gone.zone.test",))


def test_aliases_that_go_round_are_broken(zone):
    (answer,) = asked(zone, ("round.zone.test", "A"))
    assert answer.outcome is Outcome.BROKEN
    assert "loop" in answer.says


def test_an_answer_that_fits_no_datagram_comes_whole(zone):
    text, addresses = asked(zone, ("long.zone.test", "TXT"), ("many.zone.test", "A"))
    assert text.values == ("x" * 20_000,)
    assert len(addresses.values) == 90


@pytest.mark.parametrize("name", ["", "a b.test", "a\\.b.test", "\0.test", "a..test", "é.test",
                                  f"{'x' * 64}.test", ".".join(["x" * 60] * 5)])  # fmt: skip
def test_what_is_no_name_is_told_without_asking(zone, name):
    (answer,) = asked(zone, (name, "A"))
    assert (answer.outcome, answer.attempts, answer.name) == (Outcome.MALFORMED, 0, name)


def test_a_name_is_asked_exactly_as_it_stands(zone, monkeypatch, tmp_path):
    """Neither search domains nor the hosts file nor aliases of the environment play a part."""
    (tmp_path / "aliases").write_text("a a.zone.test\n")
    monkeypatch.setenv("LOCALDOMAIN", "zone.test")
    monkeypatch.setenv("HOSTALIASES", str(tmp_path / "aliases"))
    single, local = asked(zone, ("a", "A"), ("localhost", "A"))
    assert single.outcome is local.outcome is Outcome.REFUSED


def test_many_questions_are_answered_each_once(zone):
    names = [f"nobody-{number}.zone.test" for number in range(300)] + ["a.zone.test"] * 20

    async def ask():
        async with Resolver(servers=[zone], in_flight=50) as resolver:
            return [one async for one in resolver.ask_many((name, "A") for name in names)]

    found = asyncio.run(ask())
    assert sorted(one.name for one in found) == sorted(names)
    assert {one.outcome for one in found if one.name.startswith("nobody")} == {Outcome.ABSENT}


def test_whoever_stops_listening_leaves_nothing_behind(zone):
    async def ask():
        async with Resolver(servers=[zone], in_flight=10) as resolver:
            found = resolver.ask_many((f"n{number}.zone.test", "A") for number in range(10_000))
            one = await anext(found)
            await found.aclose()
            return one, asyncio.all_tasks()

    one, tasks = asyncio.run(ask())
    assert one.outcome is Outcome.ABSENT
    assert len(tasks) == 1


@pytest.mark.parametrize(
    ("parent", "type_", "told"),
    [
        ("zone.test", "A", None),
        ("wild.zone.test", "A", (Outcome.ANSWERED, frozenset({"192.0.2.9"}))),
        ("text.zone.test", "A", (Outcome.EMPTY, frozenset())),
        ("elsewhere.test", "A", (Outcome.REFUSED, frozenset())),
    ],
)
def test_a_zone_that_answers_for_any_name_is_known_by_names_nobody_made(zone, parent, type_, told):
    async def ask():
        async with Resolver(servers=[zone]) as resolver:
            return await resolver.wildcard(parent, type=type_)

    found = asyncio.run(ask())
    assert (found and (found.outcome, found.addresses)) == told
