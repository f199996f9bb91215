"""`namaak campaigns`: cases that are tied together, and what ties them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App

from namaak.cli.options import WatchPath, as_json
from namaak.cli.output import cell, emit, say
from namaak.errors import UsageError

_COLUMNS = ("campaign_id", "worst_band", "cases", "undecided", "brand_names", "platforms",
            "reasons", "some_subjects")  # fmt: skip


def register(app: App) -> None:
    """Add the command."""
    app.command(campaigns)


def campaigns(
    case_id: str | None = None,
    *,
    brand: str | None = None,
    svg: Path | None = None,
    limit: int = 50,
    watch: WatchPath = None,
    json: Annotated[
        bool, as_json("per campaign; with a case one that holds its cases and ties")
    ] = False,
) -> int:
    """List campaigns: cases tied by a picture, text, link, contact, payment address or host.

    With a case: all cases of its campaign, and each tie with its reason.

    Parameters
    ----------
    case_id
        A case of the campaign to show, or the beginning of its id.
    brand
        Only campaigns with cases of this brand (id or name).
    svg
        Draw the campaign of the case, or else the most urgent one, into this file.
    limit
        At most so many; 0 for all.
    """
    from namaak.casework.campaign_graph import campaign_svg
    from namaak.casework.reading import (
        Campaign,
        campaign_of_case,
        find_campaigns,
        open_snapshot,
        read_campaign,
    )
    from namaak.settings import environment_settings

    if limit < 0:
        raise UsageError(f"A limit of {limit} campaigns makes no sense; give 0 or more.")
    if case_id and brand:
        raise UsageError("A case has one campaign already; leave out --brand.")
    one: Campaign | None = None
    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        rows = [] if case_id else find_campaigns(snapshot, brand=brand, limit=limit or None)
        wanted = rows[0]["campaign_id"] if rows and svg else None
        if case_id:
            wanted = campaign_of_case(snapshot, case_id)
        if wanted:
            one = read_campaign(snapshot, wanted)
    if svg:
        if one is None:
            raise UsageError(f"There is no campaign to draw into {svg}: nothing ties such cases.")
        _draw(svg, campaign_svg(one))
    if case_id is None:
        emit(rows, _COLUMNS, as_json=json, empty="No cases are tied together.")
    elif one is None:
        emit([], (), as_json=json, empty="Nothing ties this case to another.")
    elif json:
        emit(
            [{**one.summary, "members": one.cases, "edges": one.edges}], (), as_json=True, empty=""
        )
    else:
        _show(one.summary, one.cases, one.edges)
    return 0


def _draw(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The picture cannot be written to {path} ({error.strerror}); name another file."
        ) from None
    say(f"The picture is in {path}.")


def _show(
    summary: dict[str, Any], cases: list[dict[str, Any]], edges: list[dict[str, Any]]
) -> None:
    brands = ", ".join(cell(name) for name in summary["brand_names"])
    print(f"{summary['campaign_id']}  {summary['cases']} cases that pose as {brands}")
    print(f"  worst      {summary['worst_band']}, {summary['highest_score']} of 100")
    print(f"  where      {cell(summary['platforms'])}")
    first, last = cell(summary["first_observed_at"]), cell(summary["last_observed_at"])
    print(f"  seen       {first} to {last}")
    print("\nCases")
    for case in cases:
        said = f"{case['band']:<9} {case['score']:>3}  {case['workflow']:<10}"
        print(f"  {case['case_id']}  {said}  {cell(case['subject'])}")
    print("\nWhat ties them")
    subjects = {case["case_id"]: cell(case["subject"]) for case in cases}
    for edge in edges:
        one, other = subjects[edge["one_case_id"]], subjects[edge["other_case_id"]]
        print(f"  {edge['reason']:<12} {one} and {other}: {cell(edge['says'])}")
