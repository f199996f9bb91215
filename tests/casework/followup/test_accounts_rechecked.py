"""Accounts are not asked about: what their platform's source brought last is what counts."""

from __future__ import annotations

import json
from datetime import timedelta

import pyarrow as pa
import pytest

from namaak.casework.lifecycle import Decision
from namaak.casework.reading import open_snapshot, read_rows
from namaak.rechecking import due_cases, recheck
from namaak.records import PICTURE_SCHEMA, case_id
from tests.casework.followup.following import START, writing
from tests.enriching.cases import host_match, made

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = "account:x:77"
CASE = case_id("waldermond", KEY)
A, B = ("a" * 64, [1, 2, 3, 4]), ("b" * 64, [2**64 - 1, 2**64 - 1, 3, 4])


@pytest.fixture
def settings(tmp_path):
    account = host_match(
        "x", odds=3.0, subject_key=KEY, subject_kind="account", field="handle",
        value="waldermond", resemblance="same-name", place="whole",
    )  # fmt: skip
    settings = made(tmp_path, "enabled = false", [account])
    with writing(settings) as book:
        book.decide(CASE, Decision(kind="confirm"), actor="ann", now=START)
        pictures = [
            {
                "image_sha256": sha256, "detector": "test", "notes": [], "outcome": "hashed",
                "frame": "first", "region": -1,
            } | {f"phash_{place}": word for place, word in enumerate(words)}
            for sha256, words in (A, B)
        ]  # fmt: skip
        incoming = pa.Table.from_pylist(pictures, schema=PICTURE_SCHEMA)
        with book._transaction():
            book._apply("insert_pictures", incoming_pictures=incoming)
    return settings


def shown(settings, hours: float, state: str | None, *, name="Waldermond Help", picture=A[0]):
    """As a platform's source would have brought it, at that time."""
    at = START + hours * HOUR
    row = {
        "subject_key": KEY, "version": int(hours * 60), "subject_kind": "account", "platform": "x",
        "display_name": name, "handle": "waldermond", "state": state, "trust": "platform",
        "image_sha256": picture, "source": "x", "instance": "x", "position": 1, "batch_id": "one",
        "first_seen_at": at, "last_seen_at": at, "left_out": 0,
    }  # fmt: skip
    with writing(settings) as book, book._transaction():
        # Straight into the table: how profiles come into it is another room's.
        book._apply("insert_profiles", incoming_profiles=book._table("profiles", [row]))


def looked(settings, hours: float):
    now = START + hours * HOUR
    wanted = due_cases(settings, [CASE], now=now)
    (told,) = recheck(wanted, settings, (), _nobody, clock=lambda: now)
    return told


def _nobody(place):
    raise AssertionError("an account is not asked about")


def rows(settings, sql: str) -> list[dict]:
    with open_snapshot(settings.casebook) as con:
        return list(read_rows(con, sql))


def test_a_suspended_account_is_down_when_its_platform_said_so_twice(settings):
    shown(settings, 1, "live")
    assert looked(settings, 2).kinds == ()
    shown(settings, 8, "suspended")
    assert looked(settings, 9).kinds == ()
    # Asked again before the platform was: what was said once counts once.
    again = looked(settings, 11)
    assert (again.kinds, again.says) == (
        (), "platform: no source has asked its platform since the last check"
    )  # fmt: skip
    shown(settings, 14, "suspended")
    assert looked(settings, 15).kinds == ("down",)
    (case,) = rows(settings, "from cases")
    assert case["down_since"] == START + 8 * HOUR
    found = rows(settings, "from checks order by checked_at")
    assert [(row["checked_at"] - START) / HOUR for row in found] == [1, 8, 11, 14]
    assert [row["state"] for row in found] == ["live", "suspended", "unknown", "suspended"]


def test_another_name_and_picture_are_told_and_the_same_picture_stored_anew_is_not(settings):
    shown(settings, 1, "live")
    looked(settings, 2)
    shown(settings, 8, "live", name="WALDERMOND help 24/7")
    assert looked(settings, 9).changed == ()
    shown(settings, 14, "live", name="Shoes for less", picture=B[0])
    told = looked(settings, 15)
    assert told.kinds == ("changed",)
    (event,) = rows(settings, "from events where kind = 'changed'")
    found = {one["aspect"]: one for one in json.loads(event["data"])["changes"]}
    assert found.keys() == {"name", "picture"}
    assert found["name"]["says"] == "visible name: Waldermond Help -> Shoes for less"


def test_what_nobody_ever_looked_up_is_unknown(settings):
    told = looked(settings, 2)
    assert told.kinds == ()
    (row,) = rows(settings, "from checks")
    assert (row["vantage"], row["state"], row["down"]) == ("platform", "unknown", None)
