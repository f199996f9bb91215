"""The committed examples against their labels: what matches, what would rank how high.

Each input is judged as it appears in the lists of examples/data: hosts and pictures alone, the
names of accounts without the platform, so a brand's own handle is not known as its own here
and is left out.
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

from benchmarks.judging import Judged, at_least, judge, judged
from benchmarks.measuring import emit, measured, share
from detectors.images.matching import fingerprint, match
from detectors.images.observed import match_row
from detectors.images.picture import Undecodable
from detectors.observations import Watchlist, compile_watchlist, version
from namaak.brands import read_watch_file
from namaak.decoding.reading import decoded_logos
from namaak.decoding.workers import Decoders
from namaak.enrolment import enrol
from namaak.records import Band, Field
from namaak.sources.hosts import normalise_host

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

#: One row of labels.csv: input, field, brand, kind, verdict, note.
Label = dict[str, str]


def measure_examples(folder: Path = EXAMPLES) -> None:
    """One line per verdict, field and kind, and one per verdict over all."""
    with (folder / "data" / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = [row for row in csv.DictReader(file) if not _is_own_account(row)]
    watch = read_watch_file(folder / "watch.toml")
    enrolled = enrol(watch, detectors=version())
    with measured() as spent, Decoders() as decoders:
        watchlist = compile_watchlist(enrolled.brands, decoded_logos(enrolled.logos, decoders))
        bands = [worst_band(label, folder / "data", watchlist, decoders) for label in labels]
    groups: dict[tuple[str, str, str], list[Band | None]] = {}
    for label, band in zip(labels, bands, strict=True):
        verdict = label["verdict"]
        for group in ((verdict, label["field"], label["kind"]), (verdict, "any", "any")):
            groups.setdefault(group, []).append(band)
    for (verdict, field, kind), members in sorted(groups.items()):
        matched = [band for band in members if band is not None]
        emit("examples", {
            "verdict": verdict, "field": field, "kind": kind, "inputs": len(members),
            "matched": share(len(matched), len(members)),
            **{str(least): share(sum(at_least(band, least) for band in matched), len(members))
               for least in (Band.WATCH, Band.REVIEW, Band.HIGH)},
            **(spent.columns() if field == "any" else {}),
        })  # fmt: skip


def worst_band(label: Label, folder: Path, watchlist: Watchlist, decoders: Decoders) -> Band | None:
    """The band of the brand it is about, of any brand where it is about none; None: no match.

    folder: where pictures lie. What is the brand's own counts as no match, and so does an
    input that is no host at all.
    """
    field = Field(label["field"])
    found: Sequence[Judged]
    if field is Field.IMAGE:
        data = (folder / label["input"]).read_bytes()
        found = _judge_picture(data, watchlist, decoders)
    elif field is Field.HOST:
        try:
            host = normalise_host(label["input"])
        except ValueError:
            return None
        found = list(judge([host], field, watchlist))
    else:
        found = list(judge([label["input"]], field, watchlist))
    brand = label["brand"]
    bands = [one.band for one in found
             if one.suppressed is None and brand in ("", one.brand_id)]  # fmt: skip
    return max(bands, key=list(Band).index, default=None)


def _judge_picture(data: bytes, watchlist: Watchlist, decoders: Decoders) -> list[Judged]:
    picture = decoders.decode(data)
    if isinstance(picture, Undecodable):
        return []
    made = fingerprint(picture)
    sha256 = hashlib.sha256(data).hexdigest()
    return [
        judged({**match_row(hit, made), "value": sha256, "suppressed": None}, row=0)
        for hit in match(sha256, made, watchlist.gallery)
    ]


def _is_own_account(label: Label) -> bool:
    return label["kind"] == "owned" and label["field"] != Field.HOST
