"""What a drawn name says is read, surely or not at all, and no picture holds the reader up."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw, ImageFont

from detectors.images.picture import Pixels
from namaak.decoding.wordmarks import (
    HEIGHT,
    MAX_TEXT,
    TextReader,
    as_pgm,
    find_reader,
    on_paper,
    text_of,
)

needs_tesseract = pytest.mark.skipif(
    find_reader() is None, reason="tesseract with English letters is not installed"
)
INK, PAPER = (20, 30, 120), (255, 255, 255)


def drawn(text: str, size: int, ink: object = INK, paper: object = PAPER) -> Pixels:
    """The text in Pillow's own typeface, letters some `size` pixels high, on a plain ground."""
    font = ImageFont.load_default(size)
    measuring = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    left, top, right, bottom = map(round, measuring.textbbox((0, 0), text, font=font))
    image = Image.new("RGB", (right - left + size, bottom - top + size), paper)
    ImageDraw.Draw(image).text((size // 2 - left, size // 2 - top), text, fill=ink, font=font)
    return np.asarray(image)


def word(text: str, sure: object = 96) -> str:
    """A row of level 5."""
    return "\t".join(["5", "1", "1", "1", "1", "1", "10", "10", "90", "30", str(sure), text])


HEADING = word("text", "conf").replace("5", "level", 1)


def program(folder: Path, body: str) -> TextReader:
    """A reader whose Tesseract is this Python program."""
    path = folder / "tesseract"
    path.write_text(f"#!{sys.executable}\nimport sys, time, os\n{body}\n")
    path.chmod(0o700)
    return TextReader(str(path), "1", deadline_s=1.5)


def test_words_are_joined_and_rows_that_are_no_words_left_out() -> None:
    block = "2\t1\t1\t0\t0\t0\t10\t10\t90\t30\t-1\t"
    assert text_of("\n".join([HEADING, block, word("Acme"), word("Bank"), ""])) == "Acme Bank"


def test_a_word_that_is_not_sure_is_left_out() -> None:
    assert text_of("\n".join([word("®", 12), word("Acmebank")])) == "Acmebank"


@pytest.mark.parametrize(
    "answer",
    ["", HEADING, word("Acmebank", 40), word("Acmebank", "nan"), word("Acmebank", -1), word("A"),
     word("|-_-|"), "5\tAcmebank"],
)  # fmt: skip
def test_what_is_not_sure_or_no_text_is_not_read(answer: str) -> None:
    assert text_of(answer) is None


def test_control_characters_are_left_out_and_length_is_bounded() -> None:
    assert text_of(word("Ac\x1b[me\u202e\x00")) == "Ac[me"
    assert len(text_of("\n".join([word("x" * 60)] * 9)) or "") == MAX_TEXT


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_answer_gives_a_short_text_or_none(answer: str) -> None:
    for text in (text_of(answer), text_of(word(answer))):
        assert text is None or (0 < len(text) <= MAX_TEXT and text.isprintable())


@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 90), st.just(3))))
def test_every_picture_gets_the_height_that_is_read_best_and_a_bounded_width(
    pixels: Pixels,
) -> None:
    grey = on_paper(pixels)
    assert grey.shape[0] == HEIGHT + 2 * (HEIGHT // 4)
    assert grey.shape[1] <= 20 * HEIGHT + 2 * (HEIGHT // 4)


@pytest.mark.parametrize("size", [10, 40, 200])
@pytest.mark.parametrize(
    ("ink", "paper"), [(INK, PAPER), (PAPER, INK), ((250, 220, 60), (240, 240, 245))]
)
def test_ink_is_dark_on_light_whatever_the_colours_were(
    size: int, ink: object, paper: object
) -> None:
    grey = on_paper(drawn("WALDERMOND", size, ink, paper))
    assert grey[0].min() == grey[:, 0].min() == 255
    assert np.percentile(grey, 1) < 60 < 200 < np.percentile(grey, 60)


def test_what_is_one_colour_stays_blank() -> None:
    near = np.full((20, 90, 3), 200, np.uint8)
    near[5:15, 10:80] = 203
    assert on_paper(near).min() > 200


def test_a_picture_goes_out_as_pgm() -> None:
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert as_pgm(grey) == b"P5 3 2 255\n\x00\x01\x02\x03\x04\x05"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("time.sleep(60)", "took longer than 1.5 s"),
        ("sys.stdin.buffer.read(); sys.stdout.close(); time.sleep(60)", "took longer than 1.5 s"),
        ("sys.exit(3)", "tesseract failed"),
        ("while True: os.write(1, b'x' * 65536)", "tesseract failed"),
        ("sys.stdin.buffer.read(); x = bytearray(3_000_000_000)", "tesseract failed"),
        (
            "sys.stdin.read(); os.write(os.open('made', os.O_CREAT | os.O_WRONLY), b'x')",
            "tesseract failed",
        ),
    ],
)
def test_a_reader_that_hangs_dies_or_floods_costs_that_picture_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    if sys.platform != "linux" and ("bytearray" in body or "os.open" in body):
        pytest.skip("only Linux lets one process limit another")
    monkeypatch.chdir(tmp_path)
    reader = program(tmp_path, body)
    begin = time.monotonic()
    assert reader(drawn("WALDERMOND", 200)) is None
    assert time.monotonic() - begin < 5
    assert dict(reader.unread) == {reason: 1}


def test_a_program_that_is_gone_is_counted(tmp_path: Path) -> None:
    reader = TextReader(str(tmp_path / "none"), "1")
    assert reader(drawn("WALDERMOND", 20)) is None
    assert dict(reader.unread) == {"tesseract cannot be started": 1}


def test_the_reader_s_process_gets_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    told = word("' + '-'.join(k for k in os.environ if k != 'LC_CTYPE') + '")
    reader = program(tmp_path, f"sys.stdin.buffer.read(); print('{told}')".replace("\t", "\\t"))
    assert reader(drawn("WALDERMOND", 20)) == "OMP_THREAD_LIMIT"


def test_without_tesseract_there_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert find_reader() is None


def test_a_tesseract_without_letters_is_no_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path, "print('tesseract 9' if '--version' in sys.argv else 'osd')")._program
    monkeypatch.setattr(shutil, "which", lambda _: path)
    assert find_reader() is None


@pytest.fixture(scope="module")
def reader() -> TextReader:
    found = find_reader()
    assert found is not None
    return found


@pytest.mark.peer
@needs_tesseract
@pytest.mark.parametrize("size", [14, 24, 60, 160])
@pytest.mark.parametrize(("ink", "paper"), [(INK, PAPER), (PAPER, INK)])
def test_tesseract_reads_a_drawn_name_at_any_size_dark_or_light(
    reader: TextReader, size: int, ink: object, paper: object
) -> None:
    assert reader(drawn("WALDERMOND", size, ink, paper)) == "WALDERMOND"
    assert not reader.unread


@pytest.mark.peer
@needs_tesseract
def test_tesseract_reads_both_lines_of_a_name(reader: TextReader) -> None:
    assert reader(drawn("WALDERMOND\nfietsen", 50)) == "WALDERMOND fietsen"


@pytest.mark.peer
@needs_tesseract
@pytest.mark.parametrize("seed", range(4))
def test_tesseract_reads_nothing_in_noise(reader: TextReader, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (60, 240, 3), np.uint8)
    coarse = np.asarray(Image.fromarray(noise[::6, ::6]).resize((240, 60)))
    assert reader(noise) is None
    assert reader(coarse) is None
    assert not reader.unread


@pytest.mark.peer
@needs_tesseract
def test_a_picture_past_its_deadline_is_counted_and_the_next_is_read() -> None:
    found = find_reader()
    assert found is not None
    hurried = TextReader(found._program, found.version, deadline_s=0.005)
    assert hurried(drawn("WALDERMOND", 60)) is None
    assert dict(hurried.unread) == {"took longer than 0.005 s": 1}
    assert found(drawn("WALDERMOND", 60)) == "WALDERMOND"


@pytest.mark.peer
@needs_tesseract
def test_a_version_is_told() -> None:
    found = find_reader()
    assert found is not None
    assert found.version.startswith("tesseract ")
