"""One account, one subject: handles that turn out to be accounts, and those nobody can tell."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.reading import accounts_to_look_again
from namaak.portraits.identities import Identities, Stretch, _stretches, known_identities
from namaak.records import case_id
from tests.casework.accounts import NOW, account, host, kinds, matching

HANDLE = "account:x:@acme_help"
KEY = "account:x:1"
ALIAS_ID, ID = case_id("acme", HANDLE), case_id("acme", KEY)


def told_of_joining(case) -> dict:
    (event,) = (event for event in case.events if event["kind"] == "joined")
    return json.loads(event["data"])


def keys(world) -> set[str]:
    return {row["subject_key"] for row in world.rows("from cases")}


def test_a_list_and_a_platform_that_show_the_same_account_give_one_case(world):
    world.see(account("Acme_Help", None), account("acme_help", "1", hours=1))
    world.run()
    assert keys(world) == {KEY}
    assert {row["subject_key"] for row in world.rows("from matches")} == {KEY}
    (only,) = world.rows("from profiles")
    assert (only["subject_key"], only["first_seen_at"]) == (KEY, NOW)
    assert world.rows("select outcome from subject_aliases") == [{"outcome": "same"}]


def test_the_case_of_a_handle_joins_the_case_of_its_account_with_what_people_decided(world):
    world.see(account("acme_help", None, followers=5))
    world.run()
    world.decide(HANDLE, kind="assign", assignee="anna")
    world.decide(HANDLE, kind="confirm")
    world.see(account("acme_help", "1", hours=5))
    world.run()
    old, new = world.case(HANDLE), world.case(KEY)
    # What a person decided about is for a person to close.
    assert (old.case["workflow"], old.case["reason_code"]) == ("confirmed", None)
    assert told_of_joining(old)["kept"] == "confirmed"
    assert (new.case["workflow"], new.case["assignee"]) == ("confirmed", "anna")
    assert told_of_joining(old)["into"] == ID
    told = told_of_joining(new)
    assert (told["joined"], told["carried"]) == (
        ALIAS_ID,
        {"workflow": "confirmed", "assignee": "anna"},
    )
    assert [(one["direction"], one["case_id"]) for one in old.joined] == [("into", ID)]
    assert [(one["direction"], one["case_id"]) for one in new.joined] == [("from", ALIAS_ID)]
    # Nothing double: the evidence and the profile stand with the account, once.
    assert old.matches == []
    assert {row["subject_key"] for row in world.rows("from profiles")} == {KEY}
    assert new.case["score"] == 30


def test_a_snooze_goes_along(world):
    world.see(account("acme_help", None))
    world.run()
    world.decide(HANDLE, kind="snooze", until=NOW + timedelta(days=9))
    world.see(account("acme_help", "1", hours=5))
    world.run()
    case = world.case(KEY).case
    assert (case["workflow"], case["snooze_until"]) == ("snoozed", NOW + timedelta(days=9))


def test_what_was_decided_about_the_account_stands_and_the_other_decision_is_told(world):
    world.see(account("acme_help", "1", hours=5))
    world.run()
    world.decide(KEY, kind="dismiss", reason_code="unrelated")
    with_handle = account("other_name", None)
    world.see(with_handle)
    world.run()
    world.decide("account:x:@other_name", kind="confirm")
    world.see(account("other_name", "1", hours=-5), account("other_name", "1", hours=1), matched=())
    world.run()
    case = world.case(KEY)
    assert case.case["workflow"] == "dismissed"
    assert told_of_joining(case)["not_carried"] == {"workflow": "confirmed"}
    assert world.case("account:x:@other_name").case["workflow"] == "confirmed"


def test_joined_once_it_is_not_joined_again(world):
    world.see(account("acme_help", None))
    world.run()
    world.see(account("acme_help", "1", hours=5))
    world.run()
    before = world.rows("from events order by seq")
    world.now += timedelta(days=1)
    world.run()
    world.run(rank_version="2")
    joined = [row for row in world.rows("from events order by seq") if row["kind"] == "joined"]
    assert len(joined) == 2
    assert world.rows("from events order by seq")[: len(before)] == before
    assert kinds(world.case(HANDLE)) == ["opened", "joined"]


def test_a_handle_that_two_accounts_held_at_one_time_is_not_folded_and_says_so(world):
    world.see(
        account("acme_help", "1"), account("acme_help", "2", hours=1),
        account("acme_help", "1", hours=3), account("acme_help", None, hours=2),
    )  # fmt: skip
    world.run()
    assert keys(world) == {KEY, "account:x:2", HANDLE}
    (alias,) = (a for a in world.case(HANDLE).aliases if a["held_from"] <= NOW + timedelta(hours=2)
                < a["held_to"])  # fmt: skip
    assert (alias["outcome"], alias["subject_key"]) == ("ambiguous", None)
    assert "account:x:1 or account:x:2" in alias["says"]


def test_a_handle_that_changed_hands_is_whose_it_was_at_that_time(world):
    world.see(
        account("acme_help", "1"), account("gardener", "1", hours=10),
        account("acme_help", "2", hours=20),
    )  # fmt: skip
    world.see(account("acme_help", None, hours=0.5), matched=())
    late = account("acme_help", None, hours=30)
    world.see(late)
    world.run()
    found = world.rows("select subject_key, count(*) as n from matches group by all order by all")
    # The list of hour 30 saw the second account.
    assert {row["subject_key"] for row in found} == {KEY, "account:x:2"}
    assert keys(world) == {KEY, "account:x:2"}


def test_another_platform_and_another_handle_are_others(world):
    world.see(account("acme_help", None), account("acme_help", "1", platform="bluesky"),
              account("acme_care", "2"))  # fmt: skip
    world.run()
    assert HANDLE in keys(world)
    assert len(keys(world)) == 3


def test_a_host_and_what_has_no_handle_are_left_alone(world):
    world.see(host("acme-login.test"), account(None, "1", display_name="Acme"), matched=[
        matching(host("acme-login.test"))])  # fmt: skip
    world.run()
    assert keys(world) == {"host:acme-login.test"}


def test_a_match_that_both_had_is_kept_once_the_later_one(world):
    world.see(account("acme_help", None, hours=9))
    world.run()
    world.see(account("acme_help", "1"))
    world.run()
    (only,) = world.rows("from matches")
    assert (only["subject_key"], only["observed_at"]) == (KEY, NOW + timedelta(hours=9))


def test_a_join_that_fails_half_way_leaves_all_as_it_was(world, monkeypatch):
    world.see(account("acme_help", None))
    world.run()
    before = world.case(HANDLE)
    world.see(account("acme_help", "1", hours=5))
    monkeypatch.setattr("tests.casework.accounts.rank", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        world.run()
    monkeypatch.undo()
    assert world.case(HANDLE) == before
    world.run()
    assert told_of_joining(world.case(KEY))["joined"] == ALIAS_ID


def test_the_case_of_a_handle_that_nobody_decided_about_is_closed_as_a_duplicate(world):
    world.see(account("acme_help", None))
    world.run()
    world.see(account("acme_help", "1", hours=5, trust="platform"))
    world.run()
    old = world.case(HANDLE)
    assert (old.case["workflow"], old.case["reason_code"]) == ("closed", "duplicate")
    assert told_of_joining(old)["into"] == ID
    with world.snapshot() as con:
        (again,) = accounts_to_look_again(con, "x")
    assert again["subject_key"] == KEY


def test_whoever_only_says_that_a_handle_is_his_takes_nobodys_case(world):
    world.see(account("acme_help", None, trust="unauthenticated"))
    world.run()
    for hours, trust in ((1, "unauthenticated"), (2, "existence")):
        claim = account("acme_help", "1", hours=hours, trust=trust, entry_type="plc")
        world.see(claim, matched=())
        world.run()
    case = world.case(HANDLE)
    assert (case.case["workflow"], kinds(case)) == ("new", ["opened"])
    (alias,) = case.aliases
    assert (alias["outcome"], alias["subject_key"]) == ("ambiguous", None)
    assert "account:x:1 says that the handle is theirs" in alias["says"]
    # The platform's word settles it, whoever else claims it.
    world.see(account("acme_help", "2", hours=3, trust="platform"))
    world.run()
    assert told_of_joining(world.case(HANDLE))["subject_key"] == "account:x:2"


def test_what_was_joined_and_kept_is_looked_up_as_the_account(world):
    world.see(account("acme_help", None))
    world.run()
    world.decide(HANDLE, kind="confirm")
    world.see(account("acme_help", "1", hours=5))
    world.run()
    with world.snapshot() as con:
        assert [row["subject_key"] for row in accounts_to_look_again(con, "x")] == [KEY]


def test_handles_that_never_resembled_a_brand_stay_in_the_lake(world):
    world.see(account("gardener", None), account("gardener", "7", hours=1), matched=())
    assert not known_identities(world.lake).stretches
    world.see(account("acme_roses", "7", hours=-1))
    assert set(known_identities(world.lake).stretches) == {"account:x:@gardener"}


def test_a_holder_who_makes_himself_old_does_not_get_what_was_before_him(world):
    early = account("acme_help", None, hours=-99)
    born = {"created_at": at(-5), "trust": "unauthenticated", "entry_type": "plc"}
    world.see(early, account("acme_help", "1", hours=-4, source_time=at(-5), **born))
    world.see(account("acme_help", "1", hours=1, trust="platform", created_at=at(-9999)))
    world.run()
    assert HANDLE in keys(world)


def at(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


def held(who: str, first: int, last: int, **other) -> dict:
    return {
        "subject_key": who, "first_at": at(first), "last_at": at(last), "created_at": None,
        "renamed_before": False, "renamed_after": False, "is_claim": False,
    } | other  # fmt: skip


def who(rows: list[dict], hours: int) -> str:
    found = Identities(stretches={"h": tuple(_stretches(rows))})
    return found.account("h", at(hours))


def test_the_only_holder_ever_held_it_always():
    rows = [held("a", 5, 9)]
    assert [who(rows, hours) for hours in (-9999, 0, 7, 9999)] == ["a"] * 4


def test_nobody_holds_a_handle_before_he_was_made_or_took_it():
    assert who([held("a", 5, 9, created_at=at(3))], 2) == "h"
    assert who([held("a", 5, 9, created_at=at(3))], 3) == "a"
    assert who([held("a", 5, 9, renamed_before=True)], 4) == "h"
    assert who([held("a", 5, 9, renamed_after=True)], 10) == "h"


def test_between_two_holders_nobody_can_tell():
    rows = [held("a", 0, 2), held("b", 6, 8)]
    assert [who(rows, hours) for hours in (-1, 1, 4, 7, 99)] == ["a", "a", "h", "b", "b"]


times = st.integers(0, 40)
holdings = st.builds(
    lambda who, first, long, before, after: held(
        who, first, first + long, renamed_before=before, renamed_after=after
    ),
    st.sampled_from("abc"), times, st.integers(0, 10), st.booleans(), st.booleans(),
)  # fmt: skip


@given(st.lists(holdings, min_size=1, max_size=6), times)
def test_stretches_never_overlap_and_a_holder_who_was_seen_alone_is_told(rows, hours):
    rows.sort(key=lambda row: (row["first_at"], row["last_at"], row["subject_key"]))
    found = _stretches(rows)
    for one, other in pairwise(found):
        assert one.held_from < one.held_to <= other.held_from
    seen = {row["subject_key"] for row in rows if row["first_at"] <= at(hours) <= row["last_at"]}
    if len({row["subject_key"] for row in rows}) == 1 and seen:
        assert who(rows, hours) in seen
    if len(seen) > 1:
        assert who(rows, hours) == "h"


def test_a_stretch_ends_before_its_end():
    one = Stretch(held_from=NOW, held_to=at(1), subject_key="a", says="")
    known = Identities(stretches={"h": (one,)})
    assert known.account("h", at(1)) == "h"
    assert known.account("h", NOW) == "a"
    assert known.account("other", NOW) == "other"
