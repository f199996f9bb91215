"""An account's two names read together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from detectors.observations import compile_watchlist, match_observations
from namaak.brands import Brand
from namaak.records import OBSERVATION_SCHEMA

_WATCHLIST = compile_watchlist({"acme": Brand(name="Acme Bank")}, {})


def matched(handle: str | None, display_name: str | None) -> dict[str, dict[str, Any]]:
    row = {
        "source": "files", "instance": "i", "position": 1, "subject_kind": "account",
        "observed_at": datetime(2026, 1, 1, tzinfo=UTC), "subject_key": "account:x:1",
        "platform": "x", "native_id": "1", "handle": handle, "display_name": display_name,
    }  # fmt: skip
    table = pa.Table.from_pylist([row], schema=OBSERVATION_SCHEMA)
    found = match_observations(table, _WATCHLIST, lambda digests: ()).matches.to_pylist()
    return {match["field"]: match for match in found}


def test_the_lure_in_one_name_counts_beside_the_brand_in_the_other() -> None:
    found = matched("support_24x7", "ACME Bank")
    assert list(found) == ["display-name"]
    assert "support:support" in found["display-name"]["lures"]
    assert "split-names" in found["display-name"]["traits"]


def test_without_a_lure_the_other_name_changes_nothing() -> None:
    alone, beside = matched(None, "ACME Bank"), matched("jan_1980", "ACME Bank")
    kept = ("lures", "traits", "evidence", "resemblance")
    assert {name: alone["display-name"][name] for name in kept} == {
        name: beside["display-name"][name] for name in kept
    }


@pytest.mark.parametrize(
    ("handle", "display_name"), [("acme", "Bank of Utrecht"), ("bank_utrecht", "Nice Acme")]
)
def test_half_of_the_brand_in_each_name_is_one_name(handle: str, display_name: str) -> None:
    found = matched(handle, display_name)
    assert found["display-name"]["resemblance"] == "split-name"
    assert "split-names" in found["display-name"]["traits"]


@pytest.mark.parametrize("other", ["Acme Bank", "ACME-BANK fans", "Acme Bank (parody)"])
def test_the_brands_own_words_and_talk_about_it_are_no_lure(other: str) -> None:
    found = matched("acmebank_x", other)
    assert "split-names" not in found["handle"]["traits"]


def test_a_name_that_stands_whole_in_one_is_not_found_again_across_both() -> None:
    found = matched("acmebank", "Acme Bank")
    assert {match["resemblance"] for match in found.values()} == {"same-name"}
