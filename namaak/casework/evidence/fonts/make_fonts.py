"""Make the report's fonts again from DejaVu 2.37: `python make_fonts.py FOLDER`.

FOLDER holds DejaVuSans.ttf and its kin as released (Debian: fonts-dejavu-core and -extra 2.37-6,
/usr/share/fonts/truetype/dejavu). Hints are left out, which paper does not need; of all styles but
the plain one only the letters that the report sets in it.
Needs fonttools. May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

HERE = Path(__file__).parent
_FEATURES = ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "init", "medi", "fina", "isol", "rlig"]
_LATIN = [*range(0x20, 0x250), *range(0x2000, 0x2070), *range(0x20A0, 0x20C0)]
#: Style to the code points kept; None: all.
STYLES: dict[str, list[int] | None] = {
    "DejaVuSans": None,
    "DejaVuSans-Bold": [
        *range(0x20, 0x530), *range(0x1E00, 0x2070), *range(0x20A0, 0x20C0),
        *range(0x2100, 0x2150), *range(0x2190, 0x2200), *range(0x2400, 0x2427),
        *range(0x25A0, 0x2600),
    ],
    "DejaVuSans-Oblique": _LATIN,
    "DejaVuSansMono": [
        *_LATIN, *range(0x2190, 0x2200), *range(0x2400, 0x2427), *range(0x2500, 0x2600),
    ],
}  # fmt: skip


def make(source: Path, target: Path) -> None:
    """Write the fonts and coverage.txt into `target`."""
    inputs = []
    for style, wanted in STYLES.items():
        released = source / f"{style}.ttf"
        inputs.append(f"{released.name} {hashlib.sha256(released.read_bytes()).hexdigest()}")
        options = subset.Options(
            hinting=False, layout_features=_FEATURES, notdef_outline=True,
            name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], drop_tables=["FFTM"],
        )  # fmt: skip
        subsetter = subset.Subsetter(options)
        font = subset.load_font(str(released), options)
        subsetter.populate(unicodes=wanted if wanted is not None else list(font.getBestCmap()))
        subsetter.subset(font)
        # Else the time of making stands in it.
        font["head"].modified = font["head"].created
        font.recalcTimestamp = False
        font.save(target / f"{style}.ttf")
        font.close()
    (target / "coverage.txt").write_text(coverage(target, inputs), "ascii")


def coverage(folder: Path, inputs: list[str]) -> str:
    """Ranges of code points that the plain font has: every style falls back to it."""
    with TTFont(folder / "DejaVuSans.ttf") as font:
        points = sorted(font.getBestCmap())
    lines = [
        "# Code points of the report's plain font, hexadecimal. Made by make_fonts.py; not edited.",
        "# From DejaVu 2.37 (see LICENSE); SHA-256 of its files:",
        *(f"# {line}" for line in inputs),
    ]
    start = last = points[0]
    for point in [*points[1:], -1]:
        if point != last + 1:
            lines.append(f"{start:04X}-{last:04X}" if last > start else f"{start:04X}")
            start = point
        last = point
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    make(Path(sys.argv[1]), HERE)
