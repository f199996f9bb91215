"""The names that speed is measured on: as many as asked for, real ones first, then near to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rapidfuzz.distance import OSA

from benchmarks.names.speed import batches, mutated, write_names

_HOSTS = ["login.acme.co.uk", "a.nl", "waldermond.github.io", "xn--4ca.example"] * 50


def test_a_mutant_is_one_letter_off_and_keeps_its_suffix() -> None:
    hosts = pa.array(_HOSTS, pa.large_string())
    mutants = mutated(hosts, np.random.default_rng(1)).to_pylist()
    assert len(mutants) == len(_HOSTS)
    assert sum(host != mutant for host, mutant in zip(_HOSTS, mutants, strict=True)) > 100
    for host, mutant in zip(_HOSTS, mutants, strict=True):
        assert OSA.distance(host, mutant) <= 1
        assert mutant.endswith("." + host.rpartition(".")[2])


def test_the_file_holds_as_many_names_as_asked_for(tmp_path: Path) -> None:
    pq.write_table(pa.table({"host": _HOSTS}), tmp_path / "domains_bulk.parquet")
    write_names(tmp_path, 450, tmp_path / "names.parquet")
    names = [name for batch in batches(tmp_path / "names.parquet") for name in batch.to_pylist()]
    assert len(names) == 450
    assert names[: len(_HOSTS)] == _HOSTS
