"""What was told of each name and until when it holds, and which names the next batch is about.

The lake counts what is stored; this file only saves questions. So that a killed run loses and
repeats nothing, the names of a batch are written down before the first is asked, and each answer
when it comes: started again, the same batch goes on with the same names. Lost or deleted, names
are asked again, and nothing else happens.
May import: namaak.errors, namaak.resolving.existence, namaak.sqlfiles.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from namaak.errors import Failure, SourceError
from namaak.resolving.existence import Examined, Existence
from namaak.sqlfiles import statement

#: However short-lived an answer is, no name is asked again sooner.
_SHORTEST = timedelta(hours=1)
#: Names of which nobody told are asked again after an hour, then two, ... up to a day.
_FIRST_RETRY, _LAST_RETRY = timedelta(hours=1), timedelta(days=1)
#: What is due since so long belongs to names that nobody asks about any more.
_FORGOTTEN_AFTER = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was told of a name before."""

    examined: Examined
    due_at: datetime
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The names of one batch, in the order of their positions."""

    start: int
    hosts: tuple[str, ...]
    fingerprint: str
    state: str  #: stored with the batch
    planned_at: datetime
    known: dict[str, Known]

    def holds(self, host: str, now: datetime) -> Examined | None:
        """What need not be asked: it is not due, or this very batch has asked it already."""
        known = self.known.get(host)
        if known is None:
            return None
        asked_for_this = (
            known.examined.asked_at >= self.planned_at
            and known.examined.existence is not Existence.UNKNOWN
        )
        return known.examined if known.due_at > now or asked_for_this else None


class Memory:
    """One SQLite file. A context manager. Raises SourceError where the file cannot be used."""

    def __init__(self, path: Path, *, longest: timedelta) -> None:
        """longest: an answer is not believed for longer, whatever its zone says."""
        self._path = path
        self._longest = longest

    def __enter__(self) -> Self:
        with self._telling():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self._path, timeout=60, isolation_level=None)
            try:
                self._db.executescript(statement("permutations/settings"))
                self._db.executescript(statement("permutations/schema"))
            except sqlite3.Error:
                self._db.close()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def pending(self, start: int, fingerprint: str) -> Plan | None:
        """The plan of a batch from `start` that is not stored; another one is forgotten."""
        plan = self._plan()
        if plan is not None and (plan.start, plan.fingerprint) == (start, fingerprint):
            return plan
        return None

    def plan(
        self, start: int, hosts: Sequence[str], *, fingerprint: str, state: str, now: datetime
    ) -> Plan:
        """Write down what the next batch is about, instead of what was written down before."""
        with self._telling(), self._transaction():
            self._db.execute(statement("permutations/delete_planned"))
            self._db.executemany(
                statement("permutations/insert_planned"),
                (
                    {"position": position, "host": host, "fingerprint": fingerprint,
                     "state": state, "planned_at": _number(now)}
                    for position, host in enumerate(hosts, start)
                ),
            )  # fmt: skip
        plan = self._plan()
        assert plan is not None
        return plan

    def unanswered(self, now: datetime, many: int) -> list[str]:
        """Names of which nobody told, due again by now."""
        with self._telling():
            found = self._db.execute(
                statement("permutations/unanswered"), {"now": _number(now), "many": many}
            )
            return [host for (host,) in found]

    def keep(self, examined: Examined, *, failures: int = 0) -> None:
        """failures: how often in a row nobody had told before this."""
        unknown = examined.existence is Existence.UNKNOWN
        if unknown:
            pause = min(_FIRST_RETRY * 2 ** min(failures, 10), _LAST_RETRY)
        else:
            told = timedelta(seconds=examined.ttl or 0)
            pause = max(_SHORTEST, min(told, self._longest))
        with self._telling():
            self._db.execute(
                statement("permutations/insert_answer"),
                {
                    "host": examined.host,
                    "existence": examined.existence,
                    "reason": examined.reason,
                    "asked_at": _number(examined.asked_at),
                    "due_at": _number(examined.asked_at + pause),
                    "failures": failures + 1 if unknown else 0,
                },
            )

    def forget(self, now: datetime) -> None:
        """A cycle begins: every name is asked at its place, those of no cycle are dropped."""
        with self._telling():
            self._db.execute(
                statement("permutations/forget"), {"before": _number(now - _FORGOTTEN_AFTER)}
            )

    def _plan(self) -> Plan | None:
        with self._telling():
            rows = self._db.execute(statement("permutations/plan")).fetchall()
        if not rows:
            return None
        known = {}
        for _, host, _, _, _, existence, reason, asked_at, due_at, failures in rows:
            if existence is not None:
                examined = Examined(
                    host=host, existence=Existence(existence), asked_at=_time(asked_at),
                    ttl=None, reason=reason,
                )  # fmt: skip
                known[host] = Known(examined=examined, due_at=_time(due_at), failures=failures)
        return Plan(
            start=rows[0][0],
            hosts=tuple(row[1] for row in rows),
            fingerprint=rows[0][2],
            state=rows[0][3],
            planned_at=_time(rows[0][4]),
            known=known,
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise SourceError(
                f"The memory of permutations, {self._path}, cannot be used ({error}); check the "
                "disk, or delete that file: names are asked again then.",
                Failure.MALFORMED,
            ) from None


def _number(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _time(number: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
