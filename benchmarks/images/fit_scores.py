"""What likeness is worth: fits `picture_scores.toml` on logos that are tested nowhere.

Every picture of the protocol's fit part is searched as the product searches it, keypoints asked
of all. Positives: the right logo's likenesses. Negatives: the likest wrong logo of each stranger
and of each query. Weights: logistic regression, none below zero, both classes counted alike.
Ratios: isotonic regression (pool adjacent violators) of the classes over the score.
May import: benchmarks, detectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.images.protocol import build
from benchmarks.measuring import say
from detectors.images import matching, scoring
from detectors.images.decoding import decode
from detectors.images.gallery import Gallery, Logo, gallery_of
from detectors.images.picture import Picture

Floats = npt.NDArray[np.float64]

_RIDGE = 1e-3
_MOST_LLR = 8.0  # what the fit part can show: one stranger among its thousands
_STEPS = 24
#: From here a picture is a match: it speaks for the logo nearly three times as much as against.
_MATCH_LLR = 1.0
#: Share of edited logos on plain grounds that may be left without keypoints.
_UNASKED = 5e-3

_gallery: Gallery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Likenesses of one picture, (4,) each."""

    right: Floats | None  #: of the logo that it shows
    wrong: Floats | None  #: of the likest other one, by the weights that stand
    gated: bool
    plain: bool


def _start(logos: list[Logo]) -> None:
    global _gallery
    _gallery = gallery_of(logos)


def _look(picture: tuple[str, bytes]) -> _Seen:
    key, data = picture
    decoded = decode(data)
    assert isinstance(decoded, Picture) and _gallery is not None
    made = matching.fingerprint(decoded)
    right, wrong = None, None
    for found in matching.rank(made, _gallery, ask_always=True):
        likeness = scoring.likenesses(
            found.region_bits, found.cosine_bits, found.whole_bits,
            found.agreement.score if found.agreement else 0.0,
        )[0]  # fmt: skip
        if _gallery.logos[found.logo].brand_id == key:
            right = likeness
        elif wrong is None:
            wrong = likeness
    if key and right is None:
        right = np.zeros(len(scoring.LIKENESSES))
    return _Seen(
        right=right if key else None,
        wrong=wrong,
        gated=made.gated is not None,
        plain=all(one.plain for one in made.frames),
    )


def make_scores(logos: Path, cache: Path, jobs: int, out: Path) -> None:
    """Writes out. logos: file as logos.parquet; cache: as of the protocol."""
    protocol = build(logos, part="fit", cache=cache)
    say(f"{len(protocol.references)} references")
    references = []
    for one in protocol.references:
        picture = decode(one.picture)
        assert isinstance(picture, Picture)
        logo = matching.enrol(one.key, one.key, "", picture)
        if isinstance(logo, Logo):
            references.append(logo)

    def queries() -> Iterator[tuple[str, bytes]]:
        yield from ((one.key, one.picture) for one in protocol.queries())
        yield from (("", one.picture) for one in protocol.distractors())

    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(references,)) as pool:
        seen = [one for one in pool.map(_look, queries(), chunksize=16) if not one.gated]
    empty = np.zeros(len(scoring.LIKENESSES))
    positive = np.stack([one.right for one in seen if one.right is not None])
    of_queries = np.stack(
        [empty if one.wrong is None else one.wrong for one in seen if one.right is not None]
    )
    strangers = np.stack(
        [empty if one.wrong is None else one.wrong for one in seen if one.right is None]
    )
    weights = _weights(positive, np.concatenate([strangers, of_queries]))
    plain = np.array([one.plain for one in seen if one.right is not None])
    # What the search sees before it decides to ask for keypoints.
    unasked = np.maximum(positive, of_queries)[plain] * np.array([1, 1, 1, 0])
    keypoints_from = float(np.quantile(unasked @ weights, _UNASKED))
    out.write_text(
        _told(weights, positive, strangers, keypoints_from, len(references)), encoding="utf-8"
    )
    say(f"{out.name}: from {len(positive):,} edited logos and {len(strangers):,} strangers")


def _weights(positive: Floats, negative: Floats) -> Floats:
    """Non-negative logistic regression; its scale is that of natural-log odds."""
    rows = np.concatenate([positive, negative])
    truth = np.concatenate([np.ones(len(positive)), np.zeros(len(negative))])
    share = np.where(truth == 1, 0.5 / len(positive), 0.5 / len(negative))

    def loss(given: Floats) -> tuple[float, Floats]:
        margin = rows @ given[1:] + given[0]
        signed = np.where(truth == 1, margin, -margin)
        value = float((share * np.logaddexp(0, -signed)).sum() + _RIDGE * (given[1:] ** 2).sum())
        slope = share * np.where(truth == 1, -1, 1) / (1 + np.exp(signed))
        return value, np.concatenate([[slope.sum()], rows.T @ slope + 2 * _RIDGE * given[1:]])

    start = np.ones(rows.shape[1] + 1)
    bounds = [(None, None)] + [(0.0, None)] * rows.shape[1]
    return np.asarray(minimize(loss, start, jac=True, bounds=bounds).x[1:], np.float64)


def isotonic(scores: Floats, truth: Floats, share: Floats) -> Floats:
    """Probability at each score, never falling; scores ascending. Pool adjacent violators."""
    blocks: list[list[float]] = []  # weighted sum, weight, count
    for hit, weight in zip(truth, share, strict=True):
        blocks.append([hit * weight, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            total, weight_sum, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += weight_sum
            blocks[-1][2] += count
    return np.concatenate([np.full(int(count), total / weight) for total, weight, count in blocks])


def _told(
    weights: Floats, positive: Floats, strangers: Floats, keypoints_from: float, logos: int
) -> str:
    scores = np.concatenate([positive @ weights, strangers @ weights])
    truth = np.concatenate([np.ones(len(positive)), np.zeros(len(strangers))])
    share = np.where(truth == 1, 1 / len(positive), 1 / len(strangers))
    order = np.argsort(scores, kind="stable")
    smooth = isotonic(scores[order], truth[order], share[order])
    # Half a picture of each class more everywhere: what was never seen is not impossible.
    odds = (smooth + 0.5 / len(strangers)) / (1 - smooth + 0.5 / len(strangers))
    llr = np.clip(np.log(odds), -_MOST_LLR, _MOST_LLR)
    steps = np.quantile(scores, np.linspace(0, 1, _STEPS))
    steps = np.unique(np.round(np.concatenate([steps, np.sort(strangers @ weights)[-12:]]), 3))
    ratios = np.maximum.accumulate(np.interp(steps, scores[order], llr))
    lines = [
        "# Made by `python -m benchmarks.images fit --logos FILE`; not edited by hand.",
        f"# From {len(positive)} edited pictures of logos and {len(strangers)} strangers'.",
        "[weights]",
        *(f"{name} = {weight:.4f}"
          for name, weight in zip(scoring.LIKENESSES, weights, strict=True)),
        "",
        "[ratios]",
        "score = [" + ", ".join(f"{step:.3f}" for step in steps) + "]",
        "llr = [" + ", ".join(f"{ratio:.3f}" for ratio in ratios) + "]",
        "",
        "[limits]",
        f"keypoints_from = {keypoints_from:.3f}",
        f"match_from = {_MATCH_LLR}",
        f"logos = {logos}",
        "",
    ]  # fmt: skip
    return "\n".join(lines)
