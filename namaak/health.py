"""What `namaak doctor` looks at. Reads only; a check that cannot be made says so.

May import: everything of namaak but its command line.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from namaak.casework.publishing import lock_owner, lost_logs, published_at
from namaak.casework.reading import open_snapshot, verify_history
from namaak.checking import missing_keys, problems_of
from namaak.decoding.wordmarks import find_reader
from namaak.errors import NamaakError
from namaak.lake import Lake
from namaak.records import PictureOutcome
from namaak.settings import Settings, load_settings

#: Prefect 3.8.8 fails at its first run on fastapi 0.155 and later.
_PACKAGES = ("prefect", "fastapi", "duckdb", "pyarrow", "rapidfuzz", "pillow", "imagehash")
_STALE = timedelta(days=2)
_LITTLE_DISK = 2_000_000_000
_REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at."""

    state: Literal["fine", "note", "wrong"]
    what: str
    says: str


def examine(watch_path: Path, environ: Mapping[str, str], *, now: datetime) -> list[Check]:
    """Every check, in the order in which to mend things. now: aware."""
    checks = list(_packages())
    checks.append(_text_in_pictures())
    checks.append(_prefect(environ))
    try:
        settings = load_settings(watch_path, environ)
    except NamaakError as error:
        return [*checks, Check(state="wrong", what="watch file", says=str(error))]
    return [
        *checks,
        _watch_file(settings),
        _disk(settings.data),
        *_keys(settings, environ),
        *_lake(settings),
        *_casebook(settings, now),
    ]


def _packages() -> Iterator[Check]:
    for name in _PACKAGES:
        try:
            yield Check(state="fine", what=name, says=version(name))
        except PackageNotFoundError:
            yield Check(state="wrong", what=name, says="is not installed; install the locked set")


def _text_in_pictures() -> Check:
    reader = find_reader()
    if reader is None:
        says = "not read: no tesseract with English letters is installed (tesseract-ocr)"
        return Check(state="note", what="wordmarks", says=says)
    return Check(state="fine", what="wordmarks", says=f"read by {reader.version}")


def _prefect(environ: Mapping[str, str]) -> Check:
    """Whether a server that the environment names answers at all."""
    address = environ.get("PREFECT_API_URL")
    if not address:
        return Check(state="fine", what="server", says="none named: runs start their own")
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        return Check(state="wrong", what="server", says=f"{address} is no address ({error})")
    try:
        socket.create_connection((parts.hostname or "", port), timeout=3).close()
    except OSError as error:
        why = error.strerror or str(error)
        return Check(state="wrong", what="server", says=f"{address} does not answer ({why})")
    return Check(state="fine", what="server", says=f"{address} answers")


def _watch_file(settings: Settings) -> Check:
    problems = problems_of(settings.watch)
    if problems:
        return Check(state="wrong", what="watch file", says="; ".join(problems))
    brands = len(settings.watch.brands)
    return Check(state="fine", what="watch file", says=f"{settings.watch_path}, {brands} brands")


def _disk(data: Path) -> Check:
    if data.exists() and not (data.is_dir() and os.access(data, os.W_OK)):
        says = f"the data folder {data} is no folder that can be written; name another"
        return Check(state="wrong", what="disk", says=says)
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    state: Literal["fine", "wrong"] = "wrong" if free < _LITTLE_DISK else "fine"
    return Check(state=state, what="disk", says=f"{free / 1e9:.1f} GB free for {data}")


def _keys(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """Keys that sources which are switched on need and the environment does not hold."""
    for name, keys in missing_keys(settings.watch, environ):
        yield Check(state="note", what=f"key of {name}", says=f"{keys} is not set")


def _lake(settings: Settings) -> Iterator[Check]:
    if not settings.lake.exists():
        yield Check(state="note", what="lake", says=f"none at {settings.lake} yet; `namaak run`")
        return
    try:
        with Lake(settings.lake) as lake:
            totals = lake.totals()
            outcomes = _unmatched(lake)
            instances = lake.coverage(most_rejects=0).instances.to_pylist()
    except NamaakError as error:
        yield Check(state="wrong", what="lake", says=str(error))
        return
    says = (
        f"{totals['rows']:,} observations in {totals['batches']:,} batches, "
        f"{totals['rejected']:,} rows refused, {outcomes}"
    )
    yield Check(state="fine", what="lake", says=says)
    for row in instances:
        if row["stopped"]:
            says = f"{row['label']} is stopped: {row['stopped']} See `namaak resume --help`"
            yield Check(state="wrong", what=f"{row['source']} {row['label']}", says=says)


def _unmatched(lake: Lake) -> str:
    """How many pictures were not matched, and why: the commonest reasons by name."""
    rows = lake.picture_outcomes().to_pylist()
    left = [row for row in rows if row["outcome"] != PictureOutcome.HASHED]
    number = sum(row["pictures"] for row in left)
    if not number:
        return "0 pictures not matched"
    why = [f"{row['pictures']:,} {row['outcome']}: {row['reason']}" for row in left[:_REASONS]]
    more = [f"{len(left) - _REASONS} more reasons"] if len(left) > _REASONS else []
    return f"{number:,} pictures not matched ({'; '.join([*why, *more])})"


def _casebook(settings: Settings, now: datetime) -> Iterator[Check]:
    owner = lock_owner(settings.working_casebook)
    if owner:
        yield Check(state="note", what="lock", says=f"held by {owner}")
    else:
        yield Check(state="fine", what="lock", says="free")
    for log in lost_logs(settings.working_casebook):
        says = (
            f"{log} continues no published casebook: what it holds beyond that is in none; put its "
            "own casebook.duckdb back from a backup beside it, or delete it"
        )
        yield Check(state="note", what="lost log", says=says)
    if not settings.casebook.exists():
        says = f"none at {settings.casebook} yet; `namaak run`"
        yield Check(state="note", what="casebook", says=says)
        return
    try:
        with open_snapshot(settings.casebook) as snapshot:
            broken = verify_history(snapshot)
    except NamaakError as error:
        yield Check(state="wrong", what="casebook", says=str(error))
        return
    age = now - published_at(settings.casebook)
    stale = "; no run for two days" if age > _STALE else ""
    yield Check(
        state="note" if stale else "fine",
        what="casebook",
        says=f"published {age.total_seconds() / 3600:.1f} hours ago{stale}",
    )
    if broken is None and not owner and settings.working_casebook.exists():
        try:
            with open_snapshot(settings.working_casebook) as working:
                broken = verify_history(working)
        except NamaakError as error:
            yield Check(state="wrong", what="working file", says=str(error))
            return
    if broken:
        yield Check(state="wrong", what="history", says=str(broken))
    else:
        yield Check(state="fine", what="history", says="every link of the chain agrees")
