"""`namaak sweep`: which names like a domain are registered, without a watch file or a store."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App

from namaak.cli.options import Flag, Several, as_json
from namaak.cli.output import cell, emit, say
from namaak.errors import NamaakError, UsageError

if TYPE_CHECKING:
    from detectors.permutations import Candidate
    from namaak.brands import WatchFile
    from namaak.sweeping import Progress, Row, Sweep, Target

_LIMIT = 5_000
_ASPECTS = ("dns", "rdap", "page")
#: A picture of a page would have to be kept somewhere; runs of the watch file do that.
_OFFERED = ("dns", "rdap", "network", "certificate", "page")
#: Of a resolver that belongs to everybody in the house, or to a provider.
_SYSTEM_PER_SECOND = 50
_COLUMNS = (
    "score", "band", "host", "kind", "state", "new", "registered", "registrar", "mx", "ns", "a",
    "reasons",
)  # fmt: skip
#: As many addresses or servers as a table has room for; CSV and JSON have all.
_SHOWN = 2
_LINE_EVERY_S = 10.0
_REDRAWN_EVERY_S = 0.2


def register(app: App) -> None:
    """Add the command."""
    app.command(sweep)


def sweep(
    domain: str,
    *,
    resolver: Several = (),
    kinds: Several = (),
    lures: Several = (),
    limit: int = _LIMIT,
    aspects: Several = (),
    contact: str | None = None,
    queries_per_second: int | None = None,
    watch: Path | None = None,
    state: Path | None = None,
    forget: Flag = False,
    all: Flag = False,
    csv: Flag = False,
    json: Annotated[bool, as_json("per name")] = False,
) -> int:
    """Find the registered names that look like a domain, worst first, and mark the new ones.

    Makes names by typing errors, lookalike letters, lure words and other suffixes, asks the DNS
    which of them exist, looks at those that do, and ranks them with the reasons. Needs no watch
    file; where there is one that owns the domain, its brand counts and its own names are left out.
    What was there is remembered, so that the next sweep can say what is new. A name that gave no
    answer is never taken for absent.

    Parameters
    ----------
    domain
        The domain to look around, as in acme.nl.
    resolver
        Name server to ask, as in 127.0.0.1 or 127.0.0.1:5353; may be given more than once. Else
        those of this machine.
    kinds
        Only names made in these ways, as in omission,lure; else all.
    lures
        Languages of the lure words, as in nl,en, or none; else those of the domain's country and
        English.
    limit
        Ask about so many names, the likeliest first; 0 for all.
    aspects
        What to look at: dns, rdap, network, certificate, page; else dns,rdap,page. All but dns
        need a contact.
    contact
        Mail address that the requests show to the other side; else NAMAAK_CONTACT, else that of the
        watch file. Without any, only the DNS is asked.
    queries_per_second
        At most so many questions to the name servers; else 50 for those of this machine, and no
        limit for a --resolver.
    watch
        The watch file, if there is one; else NAMAAK_WATCH, else ./watch.toml.
    state
        Remember what was found in this file; else in one for each domain in your state folder.
    forget
        Neither use nor leave any memory of what was found.
    all
        Also show names that are not registered, gave no answer, or are allowed.
    csv
        Comma-separated values, safe to open in a spreadsheet.
    """
    from datetime import UTC, datetime

    from detectors.compiling import is_compiled
    from namaak.sweeping import Standing, default_path, find_target, ranked_rows

    if csv and json:
        raise UsageError("--csv and --json exclude each other; give one of them.")
    if forget and state:
        raise UsageError("--forget and --state exclude each other; give one of them.")
    if limit < 0 or (queries_per_second is not None and queries_per_second < 1):
        raise UsageError("--limit must be 0 or more, --queries-per-second 1 or more.")
    watch_file = _watch_file(watch)
    now = datetime.now(UTC)
    target = find_target(domain, watch=watch_file, day=now.date())
    if target.domain != domain.strip().lower().removesuffix("."):
        say(f"Sweeping around {target.domain}.")
    candidates, more = _candidates(target, kinds=kinds, lures=lures, limit=limit)
    mailbox = _contact(contact, watch_file)
    looked_at = _aspects(aspects, mailbox)
    path = None if forget else (state or default_path(target.domain, os.environ))
    if not is_compiled():
        say("Compiling the name matcher for this processor: half a minute, once.")
    say(f"Asking about {_many(len(candidates))} like {target.domain}.")
    if more:
        say(f"{more:,} less likely names are left out; --limit 0 asks about all.")
    running, stopped = _run(
        target, candidates, servers=resolver, per_second=queries_per_second, aspects=looked_at,
        contact=mailbox, path=path,
    )  # fmt: skip
    rows = ranked_rows(list(running.sightings.values()), target, before=running.before)
    shown = [
        row for row in rows
        if all or (row.standing is Standing.REGISTERED and row.suppressed is None)
    ]  # fmt: skip
    if csv:
        _write_csv(shown)
    elif json:
        emit((row.as_dict() for row in shown), (), as_json=True, empty="")
    else:
        again = bool(running.before.sweeps)
        nothing = "No name like it is registered, as far as was answered."
        emit((_cells(row, again) for row in shown), _COLUMNS, as_json=False, empty=nothing)
    _report(running, rows, path)
    if running.forgotten is not None:
        raise NamaakError(running.forgotten)
    if stopped:
        say("namaak: stopped; what was found until then is shown, and the rest was not asked.")
        return 1
    asked = len(running.sightings)
    if asked and len(running.of(Standing.NO_ANSWER)) == asked:
        raise NamaakError(
            "No name server answered a single question; name another one with --resolver."
        )
    return 0


def _run(
    target: Target,
    candidates: Sequence[Candidate],
    *,
    servers: Sequence[str],
    per_second: int | None,
    aspects: Sequence[str],
    contact: str | None,
    path: Path | None,
) -> tuple[Sweep, bool]:
    """The sweep, and whether a person stopped it."""
    import asyncio
    from contextlib import AsyncExitStack
    from datetime import UTC, datetime

    from namaak.resolving import Resolver, system_servers
    from namaak.sweeping import Sweep
    from namaak.sweeping.asking import Looker
    from namaak.sweeping.dns_only import DnsOnly

    def clock() -> datetime:
        return datetime.now(UTC)

    chosen = tuple(servers)
    if not chosen:
        chosen = system_servers()
        per_second = per_second or _SYSTEM_PER_SECOND
        say(
            f"Asking this machine's name servers ({', '.join(chosen)}), {per_second} questions a "
            "second; name your own with --resolver."
        )
    try:
        resolver = Resolver(servers=chosen, per_second=per_second)
    except ValueError as error:
        raise UsageError(f"--resolver: {error}.") from None
    progress = _ProgressLine()
    started: list[Sweep] = []

    async def run() -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(resolver)
            enricher: Looker = DnsOnly(resolver, clock=clock)
            if contact is not None and tuple(aspects) != ("dns",):
                from tempfile import TemporaryDirectory

                from namaak.enriching import Aspect, Enricher
                from namaak.enriching.bootstrap import Bootstrap
                from namaak.fetch import Fetcher, Manners

                lists = _cache() or Path(stack.enter_context(TemporaryDirectory(prefix="namaak-")))
                fetcher = Fetcher(contact=contact, manners=Manners())
                enricher = Enricher(
                    resolver,
                    await stack.enter_async_context(fetcher),
                    aspects=tuple(map(Aspect, aspects)),
                    brands={target.brand_id: target.brand},
                    clock=clock,
                    bootstrap=Bootstrap(lists, clock=clock),
                )
            sweep = Sweep(
                target, candidates, resolver=resolver, enricher=enricher, clock=clock,
                memory_path=path, told=progress,
            )  # fmt: skip
            started.append(sweep)
            await sweep.run()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        if not started:
            raise
        return started[0], True
    finally:
        progress.clear()
    return started[0], False


def _cache() -> Path | None:
    """Where the public lists of RDAP servers are kept, which say nothing of any domain."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = os.environ.get("HOME", "")
    if Path(base).is_absolute():
        return Path(base) / "namaak" / "rdap"
    if Path(home).is_absolute():
        return Path(home) / ".cache" / "namaak" / "rdap"
    return None


class _ProgressLine:
    """One line that is drawn again at a terminal; a line now and then in a pipe."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._next = 0.0
        self._drawn = 0

    def __call__(self, progress: Progress) -> None:
        import time

        now = time.monotonic()
        if not self._next:
            self._next = now + (0 if self._terminal else _LINE_EVERY_S)
        if now < self._next:
            return
        self._next = now + (_REDRAWN_EVERY_S if self._terminal else _LINE_EVERY_S)
        text = _in_words(progress)
        if not self._terminal:
            say(text)
            return
        print(f"\r{text:<{self._drawn}}", end="", file=sys.stderr, flush=True)
        self._drawn = len(text)

    def clear(self) -> None:
        """Leave no half line behind."""
        if self._drawn:
            print(f"\r{'':<{self._drawn}}\r", end="", file=sys.stderr, flush=True)
            self._drawn = 0


def _in_words(progress: Progress) -> str:
    from namaak.sweeping import Stage

    if progress.stage is Stage.LOOKING:
        return f"Looked at {progress.done:,} of {progress.total:,} registered names."
    silent = f", {progress.unanswered:,} without an answer" if progress.unanswered else ""
    return (
        f"Asked about {progress.done:,} of {progress.total:,} names: "
        f"{progress.registered:,} exist{silent}."
    )


def _many(names: int) -> str:
    return "1 name" if names == 1 else f"{names:,} names"


def _watch_file(given: Path | None) -> WatchFile | None:
    """None where nobody names one and there is none here."""
    from namaak.brands import read_watch_file
    from namaak.settings import watch_file_path

    path = watch_file_path(given, os.environ)
    named = given is not None or os.environ.get("NAMAAK_WATCH")
    return read_watch_file(path) if named or path.exists() else None


def _words(given: Sequence[str]) -> tuple[str, ...]:
    """Options may be repeated, and hold several words with commas between."""
    return tuple(dict.fromkeys(w for one in given for w in one.lower().replace(",", " ").split()))


def _chosen(option: str, given: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    words = _words(given)
    for word in words:
        if word not in known:
            raise UsageError(f"{option} does not know {word!r}; it knows {', '.join(known)}.")
    return words


def _candidates(
    target: Target, *, kinds: Sequence[str], lures: Sequence[str], limit: int
) -> tuple[list[Candidate], int]:
    """Those to ask about, and how many less likely ones there are. Owned names are neither."""
    from detectors.permutations import KINDS, Kind, permutations, suffix_table
    from detectors.permutations.lure_words import lure_words

    near = {"en": (), **suffix_table().languages}
    made = tuple(map(Kind, _chosen("--kinds", kinds, KINDS))) or KINDS
    if _words(lures) == ("none",):
        made = tuple(kind for kind in made if kind is not Kind.LURE)
        if not made:
            raise UsageError("--kinds lure and --lures none leave no names to ask about.")
        languages: tuple[str, ...] = ()
    else:
        languages = _chosen("--lures", lures, [name for name in near if lure_words((name,))])
    if not languages:
        suffix = target.domain.partition(".")[2]
        of_country = [language for language, homes in near.items() if suffix in homes]
        languages = tuple(dict.fromkeys((*of_country, *target.brand.languages, "en")))
    try:
        found = permutations(target.domain, kinds=made, languages=languages)
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    found = [candidate for candidate in found if not target.owns(candidate.host)]
    kept = found[: limit or None]
    return kept, len(found) - len(kept)


def _contact(given: str | None, watch: WatchFile | None) -> str | None:
    """Raises UsageError for what is no mail address."""
    from pydantic import ValidationError

    from namaak.brands import Watch

    named = given or os.environ.get("NAMAAK_CONTACT")
    if not named:
        return watch.watch.contact if watch else None
    try:
        return Watch(contact=named).contact
    except ValidationError:
        raise UsageError(
            f"The contact {named!r} is not a mail address; give a role mailbox, as in "
            "abuse@acme.example."
        ) from None


def _aspects(given: Sequence[str], contact: str | None) -> tuple[str, ...]:
    wanted = _chosen("--aspects", given, _OFFERED)
    if contact is not None:
        return wanted or _ASPECTS
    beyond = [aspect for aspect in wanted if aspect != "dns"]
    if beyond:
        raise UsageError(
            f"--aspects {beyond[0]} asks strangers' servers, which must know whom to write to; "
            "give a mail address with --contact or NAMAAK_CONTACT."
        )
    if not wanted:
        say(
            "Only the DNS is asked: with --contact MAIL also when and through whom a name was "
            "registered, and what its page shows."
        )
    return ("dns",)


def _cells(row: Row, again: bool) -> dict[str, Any]:
    """A row as a table shows it. again: there was an earlier sweep."""
    from namaak.sweeping import News, Standing

    news = {News.NEW: "new", News.AGAIN: "new again", News.KNOWN: "",
            News.FIRST_ASKED: "not asked before" if again else ""}  # fmt: skip
    found = row.as_dict()
    shown = {
        **found,
        "host": row.host if row.name == row.host else f"{row.host} ({row.name})",
        "state": found["state"] if row.standing is Standing.REGISTERED else found["standing"],
        "new": news[row.news] if row.news else "",
        "reasons": [*found["reasons"][:3], *([row.suppressed] if row.suppressed else [])],
    }
    for name in ("mx", "ns", "a"):
        left = len(found[name]) - _SHOWN
        shown[name] = [*found[name][:_SHOWN], *([f"+{left}"] if left > 0 else [])]
    return shown


def _write_csv(rows: Sequence[Row]) -> None:
    """A heading, and a line for each name; nothing in it runs in a spreadsheet."""
    import csv

    from namaak.sweeping.ranked import COLUMNS
    from namaak.visible import inert

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        values = (
            {True: "yes", False: "no"}.get(value, value)
            if value is True or value is False
            else value
            for value in row.as_dict().values()
        )
        writer.writerow([inert(cell(value)) for value in values])


def _report(running: Sweep, rows: Sequence[Row], path: Path | None) -> None:
    """What a table cannot say, to stderr."""
    from collections import Counter

    from namaak.sweeping import News, Standing

    counts = Counter(row.standing for row in rows)
    news = Counter(row.news for row in rows)
    line = (
        f"Asked about {_many(len(rows))}: {counts[Standing.REGISTERED]:,} registered, "
        f"{counts[Standing.ABSENT]:,} not"
    )
    if counts[Standing.NO_ANSWER]:
        unanswered = running.of(Standing.NO_ANSWER)
        why = Counter(one.doubt or str(one.answer.outcome) for one in unanswered)
        told = ", ".join(f"{count:,} {outcome}" for outcome, count in why.most_common())
        line += f", {counts[Standing.NO_ANSWER]:,} without an answer ({told}): those may exist"
    say(f"{line}.")
    if counts[Standing.WILDCARD]:
        under = ", ".join(running.wildcards[:5])
        say(f"Any name exists under {under}: {counts[Standing.WILDCARD]:,} of these say nothing.")
    allowed = sum(row.suppressed is not None for row in rows)
    if allowed:
        say(f"{allowed:,} of the registered are allowed by the watch file.")
    if path is None or running.forgotten is not None:
        return
    last = next((ran for ran in reversed(running.before.sweeps) if ran.whole), None)
    if last is None:
        say(f"Remembered in {cell(str(path))}: the next sweep says what is new.")
    else:
        fresh = news[News.NEW] + news[News.AGAIN]
        say(f"New since {last.at:%Y-%m-%d %H:%M}Z: {fresh:,}. Remembered in {cell(str(path))}.")
