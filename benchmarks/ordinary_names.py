"""Which brand names are common pieces of ordinary names, counted and not guessed.

A name's count is the number of distinct registrable labels of `popular` and `longtail` that
contain it, not counting labels that begin with it nor those of the brand's own domains. Labels
that begin with a brand are mostly its owner's and his dealers' (googleapis, amazonaws) and say
how well known it is; labels that carry it further on (education in "ducati", terraform)
say how often it comes about by chance.
May import: benchmarks.registry, detectors, namaak.brands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.registry import Registered
from detectors.folding import read_as_ascii
from detectors.suffixes import suffix_list

TIERS = ("popular", "longtail")

#: Occurrences per million ordinary labels above which a name is a common word. A brand's share
#: of a budget of 10,000 alerts per million names over 1,781 brands is 5.6 per million; a name
#: that chance alone brings ten times as often cannot be told from the language by containment.
COMMON_PER_MILLION = 60.0


def ordinary_labels(folder: Path) -> set[str]:
    """Distinct registrable labels (ASCII only) of the two tiers in domains_bulk.parquet."""
    table = pq.read_table(folder / "domains_bulk.parquet", columns=["registrable", "tier"])
    kept = table.filter(pc.is_in(table["tier"], pa.array(TIERS)))
    return {label_of(domain) for domain in pc.unique(kept["registrable"]).to_pylist()}


def label_of(domain: str) -> str:
    """domain: a registrable domain as A-labels.

    >>> label_of("acme.co.uk")
    'acme'
    """
    split = suffix_list().split(domain)
    return domain[split.registrable : max(split.suffix - 1, split.registrable)]


def letters(name: str) -> str:
    """A brand's name as it stands in a label, the ampersand as a word, as detectors read it.

    >>> letters("L'Oréal & Co.")
    'lorealandco'
    """
    spelled = read_as_ascii(name.replace("&", " and ").casefold()).text
    return "".join(re.findall(r"[a-z0-9]+", spelled))


def count_inside(
    names: Iterable[str],
    labels: Collection[str],
    own: Mapping[str, Collection[str]] | None = None,
) -> Counter[str]:
    """names: lower-case letters; own: labels that do not count for a name.

    Returns per name in how many of the labels it stands anywhere but at the beginning.
    """
    wanted = {name for name in names if len(name) >= 2}
    sizes = sorted({len(name) for name in wanted})
    own = own or {}
    counts: Counter[str] = Counter()
    for label in labels:
        if label.startswith("xn--"):
            continue
        found = set()
        for start in range(1, len(label)):
            for size in sizes:
                if start + size > len(label):
                    break
                piece = label[start : start + size]
                if piece in wanted:
                    found.add(piece)
        counts.update(name for name in found if label not in own.get(name, ()))
    return counts


def per_million_labels(registered: Mapping[str, Registered], labels: set[str]) -> dict[str, float]:
    """Brand id to occurrences of its name per million ordinary labels."""
    spelled = {brand_id: letters(one.brand.name) for brand_id, one in registered.items()}
    own: dict[str, set[str]] = {}
    for brand_id, one in registered.items():
        own.setdefault(spelled[brand_id], set()).update(map(label_of, one.brand.domains))
    counts = count_inside(spelled.values(), labels, own)
    return {
        brand_id: round(counts[name] * 1e6 / len(labels), 1) for brand_id, name in spelled.items()
    }


def mark_common(
    registered: Mapping[str, Registered],
    rates: Mapping[str, float],
    *,
    threshold: float = COMMON_PER_MILLION,
) -> dict[str, Registered]:
    """The same brands, `common_word` set where the rate is above the threshold."""
    return {
        brand_id: replace(
            one,
            brand=one.brand.model_copy(update={"common_word": rates[brand_id] > threshold}),
        )
        for brand_id, one in registered.items()
    }
