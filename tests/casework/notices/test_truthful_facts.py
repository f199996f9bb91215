"""A notice says nothing false: when it was seen, by whom, whose pages these are, who answered."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from namaak.casework.actions import Reply
from namaak.casework.notices.facts import About, gather
from namaak.casework.notices.fields import fields
from namaak.casework.notices.material import Material, verified_at
from namaak.casework.notices.pages import refuse_foreign
from namaak.casework.notices.preparing import _material
from namaak.casework.notices.sights import Sight, sight_of
from namaak.casework.notices.templates import templates, text_path
from namaak.errors import UsageError
from tests.casework.notices.world import (
    ANNA,
    FAN_ID,
    FAN_KEY,
    HOUR,
    LOGIN,
    LOGIN_ID,
    NOW,
    PAY_ID,
    capture,
)

FIRST = NOW - 48 * HOUR


def facts(world, *cases: Material, **given) -> dict:
    return gather(cases, world.watch, About(now=NOW, given=given))


def material(world, case: str) -> Material:
    with world.snapshot() as con:
        return _material(con, case, ["impersonation"], ())


def account(**other) -> Material:
    row = {
        "subject_kind": "account", "subject_key": FAN_KEY, "subject": "x/@acme_help",
        "domain": None, "case_id": FAN_ID, "brand_id": "acme", "brand_name": "Acme",
        "first_observed_at": FIRST,
    }  # fmt: skip
    return Material(**({"case": row, "profile": [profile()]} | other))


def profile(**other) -> dict:
    return {
        "platform": "x", "native_id": "77", "handle": "acme_help", "display_name": "Acme Help",
        "url": "https://x.com/acme_help", "developer": None, "state": None, "trust": "platform",
        "source": "x", "last_seen_at": NOW - HOUR,
    } | other  # fmt: skip


def check(**other) -> dict:
    return {"checked_at": NOW - 2 * HOUR, "vantage": "here", "down": False} | other


def test_the_platform_s_own_word_verifies_an_account_and_a_program_took_it(world):
    found = facts(world, account())
    assert (found["last_verified_at"], found["verified_by"]) == (NOW - HOUR, "automated_crawler")


@pytest.mark.parametrize("trust", [None, "unauthenticated", "existence"])
def test_a_list_that_somebody_handed_in_verifies_no_account(world, trust):
    found = facts(world, account(profile=[profile(trust=trust, source="files")]))
    assert (found["last_verified_at"], found["verified_by"]) == (None, None)


def test_of_an_account_the_last_word_of_its_platform_counts():
    told = [profile(last_seen_at=NOW - 3 * HOUR), profile(trust=None)]
    assert verified_at(account(profile=told)) == NOW - 3 * HOUR
    gone = [profile(last_seen_at=NOW - 3 * HOUR), profile(state="removed")]
    assert verified_at(account(profile=gone)) is None


@pytest.mark.parametrize(("down", "seen"), [(False, NOW - 2 * HOUR), (True, None), (None, None)])
def test_a_check_verifies_only_what_it_saw(down, seen):
    assert verified_at(account(profile=[], checks=[check(down=down)])) == seen


def test_checks_of_the_casebook_are_among_what_is_known(world):
    with world.writing() as book:
        book._con.execute(
            "insert into checks (case_id, checked_at, vantage, state, down, facts, says) "
            "values (?, ?, 'here', 'live', false, '{}', 'it is there')",
            [LOGIN_ID, NOW],
        )
    assert verified_at(material(world, LOGIN_ID)) == NOW


def test_nothing_is_verified_before_it_was_first_seen(world):
    early = FIRST - HOUR
    one = account(profile=[profile(last_seen_at=early)], checks=[check(checked_at=early)])
    assert verified_at(one) is None
    with pytest.raises(UsageError, match=r"before it was first seen \(2026-11-20 09:00 UTC\)"):
        facts(world, account(), last_verified_at=["2026-11-20T08:59Z"])
    same = facts(world, account(), last_verified_at=["2026-11-20T09:00Z"])
    assert same["last_verified_at"] == FIRST


def test_what_a_person_saw_is_told_as_such_to_machines_too(world):
    assert (
        facts(world, account(), last_verified_at=["2026-11-22T08:00Z"])["verified_by"] == "manual"
    )
    for given, how in (({}, "automated_crawler"),
                       ({"last_verified_at": ["2026-11-22T08:30Z"]}, "manual")):  # fmt: skip
        action = world.draft(given=given, again=True)
        report = json.loads(world.store.read(world.row(action)["xarf_sha256"]))
        assert report["verification_method"] == how


@pytest.mark.parametrize("name", ["last_verified_at", "registered_at"])
def test_no_person_saw_what_is_yet_to_come(world, name):
    with pytest.raises(UsageError, match="is yet to come"):
        facts(world, account(), **{name: ["2026-11-22T09:01Z"]})
    with pytest.raises(UsageError, match="is yet to come"):
        world.revise(world.draft(), given={name: ["2027-01-01T00:00Z"]})


@pytest.mark.parametrize(
    "url",
    [
        f"https://{LOGIN}/another?page=1",
        f"http://www.{LOGIN}:8080/",
        f"https://{LOGIN.upper()}/x",
        "https://landing.example/deeper",
    ],
)
def test_a_person_may_add_pages_of_the_case_and_of_where_it_leads(world, url):
    led = capture(LOGIN_ID, LOGIN, world.store, NOW) | {"final_url": "https://landing.example/a"}
    with world.writing() as book:
        book.record_capture(led)
    found = facts(world, material(world, LOGIN_ID), urls=[url])
    assert len(found["urls"]) == 1


@pytest.mark.parametrize(
    "url",
    ["https://stranger.example/", f"https://not{LOGIN}/", f"https://{LOGIN}.stranger.example/",
     f"https://stranger.example/{LOGIN}", f"https://{LOGIN}@stranger.example/"],
)  # fmt: skip
def test_no_notice_names_the_page_of_a_stranger(world, url):
    action = world.draft()
    with pytest.raises(UsageError, match=f"is no page of {LOGIN_ID}"):
        world.revise(action, given={"urls": [f"https://{LOGIN}/x", url]})
    assert "stranger" not in world.row(action)["fields"]


def test_a_failed_capture_makes_no_page_one_of_the_case(world):
    failed = capture(LOGIN_ID, "stranger.example", world.store, NOW) | {"outcome": "failed"}
    with world.writing() as book:
        book.record_capture(failed)
    with pytest.raises(UsageError, match="is no page of"):
        facts(world, material(world, LOGIN_ID), urls=["https://stranger.example/sign-in"])


def test_a_page_of_another_case_may_be_named_where_the_notice_is_about_both(world):
    url = "https://acme-pay.example/b"
    login, pay = material(world, LOGIN_ID), material(world, PAY_ID)
    assert facts(world, login, pay, urls=[url])["urls"] == [url]
    with pytest.raises(UsageError, match="is no page of"):
        facts(world, login, urls=[url])


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://x.com/acme_help", True),
        ("https://twitter.com/Acme_Help", True),
        ("https://x.com/acme_help/status/1", True),
        ("https://x.com/stranger", False),
        ("https://www.instagram.com/acme_help/", False),
        ("https://stranger.example/acme_help", False),
    ],
)
def test_of_a_platform_only_the_account_itself_is_named(world, url, own):
    for one in (account(), material(world, FAN_ID)):
        if own:
            refuse_foreign([url], [one])
        else:
            with pytest.raises(UsageError, match="is no page of"):
                refuse_foreign([url], [one])


def test_where_nothing_is_known_of_its_place_a_person_is_believed():
    known = account().case
    refuse_foreign(
        ["https://shop.example/a"],
        [Material(case=known | {"subject_kind": "image", "subject_key": "image:0"})],
    )
    refuse_foreign(["https://nowhere.example/a"],
                   [Material(case=known | {"subject_key": "account:nowhere:@acme"})])  # fmt: skip


def test_what_keeps_a_notice_from_approval_is_told_with_its_reason(world):
    since = NOW - 24 * HOUR
    assert sight_of(material(world, LOGIN_ID)).needs(since=since) is None
    assert sight_of(account()).needs(since=since) == "it has no capture"
    old = Sight(case_id=LOGIN_ID, captured_at=since - HOUR, failed=None)
    assert old.needs(since=since) == "its last capture is of 2026-11-21 08:00 UTC"
    assert old.needs(since=since - HOUR) is None
    failed = capture(FAN_ID, "x.example", world.store, NOW) | {
        "outcome": "failed", "reason": "x.example has no address"
    }  # fmt: skip
    says = "its capture of 2026-11-22 09:00 UTC ended failed (x.example has no address)"
    assert sight_of(account(captures=[failed])).needs(since=since) == says
    good = capture(FAN_ID, "x.example", world.store, NOW - HOUR)
    assert sight_of(account(captures=[failed, good])).needs(since=since) is None


def test_a_draft_brings_what_is_known_of_its_captures(world):
    (sight,) = world.prepare().sights
    assert (sight.case_id, sight.captured_at) == (LOGIN_ID, NOW - HOUR)


def test_nobody_answers_what_was_never_sent(world):
    reply = Reply(received_at=NOW, channel="mail", content_sha256="0" * 64)
    draft, approved = world.draft(), world.draft(again=True, now=NOW + timedelta(minutes=2))
    world.approve(approved)
    for action, state in ((draft, "draft"), (approved, "approved")):
        with world.writing() as book, pytest.raises(UsageError, match=f"is {state} and was never"):
            book.log_reply(action, reply, made=None, actor=ANNA, now=NOW)
    assert world.told(LOGIN_ID, "replied") == []
    sent = world.sent(again=True, now=NOW + timedelta(minutes=1))
    with world.writing() as book:
        book.log_reply(sent, reply, made=None, actor=ANNA, now=NOW + HOUR)
    assert len(world.told(LOGIN_ID, "replied")) == 1


def test_no_text_points_below_at_a_mark_that_stands_above():
    for name, form in templates().items():
        for language, said in form.defaults.items():
            text = text_path(name, language).read_text(encoding="utf-8")
            for field, words in said.items():
                if "mark below" in words:
                    assert text.index("f." + field) < text.index("part.mark(f)"), (name, field)


def test_how_it_was_verified_is_nothing_that_a_person_says():
    assert not fields()["verified_by"].person
