"""Looks at hosts in the casebook: what they do to cases, and what staff can ask of them."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from detectors.names import scorecard
from namaak.casework import ranking
from namaak.casework.casebook import Casebook, LoadSummary
from namaak.casework.lifecycle import Decision
from namaak.casework.loading import Seen
from namaak.casework.migrations import migrate
from namaak.casework.reading import (
    hosts_to_ask,
    open_snapshot,
    read_case,
    read_rows,
    verify_history,
)
from namaak.records import MATCH_SCHEMA, SubjectState, case_id, match_id
from namaak.sqlfiles import sql_files

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HEAVIEST = max(scorecard.weights(), key=lambda name: scorecard.weights()[name])
LOGIN = "acme-login.test"
QUERIES = ("awakened", "looked_at_in_vain", "mail_without_site", "shared_favicons",
           "shared_name_servers", "shared_networks", "shared_registrars", "shared_scripts",
           "shared_trackers")  # fmt: skip


def named(host: str = LOGIN, *, odds: float = 1.0, brand: str = "acme", **other: Any) -> dict:
    weight = scorecard.weights()[HEAVIEST]
    row = {
        "brand_id": brand, "subject_key": f"host:{host}", "subject_kind": "host",
        "source": "files", "instance": "hosts", "position": 1, "observed_at": NOW,
        "field": "host", "value": host, "term": "Acme Bank", "resemblance": "combosquat",
        "place": "token", "distance": 0, "strength": 0.8, "span_start": 0, "span_end": 4,
        "layers": [], "lures": [], "traits": [], "kinds": [],
        "evidence": {HEAVIEST: (odds + scorecard.review_at()) / weight}, "suppressed": None,
        "detector": "names-7", "tables": "",
    } | other  # fmt: skip
    identity = [row[name] for name in ("brand_id", "subject_key", "field", "value", "resemblance")]
    return {"match_id": match_id(identity), **row}


def answer(aspect: str = "dns", host: str = LOGIN, *, hours: int = 0, **other: Any) -> dict:
    facts = other.pop("facts", {})
    return {
        "subject_key": f"host:{host}", "host": host, "aspect": aspect,
        "asked_at": NOW + timedelta(hours=hours), "vantage": "resolver 127.0.0.1:53",
        "outcome": "answered", "latest": True, "known": True, "facts": json.dumps(facts),
        "version": "1", "due_at": NOW + timedelta(days=1),
    } | other  # fmt: skip


def says(*names: str, host: str = LOGIN, brand: str = "acme", hours: int = 0) -> dict:
    return {
        "brand_id": brand, "subject_key": f"host:{host}", "reader": "r",
        "asked_at": NOW + timedelta(hours=hours),
        "traits": [{"name": name, "raw": "seen", "says": f"It has {name}"} for name in names],
    }  # fmt: skip


class Desk:
    """Keeps one writer open from a test's first write to its next look at the snapshot."""

    def __init__(self, folder: Path) -> None:
        self.paths = {"working": folder / "w" / "casebook.duckdb", "published": folder / "c.duckdb"}
        self.open = ExitStack()
        self.book: Casebook | None = None

    def writer(self) -> Casebook:
        if self.book is None:
            self.book = self.open.enter_context(Casebook.writing(**self.paths))
        return self.book

    def publish(self) -> None:
        self.book = None
        self.open.close()

    def load(self, *rows: dict, file: str = "one") -> LoadSummary:
        return self.writer().load_matches(
            pa.Table.from_pylist(list(rows), schema=MATCH_SCHEMA), file=file, rank=ranking.rank,
            brand_names={"acme": "Acme"}, subjects={}, now=NOW, rank_version="1",
        )  # fmt: skip

    def look(
        self, *traits: dict, answers: tuple[dict, ...] = (), state: str | None = None,
        host: str = LOGIN,
    ) -> LoadSummary:  # fmt: skip
        seen = {} if state is None else {
            f"host:{host}": Seen(state=SubjectState(state), why="looked at, dns answered")
        }  # fmt: skip
        return self.writer().record_enrichments(
            answers or [answer(host=one) for one in {t["subject_key"][5:] for t in traits}],
            traits, seen,
            rank=ranking.rank, brand_names={"acme": "Acme"}, now=NOW + timedelta(hours=1),
            rank_version="1",
        )  # fmt: skip

    @contextmanager
    def snapshot(self):
        self.publish()
        with open_snapshot(self.paths["published"]) as con:
            yield con

    def case(self, host: str = LOGIN):
        with self.snapshot() as con:
            assert verify_history(con) is None
            return read_case(con, case_id("acme", f"host:{host}"))

    def rows(self, sql: str) -> list[dict]:
        with self.snapshot() as con:
            return list(read_rows(con, sql))


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty casebook, to copy: migrating anew for each test would take most of the time."""
    made = Desk(tmp_path_factory.mktemp("empty"))
    made.writer()
    made.publish()
    return made.paths["published"].parent


@pytest.fixture
def desk(tmp_path, empty):
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    made = Desk(tmp_path)
    yield made
    made.publish()


def kinds(case) -> list[str]:
    return [event["kind"] for event in case.events]


def test_a_look_moves_the_case_and_the_event_names_the_signs(desk):
    desk.load(named())
    before = desk.case().case
    (moved,) = desk.look(says("page.password-form", "page.title-brand")).moved
    assert moved.why == ("gained page.password-form", "gained page.title-brand")
    after = desk.case()
    assert after.case["score"] > before["score"]
    assert kinds(after) == ["opened", "score-changed"]
    assert after.events[-1]["actor"] == "flow:enrich"
    assert "It has page.password-form" in after.case["reasons"]


def test_recorded_again_nothing_changes_and_nothing_is_published(desk):
    desk.load(named())
    look = says("page.password-form")
    desk.look(look, state="live")
    published = desk.case()
    again = desk.look(look, state="live")
    assert (again.cases_refreshed, again.moved) == (0, ())
    assert desk.case() == published


def test_what_a_look_said_is_weighed_with_matches_that_come_later(desk):
    desk.load(named())
    desk.look(says("page.password-form"))
    looked = desk.case().case["score"]
    desk.load(named(observed_at=NOW + timedelta(days=1)), file="two")
    after = desk.case()
    assert after.case["score"] == looked
    assert kinds(after) == ["opened", "score-changed"]


def test_a_sign_that_is_gone_is_taken_back(desk):
    desk.load(named())
    before = desk.case().case["score"]
    desk.look(says("page.password-form"))
    desk.look(says(hours=3))
    after = desk.case()
    assert after.case["score"] == before
    assert json.loads(after.events[-1]["data"])["why"] == ["lost page.password-form"]


def test_the_state_of_the_subject_changes_with_an_event(desk):
    desk.load(named())
    desk.look(says(), state="parked")
    desk.look(says(hours=2), state="live")
    case = desk.case()
    assert case.case["subject_state"] == "live"
    assert kinds(case) == ["opened", "state-changed", "state-changed"]
    told = [json.loads(event["data"]) for event in case.events[1:]]
    assert [(one["from"], one["to"]) for one in told] == [("unknown", "parked"), ("parked", "live")]
    assert told[0]["why"] == "looked at, dns answered"
    (row,) = desk.rows("from standing_of_hosts")
    assert (row["subject_state"], row["state_before"], row["state_changes"]) == (
        "live",
        "parked",
        2,
    )
    (awake,) = desk.rows(next(q.text for q in sql_files("queries") if q.name == "awakened"))
    assert (awake["host"], awake["state_before"]) == (LOGIN, "parked")


def test_what_nobody_answered_replaces_no_state(desk):
    desk.load(named())
    desk.look(says(), state="live")
    summary = desk.look(says(hours=2), state="unknown")
    case = desk.case()
    assert summary.cases_refreshed == 0
    assert case.case["subject_state"] == "live"
    assert kinds(case) == ["opened", "state-changed"]


def test_a_look_does_not_undo_that_the_name_was_handed_over(desk):
    desk.load(named())
    desk.look(says(), state="live")
    desk.writer()._con.execute("update cases set subject_state = 'transferred'")
    desk.look(says(hours=2), state="parked")
    assert desk.case().case["subject_state"] == "transferred"


def test_all_cases_of_one_host_are_told_its_state_and_weighed_for_their_own_brand(desk):
    desk.load(named(), named(brand="zenith", term="Zenith"))
    summary = desk.look(says("page.title-brand"), says(brand="zenith"), state="live")
    assert [moved.brand_id for moved in summary.moved] == ["acme"]
    states = desk.rows("select brand_id, subject_state from cases order by brand_id")
    assert [row["subject_state"] for row in states] == ["live", "live"]


def test_a_case_snoozed_until_it_changes_wakes_when_a_look_raises_it(desk):
    desk.load(named())
    identity = case_id("acme", f"host:{LOGIN}")
    snooze = Decision(kind="snooze", on_change=True)
    desk.writer().decide(identity, snooze, actor="somebody", now=NOW)
    desk.look(says("page.password-form", "page.hot-linking"))
    case = desk.case()
    assert case.case["workflow"] == "reopened"
    assert kinds(case)[-1] == "reopened"


def test_a_look_that_fails_half_way_leaves_all_as_it_was(desk, monkeypatch):
    desk.load(named())
    before = desk.case()

    def broken(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(ranking, "rank", broken)
    with pytest.raises(RuntimeError, match="killed"):
        desk.look(says("page.password-form"), state="live")
    monkeypatch.undo()
    assert desk.case() == before
    assert desk.rows("from enrichments") == []
    assert desk.look(says("page.password-form"), state="live").cases_refreshed == 1


def test_a_host_of_no_case_is_neither_opened_nor_lost(desk):
    desk.load(named())
    desk.look(says("page.password-form", host="stranger.test"), host="stranger.test", state="live")
    assert desk.rows("select count(*) as cases from cases") == [{"cases": 1}]


def test_pairs_are_read_when_an_answer_the_reader_or_the_brand_is_new(desk):
    desk.load(named(), named("other.test"))
    key, other = f"host:{LOGIN}", "host:other.test"
    readers = {"acme": "r"}

    def to_read(asked, readers=readers):
        return desk.writer().pairs_to_read(asked, readers)

    assert to_read({}) == []
    assert to_read({key: NOW, other: NOW, "host:stranger.test": NOW}) == [
        ("acme", key),
        ("acme", other),
    ]
    desk.look(says(), says(host="other.test"))
    assert to_read({key: NOW, other: NOW}) == []
    assert to_read({key: NOW + timedelta(hours=1), other: NOW}) == [("acme", key)]
    assert len(to_read({key: NOW, other: NOW}, {"acme": "another"})) == 2
    assert to_read({key: NOW}, {"zenith": "r"}) == []


def test_whom_to_ask_is_what_people_still_care_about_worst_first(desk):
    desk.load(
        *(named(f"{name}.test", odds=-1.2) for name in ("watched", "weak", "looked")),
        *(named(f"{name}.test", odds=4.0) for name in ("bad", "done")),
        named("gated.test", odds=3.0),
    )  # fmt: skip
    book = desk.writer()

    def decide(host: str, **decision: Any) -> None:
        book.decide(case_id("acme", f"host:{host}"), Decision(**decision), actor="p", now=NOW)

    decide("watched.test", kind="watch")
    decide("done.test", kind="dismiss", reason_code="own-asset")
    desk.look(says("site.unregistered", host="gated.test"), says(host="looked.test"))
    with desk.snapshot() as con:
        found = [row["host"] for row in hosts_to_ask(con, least_score=50)]
        everything = {row["host"] for row in hosts_to_ask(con, least_score=0)}
        (gated,) = read_rows(con, "select band from cases where subject = 'gated.test'")
    # Held down by a gate as not there: it must be asked again, or nobody would see it come back.
    assert gated["band"] == "watch"
    assert found[:2] == ["bad.test", "gated.test"]
    assert set(found) == {"bad.test", "gated.test", "watched.test", "looked.test"}
    assert everything == {*found, "weak.test"}


def test_a_case_shows_the_last_look_and_what_was_known_before_it(desk):
    desk.load(named())
    desk.look(
        says(hours=5),
        answers=(
            answer("rdap", facts={"registrar": "Waldregister"}, latest=False),
            answer("rdap", hours=5, outcome="timeout", known=False, facts={"reason": "silence"}),
            answer("rdap", hours=-5, latest=False, known=False, facts=None) | {"facts": None},
        ),
    )
    looks = desk.case().enrichments
    assert [(look["outcome"], look["latest"], look["known"]) for look in looks] == [
        ("timeout", True, False),
        ("answered", False, True),
    ]
    (row,) = desk.rows("from standing_of_hosts")
    assert (row["looks"], row["not_answered"]) == (3, ["rdap"])
    assert row["known_at"] == NOW
    (details,) = desk.rows("from host_details")
    assert details["registrar"] == "Waldregister"


SHARED = {
    "dns": {"name_servers": ["ns1.wald.test"], "mail_capable": True, "mail_without_web": True,
            "mail_servers": ["mx.wald.test"], "spf": "v=spf1 -all", "delegated": True},
    "rdap": {"registrar": "Waldregister", "registered_at": "2026-11-20T10:00:00+00:00",
             "status": ["active"], "abuse": {"email": ["abuse@wald.test"]}},
    "network": {"asn": [64500], "networks": [{"holder": "Waldnet"}], "abuse_emails": []},
    "certificate": {"sha256": "ab" * 32, "valid_from": "2026-11-21T10:00:00+00:00",
                    "names": ["a.test"], "issuer_organisation": "Wald CA"},
    "page": {"kind": "content", "status": 200, "title": "Acme", "asks_password": True,
             "icons": [{"sha256": "cd" * 32, "mmh3": -5}], "trackers": ["google-analytics:G-1"],
             "script_set": "ef" * 32},
}  # fmt: skip


def test_the_staffs_questions_about_hosts_are_answered(desk):
    hosts = ("one.test", "two.test")
    desk.load(*(named(host) for host in hosts))
    for host in hosts:
        answers = [answer(aspect, host, facts=facts) for aspect, facts in SHARED.items()]
        answers.append(answer("screenshot", host, outcome="no-browser", known=False,
                              facts={"reason": "there is no Chromium"}))  # fmt: skip
        for hours, state in enumerate(("parked", "live")):
            look = says(host=host, hours=hours)
            desk.look(look, answers=tuple(answers), state=state, host=host)
    with desk.snapshot() as con:
        found = {
            query.name: list(read_rows(con, query.text))
            for query in sql_files("queries")
            if query.name in QUERIES
        }
    assert found.keys() == set(QUERIES)
    for name, rows in found.items():
        assert rows, name
        if name.startswith("shared_"):
            assert (rows[0]["hosts"], rows[0]["some_hosts"]) == (2, list(hosts)), name


def test_details_of_a_host_are_of_the_right_types(desk):
    desk.load(named())
    desk.look(says(), answers=tuple(answer(aspect, facts=f) for aspect, f in SHARED.items()))
    (row,) = desk.rows("from host_details")
    assert row["registered_at"] == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert row["certificate_from"] == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert (row["asn"], row["name_servers"], row["asks_password"]) == (
        [64500],
        ["ns1.wald.test"],
        True,
    )
    assert row["icons"] == [{"sha256": "cd" * 32, "mmh3": -5}]
    assert row["addresses"] is None


SHAPES = ({"registered_at": "yesterday"}, {"registered_at": {"$": [1]}}, {"status": "active"},
          {"abuse": []}, [], "text", 5, {"registrar": ["a", "b"]}, {"icons": "x", "asn": ["y"]},
          {"delegated": "perhaps", "status": "ok"})  # fmt: skip


def test_facts_of_another_shape_break_no_view(desk):
    for at, facts in enumerate(SHAPES):
        host = f"h{at}.test"
        answers = [answer(aspect, host, facts=facts) for aspect in SHARED]
        desk.load(named(host), file=host)
        desk.look(says(host=host), answers=tuple(answers))
    with desk.snapshot() as con:
        for view in ("host_details", "standing_of_hosts"):
            assert len(list(read_rows(con, f"from {view}"))) == len(SHAPES)
        for query in sql_files("queries"):
            if query.name in QUERIES:
                list(read_rows(con, query.text))


def test_a_history_of_before_is_kept_event_by_event():
    """The table of events was made anew for a new kind; nothing may be lost on the way."""
    files = sql_files("migrations")
    at = next(n for n, file in enumerate(files) if file.name == "0011_enrichments")
    with duckdb.connect(":memory:") as con:
        migrate(con, files[:at], now=NOW)
        columns = "(?, 'NK-1', ?, ?, 'flow:load', 'noted', '{}', 'p', ?, ?)"
        for seq in range(1, 40):
            con.execute(
                f"insert into events values {columns}", [seq, seq, NOW, f"h{seq}", f"c{seq}"]
            )
        before = con.execute("from events order by seq").fetchall()
        migrate(con, files, now=NOW)
        assert con.execute("from events order by seq").fetchall() == before
