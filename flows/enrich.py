"""Enrich: look at the hosts of cases that are due, and weigh their cases again.

Nobody is asked unless the watch file's table [enrichment] says so. Idempotent: answers are stored
as they come and counted once, so that a run that was killed asks only about what it had not stored;
and answers that were stored and not weighed yet are weighed by the next run, enabled or not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote

from flows.progress import tell
from namaak.answers import Answers
from namaak.asking import Looked, due_now, enricher_for, look_at
from namaak.casework import ranking
from namaak.casework.casebook import Casebook, LoadSummary
from namaak.enriching.findings import Finding
from namaak.enrolment import Enrolled, enrol
from namaak.looks import take_over
from namaak.settings import Settings, environment_settings

_TELL_EVERY = 50


def _now() -> datetime:
    return datetime.now(UTC)


@task(name="look-at-hosts", cache_policy=NO_CACHE)
def look_at_hosts(settings: Settings, enrolled: Enrolled) -> Looked:
    """Ask about the hosts that are due, the worst first, and store the answers."""
    with Answers(settings.lake) as answers:
        wanted = due_now(settings, answers.last_asked(), now=_now())
    done = 0

    def told(_: list[Finding]) -> None:
        nonlocal done
        done += 1
        if done % _TELL_EVERY == 0:
            tell("enrich", f"{done:,} of {len(wanted):,} hosts looked at")

    if wanted:
        tell("enrich", f"{len(wanted):,} hosts are due")
    looked = look_at(
        wanted,
        settings.lake,
        enricher_for(settings, enrolled.brands, clock=_now),
        clock=_now,
        in_flight=settings.watch.enrichment.in_flight,
        told=told,
    )
    tell("enrich", looked.in_words())
    return looked


@task(name="weigh-looks", cache_policy=NO_CACHE)
def weigh_looks(settings: Settings, enrolled: Enrolled) -> LoadSummary:
    """Bring the casebook up to date with the answers, and publish it."""
    with Answers(settings.lake) as answers:
        if not answers.last_asked():
            # Most watch files have it off: then a run needs no second writer.
            return LoadSummary(file="looks at hosts")
        with Casebook.writing(
            working=settings.working_casebook, published=settings.casebook
        ) as book:
            weigher = ranking.ranking_with(book.learned())
            names = {name: brand.name for name, brand in enrolled.brands.items()}
            summary = take_over(
                book,
                answers,
                enrolled.brands,
                enrolled.logos,
                rank=weigher.rank,
                rank_version=weigher.version,
                now=_now(),
            )
            # What hosts turned out to share ties cases together as well.
            weighing: dict[str, Any] = {
                "rank": weigher.rank,
                "brand_names": names,
                "now": _now(),
                "rank_version": weigher.version,
            }
            book.record_ties(**weighing)
            book.record_campaigns()
            book.record_confirmed_ties(**weighing)
    tell("enrich", f"{len(summary.moved):,} cases moved by what looks at their hosts gave")
    return summary


def enrich_and_rerank(settings: Settings, enrolled: Enrolled) -> LoadSummary:
    """Both, within a flow: after ranking, so that what was opened just now is looked at too."""
    given = quote(settings), quote(enrolled)
    if settings.watch.enrichment.enabled:
        look_at_hosts(*given)
    summary: LoadSummary = weigh_looks(*given)
    return summary


@flow(name="enrich", validate_parameters=False)
def enrich(watch: str | None = None) -> dict[str, int]:
    """watch: path of the watch file. Returns counts."""
    settings = environment_settings(Path(watch) if watch else None)
    enrolled = enrol(settings.watch, detectors="", day=_now().date())
    summary = enrich_and_rerank(settings, enrolled)
    return {"cases_refreshed": summary.cases_refreshed, "moved": len(summary.moved)}


if __name__ == "__main__":
    enrich()
