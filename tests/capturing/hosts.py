"""Pages of strangers on loopback: a host for each thing that a page may do to whoever visits it."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import socketserver
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from struct import pack

MIB = bytes(1 << 20)


def png(colour: bytes = b"\xff\x00\x00") -> bytes:
    """One pixel, made larger by the page."""

    def chunk(name: bytes, content: bytes) -> bytes:
        whole = name + content
        return pack(">I", len(content)) + whole + pack(">I", zlib.crc32(whole))

    head = pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00" + colour)) + chunk(b"IEND", b"")
    )  # fmt: skip


CSS = b"body { background: #00ff00 } /* " + "style \u00e9".encode() * 50 + b" */"
SCRIPT = b"document.title += ' of ' + location.hostname; fetch('/answer.json?a=1&b=2')"
GOOD = (
    "<!doctype html><title>Acme login</title><link rel=stylesheet href=/style.css>"
    "<body><h1>Welkom bij Acme \u2713</h1><img src=/logo.png width=80 height=80>"
    "<script src=/script.js></script><div style='height:40000px'></div>"
).encode()


class Visitor(http.server.BaseHTTPRequestHandler):
    """One request; what is answered stands below by host."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0].partition(".")[0]
        with contextlib.suppress(OSError):
            ANSWERS.get(host, _nothing)(self)

    do_POST = do_GET

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def give(
        self, body: bytes, media_type: str = "text/html; charset=utf-8", status: int = 200,
        **headers: str,
    ) -> None:  # fmt: skip
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def log_message(self, *given: object) -> None:
        pass


def _nothing(to: Visitor) -> None:
    to.give(b"there is no such page", status=404)


def _good(to: Visitor) -> None:
    match to.path.partition("?")[0]:
        case "/go":
            to.give(b"", status=302, Location="/one")
        case "/one":
            to.give(b"", status=301, Location="/")
        case "/":
            squeezed = gzip.compress(GOOD)
            to.give(squeezed, Content_Encoding="gzip", X_Odd="caf\xe9 ; \t x", Set_Cookie="a=1")
        case "/style.css":
            to.send_response(200)
            to.send_header("Content-Type", "text/css")
            to.send_header("Transfer-Encoding", "chunked")
            to.end_headers()
            for part in (CSS[:100], CSS[100:]):
                to.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            to.wfile.write(b"0\r\n\r\n")
        case "/logo.png":
            to.give(png(), "image/png")
        case "/script.js":
            to.give(SCRIPT, "text/javascript")
        case "/answer.json":
            to.give(b'{"kept": true}', "application/json")
        case _:
            _nothing(to)


def _rude(to: Visitor) -> None:
    """Everything at once that a page may try beside showing itself."""
    if to.path == "/file.bin":
        to.give(b"x" * 100, "application/octet-stream", Content_Disposition="attachment")
        return
    if to.path != "/":
        to.give(b"ok", "text/plain")
        return
    to.give(
        b"""<title>rude</title><body>rude<script>
        window.addEventListener("beforeunload", event => event.preventDefault());
        alert("one"); confirm("two"); prompt("three");
        window.open("/window");
        const link = document.createElement("a");
        link.href = "/file.bin"; link.download = "x"; document.body.append(link); link.click();
        fetch("http://127.0.0.1:1/private").catch(() => 0);
        new Image().src = "http://10.0.0.1/router";
        new Image().src = "file:///etc/passwd";
        navigator.serviceWorker?.register("/worker.js")?.catch(() => 0);
        new WebSocket("ws://" + location.host + "/socket");
        const form = document.createElement("form");
        </script>"""
    )


def _odd(to: Visitor) -> None:
    """Words that are meant to trip whoever writes them down."""
    if to.path != "/":
        to.give(b"ok", "text/plain")
        return
    to.send_response(200, "Fine \xe9\xff")
    to.send_header("Content-Type", "text/html; charset=utf-8")
    body = (
        b"<title>x</title><body>odd<script>document.title = '\\ud800\\0 ' + 'y'.repeat(9000);"
        b"fetch('/' + 'z'.repeat(15500), {method: 'PO-ST_1'});"
        b"for (let i = 0; i < 9; i++) fetch('http://10.0.0.1/', {method: 'POST', mode: 'no-cors',"
        b"body: 'p'.repeat(1000000)}).catch(() => 0)</script>"
    )
    to.send_header("Content-Length", str(len(body)))
    for at in range(600):
        to.send_header(f"X-{at}", "\xe9" * 20)
    to.end_headers()
    to.wfile.write(body)


def _many(to: Visitor) -> None:
    if to.path != "/":
        to.give(b"ok", "text/plain")
        return
    to.give(
        b"<title>many</title><body>many<script>"
        b"for (let i = 0; i < 10000; i++) fetch('/x?' + i).catch(() => 0)</script>"
    )


def _endless(to: Visitor) -> None:
    """A page of which the end never comes."""
    to.send_response(200)
    to.send_header("Content-Type", "text/html")
    to.end_headers()
    to.wfile.write(b"<title>endless</title><body><p>so far</p>")
    to.wfile.flush()
    for _ in range(600):
        if to.server.stopping.wait(0.05):  # type: ignore[attr-defined]
            return
        to.wfile.write(b".")
        to.wfile.flush()


def _flood(to: Visitor) -> None:
    """A gigabyte, as a picture would come."""
    if to.path == "/":
        to.give(b"<title>flood</title><body>before<img src=/gigabyte>")
        return
    to.send_response(200)
    to.send_header("Content-Type", "image/png")
    to.send_header("Content-Length", str(1 << 30))
    to.end_headers()
    for _ in range(1 << 10):
        to.wfile.write(MIB)


def _inward(to: Visitor) -> None:
    to.give(b"", status=302, Location="http://10.0.0.1/router")


def _download(to: Visitor) -> None:
    to.give(b"MZ" * 100, "application/octet-stream", Content_Disposition="attachment")


def _crash(to: Visitor) -> None:
    """Takes all memory that a page's scripts may have, after it was shown."""
    to.give(
        b"<title>crash</title><body>x<script>setTimeout(() => {"
        b"const kept = []; for (;;) kept.push(new Array(1 << 22).fill(1.5))}, 300)"
        b"</script>"
    )


def _loop(to: Visitor) -> None:
    to.give(b"<title>loop</title><body>x<script>for (;;);</script>")


def _wall(to: Visitor) -> None:
    to.give(b"<title>Just a moment...</title><body>wait", status=403)


def _refused(to: Visitor) -> None:
    to.give(b"<title>403 Forbidden</title><body>no", status=403)


def _onward(to: Visitor) -> None:
    """Sends its visitor on by script, then by refresh."""
    match to.path:
        case "/":
            to.give(b"<title>first</title><script>location.href = '/second'</script>")
        case "/second":
            to.give(b"<title>second</title><meta http-equiv=refresh content='1;url=/third'>two")
        case _:
            to.give(b"<title>third</title><body><input type=password>")


ANSWERS: dict[str, Callable[[Visitor], None]] = {
    "good": _good, "rude": _rude, "odd": _odd, "many": _many, "endless": _endless, "flood": _flood,
    "inward": _inward, "download": _download, "crash": _crash, "loop": _loop, "wall": _wall,
    "refused": _refused, "onward": _onward,
}  # fmt: skip


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = False
    block_on_close = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor that is gone; nothing to tell."""


@contextmanager
def strangers() -> Iterator[int]:
    """The port at which all of them are."""
    server = _Server(("127.0.0.1", 0), Visitor)
    server.stopping = threading.Event()  # type: ignore[attr-defined]
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    try:
        yield server.server_port
    finally:
        server.stopping.set()  # type: ignore[attr-defined]
        server.shutdown()
        serving.join()
        server.server_close()
