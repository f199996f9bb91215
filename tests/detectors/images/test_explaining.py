"""Explaining: each edit is named when it was made, and nothing is named that was not."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw, ImageFont, ImageOps

from detectors.images.edits import EDITS, in_words
from detectors.images.explaining import Explanation, explain
from detectors.images.picture import Frame

Pixels = npt.NDArray[np.uint8]
SIDE = 256


def logo(size: int = 180) -> Image.Image:
    """A lopsided drawing of three colours on nothing."""
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw, k = ImageDraw.Draw(image), size / 400
    draw.polygon([(20 * k, 380 * k), (20 * k, 20 * k), (190 * k, 20 * k)], fill="#0a7a55")
    draw.ellipse((180 * k, 130 * k, 395 * k, 345 * k), fill="#e08800")
    draw.rectangle((240 * k, 20 * k, 390 * k, 90 * k), fill="#123456")
    return image


def placed(
    drawing: Image.Image,
    ground: str | Image.Image = "white",
    at: tuple[int, int] = (38, 38),
) -> Image.Image:
    if isinstance(ground, str):
        canvas = Image.new("RGBA", (SIDE, SIDE), ground)
    else:
        canvas = ground.convert("RGBA")
    canvas.alpha_composite(drawing, at)
    return canvas.convert("RGB")


def framed(image: Image.Image) -> Frame:
    return Frame(pixels=np.asarray(image.convert("RGB")))


REFERENCE = placed(logo())


def explained(seen: Image.Image, reference: Image.Image = REFERENCE) -> Explanation:
    return explain(framed(reference), framed(seen), box=(0, 0, *seen.size))


def resized(side: int) -> Image.Image:
    return logo().resize((side, side), Image.Resampling.LANCZOS)


def silhouette(colour: str) -> Image.Image:
    made = Image.new("RGBA", (180, 180), colour)
    made.putalpha(logo().getchannel("A"))
    return made


def gradient() -> Image.Image:
    y, x = np.mgrid[:SIDE, :SIDE]
    return Image.fromarray(np.dstack([x, 255 - y, y * 0 + 220]).astype(np.uint8))


def woods() -> Image.Image:
    """Rough everywhere, at all sizes of detail, as photographs are."""
    chosen = np.random.default_rng(11)
    made = np.zeros((SIDE, SIDE, 3))
    for side in (8, 16, 32, 64, 128):
        layer = chosen.integers(0, 256, (side, side, 3), dtype=np.uint8)
        made += np.asarray(Image.fromarray(layer).resize((SIDE, SIDE)), float) / 5
    return Image.fromarray(np.clip((made - 128) * 1.5 + 90, 0, 255).astype(np.uint8))


def cut_round(image: Image.Image) -> Image.Image:
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, SIDE - 1, SIDE - 1), fill=255)
    made = Image.new("RGB", image.size, "black")
    made.paste(image, mask=mask)
    return made


def with_band() -> Image.Image:
    made = placed(resized(150), at=(53, 20))
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 205, SIDE, SIDE), fill="#7a1020")
    draw.text((28, 212), "SUPPORT", fill="white", font=ImageFont.load_default(size=34))
    return made


def with_badge() -> Image.Image:
    made = REFERENCE.copy()
    ImageDraw.Draw(made).ellipse((186, 186, 250, 250), fill="#1d9bf0")
    return made


def with_noise() -> Image.Image:
    grain = np.random.default_rng(3).normal(0, 22, (SIDE, SIDE, 3))
    pixels = np.asarray(REFERENCE, float) + grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=quality)
    return Image.open(packed).convert("RGB")


def turned_colours() -> Image.Image:
    hsv = np.array(logo().convert("RGB").convert("HSV"))
    hsv[..., 0] += 100
    made = Image.frombytes("HSV", (180, 180), hsv.tobytes()).convert("RGB").convert("RGBA")
    made.putalpha(logo().getchannel("A"))
    return placed(made)


CASES: dict[str, tuple[Callable[[], Image.Image], set[str]]] = {
    "nothing": (lambda: REFERENCE, set()),
    "recompressed": (lambda: jpeg(REFERENCE, 40), set()),
    "64 pixels": (lambda: REFERENCE.resize((64, 64), Image.Resampling.BOX), set()),
    "mirrored": (lambda: ImageOps.mirror(REFERENCE), {"mirrored"}),
    "turned": (
        lambda: placed(logo().rotate(25, Image.Resampling.BICUBIC, expand=True), at=(5, 5)),
        {"rotated"},
    ),
    "turned by a quarter": (lambda: REFERENCE.transpose(Image.Transpose.ROTATE_90), {"rotated"}),
    "stretched": (lambda: placed(logo().resize((216, 180)), at=(20, 38)), {"stretched"}),
    "shrunk": (lambda: placed(resized(100), at=(78, 78)), {"shrunk"}),
    "enlarged": (lambda: placed(resized(240), at=(8, 8)), {"enlarged"}),
    "moved": (lambda: placed(logo(), at=(70, 10)), {"moved"}),
    "cropped": (
        lambda: REFERENCE.crop((38, 38, 188, 188)).resize((SIDE, SIDE)),
        {"cropped", "enlarged", "moved"},
    ),
    "negative": (lambda: ImageOps.invert(REFERENCE), {"inverted", "other-background"}),
    "white on a colour": (
        lambda: placed(silhouette("white"), "#0a5a85"),
        {"inverted", "silhouette", "other-background"},
    ),
    "in one colour": (lambda: placed(silhouette("#8030c0")), {"silhouette"}),
    "other hues": (turned_colours, {"recoloured"}),
    "in greys": (lambda: REFERENCE.convert("L"), {"greyscale"}),
    "other background": (lambda: placed(logo(), "#b8e0ff"), {"other-background"}),
    "gradient": (lambda: placed(logo(), gradient()), {"gradient-background"}),
    "photograph": (lambda: placed(logo(), woods()), {"photo-background"}),
    "cut round": (
        lambda: cut_round(placed(resized(130), at=(63, 63))), {"circle", "shrunk"},
    ),
    "framed": (
        lambda: ImageOps.expand(REFERENCE.crop((16, 16, 240, 240)), 16, "#b3007a"), {"framed"},
    ),
    "badge": (with_badge, {"badge"}),
    "band of text": (with_band, {"text-added", "shrunk", "moved"}),
    "blurred": (
        lambda: Image.fromarray(cv2.GaussianBlur(np.asarray(REFERENCE), (0, 0), 3.0)), {"blurred"},
    ),
    "noise": (with_noise, {"noisy"}),
}  # fmt: skip


@pytest.mark.parametrize(("made", "edits"), CASES.values(), ids=CASES)
def test_what_was_done_is_said_and_nothing_else(
    made: Callable[[], Image.Image], edits: set[str]
) -> None:
    found = explained(made())
    assert set(found.edits) == edits
    assert set(found.measures) == edits
    assert found.agreement > 0.6


def test_every_edit_of_the_vocabulary_is_among_the_cases() -> None:
    assert set().union(*(edits for _, edits in CASES.values())) == set(EDITS)


def test_the_measures_are_those_of_the_edit() -> None:
    def of(case: str) -> dict[str, float]:
        return dict(explained(CASES[case][0]()).measures)

    assert of("turned")["rotated"] == pytest.approx(25, abs=1.5)
    assert abs(of("turned by a quarter")["rotated"]) == pytest.approx(90, abs=1.5)
    assert of("stretched")["stretched"] == pytest.approx(1.2, abs=0.03)
    assert of("shrunk")["shrunk"] == pytest.approx(100 / 180, abs=0.02)
    assert of("enlarged")["enlarged"] == pytest.approx(240 / 180, abs=0.03)
    assert of("moved")["moved"] == pytest.approx(np.hypot(32, 28) / 256, abs=0.01)
    assert of("framed")["framed"] == pytest.approx(16 / 256, abs=0.015)
    assert of("band of text")["text-added"] == pytest.approx(51 / 256, abs=0.02)
    assert of("badge")["badge"] == pytest.approx(64 / 256, abs=0.03)


def test_the_map_leads_from_the_logo_to_where_it_is_seen() -> None:
    found = explained(placed(resized(100), at=(120, 30)))
    assert found.transform is not None
    # The reference's drawing begins at 38 + 9, the seen one at 120 + 5 and 30 + 5.
    assert found.transform @ [47, 47, 1] == pytest.approx([125, 35], abs=1.5)
    assert found.box == pytest.approx((125, 35, 94, 90), abs=3)


def test_a_symmetric_logo_is_never_called_mirrored_nor_a_ring_turned() -> None:
    even = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(even)
    draw.polygon([(128, 30), (220, 210), (36, 210)], fill="#a01030")
    draw.ellipse((98, 130, 158, 190), fill="#ffe000")
    assert explained(ImageOps.mirror(even), even).edits == ()
    ring = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(ring).ellipse((50, 50, 206, 206), outline="#1050a0", width=30)
    turned = ring.rotate(30, Image.Resampling.BICUBIC, fillcolor="white")
    assert explained(turned, ring).edits == ()


def test_a_logo_without_a_background_is_on_no_other_one() -> None:
    cover = np.zeros((SIDE, SIDE), np.uint8)
    cover[38:218, 38:218] = np.asarray(logo().getchannel("A"))
    clear = Frame(pixels=np.asarray(REFERENCE), cover=cover)
    seen = framed(placed(logo(), "#b8e0ff"))
    assert explain(clear, seen, box=(0, 0, SIDE, SIDE)).edits == ()


def test_of_another_logo_nothing_is_said() -> None:
    other = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(other)
    for number in range(6):
        draw.line((20, 40 + 35 * number, 236, 10 + 42 * number), fill="#203080", width=6)
    found = explained(other)
    assert found.edits == () and found.transform is None and found.agreement < 0.5


def test_a_logo_with_a_plate_of_its_own_is_neither_framed_nor_cut_round() -> None:
    plate = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(plate)
    draw.rectangle((10, 10, 245, 245), fill="#3030c0")
    draw.polygon([(60, 200), (90, 60), (190, 150)], fill="white")
    assert explained(plate, plate).edits == ()
    disc = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(disc)
    draw.ellipse((1, 1, 254, 254), fill="#3030c0")
    draw.polygon([(60, 200), (90, 60), (190, 150)], fill="white")
    assert explained(disc, disc).edits == ()


def test_a_map_that_is_known_is_used_and_nonsense_is_not() -> None:
    seen = framed(ImageOps.mirror(REFERENCE))
    whole = (0.0, 0.0, 256.0, 256.0)
    flipped = np.array([[-1.0, 0, 255], [0, 1, 0]])
    known = explain(framed(REFERENCE), seen, transform=flipped, box=whole)
    assert known.edits == ("mirrored",)
    for nonsense in (np.zeros((2, 3)), np.full((2, 3), np.nan), np.eye(2, 3) * 1e9):
        assert explain(framed(REFERENCE), seen, transform=nonsense, box=whole).edits == known.edits


@pytest.mark.parametrize(
    "box", [(0, 0, 0, 0), (-90, -90, 5, 5), (9, 9, 1e9, 1e9), (0, 0, float("nan"), 3)]
)
def test_a_box_that_is_none_is_not_believed(box: tuple[float, float, float, float]) -> None:
    found = explain(framed(REFERENCE), framed(REFERENCE), box=box)
    assert found.edits == () and found.agreement > 0.95


def test_the_same_pictures_give_the_same_numbers_wherever_they_lie_in_memory() -> None:
    told = set()
    for offset in range(8):
        room = np.empty(SIDE * SIDE * 3 + 64, np.uint8)
        moved = room[offset : offset + SIDE * SIDE * 3].reshape(SIDE, SIDE, 3)
        moved[:] = np.asarray(with_badge())
        found = explain(framed(REFERENCE), Frame(pixels=moved), box=(0, 0, SIDE, SIDE))
        assert found.transform is not None
        told.add((found.transform.tobytes(), found.agreement, tuple(found.measures.items())))
    assert len(told) == 1


_SHAPES = st.tuples(st.integers(8, 40), st.integers(8, 40), st.just(3)) | st.sampled_from(
    [(8, 8, 3), (8, 256, 3), (256, 8, 3)]
)
_PICTURES = _SHAPES.flatmap(
    lambda shape: (
        arrays.arrays(np.uint8, shape) | arrays.arrays(np.uint8, shape, elements=st.just(255))
    )
)


@settings(deadline=None, max_examples=40)
@given(_PICTURES, _PICTURES)
def test_any_two_pictures_are_explained_or_not_and_never_raise(one: Pixels, other: Pixels) -> None:
    height, width = other.shape[:2]
    found = explain(Frame(pixels=one), Frame(pixels=other), box=(0, 0, width, height))
    assert 0 <= found.agreement <= 1
    assert set(found.edits) == set(found.measures) <= set(EDITS)
    assert np.isfinite([*found.measures.values(), *found.box]).all()


def test_edits_are_said_in_english_and_dutch_with_their_measure() -> None:
    measures = {"rotated": -20.4, "shrunk": 0.42}
    edits = ("rotated", "shrunk", "mirrored")
    assert in_words(edits, measures) == (
        "turned by 20 degrees",
        "shrunk to 42% of its size in the frame",
        "mirrored",
    )
    assert in_words(edits, measures, dutch=True)[2] == "gespiegeld"
    # Of an edit stored without its measure, or of another version, the word itself.
    assert in_words(("rotated", "haunted"), {}) == ("rotated", "haunted")


def test_each_wording_takes_its_measure_in_both_languages() -> None:
    for edit, wording in EDITS.items():
        assert ("{" in wording.english) == ("{" in wording.dutch), edit
        assert wording.english.format(0.5) and wording.dutch.format(0.5) and wording.measure
