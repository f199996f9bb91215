"""Comparison: figures that can be recomputed, and no bytes that hurt the reader."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps, PngImagePlugin

from detectors.images.decoding import decode
from detectors.images.picture import LARGE_SIDE, Picture, Undecodable
from namaak.casework.evidence import comparison as comparisons
from namaak.casework.evidence.comparison import Comparison, hash_facts

MATCH = {
    "resemblance": "near-image",
    "distance": 41,
    "strength": 0.97,
    "layers": ["mirrored"],
    "detector": "images-2",
    "tables": "t-1",
    "evidence": {"llr": 6.5, "box-x": 0.1, "box-y": 0.1, "box-w": 0.8, "box-h": 0.8},
}


def compare(
    logo: bytes | None, seen: bytes | None, match: dict[str, object] | None = None
) -> Comparison:
    return comparisons.compare(logo, seen, decode=decode, match=match)


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


def opened(png: bytes | None) -> Image.Image:
    assert png is not None
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return image


def test_the_same_picture_is_at_distance_nought() -> None:
    content = encoded(drawn())
    comparison = compare(content, content)
    assert (comparison.distance, comparison.polarity) == (0, "same")
    assert comparison.explanation is not None and comparison.explanation.edits == ()


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


NEAR = {
    "smaller": encoded(drawn().resize((50, 40))),
    "jpeg": encoded(drawn(), "JPEG", quality=30),
    "large jpeg": encoded(drawn().resize((1600, 1200)), "JPEG", quality=60),
    "inverted": encoded(ImageOps.invert(drawn())),
    "turned by exif": with_exif_turn(drawn()),
    "palette": encoded(drawn().convert("P"), "GIF"),
    "shown by no browser": encoded(drawn(), "TIFF"),
}


@pytest.mark.parametrize("seen", NEAR.values(), ids=NEAR)
def test_a_copy_is_near_in_every_form(seen: bytes) -> None:
    comparison = compare(encoded(drawn()), seen)
    assert comparison.distance is not None and comparison.distance <= 24


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
    assert facts["subject"]["gated"] is not None  # type: ignore[index]
    assert facts["official"]["gated"] is None  # type: ignore[index]


def test_a_turned_photograph_is_shown_as_people_saw_it() -> None:
    comparison = compare(None, with_exif_turn(drawn()))
    assert comparison.seen is not None
    red, green, blue = opened(comparison.seen.png).getpixel((60, 30))  # type: ignore[misc]
    assert green > red and green > blue


def test_an_inverted_copy_is_near_and_said_to_be_inverted() -> None:
    comparison = compare(encoded(drawn()), encoded(ImageOps.invert(drawn())))
    assert comparison.distance is not None and comparison.distance < 10
    assert comparison.polarity == "inverted"
    assert ("light and dark exchanged", "licht en donker verwisseld") in comparison.edits


def test_the_hash_facts_hold_the_digests_of_the_original_bytes() -> None:
    logo, seen = encoded(drawn()), encoded(drawn(), "JPEG")
    facts = hash_facts(compare(logo, seen))
    assert facts["official"]["sha256"] == hashlib.sha256(logo).hexdigest()  # type: ignore[index]
    assert facts["subject"]["sha256"] == hashlib.sha256(seen).hexdigest()  # type: ignore[index]
    assert facts["subject"]["format"] == "JPEG"  # type: ignore[index]


def test_a_mirrored_copy_is_laid_over_and_its_map_is_told() -> None:
    logo = drawn(size=(160, 160))
    comparison = compare(encoded(logo), encoded(ImageOps.mirror(logo)), MATCH)
    told = hash_facts(comparison)["explanation"]
    assert isinstance(told, dict)
    assert [edit["edit"] for edit in told["edits"]] == ["mirrored"]
    assert told["edits"][0]["says_nl"] == "gespiegeld"
    # (x, y) of the logo is seen at (159 - x, y).
    expected = [[-1, 0, 159], [0, 1, 0]]
    assert np.allclose(told["transform"], expected, atol=[[0.02, 0.02, 2], [0.02, 0.02, 2]])
    assert told["region"]["x"] == pytest.approx(1 - 151 / 160, abs=0.02)
    assert comparison.overlay is not None


def test_the_figures_of_the_match_are_told_as_stored() -> None:
    logo = encoded(drawn())
    facts = hash_facts(compare(logo, logo, MATCH))
    assert facts["match"] == {**MATCH, "evidence": MATCH["evidence"]}
    pairs = [("llr", 6.5)]  # a map column as some readers give it
    facts = hash_facts(compare(logo, logo, MATCH | {"evidence": pairs}))
    assert facts["match"]["evidence"] == {"llr": 6.5}  # type: ignore[index]
    facts = hash_facts(compare(logo, logo, {"detector": "images-2", "evidence": None}))
    assert facts["match"] == {"detector": "images-2", "evidence": {}}


def test_of_two_unlike_pictures_nothing_is_said_and_nothing_laid_over() -> None:
    other = Image.new("RGB", (200, 200), "#eeeeee")
    draw = ImageDraw.Draw(other)
    for number in range(5):
        draw.line((10, 30 + 35 * number, 190, 10 + 40 * number), fill="#aa2200", width=7)
    comparison = compare(encoded(drawn()), encoded(other))
    assert comparison.explanation is None and comparison.overlay is None
    assert comparison.edits == () and comparison.side_by_side is not None


def test_the_overlay_shows_the_seen_picture_and_outlines_the_logo_on_it() -> None:
    logo = drawn(size=(160, 160))
    overlay = opened(compare(encoded(logo), encoded(logo), MATCH).overlay).convert("RGB")
    outlined = np.asarray(overlay)[64 : 64 + 512, 24 : 24 + 512].astype(int)
    magenta = np.abs(outlined - (214, 0, 110)).sum(axis=2) < 60
    assert magenta[:, 60:].sum() > 500
    # Inside the shapes the picture is as it was.
    assert tuple(outlined[320, 420]) == (0x12, 0x34, 0x56)


def test_the_official_picture_stands_left() -> None:
    red, blue = Image.new("RGB", (64, 64), "red"), Image.new("RGB", (64, 64), "blue")
    both = opened(compare(encoded(red), encoded(blue)).side_by_side).convert("RGB")
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
    made = (comparison.seen.png, comparison.seen.thumbnail, comparison.side_by_side)
    for png in (*made, comparison.overlay):
        assert png is not None and b"script" not in png
        assert opened(png).info == {}


def test_what_is_shown_is_large_and_bounded() -> None:
    comparison = compare(encoded(drawn().resize((1200, 900))), encoded(drawn(size=(4000, 3000))))
    assert comparison.official is not None and comparison.seen is not None
    assert opened(comparison.official.png).size == (1200, 900)
    assert max(opened(comparison.seen.png).size) == LARGE_SIDE
    assert (comparison.seen.width, comparison.seen.height) == (4000, 3000)
    assert max(opened(comparison.seen.thumbnail).size) == 360


def test_of_an_animation_the_frame_that_shows_the_logo_is_compared() -> None:
    plain = Image.new("RGB", (160, 120), "#999999")
    ImageDraw.Draw(plain).polygon([(10, 110), (80, 8), (150, 110)], fill="#222222")
    content = encoded(plain, "GIF", save_all=True, append_images=[drawn()], duration=100)
    comparison = compare(encoded(drawn()), content)
    assert comparison.distance is not None and comparison.distance < 30
    assert comparison.seen_hash is not None and comparison.seen_hash.frame == "last"
    assert comparison.seen is not None
    assert opened(comparison.seen.png).convert("RGB").getpixel((5, 5)) == (0x99, 0x99, 0x99)


def test_a_transparent_logo_is_hashed_over_white() -> None:
    clear = drawn().convert("RGBA")
    clear.putalpha(Image.eval(drawn().convert("L"), lambda level: 0 if level == 255 else 255))
    assert compare(encoded(drawn()), encoded(clear)).distance == 0


def test_what_the_decoder_refuses_is_told_and_the_other_picture_is_still_shown() -> None:
    def refuse(data: bytes) -> Picture | Undecodable:
        return Undecodable("50 x 50 pixels are over the limit") if data == b"bad" else decode(data)

    comparison = comparisons.compare(encoded(drawn()), b"bad", decode=refuse)
    assert comparison.seen is None and comparison.distance is None
    assert comparison.seen_problem == (
        "The seen picture is not shown: 50 x 50 pixels are over the limit."
    )
    assert comparison.seen_sha256 == hashlib.sha256(b"bad").hexdigest()
    assert comparison.official is not None


def test_an_absent_picture_is_said_to_be_absent() -> None:
    comparison = compare(None, None)
    assert comparison.official_problem == "No official logo was at hand."
    assert comparison.seen_problem == "No seen picture was at hand."
    assert comparison.official_sha256 is comparison.seen_sha256 is None


SHAPES = {
    "8 x 8": (8, 8),
    "a wide line": (2000, 8),
    "a high line": (8, 2000),
}


@pytest.mark.parametrize("size", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("colours", ["one", "noise", "nothing"])
def test_strange_shapes_are_compared_and_never_raise(size: tuple[int, int], colours: str) -> None:
    if colours == "noise":
        pixels = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        seen = Image.fromarray(pixels)
    else:
        seen = Image.new("RGBA", size, (9, 9, 9, 255 if colours == "one" else 0))
    for match in (None, MATCH):
        comparison = compare(encoded(drawn()), encoded(seen), match)
        assert comparison.side_by_side is not None and comparison.distance is not None
        assert hash_facts(comparison)["distance"] == comparison.distance


_SPECIMENS = [encoded(drawn(size=(40, 30)), kind) for kind in ("PNG", "JPEG", "GIF", "WEBP")]


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(_SPECIMENS), st.data())
def test_a_damaged_picture_is_decoded_or_refused_and_never_raises(
    content: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(content[: data.draw(st.integers(0, len(content)))])
    for _ in range(data.draw(st.integers(0, 4)) if damaged else 0):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    comparison = compare(None, bytes(damaged))
    assert (comparison.seen is None) == (comparison.seen_problem is not None)


def test_no_picture_is_decoded_in_this_process_by_the_command() -> None:
    """Strangers' bytes go through the limited processes; decode is what the caller passes."""
    source = Path(comparisons.__file__).read_text(encoding="utf-8")
    assert "decoding" not in source and "Image.open" not in source


def test_a_logo_inside_a_page_is_laid_over_its_place_on_it() -> None:
    page = Image.new("RGB", (1280, 800), "white")
    ImageDraw.Draw(page).rectangle((0, 0, 1280, 70), fill="#d8dde4")
    page.paste(drawn().crop((15, 5, 155, 115)), (700, 400))
    box = {"box-x": 705 / 1280, "box-y": 405 / 800, "box-w": 130 / 1280, "box-h": 100 / 800}
    match = MATCH | {"resemblance": "logo-inside", "evidence": {"llr": 5.0, **box}}
    made = compare(encoded(drawn()), encoded(page), match)
    assert made.explanation is not None and made.explanation.agreement > 0.9
    assert made.overlay is not None
    x, y, width, height = made.part
    assert (x * 1280, y * 800) == pytest.approx((640, 340), abs=3)
    assert width < 0.25 and height < 0.35
    facts = hash_facts(made)["explanation"]
    assert isinstance(facts, dict)
    assert facts["part"]["x"] == pytest.approx(x)


def test_the_hash_that_platforms_ask_for_is_told_where_it_can_be_made() -> None:
    pytest.importorskip("pdqhash", reason="the extra pdq is not installed")
    made = compare(encoded(drawn()), encoded(drawn("#c01030")))
    assert made.official_hash is not None and made.seen_hash is not None
    one, other = made.official_hash.pdq, made.seen_hash.pdq
    assert one is not None and other is not None and len(one) == 64
    assert (int(one, 16) ^ int(other, 16)).bit_count() < 40
    facts = hash_facts(made)["subject"]
    assert isinstance(facts, dict) and facts["pdq"] == other
