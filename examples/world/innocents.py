"""Host names that resemble a brand and mean no harm, and lines that are no host names.

An innocent with a brand speaks of it, belongs to it or meets it by one chance too many: it may
match, but ranks low or is suppressed with a reason. An innocent without one should be no case.
May import: world.companies, world.labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from world.companies import BANK, OWN_HOSTS, PLATFORMS, SHOP
from world.labels import Label

_OWN_SUBDOMAINS: Final = ("", "www.", "mijn.", "api.", "mail.", "werkenbij.", "status.", "_dmarc.")

#: The four letters p, e, e, r inside words and names of Dutch, English, German and French.
_CONTAINS_PEER: Final = (
    "peering-nederland",
    "routepeering",
    "peeringlan",
    "uppeering",
    "speer",
    "speerpunt-groningen",
    "speerwerpen",
    "speerwurf-verein",
    "speerspitze-hamburg",
    "speermint-thee",
    "speerkruid-tuin",
    "speerstra-bouw",
    "zwaardenspeer",
    "doorspeer",
    "peerless-tools",
    "peerage-archive",
    "compeers-choir",
    "superpeer-software",
    "grouppeers",
    "peerreview-handboek",
    "peervormig",
    "peerdrops-snoep",
    "peerdevolk-stal",
    "peerenboomgaard",
    "peerbolte-advies",
    "peereboom-fietsen",
    "peerke-brouwt",
    "stoofpeertjes",
    "gloeipeertje",
    "handpeertje",
    "kampeerterrein-dewal",
    "kampeerwinkel-zuid",
    "kampeerbus-huren",
    "galoppeer-manege",
    "typeercursus",
    "groepeerje",
    "participeer-mee",
    "emancipeer-nu",
    "anticipeer-advies",
    "koopeerlijk",
    "stapeerst",
    "loopeersterondje",
    "topeerste",
)
#: The word by itself, used as a word: pears, equals, a first name, a town in a hedge of hyphens.
_COMMON_PEER: Final = (
    "peer-to-peer-uitleg",
    "peer-review-tips",
    "peer-support-groep",
    "appel-en-peer",
    "appel-peer-taart",
    "peer-hansen-fotografie",
    "peer-gynt-toneel",
    "fietsclub-peer",
    "peer-coaching-zorg",
    "recept-peer-in-wijn",
    "peer-learning-lab",
)
_TOKEN_BY_CHANCE: Final = ("kam-peer-plaats", "gallop-peer", "s-peer-punt")
#: Far enough to be other words, near enough for an eager measure.
_NEAR_BANK: Final = (
    "waldemar",
    "waldemar-bank",
    "waldermann",
    "wandelmond",
    "woudermond",
    "vandermonde",
    "vandermonde-matrix",
    "dendermond-fietst",
    "roermonder-bank",
    "isselmond",
    "aldermen-bank",
    "walden-ponds",
    "walderen",
    "waterman-bank",
    "wildermoed",
    "weidemond",
    "wondermond",
    "wonderbank",
    "walvisbank",
    "mondbank",
    "walderbos",
    "kalkmond",
    "bankwalletmond",
    "zuidermond",
)
#: Two edits from the bank's label without a thought of it: low rank, never dropped in secret.
_TWO_EDITS_BY_CHANCE: Final = ("vandermond", "aldermand", "waldemonde")
_ABOUT: Final = (
    ("waldermond-klachten.test", "complaint speech"),
    ("waldermond-gedupeerden.test", "complaint speech"),
    ("ervaringen-met-waldermond.invalid", "reviews"),
    ("waldermond-medewerkersvereniging.test", "staff association"),
)


def _innocent(host: str, brand: str, kind: str, note: str) -> Label:
    return Label(input=host, field="host", brand=brand, kind=kind, verdict="innocent", note=note)


def owned() -> Iterator[Label]:
    """The companies' own domains and what stands below them."""
    for brand, domains in OWN_HOSTS.items():
        for domain in domains:
            for subdomain in _OWN_SUBDOMAINS:
                yield _innocent(subdomain + domain, brand, "owned", "own domain")
    yield _innocent("korting-actie.peer.example", SHOP, "owned", "own campaign with a lure word")
    yield _innocent("login.waldermond.example", BANK, "owned", "own sub-domain with a lure word")


def contains() -> Iterator[Label]:
    """The short name inside longer words, or between hyphens by chance."""
    for number, label in enumerate(_CONTAINS_PEER):
        suffix = ("example", "test", "invalid")[number % 3]
        yield _innocent(f"{label}.{suffix}", "", "contains", "the short name inside a word")
    for label in _TOKEN_BY_CHANCE:
        yield _innocent(f"{label}.example", "", "contains", "a word cut by hyphens")


def common_word() -> Iterator[Label]:
    """The short name used as the word it is."""
    for label in _COMMON_PEER:
        yield _innocent(f"{label}.example", SHOP, "common-word", "the short name as a word")


def near_by_chance() -> Iterator[Label]:
    """Words and names that happen to lie near the long name."""
    for label in _NEAR_BANK:
        yield _innocent(f"{label}.example", "", "near-by-chance", "another word or surname")
    for label in _TWO_EDITS_BY_CHANCE:
        yield _innocent(f"{label}.example", BANK, "near-by-chance", "two edits away by chance")
    yield _innocent(
        "walder.mondzorg-oost.example", "", "near-by-chance", "two words that meet across a dot"
    )


def about() -> Iterator[Label]:
    """People who speak of the bank under its name."""
    for host, note in _ABOUT:
        yield _innocent(host, BANK, "about", note)


def platforms() -> Iterator[Label]:
    """Hosting services themselves, and strangers on them. Their suffix is not a brand."""
    for platform in PLATFORMS:
        yield _innocent(platform, "", "platform", "the hosting service itself")
    for host in ("tuinvrienden-oostwal.github.io", "kampeer-verhalen.web.app"):
        yield _innocent(host, "", "platform", "a stranger on a hosting service")
    yield _innocent("s3.amazonaws.com", "", "platform", "a private suffix without any label")


def innocents() -> list[Label]:
    """All hard innocents."""
    return [*owned(), *contains(), *common_word(), *near_by_chance(), *about(), *platforms()]


def broken() -> list[Label]:
    """Lines that are no host names: counted and kept aside, never a case, never a crash."""
    return [
        _innocent(line, "", "broken", note)
        for line, note in (
            (".", "nothing but a dot"),
            ("waldermond..example", "empty label"),
            ("-onzin-.test", "hyphens at the ends"),
            ("192.0.2.44", "IPv4 address"),
            ("[2001:db8::17]", "IPv6 address"),
            (f"{'w' * 64}.example", "label of 64 bytes"),
            (".".join(["waldermond"] * 30) + ".test", "name of more than 253 bytes"),
            ("xn--a.example", "punycode that decodes to nothing"),
            ("xn--99999999.test", "punycode out of range"),
            ("waldermond", "a single label"),
            ("<b>waldermond</b>", "markup"),
            ("@@@ ### junk", "junk"),
            ("waldermond\x07.test", "control character"),
        )
    ]


#: Latin-1 in a file that is otherwise UTF-8; not in labels.csv, which is text.
NOT_UTF8: Final = b"caf\xe9-waldermond.example"
