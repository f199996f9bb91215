"""How names are judged; on real names, a floor that a change must not break."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.judging import judge
from benchmarks.labelled_examples import EXAMPLES, worst_band
from benchmarks.registry import brands_of, read_registry
from detectors.observations import Watchlist, compile_watchlist
from namaak.brands import Brand
from namaak.decoding.workers import Decoders
from namaak.records import Band, Field


@pytest.fixture(scope="module")
def watchlist() -> Watchlist:
    brand = Brand(name="Waldermond", domains=("waldermond.example",))
    return compile_watchlist({"waldermond": brand}, {})


def test_a_lookalike_reaches_a_band_and_the_own_domain_none(watchlist: Watchlist) -> None:
    hosts = ["waldermond-login.test", "www.waldermond.example", "unrelated.test"]
    judged = {one.row: one for one in judge(hosts, Field.HOST, watchlist)}
    assert judged[0].reaches(Band.REVIEW)
    assert judged[1].suppressed is not None
    assert not judged[1].reaches(Band.WATCH)
    assert 2 not in judged


def test_an_innocent_is_judged_against_every_brand_and_a_lookalike_against_its_own(
    watchlist: Watchlist,
) -> None:
    label = {"input": "waldermond-login.test", "field": "host", "verdict": "lookalike"}
    assert worst_band({**label, "brand": ""}, EXAMPLES, watchlist, Decoders(1)) is not None
    assert (
        worst_band({**label, "brand": "waldermond"}, EXAMPLES, watchlist, Decoders(1)) is not None
    )
    assert worst_band({**label, "brand": "peer"}, EXAMPLES, watchlist, Decoders(1)) is None


def test_an_input_that_is_no_host_matches_nothing(watchlist: Watchlist) -> None:
    broken = {"input": "http://[::1", "field": "host", "brand": ""}
    assert worst_band(broken, EXAMPLES, watchlist, Decoders(1)) is None


@pytest.mark.real
def test_few_newly_registered_names_become_cases_to_review(data_folder: Path) -> None:
    hosts = pq.read_table(
        data_folder / "domains_bulk.parquet", columns=["host"], filters=[("tier", "=", "nrd")]
    )["host"].to_pylist()
    sample = random.Random(1).sample(hosts, 20_000)
    watch = compile_watchlist(brands_of(read_registry(data_folder, core_only=True)), {})
    cases = sum(one.reaches(Band.REVIEW) for one in judge(sample, Field.HOST, watch))
    assert cases / len(sample) <= 0.01
