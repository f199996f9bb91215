"""How the inner loops are compiled: once for a processor, kept on disk, without the interpreter's
lock.

What is kept belongs to the code it was made from. numba itself notices a change of the file that
a function stands in, but not of the functions and tables it calls, which lie in other files. So
it keeps what it made in a folder named after all sources of this room: any change begins anew.
Reference counts are off (`_nrt`) where nothing is allocated: taking an array out of a named
tuple costs nothing then, where counting made the scan three times slower. Arguments should have
the same types at every call; each new set of types is compiled again.
This is the one file of this room that writes to a disk, and only what can be made again.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numba

_ROOM = Path(__file__).resolve().parent
_PREFIX = "compiled-"


def _folder_of(room: Path) -> Path:
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(room.rglob("*.py")):
        digest.update(source.relative_to(room).as_posix().encode())
        digest.update(source.read_bytes())
    return room / "__pycache__" / f"{_PREFIX}{digest.hexdigest()[:16]}"


def _keep_in(folder: Path) -> None:
    """Have numba keep what it makes there, and drop what older sources left.

    Where nothing may be written numba looks for a place of its own, in the user's home; where the
    operator named one (NUMBA_CACHE_DIR) that is it.
    """
    if numba.config.CACHE_DIR:  # type: ignore[attr-defined]
        return
    try:
        if not folder.exists():
            for older in folder.parent.glob(f"{_PREFIX}*"):
                shutil.rmtree(older, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


_FOLDER = _folder_of(_ROOM)
_keep_in(_FOLDER)


def is_compiled() -> bool:
    """Whether this version was compiled here before; else the first use takes half a minute.

    True also where it cannot be known, because somebody else's folder keeps what was compiled.
    """
    ours = str(_FOLDER) == numba.config.CACHE_DIR  # type: ignore[attr-defined]
    return not ours or next(_FOLDER.rglob("kernel._scan_rows*.nbc"), None) is not None


_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True}
_LEAN: dict[str, Any] = {**_OPTIONS, "error_model": "numpy", "_nrt": False}

#: For what makes arrays of its own.
allocating = numba.njit(**_OPTIONS)
#: The same, written out into its callers.
spread = numba.njit(**_OPTIONS, inline="always")
#: For the innermost loops, which make none.
compiled = numba.njit(**_LEAN)
#: For what is called once for every letter or candidate.
inlined = numba.njit(**_LEAN, forceinline=True)
