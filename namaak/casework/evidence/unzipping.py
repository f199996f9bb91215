"""A pack that came as one file, unpacked to be checked.

Strict on purpose: such a file is sent to others, and a ZIP file can carry things that nobody sees
who unpacks it: comments, extra fields, bytes between its entries. So it is one as `zip_pack` writes
them, or none.
May import: namaak.errors.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from namaak.errors import NamaakError

#: Packs for notices are of megabytes: they go by mail.
_MAX_UNPACKED = 256 << 20
_MAX_FILES = 20_000
_PIECE = 1 << 20
#: Bytes beside its name that a file takes before its content and in the list at the end, and
#: what stands behind that list.
_LOCAL_HEADER, _LISTED, _END = 30, 46, 22
_UTF8 = 0x800  #: the one flag that the name may need
_OURS = "`namaak pack --zip`"
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class NotAPack(Exception):
    """The file is no pack in one file; the text says why, as a sentence."""


@contextmanager
def unzipped(path: Path) -> Iterator[Path]:
    """The pack's folder in a temporary one, gone afterwards.

    Raises NotAPack, and NamaakError where it cannot be read or there is no room for it.
    """
    with tempfile.TemporaryDirectory(prefix="namaak-") as folder:
        try:
            top = _unpack(path, Path(folder))
        except OSError as error:
            raise NamaakError(
                f"The pack {path} cannot be unpacked to be checked ({error.strerror or error}); "
                "make room for temporary files, or mend its permissions."
            ) from None
        yield Path(folder, top)


def _unpack(path: Path, folder: Path) -> str:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        try:
            with zipfile.ZipFile(file) as archive:
                top = _top(archive, size)
                for entry in archive.infolist():
                    _write(archive, entry, folder / entry.filename)
        except (NotAPack, OSError, MemoryError):
            raise
        # zipfile and zlib do not declare what they raise on bytes that somebody made; whatever it
        # is, this is no pack.
        except Exception as error:
            raise NotAPack(f"It is no ZIP file that can be read ({error}).") from None
    return top


def _top(archive: zipfile.ZipFile, size: int) -> str:
    """The one folder in which everything lies, once nothing else can be in the file."""
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    if not 0 < len(entries) <= _MAX_FILES or sum(e.file_size for e in entries) > _MAX_UNPACKED:
        raise NotAPack("It holds nothing, or more than can be checked.")
    names = {entry.filename for entry in entries}
    paths = [PurePosixPath(entry.filename) for entry in entries]
    plain = all(
        str(place) == entry.filename
        and not place.is_absolute()
        and len(place.parts) > 1
        and not {"..", "."} & set(place.parts)
        and "\\" not in entry.filename
        for place, entry in zip(paths, entries, strict=True)
    )
    if not plain or len(names) != len(entries) or len({place.parts[0] for place in paths}) != 1:
        raise NotAPack("It does not hold one folder with every file in it once.")
    if any(e.compress_type not in _COMPRESSIONS or e.flag_bits & ~_UTF8 for e in entries):
        raise NotAPack(f"It is packed in another way than {_OURS} does it.")
    if archive.comment or any(entry.extra or entry.comment for entry in entries):
        raise NotAPack(f"It carries more than the pack's files; make it by {_OURS}.")
    # Without extra fields each part begins where the one before it ends.
    place = 0
    for entry in entries:
        if entry.header_offset != place:
            raise NotAPack(f"It carries more than the pack's files; make it by {_OURS}.")
        place += _LOCAL_HEADER + _name_length(entry) + entry.compress_size
    end = place + sum(_LISTED + _name_length(entry) for entry in entries) + _END
    if place != archive.start_dir or size != end:
        raise NotAPack(f"It carries more than the pack's files; make it by {_OURS}.")
    return paths[0].parts[0]


def _name_length(entry: zipfile.ZipInfo) -> int:
    return len(entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437"))


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as content, target.open("xb") as out:
        while piece := content.read(_PIECE):
            out.write(piece)
