"""The image detector: which edits of a logo it sees through, and how often it errs.

    python -m benchmarks.images --data DIR [--queries 120]

279 logos serve as references, one drawing each, chosen with a fixed seed. JSON lines:
- `recall`: per edit, the share of 120 references whose edited picture matches within the
  detector's threshold with the right logo first (`recall`), and where another logo came first
  (`wrong_first`).
- `another-hand`: the same logos as other people drew them; no edit, but no copy either.
- `false-alarms`: pictures of other brands, as they are and with one random edit each, that match
  any of the references: per picture, not per comparison.
- `speed`: pictures decoded and hashed per second of one core.
May import: benchmarks, detectors.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.drawings import Drawing, read_drawings, references
from benchmarks.edits import EDITS
from benchmarks.measuring import emit, measured, say, share
from detectors.images.matching import NEAR_BITS, Logo, Undecodable, enrol, fingerprint, match_image

_SEED = 20261121
_REFERENCES = 279


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one picture gave."""

    first: str | None  #: the nearest logo's key; None without a match
    gated: bool
    undecodable: bool


def edited(drawing: Drawing, edit: str) -> bytes:
    """The drawing after the edit, as PNG; the same bytes every time."""
    with Image.open(io.BytesIO(drawing.png)) as opened:
        plain = opened.convert("RGB").resize((256, 256), Image.Resampling.BICUBIC)
    # One random source per picture and edit: adding an edit changes none of the others.
    seed = zlib.crc32(f"{drawing.file_name}/{edit}/{_SEED}".encode())
    packed = io.BytesIO()
    EDITS[edit](plain, random.Random(seed)).save(packed, "PNG")  # noqa: S311 - reproducible
    return packed.getvalue()


def answer(data: bytes, logos: Sequence[Logo]) -> Answer:
    """The detector's own threshold and gates."""
    made = fingerprint(data)
    if isinstance(made, Undecodable):
        return Answer(first=None, gated=False, undecodable=True)
    # No file here is a reference's own: the digest must not decide.
    hits = match_image("", made, logos)
    return Answer(
        first=hits[0].brand_id if hits else None, gated=made.gated is not None, undecodable=False
    )


def split(drawings: Sequence[Drawing]) -> tuple[list[Drawing], list[Drawing], list[Drawing]]:
    """(references, the same logos by other hands, drawings of all other logos)."""
    chosen = references(drawings)
    keys = set(random.Random(_SEED).sample(sorted(chosen), min(_REFERENCES, len(chosen))))  # noqa: S311
    gallery = [chosen[key] for key in sorted(keys)]
    others = [one for one in drawings if one.key in keys and one is not chosen[one.key]]
    return gallery, others, [one for one in drawings if one.key not in keys]


def emit_recall(edit: str, measure: str, pairs: Iterable[tuple[str, Answer]]) -> None:
    """pairs: the right key, and what came of the picture."""
    known = list(pairs)
    emit(measure, {
        "edit": edit, "pictures": len(known),
        "recall": share(sum(one.first == key for key, one in known), len(known)),
        "wrong_first": share(sum(one.first not in (key, None) for key, one in known), len(known)),
        "gated": share(sum(one.gated for _, one in known), len(known)),
    })  # fmt: skip


def emit_false_alarms(pictures: str, answers: Sequence[Answer], references_: int) -> None:
    """answers: of pictures that show none of the references."""
    emit("false-alarms", {
        "pictures": pictures, "count": len(answers), "references": references_,
        "per_picture": share(sum(one.first is not None for one in answers), len(answers)),
        "gated": share(sum(one.gated for one in answers), len(answers)),
    })  # fmt: skip


def measure(data: Path, queries: int) -> None:
    """All lines."""
    gallery, other_hands, strangers = split(read_drawings(data))
    logos = [made for one in gallery
             if isinstance(made := enrol(one.key, one.file_name, one.png), Logo)]  # fmt: skip
    enrolled = {logo.brand_id for logo in logos}
    emit("references", {"logos": len(logos), "refused": len(gallery) - len(logos),
                        "near_bits": NEAR_BITS})  # fmt: skip
    asked = [one for one in gallery if one.key in enrolled][:queries]
    for edit in EDITS:
        emit_recall(edit, "recall", ((one.key, answer(edited(one, edit), logos)) for one in asked))
    emit_recall("drawn by another hand", "another-hand",
                ((one.key, answer(one.png, logos)) for one in other_hands))  # fmt: skip
    with measured() as spent:
        plain = [answer(one.png, logos) for one in strangers]
    emit_false_alarms("as they are", plain, len(logos))
    chosen = random.Random(_SEED)  # noqa: S311 - reproducible
    names = [chosen.choice(list(EDITS)) for _ in strangers]
    emit_false_alarms(
        "with one edit each",
        [answer(edited(one, edit), logos) for one, edit in zip(strangers, names, strict=True)],
        len(logos),
    )
    emit("speed", {"pictures": len(plain), "pixels": "128 x 128",
                   "pictures_per_cpu_s": spent.per_cpu_s(len(plain)),
                   **spent.columns()})  # fmt: skip


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--queries", type=int, default=120, help="references to edit; default 120")
    given = parser.parse_args()
    say("A minute or so.")
    measure(given.data, given.queries)
    return 0


if __name__ == "__main__":
    sys.exit(main())
