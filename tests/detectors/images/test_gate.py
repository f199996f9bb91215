"""What platforms draw for people without a picture is gated; what is drawn like a logo is not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from detectors.images.decoding import decode
from detectors.images.gate import gate
from detectors.images.picture import Frame, Picture, Pixels

SIDE = 256


def verdict(image: Image.Image) -> str | None:
    return gate(Frame(pixels=np.asarray(image.convert("RGB"))))


def plain(colour: str = "#3366cc") -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), colour)


def letters(text: str, colour: str = "#3366cc", share: float = 0.5) -> Image.Image:
    image = plain(colour)
    font = ImageFont.load_default(size=SIDE * share)
    ImageDraw.Draw(image).text((SIDE / 2, SIDE / 2), text, "white", font=font, anchor="mm")
    return image


def round_cut(image: Image.Image, outside: str = "white") -> Image.Image:
    mask = Image.new("L", (SIDE * 4, SIDE * 4))
    ImageDraw.Draw(mask).ellipse((0, 0, SIDE * 4 - 1, SIDE * 4 - 1), fill=255)
    made = plain(outside)
    made.paste(image, mask=mask.resize((SIDE, SIDE)))
    return made


def silhouette(ground: str = "#ccd6dd", ink: str = "white") -> Image.Image:
    image = plain(ground)
    pen = ImageDraw.Draw(image)
    pen.ellipse((85, 50, 171, 136), fill=ink)
    pen.ellipse((38, 155, 218, 380), fill=ink)
    return image


def bust() -> Image.Image:
    image = silhouette()
    ImageDraw.Draw(image).rectangle((105, 100, 151, 200), fill="white")
    return image


def tiles(rows: list[str], margin: int = 21) -> Image.Image:
    image = plain("#f0f0f0")
    pen = ImageDraw.Draw(image)
    tile = (SIDE - 2 * margin) // 5
    for y, row in enumerate(rows):
        for x, sign in enumerate(row):
            if sign == "#":
                left, top = margin + x * tile, margin + y * tile
                pen.rectangle((left, top, left + tile - 1, top + tile - 1), fill="#a05030")
    return image


def gradient(across: bool = True) -> Image.Image:
    ramp = (
        np.linspace(0, 1, SIDE)[None, :, None] if across else np.linspace(0, 1, SIDE)[:, None, None]
    )
    colours = np.array([20, 40, 200]) * (1 - ramp) + np.array([250, 120, 90]) * ramp
    return Image.fromarray(np.broadcast_to(colours, (SIDE, SIDE, 3)).astype(np.uint8))


def mark() -> Image.Image:
    """A made-up compact logo: two leaves over a bar."""
    image = plain("white")
    pen = ImageDraw.Draw(image)
    pen.pieslice((40, 40, 200, 200), 180, 300, fill="#0a7d4f")
    pen.pieslice((90, 60, 230, 190), 20, 140, fill="#0a7d4f")
    pen.polygon(((60, 215), (200, 200), (190, 225), (66, 236)), fill="#0a7d4f")
    return image


@pytest.mark.parametrize("colour", ["black", "white", "red", "#808080"])
def test_flat_pictures_are_gated(colour: str) -> None:
    assert verdict(plain(colour)) == "one colour"
    assert verdict(round_cut(plain(colour), "#ddeeff")) == "one colour"


def test_flat_pictures_with_the_noise_of_a_camera_or_a_jpeg_are_gated() -> None:
    noise = np.random.default_rng(5).normal(120, 3, (SIDE, SIDE, 3)).clip(0, 255)
    assert verdict(Image.fromarray(noise.astype(np.uint8))) == "one colour"
    dusty = plain()
    ImageDraw.Draw(dusty).rectangle((250, 250, 254, 254), fill="white")
    assert verdict(dusty) == "one colour"


@pytest.mark.parametrize("across", [True, False])
def test_gradients_are_gated(across: bool) -> None:
    assert verdict(gradient(across)) == "a gradient"
    assert verdict(round_cut(gradient(across))) == "a gradient"


@pytest.mark.parametrize("text", [*"ABEGKMQRSTXZ37", "AB", "JD", "MK", "RW"])
def test_one_letter_or_two_initials_are_gated(text: str) -> None:
    share = 0.5 if len(text) == 1 else 0.36
    assert verdict(letters(text, share=share)) == "a letter or two on a colour"
    assert verdict(round_cut(letters(text, "#203040", share))) == "a letter or two on a colour"


@pytest.mark.parametrize("share", [0.33, 0.45, 0.6])
@pytest.mark.parametrize("colour", ["#000000", "#e91e63", "#9e9e9e", "#b0c4de"])
def test_letters_are_gated_at_each_size_and_colour(colour: str, share: float) -> None:
    assert verdict(letters("K", colour, share)) is not None


def test_letters_are_gated_after_compression_and_at_small_size() -> None:
    out = io.BytesIO()
    letters("R").resize((96, 96)).save(out, "JPEG", quality=60)
    found = decode(out.getvalue())
    assert isinstance(found, Picture)
    assert gate(found.frames[0]) == "a letter or two on a colour"


@pytest.mark.parametrize("ground", ["#ccd6dd", "#607080", "#c2185b"])
def test_default_silhouettes_are_gated(ground: str) -> None:
    assert verdict(silhouette(ground)) == "a default silhouette"
    assert verdict(round_cut(silhouette(ground))) == "a default silhouette"
    assert verdict(silhouette("#eeeeee", ground)) == "a default silhouette"


def test_a_silhouette_in_one_piece_is_gated() -> None:
    assert verdict(bust()) == "a default silhouette"


@pytest.mark.parametrize("margin", [0, 21])
def test_symmetric_tiles_are_gated(margin: int) -> None:
    rows = ["#.#.#", ".###.", "##.##", ".#.#.", "#...#"]
    assert verdict(tiles(rows, margin)) == "a default picture of symmetric tiles"


def test_a_plain_disc_or_ring_is_gated() -> None:
    disc, ring = plain("white"), plain("white")
    ImageDraw.Draw(disc).ellipse((60, 60, 196, 196), fill="#3366cc")
    ImageDraw.Draw(ring).ellipse((60, 60, 196, 196), outline="#3366cc", width=24)
    assert verdict(disc) == verdict(ring) == "a plain disc or ring"


def cross() -> Image.Image:
    return tiles([".....", "..#..", ".###.", "..#..", "....."])


def lopsided() -> Image.Image:
    return tiles(["#....", "##...", "###..", "####.", "#####"])


def disc_with_a_notch() -> Image.Image:
    image = plain("white")
    ImageDraw.Draw(image).pieslice((40, 40, 216, 216), 30, 330, fill="#3366cc")
    return image


def two_rings() -> Image.Image:
    image = plain("white")
    for left in (30, 110):
        ImageDraw.Draw(image).ellipse((left, 75, left + 110, 185), outline="#3366cc", width=18)
    return image


def letter_with_a_dot() -> Image.Image:
    image = letters("A")
    ImageDraw.Draw(image).ellipse((170, 50, 200, 80), fill="#ff8800")
    return image


def letter_in_the_corner() -> Image.Image:
    image = plain()
    font = ImageFont.load_default(size=90)
    ImageDraw.Draw(image).text((60, 60), "A", "white", font=font, anchor="mm")
    return image


def person_with_a_raised_arm() -> Image.Image:
    image = silhouette()
    ImageDraw.Draw(image).line((190, 170, 235, 60), fill="white", width=30)
    return image


@pytest.mark.parametrize(
    "drawn",
    [mark, cross, lopsided, disc_with_a_notch, two_rings, letter_with_a_dot, letter_in_the_corner,
     person_with_a_raised_arm],
)  # fmt: skip
def test_what_is_drawn_like_a_logo_is_not_gated(drawn: object) -> None:
    assert callable(drawn)
    assert verdict(drawn()) is None


@pytest.mark.parametrize(
    "edited",
    [
        lambda logo: round_cut(logo, "#203040"),
        lambda logo: logo.resize((48, 48)),
        lambda logo: logo.filter(ImageFilter.GaussianBlur(4)),
        lambda logo: Image.eval(logo, lambda level: 255 - level),
        lambda logo: logo.convert("L"),
        lambda logo: Image.blend(gradient(), logo, 0.5),
    ],
)
def test_an_edited_logo_is_not_gated(edited: object) -> None:
    assert callable(edited)
    assert verdict(edited(mark())) is None


def test_photographs_are_not_gated() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (9, 9, 3), dtype=np.uint8)
    assert verdict(Image.fromarray(noise).resize((SIDE, SIDE), Image.Resampling.BICUBIC)) is None


def test_wide_pictures_are_looked_at_for_flatness_alone() -> None:
    wide = np.full((40, 250, 3), 90, np.uint8)
    assert gate(Frame(pixels=wide)) == "one colour"
    wide[10:30, 100:150] = 250
    assert gate(Frame(pixels=wide)) is None


def shapes() -> st.SearchStrategy[tuple[int, int, int]]:
    sides = st.integers(1, 40)
    return st.tuples(sides, sides, st.just(3))


@given(arrays.arrays(np.uint8, shapes(), elements=st.sampled_from([0, 9, 128, 255])))
@settings(max_examples=150, deadline=None)
def test_any_picture_gets_an_answer(pixels: Pixels) -> None:
    said = gate(Frame(pixels=pixels))
    assert said is None or said.isprintable()
