"""Where else a name may be sold, from suffixes.toml: what people trust, what is abused, countries.

May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

#: How likely a name under such a suffix is, against one under a suffix that people trust.
_ABUSED, _ELSEWHERE = 0.7, 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class SuffixTable:
    """The shipped suffixes, as A-labels."""

    version: str
    familiar: tuple[str, ...]
    abused: tuple[str, ...]
    without_idn: frozenset[str]
    languages: dict[str, tuple[str, ...]]
    countries: tuple[str, ...]

    def others(self, languages: Sequence[str]) -> dict[str, float]:
        """Each suffix and its weight, the likeliest first. languages: of the brand."""
        weights: dict[str, float] = {}
        near = [suffix for language in languages for suffix in self.languages.get(language, ())]
        for suffix, weight in (
            *_falling(self.familiar, 1.0),
            *_falling(near, 1.0),
            *_falling(self.abused, _ABUSED),
            *((suffix, _ELSEWHERE) for suffix in self.countries),
        ):
            weights[suffix] = max(weight, weights.get(suffix, 0.0))
        return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))


def _falling(suffixes: Sequence[str], weight: float) -> Iterator[tuple[str, float]]:
    """Later ones are less likely: the last of ten has half of the first."""
    for place, suffix in enumerate(suffixes):
        yield suffix, weight / (1 + place / 10)


@cache
def suffix_table() -> SuffixTable:
    """The shipped table, read once."""
    text = files("detectors.permutations").joinpath("suffixes.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return SuffixTable(
        version=f"{table['version']}-{hashlib.sha256(text.encode()).hexdigest()[:6]}",
        familiar=tuple(table["familiar"]),
        abused=tuple(table["abused"]),
        without_idn=frozenset(table["without_idn"]),
        languages={name: tuple(found) for name, found in table["languages"].items()},
        countries=tuple(table["countries"]["all"]),
    )
