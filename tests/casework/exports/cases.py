"""Cases to export, made by hand: a host that was asked to go and came back, an account, an app."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from namaak.casework.exports.material import CaseExport
from namaak.casework.reading import CaseFile

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OPENED = NOW - timedelta(days=10)
HOST = "xn--acm-epa-login.example"
SECRET = "Jane Analyst"


def enrichment(aspect: str, **facts: Any) -> dict[str, Any]:
    return {
        "aspect": aspect, "asked_at": NOW - timedelta(days=1), "vantage": "x", "known": True,
        "outcome": "answered", "latest": True, "facts": json.dumps(facts), "raw_sha256": None,
        "due_at": None,
    }  # fmt: skip


def signal(name: str, says: str) -> dict[str, Any]:
    return {
        "position": 1, "name": name, "says": says, "raw": "x", "weight": 1.0, "contribution": 1.0,
        "detector": "names-7", "axis": "confidence", "would_change": None,
    }  # fmt: skip


def event(kind: str, days: float, actor: str = "flow:load") -> dict[str, Any]:
    return {
        "seq": 1, "case_id": "x", "case_seq": 1, "happened_at": OPENED + timedelta(days=days),
        "actor": actor, "kind": kind, "data": "{}",
    }  # fmt: skip


def action(number: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "action_id": f"NA-{number:012}", "provider_id": "hoster", "provider_name": "Hoster Example",
        "scope": "host", "state": "sent", "sent_at": OPENED + timedelta(days=number),
        "ended_at": None, "updated_at": OPENED + timedelta(days=number), "drafted_by": SECRET,
        "approved_by": SECRET, "sent_by": SECRET,
    } | other  # fmt: skip


def exported(
    key: str = f"host:{HOST}",
    *,
    enrichments: list[dict[str, Any]] | None = None,
    profile: list[dict[str, Any]] | None = None,
    signals: list[dict[str, Any]] | None = None,
    events: list[dict[str, Any]] | None = None,
    matches: list[dict[str, Any]] | None = None,
    actions: list[dict[str, Any]] | None = None,
    campaign_id: str | None = None,
    **other: Any,
) -> CaseExport:
    case = {
        "case_id": "NK-9FNBGW9JXTVS", "brand_id": "acme", "brand_name": "ACME", "subject_key": key,
        "subject_kind": key.partition(":")[0], "subject": "acmé-login.example", "kind": "homograph",
        "score": 80, "confidence": 91, "severity": 60, "band": "high", "workflow": "confirmed",
        "subject_state": "live", "assignee": SECRET, "gates": [], "matches": 2,
        "opened_at": OPENED, "updated_at": OPENED + timedelta(days=2),
        "first_observed_at": OPENED - timedelta(hours=1), "last_observed_at": OPENED,
    } | other  # fmt: skip
    file = CaseFile(
        case=case, signals=signals or [signal("name.homograph", "é stands for e")],
        matches=matches or [], events=events or [event("opened", 0)],
        enrichments=enrichments or [], profile=profile or [], edges=[], joined=[], aliases=[],
    )  # fmt: skip
    return CaseExport(
        file=file, owned=["acme.example"], actions=actions or [], campaign_id=campaign_id
    )


def host_export(**other: Any) -> CaseExport:
    """Everything that a host can have."""
    given = {
        "enrichments": [
            enrichment("dns", addresses=["192.0.2.1", "2001:db8::1"]),
            enrichment(
                "rdap", domain=HOST, registrar="Registrar Example",
                registered_at="2026-11-01T00:00:00+00:00", expires_at="2027-11-01T00:00:00+00:00",
                name_servers=["ns1.registrar.test"],
                registrant={"name": "Some Body", "email": ["me@evil.test"], "tel": []},
            ),
            enrichment(
                "page", url=f"https://{HOST}/login", asks_password=True, asks_card=False,
                hops=[{"url": f"http://{HOST}/", "address": "192.0.2.1"}],
            ),
            enrichment(
                "certificate", sha256="ab" * 32, serial="0a1b", issuer="CN=Example CA",
                valid_from="2026-11-02T00:00:00+00:00", valid_to="2027-02-02T00:00:00+00:00",
                names=[HOST],
            ),
        ],
        "actions": [action(1, state="executed", ended_at=OPENED + timedelta(days=3)), action(2)],
        "events": [event("opened", 0), event("confirmed", 1, SECRET), event("relapsed", 5)],
        "campaign_id": "NK-0000000000AA",
    } | other  # fmt: skip
    return exported(**given)


def led_to_the_brand() -> CaseExport:
    """Its visitors end at the sign-in of the brand itself."""
    made = host_export()
    page = next(row for row in made.file.enrichments if row["aspect"] == "page")
    hops = [f"https://{HOST}/", "https://way.test/", "https://acme.example/"]
    page["facts"] = json.dumps(
        {
            "url": "https://www.acme.example/sign-in", "final_host": "www.acme.example",
            "asks_password": True, "asks_card": False, "mentions": {"ACME": 3},
            "hops": [{"url": url, "address": "192.0.2.1"} for url in hops],
        }
    )  # fmt: skip
    return made


def account_export(platform: str = "x", **other: Any) -> CaseExport:
    version = {
        "version": 2, "handle": "acme_help", "display_name": "ACME Help's \\ \"desk\"",
        "url": "https://x.example/acme_help", "bio": "Call +31 20 000 0000",
        "image_sha256": "cd" * 32, "banner_sha256": None, "flags": [],
    }  # fmt: skip
    return exported(
        f"account:{platform}:77", profile=[{**version, "version": 1, "handle": "old"}, version],
        subject=f"{platform}/@acme_help",
        signals=[signal("name.same", "same name"),
                 signal("profile.shared-contact", "gives +31 20 000 0000")],
        **other,
    )  # fmt: skip


def app_export(store: str = "google-play", **other: Any) -> CaseExport:
    version = {
        "version": 1, "handle": None, "display_name": "ACME Pay", "developer": "Somebody",
        "url": "https://play.google.example/store/apps/details?id=test.acme", "bio": None,
        "image_sha256": None, "banner_sha256": None, "flags": [],
    }  # fmt: skip
    return exported(f"app:{store}:test.acme", profile=[version], subject="ACME Pay", **other)


def every_kind() -> list[CaseExport]:
    """One of each kind of subject, and some with next to nothing."""
    picture = {"field": "image", "value": "ef" * 32, "term": "acme.png", "suppressed": None}
    return [
        host_export(), exported(), account_export(), account_export("bluesky"),
        account_export("telegram"),
        app_export(), app_export("app-store"), exported("account:x:@acme"),
        exported("image:" + "ef" * 32, matches=[picture]),
    ]  # fmt: skip
