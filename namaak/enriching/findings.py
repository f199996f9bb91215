"""The nouns of enrichment: one finding is what one way of looking gave at one time.

Unknown is not absent: the outcome says whether there was an answer, and of what sort. Nothing is
left out in silence: an aspect that could not be asked gives a finding that says why.
Pure: no clock, no network. May import: namaak.records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import pyarrow as pa

from namaak.records import ENRICHMENT_SCHEMA, host_key

#: Of what reads the answers; a change means that stored answers may be read again.
VERSION = "1"


class Aspect(StrEnum):
    """A way of looking at a host."""

    DNS = "dns"
    RDAP = "rdap"  #: who registered it through whom, and when
    NETWORK = "network"  #: whose addresses it uses
    CERTIFICATE = "certificate"  #: what its server shows on port 443
    PAGE = "page"
    SCREENSHOT = "screenshot"


class Outcome(StrEnum):
    """What became of asking. Only ANSWERED, EMPTY and ABSENT say something about the host."""

    ANSWERED = "answered"
    EMPTY = "empty"  #: whoever knows says there is nothing of the kind
    ABSENT = "absent"  #: whoever knows says there is no such name: NXDOMAIN, RDAP 404
    BROKEN = "broken"  #: an answer that says that it is out of order: SERVFAIL, failed handshake
    REFUSED = "refused"  #: whom we asked will not tell us: REFUSED, 401, 403
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  #: nobody listens there, or the way there is cut
    BLOCKED = "blocked"  #: something stands before the page: a bot wall, a country block
    THROTTLED = "throttled"  #: asked too often; asked again later
    MALFORMED = "malformed"  #: an answer that cannot be read; kept as it came
    POLICY = "policy"  #: refused by us: private address, other scheme, too large, too many hops
    NO_RDAP = "no-rdap"  #: this suffix or address range has no such service
    NO_ADDRESS = "no-address"  #: DNS gives nothing to connect to
    NO_BROWSER = "no-browser"  #: no Chromium, or the extra is not installed

    @property
    def says_something(self) -> bool:
        """Whether this is about the host, rather than about our asking."""
        return self in (Outcome.ANSWERED, Outcome.EMPTY, Outcome.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Bytes that came along with an answer: a favicon, the registrar's own record."""

    name: str  #: what it is: "icon", "registrar", ...
    content: bytes  #: as received, decompressed
    media_type: str

    @property
    def sha256(self) -> str:
        """Lower-case hex; the facts name it so."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one aspect of one host was at one time, seen from one place."""

    host: str  #: A-labels, lower case, no trailing dot
    aspect: Aspect
    asked_at: datetime  #: aware, when asking began
    vantage: str  #: whom we asked, as whom: "resolver 127.0.0.1:53", "198.51.100.7 as namaak ..."
    outcome: Outcome
    facts: Mapping[str, Any]  #: JSON-able; keys in `facts`
    raw: bytes | None = None  #: the answer as it came, decompressed
    raw_type: str | None = None  #: its media type
    kept: tuple[Kept, ...] = field(default=())  #: what else came along
    version: str = VERSION
    due_at: datetime | None = None  #: when to ask again; None: only when somebody asks

    @property
    def raw_sha256(self) -> str | None:
        """Lower-case hex."""
        return None if self.raw is None else hashlib.sha256(self.raw).hexdigest()


def findings_table(findings: Iterable[Finding]) -> pa.Table:
    """records.ENRICHMENT_SCHEMA, in the order given; the bytes stay behind."""
    rows = [
        {
            "subject_key": host_key(finding.host),
            "host": finding.host,
            "aspect": finding.aspect,
            "asked_at": finding.asked_at,
            "vantage": finding.vantage,
            "outcome": finding.outcome,
            "facts": json.dumps(dict(finding.facts), sort_keys=True, ensure_ascii=False),
            "raw_sha256": finding.raw_sha256,
            "raw_type": finding.raw_type,
            "version": finding.version,
            "due_at": finding.due_at,
        }
        for finding in findings
    ]
    return pa.Table.from_pylist(rows, schema=ENRICHMENT_SCHEMA)
