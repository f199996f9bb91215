"""unbound on loopback: a validating resolver that knows the test's zones and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from tests.peers.programs import HOST, program, running
from tests.peers.zones import ZonesServed

#: Whatever lies outside the stub zones is refused, so that no test asks the real Internet.
_SERVER = """
server:
    directory: "{own}"
    username: ""
    chroot: ""
    pidfile: "{own}/unbound.pid"
    do-daemonize: no
    use-syslog: no
    logfile: "{own}/unbound.log"
    interface: {host}
    port: {port}
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    do-ip6: no
    num-threads: 1
    so-rcvbuf: 0
    so-sndbuf: 0
    outgoing-range: 256
    num-queries-per-thread: 256
    module-config: "validator iterator"
    local-zone: "." refuse
    {extra}
remote-control:
    control-enable: no
"""


@contextmanager
def unbound(
    folder: Path,
    *,
    stub_zones: Mapping[str, tuple[str, int]],
    trust_anchors: Sequence[str] = (),
    extra: str = "",
) -> Iterator[ZonesServed]:
    """Resolve the stub zones at their servers (host, port).

    trust_anchors: DS or DNSKEY records as text; zones below them are validated.
    extra: further lines of the `server:` clause.
    """
    path = program("unbound")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="unbound-", dir=folder) as own_name:
        own = Path(own_name).resolve()

        def command(port: int) -> list[str]:
            # Its own answers for reserved zones (test., invalid., reverse zones) give way.
            lines = [f'local-zone: "{zone}" transparent' for zone in stub_zones]
            lines += [f"trust-anchor: '{anchor}'" for anchor in trust_anchors]
            text = _SERVER.format(
                own=own, host=HOST, port=port, extra="\n    ".join([*lines, extra])
            )
            text += "".join(
                f'stub-zone:\n    name: "{zone}"\n    stub-addr: {host}@{at}\n'
                for zone, (host, at) in stub_zones.items()
            )
            (own / "unbound.conf").write_text(text)
            return [path, "-d", "-c", str(own / "unbound.conf")]

        with running(command, _answers, own / "start.log") as (port, process):
            yield ZonesServed(
                host=HOST, port=port, log_path=own / "unbound.log", folder=own, process=process
            )


def _answers(port: int) -> bool:
    query = dns.message.make_query("version.server", "TXT", "CH")
    try:
        dns.query.udp(query, HOST, port=port, timeout=0.05)
    except (OSError, dns.exception.DNSException):
        return False
    return True
