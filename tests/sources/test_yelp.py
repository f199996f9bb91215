"""Yelp: what may be kept, where is searched, and the plan's calls of a day."""

from __future__ import annotations

import pytest

from namaak.errors import Failure
from namaak.sources.profiles.questions import Way
from namaak.sources.profiles.spending import Ledger
from namaak.sources.yelp import KEY, Yelp
from tests.sources.keyed_platform import NOW, KeyedPlatform, Says, known, opened, run, serving


def yelp(folder, at, **more):
    table = {"environ": {KEY: "the-key"}, "may_keep": True, "places": ["Utrecht"], **more}
    return opened(Yelp, folder, at, **table)


def business(number, **more):
    return {"id": f"id-{number}", "alias": f"waldermond-{number}", "name": "Waldermond", **more}


def found(*numbers, total=None):
    rows = [business(number) for number in numbers]
    return Says({"businesses": rows, "total": len(rows) if total is None else total})


def calls(folder) -> int:
    return Ledger(folder / "state").spent("calls", since=NOW.date())


def test_nothing_is_asked_until_somebody_says_that_it_may_be_kept(tmp_path):
    at = KeyedPlatform(1)
    assert f"{KEY} is not set" in yelp(tmp_path, at, environ={}).lacks()
    assert "set may_keep = true" in yelp(tmp_path, at, may_keep=False).lacks()
    assert yelp(tmp_path, at).lacks() is None
    (fault,) = yelp(tmp_path, at, places=[]).faults()
    assert fault.startswith("places: ")


def test_each_name_is_searched_in_each_place_with_the_key_in_a_header(tmp_path):
    with serving(lambda _: found()) as at:
        run(yelp(tmp_path, at, places=["Utrecht", "Gent & Co"]), Way.SEARCH)
    assert [one.one("location") for one in at.asked] == ["Utrecht", "Gent & Co"]
    assert {one.headers["Authorization"] for one in at.asked} == {"Bearer the-key"}
    assert not any("the-key" in one.target for one in at.asked)


def test_a_search_goes_on_until_its_total_or_yelps_own_end(tmp_path):
    def answer(got):
        first = int(got.one("offset"))
        size = int(got.one("limit"))
        return found(*range(first, first + size), total=9_000)

    with serving(answer) as at:
        read = run(yelp(tmp_path, at, pages_per_question=5), Way.SEARCH)
    asked = [(one.one("offset"), one.one("limit")) for one in at.asked]
    assert asked == [("0", "50"), ("50", "50"), ("100", "50"), ("150", "50"), ("200", "40")]
    assert len(read.ids) == len(set(read.ids)) == 240


def test_the_calls_of_a_day_end_the_run_before_yelp_does(tmp_path):
    with serving(lambda _: found()) as at:
        source = yelp(tmp_path, at, places=["a", "b", "c"], calls_per_day=2)
        read = run(source, Way.SEARCH)
    assert len(at.asked) == 2
    assert read.error.failure is Failure.THROTTLED
    assert "renewed at midnight UTC, 23 Nov" in str(read.error)
    assert source.quota() == "0 of 2 calls left today"


@pytest.mark.parametrize("says", [Says({"error": {}}, status=500), Says({"a": 1}, cut=True)])
def test_an_attempt_that_failed_is_a_call_too_and_not_repeated_at_once(tmp_path, says):
    with serving(lambda _: says) as at:
        run(yelp(tmp_path, at), Way.SEARCH)
    assert len(at.asked) == calls(tmp_path) == 1


def test_the_limit_that_yelp_itself_tells_is_one_sentence_with_the_time(tmp_path):
    said = {"error": {"code": "ACCESS_LIMIT_REACHED", "description": "You've reached it"}}
    busy = Says(said, 429, {"RateLimit-ResetTime": "2026-11-23T00:00:00+00:00"})
    with serving(lambda _: busy) as at:
        read = run(yelp(tmp_path, at), Way.SEARCH)
    assert len(at.asked) == 1
    assert "You've reached it" in str(read.error)
    assert "from 23 Nov 00:00 UTC on" in str(read.error)


@pytest.mark.parametrize(
    ("status", "code", "state", "rejected"),
    [
        (404, "BUSINESS_NOT_FOUND", "removed", 0),
        (403, "BUSINESS_UNAVAILABLE", None, 1),
        (301, "BUSINESS_MIGRATED", None, 1),
    ],
)
def test_of_a_case_yelps_own_word_decides_what_it_is(tmp_path, status, code, state, rejected):
    says = Says({"error": {"code": code, "description": "why"}}, status)
    with serving(lambda _: says) as at:
        read = run(yelp(tmp_path, at, cases=[known("yelp", "id-1", "wald")]), Way.KNOWN)
    assert at.paths == ["/businesses/id-1"]
    assert [row["state"] for row in read.rows] == ([state] if state else [])
    assert len(read.rejects) == rejected and read.error is None


def test_a_not_found_of_somebody_on_the_way_calls_nobody_gone(tmp_path):
    with serving(lambda _: Says(b"<h1>404</h1>", status=404)) as at:
        read = run(yelp(tmp_path, at, cases=[known("yelp", "id-1")]), Way.KNOWN)
    assert read.rows == [] and read.error is not None


def test_the_address_is_kept_without_what_names_our_own_app(tmp_path):
    row = business(1, url="https://yelp.example/biz/w?adjust_creative=us#x", phone="+3100")
    with serving(lambda _: Says({"businesses": [row], "total": 1})) as at:
        read = run(yelp(tmp_path, at), Way.SEARCH)
    assert read.rows[0]["url"] == "https://yelp.example/biz/w"
    assert read.rows[0]["contacts"] == ["phone:+3100"]


@pytest.mark.parametrize("url", ["http://[", 7, "javascript:x"])
def test_an_address_that_is_none_spoils_no_page(tmp_path, url):
    row = business(1, url=url)
    with serving(lambda _: Says({"businesses": [row, business(2)], "total": 2})) as at:
        read = run(yelp(tmp_path, at), Way.SEARCH)
    assert read.ids == ["id-1", "id-2"] and read.error is None
