"""Loading, deciding, re-scoring, reading: what becomes of matches."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from namaak.brands import Brand
from namaak.casework.casebook import Casebook, LoadSummary
from namaak.casework.history import in_words
from namaak.casework.lifecycle import Decision
from namaak.casework.reading import (
    ask,
    chain_head,
    find_cases,
    open_snapshot,
    overview,
    read_case,
    read_rows,
    series_of_case,
    verify_history,
)
from namaak.errors import CasebookError, UsageError
from namaak.records import MATCH_SCHEMA, Band, Score, Signal, case_id, match_id
from namaak.sqlfiles import sql_files

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LOGIN = "acme-login.example"
LOGIN_ID = case_id("acme", f"host:{LOGIN}")

BANDS = ((85, Band.CRITICAL), (70, Band.HIGH), (40, Band.REVIEW), (10, Band.WATCH), (0, Band.NONE))

BATCH = {
    "batch_id": "b1",
    "source": "files",
    "instance": "hosts.txt",
    "label": "hosts.txt",
    "start_position": 0,
    "end_position": 4,
    "rows": 3,
    "first_seen_rows": 3,
    "rejected": 1,
    "gathered_at": NOW,
}
REJECT = {
    "source": "files",
    "instance": "hosts.txt",
    "position": 3,
    "reason": "not a host",
    "excerpt": "\x00",
}


def host_row(host: str = LOGIN, *, brand: str = "acme", **other) -> dict:
    row = {
        "brand_id": brand,
        "subject_key": f"host:{host}",
        "subject_kind": "host",
        "source": "files",
        "instance": "hosts.txt",
        "position": 1,
        "observed_at": NOW,
        "field": "host",
        "value": host,
        "term": "Acme",
        "resemblance": "combosquat",
        "place": "token",
        "distance": 0,
        "strength": 0.5,
        "span_start": 0,
        "span_end": 4,
        "layers": [],
        "lures": ["login:login"],
        "traits": [],
        "evidence": {"constant": 1.0},
        "suppressed": None,
        "detector": "names/1",
        "tables": "lures/1",
    } | other
    identity = (row[name] for name in ("brand_id", "subject_key", "field", "value", "resemblance"))
    return {"match_id": match_id(identity), **row}


def table(*rows: dict) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=MATCH_SCHEMA)


def rank(brand_id: str, rows: list[dict]) -> Score:
    """100 times the strengths added up; one signal a match."""
    total = min(100, round(100 * sum(row["strength"] for row in rows)))
    signals = tuple(
        Signal(
            name=f"name.{row['resemblance']}",
            says=f"It is a {row['resemblance']}",
            raw=row["value"],
            weight=1.0,
            contribution=row["strength"],
            detector=row["detector"],
        )
        for row in rows
    )
    band = next(band for least, band in BANDS if total >= least)
    return Score(score=total, band=band, signals=signals, gates=())


def paths_in(folder: Path) -> dict[str, Path]:
    return {"working": folder / "working" / "casebook.duckdb", "published": folder / "c.duckdb"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty casebook, to copy: migrating anew for each test would take most of the time."""
    folder = tmp_path_factory.mktemp("empty")
    with Casebook.writing(**paths_in(folder)):
        pass
    return folder


@pytest.fixture
def paths(tmp_path, empty):
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    return paths_in(tmp_path)


class Desk:
    """Keeps one writer open from a test's first write to its next look at the snapshot."""

    def __init__(self, paths: dict[str, Path]) -> None:
        self.paths = paths
        self.open = ExitStack()
        self.book: Casebook | None = None

    def writer(self) -> Casebook:
        if self.book is None:
            self.book = self.open.enter_context(Casebook.writing(**self.paths))
        return self.book

    def publish(self) -> None:
        self.book = None
        self.open.close()


@pytest.fixture
def desk(paths):
    desk = Desk(paths)
    yield desk
    desk.publish()


@pytest.fixture
def load(desk):
    def load(*rows: dict, file: str = "one", now: datetime = NOW, **other) -> LoadSummary:
        arguments = {
            "rank": rank,
            "brand_names": {"acme": "Acme"},
            "subjects": {},
            "rank_version": "1",
        } | other
        return desk.writer().load_matches(table(*rows), file=file, now=now, **arguments)

    return load


@pytest.fixture
def decide(desk):
    def decide(kind: str, *, case: str = LOGIN_ID, now: datetime = NOW, **other) -> None:
        desk.writer().decide(case, Decision(kind=kind, **other), actor="ann", now=now)

    return decide


@pytest.fixture
def snapshot(desk):
    def snapshot():
        desk.publish()
        return open_snapshot(desk.paths["published"])

    return snapshot


@pytest.fixture
def read(snapshot):
    def read(case: str = LOGIN_ID):
        with snapshot() as con:
            return read_case(con, case)

    return read


def kinds(case) -> list[str]:
    return [event["kind"] for event in case.events]


def test_a_match_worth_it_becomes_a_case_with_its_reasons(load, read, snapshot):
    summary = load(host_row())
    assert summary == LoadSummary(file="one", cases_opened=1, matches=1)
    with snapshot() as con:
        (found,) = find_cases(con)
    assert found == {
        "case_id": LOGIN_ID,
        "brand": "acme",
        "brand_name": "Acme",
        "subject": LOGIN,
        "subject_kind": "host",
        "kind": "combosquat",
        "score": 50,
        "band": "review",
        "workflow": "new",
        "series": None,
        "more": 0,
        "same_picture": 0,
        "reasons": ["It is a combosquat"],
        "opened_at": NOW,
        "updated_at": NOW,
    }
    case = read()
    assert case.case["matches"] == 1
    assert case.case["sources"] == ["files"]
    assert [row["lures"] for row in case.matches] == [["login:login"]]
    assert kinds(case) == ["opened"]
    assert case.events[0]["actor"] == "flow:load"


def test_names_of_one_pattern_stand_as_one_line_that_counts_the_others(load, snapshot):
    hosts = [f"acme-login-{number}.example" for number in (1, 2, 3)]
    rows = [host_row(host, strength=0.5 + 0.1 * at) for at, host in enumerate(hosts)]
    domains = {row["subject_key"]: row["value"] for row in rows}
    load(*rows, host_row("acmelogin.example"), domains=domains)
    with snapshot() as con:
        shown = {row["subject"]: row["more"] for row in find_cases(con)}
        assert shown == {"acme-login-3.example": 2, "acmelogin.example": 0}
        inbox = con.execute("select subject, more from inbox").fetchall()
        assert dict(inbox) == shown
        assert len(find_cases(con, every=True)) == 4
        lead = next(row["case_id"] for row in find_cases(con) if row["more"])
        assert len(series_of_case(con, lead)) == 3


def test_of_equal_scores_the_stronger_evidence_comes_first(load, snapshot):
    load(host_row("one.example", strength=1.0), host_row("two.example", strength=1.2))
    with snapshot() as con:
        assert [row["subject"] for row in find_cases(con)] == ["two.example", "one.example"]


def test_names_too_faint_for_a_match_are_counted_with_the_load(load, snapshot):
    summary = load(host_row(), faint={"acme": 7, "zen": 2})
    assert summary.faint == 9
    with snapshot() as con:
        counted = con.execute("select brand_id, matches, faint from loads order by 1").fetchall()
    assert counted == [("acme", 1, 7), ("zen", 0, 2)]


def test_loading_the_same_file_twice_changes_nothing(load, desk, snapshot):
    load(host_row())
    desk.publish()
    before = desk.paths["published"].read_bytes()
    assert load(host_row(), host_row("acme-pay.example")) == LoadSummary(file="one")
    desk.publish()
    assert desk.paths["published"].read_bytes() == before


def test_the_same_matches_from_another_file_duplicate_nothing(load, read):
    load(host_row())
    summary = load(host_row(observed_at=NOW + DAY), file="two", now=NOW + DAY)
    assert (summary.cases_opened, summary.cases_refreshed, summary.moved) == (0, 1, ())
    case = read()
    assert len(case.matches) == 1
    assert kinds(case) == ["opened"]
    assert case.case["updated_at"] == NOW
    assert case.case["revision"] == 1
    assert case.case["first_observed_at"] == NOW
    assert case.case["last_observed_at"] == NOW + DAY


def test_more_evidence_in_another_file_raises_the_same_case(load, read):
    load(host_row())
    more = host_row(resemblance="homograph", strength=0.4)
    summary = load(more, file="two", now=NOW + DAY)
    assert [(m.score_before, m.score_after, m.why) for m in summary.moved] == [
        (50, 90, ("gained name.homograph",))
    ]
    case = read()
    assert (case.case["band"], case.case["workflow"]) == ("critical", "new")
    assert case.case["kind"] == "combosquat"
    assert case.case["reasons"] == ["It is a combosquat", "It is a homograph"]
    assert (case.case["updated_at"], case.case["revision"]) == (NOW + DAY, 2)
    assert kinds(case) == ["opened", "score-changed"]
    assert len(case.signals) == len(case.matches) == 2


def test_a_case_that_ranks_the_same_as_something_else_says_so_in_its_history(load, read):
    def surer(brand_id, rows):
        return replace(rank(brand_id, rows), confidence=70)

    batch = {"batch_id": "b1", "brands": ["acme"]}
    load(host_row(resemblance="combosquat"), **batch)
    load(host_row(resemblance="homograph"), file="two", now=NOW + DAY, **batch)
    summary = load(
        host_row(resemblance="homograph"), file="three", now=NOW + DAY, rank=surer, **batch
    )
    assert summary.moved == (), "neither score nor band did"
    opened, kind, confidence = [json.loads(event["data"]) for event in read().events]
    assert (opened["subject"], opened["kind"]) == (LOGIN, "combosquat")
    assert "confidence" not in opened
    ranked = {"score": 50, "band": "review"}
    assert kind["from"] == {**ranked, "kind": "combosquat"}
    assert kind["to"] == {**ranked, "kind": "homograph"}
    assert "resembles the brand as homograph, no longer as combosquat" in kind["why"]
    assert in_words(read().events[1]).startswith("ranks as before, review 50, on other grounds: ")
    assert confidence["to"] == {**ranked, "confidence": 70}
    load(host_row(resemblance="homograph"), file="four", now=NOW + DAY, rank=surer, **batch)
    assert len(read().events) == 3, "weighed again, it is the same"


def test_of_the_same_resemblance_the_latest_look_is_kept(load, read):
    load(host_row(observed_at=NOW, strength=0.5), host_row(observed_at=NOW + DAY, strength=0.7))
    assert read().case["score"] == 70
    load(host_row(observed_at=NOW - DAY, strength=0.2), file="older")
    assert read().case["score"] == 70
    assert read().case["first_observed_at"] == NOW - DAY
    load(host_row(observed_at=NOW + DAY, strength=0.8, detector="names/2"), file="newer detector")
    assert read().case["score"] == 80
    assert read().matches[0]["detector"] == "names/2"


def test_what_became_no_case_is_counted_and_not_stored(load, snapshot):
    summary = load(
        host_row("weak.example", strength=0.05),
        host_row("acme.example", suppressed="the brand's own domain"),
        host_row(),
        host_row(resemblance="typosquat", suppressed="the brand's own domain"),
        host_row("weak.example", brand="other", strength=0.01),
    )
    assert (summary.matches, summary.suppressed, summary.below_watch) == (5, 2, 2)
    assert (summary.cases_opened, summary.cases_refreshed) == (1, 0)
    with snapshot() as con:
        counted = con.table("loads").order("brand_id").fetchall()
        assert [row[1:7] for row in counted] == [("acme", 4, 2, 1, 1, 0), ("other", 1, 0, 1, 0, 0)]
        assert [row["subject"] for row in find_cases(con)] == [LOGIN]
        assert len(read_case(con, LOGIN_ID).matches) == 2


def test_weak_elements_of_one_account_from_two_files_add_up_to_a_case(load, snapshot):
    account = {"subject_key": "account:x:17", "subject_kind": "account"}
    handle = host_row("acme_x", field="handle", strength=0.06, **account)
    picture = host_row("0" * 64, field="image", strength=0.07, **account)
    assert load(handle).cases_opened == 0
    assert load(picture, file="two").cases_opened == 1
    with snapshot() as con:
        (case,) = find_cases(con)
        fields = {match["field"] for match in read_case(con, case["case_id"]).matches}
    assert fields == {"handle", "image"}


def test_suppressed_matches_are_not_shown_to_the_ranking(load):
    seen = []

    def spy(brand_id, rows):
        seen.extend(row["resemblance"] for row in rows)
        return rank(brand_id, rows)

    load(host_row(), host_row(resemblance="typosquat", suppressed="allowed"), rank=spy)
    assert seen == ["combosquat"]


def test_a_file_without_matches_is_loaded_too(load, snapshot):
    assert load() == LoadSummary(file="one")
    with snapshot() as con:
        assert [row[:3] for row in con.table("loads").fetchall()] == [("one", "", 0)]


def test_a_case_whose_evidence_is_all_suppressed_stays_and_says_so(load, read):
    load(host_row())
    own = host_row(suppressed="the brand's own domain")
    load(own, file="two")
    load(own, file="three")
    case = read()
    assert (case.case["score"], case.case["workflow"]) == (50, "new")
    assert kinds(case) == ["opened", "suppressed"]
    assert case.events[1]["data"] == '{"why":["the brand\'s own domain"]}'


def test_a_summary_names_the_new_cases_worth_an_alarm(load):
    summary = load(
        host_row("a.example", strength=0.9),
        host_row("b.example", strength=0.7),
        host_row("c.example"),
    )
    assert sorted(summary.opened) == sorted(
        [
            (case_id("acme", "host:a.example"), Band.CRITICAL),
            (case_id("acme", "host:b.example"), Band.HIGH),
        ]
    )


def test_a_load_that_fails_half_way_leaves_nothing(load, snapshot):
    def nameless(brand_id, rows):
        score = rank(brand_id, rows)
        return replace(score, signals=tuple(replace(s, says=None) for s in score.signals))

    # Signals are written after cases: by then the case stands in the unfinished transaction.
    with pytest.raises(duckdb.ConstraintException):
        load(host_row(), rank=nameless)
    with snapshot() as con:
        assert find_cases(con) == []
    assert load(host_row()).cases_opened == 1


def test_a_table_that_is_no_match_file_is_refused_by_name(desk):
    with pytest.raises(CasebookError, match="odd file"):
        desk.writer().load_matches(
            pa.table({"a": [1]}),
            file="odd file",
            rank=rank,
            brand_names={},
            subjects={},
            now=NOW,
            rank_version="1",
        )


def test_a_persons_workflow_survives_new_evidence(load, decide, read):
    load(host_row())
    decide("confirm")
    load(host_row(resemblance="homograph", strength=0.4), file="two")
    case = read()
    assert (case.case["workflow"], case.case["band"]) == ("confirmed", "critical")


@pytest.mark.parametrize(
    ("decision", "after"),
    [
        ({"kind": "snooze", "on_change": True}, "reopened"),
        ({"kind": "snooze", "until": NOW + DAY}, "snoozed"),
        ({"kind": "dismiss", "reason_code": "weak-match"}, "reopened"),
        ({"kind": "dismiss", "reason_code": "licensed"}, "dismissed"),
    ],
)
def test_a_rising_band_wakes_what_was_left_until_a_change(load, decide, read, decision, after):
    load(host_row())
    decide(**decision)
    load(host_row(resemblance="homograph", strength=0.05), file="same band")
    assert read().case["workflow"] != "reopened"
    load(host_row(resemblance="typosquat", strength=0.4), file="higher band")
    case = read()
    assert case.case["workflow"] == after
    if after == "reopened":
        assert kinds(case)[-1] == "reopened"
        assert (case.case["reason_code"], case.case["snooze_on_change"]) == (None, False)


def test_a_decision_is_kept_with_who_and_why(load, decide, read):
    load(host_row())
    decide("assign", assignee="bob")
    decide("dismiss", reason_code="licensed", note="café dealer since 2019", now=NOW + DAY)
    case = read(LOGIN_ID.lower())
    assert case.case["workflow"] == "dismissed"
    assert case.case["reason_code"] == "licensed"
    assert case.case["assignee"] == "bob"
    assert (case.case["updated_at"], case.case["revision"]) == (NOW + DAY, 3)
    assert [(e["kind"], e["actor"]) for e in case.events] == [
        ("opened", "flow:load"),
        ("assigned", "ann"),
        ("dismissed", "ann"),
    ]
    assert case.events[2]["data"] == (
        '{"from":"new","note":"café dealer since 2019","reason_code":"licensed","to":"dismissed"}'
    )


def test_an_impossible_decision_changes_nothing(load, decide, read):
    load(host_row())
    with pytest.raises(UsageError, match="possible from here: triage, confirm"):
        decide("close")
    with pytest.raises(UsageError, match="There is no case"):
        decide("confirm", case="NK-000000000000")
    assert read().case["revision"] == 1


def test_a_decision_about_several_cases_is_about_all_or_none(load, desk, read):
    load(host_row(), host_row("acme-pay.example"))
    other = case_id("acme", "host:acme-pay.example")
    confirm = Decision(kind="confirm")
    with pytest.raises(UsageError, match="There is no case"):
        desk.writer().decide_all([LOGIN_ID, "NK-000000000000"], confirm, actor="ann", now=NOW)
    assert read().case["workflow"] == "new"
    desk.writer().decide_all([LOGIN_ID, other, LOGIN_ID.lower()], confirm, actor="ann", now=NOW)
    assert read(other).case["workflow"] == "confirmed"
    assert kinds(read()) == ["opened", "confirmed"]


def test_only_files_never_loaded_remain_to_be_loaded(load, desk):
    load(host_row(), file="one.txt")
    load(file="empty.txt")
    files = [Path("three.txt"), Path("one.txt"), Path("two.txt"), Path("empty.txt")]
    assert desk.writer().not_yet_loaded(files, rank_version="1") == [
        Path("three.txt"),
        Path("two.txt"),
    ]


def test_a_persons_own_query_gives_columns_rows_and_its_faults(load, snapshot):
    load(host_row())
    with snapshot() as con:
        columns, rows = ask(con, "select subject, opened_at from inbox")
        assert (columns, list(rows)) == (
            ["subject", "opened_at"],
            [{"subject": LOGIN, "opened_at": NOW}],
        )
        with pytest.raises(duckdb.Error):
            ask(con, "select nonsense")
        with pytest.raises(duckdb.Error):
            list(ask(con, "select cast(subject as integer) as n from cases")[1])


def test_snoozes_end_when_their_time_has_come(load, decide, desk, read):
    load(host_row())
    decide("snooze", until=NOW + DAY)
    book = desk.writer()
    assert book.wake_snoozed(now=NOW + DAY / 2) == []
    assert book.wake_snoozed(now=NOW + DAY) == [LOGIN_ID]
    case = read()
    assert (case.case["workflow"], case.case["snooze_until"]) == ("reopened", None)
    assert case.events[-1]["actor"] == "flow:wake"


def test_another_ranking_weighs_every_file_again_and_says_what_moved(load, desk, read):
    rows = (
        host_row(),
        host_row("acme-pay.example", strength=0.3),
        host_row("weak.example", strength=0.05),
    )
    load(*rows)

    def milder(brand_id, rows):
        return rank(brand_id, [{**row, "strength": min(row["strength"], 0.3)} for row in rows])

    class File:
        name = "one"

    assert desk.writer().not_yet_loaded([File], rank_version="1") == []
    assert desk.writer().not_yet_loaded([File], rank_version="2") == [File]
    (moved,) = load(*rows, now=NOW + DAY, rank=milder, rank_version="2").moved
    assert load(*rows, now=NOW + DAY, rank=milder, rank_version="2").moved == ()
    assert (moved.case_id, moved.subject) == (LOGIN_ID, LOGIN)
    assert (moved.band_before, moved.band_after) == ("review", "watch")
    assert moved.why == ("reweighed name.combosquat",)
    case = read()
    assert (case.case["score"], case.case["rank_version"]) == (30, "2")
    assert kinds(case) == ["opened", "score-changed"]
    assert read(case_id("acme", "host:acme-pay.example")).case["rank_version"] == "2"


def test_what_a_batch_gives_no_longer_is_withdrawn_and_told(load, decide, read):
    batch = {"batch_id": "b1", "brands": ["acme"]}
    homograph, combo = host_row(resemblance="homograph", strength=0.4), host_row(strength=0.2)
    load(homograph, combo, host_row("other.example", brand="other"), **batch)
    load(combo, file="two", now=NOW + DAY, **batch)
    case = read()
    assert [match["resemblance"] for match in case.matches] == ["combosquat"]
    assert (case.case["score"], kinds(case)) == (20, ["opened", "score-changed"])
    load(file="three", now=NOW + DAY, **batch)
    load(file="four", now=NOW + DAY, **batch)
    case = read()
    assert (case.case["score"], case.case["band"], case.signals) == (0, "none", [])
    assert kinds(case) == ["opened", "score-changed", "withdrawn"]
    assert read(case_id("other", "host:other.example")).case["band"] == "review"
    load(combo, file="five", now=NOW + DAY, **batch)
    assert kinds(read())[-2:] == ["supported", "score-changed"]


def test_another_batch_or_brand_withdraws_nothing(load, read):
    load(host_row(), batch_id="b1", brands=["acme"])
    load(file="two", batch_id="b2", brands=["acme"])
    load(file="three", batch_id="b1", brands=["other"])
    assert len(read().matches) == 1


def test_a_subject_too_weak_for_one_ranking_may_be_a_case_for_the_next(load, read):
    assert load(host_row(strength=0.05)).cases_opened == 0

    def stricter(brand_id, rows):
        return rank(brand_id, [{**row, "strength": 0.9} for row in rows])

    assert load(host_row(strength=0.05), rank=stricter, rank_version="2").cases_opened == 1
    assert read().case["band"] == "critical"


def test_a_lost_working_file_is_made_again_from_the_published_one(load, decide, desk, read):
    load(host_row())
    decide("confirm")
    desk.publish()
    shutil.rmtree(desk.paths["working"].parent)
    decide("note", note="still here", now=NOW + DAY)
    case = read()
    assert case.case["workflow"] == "confirmed"
    assert kinds(case) == ["opened", "confirmed", "noted"]


def test_an_account_that_changes_its_name_keeps_its_case(load, read):
    account = {"subject_key": "account:bluesky:did:plc:abc", "subject_kind": "account"}
    case = case_id("acme", account["subject_key"])
    first = host_row("acme_help", field="handle", **account)
    load(first, subjects={account["subject_key"]: "bluesky/@acme_help"})
    later = host_row("acme_desk", field="handle", observed_at=NOW + DAY, **account)
    load(later, file="two", subjects={account["subject_key"]: "bluesky/@acme_desk"})
    load(first, file="old", subjects={account["subject_key"]: "bluesky/@acme_help"})
    assert read(case).case["subject"] == "bluesky/@acme_desk"
    assert kinds(read(case)).count("renamed") == 1


def test_history_verifies_and_a_changed_event_is_named(load, decide, desk, snapshot):
    load(host_row(), host_row("acme-pay.example"))
    decide("confirm")
    with snapshot() as con:
        assert verify_history(con) is None
        assert chain_head(con).seq == 3
    desk.publish()
    with duckdb.connect(desk.paths["working"]) as con:
        con.execute("update events set actor = 'mallory' where kind = 'confirmed'")
        broken = verify_history(con)
    assert (broken.case_id, broken.case_seq, broken.seq) == (LOGIN_ID, 2, 3)
    assert "hash" in broken.what


def test_a_removed_case_leaves_a_gap_in_the_history(load, desk):
    load(host_row(), host_row("acme-pay.example"))
    desk.publish()
    with duckdb.connect(desk.paths["working"]) as con:
        con.execute("delete from events where seq = 1")
        assert verify_history(con).seq == 2


def test_cases_come_worst_first_and_only_those_asked_for(load, decide, snapshot):
    load(
        host_row(),
        host_row("acme-a.example", strength=0.9),
        host_row("acme-b.example", strength=0.55, resemblance="typosquat"),
        host_row("zen.example", brand="zen", strength=0.2),
    )
    load(host_row("acme-new.example"), file="two", now=NOW + DAY)
    decide("confirm")

    con = snapshot()

    def subjects(**conditions) -> list[str]:
        return [case["subject"] for case in find_cases(con, **conditions)]

    everything = subjects()
    assert everything[:2] == ["acme-a.example", "acme-b.example"]
    assert everything[-1] == "zen.example"
    assert len(everything) == 5
    assert subjects(limit=2) == everything[:2]
    assert subjects(limit=0) == []
    assert subjects(brand="zen") == ["zen.example"]
    assert len(subjects(brand="ACME")) == 4
    assert subjects(band="high") == ["acme-a.example"]
    assert subjects(workflow="confirmed") == [LOGIN]
    assert subjects(kind="typosquat") == ["acme-b.example"]
    assert subjects(subject="LOGIN") == [LOGIN]
    assert subjects(subject="%") == []
    assert subjects(since=NOW + DAY) == ["acme-new.example"]
    con.close()


@pytest.mark.parametrize(
    "condition",
    [
        {"band": "huge"},
        {"workflow": "asleep"},
        {"kind": "odd"},
        {"limit": -1},
        {"since": datetime(2026, 1, 1)},
    ],
)
def test_an_unknown_condition_is_wrong_use(snapshot, condition):
    with snapshot() as con, pytest.raises(UsageError):
        find_cases(con, **condition)


def test_a_case_is_found_by_an_unambiguous_beginning(load, snapshot):
    load(*(host_row(f"acme{number}.example") for number in range(300)))
    with snapshot() as con:
        ids = [case["case_id"] for case in find_cases(con)]
        one = ids[0]
        alone = next(n for n in range(7, 16) if sum(i.startswith(one[:n]) for i in ids) == 1)
        assert read_case(con, one[:alone].lower()).case["case_id"] == one
        assert read_case(con, one.removeprefix("NK-")).case["case_id"] == one
        zeros = one.replace("0", "o").replace("1", "l").lower()
        assert read_case(con, zeros).case["case_id"] == one
        with pytest.raises(UsageError, match="too short"):
            read_case(con, "NK-")
        with pytest.raises(UsageError, match="There is no case"):
            read_case(con, "NK-%%%%%%")


def test_an_ambiguous_beginning_names_the_candidates(load, snapshot, desk):
    load(host_row(), host_row("acme-pay.example"))
    desk.publish()
    with duckdb.connect(desk.paths["working"]) as con:
        con.execute("update cases set case_id = 'NK-AAAA' || right(case_id, 8)")
        with pytest.raises(UsageError, match=r"may mean NK-AAAA.*, NK-AAAA.*; give more"):
            read_case(con, "nk-aaaa")


def test_inbox_and_watchlist_together_hold_every_open_case_once(load, decide, snapshot):
    hosts = [f"acme{number}.example" for number in range(6)]
    load(*(host_row(host, strength=0.15 * (number + 1)) for number, host in enumerate(hosts)))
    ids = [case_id("acme", f"host:{host}") for host in hosts]
    decide("dismiss", case=ids[5], reason_code="unrelated")
    decide("watch", case=ids[4])
    with snapshot() as con:
        inbox = [row[0] for row in con.table("inbox").fetchall()]
        watchlist = [row[0] for row in con.table("watchlist").fetchall()]
    assert inbox == [ids[3], ids[2]]
    assert watchlist == [ids[4], ids[1], ids[0]]


def test_brands_are_written_down_and_renamed_in_their_cases(load, desk, snapshot):
    load(host_row())

    def record(name: str, now: datetime) -> None:
        brands = {"acme": Brand(name=name), "zen": Brand(name="Zen", common_word=True)}
        book = desk.writer()
        book.record_brands(brands, {"acme": "1" * 16, "zen": "2" * 16}, now=now)

    record("Acme", NOW)
    record("Acme Bank", NOW + DAY)
    with snapshot() as con:
        assert [(row["brand_id"], row["brand_name"], row["cases"]) for row in overview(con)] == [
            ("acme", "Acme Bank", 1),
            ("zen", "Zen", 0),
        ]
        assert find_cases(con)[0]["brand_name"] == "Acme Bank"
        dates = con.table("brands").order("brand_id").project("updated_at").to_arrow_table()
        assert dates["updated_at"].to_pylist() == [NOW + DAY, NOW]


def test_coverage_is_replaced_by_the_lakes_present_account(desk, snapshot):
    def record(rows: int) -> None:
        batches = pa.Table.from_pylist([BATCH | {"rows": rows}])
        book = desk.writer()
        book.record_coverage(batches, pa.Table.from_pylist([REJECT]))

    record(10)
    record(20)
    with snapshot() as con:
        (row,) = con.table("coverage").fetchall()
        assert (row[0], row[1], row[3], row[6], row[8], row[9]) == (
            "files",
            "hosts.txt",
            1,
            20,
            1,
            "not a host",
        )


@pytest.fixture(scope="module")
def filled(empty, tmp_path_factory):
    """A casebook in which every query has something to find."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copytree(empty, folder, dirs_exist_ok=True)
    hosts = ("a.acme.example", "b.acme.example", LOGIN)
    with Casebook.writing(**paths_in(folder)) as book:
        book.load_matches(
            table(*(host_row(host) for host in hosts)),
            file="one",
            rank=rank,
            brand_names={},
            subjects={},
            domains={f"host:{host}": host.split(".", 1)[1] for host in hosts},
            now=NOW,
            rank_version="1",
        )
        book.decide(
            case_id("acme", "host:a.acme.example"), Decision(kind="confirm"), actor="ann", now=NOW
        )
        book.record_coverage(pa.Table.from_pylist([BATCH]), pa.Table.from_pylist([REJECT]))
    return paths_in(folder)["published"]


#: Those about pictures are asked in test_worn_pictures, about looks in test_looked_at_hosts, about
#: logs in test_source_coverage, about accounts in test_campaigns.
ELSEWHERE = re.compile(
    "picture|^shared_|awakened|looked_at|mail_without|logs_behind|"
    "renamed_accounts|gone_and_back|ambiguous_handles|worst_campaigns|own_accounts"
)
QUERIES = [query for query in sql_files("queries") if not ELSEWHERE.search(query.name)]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_query_of_the_staff_answers_on_a_filled_casebook(query, filled):
    with open_snapshot(filled) as con:
        assert list(read_rows(con, query.text))


def test_hosts_of_one_registrable_domain_form_a_campaign(load, snapshot):
    hosts = ("a.bad.example", "b.bad.example", "other.example")
    load(
        *(host_row(host) for host in hosts),
        domains={f"host:{host}": ".".join(host.split(".")[-2:]) for host in hosts},
    )
    with snapshot() as con:
        (campaign,) = read_rows(con, con.table("campaigns_by_domain").sql_query())
    assert campaign["domain"] == "bad.example"
    assert campaign["subjects"] == ["a.bad.example", "b.bad.example"]


def test_a_working_file_that_lost_published_history_is_never_published(load, desk, paths):
    load(host_row())
    desk.publish()
    before = desk.paths["published"].read_bytes()
    with duckdb.connect(desk.paths["working"]) as con:
        con.execute("delete from events")
    with (
        pytest.raises(CasebookError, match="does not hold the published history up to event 1"),
        Casebook.writing(**desk.paths),
    ):
        pass
    assert desk.paths["published"].read_bytes() == before
