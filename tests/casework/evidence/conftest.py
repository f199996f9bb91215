"""A small world for packs: a time-stamp authority on loopback, a signing key, a captured page."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

_AUTHORITY = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """OpenSSL's `ts` behind a small server, with a certificate authority of its own."""

    folder: Path
    port: int
    asked: list[tuple[str, int]]  #: media type of each question and its length

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tsr"

    @property
    def chain(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def answer(self, question: bytes) -> bytes:
        asked, answered = self.folder / "question", self.folder / "answer"
        asked.write_bytes(question)
        settings = str(self.folder / "tsa.cnf")
        openssl("ts", "-reply", "-config", settings, "-queryfile", str(asked), "-out",
                str(answered))  # fmt: skip
        return answered.read_bytes()


def openssl(*options: str) -> str:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("needs OpenSSL's program on the PATH")
    done = subprocess.run([program, *options], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    folder = tmp_path_factory.mktemp("authority")
    made = {name: str(folder / name) for name in ("ca.key", "ca.pem", "tsa.key", "tsa.csr")}
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", made["ca.key"], "-out",
            made["ca.pem"], "-days", "30", "-subj", "/CN=Test root")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", made["tsa.key"], "-out",
            made["tsa.csr"], "-subj", "/CN=Test time stamps")  # fmt: skip
    extensions = folder / "extensions"
    extensions.write_text("extendedKeyUsage=critical,timeStamping\nkeyUsage=digitalSignature\n")
    openssl("x509", "-req", "-in", made["tsa.csr"], "-CA", made["ca.pem"], "-CAkey",
            made["ca.key"], "-CAcreateserial", "-out", str(folder / "tsa.pem"), "-days", "30",
            "-extfile", str(extensions))  # fmt: skip
    (folder / "tsa.cnf").write_text(_AUTHORITY.format(folder=folder))
    (folder / "serial").write_text("01\n")
    asked: list[tuple[str, int]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["content-length"]))
            asked.append((self.headers["content-type"], len(question)))
            body = found.answer(question)
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Authority(folder=folder, port=server.server_address[1], asked=asked)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("needs ssh-keygen on the PATH")
    path = tmp_path_factory.mktemp("key") / "packs"
    subprocess.run(
        [program, "-q", "-t", "ed25519", "-N", "", "-C", "packs", "-f", str(path)],
        check=True, timeout=60,
    )  # fmt: skip
    return path
