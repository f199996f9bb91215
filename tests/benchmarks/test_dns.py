"""The benchmark of questions to the DNS runs, small, and says what it promises."""

from __future__ import annotations

import json
import sys

import pytest

from benchmarks import dns
from namaak.resolving import Outcome


@pytest.mark.peer
def test_the_line_tells_queries_a_second_and_every_outcome(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["dns", "--questions", "300", "--runs", "1"])
    assert dns.main() == 0
    ours, alone = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (ours["bench"], ours["questions"]) == ("dns", 300)
    assert sum(ours["outcomes"].values()) == 300
    assert 30 <= ours["outcomes"]["absent"] <= 75
    assert ours["queries"] >= 300 + ours["outcomes"]["absent"]
    assert ours["queries_per_cpu_s"] > 0 and alone["queries_per_cpu_s"] > 0
    assert ours["timeouts_of_tries"] >= 0


def test_an_answer_that_the_zone_does_not_give_is_no_figure():
    assert dns.right("name-1.bench.test", Outcome.ANSWERED)
    assert dns.right("nobody-1.bench.test", Outcome.ABSENT)
    assert dns.right("name-1.bench.test", Outcome.TIMEOUT)
    assert not dns.right("name-1.bench.test", Outcome.ABSENT)
    assert not dns.right("nobody-1.bench.test", Outcome.ANSWERED)
