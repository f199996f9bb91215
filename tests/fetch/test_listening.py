"""Websockets through the door: the same checks as every request, and limits of their own."""

import asyncio
import socket
import struct

import pytest
from aiohttp import web

from namaak.errors import Failure
from namaak.fetch import Budget, FetchError, Limits, Manners, Rate
from tests.fetch.asking import CONTACT, fetcher
from tests.fetch.speaking import hold, speaking


def heard(served, made=None, *, count=1, within_s=5.0, path="/subscribe", **how):
    """So many messages, or None where one did not come."""

    async def run():
        async with (
            made or fetcher(served.port) as fetch,
            fetch.listen(served.url + path, **how) as listener,
        ):
            return [await listener.message(within_s) for _ in range(count)]

    return asyncio.run(run())


def refusal(served, made=None, **how):
    with pytest.raises(FetchError) as caught:
        heard(served, made, **how)
    return caught.value


async def three(_, socket):
    await socket.send_str("één")
    await socket.send_bytes(b"\xff\x00")
    await socket.send_str("")
    await socket.receive()


def test_messages_come_in_order_as_bytes_whether_text_or_not():
    with speaking(three) as served:
        assert heard(served, count=3) == ["één".encode(), b"\xff\x00", b""]
    (asked,) = served.asked
    assert CONTACT in asked.headers["User-Agent"]
    assert "Sec-WebSocket-Extensions" not in asked.headers


def test_silence_is_none_and_ends_nothing():
    async def late(_, socket):
        await asyncio.sleep(0.3)
        await socket.send_str("late")
        await socket.receive()

    with speaking(late) as served:
        assert heard(served, count=2, within_s=0.2) == [None, b"late"]


def test_what_the_server_ends_is_a_transient_error_with_its_reason():
    async def leave(_, socket):
        await socket.close(code=1008, message=b"consumer too slow")

    with speaking(leave) as served:
        error = refusal(served)
    assert error.failure is Failure.TRANSIENT
    assert "was ended by the server (code 1008, consumer too slow)" in str(error)


def test_a_connection_that_breaks_off_is_a_transient_error():
    async def cut(request, _):
        raw = request.transport.get_extra_info("socket")
        # Sent as a reset, not as an orderly end.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()

    with speaking(cut) as served:
        assert refusal(served).failure is Failure.TRANSIENT


def test_a_message_over_its_limit_is_refused_before_it_is_put_together():
    async def flood(_, socket):
        await socket.send_str("x" * 10_000)
        await socket.receive()

    with speaking(flood) as served:
        assert heard(served, limits=Limits(max_bytes=20_000)) == [b"x" * 10_000]
        error = refusal(served, limits=Limits(max_bytes=5_000))
    assert error.failure is Failure.POLICY
    assert "a message of more than 5000 bytes" in str(error)


def test_what_comes_is_counted_in_the_budget_of_the_run():
    async def talk(_, socket):
        for _ in range(3):
            await socket.send_str("0123456789")
        await socket.receive()

    budget = Budget(requests=1, received_bytes=25)
    with speaking(talk) as served:
        error = refusal(served, fetcher(served.port, budget=budget), count=3)
        assert error.failure is Failure.POLICY and "25 bytes of this run" in str(error)
        again = refusal(served, fetcher(served.port, budget=budget))
        assert "the 1 requests of this run are spent" in str(again)
    assert budget.spent == (1, 30)
    assert len(served.asked) == 1


def test_an_address_that_is_not_excepted_is_not_connected_to():
    with speaking(hold) as served:
        error = refusal(served, fetcher(), path="/")
        assert error.failure is Failure.POLICY and "port" in str(error)
        with pytest.raises(FetchError) as caught:
            heard(served, fetcher(), path="/", ports=(served.port,))
    assert caught.value.failure is Failure.POLICY
    assert "127.0.0.1 is loopback" in str(caught.value)
    assert not served.asked


def test_a_redirect_is_not_followed_wherever_it_leads():
    with speaking(hold) as elsewhere:

        def redirect():
            return web.Response(status=302, headers={"Location": f"{elsewhere.url}/stolen"})

        with speaking(answer=redirect) as served:
            error = refusal(served, fetcher(served.port, elsewhere.port))
    assert error.failure is Failure.POLICY and "redirects with status 302" in str(error)
    assert not elsewhere.asked


@pytest.mark.parametrize(
    ("status", "failure"),
    [(401, Failure.AUTH), (404, Failure.GONE), (429, Failure.THROTTLED), (500, Failure.TRANSIENT)],
)
def test_a_refusal_of_the_handshake_is_sorted_like_any_status(status, failure):
    with speaking(answer=lambda: web.Response(status=status)) as served:
        error = refusal(served)
    assert (error.failure, error.status) == (failure, status)


def test_a_host_that_says_too_many_is_not_asked_again_before_its_time():
    def later():
        return web.Response(status=429, headers={"Retry-After": "600"})

    manners = Manners(default=Rate(per_second=100, burst=100))
    with speaking(answer=later) as served:
        assert refusal(served, fetcher(served.port, manners=manners)).status == 429
        error = refusal(served, fetcher(served.port, manners=manners), deadline_s=1)
    assert error.failure is Failure.THROTTLED and "must wait" in str(error)
    assert len(served.asked) == 1


def test_a_page_in_place_of_a_websocket_is_malformed():
    with speaking(answer=lambda: web.Response(text="<html>hello")) as served:
        assert refusal(served).failure is Failure.MALFORMED


def test_failures_are_noted_down_as_attempts():
    async def run(port, url):
        async with fetcher(port) as fetch:
            with pytest.raises(FetchError):
                async with fetch.listen(url):
                    pass
            return fetch.take_attempts()

    with speaking(answer=lambda: web.Response(status=503)) as served:
        (attempt,) = asyncio.run(run(served.port, served.url + "/x"))
    assert (attempt.status, attempt.failure) == (503, Failure.TRANSIENT)
    assert attempt.url.startswith("http://127.0.0.1")


def test_a_server_that_never_agrees_is_given_up():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        port = mute.getsockname()[1]

        async def run():
            stream = f"ws://127.0.0.1:{port}/"
            async with fetcher(port) as fetch, fetch.listen(stream, deadline_s=0.3):
                pass

        with pytest.raises(FetchError, match="did not agree within") as caught:
            asyncio.run(run())
    assert caught.value.failure is Failure.TRANSIENT


def test_who_leaves_in_the_midst_of_silence_leaves_no_connection_open():
    async def run(served):
        async with fetcher(served.port) as fetch:
            async with fetch.listen(served.url + "/") as listener:
                waiting = asyncio.create_task(listener.message(60))
                await asyncio.sleep(0.1)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            return True

    with speaking(hold) as served:
        assert asyncio.run(run(served))


def test_the_callers_headers_are_sent():
    with speaking(three) as served:
        heard(served, headers={"Authorization": "Bearer x"})
    assert served.asked[0].headers["Authorization"] == "Bearer x"


def test_only_websockets_and_http_pass_the_gate():
    async def run():
        async with fetcher() as fetch, fetch.listen("ftp://stream.example/"):
            pass

    with pytest.raises(FetchError, match="neither http"):
        asyncio.run(run())
