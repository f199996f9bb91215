"""Records as text, from what c-ares or dnspython read, and the way through aliases.

Everything in them was written by whoever owns the zone: bytes are escaped, chains are counted.
Pure. May import: namaak.resolving.answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pycares

from namaak.resolving.answers import Outcome


class Record(NamedTuple):
    """One record of an answer."""

    owner: str  #: lower case, no trailing dot
    type: str
    ttl: int
    value: str


class Told(NamedTuple):
    """What the answer section says about the question."""

    outcome: Outcome
    values: tuple[str, ...] = ()
    ttl: int | None = None
    aliases: tuple[str, ...] = ()
    says: str = ""


def read_answer(name: str, type_: str, records: Sequence[Record]) -> Told:
    """Follow the aliases from `name` to records of the type. records: of a NOERROR answer.

    A chain that comes round is what resolvers call SERVFAIL; records that belong to no link of
    the chain are nobody's answer.
    """
    if not records:
        return Told(Outcome.EMPTY)
    owner = name.lower()
    chain: list[str] = []
    ttls: list[int] = []
    while True:
        found = [record for record in records if record.owner == owner and record.type == type_]
        if found:
            ttls += [record.ttl for record in found]
            values = tuple(sorted({record.value for record in found}))
            return Told(Outcome.ANSWERED, values, min(ttls), tuple(chain))
        step = next((one for one in records if one.owner == owner and one.type == "CNAME"), None)
        if step is None:
            break
        if step.value in chain or step.value == name.lower():
            return Told(Outcome.BROKEN, aliases=tuple(chain), says="aliases go round in a loop")
        chain.append(step.value)
        ttls.append(step.ttl)
        owner = step.value
    if chain:
        return Told(Outcome.EMPTY, ttl=min(ttls), aliases=tuple(chain))
    if all(record.type != type_ for record in records):
        return Told(Outcome.EMPTY)
    return Told(Outcome.MALFORMED, says="the answer belongs to another name")


def cares_records(result: pycares.DNSResult) -> list[Record]:
    """The answer section as c-ares read it; records of types nobody asks for are left out."""
    records = []
    for record in result.answer:
        known = _WRITTEN.get(record.type)
        if known is not None:
            type_, written = known
            records.append(Record(_name(record.name), type_, record.ttl, written(record.data)))
    return records


def _soa(record: Any) -> str:
    numbers = (record.serial, record.refresh, record.retry, record.expire, record.minimum)
    return " ".join((_name(record.mname), _name(record.rname), *map(str, numbers)))


#: Presentation form of each type (RFC 1035, section 5; CAA: RFC 8659, section 4.1.1).
_WRITTEN: dict[int, tuple[str, Callable[[Any], str]]] = {
    pycares.QUERY_TYPE_A: ("A", lambda record: record.addr),
    pycares.QUERY_TYPE_AAAA: ("AAAA", lambda record: record.addr),
    pycares.QUERY_TYPE_CAA: (
        "CAA",
        lambda record: f'{record.critical} {_text(record.tag).lower()} "{_text(record.value)}"',
    ),
    pycares.QUERY_TYPE_CNAME: ("CNAME", lambda record: _name(record.cname)),
    pycares.QUERY_TYPE_MX: ("MX", lambda record: f"{record.priority} {_name(record.exchange)}"),
    pycares.QUERY_TYPE_NS: ("NS", lambda record: _name(record.nsdname)),
    pycares.QUERY_TYPE_PTR: ("PTR", lambda record: _name(record.dname)),
    pycares.QUERY_TYPE_SOA: ("SOA", _soa),
    pycares.QUERY_TYPE_SRV: (
        "SRV",
        lambda record: f"{record.priority} {record.weight} {record.port} {_name(record.target)}",
    ),
    pycares.QUERY_TYPE_TXT: ("TXT", lambda record: escaped(record.data)),
}


def _name(name: str | bytes) -> str:
    # c-ares has escaped what is no plain character of a name.
    written = name if isinstance(name, str) else escaped(name)
    return written.lower().removesuffix(".") or "."


def _text(text: str | bytes) -> str:
    # c-ares gives bytes where they are not ASCII, although it says str.
    return escaped(text.encode("ascii") if isinstance(text, str) else text)


_PLAIN = re.compile(rb"[ -\[\]-~]*")


def escaped(content: bytes) -> str:
    r"""Printable ASCII as it stands, all else and the backslash as `\DDD` (RFC 1035, 5.1).

    >>> escaped(b"v=spf1 -all"), escaped(b"caf\xc3\xa9\x00")
    ('v=spf1 -all', 'caf\\195\\169\\000')
    """
    if _PLAIN.fullmatch(content):
        return content.decode("ascii")
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else f"\\{byte:03d}" for byte in content
    )
