"""Which sites know a brand's exact name: hundreds of them, asked by Maigret, once a week.

For the long tail that has no source of its own. Somebody else's programme (its own environment, its
own process, its own requests) tells that a page answers to the name, and nothing else: four of ten
names that a brand should fear are taken by somebody, so such a row never opens a case by itself. A
site that refuses, is busy or fails is no absence: it is a refused row with the reason. Off until
the watch file says `enabled = true`, because sites are asked that have no interface for it.
May import: namaak.brands, namaak.errors, namaak.platforms, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.platforms import fold_platform, recognise
from namaak.records import SubjectKind, Trust
from namaak.sources.base import Batch, Example, Instance, Reject, Source, SourceConfig, excerpt
from namaak.sources.intaking.placing import Placed, observe_placed
from namaak.sources.intaking.sweeping import Answer, sweep_name
from namaak.sources.profiles.answers import as_raw
from namaak.sources.profiles.profile import Pictured, Profile
from namaak.sources.profiles.questions import searches
from namaak.sources.profiles.rounds import Round

_Count = Annotated[int, Field(strict=True, ge=1)]
#: A shorter name is taken everywhere and says nothing.
_SHORTEST, _LONGEST = 3, 40
#: The programme has broken, or the network has: no further name would do better.
_MOST_IN_A_ROW = 3
_LONGEST_SITE = 100
#: Of an entry: the programme's own definition of the site, and what it sent.
_ITS_OWN = ("site", "cookies", "future", "checker")


class ExistenceConfig(SourceConfig):
    """`[sources.existence]`."""

    enabled: bool = False
    #: The programme: a name on PATH, or a path, relative to the watch file.
    command: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] = "maigret"
    database: str | None = None  #: its file of sites, relative to the watch file; else its own
    top_sites: Annotated[_Count, Field(le=2_000)] = 100  #: the most visited so many
    connections: Annotated[_Count, Field(le=50)] = 10  #: at once, to different sites
    names_per_run: Annotated[_Count, Field(le=1_000)] = 20
    seconds_per_name: Annotated[float, Field(gt=0, le=7_200)] = 600
    every_hours: Annotated[float, Field(ge=24, le=8_760)] = 168.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What the answers to one name amount to."""

    found: list[Placed]
    rejects: list[Reject]


def handles_of(names: Iterator[str]) -> tuple[str, ...]:
    """Each name as the one handle that it makes; names of other scripts make none.

    >>> handles_of(iter(["ACME Bank", "Acme-Bank", "Crème d'Or", "Акме", "AC"]))
    ('acmebank', 'cremedor')
    """
    found: dict[str, None] = {}
    for name in names:
        # Capitals of other forms are told to be capitals only once they are taken apart.
        small = unicodedata.normalize("NFKD", name).casefold()
        split = unicodedata.normalize("NFKD", small)
        letters = "".join(char for char in split if char.isalnum())
        if letters.isascii() and _SHORTEST <= len(letters) <= _LONGEST:
            found[letters] = None
    return tuple(found)


class Existence(Source[ExistenceConfig]):
    """Sites where somebody has the brand's own name."""

    name: ClassVar = "existence"
    kinds: ClassVar = frozenset({SubjectKind.ACCOUNT})
    terms: ClassVar = "each site's own; many want no automatic look-ups: you answer for asking"
    auth: ClassVar = None
    budget: ClassVar = "names_per_run names a run, about top_sites requests each, made by Maigret"
    cursor: ClassVar = "answers read since the beginning; the state says which names were asked"
    networked: ClassVar = True
    Config: ClassVar = ExistenceConfig
    examples: ClassVar = (
        Example(
            what="nothing is asked until it is switched on",
            table={"command": "program-that-is-not-there"},
        ),
    )

    @property
    def names(self) -> tuple[str, ...]:
        """The handles to ask for: brands and their aliases, never people."""
        return handles_of(searches(self.around.brands, people=False))

    def reads_anything(self) -> bool:
        """Off unless the table says `enabled = true`."""
        return self.config.enabled and bool(self.names)

    def faults(self) -> Iterator[str]:
        """Switched off, or a file of sites that is not there."""
        if not self.config.enabled:
            yield "enabled: the sweep is off until it says true; write it or drop the table"
        database = self._database
        if database is not None and not database.is_file():
            yield (
                f"database: there is no {excerpt(str(self.config.database))}; mend the path or "
                "drop it"
            )

    def lacks(self) -> str | None:
        """The programme, where it is not there."""
        if not self.config.enabled or self._program is not None:
            return None
        return (
            f"The existence sweep needs the programme {excerpt(self.config.command)}, which is "
            "not there; run `make existence` and write what it says into `command`."
        )

    def instances(self) -> Iterator[Instance]:
        """One, where it is switched on."""
        if self.reads_anything():
            label = f"exact names on {self.config.top_sites} sites"
            yield Instance(id="names", label=label, kind=SubjectKind.ACCOUNT)

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. A batch a name; none before the next round is due."""
        program = self._program
        if program is None:
            raise SourceError(str(self.lacks()), Failure.AUTH)
        names = self.names
        standing = Round.read(state).on(
            observed_at, names, every=timedelta(hours=self.config.every_hours)
        )
        failed: list[SourceError] = []
        in_a_row = 0
        waiting = [name for name in names if not standing.is_finished(name)]
        for name in waiting[: self.config.names_per_run]:
            rejects: list[Reject] = []
            answers: list[Answer] = []
            try:
                heard = sweep_name(
                    name,
                    program=program,
                    options=self._options(),
                    seconds=self.config.seconds_per_name,
                    stop=self.around.stop,
                )
            except SourceError as error:
                failed.append(error)
                in_a_row += 1
                standing, given_up = standing.after_failure(name)
                if given_up:
                    reason = f"{name}: failed again and again, left out until the next round"
                    rejects.append(
                        Reject(position=start, reason=reason, excerpt=excerpt(str(error)))
                    )
            else:
                if heard is None:
                    return
                in_a_row, answers = 0, heard
                standing = standing.after_page(standing.resumed(name), cursor=None, told=())
            batch = self._batch(instance, name, start, answers, rejects, observed_at, standing)
            yield batch
            start = batch.end
            if in_a_row >= _MOST_IN_A_ROW:
                break
        if failed:
            raise SourceError(
                f"The existence sweep failed for {len(failed)} of {len(waiting)} names, first: "
                f"{failed[0]}",
                failed[0].failure,
            )

    def _batch(
        self,
        instance: Instance,
        name: str,
        start: int,
        answers: list[Answer],
        rejects: list[Reject],
        observed_at: datetime,
        standing: Round,
    ) -> Batch:
        heard = _heard(name, answers, start)
        table, faults = observe_placed(
            heard.found, source=self.name, instance=instance.id, observed_at=observed_at
        )
        rejects = sorted([*rejects, *heard.rejects, *faults], key=lambda reject: reject.position)
        end = start + max(len(answers), len(rejects) if not answers else 0)
        spoken = {*table["position"].to_pylist(), *(reject.position for reject in rejects)}
        return Batch(
            instance_id=instance.id,
            start=start,
            end=end,
            observations=table,
            rejects=tuple(rejects),
            skipped=end - start - len(spoken),
            images={},
            last=False,
            state=standing.written(),
        )

    def _options(self) -> list[str]:
        found = [
            "--no-autoupdate",  # else it fetches other sites to ask from whoever publishes them
            "--no-recursion",  # else it goes on to names that strangers' pages hold
            "--no-extracting",
            "--no-color",
            "--no-progressbar",
            *("--retries", "0"),
            *("--max-connections", str(self.config.connections)),
            *("--timeout", "15"),
            *("--top-sites", str(self.config.top_sites)),
        ]
        database = self._database
        return found if database is None else [*found, "--db", str(database)]

    @property
    def _database(self) -> Path | None:
        given = self.config.database
        return None if given is None else (self.around.folder / given).absolute()

    @property
    def _program(self) -> Path | None:
        """Absolute; None where it is not there or may not be run."""
        given = self.config.command
        if os.sep in given:
            found = shutil.which(str((self.around.folder / given).absolute()))
        else:
            found = shutil.which(given, path=self.around.environ.get("PATH") or os.defpath)
        return None if found is None else Path(found).absolute()


def _heard(name: str, answers: list[Answer], start: int) -> _Heard:
    """A row for each claimed name, a reject for each that is no answer; absence says nothing."""
    heard = _Heard(found=[], rejects=[])
    for position, answer in enumerate(answers, start):
        match answer.status:
            case "Available" | "Illegal":
                continue
            case "Claimed":
                placed = _placed(name, answer, position)
                if isinstance(placed, Reject):
                    heard.rejects.append(placed)
                else:
                    heard.found.append(placed)
            case _:
                reason = f"{excerpt(answer.site)}: gave no answer; absence is not known"
                shown = excerpt(f"{name}: {answer.why}")
                heard.rejects.append(Reject(position=position, reason=reason, excerpt=shown))
    return heard


def _placed(name: str, answer: Answer, position: int) -> Placed | Reject:
    site = fold_platform(answer.site)

    def refused(why: str) -> Reject:
        return Reject(
            position=position, reason=f"{excerpt(answer.site)}: {why}", excerpt=excerpt(answer.url)
        )

    if not site.isprintable() or not 1 <= len(site) <= _LONGEST_SITE:
        return refused("is no name of a site")
    if answer.found is None:
        return refused("is claimed in one report and not in the other")
    try:
        parts = urlsplit(answer.url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web or not answer.url.isprintable():
        return refused("its address is none")
    told = recognise(answer.url)
    # Any site may have links like those of Mastodon; the other forms are of one platform each.
    if told is not None and told.handle is not None and told.platform != "mastodon":
        if told.handle.rpartition("/")[2].casefold() != name:
            return refused("its address is of another name")
        site, handle = told.platform, told.handle
    else:
        handle = name
    kept: dict[str, Any] = {key: one for key, one in answer.found.items() if key not in _ITS_OWN}
    profile = Profile(
        handle=handle, url=answer.url, state=None, trust=Trust.EXISTENCE, raw=as_raw(kept)
    )
    return position, site, profile, Pictured()
