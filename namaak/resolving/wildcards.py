"""Does a zone answer for any name? Then an answer says nothing about the name that was asked.

Pure: the labels come from the caller's random source, the answers from the resolver.
May import: namaak.resolving.answers.
"""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

from namaak.resolving.answers import Answer, Outcome

#: Long enough that nobody has registered it, short enough for every registry.
_LABEL_LETTERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcard:
    """What two names that nobody made gave under one parent."""

    parent: str
    #: ANSWERED or EMPTY: any name exists there. Else it could not be told, and why.
    outcome: Outcome
    addresses: frozenset[str] = frozenset()  #: of both names together
    aliases: frozenset[str] = frozenset()
    stable: bool = True  #: both names gave the same

    @property
    def answers_for_all(self) -> bool | None:
        """Whether any name exists there; None where it could not be told."""
        return self.outcome.exists

    def explains(self, answer: Answer) -> bool:
        """Whether any name under the parent would have got that answer.

        Where the two names got different addresses, so may every other: all are explained.
        """
        if not self.answers_for_all or answer.outcome.exists is not True:
            return False
        if answer.outcome is Outcome.EMPTY:
            return self.outcome is Outcome.EMPTY or not self.stable
        if not self.stable or set(answer.aliases) & self.aliases:
            return True
        return bool(answer.values) and set(answer.values) <= self.addresses


def random_label(rng: random.Random) -> str:
    """A label that nobody would choose."""
    return "".join(rng.choices(string.ascii_lowercase, k=_LABEL_LETTERS))


def told_wildcard(parent: str, first: Answer, second: Answer) -> Wildcard | None:
    """What two answers for random labels say. None: the zone answers only for what it holds.

    One ABSENT is proof enough; a server that fails says nothing either way.
    """
    for answer in (first, second):
        if answer.outcome is Outcome.ABSENT:
            return None
    for answer in (first, second):
        if answer.outcome.exists is None:
            return Wildcard(parent=parent, outcome=answer.outcome)
    return Wildcard(
        parent=parent,
        outcome=Outcome.ANSWERED if first.values or second.values else Outcome.EMPTY,
        addresses=frozenset(first.values + second.values),
        aliases=frozenset(first.aliases + second.aliases),
        stable=first.values == second.values,
    )
