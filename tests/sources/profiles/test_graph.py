"""Meta's Graph API: its errors, its limits, its cursors, and where its token does not go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.errors import Failure
from namaak.sources.instagram import TOKEN, Instagram
from namaak.sources.profiles.graph import next_page, used
from namaak.sources.profiles.questions import Way
from tests.sources.keyed_platform import NOW, Says, opened, run, serving

FOUND = {"business_discovery": {"id": "1", "username": "waldermond"}, "id": "9"}


def instagram(folder, at, **more):
    table = {"account": "9", "probes": 3, "environ": {TOKEN: "the-token"}, **more}
    return opened(Instagram, folder, at, **table)


def error(code, **more):
    return Says({"error": {"message": "why\x1b[2J", "code": code, **more}}, status=400)


@pytest.mark.parametrize(
    ("code", "failure", "says"),
    [
        (190, Failure.AUTH, f"does not accept the token in {TOKEN}"),
        (200, Failure.AUTH, "permissions"),
        (10, Failure.AUTH, "permissions"),
        (4, Failure.THROTTLED, "from 22 Nov 13:00 UTC on a run goes on"),
        (17, Failure.THROTTLED, "asks for fewer questions"),
        (32, Failure.THROTTLED, "asks for fewer questions"),
        (613, Failure.THROTTLED, "asks for fewer questions"),
        (80002, Failure.THROTTLED, "asks for fewer questions"),
        (368, Failure.POLICY, "a person must look"),
    ],
)
def test_an_error_that_any_question_would_get_ends_the_run(tmp_path, code, failure, says):
    with serving(lambda _: error(code, error_subcode=463)) as at:
        read = run(instagram(tmp_path, at), Way.PROBE)
    assert len(at.asked) == 1
    assert read.error.failure is failure
    assert says in str(read.error)
    assert "the-token" not in str(read.error) and "\x1b" not in str(read.error)


@pytest.mark.parametrize(("code", "failure"), [(2, Failure.TRANSIENT), (100, Failure.MALFORMED)])
def test_an_error_of_one_question_fails_it_alone(tmp_path, code, failure):
    answers = iter([error(code)])
    with serving(lambda _: next(answers, Says(FOUND))) as at:
        read = run(instagram(tmp_path, at), Way.PROBE)
    assert len(at.asked) == 3
    assert len(read.rows) == 1
    assert read.error.failure is failure


def test_the_token_is_in_a_header_and_in_no_address(tmp_path):
    with serving(lambda _: Says(FOUND)) as at:
        run(instagram(tmp_path, at), Way.PROBE)
    assert {one.headers["Authorization"] for one in at.asked} == {"Bearer the-token"}
    assert not any("token" in one.target for one in at.asked)


def test_whoever_redirects_gets_no_token(tmp_path):
    with serving(lambda _: Says(FOUND)) as other:
        away = Says(status=302, headers={"Location": f"{other.url}/9"})
        with serving(lambda _: away) as at:
            read = run(instagram(tmp_path, at), Way.PROBE)
    assert read.error.failure is Failure.POLICY
    assert "elsewhere (status 302), where no key is taken" in str(read.error)
    assert len(at.asked) == 1 and other.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-App-Usage": '{"call_count":28,"total_time":95,"total_cputime":25}'},
        {
            "X-Business-Use-Case-Usage": '{"9":[{"type":"instagram","call_count":91,'
            '"total_cputime":2,"total_time":2,"estimated_time_to_regain_access":0}]}'
        },
    ],
    ids=["app", "business"],
)
def test_a_limit_that_is_nearly_used_ends_the_run_before_meta_does(tmp_path, headers):
    with serving(lambda _: Says(FOUND, headers=headers)) as at:
        source = instagram(tmp_path, at)
        read = run(source, Way.PROBE)
    assert len(at.asked) == 1
    assert len(read.rows) == 1  # what came is taken all the same
    assert read.error.failure is Failure.THROTTLED
    assert "from 22 Nov 13:00 UTC on a run goes on where this one stopped" in str(read.error)
    assert "% of the hour's calls used" in source.quota()


def test_the_time_that_meta_names_is_the_time_that_is_waited():
    told = '{"9":[{"call_count":100,"estimated_time_to_regain_access":119}]}'
    assert used({"x-business-use-case-usage": told}) == (100, timedelta(minutes=119))


@given(st.text(), st.sampled_from(["x-app-usage", "X-Business-Use-Case-Usage"]))
def test_whatever_stands_in_the_headers_of_usage_is_read_or_left(text, name):
    percent, wait = used({name: text})
    assert percent >= 0 and wait >= timedelta()


@pytest.mark.parametrize(
    "value", ["[[[", "null", '{"9": 3}', '{"9": [3]}', '{"call_count": -4}', "[" * 100_000]
)
def test_headers_of_usage_that_say_nothing_are_nothing(value):
    assert used({"x-app-usage": value, "x-business-use-case-usage": value})[0] == 0


def test_the_last_page_has_a_cursor_but_no_next_address():
    cursors = {"before": "a", "after": "b"}
    assert next_page({"paging": {"cursors": cursors, "next": "https://x.test/?token=1"}}) == "b"
    assert next_page({"paging": {"cursors": cursors}}) is None
    assert next_page({"paging": [1]}) is None


def test_the_run_after_the_hour_goes_on_where_the_other_stopped(tmp_path):
    answers = iter([Says(FOUND), error(4)])
    with serving(lambda _: next(answers, Says(FOUND))) as at:
        read = run(instagram(tmp_path, at), Way.PROBE)
        run(instagram(tmp_path, at), Way.PROBE, after=read, at=NOW + timedelta(hours=1))
    assert len(at.asked) == 4
    assert len({one.target for one in at.asked}) == 3
