"""Proofs of the entries of logs that a case is about, asked of the logs and kept as evidence.

Here and not in a source, because it reads the lake; and not in casework, because it goes to the
network. Done when a person has the case captured: that an entry is evidence is not known while logs
are read, and a log may not be there any more when a court asks.
May import: all of namaak but namaak.cli and the flows.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from namaak.casework.capture_reading import captures_of
from namaak.casework.events import canonical_json
from namaak.casework.reading import CaseFile, open_snapshot
from namaak.errors import LakeError, WatchFileError
from namaak.evidence_store import EvidenceStore
from namaak.fetch import Allowed
from namaak.lake import Lake
from namaak.settings import Settings
from namaak.sources import open_sources
from namaak.sources.certificates.inclusion import Found, Unproved, Wanted
from namaak.sources.ct import Asked, CertificateLogs
from namaak.transparency.entry_proofs import Outcome, proved, read_proof

SCHEMA = "namaak-ct-proofs-1"
#: Of one case at a time. A host has an entry for each certificate and log.
MOST = 12
#: For all logs together: the page is waiting, and may be gone in an hour.
SECONDS = 60.0
#: Verdicts of heads that nothing speaks against.
_GOOD = ("verified", "stale")


def prove_entries(
    settings: Settings,
    found: CaseFile,
    *,
    clock: Callable[[], datetime],
    allow: Sequence[Allowed] = (),
) -> dict[str, Any] | None:
    """The document of proofs, with the outcome of each; None where no log told of the host.

    Whatever is wrong is told there and raised nowhere: the page that is to be captured may be gone
    tomorrow. allow: exceptions to the address rule, for a log on loopback.
    """
    seen = _places(found)
    if not seen:
        return None
    kept, in_vain = _asked_before(settings, found.case["case_id"])
    places = _in_order(seen, kept, in_vain)
    source = _source(settings, allow)
    rows = _entries(settings, found, places)
    entries: list[dict[str, Any]] = []
    began = clock()
    for log_id in dict.fromkeys(log_id for log_id, _, _ in rows):
        wanted = [(row, one) for log, row, one in rows if log == log_id]
        left = SECONDS - (clock() - began).total_seconds()
        asked = _ask(source, log_id, [one for _, one in wanted if isinstance(one, Wanted)], left)
        answers = iter(asked)
        for row, one in wanted:
            answer = next(answers) if isinstance(one, Wanted) else one
            entries.append(_told(row, answer, clock()))
    entries += [
        _told(_named(*place), _KEPT if place in kept else _MANY, clock())
        for place in places[len(rows) :]
    ]
    return {
        "schema": SCHEMA,
        "case_id": found.case["case_id"],
        "asked_at": _iso(began),
        "entries": entries,
    }


def document_bytes(document: dict[str, Any]) -> bytes:
    """As it is kept under its digest."""
    return canonical_json(document)


def entries_in_words(document: Mapping[str, Any]) -> Iterator[str]:
    """What came of each entry, a sentence each. Strangers' text: make it visible."""
    for entry in document["entries"]:
        where = f"entry {entry['leaf_index']} of the log {entry['log_id'][:16]}…"
        if entry["proof"] is None:
            what = "Not asked" if entry["outcome"] == Outcome.UNASKED else "Not proved"
            yield f"{what}: {where}. {entry['says']}"
            continue
        by = proved(read_proof(entry["proof"]))
        said = f" {entry['says']}" if entry["says"] else ""
        yield (
            f"Proved: {where}, “{by.log.description}”, stood there by {by.in_log_by_text}.{said}"
        )


_GONE = Unproved(Outcome.UNASKED, "The lake does not hold the observation any more.")
_OFF = Unproved(
    Outcome.UNASKED, "The watch file does not switch on [sources.ct], which says where logs are."
)
_MANY = Unproved(
    Outcome.UNASKED,
    f"Only {MOST} entries of a case are asked for at a time; capture again for the others.",
)
_KEPT = Unproved(
    Outcome.UNASKED, f"An earlier capture keeps its proof; {MOST} others were asked for."
)
_LATE = Unproved(Outcome.UNANSWERED, "The logs before it took too long; capture again.")


_Place = tuple[str, int]  #: log id, position in it


def _places(found: CaseFile) -> list[_Place]:
    """Log and position of each entry, the newest first."""
    rows = [row for row in found.matches if row["source"] == CertificateLogs.name]
    rows.sort(key=lambda row: (str(row.get("observed_at") or ""), row["position"], row["instance"]))
    # By the first time that each was seen: a further match of it makes it no newer.
    return list(dict.fromkeys((row["instance"], row["position"]) for row in rows))[::-1]


def _in_order(
    newest_first: Sequence[_Place], kept: Collection[_Place], in_vain: Mapping[_Place, int]
) -> list[_Place]:
    """Entries without a kept proof come first, and of these what was asked in vain least often.

    Else the same would be asked for at each capture, and a log that never answers would stand
    before all others for good.
    """
    return sorted(newest_first, key=lambda place: (place in kept, in_vain.get(place, 0)))


def _asked_before(settings: Settings, case_id: str) -> tuple[set[_Place], Counter[_Place]]:
    """Entries whose proof an earlier capture keeps, and how often others were asked in vain.

    What cannot be read any more keeps no proof: its entries are asked for again.
    """
    kept, in_vain = set[_Place](), Counter[_Place]()
    evidence = EvidenceStore(settings.evidence)
    with open_snapshot(settings.casebook) as snapshot:
        captures = captures_of(snapshot, case_id)
    for capture in captures:
        for entry in _entries_of(evidence, capture.get("ct_sha256")):
            place = entry["log_id"], entry["leaf_index"]
            if entry["proof"] is not None:
                kept.add(place)
            elif entry["outcome"] != Outcome.UNASKED:
                in_vain[place] += 1
    return kept, in_vain


def _entries_of(evidence: EvidenceStore, sha256: str | None) -> list[dict[str, Any]]:
    if sha256 is None:
        return []
    try:
        content = evidence.read(sha256)
    except LakeError:
        return []
    # Ours, since it has the digest that was written down; of another version by its schema.
    document = json.loads(content) if content is not None else {}
    entries: list[dict[str, Any]] = document["entries"] if document.get("schema") == SCHEMA else []
    return entries


def _entries(
    settings: Settings, found: CaseFile, places: Sequence[_Place]
) -> list[tuple[str, dict[str, Any], Wanted | Unproved]]:
    """The log of each, what is told of it, and what is wanted, or why nothing is.

    As many of the places as hold `MOST` that can be asked for: the others cost no request.
    """
    told: list[tuple[str, dict[str, Any], Wanted | Unproved]] = []
    try:
        with Lake(settings.lake) as lake:
            wanted = 0
            for place in places:
                if wanted == MOST:
                    break
                one = _wanted(lake, found, *place)
                wanted += isinstance(one, Wanted)
                told.append((place[0], _named(*place), one))
    except LakeError as error:
        why = Unproved(Outcome.UNASKED, f"The lake could not be read: {error}")
        told += [(place[0], _named(*place), why) for place in places[len(told) : MOST]]
    return told


def _named(log_id: str, position: int) -> dict[str, Any]:
    return {"source": CertificateLogs.name, "log_id": log_id, "leaf_index": position}


def _wanted(lake: Lake, found: CaseFile, log_id: str, position: int) -> Wanted | Unproved:
    source, subject = CertificateLogs.name, found.case["subject_key"]
    row = lake.observation(source, log_id, position, subject_key=subject)
    if row is None or row["subject_key"] != subject:
        return _GONE
    heads = [
        head
        for head in lake.signed_heads(source, log_id)
        if head["size"] > position and head["verdict"] in _GOOD
    ]
    first = min(heads, key=lambda head: (head["size"], head["received_at"]), default=None)
    leaf = row["evidence_hash"]
    return Wanted(
        position=position,
        host=row["host"],
        leaf_hash=bytes.fromhex(leaf) if leaf else None,
        first_head=first["signed_text"] if first else None,
    )


def _ask(
    source: CertificateLogs | Unproved, log_id: str, wanted: list[Wanted], seconds: float
) -> list[Asked]:
    if isinstance(source, Unproved):
        return [source for _ in wanted]
    if seconds <= 0:
        return [_LATE for _ in wanted]
    return source.prove(log_id, wanted, seconds=seconds)


def _told(row: dict[str, Any], answer: Asked, at: datetime) -> dict[str, Any]:
    told = {**row, "asked_at": _iso(at)}
    if isinstance(answer, Found):
        proof = answer.proof.model_dump(mode="json")
        return {**told, "outcome": str(Outcome.FOUND), "says": answer.note, "proof": proof}
    return {**told, "outcome": str(answer.outcome), "says": str(answer), "proof": None}


def _source(settings: Settings, allow: Sequence[Allowed]) -> CertificateLogs | Unproved:
    try:
        opened = open_sources(settings.watch, data=settings.data)
    except WatchFileError as error:
        return Unproved(Outcome.UNASKED, f"The watch file could not be used: {error}")
    source = next((one for one in opened if isinstance(one, CertificateLogs)), None)
    if source is None:
        return _OFF
    if not allow:
        return source
    around = source.around
    fetcher = partial(around.fetcher, allow=list(allow))
    return CertificateLogs(source.config, dataclasses.replace(around, fetcher=fetcher))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
