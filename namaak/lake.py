"""The lake: everything ever observed, in Parquet, counted exactly once.

A batch is written to a temporary name, flushed to the disk and renamed; then one transaction
of the manifest counts it in, moves the cursor and names its file of hashes. Killed before that
transaction, the batch is fetched again and overwrites itself; after it, it is never fetched
again. A file that the manifest does not name does not count. Matches are kept the same way,
so that a batch is matched once per brand, and again only for brands that are new or changed.

May import: namaak.records, namaak.errors, namaak.batches, namaak.durable, namaak.seen,
namaak.coverage, namaak.manifest, namaak.sqlfiles.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from namaak import durable, seen
from namaak.batches import Attempt, Batch, Head
from namaak.coverage import MOST_REJECTS, Coverage, read_coverage
from namaak.errors import Failure, LakeError, SourceError
from namaak.manifest import open_manifest, storing, transaction, write_parquet
from namaak.records import MATCH_SCHEMA, OBSERVATION_SCHEMA, PICTURE_SCHEMA, PictureOutcome
from namaak.sqlfiles import statement

_KEY_BYTES = 32
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Code points of a head that are kept; a true one has a few thousand.
_MOST_HEAD_TEXT = 64 << 10
_STORED_SCHEMA = OBSERVATION_SCHEMA.append(pa.field("first_seen", pa.bool_(), nullable=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far an instance was read."""

    next_position: int
    complete: bool
    state: str | None = None  #: what the source wants back to go on
    stopped: str | None = None  #: why nothing may be read on until a person says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a batch added."""

    batch_id: str
    rows: int
    first_seen_rows: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Batches still to be matched, and against which brands."""

    brands: tuple[str, ...]
    batch_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFile:
    """What matching a batch gave, for the brands that were not matched with it again since."""

    name: str
    batch_id: str
    number: int  #: of the detection; counts per batch
    brands: tuple[str, ...]
    path: Path | None  #: None: nothing resembled any of them


class Lake:
    """One folder. Open one per thread; processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        """Make or open the lake. Raises LakeError when the folder cannot be written."""
        self.folder = folder
        with storing(folder):
            for part in ("observations", "matches", "pictures", "images", "seen", "rejects"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            self._key = self._read_key()
        self._db = open_manifest(folder, "schema")
        self._lock = filelock.FileLock(folder / "append.lock", timeout=600)

    def close(self) -> None:
        """Let go of the manifest."""
        self._db.close()

    def __enter__(self) -> Lake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- gathering ---------------------------------------------------------------------------

    def cursor(self, source: str, instance: str) -> Cursor:
        """Where to go on; the start for an instance never read."""
        row = self._db.execute(statement("lake/cursor"), (source, instance)).fetchone()
        next_position, complete, state = row or (0, 0, None)
        stop = self._db.execute(statement("lake/stopped"), (source, instance)).fetchone()
        return Cursor(
            next_position=next_position,
            complete=bool(complete),
            state=state,
            stopped=stop[0] if stop else None,
        )

    def append(
        self,
        batch: Batch,
        *,
        source: str,
        label: str,
        gathered_at: datetime,
        after: Cursor | None = None,
    ) -> Counted | None:
        """Store a batch, count it in and move the cursor; None when another run was first.

        after: the cursor that the batch was read from. A source may learn something where its
        position stays, so that the position alone does not tell whether another run was first.
        None, too, when the instance was stopped meanwhile. Raises LakeError (disk full, no
        rights); nothing is then counted or half-written.
        """
        with storing(self.folder), self._lock:
            self._merge_segments()
            cursor = self.cursor(source, batch.instance_id)
            if cursor.next_position != batch.start or cursor.stopped is not None:
                return None
            if after is not None and cursor.state != after.state:
                return None
            if batch.start == batch.end:
                with transaction(self._db):
                    self._move(batch, source, label, gathered_at)
                return Counted(batch_id="", rows=0, first_seen_rows=0, rejected=0)
            # Names of instances are strangers' text; a digest is safe in a file name.
            instance = hashlib.sha256(batch.instance_id.encode()).hexdigest()[:16]
            batch_id = f"{source}-{instance}-{batch.start:012d}-{batch.end:012d}"
            for sha256, data in batch.images.items():
                self._store_image(sha256, data)
            if batch.rejects:
                self._store_rejects(batch_id, source, batch)
            hashes = seen.hash_names(_identities(batch.observations), self._key)
            fresh = seen.first_seen(hashes, self._segments("segments"))
            # What left the lake and is back is no news, and must be matched like news: brands may
            # have been added since.
            back = seen.first_seen(hashes, ()) & seen.among(
                hashes, self._segments("forgotten_segments")
            )
            observations = batch.observations.append_column(
                _STORED_SCHEMA.field(-1), [fresh | back]
            )
            write_parquet(observations, self._observations(batch_id))
            new_hashes = np.unique(hashes[fresh])
            if len(new_hashes):
                durable.replace(
                    self._segment_path(batch_id),
                    lambda path: seen.write_segment(path, new_hashes),
                )
            now = gathered_at.isoformat()
            counted = Counted(
                batch_id=batch_id,
                rows=observations.num_rows,
                first_seen_rows=int(fresh.sum()),
                rejected=len(batch.rejects),
            )
            with transaction(self._db):
                self._db.execute(
                    statement("lake/insert_batch"),
                    (batch_id, source, batch.instance_id, label, batch.start, batch.end,
                     counted.rows, counted.first_seen_rows, counted.rejected, batch.skipped, now),
                )  # fmt: skip
                if len(new_hashes):
                    self._db.execute(statement("lake/insert_segment"), (batch_id, len(new_hashes)))
                self._db.executemany(
                    statement("lake/insert_batch_trust"),
                    [(batch_id, *pair) for pair in _trusted_rows(batch.observations)],
                )
                self._move(batch, source, label, gathered_at)
            return counted

    def _move(self, batch: Batch, source: str, label: str, at: datetime) -> None:
        """Move the cursor and keep what came with the batch. Within a transaction."""
        instance, now = batch.instance_id, at.isoformat()
        self._db.execute(
            statement("lake/set_cursor"), (source, instance, label, batch.end, batch.last, now)
        )
        if batch.state is not None:
            self._db.execute(statement("lake/set_state"), (source, instance, batch.state))
        self._db.executemany(
            statement("lake/insert_gap"),
            [(source, instance, label, gap.start, gap.end, gap.reason, now) for gap in batch.gaps],
        )
        self._keep_heads(batch.heads, source, instance, now)
        self._count_attempts(batch.attempts, source, instance, label)

    def _keep_heads(self, heads: Sequence[Head], source: str, instance: str, now: str) -> None:
        for head in heads:
            signed_at = head.signed_at.isoformat() if head.signed_at else None
            kept = self._db.execute(
                statement("lake/insert_head"),
                (source, instance, head.size, head.root, head.verdict, signed_at, now,
                 head.key_id, _shortened(head.text)),
            )  # fmt: skip
            if kept.rowcount:  # one that came before makes none of this day superfluous
                self._db.execute(
                    statement("lake/thin_heads"),
                    {"source": source, "instance": instance, "verdict": head.verdict,
                     "received_at": now, "size": head.size, "root": head.root},
                )  # fmt: skip

    def _count_attempts(
        self, attempts: Sequence[Attempt], source: str, instance: str, label: str
    ) -> None:
        for attempt in attempts:
            at = attempt.at.isoformat()
            self._db.execute(
                statement("lake/count_attempt"),
                (source, instance, label, str(attempt.failure), attempt.status or 0, at[:10],
                 attempt.url, attempt.says, at),
            )  # fmt: skip

    def record_failure(
        self,
        error: SourceError,
        *,
        source: str,
        instance: str,
        label: str,
        at: datetime,
        heads: Sequence[Head] = (),
        attempts: Sequence[Attempt] = (),
    ) -> None:
        """Keep why an instance could not be read; one of integrity stops it. The cursor stays."""
        with storing(self.folder), transaction(self._db):
            self._count_attempts(attempts, source, instance, label)
            now = at.isoformat()
            self._db.execute(
                statement("lake/count_attempt"),
                (source, instance, label, str(error.failure), 0, now[:10], "", str(error), now),
            )
            self._keep_heads(heads, source, instance, now)
            # An instance that was never read is known from now on, at its start.
            self._db.execute(statement("lake/know_instance"), (source, instance, label, now))
            if error.failure is Failure.INTEGRITY:
                self._db.execute(
                    statement("lake/insert_stop"),
                    {"source": source, "instance": instance, "why": str(error), "at": now},
                )

    def resume(self, source: str, instance: str, *, actor: str, at: datetime) -> bool:
        """Let a stopped instance go on; False when it is not stopped. Who said so is kept."""
        given = {"source": source, "instance": instance, "actor": actor, "at": at.isoformat()}
        with storing(self.folder), transaction(self._db):
            return self._db.execute(statement("lake/lift_stops"), given).rowcount > 0

    def signed_heads(self, source: str, instance: str) -> list[dict[str, Any]]:
        """The heads that are kept, latest first, with their text as it was received."""
        found = self._db.execute(statement("lake/signed_heads"), (source, instance))
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
        for row in rows:
            for name in ("signed_at", "received_at"):
                row[name] = row[name] and datetime.fromisoformat(row[name])
        return rows

    def _segments(self, table: str) -> list[seen.Hashes]:
        """table: "segments" or "forgotten_segments"."""
        rows = self._db.execute(statement(f"lake/{table}")).fetchall()
        return [self._segment(name) for name, _ in rows]

    def _merge_segments(self, table: str = "segments", prefix: str = "merged") -> None:
        """Keep the files of hashes few. Killed anywhere, either the old or the new ones count."""
        rows = self._db.execute(statement(f"lake/{table}")).fetchall()
        due = seen.due_for_merge([hashes for _, hashes in rows])
        if not due:
            return
        one = table.removesuffix("s")
        names = [rows[index][0] for index in due]
        merged = f"{prefix}-" + hashlib.sha256("\n".join(names).encode()).hexdigest()[:24]
        parts = [self._segment(name) for name in names]
        durable.replace(self._segment_path(merged), lambda path: seen.merge_segments(parts, path))
        with transaction(self._db):
            for name in names:
                self._db.execute(statement(f"lake/delete_{one}"), (name,))
            self._db.execute(
                statement(f"lake/insert_{one}"), (merged, sum(len(part) for part in parts))
            )
        for name in names:
            self._segment_path(name).unlink(missing_ok=True)

    # -- detecting ---------------------------------------------------------------------------

    def pending(self, fingerprints: Mapping[str, str]) -> list[Work]:
        """fingerprints: brand id to what decides its matches, detector versions included.

        Every batch with the brands it was not yet matched against as they are now, grouped by
        brands.
        """
        sets = self._watch_sets()
        last: dict[str, dict[str, str]] = {}
        for batch_id, _, set_id, _ in self._db.execute(statement("lake/detections")):
            # Later rows win: a brand set back to what it was must be matched again.
            last.setdefault(batch_id, {}).update(sets.get(set_id, {}))
        groups: dict[tuple[str, ...], list[str]] = {}
        for batch_id, matched in last.items():
            brands = tuple(
                brand
                for brand, fingerprint in sorted(fingerprints.items())
                if matched.get(brand) != fingerprint
            )
            if brands:
                groups.setdefault(brands, []).append(batch_id)
        return [Work(brands=brands, batch_ids=tuple(ids)) for brands, ids in groups.items()]

    def _watch_sets(self) -> dict[str, dict[str, str]]:
        """Set to brand to fingerprint."""
        sets: dict[str, dict[str, str]] = {}
        for set_id, brand, fingerprint in self._db.execute(statement("lake/watch_sets")):
            sets.setdefault(set_id, {})[brand] = fingerprint
        return sets

    def observations(self, batch_id: str, *, first_seen_only: bool = True) -> pa.Table:
        """OBSERVATION_SCHEMA. Raises LakeError when the file is missing or damaged."""
        path = self._observations(batch_id)
        try:
            table = pq.read_table(path, partitioning=None)
        except (OSError, pa.ArrowInvalid) as error:
            raise LakeError(
                f"The batch {path} cannot be read ({error}); restore it from a backup, the "
                "manifest counts it."
            ) from None
        if first_seen_only:
            table = table.filter(table["first_seen"])
        return _with_all_columns(table, OBSERVATION_SCHEMA)

    def record_matches(
        self,
        batch_id: str,
        fingerprints: Mapping[str, str],
        matches: pa.Table,
        *,
        pictures: pa.Table,
        detected_at: datetime,
        faint: Mapping[str, int] | None = None,
    ) -> None:
        """Store what a batch gave; for these brands it replaces what it gave before.

        pictures: PICTURE_SCHEMA, of the batch; those already described under the same detector
        are not stored again. faint: per brand, names that resemble it too faintly to be among
        the matches. Raises LakeError, also for what is no SHA-256; nothing is then counted.
        """
        set_id = _set_id(fingerprints)
        # The files are written within the transaction: two runs that describe the same picture
        # at the same time would otherwise both find it unknown. Under the lock, so that nobody
        # forgets a row while it turns out to be evidence.
        with storing(self.folder), self._lock, transaction(self._db):
            found = self._db.execute(statement("lake/next_detection"), (batch_id,)).fetchone()
            number = int(found[0])
            if matches.num_rows:
                write_parquet(matches.cast(MATCH_SCHEMA), self._matches(batch_id, number))
            self._describe(pictures, batch_id, number)
            self._db.executemany(
                statement("lake/insert_watch_set"),
                [(set_id, brand, fp) for brand, fp in fingerprints.items()],
            )
            counted = [(batch_id, number, *pairs) for pairs in (faint or {}).items()]
            self._db.executemany(statement("lake/insert_faint_pairs"), counted)
            self._db.execute(
                statement("lake/insert_detection"),
                (batch_id, number, set_id, matches.num_rows, detected_at.isoformat()),
            )

    def _describe(self, pictures: pa.Table, batch_id: str, number: int) -> None:
        """Store those pictures that the lake does not have under this detector yet.

        One that could not be decoded is tried whenever it is seen again, because a time limit or
        a missing file may be to blame: another outcome replaces it, the same is not stored twice.
        """
        named = pictures.select(["image_sha256", "detector", "outcome", "reason"])
        fresh = []
        for row in named.group_by(named.column_names).aggregate([]).to_pylist():
            sha256, detector, outcome, reason = row.values()
            if not _SHA256.fullmatch(sha256):
                raise LakeError(f"{sha256!r} is not the SHA-256 of a picture.")
            found = self._db.execute(statement("lake/picture_outcome"), (sha256, detector))
            known = found.fetchone()
            again = known and known[0] == PictureOutcome.UNDECODABLE and known != (outcome, reason)
            if known is None or again:
                fresh.append((sha256, detector, outcome, reason, batch_id, number))
        if not fresh:
            return
        keys = pc.binary_join_element_wise(pictures["image_sha256"], pictures["detector"], "\0")
        wanted = pa.array([f"{sha256}\0{detector}" for sha256, detector, *_ in fresh])
        rows = pictures.filter(pc.is_in(keys, wanted)).cast(PICTURE_SCHEMA)
        write_parquet(rows, self._pictures(batch_id, number))
        self._db.executemany(statement("lake/insert_picture"), fresh)
        self._db.execute(statement("lake/insert_picture_file"), (batch_id, number, len(fresh)))

    def match_files(self) -> list[MatchFile]:
        """What counts, in the order in which batches came, of one batch the latest last."""
        sets = self._watch_sets()
        counted: dict[str, set[str]] = {}
        files = []
        for batch_id, number, set_id, matches in reversed(
            self._db.execute(statement("lake/detections")).fetchall()
        ):
            if set_id is None:
                continue
            later = counted.setdefault(batch_id, set())
            brands = tuple(sorted(set(sets[set_id]) - later))
            later.update(brands)
            if brands:
                files.append(
                    MatchFile(
                        name=f"{batch_id}.{number:04d}",
                        batch_id=batch_id,
                        number=number,
                        brands=brands,
                        path=self._matches(batch_id, number) if matches else None,
                    )
                )
        return files[::-1]

    def matches(self, file: MatchFile) -> pa.Table:
        """MATCH_SCHEMA, of the file's brands. Raises LakeError when it is missing or damaged."""
        if file.path is None:
            return MATCH_SCHEMA.empty_table()
        try:
            table = _with_all_columns(pq.read_table(file.path, partitioning=None), MATCH_SCHEMA)
        except (OSError, pa.ArrowInvalid) as error:
            raise LakeError(
                f"The matches {file.path} cannot be read ({error}); restore them from a backup."
            ) from None
        return table.filter(pc.is_in(table["brand_id"], pa.array(file.brands, pa.string())))

    def faint(self, file: MatchFile) -> dict[str, int]:
        """Per brand of the file, names that resemble it too faintly to be kept as a match."""
        rows = self._db.execute(statement("lake/faint_pairs"), (file.batch_id, file.number))
        return {brand: pairs for brand, pairs in rows if brand in file.brands}

    # -- looking up --------------------------------------------------------------------------

    def observation_files(self) -> list[Path]:
        """The Parquet files that count, oldest first, for reading across batches."""
        return [
            self._observations(row[0]) for row in self._db.execute(statement("lake/all_batches"))
        ]

    def picture_files(self) -> list[Path]:
        """The same of described pictures: of one picture the rows of the last file count."""
        return [self._pictures(*row) for row in self._db.execute(statement("lake/picture_files"))]

    def picture_outcomes(self) -> pa.Table:
        """outcome, reason ("" for hashed), pictures: what became of them, commonest first."""
        rows = self._db.execute(statement("lake/picture_outcomes")).fetchall()
        names = _OUTCOME_SCHEMA.names
        return pa.Table.from_pylist(
            [dict(zip(names, row, strict=True)) for row in rows], schema=_OUTCOME_SCHEMA
        )

    def read_image(self, sha256: str) -> bytes | None:
        """The original bytes; None when the lake does not hold them."""
        try:
            return self._image(sha256).read_bytes()
        except FileNotFoundError:
            return None

    def observation(
        self, source: str, instance: str, position: int, *, subject_key: str | None = None
    ) -> dict[str, Any] | None:
        """One observation as it was seen; None when the lake does not hold it.

        subject_key: of this subject, where several stand at that place, as the names of one
        certificate do; of the first one where this one does not.
        """
        row = self._db.execute(
            statement("lake/batch_holding"), (source, instance, position, position)
        ).fetchone()
        if row is None:
            return None
        table = self.observations(row[0], first_seen_only=False)
        found = table.filter(pc.equal(table["position"], position)).to_pylist()
        own = (one for one in found if one["subject_key"] == subject_key)
        return next(own, found[0] if found else None)

    def coverage(self, *, most_rejects: int = MOST_REJECTS) -> Coverage:
        """What was read, what was not and why, for the casebook."""
        return read_coverage(self._db, self._rejects, most_rejects=most_rejects)

    def totals(self) -> dict[str, int]:
        """batches, rows, first_seen_rows, rejected."""
        found = self._db.execute(statement("lake/totals"))
        names = [column[0] for column in found.description]
        return dict(zip(names, found.fetchone(), strict=True))

    # -- forgetting --------------------------------------------------------------------------

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nothing is stored, matched or forgotten by others meanwhile: keep it short."""
        with storing(self.folder), self._lock:
            yield

    def batches_to_examine(
        self, *, before: datetime, examined_before: datetime
    ) -> list[tuple[str, str]]:
        """(batch_id, source) of matched batches older than `before` that may hold bystanders."""
        given = {"before": before.isoformat(), "examined_before": examined_before.isoformat()}
        found = self._db.execute(statement("lake/batches_to_examine"), given)
        return [(batch_id, source) for batch_id, source in found]

    def files_since(self, at: datetime) -> list[Path]:
        """Observation files of the batches that were gathered at that time or later."""
        found = self._db.execute(statement("lake/batches_since"), (at.isoformat(),))
        return [self._observations(row[0]) for row in found]

    def observation_file(self, batch_id: str) -> Path:
        """Where the rows of a batch lie."""
        return self._observations(batch_id)

    def all_match_files(self) -> list[Path]:
        """Also those that later detections replaced."""
        return [self._matches(*row) for row in self._db.execute(statement("lake/matched_files"))]

    def forget(
        self,
        going: Mapping[str, Sequence[int]],
        waiting: Mapping[str, int],
        *,
        strip: Collection[str],
        at: datetime,
    ) -> None:
        """Take rows out of batches, by their places in the files. Call it within `alone`.

        going: batch_id to places, which must have been found under the same lock. waiting: how
        many bystanders stay for now. strip: batches whose refused rows keep their reason and lose
        their text. Their pictures are put down for `forget_pictures`. Killed anywhere and done
        again, the same is gone and the same is counted.
        """
        self._remember_forgotten(going)
        for batch_id, places in going.items():
            path = self._observations(batch_id)
            table = pq.read_table(path, partitioning=None)
            if places:
                gone = table.take(pa.array(places, pa.int64()))
                with transaction(self._db):
                    self._db.executemany(
                        statement("lake/insert_forgotten_picture"),
                        [(sha256,) for sha256 in _pictures_of(gone)],
                    )
                keep = np.ones(len(table), bool)
                keep[np.asarray(places)] = False
                table = table.filter(pa.array(keep))
                write_parquet(table, path)
            if batch_id in strip:
                self._strip_rejects(batch_id)
            given = {"batch_id": batch_id, "remaining": len(table),
                     "waiting": waiting.get(batch_id, 0), "at": at.isoformat()}  # fmt: skip
            with transaction(self._db):
                self._db.execute(statement("lake/record_forgetting"), given)

    def _remember_forgotten(self, going: Mapping[str, Sequence[int]]) -> None:
        """Keep hashes of what is about to go: should it come back, it is matched again."""
        parts = []
        for batch_id, places in going.items():
            if not places:
                continue
            rows = pq.read_table(self._observations(batch_id), partitioning=None)
            gone = rows.take(pa.array(places, pa.int64()))
            gone = _with_all_columns(gone.filter(gone["first_seen"]), OBSERVATION_SCHEMA)
            parts.append(seen.hash_names(_identities(gone), self._key))
        hashes = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.uint64)
        if not len(hashes):
            return
        name = f"forgotten-{hashlib.sha256(hashes.tobytes()).hexdigest()[:24]}"
        durable.replace(self._segment_path(name), lambda path: seen.write_segment(path, hashes))
        with transaction(self._db):
            self._db.execute(statement("lake/insert_forgotten_segment"), (name, len(hashes)))
        self._merge_segments("forgotten_segments", "forgotten-merged")

    def _strip_rejects(self, batch_id: str) -> None:
        """Keep that rows were refused, where and why, and not what stood in them."""
        path = self._rejects(batch_id)
        if not path.exists():
            return
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        kept = "".join(
            json.dumps({**line, "excerpt": ""}, ensure_ascii=False) + "\n" for line in lines
        ).encode()
        durable.replace(path, lambda temporary: durable.write_bytes(temporary, kept))

    def forget_pictures(self, still_shown: Callable[[list[str]], Collection[str]]) -> int:
        """Delete pictures of forgotten rows that nothing shows any more. Returns how many.

        still_shown: which of these digests any row shows. Nothing is stored meanwhile.
        """
        deleted = 0
        with self.alone():
            found = self._db.execute(statement("lake/forgotten_pictures")).fetchall()
            candidates = [row[0] for row in found]
            shown = set(still_shown(candidates)) if candidates else set()
            for sha256 in candidates:
                if sha256 not in shown and self._image(sha256).exists():
                    self._image(sha256).unlink()
                    deleted += 1
                self._db.execute(statement("lake/delete_forgotten_picture"), (sha256,))
        return deleted

    def forgotten(self) -> tuple[int, int]:
        """Rows of bystanders that are gone, and that wait because they are shown to this day."""
        gone, waiting = self._db.execute(statement("lake/forgotten_totals")).fetchone()
        return gone, waiting

    # -- files -------------------------------------------------------------------------------

    def _read_key(self) -> bytes:
        path = self.folder / "seen" / "key"
        if not path.exists():
            own = path.with_name(f"key.{os.getpid()}.{threading.get_ident()}.part")
            durable.write_bytes(own, secrets.token_bytes(_KEY_BYTES))
            own.chmod(0o600)
            # Whole or not at all, and the first one wins: the others read the winner's.
            with contextlib.suppress(FileExistsError):
                os.link(own, path)
            own.unlink()
            durable.flush_folder(path.parent)
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise LakeError(
                f"The key of seen names {path} is damaged; restore it from a backup, or every "
                "name counts as new."
            )
        return key

    def _observations(self, batch_id: str) -> Path:
        return self.folder / "observations" / f"{batch_id}.parquet"

    def _matches(self, batch_id: str, number: int) -> Path:
        return self.folder / "matches" / f"{batch_id}.{number:04d}.parquet"

    def _pictures(self, batch_id: str, number: int) -> Path:
        return self.folder / "pictures" / f"{batch_id}.{number:04d}.parquet"

    def _rejects(self, batch_id: str) -> Path:
        return self.folder / "rejects" / f"{batch_id}.jsonl"

    def _segment_path(self, name: str) -> Path:
        return self.folder / "seen" / f"{name}.npy"

    def _segment(self, name: str) -> seen.Hashes:
        try:
            return seen.open_segment(self._segment_path(name))
        except (OSError, ValueError) as error:
            raise LakeError(
                f"The file of seen names {self._segment_path(name)} cannot be read ({error}); "
                "restore it from a backup."
            ) from None

    def _image(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise LakeError(f"{sha256!r} is not the SHA-256 of a picture.")
        return self.folder / "images" / sha256[:2] / sha256

    def _store_image(self, sha256: str, data: bytes) -> None:
        path = self._image(sha256)
        if path.exists():
            return
        path.parent.mkdir(exist_ok=True)
        durable.replace(path, lambda temporary: durable.write_bytes(temporary, data))

    def _store_rejects(self, batch_id: str, source: str, batch: Batch) -> None:
        lines = (
            json.dumps(
                {"source": source, "instance": batch.instance_id, "position": reject.position,
                 "reason": reject.reason, "excerpt": reject.excerpt},
                ensure_ascii=False,
            )
            for reject in batch.rejects
        )  # fmt: skip
        data = "".join(line + "\n" for line in lines).encode("utf-8", "replace")
        durable.replace(
            self._rejects(batch_id), lambda temporary: durable.write_bytes(temporary, data)
        )


_OUTCOME_SCHEMA = pa.schema(
    [("outcome", pa.string()), ("reason", pa.string()), ("pictures", pa.int64())]
)


def _identities(observations: pa.Table) -> list[str]:
    """What makes an observation new: the subject, or anything about it that is matched."""
    matched = ("subject_key", "handle", "display_name", "image_sha256")
    columns = [pc.fill_null(observations[name], "") for name in matched]
    joined = pc.binary_join_element_wise(*columns, "\0")
    # Added where there is one: names that were seen before these were matched keep their hashes.
    for name in ("bio", "banner_sha256"):
        if observations[name].null_count < len(observations):
            more = pc.binary_join_element_wise(joined, observations[name], f"\0{name}\0")
            joined = pc.coalesce(more, joined)
    identities: list[str] = joined.to_pylist()
    return identities


def _pictures_of(rows: pa.Table) -> list[str]:
    """SHA-256 of all pictures that these rows show."""
    shown = ("image_sha256", "banner_sha256", "screenshot_sha256")
    columns = [name for name in shown if name in rows.column_names]
    return [sha256 for name in columns for sha256 in pc.unique(rows[name].drop_null()).to_pylist()]


def _shortened(text: str) -> str:
    """A head as it was received; of one too long for any the beginning, and that it is one."""
    if len(text) <= _MOST_HEAD_TEXT:
        return text
    return f"{text[:_MOST_HEAD_TEXT]}\n[cut here: {len(text):,} characters were received]\n"


def _trusted_rows(observations: pa.Table) -> list[tuple[str, int]]:
    """How many rows of each kind of trust, where any is said."""
    counts = pc.value_counts(observations["trust"]).to_pylist()
    return [(pair["values"], pair["counts"]) for pair in counts if pair["values"] is not None]


def _with_all_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The schema; columns that an older version did not write are null."""
    for field in schema:
        if field.nullable and field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(len(table), field.type))
    return table.select(schema.names).cast(schema)


def _set_id(fingerprints: Mapping[str, str]) -> str:
    material = json.dumps(sorted(fingerprints.items()))
    return hashlib.sha256(material.encode()).hexdigest()[:16]
