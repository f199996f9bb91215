"""What of a look is compared with the next one, aspect by aspect; see `diff`.

What could not be told is not in it. Lists are sorted and bounded, texts cut.
Pure. May import: detectors.suffixes, namaak.casework.followup.judging.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from detectors.suffixes import registrable_domain
from namaak.casework.followup.judging import TELLING, Answer, takes_mail, told_facts

_MOST = 50
_MOST_TEXT = 500
#: Pages of somebody's own: what was seen before, when a page is gone.
OWN_KINDS = frozenset({"content", "not-html"})


def aspects_of_host(answers: Mapping[str, Answer], host: str) -> dict[str, Any]:
    """Of its name and its front page. answers: by aspect."""
    dns = told_facts(answers, "dns")
    return {
        # A name that is not there has no servers; that is told as gone, not as a change.
        **(_of_dns(dns, host) if dns.get("exists") is not False else {}),
        **_of_registry(told_facts(answers, "rdap")),
        **_of_network(answers.get("network")),
        **_of_certificate(told_facts(answers, "certificate"), host),
        **of_page(answers.get("page"), host),
    }


def _of_dns(dns: Mapping[str, Any], host: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if dns.get("addresses"):
        found["addresses"] = sorted(dns["addresses"])[:_MOST]
    if dns.get("name_servers"):
        found["servers"] = _domains(dns["name_servers"])
    if takes_mail(dns, host) is not None:
        found["mail"] = _domains(dns.get("mail_servers") or ())
    return found


def _of_registry(rdap: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if registrar := rdap.get("registrar_iana_id") or rdap.get("registrar"):
        found["registrar"] = short(str(registrar))
        found["registrar-name"] = short(str(rdap.get("registrar") or registrar))
    if rdap.get("registered_at"):
        found["registered"] = str(rdap["registered_at"])[:10]
    if rdap.get("on_hold") is not None:
        found["hold"] = bool(rdap["on_hold"])
    return found


def _of_network(network: Answer | None) -> dict[str, Any]:
    """Whose addresses they are: networks by number, else ranges by what their registry calls them.

    Only where all of them are known: a part would look like a move.
    """
    if network is None or network.outcome != "answered":
        return {}
    names: set[str] = set()
    for one in network.facts.get("networks", ()):
        numbers = [f"AS{number}" for number in one.get("asn") or ()]
        handle = one.get("handle") or one.get("name")
        if one.get("outcome") != "answered" or not (numbers or handle):
            return {}
        names |= set(numbers) or {str(handle)[:80]}
    return {"networks": sorted(names)[:_MOST]} if names else {}


def _of_certificate(certificate: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Its names below the domain of the host: shared certificates name many strangers."""
    if certificate.get("names") is None:
        return {}
    domain = registrable_domain(host)
    own = {n for n in certificate["names"] if n == domain or n.endswith(f".{domain}")}
    found: dict[str, Any] = {"certificate": sorted(own)[:_MOST]}
    if issuer := certificate.get("issuer_organisation"):
        found["issuer"] = short(issuer)
    return found


def of_page(page: Answer | None, host: str) -> dict[str, Any]:
    """Of one page; nothing where it told nothing."""
    told = page is not None and page.outcome in TELLING
    return _of_page(page.facts, host) if page is not None and told else {}


def _of_page(page: Mapping[str, Any], host: str) -> dict[str, Any]:
    kind = page.get("kind")
    found: dict[str, Any] = {"kind": kind} if kind else {}
    if kind not in OWN_KINDS or page.get("charset") is None:
        # The title and text of an error or a parking page are nobody's.
        return found
    found["secrets"] = bool(page.get("asks_password") or page.get("asks_card"))
    found["sends"] = _domains(
        form["action_host"] for form in page.get("forms", ()) if form.get("off_site")
    )
    found["lands"] = registrable_domain(page.get("final_host") or host)
    found["mentions"] = sorted(page.get("mentions") or ())[:_MOST]
    if page.get("title"):
        found["title"] = short(page["title"])
    if page.get("text_tlsh"):
        found["text"] = page["text_tlsh"]
    if hashes := [icon["phash"] for icon in page.get("icons", ()) if icon.get("phash")]:
        found["icon"] = hashes[0]
    return found


def _domains(hosts: Iterable[str]) -> list[str]:
    return sorted({registrable_domain(host.lower()) for host in hosts if host})[:_MOST]


def hosts_of(links: Iterable[str]) -> list[str]:
    """Hosts that links lead to, each once; with or without https:// before them."""
    from urllib.parse import urlsplit

    found = set()
    for link in links:
        try:
            host = urlsplit(link if "//" in link else f"//{link}").hostname
        except ValueError:
            continue  # no address, whatever it is
        if host:
            found.add(host[:253])
    return sorted(found)[:_MOST]


def short(text: str | None) -> str | None:
    """As much of a stranger's text as is stored."""
    return None if text is None else text[:_MOST_TEXT]
