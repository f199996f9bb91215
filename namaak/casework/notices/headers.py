"""What may stand in a header of a mail, and how it is written there.

Programs decode `=?...?=` wherever they find it in a header, and some write what comes out of it
anew, line ends included: text of strangers that reaches one may end as a header of its own.
So a subject is made of our own words and of few, known things, "=?" stands in none, and the
encoding and folding are done here. RFC 5322, 2047.
Pure. May import: namaak.casework.notices.fields.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import idna

from namaak.casework.notices.fields import as_line

#: Fields that a subject may name: ours, the watch file's, or of a known form.
IN_A_SUBJECT = frozenset({"abuse", "brand", "case_ids", "ip_addresses", "mark_text", "platform"})
#: What is made for a subject of the fields that strangers choose.
MADE_FOR_A_SUBJECT = frozenset({"addresses", "hosts"})

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_PLAIN = re.compile(r"[!-~]+( [!-~]+)*")
_MOST_NAMED = 3
_LINE = 76
#: Of UTF-8: with its frame an encoded word has at most 75 characters.
_WORD_BYTES = 45


def header_line(text: str) -> str:
    """One line for a header, in which nothing begins an encoded word.

    >>> header_line("Acme =?utf-8?q?=0d=0aBcc:_x?=")
    'Acme = ?utf-8?q?=0d=0aBcc:_x?='
    """
    return as_line(as_line(text).replace("=?", "= ?"))


def subject_values(values: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a subject may be made of. values: sound ones; shown: as templates print them."""
    made = {name: shown[name] for name in IN_A_SUBJECT}
    made["ip_addresses"] = _known(shown["ip_addresses"], values.get("ip_addresses") or ())
    case = (values.get("case_ids") or [None])[0]
    domains, urls = values.get("domains") or (), values.get("urls") or ()
    hosts = _hosts(domains) or _hosts(urlsplit(url).hostname or "" for url in urls)
    made["hosts"] = _first(hosts) if hosts else case or shown["domains"]
    made["addresses"] = len(urls)
    return made


def _known(shown: Any, addresses: Iterable[str]) -> Any:
    good = [address for address in addresses if _is_address(address)]
    return good[:_MOST_NAMED] or (shown if not addresses else ["?"])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _hosts(names: Iterable[str]) -> list[str]:
    """Names in A-labels, written so that no program makes a link of them."""
    found = []
    for name in names:
        try:
            host = idna.encode(name, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            host = name.lower()
        if len(host) <= 253 and _HOST.fullmatch(host):
            found.append(host.replace(".", "[.]"))
    return list(dict.fromkeys(found))


def _first(hosts: Sequence[str]) -> str:
    more = [f"+{len(hosts) - _MOST_NAMED}"] if len(hosts) > _MOST_NAMED else []
    return ", ".join([*hosts[:_MOST_NAMED], *more])


def header(name: str, tokens: Sequence[str]) -> bytes:
    """A header, folded between tokens. tokens: printable ASCII without spaces, some maybe long."""
    lines = [f"{name}:"]
    for at, token in enumerate(tokens):
        if at and len(lines[-1]) + 1 + len(token) > _LINE:
            lines.append("")
        lines[-1] += f" {token}"
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def tokens_of(text: str, plain: re.Pattern[str] = _PLAIN) -> list[str]:
    """A header's text: its words where they are plain, else encoded words.

    >>> tokens_of("A report"), tokens_of("é")
    (['A', 'report'], ['=?utf-8?b?w6k=?='])
    """
    if not text:
        return []
    if plain.fullmatch(text) and "=?" not in text:
        return text.split(" ")
    words, chunk = [], b""
    for char in text:
        octets = char.encode()
        if len(chunk) + len(octets) > _WORD_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += octets
    return [f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in (*words, chunk)]
