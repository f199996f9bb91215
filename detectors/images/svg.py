"""An SVG of a stranger, cut down to shapes that refer to nothing outside themselves.

A renderer that meets `<image href="/srv/secret.png">` opens it; one that meets ten nested
`<use>` of ten draws ten thousand million shapes. So known elements and attributes are written
anew and nothing else, every reference is to an id of the same drawing or an embedded PNG or JPEG
of bounded size, and what would be drawn is counted first. Text is left out: no fonts are loaded.
Parsed by expat, with document types that declare anything refused: there are no entities.
May import: detectors.images.picture. Read: SVG 1.1, W3C 2011-08-16, sections 5, 7, 11 and 15.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import math
import re
import xml.parsers.expat
from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image

from detectors.images.picture import Undecodable

MAX_BYTES = 1_000_000
MAX_ELEMENTS = 20_000
#: Elements inside one another, and references that lead to references.
MAX_DEPTH = 64
#: Elements drawn, each counted as often as references draw it, long paths as several.
MAX_DRAWN = 20_000
#: Pixels of the longer side as drawn. A layer is as large, and a drawing may ask for MAX_DEPTH.
SIDE = 512
MAX_EMBEDDED = 8
MAX_EMBEDDED_BYTES = 200_000
MAX_EMBEDDED_PIXELS = 1_000_000
#: Rules of style sheets; each is tried on each element.
MAX_RULES = 400

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"

_ELEMENTS = frozenset(
    {
        "svg", "g", "defs", "symbol", "use", "path", "rect", "circle", "ellipse", "line",
        "polyline", "polygon", "image", "style", "linearGradient", "radialGradient", "stop",
        "clipPath", "mask", "pattern", "marker",
    }
)  # fmt: skip
#: Written as plain groups: what is inside them is drawn.
_GROUPS = frozenset({"a", "switch"})
#: May be set by style sheets as well.
_PROPERTIES = frozenset(
    {
        "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity",
        "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray",
        "stroke-dashoffset", "opacity", "clip-path", "clip-rule", "mask", "mask-type", "color",
        "display", "visibility", "overflow", "stop-color", "stop-opacity", "paint-order",
        "marker", "marker-start", "marker-mid", "marker-end", "isolation", "mix-blend-mode",
        "transform", "shape-rendering",
    }
)  # fmt: skip
_ATTRIBUTES = _PROPERTIES | frozenset(
    {
        "id", "class", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx",
        "fy", "fr", "width", "height", "points", "offset", "viewBox", "preserveAspectRatio",
        "gradientTransform", "gradientUnits", "spreadMethod", "patternTransform",
        "patternUnits", "patternContentUnits", "clipPathUnits", "maskUnits", "maskContentUnits",
        "markerWidth", "markerHeight", "markerUnits", "refX", "refY", "orient",
    }
)  # fmt: skip
_REFERRING = frozenset({"use", "linearGradient", "radialGradient", "pattern"})

# Each of these is linear in the length of what it reads: a stranger wrote it.
_LOCAL_URL = re.compile(r"""url\(\s*(["']?)#([\w.:-]+)\1\s*\)""")
_LOCAL_HREF = re.compile(r"#[\w.:-]+")
_NAME = re.compile(r"[\w-]*$")
_CALLS = frozenset(
    {
        "rgb", "rgba", "hsl", "hsla", "matrix", "translate", "translatex", "translatey",
        "scale", "scalex", "scaley", "rotate", "skewx", "skewy",
    }
)  # fmt: skip
_EMBEDDED = re.compile(r"data:image/(?:png|jpe?g);base64,(.*)", re.DOTALL)
_MAX_NUMBER = 40  # characters
_LENGTH = re.compile(r"\s*([0-9.eE+-]+)\s*(px|pt|pc|mm|cm|in|em|ex)?\s*")
_SELECTOR = re.compile(r"[\w\s.#,*>:+~-]+")

#: Those that expat reads by itself; for others Python would import a codec.
_ENCODINGS = frozenset({"utf-8", "utf-16", "iso-8859-1", "us-ascii"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What may be handed to a renderer."""

    markup: str
    width: int  #: pixels to draw, the longer side SIDE
    height: int


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    children: list[_Element] = field(default_factory=list)
    text: list[str] = field(default_factory=list)  # of style sheets alone


class _Refused(Exception):
    """Carries the reason."""


def looks_like_svg(data: bytes) -> bool:
    """Whether a renderer would take data for SVG: text that begins as XML and has an <svg>."""
    start = data[:256].lstrip(b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n")
    if not start.startswith(b"<"):
        return False
    return b"<svg" in data or b":svg" in data or b"<\x00s\x00v\x00g" in data


def sanitised(data: bytes) -> Drawing | Undecodable:
    """data: bytes of an SVG file in any encoding expat knows. Never raises."""
    if len(data) > MAX_BYTES:
        return Undecodable(f"an SVG larger than {MAX_BYTES // 1_000_000} MB")
    try:
        root = _parsed(data)
        _count_drawn(root)
        width, height, box = _size(root)
        root.attributes |= {"width": str(width), "height": str(height), "viewBox": box}
        return Drawing(markup="".join(_written(root)), width=width, height=height)
    except _Refused as refused:
        return Undecodable(str(refused))
    except (xml.parsers.expat.ExpatError, ValueError):
        return Undecodable("an SVG that is not well-formed")


def _parsed(data: bytes) -> _Element:
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    builder = _Builder()
    parser.XmlDeclHandler = builder.declaration
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.entity
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.Parse(data, True)
    if builder.root is None:
        raise _Refused("an XML file without an SVG drawing")
    return builder.root


class _Builder:
    """Takes what is known, and leaves out whole what is not."""

    def __init__(self) -> None:
        self.root: _Element | None = None
        self._open: list[_Element] = []
        self._skipped = 0  # elements open inside one that is left out
        self._seen = 0
        self._embedded = 0

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise _Refused("an SVG in an encoding that is not read")

    def doctype(self, _name: str, _system: str | None, _public: str | None, own: bool) -> None:
        # The plain line that drawing programs write names a file that expat does not fetch.
        if own:
            raise _Refused("an SVG that declares entities")

    def entity(self, *_declared: object) -> None:
        raise _Refused("an SVG that declares entities")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._seen += 1
        if self._seen > MAX_ELEMENTS:
            raise _Refused(f"an SVG of more than {MAX_ELEMENTS:,} elements")
        if len(self._open) + self._skipped >= MAX_DEPTH:
            raise _Refused(f"an SVG of more than {MAX_DEPTH} elements inside one another")
        space, _, name = tag.rpartition(" ")
        if name in _GROUPS:
            name = "g"
        if self.root is None and (space not in ("", _SVG) or name != "svg"):
            raise _Refused("an XML file without an SVG drawing")
        if self._skipped or space not in ("", _SVG) or name not in _ELEMENTS:
            self._skipped += 1
            return
        made = _Element(name, self._kept(name, attributes))
        if name == "image" and "href" not in made.attributes:
            self._skipped += 1
            return
        if self._open:
            self._open[-1].children.append(made)
        else:
            self.root = made
        self._open.append(made)

    def end(self, _tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
        else:
            self._open.pop()

    def characters(self, text: str) -> None:
        if not self._skipped and self._open and self._open[-1].name == "style":
            self._open[-1].text.append(text)

    def _kept(self, name: str, attributes: dict[str, str]) -> dict[str, str]:
        kept = {}
        for key, value in attributes.items():
            if key in ("href", f"{_XLINK} href"):
                if self._may_refer(name, value):
                    kept["href"] = value.strip()
            elif key == "style":
                kept["style"] = _declarations(_without_comments(value))
            elif key in _ATTRIBUTES and _is_harmless(value):
                kept[key] = value
        return kept

    def _may_refer(self, name: str, value: str) -> bool:
        if name in _REFERRING:
            return _LOCAL_HREF.fullmatch(value.strip()) is not None
        if name != "image" or not (embedded := _EMBEDDED.fullmatch(value.strip())):
            return False
        self._embedded += 1
        return self._embedded <= MAX_EMBEDDED and _is_small_picture(embedded.group(1))


def _is_small_picture(encoded: str) -> bool:
    if len(encoded) > MAX_EMBEDDED_BYTES * 2:
        return False
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
        # The header alone: nothing is decoded here.
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            pixels = opened.width * opened.height
    except (binascii.Error, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return len(content) <= MAX_EMBEDDED_BYTES and pixels <= MAX_EMBEDDED_PIXELS


def _is_harmless(value: str) -> bool:
    """No function but those of colours and transforms, no url but to an id in the drawing."""
    rest = _LOCAL_URL.sub("", value).lower()
    # A backslash would spell any of the words below otherwise, and markup has no place in a value.
    if any(sign in rest for sign in ("\\", "@", "url", "://", "/*", "{", "}", ";", "<", ">", "&")):
        return False
    before = rest.split("(")[:-1]
    return all(_NAME.findall(part[-32:].rstrip())[0] in _CALLS for part in before)


def _declarations(text: str) -> str:
    kept = []
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        if name.strip().lower() in _PROPERTIES and ":" not in value and _is_harmless(value):
            kept.append(f"{name.strip()}:{value.strip()}")
    return ";".join(kept)


def _style_sheet(text: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations that are kept. At-rules go with all they hold."""
    text = _without_at_rules(_without_comments(text))
    for rule in text.split("}")[:-1]:
        selector, _, body = rule.partition("{")
        if _SELECTOR.fullmatch(selector) and (kept := _declarations(body)):
            yield selector.strip(), kept


def _without_comments(text: str) -> str:
    kept, position = [], 0
    while (start := text.find("/*", position)) >= 0:
        kept.append(text[position:start])
        end = text.find("*/", start + 2)
        position = len(text) if end < 0 else end + 2
    return "".join((*kept, text[position:]))


def _without_at_rules(text: str) -> str:
    """Cut from each @ to the end of its statement or of its block."""
    kept, position = [], 0
    while (at := text.find("@", position)) >= 0:
        kept.append(text[position:at])
        position, depth = at, 0
        while position < len(text):
            sign = text[position]
            position += 1
            depth += (sign == "{") - (sign == "}")
            if (sign == ";" and depth == 0) or (sign == "}" and depth <= 0):
                break
    return "".join((*kept, text[position:]))


def _count_drawn(root: _Element) -> None:
    """Refuses what references would draw too often, or for ever."""
    by_id: dict[str, _Element] = {}
    used_by_rules: list[str] = []
    rules = 0
    for element in _all(root):
        if "id" in element.attributes:
            by_id.setdefault(element.attributes["id"], element)
        if element.name == "style":
            found = list(_style_sheet("".join(element.text)))
            rules += len(found)
            used_by_rules += [name for _, body in found for _, name in _LOCAL_URL.findall(body)]
            element.text = [f"{selector}{{{body}}}\n" for selector, body in found]
    if rules > MAX_RULES:
        raise _Refused(f"an SVG of more than {MAX_RULES} style rules")
    costs: dict[int, float] = {}
    under_way: set[int] = set()

    def cost(element: _Element, depth: int) -> float:
        known = costs.get(id(element))
        if known is not None:
            return known
        if id(element) in under_way:
            raise _Refused("an SVG that refers to itself")
        if depth > 4 * MAX_DEPTH:
            raise _Refused("an SVG of references that lead too far")
        under_way.add(id(element))
        total = 1 + sum(map(len, element.attributes.values())) / 1000
        names = [
            name for value in element.attributes.values() for _, name in _LOCAL_URL.findall(value)
        ]
        if element.name in _REFERRING and "href" in element.attributes:
            names.append(element.attributes["href"][1:])
        for name in names:
            if name in by_id:
                total += cost(by_id[name], depth + 1)
        for child in element.children:
            total += cost(child, depth + 1)
        under_way.discard(id(element))
        costs[id(element)] = total
        return total

    drawn = cost(root, 0)
    # A rule may put its pattern or mask on any element.
    if used_by_rules:
        heaviest = max((cost(by_id[name], 0) for name in used_by_rules if name in by_id), default=0)
        drawn += heaviest * len(costs)
    if drawn > MAX_DRAWN:
        raise _Refused(f"an SVG that draws more than {MAX_DRAWN:,} shapes")


def _all(element: _Element) -> Iterator[_Element]:
    waiting = [element]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(found.children)


def _size(root: _Element) -> tuple[int, int, str]:
    """Pixels to draw, and the viewBox; 100 units a side where a drawing names no size."""
    box = [
        _number(part) for part in re.split(r"[\s,]+", root.attributes.get("viewBox", "").strip())
    ]
    if len(box) != 4 or None in box:
        width = _number(root.attributes.get("width", "")) or 100.0
        height = _number(root.attributes.get("height", "")) or 100.0
        box = [0.0, 0.0, width, height]
    left, top, wide, high = (float(part or 0) for part in box)
    if not (0 < wide <= 1e6 and 0 < high <= 1e6 and abs(left) <= 1e6 and abs(top) <= 1e6):
        raise _Refused("an SVG without a size that can be drawn")
    scale = SIDE / max(wide, high)
    sides = max(1, round(wide * scale)), max(1, round(high * scale))
    return (*sides, f"{left:g} {top:g} {wide:g} {high:g}")


def _number(text: str) -> float | None:
    found = _LENGTH.fullmatch(text) if len(text) <= _MAX_NUMBER else None
    if not found:
        return None
    try:
        value = float(found.group(1))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _written(element: _Element) -> Iterator[str]:
    """The subtree as XML; at most MAX_DEPTH deep, so that recursion is bounded."""
    space = f' xmlns="{_SVG}"' if "viewBox" in element.attributes else ""
    yield f"<{element.name}{space}"
    for key, value in element.attributes.items():
        yield f' {key}="{html.escape(value)}"'
    yield ">"
    for text in element.text:
        yield html.escape(text, quote=False)
    for child in element.children:
        yield from _written(child)
    yield f"</{element.name}>"
