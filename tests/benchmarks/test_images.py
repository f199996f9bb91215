"""Edits do what they say, always alike; the split never lets a logo meet itself."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.drawings import Drawing, read_drawings, references
from benchmarks.edits import EDITS
from benchmarks.images import answer, edited, split
from detectors.images.matching import Logo, enrol


def picture(seed: int = 0) -> bytes:
    """A drawn logo: a few bars and discs on white."""
    chosen = random.Random(seed)
    image = Image.new("RGB", (128, 128), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = chosen.randint(5, 80), chosen.randint(5, 80)
        shape = draw.ellipse if chosen.random() < 0.5 else draw.rectangle
        box = (x, y, x + chosen.randint(10, 40), y + chosen.randint(10, 40))
        shape(box, fill=(chosen.randint(0, 200), chosen.randint(0, 200), chosen.randint(0, 200)))
    # Something to lose where a circle crops.
    draw.rectangle((0, 0, 12, 12), fill="black")
    packed = io.BytesIO()
    image.save(packed, "PNG")
    return packed.getvalue()


def drawing(key: str, hand: str, seed: int = 0) -> Drawing:
    return Drawing(key=key, set=hand, png=picture(seed))


@pytest.mark.parametrize("edit", EDITS)
def test_the_same_drawing_is_edited_alike_every_time(edit: str) -> None:
    logo = drawing("acme", "devicon")
    assert edited(logo, edit) == edited(logo, edit)


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit != "unchanged"])
def test_every_edit_changes_the_picture(edit: str) -> None:
    logo = drawing("acme", "devicon")
    assert edited(logo, edit) != edited(logo, "unchanged")


def test_another_background_leaves_no_white_ground() -> None:
    with Image.open(io.BytesIO(edited(drawing("acme", "devicon"), "other background"))) as image:
        corner = np.asarray(image.convert("RGB"))[0, -1]
    assert corner.max() <= 200


def test_the_reference_is_chosen_by_set_and_the_rest_are_other_hands() -> None:
    drawings = [drawing("acme", "simple-icons"), drawing("acme", "devicon", 1)]
    gallery, others, strangers = split(drawings)
    assert [one.set for one in gallery] == ["simple-icons"]
    assert [one.set for one in others] == ["devicon"]
    assert strangers == []


def test_a_stranger_bears_no_key_of_the_gallery() -> None:
    drawings = [drawing(f"key{n:03d}", "devicon") for n in range(300)]
    gallery, _, strangers = split(drawings)
    assert (len(gallery), len(strangers)) == (279, 21)
    assert not {one.key for one in gallery} & {one.key for one in strangers}


def test_a_recompressed_logo_answers_with_its_key_and_another_with_none() -> None:
    logo = drawing("acme", "devicon")
    made = enrol("acme", "acme.png", logo.png)
    assert isinstance(made, Logo)
    assert answer(edited(logo, "jpeg"), [made]).first == "acme"
    assert answer(picture(7), [made]).first is None


def test_damaged_bytes_are_an_answer_too() -> None:
    assert answer(b"no picture", []).undecodable


@pytest.mark.real
def test_every_key_of_the_real_logos_has_one_reference(data_folder: Path) -> None:
    drawings = read_drawings(data_folder)
    chosen = references(drawings)
    assert chosen.keys() == {one.key for one in drawings}
    assert len(chosen) > 279
    assert all("/" not in one.file_name for one in drawings)
