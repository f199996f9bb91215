"""A pack as one file, to be sent: the same pack gives the same bytes.

May import: namaak.durable, namaak.errors.
"""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from namaak import durable
from namaak.errors import NamaakError

_READABLE = 0o100644


def zip_pack(pack: Path, *, now: datetime) -> Path:
    """Write `<pack>.zip` beside the folder and return it; one that is there is replaced.

    now: stands in the archive as the time of every file. Raises NamaakError.
    """
    target = pack.with_name(pack.name + ".zip")
    try:
        durable.replace(target, lambda part: _write(part, pack, now))
    except OSError as error:
        raise NamaakError(
            f"The archive {target} could not be written ({error.strerror}); make room, the pack "
            "itself is there."
        ) from error
    return target


def _write(target: Path, pack: Path, now: datetime) -> None:
    moment = now.astimezone(UTC).timetuple()[:6]
    with target.open("wb") as out:
        with zipfile.ZipFile(out, "w", compression=zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(file for file in pack.rglob("*") if file.is_file()):
                name = path.relative_to(pack.parent).as_posix()
                entry = zipfile.ZipInfo(name, date_time=moment)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = _READABLE << 16
                entry.create_system = 3
                archive.writestr(entry, path.read_bytes())
        out.flush()
        os.fsync(out.fileno())
