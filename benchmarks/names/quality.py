"""How well names are ranked: what is found within a budget of alerts, and who pays for it.

    python -m benchmarks.names quality --data DIR
    python -m benchmarks.names quality --data DIR --weights cross-fitted

JSON lines. A pair is a name and a family of brands; pairs of newly registered names, sorted by
score, give the score at which so many of a million would alert (`alerts_per_million`: 1,000,
4,000, 10,000 with all core brands together). Above it are, per `set`:
- `recall` of names known to have posed as a family, and `recall_per_brand`, its mean over
  families with five names or more; `found` at any score.
- `alert_share` of names that posed as nobody, and `alerts_in_a_million` of their tier.
`count` says what the budget counts: pairs, or cases, which are pairs of one family whose labels
differ in digits and hyphens only. `weights`: the shipped ones have seen the families they were
fitted on, where DIR holds them; cross-fitted ones never saw the family they score, nor what was
learned from it. Rates of chance come from the shipped sample, never from names of DIR.
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from benchmarks.measuring import say, share
from benchmarks.names.fitting import Fitting, Pairs, evidence
from benchmarks.names.labelled import (
    NOT_SHOWN,
    Looked,
    Named,
    Registry,
    best_scores,
    compile_registry,
    look,
    names_of,
    new_names,
    phishing_names,
    read_families,
    right_family,
    tier_names,
)
from benchmarks.registry import FILE, Registered, rows_of
from detectors.names.learned import learned
from detectors.names.scorecard import score, scorecard
from detectors.suffixes import registrable_domain, suffix_list
from namaak.brands import Brand
from namaak.records import Field

BUDGETS = (1_000, 4_000, 10_000)
TIERS = ("newly_popular", "longtail", "popular", "umbrella")
BY_EYE = Path(__file__).parent / "by_eye.csv"
_OFTEN = 5

Scores = npt.NDArray[np.float32]
#: Scores every sighting, by the weights of a case type.
Scorer = Callable[[Looked, Registry, str], Scores]


def emit(columns: Mapping[str, object]) -> None:
    """One line of results."""
    print(json.dumps({"bench": "quality", **columns}), flush=True)


def shipped(looked: Looked, registry: Registry, case_type: str) -> Scores:
    """By the weights and tables that come with the program."""
    return score(evidence(looked, registry, learned()), scorecard().column(case_type))


def cross_fitted(pairs: Pairs) -> Scorer:
    """Each family by weights and tables fitted without it; brands of no family by those of all."""
    fitting = Fitting(pairs)
    models = {
        case: [fitting.fit(fold, case) for fold in fitting.folds] for case in ("fraud", "dispute")
    }

    def scorer(looked: Looked, registry: Registry, case_type: str) -> Scores:
        scores = np.zeros(len(looked.row), np.float32)
        for fold, model in enumerate(models[case_type]):
            mine = fitting.fold[looked.family] == fold
            if registry is not pairs.registry:
                mine = np.full(len(scores), fold == 0)
            scores[mine] = score(evidence(looked, registry, model.tables)[mine], model.weights)
        return scores

    return scorer


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Per budget the score that pairs, and cases, must beat."""

    pairs: Mapping[int, float]
    cases: Mapping[int, float]


def thresholds(new: Looked, scores: Scores) -> Thresholds:
    """new: newly registered names."""
    index, best = best_scores(new, scores)
    order = np.argsort(-best, kind="stable")
    first_of_case: dict[tuple[int, str], None] = {}
    cases = []
    for at in order.tolist():
        name = new.names[new.row[index[at]]]
        case = int(new.family[index[at]]), case_label(name)
        if case not in first_of_case:
            first_of_case[case] = None
            cases.append(float(best[at]))
    ranked = best[order].tolist()

    def at_budget(scores: Sequence[float]) -> dict[int, float]:
        places = {budget: round(budget * len(new.names) / 1e6) for budget in BUDGETS}
        return {
            budget: scores[place] if place < len(scores) else float("-inf")
            for budget, place in places.items()
        }

    return Thresholds(pairs=at_budget(ranked), cases=at_budget(cases))


def case_label(name: str) -> str:
    """The registrable label without digits and hyphens: names of one series share it.

    >>> case_label("acme-login24.top")
    'acmelogin'
    """
    split = suffix_list().split(name)
    return re.sub(r"[0-9-]", "", name[split.registrable : max(split.suffix - 1, 0)])


def recall_lines(
    about: Mapping[str, object],
    looked: Looked,
    named: Sequence[Named],
    scores: Scores,
    at: Thresholds,
) -> None:
    """Recall per budget, micro and per family, and the same per kind of resemblance."""
    index, values = best_scores(looked, scores, right_family(looked, named))
    best = np.full(len(named), -np.inf)
    best[looked.row[index]] = values
    family = np.array([one.family for one in named])
    kinds = np.array([one.kind for one in named])
    often = [one for one, rows in Counter(family.tolist()).items() if rows >= _OFTEN]
    found = share(int((best > -np.inf).sum()), len(named))
    for count, limits in (("pairs", at.pairs), ("cases", at.cases)):
        for budget, limit in limits.items():
            hit = best > limit
            per_brand = [hit[family == one].mean() for one in often]
            emit({
                **about, "kind": "any", "count": count, "alerts_per_million": budget,
                "rows": len(named), "found": found, "recall": share(int(hit.sum()), len(hit)),
                "families": len(often),
                "recall_per_brand": round(float(np.mean(per_brand)), 4) if often else None,
            })  # fmt: skip
    for kind in sorted(set(kinds.tolist())):
        mine = best[kinds == kind]
        for budget, limit in at.pairs.items():
            emit({
                **about, "kind": kind, "count": "pairs", "alerts_per_million": budget,
                "rows": len(mine), "found": share(int((mine > -np.inf).sum()), len(mine)),
                "recall": share(int((mine > limit).sum()), len(mine)),
            })  # fmt: skip


def alert_lines(
    about: Mapping[str, object],
    looked: Looked,
    scores: Scores,
    at: Thresholds,
    counted: npt.NDArray[np.bool_] | None = None,
) -> None:
    """Share of names that would alert for any family, and pairs in a million of them."""
    index, best = best_scores(looked, scores, counted)
    for budget, limit in at.pairs.items():
        over = index[best > limit]
        emit({
            **about, "alerts_per_million": budget, "rows": len(looked.names),
            "alert_share": share(len(set(looked.row[over].tolist())), len(looked.names)),
            "alerts_in_a_million": round(len(over) * 1e6 / max(len(looked.names), 1)),
        })  # fmt: skip


def measure_hosts(
    data: Path, registry: Registry, weights: str, scorer: Scorer, at: Thresholds
) -> None:
    """Lookalike hosts, the tiers of ordinary ones, and the hard negatives."""
    for name, hosts in (("domains_positive", False), ("domains_positive_hosts", True)):
        named = phishing_names(data, registry, hosts=hosts)
        looked = look(names_of(named), Field.HOST, registry)
        recall_lines({"set": name, "weights": weights}, looked, named,
                     scorer(looked, registry, "fraud"), at)  # fmt: skip
    for tier in TIERS:
        column = "host" if tier == "umbrella" else "registrable"
        looked = look(tier_names(data, tier, column), Field.HOST, registry)
        alert_lines({"set": tier, "weights": weights}, looked,
                    scorer(looked, registry, "fraud"), at)  # fmt: skip
    rows = list(rows_of(data / "domains_hard_negative.csv.gz"))
    looked = look([row["host"] for row in rows], Field.HOST, registry)
    owners = [registry.family(row["brand_id"]) for row in rows]
    foreign = _not_owned(looked, owners)
    scores = scorer(looked, registry, "fraud")
    alert_lines({"set": "domains_hard_negative", "weights": weights}, looked, scores, at, foreign)


def measure_disputed(
    data: Path, registry: Registry, weights: str, scorer: Scorer, new: Looked
) -> None:
    """Domains that were disputed, where DIR has such a file; ranked as either case type."""
    named: dict[tuple[str, int], Named] = {}
    for path in sorted(data.glob("udrp_disputed*")):
        rows: Iterable[Mapping[str, str]] = (
            pq.read_table(path).to_pylist() if path.suffix == ".parquet" else rows_of(path)
        )
        for row in rows:
            host = row.get("registrable") or row.get("domain") or row.get("host") or ""
            family = registry.family(row.get("brand_id") or "")
            kind = row.get("resembles") or "unstated"
            if host and family is not None and kind not in NOT_SHOWN:
                name = registrable_domain(host)
                named.setdefault((name, family), Named(name=name, family=family, kind=kind))
    if not named:
        return
    rows_named = list(named.values())
    looked = look(names_of(rows_named), Field.HOST, registry)
    for case_type in ("fraud", "dispute"):
        at = thresholds(new, scorer(new, registry, case_type))
        recall_lines({"set": "udrp_disputed", "weights": weights, "case_type": case_type},
                     looked, rows_named, scorer(looked, registry, case_type), at)  # fmt: skip


def measure_accounts(
    data: Path, registry: Registry, weights: str, scorer: Scorer, at: Thresholds
) -> None:
    """Handles of impostors, and of organisations, which pose as nobody but may share a name."""
    named = [
        Named(name=row["handle"], family=family, kind=row["resembles"])
        for row in rows_of(data / "handles_positive.csv.gz")
        if (family := registry.family(row["brand_id"])) is not None
    ]
    looked = look(names_of(named), Field.HANDLE, registry)
    recall_lines({"set": "handles_positive", "weights": weights}, looked, named,
                 scorer(looked, registry, "fraud"), at)  # fmt: skip
    rows = list(rows_of(data / "handles_official.csv.gz"))
    entity = {row["wikidata"]: row["brand_id"] for row in rows_of(data / FILE) if row["wikidata"]}
    looked = look([row["handle"] for row in rows], Field.HANDLE, registry)
    owners = [registry.family(entity.get(row["wikidata"], "")) for row in rows]
    alert_lines({"set": "handles_official", "weights": weights}, looked,
                scorer(looked, registry, "fraud"), at, _not_owned(looked, owners))  # fmt: skip


def measure_packages(
    data: Path, registry: Registry, weights: str, scorer: Scorer, at: Thresholds
) -> None:
    """Lookalike packages, of what they imitate; and ordinary projects, of the brands."""
    rows = list(rows_of(data / "packages_positive.csv.gz"))
    targets = {
        row["target_package"]: Registered(
            brand_id=row["target_package"], family=row["target_package"], core=True,
            logo_key=None, brand=Brand(name=row["target_package"]),
        )
        for row in rows
    }  # fmt: skip
    watched = compile_registry(targets)
    named = [
        Named(name=row["malicious_package"], family=family, kind=row["classification"])
        for row in rows
        if (family := watched.family(row["target_package"])) is not None
        and row["resembles"] not in NOT_SHOWN
    ]
    looked = look(names_of(named), Field.APP, watched)
    recall_lines({"set": "packages_positive", "weights": weights}, looked, named,
                 scorer(looked, watched, "fraud"), at)  # fmt: skip
    projects = [row["name"] for row in rows_of(data / "project_names_benign.csv.gz")]
    looked = look(projects, Field.APP, registry)
    alert_lines({"set": "project_names_benign", "weights": weights}, looked,
                scorer(looked, registry, "fraud"), at)  # fmt: skip


def _not_owned(looked: Looked, owners: Sequence[int | None]) -> npt.NDArray[np.bool_]:
    """Per sighting: the name is not known to be the family's own. owners: by row."""
    whose = np.array([-1 if one is None else one for one in owners], np.int32)
    return np.asarray(looked.family != whose[looked.row], np.bool_)


def judged_by_eye(path: Path = BY_EYE) -> Iterator[dict[str, str]]:
    """Pairs of the first 1,000 per million that a person judged: name, brand, verdict, note."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def measure_by_eye() -> None:
    """Of the names that a person judged once, how many of a thousand were wrong.

    A count of what stands in by_eye.csv, not a measurement: it holds for the weights, the data and
    the person that the head of this file names.
    """
    verdicts = Counter(row["verdict"] for row in judged_by_eye())
    emit({
        "set": "nrd_by_eye", "weights": "shipped when judged", "alerts_per_million": 1_000,
        "judged": verdicts.total(), "wrong_per_mille": round(
            1000 * verdicts["wrong"] / max(verdicts.total(), 1)
        ),
    })  # fmt: skip


def measure(data: Path, weights: str) -> None:
    """Everything. Raises OSError when a file of the data is not there."""
    registry = read_families(data)
    new = look(new_names(data), Field.HOST, registry)
    scorer: Scorer = shipped
    if weights == "cross-fitted":
        say("Fitting eight times, a minute or two.")
        named = phishing_names(data, registry, hosts=False)
        known = look(names_of(named), Field.HOST, registry)
        right = right_family(known, named)
        scorer = cross_fitted(
            Pairs(registry=registry, new=new, known=known, named=named, confirmed=right,
                  dismissed=np.zeros(len(right), np.bool_))
        )  # fmt: skip
    scores = scorer(new, registry, "fraud")
    at = thresholds(new, scores)
    alert_lines({"set": "nrd", "weights": weights, "brands": len(registry.registered)},
                new, scores, at)  # fmt: skip
    measure_hosts(data, registry, weights, scorer, at)
    measure_disputed(data, registry, weights, scorer, new)
    measure_accounts(data, registry, weights, scorer, at)
    measure_packages(data, registry, weights, scorer, at)
    measure_by_eye()


def main(argv: Sequence[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.names quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--weights", choices=("shipped", "cross-fitted"), default="shipped")
    given = parser.parse_args(argv)
    measure(given.data, given.weights)
    return 0
