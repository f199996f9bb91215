"""From the lake into the casebook: profiles of what resembles a brand, and what they say of it.

Between the lake, which knows no case, and the casebook, which knows no lake. What comes in is taken
over before its matches are loaded, so that a case is opened with all that is known of it. Killed
anywhere and run again it gives the same.
May import: namaak.brands, namaak.casework, namaak.lake, namaak.portraits, namaak.records,
detectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from detectors.pages import Trait
from namaak.brands import Brand, brand_fingerprint
from namaak.casework.casebook import Casebook, LoadSummary
from namaak.casework.loading import Rank, Seen
from namaak.casework.profiles import SeenAgain, ToRead, plain
from namaak.lake import Lake, MatchFile
from namaak.portraits import values
from namaak.portraits.identities import Identities
from namaak.portraits.ownership import pairs_spoken_of
from namaak.portraits.sightings import new_versions
from namaak.portraits.values import tied_values
from namaak.records import SubjectState

Row = dict[str, Any]

#: Profiles of one transaction, with all their versions in memory together.
_AT_ONCE = 2_000
#: More than any profile needs; the casebook is copied whole at each publishing.
_MOST_TRAITS = 60
_MOST_LETTERS = 500


class Tell(Protocol):
    """What a profile says of a brand; `detectors.profiles.profile_traits`."""

    def __call__(
        self,
        profile: Mapping[str, Any],
        brand: Brand,
        *,
        official: Sequence[Mapping[str, Any]],
        history: Sequence[Mapping[str, Any]],
        now: datetime,
    ) -> Iterable[Trait]:
        """Each name at most once."""


def take_over(
    book: Casebook,
    lake: Lake,
    identities: Identities,
    files: Iterable[MatchFile],
    brands: Mapping[str, Brand],
    *,
    tell: Tell,
    teller: str,
    rank: Rank,
    rank_version: str,
    now: datetime,
) -> LoadSummary:
    """Bring the casebook up to date with the profiles in the lake; done again, it changes nothing.

    files: match files that are about to be loaded: what they speak of is wanted. teller: version of
    `tell`; with another one all profiles are read again. Raises LakeError.
    """
    known_own = {
        (brand_id, row["subject_key"])
        for brand_id, rows in book.own_profiles().items()
        for row in rows
    }
    pairs = pairs_spoken_of(lake, files, identities, brands, known_own)
    wanted = book.wanted_profiles(pairs, identities.table())
    known = book.known_profiles(wanted)
    read = book.read_batches()
    batches = [file.stem for file in lake.observation_files() if file.stem not in read]
    versions = new_versions(lake, identities, wanted, known, read)
    domains = {domain for brand in brands.values() for domain in brand.domains}
    book.record_profiles(
        versions, _ties(versions, domains), pairs=pairs, wanted=wanted, batches=batches, now=now
    )
    return tell_of(
        book, brands, tell=tell, teller=teller, rank=rank, rank_version=rank_version, now=now
    )


def tell_of(
    book: Casebook,
    brands: Mapping[str, Brand],
    *,
    tell: Tell,
    teller: str,
    rank: Rank,
    rank_version: str,
    now: datetime,
) -> LoadSummary:
    """Read the profiles in the casebook that were not read yet, or by another version."""
    own = book.own_profiles()
    readers = {
        name: "/".join(
            (teller, values_version(), brand_fingerprint(brand), _digest(own.get(name, ())))
        )
        for name, brand in brands.items()
    }
    names = {name: brand.name for name, brand in brands.items()}
    opened = refreshed = 0
    worth: list[Any] = []
    moved: list[Any] = []
    for part in _in_parts(book.profiles_to_read(readers)):
        versions = book.versions_of({one.subject_key for one in part})
        traits = [
            _traits(one, versions[one.subject_key], brands[one.brand_id],
                    plain(own.get(one.brand_id, ())), tell, readers[one.brand_id])
            for one in part
        ]  # fmt: skip
        summary = book.record_profile_traits(
            traits, _seen(part, versions), rank=rank, brand_names=names, now=now,
            rank_version=rank_version,
        )  # fmt: skip
        opened += summary.cases_opened
        refreshed += summary.cases_refreshed
        worth += summary.opened
        moved += summary.moved
    return LoadSummary(
        file="profiles", cases_opened=opened, cases_refreshed=refreshed, opened=tuple(worth),
        moved=tuple(moved),
    )  # fmt: skip


def values_version() -> str:
    """Changes with any line of what finds shared values: profiles are then read again."""
    return hashlib.sha256(Path(values.__file__).read_bytes()).hexdigest()[:8]


def _ties(versions: pa.Table, domains: Iterable[str]) -> list[Row]:
    """Of the last version of each subject. versions: ascending by subject and version."""
    own = frozenset(domains)
    keys = versions["subject_key"].combine_chunks()
    # All versions of all subjects as dictionaries would be many times the table.
    is_last = pa.array([True][: len(keys)], pa.bool_())
    if len(keys) > 1:
        is_last = pa.concat_arrays([pc.not_equal(keys[:-1], keys[1:]), is_last])
    last = versions.filter(is_last)
    return [
        tie
        for batch in last.to_batches(max_chunksize=_AT_ONCE)
        for row in batch.to_pylist()
        for tie in tied_values(row, own_domains=own)
    ]


def _digest(own: Sequence[Row]) -> str:
    """Of what a brand's own accounts say; their numbers change every day and say little new."""
    said = [
        (row["subject_key"], row["handle"], row["display_name"], row["bio"], row["image_sha256"],
         row["banner_sha256"], row["created_at"], row["links"])
        for row in own
    ]  # fmt: skip
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _in_parts(pairs: Iterable[ToRead]) -> Iterator[list[ToRead]]:
    left = iter(pairs)
    while part := list(islice(left, _AT_ONCE)):
        yield part


def _traits(
    one: ToRead,
    versions: Sequence[Row],
    brand: Brand,
    official: Sequence[Row],
    tell: Tell,
    reader: str,
) -> Row:
    """A row of profile_traits without what the casebook adds. versions: oldest first."""
    profile = plain(versions)[-1]
    # Ages are those of the sighting: read again tomorrow, the same profile says the same.
    now = profile["last_seen_at"]
    found = tell(profile, brand, official=official, history=plain(versions), now=now)
    by_name = {
        trait.name: {
            "name": trait.name[:_MOST_LETTERS],
            "raw": trait.raw[:_MOST_LETTERS],
            "says": trait.says[:_MOST_LETTERS],
        }
        for trait in found
    }
    return {
        "brand_id": one.brand_id,
        "subject_key": one.subject_key,
        "reader": reader,
        "told_at": profile["last_seen_at"],
        "versions": profile["version"],
        "traits": [by_name[name] for name in sorted(by_name)[:_MOST_TRAITS]],
    }


def _seen(part: Iterable[ToRead], versions: Mapping[str, Sequence[Row]]) -> dict[str, Seen]:
    """States of the subjects; and, where they were read before, what they were in between."""
    told_at: dict[str, datetime | None] = {}
    for one in part:
        known = told_at.get(one.subject_key)
        later = one.told_at is not None and (known is None or one.told_at > known)
        told_at[one.subject_key] = one.told_at if later else known
    seen = {}
    for subject_key, before in told_at.items():
        states = [row for row in versions[subject_key] if row["state"]]
        if not states:
            continue
        *earlier, last = states
        passed = [row for row in earlier if before is not None and row["first_seen_at"] > before]
        seen[subject_key] = _state(last, tuple(map(_state, passed)))
    return seen


def _state(version: Row, passed: tuple[Seen, ...] = ()) -> Seen:
    first = f"first on {version['first_seen_at']:%Y-%m-%d %H:%M}Z"
    state = SubjectState(version["state"])
    if state is SubjectState.UNKNOWN:
        why = f"{version['source']} showed new things of it after it was gone, {first}"
        return SeenAgain(state=state, why=why, passed=passed)
    return Seen(state=state, why=f"{version['source']} showed it so, {first}", passed=passed)
