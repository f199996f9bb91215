"""A capture into the store of evidence, and the row that finds it again.

May import: namaak.capturing.captured, namaak.casework.events, namaak.evidence_store.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from namaak.capturing.captured import Captured
from namaak.casework.events import canonical_json
from namaak.evidence_store import EvidenceStore

_COLUMNS = {
    "wacz_sha256": "capture.wacz",
    "warc_sha256": "capture.warc.gz",
    "full_sha256": "screenshot-full.png",
    "view_sha256": "screenshot-view.png",
    "dom_sha256": "dom.html",
    "text_sha256": "text.txt",
    "tls_sha256": "tls.pem",
    "ct_sha256": "ct-proofs.json",
}
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def keep(captured: Captured, store: EvidenceStore) -> dict[str, Any]:
    """Store the bytes, the document last; the row of captures.

    Raises LakeError where they cannot be stored.
    """
    for content in captured.files().values():
        store.keep(content)
    document_sha256 = store.keep(canonical_json(captured.document))
    return row_of(captured.document, document_sha256)


def row_of(document: Mapping[str, Any], document_sha256: str) -> dict[str, Any]:
    """The row of captures, which holds nothing that the document does not. Pure."""
    files, asked = document["files"], document["requests"]
    last = document["redirects"][-1] if document["redirects"] else {}
    return {
        "capture_id": capture_id(document_sha256),
        "case_id": document["case_id"],
        "url": document["url"],
        "final_url": document["final_url"],
        "started_at": datetime.fromisoformat(document["started_at"]),
        "ended_at": datetime.fromisoformat(document["ended_at"]),
        "vantage": document["vantage"]["name"],
        "outcome": document["outcome"],
        "reason": document["reason"],
        "page_kind": document["page_kind"],
        "http_status": document["http_status"],
        "title": document["title"],
        "address": last.get("address"),
        "operator": document["operator"],
        "tools": json.dumps(document["tools"], sort_keys=True),
        **{column: files.get(name, {}).get("sha256") for column, name in _COLUMNS.items()},
        "document_sha256": document_sha256,
        "requests": asked["sent"],
        "bytes": asked["bytes"],
        "refused": sum(asked["refused"].values()),
    }


def capture_id(document_sha256: str) -> str:
    """60 bits of the document's digest.

    >>> capture_id("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
    'NC-8G9PZ8TNPDKR'
    """
    bits = int(document_sha256[:16], 16) >> 4
    return "NC-" + "".join(_CROCKFORD[(bits >> shift) & 31] for shift in range(55, -1, -5))
