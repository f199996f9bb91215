"""Accounts that are not impersonators: the companies, those who speak of them, and everybody.

Most traps are here: fans, parody, complaints, staff, dealers, namesakes, the short name as a
word. They may match; none of them deserves more than a glance.
May import: world.avatars, world.companies, world.impersonators, world.profiles, world.words.
"""

from __future__ import annotations

from random import Random
from typing import Final

from world.avatars import LETTERS
from world.companies import BANK, SHOP
from world.impersonators import picture
from world.profiles import HANDLES, Profile
from world.words import LANGUAGES, surname, word

#: How many neutral pictures of each sort there are; `world.pictures` draws them.
NEUTRAL: Final = {"silhouette": 3, "flat": 5, "shapes": 26, "landscape": 14, "face": 22}

# fmt: off
#: Own accounts as the watch file lists them: platform, handle, display name, followers.
OFFICIAL: Final = {
    BANK: (
        ("x", "waldermondbank", "Waldermond Bank", 48_200),
        ("x", "waldermond_help", "Waldermond Webcare", 12_700),
        ("instagram", "waldermondbank", "Waldermond Bank", 31_050),
        ("facebook", "waldermondbank", "Waldermond Bank", 66_400),
        ("linkedin", "waldermond-bank", "Waldermond Bank", 22_900),
        ("linkedin", "werken-bij-waldermond", "Werken bij Waldermond", 3_100),
        ("youtube", "waldermondbank", "Waldermond Bank", 4_450),
        ("bluesky", "waldermond.example", "Waldermond Bank", 5_020),
        ("mastodon", "bank@waldermond.example", "Waldermond Bank", 1_980),
        ("github", "waldermond-engineering", "Waldermond Engineering", 310),
    ),
    SHOP: (
        ("x", "peerwebwinkel", "Peer", 9_400),
        ("instagram", "peer.webwinkel", "Peer", 87_300),
        ("tiktok", "peerwebwinkel", "Peer", 40_100),
        ("facebook", "peerwebwinkel", "Peer Webwinkel", 55_800),
        ("bluesky", "peer.example", "Peer", 1_220),
    ),
}
#: platform, handle, its kind, display name, its kind, bio, avatar, brand, followers, age, note
_TRAPS: Final = (
    ("instagram", "waldermond_fans", "fan", "Waldermond Fans", "fan",
     "Unofficial fan page. Not affiliated with the bank.", "shapes-04", BANK, 890, 1400,
     "fan account that says so"),
    ("x", "NietWaldermond", "parody", "Niet Waldermond Bank (parodie)", "parody",
     "Parodie-account. Wij bewaren uw geld onder het matras.", "badge", BANK, 4300, 900,
     "parody with a changed logo, says so"),
    ("x", "waldermondscam", "complaint", "Waldermond gedupeerden", "complaint",
     "Voor slachtoffers van nepmails in naam van de bank. Wij zijn de bank niet.", "flat-3",
     BANK, 640, 500, "complaint speech"),
    ("facebook", "waldermond.scam.victims", "complaint", "Waldermond scam victims", "complaint",
     "Support group. Share your story, boycott them.", "shapes-05", BANK, 1210, 700,
     "complaint speech with a support word"),
    ("linkedin", "jan-brandsema-wessel", "", "Jan @ Waldermond Bank", "employee",
     "Hypotheekadviseur bij Waldermond Bank. Mening is van mij.", "face-02", BANK, 410, 2600,
     "employee with his own picture"),
    ("x", "sanne_werkt", "", "Sanne (Waldermond)", "employee",
     "Teamleider webcare. Privé-account.", "face-03", BANK, 230, 1900,
     "employee with her own picture"),
    ("instagram", "adviesburo.oostwal", "", "Waldermond hypotheken Utrecht - dealer", "partner",
     "Erkend tussenpersoon, zie waldermond.example/adviseurs", "letter-a", BANK, 150, 1100,
     "partner named on the bank's own site"),
    ("x", "geldnieuws_nl", "", "Geldnieuws", "", "Vandaag: Waldermond verhoogt de rente.",
     "circle", BANK, 15_400, 3000, "news account that shows the logo of the day"),
    ("youtube", "reviews-ruud", "", "Ruud bespreekt banken", "",
     "Waldermond, Mondbank en andere vergeleken.", "face-04", "", 2200, 1500,
     "review, brand in the bio only"),
    ("github", "waldermond", "old-namesake", "Wal Dermond", "old-namesake",
     "Compilers and sourdough.", "shapes-06", BANK, 88, 6200,
     "holder of the name before the bank had it"),
    ("x", "e_waldermond", "surname", "Els Waldermond", "surname", "Lerares, oma, vogelaar.",
     "landscape-02", BANK, 120, 3300, "a person whose surname it is"),
    ("instagram", "waldemar.music", "near-by-chance", "Waldemar", "near-by-chance",
     "cello", "face-05", "", 5100, 2100, "another name"),
    ("x", "vandermond_k", "near-by-chance", "Kees Vandermond", "near-by-chance",
     "Wiskunde.", "face-06", "", 77, 2700, "another surname"),
    ("instagram", "wal.art.gallery", "near-by-chance", "Wal-Mond Art gallery", "near-by-chance",
     "Kunst op de wal.", "shapes-07", "", 930, 1800, "another name with a hyphen"),
    ("instagram", "peer.support.nl", "common-word", "Peer Support Nederland", "common-word",
     "Lotgenotencontact in de zorg.", "shapes-08", SHOP, 740, 1600,
     "the short name as a word, with a support word"),
    ("x", "peer_review_tip", "common-word", "Peer Review Tips", "common-word",
     "Better reviews, kinder reviewers.", "letter-p", SHOP, 3900, 2000,
     "the short name as a word"),
    ("facebook", "fietsclub.peer", "common-word", "Fietsclub Peer", "common-word",
     "Elke zondag 9 uur.", "landscape-03", SHOP, 260, 2400, "the short name as a place"),
    ("linkedin", "peer-hansen-arkitekt", "common-word", "Peer Hansen", "common-word",
     "Arkitekt.", "face-07", SHOP, 510, 2900, "the short name as a first name"),
    ("x", "peer", "old-namesake", "peer 🍐", "old-namesake", "since the beginning", "shapes-09",
     SHOP, 610, 6100, "holder of the name before the shop had it"),
    ("instagram", "peer_recepten", "common-word", "Peer & appel recepten", "common-word",
     "Taart, crumble, compote.", "landscape-04", SHOP, 8800, 1300, "the short name as a fruit"),
    ("x", "peerless_tools", "contains", "Peerless Tools", "contains", "Files and rasps.",
     "shapes-10", "", 340, 2200, "the short name inside a word"),
    ("instagram", "speerwerpen", "contains", "Speerwerpen Noord", "contains", "Atletiek.",
     "landscape-05", "", 450, 1700, "the short name inside a word"),
    ("facebook", "kampeer.met.kees", "contains", "Kampeer met Kees", "contains",
     "Tenten en verhalen.", "landscape-06", "", 1900, 1500, "the short name inside a word"),
    ("github", "peeringlan", "contains", "peeringlan", "contains", "BGP toys.", "shapes-11",
     "", 15, 1000, "the short name inside a word"),
    ("mastodon", "stoofpeertje@sociaal.test", "contains", "stoofpeertje", "contains",
     "Koken en klagen.", "face-08", "", 66, 800, "the short name inside a word"),
    ("bluesky", "speer.bsky.social", "contains", "Dirk Speer", "contains", "", "face-09", "",
     31, 600, "the short name inside a surname"),
)
# fmt: on
_HOBBIES: Final = {
    "nl": ("Houdt van fietsen en koffie.", "Moeder van drie, hond van één.", "Bakt brood.", ""),
    "en": ("Coffee, maps, slow trains.", "Views are mine. DM for prints.", "Ships software.", ""),
    "de": ("Wandern, Brot, Bücher.", "Schreibt über Städte.", "Tischlerin aus Leidenschaft.", ""),
    "fr": ("Photos de montagne.", "Pain, vélo, soleil.", "Prof le jour, basse le soir.", ""),
    "es": ("Café y libros.", "Fotos de mi pueblo.", "Madera y música.", ""),
}
_FIRST_NAMES: Final = {
    "nl": ("Anna", "Bram", "Fenna", "Joost", "Lieke", "Sjoerd", "Tess", "Wout"),
    "en": ("Alice", "Ben", "Chloe", "Harry", "Maya", "Owen", "Ruth", "Tom"),
    "de": ("Anke", "Bernd", "Clara", "Jonas", "Lena", "Otto", "Petra", "Uwe"),
    "fr": ("Amélie", "Bruno", "Chloé", "Jules", "Léa", "Marc", "Odile", "Rémi"),
    "es": ("Ana", "Bruno", "Carmen", "Iker", "Lucía", "Mateo", "Nuria", "Pablo"),
}


def official() -> list[Profile]:
    """The companies' own accounts, all of which the watch file lists."""
    return [
        Profile(
            platform=platform,
            handle=handle,
            name=name,
            bio=f"Officieel account. https://{'waldermond' if brand == BANK else 'peer'}.example",
            avatar=picture(brand, "exact"),
            followers=followers,
            age_days=2400,
            brand=brand,
            handle_kind="owned",
            name_kind="owned",
            note="own account",
        )
        for brand, accounts in OFFICIAL.items()
        for platform, handle, name, followers in accounts
    ]


def traps() -> list[Profile]:
    """People and things that share, mention or mock a brand's name."""
    return [
        Profile(
            platform=platform,
            handle=handle,
            handle_kind=handle_kind,
            name=name,
            name_kind=name_kind,
            bio=bio,
            avatar=picture(brand or BANK, avatar),
            brand=brand,
            followers=followers,
            age_days=age_days,
            note=note,
        )
        for (
            platform,
            handle,
            handle_kind,
            name,
            name_kind,
            bio,
            avatar,
            brand,
            followers,
            age_days,
            note,
        ) in _TRAPS
    ]


def everybody(rng: Random, count: int) -> list[Profile]:
    """count people and small firms without any tie to the companies."""
    found: dict[tuple[str, str], Profile] = {}
    platforms = [platform for platform in HANDLES if platform not in ("bluesky", "mastodon")]
    while len(found) < count:
        language = rng.choice(LANGUAGES)
        first, last = rng.choice(_FIRST_NAMES[language]), surname(rng, language)
        thing = word(rng, language)
        platform = rng.choice(platforms)
        plain = first.lower().translate(str.maketrans("éí", "ei"))
        handle = rng.choice((plain + last, f"{thing}{last}", f"{plain}{rng.randint(10, 9999)}"))
        if SHOP in handle or not HANDLES[platform].fullmatch(handle):
            continue
        person = f"{first} {last.capitalize()}"
        found[platform, handle] = Profile(
            platform=platform,
            handle=handle,
            name=rng.choice((person, person, f"{thing.capitalize()} {last.capitalize()}", first)),
            bio=rng.choice(_HOBBIES[language]),
            avatar=_anyones(rng),
            followers=int(rng.lognormvariate(5, 1.6)),
            age_days=rng.randint(5, 4000),
        )
    return list(found.values())


def _anyones(rng: Random) -> str | None:
    sort = rng.choices(
        ("silhouette", "letter", "flat", "shapes", "landscape", "face", ""),
        weights=(5, 4, 1, 4, 4, 6, 1),
    )[0]
    if not sort:
        return None
    if sort == "letter":
        return f"avatars/letter-{rng.choice(LETTERS).lower()}.png"
    number = rng.randint(1, NEUTRAL[sort])
    return f"avatars/{sort}-{number}.png" if NEUTRAL[sort] < 10 else _two_digits(sort, number)


def _two_digits(sort: str, number: int) -> str:
    return f"avatars/{sort}-{number:02d}.png"
