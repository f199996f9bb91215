"""Pages of one host, put aside on disk until it is known which of them decided.

Whoever answers decides how large a page is, up to the limit; of many hosts with many addresses they
would fill the memory. Only the one that decided becomes evidence, so the others are written where
nobody finds them: into a file without a name, which is gone with whoever made it.
May import: namaak.enriching.findings, namaak.errors.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import IO, Self

from namaak.enriching.findings import Finding
from namaak.errors import LakeError


class PagesAside:
    """Bytes by their SHA-256. Made when the first come; closed, they are gone."""

    def __init__(self, folder: Path) -> None:
        """folder: on the disk that also takes the evidence; a folder for scratch may be memory."""
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._places: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._places = {}

    def put(self, finding: Finding) -> Finding:
        """The finding without its bytes, which its facts name. Raises LakeError (disk full)."""
        if finding.raw is None or finding.raw_sha256 is None:
            return finding
        if finding.raw_sha256 not in self._places:
            try:
                self._write(finding.raw_sha256, finding.raw)
            except OSError as error:
                raise LakeError(
                    f"A page could not be put aside in {self._folder} ({error.strerror}); free "
                    "space and try again."
                ) from error
        return dataclasses.replace(finding, raw=None)

    def get(self, sha256: str) -> bytes | None:
        """None where it was not put here. Raises LakeError where the disk does not give it."""
        if self._file is None or sha256 not in self._places:
            return None
        start, size = self._places[sha256]
        try:
            self._file.seek(start)
            return self._file.read(size)
        except OSError as error:
            raise LakeError(
                f"A page that was put aside in {self._folder} cannot be read ({error.strerror}); "
                "look at that disk."
            ) from error

    def _write(self, sha256: str, content: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(  # noqa: SIM115 - `close` closes it
                prefix="namaak-", dir=self._folder
            )
        start = self._file.seek(0, 2)
        self._file.write(content)
        self._places[sha256] = (start, len(content))
