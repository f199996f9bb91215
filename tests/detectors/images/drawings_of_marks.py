"""Marks of nobody, drawn here: what the tests of keypoints look for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Pixels = npt.NDArray[np.uint8]
SIZE = 256


def mark(seed: int, ink: tuple[int, int, int] = (20, 60, 160)) -> Image.Image:
    """A cut-out (RGBA, 256 px) of six bars, discs and wedges that cross each other."""
    chance = np.random.default_rng(seed)
    drawn = Image.new("L", (SIZE * 2, SIZE * 2), 0)
    pen = ImageDraw.Draw(drawn)
    for turn in range(9):
        x, y = chance.integers(40, 380, 2).tolist()
        wide, high = chance.integers(60, 200, 2).tolist()
        fill = 0 if turn % 3 == 2 else 255
        if turn % 3 == 0:
            pen.rectangle((x, y, x + wide, y + high // 2), fill=fill)
        elif turn % 3 == 1:
            pen.polygon([(x, y), (x + wide, y + high // 3), (x + wide // 3, y + high)], fill=fill)
        else:
            pen.ellipse((x, y, x + wide // 2, y + wide // 2), fill=fill)
    cover = drawn.crop(drawn.getbbox()).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    cut = Image.new("RGBA", cover.size, (*ink, 255))
    cut.putalpha(cover)
    return cut


def placed(
    cut: Image.Image, *, side: int = 176, at: tuple[int, int] | None = None, turn: float = 0.0,
    ground: tuple[int, int, int] | Image.Image = (255, 255, 255),
) -> Pixels:  # fmt: skip
    """The mark on a ground of 256 px; turn: degrees, clockwise."""
    small = cut.resize((side, side), Image.Resampling.LANCZOS)
    small = small.rotate(-turn, Image.Resampling.BICUBIC, expand=True)
    picture = ground.copy() if isinstance(ground, Image.Image) else Image.new(
        "RGB", (SIZE, SIZE), ground
    )  # fmt: skip
    x, y = at or ((SIZE - small.width) // 2, (SIZE - small.height) // 2)
    picture.paste(small, (x, y), small)
    return np.asarray(picture)


def busy_ground(seed: int) -> Image.Image:
    """Grey texture at several sizes, as gravel or leaves."""
    chance = np.random.default_rng(seed)
    grey = np.zeros((SIZE, SIZE), np.float32)
    for cells in (8, 16, 32, 64):
        coarse = Image.fromarray(chance.integers(0, 256, (cells, cells), dtype=np.uint8))
        grey += np.asarray(coarse.resize((SIZE, SIZE), Image.Resampling.BICUBIC), np.float32)
    return Image.fromarray((grey / 4).astype(np.uint8)).convert("RGB")
