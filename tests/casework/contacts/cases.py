"""Cases as they are read, made by hand: a host behind redirects, an account, an app."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from namaak.casework.reading import CaseFile

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ASKED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOST = "peer-login.example"
ADDRESS, FURTHER = "192.0.2.10", "198.51.100.20"


def enrichment(aspect: str, *, asked_at: datetime = ASKED, **facts: Any) -> dict[str, Any]:
    return {
        "aspect": aspect, "asked_at": asked_at, "vantage": "x", "outcome": "answered",
        "latest": True, "known": True, "facts": json.dumps(facts), "raw_sha256": None,
        "due_at": None,
    }  # fmt: skip


def rdap(domain: str = HOST, **other: Any) -> dict[str, Any]:
    facts = {
        "domain": domain, "registered": True, "registrar": "Registrar Example",
        "registrar_iana_id": "9999", "registrar_url": "https://www.registrar.test/",
        "abuse": {"name": None, "email": ["abuse@registrar.test"], "tel": []},
        "registrant": {"name": None, "email": ["me@evil.test"], "tel": []},
    } | other  # fmt: skip
    return enrichment("rdap", **facts)


def network(*rows: dict[str, Any], **other: Any) -> dict[str, Any]:
    given = rows or ({},)
    nets = [
        {
            "address": ADDRESS, "name": "HOSTER-NET", "holder": "Hoster Example",
            "abuse": {"name": None, "email": ["abuse@hoster.test"], "tel": []}, "asn": [64500],
        } | row
        for row in given
    ]  # fmt: skip
    return enrichment("network", networks=nets, **other)


def dns(*addresses: str, **other: Any) -> dict[str, Any]:
    return enrichment("dns", addresses=list(addresses or (ADDRESS,)), **other)


def page(*, host: str = HOST, hops: list[dict[str, Any]] | None = None, **other: Any):
    facts = {
        "hops": hops or [], "url": f"https://{host}/", "final_host": host,
        "asks_password": True, "asks_card": False, "mentions": {"Peer": 3},
    } | other  # fmt: skip
    return enrichment("page", **facts)


def host_case(*enrichments: dict[str, Any], host: str = HOST, **other: Any) -> CaseFile:
    given = list(enrichments) or [rdap(), network(), dns(), page()]
    return case_file(f"host:{host}", "host", host, enrichments=given, **other)


def account_case(platform: str = "x", handle: str = "peer_help", **other: Any) -> CaseFile:
    version = {
        "version": 1, "handle": handle, "url": f"https://{platform}.example/{handle}",
        "flags": [],
    }  # fmt: skip
    return case_file(
        f"account:{platform}:77", "account", f"{platform}/@{handle}", profile=[version], **other
    )


def case_file(
    key: str,
    kind: str,
    subject: str,
    *,
    enrichments: list[dict[str, Any]] | None = None,
    profile: list[dict[str, Any]] | None = None,
    **other: Any,
) -> CaseFile:
    case = {
        "case_id": "NK-9FNBGW9JXTVS", "brand_id": "peer", "brand_name": "Peer",
        "subject_key": key, "subject_kind": kind, "subject": subject, "subject_state": "live",
    } | other  # fmt: skip
    return CaseFile(
        case=case, signals=[], matches=[], events=[], enrichments=enrichments or [],
        profile=profile or [], edges=[], joined=[], aliases=[],
    )  # fmt: skip
