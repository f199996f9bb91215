"""`namaak intake`: profiles that people report, from links to a list that the next run gathers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App

from namaak.cli.options import Flag, WatchPath, as_json
from namaak.cli.output import emit, say
from namaak.errors import SourceError, UsageError

if TYPE_CHECKING:
    from namaak.brands import Brand
    from namaak.sources.intaking.reports import Report

#: Of what is pasted; a mail with its history is a hundredth of it.
_MOST_PASTED = 5_000_000
_MOST_ROWS = 10_000
_MOST_NOTE = 4_000
#: A clock of the reporter's may be ahead by so much.
_MOST_AHEAD_S = 3_600
_NO_PROFILE = (
    "a website goes into a list of hosts (docs/how-to/import-lists.md), and `namaak sweep` finds "
    "those like a domain of yours"
)


def register(app: App) -> None:
    """Add the command."""
    app.command(intake)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """One reported row, before anybody has understood it; `reason` where that is known already."""

    line: int
    fields: Mapping[str, str]
    home: Path  #: where its pictures are named from
    asked: bool = False  #: its picture was named by whoever waits, and can be named again
    reason: str | None = None
    shown: str = ""


def intake(
    *links: str,
    file: Path | None = None,
    screenshot: Path | None = None,
    note: str | None = None,
    seen: str | None = None,
    dry_run: Flag = False,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per link")] = False,
) -> int:
    """Report profiles and apps by their links; the next run looks into them.

    Says for each link whose profile it is, or why it is none, and writes the good ones as a list
    into the intake folder. Without links and without a file it reads what you paste. What was
    reported before is not written again, unless a note, a screenshot or a day is new; your own
    accounts never are. Exits with 1 where some were refused.

    Parameters
    ----------
    links
        Links as people send them: https://x.com/acme_help, t.me/acme, @acme@social.example.
    file
        A list to take in: CSV, JSON, JSON lines, or text with links in it.
    screenshot
        A picture of what was seen, kept as evidence; with one link.
    note
        What the reporter says; stands in the evidence of every link given.
    seen
        When somebody saw it: 2026-11-22, or 2026-11-22T14:30+01:00 (UTC without a zone). Left
        out, nothing is said of when.
    dry_run
        Say what was recognised, and write nothing.
    """
    from namaak.settings import environment_settings
    from namaak.sources.intake import Intake
    from namaak.sources.intaking.filing import file_reports, filed_in

    settings = environment_settings(watch)
    table = settings.watch.sources.get(Intake.name)
    config = _config(table)
    folder = settings.watch.resolve(Path(config.folder))
    now = datetime.now(UTC)
    if screenshot is not None and (len(links) != 1 or file is not None):
        raise UsageError("A screenshot goes with one link: name that link beside --screenshot.")
    shared = _shared(note, screenshot, seen, now)
    home = Path.cwd() if screenshot is None else screenshot.absolute().parent
    given = list(_given(links, file, shared, home, max_bytes=config.max_bytes))
    brands = tuple(settings.watch.brands.values())
    known = filed_in(folder, max_bytes=config.max_bytes)
    rows: list[dict[str, Any]] = []
    reports: list[dict[str, str]] = []
    pictures: dict[str, bytes] = {}
    for one in given:
        row, fields, files = _judged(one, known, brands, config)
        rows.append(row)
        if row["state"] == "new":
            reports.append(fields)
            pictures |= files
    columns = ("line", "state", "platform", "handle", "native_id", "link", "says")
    emit(rows, columns, as_json=json, empty="There is no link in it.")
    if reports and not dry_run:
        say(f"Wrote {file_reports(reports, pictures, folder, at=now)}.")
    _conclude(rows, dry_run=dry_run, is_on=table is not None and table.get("enabled") is not False)
    if file is not None and any(row["state"] == "refused" for row in rows):
        say("Refused rows are told here only; no run tells of them again.")
    return 0 if rows and all(row["state"] != "refused" for row in rows) else 1


def _config(table: Mapping[str, Any] | None) -> Any:
    from pydantic import ValidationError

    from namaak.brands import problem_sentence, problems_heading
    from namaak.errors import WatchFileError
    from namaak.sources.intake import IntakeConfig

    try:
        return IntakeConfig.model_validate(table or {})
    except ValidationError as error:
        problems = tuple(
            problem_sentence({**fault, "loc": ("sources", "intake", *fault["loc"])})
            for fault in error.errors()
        )
        raise WatchFileError(problems_heading("The watch file", problems), problems) from None


def _shared(
    note: str | None, screenshot: Path | None, seen: str | None, now: datetime
) -> dict[str, str]:
    """What every link given here has."""
    found: dict[str, str] = {}
    if seen is not None:
        found["seen_at"] = _sighting(seen.strip(), now)
    if note is not None and note.strip():
        if len(note) > _MOST_NOTE:
            raise UsageError(f"The note is longer than {_MOST_NOTE:,} characters; shorten it.")
        # Arguments of a command that are not UTF-8 arrive with lone surrogates in them.
        found["note"] = note.strip().encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    if screenshot is not None:
        found["screenshot"] = screenshot.name
    return found


def _sighting(seen: str, now: datetime) -> str:
    """As it was given. Raises UsageError where it is no moment, or one to come."""
    from namaak.sources.lists.facts import parse_sighting

    try:
        ahead = (parse_sighting(seen) - now).total_seconds()
    except ValueError as error:
        raise UsageError(f"--seen {error}; write a day, as in 2026-11-22.") from None
    if ahead > _MOST_AHEAD_S:
        raise UsageError("--seen lies in the future; write when it was seen, as in 2026-11-22.")
    return seen


def _given(
    links: tuple[str, ...],
    file: Path | None,
    shared: Mapping[str, str],
    home: Path,
    *,
    max_bytes: int,
) -> Iterator[_Given]:
    from namaak.sources.intaking.paste import links_in
    from namaak.sources.intaking.reading import Row, read_rows

    if links and file is not None:
        raise UsageError("Give links or --file, not both; two commands do it.")
    if file is not None:
        home = file.absolute().parent
        try:
            file.stat()
        except OSError as error:
            raise UsageError(
                f"{file} cannot be opened ({error.strerror}); mend the path behind --file."
            ) from None
        try:
            found = read_rows(file, where=str(file), max_bytes=max_bytes)
            for number, row in enumerate(found):
                if number == _MOST_ROWS:
                    raise UsageError(
                        f"{file} has more than {_MOST_ROWS:,} rows; put it into the intake folder "
                        "itself."
                    )
                if isinstance(row, Row):
                    fields = {**shared, **row.fields}
                    yield _Given(line=row.position, fields=fields, home=home)
                elif row.position:
                    yield _Given(
                        line=row.position, fields={}, home=home, reason=row.reason,
                        shown=row.excerpt,
                    )  # fmt: skip
                else:
                    say(f"{file} {row.reason}: {row.excerpt}")
        except SourceError as error:
            raise UsageError(str(error)) from None
        return
    if links:
        for number, link in enumerate(links, start=1):
            fields = {**shared, "link": link}
            yield _Given(line=number, fields=fields, home=home, asked=True)
        return
    without = 0
    for number, line in enumerate(_pasted(), start=1):
        found_here = links_in(line)
        without += not found_here and bool(line.strip()) and not line.lstrip().startswith("#")
        for link in found_here:
            yield _Given(line=number, fields={**shared, "link": link}, home=home)
    if without:
        say(f"{without} lines held no link.")


def _pasted() -> list[str]:
    """Lines of standard input. Raises UsageError where there are too many."""
    if sys.stdin.isatty():
        say("Paste links, one a line or a whole mail; end with Ctrl-D.")
    content = sys.stdin.buffer.read(_MOST_PASTED + 1)
    if len(content) > _MOST_PASTED:
        raise UsageError(
            f"More than {_MOST_PASTED:,} bytes were pasted; put them into a file of the intake "
            "folder."
        )
    lines = content.decode("utf-8-sig", "replace").splitlines()
    if len(lines) > 10 * _MOST_ROWS:
        raise UsageError(f"More than {10 * _MOST_ROWS:,} lines were pasted; paste fewer at a time.")
    if not any(line.strip() for line in lines):
        raise UsageError(
            "No link was given; name some, as in `namaak intake https://x.com/acme_help`, or "
            "paste them."
        )
    return lines


def _judged(
    one: _Given, known: set[Any], brands: Sequence[Brand], config: Any
) -> tuple[dict[str, Any], dict[str, str], dict[str, bytes]]:
    """What to print of it, its fields as they are to be written, and its pictures.

    Adds what is new to `known`.
    """
    from namaak.platforms import FOREIGN_SITE
    from namaak.sources.base import excerpt
    from namaak.sources.intaking.filing import adds_something, filed_as, with_pictures
    from namaak.sources.intaking.reports import understood, without_reporter

    row: dict[str, Any] = {
        "line": one.line, "state": "refused", "platform": None, "handle": None, "native_id": None,
        "link": excerpt(one.fields.get("link") or one.shown), "says": one.reason,
    }  # fmt: skip
    if one.reason is not None:
        return row, {}, {}
    told = without_reporter(one.fields, keeps_reporter=config.keep_reporters)
    domains = [domain for brand in brands for domain in brand.domains]
    try:
        report = understood(told, own_domains=domains)
    except ValueError as error:
        reason = str(error).removeprefix("link: ")
        if reason == FOREIGN_SITE:
            reason = f"{reason}; {_NO_PROFILE}"
        return {**row, "says": reason}, {}, {}
    fields, pictures, untaken = with_pictures(told, one.home, max_bytes=config.max_image_bytes)
    if untaken and one.asked:
        return {**row, "says": "; ".join(untaken)}, {}, {}
    own = _own(report, brands)
    new = filed_as(report.identity, fields)
    is_new = own is None and adds_something(new, known)
    known.add(new)
    says = [*([own] if own else ()), *(fault.reason for fault in report.faults), *untaken]
    row |= {
        "state": "new" if is_new else "known",
        "platform": report.platform,
        "handle": report.profile.handle,
        "native_id": report.profile.native_id,
        "link": report.profile.url or row["link"],
        "says": "; ".join(says) or None,
    }
    return row, fields, pictures


def _own(report: Report, brands: Sequence[Brand]) -> str | None:
    """By which entry of the watch file it is a brand's own; None where none says so."""
    from detectors.profiles.owned import own_account, own_app
    from namaak.sources.intaking.reports import is_under

    handle, native_id = report.profile.handle, report.profile.native_id
    # Beside an id the handle is a claim, and the id tells.
    sure = handle if native_id is None else None
    for brand in brands:
        if entry := own_account(brand, report.platform, sure, native_id):
            return f"matches your own accounts ({entry})"
        if entry := own_app(brand, report.platform, native_id):
            return f"matches your own apps ({entry})"
        if report.platform == "mastodon" and sure is not None:
            domain = is_under(sure.rpartition("@")[2].lower(), brand.domains)
            if domain is not None:
                return f"matches your own domains ({domain})"
    return None


def _conclude(rows: list[dict[str, Any]], *, dry_run: bool, is_on: bool) -> None:
    counts = dict.fromkeys(("new", "known", "refused"), 0)
    for row in rows:
        counts[row["state"]] += 1
    written = "would be written" if dry_run else "written"
    say(f"{counts['new']} {written}, {counts['known']} known already, {counts['refused']} refused.")
    if not is_on:
        say(
            "The watch file has no [sources.intake], so that no run reads them: add that line to "
            "it, as it is."
        )
