"""What a profile says of itself: lures and claims, fans and critics, people and where they work.

May import: detectors.profiles, detectors.folding, detectors.lures, namaak.brands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from detectors.folding import read_as_ascii
from detectors.lures import lexicon
from detectors.profiles.words import MOST_READ, as_words, profile_words, said
from namaak.brands import Brand

Profile = Mapping[str, Any]  #: columns of OBSERVATION_SCHEMA; a missing one is unknown
_Found = tuple[str, str, str]

_LURES = {
    "support": "Its text about itself offers help",
    "money": "Its text about itself promises money",
    "work": "Its text about itself offers work",
}
_NOTICES = {
    "fan": "It says that fans keep it",
    "parody": "It says that it is parody",
    "unofficial": "It says that it is not official",
    "complaint": "It speaks against the brand",
}
_HIDDEN = {
    "fake-tick": "It wears a drawn verification tick",
    "invisible": "It holds invisible characters",
    "bidi": "It holds characters that turn the reading direction",
}
#: Letters of a short name stand in any word by chance.
_LEAST_NAME = 3
#: Words between "works at" and the brand: "works at the great Acme".
_BETWEEN = 2
_MOST_WORDS = 5  # of a person's name


def speech_traits(profile: Profile, brand: Brand) -> Iterator[_Found]:
    """Name, value seen and sentence of what the profile's own words say."""
    bio = (profile.get("bio") or "")[:MOST_READ]
    words = as_words(bio)
    for kind, says in _LURES.items():
        if phrase := said(kind, words):
            yield f"profile.words-{kind}", phrase, f"{says} (“{phrase}”)"
    named = _name_words(profile)
    for kind, says in _NOTICES.items():
        own = next((word for word in named if word in profile_words().names[kind]), None)
        if phrase := own or said(kind, words):
            yield f"profile.{kind}", phrase, f"{says} (“{phrase}”)"
    if employer := _employed(profile, brand, words):
        yield "profile.employee", employer, f"A person who says where they work (“{employer}”)"
    for text in (profile.get("display_name") or "", bio):
        for trait in read_as_ascii(text).traits:
            if trait in _HIDDEN:
                yield f"profile.{trait}", text, _HIDDEN[trait]


def _name_words(profile: Profile) -> list[str]:
    """Words of the handle and the name, "acmeFans" and "acme_fans" both as two."""
    found = []
    for text in (profile.get("handle") or "", profile.get("display_name") or ""):
        parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
        found += as_words(parted).split()
    return found


def _employed(profile: Profile, brand: Brand, words: str) -> str | None:
    """The words in which somebody with a name of their own says to work for the brand."""
    spellings = _spellings(brand)
    if not spellings:
        return None
    name = rf"(?:{'|'.join(map(re.escape, spellings))})"
    shown = profile.get("display_name") or ""
    at = re.search(rf"^ (.+?) at {name} ", as_words(shown.replace("@", " at ")))
    if at and _is_person(at.group(1)):
        return shown
    if not _is_person(as_words(shown).strip()):
        return None
    for found in profile_words().employee.finditer(words):
        rest = words[found.end() :]
        near = re.match(rf" (?:[a-z0-9]+ ){{0,{_BETWEEN}}}{name} ", rest)
        if near:
            return found.group() + near.group().rstrip()
    return None


def _spellings(brand: Brand) -> list[str]:
    spelled = (as_words(name).strip() for name in brand.names)
    words = [name for name in spelled if len(name.replace(" ", "")) >= _LEAST_NAME]
    return list(dict.fromkeys((*words, *(name.replace(" ", "") for name in words))))


def _is_person(words: str) -> bool:
    """May be a name: a few words, none of which lures ("support at Acme" is nobody)."""
    parts = words.split()
    classes = lexicon().classes
    return 1 <= len(parts) <= _MOST_WORDS and not any(
        classes.get(part) not in (None, "place", "speech") or part.isdigit() for part in parts
    )
