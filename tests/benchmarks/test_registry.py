"""Registry to watch file: what is taken over, what is counted, what is refused."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.drawings import Drawing
from benchmarks.registry import Registered, read_registry
from benchmarks.watch_from_registry import Input, parse_input, watch_toml, with_logos
from namaak.brands import Brand, parse_watch_file
from namaak.records import SubjectKind

COLUMNS = (
    *("brand_id", "name", "family", "aliases", "domains", "twitter", "instagram", "facebook"),
    *("linkedin", "youtube", "tiktok", "threads", "simple_icons_slug", "core"),
)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    rows = [
        {"brand_id": "acme", "name": "Acme", "family": "acme", "aliases": "acmebank|acmepay",
         "domains": "acme.example|acme.test", "twitter": "AcmeHelp", "core": "True",
         "simple_icons_slug": "acme"},
        {"brand_id": "acme-pay", "name": "Acme Pay", "family": "acme", "domains": "acmepay.example",
         "core": "False"},
    ]  # fmt: skip
    with gzip.open(tmp_path / "brands.csv.gz", "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def one(name: str, **columns: object) -> Registered:
    brand = Brand(name=name, **columns)  # type: ignore[arg-type]
    return Registered(brand_id="b", family="b", core=True, logo_key="acme", brand=brand)


def test_all_columns_that_fit_are_taken(registry: Path) -> None:
    acme = read_registry(registry)["acme"]
    assert acme.brand.aliases == ("acmebank", "acmepay")
    assert acme.brand.accounts == {"x": ("AcmeHelp",)}
    assert acme.logo_key == "acme"


def test_a_family_shares_its_domains_but_not_its_names(registry: Path) -> None:
    pay = read_registry(registry)["acme-pay"].brand
    assert pay.domains == ("acmepay.example", "acme.example", "acme.test")
    assert pay.names == ("Acme Pay",)


def test_core_only_leaves_the_others_out(registry: Path) -> None:
    assert list(read_registry(registry, core_only=True)) == ["acme"]


@given(
    st.text(min_size=1, max_size=30).filter(lambda text: text.strip()),
    st.text(min_size=1, max_size=30).filter(lambda text: text.strip()),
)
def test_any_name_and_path_come_back_from_the_watch_file(name: str, path: str) -> None:
    brand = Brand(name=name)
    text = watch_toml({"acme": brand}, [Input(path=path, kind=SubjectKind.HOST)])
    watch = parse_watch_file(text)
    assert watch.brands["acme"].name == brand.name
    assert watch.sources["files"]["inputs"] == [{"path": path, "kind": "host"}]


def test_everything_of_a_brand_comes_back_from_the_watch_file() -> None:
    brand = Brand(name="Acme", aliases=("A.C.M.E.",), domains=("acme.example",), common_word=True,
                  accounts={"x": ("acme",)}, logos=(Path("logos/acme.png"),))  # fmt: skip
    assert parse_watch_file(watch_toml({"acme": brand}, [])).brands["acme"] == brand


def test_a_brand_gets_the_logo_whose_key_is_its_slug() -> None:
    drawing = Drawing(key="acme", set="devicon", png=b"")
    brands, written = with_logos({"b": one("Acme")}, {"acme": drawing, "other": drawing})
    assert brands["b"].logos == (Path("logos/acme.devicon.png"),)
    assert written == [drawing]


def test_an_input_may_say_its_kind() -> None:
    assert parse_input("a/b.txt:account") == Input(path="a/b.txt", kind=SubjectKind.ACCOUNT)
    assert parse_input("a/b.txt") == Input(path="a/b.txt")
    assert parse_input("c:/b.txt") == Input(path="c:/b.txt")


@pytest.mark.real
def test_the_whole_registry_makes_a_sound_watch_file(data_folder: Path) -> None:
    registered = read_registry(data_folder)
    assert len(registered) == 3_459
    watch = parse_watch_file(watch_toml({k: v.brand for k, v in registered.items()}, []))
    assert watch.brands.keys() == registered.keys()
