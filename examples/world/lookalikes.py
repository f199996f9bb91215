"""Host names that pose as one of the two companies: one generator a kind.

Each takes a seeded source and yields labels, whose input is a line for the list of hosts.
A name in another script comes in both forms, as DNS carries it and as people read it.
May import: world.companies, world.edits, world.scripts, world.labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from world.companies import (
    BANK,
    CYRILLIC_TEST,
    LINKED_FROM_PROFILES,
    LURES,
    OWN_HOSTS,
    PLATFORMS,
    RESERVED,
    RESERVED_DOMAINS,
    RESERVED_IDN,
    SHOP,
    SHOP_LURES,
)
from world.edits import EDITS, azerty_neighbour, qwerty_neighbour, qwertz_neighbour
from world.labels import Label
from world.scripts import CYRILLIC, SHAPES, a_label

_LONG: Final = "waldermondbank"
_WHOLE_CYRILLIC: Final = {BANK: "ԝаӏԁегмопԁ", SHOP: "реег"}


def _lookalike(host: str, brand: str, kind: str, note: str) -> Label:
    return Label(input=host, field="host", brand=brand, kind=kind, verdict="lookalike", note=note)


def _under(rng: Random, label: str) -> str:
    """label under a name that nobody can register."""
    return f"{label}.{rng.choice(RESERVED)}"


def same_label(_: Random) -> Iterator[Label]:
    """The companies' own labels under other suffixes."""
    for brand, names in ((BANK, (BANK, _LONG)), (SHOP, (SHOP, "peerwebwinkel"))):
        for label in names:
            for suffix in ("test", "invalid", *RESERVED_IDN):
                yield _lookalike(f"{label}.{suffix}", brand, "same-label", "other suffix")


def joined(_: Random) -> Iterator[Label]:
    """Dots forgotten or made part of the label."""
    for brand, own in ((BANK, "waldermondexample"), (SHOP, "peerexample")):
        for label, note in (
            (own, "own suffix glued on"),
            ("www" + brand, "www glued on"),
            ("2f" + brand, "url-encoded slash glued on"),
            (f"com-{brand}-id", "com- in front"),
            (f"{brand}-example", "own suffix with a hyphen"),
        ):
            yield _lookalike(f"{label}.test", brand, "combosquat", note)
            yield _lookalike(f"www.{label}.invalid", brand, "combosquat", note)


def combosquat(rng: Random) -> Iterator[Label]:
    """The name and a word that invites the customer to act, in five languages."""
    for language, words in LURES.items():
        for word in rng.sample(words, 4):
            label = rng.choice((f"{BANK}-{word}", f"{word}-{BANK}", f"{_LONG}-{word}"))
            yield _lookalike(_under(rng, label), BANK, "combosquat", f"hyphen, {language} lure")
        for word in rng.sample(words, 2):
            label = rng.choice((BANK + word, word + BANK))
            yield _lookalike(_under(rng, label), BANK, "combosquat", f"glued, {language} lure")
    for language, shop_words in SHOP_LURES.items():
        for word in rng.sample(shop_words, 2):
            label = rng.choice((f"{SHOP}-{word}", f"{word}-{SHOP}"))
            yield _lookalike(_under(rng, label), SHOP, "combosquat", f"hyphen, {language} lure")
    for label in ("mijnpeer-login", "peerwebwinkel-retour", "peer-klantenservice"):
        yield _lookalike(_under(rng, label), SHOP, "combosquat", "hyphen, nl lure")
    for host, brand in LINKED_FROM_PROFILES.items():
        yield _lookalike(host, brand, "combosquat", "hyphen, nl lure")
    yield _lookalike(_under(rng, "bankwaldermond"), BANK, "combosquat", "words in other order")
    yield _lookalike(_under(rng, "waldermond-utrecht-hypotheek"), BANK, "combosquat", "long tail")


def typosquat(rng: Random) -> Iterator[Label]:
    """One slip. Peer has four letters: a slip of it is another word, so it gets none."""
    us_and_german = {*qwerty_neighbour(BANK), *qwertz_neighbour(BANK)}
    for note, edit in EDITS.items():
        variants = edit(BANK)
        if edit is azerty_neighbour:
            variants = [variant for variant in variants if variant not in us_and_german]
        for variant in rng.sample(variants, min(3, len(variants))):
            www = rng.choice(("", "", "www."))
            yield _lookalike(_under(rng, www + variant), BANK, "typosquat", note)
        slipped = rng.choice(edit(BANK)) + "bank"
        yield _lookalike(_under(rng, slipped), BANK, "typosquat", note)


def homograph(rng: Random) -> Iterator[Label]:
    """Looks the same, is written otherwise."""
    for seen, written in SHAPES:
        note = f"{written} for {seen}"
        for word in (BANK, _LONG):
            label = word.replace(seen, written, 1)
            yield _lookalike(_under(rng, label), BANK, "homograph", note)
    for label in ("vva1dermond", "walclerrn0nd", "vvalclermonclbank"):
        yield _lookalike(_under(rng, label), BANK, "homograph", "several lookalike groups")
    for mixed in ("w\u0430ldermond", "wald\u0435rm\u043end", "waldermond".translate(CYRILLIC)):
        yield from _both_forms(mixed, "test", BANK, "homograph", "Cyrillic letters among Latin")
    yield from _both_forms("walderm\u03bfnd", "test", BANK, "homograph", "Greek letter among Latin")
    for marked in ("wäldermond", "waldermönd", "wạldermond", "waldėrmond"):
        yield from _both_forms(marked, "invalid", BANK, "homograph", "diacritics")
    yield from _both_forms("peér", "test", SHOP, "homograph", "diacritics")
    for brand, label in _WHOLE_CYRILLIC.items():
        yield from _both_forms(label, "test", brand, "homograph", "whole label in Cyrillic")
        yield _lookalike(
            f"{a_label(label)}.{CYRILLIC_TEST}",
            brand,
            "homograph",
            "whole label in Cyrillic, under a Cyrillic suffix",
        )


def _both_forms(label: str, suffix: str, brand: str, kind: str, note: str) -> Iterator[Label]:
    yield _lookalike(f"{a_label(label)}.{suffix}", brand, kind, f"{note} (A-label)")
    yield _lookalike(f"{label}.{suffix}", brand, kind, f"{note} (U-label)")


def split_name(rng: Random) -> Iterator[Label]:
    """A hyphen or a dot put inside the name."""
    for label in ("walder-mond", "wal-dermond", "walder-mond-bank", "waldermond-bank"):
        yield _lookalike(_under(rng, label), BANK, "split-name", "hyphen inside")
    for label in ("walder.mond", "waldermon.d", "walder.mondbank"):
        yield _lookalike(_under(rng, label), BANK, "split-name", "dot inside")
    for label in ("inloggen-walder-mond-nl", "walder-mond-konto"):
        yield _lookalike(_under(rng, label), BANK, "split-name", "hyphen inside, and a lure")


def level_squat(rng: Random) -> Iterator[Label]:
    """The brand in a sub-label of somebody else's domain."""
    for host, note in (
        ("login.waldermond.example.veilig-portaal.test", "own domain in front"),
        ("waldermond.example.session-8831.invalid", "own domain in front"),
        ("www.waldermondbank.example.klik-hier.test", "own domain in front"),
        ("waldermond.example.test", "own domain under another suffix"),
        ("waldermond.klantenportaal.test", "name as sub-label"),
        ("mijn.waldermond.secure-zone.invalid", "name as sub-label"),
        (f"waldermond.{rng.choice(RESERVED_DOMAINS)}", "name as sub-label"),
        ("waldermond-inloggen.dossier24.test", "name and lure in a sub-label"),
        ("id.waldermond-konto.hosting-7.invalid", "name and lure in a sub-label"),
    ):
        yield _lookalike(host, BANK, "level-squat", note)
    for host, note in (
        ("peer.example.bestelstatus.test", "own domain in front"),
        ("www.peerwebwinkel.example.pakket-info.invalid", "own domain in front"),
        ("peer.cadeaubonnen-actie.test", "name as sub-label"),
    ):
        yield _lookalike(host, SHOP, "level-squat", note)


def free_host(rng: Random) -> Iterator[Label]:
    """The name as a label that a hosting service gives away."""
    for platform, label in zip(
        PLATFORMS,
        (
            BANK,
            "waldermond-inloggen",
            "waldermondbank",
            "waldermond",
            "verify-waldermond",
            "waldermond-support",
            "waldermondbank-konto",
            "waldermond",
            "mijn-waldermond",
            "waldermond-secure-id",
        ),
        strict=True,
    ):
        yield _lookalike(f"{label}.{platform}", BANK, "free-host", f"under {platform}")
    own = OWN_HOSTS[BANK][0].replace(".", "-")
    yield _lookalike(f"{own}.translate.goog", BANK, "free-host", "own domain as a label")
    yield _lookalike("login.waldermond.workers.dev", BANK, "free-host", "below the label")
    for label in ("peer-webwinkel-actie", "peerwebwinkel"):
        platform = rng.choice(PLATFORMS)
        yield _lookalike(f"{label}.{platform}", SHOP, "free-host", f"under {platform}")


def combo_typosquat(rng: Random) -> Iterator[Label]:
    """A slip and a lure in one label."""
    for note in ("omission", "repetition", "transposition", "vowel swap", "replacement"):
        variant = rng.choice(EDITS[note](BANK))
        word = rng.choice(LURES[rng.choice(tuple(LURES))])
        for label in (f"{variant}-{word}", f"{word}{variant}"):
            yield _lookalike(_under(rng, label), BANK, "combo-typosquat", f"{note} and a lure")


def combo_homograph(rng: Random) -> Iterator[Label]:
    """Lookalike letters and a lure in one label."""
    for seen, written in SHAPES:
        word = rng.choice(LURES[rng.choice(tuple(LURES))])
        label = f"{BANK.replace(seen, written, 1)}-{word}"
        yield _lookalike(
            _under(rng, label), BANK, "combo-homograph", f"{written} for {seen}, and a lure"
        )
    note = "Cyrillic letter among Latin, and a lure"
    yield from _both_forms("w\u0430ldermond-login", "test", BANK, "combo-homograph", note)
    yield from _both_forms("waldermönd-konto", "invalid", BANK, "combo-homograph", "diacritics")
    yield _lookalike(
        _under(rng, "p33r-webwinkel-korting"), SHOP, "combo-homograph", "3 for e, and a lure"
    )


def two_brands(rng: Random) -> Iterator[Label]:
    """One host, two victims: one case for each."""
    for label in ("waldermond-peer-cadeaubon", "peer-betalen-met-waldermond"):
        host = _under(rng, label)
        for brand in (BANK, SHOP):
            yield _lookalike(host, brand, "combosquat", "two brands in one name")


def odd_spellings(_: Random) -> Iterator[Label]:
    """Good names, badly written by the feed: read aright, they are lookalikes."""
    for host, kind, note in (
        ("WALDERMOND-LOGIN.EXAMPLE", "combosquat", "upper case"),
        ("Waldermond-Hulp.Test.", "combosquat", "trailing dot"),
        ("*.waldermond-hilfe.example", "combosquat", "wildcard of a certificate"),
        ("_acme-challenge.waldermond-alarm.test", "combosquat", "underscore label in front"),
        ("  waldermond-zahlung.invalid", "combosquat", "spaces around"),
        ("walder\u200bmond-app.test", "combosquat", "zero-width space inside"),
    ):
        yield _lookalike(host, BANK, kind, note)


LOOKALIKES: Final[tuple[Callable[[Random], Iterator[Label]], ...]] = (
    same_label,
    joined,
    combosquat,
    typosquat,
    homograph,
    split_name,
    level_squat,
    free_host,
    combo_typosquat,
    combo_homograph,
    two_brands,
    odd_spellings,
)


def lookalikes(rng: Random) -> list[Label]:
    """Every kind, each host once a brand; of two recipes with one result the first keeps it."""
    found: dict[tuple[str, str], Label] = {}
    for generator in LOOKALIKES:
        for label in generator(rng):
            found.setdefault((label.input, label.brand), label)
    return list(found.values())
