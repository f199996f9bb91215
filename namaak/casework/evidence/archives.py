"""Web archives in a pack (WACZ): whether each file in them is what it was when it was captured.

A check of our own beside `wacz validate`, so that a pack can be checked where that is not
installed: the digests of datapackage.json, the digest of that file itself, and, where warcio is
installed, those of every record. The archive may be anybody's: sizes are bounded before anything
is unpacked, and nothing is written.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from typing import Any

#: Of all files in one archive together, unpacked.
MAX_UNPACKED = 1 << 30
_MAX_FILES = 10_000
_PACKAGE, _DIGEST = "datapackage.json", "datapackage-digest.json"


def archive_problems(content: bytes) -> list[str]:
    """What is wrong with a WACZ, in a few words each; empty when it is sound."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _problems(archive)
    # What zipfile and zlib raise on bytes that somebody made.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
            OSError, ValueError) as error:  # fmt: skip
        return [f"is no readable archive ({_brief(error)})"]


def _problems(archive: zipfile.ZipFile) -> list[str]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > _MAX_FILES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        return ["holds more than can be checked"]
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        return ["holds a file twice"]
    if _PACKAGE not in names:
        return [f"has no {_PACKAGE}"]
    package = archive.read(_PACKAGE)
    try:
        listed = {str(one["path"]): one for one in json.loads(package)["resources"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return [f"has a {_PACKAGE} that cannot be read"]
    problems = _digest_problems(archive, names, package)
    for name in names:
        if name not in listed and name not in (_PACKAGE, _DIGEST):
            problems.append(f"holds {name!r}, which {_PACKAGE} does not list")
    for path, told in listed.items():
        problems += _file_problems(archive, names, path, told)
    return problems


def _digest_problems(archive: zipfile.ZipFile, names: list[str], package: bytes) -> list[str]:
    if _DIGEST not in names:
        return []
    try:
        told = json.loads(archive.read(_DIGEST))
        stated = told["hash"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return [f"has a {_DIGEST} that cannot be read"]
    made = f"sha256:{hashlib.sha256(package).hexdigest()}"
    return [] if stated == made else [f"has another {_PACKAGE} than {_DIGEST} says"]


def _file_problems(archive: zipfile.ZipFile, names: list[str], path: str, told: Any) -> list[str]:
    if path not in names:
        return [f"lacks {path!r}"]
    content = archive.read(path)
    algorithm, _, digest = str(told.get("hash")).partition(":")
    if algorithm not in ("sha256", "md5"):
        return [f"gives no digest of {path!r} that can be checked"]
    made = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
    if made != digest or told.get("bytes") != len(content):
        return [f"holds another {path!r} than {_PACKAGE} lists"]
    return _record_problems(path, content) if path.endswith((".warc.gz", ".warc")) else []


def _record_problems(path: str, content: bytes) -> list[str]:
    """Nothing where warcio is not installed: the file's own digest has been checked."""
    try:
        from warcio.archiveiterator import (  # type: ignore[import-untyped]
            ArchiveIterator,
        )
        from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]
    except ImportError:
        return []
    problems = []
    try:
        for record in ArchiveIterator(io.BytesIO(content), check_digests=True):
            record.content_stream().read()
            if record.digest_checker.passed is False:
                number = record.rec_headers.get_header("WARC-Record-ID")
                problems.append(f"holds a record in {path!r} that was changed: {number}")
    except (ArchiveLoadFailed, zlib.error, ValueError, EOFError, OSError) as error:
        problems.append(f"holds a {path!r} that cannot be read ({_brief(error)})")
    return problems


def _brief(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return "".join(c if c.isprintable() else " " for c in text)[:120]
