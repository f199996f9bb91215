"""The source `reddit`, against a server on loopback that answers as Reddit does."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from namaak.errors import Failure, SourceError
from namaak.lake import Lake
from namaak.sources.base import Known
from namaak.sources.profiles.questions import Way
from namaak.sources.reddit import ID, SECRET, Reddit
from tests.sources.profiles.platform import ids, opened_as, platform, reasons, rows, run

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = {ID: "own", SECRET: "s3cret"}
TOKEN = "/api/v1/access_token"


def token(text, lasts=86_400):
    return 200, {}, json.dumps({"access_token": text, "expires_in": lasts}).encode()


@pytest.fixture
def served():
    with platform() as running:
        running.answers[TOKEN] = [token("t0ken")]
        yield running


def opened(folder, served, *, environ=KEY, known=(), now=AT, **table):
    table = {
        "url": served.url, "token_url": f"{served.url}{TOKEN}", "pictures": False, "probes": 0,
        "communities": False, **table,
    }  # fmt: skip
    return opened_as(Reddit, folder, table, port=served.port, environ=environ, known=known, now=now)


def user(number, **given):
    return {"id": str(number), "name": f"acme{number}", **given}


def found(*people, after=None, **headers):
    children = [{"kind": "t2", "data": one} for one in people]
    body = {"kind": "Listing", "data": {"after": after, "children": children}}
    return 200, headers, json.dumps(body).encode()


def search(served, *answers, after=None):
    behind = "" if after is None else f"&after={after}"
    served.answers[f"/users/search?q=ACME&limit=100&raw_json=1{behind}"] = list(answers)


def about(served, name, *answers):
    served.answers[f"/{name}/about?raw_json=1"] = list(answers)


def case(handle="AcmeHelp", native_id="t2_1"):
    return Known(subject_key=f"account:reddit:{native_id}", native_id=native_id, handle=handle)


def look_again(served, folder, *cases):
    return run(opened(folder, served, known=cases), folder, AT, instance=Way.KNOWN.value)


def gather(source, folder, at=AT):
    return run(source, folder, at, instance=Way.SEARCH.value)


@pytest.mark.parametrize("environ", [{}, {ID: "x"}, {SECRET: "x"}, {ID: " ", SECRET: "x"}])
def test_without_both_halves_of_its_key_it_is_left_out_in_one_sentence(environ, served, tmp_path):
    lack = opened(tmp_path, served, environ=environ).lacks()
    assert ID in lack and SECRET in lack and "\n" not in lack
    assert opened(tmp_path, served).lacks() is None


def test_the_key_is_sent_once_in_a_header_and_its_token_with_every_question(served, tmp_path):
    search(served, found(user(1), after="t2_1"))
    search(served, found(user(2)), after="t2_1")
    gather(opened(tmp_path, served), tmp_path)
    assert ids(tmp_path) == ["t2_1", "t2_2"]
    assert served.asked.count(TOKEN) == 1
    sent = [head["Authorization"] for head in served.heads]
    assert sent[0] == f"Basic {base64.b64encode(b'own:s3cret').decode()}"
    assert sent[1:] == ["Bearer t0ken", "Bearer t0ken"]
    assert served.bodies[0] == b"grant_type=client_credentials"
    assert not any("t0ken" in path or "s3cret" in path for path in served.asked)


def test_neither_key_nor_token_is_kept_on_the_disk(served, tmp_path):
    search(served, (500, {}, b""))
    error = gather(opened(tmp_path, served), tmp_path)
    assert "t0ken" not in str(error) and "s3cret" not in str(error)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"t0ken" not in path.read_bytes() and b"s3cret" not in path.read_bytes()


def test_the_key_goes_nowhere_over_plain_http(served, tmp_path):
    source = opened(tmp_path, served, url="http://acme.example", token_url="http://acme.example/t")
    assert any("not sent over http" in fault for fault in source.faults())
    assert gather(source, tmp_path).failure is Failure.AUTH
    assert served.asked == []


def test_a_token_that_expired_is_replaced_once_and_nothing_is_lost(served, tmp_path):
    served.answers[TOKEN] = [token("old"), token("new")]
    search(served, (401, {}, b""), found(user(1)))
    gather(opened(tmp_path, served), tmp_path)
    assert ids(tmp_path) == ["t2_1"]
    assert served.heads[-1]["Authorization"] == "Bearer new"


def test_a_token_that_is_never_taken_ends_the_run_in_one_sentence(served, tmp_path):
    search(served, (401, {}, b""))
    error = gather(opened(tmp_path, served), tmp_path)
    assert error.failure is Failure.AUTH and "status 401" in str(error)
    assert len(served.asked) == 4


@pytest.mark.parametrize(
    "answer",
    [(401, {}, b"{}"), (200, {}, b'{"error": "unsupported_grant_type"}'), (200, {}, b"[]"),
     (200, {}, b'{"access_token": "a\\nb"}')],
)  # fmt: skip
def test_a_key_that_reddit_does_not_take_is_told_as_such(answer, served, tmp_path):
    served.answers[TOKEN] = [answer]
    error = gather(opened(tmp_path, served), tmp_path)
    assert error.failure is Failure.AUTH and SECRET in str(error)


def test_too_many_requests_say_when_there_are_more(served, tmp_path):
    search(served, (429, {"X-Ratelimit-Reset": "123"}, b""), found(user(1)))
    error = gather(opened(tmp_path, served), tmp_path)
    assert error.failure is Failure.THROTTLED and "123 seconds" in str(error)
    gather(opened(tmp_path, served), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["t2_1"]


def test_a_window_that_is_used_up_is_waited_for_before_reddit_must_refuse(served, tmp_path):
    spent = {"X-Ratelimit-Remaining": "0.0", "X-Ratelimit-Reset": "400"}
    search(served, found(user(1), after="t2_1", **spent))
    error = gather(opened(tmp_path, served), tmp_path)
    assert error.failure is Failure.THROTTLED
    assert ids(tmp_path) == ["t2_1"]
    assert len(served.asked) == 2


def test_half_a_page_is_asked_for_again(served, tmp_path):
    whole = found(user(1), user(2))
    search(served, (200, {}, whole[2][:50]), whole)
    assert gather(opened(tmp_path, served), tmp_path).failure is Failure.TRANSIENT
    gather(opened(tmp_path, served), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["t2_1", "t2_2"]


def test_a_cursor_that_loops_ends_the_search_and_counts_nobody_twice(served, tmp_path):
    search(served, found(user(1), after="a"))
    search(served, found(user(2), after="a"), after="a")
    gather(opened(tmp_path, served), tmp_path)
    assert ids(tmp_path) == ["t2_1", "t2_2"]
    assert "again and again" in reasons(tmp_path)[0]


def test_a_cursor_that_cannot_be_sent_is_none(served, tmp_path):
    search(served, found(user(1), after="\ud800\n"))
    assert gather(opened(tmp_path, served), tmp_path).rows == 1


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (404, {"message": "Not Found", "error": 404}, "removed"),
        (404, {"reason": "banned", "error": 404}, "suspended"),
        (200, {"kind": "t2", "data": {"name": "AcmeHelp", "is_suspended": True}}, "suspended"),
        (200, {"kind": "t2", "data": {"name": "AcmeHelp", "id": "1"}}, "live"),
    ],
)
def test_what_is_a_case_already_is_looked_at_again(status, body, state, served, tmp_path):
    about(served, "user/AcmeHelp", (status, {}, json.dumps(body).encode()))
    look_again(served, tmp_path, case())
    (row,) = rows(tmp_path)
    assert (row["native_id"], row["handle"], row["state"]) == ("t2_1", "AcmeHelp", state)


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"<html>"), (404, b"{}"), (403, b"{}"), (500, b""), (503, b""), (200, b"[]"),
     (200, b"{}"), (404, b'{"reason": "weather", "error": 404}')],
)  # fmt: skip
def test_an_answer_that_says_nothing_never_means_gone(status, body, served, tmp_path):
    about(served, "user/AcmeHelp", (status, {}, body))
    done = look_again(served, tmp_path, case())
    assert isinstance(done, SourceError) or done.rejected == 1
    assert ids(tmp_path) == []


def test_a_community_is_looked_at_under_its_own_name(served, tmp_path):
    moved = (302, {"Location": "/subreddits/search?q=acmehelp"}, b"")
    about(served, "r/acmehelp", moved)
    about(served, "r/acmepay", (403, {}, b'{"reason": "private", "error": 403}'))
    look_again(served, tmp_path, case("r/acmehelp", "t5_1"), case("r/acmepay", "t5_2"))
    assert [(row["native_id"], row["state"]) for row in rows(tmp_path)] == [("t5_1", "removed")]


def test_an_emptied_profile_is_empty_on_its_own_page_and_unknown_in_a_search(served, tmp_path):
    emptied = user(1, subreddit={"title": "", "public_description": "", "subscribers": 0})
    search(served, found(emptied))
    gather(opened(tmp_path, served), tmp_path)
    about(served, "user/AcmeHelp", (200, {}, json.dumps({"data": emptied}).encode()))
    look_again(served, tmp_path, case())
    community = {"id": "1", "display_name": "acmehelp", "public_description": ""}
    about(served, "r/acmehelp", (200, {}, json.dumps({"data": community}).encode()))
    other = tmp_path / "other"
    look_again(served, other, case("r/acmehelp", "t5_1"))
    told = [(row["bio"], row["display_name"], row["links"]) for row in rows(tmp_path)]
    assert told == [(None, None, None), ("", "", [])]
    assert [row["bio"] for row in rows(other)] == [""]


def test_handles_to_fear_are_rows_only_where_somebody_lives_there(served, tmp_path):
    about(served, "user/acme", (200, {}, json.dumps({"data": user(1)}).encode()))
    gone = json.dumps({"data": {"name": "acmes", "is_suspended": True}}).encode()
    about(served, "user/acmes", (200, {}, gone))
    served.otherwise = lambda _path, _query: (404, {}, b'{"message": "Not Found", "error": 404}')
    source = opened(tmp_path, served, probes=20)
    assert run(source, tmp_path, AT, instance=Way.PROBE.value).rejected == 0
    assert ids(tmp_path) == ["t2_1"]


def test_what_its_key_bought_is_used_until_it_ends(served, tmp_path):
    search(served, found(user(1), after="a"))
    search(served, found(user(2)), after="a")
    served.answers[TOKEN] = [token("short", lasts=60), token("other")]
    gather(opened(tmp_path, served), tmp_path)
    assert served.asked.count(TOKEN) == 2


def test_everything_asked_is_counted_in_the_lake(served, tmp_path):
    search(served, found(user(1), {"id": "2"}, user(3)))
    done = gather(opened(tmp_path, served), tmp_path)
    assert (done.rows, done.rejected) == (2, 1)
    with Lake(tmp_path / "lake") as lake:
        assert lake.cursor("reddit", "search").next_position == 3
