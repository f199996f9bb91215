"""Servers of the fediverse: their addresses, their tokens, how far they say that they see.

May import: namaak.durable, namaak.errors, namaak.fetch, namaak.sources.profiles,
detectors.suffixes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter

from detectors.suffixes import suffix_list
from namaak import durable
from namaak.errors import SourceError
from namaak.fetch import Reply
from namaak.sources.profiles.answers import count_of, moment_of, object_of, text_of

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")
_NAME = re.compile(r"[\w.-]{1,200}")
#: `https://server.example/users/jan` or `https://server.example/@jan`.
_ACTOR_PATH = re.compile(r"/(?:users/|@)([^/@]+)")
#: A server that wants to be left alone for longer is not believed.
_LONGEST_REST_S = timedelta(minutes=15).total_seconds()


class About(BaseModel):
    """What a server says of itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    domain: str  #: behind the "@" of its accounts
    peers: int | None = None  #: servers that it knows


_FILE = TypeAdapter(dict[str, About])


class AboutFile:
    """What servers said of themselves, for the table of sources. Lost, it is told again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, About]:
        """By host."""
        try:
            return _FILE.validate_json(self._path.read_bytes())
        except (OSError, ValueError):
            return {}

    def keep(self, host: str, about: About) -> None:
        """Beside what others said. Raises SourceError."""
        octets = _FILE.dump_json({**self.read(), host: about}, indent=1)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            durable.replace(self._path, lambda path: durable.write_bytes(path, octets))
        except OSError as error:
            raise SourceError(
                f"What {host} says of itself cannot be kept in {self._path} ({error}); make room, "
                "or let namaak write there."
            ) from error


def base_of(server: str) -> str:
    """The base address of a server that is named by its host.

    >>> base_of("mastodon.example"), base_of("http://127.0.0.1:3000")
    ('https://mastodon.example', 'http://127.0.0.1:3000')
    """
    return server if server.startswith(("https://", "http://")) else f"https://{server}"


def host_of(server: str) -> str:
    """server: a base address. Without its port, lower case."""
    return urlsplit(server).hostname or ""


def is_private(server: str) -> bool:
    """Whether nobody on the way can read a token: by TLS, or because there is no way."""
    parts = urlsplit(server)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1")


def tokens_of(text: str) -> tuple[dict[str, str], int]:
    """`host=token,host=token` by host, and how many parts are no such thing.

    >>> tokens_of("mastodon.example=abc=, other.example=d,e")
    ({'mastodon.example': 'abc=', 'other.example': 'd'}, 1)
    """
    tokens: dict[str, str] = {}
    misread = 0
    for part in filter(None, map(str.strip, text.split(","))):
        host, _, token = (piece.strip() for piece in part.partition("="))
        host = host_of(base_of(host.lower())) if host else ""
        # What is no header value would be refused much later and elsewhere.
        if host and token and token.isascii() and token.isprintable():
            tokens[host] = token
        else:
            misread += 1
    return tokens, misread


def read_about(answer: Any, host: str) -> About | None:
    """answer: of `/api/v1/instance`. None where it is none."""
    if not isinstance(answer, dict) or "version" not in answer:
        return None
    said = (text_of(answer, "uri") or "").lower()
    # A server may name its accounts by the domain above itself, and by no other's.
    is_own = _HOST.fullmatch(said) and f".{host}".endswith(f".{said}")
    # Below a public suffix everybody is somebody else.
    domain = said if is_own and suffix_list().split(said).suffix else host
    return About(domain=domain, peers=count_of(object_of(answer, "stats"), "domain_count"))


def whereabouts(native_id: str | None, handle: str | None) -> tuple[str, str] | None:
    """Host of an account's own server and its name there; None where neither text says it.

    >>> whereabouts("https://social.acme.example/users/jan", "jan@acme.example")
    ('social.acme.example', 'jan')
    """
    name, _, domain = (handle or "").lstrip("@").partition("@")
    host = domain.lower()
    if native_id is not None:
        try:
            parts = urlsplit(native_id)
            host = parts.hostname or ""
        except ValueError:
            return None
        if parts.scheme != "https":
            return None
        if not name and (found := _ACTOR_PATH.match(parts.path)):
            name = unquote(found[1])
    if _HOST.fullmatch(host) and "." in host and _NAME.fullmatch(name):
        return host, name
    return None


def rest_s(reply: Reply) -> float:
    """Seconds that its server wants rest for, by the headers of its limit; 0 while there is some.

    `X-RateLimit-Reset` is a time as text, or seconds since 1970.
    """
    if (reply.headers.get("X-RateLimit-Remaining") or "").strip() != "0":
        return 0.0
    reset = (reply.headers.get("X-RateLimit-Reset") or "").strip()
    number = reset.isascii() and reset.isdecimal() and len(reset) <= 12
    at = moment_of({"at": int(reset) if number else reset}, "at")
    if at is None:
        return 0.0
    return min(max((at - reply.received_at).total_seconds(), 0.0), _LONGEST_REST_S)


def watched_share(watched: int, about: Mapping[str, About]) -> str | None:
    """In a few words; None where no server has said how many it knows."""
    most = max((one.peers for one in about.values() if one.peers is not None), default=None)
    return None if most is None else f"{watched:,} of {most:,} known servers watched"
