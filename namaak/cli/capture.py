"""`namaak capture`: visit the page of a case and keep what others can replay."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App

from namaak.cli.acting import acting_person
from namaak.cli.options import Json, WatchPath, actor_that
from namaak.cli.output import cell, emit, say
from namaak.errors import NamaakError, UsageError

if TYPE_CHECKING:
    from namaak.casework.reading import CaseFile
    from namaak.fetch import Allowed
    from namaak.settings import Settings

_COLUMNS = ("capture_id", "outcome", "reason", "http_status", "final_url", "requests", "refused")
#: The writer may be busy with a run, and what was captured may be gone tomorrow.
_WAIT_S = 600.0
#: Exceptions to the check of addresses: none, but for a server on loopback in tests.
_allowed: tuple[Allowed, ...] = ()


def register(app: App) -> None:
    """Add the command."""
    app.command(capture)


def capture(
    case_id: str,
    *,
    url: str | None = None,
    vantage: str = "here",
    actor: Annotated[str | None, actor_that("captures, for the history")] = None,
    watch: WatchPath = None,
    json: Json = False,
) -> int:
    """Visit the page of a case with a browser, and keep it so that others can replay it.

    Kept are the archive of all that servers sent (WACZ, for replayweb.page), pictures, the page's
    HTML and text, certificates, DNS answers and the method; and where a certificate log told of
    the host, that log's proof of it. A visit that fails is kept too, with why. Its owner can see
    that somebody came; nothing is filled in, sent or downloaded.
    Needs the extra "capture" and the system's Chromium.

    Parameters
    ----------
    case_id
        Its id, or the beginning of it.
    url
        The page, where it is another than the one that the case is about; that is the link with
        which a person asked for the case, or else the root of the host.
    vantage
        From where: "here", or the name of one of the watch file's [[vantages]].
    """
    import os

    from namaak.capturing.places import place_named
    from namaak.casework.reading import open_snapshot, read_case
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    operator = acting_person(actor)
    place = place_named(settings.watch, vantage, os.environ)
    with open_snapshot(settings.casebook) as snapshot:
        found = read_case(snapshot, case_id)
    urls = (url,) if url else page_urls(found)
    row = _captured(settings, found, urls, place, operator)
    emit([row], _COLUMNS, as_json=json, empty="")
    if not json:
        _tell(settings, row)
    return 0 if row["outcome"] != "failed" else 1


def _captured(
    settings: Settings,
    found: CaseFile,
    urls: tuple[str, ...],
    place: Any,
    operator: str,
) -> dict[str, Any]:
    import asyncio
    from datetime import UTC, datetime

    from namaak.capturing import Limits
    from namaak.capturing import capture as visit
    from namaak.capturing.keeping import keep
    from namaak.capturing.taking import lacking, visitable
    from namaak.casework.casebook import Casebook
    from namaak.evidence_store import EvidenceStore

    if (missing := lacking()) is not None:
        raise NamaakError(missing)
    wanted = [visitable(one) for one in urls]
    evidence = settings.watch.evidence
    limits = Limits(
        seconds=evidence.capture_seconds,
        max_bytes=int(evidence.capture_megabytes * 1_000_000),
        max_requests=evidence.capture_requests,
    )
    case = found.case
    proofs = _log_proofs(settings, found)
    say(f"Visiting {cell(wanted[0])} from {place.name}; at most {limits.seconds:g} seconds.")
    about = {"case_id": case["case_id"], "subject": case["subject"], "operator": operator}
    captured = asyncio.run(
        visit(
            wanted, place=place, clock=lambda: datetime.now(UTC), about=about, limits=limits,
            log_proofs=proofs, allow=_allowed,
        )
    )  # fmt: skip
    row = keep(captured, EvidenceStore(settings.evidence))
    with Casebook.writing(
        working=settings.working_casebook, published=settings.casebook, wait_s=_WAIT_S
    ) as book:
        book.record_capture(row)
    return row


def _log_proofs(settings: Settings, found: CaseFile) -> bytes | None:
    """Before the visit, since capture.json names the digest of what came; told one by one."""
    from datetime import UTC, datetime

    from namaak.proving import document_bytes, entries_in_words, prove_entries

    document = prove_entries(settings, found, clock=lambda: datetime.now(UTC), allow=_allowed)
    if document is None:
        return None
    for words in entries_in_words(document):
        say(cell(words))
    return document_bytes(document)


def page_urls(found: CaseFile) -> tuple[str, ...]:
    """Where people see the subject of a case, to be tried in turn: first the link of a person.

    Raises UsageError where it has no page, or nobody knows it.
    """
    given = _link_given(found)
    try:
        known = _pages_known(found)
    except UsageError:
        if given is None:
            raise
        known = ()
    return tuple(dict.fromkeys((*(() if given is None else (given,)), *known)))


def _link_given(found: CaseFile) -> str | None:
    """What somebody pasted who asked for the case, the last of them."""
    from namaak.casework.events import EventKind

    notes = (row["data"] for row in reversed(found.events) if row["kind"] == EventKind.NOTED)
    said = (jsonlib.loads(one) for one in notes)
    return next((one["url"] for one in said if one.get("by_hand") and one.get("url")), None)


def _pages_known(found: CaseFile) -> tuple[str, ...]:
    from namaak.records import SubjectKind

    case = found.case
    match SubjectKind(case["subject_kind"]):
        case SubjectKind.HOST:
            return (f"https://{case['subject']}/", f"http://{case['subject']}/")
        case SubjectKind.IMAGE:
            raise UsageError(
                f"{case['case_id']} is about an image, which has no page of its own; name the page "
                "that shows it with --url."
            )
    known = [url for version in found.profile if (url := _profile_url(version))]
    if not known:
        raise UsageError(
            f"Nobody told the address of {case['subject']} ({case['case_id']}); name it with --url."
        )
    return (known[-1],)


def _profile_url(version: Mapping[str, Any]) -> str | None:
    """As the platform told it, or else as its profiles are written."""
    from namaak.platforms.table import platform

    of = platform(version["platform"] or "")
    written = of.link(version["handle"], version["native_id"]) if of else None
    return version["url"] or written


def _tell(settings: Settings, row: Mapping[str, Any]) -> None:
    from namaak.evidence_store import EvidenceStore

    store = EvidenceStore(settings.evidence)
    for what, column in (("The picture", "view_sha256"), ("The archive", "wacz_sha256")):
        if row[column]:
            say(f"{what} is {store.path(row[column])}.")
    if row["wacz_sha256"]:
        say("Copy the archive to a file that ends in .wacz to open it in replayweb.page.")
