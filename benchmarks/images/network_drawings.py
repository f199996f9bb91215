"""What the embedding network learns from: some 20,000 drawings, grounds, and nobody's pictures.

Drawings are icons of sets whose licences ask at most for a notice, the logos that the detector
may be fitted to, marks made of random shapes, and words that nobody uses. Icon sets of brands are
left out, and so is every interface icon whose name is that of a logo in the logos file: what is
kept back for testing is never learned. Grounds are windows of the photographs of part "fit" and
made ones: noise whose power falls with frequency, and overlapping leaves of all sizes, which have
the edges and textures of photographs.
May import: benchmarks.images.
"""

from __future__ import annotations

import json
import math
import random
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from benchmarks.images.compositing import Rgba, premultiplied
from benchmarks.images.photographs import photo_crop
from benchmarks.images.protocol import read_fitted_on
from benchmarks.images.rendering import from_svg, read_sources, tightened

#: Longest side of a drawing, and the side of the square that it is kept in, pixels.
SIDE = 96
GROUND = 128  #: side of a ground, pixels
_MOST_ASPECT = 3.2
_MADE, _WORDS, _GROUNDS = 2500, 1600, 1600
#: Of the fitted keys only these are learned, so that the others can choose between networks.
_LEARNED_REST = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IconSet:
    """Of one set in iconify's JSON form."""

    licence: str
    kept: str  #: names to take, a regular expression searched for
    dropped: str = "^$"  #: names to leave out
    most: int = 10_000
    emoji: bool = False  #: shows things alone: a name that is a brand's, too, is a thing


SETS: Mapping[str, IconSet] = {
    "noto": IconSet(licence="Apache-2.0", kept=".", dropped="skin-tone|^flag-", emoji=True),
    "fluent-emoji-flat": IconSet(licence="MIT", kept=".", dropped="light|dark|medium|^flag-",
                                 emoji=True),
    "fxemoji": IconSet(licence="Apache-2.0", kept=".", emoji=True),
    "circle-flags": IconSet(licence="MIT", kept=".", most=300, emoji=True),
    "temaki": IconSet(licence="CC0-1.0", kept=".", emoji=True),
    "flat-color-icons": IconSet(licence="MIT", kept="."),
    "fluent-color": IconSet(licence="MIT", kept="-(48|32)$"),
    "icon-park": IconSet(licence="Apache-2.0", kept=".", most=1200),
    "meteocons": IconSet(licence="MIT", kept="-fill$", most=150),
    "mdi": IconSet(licence="Apache-2.0", kept=".", dropped="outline$", most=2800),
    "tabler": IconSet(licence="MIT", kept=".", dropped="^brand-", most=1200),
    "ph": IconSet(licence="MIT", kept="-(fill|duotone)$", dropped="logo", most=1300),
    "bi": IconSet(licence="MIT", kept="-fill$", most=300),
    "carbon": IconSet(licence="Apache-2.0", kept=".", dropped="logo", most=500),
    "mingcute": IconSet(licence="Apache-2.0", kept="-fill$", most=900),
    "healthicons": IconSet(licence="MIT", kept=".", dropped="outline|24px", most=500),
    "material-symbols": IconSet(licence="Apache-2.0", kept=".", dropped="outline|rounded|sharp",
                                most=1200),
    "fluent": IconSet(licence="MIT", kept="-48-filled$", most=900),
    "ion": IconSet(licence="MIT", kept=".", dropped="logo|^md-|^ios-|outline|sharp", most=300),
    "iconoir": IconSet(licence="MIT", kept=".", most=400),
    "majesticons": IconSet(licence="MIT", kept=".", dropped="-line$", most=200),
    "maki": IconSet(licence="CC0-1.0", kept=".", dropped="-1[15]$", most=100),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawings:
    """All of them, as the compiled views read them."""

    large: npt.NDArray[np.uint8]  #: (n, SIDE, SIDE, 4), alpha premultiplied
    one_colour: npt.NDArray[np.bool_]  #: (n,): any colour will do
    group: npt.NDArray[np.int64]  #: (n,): of one group may show the same thing
    weight: npt.NDArray[np.float64]  #: (n,), how often each is taken; sums to 1


def drawings(folders: list[Path], logos: Path) -> Drawings:
    """folders: each holding `<set>/icons.json`. logos: columns as protocol.py reads them.

    The same files give the same drawings. Near copies (the same shape at 12 x 12) come once.
    """
    taken: dict[bytes, None] = {}
    kept: list[npt.NDArray[np.uint8]] = []
    groups: dict[str, int] = {}
    group, plain, weight = [], [], []
    for name, drawn, often in _all(folders, logos):
        height, width = drawn.shape[:2]
        most = 8 if name.startswith("word:") else _MOST_ASPECT
        if max(height, width) > most * min(height, width):
            continue
        square, one_colour = _square(drawn)
        digest = _coarse(square, one_colour)
        if digest in taken:
            continue
        taken[digest] = None
        kept.append(square)
        plain.append(one_colour)
        weight.append(often)
        what = name if name.startswith(("made:", "word:")) else name.split(":")[1].split("-")[0]
        group.append(groups.setdefault(what, len(groups)))
    chances = np.array(weight, np.float64)
    return Drawings(large=np.stack(kept), one_colour=np.array(plain, bool),
                    group=np.array(group, np.int64), weight=chances / chances.sum())  # fmt: skip


def _all(folders: list[Path], logos: Path) -> Iterator[tuple[str, Rgba, float]]:
    """Name, drawing, weight."""
    sources = read_sources(logos)
    fitted = read_fitted_on()
    branded = {re.sub("[^a-z0-9]", "", one.key.lower()) for one in sources}
    for name, svg, often in _icons(folders, branded):
        drawn = from_svg(svg, "#000000")
        if drawn is not None:
            yield name, drawn, often
    for source in sources:
        learned = zlib.crc32(source.key.encode()) % 5 == _LEARNED_REST
        # fontawesome's drawings ask for attribution wherever they are used.
        if source.key in fitted and learned and source.set != "fontawesome-brands":
            drawn = from_svg(source.svg, "#000000")
            if drawn is not None:
                yield f"logo:{source.key}", drawn, 2.5
    chosen = random.Random(11)  # noqa: S311 - reproducible
    for number in range(_MADE):
        drawn = from_svg(_mark(chosen), "#000000")
        if drawn is not None:
            yield f"made:{number}", drawn, 1.0
    for number in range(_WORDS):
        yield f"word:{number}", _word(chosen), 1.0


def _icons(folders: list[Path], branded: set[str]) -> Iterator[tuple[str, str, float]]:
    for name, wanted in SETS.items():
        file = next((path for folder in folders
                     if (path := folder / name / "icons.json").exists()), None)  # fmt: skip
        if file is None:
            raise FileNotFoundError(f"No {name}/icons.json in any folder: npm install "
                                    f"--ignore-scripts @iconify-json/{name}")  # fmt: skip
        stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        icons = [
            icon
            for icon in sorted(stored["icons"])
            if re.search(wanted.kept, icon) and not re.search(wanted.dropped, icon)
            and (wanted.emoji or not {icon.split("-")[0], icon.replace("-", ""),
                                      icon.rsplit("-", 1)[0].replace("-", "")} & branded)
        ]  # fmt: skip
        random.Random(name).shuffle(icons)  # noqa: S311 - reproducible
        for icon in icons[: wanted.most]:
            held = stored["icons"][icon]
            box = " ".join(str(held.get(key, stored.get(key, otherwise))) for key, otherwise in
                           (("left", 0), ("top", 0), ("width", 16), ("height", 16)))  # fmt: skip
            body = held["body"].replace("currentColor", "#000")
            yield (f"{name}:{icon}",
                   '<svg xmlns="http://www.w3.org/2000/svg" '
                   f'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box}">{body}</svg>',
                   1.3 if wanted.emoji else 1.0)  # fmt: skip


def _square(drawn: Rgba) -> tuple[npt.NDArray[np.uint8], bool]:
    """(SIDE, SIDE, 4) with premultiplied alpha; whether it has one colour."""
    seen = drawn[drawn[..., 3] > 128][:, :3].astype(np.float32)
    one_colour = bool(len(seen)) and float(seen.std(axis=0).max()) < 6
    height, width = drawn.shape[:2]
    factor = SIDE / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(premultiplied(drawn), size, interpolation=cv2.INTER_AREA)
    made = np.zeros((SIDE, SIDE, 4), np.uint8)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    made[top : top + size[1], left : left + size[0]] = np.clip(small + 0.5, 0, 255)
    return made, one_colour


def _coarse(square: npt.NDArray[np.uint8], one_colour: bool) -> bytes:
    shape = cv2.resize(square[..., 3], (12, 12), interpolation=cv2.INTER_AREA) // 32
    if one_colour:
        return bytes(shape.tobytes())
    colour = cv2.resize(square[..., :3], (8, 8), interpolation=cv2.INTER_AREA) // 48
    return bytes(shape.tobytes() + colour.tobytes())


def _mark(chosen: random.Random) -> str:
    """One to four shapes in one to three colours, often turned about the middle."""
    colours = [f"#{chosen.getrandbits(24):06x}" for _ in range(chosen.choice((1, 1, 2, 3)))]
    drawn = "".join(
        _part(chosen, chosen.choice(colours + ["#fff"] * (chosen.random() < 0.3)))
        for _ in range(chosen.choice((1, 2, 2, 3, 3, 4)))
    )
    turns = chosen.choice((1, 1, 1, 2, 3, 4, 5, 6))
    body = "".join(f'<g transform="rotate({360 * turn / turns:.1f} 50 50)">{drawn}</g>'
                   for turn in range(turns))  # fmt: skip
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 120 120">{body}</svg>'


def _part(chosen: random.Random, colour: str) -> str:
    x, y, radius = chosen.uniform(25, 75), chosen.uniform(25, 75), chosen.uniform(10, 38)
    turn = chosen.uniform(0, 360)
    paint = f'fill="{colour}"'
    if chosen.random() < 0.35:
        paint = f'fill="none" stroke="{colour}" stroke-width="{chosen.uniform(4, 14):.1f}"'
    kind = chosen.choice(("disc", "bar", "star", "star", "arc", "blob", "blob", "stripes"))
    if kind == "disc":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {paint}/>'
    if kind == "bar":
        return (f'<rect x="{x - radius:.1f}" y="{y - radius / 2:.1f}" width="{2 * radius:.1f}" '
                f'height="{radius * chosen.uniform(0.2, 2):.1f}" rx="{chosen.choice((0, 0, 3, 9))}"'
                f' {paint} transform="rotate({turn:.0f} {x:.1f} {y:.1f})"/>')  # fmt: skip
    if kind == "arc":
        begin = math.radians(turn)
        end = begin + chosen.uniform(1, 5)
        ends = [f"{x + radius * math.cos(at):.1f} {y + radius * math.sin(at):.1f}"
                for at in (begin, end)]  # fmt: skip
        wide = int(end - begin > math.pi)
        return (f'<path d="M{ends[0]}A{radius:.1f} {radius:.1f} 0 {wide} 1 {ends[1]}" fill="none" '
                f'stroke="{colour}" stroke-width="{chosen.uniform(5, 20):.1f}"/>')  # fmt: skip
    if kind == "stripes":
        width = chosen.uniform(4, 10)
        return "".join(
            f'<rect x="{20 + 2 * at * width:.1f}" y="{y - radius * chosen.uniform(0.3, 1):.1f}" '
            f'width="{width:.1f}" height="{radius * chosen.uniform(0.6, 1.6):.1f}" {paint}/>'
            for at in range(chosen.randint(2, 4))
        )
    if kind == "blob":
        curve = chosen.choice("QL")
        points = [(chosen.uniform(10, 90), chosen.uniform(10, 90))
                  for _ in range(2 * chosen.randint(3, 5) + 1)]  # fmt: skip
        path = " ".join(f"{a:.1f} {b:.1f}" for a, b in points[1:])
        return f'<path d="M{points[0][0]:.1f} {points[0][1]:.1f}{curve}{path}Z" {paint}/>'
    corners, inner = chosen.randint(3, 8), chosen.choice((1, 1, 0.5, 0.4, 0.75))
    count = corners if inner == 1 else 2 * corners
    points = [
        (x + reach * math.cos(at), y + reach * math.sin(at))
        for number in range(count)
        for at in (2 * math.pi * number / count + math.radians(turn),)
        for reach in (radius * (inner if number % 2 else 1),)
    ]
    return f'<polygon points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}" {paint}/>'


_SYLLABLES = ("ka ro mi te lu so na vi bo re da po li xa zen tor mix um el is ant or qui fy ly "
              "net hub go sta pre cri blo fl gra").split()  # fmt: skip


def _fonts() -> list[Callable[[float], Any]]:
    """Latin typefaces of this machine; Pillow's own where there are none."""
    found = [path for folder in ("dejavu", "liberation", "noto")
             for path in sorted(Path("/usr/share/fonts/truetype", folder).glob("*.ttf"))
             if re.match("DejaVu|Liberation|Noto(Sans|Serif|SansMono)-", path.name)]  # fmt: skip

    def typeface(path: Path) -> Callable[[float], Any]:
        return lambda size: ImageFont.truetype(path, size)

    return [typeface(path) for path in found] or [ImageFont.load_default]


def _word(chosen: random.Random) -> Rgba:
    """Two to four syllables, in one or two colours, perhaps after a small mark."""
    word = "".join(chosen.choice(_SYLLABLES) for _ in range(chosen.choice((2, 2, 3, 3, 4))))
    word = chosen.choice((word, word.upper(), word.capitalize(), word.capitalize()))
    font = chosen.choice(_fonts())(72)
    canvas = Image.new("RGBA", (1400, 200))
    pen = ImageDraw.Draw(canvas)
    inks = [tuple(chosen.randrange(256) for _ in range(3)) for _ in range(2)]
    if chosen.random() < 0.4:
        size = chosen.randint(50, 80)
        box = (20, 60, 20 + size, 60 + size)
        chosen.choice((pen.ellipse, pen.rectangle))(box, fill=chosen.choice(inks))
    cut = chosen.randrange(1, len(word)) if chosen.random() < 0.25 else len(word)
    pen.text((120, 50), word[:cut], font=font, fill=inks[0])
    pen.text((120 + pen.textlength(word[:cut], font=font), 50), word[cut:], font=font,
             fill=inks[1])  # fmt: skip
    drawn = tightened(np.asarray(canvas, np.uint8))
    if drawn is None:
        raise ValueError("A word without a visible letter: no typeface can draw it.")
    return drawn


def strangers() -> npt.NDArray[np.uint8]:
    """(n, SIDE, SIDE, 4), premultiplied: letters and heads, which stand for nobody's logo."""
    made = []
    for font in [font(90) for font in _fonts()[:14]]:
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abdeghkmnqrt":
            canvas = Image.new("RGBA", (160, 160))
            ImageDraw.Draw(canvas).text((30, 20), letter, font=font, fill=(0, 0, 0, 255))
            drawn = tightened(np.asarray(canvas, np.uint8))
            if drawn is not None:
                made.append(_square(drawn)[0])
    grain = np.random.default_rng(5)
    for _ in range(60):
        mask = np.zeros((SIDE, SIDE), np.uint8)
        middle = SIDE // 2
        cv2.circle(mask, (middle, int(grain.uniform(24, 34))), int(grain.uniform(16, 24)), 255, -1,
                   cv2.LINE_AA)  # fmt: skip
        axes = int(grain.uniform(30, 46)), int(grain.uniform(26, 42))
        cv2.ellipse(mask, (middle, SIDE), axes, 0, 180, 360, 255, -1, cv2.LINE_AA)
        made.append(np.dstack([np.zeros((SIDE, SIDE, 3), np.uint8), mask]))
    return np.stack(made)


def grounds() -> npt.NDArray[np.uint8]:
    """(n, GROUND, GROUND, 3), RGB: four of nine are windows of photographs."""
    chosen = random.Random(5)  # noqa: S311 - reproducible
    grain = np.random.default_rng(5)
    made = []
    for number in range(_GROUNDS):
        if number % 9 < 4:
            window = photo_crop("fit", chosen, GROUND).astype(np.float32)
            # Grey photographs in a tint, so that a ground's colour says nothing.
            if window.std(axis=2).mean() < 3:
                window *= grain.uniform(0.4, 1.3, 3)
            made.append(window * grain.uniform(0.7, 1.2) + grain.uniform(-20, 20))
        else:
            made.append(_leaves(grain, 0 if number % 3 == 0 else int(grain.integers(8, 90))))
    return np.clip(np.stack(made), 0, 255).astype(np.uint8)


def _cloud(grain: np.random.Generator, fall: float) -> npt.NDArray[np.float64]:
    """(GROUND, GROUND), mean 0, deviation 1: amplitude falls as frequency ** -fall."""
    steps = np.fft.fftfreq(GROUND)
    frequency = np.hypot(*np.meshgrid(steps, steps))
    frequency[0, 0] = 1
    waves = grain.normal(size=(2, GROUND, GROUND))
    field = np.fft.ifft2((waves[0] + 1j * waves[1]) / frequency**fall).real
    return np.asarray((field - field.mean()) / field.std(), np.float64)


def _leaves(grain: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Cloud, and on it so many leaves of power-law size, each with a texture of its own."""
    colour = grain.uniform(0, 255, 3)
    texture = _cloud(grain, grain.uniform(0.9, 1.8))
    made = colour + texture[..., None] * grain.uniform(10, 50) * grain.uniform(0.6, 1.2, 3)
    made += _cloud(grain, grain.uniform(1, 2))[..., None] * grain.uniform(0, 25) * grain.normal(size=3)
    for _ in range(count):
        radius = min(70.0, 4 / (grain.random() + 0.03) ** 0.8)
        middle = grain.uniform(-10, GROUND + 10, 2)
        angles = np.sort(grain.uniform(0, 2 * math.pi, grain.integers(3, 12)))
        reach = radius * grain.uniform(0.5, 1, (2, len(angles)))
        outline = middle + (reach * np.stack([np.cos(angles), np.sin(angles)])).T
        mask = np.zeros((GROUND, GROUND), np.uint8)
        cv2.fillPoly(mask, [outline.astype(np.int32)], 255, cv2.LINE_AA)
        if grain.random() < 0.5:
            mask = cv2.GaussianBlur(mask, (0, 0), grain.uniform(0.5, 3))
        cover = mask[..., None] / 255
        shifted = np.roll(texture, tuple(grain.integers(0, GROUND, 2)), (0, 1))[..., None]
        ink = colour * grain.random() + grain.uniform(0, 255, 3) * grain.random()
        made = made * (1 - cover) + (ink + shifted * grain.uniform(0, 35)) * cover
    return np.asarray(cv2.GaussianBlur(made, (0, 0), grain.uniform(0.3, 1.2)), np.float64)
