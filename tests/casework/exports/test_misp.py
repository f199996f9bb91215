"""MISP: read by its own library, true to its own templates, the same each time."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymisp import MISPEvent, MISPObject

from namaak.casework.exports.material import CaseExport, Tlp
from namaak.casework.exports.misp import misp_json
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


def loaded(case: CaseExport, **other: Any) -> MISPEvent:
    read = MISPEvent()
    read.load(misp_json([case], **other).decode())
    return read


def values(made: MISPObject) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in made.attributes:
        found.setdefault(one.object_relation, []).append(str(one.value))
    return found


@pytest.mark.parametrize("case", every_kind(), ids=lambda case: case.file.case["subject_key"][:20])
def test_pymisp_reads_the_event_and_every_object_holds_to_its_template(case: CaseExport) -> None:
    read = loaded(case)
    assert read.info.startswith(case.case_id)
    for one in read.objects:
        again = MISPObject(one.name, strict=True)
        assert str(again.template_version) == str(one.template_version)
        again.from_dict(**json.loads(one.to_json()))
        # What a template asks for at least is checked when it is written out.
        assert json.loads(again.to_json())["Attribute"]
        required = again._definition.get("requiredOneOf", [])
        assert not required or set(required) & {a.object_relation for a in one.attributes}


def test_uuids_are_made_from_the_case_so_that_it_updates_itself() -> None:
    before = json.loads(misp_json([host_export()]))["Event"]
    after = json.loads(misp_json([host_export(updated_at=NOW + timedelta(days=1))]))["Event"]

    def ids(document: Any) -> list[str]:
        if isinstance(document, dict):
            own = [document["uuid"]] if "uuid" in document and "value" in document else []
            return own + [one for value in document.values() for one in ids(value)]
        return (
            [one for value in document for one in ids(value)] if isinstance(document, list) else []
        )

    assert before["uuid"] == after["uuid"]
    assert ids(before) == ids(after) != []
    assert len(set(ids(before))) == len(ids(before))
    assert uuid.UUID(before["uuid"]).version == 5
    assert int(before["timestamp"]) < int(after["timestamp"])
    other = json.loads(misp_json([host_export(case_id="NK-AAAAAAAAAAAA")]))["Event"]
    assert set(ids(other)).isdisjoint(ids(before))


def test_the_same_case_gives_the_same_bytes() -> None:
    assert misp_json([host_export()]) == misp_json([host_export()])


def test_several_cases_are_several_events_in_the_order_of_their_ids() -> None:
    other = account_export(case_id="NK-AAAAAAAAAAAA")
    document = json.loads(misp_json([other, host_export()]))
    infos = [one["Event"]["info"] for one in document["response"]]
    assert [info[:15] for info in infos] == ["NK-9FNBGW9JXTVS", "NK-AAAAAAAAAAAA"]


def test_a_host_is_a_phishing_object_with_its_takedowns() -> None:
    read = loaded(host_export(subject_state="removed", events=[event("down", 4)]))
    objects = {one.name: values(one) for one in read.objects}
    assert set(objects) == {"phishing", "domain-ip", "whois", "x509"}
    phishing = objects["phishing"]
    assert phishing["url"] == [f"https://{HOST}/login"]
    assert phishing["url-redirect"] == [f"http://{HOST}/"]
    assert phishing["target"] == ["ACME"]
    assert phishing["internal-reference"] == ["NK-9FNBGW9JXTVS"]
    assert phishing["takedown-request-to"] == ["Hoster Example"]
    assert phishing["takedown-request"][0].startswith("2026-11-13")
    assert phishing["takedown-time"][0].startswith("2026-11-16")
    assert (phishing["online"], phishing["verified"]) == (["No"], ["Yes"])
    assert objects["whois"]["registrar"] == ["Registrar Example"]
    assert "registrant-email" not in objects["whois"]
    assert read.analysis == 2


def test_the_brands_own_pages_are_none_of_the_attributes_where_it_leads_there() -> None:
    made = loaded(led_to_the_brand())
    assert "https://www.acme.example" not in made.to_json()
    assert 'rsit:fraud="masquerade"' in [tag.name for tag in made.tags]


def test_unknown_is_not_offline() -> None:
    read = loaded(host_export(subject_state="unknown"))
    (phishing,) = (one for one in read.objects if one.name == "phishing")
    assert "online" not in values(phishing)


def test_nothing_unconfirmed_is_for_detection() -> None:
    def marked(case: CaseExport) -> list[str]:
        read = loaded(case)
        return [a.object_relation for one in read.objects for a in one.attributes if a.to_ids]

    assert "hostname" in marked(host_export(workflow="confirmed"))
    assert marked(host_export(workflow="new")) == []


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (account_export("x"), "twitter-account"), (account_export("telegram"), "telegram-account"),
        (account_export("bluesky"), "user-account"), (app_export(), "android-app"),
        (app_export("app-store"), "url"),
    ],
)  # fmt: skip
def test_an_account_has_the_object_of_its_platform_where_there_is_one(
    case: CaseExport, name: str
) -> None:
    assert name in {one.name for one in loaded(case).objects}


@pytest.mark.parametrize("tlp", [*Tlp])
def test_the_traffic_light_and_the_taxonomy_are_tags(tlp: Tlp) -> None:
    tags = {tag.name for tag in loaded(host_export(), tlp=tlp).tags}
    assert f"tlp:{tlp}" in tags
    assert 'rsit:fraud="phishing"' in tags
    assert 'rsit:fraud="masquerade"' in {tag.name for tag in loaded(exported()).tags}


def test_it_goes_to_nobody_by_itself() -> None:
    read = loaded(host_export())
    assert (read.distribution, read.published) == (0, False)


def test_for_others_no_person_is_named_and_no_telephone() -> None:
    for case in (host_export(), account_export()):
        text = misp_json([case], profile="notice").decode()
        assert SECRET not in text and "+31 20" not in text and "me@evil.test" not in text
    assert "+31 20 000 0000" in misp_json([account_export()], profile="full").decode()
    assert b"me@evil.test" not in misp_json([host_export()], profile="full")


def test_drafts_are_no_requests() -> None:
    case = host_export()
    drafts = [{**row, "state": "draft", "sent_at": None} for row in case.actions]
    (phishing, *_) = loaded(replace(case, actions=drafts)).objects
    assert not {"takedown-request", "takedown-request-to"} & set(values(phishing))
