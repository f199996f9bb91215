"""How ranking is measured and fitted; on real names, floors that a change must not break."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.names import fit, quality
from benchmarks.names.fitting import BOUNDS, BY_HAND, FOLDS, Rest, fold_of, learn_words
from benchmarks.names.labelled import (
    Named,
    Registry,
    best_scores,
    compile_registry,
    look,
    right_family,
)
from benchmarks.registry import Registered
from detectors.names.features import FEATURES
from namaak.brands import Brand
from namaak.records import Field


@pytest.fixture(scope="module")
def registry() -> Registry:
    names = {"walder": "Waldermond", "walder-pay": "Walderpay", "kestrel": "Kestrelbank"}
    families = {"walder": "walder", "walder-pay": "walder", "kestrel": "kestrel"}
    return compile_registry(
        {
            brand_id: Registered(
                brand_id=brand_id, family=families[brand_id], core=True, logo_key=None,
                brand=Brand(name=name, domains=(f"{families[brand_id]}.example",)),
            )
            for brand_id, name in names.items()
        }
    )  # fmt: skip


def test_own_domains_and_what_is_below_them_are_left_out(registry: Registry) -> None:
    looked = look(["waldermond.walder.example", "waldermond.other.example"], Field.HOST, registry)
    assert set(looked.row.tolist()) == {1}


def test_a_hit_on_any_brand_of_the_family_counts(registry: Registry) -> None:
    named = [Named(name="walderpay-login.test", family=registry.families["walder"], kind="x")]
    looked = look([named[0].name], Field.HOST, registry)
    assert right_family(looked, named).any()
    index, _ = best_scores(looked, np.zeros(len(looked.row), np.float32))
    assert len(index) == len(set(looked.pair.tolist()))


def test_thresholds_leave_the_budget_above_them_and_cases_count_once(registry: Registry) -> None:
    names = [f"waldermond-{number}.top" for number in range(40)] + ["kestrelbank.top"]
    names += [f"unrelated-{number}.test" for number in range(1_000_000 // 1_000)]
    looked = look(names, Field.HOST, registry)
    scores = np.where(looked.family == registry.families["walder"], 5.0, 1.0).astype(np.float32)
    at = quality.thresholds(looked, scores)
    # 10,000 of a million are 10 of these 1,041 names.
    assert at.pairs[10_000] == 5.0
    # As cases there are two: the series, and the other.
    assert at.cases[1_000] == 1.0


def test_names_of_one_series_are_one_case() -> None:
    assert quality.case_label("walder-01x.top") == quality.case_label("walder2-x.xyz") == "walderx"


def test_recall_is_told_micro_and_per_family(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    walder, kestrel = registry.families["walder"], registry.families["kestrel"]
    named = [Named(name=f"waldermond{at}.top", family=walder, kind="contains") for at in range(5)]
    named += [Named(name="kestrelbank.top", family=kestrel, kind="same_label")]
    looked = look([one.name for one in named], Field.HOST, registry)
    scores = np.where(looked.row < 2, 9.0, 0.0).astype(np.float32)
    limits = {1_000: 5.0}
    quality.recall_lines(
        {"set": "test"}, looked, named, scores, quality.Thresholds(pairs=limits, cases=limits)
    )
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert line["bench"] == "quality"
    assert line["found"] == 1.0
    assert line["recall"] == pytest.approx(2 / 6, abs=1e-4)
    assert line["recall_per_brand"] == pytest.approx(2 / 5)


def test_every_fitted_feature_is_measured_and_signs_are_fixed() -> None:
    assert {*BOUNDS, *BY_HAND} <= set(FEATURES)
    assert not set(BOUNDS) & set(BY_HAND)
    free = {name for name, (low, high) in BOUNDS.items() if low is None and high is None}
    assert free == {"constant", "length"}


def test_a_family_is_in_one_fold_and_folds_are_of_like_size() -> None:
    folds = fold_of([f"family {number}" for number in range(4_000)])
    assert fold_of(["family 7"])[0] == folds[7]
    assert np.bincount(folds, minlength=FOLDS).min() > 400


def test_a_word_that_one_family_alone_met_is_not_learned() -> None:
    def rest(families: list[int], words: list[str]) -> Rest:
        return Rest(
            family=np.array(families, np.int32), words=[frozenset([word]) for word in words],
            suffix=["top"] * len(words), weight=np.ones(len(words)),
        )  # fmt: skip

    known = rest([0, 1, 0, 1, 0, 0], ["zebra", "zebra", "login", "login", "walrus", "walrus"])
    new = rest([5] * 6, ["cake"] * 6)
    every = np.ones(6, np.bool_)
    words, classes = learn_words(known, every, new, every)
    assert words["zebra"] > 0 > words["cake"]
    assert "walrus" not in words
    assert words["login"] > 0
    assert set(classes) == {"access"}


def test_the_judged_sample_has_verdicts_only() -> None:
    rows = list(quality.judged_by_eye())
    assert len(rows) >= 60
    assert {row["verdict"] for row in rows} == {"worth", "wrong"}
    assert len({(row["name"], row["brand_id"]) for row in rows}) == len(rows)


def test_verdicts_other_than_two_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.csv"
    path.write_text("name,brand_id,verdict\nx.test,walder,perhaps\n")
    with pytest.raises(ValueError, match="perhaps"):
        list(fit.read_verdicts(path))


@pytest.mark.real
def test_shipped_weights_find_what_they_were_fitted_to_find(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quality.measure(data_folder, "shipped")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    recall = {
        line["alerts_per_million"]: line["recall_per_brand"]
        for line in lines
        if line["set"] == "domains_positive" and line["kind"] == "any" and line["count"] == "pairs"
    }
    assert recall[1_000] >= 0.5
    assert recall[4_000] >= 0.77
    assert not any(math.isnan(value) for value in recall.values())
