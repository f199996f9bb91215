"""How long things take, what waits and how often detectors were right, worked out by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from namaak.casework.measures.reading import read_measures
from namaak.casework.measures.report import render
from namaak.errors import UsageError
from tests.casework.measures.conftest import Desk


def timing(desk: Desk, interval: str, grouping: str = "all", of_what: str = "") -> dict[str, Any]:
    (row,) = [
        row
        for row in read_measures(desk.con).timings
        if (row["interval"], row["grouping"], row["of_what"]) == (interval, grouping, of_what)
    ]
    return row


def test_an_interval_has_both_its_ends_and_counts_what_still_runs(desk):
    for number, hours in enumerate((1, 2, 3)):
        desk.case(f"NK-{number}", workflow="triage", opened=10)
        desk.event(f"NK-{number}", "triaged", 10 - hours)
    desk.case("NK-OPEN", opened=10)
    row = timing(desk, "triage")
    assert (row["from_what"], row["to_what"]) == ("case opened", "first decision of a person")
    assert (row["n"], row["ended"], row["open"], row["share_open"]) == (4, 3, 1, 0.25)
    assert row["median_hours"] == 2.0
    assert row["p90_hours"] is None, "fewer than nine in ten are over"


def test_what_a_flow_decides_is_no_triage(desk):
    desk.case("NK-A", opened=10)
    desk.event("NK-A", "dismissed", 9, actor="flow:load")
    assert timing(desk, "triage")["ended"] == 0


def test_what_still_runs_is_not_left_out_of_the_median(desk):
    """Two quick ones and eight that nobody took down: the median is not known, and not quick."""
    for number in range(10):
        desk.case(f"NK-{number}", workflow="enforcing", opened=100)
        desk.event(f"NK-{number}", "confirmed", 100)
        if number < 2:
            desk.event(f"NK-{number}", "down", 99)
    row = timing(desk, "live")
    assert (row["n"], row["ended"], row["open"]) == (10, 2, 8)
    assert row["median_hours"] is None


def test_a_case_that_was_left_counts_until_then_and_is_not_open(desk):
    desk.case("NK-A", workflow="closed", opened=50)
    desk.event("NK-A", "confirmed", 40)
    desk.event("NK-A", "closed", 20)
    row = timing(desk, "live")
    assert (row["n"], row["open"], row["left"]) == (1, 0, 1)
    (stretch,) = desk.rows("select * from timed_intervals where interval = 'live'")
    assert stretch["standing"] == "left"
    assert stretch["hours"] == pytest.approx(30)


def test_a_take_down_that_was_refused_stays_open_until_the_case_is_left(desk):
    desk.case("NK-UP", workflow="enforcing", opened=50)
    desk.action("NA-UP", "NK-UP", sent=30, ended=10, state="denied")
    desk.case("NK-LEFT", workflow="closed", opened=50)
    desk.event("NK-LEFT", "closed", 5)
    desk.action("NA-LEFT", "NK-LEFT", sent=30, ended=10, state="denied")
    found = {
        (row["interval"], row["case_id"]): (row["standing"], row["hours"])
        for row in desk.rows("select * from timed_intervals where action_id is not null")
    }
    assert found["take-down", "NK-UP"] == ("open", pytest.approx(30, abs=0.2))
    assert found["take-down", "NK-LEFT"] == ("left", pytest.approx(25))
    # Nobody waits for the answer to a notice that has ended.
    for case_id in ("NK-UP", "NK-LEFT"):
        for interval in ("acknowledge", "answer"):
            assert found[interval, case_id] == ("left", pytest.approx(20))


def test_in_a_copy_that_was_kept_what_ran_did_not_run_on(desk):
    desk.case("NK-A", workflow="confirmed", opened=50)
    desk.event("NK-A", "confirmed", 40)
    desk.action("NA-1", "NK-A", sent=30, due=10)
    desk.con.execute("set variable as_of = ?::timestamptz", [desk.ago(20)])
    hours = {row["interval"]: row["hours"] for row in desk.rows("select * from timed_intervals")}
    assert hours["live"] == pytest.approx(30)
    assert hours["answer"] == pytest.approx(10)
    measures = read_measures(desk.con)
    assert [row["overdue"] for row in measures.outcomes] == [0]
    desk.con.execute("reset variable as_of")
    hours = {row["interval"]: row["hours"] for row in desk.rows("select * from timed_intervals")}
    assert hours["live"] == pytest.approx(50, abs=0.2)
    assert [row["overdue"] for row in read_measures(desk.con).outcomes] == [1]


def test_only_confirmed_cases_are_waited_for_to_go_down(desk):
    desk.case("NK-A", opened=5)
    assert not [row for row in read_measures(desk.con).timings if row["interval"] == "live"]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=25))
def test_quantiles_are_those_of_kaplan_and_meier(desk, rows):
    """Worked out here the slow way, from the definition."""
    for table in ("cases", "events"):
        desk.con.execute(f"delete from {table}")
    for number, (hours, ended) in enumerate(rows):
        name = f"NK-{number}"
        desk.case(name, workflow="triage" if ended else "closed", opened=100)
        if ended:
            desk.event(name, "triaged", 100 - hours)
        else:
            desk.event(name, "closed", 100 - hours)
    row = timing(desk, "triage")
    standing, expected = 1.0, {0.5: None, 0.1: None}
    for hours in sorted({hours for hours, _ in rows}):
        at_risk = sum(other >= hours for other, _ in rows)
        over = sum(other == hours and ended for other, ended in rows)
        standing *= 1 - over / at_risk
        for share in expected:
            if expected[share] is None and standing <= share + 1e-9:
                expected[share] = float(hours)
    assert (row["median_hours"], row["p90_hours"]) == (expected[0.5], expected[0.1])


def test_times_of_providers_are_told_per_route_and_provider(desk):
    for number, provider in enumerate(("Registrar One", "Registrar One", "Registrar Two")):
        desk.case(f"NK-{number}", workflow="enforcing", opened=60)
        desk.event(f"NK-{number}", "confirmed", 55)
        desk.action(
            f"NA-{number}", f"NK-{number}", sent=50, provider=provider,
            acknowledged=50 - 2 * (number + 1) if number < 2 else None,
        )  # fmt: skip
    desk.event("NK-0", "down", 40)
    assert timing(desk, "acknowledge", "provider", "Registrar One")["median_hours"] == 2.0
    assert timing(desk, "acknowledge", "provider", "Registrar Two")["share_open"] == 1.0
    take_down = timing(desk, "take-down", "route", "registrar")
    assert (take_down["n"], take_down["ended"]) == (3, 1)
    assert timing(desk, "first-notice")["median_hours"] == 5.0


def test_a_notice_is_not_credited_with_what_went_down_before_it(desk):
    desk.case("NK-A", workflow="enforcing", opened=60)
    desk.event("NK-A", "confirmed", 55)
    desk.event("NK-A", "down", 50)
    desk.action("NA-A", "NK-A", sent=40)
    assert timing(desk, "take-down")["ended"] == 0


def test_a_notice_after_a_relapse_is_credited_with_what_went_down_after_it(desk):
    desk.case("NK-A", workflow="enforcing", opened=200)
    desk.event("NK-A", "confirmed", 190)
    desk.action("NA-A", "NK-A", sent=180, provider="Registrar One")
    desk.event("NK-A", "down", 170)
    desk.event("NK-A", "relapsed", 150)
    desk.action("NA-B", "NK-A", sent=140, provider="Registrar Two", attempt=2)
    desk.event(
        "NK-A", "down", 99, data=json.dumps({"since": f"{desk.ago(100):%Y-%m-%dT%H:%M:%SZ}"})
    )
    assert timing(desk, "take-down", "provider", "Registrar One")["median_hours"] == 10.0
    second = timing(desk, "take-down", "provider", "Registrar Two")
    assert (second["ended"], second["median_hours"]) == (1, 40.0), "from when it was seen first"


def test_what_waits_for_an_answer_is_no_failure(desk):
    states = ("sent", "executed", "denied", "no-reply", "withdrawn", "acknowledged")
    for number, state in enumerate(states):
        desk.case(f"NK-{number}", workflow="enforcing", opened=60)
        desk.action(f"NA-{number}", f"NK-{number}", sent=50, state=state, due=10, attempt=1)
    (row,) = read_measures(desk.con).outcomes
    assert row["share_executed"] == pytest.approx(1 / 3, abs=1e-4)
    assert (row["sent"], row["waiting"], row["overdue"]) == (6, 2, 2)


def test_outcomes_of_one_brand_leave_out_the_others(desk):
    desk.case("NK-A", opened=9)
    desk.case("NK-B", brand="peer", opened=9)
    desk.action("NA-A", "NK-A", sent=8)
    desk.action("NA-B", "NK-B", sent=8, route="host")
    assert [row["route"] for row in read_measures(desk.con, brand="Peer").outcomes] == ["host"]


def test_the_backlog_tells_what_is_older_than_it_should_be(desk):
    desk.case("NK-A", band="critical", opened=0.1)
    desk.case("NK-B", band="critical", opened=2)
    desk.case("NK-C", band="review", workflow="confirmed", opened=90)
    desk.event("NK-C", "confirmed", 30)
    desk.case("NK-D", workflow="dismissed", opened=500)
    rows = {(row["stage"], row["band"]): row for row in read_measures(desk.con).backlog}
    assert set(rows) == {("undecided", "critical"), ("unsent", "review")}
    assert rows["undecided", "critical"]["cases"] == 2
    assert rows["undecided", "critical"]["beyond_target"] == 1
    assert rows["unsent", "review"]["oldest_hours"] == pytest.approx(30, abs=0.25)


def test_a_reopened_case_is_as_old_as_its_reopening(desk):
    desk.case("NK-A", workflow="reopened", opened=900)
    desk.event("NK-A", "reopened", 0.5)
    (row,) = read_measures(desk.con).backlog
    assert row["oldest_hours"] == pytest.approx(0.5, abs=0.25)


def match(desk: Desk, case_id: str, detector: str, number: int = 0) -> None:
    desk.put(
        "matches", match_id=f"{case_id}-{detector}-{number}", case_id=case_id, batch_id="b",
        brand_id="acme", subject_key="k", subject_kind="host", source="s", instance="i",
        position=number, observed_at=desk.ago(1), field="host", value="v", term="t",
        resemblance="combosquat", place="edge", distance=0, strength=1.0, span_start=0,
        span_end=1, layers=[], lures=[], traits=[], detector=detector, tables="t",
    )  # fmt: skip


def test_precision_counts_the_last_word_and_sets_aside_what_says_nothing(desk):
    for number, (kind, reason) in enumerate(
        [("confirmed", None), ("confirmed", None), ("dismissed", "unrelated"),
         ("dismissed", "own-asset"), ("dismissed", "duplicate")]
    ):  # fmt: skip
        name = f"NK-{number}"
        desk.case(name, opened=5)
        match(desk, name, "names-3.0a1b2c3d")
        match(desk, name, "names-3.99999999", 1)
        data = json.dumps({"reason_code": reason} if reason else {})
        desk.event(name, kind, 4, data=data)
    # The last word about the first was another one.
    desk.event("NK-0", "dismissed", 3, data='{"reason_code": "weak-match"}')
    (row,) = read_measures(desk.con).precision
    assert row["detector"] == "names-3", "versions of its tables are one detector"
    assert (row["reviewed"], row["confirmed"], row["set_aside"]) == (3, 1, 2)
    assert row["precision"] == pytest.approx(1 / 3, abs=1e-4)
    # Wilson's bounds of 1 in 3, from the formula of 1927 with z = 1.96.
    assert (row["at_least"], row["at_most"]) == pytest.approx((0.0615, 0.7923), abs=2e-3)


def test_times_without_zone_or_in_the_wrong_order_are_refused(desk):
    with pytest.raises(UsageError, match="no time zone"):
        read_measures(desk.con, since=datetime(2026, 1, 1))
    with pytest.raises(UsageError, match="end before it begins"):
        read_measures(desk.con, since=desk.ago(1), until=desk.ago(2))
    with pytest.raises(UsageError, match="no brand 'nobody'"):
        read_measures(desk.con, brand="nobody")


def test_a_stretch_of_time_takes_what_began_in_it(desk):
    desk.case("NK-A", opened=100)
    desk.case("NK-B", opened=10)
    measures = read_measures(desk.con, since=desk.ago(50))
    assert next(row["n"] for row in measures.timings if row["interval"] == "triage") == 1


def test_the_page_escapes_what_providers_are_called_and_loads_nothing(desk):
    desk.case("NK-A", workflow="enforcing", opened=60)
    desk.event("NK-A", "confirmed", 59)
    desk.action("NA-A", "NK-A", sent=50, route="<b>r</b>", provider="<script>x</script>\u202e")
    page = render(read_measures(desk.con), now=datetime.now(UTC), version="1", organisation="A&B")
    assert "<script" not in page
    assert "<b>r" not in page
    assert "\u202e" not in page
    assert "A&amp;B" in page
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "Share still live" in page


def test_an_empty_casebook_makes_a_page_that_says_so(desk):
    page = render(read_measures(desk.con), now=datetime.now(UTC), version="1")
    assert "Nothing to measure yet" in page
    assert "Nothing happened in this time" in page
