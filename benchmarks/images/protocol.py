"""The protocol: which brands are watched, which pictures are asked about, what must not be found.

From one logos file, by fixed seeds alone: 300 references, up to 123 of them in 29 edits each, and
pictures that show none of them. The pictures are kept in a folder, under a name that changes with
everything that they hang on, so that only the first run draws them.
May import: benchmarks.images.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.images import avatars, choosing, compositing, edits, photographs, rendering
from benchmarks.images.choosing import (
    SEEDS,
    Chosen,
    Drawing,
    Part,
    choose,
    read_fitted_on,
    seeded,
)
from benchmarks.images.compositing import Rgba, jpeg, png
from benchmarks.images.edits import EDITS, Canvas, canvas
from benchmarks.images.rendering import Source, render
from benchmarks.measuring import say

QUERIED = 112  #: compact brands that are edited
QUERIED_WORDMARKS = 11
_PHOTOS = 200
_EMOJI = 500

_SCHEMA = pa.schema([
    ("what", pa.string()), ("key", pa.string()), ("note", pa.string()), ("compact", pa.bool_()),
    ("picture", pa.binary()),
])  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The one picture of a watched brand."""

    key: str
    picture: bytes
    compact: bool  #: aspect 0.5 to 2; the others are wordmarks


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A picture that shows a watched brand."""

    key: str
    edit: str  #: of EDITS; for cross-drawn ones the set
    compact: bool
    picture: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Distractor:
    """A picture that shows no watched brand."""

    kind: str
    picture: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """Pictures in a file; every iterator reads it anew."""

    file: Path
    counts: Mapping[str, int]  #: kinds of rows, and drawings left out

    @property
    def references(self) -> list[Reference]:
        return [
            Reference(key=row["key"], picture=row["picture"], compact=row["compact"])
            for row in self._rows("reference")
        ]

    def queries(self) -> Iterator[Query]:
        return self._queries("query")

    def cross_drawn(self) -> Iterator[Query]:
        """The watched brands as other hands drew them; compact as the drawing is."""
        return self._queries("cross-drawn")

    def distractors(self) -> Iterator[Distractor]:
        return self._distractors("distractor")

    def default_avatars(self) -> Iterator[Distractor]:
        return self._distractors("avatar")

    def _queries(self, what: str) -> Iterator[Query]:
        for row in self._rows(what):
            yield Query(key=row["key"], edit=row["note"], compact=row["compact"],
                        picture=row["picture"])  # fmt: skip

    def _distractors(self, what: str) -> Iterator[Distractor]:
        for row in self._rows(what):
            yield Distractor(kind=row["note"], picture=row["picture"])

    def _rows(self, what: str) -> Iterator[Mapping[str, Any]]:
        with pq.ParquetFile(self.file) as opened:
            for group in range(opened.num_row_groups):
                # Written one kind after the other: most groups are passed over by statistics.
                held = opened.metadata.row_group(group).column(0).statistics
                if held.min <= what <= held.max:
                    for row in opened.read_row_group(group).to_pylist():
                        if row["what"] == what:
                            yield row


def build(
    file: Path,
    cache: Path,
    part: Part = "test",
    share: float = 1.0,
    emoji: Path | None = None,
) -> Protocol:
    """The protocol of a logos file, from the cache folder where it is there already.

    share: of the edited brands and of the distractors, for trials; references are always all.
    emoji: a folder of SVG files, or an Iconify `icons.json`, that joins the distractors.
    """
    name = f"{part}-{_digest(file, part, share, emoji)}.parquet"
    kept = cache / name
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = cache / f".{name}.{os.getpid()}"
        say(f"Drawing the pictures of part {part}.")
        _write(made, _Making(choose(file, part), share, emoji))
        made.rename(kept)
    with pq.ParquetFile(kept) as opened:
        counts = json.loads(opened.metadata.metadata[b"counts"])
    return Protocol(file=kept, counts=counts)


def _digest(file: Path, part: Part, share: float, emoji: Path | None) -> str:
    made = hashlib.sha256(f"{part} {share} {emoji} {sorted(read_fitted_on())}".encode())
    made.update(file.read_bytes())
    # The programs that draw are part of what is drawn.
    for module in (avatars, choosing, compositing, edits, photographs, rendering):
        made.update(Path(module.__file__ or "").read_bytes())
    made.update(Path(__file__).read_bytes())
    made.update(b"svg" if rendering.HAS_SVG else b"png")
    return made.hexdigest()[:16]


Row = tuple[str, str, str, bool, bytes]


def _write(path: Path, making: _Making) -> None:
    with pq.ParquetWriter(path, _SCHEMA, compression="none") as writer:
        for what in (making.references, making.queries, making.distractors,
                     making.cross_drawn, making.avatars):  # fmt: skip
            waiting: list[Row] = []
            for row in what():
                waiting.append(row)
                if len(waiting) == 500:
                    _flush(writer, waiting)
            _flush(writer, waiting)
        writer.add_key_value_metadata({"counts": json.dumps(making.counts)})


def _flush(writer: pq.ParquetWriter, rows: list[Row]) -> None:
    if rows:
        columns = zip(*rows, strict=True)
        writer.write_table(pa.table(list(map(list, columns)), schema=_SCHEMA))
        rows.clear()


class _Making:
    """Draws; what is drawn hangs on the seed and each picture's own name alone."""

    def __init__(self, chosen: Chosen, share: float, emoji: Path | None) -> None:
        self.chosen, self.share, self.emoji = chosen, share, emoji
        self.counts = dict(chosen.counts)

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _random(self, *names: object) -> random.Random:
        return seeded(SEEDS[self.chosen.part], *names)

    def _taken(self, *names: object) -> bool:
        """Of the share that is asked for."""
        return self.share >= 1 or self._random("share", *names).random() < self.share

    def _canvas(self, drawing: Drawing) -> Canvas:
        return canvas(drawing.logo, self.chosen.part)

    def references(self) -> Iterator[Row]:
        for key, drawing in self.chosen.gallery.items():
            self._count("references")
            picture = jpeg(self._canvas(drawing).picture, 85)
            yield "reference", key, drawing.source.set, drawing.compact, picture

    def queries(self) -> Iterator[Row]:
        for compact, most in ((True, QUERIED), (False, QUERIED_WORDMARKS)):
            keys = [key for key, one in self.chosen.gallery.items() if one.compact == compact]
            self._random("queried", compact).shuffle(keys)
            for key in sorted(keys[:most]):
                if self._taken("query", key):
                    yield from self._edited(key, self.chosen.gallery[key])

    def _edited(self, key: str, drawing: Drawing) -> Iterator[Row]:
        given = self._canvas(drawing)
        for name, edit in EDITS.items():
            self._count("queries")
            made = edit(given, self._random(drawing.source.id, name))
            yield "query", key, name, drawing.compact, made

    def distractors(self) -> Iterator[Row]:
        """Logos first: every other one after a random edit."""
        for at, drawing in enumerate(self.chosen.strangers):
            if self._taken("distractor", drawing.source.id):
                yield self._stranger(at, f"logo: {drawing.source.set}", drawing.source.id,
                                     drawing.logo)  # fmt: skip
        for at, (name, logo) in enumerate(self._emoji()):
            if self._taken("distractor", name):
                yield self._stranger(at, "emoji", name, logo)
        kinds = {**avatars.DISTRACTORS, "photo": (avatars.photo(self.chosen.part), _PHOTOS)}
        yield from self._drawn("distractor", kinds)

    def _stranger(self, at: int, kind: str, name: str, logo: Rgba) -> Row:
        self._count("distractors")
        chosen = self._random(name, "as a distractor")
        edit = chosen.choice(list(EDITS)) if at % 2 else "unchanged"
        made = EDITS[edit](canvas(logo, self.chosen.part), chosen)
        return "distractor", name, kind, True, made

    def _emoji(self) -> Iterable[tuple[str, Rgba]]:
        if self.emoji is None:
            return
        drawn = dict(_svgs(self.emoji))
        names = sorted(drawn)
        self._random("emoji").shuffle(names)
        for name in sorted(names[:_EMOJI]):
            logo = render(Source(key=name, set="emoji", name=name, svg=drawn[name], png=b""))
            if logo is None:
                self._count("emoji left out")
            else:
                yield f"emoji.{name}", logo

    def _drawn(self, what: str, kinds: Mapping[str, tuple[avatars.Drawn, int]]) -> Iterator[Row]:
        for kind, (draw, count) in kinds.items():
            for number in range(count):
                if what == "avatar" or self._taken(what, kind, number):
                    self._count(f"{what}s")
                    made = png(draw(self._random(what, kind, number)))
                    yield what, f"{kind} {number}", kind, True, made

    def cross_drawn(self) -> Iterator[Row]:
        for key, drawings in self.chosen.others.items():
            for drawing in drawings:
                self._count("cross-drawn")
                picture = png(self._canvas(drawing).picture)
                yield "cross-drawn", key, drawing.source.set, drawing.compact, picture

    def avatars(self) -> Iterator[Row]:
        return self._drawn("avatar", avatars.DEFAULTS)


def _svgs(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every drawing of a folder of SVG files or of an Iconify set."""
    packed = folder / "icons.json"
    if not packed.exists():
        for path in sorted(folder.glob("*.svg")):
            yield path.stem, path.read_text(encoding="utf-8")
        return
    held = json.loads(packed.read_text(encoding="utf-8"))
    for name, icon in held["icons"].items():
        wide = icon.get("width", held.get("width", 16))
        high = icon.get("height", held.get("height", 16))
        yield name, (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}">'
                     f'{icon["body"]}</svg>')  # fmt: skip
