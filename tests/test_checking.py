"""`namaak check`: everything that would fail later is said now, and all of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from namaak.brands import parse_watch_file
from namaak.checking import missing_keys, notes_of, problems_of, problems_of_file

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
    assert problem.endswith("give a PNG, JPEG, GIF or WebP, a logo on a plain ground")


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


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('mastodon]\nservers = ["10.1.2.3"]', "[sources.mastodon] servers[0]: 10.1.2.3 is private"),
        (
            'mastodon]\nservers = ["a.example", "https://127.0.0.1"]',
            "servers[1]: 127.0.0.1 is loop",
        ),
        ('mastodon]\nservers = ["localhost"]', "servers[0]: localhost is this machine"),
        ('mastodon]\nservers = ["a.example:3000"]', "servers[0]: a.example:3000 names port 3000"),
        ('wordpress]\nurl = "http://[::1]/rest"', "[sources.wordpress] url: ::1 is loopback"),
        (
            'jetstream]\nenabled = true\nurl = "wss://10.0.0.1/subscribe"',
            "url: 10.0.0.1 is private",
        ),
        (
            'registrations]\n[[sources.registrations.lists]]\nname = "a"\n'
            'url = "http://192.168.0.9/{date}.txt"',
            "[sources.registrations] lists[0].url: 192.168.0.9 is private",
        ),
    ],
)
def test_a_server_that_no_run_would_ask_is_told_with_its_key(
    tmp_path: Path, table: str, problem: str
) -> None:
    (found,) = checked(tmp_path, f"[sources.{table}\n")
    assert problem in found
    assert "namaak asks public servers only" in found or "only 80 and 443 may be asked" in found


@pytest.mark.parametrize(
    "table",
    [
        'mastodon]\nservers = ["a.example", "https://b.example:443"]',
        'permutations]\nresolvers = ["127.0.0.1:53"]',
        'axfr]\n[[sources.axfr.zones]]\nzone = "test"\nservers = ["127.0.0.1:5353"]',
        'wikipedia]\nurl = "https://{edition}.wiki.example/w/api.php"',
        'mastodon]\nenabled = false\nservers = ["127.0.0.1"]',
    ],
)
def test_public_servers_name_servers_and_tables_that_are_off_are_no_fault(
    tmp_path: Path, table: str
) -> None:
    assert checked(tmp_path, f"[sources.{table}\n") == ()


def noted(more: str, **environ: str) -> list[str]:
    return list(notes_of(parse_watch_file(WATCH + more), environ))


def test_a_source_s_lack_is_a_note_and_what_it_lacks_with_its_key_another() -> None:
    key, budget = noted("[sources.x]\n")
    assert key.startswith("[sources.x] X_BEARER_TOKEN is not set;")
    assert "set dollars_per_month in [sources.x]" in budget
    assert noted("[sources.x]\n", X_BEARER_TOKEN="a-token") == [budget]
    assert noted("[sources.x]\ndollars_per_month = 50\n", X_BEARER_TOKEN="a-token") == []
    (account,) = noted("[sources.instagram]\n", INSTAGRAM_TOKEN="a-token")
    assert "set account in [sources.instagram]" in account


def test_a_key_that_a_source_can_do_without_is_not_noted() -> None:
    assert noted("[sources.mastodon]\n[sources.certspotter]\nenabled = true\n") == []
    watch = parse_watch_file(f"{WATCH}[sources.mastodon]\n[sources.github]\n[sources.czds]\n")
    assert dict(missing_keys(watch, {"CZDS_PASSWORD": "secret"})) == {
        "github": "GITHUB_TOKEN",
        "czds": "CZDS_USERNAME",
    }


def test_keys_that_are_missing_are_told_in_one_sentence() -> None:
    (note,) = noted("[sources.twitch]\n")
    assert "TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET are not set" in note
    (note,) = noted("[sources.czds]\n", CZDS_USERNAME="ann")
    assert "CZDS_PASSWORD is not set" in note


def test_a_source_that_is_off_has_no_notes() -> None:
    assert noted("[sources.x]\nenabled = false\n[sources.linkedin]\n") == []


def test_an_entry_with_a_star_is_noted_with_what_it_would_own() -> None:
    (note,) = noted('accounts.x = ["acme", "acme_*"]\n')
    assert note.startswith("[brands.acme] accounts.x[1]: acme_* owns every handle that fits")
    assert "as acme_help, whoever registered it" in note
