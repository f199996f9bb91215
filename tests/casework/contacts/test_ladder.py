"""The ladder: who is next, and why; nothing is proposed twice, too early, or to the wrong door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.contacts.contact import Contact
from namaak.casework.contacts.facts import CaseFacts, case_facts
from namaak.casework.contacts.finding import known_contacts
from namaak.casework.contacts.ladder import (
    Proposal,
    due_at,
    next_rungs,
    rung,
    rung_of_scope,
    rungs_of,
)
from namaak.casework.contacts.providers import provider
from namaak.casework.contacts.ranking import ranked
from namaak.casework.contacts.scopes import DNS_ABUSE, Abuse, Scope
from namaak.records import ActionState
from tests.casework.contacts.cases import NOW, account_case, dns, host_case, network, page, rdap

DAY = timedelta(days=1)


def made(*enrichments: dict[str, Any], abuse: Any = None, **other: Any):
    facts = case_facts(host_case(*enrichments, **other), abuse=abuse, official=())
    return facts, ranked(facts, known_contacts(facts, now=NOW), now=NOW).contacts


def action(proposal: Proposal, state: str = "sent", **other: Any) -> dict[str, Any]:
    return {
        "action_id": f"NA-{proposal.rung.id}", "rung": proposal.rung.id,
        "scope": str(proposal.contact.scope), "provider_id": proposal.contact.provider_id,
        "provider_name": proposal.contact.provider_name, "address": proposal.contact.address,
        "state": state, "sent_at": NOW - 10 * DAY, "due_at": NOW - DAY, "ended_at": None,
    } | other  # fmt: skip


def names(proposals: tuple[Proposal, ...]) -> list[str]:
    return [one.rung.id for one in proposals if not one.rung.parallel]


def climbed(facts: CaseFacts, contacts: tuple[Contact, ...], **other: Any) -> list[str]:
    """The rungs in the order in which they are proposed when nobody ever answers."""
    actions: list[dict[str, Any]] = []
    order: list[str] = []
    for _ in range(20):
        wanted = next_rungs(facts, contacts, actions, now=NOW, **other)
        if not wanted:
            break
        order += [one.rung.id for one in wanted]
        actions += [action(one, "no-reply") for one in wanted]
    return order


def test_phishing_climbs_from_host_to_registrar_to_registry_to_dispute() -> None:
    host = "peer-login.nl"
    facts, contacts = made(rdap(domain=host), network(), dns(), page(host=host), host=host)
    order = climbed(facts, contacts, has_mark=True)
    steps = [name for name in order if name not in ("blocklists", "clearing-houses")]
    assert steps == ["host", "registrar", "registry", "dispute"]


def test_browsers_are_told_at_once_beside_the_host() -> None:
    facts, contacts = made()
    first = next_rungs(facts, contacts, [], now=NOW)
    assert names(first) == ["host"]
    assert {one.rung.id for one in first} == {"host", "blocklists", "clearing-houses"}
    assert all(one.due == NOW for one in first)


def test_use_of_a_mark_alone_never_reaches_the_registrar() -> None:
    facts, contacts = made(abuse=[Abuse.TRADEMARK])
    order = climbed(facts, contacts, has_mark=True)
    assert order == ["host", "dispute"]


def test_a_dispute_needs_a_registered_mark_and_one_provider_is_enough() -> None:
    facts, contacts = made(abuse=[Abuse.TRADEMARK])
    assert climbed(facts, contacts, has_mark=False) == ["host"]
    assert climbed(facts, contacts, has_mark=True).count("dispute") == 1


def test_behind_a_delivery_network_that_is_the_first_to_ask() -> None:
    facts, contacts = made(rdap(), network({"asn": [13335]}), dns(), page())
    assert names(next_rungs(facts, contacts, [], now=NOW)) == ["cdn"]


def test_nothing_is_proposed_while_somebody_still_has_time_to_answer() -> None:
    facts, contacts = made()
    (host, *beside) = next_rungs(facts, contacts, [], now=NOW)
    waiting = [action(one, due_at=NOW + DAY) for one in (host, *beside)]
    assert next_rungs(facts, contacts, waiting, now=NOW) == ()
    over = next_rungs(facts, contacts, waiting, now=NOW + 2 * DAY)
    assert names(over) == ["registrar"]
    assert over[0].due == NOW + DAY
    assert "did not act by 2026-11-23" in over[0].why
    assert over[0].action_id == "NA-host"


@pytest.mark.parametrize("state", ["draft", "approved"])
def test_what_somebody_is_working_on_is_not_proposed_again(state: str) -> None:
    facts, contacts = made()
    drafts = [action(one, state, sent_at=None) for one in next_rungs(facts, contacts, [], now=NOW)]
    assert next_rungs(facts, contacts, drafts, now=NOW) == ()


@pytest.mark.parametrize(("state", "word"), [("denied", "refused"), ("no-reply", "did not answer")])
def test_a_refusal_and_a_silence_lead_on_and_are_named(state: str, word: str) -> None:
    facts, contacts = made()
    (host, *_) = next_rungs(facts, contacts, [], now=NOW)
    over = next_rungs(facts, contacts, [action(host, state, ended_at=NOW - DAY)], now=NOW)
    assert names(over) == ["registrar"]
    assert f"host Hoster Example {word}" in next(one.why for one in over if not one.rung.parallel)


def test_what_was_withdrawn_counts_as_never_tried() -> None:
    facts, contacts = made()
    (host, *_) = next_rungs(facts, contacts, [], now=NOW)
    again = next_rungs(facts, contacts, [action(host, "withdrawn")], now=NOW)
    assert names(again) == ["host"]


def test_when_the_host_acted_nobody_else_is_asked_unless_it_is_still_there() -> None:
    facts, contacts = made()
    (host, *_) = next_rungs(facts, contacts, [], now=NOW)
    done = [action(host, "executed", ended_at=NOW)]
    assert names(next_rungs(facts, contacts, done, now=NOW)) == []
    later = next_rungs(facts, contacts, done, now=NOW + 2 * DAY)
    assert names(later) == ["registrar"]
    assert "acted, and it is still there" in later[0].why


def test_what_a_person_claimed_of_the_host_may_be_claimed_of_the_registrar_too() -> None:
    facts, contacts = made(abuse=[Abuse.TRADEMARK])
    (host,) = next_rungs(facts, contacts, [], now=NOW)
    over = {"ended_at": NOW - DAY, "fields": '{"abuse": ["phishing", "rudeness"]}'}
    said = next_rungs(facts, contacts, [action(host, "denied", **over)], now=NOW)
    assert names(said) == ["registrar"]
    assert said[0].claims == {Abuse.PHISHING}
    only_drafted = next_rungs(facts, contacts, [action(host, "draft", **over)], now=NOW)
    assert only_drafted == ()


@pytest.mark.parametrize("state", ["removed", "suspended", "unregistered"])
def test_of_what_is_gone_nothing_is_asked(state: str) -> None:
    facts, contacts = made(subject_state=state)
    assert next_rungs(facts, contacts, [], now=NOW) == ()


def test_each_hop_s_host_is_asked_and_all_of_the_case_s_own_must_have_had_their_time() -> None:
    second = "198.51.100.20"
    hops = [{"url": "https://www.peer-login.example/", "address": second}]
    box = {"email": ["abuse@second.test"]}
    both = network({}, {"address": second, "abuse": box, "holder": "Second"})
    shown = page(host="www.peer-login.example", hops=hops)
    facts, contacts = made(rdap(), both, dns(), shown)
    first = [one for one in next_rungs(facts, contacts, [], now=NOW) if one.rung.id == "host"]
    assert {one.contact.address for one in first} == {"abuse@second.test", "abuse@hoster.test"}
    half = [action(first[0], "no-reply")]
    assert names(next_rungs(facts, contacts, half, now=NOW)) == ["host"]
    whole = [action(one, "no-reply") for one in first]
    assert names(next_rungs(facts, contacts, whole, now=NOW)) == ["registrar"]


def test_a_host_elsewhere_is_proposed_last_and_nobody_waits_for_it() -> None:
    second = "198.51.100.20"
    hops = [{"url": "https://next.test/", "address": second}]
    both = network({}, {"address": second, "abuse": {"email": ["abuse@second.test"]}})
    facts, contacts = made(rdap(), both, dns(), page(host="next.test", hops=hops))
    first = next_rungs(facts, contacts, [], now=NOW)
    assert first[0].contact.address == "abuse@hoster.test"
    assert first[-1].contact.address == "abuse@second.test"
    tried = [action(first[0], "no-reply")]
    assert names(next_rungs(facts, contacts, tried, now=NOW)) == ["registrar", "host"]


def test_nobody_waits_for_whom_only_the_name_of_a_range_leads_to() -> None:
    named = network({"holder": "Cloudflare, Inc.", "asn": []})
    facts, contacts = made(rdap(), named, dns(), page())
    (host, *_) = next_rungs(facts, contacts, [], now=NOW)
    assert host.contact.address == "abuse@hoster.test"
    after = next_rungs(facts, contacts, [action(host, "no-reply")], now=NOW)
    assert names(after) == ["registrar", "cdn"]


def test_an_account_has_one_rung_the_platform() -> None:
    facts = case_facts(account_case("x"), official=())
    contacts = ranked(facts, known_contacts(facts, now=NOW), now=NOW).contacts
    assert climbed(facts, contacts, has_mark=True) == ["platform"]


def test_an_app_has_its_store() -> None:
    assert rung_of_scope("store", "app") == rung("store")
    assert rung_of_scope("registrar", "account") is None


def test_stored_rows_lead_to_the_same_as_contacts() -> None:
    facts, contacts = made()
    rows = [
        {
            **{name: getattr(one, name) for name in Contact.__dataclass_fields__},
            "case_id": facts.case_id, "updated_at": NOW, "scope": str(one.scope),
            "channel": str(one.channel), "source": str(one.source),
        }
        for one in contacts
    ]  # fmt: skip
    assert next_rungs(facts, rows, [], now=NOW) == next_rungs(facts, contacts, [], now=NOW)


def test_time_runs_faster_where_people_are_robbed_and_a_provider_s_word_wins() -> None:
    step = rung("registrar")
    assert due_at("registrar", None, NOW) == NOW + step.wait_days * DAY
    assert due_at("registrar", None, NOW, claims=[Abuse.PHISHING]) == NOW + step.urgent_days * DAY
    found = provider("sidn")
    assert found is not None
    assert due_at("registry", found.routes[0], NOW, claims=[Abuse.PHISHING]) == NOW + 5 * DAY


def test_every_rung_stands_on_rungs_that_are_there_and_can_be_reached() -> None:
    kinds = ("host", "account", "app", "image")
    every = {
        step.id: step
        for kind in kinds
        for step in rungs_of(case_facts(host_case(subject_kind=kind), official=()))
    }
    assert set(every) == {
        "platform", "store", "host", "cdn", "registrar", "registry", "upstream", "mail", "dispute",
        "blocklists", "clearing-houses",
    }  # fmt: skip
    for step in every.values():
        assert set(step.after) <= set(every)
        assert not (step.parallel and step.after)
        assert 0 < step.urgent_days <= step.wait_days
    assert every["registrar"].accepts == DNS_ABUSE
    # Only certificates have no rung: they are a matter of mis-issue, not of who uses them.
    assert {scope for step in every.values() for scope in step.scopes} == set(Scope) - {
        Scope.CERTIFICATE
    }


STATES = st.sampled_from([*ActionState])


@given(st.dictionaries(st.sampled_from(["host", "registrar", "blocklists"]), STATES))
def test_no_door_is_proposed_that_was_tried_whatever_became_of_it(states: dict[str, str]) -> None:
    facts, contacts = made()
    actions = []
    for name, state in states.items():
        door = next(one for one in contacts if one.scope in rung(name).scopes)
        proposal = Proposal(
            rung=rung(name), contact=door, route=None, claims=frozenset(), action_id=None, why="",
            due=NOW,
        )  # fmt: skip
        actions.append(action(proposal, state, ended_at=NOW - 5 * DAY))
    tried = {
        (one["rung"], one["provider_id"] or one["address"])
        for one in actions
        if one["state"] != ActionState.WITHDRAWN
    }
    for one in next_rungs(facts, contacts, actions, now=NOW, has_mark=True):
        assert (one.rung.id, one.contact.provider_id or one.contact.address) not in tried
        assert one.claims <= facts.abuse
        assert one.why
