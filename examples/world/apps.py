"""Apps in stores, and a bare list of fresh handles as a platform's stream would give it.

May import: world.companies, world.edits, world.labels, world.profiles, world.words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from datetime import timedelta
from random import Random
from typing import Final

from world.companies import BANK, SHOP
from world.edits import EDITS
from world.impersonators import picture
from world.labels import Label, Verdict, Where
from world.profiles import HANDLES, OBSERVED, native_id
from world.words import LANGUAGES, surname, word

#: Own apps as the watch file lists them: store, native id, title.
OFFICIAL: Final = {
    BANK: (
        ("google-play", "example.waldermond.app", "Waldermond Bank"),
        ("app-store", "6400000101", "Waldermond Bank"),
    ),
    SHOP: (("google-play", "example.peer.shop", "Peer - slim winkelen"),),
}
_BANK_MAKER: Final = "Waldermond Bank N.V."
_SHOP_MAKER: Final = "Peer Webwinkel B.V."

# fmt: off
#: store, native id, title, developer, icon, brand, kind, verdict, note
_FOUND: Final[tuple[tuple[str, str, str, str, str, str, str, Verdict, str], ...]] = (
    ("google-play", "test.waldermond.mobile", "Waldermond Bank", "Finance Tools 2026",
     "reduced", BANK, "same-name", "lookalike", "the bank's title by another maker"),
    ("google-play", "test.wmond.login", "Waldermond Login", "QuickApps Studio",
     "circle", BANK, "combosquat", "lookalike", "lure word"),
    ("google-play", "test.loan.waldermond", "Waldermond Kredit Sofort", "Kredit App Team",
     "badge", BANK, "combosquat", "lookalike", "lure word, de"),
    ("google-play", "test.walderrnond.pay", "Walderrnond Pay", "Pay Labs",
     "inverted", BANK, "combo-homograph", "lookalike", "rn for m"),
    ("app-store", "6400000907", "Waldermomd Bank", "Mobile Banking Ltd",
     "greyscale", BANK, "typosquat", "lookalike", "keyboard neighbour"),
    ("app-store", "6400000911", "Wаldermond Wallet", "Crypto Desk",
     "other-background", BANK, "combo-homograph", "lookalike", "Cyrillic letter among Latin"),
    ("google-play", "test.secure.bank.id", "Secure Bank ID", "ID Services",
     "exact", BANK, "", "lookalike", "only the icon tells"),
    ("google-play", "test.peer.korting", "Peer Webwinkel korting", "Deals Online",
     "reduced", SHOP, "combosquat", "lookalike", "lure word"),
    ("google-play", "test.peer.gift", "PEER Gift Cards", "Gift Hub",
     "bordered", SHOP, "combosquat", "lookalike", "lure word"),
    ("app-store", "6400000922", "Peer Webwinkel", "Shopping Fun",
     "exact", SHOP, "same-name", "lookalike", "the shop's alias by another maker"),
    ("google-play", "example.review.peer", "Peer Review Manager", "Campus Software",
     "letter-p", SHOP, "common-word", "innocent", "the short name as a word"),
    ("google-play", "example.speer", "Speerwerpen Coach", "Atletiek Noord",
     "shapes-12", "", "contains", "innocent", "the short name inside a word"),
    ("app-store", "6400000930", "Kampeerplaatsen", "Oostwal Kaarten",
     "landscape-07", "", "contains", "innocent", "the short name inside a word"),
    ("app-store", "6400000931", "Waldemar's Chess", "W. Games",
     "shapes-13", "", "near-by-chance", "innocent", "another name"),
    ("google-play", "example.budget.all", "Huishoudboekje voor Waldermond en andere banken",
     "Boekje B.V.", "shapes-14", BANK, "about", "innocent", "compatible with the bank, says so"),
)
# fmt: on
_FRESH: Final = (
    ("waldermond_login", "combosquat", "lure word"),
    ("waldermond365", "combosquat", "digits at the end"),
    ("mijnwaldermond", "combosquat", "lure word"),
    ("wa1dermond", "homograph", "1 for l"),
    ("waldermondbank_", "same-name", "separator at the edge"),
)


def apps(rng: Random, ordinary: int) -> tuple[str, list[Label]]:
    """A CSV file with `ordinary` innocents among the others, and the truths about its titles."""
    rows = [
        (store, app, title, maker, picture(brand, "exact"))
        for brand, maker in ((BANK, _BANK_MAKER), (SHOP, _SHOP_MAKER))
        for store, app, title in OFFICIAL[brand]
    ]
    labels: list[Label] = []
    for store, app, title, maker, icon, brand, kind, verdict, note in _FOUND:
        rows.append((store, app, title, maker, picture(brand or BANK, icon)))
        # Where the bank's own app has this title too, only the maker tells them apart.
        if kind:
            labels.append(_label("app", title, brand, kind, verdict, note))
    for _ in range(ordinary):
        language = rng.choice(LANGUAGES)
        first, second = word(rng, language), word(rng, language)
        maker = surname(rng, language).capitalize()
        app = f"example.{maker.lower()}.{first}"
        icon = f"avatars/shapes-{rng.randint(1, 26):02d}.png"
        rows.append(("google-play", app, f"{first.capitalize()} {second}", f"{maker} Apps", icon))
    return _csv(("store", "native_id", "title", "developer", "icon"), rows), labels


def fresh_handles(rng: Random, ordinary: int, taken: Collection[str]) -> tuple[str, list[Label]]:
    """A CSV file of handles registered lately, without names or pictures, and their truths.

    taken: handles of known profiles, which these are not to repeat.
    """
    chosen = [(rng.choice(("x", "instagram", "telegram")), *row) for row in _FRESH]
    for note in ("omission", "transposition", "repetition"):
        free = [variant for variant in EDITS[note](BANK) if variant not in taken]
        chosen.append(("x", rng.choice(free), "typosquat", note))
    labels = [
        _label("handle", handle, BANK, kind, "lookalike", note) for _, handle, kind, note in chosen
    ]
    pairs = {(platform, handle) for platform, handle, _, _ in chosen}
    while len(pairs) < len(chosen) + ordinary:
        language = rng.choice(LANGUAGES)
        handle = surname(rng, language) + rng.choice(("", str(rng.randint(1, 999))))
        platform = rng.choice(("x", "instagram", "telegram"))
        if SHOP not in handle and HANDLES[platform].fullmatch(handle):
            pairs.add((platform, handle))
    rows = []
    for number, (platform, handle) in enumerate(sorted(pairs)):
        made = OBSERVED - timedelta(hours=1 + 5 * number)
        rows.append((platform, native_id(platform, handle), handle, f"{made:%Y-%m-%dT%H:%M:%SZ}"))
    return _csv(("platform", "native_id", "handle", "created_at"), rows), labels


def _label(field: Where, text: str, brand: str, kind: str, verdict: Verdict, note: str) -> Label:
    return Label(input=text, field=field, brand=brand, kind=kind, verdict=verdict, note=note)


def _csv(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(sorted(rows))
    return text.getvalue()
