"""The words and phrases of profiles, and how they are found in what people write.

Words come from tables/profile_words.toml. A text is read first as a person reads it, so letters of
another script hide no phrase; phrases are whole words, because "unofficial" is not "official".
May import: detectors.folding.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from detectors.folding import read_as_ascii

#: Of a text about itself; no platform lets more be seen at once.
MOST_READ = 5000
_BETWEEN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileWords:
    """The shipped table, its phrases compiled."""

    version: str
    speech: Mapping[str, re.Pattern[str]]  #: by what it says, in a text about itself
    names: Mapping[str, frozenset[str]]  #: single words, in a handle or a name
    employee: re.Pattern[str]
    hosts: Mapping[str, frozenset[str]]


@cache
def profile_words() -> ProfileWords:
    """Read once."""
    text = files("detectors.tables").joinpath("profile_words.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return ProfileWords(
        version=f"{table['version']}-{digest}",
        speech={name: any_of(phrases) for name, phrases in table["speech"].items()},
        names={name: frozenset(words) for name, words in table["names"].items()},
        employee=any_of(table["employee"]["phrases"]),
        hosts={name: frozenset(hosts) for name, hosts in table["hosts"].items()},
    )


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Finds the longest of the phrases as whole words in what `as_words` made."""
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(r"(?<= )(?:" + "|".join(map(re.escape, longest_first)) + r")(?= )")


def as_words(text: str) -> str:
    """Lower-case ASCII words, one blank before, between and after.

    >>> as_words("D.M. us \N{EN DASH} Fan\N{ZERO WIDTH SPACE}page!")
    ' d m us fanpage '
    """
    return f" {_BETWEEN.sub(' ', read_as_ascii(text[:MOST_READ]).text).strip()} "


def said(name: str, words: str) -> str | None:
    """The first phrase of that kind in `as_words`; None where there is none."""
    found = profile_words().speech[name].search(words)
    return found.group() if found else None


def is_listed(host: str, kind: str) -> bool:
    """Whether a host is one of the table's, or lies under one.

    >>> is_listed("www.linktr.ee", "hubs"), is_listed("notlinktr.ee", "hubs")
    (True, False)
    """
    listed = profile_words().hosts[kind]
    labels = host.split(".")
    return any(".".join(labels[at:]) in listed for at in range(len(labels) - 1))
