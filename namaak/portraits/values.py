"""What a profile gives that another one may give too: addresses, contacts, its very words.

Each in one spelling, so that equal things are equal. What is the brand's own, or the front page of
a place where everybody is, ties nobody to anybody and is left out. Pure.
May import: detectors.folding, detectors.profiles.payments and words.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from detectors.folding import letters_of
from detectors.profiles.payments import payments_in
from detectors.profiles.words import is_listed

Row = dict[str, Any]

#: Letters and digits; shorter texts are alike by chance.
SHORTEST_BIO = 40
#: A stranger decides how much a profile holds. So many of each kind and in all: whoever gives very
#: many of one kind hides none of another.
_MOST_OF_A_KIND = 12
_MOST_VALUES = 50
_MOST_TEXT = 10_000
#: Of one profile: more than any platform lets one give; a text may hold very many more.
_MOST_LINKS = 150
#: No name of the DNS is longer, and none that people are sent to has more labels.
_LONGEST_HOST = 253
_MOST_LABELS = 10
#: No place where everybody is has a name of more labels.
_LABELS_OF_A_HUB = 4
_MOST_SHOWN = 200
#: Of these the first part of the path says who is meant.
_MESSENGERS = {"t.me": "telegram", "telegram.me": "telegram", "telegram.dog": "telegram",
               "wa.me": "whatsapp", "m.me": "messenger", "signal.me": "signal"}  # fmt: skip
#: Their front pages lead everybody to everybody; what lies below them is somebody's.
_EVERYBODYS = frozenset(
    {"apple.com", "apps.apple.com", "discord.gg", "facebook.com", "github.com", "google.com",
     "instagram.com", "linkedin.com", "medium.com", "pinterest.com", "play.google.com",
     "reddit.com", "tiktok.com", "twitch.tv", "twitter.com", "whatsapp.com", "wikipedia.org",
     "x.com", "youtube.com"}
)  # fmt: skip
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'()\[\]{}]+", re.IGNORECASE)
_BARE_MESSENGER = re.compile(r"\b(?:t\.me|telegram\.me|wa\.me|m\.me)/[A-Za-z0-9_+]{3,40}", re.I)
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_PHONE = re.compile(r"(?<![\w+])\+\d[\d\s().-]{7,20}\d")


def tied_values(profile: Mapping[str, Any], *, own_domains: Collection[str] = ()) -> list[Row]:
    """Rows of profile_ties, of the last version of a profile, in a fixed order.

    own_domains: of all brands; whoever links there shares that with every imitator.
    """
    found: dict[tuple[str, str], str] = {}
    many: Counter[str] = Counter()
    for kind, value, shown in _values(profile, own_domains):
        key = (kind, value[:_MOST_TEXT])
        if key not in found and many[kind] < _MOST_OF_A_KIND and len(found) < _MOST_VALUES:
            found[key] = shown[:_MOST_SHOWN]
            many[kind] += 1
    return [
        {"subject_key": profile["subject_key"], "kind": kind, "value": value, "shown": shown}
        for (kind, value), shown in sorted(found.items())
    ]


def _values(
    profile: Mapping[str, Any], own_domains: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    bio = str(profile["bio"] or "")[:_MOST_TEXT]
    letters = letters_of(bio)
    if len(letters) >= SHORTEST_BIO:
        yield "bio", hashlib.sha256(letters.encode()).hexdigest()[:32], bio
    given = [*(profile["links"] or ()), *(profile["proved_links"] or ())]
    # Messengers first: they say most, and an address may stand behind very many others.
    given = [*_BARE_MESSENGER.findall(bio), *given, *_LINK.findall(bio)]
    for text in given[:_MOST_LINKS]:
        yield from _of_a_link(text.rstrip(".,;:!?"), own_domains)
    for contact in profile["contacts"] or ():
        scheme, _, rest = contact.partition(":")
        if scheme == "mail" and _MAIL.fullmatch(rest):
            yield from _of_mail(rest, own_domains)
        elif scheme == "phone":
            yield from _of_phone(rest)
    for mail in _MAIL.findall(bio):
        yield from _of_mail(mail, own_domains)
    for phone in _PHONE.findall(bio):
        yield from _of_phone(phone)
    for payment in payments_in(bio):
        yield "payment", f"{payment.system}:{payment.address}", payment.address


def _of_a_link(text: str, own_domains: Collection[str]) -> Iterator[tuple[str, str, str]]:
    parts = _split(text)
    if parts is None or not (host := (parts.hostname or "").rstrip(".").removeprefix("www.")):
        return
    if any(host == own or host.endswith("." + own) for own in own_domains):
        return
    path = parts.path.strip("/")
    if messenger := _MESSENGERS.get(host):
        if name := path.partition("/")[0].lstrip("+@").casefold():
            yield "contact", f"{messenger}:{name}", f"{host}/{name}"
        return
    yield "host", host, host
    end = ".".join(host.split(".")[-_LABELS_OF_A_HUB:])
    listed = is_listed(end, "hubs") or is_listed(end, "shorteners")
    if not path and (listed or host in _EVERYBODYS):
        return
    query = f"?{parts.query}" if parts.query else ""
    yield "link", f"{host}/{path}{query}", f"{host}/{path}{query}".rstrip("/")


def _of_mail(address: str, own_domains: Collection[str]) -> Iterator[tuple[str, str, str]]:
    folded = address.lower()
    domain = folded.partition("@")[2]
    if not any(domain == own or domain.endswith("." + own) for own in own_domains):
        yield "contact", f"mail:{folded}", folded


def _of_phone(number: str) -> Iterator[tuple[str, str, str]]:
    digits = re.sub(r"\D", "", number)
    # Shorter ones are extensions and short codes.
    if len(digits) >= 8:
        yield "contact", f"phone:{digits}", number.strip()


def _split(text: str) -> SplitResult | None:
    written = text.strip()
    if "://" not in written:
        written = "https://" + written
    try:
        parts = urlsplit(written)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "." not in host:
        return None
    if len(host) > _LONGEST_HOST or host.count(".") >= _MOST_LABELS:
        return None
    return parts
