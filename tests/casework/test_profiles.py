"""Profiles in the casebook: versions, what they do to cases, states, and what only it can know."""

from __future__ import annotations

import json
from datetime import timedelta

import pyarrow as pa
import pytest

from namaak.casework.reading import accounts_to_look_again
from namaak.records import MATCH_SCHEMA, PICTURE_SCHEMA
from namaak.sqlfiles import sql_files
from tests.casework.accounts import BRANDS, NOW, World, account, app, host, kinds, matching

KEY = "account:x:1"


def data(event) -> dict:
    return json.loads(event["data"])


def versions(world, key: str = KEY) -> list[dict]:
    return world.rows(f"from profiles where subject_key = '{key}' order by version")


def test_a_case_is_opened_with_all_that_its_profile_says(world):
    world.see(account(followers=5, state="live", bio="Help of Acme", display_name="Acme Help"))
    world.run()
    case = world.case(KEY)
    assert kinds(case) == ["opened"]
    assert (case.case["score"], case.case["subject_state"]) == (30, "live")
    assert [signal["name"] for signal in case.signals] == ["profile.few-followers"]
    (only,) = case.profile
    assert (only["handle"], only["display_name"], only["bio"]) == (
        "acme_help",
        "Acme Help",
        "Help of Acme",
    )


def test_seen_again_unchanged_it_is_the_same_version_with_the_latest_counts(world):
    world.see(account(followers=5, bio="Help", links=["https://a.test"]))
    world.see(account(followers=7, hours=5, bio="Help", links=["https://a.test"]))
    world.run()
    (only,) = versions(world)
    assert (only["version"], only["followers"], only["left_out"]) == (1, 7, 0)
    assert (only["first_seen_at"], only["last_seen_at"]) == (NOW, NOW + timedelta(hours=5))


def test_what_a_source_does_not_say_takes_nothing_back(world):
    world.see(account(bio="Help", followers=5, flags=["scam"], state="live"))
    world.see(account("acme_help", hours=5, source="plc"))
    world.run()
    (only,) = versions(world)
    assert (only["bio"], only["followers"], only["flags"], only["source"]) == (
        "Help",
        5,
        ["scam"],
        "plc",
    )


def test_something_learnt_later_is_no_change(world):
    world.see(account("acme_help"))
    world.see(account("acme_help", hours=1, bio="Help", links=["https://a.test"]))
    world.run()
    (only,) = versions(world)
    assert only["bio"] == "Help"


def test_each_change_is_a_version_and_the_history_says_of_what(world):
    world.see(account("gardener", bio="Roses", followers=900))
    world.see(account("acme_help", hours=1, bio="Help of Acme"))
    world.see(account("acme_help", hours=2, bio="Help of Acme", image_sha256="ab" * 32))
    world.see(account("acme_help", hours=3, bio="Help of Acme", image_sha256="cd" * 32))
    world.run()
    found = world.case(KEY).profile
    assert [row["changed"] for row in found] == [[], ["handle", "text"], ["picture"]]
    assert [row["handle"] for row in found] == ["gardener", "acme_help", "acme_help"]
    (renamed,) = world.rows("select handle_before, handle from account_history "
                            "where list_contains(changed, 'handle')")  # fmt: skip
    assert renamed == {"handle_before": "gardener", "handle": "acme_help"}


def test_a_batch_that_comes_late_finds_its_place_in_time(world):
    world.see(account("second", hours=5))
    world.run()
    world.see(account("first", hours=8, source_time=NOW + timedelta(hours=1)))
    world.see(account("third", hours=9))
    world.run()
    assert [row["handle"] for row in versions(world)] == ["first", "second", "third"]
    assert versions(world)[0]["first_seen_at"] == NOW + timedelta(hours=1)


def test_a_source_that_dates_something_into_the_future_is_taken_at_its_sighting(world):
    world.see(account("acme_help", source_time=NOW + timedelta(days=900)))
    world.run()
    assert versions(world)[0]["last_seen_at"] == NOW


def test_run_again_nothing_changes(world):
    world.see(account("one", followers=5, state="live"), app(), host("acme-login.test"))
    world.see(account("two", hours=1, followers=6, state="removed"))
    world.run()
    tables = ("cases", "events", "profiles", "profile_traits", "profile_subjects", "matches",
              "profile_batches", "campaign_edges")  # fmt: skip
    before = {name: world.rows(f"select * exclude (read_at) from {name} order by all"
                               if name == "profile_batches" else f"from {name} order by all")
              for name in tables}  # fmt: skip
    world.now += timedelta(days=1)
    world.run()
    for name, rows in before.items():
        again = world.rows(
            f"select * exclude (read_at) from {name} order by all"
            if name == "profile_batches"
            else f"from {name} order by all"
        )
        assert again == rows, name


@pytest.mark.long
@pytest.mark.parametrize("stage", ["join", "profiles", "load 0", "load 1", "ties"])
def test_killed_anywhere_and_resumed_it_is_the_same(world, tmp_path_factory, stage):
    undisturbed = World(tmp_path_factory.mktemp("undisturbed"))
    for one in (world, undisturbed):
        one.see(account("acme_help", None), account("acme_help", "1", hours=1, followers=5,
                bio="pay to 0x52908400098527886e0f7030069857d2e4169ee7"))  # fmt: skip
        one.see(
            account(
                "acme_care", "2", hours=2, bio="or to 0x52908400098527886e0f7030069857d2e4169ee7"
            ),
            host("acme.test"),
        )
    undisturbed.run()
    with pytest.raises(KeyboardInterrupt):
        world.run(stop_after=stage)
    world.run()
    for table in ("cases", "profiles", "profile_traits", "profile_ties", "matches",
                  "campaign_edges", "subject_aliases"):  # fmt: skip
        assert world.rows(f"from {table} order by all") == undisturbed.rows(
            f"from {table} order by all"
        ), table
    undisturbed.close()


def test_a_profile_of_nobody_who_resembles_a_brand_is_not_kept(world):
    world.see(account("gardener", "7"), matched=())
    world.see(account())
    world.run()
    assert {row["subject_key"] for row in world.rows("from profiles")} == {KEY}


def test_a_brand_that_comes_later_finds_the_profiles_of_before(world):
    batch = world.see(account("acme_help", followers=5, bio="Help"), matched=())
    world.run()
    assert versions(world) == []
    row = account("acme_help")
    world.lake.record_matches(
        batch, {"acme": "2"}, pa.Table.from_pylist([matching(row)], schema=MATCH_SCHEMA),
        pictures=PICTURE_SCHEMA.empty_table(), detected_at=NOW,
    )  # fmt: skip
    world.run()
    assert versions(world)[0]["bio"] == "Help"
    assert world.case(KEY).case["score"] == 30


def test_a_detector_that_changed_reads_all_profiles_again_and_moves_what_it_moves(world):
    world.see(account(followers=5))
    world.run()
    before = world.rows("select reader from profile_traits")
    world.run(teller="2")
    assert world.rows("select reader from profile_traits") != before
    assert kinds(world.case(KEY)) == ["opened"]


def test_a_new_sighting_moves_the_case_and_the_event_names_the_signs(world):
    world.see(account(followers=500))
    world.run()
    world.see(account(followers=5, hours=5), matched=())
    world.run()
    case = world.case(KEY)
    assert kinds(case) == ["opened", "score-changed"]
    assert data(case.events[-1])["why"] == ["gained profile.few-followers"]
    assert case.events[-1]["actor"] == "flow:profiles"


def test_the_brands_own_account_becomes_no_case_and_is_what_others_are_compared_with(world):
    own = account("acme", "9", image_sha256="ab" * 32)
    row = account(image_sha256="ab" * 32)
    world.see(
        own, row,
        matched=[matching(own, suppressed="the brand's own account on x"), matching(row)],
    )  # fmt: skip
    world.run()
    assert [signal["name"] for signal in world.case(KEY).signals] == ["profile.avatar-official"]
    assert world.rows("select subject_key from cases") == [{"subject_key": KEY}]


def test_removed_suspended_and_returned_are_states_with_times(world):
    world.see(account(state="live"))
    world.run()
    for hours, state in ((5, "removed"), (10, "suspended"), (15, "live")):
        world.see(account(hours=hours, state=state), matched=())
        world.run()
    case = world.case(KEY)
    assert kinds(case) == ["opened", "state-changed", "state-changed", "returned"]
    assert [data(event)["to"] for event in case.events[1:]] == ["removed", "suspended", "live"]
    assert "first on 2026-11-23 00:00Z" in data(case.events[-1])["why"]
    assert case.case["subject_state"] == "live"
    (row,) = world.rows(_query("gone_and_back"))
    assert (row["gone_at"], row["back_at"]) == (
        NOW + timedelta(hours=5),
        NOW + timedelta(hours=15),
    )


def test_gone_and_back_between_two_runs_is_told_all_the_same(world):
    world.see(account(state="live"))
    world.run()
    world.see(account(hours=5, state="removed"), matched=())
    world.see(account(hours=9, state="live"), matched=())
    world.run()
    assert kinds(world.case(KEY)) == ["opened", "state-changed", "returned"]


def test_what_is_closed_opens_again_when_the_account_is_back(world):
    world.see(account(state="live"))
    world.run()
    world.decide(KEY, kind="confirm")
    world.decide(KEY, kind="close")
    world.see(account(hours=5, state="suspended"), matched=())
    world.run()
    assert world.case(KEY).case["workflow"] == "closed"
    world.see(account(hours=9, state="live"), matched=())
    world.run()
    case = world.case(KEY)
    assert case.case["workflow"] == "reopened"
    assert kinds(case)[-2:] == ["returned", "reopened"]


def test_what_was_dismissed_stays_so_when_the_account_is_back(world):
    world.see(account(state="removed"))
    world.run()
    world.decide(KEY, kind="dismiss", reason_code="unrelated")
    world.decide(KEY, kind="close")
    world.see(account(hours=9, state="live"), matched=())
    world.run()
    case = world.case(KEY)
    assert (case.case["workflow"], kinds(case)[-1]) == ("closed", "returned")


def test_a_source_that_says_no_state_changes_none(world):
    world.see(account(state="removed"))
    world.run()
    world.see(account(hours=5), matched=())
    world.run()
    assert world.case(KEY).case["subject_state"] == "removed"


def test_an_account_that_is_renamed_to_something_harmless_is_followed(world):
    world.see(account("acme_help"))
    world.run()
    world.see(account("gardener", hours=5), matched=())
    world.run()
    case = world.case(KEY)
    assert case.case["subject"] == "x/@gardener"
    event = next(event for event in case.events if event["kind"] == "renamed")
    assert data(event) == {"from": "x/@acme_help", "to": "x/@gardener"}
    # All match files are weighed anew, the old ones too: the name of today stays.
    world.run(rank_version="2")
    assert kinds(world.case(KEY)).count("renamed") == 1
    assert world.case(KEY).case["subject"] == "x/@gardener"


def test_a_link_to_one_of_our_own_cases_is_a_sign_and_says_how_bad_that_is(world):
    world.see(host("acme-login.test"))
    world.see(account(links=["https://www.acme-login.test/win?x=1"]))
    world.run()
    case = world.case(KEY)
    (signal,) = case.signals
    assert (signal["name"], signal["raw"]) == ("profile.links-lookalike", "acme-login.test")
    assert signal["says"] == "It links to acme-login.test, a case of ours (watch)"


def test_a_link_below_the_domain_of_a_case_is_a_sign_too(world):
    world.see(host("acme-login.test"))
    world.see(account(links=["http://pay.acme-login.test"]), account("acme_x", "2",
              links=["http://notacme-login.test"]))  # fmt: skip
    world.run()
    assert world.case(KEY).signals == []
    sql = "update cases set domain = 'acme-login.test' where subject_kind = 'host'"
    world.writer()._con.execute(sql)
    world.run()
    (signal,) = world.case(KEY).signals
    assert signal["raw"] == "pay.acme-login.test"
    assert "below the domain of acme-login.test" in signal["says"]
    assert world.case("account:x:2").signals == []


def test_the_same_contact_as_another_case_is_a_sign_for_both(world):
    world.see(account(bio="Write to help@swindle.test"))
    world.run()
    assert world.case(KEY).signals == []
    world.see(account("acme_care", "2", contacts=["mail:HELP@swindle.test"]))
    world.run()
    for key, other in ((KEY, "x/@acme_care"), ("account:x:2", "x/@acme_help")):
        (signal,) = world.case(key).signals
        assert signal["name"] == "profile.shares-contact"
        assert other in signal["says"]
    world.decide("account:x:2", kind="dismiss", reason_code="unrelated")
    world.run()
    assert world.case(KEY).signals == []


def test_what_many_of_several_brands_give_ties_nobody(world):
    rows = [account(f"acme_{n}", str(n), bio="see https://pages.test/all") for n in range(1, 12)]
    found = [matching(row, "acme" if n % 2 else "waldermond") for n, row in enumerate(rows)]
    world.see(*rows, matched=found)
    world.run()
    assert {row["ties"] == [] for row in world.rows("from profile_traits")} == {True}
    assert world.rows("from campaign_edges") == []


def test_very_many_versions_keep_the_first_and_the_latest_and_count_the_others(world):
    rows = [account(f"acme_{at}", hours=at) for at in range(230)]
    world.see(*rows, matched=[matching(rows[0])])
    world.run()
    found = versions(world)
    assert len(found) == 200
    assert (found[0]["handle"], found[-1]["handle"]) == ("acme_0", "acme_229")
    assert sum(row["left_out"] for row in found) == 30
    assert [row["version"] for row in found] == list(range(1, 201))
    world.see(account("acme_last", hours=999), matched=())
    world.run()
    assert sum(row["left_out"] for row in versions(world)) == 31


def test_what_to_look_up_again_is_what_people_may_still_care_about(world):
    world.see(
        account("acme_help", "1"), account("acme_gone", "2"), account("Acme_List", None),
        account("acme_no", "4"), account("acme_else", "5", platform="bluesky"), app(),
    )  # fmt: skip
    world.run()
    world.decide("account:x:2", kind="confirm")
    world.decide("account:x:2", kind="close")
    world.decide("account:x:4", kind="dismiss", reason_code="unrelated")
    with world.snapshot() as con:
        found = accounts_to_look_again(con, "x")
        apps = accounts_to_look_again(con, "google-play")
    assert sorted(found, key=lambda row: row["subject_key"]) == [
        {"subject_key": "account:x:1", "native_id": "1", "handle": "acme_help"},
        {"subject_key": "account:x:2", "native_id": "2", "handle": "acme_gone"},
        {"subject_key": "account:x:@acme_list", "native_id": None, "handle": "Acme_List"},
    ]
    assert [row["native_id"] for row in apps] == ["example.acme.pay"]


GONE = {"state": "removed", "trust": "platform"}


def test_an_account_that_shows_new_things_after_it_was_gone_is_in_an_unknown_state(world):
    world.see(account(state="live", posts=1, trust="platform"), account(hours=1, **GONE))
    world.run()
    # A list that still shows what was known says nothing new.
    world.see(account(hours=2, posts=1, trust="platform"), matched=())
    world.run()
    assert world.case(KEY).case["subject_state"] == "removed"
    world.see(account(hours=3, posts=2, trust="platform"), matched=())
    world.run()
    case = world.case(KEY)
    assert (case.case["subject_state"], kinds(case)[-1]) == ("unknown", "state-changed")
    told = data(case.events[-1])
    assert (told["from"], told["to"]) == ("removed", "unknown")
    assert "showed new things of it after it was gone" in told["why"]
    assert [row["state"] for row in versions(world)] == ["live", "removed", "unknown"]
    world.run()
    world.see(account(hours=4, posts=3, trust="platform"), matched=())
    world.run()
    assert len(world.case(KEY).events) == len(case.events)
    world.see(account(hours=5, posts=3, state="live", trust="platform"), matched=())
    world.run()
    assert world.case(KEY).case["subject_state"] == "live"


@pytest.mark.parametrize("trust", ["unauthenticated", "existence"])
def test_who_speaks_for_himself_says_neither_that_he_is_gone_nor_that_he_is_back(world, trust):
    world.see(account(state="removed", trust=trust))
    world.run()
    assert world.case(KEY).case["subject_state"] == "unknown"
    world.see(account(hours=1, **GONE), account(hours=2, state="live", trust=trust), matched=())
    world.run()
    assert world.case(KEY).case["subject_state"] == "unknown"
    assert [row["state"] for row in versions(world)] == ["removed", "unknown"]


def test_what_is_shown_as_empty_replaces_what_was_known(world):
    full = {"bio": "Fan page", "flags": ["parody"], "links": ["https://a.test"],
            "proved_links": ["https://a.test"], "contacts": ["mail:a@b.test"]}  # fmt: skip
    world.see(account("acme_help", display_name="Acme", **full))
    empty = {name: "" if name == "bio" else [] for name in full}
    world.see(account("acme_help", hours=1, display_name="", **empty), matched=())
    world.run()
    before, after = versions(world)
    assert {name: before[name] for name in full} == full
    assert {name: after[name] for name in full} == empty
    assert after["display_name"] == ""
    changed = world.case(KEY).profile[-1]["changed"]
    assert changed == ["name", "text", "links", "proofs", "contacts", "flags"]
    assert world.rows("from profile_ties") == []


def test_an_app_whose_title_is_empty_keeps_the_name_of_its_case(world):
    world.see(app())
    world.see(app(hours=1, display_name="", bio="Pay"), matched=())
    world.run()
    assert [row["subject"] for row in world.rows("from cases")] == ["Acme Pay"]


def test_the_day_it_was_made_is_the_directorys_else_the_latest_that_was_said(world):
    def seen(native: str, hours: float, made: int, trust: str, entry: str | None = None) -> dict:
        return account(f"acme_{native}", native, hours=hours, trust=trust, entry_type=entry,
                       created_at=NOW - timedelta(days=made))  # fmt: skip

    world.see(
        seen("1", 1, 10, "unauthenticated", "plc"), seen("1", 2, 9999, "platform"),
        seen("2", 1, 9999, "platform"), seen("2", 2, 20, "platform"),
        seen("3", 1, 30, "platform"), seen("3", 2, 20, "unauthenticated"),
        seen("4", 1, 40, "platform"), seen("4", 2, -9, "platform"),
    )  # fmt: skip
    world.run()
    world.see(seen("1", 3, 1, "platform"), seen("1", 4, 9999, "unauthenticated"), matched=())
    world.run()
    found = world.rows("select native_id, created_at, created_by from latest_profiles")
    days = {row["native_id"]: ((NOW - row["created_at"]).days, row["created_by"]) for row in found}
    assert days == {"1": (10, "directory"), "2": (20, "platform"), "3": (30, "platform"),
                    "4": (40, "platform")}  # fmt: skip


def test_links_that_only_the_account_calls_proved_are_links(world):
    world.see(account(links=["https://a.test"], proved_links=["https://acme.example", "https://a.test"],
                      verified="domain", trust="unauthenticated"))  # fmt: skip
    world.run()
    (only,) = versions(world)
    assert (only["proved_links"], only["verified"]) == (None, None)
    assert only["links"] == ["https://a.test", "https://acme.example"]


OWN = "the brand's own account on x"


def owners(world) -> dict[str, bool]:
    return {row["subject_key"]: row["own"] for row in world.rows("from profile_subjects")}


def test_an_account_is_not_the_brands_own_because_it_says_so(world):
    claim = account("acme", "1", trust="unauthenticated")
    shown = account("acme", "2", trust="platform")
    world.see(claim, shown, matched=[matching(one, suppressed=OWN) for one in (claim, shown)])
    world.run()
    assert owners(world) == {KEY: False, "account:x:2": True}
    # Nor is what the platform showed under another name, whatever is claimed after.
    world.see(account("acme_pay", "2", hours=1, trust="platform"))
    world.run()
    again = account("acme", "2", hours=2, trust="unauthenticated")
    world.see(again, matched=[matching(again, suppressed=OWN)])
    world.run()
    assert owners(world)["account:x:2"] is False


def test_an_account_whose_permanent_id_is_listed_is_own_whoever_says_it(world, monkeypatch):
    listed = BRANDS["acme"].model_copy(update={"accounts": {"x": ("1",)}})
    monkeypatch.setitem(BRANDS, "acme", listed)
    claim = account("any", "1", trust="unauthenticated")
    world.see(claim, matched=[matching(claim, suppressed=OWN)])
    world.run()
    assert owners(world) == {KEY: True}
    (row,) = world.rows(_query("own_accounts"))
    assert (row["brand_name"], row["handle"]) == ("Acme", "any")


def test_a_claim_does_not_take_from_the_brand_what_is_its_own(world):
    shown = account("acme", "2", trust="platform")
    world.see(shown, matched=[matching(shown, suppressed=OWN)])
    world.run()
    world.see(account("acme_pay", "2", hours=1, trust="unauthenticated"))
    world.run()
    assert owners(world) == {"account:x:2": True}


def _query(name: str) -> str:
    return next(query.text for query in sql_files("queries") if query.name == name)


def test_followers_count_in_steps_and_a_few_more_move_nothing(world):
    world.see(account(followers=1_200))
    world.run()
    before = world.case(KEY)
    assert [one["raw"] for one in before.signals if one["name"] == "profile.reach"] == ["1000"]
    world.see(account(followers=1_900, hours=5), matched=())
    world.run()
    assert world.case(KEY).signals == before.signals
    world.see(account(followers=12_000, hours=9), matched=())
    world.run()
    (reach,) = [one for one in world.case(KEY).signals if one["name"] == "profile.reach"]
    assert (reach["raw"], reach["says"]) == ("10000", "It has 10,000 followers or more")
