"""What is otherwise than it was, in words, and whether that is worth waking somebody.

What could not be told this time is no change, and never replaces what was known. Compared is with
the baseline: what stood there when it was first looked at or when a change was last told, so that
small steps add up. Each page of a host is compared with itself; what several pages show alike is
one change. What counts for how much stands in tables/changes.toml.
Pure. May import: namaak.visible.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from typing import Any

from namaak.visible import visible

Aspects = Mapping[str, Any]
#: Of strangers' text that a history holds: enough to see what it is about.
_MOST_SHOWN = 160
_OWN = ("content", "not-html")
#: Under which the aspects hold those of further pages, by address.
PAGES = "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One aspect that is otherwise. before and after: bounded, nothing hidden in them."""

    name: str  #: of tables/changes.toml
    says: str
    before: str
    after: str
    points: int
    vantage: str = ""
    address: str = ""  #: of the page, where it is another than the front page

    def in_words(self) -> str:
        """A line for people."""
        where = f" at {_shown(self.address)}" if self.address else ""
        return f"{self.says}{where}: {self.before or 'none'} -> {self.after or 'none'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """tables/changes.toml."""

    version: str
    threshold: int
    alike_percent: int
    text_some: int
    text_other: int
    picture_bits: int
    changes: Mapping[str, tuple[int, str, str]]  #: name -> points, says, why


@cache
def table() -> Table:
    """The shipped points, read once."""
    text = files("namaak.casework.followup").joinpath("tables/changes.toml").read_text("utf-8")
    read = tomllib.loads(text)
    return Table(
        version=read["version"],
        threshold=read["threshold"],
        alike_percent=read["alike_percent"],
        text_some=read["text_some"],
        text_other=read["text_other"],
        picture_bits=read["picture_bits"],
        changes={row["name"]: (row["points"], row["says"], row["why"]) for row in read["change"]},
    )


def changes(baseline: Mapping[str, Aspects], seen: Mapping[str, Aspects]) -> tuple[Change, ...]:
    """baseline, seen: vantage -> aspects. Each change once, by the first place that shows it.

    A place is compared with itself alone: sites answer differently from place to place.
    """
    found: dict[str, Change] = {}
    for vantage in sorted(baseline.keys() & seen.keys()):
        for address, old, new in _pages(baseline[vantage], seen[vantage]):
            for name, before, after in _compared(old, new):
                points, says, _ = table().changes[name]
                one = Change(
                    name=name, says=says, before=_shown(before), after=_shown(after),
                    points=points, vantage=vantage, address=address,
                )  # fmt: skip
                found.setdefault(name, one)
    return tuple(sorted(found.values(), key=lambda one: (-one.points, one.name)))


def is_enough(found: tuple[Change, ...]) -> bool:
    """Whether they reach the threshold together."""
    return sum(one.points for one in found) >= table().threshold


def carried(
    baseline: Mapping[str, Aspects], seen: Mapping[str, Aspects], *, told: bool
) -> dict[str, dict[str, Any]]:
    """The baseline after a check. told: somebody was told of what is new, which it takes over.

    Else only what was not known before is added. What could not be told stays as it was.
    """
    places = {place: dict(aspects) for place, aspects in baseline.items()}
    for place, aspects in seen.items():
        known = places.setdefault(place, {})
        places[place] = _merged(known, aspects, told=told)
        if pages := aspects.get(PAGES):
            # Of an address that is not looked at any more nothing can be compared.
            before = known.get(PAGES) or {}
            places[place][PAGES] = {
                address: _merged(before.get(address, {}), page, told=told)
                for address, page in pages.items()
            }
    return places


def _merged(known: Aspects, seen: Aspects, *, told: bool) -> dict[str, Any]:
    return {**known, **seen} if told else {**seen, **known}


def _pages(old: Aspects, new: Aspects) -> Iterator[tuple[str, Aspects, Aspects]]:
    """What is compared: the host with its front page, then each further page."""
    yield "", old, new
    before, now = old.get(PAGES) or {}, new.get(PAGES) or {}
    for address in sorted(before.keys() & now.keys()):
        yield address, before[address], now[address]


def _compared(old: Aspects, new: Aspects) -> Iterator[tuple[str, object, object]]:
    for aspect, compare in _COMPARISONS.items():
        if aspect in old and aspect in new and (name := compare(old, new)):
            shown = _SHOWN_BY.get(aspect, aspect)
            yield name, old.get(shown, old[aspect]), new.get(shown, new[aspect])


def _mail(old: Aspects, new: Aspects) -> str | None:
    before, after = set(old["mail"]), set(new["mail"])
    if not before and after:
        return "mail-begins"
    if before and not after:
        return "mail-ends"
    return "mail-moves" if before.isdisjoint(after) and before else None


def _networks(old: Aspects, new: Aspects) -> str | None:
    # An address that stayed is the same machine, whatever its range is called today.
    if set(old.get("addresses", ())) & set(new.get("addresses", ())):
        return None
    return "network-moves" if set(old["networks"]).isdisjoint(new["networks"]) else None


def _servers(old: Aspects, new: Aspects) -> str | None:
    return "servers-move" if set(old["servers"]).isdisjoint(new["servers"]) else None


def _certificate(old: Aspects, new: Aspects) -> str | None:
    return "certificate-names" if set(new["certificate"]) - set(old["certificate"]) else None


def _kind(old: Aspects, new: Aspects) -> str | None:
    before, after = old["kind"] in _OWN, new["kind"] in _OWN
    if before == after:
        return None
    return "page-begins" if after else "page-ends"


def _text(old: Aspects, new: Aspects) -> str | None:
    distance = text_distance(old["text"], new["text"])
    if distance >= table().text_other:
        return "text-other"
    return "text-some" if distance >= table().text_some else None


def _when(test: Callable[[Any, Any], bool], aspect: str, name: str) -> Callable[..., str | None]:
    return lambda old, new: name if test(old[aspect], new[aspect]) else None


def _differs(before: object, after: object) -> bool:
    return before != after


def _gains(before: list[str], after: list[str]) -> bool:
    return bool(set(after) - set(before))


def _first(before: list[str], after: list[str]) -> bool:
    return bool(after) and not before


def _begins(before: bool, after: bool) -> bool:
    return after and not before


def _ends(before: bool, after: bool) -> bool:
    return before and not after


def other_words(before: str, after: str) -> bool:
    """Whether two texts are other texts, whatever digits and letter case they have.

    >>> other_words("(3) Sign in", "(12) SIGN IN"), other_words("Coming soon", "Acme Bank: log in")
    (False, True)
    """
    one, other = _plain(before), _plain(after)
    if one == other:
        return False
    if not one or not other:
        return True
    # Not "junk": that leaves out letters that are frequent, which in a title are most of them.
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio * 100 < table().alike_percent


def other_picture(before: str, after: str) -> bool:
    """before, after: hashes of 256 bits in hexadecimal."""
    return (int(before, 16) ^ int(after, 16)).bit_count() >= table().picture_bits


def text_distance(before: str, after: str) -> int:
    """TLSH; 0 where they are the same."""
    import tlsh  # type: ignore[import-not-found]

    return int(tlsh.diff(before, after))


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\d\W_]+", " ", text.casefold()).split())


#: Aspect -> which change it is, if any. What is compared stands in `aspects`.
_COMPARISONS: Mapping[str, Callable[[Any, Any], str | None]] = {
    "mail": _mail,
    "networks": _networks,
    "servers": _servers,
    "registrar": _when(_differs, "registrar", "registrar-moves"),
    "registered": _when(_differs, "registered", "registered-anew"),
    "hold": _when(_ends, "hold", "hold-ends"),
    "certificate": _certificate,
    "issuer": _when(_differs, "issuer", "certificate-issuer"),
    "kind": _kind,
    "secrets": _when(_begins, "secrets", "asks-for-secrets"),
    "sends": _when(_gains, "sends", "sends-elsewhere"),
    "lands": _when(_differs, "lands", "lands-elsewhere"),
    "title": _when(other_words, "title", "title"),
    "text": _text,
    "icon": _when(other_picture, "icon", "icon"),
    "mentions": _when(_first, "mentions", "names-brand"),
    "handle": _when(_differs, "handle", "handle"),
    "name": _when(other_words, "name", "name"),
    "picture": _when(other_picture, "picture", "picture"),
    "words": _when(other_words, "words", "words"),
    "links": _when(_gains, "links", "links"),
}
#: Where people want to read something else than what is compared.
_SHOWN_BY = {"registrar": "registrar-name"}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ", ".join(map(str, value[:10]))
    text = visible(" ".join(str(value).split()))
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
