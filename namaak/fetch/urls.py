"""The gate that every URL passes before it is asked, and again after every redirect.

A URL from a page or a Location header is read here once, strictly, and written anew from its
parts; what is asked is what was checked. Where parsers are known to differ (backslashes, user
names, numbers that are addresses) it is refused, because a guess is what an attacker wants.
RFC 3986 for the shape, UTS #46 for the name; the URL standard of the browsers only where it
shows which spellings of an address they take.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urljoin

import idna

#: In code points; longer than what servers take, and than any that is worth following.
MAX_URL = 8_192
_MAX_HOST = 253
_MAX_LABEL = 63
#: Of a name before mapping: four times a host leaves room for what is mapped away.
_MAX_UNMAPPED = 4 * _MAX_HOST
#: An A-label holds `xn--` and then at least one octet for each code point.
_MAX_CODE_POINTS = _MAX_LABEL - len("xn--")

_PARTS = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)", re.I | re.S)
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{0,5}))?", re.S)
_LABEL = re.compile(r"[a-z0-9_-]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: What may stand in path and query as it is: RFC 3986, and `%` of what is encoded already.
_KEPT = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%"
)


class UrlRefused(ValueError):
    """This URL is not asked; the text says why, behind "The URL "."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that passed the gate."""

    scheme: str  #: "http" or "https"
    host: str  #: A-labels in lower case, or an IP address without brackets
    port: int
    path: str  #: with its query, percent-encoded, starting with "/"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def text(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def target(url: str, *, ports: Collection[int]) -> Target:
    """Read a URL. ports: those that may be asked. Raises UrlRefused.

    >>> target("HTTPS://B\u00fccher.example/a b?q=\u00e9#top", ports={443}).text
    'https://xn--bcher-kva.example/a%20b?q=%C3%A9'
    >>> target("http://0x7f.1/", ports={80})
    Traceback (most recent call last):
    namaak.fetch.urls.UrlRefused: has a number for a host, in a spelling that hides an address
    """
    _check_text(url)
    parts = _PARTS.fullmatch(url.partition("#")[0])
    if parts is None:
        raise UrlRefused("is neither http:// nor https://")
    scheme = parts["scheme"].lower()
    if "\\" in parts["authority"] or "\\" in parts["rest"].partition("?")[0]:
        raise UrlRefused("has a backslash, which programs read in two ways")
    if "@" in parts["authority"]:
        raise UrlRefused("has a user name before its host")
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if authority is None:
        raise UrlRefused("has something else than a port behind its host")
    port = int(authority["port"] or _DEFAULT_PORTS[scheme])
    if port not in ports:
        asked = " and ".join(map(str, sorted(ports))) or "none"
        raise UrlRefused(f"names port {port}, and only {asked} may be asked")
    rest = _encoded(parts["rest"])
    path = rest if rest.startswith("/") else "/" + rest
    return Target(scheme=scheme, host=_host(authority["host"]), port=port, path=path)


def joined(base: Target, location: str, *, ports: Collection[int]) -> Target:
    """Where a Location header points that was answered by `base`. Raises UrlRefused."""
    # Before joining: the standard library drops control characters without a word.
    location = location.strip(" \t")
    _check_text(location)
    if "\\" in location.partition("?")[0].partition("#")[0]:
        raise UrlRefused("has a backslash, which programs read in two ways")
    try:
        return target(urljoin(base.text, location), ports=ports)
    except UrlRefused:
        raise
    except ValueError as error:
        raise UrlRefused("cannot be read as a URL") from error


def _check_text(url: str) -> None:
    if len(url) > MAX_URL:
        raise UrlRefused(f"is longer than {MAX_URL} characters")
    if any(unicodedata.category(char) == "Cc" for char in url):
        raise UrlRefused("has a control character")


def _encoded(rest: str) -> str:
    """Path and query with everything percent-encoded that RFC 3986 keeps out.

    Surrogates stand for bytes of a header that were no UTF-8; those bytes are meant.
    """
    if "%" in rest:
        # A lone percent sign is data; left alone, the server would read on past it.
        rest = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", rest)
    octets = rest.encode("utf-8", "surrogateescape")
    return "".join(chr(octet) if octet in _KEPT else f"%{octet:02X}" for octet in octets)


def _host(text: str) -> str:
    if text.startswith("["):
        if "%" in text:
            raise UrlRefused("has a zone behind its address")
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError as error:
            raise UrlRefused("has no IPv6 address between its brackets") from error
    name = text.lower() if text.isascii() else _to_ascii(text)
    name = name.removesuffix(".")
    if not name:
        raise UrlRefused("has no host")
    labels = name.split(".")
    if _is_number(labels[-1]):
        try:
            return str(IPv4Address(name))
        except AddressValueError as error:
            raise UrlRefused(
                "has a number for a host, in a spelling that hides an address"
            ) from error
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise UrlRefused("has a host with a character or an empty label that no name may hold")
        if len(label) > _MAX_LABEL:
            raise UrlRefused(f"has a host with a label longer than {_MAX_LABEL} bytes")
    if len(name) > _MAX_HOST:
        raise UrlRefused(f"has a host longer than {_MAX_HOST} bytes")
    return name


def _is_number(label: str) -> bool:
    """What browsers take for the last part of an IPv4 address: decimal, octal or hexadecimal."""
    return label.isdigit() or re.fullmatch(r"0x[0-9a-f]*", label) is not None


def _to_ascii(name: str) -> str:
    """name: holds non-ASCII. As browsers map it; what they refuse is punycoded as it stands.

    Raises UrlRefused for what cannot fit, before it costs: punycode takes quadratic time.
    """
    if len(name) > _MAX_UNMAPPED:
        raise UrlRefused(f"has a host longer than {_MAX_HOST} bytes")
    try:
        mapped = idna.uts46_remap(name, std3_rules=False)
    except (idna.IDNAError, UnicodeError) as error:
        raise UrlRefused("has a host that is no internationalised name") from error
    return ".".join(map(_a_label, mapped.split(".")))


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    if len(label) > _MAX_CODE_POINTS:
        raise UrlRefused(f"has a host with a label longer than {_MAX_LABEL} bytes")
    try:
        return idna.alabel(label).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        # Registries have sold emoji, which IDNA 2008 refuses; such names are served all the same.
        return "xn--" + label.encode("punycode").decode("ascii").lower()
