"""What people do beside deciding: opening by hand, allowing, tying, holding, saving views."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from detectors.profiles.owned import suppressed_as
from namaak.brands import parse_watch_file
from namaak.casework.allowing import allow_rules, preview, rule_of, rules_of_casebook
from namaak.casework.audit import audit, kept_head
from namaak.casework.events import EventKind
from namaak.casework.history import _WORDS, in_words
from namaak.casework.lifecycle import Decision
from namaak.casework.naming import named
from namaak.casework.reading import (
    campaign_of_case,
    chain_head,
    find_cases,
    read_case,
    read_rows,
    verify_history,
)
from namaak.casework.replay import Replayed, differences
from namaak.casework.views import CaseQuery, cases_of_view, query_of, saved_view, saved_views
from namaak.enrolment import enrol
from namaak.errors import CasebookError, UsageError
from namaak.records import case_id, host_key
from tests.casework.accounts import NOW, World, account, host, kinds, matching, rank

DAY = timedelta(days=1)
_UNSEEN = {"host": None, "platform": None, "native_id": None, "handle": None}


def login(number: int = 1) -> str:
    return f"acme-login-{number}.example"


def seen_hosts(world: World, *names: str, rate: float = 1.0) -> None:
    rows = [host(name) for name in names]
    found = [matching(row, strength=rate) for row in rows]
    world.see(*rows, matched=found)
    world.run()


#: Cases of one casebook that is made once: making one takes most of a test's time.
STOCKED = (*map(login, (1, 2, 3)), "dealer.example", "a.dealer.example", "acme-dealer.example",
           "acme-a.example", "acme-b.test", "acme-c.invalid")  # fmt: skip


def copied(source: Path, tmp_path: Path) -> World:
    shutil.copytree(source, tmp_path, dirs_exist_ok=True)
    return World(tmp_path)


@pytest.fixture(scope="module")
def stock(tmp_path_factory, empty_casebook):
    made = copied(empty_casebook, tmp_path_factory.mktemp("stock"))
    seen_hosts(made, *STOCKED)
    made.close()
    return made.folder


@pytest.fixture
def stocked(tmp_path, stock):
    made = copied(stock, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def lived(tmp_path_factory, stock):
    """A casebook in which something of everything happened."""
    made = copied(stock, tmp_path_factory.mktemp("lived"))
    busy(made)
    made.close()
    return made.folder


@pytest.fixture
def busy_world(tmp_path, lived):
    made = copied(lived, tmp_path)
    yield made
    made.close()


def open_by_hand(world: World, subject: str, brand: str = "acme", reason: str = "sold at my door"):
    return world.writer().open_case(
        brand, named(subject), reason=reason, actor="anna", now=world.now, rank=rank,
        rank_version="1", domain=None,
    )  # fmt: skip


def rule(asset: str, *, until: date | None = None, reason: str = "a dealer of ours"):
    day = until or (NOW + 30 * DAY).date()
    return rule_of(asset=asset, reason=reason, author="anna", until=day, now=NOW)


def state(world: World, key: str) -> tuple[str, str | None]:
    case = world.case(key).case
    return case["workflow"], case["reason_code"]


# By hand


def test_a_case_that_a_person_opens_stands_at_review_and_says_who_asked(world):
    world.run()
    identity, new = open_by_hand(world, "https://shop.example/acme?id=1")
    assert new
    assert identity == case_id("acme", "host:shop.example")
    case = world.case("host:shop.example")
    assert (case.case["band"], case.case["kind"], case.case["workflow"]) == (
        "review", "by-hand", "new",
    )  # fmt: skip
    assert [signal["name"] for signal in case.signals] == ["case.by-hand"]
    assert case.signals[0]["says"] == "anna asked for a case: sold at my door"
    assert kinds(case) == ["opened", "noted"]
    assert {event["actor"] for event in case.events} == {"anna"}
    assert json.loads(case.events[1]["data"])["url"] == "https://shop.example/acme?id=1"
    with world.snapshot() as con:
        assert [row["case_id"] for row in find_cases(con, kind="by-hand")] == [identity]


def test_weighing_again_never_withdraws_what_a_person_opened(world):
    world.run()
    open_by_hand(world, login())
    world.run(rank_version="2")
    # A look at the host weighs its case again, with no match at all.
    looked = {
        "brand_id": "acme", "subject_key": host_key(login()), "traits": [], "reader": "1",
        "asked_at": NOW,
    }  # fmt: skip
    world.writer().record_enrichments(
        [], [looked], {}, rank=rank, brand_names={}, now=NOW + DAY, rank_version="3"
    )
    case = world.case(host_key(login()))
    assert case.case["band"] == "review"
    assert "withdrawn" not in kinds(case)


def test_what_is_found_later_refreshes_a_case_by_hand_and_never_doubles_it(world):
    world.run()
    identity, _ = open_by_hand(world, login())
    seen_hosts(world, login())
    case = world.case(host_key(login()))
    assert world.rows("select count(*) as n from cases") == [{"n": 1}]
    assert case.case["case_id"] == identity
    assert case.case["kind"] == "combosquat"
    assert case.case["band"] == "review"
    assert [signal["name"] for signal in case.signals] == ["case.by-hand"]
    # The detector's match goes away again; what the person said does not.
    world.see(host(login()), matched=[])
    world.run(rank_version="2")
    assert world.case(host_key(login())).case["band"] == "review"


def test_opening_what_is_a_case_already_joins_it_and_lifts_it_to_review(stocked):
    assert stocked.case(host_key(login())).case["band"] == "watch"
    identity, new = open_by_hand(stocked, login())
    assert not new
    case = stocked.case(host_key(login()))
    assert (case.case["case_id"], case.case["band"]) == (identity, "review")
    assert kinds(case) == ["opened", "score-changed", "noted"]
    assert in_words(case.events[-1]) == "asked for as a case: sold at my door"


def test_a_handle_that_the_casebook_knows_as_an_account_opens_that_account(world):
    world.see(account("acme_help", "77"))
    world.run()
    _, new = open_by_hand(world, "x:@ACME_help")
    assert not new
    assert world.rows("select subject_key from cases") == [{"subject_key": "account:x:77"}]


def test_a_case_by_hand_of_a_handle_is_that_handles_when_nothing_else_is_known(world):
    world.run()
    open_by_hand(world, "Instagram:acme.shop")
    assert world.case("account:instagram:@acme.shop").case["subject"] == "instagram/@acme.shop"


def test_only_people_open_cases_and_only_for_brands_that_there_are(world):
    world.run()
    with pytest.raises(UsageError, match="There is no brand 'nobody'"):
        open_by_hand(world, login(), brand="nobody")
    with pytest.raises(UsageError, match="reason is empty"):
        open_by_hand(world, login(), reason=" ")
    with pytest.raises(UsageError, match="only a person"):
        world.writer().open_case(
            "acme", named(login()), reason="x", actor="flow:run", now=NOW, rank=rank,
            rank_version="1",
        )  # fmt: skip
    assert world.rows("select * from cases") == []


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Acme-Login.example", "host:acme-login.example"),
        ("Bücher.example", "host:xn--bcher-kva.example"),
        ("https://acme-login.example:8443/pay", "host:acme-login.example"),
        ("acme-login.example/pay", "host:acme-login.example"),
        ("Twitter:@Acme_Help", "account:x:@acme_help"),
        ("https://x.com/Acme_Help", "account:x:@acme_help"),
        ("google-play:example.acme.pay", "app:google-play:example.acme.pay"),
        ("account:x:77", "account:x:77"),
        ("host:acme.test", "host:acme.test"),
        ("image:" + "a" * 64, "image:" + "a" * 64),
        ("@help@social.example", "account:mastodon:@help@social.example"),
    ],
)
def test_a_subject_is_named_as_people_name_it(typed, key):
    assert named(typed).subject_key == key


@pytest.mark.parametrize(
    "typed",
    ["", "acme", "x:acme help", "nowhere:acme", "help@acme.example", "a" * 3000, "image:1",
     "https://user@evil.example/", "acme\x1b[2J.example", "app:google-play:"],
)  # fmt: skip
def test_what_names_no_subject_is_refused_with_a_sentence(typed):
    with pytest.raises(UsageError):
        named(typed)


# Allow rules


def test_a_rule_shows_what_it_would_hide_before_anything_is_written(stocked):
    with stocked.snapshot() as con:
        hidden = preview(con, "Acme", rule("dealer.example"))
        assert {row["subject"] for row in hidden.open_cases} == {
            "a.dealer.example", "dealer.example",
        }  # fmt: skip
        assert (hidden.subjects, hidden.matches, hidden.other_cases) == (2, 2, 0)
        assert allow_rules(con, today=NOW.date()) == []
    assert state(stocked, "host:dealer.example") == ("new", None)


def test_a_rule_dismisses_the_open_cases_that_it_covers_and_names_itself(stocked):
    rule_id, hidden = stocked.writer().allow("acme", rule("dealer.example"), now=NOW)
    assert len(hidden.open_cases) == 2
    assert state(stocked, "host:dealer.example") == ("dismissed", "licensed")
    assert state(stocked, "host:acme-dealer.example") == ("new", None)
    event = stocked.case("host:dealer.example").events[-1]
    assert json.loads(event["data"])["rule"] == rule_id
    assert event["actor"] == "anna"
    assert in_words(event).startswith(f"dismissed as licensed by the allow rule {rule_id}: allowed")


def test_a_rule_leaves_what_people_confirmed_and_says_so(stocked):
    stocked.decide("host:dealer.example", kind="confirm")
    _, hidden = stocked.writer().allow("acme", rule("dealer.example"), now=NOW)
    assert [row["workflow"] for row in hidden.acted_on] == ["confirmed"]
    assert state(stocked, "host:dealer.example") == ("confirmed", None)


def test_a_rule_covers_an_account_by_handle_whatever_it_is_known_by(world):
    world.see(account("acme_fans", "5"), account("acme_fans2", "6"))
    world.run()
    _, hidden = world.writer().allow("acme", rule("x:@Acme_Fans"), now=NOW)
    assert [row["subject_key"] for row in hidden.open_cases] == ["account:x:5"]


def test_a_rule_of_one_brand_hides_nothing_of_another(world):
    world.see(host("dealer.example"), brands=("acme", "waldermond"))
    world.run()
    world.writer().allow("acme", rule("dealer.example"), now=NOW)
    assert world.case("host:dealer.example", "waldermond").case["workflow"] == "new"
    assert world.case("host:dealer.example").case["workflow"] == "dismissed"


def test_withdrawing_a_rule_opens_what_it_dismissed_and_nothing_else(stocked):
    rule_id, _ = stocked.writer().allow("acme", rule("dealer.example"), now=NOW)
    stocked.decide("host:acme-a.example", kind="dismiss", reason_code="licensed")
    # A person looked at this one again, and dismissed it with his own reason.
    stocked.decide("host:a.dealer.example", kind="reopen")
    stocked.decide("host:a.dealer.example", kind="dismiss", reason_code="licensed")
    woken = stocked.writer().withdraw_rule(rule_id.lower(), actor="bob", now=NOW + DAY)
    assert woken == [case_id("acme", "host:dealer.example")]
    assert state(stocked, "host:dealer.example") == ("reopened", None)
    assert state(stocked, "host:acme-a.example") == ("dismissed", "licensed")
    assert state(stocked, "host:a.dealer.example") == ("dismissed", "licensed")
    last = stocked.case("host:dealer.example").events[-1]
    assert (last["actor"], in_words(last)) == (
        "bob", f"opened again (dismissed to reopened): the allow rule {rule_id} was withdrawn",
    )  # fmt: skip
    with pytest.raises(UsageError, match="No allow rule"):
        stocked.writer().withdraw_rule(rule_id, actor="bob", now=NOW + DAY)


def test_a_rule_past_its_last_day_opens_its_cases_with_the_next_run(stocked):
    last_day = (NOW + 3 * DAY).date()
    stocked.writer().allow("acme", rule("dealer.example", until=last_day), now=NOW)
    assert stocked.writer().wake_snoozed(now=NOW + 3 * DAY) == []
    woken = stocked.writer().wake_snoozed(now=NOW + 4 * DAY)
    assert sorted(woken) == sorted(ids("dealer.example", "a.dealer.example"))
    assert stocked.writer().wake_snoozed(now=NOW + 5 * DAY) == []
    assert state(stocked, "host:dealer.example") == ("reopened", None)


@pytest.mark.parametrize(
    ("standing", "asset"),
    [
        ("dealer.example", "dealer.example"),
        ("dealer.example", "shop.Dealer.example"),
        ("x:@acme_fans", "x:Acme_Fans"),
        ("x:acme_*", "x:acme_fans"),
        ("x:acme_*", "x:acme_*"),
    ],
)
def test_what_a_rule_covers_already_is_refused_and_the_rule_is_named(world, standing, asset):
    world.see(host("dealer.example"), brands=("acme", "waldermond"))
    world.run()
    first, _ = world.writer().allow("acme", rule(standing), now=NOW)
    with pytest.raises(UsageError, match=f"covered already: the rule {first} of anna"):
        world.writer().allow("acme", rule(asset, reason="again"), now=NOW + DAY)
    assert len(world.rows("select * from allow_rules")) == 1
    # Of another brand, of something else, and once the rule is over, it is no second one.
    world.writer().allow("waldermond", rule(asset), now=NOW + DAY)
    world.writer().allow("acme", rule("x:acme" if ":" in asset else "example.test"), now=NOW)
    world.writer().withdraw_rule(first, actor="anna", now=NOW + DAY)
    world.writer().allow("acme", rule(asset), now=NOW + DAY)


def test_a_case_stays_dismissed_while_another_rule_for_the_same_holds(stocked):
    last_day = (NOW + 3 * DAY).date()
    stocked.writer().allow("acme", rule("dealer.example", until=last_day), now=NOW)
    stocked.writer().allow("acme", rule("dealer.example", reason="again"), now=NOW + 4 * DAY)
    assert stocked.writer().wake_snoozed(now=NOW + 4 * DAY) == []
    assert state(stocked, "host:dealer.example") == ("dismissed", "licensed")


def test_a_rule_that_lasts_longer_prolongs_another_before_that_is_over(stocked):
    last_day = (NOW + 3 * DAY).date()
    stocked.writer().allow("acme", rule("dealer.example", until=last_day), now=NOW)
    stocked.writer().allow("acme", rule("dealer.example", reason="still"), now=NOW + DAY)
    assert stocked.writer().wake_snoozed(now=NOW + 4 * DAY) == []
    assert state(stocked, "host:dealer.example") == ("dismissed", "licensed")


def test_the_rules_that_hold_are_those_of_the_day(stocked):
    until = (NOW + 3 * DAY).date()
    gone, _ = stocked.writer().allow("acme", rule("x:@acme_fans"), now=NOW)
    stocked.writer().withdraw_rule(gone, actor="anna", now=NOW)
    stocked.writer().allow("acme", rule("dealer.example", until=until), now=NOW)
    stocked.publish()
    published = stocked.paths["published"]
    assert rules_of_casebook(published, today=until) == {
        "acme": [rule("dealer.example", until=until)]
    }
    assert rules_of_casebook(published, today=until + DAY) == {}
    assert rules_of_casebook(published.with_name("none"), today=until) == {}
    # Published by a namaak that knew no rules, or fewer migrations.
    for sql in ("delete from schema_migrations where name > '0015'", "drop table allow_rules"):
        with duckdb.connect(str(published)) as con:
            con.execute(sql)
        assert bool(rules_of_casebook(published, today=until)) is sql.startswith("delete")
    published.write_bytes(b"no database")
    with pytest.raises(CasebookError):
        rules_of_casebook(published, today=until)
    stocked.close = stocked.lake.close  # there is nothing left to publish over


def test_a_rule_of_the_casebook_has_its_brand_matched_again_and_no_other(stocked, tmp_path):
    watch = parse_watch_file(
        '[watch]\ncontact = "abuse@acme.example"\n[brands.acme]\nname = "Acme"\n'
        '[brands.waldermond]\nname = "Waldermond"\n'
    )
    today = NOW.date()

    def enrolled():
        stocked.publish()
        allowed = rules_of_casebook(stocked.paths["published"], today=today)
        return enrol(watch, detectors="d-1", day=today, allowed=allowed)

    before = enrolled()
    assert before.fingerprints == enrol(watch, detectors="d-1", day=today).fingerprints
    stocked.writer().allow("acme", rule("dealer.example"), now=NOW)
    # The same again is one rule to the detectors.
    after = enrolled()
    assert [one.asset for one in after.brands["acme"].allow] == ["dealer.example"]
    assert after.fingerprints["acme"] != before.fingerprints["acme"]
    assert after.fingerprints["waldermond"] == before.fingerprints["waldermond"]
    # As the run does it: matched again, what the rule covers is suppressed.
    names = [host("dealer.example"), host("acme-dealer.example")]
    brand = after.brands["acme"]
    found = [
        matching(row, suppressed=suppressed_as(brand, {**_UNSEEN, "host": row["host"]}, None))
        for row in names
    ]
    assert [row["suppressed"] for row in found] == [
        f"allowed until {rule('dealer.example').until} by anna: a dealer of ours", None,
    ]  # fmt: skip
    stocked.see(*names, matched=found)
    stocked.run()
    case = stocked.case("host:dealer.example")
    assert kinds(case)[-1] == "suppressed"
    assert state(stocked, "host:dealer.example") == ("dismissed", "licensed")
    (rule_id,) = stocked.rows("select rule_id from allow_rules")
    stocked.writer().withdraw_rule(rule_id["rule_id"], actor="anna", now=NOW + DAY)
    assert enrolled().fingerprints == before.fingerprints


@pytest.mark.parametrize(
    ("asset", "until", "says"),
    [
        ("dealer", None, "single label"),
        ("x:", None, "names no account"),
        ("dealer.example", date(2026, 11, 21), "is past"),
    ],
)
def test_what_is_no_rule_is_refused(asset, until, says):
    with pytest.raises(UsageError, match=says):
        rule(asset, until=until)


# Campaigns by hand


def campaigns(world: World) -> dict[str, str | None]:
    with world.snapshot() as con:
        cases = [row["case_id"] for row in read_rows(con, "select case_id from cases")]
        return {case: campaign_of_case(con, case) for case in cases}


def ids(*names: str) -> list[str]:
    return [case_id("acme", host_key(name)) for name in names]


def test_cases_that_a_person_merges_are_one_campaign_at_once(stocked):
    one, other, third = ids("acme-a.example", "acme-b.test", "acme-c.invalid")
    assert set(campaigns(stocked).values()) == {None}
    campaign = stocked.writer().merge([one, other], actor="anna", now=NOW + DAY, note="same shop")
    found = campaigns(stocked)
    assert found[one] == found[other] == campaign
    assert found[third] is None
    case = stocked.case("host:acme-a.example")
    assert kinds(case)[-1] == "merged"
    assert in_words(case.events[-1]) == f"said to be of one hand with {other}: same shop"
    assert case.case["updated_at"] == NOW + DAY
    assert [edge["reason"] for edge in case.edges] == ["by-hand"]
    # The next run finds no tie between them, and does not undo what was said.
    stocked.run()
    assert campaigns(stocked)[one] == campaign


def one_pattern(world: World) -> None:
    """As if all were named by one pattern, which ties them."""
    world.writer()._con.execute(
        "update cases set series = 'acmelogin' where subject like 'acme-login%'"
    )
    world.writer().record_campaigns()


def test_a_case_that_is_split_off_stands_alone_until_it_is_merged_again(stocked):
    first, second, third = ids(login(1), login(2), login(3))
    one_pattern(stocked)
    assert campaigns(stocked)[third] == campaigns(stocked)[first]
    stocked.writer().split(third, actor="anna", now=NOW, note="another kit")
    found = campaigns(stocked)
    assert found[third] is None
    assert found[first] == found[second] is not None
    seen_hosts(stocked, login(4))
    one_pattern(stocked)
    assert campaigns(stocked)[third] is None
    stocked.writer().merge([third, first], actor="anna", now=NOW)
    assert campaigns(stocked)[third] == campaigns(stocked)[first]
    stocked.writer().split(third, actor="anna", now=NOW)
    assert campaigns(stocked)[third] is None
    assert [event["kind"] for event in stocked.case(host_key(login(3))).events][-3:] == [
        "split", "merged", "split",
    ]  # fmt: skip


def test_splitting_off_one_of_many_leaves_the_others_tied(world):
    """Where many share a value all are tied to the first of them; it must not be that one."""
    names = [login(number) for number in range(1, 15)]
    seen_hosts(world, *names)
    one_pattern(world)
    first = min(ids(*names))
    world.writer().split(first, actor="anna", now=NOW)
    found = campaigns(world)
    assert found.pop(first) is None
    assert len(set(found.values())) == 1
    assert None not in found.values()


def test_two_that_are_kept_apart_are_tied_by_nothing_that_they_share(stocked):
    first, second, third = ids(login(1), login(2), login(3))
    one_pattern(stocked)
    stocked.writer().split(first, apart_from=[second], actor="anna", now=NOW)
    assert {edge["case_id"] for edge in stocked.case(host_key(login(1))).edges} == {third}
    # The third ties both to itself; without it nothing is left.
    assert campaigns(stocked)[first] == campaigns(stocked)[second]
    stocked.writer().split(third, actor="anna", now=NOW)
    assert set(campaigns(stocked).values()) == {None}
    stocked.writer().merge([first, second], actor="bob", now=NOW)
    assert campaigns(stocked)[first] == campaigns(stocked)[second] is not None


def test_a_split_that_changes_nothing_is_not_written_down(stocked):
    first, second, third = ids(login(1), login(2), login(3))
    other, _ = ids("acme-a.example", "acme-b.test")
    one_pattern(stocked)
    book = stocked.writer()
    assert book.split(first, apart_from=[other], actor="anna", now=NOW) == []
    assert book.split(first, apart_from=[second, other], actor="anna", now=NOW) == [second]
    assert book.split(second, apart_from=[first], actor="bob", now=NOW) == []
    assert book.split(third, actor="anna", now=NOW) == [third]
    assert book.split(third, actor="bob", now=NOW) == []
    told = {name: kinds(stocked.case(host_key(name))) for name in
            (login(1), login(2), login(3), "acme-a.example")}  # fmt: skip
    assert [events.count("split") for events in told.values()] == [1, 1, 1, 0]
    # Said to belong together, it can be said to stand alone again.
    book = stocked.writer()
    book.merge([third, other], actor="anna", now=NOW)
    assert book.split(third, apart_from=[other], actor="anna", now=NOW) == [other]
    book.merge([third, other], actor="anna", now=NOW)
    assert book.split(third, actor="anna", now=NOW) == [third]


def test_merging_needs_two_cases_and_splitting_another(stocked):
    first, _ = ids(login(1), login(2))
    with pytest.raises(UsageError, match="at least two"):
        stocked.writer().merge([first, first], actor="anna", now=NOW)
    with pytest.raises(UsageError, match="apart from itself"):
        stocked.writer().split(first, apart_from=[first], actor="anna", now=NOW)
    with pytest.raises(UsageError, match="only a person"):
        stocked.writer().merge([first], actor="flow:x", now=NOW)


# Holding


def test_a_case_is_held_with_a_reason_and_released_again(stocked):
    stocked.writer().hold(ids(login()), reason="summons of 3 May", actor="anna", now=NOW + DAY)
    case = stocked.case(host_key(login()))
    assert stocked.rows("select subject from cases where legal_hold") == [{"subject": login()}]
    assert case.case["updated_at"] == NOW + DAY
    with pytest.raises(UsageError, match="under legal hold already"):
        stocked.writer().hold(ids(login()), reason="again", actor="anna", now=NOW)
    stocked.writer().release(ids(login()), reason="settled", actor="bob", now=NOW)
    with pytest.raises(UsageError, match="not under legal hold"):
        stocked.writer().release(ids(login()), reason="again", actor="anna", now=NOW)
    case = stocked.case(host_key(login()))
    assert kinds(case)[-2:] == ["held", "released"]
    assert in_words(case.events[-2]) == "put under legal hold: summons of 3 May"


# Views


def test_a_view_keeps_what_was_asked_and_spans_as_they_were_written(stocked):
    stocked.decide(host_key(login(1)), kind="assign", assignee="bob")
    query = CaseQuery(brand="acme", band="watch", assignee="bob", updated_since="7d", every=True)
    assert stocked.writer().save_view(
        "  bob's   week".replace("'", ""), query, author="anna", now=NOW
    )
    with stocked.snapshot() as con:
        assert saved_view(con, "bobs week") == query
        listed = cases_of_view(con, "bobs week", now=NOW)
        assert [row["subject"] for row in listed] == [login(1)]
        assert cases_of_view(con, "bobs week", now=NOW + 8 * DAY) == []
        (stored,) = saved_views(con)
        assert json.loads(stored["query"]) == {
            "assignee": "bob", "band": "watch", "brand": "acme", "every": True,
            "updated_since": "7d",
        }  # fmt: skip
    stocked.writer().save_view("bobs week", CaseQuery(), author="bob", now=NOW + DAY)
    (stored,) = stocked.rows("select * from saved_views")
    assert (stored["author"], stored["query"], stored["made_at"]) == ("bob", "{}", NOW)
    assert stored["updated_at"] == NOW + DAY
    stocked.writer().delete_view("bobs week")
    with pytest.raises(UsageError, match="There is no view"):
        stocked.writer().delete_view("bobs week")


@pytest.mark.parametrize(
    "given",
    [
        {"where": "1 = 1"}, {"brand": 7}, {"every": "yes"}, {"limit": True}, {"limit": -1},
        {"subject": ""}, {"subject": "x" * 501},
    ],
)  # fmt: skip
def test_a_view_holds_nothing_but_conditions_of_a_list(given):
    with pytest.raises(UsageError, match="A view cannot hold"):
        query_of(given)


@pytest.mark.parametrize(
    "query",
    [CaseQuery(band="worst"), CaseQuery(workflow="odd"), CaseQuery(kind="x"),
     CaseQuery(since="yesterday"), CaseQuery(updated_since="99999999d")],
)  # fmt: skip
def test_a_view_that_no_list_can_be_asked_is_not_saved(stocked, query):
    with pytest.raises(UsageError):
        stocked.writer().save_view("odd", query, author="anna", now=NOW)
    with pytest.raises(UsageError, match="cannot be the name"):
        stocked.writer().save_view("a\nb;--", CaseQuery(), author="anna", now=NOW)
    assert stocked.rows("select * from saved_views") == []


# Decisions about several


def test_one_decision_that_is_not_possible_undoes_all_and_names_its_case(stocked):
    first, second = ids(login(1), login(2))
    stocked.decide(host_key(login(2)), kind="dismiss", reason_code="unrelated")
    with pytest.raises(UsageError, match=f"^{second}: .* Nothing was decided"):
        stocked.writer().decide_all([first, second], Decision(kind="watch"), actor="a", now=NOW)
    assert state(stocked, host_key(login(1))) == ("new", None)


def test_a_duplicate_names_the_case_that_it_doubles(stocked):
    _, second = ids(login(1), login(2))
    doubled = {"kind": "dismiss", "reason_code": "duplicate"}
    stocked.decide(host_key(login(1)), **doubled, duplicate_of=second[:9].lower())
    event = stocked.case(host_key(login(1))).events[-1]
    assert json.loads(event["data"])["duplicate_of"] == second
    assert in_words(event) == f"dismissed as duplicate of {second}"
    with pytest.raises(UsageError, match="no duplicate of itself"):
        stocked.decide(host_key(login(2)), **doubled, duplicate_of=second)
    with pytest.raises(UsageError, match="There is no case"):
        stocked.decide(host_key(login(2)), **doubled, duplicate_of="NK-00000000")


# The audit


def busy(world: World) -> None:
    """Something of everything happens."""
    world.decide(host_key(login(1)), kind="confirm")
    world.decide(host_key(login(1)), kind="assign", assignee="bob")
    world.decide(host_key(login(2)), kind="snooze", until=NOW + DAY, on_change=True)
    world.decide(host_key(login(3)), kind="dismiss", reason_code="weak-match")
    world.decide(host_key(login(3)), kind="close")
    world.decide(host_key(login(1)), kind="assign")
    world.decide(host_key(login(1)), kind="note", note="phoned")
    world.writer().hold(ids(login(1)), reason="court", actor="anna", now=NOW)
    world.writer().allow("acme", rule("dealer.example"), now=NOW)
    world.writer().merge(ids(login(1), login(2)), actor="anna", now=NOW)
    world.see(account("acme_help", None), account("acme_help", "77", hours=1))
    world.run(rank_version="2")
    open_by_hand(world, "acme-hand.example")
    world.writer().wake_snoozed(now=NOW + 2 * DAY)


def test_a_sound_casebook_is_found_sound_and_every_row_follows_from_its_history(busy_world):
    with busy_world.snapshot() as con:
        found = audit(con)
        assert (found.broken, found.unlike, found.cut) == (None, (), None)
        assert found.is_sound
        assert found.events == found.head.seq == chain_head(con).seq > 15
        assert found.cases == con.execute("select count(*) from cases").fetchone()[0]


TAMPERED = [
    ("update events set actor = 'eve' where kind = 'confirmed'", "its hash does not fit"),
    ("update events set happened_at = happened_at + interval 1 second where seq = 3",
     "its hash does not fit"),
    ("delete from events where seq = 4", "event 4 of all cases is missing"),
    ("update events set chain_hash = hash where seq = 5", "chain_hash does not follow"),
    ("update events set data = '{ }' where seq = 2", "not canonical JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "what"), TAMPERED)
def test_the_first_broken_link_is_named_with_its_case_and_place(busy_world, sql, what, monkeypatch):
    monkeypatch.setattr("namaak.casework.audit.EVENTS_A_PART", 3)
    busy_world.writer()._con.execute(sql)
    broken = audit(busy_world.book._con).broken
    assert what in broken.what
    assert broken == verify_history(busy_world.book._con)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("update cases set workflow = 'closed' where case_id = ?",
         "workflow is closed, and its history says confirmed"),
        ("update cases set assignee = 'eve' where case_id = ?", "assignee is eve"),
        ("update cases set legal_hold = false where case_id = ?", "legal_hold is False"),
        ("update cases set score = 99 where case_id = ?", "score is 99"),
        ("update cases set snooze_until = '2030-01-01 00:00:00Z' where case_id = ?",
         "snooze_until is 2030-01-01T00:00:00.000000Z, and its history says nothing"),
        ("delete from cases where case_id = ?", "its row is gone"),
        ("insert into cases by name select * replace ('NK-FORGED' as case_id, "
         "'host:x' as subject_key) from cases where case_id = ?", "it has no history"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_follow_from_its_history_is_named(busy_world, sql, what, monkeypatch):
    monkeypatch.setattr("namaak.casework.audit.CASES_A_PART", 2)
    con = busy_world.writer()._con
    con.execute(sql, ids(login(1)))
    found = audit(con)
    assert found.broken is None
    assert not found.is_sound
    assert found.unlike_cases == 1
    assert what in found.unlike[0][1]


RULE = "update allow_rules set "
TIES = "update manual_ties set "


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("update hand_opened set reason = 'because'", "what a person asked for has reason because"),
        ("update hand_opened set actor = 'eve'", "what a person asked for has actor eve"),
        ("delete from hand_opened", "what a person asked for is gone"),
        ("insert into hand_opened by name select * replace (?::varchar as case_id, 'host:x' as "
         "subject_key) from hand_opened", "that a person asked for it is in no event of it"),
        (f"{TIES}verdict = 'apart'", "has verdict apart, and its history says together"),
        (f"{TIES}actor = 'eve'", "has actor eve"),
        (f"{TIES}tied_at = tied_at + interval 1 day", "has tied_at"),
        ("delete from manual_ties", "is gone, and the history names it"),
        ("insert into manual_ties by name select * replace ('NK-0' as one_case_id) "
         "from manual_ties", "is in no event"),
        (f"{RULE}asset = 'eve.example'", "its id is not that of this brand, asset and time"),
        (f"{RULE}until = '2036-01-01'", "this allow rule has until and reason allowed until 2036"),
        (f"{RULE}author = 'eve'", "this allow rule has author eve"),
        (f"{RULE}withdrawn_at = now(), withdrawn_by = 'eve'", "it was withdrawn by eve at "),
        ("delete from allow_rules", "this allow rule is gone"),
    ],
)  # fmt: skip
def test_what_people_said_by_hand_and_was_changed_later_is_named(busy_world, sql, what):
    con = busy_world.writer()._con
    con.execute(sql, ids(login(2)) if "?" in sql else [])
    found = audit(con)
    assert found.broken is None
    assert what in "; ".join(says for _, says in found.unlike), found.unlike


def test_ties_that_were_said_again_cut_and_forgotten_are_sound(stocked):
    book = stocked.writer()
    one, two, three = ids(login(1), login(2), login(3))
    for step in (
        lambda: book.merge([one, two, three], actor="anna", now=NOW, note="one pot"),
        lambda: book.merge([three, two], actor="bob", now=NOW + DAY),
        lambda: book.split(one, actor="anna", now=NOW + DAY, apart_from=[two, three]),
        lambda: book.split(two, actor="bob", now=NOW + 2 * DAY, note="no"),
        lambda: book.merge([two, one], actor="bob", now=NOW + 3 * DAY),
    ):
        step()
        found = audit(book._con)
        assert found.unlike == () and found.broken is None


@pytest.mark.parametrize(
    ("sql", "name", "what"),
    [
        ("create or replace view inbox as select * from cases where false", "inbox",
         "is not as this version of namaak makes it"),
        ("drop view due_actions", "due_actions", "is gone"),
        ("create macro lower(x) as 'innocent.example'", "lower", "is none that this version"),
        ("create or replace macro picture_distance(a, b) as 64", "picture_distance",
         "is not as this version of namaak makes it"),
    ],
)  # fmt: skip
def test_a_view_or_macro_that_was_changed_by_hand_is_named(stocked, sql, name, what):
    con = stocked.writer()._con
    assert audit(con).unlike == ()
    con.execute("begin")
    con.execute(sql)
    found = audit(con)
    con.execute("rollback")
    assert [one for one, says in found.unlike if what in says] == [name]


def test_a_withdrawal_that_frees_no_case_is_told_and_held_against_the_row(stocked):
    """Another rule allows the same: what the first hid stays hidden, and still names it."""
    book = stocked.writer()
    first, _ = book.allow("acme", rule("dealer.example"), now=NOW)
    longer = (NOW + 60 * DAY).date()
    book.allow("acme", rule("dealer.example", until=longer, reason="again"), now=NOW + DAY)
    assert book.withdraw_rule(first, actor="bob", now=NOW + DAY) == []
    told = stocked.case("host:dealer.example").events[-1]
    assert (told["kind"], told["actor"]) == ("noted", "bob")
    book = stocked.writer()
    assert audit(book._con).unlike == ()
    for change in ("withdrawn_by = 'eve'", "withdrawn_at = withdrawn_at - interval 1 day"):
        book._con.execute("begin")
        book._con.execute(f"update allow_rules set {change} where withdrawn_at is not null")
        found = audit(book._con)
        book._con.execute("rollback")
        ((about, says),) = found.unlike
        assert about == first and says.endswith("and no event says so")


def test_rules_of_an_older_version_are_sound_and_their_cases_counted(stocked, monkeypatch):
    """It named no digest of a rule, and told of a withdrawal only where that freed a case."""
    book = stocked.writer()
    with monkeypatch.context() as patched:
        patched.setattr("namaak.casework.desk.row_digest", lambda _row, **_: None)
        _, hidden = book.allow("acme", rule("dealer.example"), now=NOW)
    book._con.execute(f"{RULE}withdrawn_at = made_at, withdrawn_by = 'bob'")
    found = audit(book._con)
    assert found.unlike == ()
    assert found.untold_cases >= len(hidden.open_cases) > 0


def test_a_rule_that_was_withdrawn_and_holds_again_is_named(stocked):
    book = stocked.writer()
    rule_id, _ = book.allow("acme", rule("dealer.example"), now=NOW)
    assert audit(book._con).is_sound
    book.withdraw_rule(rule_id, actor="bob", now=NOW + DAY)
    assert audit(book._con).is_sound
    book._con.execute("update allow_rules set withdrawn_at = null, withdrawn_by = null")
    says = "this allow rule holds, and the history says that it was withdrawn"
    assert set(audit(book._con).unlike) == {(rule_id, says)}


def test_a_history_that_was_cut_short_is_noticed_by_a_head_that_was_kept(busy_world):
    con = busy_world.writer()._con
    head = chain_head(con)
    as_json = json.dumps({"seq": head.seq, "chain_hash": head.chain_hash})
    for kept in (head.chain_hash, as_json, json.dumps({"head": json.loads(as_json), "events": 1})):
        assert audit(con, kept=kept_head(kept)).is_sound
    con.execute("delete from events where seq = ?", [head.seq])
    assert audit(con).broken is None
    assert "that was kept" in audit(con, kept=kept_head(head.chain_hash)).cut
    assert f"ends before event {head.seq}" in audit(con, kept=kept_head(as_json)).cut
    other = kept_head(json.dumps({"seq": 2, "chain_hash": "0" * 64}))
    assert "another than when" in audit(con, kept=other).cut


@pytest.mark.parametrize(
    "text", ["", "abc", "{}", "[1]", '{"seq": true, "chain_hash": "x"}', "[" * 9999]
)
def test_what_is_no_head_is_refused(text):
    with pytest.raises(UsageError, match="no head of a history"):
        kept_head(text)


def test_a_replay_holds_nothing_against_a_row_that_no_event_told():
    row = {
        "workflow": "new", "reason_code": None, "assignee": None, "snooze_until": None,
        "snooze_on_change": False, "legal_hold": False, "score": 7, "band": "watch",
        "subject_state": "live", "relapses": 0, "down_since": None, "brand_id": "acme",
        "subject_key": "host:a", "subject": "a", "subject_kind": "host", "domain": None,
        "kind": "typosquat", "confidence": 4, "severity": None, "opened_at": NOW,
    }  # fmt: skip
    assert differences(row, Replayed()) == ()
    assert differences({**row, "relapses": 1}, Replayed()) != ()


# Words


def test_every_kind_of_event_has_words():
    assert set(_WORDS) == set(EventKind)
    for kind in EventKind:
        said = in_words({"kind": kind, "data": "{}"})
        assert said
        assert "None" not in said or kind in ("renamed", "joined", "dismissed", "noted",
                                              "action-changed")  # fmt: skip
    assert in_words({"kind": "of-tomorrow", "data": "not json"}) == "of tomorrow"


def test_the_words_of_a_history_say_what_happened(busy_world):
    told = [in_words(event) for event in busy_world.case(host_key(login(1))).events]
    assert told[:2] == [
        "became a case, watch, 20 of 100",
        "confirmed: it poses as the brand (new to confirmed)",
    ]
    assert "given to bob" in told
    assert "taken from bob" in told
    assert "noted: phoned" in told


def test_cases_changed_since_a_time_are_found(stocked):
    later = NOW + timedelta(hours=5)
    stocked.now = later
    stocked.decide(host_key(login(1)), kind="note", note="seen")
    with stocked.snapshot() as con:
        found = find_cases(con, updated_since=later)
        assert [row["subject"] for row in found] == [login(1)]
        assert len(find_cases(con, updated_since=NOW)) == len(STOCKED)
        with pytest.raises(UsageError, match="time zone"):
            find_cases(con, updated_since=datetime(2026, 1, 1))
        assert find_cases(con, updated_since=datetime(2027, 1, 1, tzinfo=UTC)) == []
        assert read_case(con, ids(login(1))[0]).case["updated_at"] == later
