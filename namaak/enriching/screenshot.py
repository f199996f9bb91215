"""A picture of the page as a visitor sees it, by the system's own Chromium behind our proxy.

Needs the extra "screenshots" and a Chromium on the PATH; none is ever fetched. The browser runs in
a process of its own with an empty home, sees nothing but what the proxy lets through, and is ended
when its time is over. As root Chromium has no sandbox: the facts say so, and a worker that takes
pictures of hostile pages should not be root.
May import: detectors.images, namaak.decoding, namaak.enriching, namaak.fetch, namaak.resolving.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from detectors.images.perceptual import as_hex, phash
from detectors.images.picture import Undecodable
from namaak.decoding.workers import Decoders
from namaak.enriching.facts import ScreenshotFacts
from namaak.enriching.findings import Aspect, Finding, Outcome
from namaak.enriching.intervals import due_after
from namaak.enriching.memory import end_when_over
from namaak.enriching.plain import plain
from namaak.enriching.proxy import Passed, Proxy
from namaak.errors import NamaakError
from namaak.fetch import Allowed
from namaak.resolving import Resolver

#: What distributions call it; the first that is there is used.
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH, HEIGHT = 1280, 1024
_MAX_PNG = 16 << 20
_MAX_BYTES = 30 << 20
_MAX_CONNECTIONS = 200
_START_MS, _LOAD_MS, _SETTLE_MS, _PICTURE_MS = 20_000, 20_000, 1_200, 10_000
#: Seconds for all of it; the child keeps its own shorter limits.
_DEADLINE_S = 65.0
#: Of all processes of one capture together. A plain page takes a quarter of it.
_MAX_MEMORY = 1536 << 20
_PACKAGES = Path(__file__).resolve().parents[2]
_START = (
    "import sys; sys.path[:0] = sys.argv[1:]; "
    "from namaak.enriching.browser_child import photograph; photograph()"
)

#: Variables by which programs find the folders of whoever runs them.
HOMES = (
    "HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
)  # fmt: skip

_Words = Annotated[str, StringConstraints(max_length=2_000)]


class _Said(BaseModel):
    """What the child answers beside the picture; the page may have had a hand in it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    refused: Annotated[dict[_Words, int], Field(max_length=50)] = {}
    browser: _Words | None = None
    user_agent: _Words | None = None
    status: Annotated[int, Field(ge=0, le=999)] | None = None
    url: str | None = None
    title: _Words | None = None
    cut: bool = False
    failed: _Words | None = None
    says: _Words | None = None


def find_browser() -> str | None:
    """Path of the system's Chromium; None where there is none."""
    return next((path for name in EXECUTABLES if (path := shutil.which(name))), None)


class Screenshots:
    """Takes one picture at a time. For one event loop."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        clock: Callable[[], datetime],
        executable: str | None = None,
        allow: Sequence[Allowed] = (),
        decoders: Decoders | None = None,
        locale: str = "en-GB",
        deadline_s: float = _DEADLINE_S,
        load_ms: int = _LOAD_MS,
    ) -> None:
        """executable: else the one on the PATH. allow: exceptions to the address check."""
        self._resolver = resolver
        self._clock = clock
        self._executable = executable or find_browser()
        self._allow = tuple(allow)
        self._decoders = decoders
        self._locale = locale
        self._deadline_s = deadline_s
        self._load_ms = load_ms
        self._one = asyncio.Lock()

    def lacking(self) -> str | None:
        """What is missing to take any picture; None where nothing is."""
        if importlib.util.find_spec("playwright") is None:
            return 'the extra "screenshots" is not installed'
        if self._executable is None:
            return f"there is no Chromium on the PATH ({', '.join(EXECUTABLES)})"
        return None

    async def take(self, host: str, url: str) -> Finding:
        """url: where the host's page begins. Never raises for what a page does."""
        async with self._one:
            asked_at = self._clock()
            if (reason := self.lacking()) is not None:
                return _finding(host, asked_at, Outcome.NO_BROWSER, ScreenshotFacts(reason=reason))
            proxy = Proxy(
                self._resolver, ports=(80, 443), allow=self._allow, max_bytes=_MAX_BYTES,
                max_connections=_MAX_CONNECTIONS,
            )  # fmt: skip
            try:
                async with proxy:
                    said, picture = await self._photograph(proxy, url)
            except _NoAnswer as error:
                facts = _facts(None, proxy.passed, url)
                facts["reason"] = str(error)
                return _finding(host, asked_at, error.outcome, facts)
            facts = _facts(said, proxy.passed, url)
            outcome = _outcome(said, proxy.passed)
            if outcome is not Outcome.ANSWERED:
                facts["reason"] = said.says or "no picture came"
                return _finding(host, asked_at, outcome, facts)
            look = await self._look(picture)
            if isinstance(look, str):
                facts["reason"] = look
                return _finding(host, asked_at, Outcome.MALFORMED, facts)
            facts.update(look)
            return _finding(host, asked_at, outcome, facts, picture)

    async def _photograph(self, proxy: Proxy, url: str) -> tuple[_Said, bytes]:
        assert self._executable is not None
        question = {
            "url": url,
            "executable": self._executable,
            # Chromium refuses to start as root with one.
            "sandbox": has_sandbox(),
            "proxy": proxy.url,
            "user": proxy.user,
            "password": proxy.password,
            "width": WIDTH,
            "height": HEIGHT,
            "locale": self._locale,
            "start_ms": _START_MS,
            "load_ms": self._load_ms,
            "settle_ms": _SETTLE_MS,
            "picture_ms": _PICTURE_MS,
        }
        with tempfile.TemporaryDirectory(
            prefix="namaak-browser-", ignore_cleanup_errors=True
        ) as home:
            answer = await self._ask(json.dumps(question).encode(), home)
        line, _, picture = answer.partition(b"\n")
        try:
            return _Said.model_validate_json(line), picture
        except ValidationError:
            raise _NoAnswer("the browser's process answered nonsense", Outcome.BROKEN) from None

    async def _ask(self, question: bytes, home: str) -> bytes:
        environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            **dict.fromkeys(HOMES, home),
        }
        try:
            child = await asyncio.create_subprocess_exec(
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
                f"No process for pictures of pages can be started ({error}); "
                "free memory or processes and try again."
            ) from error
        assert child.stdin is not None and child.stdout is not None
        watching = asyncio.create_task(end_when_over(child.pid, _MAX_MEMORY))
        try:
            async with asyncio.timeout(self._deadline_s):
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    child.stdin.write(question)
                    await child.stdin.drain()
                    child.stdin.close()
                answer = bytearray()
                while part := await child.stdout.read(1 << 16):
                    answer += part
                    if len(answer) > _MAX_PNG:
                        raise _NoAnswer("the picture is too large", Outcome.POLICY)
                code = await child.wait()
        except TimeoutError:
            reason = f"the browser took longer than {self._deadline_s:g} s"
            raise _NoAnswer(reason, Outcome.TIMEOUT) from None
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            # Before waiting: see `confined`.
            child._transport.close()  # type: ignore[attr-defined]
            await child.wait()
        if not watching.cancelled():
            watching.result()
            limit = _MAX_MEMORY >> 20
            raise _NoAnswer(f"the page took more than {limit} MiB of memory", Outcome.POLICY)
        if code or not answer:
            raise _NoAnswer("the browser's process ended without an answer", Outcome.BROKEN)
        return bytes(answer)

    async def _look(self, picture: bytes) -> ScreenshotFacts | str:
        facts = ScreenshotFacts(sha256=hashlib.sha256(picture).hexdigest())
        if self._decoders is None:
            return facts
        decoded = await asyncio.to_thread(self._decoders.decode, picture)
        if isinstance(decoded, Undecodable):
            return f"the picture cannot be read: {decoded.reason}"
        facts["phash"] = as_hex(phash(decoded.frames[0].pixels))
        facts["width"], facts["height"] = decoded.width, decoded.height
        return facts


class _NoAnswer(Exception):
    def __init__(self, says: str, outcome: Outcome) -> None:
        super().__init__(says)
        self.outcome = outcome


def has_sandbox() -> bool:
    return os.geteuid() != 0


def _outcome(said: _Said, passed: Passed) -> Outcome:
    match said.failed:
        case None:
            return Outcome.ANSWERED
        case "load":
            # The page itself was refused, not only something in it.
            return Outcome.POLICY if passed.refused and not passed.requests else Outcome.UNREACHABLE
    return Outcome.BROKEN


def _facts(said: _Said | None, passed: Passed, url: str) -> ScreenshotFacts:
    refused = passed.refused.copy()
    facts = ScreenshotFacts(
        url=url,
        viewport=f"{WIDTH}x{HEIGHT}",
        sandbox=has_sandbox(),
        requests=passed.requests,
        bytes=passed.carried_bytes,
        addresses=dict(passed.addresses),
    )
    if said is not None:
        refused.update(said.refused)
        facts["url"] = (said.url or url)[:2_000]
        facts["status"] = said.status
        facts["title"] = plain(said.title)
        facts["browser"] = plain(said.browser, 100) or "unknown"
        facts["user_agent"] = plain(said.user_agent, 300) or "unknown"
        facts["cut"] = said.cut
    facts["refused"] = dict(refused)
    return facts


def _finding(
    host: str,
    asked_at: datetime,
    outcome: Outcome,
    facts: ScreenshotFacts,
    picture: bytes | None = None,
) -> Finding:
    address = facts.get("addresses", {}).get(host, "no address")
    return Finding(
        host=host,
        aspect=Aspect.SCREENSHOT,
        asked_at=asked_at,
        vantage=f"{address} as {facts.get('user_agent', 'no browser')}",
        outcome=outcome,
        facts=facts,
        raw=picture,
        raw_type=None if picture is None else "image/png",
        due_at=due_after(Aspect.SCREENSHOT, outcome, asked_at),
    )
