"""Putting reports into the intake folder, so that the next run gathers them.

A file appears there whole or not at all, named by when it came and by its content; pictures are
copied beside it, named by their content, before the list that names them. What stands in the
folder already is not written again.
May import: namaak.durable, namaak.errors, namaak.sources.base, lists and intaking.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath

from namaak.durable import replace, write_bytes
from namaak.errors import SourceError, UsageError
from namaak.sources.intaking.reading import ENDINGS, Row, read_rows
from namaak.sources.intaking.reports import understood
from namaak.sources.lists.pictures import is_address, read_picture

#: Fields of a report that name a picture beside its list.
PICTURED = ("screenshot", "avatar")


@dataclass(frozen=True, slots=True)
class Filed:
    """What tells two reports of one profile apart; without note and screenshot nothing does."""

    identity: tuple[str, str]
    note: str | None
    screenshot: str | None

    @property
    def is_bare(self) -> bool:
        """Whether it says no more than who it is."""
        return self.note is None and self.screenshot is None


def lists_in(folder: Path) -> Iterator[Path]:
    """Lists of the folder itself, by name. Files that begin with a dot are somebody's own."""
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in ENDINGS and not path.name.startswith("."):
                yield path


def filed_in(folder: Path, *, max_bytes: int) -> set[Filed]:
    """What the lists of the folder say already; those that cannot be read say nothing."""
    found: set[Filed] = set()
    for path in lists_in(folder):
        try:
            for row in read_rows(path, where=path.name, max_bytes=max_bytes):
                if isinstance(row, Row):
                    found.add(filed(row.fields))
        except (SourceError, ValueError):
            continue
    return found


def filed(fields: Mapping[str, str]) -> Filed:
    """Raises ValueError where the row says nobody."""
    return Filed(understood(fields).identity, fields.get("note"), fields.get("screenshot"))


def adds_something(new: Filed, known: Iterable[Filed]) -> bool:
    """Whether a report says what those known do not."""
    same = [one for one in known if one.identity == new.identity]
    return not same or not (new.is_bare or new in same)


def with_pictures(
    fields: Mapping[str, str], home: Path, *, max_bytes: int
) -> tuple[dict[str, str], dict[str, bytes]]:
    """The fields with pictures named by their content, and those pictures.

    home: where the names lead from. Raises ValueError for a picture that cannot be taken.
    """
    renamed, pictures = dict(fields), {}
    for name in PICTURED:
        given = fields.get(name)
        if given is None or is_address(given):
            continue
        try:
            content = read_picture(given, home, max_bytes=max_bytes)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        digest = hashlib.sha256(content).hexdigest()
        renamed[name] = f"{digest}{PurePosixPath(given).suffix.lower()}"
        pictures[renamed[name]] = content
    return renamed, pictures


def file_reports(
    reports: Sequence[Mapping[str, str]],
    pictures: Mapping[str, bytes],
    folder: Path,
    *,
    at: datetime,
) -> Path:
    """Write them as one list. at: aware. Returns its path. Raises UsageError."""
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in reports]
    content = "".join(f"{line}\n" for line in lines).encode()
    moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"{moment}-{hashlib.sha256(content).hexdigest()[:12]}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            if not (folder / name).exists():
                replace(folder / name, partial(write_bytes, data=picture))
        replace(path, partial(write_bytes, data=content))
    except OSError as error:
        raise UsageError(
            f"Cannot write into {folder} ({error.strerror}); give namaak the right to, or name "
            "another folder in [sources.intake]."
        ) from None
    return path
