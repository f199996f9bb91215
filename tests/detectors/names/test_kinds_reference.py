"""The page on kinds tells the truth: every example is matched and bears its kind."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

import detectors
from detectors.names.matcher import NameMatcher, compile_names
from detectors.names.resemblance import Sighting, describe
from detectors.names.sightings import ReadingFlag
from detectors.names.weighing import weigh
from namaak.brands import Brand
from namaak.records import Field

_PAGE = Path(detectors.__file__).parent.parent / "docs" / "reference" / "kinds.md"
_ROW = re.compile(r"^\| `([a-z-]+)` \| .* \| ([^|]+) \| (name: )?`([^`]+)` \|$")
_EXAMPLES = [
    (match[1], match[2].strip(), Field.DISPLAY_NAME if match[3] else Field.HOST, match[4])
    for line in _PAGE.read_text(encoding="utf-8").splitlines()
    if (match := _ROW.match(line))
]


@pytest.fixture(scope="module")
def matcher() -> NameMatcher:
    names = dict.fromkeys(brand for _, brand, _, _ in _EXAMPLES)
    return compile_names(
        {
            name: Brand(
                name=name,
                executives=[{"name": "Willemijn Vosteen"}] if name == "Waldermond" else [],
            )
            for name in names
        }
    )


def kinds_of(matcher: NameMatcher, value: str, field: Field, brand: str) -> list[str]:
    (weighed,) = weigh(pa.array([value], pa.string()), field, matcher)
    seen = weighed.sightings
    for at, number in enumerate(weighed.brand.tolist()):
        if matcher.brand_ids[number] == brand:
            sighting = Sighting(
                weighed.column.read(int(seen.text[at])), field, matcher.terms[seen.term[at]],
                int(seen.start[at]), int(seen.end[at]), int(seen.edits[at]),
                ReadingFlag(int(seen.reading[at])),
            )  # fmt: skip
            return describe(sighting).kinds
    return []


def test_the_page_has_rows() -> None:
    assert len(_EXAMPLES) > 40
    assert len({kind for kind, *_ in _EXAMPLES}) == len(_EXAMPLES)


@pytest.mark.parametrize(("kind", "brand", "field", "example"), _EXAMPLES)
def test_an_example_bears_its_kind(
    matcher: NameMatcher, kind: str, brand: str, field: Field, example: str
) -> None:
    value = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), example)
    kinds = kinds_of(matcher, value, field, brand)
    assert kind in [found.partition(":")[0] for found in kinds]
