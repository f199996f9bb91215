"""What is known of the cases of a notice, as fields: from rows, looks, captures and watch file.

Pure: rows in, values out; nothing is guessed, and what nobody knows stays away. Several cases of
one campaign make one notice, so lists are united and of times the cautious end is taken.
May import: namaak.brands, errors and platforms, namaak.casework.contacts.facts,
namaak.casework.notices.fields, material and pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from namaak.brands import Brand, Mark, WatchFile
from namaak.casework.contacts.facts import is_below
from namaak.casework.notices.fields import given_fields
from namaak.casework.notices.material import (
    BY_PERSON,
    BY_PROGRAM,
    Material,
    Row,
    known,
    last_capture,
    own_page,
    verified_at,
)
from namaak.casework.notices.pages import refuse_foreign, refuse_own
from namaak.errors import UsageError
from namaak.platforms import platform

#: How a resemblance of a host's name reads to the other side.
_LETTERS_CHANGED = frozenset({"typosquat", "combo-typosquat", "homograph", "combo-homograph"})
_PICTURES = frozenset({"same-image", "near-image", "logo-inside"})
_CODES = {
    "handle": "handle",
    "display-name": "display-name",
    "app": "title",
    "bio": "text",
    "image": "picture",
    "banner": "picture",
    "image-text": "picture",
}
#: XARF's words for what makes a registration suspicious, by resemblance.
_INDICATORS = {
    "typosquat": "typosquatting",
    "combo-typosquat": "typosquatting",
    "homograph": "homograph_attack",
    "combo-homograph": "homograph_attack",
}
_KEPT = (("wacz", "wacz_sha256"), ("full", "full_sha256"), ("view", "view_sha256"),
         ("document", "document_sha256"))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a notice holds beyond the cases."""

    now: datetime
    reference: str | None = None
    earlier: Sequence[Row] = ()  #: rows of actions that went out before
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)  #: by a person


def gather(cases: Sequence[Material], watch: WatchFile, about: About) -> dict[str, Any]:
    """The fields of a notice about these cases, the first of which names brand and account.

    Raises UsageError for cases of different brands, a brand that the watch file does not hold, and
    what a person cannot say: that it was seen before it was there, say, or a stranger's page.
    """
    said = given_fields(about.given, now=about.now)
    first = cases[0].case
    if len({one.case["brand_id"] for one in cases}) > 1:
        raise UsageError("The cases are of different brands; draft a notice for each brand.")
    brand = watch.brands.get(first["brand_id"])
    if brand is None:
        raise UsageError(
            f"The watch file holds no brand {first['brand_id']!r} any more; put it back to write "
            "about its cases."
        )
    found: dict[str, Any] = {
        "reference": about.reference,
        "case_ids": [one.case["case_id"] for one in cases],
        "brand": brand.name,
        "abuse": _united(one.abuse for one in cases),
        "subject": first["subject"],
        "first_seen_at": min(one.case["first_observed_at"] for one in cases),
        "earlier_notices": [_earlier(row) for row in about.earlier],
    }
    found |= _looks(cases, watch.owned_domains)
    found |= _account(cases[0], brand)
    if first["subject_kind"] == "host":
        found |= _domain(cases)
    found["copied"] = [item for one in cases for item in _copied(one)]
    found["shared_elements"] = [
        item for item in _copied(cases[0]) if item["code"] in (*_CODES.values(), "title")
    ]
    found |= _rights(brand, next(iter(about.given.get("mark_number", ())), None))
    found |= _who(watch)
    if (seen := said.get("last_verified_at")) is not None:
        _refuse_before(seen, found["first_seen_at"])
        found["verified_by"] = BY_PERSON
    refuse_foreign(said.get("urls", ()), cases)
    refuse_own(said.get("urls", ()), cases, watch.owned_domains)
    return found | said


def _refuse_before(seen: datetime, first: datetime) -> None:
    # Notices write minutes, and so do people.
    if seen < first.replace(second=0, microsecond=0):
        raise UsageError(
            f"last_verified_at is {_minute(seen)}, before it was first seen ({_minute(first)}); "
            "say when you looked at it last."
        )


def _looks(cases: Sequence[Material], owned: Collection[str]) -> dict[str, Any]:
    """Where it is, when a page was last seen there, and what proves it."""
    pages = [facts for one in cases if (facts := own_page(one))]
    shots = [last for one in cases if (last := last_capture(one.captures)) is not None]
    verified = [moment for one in cases if (moment := verified_at(one)) is not None]
    fresh = shots if len(shots) == len(cases) else []
    return {
        "urls": [url for one in cases for url in _urls(one, owned)],
        "ip_addresses": _united(_addresses(one) for one in cases),
        # Of several the oldest: nobody may think that all were seen when the last one was.
        "last_verified_at": min(verified) if len(verified) == len(cases) else None,
        "verified_by": BY_PROGRAM if len(verified) == len(cases) else None,
        "captured_at": min((row["ended_at"] for row in fresh), default=None),
        "vantage": "; ".join(dict.fromkeys(str(row["vantage"]) for row in shots)) or None,
        "evidence": [item for row in shots for item in _kept(row)],
        "asked_for": _united(_asked(facts) for facts in pages),
        "hosting_provider": "; ".join(_united(_holders(one) for one in cases)) or None,
    }


def _urls(one: Material, owned: Collection[str]) -> list[str]:
    """As visited and where it led; of accounts as the platform writes it.

    Where it led to the brand itself, nobody is asked to take that down.
    """
    urls: list[str] = []
    shot = last_capture(one.captures)
    if shot is not None:
        urls += [url for url in (shot["url"], shot["final_url"]) if url]
    elif (page := known(one, "page")) and page.get("url"):
        urls.append(page["url"])
    own = str(one.case["subject_key"]).removeprefix("host:")
    hosts = {url: urlsplit(url).hostname or "" for url in urls}
    urls = [url for url, host in hosts.items() if host == own or not is_below(host, owned)]
    if not urls and one.case["subject_kind"] != "host":
        urls += [url for url in (_profile_url(one),) if url]
    return list(dict.fromkeys(urls))


def _profile_url(one: Material) -> str | None:
    last = one.profile[-1] if one.profile else {}
    if last.get("url"):
        return str(last["url"])
    known = platform(str(last.get("platform") or _platform(one.case) or ""))
    return known.link(last.get("handle"), last.get("native_id")) if known else None


def _platform(case: Row) -> str | None:
    parts = str(case["subject_key"]).split(":", 2)
    return parts[1] if parts[0] in ("account", "app") and len(parts) == 3 else None


def _addresses(one: Material) -> list[str]:
    shot = last_capture(one.captures)
    if shot is not None and shot.get("address"):
        return [shot["address"]]
    return list((known(one, "dns") or {}).get("addresses") or ())


def _holders(one: Material) -> list[str]:
    networks = (known(one, "network") or {}).get("networks") or ()
    told = []
    for network in networks:
        numbers = ", ".join(f"AS{number}" for number in network.get("asn") or ())
        holder = network.get("holder") or network.get("name")
        told += [f"{holder} ({numbers})" if numbers else str(holder)] if holder else []
    return told


def _asked(facts: Row) -> list[str]:
    """Words of what forms ask for, the worst first."""
    asked = ["password"] if facts.get("asks_password") else []
    asked += ["card"] if facts.get("asks_card") else []
    for form in facts.get("forms") or ():
        asked += [str(name) for name in form.get("fields") or ()]
    return list(dict.fromkeys(asked))


def _kept(row: Row) -> list[dict[str, str]]:
    about, taken = row["final_url"] or row["url"], _minute(row["ended_at"])
    return [
        {"what": what, "sha256": row[column], "about": about, "taken": taken}
        for what, column in _KEPT
        if row.get(column)
    ]


def _domain(cases: Sequence[Material]) -> dict[str, Any]:
    rdap = known(cases[0], "rdap") or {}
    dns = known(cases[0], "dns") or {}
    own = _united([one.case["domain"] or one.case["subject"]] for one in cases)
    related = [
        row["subject"] for one in cases for row in one.related if row["subject_kind"] == "host"
    ]
    indicators = [
        _INDICATORS.get(match["resemblance"], "brand_keyword")
        for one in cases
        for match in one.matches
        if match["field"] == "host" and not match["suppressed"]
    ]
    if dns.get("parking"):
        indicators.append("parked_page")
    return {
        "domains": own,
        "registrar": rdap.get("registrar"),
        "registered_at": _moment(rdap.get("registered_at")),
        "name_servers": rdap.get("name_servers") or dns.get("name_servers"),
        "mail_servers": dns.get("mail_servers"),
        "related_domains": [name for name in _united([related]) if name not in own],
        "indicators": _united([indicators]),
    }


def _account(one: Material, brand: Brand) -> dict[str, Any]:
    if one.case["subject_kind"] not in ("account", "app"):
        return {}
    last = one.profile[-1] if one.profile else {}
    where = last.get("platform") or _platform(one.case)
    handle = last.get("handle") or next(
        (match["value"] for match in one.matches if match["field"] == "handle"), None
    )
    name = last.get("display_name") or next(
        (match["value"] for match in one.matches if match["field"] in ("display-name", "app")), None
    )
    return {
        "platform": where,
        "handle": handle,
        "display_name": name,
        "native_id": last.get("native_id") or _native_id(one.case),
        "developer": last.get("developer"),
        "official_account": ", ".join(brand.accounts.get(str(where), ())) or None,
        "official_app": ", ".join(brand.apps.get(str(where), ())) or None,
    }


def _native_id(case: Row) -> str | None:
    parts = str(case["subject_key"]).split(":", 2)
    if len(parts) < 3 or parts[2].startswith("@"):
        return None
    return parts[2]


def _copied(one: Material) -> list[dict[str, str]]:
    """What of the brand is seen in it: the strongest match of each kind and value."""
    items: list[dict[str, str]] = []
    for match in one.matches:
        if match["suppressed"]:
            continue
        code = _CODES.get(match["field"])
        value = match["value"]
        if match["field"] == "host":
            changed = match["resemblance"] in _LETTERS_CHANGED
            code = "lookalike-name" if changed else "domain-name"
        elif match["resemblance"] in _PICTURES:
            code = "picture"
        if code is None:
            continue
        term = one.case["brand_name"] if code == "picture" else match["term"]
        items.append({"code": code, "value": str(value), "term": str(term)})
    for name, times in (own_page(one).get("mentions") or {}).items():
        items.append({"code": "page", "value": str(times), "term": str(name)})
    return [item for at, item in enumerate(items) if item not in items[:at]]


def _rights(brand: Brand, number: str | None) -> dict[str, Any]:
    """Official site, and one mark: the one asked for, else the first word mark, else the first."""
    site = {"official_site": f"https://{brand.domains[0]}/"} if brand.domains else {}
    mark = _mark(brand, number)
    if mark is None:
        return site
    return site | {
        "mark_text": mark.text or (f"{brand.name} (figurative)" if mark.kind != "word" else None),
        "mark_number": mark.number,
        "mark_office": mark.office,
        "mark_classes": ", ".join(map(str, mark.classes)) or None,
        "mark_jurisdictions": ", ".join(mark.jurisdictions) or None,
        "mark_owner": mark.owner,
    }


def _mark(brand: Brand, number: str | None) -> Mark | None:
    if number is not None:
        found = next((mark for mark in brand.marks if mark.number == number), None)
        if found is None:
            known = ", ".join(mark.number for mark in brand.marks) or "none"
            raise UsageError(
                f"{brand.name} has no mark with the number {number!r} in the watch file; it has: "
                f"{known}."
            )
        return found
    words = (mark for mark in brand.marks if mark.kind == "word")
    return next(words, brand.marks[0] if brand.marks else None)


def _who(watch: WatchFile) -> dict[str, Any]:
    told: dict[str, Any] = {
        "contact_mailbox": watch.notices.sender or watch.watch.contact,
        "signature": watch.notices.signature,
    }
    if watch.organisation is not None:
        who = watch.organisation
        told |= {
            "organisation": who.name, "address": who.address, "country": who.country,
            "contact_name": who.contact_name, "phone": who.phone, "authority": who.authority,
        }  # fmt: skip
    return told


def _earlier(row: Row) -> dict[str, str | None]:
    return {
        "action_id": row["action_id"],
        "sent": _minute(row["sent_at"]),
        "provider": row["provider_name"],
        "state": row["state"],
    }


def _united(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(item for items in lists for item in items if item))


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _minute(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
