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

from detectors.images import matching as images
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


def with_exif_turn(image: Image.Image) -> bytes:
    """Stored upside down, with the tag that says so."""
    exif = Image.Exif()
    exif[0x0112] = 3
    return encoded(image.rotate(180), "JPEG", exif=exif.tobytes())


def on_transparency(image: Image.Image, colour: str) -> bytes:
    """The shapes of a picture in one colour on nothing."""
    clear = Image.new("RGBA", image.size, colour)
    clear.putalpha(Image.eval(image.convert("L"), lambda level: 0 if level == 255 else 255))
    return encoded(clear)


EDITS = {
    "the same file": encoded(drawn()),
    "smaller": encoded(drawn().resize((50, 40))),
    "jpeg": encoded(drawn(), "JPEG", quality=30),
    "large jpeg": encoded(drawn().resize((1600, 1200)), "JPEG", quality=60),
    "large png": encoded(drawn().resize((600, 450))),
    "inverted": encoded(ImageOps.invert(drawn())),
    "inverted jpeg": encoded(ImageOps.invert(drawn()), "JPEG", quality=50),
    "turned by exif": with_exif_turn(drawn()),
    "black on nothing": on_transparency(drawn(), "black"),
    "white on nothing": on_transparency(drawn(), "white"),
    "palette": encoded(drawn().convert("P"), "GIF"),
    "shown by no browser": encoded(drawn(), "TIFF"),
    "other colours": encoded(drawn("#ffcc00")),
    "slightly turned": encoded(drawn().rotate(2, fillcolor="white")),
}


@pytest.mark.parametrize("seen", EDITS.values(), ids=EDITS)
def test_the_distance_is_that_of_the_match(seen: bytes) -> None:
    reference = images.enrol("acme", "logo.png", encoded(drawn()))
    made = images.fingerprint(seen)
    assert isinstance(reference, images.Logo) and isinstance(made, images.Fingerprint)
    hits = images.match_image(hashlib.sha256(seen).hexdigest(), made, [reference])
    comparison = compare(encoded(drawn()), seen)
    polarity = "inverted" if hits and "inverted" in hits[0].layers else "same"
    if hits:
        assert (comparison.distance, comparison.polarity) == (hits[0].distance, polarity)
    else:
        assert comparison.distance is not None and comparison.distance > images.NEAR_BITS
    assert comparison.seen_hash is not None
    assert comparison.seen_hash.phash == images.as_hex(made.bits)


def test_most_of_those_edits_match_so_that_the_test_above_says_something() -> None:
    near = [compare(encoded(drawn()), seen).distance for seen in EDITS.values()]
    assert sum(bits is not None and bits <= images.NEAR_BITS for bits in near) >= 10


def test_the_figures_can_be_recomputed_with_imagehash_alone() -> None:
    logo, seen = drawn(), drawn("#ffcc00").rotate(15)
    comparison = compare(encoded(logo), encoded(seen))
    hashes = imagehash.phash(logo, 16), imagehash.phash(seen, 16)
    straight = int(hashes[0] - hashes[1])
    assert comparison.official_hash is not None and comparison.seen_hash is not None
    assert comparison.official_hash.phash == str(hashes[0])
    assert comparison.seen_hash.phash == str(hashes[1])
    assert comparison.distance == min(straight, 256 - straight)


def test_a_gated_picture_is_said_to_be_gated() -> None:
    facts = hash_facts(compare(encoded(drawn()), encoded(Image.new("RGB", (64, 64), "red"))))
    assert facts["subject"]["gated"] == "flat: one colour"  # type: ignore[index]
    assert facts["official"]["gated"] is None  # type: ignore[index]


def test_a_turned_photograph_is_shown_as_people_saw_it() -> None:
    comparison = compare(None, with_exif_turn(drawn()))
    assert comparison.seen is not None
    with Image.open(io.BytesIO(comparison.seen.png)) as opened:
        red, green, blue = opened.convert("RGB").getpixel((60, 30))  # type: ignore[misc]
    assert green > red and green > blue


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


def test_a_picture_of_one_pixel_and_one_that_is_a_line_are_shown_and_not_hashed() -> None:
    dot, line = Image.new("RGB", (1, 1)), Image.new("RGB", (4000, 1))
    comparison = compare(encoded(dot), encoded(line))
    assert comparison.side_by_side is not None and comparison.distance is None
    facts = hash_facts(comparison)
    assert facts["subject"]["phash_problem"] == "4000 x 1 pixels are too few"  # type: ignore[index]


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
