"""Checking a pack: files, manifests, history, signatures, time stamp and web archives.

Trusts nothing in the folder: follows no link in it, and opens no path that a manifest names unless
it was found by walking. Each check says by what it was done and what came of it; one that was asked
for and could not be done is a problem, and nobody is named who was not found to have signed.
May import: namaak.errors, namaak.visible, namaak.casework.evidence.{archives, bag, chain_check,
ct_check, signing, stamping, unzipping}.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from namaak import __version__
from namaak.casework.evidence.archives import check_archive
from namaak.casework.evidence.bag import (
    ALGORITHMS,
    open_file,
    read_bytes,
    read_text,
    verify_bag,
)
from namaak.casework.evidence.chain_check import EVENTS, capture_files, history_problems
from namaak.casework.evidence.ct_check import InLog, ListedLog, check_logged
from namaak.casework.evidence.signing import ALLOWED_SIGNERS, available, check_signature
from namaak.casework.evidence.stamping import CHAIN, checker, stamp_problem, time_of
from namaak.casework.evidence.unzipping import NotAPack, unzipped
from namaak.errors import NamaakError, UsageError
from namaak.visible import visible

HOW_TO_VERIFY = "VERIFY.txt"
TAG_MANIFESTS = tuple(f"tagmanifest-{algorithm}.txt" for algorithm in ALGORITHMS)
#: What time stamps are of.
STAMPED = "tagmanifest-sha256.txt"
TOKEN = f"{STAMPED}.tsr"
#: All that may stand beside the tag manifests; the signature over the token comes last.
SEALS = (*(f"{name}.sig" for name in TAG_MANIFESTS), TOKEN, f"{TOKEN}.sig")
#: Seconds for all web archives of a pack together.
_ARCHIVES_S = 600.0
_MAX_PROBLEMS = 500
_MOST_NAMES = 5
_MAX_NAME = 253
_NAME = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_US = f"namaak {__version__}"


class Result(StrEnum):
    """What came of one check."""

    GOOD = "good"
    BAD = "bad"  #: wrong, or asked for and not to be done; its problems say which
    UNCHECKED = "unchecked"  #: it is there, nobody asked for it, and it could not be done
    ABSENT = "absent"  #: the pack has nothing of the kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    what: str  #: "files", "history", "web archives", "log entries", "signature", "time stamp"
    by: str | None  #: the program that did it; None where none did
    result: Result
    says: str  #: a sentence; where it is bad, the first problem
    problems: tuple[str, ...] = ()  #: a sentence each


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What an examination of a pack found."""

    checks: tuple[Check, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, a sentence each, as far as it can be read."""
        found = [problem for check in self.checks for problem in check.problems]
        more = len(found) - _MAX_PROBLEMS
        told = found if more <= 0 else [*found[:_MAX_PROBLEMS], f"There are {more} more problems."]
        # Names in a pack are a stranger's.
        return tuple(map(visible, told))

    @property
    def proved(self) -> tuple[str, ...]:
        """What holds or is not there, and under whose word, a sentence each."""
        return tuple(visible(check.says) for check in self.checks if not check.problems)


def verify_pack(
    path: Path, *, signers: Path | None = None, tsa_chain: Path | None = None
) -> tuple[str, ...]:
    """What is wrong with a pack, a sentence each; empty when it is sound. See `examine_pack`."""
    return examine_pack(path, signers=signers, tsa_chain=tsa_chain).problems


def examine_pack(
    path: Path,
    *,
    signers: Path | None = None,
    tsa_chain: Path | None = None,
    logs: Mapping[str, ListedLog] | None = None,
) -> Examined:
    """Check everything that can be checked.

    signers: a file of allowed signers that the reader trusts; without it the pack's own, which
    proves only that one key signed all of it. tsa_chain: certificates that the reader trusts, PEM;
    else the pack's. logs: certificate logs by log id that the reader trusts; else a key is that of
    the log whose id is its digest, of which nothing says that it is public. path: the pack's
    folder, or the one file that `zip_pack` makes of it. Raises UsageError when there is no such
    folder or file, NamaakError when it cannot be read, or is a file and no pack.
    """
    if path.is_file():
        return _examined_zip(path, signers=signers, tsa_chain=tsa_chain, logs=logs)
    if not (path / "bagit.txt").is_file():
        raise UsageError(
            f"There is no pack at {path}; name the folder that holds bagit.txt, or a pack's .zip."
        )
    trusted = {name: _given(file) for name, file in (("s", signers), ("t", tsa_chain))}
    try:
        return _examined(path, trusted["s"], trusted["t"], logs)
    except OSError as error:
        raise NamaakError(
            f"The pack {path} cannot be read: {error}; check the folder's permissions."
        ) from None


def _examined_zip(
    path: Path,
    *,
    signers: Path | None,
    tsa_chain: Path | None,
    logs: Mapping[str, ListedLog] | None,
) -> Examined:
    try:
        with unzipped(path) as folder:
            if (folder / "bagit.txt").is_file():
                return examine_pack(folder, signers=signers, tsa_chain=tsa_chain, logs=logs)
    except NotAPack as error:
        raise NamaakError(
            f"{path} is no pack in one file: {visible(str(error))} Name a pack's folder, or a file "
            "as `namaak pack --zip` writes it."
        ) from None
    raise NamaakError(f"{path} is no pack: there is no bagit.txt in it; name another.")


def notice_pack_problems(path: Path, case_id: str) -> tuple[str, ...]:
    """Why this is no sound pack for a notice about this case, a sentence each; empty when it is.

    path: a pack's folder, or the one file that `zip_pack` makes of it. Raises UsageError where
    there is neither, NamaakError where it cannot be read.
    """
    if path.is_dir():
        return _notice_problems(path, case_id)
    if not path.is_file():
        raise UsageError(f"There is no pack at {path}; name a pack's folder or its .zip.")
    try:
        with unzipped(path) as folder:
            return _notice_problems(folder, case_id)
    except NotAPack as error:
        return (visible(str(error)),)


def _notice_problems(path: Path, case_id: str) -> tuple[str, ...]:
    if not (path / "bagit.txt").is_file():
        return ("It is no pack: there is no bagit.txt in it.",)
    problems = list(examine_pack(path).problems)
    try:
        about = json.loads(read_text(path, _CASE) or "")["case_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        about = None
    told = (read_text(path, "bag-info.txt") or "").splitlines()
    if about != case_id or f"External-Identifier: {case_id}" not in told:
        problems.append(f"It is about another case than {case_id}.")
    held = [name for name in _FULL_ONLY if (path / name).exists()]
    if held or not (path / _NOTICE_ONLY).is_file():
        problems.append(
            "It is no pack for a notice, and may name people; make one by `namaak pack "
            f"{case_id} --profile notice`."
        )
    return tuple(map(visible, problems))


_CASE = "data/case.json"
#: By what the profiles differ: see `pack`.
_NOTICE_ONLY = "data/history.json"
_FULL_ONLY = (
    EVENTS,
    "data/chain-head.json",
    "data/actions",
    "data/reported",
    "data/exports",
    "data/comparison/subject.orig",
)


def _examined(
    path: Path, signers: bytes | None, chain: bytes | None, logs: Mapping[str, ListedLog] | None
) -> Examined:
    optional = (ALLOWED_SIGNERS, CHAIN)
    notes = (HOW_TO_VERIFY, *(name for name in optional if (path / name).exists()))
    bag = verify_bag(path, notes=notes, seals=SEALS)
    # Without it nothing else in the pack is about anybody.
    if read_bytes(path, _CASE) is None:
        bag = (*bag, f"{_CASE}, which says what the pack is about, is missing or far too large.")
    files = _check("files", bag, "Every file is as the manifests list it.")
    return Examined(
        checks=(
            files,
            _history(path),
            _archives(path),
            _logged(path, logs),
            _signature(path, signers),
            _stamp(path, chain),
        )
    )


def _check(what: str, problems: Sequence[str], says: str, *, by: str = _US) -> Check:
    if problems:
        return Check(what=what, by=by, result=Result.BAD, says=problems[0],
                     problems=tuple(problems))  # fmt: skip
    return Check(what=what, by=by, result=Result.GOOD, says=says)


def _absent(what: str, says: str) -> Check:
    return Check(what=what, by=None, result=Result.ABSENT, says=says)


def _undone(what: str, says: str, *, asked: bool) -> Check:
    """What could not be checked is wrong where a person asked for it, and else only told."""
    if asked:
        return Check(what=what, by=None, result=Result.BAD, says=says, problems=(says,))
    return Check(what=what, by=None, result=Result.UNCHECKED, says=says)


def _history(path: Path) -> Check:
    problems = history_problems(path)
    if not problems and not (path / EVENTS).exists():
        return _absent("history", "It holds no chain of events; a full pack does.")
    return _check("history", problems, "Its events follow from one another.")


def _logged(path: Path, logs: Mapping[str, ListedLog] | None) -> Check:
    what = "log entries"
    found = check_logged(path, logs=logs)
    if not found.proved and not found.problems:
        return _absent(what, "It holds no proof of an entry in a certificate log.")
    told = "; ".join(map(_in_log, found.proved[:_MOST_NAMES]))
    more = len(found.proved) - _MOST_NAMES
    told += f"; and {more} more" if more > 0 else ""
    if logs is not None:
        says = f"Certificates stood in logs of the list that you gave: {told}."
    else:
        says = (
            "Its proofs of log entries hold by keys that the pack brings; nobody checked that "
            f"these logs are public, which a list of logs would say (--logs): {told}."
        )
    return _check(what, found.problems, says)


def _in_log(one: InLog) -> str:
    """No word of the pack's own: without a list the log may be anybody's, and so all it holds."""
    # Text in a name could end the sentence and begin another.
    plain = [name for name in (one.host, *one.found.hosts) if _is_plain(name)]
    names = list(dict.fromkeys(plain))[:_MOST_NAMES]
    more = len({one.host, *one.found.hosts}) - len(names)
    told = ", ".join(names) + (f" and {more} more" if more > 0 else "")
    log = f"the log {one.found.log.log_id}"
    if one.listed is not None:
        log = f"“{one.listed.description}”, {log}"
    return f"one for {told} in {log}, not later than {one.found.in_log_by_text}"


def _is_plain(name: str) -> bool:
    return len(name) <= _MAX_NAME and _NAME.fullmatch(name) is not None


def _given(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The file {file} cannot be read ({error.strerror}); name another."
        ) from None


# Signature and time stamp


def _signature(path: Path, given: bytes | None) -> Check:
    what = "signature"
    found = {name: read_bytes(path, f"{name}.sig") for name in (*TAG_MANIFESTS, TOKEN)}
    own = read_bytes(path, ALLOWED_SIGNERS)
    signed = {name: signature for name, signature in found.items() if signature is not None}
    if not signed and own is None:
        if given is None:
            return _absent(what, "It is not signed.")
        return _undone(what, "The pack is not signed, though signers were given.", asked=True)
    problems = [
        f"{name}.sig is missing, though the pack was signed."
        for name, signature in found.items()
        if signature is None and (name != TOKEN or read_bytes(path, TOKEN) is not None)
    ]
    allowed = given if given is not None else own
    if allowed is None:
        problems.append("allowed_signers is missing; give --signers.")
    elif not available():
        asked = "against the signers given" if given is not None else "at all"
        says = (
            f"Its signatures were not checked {asked}: there is no ssh-keygen on the PATH; "
            "install OpenSSH's client."
        )
        undone = _undone(what, says, asked=given is not None or bool(problems))
        return undone if not problems else _check(what, [*problems, says], "")
    else:
        return _signed(path, signed, allowed, problems, given is not None)
    return _check(what, problems, "")


def _signed(
    path: Path, signed: dict[str, bytes], allowed: bytes, problems: list[str], given: bool
) -> Check:
    by: dict[str, tuple[str, ...]] = {}
    for name, signature in signed.items():
        content = read_bytes(path, name)
        if content is None:
            problems.append(f"{name}.sig is no good signature: what it signs is missing.")
            continue
        checked = check_signature(content, signature, allowed)
        if checked.problem is not None:
            problems.append(f"{name}.sig is no good signature: {checked.problem}.")
        by[name] = checked.principals
    who = {" or ".join(names) for names in by.values()}
    if len(who) == 1:
        said = who.pop()
    else:
        said = ", ".join(f"{' or '.join(names)} ({name})" for name, names in by.items())
    word = "who you say may sign" if given else "as the pack itself says: ask them"
    return _check("signature", problems, f"It was signed by {said} ({word}).", by="ssh-keygen")


def _stamp(path: Path, given: bytes | None) -> Check:
    what = "time stamp"
    reply = read_bytes(path, TOKEN)
    if reply is None:
        if given is None:
            return _absent(what, "It has no time stamp.")
        return _undone(what, "The pack has no time stamp, though a chain was given.", asked=True)
    content = read_bytes(path, STAMPED) or b""
    chain = given if given is not None else read_bytes(path, CHAIN)
    why = stamp_problem(content, reply, chain)
    if why is not None and not chain and why.startswith("there are no cert"):
        says = f"Its time stamp was not checked: {why}."
        return _undone(what, says, asked=given is not None)
    problems = [] if why is None else [f"{TOKEN} is no good time stamp: {why}."]
    at = time_of(reply) if why is None else None
    when = "a time that it says" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"
    word = "whose certificates you gave" if given is not None else "as the pack's chain says"
    says = f"It existed at {when} by its time stamp ({word})."
    return _check(what, problems, says, by=checker())


# Web archives


def _archives(path: Path) -> Check:
    what = "web archives"
    began = time.monotonic()
    problems: list[str] = []
    count, records = 0, True
    for name in capture_files(path):
        file = open_file(path, name)
        if file is None:
            continue
        count += 1
        with file:
            if time.monotonic() - began > _ARCHIVES_S:
                problems.append(f"{name!r} was not checked: those before it took too long.")
                continue
            found = check_archive(file)
        records = records and found.records
        problems += [f"{name!r} {one}." for one in found.problems]
    if not count:
        return _absent(what, "It holds no web archive.")
    held = "Its web archive holds" if count == 1 else f"Its {count} web archives hold"
    if records:
        says = f"{held} the files and records that were captured."
        return _check(what, problems, says, by=f"{_US} with warcio")
    says = f"{held} the files that were captured; without warcio no record was looked at."
    return _check(what, problems, says)
