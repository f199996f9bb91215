"""Which mailboxes may be written to: whole addresses, nobody's own, and not known to be useless.

Registration data and files of strangers are where addresses come from, so each is taken apart
before it is believed. A mailbox at a domain of the case itself is whoever is complained about:
writing there warns him, and asks him to judge himself.
Pure, but for mailboxes.toml, which is read once. May import: namaak.mailbox.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from namaak.mailbox import to_mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A mailbox that may be written to, and what was replaced to get it."""

    address: str
    note: str = ""


class Refused(ValueError):
    """The text says in a few words why it must not be written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    box: str
    why: str
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    useless: tuple[_Rule, ...]
    instead: tuple[_Rule, ...]


def usable(text: str, *, own_domains: Collection[str]) -> Box:
    """The mailbox to write to for one that somebody published. Raises Refused.

    own_domains: registrable domains of the case, whose mailboxes are the other side's.

    >>> usable("Abuse@Host.example", own_domains=())
    Box(address='abuse@host.example', note='')
    """
    address = parsed(text)
    note = ""
    for rule in _rules().instead:
        if _fits(rule.box, address):
            note = f"in place of {address}: {rule.why}"
            address = rule.to
    domain = address.rpartition("@")[2]
    if any(domain == own or domain.endswith(f".{own}") for own in own_domains):
        raise Refused(f"{address} is a mailbox of whoever is complained about")
    for rule in _rules().useless:
        if _fits(rule.box, address):
            raise Refused(f"{address}: {rule.why}")
    return Box(address=address, note=note)


def parsed(text: str) -> str:
    """One plain address in lower case. Raises Refused for anything else.

    >>> parsed("mailto:Abuse@Registrar.example")
    'abuse@registrar.example'
    """
    address = text.strip()
    if address[:7].lower() == "mailto:":
        # What follows a question mark would be headers of somebody else's choosing.
        address = address[7:].partition("?")[0]
    try:
        found = to_mailbox(address.removesuffix("."))
    except ValueError:
        found = ""
    # A stranger's domain in other letters may look like somebody else's.
    if not found or not address.isascii():
        raise Refused(f"{text[:80]!r} is no mail address")
    return found.lower()


def _fits(pattern: str, address: str) -> bool:
    """user@domain, user@*, *@domain, *@*.domain; of a whole address.

    >>> _fits("*@*.proxy.example", "x@mail.proxy.example"), _fits("*@proxy.example", "x@p.example")
    (True, False)
    """
    user, _, host = pattern.partition("@")
    local, _, domain = address.partition("@")
    if user not in ("*", local):
        return False
    if host.startswith("*."):
        return domain.endswith(host[1:])
    return host in ("*", domain)


@cache
def _rules() -> _Rules:
    text = files("namaak.casework.contacts").joinpath("mailboxes.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return _Rules(
        useless=tuple(map(_rule, table["useless"])), instead=tuple(map(_rule, table["instead"]))
    )


def _rule(row: dict[str, Any]) -> _Rule:
    return _Rule(box=row["box"], why=row["why"], to=row.get("to", ""))
