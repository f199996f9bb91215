"""Finds the .sql files: SQL is kept out of Python, so that staff can read and reuse it.

In a checkout they lie in `sql/` beside this package, in an installed wheel in `namaak/_sql`.
May import: namaak.errors.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from namaak.errors import CasebookError

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlFile:
    """One file. `name` is without folder and ending; `text` has line ends as \\n."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """What it is, from its first line of comment."""
        return self.text.splitlines()[0].removeprefix("--").strip()

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, so that a checkout's line ends make no difference."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@cache
def sql_folder() -> Path:
    """Where the .sql files lie. Raises CasebookError when the installation has none."""
    for folder in (_PACKAGE / "_sql", _PACKAGE.parent / "sql"):
        if (folder / "migrations").is_dir():
            return folder
    raise CasebookError(
        f"The SQL files are missing beside {_PACKAGE}; this installation is broken, install again."
    )


@cache
def sql_files(folder: str) -> tuple[SqlFile, ...]:
    """All files of one folder ("migrations", "views", "queries"), in the order of their names."""
    paths = sorted((sql_folder() / folder).glob("*.sql"))
    return tuple(SqlFile(name=path.stem, text=path.read_text(encoding="utf-8")) for path in paths)


@cache
def statement(name: str) -> str:
    """The text of one statement, as in `statement("lake/cursor")` for sql/lake/cursor.sql."""
    return (sql_folder() / f"{name}.sql").read_text(encoding="utf-8")
