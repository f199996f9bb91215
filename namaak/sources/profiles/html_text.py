"""A stranger's bit of HTML as people read it: its text, and where its links lead.

Bounded before it is parsed, read in one pass over the nodes and never by going down into them: a
note may be nested as deep as it is long. Nothing is loaded, run or resolved.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: Code points and tags that are read; no platform lets one write a tenth of it. Tags, because a
#: parser that repairs nested lists takes time by the square of their depth.
MAX_HTML = 65_536
_MOST_TAGS = 2_000
#: Elements whose text nobody sees.
_UNSEEN = ["script", "style", "template", "noscript", "svg", "math", "iframe", "object", "title"]
_NEW_LINE = frozenset({"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5"})
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]+")
_LINES = re.compile(r" ?\n[ \n]*")
#: Anchors to other accounts and to topics: they say nothing about where one is sent.
_INWARD = frozenset({"mention", "hashtag"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlText:
    """What a bit of HTML says."""

    text: str  #: lines of visible text, single blanks
    links: tuple[str, ...]  #: http and https addresses of its anchors, in order, each once


def read_html(html: str) -> HtmlText:
    """Never raises, whatever is given; beyond its bounds nothing is read.

    >>> read_html('<p>Pay <a href="https://acme.example/">here</a><br>now</p>')
    HtmlText(text='Pay here\\nnow', links=('https://acme.example/',))
    """
    tree = parsed(html)
    tree.strip_tags(_UNSEEN)
    return HtmlText(text=text_of_nodes(tree.root), links=tuple(dict.fromkeys(_links(tree.root))))


def parsed(html: str) -> LexborHTMLParser:
    """As far as the bounds go. Lone surrogates, which no parser takes, become question marks."""
    pieces = html[:MAX_HTML].split("<", _MOST_TAGS + 1)[: _MOST_TAGS + 1]
    return LexborHTMLParser("<".join(pieces).encode("utf-8", "replace").decode())


def text_of_nodes(root: LexborNode | None) -> str:
    """The text below a node, a line for each block."""
    if root is None:
        return ""
    parts: list[str] = []
    for node in root.traverse(include_text=True):
        if node.tag == "-text":
            # Line breaks of the source are blanks to a reader.
            parts.append((node.text_content or "").replace("\n", " "))
        elif node.tag in _NEW_LINE:
            parts.append("\n")
    return _LINES.sub("\n", _BLANKS.sub(" ", "".join(parts))).strip()


def _links(root: LexborNode | None) -> Iterator[str]:
    if root is None:
        return
    for node in root.traverse():
        if node.tag != "a":
            continue
        attributes = node.attributes
        if _INWARD & set((attributes.get("class") or "").split()):
            continue
        address = (attributes.get("href") or "").strip()
        if address.lower().startswith(("https://", "http://")):
            yield address
