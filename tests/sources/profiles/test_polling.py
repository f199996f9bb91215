"""The driver of every polled platform, against a server on loopback and into a real lake."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from namaak.errors import Failure, SourceError
from namaak.fetch import Budget
from namaak.lake import Lake
from tests.sources.profiles.platform import (
    ids,
    opened,
    page,
    platform,
    reasons,
    rows,
    run,
)

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EMPTY = page([])


@pytest.fixture
def served():
    with platform() as running:
        yield running


def people(first, last, **more):
    return [{"id": str(n), "handle": f"acme{n}", **more} for n in range(first, last)]


def test_pages_follow_each_other_until_the_last_and_each_profile_is_counted_once(served, tmp_path):
    served.search("acme", page(people(0, 3), "b"))
    served.search("acme", page(people(3, 5), "c"), cursor="b")
    served.search("acme", page([]), cursor="c")
    done = run(opened(tmp_path, served), tmp_path, AT)
    assert ids(tmp_path) == ["0", "1", "2", "3", "4"]
    assert (done.rows, done.first_seen_rows, done.rejected) == (5, 5, 0)
    assert served.asked == ["/search?q=acme", "/search?q=acme&cursor=b", "/search?q=acme&cursor=c"]


def test_a_page_that_comes_twice_adds_nothing_the_second_time(served, tmp_path):
    served.search("acme", page(people(0, 3), "b"))
    served.search("acme", page(people(0, 3), "c"), cursor="b")
    served.search("acme", page(people(3, 4)), cursor="c")
    run(opened(tmp_path, served), tmp_path, AT)
    assert ids(tmp_path) == ["0", "1", "2", "3"]


def test_what_two_searches_find_is_counted_once(served, tmp_path):
    served.search("acme", page(people(0, 3)))
    served.search("bank", page(people(2, 4)))
    run(opened(tmp_path, served, texts=("acme", "bank")), tmp_path, AT)
    assert ids(tmp_path) == ["0", "1", "2", "3"]


def test_an_account_renamed_between_two_pages_is_told_under_both_names(served, tmp_path):
    served.search("acme", page([{"id": "1", "handle": "acme_old"}], "b"))
    served.search("acme", page([{"id": "1", "handle": "acme_new"}]), cursor="b")
    run(opened(tmp_path, served), tmp_path, AT)
    found = rows(tmp_path)
    assert [row["handle"] for row in found] == ["acme_old", "acme_new"]
    assert len({row["subject_key"] for row in found}) == 1


def test_a_cursor_that_stays_where_it_is_ends_the_question_and_says_so(served, tmp_path):
    served.search("acme", page(people(0, 2), "b"))
    served.search("acme", page(people(2, 4), "b"), cursor="b")
    run(opened(tmp_path, served), tmp_path, AT)
    assert ids(tmp_path) == ["0", "1", "2", "3"]
    assert len(served.asked) == 2
    (reason,) = reasons(tmp_path)
    assert "one page again and again" in reason


def test_cursors_that_go_in_a_circle_end_with_the_pages_of_a_question(served, tmp_path):
    served.search("acme", page(people(0, 2), "b"))
    served.search("acme", page(people(2, 4), "c"), cursor="b")
    served.search("acme", page(people(0, 2), "b"), cursor="c")
    run(opened(tmp_path, served, pages_per_question=7), tmp_path, AT)
    assert ids(tmp_path) == ["0", "1", "2", "3"]
    assert len(served.asked) == 7
    (reason,) = reasons(tmp_path)
    assert "more than the 7 pages that pages_per_question allows" in reason


def test_a_run_that_has_had_its_pages_goes_on_there_in_the_next_one(served, tmp_path):
    served.search("acme", page(people(0, 2), "b"))
    served.search("acme", page(people(2, 4), "c"), cursor="b")
    served.search("acme", page(people(4, 6)), cursor="c")
    for hour in range(3):
        run(opened(tmp_path, served, pages_per_run=1), tmp_path, AT + hour * HOUR)
        assert ids(tmp_path) == [str(n) for n in range(2 * (hour + 1))]
    assert run(opened(tmp_path, served), tmp_path, AT + 4 * HOUR).batches == 0
    assert len(served.asked) == 3


def test_a_row_that_comes_again_after_a_resumed_run_is_not_told_twice(served, tmp_path):
    served.search("acme", page(people(0, 2), "b"))
    served.search("acme", page(people(1, 3)), cursor="b")
    run(opened(tmp_path, served, pages_per_run=1), tmp_path, AT)
    run(opened(tmp_path, served), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["0", "1", "2"]


def test_a_run_killed_between_the_answer_and_the_lake_asks_the_same_page_again(served, tmp_path):
    served.search("acme", page(people(0, 2), "b"))
    served.search("acme", page(people(2, 4)), cursor="b")
    source = opened(tmp_path, served)
    (instance,) = source.instances()
    batches = source.batches(instance, 0, observed_at=AT)
    next(batches)
    batches.close()
    run(opened(tmp_path, served), tmp_path, AT)
    assert ids(tmp_path) == ["0", "1", "2", "3"]
    assert served.asked.count("/search?q=acme") == 2


def test_the_next_round_begins_when_its_time_has_come_and_no_sooner(served, tmp_path):
    served.search("acme", page(people(0, 1)), page([{"id": "0", "handle": "acme_new"}]))
    for hour in (0, 1, 23):
        run(opened(tmp_path, served), tmp_path, AT + hour * HOUR)
    assert len(served.asked) == 1
    run(opened(tmp_path, served), tmp_path, AT + 24 * HOUR)
    assert [row["handle"] for row in rows(tmp_path)] == ["acme0", "acme_new"]


def test_a_brand_that_is_added_within_a_round_is_asked_about_in_it(served, tmp_path):
    served.search("acme", page(people(0, 1)))
    served.search("bank", page(people(1, 2)))
    run(opened(tmp_path, served), tmp_path, AT)
    run(opened(tmp_path, served, texts=("bank", "acme")), tmp_path, AT + HOUR)
    assert served.asked == ["/search?q=acme", "/search?q=bank"]
    assert ids(tmp_path) == ["0", "1"]


def test_a_text_that_is_asked_twice_is_asked_once(served, tmp_path):
    served.search("acme", page(people(0, 1)))
    run(opened(tmp_path, served, texts=("acme", "acme")), tmp_path, AT)
    assert len(served.asked) == 1


def test_a_question_without_an_answer_holds_up_no_other_and_is_told_in_one_sentence(
    served, tmp_path
):
    served.search("acme", (500, {}, b""))
    served.search("bank", page(people(0, 1)))
    error = run(opened(tmp_path, served, texts=("acme", "bank")), tmp_path, AT)
    assert isinstance(error, SourceError) and error.failure is Failure.TRANSIENT
    assert "invented gave no answer to a search for 'acme'" in str(error)
    assert ids(tmp_path) == ["0"]


def test_half_a_page_is_no_page_and_is_asked_for_again(served, tmp_path):
    whole = page(people(0, 3))
    served.search("acme", (200, {}, whole[2][:40]), whole)
    error = run(opened(tmp_path, served), tmp_path, AT)
    assert error.failure is Failure.TRANSIENT and "breaks off after 40 bytes" in str(error)
    assert not (tmp_path / "lake").exists() or ids(tmp_path) == []
    run(opened(tmp_path, served), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["0", "1", "2"]


def test_a_question_that_fails_three_times_is_left_out_of_this_round_and_said_to_be(
    served, tmp_path
):
    served.search("acme", (500, {}, b""))
    for hour in range(5):
        run(opened(tmp_path, served), tmp_path, AT + hour * HOUR)
    assert len(served.asked) == 3
    (reason,) = reasons(tmp_path)
    assert reason.startswith("a search for 'acme': failed in 3 runs")
    served.search("acme", page(people(0, 1)))
    run(opened(tmp_path, served), tmp_path, AT + DAY)
    assert ids(tmp_path) == ["0"]


def test_a_platform_that_is_down_is_left_in_peace_and_others_have_their_turn_next(served, tmp_path):
    texts = tuple(f"acme{n}" for n in range(12))
    served.otherwise = lambda _path, _query: (503, {}, b"")
    error = run(opened(tmp_path, served, texts=texts), tmp_path, AT)
    assert "gave no answer to 5 of 12 questions" in str(error)
    assert len(served.asked) == 5
    run(opened(tmp_path, served, texts=texts), tmp_path, AT + HOUR)
    assert served.asked[5:] == [f"/search?q=acme{n}" for n in range(5, 10)]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "900"}])
def test_a_platform_that_says_too_many_ends_the_run_and_the_next_goes_on(served, tmp_path, headers):
    served.search("acme", page(people(0, 2), "b"))
    served.search("acme", (429, headers, b""), page(people(2, 4)), cursor="b")
    served.search("bank", page(people(4, 5)))
    texts = ("acme", "bank")
    error = run(opened(tmp_path, served, texts=texts), tmp_path, AT)
    assert error.failure is Failure.THROTTLED and "\n" not in str(error)
    assert ids(tmp_path) == ["0", "1"]
    with Lake(tmp_path / "lake") as lake:
        assert 429 in lake.coverage().attempts["status"].to_pylist()
    run(opened(tmp_path, served, texts=texts), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["0", "1", "2", "3", "4"]
    assert served.asked.count("/search?q=acme") == 1


def test_a_token_that_expires_between_two_pages_ends_the_run_and_loses_no_page(served, tmp_path):
    served.search("acme", page(people(0, 2), "b"))
    served.search("acme", (401, {}, b""), page(people(2, 4)), cursor="b")
    error = run(opened(tmp_path, served), tmp_path, AT)
    assert error.failure is Failure.AUTH
    run(opened(tmp_path, served), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["0", "1", "2", "3"]


def test_one_question_that_is_refused_for_ever_does_not_bar_the_way_to_the_others(served, tmp_path):
    served.search("secret", (403, {}, b""))
    served.search("acme", page(people(0, 1)))
    texts = ("secret", "acme")
    assert run(opened(tmp_path, served, texts=texts), tmp_path, AT).failure is Failure.AUTH
    run(opened(tmp_path, served, texts=texts), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["0"]


def test_a_question_that_is_refused_at_its_second_page_lets_others_pass_in_the_end(
    served, tmp_path
):
    served.search("secret", page(people(0, 1), "b"))
    served.search("secret", (403, {}, b""), cursor="b")
    served.search("acme", page(people(1, 2)))
    for hour in range(3):
        run(opened(tmp_path, served, texts=("secret", "acme")), tmp_path, AT + hour * HOUR)
    assert ids(tmp_path) == ["0", "1"]
    again = "/search?q=secret&cursor=b"
    assert served.asked == ["/search?q=secret", again, again, "/search?q=acme", again]


def test_an_answer_that_is_too_large_fails_its_own_question_only(served, tmp_path):
    served.search("acme", (200, {}, b" " * (3 << 20)))
    served.search("bank", page(people(0, 1)))
    error = run(opened(tmp_path, served, texts=("acme", "bank")), tmp_path, AT)
    assert error.failure is Failure.POLICY
    assert ids(tmp_path) == ["0"]


def test_a_run_that_has_spent_its_requests_ends_and_the_next_goes_on(served, tmp_path):
    for n in range(4):
        served.search(f"acme{n}", page(people(n, n + 1)))
    texts = tuple(f"acme{n}" for n in range(4))
    error = run(opened(tmp_path, served, texts=texts, budget=Budget(requests=2)), tmp_path, AT)
    assert error.failure is Failure.POLICY and "2 requests of this run are spent" in str(error)
    assert len(served.asked) == 2
    run(opened(tmp_path, served, texts=texts, budget=Budget(requests=9)), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["0", "1", "2", "3"]


def test_rows_that_are_none_are_refused_with_a_reason_and_the_others_are_kept(served, tmp_path):
    served.search("acme", page([{"id": "1"}, 7, {"handle": "acme"}, {"id": "2"}]))
    run(opened(tmp_path, served), tmp_path, AT)
    assert ids(tmp_path) == ["1", "2"]
    assert reasons(tmp_path) == ["row: is no object", "id: is missing"]


def test_lone_surrogates_and_nul_anywhere_end_nothing(served, tmp_path):
    odd = "\ud800\0x"
    row = {"id": f"1{odd}", "handle": odd, "name": odd, "avatar": f"http://{odd}.example/"}
    served.search("acme", page([row, {"id": "2"}], f"b{odd}"))
    error = run(opened(tmp_path, served, pages_per_question=1), tmp_path, AT)
    assert not isinstance(error, SourceError)
    assert ids(tmp_path)[-1] == "2"


def test_what_is_in_the_lake_is_what_the_batches_said_position_by_position(served, tmp_path):
    served.search("acme", page([*people(0, 2), 7, *people(0, 1)], "b"))
    served.search("acme", page(people(1, 4)), cursor="b")
    source = opened(tmp_path, served)
    (instance,) = source.instances()
    at = 0
    for batch in source.batches(instance, observed_at=AT):
        assert batch.start == at
        at = batch.end
        told = {*batch.observations["position"].to_pylist(), *(r.position for r in batch.rejects)}
        assert len(told) + batch.skipped == batch.end - batch.start
        assert all(batch.start <= position < batch.end for position in told)
    assert at == 7


def test_two_runs_at_one_time_count_nothing_twice(served, tmp_path):
    served.search("acme", page(people(0, 2), "b"))
    served.search("acme", page(people(2, 4)), cursor="b")
    source = opened(tmp_path, served)
    (instance,) = source.instances()
    with Lake(tmp_path / "lake") as lake:
        cursor = lake.cursor(source.name, instance.id)
        slow = source.batches(instance, 0, observed_at=AT)
        first = next(slow)
        run(opened(tmp_path, served), tmp_path, AT)
        late = lake.append(first, source=source.name, label="slow", gathered_at=AT, after=cursor)
        slow.close()
    assert late is None
    assert ids(tmp_path) == ["0", "1", "2", "3"]


def test_the_evidence_of_a_row_is_its_own_json(served, tmp_path):
    served.search("acme", page([{"id": "1", "name": "ACMÉ"}]))
    run(opened(tmp_path, served), tmp_path, AT)
    (row,) = rows(tmp_path)
    assert json.loads(row["raw"]) == {"id": "1", "name": "ACMÉ"}
