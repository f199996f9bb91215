"""Enrolment: every logo is there, or every one that is not is named; changes are noticed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from detectors.tables.make_ordinary import main
from namaak import enrolment
from namaak.brands import AllowRule, WatchFile, parse_watch_file
from namaak.enrolment import enrol
from namaak.errors import UsageError, WatchFileError

WATCH = """
[watch]
contact = "abuse@acme.example"
[brands.acme]
name = "ACME"
logos = ["logo.png", "second.png"]
[brands.brouwer]
name = "Brouwer"
logos = ["beer.png"]
[brands.plain]
name = "Plain"
"""


@pytest.fixture
def watch(tmp_path: Path) -> WatchFile:
    for name in ("logo.png", "second.png", "beer.png"):
        (tmp_path / name).write_bytes(name.encode())
    return parse_watch_file(WATCH, folder=tmp_path)


def test_the_logos_of_all_brands_are_read(watch: WatchFile) -> None:
    assert enrol(watch, detectors="d-1").logos == {
        ("acme", "logo.png"): b"logo.png",
        ("acme", "second.png"): b"second.png",
        ("brouwer", "beer.png"): b"beer.png",
    }


def test_every_logo_that_cannot_be_read_is_named_with_its_place(
    watch: WatchFile, tmp_path: Path
) -> None:
    (tmp_path / "second.png").unlink()
    (tmp_path / "beer.png").unlink()
    (tmp_path / "beer.png").mkdir()
    with pytest.raises(WatchFileError) as caught:
        enrol(watch, detectors="d-1")
    assert str(caught.value).startswith("The watch file names 2 pictures that cannot be read:")
    first, second = caught.value.problems
    assert first == (
        "[brands.acme] logos[1]: second.png cannot be read (No such file or directory); "
        "mend the path or drop it"
    )
    assert second.startswith("[brands.brouwer] logos[0]: beer.png cannot be read (Is a directory)")


def test_a_logo_that_is_too_large_is_named_and_not_kept(
    watch: WatchFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolment, "_MAX_LOGO_BYTES", 8)
    with pytest.raises(WatchFileError, match=r"1 picture that.*\n.*second\.png.*larger than"):
        enrol(watch, detectors="d-1")


def test_a_fingerprint_changes_with_the_bytes_of_its_own_logo_alone(
    watch: WatchFile, tmp_path: Path
) -> None:
    before = enrol(watch, detectors="d-1").fingerprints
    assert enrol(watch, detectors="d-1").fingerprints == before
    (tmp_path / "second.png").write_bytes(b"redrawn")
    after = enrol(watch, detectors="d-1").fingerprints
    assert {name for name in before if before[name] != after[name]} == {"acme"}


def test_two_logos_that_changed_places_are_a_change(watch: WatchFile, tmp_path: Path) -> None:
    before = enrol(watch, detectors="d-1").fingerprints["acme"]
    (tmp_path / "logo.png").write_bytes(b"second.png")
    (tmp_path / "second.png").write_bytes(b"logo.png")
    assert enrol(watch, detectors="d-1").fingerprints["acme"] != before


def test_every_fingerprint_changes_with_the_detectors(watch: WatchFile) -> None:
    before = enrol(watch, detectors="d-1").fingerprints
    after = enrol(watch, detectors="d-2").fingerprints
    assert before.keys() == after.keys() == watch.brands.keys()
    assert not set(before.values()) & set(after.values())


def test_only_the_wanted_brands_are_enrolled_and_need_their_logos(
    watch: WatchFile, tmp_path: Path
) -> None:
    (tmp_path / "beer.png").unlink()
    enrolled = enrol(watch, detectors="d-1", only=["acme", "plain"])
    assert set(enrolled.brands) == set(enrolled.fingerprints) == {"acme", "plain"}
    assert {brand for brand, _ in enrolled.logos} == {"acme"}


def test_a_brand_that_is_not_in_the_file_is_told_with_those_that_are(watch: WatchFile) -> None:
    with pytest.raises(UsageError, match=r"no brand 'acne'.*acme, brouwer, plain") as caught:
        enrol(watch, detectors="d-1", only=["acne"])
    assert not isinstance(caught.value, WatchFileError)


def watch_with(folder: Path, **settings: object) -> WatchFile:
    keys = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    head = f'[watch]\ncontact = "abuse@acme.example"\n{keys}'
    return parse_watch_file(f'{head}[brands.acme]\nname = "ACME"\n', folder=folder)


def sample(folder: Path, labels: list[str]) -> str:
    names = folder / "names.txt"
    names.write_text("".join(f"{label}.example\n" for label in labels))
    made = main(["--names", str(names), "--out", str(folder / "own.parquet"), "--licence", "ours"])
    assert made in (0, None)
    return "own.parquet"


def test_an_operators_own_ordinary_names_are_read_and_decide_matches(tmp_path: Path) -> None:
    plain = enrol(watch_with(tmp_path), detectors="d-1")
    assert plain.ordinary_names is None
    path = sample(tmp_path, [f"acme{number}" for number in range(10_000)])
    own = enrol(watch_with(tmp_path, ordinary_names=path), detectors="d-1")
    assert own.ordinary_names == (tmp_path / path).read_bytes()
    assert own.fingerprints["acme"] != plain.fingerprints["acme"]
    strict = enrol(watch_with(tmp_path, alerts_per_million=5.0), detectors="d-1")
    assert strict.alerts_per_million == 5.0
    assert strict.fingerprints["acme"] != plain.fingerprints["acme"]


def test_a_brand_is_matched_again_when_an_allow_rule_of_its_ends(watch: WatchFile) -> None:
    rule = {"asset": "dealer.example", "reason": "r", "author": "a", "until": "2026-06-30"}
    allowed = watch.brands["acme"].model_copy(update={"allow": (AllowRule(**rule),)})
    watch = watch.model_copy(update={"brands": {**watch.brands, "acme": allowed}})
    last = enrol(watch, detectors="d-1", day=date(2026, 6, 30))
    after = enrol(watch, detectors="d-1", day=date(2026, 7, 1))
    assert last.brands["acme"].allow and not after.brands["acme"].allow
    assert last.fingerprints["acme"] != after.fingerprints["acme"]
    assert last.fingerprints["plain"] == after.fingerprints["plain"]


def test_a_sample_too_small_to_count_in_is_refused(tmp_path: Path) -> None:
    path = sample(tmp_path, ["acme", "volta"])
    with pytest.raises(WatchFileError, match="2 labels"):
        enrol(watch_with(tmp_path, ordinary_names=path), detectors="d-1")


@pytest.mark.parametrize("content", [None, b"", b"acme\nvolta\n"])
def test_a_sample_that_is_none_is_told_with_the_remedy(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "own.parquet").write_bytes(content)
    with pytest.raises(WatchFileError, match=r"\[watch\] ordinary_names: own.parquet"):
        enrol(watch_with(tmp_path, ordinary_names="own.parquet"), detectors="d-1")


def test_photos_of_executives_are_read_as_logos_are_and_a_new_one_is_a_change(
    tmp_path: Path,
) -> None:
    (tmp_path / "ceo.jpg").write_bytes(b"ceo")
    text = """
[watch]
contact = "abuse@acme.example"
[brands.acme]
name = "ACME"
[[brands.acme.executives]]
name = "Willemijn Vosteen"
[[brands.acme.executives]]
name = "Jan Waldermond"
photo = "ceo.jpg"
"""
    watch = parse_watch_file(text, folder=tmp_path)
    enrolled = enrol(watch, detectors="d-1")
    assert enrolled.logos == {("acme", "ceo.jpg"): b"ceo"}
    (tmp_path / "ceo.jpg").write_bytes(b"another")
    assert enrol(watch, detectors="d-1").fingerprints != enrolled.fingerprints
    (tmp_path / "ceo.jpg").unlink()
    with pytest.raises(WatchFileError, match=r"acme\] executives\[1\]\.photo: ceo\.jpg cannot be"):
        enrol(watch, detectors="d-1")
