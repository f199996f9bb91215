"""Whose lookalikes are wanted: a domain, and what is known of its owner.

Without a watch file the brand is the domain's own label and nothing else; with one, the brand that
owns the domain brings its names, its other domains and what it allows.
Pure. May import: namaak.brands, namaak.errors, namaak.sources.hosts, detectors.suffixes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import idna

from detectors.suffixes import suffix_list
from namaak.brands import Brand, WatchFile, to_a_label
from namaak.errors import UsageError
from namaak.sources.hosts import normalise_host

#: The brand's id where there is no watch file.
ADHOC = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One domain to sweep around."""

    domain: str  #: registrable, A-labels
    brand_id: str
    brand: Brand
    owned: tuple[str, ...]  #: domains that are nobody's lookalikes, this one first

    def owns(self, host: str) -> bool:
        """Whether the host is one of the owned domains or below one."""
        return any(host == domain or host.endswith(f".{domain}") for domain in self.owned)


def find_target(text: str, *, watch: WatchFile | None, day: date) -> Target:
    """text: a domain as a person writes it; a host counts as the domain above it.

    day: allow rules that ended before are left out. Raises UsageError.
    """
    try:
        host = to_a_label(text)
    except ValueError as error:
        raise UsageError(f"{error}.".replace("..", ".")) from None
    try:
        normalise_host(host)
    except ValueError as error:
        raise UsageError(f"{text!r} {error}; write a domain, as in acme.nl.") from None
    split = suffix_list().split(host)
    domain = host[split.registrable :]
    if split.suffix == 0:
        raise UsageError(
            f"{text!r} is a suffix under which others register; write the whole domain, as in "
            f"acme.{host}."
        )
    for brand_id, brand in watch.brands.items() if watch else ():
        if any(_under(domain, own) or _under(own, domain) for own in brand.domains):
            owned = [own for each in watch.brands.values() for own in each.domains] if watch else []
            return Target(
                domain=domain,
                brand_id=brand_id,
                brand=brand.on(day),
                owned=tuple(dict.fromkeys((domain, *owned))),
            )
    owned = [own for each in watch.brands.values() for own in each.domains] if watch else []
    label = domain.partition(".")[0]
    return Target(
        domain=domain,
        brand_id=ADHOC,
        brand=Brand(name=_readable(label), domains=(domain,)),
        owned=tuple(dict.fromkeys((domain, *owned))),
    )


def _under(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _readable(label: str) -> str:
    """The label as people read it.

    >>> _readable("xn--bcher-kva"), _readable("acme-bank")
    ('bücher', 'acme bank')
    """
    if label.startswith("xn--"):
        try:
            label = idna.decode(label)
        except idna.IDNAError:
            return label
    return " ".join(label.replace("_", "-").split("-")).strip() or label
