"""The page of the life cycle says what the tables in the code say, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from namaak.casework.action_moves import ACTION_TRANSITIONS
from namaak.casework.lifecycle import DOWN_FOR, TRANSITIONS, ReasonCode, Standing, wakes_on_change
from namaak.casework.subject_moves import SUBJECT_STATES, Down
from namaak.records import Workflow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "lifecycle.md"


def rows_below(heading: str) -> list[tuple[str, ...]]:
    """The cells of the table below a heading, without its own head."""
    section = (
        PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    )
    lines = re.findall(r"^\| (.*) \|$", section, re.M)[1:]
    return [tuple(cell.strip().replace("`", "") for cell in line.split("|")) for line in lines]


def ordered(words: Iterable[str], order: Iterable[str]) -> str:
    wanted = set(words)
    return ", ".join(str(one) for one in order if one in wanted)


def people(who: Iterable[str]) -> str:
    return " or ".join(sorted(set(who), reverse=True))


def guard_of(row) -> str:
    if row.guard is None:
        return ""
    said = str(row.guard)
    if row.guarded_start != frozenset(Workflow):
        said += f" (from {ordered(row.guarded_start & row.start, Workflow)})"
    if len(row.guarded_who) == 1:
        said += f" ({people(row.guarded_who)})"
    return said


def test_every_decision_stands_there_with_who_may_from_where_and_its_guard():
    assert rows_below("Workflow") == [
        (
            str(row.decision),
            ordered(row.start, Workflow),
            str(row.to or "as it was"),
            people(row.who),
            guard_of(row),
            str(row.event),
        )
        for row in TRANSITIONS
    ]


def test_every_state_of_a_subject_stands_there_with_who_tells_it_and_whether_it_is_down():
    down = {
        Down.YES: "yes", Down.NO: "no", Down.NO_MAIL: "only without mail",
        Down.NO_NAME: "only without name or address and mail", Down.UNSAID: "says nothing",
    }  # fmt: skip
    assert rows_below("Subject state") == [
        (str(row.state), ordered(row.told_by, ("look", "check", "platform")) or "nobody",
         down[row.down], row.means)
        for row in SUBJECT_STATES
    ]  # fmt: skip


def test_every_move_of_an_action_stands_there():
    states = [
        "draft", "approved", "sent", "acknowledged", "info-requested", "accepted", "denied",
        "no-reply", "executed", "withdrawn",
    ]  # fmt: skip
    assert rows_below("Takedown action") == [
        (str(row.move), ordered(row.start, states), str(row.to), people(row.who))
        for row in ACTION_TRANSITIONS
    ]


def test_what_wakes_on_a_change_stands_there():
    woken = {
        str(workflow)
        for workflow in Workflow
        if wakes_on_change(
            Standing(workflow=workflow, reason_code=ReasonCode.WEAK_MATCH, snooze_on_change=True)
        )
    }
    assert {row[0] for row in rows_below("What a change wakes")} == woken


def test_the_numbers_of_the_page_are_the_codes():
    page = PAGE.read_text(encoding="utf-8")
    assert f"{DOWN_FOR.days} days" in page
    assert "two vantages" in page
    assert "two rounds" in page
    for reason in ReasonCode:
        assert f"`{reason}`" in page
