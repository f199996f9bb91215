"""Whom to ask now: the worst first, within a budget, and nobody twice too soon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.answers import Asked
from namaak.enriching.due import Candidate, due_hosts
from namaak.enriching.findings import Aspect

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOTH = (Aspect.DNS, Aspect.RDAP)


def candidate(host: str, urgency: float = 1.0) -> Candidate:
    return Candidate(subject_key=f"host:{host}", host=host, urgency=(urgency,))


def asked(ago: timedelta, due_in: timedelta | None) -> Asked:
    due_at = None if due_in is None else NOW + due_in
    return Asked(asked_at=NOW - ago, outcome="answered", due_at=due_at)


def hosts(*candidates: Candidate, last=None, at_most: int = 10, aspects=BOTH, **other):
    found = due_hosts(
        candidates, last or {}, aspects=aspects, now=NOW, at_most=at_most, **other
    )  # fmt: skip
    return [wanted.host for wanted in found]


def test_the_worst_are_asked_first():
    assert hosts(candidate("a.test", 2), candidate("b.test", 9), candidate("c.test", 5)) == [
        "b.test",
        "c.test",
        "a.test",
    ]


def test_a_host_of_two_cases_is_asked_once_as_urgently_as_the_worse():
    assert hosts(candidate("a.test", 1), candidate("b.test", 5), candidate("a.test", 9)) == [
        "a.test",
        "b.test",
    ]


def test_only_the_aspects_that_are_due_are_asked():
    last = {"host:a.test": {"dns": asked(2 * HOUR, -HOUR), "rdap": asked(2 * HOUR, 90 * HOUR)}}
    (wanted,) = due_hosts([candidate("a.test")], last, aspects=BOTH, now=NOW, at_most=1)
    assert wanted.aspects == {Aspect.DNS}


def test_an_aspect_switched_on_later_is_asked_though_the_others_are_not_due():
    last = {"host:a.test": {"rdap": asked(HOUR, HOUR), "dns": asked(HOUR, HOUR)}}
    (wanted,) = due_hosts(
        [candidate("a.test")], last, aspects=(*BOTH, Aspect.PAGE), now=NOW, at_most=1
    )
    # With the page comes DNS, so that both are of one moment.
    assert wanted.aspects == {Aspect.PAGE, Aspect.DNS}


@pytest.mark.parametrize(
    ("ago", "due_in", "not_sooner", "due"),
    [
        (2 * HOUR, HOUR, 0 * HOUR, False),
        (2 * HOUR, 0 * HOUR, 0 * HOUR, True),
        (2 * HOUR, -HOUR, 3 * HOUR, False),
        (3 * HOUR, -HOUR, 3 * HOUR, True),
        (900 * HOUR, None, 0 * HOUR, False),
    ],
    ids=["not-yet", "now", "the-person-says-later", "late-enough", "only-when-somebody-asks"],
)
def test_an_answer_says_when_it_is_asked_again(ago, due_in, not_sooner, due):
    last = {"host:a.test": {"dns": asked(ago, due_in)}}
    found = hosts(candidate("a.test"), last=last, aspects=[Aspect.DNS], not_sooner=not_sooner)
    assert found == (["a.test"] if due else [])


def test_neither_new_hosts_nor_old_ones_starve_the_others():
    new = [candidate(f"new{at:02}.test", 1) for at in range(20)]
    old = [candidate(f"old{at:02}.test", 9) for at in range(20)]
    last = {one.subject_key: {"dns": asked(9 * HOUR, -HOUR)} for one in old}

    def share(news, olds, at_most=10):
        found = hosts(*news, *olds, last=last, at_most=at_most, aspects=[Aspect.DNS])
        return sum(host.startswith("new") for host in found), len(found)

    assert share(new, old) == (5, 10)
    assert share(new[:2], old) == (2, 10)
    assert share(new, old[:2]) == (8, 10)
    assert share(new, [], at_most=3) == (3, 3)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=40),
    st.sets(st.integers(0, 30)),
    st.integers(0, 20),
)
def test_never_more_than_the_budget_never_one_twice_and_none_left_while_there_is_budget(
    given_hosts, known, at_most
):
    candidates = [candidate(f"h{number}.test", urgency) for number, urgency in given_hosts]
    last = {f"host:h{number}.test": {"dns": asked(9 * HOUR, -HOUR)} for number in known}
    found = hosts(*candidates, last=last, at_most=at_most, aspects=[Aspect.DNS])
    distinct = {one.host for one in candidates}
    assert len(found) == len(set(found)) == min(at_most, len(distinct))
    worst = {one: max(c.urgency for c in candidates if c.host == one) for one in distinct}
    assert [worst[host] for host in found] == sorted((worst[h] for h in found), reverse=True)
