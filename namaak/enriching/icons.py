"""Favicons: fetched or taken from the page, and the hashes by which others look for them.

Copied with the page that they belong to, so one that equals the brand's own is telling; search
engines for servers index them by MurmurHash3 over base64 text.
May import: detectors.images.perceptual, detectors.images.picture, namaak.decoding, enriching,
errors and fetch.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes, urljoin

import mmh3

from detectors.images.perceptual import as_hex, phash
from detectors.images.picture import Undecodable
from namaak.decoding.workers import Decoders
from namaak.enriching.facts import Icon
from namaak.enriching.findings import Kept, Outcome
from namaak.enriching.outcomes import outcome_of, reason_of
from namaak.errors import NamaakError
from namaak.fetch import Fetcher, FetchError, Limits

#: Fetched per page: what the page names first, else what browsers ask for unasked.
MAX_ICONS = 2
_LIMITS = Limits(max_bytes=1 << 20)
_DEADLINE_S = 15.0


def icon_mmh3(content: bytes) -> int:
    """Signed 32 bits over base64 with a line break every 76 characters and at the end.

    >>> icon_mmh3(b"icon")
    1355950459
    """
    return int(mmh3.hash(base64.encodebytes(content)))


async def icons_of(
    fetch: Fetcher,
    declared: Sequence[str],
    page_url: str,
    *,
    decoders: Decoders | None,
    ports: Sequence[int],
) -> tuple[list[Icon], tuple[Kept, ...]]:
    """declared: URLs, or data: URLs. Never raises for what a server says."""
    wanted = list(dict.fromkeys(declared))[:MAX_ICONS] or [urljoin(page_url, "/favicon.ico")]
    icons, kept = [], []
    for url in wanted:
        if url.startswith("data:"):
            content, media_type, icon = _inside(url)
        else:
            content, media_type, icon = await _fetched(fetch, url, ports)
        if content:
            icon["sha256"] = hashlib.sha256(content).hexdigest()
            icon["mmh3"] = icon_mmh3(content)
            await _look(icon, content, decoders)
            kept.append(Kept(name="icon", content=content, media_type=media_type))
        icons.append(icon)
    return icons, tuple(kept)


def _inside(url: str) -> tuple[bytes, str, Icon]:
    """data:image/png;base64,... (RFC 2397)."""
    head, _, text = url.partition(",")
    media_type = head[5:].partition(";")[0][:100]
    try:
        if head.lower().endswith(";base64"):
            content = base64.b64decode(unquote_to_bytes(text), validate=False)
        else:
            content = unquote_to_bytes(text)
    except (binascii.Error, ValueError):
        reason = "is no data: URL that can be read"
        return b"", "", Icon(url=url[:80], outcome=Outcome.MALFORMED.value, reason=reason)
    return content, media_type, Icon(url=url[:80], outcome=Outcome.ANSWERED.value)


async def _fetched(fetch: Fetcher, url: str, ports: Sequence[int]) -> tuple[bytes, str, Icon]:
    try:
        reply = await fetch.get(
            url, limits=_LIMITS, retries=0, deadline_s=_DEADLINE_S, ports=ports, absent=(404, 410),
            allow_downgrade=True,
        )  # fmt: skip
    except FetchError as error:
        outcome = outcome_of(error).value
        return b"", "", Icon(url=url, outcome=outcome, reason=reason_of(error))
    media_type = reply.headers.get("content-type", "application/octet-stream")[:100]
    outcome = Outcome.ANSWERED if reply.body else Outcome.EMPTY
    return reply.body, media_type, Icon(url=reply.url, outcome=outcome.value)


async def _look(icon: Icon, content: bytes, decoders: Decoders | None) -> None:
    icon["phash"], icon["format"] = None, None
    if decoders is None:
        return
    try:
        picture = await asyncio.to_thread(decoders.decode, content)
    except NamaakError as error:
        icon["reason"] = str(error)
        return
    if isinstance(picture, Undecodable):
        # Servers answer any path with their page; that is no icon, and says so here.
        icon["reason"] = picture.reason
        return
    icon["format"] = picture.format
    icon["phash"] = as_hex(phash(picture.frames[0].pixels))
