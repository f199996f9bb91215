"""RDAP answers read: by whoisit where it can, by a walk of ours where it cannot, alike."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.enriching import registration
from namaak.enriching.registration import (
    Unreadable,
    merged,
    read_domain,
    read_json,
    read_network,
    related_url,
)
from tests.enriching.registry import domain_answer, network_answer, registrar_answer

NAME = "acme-login.test"


def test_a_domain_is_read_whole():
    facts = read_domain(domain_answer(), NAME)
    assert facts["read_by"] == "whoisit"
    assert (facts["domain"], facts["registered"]) == (NAME, True)
    assert (facts["registrar"], facts["registrar_iana_id"]) == ("Halfpenny Names Ltd", "9999")
    assert facts["registrar_url"] == "https://names.example"
    assert facts["abuse"] == {
        "name": None, "email": ["abuse@names.example"], "tel": ["+44.5550100"],
    }  # fmt: skip
    assert facts["registered_at"] == "2026-11-20T09:30:00+00:00"
    assert facts["expires_at"] == "2027-11-20T09:30:00+00:00"
    assert facts["changed_at"] == "2026-11-21T10:00:00+00:00"
    assert facts["database_at"] == "2026-11-22T01:02:03+00:00"
    assert facts["status"] == ["client transfer prohibited", "active"]
    assert (facts["on_hold"], facts["dnssec"]) == (False, False)
    assert facts["name_servers"] == ["ns1.host.example", "ns2.host.example"]
    assert facts["redacted"] == ["Registrant Name"]


@pytest.mark.parametrize("read", [read_domain, read_network])
def test_our_own_walk_reads_the_same(read, monkeypatch):
    answer = domain_answer() if read is read_domain else network_answer()
    query = NAME if read is read_domain else "203.0.113.7"
    theirs = read(answer, query)

    def fails(*given):
        raise KeyError("entities")

    monkeypatch.setattr(registration.whoisit.parser, "parse", fails)
    ours = read(answer, query)
    assert ours.pop("read_by", "ours") == "ours"
    theirs.pop("read_by", None)
    theirs.pop("redacted", None)
    ours.pop("redacted", None)
    # Handles are theirs in upper case.
    assert {**ours, "handle": (ours["handle"] or "").upper()} == theirs


def test_what_whoisit_cannot_read_is_read_all_the_same():
    answer = domain_answer()
    # Roles in mixed case, links that are no objects: seen in answers of small registries.
    answer["entities"][0]["roles"] = ["Registrar"]
    answer["links"] = ["https://rdap.test/"]
    facts = read_domain(answer, NAME)
    assert facts["read_by"] == "ours"
    assert facts["registrar"] == "Halfpenny Names Ltd"
    assert facts["abuse"]["email"] == ["abuse@names.example"]


def test_an_answer_about_another_domain_is_refused():
    with pytest.raises(Unreadable, match=r"is about acme-login\.test, not about other\.test"):
        read_domain(domain_answer(), "other.test")


def test_an_error_is_no_record():
    with pytest.raises(Unreadable, match="is an error: Not Found"):
        read_domain({"errorCode": 404, "title": "Not Found"}, NAME)


def test_a_name_on_hold_is_told():
    answer = domain_answer()
    answer["status"] = ["Server Hold"]
    assert read_domain(answer, NAME)["on_hold"] is True


def test_the_registrar_fills_in_what_the_registry_leaves_out():
    registry = domain_answer()
    registry["events"] = registry["events"][:1]
    whole = merged(read_domain(registry, NAME), read_domain(registrar_answer(), NAME))
    assert whole["expires_at"] == "2027-11-20T09:30:00+00:00"
    assert whole["abuse"]["email"] == ["abuse@names.example", "trust@names.example"]
    # What the registry says stands.
    assert whole["status"] == ["client transfer prohibited", "active"]
    assert whole["on_hold"] is False


def test_the_link_to_the_registrar_is_found_and_pages_for_people_are_not():
    answer = domain_answer(registrar_url="https://rdap.names.example/domain/x")
    answer["links"].insert(
        0, {"rel": "related", "href": "https://names.example/whois", "type": "text/html"}
    )
    assert related_url(answer) == "https://rdap.names.example/domain/x"
    assert related_url(domain_answer()) is None
    assert related_url({"links": [{"rel": "related", "href": "file:///etc/passwd"}]}) is None


def test_a_network_is_read_whole():
    network = read_network(network_answer(), "203.0.113.7")
    assert (network["name"], network["country"], network["holder"]) == (
        "PENNY-HOSTING", "NL", "Penny Hosting BV",
    )  # fmt: skip
    assert (network["start"], network["end"], network["cidrs"]) == (
        "203.0.113.0", "203.0.113.255", ["203.0.113.0/24"],
    )  # fmt: skip
    assert network["abuse"]["email"] == ["abuse@penny.example"]
    assert network["asn"] == [64500]


def test_half_characters_do_not_reach_the_facts():
    answer = domain_answer()
    answer["entities"][0]["vcardArray"][1][1][3] = "Half\ud800penny"
    facts = read_domain(read_json(json.dumps(answer).encode()), NAME)
    assert facts["registrar"] == "Half?penny"
    json.dumps(facts, ensure_ascii=False).encode()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(
            ["objectClassName", "ldhName", "entities", "roles", "vcardArray", "events", "links",
             "eventAction", "eventDate", "status", "nameservers", "secureDNS", "publicIds",
             "cidr0_cidrs", "redacted", "notices", "remarks", "handle", "startAddress"]
        ) | st.text(max_size=5),
        inner, max_size=6,
    ),
    max_leaves=30,
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(sorted(domain_answer())), _JSON, max_size=8),
    st.sampled_from(["domain", "ip network"]),
)
def test_any_answer_gives_facts_or_is_unreadable(parts, kind):
    whole = domain_answer() if kind == "domain" else network_answer()
    answer = {**whole, **parts}
    try:
        cut = read_json(json.dumps(answer).encode())
        facts = read_domain(cut, NAME) if kind == "domain" else read_network(cut, "203.0.113.7")
    except Unreadable:
        return
    json.dumps(facts, ensure_ascii=False).encode()


@given(st.binary(max_size=200))
def test_any_bytes_give_an_object_or_are_unreadable(body):
    with suppress(Unreadable):
        assert isinstance(read_json(body), dict)


def test_deep_json_is_unreadable_and_no_crash():
    with pytest.raises(Unreadable):
        read_json(b'{"a":' + b"[" * 200_000)
