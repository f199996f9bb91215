"""Names of the evaluation data with what is known of them, looked through once.

Everything is kept per sighting, so that any weights can be tried on it without looking again.
Brands of one family belong to one owner: a hit on any of them counts, and none on its domains.
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.registry import Registered, brands_of, read_registry
from detectors.names.kernel import scan
from detectors.names.matcher import NameMatcher, compile_names
from detectors.names.sightings import Sightings, Texts
from detectors.names.spans import Spans, take_apart
from detectors.names.texts import read_column
from detectors.suffixes import registrable_domain
from namaak.records import Field

#: What `resembles` calls a row whose name does not show the brand, or only by two letters.
NOT_SHOWN = frozenset({"none", "short_token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The brands that names are compared with, compiled."""

    registered: Mapping[str, Registered]
    matcher: NameMatcher
    families: Mapping[str, int]  #: a number for each
    family_of_brand: npt.NDArray[np.int32]  #: by index into `matcher.brand_ids`

    def family(self, brand_id: str) -> int | None:
        """Its number; None for a brand that is not in the registry."""
        one = self.registered.get(brand_id)
        return None if one is None else self.families[one.family]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name that posed as a brand, or is known as somebody's own."""

    name: str
    family: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Names and all that was seen in them. Columns of k sightings, ascending by text."""

    names: Sequence[str]
    texts: Texts
    sightings: Sightings
    spans: Spans
    row: npt.NDArray[np.int64]  #: k: index into names
    family: npt.NDArray[np.int32]  #: k: whose term it is

    @property
    def pair(self) -> npt.NDArray[np.int64]:
        """k: a number for the name and the family, ascending by name."""
        return self.row << 20 | self.family


def read_families(data: Path) -> Registry:
    """The core brands of data/brands.csv.gz. Raises OSError when the file is not there."""
    return compile_registry(read_registry(data, core_only=True))


def compile_registry(registered: Mapping[str, Registered]) -> Registry:
    """registered: by brand id."""
    matcher = compile_names(brands_of(registered))
    names = dict.fromkeys(one.family for one in registered.values())
    families = {family: number for number, family in enumerate(names)}
    return Registry(
        registered=registered,
        matcher=matcher,
        families=families,
        family_of_brand=np.array(
            [families[registered[brand_id].family] for brand_id in matcher.brand_ids], np.int32
        ),
    )


def look(names: Sequence[str], field: Field, registry: Registry) -> Looked:
    """names: as in a column. What a family's own domains show of it is left out."""
    matcher = registry.matcher
    column = read_column(pa.array(names, pa.large_string()), field)
    seen = scan(column.texts, matcher.anchors)
    family = registry.family_of_brand[matcher.columns.brand[seen.term]]
    row = column.texts.row[seen.text]
    if field is Field.HOST:
        foreign = np.flatnonzero(~_owned(names, row, family, registry))
        seen, family, row = seen.take(foreign), family[foreign], row[foreign]
    return Looked(
        names=names,
        texts=column.texts,
        sightings=seen,
        spans=take_apart(column.texts, seen, matcher.columns.raw),
        row=row,
        family=family,
    )


def _owned(
    names: Sequence[str],
    row: npt.NDArray[np.int64],
    family: npt.NDArray[np.int32],
    registry: Registry,
) -> npt.NDArray[np.bool_]:
    """Per sighting: the host is, or is below, a domain of the family."""
    owners: dict[str, set[int]] = {}
    for one in registry.registered.values():
        for domain in one.brand.domains:
            owners.setdefault(domain, set()).add(registry.families[one.family])
    owned = np.zeros(len(row), np.bool_)
    for at, (name, whose) in enumerate(zip(row.tolist(), family.tolist(), strict=True)):
        host = names[name]
        while host:
            if whose in owners.get(host, ()):
                owned[at] = True
                break
            host = host.partition(".")[2]
    return owned


def new_names(data: Path) -> list[str]:
    """Newly registered domains, each once; without those that are known attacks."""
    return tier_names(data, "nrd")


def tier_names(data: Path, tier: str, column: str = "registrable") -> list[str]:
    """One tier of domains_bulk, each name once, without known attacks."""
    table = pq.read_table(
        data / "domains_bulk.parquet",
        columns=[column],
        filters=[("tier", "=", tier), ("label_conflict", "=", False)],
    )
    names: list[str] = pc.unique(table[column]).to_pylist()
    return names


def phishing_names(data: Path, registry: Registry, *, hosts: bool) -> list[Named]:
    """Of domains_positive what the name itself shows, once per family.

    hosts: whole hosts, brands in sub-labels too; else registrable domains that show the brand.
    Under a free hosting service the customer's domain counts as the registrable one.
    """
    found: dict[tuple[str, int], Named] = {}
    for row in pq.read_table(data / "domains_positive.parquet").to_pylist():
        kind, family = row["resembles"], registry.family(row["brand_id"])
        if family is None or kind in NOT_SHOWN or (kind.startswith("sub_") and not hosts):
            continue
        name = row["host"]
        if not hosts:
            name = registrable_domain(name) if row["shared_hosting"] else row["registrable"]
        found.setdefault((name, family), Named(name=name, family=family, kind=kind))
    return list(found.values())


def right_family(looked: Looked, named: Sequence[Named]) -> npt.NDArray[np.bool_]:
    """Per sighting: it is of the family that the name posed as. named: row by row."""
    wanted = np.array([one.family for one in named], np.int32)
    return np.asarray(looked.family == wanted[looked.row], np.bool_)


def best_scores(
    looked: Looked, scores: npt.NDArray[np.float32], counted: npt.NDArray[np.bool_] | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Of each name and family the best sighting: (index of the sighting, its score)."""
    pair = looked.pair
    index = np.arange(len(pair)) if counted is None else np.flatnonzero(counted)
    order = index[np.lexsort((-scores[index], pair[index]))]
    first = np.ones(len(order), np.bool_)
    first[1:] = pair[order][1:] != pair[order][:-1]
    return order[first], scores[order[first]]


def names_of(named: Iterable[Named]) -> list[str]:
    """As `look` takes them."""
    return [one.name for one in named]
