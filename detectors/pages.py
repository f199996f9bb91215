"""What a page, and what stands around it, says about posing as one brand: named traits.

Over facts that were read before (their keys: docs/reference/enrichment.md), so that a brand which
joins the watch file later is looked for in pages of yesterday. Nothing is weighed here; a trait is
a name, the value seen and a sentence, and the ranking knows what each is worth. Where a fact is
missing or could not be told there is no trait: unknown is not absent.
Pure. May import: detectors.folding, namaak.brands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from detectors.folding import read_as_ascii
from namaak.brands import Brand

Facts = Mapping[str, Any]

#: Shorter names stand in any text by chance.
MIN_TERM = 3
#: Days up to which an age is told at all; the ranking weighs the first of them more.
YOUNG_DAYS = 90
_MAX_RAW = 300
_BETWEEN = re.compile(r"[^a-z0-9]+")
_KINDS = {
    "parked": "The page is a parking page",
    "for-sale": "The page offers the name for sale",
    "suspended": "The page says that its host or registrar has taken it down",
    "default-server": "The page is the one its server came with",
    "blocked": "Something stands before the page, so that it could not be seen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One thing that is so; whether it speaks for or against is the ranking's to say."""

    name: str  #: stable, e.g. "page.password-off-site"
    raw: str  #: the value seen
    says: str  #: one sentence for a person


def page_traits(facts: Mapping[str, Facts], brand: Brand, *, now: datetime) -> tuple[Trait, ...]:
    """facts: by aspect ("dns", "rdap", "certificate", "page"), of findings that were answered.

    now: the moment from which a registration is young. Each name at most once, in a fixed order.
    """
    found = [
        *_words(facts.get("page", {}), brand),
        *_forms(facts.get("page", {})),
        *_ties(facts.get("page", {}), brand),
        *_kind(facts.get("page", {})),
        *_dns(facts.get("dns", {}), facts.get("rdap", {}), brand),
        *_rdap(facts.get("rdap", {}), now),
        *_certificate(facts.get("certificate", {}), brand),
    ]
    return tuple(Trait(name=name, raw=raw[:_MAX_RAW], says=says) for name, raw, says in found)


def mentions(text: str, brand: Brand) -> int:
    """How often one of the brand's names stands in a text as words of its own, as people read it.

    >>> mentions("Log in to \u0410cme-Bank. ACMEBANK!", Brand(name="Acme Bank"))
    2
    """
    # Two blanks between words: each word then has its own on either side.
    read = f" {_BETWEEN.sub('  ', read_as_ascii(text).text)} "
    count = 0
    for name in brand.names:
        words = _BETWEEN.sub(" ", read_as_ascii(name).text).strip()
        if len(words.replace(" ", "")) >= MIN_TERM:
            spellings = dict.fromkeys((words, words.replace(" ", "")))
            count += sum(read.count(f" {spelling.replace(' ', '  ')} ") for spelling in spellings)
        elif not words:
            # Written in letters that have no reading in ASCII: as it stands.
            count += text.casefold().count(name.casefold())
    return count


def owns(brand: Brand, host: str) -> str | None:
    """The brand's domain that this host is or lies under."""
    return next((own for own in brand.domains if host == own or host.endswith(f".{own}")), None)


_Found = tuple[str, str, str]


def _words(page: Facts, brand: Brand) -> Iterator[_Found]:
    title, site = page.get("title") or "", page.get("site_name") or ""
    if mentions(title, brand):
        yield "page.title-brand", title, f"The title of the page names {brand.name}"
    if mentions(site, brand):
        yield "page.site-name-brand", site, f"The page calls its site by the name {brand.name}"
    counted = page.get("mentions") or {}
    count = max(
        mentions(page.get("text") or "", brand),
        *(int(counted.get(name, 0)) for name in brand.names if len(name) >= MIN_TERM), 0,
    )  # fmt: skip
    # An ordinary word proves nothing by standing somewhere on a page.
    if count > (2 if brand.common_word else 0):
        yield "page.text-brand", str(count), f"The page names {brand.name} {_times(count)}"


def _forms(page: Facts) -> Iterator[_Found]:
    forms: Sequence[Facts] = page.get("forms") or ()
    passwords = [form for form in forms if form.get("password")]
    if passwords:
        yield "page.password-form", _action(passwords[0]), "The page asks for a password"
    away = [form for form in passwords if form.get("off_site")]
    if away:
        host = away[0].get("action_host") or ""
        says = f"It sends the password elsewhere, to {host}"
        yield "page.password-off-site", _action(away[0]), says
    for field, says in (
        ("card", "The page asks for the number of a payment card"),
        ("seed", "The page asks for the words that open a wallet"),
        ("code", "The page asks for a one-time code"),
    ):
        asking = [form for form in forms if field in (form.get("fields") or ())]
        if asking:
            yield f"page.{field}-form", _action(asking[0]), says


def _ties(page: Facts, brand: Brand) -> Iterator[_Found]:
    """What leads from the page to the brand's own domains."""
    at_brand = owns(brand, page.get("final_host") or "")
    if at_brand and page.get("off_site"):
        yield "page.redirects-to-brand", page.get("url") or "", f"It leads on to {at_brand} itself"
    if at_brand:
        # What the brand's own page loads and links says nothing of the host.
        return
    for key in ("refreshes_to", "script_sends_to"):
        target = page.get(key) or ""
        if own := owns(brand, _host(target)):
            # Whoever looked was not sent there, and nobody else need ever be.
            yield "page.sends-to-brand", target, f"It holds words that would lead on to {own}"
            break
    if page.get("off_site"):
        yield (
            "page.redirects-elsewhere", page.get("url") or "",
            f"It leads on to another site, {page.get('final_host')}",
        )  # fmt: skip
    loaded = _owned(brand, page.get("resources") or {})
    if loaded:
        yield (
            "page.hot-linking", _counts(loaded),
            f"The page loads pictures, styles or scripts from {brand.name}'s own servers",
        )  # fmt: skip
    linked = _owned(brand, page.get("links") or {})
    if linked:
        yield "page.links-to-brand", _counts(linked), f"The page links to {brand.name}'s own site"


def _kind(page: Facts) -> Iterator[_Found]:
    kind = page.get("kind")
    if kind in _KINDS:
        yield f"page.{kind}", "; ".join(page.get("kind_reasons") or ()), _KINDS[kind]
    if page.get("obfuscated"):
        yield "page.obfuscated", "yes", "The page is written by a script that hides what it writes"


def _dns(dns: Facts, rdap: Facts, brand: Brand) -> Iterator[_Found]:
    servers: Sequence[str] = dns.get("mail_servers") or ()
    if dns.get("mail_without_web"):
        yield "dns.mail-without-web", ", ".join(servers), "It takes mail and has no web site"
    elif dns.get("mail_capable"):
        yield "dns.mail-capable", ", ".join(servers), "It takes mail"
    parking: Sequence[Facts] = dns.get("parking") or ()
    if parking:
        raw = ", ".join(str(sign.get("value")) for sign in parking)
        yield (
            "dns.parked",
            raw,
            f"Its servers are those of {parking[0].get('service')}, who park names",
        )
    if dns.get("wildcard"):
        raw = ", ".join(dns.get("wildcard_addresses") or ())
        yield "dns.wildcard", raw, "Any name below the domain answers"
    name_servers: Sequence[str] = dns.get("name_servers") or ()
    if _all_owned(brand, name_servers):
        raw = ", ".join(name_servers)
        # In the DNS the last word is the zone's, which its owner writes; in the registry it is not.
        if _all_owned(brand, rdap.get("name_servers") or ()):
            says = f"Its name servers are {brand.name}'s own, and so its registry says"
            yield "dns.brand-name-servers", raw, says
        else:
            says = f"It says that its name servers are {brand.name}'s own; no registry says so"
            yield "dns.brand-name-servers-claimed", raw, says


def _rdap(rdap: Facts, now: datetime) -> Iterator[_Found]:
    registered_at = rdap.get("registered_at")
    if registered_at:
        days = (now - datetime.fromisoformat(registered_at)).days
        if 0 <= days <= YOUNG_DAYS:
            when = "today" if days == 0 else f"{days} day{'' if days == 1 else 's'} before"
            yield "rdap.young", str(days), f"The domain was registered {when}"
    if rdap.get("on_hold"):
        status = ", ".join(rdap.get("status") or ())
        yield "rdap.on-hold", status, "Its registrar or registry has taken it out of the DNS"


def _certificate(certificate: Facts, brand: Brand) -> Iterator[_Found]:
    names: Sequence[str] = certificate.get("names") or ()
    own = [name for name in names if owns(brand, name.removeprefix("*."))]
    if own:
        says = f"Its server shows a certificate that holds {brand.name}'s own names"
        yield "certificate.brand-names", ", ".join(own[:3]), says
    if certificate.get("self_signed"):
        yield (
            "certificate.self-signed", certificate.get("issuer") or "",
            "Its server made its certificate itself",
        )  # fmt: skip
    if certificate.get("mismatch"):
        says = "Its server shows a certificate that is for other names"
        yield "certificate.mismatch", ", ".join(names[:3]), says


def _all_owned(brand: Brand, hosts: Sequence[str]) -> bool:
    return bool(hosts) and all(owns(brand, host) for host in hosts)


def _owned(brand: Brand, hosts: Mapping[str, int]) -> dict[str, int]:
    return {host: count for host, count in hosts.items() if owns(brand, host)}


def _counts(hosts: Mapping[str, int]) -> str:
    return ", ".join(f"{host}: {count}" for host, count in sorted(hosts.items()))


def _action(form: Facts) -> str:
    return str(form.get("action") or "")


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].partition(":")[0].lower()


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
