"""Reading one log from where it was left: what is asked, in which order, and what proves it.

Each batch is proved before it is given: the hashes of its leaves, added to the compact range of
all before them, must be how the tree of the signed head begins. So a backlog of many batches is
as good as its last one, and whoever is killed between two of them goes on from a proof. A new
head must begin with the one before it. Where it does not, the log has shown two histories, or one
that it did not sign: reading stops, and both heads are kept for others to see.

Nothing is asked but the head while that does not grow and all is read. A tile at the end that is
not full is left until it is; where that takes too long, it is read as it is, and again at most as
often as the watch file says.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.transparency,
namaak.sources.base, namaak.sources.certificates.*.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from namaak.errors import Failure, SourceError
from namaak.fetch import Attempt
from namaak.records import OBSERVATION_SCHEMA, Trust
from namaak.sources.base import Batch, Gap, Head, IntegrityError, Reject
from namaak.sources.certificates.access import ForkError, Proofs
from namaak.sources.certificates.log_list import Log
from namaak.sources.certificates.progress import KnownHead, Progress, signed_at
from namaak.sources.certificates.rows import LeafColumns, observations_of
from namaak.sources.certificates.ways import Ways
from namaak.transparency.heads import HeadError, TreeHead, checkpoint_key_id
from namaak.transparency.merkle import CompactRange, MerkleError
from namaak.transparency.tile_paths import TILE_WIDTH

#: A log signs anew well before its maximum merge delay is over; past it by so much, it is late.
_STALE_MARGIN = timedelta(hours=1)
#: A log that gives little at once is stored at least so often, at the cost of a proof each time.
_MOST_BATCH_S = 120.0
#: Rows and rejects of a batch, behind which it ends: 64 tiles hold a tenth of it where nobody
#: stuffs certificates with names.
_MOST_BATCH_WEIGHT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How much of a log is read, and how much at once."""

    backlog: int | None  #: entries before the head at the first start; None: from the beginning
    entries_per_batch: int  #: a multiple of 256
    entries_per_run: int | None
    seconds_per_run: float | None
    partial_after: timedelta  #: how long a tile may stay partial before it is read as it is


class LogReading:
    """One run over one log."""

    def __init__(
        self,
        log: Log,
        ways: Ways,
        terms: Terms,
        *,
        source: str,
        start: int,
        progress: Progress,
        observed_at: datetime,
        clock: Callable[[], float],
    ) -> None:
        """clock: seconds, for `Terms.seconds_per_run` alone."""
        self._log = log
        self._ways = ways
        self._access = ways.first()
        self._terms = terms
        self._source = source
        self._start = start
        self._progress = progress
        self._observed_at = observed_at
        self._clock = clock
        self._position = start
        #: The head of the run before, and whether that of now is known to begin with it.
        self._earlier = None if progress.head is None else progress.head.tree_head()
        self._followed = self._earlier is None
        self._missed = False
        self._answered = False
        #: What no batch has carried yet.
        self._new_head: Head | None = None
        self._attempts: list[Attempt] = []

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """Everything that may be read now. Raises as `Source.batches` does.

        Attempts that failed come before the error, as a batch of their own. A retired log owes
        nobody an answer: one that gives none has nothing to read.
        """
        if self._log.final_size is not None and self._start >= self._log.final_size:
            return
        try:
            async with aclosing(self._proved()) as found:
                async for batch in found:
                    yield batch
        except SourceError as error:
            self._attempts += self._access.take_attempts()
            self._new_head = None  # whatever it says, it was not proved
            if self._attempts:
                yield self._batch(end=self._position)
            if self._log.state == "retired" and not self._answered and not _contradicts(error):
                return
            raise

    async def _proved(self) -> AsyncGenerator[Batch, None]:
        deadline = self._clock() + (self._terms.seconds_per_run or float("inf"))
        head = await self._fetch_head()
        self._answered = True
        if self._earlier is not None and head.size < self._earlier.size:
            # Signed before the one we know: some cache is behind, and takes nothing back.
            self._new_head = self._head(head, "older")
            # A cache that stays behind, or a log that went back for good, looks no different.
            self._is_late(head)
            yield self._batch(end=self._position)
            return
        self._followed |= self._earlier is not None and head.size == self._earlier.size
        self._meet(head)
        proofs = self._access.proofs(head)
        try:
            known = await self._join(head, proofs)
            if known.size > self._position:
                yield self._gap(known, head)
            async with aclosing(self._stretches(known, head, proofs, deadline)) as stretches:
                async for batch in stretches:
                    yield batch
        except ForkError as error:
            raise self._contradiction(f"its tree {error}", head, "fork") from None
        except MerkleError as error:
            if (parted := await self._parted(proofs)) is not None:
                raise self._contradiction(
                    f"its tree of {head.size} entries has another past, which parts from the one "
                    f"that was read somewhere before entry {parted}",
                    head,
                    "fork",
                ) from None
            raise self._contradiction(
                f"what it serves is not what it signed, the tree {error}", head, "mismatch"
            ) from None

    async def _parted(self, proofs: Proofs) -> int | None:
        """The end of what was read, where the log proves another beginning by its own hashes.

        Such a log serves what it signs: it signed two histories.
        """
        known = self._progress.compact_range()
        if known is None or not known.size:
            return None
        try:
            told = await proofs.join(known.size)
        except (MerkleError, SourceError):
            return None
        return None if told.root() == known.root() else known.size

    # -- heads -------------------------------------------------------------------------------

    async def _fetch_head(self) -> TreeHead:
        content = await self._access.fetch_head()
        try:
            head = self._access.read_head(content)
        except HeadError as error:
            if error.kind == "bad-signature":
                text = content.decode("utf-8", "backslashreplace")
                # No root of it is believed; two such heads are told apart by what they say.
                digest = hashlib.sha256(content).hexdigest()
                unsigned = Head(
                    size=0, root=digest, signed_at=None, text=text, verdict=error.kind,
                    key_id=self._key_id,
                )  # fmt: skip
                raise IntegrityError(
                    f"The tree head of {self._log.description} {error}.", self._both(unsigned)
                ) from None
            raise SourceError(
                f"The tree head of {self._log.description} {error}; nothing was read."
            ) from None
        self._compare(head)
        return head

    def _compare(self, head: TreeHead) -> None:
        """Hold a head against the one before it and the final one. Raises IntegrityError."""
        log, earlier = self._log, self._earlier
        if head.size == log.final_size and log.final_root not in (None, head.root):
            raise self._contradiction(
                f"its tree of {head.size} entries is another one than the list of logs calls final",
                head,
                "fork",
            )
        if earlier is None:
            return
        if head.size == earlier.size and head.root != earlier.root:
            raise self._contradiction(f"it signed two trees of {head.size} entries", head, "fork")
        if head.size < earlier.size and head.timestamp_ms >= earlier.timestamp_ms:
            raise self._contradiction(
                f"it shrank from {earlier.size} to {head.size} entries", head, "shrunken"
            )

    def _contradiction(self, what: str, head: TreeHead, verdict: str) -> IntegrityError:
        return IntegrityError(
            f"{self._log.description} contradicts itself: {what}.",
            self._both(self._head(head, verdict)),
        )

    def _both(self, head: Head) -> tuple[Head, ...]:
        if self._earlier is None or self._earlier.text == head.text:
            return (head,)
        # A word of its own: a good head makes way for the next of its day, evidence never does.
        return (self._head(self._earlier, "contradicted"), head)

    def _head(self, head: TreeHead, verdict: str) -> Head:
        return Head(
            size=head.size,
            root=head.root.hex(),
            signed_at=signed_at(head.timestamp_ms),
            text=head.text,
            verdict=verdict,
            key_id=self._key_id,
        )

    @property
    def _key_id(self) -> str:
        log = self._log
        if log.origin is None:
            return log.log_id.hex()
        return checkpoint_key_id(log.origin, log.key).hex()

    def _meet(self, head: TreeHead) -> None:
        """Keep a head that is new or late with the next batch; a late one is told as well."""
        if self._is_late(head):
            self._new_head = self._head(head, "stale")
        elif self._earlier is None or head.size != self._earlier.size:
            self._new_head = self._head(head, "verified")

    def _is_late(self, head: TreeHead) -> bool:
        """Whether a head is older than its log promises; one that is goes among the attempts."""
        signed = signed_at(head.timestamp_ms)
        promised = timedelta(seconds=self._log.mmd_s)
        closed = self._log.final_size is not None or self._log.state in ("readonly", "retired")
        if closed or signed is None or self._observed_at - signed <= promised + _STALE_MARGIN:
            return False
        self._attempts.append(
            Attempt(
                url=self._log.read_url,
                failure=Failure.STALE,
                status=None,
                says=f"the tree head was signed at {signed:%Y-%m-%d %H:%M} UTC, and the log "
                f"promises that none is older than {promised}",
                at=self._observed_at,
            )
        )
        return True

    # -- ranges ------------------------------------------------------------------------------

    async def _join(self, head: TreeHead, proofs: Proofs) -> CompactRange:
        """The proved range of what was read, or at the first start of what is left out."""
        try:
            known = self._progress.compact_range()
        except MerkleError as error:
            raise SourceError(
                f"What the lake keeps of {self._log.description} is damaged: its range {error}."
            ) from None
        if known is not None and known.size == self._position:
            return known
        if self._position > head.size:
            raise SourceError(
                f"{self._log.description} has {head.size} entries, and {self._position} were read; "
                "nothing more was."
            )
        start, backlog = self._position, self._terms.backlog
        if start == 0 and backlog is not None:
            start = self._access.joinable(head.size - backlog, head.size)
        return await proofs.join(start)

    def _gap(self, known: CompactRange, head: TreeHead) -> Batch:
        gap = Gap(
            start=self._position,
            end=known.size,
            reason=f"reading began {head.size - known.size} entries before the head",
        )
        # Its proof reaches the head, so the head is known from here on.
        return self._batch(end=known.size, known=known, head=head, gaps=(gap,))

    def _stop(self, head: TreeHead) -> int:
        """How far may be read now."""
        size, full = head.size, head.size // TILE_WIDTH * TILE_WIDTH
        since = self._progress.waiting_since
        waited = (
            since is not None
            and self._progress.waiting_tile == size // TILE_WIDTH
            and self._observed_at - since >= self._terms.partial_after
        )
        if not self._access.waits_for_full_tiles or size == self._log.final_size or waited:
            full = size
        if self._terms.entries_per_run is not None:
            # To the end of a tile: half of one costs as much.
            tiles = -(-(self._position + self._terms.entries_per_run) // TILE_WIDTH)
            full = min(full, tiles * TILE_WIDTH)
        return full

    async def _stretches(
        self, known: CompactRange, head: TreeHead, proofs: Proofs, deadline: float
    ) -> AsyncGenerator[Batch, None]:
        """The batches between the cursor and the end. Raises MerkleError."""
        stop = self._stop(head)
        if self._position < stop:
            self._access = await self._ways.choose(self._position, head)
            stop = self._stop(head)
        if self._position >= stop:
            await self._prove_unread(known, head, proofs)
            # Nothing new is worth no row; a late head and failed attempts are.
            self._attempts += self._access.take_attempts()
            if self._new_head is not None or self._attempts:
                yield self._batch(end=self._position, known=known, head=head)
            return
        if self._access.trust is not Trust.VERIFIED:
            await self._follow_earlier(known, proofs)
        while self._position < stop:
            aligned = self._position // self._terms.entries_per_batch + 1
            end = min(stop, aligned * self._terms.entries_per_batch)
            columns = LeafColumns()
            until = min(deadline, self._clock() + _MOST_BATCH_S)
            known, failure = await self._read(known, end, head, columns, proofs, until)
            await proofs.begins_with(known)
            await self._follow_earlier(known, proofs)
            yield self._batch(end=known.size, known=known, head=head, columns=columns)
            if failure is not None:
                raise failure
            if self._clock() > deadline:
                return

    async def _prove_unread(self, known: CompactRange, head: TreeHead, proofs: Proofs) -> None:
        """Prove a head of which nothing can be read yet."""
        if self._earlier is None:
            if self._progress.head is None:
                await proofs.begins_with(known)
        else:
            await self._follow_earlier(known, proofs)

    async def _follow_earlier(self, known: CompactRange, proofs: Proofs) -> None:
        """That the head follows the one before it, where reading did not show it already.

        Raises ForkError.
        """
        if self._missed:
            raise _fork(self._earlier)
        if not self._followed and self._earlier is not None:
            await proofs.follows(self._earlier, known)
            self._followed = True

    async def _read(
        self,
        known: CompactRange,
        end: int,
        head: TreeHead,
        columns: LeafColumns,
        proofs: Proofs,
        until: float,
    ) -> tuple[CompactRange, SourceError | None]:
        """Leaves up to `end`, or as far as they came: the range behind them, and what failed.

        until: by the clock; the piece that was begun is taken. As far, too, where the names
        become too many for one batch.
        """
        known = known.copy()
        reached = self._position
        failure: SourceError | None = None
        try:
            leaves = self._access.leaves(reached, end, head, columns)
            async with aclosing(leaves) as pieces:
                async for reached, hashes in pieces:  # noqa: B007 - used behind the loop
                    if hashes is not None:
                        self._grow(known, hashes)
                    if self._clock() > until or columns.weight > _MOST_BATCH_WEIGHT:
                        break
        except SourceError as error:
            if reached == self._position:
                raise
            # What came before counts: a slow log that stumbles is not read twice.
            failure = error
        if known.size < reached:
            known = await proofs.grown(known, reached)
        return known, failure

    def _grow(self, known: CompactRange, hashes: list[bytes]) -> None:
        """Add leaves, and hold the range against the earlier head where it passes that."""
        if not self._followed and not self._missed and self._earlier is not None:
            ahead = self._earlier.size - known.size
            if ahead <= len(hashes):
                known.extend(hashes[:ahead])
                # If these leaves lead to the new head all the same, that is a fork; if not, they
                # are none of the log's. So it is not told before the new head was tried.
                self._missed = known.root() != self._earlier.root
                self._followed = not self._missed
                hashes = hashes[ahead:]
        known.extend(hashes)

    # -- batches -----------------------------------------------------------------------------

    def _batch(
        self,
        *,
        end: int,
        known: CompactRange | None = None,
        head: TreeHead | None = None,
        columns: LeafColumns | None = None,
        gaps: tuple[Gap, ...] = (),
    ) -> Batch:
        """From the cursor to `end`. known, head: what is proved from now on."""
        start, self._position = self._position, end
        if known is not None and head is not None:
            self._progress = self._progress.model_copy(
                update={
                    "range": known.dump(),
                    "head": KnownHead.of(head),
                    **self._waiting(start, end, head),
                }
            )
        table = OBSERVATION_SCHEMA.empty_table()
        rejects: tuple[Reject, ...] = ()
        if columns is not None:
            table, rejects = observations_of(
                columns,
                source=self._source,
                instance=self._log.log_id.hex(),
                observed_at=self._observed_at,
                trust=self._access.trust,
            )
        attempts, self._attempts = self._attempts, []
        attempts += self._access.take_attempts()
        new_head, self._new_head = self._new_head, None
        return Batch(
            instance_id=self._log.log_id.hex(),
            start=start,
            end=end,
            observations=table,
            rejects=rejects,
            skipped=0 if columns is None else columns.skipped,
            images={},
            last=False,
            state=self._ways.noted(self._progress).model_dump_json(),
            gaps=gaps,
            heads=() if new_head is None else (new_head,),
            attempts=tuple(attempts),
        )

    def _waiting(self, start: int, end: int, head: TreeHead) -> dict[str, object]:
        """Since when the tile at the end of the tree is known and not full."""
        tile = head.size // TILE_WIDTH
        full = tile * TILE_WIDTH
        if not self._access.waits_for_full_tiles or full == head.size:
            return {"waiting_tile": None, "waiting_since": None}
        if self._progress.waiting_tile == tile and not (start < end and end > full):
            return {}
        return {"waiting_tile": tile, "waiting_since": self._observed_at}


def _contradicts(error: SourceError) -> bool:
    return error.failure is Failure.INTEGRITY


def _fork(earlier: TreeHead | None) -> ForkError:
    entries = 0 if earlier is None else earlier.size
    return ForkError(f"does not begin with the {entries} entries that were signed before")
