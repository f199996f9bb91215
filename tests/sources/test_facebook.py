"""Facebook: pages by name and by id, and who advertises with a brand's name."""

from __future__ import annotations

import json

import pytest

from namaak.errors import Failure
from namaak.sources.facebook import TOKEN, Facebook
from namaak.sources.profiles.questions import Way
from tests.sources.keyed_platform import KeyedPlatform, Says, known, opened, run, serving


def facebook(folder, at, **more):
    return opened(Facebook, folder, at, **{"environ": {TOKEN: "the-token"}, **more})


def listed(*rows, after=None):
    paging = {"cursors": {"after": after or "last"}}
    if after:
        paging["next"] = "https://graph.invalid/?access_token=stolen"
    return Says({"data": list(rows), "paging": paging})


def page(number, name="Waldermond", **more):
    return {"id": str(number), "name": name, **more}


def ad(number, page_id, **more):
    return {"id": str(number), "page_id": str(page_id), "page_name": "Waldermond", **more}


def test_it_is_left_out_without_a_token_and_a_table_that_asks_nothing_is_a_fault(tmp_path):
    at = KeyedPlatform(1)
    assert f"{TOKEN} is not set" in facebook(tmp_path, at, environ={}).lacks()
    assert list(facebook(tmp_path, at).faults()) == []
    (fault,) = facebook(tmp_path, at, pages=False).faults()
    assert fault.startswith("pages: ")


def test_pages_and_ads_are_instances_of_their_own(tmp_path):
    at = KeyedPlatform(1)
    cases = [known("facebook", "1")]
    both = facebook(tmp_path, at, ads=True, cases=cases).instances()
    assert [one.id for one in both] == ["known", "search", "search@ads"]
    assert [one.id for one in facebook(tmp_path, at, pages=False, ads=True).instances()] == [
        "search@ads"
    ]


def test_the_next_page_is_asked_with_the_cursor_and_its_address_is_not_followed(tmp_path):
    answers = [listed(page(1), page(2), after="here"), listed(page(2), page(3))]
    with serving(lambda _: answers[len(at.asked) - 1]) as at:
        read = run(facebook(tmp_path, at), Way.SEARCH)
    assert [one.one("after") for one in at.asked] == [None, "here"]
    assert read.ids == ["1", "2", "3"] and read.skipped == 1
    assert not any("stolen" in one.target for one in at.asked)


def test_a_cursor_that_leads_to_itself_ends(tmp_path):
    with serving(lambda _: listed(page(1), after="round")) as at:
        read = run(facebook(tmp_path, at), Way.SEARCH)
    assert len(at.asked) == 2
    assert any("again and again" in reason for reason in read.rejects)


@pytest.mark.parametrize(
    ("link", "handle"),
    [
        ("https://www.facebook.com/Acme.Help/", "Acme.Help"),
        ("https://www.facebook.com/Acme-Help-100/", None),
        ("https://www.facebook.com/profile.php?id=100", None),
        ("https://www.facebook.com/100000000000001", None),
        ("javascript:alert(1)", None),
        ("https://[", None),
    ],
)
def test_a_handle_is_read_from_a_pages_address_where_it_has_one(tmp_path, link, handle):
    with serving(lambda _: listed(page(1, link=link))) as at:
        read = run(facebook(tmp_path, at), Way.SEARCH)
    assert read.rows[0]["handle"] == handle


@pytest.mark.parametrize(
    ("said", "verified"),
    [("blue_verified", "paid"), ("gray_verified", "organisation"), ("not_verified", "none")],
)
def test_a_badge_that_is_sold_is_told_from_one_that_is_checked(tmp_path, said, verified):
    with serving(lambda _: listed(page(1, verification_status=said))) as at:
        read = run(facebook(tmp_path, at), Way.SEARCH)
    assert read.rows[0]["verified"] == verified


def test_a_known_page_is_asked_by_its_id_and_shows_all_that_it_says(tmp_path):
    row = page(
        7,
        username="acme.help",
        about="Write to acme-pay.example",
        website="acme-help.example, https://acme.test/a",
        followers_count=12,
        link="https://www.facebook.com/acme.help",
    )
    with serving(lambda _: Says(row)) as at:
        read = run(facebook(tmp_path, at, cases=[known("facebook", "7")]), Way.KNOWN)
    assert at.paths == ["/7"]
    (found,) = read.rows
    assert (found["handle"], found["followers"]) == ("acme.help", 12)
    assert found["links"] == [
        "https://acme-help.example", "https://acme.test/a", "https://acme-pay.example",
    ]  # fmt: skip


@pytest.mark.parametrize("code", [100, 803])
def test_a_page_that_is_not_shown_is_unknown_never_removed(tmp_path, code):
    error = {"error": {"message": "does not exist", "code": code, "error_subcode": 33}}
    with serving(lambda _: Says(error, status=400)) as at:
        read = run(facebook(tmp_path, at, cases=[known("facebook", "7")]), Way.KNOWN)
    assert read.rows == [] and read.error is None
    assert "gone, unpublished or hidden, which is not known" in read.rejects[0]


def test_an_id_that_is_none_is_not_asked_for(tmp_path):
    with serving(lambda _: Says({})) as at:
        cases = [known("facebook", "me/accounts"), known("facebook", None, "a?b")]
        read = run(facebook(tmp_path, at, cases=cases), Way.KNOWN)
    assert at.asked == []
    assert len(read.rejects) == 2


def test_the_ads_of_one_page_are_one_account_with_all_their_links(tmp_path):
    answer = listed(
        ad(1, 5, ad_creative_link_captions=["acme-sale.example"],
           ad_delivery_start_time="2026-11-20"),
        ad(2, 6),
        ad(3, 5, ad_creative_bodies=["Now at acme-out.example", 7],
           ad_delivery_start_time="2026-11-21"),
        {"id": "4"},
    )  # fmt: skip
    with serving(lambda _: answer) as at:
        source = facebook(tmp_path, at, ads=True, countries=["NL", "BE"])
        read = run(source, Way.SEARCH, server="ads")
    (asked,) = at.asked
    assert asked.path == "/ads_archive"
    assert asked.one("search_terms") == "Waldermond"
    assert asked.one("ad_reached_countries") == '["NL", "BE"]'
    assert "ad_snapshot_url" not in asked.target
    first, second = read.rows
    assert (first["native_id"], second["native_id"]) == ("5", "6")
    assert first["links"] == ["https://acme-sale.example", "https://acme-out.example"]
    assert first["source_time"].isoformat() == "2026-11-21T00:00:00+00:00"
    assert [one["id"] for one in json.loads(first["raw"])["data"]] == ["1", "3"]
    assert first["instance"] == "search@ads"
    assert read.rejects == ["ad: has no page_id"]


def test_a_feature_that_meta_did_not_approve_ends_the_run_and_says_so(tmp_path):
    error = {"error": {"message": "requires Page Public Metadata Access", "code": 10}}
    with serving(lambda _: Says(error, status=403)) as at:
        read = run(facebook(tmp_path, at), Way.SEARCH)
    assert read.error.failure is Failure.AUTH
    assert "requires Page Public Metadata Access" in str(read.error)
