"""The flows: from a watch file and two lists to a published casebook, on Prefect's own server."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from detectors import observations
from namaak.casework.reading import find_cases, open_snapshot
from namaak.decoding.reading import decoded_logos
from namaak.decoding.wordmarks import find_reader
from namaak.decoding.workers import Decoders
from namaak.enrolment import enrol
from namaak.errors import SourceError, UsageError
from namaak.gathering import open_instances, wanted_sources
from namaak.lake import Lake
from namaak.settings import Settings, load_settings

LOGO = Path(__file__).resolve().parents[2] / "examples" / "logos" / "waldermond.png"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

WATCH = """
[watch]
contact = "abuse@waldermond.example"
data = "kept"

[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.example"]
logos = ["waldermond.png"]

[sources.files]
[[sources.files.inputs]]
path = "hosts.txt"
kind = "host"
[[sources.files.inputs]]
path = "profiles.jsonl"
kind = "account"
"""
SECOND_BRAND = """
[brands.kolibrant]
name = "Kolibrant"
"""
HOSTS = (
    "waldermond-login.test",
    "wa1dermond.test",
    "www.waldermond.example",
    "kolibrant-help.test",
    "tuinhuis.test",
)
PROFILE = {
    "platform": "x",
    "native_id": "77",
    "handle": "waldermond_hulp",
    "display_name": "Waldermond",
    "avatar": "face.png",
}
#: (brand, subject) of every case that these inputs make.
CASES = {
    ("waldermond", "waldermond-login.test"),
    ("waldermond", "wa1dermond.test"),
    ("waldermond", "x/@waldermond_hulp"),
}


@dataclass(frozen=True)
class World:
    """A folder with a watch file, its inputs, and whatever runs made of them."""

    folder: Path

    @property
    def watch(self) -> Path:
        return self.folder / "watch.toml"

    @property
    def settings(self) -> Settings:
        return load_settings(self.watch, {})

    def add(self, text: str) -> None:
        self.watch.write_text(self.watch.read_text() + text)

    def cases(self) -> set[tuple[str, str]]:
        with open_snapshot(self.settings.casebook) as snapshot:
            return {(case["brand"], case["subject"]) for case in find_cases(snapshot)}

    def state(self) -> dict[str, object]:
        """All that a run without news must leave as it was."""
        with open_snapshot(self.settings.casebook) as snapshot:
            cases = find_cases(snapshot)
            events = snapshot.execute("select * from events order by seq").fetchall()
        with Lake(self.settings.lake) as lake:
            totals = lake.totals()
            files = [file.name for file in lake.match_files()]
        return {"cases": cases, "events": events, "totals": totals, "files": files}


def _made(folder: Path) -> World:
    folder.mkdir(parents=True, exist_ok=True)
    world = World(folder)
    world.watch.write_text(WATCH)
    (folder / "hosts.txt").write_text("\n".join(HOSTS) + "\n")
    (folder / "profiles.jsonl").write_text(json.dumps(PROFILE) + "\n")
    shutil.copy(LOGO, folder / "waldermond.png")
    shutil.copy(LOGO, folder / "face.png")
    return world


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch):
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    monkeypatch.delenv("NAMAAK_WATCH", raising=False)


@pytest.fixture
def world(tmp_path):
    return _made(tmp_path)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Prefect's server for this process, and the module of the main flow."""
    from prefect.settings import PREFECT_HOME, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    home = {PREFECT_HOME: tmp_path_factory.mktemp("prefect")}
    with temporary_settings(home), prefect_test_harness(server_startup_timeout=300):
        yield importlib.import_module("flows.run")


@pytest.fixture(scope="session")
def first_run(server, tmp_path_factory):
    """A world that one run has gone over; nobody runs in it again."""
    world = _made(tmp_path_factory.mktemp("first"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NAMAAK_DATA", raising=False)
        counts = server.run(watch=str(world.watch))
    return world, counts


@pytest.fixture
def ran(first_run, tmp_path):
    """A copy of that world, to go on in."""
    shutil.copytree(first_run[0].folder, tmp_path, dirs_exist_ok=True)
    return World(tmp_path)


@pytest.fixture
def flows_run() -> ModuleType:
    return importlib.import_module("flows.run")


def _reports() -> list[str]:
    """Every run report without the backslashes that keep strangers' text inert."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["run-report"]))
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=wanted)
    return [str(artifact.data).replace("\\", "") for artifact in found]


def _urgent_cases() -> set[str]:
    """Case ids that events told of; the server takes them down a moment after they are sent."""
    from prefect.client.orchestration import get_client

    wanted = {"filter": {"event": {"name": ["namaak.case.opened"]}}}
    deadline = time.monotonic() + 20
    with get_client(sync_client=True) as client:
        while time.monotonic() < deadline:
            found = client.request("POST", "/events/filter", json=wanted).json()["events"]
            if found:
                return {event["payload"]["case_id"] for event in found}
            time.sleep(0.2)
    return set()


@pytest.mark.prefect
def test_a_run_publishes_the_cases_and_leaves_a_report_and_an_event_for_the_urgent(first_run):
    world, counts = first_run
    assert world.cases() == CASES
    assert counts["cases_opened"] == len(CASES)
    (report,) = [text for text in _reports() if "| files | hosts.txt | 5 |" in text]
    with open_snapshot(world.settings.casebook) as snapshot:
        urgent = {case["case_id"] for case in find_cases(snapshot, band="high")}
    assert urgent and all(case_id in report for case_id in urgent)
    assert _urgent_cases() >= urgent


@pytest.mark.prefect
def test_a_second_run_changes_nothing(server, ran):
    before = ran.state()
    counts = server.run(watch=str(ran.watch))
    assert counts["matches"] == counts["cases_opened"] == counts["cases_refreshed"] == 0
    assert ran.state() == before


@pytest.mark.prefect
def test_a_brand_that_is_added_is_matched_against_the_lake_and_the_others_are_not_again(
    server, ran
):
    before = ran.state()
    ran.add(SECOND_BRAND)
    server.run(watch=str(ran.watch))
    after = ran.state()
    assert ran.cases() == CASES | {("kolibrant", "kolibrant-help.test")}
    assert after["totals"] == before["totals"]
    new = set(after["files"]) - set(before["files"])
    assert set(before["files"]) < set(after["files"])
    with Lake(ran.settings.lake) as lake:
        files = [file for file in lake.match_files() if file.name in new]
        assert {
            brand for file in files for brand in lake.matches(file)["brand_id"].to_pylist()
        } == {"kolibrant"}
        reader = find_reader()
        versions = observations.version(reader.version if reader else None)
        everything = enrol(ran.settings.watch, detectors=versions)
        assert lake.pending(everything.fingerprints) == []


@pytest.mark.prefect
def test_a_missing_input_is_told_and_does_not_hold_up_the_others(server, world, caplog):
    (world.folder / "hosts.txt").unlink()
    with pytest.raises(SourceError, match=r"1 of 2 inputs could not be read.*hosts\.txt"):
        server.run(watch=str(world.watch))
    assert any(
        "hosts.txt" in record.message for record in caplog.records if record.name == "namaak"
    )
    assert world.cases() == {("waldermond", "x/@waldermond_hulp")}
    assert any("| files | hosts.txt | 0 |" in text for text in _reports())


@pytest.mark.prefect
def test_a_watch_file_that_is_missing_costs_one_sentence_and_exit_code_2(
    server, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", ["flows.run", "--watch", str(tmp_path / "no.toml")])
    logger = importlib.import_module("flows.progress").LOGGER
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "propagate", True)
    assert server.main() == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("namaak: ")]
    assert len(told) == 1
    assert "no.toml" in told[0]


def test_gathering_reads_an_input_once_and_says_what_it_gave(world, flows_run, caplog):
    gather = importlib.import_module("flows.gather")
    settings = world.settings
    for expected in (len(HOSTS), 0):
        (source, hosts), _ = open_instances(wanted_sources(settings.watch))
        done = gather.gather_one.fn(source, hosts, settings, hosts.label)
        assert (done.rows, done.failure) == (expected, None)
    assert [record.levelname for record in caplog.records if record.name == "namaak"] == [
        "INFO"
    ] * 2
    assert "hosts.txt: 5 rows" in caplog.text


def test_matching_a_batch_leaves_nothing_pending_for_its_brands(world, flows_run):
    gather = importlib.import_module("flows.gather")
    detect = importlib.import_module("flows.detect")
    settings = world.settings
    for source, instance in open_instances(wanted_sources(settings.watch)):
        gather.gather_one.fn(source, instance, settings, instance.label)
    enrolled = enrol(settings.watch, detectors=observations.version())
    with Decoders() as decoders:
        watchlist = observations.compile_watchlist(
            enrolled.brands, decoded_logos(enrolled.logos, decoders)
        )
        with Lake(settings.lake) as lake:
            (work,) = lake.pending(enrolled.fingerprints)
        assert len(work.batch_ids) == 2
        for batch_id in work.batch_ids:
            args = (batch_id, settings.lake, watchlist, dict(enrolled.fingerprints), decoders)
            assert detect.match_batch.fn(*args) == detect.match_batch.fn(*args) > 0
    with Lake(settings.lake) as lake:
        assert lake.pending(enrolled.fingerprints) == []
        assert len(lake.match_files()) == 2
    first, again = (flows_run.rank_and_publish.fn(settings, enrolled) for _ in range(2))
    assert (first.cases_opened, again.matches) == (len(CASES), 0)
    assert world.cases() == CASES


def test_only_what_may_pass_by_itself_is_tried_again(flows_run):
    from prefect.states import Failed

    gather_one = importlib.import_module("flows.gather").gather_one
    assert gather_one.retries
    may_retry = gather_one.retry_condition_fn
    assert may_retry(gather_one, None, Failed(data=ConnectionResetError("reset")))
    for told in (SourceError("The list is damaged."), UsageError("No such source.")):
        assert not may_retry(gather_one, None, Failed(data=told))


def test_a_line_of_a_running_flow_moves_no_cursor(caplog):
    logger = importlib.import_module("flows.progress")
    with caplog.at_level("INFO", logger="namaak"):
        logger.tell("gather", "a log called \x1b[2J\n2026 all is well")
    assert "\\x1b[2J\\n2026" in caplog.records[-1].getMessage()
