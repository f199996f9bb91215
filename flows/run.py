"""Run: gather, detect, rank, look, publish, tell, forget. The main job, from watch file to cases.

`python -m flows.run --watch watch.toml` is what `namaak run` starts: on Prefect's embedded
server unless PREFECT_API_URL names another. Re-running is always safe: whatever a killed run
finished is not done again, whatever it did not is.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from flows.alert import tell_alerts
from flows.detect import detect
from flows.enrich import enrich_and_rerank
from flows.forget import delete_what_is_over, forget_profiles
from flows.gather import gather
from flows.progress import tell, to_stderr
from namaak.casework.casebook import Casebook
from namaak.casework.reading import find_cases, open_snapshot
from namaak.casework.runreport import RunReport
from namaak.enrolment import Enrolled, enrol
from namaak.errors import NamaakError, SourceError
from namaak.gathering import Gathered
from namaak.lake import Lake
from namaak.settings import Settings, environment_settings
from namaak.stocktaking import take_stock
from namaak.visible import visible_lines

#: An event each is enough to wake somebody; a flood of them wakes nobody.
_MOST_EVENTS = 100
_TOP = 20
#: As many as fit in a sentence.
_NAMED = 5


def _now() -> datetime:
    return datetime.now(UTC)


@task(name="rank-and-publish", cache_policy=NO_CACHE)
def rank_and_publish(settings: Settings, enrolled: Enrolled) -> RunReport:
    """Turn stored matches into cases and publish the casebook. Loads each match file once."""
    report = RunReport()
    with (
        Lake(settings.lake) as lake,
        Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book,
    ):
        names = {brand_id: brand.name for brand_id, brand in settings.watch.brands.items()}
        for summary in take_stock(lake, book, enrolled, brand_names=names, now=_now):
            report.add(summary)
        report.woken = len(book.wake_snoozed(now=_now()))
    tell("rank", report.in_words())
    return report


@flow(name="run", validate_parameters=False)
def run(
    watch: str | None = None,
    sources: list[str] | None = None,
    brands: list[str] | None = None,
) -> dict[str, int]:
    """watch: path of the watch file. sources, brands: only these; all otherwise."""
    settings = environment_settings(Path(watch) if watch else None)
    # A missing logo or a bad table must be told before an hour of gathering, not after.
    enrolled = enrol(settings.watch, detectors="", only=brands or ())
    gathered = gather(watch=watch, sources=sources)
    detect(watch=watch, brands=brands)
    report = rank_and_publish(settings, enrolled)
    report.add(enrich_and_rerank(settings, enrolled))
    tell_people(settings, gathered, report)
    forget_profiles(settings)
    delete_what_is_over(settings)
    tell_alerts(settings)
    failures = [one for one in gathered if one.failure]
    if failures:
        others = "" if len(failures) == len(gathered) else ", all others were"
        which = ", ".join(dict.fromkeys(one.label for one in failures[:_NAMED]))
        more = f" and {len(failures) - _NAMED} more" if len(failures) > _NAMED else ""
        raise SourceError(
            f"{len(failures)} of {len(gathered)} inputs could not be read{others}: {which}{more}; "
            "each said why above, and `namaak coverage` keeps it."
        )
    return report.counts()


def tell_people(settings: Settings, gathered: list[Gathered], report: RunReport) -> None:
    """A report to look at in Prefect, and an event for each new case that cannot wait."""
    with open_snapshot(settings.casebook) as snapshot:
        top = find_cases(snapshot, limit=_TOP)
    create_markdown_artifact(
        report.markdown(gathered, top), key="run-report", description="What this run found"
    )
    for case_id, band in report.opened[:_MOST_EVENTS]:
        emit_event(
            "namaak.case.opened",
            resource={"prefect.resource.id": f"namaak.case.{case_id}"},
            payload={"case_id": case_id, "band": str(band)},
        )


def main() -> int:
    """Run once, for the person who started it. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--watch")
    parser.add_argument("--leave-with-caller", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--source", action="append", dest="sources")
    parser.add_argument("--brand", action="append", dest="brands")
    given = parser.parse_args()
    to_stderr()
    if given.leave_with_caller:
        # A shell that starts jobs in the background has them ignore interrupts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=_leave_with_caller, daemon=True).start()
    try:
        run(watch=given.watch, sources=given.sources, brands=given.brands)
    except NamaakError as error:
        # Names of logs and lists are strangers' text.
        print(f"namaak: {visible_lines(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("namaak: stopped; nothing is half-done, run it again to go on.", file=sys.stderr)
        return 1
    except RuntimeError as error:
        if "ephemeral Prefect API server" not in str(error):
            raise
        print(
            "namaak: Prefect's embedded server did not start in five minutes; see the lines "
            "above, or start a server and name it in PREFECT_API_URL.",
            file=sys.stderr,
        )
        return 1
    return 0


def _leave_with_caller() -> None:
    """Interrupt this run when its caller has gone: standard input is a pipe that it holds."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
