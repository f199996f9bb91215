"""One settings object: the watch file and the few things the environment may say.

Only the command line and the flows call `load_settings`; everything below takes what it
needs as arguments. Environment: NAMAAK_WATCH (path of the watch file), NAMAAK_DATA (data
folder, wins over the file). Secrets are read from the environment by the source
that needs them and are never stored here.
May import: namaak.brands, namaak.errors.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from namaak.brands import WatchFile, read_watch_file

DEFAULT_WATCH_FILE = Path("watch.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things lie. All paths are absolute."""

    watch_path: Path
    watch: WatchFile
    data: Path  #: the data folder; everything namaak writes is below it

    @property
    def lake(self) -> Path:
        """Everything ever observed and matched; written by namaak only."""
        return self.data / "lake"

    @property
    def working_casebook(self) -> Path:
        """The DuckDB file that only namaak's one writer opens."""
        return self.data / "working" / "casebook.duckdb"

    @property
    def evidence(self) -> Path:
        """Captures, notices and replies, by the SHA-256 of their bytes."""
        return self.data / "evidence"

    @property
    def casebook(self) -> Path:
        """The published copy that anyone may open read-only at any time."""
        return self.data / "casebook.duckdb"


def watch_file_path(given: Path | None, environ: Mapping[str, str]) -> Path:
    """The option wins over NAMAAK_WATCH, which wins over ./watch.toml."""
    return given or Path(environ.get("NAMAAK_WATCH") or DEFAULT_WATCH_FILE)


def load_settings(given: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the watch file and fix all paths. Raises WatchFileError."""
    path = watch_file_path(given, environ)
    watch = read_watch_file(path)
    override = environ.get("NAMAAK_DATA")
    data = Path(override).absolute() if override else watch.resolve(watch.watch.data)
    return Settings(watch_path=path.absolute(), watch=watch, data=data)


def environment_settings(given: Path | None) -> Settings:
    """`load_settings` with this process's environment: for flows and the command line."""
    return load_settings(given, os.environ)
