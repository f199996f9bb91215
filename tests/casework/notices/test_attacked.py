"""Whoever may write the casebook, with the hash chain at hand: what an audit finds all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pytest

from namaak.casework.audit import Audit, audit, kept_head
from namaak.casework.events import EventKind
from namaak.casework.lifecycle import Decision
from namaak.casework.reading import chain_head
from tests.casework.history_made_anew import as_older_versions_wrote, history_made_anew
from tests.casework.notices.test_audited import answered, audited
from tests.casework.notices.world import FAN_ID, LOGIN_ID, NOW, PAY_ID, World


@contextmanager
def undone(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """The casebook open for whatever somebody does to it; afterwards it stands as before."""
    with world.writing() as book:
        book._con.execute("begin")
        try:
            yield book._con
        finally:
            book._con.execute("rollback")


def said(found: Audit) -> str:
    """All that an audit names."""
    return "; ".join(
        [str(found.broken or ""), *(what for _, what in found.unlike), found.cut or ""]
    )


def last_three(case: str) -> str:
    """Of one case they are deleted."""
    return (
        f"delete from events where case_id = '{case}' and case_seq > "
        f"(select max(case_seq) - 3 from events where case_id = '{case}')"
    )


SWAPPED = """
    create temporary table swapped as
        from events where seq in (3, 4);
    update events set
        actor = other.actor, kind = other.kind, data = other.data, happened_at = other.happened_at
    from swapped as other
    where events.seq in (3, 4) and other.seq = 7 - events.seq
"""
RENUMBERED = """
    update events set seq = -seq where seq in (3, 4);
    update events set seq = 7 + seq where seq < 0
"""


ATTACKS = [
    ("update cases set score = 12", "score is 12, and its history says 90"),
    ("update cases set subject = 'innocent.example'", "subject is innocent.example"),
    ("update actions set approved_sha256 = repeat('0', 64)", "has approved_sha256 0000"),
    ("update actions set address = 'else@host.example'", "or to whom, is not what was drafted"),
    ("update contacts set address = 'eve@else.example' where rank = 1", "whom to write to is not"),
    ("delete from captures", "is gone, and its history names it"),
    (last_three(PAY_ID), "is missing before this one"),
    (last_three(LOGIN_ID), "the pack NP-1 is in no event of it"),
    (SWAPPED, "was changed: its hash does not fit what it says"),
    (RENUMBERED, "was changed: "),
    ("update events set actor = 'eve' where kind = 'confirmed'", "its hash does not fit"),
]


def test_every_attack_with_plain_sql_is_named(world):
    answered(world)
    for sql, what in ATTACKS:
        with undone(world) as con:
            con.execute(sql)
            found = audit(con)
        assert not found.is_sound, sql
        assert what in said(found), (sql, found)


HOSTILE = (
    "no JSON", "[1]", "7", "null", '{"a":' * 2000, '{"to":[],"from":{}}', '{"to":{"score":[]}}',
    '{"by_hand":[],"note":{},"url":7}', '{"first":{"views":[1,{}],"checked_at":[]},"seen_at":[1]}',
    '{"first":{"views":{"a":1}},"last_up":[]}', '{"with":[1,[2]],"apart_from":{"a":1}}',
    '{"rule":[1],"note":[1],"action_id":{},"capture_id":[],"pack_id":{},"position":[]}',
    '{"captures":"x","a\\"b":1}', '{"scopes":[1],"contacts_sha256":{},"added":{"a":1}}',
    '{"carried":{"workflow":[],"snooze_until":{}},"subject_key":[],"subject":{},"kind":{}}',
    '{"until":[],"on_change":[],"reason_code":[],"since":{},"assignee_to":[]}',
)  # fmt: skip


def test_whatever_somebody_writes_into_an_event_the_audit_comes_to_its_end(world):
    answered(world)
    kinds = [str(kind) for kind in EventKind]
    hostile = "update events set kind = list_extract(?, (seq + ?) % ? + 1), data = ? where seq > 1"
    for data in HOSTILE:
        # Each of a dozen events is of another kind, until all kinds had their turn.
        for first in range(0, len(kinds), 12):
            with undone(world) as con:
                con.execute(hostile, [kinds, first, len(kinds), data])
                found = audit(con)
            assert found.broken is not None and found.broken.seq == 2, (first, data)


def test_the_last_event_of_all_is_missed_by_what_it_told_or_by_a_head_that_was_kept(world):
    answered(world)
    with undone(world) as con:
        kept = chain_head(con)
        con.execute("delete from packs")
        con.execute("delete from events where seq = ?", [kept.seq])
        assert audit(con).is_sound, "who deletes the row as well leaves no trace within"
        for text in (kept.chain_hash, json.dumps({"seq": kept.seq, "chain_hash": kept.chain_hash})):
            assert audit(con, kept=kept_head(text)).cut is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [row | {"actor": "eve"} if row["kind"] == "noted" else row for row in rows],
        lambda rows: [row for row in rows if row["kind"] != "noted"],
        lambda rows: [*rows[:-2], rows[-1], rows[-2]],
        lambda rows: rows[:-1],
    ],
    ids=["another actor", "one event less", "two swapped", "the last one less"],
)
def test_a_history_made_anew_with_fitting_hashes_is_found_by_a_head_that_was_kept(world, change):
    with world.writing() as book:
        for note in ("phoned", "phoned again"):
            book.decide_all([LOGIN_ID], Decision(kind="note", note=note), actor="anna", now=NOW)
    with undone(world) as con:
        kept = chain_head(con)
        history_made_anew(con, change)
        assert audit(con).is_sound, "the chain alone cannot tell"
        for text in (kept.chain_hash, json.dumps({"seq": kept.seq, "chain_hash": kept.chain_hash})):
            found = audit(con, kept=kept_head(text))
            assert found.broken is None
            assert found.cut is not None


def test_cases_that_an_older_version_opened_are_sound_and_counted_as_not_checked_whole(world):
    assert audited(world).untold_cases == 0
    with undone(world) as con:
        history_made_anew(con, as_older_versions_wrote)
        found = audit(con)
        assert found.is_sound
        assert found.untold_cases == found.cases == 3
        con.execute(f"update cases set subject = 'x/@else' where case_id = '{FAN_ID}'")
        assert audit(con).is_sound, "of an account it cannot tell"
        con.execute(f"update cases set subject = 'else.example' where case_id = '{LOGIN_ID}'")
        assert "subject is else.example" in said(audit(con)), "a host's key is its name"
