"""What the browser saw, as an archive that others read (WARC 1.1, ISO 28500).

Bodies come from the browser, which has decoded them: headers that speak of an encoding would be
untrue and are left out, and the length is that of what is there. An answer that did not come whole
says so (WARC-Truncated). Nothing is ever a revisit: each archive stands alone.
Needs warcio. Pure but for the identifiers of records. May import: namaak.capturing.visited.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from namaak.capturing.visited import Exchange

#: Of the connection or of the encoding that the body no longer has.
_LEFT_OUT = frozenset(
    {"content-encoding", "transfer-encoding", "content-length", "connection", "keep-alive",
     "proxy-authorization", "proxy-authenticate", "proxy-connection"}
)  # fmt: skip


def warc_of(
    exchanges: Sequence[Exchange],
    *,
    addresses: Mapping[str, str],
    pages: Sequence[Mapping[str, str]],
    about: Mapping[str, str],
    filename: str,
) -> bytes:
    """gzip by record. addresses: host to IP. pages: timestamp (14 digits), url, title of each.

    about: fields of the warcinfo record, as software.
    """
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
    # As browsers' recorders tell packers which of all the documents are pages.
    recording = {"type": "recording", "pages": [dict(page) for page in pages]}
    info = {
        **{name: _one_line(value) for name, value in about.items()},
        "format": "WARC File Format 1.1",
        "json-metadata": json.dumps(recording, ensure_ascii=True),
    }
    writer.write_record(writer.create_warcinfo_record(filename, info))
    for one in sorted(exchanges, key=lambda one: one.seq):
        _write(writer, one, addresses.get(urlsplit(one.url).hostname or ""))
    return buffer.getvalue()


def timestamp(one: Exchange) -> str:
    """14 digits, as indexes have it."""
    return _moment(one).strftime("%Y%m%d%H%M%S")


def _moment(one: Exchange) -> datetime:
    return datetime.fromtimestamp(one.at / 1000, UTC)


def _write(writer: WARCWriter, one: Exchange, address: str | None) -> None:
    date = {"WARC-Date": _moment(one).strftime("%Y-%m-%dT%H:%M:%SZ")}
    told = date | ({"WARC-IP-Address": address} if address else {})
    if one.truncated:
        told["WARC-Truncated"] = one.truncated
    headers = [*_kept(one.response_headers), ("Content-Length", str(len(one.body)))]
    response = writer.create_warc_record(
        one.url,
        "response",
        payload=BytesIO(one.body),
        length=len(one.body),
        http_headers=StatusAndHeaders(
            f"{one.status} {_words(one.status_text)}".rstrip(), headers, protocol="HTTP/1.1"
        ),
        warc_headers_dict=told,
    )
    parts = urlsplit(one.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    asked = _kept(one.request_headers)
    if not any(name.lower() == "host" for name, _ in asked):
        asked.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
    if one.posted:
        asked.append(("Content-Length", str(len(one.posted))))
    request = writer.create_warc_record(
        one.url,
        "request",
        payload=BytesIO(one.posted),
        length=len(one.posted),
        http_headers=StatusAndHeaders(f"{one.method} {path} HTTP/1.1", asked, is_http_request=True),
        warc_headers_dict=date,
    )
    writer.write_request_response_pair(request, response)


def _kept(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without those of HTTP/2, which begin with a colon."""
    return [
        (_token(name), _one_line(value))
        for name, value in headers
        if name.lower() not in _LEFT_OUT and _token(name)
    ]


def _token(name: str) -> str:
    return name if name.isascii() and name.isprintable() and not set(name) & set(": ") else ""


def _words(text: str) -> str:
    """Of a status line, which can be nothing but ASCII; values of headers are escaped by warcio."""
    return _one_line(text.encode("ascii", "replace").decode())


def _one_line(text: Any) -> str:
    return " ".join(str(text).split())
