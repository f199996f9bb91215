"""Web archives in a pack (WACZ), checked in a process that may do nothing else.

They may be anybody's, and so may be what they make the libraries do that read them: fail, print,
fill the memory, or never end. Of all that nothing comes back but a list of problems.
Starts a process. May import: namaak.errors, namaak.visible, namaak.casework.evidence.wacz.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from namaak.casework.evidence.wacz import can_read_records
from namaak.errors import NamaakError
from namaak.visible import visible

_PACKAGES = Path(__file__).resolve().parents[3]
_START = (
    "import sys; sys.path[:0] = sys.argv[1:]; "
    "from namaak.casework.evidence.wacz_child import answer; answer()"
)
#: Seconds on the clock for one archive; the process has a limit of its own for processor time.
_DEADLINE_S = 120.0
_MAX_ANSWER = 1 << 20
_MAX_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What checking one archive found."""

    problems: tuple[str, ...]  #: in a few words each
    records: bool  #: whether its records were looked at, too: by warcio


def archive_problems(content: bytes) -> list[str]:
    """What is wrong with a WACZ, in a few words each; empty when it is sound."""
    with tempfile.TemporaryFile(prefix="namaak-") as file:
        file.write(content)
        file.flush()
        return list(check_archive(file).problems)


def check_archive(file: BinaryIO) -> Archive:
    """Check a WACZ. file: a real one, open for reading.

    Raises NamaakError where no process can be started: that says nothing about the archive.
    """
    file.seek(0)
    try:
        child = subprocess.Popen(  # noqa: S603 - no shell; nothing in it is a stranger's
            [sys.executable, "-I", "-S", "-c", _START, *_folders()],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            # Ctrl-C at a terminal is for us.
            start_new_session=True,
        )
    except OSError as error:
        raise NamaakError(
            f"No process for checking web archives can be started ({error}); free memory or "
            "processes and try again."
        ) from error
    assert child.stdout is not None
    watch = threading.Timer(_DEADLINE_S, child.kill)
    watch.start()
    try:
        answer = child.stdout.read(_MAX_ANSWER + 1)
        if len(answer) <= _MAX_ANSWER:
            child.wait()
    finally:
        watch.cancel()
        child.kill()
        child.stdout.close()
        code = child.wait()
        watch.join()
    return _believed(answer, code)


def _believed(answer: bytes, code: int) -> Archive:
    """As far as the answer is one; an archive may have taken the process over."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return _unread("takes longer to check than checking may take")
    with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
        if len(answer) > _MAX_ANSWER or code:
            raise ValueError("no answer")
        found = json.loads(answer)
        problems, records = found["problems"], found["records"]
        if isinstance(problems, list) and isinstance(records, bool):
            told = tuple(visible(str(one))[:_MAX_SHOWN] for one in problems)
            return Archive(problems=told, records=records)
    return _unread("cannot be read: its reader broke down over it")


def _unread(why: str) -> Archive:
    return Archive(problems=(why,), records=False)


def _folders() -> list[str]:
    """Where the process may import from: our own packages, and warcio with what it needs."""
    folders = [_PACKAGES]
    if can_read_records():
        for name in ("warcio", "six", "brotli"):
            found = importlib.util.find_spec(name)
            if found is not None and found.origin is not None:
                place = Path(found.origin)
                folders.append(place.parents[1 if place.stem == "__init__" else 0])
    return [str(folder) for folder in dict.fromkeys(folders)]
