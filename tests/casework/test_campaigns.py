"""Campaigns: what ties cases, what ties nobody, and the picture of one."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.campaign_graph import MOST_CASES, campaign_svg
from namaak.casework.campaigns import together
from namaak.casework.reading import campaign_of_case, find_campaigns, read_campaign
from namaak.portraits.values import tied_values
from namaak.records import case_id
from namaak.sqlfiles import sql_files
from tests.casework.accounts import NOW, account, app, host, matching

WALLET = "0x52908400098527886e0f7030069857d2e4169ee7"
BIO = "Official help desk for every question about your account, day and night"


def edges(world) -> set[tuple[str, str]]:
    return {(row["reason"], row["says"]) for row in world.rows("from campaign_edges")}


def test_accounts_apps_and_hosts_are_tied_by_what_they_share(world):
    world.see(
        host("acme-login.test"),
        account("acme_help", "1", bio=BIO, links=["https://acme-login.test/x"]),
        account("acme_care", "2", bio=BIO.upper() + "!", contacts=["phone:+31 20 555 0100"]),
        account("acme_pay", "3", platform="bluesky", bio=f"call +31205550100 or pay {WALLET}"),
        app(bio=f"Pay to {WALLET}"),
        account("acme_roses", "9", bio="Roses"),
    )  # fmt: skip
    world.run()
    assert edges(world) == {
        ("links-to", "x/@acme_help links to acme-login.test"),
        ("bio", "Both say the same of themselves"),
        ("contact", "Both give the contact +31 20 555 0100"),
        ("payment", f"Both name the payment address {WALLET}"),
    }
    (row,) = world.rows("from campaigns")
    assert (row["cases"], row["subjects"], row["brands"]) == (5, 5, ["acme"])
    assert row["platforms"] == ["bluesky", "domains", "google-play", "x"]
    assert row["reasons"] == ["bio", "contact", "links-to", "payment"]
    with world.snapshot() as con:
        assert campaign_of_case(con, case_id("acme", "account:x:9")) is None
        assert campaign_of_case(con, case_id("acme", "account:x:1")) == row["campaign_id"]
        assert [one["campaign_id"] for one in find_campaigns(con, brand="ACME")] == [
            row["campaign_id"]
        ]
        assert find_campaigns(con, brand="waldermond") == []
    found = world.case("account:x:1").edges
    assert {edge["reason"] for edge in found} == {"links-to", "bio"}


def test_a_picture_ties_whoever_wears_it(world):
    sha = "ab" * 32
    described = {
        "image_sha256": sha, "detector": "images-7", "format": "PNG", "width": 64, "height": 64,
        "notes": [], "outcome": "hashed", "frame": "first", "region": -1,
        **{f"phash_{at}": 7 + at for at in range(4)},
    }  # fmt: skip
    world.see(account("acme_help", "1", image_sha256=sha), account("acme_care", "2",
              image_sha256=sha), pictured=[described])  # fmt: skip
    world.run()
    assert edges(world) == {("picture", "Both wear the same picture")}


def test_what_the_brand_itself_gives_ties_nobody(world):
    own = account("acme", "9", bio=BIO + " mail ask@elsewhere.test")
    rows = [account(f"acme_{n}", str(n), bio=own["bio"]) for n in (1, 2)]
    links = [account(f"acme_l{n}", f"1{n}", links=["https://shop.acme.example/x"]) for n in (1, 2)]
    world.see(own, *rows, *links, matched=[
        matching(own, suppressed="the brand's own account on x"),
        *map(matching, [*rows, *links])])  # fmt: skip
    world.run()
    assert edges(world) == set()


def test_front_pages_of_places_where_everybody_is_tie_nobody(world):
    world.see(account("acme_1", "1", links=["https://linktr.ee/"]), account("acme_2", "2",
              links=["http://www.linktr.ee"]))  # fmt: skip
    world.run()
    assert edges(world) == set()


def test_a_dismissed_case_and_one_that_joined_another_are_no_members(world):
    world.see(account("acme_1", "1", bio=WALLET), account("acme_2", "2", bio=WALLET))
    world.run()
    assert len(world.rows("from campaign_members")) == 2
    world.decide("account:x:2", kind="dismiss", reason_code="unrelated")
    world.run()
    assert world.rows("from campaign_members") == []
    assert world.rows("from campaigns") == []


def test_many_that_share_a_value_are_tied_to_the_oldest_and_not_each_to_each(world):
    world.see(*(account(f"acme_{n}", str(n), bio=f"{WALLET} {n}") for n in range(30)))
    world.run()
    found = world.rows("from campaign_edges")
    assert (len(found), len({row["one_case_id"] for row in found})) == (29, 1)
    assert found[0]["shared_by"] == 30
    (row,) = world.rows("from campaigns")
    assert row["cases"] == 30


def test_the_staffs_questions_about_accounts_are_answered(world):
    world.see(account("old_name", "1", bio=WALLET), account("acme_2", "2", bio=WALLET))
    world.see(account("acme_1", "1", hours=1, state="removed"), matched=())
    world.see(account("acme_1", "1", hours=2, state="live"), account("acme_b", "7"),
              account("acme_b", "8", hours=1), account("acme_b", "7", hours=2),
              account("acme_b", None, hours=1))  # fmt: skip
    world.run()
    names = {"renamed_accounts", "gone_and_back", "ambiguous_handles", "shared_by_profiles",
             "worst_campaigns"}  # fmt: skip
    found = {one.name: world.rows(one.text) for one in sql_files("queries") if one.name in names}
    assert found.keys() == names
    assert {name for name, rows in found.items() if not rows} == set()


def test_a_picture_of_a_campaign_is_well_formed_and_the_same_each_time(world):
    hostile = "</text><script>alert(1)</script>\x1b[2J\u202e\uffff&\"'"
    world.see(account(f"acme{hostile}", "1", bio=WALLET, links=["https://acme-x.test"]),
              account("acme_2", "2", bio=WALLET), host("acme-x.test"))  # fmt: skip
    world.run()
    with world.snapshot() as con:
        (row,) = find_campaigns(con)
        campaign = read_campaign(con, row["campaign_id"])
    picture = campaign_svg(campaign)
    assert picture == campaign_svg(campaign)
    root = ElementTree.fromstring(picture)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "rect", "path", "text"}
    assert not any(
        "href" in name or name.startswith("on") for e in root.iter() for name in e.attrib
    )
    words = " ".join(element.text or "" for element in root.iter())
    for word in ("acme-x.test", "same payment address", "links to it", "watch", WALLET[:20]):
        assert word in words
    assert "\u202e" not in picture
    assert "<script" not in picture


def test_a_large_campaign_shows_its_worst_cases_and_counts_the_others(world):
    world.see(*(account(f"acme_{n}", str(n), bio=WALLET) for n in range(MOST_CASES + 5)))
    world.run()
    with world.snapshot() as con:
        campaign = read_campaign(con, find_campaigns(con)[0]["campaign_id"])
    picture = campaign_svg(campaign)
    assert f"the {MOST_CASES} worst cases are shown, 5 more are not" in picture
    ElementTree.fromstring(picture)


def values(**given) -> set[tuple[str, str]]:
    profile = {"subject_key": "k", "bio": None, "links": None, "proved_links": None,
               "contacts": None} | given  # fmt: skip
    return {
        (one["kind"], one["value"]) for one in tied_values(profile, own_domains=["acme.example"])
    }


def test_values_are_found_in_one_spelling():
    links = ["t.me/+AcmeHelp", "https://WWW.x.test/A/?b=1"]
    assert values(bio="HELP@Swindle.test", links=links) == {
        ("contact", "mail:help@swindle.test"), ("contact", "telegram:acmehelp"),
        ("host", "x.test"), ("link", "x.test/A?b=1"),
    }  # fmt: skip
    assert values(bio="NL91 ABNA 0417 1643 00 and NL00 ABNA 0417 1643 00") == {
        ("payment", "iban:NL91ABNA0417164300")
    }
    assert (
        values(links=["http://acme.example/x", "javascript:alert(1)", "http://[", "mailto:x"])
        == set()
    )
    assert values(bio="mail me at pr@acme.example") == set()
    assert values(bio="see https://x.test/a.") == {("host", "x.test"), ("link", "x.test/a")}


def test_names_that_no_host_can_have_are_no_values_and_cost_nothing():
    long = [f"https://{'a.' * 1980}b{n}.test/" for n in range(100)]
    many = [f"https://{'a.' * 11}b{n}.test/" for n in range(100)]
    began = time.perf_counter()
    assert values(links=long + many) == set()
    assert time.perf_counter() - began < 1
    assert ("host", "a.b.c.d.test") in values(links=["https://a.b.c.d.test/"])


def test_very_many_values_of_one_kind_hide_none_of_another():
    links = [f"https://h{n}.test/{n}" for n in range(500)]
    found = values(links=links, bio=f"write to a@b.test, t.me/acme_pay, pay {WALLET}")
    assert {kind for kind, _ in found} == {"bio", "contact", "host", "link", "payment"}
    assert ("contact", "telegram:acme_pay") in found


def test_of_cases_that_share_much_the_oldest_stands_for_all_and_the_next_for_the_oldest(world):
    links = [f"https://l{n}.evil.test/x" for n in range(12)]
    world.see(*(account(f"acme_{n}", str(n), links=links, bio=BIO) for n in range(200)))
    world.run()
    assert world.rows("select count(*) as n from campaign_edges where reason = 'link'") == [
        {"n": 12 * 199}
    ]
    ties = world.rows("select subject_key, ties from profile_traits order by subject_key")
    oldest = world.rows("select case_id from cases order by opened_at, case_id limit 2")
    for row in ties:
        (tie,) = row["ties"]
        names = [one["case_id"] for one in oldest]
        mine = case_id("acme", row["subject_key"])
        assert next(name for name in names if name != mine) in tie["says"]


@given(st.text(), st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_no_text_breaks_the_search_for_values_and_there_are_never_very_many(bio, links, contacts):
    found = tied_values(
        {"subject_key": "k", "bio": bio * 3, "links": links, "proved_links": None,
         "contacts": [f"mail:{one}" for one in contacts] + [f"phone:{one}" for one in contacts]}
    )  # fmt: skip
    assert len(found) <= 50
    assert len({(one["kind"], one["value"]) for one in found}) == len(found)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_what_pairs_lead_to_is_one_campaign_named_after_its_oldest_case(numbers):
    pairs = [(f"c{one:02}", f"c{other:02}") for one, other in numbers]
    times: dict[str, datetime] = {f"c{n:02}": NOW - timedelta(hours=n) for n in range(31)}
    found = together(pairs, times)
    for one, other in pairs:
        assert found[one] == found[other]
    for case, oldest in found.items():
        assert times[oldest] <= times[case]
        assert found[oldest] == oldest
