"""Somebody else's programs, run on loopback for one test: a web server and two name servers.

`hostile` and `proxying` are peers of our own: a web server that lies in every way it is told to,
and a proxy that connects where it is asked to.

Each is a context manager that writes its configuration into a folder of its own, waits until
the program answers, and kills it at the end. They need no privilege. A test that uses one is
marked `peer`; where the program is absent it is skipped and the reason names the program.

    with nginx(tmp_path, locations="location /old { return 302 /new; }") as served:
        ... served.url + "/old"
    with nsd({"shop.example": "@ 3600 IN SOA ..."}, tmp_path) as zones:
        with unbound(tmp_path, stub_zones={"shop.example": (zones.host, zones.port)}) as resolver:
            ... resolver.host, resolver.port
"""

from tests.peers.hostile import CLOSE, Hostile, hostile, reply
from tests.peers.programs import free_port
from tests.peers.proxying import proxying
from tests.peers.resolver import unbound
from tests.peers.web import Asked, WebServed, nginx
from tests.peers.zones import Tsig, ZonesServed, nsd, soa

__all__ = [
    "CLOSE",
    "Asked",
    "Hostile",
    "Tsig",
    "WebServed",
    "ZonesServed",
    "free_port",
    "hostile",
    "nginx",
    "nsd",
    "proxying",
    "reply",
    "soa",
    "unbound",
]
