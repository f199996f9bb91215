"""Ordinary names in five languages, from syllables and everyday words: the haystack.

None means anything to the two companies; a name that would contain one of theirs is not made.
May import: world.companies.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from world.companies import BANK, RESERVED, RESERVED_DOMAINS, SHOP

_WORDS: Final = {
    "nl": (
        "fiets tuin bakkerij kapper molen haven brug dorp school muziek verf hout steen glas "
        "schilder garage bloem boek taart kaas slager dijk polder wind zon boer hoeve markt "
        "reis zorg yoga advies makelaar loodgieter dak keuken vloer kinder hond kat paard"
    ),
    "en": (
        "river stone garden coffee bike yoga craft studio labs cloud media design print bright "
        "north green oak silver maple field harbour lane works supply repair music film photo"
    ),
    "de": (
        "garten haus brot bau holz berg wald licht stadt verein musik schule werk hof weg bach "
        "tischler apotheke reise blumen garage kino fahrrad wein stein feld markt kunst"
    ),
    "fr": (
        "maison jardin pain vin fleur atelier ecole route mer soleil bois pierre moulin chateau "
        "boulanger voyage velo cuisine musique lumiere ferme marche village coiffure"
    ),
    "es": (
        "casa jardin pan vino flor taller escuela camino mar sol madera piedra molino castillo "
        "viaje cocina musica luz granja mercado pueblo zapato libro nieve verde norte"
    ),
}
_SYLLABLES: Final = {
    "nl": "ver hoe den ker sma vel groe stra ter bos lin hui zen dijk ma wou ste kra noo bree",
    "en": "bran wick ley ford ton ash har ling mar bel wes cot hol stan rid well by ches nor",
    "de": "schu ber gen hof kra mer bach wei len hei zig stei ner tal fel rau burg kir sen",
    "fr": "bel mon ville char ron mar sau ne dou ri lan cou ber tin gui lau veau net pré",
    "es": "mar ta go ra do lo ca san ber ña vi lle gar ci ro ma que dal mon pe",
}
_SUBDOMAINS: Final = (
    "www",
    "mail",
    "shop",
    "blog",
    "m",
    "cpanel",
    "autodiscover",
    "webmail",
    "dev",
)
LANGUAGES: Final = tuple(_WORDS)


def word(rng: Random, language: str) -> str:
    """One everyday word."""
    return rng.choice(_WORDS[language].split())


def surname(rng: Random, language: str) -> str:
    """A name of two to four syllables that sounds like the language, in ASCII."""
    syllables = _SYLLABLES[language].split()
    made = "".join(rng.choice(syllables) for _ in range(rng.randint(2, 4)))
    return made.replace("é", "e").replace("ñ", "n")


def label(rng: Random) -> str:
    """What people register: a surname, two words, a word and a number, a firm's name."""
    language = rng.choice(LANGUAGES)
    first, second = word(rng, language), word(rng, language)
    name = surname(rng, language)
    return rng.choices(
        (
            first + second,
            f"{first}-{second}",
            name,
            f"{name}-{first}",
            f"{first}{name}",
            f"de{first}" if language == "nl" else f"my{first}",
            f"{first}{rng.randint(1, 99)}",
            f"{first}-{second}-{name}",
        ),
        weights=(5, 5, 3, 4, 2, 1, 2, 1),
    )[0]


def ordinary_hosts(rng: Random, count: int) -> list[str]:
    """count different hosts, sorted."""
    hosts: set[str] = set()
    for host in _hosts(rng):
        if len(hosts) == count:
            break
        hosts.add(host)
    return sorted(hosts)


def _hosts(rng: Random) -> Iterator[str]:
    suffixes = (*RESERVED, *RESERVED_DOMAINS)
    weights = (12, 8, 4, 1, 1, 1)
    while True:
        name = label(rng)
        if SHOP in name or BANK in name:
            continue
        host = f"{name}.{rng.choices(suffixes, weights=weights)[0]}"
        yield f"{rng.choice(_SUBDOMAINS)}.{host}" if rng.random() < 0.35 else host
