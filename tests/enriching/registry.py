"""Answers of RDAP servers as they look, about domains and registrars that do not exist."""

from __future__ import annotations

import json
from typing import Any


def domain_answer(
    name: str = "acme-login.test", *, registrar_url: str | None = None
) -> dict[str, Any]:
    """As a registry of many top-level domains writes it: the abuse contact inside the registrar."""
    links = [
        {"rel": "self", "href": f"https://rdap.test/domain/{name}", "type": "application/rdap+json"}
    ]
    if registrar_url:
        links.append({"rel": "related", "href": registrar_url, "type": "application/rdap+json"})
    return {
        "objectClassName": "domain",
        "rdapConformance": ["rdap_level_0", "redacted"],
        "handle": "2138514_DOMAIN_TEST-X",
        "ldhName": name.upper(),
        "unicodeName": name,
        "links": links,
        "status": ["client transfer prohibited", "active"],
        "entities": [
            {
                "objectClassName": "entity",
                "handle": "9999",
                "roles": ["registrar"],
                "publicIds": [{"type": "IANA Registrar ID", "identifier": "9999"}],
                "vcardArray": ["vcard", [
                    ["version", {}, "text", "4.0"],
                    ["fn", {}, "text", "Halfpenny Names Ltd"],
                    ["url", {}, "uri", "https://names.example"],
                ]],
                "entities": [
                    {
                        "objectClassName": "entity",
                        "roles": ["abuse"],
                        "vcardArray": ["vcard", [
                            ["version", {}, "text", "4.0"],
                            ["fn", {}, "text", ""],
                            ["tel", {"type": "voice"}, "uri", "tel:+44.5550100"],
                            ["email", {}, "text", "abuse@names.example"],
                        ]],
                    }
                ],
            }
        ],
        "events": [
            {"eventAction": "registration", "eventDate": "2026-11-20T09:30:00Z"},
            {"eventAction": "expiration", "eventDate": "2027-11-20T09:30:00Z"},
            {"eventAction": "last changed", "eventDate": "2026-11-21T10:00:00Z"},
            {"eventAction": "last update of RDAP database", "eventDate": "2026-11-22T01:02:03Z"},
        ],
        "secureDNS": {"delegationSigned": False},
        "nameservers": [
            {"objectClassName": "nameserver", "ldhName": "NS2.HOST.EXAMPLE"},
            {"objectClassName": "nameserver", "ldhName": "ns1.host.example."},
        ],
        "redacted": [{"name": {"description": "Registrant Name"}, "method": "removal"}],
        "notices": [{"title": "Terms of Use", "description": ["Be polite."]}],
    }  # fmt: skip


def registrar_answer(name: str = "acme-login.test") -> dict[str, Any]:
    """The registrar's own: more of the abuse desk, another expiry, a registrant without a name."""
    answer = domain_answer(name)
    answer["status"] = ["client hold"]
    card = answer["entities"][0]["entities"][0]["vcardArray"][1]
    card[3][3] = "trust@names.example"
    answer["entities"].append(
        {
            "objectClassName": "entity",
            "roles": ["registrant"],
            "vcardArray": [
                "vcard",
                [["version", {}, "text", "4.0"], ["fn", {}, "text", "REDACTED"]],
            ],
        }
    )
    return answer


def network_answer(
    start: str = "203.0.113.0", end: str = "203.0.113.255", prefix: int = 24
) -> dict[str, Any]:
    """As a regional registry writes it."""
    return {
        "objectClassName": "ip network",
        "handle": "NET-203-0-113-0-1",
        "startAddress": start,
        "endAddress": end,
        "ipVersion": "v4",
        "name": "PENNY-HOSTING",
        "type": "DIRECT ALLOCATION",
        "country": "NL",
        "cidr0_cidrs": [{"v4prefix": start, "length": prefix}],
        "arin_originas0_originautnums": [64500],
        "entities": [
            {
                "objectClassName": "entity",
                "handle": "PENNY",
                "roles": ["registrant"],
                "vcardArray": ["vcard", [
                    ["version", {}, "text", "4.0"], ["fn", {}, "text", "Penny Hosting BV"],
                ]],
                "entities": [
                    {
                        "objectClassName": "entity",
                        "handle": "ABUSE1",
                        "roles": ["abuse"],
                        "vcardArray": ["vcard", [
                            ["version", {}, "text", "4.0"],
                            ["fn", {}, "text", "Abuse desk"],
                            ["email", {}, "text", "abuse@penny.example"],
                        ]],
                    }
                ],
            }
        ],
        "events": [{"eventAction": "last changed", "eventDate": "2024-01-02T03:04:05Z"}],
    }  # fmt: skip


def bootstrap_list(keys: list[str], *urls: str) -> bytes:
    """RFC 9224."""
    return json.dumps(
        {"version": "1.0", "publication": "2026-11-20T00:00:00Z", "services": [[keys, list(urls)]]}
    ).encode()
