"""Pictures: what pHash finds, what is gated, and that no bytes break it."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from detectors.images import matching as images
from detectors.images.matching import (
    Fingerprint,
    Undecodable,
    enrol,
    fingerprint,
    gate,
    match_image,
)


def _logo() -> Image.Image:
    picture = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(30, 220), (90, 40), (150, 220)], fill=(200, 30, 60))
    draw.ellipse((130, 60, 230, 160), fill=(20, 60, 160))
    draw.rectangle((150, 180, 235, 225), fill=(240, 170, 20))
    return picture


def _bytes(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def _reference() -> images.Logo:
    made = enrol("acme", "logo.png", _bytes(_logo()))
    assert isinstance(made, images.Logo)
    return made


def _nearest(data: bytes) -> list[images.ImageHit]:
    made = fingerprint(data)
    assert isinstance(made, Fingerprint)
    return match_image(hashlib.sha256(data).hexdigest(), made, [_reference()])


def test_the_logo_file_itself_is_the_same_image() -> None:
    hit = _nearest(_bytes(_logo()))[0]
    assert (hit.resemblance, hit.distance) == ("same-image", 0)


@pytest.mark.parametrize(
    "edited",
    [
        lambda logo: _bytes(logo.resize((64, 64))),
        lambda logo: _bytes(logo, "JPEG", quality=40),
        lambda logo: _bytes(logo.convert("L")),
        lambda logo: _bytes(logo.convert("P")),
        lambda logo: _bytes(logo.convert("CMYK"), "JPEG"),
        lambda logo: _bytes(logo, "WEBP", quality=50),
        lambda logo: _bytes(logo, "GIF"),
    ],
    ids=["small", "jpeg", "grey", "palette", "cmyk", "webp", "gif"],
)
def test_the_logo_saved_otherwise_is_found(edited) -> None:
    assert _nearest(edited(_logo()))[0].brand_id == "acme"


def test_an_inverted_logo_is_found_and_said_to_be_inverted() -> None:
    assert _nearest(_bytes(ImageOps.invert(_logo())))[0].layers == ("inverted",)


def test_another_picture_is_not_the_logo() -> None:
    other = Image.new("RGB", (200, 200), "white")
    draw = ImageDraw.Draw(other)
    for start in range(0, 200, 25):
        draw.line((start, 0, 200 - start, 200), fill="black", width=5)
    assert not _nearest(_bytes(other))


def test_a_white_logo_on_a_transparent_ground_is_seen() -> None:
    picture = Image.new("RGBA", (128, 128), (0, 0, 0, 0))
    ImageDraw.Draw(picture).polygon([(10, 110), (64, 10), (118, 110)], fill=(255, 255, 255, 255))
    decoded = images.decode(_bytes(picture))
    assert isinstance(decoded, Image.Image)
    assert len(decoded.getcolors(100_000)) > 1


def _silhouette() -> Image.Image:
    picture = Image.new("RGB", (128, 128), (204, 214, 221))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((42, 24, 86, 68), fill=(255, 255, 255))
    draw.ellipse((16, 80, 112, 176), fill=(255, 255, 255))
    return picture


def _initial() -> Image.Image:
    picture = Image.new("RGB", (128, 128), (100, 60, 180))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((52, 42, 60, 86), fill="white")
    draw.rectangle((52, 78, 78, 86), fill="white")
    return picture


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (Image.new("RGB", (96, 96), (12, 200, 90)), "one colour"),
        (Image.linear_gradient("L"), "gradient"),
        (_silhouette(), "silhouette"),
        (_initial(), "letter"),
    ],
)
def test_pictures_that_say_nothing_are_gated(picture: Image.Image, why: str) -> None:
    assert why in (gate(picture.convert("RGB")) or "")
    assert not _nearest(_bytes(picture.convert("RGB")))


def test_a_real_logo_is_not_gated() -> None:
    assert gate(_logo()) is None


def test_a_plain_logo_is_refused_as_a_reference() -> None:
    made = enrol("acme", "flat.png", _bytes(Image.new("RGB", (64, 64), "red")))
    assert isinstance(made, Undecodable)
    assert "too plain" in made.reason


def _png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    )


def test_a_picture_that_claims_to_be_huge_is_refused_before_decoding() -> None:
    made = fingerprint(_png_claiming(60_000, 60_000))
    assert isinstance(made, Undecodable)


@pytest.mark.parametrize(
    "data",
    [b"", b"junk", _bytes(_logo())[:200], b"<svg onload='x'/>", b"\x89PNG\r\n\x1a\n" + b"\0" * 50],
)
def test_damaged_bytes_are_undecodable_with_a_reason(data: bytes) -> None:
    made = fingerprint(data)
    assert isinstance(made, Undecodable)
    assert made.reason


_PNG, _GIF, _JPEG = (_bytes(_logo().resize((40, 40)), form) for form in ("PNG", "GIF", "JPEG"))


@given(st.sampled_from([_PNG, _GIF, _JPEG]), st.data())
def test_no_flipped_bytes_break_the_decoder(good: bytes, data: st.DataObject) -> None:
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(fingerprint(bytes(damaged)), Fingerprint | Undecodable)
