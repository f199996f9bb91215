"""How names are judged and counted; on real names, floors that a change must not break."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.judging import Judged, judge
from benchmarks.labelled_examples import EXAMPLES, worst_band
from benchmarks.names.bands import best_of_family
from benchmarks.registry import Registered, brands_of, read_registry
from detectors.observations import Watchlist, compile_watchlist
from namaak.brands import Brand
from namaak.records import Band, Field


@pytest.fixture(scope="module")
def watchlist() -> Watchlist:
    brand = Brand(name="Waldermond", domains=("waldermond.example",))
    return compile_watchlist({"waldermond": brand}, {})


def found(row: int, brand: str, score: int) -> Judged:
    return Judged(row=row, brand_id=brand, resemblance="typosquat", score=score, band=Band.REVIEW,
                  suppressed=None)  # fmt: skip


def registered(brand_id: str, family: str) -> Registered:
    return Registered(
        brand_id=brand_id, family=family, core=True, logo_key=None, brand=Brand(name=brand_id)
    )


def test_a_lookalike_reaches_a_band_and_the_own_domain_none(watchlist: Watchlist) -> None:
    hosts = ["waldermond-login.test", "www.waldermond.example", "unrelated.test"]
    judged = {one.row: one for one in judge(hosts, Field.HOST, watchlist)}
    assert judged[0].reaches(Band.REVIEW)
    assert judged[1].suppressed is not None
    assert not judged[1].reaches(Band.WATCH)
    assert 2 not in judged


def test_the_best_brand_of_the_right_family_counts() -> None:
    known = {"a": registered("a", "f"), "b": registered("b", "f"), "c": registered("c", "g")}
    hits = [found(0, "a", 10), found(0, "b", 40), found(0, "c", 90), found(1, "c", 50)]
    best = best_of_family(iter(hits), ["f", "f"], known)
    assert best == {0: hits[1]}


def test_an_innocent_is_judged_against_every_brand_and_a_lookalike_against_its_own(
    watchlist: Watchlist,
) -> None:
    label = {"input": "waldermond-login.test", "field": "host", "verdict": "lookalike"}
    assert worst_band({**label, "brand": ""}, EXAMPLES, watchlist) is not None
    assert worst_band({**label, "brand": "waldermond"}, EXAMPLES, watchlist) is not None
    assert worst_band({**label, "brand": "peer"}, EXAMPLES, watchlist) is None


def test_an_input_that_is_no_host_matches_nothing(watchlist: Watchlist) -> None:
    broken = {"input": "http://[::1", "field": "host", "brand": ""}
    assert worst_band(broken, EXAMPLES, watchlist) is None


@pytest.mark.real
def test_hosts_with_the_brands_own_label_are_found(data_folder: Path) -> None:
    """Whatever the rules by length do, the label itself under another suffix must match."""
    brands = read_registry(data_folder)
    rows = pq.read_table(
        data_folder / "domains_positive.parquet", filters=[("resembles", "=", "same_label")]
    ).to_pylist()
    families = [brands[row["brand_id"]].family for row in rows]
    hits = judge(
        [row["host"] for row in rows], Field.HOST, compile_watchlist(brands_of(brands), {})
    )
    assert len(best_of_family(hits, families, brands)) / len(rows) >= 0.95


@pytest.mark.real
def test_few_newly_registered_names_become_cases_to_review(data_folder: Path) -> None:
    hosts = pq.read_table(
        data_folder / "domains_bulk.parquet", columns=["host"], filters=[("tier", "=", "nrd")]
    )["host"].to_pylist()
    sample = random.Random(1).sample(hosts, 20_000)
    watch = compile_watchlist(brands_of(read_registry(data_folder, core_only=True)), {})
    cases = sum(one.reaches(Band.REVIEW) for one in judge(sample, Field.HOST, watch))
    assert cases / len(sample) <= 0.01
