"""YouTube: its pages, its quota, its key, and what its silence means."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.errors import Failure, SourceError
from namaak.sources import youtube
from namaak.sources.base import Known
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Way
from namaak.sources.profiles.rounds import Round
from namaak.sources.youtube import KEY, YouTube
from tests.sources.web_platform import NOW, Says, opened, platform, run, validate_recorded

SECRET = "secret-key-of-ours"
ENVIRON = {KEY: SECRET}


def channel(number, **snippet):
    return {
        "kind": "youtube#channel",
        "id": f"UC{number:04d}",
        "snippet": {"title": f"Waldermond {number}", "customUrl": f"@wald{number}", **snippet},
        "statistics": {"subscriberCount": "12", "videoCount": "1", "hiddenSubscriberCount": False},
    }


def hit(number):
    return {"id": {"channelId": f"UC{number:04d}"}, "snippet": {"title": f"Waldermond {number}"}}


def listed(*items, **more):
    return {"pageInfo": {"totalResults": len(items)}, "items": list(items), **more}


def nothing():
    return {"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}}


def refusal(status, reason, message="no", **headers):
    error = {"code": status, "message": message, "errors": [{"reason": reason}]}
    return Says({"error": error}, status, headers)


def channels_of(got):
    ids = got.query.get("id", "")
    return Says(listed(*(channel(int(one[2:])) for one in ids.split(",") if one)))


def search_of(*pages):
    """A platform whose search has these pages of hits; of every channel it knows the details."""

    def answer(got):
        if got.path == "/channels":
            return channels_of(got)
        at = int(got.query.get("pageToken", "0"))
        more = {"nextPageToken": str(at + 1)} if at + 1 < len(pages) else {}
        return Says(listed(*map(hit, pages[at]), **more))

    return answer


def case(number, handle=None):
    native_id = f"UC{number:04d}"
    return Known(subject_key=f"account:youtube:{native_id}", native_id=native_id, handle=handle)


# What is asked, and what is made of it


def test_recorded_answers_have_the_shape_of_the_discovery_document():
    shapes = {
        "/youtube/v3/search": "searchListResponse",
        "/youtube/v3/channels": "channelListResponse",
    }
    (example,) = YouTube.examples
    assert validate_recorded(example, "youtube.json", shapes) == 3


def test_it_reads_all_pages_and_asks_fifty_details_in_one_call(tmp_path):
    with platform(search_of([1, 2], [3])) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON)
        read = run(source, Way.SEARCH)
    assert read.error is None
    assert read.ids == ["UC0001", "UC0002", "UC0003"]
    assert [row["handle"] for row in read.rows] == ["wald1", "wald2", "wald3"]
    assert [got.query.get("id") for got in at.asked if got.path == "/channels"] == [
        "UC0001,UC0002", "UC0003",
    ]  # fmt: skip


def test_the_key_goes_into_a_header_and_into_no_address(tmp_path):
    with platform(search_of([1])) as at:
        run(opened(YouTube, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert {got.headers["X-Goog-Api-Key"] for got in at.asked} == {SECRET}
    assert not any(SECRET in got.target for got in at.asked)


def test_the_key_is_not_sent_over_plain_http_nor_to_whom_it_is_redirected(tmp_path):
    with platform(lambda got: Says(status=302, headers={"Location": "/elsewhere"})) as at:
        away = opened(YouTube, tmp_path, at, environ=ENVIRON, url="http://api.example/v3")
        assert [fault.partition(":")[0] for fault in away.faults()] == ["url"]
        assert run(away, Way.SEARCH).error.failure is Failure.POLICY
        assert at.asked == []
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert "status 302" in str(read.error)
    assert [got.path for got in at.asked] == ["/search"]


def test_without_a_key_it_says_which_and_is_left_out(tmp_path):
    with platform(search_of([1])) as at:
        assert KEY in opened(YouTube, tmp_path, at).lacks()
        assert opened(YouTube, tmp_path, at, environ=ENVIRON).lacks() is None


def test_a_channel_that_comes_on_two_pages_is_told_once(tmp_path):
    with platform(search_of([1, 2], [2, 3])) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert read.ids == ["UC0001", "UC0002", "UC0003"]
    assert (read.skipped, read.end) == (1, 4)


def test_a_channel_renamed_between_two_pages_is_told_twice_under_one_id(tmp_path):
    names = iter(["wald-old", "wald-new"])

    def answer(got):
        if got.path == "/channels":
            return Says(listed(channel(1, customUrl=f"@{next(names)}")))
        more = {} if "pageToken" in got.query else {"nextPageToken": "1"}
        return Says(listed(hit(1), **more))

    with platform(answer) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert [row["handle"] for row in read.rows] == ["wald-old", "wald-new"]
    assert len({row["subject_key"] for row in read.rows}) == 1


def test_a_token_that_leads_to_itself_ends_the_question_and_says_so(tmp_path):
    def answer(got):
        if got.path == "/channels":
            return channels_of(got)
        return Says(listed(hit(1), nextPageToken="again"))

    with platform(answer) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON, pages_per_question=9), Way.SEARCH)
    assert read.error is None
    assert read.ids == ["UC0001"]
    assert any("again and again" in reason for reason in read.rejects)
    assert sum(got.path == "/search" for got in at.asked) == 2


def test_hits_are_kept_where_their_details_cannot_be_had(tmp_path):
    def answer(got):
        return Says(status=500) if got.path == "/channels" else Says(listed(hit(1), hit(2)))

    with platform(answer) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert read.error is None
    assert [(row["native_id"], row["display_name"]) for row in read.rows] == [
        ("UC0001", "Waldermond 1"), ("UC0002", "Waldermond 2"),
    ]  # fmt: skip
    assert any("no details" in reason for reason in read.rejects)


def test_half_a_page_is_nothing_and_is_asked_for_again(tmp_path):
    whole = iter([False, True])

    def answer(got):
        if got.path == "/channels":
            return channels_of(got)
        return Says(listed(hit(1)), cut=not next(whole))

    with platform(answer) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON)
        first = run(source, Way.SEARCH)
        assert (first.rows, first.error.failure) == ([], Failure.TRANSIENT)
        second = run(source, Way.SEARCH, after=first)
    assert (second.ids, second.error) == (["UC0001"], None)


def test_an_avatar_is_stored_as_it_is_and_one_that_is_too_large_is_a_row(tmp_path):
    bomb, huge = b"\x89PNG" + b"\0" * 1000, b"x" * (6 << 20)

    def answer(got):
        if got.path in ("/1.png", "/2.png"):
            return Says(bomb if got.path == "/1.png" else huge)
        if got.path == "/search":
            return Says(listed(hit(1), hit(2)))
        picture = [{"thumbnails": {"high": {"url": f"{at.url}/{n}.png"}}} for n in (1, 2)]
        return Says(listed(channel(1, **picture[0]), channel(2, **picture[1])))

    with platform(answer) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON, pictures=True), Way.SEARCH)
    assert read.ids == ["UC0001", "UC0002"]
    assert list(read.images.values()) == [bomb]
    assert [row["image_sha256"] is None for row in read.rows] == [False, True]
    assert [reason for reason in read.rejects if reason.startswith("image:")]


# Handles, and what is a case already


def test_a_handle_that_nobody_has_gives_no_row(tmp_path):
    def answer(got):
        taken = got.query["forHandle"] == f"@{handles[3]}"
        return Says(listed(channel(7)) if taken else nothing())

    with platform(answer) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON, probes=12)
        handles = [question.texts[0] for question in source.questions(source.instance(Way.PROBE))]
        read = run(source, Way.PROBE)
        assert opened(YouTube, tmp_path, at, environ=ENVIRON, probes=0).questions(
            source.instance(Way.PROBE)
        ) == []  # fmt: skip
    assert read.error is None
    assert read.ids == ["UC0007"]
    assert len(at.asked) == len(handles) == 12


def test_of_known_channels_the_missing_are_removed_and_the_renamed_show_it(tmp_path):
    def answer(got):
        assert got.query["id"] == "UC0001,UC0002"
        return Says(listed(channel(1, customUrl="@another-name")))

    known = [case(1, "wald1"), case(2, "wald2")]
    with platform(answer) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON, known=known), Way.KNOWN)
    assert [(r["native_id"], r["handle"], r["state"]) for r in read.rows] == [
        ("UC0001", "another-name", "live"), ("UC0002", "wald2", "removed"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        Says(status=500),
        Says(b""),
        Says(b"<html>"),
        Says({}),
        Says([]),
        Says(listed("no object")),
        Says(listed(channel(1), nextPageToken="more")),
        Says(listed(channel(1)), cut=True),
    ],
    ids=["500", "empty", "no JSON", "no list", "a list", "a strange row", "a part", "half"],
)
def test_no_answer_never_means_that_a_channel_is_gone(tmp_path, answer):
    with platform(lambda got: answer) as at:
        read = run(
            opened(YouTube, tmp_path, at, environ=ENVIRON, known=[case(1), case(2)]), Way.KNOWN
        )
    assert read.rows == []
    assert read.error is not None


def test_an_id_that_is_none_is_a_row_and_is_not_asked_with(tmp_path):
    strange = Known(subject_key="account:youtube:x", native_id="UC1,UC2&key=", handle=None)
    with platform(channels_of) as at:
        read = run(
            opened(YouTube, tmp_path, at, environ=ENVIRON, known=[case(3), strange]), Way.KNOWN
        )
    assert read.ids == ["UC0003"]
    assert read.rejects == ["native id: is none of YouTube's"]
    assert [got.query["id"] for got in at.asked] == ["UC0003"]


def test_one_known_by_its_handle_alone_is_gone_when_nobody_has_the_handle(tmp_path):
    known = [Known(subject_key="account:youtube:@wald", native_id=None, handle="wald")]
    with platform(lambda got: Says(nothing())) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON, known=known), Way.KNOWN)
    assert [(r["handle"], r["state"]) for r in read.rows] == [("wald", "removed")]
    assert [got.query["forHandle"] for got in at.asked] == ["@wald"]


def test_a_name_from_before_there_were_handles_is_not_called_gone(tmp_path):
    known = [
        Known(subject_key=f"account:youtube:@{name}", native_id=None, handle=name)
        for name in ("c/wald", "user/wald", "a b")
    ]
    with platform(lambda got: Says(nothing())) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON, known=known), Way.KNOWN)
    assert [(r["handle"], r["state"]) for r in read.rows] == [("user/wald", "removed")]
    assert [got.query.get("forUsername") for got in at.asked] == ["wald"]
    assert read.rejects == ["handle: YouTube cannot be asked about it"] * 2


def test_an_old_name_is_told_apart_from_a_handle():
    assert youtube._channel(channel(1, customUrl="wald")).handle == "c/wald"
    assert youtube._channel(channel(1, customUrl="@wald")).handle == "@wald"


# The quota


def test_units_are_counted_before_they_are_spent_and_told(tmp_path):
    left_meanwhile = []

    def answer(got):
        left_meanwhile.append(source.quota())
        return search_of([1])(got)

    with platform(answer) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON)
        assert source.quota() == "10,000 of 10,000 units left today"
        run(source, Way.SEARCH)
    assert left_meanwhile[0] == "9,899 of 10,000 units left today"
    assert source.quota() == "9,899 of 10,000 units left today"


def test_when_the_units_are_spent_one_sentence_says_when_they_are_renewed(tmp_path):
    with platform(search_of([1], [2])) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON, units_per_day=150)
        first = run(source, Way.SEARCH)
        assert first.ids == ["UC0001"]
        assert first.error.failure is Failure.THROTTLED
        assert "150 units of this day are spent" in str(first.error)
        assert "23 Nov 08:00 UTC" in str(first.error)
        later = datetime(2026, 11, 23, 8, 1, tzinfo=UTC)
        tomorrow = opened(YouTube, tmp_path, at, environ=ENVIRON, units_per_day=150, now=later)
        second = run(tomorrow, Way.SEARCH, after=first, at=later)
    assert (second.ids, second.error) == (["UC0002"], None)
    assert sum(got.path == "/search" for got in at.asked) == 2


@pytest.mark.parametrize(
    ("now", "renewed"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), "23 Nov 08:00 UTC"),
        (datetime(2026, 7, 1, 7, 1, tzinfo=UTC), "02 Jul 07:00 UTC"),
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), "01 Jul 07:00 UTC"),
    ],
)
def test_its_day_is_that_of_california_in_winter_and_summer(tmp_path, now, renewed):
    with platform(search_of([1])) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON, units_per_day=1, now=now)
        assert f"{renewed}, and" in str(run(source, Way.SEARCH, at=now).error)


def test_without_time_zones_its_day_begins_at_eight(tmp_path, monkeypatch):
    def missing(_name):
        raise ZoneInfoNotFoundError("no time zones here")

    monkeypatch.setattr(youtube, "ZoneInfo", missing)
    now = datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
    with platform(search_of([1])) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON, units_per_day=1, now=now)
        assert "01 Jul 08:00 UTC" in str(run(source, Way.SEARCH, at=now).error)


def test_searches_leave_the_units_that_cases_need(tmp_path):
    known = [case(number) for number in range(120)]
    with platform(search_of([1])) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON, known=known, units_per_day=103)
        assert run(source, Way.SEARCH).error.failure is Failure.THROTTLED
        assert at.asked == []
        assert run(source, Way.KNOWN).error is None
    assert len(at.asked) == 3


def test_a_quota_that_the_platform_calls_spent_is_no_fault_of_the_key(tmp_path):
    with platform(lambda got: refusal(403, "quotaExceeded")) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON)
        read = run(source, Way.SEARCH)
        assert read.error.failure is Failure.THROTTLED
        assert "renewed at midnight Pacific time" in str(read.error)
        assert source.quota() == "0 of 10,000 units left today"
        again = run(source, Way.SEARCH, after=read)
    assert again.error.failure is Failure.THROTTLED
    assert len(at.asked) == 1


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "30"}], ids=["without", "with"])
def test_too_many_requests_end_the_run_with_one_sentence(tmp_path, headers):
    with platform(lambda got: refusal(429, "rateLimitExceeded", **headers)) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON, known=[case(1)]), Way.KNOWN)
    assert read.error.failure is Failure.THROTTLED
    assert (read.rows, Round.read(read.state).finished, len(at.asked)) == ([], frozenset(), 1)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(400, "keyInvalid", "Bad Request"),
        Says(
            {"error": {"code": 400, "message": "API key not valid.", "errors": [
                {"reason": "badRequest"}], "details": [{"reason": "API_KEY_INVALID"}]}}, 400,
        ),
        refusal(401, "authError"),
        refusal(403, "accessNotConfigured"),
    ],
    ids=["invalid", "invalid, told otherwise", "expired", "not allowed"],
)  # fmt: skip
def test_a_key_that_is_refused_ends_the_run_and_names_the_variable(tmp_path, answer):
    with platform(lambda got: answer) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert read.error.failure is Failure.AUTH
    assert KEY in str(read.error) and SECRET not in str(read.error)
    assert str(read.error).count(".") <= 2
    assert len(at.asked) == 1


def test_a_channel_that_nobody_may_see_fails_its_own_question_only(tmp_path):
    def answer(got):
        if got.query.get("forHandle") == "@wald1":
            return refusal(403, "channelForbidden")
        return Says(listed(channel(2)))

    known = [
        Known(subject_key=f"account:youtube:@wald{n}", native_id=None, handle=f"wald{n}")
        for n in (1, 2)
    ]
    with platform(answer) as at:
        read = run(opened(YouTube, tmp_path, at, environ=ENVIRON, known=known), Way.KNOWN)
    assert read.ids == ["UC0002"]
    assert read.error.failure is Failure.MALFORMED


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "snippet", "title", "thumbnails", "high", "url",
                                       "statistics", "subscriberCount", "status"]), inner),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "snippet", "statistics", "brandingSettings"]), _JSON))
def test_any_row_is_a_channel_or_refused(row):
    for read in (youtube._channel, youtube._hit):
        try:
            assert isinstance(read(row), Profile)
        except ValueError as error:
            assert not isinstance(error, SourceError)
            assert str(error) == "channel: has no id"


def test_the_state_of_a_run_is_what_the_next_one_begins_with(tmp_path):
    with platform(search_of([1], [2])) as at:
        source = opened(YouTube, tmp_path, at, environ=ENVIRON, pages_per_run=1)
        first = run(source, Way.SEARCH)
        second = run(source, Way.SEARCH, after=first)
        third = run(source, Way.SEARCH, after=second, at=NOW)
    assert (first.ids, second.ids, third.ids) == (["UC0001"], ["UC0002"], [])
    assert [got.query.get("pageToken") for got in at.asked if got.path == "/search"] == [None, "1"]
