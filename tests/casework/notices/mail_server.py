"""A real SMTP server on loopback, for one mail at a time, that can be told to misbehave."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder: Path, name: str = "localhost") -> Path:
    """Key and certificate of a server in one PEM file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ) + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return path


@dataclass
class MailServer:
    """Listens from `with` on; `mails` are those that it took, as they came off the wire."""

    pem: Path | None = None
    tls_at_once: bool = False
    offers_tls: bool = True
    users: dict[str, str] = field(default_factory=dict)
    refuse: str | None = None  #: a command to answer with 550
    defer_end: bool = False  #: answers 451 to the end of the mail
    cut: str | None = None  #: "data": while the mail comes; "end": after it, without an answer
    says: str = "queued as TEST-1"
    babbles: bool = False  #: answers to the end of the mail with no code
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def __enter__(self) -> MailServer:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(20)
        self.port = self._listening.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        # Wakes the one that waits for a caller.
        with socket.create_connection(("127.0.0.1", self.port), timeout=5):
            pass
        self._thread.join(20)
        self._listening.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            connection, _ = self._listening.accept()
            if self._stop.is_set():
                connection.close()
                return
            connection.settimeout(20)
            try:
                self._talk(connection)
            except (OSError, ssl.SSLError):
                pass
            finally:
                connection.close()

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        return context

    def _talk(self, connection: socket.socket) -> None:
        encrypted = False
        if self.tls_at_once:
            connection = self._context().wrap_socket(connection, server_side=True)
            encrypted = True
        lines = connection.makefile("rb")
        sender = ""
        try:
            _say(connection, "220 test")
            while line := lines.readline(4096):
                command = line.decode("ascii", "replace").strip()
                word = command.upper().split(" ")[0]
                self.commands.append(command)
                if self.refuse == word:
                    _say(connection, "550 5.1.1 not here")
                elif word == "EHLO":
                    more = ["STARTTLS"] if self.pem and self.offers_tls and not encrypted else []
                    more += ["AUTH PLAIN"] if self.users else []
                    parts = ["test", *more]
                    for at, part in enumerate(parts):
                        _say(connection, f"250{'-' if at < len(parts) - 1 else ' '}{part}")
                elif word == "STARTTLS":
                    _say(connection, "220 go on")
                    lines.close()
                    connection = self._context().wrap_socket(connection, server_side=True)
                    lines, encrypted = connection.makefile("rb"), True
                elif word == "AUTH":
                    _, user, password = base64.b64decode(command.split()[2]).decode().split("\0")
                    good = self.users.get(user) == password
                    _say(connection, "235 ok" if good else "535 5.7.8 wrong password")
                elif word == "MAIL":
                    sender = command
                    _say(connection, "250 ok")
                elif word == "RCPT":
                    self.envelopes.append((sender, command))
                    _say(connection, "250 ok")
                elif word == "DATA":
                    _say(connection, "354 go on")
                    if not self._take(connection, lines, encrypted):
                        return
                elif word == "QUIT":
                    _say(connection, "221 bye")
                    return
                else:
                    _say(connection, "502 what")
        finally:
            lines.close()
            connection.close()

    def _take(self, connection: socket.socket, lines, encrypted: bool) -> bool:
        content = b""
        while line := lines.readline(1001):
            assert line.endswith(b"\r\n"), "a line is too long, or does not end as lines do"
            if line == b".\r\n":
                break
            if self.cut == "data":
                return False
            content += line[1:] if line.startswith(b".") else line
        else:
            return False
        if self.cut == "end":
            self.mails.append(content)
            return False
        if self.defer_end:
            _say(connection, "451 4.3.0 try later")
            return True
        self.mails.append(content)
        self.encrypted.append(encrypted)
        if self.babbles:
            _say(connection, "well then")
            return True
        _say(connection, f"250 2.0.0 {self.says}")
        return True


def _say(connection: socket.socket, line: str) -> None:
    connection.sendall(line.encode() + b"\r\n")
