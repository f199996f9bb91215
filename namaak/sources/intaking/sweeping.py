"""Running the programme that looks a name up on many sites, and reading what it says.

The programme is somebody else's, talks to hundreds of strangers' sites and reads what they answer:
it runs in a process group of its own, without our environment, under limits of time, memory and
bytes, and the group ends with it. Its two reports are read as any stranger's file is: one says of
every site what came of it, the other holds what it found.
May import: namaak.errors, namaak.sources.base.
"""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from namaak.errors import Failure, SourceError
from namaak.sources.base import excerpt

#: Of each of the two reports.
MAX_REPORT = 32_000_000
#: Sites in one report; the programme knows six thousand.
MAX_SITES = 20_000
_MAX_MEMORY = 4 << 30
_MAX_FILES = 2_048
_NOTICES_AFTER_S = 0.1
#: Sets limits in the new process itself, because Python may not run between fork and exec here.
_LIMITS = """
import os, resource, sys
seconds, memory, size, files = map(int, sys.argv[1:5])
for name, most in (
    (resource.RLIMIT_CPU, seconds),
    (resource.RLIMIT_AS, memory),
    (resource.RLIMIT_FSIZE, size),
    (resource.RLIMIT_NOFILE, files),
    (resource.RLIMIT_CORE, 0),
):
    hard = resource.getrlimit(name)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(name, (most, most))
os.execv(sys.argv[5], sys.argv[5:])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one site said of one name."""

    site: str
    status: str  #: "Claimed", "Available", "Illegal", "Unknown"; or whatever it wrote
    why: str  #: of a status that is no answer
    url: str
    found: Mapping[str, Any] | None = None  #: the entry of what was claimed


def sweep_name(
    name: str,
    *,
    program: Path,
    options: Sequence[str],
    seconds: float,
    stop: threading.Event,
) -> list[Answer] | None:
    """name: lower-case ASCII letters and digits. None when it was time to leave.

    Raises SourceError where the programme fails, hangs, or reports what cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="namaak-existence-") as made:
        work = Path(made)
        reports = work / "reports"
        reports.mkdir()
        arguments = [*options, "--json", "ndjson", "--csv", "--folderoutput", str(reports), name]
        with (work / "errors").open("w+b") as errors:
            code = _run(program, arguments, work=work, errors=errors, seconds=seconds, stop=stop)
            if code is None:
                return None
            if code != 0:
                errors.seek(max(0, errors.seek(0, os.SEEK_END) - 2_000))
                last = errors.read(2_000).decode("utf-8", "replace").strip().rpartition("\n")[2]
                raise SourceError(
                    f"{program} ended with {_in_words(code)} at the name {name!r} "
                    f"({excerpt(last) or 'it said nothing'}); the next run asks again.",
                    Failure.TRANSIENT,
                )
        return _answers(name, reports)


def _in_words(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"


def _run(
    program: Path,
    arguments: Sequence[str],
    *,
    work: Path,
    errors: IO[bytes],
    seconds: float,
    stop: threading.Event,
) -> int | None:
    limits = (int(seconds) + 1, _MAX_MEMORY, MAX_REPORT, _MAX_FILES)
    command = [sys.executable, "-IS", "-c", _LIMITS, *map(str, limits), str(program), *arguments]
    with _group(command, work=work, errors=errors) as process:
        ends_at = time.monotonic() + seconds
        while not _has_ended(process.pid):
            if stop.wait(_NOTICES_AFTER_S):
                return None
            if time.monotonic() > ends_at:
                raise SourceError(
                    f"{program} took longer than {seconds:g} seconds for one name and was ended; "
                    "lower top_sites or raise seconds_per_name.",
                    Failure.TRANSIENT,
                )
    return process.returncode


@contextmanager
def _group(
    command: Sequence[str], *, work: Path, errors: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a group of its own, which has ended when this ends, however it ends."""
    environment = {
        # Nothing of ours: keys of other platforms are in our environment.
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(work),
        "TMPDIR": str(work),
        "LC_ALL": "C.UTF-8",
    }
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator names the programme
            command,
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    except OSError as error:
        raise SourceError(
            f"No process can be started for the existence sweep ({error.strerror}); see to this "
            "machine's limits.",
            Failure.TRANSIENT,
        ) from None
    try:
        yield process
    finally:
        # Before it is waited for: until then nobody else can have the group's number.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _has_ended(pid: int) -> bool:
    """Whether there is an exit code; it stays where it is."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _answers(name: str, reports: Path) -> list[Answer]:
    claimed: dict[str, Mapping[str, Any]] = {}
    for line in _read(reports / f"report_{name}_ndjson.json", name).splitlines():
        if line.strip():
            entry = _entry(line, name)
            claimed.setdefault(str(entry.get("sitename")), entry)
    found: list[Answer] = []
    rows = csv.DictReader(io.StringIO(_read(reports / f"report_{name}.csv", name)), strict=True)
    try:
        for row in rows:
            if len(found) == MAX_SITES:
                raise _unreadable(name, f"more than {MAX_SITES:,} sites")
            site = row.get("name")
            if row.get("username") != name or not site or None in row or None in row.values():
                raise _unreadable(name, "a row of another shape or of another name")
            found.append(
                Answer(
                    site=site,
                    status=row.get("exists", ""),
                    why=row.get("error_reason") or row.get("http_status") or "no reason given",
                    url=row.get("url_user", ""),
                    found=claimed.get(site),
                )
            )
    except csv.Error as error:
        raise _unreadable(name, str(error)) from None
    if not found:
        raise _unreadable(name, "not one site")
    return found


def _entry(line: str, name: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise _unreadable(name, f"what is no JSON or breaks off: {excerpt(line[:60])}") from None
    if not isinstance(entry, dict) or entry.get("username") != name:
        raise _unreadable(name, f"an entry of another name: {excerpt(line[:60])}")
    return entry


def _read(path: Path, name: str) -> str:
    """A report as text. It may be anything that the programme made: a link, a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            content = file.read(MAX_REPORT + 1)
    except OSError as error:
        raise _unreadable(name, f"no readable {path.name} ({error.strerror})") from None
    if len(content) >= MAX_REPORT:
        raise _unreadable(name, f"more than {MAX_REPORT:,} bytes")
    return content.decode("utf-8", "replace").replace("\0", "\ufffd")


def _unreadable(name: str, what: str) -> SourceError:
    return SourceError(
        f"The existence sweep for {name!r} reported {what}; nothing was taken from it, and the "
        "next run asks again."
    )
