"""What reading wordmarks finds, and what it costs.

    python -m benchmarks.images wordmarks --logos FILE [--pictures 40]

Wordmarks (2:1 to 6:1, of the sets that hold them) of keys that nothing was fitted on, drawn in
three forms, and compact logos of other keys. The watch list is the keys of all of them as names,
exact to the letter: a key that is short, or spelled otherwise than its wordmark, cannot be found.
JSON lines, one a form:
- `asked`: share of the pictures in which something wide was given to the reader; `read`: in which
  it read anything.
- `own`: share in which the text matched the picture's own key; `others`: matches of another key.
- `ms_asked`: on the clock, of those that were asked; a whole process of Tesseract for each try.
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2

from benchmarks.images.choosing import Drawing, read_fitted_on
from benchmarks.images.compositing import Rgb, contrasting, own_ground, place, plain, png
from benchmarks.images.rendering import aspect_of, read_sources, render
from benchmarks.measuring import say, share
from detectors.images.decoding import decode
from detectors.images.matching import fingerprint
from detectors.images.picture import Picture
from detectors.observations import Watchlist, compile_watchlist, match_values
from detectors.wordmarks import ReadText, text_in, wide_drawings
from namaak.brands import Brand
from namaak.decoding.wordmarks import find_reader
from namaak.records import Field

_SEED = 20261122
_ASPECT = (2.0, 6.0)
_LEAST_NAME = 2  # letters of a brand's name in a watch file

Draw = Callable[[Drawing], Rgb]


def _strip(one: Drawing) -> Rgb:
    """The wordmark and a little ground, as in a page's head."""
    height, width = one.logo.shape[:2]
    ground = plain(own_ground(one.logo), 2 * width)
    top, left = width - height // 2 - 16, width // 2 - 16
    drawn = place(one.logo, ground, 0.5)
    return drawn[top : top + height + 32, left : left + width + 32]


def _avatar(one: Drawing) -> Rgb:
    return place(one.logo, plain(own_ground(one.logo)))


def _recoloured(one: Drawing) -> Rgb:
    """On a ground of another colour."""
    chosen = random.Random(f"{_SEED}/{one.source.id}")  # noqa: S311 - reproducible
    return place(one.logo, plain(contrasting(one.logo, chosen)))


FORMS: Mapping[str, Draw] = {"strip": _strip, "avatar": _avatar, "on a colour": _recoloured}


def sample(file: Path, pictures: int) -> tuple[list[Drawing], list[Drawing]]:
    """(wordmarks, compact logos), one a key, of keys that nothing was fitted on."""
    fitted = read_fitted_on()
    free = [one for one in read_sources(file)
            if one.key not in fitted and len(one.key) >= _LEAST_NAME]  # fmt: skip
    random.Random(_SEED).shuffle(free)  # noqa: S311 - reproducible
    wide: dict[str, Drawing] = {}
    compact: dict[str, Drawing] = {}
    for source in free:
        kept = wide if source.set.endswith("-full") else compact
        if len(kept) >= pictures or source.key in wide or source.key in compact:
            continue
        logo = render(source)
        if logo is None:
            continue
        fits = _ASPECT[0] <= aspect_of(logo) <= _ASPECT[1]
        if fits if kept is wide else 0.5 <= aspect_of(logo) <= 2:
            kept[source.key] = Drawing(source=source, logo=logo)
    return list(wide.values()), list(compact.values())


def measure(
    form: str, drawings: Sequence[Drawing], draw: Draw, watchlist: Watchlist, reader: ReadText
) -> None:
    """One line."""
    asked = read = own = others = 0
    seconds = 0.0
    for one in drawings:
        picture = decode(png(draw(one)))
        if not isinstance(picture, Picture):
            continue
        made = fingerprint(picture)
        if made.gated or not any(True for _ in wide_drawings(picture, made)):
            continue
        asked += 1
        begin = time.perf_counter()
        text = text_in(picture, made, reader)
        seconds += time.perf_counter() - begin
        if text is None:
            continue
        read += 1
        found = {row["brand_id"] for row in match_values([text], Field.DISPLAY_NAME, watchlist)}
        own += one.source.key in found
        others += len(found - {one.source.key})
    line = {
        "bench": "images-wordmarks", "form": form, "pictures": len(drawings),
        "asked": share(asked, len(drawings)), "read": share(read, len(drawings)),
        "own": share(own, len(drawings)), "others": others,
        "ms_asked": round(1e3 * seconds / asked, 1) if asked else None,
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False), flush=True)


def main(argv: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images wordmarks")
    parser.add_argument("--logos", type=Path, required=True, help="a file like logos.parquet")
    parser.add_argument("--pictures", type=int, default=40, help="of each form")
    given = parser.parse_args(argv)
    cv2.setNumThreads(1)
    reader = find_reader()
    if reader is None:
        print("No tesseract with English letters is installed.", file=sys.stderr)
        return 1
    wide, compact = sample(given.logos, given.pictures)
    say(f"{len(wide)} wordmarks and {len(compact)} other logos, read by {reader.version}")
    keys = [one.source.key for one in (*wide, *compact)]
    watchlist = compile_watchlist({key: Brand(name=key) for key in keys}, {})
    for form, draw in FORMS.items():
        measure(form, wide, draw, watchlist, reader)
    measure("other logos", compact, _avatar, watchlist, reader)
    for reason, times in reader.unread.items():
        say(f"{times} not read: {reason}")
    return 0
