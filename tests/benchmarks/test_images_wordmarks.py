"""What the wordmark benchmark draws and counts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from benchmarks.images.choosing import Drawing
from benchmarks.images.rendering import Source
from benchmarks.images.wordmarks import FORMS, measure
from detectors.images.picture import Pixels
from detectors.observations import compile_watchlist
from namaak.brands import Brand


def wordmark(key: str) -> Drawing:
    """The key in Pillow's own typeface, 256 wide, as `render` gives it."""
    font = ImageFont.load_default(60)
    left, top, right, bottom = font.getbbox(key)
    cover = Image.new("L", (round(right - left), round(bottom - top)))
    ImageDraw.Draw(cover).text((-left, -top), key, fill=255, font=font)
    cover = cover.resize((256, round(256 * cover.height / cover.width)))
    alpha = np.asarray(cover)
    logo = np.dstack([np.full((*alpha.shape, 3), (120, 20, 60), np.uint8), alpha])
    return Drawing(source=Source(key=key, set="drawn", name="", svg="", png=b""), logo=logo)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_shows_the_whole_wordmark(form: str) -> None:
    one = wordmark("waldermond")
    drawn = FORMS[form](one)
    ink = np.abs(drawn.astype(int) - drawn[0, 0]).sum(axis=2) > 60
    assert not (ink[0].any() or ink[-1].any() or ink[:, 0].any() or ink[:, -1].any())
    shape = one.logo.shape
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(shape[1] / shape[0], rel=0.1)


def test_own_names_and_those_of_others_are_counted_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    keys = ("waldermond", "kolibrant", "tuinbouw")
    watchlist = compile_watchlist({key: Brand(name=key) for key in keys}, {})
    says = iter(["WALDERMOND", "Waldermond", None])

    def reader(pixels: Pixels) -> str | None:
        assert pixels.shape[1] > 2 * pixels.shape[0]
        return next(says, None)

    measure("strip", [wordmark(key) for key in keys], FORMS["strip"], watchlist, reader)
    line = json.loads(capsys.readouterr().out)
    assert (line["pictures"], line["asked"], line["read"]) == (3, 1.0, 0.6667)
    assert (line["own"], line["others"]) == (0.3333, 1)
    assert line["ms_asked"] >= 0
