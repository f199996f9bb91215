"""Contacts out of what is known: whose, in which order, and never the other side's own mailbox."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from namaak.casework.contacts.contact import Contact, Found
from namaak.casework.contacts.facts import CaseFacts, case_facts
from namaak.casework.contacts.finding import known_contacts
from namaak.casework.contacts.providers import OF_ALL
from namaak.casework.contacts.ranking import ranked
from namaak.casework.contacts.scopes import Abuse, Channel, Scope, Source
from namaak.casework.reading import CaseFile
from tests.casework.contacts.cases import (
    ADDRESS,
    FURTHER,
    HOST,
    NOW,
    account_case,
    case_file,
    dns,
    host_case,
    network,
    page,
    rdap,
)


def found_of(
    case: CaseFile, *, official: Sequence[str] = (), **other: Any
) -> tuple[CaseFacts, Found]:
    facts = case_facts(case, official=official, **other)
    return facts, ranked(facts, known_contacts(facts, now=NOW), now=NOW)


def addresses(found: Found, scope: Scope | None = None) -> list[str]:
    return [one.address for one in found.contacts if scope in (None, one.scope)]


def says(found: Found) -> str:
    return "\n".join(f"{one.scope} {one.subject}: {one.says}" for one in found.failures)


def test_registrar_and_host_are_told_by_the_registries() -> None:
    _, found = found_of(host_case())
    assert addresses(found, Scope.REGISTRAR) == ["abuse@registrar.test"]
    assert addresses(found, Scope.HOST) == ["abuse@hoster.test"]
    registrar = next(one for one in found.contacts if one.scope is Scope.REGISTRAR)
    assert (registrar.source, registrar.curated, registrar.guess) == (Source.RDAP, False, False)
    assert (registrar.provider_name, registrar.subject) == ("Registrar Example", HOST)


def test_the_registrants_own_mailbox_is_never_a_contact() -> None:
    _, found = found_of(host_case())
    assert "me@evil.test" not in addresses(found)
    assert "me@evil.test" not in says(found)


@pytest.mark.parametrize("box", [f"abuse@{HOST}", f"abuse@mail.{HOST}", f"ABUSE@{HOST.upper()}."])
def test_a_mailbox_at_the_cases_own_domain_is_dropped_and_it_is_said_why(box: str) -> None:
    own = {"name": None, "email": [box], "tel": []}
    _, found = found_of(host_case(rdap(abuse=own), network({"abuse": own}), dns()))
    assert not [one for one in addresses(found) if HOST in one.lower()]
    assert says(found).count("a mailbox of whoever is complained about") == 2


def led(*steps: str) -> list[dict[str, Any]]:
    return [{"url": f"https://{step}/", "address": FURTHER} for step in steps]


def test_redirects_through_the_sites_of_host_and_registrar_take_neither_away() -> None:
    through = ("www.hoster.test", "www.registrar.test")
    for end in (HOST, *through):
        shown = page(host=end, hops=led(*through))
        _, found = found_of(host_case(rdap(), network(), dns(), shown))
        first = [one.address for one in found.contacts[:2]]
        assert first == ["abuse@hoster.test", "abuse@registrar.test"], end
        assert "visitors are led through hoster.test too" in found.contacts[0].note


def test_a_redirect_through_the_registrar_s_site_does_not_take_the_guess_away() -> None:
    shown = page(host="www.registrar.test", hops=led("www.registrar.test"))
    _, found = found_of(host_case(rdap(abuse=None), dns(), shown))
    assert [one.address for one in found.contacts if one.guess] == ["abuse@registrar.test"]


def test_a_further_step_s_mailbox_at_its_own_domain_or_the_page_s_is_dropped() -> None:
    nets = network({"address": FURTHER, "abuse": {"email": [
        "abuse@way.test", "abuse@next.test", f"abuse@{HOST}", "abuse@second.test"]}})  # fmt: skip
    shown = page(host="next.test", hops=[*led("way.test"), {"url": "https://next.test/"}])
    _, found = found_of(host_case(nets, dns(), shown))
    assert addresses(found, Scope.HOST) == ["abuse@second.test"]
    assert says(found).count("a mailbox of whoever is complained about") == 3


def test_a_host_that_only_passes_visitors_on_is_not_whom_the_case_is_about() -> None:
    nets = network({"address": FURTHER, "abuse": {"email": ["abuse@way.test"]}})
    hops = [{"url": "https://way.test/"}, *led("next.test")]
    _, found = found_of(host_case(nets, dns(), page(host="next.test", hops=hops)))
    assert addresses(found, Scope.HOST) == ["abuse@way.test"]


@pytest.mark.parametrize("end", ["peer.example", "www.peer.example"])
def test_the_brand_s_own_site_is_no_step_and_its_host_no_contact(end: str) -> None:
    both = network({}, {"address": FURTHER, "abuse": {"email": ["abuse@brandhost.test"]},
                        "asn": [16276]})  # fmt: skip
    case = host_case(rdap(), both, dns(), page(host=end, hops=led(end)))
    facts, found = found_of(case, official=["peer.example"])
    assert [hop.host for hop in facts.hops] == [HOST]
    assert "abuse@brandhost.test" not in addresses(found)
    assert "ovh" not in {one.provider_id for one in found.contacts}
    assert f"host {end}: the brand's own" in says(found)
    assert addresses(found)[0] == "abuse@hoster.test"


def test_what_the_brand_s_own_page_shows_is_not_claimed_of_who_leads_there() -> None:
    """It asks for a password: the brand's, at the brand."""
    end = "www.peer.example"
    case = host_case(rdap(), dns(mail_capable=True), page(host=end, hops=led(end)))
    assert Abuse.PHISHING in case_facts(case, official=()).abuse
    facts = case_facts(case, official=["peer.example"])
    assert facts.ends_at_brand
    assert facts.abuse == {Abuse.TRADEMARK, Abuse.SUSPICIOUS_REGISTRATION}
    assert not [why for why in facts.abuse_reasons if "its page" in why]
    taken_over = host_case(dns(), page(host="old.peer.example"), host="old.peer.example")
    assert Abuse.PHISHING in case_facts(taken_over, official=["peer.example"]).abuse


def test_what_only_ends_like_the_brand_s_domain_is_a_step_and_steps_keep_their_number() -> None:
    case = host_case(dns(), page(host="notpeer.example", hops=led("peer.example")))
    facts = case_facts(case, official=["peer.example"])
    assert [(hop.host, hop.number) for hop in facts.hops] == [(HOST, 0), ("notpeer.example", 2)]


def test_a_case_about_a_host_of_the_brand_keeps_it() -> None:
    host = "old.peer.example"
    facts = case_facts(host_case(dns(), host=host), official=["peer.example"])
    assert [hop.host for hop in facts.hops] == [host]


def test_an_end_elsewhere_stands_behind_the_case_s_own_network_and_registrar() -> None:
    # The bystander has a documented form at a host, which comes first on the ladder.
    both = network({"asn": [13335], "abuse": {"email": ["abuse@cloudflare.com"]}},
                   {"address": FURTHER, "asn": [16509]})  # fmt: skip
    case = host_case(rdap(), both, dns(), page(host="next.test", hops=led("next.test")))
    _, found = found_of(case)
    hops = [one.hop for one in found.contacts if one.scope not in OF_ALL]
    assert hops == sorted(hops) and set(hops) == {0, 1}
    assert found.contacts[0].provider_id == "cloudflare"
    # Who warns or decides stands last all the same.
    assert [one.scope in OF_ALL for one in found.contacts] == sorted(
        one.scope in OF_ALL for one in found.contacts
    )


def test_one_mailbox_for_the_case_and_a_step_elsewhere_counts_as_the_case_s() -> None:
    both = network({}, {"address": FURTHER})
    case = host_case(rdap(), both, dns(), page(host="next.test", hops=led("next.test")))
    _, found = found_of(case)
    assert (found.contacts[0].address, found.contacts[0].hop) == ("abuse@hoster.test", 0)


def test_an_end_on_the_case_s_own_site_stands_first() -> None:
    end = f"www.{HOST}"
    both = network({}, {"address": FURTHER, "abuse": {"email": ["abuse@second.test"]}})
    _, found = found_of(host_case(rdap(), both, dns(), page(host=end, hops=led(end))))
    assert addresses(found, Scope.HOST) == ["abuse@second.test", "abuse@hoster.test"]


CLOUD = "https://www.cloudflare.com/abuse/"


@pytest.mark.parametrize("name", ["CLOUDFLARE-CUST", "x cloudflare x", "Cloudflare, Inc."])
def test_a_name_leads_nowhere_where_an_as_number_is_known(name: str) -> None:
    _, found = found_of(host_case(rdap(), network({"name": name, "holder": name}), dns(), page()))
    assert "cloudflare" not in {one.provider_id for one in found.contacts}
    assert (found.contacts[0].scope, found.contacts[0].address) == (
        Scope.HOST, "abuse@hoster.test",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["CLOUDFLARE-CUST", "x cloudflare x", "Cloudflare reseller Ltd"])
def test_a_part_of_a_name_leads_nowhere(name: str) -> None:
    named = network({"name": name, "holder": name, "asn": []})
    _, found = found_of(host_case(rdap(), named, dns(), page()))
    assert "cloudflare" not in {one.provider_id for one in found.contacts}


@pytest.mark.parametrize("name", ["cloudflare", "Cloudflare, Inc.", "CLOUDFLARE LTD"])
def test_a_whole_name_without_a_number_is_a_guess_behind_what_registries_say(name: str) -> None:
    named = network({"name": None, "holder": name, "asn": []})
    _, found = found_of(host_case(rdap(), named, dns(), page()))
    assert addresses(found)[:2] == ["abuse@hoster.test", "abuse@registrar.test"]
    assert (found.contacts[0].scope, found.contacts[0].provider_id) == (Scope.HOST, None)
    guess = next(one for one in found.contacts if one.address == CLOUD)
    assert (guess.guess, guess.scope) == (True, Scope.CDN)
    assert "a guess" in guess.why and "no AS number is known" in guess.note


def test_a_registrar_without_a_number_is_known_by_its_whole_name_only() -> None:
    def registrar(name: str, number: str | None) -> set[str | None]:
        told = rdap(registrar=name, registrar_iana_id=number)
        _, found = found_of(host_case(told, dns()))
        return {one.provider_id for one in found.contacts if one.scope is Scope.REGISTRAR}

    assert registrar("TransIP B.V.", None) == {"transip"}
    assert registrar("TransIP Reseller", None) == {None}
    assert registrar("TransIP B.V.", "9999") == {None}


@pytest.mark.parametrize(
    ("server", "known"),
    [
        ("ada.ns.cloudflare.com", True), ("ADA.NS.CLOUDFLARE.COM.", True),
        ("evilns.cloudflare.com", False), ("ns.cloudflare.com.evil.test", False),
        ("xns.cloudflare.com", False),
    ],
)  # fmt: skip
def test_a_name_server_s_suffix_is_of_whole_labels(server: str, known: bool) -> None:
    empty = dns()
    empty = {**empty, "facts": empty["facts"].replace(f'["{ADDRESS}"]', "[]")}
    _, found = found_of(host_case(rdap(name_servers=[server]), empty))
    assert (CLOUD in addresses(found, Scope.CDN)) is known


def test_every_hop_has_contacts_of_its_own_and_an_end_elsewhere_stands_behind() -> None:
    hops = [{"url": f"http://{HOST}/", "address": ADDRESS},
            {"url": "https://next.test/", "address": FURTHER}]  # fmt: skip
    both = network({}, {"address": FURTHER, "abuse": {"email": ["abuse@second.test"]}})
    _, found = found_of(host_case(rdap(), both, dns(), page(host="next.test", hops=hops)))
    assert addresses(found, Scope.HOST) == ["abuse@hoster.test", "abuse@second.test"]
    assert "registrar next.test: no registry was asked" in says(found)


def test_one_mailbox_for_two_addresses_is_one_contact_about_both() -> None:
    both = network({}, {"address": FURTHER})
    _, found = found_of(host_case(rdap(), both, dns(ADDRESS, FURTHER)))
    (host,) = (one for one in found.contacts if one.scope is Scope.HOST)
    assert host.subject == f"{ADDRESS}, {FURTHER}"


def test_before_a_delivery_network_there_is_no_host_but_the_network_itself() -> None:
    hidden = network({"asn": [13335], "abuse": {"email": ["abuse@cloudflare.com"]}})
    _, found = found_of(host_case(rdap(), hidden, dns(), page()))
    assert not addresses(found, Scope.HOST)
    assert "https://www.cloudflare.com/abuse/" in addresses(found, Scope.CDN)
    assert "abuse@cloudflare.com" in addresses(found, Scope.CDN)


def test_a_registrar_is_known_by_its_number_and_not_by_a_name_like_it() -> None:
    _, found = found_of(host_case(rdap(registrar="Namecheap Reseller", registrar_iana_id="146")))
    names = {one.provider_name for one in found.contacts if one.curated}
    assert "GoDaddy" in names
    assert "Namecheap" not in names


def test_a_host_below_a_builders_suffix_leads_to_the_builder_and_to_no_registrar() -> None:
    host = "peer-login.vercel.app"
    builder = rdap(domain=host, abuse={"email": ["abuse@vercel.com"]})
    _, found = found_of(host_case(builder, dns(), page(host=host), host=host))
    assert addresses(found, Scope.SITE_BUILDER) == ["https://vercel.com/abuse"]
    assert not addresses(found, Scope.REGISTRAR)
    assert "was never registered" in says(found)


def test_dot_nl_leads_to_its_registry() -> None:
    host = "peer-login.nl"
    _, found = found_of(host_case(rdap(domain=host), dns(), page(host=host), host=host))
    (registry,) = (one for one in found.contacts if one.scope is Scope.REGISTRY)
    assert registry.provider_id == "sidn"


def test_without_a_mailbox_of_the_registrar_the_custom_is_a_marked_guess() -> None:
    _, found = found_of(host_case(rdap(abuse=None), dns()))
    (guess,) = (one for one in found.contacts if one.guess)
    assert (guess.address, guess.source) == ("abuse@registrar.test", Source.GUESS)
    assert "neither registry nor registrar names a mailbox" in says(found)


def test_there_is_no_guess_at_the_cases_own_domain() -> None:
    told = rdap(abuse=None, registrar_url=f"https://www.{HOST}/")
    _, found = found_of(host_case(told, dns()))
    assert not [one for one in found.contacts if one.guess]


def test_a_privacy_services_mailbox_is_useless_and_a_moved_one_is_replaced() -> None:
    boxes = {"email": ["x@domainsbyproxy.com", "registrar-abuse@google.com"]}
    _, found = found_of(host_case(rdap(abuse=boxes), dns()))
    assert "abuse-complaints@squarespace.com" in addresses(found, Scope.REGISTRAR)
    assert "registrar-abuse@google.com" not in addresses(found)
    assert "x@domainsbyproxy.com: a privacy service" in says(found)


def test_two_refused_mailboxes_of_one_registrar_are_one_failure_with_both_reasons() -> None:
    boxes = {"email": ["x@domainsbyproxy.com", "no box"]}
    _, found = found_of(host_case(rdap(abuse=boxes), dns()))
    (failure,) = (one for one in found.failures if one.subject == HOST)
    assert "privacy service" in failure.says
    assert "'no box' is no mail address" in failure.says


def test_an_account_leads_to_its_platform() -> None:
    _, found = found_of(account_case("x"))
    first = found.contacts[0]
    assert (first.provider_id, first.scope, first.channel) == ("x", Scope.PLATFORM, Channel.FORM)


def test_an_account_of_a_server_leads_to_that_server() -> None:
    _, found = found_of(account_case("mastodon", "peer@social.test"))
    assert addresses(found) == ["https://social.test/about"]


def test_a_server_that_is_no_host_name_gets_into_no_address() -> None:
    _, found = found_of(account_case("mastodon", "peer@social.test/../evil"))
    assert addresses(found) == []


def test_a_platform_that_no_table_knows_is_a_failure_with_its_reason() -> None:
    _, found = found_of(account_case("somewhere"))
    assert found.contacts == ()
    assert (
        says(found) == "platform somewhere/@peer_help: no table says where somewhere takes reports"
    )


def test_a_picture_has_no_platform_and_that_is_said() -> None:
    _, found = found_of(case_file("image:ab", "image", "ab"))
    assert "a picture has no platform" in says(found)


def test_a_name_that_only_takes_mail_leads_to_who_takes_it() -> None:
    mail = dns(mail_without_web=True, mail_servers=["acme.mail.protection.outlook.com"])
    facts = {"addresses": []}
    mail = {**mail, "facts": mail["facts"].replace(f'["{ADDRESS}"]', "[]")}
    _, found = found_of(host_case(rdap(), mail))
    assert facts["addresses"] == []
    assert addresses(found, Scope.MAIL) == ["https://msrc.microsoft.com/report/abuse"]
    assert "it takes mail and has no address" in says(found)


def test_what_is_claimed_is_what_was_seen_and_no_more() -> None:
    assert case_facts(host_case(rdap(), dns()), official=()).abuse == {Abuse.TRADEMARK}
    seen = case_facts(host_case(), official=())
    assert seen.abuse == {Abuse.TRADEMARK, Abuse.IMPERSONATION, Abuse.PHISHING}
    assert "phishing: its page asks for a password" in seen.abuse_reasons
    assert case_facts(host_case(), abuse=[Abuse.MALWARE], official=()).abuse == {Abuse.MALWARE}


def test_ways_that_do_not_take_what_is_claimed_stand_behind_with_the_reason() -> None:
    _, found = found_of(host_case(rdap(registrar_iana_id="1068")), abuse=[Abuse.TRADEMARK])
    boxes = [one for one in found.contacts if one.scope is Scope.REGISTRAR]
    assert boxes[0].source is Source.RDAP
    assert "which this case does not claim" in boxes[-1].why


def test_documented_ways_of_the_table_stand_before_registries_and_these_before_guesses() -> None:
    _, found = found_of(host_case(rdap(registrar_iana_id="1068")), abuse=[Abuse.PHISHING])
    boxes = [one for one in found.contacts if one.scope is Scope.REGISTRAR]
    assert [one.source for one in boxes] == [Source.TABLE, Source.RDAP, Source.TABLE]
    assert "publishes this way" in boxes[0].why
    assert [one.rank for one in found.contacts] == list(range(1, len(found.contacts) + 1))


def test_an_answer_of_last_year_stands_behind_and_says_how_old_it_is() -> None:
    old = {**rdap(), "asked_at": NOW - timedelta(days=400)}
    _, found = found_of(host_case(old, dns()))
    (box,) = (one for one in found.contacts if one.scope is Scope.REGISTRAR)
    assert "400 days old" in box.why


def test_the_order_does_not_depend_on_who_was_found_first() -> None:
    facts = case_facts(host_case(), official=())
    known = known_contacts(facts, now=NOW)
    expected = ranked(facts, known, now=NOW)
    shuffled = list(known.contacts), list(known.failures)
    for seed in range(5):
        for part in shuffled:
            random.Random(seed).shuffle(part)
        again = Found(contacts=tuple(shuffled[0]), failures=tuple(shuffled[1]))
        assert ranked(facts, again, now=NOW) == expected


def test_facts_of_a_hostile_page_lead_nowhere() -> None:
    hops: list[Any] = [{"url": "http://[::1", "address": "x"}, "no hop", {"url": 7},
                       {"url": "https://a.test:99999/", "address": "192.0.2.300"}]  # fmt: skip
    facts = case_facts(
        host_case(dns(), page(hops=hops, final_host="-bad-", mentions="x")), official=()
    )
    assert [hop.host for hop in facts.hops] == [HOST, "a.test"]
    assert facts.hops[1].addresses == ()


def test_a_chain_of_redirects_is_cut_where_it_says_nothing_new() -> None:
    hops = [{"url": f"https://h{number}.test/", "address": ADDRESS} for number in range(50)]
    facts = case_facts(host_case(dns(), page(hops=hops)), official=())
    assert len(facts.hops) == 10


def test_contacts_are_told_apart_by_their_whole_key() -> None:
    _, found = found_of(host_case())
    keys = [(one.scope, one.channel, one.address, one.source) for one in found.contacts]
    assert len(set(keys)) == len(keys)
    assert all(isinstance(one, Contact) and one.why for one in found.contacts)
