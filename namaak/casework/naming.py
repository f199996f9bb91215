"""What a person means by the words that name a subject: a host, an account, an app, a link.

Nothing is guessed: what could be two things is refused with how to say either.
Pure. May import: namaak.brands, namaak.platforms, namaak.records, namaak.errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from namaak.brands import Brand, to_a_label
from namaak.errors import UsageError
from namaak.platforms import FOREIGN_SITE, MAX_LINK, platform, read_link
from namaak.records import (
    SubjectKey,
    SubjectKind,
    account_key,
    app_key,
    host_key,
    image_key,
)

_KEY = re.compile(r"(host|account|app|image):(.+)", re.DOTALL)
_ID = re.compile(r"[A-Za-z0-9_.:%=@/-]{1,300}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLATFORM = re.compile(r"([A-Za-z][A-Za-z0-9 -]{0,39}):(?!//)(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The subject that was meant."""

    subject_key: SubjectKey
    kind: SubjectKind
    text: str  #: as people read it
    url: str | None = None  #: where a link was given


def named(typed: str) -> Named:
    """As in "acme-login.example", "x:acme_help", "google-play:example.acme.pay", or a link.

    A whole key, as `namaak case --json` shows it, is taken too. Raises UsageError.

    >>> named("https://acme-login.example/pay?id=7").subject_key
    'host:acme-login.example'
    >>> named("Instagram:@Acme.Help").subject_key
    'account:instagram:@acme.help'
    """
    text = typed.strip()
    if not text or len(text) > MAX_LINK or not text.isprintable():
        raise UsageError(
            f"A subject has 1 to {MAX_LINK:,} characters that can be seen; name a host, "
            "platform:handle, store:id or a link."
        )
    if key := _KEY.fullmatch(text):
        return _of_key(SubjectKind(key[1]), key[2])
    if pair := _PLATFORM.fullmatch(text):
        return _on_platform(pair[1], pair[2].strip())
    return _of_link(text) if "/" in text or "@" in text else _host(text, url=None)


def refuse_own(subject: Named, brand: Brand) -> None:
    """Raises UsageError for what the watch file lists as the brand's own."""
    kind, _, rest = subject.subject_key.partition(":")
    own = False
    if kind == SubjectKind.HOST:
        own = any(rest == one or rest.endswith(f".{one}") for one in brand.domains)
    elif kind in (SubjectKind.ACCOUNT, SubjectKind.APP):
        where, _, native = rest.partition(":")
        listed = brand.accounts if kind == SubjectKind.ACCOUNT else brand.apps
        own = native.removeprefix("@").casefold() in {
            one.removeprefix("@").casefold() for one in listed.get(where, ())
        }
    if own:
        raise UsageError(
            f"{subject.text} is {brand.name}'s own by the watch file; take it off the list there "
            "first if it is not."
        )


def _of_key(kind: SubjectKind, rest: str) -> Named:
    if kind is SubjectKind.HOST:
        return _host(rest, url=None)
    if kind is SubjectKind.IMAGE:
        if not _SHA256.fullmatch(rest):
            raise UsageError("A picture is named by the 64 hexadecimal digits of its SHA-256.")
        return Named(subject_key=image_key(rest), kind=kind, text=f"image {rest[:12]}")
    name, colon, native = rest.partition(":")
    if not colon or not _ID.fullmatch(native):
        raise UsageError(f"{kind}:{rest} names no {kind}; write {kind}:platform:id.")
    if native.startswith("@") or kind is SubjectKind.APP:
        return _on_platform(name, native)
    found = _known(name)
    key = account_key(found, native, "")
    return Named(subject_key=key, kind=kind, text=f"{found}/{native}")


def _on_platform(name: str, rest: str) -> Named:
    found = platform(name)
    if found is None:
        raise UsageError(
            f"There is no platform {name!r} that namaak knows; docs/reference/platforms.md lists "
            "them, and a website is named by its host alone."
        )
    if found.kind == "app":
        if not _ID.fullmatch(rest):
            raise UsageError(f"{rest!r} is no id of an app of {found.name}.")
        key = app_key(found.id, rest)
        return Named(subject_key=key, kind=SubjectKind.APP, text=f"{found.id}/{rest}")
    handle = rest.removeprefix("@")
    if not found.can_hold(handle):
        raise UsageError(f"{handle!r} is no handle that {found.name} could have given.")
    return _account(found.id, handle, url=None)


def _account(name: str, handle: str, *, url: str | None) -> Named:
    return Named(
        subject_key=account_key(name, None, handle),
        kind=SubjectKind.ACCOUNT,
        text=f"{name}/@{handle}",
        url=url,
    )


def _of_link(text: str) -> Named:
    try:
        found = read_link(text)
    except ValueError as error:
        # A port is as foreign: no profile has one, and some shops do.
        if str(error) != FOREIGN_SITE and not str(error).startswith("names a port"):
            raise UsageError(f"The link {text!r} {error}.") from None
        address = text if "://" in text else f"https://{text}"
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            host = ""
        return _host(host, url=address)
    url = found.canonical_url
    if found.kind == "app":
        native = found.native_id or found.handle or ""
        key, shown = app_key(found.platform, native), f"{found.platform}/{native}"
        return Named(subject_key=key, kind=SubjectKind.APP, text=shown, url=url)
    if found.native_id:
        key = account_key(found.platform, found.native_id, "")
        shown = f"{found.platform}/{found.native_id}"
        return Named(subject_key=key, kind=SubjectKind.ACCOUNT, text=shown, url=url)
    return _account(found.platform, found.handle or "", url=url)


def _host(text: str, *, url: str | None) -> Named:
    try:
        host = to_a_label(text)
    except ValueError as error:
        raise UsageError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    return Named(subject_key=host_key(host), kind=SubjectKind.HOST, text=host, url=url)


def _known(name: str) -> str:
    found = platform(name)
    if found is None:
        raise UsageError(f"There is no platform {name!r} that namaak knows.")
    return found.id
