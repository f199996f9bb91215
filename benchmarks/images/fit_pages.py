"""What a find on a page is worth: fits `page_scores.toml` on logos that are tested nowhere.

Synthetic pages of the fit part are searched as the product searches them. The limit is the score
that no page without a watched logo reached; the evidence is how much oftener pages with the logo
reach it, one half of a page added to both counts.
May import: benchmarks, detectors.
"""

from __future__ import annotations

import math
from pathlib import Path

from benchmarks.images.choosing import choose
from benchmarks.images.compositing import jpeg, png
from benchmarks.images.edits import canvas
from benchmarks.images.pages import FINDERS, judge, shown_pages
from benchmarks.measuring import say

_PAGES = 200


def make_pages(logos: Path, out: Path) -> None:
    """Writes out. logos: file as logos.parquet."""
    chosen = choose(logos, "fit")
    finder = FINDERS["ours"]()
    finder.enrol([jpeg(canvas(one.logo, "fit").picture, 85) for one in chosen.gallery.values()])
    outcomes = []
    for shown in shown_pages(chosen, "fit", _PAGES):
        outcomes.append(judge(shown, finder.find(png(shown.page.pixels))))
    without = [one.wrong for one in outcomes if one.shown.logo < 0]
    right = [one.right for one in outcomes if one.shown.logo >= 0]
    limit = max(without)
    hits = sum(score > limit for score in right)
    share_with, share_without = (hits + 0.5) / (len(right) + 1), 0.5 / (len(without) + 1)
    out.write_text(
        "\n".join([
            "# Made by `python -m benchmarks.images fit --logos FILE`; not edited by hand.",
            f"# On {len(without)} pages without a watched logo none reached the limit; of "
            f"{len(right)} with one, {hits} did.",
            f"match_from = {math.ceil(limit * 100) / 100}  # score of `inside.find_inside`",
            f"llr = {math.log(share_with / share_without):.2f}",
            "",
        ]),
        encoding="utf-8",
    )  # fmt: skip
    say(f"{out.name}: {hits} of {len(right)} logos above {limit:.2f}")
