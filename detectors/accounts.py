"""An account's two names read together: the brand in one and the lure in the other, or half of
the brand in each.

Each name is matched for itself; this joins what they say. `@support_24x7`, shown as "ACME Bank",
is one combosquat, and `@acme`, shown as "Bank of Utrecht", is one name cut in two.
May import: namaak.records, detectors.names.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from detectors.folding import letters_of
from detectors.names.across import beside
from detectors.names.matcher import NameMatcher
from detectors.names.matching import HIT_SCHEMA, match_names
from namaak.records import Field, Resemblance, SubjectKind

_OTHER = {Field.HANDLE: "display_name", Field.DISPLAY_NAME: "handle"}


def with_other_name(hits: pa.Table, table: pa.Table, field: Field) -> pa.Table:
    """hits: HIT_SCHEMA, of `field` in the rows of table (OBSERVATION_SCHEMA).

    The lures in the account's other name count beside the brand in this one.
    """
    others = table[_OTHER[field]].take(hits["row"])
    if others.null_count == len(others):
        return hits  # accounts of which only one name is known, as most lists have them
    lures, traits = hits["lures"].to_pylist(), hits["traits"].to_pylist()
    changed = False
    for row, (other, term) in enumerate(
        zip(others.to_pylist(), hits["term"].to_pylist(), strict=True)
    ):
        if not other:
            continue
        more = beside(other, letters_of(term), tuple(lures[row]))
        if more.lures:
            changed = True
            lures[row] = [*lures[row], *more.lures]
            traits[row] = [*traits[row], *more.traits]
    if not changed:
        return hits
    for name, column in (("lures", lures), ("traits", traits)):
        place = HIT_SCHEMA.get_field_index(name)
        kind = HIT_SCHEMA.field(place)
        hits = hits.set_column(place, kind, pa.array(column, kind.type))
    return hits


def match_across(table: pa.Table, matcher: NameMatcher) -> pa.Table:
    """HIT_SCHEMA of table's accounts (OBSERVATION_SCHEMA) for what stands half in each name.

    A row's hits are those that reach over the border between the two, handle first or last.
    """
    account = pc.equal(table["subject_kind"], SubjectKind.ACCOUNT)
    rows = []
    for first, second in (("handle", "display_name"), ("display_name", "handle")):
        # A null in either makes a null: nothing to read together.
        joined = pc.binary_join_element_wise(table[first], table[second], " ")
        joined = pc.if_else(account, joined, pa.scalar(None, pa.string()))
        if joined.null_count == len(joined):
            continue
        hits = match_names(joined, Field.DISPLAY_NAME, matcher).hits
        borders = pc.utf8_length(table[first]).take(hits["row"]).to_pylist()
        for hit, border in zip(hits.to_pylist(), borders, strict=True):
            if hit["span_start"] < border < hit["span_end"]:
                rows.append(
                    {
                        **hit,
                        "resemblance": str(Resemblance.SPLIT),
                        "traits": [*hit["traits"], "split-names"],
                        "kinds": [*hit["kinds"], "split-names"],
                    }
                )
    rows.sort(key=lambda hit: hit["row"])
    return pa.Table.from_pylist(rows, schema=HIT_SCHEMA)
