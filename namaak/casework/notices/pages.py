"""Which pages a notice may name: those of its own cases, and nobody else's.

A person may add addresses to a notice; a slip there accuses a stranger. Pure.
May import: namaak.casework.contacts.facts, namaak.casework.notices.fields and material,
namaak.errors, namaak.platforms.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from namaak.casework.contacts.facts import is_below
from namaak.casework.notices.fields import exact_url
from namaak.casework.notices.material import Material, known
from namaak.errors import UsageError
from namaak.platforms import Platform, Recognised, platform, recognise

_MAX_TOLD = 8


def refuse_foreign(urls: Iterable[str], cases: Sequence[Material]) -> None:
    """Raises UsageError for an address that is of none of these cases.

    Of a host: itself, its domain, and where captures and looks were led. Of an account: its own
    address and pages of its platform that are not another account's. Of a picture, and of an
    account whose platform nobody knows, a person's word is all there is.
    """
    if any(one.case["subject_kind"] == "image" or not _hosts(one) for one in cases):
        return
    for url in urls:
        if not any(_is_of(url, one) for one in cases):
            ids = ", ".join(str(one.case["case_id"]) for one in cases)
            hosts = list(dict.fromkeys(host for one in cases for host in _hosts(one)))
            where = ", ".join(hosts[:_MAX_TOLD]) or "no host that is known"
            raise UsageError(
                f"{url} is no page of {ids} ({where}), and a notice names only pages of its own "
                "cases; leave it out, or draft a notice about the case of that page."
            )


def refuse_own(urls: Iterable[str], cases: Sequence[Material], owned: Collection[str]) -> None:
    """Raises UsageError for an address of the brand itself, to which a case may lead its visitors.

    owned: domains of the brands. A host of theirs that is the case may be taken over.
    """
    about = {_host(one.case["subject"]) for one in cases}
    for url in urls:
        host = urlsplit(url).hostname or ""
        if host not in about and is_below(host, owned):
            raise UsageError(
                f"{url} is a page of your own, and a notice asks to take down what it names; leave "
                "it out."
            )


def _is_of(url: str, one: Material) -> bool:
    host = urlsplit(url).hostname or ""
    if one.case["subject_kind"] == "host":
        own = [_host(one.case["subject"]), _host(one.case["domain"])]
        within = any(host == name or host.endswith(f".{name}") for name in own if name)
        return within or host in _hosts(one)
    if url in _seen(one):
        return True
    whose = recognise(url)
    if whose is not None and whose.kind == one.case["subject_kind"]:
        return _is_account(whose, one)
    return any(host == own or host.endswith(f".{own}") for own in _hosts(one))


def _is_account(whose: Recognised, one: Material) -> bool:
    of = _platform(one)
    if of is None or whose.platform != of.id:
        return False
    own = _own_part(one)
    if whose.native_id and whose.native_id in {own, *(row["native_id"] for row in one.profile)}:
        return True
    handles = {row["handle"] for row in one.profile} | {own.removeprefix("@")}
    handles |= {match["value"] for match in one.matches if match["field"] == "handle"}
    same = {_folded(of, str(handle)) for handle in handles if handle}
    return whose.handle is not None and _folded(of, whose.handle) in same


def _folded(of: Platform, handle: str) -> str:
    return of.fitted(handle) or handle.casefold()


def _platform(one: Material) -> Platform | None:
    parts = str(one.case["subject_key"]).split(":", 2)
    named = one.profile[-1]["platform"] if one.profile else None
    return platform(str(named or (parts[1] if len(parts) == 3 else "")))


def _own_part(one: Material) -> str:
    return str(one.case["subject_key"]).split(":", 2)[-1]


def _hosts(one: Material) -> list[str]:
    """Where it is, as far as is known."""
    found = [_host(url) for url in _seen(one)]
    if one.case["subject_kind"] == "host":
        found = [_host(one.case["subject"]), *found]
    elif of := _platform(one):
        found += of.hosts
    return list(dict.fromkeys(host for host in found if host))


def _seen(one: Material) -> Iterator[str]:
    """Addresses at which it was seen, or where such a visit ended."""
    for row in one.captures:
        if row["outcome"] == "ok":
            yield from (exact for url in (row["url"], row["final_url"]) if (exact := _exact(url)))
    page = known(one, "page") or {}
    for url in (page.get("url"), *(hop.get("url") for hop in page.get("hops") or ())):
        if exact := _exact(url):
            yield exact
    of = _platform(one)
    for row in one.profile:
        link = of.link(row["handle"], row["native_id"]) if of else None
        yield from (exact for url in (row["url"], link) if (exact := _exact(url)))


def _exact(url: object) -> str | None:
    return exact_url(str(url)) if url else None


def _host(name: object) -> str | None:
    """Of a host or an address, as `exact_url` writes it; of an address of IPv6 without brackets."""
    text = str(name or "")
    url = exact_url(text if "://" in text else f"https://{text}/")
    return None if url is None else urlsplit(url).hostname
