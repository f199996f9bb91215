"""Which edits of a logo each method sees through, at the same share of false positives.

    python -m benchmarks.images quality --logos FILE [--methods ours phash16] [--share 0.2]

FILE has the columns of logos.parquet. `protocol.py` says which pictures are made of it; keys
that the detector was fitted on are left out. JSON lines, `measure` says of what:
- `recall`: per edit, and `all` for their mean over compact logos (`all, wordmarks`: over wide
  ones), the share of pictures whose right brand comes first AND scores above the threshold that
  the share `fpr` of pictures without any watched logo passes at most. `rank1`: the right brand
  comes first, whatever its score. `low`, `high`: Wilson's 95 % interval. `cross-drawn`: the same
  logos as other people drew them; no edit, but no copy either.
- `threshold`: the score, and the share of distractors that does pass (ties pass together or
  not at all, so that it may be less than `fpr`).
- `false-positives`: who passes, by kind. `default-avatars`: of 1,000 pictures that platforms
  give to people without one. `rule` "own" in place of an `fpr`: the method's own threshold.
- `calibration`: expected calibration error of the method's probabilities at even odds, in 15 bins
  of equal mass; all queries together weigh as much as all distractors.
May import: benchmarks.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.images.edits import EDITS
from benchmarks.images.methods import METHODS, Answer, Method, present
from benchmarks.images.protocol import Protocol, Query, build
from benchmarks.measuring import measured, say, share

FPRS = (1e-2, 1e-3)
_BINS = 15
_CHUNK = 64

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Of one kind of picture, in order."""

    best: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    probability: npt.NDArray[np.float64]  #: NaN where the method has none
    flagged: npt.NDArray[np.float64]  #: 1, 0; NaN where the method has no rule of its own

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Answers:
        def numbers(values: Iterable[float | bool | None]) -> npt.NDArray[np.float64]:
            return np.array([math.nan if one is None else float(one) for one in values])

        return cls(
            best=np.array([one.best for one in answers], np.int64),
            score=numbers(one.score for one in answers),
            probability=numbers(one.probability for one in answers),
            flagged=numbers(one.flagged for one in answers),
        )

    @property
    def has_rule(self) -> bool:
        return bool(len(self.flagged)) and not np.isnan(self.flagged).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The protocol's pictures without their bytes: what each one is."""

    truth: npt.NDArray[np.int64]  #: index of the right reference, per query
    edit: npt.NDArray[np.str_]
    compact: Mask
    cross_truth: npt.NDArray[np.int64]
    cross_compact: Mask
    kind: npt.NDArray[np.str_]  #: per distractor
    avatar: npt.NDArray[np.str_]  #: kind, per default avatar


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a picture counts as found."""

    columns: Mapping[str, object]  #: what a line says of it
    score: float  #: must be beaten; NaN: the method's own rule

    def passes(self, answers: Answers) -> Mask:
        if math.isnan(self.score):
            return np.asarray(answers.flagged == 1, np.bool_)
        return np.asarray(answers.score > self.score, np.bool_)


def threshold(scores: npt.NDArray[np.float64], fpr: float) -> float:
    """The score that at most that share of distractors beats.

    >>> threshold(np.array([3.0, 1.0, 2.0, 2.0]), 0.25), threshold(np.array([3.0, 1.0]), 0.25)
    (2.0, 3.0)
    """
    allowed = int(fpr * len(scores) + 1e-9)
    return float(np.sort(scores)[::-1][allowed]) if len(scores) else -math.inf


def wilson(hits: int, count: int) -> tuple[float, float] | None:
    """95 % interval of a share; None of nothing.

    >>> wilson(0, 1000)
    (0.0, 0.0038)
    """
    if not count:
        return None
    z = 1.959964
    middle = (hits + z * z / 2) / (count + z * z)
    half = z / (count + z * z) * math.sqrt(hits * (count - hits) / count + z * z / 4)
    return round(max(middle - half, 0.0), 4), round(min(middle + half, 1.0), 4)


def calibration_error(
    probability: npt.NDArray[np.float64], right: Mask, weight: npt.NDArray[np.float64]
) -> float:
    """Mean distance of claim and truth over bins of equal weight. weight: per picture, sum 1."""
    order = np.argsort(probability, kind="stable")
    reached = np.cumsum(weight[order]) - weight[order] / 2
    bins = np.minimum((reached * _BINS).astype(np.int64), _BINS - 1)
    gap = weight[order] * (probability[order] - right[order])
    return float(np.abs(np.bincount(bins, gap)).sum())


def emit(method: str, measure: str, columns: Mapping[str, object]) -> None:
    """One line of results."""
    line = {"bench": "images-quality", "method": method, "measure": measure, **columns}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def report(
    method: str,
    asked: Asked,
    queries: Answers,
    cross: Answers,
    strangers: Answers,
    avatars: Answers,
) -> None:
    """All lines of one method."""
    first = queries.best == asked.truth
    cross_first = cross.best == asked.cross_truth
    for rule in _rules(strangers):
        passes, cross_passes = rule.passes(queries), rule.passes(cross)
        false = rule.passes(strangers)
        emit(method, "threshold", {
            **rule.columns, "score": None if math.isnan(rule.score) else _finite(rule.score),
            "passed": int(false.sum()), "distractors": len(false),
            "passed_share": share(int(false.sum()), len(false)),
        })  # fmt: skip
        groups = [(edit, asked.compact & (asked.edit == edit)) for edit in EDITS]
        groups += [("all", asked.compact), ("all, wordmarks", ~asked.compact)]
        for edit, mine in groups:
            emit(method, "recall",
                 {"edit": edit, **rule.columns, **_recall(first[mine], passes[mine])})  # fmt: skip
        for edit, mine in (
            ("cross-drawn", np.ones(len(cross_first), np.bool_)),
            ("cross-drawn, compact", asked.cross_compact),
        ):
            emit(method, "recall",
                 {"edit": edit, **rule.columns,
                  **_recall(cross_first[mine], cross_passes[mine])})  # fmt: skip
        for measure, kinds, hit in (
            ("false-positives", asked.kind, false),
            ("default-avatars", asked.avatar, rule.passes(avatars)),
        ):
            for kind in ("all", *sorted(set(kinds.tolist()))):
                among = hit if kind == "all" else hit[kinds == kind]
                emit(method, measure, {"kind": kind, **rule.columns,
                                       "flagged": int(among.sum()), "of": len(among)})  # fmt: skip
    if not np.isnan(queries.probability).any():
        claimed = np.concatenate([queries.probability, strangers.probability])
        right = np.concatenate([first, np.zeros(len(strangers.best), np.bool_)])
        queried, strange = len(first), len(strangers.best)
        weight = np.repeat([0.5 / max(queried, 1), 0.5 / max(strange, 1)], [queried, strange])
        error = calibration_error(claimed, right, weight)
        emit(method, "calibration", {"ece": round(error, 4), "bins": _BINS, "pictures": len(right)})


def _finite(score: float) -> float | None:
    return round(score, 4) if math.isfinite(score) else None


def _rules(strangers: Answers) -> Iterator[Rule]:
    for fpr in FPRS:
        yield Rule(columns={"fpr": fpr}, score=threshold(strangers.score, fpr))
    if strangers.has_rule:
        yield Rule(columns={"rule": "own"}, score=math.nan)


def _recall(first: Mask, passes: Mask) -> dict[str, object]:
    found = int((first & passes).sum())
    low, high = wilson(found, len(first)) or (None, None)
    return {
        "recall": share(found, len(first)), "low": low, "high": high,
        "rank1": share(int(first.sum()), len(first)), "pictures": len(first),
    }  # fmt: skip


# A process of its own has one method, enrolled once.
_enrolled: list[Method] = []


def _begin(method: str, references: Sequence[bytes]) -> None:
    cv2.setNumThreads(1)
    made = METHODS[method]()
    made.enrol(references)
    _enrolled[:] = [made]


def _answer_all(pictures: Sequence[bytes]) -> list[Answer]:
    return [_enrolled[0].answer(one) for one in pictures]


def _chunks(pictures: Iterator[bytes]) -> Iterator[list[bytes]]:
    while chunk := list(islice(pictures, _CHUNK)):
        yield chunk


def ask(method: str, protocol: Protocol, jobs: int) -> tuple[Answers, Answers, Answers, Answers]:
    """Answers to queries, cross-drawn logos, distractors and default avatars."""
    references = [one.picture for one in protocol.references]
    streams = (protocol.queries(), protocol.cross_drawn(), protocol.distractors(),
               protocol.default_avatars())  # fmt: skip
    if jobs > 1:
        pool = ProcessPoolExecutor(jobs, initializer=_begin, initargs=(method, references))
    else:
        pool = None
        _begin(method, references)
    with pool or nullcontext():
        found = []
        for stream in streams:
            chunks = _chunks(one.picture for one in stream)
            answered = pool.map(_answer_all, chunks) if pool else map(_answer_all, chunks)
            found.append(Answers.of([one for chunk in answered for one in chunk]))
    queries, cross, strangers, avatars = found
    return queries, cross, strangers, avatars


def describe(protocol: Protocol) -> Asked:
    """What the pictures are, in the order in which they are asked."""
    place = {one.key: at for at, one in enumerate(protocol.references)}

    def truths(queries: Sequence[Query]) -> npt.NDArray[np.int64]:
        return np.array([place[one.key] for one in queries], np.int64)

    def compacts(queries: Sequence[Query]) -> Mask:
        return np.array([one.compact for one in queries], np.bool_)

    queries, cross = list(protocol.queries()), list(protocol.cross_drawn())
    return Asked(
        truth=truths(queries), edit=np.array([one.edit for one in queries], np.str_),
        compact=compacts(queries), cross_truth=truths(cross), cross_compact=compacts(cross),
        kind=np.array([one.kind for one in protocol.distractors()], np.str_),
        avatar=np.array([one.kind for one in protocol.default_avatars()], np.str_),
    )  # fmt: skip


def measure(protocol: Protocol, methods: Sequence[str], jobs: int) -> None:
    """All lines of all methods."""
    emit("none", "protocol", dict(protocol.counts))
    asked = describe(protocol)
    for name in methods:
        say(f"{name}: {len(asked.truth) + len(asked.kind):,} pictures and more.")
        with measured() as spent:
            answers = ask(name, protocol, jobs)
        report(name, asked, *answers)
        say(f"{name}: {spent.wall_s:.0f} s.")


def add_protocol_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command of this package takes."""
    parser.add_argument("--logos", type=Path, required=True, help="a file like logos.parquet")
    parser.add_argument("--cache", type=Path, help="folder that keeps the pictures for next time")
    parser.add_argument("--part", choices=("test", "fit"), default="test",
                        help="keys that nothing was fitted on, or those alone")  # fmt: skip
    parser.add_argument("--share", type=float, default=1.0, help="of the pictures; for a trial")


def main(argv: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images quality")
    add_protocol_arguments(parser)
    parser.add_argument("--emoji", type=Path, help="folder of SVG files that join the distractors")
    parser.add_argument("--methods", nargs="+", choices=tuple(METHODS), default=present())
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    given = parser.parse_args(argv)
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        kept = given.cache or Path(folder)
        protocol = build(given.logos, kept, given.part, given.share, given.emoji)
        measure(protocol, given.methods, given.jobs)
    return 0
