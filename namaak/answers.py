"""What was asked about hosts and what came back, beside the lake and counted by its manifest.

Findings lie in `enrichments/*.parquet`, the bytes of answers as they came in `answers/aa/<sha256>`,
so that `sha256sum` checks them. First the bytes, then the findings that name them, each flushed and
renamed; then one transaction counts them in. Killed before it, a host is asked again; after it, it
is not. Small files are merged now and then; a merged file is deleted when the manifest names it no
more.
May import: namaak.durable, namaak.errors, namaak.manifest, namaak.records, namaak.sqlfiles.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from namaak import durable
from namaak.errors import LakeError
from namaak.manifest import open_manifest, storing, transaction, write_parquet
from namaak.records import ENRICHMENT_SCHEMA
from namaak.sqlfiles import statement

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SMALL = 5_000  #: findings of a file that is worth merging
_MOST_SMALL = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Bytes as they came."""

    content: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        """Lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The last time that one aspect of a host was asked about."""

    asked_at: datetime
    outcome: str
    due_at: datetime | None  #: when to ask again; None: only when somebody asks


class Answers:
    """The store, in the lake's folder. Open one per thread; processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        """Make or open it. Raises LakeError when the folder cannot be written."""
        self.folder = folder
        with storing(folder):
            for part in ("enrichments", "answers"):
                (folder / part).mkdir(parents=True, exist_ok=True)
        self._manifest = open_manifest(folder, "answers_schema")
        self._lock = filelock.FileLock(folder / "answers.lock", timeout=600)

    def close(self) -> None:
        """Let go of the manifest."""
        self._manifest.close()

    def __enter__(self) -> Answers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- storing -----------------------------------------------------------------------------

    def store(
        self,
        findings: pa.Table,
        answers: Iterable[Answer],
        *,
        saying: Collection[str],
        at: datetime,
    ) -> None:
        """Keep findings (ENRICHMENT_SCHEMA) and the bytes they name. Stored again: no change.

        saying: the outcomes that say something about the host. Raises LakeError (disk full, no
        rights); nothing of these findings is then counted.
        """
        if not len(findings):
            return
        findings = findings.cast(ENRICHMENT_SCHEMA)
        rows = findings.select(["subject_key", "aspect", "asked_at", "outcome", "due_at"])
        known = rows.to_pylist()
        name = _name_of(known)
        now = _text(at)
        with storing(self.folder), self._lock:
            self._merge_small()
            kept = list(answers)
            for answer in kept:
                self._keep(answer)
            write_parquet(findings, self._findings(name))
            with transaction(self._manifest):
                self._manifest.executemany(
                    statement("lake/insert_answer"),
                    [(a.sha256, a.media_type, len(a.content), now) for a in kept],
                )
                if self._is_counted(name):
                    return
                self._manifest.execute(
                    statement("lake/insert_enrichment_file"), (name, len(known), now)
                )
                self._manifest.executemany(
                    statement("lake/insert_enrichment"),
                    [
                        (row["subject_key"], row["aspect"], _text(row["asked_at"]), row["outcome"],
                         row["outcome"] in saying, row["due_at"] and _text(row["due_at"]), name)
                        for row in known
                    ],
                )  # fmt: skip

    def _is_counted(self, name: str) -> bool:
        names = self._manifest.execute(statement("lake/all_enrichment_files"))
        return any(found == name for (found,) in names)

    def _keep(self, answer: Answer) -> None:
        path = self._answer(answer.sha256)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            durable.replace(path, lambda temporary: durable.write_bytes(temporary, answer.content))

    def _merge_small(self) -> None:
        """Keep the files few. Killed anywhere, either the old ones or the new one count."""
        found = self._manifest.execute(statement("lake/small_enrichment_files"), (_SMALL,))
        names = [name for (name,) in found]
        if len(names) < _MOST_SMALL:
            return
        merged = "merged-" + hashlib.sha256("\n".join(names).encode()).hexdigest()[:24]
        table = pa.concat_tables(self._read(name) for name in names)
        write_parquet(table, self._findings(merged))
        with transaction(self._manifest):
            self._manifest.execute(
                statement("lake/insert_enrichment_file"),
                (merged, len(table), _text(datetime.now(UTC))),
            )
            for name in names:
                self._manifest.execute(statement("lake/move_enrichments"), (merged, name))
                self._manifest.execute(statement("lake/delete_enrichment_file"), (name,))
        for name in names:
            self._findings(name).unlink(missing_ok=True)

    # -- looking up --------------------------------------------------------------------------

    def last_asked(self) -> dict[str, dict[str, Asked]]:
        """subject_key to aspect to the last time it was asked."""
        last: dict[str, dict[str, Asked]] = {}
        for key, aspect, asked_at, outcome, due_at in self._manifest.execute(
            statement("lake/last_asked")
        ):
            last.setdefault(key, {})[aspect] = Asked(
                asked_at=datetime.fromisoformat(asked_at),
                outcome=outcome,
                due_at=datetime.fromisoformat(due_at) if due_at else None,
            )
        return last

    def findings(self, subject_keys: Iterable[str]) -> pa.Table:
        """All findings of these hosts, ENRICHMENT_SCHEMA, host by host, oldest first."""
        # A run beside this one may merge files between the two looks: then the second look finds
        # the merged one.
        wanted = list(dict.fromkeys(subject_keys))
        try:
            return self._findings_of(wanted)
        except FileNotFoundError:
            return self._findings_of(wanted)

    def _findings_of(self, subject_keys: list[str]) -> pa.Table:
        files: dict[str, set[str]] = {}
        for key in subject_keys:
            for *_, name in self._manifest.execute(statement("lake/findings_of"), (key,)):
                files.setdefault(name, set()).add(key)
        parts = []
        for name, keys in sorted(files.items()):
            table = self._read(name)
            parts.append(table.filter(pc.is_in(table["subject_key"], pa.array(keys, pa.string()))))
        together = pa.concat_tables([ENRICHMENT_SCHEMA.empty_table(), *parts])
        # Stored twice under two names, by runs side by side: one and the same finding.
        order = [(name, "ascending") for name in ("subject_key", "asked_at", "aspect")]
        return _without_repeats(together.sort_by(order))

    def read_answer(self, sha256: str) -> Answer | None:
        """An answer as it came; None when it is not kept."""
        found = self._manifest.execute(statement("lake/answer_type"), (sha256,)).fetchone()
        if found is None:
            return None
        try:
            return Answer(content=self._answer(sha256).read_bytes(), media_type=found[0])
        except OSError as error:
            raise LakeError(
                f"The answer {self._answer(sha256)} cannot be read ({error.strerror}); restore it "
                "from a backup, the manifest counts it."
            ) from None

    # -- deleting ----------------------------------------------------------------------------

    def old_answers(self, before: datetime) -> list[tuple[str, int, datetime]]:
        """(sha256, bytes, stored_at) of answers stored before a time, the oldest first."""
        found = self._manifest.execute(statement("lake/old_answers"), (_text(before),))
        return [(sha256, size, datetime.fromisoformat(at)) for sha256, size, at in found]

    def named_by(self, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
        """(sha256, subject_key) of every finding that names one of these answers."""
        names = [name for (name,) in self._manifest.execute(statement("lake/all_enrichment_files"))]
        digests = pa.array(sorted(wanted), pa.string())
        for name in names:
            rows = self._read(name).select(["raw_sha256", "subject_key"])
            rows = rows.filter(pc.is_in(rows["raw_sha256"], digests))
            yield from zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True)

    def forget(self, digests: Iterable[str]) -> None:
        """Delete answers as they came; killed between, the next call deletes the rest."""
        with storing(self.folder), self._lock:
            for sha256 in digests:
                self._answer(sha256).unlink(missing_ok=True)
                with transaction(self._manifest):
                    self._manifest.execute(statement("lake/delete_answer"), (sha256,))

    # -- files -------------------------------------------------------------------------------

    def _read(self, name: str) -> pa.Table:
        path = self._findings(name)
        try:
            return pq.read_table(path, partitioning=None).select(ENRICHMENT_SCHEMA.names)
        except FileNotFoundError:
            if self._is_counted(name):
                raise LakeError(
                    f"The findings {path} are missing; restore them from a backup, the manifest "
                    "counts them."
                ) from None
            raise
        except (OSError, pa.ArrowInvalid) as error:
            raise LakeError(
                f"The findings {path} cannot be read ({error}); restore them from a backup."
            ) from None

    def _findings(self, name: str) -> Path:
        return self.folder / "enrichments" / f"{name}.parquet"

    def _answer(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise LakeError(f"{sha256!r} is not the SHA-256 of an answer.")
        return self.folder / "answers" / sha256[:2] / sha256


def _name_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """The same for the same findings, so that what is stored twice overwrites itself."""
    keys = sorted((row["subject_key"], row["aspect"], _text(row["asked_at"])) for row in rows)
    digest = hashlib.sha256(repr(keys).encode()).hexdigest()[:24]
    first = min(asked_at for *_, asked_at in keys)
    return f"{re.sub(r'[^0-9T]', '', first[:19])}-{digest}"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _without_repeats(findings: pa.Table) -> pa.Table:
    keys = findings.select(["subject_key", "asked_at", "aspect"]).to_pylist()

    def first() -> Iterator[bool]:
        seen = set()
        for row in keys:
            key = (row["subject_key"], row["asked_at"], row["aspect"])
            yield key not in seen
            seen.add(key)

    return findings.filter(pa.array(list(first()), pa.bool_()))
