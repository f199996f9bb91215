"""Perceptual hashes of the whole picture: imagehash's pHash(16), and PDQ where it is installed.

The base, and what a person can check with other people's tools: it finds the logo file resized,
recompressed, recoloured or inverted, and is blind to a logo moved, cropped or mirrored. A
negative flips nearly every bit (the DC term aside), so distances are taken to both polarities.
May import: detectors.images.
"""

from __future__ import annotations

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from detectors.images.picture import Pixels

Words = npt.NDArray[np.uint64]

BITS = 256


def phash(pixels: Pixels) -> Words:
    """pixels: (h, w, 3) RGB. Returns pHash(16) as four words, first bit highest."""
    hashed = imagehash.phash(Image.fromarray(pixels), hash_size=16)
    return np.packbits(hashed.hash.ravel()).view(">u8").astype(np.uint64)


def distance(one: Words, other: Words) -> tuple[int, bool]:
    """(bits of 256 that differ, whether the negative was nearer).

    >>> word = np.zeros(4, np.uint64)
    >>> distance(word, word), distance(word, ~word)
    ((0, False), (0, True))
    """
    bits = int(np.bitwise_count(one ^ other).sum())
    return (bits, False) if bits <= BITS - bits else (BITS - bits, True)


def as_hex(bits: Words) -> str:
    """64 hex digits, as imagehash prints them."""
    return "".join(f"{int(word):016x}" for word in bits)


def pdq(pixels: Pixels) -> tuple[Words, int] | None:
    """(four words, quality 0 to 100), or None where pdqhash is not installed.

    Made for recompressed and resized photographs; below a quality of 50 its bits mean little.
    """
    try:
        import pdqhash
    except ImportError:
        return None
    vector, quality = pdqhash.compute(np.ascontiguousarray(pixels))
    return np.packbits(vector.astype(bool)).view(">u8").astype(np.uint64), int(quality)
