"""XARF v4.2 reports of a notice, for providers' machines.

Built as plain JSON, because the models that others publish take confidence for a whole number; a
test holds every type to the published schemas. What a schema cannot hold is left out rather than
bent: its pattern for domains knows no A-labels (xn--...), for instance.
Specification: XARF v4.2.0. Pure. May import: namaak.casework.notices.fields.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from namaak.casework.notices.fields import exact_url

VERSION = "4.2.0"
MAX_EVIDENCE = 5 * 1024 * 1024  #: bytes of one item, as the schema says
_MAX_ITEMS = 50
_MAX_DESCRIPTION = 1000
_MAX_ITEM_DESCRIPTION = 500
_MAX_RELATED = 20
_MAX_ORG = 200
#: The specification's own; it refuses A-labels.
_DOMAIN = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}")
_FRAUD_TYPES = frozenset(
    {
        "investment", "romance", "tech_support", "lottery", "advance_fee", "cryptocurrency",
        "shopping", "charity", "employment", "government_impersonation", "other",
    }
)  # fmt: skip
_INDICATORS = frozenset(
    {
        "typosquatting", "homograph_attack", "brand_keyword", "suspicious_tld",
        "bulk_registration", "privacy_protection", "suspicious_registrant", "fast_flux",
        "dga_pattern", "known_bad_nameserver", "suspicious_ssl_cert", "immediate_activation",
        "parked_page", "other",
    }
)  # fmt: skip
_METHODS = frozenset(
    {"manual", "automated_crawler", "user_report", "honeypot", "threat_intelligence"}
)
_ELEMENTS = {
    "domain-name": "domain_name", "lookalike-name": "domain_name", "display-name": "brand_name",
    "handle": "brand_name", "title": "brand_name", "picture": "logo", "text": "brand_name",
    "page": "brand_name", "said": "other",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One item of evidence that goes along."""

    content_type: str
    description: str
    content: bytes


def fitting_type(types: Iterable[str], fields: Mapping[str, Any]) -> str | None:
    """The first of these types that the facts can fill; None where none can."""
    return next((one for one in types if _FITS[one](fields)), None)


def xarf_report(
    report_type: str,
    fields: Mapping[str, Any],
    *,
    action_id: str,
    confidence: int | None = None,
    exhibits: Sequence[Exhibit] = (),
    max_bytes: int | None = None,
) -> dict[str, Any]:
    """The report. fields: sound values, which `fitting_type` found enough.

    action_id: makes the report's id, so that the same notice is the same report. confidence: 0 to
    100. exhibits: those too large for the schema, or for max_bytes with all before, are left out.
    """
    category, _, kind = report_type.partition("/")
    who = _contact(fields)
    report: dict[str, Any] = {
        "xarf_version": VERSION,
        "report_id": str(_report_id(f"{action_id} {report_type}")),
        "timestamp": _time(fields.get("last_verified_at") or fields["first_seen_at"]),
        "reporter": who,
        "sender": dict(who),
        "source_identifier": _source(fields),
        "category": category,
        "type": kind,
        "evidence_source": "researcher_analysis",
        "description": _description(fields)[:_MAX_DESCRIPTION],
        "tags": _tags(fields),
    }
    if confidence is not None:
        report["confidence"] = round(min(100, max(0, confidence)) / 100, 2)
    report |= _copyright(fields) if category == "copyright" else _content(fields)
    report |= _OWN[report_type](fields)
    report["evidence"] = _evidence(fields, exhibits, max_bytes)
    return {key: value for key, value in report.items() if value not in (None, [], {})}


def _report_id(text: str) -> uuid.UUID:
    """Of the form of version 4, as asked, but the same for the same text."""
    return uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4)


def _contact(fields: Mapping[str, Any]) -> dict[str, str]:
    mailbox = fields["contact_mailbox"]
    return {
        "org": (fields.get("organisation") or fields["brand"])[:_MAX_ORG],
        "contact": mailbox,
        "domain": mailbox.rpartition("@")[2],
    }


def _source(fields: Mapping[str, Any]) -> str:
    for name in ("ip_addresses", "domains", "urls"):
        if fields.get(name):
            first = str(fields[name][0])
            return urlsplit(first).hostname or first if name == "urls" else first
    return str(fields.get("handle") or fields.get("native_id") or fields["subject"])


def _content(fields: Mapping[str, Any]) -> dict[str, Any]:
    url = _url(fields)
    host = (urlsplit(url).hostname or "").lower()
    told = {
        "url": url,
        "domain": host if _DOMAIN.fullmatch(host) else None,
        "registrar": fields.get("registrar"),
        "nameservers": fields.get("name_servers"),
        "hosting_provider": fields.get("hosting_provider"),
        "target_brand": fields.get("brand"),
        "dns_records": _dns(fields),
    }
    if fields.get("last_verified_at"):
        told["verified_at"] = _time(fields["last_verified_at"])
        if fields.get("verified_by") in _METHODS:
            told["verification_method"] = fields["verified_by"]
    return told


def _url(fields: Mapping[str, Any]) -> str:
    if fields.get("urls"):
        return str(fields["urls"][0])
    # Of a bare registration nothing was visited; its name as an address is what the type asks for.
    return f"http://{fields['domains'][0]}/"


def _dns(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    addresses = fields.get("ip_addresses") or []
    told = {
        "a": [one for one in addresses if ":" not in one],
        "aaaa": [one for one in addresses if ":" in one],
        "mx": fields.get("mail_servers") or [],
    }
    return {name: values for name, values in told.items() if values}


def _phishing(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "credential_fields": fields.get("asked_for"),
        "cloned_site": exact_url(str(fields.get("official_site") or "")),
        "attack_vector": "phishing",
    }


def _fraud(fields: Mapping[str, Any]) -> dict[str, Any]:
    said = str(fields.get("fraud_type") or "").strip().lower().replace(" ", "_").replace("-", "_")
    return {
        "fraud_type": said if said in _FRAUD_TYPES else "other",
        "claimed_entity": fields.get("brand"),
        "attack_vector": "fraud",
    }


def _infringement(fields: Mapping[str, Any]) -> dict[str, Any]:
    classes = [int(text) for text in str(fields.get("mark_classes") or "").split(", ") if text]
    mark = {
        "registration_number": fields.get("mark_number"),
        "jurisdiction": fields.get("mark_jurisdictions"),
        "category": classes,
    }
    earlier = fields.get("earlier_notices") or []
    elements = [_ELEMENTS.get(item["code"], "other") for item in fields.get("copied") or ()]
    return {
        "infringement_type": _infringement_type(fields),
        "legitimate_site": exact_url(fields["official_site"]),
        "infringing_elements": list(dict.fromkeys(elements)),
        "trademark_details": {k: v for k, v in mark.items() if v} if mark["category"] or
        mark["registration_number"] else None,
        "previous_enforcement": [
            {"date": item["sent"][:10], "action": "takedown_notice", "result": item["state"]}
            for item in earlier
        ],
        "attack_vector": "brand_infringement",
    }  # fmt: skip


def _infringement_type(fields: Mapping[str, Any]) -> str:
    if "counterfeit" in (fields.get("abuse") or ()):
        return "counterfeit"
    indicators = fields.get("indicators") or ()
    if "homograph_attack" in indicators:
        return "homograph"
    if "typosquatting" in indicators:
        return "typosquatting"
    codes = {item["code"] for item in fields.get("copied") or ()}
    if "domain-name" in codes:
        return "lookalike"
    if codes & {"display-name", "handle", "title", "text"}:
        return "brand_impersonation"
    return "logo_misuse" if "picture" in codes else "trademark_violation"


def _registration(fields: Mapping[str, Any]) -> dict[str, Any]:
    said = [word for word in fields["indicators"] if word in _INDICATORS]
    return {
        "registration_date": _time(fields["registered_at"]),
        "suspicious_indicators": said or ["other"],
        "targeted_brands": [fields["brand"]],
        "related_domains": [
            {"domain": name, "relationship": "same_campaign"}
            for name in (fields.get("related_domains") or [])[:_MAX_RELATED]
        ],
        "predicted_usage": ["unknown"],
        "attack_vector": "suspicious_registration",
    }


def _copyright(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "infringing_url": fields["urls"][0],
        "work_title": fields.get("work"),
        "rights_holder": (fields.get("organisation") or "")[:_MAX_ORG] or None,
        "original_url": exact_url(str(fields.get("work_url") or "")),
        "infringement_type": "direct_copy",
    }


def _description(fields: Mapping[str, Any]) -> str:
    parts = [f"{', '.join(fields.get('abuse') or [])}; poses as {fields.get('brand')}"]
    if fields.get("first_seen_at"):
        parts.append(f"first seen {_time(fields['first_seen_at'])}")
    if fields.get("vantage"):
        parts.append(f"seen from {fields['vantage']}")
    if fields.get("reference"):
        parts.append(f"our reference {fields['reference']}")
    return "; ".join(parts)


def _tags(fields: Mapping[str, Any]) -> list[str]:
    return [f"case:{case_id.lower()}" for case_id in (fields.get("case_ids") or ())][:20]


def _evidence(
    fields: Mapping[str, Any], exhibits: Sequence[Exhibit], max_bytes: int | None
) -> list[dict[str, Any]]:
    """The list of addresses first, because a report has room for one only."""
    urls = fields.get("urls") or ()
    first = [
        Exhibit(
            content_type="text/plain",
            description="All addresses of this report",
            content="\n".join(urls).encode(),
        )
    ]
    items: list[dict[str, Any]] = []
    spent = 0
    for one in (*(first if len(urls) > 1 else ()), *exhibits):
        payload = base64.b64encode(one.content).decode("ascii")
        over = max_bytes is not None and spent + len(payload) > max_bytes
        if over or len(one.content) > MAX_EVIDENCE or len(items) == _MAX_ITEMS:
            continue
        spent += len(payload)
        items.append(
            {
                "content_type": one.content_type,
                "description": one.description[:_MAX_ITEM_DESCRIPTION],
                "payload": payload,
                "hash": f"sha256:{hashlib.sha256(one.content).hexdigest()}",
                "size": len(one.content),
            }
        )
    return items


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sent_by(fields: Mapping[str, Any]) -> bool:
    return bool(fields.get("contact_mailbox") and fields.get("brand"))


def _at(fields: Mapping[str, Any]) -> bool:
    return _sent_by(fields) and bool(fields.get("urls")) and _dated(fields)


def _dated(fields: Mapping[str, Any]) -> bool:
    return bool(fields.get("last_verified_at") or fields.get("first_seen_at"))


def _claims(fields: Mapping[str, Any], *words: str) -> bool:
    return not set(words).isdisjoint(fields.get("abuse") or ())


_FITS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "content/phishing": lambda f: _at(f) and _claims(f, "phishing", "pharming"),
    "content/fraud": lambda f: _at(f) and _claims(f, "fraud"),
    "content/brand_infringement": lambda f: (
        _at(f) and exact_url(str(f.get("official_site") or "")) is not None
    ),
    "content/suspicious_registration": lambda f: (
        _sent_by(f) and _dated(f)
        and all(f.get(name) for name in ("domains", "registered_at", "indicators"))
    ),
    "copyright/copyright": lambda f: _at(f) and bool(f.get("work")),
}  # fmt: skip
_OWN: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "content/phishing": _phishing,
    "content/fraud": _fraud,
    "content/brand_infringement": _infringement,
    "content/suspicious_registration": _registration,
    "copyright/copyright": lambda _: {},
}
