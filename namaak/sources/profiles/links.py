"""The web addresses that stand in free text: a biography, a description of an app.

People write them as URLs and as bare names (`acme.example/pay`). A bare name counts where its last
label is a top-level domain of the Public Suffix List, the snapshot in the tldextract package; mail
addresses and @mentions do not. Each character is looked at a bounded number of times.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import idna
import tldextract

#: What ends an address wherever it stands: blanks, quotes, and what RFC 3986 has no place for.
_REST = r"[^\s<>\"“”„«»「」『』（）【】|\\^`{}\u200b\u2060\ufeff]"
_URL = re.compile(rf"https?://(?=[\w\[]){_REST}*", re.I)
_PATH = re.compile(rf"(?::[0-9]{{1,5}}(?![\w.]))?(?:[/?#]{_REST}*)?")
_RUN = re.compile(r"[\w.-]+")
#: A second URL directly behind the first, with nothing but such a mark between them.
_NEXT_URL = re.compile(r"[,;)\]](?=https?://)", re.I)
_TRAILING = ".,;:!?'’*_~…。、"
_CLOSING = {")": "(", "]": "["}
#: Other full stops that resolvers and browsers take for a dot (UTS #46).
_DOTS = str.maketrans("。．｡", "...")
#: Scripts that are written without blanks, so that a name may stick to the words around it.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_STUCK_FIRST = re.compile(rf"[{_UNSPACED}ー]+([A-Za-z0-9-]+)")
_STUCK_LAST = re.compile(rf"([A-Za-z]+)[{_UNSPACED}ー]+")
_MOST_HOST = 253
_MOST_LABEL = 63
#: Reserved for examples and tests (RFC 2606, RFC 6761), or outside of the DNS.
_BESIDE_THE_LIST = frozenset({"example", "test", "invalid", "onion"})


def links_in(text: str) -> tuple[str, ...]:
    """Web addresses in order, each once; a bare name becomes `https://` and that name.

    >>> links_in("Pay at acme.example/pay (see https://acme.test/a_(b)). Mail: pay@acme.example")
    ('https://acme.example/pay', 'https://acme.test/a_(b)')
    >>> links_in("@acme.example, node.js, v1.2.3, 203.0.113.9")
    ()
    """
    return tuple(dict.fromkeys(_found(text)))


def _found(text: str) -> Iterator[str]:
    dotted = text.translate(_DOTS)
    behind = 0
    for url in _URL.finditer(text):
        yield from _bare(dotted, behind, url.start())
        for part in _apart(url[0]):
            yield _trimmed(part)
        behind = url.end()
    yield from _bare(dotted, behind, len(text))


def _apart(url: str) -> Iterator[str]:
    cuts = [0, *(found.end() for found in _NEXT_URL.finditer(url)), len(url)]
    for start, end in pairwise(cuts):
        yield url[start:end]


def _bare(text: str, start: int, end: int) -> Iterator[str]:
    """Names without a scheme in text[start:end]."""
    at = start
    while (run := _RUN.search(text, at, end)) is not None:
        at = run.end()
        before = text[run.start() - 1 : run.start()]
        if before in tuple("@/+%&=#$") or text[at : at + 1] in ("@", "+"):
            # Mail addresses, mentions, and what is left of an address of another scheme.
            continue
        host = _host(run[0])
        if host is None:
            continue
        path = ""
        if run[0].endswith(host) and (rest := _PATH.match(text, at, end)) is not None:
            path, at = rest[0], rest.end()
        yield _trimmed(f"https://{host}{path}")


def _host(run: str) -> str | None:
    """The name that a run of letters, digits, dots and hyphens is; None where it is none."""
    labels = run.strip("._-").split(".")
    if len(labels) < 2 or len(run) > _MOST_HOST + 2:
        return None
    if stuck := _STUCK_FIRST.fullmatch(labels[0]):
        labels[0] = stuck[1]
    if stuck := _STUCK_LAST.fullmatch(labels[-1]):
        labels[-1] = stuck[1]
    if not all(_is_label(label) for label in labels):
        return None
    return ".".join(labels) if labels[-1].lower() in _top_level_domains() else None


def _is_label(label: str) -> bool:
    return 0 < len(label) <= _MOST_LABEL and "-" not in (label[0], label[-1])


def _trimmed(url: str) -> str:
    """Without the full stops, quotes and brackets that belong to the sentence around it."""
    open_ = {closing: url.count(opening) for closing, opening in _CLOSING.items()}
    closed = {closing: url.count(closing) for closing in _CLOSING}
    end = len(url)
    while end:
        last = url[end - 1]
        if last in _CLOSING and closed[last] > open_[last]:
            closed[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return url[:end]


@cache
def _top_level_domains() -> frozenset[str]:
    """In lower case, those of other scripts both as they are read and as A-labels."""
    listed = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None).tlds
    names = {suffix.rpartition(".")[2].lower() for suffix in listed}
    ascii_names = {idna.encode(name).decode() for name in names if not name.isascii()}
    return frozenset(names | ascii_names | _BESIDE_THE_LIST)
