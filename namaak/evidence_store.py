"""Bytes that may be evidence some day: captures, notices as they went out, replies as they came.

Each lies under the SHA-256 of its content, so that nothing can be changed in place and
`sha256sum` checks it. Written beside its place, flushed, renamed; the same content twice is once.
May import: namaak.durable, namaak.errors.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from namaak import durable
from namaak.errors import LakeError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_READ_ONLY = 0o444


class EvidenceStore:
    """Files of one folder, by digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Store; returns the SHA-256, lower-case hex. Raises LakeError when it cannot."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            durable.replace(path, lambda part: durable.write_bytes(part, content))
            path.chmod(_READ_ONLY)
        except OSError as error:
            raise LakeError(
                f"Evidence could not be stored in {self._folder} ({error.strerror}); free space "
                "and try again."
            ) from error
        return sha256

    def read(self, sha256: str) -> bytes | None:
        """The bytes; None where there are none, deleted or never stored.

        Raises LakeError for what is not what it was.
        """
        path = self.path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LakeError(f"{path} cannot be read ({error.strerror}); mend that.") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise LakeError(f"{path} is not what was stored; restore it from a backup.")
        return content

    def delete(self, sha256: str) -> int:
        """Delete what retention says; how many bytes that were."""
        path = self.path(sha256)
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise LakeError(f"{path} cannot be deleted ({error.strerror}); mend that.") from error
        return size

    def path(self, sha256: str) -> Path:
        """Where these bytes lie, or would. Raises ValueError for what is no digest."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256")
        return self._folder / sha256[:2] / sha256
