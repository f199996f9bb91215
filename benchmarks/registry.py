"""The public registry of brands (brands.csv.gz) as the brands of a watch file.

Brands of one family belong to one owner: each gets the domains of all, because a sister's
own site is no impostor. What does not fit a watch file (rank, country, Wikidata id) is left.
May import: namaak.brands.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from namaak.brands import Brand
from namaak.platforms import fold_platform

FILE = "brands.csv.gz"

#: Columns of the registry that hold one official handle each.
_PLATFORMS = (
    "twitter", "instagram", "facebook", "linkedin", "youtube", "tiktok", "threads",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One row of the registry."""

    brand_id: str
    family: str
    core: bool  #: hand-made, with known attacks, or among the 10,000 most popular sites
    logo_key: str | None  #: of logos.parquet
    brand: Brand


def read_registry(folder: Path, *, core_only: bool = False) -> dict[str, Registered]:
    """By brand id, in the order of the file. Raises OSError when the file is not there."""
    rows = list(rows_of(folder / FILE))
    domains: dict[str, list[str]] = {}
    for row in rows:
        domains.setdefault(row["family"], []).extend(_parts(row["domains"]))
    return {
        row["brand_id"]: _registered(row, domains[row["family"]])
        for row in rows
        if row["core"] == "True" or not core_only
    }


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """A gzipped CSV with headings, row by row."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def brands_of(registered: Mapping[str, Registered]) -> dict[str, Brand]:
    """As the detectors take them."""
    return {brand_id: one.brand for brand_id, one in registered.items()}


def _registered(row: Mapping[str, str], family_domains: list[str]) -> Registered:
    own = _parts(row["domains"])
    brand = Brand(
        name=row["name"],
        aliases=tuple(_parts(row["aliases"])),
        domains=tuple(dict.fromkeys([*own, *family_domains])),
        accounts={fold_platform(name): (row[name],) for name in _PLATFORMS if row[name]},
    )
    return Registered(
        brand_id=row["brand_id"],
        family=row["family"],
        core=row["core"] == "True",
        logo_key=row["simple_icons_slug"] or None,
        brand=brand,
    )


def _parts(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]
