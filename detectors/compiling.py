"""How the inner loops are compiled: once, kept on disk, without the interpreter's lock.

Two things to know when changing them. The compiled code is kept per file and noticed as old by
that file's own change only: what another file defines and may change comes in as an argument,
and whoever changes a function that others call deletes the __pycache__ folder. And reference
counts are off (`_nrt`): taking an array out of a named tuple costs nothing then, where counting
made the scan three times slower; in return nothing may be allocated inside.
May import: nothing of ours.
"""

from __future__ import annotations

from typing import Any

from numba import njit

_OPTIONS: dict[str, Any] = {
    "cache": True, "nogil": True, "error_model": "numpy", "_nrt": False,
}  # fmt: skip

compiled = njit(**_OPTIONS)
#: For what is called once for every letter or candidate.
inlined = njit(**_OPTIONS, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
