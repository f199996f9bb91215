"""Where a profile sends people: off the platform, to a messenger, a mailbox, a telephone, a link.

Taken from the fields made for it and from the text about itself. The hosts of links are given in
full, so that the caller can look for them among the cases it has.
May import: detectors.profiles, detectors.folding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import idna

from detectors.folding import read_as_ascii
from detectors.profiles.words import MOST_READ, as_words, is_listed, said

#: Links and contacts of one profile that are looked at.
_MOST = 60
_URL = re.compile(r"https?://[^\s<>\"'()]{3,500}", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24}(?=[/\s,;)!?]|\.?$|\.\s)",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[a-z0-9._%+-]{1,64}@((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})", re.IGNORECASE)
#: A plus or a bracket, a zero or a word says that the digits are a telephone's.
_PHONE = re.compile(
    r"(?<![\w+])(?:(?:tel|phone|call|mobile|bel|telefoon|telefon|anruf|appelez|llama|whats\s?app|wa)"
    r"[^\w+]{0,3}(\+|00)?|(\+|00))(\d(?:[\s()./-]{0,2}\d){7,14})(?!\d)",
    re.IGNORECASE,
)
#: Endings that are words at the end of a sentence ("in.The") far more often than domains.
_LEAST_BARE = 4


def linked_hosts(profile: Mapping[str, Any]) -> tuple[str, ...]:
    """Hosts of the links of a profile and of its text, as A-labels, each once, in order.

    profile: columns of OBSERVATION_SCHEMA; what is missing is unknown and gives nothing.
    """
    links = [*(profile.get("links") or ()), *_written(profile.get("bio") or "")]
    return tuple(dict.fromkeys(host for link in links[:_MOST] if (host := host_of(link))))


def host_of(link: str) -> str | None:
    """The host as A-labels, lower case; None where the text is no address of the web.

    >>> host_of("HTTPS://user@B\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example:8443/x")
    'xn--bcher-kva.example'
    """
    try:
        host = urlsplit(link if "://" in link else f"https://{link}").hostname or ""
        encoded = idna.encode(host.rstrip("."), uts46=True).decode("ascii")
    except (ValueError, idna.IDNAError):
        # urlsplit refuses brackets and ports of its own accord, idna what is no name.
        return None
    return encoded if "." in encoded and not encoded.replace(".", "").isdigit() else None


def _written(bio: str) -> Iterator[str]:
    bio = bio[:MOST_READ]
    yield from _URL.findall(bio)
    rest = _MAIL.sub(" ", _URL.sub(" ", bio))
    yield from (found.group() for found in _BARE.finditer(rest) if len(found.group()) > _LEAST_BARE)


_Found = tuple[str, str, str]


def contact_traits(profile: Mapping[str, Any]) -> Iterator[_Found]:
    """Name, value seen and sentence of each way out of the platform that the profile offers."""
    bio = (profile.get("bio") or "")[:MOST_READ]
    words = as_words(bio)
    contacts = list(profile.get("contacts") or ())[:_MOST]
    hosts = linked_hosts(profile)
    messengers = [host for host in hosts if is_listed(host, "messengers")]
    if away := next(iter(messengers), None) or said("messenger", words):
        yield "profile.contact-messenger", away, f"It sends people to a messenger ({away})"
    if phones := list(_phones(bio, contacts)):
        yield "profile.contact-phone", phones[0], "It gives a telephone number"
    mailboxes = [host for host in _mail_hosts(bio, contacts) if is_listed(host, "freemail")]
    if mailboxes:
        says = f"It gives a mailbox at {mailboxes[0]}, which anybody can have"
        yield "profile.contact-freemail", mailboxes[0], says
    if asks := said("direct", words):
        yield "profile.contact-direct", asks, "It asks people to write to it in private"
    for name, kind, what in (
        ("link-hub", "hubs", "a page of links"),
        ("link-shortened", "shorteners", "a shortened link that hides where it leads"),
    ):
        if through := [host for host in hosts if is_listed(host, kind)]:
            yield f"profile.{name}", through[0], f"It gives {what} ({through[0]})"
    if hosts:
        yield "profile.links", ", ".join(hosts), "It links to " + _some(hosts)


def _phones(bio: str, contacts: Iterable[str]) -> Iterator[str]:
    yield from (one.partition(":")[2] for one in contacts if one.startswith("phone:"))
    for *abroad, number in _PHONE.findall(read_as_ascii(bio).text):
        yield ("+" if any(abroad) else "") + re.sub(r"\D", "", number)


def _mail_hosts(bio: str, contacts: Iterable[str]) -> Iterator[str]:
    mails = [one.partition(":")[2] for one in contacts if one.startswith("mail:")]
    for text in (*mails, bio):
        yield from (host.lower() for host in _MAIL.findall(text))


def _some(hosts: tuple[str, ...]) -> str:
    shown = ", ".join(hosts[:3])
    return shown if len(hosts) <= 3 else f"{shown} and {len(hosts) - 3} more"
