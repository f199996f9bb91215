"""What a notice knows of its cases: from looks, captures, profiles and the watch file; no more."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from namaak.casework.contacts.scopes import Channel
from namaak.casework.notices.choosing import Wanted
from namaak.casework.notices.facts import About, gather
from namaak.casework.notices.preparing import _material, prepare
from namaak.errors import UsageError
from tests.casework.notices.world import (
    ANNA,
    FAN_ID,
    HOUR,
    LOGIN,
    LOGIN_ID,
    NOW,
    PAY_ID,
    capture,
    contact,
    looks,
    rank,
)

OWNED = ("acme.example",)
ROOT = Path(__file__).resolve().parents[3]


def facts(world, *cases: str, **given) -> dict:
    with world.snapshot() as con:
        return gather([_material(con, case, ["phishing"], OWNED) for case in cases], world.watch,
                      About(now=NOW, given=given))  # fmt: skip


def test_a_host_is_told_as_looks_and_captures_saw_it(world):
    found = facts(world, LOGIN_ID)
    assert found["urls"] == [f"https://{LOGIN}/sign-in", f"https://{LOGIN}/sign-in?step=1"]
    assert found["ip_addresses"] == ["192.0.2.7"]
    assert found["last_verified_at"] == found["captured_at"] == NOW - HOUR
    assert found["asked_for"] == ["password", "email"]
    assert found["hosting_provider"] == "Hosting Example B.V. (AS64500)"
    assert found["registrar"] == "Registrar Example B.V."
    assert found["official_site"] == "https://acme.example/"
    assert {item["code"] for item in found["copied"]} == {"domain-name", "page"}
    assert found["mark_number"] == "0000000-EXAMPLE-1"


def test_where_visitors_end_at_the_brand_nothing_of_its_page_is_claimed_or_named(world):
    """Whoever is led on to acme.example is asked for a password by Acme itself."""
    led = looks(LOGIN)
    page = json.loads(led[-1]["facts"])
    page |= {"final_host": "www.acme.example", "url": "https://www.acme.example/sign-in"}
    led[-1] |= {"facts": json.dumps(page), "asked_at": NOW}
    shot = capture(LOGIN_ID, LOGIN, world.store, NOW)
    with world.writing() as book:
        book.record_enrichments(led, [], {}, rank=rank, brand_names={"acme": "Acme"}, now=NOW,
                                rank_version="1")  # fmt: skip
        book.record_capture(shot | {"final_url": "https://www.acme.example/sign-in"})
    made = world.prepare(LOGIN_ID, template="trademark-host")
    told = json.loads(made.row["fields"])
    assert told["abuse"] == ["trademark"]
    assert told["urls"] == [f"https://{LOGIN}/sign-in"]
    assert {item["code"] for item in told["copied"]} == {"domain-name"}
    assert not told.get("asked_for")
    with pytest.raises(UsageError, match="a page of your own"):
        facts(world, LOGIN_ID, urls=["https://www.acme.example/sign-in"])
    revised = world.revise(world.draft(LOGIN_ID, template="trademark-host"))
    assert json.loads(world.row(revised)["fields"])["abuse"] == ["trademark"]


def test_of_several_cases_the_cautious_time_is_told(world):
    with world.writing() as book:
        book.record_capture(capture(LOGIN_ID, LOGIN, world.store, NOW))
    assert facts(world, LOGIN_ID)["captured_at"] == NOW
    assert facts(world, LOGIN_ID, PAY_ID)["captured_at"] == NOW - HOUR


def test_a_capture_that_shows_no_page_proves_nothing(world):
    blocked = capture(LOGIN_ID, LOGIN, world.store, NOW) | {"outcome": "blocked"}
    with world.writing() as book:
        book.record_capture(blocked)
    assert facts(world, LOGIN_ID)["captured_at"] == NOW - HOUR


def test_a_case_without_a_capture_makes_a_notice_without_one(world):
    with world.writing() as book:
        book._con.execute("delete from captures where case_id = ?", [PAY_ID])
    found = facts(world, LOGIN_ID, PAY_ID)
    assert found["captured_at"] is None
    assert facts(world, PAY_ID)["urls"] == ["https://acme-pay.example/sign-in"]


def test_another_mark_may_be_named(world):
    found = facts(world, LOGIN_ID, mark_number=["0000000-EXAMPLE-2"])
    assert (found["mark_text"], found["mark_office"]) == ("ACME LOGIN", "EUIPO")


def test_what_a_person_says_wins(world):
    found = facts(world, LOGIN_ID, ip_addresses=["198.51.100.9"], vantage=["a desk in Breda"])
    assert found["ip_addresses"] == ["198.51.100.9"]
    assert found["vantage"] == "a desk in Breda"


def test_a_brand_that_left_the_watch_file_is_not_written_about(world):
    world.watch = world.watch.model_copy(update={"brands": {}})
    with pytest.raises(UsageError, match="holds no brand 'acme' any more"):
        facts(world, LOGIN_ID)


def test_an_account_is_reported_with_the_elements_it_shares(world):
    door = contact("platform", "https://platform.example/report", 1, channel=Channel.FORM,
                   provider_name="X")  # fmt: skip
    with world.writing() as book:
        book.record_contacts(FAN_ID, [door], (), actor=ANNA, now=NOW)
    found = facts(world, FAN_ID)
    assert (found["platform"], found["handle"], found["native_id"]) == ("x", "acme_help", "77")
    assert found["official_account"] == "acmebank"
    assert {item["code"] for item in found["shared_elements"]} == {"handle", "display-name"}
    with world.snapshot() as con:
        made = prepare(con, FAN_ID, Wanted(given={"abuse": ["impersonation"]}), watch=world.watch,
                       read=world.store.read, now=NOW)  # fmt: skip
    assert made.row["template"] == "platform-impersonation"
    text = made.composed.text.decode()
    assert "  1. the account name acme_help" in text
    assert "  2. the name shown, “Acme Help”" in text
    assert made.composed.mail is None
    assert made.composed.form is not None


def test_one_module_alone_knows_how_mail_leaves():
    """And nothing but the outbox calls it, which asks the casebook before."""
    importers, callers = set(), set()
    for path in sorted((ROOT / "namaak").rglob("*.py")) + sorted((ROOT / "flows").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "smtplib" not in text and "hand_in" not in text and "send_approved" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if "smtplib" in names or (
                isinstance(node, ast.ImportFrom) and node.module == "smtplib"
            ):
                importers.add(path.relative_to(ROOT).as_posix())
            if isinstance(node, ast.Name) and node.id in ("hand_in", "send_approved"):
                callers.add(path.relative_to(ROOT).as_posix())
    assert importers == {"namaak/casework/notices/sending.py"}
    assert callers == {"namaak/casework/notices/outbox.py", "namaak/cli/notices/sending.py"}
