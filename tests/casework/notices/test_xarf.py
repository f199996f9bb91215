"""XARF reports: every type against the published schemas of version 4.2."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.casework.notices.fields import sound
from namaak.casework.notices.templates import templates
from namaak.casework.notices.xarf import MAX_EVIDENCE, Exhibit, fitting_type, xarf_report
from tests.casework.notices.test_templates import full
from tests.casework.notices.world import LOGIN_ID, PAY_ID

xarf = pytest.importorskip("xarf", reason="needs the package xarf, which has the schemas")

TYPES = sorted({one for form in templates().values() for one in form.xarf})
CLAIMS = {"content/phishing": "phishing", "content/fraud": "fraud",
          "content/brand_infringement": "trademark", "copyright/copyright": "copyright",
          "content/suspicious_registration": "suspicious-registration"}  # fmt: skip


def facts(kind: str) -> dict:
    given_ = full("dsa-16") | {"abuse": [CLAIMS[kind]], "indicators": ["typosquatting"],
                               "case_ids": [LOGIN_ID], "work_url": "https://acme.example/é",
                               "domains": ["acme-login.example"]}  # fmt: skip
    return {name: sound(name, value) for name, value in given_.items()}


@cache
def validator():
    """Reading the schemas takes longer than using them."""
    from xarf.schema_validator import SchemaValidator

    return SchemaValidator()


def errors(report: dict) -> list[str]:
    return [f"{one.field}: {one.message}" for one in validator().validate(report)]


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_valid_by_the_published_schema(kind):
    report = xarf_report(kind, facts(kind), action_id="NA-1", confidence=85)
    assert errors(json.loads(json.dumps(report))) == []
    assert f"{report['category']}/{report['type']}" == kind
    assert report["confidence"] == 0.85
    assert report["xarf_version"] == "4.2.0"
    assert report["sender"] == report["reporter"] == {
        "org": "the on behalf of", "contact": "desk@acme.example", "domain": "acme.example",
    }  # fmt: skip


def test_the_published_schemas_are_those_of_4_2():
    version = Path(xarf.__file__).parent / "schemas" / ".version"
    assert json.loads(version.read_text())["version"] == "v4.2.0"


def test_the_validator_would_notice():
    kind = "content/brand_infringement"
    report = xarf_report(kind, facts(kind), action_id="NA-1")
    del report["legitimate_site"]
    assert errors(report)


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_fits_only_where_its_facts_are_known(kind):
    whole = facts(kind)
    assert fitting_type([kind], whole) == kind
    bare = {name: value for name, value in whole.items() if name not in ("urls", "domains")}
    assert fitting_type([kind], bare) is None
    assert fitting_type([kind], {}) is None


def test_phishing_is_not_reported_of_what_only_uses_a_mark():
    kinds = ["content/phishing", "content/brand_infringement"]
    assert fitting_type(kinds, facts("content/brand_infringement")) == "content/brand_infringement"


def test_a_domain_that_the_schema_cannot_hold_is_left_out_and_the_address_stays():
    given_ = facts("content/phishing") | {"urls": ["https://xn--bcher-kva.example/"]}
    report = xarf_report("content/phishing", given_, action_id="NA-1")
    assert "domain" not in report
    assert report["url"] == "https://xn--bcher-kva.example/"
    assert errors(report) == []


def test_evidence_carries_its_digest_and_stays_below_the_limits():
    small = Exhibit(content_type="image/png", description="seen", content=b"x" * 1000)
    large = Exhibit(
        content_type="image/png", description="large", content=b"x" * (MAX_EVIDENCE + 1)
    )
    report = xarf_report("content/phishing", facts("content/phishing"), action_id="NA-1",
                         exhibits=[small, large, small], max_bytes=2000)  # fmt: skip
    (item,) = report["evidence"]
    assert base64.b64decode(item["payload"]) == small.content
    assert item["hash"] == f"sha256:{hashlib.sha256(small.content).hexdigest()}"
    assert item["size"] == 1000
    assert errors(report) == []


def test_further_addresses_are_enclosed():
    given_ = facts("content/phishing") | {"urls": ["https://a.example/", "https://b.example/"]}
    (item,) = xarf_report("content/phishing", given_, action_id="NA-1")["evidence"]
    assert base64.b64decode(item["payload"]) == b"https://a.example/\nhttps://b.example/"


def test_the_same_notice_is_the_same_report():
    one, again, other = (
        xarf_report("content/phishing", facts("content/phishing"), action_id=action)
        for action in ("NA-1", "NA-1", "NA-2")
    )
    assert one == again
    assert one["report_id"] != other["report_id"]


@settings(max_examples=20)
@given(st.sampled_from(TYPES), st.integers(-5, 200), st.text(max_size=1500), st.text(max_size=300))
def test_no_text_makes_a_report_invalid(kind, confidence, said, name):
    given_ = facts(kind) | {
        "vantage": sound("vantage", said), "registrar": sound("registrar", name),
        "organisation": sound("organisation", name), "work": sound("work", said) or "w",
        "fraud_type": sound("fraud_type", name),
    }  # fmt: skip
    assert errors(xarf_report(kind, given_, action_id="NA-1", confidence=confidence)) == []


def test_a_notice_about_a_campaign_carries_a_valid_report_of_all_its_addresses(world):
    world.tie()
    action = world.draft(LOGIN_ID)
    world.draft(PAY_ID)
    row = world.row(action)
    report = json.loads(world.store.read(row["xarf_sha256"]))
    assert errors(report) == []
    urls = base64.b64decode(report["evidence"][0]["payload"]).decode().split("\n")
    assert {url.split("/")[2] for url in urls} == {"acme-login.example", "acme-pay.example"}
    assert report["confidence"] == pytest.approx(0.9) or 0 <= report["confidence"] <= 1
    assert report["credential_fields"] == ["password", "email"]
