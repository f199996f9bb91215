"""From a capture to its row: stored by digest, told in the history, once."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest

from namaak.brands import parse_watch_file
from namaak.capturing.captured import Captured, CaptureOutcome, Limits
from namaak.capturing.clock import clock_facts
from namaak.capturing.document import capture_document
from namaak.capturing.judging import Judgement
from namaak.capturing.keeping import keep
from namaak.capturing.places import Place, place_named, places
from namaak.capturing.visited import Visited
from namaak.casework.capture_reading import captures_of, packs_of
from namaak.casework.casebook import Casebook
from namaak.casework.events import canonical_json
from namaak.casework.reading import open_snapshot, read_case, verify_history
from namaak.enriching.proxy import Passed
from namaak.errors import UsageError, WatchFileError
from namaak.evidence_store import EvidenceStore
from namaak.records import case_id
from tests.capturing.test_frames import PNG
from tests.capturing.test_warc import exchange
from tests.enriching.cases import host_match, made

HOST = "waldermond-login.test"
CASE = case_id("waldermond", f"host:{HOST}")
BEGUN = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
ENDED = datetime(2026, 11, 22, 12, 0, 9, tzinfo=UTC)
WATCH = """
[watch]
contact = "abuse@waldermond.example"
[enrichment]
resolvers = ["192.0.2.53"]
[brands.waldermond]
name = "Waldermond"
"""


def one(outcome: CaptureOutcome = CaptureOutcome.OK, *, archive: bytes | None = b"PK") -> Captured:
    files = {"screenshot-view.png": PNG} | ({"capture.wacz": archive} if archive else {})
    last = exchange(b"<title>x</title>", response_headers=[["Server", "x"]])
    document = capture_document(
        about={"case_id": CASE, "subject": HOST, "operator": "Ada Example"},
        urls=[f"https://{HOST}/"], started_at=BEGUN, ended_at=ENDED,
        judgement=Judgement(outcome=outcome, reason=None if outcome == "ok" else "because"),
        notes=[], visited=Visited(sent=3, title="x", browser="156"), last=last, exchanges=[last],
        passed=Passed(carried_bytes=99, addresses={"a.test": "192.0.2.7"}), names=[],
        certificates=[], place=Place(name="here", resolvers=("192.0.2.53",)), limits=Limits(),
        viewport="1280x1024", sandbox=True, tools={"namaak": "0"}, clock=clock_facts(), files=files,
    )  # fmt: skip
    return Captured(document=document, outcome=outcome, wacz=archive, view_png=PNG)


@pytest.fixture
def world(tmp_path):
    return made(tmp_path, "enabled = false", [host_match(HOST, odds=2.0)])


def written(world, *rows, what="capture"):
    with Casebook.writing(working=world.working_casebook, published=world.casebook) as book:
        for row in rows:
            getattr(book, f"record_{what}")(row)


def test_bytes_are_found_again_by_the_row(world):
    store = EvidenceStore(world.evidence)
    captured = one()
    row = keep(captured, store)
    assert store.read(row["wacz_sha256"]) == b"PK"
    assert store.read(row["view_sha256"]) == PNG
    assert row["full_sha256"] is row["warc_sha256"] is None
    assert json.loads(store.read(row["document_sha256"])) == captured.document
    assert row["document_sha256"] == hashlib.sha256(canonical_json(captured.document)).hexdigest()


def test_a_capture_is_a_row_and_an_event_once(world):
    row = keep(one(), EvidenceStore(world.evidence))
    written(world, row, row)
    written(world, row)
    with open_snapshot(world.casebook) as snapshot:
        (kept,) = captures_of(snapshot, CASE)
        found = read_case(snapshot, CASE)
        assert verify_history(snapshot) is None
    assert kept == row
    (event,) = (event for event in found.events if event["kind"] == "captured")
    assert (event["actor"], event["happened_at"]) == ("Ada Example", ENDED)
    told = json.loads(event["data"])
    assert told["wacz_sha256"] == row["wacz_sha256"]
    assert told["document_sha256"] == row["document_sha256"]
    assert "full_sha256" not in told
    assert found.case["updated_at"] == ENDED


def test_a_capture_that_failed_is_kept_with_why(world):
    store = EvidenceStore(world.evidence)
    failed = keep(one(CaptureOutcome.FAILED, archive=None), store)
    whole = keep(one(), store)
    written(world, whole, failed)
    with open_snapshot(world.casebook) as snapshot:
        rows = captures_of(snapshot, CASE)
    assert {row["outcome"]: row["reason"] for row in rows} == {"failed": "because", "ok": None}
    assert [row["capture_id"] for row in rows if row["wacz_sha256"]] == [whole["capture_id"]]


def test_a_capture_of_no_case_is_refused_and_nothing_stays(world):
    row = keep(one(), EvidenceStore(world.evidence)) | {"case_id": "NK-ZZZZZZZZZZZZ"}
    with pytest.raises(UsageError, match="no case"):
        written(world, row)
    written(world)
    with open_snapshot(world.casebook) as snapshot:
        assert snapshot.execute("from captures").fetchall() == []


def test_a_pack_is_a_row_and_an_event_once(world):
    row = {
        "pack_id": "NP-1", "case_id": CASE, "made_at": ENDED, "actor": "Ada Example",
        "profile": "full", "path": "packs/one", "tagmanifest_sha256": "0" * 64, "signed": True,
        "stamped": False,
    }  # fmt: skip
    written(world, row, row, what="pack")
    with open_snapshot(world.casebook) as snapshot:
        assert packs_of(snapshot, CASE) == [row]
        events = [event["kind"] for event in read_case(snapshot, CASE).events]
    assert events.count("packed") == 1


def test_the_kernel_tells_whether_the_clock_follows_others():
    facts = clock_facts()
    assert facts["source"] == "system clock, UTC"
    assert facts["synchronised"] in (True, False, None)
    canonical_json(facts)


# From where


def test_the_vantage_here_needs_no_table_and_asks_the_usual_resolvers():
    (here,) = places(parse_watch_file(WATCH), {})
    assert (here.name, here.resolvers, here.proxy) == ("here", ("192.0.2.53",), None)


def test_a_proxys_password_comes_from_the_environment_alone():
    text = WATCH + '[[vantages]]\nname = "berlin-2"\nproxy = "http://192.0.2.9:3128"\n'
    environ = {"NAMAAK_PROXY_BERLIN_2": "user:secret"}
    place = place_named(parse_watch_file(text), "berlin-2", environ)
    assert place.credentials == "user:secret"
    assert "secret" not in repr(place)


@pytest.mark.parametrize(
    "line",
    ['name = "here"', 'name = "Berlin"', 'name = "a"\nproxy = "http://u:p@192.0.2.9:1"',
     'name = "a"\naddress = "berlin"', 'name = "a"\nlocale = "english"'],
)  # fmt: skip
def test_a_vantage_that_cannot_be_is_refused(line):
    with pytest.raises(WatchFileError):
        parse_watch_file(f"{WATCH}[[vantages]]\n{line}\n")


def test_an_unknown_vantage_names_those_there_are():
    with pytest.raises(UsageError, match="use one of here"):
        place_named(parse_watch_file(WATCH), "berlin", {})


def test_without_a_resolver_nobody_is_asked():
    watch = parse_watch_file(WATCH.replace('resolvers = ["192.0.2.53"]\n', ""))
    with pytest.raises(UsageError, match="names no resolver"):
        place_named(watch, "here", {})
