"""Which accounts and apps are a brand's own, as far as that is more than their own claim.

Anybody can say that a handle is his. So a thing is a brand's own because the watch file lists its
permanent id, or because a platform, or the operator's own list, showed it under a listed handle.
Who is renamed is own no longer, and what an account claims of itself changes neither.
May import: namaak.brands, namaak.lake, namaak.portraits.asking and identities, namaak.records,
sqlfiles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from namaak.brands import Brand
from namaak.lake import Lake, MatchFile
from namaak.portraits.asking import observations
from namaak.portraits.identities import Identities
from namaak.records import SubjectKind
from namaak.sqlfiles import statement

#: How detectors/observations.py begins the reason of what belongs to the brand itself.
_OWN = "the brand's own "
_KINDS = pa.array([SubjectKind.ACCOUNT, SubjectKind.APP], pa.string())
PAIR_SCHEMA = pa.schema(
    [("brand_id", pa.string()), ("subject_key", pa.string()), ("own", pa.bool_())]
)

_Pair = tuple[str, str]  #: brand_id, subject_key


@dataclass(frozen=True, slots=True)
class _Said:
    """What one match says of who owns its subject. In the order of time."""

    observed_at: datetime
    order: int  #: of its file
    batch_id: str
    position: int
    subject_key: str  #: as the row has it, before any folding
    own: bool


def pairs_spoken_of(
    lake: Lake,
    files: Iterable[MatchFile],
    identities: Identities,
    brands: Mapping[str, Brand],
    known_own: Collection[_Pair],
) -> pa.Table:
    """PAIR_SCHEMA: the accounts and apps that the files speak of, each once per brand.

    own is null where nobody could say it. known_own: what was a brand's own before. Raises
    LakeError.
    """
    files = list(files)
    pairs: dict[_Pair, None] = {}
    doubtful = set(known_own)
    for file in files:
        for pair, said in _said(lake, file, identities):
            pairs[pair] = None
            if said.own:
                doubtful.add(pair)
    heard: dict[_Pair, list[_Said]] = {}
    # Read once more: few are doubtful, and all that was said of all would fill the memory.
    for order, file in enumerate(files if doubtful else ()):
        for pair, said in _said(lake, file, identities, order):
            if pair in doubtful:
                heard.setdefault(pair, []).append(said)
    believed = _believed(lake, [said for told in heard.values() for said in told])
    rows = []
    for brand_id, subject_key in pairs:
        told = [said for said in heard.get((brand_id, subject_key), ()) if _row(said) in believed]
        own = max(told, key=lambda said: (said.observed_at, said.order)).own if told else None
        if brand_id in brands and is_listed_by_id(brands[brand_id], subject_key):
            own = True
        rows.append({"brand_id": brand_id, "subject_key": subject_key, "own": own})
    return pa.Table.from_pylist(rows, schema=PAIR_SCHEMA)


def is_listed_by_id(brand: Brand, subject_key: str) -> bool:
    """Whether the watch file names this account or app by its permanent id, letter by letter.

    >>> acme = Brand(name="Acme", domains=("acme.example",), accounts={"x": ("1", "acme")})
    >>> is_listed_by_id(acme, "account:x:1"), is_listed_by_id(acme, "account:x:@acme")
    (True, False)
    """
    kind, platform, native_id = subject_key.split(":", 2)
    listed = brand.apps if kind == SubjectKind.APP else brand.accounts
    return native_id in listed.get(platform, ())


def _said(
    lake: Lake, file: MatchFile, identities: Identities, order: int = 0
) -> Iterator[tuple[_Pair, _Said]]:
    matches = lake.matches(file)
    matches = matches.filter(pc.is_in(matches["subject_kind"], _KINDS))
    own = pc.fill_null(pc.starts_with(matches["suppressed"], _OWN), False)
    columns = (
        matches["brand_id"].to_pylist(), matches["subject_key"].to_pylist(),
        matches["observed_at"].to_pylist(), matches["position"].to_pylist(), own.to_pylist(),
    )  # fmt: skip
    for brand_id, subject_key, observed_at, position, is_own in zip(*columns, strict=True):
        pair = brand_id, identities.account(subject_key, observed_at)
        yield pair, _Said(observed_at, order, file.batch_id, position, subject_key, is_own)


def _row(said: _Said) -> tuple[str, int, str]:
    return said.batch_id, said.position, said.subject_key


def _believed(lake: Lake, told: Collection[_Said]) -> frozenset[tuple[str, int, str]]:
    """Those of the rows that are not the account's own claim."""
    if not told:
        return frozenset()
    batches = sorted({said.batch_id for said in told})
    subjects = sorted({said.subject_key for said in told})
    with observations(lake, [lake.observation_file(batch) for batch in batches]) as con:
        con.register("asked_subjects", pa.table({"subject_key": pa.array(subjects, pa.string())}))
        return frozenset(con.execute(statement("portraits/words_of_rows")).fetchall())
