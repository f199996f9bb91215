"""The watch list that accounts are measured on: brands with a logo, official accounts, a person.

With a data folder: core brands of the public registry whose logo is among the drawings, with all
official accounts that Wikidata knows of them. Without: invented brands with marks drawn here.
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.images.compositing import Rgba, own_ground, place, plain, png
from benchmarks.images.rendering import read_sources, render
from benchmarks.registry import brands_of, read_registry, rows_of
from detectors.images.decoding import decode
from detectors.images.picture import Picture, Undecodable
from detectors.observations import Watchlist, compile_watchlist
from namaak.brands import Brand, Executive
from namaak.platforms import fold_platform

#: Of a shorter name one character is not varied by any rule; the tricky accounts hold such.
_SHORTEST = 5
_LONGEST = 15
_LOGO = Path("logo.png")
#: Names of nobody.
_FIRST = ("Imre", "Odile", "Tamsin", "Wouter", "Ysolde", "Barend", "Ludmila", "Corvin")
_LAST = ("Quastel", "Varnstrand", "Hollebrugh", "Penderwyn", "Zandvliet", "Marrowby", "Ostrevik")

INVENTED = (
    "Waldermond", "Acme Bank", "Peerless", "Quillbrook", "Hollandia Mobiel", "Verdonck",
    "Zonnetij", "Brightlane", "Kessel Pay", "Ostrava Air", "Lumenfield", "Drakensoft",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is protected, compiled, and the drawings that impostors start from."""

    brands: Mapping[str, Brand]
    logos: Mapping[str, Rgba]  #: by brand id
    watchlist: Watchlist


def build(data: Path | None, *, many: int, chosen: random.Random) -> World:
    """many: brands at most. data: folder of the evaluation data, or None."""
    brands, logos = _registered(data, many, chosen) if data else _invented(many)
    return World(brands=brands, logos=logos, watchlist=_compiled(brands, logos))


def official(data: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Brand id to platform to the handles that Wikidata gives for the brand's own entry."""
    ids: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(data / "brands.csv.gz"):
        if row["wikidata"]:
            ids[row["wikidata"]].append(row["brand_id"])
    handles: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in rows_of(data / "handles_official.csv.gz"):
        for brand_id in ids.get(row["wikidata"], ()):
            own = handles.setdefault(brand_id, {})
            platform = fold_platform(row["platform"])
            own[platform] = (*own.get(platform, ()), row["handle"])
    return handles


def with_accounts(brand: Brand, more: Mapping[str, tuple[str, ...]]) -> Brand:
    """With these accounts beside those that it lists."""
    accounts = dict(brand.accounts)
    for platform, handles in more.items():
        accounts[platform] = tuple(dict.fromkeys((*accounts.get(platform, ()), *handles)))
    return brand.model_copy(update={"accounts": accounts})


def _registered(
    data: Path, many: int, chosen: random.Random
) -> tuple[dict[str, Brand], dict[str, Rgba]]:
    registry = read_registry(data, core_only=True)
    sources = {one.key: one for one in reversed(read_sources(data / "logos.parquet"))}
    known = official(data)
    wanted = [
        one
        for one in registry.values()
        if one.logo_key in sources
        and one.brand.name.isascii()
        and _SHORTEST <= sum(map(str.isalnum, one.brand.name)) <= _LONGEST
    ]
    brands: dict[str, Brand] = {}
    logos: dict[str, Rgba] = {}
    families: set[str] = set()
    for one in chosen.sample(wanted, len(wanted)):
        if len(brands) == many:
            break
        logo = render(sources[str(one.logo_key)])
        if logo is None or one.family in families:
            continue
        families.add(one.family)
        brand = with_accounts(one.brand, known.get(one.brand_id, {}))
        brands[one.brand_id] = _outfitted(brand, len(brands))
        logos[one.brand_id] = logo
    return brands, logos


def _invented(many: int) -> tuple[dict[str, Brand], dict[str, Rgba]]:
    brands: dict[str, Brand] = {}
    logos: dict[str, Rgba] = {}
    for place_, name in enumerate(INVENTED[:many]):
        brand_id = name.lower().replace(" ", "-")
        own = "".join(filter(str.isalnum, name.lower()))
        brand = Brand(
            name=name,
            domains=(f"{own}.example",),
            accounts=dict.fromkeys(("x", "instagram", "facebook"), (own,)),
        )
        brands[brand_id] = _outfitted(brand, place_)
        logos[brand_id] = drawn_logo(name)
    return brands, logos


def _outfitted(brand: Brand, number: int) -> Brand:
    person = f"{_FIRST[number % len(_FIRST)]} {_LAST[number % len(_LAST)]}"
    if number >= len(_FIRST) * len(_LAST):
        return brand.model_copy(update={"logos": (_LOGO,)})
    return brand.model_copy(
        update={"logos": (_LOGO,), "executives": (Executive(name=person, role="CEO"),)}
    )


def drawn_logo(name: str) -> Rgba:
    """A mark of a few strokes that no other name has; the same for the same name."""
    chosen = random.Random(f"mark of {name}")  # noqa: S311 - a sample, not a secret
    logo = np.zeros((256, 256, 4), np.uint8)
    ink = (*(chosen.randint(20, 200) for _ in range(3)), 255)
    for _ in range(4):
        first, second = ((chosen.randint(24, 232), chosen.randint(24, 232)) for _ in range(2))
        cv2.line(logo, first, second, ink, chosen.randint(12, 30), cv2.LINE_AA)
    for _ in range(2):
        centre = (chosen.randint(70, 186), chosen.randint(70, 186))
        axes = (chosen.randint(24, 60), chosen.randint(24, 60))
        start = chosen.randint(0, 180)
        cv2.ellipse(logo, centre, axes, chosen.randint(0, 180), start, start + 250, ink,
                    chosen.randint(10, 22), cv2.LINE_AA)  # fmt: skip
    corner = (chosen.randint(24, 190), chosen.randint(24, 190))
    cv2.rectangle(logo, corner, (corner[0] + 44, corner[1] + 34), ink, -1)
    return logo


def reference(logo: Rgba) -> bytes:
    """The logo file of the watch file: the drawing on its plain ground, PNG."""
    return png(place(logo, plain(own_ground(logo))))


def _compiled(brands: Mapping[str, Brand], logos: Mapping[str, Rgba]) -> Watchlist:
    pictures: dict[tuple[str, str], tuple[str, Picture | Undecodable]] = {}
    for brand_id, logo in logos.items():
        file = reference(logo)
        pictures[brand_id, str(_LOGO)] = (hashlib.sha256(file).hexdigest(), decode(file))
    return compile_watchlist(brands, pictures)


def all_registered(data: Path) -> dict[str, Brand]:
    """Every core brand of the registry with the accounts that Wikidata knows; no logos."""
    known = official(data)
    return {
        brand_id: with_accounts(brand, known.get(brand_id, {}))
        for brand_id, brand in brands_of(read_registry(data, core_only=True)).items()
    }
