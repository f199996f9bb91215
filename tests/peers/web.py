"""nginx on loopback: real redirects, real gzip, real ranges, real 429s."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.programs import HOST, program, running

#: One process that serves files of the user who runs it: no root, no change of user.
_CONFIGURATION = """
daemon off;
master_process off;
pid {own}/nginx.pid;
error_log {own}/error.log;
events {{ worker_connections 512; }}
http {{
    default_type application/octet-stream;
    types {{ text/html html; text/plain txt; application/json json; image/png png; }}
    log_format asked escape=json
        '$status\\t$request_method\\t$request_uri\\t$http_user_agent\\t$http_range';
    access_log {own}/access.log asked;
    client_body_temp_path {own}/body;
    proxy_temp_path {own}/proxy;
    fastcgi_temp_path {own}/fastcgi;
    uwsgi_temp_path {own}/uwsgi;
    scgi_temp_path {own}/scgi;
    {http}
    server {{
        listen {host}:{port} {listen_extra};
        server_name _;
        root {root};
        {locations}
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as the server logged it."""

    status: int
    method: str
    path: str  #: with its query
    user_agent: str
    range: str  #: empty when none was asked


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServed:
    """A running web server."""

    url: str  #: without a trailing slash: `served.url + "/checkpoint"`
    host: str
    port: int
    log_path: Path

    def requests(self) -> list[Asked]:
        """What was asked until now, in the order of answering."""
        asked = []
        for line in self.log_path.read_text().splitlines():
            status, method, path, user_agent, span = line.split("\t")
            asked.append(
                Asked(
                    status=int(status), method=method, path=path, user_agent=user_agent, range=span
                )
            )
        return asked


@contextmanager
def nginx(
    folder: Path, *, locations: str = "", listen_extra: str = "", http: str = ""
) -> Iterator[WebServed]:
    """Serve the files of `folder`.

    locations: further text of the server block (`location ...`, `gzip_static on;`, certificates).
    listen_extra: words behind the port (`ssl`). http: further text of the http block
    (`limit_req_zone ...`). The configuration and the logs lie outside of `folder`.
    """
    path = program("nginx")
    with tempfile.TemporaryDirectory(prefix="nginx-") as own_name:
        own = Path(own_name)

        def command(port: int) -> list[str]:
            text = _CONFIGURATION.format(
                own=own, host=HOST, port=port, root=folder.resolve(), locations=locations,
                listen_extra=listen_extra, http=http,
            )  # fmt: skip
            (own / "nginx.conf").write_text(text)
            return [
                path,
                "-p",
                str(own),
                "-c",
                str(own / "nginx.conf"),
                "-e",
                str(own / "error.log"),
            ]

        with running(command, _accepts, own / "error.log") as (port, _):
            scheme = "https" if "ssl" in listen_extra.split() else "http"
            yield WebServed(
                url=f"{scheme}://{HOST}:{port}", host=HOST, port=port,
                log_path=own / "access.log",
            )  # fmt: skip


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
