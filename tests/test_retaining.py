"""What is kept no longer than it may, what a hold keeps, and what is written down of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from namaak.answers import Answer, Answers
from namaak.casework.audit import audit
from namaak.casework.casebook import Casebook
from namaak.casework.events import Draft, EventKind
from namaak.casework.lifecycle import Decision, DecisionKind, ReasonCode
from namaak.casework.reading import open_snapshot, read_case, read_rows, verify_history
from namaak.cli import invoke
from namaak.errors import CasebookLocked
from namaak.evidence_store import EvidenceStore
from namaak.records import ENRICHMENT_SCHEMA, host_key
from namaak.retaining import delete_due, due_now
from namaak.settings import Settings, load_settings
from tests.casework.opening import open_hosts

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=900)
WATCH = """
[watch]
contact = "abuse@acme.example"
data = "data"
[brands.acme]
name = "Acme"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "watch.toml"
    path.write_text(WATCH)
    return load_settings(path, {})


def writing(settings: Settings) -> Any:
    return Casebook.writing(working=settings.working_casebook, published=settings.casebook)


def dismissed(settings: Settings, host: str, *, at: datetime) -> str:
    (case_id,) = open_hosts(settings, host, now=at)
    decision = Decision(kind=DecisionKind.DISMISS, reason_code=ReasonCode.UNRELATED)
    with writing(settings) as book:
        book.decide(case_id, decision, actor="Jo", now=at)
    return case_id


def captured(settings: Settings, case_id: str, content: bytes, *, at: datetime) -> str:
    sha256 = EvidenceStore(settings.evidence).keep(content)
    document = EvidenceStore(settings.evidence).keep(b"document of " + case_id.encode() + content)
    with writing(settings) as book:
        book.record_capture(
            {
                "capture_id": f"NC-{document[:12].upper()}", "case_id": case_id,
                "url": "https://x.example/", "started_at": at, "ended_at": at, "vantage": "here",
                "outcome": "ok", "operator": "Jo", "tools": "{}", "full_sha256": sha256,
                "document_sha256": document, "requests": 1, "bytes": len(content), "refused": 0,
            }
        )  # fmt: skip
    return sha256


def kept(settings: Settings, sha256: str) -> bool:
    return EvidenceStore(settings.evidence).path(sha256).exists()


def due(settings: Settings, name: str) -> Any:
    return next(one for one in due_now(settings, now=NOW) if one.name == name)


def test_a_capture_of_a_case_long_over_is_deleted_and_that_is_written_down(settings):
    case_id = dismissed(settings, "acme-a.example", at=LONG_AGO)
    sha256 = captured(settings, case_id, b"page", at=LONG_AGO)
    assert len(due(settings, "captures").items) == 2
    assert kept(settings, sha256), "a dry run deletes nothing"
    delete_due(settings, actor="Jo", now=NOW)
    assert not kept(settings, sha256)
    with open_snapshot(settings.casebook) as snapshot:
        (row,) = read_rows(snapshot, "select * from deletions")
        assert (row["class"], row["items"], row["held"], row["actor"]) == ("captures", 2, 0, "Jo")
        assert row["oldest_at"] == LONG_AGO
        assert sha256 not in json.dumps(row, default=str)
        assert read_case(snapshot, case_id).events[-1]["kind"] == "thinned"
        assert verify_history(snapshot) is None


def test_every_file_that_a_capture_names_goes_with_it(settings):
    """A column that is forgotten here would stay for ever, and nobody would know what it is of."""
    case_id = dismissed(settings, "acme-a.example", at=LONG_AGO)
    with open_snapshot(settings.casebook) as con:
        names = [row["column_name"] for row in read_rows(con, "describe captures")]
    store = EvidenceStore(settings.evidence)
    digests = {name: store.keep(name.encode()) for name in names if name.endswith("_sha256")}
    assert len(digests) > 8
    with writing(settings) as book:
        book.record_capture(
            {
                "capture_id": "NC-1", "case_id": case_id, "url": "https://x.example/",
                "started_at": LONG_AGO, "ended_at": LONG_AGO, "vantage": "here", "outcome": "ok",
                "operator": "Jo", "tools": "{}", "requests": 1, "bytes": 1, "refused": 0, **digests,
            }
        )  # fmt: skip
    delete_due(settings, actor="Jo", now=NOW)
    assert [name for name, sha256 in digests.items() if kept(settings, sha256)] == []


@pytest.mark.parametrize(
    "sql",
    [
        "delete from deletions",
        "update deletions set items = 1",
        "update deletions set actor = 'eve'",
        "update deletions set deleted_at = deleted_at + interval 1 day",
    ],
)
def test_a_log_of_deletions_that_says_less_than_the_history_is_named(settings, sql):
    case_id = dismissed(settings, "acme-a.example", at=LONG_AGO)
    captured(settings, case_id, b"page", at=LONG_AGO)
    delete_due(settings, actor="Jo", now=NOW)
    with writing(settings) as book:
        assert audit(book._con).is_sound
        book._con.execute("begin")
        book._con.execute(sql)
        found = audit(book._con)
        book._con.execute("rollback")
    says = "captures of it were deleted, and the log of deletions says otherwise"
    assert (case_id, says) in found.unlike


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("update deletions set items = 900", "names 900 captures, and the history 2"),
        ("insert into deletions by name select * replace ('eve' as actor, 'notices' as class) "
         "from deletions", "notices, and the history 0"),
    ],
)  # fmt: skip
def test_a_log_of_deletions_that_says_more_than_the_history_is_named(settings, sql, what):
    case_id = dismissed(settings, "acme-a.example", at=LONG_AGO)
    captured(settings, case_id, b"page", at=LONG_AGO)
    delete_due(settings, actor="Jo", now=NOW)
    with writing(settings) as book:
        book._con.execute("begin")
        book._con.execute(sql)
        found = audit(book._con)
        book._con.execute("rollback")
    ((_, says),) = found.unlike
    assert what in says


def test_done_again_nothing_is_deleted_or_written(settings):
    captured(settings, dismissed(settings, "acme-a.example", at=LONG_AGO), b"page", at=LONG_AGO)
    assert delete_due(settings, actor="Jo", now=NOW)
    assert delete_due(settings, actor="Jo", now=NOW + timedelta(days=1)) == ()
    with open_snapshot(settings.casebook) as snapshot:
        assert len(list(read_rows(snapshot, "select * from deletions"))) == 1


def test_a_case_that_is_not_over_keeps_its_captures_however_old(settings):
    (case_id,) = open_hosts(settings, "acme-a.example", now=LONG_AGO)
    captured(settings, case_id, b"page", at=LONG_AGO)
    assert due(settings, "captures").items == ()


def test_a_case_that_is_over_for_a_short_time_keeps_them_too(settings):
    case_id = dismissed(settings, "acme-a.example", at=NOW - timedelta(days=20))
    captured(settings, case_id, b"page", at=LONG_AGO)
    assert due(settings, "captures").items == ()


def test_a_legal_hold_keeps_everything_and_is_counted(settings):
    case_id = dismissed(settings, "acme-a.example", at=LONG_AGO)
    sha256 = captured(settings, case_id, b"page", at=LONG_AGO)
    with writing(settings) as book:
        book.hold([case_id], reason="court", actor="Jo", now=NOW)
    assert (due(settings, "captures").items, due(settings, "captures").held) == ((), 2)
    delete_due(settings, actor="Jo", now=NOW)
    assert kept(settings, sha256)


def test_a_hold_that_is_set_while_it_counts_what_is_due_keeps_everything(settings, monkeypatch):
    case_id = dismissed(settings, "acme-a.example", at=LONG_AGO)
    sha256 = captured(settings, case_id, b"page", at=LONG_AGO)
    page = answered(settings, "acme-a.example", b"answer", at=LONG_AGO)

    def counted_slowly(settings: Settings, *, now: datetime) -> Any:
        found = due_now(settings, now=now)
        with writing(settings) as book:
            book.hold([case_id], reason="court", actor="Jo", now=now)
        return found

    monkeypatch.setattr("namaak.retaining.due_now", counted_slowly)
    assert delete_due(settings, actor="flow:forget", now=NOW) == ()
    assert kept(settings, sha256)
    with Answers(settings.lake) as answers:
        assert answers.read_answer(page) is not None
    with open_snapshot(settings.casebook) as snapshot:
        assert list(read_rows(snapshot, "select * from deletions")) == []
        assert read_case(snapshot, case_id).events[-1]["kind"] == "held"


def test_nobody_else_writes_until_the_bytes_are_gone(settings, monkeypatch):
    case_id = dismissed(settings, "acme-a.example", at=LONG_AGO)
    captured(settings, case_id, b"page", at=LONG_AGO)
    refused = []
    delete = EvidenceStore.delete

    def tried(self: EvidenceStore, sha256: str) -> None:
        with (
            pytest.raises(CasebookLocked),
            Casebook.writing(
                working=settings.working_casebook, published=settings.casebook, wait_s=0.0
            ),
        ):
            pass
        refused.append(sha256)
        delete(self, sha256)

    monkeypatch.setattr(EvidenceStore, "delete", tried)
    delete_due(settings, actor="Jo", now=NOW)
    assert len(refused) == 2


def doubles(settings: Settings, *hosts: str) -> list[str]:
    """Cases, the first open, each other dismissed as the double of the one before it."""
    cases = list(open_hosts(settings, *hosts, now=LONG_AGO - timedelta(days=1)))
    with writing(settings) as book:
        for before, case_id in pairwise(cases):
            decision = Decision(
                kind=DecisionKind.DISMISS, reason_code=ReasonCode.DUPLICATE, duplicate_of=before
            )
            book.decide(case_id, decision, actor="Jo", now=LONG_AGO)
    return cases


def test_the_evidence_of_a_double_stays_as_long_as_that_of_the_case_that_it_doubles(settings):
    first, *_, last = doubles(settings, "acme-a.example", "acme-b.example", "acme-c.example")
    sha256 = captured(settings, last, b"double", at=LONG_AGO)
    assert due(settings, "captures").items == ()
    dismiss = Decision(kind=DecisionKind.DISMISS, reason_code=ReasonCode.UNRELATED)
    with writing(settings) as book:
        book.decide(first, dismiss, actor="Jo", now=NOW - timedelta(days=20))
    assert due(settings, "captures").items == (), "the days count from the first case's end"
    later = NOW + timedelta(days=3000)
    with writing(settings) as book:
        book.hold([first], reason="court", actor="Jo", now=NOW)
    delete_due(settings, actor="Jo", now=later)
    assert kept(settings, sha256)
    with writing(settings) as book:
        book.release([first], reason="settled", actor="Jo", now=NOW)
    delete_due(settings, actor="Jo", now=later)
    assert not kept(settings, sha256)


def test_a_hold_on_a_handle_or_on_its_account_keeps_the_evidence_of_both(settings):
    handle, account = open_hosts(settings, "a.example", "b.example", now=LONG_AGO)
    dismiss = Decision(kind=DecisionKind.DISMISS, reason_code=ReasonCode.UNRELATED)
    with writing(settings) as book:
        book.decide_all([handle, account], dismiss, actor="Jo", now=LONG_AGO)
        with book._transaction():
            book._append([
                Draft(case_id=one, kind=EventKind.JOINED, actor="flow:identity",
                      happened_at=LONG_AGO, data={name: other})
                for one, name, other in ((handle, "into", account), (account, "joined", handle))
            ])  # fmt: skip
    for one in (handle, account):
        captured(settings, one, b"of " + one.encode(), at=LONG_AGO)
    for held in (handle, account):
        with writing(settings) as book:
            book.hold([held], reason="court", actor="Jo", now=NOW)
        assert (due(settings, "captures").items, due(settings, "captures").held) == ((), 4)
        with writing(settings) as book:
            book.release([held], reason="settled", actor="Jo", now=NOW)
    assert len(due(settings, "captures").items) == 4


def test_two_cases_that_are_each_the_double_of_the_other_end(settings):
    first, second = doubles(settings, "acme-a.example", "acme-b.example")
    sha256 = captured(settings, second, b"double", at=LONG_AGO)
    decision = Decision(
        kind=DecisionKind.DISMISS, reason_code=ReasonCode.DUPLICATE, duplicate_of=second
    )
    with writing(settings) as book:
        book.decide(first, decision, actor="Jo", now=LONG_AGO)
    delete_due(settings, actor="Jo", now=NOW)
    assert not kept(settings, sha256)


def test_what_was_no_double_after_all_goes_when_its_own_time_is_over(settings):
    _, second = doubles(settings, "acme-a.example", "acme-b.example")
    sha256 = captured(settings, second, b"no double", at=LONG_AGO)
    with writing(settings) as book:
        book.decide(second, Decision(kind=DecisionKind.REOPEN), actor="Jo", now=LONG_AGO)
        dismiss = Decision(kind=DecisionKind.DISMISS, reason_code=ReasonCode.UNRELATED)
        book.decide(second, dismiss, actor="Jo", now=LONG_AGO)
    delete_due(settings, actor="Jo", now=NOW)
    assert not kept(settings, sha256)


def test_the_same_bytes_that_an_open_case_names_stay(settings):
    over = dismissed(settings, "acme-a.example", at=LONG_AGO)
    (open_one,) = open_hosts(settings, "acme-b.example", now=LONG_AGO + timedelta(days=1))
    sha256 = captured(settings, over, b"same page", at=LONG_AGO)
    captured(settings, open_one, b"same page", at=LONG_AGO)
    delete_due(settings, actor="Jo", now=NOW)
    assert kept(settings, sha256)


def answered(settings: Settings, host: str, content: bytes, *, at: datetime) -> str:
    answer = Answer(content=content, media_type="text/html")
    row = {
        "subject_key": host_key(host), "host": host, "aspect": "page", "asked_at": at,
        "vantage": "here", "outcome": "answered", "facts": "{}", "raw_sha256": answer.sha256,
        "raw_type": "text/html", "version": "1", "due_at": None,
    }  # fmt: skip
    with Answers(settings.lake) as answers:
        table = pa.Table.from_pylist([row], schema=ENRICHMENT_SCHEMA)
        answers.store(table, [answer], saying={"answered"}, at=at)
    return answer.sha256


def test_old_answers_about_hosts_that_are_no_open_case_go_and_what_they_said_stays(settings):
    dismissed(settings, "acme-a.example", at=LONG_AGO)
    open_hosts(settings, "acme-b.example", now=LONG_AGO + timedelta(days=1))
    over = answered(settings, "acme-a.example", b"over", at=LONG_AGO)
    still = answered(settings, "acme-b.example", b"still", at=LONG_AGO + timedelta(seconds=1))
    nobody = answered(settings, "other.example", b"nobody", at=LONG_AGO + timedelta(seconds=2))
    fresh = answered(settings, "other.example", b"fresh", at=NOW - timedelta(days=2))
    delete_due(settings, actor="flow:forget", now=NOW)
    with Answers(settings.lake) as answers:
        found = {sha256: answers.read_answer(sha256) for sha256 in (over, still, nobody, fresh)}
        assert [found[sha256] is not None for sha256 in found] == [False, True, False, True]
        assert len(answers.findings([host_key("acme-a.example")])) == 1


def test_an_answer_that_a_held_case_needs_is_counted_as_held(settings):
    case_id = dismissed(settings, "acme-a.example", at=LONG_AGO)
    answered(settings, "acme-a.example", b"over", at=LONG_AGO)
    with writing(settings) as book:
        book.hold([case_id], reason="court", actor="Jo", now=NOW)
    assert (due(settings, "answers").items, due(settings, "answers").held) == ((), 1)


def test_without_a_casebook_nothing_is_due(settings):
    answered(settings, "other.example", b"x", at=LONG_AGO)
    assert due_now(settings, now=NOW) == ()


def test_the_command_tells_first_and_deletes_then(settings, capsys, monkeypatch):
    monkeypatch.setenv("NAMAAK_ACTOR", "Jo")
    sha256 = captured(
        settings, dismissed(settings, "acme-a.example", at=LONG_AGO), b"page", at=LONG_AGO
    )
    given = ["forget", "--watch", str(settings.watch_path), "--json"]
    assert invoke([*given, "--dry-run"]) == 0
    rows = {row["class"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["captures"]["items"] == 2
    assert rows["bystanders"]["items"] == 0
    assert kept(settings, sha256)
    assert invoke(given) == 0
    assert not kept(settings, sha256)


def test_for_people_it_is_a_table_of_all_classes(settings, capsys, monkeypatch):
    monkeypatch.setenv("NAMAAK_ACTOR", "Jo")
    captured(settings, dismissed(settings, "acme-a.example", at=LONG_AGO), b"page", at=LONG_AGO)
    for given in (["--dry-run"], []):
        assert invoke(["forget", "--watch", str(settings.watch_path), *given]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split("\t") == [
            "class", "items", "bytes", "held", "waiting", "oldest_at", "rule",
        ]  # fmt: skip
        assert any(line.startswith("captures\t2\t") for line in lines)
