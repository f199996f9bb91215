"""Detect: what is new in the lake against the brands, and old batches against new brands.

One task per batch. Idempotent: a batch matched twice writes the same file again, and the
lake knows which brands each batch was matched against.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote

from detectors import observations
from detectors.compiling import is_compiled
from flows.progress import tell
from namaak.casework.allowing import rules_of_casebook
from namaak.decoding.reading import decoded_logos, kept_pictures
from namaak.decoding.wordmarks import TextReader, find_reader
from namaak.decoding.workers import Decoders
from namaak.enrolment import enrol
from namaak.lake import Lake
from namaak.settings import environment_settings


@task(name="match-batch", task_run_name="{batch_id}", cache_policy=NO_CACHE)
def match_batch(
    batch_id: str,
    folder: Path,
    watchlist: observations.Watchlist,
    fingerprints: dict[str, str],
    decoders: Decoders,
    reader: TextReader | None = None,
) -> int:
    """Match one batch and store what it gave. Returns how many matches."""
    with Lake(folder) as lake:
        batch = lake.observations(batch_id)
        found = observations.match_observations(
            batch,
            watchlist,
            partial(kept_pictures, read_image=lake.read_image, decoders=decoders),
            only=fingerprints.keys(),
            read_text=reader,
        )
        lake.record_matches(
            batch_id,
            fingerprints,
            found.matches,
            pictures=found.pictures,
            faint=found.faint,
            detected_at=datetime.now(UTC),
        )
    tell("detect", f"{batch.num_rows:,} names and pictures: {found.matches.num_rows:,} matches")
    return found.matches.num_rows


@flow(name="detect", validate_parameters=False)
def detect(watch: str | None = None, brands: list[str] | None = None) -> dict[str, int]:
    """watch: path of the watch file. brands: only these; all otherwise. Returns counts."""
    if not is_compiled():
        tell("detect", "compiling the name matcher for this processor: half a minute, once")
    settings = environment_settings(Path(watch) if watch else None)
    today = datetime.now(UTC).date()
    reader = find_reader()
    detectors = observations.version(reader.version if reader else None)
    allowed = rules_of_casebook(settings.casebook, today=today)
    enrolled = enrol(settings.watch, detectors=detectors, day=today, allowed=allowed)
    # Only some are asked for, but all are known: what spells another brand better is less theirs.
    asked = enrol(
        settings.watch, detectors=detectors, only=brands or (), day=today, allowed=allowed
    )
    with Lake(settings.lake) as lake:
        pending = lake.pending(asked.fingerprints)
    batches = matches = 0
    watchlist = None
    with Decoders() as decoders:
        for work in pending:
            batches_of = "1 batch" if len(work.batch_ids) == 1 else f"{len(work.batch_ids)} batches"
            brands_of = "1 brand" if len(work.brands) == 1 else f"{len(work.brands)} brands"
            tell("detect", f"{batches_of} against {brands_of}")
            watchlist = watchlist or observations.compile_watchlist(
                enrolled.brands,
                decoded_logos(enrolled.logos, decoders),
                ordinary_names=enrolled.ordinary_names,
                alerts_per_million=enrolled.alerts_per_million,
            )
            fingerprints = {brand: enrolled.fingerprints[brand] for brand in work.brands}
            for batch_id in work.batch_ids:
                # Unquoted, Prefect would look into every number of the watch list at every batch.
                given = quote(watchlist), quote(fingerprints), quote(decoders), quote(reader)
                matches += match_batch(batch_id, settings.lake, *given)
                batches += 1
    for reason, times in reader.unread.items() if reader else ():
        tell("detect", f"{times:,} wide pictures not read as text: {reason}")
    return {"batches": batches, "matches": matches}


if __name__ == "__main__":
    detect()
