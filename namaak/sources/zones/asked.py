"""What CZDS said of each zone when it was asked last, where that was nothing to download.

Without it every run would ask about a zone whose next edition is late, or that is not approved.
Lost or damaged, the service is asked once more, and nothing else happens.
May import: namaak.durable, namaak.errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from namaak import durable
from namaak.errors import SourceError

#: Stands for the list itself.
LIST: Final = "*"


class Said(BaseModel):
    """Of one zone, or of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    refusal: str | None = None  #: the sentence; None: no edition but the one that was fetched
    zones: tuple[str, ...] = ()  #: of the list


_FILE: Final = TypeAdapter(dict[str, Said])


class AskedFile:
    """`asked.json` in the folder of the source."""

    def __init__(self, path: Path, *, pause: timedelta) -> None:
        """pause: what was said is not asked again within it."""
        self._path = path
        self._pause = pause

    def recent(self, now: datetime) -> dict[str, Said]:
        """What need not be asked."""
        try:
            said = _FILE.validate_json(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return {zone: one for zone, one in said.items() if now - one.at < self._pause}

    def keep(self, said: Mapping[str, Said], now: datetime) -> None:
        """Beside what is recent. Raises SourceError."""
        octets = _FILE.dump_json({**self.recent(now), **said}, indent=1)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            durable.replace(self._path, lambda path: durable.write_bytes(path, octets))
        except OSError as error:
            raise SourceError(
                f"{self._path} cannot be written ({error.strerror}); check the disk and its rights."
            ) from None
