"""A page of loopback visited by a real Chromium, packed, and checked by other people's programs."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from namaak.capturing import lacking
from namaak.capturing.keeping import keep
from namaak.casework.events import ChainHead, Draft, EventKind, chain
from namaak.casework.evidence.checking import verify_pack
from namaak.casework.evidence.material import Enclosed, Profile
from namaak.casework.evidence.pdf import Printer
from namaak.evidence_store import EvidenceStore
from tests.capturing.hosts import strangers
from tests.capturing.world import captured
from tests.casework.evidence.test_pack import CASE_ID, Specimen, files_of, packed, specimen
from tests.peers import nsd

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Enclosed]:
    if (reason := lacking()) is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("visit")
    zone = "@ IN A 127.0.0.1\n* IN A 127.0.0.1\n"
    with nsd({"test": zone}, folder) as zones, strangers() as port:
        found = captured(zones, f"http://good.test:{port}/go", ports=(port,), max_height=3000)
    store = EvidenceStore(folder / "evidence")
    row = keep(found, store) | {"case_id": CASE_ID}
    names = [name for name in row if name.endswith("_sha256") and row[name]]
    kept = {row[name]: store.read(row[name]) for name in names}
    return row, Enclosed(captures=[row], kept=kept)


def told_of(row: dict) -> Specimen:
    case = specimen()
    draft = Draft(
        case_id=CASE_ID, kind=EventKind.CAPTURED, actor=row["operator"],
        happened_at=row["ended_at"], data={"wacz_sha256": row["wacz_sha256"]},
    )  # fmt: skip
    events = list(chain([draft], ends={}, head=ChainHead()))
    return Specimen(case=case.case, signals=case.signals, matches=case.matches, events=events)


def accepts(module: str, *arguments: str, cwd: Path) -> bool:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, timeout=120).returncode == 0


def test_a_visited_page_is_packed_and_other_people_s_programs_accept_all_of_it(
    visited: tuple[dict, Enclosed], tmp_path: Path
) -> None:
    row, enclosed = visited
    assert row["outcome"] == "ok"
    with Printer() as printer:
        to_pdf = printer if importlib.util.find_spec("weasyprint") else None
        pack = packed(tmp_path / "packs", told_of(row), enclosed=enclosed, to_pdf=to_pdf)
    (folder,) = (pack / "data" / "captures").iterdir()
    assert folder.name.endswith("Z-here")
    names = {path.name for path in folder.iterdir()}
    assert {"capture.wacz", "capture.json", "dom.html", "screenshot-full.png",
            "screenshot-view.png"} <= names  # fmt: skip
    document = json.loads((folder / "capture.json").read_text())
    for name, told in document["files"].items():
        if (folder / name).exists():
            assert (folder / name).stat().st_size == told["bytes"], name
    assert accepts("wacz.main", "validate", "-f", str(folder / "capture.wacz"), cwd=tmp_path)
    shutil.unpack_archive(folder / "capture.wacz", tmp_path / "page", "zip")
    (warc,) = (tmp_path / "page" / "archive").glob("*.warc.gz")
    assert accepts("warcio.cli", "check", str(warc), cwd=tmp_path)
    assert accepts("bagit", "--validate", str(pack), cwd=tmp_path)
    assert verify_pack(pack) == ()
    page = (pack / "data" / "report.html").read_text()
    assert "the page as a visitor saw it" in page


def test_a_notice_of_a_visited_page_does_not_say_who_sat_at_it(
    visited: tuple[dict, Enclosed], tmp_path: Path
) -> None:
    row, enclosed = visited
    assert row["operator"] == "Ada Example"
    case = told_of(row)
    pack = packed(tmp_path, case, enclosed=enclosed, profile=Profile.NOTICE)
    said = files_of(pack)
    assert any(name.endswith("capture.wacz") for name in said)
    assert not [name for name, content in said.items() if b"Ada Example" in content]
    (wacz,) = pack.glob("data/captures/*/capture.wacz")
    shutil.unpack_archive(wacz, tmp_path / "page", "zip")
    inside = [path for path in (tmp_path / "page").rglob("*") if path.is_file()]
    assert not [path for path in inside if b"Ada Example" in path.read_bytes()]
    assert verify_pack(pack) == ()
