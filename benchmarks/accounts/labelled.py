"""Labelled accounts: impostors of every way of posing, and innocents of three kinds.

An impostor shows the brand in its handle, its display name or both, with or without the logo,
edited in one of the 29 ways of `benchmarks.images.edits`. What it says of itself is drawn, too,
and half of that unknown, as with real platforms. Bystanders are handles of others.
May import: benchmarks, namaak.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from benchmarks.accounts.brands import World
from benchmarks.accounts.judged import SEEN_AT, Account
from benchmarks.accounts.posing import EXECUTIVE, POSINGS, Posing, glued
from benchmarks.images.edits import EDITS, canvas
from benchmarks.registry import rows_of
from detectors.images.decoding import decode
from detectors.images.picture import Picture, Undecodable
from detectors.ordinary import shipped_sample
from namaak.brands import Brand
from namaak.platforms import fold_platform, platform

#: Which of its two names shows the brand. "agreeing": the handle poses, and the display name is
#: the brand's, plain.
Shows = Literal["handle", "display name", "agreeing"]
PLATFORMS = ("x", "instagram", "telegram", "youtube", "tiktok", "bluesky", "mastodon", "github")
_NAMELESS = ("qx81kz0v", "blueheron77", "mosslane_3", "kat_in_wonder", "zu9mmtr4", "fjordlicht")
_NEUTRAL = ("blue heron", "Moss Lane", "night owl 42", "fjordlicht", "k.t.", "Marginalia")


@dataclass(frozen=True, slots=True, kw_only=True)
class Impostor:
    """One labelled account."""

    account: Account
    brand_id: str
    posing: Posing
    shows: Shows
    logo: bool  #: its avatar is the brand's logo, edited

    @property
    def agrees(self) -> bool:
        """Beside the name that poses stands the logo or the brand's display name."""
        return self.logo or self.shows == "agreeing"


def impostors(
    world: World, chosen: random.Random, *, each: int
) -> tuple[list[Impostor], dict[str, Picture | Undecodable], int]:
    """(accounts, pictures by SHA-256, handles left out because no platform takes them).

    each: accounts of one way, of one kind of showing it, with and without the logo.
    """
    pictures: dict[str, Picture | Undecodable] = {}
    made: list[Impostor] = []
    impossible = 0
    avatars = _avatars(world, pictures, chosen)
    ids = list(world.brands)
    for posing in (*POSINGS, _executive()):
        for shows in _ways_of_showing(posing):
            for number in range(2 * each):
                brand_id = ids[chosen.randrange(len(ids))]
                logo = number % 2 == 1
                names = _names(posing, shows, world.brands[brand_id], chosen)
                if names is None:
                    continue
                handle, display, bio = names
                where = _platform_for(handle, posing, chosen)
                if where is None:
                    impossible += 1
                    continue
                facts = _facts(chosen)
                if bio:
                    facts["bio"] = bio
                account = Account(
                    platform=where,
                    handle=handle,
                    display_name=display,
                    avatar=next(avatars[brand_id]) if logo else None,
                    facts=facts,
                )
                if _is_own(account, world.brands[brand_id]):
                    continue
                made.append(
                    Impostor(
                        account=account, brand_id=brand_id, posing=posing, shows=shows, logo=logo
                    )
                )
    return made, pictures, impossible


def bystanders(data: Path | None, *, many: int, chosen: random.Random) -> dict[str, list[Account]]:
    """By kind: handles of projects, official handles of anybody, and ordinary names; `many` each.

    Without a data folder ordinary names alone.
    """
    ordinary = shipped_sample().labels.to_pylist()
    kinds = {
        "ordinary": [
            Account(platform=chosen.choice(PLATFORMS), handle=name, facts=_facts(chosen))
            for name in chosen.sample(ordinary, many)
        ]
    }
    if data is None:
        return kinds
    projects = [row["name"] for row in rows_of(data / "project_names_benign.csv.gz")]
    kinds["projects"] = [
        Account(platform="github", handle=name, facts=_facts(chosen))
        for name in chosen.sample(projects, min(many, len(projects)))
    ]
    official = list(rows_of(data / "handles_official.csv.gz"))
    kinds["official"] = [
        official_account(row) for row in chosen.sample(official, min(many, len(official)))
    ]
    return kinds


def official_account(row: Mapping[str, str]) -> Account:
    """row: of handles_official. Its owner's name is what such an account is called; nothing else
    is known of it."""
    return Account(
        platform=fold_platform(row["platform"]),
        handle=row["handle"],
        display_name=row["owner"] or None,
    )


def _executive() -> Posing:
    return Posing(number=EXECUTIVE, name="executive")


def _ways_of_showing(posing: Posing) -> Sequence[Shows]:
    if posing.number == EXECUTIVE:
        return ("display name",)
    ways: list[Shows] = []
    if posing.handle and posing.display and posing.number == 27:
        return ("agreeing",)
    if posing.handle:
        ways += ["handle", "agreeing"]
    if posing.display:
        ways.append("display name")
    return ways


def _names(
    posing: Posing, shows: Shows, brand: Brand, chosen: random.Random
) -> tuple[str | None, str, str | None] | None:
    """Handle, display name, bio; None where the way has nothing to make of the name."""
    if posing.number == EXECUTIVE:
        if not brand.executives:
            return None
        person = brand.executives[0]
        return glued(person.name), person.name, f"{person.role} of {brand.name}"
    if shows == "display name":
        display = posing.display(brand.name, chosen) if posing.display else None
        return None if display is None else (chosen.choice(_NAMELESS), display, None)
    handle = posing.handle(brand.name, chosen) if posing.handle else None
    if handle is None:
        return None
    return handle, brand.name if shows == "agreeing" else chosen.choice(_NEUTRAL), None


def _platform_for(handle: str | None, posing: Posing, chosen: random.Random) -> str | None:
    """One that takes the handle. Only the way that makes domains has domains for handles."""
    if posing.number == 30:
        return "bluesky"
    places = chosen.sample(PLATFORMS, len(PLATFORMS))
    for name in places:
        found = platform(name)
        if handle is None or (found and found.can_hold(handle)):
            if found and found.form == "domain" and handle and "." in handle:
                continue
            return name
    return None


def _facts(chosen: random.Random) -> dict[str, Any]:
    """Half of the platforms tell little. What is told is as told of people: young and small, or
    grown for years; an impostor and a bystander are drawn alike."""
    facts: dict[str, Any] = {}
    if chosen.random() < 0.5:
        facts["created_at"] = SEEN_AT - timedelta(days=round(chosen.lognormvariate(5, 1.5)))
    if chosen.random() < 0.5:
        facts["followers"] = round(chosen.lognormvariate(4, 1.8))
        facts["posts"] = round(chosen.lognormvariate(3, 1.5))
    return facts


def _avatars(
    world: World, pictures: dict[str, Picture | Undecodable], chosen: random.Random
) -> dict[str, Iterator[str]]:
    """Of each brand its logo, edited in turn in every way, in an order of its own."""

    def of(brand_id: str) -> Iterator[str]:
        start = canvas(world.logos[brand_id])
        while True:
            for edit in chosen.sample(list(EDITS), len(EDITS)):
                file = EDITS[edit](start, chosen)
                sha256 = hashlib.sha256(file).hexdigest()
                if sha256 not in pictures:
                    pictures[sha256] = decode(file)
                yield sha256

    return {brand_id: of(brand_id) for brand_id in world.brands}


def _is_own(account: Account, brand: Brand) -> bool:
    own = (handle.casefold() for handle in brand.accounts.get(account.platform, ()))
    return account.handle is not None and account.handle.casefold() in own
