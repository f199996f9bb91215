"""What a stranger's HTML says, as plain values: forms, links, what it loads, what people read.

Runs in a process that may do nothing else (`page_child`), because the parsers are C and C++; so it
imports little and starts fast. Nothing is decided here: whether a page is parked, or poses as
somebody, is told from these values elsewhere.
Pure. May import: namaak.enriching.{charset, facts, plain, trackers}.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

import tlsh  # type: ignore[import-not-found]
from selectolax.lexbor import LexborHTMLParser, LexborNode

from namaak.enriching.charset import decode_html
from namaak.enriching.facts import MAX_FORMS, MAX_HOSTS, MAX_TEXT, MAX_TITLE
from namaak.enriching.plain import plain
from namaak.enriching.trackers import tracker_ids

_MAX_URL = 2_000
_MAX_ICONS = 4
_MAX_HEADINGS = 20
#: Elements whose text nobody sees.
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "object", "iframe", "title"})
#: To a browser that runs scripts what stands inside is mere text. Our parser reads it as elements,
#: and takes some of them out of it.
_NOSCRIPT = re.compile(r"<noscript(?=[\s/>]).*?(?:</noscript(?=[\s/>])|\Z)", re.I | re.S)
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STYLE_URL = re.compile(r"url\(\s*['\"]?([^'\")\s]{1,2000})", re.IGNORECASE)
_REFRESH = re.compile(r"\s*([0-9]{1,6})(?:\.[0-9]*)?\s*[;,]?\s*(?:url\s*=\s*)?(.*)", re.I | re.S)
_CARD = re.compile(r"card.?(?:number|num|no)\b|cc.?(?:number|num|csc|exp)|\bcv[vc]2?\b", re.I)
_CODE = re.compile(r"\botp\b|one.?time.?code|\b2fa\b|\bmfa\b|\btan\b", re.IGNORECASE)
_SEED = re.compile(r"seed.?phrase|mnemonic|recovery.?phrase", re.IGNORECASE)
_SENT_AWAY = re.compile(
    r"location(?:\.href)?\s*=\s*['\"](https?://[^'\"\s]{1,2000})"
    r"|location\.(?:replace|assign)\(\s*['\"](https?://[^'\"\s]{1,2000})"
)
_WRITES_ITSELF = re.compile(r"document\.write|unescape\(|\batob\(|fromCharCode|\beval\(")
#: Attributes that load something when the page is shown, by element.
_LOADS = {
    "script": ("src",), "img": ("src", "srcset"), "iframe": ("src",), "frame": ("src",),
    "embed": ("src",), "object": ("data",), "source": ("src", "srcset"), "video": ("src", "poster"),
    "audio": ("src",), "input": ("src",), "image": ("href", "xlink:href"),
}  # fmt: skip
#: What may make more of a page than its plain words, by what it is called in `active`.
_ACTIVE = {
    "script": "script",
    "frame": "iframe, frame, frameset, object, embed, portal, fencedframe",
    "field": "form, input, textarea, select, button, [contenteditable]",
    "refresh": "meta[http-equiv]",
    "picture": "img, picture, image, svg, math, video, audio, canvas",
    "stylesheet": "link[rel][href]",
    # What browsers skip where they run scripts is read here, and may hide what they do read.
    "hidden": "noscript, noembed, noframes, template, plaintext, xmp, [hidden]",
}
_STYLE_DRAWS = re.compile(r"url\s*\(|image-set|(?<![\w-])content\s*:|@import|\\", re.IGNORECASE)
#: Bytes of a page above which it is told no closer.
_MAX_PLAIN = 64 << 10
_PICTURES = frozenset({"img", "source", "video", "input", "image"})


def read_page(body: bytes, *, url: str, content_type: str, terms: Sequence[str]) -> dict[str, Any]:
    """Keys of `reading.Reading`. body: decompressed. url: final, of http or https.

    terms: words to count in the visible text, as written. Never raises for what body holds.
    """
    text, charset = decode_html(body, content_type)
    tree = LexborHTMLParser(text)
    base = _base(tree, url)
    resources: Counter[str] = Counter()
    pictures: Counter[str] = Counter()
    looks: set[str] = set()
    for tag, address in _loaded(tree, base):
        host = _host(address)
        if host is not None:
            resources[host] += 1
            if tag in _PICTURES or tag == "style":
                pictures[host] += 1
        if tag in ("script", "style"):
            looks.add(address.partition("#")[0].partition("?")[0])
    links = Counter(
        host
        for node in tree.css("a[href], area[href]")
        if (host := _host(_join(base, node.attributes.get("href")))) is not None
    )
    scripts = [node.text(deep=True) for node in tree.css("script:not([src])")]
    sent = _SENT_AWAY.search("\n".join(scripts))
    metas = _metas(tree)
    title = tree.css_first("title")
    found = {
        "charset": charset,
        "title": plain(title.text(), MAX_TITLE) if title is not None else None,
        "description": plain(metas.get("description") or metas.get("og:description")),
        "site_name": plain(metas.get("og:site_name") or metas.get("application-name")),
        "generator": plain(metas.get("generator"), 200),
        "language": _language(tree),
        "refresh": _refresh(text, tree, base),
        "script_sends_to": (sent[1] or sent[2])[:_MAX_URL] if sent else None,
        "forms": list(_forms(tree, base, url))[:MAX_FORMS],
        "resources": dict(resources.most_common(MAX_HOSTS)),
        "resources_cut": len(resources) > MAX_HOSTS,
        "images": dict(pictures.most_common(MAX_HOSTS)),
        "links": dict(links.most_common(MAX_HOSTS)),
        "links_cut": len(links) > MAX_HOSTS,
        "icons": list(_icons(tree, base))[:_MAX_ICONS],
        "trackers": tracker_ids(text),
        "html_tlsh": _tlsh(body),
        "script_set": _set_hash(looks),
        "headings": [
            heading
            for node in tree.css("h1, h2")[:_MAX_HEADINGS]
            if (heading := plain(_seen(node.text(deep=True, separator=" ")), 200))
        ],
    }
    seen = _visible_text(tree)
    written = sum(map(len, scripts))
    found |= {
        "text": seen[:MAX_TEXT],
        "text_length": len(seen),
        "text_tlsh": _tlsh(seen.encode("utf-8", "replace")),
        "mentions": _mentions(seen.casefold(), terms),
        "obfuscated": (
            len(seen) < 200
            and written > 0.6 * len(text)
            and any(map(_WRITES_ITSELF.search, scripts))
        ),
        "active": sorted(_active(tree, base, body, content_type, charset)),
    }
    return found


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return (_join(url, node.attributes.get("href")) if node is not None else None) or url


def _join(base: str, reference: str | None) -> str | None:
    """Absolute, of http or https; None for anything else, and for what is no URL at all."""
    if not reference:
        return None
    # As browsers do: blanks around are dropped, and so are line breaks and tabs inside.
    reference = re.sub(r"[\t\r\n]", "", reference[: 4 * _MAX_URL]).strip()
    try:
        whole = urljoin(base, reference)
    except ValueError:
        return None
    return whole if whole.startswith(("http://", "https://")) and len(whole) <= _MAX_URL else None


def _host(url: str | None) -> str | None:
    """Lower case, in A-labels where Python's own codec can make them."""
    if url is None:
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    if not host or len(host) > 253:
        return None
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return host.lower().removesuffix(".") or None


def _loaded(tree: LexborHTMLParser, base: str) -> Iterator[tuple[str, str]]:
    """(element, absolute URL) of everything that showing the page would load."""
    for node in tree.css(", ".join(_LOADS)):
        tag = node.tag or ""
        for name in _LOADS.get(tag, ()):
            value = node.attributes.get(name)
            for part in (value or "").split(",") if name == "srcset" else (value,):
                address = _join(base, part.split()[0] if part and part.split() else None)
                if address is not None:
                    yield tag, address
    for node in tree.css("link[href]"):
        rels = (node.attributes.get("rel") or "").lower().split()
        address = _join(base, node.attributes.get("href"))
        if address is not None and "stylesheet" in rels:
            yield "style", address
        elif address is not None and ("preload" in rels or any("icon" in rel for rel in rels)):
            yield "img", address
    styles = [node.text(deep=True) for node in tree.css("style")]
    styles += [node.attributes.get("style") or "" for node in tree.css("[style]")]
    for style in styles:
        for found in _STYLE_URL.finditer(style):
            address = _join(base, found[1])
            if address is not None:
                yield "img", address


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        name = node.attributes.get("name") or node.attributes.get("property")
        if name:
            found.setdefault(name.lower()[:100], node.attributes.get("content") or "")
    return found


def _language(tree: LexborHTMLParser) -> str | None:
    node = tree.css_first("html[lang]")
    given = plain(node.attributes.get("lang"), 35) if node is not None else None
    return given.lower() if given and re.fullmatch(r"[A-Za-z0-9-]+", given) else None


def _refresh(text: str, tree: LexborHTMLParser, base: str) -> dict[str, Any] | None:
    """Only what a browser that runs scripts would follow, so that nobody hides a page from us."""
    found = _refresh_in(tree, base)
    if found is None or _NOSCRIPT.search(text) is None:
        return found
    # Both must say so: in a comment or a script the cut may be at the wrong place.
    without = _refresh_in(LexborHTMLParser(_NOSCRIPT.sub("", text)), base)
    return found if found == without else None


def _refresh_in(tree: LexborHTMLParser, base: str) -> dict[str, Any] | None:
    for node in tree.css("meta[http-equiv]"):
        said = (node.attributes.get("http-equiv") or "").strip().lower()
        if said == "refresh" and not _is_below(node, {"template"}):
            found = _REFRESH.fullmatch((node.attributes.get("content") or "")[: 2 * _MAX_URL])
            if found and (address := _join(base, found[2].strip().strip("'\""))):
                return {"after_s": int(found[1]), "url": address}
    return None


def _forms(tree: LexborHTMLParser, base: str, url: str) -> Iterator[dict[str, Any]]:
    for form in tree.css("form"):
        action = _join(base, form.attributes.get("action")) or url
        method = (form.attributes.get("method") or "get").strip().lower()
        yield _form(action, method, form.css("input, button, textarea, select"))
    # Scripts send what stands in fields outside of any form; these belong to the page.
    loose = [node for node in tree.css("input, textarea") if not _in_form(node)]
    if loose:
        yield _form(url, "script", loose)


def _form(action: str, method: str, nodes: Iterable[LexborNode]) -> dict[str, Any]:
    fields: set[str] = set()
    for node in nodes:
        attributes = node.attributes
        type_ = (attributes.get("type") or "text").strip().lower()
        telling = " ".join(
            (attributes.get(name) or "")[:200]
            for name in ("name", "id", "autocomplete", "placeholder")
        )
        if type_ in ("password", "email", "tel", "file"):
            fields.add(type_)
        if node.tag != "button" and type_ not in ("submit", "button", "hidden"):
            fields |= {
                word
                for word, pattern in (("card", _CARD), ("code", _CODE), ("seed", _SEED))
                if pattern.search(telling)
            }
    return {
        "action": action,
        "action_host": _host(action) or "",
        "method": method if method in ("get", "post", "dialog", "script") else "get",
        "password": "password" in fields,
        "fields": sorted(fields),
    }


def _in_form(node: LexborNode) -> bool:
    return _is_below(node, {"form"}) or node.attributes.get("form") is not None


def _is_below(node: LexborNode, tags: Collection[str]) -> bool:
    above = node.parent
    while above is not None:
        if above.tag in tags:
            return True
        above = above.parent
    return False


def _icons(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    """URLs in the page's order; pictures inside the page itself (data:) as they stand."""
    for node in tree.css("link[rel][href]"):
        if "icon" in (node.attributes.get("rel") or "").lower().split():
            href = (node.attributes.get("href") or "").strip()
            if href[:11].lower() == "data:image/" and len(href) <= 400_000:
                yield href
            elif address := _join(base, href):
                yield address


def _visible_text(tree: LexborHTMLParser) -> str:
    """Walked by hand: taking hidden elements out of the tree would free nodes that a list holds."""
    parts: list[str] = []
    node = tree.body.child if tree.body is not None else None
    while node is not None:
        if node.tag == "-text":
            parts.append(node.text_content or "")
        elif (below := node.child) is not None and not _is_unseen(node):
            node = below
            continue
        while node is not None and node.next is None:
            node = node.parent
            if node is not None and node.tag == "body":
                node = None
        node = node.next if node is not None else None
    return _seen(" ".join(parts))


def _is_unseen(node: LexborNode) -> bool:
    if node.tag in _UNSEEN:
        return True
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDING.search(attributes.get("style") or ""))


def _active(
    tree: LexborHTMLParser, base: str, body: bytes, content_type: str, charset: str
) -> set[str]:
    """None of them: whoever opens the page sees its text, and can do nothing there."""
    found: set[str] = set()
    if len(body) > _MAX_PLAIN:
        found.add("long")
    # A browser may read other elements in it than we did.
    if "xml" in content_type.lower() or charset not in ("utf-8", "cp1252") or b"\x1b" in body:
        found.add("odd")
    for word, selector in _ACTIVE.items():
        for node in tree.css(selector):
            if word == "stylesheet" and "stylesheet" not in (
                (node.attributes.get("rel") or "").lower().split()
            ):
                continue
            if word == "refresh" and "refresh" not in (
                (node.attributes.get("http-equiv") or "").lower()
            ):
                continue
            found.add(word)
            break
    for node in tree.css("a[href], area[href]"):
        href = (node.attributes.get("href") or "").strip().lower()
        if href.startswith("mailto:"):
            found.add("contact")
        else:
            found.add("link" if _join(base, href) is not None else "script")
    styles = [node.text(deep=True) for node in tree.css("style")]
    if len(body) <= _MAX_PLAIN:
        for node in tree.css("*"):
            for name, value in node.attributes.items():
                if name.lower().startswith("on"):
                    found.add("script")
                elif name.lower() == "style":
                    styles.append(value or "")
                    if _HIDING.search(value or ""):
                        found.add("hidden")
                elif name.lower() == "background":
                    found.add("picture")
    if any(map(_STYLE_DRAWS.search, styles)):
        found.add("picture")
    return found


def _mentions(text: str, terms: Sequence[str]) -> dict[str, int]:
    """text: case folded. How often each term stands there as words of its own.

    >>> _mentions("acme acmeology acme-bank", ["Acme"])
    {'Acme': 2}
    """
    found = {}
    for term in terms:
        folded = term.casefold()
        before = r"(?<!\w)" if _has_words(folded[:1]) else ""
        after = r"(?!\w)" if _has_words(folded[-1:]) else ""
        count = len(re.findall(before + re.escape(folded) + after, text)) if folded else 0
        if count:
            found[term] = count
    return found


def _has_words(letter: str) -> bool:
    """Whether its script puts something between words; Chinese and Thai do not."""
    return letter.isascii() or letter.upper() != letter.lower()


def _seen(text: str) -> str:
    """Blanks made one; characters that only hide words from programs (soft hyphens) left out."""
    kept = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if not kept.isascii():
        kept = "".join(char for char in kept if unicodedata.category(char) != "Cf")
    return " ".join(kept.split())


def _set_hash(addresses: set[str]) -> str | None:
    """The same scripts and styles, in whatever order and version, give the same hash."""
    if not addresses:
        return None
    joined = "\n".join(sorted(addresses)).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()


def _tlsh(content: bytes) -> str | None:
    """None: fewer than 50 bytes, or too uniform for its buckets."""
    digest = str(tlsh.hash(content))
    return digest if re.fullmatch(r"T1[0-9A-F]{70}", digest) else None
