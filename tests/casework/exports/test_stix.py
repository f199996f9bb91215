"""STIX 2.1: valid by other people's validator, the same each time, and one object a thing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import stix2
from hypothesis import given, settings
from hypothesis import strategies as st
from stix2patterns.validator import validate as validate_pattern
from stix2validator import ValidationOptions, validate_string

from namaak.casework.exports.material import CaseExport, Tlp
from namaak.casework.exports.stix import stix_json
from tests.casework.exports.cases import (
    HOST,
    NOW,
    SECRET,
    account_export,
    app_export,
    event,
    every_kind,
    exported,
    host_export,
    led_to_the_brand,
)


def bundle(*cases: CaseExport, **other: Any) -> dict[str, Any]:
    read = json.loads(stix_json(list(cases), **other))
    assert isinstance(read, dict)
    return read


def of_type(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one for one in made["objects"] if one["type"] == kind]


@pytest.mark.parametrize("case", every_kind(), ids=lambda case: case.file.case["subject_key"][:20])
@pytest.mark.parametrize("profile", ["full", "notice"])
def test_the_validator_of_oasis_finds_nothing_wrong(case: CaseExport, profile: Any) -> None:
    text = stix_json([case], profile=profile, organisation="Waldermond").decode()
    result = validate_string(text, ValidationOptions(version="2.1"))
    assert result.is_valid, [str(error) for error in result.errors]
    stix2.parse(text, allow_custom=False)


def test_a_pattern_is_read_by_the_parser_of_oasis() -> None:
    for case in every_kind():
        (indicator,) = of_type(bundle(case), "indicator")
        assert validate_pattern(indicator["pattern"], stix_version="2.1")


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_any_handle_stays_within_the_quotes_of_the_pattern(handle: str) -> None:
    case = exported(f"account:x:@{handle}")
    (indicator,) = of_type(bundle(case), "indicator")
    assert validate_pattern(indicator["pattern"], stix_version="2.1")


def test_the_same_case_gives_the_same_bytes() -> None:
    assert stix_json([host_export()]) == stix_json([host_export()])
    cases = [host_export(), account_export(case_id="NK-AAAAAAAAAAAA")]
    assert stix_json(cases) == stix_json(cases[::-1])


def test_a_case_that_changed_keeps_its_ids_and_is_newer() -> None:
    before = bundle(host_export())
    after = bundle(host_export(updated_at=NOW + timedelta(days=1), confidence=12))
    assert {one["id"] for one in before["objects"]} == {one["id"] for one in after["objects"]}
    old = of_type(before, "indicator")[0]
    new = of_type(after, "indicator")[0]
    assert (old["id"], old["created"]) == (new["id"], new["created"])
    assert old["modified"] < new["modified"]
    assert (old["confidence"], new["confidence"]) == (91, 12)


def test_what_did_not_change_is_the_same_to_the_byte() -> None:
    first = {one["id"]: one for one in bundle(host_export())["objects"]}
    moved = host_export(case_id="NK-AAAAAAAAAAAA", updated_at=NOW + timedelta(days=1))
    for one in bundle(moved)["objects"]:
        # Brand, campaign, marking and what was seen are not of one case alone.
        if one["id"] in first:
            assert one == first[one["id"]]


def test_two_cases_share_brand_address_and_campaign() -> None:
    both = bundle(host_export(), host_export(case_id="NK-AAAAAAAAAAAA"))
    ids = [one["id"] for one in both["objects"]]
    assert len(set(ids)) == len(ids)
    for kind, count in (
        ("identity", 1), ("ipv4-addr", 1), ("campaign", 1), ("grouping", 2), ("indicator", 2),
    ):  # fmt: skip
        assert len(of_type(both, kind)) == count, kind


@pytest.mark.parametrize("tlp", [*Tlp])
def test_everything_is_marked_with_the_traffic_light(tlp: Tlp) -> None:
    made = bundle(host_export(), tlp=tlp)
    (marking,) = of_type(made, "marking-definition")
    assert marking["name"] == f"TLP:{tlp.upper()}"
    rest = [one for one in made["objects"] if one["type"] != "marking-definition"]
    assert all(one["object_marking_refs"] == [marking["id"]] for one in rest)


def test_a_host_is_name_addresses_certificate_and_pages() -> None:
    made = bundle(host_export())
    (name,) = of_type(made, "domain-name")
    assert name["value"] == HOST
    assert len(name["resolves_to_refs"]) == 2
    assert {one["value"] for one in of_type(made, "url")} == {
        f"http://{HOST}/", f"https://{HOST}/login",
    }  # fmt: skip
    assert of_type(made, "x509-certificate")[0]["hashes"] == {"SHA-256": "ab" * 32}
    assert of_type(made, "infrastructure")[0]["infrastructure_types"] == ["phishing"]
    assert of_type(made, "indicator")[0]["pattern"] == f"[domain-name:value = '{HOST}']"


def test_takedowns_and_relapses_are_there() -> None:
    made = bundle(host_export())
    courses = of_type(made, "course-of-action")
    assert len(courses) == 2
    assert "now executed" in " ".join(one["description"] for one in courses)
    mitigates = [
        one for one in of_type(made, "relationship") if one["relationship_type"] == "mitigates"
    ]
    assert {one["source_ref"] for one in mitigates} == {one["id"] for one in courses}
    (sighting,) = of_type(made, "sighting")
    assert sighting["sighting_of_ref"] == of_type(made, "indicator")[0]["id"]


def test_a_draft_that_nobody_was_sent_is_no_takedown() -> None:
    case = host_export()
    drafts = [{**row, "state": "draft", "sent_at": None} for row in case.actions]
    assert of_type(bundle(replace(case, actions=drafts)), "course-of-action") == []


def test_what_is_gone_is_valid_until_then_and_what_was_dismissed_is_revoked() -> None:
    gone = host_export(subject_state="removed", events=[event("opened", 0), event("down", 4)])
    (indicator,) = of_type(bundle(gone), "indicator")
    assert indicator["valid_until"].startswith("2026-11-16")
    (indicator,) = of_type(bundle(host_export(workflow="dismissed")), "indicator")
    assert indicator["revoked"] is True
    assert indicator["indicator_types"] == ["benign"]


def test_an_account_is_known_by_its_permanent_id() -> None:
    made = bundle(account_export())
    (account,) = of_type(made, "user-account")
    assert (account["user_id"], account["account_login"]) == ("77", "acme_help")
    assert of_type(made, "indicator")[0]["pattern"] == (
        "[user-account:user_id = '77' AND user-account:account_type = 'x']"
    )
    assert of_type(made, "file")[0]["hashes"] == {"SHA-256": "cd" * 32}


def test_an_app_is_known_by_its_page_in_the_store() -> None:
    made = bundle(app_export())
    assert of_type(made, "software")[0]["vendor"] == "Somebody"
    assert of_type(made, "indicator")[0]["pattern"].startswith("[url:value = ")


def test_for_others_no_person_is_named_and_no_telephone() -> None:
    for case in (host_export(), account_export()):
        text = stix_json([case], profile="notice").decode()
        assert SECRET not in text
        assert "+31 20" not in text
        assert "me@evil.test" not in text
    full = stix_json([account_export()], profile="full").decode()
    assert "+31 20 000 0000" in full
    assert f"confirmed by {SECRET}" in stix_json([host_export()], profile="full").decode()


def test_the_registrant_never_goes_out() -> None:
    assert b"me@evil.test" not in stix_json([host_export()], profile="full")
    assert b"Some Body" not in stix_json([host_export()], profile="full")


def test_the_brands_own_pages_are_none_of_the_indicators_where_it_leads_there() -> None:
    """Whoever blocks what he is sent would block the brand."""
    made = bundle(led_to_the_brand())
    assert "www.acme.example" not in json.dumps(made)
    assert [one["value"] for one in of_type(made, "url")] == [
        f"https://{HOST}/", "https://way.test/",
    ]  # fmt: skip
    (there,) = of_type(made, "infrastructure")
    assert there["infrastructure_types"] == ["unknown"]


def test_a_hostile_address_is_left_out_and_the_rest_stays() -> None:
    case = host_export()
    page = next(row for row in case.file.enrichments if row["aspect"] == "page")
    page["facts"] = json.dumps(
        {"url": "javascript:alert(1)", "hops": [{"url": "https://a b.test/"}, "x", {"url": 7}]}
    )
    made = bundle(case)
    assert of_type(made, "url") == []
    assert validate_string(json.dumps(made), ValidationOptions(version="2.1")).is_valid
