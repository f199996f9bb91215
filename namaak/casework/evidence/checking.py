"""Checking a pack: files, manifests, history, signatures, time stamp and web archives.

Trusts nothing in the folder: follows no link in it, and opens no path that a manifest names unless
it was found by walking. What is wrong is one list; what holds, and under whose word, another.
May import: namaak.errors, namaak.visible, namaak.casework.events,
namaak.casework.evidence.{archives, bag, signing, stamping}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from namaak.casework.events import verify_events
from namaak.casework.evidence.archives import archive_problems
from namaak.casework.evidence.bag import ALGORITHMS, read_bytes, read_text, verify_bag
from namaak.casework.evidence.signing import (
    ALLOWED_SIGNERS,
    available,
    signature_problem,
    signers_in,
)
from namaak.casework.evidence.stamping import CHAIN, stamp_problem, time_of
from namaak.errors import NamaakError, UsageError
from namaak.visible import visible

HOW_TO_VERIFY = "VERIFY.txt"
TAG_MANIFESTS = tuple(f"tagmanifest-{algorithm}.txt" for algorithm in ALGORITHMS)
#: What time stamps are of.
STAMPED = "tagmanifest-sha256.txt"
TOKEN = f"{STAMPED}.tsr"
#: All that may stand beside the tag manifests; the signature over the token comes last.
SEALS = (*(f"{name}.sig" for name in TAG_MANIFESTS), TOKEN, f"{TOKEN}.sig")
_MAX_CAPTURE = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What an examination of a pack found."""

    problems: tuple[str, ...]  #: what is wrong, a sentence each
    proved: tuple[str, ...]  #: what holds, a sentence each


def verify_pack(
    path: Path, *, signers: Path | None = None, tsa_chain: Path | None = None
) -> tuple[str, ...]:
    """What is wrong with a pack, a sentence each; empty when it is sound. See `examine_pack`."""
    return examine_pack(path, signers=signers, tsa_chain=tsa_chain).problems


def examine_pack(
    path: Path, *, signers: Path | None = None, tsa_chain: Path | None = None
) -> Examined:
    """Check everything that can be checked.

    signers: a file of allowed signers that the reader trusts; without it the pack's own, which
    proves only that one key signed all of it. tsa_chain: certificates that the reader trusts, PEM;
    else the pack's. Raises UsageError when there is no such folder or file, NamaakError when it
    cannot be read.
    """
    if not (path / "bagit.txt").is_file():
        raise UsageError(f"There is no pack at {path}; name the folder that holds bagit.txt.")
    trusted = {name: _given(file) for name, file in (("s", signers), ("t", tsa_chain))}
    try:
        return _examined(path, trusted["s"], trusted["t"])
    except OSError as error:
        raise NamaakError(
            f"The pack {path} cannot be read: {error}; check the folder's permissions."
        ) from None


def _examined(path: Path, signers: bytes | None, chain: bytes | None) -> Examined:
    optional = (ALLOWED_SIGNERS, CHAIN)
    notes = (HOW_TO_VERIFY, *(name for name in optional if (path / name).exists()))
    bag = verify_bag(path, notes=notes, seals=SEALS)
    history = _history_problems(path)
    archives = _archive_problems(path)
    problems = [*bag, *history, *archives]
    proved = []
    if not problems:
        proved.append("Files, manifests and history agree.")
    signatures = _signatures(path, signers)
    stamp = _stamp(path, chain)
    return Examined(
        problems=(*problems, *signatures.problems, *stamp.problems),
        proved=(*proved, *signatures.proved, *stamp.proved),
    )


def _given(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The file {file} cannot be read ({error.strerror}); name another."
        ) from None


# Signatures and time stamp


def _signatures(path: Path, given: bytes | None) -> Examined:
    found = {name: read_bytes(path, f"{name}.sig") for name in (*TAG_MANIFESTS, TOKEN)}
    own = read_bytes(path, ALLOWED_SIGNERS)
    signed = {name: signature for name, signature in found.items() if signature is not None}
    if not signed and own is None:
        said = "It is not signed." if given is None else None
        lacking = () if given is None else ("The pack is not signed, though signers were given.",)
        return Examined(problems=lacking, proved=() if said is None else (said,))
    allowed = given if given is not None else own
    problems = [
        f"{name}.sig is missing, though the pack was signed."
        for name, signature in found.items()
        if signature is None and (name != TOKEN or read_bytes(path, TOKEN) is not None)
    ]
    if allowed is None:
        return Examined(problems=(*problems, "allowed_signers is missing; give --signers."),
                        proved=())  # fmt: skip
    if not available():
        said = "Its signatures were not checked: there is no ssh-keygen on the PATH."
        return Examined(problems=tuple(problems), proved=(said,))
    for name, signature in signed.items():
        content = read_bytes(path, name)
        why = "what it signs is missing"
        if content is not None:
            why = signature_problem(content, signature, allowed) or ""
        if why:
            problems.append(f"{name}.sig is no good signature: {why}.")
    who = ", ".join(visible(name) for name in signers_in(allowed)[:5])
    word = "who you say may sign" if given is not None else "as the pack itself says: ask them"
    proved = () if problems else (f"It was signed by {who} ({word}).",)
    return Examined(problems=tuple(problems), proved=proved)


def _stamp(path: Path, given: bytes | None) -> Examined:
    reply = read_bytes(path, TOKEN)
    if reply is None:
        if given is not None:
            return Examined(
                problems=("The pack has no time stamp, though a chain was given.",), proved=()
            )
        return Examined(problems=(), proved=("It has no time stamp.",))
    content = read_bytes(path, STAMPED) or b""
    chain = given if given is not None else read_bytes(path, CHAIN)
    why = stamp_problem(content, reply, chain)
    if why is not None and chain:
        return Examined(problems=(f"{TOKEN} is no good time stamp: {why}.",), proved=())
    if why is not None:
        if stamp_problem(content, reply, None) == why and why.startswith("there are no cert"):
            return Examined(problems=(), proved=(f"Its time stamp was not checked: {why}.",))
        return Examined(problems=(f"{TOKEN} is no good time stamp: {why}.",), proved=())
    at = time_of(reply)
    when = "a time that it says" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"
    word = "whose certificates you gave" if given is not None else "as the pack's chain says"
    return Examined(problems=(), proved=(f"It existed at {when} by its time stamp ({word}).",))


# Web archives


def _archive_problems(path: Path) -> list[str]:
    problems = []
    captures = path / "data" / "captures"
    if captures.is_symlink() or not captures.is_dir():
        return []
    for folder in sorted(captures.iterdir()):
        name = f"data/captures/{folder.name}/capture.wacz"
        content = read_bytes(path, name, most=_MAX_CAPTURE)
        if content is not None:
            problems += [f"{name!r} {what}." for what in archive_problems(content)]
    return problems


# History


_NO_EVENTS = "data/events.jsonl does not hold one event on each line."
_NO_HEAD = "data/chain-head.json does not say where the casebook's history ends."
_MISFIT = "data/events.jsonl holds events that are not before the end in data/chain-head.json."


def _history_problems(pack: Path) -> list[str]:
    """What the manifests cannot tell: whether the events follow from one another, and whether the
    captures that they name are those in the pack."""
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
        if head is not None and not _leads_to(events, json.loads(head)):
            return [_MISFIT]
    except (ValueError, KeyError, TypeError, RecursionError):
        return [_NO_HEAD]
    return _capture_problems(pack, events)


def _leads_to(events: Sequence[Mapping[str, object]], head: Mapping[str, object]) -> bool:
    """Whether the casebook's chain may end in `head` and still hold all these events."""
    for event in events:
        distance = int(str(head["seq"])) - int(str(event["seq"]))
        if distance < 0 or (distance == 0 and event["chain_hash"] != head["chain_hash"]):
            return False
    return True


def _capture_problems(pack: Path, events: Sequence[Mapping[str, object]]) -> list[str]:
    """Captures in the pack that no event of the case tells of, by the digest of their archive."""
    from hashlib import sha256

    told: set[str] = set()
    for event in events:
        if event.get("kind") == "captured":
            data = json.loads(str(event["data"]))
            told |= {str(value) for name, value in data.items() if name.endswith("_sha256")}
    captures = pack / "data" / "captures"
    if captures.is_symlink() or not captures.is_dir() or not events:
        return []
    problems = []
    for folder in sorted(captures.iterdir()):
        name = f"data/captures/{folder.name}/capture.wacz"
        content = read_bytes(pack, name, most=_MAX_CAPTURE)
        if content is not None and sha256(content).hexdigest() not in told:
            problems.append(f"{name!r} is no capture that the case's history tells of.")
    return problems
