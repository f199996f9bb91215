"""A stranger's SVG reveals nothing, reaches nothing and draws no more than it may."""

from __future__ import annotations

import base64
import io
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from detectors.images.decoding import decode
from detectors.images.picture import Picture, Undecodable
from detectors.images.svg import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_EMBEDDED,
    SIDE,
    Drawing,
    looks_like_svg,
    sanitised,
)

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
SHAPE = '<path d="M2 2h9v9z" fill="#c00"/>'


def svg(inside: str, attributes: str = 'viewBox="0 0 24 24"') -> bytes:
    return f"<svg {SVG} {attributes}>{inside}</svg>".encode()


def kept(inside: str, attributes: str = 'viewBox="0 0 24 24"') -> str:
    found = sanitised(svg(inside, attributes))
    assert isinstance(found, Drawing), found
    return found.markup


def refusal(data: bytes) -> str:
    found = sanitised(data)
    assert isinstance(found, Undecodable), found
    return found.reason


def png(side: int, colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG")
    return out.getvalue()


def data_url(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize("form", ["{}", "file://{}", "./{}", "//localhost{}"])
@pytest.mark.parametrize(
    "use",
    [
        '<image href="{}" width="24" height="24"/>',
        '<image xlink:href="{}" width="24" height="24"/>',
        '<rect width="24" height="24" style="fill:url({})"/>',
        '<rect width="24" height="24" fill="url({}#a)"/>',
        '<style>rect{{fill:url({})}}</style><rect width="24" height="24"/>',
        '<style>@import "{}";</style><rect width="24" height="24"/>',
        '<use href="{}#a"/>',
        '<pattern id="p" width="24" height="24" patternUnits="userSpaceOnUse"><image href="{}" '
        'width="24" height="24"/></pattern><rect width="24" height="24" fill="url(#p)"/>',
        '<filter id="f"><feImage href="{}"/></filter><rect width="24" height="24" '
        'filter="url(#f)"/>',
        '<foreignObject width="24" height="24"><img src="{}"/></foreignObject>',
    ],
)
def test_an_svg_that_names_a_local_file_reveals_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, use: str
) -> None:
    pytest.importorskip("resvg_py")
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / "secret.png"
    drawing = svg(SHAPE + use.format(form.format(secret if form != "./{}" else secret.name)))
    without = decode(drawing)
    secret.write_bytes(png(24))
    found = decode(drawing)
    assert isinstance(found, Picture)
    assert isinstance(without, Picture)
    assert np.array_equal(found.frames[0].pixels, without.frames[0].pixels)


def test_the_renderer_does_read_local_files_where_nobody_stops_it(tmp_path: Path) -> None:
    """What the sanitiser is there for: without this the test above would prove nothing."""
    resvg_py = pytest.importorskip("resvg_py")
    secret = tmp_path / "secret.png"
    secret.write_bytes(png(24))
    drawing = svg(f'<image href="{secret}" width="24" height="24"/>').decode()
    with Image.open(io.BytesIO(resvg_py.svg_to_bytes(svg_string=drawing))) as drawn:
        assert drawn.convert("RGB").getpixel((12, 12)) == (255, 0, 0)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.png",
        "//example.org/a.png",
        "ftp://example.org/a",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:text/html,hello",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "#a b",
        "a.png",
        "",
    ],
)
def test_no_reference_leaves_the_drawing(address: str) -> None:
    for use in ("image", "use", "a", "pattern", "linearGradient", "script", "feImage"):
        for name in ("href", "xlink:href", "src"):
            assert "href" not in kept(f'{SHAPE}<{use} {name}="{address}">{SHAPE}</{use}>')


@pytest.mark.parametrize(
    "value",
    [
        "url(http://example.org/a)",
        "url('http://example.org/a')",
        "URL(a.svg#b)",
        "url(#a) url(b.svg)",
        r"\75rl(a.svg)",
        "u/**/rl(a.svg)",
        "image-set('a.png' 1x)",
        "src('a.png')",
        "attr(href)",
        "var(--a)",
        "@import 'a.css'",
    ],
)
def test_no_value_names_anything_outside(value: str) -> None:
    shown = kept(
        f'<path d="M0 0h9" fill="{value}"/><path style="fill:{value}" d="M0 0h9"/>'
        f"<style>path{{fill:{value};stroke:#123456}}</style>"
    )
    assert "fill" not in shown.replace("fill:}", "")


@pytest.mark.parametrize(
    "element",
    [
        "script", "foreignObject", "filter", "feImage", "animate", "set", "text", "font",
        "font-face-uri", "cursor", "metadata", "iframe", "audio", "handler", "unknown",
    ],
)  # fmt: skip
def test_what_is_no_shape_is_left_out_with_all_it_holds(element: str) -> None:
    shown = kept(f"{SHAPE}<{element}><rect width='9' height='9'/>word</{element}>")
    assert "rect" not in shown
    assert "word" not in shown
    assert "path" in shown


def test_foreign_elements_attributes_comments_and_instructions_are_left_out() -> None:
    shown = kept(
        '<?xml-stylesheet href="a.css"?><!-- a comment -->'
        '<x:y xmlns:x="urn:x"><path d="M9 9"/></x:y>'
        '<path onload="f()" x:z="1" xmlns:x="urn:x" data-a="1" xml:base="/a/" d="M1 1h9"/>'
        f"{SHAPE}"
    )
    assert re.findall(r'd="[^"]*"', shown) == ['d="M1 1h9"', 'd="M2 2h9v9z"']
    for word in ("onload", "stylesheet", "comment", "urn:x", "base", "data-a"):
        assert word not in shown


def test_at_rules_go_with_all_they_hold() -> None:
    shown = kept(
        "<style>.a{fill:#111111} @media (prefers-color-scheme: dark) {.a{fill:#222222}} "
        "@font-face{font-family:x;src:url(x.woff)} @import 'b.css'; .b{fill:#333333}</style>"
        f"{SHAPE}"
    )
    assert "#111111" in shown
    assert "#333333" in shown
    for word in ("@", "#222222", "woff", "b.css"):
        assert word not in shown


def test_local_references_gradients_and_styles_stay() -> None:
    shown = kept(
        '<defs><linearGradient id="a"><stop offset="0" stop-color="#fff"/></linearGradient>'
        '<path id="p" d="M1 1h9"/></defs><style>.x{fill:url(#a)}</style>'
        '<use xlink:href="#p" class="x" transform="translate(1 2) rotate(45)"/>'
        f'<rect fill="url(#a)" width="9" height="9"/><image href="{data_url(png(8))}" width="9"/>'
    )
    for word in ('href="#p"', "url(#a)", ".x{fill", "rotate(45)", "data:image/png"):
        assert word in shown


@pytest.mark.parametrize("declares", ['<!ENTITY a "b">', '<!ENTITY a SYSTEM "/etc/hostname">'])
def test_entities_are_refused(declares: str) -> None:
    data = f"<!DOCTYPE svg [{declares}]>".encode() + svg("<title>&a;</title>")
    assert refusal(data) == "an SVG that declares entities"


def test_a_document_type_without_declarations_is_what_drawing_programs_write() -> None:
    data = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/a.dtd">' + svg(SHAPE)
    found = sanitised(data)
    assert isinstance(found, Drawing)
    assert "DOCTYPE" not in found.markup


def nested_uses(levels: int, each: int) -> str:
    made = '<path id="u0" d="M0 0h1v1z"/>'
    for level in range(levels):
        made += f'<g id="u{level + 1}">' + f'<use href="#u{level}"/>' * each + "</g>"
    return made


@pytest.mark.parametrize(
    "inside",
    [
        nested_uses(10, 10),
        nested_uses(4, 20),
        f'<g id="a">{"<path d=" + chr(34) + "M0 0" + "h1" * 100_000 + chr(34) + "/>"}</g>'
        + '<use href="#a"/>' * 500,
        '<pattern id="a">' + SHAPE * 200 + "</pattern>" + '<rect fill="url(#a)"/>' * 200,
        '<mask id="a">' + SHAPE * 200 + "</mask>" + '<rect style="mask:url(#a)"/>' * 200,
        '<mask id="a">'
        + SHAPE * 200
        + "</mask><style>rect{mask:url(#a)}</style>"
        + "<rect/>" * 200,
    ],
)
def test_references_that_draw_too_often_are_refused(inside: str) -> None:
    assert "draws more than" in refusal(svg(inside))


@pytest.mark.parametrize(
    "inside",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<pattern id="a"><rect fill="url(#a)"/></pattern>',
        '<mask id="a" mask="url(#a)"/>',
    ],
)
def test_references_in_a_circle_are_refused(inside: str) -> None:
    assert refusal(svg(inside)) == "an SVG that refers to itself"


def test_long_chains_of_references_are_refused() -> None:
    chain = "".join(f'<g id="c{n}"><use href="#c{n + 1}"/></g>' for n in range(5_000))
    assert "too far" in refusal(svg(chain))


def test_too_deep_too_many_and_too_large_are_refused() -> None:
    assert "inside one another" in refusal(svg("<g>" * MAX_DEPTH + "</g>" * MAX_DEPTH))
    assert "inside one another" in refusal(svg("<text>" * 90_000))
    assert "elements" in refusal(svg("<g/>" * MAX_ELEMENTS))
    assert "1 MB" in refusal(svg(" " * MAX_BYTES))
    assert "style rules" in refusal(svg("<style>" + ".a{fill:red}" * 1_000 + "</style>"))


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 900_000,
        "(" * 900_000,
        "a(" * 450_000,
        " " * 900_000 + "x",
        "/*" * 450_000,
        "@" * 900_000,
        "@{" * 450_000,
        "url(#" * 180_000,
        "url( " * 180_000,
        "a{" * 450_000,
        "{}" * 450_000,
        ";" * 900_000,
        "1" + " " * 900_000 + "x",
        "url(" + " " * 900_000,
    ],
    ids=lambda text: text[:6].strip(),
)
def test_no_megabyte_keeps_the_sanitiser_busy(hostile: str) -> None:
    began = time.process_time()
    for inside, attributes in (
        (f'<path d="{hostile}"/>', ""),
        (f'<path style="{hostile}"/>', ""),
        (f"<style>{hostile}</style>", ""),
        (f'<use href="{hostile}"/>', ""),
        (f'<image href="{hostile}"/>', ""),
        ("", f'viewBox="{hostile}"'),
        ("", f'width="{hostile}"'),
        (f"<!--{hostile}-->", ""),
    ):
        sanitised(svg(inside, attributes))
    assert time.process_time() - began < 6


def test_only_a_few_small_embedded_pictures_stay() -> None:
    small = f'<image href="{data_url(png(8))}"/>'
    assert kept(small * (MAX_EMBEDDED + 3)).count("<image") == MAX_EMBEDDED
    assert "<image" not in kept(f'<image href="{data_url(png(1_001))}"/>')
    assert "<image" not in kept(f'<image href="{data_url(b"GIF89a" + b"0" * 90, "gif")}"/>')


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 24 24"', (SIDE, SIDE)),
        ('viewBox="0 0 200 100"', (SIDE, SIDE // 2)),
        ('viewBox="-5,-5,10,20" width="1e9" height="1"', (SIDE // 2, SIDE)),
        ('width="30px" height="60mm"', (SIDE // 2, SIDE)),
        ('width="100%"', (SIDE, SIDE)),
        ("", (SIDE, SIDE)),
    ],
)
def test_the_size_drawn_is_bounded(attributes: str, size: tuple[int, int]) -> None:
    found = sanitised(svg(SHAPE, attributes))
    assert isinstance(found, Drawing)
    assert (found.width, found.height) == size


@pytest.mark.parametrize("box", ["0 0 0 0", "0 0 -1 5", "0 0 1e30 1", "0 0 inf inf", "0 0 nan 1"])
def test_boxes_that_cannot_be_drawn_are_refused_or_ignored(box: str) -> None:
    found = sanitised(svg(SHAPE, f'viewBox="{box}"'))
    assert isinstance(found, Undecodable) or max(found.width, found.height) == SIDE


@pytest.mark.parametrize(
    "data",
    [
        b"<svg",
        b"<html><svg/></html>",
        b"<!DOCTYPE html><svg><br></svg>",
        svg("<path") ,
        svg(SHAPE) + b"x",
        b'<?xml version="1.0" encoding="windows-1252"?>' + svg(SHAPE),
        b'<?xml version="1.0" encoding="no-such"?>' + svg(SHAPE),
        b"\xff\xfe" + svg(SHAPE),
        b'<svg xmlns="urn:other"/>',
    ],
)  # fmt: skip
def test_what_is_not_a_sound_svg_is_refused(data: bytes) -> None:
    assert refusal(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_svg_is_known_in_every_encoding(encoding: str) -> None:
    data = svg(SHAPE).decode().encode(encoding)
    assert looks_like_svg(b"\xfe\xff" + data if encoding == "utf-16-be" else data)


def test_other_files_are_not_taken_for_svg() -> None:
    assert not looks_like_svg(png(9))
    assert not looks_like_svg(b"GIF89a <svg>")
    assert not looks_like_svg(b"<html>")


def test_a_drawing_decodes_as_it_looks() -> None:
    pytest.importorskip("resvg_py")
    found = decode(svg('<style>.l{fill:#c00}</style><rect class="l" width="12" height="24"/>'))
    assert isinstance(found, Picture)
    assert found.format == "SVG"
    pixels = found.frames[0].pixels
    assert tuple(pixels[128, 60]) == (204, 0, 0)
    assert tuple(pixels[128, 200]) == (255, 255, 255)


def test_a_renderer_that_gives_up_costs_the_drawing_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    resvg_py = pytest.importorskip("resvg_py")

    class PanicException(BaseException):
        """As Rust's bindings raise it."""

    def gives_up(**_options: object) -> bytes:
        raise PanicException

    monkeypatch.setattr(resvg_py, "svg_to_bytes", gives_up)
    found = decode(svg(SHAPE))
    assert isinstance(found, Undecodable)
    assert "gave up" in found.reason


TOKENS = st.sampled_from(
    ["<g>", "</g>", "<use href='#a'/>", "<g id='a'>", "<style>", "</style>", "a{fill:url(#a)}", "@",
     "{", "}", "<image href='x.png'/>", "<path d='M0 0'/>", "<!--", "-->", "]]>", "<![CDATA[",
     "&lt;", "&#0;", "&a;", "<?p?>", "<rect style='fill:url(#a);mask:url(b)'/>", "\x00", "<a>", "é"]
)  # fmt: skip


@given(st.lists(TOKENS, max_size=30))
@settings(max_examples=300, deadline=None)
def test_whatever_is_in_it_the_answer_is_a_drawing_or_a_reason(tokens: list[str]) -> None:
    found = sanitised(svg("".join(tokens)))
    if isinstance(found, Undecodable):
        assert found.reason.isprintable()
        return
    assert "x.png" not in found.markup
    assert "url(b)" not in found.markup
    again = sanitised(found.markup.encode())
    assert again == found


@pytest.mark.parametrize(
    "spelled",
    [
        "<![CDATA[a{fill:</style><image href='/etc/hostname' width='9' height='9'/><style>}]]>",
        "a{fill:&lt;/style>&lt;image href='/etc/hostname' width='9' height='9'/>&lt;style>}",
        "a{fill:&#60;/style>&#60;use href='#a'/>&#60;style>}",
    ],
)
def test_no_rule_of_a_style_sheet_ends_the_sheet(spelled: str) -> None:
    """What a rule held was once written as it stood, and could begin elements of its own."""
    made = sanitised(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>{spelled}</style>'
        '<rect id="a" width="9" height="9"/></svg>'.encode()
    )
    assert not isinstance(made, Undecodable)
    assert "<image" not in made.markup and "<use" not in made.markup
