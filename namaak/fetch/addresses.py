"""Which addresses may be connected to: globally reachable unicast, and nothing else.

Names come from strangers, so a name may well point at this machine, at the network it stands in
or at the service of a cloud that hands out keys. The list is our own and not that of the
standard library, whose answer changed between patch releases of Python; it follows the IANA
special-purpose registries (RFC 6890 and its updates, read in November 2026). IPv6 forms that carry
an IPv4 address inside are refused whole, whatever they carry: no public service needs them.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by customers of a provider"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's service for its own machines"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "of protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("::ffff:0:0/96", "an IPv4 address inside IPv6"),
        ("::/96", "an IPv4 address inside IPv6"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "an IPv4 address behind NAT64"),
        ("2001::/32", "an IPv4 address inside Teredo"),
        ("2001:2::/48", "for benchmarks"),
        ("2001::/23", "of protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "an IPv4 address inside 6to4"),
        ("3fff::/20", "for documentation"),
        ("100::/64", "discarded"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
#: All of IPv6 that was ever given out for global unicast.
_GLOBAL_V6 = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Allowed:
    """An exception to the rule, for peers on loopback: a network and one port of it."""

    network: str
    port: int

    def __post_init__(self) -> None:
        ipaddress.ip_network(self.network)
        if not 0 < self.port < 65536:
            raise ValueError(f"{self.port} is no port")

    def covers(self, address: Address, port: int) -> bool:
        return port == self.port and address in ipaddress.ip_network(self.network)


def is_ip_address(host: str) -> bool:
    """Whether a host as `urls.Target` has it is an address, of which no name server is asked."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def refusal(address: Address) -> str | None:
    """Why this address is not connected to; None where it may be.

    >>> refusal(ipaddress.ip_address("169.254.169.254"))
    '169.254.169.254 is link-local'
    >>> refusal(ipaddress.ip_address("9.9.9.9"))
    """
    for network, reason in _REFUSED:
        if address.version == network.version and address in network:
            return f"{address} is {reason}"
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return f"{address} is outside of global unicast"
    return None


def refusal_of(
    text: str, port: int, *, ports: Iterable[int], allow: Iterable[Allowed]
) -> str | None:
    """Why a socket to this address and port is not made; None where it may be.

    text: an address as the socket gets it, with a zone perhaps. ports: those that the caller of
    this request wants; an exception brings its own port along.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if any(exception.covers(address, port) for exception in allow):
        return None
    if (reason := refusal(address)) is not None:
        return reason
    return None if port in ports else f"port {port} is not among those that are asked"
