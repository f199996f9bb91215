"""Drawings of a logos file as pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.images import rendering
from benchmarks.images.rendering import LONGEST, Source, from_png, own_colour, render

needs_svg = pytest.mark.skipif(not rendering.HAS_SVG, reason="resvg_py is not installed")


def source(svg: str = "", png: bytes = b"") -> Source:
    return Source(key="acme", set="devicon", name="acme", svg=svg, png=png)


def svg(body: str, box: str = "0 0 100 100") -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'


def on_white(width: int = 128, height: int = 128) -> bytes:
    """A dark red bar on white, half as high as wide."""
    made = np.full((height, width, 3), 255, np.uint8)
    made[40:80, 20:100] = (30, 20, 160)
    return cv2.imencode(".png", made)[1].tobytes()


@needs_svg
def test_a_drawing_is_tight_and_its_longest_side_is_256() -> None:
    drawn = render(source(svg('<path fill="#f00" d="M40 45h20v10h-20z"/>')))
    assert drawn is not None
    assert drawn.shape[1] == LONGEST and abs(drawn.shape[0] - LONGEST // 2) <= 2
    assert drawn[3:-3, 3:-3, 3].min() >= 250
    assert tuple(drawn[60, 128, :3]) == (255, 0, 0)


@needs_svg
def test_a_tall_drawing_is_as_sharp_as_a_wide_one() -> None:
    drawn = render(source(svg('<path fill="#00f" d="M0 0h10v400h-10z"/>', "0 0 200 400")))
    assert drawn is None  # 40 times as high as wide
    drawn = render(source(svg('<path fill="#00f" d="M0 0h100v400h-100z"/>', "0 0 200 400")))
    assert drawn is not None and drawn.shape == (256, 64, 4)


@needs_svg
def test_a_drawing_without_colour_gets_its_keys_colour() -> None:
    wanted = own_colour("acme")
    for body in ('<path d="M0 0h90v90h-90z"/>', '<path fill="currentColor" d="M0 0h90v90h-90z"/>'):
        drawn = render(source(svg(body)))
        assert drawn is not None
        assert "#" + bytes(drawn[99, 99, :3]).hex() == wanted


@needs_svg
@pytest.mark.parametrize("text", [svg(""), "<svg", "no drawing", svg('<path d="M0 0"/>')])
def test_what_cannot_be_drawn_falls_back_to_the_png_or_is_left_out(text: str) -> None:
    assert render(source(text)) is None
    drawn = render(source(text, on_white()))
    assert drawn is not None and drawn.shape == (128, 256, 4)


def test_a_png_on_white_gets_its_alpha_from_the_distance_to_white() -> None:
    drawn = from_png(on_white())
    assert drawn is not None
    assert drawn.shape == (128, 256, 4)
    assert tuple(drawn[64, 128]) == (160, 20, 30, 255)


def test_a_white_or_damaged_png_is_left_out() -> None:
    blank = cv2.imencode(".png", np.full((20, 20, 3), 255, np.uint8))[1].tobytes()
    assert from_png(blank) is None
    assert render(source(png=blank)) is None
    assert from_png(b"no picture") is None


def test_colours_of_keys_differ_and_stay() -> None:
    assert len({own_colour(f"key{at}") for at in range(50)}) > 45
    assert own_colour("acme") == own_colour("acme")
