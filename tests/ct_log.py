"""A certificate log of our own, as files that a web server can serve: it grows, and it lies.

Written after RFC 6962 and static-ct-api without a line of the reader's code, so that both can
be held against each other: its tree is the recursive definition, not a compact range.
The folder is the monitoring prefix of a tiled log; under `ct/v1/` the same entries lie as the
answers of an older one, for `nginx_locations` to find by their arguments.

    log = CtLog(folder, origin="log.example/2026h2")
    log.append(some_entries(1000))
    log.publish()
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import json
import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.ct_entries import FIRST_TIME_MS, Entry, some_entries
from tests.ct_tree import Tree

__all__ = ["CtLog", "log_list", "nginx_locations", "some_entries"]

Partials = Literal["kept", "dropped", "never"]


class CtLog:
    """One log: its key, its entries, and what of them it published."""

    def __init__(
        self,
        folder: Path,
        *,
        origin: str = "log.example/2026h2",
        rsa_key: bool = False,
        tiled: bool = True,
        rfc6962: bool = False,
        checkpoints: bool = True,
        names_tiles: bool = False,
        partials: Partials = "kept",
        gzipped: bool = False,
        foreign_lines: bool = True,
        reply: int = 32,
    ) -> None:
        """
        checkpoints: False for a log whose tiles come beside get-sth alone.
        partials: "dropped" once the full tile is there; "never" served at all.
        gzipped: a `.gz` lies beside every tile of entries or names (`gzip_static on` or `always`).
        reply: entries in an answer to get-entries, at most.
        """
        self.folder = folder
        self.origin = origin
        self.tiled = tiled
        self.rfc6962 = rfc6962
        self.checkpoints = checkpoints
        self.names_tiles = names_tiles
        self.partials = partials
        self.gzipped = gzipped
        self.foreign_lines = foreign_lines
        self.reply = reply
        self.private_key = _rsa_key() if rsa_key else _ecdsa_key(origin)
        self.key = self.private_key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        self.log_id = hashlib.sha256(self.key).digest()
        self.entries: list[Entry] = []
        self.published: list[int] = []  #: sizes, in the order of their heads
        self.tree = Tree()
        self._unwritten = 0  #: first entry whose files do not lie in the folder as they are now

    # What it holds.

    def append(self, entries: Iterable[Entry]) -> None:
        """Take entries; nobody sees them before `publish`."""
        for entry in entries:
            self.tree.leaves.append(
                _sha256(b"\0\0\0" + self.timestamped_entry(len(self.entries), entry))
            )
            self.entries.append(entry)

    def timestamped_entry(self, index: int, entry: Entry) -> bytes:
        """TimestampedEntry of RFC 6962, 3.4; with the leaf index where the log is tiled."""
        content = struct.pack(">QH", entry.timestamp_ms, entry.issuer_key_hash is not None)
        content += (entry.issuer_key_hash or b"") + _vector(3, entry.certificate)
        return content + _vector(2, b"\0\0\5" + index.to_bytes(5, "big") if self.tiled else b"")

    def leaf_hash(self, index: int) -> bytes:
        """Of the entry there."""
        return self.tree.leaves[index]

    def root(self, size: int | None = None) -> bytes:
        """Of the first `size` entries; of all when None."""
        return self.tree.root(size)

    def consistency_proof(self, first: int, second: int) -> list[bytes]:
        """As an RFC 6962 log answers."""
        return self.tree.consistency_proof(first, second)

    # What it signs.

    def sign(self, message: bytes) -> bytes:
        """A digitally-signed struct: algorithms, length, signature."""
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            return b"\4\3" + _vector(2, self.private_key.sign(message, ec.ECDSA(SHA256())))
        return b"\4\1" + _vector(2, self.private_key.sign(message, padding.PKCS1v15(), SHA256()))

    def checkpoint(
        self,
        size: int | None = None,
        *,
        timestamp_ms: int | None = None,
        root: bytes | None = None,
        signed_by: CtLog | None = None,
    ) -> bytes:
        """A checkpoint. root: another than the true one. signed_by: by another log's key."""
        size, root, timestamp_ms = self._head(size, root, timestamp_ms)
        signature = (signed_by or self).sign(_tree_head(size, root, timestamp_ms))
        key_id = _sha256(self.origin.encode() + b"\n\x05" + self.log_id)[:4]
        own = _line(self.origin, key_id + struct.pack(">Q", timestamp_ms) + signature)
        lines = [own]
        if self.foreign_lines:
            noise = hashlib.shake_256(f"{self.origin}{size}".encode()).digest(2600)
            lines = [
                _line("grease.invalid", noise[:21]),
                _line(self.origin, noise[21:32]),
                own,
                _line("witness.example/w1", noise[32:108]),
                _line(self.origin, noise[108:2540]),
            ]
        return f"{self.origin}\n{size}\n{_base64(root)}\n\n{''.join(lines)}".encode()

    def sth(
        self,
        size: int | None = None,
        *,
        timestamp_ms: int | None = None,
        root: bytes | None = None,
        signed_by: CtLog | None = None,
    ) -> bytes:
        """An answer to get-sth."""
        size, root, timestamp_ms = self._head(size, root, timestamp_ms)
        return _json(
            {
                "tree_size": size,
                "timestamp": timestamp_ms,
                "sha256_root_hash": _base64(root),
                "tree_head_signature": _base64(
                    (signed_by or self).sign(_tree_head(size, root, timestamp_ms))
                ),
            }
        )

    def _head(
        self, size: int | None, root: bytes | None, timestamp_ms: int | None
    ) -> tuple[int, bytes, int]:
        size = len(self.entries) if size is None else size
        if timestamp_ms is None:
            timestamp_ms = FIRST_TIME_MS + size * 1000 + 500
        return size, self.root(size) if root is None else root, timestamp_ms

    # What it serves.

    def publish(
        self,
        size: int | None = None,
        *,
        timestamp_ms: int | None = None,
        root: bytes | None = None,
        signed_by: CtLog | None = None,
    ) -> None:
        """Write what a tree of `size` needs, then its head: no head promises what is not there.

        size: all entries when None; a smaller one than before shrinks the log. The others as
        in `checkpoint`. timestamp_ms: a second an entry when None.
        """
        size = len(self.entries) if size is None else size
        self.published.append(size)
        if self.tiled:
            self._write_tiles(size)
        if self.rfc6962:
            self._write_answers(size)
        self._unwritten = size
        size, root, timestamp_ms = self._head(size, root, timestamp_ms)
        if self.tiled and self.checkpoints:
            head = self.checkpoint(size, timestamp_ms=timestamp_ms, root=root, signed_by=signed_by)
            self._put("checkpoint", head)
        if self.rfc6962:
            head = self.sth(size, timestamp_ms=timestamp_ms, root=root, signed_by=signed_by)
            self._put("ct/v1/get-sth", head)

    def fork(self, at: int, entries: Iterable[Entry], folder: Path | None = None) -> CtLog:
        """A log of the same key whose history is another from entry `at` on.

        folder: where it publishes; over the files of this one when None.
        """
        other = CtLog(
            folder or self.folder,
            origin=self.origin,
            tiled=self.tiled,
            rfc6962=self.rfc6962,
            checkpoints=self.checkpoints,
            names_tiles=self.names_tiles,
            partials=self.partials,
            gzipped=self.gzipped,
            foreign_lines=self.foreign_lines,
            reply=self.reply,
        )
        other.private_key, other.key, other.log_id = self.private_key, self.key, self.log_id
        other.published = list(self.published)
        other.append(self.entries[:at])
        other.append(entries)
        if folder is None:
            other._unwritten = min(at, self._unwritten)
        return other

    def tamper(self, path: str, at: int = -1) -> None:
        """Flip a bit of a served file, in its compressed copy too."""
        content = bytearray((self.folder / path).read_bytes())
        content[at] ^= 1
        self._put(path, bytes(content))
        if (self.folder / f"{path}.gz").exists():
            self._put(f"{path}.gz", gzip.compress(content, mtime=0))

    def list_entry(
        self, read_url: str, *, state: str | None = "usable", tiled: bool | None = None
    ) -> dict[str, Any]:
        """Its entry of a log list. read_url: where its folder is served.

        tiled: which kind to be listed as; the tiled one when None and it is one.
        """
        entry: dict[str, Any] = {
            "description": f"Made-up log '{self.origin}'",
            "log_id": _base64(self.log_id),
            "key": _base64(self.key),
            "mmd": 60,
        }
        if self.tiled if tiled is None else tiled:
            entry |= {"submission_url": f"https://{self.origin}/", "monitoring_url": read_url}
        else:
            entry |= {"url": read_url}
        if state is not None:
            entry["state"] = {state: {"timestamp": "2026-01-01T00:00:00Z"}}
        entry["temporal_interval"] = {
            "start_inclusive": "2026-07-01T00:00:00Z",
            "end_exclusive": "2027-01-01T00:00:00Z",
        }
        return entry

    def data_tile(self, start: int, end: int) -> bytes:
        """The TileLeaf structures of [start, end)."""
        return b"".join(map(self._tile_leaf, range(start, end), self.entries[start:end]))

    def names_tile(self, start: int, end: int) -> bytes:
        """The names of [start, end), one JSON object a line."""
        return b"".join(_names(entry) + b"\n" for entry in self.entries[start:end])

    def _tile_leaf(self, index: int, entry: Entry) -> bytes:
        submitted = b"" if entry.issuer_key_hash is None else _vector(3, entry.submitted)
        chain = _vector(2, *map(_sha256, entry.chain))
        return self.timestamped_entry(index, entry) + submitted + chain

    def _write_tiles(self, size: int) -> None:
        unwritten = min(self._unwritten, size)
        for level in range(6):
            span = 256**level
            for tile in range(unwritten // span // 256, (size // span + 255) // 256):
                start = tile * 256
                end = min(start + 256, size // span)
                hashes = self.tree.tile(level, tile, end - start)
                self._put_tile(f"tile/{level}", tile, end - start, hashes)
                if level:
                    continue
                self._put_tile("tile/data", tile, end - start, self.data_tile(start, end))
                if self.names_tiles:
                    self._put_tile("tile/names", tile, end - start, self.names_tile(start, end))
        for one in {one for entry in self.entries[self._unwritten : size] for one in entry.chain}:
            self._put(f"issuer/{_sha256(one).hex()}", one)

    def _put_tile(self, kind: str, number: int, width: int, content: bytes) -> None:
        path = f"{kind}/{_tile_number(number)}"
        if width < 256:
            if self.partials == "never":
                return
            path = f"{path}.p/{width}"
        elif self.partials == "dropped":
            for partial in (self.folder / f"{path}.p").glob("*"):
                partial.unlink()
        self._put(path, content)
        if self.gzipped and kind in ("tile/data", "tile/names"):
            self._put(f"{path}.gz", gzip.compress(content, mtime=0))

    def _write_answers(self, size: int) -> None:
        starts = sorted({*range(0, size, self.reply), *self.published} - {size})
        before = self._unwritten // self.reply * self.reply
        for start in starts:
            if start >= size:
                continue
            if start >= before:
                self.answer_from(start, size)
            if start:
                self.prove(start, size)

    def answer_from(self, start: int, size: int | None = None) -> None:
        """Write the answer to get-entries that begins at `start`.

        `publish` writes those at multiples of `reply` and at the sizes of earlier heads, which
        is where readers come by who go on from where the last answer ended.
        """
        size = len(self.entries) if size is None else size
        end = min(start // self.reply * self.reply + self.reply, size)
        items = [
            {
                "leaf_input": _base64(b"\0\0" + self.timestamped_entry(at, self.entries[at])),
                "extra_data": _base64(_extra_data(self.entries[at])),
            }
            for at in range(start, end)
        ]
        self._put(f"ct/v1/get-entries/{start}.json", _json({"entries": items}))

    def prove(self, first: int, second: int) -> None:
        """Write the answer to get-sth-consistency."""
        proof = [_base64(one) for one in self.consistency_proof(first, second)]
        self._put(f"ct/v1/get-sth-consistency/{first}-{second}.json", _json({"consistency": proof}))

    def prove_entry(self, index: int, size: int, *, path: Sequence[bytes] | None = None) -> None:
        """Write the answers to get-entries and get-proof-by-hash for one entry.

        path: another audit path than the true one.
        """
        self.answer_from(index)
        path = self.tree.audit_path(index, size) if path is None else path
        answer = {"leaf_index": index, "audit_path": [_base64(one) for one in path]}
        named = quote(_base64(self.leaf_hash(index)), safe="")
        self._put(f"ct/v1/get-proof-by-hash/{size}-{named}.json", _json(answer))

    def _put(self, path: str, content: bytes) -> None:
        """Into the folder at once: a web server sees the old file or the new one."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.new")
        fresh.write_bytes(content)
        fresh.replace(target)


def log_list(*entries: dict[str, Any], operator: str = "Made-up Operator") -> bytes:
    """A log list v3 of these entries (`CtLog.list_entry`)."""
    tiled = [entry for entry in entries if "monitoring_url" in entry]
    listed = {
        "name": operator,
        "email": ["logs@example.test"],
        "logs": [entry for entry in entries if "url" in entry],
        "tiled_logs": tiled,
    }
    stamp = datetime(2026, 7, 1, tzinfo=UTC).isoformat()
    return _json({"version": "1.0", "log_list_timestamp": stamp, "operators": [listed]})


def nginx_locations(prefix: str = "/") -> str:
    """Locations that answer like an RFC 6962 log. prefix: where the log's folder is served."""
    api = f"{prefix.rstrip('/')}/ct/v1"
    return f"""
        location = {api}/get-sth {{ default_type application/json; }}
        location = {api}/get-entries {{
            default_type application/json;
            try_files {api}/get-entries/$arg_start.json =400;
        }}
        location = {api}/get-sth-consistency {{
            default_type application/json;
            try_files {api}/get-sth-consistency/$arg_first-$arg_second.json =400;
        }}
        location = {api}/get-proof-by-hash {{
            default_type application/json;
            try_files {api}/get-proof-by-hash/$arg_tree_size-$arg_hash.json =400;
        }}
    """


def _names(entry: Entry) -> bytes:
    """A line of a names tile, as Go writes it: bytes that are no UTF-8 become U+FFFD."""
    line: dict[str, Any] = {"Timestamp": entry.timestamp_ms, "Subject": {}}
    if entry.common_name:
        line["Subject"] = {"CommonName": entry.common_name.decode("utf-8", "replace")}
    if entry.names:
        line["DNS"] = [one.decode("utf-8", "replace") for one in entry.names]
    if entry.addresses:
        line["IP"] = [str(ip_address(one)) for one in entry.addresses]
    return _json(line)


def _extra_data(entry: Entry) -> bytes:
    chain = _vector(3, *(_vector(3, one) for one in entry.chain))
    return chain if entry.issuer_key_hash is None else _vector(3, entry.submitted) + chain


def _tree_head(size: int, root: bytes, timestamp_ms: int) -> bytes:
    return b"\0\1" + struct.pack(">QQ", timestamp_ms, size) + root


def _tile_number(number: int) -> str:
    digits = str(number)
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def _vector(length_bytes: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return len(content).to_bytes(length_bytes, "big") + content


def _line(signer: str, signature: bytes) -> str:
    return f"\u2014 {signer} {_base64(signature)}\n"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@functools.cache
def _ecdsa_key(origin: str) -> ec.EllipticCurvePrivateKey:
    # From the origin: a log made twice has the same key.
    number = int.from_bytes(_sha256(origin.encode())[:16], "big")
    return ec.derive_private_key(number + 1, ec.SECP256R1())


@functools.cache
def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
