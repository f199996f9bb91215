"""Which logs there are: the log list v3 that browsers publish, both kinds of logs.

Every entry is judged by itself: one that is wrong is a fault with its place, and the others
are read. What a list says is never taken for granted: the log id must be the hash of the
key, and the key one that can verify. Schema: log list v3; the fields of tiled logs as of
2026.
May import: namaak.sources.base, namaak.transparency.heads, .notes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from namaak.sources.base import excerpt
from namaak.transparency.heads import MAX_NUMBER, log_id, public_key
from namaak.transparency.notes import canonical_base64

#: The full list of 2026 has some 200 kB.
MAX_LIST_BYTES = 16 << 20
MAX_LOGS = 10_000
_MAX_URL = 2_000
STATES = ("pending", "qualified", "usable", "readonly", "retired", "rejected")
#: Chrome's list does not leave it out; other files do.
_DEFAULT_MMD_S = 86_400


class LogListError(ValueError):
    """Bytes that are no list of logs; the message completes "the log list ..."."""


class LogKind(StrEnum):
    """How a log is read."""

    TILED = "tiled"  #: static-ct-api
    RFC6962 = "rfc6962"


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One log, its key already held against its id."""

    log_id: bytes  #: 32 bytes
    key: bytes  #: SPKI DER
    description: str
    operator: str
    kind: LogKind
    read_url: str  #: with a slash at its end: monitoring prefix, or what `ct/v1/` follows
    origin: str | None  #: of its checkpoints; None for RFC 6962
    mmd_s: int  #: within this time it promises to take what it accepted
    state: str | None  #: one of STATES, or what the list says; None where it says nothing
    state_since: datetime | None
    not_after: tuple[datetime, datetime] | None  #: takes certificates that end in [from, to)
    final_size: int | None  #: of a log that is read only
    final_root: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An entry that is left out, and why."""

    where: str
    reason: str


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Interval(_Form):
    start_inclusive: AwareDatetime
    end_exclusive: AwareDatetime


class _FinalHead(_Form):
    sha256_root_hash: str
    tree_size: int = Field(ge=0, le=MAX_NUMBER)


class _State(_Form):
    timestamp: AwareDatetime | None = None
    final_tree_head: _FinalHead | None = None


class _Entry(_Form):
    description: str = ""
    log_id: str | None = None
    key: str
    mmd: int = Field(default=_DEFAULT_MMD_S, gt=0, le=10 * 365 * 86_400)
    state: dict[str, _State] = Field(default_factory=dict)
    temporal_interval: _Interval | None = None
    url: str | None = None
    submission_url: str | None = None
    monitoring_url: str | None = None


def read_log_list(content: bytes) -> tuple[tuple[Log, ...], tuple[Fault, ...]]:
    """The logs of a list, and what is wrong with entries that are left out.

    Raises LogListError only where the whole is no log list v3.
    """
    document = _document(content)
    operators = document.get("operators")
    if not isinstance(operators, list):
        raise LogListError("has no list of operators")
    return _read(_listed(operators))


def read_log_keys(content: bytes) -> tuple[tuple[Log, ...], tuple[Fault, ...]]:
    """Like `read_log_list`, also of files that hold no more than keys and addresses.

    Those are `{"logs": [{"origin", "key", ...}]}`, and the description that a tiled log
    serves of itself, `log.v3.json`.
    """
    document = _document(content)
    if isinstance(document.get("operators"), list):
        return _read(_listed(document["operators"]))
    logs = document.get("logs") if "logs" in document else [document]
    if not isinstance(logs, list) or not any(
        isinstance(log, dict) and "key" in log for log in logs
    ):
        raise LogListError("has neither operators nor logs with their keys")
    return _read(
        (f"logs[{at}]", _operator(log), _addressed(log), None) for at, log in enumerate(logs)
    )


def worth_reading(log: Log, *, now: datetime, states: Collection[str], horizon: timedelta) -> bool:
    """Whether certificates of today end up there.

    A list of test logs may leave the state out: such a log is read. horizon: how long
    certificates live that are issued now; a log takes those that end in its interval.
    """
    if log.state is not None and log.state not in states:
        return False
    if log.not_after is None:
        return True
    start, end = log.not_after
    return start <= now + horizon and now < end


def _document(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_LIST_BYTES:
        raise LogListError(f"is longer than {MAX_LIST_BYTES} bytes")
    try:
        document = from_json(content)
    except ValueError as error:
        raise LogListError(f"is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise LogListError("is no JSON object")
    return document


_Listed = tuple[str, str, object, LogKind | None]


def _listed(operators: list[Any]) -> Iterator[_Listed]:
    """Every entry with its place, its operator and its kind; also those that are no entries."""
    for number, operator in enumerate(operators):
        place = f"operators[{number}]"
        if not isinstance(operator, dict):
            yield place, "", operator, LogKind.RFC6962
            continue
        name = _operator({"operator": operator.get("name")})
        for field, kind in (("logs", LogKind.RFC6962), ("tiled_logs", LogKind.TILED)):
            logs = operator.get(field)
            if logs is None:
                continue
            if not isinstance(logs, list):
                yield f"{place}.{field}", name, logs, kind
                continue
            for at, log in enumerate(logs):
                yield f"{place}.{field}[{at}]", name, log, kind


def _addressed(log: object) -> object:
    """An origin is the address to submit to, and to read from where there is no other."""
    if not isinstance(log, dict) or not isinstance(log.get("origin"), str):
        return log
    address = f"https://{log['origin']}/"
    return {"submission_url": address, "monitoring_url": address, **log}


def _operator(log: object) -> str:
    name = log.get("operator") if isinstance(log, dict) else None
    return name if isinstance(name, str) else ""


def _read(listed: Iterable[_Listed]) -> tuple[tuple[Log, ...], tuple[Fault, ...]]:
    logs: dict[bytes, Log] = {}
    faults: list[Fault] = []
    for count, (where, operator, entry, kind) in enumerate(listed):
        if count == MAX_LOGS:
            raise LogListError(f"names more than {MAX_LOGS} logs")
        try:
            log = _log(entry, operator, kind)
            if log.log_id in logs:
                raise ValueError("has the same log_id as an entry before it")
            logs[log.log_id] = log
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "the entry"
            faults.append(Fault(where=where, reason=f"{excerpt(place)}: {first['msg']}"))
        except ValueError as error:
            faults.append(Fault(where=where, reason=excerpt(str(error))))
    return tuple(logs.values()), tuple(faults)


def _log(listed: object, operator: str, kind: LogKind | None) -> Log:
    """One entry. Raises ValueError, and ValidationError, which is one."""
    entry = _Entry.model_validate(listed)
    key = _decoded("key", entry.key)
    try:
        public_key(key)
    except ValueError as error:
        raise ValueError(f"key {error}") from None
    if entry.log_id is not None and _decoded("log_id", entry.log_id) != log_id(key):
        raise ValueError("log_id is not the SHA-256 of key")
    if kind is None:
        kind = LogKind.RFC6962 if entry.submission_url is None else LogKind.TILED
    if len(entry.state) > 1:
        raise ValueError("state: has more than one state")
    name, state = next(iter(entry.state.items()), (None, _State()))
    final, interval = state.final_tree_head, entry.temporal_interval
    if kind is LogKind.TILED:
        read_url = _url("monitoring_url", entry.monitoring_url)
        origin = _origin(_url("submission_url", entry.submission_url))
    else:
        read_url, origin = _url("url", entry.url), None
    return Log(
        log_id=log_id(key),
        key=key,
        description=excerpt(entry.description),
        operator=excerpt(operator),
        kind=kind,
        read_url=read_url,
        origin=origin,
        mmd_s=entry.mmd,
        state=None if name is None else excerpt(name),
        state_since=state.timestamp,
        not_after=None if interval is None else (interval.start_inclusive, interval.end_exclusive),
        final_size=None if final is None else final.tree_size,
        final_root=None if final is None else _final_root(final),
    )


def _decoded(field: str, text: str) -> bytes:
    try:
        return canonical_base64(text)
    except ValueError as error:
        raise ValueError(f"{field} {error}") from None


def _final_root(final: _FinalHead) -> bytes:
    root = _decoded("final_tree_head.sha256_root_hash", final.sha256_root_hash)
    if len(root) != 32:
        raise ValueError("final_tree_head.sha256_root_hash is not 32 bytes long")
    return root


def _url(field: str, url: str | None) -> str:
    """An address that may be read, with a slash at its end."""
    if url is None:
        raise ValueError(f"{field} is missing")
    if len(url) > _MAX_URL:
        raise ValueError(f"{field} is longer than {_MAX_URL} characters")
    parts = urlsplit(url)
    plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise ValueError(f"{field} is no address of a web server")
    if parts.port == 0:  # asking for it raises ValueError where it is no number
        raise ValueError(f"{field} has no port that can be read")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{field} has more than host and path")
    return url if url.endswith("/") else f"{url}/"


def _origin(submission_url: str) -> str:
    return submission_url.partition("://")[2].rstrip("/")
