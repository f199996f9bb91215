"""How far a round of questions is, in words that outlast a run.

A round asks every question once. What is answered is remembered, what failed is asked again by the
next run, and what failed thrice is given up for this round, which is told. A question of many pages
goes on at the page where the last run stopped. Questions come and go between runs (a brand more, a
case more): those answered stay answered, new ones are asked in the round that is going on.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

#: A question that failed in so many runs is left out until the next round.
MOST_FAILURES = 3
#: Digests of one question's profiles that are kept to tell a page that comes twice.
_MOST_TOLD = 20_000


def short(key: str) -> str:
    """12 hex digits that stand for a question."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A question whose pages are not all read."""

    key: str  #: see `short`
    cursor: str | None = None  #: the platform's own, for the next page
    pages: int = 0
    told: tuple[str, ...] = ()  #: digests of the profiles that its pages gave


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The state of one instance between two batches."""

    number: int = 0  #: counted from 1
    began: datetime | None = None
    finished: frozenset[str] = frozenset()
    failures: Mapping[str, int] = field(default_factory=dict)
    unfinished: Unfinished | None = None
    #: What the round before did not come to, where rounds end with the day: see `on`.
    left: frozenset[str] = frozenset()

    @classmethod
    def read(cls, state: str | None) -> Round:
        """What an earlier batch has left, or the state before the first."""
        if state is None:
            return cls()
        kept: dict[str, Any] = json.loads(state)
        at = kept["unfinished"]
        return cls(
            number=kept["number"],
            began=kept["began"] and datetime.fromisoformat(kept["began"]),
            finished=frozenset(kept["finished"]),
            failures=kept["failures"],
            unfinished=at and Unfinished(**{**at, "told": tuple(at["told"])}),
            left=frozenset(kept.get("left", ())),
        )

    def written(self) -> str:
        """As `read` reads it; the same round is written the same."""
        at = self.unfinished
        return json.dumps(
            {
                "number": self.number,
                "began": self.began and self.began.isoformat(),
                "finished": sorted(self.finished),
                "failures": dict(sorted(self.failures.items())),
                "unfinished": at
                and {
                    "key": at.key,
                    "cursor": at.cursor,
                    "pages": at.pages,
                    "told": list(at.told),
                },
                **({"left": sorted(self.left)} if self.left else {}),
            }
        )

    def on(
        self, day: datetime, keys: Iterable[str], *, every: timedelta, in_full: bool = True
    ) -> Round:
        """Itself, or the next round: when all is answered and `every` has passed since it began.

        in_full: otherwise it need not all be answered: what was not is first in the next round, so
        that no crowd of questions keeps others from being asked again.
        """
        if self.began is None:
            return Round(number=1, began=day)
        left = frozenset(map(short, keys)) - self.finished
        over = not (left and in_full)
        # A clock that was set back must not silence a source for ever.
        due = not timedelta() <= day - self.began < every
        return Round(number=self.number + 1, began=day, left=left) if over and due else self

    def is_finished(self, key: str) -> bool:
        """Whether this round needs no answer to the question any more."""
        return short(key) in self.finished

    def has_begun(self, key: str) -> bool:
        """Whether some of its pages are read and others are not."""
        return self.unfinished is not None and self.unfinished.key == short(key)

    def turn(self, key: str) -> tuple[bool, bool, bool, int]:
        """What to order questions by: what failed waits behind what did not.

        One that was begun is ended first, for its cursor does not keep; unless it fails there.
        """
        failures = self.failures.get(short(key), 0)
        return failures > 1, not self.has_begun(key), short(key) not in self.left, failures

    def resumed(self, key: str) -> Unfinished:
        """Where to go on with the question; its beginning where it was not begun."""
        if self.unfinished is not None and self.unfinished.key == short(key):
            return self.unfinished
        return Unfinished(key=short(key))

    def after_page(self, at: Unfinished, *, cursor: str | None, told: Iterable[str]) -> Round:
        """After a page of a question; cursor: None when it was the last one."""
        if cursor is None:
            failures = {key: times for key, times in self.failures.items() if key != at.key}
            # One that was put off in the midst of its pages goes on there when its turn comes.
            other = self.unfinished if self.unfinished and self.unfinished.key != at.key else None
            return replace(
                self, finished=self.finished | {at.key}, failures=failures, unfinished=other
            )
        kept = (*at.told, *told)[-_MOST_TOLD:]
        return replace(
            self,
            unfinished=Unfinished(key=at.key, cursor=cursor, pages=at.pages + 1, told=kept),
        )

    def after_failure(self, key: str) -> tuple[Round, bool]:
        """After a question that failed, and whether it is given up for this round.

        Otherwise it is asked again from its first page: the cursor may be what failed.
        """
        known = short(key)
        times = self.failures.get(known, 0) + 1
        given_up = times >= MOST_FAILURES
        failures = {one: n for one, n in self.failures.items() if one != known}
        return replace(
            self,
            finished=self.finished | {known} if given_up else self.finished,
            failures=failures if given_up else {**failures, known: times},
            unfinished=None if self.has_begun(key) else self.unfinished,
        ), given_up

    def put_off(self, key: str) -> Round:
        """After a question with which a run ended; it is not given up, and goes on where it was."""
        times = min(self.failures.get(short(key), 0) + 1, MOST_FAILURES - 1)
        return replace(self, failures={**self.failures, short(key): times})
