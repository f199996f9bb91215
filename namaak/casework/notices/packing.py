"""An evidence pack as one file that can be attached: checked, then zipped anew.

Whatever else lies in a zip goes to nobody: files are read under limits, the pack they make is
checked as `namaak verify` does, and only its files are attached. The same pack is the same bytes,
so that the digest that was approved stays true.
May import: namaak.errors, namaak.casework.evidence.{bag, checking}.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from namaak.casework.evidence.bag import read_bytes
from namaak.casework.evidence.checking import STAMPED, verify_pack
from namaak.errors import NamaakError, UsageError

#: Nobody takes more by mail; more is not even read.
_MAX_BYTES = 50_000_000
_MAX_FILES = 5_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A sound pack, as it would be attached."""

    content: bytes  #: a zip
    tagmanifest_sha256: str  #: what the casebook knows it by


def read_pack(path: Path) -> Packed:
    """A pack, folder or zip. Raises UsageError for what is no sound pack, or far too large."""
    try:
        files = _of_folder(path) if path.is_dir() else _of_zip(path)
        name = _only_folder(path, files)
        with tempfile.TemporaryDirectory(prefix="namaak-pack-") as scratch:
            for one, content in files.items():
                target = Path(scratch, one)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            pack = Path(scratch, name)
            problems = verify_pack(pack)
            listed = read_bytes(pack, STAMPED)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name another pack.") from None
    except NamaakError as error:
        raise UsageError(f"{path} is no pack that can be attached: {error}") from None
    if problems or listed is None:
        why = problems[0] if problems else f"{STAMPED} is missing."
        raise UsageError(
            f"{path} is no sound evidence pack, so it goes to nobody ({why.rstrip('.')}); make "
            "another with `namaak pack`."
        )
    return Packed(content=_zipped(files), tagmanifest_sha256=hashlib.sha256(listed).hexdigest())


def packed_for(packed: Packed, rows: Iterable[Mapping[str, Any]], case_ids: Sequence[str]) -> bytes:
    """What to attach to a notice about these cases. rows: of packs, all that were made of them.

    Raises UsageError for one that was made of another case, or for another reader.
    """
    digest = packed.tagmanifest_sha256
    profiles = {row["profile"] for row in rows if row["tagmanifest_sha256"] == digest}
    make = f"make one with `namaak pack {case_ids[0]} --profile notice`."
    if not profiles:
        raise UsageError(f"The pack is none that was made of {', '.join(case_ids)} here; {make}")
    if "notice" not in profiles:
        raise UsageError(
            f"The pack is of the profile {', '.join(sorted(profiles))}, which holds what is not "
            f"for others; {make}"
        )
    return packed.content


def _of_folder(path: Path) -> dict[str, bytes]:
    if not (path / "bagit.txt").is_file():
        raise UsageError(f"{path} is no evidence pack; make one with `namaak pack`.")
    found = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
    if len(found) > _MAX_FILES or sum(one.stat().st_size for one in found) > _MAX_BYTES:
        raise _too_large(path)
    name = path.resolve().name
    return {(Path(name) / one.relative_to(path)).as_posix(): one.read_bytes() for one in found}


def _of_zip(path: Path) -> dict[str, bytes]:
    if path.stat().st_size > _MAX_BYTES:
        raise _too_large(path)
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MAX_FILES:
                raise _too_large(path)
            left = _MAX_BYTES
            for entry in entries:
                if not _is_ours(entry) or entry.filename in found:
                    raise UsageError(f"{path} holds a file that no pack holds; name a pack's zip.")
                with archive.open(entry) as opened:
                    content = opened.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise _too_large(path)
                found[entry.filename] = content
    # What a broken zip makes of its reader, by version and by what is broken.
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, KeyError):
        raise UsageError(
            f"{path} is no zip file; name a pack, or the folder that holds one."
        ) from None
    return found


def _is_ours(entry: zipfile.ZipInfo) -> bool:
    """Whether it may be written below a folder of ours: no way up, no link, nothing encrypted."""
    name = entry.filename
    parts = PurePosixPath(name).parts
    plain = name.isprintable() and "\\" not in name and ".." not in parts
    is_link = (entry.external_attr >> 28) == 0o12
    whole = PurePosixPath(name).as_posix() == name and not name.startswith("/")
    return (
        plain and whole and not is_link and entry.compress_type in _METHODS
        and not entry.flag_bits & 1
    )  # fmt: skip


def _only_folder(path: Path, files: Mapping[str, bytes]) -> str:
    tops = {PurePosixPath(name).parts[0] for name in files}
    if len(tops) != 1 or f"{next(iter(tops))}/bagit.txt" not in files:
        raise UsageError(f"{path} is no evidence pack; make one with `namaak pack --zip`.")
    return next(iter(tops))


def _zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return made.getvalue()


def _too_large(path: Path) -> UsageError:
    return UsageError(f"{path} is far too large for a mail; make the pack with the profile notice.")
