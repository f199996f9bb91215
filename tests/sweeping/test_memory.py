"""What sweeps remember, and what is new to the next one."""

from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.errors import NamaakError, UsageError
from namaak.sweeping.memory import Memory, News, Ran, default_path, load, remember

T0 = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
T1, T2, T3 = (T0 + timedelta(days=days) for days in (1, 2, 3))
DOMAIN = "waldermond.test"


def ran(at, *, whole=True):
    return Ran(at=at, whole=whole, asked=2, registered=1, unanswered=0)


def sweep(path: Path, at: datetime, *, registered=(), absent=(), whole=True):
    remember(
        path, DOMAIN, at=at, registered=registered, absent=absent, ran=ran(at, whole=whole)
    )  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sweeps" / "waldermond.test.json"


def test_a_name_is_new_only_when_it_was_asked_about_and_not_there(path):
    sweep(path, T0, registered=["a.test"], absent=["b.test"])
    memory = load(path, DOMAIN)
    assert memory.news("a.test") is News.KNOWN
    assert memory.news("b.test") is News.NEW
    assert memory.news("c.test") is News.FIRST_ASKED


def test_a_name_that_came_back_is_told_apart_from_a_new_one(path):
    sweep(path, T0, registered=["a.test"])
    sweep(path, T1, absent=["a.test"])
    assert load(path, DOMAIN).news("a.test") is News.AGAIN
    sweep(path, T2, registered=["a.test"])
    memory = load(path, DOMAIN)
    assert memory.news("a.test") is News.KNOWN
    assert (memory.registered["a.test"].first, memory.registered["a.test"].last) == (T0, T2)


def test_when_a_name_was_first_seen_is_kept_for_ever(path):
    for at in (T1, T0, T2):
        sweep(path, at, registered=["a.test"])
    known = load(path, DOMAIN).registered["a.test"]
    assert (known.first, known.last, known.gone) == (T0, T2, None)


def test_what_was_not_asked_or_gave_no_answer_changes_nothing(path):
    sweep(path, T0, registered=["a.test"], absent=["b.test"])
    sweep(path, T1)
    memory = load(path, DOMAIN)
    assert memory.registered["a.test"].gone is None
    assert memory.absent == {"b.test": T0}


def test_an_interrupted_sweep_is_kept_as_such_and_replaced_by_its_own_later_words(path):
    sweep(path, T0, registered=["a.test"], whole=False)
    assert [(one.at, one.whole) for one in load(path, DOMAIN).sweeps] == [(T0, False)]
    sweep(path, T0, registered=["a.test", "b.test"], whole=True)
    assert [(one.at, one.whole) for one in load(path, DOMAIN).sweeps] == [(T0, True)]


def test_a_slow_sweep_that_ends_late_does_not_take_back_what_a_later_one_saw(path):
    sweep(path, T2, registered=["a.test"])
    sweep(path, T1, absent=["a.test"])
    assert load(path, DOMAIN).news("a.test") is News.KNOWN
    sweep(path, T3, absent=["a.test"])
    sweep(path, T2, registered=["a.test"])
    assert load(path, DOMAIN).news("a.test") is News.AGAIN


def _add(path: Path, worker: int) -> None:
    for turn in range(8):
        at = T0 + timedelta(hours=worker, seconds=turn)
        sweep(path, at, registered=[f"r{worker}-{turn}.test"], absent=[f"a{worker}-{turn}.test"])


def test_sweeps_at_the_same_time_lose_nothing_of_each_other(path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_add, args=(path, worker)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    memory = load(path, DOMAIN)
    assert len(memory.registered) == len(memory.absent) == len(memory.sweeps) == 32
    assert [one.name for one in path.parent.iterdir() if one.name.endswith(".part")] == []


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.lists(st.sampled_from("abcd"), unique=True),
            st.lists(st.sampled_from("efgh"), unique=True),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_is_what_is_read(tmp_path_factory, runs):
    path = tmp_path_factory.mktemp("memory") / "m.json"
    kept = Memory(domain=DOMAIN)
    for hour, registered, absent in runs:
        at = T0 + timedelta(hours=hour)
        kept.add(at=at, registered=registered, absent=absent, ran=ran(at))
        sweep(path, at, registered=registered, absent=absent)
    assert load(path, DOMAIN) == kept
    assert path.read_bytes() == kept.dump()


def test_no_file_is_no_memory(path):
    assert load(path, DOMAIN) == Memory(domain=DOMAIN)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": 1}',
        b'{"format": 2, "domain": "waldermond.test"}',
        b'{"format": 1, "domain": "waldermond.test", "more": 1}',
        b'{"format": 1, "domain": "waldermond.test", "registered": {"a": {"first": "today"}}}',
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_and_left_as_it_is(path, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(NamaakError, match=r"move it away.*--forget"):
        load(path, DOMAIN)
    with pytest.raises(NamaakError):
        sweep(path, T0, registered=["a.test"])
    assert path.read_bytes() == content


def test_a_file_of_another_domain_is_refused(path):
    sweep(path, T0)
    with pytest.raises(UsageError, match=r"waldermond\.test, not of boll\.test"):
        load(path, "boll.test")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NamaakError, match=r"cannot be remembered in .*file"):
        sweep(tmp_path / "file" / "m.json", T0)


def test_the_file_of_a_domain_lies_in_the_users_state_folder():
    home = {"HOME": "/somewhere/anna"}
    assert default_path("a.test", home) == Path(
        "/somewhere/anna/.local/state/namaak/sweeps/a.test.json"
    )
    given = {**home, "XDG_STATE_HOME": "/state"}
    assert default_path("a.test", given) == Path("/state/namaak/sweeps/a.test.json")
    relative = {**home, "XDG_STATE_HOME": "state"}
    assert default_path("a.test", relative) == default_path("a.test", home)
    with pytest.raises(UsageError, match="--state"):
        default_path("a.test", {})


def test_the_longest_domain_still_has_a_file_name_of_its_own(tmp_path):
    longest = ".".join(["x" * 63] * 3 + ["y" * 61])
    other = ".".join(["x" * 63] * 3 + ["z" * 61])
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    path = default_path(longest, environ)
    assert path != default_path(other, environ)
    remember(path, longest, at=T0, registered=[], absent=[], ran=ran(T0))
    assert json.loads(path.read_bytes())["domain"] == longest
