"""A stranger's picture after decoding: plain arrays of bounded size, and what was noticed.

Everything behind this door works on these arrays alone; the bytes a stranger sent stay with the
decoder, which may run in a process of its own.
May import: nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]  #: (height, width, 3), RGB; or (height, width) for a cover

#: Longest side of a frame, pixels. Never enlarged: a favicon of 16 x 16 stays one.
FRAME_SIDE = 256
#: Longest side of the large form, pixels, in which a logo is looked for inside a page or banner.
LARGE_SIDE = 1600

#: Which of a file's pictures a frame is.
Role = Literal["first", "last", "most-different", "small"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of a file as people see it, on a plain ground where it is transparent."""

    pixels: Pixels  #: (h, w, 3), at most FRAME_SIDE a side
    cover: Pixels | None = None  #: (h, w), 0 transparent to 255 opaque; None: all opaque
    role: Role = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded file."""

    frames: tuple[Frame, ...]  #: at least one, the first the one that is shown
    large: Pixels | None  #: the first frame at most LARGE_SIDE a side, where FRAME_SIDE lost some
    format: str  #: as Pillow names it: PNG, JPEG, ...
    width: int  #: of the original, pixels, as shown (after its orientation)
    height: int
    notes: frozenset[str]  #: "animated", "transparent", "truncated", "cmyk", "16-bit", "turned"


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why a picture could not be read; `reason` is a sentence's end for people."""

    reason: str
