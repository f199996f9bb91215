"""What runs in the process that drives the browser: one page, one picture, the end.

Started by `screenshot` with an empty home of its own and nothing in its environment. It reads a
JSON object on standard input and writes one line of JSON and the picture on standard output.
Captures start their browser with the same switches.
May import: nothing of ours; needs playwright.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from collections import Counter
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright

#: The browser resolves nothing, speaks nothing but HTTP through the proxy, and fetches nothing
#: for itself. Loopback and link-local addresses too go to the proxy, which refuses them.
SWITCHES = (
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--proxy-bypass-list=<-loopback>",
    "--disable-quic",
    "--disable-async-dns",
    "--dns-prefetch-disable",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--no-pings",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-remote-fonts",
    "--renderer-process-limit=3",
    "--js-flags=--max-old-space-size=512",
    "--disk-cache-size=1",
)
#: Scripts on pages may not speak past the proxy, whatever switches a browser knows.
NO_RTC = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection;"
_MAX_FILE = 256 << 20


def photograph() -> None:
    """See above. Exits 0 also where there is no picture: the answer says why."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MAX_FILE, _MAX_FILE))
    answers = os.dup(1)
    # Nothing that a library prints may stand in the answer.
    os.dup2(2, 1)
    given = json.loads(sys.stdin.buffer.read(1 << 16))
    said, picture = _taken(given)
    with os.fdopen(answers, "wb") as out:
        out.write(json.dumps(said).encode() + b"\n" + picture)


def _taken(given: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    said: dict[str, Any] = {"refused": {}}
    refused: Counter[str] = Counter()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=given["executable"],
                headless=True,
                args=list(SWITCHES),
                chromium_sandbox=given["sandbox"],
                proxy={
                    "server": given["proxy"],
                    "username": given["user"],
                    "password": given["password"],
                },
                timeout=given["start_ms"],
                env=dict(os.environ),
            )
        except Error as error:
            return {"failed": "start", "says": first_line(error)}, b""
        with contextlib.suppress(Error):
            said["browser"] = f"Chromium {browser.version}"
            context = browser.new_context(
                viewport={"width": given["width"], "height": given["height"]},
                accept_downloads=False,
                service_workers="block",
                ignore_https_errors=True,  # looked at, not trusted
                permissions=[],
                locale=given["locale"],
                timezone_id="UTC",
            )
            context.add_init_script(NO_RTC)
            page = context.new_page()
            # Asked before any stranger's script runs.
            said["user_agent"] = page.evaluate("navigator.userAgent")
            context.on("page", lambda other: other.close())
            page.on("console", lambda message: local_file(message.text, refused))
            page.on("download", lambda download: refused.update(["a download"]))
            picture = _shown(page, given, said)
            said["refused"] = dict(refused.most_common(50))
            browser.close()
            return said, picture
        return {**said, "failed": "crash", "says": "the browser went away"}, b""


def _shown(page: Page, given: dict[str, Any], said: dict[str, Any]) -> bytes:
    try:
        response = page.goto(given["url"], wait_until="load", timeout=given["load_ms"])
        said["status"] = response.status if response is not None else None
    except Error as error:
        says = first_line(error)
        if "Timeout" not in says:
            said |= {"failed": "load", "says": says}
            return b""
        # What is there by now is what people see, too.
        said["cut"] = True
    with contextlib.suppress(Error):
        page.wait_for_timeout(given["settle_ms"])
    said["url"] = page.url
    try:
        picture = page.screenshot(
            timeout=given["picture_ms"], animations="disabled", caret="hide", scale="css"
        )
    except Error as error:
        said |= {"failed": "picture", "says": first_line(error)}
        return b""
    with contextlib.suppress(Error):
        said["title"] = page.title()[:500]
    return picture


def local_file(text: str, refused: Counter[str]) -> None:
    """The browser itself refuses these and says so to the page's console."""
    if text.startswith("Not allowed to load local resource"):
        refused["file: is not asked"] += 1


def first_line(error: Error) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0][:300]
