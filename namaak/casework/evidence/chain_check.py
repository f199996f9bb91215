"""The history in a pack: what its manifests cannot tell of it.

Whether the events follow from one another, lead to the end of the casebook's history that the pack
names, and tell of the captures that it holds. The lines may be anybody's: each is read alone, as
often as it is needed, so that many small things in them do not fill the memory together.
May import: namaak.casework.events, namaak.casework.evidence.bag.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from namaak.casework.events import verify_events
from namaak.casework.evidence.bag import open_file, read_text

EVENTS = "data/events.jsonl"
CAPTURES = "data/captures"
_HEAD = "data/chain-head.json"
#: Of all events; of one, which is read alone, at most _MAX_LINE characters.
MAX_HISTORY_BYTES = 64_000_000
_MAX_LINE = 4 << 20
_MAX_SHOWN = 100
_PIECE = 1 << 20
_NO_EVENTS = "data/events.jsonl does not hold one event on each line."
_NO_HEAD = "data/chain-head.json does not say where the casebook's history ends."
_MISFIT = "data/events.jsonl holds events that are not before the end in data/chain-head.json."


#: What comes of lines that somebody wrote: they may be any JSON, or none.
_ODD = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError)


def history_problems(pack: Path) -> list[str]:
    """What is wrong with it, a sentence each; empty when nothing is, or when it holds none."""
    text = read_text(pack, EVENTS, most=MAX_HISTORY_BYTES)
    if text is None and os.path.lexists(pack / EVENTS):
        return [_NO_EVENTS]
    text = text or ""
    head = read_text(pack, _HEAD)
    if head is None and os.path.lexists(pack / _HEAD):
        return [_NO_HEAD]
    try:
        broken = verify_events(_events(text))
        told = _archives_told(_events(text))
    except _ODD:
        return [_NO_EVENTS]
    if broken is not None:
        where = repr(broken.case_seq)[:_MAX_SHOWN]
        return [f"{EVENTS}: event {where} is broken: {broken.what}."]
    try:
        if head is not None and not _leads_to(_events(text), json.loads(head)):
            return [_MISFIT]
    except _ODD:
        return [_NO_HEAD]
    return _capture_problems(pack, told) if text else []


def capture_files(pack: Path) -> list[str]:
    """Where web archives may lie in a pack."""
    captures = pack / CAPTURES
    if captures.is_symlink() or not captures.is_dir():
        return []
    return [f"{CAPTURES}/{folder.name}/capture.wacz" for folder in sorted(captures.iterdir())]


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        if len(line) > _MAX_LINE:
            raise ValueError("no event is as long as this")
        yield json.loads(line)


def _leads_to(events: Iterable[Mapping[str, object]], head: Mapping[str, object]) -> bool:
    """Whether the casebook's chain may end in `head` and still hold all these events."""
    end = int(str(head["seq"]))
    for event in events:
        distance = end - int(str(event["seq"]))
        if distance < 0 or (distance == 0 and event["chain_hash"] != head["chain_hash"]):
            return False
    return True


def _archives_told(events: Iterable[Mapping[str, object]]) -> set[str]:
    told: set[str] = set()
    for event in events:
        if event.get("kind") == "captured":
            data = json.loads(str(event["data"]))
            told |= {str(value) for name, value in data.items() if name.endswith("_sha256")}
    return told


def _capture_problems(pack: Path, told: set[str]) -> list[str]:
    """Captures in the pack that no event of the case tells of, by the digest of their archive."""
    problems = []
    for name in capture_files(pack):
        file = open_file(pack, name)
        if file is None:
            continue
        made = hashlib.sha256()
        with file:
            while piece := file.read(_PIECE):
                made.update(piece)
        if made.hexdigest() not in told:
            problems.append(f"{name!r} is no capture that the case's history tells of.")
    return problems
