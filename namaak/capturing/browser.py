"""The browser in a process of its own, started for one visit and ended with it.

Empty home, nothing of our environment, no way out but the proxy; time, memory and what it may tell
are bounded here, whatever becomes of its own limits. What it told until then is kept.
May import: namaak.capturing.*, namaak.enriching.{memory, proxy, screenshot}, namaak.errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from namaak.capturing.captured import Limits
from namaak.capturing.frames import BadFrame, Frames
from namaak.capturing.places import Place
from namaak.capturing.visited import Visited
from namaak.enriching.memory import end_all, end_when_over
from namaak.enriching.proxy import Proxy
from namaak.enriching.screenshot import HEIGHT, HOMES, WIDTH, has_sandbox
from namaak.errors import NamaakError

_PACKAGES = Path(__file__).resolve().parents[2]
_START = (
    "import sys; sys.path[:0] = sys.argv[1:]; "
    "from namaak.capturing.browser_child import visit; visit()"
)
#: For starting and ending, beside the visit itself.
_AROUND_S = 30.0
_ENDING_S = 10.0
_MAX_PICTURE = 64 << 20
_PIECE = 1 << 18


async def visit(
    urls: list[str], *, executable: str, proxy: Proxy, place: Place, limits: Limits
) -> Visited:
    """Never raises for what a page does. urls: tried in turn until one is a page.

    Raises NamaakError where no process can be started.
    """
    question = {
        "urls": urls,
        "executable": executable,
        # Chromium refuses to start as root with one.
        "sandbox": has_sandbox(),
        "proxy": proxy.url,
        "user": proxy.user,
        "password": proxy.password,
        "width": WIDTH,
        "height": HEIGHT,
        "height_most": limits.max_height,
        "locale": place.locale,
        "user_agent": place.user_agent,
        "seconds": limits.seconds,
        "requests": limits.max_requests,
        "bytes": limits.max_bytes,
        "dom": limits.max_dom,
    }
    with tempfile.TemporaryDirectory(prefix="namaak-capture-", ignore_cleanup_errors=True) as home:
        return await _asked(json.dumps(question).encode(), home, limits)


async def _asked(question: bytes, home: str, limits: Limits) -> Visited:
    child = await _started(home)
    assert child.stdin is not None and child.stdout is not None
    visited = Visited()
    watching = asyncio.create_task(end_when_over(child.pid, limits.max_memory))
    try:
        async with asyncio.timeout(limits.seconds + _AROUND_S):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                child.stdin.write(question)
                await child.stdin.drain()
                child.stdin.close()
            ended = await _listen(child.stdout, visited, limits)
    except TimeoutError:
        _ended_early(visited, "time", f"the visit took longer than {limits.seconds:g} s")
        ended = True
    except BadFrame:
        _ended_early(visited, "nonsense", "the browser's process answered nonsense")
        ended = True
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        end_all(child.pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        await _over(child)
    if not watching.cancelled():
        watching.result()
        most = limits.max_memory >> 20
        _ended_early(visited, "memory", f"the page took more than {most} MiB of memory")
    elif not ended:
        _ended_early(visited, "start", "the browser's process ended without a word")
    return visited


async def _listen(answers: asyncio.StreamReader, visited: Visited, limits: Limits) -> bool:
    """Whether it told to the end. Raises BadFrame."""
    most = max(limits.max_bytes, _MAX_PICTURE, limits.max_dom) + (2 << 20)
    # Beside bodies: heads of as many requests as are listed, two pictures, the page's text.
    allowed = limits.max_bytes + 2 * _MAX_PICTURE + limits.max_dom + (64 << 20)
    frames = Frames(max_body=most)
    ended = False
    while part := await answers.read(_PIECE):
        allowed -= len(part)
        if allowed < 0:
            raise BadFrame("it told more than a visit can")
        for head, body in frames.take(part):
            visited.take(head, body)
            ended = ended or head.get("kind") == "end"
    return ended


def _ended_early(visited: Visited, failed: str, says: str) -> None:
    visited.failed, visited.says = failed, says


async def _over(child: asyncio.subprocess.Process) -> None:
    """Wait for a process that was killed, with what it left in its pipe: that counts as running."""
    assert child.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ENDING_S):
            while await child.stdout.read(_PIECE):
                pass
            await child.wait()
    # asyncio leaves the transport to the garbage collector, which warns.
    child._transport.close()  # type: ignore[attr-defined]
    await child.wait()


async def _started(home: str) -> asyncio.subprocess.Process:
    environ: dict[str, Any] = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        **dict.fromkeys(HOMES, home),
    }
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", _START, str(_PACKAGES),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environ,
            cwd=home,
            # Its whole group is ended at once; Ctrl-C at a terminal is for us.
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise NamaakError(
            f"No process for visiting pages can be started ({error}); "
            "free memory or processes and try again."
        ) from error
