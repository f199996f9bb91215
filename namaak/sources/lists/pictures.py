"""Picture files that a list names or a folder holds: read under limits, never decoded.

A list comes from strangers, so its paths may only reach picture files inside the list's
own folder: no "..", no absolute path, no link that leads out, no pipe that never ends.
May import: namaak.sources.base.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

import pyarrow as pa

from namaak.sources.base import Reject, excerpt

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".bmp", ".avif"})
#: Bytes of pictures in one batch; a batch ends early where it has more.
MAX_BATCH_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The pictures of consecutive rows."""

    digests: list[str | None]  #: a row each: SHA-256, lower-case hex, or none
    images: dict[str, bytes] = field(default_factory=dict)  #: by digest, each once
    rejects: list[Reject] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many of the rows were looked at; the rest belongs to the next batch."""
        return len(self.digests)


def load_pictures(rows: pa.Table, folder: Path, *, max_bytes: int) -> Pictures:
    """rows: `position`, and perhaps `image`: a path relative to `folder`.

    An address of the web is left alone: it says where the picture is, and fetching it is
    another source's work. max_bytes: of one picture.
    """
    if "image" not in rows.column_names:
        return Pictures(digests=[None] * rows.num_rows)
    loaded = Pictures(digests=[])
    total = 0
    positions = rows["position"].to_pylist()
    for position, name in zip(positions, rows["image"].to_pylist(), strict=True):
        digest: str | None = None
        if name and not is_address(name):
            try:
                content = read_picture(name, folder, max_bytes=max_bytes)
            except ValueError as error:
                reject = Reject(position=position, reason=f"image: {error}", excerpt=excerpt(name))
                loaded.rejects.append(reject)
            else:
                digest = hashlib.sha256(content).hexdigest()
                if digest not in loaded.images:
                    if loaded.images and total + len(content) > MAX_BATCH_BYTES:
                        # Rows from here on come again with the next batch, rejects too.
                        break
                    loaded.images[digest] = content
                    total += len(content)
        loaded.digests.append(digest)
    return loaded


def is_picture(name: str) -> bool:
    """By the name's ending."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def is_address(name: str) -> bool:
    """Does it point into the web rather than into the folder?"""
    return name.lower().startswith(("https://", "http://", "//", "data:"))


def read_picture(name: str, folder: Path, *, max_bytes: int) -> bytes:
    """Raises ValueError with the reason when it may not or cannot be read."""
    path = PurePosixPath(name)
    if "\0" in name or ".." in path.parts or "\\" in name:
        raise ValueError("its path leads out of the list's folder; not read")
    if path.is_absolute() or PureWindowsPath(name).drive:
        raise ValueError("its path is absolute; not read")
    if not is_picture(name):
        raise ValueError(f"is none of {', '.join(sorted(SUFFIXES))}; not read")
    try:
        home = folder.resolve(strict=True)
        real = (home / path).resolve(strict=True)
        if not real.is_relative_to(home):
            raise ValueError("is a link that leads out of the list's folder; not read")
        found = real.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("is not a regular file; not read")
        if found.st_size > max_bytes:
            raise ValueError(f"has {found.st_size} bytes, more than {max_bytes}; not read")
        with real.open("rb") as stream:
            content = stream.read(max_bytes + 1)
    except RuntimeError:  # how Python 3.11 reports a loop of links
        raise ValueError("is a link that leads nowhere; not read") from None
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    if len(content) > max_bytes:
        raise ValueError(f"has more than {max_bytes} bytes; not read")
    return content


def picture_names(folder: Path) -> Iterator[str]:
    """Files with a picture's suffix in the folder and those below it, sorted, relative."""
    names: list[str] = []
    for here, _, files in os.walk(folder, followlinks=False):
        relative = Path(here).relative_to(folder)
        names += ((relative / name).as_posix() for name in files if is_picture(name))
    yield from sorted(names)
