"""Asking a process that may do nothing else, and how little its answer is believed.

One process for one question; its time, memory and answer are bounded, and it ends with the answer.
May import: namaak.errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from namaak.errors import NamaakError

_PACKAGES = Path(__file__).resolve().parents[2]
_PIECE = 1 << 16


class Confined(Exception):
    """The process gave no answer; the text says why in a few words."""


async def ask(
    start: str, question: bytes, *, packages: Sequence[Path], deadline_s: float, max_answer: int
) -> bytes:
    """What a fresh interpreter that runs `start` writes for this question.

    packages: folders it may import from, beside our own. Raises Confined where it gives none, and
    NamaakError where no process can be started: that says nothing about the question.
    """
    paths = dict.fromkeys(str(path) for path in (_PACKAGES, *packages))
    code = f"import sys; sys.path[:0] = sys.argv[1:]; {start}"
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", "-c", code, *paths,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            # Ctrl-C at a terminal is for this process, which ends the child in its own time.
            start_new_session=True,
            close_fds=True,
        )  # fmt: skip
    except OSError as error:
        raise NamaakError(
            f"No process for reading pages can be started ({error}); "
            "free memory or processes and try again."
        ) from error
    try:
        async with asyncio.timeout(deadline_s):
            answer, _ = await asyncio.gather(_read(child, max_answer), _write(child, question))
            code_of_end = await child.wait()
    except TimeoutError:
        raise Confined(f"took longer than {deadline_s:g} s") from None
    finally:
        await _end(child)
    if code_of_end == -signal.SIGXCPU:
        raise Confined("took more processor time than allowed")
    if code_of_end:
        raise Confined("its reader crashed")
    return answer


async def _write(child: asyncio.subprocess.Process, question: bytes) -> None:
    assert child.stdin is not None
    # A reader that dies early closes the pipe; its status says why.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(question)
        await child.stdin.drain()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.close()
        await child.stdin.wait_closed()


async def _read(child: asyncio.subprocess.Process, most: int) -> bytes:
    assert child.stdout is not None
    answer = bytearray()
    while part := await child.stdout.read(_PIECE):
        answer += part
        if len(answer) > most:
            raise Confined("its reader answered too much")
    return bytes(answer)


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    # asyncio leaves the transport to the garbage collector, which warns. And before waiting: an
    # answer that nobody reads keeps its pipe open, and the process counts as ended only without.
    child._transport.close()  # type: ignore[attr-defined]
    await child.wait()
