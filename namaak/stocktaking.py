"""From what was matched to cases: everything that the casebook takes over from the lake, in order.

The order matters. Accounts that turned out to be one are joined first, because what comes in is
theirs; how widely pictures are worn and what profiles say is known before the matches that it
weighs are loaded; and what ties cases together can be told only when they all stand. Done again,
it changes nothing: killed anywhere, the next run goes on.
May import: namaak.brands, namaak.casework, namaak.enrolment, namaak.lake, namaak.portraits,
namaak.wearing, detectors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from detectors.profiles.traits import profile_traits
from detectors.profiles.traits import version as profiles_version
from detectors.suffixes import registrable_domain
from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.casework.subjects import host_domains, subject_texts
from namaak.casework.working import LoadSummary
from namaak.enrolment import Enrolled
from namaak.lake import Lake
from namaak.portraits.identities import known_identities
from namaak.portraits.taking import take_over
from namaak.wearing import pictures, worn_pictures


def take_stock(
    lake: Lake,
    book: Casebook,
    enrolled: Enrolled,
    *,
    brand_names: Mapping[str, str],
    now: Callable[[], datetime],
) -> Iterator[LoadSummary]:
    """Bring the casebook up to date with the lake; what each step came to. Iterate to the end.

    Each match file is loaded once, for each version of the ranking. brand_names: of all brands of
    the watch file, by id; `enrolled` may hold only some of them.
    """
    weigher = ranking.ranking_with(book.learned())
    weighing: dict[str, Any] = {
        "rank": weigher.rank,
        "now": now(),
        "rank_version": weigher.version,
    }
    book.record_brands(enrolled.brands, enrolled.fingerprints, now=now())
    identities = known_identities(lake)
    yield book.join_accounts(identities.table(), brand_names=brand_names, **weighing)
    worn = identities.fold_worn(worn_pictures(lake))
    yield book.record_worn_pictures(worn, brand_names=brand_names, **weighing)
    files = book.not_yet_loaded(lake.match_files(), rank_version=weigher.version)
    yield take_over(
        book, lake, identities, files, enrolled.brands, tell=profile_traits,
        teller=profiles_version(), **weighing,
    )  # fmt: skip
    for file in files:
        matches = identities.fold(lake.matches(file))
        yield book.load_matches(
            matches,
            file=file.name,
            brand_names=brand_names,
            subjects=subject_texts(lake.observations(file.batch_id), matches),
            domains=host_domains(matches, registrable_domain),
            batch_id=file.batch_id,
            brands=file.brands,
            faint=lake.faint(file),
            **weighing,
        )
    yield book.record_ties(brand_names=brand_names, **weighing)
    book.record_pictures(pictures(lake, book.wanted_pictures()), lake.picture_outcomes())
    book.record_coverage(**lake.coverage().tables())
    book.record_campaigns()
    yield book.record_confirmed_ties(brand_names=brand_names, **weighing)
