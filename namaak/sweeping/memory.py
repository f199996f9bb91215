"""What sweeps of a domain remember, so that the next one can say what is new.

One JSON file a domain. It holds which lookalikes were registered, since when we know, and which
names were asked about and were not there: only so can "registered since last time" be told from
"never asked before". A name that gave no answer, or was not asked, changes nothing.
Two sweeps at the same time add up: each reads the file again under a lock before it writes. The
file is whole or the old one, whatever fails.
May import: namaak.durable, namaak.errors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import filelock
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from namaak import durable
from namaak.errors import NamaakError, UsageError

FORMAT = 1
MAX_BYTES = 256 << 20
#: A sweep asks about some thousands; more than this is remembered for nobody's use.
MAX_ABSENT = 2_000_000
_KEPT_SWEEPS = 100
_LOCK_S = 30.0
#: A file name has 255 bytes, of which the lock and the temporary file need some.
_LONGEST_STEM = 200


class News(StrEnum):
    """What a registered name is to somebody who saw the last sweep."""

    KNOWN = "known"
    NEW = "new"  #: was asked about before and was not there
    AGAIN = "again"  #: was registered, then gone, and is there again
    FIRST_ASKED = "first-asked"  #: no earlier sweep asked about it


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Known(_Strict):
    """One name that is or was registered."""

    first: AwareDatetime  #: when a sweep saw it first
    last: AwareDatetime  #: and last
    gone: AwareDatetime | None = None  #: since when it is not there any more


class Ran(_Strict):
    """One sweep."""

    at: AwareDatetime
    whole: bool  #: False: it was interrupted, and these are the figures until then
    asked: int
    registered: int
    unanswered: int


class _File(_Strict):
    format: int
    domain: str
    sweeps: tuple[Ran, ...] = ()
    registered: dict[str, Known] = {}
    #: By the time of the last sweep that found them absent: hundreds of names share one.
    absent: dict[AwareDatetime, tuple[Annotated[str, Field(max_length=253)], ...]] = {}


@dataclass(slots=True, kw_only=True)
class Memory:
    """What is known of one domain's lookalikes."""

    domain: str
    sweeps: list[Ran] = field(default_factory=list)
    registered: dict[str, Known] = field(default_factory=dict)
    absent: dict[str, datetime] = field(default_factory=dict)

    def news(self, host: str) -> News:
        """Of a name that is registered now."""
        known = self.registered.get(host)
        if known is not None:
            return News.KNOWN if known.gone is None else News.AGAIN
        return News.NEW if host in self.absent else News.FIRST_ASKED

    def add(
        self, *, at: datetime, registered: Iterable[str], absent: Iterable[str], ran: Ran
    ) -> None:
        """Take in what a sweep that began `at` learned. Times already known are kept."""
        for host in registered:
            known = self.registered.get(host)
            first = min(known.first, at) if known else at
            last = max(known.last, at) if known else at
            gone = known.gone if known and known.gone and known.gone > at else None
            self.registered[host] = Known(first=first, last=last, gone=gone)
            self.absent.pop(host, None)
        for host in absent:
            known = self.registered.get(host)
            if known is None:
                self.absent[host] = max(at, self.absent.get(host, at))
            elif known.last < at and known.gone is None:
                self.registered[host] = known.model_copy(update={"gone": at})
        if len(self.absent) > MAX_ABSENT:
            latest = sorted(self.absent, key=self.absent.__getitem__)[-MAX_ABSENT:]
            self.absent = {host: self.absent[host] for host in latest}
        # A sweep that reports again, later on, replaces what it said of itself.
        others = [other for other in self.sweeps if other.at != ran.at]
        self.sweeps = sorted([*others, ran], key=lambda one: one.at)[-_KEPT_SWEEPS:]

    def dump(self) -> bytes:
        """As JSON, the same for the same content."""
        by_time: dict[datetime, list[str]] = {}
        for host, at in self.absent.items():
            by_time.setdefault(at, []).append(host)
        document = {
            "format": FORMAT,
            "domain": self.domain,
            "sweeps": [ran.model_dump(mode="json") for ran in self.sweeps],
            "registered": {
                host: known.model_dump(mode="json", exclude_none=True)
                for host, known in sorted(self.registered.items())
            },
            "absent": {
                at.astimezone(UTC).isoformat(): sorted(hosts)
                for at, hosts in sorted(by_time.items())
            },
        }
        return json.dumps(document, indent=1).encode() + b"\n"


def load(path: Path, domain: str) -> Memory:
    """What is remembered; nothing where there is no such file yet.

    Raises NamaakError for a file that cannot be read, UsageError for one of another domain.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Memory(domain=domain)
    except OSError as error:
        raise NamaakError(
            f"What earlier sweeps remembered cannot be read from {path} ({error.strerror}); mend "
            "its rights, name another file with --state, or sweep with --forget."
        ) from None
    try:
        if len(content) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES >> 20} MB")
        found = _File.model_validate_json(content)
        if found.format != FORMAT:
            raise ValueError(f"it has format {found.format}, and this namaak knows {FORMAT}")
    except (ValidationError, ValueError) as error:
        why = "it is damaged" if isinstance(error, ValidationError) else str(error)
        raise NamaakError(
            f"{path} is not what a sweep remembers ({why}); move it away, name another file with "
            "--state, or sweep with --forget."
        ) from None
    if found.domain != domain:
        raise UsageError(
            f"{path} remembers sweeps of {found.domain}, not of {domain}; name another file."
        )
    return Memory(
        domain=domain,
        sweeps=list(found.sweeps),
        registered=dict(found.registered),
        absent={host: at for at, hosts in sorted(found.absent.items()) for host in hosts},
    )


def remember(
    path: Path, domain: str, *, at: datetime, registered: Iterable[str], absent: Iterable[str],
    ran: Ran,
) -> None:  # fmt: skip
    """Add to the file what a sweep learned. Raises NamaakError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=_LOCK_S):
            memory = load(path, domain)
            memory.add(at=at, registered=registered, absent=absent, ran=ran)
            content = memory.dump()
            durable.replace(path, lambda temporary: durable.write_bytes(temporary, content))
    except (OSError, filelock.Timeout) as error:
        why = getattr(error, "strerror", None) or "another sweep does not let go of it"
        raise NamaakError(
            f"What this sweep found cannot be remembered in {path} ({why}); mend its rights, name "
            "another file with --state, or sweep with --forget."
        ) from None


def default_path(domain: str, environ: Mapping[str, str]) -> Path:
    """The user's own file of a domain, by the XDG base directories. Raises UsageError without any.

    domain: A-labels.
    """
    base = environ.get("XDG_STATE_HOME", "")
    # The specification has relative paths ignored.
    if not Path(base).is_absolute():
        home = environ.get("HOME", "")
        if not Path(home).is_absolute():
            raise UsageError(
                "There is no home folder to remember sweeps in; name a file with --state, or "
                "sweep with --forget."
            )
        base = f"{home}/.local/state"
    stem = domain
    if len(stem) > _LONGEST_STEM:
        stem = f"{domain[:100]}-{hashlib.sha256(domain.encode()).hexdigest()[:16]}"
    return Path(base) / "namaak" / "sweeps" / f"{stem}.json"
