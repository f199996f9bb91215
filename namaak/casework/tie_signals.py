"""What other cases say for a case: that people confirmed some which something rare ties it to.

Ties speak only for a case: what is tied to dismissed ones may be tied to them on purpose.
Pure. Weights: docs/reference/weights.md; reasons: docs/explanation/ranking.md.
May import: namaak.records, namaak.casework.weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from namaak.casework.weights import reached, steps
from namaak.records import Signal

Match = Mapping[str, Any]  #: one row of MATCH_SCHEMA, with `tied` when the casebook gives it

CONFIRMED = "campaign.confirmed"
#: By how many confirmed cases it is tied to.
CONFIRMED_CASES = steps("campaigns.confirmed")
#: Of `detector`: what follows from verdicts about others.
DETECTOR = "ties-1"


def tie_signals(matches: Sequence[Match]) -> list[Signal]:
    """At most one signal. Matches: of one pair; raw of the trait: how many were confirmed."""
    traits = {trait["name"]: trait for match in matches for trait in match.get("tied") or ()}
    found = traits.get(CONFIRMED)
    if found is None or not str(found["raw"]).isdecimal():
        return []
    weight = reached(CONFIRMED_CASES, int(str(found["raw"])))
    return [
        Signal(name=CONFIRMED, says=str(found["says"]), raw=str(found["raw"]), weight=weight,
               contribution=weight, detector=DETECTOR)
    ]  # fmt: skip
