"""LinkedIn: company pages by exact handle and by id, switched on in so many words."""

from __future__ import annotations

import pytest

from namaak.errors import Failure
from namaak.sources.linkedin import TOKEN, LinkedIn
from namaak.sources.profiles.questions import Way
from tests.sources.keyed_platform import KeyedPlatform, Says, known, opened, run, serving


def linkedin(folder, at, **more):
    table = {"environ": {TOKEN: "the-token"}, "enabled": True, **more}
    return opened(LinkedIn, folder, at, **table)


def page(number, handle="waldermond", **more):
    return {"id": number, "vanityName": handle, "localizedName": "Waldermond", **more}


def test_it_is_off_unless_the_table_says_so_in_so_many_words(tmp_path):
    at = KeyedPlatform(1)
    off = linkedin(tmp_path, at, enabled=False)
    assert not off.reads_anything()
    assert off.lacks() is not None
    assert [fault.partition(":")[0] for fault in off.faults()] == ["enabled"]
    assert f"{TOKEN} is not set" in linkedin(tmp_path, at, environ={}).lacks()
    assert linkedin(tmp_path, at).lacks() is None


def test_one_handle_is_asked_at_a_time_with_the_version_and_the_key_in_headers(tmp_path):
    with serving(lambda _: Says({"elements": []})) as at:
        read = run(linkedin(tmp_path, at, probes=3, version="202610"), Way.PROBE)
    assert len(at.asked) == 3
    assert all(one.one("q") == "vanityName" for one in at.asked)
    asked = at.asked[0].headers
    assert (asked["LinkedIn-Version"], asked["X-Restli-Protocol-Version"]) == ("202610", "2.0.0")
    assert asked["Authorization"] == "Bearer the-token"
    assert not any("the-token" in one.target for one in at.asked)
    assert (read.rows, read.rejects, read.error) == ([], [], None)


def test_of_cases_it_is_told_who_is_there_renamed_gone_or_not_shown(tmp_path):
    cases = [known("linkedin", str(number), f"old-{number}") for number in (1, 2, 3)]
    answer = {
        "results": {"1": page(1, "new")},
        "statuses": {"1": 200, "2": 404, "3": 403},
        "errors": {"3": {"message": "not allowed", "status": 403}},
    }
    with serving(lambda _: Says(answer)) as at:
        read = run(linkedin(tmp_path, at, cases=[*cases, known("linkedin", "a)")]), Way.KNOWN)
    assert at.asked[0].target == "/organizationsLookup?ids=List(1,2,3)"
    assert [(row["native_id"], row["handle"], row["state"]) for row in read.rows] == [
        ("1", "new", "live"), ("2", "old-2", "removed"),
    ]  # fmt: skip
    assert read.rejects == [
        "account 3: is not shown, its state is not known",
        "account a): is none of LinkedIn's, not looked up",
    ]


@pytest.mark.parametrize("says", [Says({}), Says({"results": []}), Says(b"{"), Says([1])])
def test_an_answer_of_another_shape_calls_nobody_gone(tmp_path, says):
    with serving(lambda _: says) as at:
        read = run(linkedin(tmp_path, at, cases=[known("linkedin", "1")]), Way.KNOWN)
    assert read.rows == [] and read.error is not None


def test_a_handle_of_another_script_is_quoted(tmp_path):
    cases = [known("linkedin", None, "wälder&q=x")]
    with serving(lambda _: Says({"elements": [page(5, "wälder&q=x")]})) as at:
        read = run(linkedin(tmp_path, at, cases=cases), Way.KNOWN)
    assert at.asked[0].query == {"q": ["vanityName"], "vanityName": ["wälder&q=x"]}
    assert read.rows[0]["url"] == "https://www.linkedin.com/company/w%C3%A4lder%26q%3Dx/"


@pytest.mark.parametrize(
    ("status", "failure"),
    [(401, Failure.AUTH), (403, Failure.AUTH), (429, Failure.THROTTLED)],
)
def test_a_refusal_ends_the_run_with_one_sentence(tmp_path, status, failure):
    with serving(lambda _: Says({"message": "why", "status": status}, status)) as at:
        read = run(linkedin(tmp_path, at, probes=5), Way.PROBE)
    assert len(at.asked) == 1
    assert read.error.failure is failure
    assert "why" in str(read.error) and "\n" not in str(read.error)
