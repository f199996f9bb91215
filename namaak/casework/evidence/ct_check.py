"""Checking the proofs of log entries in a pack: every hash, every head, every signature again.

Only what stands in `ct.json` is used, and what it says of a proved entry must follow from the
proof, but for what `ct.json` itself calls the word of the pack's maker: of that nothing is told on.
The files beside it, made for other programs, must be what it says, or those programs would prove
something else, and no more of them may lie there. Whose key it is no proof can say: that logs are
public is told only of those that the reader's own list names.
May import: namaak.casework.evidence.{bag, json_text, log_entries}, namaak.transparency.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namaak.casework.evidence.bag import read_bytes, read_text
from namaak.casework.evidence.json_text import canonical_json
from namaak.casework.evidence.log_entries import (
    CT_JSON,
    FOLDER,
    KEYS,
    OF_PROOF,
    SCHEMA,
    UNLOGGED,
    certified,
    proof_files,
    proof_folder,
    proves,
)
from namaak.transparency.entry_proofs import (
    MAX_LEAF_BYTES,
    Outcome,
    ProofError,
    Proved,
    proved,
    read_proof,
)

#: Far more than one case asks for.
_MAX_PROOFS = 100
_NO_JSON = f"{CT_JSON} does not hold entries of logs as a pack has them."
_CASE = "data/case.json"
_NO_CASE = f"{CT_JSON}: no proof can be held against the case, since {_CASE} does not name one."
_SHOWN = 100  # characters of a name that somebody wrote
#: What comes of reading what somebody wrote.
_ODD = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLog:
    """A log of the list that the reader trusts."""

    key: bytes  #: SPKI DER
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InLog:
    """One entry that is proved."""

    host: str  #: of the case; the certificate names it
    found: Proved
    listed: ListedLog | None  #: None where the reader gave no list


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What the proofs of a pack come to."""

    proved: tuple[InLog, ...]
    problems: tuple[str, ...]  #: a sentence each


def check_logged(pack: Path, *, logs: Mapping[str, ListedLog] | None = None) -> Logged:
    """Recompute every proof. logs: by log id, which the reader trusts; without it a key counts as
    the log's whose id is its digest, whoever made it.
    """
    text = read_text(pack, CT_JSON)
    if text is None:
        there = os.path.lexists(pack / CT_JSON)
        return _bad(*([_NO_JSON] if there else _unclaimed(pack, set(), ())))
    try:
        entries = _entries(text)
    except _ODD:
        return _bad(_NO_JSON)
    held = [one for one in entries if one.get("proof") is not None]
    if len(held) > _MAX_PROOFS:
        return _bad(f"{CT_JSON} holds more than {_MAX_PROOFS} proofs.")
    problems = [
        f"{CT_JSON}: entry {number} {why}."
        for number, one in enumerate(entries, start=1)
        if (why := _misfit(one)) is not None
    ]
    subject = _subject(pack)
    if held and subject is None:
        problems.append(_NO_CASE)
    found: list[InLog] = []
    claimed: set[str] = set()
    unproved: list[str] = []
    for number, entry in enumerate(held, start=1):
        try:
            one = proved(read_proof(_as_object(entry["proof"])))
            listed = _holds(entry, one, subject, logs)
        except (ProofError, *_ODD) as error:
            why = str(error) if isinstance(error, ProofError) else "is of another form"
            problems.append(f"{CT_JSON}: proof {number} {why}.")
            unproved.append(f"{proof_folder(number)}/")
            continue
        found.append(InLog(host=str(entry["host"]), found=one, listed=listed))
        files = proof_files(one, proof_folder(number))
        claimed |= files.keys()
        problems += _files_that_differ(pack, entry, files, number)
    problems += _unclaimed(pack, claimed, unproved)
    return Logged(proved=tuple(found), problems=tuple(problems))


def _bad(*problems: str) -> Logged:
    return Logged(proved=(), problems=problems)


def _entries(text: str) -> list[Mapping[str, Any]]:
    """Raises what is in _ODD."""
    document = _as_object(json.loads(text, object_pairs_hook=_once_each))
    entries = document["entries"]
    # Older packs, which hold no proofs, name no schema.
    if document.get("schema", SCHEMA) != SCHEMA or not isinstance(entries, list):
        raise ValueError("is of another schema")
    return [_as_object(one) for one in entries]


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands twice, readers differ in which they take."""
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("names something twice")
    return read


def _misfit(entry: Mapping[str, Any]) -> str | None:
    """What is wrong with an entry before its proof is looked at; completes "entry 3 ..."."""
    if not entry.keys() <= KEYS:
        return "says more than a pack says of an entry"
    if entry.get("proof") is not None or not entry.keys() & OF_PROOF:  # the latter: older packs
        return None
    outcome = entry.get("proof_outcome")
    if outcome == Outcome.FOUND or any(entry.get(one) is not None for one in ("proves", "files")):
        return "says that it is proved, and holds no proof"
    if outcome not in set(Outcome):
        return "says of its proof what no pack says"
    return None


def _holds(
    entry: Mapping[str, Any],
    one: Proved,
    subject: str | None,
    logs: Mapping[str, ListedLog] | None,
) -> ListedLog | None:
    """The log as the reader's list has it, where there is one.

    Raises ProofError where an entry claims what its proof does not show.
    """
    if (entry["log"], entry["leaf_index"]) != (one.log.log_id, one.leaf_index):
        raise ProofError("is of another place than its entry names")
    if entry["told_by"] is not None or entry["trust"] == UNLOGGED:
        raise ProofError("stands at an entry that no log is said to have told")
    if entry["leaf_hash"] != one.leaf_hash.hex():
        raise ProofError("is of another leaf than its entry names")
    if entry["proof_outcome"] != Outcome.FOUND:
        raise ProofError("stands at an entry that calls itself not proved")
    if entry["entry_type"] != one.leaf.entry_type:
        raise ProofError("is of another kind of entry than is told")
    # Compared as they are written, so that no spelling of a time or number slips through.
    for name, value in certified(one).items():
        if canonical_json(entry[name]) != canonical_json(value):
            raise ProofError(f"is of a leaf whose {name} is not the one that its entry tells")
    if canonical_json(entry["proves"]) != canonical_json(proves(one)):
        raise ProofError("does not show what its entry says that it proves")
    host = str(entry["host"])
    if not one.is_for(host):
        raise ProofError(f"is of a certificate that does not name {host[:_SHOWN]}")
    if subject is not None and subject != f"host:{host}":
        raise ProofError("is about another host than the case")
    if logs is None:
        return None
    listed = logs.get(one.log.log_id)
    if listed is None or listed.key != one.key:
        raise ProofError("is of a log that the list you gave does not name")
    return listed


def _files_that_differ(
    pack: Path, entry: Mapping[str, Any], files: Mapping[str, bytes], number: int
) -> list[str]:
    folder = proof_folder(number)
    if f"data/{entry.get('files')}" != folder:
        return [f"{CT_JSON}: proof {number} names another folder than {folder}."]
    return [
        f"{path} is not what {CT_JSON} says."
        for path, content in files.items()
        if read_bytes(pack, path, most=MAX_LEAF_BYTES) != content
    ]


def _unclaimed(pack: Path, claimed: Collection[str], unproved: Sequence[str]) -> list[str]:
    """Files where proofs lie that belong to none. unproved: folders of which more is said."""
    return [
        f"{path!r} belongs to no proof of {CT_JSON}."
        for path in sorted(_files_below(pack, FOLDER))
        if path not in claimed and not path.startswith(tuple(unproved))
    ]


def _files_below(pack: Path, folder: str) -> Iterable[str]:
    """None where a step of the way is a link: those are named by the check of the files."""
    steps = [pack / folder, *(pack / folder).parents]
    if any(step.is_symlink() for step in steps[: folder.count("/") + 1]):
        return
    for place, _, names in os.walk(pack / folder, followlinks=False):
        for name in names:
            yield Path(place, name).relative_to(pack).as_posix()


def _subject(pack: Path) -> str | None:
    """Of whom the case is; None where the pack does not say."""
    text = read_text(pack, _CASE)
    try:
        return None if text is None else str(_as_object(json.loads(text))["subject_key"])
    except _ODD:
        return None


def _as_object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("is no object")
    return value
