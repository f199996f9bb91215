"""Host names as lists write them, made one: A-labels, lower case, no trailing dot.

Two ways that must agree: `normalise_host` for one odd name, `normalise_hosts` for a
column, where plain ASCII names never reach Python. Nothing is dropped because IDNA dislikes
it: registries have sold emoji and unassigned code points, so a label that IDNA 2008
refuses is punycoded as it stands (RFC 3492).
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata

import idna
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: RFC 1035, section 2.3.4, in octets.
MAX_LABEL = 63
MAX_HOST = 253
#: Longer text cannot become a host, even after ignorable code points are mapped away.
_MAX_TEXT = 4_000
#: Of a name before mapping: four times a host leaves room for what is mapped away.
_MAX_UNMAPPED = 4 * MAX_HOST
#: An A-label holds `xn--` and then at least one octet for each code point.
_MAX_CODE_POINTS = MAX_LABEL - len("xn--")

#: What needs no thought. The last label starts with a letter, so that no address matches;
#: labels may hold underscores and hyphens anywhere, because names in the wild do.
_PLAIN = (
    rf"^\s*(?:\*\.)?(?:[a-z0-9_-]{{1,{MAX_LABEL}}}\.)+[a-z][a-z0-9_-]{{0,{MAX_LABEL - 1}}}\.?\s*$"
)
_LABEL = re.compile(r"[a-z0-9_-]+")
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//")
_PORT = re.compile(r":[0-9]*\Z")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Reports write `evil[.]example` so that nobody clicks; the other two are IDNA's full stops.
_DOTS = re.compile(r"\[\.\]|\(\.\)|\[dot\]|[\u3002\uff0e\uff61]")


def normalise_host(text: str) -> str:
    """The host in a name, URL, host:port or wildcard. Raises ValueError with the reason.

    >>> normalise_host("https://user@Login.B\u00fccher.example:8443/pay?x=1")
    'login.xn--bcher-kva.example'
    >>> normalise_host("*.shop.example.")
    'shop.example'
    """
    if len(text) > _MAX_TEXT:
        raise ValueError(f"is longer than {_MAX_TEXT} characters")
    name = _without_url(_DOTS.sub(".", text.strip().lower())).strip()
    while name.startswith("*."):
        name = name[2:]
    name = name.removesuffix(".")
    if not name:
        raise ValueError("is empty")
    if not name.isascii():
        name = _to_ascii(name).removesuffix(".")
    return _checked(name)


def normalise_hosts(column: pa.Array) -> tuple[pa.Array, dict[int, str]]:
    """The column normalised, and the reason for each row that is no host (null there).

    column: Arrow string of n rows. Null stays null without a reason.
    """
    lowered = pc.ascii_lower(column)
    trimmed = pc.ascii_rtrim(
        pc.ascii_ltrim(pc.ascii_trim_whitespace(lowered), characters="*."), characters="."
    )
    plain = pc.and_(
        pc.match_substring_regex(lowered, pattern=_PLAIN),
        pc.less_equal(pc.binary_length(trimmed), MAX_HOST),
    )
    odd = pc.invert(pc.fill_null(plain, True))
    reasons: dict[int, str] = {}
    if not pc.any(odd).as_py():
        return trimmed, reasons
    mended: list[str | None] = []
    rows = np.flatnonzero(odd.to_numpy(zero_copy_only=False))
    for row, text in zip(rows.tolist(), column.filter(odd).to_pylist(), strict=True):
        try:
            mended.append(normalise_host(text))
        except ValueError as error:
            mended.append(None)
            reasons[row] = str(error)
    return pc.replace_with_mask(trimmed, odd, pa.array(mended, pa.string())), reasons


def _without_url(name: str) -> str:
    """name: lower case. What a browser would take for the host, as written."""
    name = _SCHEME.sub("", name, count=1) if _SCHEME.match(name) else name
    for mark in "/\\?#":
        name = name.partition(mark)[0]
    name = name.rpartition("@")[2]
    if name.count(":") > 1 or name.startswith("["):
        raise ValueError("is an IP address, not a name")
    return _PORT.sub("", name)


def _to_ascii(name: str) -> str:
    """name: holds non-ASCII. UTS #46 where it has an answer, else plain punycode.

    Raises ValueError for what cannot fit, before it costs: punycode takes quadratic time.
    """
    if len(name) > _MAX_UNMAPPED:
        raise ValueError(f"is longer than {MAX_HOST} bytes, however it is mapped")
    try:
        mapped = idna.uts46_remap(name, std3_rules=False)
    except idna.IDNAError:
        mapped = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return ".".join(map(_a_label, mapped.split(".")))


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    if len(label) > _MAX_CODE_POINTS:
        raise ValueError(f"has a label longer than {MAX_LABEL} bytes")
    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        # Codecs report what they cannot encode as UnicodeError; IDNAError is one as well.
        return "xn--" + label.encode("punycode").decode("ascii").lower()


def _checked(name: str) -> str:
    """name: ASCII, lower case. Raises ValueError when it is not a host of two labels or more."""
    labels = name.split(".")
    for label in labels:
        if not label:
            raise ValueError("has an empty label")
        if not _LABEL.fullmatch(label):
            raise ValueError("has a character that no host name may hold")
        if len(label) > MAX_LABEL:
            raise ValueError(f"has a label longer than {MAX_LABEL} bytes")
    if len(name) > MAX_HOST:
        raise ValueError(f"is longer than {MAX_HOST} bytes")
    if _is_address(name):
        raise ValueError("is an IP address, not a name")
    if len(labels) == 1:
        raise ValueError("is a single label")
    if _NUMBER.fullmatch(labels[-1]):
        raise ValueError("ends in a number, which no public name does")
    return name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
