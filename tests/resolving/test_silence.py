"""Servers that fail: what they do is told as theirs, never as absence of the name."""

from __future__ import annotations

import asyncio
import random
import socket
import time

import dns.message
import pytest

from namaak.resolving import Outcome, Resolver, channels
from tests.resolving.udp import reply, serving, silence

PAUSES: list[float] = []


async def no_pause(seconds: float) -> None:
    PAUSES.append(seconds)


def quick(*servers, **options):
    PAUSES.clear()
    given = {"timeout_s": 0.2, "tries": 3, "sleep": no_pause, "rng": random.Random(1)}
    return Resolver(servers=servers, **given | options)


def test_silence_is_asked_again_after_growing_pauses_and_ends_as_a_timeout():
    async def ask():
        async with serving(silence) as heard, quick(heard.address) as resolver:
            return await resolver.ask("name.test"), heard

    answer, heard = asyncio.run(ask())
    assert (answer.outcome, answer.attempts) == (Outcome.TIMEOUT, 3)
    assert answer.outcome.exists is None
    assert len(PAUSES) == 2 and 0.1 <= PAUSES[0] <= 0.2 <= PAUSES[1] <= 0.4
    assert len(heard.questions) >= 3
    assert "0.2 s" in answer.says


def test_pauses_differ_from_question_to_question():
    async def ask():
        async with serving(silence) as heard, quick(heard.address) as resolver:
            await asyncio.gather(*(resolver.ask(f"n{number}.test") for number in range(5)))

    asyncio.run(ask())
    assert len(set(PAUSES)) == len(PAUSES) == 10


def test_a_server_that_wakes_up_is_believed():
    asked = 0

    def second_time(question):
        nonlocal asked
        asked += 1
        return [] if asked == 1 else [reply(question, "name.test. 60 A 192.0.2.1")]

    async def ask():
        async with serving(second_time) as heard, quick(heard.address) as resolver:
            return await resolver.ask("name.test")

    answer = asyncio.run(ask())
    assert (answer.outcome, answer.attempts, answer.ttl) == (Outcome.ANSWERED, 2, 60)


def test_a_port_where_nobody_listens_is_silence_too():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    async def ask():
        async with quick(f"127.0.0.1:{port}") as resolver:
            return [await resolver.ask("name.test", type_) for type_ in ("A", "TLSA")]

    assert [answer.outcome for answer in asyncio.run(ask())] == [Outcome.TIMEOUT] * 2


@pytest.mark.parametrize("first", ["REFUSED", "SERVFAIL", "NOTIMP"])
def test_another_server_is_asked_when_the_first_fails(first):
    def failing(question):
        return [reply(question, rcode=first)]

    def helping(question):
        return [reply(question, "name.test. 60 A 192.0.2.1")]

    async def ask():
        async with (
            serving(failing) as one,
            serving(helping) as other,
            quick(one.address, other.address) as resolver,
        ):
            answers = [await resolver.ask("name.test", "A") for _ in range(2)]
            return answers, one, other

    answers, one, other = asyncio.run(ask())
    assert {answer.outcome for answer in answers} == {Outcome.ANSWERED}
    assert {answer.resolver for answer in answers} == {other.address}
    assert sorted(answer.attempts for answer in answers) == [1, 2]
    assert len(one.questions) == 1


@pytest.mark.parametrize(
    ("rcode", "outcome"),
    [("SERVFAIL", Outcome.BROKEN), ("REFUSED", Outcome.REFUSED), ("NOTIMP", Outcome.REFUSED)],
)
@pytest.mark.parametrize("type_", ["A", "TLSA"])
def test_a_failure_of_all_servers_is_told_after_each_was_asked_once(rcode, outcome, type_):
    def failing(question):
        return [reply(question, rcode=rcode)]

    async def ask():
        async with (
            serving(failing) as one,
            serving(failing) as other,
            quick(one.address, other.address) as resolver,
        ):
            return await resolver.ask("name.test", type_), one, other

    answer, one, other = asyncio.run(ask())
    assert (answer.outcome, answer.attempts) == (outcome, 2)
    assert len(one.questions) == len(other.questions) == 1


@pytest.mark.parametrize("cut", [0, 1, 11, 12, 20, -1])
def test_answers_cut_short_are_neither_believed_nor_called_absence(cut):
    def cut_short(question):
        whole = reply(question, "name.test. 60 A 192.0.2.1")
        return [whole[:cut]]

    async def ask():
        async with serving(cut_short) as heard, quick(heard.address, tries=1) as resolver:
            return await resolver.ask("name.test")

    assert asyncio.run(ask()).outcome in (Outcome.TIMEOUT, Outcome.MALFORMED)


def test_answers_to_other_questions_are_not_believed():
    def somebody_else(question):
        forged = dns.message.make_response(question)
        forged.id ^= 1
        other = dns.message.make_query("other.test", "A", id=question.id)
        return [forged.to_wire(), reply(other, "other.test. 60 A 192.0.2.66")]

    async def ask():
        async with serving(somebody_else) as heard, quick(heard.address, tries=1) as resolver:
            return await resolver.ask("name.test")

    assert asyncio.run(ask()).outcome in (Outcome.TIMEOUT, Outcome.MALFORMED)


def test_records_of_another_name_are_no_answer():
    def beside(question):
        return [reply(question, "other.test. 60 A 192.0.2.66")]

    async def ask():
        async with serving(beside) as heard, quick(heard.address) as resolver:
            return await resolver.ask("name.test")

    answer = asyncio.run(ask())
    assert (answer.outcome, answer.values) == (Outcome.MALFORMED, ())


def test_an_absence_that_nobody_confirms_is_no_absence():
    """The question for an alias meets silence: then it is not known whether there is one."""

    def half(question):
        address = question.question[0].rdtype == dns.rdatatype.A
        return [reply(question, rcode="NXDOMAIN")] if address else []

    async def ask():
        async with serving(half) as heard, quick(heard.address) as resolver:
            return await resolver.ask("name.test")

    assert asyncio.run(ask()).outcome is Outcome.TIMEOUT


def test_answers_are_remembered_while_they_hold_and_not_without_bounds(monkeypatch):
    def there(question):
        return [reply(question, "name.test. 60 A 192.0.2.1")]

    async def ask(times):
        async with serving(there) as heard, quick(heard.address, timeout_s=2) as resolver:
            for _ in range(times):
                answer = await resolver.ask("name.test")
                assert (answer.outcome, answer.resolver) == (Outcome.ANSWERED, heard.address)
                await asyncio.sleep(0.02)  # it forgets in a thread
            return len(heard.questions)

    assert asyncio.run(ask(20)) == 1
    monkeypatch.setattr(channels, "_REMEMBERED", 5)
    assert 1 < asyncio.run(ask(20)) <= 5


def test_no_more_questions_are_open_than_allowed():
    most = 0

    async def ask():
        nonlocal most
        running = 0

        def counted(question):
            nonlocal running, most
            running += 1
            most = max(most, running)
            asyncio.get_running_loop().call_later(0.01, less)
            return [reply(question, f"{question.question[0].name} 60 A 192.0.2.1")]

        def less():
            nonlocal running
            running -= 1

        async with (
            serving(counted, delay_s=0.02) as heard,
            quick(heard.address, timeout_s=2, in_flight=7) as resolver,
        ):
            many = [(f"n{number}.test", "A") for number in range(60)]
            return [answer async for answer in resolver.ask_many(many)]

    assert len(asyncio.run(ask())) == 60
    assert 1 < most <= 7


def test_questions_keep_to_the_rate():
    def there(question):
        return [reply(question, f"{question.question[0].name} 60 A 192.0.2.1")]

    async def ask():
        async with serving(there) as heard:
            options = {"sleep": asyncio.sleep, "per_second": 100, "timeout_s": 2}
            async with quick(heard.address, **options) as resolver:
                started = time.monotonic()
                many = [(f"n{number}.test", "A") for number in range(31)]
                async for _ in resolver.ask_many(many):
                    pass
                return time.monotonic() - started

    assert 0.3 <= asyncio.run(ask()) < 3


def test_a_resolver_that_is_closed_leaves_no_task_and_no_socket():
    async def ask():
        async with serving(silence) as heard:
            async with quick(heard.address, timeout_s=30) as resolver:
                waiting = asyncio.create_task(resolver.ask("name.test"))
                await asyncio.sleep(0.05)
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
            return waiting, asyncio.all_tasks()

    waiting, tasks = asyncio.run(ask())
    assert waiting.cancelled()
    assert len(tasks) == 1


@pytest.mark.parametrize(
    "options",
    [{"servers": []}, {"servers": ["dns.example"]}, {"tries": 0}, {"timeout_s": 0},
     {"in_flight": 0}, {"per_second": -1}],
)  # fmt: skip
def test_a_resolver_without_sense_is_refused(options):
    with pytest.raises(ValueError):
        Resolver(**{"servers": ["127.0.0.1"]} | options)
