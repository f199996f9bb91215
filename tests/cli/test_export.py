"""`namaak export` as STIX, MISP and XARF: valid, of the cases that were named, whole or not at all.

Tables are looked at in test_on_a_casebook.py.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from pymisp import MISPEvent
from stix2validator import ValidationOptions, validate_string

from namaak.casework.casebook import Casebook
from namaak.cli import invoke
from namaak.evidence_store import EvidenceStore
from namaak.records import case_id
from namaak.settings import Settings
from tests.enriching.cases import host_match, made

HOST, OTHER = "waldermond-login.example", "waldermond-help.example"
CASE, SECOND = (case_id("waldermond", f"host:{host}") for host in (HOST, OTHER))
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Settings:
    return made(tmp_path_factory.mktemp("world"), "", [host_match(HOST), host_match(OTHER)])


@pytest.fixture(autouse=True)
def _here(world, monkeypatch, tmp_path):
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    monkeypatch.setenv("NAMAAK_WATCH", str(world.watch_path))
    monkeypatch.chdir(tmp_path)


def ran(capfdbinary, *tokens: str) -> tuple[int, bytes, str]:
    code = invoke(["export", *tokens])
    captured = capfdbinary.readouterr()
    return code, captured.out, captured.err.decode()


def test_stix_of_one_case_is_valid_and_of_that_case_alone(capfdbinary) -> None:
    code, out, _ = ran(capfdbinary, CASE, "--format", "stix", "--tlp", "green")
    assert code == 0
    assert validate_string(out.decode(), ValidationOptions(version="2.1")).is_valid
    found = json.loads(out)["objects"]
    assert {one["value"] for one in found if one["type"] == "domain-name"} == {HOST}
    assert "TLP:GREEN" in {one.get("name") for one in found}


def test_several_cases_stand_in_one_bundle(capfdbinary, tmp_path) -> None:
    code, out, err = ran(capfdbinary, CASE, SECOND[:9], "--format", "stix", "-o", "two.json")
    assert (code, out) == (0, b"")
    assert "2 cases to two.json" in err
    found = json.loads((tmp_path / "two.json").read_bytes())["objects"]
    assert {one["value"] for one in found if one["type"] == "domain-name"} == {HOST, OTHER}


def test_misp_of_one_case_is_read_by_its_own_library(capfdbinary) -> None:
    code, out, _ = ran(capfdbinary, CASE, "--format", "misp")
    read = MISPEvent()
    read.load(out.decode())
    assert code == 0
    assert read.info.startswith(CASE)


def test_the_same_command_gives_the_same_bytes(capfdbinary) -> None:
    for form in ("stix", "misp"):
        first = ran(capfdbinary, CASE, "--format", form)[1]
        assert first == ran(capfdbinary, CASE, "--format", form)[1] != b""


def test_tables_may_be_of_named_cases_too(capfdbinary) -> None:
    _, out, _ = ran(capfdbinary, SECOND, "--json")
    assert [json.loads(line)["case_id"] for line in out.splitlines()] == [SECOND]


def test_a_named_case_that_another_option_leaves_out_is_told(capfdbinary) -> None:
    code, _, err = ran(capfdbinary, CASE, SECOND, "--workflow", "closed")
    assert code == 0
    assert CASE in err and SECOND in err


def test_the_cases_of_a_campaign_come_along(capfdbinary) -> None:
    # Two hosts of one pattern of names are tied by nothing here, so the case stands alone.
    _, out, _ = ran(capfdbinary, CASE, "--campaign", "--json")
    assert [json.loads(line)["case_id"] for line in out.splitlines()] == [CASE]


@pytest.mark.parametrize(("form", "library"), [("stix", "stix2"), ("misp", "pymisp")])
def test_without_the_extra_it_says_in_one_sentence_how_to_get_it(
    capfdbinary, monkeypatch, form: str, library: str
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    code, out, err = ran(capfdbinary, CASE, "--format", form, "-o", "x.json")
    assert (code, out) == (1, b"")
    assert "install namaak with its extra exports" in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (("NK-ZZZZZZZZZZZZ", "--format", "stix"), "There is no case"),
        (("--format", "stix", "--brand", "nobody"), "nothing to export"),
        (("--campaign",), "name a case"),
        ((CASE, "--format", "xarf"), "`namaak notice draft` makes one"),
        ((CASE, "--format", "stix", "--tlp", "white"), "tlp"),
    ],
)
def test_wrong_use_is_said(capfdbinary, tokens: tuple[str, ...], says: str) -> None:
    code, out, err = ran(capfdbinary, *tokens)
    assert (code, out) == (2, b"")
    assert says.lower() in err.lower()


def test_what_cannot_be_written_leaves_nothing(capfdbinary, tmp_path) -> None:
    code, _, err = ran(capfdbinary, CASE, "--format", "misp", "-o", "no-folder/x.json")
    assert code == 1
    assert "no-folder" in err
    assert not list(tmp_path.rglob("*.part"))


def _action(book: Casebook, sha256: str) -> None:
    """A row of actions with something in every column that must not be empty."""
    schema = book._con.table("actions").limit(0).to_arrow_table().schema
    fillers: dict[str, Any] = {"string": "x", "timestamp[us, tz=UTC]": NOW, "int32": 1, "int64": 1}
    row = {field.name: fillers.get(str(field.type)) for field in schema}
    row |= {
        "action_id": "NA-000000000001", "state": "draft", "channel": "mail", "sent_how": None,
        "xarf_sha256": sha256,
    }  # fmt: skip
    incoming = pa.Table.from_pylist([row], schema=schema)
    book._con.register("incoming", incoming)
    book._con.execute("insert into actions by name from incoming")
    book._con.unregister("incoming")
    book._con.execute(
        "insert into action_cases (action_id, case_id, updated_at) values (?, ?, ?)",
        ["NA-000000000001", CASE, NOW],
    )
    book._mark.touch()


def test_xarf_gives_the_reports_that_notices_were_drafted_with(
    capfdbinary, tmp_path, monkeypatch
) -> None:
    settings = made(tmp_path / "other", "", [host_match(HOST)])
    monkeypatch.setenv("NAMAAK_WATCH", str(settings.watch_path))
    report = {"xarf_version": "4.2.0", "category": "content", "type": "phishing"}
    sha256 = EvidenceStore(settings.evidence).keep(json.dumps(report).encode())
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        _action(book, sha256)
    code, out, _ = ran(capfdbinary, CASE, "--format", "xarf")
    assert code == 0
    assert json.loads(out) == report
    EvidenceStore(settings.evidence).delete(sha256)
    code, out, err = ran(capfdbinary, CASE, "--format", "xarf")
    assert (code, out) == (1, b"")
    assert "NA-000000000001" in err and "were deleted" in err
