"""The example data is what it says: made by its script, complete, harmless, in line with the
watch file. Reads the committed files; makes them once more in a temporary folder.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageChops, ImageStat
from rapidfuzz.distance import OSA

from namaak.brands import WatchFile, read_watch_file
from namaak.records import Field, Resemblance

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
DATA: Final = EXAMPLES / "data"
PICTURES: Final = (".png", ".jpg")

RESERVED: Final = (
    *(".example", ".test", ".invalid"),
    *(".xn--80akhbyknj4f", ".xn--jxalpdlp", ".xn--zckzah"),
    *(".example.com", ".example.net", ".example.org"),
)
PLATFORMS: Final = (
    *("github.io", "web.app", "firebaseapp.com", "workers.dev", "pages.dev", "netlify.app"),
    *("vercel.app", "blogspot.com", "herokuapp.com", "azurewebsites.net", "translate.goog"),
)
KINDS_OF_NAMES: Final = {
    kind.value
    for kind in Resemblance
    if kind not in (Resemblance.SAME_IMAGE, Resemblance.NEAR_IMAGE, Resemblance.LOGO_INSIDE)
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files made again, elsewhere."""
    output = tmp_path_factory.mktemp("examples")
    subprocess.run(
        [sys.executable, EXAMPLES / "make_examples.py", "--output", output],
        check=True,
        capture_output=True,
    )
    return output


@pytest.fixture(scope="module")
def labels() -> list[dict[str, str]]:
    with (DATA / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def profiles() -> list[dict[str, str]]:
    return [json.loads(line) for line in _text("data/profiles.jsonl").splitlines()]


@pytest.fixture(scope="module")
def hosts() -> list[bytes]:
    return gzip.decompress((DATA / "domains.txt.gz").read_bytes()).splitlines()


@pytest.fixture(scope="module")
def watch() -> WatchFile:
    return read_watch_file(EXAMPLES / "watch.toml")


def _text(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def _files(root: Path) -> set[str]:
    found = (path for folder in ("logos", "data") for path in (root / folder).rglob("*"))
    return {path.relative_to(root).as_posix() for path in found if path.is_file()}


def test_the_script_makes_every_committed_file_and_no_other(made: Path) -> None:
    assert _files(made) == _files(EXAMPLES)


def test_text_made_again_is_the_same_to_the_byte(made: Path) -> None:
    texts = {name for name in _files(EXAMPLES) if not name.endswith(PICTURES)}
    assert "data/domains.txt.gz" in texts
    for name in texts:
        again, committed = (made / name).read_bytes(), (EXAMPLES / name).read_bytes()
        if name.endswith(".gz"):
            # Other builds of zlib pack the same text into other bytes.
            again, committed = gzip.decompress(again), gzip.decompress(committed)
        assert again == committed, name


def test_the_gz_holds_no_time_of_making() -> None:
    assert (DATA / "domains.txt.gz").read_bytes()[4:8] == bytes(4)


def test_pictures_made_again_look_the_same(made: Path) -> None:
    pictures = {name for name in _files(EXAMPLES) if name.endswith(PICTURES)}
    assert len(pictures) > 100
    for name in pictures:
        with Image.open(made / name) as again, Image.open(EXAMPLES / name) as committed:
            assert again.size == committed.size, name
            apart = ImageChops.difference(again.convert("RGB"), committed.convert("RGB"))
        # Resampling and JPEG may round otherwise in another Pillow.
        assert max(ImageStat.Stat(apart).mean) < 2, name


def test_the_folder_stays_small() -> None:
    sizes = {name: (EXAMPLES / name).stat().st_size for name in _files(EXAMPLES)}
    assert sum(sizes.values()) < 1_500_000
    assert max(sizes.values()) < 200_000


def test_the_watch_file_is_valid_and_its_inputs_and_logos_exist(watch: WatchFile) -> None:
    assert set(watch.brands) == {"waldermond", "peer"}
    assert watch.brands["peer"].common_word
    inputs = watch.sources["files"]["inputs"]
    assert {entry["kind"] for entry in inputs} == {"host", "account", "app", "image"}
    paths = [Path(entry["path"]) for entry in inputs]
    paths += [logo for brand in watch.brands.values() for logo in brand.logos]
    assert len(paths) == 7
    for path in paths:
        assert watch.resolve(path).exists(), path


def test_the_watch_file_lists_exactly_the_accounts_that_are_labelled_as_owned(
    watch: WatchFile, profiles: list[dict[str, str]]
) -> None:
    official = {
        (profile["platform"], profile["handle"])
        for profile in profiles
        if profile["bio"] and profile["bio"].startswith("Officieel account.")
    }
    listed = {
        (platform, handle)
        for brand in watch.brands.values()
        for platform, handles in brand.accounts.items()
        for handle in handles
    }
    assert official == listed


def test_own_hosts_are_below_domains_of_the_watch_file(
    watch: WatchFile, labels: list[dict[str, str]]
) -> None:
    owned = [row for row in labels if row["field"] == "host" and row["kind"] == "owned"]
    assert len(owned) > 30
    for row in owned:
        domains = watch.brands[row["brand"]].domains
        assert any(f".{row['input']}".endswith(f".{domain}") for domain in domains), row


def test_no_lookalike_is_below_an_own_domain(
    watch: WatchFile, labels: list[dict[str, str]]
) -> None:
    own = [f".{domain}" for brand in watch.brands.values() for domain in brand.domains]
    for row in labels:
        if row["field"] == "host" and row["verdict"] == "lookalike":
            host = f".{row['input'].strip().strip('.').lower()}"
            assert not host.endswith(tuple(own)), row


def test_every_kind_of_resemblance_between_names_has_labelled_lookalikes(
    labels: list[dict[str, str]],
) -> None:
    lookalikes = Counter(row["kind"] for row in labels if row["verdict"] == "lookalike")
    assert not {kind: lookalikes[kind] for kind in KINDS_OF_NAMES if lookalikes[kind] < 7}
    assert set(lookalikes) == KINDS_OF_NAMES | {"same-image", "near-image"}


def test_every_field_has_lookalikes_of_both_brands_and_innocents(
    labels: list[dict[str, str]],
) -> None:
    found = {(row["field"], row["verdict"], row["brand"]) for row in labels}
    # What is read in pictures needs a program of somebody else's, which a first run does without;
    # texts about themselves and banners are judged with the account that has them.
    for field in set(Field) - {Field.IMAGE_TEXT, Field.BIO, Field.BANNER}:
        for brand in ("waldermond", "peer"):
            assert (field.value, "lookalike", brand) in found
        assert (field.value, "innocent", "") in found


def test_every_labelled_name_stands_in_the_data(
    labels: list[dict[str, str]], hosts: list[bytes], profiles: list[dict[str, str]]
) -> None:
    apps = list(csv.DictReader(_text("data/apps.csv").splitlines()))
    fresh = list(csv.DictReader(_text("data/handles.csv").splitlines()))
    present = {
        "host": {line.decode("utf-8", "replace") for line in hosts},
        "handle": {row["handle"] for row in (*profiles, *fresh)},
        "display-name": {row["display_name"] for row in profiles},
        "app": {row["title"] for row in apps},
        "image": {path.relative_to(DATA).as_posix() for path in DATA.glob("*/*")},
    }
    missing = [row for row in labels if row["input"] not in present[row["field"]]]
    assert not missing


def test_every_picture_that_a_list_names_exists(profiles: list[dict[str, str]]) -> None:
    apps = csv.DictReader(_text("data/apps.csv").splitlines())
    named = {row["avatar"] for row in profiles if row["avatar"]} | {row["icon"] for row in apps}
    assert len(named) > 60
    assert {name for name in named if not (DATA / name).is_file()} == set()


def test_one_avatar_is_the_logo_to_the_byte() -> None:
    for brand in ("waldermond", "peer"):
        logo = (EXAMPLES / "logos" / f"{brand}.png").read_bytes()
        assert (DATA / "avatars" / f"{brand}-exact.png").read_bytes() == logo


def test_every_host_is_under_a_name_that_nobody_can_register_or_a_hosting_service(
    labels: list[dict[str, str]], hosts: list[bytes]
) -> None:
    broken = {row["input"].encode() for row in labels if row["kind"] == "broken"}
    bare = {*(name.encode() for name in PLATFORMS), b"s3.amazonaws.com"}
    free = tuple(f".{name}" for name in PLATFORMS)
    astray = [
        line
        for line in hosts
        if line not in broken | bare
        and not line.decode("utf-8", "replace")
        .lower()
        .strip()
        .rstrip(".")
        .endswith(RESERVED + free)
    ]
    assert astray == []


def test_every_address_in_a_profile_is_reserved(profiles: list[dict[str, str]]) -> None:
    for profile in profiles:
        for text in (profile["url"], profile["bio"] or ""):
            for host in re.findall(r"https?://([^/\s]+)", text):
                assert host.endswith((".example", ".test")), profile


def test_hosts_to_which_impersonators_link_are_lookalikes_in_the_list(
    labels: list[dict[str, str]], profiles: list[dict[str, str]]
) -> None:
    posing = {row["input"] for row in labels if row["verdict"] == "lookalike"}
    linked = {
        host
        for profile in profiles
        for host in re.findall(r"https://([a-z.-]+\.test)", profile["bio"] or "")
    }
    assert len(linked) >= 3
    assert linked <= posing


def test_the_list_of_hosts_is_mostly_ordinary_and_has_repeats_and_junk(
    labels: list[dict[str, str]], hosts: list[bytes]
) -> None:
    labelled = {row["input"].encode() for row in labels if row["field"] == "host"}
    ordinary = {line for line in hosts if line not in labelled}
    assert len(ordinary) >= 3_700
    assert len(hosts) - len(set(hosts)) == 12
    assert b"caf\xe9-waldermond.example" in hosts
    assert any(max(map(len, line.split(b"."))) == 64 for line in hosts)


def test_no_ordinary_host_comes_near_a_brand_by_accident(
    labels: list[dict[str, str]], hosts: list[bytes]
) -> None:
    labelled = {row["input"].encode() for row in labels if row["field"] == "host"}
    for line in set(hosts) - labelled - {b"caf\xe9-waldermond.example"}:
        host = line.decode()
        assert "peer" not in host
        for part in re.split(r"[.-]", host):
            assert OSA.distance(part, "waldermond") > 2, host


def test_a_name_in_another_script_comes_as_a_label_and_u_label(
    labels: list[dict[str, str]],
) -> None:
    shown = {row["input"] for row in labels if row["note"].endswith("(U-label)")}
    carried = {row["input"] for row in labels if row["note"].endswith("(A-label)")}
    assert len(shown) > 8
    assert {".".join(map(_a_label, host.split("."))) for host in shown} == carried


def _a_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def test_one_account_was_renamed_and_keeps_its_native_id(profiles: list[dict[str, str]]) -> None:
    sightings = Counter((profile["platform"], profile["native_id"]) for profile in profiles)
    (twice,) = [key for key, count in sightings.items() if count > 1]
    before, after = (
        profile for profile in profiles if (profile["platform"], profile["native_id"]) == twice
    )
    assert before["observed_at"] < after["observed_at"]
    assert (before["handle"], after["handle"]) == ("zonnetuin_anna", "waldermond_hulp")
    assert before["created_at"] == after["created_at"]


def test_an_account_with_a_random_handle_shows_the_logo(profiles: list[dict[str, str]]) -> None:
    (profile,) = [profile for profile in profiles if profile["handle"] == "qk7zr0v2mx91tbwe"]
    assert profile["avatar"] == "avatars/waldermond-exact.png"
