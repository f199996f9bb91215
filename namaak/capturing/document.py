"""capture.json: by what method a page was captured, so that another person can judge and repeat it.

Canonical JSON as events have it: whole numbers only. Schema: docs/reference/capture.md.
Pure. May import: namaak.capturing.*, namaak.casework.events,
namaak.enriching.{browser_child, findings, proxy}, namaak.resolving.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from namaak.capturing.captured import Limits
from namaak.capturing.judging import Judgement
from namaak.capturing.names import answer_document
from namaak.capturing.places import Place
from namaak.capturing.visited import Exchange, Visited
from namaak.casework.events import utc_text
from namaak.enriching.browser_child import SWITCHES
from namaak.enriching.findings import Finding
from namaak.enriching.proxy import Passed
from namaak.resolving import Answer

SCHEMA = "namaak-capture-1"
_MAX_HEADERS = 200
_CERTIFICATE = (
    "address", "port", "reason", "sha256", "spki_sha256", "names", "common_name", "issuer",
    "issuer_organisation", "serial", "valid_from", "valid_to", "expired", "not_yet_valid",
    "self_signed", "mismatch", "chain_length", "tls_version",
)  # fmt: skip


def capture_document(
    *,
    about: Mapping[str, Any],
    urls: Sequence[str],
    started_at: datetime,
    ended_at: datetime,
    judgement: Judgement,
    notes: Sequence[str],
    visited: Visited,
    last: Exchange | None,
    exchanges: Sequence[Exchange],
    passed: Passed,
    names: Sequence[Answer],
    certificates: Sequence[Finding],
    place: Place,
    limits: Limits,
    viewport: str,
    sandbox: bool,
    tools: Mapping[str, str],
    clock: Mapping[str, Any],
    files: Mapping[str, bytes],
) -> dict[str, Any]:
    """about: case_id, subject and operator. exchanges: those in the archive, in order."""
    kind = judgement.kind
    refused = passed.refused + visited.refused
    return {
        "schema": SCHEMA,
        **about,
        "url": urls[0],
        "urls": list(urls),
        "started_at": utc_text(started_at),
        "ended_at": utc_text(ended_at),
        "outcome": str(judgement.outcome),
        "reason": judgement.reason,
        "notes": list(notes),
        "final_url": last.url if last else None,
        "shown_url": visited.url,
        "http_status": last.status if last else None,
        "title": visited.title,
        "page_kind": kind.kind if kind else None,
        "page_kind_reasons": list(kind.reasons) if kind else [],
        "redirects": redirects(exchanges, passed.addresses),
        "response_headers": (
            [list(pair) for pair in last.response_headers[:_MAX_HEADERS]] if last else []
        ),
        "addresses": dict(passed.addresses),
        "unreached": {host: str(error) or "timed out" for host, error in passed.unreached.items()},
        "dns": [answer_document(answer) for answer in names],
        "certificates": [_certificate(one) for one in certificates],
        "vantage": {
            "name": place.name,
            "resolvers": list(place.resolvers),
            "proxy": place.proxy is not None,
            "outside_address": place.address,
        },
        "browser": {
            "name": "Chromium",
            "version": visited.browser,
            "user_agent": visited.user_agent,
            "viewport": viewport,
            "locale": place.locale,
            "timezone": "UTC",
            "sandbox": sandbox,
            "scripts": True,
            "service_workers": False,
            "downloads": False,
            "switches": list(SWITCHES),
        },
        "tools": dict(tools),
        "settings": {
            "seconds": f"{limits.seconds:g}",
            "bytes": limits.max_bytes,
            "requests": limits.max_requests,
            "picture_height": limits.max_height,
            "dom_bytes": limits.max_dom,
            "memory_bytes": limits.max_memory,
        },
        "clock": dict(clock),
        "requests": {
            # What was let through reached nobody where no server was connected to.
            "sent": visited.sent if passed.addresses else 0,
            "recorded": len(exchanges),
            "truncated": sum(one.truncated is not None for one in exchanges),
            "web_sockets": visited.web_sockets,
            "without_answer": [list(pair) for pair in visited.failures],
            "refused": dict(sorted(refused.items())),
            "bytes": passed.carried_bytes,
        },
        "cut": visited.cut,
        "dom_cut": visited.dom_cut,
        "lacks": dict(visited.lacks),
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(files.items())
        },
    }


def redirects(
    exchanges: Sequence[Exchange], addresses: Mapping[str, str]
) -> list[dict[str, str | int | None]]:
    """Every step of the page itself, first to last. how: asked, http, or page (by itself)."""
    steps: list[dict[str, str | int | None]] = []
    for one in exchanges:
        if not one.main:
            continue
        # The first may be where the browser itself went on from what was asked.
        how = "asked" if not steps else "http" if one.redirected else "page"
        steps.append(
            {
                "url": one.url,
                "status": one.status,
                "location": one.header("location"),
                "address": addresses.get(urlsplit(one.url).hostname or ""),
                "how": how,
            }
        )
    return steps


def _certificate(finding: Finding) -> dict[str, Any]:
    facts: Mapping[str, Any] = finding.facts
    return {
        "host": finding.host,
        "outcome": str(finding.outcome),
        "asked_at": utc_text(finding.asked_at),
        "pem_sha256": finding.raw_sha256,
        **{name: facts[name] for name in _CERTIFICATE if name in facts},
    }
