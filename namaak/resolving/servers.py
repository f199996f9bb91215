"""Which servers are asked: only those that somebody named.

Bulk questions belong to a resolver that its owner runs or may use, so the system's own are
never taken unasked.
May import: namaak.errors.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path

from namaak.errors import UsageError

_DNS_PORT = 53


def parse_server(text: str) -> tuple[str, int]:
    """Address and port of `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`.

    Raises ValueError with the reason. A name is refused: who would resolve it?

    >>> parse_server("[2001:db8::1]:5353"), parse_server("192.0.2.1")
    (('2001:db8::1', 5353), ('192.0.2.1', 53))
    """
    given = text.strip()
    if given.startswith("["):
        host, closed, port = given[1:].partition("]")
        port = port.removeprefix(":") if closed else "?"
    elif given.count(":") == 1:
        host, _, port = given.partition(":")
    else:
        host, port = given, ""
    try:
        address = ipaddress.ip_address(host)
        number = int(port) if port else _DNS_PORT
    except ValueError:
        number = 0
    if not 0 < number < 65536 or "%" in host:
        raise ValueError(
            f"{text!r} is no name server; give its address, as in 127.0.0.1 or 127.0.0.1:5353"
        )
    return str(address), number


def written_server(address: str, port: int) -> str:
    """As `parse_server` reads it, the port always named.

    >>> written_server("2001:db8::1", 53)
    '[2001:db8::1]:53'
    """
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def system_servers(path: Path = Path("/etc/resolv.conf")) -> tuple[str, ...]:
    """The servers that this machine uses, see resolv.conf(5). Raises UsageError without any.

    Search domains and options of that file are not taken: a name is asked exactly as it stands.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise UsageError(
            f"The system's name servers cannot be read from {path} ({error.strerror}); "
            "name one yourself, as in 127.0.0.1:53."
        ) from None
    found = []
    for line in lines:
        words = line.split()
        if len(words) >= 2 and words[0] == "nameserver":
            try:
                # A link-local address with a zone cannot be asked by all; the next one can.
                found.append(written_server(*parse_server(words[1])))
            except ValueError:
                continue
    if not found:
        raise UsageError(
            f"{path} names no name server that can be asked; name one yourself, as in 127.0.0.1:53."
        )
    return tuple(dict.fromkeys(found))
