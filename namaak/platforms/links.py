"""Links of profiles, as people paste them: which platform, who, and how the link should be.

What is pasted comes from chats, mails and reports: without a scheme, from a telephone, with
what trackers added, or made by somebody hostile. Nothing is guessed: a link that the table of
platforms does not explain is refused with the reason.
Pure. May import: nothing of ours but the table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from namaak.platforms.table import (
    MAX_HOST,
    LinkRule,
    Platform,
    filled,
    is_host,
    mailboxes,
    platform,
    platforms,
    servers,
)

#: Code points of a link; browsers send no longer ones either.
MAX_LINK = 2_000
#: Of one segment of a path, so that no pattern works long on it.
_MAX_SEGMENT = 300
_MAX_SEGMENTS = 12
_MAX_LABEL = 63
#: Labels before a platform's host that change nothing of what a link says: www, a telephone's, a
#: language's.
_SAME_SITE = re.compile(r"www|m|mobile|touch|web|amp|[a-z]{2}(?:-[a-z]{2})?")
#: What stands around a link in a sentence, a mail or a table.
_AROUND = " \t\r\n<>\"'`()[]{},;|"
_AFTER = f"{_AROUND}.:!?"
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d+(?:/|$))(//)?")
_AT = re.compile(r"@?([A-Za-z0-9_.-]+)@([^@/\s]+)")
#: Labels of a server's name that say what it is; a company's mail hardly stands under one.
_FEDIVERSE = frozenset(
    ("akkoma", "fedi", "fediverse", "masto", "mastodon", "misskey", "mstdn", "pixelfed", "pleroma",
     "social", "toot")
)  # fmt: skip
#: Why a link to any other site is refused.
FOREIGN_SITE = "is no profile link of a platform that namaak knows"
_DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]+(?:%3A\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a link says."""

    platform: str  #: id of the table
    kind: str  #: "account" or "app"
    handle: str | None  #: as the link writes it, without "@"; other namespaces keep their prefix
    native_id: str | None  #: where the link holds it
    canonical_url: str


def recognise(link: str) -> Recognised | None:
    """As `read_link`, None in place of the reason.

    >>> recognise("m.facebook.com/profile.php?id=100000000000001&ref=x").native_id
    '100000000000001'
    """
    try:
        return read_link(link)
    except ValueError:
        return None


def read_link(link: str) -> Recognised:
    """Whose profile it is. Raises ValueError with the reason, fit for the end of a sentence.

    >>> read_link("https://WWW.TikTok.com/@Acme.Help?lang=nl").canonical_url
    'https://www.tiktok.com/@Acme.Help'
    """
    text = link.lstrip(_AROUND).rstrip(_AFTER)
    if len(text) > MAX_LINK:
        raise ValueError(f"is longer than {MAX_LINK:,} characters")
    if not text:
        raise ValueError("is empty")
    if not text.isascii() or not text.isprintable():
        _check_characters(text)
    if text.lower().startswith("at://"):
        text = text[len("at://") :].partition("/")[0]
        return _bluesky(text)
    if _DID.fullmatch(text):
        return _bluesky(text)
    account = _AT.fullmatch(text)
    if account is not None:
        host = _host(account[2])
        if host in mailboxes():
            raise ValueError("is a mail address and no profile")
        if bare_server(text) is not None and not _is_server(host):
            raise ValueError(
                "is a mail address, as far as anybody can see; put an @ before it where it is an "
                "account of the fediverse"
            )
        return _on_server(account[1], host)
    return _of_address(text)


def bare_server(link: str) -> str | None:
    """The host of user@host, without an @ before it: as a mail address is written.

    >>> bare_server("Help@ACME.example"), bare_server("@help@acme.example")
    ('acme.example', None)
    """
    account = _AT.fullmatch(link.strip(_AROUND).rstrip(_AFTER))
    if account is None or account[0].startswith("@"):
        return None
    try:
        return _host(account[2])
    except ValueError:
        return None


def _is_server(host: str) -> bool:
    """Whether an account there needs no @ before it to be one."""
    return host in servers() or not _FEDIVERSE.isdisjoint(host.split(".")[:-1])


def _check_characters(text: str) -> None:
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise ValueError(f"holds a character that nobody sees (U+{ord(char):04X})")


def _bluesky(text: str) -> Recognised:
    of = _known("bluesky")
    if text.startswith("did:"):
        if not _DID.fullmatch(text):
            raise ValueError("is no DID of a profile")
        url = of.link(None, text)
        return _recognised(of, handle=None, native_id=text, url=url)
    return _by_handle(of, text, url=None)


def _on_server(user: str, server: str) -> Recognised:
    return _by_handle(_known("mastodon"), f"{user}@{_host(server)}", url=None)


def _of_address(text: str) -> Recognised:
    scheme = _SCHEME.match(text)
    if scheme is None:
        text = f"https://{text.removeprefix('//')}"
    elif scheme[1].lower() not in ("http", "https") or scheme[2] is None:
        raise ValueError("is no web link")
    try:
        parts = urlsplit(text)
        has_user, name, port = "@" in parts.netloc, parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is no link: its host cannot be read") from None
    if has_user:
        raise ValueError("hides its host behind a user name")
    if port not in (None, 80, 443):
        raise ValueError("names a port, which no platform's profile does")
    host = _host(name)
    segments = _segments(parts.path)
    of, under = _at(host)
    if of is not None:
        if under is not None:
            return _by_handle(of, under, url=None)
        return _by_rules(of, host, segments, parts.query)
    return _of_server(host, segments)


def _host(name: str) -> str:
    """Lower case, A-labels. Raises ValueError."""
    name = name.rstrip(".").lower()
    if not name.isascii():
        # Bounded first: encoding takes the square of a label's length.
        if len(name) > MAX_HOST or any(len(label) > _MAX_LABEL for label in name.split(".")):
            raise ValueError("is no link: its host is too long")
        import idna

        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise ValueError("is no link: its host cannot be read") from None
    if not is_host(name):
        raise ValueError("is no link: it has no host")
    return name


def _segments(path: str) -> list[str]:
    """What stands between the slashes, decoded. Raises ValueError."""
    found = []
    for part in path.split("/"):
        if not part or part == ".":
            continue
        try:
            segment = unquote(part, errors="strict")
        except UnicodeDecodeError:
            raise ValueError("is no link: its path is not UTF-8") from None
        _check_characters(segment)
        if "/" in segment or "\\" in segment or segment == "..":
            raise ValueError("is no profile: its path leads elsewhere")
        if len(segment) > _MAX_SEGMENT:
            raise ValueError(f"is no profile: a part of its path has over {_MAX_SEGMENT} letters")
        found.append(unicodedata.normalize("NFC", segment))
    return found[:_MAX_SEGMENTS]


def _at(host: str) -> tuple[Platform | None, str | None]:
    """Whose host it is, and the label before it where accounts have hosts of their own."""
    hosts = _by_host()
    if host in hosts:
        return hosts[host], None
    label, _, rest = host.partition(".")
    of = hosts.get(rest)
    if not _SAME_SITE.fullmatch(label):
        has_own = of is not None and of.subdomains and label not in of.reserved
        return (of, label) if has_own else (None, None)
    if of is None and _SAME_SITE.fullmatch(rest.partition(".")[0]):
        of = hosts.get(rest.partition(".")[2])
    return of, None


def _by_rules(of: Platform, host: str, segments: list[str], query: str) -> Recognised:
    for rule, patterns in _compiled(of.id):
        if rule.hosts and not any(host == one or host.endswith(f".{one}") for one in rule.hosts):
            continue
        values = _values(rule, patterns, segments, query)
        if values is None:
            continue
        first = segments[0].casefold() if segments else ""
        if rule.path.startswith(("{handle}", "{native_id}")) and first in of.reserved:
            continue
        if "handle" in values:
            prefix = rule.handle.partition("{")[0]
            return _by_handle(of, values["handle"], prefix=prefix, url=rule.url)
        native_id = rule.native_id.replace("{native_id}", values["native_id"])
        template = rule.url or of.profile_by_id
        url = None if template is None else filled(template, {**values, "native_id": native_id})
        if rule.url is not None:
            url = filled(rule.url, values)
        return _recognised(of, handle=None, native_id=native_id, url=url)
    raise ValueError(f"is a page of {of.name}, but no profile")


def _values(
    rule: LinkRule, patterns: tuple[re.Pattern[str], ...], segments: list[str], query: str
) -> dict[str, str] | None:
    """What the placeholders of the rule stand for here; None where the rule does not fit."""
    if len(segments) < len(patterns):
        return None
    values: dict[str, str] = {}
    for pattern, segment in zip(patterns, segments, strict=False):
        found = pattern.fullmatch(segment)
        if found is None:
            return None
        values |= {name: value for name, value in found.groupdict().items() if value}
    if rule.query is not None:
        # More fields than any profile link has are somebody's attempt to keep us busy.
        try:
            given = parse_qs(query, max_num_fields=100, errors="strict").get(rule.query)
        except (ValueError, UnicodeDecodeError):
            return None
        if not given or not _SOUND_ID.fullmatch(given[0].removeprefix("+")):
            return None
        values["native_id"] = given[0].removeprefix("+")
    native_id = values.get("native_id")
    return values if native_id is None or _SOUND_ID.fullmatch(native_id) else None


#: What permanent ids and codes of invitations consist of.
_SOUND_ID = re.compile(r"[A-Za-z0-9_.:%=-]{1,200}")


def _by_handle(of: Platform, handle: str, *, url: str | None, prefix: str = "") -> Recognised:
    if of.underscore_is_space:
        handle = handle.replace("_", " ").strip()
    # Bluesky shows this one where a handle proved to be nobody's.
    if not of.can_hold(f"{prefix}{handle}") or handle.casefold() == "handle.invalid":
        raise ValueError(f"holds no handle that {of.name} could have given")
    written = of.link(handle) if url is None else filled(url, {"handle": handle})
    return _recognised(of, handle=f"{prefix}{handle}", native_id=None, url=written)


def _of_server(host: str, segments: list[str]) -> Recognised:
    """The forms that all servers of the fediverse share."""
    for rule, patterns in _compiled("mastodon"):
        values = _values(rule, patterns, segments, "")
        if values is not None:
            user, at, server = values["handle"].partition("@")
            return _on_server(user, server if at else host)
    raise ValueError(FOREIGN_SITE)


def _recognised(
    of: Platform, *, handle: str | None, native_id: str | None, url: str | None
) -> Recognised:
    if url is None:
        raise ValueError(f"is of {of.name}, which has no address for such a profile")
    return Recognised(
        platform=of.id, kind=of.kind, handle=handle, native_id=native_id, canonical_url=url
    )


def _known(name: str) -> Platform:
    found = platform(name)
    if found is None:
        raise LookupError(f"the table of platforms has lost {name}")
    return found


@cache
def _by_host() -> Mapping[str, Platform]:
    return {host: one for one in platforms() for host in one.hosts}


@cache
def _compiled(name: str) -> tuple[tuple[LinkRule, tuple[re.Pattern[str], ...]], ...]:
    return tuple((rule, _patterns(rule.path)) for rule in _known(name).links)


_PLACEHOLDERS = {
    "{handle}": "(?P<handle>.+)",
    "{native_id}": "(?P<native_id>.+)",
    "{number}": "(?P<native_id>[0-9]+)",
    "{any}": "[^-]*",
    "{rest}": ".*",
}


def _patterns(path: str) -> tuple[re.Pattern[str], ...]:
    """A pattern for each segment; what is no placeholder stands for itself, in any case."""
    return tuple(
        re.compile(
            "".join(
                _PLACEHOLDERS.get(part) or re.escape(part)
                for part in re.split(r"(\{[a-z_]+\})", segment)
            ),
            re.IGNORECASE,
        )
        for segment in path.split("/")
    )
