"""Google Play: what is read from its pages, and pages that nobody can read."""

from __future__ import annotations

import importlib.util
import ssl
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.errors import Failure, SourceError
from namaak.sources import google_play
from namaak.sources.base import Known
from namaak.sources.google_play import (
    GooglePlay,
    read_details,
    read_search,
    recorded_hit,
    recorded_page,
)
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Way
from tests.sources.web_platform import Says, opened, platform, run

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("google_play_scraper") is None,
    reason="needs google-play-scraper, the extra google-play",
)

#: Where the library looks in the page of one app.
DETAILS = {
    (1, 2, 0, 0): "Waldermond Wallet",
    (1, 2, 12, 0, 0, 1): "Pay &amp; save at https://waldermond-pay.example",
    (1, 2, 68, 0): "Wallet Makers",
    (1, 2, 69, 0, 5, 2): "https://wallet-makers.example",
    (1, 2, 69, 1, 0): "maker@wallet-makers.example",
    (1, 2, 99, 0, 5, 2): "https://wallet-makers.example/privacy",
    (1, 2, 95, 0, 3, 2): "https://pictures.invalid/icon",
    (1, 2, 96, 0, 3, 2): "https://pictures.invalid/header",
    (1, 2, 10, 0): "Oct 30, 2026",
}


def hits(*names):
    page = {}
    for number, name in enumerate(names):
        page |= recorded_hit(number, f"com.{name}.app", f"Waldermond {name}")
    return recorded_page({"ds:4": page or {(0, 1, 0, 22, 0): []}})


def details():
    return recorded_page({"ds:5": DETAILS})


def case(app_id):
    return Known(subject_key=f"app:google-play:{app_id}", native_id=app_id, handle=app_id)


def play(folder, at, **more):
    return opened(GooglePlay, folder, at, **{"enabled": True, "countries": ["nl", "us"], **more})


def test_it_is_off_unless_the_table_says_so_in_so_many_words(tmp_path):
    with platform(lambda got: Says(hits())) as at:
        for table in ({}, {"enabled": False}):
            source = opened(GooglePlay, tmp_path, at, **table)
            assert not source.reads_anything()
            assert list(source.instances()) == []
            assert [fault.partition(":")[0] for fault in source.faults()] == ["enabled"]
        assert play(tmp_path, at).reads_anything()
        assert list(play(tmp_path, at).faults()) == []


def test_without_its_library_it_says_what_to_install(tmp_path, monkeypatch):
    with platform(lambda got: Says(hits())) as at:
        assert play(tmp_path, at).lacks() is None
        monkeypatch.setattr(google_play, "_LIBRARY", "no_such_library_of_ours")
        assert "extra google-play" in play(tmp_path, at).lacks()
        google_play._specs.cache_clear()
        read = run(play(tmp_path, at), Way.SEARCH)
    assert "install namaak with its extra" in str(read.error)


def test_loading_the_library_leaves_the_check_of_certificates_on():
    """The library itself switches it off for the whole process."""
    program = (
        "import ssl; kept = ssl._create_default_https_context\n"
        "from namaak.sources import google_play\n"
        "google_play._specs()\n"
        "import sys; assert 'google_play_scraper' in sys.modules\n"
        "assert ssl._create_default_https_context is kept\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert ssl._create_default_https_context is not ssl._create_unverified_context


def test_a_source_that_is_only_listed_does_not_load_the_library():
    program = (
        "import namaak.sources, sys; namaak.sources.discover()\n"
        "assert 'google_play_scraper' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_each_name_is_searched_in_each_country_and_an_app_is_told_once(tmp_path):
    def answer(got):
        return Says(hits("one") if got.query["gl"] == "nl" else hits("one", "two"))

    with platform(answer) as at:
        read = run(play(tmp_path, at), Way.SEARCH)
    assert read.ids == ["com.one.app", "com.two.app"]
    assert (read.skipped, read.error) == (1, None)
    assert [(got.path, got.query["q"], got.query["gl"]) for got in at.asked] == [
        ("/store/search", "Waldermond", "nl"), ("/store/search", "Waldermond", "us"),
    ]  # fmt: skip


def test_the_hit_that_stands_by_itself_is_read_too():
    top = {
        (0, 1, 0, 23, 16, 11, 0, 0): "com.top.app",
        (0, 1, 0, 23, 16, 2, 0, 0): "Waldermond",
        (0, 1, 0, 23, 16, 2, 68, 0): "Wallet Makers",
        (0, 1, 1, 22, 0, 0, 0, 0, 0): "com.other.app",
        (0, 1, 1, 22, 0, 0, 0, 3): "Other",
    }
    rows = read_search(recorded_page({"ds:4": top}).decode(), where="a search")
    assert [(row["appId"], row["title"]) for row in rows] == [
        ("com.top.app", "Waldermond"), ("com.other.app", "Other"),
    ]  # fmt: skip


def test_a_search_without_hits_is_an_answer(tmp_path):
    with platform(lambda got: Says(hits())) as at:
        read = run(play(tmp_path, at), Way.SEARCH)
    assert (read.rows, read.error) == ([], None)


def test_a_case_is_looked_up_with_all_that_its_page_tells(tmp_path):
    with platform(lambda got: Says(details())) as at:
        read = run(play(tmp_path, at, known=[case("com.wald.app")]), Way.KNOWN)
    (row,) = read.rows
    assert row["subject_key"] == "app:google-play:com.wald.app"
    assert (row["display_name"], row["developer"]) == ("Waldermond Wallet", "Wallet Makers")
    assert row["bio"] == "Pay & save at https://waldermond-pay.example"
    assert row["links"] == [
        "https://wallet-makers.example",
        "https://wallet-makers.example/privacy",
        "https://waldermond-pay.example",
    ]
    assert row["contacts"] == ["mail:maker@wallet-makers.example"]
    assert row["created_at"].isoformat() == "2026-10-30T00:00:00+00:00"
    assert row["state"] == "live"
    assert [got.query for got in at.asked] == [{"id": "com.wald.app", "hl": "en", "gl": "nl"}]


def test_gone_from_one_country_is_not_gone(tmp_path):
    def answer(got):
        there = got.query["id"] == "com.one.app" and got.query["gl"] == "us"
        return Says(details()) if there else Says(b"not found", 404)

    known = [case("com.one.app"), case("com.two.app")]
    with platform(answer) as at:
        read = run(play(tmp_path, at, known=known), Way.KNOWN)
    assert [(row["native_id"], row["state"]) for row in read.rows] == [
        ("com.one.app", "live"), ("com.two.app", "removed"),
    ]  # fmt: skip
    assert {row["subject_kind"] for row in read.rows} == {"app"}


@pytest.mark.parametrize(
    "answer",
    [
        Says(b""),
        Says(b"<html>Before you continue</html>"),
        Says(recorded_page({"ds:7": DETAILS})),
        Says(recorded_page({"ds:5": {(1, 2, 0, 0): ["a list"]}})),
        Says(details().replace(b"data:[", b"data:[[")),
        Says(details(), cut=True),
        Says(status=302, headers={"Location": "/consent"}),
        Says(status=500),
    ],
    ids=["empty", "consent", "moved", "no title", "no JSON", "half", "redirect", "500"],
)
def test_a_page_that_nobody_can_read_gives_nothing_and_never_means_gone(tmp_path, answer):
    with platform(lambda got: answer) as at:
        read = run(play(tmp_path, at, known=[case("com.wald.app")]), Way.KNOWN)
    assert read.rows == []
    assert read.error is not None


def test_a_page_of_hits_that_are_shown_to_people_only_is_told():
    page = b'<a href="/store/apps/details?id=com.wald.app">Waldermond</a>'
    for body in (page, hits() + page, recorded_page({"ds:4": {(0, 1, 0, 22, 0, 0, 5): "moved"}})):
        with pytest.raises(SourceError) as caught:
            read_search(body.decode(), where="a search")
        assert caught.value.failure is Failure.MALFORMED
        assert "page of another shape" in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [Says(status=429), Says(status=429, headers={"Retry-After": "900"}), Says(status=403)],
    ids=["429", "429 with Retry-After", "403"],
)
def test_a_store_that_wants_no_programs_ends_the_run(tmp_path, answer):
    with platform(lambda got: answer) as at:
        read = run(play(tmp_path, at), Way.SEARCH)
    assert read.error.failure is Failure.THROTTLED
    assert "key" not in str(read.error)
    assert (read.rows, len(at.asked)) == ([], 1)


def test_an_id_that_is_none_is_a_row_and_is_not_asked_with(tmp_path):
    with platform(lambda got: Says(details())) as at:
        read = run(play(tmp_path, at, known=[case("com.a&gl=us"), case("one")]), Way.KNOWN)
    assert (read.rows, at.asked) == ([], [])
    assert read.rejects == ["native id: is none of Google Play's"] * 2


def test_a_library_that_has_lost_its_tables_is_told(monkeypatch):
    from google_play_scraper.constants import element

    monkeypatch.setattr(element.ElementSpecs, "SearchResult", {})
    google_play._specs.cache_clear()
    try:
        with pytest.raises(SourceError, match="install the release"):
            read_search(hits("one").decode(), where="a search")
    finally:
        google_play._specs.cache_clear()


def test_a_page_made_to_be_slow_is_read_at_once():
    page = ("AF_initDataCallback({key: 'ds:5', data:" * 100_000) + "</script>"
    with pytest.raises(SourceError):
        read_details(page, app_id="com.wald.app", where="a look")


_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=80, deadline=None)
@given(_JSON, _JSON)
def test_any_page_is_read_or_refused_with_one_class_of_error(value, other):
    page = {(): value, (0, 1): other, (0, 1, 0, 22, 0): value, (1, 2): other}
    for places, said in page.items():
        built = google_play._built({places: said}) if places else value
        text = f"<script>AF_initDataCallback({{key: 'ds:4', data:{google_play.json.dumps(built)}"
        text += ", sideChannel: {}});</script>"
        for read in (
            lambda text: read_search(text, where="a search"),
            lambda text: [read_details(text.replace("ds:4", "ds:5"), app_id="com.a", where="x")],
        ):
            try:
                rows = read(text)
            except SourceError as error:
                assert error.failure is Failure.MALFORMED
            else:
                for row in rows:
                    try:
                        assert isinstance(google_play._app(row), Profile)
                    except ValueError as error:
                        assert str(error) == "app: has no id"
