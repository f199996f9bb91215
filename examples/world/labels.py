"""What is true about one made-up input: the key against which recall is measured.

The flow never reads these. Where nothing is said about an input, it is ordinary.
May import: the standard library.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from typing import Literal

Verdict = Literal["lookalike", "innocent"]
Where = Literal["host", "handle", "display-name", "app", "image"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Label:
    """One truth. Key: input, field, brand."""

    input: str  #: the name exactly as it stands in the data; for pictures the path in data/
    field: Where
    #: The brand posed as, or (innocent) spoken of; "" where the input means no brand at all.
    brand: str
    #: A lookalike's resemblance, in the words of `namaak.records.Resemblance`; for an
    #: innocent the reason why it is one.
    kind: str
    verdict: Verdict
    note: str  #: the recipe by which it was made; the finer key for recall


def to_csv(labels: Iterable[Label]) -> str:
    """Sorted, each once, with a heading. Raises ValueError where two truths share a key."""
    rows = sorted(set(labels))
    keys = [(row.input, row.field, row.brand) for row in rows]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise ValueError(f"These inputs have two truths each: {sorted(twice)}; drop one of them")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Label))
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()
