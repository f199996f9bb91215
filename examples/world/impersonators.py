"""Accounts that pose as one of the two companies: every class of disguise once or twice.

Handles and names follow the classes of disguise that the field knows; bios carry what such
accounts want of their victims. Telephone numbers are of the range kept for films.
May import: world.companies, world.profiles, world.scripts.
"""

from __future__ import annotations

from typing import Any, Final

from world.companies import BANK, SHOP
from world.profiles import Profile
from world.scripts import LEET, styled

_HELP: Final = "Problemen met uw rekening? Stuur ons een DM, wij helpen u 24/7."
_PIVOT: Final = "Customer care. WhatsApp +44 7700 900461 or Telegram @wb_desk_24"
_CRYPTO: Final = "Official giveaway. Send 0.1, receive 0.2: bc1qexampleexampleexampleexample"
_LINK: Final = "Verifieer uw betaalpas: https://waldermond-inloggen.test"
_SHOP_BIO: Final = "Uw pakket staat klaar! Betaal de verzendkosten: https://peer-bestelling.test"

# fmt: off
#: platform, handle, kind of the handle, display name, kind of the name, bio, avatar, note
_ROWS: Final = (
    ("x", "WaIdermond", "homograph", "WaIdermond", "homograph", _HELP, "reduced",
     "capital I for l"),
    ("instagram", "wal_der_mond", "split-name", "Waldermond Bank", "same-name", _PIVOT, "circle",
     "separators inside"),
    ("instagram", "w.a.l.d.e.r.m.o.n.d", "split-name", "Klantenservice", "", _HELP, "silhouette-1",
     "a separator after every letter"),
    ("tiktok", "__waldermond__", "same-name", "waldermond", "same-name", "", "washed-out",
     "separators at the edges"),
    ("x", "waldermondd", "typosquat", "Waldermond Bank", "same-name", _LINK, "exact",
     "one extra letter at the end"),
    ("instagram", "xwaldermond", "typosquat", "W. Bank", "", "", "letter-w",
     "one extra letter in front"),
    ("x", "waldermond1", "combosquat", "Waldermond", "same-name", _HELP, "flat-1",
     "one extra digit"),
    ("telegram", "waldermond2026", "combosquat", "Waldermond Bank 2026", "combosquat", _PIVOT,
     "bordered", "year at the end"),
    ("instagram", "waldermond24_7", "combosquat", "Helpdesk 24/7", "", _PIVOT, "badge",
     "24/7 at the end"),
    ("x", "wadermond", "typosquat", "Wadermond", "typosquat", _HELP, "reduced", "omission"),
    ("tiktok", "wladermond", "typosquat", "wladermond", "typosquat", "", "shapes-01",
     "transposition"),
    ("instagram", "walddermond", "typosquat", "Walddermond Bank", "typosquat", "", "greyscale",
     "doubled letter"),
    ("x", "waldermomd", "typosquat", "Bank support", "", _HELP, "letter-w", "keyboard neighbour"),
    ("x", "waldernond", "typosquat", "Waldermond NL", "combosquat", _LINK, "cropped",
     "replacement"),
    ("instagram", "wal_ermond", "typosquat", "Waldermond", "same-name", _PIVOT, "turned",
     "a separator for a letter"),
    ("x", BANK.translate(LEET), "homograph", "W4ld3rm0nd", "homograph", _CRYPTO, "inverted",
     "digits for letters"),
    ("instagram", "walderrnond", "homograph", "Walderrnond", "homograph", _HELP, "reduced",
     "rn for m"),
    ("x", "vvaldermond", "homograph", "VValdermond Bank", "homograph", _HELP, "circle",
     "vv for w"),
    ("tiktok", "walclermond", "homograph", "walclermond", "homograph", "", "flat-2", "cl for d"),
    ("youtube", "Wаldermond", "homograph", "Wаldermоnd Bank", "homograph", _LINK,
     "other-background", "Cyrillic letters among Latin"),
    ("x", "waldermondhelp", "combosquat", "Waldermond Bank Support ☑️", "combosquat", _PIVOT,
     "exact", "support affix and a false tick"),
    ("instagram", "waldermond_klantenservice", "combosquat", "Waldermond Klantenservice",
     "combosquat", _PIVOT, "reduced", "support affix, nl"),
    ("facebook", "waldermond.kundenservice", "combosquat", "Waldermond Kundenservice",
     "combosquat", _HELP, "washed-out", "support affix, de"),
    ("instagram", "soporte.waldermond", "combosquat", "Soporte Waldermond", "combosquat",
     _PIVOT, "bordered", "support affix, es"),
    ("facebook", "assistance.waldermond", "combosquat", "Assistance Waldermond", "combosquat",
     _HELP, "letter-a", "support affix, fr"),
    ("telegram", "waldermond_official", "combosquat", "Waldermond Bank Official ✅", "combosquat",
     _PIVOT, "badge", "authority affix and a false tick"),
    ("instagram", "the.real.waldermond", "combosquat", "Waldermond HQ", "combosquat", "",
     "circle", "authority affix"),
    ("telegram", "waldermond_airdrop", "combosquat", "Waldermond Airdrop 🎁", "combosquat",
     _CRYPTO, "inverted", "money bait"),
    ("youtube", "waldermond-invest", "combosquat", "Waldermond Invest Live", "combosquat",
     _CRYPTO, "other-background", "money bait"),
    ("linkedin", "waldermond-recruitment", "combosquat", "Waldermond Careers Team", "combosquat",
     "Remote vacancies, start today. Send your passport by mail.", "reduced", "job bait"),
    ("facebook", "waldermond.utrecht", "combosquat", "Waldermond Utrecht", "combosquat", "",
     "greyscale", "a branch that does not exist"),
    ("x", "waldermondapp", "combosquat", "Waldermond App", "combosquat", _LINK, "cropped",
     "product affix"),
    ("bluesky", "waldermondexample.bsky.social", "combosquat", "waldermond.example", "",
     "", "silhouette-2", "own suffix glued on"),
    ("x", "getwaldermond", "combosquat", "Get Waldermond", "combosquat", _LINK, "letter-w",
     "verb in front"),
    ("instagram", "waldermonds", "typosquat", "Waldermonds", "typosquat", "", "shapes-02",
     "plural"),
    ("x", "bankwaldermond", "combosquat", "Bank Waldermond", "combosquat", _HELP, "turned",
     "words in other order"),
    ("telegram", "wb_support_desk", "", "WB Support", "", _PIVOT, "exact",
     "abbreviation; only the picture tells"),
    ("facebook", "valdermond.rus", "", "Валдермонд Банк", "combosquat", _HELP, "reduced",
     "transliteration"),
    ("x", "support_24x7", "", "Waldermond Bank", "same-name", _PIVOT, "exact",
     "a plain handle, the brand in the display name"),
    ("linkedin", "maartje-oosterwende-ceo", "combosquat", "Maartje Oosterwende", "same-name",
     "CEO of Waldermond Bank. DM me for private investment.", "face-01", "executive's name"),
    ("x", "waldermondkundn", "combosquat", "Waldermond Kundendienst", "combosquat", _HELP,
     "badge", "cut off at the platform's limit"),
    ("bluesky", "waldermond.bsky.social", "same-name", "Waldermond Bank", "same-name", _LINK,
     "reduced", "the name under the default host"),
    ("bluesky", "waldermond-bank.test", "split-name", "Waldermond Bank ✔", "same-name", _HELP,
     "exact", "a lookalike domain as handle"),
    ("mastodon", "waldermond@sociaal.test", "same-name", "Waldermond Bank", "same-name", _HELP,
     "circle", "the name on a stranger's server"),
    ("instagram", "qk7zr0v2mx91tbwe", "", "Waldermond Bank", "same-name", "", "exact",
     "random handle with brand logo"),
    ("tiktok", "lotte.verhoest.88", "", "lotte", "", "", "inverted",
     "a personal handle; only the picture tells"),
)
#: The same columns, for the shop. Its name alone means nothing: all have a second element.
_SHOP_ROWS: Final = (
    ("x", "peer_webwinkel", "same-name", "Peer Webwinkel", "same-name", _SHOP_BIO, "reduced",
     "separator inside"),
    ("instagram", "peer.klantenservice", "combosquat", "Peer klantenservice", "combosquat",
     _SHOP_BIO, "exact", "support affix, nl"),
    ("facebook", "peer.outlet.nl", "combosquat", "PEER Outlet Sale -80%", "combosquat",
     _SHOP_BIO, "bordered", "product affix"),
    ("tiktok", "peer.giveaway", "combosquat", "Peer giveaway 🎁", "combosquat",
     "Win a gift card! Link in bio: https://peer-giftcard.test", "badge", "money bait"),
    ("telegram", "peerwebwinkel_refund", "combosquat", "Peer Refund Desk", "combosquat",
     _PIVOT, "circle", "money bait"),
    ("x", "p33r_shop", "combo-homograph", "P33R", "homograph", _SHOP_BIO, "inverted",
     "digits for letters"),
    ("youtube", "shop-deals-7714", "", "Реег", "homograph", _SHOP_BIO, "other-background",
     "the whole name in Cyrillic"),
    ("instagram", "zt5h2kk08pq", "", "peer.example", "", "", "exact",
     "random handle with brand logo"),
)
# fmt: on


def impersonators() -> list[Profile]:
    """All of them, young and with a small audience but for the account that was renamed."""
    found = [
        _profile(number, brand, row)
        for brand, rows in ((BANK, _ROWS), (SHOP, _SHOP_ROWS))
        for number, row in enumerate(rows)
    ]
    platforms = ("instagram", "tiktok", "facebook", "youtube")
    for number, (style, name) in enumerate(styled("Waldermond Bank").items()):
        platform = platforms[number % len(platforms)]
        found.append(
            Profile(
                platform=platform,
                handle=f"klanten.desk.{4100 + 37 * number}",
                name=name,
                bio=(_HELP, _PIVOT, "")[number % 3],
                avatar=picture(BANK, ("reduced", "circle", "letter-w", "shapes-03")[number % 4]),
                followers=11 + 7 * number,
                age_days=3 + number,
                brand=BANK,
                verdict="lookalike",
                name_kind="homograph",
                note=style,
            )
        )
    return [*found, *renamed()]


def renamed() -> list[Profile]:
    """One aged account with an audience, bought and renamed: two sightings, one native id."""
    shared: dict[str, Any] = {"platform": "x", "age_days": 2950, "id_of": "renamed account"}
    return [
        Profile(
            **shared,
            handle="zonnetuin_anna",
            name="Anna's zonnetuin",
            bio="Moestuin, kippen, koffie.",
            avatar="avatars/landscape-01.png",
            followers=18_240,
            seen_days_ago=49,
        ),
        Profile(
            **shared,
            handle="waldermond_hulp",
            name="Waldermond Bank Hulp",
            bio=_PIVOT,
            avatar=picture(BANK, "reduced"),
            followers=18_112,
            brand=BANK,
            verdict="lookalike",
            handle_kind="combosquat",
            name_kind="combosquat",
            note="renamed account",
        ),
    ]


def picture(brand: str, name: str) -> str:
    """Where the avatar lies: a neutral one by its name, a logo copy by brand and disguise."""
    sort = name.rsplit("-", 1)[0]
    if sort in ("silhouette", "letter", "flat", "shapes", "landscape", "face"):
        return f"avatars/{name}.png"
    return f"avatars/{brand}-{name}.{'jpg' if name == 'washed-out' else 'png'}"


def _profile(number: int, brand: str, row: tuple[str, ...]) -> Profile:
    platform, handle, handle_kind, name, name_kind, bio, avatar, note = row
    return Profile(
        platform=platform,
        handle=handle,
        name=name,
        bio=bio,
        avatar=picture(brand, avatar),
        followers=3 + 29 * number % 410,
        age_days=1 + 13 * number % 120,
        brand=brand,
        verdict="lookalike",
        handle_kind=handle_kind,
        name_kind=name_kind,
        note=note,
    )
