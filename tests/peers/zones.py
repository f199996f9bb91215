"""NSD on loopback: an authoritative server for zones written in the test."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode

from tests.peers.programs import HOST, program, running

_SERVER = """
server:
    ip-address: {host}@{port}
    username: ""
    chroot: ""
    database: ""
    zonesdir: "{own}"
    pidfile: "{own}/nsd.pid"
    xfrdfile: "{own}/xfrd.state"
    xfrdir: "{own}"
    zonelistfile: "{own}/zone.list"
    cookie-secret-file: "{own}/cookies"
    logfile: "{own}/nsd.log"
    server-count: 1
    # Tests ask as fast as they can.
    rrl-ratelimit: 0
    zonefiles-check: yes
    {extra}
remote-control:
    control-enable: no
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tsig:
    """A key that a transfer must be signed with."""

    name: str
    secret: str  #: base64
    algorithm: str = "hmac-sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesServed:
    """A running name server, authoritative or not."""

    host: str
    port: int
    log_path: Path
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """As settings write it: `127.0.0.1:5353`."""
        return f"{self.host}:{self.port}"

    def change(self, zone: str, text: str) -> None:
        """Serve another text of a zone; returns when only that is served.

        Its SOA serial must differ. For a moment, old and new processes answer side by side.
        """
        wanted, before = _serial_of(text), len(_descendants(self.process.pid))
        (self.folder / _file_of(zone)).write_text(_zone_text(zone, text))
        end = time.monotonic() + 10
        while time.monotonic() < end:
            self.process.send_signal(signal.SIGHUP)
            pause = time.monotonic() + 0.5
            while time.monotonic() < pause:
                served = [_served_serial(self.port, zone) for _ in range(3)]
                alone = len(_descendants(self.process.pid)) <= before
                if alone and served == [wanted] * 3:
                    return
                time.sleep(0.02)
        raise TimeoutError(f"nsd did not take the new text of {zone}")


def soa(serial: int = 1, *, ttl: int = 3600, negative_ttl: int = 300) -> str:
    """The SOA and NS lines that every zone needs."""
    return (
        f"@ {ttl} IN SOA ns.test. hostmaster.test. {serial} 7200 3600 1209600 {negative_ttl}\n"
        f"@ {ttl} IN NS ns.test.\n"
    )


@contextmanager
def nsd(
    zones: Mapping[str, str], folder: Path, *, tsig: Tsig | None = None, extra: str = ""
) -> Iterator[ZonesServed]:
    """Serve zones; each text is a zone file without $ORIGIN (names are relative to the zone).

    A text without a SOA gets `soa()` in front. Transfers are given to loopback: to anybody, or
    with `tsig` only to whom signs with it. extra: further lines of the `server:` clause.
    """
    path = program("nsd")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nsd-", dir=folder) as own_name:
        own = Path(own_name).resolve()
        for zone, text in zones.items():
            (own / _file_of(zone)).write_text(_zone_text(zone, text))

        def command(port: int) -> list[str]:
            parts = [_SERVER.format(host=HOST, port=port, own=own, extra=extra)]
            key = "NOKEY"
            if tsig is not None:
                key = tsig.name
                parts.append(
                    f'key:\n    name: "{tsig.name}"\n    algorithm: {tsig.algorithm}\n'
                    f'    secret: "{tsig.secret}"\n'
                )
            parts.extend(
                f'zone:\n    name: "{zone}"\n    zonefile: "{_file_of(zone)}"\n'
                f"    provide-xfr: 127.0.0.0/8 {key}\n"
                for zone in zones
            )
            (own / "nsd.conf").write_text("".join(parts))
            return [path, "-d", "-c", str(own / "nsd.conf")]

        def answers(port: int) -> bool:
            return all(_served_serial(port, zone) is not None for zone in zones)

        with running(command, answers, own / "start.log") as (port, process):
            yield ZonesServed(
                host=HOST, port=port, log_path=own / "nsd.log", folder=own, process=process
            )


def _descendants(pid: int) -> set[int]:
    """Processes below one; empty where the system does not tell."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return set()
    found = {int(child) for child in children}
    return found.union(*(_descendants(child) for child in found))


def _file_of(zone: str) -> str:
    return f"{zone.rstrip('.') or 'root'}.zone"


def _zone_text(zone: str, text: str) -> str:
    head = f"$ORIGIN {zone.rstrip('.')}.\n$TTL 3600\n"
    return head + (text if " SOA " in text else soa() + text) + "\n"


def _serial_of(text: str) -> int:
    fields = text.partition(" SOA ")[2].replace("(", " ").split()
    return int(fields[2]) if fields else 1


def _served_serial(port: int, zone: str) -> int | None:
    """None while the server does not answer with authority for the zone."""
    query = dns.message.make_query(zone, "SOA")
    try:
        answer = dns.query.udp(query, HOST, port=port, timeout=0.05)
    except (OSError, dns.exception.DNSException):
        return None
    if answer.rcode() != dns.rcode.NOERROR or not answer.answer:
        return None
    return int(answer.answer[0][0].serial)
