"""`namaak check`: everything that would fail later is said now, and all of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from namaak.brands import parse_watch_file
from namaak.checking import problems_of, problems_of_file

WATCH = '[watch]\ncontact = "abuse@acme.example"\n[brands.acme]\nname = "ACME"\n'


def logo() -> bytes:
    picture = Image.new("RGB", (200, 200), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(20, 180), (80, 20), (120, 180)], fill="#0a7a55")
    draw.ellipse((90, 40, 190, 140), fill="#123456")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def flat() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 200), "#0a7a55").save(out, "PNG")
    return out.getvalue()


def checked(tmp_path: Path, more: str = "", **pictures: bytes) -> tuple[str, ...]:
    for name, content in pictures.items():
        (tmp_path / f"{name}.png").write_bytes(content)
    return problems_of(parse_watch_file(WATCH + more, folder=tmp_path))


def test_a_sound_file_has_no_problems(tmp_path: Path) -> None:
    more = 'logos = ["logo.png"]\n[sources.files]\n[[sources.files.inputs]]\npath = "hosts.csv"\n'
    (tmp_path / "hosts.csv").touch()
    assert checked(tmp_path, more, logo=logo()) == ()


def test_an_input_that_is_not_there_is_told(tmp_path: Path) -> None:
    more = '[sources.files]\n[[sources.files.inputs]]\npath = "hosts.csv"\n'
    (problem,) = checked(tmp_path, more)
    assert problem.startswith("[sources.files] inputs[0].path: there is no hosts.csv")


def test_faults_of_form_do_not_hide_missing_logos_and_unknown_sources(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    path.write_text(
        '[watch]\ncontact = "nobody"\n[brands.acme]\nname = "Acme"\nlogos = ["no.png"]\n'
        "[sources.nonsense]\nenabled = true\n"
    )
    problems = problems_of_file(path)
    assert [problem.split(":")[0] for problem in problems] == [
        "[watch] contact",
        "[brands.acme] logos[0]",
        "[sources] nonsense",
    ]


@pytest.mark.parametrize("name", ["日本", "!", "X"])
def test_a_name_that_nothing_can_match_is_told(tmp_path: Path, name: str) -> None:
    (problem,) = checked(tmp_path, f'[brands.other]\nname = "{name}"\n')
    assert problem.startswith(f"[brands.other] name: {name!r} has fewer than two letters")


def test_an_alias_in_latin_letters_mends_it(tmp_path: Path) -> None:
    assert checked(tmp_path, '[brands.other]\nname = "日本"\naliases = ["Nippon"]\n') == ()


def test_an_executive_s_name_does_not_make_the_brand_findable(tmp_path: Path) -> None:
    more = '[brands.other]\nname = "日本"\n[[brands.other.executives]]\nname = "Jo Doe"\n'
    (problem,) = checked(tmp_path, more)
    assert problem.startswith("[brands.other] name: ")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (flat(), "too plain to recognise (one colour)"),
        (b"no picture", "not a picture in a format that is read"),
        (logo()[:200], "damaged"),
        (b"", "empty"),
    ],
    ids=["flat", "text", "cut off", "empty"],
)
def test_a_logo_that_cannot_serve_is_told_with_what_to_do(
    tmp_path: Path, content: bytes, why: str
) -> None:
    (problem,) = checked(tmp_path, 'logos = ["logo.png"]\n', logo=content)
    assert problem.startswith(f"[brands.acme] logos[0]: logo.png cannot be used ({why}")
    assert problem.endswith("give a PNG, JPEG, GIF or WebP of the logo on a plain ground")


def test_names_logos_and_sources_are_told_at_once(tmp_path: Path) -> None:
    more = (
        'logos = ["gone.png", "lost.png"]\n[brands.other]\nname = "日本"\n'
        "[sources.flies]\n[sources.files]\nrows_per_batch = 0\n"
    )
    problems = checked(tmp_path, more)
    places = [problem.partition(":")[0] for problem in problems]
    assert places == [
        "[brands.other] name",
        "[brands.acme] logos[0]",
        "[brands.acme] logos[1]",
        "[sources] flies",
        "[sources.files] rows_per_batch",
    ]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ('negative_words = ["ACME"]', "negative_words[0]: 'ACME' is the brand's own name"),
        (
            'allow = [{asset = "github.io", reason = "r", author = "a", until = 2030-01-01}]',
            "allow[0]: github.io is a public suffix",
        ),
        ('negative_words = ["acmeist"]', None),
        (
            'allow = [{asset = "acme.github.io", reason = "r", author = "a", until = 2030-01-01}]',
            None,
        ),
    ],
)
def test_what_would_switch_a_brand_off_is_told(keys: str, problem: str | None) -> None:
    head = '[watch]\ncontact = "abuse@acme.example"\n'
    found = problems_of(parse_watch_file(f'{head}[brands.acme]\nname = "Acme"\n{keys}\n'))
    assert [problem in one for one in found] == [True] if problem else not found
