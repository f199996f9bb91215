"""An evidence pack as one file that can be attached: a zip as it is, a folder zipped.

The same folder is the same bytes, so that the digest that was approved stays true.
May import: namaak.errors.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from namaak.errors import UsageError

#: Nobody takes more by mail; larger folders are not even read.
_MAX_BYTES = 50_000_000
_MAX_FILES = 5_000
_EPOCH = (1980, 1, 1, 0, 0, 0)


def zipped(path: Path) -> bytes:
    """The bytes to attach. Raises UsageError for what is no pack, or far too large."""
    try:
        if path.is_dir():
            return _folder(path)
        if path.stat().st_size > _MAX_BYTES:
            raise _too_large(path)
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name another pack.") from None
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise UsageError(f"{path} is no zip file; name a pack, or the folder that holds one.")
    return content


def _folder(path: Path) -> bytes:
    files = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
    if not (path / "bagit.txt").is_file():
        raise UsageError(f"{path} is no evidence pack; make one with `namaak pack`.")
    if len(files) > _MAX_FILES or sum(one.stat().st_size for one in files) > _MAX_BYTES:
        raise _too_large(path)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in files:
            name = (Path(path.name) / one.relative_to(path)).as_posix()
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, one.read_bytes())
    return made.getvalue()


def _too_large(path: Path) -> UsageError:
    return UsageError(f"{path} is far too large for a mail; make the pack with the profile notice.")
