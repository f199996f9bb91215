"""Learned weights in the casebook: what verdicts were about, activation, and the way back."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest

from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.casework.events import EventKind, verify_chain
from namaak.casework.learned.learning import learn_from
from namaak.casework.learned.reading import active, gathered, versions
from namaak.casework.lifecycle import Decision, DecisionKind, ReasonCode
from namaak.casework.reading import open_snapshot, read_case, read_rows
from namaak.errors import UsageError
from namaak.records import case_id
from tests.casework.verdicts import NOW, decided, host_row, load

BANDS = {"review": 50, "high": 80}
CONFIRM = Decision(kind=DecisionKind.CONFIRM)
REOPEN = Decision(kind=DecisionKind.REOPEN)
UNRELATED = Decision(kind=DecisionKind.DISMISS, reason_code=ReasonCode.UNRELATED)
ONE = case_id("acme", "host:acme-one.test")


@pytest.fixture(scope="module")
def taught(tmp_path_factory, empty_casebook):
    """A casebook with 300 verdicts."""
    folder = tmp_path_factory.mktemp("taught")
    shutil.copytree(empty_casebook, folder, dirs_exist_ok=True)
    paths = {"working": folder / "w" / "casebook.duckdb", "published": folder / "c.duckdb"}
    decided(paths)
    return paths


@pytest.fixture
def paths(tmp_path, empty_casebook):
    shutil.copytree(empty_casebook, tmp_path, dirs_exist_ok=True)
    return {"working": tmp_path / "w" / "casebook.duckdb", "published": tmp_path / "c.duckdb"}


@pytest.fixture
def taught_anew(tmp_path, taught):
    """A copy of it, for what another test would trip over."""
    shutil.copytree(taught["published"].parent, tmp_path, dirs_exist_ok=True)
    return {"working": tmp_path / "w" / "casebook.duckdb", "published": tmp_path / "c.duckdb"}


def learn(book: Casebook, **changes):
    lesson = learn_from(
        gathered(book._con).verdicts, before=book.learned().multipliers,
        fitted_on=ranking.VERSION, points=ranking.points_of, bands=BANDS,
    )  # fmt: skip
    row = lesson.row(actor="an analyst", now=NOW, left_out={}) | changes
    book.keep_weights(row)
    return lesson


def weigh_again(book: Casebook):
    weigher = ranking.ranking_with(book.learned())
    return book.weigh_again(
        rank=weigher.rank, rank_version=weigher.version, brand_names={"acme": "Acme"},
        now=NOW + timedelta(days=1),
    )  # fmt: skip


def scores(con) -> dict[str, tuple]:
    rows = con.execute("select case_id, score, band, confidence, severity from cases").fetchall()
    return {row[0]: row[1:] for row in rows}


def test_learn_activate_and_back_end_where_it_began_with_events_that_say_why(taught_anew):
    with Casebook.writing(**taught_anew) as book:
        before = scores(book._con)
        lesson = learn(book)
        assert lesson.better
        assert lesson.fit.multipliers["host.lure"] > 1 > lesson.fit.multipliers["host.mixed-script"]
        assert scores(book._con) == before, "a fit alone changes nothing"
        book.activate_weights(lesson.version, actor="an analyst", now=NOW)
        assert weigh_again(book).moved
        after = scores(book._con)
        changed = [case for case in before if before[case][0] != after[case][0]]
        assert len(changed) > 50
        (event,) = book._con.execute(
            "select actor, data from events where kind = 'score-changed' and case_id = ?",
            [changed[0]],
        ).fetchall()
        told = json.loads(event[1])
        assert event[0] == "flow:learn"
        assert told["rank_version"] == f"{ranking.VERSION}+{lesson.version}"
        assert any(why.startswith("reweighed host.") for why in told["why"])
        book.go_back(actor="an analyst", now=NOW)
        weigh_again(book)
        assert scores(book._con) == before
        assert verify_chain(read_rows(book._con, "select * from events order by seq")) is None


def test_cases_that_come_in_later_are_weighed_with_what_counts(taught_anew):
    row = host_row(
        "acme-later.test", lures=["access:login"], evidence={"constant": 1.0, "learned": 1.0}
    )
    with Casebook.writing(**taught_anew) as book:
        lesson = learn(book)
        book.activate_weights(lesson.version, actor="an analyst", now=NOW)
        load(book, [row], file="later")
        (version,) = book._con.execute(
            "select rank_version from cases where subject = 'acme-later.test'"
        ).fetchone()
        assert version.endswith(f"+{lesson.version}")
        signals = {
            one.name: one for one in ranking.ranking_with(book.learned()).score([row]).signals
        }
        shipped = {one.name: one for one in ranking.score([row]).signals}
        times = lesson.fit.multipliers["host.lure"]
        assert signals["host.lure"].contribution == pytest.approx(
            shipped["host.lure"].contribution * times, abs=1e-3
        )


def test_a_file_is_weighed_again_by_the_next_run_once_other_weights_count(taught_anew):
    class File:
        name = "one"

    with Casebook.writing(**taught_anew) as book:
        version = ranking.ranking_with(book.learned()).version
        assert book.not_yet_loaded([File()], rank_version=version) == []
        lesson = learn(book)
        book.activate_weights(lesson.version, actor="an analyst", now=NOW)
        version = ranking.ranking_with(book.learned()).version
        assert len(book.not_yet_loaded([File()], rank_version=version)) == 1


def test_what_fits_worse_is_activated_only_by_force_and_that_is_kept(taught):
    with Casebook.writing(**taught) as book:
        learn(book, version="w-worse", better=False)
        with pytest.raises(UsageError, match="worse"):
            book.activate_weights("w-worse", actor="an analyst", now=NOW)
        assert book.learned().version == ""
        book.activate_weights("w-worse", actor="an analyst", now=NOW, force=True)
        (row,) = [row for row in book.weight_versions() if row["active"]]
        assert (row["version"], row["forced"], row["activated_by"]) == (
            "w-worse",
            True,
            "an analyst",
        )
        book.activate_weights("shipped", actor="another", now=NOW)
        (row,) = [row for row in book.weight_versions() if row["version"] == "w-worse"]
        assert (row["active"], row["withdrawn_by"]) == (False, "another")


def test_back_leads_through_the_versions_to_the_shipped_weights(taught):
    with Casebook.writing(**taught) as book:
        for version in ("w-1", "w-2"):
            learn(book, version=version, better=True)
            book.activate_weights(version, actor="an analyst", now=NOW)
        assert book.learned().version == "w-2"
        assert sum(row["active"] for row in book.weight_versions()) == 1
        assert book.go_back(actor="an analyst", now=NOW).version == "w-1"
        assert book.go_back(actor="an analyst", now=NOW).version == ""
        with pytest.raises(UsageError, match="nothing to go back to"):
            book.go_back(actor="an analyst", now=NOW)


def test_only_people_learn_activate_and_go_back(taught):
    with Casebook.writing(**taught) as book:
        with pytest.raises(UsageError, match="by a person"):
            learn(book, actor="flow:learn")
        for act in (
            lambda: book.activate_weights("w-1", actor="flow:learn", now=NOW),
            lambda: book.go_back(actor="flow:learn", now=NOW),
        ):
            with pytest.raises(UsageError, match="by a person"):
                act()
        with pytest.raises(UsageError, match="no weights 'w-none'"):
            book.activate_weights("w-none", actor="an analyst", now=NOW)


def test_the_same_fit_is_kept_once(taught):
    with Casebook.writing(**taught) as book:
        one, again = learn(book), learn(book, actor="another")
    with open_snapshot(taught["published"]) as snapshot:
        rows = [row for row in versions(snapshot) if row["version"] == one.version]
        assert again.version == one.version
        assert [row["actor"] for row in rows] == ["an analyst"]
        assert rows[0]["report"]["taught"] == one.taught
        assert active(snapshot).version == ""


# -- what a verdict is about


def judged(con) -> dict[str, float]:
    found = con.execute(
        "select name, contribution from judged_signals where case_id = ?", [ONE]
    ).fetchall()
    return dict(found)


def test_a_verdict_keeps_the_evidence_it_was_about_whatever_is_seen_later(paths):
    first = host_row(
        "acme-one.test", lures=["access:login"], evidence={"constant": 1.0, "learned": 1.0}
    )
    with Casebook.writing(**paths) as book:
        load(book, [first])
        assert judged(book._con) == {}
        book.decide(ONE, CONFIRM, actor="an analyst", now=NOW)
        seen = judged(book._con)
        assert seen["host.lure"] > 0
        # Found again without what it was confirmed for.
        load(book, [{**first, "lures": [], "evidence": {"constant": 1.0}}], file="two")
        assert judged(book._con) == seen
        (verdict,) = gathered(book._con).verdicts
        assert verdict.poses and verdict.evidence == seen


@pytest.mark.parametrize(
    ("decisions", "verdict"),
    [
        ([CONFIRM], True),
        ([CONFIRM, Decision(kind=DecisionKind.CLOSE)], True),
        ([CONFIRM, Decision(kind=DecisionKind.RESOLVE)], True),
        ([CONFIRM, UNRELATED], False),
        ([UNRELATED, REOPEN], None),
        ([UNRELATED, REOPEN, CONFIRM], True),
        ([CONFIRM, Decision(kind=DecisionKind.WATCH)], None),
    ],
)
def test_the_last_word_of_a_person_counts(paths, decisions, verdict):
    with Casebook.writing(**paths) as book:
        load(book, [host_row("acme-one.test")])
        for decision in decisions:
            book.decide(ONE, decision, actor="an analyst", now=NOW)
        found = gathered(book._con).verdicts
        assert [one.poses for one in found] == ([] if verdict is None else [verdict])


def test_a_dismissed_case_that_opens_again_by_other_weights_keeps_its_verdict(paths):
    weak = Decision(kind=DecisionKind.DISMISS, reason_code=ReasonCode.WEAK_MATCH)
    row = host_row(
        "acme-one.test", lures=["access:login"], evidence={"constant": 0.7, "learned": 1}
    )
    with Casebook.writing(**paths) as book:
        load(book, [row])
        book.decide(ONE, weak, actor="an analyst", now=NOW)
        kept = {"version": "w-1", "made_at": NOW, "actor": "an analyst", "verdicts": 1,
                "fitted_on": ranking.VERSION, "weights": '{"host.lure": "2.50"}', "report": "{}",
                "better": True, "updated_at": NOW}  # fmt: skip
        book.keep_weights(kept)
        book.activate_weights("w-1", actor="an analyst", now=NOW)
        weigh_again(book)
        (workflow,) = book._con.execute("select workflow from cases").fetchone()
        assert workflow == "reopened"
        assert [one.poses for one in gathered(book._con).verdicts] == [False]


def test_what_a_flow_says_is_no_verdict(paths):
    with Casebook.writing(**paths) as book:
        load(book, [host_row("acme-one.test")])
        book.decide(ONE, UNRELATED, actor="an analyst", now=NOW)
        book.decide(ONE, REOPEN, actor="flow:follow", now=NOW)
        assert [one.poses for one in gathered(book._con).verdicts] == [False]


# -- what other cases' verdicts say


SERIES = [f"acme-pay-{number}.test" for number in range(1, 6)]


def ties(book: Casebook):
    book.record_campaigns()
    weigher = ranking.ranking_with(book.learned())
    return book.record_confirmed_ties(
        rank=weigher.rank, rank_version=weigher.version, brand_names={"acme": "Acme"}, now=NOW
    )


def test_a_case_tied_to_confirmed_ones_weighs_more_and_no_longer_once_they_are_taken_back(paths):
    domains = {f"host:{host}": host for host in SERIES}
    cases = [case_id("acme", f"host:{host}") for host in SERIES]
    with Casebook.writing(**paths) as book:
        load(book, [host_row(host) for host in SERIES], domains=domains)
        assert ties(book).moved == ()
        before = scores(book._con)
        book.decide(cases[0], CONFIRM, actor="an analyst", now=NOW)
        moved = {one.case_id: one for one in ties(book).moved}
        assert set(moved) == set(cases[1:]), "it says nothing of the confirmed one itself"
        assert moved[cases[1]].why == ("gained campaign.confirmed",)
        assert ties(book).moved == (), "done again, it changes nothing"
        for case in cases[1:4]:
            book.decide(case, CONFIRM, actor="an analyst", now=NOW)
        assert {one.why for one in ties(book).moved} >= {("reweighed campaign.confirmed",)}
        for case in cases[:4]:
            book.decide(case, Decision(kind=DecisionKind.WATCH), actor="an analyst", now=NOW)
        ties(book)
        assert scores(book._con) == before


def test_a_tie_says_with_which_case_and_what_would_change_it(paths):
    domains = {f"host:{host}": host for host in SERIES}
    cases = [case_id("acme", f"host:{host}") for host in SERIES]
    with Casebook.writing(**paths) as book:
        load(book, [host_row(host) for host in SERIES], domains=domains)
        book.decide(cases[0], CONFIRM, actor="an analyst", now=NOW)
        ties(book)
    with open_snapshot(paths["published"]) as snapshot:
        found = read_case(snapshot, cases[1])
    (signal,) = [one for one in found.signals if one["name"] == "campaign.confirmed"]
    assert signal["says"] == (
        f"People confirmed a case with which it shares the pattern of its name ({cases[0]})"
    )
    assert signal["axis"] == "confidence" and signal["would_change"]
    assert all(one["axis"] and one["would_change"] for one in found.signals)
    assert found.case["confidence"] is not None and found.case["severity"] is not None
    assert EventKind.SCORE_CHANGED in {one["kind"] for one in found.events}


@pytest.mark.parametrize(("reason", "gains"), [("server", False), ("payment", True)])
def test_neighbours_at_a_hosting_company_are_not_tied_to_what_was_confirmed(paths, reason, gains):
    one, other = sorted(case_id("acme", f"host:acme-{name}.test") for name in ("one", "two"))
    with Casebook.writing(**paths) as book:
        load(book, [host_row("acme-one.test"), host_row("acme-two.test")])
        book.decide(one, CONFIRM, actor="an analyst", now=NOW)
        book._con.execute(
            "insert into campaign_edges values (?, ?, ?, 'x', 'They share it', 2)",
            [one, other, reason],
        )
        moved = book.record_confirmed_ties(
            rank=ranking.rank, rank_version=ranking.VERSION, brand_names={}, now=NOW
        ).moved
        assert [case.case_id for case in moved] == ([other] if gains else [])
