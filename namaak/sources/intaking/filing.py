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
from contextlib import suppress
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
#: What is said of one that is an address of the web.
NOT_FETCHED = "is an address and not a file beside the list; not fetched"


@dataclass(frozen=True, slots=True)
class Filed:
    """What tells two reports of one profile apart; without any of the rest nothing does."""

    identity: tuple[str, str]
    note: str | None
    screenshot: str | None
    seen_at: str | None

    @property
    def is_bare(self) -> bool:
        """Whether it says no more than who it is."""
        return self.note is None and self.screenshot is None and self.seen_at is None


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
                # What one row says is known though another says nobody.
                if isinstance(row, Row):
                    with suppress(ValueError):
                        found.add(filed(row.fields))
        except SourceError:
            continue
    return found


def filed(fields: Mapping[str, str]) -> Filed:
    """Raises ValueError where the row says nobody."""
    return filed_as(understood(fields).identity, fields)


def filed_as(identity: tuple[str, str], fields: Mapping[str, str]) -> Filed:
    """The same of a row whose profile is known already."""
    return Filed(identity, *(fields.get(name) for name in ("note", "screenshot", "seen_at")))


def adds_something(new: Filed, known: Iterable[Filed]) -> bool:
    """Whether a report says what those known do not."""
    same = [one for one in known if one.identity == new.identity]
    return not same or not (new.is_bare or new in same)


def with_pictures(
    fields: Mapping[str, str], home: Path, *, max_bytes: int
) -> tuple[dict[str, str], dict[str, bytes], list[str]]:
    """The fields with pictures named by their content, those pictures, and which were not taken.

    home: where the names lead from. A picture that cannot be taken costs the picture and not the
    report, as in a list that lies in the folder; its name goes too, because another picture of
    that name may lie there.
    """
    renamed, pictures, faults = dict(fields), {}, []
    for name in PICTURED:
        given = fields.get(name)
        if given is None:
            continue
        if is_address(given):
            faults.append(f"{name}: {NOT_FETCHED}")
            continue
        try:
            content = read_picture(given, home, max_bytes=max_bytes)
        except ValueError as error:
            faults.append(f"{name}: {error}")
            del renamed[name]
            continue
        digest = hashlib.sha256(content).hexdigest()
        renamed[name] = f"{digest}{PurePosixPath(given).suffix.lower()}"
        pictures[renamed[name]] = content
    return renamed, pictures, faults


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
