"""The one file of weights: as its schema says, every figure with its source, every sign told."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.names import scorecard
from namaak.casework import (
    account_signals,
    name_signals,
    picture_signals,
    ranking,
    site_signals,
    weights,
)
from namaak.records import Axis

TABLES = files("namaak.casework.tables")
FILE = tomllib.loads(TABLES.joinpath("weights.toml").read_text(encoding="utf-8"))
MODULES = (account_signals, name_signals, picture_signals, site_signals, ranking)


def test_the_file_is_as_its_schema_says() -> None:
    schema = json.loads(TABLES.joinpath("weights.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    faults = sorted(
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
        for fault in jsonschema.Draft202012Validator(schema).iter_errors(FILE)
    )
    assert faults == []


def groups(table: dict, path: str = "") -> dict[str, dict]:
    found = {}
    for name, value in table.items():
        if isinstance(value, dict):
            if "basis" in value and "from" in value:
                found[f"{path}{name}"] = value
            found |= groups(value, f"{path}{name}.")
    return found


def test_every_source_that_is_named_is_one_of_the_studies_and_every_study_is_used() -> None:
    named = {source for group in groups(FILE).values() for source in group["from"]}
    assert named == set(FILE["studies"])


def test_steps_lead_one_way() -> None:
    for path, group in groups(FILE).items():
        if "steps" in group:
            limits = [limit for limit, _ in group["steps"]]
            assert limits == sorted(set(limits)), path
            found = [abs(weight) for _, weight in group["steps"]]
            young = group["signal"].endswith("young")
            assert found == sorted(found, reverse=young), path


def test_every_sign_that_a_room_may_weigh_has_an_axis_and_says_what_would_change_it() -> None:
    signs = {
        *(f"host.{question}" for question in name_signals.QUESTIONS),
        *(f"handle.{name}" for name in name_signals.BY_HAND),
        *(f"image.{kind}" for kind in picture_signals.LIKENESS),
        *(f"banner.{edit}" for edit in picture_signals.HIDING),
        "host.lure", "host.lured", "image.campaign", "image.worn-by-many", "image.several-logos",
        "campaign.confirmed", "dns.mail-parked",
        *(set(site_signals.weighed_names()) - site_signals.WEIGHTLESS),
        *(set(account_signals.weighed_names()) - account_signals.WEIGHTLESS
          - set(account_signals.OWNED)),
    }  # fmt: skip
    for sign in signs:
        told = weights.meaning(sign)
        assert told.would_change and not told.would_change.endswith("."), sign
        assert told.axis in Axis and told.basis, sign
    assert weights.meaning("page.password-form").axis is Axis.SEVERITY
    assert weights.meaning("page.title-brand").axis is Axis.CONFIDENCE


def test_no_two_signs_share_a_name() -> None:
    told = [name for name, _ in weights._meanings()]
    assert sorted(told) == sorted(set(told))


def test_what_is_made_of_verdicts_is_never_learned_from_them() -> None:
    assert not weights.may_be_learned("campaign.confirmed")
    assert not weights.may_be_learned("unheard-of.sign")
    assert weights.may_be_learned("host.rarity") and weights.may_be_learned("page.title-brand")


def test_no_weight_stands_in_the_code() -> None:
    """A signed figure beside a sign's name is a weight that the file does not know of."""
    weight = re.compile(r'"[a-z.-]+": -?\d\.\d|\(\d+, -?\d\.\d\)')
    for module in MODULES:
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert weight.findall(source) == [], module.__name__


def test_another_weight_is_another_version_of_the_ranking(monkeypatch) -> None:
    other = weights._source().replace(
        '"page.icon-brand" = { weight = 3.0', '"page.icon-brand" = { weight = 2.9'
    )
    assert other != weights._source()
    before = weights.version()
    monkeypatch.setattr(weights, "_source", lambda: other)
    weights.version.cache_clear()
    try:
        assert weights.version() != before
        monkeypatch.setitem(sys.modules, "ranking_anew", None)
        spec = importlib.util.spec_from_file_location("ranking_anew", str(ranking.__file__))
        anew = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "ranking_anew", anew)
        spec.loader.exec_module(anew)
        assert anew.VERSION != ranking.VERSION
    finally:
        monkeypatch.undo()
        weights.version.cache_clear()
    assert weights.version() == before


def test_the_file_points_to_where_the_fitted_weights_stand() -> None:
    assert "detectors/tables/name_weights.toml" in weights._source()
    assert scorecard.weights()


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_more_harm_is_never_less_severe(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert 0 <= weights.severity_of(less) <= weights.severity_of(more) <= 100
    assert weights.severity_of(min(less, 0.0)) == 0


@pytest.mark.parametrize(("count", "weight"), [(1, 0.0), (2, 0.4), (3, 0.4), (4, 0.8), (99, 1.6)])
def test_a_step_counts_from_where_it_is_reached(count: int, weight: float) -> None:
    assert weights.reached(((2, 0.4), (4, 0.8), (30, 1.6)), count) == weight
