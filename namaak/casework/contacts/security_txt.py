"""A provider's security.txt, read: whom it wants to hear from, and whether it still stands.

RFC 9116, sections 2.3 (signed files), 2.5.3 (Contact) and 2.5.5 (Expires). A signature is not
verified: it says who wrote the file, and we asked the provider's own server for it.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

#: More lines or contacts than this are no honest file.
_MAX_LINES = 500
_MAX_CONTACTS = 10
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)")
_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
_END = "-----BEGIN PGP SIGNATURE-----"


class NoSecurityTxt(ValueError):
    """It is no such file, or no longer stands; the text says in a few words why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityTxt:
    """What of it matters here."""

    contacts: tuple[str, ...]  #: as written, the preferred first: mailto:, https: or tel:
    expires: datetime
    languages: tuple[str, ...]
    signed: bool


def read_security_txt(body: bytes, *, now: datetime) -> SecurityTxt:
    """A file as it was served. Raises NoSecurityTxt, also for one whose time is over."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoSecurityTxt("it is not text") from None
    lines = text.splitlines()
    if len(lines) > _MAX_LINES:
        raise NoSecurityTxt("it has more lines than such a file needs")
    signed = bool(lines) and lines[0].strip() == _BEGIN
    fields = list(map(_field, _cleartext(lines) if signed else lines))
    contacts = [value for name, value in fields if name == "contact" and value]
    expiries = [value for name, value in fields if name == "expires"]
    languages = [value for name, value in fields if name == "preferred-languages"]
    if not contacts:
        raise NoSecurityTxt("it names no contact")
    if len(expiries) != 1:
        raise NoSecurityTxt("it does not say once until when it holds")
    expires = _time(expiries[0])
    if expires <= now:
        raise NoSecurityTxt(f"it held until {expires:%Y-%m-%d}")
    return SecurityTxt(
        contacts=tuple(dict.fromkeys(contacts))[:_MAX_CONTACTS],
        expires=expires,
        languages=tuple(
            part.strip().lower() for value in languages for part in value.split(",") if part.strip()
        ),
        signed=signed,
    )


def _cleartext(lines: list[str]) -> list[str]:
    """What stands between the armour's headers and the signature (RFC 9580, section 7)."""
    try:
        start = next(i for i, line in enumerate(lines) if i and not line.strip())
        end = next(i for i, line in enumerate(lines) if line.strip() == _END)
    except StopIteration:
        raise NoSecurityTxt("its signature is cut off") from None
    # A line that began with a hyphen was given one more.
    return [line.removeprefix("- ") for line in lines[start:end]]


def _field(line: str) -> tuple[str, str]:
    found = _FIELD.fullmatch(line.strip())
    return (found[1].lower(), found[2].strip()) if found else ("", "")


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip().upper().replace("Z", "+00:00"))
    except ValueError:
        raise NoSecurityTxt("it does not say as a date until when it holds") from None
    if moment.tzinfo is None:
        raise NoSecurityTxt("it does not say in which zone its time is")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise NoSecurityTxt("it does not say as a date until when it holds") from None
