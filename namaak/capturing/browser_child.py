"""What runs in the process that drives the browser: one page visited, told in frames, the end.

Started by `browser` with an empty home of its own. It decides nothing about what came; it counts
what it refused, and stops in time. What a page does can only make it tell less.
May import: namaak.capturing.frames, namaak.enriching.browser_child; needs playwright.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Awaitable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import (
    Dialog,
    Download,
    Error,
    Page,
    Request,
    Response,
    Route,
    WebSocket,
    async_playwright,
)

from namaak.capturing.frames import write_frame
from namaak.enriching.browser_child import NO_RTC, SWITCHES, first_line

_T = TypeVar("_T")
_MAX_FILE = 1 << 30
_MAX_POST = 1 << 20
_MAX_URL = 16_000
_KEPT_URL = re.compile(r"https?://[\x21-\x7e]{1,15980}")
_MAX_METHOD = 40
_MAX_HEADERS, _MAX_HEADER_NAME, _MAX_HEADERS_CHARACTERS = 400, 1_000, 300_000
_MAX_LISTED = 50
#: Requests that are remembered; what comes later is refused anyway.
_MAX_SEEN = 20_000
_MAX_TEXT = 1 << 20
_START_MS = 20_000
#: Of the time that the visit has, for loading; what is left is for the pictures.
_LOADING, _LOOKING = 0.6, 0.25
#: Seconds in which a page that loaded may send its visitor on.
_SETTLE_S = 2.5
_MAX_NAVIGATIONS = 8
_PICTURE_S, _READ_S, _BODY_S, _CLOSE_S = 12.0, 5.0, 8.0, 3.0
#: The browser gives up bodies one at a time quickly; many at once take as long and more memory.
_BODIES_AT_ONCE = 4
_WITHOUT_BODY = (204, 205, 304)
_CRASHED = "the page crashed the browser"
_TOO_MANY = "more requests than a page may make"
#: So many of those are counted.
_PATIENCE = 100


def visit() -> None:
    """Reads a JSON object on standard input, writes frames on standard output."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MAX_FILE, _MAX_FILE))
    answers = os.dup(1)
    # Nothing that a library prints may stand in the answer.
    os.dup2(2, 1)
    given = json.loads(sys.stdin.buffer.read(1 << 18))
    asyncio.run(_Visit(given, answers).run())


class _Visit:
    def __init__(self, given: dict[str, Any], answers: int) -> None:
        self._given = given
        self._answers = answers
        self._refused: Counter[str] = Counter()
        self._failures: list[list[str]] = []
        self._sent = self._web_sockets = self._seen = 0
        self._recorded_bytes = 0
        #: Each request that has not ended, with its number and the time it was seen.
        self._open: dict[Request, tuple[int, float]] = {}
        self._keeping: set[asyncio.Task[None]] = set()
        self._main_bodies: dict[Request, asyncio.Task[bytes | None]] = {}
        self._bodies = asyncio.Semaphore(_BODIES_AT_ONCE)
        self._navigations = 0
        self._downloads = 0
        self._crashed = asyncio.Event()
        self._lacks: dict[str, str] = {}
        self._said: dict[str, Any] = {"failed": None, "says": None, "cut": False}
        self._ends_at = 0.0

    async def run(self) -> None:
        async with async_playwright() as playwright:
            try:
                browser = await playwright.chromium.launch(
                    executable_path=self._given["executable"],
                    headless=True,
                    args=list(SWITCHES),
                    chromium_sandbox=self._given["sandbox"],
                    proxy={
                        "server": self._given["proxy"],
                        "username": self._given["user"],
                        "password": self._given["password"],
                    },
                    timeout=_START_MS,
                    env=dict(os.environ),
                )
            except Error as error:
                self._tell({"kind": "end", "failed": "start", "says": first_line(error)})
                return
            telling = asyncio.create_task(self._tell_so_far())
            try:
                await self._in(browser)
            except Error as error:
                self._fail("crash", first_line(error))
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
            self._tell(
                {
                    "kind": "end",
                    **self._said,
                    **self._so_far(),
                    "lacks": self._lacks,
                    "failures": self._failures,
                    "web_sockets": self._web_sockets,
                }
            )
            with contextlib.suppress(Error, TimeoutError):
                await asyncio.wait_for(browser.close(), _CLOSE_S)

    async def _in(self, browser: Any) -> None:
        user_agent = self._given["user_agent"]
        context = await browser.new_context(
            viewport={"width": self._given["width"], "height": self._given["height"]},
            accept_downloads=False,
            service_workers="block",
            ignore_https_errors=True,  # looked at, not trusted
            permissions=[],
            locale=self._given["locale"],
            timezone_id="UTC",
            **({"user_agent": user_agent} if user_agent else {}),
        )
        await context.add_init_script(NO_RTC)
        page = await context.new_page()
        self._tell(
            {
                "kind": "browser",
                "version": browser.version,
                # Asked before any stranger's script runs.
                "user_agent": await page.evaluate("navigator.userAgent"),
            }
        )
        self._page, self._context = page, context
        self._session = await context.new_cdp_session(page)
        context.on("page", self._popup)
        await context.route("**/*", self._route)
        context.on("request", self._begun)
        context.on("response", self._answered)
        context.on("requestfinished", self._finished)
        context.on("requestfailed", self._failed)
        page.on("dialog", self._dialog)
        page.on("download", self._download)
        page.on("websocket", self._web_socket)
        page.on("crash", lambda _: self._crashed.set())
        self._ends_at = time.monotonic() + self._given["seconds"]
        if await self._load(page):
            await self._settle(page)
            await self._look(page)
        await self._finish()

    # What the page loads

    async def _load(self, page: Page) -> bool:
        """Whether there is a page to look at."""
        until = time.monotonic() + self._given["seconds"] * _LOADING
        says = "nothing was asked"
        for url in self._given["urls"]:
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                await self._unless_crashed(page.goto(url, wait_until="load", timeout=left * 1000))
                return True
            except Error as error:
                says = first_line(error)
                if self._crashed.is_set():
                    self._fail("crash", _CRASHED)
                    return False
                if "Timeout" in says:
                    # What is there by now is what people see, too.
                    self._said["cut"] = True
                    return True
                if self._downloads or "Download is starting" in says:
                    self._fail("download", "it is a download, which is not taken")
                    return False
                if "interrupted by another navigation" in says or "ERR_ABORTED" in says:
                    return True
        self._fail("load", says)
        return False

    async def _settle(self, page: Page) -> None:
        """A page may send its visitor on after it loaded; that is followed, so many times."""
        until = self._ends_at - self._given["seconds"] * _LOOKING
        for _ in range(_MAX_NAVIGATIONS):
            before = self._navigations
            left = min(_SETTLE_S, until - time.monotonic())
            if left <= 0 or self._crashed.is_set():
                return
            with contextlib.suppress(Error, TimeoutError):
                await self._unless_crashed(asyncio.sleep(left))
            if self._navigations == before:
                return
            left = until - time.monotonic()
            if left > 0:
                with contextlib.suppress(Error, TimeoutError):
                    await self._unless_crashed(
                        page.wait_for_load_state("load", timeout=left * 1000)
                    )

    async def _route(self, route: Route) -> None:
        reason = self._refusal(route.request)
        with contextlib.suppress(Error):
            if reason is None:
                self._sent += 1
                await route.continue_()
                return
            self._refused[reason] += 1
            if reason == _TOO_MANY and self._refused[reason] == _PATIENCE:
                await self._ask_no_more()
            await route.abort("blockedbyclient")

    async def _ask_no_more(self) -> None:
        """The browser refuses further requests by itself: to be told of each takes all the time."""
        self._context.remove_listener("request", self._begun)
        self._context.remove_listener("requestfailed", self._failed)
        blocked = asyncio.create_task(self._session.send("Network.setBlockedURLs", {"urls": ["*"]}))
        await self._context.unroute_all()
        with contextlib.suppress(Error):
            await blocked

    def _refusal(self, request: Request) -> str | None:
        scheme = urlsplit(request.url).scheme
        if scheme not in ("http", "https"):
            return f"{scheme[:20]}: is not asked"
        if len(request.url) > _MAX_URL:
            return "an address longer than any is kept"
        if self._sent >= self._given["requests"]:
            return _TOO_MANY
        try:
            if request.frame.page is not self._page:
                return "a request of another window"
        except Error:
            # Its window is not there yet, so it is not ours.
            return "a request of another window"
        return None

    def _begun(self, request: Request) -> None:
        if self._seen >= _MAX_SEEN:
            return
        self._seen += 1
        self._open[request] = (self._seen, time.time())
        if self._is_main(request):
            self._navigations += 1

    def _is_main(self, request: Request) -> bool:
        try:
            return request.is_navigation_request() and request.frame == self._page.main_frame
        except Error:
            return False

    def _answered(self, response: Response) -> None:
        # At once: a page that sends its visitor on takes its own text along.
        if self._is_main(response.request) and not 300 <= response.status < 400:
            self._main_bodies[response.request] = asyncio.create_task(_body_of(response))

    def _finished(self, request: Request) -> None:
        self._ended(request, failed=False)

    def _failed(self, request: Request) -> None:
        self._ended(request, failed=True)

    def _ended(self, request: Request, *, failed: bool) -> None:
        begun = self._open.pop(request, None)
        if begun is None or urlsplit(request.url).scheme not in ("http", "https"):
            return
        if failed and "BLOCKED_BY_CLIENT" in (request.failure or ""):
            return
        task = asyncio.create_task(self._keep(request, *begun, failed=failed))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _keep(self, request: Request, seq: int, at: float, *, failed: bool) -> None:
        async with self._bodies:
            try:
                await asyncio.wait_for(self._record(request, seq, at, failed=failed), _BODY_S)
            except (Error, TimeoutError):
                self._not_kept(request, "what it got could not be read from the browser")

    async def _record(self, request: Request, seq: int, at: float, *, failed: bool) -> None:
        response = request.existing_response
        if response is None:
            self._not_kept(request, request.failure or "no answer came")
            return
        sent_headers = await _soon(request.headers_array(), request.headers)
        headers = await _soon(response.headers_array(), response.headers)
        invented = await _is_invented(response)
        body, truncated = b"", None
        if not 300 <= response.status < 400:
            room = self._given["bytes"] - self._recorded_bytes
            reading = self._main_bodies.pop(request, None) or asyncio.create_task(
                _body_of(response)
            )
            await asyncio.wait({reading}, timeout=_BODY_S / 2)
            read = reading.result() if reading.done() else None
            reading.cancel()
            body = read or b""
            if failed or _is_short(request, response, body):
                truncated = "disconnect"
            elif read is None and response.status not in _WITHOUT_BODY:
                # A page that was left, or is too busy to be asked.
                truncated = "unspecified"
            if len(body) > room:
                body, truncated = body[: max(0, room)], "length"
        self._exchange(
            (request, response), (seq, at), (sent_headers, headers),
            truncated=truncated, invented=invented, body=body,
        )  # fmt: skip

    def _exchange(
        self,
        pair: tuple[Request, Response],
        when: tuple[int, float],
        headers: tuple[list[list[str]], list[list[str]]],
        *,
        truncated: str | None,
        invented: bool = False,
        body: bytes = b"",
    ) -> None:
        """Tell it in a form that is surely taken: a server or a page chose every word of it."""
        request, response = pair
        if not _KEPT_URL.fullmatch(request.url) or not 100 <= response.status <= 999:
            self._not_kept(request, "it cannot be written down")
            return
        self._recorded_bytes += len(body)
        room = max(0, self._given["bytes"] - self._recorded_bytes)
        post = (request.post_data_buffer or b"")[: min(_MAX_POST, room)]
        self._recorded_bytes += len(post)
        asked, answered = (_fitting(one) for one in headers)
        if (len(asked), len(answered)) != tuple(map(len, headers)):
            self._not_kept(request, "it has more headers than are kept")
        self._tell(
            {
                "kind": "exchange",
                "seq": when[0],
                "at": round(when[1] * 1000),
                "url": request.url,
                "method": request.method[:_MAX_METHOD],
                "request_headers": asked,
                "status": response.status,
                "status_text": response.status_text[:300],
                "response_headers": answered,
                "type": request.resource_type[:30],
                "main": self._is_main(request),
                "redirected": request.redirected_from is not None,
                "truncated": truncated,
                "invented": invented,
                "post": len(post),
            },
            post + body,
        )

    def _not_kept(self, request: Request, why: str) -> None:
        if len(self._failures) < _MAX_LISTED:
            self._failures.append([request.url[:2_000], why[:300]])

    # What the page tries beside loading

    async def _popup(self, other: Page) -> None:
        self._refused["another window"] += 1
        with contextlib.suppress(Error):
            await other.close()

    async def _dialog(self, dialog: Dialog) -> None:
        self._refused[f"a dialog ({dialog.type})"] += 1
        with contextlib.suppress(Error):
            await dialog.dismiss()

    async def _download(self, download: Download) -> None:
        self._downloads += 1
        self._refused["a download"] += 1
        with contextlib.suppress(Error):
            await download.cancel()

    def _web_socket(self, _: WebSocket) -> None:
        self._web_sockets += 1

    # How it looks

    async def _look(self, page: Page) -> None:
        for what, seconds, read in (
            ("page", _READ_S, self._name_page),
            ("view", _PICTURE_S, self._take_view),
            ("dom", _READ_S, self._take_dom),
            ("text", _READ_S, self._take_text),
            ("full", _PICTURE_S, self._take_full),
        ):
            left = min(seconds, self._ends_at - time.monotonic())
            if self._crashed.is_set():
                self._fail("crash", _CRASHED)
                self._lacks[what] = _CRASHED
                continue
            if left <= 0:
                self._lacks[what] = "there was no time left"
                continue
            try:
                await asyncio.wait_for(self._unless_crashed(read(page)), left)
            except TimeoutError:
                self._lacks[what] = f"the browser gave none within {seconds:g} s"
            except Error as error:
                self._lacks[what] = first_line(error)
        if self._crashed.is_set():
            self._fail("crash", _CRASHED)

    async def _name_page(self, page: Page) -> None:
        # The address first: the title of a page that does not stand still may never come.
        self._tell({"kind": "page", "url": page.url[:_MAX_URL], "title": None})
        title = await page.title()
        self._tell({"kind": "page", "url": page.url[:_MAX_URL], "title": title[:2_000]})

    async def _take_view(self, page: Page) -> None:
        picture = await page.screenshot(
            timeout=_PICTURE_S * 1000, animations="disabled", caret="hide", scale="css"
        )
        self._tell({"kind": "view"}, picture)

    async def _take_full(self, page: Page) -> None:
        box = {"x": 0, "y": 0, "width": self._given["width"], "height": self._given["height_most"]}
        picture = await page.screenshot(
            timeout=_PICTURE_S * 1000,
            animations="disabled",
            caret="hide",
            scale="css",
            full_page=True,
            clip=box,  # type: ignore[arg-type]
        )
        self._tell({"kind": "full"}, picture)

    async def _take_dom(self, page: Page) -> None:
        html = (await page.content()).encode("utf-8", "replace")
        most = self._given["dom"]
        self._tell({"kind": "dom", "cut": len(html) > most}, html[:most])

    async def _take_text(self, page: Page) -> None:
        text = await page.locator("body").first.inner_text(timeout=_READ_S * 1000)
        self._tell({"kind": "text"}, text.encode("utf-8", "replace")[:_MAX_TEXT])

    # The end

    async def _finish(self) -> None:
        """What is still under way is told as far as it came."""
        left = max(0.5, min(_BODY_S, self._ends_at - time.monotonic()))
        if self._keeping:
            await asyncio.wait(self._keeping, timeout=left)
        tasks = (*self._keeping, *self._main_bodies.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for request, (seq, at) in list(self._open.items()):
            if urlsplit(request.url).scheme not in ("http", "https"):
                continue
            with contextlib.suppress(Error, TimeoutError):
                await asyncio.wait_for(self._record_unfinished(request, seq, at), 1.0)

    async def _record_unfinished(self, request: Request, seq: int, at: float) -> None:
        response = request.existing_response
        if response is None:
            self._not_kept(request, "no answer came in time")
            return
        known = (
            [[name, value] for name, value in request.headers.items()],
            [[name, value] for name, value in response.headers.items()],
        )
        self._exchange((request, response), (seq, at), known, truncated="time")

    async def _unless_crashed(self, waited: Awaitable[_T]) -> _T:
        """Playwright waits on for a page that crashed."""
        task = asyncio.ensure_future(waited)
        crash = asyncio.create_task(self._crashed.wait())
        try:
            await asyncio.wait({task, crash}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Error(_CRASHED)
            return task.result()
        finally:
            crash.cancel()
            if not task.done():
                task.cancel()
            await asyncio.gather(crash, return_exceptions=True)
            with contextlib.suppress(Error, asyncio.CancelledError):
                if not task.done():
                    await asyncio.wait({task}, timeout=0.5)

    def _fail(self, failed: str, says: str) -> None:
        if self._said["failed"] is None:
            self._said |= {"failed": failed, "says": says}

    def _so_far(self) -> dict[str, Any]:
        refused = dict(self._refused.most_common(_MAX_LISTED))
        return {"sent": self._sent, "refused": refused}

    async def _tell_so_far(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._tell({"kind": "so-far", **self._so_far()})

    def _tell(self, head: dict[str, Any], body: bytes = b"") -> None:
        write_frame(self._answers, head, body)


def _fitting(headers: list[list[str]]) -> list[list[str]]:
    """As many as are kept of one message, each whole."""
    room, kept = _MAX_HEADERS_CHARACTERS, []
    for name, value in headers[:_MAX_HEADERS]:
        room -= len(name) + len(value)
        if room >= 0 and len(name) <= _MAX_HEADER_NAME:
            kept.append([name, value])
    return kept


async def _body_of(response: Response) -> bytes | None:
    """None where the browser does not have it, or no more."""
    try:
        return await response.body()
    except Error:
        return None


def _is_short(request: Request, response: Response, body: bytes) -> bool:
    """Whether its server promised more than there is."""
    promised = response.headers.get("content-length", "")
    if request.method == "HEAD" or response.status in _WITHOUT_BODY:
        return False
    if "content-encoding" in response.headers or not promised.isdecimal():
        return False
    return len(body) < int(promised)


async def _is_invented(response: Response) -> bool:
    """Whether the browser answered itself, as for names that it knows to be asked by https only.

    It marks such answers; a server may do so too, and is known by its address.
    """
    if "non-authoritative-reason" not in response.headers:
        return False
    try:
        return await asyncio.wait_for(response.server_addr(), 1.5) is None
    except (Error, TimeoutError):
        return False


async def _soon(raw: Awaitable[list[Any]], known: dict[str, str]) -> list[list[str]]:
    """Headers as they went over the wire; as the page sees them where the browser tells no more."""
    try:
        return [[one["name"], one["value"]] for one in await asyncio.wait_for(raw, 1.5)]
    except (Error, TimeoutError):
        return [[name, value] for name, value in known.items()]
