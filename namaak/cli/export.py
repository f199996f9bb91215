"""`namaak export`: cases for other programs, as tables, STIX, MISP or XARF."""

from __future__ import annotations

import io
import json as json_library
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from namaak.cli.options import Flag, WatchPath
from namaak.cli.output import say
from namaak.errors import NamaakError, UsageError

if TYPE_CHECKING:
    import duckdb

    from namaak.settings import Settings

#: More of them in one file is a job for whoever reads tables.
_MOST_OBJECTS = 1_000


def register(app: App) -> None:
    """Add the commands."""
    app.command(export)


def export(
    *case_ids: str,
    to: Annotated[
        Literal["csv", "json", "parquet", "stix", "misp", "xarf"], Parameter(name="--format")
    ] = "csv",
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    campaign: Flag = False,
    brand: str | None = None,
    band: Literal["watch", "review", "high", "critical"] | None = None,
    workflow: str | None = None,
    tlp: Literal["clear", "green", "amber", "amber+strict", "red"] = "amber",
    profile: Literal["full", "notice"] = "full",
    watch: WatchPath = None,
    json: Flag = False,
) -> int:
    """Write cases to a file or, but for parquet, to standard output.

    csv, json and parquet are tables of cases. stix (2.1) and misp hold everything that another
    program can use of each case; exported again, a case takes the place of itself. xarf gives the
    reports of notices that were drafted about the cases. Nothing is sent anywhere.

    Parameters
    ----------
    case_ids
        Cases, by their ids or the beginnings of them; else all that the other options leave.
    to
        csv (text that spreadsheets cannot take for a formula), json (one object a line), parquet,
        stix, misp, xarf.
    output
        The file; written whole or not at all.
    campaign
        Also the cases of the same campaigns.
    brand
        Only this brand (id or name).
    band
        This band and worse ones.
    workflow
        Only cases in this state.
    tlp
        How far stix and misp may be passed on, by the Traffic Light Protocol.
    profile
        full, or notice: without who reported and decided, and what accounts say of people.
    json
        The same as --format json.
    """
    from namaak.casework.reading import find_cases, open_snapshot, resolve_case_id
    from namaak.settings import environment_settings

    if json:
        to = "json"
    if output is None and sys.stdout.isatty():
        # Exports are faithful: what strangers wrote could steer the terminal.
        raise UsageError("Name a file with --output, or send the export into a pipe.")
    if to == "parquet" and output is None:
        raise UsageError("Parquet cannot go to standard output; name a file with --output.")
    if campaign and not case_ids:
        raise UsageError("--campaign says which cases come along; name a case.")
    settings = environment_settings(watch)
    with open_snapshot(settings.casebook) as snapshot:
        rows = find_cases(snapshot, brand=brand, band=band, workflow=workflow, every=True)
        if case_ids:
            named = [resolve_case_id(snapshot, typed) for typed in case_ids]
            wanted = _with_campaigns(snapshot, named) if campaign else set(named)
            rows = [row for row in rows if row["case_id"] in wanted]
            left = sorted(set(named) - {row["case_id"] for row in rows})
            if left:
                say(f"namaak: left out by the other options: {', '.join(left)}")
        if to in ("stix", "misp"):
            content = _objects(snapshot, settings, rows, to, tlp, profile)
        elif to == "xarf":
            content = _reports(snapshot, settings, rows)
        else:
            content = _table(rows, to)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return 0
    _write(output, content)
    say(f"{len(rows):,} cases to {output}")
    return 0


def _with_campaigns(snapshot: duckdb.DuckDBPyConnection, named: list[Any]) -> set[str]:
    from namaak.casework.reading import campaign_of_case, read_campaign

    wanted = set(named)
    for case in named:
        found = campaign_of_case(snapshot, case)
        if found is not None:
            wanted |= {row["case_id"] for row in read_campaign(snapshot, found).cases}
    return wanted


def _table(rows: list[dict[str, Any]], to: Any) -> bytes:
    from namaak.casework.exports.tables import write_cases

    file = io.BytesIO()
    write_cases(rows, to, file)
    return file.getvalue()


def _objects(
    snapshot: duckdb.DuckDBPyConnection,
    settings: Settings,
    rows: list[dict[str, Any]],
    to: str,
    tlp: str,
    profile: Literal["full", "notice"],
) -> bytes:
    from namaak.casework.exports.material import Tlp, export_of
    from namaak.casework.exports.misp import misp_json
    from namaak.casework.exports.stix import stix_json

    if not rows:
        raise UsageError("There are no such cases, so there is nothing to export.")
    if len(rows) > _MOST_OBJECTS:
        raise UsageError(
            f"{len(rows):,} cases are too many for one file of {to}; name cases, or leave fewer "
            "with --brand, --band or --workflow."
        )
    owned = settings.watch.owned_domains
    cases = [export_of(snapshot, row["case_id"], owned=owned) for row in rows]
    organisation = settings.watch.organisation
    write = stix_json if to == "stix" else misp_json
    name = None if organisation is None else organisation.name
    return write(cases, tlp=Tlp(tlp), profile=profile, organisation=name)


def _reports(
    snapshot: duckdb.DuckDBPyConnection, settings: Settings, rows: list[dict[str, Any]]
) -> bytes:
    """The reports as they were drafted: their fields are a person's to approve, not ours."""
    from namaak.casework.notices.reading import actions_of
    from namaak.evidence_store import EvidenceStore

    store = EvidenceStore(settings.evidence)
    found: dict[str, bytes | None] = {}
    for row in rows:
        for action in actions_of(snapshot, row["case_id"]):
            if action["xarf_sha256"] is not None:
                found[action["action_id"]] = store.read(action["xarf_sha256"])
    if not found:
        raise UsageError(
            "No notice about these cases has a XARF report; `namaak notice draft` makes one."
        )
    gone = sorted(name for name, content in found.items() if content is None)
    if gone:
        say(f"namaak: the reports of {', '.join(gone)} were deleted and are left out.")
    reports = [json_library.loads(content) for _, content in sorted(found.items()) if content]
    if not reports:
        raise NamaakError("All XARF reports about these cases were deleted; draft a new notice.")
    document = reports[0] if len(reports) == 1 else reports
    return (json_library.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _write(output: Path, content: bytes) -> None:
    partial = output.with_name(f"{output.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        why = error.strerror or error
        raise NamaakError(f"Cannot write {output}: {why}; nothing was written.") from None
