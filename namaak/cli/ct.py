"""`namaak ct verify` and `heads`: what a log signed, and whether it really did, by hand."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App

from namaak.cli.options import Json, WatchPath, as_json
from namaak.cli.output import emit, say
from namaak.errors import NamaakError, UsageError

if TYPE_CHECKING:
    from namaak.sources.certificates.log_list import Log
    from namaak.transparency.heads import TreeHead


def register(app: App) -> None:
    """Add the command."""
    ct = App(name="ct", help="Look into certificate logs by hand.", help_format="plaintext")
    ct.command(verify)
    ct.command(heads)
    app.command(ct)


def verify(
    file: Path,
    *,
    key: Path,
    log: str | None = None,
    json: Json = False,
) -> int:
    """Verify a checkpoint, or an answer to get-sth, with a log's key; exit code 1 if it does not.

    Prints which log signed it, how many entries it then held, their root, and when. Nothing is
    fetched. Lines of a checkpoint that are not the log's own are passed over.

    Parameters
    ----------
    file
        The checkpoint or the answer, as the log sent it.
    key
        A file with the keys of logs: a log list (version 3), `{"logs": [{"origin", "key"}]}`, or
        the log.v3.json of one log.
    log
        The log that must have signed it: its origin, or its id in hexadecimal or base64. Unless
        given, a checkpoint names its log, and an answer to get-sth is tried with every key.
    """
    from namaak.sources.certificates.log_list import MAX_LIST_BYTES, LogListError, read_log_keys
    from namaak.transparency.heads import MAX_HEAD_BYTES

    try:
        logs, faults = read_log_keys(_content(key, MAX_LIST_BYTES))
    except LogListError as error:
        raise UsageError(f"The file {key} cannot be used: the log list {error}.") from None
    for fault in faults:
        say(f"{key}: {fault.where} is left out: {fault.reason}.")
    if log is not None:
        logs = tuple(one for one in logs if log in _spellings(one))
        if not logs:
            raise UsageError(f"The file {key} has no log {log}; name one by its origin or id.")
    text = _content(file, MAX_HEAD_BYTES)
    try:
        if text.lstrip().startswith(b"{"):
            signer, head = _answer(file, text, logs, key)
        else:
            signer, head = _checkpoint(file, text, logs, key, named=log is not None)
    except UsageError:
        raise
    except NamaakError as error:
        if json:
            emit([{"verified": False, "reason": str(error)}], (), as_json=True, empty="")
        raise
    row = {
        "log": signer.origin or signer.description,
        "size": head.size,
        "root": base64.b64encode(head.root).decode("ascii"),
        "time": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=head.timestamp_ms),
        "log_id": signer.log_id.hex(),
        "operator": signer.operator,
        "verified": True,
    }
    emit([row], ("log", "size", "root", "time"), as_json=json, empty="")
    return 0


def heads(
    log: str,
    *,
    output: Path | None = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per head, with its text")] = False,
) -> int:
    """Show the tree heads that a log signed and namaak kept, the latest first.

    Of the good ones the largest of each day is kept, of those that contradict each other all.

    Parameters
    ----------
    log
        The log's id or description, or the beginning of it; see `namaak coverage --json`.
    output
        A folder: each head is written there as it was received, for `namaak ct verify` and for
        others.
    """
    from namaak.cli.instances import one_instance
    from namaak.lake import Lake
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    if not settings.lake.exists():
        raise UsageError(f"There is no lake at {settings.lake} yet; run `namaak run` first.")
    with Lake(settings.lake) as lake:
        instances = lake.coverage(most_rejects=0).instances.to_pylist()
        row = one_instance(instances, "ct", log)
        kept = lake.signed_heads("ct", row["instance"])
    for head in kept:
        # As checkpoints write it, and as `verify` prints it.
        head["root"] = base64.b64encode(bytes.fromhex(head["root"])).decode("ascii")
    columns = ("size", "root", "verdict", "signed_at", "received_at")
    emit(kept, columns, as_json=json, empty=f"No head of {row['label']} was kept.")
    if output is not None:
        _write_heads(kept, output, row["instance"])
    return 0


def _write_heads(kept: list[dict[str, Any]], folder: Path, log_id: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for head in kept:
            # All parts are ours or digits: nothing that a log wrote becomes a path.
            digest = hashlib.sha256(head["signed_text"].encode("utf-8", "surrogateescape"))
            name = f"{log_id[:16]}-{head['size']}-{head['verdict']}-{digest.hexdigest()[:16]}.head"
            (folder / name).write_bytes(head["signed_text"].encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise UsageError(f"The folder {folder} cannot be written: {error.strerror}.") from None
    say(f"{len(kept)} heads are in {folder}.")


def _content(file: Path, limit: int) -> bytes:
    """One byte more than the limit at most: whoever parses it says that it is too long."""
    try:
        with file.open("rb") as opened:
            return opened.read(limit + 1)
    except OSError as error:
        raise UsageError(f"The file {file} cannot be read: {error.strerror}.") from None


def _spellings(log: Log) -> tuple[str | None, ...]:
    return log.origin, log.log_id.hex(), base64.b64encode(log.log_id).decode("ascii")


def _checkpoint(
    file: Path, text: bytes, logs: tuple[Log, ...], key: Path, *, named: bool
) -> tuple[Log, TreeHead]:
    """named: the log was chosen by the person, so another origin is a fault."""
    from namaak.transparency.heads import HeadError, checkpoint_head, checkpoint_origin

    try:
        origin = checkpoint_origin(text)
        for log in logs:
            if log.origin is None and named:
                raise UsageError(
                    f"The log {log.description} has no checkpoints; it answers get-sth."
                )
            if log.origin is not None and (named or log.origin == origin):
                return log, checkpoint_head(text, origin=log.origin, key=log.key)
    except HeadError as error:
        raise NamaakError(f"{file} does not verify: the checkpoint {error}.") from None
    raise NamaakError(f"{file} does not verify: {key} has no key for its origin, {_cut(origin)}.")


def _answer(file: Path, text: bytes, logs: tuple[Log, ...], key: Path) -> tuple[Log, TreeHead]:
    from namaak.transparency.heads import HeadError, sth_head

    for log in logs:
        try:
            return log, sth_head(text, key=log.key)
        except HeadError as error:
            if error.kind == "malformed":
                raise NamaakError(f"{file} does not verify: the tree head {error}.") from None
    raise NamaakError(
        f"{file} does not verify: it carries no signature by any of the {len(logs)} keys "
        f"tried from {key}."
    )


def _cut(origin: str) -> str:
    """What a stranger wrote, made harmless and short."""
    from namaak.visible import visible

    return visible(origin[:100])
