"""The benchmark of certificate logs reads what it says it reads, and says what is missing."""

from __future__ import annotations

import json

import pytest

from benchmarks import ct
from tests.ct_log import CtLog, some_entries


@pytest.mark.peer
@pytest.mark.parametrize("trust", ["verified", "names"])
def test_tiles_repeated_into_a_log_are_read_whole_and_proved(tmp_path, capsys, monkeypatch, trust):
    real = CtLog(tmp_path, names_tiles=True, gzipped=False)
    real.append(some_entries(512))
    real.publish()
    given = ["ct", "--tiles", str(tmp_path), "--entries", "1500", "--trust", trust]
    monkeypatch.setattr("sys.argv", given)
    assert ct.main() == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["bench"], line["entries"], line["names"]) == ("ct", 1536, 1536)
    assert line["verified"] == (1536 if trust == "verified" else 0)
    assert line["entries_per_cpu_s"] > 0


def test_a_folder_without_tiles_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["ct", "--data", str(tmp_path)])
    assert ct.main() == 1
    assert f"no tiles in {tmp_path}" in capsys.readouterr().err
