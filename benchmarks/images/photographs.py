"""Photographs to put behind logos, and to stand for people's own pictures.

They come inside the wheel of scikit-image, so that nothing is fetched. The few there are differ
between fitting and testing: a detector must not learn a test's background by heart.
May import: benchmarks.images.compositing.
"""

from __future__ import annotations

import importlib.util
import random
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.images.compositing import SIDE, Rgb

#: File names below skimage/data, per part.
_FILES = {
    "test": ("astronaut.png", "chelsea.png", "coffee.png", "coins.png", "grass.png",
             "hubble_deep_field.jpg", "rocket.jpg"),
    "fit": ("brick.png", "camera.png", "gravel.png", "ihc.png", "moon.png",
            "motorcycle_left.png", "motorcycle_right.png", "retina.jpg"),
}  # fmt: skip


@cache
def photographs(part: str) -> tuple[Rgb, ...]:
    """All of one part. Raises FileNotFoundError where scikit-image is not installed."""
    found = importlib.util.find_spec("skimage")
    if found is None or found.origin is None:
        raise FileNotFoundError(
            "Photographs come with scikit-image, which is not installed: pip install scikit-image."
        )
    folder = Path(found.origin).parent / "data"
    made = []
    for name in _FILES[part]:
        read = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
        if read is None:
            raise FileNotFoundError(f"{folder / name} is not there; this scikit-image lacks it.")
        made.append(np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8))
    return tuple(made)


def photo_crop(
    part: str, chosen: random.Random, width: int = SIDE, height: int | None = None
) -> Rgb:
    """A window of any of them, a third of its shorter side at least, perhaps mirrored."""
    height = width if height is None else height
    photo = chosen.choice(photographs(part))
    shape = width / height
    widest = min(photo.shape[1], photo.shape[0] * shape)
    across = max(2.0, widest * chosen.uniform(0.34, 1.0))
    down = max(2.0, across / shape)
    left = chosen.uniform(0, photo.shape[1] - across)
    top = chosen.uniform(0, photo.shape[0] - down)
    window = photo[round(top) : round(top + down), round(left) : round(left + across)]
    smaller = width < window.shape[1]
    kind = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    made = cv2.resize(window, (width, height), interpolation=kind)
    return np.asarray(made[:, ::-1] if chosen.random() < 0.5 else made, np.uint8).copy()
