"""What a finding says, in one line for a person; the facts themselves are for programs.

Takes rows as they are stored, so that the console, the command line and reports say it alike.
What strangers wrote is quoted as it is: whoever prints it makes it harmless.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_SHOWN = 3
_TITLE = 80


def in_words(aspect: str, outcome: str, facts: Mapping[str, Any] | None) -> str:
    """One line. facts: of the finding; None where only the lake has them."""
    facts = facts or {}
    if outcome not in ("answered", "empty", "absent"):
        reason = facts.get("reason")
        return f"not known: {reason}" if reason else f"not known: {outcome}"
    tell = _TELLERS.get(aspect)
    said = tell(facts) if tell else []
    if said:
        return "; ".join(said)
    return {"answered": "answered", "empty": "nothing of the kind", "absent": "no such name"}[
        outcome
    ]


def _dns(facts: Mapping[str, Any]) -> list[str]:
    said = []
    if facts.get("exists") is False:
        said.append("no such domain")
    elif facts.get("delegated") is False:
        said.append("no name servers")
    if servers := facts.get("name_servers"):
        said.append(f"name servers {_list(servers)}")
    addresses = facts.get("addresses")
    if addresses:
        said.append(f"at {_list(addresses)}")
    elif facts.get("answers") is False and facts.get("exists") is not False:
        said.append("no address")
    if facts.get("mail_capable"):
        mail = f"mail by {_list(facts.get('mail_servers') or ())}"
        said.append(mail + (", SPF" if facts.get("spf") else ""))
    if facts.get("wildcard"):
        said.append("any label answers")
    if parking := facts.get("parking"):
        said.append(f"parked with {parking[0].get('service')}")
    return said


def _rdap(facts: Mapping[str, Any]) -> list[str]:
    said = []
    if facts.get("registered") is False:
        said.append("not registered")
    if day := _day(facts.get("registered_at")):
        said.append(f"registered {day}")
    if registrar := facts.get("registrar"):
        said.append(f"through {registrar}")
    if day := _day(facts.get("expires_at")):
        said.append(f"until {day}")
    if facts.get("on_hold"):
        said.append("on hold")
    abuse = facts.get("abuse") or {}
    if abuse.get("email"):
        said.append(f"abuse to {_list(abuse['email'])}")
    return said


def _network(facts: Mapping[str, Any]) -> list[str]:
    holders = [n["holder"] for n in facts.get("networks") or () if n.get("holder")]
    said = [f"hosted by {_list(dict.fromkeys(holders))}"] if holders else []
    if numbers := facts.get("asn"):
        said.append(f"in {_list([f'AS{number}' for number in numbers])}")
    if emails := facts.get("abuse_emails"):
        said.append(f"abuse to {_list(emails)}")
    return said


def _certificate(facts: Mapping[str, Any]) -> list[str]:
    said = []
    issuer = facts.get("issuer_organisation") or facts.get("issuer")
    if issuer:
        said.append(f"certificate of {issuer}")
    if day := _day(facts.get("valid_from")):
        said.append(f"from {day}")
    for name, words in (("self_signed", "signed by itself"), ("expired", "expired"),
                        ("mismatch", "for other names")):  # fmt: skip
        if facts.get(name):
            said.append(words)
    return said


def _page(facts: Mapping[str, Any]) -> list[str]:
    said = []
    kind = facts.get("kind")
    if kind and kind != "content":
        said.append(str(kind))
    if facts.get("status"):
        said.append(f"HTTP {facts['status']}")
    if facts.get("off_site"):
        said.append(f"leads to {facts.get('final_host')}")
    if title := facts.get("title"):
        said.append(f"“{str(title)[:_TITLE]}”")
    if facts.get("asks_password"):
        said.append("asks for a password")
    if facts.get("asks_card"):
        said.append("asks for a card")
    if mentions := facts.get("mentions"):
        said.append("says " + _list([f"“{name}” {times}×" for name, times in mentions.items()]))
    return said


def _screenshot(facts: Mapping[str, Any]) -> list[str]:
    if not facts.get("sha256"):
        return []
    return [f"taken, {facts.get('width')}×{facts.get('height')}, SHA-256 {facts['sha256'][:12]}"]


_TELLERS: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "dns": _dns, "rdap": _rdap, "network": _network, "certificate": _certificate,
    "page": _page, "screenshot": _screenshot,
}  # fmt: skip


def _list(values: Sequence[Any] | Mapping[str, Any]) -> str:
    shown = [str(value) for value in values]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def _day(text: object) -> str | None:
    return text[:10] if isinstance(text, str) and len(text) >= 10 else None
