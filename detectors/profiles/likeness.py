"""What of a profile is taken over from the brand's own: its words, its very picture, its claim.

Compared are files and words, never faces.
May import: detectors.pages, detectors.profiles, detectors.folding, namaak.brands, namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz

from detectors.folding import letters_of, read_as_ascii
from detectors.pages import mentions
from detectors.profiles.words import as_words, said
from namaak.brands import Brand
from namaak.records import SubjectKind

Profile = Mapping[str, Any]  #: columns of OBSERVATION_SCHEMA; a missing one is unknown
_Found = tuple[str, str, str]

#: Fewer words are said alike by many ("Bank of your town").
_LEAST_WORDS = 6
#: Of the official text's runs of three words, the share that stands in the other; and how alike
#: both are, in hundredths, whatever the order. Both: each alone is met in texts of one trade.
_LEAST_SHARED = 0.5
_LEAST_ALIKE = 80.0


def likeness_traits(
    profile: Profile, brand: Brand, official: Sequence[Profile]
) -> Iterator[_Found]:
    """Name, value seen and sentence of what is copied from the brand or claimed of it."""
    bio = profile.get("bio") or ""
    shown = " ".join(filter(None, (profile.get("display_name"), bio)))
    if mentions(bio, brand):
        yield "profile.bio-brand", bio, f"Its text about itself names {brand.name}"
    words = as_words(bio)
    denied = any(said(notice, words) for notice in ("fan", "parody", "unofficial"))
    claim = said("official", words)
    if claim and not denied and mentions(shown, brand):
        yield "profile.claims-official", claim, f"It says that it is {brand.name}'s own ({claim})"
    for own in official:
        if alike := _copied(bio, own.get("bio") or ""):
            says = f"Its text about itself is copied from {_named(own)} ({alike:.0f} % alike)"
            yield "profile.bio-copied", bio, says
            break
    for column, name, what in (
        ("image_sha256", "profile.avatar-official", "picture"),
        ("banner_sha256", "profile.banner-official", "banner"),
    ):
        digest = profile.get(column)
        own_one = next((own for own in official if digest and own.get(column) == digest), None)
        if own_one is not None:
            yield name, str(digest), f"Its {what} is the very file of {_named(own_one)}"
    yield from _publisher(profile, official)


def _copied(bio: str, own: str) -> float:
    """How alike two texts are, in hundredths; 0 where one is no copy of the other."""
    # The same text twice: as people read it, so that letters of another script copy it all the
    # same, and cut, because the comparison takes the square of the length.
    read, official = (" ".join(as_words(text[:1000]).split()) for text in (bio, own))
    runs, own_runs = _runs(read), _runs(official)
    if len(official.split()) < _LEAST_WORDS or not runs or not own_runs:
        return 0.0
    alike = float(fuzz.token_sort_ratio(read, official, score_cutoff=0))
    shared = len(runs & own_runs) / len(own_runs)
    contained = official in read
    enough = contained or (shared >= _LEAST_SHARED and alike >= _LEAST_ALIKE)
    return max(alike, 100.0 * shared) if enough else 0.0


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return set(zip(words, words[1:], words[2:], strict=False))


def _publisher(profile: Profile, official: Sequence[Profile]) -> Iterator[_Found]:
    """Of an app: whether those who publish the brand's own publish this one."""
    if profile.get("subject_kind") != SubjectKind.APP:
        return
    store = [own for own in official if own.get("platform") == profile.get("platform")]
    own_names = {letters_of(own["developer"]): own["developer"] for own in store
                 if own.get("developer")}  # fmt: skip
    developer = profile.get("developer")
    if developer and own_names and letters_of(developer) not in own_names:
        own_name = next(iter(own_names.values()))
        says = f"It is published by {developer}, the brand's own apps by {own_name}"
        yield "profile.other-developer", developer, says
    prefixes = {prefix for own in store if (prefix := _prefix(own.get("native_id")))}
    if (prefix := _prefix(profile.get("native_id"))) in prefixes and prefix:
        says = f"Its id begins with {prefix}, as those of the brand's own apps do"
        yield "profile.publisher-prefix", str(profile.get("native_id")), says


def _prefix(native_id: str | None) -> str | None:
    """The first two parts of a bundle's name ("com.acme"); None for what is no such name."""
    parts = (native_id or "").split(".")
    return ".".join(parts[:2]) if len(parts) > 2 and parts[1] else None


def _named(own: Profile) -> str:
    name = own.get("handle") or own.get("display_name") or own.get("native_id") or "its own account"
    return f"the brand's own {read_as_ascii(str(name)).text.strip()} on {own.get('platform')}"
