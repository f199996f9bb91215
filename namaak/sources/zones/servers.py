"""Name servers as a watch file names them, and the addresses that may be asked.

Unlike the addresses of pages, these come from the operator and not from a stranger. Even so a
name may come to point into the operator's own network when its owner wants that, so a name is
only followed to public addresses; who wants a server of their own network writes its address,
which says that it is meant.
May import: namaak.errors, namaak.fetch.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from namaak.errors import Failure, SourceError
from namaak.fetch.addresses import refusal

_PORT: Final = 53
_SHAPE: Final = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[A-Za-z0-9._-]{1,253}))(?::(?P<port>[0-9]{1,5}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One name server."""

    host: str  #: a name or an address
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORT else f"{host}:{self.port}"

    def addresses(self) -> Iterator[str]:
        """Where it may be asked. Raises SourceError where nowhere."""
        try:
            yield str(ipaddress.ip_address(self.host))
            return
        except ValueError:
            pass
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise SourceError(
                f"The name server {self.host} has no address now ({error.strerror}); check its "
                "name, or the network.",
                Failure.TRANSIENT,
            ) from None
        reasons: list[str] = []
        for address in dict.fromkeys(str(entry[4][0]) for entry in found):
            reason = refusal(ipaddress.ip_address(address.partition("%")[0]))
            if reason is None:
                yield address
            else:
                reasons.append(reason)
        if reasons:
            raise SourceError(
                f"The name server {self.host} is not asked: {reasons[0]}; a server of your own "
                "network is written as its address.",
                Failure.POLICY,
            )


def parse_server(text: str) -> Server:
    """Raises ValueError.

    >>> str(parse_server("192.0.2.1:5353")), str(parse_server("2001:db8::1"))
    ('192.0.2.1:5353', '[2001:db8::1]')
    """
    try:
        return Server(host=str(ipaddress.ip_address(text)), port=_PORT)
    except ValueError:
        pass
    found = _SHAPE.fullmatch(text)
    port = int(found["port"] or _PORT) if found else 0
    if found is None or not 0 < port < 65_536:
        raise ValueError("is no name server; write name, address, address:port or [address]:port")
    return Server(host=found["six"] or found["host"], port=port)
