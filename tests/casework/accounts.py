"""A small world for tests of accounts: a lake, a casebook, and what the run does with both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from detectors.pages import Trait
from namaak.brands import Brand
from namaak.casework.casebook import Casebook
from namaak.casework.lifecycle import Decision
from namaak.casework.reading import CaseFile, open_snapshot, read_case, read_rows, verify_history
from namaak.lake import Lake
from namaak.portraits.identities import known_identities
from namaak.portraits.taking import take_over
from namaak.records import (
    MATCH_SCHEMA,
    OBSERVATION_SCHEMA,
    PICTURE_SCHEMA,
    Band,
    Score,
    Signal,
    account_key,
    app_key,
    case_id,
    host_key,
    match_id,
)
from namaak.wearing import worn_pictures

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BRANDS = {
    "acme": Brand(name="Acme", domains=("acme.example",)),
    "waldermond": Brand(name="Waldermond", domains=("waldermond.example",)),
}
WORDS = {"profile.few-followers": 1, "profile.links-lookalike": 3, "profile.shares-contact": 2}


@dataclass(frozen=True)
class Batch:
    observations: pa.Table
    start: int
    end: int
    instance_id: str = "one"
    rejects: tuple[Any, ...] = ()
    skipped: int = 0
    images: dict[str, bytes] = field(default_factory=dict)
    last: bool = False
    state: str | None = None
    gaps: tuple[()] = ()
    heads: tuple[()] = ()
    attempts: tuple[()] = ()


def account(
    handle: str | None = "acme_help", native: str | None = "1", *, hours: float = 0,
    platform: str = "x", **other: Any,
) -> dict[str, Any]:  # fmt: skip
    """One row of the lake."""
    return {
        "source": "x", "instance": "one", "position": 0, "subject_kind": "account",
        "observed_at": NOW + timedelta(hours=hours), "platform": platform, "native_id": native,
        "subject_key": account_key(platform, native, handle or ""), "handle": handle,
    } | other  # fmt: skip


def app(native: str = "example.acme.pay", *, hours: float = 0, **other: Any) -> dict[str, Any]:
    key = app_key("google-play", native)
    given = {"subject_kind": "app", "subject_key": key, "display_name": "Acme Pay"}
    return account(None, native, hours=hours, platform="google-play") | given | other


def host(name: str, **other: Any) -> dict[str, Any]:
    return {
        "source": "files", "instance": "one", "position": 0, "observed_at": NOW, "host": name,
        "subject_kind": "host", "subject_key": host_key(name),
    } | other  # fmt: skip


def matching(row: dict[str, Any], brand: str = "acme", **other: Any) -> dict[str, Any]:
    """The match that an observation's name gives."""
    fields = {"host": "host", "account": "handle", "app": "app"}
    value = row.get("host") or row.get("handle") or row.get("display_name")
    made = {
        "brand_id": brand, "term": brand, "value": value, "field": fields[row["subject_kind"]],
        "resemblance": "combosquat", "place": "token", "distance": 0, "strength": 0.5,
        "span_start": 0, "span_end": 4, "layers": [], "lures": [], "traits": [], "kinds": [],
        "evidence": {"expected_per_million": 1.0}, "suppressed": None, "detector": "names-1",
        "tables": "",
        **{name: row[name] for name in ("subject_key", "subject_kind", "source", "instance",
                                        "position", "observed_at")},
    } | other  # fmt: skip
    parts = ("brand_id", "subject_key", "field", "value", "term", "resemblance")
    return {"match_id": match_id([made[name] for name in parts]), **made}


def tell(profile, brand, *, official, history, now) -> Iterator[Trait]:
    """Stands for the detector: the casebook must not care what is told."""
    if (profile["followers"] or 0) < 100 and profile["followers"] is not None:
        yield Trait(name="profile.few-followers", raw=str(profile["followers"]), says="Few follow")
    if any(
        one["image_sha256"] == profile["image_sha256"]
        for one in official
        if profile["image_sha256"]
    ):
        yield Trait(name="profile.avatar-official", raw="", says=f"It wears {brand.name}'s picture")
    if len(handles := {one["handle"] for one in history}) > 1:
        yield Trait(name="profile.renamed", raw=str(len(handles)), says="It had other handles")


def rank(brand_id: str, rows: Sequence[dict[str, Any]]) -> Score:
    """Twenty for being there, and so much for each trait: readable, and it moves."""
    traits = {trait["name"]: trait for row in rows for trait in row["profile"]}
    signals = tuple(
        Signal(name=name, says=trait["says"], raw=trait["raw"], weight=1.0,
               contribution=float(WORDS.get(name, 1)), detector="test")
        for name, trait in sorted(traits.items())
    )  # fmt: skip
    points = min(100, 20 + 10 * int(sum(one.contribution for one in signals)))
    band = Band.WATCH if points < 30 else Band.REVIEW if points < 50 else Band.HIGH
    return Score(score=points, band=band, signals=signals, gates=())


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake(folder / "lake")
        self.paths = {"working": folder / "w" / "casebook.duckdb", "published": folder / "c.duckdb"}
        self.now = NOW
        # Open from the first write to the next look: publishing takes most of a test's time.
        self.open = ExitStack()
        self.book: Casebook | None = None

    def close(self) -> None:
        self.publish()
        self.lake.close()

    def publish(self) -> None:
        self.book = None
        self.open.close()

    def see(
        self, *rows: dict[str, Any], brands: Sequence[str] = ("acme",),
        matched: Sequence[dict[str, Any]] | None = None, pictured: Sequence[dict[str, Any]] = (),
    ) -> str:  # fmt: skip
        """One batch. matched: None: every row's name resembles every brand."""
        table = pa.Table.from_pylist(list(rows), schema=OBSERVATION_SCHEMA)
        start = self.lake.cursor("x", "one").next_position
        placed = table.set_column(
            table.schema.get_field_index("position"), "position",
            pa.array(range(start, start + table.num_rows), pa.int64()),
        )  # fmt: skip
        batch = Batch(placed, start, start + table.num_rows)
        counted = self.lake.append(batch, source="x", label="one", gathered_at=self.now)
        found = matched
        if found is None:
            found = [matching(row, brand) for row in rows for brand in brands]
        # As detectors/observations.py does it: a match stands where its row stands.
        places = {
            (row["subject_key"], row["observed_at"]): start + at for at, row in enumerate(rows)
        }
        found = [
            row | {"position": places.get((row["subject_key"], row["observed_at"]), start)}
            for row in found
        ]
        self.lake.record_matches(
            counted.batch_id, dict.fromkeys(BRANDS, "1"),
            pa.Table.from_pylist(list(found), schema=MATCH_SCHEMA),
            pictures=pa.Table.from_pylist(list(pictured), schema=PICTURE_SCHEMA),
            detected_at=self.now,
        )  # fmt: skip
        return counted.batch_id

    def writer(self) -> Casebook:
        if self.book is None:
            self.book = self.open.enter_context(Casebook.writing(**self.paths))
        return self.book

    def run(self, *, rank_version: str = "1", teller: str = "1", stop_after: str = "") -> None:
        """As flows/run.py does it. stop_after: be killed there."""
        names = {name: brand.name for name, brand in BRANDS.items()}
        given = {"rank": rank, "now": self.now, "rank_version": rank_version}
        book = self.writer()
        identities = known_identities(self.lake)
        book.record_brands(BRANDS, dict.fromkeys(BRANDS, "1"), now=self.now)
        book.join_accounts(identities.table(), brand_names=names, **given)
        self._killed("join", stop_after)
        worn = identities.fold_worn(worn_pictures(self.lake))
        book.record_worn_pictures(worn, brand_names=names, **given)
        files = book.not_yet_loaded(self.lake.match_files(), rank_version=rank_version)
        take_over(book, self.lake, identities, files, BRANDS, tell=tell, teller=teller, **given)
        self._killed("profiles", stop_after)
        for at, file in enumerate(files):
            book.load_matches(
                identities.fold(self.lake.matches(file)), file=file.name, brand_names=names,
                subjects={}, batch_id=file.batch_id, brands=file.brands, **given,
            )  # fmt: skip
            self._killed(f"load {at}", stop_after)
        book.record_ties(brand_names=names, **given)
        self._killed("ties", stop_after)
        book.record_campaigns()

    def _killed(self, stage: str, stop_after: str) -> None:
        if stage == stop_after:
            raise KeyboardInterrupt(stage)

    def decide(self, key: str, brand: str = "acme", **decision: Any) -> None:
        identity = case_id(brand, key)
        self.writer().decide(identity, Decision(**decision), actor="anna", now=self.now)

    @contextmanager
    def snapshot(self):
        self.publish()
        with open_snapshot(self.paths["published"]) as con:
            yield con

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with self.snapshot() as con:
            return list(read_rows(con, sql))

    def case(self, key: str, brand: str = "acme") -> CaseFile:
        with self.snapshot() as con:
            assert verify_history(con) is None
            return read_case(con, case_id(brand, key))


def kinds(case: CaseFile) -> list[str]:
    return [event["kind"] for event in case.events]
