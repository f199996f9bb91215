"""Twitch: the app's token, searches, look-ups, and who is gone."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from namaak.errors import Failure
from namaak.sources.profiles.questions import Way
from namaak.sources.twitch import CLIENT, SECRET, Twitch
from tests.sources.keyed_platform import NOW, KeyedPlatform, Says, known, opened, run, serving

KEYS = {CLIENT: "an-app", SECRET: "a-secret"}
TOKEN = Says({"access_token": "token-1", "expires_in": 100, "token_type": "bearer"})


def twitch(folder, at, **more):
    table = {"environ": KEYS, "token_url": f"{at.url}/token", "probes": 0, **more}
    return opened(Twitch, folder, at, **table)


def user(number, login="waldermond", **more):
    return {"id": str(number), "login": login, "display_name": login.upper(), **more}


def channel(number, login="waldermond"):
    return {"id": str(number), "broadcaster_login": login, "display_name": "Wälder"}


def answering(*answers):
    """Tokens to whoever asks for one, and these to all else, the last one again and again."""
    left = list(answers)

    def answer(got):
        if got.path == "/token":
            return TOKEN
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def test_each_variable_that_is_missing_is_named(tmp_path):
    at = KeyedPlatform(1)
    assert twitch(tmp_path, at, environ={}).lacks().startswith(f"{CLIENT} and {SECRET} are not")
    assert twitch(tmp_path, at, environ={CLIENT: "a"}).lacks().startswith(f"{SECRET} is not set")
    assert twitch(tmp_path, at).lacks() is None


def test_one_token_serves_a_run_and_the_secret_is_posted_never_written_into_an_address(tmp_path):
    with serving(answering(Says({"data": []}))) as at:
        run(twitch(tmp_path, at, probes=250), Way.PROBE)
    assert at.paths == ["/token", "/users", "/users", "/users"]
    form = parse_qs(at.asked[0].body.decode())
    assert form == {
        "client_id": ["an-app"],
        "client_secret": ["a-secret"],
        "grant_type": ["client_credentials"],
    }
    assert not any("secret" in one.target or "token-1" in one.target for one in at.asked)
    assert at.asked[1].headers["Authorization"] == "Bearer token-1"
    assert at.asked[1].headers["Client-Id"] == "an-app"
    assert [len(one.query["login"]) for one in at.asked[1:]] == [100, 100, 50]


def test_a_token_that_has_ended_is_renewed_once(tmp_path):
    with serving(answering(Says(status=401), Says({"data": [channel(1)]}))) as at:
        read = run(twitch(tmp_path, at), Way.SEARCH)
    assert at.paths == ["/token", "/search/channels", "/token", "/search/channels"]
    assert read.ids == ["1"] and read.error is None


def test_a_token_that_is_refused_though_new_ends_the_run(tmp_path):
    with serving(answering(Says({"message": "no"}, status=401))) as at:
        read = run(twitch(tmp_path, at), Way.SEARCH)
    assert at.paths.count("/token") == 2
    assert read.error.failure is Failure.AUTH
    assert f"{CLIENT} and {SECRET}" in str(read.error)
    assert "a-secret" not in str(read.error)


@pytest.mark.parametrize("status", [400, 403])
def test_a_wrong_secret_is_told_as_such(tmp_path, status):
    with serving(lambda _: Says({"status": status, "message": "invalid client"}, status)) as at:
        read = run(twitch(tmp_path, at), Way.SEARCH)
    assert at.paths == ["/token"]
    assert read.error.failure is Failure.AUTH
    assert "gives no token for what" in str(read.error)


def test_a_reply_without_a_token_is_no_token(tmp_path):
    with serving(lambda _: Says({"access_token": 7})) as at:
        read = run(twitch(tmp_path, at), Way.SEARCH)
    assert at.paths == ["/token"]
    assert "without one" in str(read.error)


def test_pages_are_followed_until_one_is_empty_and_nothing_counts_twice(tmp_path):
    pages = [
        Says({"data": [channel(1), channel(2)], "pagination": {"cursor": "a"}}),
        Says({"data": [channel(2)], "pagination": {"cursor": "b"}}),
        Says({"data": [], "pagination": {"cursor": "c"}}),
    ]
    with serving(answering(*pages)) as at:
        read = run(twitch(tmp_path, at, pages_per_question=9), Way.SEARCH)
    assert [one.one("after") for one in at.asked[1:]] == [None, "a", "b"]
    assert read.ids == ["1", "2"]


def test_too_many_requests_end_the_run_and_the_next_one_goes_on(tmp_path):
    first = Says({"data": [channel(1)], "pagination": {"cursor": "a"}})
    reset = str(int((NOW + timedelta(minutes=1)).timestamp()))
    busy = Says({"message": "Too Many Requests"}, 429, {"Ratelimit-Reset": reset})
    rest = Says({"data": [channel(2)]})
    with serving(answering(first, busy, rest)) as at:
        read = run(twitch(tmp_path, at), Way.SEARCH)
        assert read.ids == ["1"] and read.error.failure is Failure.THROTTLED
        assert "from 22 Nov 12:01 UTC on" in str(read.error)
        read = run(twitch(tmp_path, at), Way.SEARCH, after=read)
    assert at.asked[-1].one("after") == "a"
    assert read.ids == ["2"] and read.error is None


def test_a_handle_is_written_as_its_owner_writes_it_where_that_is_the_same(tmp_path):
    with serving(answering(Says({"data": [user(1, "acme"), channel(2, "acme2")]}))) as at:
        read = run(twitch(tmp_path, at, probes=1), Way.PROBE)
    assert read.rows[0]["handle"] == "ACME"
    assert read.rows[1]["handle"] is None  # a channel of a search is no user
    with serving(answering(Says({"data": [channel(2, "acme2")]}))) as at:
        read = run(twitch(tmp_path, at), Way.SEARCH)
    assert (read.rows[0]["handle"], read.rows[0]["display_name"]) == ("acme2", "Wälder")


def test_an_emptied_channel_is_empty_in_a_look_up_and_unknown_in_a_search(tmp_path):
    with serving(answering(Says({"data": [user(1, "acme", description="")]}))) as at:
        looked_up = run(twitch(tmp_path, at, probes=1), Way.PROBE).rows[0]
    with serving(answering(Says({"data": [channel(1, "acme")]}))) as at:
        found = run(twitch(tmp_path, at), Way.SEARCH).rows[0]
    assert (looked_up["bio"], looked_up["links"]) == ("", [])
    assert (found["bio"], found["links"]) == (None, None)


def test_of_cases_it_is_told_who_is_there_renamed_or_gone(tmp_path):
    cases = [known("twitch", "1", "old"), known("twitch", "2", "gone"), known("twitch", "x y")]
    with serving(answering(Says({"data": [user(1, "new")]}))) as at:
        read = run(twitch(tmp_path, at, cases=cases), Way.KNOWN)
    assert at.asked[1].query["id"] == ["1", "2"]
    assert [(row["native_id"], row["handle"], row["state"]) for row in read.rows] == [
        ("1", "NEW", "live"), ("2", "gone", "removed"),
    ]  # fmt: skip
    assert read.rejects == ["account x y: is none of Twitch's, not looked up"]


@pytest.mark.parametrize(
    "says",
    [Says({"data": [{"login": "no id"}]}), Says({"message": "hm"}), Says(b'{"data": ['), Says([])],
    ids=["row", "shape", "half", "list"],
)
def test_an_answer_that_cannot_be_read_calls_nobody_gone(tmp_path, says):
    cases = [known("twitch", "1"), known("twitch", "2")]
    with serving(answering(says)) as at:
        read = run(twitch(tmp_path, at, cases=cases), Way.KNOWN)
    assert len(at.asked) > 0
    assert read.rows == [] and read.error is not None
