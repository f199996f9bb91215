"""GitHub: searches that count more than they show, details, limits, and accounts that are gone."""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.brands import Brand
from namaak.errors import Failure
from namaak.sources import github
from namaak.sources.base import Known
from namaak.sources.github import TOKEN, GitHub, _Place, _profile
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Way
from namaak.sources.profiles.rounds import Round
from tests.sources.web_platform import NOW, Says, opened, platform, run, validate_recorded

SECRET = "secret-token-of-ours"
ENVIRON = {TOKEN: SECRET}
TODAY = date(2026, 11, 22)


def user(number, login=None, **more):
    return {
        "id": number,
        "login": login or f"waldermond-{number}",
        "type": "User",
        "html_url": f"https://github.com/waldermond-{number}",
        "avatar_url": f"https://pictures.invalid/u/{number}",
        **more,
    }


def full(number, login=None, **more):
    return user(number, login, name=f"Waldermond {number}", followers=3, **more)


NOT_FOUND = Says({"message": "Not Found", "status": "404"}, 404)


def found(*rows, total=None, **more):
    total = len(rows) if total is None else total
    return Says({"total_count": total, "incomplete_results": False, "items": list(rows), **more})


def accounts(got):
    number = int(got.path.rpartition("-")[2])
    return Says(full(number))


def searches_of(*pages):
    """A platform whose search has these pages; of every account it knows the details."""
    total = sum(map(len, pages))

    def answer(got):
        if got.path != "/search/users":
            return accounts(got)
        page = int(got.query["page"])
        return found(*map(user, pages[page - 1] if page <= len(pages) else ()), total=total)

    return answer


def case(number, handle=None, native_id=None):
    native_id = native_id or str(number)
    return Known(subject_key=f"account:github:{native_id}", native_id=native_id, handle=handle)


# What is asked, and what is made of it


def test_recorded_answers_have_the_shapes_that_github_publishes():
    shapes = {"/search/": "searchUsers", "/users/": "publicUser", "/orgs/": "organizationFull"}
    (example,) = GitHub.examples
    assert validate_recorded(example, "github.json", shapes) == 4


def test_a_name_is_searched_as_it_is_and_as_one_word_and_never_as_a_query(tmp_path):
    brands = {"w": Brand(name="Walder & Mond: type:org", aliases=("Waldermond", "waldermond"))}
    with platform(searches_of([])) as at:
        source = opened(GitHub, tmp_path, at, environ=ENVIRON, brands=brands)
        asked = [question.texts[0] for question in source.questions(source.instance(Way.SEARCH))]
        run(source, Way.SEARCH)
    assert asked == ["Walder Mond type org", "WalderMondtypeorg", "Waldermond"]
    assert at.asked[0].query["q"] == "Walder Mond type org in:login in:name"


def test_it_reads_all_pages_and_of_each_account_the_details(tmp_path, monkeypatch):
    monkeypatch.setattr(github, "_PER_PAGE", 5)
    with platform(searches_of(range(5), range(5, 8))) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert read.error is None
    assert read.ids == [str(number) for number in range(8)]
    assert all(row["display_name"] and row["followers"] == 3 for row in read.rows)
    assert sum(got.path == "/search/users" for got in at.asked) == 2


def test_the_token_goes_into_a_header_and_never_over_plain_http(tmp_path):
    with platform(searches_of([1])) as at:
        run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
        count = len(at.asked)
        away = opened(GitHub, tmp_path, at, environ=ENVIRON, url="http://api.example")
        assert [fault.partition(":")[0] for fault in away.faults()] == ["url"]
        assert run(away, Way.SEARCH).error.failure is Failure.POLICY
    assert {got.headers["Authorization"] for got in at.asked} == {f"Bearer {SECRET}"}
    assert not any(SECRET in got.target for got in at.asked)
    assert len(at.asked) == count


def test_whoever_redirects_gets_no_second_request(tmp_path):
    with platform(lambda got: Says(b"{}", 301, {"Location": "/elsewhere"})) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert "status 301" in str(read.error)
    assert [got.path for got in at.asked] == ["/search/users"]


def test_without_a_token_it_says_which_and_is_left_out(tmp_path):
    with platform(searches_of([])) as at:
        assert TOKEN in opened(GitHub, tmp_path, at).lacks()
        assert opened(GitHub, tmp_path, at, environ=ENVIRON).lacks() is None


def test_an_account_that_comes_on_two_pages_is_told_once_and_asked_for_once(tmp_path):
    with platform(searches_of([1] * 100, [1, 2])) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert read.ids == ["1", "2"]
    assert (read.skipped, read.end) == (100, 102)
    assert [got.path for got in at.asked].count("/users/waldermond-1") == 1


def test_an_account_renamed_since_the_search_keeps_its_id(tmp_path):
    def answer(got):
        if got.path == "/search/users":
            return found(user(1, "wald-old"), user(2, "wald-taken"), user(3, "wald-gone"))
        # The login of the second belongs to somebody else by now, that of the third to nobody.
        kept = {"/users/wald-old": full(1, "wald-old"), "/users/wald-taken": full(9, "wald-taken")}
        return Says(kept[got.path]) if got.path in kept else NOT_FOUND

    with platform(answer) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert [(r["native_id"], r["handle"], r["display_name"]) for r in read.rows] == [
        ("1", "wald-old", "Waldermond 1"), ("2", "wald-taken", None), ("3", "wald-gone", None),
    ]  # fmt: skip


def test_details_are_bounded_in_a_run_and_not_asked_for_again_within_days(tmp_path):
    table = {"environ": ENVIRON, "details_per_run": 2, "every_hours": 1}

    def details(at):
        return [got.path for got in at.asked if got.path.startswith("/users/")]

    brands = {"w": Brand(name="Waldermond", aliases=("Mond",))}
    with platform(searches_of([1, 2, 3])) as at:
        first = run(opened(GitHub, tmp_path, at, brands=brands, **table), Way.SEARCH)
        assert details(at) == ["/users/waldermond-1", "/users/waldermond-2"]
        assert first.ids == ["1", "2", "3"]
        at.asked.clear()
        later = NOW + timedelta(hours=30)
        source = opened(GitHub, tmp_path, at, brands=brands, now=later, **table)
        second = run(source, Way.SEARCH, after=first, at=later)
        assert second.ids == ["1", "2", "3"]
        assert details(at) == ["/users/waldermond-3"]
        at.asked.clear()
        later = NOW + timedelta(days=8)
        source = opened(GitHub, tmp_path, at, brands=brands, now=later, **table)
        run(source, Way.SEARCH, after=second, at=later)
        assert details(at) == ["/users/waldermond-1", "/users/waldermond-2"]


def test_a_damaged_memory_of_details_costs_no_more_than_asking_again(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "details.json").write_bytes(b'{"1": "20')
    with platform(searches_of([1])) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert (read.ids, read.error) == (["1"], None)


def test_a_hit_is_kept_where_its_details_cannot_be_had(tmp_path):
    def answer(got):
        return found(user(1)) if got.path == "/search/users" else Says(status=502)

    with platform(answer) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert (read.ids, read.error) == (["1"], None)
    assert any("no details" in reason for reason in read.rejects)


# More hits than are shown


class Many:
    """A platform that has accounts made on days, and shows a thousand of any search."""

    def __init__(self, made: dict[date, int]) -> None:
        self.made = made
        self.ids = {}
        number = 0
        for day in sorted(made):
            self.ids[day] = list(range(number, number + made[day]))
            number += made[day]

    def __call__(self, got):
        days = re.search(r"created:(\S+)\.\.(\S+)", got.query["q"])
        since, until = (date.fromisoformat(one) for one in days.groups()) if days else (
            date.min, date.max,
        )  # fmt: skip
        hits = [n for day in sorted(self.ids, reverse=True) if since <= day <= until
                for n in reversed(self.ids[day])]  # fmt: skip
        page = int(got.query["page"])
        assert page <= 10, "only a thousand hits are shown"
        return found(*map(user, hits[100 * (page - 1) : 100 * page]), total=len(hits))


def test_what_counts_more_than_a_thousand_is_read_whole_by_the_days_it_was_made(tmp_path):
    many = Many({date(2009, 1, 5): 700, date(2020, 2, 29): 600, date(2026, 11, 20): 900})
    with platform(many) as at:
        source = opened(
            GitHub, tmp_path, at, environ=ENVIRON, details_per_run=0, pages_per_question=200
        )
        read = run(source, Way.SEARCH)
    assert read.error is None and read.rejects == []
    assert sorted(map(int, read.ids)) == list(range(2200))
    assert len(at.asked) < 80


def test_a_day_of_more_than_a_thousand_is_told(tmp_path):
    many = Many({date(2026, 11, 20): 1300, date(2015, 1, 1): 5})
    with platform(many) as at:
        source = opened(
            GitHub, tmp_path, at, environ=ENVIRON, details_per_run=0, pages_per_question=200
        )
        read = run(source, Way.SEARCH)
    assert len(set(read.ids)) == 1005
    assert ["shows 1,000 of 1,300" in reason for reason in read.rejects] == [True]


def test_what_the_bound_on_pages_leaves_out_is_the_oldest_and_is_told(tmp_path):
    many = Many({date(2026, 11, 20): 300, date(2012, 1, 1): 900, date(2013, 1, 1): 900})
    with platform(many) as at:
        source = opened(
            GitHub, tmp_path, at, environ=ENVIRON, details_per_run=0, pages_per_question=12
        )
        read = run(source, Way.SEARCH)
    assert {str(number) for number in many.ids[date(2026, 11, 20)]} <= set(read.ids)
    assert any("pages_per_question" in reason for reason in read.rejects)


@given(st.dictionaries(st.dates(date(2007, 10, 1), TODAY), st.integers(0, 1500), max_size=5))
@settings(max_examples=60, deadline=None)
def test_stretches_of_days_cover_every_day_and_come_to_an_end(made):
    """Every day that has no more than is shown is read whole, whatever the days before it have."""
    place, seen, asked = _Place(), {}, 0
    while place is not None:
        asked += 1
        assert asked < 1_500
        since, until = place.since or date(2007, 10, 1), place.until or TODAY
        hits = [(day, n) for day in sorted(made, reverse=True) if since <= day <= until
                for n in range(made[day])]  # fmt: skip
        for day, n in hits[100 * (place.page - 1) : 100 * place.page]:
            seen.setdefault(day, set()).add(n)
        following, _ = place.following(len(hits), TODAY)
        assert following != place
        assert following is None or _Place.read(str(following)) == following
        place = following
    for day, count in made.items():
        assert len(seen.get(day, ())) == min(count, 1_000)


def test_no_day_falls_between_two_stretches():
    days = [date(2007, 10, 1) + timedelta(days=n) for n in range((TODAY - date(2007, 10, 1)).days)]
    place, seen = _Place(), []
    while place is not None:
        since, until = place.since or days[0], place.until or TODAY
        first, last = bisect_left(days, since), bisect_right(days, until)
        # One account a day, the newest first.
        hits = days[first:last][::-1]
        seen += hits[100 * (place.page - 1) : 100 * place.page]
        place, cut = place.following(len(hits), TODAY)
        assert not cut
    assert set(seen) == set(days)


@given(st.text())
def test_any_cursor_is_a_place(text):
    assert isinstance(_Place.read(text), _Place)


# Logins, and what is a case already


def test_a_login_that_nobody_has_gives_no_row(tmp_path):
    def answer(got):
        return Says(full(7)) if got.path == f"/users/{logins[2]}" else NOT_FOUND

    with platform(answer) as at:
        source = opened(GitHub, tmp_path, at, environ=ENVIRON, probes=12)
        logins = [question.texts[0] for question in source.questions(source.instance(Way.PROBE))]
        read = run(source, Way.PROBE)
    assert (read.ids, read.error) == (["7"], None)
    assert len(at.asked) == len(logins) == 12


def test_of_known_accounts_the_missing_are_removed_and_the_renamed_show_it(tmp_path):
    def answer(got):
        return Says(full(1, "another-name")) if got.path == "/user/1" else NOT_FOUND

    with platform(answer) as at:
        known = [case(1, "wald"), case(2, "wald2")]
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON, known=known), Way.KNOWN)
    assert [(r["native_id"], r["handle"], r["state"]) for r in read.rows] == [
        ("1", "another-name", "live"), ("2", "wald2", "removed"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        Says(status=500),
        Says(b""),
        Says(b"<html>no</html>"),
        Says(b"<html>not found</html>", 404),
        Says({"message": "no such page here"}, 404),
        Says([]),
        Says(full(9)),
        Says(full(1), cut=True),
    ],
    ids=["500", "empty", "no JSON", "404 of a page", "404 of another", "a list", "another", "half"],
)
def test_no_answer_never_means_that_an_account_is_gone(tmp_path, answer):
    with platform(lambda got: answer) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON, known=[case(1)]), Way.KNOWN)
    assert read.rows == []
    assert read.error is not None


def test_an_id_that_is_none_is_a_row_and_is_not_asked_with(tmp_path):
    with platform(lambda got: NOT_FOUND) as at:
        known = [
            case(0, native_id="1/../../gists"),
            Known(subject_key="account:github:@..", native_id=None, handle="../gists"),
        ]
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON, known=known), Way.KNOWN)
    assert read.rows == []
    assert read.rejects == ["native id: is none of GitHub's", "login: is none of GitHub's"]
    assert at.asked == []


def test_an_organisation_says_whether_its_domain_is_proved(tmp_path):
    def answer(got):
        number = int(got.path.rpartition("-")[2])
        if got.path.startswith("/orgs/"):
            return Says({"id": number, "is_verified": number == 1, "description": "We make"})
        return Says(full(number, type="Organization"))

    known = [
        Known(subject_key=f"account:github:@{n}", native_id=None, handle=f"waldermond-{n}")
        for n in (1, 2)
    ]
    with platform(answer) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON, known=known), Way.KNOWN)
    assert [(r["verified"], r["bio"]) for r in read.rows] == [
        ("domain", "We make"), ("none", "We make"),
    ]  # fmt: skip


# Limits


def limited(status, reset_s=None, **headers):
    if reset_s is not None:
        headers["X-RateLimit-Reset"] = str(int(NOW.timestamp()) + reset_s)
        headers["X-RateLimit-Remaining"] = "0"
    return Says({"message": "API rate limit exceeded"}, status, headers)


@pytest.mark.parametrize(
    ("answer", "when"),
    [
        (limited(403, 1800), "in 30 min"),
        (limited(429), "within the hour"),
        (limited(429, **{"Retry-After": "60"}), "in 1 min"),
        (Says({"message": "You hit a secondary rate limit"}, 403), "within the hour"),
    ],
    ids=["spent", "429", "429 with Retry-After", "secondary"],
)
def test_a_limit_ends_the_run_with_one_sentence_that_says_when(tmp_path, answer, when):
    with platform(lambda got: answer) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON, known=[case(1)]), Way.KNOWN)
    assert read.error.failure is Failure.THROTTLED
    assert when in str(read.error)
    assert (read.rows, Round.read(read.state).finished, len(at.asked)) == ([], frozenset(), 1)


def test_the_run_after_a_limit_goes_on_where_it_stopped(tmp_path):
    refusing = True

    def answer(got):
        if got.query["page"] == "2" and refusing:
            return limited(403, 1800)
        return searches_of(range(100), range(100, 150))(got)

    with platform(answer) as at:
        source = opened(GitHub, tmp_path, at, environ=ENVIRON, details_per_run=0)
        first = run(source, Way.SEARCH)
        assert (len(first.rows), first.error.failure) == (100, Failure.THROTTLED)
        refusing = False
        second = run(source, Way.SEARCH, after=first)
    assert [int(one) for one in first.ids + second.ids] == list(range(150))


def test_after_the_last_search_of_a_minute_nothing_is_asked_until_it_is_over(tmp_path):
    reset = str(int(NOW.timestamp()) + 25)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    with platform(lambda got: Says(found().body, headers=headers)) as at:
        source = opened(GitHub, tmp_path, at, environ=ENVIRON)
        assert source.around.manners.pause_left("127.0.0.1") == 0
        assert run(source, Way.SEARCH).error is None
        assert 20 < source.around.manners.pause_left("127.0.0.1") <= 25


def test_an_expired_token_ends_the_run_and_names_the_variable(tmp_path):
    with platform(lambda got: Says({"message": "Bad credentials"}, 401)) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert read.error.failure is Failure.AUTH
    assert TOKEN in str(read.error) and SECRET not in str(read.error)
    assert len(at.asked) == 1


def test_half_a_page_is_nothing_and_is_asked_for_again(tmp_path):
    whole = iter([False, True])

    def answer(got):
        says = searches_of([1])(got)
        return Says(says.body, cut=not next(whole)) if got.path == "/search/users" else says

    with platform(answer) as at:
        source = opened(GitHub, tmp_path, at, environ=ENVIRON)
        first = run(source, Way.SEARCH)
        assert (first.rows, first.error.failure) == ([], Failure.TRANSIENT)
        second = run(source, Way.SEARCH, after=first)
    assert (second.ids, second.error) == (["1"], None)


def test_a_search_that_ran_out_of_time_says_so(tmp_path):
    with platform(lambda got: found(incomplete_results=True)) as at:
        read = run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    assert ["ran out of time" in reason for reason in read.rejects] == [True]


def test_an_avatar_is_stored_as_it_is_and_one_that_is_too_large_is_a_row(tmp_path):
    bomb, huge = b"\x89PNG" + b"\0" * 1000, b"x" * (6 << 20)

    def answer(got):
        if got.path.startswith("/u/"):
            return Says(bomb if got.path == "/u/1" else huge)
        rows = [user(n, avatar_url=f"{at.url}/u/{n}") for n in (1, 2)]
        return found(*rows)

    with platform(answer) as at:
        source = opened(GitHub, tmp_path, at, environ=ENVIRON, pictures=True, details_per_run=0)
        read = run(source, Way.SEARCH)
    assert read.ids == ["1", "2"]
    assert list(read.images.values()) == [bomb]
    assert [reason for reason in read.rejects if reason.startswith("image:")]


_VALUE = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.lists(st.none())


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "login", "name", "bio", "blog", "email", "twitter_username",
                         "followers", "is_verified", "created_at", "avatar_url", "type"]),
        _VALUE,
    )
)  # fmt: skip
def test_any_row_is_an_account_or_refused(row):
    try:
        assert isinstance(_profile(row), Profile)
    except ValueError as error:
        assert str(error) == "account: has no id"
        assert github.id_of(row, "id") is None


def test_the_memory_of_details_holds_days_and_forgets_old_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(github, "_PER_PAGE", 5)
    path = tmp_path / "state" / "details.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"old": "2026-01-01", "new": "2026-11-20"}))
    with platform(searches_of(range(5), [5])) as at:
        run(opened(GitHub, tmp_path, at, environ=ENVIRON), Way.SEARCH)
    kept = json.loads(path.read_text())
    assert "old" not in kept and kept["new"] == "2026-11-20"
    assert kept["1"] == "2026-11-22" and len(kept) == 6
    assert datetime.fromisoformat(kept["1"]).date() == TODAY
