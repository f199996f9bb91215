"""The state of a round: written and read, and what follows from what."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.profiles.rounds import MOST_FAILURES, Round, Unfinished, short

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEYS = st.text(max_size=20)
UNFINISHED = st.builds(
    Unfinished,
    key=KEYS.map(short),
    cursor=st.none() | st.text(),
    pages=st.integers(0, 10_000),
    told=st.lists(KEYS.map(short), max_size=5).map(tuple),
)
ROUNDS = st.builds(
    Round,
    number=st.integers(1, 10_000),
    began=st.none() | st.datetimes(timezones=st.just(UTC)),
    finished=st.frozensets(KEYS.map(short), max_size=5),
    failures=st.dictionaries(KEYS.map(short), st.integers(1, 9), max_size=5),
    unfinished=st.none() | UNFINISHED,
    left=st.frozensets(KEYS.map(short), max_size=5),
)


@given(ROUNDS)
def test_a_round_is_read_as_it_was_written(standing):
    assert Round.read(standing.written()) == standing


@given(ROUNDS)
def test_the_same_round_is_written_the_same(standing):
    assert Round.read(standing.written()).written() == standing.written()


@given(KEYS, st.text() | st.none())
def test_any_question_and_any_cursor_have_a_state(key, cursor):
    standing = Round().on(AT, [key], every=DAY)
    told = ("0" * 12,)
    standing = standing.after_page(standing.resumed(key), cursor=cursor, told=told)
    read = Round.read(standing.written())
    assert read.is_finished(key) is (cursor is None)
    if cursor is not None:
        assert read.resumed(key) == Unfinished(key=short(key), cursor=cursor, pages=1, told=told)


def test_before_the_first_run_nothing_is_finished():
    assert Round.read(None) == Round()
    assert Round().on(AT, ["a"], every=DAY) == Round(number=1, began=AT)


def test_a_round_ends_only_when_all_is_answered_and_its_time_has_passed():
    first = Round().on(AT, ["a", "b"], every=DAY)
    half = first.after_page(first.resumed("a"), cursor=None, told=())
    assert half.on(AT + 9 * DAY, ["a", "b"], every=DAY) is half
    whole = half.after_page(half.resumed("b"), cursor=None, told=())
    assert whole.on(AT + DAY - timedelta(seconds=1), ["a", "b"], every=DAY) is whole
    assert whole.on(AT + DAY, ["a", "b"], every=DAY) == Round(number=2, began=AT + DAY)


def test_a_clock_that_was_set_back_does_not_silence_a_source():
    whole = Round(number=4, began=AT + 300 * DAY, finished=frozenset({short("a")}))
    assert whole.on(AT, ["a"], every=DAY) == Round(number=5, began=AT)


def test_what_fails_thrice_is_given_up_and_forgotten_as_a_failure():
    standing = Round(number=1, began=AT)
    for time in range(1, MOST_FAILURES + 1):
        standing, given_up = standing.after_failure("a")
        assert given_up is (time == MOST_FAILURES)
        assert standing.is_finished("a") is given_up
    assert standing.failures == {}


def test_a_failure_begins_the_question_again_and_leaves_another_where_it_was():
    begun = Round(number=1, began=AT)
    begun = begun.after_page(begun.resumed("a"), cursor="c", told=())
    assert begun.after_failure("a")[0].resumed("a").cursor is None
    assert begun.after_failure("b")[0].resumed("a").cursor == "c"


def test_an_answer_forgives_what_failed_before():
    standing, _ = Round(number=1, began=AT).after_failure("a")
    assert standing.after_page(standing.resumed("a"), cursor=None, told=()).failures == {}


def test_what_is_put_off_is_never_given_up_and_keeps_its_place():
    standing = Round(number=1, began=AT)
    standing = standing.after_page(standing.resumed("a"), cursor="c", told=())
    for _ in range(10):
        standing = standing.put_off("a")
    assert not standing.is_finished("a")
    assert standing.resumed("a").cursor == "c"


def test_the_begun_comes_first_then_the_untried_then_what_failed():
    standing = Round(number=1, began=AT)
    standing = standing.after_page(standing.resumed("begun"), cursor="c", told=())
    standing, _ = standing.after_failure("failed")
    standing = standing.put_off("twice").put_off("twice")
    order = sorted(["twice", "failed", "untried", "begun"], key=standing.turn)
    assert order == ["begun", "untried", "failed", "twice"]
    stuck = standing.put_off("begun").put_off("begun")
    assert sorted(["begun", "untried"], key=stuck.turn) == ["untried", "begun"]


def test_a_round_that_need_not_be_full_ends_with_its_time_and_the_next_begins_with_the_rest():
    first = Round().on(AT, ["a", "b"], every=DAY, in_full=False)
    half = first.after_page(first.resumed("a"), cursor=None, told=())
    assert half.on(AT + DAY / 2, ["a", "b"], every=DAY, in_full=False) is half
    second = half.on(AT + DAY, ["a", "b", "c"], every=DAY, in_full=False)
    assert second.number == 2 and not second.finished
    assert sorted(["a", "c", "b"], key=second.turn)[2:] == ["a"]
    whole = second.after_page(second.resumed("a"), cursor=None, told=())
    for key in ("b", "c"):
        whole = whole.after_page(whole.resumed(key), cursor=None, told=())
    assert not whole.on(AT + 2 * DAY, ["a", "b", "c"], every=DAY, in_full=False).left


def test_a_round_of_an_older_release_left_nothing():
    written = json.loads(Round(number=1, began=AT).written())
    assert "left" not in written and Round.read(json.dumps(written)).left == frozenset()


def test_ending_one_question_keeps_the_place_in_another():
    standing = Round(number=1, began=AT)
    standing = standing.after_page(standing.resumed("a"), cursor="c", told=("x",))
    standing = standing.after_page(standing.resumed("b"), cursor=None, told=())
    assert standing.resumed("a") == Unfinished(key=short("a"), cursor="c", pages=1, told=("x",))


def test_what_a_question_told_is_bounded():
    standing = Round(number=1, began=AT)
    for n in range(3):
        standing = standing.after_page(
            standing.resumed("a"), cursor=str(n), told=[f"{n}-{i}" for i in range(9_000)]
        )
    told = standing.resumed("a").told
    assert len(told) == 20_000
    assert told[-1] == "2-8999"
