"""What the DNS answered about the hosts of a capture, at the time of it and from its vantage.

May import: detectors.suffixes, namaak.resolving.
"""

from __future__ import annotations

import asyncio
from typing import Any

from detectors.suffixes import registrable_domain
from namaak.resolving import Answer, Resolver

TYPES = ("A", "AAAA", "CNAME", "NS", "MX", "TXT")
_MAX_VALUES = 50


async def ask_names(resolver: Resolver, host: str) -> list[Answer]:
    """Every type of the host, and of the domain that somebody registered for it."""
    names = dict.fromkeys((host, registrable_domain(host)))
    return list(
        await asyncio.gather(*(resolver.ask(name, type_) for name in names for type_ in TYPES))
    )


def answer_document(answer: Answer) -> dict[str, Any]:
    """As capture.json has it. An outcome other than answered is not absence; see Outcome."""
    return {
        "name": answer.name,
        "type": answer.type,
        "outcome": str(answer.outcome),
        "values": list(answer.values[:_MAX_VALUES]),
        "values_cut": len(answer.values) > _MAX_VALUES,
        "ttl": answer.ttl,
        "aliases": list(answer.aliases),
        "resolver": answer.resolver,
        "asked_at": answer.asked_at.isoformat(),
        "says": answer.says,
    }
