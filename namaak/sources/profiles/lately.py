"""What a platform was asked about lately, so that it is not paid for again.

Which accounts share a call changes with every case that is opened; without this a new case would
have its whole call asked, and paid for, once more. It forgets by itself, and what is lost of it
costs a look more, never a look less.
May import: namaak.durable.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from namaak import durable

#: Two writers of one process would write into the same temporary file; of two processes the later
#: one wins, and what the other had is looked at once more.
_WRITING = threading.Lock()
#: Nothing is of use any longer than this.
_LONGEST = timedelta(days=62)


class Lately:
    """One file of a source's own."""

    def __init__(self, folder: Path) -> None:
        """folder: `Surroundings.state_folder`."""
        self._path = folder / "lately.json"

    def since(self, names: Iterable[str], now: datetime, within: timedelta) -> set[str]:
        """Those of these names that were asked about within this time."""
        known = self._read()
        return {
            name
            for name in names
            if (at := known.get(name)) is not None and timedelta() <= now - at < within
        }

    def keep(self, names: Iterable[str], now: datetime) -> None:
        """Remember that these were asked about, and what came of it is stored."""
        names = set(names)
        if not names:
            return
        with _WRITING:
            known = {name: at for name, at in self._read().items() if now - at < _LONGEST}
            known.update(dict.fromkeys(names, now))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({name: at.isoformat() for name, at in sorted(known.items())})
            durable.replace(self._path, lambda path: durable.write_bytes(path, text.encode()))

    def _read(self) -> Mapping[str, datetime]:
        try:
            kept = json.loads(self._path.read_bytes())
            return {name: datetime.fromisoformat(at) for name, at in kept.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError):
            # Half a file, from a disk that was full: a memory that may be lost.
            return {}
