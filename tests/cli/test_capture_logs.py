"""From an entry of a log to a proof in a pack: gathered, captured, packed, verified."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from namaak.capturing import lacking
from namaak.casework.capture_reading import captures_of
from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot, read_case
from namaak.cli import capture as command
from namaak.cli import invoke
from namaak.evidence_store import EvidenceStore
from namaak.lake import Lake
from namaak.proving import MOST, document_bytes, entries_in_words, prove_entries
from namaak.records import case_id
from namaak.settings import Settings, load_settings
from tests.casework.notices.world import capture
from tests.ct_entries import cheap_entry
from tests.ct_log import CtLog, some_entries
from tests.enriching.cases import host_match, made
from tests.enriching.world import allowed, clock
from tests.peers import nginx, nsd
from tests.sources.certificates.one_log import OneLog

HOST = "waldermond-login.test"
CASE = case_id("waldermond", f"host:{HOST}")
INDEX = 300

pytestmark = pytest.mark.peer


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch):
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NAMAAK_ACTOR", "Ada Example")


def a_log(folder: Path) -> CtLog:
    folder.mkdir()
    log = CtLog(folder)
    log.append(some_entries(INDEX))
    # Another name comes first: of the rows at that place the case's own is wanted.
    log.append([cheap_entry(["aaa.test", HOST], number=INDEX)])
    log.append(some_entries(211, start=INDEX + 1))
    log.publish()
    return log


def a_world(folder: Path, log: CtLog, served, *positions: int) -> Settings:
    """The log was read to its end, and a case is about one name of it."""
    matches = [
        host_match(
            HOST, odds=2.0, source="ct", instance=log.log_id.hex(), position=position,
            value=f"{HOST}{' ' * number}",
        )
        for number, position in enumerate(positions or (INDEX,))
    ]  # fmt: skip
    settings = made(folder, 'resolvers = ["192.0.2.53"]', matches)
    text = settings.watch_path.read_text()
    table = '[sources.ct]\nlog_list = "logs.json"\nrequests_per_second = 50\n'
    settings.watch_path.write_text(text + table)
    one = OneLog(folder, log, served)
    one.lake = settings.lake
    one.gather()
    return load_settings(settings.watch_path, {})


def asked(settings: Settings, served) -> dict:
    with open_snapshot(settings.casebook) as snapshot:
        found = read_case(snapshot, CASE)
    document = prove_entries(settings, found, clock=clock, allow=allowed(served.port))
    assert document is not None
    # As it is kept: whole numbers and text only.
    return json.loads(document_bytes(document))


@pytest.mark.timeout(180)
def test_a_capture_keeps_the_logs_proof_and_the_pack_proves_it(tmp_path, capsys, monkeypatch):
    if (reason := lacking()) is not None:
        pytest.skip(reason)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<title>Waldermond login</title>hello")
    log = a_log(tmp_path / "log")
    zone = {"test": "* IN A 127.0.0.1\n"}
    with (
        nsd(zone, tmp_path) as zones,
        nginx(tmp_path / "site") as site,
        nginx(tmp_path / "log") as logs,
    ):
        settings = a_world(tmp_path, log, logs)
        text = settings.watch_path.read_text().replace("192.0.2.53", zones.address)
        settings.watch_path.write_text(f"{text}[evidence]\ncapture_seconds = 30\n")
        monkeypatch.setattr(command, "_allowed", allowed(site.port, logs.port))
        ran = partial(run, capsys, settings)
        code, out, err = ran("capture", CASE, "--url", f"http://{HOST}:{site.port}/", "--json")
    assert code == 0, err
    assert f"Proved: entry {INDEX} of the log {log.log_id.hex()[:16]}…" in err
    row = json.loads(out)
    content = EvidenceStore(settings.evidence).read(row["ct_sha256"])
    assert json.loads(content)["entries"][0]["outcome"] == "found"
    document = json.loads(EvidenceStore(settings.evidence).read(row["document_sha256"]))
    assert document["files"]["ct-proofs.json"]["sha256"] == row["ct_sha256"]
    with open_snapshot(settings.casebook) as snapshot:
        (kept,) = captures_of(snapshot, CASE)
        (event,) = [one for one in read_case(snapshot, CASE).events if one["kind"] == "captured"]
    assert kept["ct_sha256"] == json.loads(event["data"])["ct_sha256"] == row["ct_sha256"]
    code, out, err = ran("pack", CASE, "-o", str(tmp_path / "packs"), "--no-pdf", "--json")
    assert code == 0, err
    pack = Path(json.loads(out)["pack"])
    (entry,) = json.loads((pack / "data/network/ct.json").read_text())["entries"]
    assert (entry["host"], entry["proof_outcome"]) == (HOST, "found")
    assert entry["proves"]["names"] == ["aaa.test", HOST]
    given = ("verify", str(pack), "--logs", str(tmp_path / "logs.json"))
    code, out, err = ran(*given, watch=False)
    assert code == 0, err
    assert f"one for {HOST}, aaa.test" in out and "in logs of the list that you gave" in out
    other = CtLog(tmp_path / "other", origin="other.example")
    (tmp_path / "others.json").write_text(
        json.dumps({"logs": [{"origin": "o.example", "key": other.list_entry("x")["key"]}]})
    )
    code, _, err = ran("verify", str(pack), "--logs", str(tmp_path / "others.json"), watch=False)
    assert code == 1 and "the list you gave does not name" in err
    assert ran("verify", str(pack), "--logs", str(tmp_path / "none"), watch=False)[0] == 2
    assert ran("verify", str(pack), "--logs", str(pack / "bagit.txt"), watch=False)[0] == 2


def run(capsys, settings: Settings, *tokens: str, watch: bool = True) -> tuple[int, str, str]:
    capsys.readouterr()
    given = ("--watch", str(settings.watch_path)) if watch else ()
    code = invoke([*tokens, *given])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_it_is_proved_under_the_head_under_which_it_was_read(tmp_path):
    log = a_log(tmp_path / "log")
    with nginx(tmp_path / "log") as served:
        settings = a_world(tmp_path, log, served)
        log.append(some_entries(900, start=512))
        log.publish()
        document = asked(settings, served)
    (entry,) = document["entries"]
    assert entry["outcome"] == "found" and entry["says"] is None
    assert entry["proof"]["head"].split("\n")[1] == "512"
    assert document["case_id"] == CASE
    (words,) = entries_in_words(document)
    assert words.startswith("Proved: ") and "stood there by 2026-07-01" in words


def test_the_list_of_logs_may_be_one_that_is_published_and_is_asked_for_once(tmp_path):
    log = a_log(tmp_path / "log")
    with nginx(tmp_path / "log") as served:
        settings = a_world(tmp_path, log, served)
        shutil.copy(tmp_path / "logs.json", tmp_path / "log" / "logs.json")
        text = settings.watch_path.read_text()
        text = text.replace('"logs.json"', f'"{served.url}/logs.json"')
        settings.watch_path.write_text(text)
        before = len(served.requests())
        (entry,) = asked(load_settings(settings.watch_path, {}), served)["entries"]
        paths = [one.path for one in served.requests()[before:]]
    assert entry["outcome"] == "found"
    assert paths[:2] == ["/logs.json", "/checkpoint"] and paths.count("/logs.json") == 1
    # One tile of entries and few of hashes: nothing else of a log of millions.
    assert sorted(paths[2:]) == ["/tile/0/001", "/tile/1/000.p/2", "/tile/data/001"]


def test_of_what_is_not_proved_every_reason_is_said(tmp_path):
    log = a_log(tmp_path / "log")
    with nginx(tmp_path / "log") as served:
        settings = a_world(tmp_path, log, served)
        listed = (tmp_path / "logs.json").read_bytes()
        other = CtLog(tmp_path / "other", origin="other.example")
        in_the_leaf = "tile/data/001", len(log.data_tile(256, INDEX)) + 7
        for change, outcome, says in (
            (lambda: log.tamper(*in_the_leaf), "does-not-verify", "another entry"),
            (lambda: (tmp_path / "log/tile/data/001").unlink(), "not-offered", "404"),
            (lambda: (tmp_path / "log/checkpoint").unlink(), "log-gone", "not there any more"),
            (lambda: OneLog(tmp_path, other, served), "log-gone", "does not name the log any more"),
            (lambda: (tmp_path / "logs.json").unlink(), "unanswered", "was not to be had"),
        ):
            change()
            (entry,) = asked(settings, served)["entries"]
            assert (entry["outcome"], entry["proof"]) == (outcome, None), entry
            assert says in entry["says"], entry
        (tmp_path / "logs.json").write_bytes(listed)
        without = a_watch_file_without_logs(settings)
        (entry,) = asked(without, served)["entries"]
        assert entry["outcome"] == "not-asked" and "[sources.ct]" in entry["says"]
        settings.watch_path.write_text(settings.watch_path.read_text() + "[sources.nobodys]\n")
        (entry,) = asked(load_settings(settings.watch_path, {}), served)["entries"]
        assert entry["outcome"] == "not-asked" and "nobodys" in entry["says"]
        (settings.lake / "manifest.sqlite").write_bytes(b"no database")
        (entry,) = asked(settings, served)["entries"]
        assert entry["outcome"] == "not-asked" and "The lake could not be read" in entry["says"]
    (words,) = entries_in_words({"entries": [entry]})
    assert words.startswith("Not asked: ")


def a_watch_file_without_logs(settings: Settings) -> Settings:
    text = settings.watch_path.read_text()
    settings.watch_path.write_text(
        text.replace("[sources.ct]\n", "[sources.ct]\nenabled = false\n")
    )
    return load_settings(settings.watch_path, {})


def test_what_the_lake_does_not_hold_is_not_asked_for_and_stands_before_nobody(tmp_path):
    log = a_log(tmp_path / "log")
    with nginx(tmp_path / "log") as served:
        settings = a_world(tmp_path, log, served, INDEX, *range(9_000, 9_000 + MOST))
        entries = asked(settings, served)["entries"]
    assert [one["outcome"] for one in entries] == [*["not-asked"] * MOST, "found"]
    assert "does not hold the observation" in entries[0]["says"]


def test_each_capture_goes_on_where_the_one_before_it_ended_and_begins_with_the_newest(tmp_path):
    log = a_log_of_one_host(tmp_path / "log", 2 * MOST + 3)
    with nginx(tmp_path / "log") as served:
        settings = a_world(tmp_path, log, served, *range(2 * MOST + 3))
        newest = captured(settings, asked(settings, served))
        assert newest["found"] == {*range(MOST + 3, 2 * MOST + 3)}
        assert len(newest["not-asked"]) == MOST + 3
        before = captured(settings, asked(settings, served))
        assert before["found"] == {*range(3, MOST + 3)}
        last = asked(settings, served)
    assert {*range(3)} < captured(settings, last)["found"]
    said = {one["leaf_index"]: one["says"] for one in last["entries"]}
    assert "An earlier capture keeps its proof" in said[3]
    words = [one for one in entries_in_words(last) if f"entry {MOST} " in one]
    assert words[0].startswith("Not asked: ")


def test_a_log_that_never_answers_does_not_stand_before_the_others_for_good(tmp_path, monkeypatch):
    log = a_log_of_one_host(tmp_path / "log", MOST + 2)
    with nginx(tmp_path / "log") as served:
        settings = a_world(tmp_path, log, served, *range(MOST + 2))
        with monkeypatch.context() as hurried:
            hurried.setattr("namaak.proving.SECONDS", 0.0)
            late = captured(settings, asked(settings, served))
        assert late["unanswered"] == {*range(2, MOST + 2)}
        assert {0, 1} < captured(settings, asked(settings, served))["found"]


def a_log_of_one_host(folder: Path, entries: int) -> CtLog:
    folder.mkdir()
    log = CtLog(folder)
    log.append([cheap_entry([HOST], number=number) for number in range(entries)])
    # A whole tile: one that still grows is not read at once.
    log.append(some_entries(256 - entries, start=entries))
    log.publish()
    return log


def captured(settings: Settings, document: dict) -> dict[str, set[int]]:
    """Kept as the proofs of a capture; the positions by what came of them."""
    store = EvidenceStore(settings.evidence)
    row = capture(CASE, HOST, store, clock() + timedelta(seconds=len(document_bytes(document))))
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.record_capture(row | {"ct_sha256": store.keep(document_bytes(document))})
    outcomes: dict[str, set[int]] = {}
    for one in document["entries"]:
        outcomes.setdefault(one["outcome"], set()).add(one["leaf_index"])
    return outcomes


def test_a_case_that_no_log_told_of_asks_nobody(tmp_path):
    settings = made(tmp_path, "", [host_match(HOST, odds=2.0)])
    with open_snapshot(settings.casebook) as snapshot:
        found = read_case(snapshot, CASE)
    assert prove_entries(settings, found, clock=clock) is None
    assert not settings.lake.exists()


def test_a_log_that_never_answers_holds_nobody_up(tmp_path, monkeypatch):
    import socket

    log = a_log(tmp_path / "log")
    with nginx(tmp_path / "log") as served:
        settings = a_world(tmp_path, log, served)
    monkeypatch.setattr("namaak.proving.SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", served.port)):
        (entry,) = asked(settings, served)["entries"]
    assert entry["outcome"] == "unanswered" and "longer than the 1 seconds" in entry["says"]


def test_of_several_names_of_one_certificate_the_lake_gives_the_one_asked_for(tmp_path):
    log = a_log(tmp_path / "log")
    with nginx(tmp_path / "log") as served:
        settings = a_world(tmp_path, log, served)
    with Lake(settings.lake) as lake:
        given = ("ct", log.log_id.hex(), INDEX)
        assert lake.observation(*given)["host"] == "aaa.test"
        assert lake.observation(*given, subject_key=f"host:{HOST}")["host"] == HOST
        assert lake.observation(*given, subject_key="host:other.test")["host"] == "aaa.test"
