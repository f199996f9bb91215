"""Writing down what was seen: whole rounds, once, with what they mean."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from namaak.casework.actions import Actions
from namaak.casework.audit import audit
from namaak.casework.casebook import Casebook
from namaak.casework.checks import Checks
from namaak.casework.followup.reading import candidates
from namaak.casework.followup.schedule import Pace
from namaak.casework.followup.views import Round, View
from namaak.casework.lifecycle import Decision
from namaak.casework.reading import open_snapshot, read_case, read_rows, verify_history
from namaak.errors import UsageError
from namaak.records import SubjectState
from tests.casework.followup.following import (
    CASE,
    HOST,
    START,
    decide,
    decided_cases,
    settings_of,
    writing,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PACE = Pace(first=6 * HOUR, slowest=14 * DAY, resolved_after=7 * DAY)
PAGE = {"kind": "content", "title": "Waldermond", "secrets": False}


def view(place: str, down: bool | None, **aspects) -> View:
    state = SubjectState.LIVE if down is False else SubjectState.UNKNOWN
    return View(vantage=place, state=state, down=down, says="as seen", aspects=aspects)


def round_at(hours: float, down: bool | None, aspects=PAGE, *, case: str = CASE) -> Round:
    seen = {} if down else aspects
    views = (view("here", down, **seen), view("far", down, **seen))
    return Round(case_id=case, checked_at=START + hours * HOUR, views=views)


def recorded(settings, *rounds: Round, now=None):
    with writing(settings) as book:
        at = now or max(one.checked_at for one in rounds)
        return book.record_checks(rounds, pace=PACE, now=at)


def rows(settings, sql: str) -> list[dict]:
    with open_snapshot(settings.casebook) as con:
        return list(read_rows(con, sql))


def events(settings) -> list[tuple[str, dict]]:
    with open_snapshot(settings.casebook) as con:
        found = read_case(con, CASE).events
        assert verify_history(con) is None
    return [(one["kind"], json.loads(one["data"])) for one in found]


def test_a_change_reopens_only_what_a_person_wants_to_hear_of(tmp_path):
    wanted = [
        ("watch", {}),
        ("snooze", {"on_change": True}),
        ("dismiss", {"reason_code": "weak-match"}),
        ("resolve", {}),
    ]
    unwanted = [
        ("confirm", {}),
        ("dismiss", {"reason_code": "licensed"}),
        ("snooze", {"until": START + 90 * DAY}),
    ]
    decisions = [("confirm", {}) if kind == "resolve" else (kind, o) for kind, o in wanted]
    settings, ids = decided_cases(tmp_path, [*decisions, *unwanted])
    fakes = PAGE | {"secrets": True}
    with writing(settings) as book:
        book.decide(ids[3], Decision(kind="resolve"), actor="ann", now=START)
        for hours, aspects in ((1, PAGE), (50, fakes), (99, fakes)):
            rounds = [round_at(hours, False, aspects, case=one) for one in ids]
            at = START + hours * HOUR
            told = {one.case_id: one for one in book.record_checks(rounds, pace=PACE, now=at)}
            for place, one in enumerate(ids):
                # Told once: from then on it is what the next check is compared with.
                happened = ("changed", "reopened") if place < len(wanted) else ("changed",)
                assert told[one].kinds == (happened if hours == 50 else ()), (place, hours)
    reopened = {row["case_id"] for row in rows(settings, "from cases where workflow = 'reopened'")}
    assert reopened == set(ids[: len(wanted)])
    (data,) = {row["data"] for row in rows(settings, "from events where kind = 'changed'")}
    assert json.loads(data)["changes"][0]["aspect"] == "asks-for-secrets"


def test_the_same_rounds_again_change_nothing(tmp_path):
    settings = settings_of(tmp_path)
    seen = [round_at(1, False), round_at(7, True), round_at(8, True)]
    recorded(settings, *seen)
    before = (events(settings), rows(settings, "from checks"), rows(settings, "from cases"))
    (told,) = recorded(settings, *seen, *seen)
    assert told.kinds == ()
    after = (events(settings), rows(settings, "from checks"), rows(settings, "from cases"))
    assert after == before
    assert len(before[1]) == 6


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("update checks set says = 'all is well' where checked_at = '{first}'",
         "says all is well, and its history says as seen"),
        ("update checks set state = 'parked' where vantage = 'far'", "from far has state parked"),
        ("delete from checks where checked_at = '{second}'",
         "is gone, and its history rests on it"),
        ("delete from checks where checked_at = '{back}'",
         "is gone, and its history rests on it"),
        *(
            (f"update checks set {change} where checked_at = '{{{at}}}' and vantage = 'far'",
             "from far was changed")
            for at, change in (
                ("first", "down = false"), ("second", "down = null"), ("second", "left_out = 9"),
                ("second", "addresses = '[]'"), ("first", "rests_on = 'registry'"),
                ("first", "names_by = 'x'"), ("first", "pages_by = 'x'"),
                ("first", "content_sha256 = repeat('0', 64)"), ("back", "down = null"),
                ("back", "facts = '{{}}'"), ("before", "http_status = 404"),
            )
        ),
    ],
)  # fmt: skip
def test_a_look_that_a_verdict_rests_on_is_named_when_it_was_changed(tmp_path, sql, what):
    settings = settings_of(tmp_path)
    recorded(settings, round_at(1, False), round_at(7, True), round_at(9, True))
    recorded(settings, round_at(11, False))
    assert {"down", "relapsed"} <= {kind for kind, _ in events(settings)}
    at = {
        "before": START + 1 * HOUR,
        "first": START + 7 * HOUR,
        "second": START + 9 * HOUR,
        "back": START + 11 * HOUR,
    }
    with writing(settings) as book:
        assert audit(book._con).is_sound
        book._con.execute("begin")
        book._con.execute(sql.format(**at))
        found = audit(book._con)
        book._con.execute("rollback")
    assert found.broken is None
    ((case, says),) = found.unlike
    assert case == CASE and what in says


RESOLVING = (1, 7, 9, *range(24, 200, 24))


def test_the_looks_between_down_and_resolved_are_held_against_the_history(tmp_path):
    """Each of them counted; one that could not tell was one of the rounds as well."""
    settings = settings_of(tmp_path)
    for hours in RESOLVING:
        recorded(settings, round_at(hours, {1: False, 96: None}.get(hours, True)))
    ((_, resolved),) = [one for one in events(settings) if one[0] == "resolved"]
    assert len(resolved["looks"]) == len({one["checked_at"] for one in resolved["looks"]}) == 10
    between = f"checked_at > '{START + 9 * HOUR}' and checked_at < '{START + 150 * HOUR}'"
    with writing(settings) as book:
        clean = audit(book._con)
        assert (clean.unlike, clean.untold_cases) == ((), 0)
        for sql, what in (
            (f"delete from checks where {between}", "is gone, and its history rests on it"),
            (f"update checks set down = false where {between}", "was changed"),
            (f"update checks set down = true where {between} and down is null", "was changed"),
        ):
            book._con.execute("begin")
            book._con.execute(sql)
            found = audit(book._con)
            book._con.execute("rollback")
            ((case, says),) = found.unlike
            assert case == CASE and what in says


def test_looks_of_an_older_version_are_sound_and_counted_as_not_told(tmp_path):
    settings = settings_of(tmp_path)
    recorded(settings, round_at(1, False))
    with writing(settings) as book:
        book._con.execute("update checks set row_sha256 = null")
        book._mark.touch()
    recorded(settings, round_at(7, True), round_at(9, True))
    with open_snapshot(settings.casebook) as con:
        found = audit(con)
    assert (found.unlike, found.untold_cases) == ((), 1)


def test_killed_in_the_midst_a_round_was_never_there(tmp_path, monkeypatch):
    """Whatever step it dies in: nothing of it is kept, and the next run does it whole."""
    settings = settings_of(tmp_path)
    recorded(settings, round_at(1, False), round_at(7, True))
    before = (events(settings), rows(settings, "from checks"), rows(settings, "from check_plans"))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with writing(settings) as book:
        for step in ("_apply", "_keep_standing", "_append", "_ended_actions"):
            with monkeypatch.context() as patched:
                patched.setattr(Casebook, step, killed)
                with pytest.raises(KeyboardInterrupt):
                    book.record_checks([round_at(8, True)], pace=PACE, now=START + 8 * HOUR)
            assert book._con.execute("select count(*) from checks").fetchone() == (4,), step
    found = (events(settings), rows(settings, "from checks"), rows(settings, "from check_plans"))
    assert found == before
    assert recorded(settings, round_at(8, True))[0].kinds == ("down",)


def test_down_ends_the_actions_that_asked_for_it_in_the_same_step(tmp_path, monkeypatch):
    settings = settings_of(tmp_path)
    seen = []

    def ends(self, case_id, now):
        (row,) = self._con.execute("select down_since from cases").fetchall()
        seen.append((case_id, row[0], now))
        return ["NA-1"]

    monkeypatch.setattr(Casebook, "_execute_by_check", ends)
    (told,) = recorded(settings, round_at(1, False), round_at(7, True), round_at(8, True))
    assert told.ended == ("NA-1",)
    assert seen == [(CASE, START + 7 * HOUR, START + 8 * HOUR)]
    recorded(settings, round_at(9, True))
    assert len(seen) == 1


def test_what_enrichment_knew_before_is_what_the_first_check_is_compared_with(tmp_path):
    settings = settings_of(tmp_path, decision="watch")
    known = {"here": {"kind": "parked", "mail": []}}
    first = round_at(1, False)
    with_known = Round(case_id=CASE, checked_at=first.checked_at, views=first.views, known=known)
    (told,) = recorded(settings, with_known)
    assert told.kinds == ("changed", "reopened")
    assert told.changed == ("kind of page: parked -> content",)


def test_what_a_place_saw_gone_is_not_compared_and_does_not_replace_what_was_known(tmp_path):
    settings = settings_of(tmp_path)
    views = (view("here", True, kind="error"), view("far", False, **PAGE))
    mixed = Round(case_id=CASE, checked_at=START + 7 * HOUR, views=views)
    recorded(settings, round_at(1, False))
    (told,) = recorded(settings, mixed)
    assert (told.kinds, told.changed) == ((), ())
    (plan,) = rows(settings, "from check_plans")
    assert json.loads(plan["baseline"]) == {"here": PAGE, "far": PAGE}


def test_back_after_it_was_resolved_is_told_with_what_changed(tmp_path):
    settings = settings_of(tmp_path)
    recorded(settings, round_at(1, False), *(round_at(7 + 24 * day, True) for day in range(8)))
    assert rows(settings, "from cases")[0]["workflow"] == "resolved"
    (told,) = recorded(settings, round_at(400, False, PAGE | {"title": "Shoes"}))
    assert told.kinds == ("relapsed", "reopened")
    (row,) = rows(settings, "from relapses")
    assert row["changed"] == ["title: Waldermond -> Shoes"]
    assert (row["down_since"], row["was_resolved"]) == (START + 7 * HOUR, True)
    # The diff was told with it: it is what the next check is compared with.
    assert recorded(settings, round_at(500, False, PAGE | {"title": "Shoes"}))[0].changed == ()


def test_a_case_that_is_not_there_is_left_out(tmp_path):
    settings = settings_of(tmp_path)
    assert recorded(settings, round_at(1, False, case="NK-000000000000")) == []
    assert rows(settings, "from checks") == []


def test_the_view_shows_what_is_due_what_was_seen_and_what_is_left(tmp_path):
    settings = settings_of(tmp_path)
    recorded(settings, round_at(1, False), round_at(7, True), round_at(8, True))
    (row,) = rows(settings, "from follow_up")
    assert row["subject"] == HOST
    assert row["seen"] == "far: unknown, as seen; here: unknown, as seen"
    assert (row["places"], row["rounds"]) == (2, 3)
    assert row["resolves_at"] == START + 7 * HOUR + 7 * DAY
    assert row["due_at"] == START + 14 * HOUR


def test_a_decision_since_the_last_check_brings_it_forward(tmp_path):
    settings = settings_of(tmp_path, decision="watch")
    recorded(settings, round_at(1, False))

    def due():
        with open_snapshot(settings.casebook) as con:
            (found,) = candidates(con, first=PACE.first)
        return found.due_at

    assert due() == START + HOUR + DAY
    decide(settings, "confirm", now=START + 2 * HOUR)
    assert due() == START + 8 * HOUR


def test_followed_is_what_somebody_decided_to_hear_of(tmp_path):
    followed = [
        ("confirm", {}),
        ("watch", {}),
        ("snooze", {"on_change": True}),
        ("dismiss", {"reason_code": "weak-match"}),
    ]
    others = [
        None,
        ("snooze", {"until": START + DAY}),
        ("dismiss", {"reason_code": "own-asset"}),
    ]
    settings, ids = decided_cases(tmp_path, [*followed, *others])
    with open_snapshot(settings.casebook) as con:
        found = {one.case_id for one in candidates(con, first=HOUR)}
        assert found == set(ids[: len(followed)])
        # Named by a person, any case is looked at, in the order named.
        named = candidates(con, first=HOUR, cases=[ids[6], ids[0].lower()])
        assert [one.case_id for one in named] == [ids[6], ids[0]]
        assert {one.due_at for one in named} == {None}
        with pytest.raises(UsageError, match="There is no case"):
            candidates(con, first=HOUR, cases=["NK-ZZZZZZ"])


@pytest.mark.parametrize("bases", [(Checks,), (Checks, Actions)], ids=["without", "behind"])
def test_there_is_no_casebook_whose_checks_end_no_notices(bases, tmp_path):
    lacking = type("Lacking", bases, {})
    with pytest.raises(TypeError, match="_execute_by_check"):
        lacking(None, mark=tmp_path)
