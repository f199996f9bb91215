"""Two people decide and four programs read at the same time, and nobody sees an error."""

from __future__ import annotations

import pytest

from benchmarks.casework import make_casebook
from benchmarks.contending import contend
from namaak.casework.casebook import Casebook
from namaak.casework.lastpublished import log_of
from namaak.casework.reading import open_snapshot, read_rows, verify_history

#: Enough for some hundred decisions and some whole copies among them.
SECONDS = 12
CASES = 300


@pytest.fixture
def paths(tmp_path):
    return make_casebook(tmp_path, cases=CASES, signals_per_case=5)


@pytest.mark.long
def test_two_writers_and_four_readers_at_once_meet_no_error(paths):
    told = contend(paths, seconds=SECONDS, writers=2, readers=4)
    assert [line["errors"] for line in told] == [[]] * 6
    assert all(line["done"] > 0 for line in told)
    with open_snapshot(paths["published"]) as con:
        assert verify_history(con) is None
        (noted,) = read_rows(con, "select count(*) as events from events where kind = 'noted'")
    # What both decided is in the history, each once.
    assert noted["events"] == sum(line["done"] for line in told if line["role"] == "decide")


def test_the_made_casebook_is_one_that_a_writer_takes_without_changing_it(paths):
    before = paths["published"].stat()
    with Casebook.writing(**paths):
        pass
    assert paths["published"].stat().st_ino == before.st_ino
    assert not log_of(paths["published"]).exists()
    with open_snapshot(paths["published"]) as con:
        assert con.table("inbox").limit(1).fetchall()
        assert verify_history(con) is None
