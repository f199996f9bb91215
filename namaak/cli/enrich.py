"""`namaak enrich`: look at the hosts of cases now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App

from namaak.cli.options import WatchPath, as_json
from namaak.cli.output import cell, emit, say
from namaak.errors import UsageError

if TYPE_CHECKING:
    from namaak.casework.casebook import LoadSummary
    from namaak.enriching.due import Wanted
    from namaak.enriching.findings import Finding
    from namaak.enrolment import Enrolled
    from namaak.settings import Settings

_COLUMNS = ("host", "aspect", "outcome", "says")


def register(app: App) -> None:
    """Add the command."""
    app.command(enrich)


def enrich(
    *case_ids: str,
    limit: int | None = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per answer")] = False,
) -> int:
    """Look at hosts of cases now: registration, servers, mail, certificate, page.

    Asks only what the watch file's table [enrichment] allows; where that is off it says what it
    would ask of whom. The answers are kept, their cases ranked again.

    Parameters
    ----------
    case_ids
        Cases whose hosts to look at, due or not; else those that are due, the worst first.
    limit
        At most so many hosts; else as many as the watch file allows in a run.
    """
    from namaak.answers import Answers
    from namaak.asking import check_is_on, enricher_for, look_at
    from namaak.enrolment import enrol
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    if limit is not None and limit < 1:
        raise UsageError(f"--limit {limit} makes no sense; give 1 or more.")
    check_is_on(settings)
    with Answers(settings.lake) as answers:
        wanted = _wanted(settings, case_ids, answers)[:limit]
    rows: list[dict[str, Any]] = []
    enrolled = enrol(settings.watch, detectors="", day=_now().date())
    if wanted:
        hosts = "1 host" if len(wanted) == 1 else f"{len(wanted):,} hosts"
        say(f"Looking at {hosts}: {', '.join(settings.watch.enrichment.aspects)}.")
    look_at(
        wanted,
        settings.lake,
        enricher_for(settings, enrolled.brands, clock=_now),
        clock=_now,
        in_flight=settings.watch.enrichment.in_flight,
        # Rows and not findings: these hold the pages.
        told=lambda found: rows.extend(map(_row, found)),
    )
    summary = _weigh(settings, enrolled)
    emit(rows, _COLUMNS, as_json=json, empty="No host is due to be looked at.")
    for moved in summary.moved:
        say(
            f"{moved.case_id} {cell(moved.subject)}: {moved.band_before} {moved.score_before} to "
            f"{moved.band_after} {moved.score_after} ({'; '.join(moved.why)})"
        )
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _wanted(settings: Settings, case_ids: tuple[str, ...], answers: Any) -> list[Wanted]:
    from namaak.asking import due_now
    from namaak.casework.reading import open_snapshot, read_case
    from namaak.enriching.due import Wanted
    from namaak.enriching.findings import Aspect
    from namaak.records import SubjectKind

    if not case_ids:
        return due_now(settings, answers.last_asked(), now=_now())
    aspects = frozenset(map(Aspect, settings.watch.enrichment.aspects))
    wanted: dict[str, Wanted] = {}
    with open_snapshot(settings.casebook) as snapshot:
        for typed in case_ids:
            case = read_case(snapshot, typed).case
            if case["subject_kind"] != SubjectKind.HOST:
                raise UsageError(
                    f"{case['case_id']} is about an {case['subject_kind']}; only hosts can be "
                    "looked at."
                )
            wanted[case["subject_key"]] = Wanted(
                subject_key=case["subject_key"], host=case["subject"], aspects=aspects
            )
    return list(wanted.values())


def _weigh(settings: Settings, enrolled: Enrolled) -> LoadSummary:
    from namaak.answers import Answers
    from namaak.casework import ranking
    from namaak.casework.casebook import Casebook
    from namaak.looks import take_over

    with (
        Answers(settings.lake) as answers,
        Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book,
    ):
        weigher = ranking.ranking_with(book.learned())
        return take_over(
            book, answers, enrolled.brands, enrolled.logos, rank=weigher.rank,
            rank_version=weigher.version, now=_now(),
        )  # fmt: skip


def _row(finding: Finding) -> dict[str, Any]:
    from namaak.enriching.words import in_words

    aspect, outcome = str(finding.aspect), str(finding.outcome)
    return {
        "host": finding.host,
        "aspect": aspect,
        "outcome": outcome,
        "says": in_words(aspect, outcome, finding.facts),
        "asked_at": finding.asked_at,
        "vantage": finding.vantage,
        "facts": dict(finding.facts),
        "raw_sha256": finding.raw_sha256,
        "due_at": finding.due_at,
    }
