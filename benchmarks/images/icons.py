"""Drawings of things, not of brands: what the image detector is fitted on.

From icon sets in iconify's JSON form (`npm install @iconify-json/mdi ...`), under licences that
ask at most for a notice. Sets of brands' logos are left out, and so are icons whose name says
that they show one: nobody's mark decides how marks are told apart.
May import: benchmarks.images.rendering.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.images.compositing import Rgba
from benchmarks.images.rendering import from_svg, own_colour

#: Set and its licence; at most so many of its icons, so that no hand outweighs the others.
SETS: Mapping[str, tuple[str, int]] = {
    "noto": ("Apache-2.0", 400),
    "fluent-emoji-flat": ("MIT", 400),
    "flat-color-icons": ("MIT", 200),
    "fluent-color": ("MIT", 150),
    "mdi": ("Apache-2.0", 500),
    "tabler": ("MIT", 300),
    "ph": ("MIT", 300),
    "bi": ("MIT", 150),
    "carbon": ("Apache-2.0", 150),
    "material-symbols": ("Apache-2.0", 250),
    "ion": ("MIT", 100),
    "iconoir": ("MIT", 150),
    "lucide": ("ISC", 150),
    "mingcute": ("Apache-2.0", 250),
    "temaki": ("CC0-1.0", 150),
    "maki": ("CC0-1.0", 80),
    "healthicons": ("MIT", 150),
}
_BRANDED = re.compile(r"logo|brand|^flag|social|skin-tone|-(light|dark|medium)\b")
_MOST_ASPECT = 3.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Icon:
    """One drawing."""

    name: str  #: set:icon
    drawing: Rgba


def read_icons(folders: list[Path], seed: int) -> Iterator[Icon]:
    """Icons of all SETS that are there, rendered, the same ones for the same seed.

    folders: each holding `<set>/icons.json`, such as node_modules/@iconify-json.
    """
    for name, (_, most) in SETS.items():
        file = next(
            (path for folder in folders if (path := folder / name / "icons.json").exists()), None
        )
        if file is None:
            continue
        stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        names = sorted(icon for icon in stored["icons"] if not _BRANDED.search(icon))
        random.Random(f"{seed}/{name}").shuffle(names)  # noqa: S311 - reproducible
        for icon in names[:most]:
            drawing = from_svg(_svg(stored, icon), own_colour(icon))
            if drawing is None:
                continue
            height, width = drawing.shape[:2]
            if max(height, width) <= _MOST_ASPECT * min(height, width):
                yield Icon(name=f"{name}:{icon}", drawing=drawing)


def _svg(stored: dict[str, Any], name: str) -> str:
    icon = stored["icons"][name]
    left, top, width, height = (
        icon.get(key, stored.get(key, otherwise))
        for key, otherwise in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {width} {height}">{icon["body"]}</svg>'
    )
