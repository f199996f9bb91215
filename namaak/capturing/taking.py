"""One visit from beginning to end: names, certificates, the browser, the archive, the document.

Everything that goes out goes through the checked door of this visit; nothing is stored here.
May import: namaak's version, namaak.capturing.*, namaak.enriching, namaak.errors, namaak.fetch,
namaak.resolving.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urljoin, urlsplit

from namaak import __version__
from namaak.capturing.browser import visit
from namaak.capturing.captured import Captured, Limits
from namaak.capturing.clock import clock_facts
from namaak.capturing.document import capture_document
from namaak.capturing.judging import judged
from namaak.capturing.names import ask_names
from namaak.capturing.packing import Unpacked, wacz_of
from namaak.capturing.places import Place, usable
from namaak.capturing.upstream import way_out
from namaak.capturing.visited import Exchange, Visited
from namaak.enriching.certificate import ask_certificate
from namaak.enriching.confined import Confined
from namaak.enriching.findings import Finding
from namaak.enriching.proxy import OWN_ANSWER, Passed, Proxy
from namaak.enriching.reach import Connect
from namaak.enriching.reading import Reading, read_confined
from namaak.enriching.screenshot import EXECUTABLES, HEIGHT, WIDTH, find_browser, has_sandbox
from namaak.errors import NamaakError, UsageError
from namaak.fetch import Allowed
from namaak.resolving import Resolver

_PORTS = (80, 443)
_MAX_HOSTS = 3
_MAX_NOTED = 20
_PACKAGES = ("playwright", "warcio", "wacz")


def lacking() -> str | None:
    """What is missing to capture any page, and what to do, in a sentence; None where nothing is."""
    absent = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        return (
            f"Pages cannot be captured without {', '.join(absent)}; install namaak with the extra "
            '"capture".'
        )
    if find_browser() is None:
        return (
            f"Pages cannot be captured: there is no Chromium on the PATH ({', '.join(EXECUTABLES)})"
            "; install the system's."
        )
    return None


def visitable(url: str) -> str:
    """The URL as it is asked. Raises UsageError for one that no browser would be sent to."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, None
    if parts is None or parts.scheme not in ("http", "https") or not host or port == 0:
        raise UsageError(f"{url!r} is no address of a page; give one as in https://host/path.")
    if parts.username is not None or not parts.geturl().isprintable():
        raise UsageError(
            f"{url!r} holds a password or characters that nobody sees; leave them out."
        )
    return parts.geturl()


async def capture(
    urls: Sequence[str],
    *,
    place: Place,
    clock: Callable[[], datetime],
    about: Mapping[str, str | None],
    limits: Limits | None = None,
    log_proofs: bytes | None = None,
    allow: Sequence[Allowed] = (),
    executable: str | None = None,
) -> Captured:
    """Visit a page and keep what comes. Never raises for what a page or its server does.

    urls: tried in turn until one is a page; as `visitable` gives them. about: case_id, subject and
    operator, for the document. log_proofs: what else is kept with the visit, see
    namaak.proving. allow: exceptions to the address check, for tests. Raises
    NamaakError where something is missing or no process can be started.
    """
    limits = limits or Limits()
    if (missing := lacking()) is not None and executable is None:
        raise NamaakError(missing)
    program = executable or find_browser()
    assert program is not None
    host = urlsplit(urls[0]).hostname or ""
    started_at = clock()
    async with Resolver(servers=usable(place).resolvers, clock=clock) as resolver:
        connect = await way_out(place, resolver)
        proxy = Proxy(
            resolver, ports=_PORTS, allow=allow, max_bytes=limits.max_bytes,
            max_connections=2 * limits.max_requests, connect=connect,
        )  # fmt: skip
        # Before the page is asked: what the names said then is what the visit went by.
        names = await ask_names(resolver, host)
        async with proxy:
            visited = await visit(
                list(urls), executable=program, proxy=proxy, place=place, limits=limits
            )
        exchanges = _from_servers(visited.exchanges, proxy.passed)
        last = next((one for one in reversed(exchanges) if one.main), None)
        final = _ends_at(last)
        if final and final != host:
            told = {(one.name, one.type) for one in names}
            more = await ask_names(resolver, final)
            names += [one for one in more if (one.name, one.type) not in told]
        certificates = await _certificates(
            resolver, exchanges, urls, clock=clock, allow=allow, connect=connect
        )
    ended_at = clock()
    reading, notes = await _read(visited, last)
    notes += _went_to_https(visited.exchanges)
    judgement = judged(
        visited, last, reading, names=names, host=host, refusals=proxy.passed.refused,
        unreached=proxy.passed.unreached,
    )  # fmt: skip
    tools = _tools(visited)
    made = Captured(
        document={},
        outcome=judgement.outcome,
        full_png=visited.full,
        view_png=visited.view,
        dom=visited.dom,
        text=visited.text,
        tls_pem=_pem(certificates),
        log_proofs=log_proofs,
    )
    if exchanges:
        made, says = await asyncio.to_thread(_packed, made, exchanges, visited, proxy.passed, tools)
        notes += says
    document = capture_document(
        about=about, urls=urls, started_at=started_at, ended_at=ended_at, judgement=judgement,
        notes=notes, visited=visited, last=last, exchanges=exchanges, passed=proxy.passed,
        names=names, certificates=certificates, place=place, limits=limits,
        viewport=f"{WIDTH}x{HEIGHT}", sandbox=has_sandbox(), tools=tools, clock=clock_facts(),
        files=made.files(),
    )  # fmt: skip
    return replace(made, document=document)


def _ends_at(last: Exchange | None) -> str:
    """The host of the last page, or of where the last answer sent on to; empty without any."""
    if last is None:
        return ""
    target = last.url
    if 300 <= last.status < 400:
        target = urljoin(last.url, last.header("location") or "")
    return urlsplit(target).hostname or ""


def _from_servers(exchanges: Sequence[Exchange], passed: Passed) -> list[Exchange]:
    """Without the browser's own answers and our proxy's: of these each mark counts once."""
    marks = set(passed.own_answers)
    kept = []
    for one in sorted(exchanges, key=lambda one: one.seq):
        if one.invented:
            continue
        mark = one.header(OWN_ANSWER)
        if mark in marks:
            marks.remove(mark)
        else:
            kept.append(one)
    return kept


def _went_to_https(exchanges: Sequence[Exchange]) -> list[str]:
    """What the browser answered for servers, a sentence each host."""
    hosts = dict.fromkeys(urlsplit(one.url).hostname or "" for one in exchanges if one.invented)
    return [
        f"the browser itself went to https at {host}; no server sent it there"
        for host in list(hosts)[:_MAX_NOTED]
    ]


async def _certificates(
    resolver: Resolver,
    exchanges: Sequence[Exchange],
    urls: Sequence[str],
    *,
    clock: Callable[[], datetime],
    allow: Sequence[Allowed],
    connect: Connect,
) -> list[Finding]:
    """Of the page's own steps, and of what was asked where no page came; each host once."""
    steps = [one.url for one in exchanges if one.main] or list(urls)
    parts = (urlsplit(url) for url in steps)
    places = dict.fromkeys(
        (one.hostname or "", one.port or 443) for one in parts if one.scheme == "https"
    )
    return list(
        await asyncio.gather(
            *(
                ask_certificate(
                    resolver, host, clock=clock, port=port, allow=allow, connect=connect
                )
                for host, port in list(places)[:_MAX_HOSTS]
            )
        )
    )


def _pem(certificates: Sequence[Finding]) -> bytes | None:
    """Of each host the chain as shown, leaf first, under a line that names it."""
    parts = [
        f"# {one.host} port {one.facts.get('port', 443)}\n".encode() + one.raw
        for one in certificates
        if one.raw is not None
    ]
    return b"".join(parts) or None


async def _read(visited: Visited, last: Exchange | None) -> tuple[Reading | None, list[str]]:
    """What the page says, by its HTML after scripts ran, or else as it came."""
    html = visited.dom or (last.body if last else b"")
    if last is None or not html:
        return None, []
    content_type = "text/html; charset=utf-8" if visited.dom else last.header("content-type") or ""
    if not visited.dom and "html" not in content_type.lower():
        return None, []
    try:
        return await read_confined(html, url=last.url, content_type=content_type, terms=()), []
    except Confined as error:
        return None, [f"the page could not be read: {error}"]


def _packed(
    made: Captured,
    exchanges: Sequence[Exchange],
    visited: Visited,
    passed: Passed,
    tools: Mapping[str, str],
) -> tuple[Captured, list[str]]:
    from namaak.capturing.warc import timestamp, warc_of

    own = [one for one in exchanges if one.main and not 300 <= one.status < 400]
    title = visited.title or ""
    pages = [
        {
            "timestamp": timestamp(one),
            "url": one.url,
            "title": (title if one is own[-1] else "") or one.url,
        }
        for one in own
    ]
    warc = warc_of(
        exchanges, addresses=passed.addresses, pages=pages, filename="capture.warc.gz",
        about={"software": " ".join(f"{name}/{which}" for name, which in tools.items())},
    )  # fmt: skip
    try:
        packed = wacz_of(
            warc, title=title or exchanges[0].url, pages=[page["url"] for page in pages]
        )
    except Unpacked as error:
        return replace(made, warc=warc), [f"the archive is not packed: {error}"]
    return replace(made, wacz=packed), []


def _tools(visited: Visited) -> dict[str, str]:
    tools = {"namaak": __version__, "chromium": visited.browser or "unknown"}
    for name in _PACKAGES:
        try:
            tools[name] = version(name)
        except PackageNotFoundError:
            tools[name] = "unknown"
    return tools
