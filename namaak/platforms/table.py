"""The table of platforms: names, handles, and who covers each.

The rows are platforms.toml, which people add to without any Python; platforms.schema.json says
what a row may hold, and a test holds the one against the other.
Pure, but for that file. May import: nothing of ours.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import quote

#: Longest host name, and so the longest handle that is one.
MAX_HOST = 253
#: Longest name beside a platform's handles: of a group, a community.
MAX_ELSEWHERE = 100
_MAX_NAME = 40
#: Share of letters in common from which a name is taken for another one mistyped.
_NEAR = 0.75
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRule:
    """One form of a profile link; platforms.toml says what the texts may hold."""

    path: str
    query: str | None = None
    hosts: tuple[str, ...] = ()
    handle: str = "{handle}"
    native_id: str = "{native_id}"
    url: str | None = None


# No slots: the compiled pattern is kept beside the fields.
@dataclass(frozen=True, kw_only=True)
class Platform:
    """One platform or store."""

    id: str  #: as it stands in subject keys
    name: str  #: as people write it
    native_id_is: str  #: what names an account for ever, in words
    needs: str  #: what reading it needs: a key, a budget, an agreement
    other_names: tuple[str, ...] = ()  #: folded
    kind: Literal["account", "app"] = "account"
    #: "domain": a handle is a host name; "server": it is user@server.
    form: Literal["plain", "domain", "server"] = "plain"
    handle: str | None = None  #: pattern of a whole handle (of its own part); None: there are none
    shortest: int = 1  #: code points of a new handle
    longest: int = 100
    case_matters: bool = False
    dots_ignored: bool = False
    underscore_is_space: bool = False  #: in links, which cannot hold one
    default_host: str | None = None  #: what a handle without a dot stands under
    hosts: tuple[str, ...] = ()  #: of its profile links
    subdomains: bool = False  #: whether handle.host is a profile link, too
    links: tuple[LinkRule, ...] = ()
    reserved: frozenset[str] = frozenset()  #: first segments of links that are no handles
    profile: str | None = None  #: address of a profile, by {handle}
    profile_by_id: str | None = None  #: the same by {native_id}
    sources: tuple[str, ...] = ()  #: that cover it; by hand it can always be told
    report: str | None = None  #: where its rules, or its form for reports, are published
    note: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether links that people send in are the only way to hear of its accounts."""
        return not self.sources

    def allows(self, handle: str) -> bool:
        """Whether somebody could take this handle today: its characters, and its length.

        >>> platform("x").allows("acme_help"), platform("x").allows("acme.help")
        (True, False)
        """
        return self._fits(handle, self.shortest, self.longest)

    def can_hold(self, handle: str) -> bool:
        """The same for a handle that exists already: old ones may be shorter.

        Also for names beside the handles, which keep a prefix and may be longer: of a group, a
        community, a person among companies.

        >>> platform("reddit").can_hold("r/acme"), platform("reddit").can_hold("q/acme")
        (True, False)
        """
        prefix, slash, own = handle.rpartition("/")
        if not slash:
            return self._fits(handle, 1, self.longest)
        known = any(rule.handle == f"{prefix}/{{handle}}" for rule in self.links)
        return known and self._fits(own, 1, max(self.longest, MAX_ELSEWHERE))

    def fitted(self, handle: str) -> str | None:
        """The handle as the platform itself compares it; None where it allows no such one.

        >>> platform("bluesky").fitted("@Acme"), platform("x").fitted("acme help")
        ('acme.bsky.social', None)
        """
        found = handle.strip().removeprefix("@")
        if not self.case_matters:
            found = found.lower()
        if self.dots_ignored:
            found = found.replace(".", "")
        if not self.allows(found):
            return None
        if self.form == "domain" and "." not in found:
            return f"{found}.{self.default_host}"
        return found

    def link(self, handle: str | None, native_id: str | None = None) -> str | None:
        """The address of a profile by handle, or else by native id.

        None where the table knows no way to write it.

        >>> platform("linkedin").link("in/acme-desk")
        'https://www.linkedin.com/in/acme-desk/'
        """
        template = None if handle is None else self._template(handle)
        if handle is not None and template is not None:
            return filled(template, {"handle": self._in_link(handle)})
        if native_id and self.profile_by_id is not None:
            return filled(self.profile_by_id, {"native_id": native_id})
        return None

    def _template(self, handle: str) -> str | None:
        """How the link of a handle is written, with {handle} in it."""
        if not handle or not self.can_hold(handle):
            return None
        prefix, slash, _ = handle.rpartition("/")
        if slash:
            urls = (rule.url for rule in self.links if rule.handle == f"{prefix}/{{handle}}")
            return next(urls, None)
        if self.form == "server":
            _, at, server = handle.partition("@")
            return f"https://{server}/@{{handle}}" if at else None
        return self.profile

    def _in_link(self, handle: str) -> str:
        own = handle.rpartition("/")[2]
        if self.form == "server":
            return own.partition("@")[0]
        if self.form == "domain" and "." not in own:
            return f"{own}.{self.default_host}"
        return own.replace(" ", "_") if self.underscore_is_space else own

    def _fits(self, handle: str, shortest: int, longest: int) -> bool:
        if self._pattern is None or len(handle) > longest + MAX_HOST + 1:
            return False
        own = handle
        if self.form == "server":
            own, at, server = handle.partition("@")
            if at and not is_host(server):
                return False
        elif self.form == "domain" and "." in handle:
            if not is_host(handle.lower()):
                return False
            under = f".{self.default_host}"
            if not handle.lower().endswith(under):
                return True
            own = handle[: -len(under)]
        counted = own.replace(".", "") if self.dots_ignored else own
        if len(counted) < shortest or len(own) > longest:
            return False
        return self._pattern.fullmatch(own if self.case_matters else own.lower()) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if self.handle is None:
            return None
        return re.compile(self.handle, 0 if self.case_matters else re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    by_id: Mapping[str, Platform]
    ids: Mapping[str, str]  #: other name -> id
    mailboxes: frozenset[str]
    servers: frozenset[str]


def fold_platform(name: str) -> str:
    """Lower case, hyphens for spaces, today's name.

    >>> fold_platform("Twitter"), fold_platform("Google Play")
    ('x', 'google-play')
    """
    folded = "-".join(name.lower().split())
    return _tables().ids.get(folded, folded)


def platform(name: str) -> Platform | None:
    """By its id or another name; None for one that the table does not have.

    >>> platform("Twitter").name
    'X'
    """
    return _tables().by_id.get(fold_platform(name))


def nearest_platform(name: str) -> str | None:
    """The id that a mistyped name was meant to be, where one is near.

    >>> nearest_platform("Instagramm"), nearest_platform("somewhere else")
    ('instagram', None)
    """
    ids = {one.id: one.id for one in platforms()} | dict(_tables().ids)
    # More letters than any name has would only take time.
    near = get_close_matches(fold_platform(name)[:_MAX_NAME], ids, n=1, cutoff=_NEAR)
    return ids[near[0]] if near else None


def platforms() -> tuple[Platform, ...]:
    """All, in the table's order."""
    return tuple(_tables().by_id.values())


def mailboxes() -> frozenset[str]:
    """Hosts where user@host is a mail address for sure."""
    return _tables().mailboxes


def servers() -> frozenset[str]:
    """Well-known servers of the fediverse."""
    return _tables().servers


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with the values in its braces, each quoted as a path or query wants it."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe="@:+~.-_"))
    return template


def is_host(text: str) -> bool:
    """Two or more labels of ASCII letters, digits and hyphens, the last no number; lower case.

    >>> is_host("social.example"), is_host("localhost"), is_host("192.0.2.1")
    (True, False, False)
    """
    labels = text.split(".") if len(text) <= MAX_HOST else []
    return (
        len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdecimal()
    )


@cache
def _tables() -> _Tables:
    text = files("namaak.platforms").joinpath("platforms.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    rows = [_platform(row) for row in table["platform"]]
    return _Tables(
        by_id=MappingProxyType({row.id: row for row in rows}),
        ids=MappingProxyType({name: row.id for row in rows for name in row.other_names}),
        mailboxes=frozenset(table["mailboxes"]),
        servers=frozenset(table["servers"]),
    )


def _platform(row: dict[str, Any]) -> Platform:
    """A key that the row should not have is an error here, at once."""
    rules = tuple(
        LinkRule(**{**rule, "hosts": tuple(rule.get("hosts", ()))}) for rule in row.get("links", ())
    )
    return Platform(
        **{
            **row,
            **{name: tuple(row.get(name, ())) for name in ("other_names", "hosts", "sources")},
            "links": rules,
            "reserved": frozenset(row.get("reserved", ())),
        }
    )
