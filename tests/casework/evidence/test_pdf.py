"""The printed report: PDF/A-3b as far as bytes show it, with our letters, the same every time."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from namaak.casework.evidence import pdf
from namaak.casework.evidence.fonts import FOLDER, covers
from namaak.casework.evidence.pdf import NotPrinted, Printer
from namaak.casework.evidence.report import shown
from tests.casework.evidence.test_pack import observation, packed, read, specimen

needs_printer = pytest.mark.skipif(
    importlib.util.find_spec("weasyprint") is None, reason="needs WeasyPrint (the extra `report`)"
)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with Printer() as to_pdf:
        return packed(tmp_path_factory.mktemp("pdf"), specimen("Αcme 中\u0e01 Bank"), to_pdf=to_pdf)


def streams(content: bytes) -> list[bytes]:
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    inflated = []
    for one in found:
        try:
            inflated.append(zlib.decompress(one))
        except zlib.error:
            inflated.append(one)
    return inflated


@needs_printer
def test_it_says_that_it_is_pdf_a_3b_and_has_what_that_demands(printed: Path) -> None:
    content = (printed / "data" / "report.pdf").read_bytes()
    inside = b"\n".join([content, *streams(content)])
    assert content.startswith(b"%PDF-1.7")
    (metadata,) = [one for one in streams(content) if b"pdfaid" in one]
    assert re.search(rb"<pdfaid:part>3</pdfaid:part>|pdfaid:part=.3", metadata)
    assert re.search(rb"<pdfaid:conformance>B</pdfaid:conformance>|conformance=.B", metadata)
    assert b"/GTS_PDFA1" in inside and b"/DestOutputProfile" in inside
    assert b"acsp" in inside  # an ICC profile
    assert b"/Encrypt" not in inside and b"/JavaScript" not in inside and b"/Launch" not in inside
    assert b"2026-11-21T12:30:05" in metadata


@needs_printer
def test_every_font_in_it_is_embedded_and_no_glyph_is_missing(printed: Path) -> None:
    content = (printed / "data" / "report.pdf").read_bytes()
    parts = b"\n".join([content, *streams(content)])
    descriptors = len(re.findall(rb"/FontDescriptor\b(?! \d)", parts))
    assert descriptors >= 3
    assert len(re.findall(rb"/FontFile2 \d+ 0 R", parts)) == descriptors
    assert all(b"DejaVu" in name for name in re.findall(rb"/FontName /(\S+)", parts))
    glyphs = [
        text[at : at + 4]
        for stream in streams(content)
        if b" Tf" in stream
        for text in re.findall(rb"<([0-9a-fA-F]+)>", stream)
        for at in range(0, len(text), 4)
    ]
    assert len(glyphs) > 500
    assert b"0000" not in glyphs


@needs_printer
@pytest.mark.peer
def test_what_it_says_can_be_read_and_what_no_font_has_is_spelled_out(
    printed: Path,
) -> None:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("needs pdftotext (poppler-utils)")
    text = subprocess.run(
        [program, str(printed / "data" / "report.pdf"), "-"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    text = " ".join(text.split())
    assert "CASE REPORT" in text and "waarom deze score" in text
    assert "U+4E2D" in text and "中" not in text
    assert "GREEK CAPITAL LETTER ALPHA" in text


@needs_printer
@pytest.mark.peer
def test_words_are_whole_and_digests_stay_on_the_paper(tmp_path: Path) -> None:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("needs pdftotext (poppler-utils)")
    words = "The brand standing elsewhere in the name: as a word of its own it weighs more"
    case = specimen()
    signals = [{**one, "name": "display-name.resemblance", "detector": "worn-pictures-1",
                "axis": "confidence", "would_change": words} for one in case.signals]  # fmt: skip
    sha256 = "9e868f080a72f24a91d0f170b38a7be00b76834c4e1c54d8cb7e1060599a31c8"
    with Printer() as to_pdf:
        pack = packed(
            tmp_path, replace(case, signals=signals),
            observations=[observation() | {"image_sha256": sha256, "image_name": "a.png"}],
            to_pdf=to_pdf,
        )  # fmt: skip
    report = pack / "data" / "report.pdf"
    told = subprocess.run(
        [program, "-bbox", str(report), "-"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    placed = re.findall(r'xMax="([0-9.]+)"[^>]*>([^<]*)</word>', told)
    width = float(re.findall(r'<page width="([0-9.]+)"', told)[0])
    assert max(float(right) for right, _ in placed) <= width
    printed = [word for _, word in placed]
    assert printed.count("elsewhere") == 2 and printed.count("confidence") == 2
    assert printed.count("standing") == 2 and not {"T", "he", "confid", "ence"} & set(printed)


@needs_printer
def test_the_same_page_gives_the_same_bytes() -> None:
    page = "<html lang=en><title>t</title><p>Αcme <b>Bank</b> <i>Ж</i> <code>0x</code></html>"
    with Printer() as to_pdf:
        assert to_pdf(page) == to_pdf(page)


@needs_printer
def test_nothing_is_fetched_that_a_page_names(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>hidden</text></svg>")
    page = (
        f"<html lang=en><title>t</title><link rel=stylesheet href='file://{tmp_path}/x.css'>"
        f"<link rel=attachment href='file://{secret}'><img src='file://{secret}' alt=no>"
        "<img src='http://127.0.0.1:9/x.png' alt=no></html>"
    )
    with Printer() as to_pdf:
        content = to_pdf(page)
    assert b"/EmbeddedFile" not in b"\n".join([content, *streams(content)])


def test_a_machine_without_weasyprint_says_so_in_the_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf.importlib.util, "find_spec", lambda name: None)
    with Printer() as to_pdf:
        pack = packed(tmp_path, to_pdf=to_pdf)
    assert not (pack / "data" / "report.pdf").exists()
    said = {entry["what"]: entry["reason"] for entry in read(pack, "missing.json")}
    assert "WeasyPrint is not installed" in said["report.pdf"]
    assert "WeasyPrint is not installed" in (pack / "data" / "report.html").read_text()


def test_a_printer_that_dies_or_dawdles_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf.importlib.util, "find_spec", lambda name: object())
    for start, said in (("pass", "ended early"), ("print('7')", "ended early"),
                        ("print('{\"problem\": \"why\"}')", r"\(why\)")):  # fmt: skip
        monkeypatch.setattr(pdf, "_START", start)
        with Printer() as to_pdf, pytest.raises(NotPrinted, match=said):
            to_pdf("<p>x")
    monkeypatch.setattr(pdf, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(pdf, "_DEADLINE_S", 0.2)
    with Printer() as to_pdf, pytest.raises(NotPrinted, match=r"longer than 0\.2 s"):
        to_pdf("<p>x")


def test_a_character_that_no_font_has_is_shown_on_screen_and_spelled_out_on_paper() -> None:
    assert shown("a中") == (
        '<bdi>a<span class="scr">中</span><span class="cp prn">U+4E2D</span></bdi>'
    )
    assert covers("Ж") and covers("ا") and not covers("中")


def test_what_the_fonts_are_said_to_have_is_what_they_have() -> None:
    fonts = pytest.importorskip("fontTools.ttLib", reason="needs fonttools (with WeasyPrint)")
    with fonts.TTFont(FOLDER / "DejaVuSans.ttf") as font:
        points = font.getBestCmap()
    assert all(covers(chr(point)) for point in points)
    assert sum(covers(chr(point)) for point in range(0x110000)) == len(points)


@pytest.mark.peer
def test_the_fonts_are_made_again_alike_from_what_was_released(tmp_path: Path) -> None:
    pytest.importorskip("fontTools", reason="needs fonttools (with WeasyPrint)")
    from namaak.casework.evidence.fonts.make_fonts import STYLES, make

    released = Path("/usr/share/fonts/truetype/dejavu")
    if not all((released / f"{style}.ttf").is_file() for style in STYLES):
        pytest.skip("needs DejaVu as released (fonts-dejavu-core and -extra)")
    make(released, tmp_path)
    for name in ("coverage.txt", *(f"{style}.ttf" for style in STYLES)):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
