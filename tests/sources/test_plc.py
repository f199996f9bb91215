"""The directory of DIDs, read over page borders that lie within one instant."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from namaak.errors import Failure
from namaak.sources import plc as module
from namaak.sources.atproto import progress as progressing
from namaak.sources.atproto.operations import read_operation
from namaak.sources.atproto.progress import ByTime
from namaak.sources.plc import Plc, PlcConfig
from tests.sources.appview import did
from tests.sources.directory import directory, milliseconds
from tests.sources.reading import NOW, given, run_of

AT = NOW - timedelta(hours=1)


@pytest.fixture
def served(monkeypatch):
    with directory(page=10) as made:
        monkeypatch.setattr(module, "_PAGE", 10)
        monkeypatch.setattr(progressing, "_MOST_TOLD", 5)
        yield made


def opened(served, folder, **table):
    config = PlcConfig.model_validate({"url": served.url, **table})
    return Plc(config, given(folder, served.port))


def handles(rows):
    return [row["handle"] for row in rows]


def expected(count, first=1):
    return [f"acme{number}.bsky.social" for number in range(first, first + count)]


def test_every_operation_is_given_once_over_all_pages(served, tmp_path):
    for number in range(35):
        served.add(AT + milliseconds(number * 700))
    run = run_of(opened(served, tmp_path))
    rows = run.on()
    assert handles(rows) == expected(35)
    assert [row["position"] for row in rows] == list(range(35))
    assert {row["trust"] for row in rows} == {"unauthenticated"}
    assert {row["entry_type"] for row in rows} == {"plc"}
    assert rows[0]["source_time"] == rows[0]["created_at"] == AT
    assert not run.rejects and run.position == 35


@pytest.mark.parametrize("fine", [True, False])
def test_operations_of_one_instant_over_a_page_border_are_neither_lost_nor_double(
    served, tmp_path, fine
):
    served.fine = fine
    for number in range(8):
        served.add(AT + milliseconds(number))
    for number in range(8):
        served.add(AT + milliseconds(8 + number / 100))
    for number in range(8):
        served.add(AT + milliseconds(9 + number))
    run = run_of(opened(served, tmp_path))
    assert handles(run.on()) == expected(24)
    assert not run.rejects


def test_the_next_run_repeats_nothing_and_takes_what_is_new(served, tmp_path):
    for number in range(12):
        served.add(AT + milliseconds(number / 3))
    run = run_of(opened(served, tmp_path))
    assert len(run.on()) == 12
    assert run.on() == [] and run.position == 12
    served.add(AT + milliseconds(3.9))
    served.add(AT + timedelta(seconds=50))
    assert handles(run.on()) == expected(2, first=13)
    assert [row["position"] for row in run.rows] == list(range(14))


def test_an_operation_that_shows_up_later_than_its_time_says_is_not_missed(served, tmp_path):
    for number in range(25):
        served.add(AT + timedelta(seconds=number))
    run = run_of(opened(served, tmp_path))
    assert len(run.on()) == 25
    served.add(AT + timedelta(seconds=20.5), handle="late.bsky.social")
    assert handles(run.on()) == ["late.bsky.social"]
    assert run.on() == []


def test_an_instant_with_more_than_a_page_is_passed_and_told_once(served, tmp_path):
    for number in range(25):
        served.add(AT + milliseconds(0.005 + number / 100))
    served.add(AT + milliseconds(1.5))
    served.add(AT + milliseconds(900))
    run = run_of(opened(served, tmp_path))
    assert handles(run.on()) == [*expected(10), *expected(2, first=26)]
    ((position, reason),) = run.rejects
    assert position == 10
    assert reason.startswith("more than 10 operations at 2026-11-22T11:00:00.000Z")
    assert run.on() == []


def test_a_full_page_of_what_is_known_already_is_no_crowded_instant(served, tmp_path):
    for number in range(30):
        served.add(AT + milliseconds(number * 100))
    run = run_of(opened(served, tmp_path))
    assert len(run.on()) == 30
    served.add(AT + timedelta(seconds=4))
    assert handles(run.on()) == expected(1, first=31)
    assert not run.rejects


def test_a_run_that_is_killed_or_bounded_goes_on_where_it_was(served, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PAGES_A_BATCH", 2)
    for number in range(60):
        served.add(AT + milliseconds(number * 40))
    run = run_of(opened(served, tmp_path, pages_per_run=3))
    counts = [len(run.on()) for _ in range(12)]
    assert sum(counts) == 60 and counts[0] < 30
    assert handles(run.rows) == expected(60)
    killed = run_of(opened(served, tmp_path))
    first = killed.on(most=1)
    assert handles([*first, *killed.on()]) == expected(60)


def test_a_first_run_starts_some_days_back(served, tmp_path):
    served.add(NOW - timedelta(days=3))
    served.add(NOW - timedelta(days=1.5))
    served.add(NOW - timedelta(hours=1))
    assert handles(run_of(opened(served, tmp_path)).on()) == expected(1, first=3)
    assert len(run_of(opened(served, tmp_path, days_back=2)).on()) == 2
    assert served.asked[0] == "2026-11-21T12:00:00.000Z"
    (instance,) = opened(served, tmp_path, days_back=2).instances()
    assert instance.label.endswith("from 2 days before its first run on")


@pytest.mark.parametrize("kept_ms", [0, 50])
def test_what_fails_on_the_way_leaves_what_came_before(served, tmp_path, kept_ms):
    for number in range(15):
        served.add(AT + milliseconds(number * 100 + kept_ms))
    served.instead = [None, (503, {}, b""), (503, {}, b"")]
    run = run_of(opened(served, tmp_path))
    assert len(run.on()) == 10 and run.error.failure is Failure.TRANSIENT
    assert handles(run.on()) == expected(5, first=11) and run.error is None


def test_too_many_requests_end_the_run_with_one_sentence(served, tmp_path):
    served.add(AT)
    served.instead = [(429, {"Retry-After": "300"}, b"")]
    run = run_of(opened(served, tmp_path))
    assert run.on() == [] and run.error.failure is Failure.THROTTLED
    assert len(served.asked) == 1


def test_half_a_page_is_taken_as_far_as_it_is_whole(served, tmp_path):
    for number in range(6):
        served.add(AT + milliseconds(number * 100))
    _, _, whole = served.answer("/export?count=10&after=2026-01-01T00:00:00.000Z")
    served.instead = [(200, {}, whole[: len(whole) * 2 // 3])]
    run = run_of(opened(served, tmp_path))
    assert handles(run.on()) == expected(6) and not run.rejects
    served.instead = [(200, {}, b'{"did":"did:plc:')]
    assert run.on() == []
    assert run.error.failure is Failure.TRANSIENT and "breaks off" in str(run.error)


def test_a_page_that_is_no_list_of_operations_is_refused(served, tmp_path):
    served.instead = [(200, {}, b"<html>maintenance</html>")]
    run = run_of(opened(served, tmp_path))
    assert run.on() == [] and run.error.failure is Failure.MALFORMED
    assert "no list of operations (<html>maintenance" in str(run.error)


def test_what_is_refused_is_told_with_its_reason_and_holds_nothing_up(served, tmp_path):
    served.add(AT, nullified=True)
    served.add(AT + milliseconds(1), did="did:key:z6Mk")
    served.add(AT + milliseconds(2), operation={"type": "plc_magic"})
    served.add(AT + milliseconds(3), operation="none")
    served.add(AT + milliseconds(4), operation={"type": "plc_operation", "alsoKnownAs": []})
    served.add(AT + milliseconds(5), operation={"type": "plc_operation", "alsoKnownAs": ["at://-"]})
    served.add(AT + milliseconds(6), createdAt="2126-11-22T11:00:00.000Z")
    served.add(AT + milliseconds(7), createdAt="soon")
    served.add(AT + milliseconds(8), handle="sound.bsky.social")
    run = run_of(opened(served, tmp_path))
    assert handles(run.on()) == ["sound.bsky.social"]
    assert run.rejects == [
        (0, "operation: was nullified by a later one"),
        (1, "did: is none"),
        (2, "operation: is of no known type"),
        (3, "operation: is of no known type"),
        (5, "alsoKnownAs: is no handle"),
        (6, "createdAt: lies in the future"),
        (7, "createdAt: is no time"),
    ]
    assert sum(batch.skipped for batch in run.batches) == 1
    assert run.on() == [] and run.position == 9


def test_a_rename_is_a_row_of_the_same_subject_and_a_tombstone_its_end(served, tmp_path):
    served.add(AT, handle="acme-old.bsky.social")
    served.add(
        AT + milliseconds(1), did=did(1),
        operation={"type": "plc_operation", "prev": "bafy1", "alsoKnownAs": ["at://acme.example"]},
    )  # fmt: skip
    served.add(AT + milliseconds(2), did=did(1), operation={"type": "plc_tombstone"})
    served.add(AT + milliseconds(3), operation={"type": "create", "handle": "of-2022.bsky.social"})
    rows = run_of(opened(served, tmp_path)).on()
    assert [(row["handle"], row["state"], bool(row["created_at"])) for row in rows] == [
        ("acme-old.bsky.social", None, True),
        ("acme.example", None, False),
        (None, "removed", False),
        ("of-2022.bsky.social", None, True),
    ]
    assert len({row["subject_key"] for row in rows[:3]}) == 1


def test_an_operation_that_is_nullified_after_it_was_told_is_told_again(served, tmp_path):
    served.add(AT)
    run = run_of(opened(served, tmp_path))
    assert len(run.on()) == 1
    served.operations[0].row["nullified"] = True
    assert run.on() == []
    assert run.rejects == [(1, "operation: was nullified by a later one")]


def test_by_number_a_position_is_the_number_and_holes_are_counted(served, tmp_path):
    for number in range(25):
        served.add(AT, seq=100 + 3 * number)
    run = run_of(opened(served, tmp_path, from_seq=0))
    rows = run.on()
    assert [row["position"] for row in rows] == [100 + 3 * number for number in range(25)]
    assert run.position == 173 and sum(batch.skipped for batch in run.batches) == 173 - 25
    assert served.asked == ["0", "127", "157", "172"]
    served.add(AT, seq=180)
    assert [row["position"] for row in run.on()] == [180]
    assert run.on() == []


def test_by_number_what_lies_before_the_start_is_a_gap(served, tmp_path):
    for number in range(5):
        served.add(AT, seq=100 + number)
    run = run_of(opened(served, tmp_path, from_seq=102))
    assert [row["position"] for row in run.on()] == [103, 104]
    (gap,) = run.batches[0].gaps
    assert (gap.start, gap.end, gap.reason) == (0, 103, "up to `from_seq`")
    assert run.on() == [] and run.instance.id.endswith("#numbered")


def test_by_number_a_directory_without_numbers_says_what_to_do(served, tmp_path):
    served.numbers = False
    served.add(AT)
    run = run_of(opened(served, tmp_path, from_seq=0))
    assert run.on() == [] and "drop `from_seq`" in str(run.error)


def test_by_number_a_bad_line_is_told_and_half_a_line_asked_again(served, tmp_path):
    for number in range(3):
        served.add(AT, seq=1 + number)
    _, _, whole = served.answer("/export?count=10&after=0")
    first, second, third = whole.split(b"\n")
    served.instead = [(200, {}, b"\n".join([first, b"{oops}", second, third[:40]]))]
    run = run_of(opened(served, tmp_path, from_seq=0))
    assert [row["position"] for row in run.on()] == [1, 2, 3]
    assert run.rejects == [(2, "operation: is no JSON")]


def test_memory_is_bounded_and_nothing_in_it_is_asked_for_in_part(monkeypatch):
    monkeypatch.setattr(progressing, "_MOST_TOLD", 20)
    progress = ByTime.starting(AT)
    for number in range(100):
        new = [(AT + milliseconds(number // 7), f"{number:016}")]
        progress = progress.told_of(new)
        assert len(progress.told) <= 21  # all of the last two instants, or twenty
        assert progress.beginning() >= progress.since - progressing.STEP or not progress.told
        assert all(at >= progress.since for at, _ in progress.told)
    assert ByTime.load(progress.dump()) == progress


_TIMES = st.lists(st.integers(0, 6_000), min_size=1, max_size=60)


@settings(deadline=None, max_examples=20)
@examples(_TIMES, _TIMES, st.booleans(), st.integers(1, 4))
def test_whatever_the_times_each_operation_is_read_once(tmp_path_factory, first, more, fine, step):
    """Times in units of `step` hundred microseconds; pages of ten, never ten in one millisecond."""
    with directory(page=10, fine=fine) as served, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PAGE", 10)
        patch.setattr(module, "_PAGES_A_BATCH", 3)
        run = run_of(opened(served, tmp_path_factory.mktemp("plc")))
        crowd = Counter()
        for times in (sorted(first), sorted(more)):
            for time in times:
                at = AT + timedelta(microseconds=100 * step * time)
                crowd[at.replace(microsecond=at.microsecond // 1000 * 1000)] += 1
                if crowd[at.replace(microsecond=at.microsecond // 1000 * 1000)] <= 4:
                    served.add(at)
            run.on()
            assert run.error is None
        assert not run.rejects
        assert sorted(handles(run.rows)) == sorted(expected(len(served.operations)))


@settings(deadline=None, max_examples=50)
@examples(st.binary(max_size=60) | st.text().map(str.encode))
def test_any_line_is_an_operation_or_none(line):
    found = read_operation(line)
    assert found is None or found.entries


@settings(deadline=None, max_examples=50)
@examples(
    st.fixed_dictionaries(
        {"did": st.just(did(1)) | st.none()},
        optional={
            name: st.recursive(
                st.none()
                | st.integers()
                | st.text()
                | st.sampled_from(["plc_operation", "create"]),
                lambda inner: (
                    st.lists(inner, max_size=12)
                    | st.dictionaries(st.sampled_from(["type", "alsoKnownAs", "handle"]), inner)
                ),
            )
            for name in ("operation", "cid", "seq", "nullified", "createdAt")
        },
    )
)
def test_any_object_is_read_or_refused(row):
    assert read_operation(json.dumps(row).encode()) is not None


def test_nested_brackets_and_huge_numbers_are_no_operation():
    assert read_operation(b"[" * 100_000) is None
    assert read_operation(b'{"seq":' + b"9" * 10_000 + b"}") is None
