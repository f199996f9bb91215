"""What is asked again, when, and what is told about it; servers count, clocks are made up."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from namaak.errors import Failure
from namaak.fetch import Budget, FetchError, Limits, Manners, Rate
from tests.fetch.asking import NOW, Time, fetcher, get, refused
from tests.peers import CLOSE, free_port, hostile, reply

GOOD = reply(b"good")
BUSY = reply(status="503 Service Unavailable")


STATUSES = [
    ("500 Internal Server Error", {}, Failure.TRANSIENT, True),
    ("502 Bad Gateway", {}, Failure.TRANSIENT, True),
    ("503 Service Unavailable", {}, Failure.TRANSIENT, True),
    ("503 Service Unavailable", {"Retry_After": "1"}, Failure.THROTTLED, True),
    ("429 Too Many Requests", {}, Failure.THROTTLED, True),
    ("408 Request Timeout", {}, Failure.TRANSIENT, True),
    ("401 Unauthorized", {}, Failure.AUTH, False),
    ("403 Forbidden", {}, Failure.AUTH, False),
    ("404 Not Found", {}, Failure.GONE, False),
    ("410 Gone", {}, Failure.GONE, False),
    ("400 Bad Request", {}, Failure.MALFORMED, False),
    ("416 Range Not Satisfiable", {}, Failure.MALFORMED, False),
    ("304 Not Modified", {}, Failure.MALFORMED, False),
    ("300 Multiple Choices", {}, Failure.MALFORMED, False),
    ("206 Partial Content", {}, Failure.MALFORMED, False),
]


@pytest.mark.parametrize(("status", "headers", "failure", "again"), STATUSES)
def test_each_status_has_one_class_and_only_two_classes_are_tried_again(
    status, headers, failure, again
):
    with hostile(reply(status=status, **headers)) as server:
        error = refused(f"{server.url}/", fetcher(server.port, time=Time()), retries=2)
        assert len(server.heads) == (3 if again else 1)
    assert (error.failure, error.status) == (failure, int(status[:3]))
    assert error.failure.worth_retrying == again


def test_a_status_that_is_an_answer_is_expected_absent_and_asked_once():
    with hostile(reply(status="404 Not Found")) as server:
        error = refused(f"{server.url}/", absent=(404,), retries=3)
        assert len(server.heads) == 1
    assert error.failure is Failure.EXPECTED_ABSENT


def test_any_status_gives_the_answer_with_its_body():
    with hostile(reply(b"<h1>blocked</h1>", status="403 Forbidden")) as server:
        answer = get(f"{server.url}/", any_status=True)
        assert len(server.heads) == 1
    assert (answer.status, answer.body) == (403, b"<h1>blocked</h1>")


def test_a_retry_that_succeeds_is_an_answer_and_the_failures_are_told():
    time_ = Time()
    with hostile(BUSY, BUSY, GOOD) as server:
        url = f"{server.url}/tile"

        async def run():
            async with fetcher(server.port, time=time_, random=lambda: 1.0) as fetch:
                answer = await fetch.get(url, retries=2)
                return answer, fetch.take_attempts(), fetch.take_attempts()

        answer, attempts, nothing = asyncio.run(run())
    assert answer.body == b"good"
    assert [(a.url, a.failure, a.status, a.at) for a in attempts] == [
        (url, Failure.TRANSIENT, 503, NOW)
    ] * 2
    assert nothing == ()
    assert time_.slept == [0.5, 1.0]


def test_pauses_are_drawn_between_nothing_and_twice_the_last():
    time_ = Time()
    with hostile(BUSY) as server:
        made = fetcher(server.port, time=time_, random=lambda: 0.25)
        refused(f"{server.url}/", made, retries=8, deadline_s=1_000)
    assert time_.slept == [0.125, 0.25, 0.5, 1, 2, 4, 7.5, 7.5]


@pytest.mark.parametrize(
    "retry_after", ["7", "Sun, 22 Nov 2026 12:00:07 GMT"], ids=["seconds", "date"]
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_retry_after_is_obeyed_in_both_forms(status, retry_after):
    time_ = Time()
    with hostile(reply(status=status, Retry_After=retry_after), GOOD) as server:
        made = fetcher(server.port, time=time_, random=lambda: 0.0)
        assert get(f"{server.url}/", made, retries=1).body == b"good"
    assert time_.at - 1_000 == pytest.approx(7, abs=0.01)


def test_a_retry_after_by_the_clock_of_the_server_counts_from_its_date():
    time_ = Time()
    slow = reply(
        status="429 Too Many Requests",
        Date="Sat, 01 Jan 2000 00:00:00 GMT",
        Retry_After="Sat, 01 Jan 2000 00:00:05 GMT",
    )
    with hostile(slow, GOOD) as server:
        made = fetcher(server.port, time=time_, random=lambda: 0.0)
        get(f"{server.url}/", made, retries=1)
    assert time_.at - 1_000 == pytest.approx(5, abs=0.01)


def test_a_retry_after_beyond_the_deadline_ends_at_once():
    time_ = Time()
    with hostile(reply(status="429 Too Many Requests", Retry_After="3600"), GOOD) as server:

        async def run():
            async with fetcher(server.port, time=time_) as fetch:
                for _ in range(2):
                    with pytest.raises(FetchError) as caught:
                        await fetch.get(f"{server.url}/", deadline_s=60)
                    errors.append(caught.value)
                return fetch.take_attempts()

        errors: list[FetchError] = []
        attempts = asyncio.run(run())
        # The second call does not even ask: the host said when it may be asked again.
        assert len(server.heads) == 1
    assert [error.failure for error in errors] == [Failure.THROTTLED] * 2
    assert [attempt.status for attempt in attempts] == [429, None]
    assert time_.slept == []


def test_a_retry_after_with_another_server_error_is_obeyed_too():
    time_ = Time()
    broken = reply(status="502 Bad Gateway", Retry_After="7")
    with hostile(broken, GOOD) as server:
        get(f"{server.url}/", fetcher(server.port, time=time_, random=lambda: 0.0), retries=1)
    assert time_.at - 1_000 == pytest.approx(7, abs=0.01)


def test_any_status_still_slows_the_bucket_of_a_host_that_refuses():
    time_ = Time()
    manners = Manners(default=Rate(per_second=1), clock=time_.clock)
    with hostile(reply(status="429 Too Many Requests", Retry_After="9")) as server:
        made = fetcher(server.port, time=time_, manners=manners)
        assert get(f"{server.url}/", made, any_status=True).status == 429
    assert manners.pause_left("127.0.0.1") == 9
    # Afterwards half as often: a refusal is no answer that brings the old rate back.
    assert [manners.turn("127.0.0.1") for _ in range(2)] == [9, 11]


def test_one_host_that_refuses_slows_every_fetcher_of_the_process():
    time_ = Time()
    manners = Manners(default=Rate(per_second=10_000), clock=time_.clock)
    with hostile(reply(status="429 Too Many Requests", Retry_After="9"), GOOD) as server:
        refused(f"{server.url}/", fetcher(server.port, time=time_, manners=manners))
        assert time_.at == 1_000
        get(f"{server.url}/", fetcher(server.port, time=time_, manners=manners))
    assert time_.at >= 1_009


def test_fetchers_of_several_threads_and_loops_keep_one_rate_together():
    manners = Manners(default=Rate(per_second=20, burst=1))
    with hostile(GOOD) as server:

        async def run():
            async with fetcher(server.port, manners=manners) as fetch:
                for _ in range(3):
                    await fetch.get(f"{server.url}/", retries=0)

        before = time.monotonic()
        threads = [threading.Thread(target=asyncio.run, args=[run()]) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.heads) == 9
    # Nine turns, the first at once; each loop alone would have needed a quarter of that.
    assert time.monotonic() - before >= 8 / 20


def test_waiting_for_our_own_turn_does_not_count_towards_the_deadline():
    time_ = Time()
    manners = Manners(default=Rate(per_second=0.01, burst=1), clock=time_.clock)
    with hostile(GOOD) as server:

        async def run():
            async with fetcher(server.port, time=time_, manners=manners) as fetch:
                for _ in range(3):
                    await fetch.get(f"{server.url}/", deadline_s=5)

        asyncio.run(run())
    assert time_.slept == [pytest.approx(100), pytest.approx(100)]


def test_the_deadline_is_for_all_attempts_together():
    before = time.monotonic()
    with hostile(CLOSE) as server:
        error = refused(f"{server.url}/", retries=1_000, deadline_s=0.4)
        assert 1 <= len(server.heads) < 20
    assert error.failure is Failure.TRANSIENT
    assert time.monotonic() - before < 2


def test_the_deadline_is_for_all_redirects_together():
    async def slow(reader, writer):
        await asyncio.sleep(0.2)
        writer.write(reply(status="302 Found", Location=f"/{time.monotonic()}"))

    before = time.monotonic()
    with hostile(slow) as server:
        error = refused(f"{server.url}/", redirects=100, deadline_s=0.5)
    assert error.failure is Failure.TRANSIENT
    assert 1 <= len(error.hops) <= 3
    assert time.monotonic() - before < 2


def test_a_port_nobody_listens_on_is_transient():
    port = free_port()
    error = refused(f"http://127.0.0.1:{port}/", fetcher(port, time=Time()), retries=2)
    assert error.failure is Failure.TRANSIENT


def test_a_name_that_does_not_exist_is_gone():
    with hostile(GOOD) as server:
        error = refused(f"http://no-such-name.invalid:{server.port}/", fetcher(server.port))
    assert error.failure is Failure.GONE


def test_attempts_beyond_what_is_kept_are_counted_by_class():
    with hostile(*[BUSY] * 1_200, reply(status="404 Not Found")) as server:

        async def run():
            async with fetcher(server.port, time=Time()) as fetch:
                with pytest.raises(FetchError):
                    await fetch.get(f"{server.url}/", retries=5_000, deadline_s=1e9)
                return fetch.take_attempts()

        attempts = asyncio.run(run())
    assert len(attempts) == 1_001
    assert attempts[-1].failure is Failure.GAP
    assert attempts[-1].says == ("201 further failed attempts were not kept: gone 1, transient 200")


def test_a_budget_of_requests_counts_retries_and_is_shared():
    budget = Budget(requests=3)
    with hostile(BUSY, GOOD) as server:
        made = fetcher(server.port, time=Time(), budget=budget)
        assert get(f"{server.url}/", made, retries=1).body == b"good"
        assert get(f"{server.url}/", fetcher(server.port, budget=budget)).body == b"good"
        error = refused(f"{server.url}/", fetcher(server.port, budget=budget))
        assert len(server.heads) == 3
    assert error.failure is Failure.POLICY
    assert budget.spent == (3, 8)


def test_a_budget_of_bytes_ends_a_body_that_goes_over_it():
    budget = Budget(received_bytes=100_000)
    with hostile(reply(b"x" * 90_000)) as server:
        get(f"{server.url}/", fetcher(server.port, budget=budget))
        error = refused(f"{server.url}/", fetcher(server.port, budget=budget))
    assert error.failure is Failure.POLICY
    assert "100000 bytes" in error.says


def test_one_exchange_after_another_uses_one_connection():
    with hostile(GOOD) as server:

        async def run():
            async with fetcher(server.port) as fetch:
                for _ in range(5):
                    await fetch.get(f"{server.url}/")

        asyncio.run(run())
        assert (server.connections, len(server.heads)) == (1, 5)


def test_a_fetcher_outside_of_its_context_says_so():
    made = fetcher(9)
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(made.get("http://127.0.0.1:9/"))


def test_limits_belong_to_one_request():
    with hostile(reply(b"x" * 100)) as server:
        refused(f"{server.url}/", limits=Limits(max_bytes=99))
        assert len(get(f"{server.url}/", limits=Limits(max_bytes=100)).body) == 100
