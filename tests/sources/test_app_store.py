"""The App Store: countries, what is gone from all of them, and answers that are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.errors import Failure
from namaak.sources import app_store
from namaak.sources.app_store import AppStore
from namaak.sources.base import Known
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Way
from namaak.sources.profiles.rounds import Round
from tests.sources.web_platform import NOW, Says, opened, platform, run, validate_recorded
from tests.surroundings import around


def app(number, name=None, **more):
    return {
        "wrapperType": "software",
        "trackId": number,
        "trackName": name or f"Waldermond {number}",
        "bundleId": f"example.waldermond.app{number}",
        "sellerName": "Wallet Makers Ltd",
        "artworkUrl512": f"https://pictures.invalid/{number}/512.jpg",
        "releaseDate": "2026-10-30T07:00:00Z",
        **more,
    }


def results(*rows):
    return Says({"resultCount": len(rows), "results": list(rows)})


def case(native_id):
    native_id = str(native_id)
    return Known(subject_key=f"app:app-store:{native_id}", native_id=native_id, handle="example.a")


def sold(where):
    """A store that sells these apps in these countries."""

    def answer(got):
        here = where.get(got.query["country"], ())
        asked = got.query["id"].split(",") if "id" in got.query else None
        return results(*(app(n) for n in here if asked is None or str(n) in asked))

    return answer


def test_recorded_answers_have_the_fields_that_apple_names():
    (example,) = AppStore.examples
    assert validate_recorded(example, "itunes.json", {"/search": "results"}) == 2


def test_each_name_is_searched_in_each_country_once(tmp_path):
    with platform(sold({"nl": [1], "de": [1, 2]})) as at:
        source = opened(AppStore, tmp_path, at, countries=["nl", "DE", "nl"])
        read = run(source, Way.SEARCH)
    assert [got.query["country"] for got in at.asked] == ["nl", "de"]
    assert {got.query["term"] for got in at.asked} == {"Waldermond"}
    # The same app in two countries is told once.
    assert (read.ids, read.skipped, read.error) == (["1", "2"], 1, None)


def test_what_differs_by_country_is_evidence_and_no_other_app(tmp_path):
    def answer(got):
        country = got.query["country"]
        page = f"https://apps.apple.com/{country}/app/id1?uo=4"
        return results(app(1, trackViewUrl=page, price=len(country), averageUserRating=4.5))

    with platform(answer) as at:
        read = run(opened(AppStore, tmp_path, at, countries=["nl", "us"]), Way.SEARCH)
    (row,) = read.rows
    assert row["url"] == "https://apps.apple.com/app/id1"
    assert "apps.apple.com/nl/app" in row["raw"]
    assert (row["subject_kind"], row["handle"]) == ("app", "example.waldermond.app1")


def test_an_app_of_another_title_elsewhere_is_told_twice_under_one_id(tmp_path):
    def answer(got):
        return results(app(1, "Waldermond" if got.query["country"] == "us" else "Waldermond NL"))

    with platform(answer) as at:
        read = run(opened(AppStore, tmp_path, at, countries=["nl", "us"]), Way.SEARCH)
    assert [row["display_name"] for row in read.rows] == ["Waldermond NL", "Waldermond"]
    assert len({row["subject_key"] for row in read.rows}) == 1


def test_a_search_that_shows_all_it_may_says_that_there_may_be_more(tmp_path, monkeypatch):
    monkeypatch.setattr(app_store, "_MOST", 3)
    with platform(lambda got: results(*map(app, range(3)))) as at:
        read = run(opened(AppStore, tmp_path, at, countries=["nl"]), Way.SEARCH)
    assert read.ids == ["0", "1", "2"]
    assert ["shows 3 apps" in reason for reason in read.rejects] == [True]


def test_gone_from_one_country_is_not_gone(tmp_path):
    known = [case(1), case(2), case(3)]
    with platform(sold({"nl": [1], "us": [2]})) as at:
        read = run(opened(AppStore, tmp_path, at, known=known, countries=["nl", "us"]), Way.KNOWN)
    assert {row["native_id"]: row["state"] for row in read.rows} == {
        "1": "live", "2": "live", "3": "removed",
    }  # fmt: skip
    # Only what the first country does not have is asked of the second.
    assert [got.query["id"] for got in at.asked] == ["1,2,3", "2,3"]
    assert {row["subject_kind"] for row in read.rows} == {"app"}


def test_nothing_is_gone_where_one_country_does_not_answer(tmp_path):
    def answer(got):
        return Says(status=500) if got.query["country"] == "us" else results()

    with platform(answer) as at:
        source = opened(AppStore, tmp_path, at, known=[case(1)], countries=["nl", "us"])
        read = run(source, Way.KNOWN)
    assert read.rows == []
    assert read.error.failure is Failure.TRANSIENT


def test_an_app_that_is_known_by_its_bundle_alone_stays_that_subject(tmp_path):
    def answer(got):
        there = "bundleId" in got.query and got.query["country"] == "us"
        return results(app(1, bundleId="Example.Wald")) if there else results()

    with platform(answer) as at:
        known = [case("example.wald"), case("example.gone"), case(7)]
        read = run(opened(AppStore, tmp_path, at, known=known, countries=["nl", "us"]), Way.KNOWN)
    assert {row["native_id"]: row["state"] for row in read.rows} == {
        "example.wald": "live", "example.gone": "removed", "7": "removed",
    }  # fmt: skip
    assert [got.query.get("bundleId") for got in at.asked] == [
        None, None, "example.gone,example.wald", "example.gone,example.wald",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        Says(b""),
        Says(b"<html>"),
        Says({}),
        Says([]),
        Says({"resultCount": 1, "results": []}),
        Says({"results": []}),
        results({"wrapperType": "artist", "artistId": 1}),
        Says(results(app(1)).body, cut=True),
        Says({"errorMessage": "Invalid value(s) for key(s): [country]"}, 400),
    ],
    ids=["empty", "no JSON", "no list", "a list", "miscounted", "not counted", "no app", "half",
         "refused"],
)  # fmt: skip
def test_no_answer_never_means_that_an_app_is_gone(tmp_path, answer):
    with platform(lambda got: answer) as at:
        read = run(opened(AppStore, tmp_path, at, known=[case(1)], countries=["nl"]), Way.KNOWN)
    assert read.rows == []
    assert read.error is not None


def test_an_id_that_is_none_is_a_row_and_is_not_asked_with(tmp_path):
    known = [case(1), case("id2&country=us"), case("²")]
    with platform(sold({"nl": [1]})) as at:
        read = run(opened(AppStore, tmp_path, at, known=known, countries=["nl"]), Way.KNOWN)
    assert read.ids == ["1"]
    assert read.rejects == ["native id: is none of the App Store's"] * 2
    assert [got.query for got in at.asked] == [{"id": "1", "country": "nl"}]


@pytest.mark.parametrize(
    "answer",
    [Says(status=429), Says(status=429, headers={"Retry-After": "900"}), Says(status=403)],
    ids=["429", "429 with Retry-After", "403"],
)
def test_too_many_requests_end_the_run_and_no_key_is_blamed(tmp_path, answer):
    with platform(lambda got: answer) as at:
        read = run(opened(AppStore, tmp_path, at, countries=["nl", "us"]), Way.SEARCH)
    assert read.error.failure is Failure.THROTTLED
    assert "key" not in str(read.error)
    assert (read.rows, Round.read(read.state).finished, len(at.asked)) == ([], frozenset(), 1)


def test_half_a_page_is_asked_for_again_and_holds_up_no_other(tmp_path):
    whole = {"nl": iter([False, True])}

    def answer(got):
        country = got.query["country"]
        says = results(app(1 if country == "nl" else 2))
        return Says(says.body, cut=country in whole and not next(whole[country]))

    with platform(answer) as at:
        source = opened(AppStore, tmp_path, at, countries=["nl", "us"])
        first = run(source, Way.SEARCH)
        assert (first.ids, first.error.failure) == (["2"], Failure.TRANSIENT)
        second = run(source, Way.SEARCH, after=first)
    assert (second.ids, second.error) == (["1"], None)


def test_its_host_is_asked_twenty_times_a_minute_and_no_oftener(tmp_path):
    given_ = around(tmp_path, now=NOW)
    AppStore(app_store.AppStoreConfig(), given_)
    assert given_.manners.turn("itunes.apple.com") == 0
    assert given_.manners.turn("itunes.apple.com") == pytest.approx(3, abs=0.2)


def test_an_icon_is_stored_as_it_is_and_one_that_is_too_large_is_a_row(tmp_path):
    bomb, huge = b"\xff\xd8" + b"\0" * 1000, b"x" * (6 << 20)

    def answer(got):
        if got.path.endswith(".jpg"):
            return Says(bomb if got.path == "/1.jpg" else huge)
        return results(*(app(n, artworkUrl512=f"{at.url}/{n}.jpg") for n in (1, 2)))

    with platform(answer) as at:
        source = opened(AppStore, tmp_path, at, countries=["nl"], pictures=True)
        read = run(source, Way.SEARCH)
    assert read.ids == ["1", "2"]
    assert list(read.images.values()) == [bomb]
    assert [reason for reason in read.rejects if reason.startswith("image:")]


_VALUE = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.lists(st.none())


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["trackId", "trackName", "bundleId", "description", "sellerUrl",
                         "releaseDate", "artworkUrl512", "sellerName"]),
        _VALUE,
    )
)  # fmt: skip
def test_any_row_is_an_app_or_refused(row):
    try:
        assert isinstance(app_store._app(row), Profile)
    except ValueError as error:
        assert str(error) == "app: has no id"
