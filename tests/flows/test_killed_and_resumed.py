"""SIGKILL in the middle of every stage, then resumed: the casebook of an undisturbed run.

Without Prefect: what the flows call is what has to survive. Run as a program, this file is the
process that gets killed: `test_killed_and_resumed.py WATCH STAGE N` ends itself by SIGKILL at the
N-th moment of a stage at which something is half-done.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from detectors import observations
from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot, verify_history
from namaak.decoding.reading import decoded_logos, kept_pictures
from namaak.decoding.workers import Decoders
from namaak.enrolment import enrol
from namaak.gathering import gather_instance, open_instances, wanted_sources
from namaak.lake import Lake
from namaak.settings import load_settings
from namaak.stocktaking import take_stock

ROOT = Path(__file__).resolve().parents[2]
WATCH = """
[watch]
contact = "abuse@waldermond.example"
data = "kept"

[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.example"]
logos = ["waldermond.png"]

[brands.kolibrant]
name = "Kolibrant"

[sources.files]
rows_per_batch = 20
[[sources.files.inputs]]
path = "hosts.txt"
kind = "host"
[[sources.files.inputs]]
path = "profiles.jsonl"
kind = "account"
"""
pytestmark = pytest.mark.long

NAMES = {"waldermond": "Waldermond", "kolibrant": "Kolibrant"}
WORDS = ("login", "help", "tuin", "betaal", "veilig")


def pipeline(watch: Path, at: Callable[[str], Any]) -> None:
    """Gather, detect, load and publish, as the flows do; `at` wraps each stage."""
    settings = load_settings(watch, {})
    with at("gather"):
        for source, instance in open_instances(wanted_sources(settings.watch)):
            gather_instance(source, instance, settings.lake, now=_now)
    enrolled = enrol(settings.watch, detectors=observations.version())
    with Decoders() as decoders, Lake(settings.lake) as lake:
        watchlist = observations.compile_watchlist(
            enrolled.brands, decoded_logos(enrolled.logos, decoders)
        )
        read_pictures = partial(kept_pictures, read_image=lake.read_image, decoders=decoders)
        with at("detect"):
            for work in lake.pending(enrolled.fingerprints):
                for batch_id in work.batch_ids:
                    found = observations.match_observations(
                        lake.observations(batch_id), watchlist, read_pictures
                    )
                    lake.record_matches(
                        batch_id,
                        {brand: enrolled.fingerprints[brand] for brand in work.brands},
                        found.matches,
                        pictures=found.pictures,
                        detected_at=_now(),
                    )
        with (
            at("publish"),
            Casebook.writing(
                working=settings.working_casebook, published=settings.casebook
            ) as book,
            at("load"),
        ):
            for _ in take_stock(lake, book, enrolled, brand_names=NAMES, now=_now):
                pass


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def undisturbed(_stage: str) -> Iterator[None]:
    """No harm comes to this stage."""
    yield


def killed_at(doomed: str, moment: int) -> Callable[[str], Any]:
    """The process ends at the moment-th half-done point (from 1) of the stage `doomed`."""

    @contextmanager
    def at(stage: str) -> Iterator[None]:
        if stage != doomed:
            yield
            return
        # In the middle of loading is in the middle of a transaction; elsewhere it is before a
        # file is on the disk, and so before it is renamed and counted.
        place, name = (ranking.Ranking, "rank") if stage == "load" else (os, "fsync")
        intact = getattr(place, name)
        left = moment

        def deadly(*args: Any) -> Any:
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return intact(*args)

        setattr(place, name, deadly)
        try:
            yield
        finally:
            setattr(place, name, intact)

    return at


def _inputs(folder: Path) -> Path:
    folder.mkdir()
    (folder / "watch.toml").write_text(WATCH)
    names = [f"{brand}-{word}{number}.test" for number in range(6) for word in WORDS
             for brand in ("waldermond", "kolibrant", "zonnewijzer")]  # fmt: skip
    # A line that is refused and one that was seen before: both are counted once.
    (folder / "hosts.txt").write_text("\n".join([*names, "not a host", names[0]]) + "\n")
    profiles = [
        f'{{"platform": "x", "native_id": "{number}", "handle": "waldermond_{word}", '
        f'"display_name": "Waldermond", "avatar": "face{number % 2}.png"}}'
        for number, word in enumerate(WORDS * 5)
    ]
    (folder / "profiles.jsonl").write_text("\n".join(profiles) + "\n")
    logos = ROOT / "examples" / "logos"
    shutil.copy(logos / "waldermond.png", folder)
    shutil.copy(logos / "waldermond.png", folder / "face0.png")
    shutil.copy(logos / "peer.png", folder / "face1.png")
    return folder / "watch.toml"


def _published(watch: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table without times and hashes, which no two runs share."""
    with open_snapshot(load_settings(watch, {}).casebook) as snapshot:
        assert verify_history(snapshot) is None
        found = {name: _rows(snapshot, name) for name in _tables(snapshot)}
    # A campaign is named after the case that was opened first, which is a matter of time: what is
    # the same is which cases belong together.
    campaigns: dict[str, list[str]] = {}
    for case_id, campaign_id in found["campaign_members"]:
        campaigns.setdefault(campaign_id, []).append(case_id)
    found["campaign_members"] = sorted(tuple(sorted(cases)) for cases in campaigns.values())
    found["campaign_edges"] = sorted(
        (*sorted((one, other)), *rest) for one, other, *rest in found["campaign_edges"]
    )
    return found


def _tables(snapshot: duckdb.DuckDBPyConnection) -> list[str]:
    found = snapshot.execute(
        "select table_name from duckdb_tables() where database_name = 'casebook' order by all"
    )
    return [name for (name,) in found.fetchall()]


def _rows(snapshot: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    columns = snapshot.execute(f"describe {table}").fetchall()
    kept = [
        name for name, kind, *_ in columns
        if not kind.startswith("TIMESTAMP") and "hash" not in name and name != "data"
    ]  # fmt: skip
    return snapshot.execute(f"select {', '.join(kept)} from {table} order by all").fetchall()


@pytest.fixture(scope="module")
def undisturbed_casebook(tmp_path_factory):
    watch = _inputs(tmp_path_factory.mktemp("undisturbed") / "world")
    pipeline(watch, undisturbed)
    published = _published(watch)
    assert len(published["cases"]) > 60
    assert len(published["loads"]) > 6
    assert len(published["worn_pictures"]) > 20
    return published


@pytest.mark.parametrize(
    ("stage", "moment"),
    [
        ("gather", 1),
        ("gather", 4),
        ("gather", 9),
        ("detect", 1),
        ("detect", 6),
        ("load", 1),
        ("load", 30),
        ("publish", 1),
    ],
)
def test_a_run_that_was_killed_goes_on_to_the_casebook_of_an_undisturbed_one(
    stage, moment, tmp_path, undisturbed_casebook
):
    watch = _inputs(tmp_path / "world")
    killed = subprocess.run(
        [sys.executable, __file__, str(watch), stage, str(moment)], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert not load_settings(watch, {}).casebook.exists()
    pipeline(watch, undisturbed)
    assert _published(watch) == undisturbed_casebook


def test_going_on_twice_adds_nothing(tmp_path, undisturbed_casebook):
    watch = _inputs(tmp_path / "world")
    pipeline(watch, undisturbed)
    pipeline(watch, undisturbed)
    assert _published(watch) == undisturbed_casebook


if __name__ == "__main__":
    pipeline(Path(sys.argv[1]), killed_at(sys.argv[2], int(sys.argv[3])))
