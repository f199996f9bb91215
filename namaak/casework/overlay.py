"""Two pictures made to be compared by eye: side by side, and one laid over the other.

All that goes in is decoded pixels; what comes out is PNG without metadata. An official logo
laid over its copy leaves nothing to argue about: either the lines run together or they do not.
Pure: arrays in, bytes out.
May import: detectors.images.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from detectors.images.aligning import Matrix, drawing_of, foreground, ground_distance, scaled
from detectors.images.picture import Frame, Pixels

_THUMBNAIL = 360  # pixels, the longer side; enough for print at the report's size
_PANEL, _MARGIN, _CAPTION = 512, 24, 40  # pixels
_LINE = (214, 0, 110)  # magenta: hardly any logo's colour, and dark enough on white


def png(pixels: Pixels) -> bytes:
    """(h, w, 3) RGB. Nothing but pixels is written."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, format="PNG")
    return out.getvalue()


def shrunk(pixels: Pixels, side: int = _THUMBNAIL) -> Pixels:
    """At most `side` pixels a side, never enlarged."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image)


def side_by_side(official: Pixels, seen: Pixels) -> bytes:
    """PNG, the official one left."""
    panels = [_fitted(pixels)[0] for pixels in (official, seen)]
    return _panels(panels, ("official", "seen"))


def laid_over(reference: Frame, frame: Frame, shown: Pixels, matrix: Matrix) -> bytes:
    """PNG: the seen picture with the official logo outlined on it, and under it half seen through.

    matrix: (2, 3), pixels of `reference` to pixels of `frame`. shown: the frame as it is shown,
    perhaps larger.
    """
    canvas, corner = _fitted(shown)
    placed = scaled(matrix, 1, _PANEL / max(frame.pixels.shape[:2]))
    placed[:, 2] += corner
    outlined = canvas.copy()
    size = (_PANEL, _PANEL)
    ours = foreground(ground_distance(reference.pixels)[0]).astype(np.float32)
    logo = cv2.warpAffine(ours, placed, size)
    contours, _ = cv2.findContours(
        (logo > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
    )
    # White below the line, so that it is seen on every ground.
    cv2.drawContours(outlined, contours, -1, (255, 255, 255), 5, cv2.LINE_AA)
    cv2.drawContours(outlined, contours, -1, _LINE, 2, cv2.LINE_AA)
    x, y, width, height = drawing_of(reference.pixels).box
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    box = corners @ placed[:, :2].T + placed[:, 2]
    # Far outside is as good as outside, and fits into the drawing's integers.
    box = np.rint(np.clip(box, -4 * _PANEL, 4 * _PANEL)).astype(np.int32)
    cv2.polylines(outlined, [box], True, _LINE, 1, cv2.LINE_AA)

    laid = cv2.warpAffine(
        reference.pixels, placed, size, borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255)
    )
    cover = cv2.warpAffine(np.ones(ours.shape, np.float32), placed, size)[..., None]
    half = canvas.astype(np.float32) * (1 - 0.5 * cover) + laid.astype(np.float32) * 0.5 * cover
    return _panels(
        [outlined, half.astype(np.uint8)],
        ("seen, official outlined", "official laid over seen"),
    )


def _fitted(pixels: Pixels) -> tuple[Pixels, npt.NDArray[np.float64]]:
    """(a white panel with the picture in its middle, the picture's corner on it: x, y)."""
    scale = _PANEL / max(pixels.shape[:2])
    # At least one pixel: a stranger's picture may be a line.
    shape = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    image = Image.fromarray(np.ascontiguousarray(pixels)).resize(shape, Image.Resampling.LANCZOS)
    corner = ((_PANEL - shape[0]) // 2, (_PANEL - shape[1]) // 2)
    panel = Image.new("RGB", (_PANEL, _PANEL), "white")
    panel.paste(image, corner)
    return np.asarray(panel).copy(), np.array(corner, np.float64)


def _panels(panels: list[Pixels], captions: tuple[str, ...]) -> bytes:
    size = (
        len(panels) * (_PANEL + _MARGIN) + _MARGIN,
        _PANEL + 2 * _MARGIN + _CAPTION,
    )
    canvas = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size=20)
    for number, (panel, caption) in enumerate(zip(panels, captions, strict=True)):
        left, top = _MARGIN + number * (_PANEL + _MARGIN), _MARGIN + _CAPTION
        draw.text((left, _MARGIN), caption, fill="black", font=font)
        draw.rectangle((left - 1, top - 1, left + _PANEL, top + _PANEL), outline="#b0b0b0")
        canvas.paste(Image.fromarray(panel), (left, top))
    return png(np.asarray(canvas))
