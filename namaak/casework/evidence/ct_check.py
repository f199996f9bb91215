"""Checking the proofs of log entries in a pack: every hash, every head, every signature again.

Only what stands in `ct.json` is used, and what it claims must follow from it. The files beside it,
made for other programs, must be what it says, or those programs would prove something else.
May import: namaak.casework.evidence.{bag, json_text, log_entries}, namaak.transparency.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namaak.casework.evidence.bag import read_bytes, read_text
from namaak.casework.evidence.json_text import canonical_json
from namaak.casework.evidence.log_entries import CT_JSON, proof_files, proof_folder, proves
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
#: What comes of reading what somebody wrote.
_ODD = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What the proofs of a pack come to."""

    proved: tuple[Proved, ...]
    problems: tuple[str, ...]  #: a sentence each


def check_logged(pack: Path, *, logs: Mapping[str, bytes] | None = None) -> Logged:
    """Recompute every proof. logs: keys (SPKI DER) by log id, which the reader trusts; without it
    a key counts as the log's whose id is its digest, as in every list of logs.
    """
    text = read_text(pack, CT_JSON)
    if text is None:
        there = (pack / CT_JSON).exists()
        return Logged(proved=(), problems=(_NO_JSON,) if there else ())
    try:
        entries = [_as_object(one) for one in _as_object(json.loads(text))["entries"]]
        subject = _subject(pack)
    except _ODD:
        return Logged(proved=(), problems=(_NO_JSON,))
    held = [one for one in entries if one.get("proof") is not None]
    if len(held) > _MAX_PROOFS:
        return Logged(proved=(), problems=(f"{CT_JSON} holds more than {_MAX_PROOFS} proofs.",))
    found: list[Proved] = []
    problems = [
        f"{CT_JSON}: entry {number} says that it is proved, and holds no proof."
        for number, one in enumerate(entries, start=1)
        if one.get("proof") is None and one.get("proof_outcome") == Outcome.FOUND
    ]
    for number, entry in enumerate(held, start=1):
        try:
            one = proved(read_proof(_as_object(entry["proof"])))
            _holds(entry, one, subject, logs)
            found.append(one)
        except (ProofError, *_ODD) as error:
            why = str(error) if isinstance(error, ProofError) else "is of another form"
            problems.append(f"{CT_JSON}: proof {number} {why}.")
            continue
        problems += _files_that_differ(pack, entry, one, number)
    return Logged(proved=tuple(found), problems=tuple(problems))


def _holds(
    entry: Mapping[str, Any], one: Proved, subject: str | None, logs: Mapping[str, bytes] | None
) -> None:
    """Raises ProofError where an entry claims what its proof does not show."""
    if (entry["log"], entry["leaf_index"]) != (one.log.log_id, one.leaf_index):
        raise ProofError("is of another place than its entry names")
    if entry["leaf_hash"] != one.leaf_hash.hex():
        raise ProofError("is of another leaf than its entry names")
    if entry["proof_outcome"] != Outcome.FOUND:
        raise ProofError("stands at an entry that calls itself not proved")
    if entry["entry_type"] != one.leaf.entry_type:
        raise ProofError("is of another kind of entry than is told")
    # Compared as they are written, so that no spelling of a time or number slips through.
    if canonical_json(entry["proves"]) != canonical_json(proves(one)):
        raise ProofError("does not show what its entry says that it proves")
    host = entry["host"]
    if not one.is_for(str(host)):
        raise ProofError(f"is of a certificate that does not name {host}")
    if subject is not None and subject != f"host:{host}":
        raise ProofError("is about another host than the case")
    if logs is not None and logs.get(one.log.log_id) != one.key:
        raise ProofError("is of a log that the list you gave does not name")


def _files_that_differ(pack: Path, entry: Mapping[str, Any], one: Proved, number: int) -> list[str]:
    folder = proof_folder(number)
    if f"data/{entry.get('files')}" != folder:
        return [f"{CT_JSON}: proof {number} names another folder than {folder}."]
    return [
        f"{path} is not what {CT_JSON} says."
        for path, content in proof_files(one, folder).items()
        if read_bytes(pack, path, most=MAX_LEAF_BYTES) != content
    ]


def _subject(pack: Path) -> str | None:
    """Of whom the case is; None where the pack does not say."""
    text = read_text(pack, "data/case.json")
    return None if text is None else str(_as_object(json.loads(text))["subject_key"])


def _as_object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("is no object")
    return value
