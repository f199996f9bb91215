"""What a fetcher and a request must be made with, and what they refuse to be made with."""

from __future__ import annotations

import asyncio

import pytest

from namaak.errors import Failure, UsageError
from namaak.fetch import Fetcher, Manners
from tests.fetch.asking import CONTACT, fetcher, get, refused
from tests.peers import hostile, reply


@pytest.mark.parametrize(
    "contact",
    ["", " ", "nobody", "a@b.example\r\nX-Evil: 1", "é@b.example", "a@b.example (me)",
     "a@" + "b" * 300, "javascript:alert(1)"],
)  # fmt: skip
def test_without_a_contact_there_is_no_fetcher(contact):
    with pytest.raises(UsageError, match="contact"):
        Fetcher(contact=contact, manners=Manners())


def test_a_contact_is_not_optional():
    with pytest.raises(TypeError, match="contact"):
        Fetcher(manners=Manners())


@pytest.mark.parametrize("contact", [CONTACT, "https://waldermond.example/crawling"])
def test_the_contact_is_told_with_every_request(contact):
    with hostile(reply(status="302 Found", Location="/next"), reply()) as server:
        made = fetcher(server.port, contact=contact)
        get(f"{server.url}/", made)
        for n in range(2):
            assert server.header("User-Agent", n) == made.user_agent
    assert made.user_agent.endswith(f"(+{contact})")


def test_nothing_is_sent_that_nobody_asked_for():
    with hostile(reply(Set_Cookie="a=b"), reply()) as server:
        get(f"{server.url}/")
        get(f"{server.url}/")
        names = {line.partition(":")[0] for line in server.heads[1].split("\r\n")[1:] if line}
    assert names == {"Host", "User-Agent", "Accept-Encoding", "Accept"}


def test_cookies_are_not_kept():
    with hostile(reply(status="302 Found", Location="/b", Set_Cookie="a=b"), reply()) as server:
        # By name: clients keep no cookies of bare addresses.
        get(f"http://localhost:{server.port}/", fetcher(server.port))
        assert server.paths == ["/", "/b"]
        assert server.header("Cookie") is None


@pytest.mark.parametrize(
    "header",
    [
        {"User-Agent": "Mozilla"},
        {"host": "other.example"},
        {"Content-Length": "9"},
        {"Transfer-Encoding": "chunked"},
        {"Cookie": "a=b"},
        {"Accept-Encoding": "br"},
        {"X-A": "b\r\nX-C: d"},
        {"X-A\r\nB": "c"},
    ],
)
def test_headers_that_a_caller_may_not_set(header):
    with hostile(reply()) as server:
        with pytest.raises(ValueError, match="header"):
            get(f"{server.url}/", headers=header)
        assert server.heads == []


def test_methods_are_few():
    with hostile(reply()) as server:
        with pytest.raises(ValueError, match="method"):
            get(f"{server.url}/", method="DELETE")
        assert server.heads == []


def test_a_url_that_is_refused_is_an_attempt_too():
    async def run():
        async with fetcher(9) as fetch:
            with pytest.raises(Exception, match="user name"):
                await fetch.get("http://u@shop.example/")
            return fetch.take_attempts()

    (attempt,) = asyncio.run(run())
    assert (attempt.failure, attempt.status) == (Failure.POLICY, None)


def test_a_port_is_asked_only_where_the_caller_names_it():
    error = refused("http://shop.example:8443/", fetcher())
    assert error.failure is Failure.POLICY
    assert "port 8443" in error.says
    # Named, it is asked for: the failure is then that of a name that does not exist.
    named = refused("http://no-such.invalid:8443/", fetcher(), ports=(8443,))
    assert named.failure is Failure.GONE
