"""Which providers a case leads to, and by what that is known.

By numbers and suffixes: an AS number or a registrar's IANA id cannot be chosen by whoever is
complained about. The name of a range is what its holder writes, so it counts only where no AS
number is known, only as a whole, and as a guess. Of a registrar, whom a registry names, a whole
name counts where no number is told. A name that a page shows counts nowhere.
Pure. May import: namaak.casework.contacts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from namaak.casework.contacts.facts import CaseFacts, Hop
from namaak.casework.contacts.providers.table import Provider, providers
from namaak.casework.contacts.scopes import Scope
from namaak.records import SubjectKind

_WORDS = re.compile(r"[^\W_]+")
#: What a company is by law, not who: at the end of a name.
_LEGAL = re.compile(
    r" (?:inc|incorporated|llc|ltd|limited|corp|corporation|co|company|bv|b v|nv|n v|gmbh|ag|se"
    r"|sas|s a s|sarl|sa|s a|pty|plc|ab|oy|uab|srl|s r l)$"
)
#: What can be done by whom an address belongs to.
_OF_ADDRESS = (Scope.CDN, Scope.HOST, Scope.NETWORK)
#: Whom no fact leads to: they concern every host of which such a thing is claimed.
OF_ALL = (Scope.BLOCKLIST, Scope.CLEARING_HOUSE, Scope.DISPUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A provider, what it can do here, and by what that is known."""

    provider: Provider
    scope: Scope
    subject: str  #: host, address, AS number, domain, account
    by: str  #: a few words for a person
    hop: int = 0
    guess: bool = False  #: only a name says so that the other side may have written


def matches_of(facts: CaseFacts, among: Iterable[Provider] | None = None) -> tuple[Match, ...]:
    """Providers that can do something about a case, each once for a scope and subject."""
    table = providers() if among is None else tuple(among)
    found: dict[tuple[str, str, str], Match] = {}
    for one in table:
        for match in _of_one(facts, one):
            if any(route.scope is match.scope for route in one.routes):
                found.setdefault((one.id, match.scope, match.subject), match)
    return tuple(found.values())


def _of_one(facts: CaseFacts, one: Provider) -> Iterator[Match]:
    if facts.subject_kind != SubjectKind.HOST:
        if facts.platform is not None and facts.platform in one.marks.platforms:
            for scope in (Scope.PLATFORM, Scope.STORE):
                yield Match(
                    provider=one, scope=scope, subject=facts.subject, by=f"it is on {one.name}"
                )
        return
    if one.marks.always:
        for route in one.routes:
            if route.scope in OF_ALL and route.accepts & facts.abuse:
                yield Match(
                    provider=one, scope=route.scope, subject=facts.subject, by="every such case"
                )  # fmt: skip
    for hop in facts.hops:
        yield from _of_hop(facts, one, hop)
    if facts.mail_only:
        for server in facts.mail_servers:
            if _below(server, one.marks.mx_suffixes):
                yield Match(
                    provider=one, scope=Scope.MAIL, subject=facts.domain or facts.subject,
                    by=f"its mail goes to {server}",
                )  # fmt: skip


def _of_hop(facts: CaseFacts, one: Provider, hop: Hop) -> Iterator[Match]:
    marks = one.marks
    if suffix := _below(hop.host, marks.host_suffixes):
        yield Match(
            provider=one, scope=Scope.SITE_BUILDER, subject=hop.host, hop=hop.number,
            by=f"its host lies below {suffix}",
        )  # fmt: skip
    for address in hop.addresses:
        network = facts.network(address)
        if network is None:
            continue
        numbers = sorted(marks.asn.intersection(network.asn))
        named = None if network.asn else _named(one, (network.name, network.holder))
        if not numbers and named is None:
            continue
        by = (
            f"AS{numbers[0]} announces {address}"
            if numbers
            else f"a guess: the range of {address} is called {named}, and no AS number is known"
        )
        for scope in _OF_ADDRESS:
            yield Match(
                provider=one, scope=scope, subject=address, by=by, hop=hop.number,
                guess=not numbers,
            )  # fmt: skip
    if hop.private_suffix or any(hop.domain in other.domains for other in providers()):
        # Nobody registered a domain here: the registrar of the site builder has no part in it.
        return
    tld = next((tld for tld in marks.tlds if hop.suffix == tld or _below(hop.suffix, (tld,))), None)
    if tld is not None:
        yield Match(
            provider=one, scope=Scope.REGISTRY, subject=hop.domain, hop=hop.number,
            by=f"it keeps .{tld}",
        )  # fmt: skip
    told = facts.registration(hop.domain)
    if told is not None:
        # The number decides where there is one: names of resellers and brands are alike.
        by_id = told.iana_id in marks.registrar_iana_ids
        named = None if told.iana_id else _named(one, (told.registrar,))
        if by_id or named:
            yield Match(
                provider=one, scope=Scope.REGISTRAR, subject=hop.domain, hop=hop.number,
                by=f"registrar {told.registrar or 'of IANA id ' + str(told.iana_id)}",
            )  # fmt: skip
    servers = (told.name_servers if told is not None else ()) or (
        facts.name_servers if hop.number == 0 else ()
    )
    if not hop.addresses and (server := next(
        (name for name in servers if _below(name, marks.ns_suffixes)), None
    )):  # fmt: skip
        yield Match(
            provider=one, scope=Scope.CDN, subject=hop.domain, hop=hop.number,
            by=f"its name server is {server}",
        )  # fmt: skip


def _below(host: str, suffixes: Iterable[str]) -> str | None:
    """The suffix that a host lies below, or is; whole labels only."""
    name = host.lower().removesuffix(".")
    return next((one for one in suffixes if name == one or name.endswith(f".{one}")), None)


def _named(one: Provider, texts: Iterable[str | None]) -> str | None:
    """The text that is a name of the provider and nothing more, but for its legal form."""
    names = {_folded(name) for name in one.marks.rdap_names}
    for text in texts:
        whole = _folded(text or "")
        if whole and (whole in names or _LEGAL.sub("", whole) in names):
            return text
    return None


def _folded(name: str) -> str:
    return " ".join(_WORDS.findall(name.lower()))
