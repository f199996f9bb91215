"""Comparison: figures that can be recomputed, and no bytes that hurt the reader."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import imagehash
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps, PngImagePlugin

from namaak.casework.comparison import MAX_PIXELS, compare, hash_facts


def drawn(colour: str = "#0a7a55", size: tuple[int, int] = (160, 120)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((20, 10, 100, 90), fill=colour)
    draw.rectangle((60, 50, 150, 110), fill="#123456")
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that promises many pixels in few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 64)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def test_the_same_picture_is_at_distance_nought() -> None:
    content = encoded(drawn())
    comparison = compare(content, content)
    assert (comparison.distance, comparison.polarity) == (0, "same")


def test_the_figures_are_those_of_imagehash_over_the_originals() -> None:
    logo, seen = drawn(), drawn("#ffcc00").rotate(15)
    comparison = compare(encoded(logo), encoded(seen))
    hashes = imagehash.phash(logo, 16), imagehash.phash(seen, 16)
    inverted = imagehash.phash(ImageOps.invert(seen), 16)
    assert comparison.official is not None and comparison.official.phash == str(hashes[0])
    assert comparison.seen is not None and comparison.seen.phash == str(hashes[1])
    assert comparison.distance == min(hashes[0] - hashes[1], hashes[0] - inverted)


def test_an_inverted_copy_is_near_and_said_to_be_inverted() -> None:
    comparison = compare(encoded(drawn()), encoded(ImageOps.invert(drawn())))
    assert comparison.distance is not None and comparison.distance < 10
    assert comparison.polarity == "inverted"


def test_the_hash_facts_hold_the_digests_of_the_original_bytes() -> None:
    logo, seen = encoded(drawn()), encoded(drawn(), "JPEG")
    facts = hash_facts(compare(logo, seen))
    assert facts["official"]["sha256"] == hashlib.sha256(logo).hexdigest()  # type: ignore[index]
    assert facts["subject"]["sha256"] == hashlib.sha256(seen).hexdigest()  # type: ignore[index]
    assert facts["subject"]["format"] == "JPEG"  # type: ignore[index]


def test_the_official_picture_stands_left() -> None:
    red, blue = Image.new("RGB", (64, 64), "red"), Image.new("RGB", (64, 64), "blue")
    side_by_side = compare(encoded(red), encoded(blue)).side_by_side
    assert side_by_side is not None
    with Image.open(io.BytesIO(side_by_side)) as opened:
        both = opened.convert("RGB")
    middle = both.height // 2
    assert both.getpixel((both.width // 4, middle)) == (255, 0, 0)
    assert both.getpixel((3 * both.width // 4, middle)) == (0, 0, 255)


def test_nothing_of_the_original_bytes_but_pixels_is_passed_on() -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "<script>alert(1)</script>")
    profile = b"<script>profile</script>"
    content = encoded(drawn(), pnginfo=note, icc_profile=profile) + b"<script>trailing</script>"
    comparison = compare(content, content)
    assert comparison.seen is not None and comparison.side_by_side is not None
    for png in (comparison.seen.png, comparison.seen.thumbnail, comparison.side_by_side):
        assert b"script" not in png
        with Image.open(io.BytesIO(png)) as opened:
            opened.load()
            assert opened.info == {}


def test_only_the_first_frame_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    comparison = compare(None, content)
    assert comparison.seen is not None
    with Image.open(io.BytesIO(comparison.seen.png)) as opened:
        assert opened.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
        assert getattr(opened, "n_frames", 1) == 1


def test_a_transparent_logo_is_hashed_over_white() -> None:
    clear = drawn().convert("RGBA")
    clear.putalpha(Image.eval(drawn().convert("L"), lambda level: 0 if level == 255 else 255))
    assert compare(encoded(drawn()), encoded(clear)).distance == 0


@pytest.mark.parametrize("size", [(5001, 5000), (60_000, 60_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    assert size[0] * size[1] > MAX_PIXELS
    comparison = compare(encoded(drawn()), png_of_size(*size))
    assert comparison.seen is None and comparison.distance is None
    assert comparison.seen_problem is not None and "25 million" in comparison.seen_problem
    assert comparison.official is not None


def test_a_picture_of_one_pixel_and_one_that_is_a_line_are_compared() -> None:
    dot, line = Image.new("RGB", (1, 1)), Image.new("RGB", (4000, 1))
    comparison = compare(encoded(dot), encoded(line))
    assert comparison.distance is not None and comparison.side_by_side is not None


def test_a_format_outside_the_list_is_refused() -> None:
    comparison = compare(None, encoded(drawn(), "TIFF"))
    assert comparison.seen is None
    assert comparison.seen_problem == (
        "The seen picture is damaged or is not a PNG, JPEG, GIF, WEBP picture."
    )
    assert comparison.seen_sha256 is not None


def test_an_absent_picture_is_said_to_be_absent() -> None:
    comparison = compare(None, None)
    assert comparison.official_problem == "No official logo was at hand."
    assert comparison.seen_problem == "No seen picture was at hand."
    assert comparison.official_sha256 is comparison.seen_sha256 is None


_SPECIMENS = [encoded(drawn(size=(40, 30)), kind) for kind in ("PNG", "JPEG", "GIF", "WEBP")]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(_SPECIMENS), st.data())
def test_a_damaged_picture_is_decoded_or_refused_and_never_raises(
    content: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(content[: data.draw(st.integers(0, len(content)))])
    for _ in range(data.draw(st.integers(0, 4)) if damaged else 0):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    comparison = compare(None, bytes(damaged))
    assert (comparison.seen is None) == (comparison.seen_problem is not None)
