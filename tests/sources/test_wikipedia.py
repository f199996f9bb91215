"""The source `wikipedia`, against a server on loopback that answers as MediaWiki does."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.brands import Brand
from namaak.errors import Failure, SourceError
from namaak.sources.base import Known
from namaak.sources.profiles.questions import Way
from namaak.sources.wikipedia import Wikipedia, beginnings, read_central, read_user, user_name
from tests.sources.profiles.platform import ids, opened_as, platform, reasons, rows, run

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NL, EN = "/nl/w/api.php", "/en/w/api.php"


@pytest.fixture
def served():
    with platform() as running:
        yield running


def opened(folder, served, *, known=(), brands=None, **table):
    url = f"{served.url}/{{edition}}/w/api.php"
    table = {"url": url, "editions": ["nl"], "probes": 0, **table}
    return opened_as(
        Wikipedia, folder, table, port=served.port, known=known,
        brands=brands or {"acme": Brand(name="A")},
    )  # fmt: skip


def user(number, name=None, *, central=None, **given):
    row = {"userid": number, "name": name or f"Acme{number}", **given}
    if central is not None:
        row["centralids"] = {"CentralAuth": central, "local": number}
        row["attachedlocal"] = {"CentralAuth": True, "local": True}
    return row


def answer(*, following=None, error=None, **query):
    body = {"query": query}
    if following is not None:
        body["continue"] = {"aufrom": following, "continue": "-||"}
    if error is not None:
        body = {"error": {"code": error, "info": f"said {error}"}}
    return 200, {}, json.dumps(body).encode()


def asked(served):
    return [
        {name: one[0] for name, one in parse_qs(body.decode()).items()} for body in served.bodies
    ]


def case(native_id, handle="Acme"):
    return Known(
        subject_key=f"account:wikipedia:{native_id or '@acme'}", native_id=native_id, handle=handle
    )


def look_again(served, folder, *cases):
    source = opened(folder, served, known=cases, editions=["nl", "en"])
    return run(source, folder, AT, instance=Way.KNOWN.value)


def test_a_search_asks_on_from_the_name_that_the_last_page_gives(served, tmp_path):
    served.answers[NL] = [
        answer(allusers=[user(1), user(2)], following="Acme 3&x=é"),
        answer(allusers=[user(2), user(3)]),
    ]
    run(opened(tmp_path, served), tmp_path, AT)
    assert ids(tmp_path) == [f"nl.wikipedia.org:{n}" for n in (1, 2, 3)]
    first, second = asked(served)
    assert first["auprefix"] == "A" and "aufrom" not in first
    assert second["aufrom"] == "Acme 3&x=é"
    assert (first["maxlag"], first["formatversion"]) == ("5", "2")


def test_one_account_in_two_editions_is_one_subject(served, tmp_path):
    served.answers[NL] = [answer(allusers=[user(1, "Acme", central=70)])]
    served.answers[EN] = [answer(allusers=[user(9, "Acme", central=70, blockid=3)])]
    source = opened(tmp_path, served, editions=["nl", "en"])
    for edition in ("nl", "en"):
        run(source, tmp_path, AT, instance=f"search@{edition}")
    found = rows(tmp_path)
    assert {row["subject_key"] for row in found} == {"account:wikipedia:70"}
    # That one edition does not block it says nothing of the other.
    states = {row["instance"]: row["state"] for row in found}
    assert states == {"search@nl": None, "search@en": "suspended"}


def test_a_central_number_of_a_name_that_is_somebody_elses_here_is_not_used():
    row = user(46, "Acme", central=70)
    row["attachedlocal"]["CentralAuth"] = False
    profile = read_user(row, "nl")
    assert profile.native_id == "nl.wikipedia.org:46" and profile.state == "live"


@pytest.mark.parametrize(
    ("given_", "state", "flags"),
    [
        ({}, "live", ()),
        ({"blockid": 3, "blockpartial": False}, "suspended", ()),
        ({"blockid": 3, "blockpartial": True}, "live", ("limited",)),
    ],
)
def test_a_block_is_a_suspension_and_a_partial_one_a_limit(given_, state, flags):
    profile = read_user(user(1, **given_), "nl")
    assert (profile.state, profile.flags) == (state, flags)


def test_names_to_fear_are_asked_fifty_in_a_call_and_missing_ones_are_no_rows(served, tmp_path):
    served.answers[NL] = [
        answer(users=[{"name": "Acmes", "missing": True}, user(4), {"name": "1", "invalid": True}])
    ]
    brands = {"acme": Brand(name="Acme")}
    source = opened(tmp_path, served, probes=60, brands=brands)
    done = run(source, tmp_path, AT, instance="probe@nl")
    assert (done.rows, done.rejected) == (1, 0)
    calls = [one["ususers"].split("|") for one in asked(served)]
    assert [len(call) <= 50 for call in calls] == [True] * len(calls)
    assert len(calls) == 2 and all(name[0] == name[0].upper() for call in calls for name in call)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"home": "nlwiki", "id": 70, "name": "Acme new", "merged": []}, "live"),
        ({"id": 70, "name": "Acme new", "locked": True}, "suspended"),
        ({"id": 70, "name": "Acme new", "locked": ""}, "suspended"),
        ({"id": 70, "name": "Acme new", "merged": [
            {"wiki": "enwiki", "url": "https://en.wikipedia.org",
             "blocked": {"expiry": "infinity", "reason": ""}}]}, "suspended"),
        ({"id": 70, "name": "Acme new", "merged": [
            {"wiki": "xxwiki", "url": "https://xx.wikipedia.org", "blocked": {"expiry": "x"}}]},
         "live"),
    ],
)  # fmt: skip
def test_a_case_of_all_editions_is_renamed_locked_or_blocked(told, state, served, tmp_path):
    served.answers[NL] = [answer(globaluserinfo=told)]
    look_again(served, tmp_path, case("70"))
    (row,) = rows(tmp_path)
    assert (row["native_id"], row["handle"], row["state"]) == ("70", "Acme new", state)
    assert asked(served)[0]["guiid"] == "70"


@pytest.mark.parametrize(
    "gone", [answer(globaluserinfo={"missing": True}), answer(error="invaliduserid")]
)
def test_a_case_that_is_nowhere_is_removed(gone, served, tmp_path):
    served.answers[NL] = [gone]
    look_again(served, tmp_path, case("70"))
    (row,) = rows(tmp_path)
    assert (row["native_id"], row["state"]) == ("70", "removed")


def test_a_case_of_one_edition_is_asked_there(served, tmp_path):
    served.answers[EN] = [answer(users=[{"userid": 45, "missing": True}])]
    look_again(served, tmp_path, case("en.wikipedia.org:45"))
    (row,) = rows(tmp_path)
    assert (row["native_id"], row["state"]) == ("en.wikipedia.org:45", "removed")
    assert asked(served)[0]["ususerids"] == "45"


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (answer(error="maxlag"), Failure.THROTTLED),
        (answer(error="ratelimited"), Failure.THROTTLED),
        (answer(error="badvalue"), Failure.MALFORMED),
        (answer(), Failure.MALFORMED),
        ((200, {}, b"[]"), Failure.MALFORMED),
        ((200, {}, b'{"query": {"globaluser'), Failure.TRANSIENT),
        ((429, {"Retry-After": "900"}, b""), Failure.THROTTLED),
        ((503, {}, b""), Failure.TRANSIENT),
    ],
)
def test_an_answer_that_says_nothing_never_means_gone(said, failure, served, tmp_path):
    served.answers[NL] = [said]
    error = look_again(served, tmp_path, case("70"))
    assert isinstance(error, SourceError) and error.failure is failure
    assert "\n" not in str(error) and ids(tmp_path) == []


def test_a_cursor_that_loops_ends_the_search_and_counts_nobody_twice(served, tmp_path):
    served.answers[NL] = [answer(allusers=[user(1)], following="B")]
    run(opened(tmp_path, served), tmp_path, AT)
    assert ids(tmp_path) == ["nl.wikipedia.org:1"]
    assert len(served.asked) == 2 and "again and again" in reasons(tmp_path)[0]


def test_lone_surrogates_in_names_and_cursors_end_nothing(served, tmp_path):
    served.answers[NL] = [
        answer(allusers=[user(1, "A\ud800")], following="\ud800"),
        answer(allusers=[user(2)]),
    ]
    assert not isinstance(run(opened(tmp_path, served), tmp_path, AT), SourceError)
    assert len(ids(tmp_path)) == 2


@given(st.text(max_size=40))
def test_a_user_name_holds_nothing_that_would_part_a_call(text):
    name = user_name(text)
    if name is not None:
        assert "|" not in name and name == name.strip() and user_name(name) == name
        name.encode()


@given(st.text(max_size=20))
def test_every_beginning_of_a_name_is_a_user_name(text):
    assert all(user_name(one) == one for one in beginnings(text))


def test_rows_without_name_or_number_are_refused():
    for row in ({}, {"name": "A"}, {"userid": 1}):
        with pytest.raises(ValueError, match="is missing"):
            read_user(row, "nl")
        with pytest.raises(ValueError, match="is missing"):
            read_central(row, ["nl"])


@pytest.mark.parametrize(
    "url", ["https://wikipedia.org/w/api.php", "https://{edition}.{edition}/x"]
)
def test_an_address_without_its_edition_is_refused(url):
    with pytest.raises(ValueError, match="edition"):
        Wikipedia.Config.model_validate({"url": url})
