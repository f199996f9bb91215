"""Bytes of a page to text, roughly as browsers decide: mark, header, meta, then what fits.

Only encodings that the web uses: Python knows codecs that are no encodings of text or take a
square of the time (punycode), and a header of a stranger could name them.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import codecs
import re

#: Python's names of what the Encoding Standard lists and Python has.
WEB = frozenset(
    {
        "utf-8", "utf-16-le", "utf-16-be", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254",
        "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "cp874", "iso8859-2", "iso8859-3",
        "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-10",
        "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "koi8-r", "koi8-u", "mac-roman",
        "mac-cyrillic", "gbk", "gb18030", "big5", "euc_jp", "iso2022_jp", "shift_jis", "euc_kr",
    }
)  # fmt: skip
#: Labels that mean a larger encoding than they say.
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "utf-16": "utf-16-le",
}  # fmt: skip
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.+-]{1,40})", re.I)
_PARAMETER = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.+-]{1,40})", re.IGNORECASE)


def decode_html(body: bytes, content_type: str) -> tuple[str, str]:
    """(text, name of the encoding). What does not fit becomes U+FFFD; never raises.

    >>> decode_html("caf\u00e9".encode("latin-1"), "text/html; charset=ISO-8859-1")
    ('caf\u00e9', 'cp1252')
    """
    for mark, marked in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(marked, "replace"), marked
    given = _PARAMETER.search(content_type)
    name = _known(given[1]) if given else None
    if name is None and (found := _META.search(body[:1024])):
        name = _known(found[1].decode("ascii"))
        # A meta that can be read as ASCII cannot stand in UTF-16.
        name = "utf-8" if name in ("utf-16-le", "utf-16-be") else name
    if name is None:
        try:
            return body.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            name = "cp1252"
    return body.decode(name, "replace"), name


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    name = _MEANT.get(name, name)
    return name if name in WEB else None
