"""Where a picture may hold a line of text: wide drawings, cut out for somebody who can read.

A brand's name drawn in letters is like any other such drawing to those who compare shapes; what
it says is for the name detector. Reading takes a program of somebody else's, so that the reader
is passed in.
May import: detectors.images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from detectors.images.matching import Fingerprint
from detectors.images.picture import Picture, Pixels

#: (h, w, 3) RGB in, the text that stands there out; None where none can be read.
ReadText = Callable[[Pixels], str | None]

#: Width by height from which a drawing may be a line of text.
LEAST_ASPECT = 2.0
#: Regions of one picture that are read at most, likeliest first.
MOST_REGIONS = 2
#: Of the ground around a drawing, as a share of its height: tells ink from paper.
_MARGIN = 0.15
#: Lower ones hold no letters that anybody could read.
_LEAST_HEIGHT = 8


def text_in(picture: Picture, made: Fingerprint, read_text: ReadText) -> str | None:
    """What the first wide drawing of the picture says that says anything; None if gated."""
    if made.gated:
        return None
    crops = islice(wide_drawings(picture, made), MOST_REGIONS)
    return next((text for crop in crops if (text := read_text(crop))), None)


def wide_drawings(picture: Picture, made: Fingerprint) -> Iterator[Pixels]:
    """Each wider than LEAST_ASPECT, with a little ground around it, as large as there is one."""
    for number, one in enumerate(made.frames):
        pixels = one.frame.pixels
        if number == 0 and picture.large is not None:
            pixels = picture.large
        height, width = pixels.shape[:2]
        for region in one.regions:
            x, y, wide, high = region.box
            wide, high = wide * width, high * height
            if high < _LEAST_HEIGHT or wide <= LEAST_ASPECT * high:
                continue
            margin = _MARGIN * high
            left, top = max(0, round(x * width - margin)), max(0, round(y * height - margin))
            right, bottom = round(x * width + wide + margin), round(y * height + high + margin)
            yield pixels[top:bottom, left:right]
