"""A registry's answer about a domain, and a range's about an address, read into our facts.

whoisit's parser reads them; where it cannot (it trusts that servers follow the RFCs), a walk of
ours takes what is there. Both give the same shape, so that only one thing turns it into facts.
Nothing here asks anybody: whoisit is given the JSON and a bootstrap that knows nothing.
RFC 9083 (answers), RFC 7095 (jCard), RFC 9537 (redaction).
Pure. May import: namaak.enriching.facts, namaak.enriching.plain.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import whoisit.parser  # type: ignore[import-untyped]
from whoisit.errors import BootstrapError, WhoisItError  # type: ignore[import-untyped]

from namaak.enriching.facts import Contact, Network, RdapFacts
from namaak.enriching.plain import bounded, plain

_HOLDS = frozenset({"client hold", "server hold"})
_EVENTS = {
    "registration": "registration_date",
    "expiration": "expiration_date",
    "last changed": "last_changed_date",
    "last update of rdap database": "rdap_database_date",
}
#: All that whoisit's parser raises on answers that are not as the RFCs have them.
_FAULTS = (
    WhoisItError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
    RecursionError,
)  # fmt: skip


class Unreadable(ValueError):
    """No RDAP answer of the kind asked for; the text says in a few words what is wrong."""


class _NoBootstrap:
    """What whoisit asks while it reads: nothing is known, nothing is looked up."""

    def is_using_overrides(self) -> bool:
        return True

    def get_rir_name_by_endpoint_url(self, url: str) -> str:
        raise BootstrapError(url)


def read_json(body: bytes) -> dict[str, Any]:
    """An object, cut to size. Raises Unreadable."""
    try:
        # utf-8-sig: some servers begin with a byte order mark.
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("is not an object")
    cut = bounded(value)
    assert isinstance(cut, dict)
    return cut


def read_domain(answer: Mapping[str, Any], domain: str) -> RdapFacts:
    """answer: of `read_json`. domain: A-labels. Raises Unreadable where it is another's."""
    if answer.get("objectClassName") != "domain":
        raise Unreadable(_of_class(answer))
    parsed, read_by = _parsed("domain", answer, domain)
    named = str(parsed.get("name") or "").lower().removesuffix(".")
    if named != domain:
        raise Unreadable(f"is about {plain(named, 80) or 'nothing'}, not about {domain}")
    registrars = _entities(parsed, "registrar")
    status = [word for text in _list(parsed, "status") if (word := plain(text, 80))]
    return RdapFacts(
        domain=domain,
        unicode=plain(parsed.get("unicode_name")),
        handle=plain(parsed.get("handle")),
        registered=True,
        read_by=read_by,
        registrar=next((name for one in registrars if (name := plain(one.get("name")))), None),
        registrar_iana_id=next(_iana_ids(registrars), None),
        registrar_url=next(
            (url for one in registrars for text in _list(one, "websites") if (url := plain(text))),
            None,
        ),
        abuse=_contact(_entities(parsed, "abuse")),
        registered_at=_time(parsed.get("registration_date")),
        expires_at=_time(parsed.get("expiration_date")),
        changed_at=_time(parsed.get("last_changed_date")),
        database_at=_time(parsed.get("rdap_database_date")),
        status=status,
        on_hold=bool(_HOLDS & {word.lower() for word in status}),
        name_servers=sorted(
            {
                host.lower().removesuffix(".")
                for text in _list(parsed, "nameservers")
                if (host := plain(text, 253))
            }
        ),
        dnssec=parsed.get("dnssec") is True,
        redacted=[name for text in _list(parsed, "redacted") if (name := plain(text))],
        registrant=_contact(_entities(parsed, "registrant")),
    )


def read_network(answer: Mapping[str, Any], address: str) -> Network:
    """answer: of `read_json`. Raises Unreadable."""
    if answer.get("objectClassName") != "ip network":
        raise Unreadable(_of_class(answer))
    parsed, _ = _parsed("ip network", answer, address)
    holders = [
        entity for role in ("registrant", "administrative") for entity in _entities(parsed, role)
    ]
    return Network(
        address=address,
        handle=plain(parsed.get("handle")),
        name=plain(parsed.get("name")),
        start=plain(parsed.get("start_address"), 60),
        end=plain(parsed.get("end_address"), 60),
        cidrs=[str(cidr)[:60] for cidr in _list(parsed, "cidrs")],
        country=plain(parsed.get("country"), 2),
        holder=next((name for one in holders if (name := plain(one.get("name")))), None),
        abuse=_contact(_entities(parsed, "abuse")),
        asn=[number for number in _list(parsed, "origin_autnums") if isinstance(number, int)],
    )


def related_url(answer: Mapping[str, Any]) -> str | None:
    """Where the registrar's own record is (RFC 9083, section 5.2, as registries use it)."""
    for link in _objects(answer.get("links")):
        href = link.get("href")
        if (
            str(link.get("rel")).lower() == "related"
            and isinstance(href, str)
            and href.startswith(("https://", "http://"))
            and "html" not in str(link.get("type")).lower()
        ):
            return href
    return None


def merged(registry: RdapFacts, registrar: RdapFacts) -> RdapFacts:
    """The registry's word, and the registrar's where the registry says nothing.

    Of the abuse contact both are kept, since either may be out of date.
    """
    whole = registry.copy()
    missing = {key: value for key, value in registrar.items() if not registry.get(key)}
    # Whether a name is on hold or signed is the registry's to say, and "no" is its answer.
    for key in ("registered", "on_hold", "dnssec", "read_by"):
        missing.pop(key, None)
    whole.update(missing)  # type: ignore[typeddict-item]
    first, second = registry.get("abuse"), registrar.get("abuse")
    if first and second:
        whole["abuse"] = Contact(
            name=first["name"] or second["name"],
            email=list(dict.fromkeys((*first["email"], *second["email"]))),
            tel=list(dict.fromkeys((*first["tel"], *second["tel"]))),
        )
    return whole


def _of_class(answer: Mapping[str, Any]) -> str:
    if "errorCode" in answer:
        return f"is an error: {plain(answer.get('title'), 200) or answer['errorCode']}"
    return "is about something else"


def _parsed(kind: str, answer: Mapping[str, Any], query: str) -> tuple[dict[str, Any], str]:
    try:
        with warnings.catch_warnings():
            # Of dates in zones that dateutil does not know; they are read as they stand.
            warnings.simplefilter("ignore")
            parsed: dict[str, Any] = whoisit.parser.parse(_NoBootstrap(), kind, query, dict(answer))
    except _FAULTS:
        return _walked(answer), "ours"
    # Of its events it keeps only three.
    for event in _list(parsed, "events"):
        if event["action"] == "last update of rdap database":
            parsed["rdap_database_date"] = event["date"]
    return parsed, "whoisit"


def _walked(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The same keys as whoisit gives, from whatever is there."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entity in _all_entities(answer.get("entities"), depth=4):
        card = _card(entity.get("vcardArray"))
        public = [
            {"type": str(one.get("type")), "identifier": str(one.get("identifier"))}
            for one in _objects(entity.get("publicIds"))
        ]
        for role in _strings(entity.get("roles")):
            found.setdefault(role.lower(), []).append({**card, "public_ids": public})
    dates: dict[str, Any] = {}
    for event in _objects(answer.get("events")):
        key = _EVENTS.get(str(event.get("eventAction")).lower())
        if key is not None:
            dates.setdefault(key, event.get("eventDate"))
    secure = answer.get("secureDNS")
    return {
        **dates,
        "name": answer.get("ldhName", answer.get("name")),
        "unicode_name": answer.get("unicodeName"),
        "handle": answer.get("handle"),
        "entities": found,
        "status": _strings(answer.get("status")),
        "nameservers": [
            one["ldhName"]
            for one in _objects(answer.get("nameservers"))
            if isinstance(one.get("ldhName"), str)
        ],
        "dnssec": isinstance(secure, dict) and secure.get("delegationSigned") is True,
        "redacted": [],
        "start_address": answer.get("startAddress"),
        "end_address": answer.get("endAddress"),
        "country": answer.get("country"),
        "cidrs": [
            f"{prefix}/{one.get('length')}"
            for one in _objects(answer.get("cidr0_cidrs"))
            if (prefix := one.get("v4prefix") or one.get("v6prefix"))
        ],
        "origin_autnums": [
            number
            for number in answer.get("arin_originas0_originautnums") or ()
            if isinstance(number, int)
        ]
        if isinstance(answer.get("arin_originas0_originautnums"), list)
        else [],
    }


def _all_entities(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    for entity in _objects(value):
        yield entity
        if depth:
            yield from _all_entities(entity.get("entities"), depth - 1)


def _card(value: object) -> dict[str, Any]:
    """A jCard: ["vcard", [[name, parameters, type, value], ...]]; missing parts are normal."""
    card: dict[str, Any] = {"emails": [], "phones": [], "websites": []}
    rows = value[1] if isinstance(value, list) and len(value) > 1 else []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, list) or len(row) < 4 or not isinstance(row[3], str):
            continue
        match row[0]:
            case "fn" | "org":
                card.setdefault("name", row[3])
            case "email":
                card["emails"].append(row[3].removeprefix("mailto:"))
            case "tel":
                card["phones"].append(row[3].removeprefix("tel:"))
            case "url":
                card["websites"].append(row[3])
    return card


def _entities(parsed: Mapping[str, Any], role: str) -> list[dict[str, Any]]:
    entities = parsed.get("entities")
    return _objects(entities.get(role)) if isinstance(entities, dict) else []


def _iana_ids(registrars: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for registrar in registrars:
        for public in _objects(registrar.get("public_ids")):
            known = plain(public.get("identifier"), 20)
            if known and "iana" in str(public.get("type")).lower():
                yield known


def _contact(entities: Sequence[Mapping[str, Any]]) -> Contact | None:
    if not entities:
        return None
    emails = (plain(text, 254) for one in entities for text in _list(one, "emails"))
    phones = (plain(text, 80) for one in entities for text in _list(one, "phones"))
    contact = Contact(
        name=next((name for one in entities if (name := plain(one.get("name")))), None),
        email=list(dict.fromkeys(text for text in emails if text and "@" in text)),
        tel=list(dict.fromkeys(text for text in phones if text)),
    )
    return contact if any(contact.values()) else None


def _time(value: object) -> str | None:
    """ISO 8601 in UTC; a time without a zone is taken for UTC, as registries mean it."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    except (OverflowError, ValueError):
        return None


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _list(mapping: Mapping[str, Any], key: str) -> list[Any]:
    value = mapping.get(key)
    return value if isinstance(value, list) else []
