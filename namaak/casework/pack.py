"""The evidence pack: what is told of one case, so that a stranger can check it.

Here is what goes in; how it is put into a folder and checked is namaak.casework.bag. The same
case at the same time gives the same bytes. No name in the pack comes from a stranger.
May import: namaak.errors, namaak.casework.{alignment, bag, comparison, events, report, reported}.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from namaak.casework.alignment import UNICODE_VERSION, explain
from namaak.casework.bag import read_text, verify_bag, write_bag
from namaak.casework.comparison import Comparison, Decode, compare, hash_facts
from namaak.casework.events import verify_events
from namaak.casework.report import Report, render
from namaak.casework.reported import Reported, reported
from namaak.errors import NamaakError, UsageError

_CASE_ID = re.compile(r"NK-[0-9A-HJKMNP-TV-Z]{12}")
_HOW_TO_VERIFY = "VERIFY.txt"
_NOT_LAID = "No way was found to lay one over the other so that their edges run together."


class CaseFile(Protocol):
    """All that is known of one case, as namaak.casework.reading reads it."""

    @property
    def case(self) -> Mapping[str, object]: ...
    @property
    def signals(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def matches(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def events(self) -> Sequence[Mapping[str, object]]: ...


def write_pack(
    case: CaseFile,
    *,
    output: Path,
    now: datetime,
    contact: str,
    organisation: str | None,
    observations: Sequence[Mapping[str, object]],
    subject_image: bytes | None,
    logo: bytes | None,
    decode: Decode,
    version: str,
    chain_head: Mapping[str, object] | None = None,
    screenshots: Mapping[str, bytes] | None = None,
) -> Path:
    """Write `output/case-<id>-<utc>/` and return it.

    now: aware, when the pack is made. observations: rows of OBSERVATION_SCHEMA, as seen.
    subject_image, logo: the original bytes; a picture that is absent or does not decode is
    told in missing.json. decode: turns bytes into pixels, under limits. chain_head: `seq` and
    `chain_hash` of the casebook's last event, by which a history that was cut short later is
    noticed. screenshots: of those that the observations name, the original bytes by SHA-256.
    Raises UsageError where the pack is
    already there or `output` is no folder, NamaakError where it cannot be written; in both
    cases nothing is left behind.
    """
    case_id = str(case.case["case_id"])
    if not _CASE_ID.fullmatch(case_id):
        raise UsageError(f"{case_id!r} is not a case id; give one as `namaak cases` prints it.")
    match = _picture_match(case.matches, subject_image)
    comparison = compare(logo, subject_image, decode=decode, match=match)
    ordered = _in_order(observations, *_OBSERVATION_ORDER)
    reports = reported(ordered, screenshots or {}, decode=decode)
    missing = _missing(case.case, comparison, chain_head, reports)
    payload = _payload(case, ordered, comparison, subject_image) | _kept(reports)
    payload["data/missing.json"] = canonical_json(missing)
    if chain_head is not None:
        payload["data/chain-head.json"] = canonical_json(chain_head)
    report = Report(
        case=case.case,
        signals=_in_order(case.signals, "position"),
        matches=_in_order(case.matches, "match_id"),
        events=_in_order(case.events, "case_seq"),
        observations=ordered,
        reported=reports,
        comparison=comparison,
        missing=missing,
        files=[(path, hashlib.sha256(payload[path]).hexdigest()) for path in sorted(payload)],
        organisation=organisation,
        contact=contact,
        version=version,
    )
    payload["data/report.html"] = render(report, now=now).encode("utf-8")
    info = {
        "Source-Organization": organisation,
        "Contact-Email": contact,
        "External-Identifier": case_id,
        "Bagging-Date": now.astimezone(UTC).date().isoformat(),
        "Bag-Software-Agent": f"namaak {version}",
    }
    name = f"case-{case_id}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    notes = {_HOW_TO_VERIFY: _how_to_verify(chain_head).encode("utf-8")}
    return write_bag(output, name, payload, info=info, notes=notes)


def canonical_json(value: object, *, indent: int | None = 2) -> bytes:
    """Sorted keys, UTF-8, one newline at the end; moments as ISO 8601 in UTC with `Z`.

    Characters that a terminal obeys or does not show are escaped, so that a pack can be read
    with `cat`. A number that JSON cannot say (nan, inf) is told as text.
    """
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, indent=indent)
    # Line breaks outside strings are ours; inside, json has already escaped them.
    escaped = "".join(
        _json_escape(c) if c != "\n" and unicodedata.category(c) in _UNSEEN else c for c in text
    )
    return escaped.encode("utf-8") + b"\n"


def verify_pack(path: Path) -> tuple[str, ...]:
    """What is wrong with a pack, a sentence each; empty when it is sound.

    Trusts nothing in the folder: follows no link in it, and opens no path that a manifest names
    unless it was found by walking. Raises UsageError when there is no such folder, NamaakError
    when it cannot be read.
    """
    if not (path / "bagit.txt").is_file():
        raise UsageError(f"There is no pack at {path}; name the folder that holds bagit.txt.")
    try:
        problems = verify_bag(path, notes=(_HOW_TO_VERIFY,))
        return (*problems, *_history_problems(path))
    except OSError as error:
        raise NamaakError(
            f"The pack {path} cannot be read: {error}; check the folder's permissions."
        ) from None


# What goes in


_OBSERVATION_ORDER = ("observed_at", "source", "instance", "position")


def _payload(
    case: CaseFile,
    observations: Sequence[Mapping[str, object]],
    comparison: Comparison,
    subject_image: bytes | None,
) -> dict[str, bytes]:
    """Path in the bag -> content: the case itself, and the pictures that are compared.

    observations: in the order in which they are told.
    """
    row = case.case
    score = {name: row[name] for name in ("score", "band", "gates", "rank_version")}
    matches = [dict(m, alignment=explain(m)) for m in _in_order(case.matches, "match_id")]
    payload = {
        "data/case.json": canonical_json(row),
        "data/score.json": canonical_json(score | {"signals": _in_order(case.signals, "position")}),
        "data/events.jsonl": _lines(_in_order(case.events, "case_seq")),
        "data/observations.jsonl": _lines(observations),
        "data/matches.json": canonical_json(
            {"unicode_version": UNICODE_VERSION, "matches": matches}
        ),
        "data/comparison/hashes.json": canonical_json(hash_facts(comparison)),
    }
    if subject_image is not None:
        payload["data/comparison/subject.orig"] = subject_image
    if comparison.official is not None:
        payload["data/comparison/official.png"] = comparison.official.png
    if comparison.seen is not None:
        payload["data/comparison/subject.png"] = comparison.seen.png
    if comparison.side_by_side is not None:
        payload["data/comparison/side-by-side.png"] = comparison.side_by_side
    if comparison.overlay is not None:
        payload["data/comparison/overlay.png"] = comparison.overlay
    return payload


def _kept(reports: Sequence[Reported]) -> dict[str, bytes]:
    """Path in the bag -> content: screenshots as they were reported, and as people see them."""
    payload = {}
    for one in (report.screenshot for report in reports):
        if one is not None and one.original is not None:
            # No ending that a programme opens: the bytes are a stranger's.
            payload[f"data/reported/{one.sha256}.orig"] = one.original
            if one.png is not None:
                payload[f"data/reported/{one.sha256}.png"] = one.png
    return payload


def _picture_match(
    matches: Sequence[Mapping[str, object]], subject_image: bytes | None
) -> Mapping[str, object] | None:
    """The strongest match by this very picture; None where the picture matched nothing."""
    if subject_image is None:
        return None
    sha256 = hashlib.sha256(subject_image).hexdigest()
    found = [row for row in matches if row["field"] == "image" and row["value"] == sha256]
    return max(found, key=lambda row: (float(str(row["strength"])), row["match_id"]), default=None)


def _missing(
    case: Mapping[str, object],
    comparison: Comparison,
    chain_head: Mapping[str, object] | None,
    reports: Sequence[Reported],
) -> list[dict[str, str]]:
    """What a full pack would hold and this one does not; `what` and `reason`."""
    unvisited = "This pack tells what was observed; the subject was not visited to make it."
    entries = [("Fresh capture (WACZ, screenshots)", unvisited)]
    if case["subject_kind"] == "host":
        entries.append(("DNS, RDAP, TLS certificate, CT records", unvisited))
    if case["subject_kind"] in ("account", "app"):
        entries.append(("Fresh profile or store page", unvisited))
    if comparison.official_problem is not None:
        entries.append(("Official picture", comparison.official_problem))
    if comparison.seen_problem is not None:
        entries.append(("Seen picture", comparison.seen_problem))
    if comparison.side_by_side is not None and comparison.overlay is None:
        entries.append(("Official picture laid over the seen one", _NOT_LAID))
    shots = {one.screenshot.sha256: one.screenshot for one in reports if one.screenshot}
    for sha256, shot in sorted(shots.items()):
        if shot.problem is not None:
            entries.append((f"Reported screenshot {sha256[:12]}…", shot.problem))
    if chain_head is None:
        entries.append(("End of the casebook's history", "It was not asked for."))
    entries += [
        ("Trade-mark certificates, authority letter", "None is added when a pack is made."),
        ("Signature over the tag manifest", "The pack is not signed; whoever sends it vouches."),
        ("Time stamp (RFC 3161)", "No time-stamp authority was asked; the times are namaak's."),
    ]
    return [{"what": what, "reason": reason} for what, reason in entries]


def _in_order(rows: Sequence[Mapping[str, object]], *names: str) -> list[Mapping[str, object]]:
    return sorted(rows, key=lambda row: tuple(row[name] for name in names))


def _lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    return b"".join(canonical_json(row, indent=None) for row in rows)


#: Categories of characters that a terminal obeys or does not show.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def _plain(value: object) -> object:
    match value:
        case datetime():
            aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return aware.isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case float() if not math.isfinite(value):
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(name): _plain(entry) for name, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
    return value


def _how_to_verify(chain_head: Mapping[str, object] | None) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=False,  # noqa: S701 - plain text, and nothing of a stranger's goes into it
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("VERIFY.txt.jinja").render(chain_head=chain_head)


# Checking one


_NO_EVENTS = "data/events.jsonl does not hold one event on each line."
_NO_HEAD = "data/chain-head.json does not say where the casebook's history ends."


def _history_problems(pack: Path) -> list[str]:
    """What the manifests cannot tell: whether the events follow from one another."""
    lines = read_text(pack, "data/events.jsonl")
    head = read_text(pack, "data/chain-head.json")
    try:
        events = [json.loads(line) for line in (lines or "").splitlines()]
        broken = verify_events(events)
    # A line that somebody wrote may be any JSON, or none.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [_NO_EVENTS]
    if broken is not None:
        return [f"data/events.jsonl: event {broken.case_seq!r} is broken: {broken.what}."]
    try:
        return [] if head is None or _leads_to(events, json.loads(head)) else [_MISFIT]
    except (ValueError, KeyError, TypeError, RecursionError):
        return [_NO_HEAD]


_MISFIT = "data/events.jsonl holds events that are not before the end in data/chain-head.json."


def _leads_to(events: Sequence[Mapping[str, object]], head: Mapping[str, object]) -> bool:
    """Whether the casebook's chain may end in `head` and still hold all these events."""
    for event in events:
        distance = int(str(head["seq"])) - int(str(event["seq"]))
        if distance < 0 or (distance == 0 and event["chain_hash"] != head["chain_hash"]):
            return False
    return True
