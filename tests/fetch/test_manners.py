"""Turns: never more than promised, in whatever order and from however many threads they come."""

from __future__ import annotations

import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.fetch import Manners, Rate
from tests.fetch.asking import Time


def _manners(time, default=None, **hosts):
    rates = {host.replace("_", "."): rate for host, rate in hosts.items()}
    default = default or Rate(per_second=1, burst=2)
    return Manners(default=default, hosts=rates, clock=time.clock)


def test_a_burst_is_free_and_what_follows_is_spaced():
    manners = _manners(Time())
    assert [manners.turn("a.example") for _ in range(5)] == [0, 0, 1, 2, 3]


def test_a_rest_fills_the_bucket_no_further_than_its_burst():
    time = Time()
    manners = _manners(time)
    for _ in range(2):
        manners.turn("a.example")
    time.at += 3_600
    assert [manners.turn("a.example") for _ in range(4)] == [0, 0, 1, 2]


def test_hosts_have_buckets_and_rates_of_their_own():
    manners = _manners(Time(), slow_example=Rate(per_second=0.15), fast_example=Rate(per_second=9))
    assert [round(manners.turn("slow.example"), 3) for _ in range(3)] == [0, 6.667, 13.333]
    assert [round(manners.turn("fast.example"), 3) for _ in range(3)] == [0, 0.111, 0.222]
    assert manners.turn("other.example") == 0


def test_a_rate_may_become_known_later():
    manners = _manners(Time())
    manners.set_rate("Slow.Example.", Rate(per_second=0.1))
    assert [manners.turn("slow.example") for _ in range(3)] == [0, 10, 20]
    assert manners.turn("other.example") == 0


RATES = st.builds(Rate, per_second=st.floats(0.01, 100), burst=st.integers(1, 20))


@given(RATES, st.lists(st.floats(0, 30), max_size=60))
def test_no_window_ever_holds_more_than_rate_and_burst_allow(rate, pauses):
    """Between any two turns i <= j: j - i + 1 <= rate x seconds + burst."""
    time = Time()
    manners = _manners(time, rate)
    starts = []
    for pause in pauses:
        time.at += pause
        starts.append(time.at + manners.turn("a.example"))
    assert starts == sorted(starts)
    for first, begin in enumerate(starts):
        for last in range(first, len(starts)):
            allowed = rate.per_second * (starts[last] - begin) + rate.burst
            assert last - first + 1 <= allowed + 1e-6


@given(RATES)
def test_nobody_waits_longer_than_the_rate_makes_him(rate):
    manners = _manners(Time(), rate)
    waits = [manners.turn("a.example") for _ in range(rate.burst + 5)]
    assert waits[: rate.burst] == pytest.approx([0] * rate.burst, abs=1e-9)
    assert waits[-1] == pytest.approx(5 / rate.per_second)


def test_a_host_that_refuses_is_left_alone_and_then_asked_half_as_often():
    time = Time()
    manners = _manners(time)
    manners.turn("a.example")
    manners.slow_down("a.example", 30)
    assert manners.pause_left("a.example") == 30
    # No burst after the pause, and two seconds between turns instead of one.
    assert [manners.turn("a.example") for _ in range(3)] == [30, 32, 34]
    assert manners.pause_left("b.example") == 0


def test_answers_bring_back_the_old_rate():
    time = Time()
    manners = _manners(time)
    for _ in range(3):
        manners.slow_down("a.example", 0)
    for _ in range(40):
        manners.answered("a.example")
    time.at += 1_000
    assert [manners.turn("a.example") for _ in range(4)] == [0, 0, 1, 2]


def test_a_pause_has_an_end_whatever_a_host_says():
    manners = _manners(Time())
    manners.slow_down("a.example", 1e18)
    assert manners.pause_left("a.example") == 86_400
    manners.slow_down("a.example", -5)
    assert manners.pause_left("a.example") == 86_400


def test_a_host_that_keeps_refusing_is_not_slowed_for_ever():
    manners = _manners(Time())
    for _ in range(100):
        manners.slow_down("a.example", 0)
    first = manners.turn("a.example")
    assert manners.turn("a.example") - first == 64


@pytest.fixture
def restless():
    """Threads that change places as often as the interpreter lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-7)
    yield
    sys.setswitchinterval(before)


def test_threads_share_one_bucket(restless):
    manners = Manners(default=Rate(per_second=10, burst=1), clock=lambda: 1_000.0)
    waits: list[float] = []

    def take():
        for _ in range(1_000):
            waits.append(manners.turn("a.example"))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Every turn once, none twice: 0, 0.1, 0.2, ... whoever took it.
    assert sorted(waits) == pytest.approx([n / 10 for n in range(8_000)])


def test_hosts_that_rest_are_forgotten_and_strained_ones_are_not():
    time = Time()
    manners = _manners(time)
    manners.slow_down("strained.example", 5)
    for n in range(25_000):
        manners.turn(f"{n}.example")
        time.at += 5
    assert len(manners._buckets) <= 10_001
    assert "strained.example" in manners._buckets


@pytest.mark.parametrize(
    ("per_second", "burst"), [(0, 1), (-1, 1), (float("nan"), 1), (float("inf"), 1), (1, 0)]
)
def test_a_rate_that_is_none_is_refused(per_second, burst):
    with pytest.raises(ValueError):
        Rate(per_second=per_second, burst=burst)
