"""`namaak match`: names or pictures against the watch list, at once and without storing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from cyclopts import App

from namaak.cli.options import WatchPath, as_json
from namaak.cli.output import emit, say

if TYPE_CHECKING:
    from detectors.observations import Watchlist
    from namaak.decoding.workers import Decoders

_COLUMNS = (
    "input", "brand", "resemblance", "distance", "strength", "band", "reasons", "suppressed",
)  # fmt: skip
_AT_ONCE = 20_000
#: As long as a display name may be; no name of anything is longer.
_MAX_LINE = 1_000


def register(app: App) -> None:
    """Add the command."""
    app.command(match)


def match(
    *names: str,
    kind: Literal["host", "handle", "display-name", "app", "image"] = "host",
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per match")] = False,
) -> int:
    """Say what resembles a brand of the watch file, how, and how strong that is alone.

    Names come from the arguments or, without any, from standard input, one a line. Nothing is
    stored. The band is what this evidence alone would give; a case may rank higher by more.

    Parameters
    ----------
    names
        Hosts, handles, names, or with --kind image paths of picture files.
    kind
        What the names are.
    """
    from datetime import UTC, datetime

    from detectors.compiling import is_compiled
    from detectors.observations import compile_watchlist, version
    from namaak.casework.allowing import rules_of_casebook
    from namaak.decoding.reading import decoded_logos
    from namaak.decoding.workers import Decoders
    from namaak.enrolment import enrol
    from namaak.settings import environment_settings

    if not is_compiled():
        say("Compiling the name matcher for this processor: half a minute, once.")
    settings = environment_settings(watch)
    today = datetime.now(UTC).date()
    enrolled = enrol(
        settings.watch, detectors=version(), day=today,
        allowed=rules_of_casebook(settings.casebook, today=today),
    )  # fmt: skip
    given: Iterable[str] = names or _standard_input()
    with Decoders() as decoders:
        watchlist = compile_watchlist(
            enrolled.brands,
            # A run for names has no use for logos, whose variants take a tenth of a second each.
            decoded_logos(enrolled.logos, decoders) if kind == "image" else {},
            ordinary_names=enrolled.ordinary_names,
            alerts_per_million=enrolled.alerts_per_million,
        )
        if kind == "image":
            found = _pictures(given, watchlist, decoders)
        else:
            found = _names(given, kind, watchlist)
        first = next(found, None)
        emit(
            chain([first], found) if first is not None else iter(()),
            _COLUMNS,
            as_json=json,
            empty="Nothing resembles a brand of the watch file, or too faintly to rank.",
        )
    return 0


def _standard_input() -> Iterator[str]:
    if sys.stdin.isatty():
        say("Type names, one a line; end with Ctrl-D.")
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        if name := line.strip():
            yield name


def _names(names: Iterable[str], kind: str, watchlist: Watchlist) -> Iterator[dict[str, Any]]:
    from detectors.observations import match_values
    from namaak.records import Field
    from namaak.sources.hosts import normalise_host

    field = Field(kind)
    waiting = iter(names)
    while group := list(islice(waiting, _AT_ONCE)):
        values, typed = [], []
        for name in group:
            if len(name) > _MAX_LINE:
                say(f"namaak: a name of {len(name):,} characters is no name; skipped.")
                continue
            try:
                values.append(normalise_host(name) if field is Field.HOST else name)
            except ValueError as error:
                say(f"namaak: {name[:100]!r} is not a host ({error}); skipped.")
            else:
                typed.append(name)
        for hit in match_values(values, field, watchlist):
            yield _row({**hit, "input": typed[cast(int, hit["row"])]})


def _pictures(
    paths: Iterable[str], watchlist: Watchlist, decoders: Decoders
) -> Iterator[dict[str, Any]]:
    import hashlib

    from detectors.images.decoding import MAX_BYTES
    from detectors.images.matching import fingerprint, match
    from detectors.images.observed import match_row
    from detectors.images.picture import Undecodable
    from detectors.observations import match_values
    from detectors.wordmarks import text_in
    from namaak.decoding.wordmarks import find_reader
    from namaak.errors import SourceError
    from namaak.records import Field

    reader = find_reader()
    unread = 0
    for path in paths:
        try:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            say(f"namaak: the picture {path} cannot be read: {error.strerror}.")
            unread += 1
            continue
        picture = decoders.decode(data)
        if isinstance(picture, Undecodable):
            say(f"namaak: {path} cannot be compared: {picture.reason}.")
            continue
        made = fingerprint(picture)
        if made.gated:
            say(f"namaak: {path} says nothing by itself: {made.gated}.")
        sha256 = hashlib.sha256(data).hexdigest()
        for hit in match(sha256, made, watchlist.gallery):
            yield _row({**match_row(hit, made), "value": sha256, "input": path})
        if reader and (text := text_in(picture, made, reader)):
            for found in match_values([text], Field.DISPLAY_NAME, watchlist):
                yield _row({**found, "field": str(Field.IMAGE_TEXT), "input": path})
    if unread:
        many = "1 picture" if unread == 1 else f"{unread} pictures"
        raise SourceError(f"{many} could not be read; what is shown is of the others.")


def _row(hit: dict[str, Any]) -> dict[str, Any]:
    """A hit as people and programs read it, ranked on its own evidence."""
    from namaak.casework import ranking

    suppressed = hit.get("suppressed")
    kinds = {"handle": "account", "display-name": "account", "image-text": "image"}
    alone = {
        **hit, "suppressed": None, "match_id": "",
        "subject_kind": kinds.get(hit["field"], hit["field"]),
    }  # fmt: skip
    score = ranking.score([alone])
    # Of a picture, what was done to the logo, and the figures behind the strength.
    pictured = {"edits": list(hit["layers"]), "evidence": hit["evidence"]}
    return {
        "input": hit["input"],
        "brand": hit["brand_id"],
        "resemblance": hit["resemblance"],
        "distance": hit["distance"],
        "strength": round(float(hit["strength"]), 3),
        "band": "none" if suppressed else str(score.band),
        "reasons": [signal.says for signal in score.signals] + list(score.gates),
        "suppressed": suppressed,
        **(pictured if hit["field"] == "image" else {}),
    }
