"""What lies behind a drawing: a colour, or a surface of second order, told from the border.

Distances are in Lab, so that white on red and red on white give the same picture of the drawing.
Pure: arrays in, arrays out.
May import: detectors.images.picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from detectors.images.picture import Pixels

Floats = npt.NDArray[np.float32]

#: Share of the border that speaks for one background all round.
PLAIN = 0.8
_FRAME = 4  # pixels of the border that speak for the background


@dataclass(frozen=True, slots=True)
class Ground:
    """A background: Lab as a quadratic surface over the picture, coordinates -1..1."""

    surface: Floats  #: (6, 3), coefficients of 1, x, y, x*y, x*x, y*y
    share: float  #: of the samples that agree with it


def lab_of(pixels: Pixels) -> Floats:
    """(h, w, 3): L 0..100, a and b about -128..127: distances are those of CIE76."""
    lab: Floats = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 0] *= 100 / 255
    lab[..., 1:] -= 128
    return lab


def where_to_look(lab: Floats) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """(pixels that belong to the picture, pixels that speak for the background), both (h, w)."""
    height, width = lab.shape[:2]
    border = np.zeros((height, width), bool)
    border[:_FRAME] = border[-_FRAME:] = True
    border[:, :_FRAME] = border[:, -_FRAME:] = True
    everywhere = np.ones((height, width), bool)
    if not 0.9 < width / height < 1.1:
        return everywhere, border
    radius = _radius(height, width)
    corners = radius > 1.12
    sample = lab[corners]
    middle = np.median(sample, axis=0)
    if (np.linalg.norm(sample - middle, axis=1) < 16).mean() < 0.97:
        return everywhere, border
    ring = (radius > 0.86) & (radius < 0.95)
    rim = np.median(lab[ring], axis=0)
    outer = (radius > 1.01) & (radius < 1.12)
    edge = np.median(lab[outer], axis=0)
    # Outside the circle all is one colour, inside its rim another: cropped round.
    if np.linalg.norm(rim - middle) > 10 and np.linalg.norm(edge - middle) < 10:
        inside = (np.linalg.norm(lab[ring] - middle, axis=1) > 8).mean()
        if inside > 0.7:
            return radius < 0.97, ring
    return everywhere, border


def _radius(height: int, width: int) -> Floats:
    """Distance from the centre, 1 at the middle of the nearer edges."""
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    return np.sqrt(x[None, :] ** 2 + y[:, None] ** 2).astype(np.float32)


def grounds_of(lab: Floats, samples: npt.NDArray[np.bool_]) -> list[Ground]:
    """Backgrounds that the samples may speak of, the likeliest first; none for a photograph."""
    colours = lab[samples]
    median = np.median(colours, axis=0)
    agree = np.linalg.norm(colours - median, axis=1) < 10
    found = []
    share = float(agree.mean())
    if share > 0.6:
        found.append(_flat(colours[agree].mean(axis=0), share))
    if share < 0.97:
        graded = _graded(_basis(*_coordinates(samples)), colours)
        if graded.share > max(0.85, share + 0.08):
            found.insert(0, graded)
    if not found or found[0].share < 0.8:
        common = _commonest(colours)
        if common.share > 0.3 and all(
            np.linalg.norm(common.surface[0] - one.surface[0]) > 8 for one in found
        ):
            found.append(common)
    return found


def ground_of_rim(lab: Floats, rim: npt.NDArray[np.bool_]) -> Ground | None:
    colours = lab[rim]
    middle = np.median(colours, axis=0)
    agree = np.linalg.norm(colours - middle, axis=1) < 14
    share = float(agree.mean())
    if share < 0.5:
        return None
    flat = _flat(colours[agree].mean(axis=0), share)
    if share > 0.85:
        return flat
    graded = _graded(_basis(*_coordinates(rim)), colours)
    return graded if graded.share > share else flat


def _flat(colour: Floats, share: float) -> Ground:
    surface = np.zeros((6, 3), np.float32)
    surface[0] = colour
    return Ground(surface, share)


def _graded(basis: Floats, colours: Floats) -> Ground:
    """A quadratic surface, fitted three times, each time to what agreed before."""
    weights = np.ones(len(colours), np.float32)
    surface = np.zeros((6, 3), np.float32)
    for limit in (40.0, 16.0, 8.0):
        weighted = basis * weights[:, None]
        normal = weighted.T @ basis + 1e-3 * np.eye(6, dtype=np.float32) * len(colours) / 100
        surface = np.linalg.solve(normal, weighted.T @ colours).astype(np.float32)
        misfit = np.linalg.norm(colours - basis @ surface, axis=1)
        weights = (1 / (1 + (misfit / limit * 2) ** 4)).astype(np.float32)
    return Ground(surface, float((misfit < 8).mean()))


def _basis(y: Floats, x: Floats) -> Floats:
    return np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)


def _coordinates(samples: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Rows and columns of the samples, -1..1 over the picture."""
    height, width = samples.shape
    rows, columns = np.nonzero(samples)
    return (
        ((rows + 0.5) / height * 2 - 1).astype(np.float32),
        ((columns + 0.5) / width * 2 - 1).astype(np.float32),
    )


def _commonest(colours: Floats) -> Ground:
    """The colour of most samples, where no majority agrees: a drawing that touches the border."""
    coarse = np.floor(colours / 12).astype(np.int32) + 32
    codes = (coarse[:, 0] * 64 + coarse[:, 1]) * 64 + coarse[:, 2]
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    seed = colours[first[np.argmax(counts)]]
    agree = np.linalg.norm(colours - seed, axis=1) < 12
    return _flat(colours[agree].mean(axis=0), float(agree.mean()))


def difference_from(lab: Floats, ground: Ground, at: tuple[Floats, Floats] | None = None) -> Floats:
    """Distance of each pixel from the background. at: each pixel's y and x in the picture."""
    if not ground.surface[1:].any():
        return _length(lab - ground.surface[0])
    if at is None:
        height, width = lab.shape[:2]
        y, x = np.meshgrid(
            ((np.arange(height) + 0.5) / height * 2 - 1).astype(np.float32),
            ((np.arange(width) + 0.5) / width * 2 - 1).astype(np.float32),
            indexing="ij",
        )
    else:
        y, x = at
    return _length(lab - _basis(y, x) @ ground.surface)


def _length(vectors: Floats) -> Floats:
    length: Floats = np.sqrt(np.einsum("ijk,ijk->ij", vectors, vectors))
    return length
