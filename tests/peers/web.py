"""nginx on loopback: real redirects, real gzip, real ranges, real 429s."""

from __future__ import annotations

import socket
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.programs import HOST, program, running

#: Paths that are ours, asked only through the socket beside the log.
_MARK = "/.mark-"
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
    server {{
        listen unix:{own}/marks;
        location / {{ return 204; }}
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
        self._all_logged()
        asked = []
        for line in self.log_path.read_text().splitlines():
            status, method, path, user_agent, span = line.split("\t")
            if not path.startswith(_MARK):
                asked.append(
                    Asked(
                        status=int(status),
                        method=method,
                        path=path,
                        user_agent=user_agent,
                        range=span,
                    )
                )
        return asked

    def _all_logged(self) -> None:
        """An answer is logged after it was sent; one process logs one after the other."""
        mark = f"{_MARK}{uuid.uuid4().hex}"
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(self.log_path.with_name("marks")))
            connection.sendall(f"GET {mark} HTTP/1.0\r\n\r\n".encode())
            while connection.recv(4096):
                pass
        end = time.monotonic() + 10
        while mark not in self.log_path.read_text():
            if time.monotonic() > end:
                raise TimeoutError("nginx logged nothing for ten seconds")
            time.sleep(0.005)


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
