"""What a platform is asked about the brands: names to search, and what is to be looked up again.

Pure. May import: namaak.brands, namaak.sources.base.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from namaak.brands import Brand
from namaak.sources.base import Known


class Way(StrEnum):
    """How a platform is asked; each is an instance of its source, with rounds of its own."""

    SEARCH = "search"  #: for a name, in the platform's own search
    PROBE = "probe"  #: whether handles exist that a brand should fear
    KNOWN = "known"  #: again, for what is a case already
    LISTING = "listing"  #: whatever the platform shows by itself: a directory, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to ask, over as many pages as it takes."""

    way: Way
    #: What to search for; or the handles or native ids of one call.
    texts: tuple[str, ...]
    #: KNOWN: the accounts that are looked up, in the order of `texts`.
    known: tuple[Known, ...] = ()
    where: str = ""  #: country, server, or whatever else the same texts are asked of

    @property
    def key(self) -> str:
        """Says which question it is, across runs."""
        return "\0".join((self.way, self.where, *self.texts))

    def __str__(self) -> str:
        """As in `a search for "acme"`."""
        of = f" in {self.where}" if self.where else ""
        first = f"{self.texts[0]!r}" if self.texts else "what is new"
        more = f" and {len(self.texts) - 1} more" if len(self.texts) > 1 else ""
        doing = {
            Way.SEARCH: f"a search for {first}",
            Way.PROBE: f"a look-up of {first}{more}",
            Way.KNOWN: f"another look at {first}{more}",
            Way.LISTING: "a list of accounts" if not self.texts else f"the list {first}",
        }[self.way]
        return doing + of


def searches(brands: Mapping[str, Brand], *, people: bool = True) -> Iterator[str]:
    """Names to search for, each once: brands first, then aliases, then people."""
    everyone = list(brands.values())
    names: list[str] = [brand.name for brand in everyone]
    names += [alias for brand in everyone for alias in brand.aliases]
    if people:
        names += [person.name for brand in everyone for person in brand.executives]
    seen: set[str] = set()
    for name in names:
        if (folded := name.casefold()) not in seen:
            seen.add(folded)
            yield name


def in_calls(texts: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """So many at a time, as a platform's batch look-up takes them."""
    left = iter(texts)
    while call := tuple(islice(left, size)):
        yield call


def known_in_calls(known: Sequence[Known], size: int) -> Iterator[Question]:
    """Questions after native ids, or handles where there is no id, never both in one."""
    ordered = sorted(known, key=lambda one: one.subject_key)
    by_id = [one for one in ordered if one.native_id]
    by_handle = [one for one in ordered if not one.native_id and one.handle]
    for group, texts in ((by_id, "native_id"), (by_handle, "handle")):
        for first in range(0, len(group), size):
            call: Sequence[Any] = group[first : first + size]
            yield Question(
                way=Way.KNOWN,
                texts=tuple(getattr(one, texts) for one in call),
                known=tuple(call),
                where=texts,
            )
