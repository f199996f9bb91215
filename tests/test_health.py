"""`namaak doctor`: what is wrong is found, and a check that cannot be made says so."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from namaak import health
from namaak.casework.casebook import Casebook
from namaak.decoding.wordmarks import TextReader
from namaak.errors import Failure, SourceError
from namaak.health import Check, examine
from namaak.lake import Lake
from namaak.settings import load_settings

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
WATCH = '[watch]\ncontact = "abuse@acme.example"\n[brands.acme]\nname = "ACME"\n'


@pytest.fixture
def watch_path(tmp_path: Path) -> Path:
    path = tmp_path / "watch.toml"
    path.write_text(WATCH)
    return path


@pytest.fixture
def published(watch_path: Path) -> Path:
    """An empty casebook, published an hour ago."""
    settings = load_settings(watch_path, {})
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.wake_snoozed(now=NOW)
    stamp(settings.casebook, NOW - timedelta(hours=1))
    return settings.casebook


def stamp(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def found(watch_path: Path, **environ: str) -> dict[str, Check]:
    checks = examine(watch_path, environ, now=NOW)
    by_name = {check.what: check for check in checks}
    assert len(by_name) == len(checks)
    return by_name


def test_a_fresh_folder_has_notes_and_nothing_wrong(watch_path: Path) -> None:
    checks = found(watch_path)
    assert not [check for check in checks.values() if check.state == "wrong"]
    assert checks["lake"].state == checks["casebook"].state == "note"
    assert "`namaak run`" in checks["lake"].says and "`namaak run`" in checks["casebook"].says


def test_looking_makes_no_file_in_a_fresh_folder(watch_path: Path) -> None:
    found(watch_path)
    assert [path.name for path in watch_path.parent.iterdir()] == ["watch.toml"]


def test_a_package_that_is_missing_is_wrong(
    watch_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_PACKAGES", ("duckdb", "no-such-package-at-all"))
    checks = found(watch_path)
    assert checks["duckdb"].state == "fine" and checks["duckdb"].says[0].isdigit()
    assert checks["no-such-package-at-all"].state == "wrong"
    assert "install the locked set" in checks["no-such-package-at-all"].says


def test_a_machine_that_reads_no_text_in_pictures_is_told_and_is_not_wrong(
    watch_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "find_reader", lambda: None)
    check = found(watch_path)["wordmarks"]
    assert check.state == "note" and "tesseract" in check.says
    monkeypatch.setattr(health, "find_reader", lambda: TextReader("", "tesseract 5.3.0"))
    check = found(watch_path)["wordmarks"]
    assert (check.state, check.says) == ("fine", "read by tesseract 5.3.0")


def test_without_a_watch_file_only_what_needs_none_is_checked(tmp_path: Path) -> None:
    checks = found(tmp_path / "watch.toml")
    assert checks["watch file"].state == "wrong"
    assert "There is no watch file" in checks["watch file"].says
    assert "server" in checks and "casebook" not in checks


def test_faults_of_the_watch_file_beyond_its_form_are_told(watch_path: Path) -> None:
    watch_path.write_text(WATCH + 'logos = ["gone.png"]\n')
    check = found(watch_path)["watch file"]
    assert check.state == "wrong" and "gone.png cannot be read" in check.says


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_answers_and_one_that_does_not(watch_path: Path, listening: int) -> None:
    address = f"http://127.0.0.1:{listening}/api"
    assert found(watch_path, PREFECT_API_URL=address)["server"].state == "fine"
    with socket.socket() as bound:  # taken, and nobody listens
        bound.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}/api"
        check = found(watch_path, PREFECT_API_URL=address)["server"]
    assert check.state == "wrong" and "does not answer" in check.says


@pytest.mark.parametrize("address", ["http://127.0.0.1:99999/api", "http://[", "http://x:port"])
def test_a_server_s_address_that_is_none_is_wrong(watch_path: Path, address: str) -> None:
    check = found(watch_path, PREFECT_API_URL=address)["server"]
    assert check.state == "wrong" and "is no address" in check.says


def test_a_disk_that_is_nearly_full_is_wrong(
    watch_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(watch_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_000_000_000))
    assert found(watch_path)["disk"].state == "fine"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100_000_000))
    check = found(watch_path)["disk"]
    assert (check.state, check.says.partition(" GB")[0]) == ("wrong", "0.1")


def test_the_disk_of_a_data_folder_that_is_not_there_yet_is_looked_at(watch_path: Path) -> None:
    check = found(watch_path, NAMAAK_DATA=str(watch_path.parent / "a" / "b"))["disk"]
    assert check.says.endswith("for " + str(watch_path.parent / "a" / "b"))


def test_the_lake_is_counted(watch_path: Path) -> None:
    with Lake(load_settings(watch_path, {}).lake):
        pass
    check = found(watch_path)["lake"]
    assert check.state == "fine"
    assert check.says.startswith("0 observations in 0 batches")


def test_a_lake_that_cannot_be_opened_is_wrong(watch_path: Path) -> None:
    lake = load_settings(watch_path, {}).lake
    with Lake(lake):
        pass
    for left in lake.glob("manifest.sqlite*"):
        left.write_bytes(b"no database at all, but long enough for a header" * 10)
    check = found(watch_path)["lake"]
    assert check.state == "wrong" and "manifest.sqlite" in check.says


def test_a_casebook_is_as_old_as_its_publishing(watch_path: Path, published: Path) -> None:
    checks = found(watch_path)
    assert checks["casebook"] == Check(
        state="fine", what="casebook", says="published 1.0 hours ago"
    )
    assert checks["history"].state == "fine"
    stamp(published, NOW - timedelta(days=3))
    stale = found(watch_path)["casebook"]
    assert stale.state == "note" and "no run for two days" in stale.says


def test_a_casebook_that_is_damaged_is_wrong(watch_path: Path, published: Path) -> None:
    published.write_bytes(b"no database")
    checks = found(watch_path)
    assert checks["casebook"].state == "wrong" and str(published) in checks["casebook"].says
    assert "history" not in checks


def test_a_history_that_was_changed_is_wrong(
    watch_path: Path, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "event 1 of case NK-9FNBGW9JXTVS was changed: its hash does not fit what it says"
    monkeypatch.setattr(health, "verify_history", lambda _: broken)
    assert found(watch_path)["history"] == Check(state="wrong", what="history", says=broken)


def test_a_log_that_was_set_aside_is_told_with_what_to_do(
    watch_path: Path, published: Path
) -> None:
    working = load_settings(watch_path, {}).working_casebook
    log = working.with_name(f"{working.name}.wal.20261122T100000.0Z.lost")
    log.write_bytes(b"")
    check = found(watch_path)["lost log"]
    assert check.state == "note" and str(log) in check.says and "backup" in check.says


def test_a_lock_that_is_held_is_told_with_its_holder(watch_path: Path, published: Path) -> None:
    assert found(watch_path)["lock"] == Check(state="fine", what="lock", says="free")
    working = load_settings(watch_path, {}).working_casebook
    with FileLock(working.with_name(working.name + ".lock")):
        check = found(watch_path)["lock"]
    assert check.state == "note" and check.says.startswith("held by ")


def test_a_log_that_was_stopped_is_wrong_and_says_what_to_do(watch_path: Path) -> None:
    with Lake(load_settings(watch_path, {}).lake) as lake:
        lake.record_failure(
            SourceError("It signed two trees.", Failure.INTEGRITY),
            source="ct", instance="0a1b", label="Elm2027h1", at=NOW,
        )  # fmt: skip
    check = found(watch_path)["ct Elm2027h1"]
    assert check.state == "wrong"
    assert "two trees" in check.says and "namaak resume" in check.says


def test_a_key_that_a_source_needs_and_nobody_set_is_noted(watch_path: Path) -> None:
    watch_path.write_text(WATCH + "[sources.czds]\n")
    check = found(watch_path)["key of czds"]
    assert check.state == "note" and "CZDS_PASSWORD" in check.says
    keys = {"CZDS_USERNAME": "ann", "CZDS_PASSWORD": "secret"}
    assert "key of czds" not in found(watch_path, **keys)
