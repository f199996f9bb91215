"""What one profile says about posing as one brand: named traits.

The way through this room: its words (`speech`), its ways out of the platform (`contacts`,
`payments`), what it copies (`likeness`), who it is (`standing`). Nothing is weighed: a trait is a
name, the value seen and a sentence, and the ranking knows what each is worth. Where a fact is
missing there is no trait: unknown is not absent.
Pure. May import: detectors, namaak.brands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from detectors.pages import Trait, owns
from detectors.profiles.contacts import contact_traits, linked_hosts
from detectors.profiles.likeness import likeness_traits
from detectors.profiles.payments import payments_in
from detectors.profiles.speech import speech_traits
from detectors.profiles.standing import standing_traits
from detectors.profiles.words import profile_words
from namaak.brands import Brand

Profile = Mapping[str, Any]  #: columns of OBSERVATION_SCHEMA; a missing one is unknown

_MAX_RAW = 300
_PAYS = {
    "crypto": ("profile.pays-crypto", "It gives an address of {system} to pay to"),
    "bank": ("profile.pays-bank", "It gives a bank account to pay to"),
    "handle": ("profile.pays-handle", "It asks for money by {system}"),
}


def profile_traits(
    profile: Profile,
    brand: Brand,
    *,
    official: Sequence[Profile] = (),
    history: Sequence[Profile] = (),
    now: datetime,
) -> tuple[Trait, ...]:
    """profile: one account or app as it was seen last.

    official: the brand's own accounts and apps, as they were seen last. history: earlier versions
    of this one: handle, display_name, image_sha256, and first_seen, aware. now: aware; when it was
    seen, so that read again tomorrow it says the same. Each name at most once, in a fixed order.
    """
    found = [
        *likeness_traits(profile, brand, official),
        *speech_traits(profile, brand),
        *contact_traits(profile),
        *_payments(profile),
        *_own_links(profile, brand),
        *standing_traits(profile, brand, official, history, now),
    ]
    first: dict[str, Trait] = {}
    for name, raw, says in found:
        first.setdefault(name, Trait(name=name, raw=raw[:_MAX_RAW], says=says[:_MAX_RAW]))
    return tuple(first.values())


def _payments(profile: Profile) -> Iterator[tuple[str, str, str]]:
    links = " ".join(profile.get("links") or ())
    for payment in payments_in(f"{profile.get('bio') or ''} {links}"):
        name, says = _PAYS[payment.kind]
        yield name, payment.address, says.format(system=payment.system)


def _own_links(profile: Profile, brand: Brand) -> Iterator[tuple[str, str, str]]:
    own = [host for host in linked_hosts(profile) if owns(brand, host)]
    if own:
        # Thieves do it too, to look like the real one.
        yield "profile.links-brand", own[0], f"It links to {brand.name}'s own site {own[0]}"


@cache
def version() -> str:
    """Changes with any source or table of this room: profiles are then read again."""
    digest = hashlib.sha256(profile_words().version.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return f"profiles-1.{digest.hexdigest()[:8]}"
