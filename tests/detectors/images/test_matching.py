"""A picture against a gallery: what is found, what is gated, what a match says."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from detectors.images.decoding import decode
from detectors.images.gallery import Gallery, Logo, gallery_of
from detectors.images.matching import ImageHit, enrol, fingerprint, match, rank
from detectors.images.observed import match_row, picture_rows
from detectors.images.picture import Frame, Picture, Undecodable
from namaak.records import MATCH_SCHEMA, PICTURE_SCHEMA


def _logo(size: int = 256) -> Image.Image:
    picture = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(50, 200), (95, 60), (150, 200)], fill=(200, 30, 60))
    draw.ellipse((120, 60, 205, 145), fill=(20, 60, 160))
    draw.rectangle((150, 165, 208, 200), fill=(240, 170, 20))
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _other() -> Image.Image:
    picture = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(picture)
    draw.arc((50, 50, 206, 206), 20, 200, fill=(10, 120, 90), width=24)
    draw.line((60, 190, 190, 60), fill=(10, 120, 90), width=20)
    draw.line((128, 128, 200, 196), fill=(240, 90, 20), width=16)
    return picture


def _bytes(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def _decoded(picture: Image.Image) -> Picture:
    made = decode(_bytes(picture))
    assert isinstance(made, Picture)
    return made


def _enrolled(brand: str, picture: Image.Image) -> Logo:
    digest = hashlib.sha256(_bytes(picture)).hexdigest()
    made = enrol(brand, f"{brand}.png", digest, _decoded(picture))
    assert isinstance(made, Logo)
    return made


@cache
def _gallery() -> Gallery:
    return gallery_of([_enrolled("acme", _logo()), _enrolled("other", _other())])


def _hits(data: bytes) -> list[ImageHit]:
    picture = decode(data)
    assert isinstance(picture, Picture)
    return match(hashlib.sha256(data).hexdigest(), fingerprint(picture), _gallery())


def _on(ground: Image.Image, side: int, at: tuple[int, int]) -> Image.Image:
    """The logo, its white taken off, on another picture."""
    logo = _logo(side)
    cover = logo.convert("L").point(lambda level: 255 if level < 245 else 0)
    placed = ground.copy()
    placed.paste(logo, at, cover)
    return placed


def _busy() -> Image.Image:
    """A ground without a flat colour, as photographs are: soft spots, and a grain on them."""
    chosen = np.random.default_rng(4)
    spots = Image.fromarray(chosen.integers(90, 230, (5, 5, 3), np.uint8))
    smooth = np.asarray(spots.resize((256, 256), Image.Resampling.BICUBIC), np.float32)
    grain = chosen.normal(0, 5, (256, 256, 1))
    return Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))


def _one_colour_on(ground: Image.Image) -> Image.Image:
    cover = _logo().convert("L").point(lambda level: 255 if level < 245 else 0)
    placed = ground.copy()
    placed.paste((20, 20, 90), (0, 0), cover)
    return placed


def _badged() -> Image.Image:
    badged = _logo()
    ImageDraw.Draw(badged).ellipse((180, 180, 252, 252), fill=(29, 155, 240))
    return badged


_EDITS: dict[str, Callable[[], Image.Image]] = {
    "small": lambda: _logo(48),
    "grey": lambda: ImageOps.grayscale(_logo()),
    "inverted": lambda: ImageOps.invert(_logo()),
    "mirrored": lambda: ImageOps.mirror(_logo()),
    "shrunk and moved": lambda: _on(Image.new("RGB", (256, 256), "white"), 120, (10, 120)),
    "other ground": lambda: _on(Image.new("RGB", (256, 256), (90, 200, 180)), 256, (0, 0)),
    "turned a little": lambda: _logo().rotate(8, Image.Resampling.BICUBIC, fillcolor="white"),
    "turned far": lambda: _logo().rotate(33, Image.Resampling.BICUBIC, fillcolor="white"),
    "framed": lambda: ImageOps.expand(_logo(), 14, "teal"),
    "badge": _badged,
    "cut off": lambda: _logo().crop((50, 60, 185, 200)),
    "in one colour on a busy ground": lambda: _one_colour_on(_busy()),
}


@pytest.mark.parametrize("edit", _EDITS)
def test_the_logo_is_found_whatever_was_done_to_it(edit: str) -> None:
    hits = _hits(_bytes(_EDITS[edit]()))
    assert [hit.brand_id for hit in hits] == ["acme"]


@pytest.mark.parametrize(
    "saved",
    [
        lambda logo: _bytes(logo, "JPEG", quality=40),
        lambda logo: _bytes(logo.convert("P")),
        lambda logo: _bytes(logo.convert("CMYK"), "JPEG"),
        lambda logo: _bytes(logo, "WEBP", quality=50),
        lambda logo: _bytes(logo, "GIF"),
    ],
    ids=["jpeg", "palette", "cmyk", "webp", "gif"],
)
def test_the_logo_saved_otherwise_is_the_same_image(saved) -> None:
    (hit,) = _hits(saved(_logo()))
    assert (hit.brand_id, hit.resemblance, hit.same_file) == ("acme", "same-image", False)


def test_the_file_itself_is_known_by_its_digest() -> None:
    (hit,) = _hits(_bytes(_logo()))
    assert hit.same_file and match_row(hit, fingerprint(_decoded(_logo())))["distance"] == 0


def test_a_stranger_resembles_nobody() -> None:
    stranger = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(stranger)
    for step in range(0, 180, 40):
        draw.rectangle((30 + step // 2, 40 + step, 220 - step // 2, 60 + step), fill=(20, 20, 120))
    assert not _hits(_bytes(stranger))


def test_two_black_logos_on_transparency_do_not_match() -> None:
    """Their raw pixels are all black: hashed without their ground they would be one picture."""

    def drawn(shape: Callable[[ImageDraw.ImageDraw], object]) -> Image.Image:
        picture = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
        shape(ImageDraw.Draw(picture))
        return picture

    def one(draw: ImageDraw.ImageDraw) -> None:
        draw.polygon([(20, 180), (100, 20), (180, 180)], fill=(0, 0, 0, 255))
        draw.rectangle((20, 20, 60, 60), fill=(0, 0, 0, 255))

    def other(draw: ImageDraw.ImageDraw) -> None:
        draw.rectangle((30, 80, 170, 120), fill=(0, 0, 0, 255))
        draw.ellipse((110, 20, 180, 70), fill=(0, 0, 0, 255))

    gallery = gallery_of([_enrolled("one", drawn(one))])
    assert match("", fingerprint(_decoded(drawn(one))), gallery)
    assert not match("", fingerprint(_decoded(drawn(other))), gallery)


def test_a_default_avatar_matches_only_as_the_very_file() -> None:
    avatar = _letter(256, "blue")
    # A brand that uses the same letter in a drawing of its own.
    own = _badged()
    ImageDraw.Draw(own).text((90, 90), "R", fill="white", font=ImageFont.load_default(size=120))
    data = _bytes(avatar)
    digest = hashlib.sha256(data).hexdigest()
    made = fingerprint(_decoded(avatar))
    assert made.gated
    assert not match(digest, made, gallery_of([_enrolled("acme", own)]))
    assert match(digest, made, gallery_of([_enrolled("acme", avatar)]))


def _letter(side: int, colour: str) -> Image.Image:
    picture = Image.new("RGB", (256, 256), colour)
    draw = ImageDraw.Draw(picture)
    draw.text((128, 128), "R", fill="white", font=ImageFont.load_default(size=130), anchor="mm")
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def test_a_file_that_many_brands_have_as_their_logo_is_a_match_of_each() -> None:
    brands = [f"brand{number:02d}" for number in range(25)]
    gallery = gallery_of([_enrolled(brand, _logo()) for brand in brands])
    hits = match("", fingerprint(_decoded(_logo(200))), gallery)
    assert sorted(hit.brand_id for hit in hits) == brands


def test_a_default_avatar_says_no_more_when_it_is_large() -> None:
    # The logo holds the very letter, so that it would be found inside.
    logo = _letter(256, "crimson")
    ImageDraw.Draw(logo).rectangle((0, 200, 256, 256), fill="black")
    enrolled = _enrolled("acme", logo)
    assert not enrolled.gated
    for side in (256, 800, 1024):
        made = fingerprint(_decoded(_letter(side, "blue")))
        assert made.gated and not match("", made, gallery_of([enrolled]))


def test_a_logo_that_is_a_letter_is_found_by_its_near_copies_alone() -> None:
    gallery = gallery_of([_enrolled("acme", _letter(256, "blue"))])
    saved = decode(_bytes(_letter(120, "blue"), "JPEG", quality=60))
    assert isinstance(saved, Picture)
    (hit,) = match("", fingerprint(saved), gallery)
    assert hit.resemblance == "same-image"
    larger = _letter(256, "blue").crop((40, 40, 216, 216))
    assert not match("", fingerprint(_decoded(larger)), gallery)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_logo_on_its_side_or_head_is_found(degrees: int) -> None:
    (hit,) = _hits(_bytes(_logo().rotate(degrees)))
    assert hit.brand_id == "acme"


def test_a_page_may_show_several_brands() -> None:
    page = Image.new("RGB", (1200, 800), "white")
    page.paste(_logo(160).crop((26, 32, 136, 130)), (60, 80))
    page.paste(_other().resize((160, 160)).crop((25, 25, 136, 136)), (700, 420))
    assert {hit.brand_id for hit in _hits(_bytes(page))} == {"acme", "other"}


def test_a_plain_logo_is_refused_as_a_reference() -> None:
    made = enrol("acme", "flat.png", "", _decoded(Image.new("RGB", (64, 64), "red")))
    assert isinstance(made, Undecodable) and "too plain" in made.reason


def test_any_frame_of_an_animation_may_show_the_logo() -> None:
    frames = [Image.new("RGB", (256, 256), "white"), _logo()]
    data = _bytes(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80)
    (hit,) = _hits(data)
    assert hit.brand_id == "acme" and hit.candidate.frame > 0


def test_a_logo_on_a_page_is_found_and_its_place_told() -> None:
    page = Image.new("RGB", (1200, 800), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1200, 90), fill=(235, 238, 242))
    for row in range(200, 760, 28):
        draw.rectangle((80, row, 80 + 300 + row % 411, row + 9), fill=(90, 90, 90))
    logo = _logo(120).crop((20, 24, 102, 98))
    page.paste(logo, (60, 100))
    (hit,) = _hits(_bytes(page))
    assert (hit.brand_id, hit.resemblance) == ("acme", "logo-inside")
    row = match_row(hit, fingerprint(_decoded(page)))
    evidence = row["evidence"]
    assert isinstance(evidence, dict)
    assert evidence["box-x"] == pytest.approx(63 / 1200, abs=0.02)
    assert evidence["box-y"] == pytest.approx(103 / 800, abs=0.02)


def test_more_likeness_is_never_less_evidence() -> None:
    ranked = rank(fingerprint(_decoded(_logo(64))), _gallery())
    scores, ratios = [one.score for one in ranked], [one.llr for one in ranked]
    assert scores == sorted(scores, reverse=True) and ratios == sorted(ratios, reverse=True)


def test_a_gallery_of_nothing_is_no_error() -> None:
    assert rank(fingerprint(_decoded(_logo())), gallery_of([])) == []


def test_the_best_logo_of_a_brand_stands_for_it() -> None:
    gallery = gallery_of([_enrolled("acme", _other()), _enrolled("acme", _logo())])
    (hit,) = match("", fingerprint(_decoded(_logo(64))), gallery)
    assert hit.logo is gallery.logos[1]


def test_rows_fit_the_schemas_and_name_the_edit() -> None:
    made = fingerprint(_decoded(ImageOps.mirror(_logo())))
    (hit,) = match("", made, _gallery())
    row = match_row(hit, made)
    assert set(row) <= set(MATCH_SCHEMA.names)
    assert row["layers"] == ["mirrored"]
    rows = list(picture_rows("ab" * 32, _decoded(_logo()), made))
    assert all(set(one) == set(PICTURE_SCHEMA.names) for one in rows)
    assert rows[0]["region"] == -1 and rows[0]["phash_0"] is not None and len(rows) > 1


@pytest.mark.parametrize("shape", [(8, 8), (8, 256), (256, 9), (1, 300), (200, 2)])
@pytest.mark.parametrize("kind", ["black", "noise", "steps"])
def test_no_array_is_too_odd_to_look_at(shape: tuple[int, int], kind: str) -> None:
    grain = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    pixels = {
        "black": np.zeros((*shape, 3), np.uint8),
        "noise": grain,
        "steps": (grain // 128 * 255).astype(np.uint8),
    }[kind]
    picture = Picture(
        frames=(Frame(pixels=pixels),), large=None, format="PNG",
        width=shape[1], height=shape[0], notes=frozenset(),
    )  # fmt: skip
    assert rank(fingerprint(picture), _gallery(), ask_always=True) is not None
