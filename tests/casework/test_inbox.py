"""Lists of the desk touch no signals, and show what the signals, series and pictures say."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pytest

from namaak.casework.casebook import Casebook
from namaak.casework.lifecycle import Decision, DecisionKind
from namaak.casework.reading import find_cases, open_snapshot, read_case
from namaak.records import MATCH_SCHEMA, Band, Score, Signal, case_id, match_id
from tests.casework.plain_lists import wrong_in_lists
from tests.casework.test_worn_pictures import WORN_SCHEMA, wears

NOW = datetime(2026, 11, 21, tzinfo=UTC)
#: Three names of one pattern, and one of another.
HOSTS = ("acme-login1.example", "acme-login2.example", "acme-login3.example", "shop-acme.example")
NASTY = 'It says "quoted", a\nnew line, a \\ and \x1b and \x00 and ünï'


def paths_in(folder):
    return {"working": folder / "w" / "casebook.duckdb", "published": folder / "c.duckdb"}


@pytest.fixture
def paths(tmp_path, empty_casebook):
    shutil.copytree(empty_casebook, tmp_path, dirs_exist_ok=True)
    return paths_in(tmp_path)


def rows(*subjects: tuple[str, float]) -> pa.Table:
    made = [
        {
            "match_id": match_id([key]), "brand_id": "acme", "subject_key": key,
            "subject_kind": key.split(":")[0], "source": "files", "instance": "a", "position": 1,
            "observed_at": NOW, "field": "host", "value": key.split(":")[-1], "term": "Acme",
            "resemblance": "combosquat", "place": "edge", "distance": 0, "strength": strength,
            "span_start": 0, "span_end": 4, "layers": [], "lures": [], "traits": [],
            "evidence": {"llr": 7.3}, "detector": "names/1", "tables": "t/1",
        }
        for key, strength in subjects
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=MATCH_SCHEMA)


def rank(brand_id: str, matches: list[dict]) -> Score:
    total = round(100 * max(row["strength"] for row in matches))
    signals = tuple(
        Signal(
            name=f"name.{place}", says=says, raw="", weight=1.0, contribution=contribution,
            detector="names/1",
        )
        for place, (says, contribution) in enumerate(((NASTY, -1.0), (f"Like it, {total}", 2.0)))
    )  # fmt: skip
    band = next(band for least, band in ((95, Band.CRITICAL), (80, Band.HIGH), (50, Band.REVIEW),
                                         (0, Band.WATCH)) if total >= least)  # fmt: skip
    return Score(score=total, band=band, signals=signals, gates=())


def load(book: Casebook, file: str, *subjects: tuple[str, float]) -> None:
    book.load_matches(
        rows(*subjects), file=file, rank=rank, brand_names={"acme": "Acme"}, subjects={},
        domains={f"host:{host}": host for host in HOSTS}, now=NOW, rank_version=file,
    )  # fmt: skip


def hosts(*strengths: float) -> list[tuple[str, float]]:
    return [(f"host:{host}", one) for host, one in zip(HOSTS, strengths, strict=False)]


def decide(book: Casebook, subject: str, kind: DecisionKind, **other) -> None:
    book.decide(case_id("acme", subject), Decision(kind=kind, **other), actor="ann", now=NOW)


def shown(paths) -> list[tuple[str, int]]:
    with open_snapshot(paths["published"]) as con:
        assert wrong_in_lists(con) == []
        listed = find_cases(con, band="review", every=True)
        page = con.table("inbox").select("subject, more, reasons").fetchall()
    assert all(reasons == [f"Like it, {reasons[0].split()[-1]}", NASTY] for *_, reasons in page)
    assert {subject for subject, *_ in page} <= {row["subject"] for row in listed}
    return [(subject, more) for subject, more, _ in page]


def test_the_worst_of_a_series_stands_for_it_and_another_when_that_is_decided(paths):
    with Casebook.writing(**paths) as book:
        load(book, "one", *hosts(0.7, 0.9, 0.6, 0.5))
    assert shown(paths) == [(HOSTS[1], 2), (HOSTS[3], 0)]
    with Casebook.writing(**paths) as book:
        decide(book, f"host:{HOSTS[1]}", DecisionKind.WATCH)
    assert shown(paths) == [(HOSTS[0], 1), (HOSTS[3], 0)]
    with Casebook.writing(**paths) as book:
        decide(book, f"host:{HOSTS[1]}", DecisionKind.REOPEN)
        decide(book, f"host:{HOSTS[3]}", DecisionKind.WATCH)
    assert shown(paths) == [(HOSTS[1], 2)]


def test_a_score_that_moves_moves_the_case_in_the_inbox(paths):
    with Casebook.writing(**paths) as book:
        load(book, "one", *hosts(0.7, 0.9, 0.6, 0.5))
    with Casebook.writing(**paths) as book:
        load(book, "two", *hosts(0.96, 0.3))
    assert shown(paths) == [(HOSTS[0], 1), (HOSTS[3], 0)]


def test_what_was_not_committed_is_in_no_list(paths):
    with Casebook.writing(**paths) as book:
        load(book, "one", *hosts(0.7))
    with pytest.raises(duckdb.Error), Casebook.writing(**paths) as book, book._transaction():
        book._con.execute("update cases set workflow = 'confirmed'")
        book._decided.add(case_id("acme", f"host:{HOSTS[0]}"))
        book._con.execute("select no_such_column from cases")
    with Casebook.writing(**paths):
        pass
    assert shown(paths) == [(HOSTS[0], 0)]


def test_a_picture_that_another_case_begins_to_wear_counts_for_both(paths):
    worn = [wears("1", imitators=2, wearers=2), wears("2", imitators=2, wearers=2)]
    with Casebook.writing(**paths) as book:
        load(book, "one", ("account:x:1", 0.9))
        book.record_worn_pictures(
            pa.Table.from_pylist(worn, schema=WORN_SCHEMA), rank=rank, brand_names={}, now=NOW,
            rank_version="1",
        )  # fmt: skip
    with open_snapshot(paths["published"]) as con:
        assert [row["same_picture"] for row in find_cases(con)] == [0]
    with Casebook.writing(**paths) as book:
        load(book, "two", ("account:x:2", 0.8))
    with open_snapshot(paths["published"]) as con:
        assert wrong_in_lists(con) == []
        assert [row["same_picture"] for row in find_cases(con)] == [1, 1]
        assert read_case(con, case_id("acme", "account:x:1")).case["same_picture"] == 1


def test_the_inbox_is_in_the_order_of_the_bands(paths):
    with Casebook.writing(**paths) as book:
        load(book, "one", *((f"host:h{number}.example", strength) for number, strength in
                            enumerate((0.55, 0.99, 0.85, 0.51, 0.2))))  # fmt: skip
    with open_snapshot(paths["published"]) as con:
        ranked = con.execute(
            "select bands.rank from inbox inner join bands on inbox.band = bands.band"
        ).fetchall()
        order = [row[0] for row in con.execute("select band from inbox").fetchall()]
    assert order == ["critical", "high", "review", "review"]
    assert sorted(ranked, reverse=True) == [(4,), (3,), (2,), (2,)]


def test_reading_the_lists_needs_no_signals(paths):
    with Casebook.writing(**paths) as book:
        load(book, "one", *hosts(0.7, 0.9))
    with open_snapshot(paths["published"]) as con:
        for sql in ("from inbox", "from watchlist"):
            plan = con.execute(f"explain {sql}").fetchall()[0][1]
            assert "signals" not in plan


def test_a_casebook_that_was_weighed_before_the_lists_existed_gets_them(paths):
    with Casebook.writing(**paths) as book:
        load(book, "one", *hosts(0.7, 0.9, 0.6))
        book._con.execute("update cases set reasons = null, same_picture = null, inbox_more = null")
        book.tell_of_all_cases()
    assert shown(paths) == [(HOSTS[1], 2)]
