"""What the tests of this room share: captures of a server on loopback."""

from __future__ import annotations

import asyncio
import zipfile
from io import BytesIO
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from namaak.capturing import Captured, Limits, Place, capture
from tests.enriching.world import NOW, allowed

ABOUT = {"case_id": "NK-0123456789AB", "subject": "acme-login.test", "operator": "Ada Example"}


def captured(zones, *urls: str, ports, seconds: float = 20.0, **given: Any) -> Captured:
    place = given.pop("place", None) or Place(name="here", resolvers=(zones.address,))
    known = {"seconds": seconds}
    limits = Limits(**known | {k: given.pop(k) for k in tuple(given) if k.startswith("max_")})
    return asyncio.run(
        capture(
            list(urls), place=place, clock=lambda: NOW, about=ABOUT, limits=limits,
            allow=allowed(*ports), **given,
        )
    )  # fmt: skip


def members(wacz: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(wacz)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def records(wacz: bytes) -> list[tuple[str, str, str, Any, Any, bytes]]:
    """(type, URL, status, headers of HTTP, headers of WARC, content) of each record."""
    found = []
    warc = members(wacz)["archive/capture.warc.gz"]
    for record in ArchiveIterator(BytesIO(warc)):
        http = record.http_headers
        content = record.content_stream().read()
        found.append(
            (
                record.rec_type,
                record.rec_headers.get_header("WARC-Target-URI"),
                http.get_statuscode() if http else "",
                http,
                record.rec_headers,
                content,
            )
        )
    return found


def responses(wacz: bytes) -> dict[str, tuple[str, Any, Any, bytes]]:
    """URL to status, headers of HTTP and of WARC, and content, of the last answer."""
    return {one[1]: one[2:] for one in records(wacz) if one[0] == "response"}
