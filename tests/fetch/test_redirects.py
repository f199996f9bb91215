"""Redirects are followed by hand: each place is checked, and what may not travel stays behind."""

from __future__ import annotations

import pytest

from namaak.errors import Failure
from tests.fetch.asking import fetcher, get, refused
from tests.peers import free_port, hostile, reply

GOOD = reply(b"good")


def to(place: str, status: str = "302 Found") -> bytes:
    return reply(b"<a>moved</a>", status=status, Location=place)


def test_the_chain_and_the_last_url_are_told():
    with hostile(to("/a/b"), to("../c?x=1#part", "301 Moved Permanently"), GOOD) as server:
        answer = get(f"{server.url}/")
        assert server.paths == ["/", "/a/b", "/c?x=1"]
    assert answer.url == f"{server.url}/c?x=1"
    assert [(hop.url, hop.status, hop.location, hop.address) for hop in answer.hops] == [
        (f"{server.url}/", 302, f"{server.url}/a/b", "127.0.0.1"),
        (f"{server.url}/a/b", 301, f"{server.url}/c?x=1", "127.0.0.1"),
    ]


def test_five_are_followed_and_a_sixth_is_refused():
    five = [to(f"/{n}") for n in range(5)]
    with hostile(*five, GOOD) as server:
        assert get(f"{server.url}/").body == b"good"
    with hostile(*five, to("/6"), GOOD) as server:
        error = refused(f"{server.url}/")
        assert len(server.heads) == 6
    assert error.failure is Failure.POLICY
    assert len(error.hops) == 5


def test_a_circle_is_refused_when_it_closes():
    with hostile(to("/b"), to("/")) as server:
        error = refused(f"{server.url}/")
        assert server.paths == ["/", "/b"]
    assert error.failure is Failure.POLICY
    assert "circle" in error.says


@pytest.mark.parametrize(
    "answer",
    [
        reply(status="302 Found"),
        reply(status="302 Found", Location="/a").replace(
            b"\r\nContent", b"\r\nLocation: /b\r\nContent"
        ),
    ],
    ids=["nowhere", "two-places"],
)
def test_a_redirect_to_nowhere_or_to_two_places_is_malformed(answer):
    with hostile(answer, GOOD) as server:
        error = refused(f"{server.url}/")
        assert len(server.heads) == 1
    assert (error.failure, error.status) == (Failure.MALFORMED, 302)


def test_a_redirect_to_nowhere_is_an_answer_where_any_status_is():
    with hostile(reply(b"hm", status="302 Found")) as server:
        assert get(f"{server.url}/", any_status=True).body == b"hm"


def test_no_redirects_and_any_status_give_the_redirect_itself():
    with hostile(to("https://elsewhere.example/")) as server:
        answer = get(f"{server.url}/", any_status=True, redirects=0)
    assert (answer.status, answer.headers["location"]) == (302, "https://elsewhere.example/")


@pytest.mark.parametrize(
    "place",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://127.0.0.1:25/_HELO",
        "http://user:word@127.0.0.1:{port}/",
        "http://127.0.0.1:22/",
        "http:\\\\127.0.0.1:{port}\\",
        "//127.0.0.1:{port}\\@elsewhere.example/",
        "http://[::1/",
        "http://127.0.0.1:{port}/" + "x" * 9_000,
        "http://",
    ],
)
def test_places_that_are_not_followed(place):
    port = free_port()
    with hostile(to(place.format(port=port)), GOOD, port=port) as server:
        error = refused(f"{server.url}/")
        assert len(server.heads) == 1
    assert (error.failure, error.status) == (Failure.POLICY, 302)


def test_a_tab_inside_a_place_is_refused_rather_than_dropped():
    with hostile(to("/a\tb"), GOOD) as server:
        assert refused(f"{server.url}/").failure is Failure.POLICY


def test_bytes_that_are_no_ascii_are_asked_as_they_came():
    answer = to("/caf\xe9?\xff=1")  # latin-1 on the wire
    with hostile(answer, GOOD) as server:
        get(f"{server.url}/")
        assert server.paths[1] == "/caf%E9?%FF=1"


KEYS = {"Authorization": "Bearer secret", "X-Api-Key": "secret", "Accept": "text/html"}


def test_keys_stay_behind_when_the_origin_changes():
    with hostile(GOOD) as other, hostile(to(f"{other.url}/")) as server:
        get(f"{server.url}/", fetcher(server.port, other.port), headers=KEYS)
        assert server.header("Authorization") == "Bearer secret"
        assert other.header("Authorization") is None
        assert other.header("X-Api-Key") is None
        assert other.header("Accept") == "text/html"


def test_keys_go_along_within_one_origin():
    with hostile(to("/next"), GOOD) as server:
        get(f"{server.url}/", headers=KEYS)
        assert server.header("Authorization") == "Bearer secret"


@pytest.mark.parametrize(
    ("status", "method", "second"),
    [
        ("303 See Other", "POST", "GET"),
        ("302 Found", "POST", "GET"),
        ("301 Moved Permanently", "POST", "GET"),
        ("307 Temporary Redirect", "POST", "POST"),
        ("308 Permanent Redirect", "POST", "POST"),
        ("303 See Other", "HEAD", "HEAD"),
        ("302 Found", "HEAD", "HEAD"),
    ],
)
def test_the_method_after_a_redirect(status, method, second):
    empty = reply(status="200 OK", Content_Length="0")
    redirect = reply(status=status, Location="/next")
    body = b"name=value" if method == "POST" else None
    with hostile(redirect, empty) as server:
        get(f"{server.url}/", method=method, body=body)
        assert server.heads[1].startswith(f"{second} /next")
        assert server.bodies[1] == (b"name=value" if second == "POST" else b"")


def test_what_was_posted_does_not_go_to_another_origin():
    with hostile(GOOD) as other:
        redirect = to(f"{other.url}/", "307 Temporary Redirect")
        with hostile(redirect) as server:
            made = fetcher(server.port, other.port)
            error = refused(f"{server.url}/", made, method="POST", body=b"password=x")
        assert other.connections == 0
    assert error.failure is Failure.POLICY
