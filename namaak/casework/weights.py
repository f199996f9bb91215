"""The weights that no program fits, read from the one file that holds them all.

tables/weights.toml gives every sign its weight, where that comes from, its axis and what would
change it; the rooms that weigh evidence take their part of it here, so that a weight stands nowhere
twice. What is wrong with the file is found by its schema in the tests, not at each start.
May import: namaak.records.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from namaak.records import Axis

Steps = tuple[tuple[int, float], ...]  #: (from or up to which number, weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What is told of a signal beside its weight."""

    axis: Axis
    would_change: str
    basis: str  #: fitted, measured or judged
    learned: bool  #: whether verdicts may change its weight


#: Made of verdicts: fitted to verdicts it would explain them by themselves.
_MADE_OF_VERDICTS = "campaigns"


@cache
def _source() -> str:
    return files("namaak.casework.tables").joinpath("weights.toml").read_text(encoding="utf-8")


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(_source())


@cache
def version() -> str:
    """Changes with any letter of the file."""
    return f"{_table()['version']}-{hashlib.sha256(_source().encode()).hexdigest()[:6]}"


def group(path: str) -> Mapping[str, Any]:
    """One table of the file, as in "sites.content"."""
    found: Any = _table()
    for part in path.split("."):
        found = found[part]
    return found  # type: ignore[no-any-return]


def number(path: str) -> float:
    """One figure, as in "sites.content.most"."""
    table, _, name = path.rpartition(".")
    return group(table)[name]  # type: ignore[no-any-return]


def values(path: str) -> dict[str, float]:
    """Sign to weight, in the file's order."""
    return {name: sign["weight"] for name, sign in group(path)["signs"].items()}


def steps(path: str) -> Steps:
    """A weight that goes by a number."""
    return tuple((limit, weight) for limit, weight in group(path)["steps"])


def reached(steps: Steps, count: float) -> float:
    """The weight of the last step that is reached; 0 before the first."""
    return next((weight for least, weight in reversed(steps) if count >= least), 0.0)


def within(steps: Steps, count: float) -> float:
    """The weight of the first step that it is within; 0 beyond the last."""
    return next((weight for most, weight in steps if count <= most), 0.0)


@cache
def meanings() -> Mapping[str, Meaning]:
    """Every sign by its name; of names and pictures without the field before it."""
    return dict(_meanings())


def meaning(signal: str) -> Meaning:
    """Of a signal by its name, as in "host.rarity"; KeyError where the file does not know it.

    >>> meaning("handle.rarity").axis
    <Axis.CONFIDENCE: 'confidence'>
    """
    known = meanings()
    return known[signal] if signal in known else known[signal.partition(".")[2]]


def may_be_learned(signal: str) -> bool:
    """Whether verdicts may change what it weighs; not of a name that the file does not know."""
    known = meanings()
    found = known.get(signal) or known.get(signal.partition(".")[2])
    return found is not None and found.learned


def severity_of(log_odds: float) -> int:
    """0 to 100 from what the signals of severity add up to; below nothing it is 0."""
    return round(100 * -math.expm1(-max(log_odds, 0.0) / number("scale.severity")))


def _meanings() -> Iterator[tuple[str, Meaning]]:
    for room, groups in _table().items():
        if not isinstance(groups, Mapping):
            continue
        for one in groups.values():
            if not isinstance(one, Mapping):
                continue
            signs = {**one.get("signs", {}), **one.get("kinds", {})}
            if "signal" in one:
                signs[one["signal"]] = one
            for name, sign in signs.items():
                told = {**one, **sign}
                yield name, Meaning(
                    axis=Axis(told["axis"]), would_change=told["would_change"],
                    basis=told["basis"], learned=room != _MADE_OF_VERDICTS,
                )  # fmt: skip
