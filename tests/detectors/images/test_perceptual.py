"""pHash(16) as imagehash makes it, and both polarities."""

from __future__ import annotations

import imagehash
import numpy as np
import pytest
from PIL import Image

from detectors.images.perceptual import as_hex, distance, pdq, phash

_PIXELS = np.random.default_rng(7).integers(0, 256, (16, 16, 3), np.uint8).repeat(8, 0).repeat(8, 1)


def test_the_digits_are_those_that_imagehash_prints() -> None:
    printed = str(imagehash.phash(Image.fromarray(_PIXELS), hash_size=16))
    assert as_hex(phash(_PIXELS)) == printed


def test_a_negative_is_near_in_the_other_polarity() -> None:
    bits, negative = distance(phash(_PIXELS), phash(255 - _PIXELS))
    assert negative and bits < 12


def test_pdq_has_a_quality() -> None:
    pytest.importorskip("pdqhash", reason="the extra pdq is not installed")
    made = pdq(_PIXELS)
    assert made is not None
    words, quality = made
    assert words.shape == (4,) and 0 <= quality <= 100
