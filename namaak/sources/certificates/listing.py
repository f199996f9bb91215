"""Which logs there are now: the list as it is published, or the last copy of it.

A list that cannot be fetched is no reason to stop reading: the copy is used, and that is said.
May import: namaak.durable, namaak.errors, namaak.fetch.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from namaak import durable
from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, FetchError, Limits, Validators
from namaak.sources.certificates.log_list import MAX_LIST_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A log list, and why it is not the latest where it is not."""

    content: bytes
    fault: str | None = None


def read_list(path: Path) -> Listed:
    """A list from the disk. Raises SourceError."""
    try:
        with path.open("rb") as file:
            return Listed(content=file.read(MAX_LIST_BYTES + 1))
    except OSError as error:
        raise SourceError(
            f"The log list {path} cannot be read ({error.strerror}); mend `log_list`.",
            Failure.GONE,
        ) from None


async def fetch_list(url: str, folder: Path, fetch: Fetcher) -> Listed:
    """The list at `url`; fetched only where it changed since it was kept in `folder`.

    Raises SourceError where it cannot be fetched and no copy is kept.
    """
    path, note = folder / "log_list.json", folder / "log_list.validators.json"
    kept = path.read_bytes() if path.exists() else None
    validators = _validators(note, url) if kept is not None else None
    try:
        reply = await fetch.get(url, limits=Limits(max_bytes=MAX_LIST_BYTES), validators=validators)
    except FetchError as error:
        if kept is None:
            raise
        return Listed(content=kept, fault=f"{error} The copy that was kept is used meanwhile.")
    if reply.not_modified and kept is not None:
        return Listed(content=kept)
    _keep(path, note, url, reply.body, reply.validators)
    return Listed(content=reply.body)


def _keep(path: Path, note: Path, url: str, content: bytes, validators: Validators) -> None:
    told = json.dumps({"url": url, **asdict(validators)}).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without its validators an old note would call this list unmodified for ever.
        note.unlink(missing_ok=True)
        durable.replace(path, lambda temporary: durable.write_bytes(temporary, content))
        durable.replace(note, lambda temporary: durable.write_bytes(temporary, told))
    except OSError as error:
        raise SourceError(
            f"The log list cannot be kept in {path.parent} ({error}); check the disk and the "
            "rights of the folder."
        ) from None


def _validators(note: Path, url: str) -> Validators | None:
    """Those of the copy, where it came from this address."""
    try:
        told = json.loads(note.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict) or told.pop("url", None) != url:
        return None
    return Validators(etag=told.get("etag"), last_modified=told.get("last_modified"))
