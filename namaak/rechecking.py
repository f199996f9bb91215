"""Looking again at what was decided about: who is asked, from where, and what is kept of it.

Hosts are asked about in the same way as for enrichment, through the same doors, once from each
place; accounts and apps are not asked about here at all: their platforms' sources look them up, and
what those brought is taken from the casebook. Of a host the front page is looked at and, from each
place, what else is known of the case; see namaak.casework.followup.addresses. What came is recorded
every few cases: whoever stops it loses at most those, which are then asked about again.
May import: namaak.answers, namaak.brands, namaak.casework, namaak.decoding, namaak.enriching,
namaak.errors, namaak.evidence_store, namaak.fetch, namaak.pages_aside, namaak.practice,
namaak.records, namaak.resolving, namaak.settings, namaak.visible.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
)
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from namaak.answers import Answers
from namaak.brands import Brand, WatchFile
from namaak.casework.allowing import rules_that_hold
from namaak.casework.casebook import Casebook
from namaak.casework.checks import Told
from namaak.casework.followup.addresses import host_of, known_of
from namaak.casework.followup.aspects import OWN_KINDS
from namaak.casework.followup.diff import PAGES
from namaak.casework.followup.judging import Answer, is_ip_address
from namaak.casework.followup.reading import (
    Candidate,
    addresses_of,
    candidates,
    cases_at,
    last_looks,
)
from namaak.casework.followup.schedule import Pace, due_now
from namaak.casework.followup.seeing import Page, view_of_account, view_of_host
from namaak.casework.followup.views import Round, View
from namaak.casework.reading import open_snapshot
from namaak.enriching.findings import Aspect, Finding
from namaak.enriching.keeping import answers_of, keep
from namaak.errors import UsageError
from namaak.evidence_store import EvidenceStore
from namaak.pages_aside import PagesAside
from namaak.practice.vantages import HERE, credentials_of
from namaak.records import SubjectKind
from namaak.settings import Settings
from namaak.visible import visible

if TYPE_CHECKING:
    import duckdb

    from namaak.enriching import Enricher
    from namaak.fetch import Proxy

#: Cases between two times of recording: what a power cut would have asked again.
_RECORDED_EVERY = 50
#: What is the same from everywhere is asked from here alone.
_FROM_HERE = frozenset({Aspect.DNS, Aspect.RDAP, Aspect.NETWORK, Aspect.CERTIFICATE, Aspect.PAGE})
_FROM_ELSEWHERE = frozenset({Aspect.DNS, Aspect.PAGE})
#: For one host from one place, its front page among it; what is not asked by then cannot be told.
#: Not for people to set: of hosts that drip their answers, a run that is to end before the next one
#: begins an hour later can take no longer over each, however many addresses are known.
_SECONDS_A_HOST = 180.0
#: Bytes of answers that wait in memory to be kept together, which costs less than one by one.
_MOST_HELD = 32 << 20
_THIS_MACHINE = "this machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """From where hosts are looked at."""

    name: str
    resolvers: tuple[str, ...]
    proxy: str | None = None  #: by which pages are asked for; None: from this machine
    credentials: str | None = field(default=None, repr=False)  #: user:password of the proxy

    @property
    def names_by(self) -> str:
        """Who is asked for names, whatever the order."""
        return ", ".join(sorted(self.resolvers))

    @property
    def pages_by(self) -> str:
        """Whose address a page sees."""
        return self.proxy or _THIS_MACHINE

    def way_out(self) -> Proxy | None:
        """What makes the connections to pages; None: this machine."""
        if self.proxy is None:
            return None
        from namaak.fetch import Proxy

        return Proxy(vantage=self.name, url=self.proxy, credentials=self.credentials)

    @property
    def aspects(self) -> frozenset[Aspect]:
        """What is asked from there."""
        return _FROM_HERE if self.name == HERE else _FROM_ELSEWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """All that can be used, and a sentence for each that cannot."""

    usable: tuple[Place, ...]
    notes: tuple[str, ...]


#: Opens what asks from a place; see `enrichers`.
Opened = Callable[[Place], AbstractAsyncContextManager["Enricher"]]


def pace_of(watch: WatchFile) -> Pace:
    """How often to look, as the watch file has it."""
    table = watch.follow_up
    return Pace(
        first=timedelta(hours=table.first_hours),
        slowest=timedelta(days=table.slowest_days),
        resolved_after=timedelta(days=table.resolved_after_days),
    )


def places(watch: WatchFile, environ: Mapping[str, str]) -> Places:
    """Here, and the vantages that see names by servers of their own, or pages by a proxy.

    Raises UsageError where no resolver is named: nobody's is taken unasked.
    """
    here = watch.enrichment.resolvers
    if not here:
        raise UsageError(
            "Hosts can be looked at again only by name servers that you name: add resolvers = "
            '["127.0.0.1:53"] to the table [enrichment] of the watch file, for one on this machine.'
        )
    usable = [Place(name=HERE, resolvers=here)]
    notes = []
    for vantage in watch.vantages:
        place = Place(
            name=vantage.name,
            resolvers=vantage.resolvers or here,
            proxy=vantage.proxy,
            credentials=credentials_of(vantage, environ),
        )
        ways = {(other.names_by, other.pages_by) for other in usable}
        if (place.names_by, place.pages_by) in ways:
            notes.append(
                f"The vantage {vantage.name} asks the same resolvers as another place, by the same "
                "way, so it sees nothing of its own; name other resolvers or a proxy."
            )
        else:
            usable.append(place)
    if len(usable) < 2:
        notes.append(
            "Only one place looks, so no host will be called down: add a second one with resolvers "
            "of its own, or a proxy, as [[vantages]]."
        )
    elif len({place.pages_by for place in usable}) < 2:
        notes.append(
            "All places ask for pages from the address of this machine: what a page alone shows "
            "is told with that reservation; a proxy in [[vantages]] ends it."
        )
    return Places(usable=tuple(usable), notes=tuple(notes))


def check_is_on(settings: Settings, named: Sequence[str]) -> None:
    """Raises UsageError where the watch file has it off and nobody named a case."""
    if settings.watch.follow_up.enabled or named:
        return
    raise UsageError(
        f"Following is off in {settings.watch_path}, so nobody was asked anything; set "
        "`enabled = true` in its table [follow_up], or name the cases to look at once. "
        "`namaak recheck --dry-run` tells what would be asked of whom."
    )


def due_cases(
    settings: Settings, named: Sequence[str] = (), *, now: datetime, at_once: bool = False
) -> list[Candidate]:
    """Whom to look at now, in order. named: these, due or not. at_once: all that are followed.

    Raises UsageError for a case that is not there, or is a picture.
    """
    pace = pace_of(settings.watch)
    with open_snapshot(settings.casebook) as snapshot:
        found = candidates(snapshot, first=pace.first, cases=named)
        if named:
            if len(found) < len(set(named)) and not found:
                raise UsageError(
                    "A picture cannot be looked at again; name a host, account or app."
                )
        else:
            if at_once:
                found = [replace(one, due_at=None) for one in found]
            found = due_now(found, now=now, at_most=settings.watch.follow_up.cases_per_run)
        told = addresses_of(snapshot, [one.case_id for one in found])
        cases = cases_at(snapshot, [each for some in told.values() for each in some])
        allowed = _allowed(settings.watch, snapshot, now=now)
    owned = settings.watch.owned_domains
    return [
        replace(
            one,
            known=known_of(
                one.subject,
                told.get(one.case_id, ()),
                own={*owned, *allowed.get(one.brand_id, ())},
                cases=cases.get(one.brand_id, {}),
            ),
            showed=any(address.showed for address in told.get(one.case_id, ())),
        )
        for one in found
    ]


def _allowed(
    watch: WatchFile, snapshot: duckdb.DuckDBPyConnection, *, now: datetime
) -> dict[str, list[str]]:
    """brand_id -> domains that may bear it, by rules of the watch file and of the casebook."""
    today = now.astimezone(UTC).date()
    rules = {brand_id: [*brand.on(today).allow] for brand_id, brand in watch.brands.items()}
    for brand_id, some in rules_that_hold(snapshot, today=today).items():
        rules.setdefault(brand_id, []).extend(some)
    return {
        brand_id: [rule.asset for rule in some if ":" not in rule.asset]
        for brand_id, some in rules.items()
    }


def would_ask(candidate: Candidate, usable: Sequence[Place]) -> list[str]:
    """A line for each place: who is asked about the case."""
    if candidate.subject_kind is not SubjectKind.HOST:
        return ["nobody: what its platform's source last brought is taken"]
    lines = [
        f"{place.name}: resolvers {', '.join(place.resolvers)} for "
        f"{', '.join(sorted(map(str, place.aspects)))}, and the host itself for its page"
        + (f" by the proxy {place.proxy}" if place.proxy else "")
        for place in usable
    ]
    if candidate.known.urls:
        lines.append(f"each also for {', '.join(map(visible, candidate.known.urls))}")
    lines += [f"not for {count} that {why}" for why, count in candidate.known.left_out.items()]
    return lines


def enrichers(
    settings: Settings, brands: Mapping[str, Brand], *, clock: Callable[[], datetime]
) -> Opened:
    """Opens what asks from a place: a resolver and a door to the network of its own."""
    # The network libraries are loaded by whoever asks, not by whoever only reads.
    from namaak.decoding.workers import Decoders
    from namaak.enriching import Enricher
    from namaak.enriching.bootstrap import Bootstrap
    from namaak.fetch import Fetcher, Manners
    from namaak.resolving import Resolver

    # One for all places: a host is asked no faster because two of them ask.
    manners = Manners()

    @asynccontextmanager
    async def opened(place: Place) -> AsyncIterator[Enricher]:
        async with AsyncExitStack() as stack:
            decoders = stack.enter_context(Decoders())
            resolver = await stack.enter_async_context(Resolver(servers=place.resolvers))
            fetcher = await stack.enter_async_context(
                Fetcher(
                    contact=settings.watch.watch.contact,
                    manners=manners,
                    nameservers=place.resolvers,
                    proxy=place.way_out(),
                )
            )
            yield Enricher(
                resolver,
                fetcher,
                aspects=place.aspects,
                brands=brands,
                clock=clock,
                bootstrap=Bootstrap(settings.data / "rdap", clock=clock),
                decoders=decoders,
            )

    return opened


def recheck(
    wanted: Sequence[Candidate],
    settings: Settings,
    usable: Sequence[Place],
    opened: Opened,
    *,
    clock: Callable[[], datetime],
    told: Callable[[Sequence[Told]], None] = lambda _: None,
) -> list[Told]:
    """Look at these cases, in this order, and record what it comes to.

    told: called with what each few cases came to, once that is recorded. Raises LakeError and
    CasebookError where nothing can be kept, and an ExceptionGroup behind the rest for hosts at
    which something of ours broke.
    """
    pace, all_told = pace_of(settings.watch), list[Told]()
    faults: list[Exception] = []
    for some in _in_parts(wanted):
        hosts = [one for one in some if one.subject_kind is SubjectKind.HOST]
        now = clock()
        rounds = [_round_of_account(one, now) for one in some if one not in hosts]
        if hosts:
            judged = _Judged(hosts, usable, settings, now=now)
            in_flight = settings.watch.enrichment.in_flight
            faults += asyncio.run(_look(judged, usable, opened, in_flight=in_flight))
            rounds += judged.rounds()
        with Casebook.writing(
            working=settings.working_casebook, published=settings.casebook
        ) as book:
            some_told = book.record_checks(rounds, pace=pace, now=clock())
        told(some_told)
        all_told += some_told
    if faults:
        raise ExceptionGroup("hosts could not be looked at", faults)
    return all_told


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one place saw of one host: its findings, and those of each known address."""

    findings: Sequence[Finding]
    known: Mapping[str, Sequence[Finding]]


_Seen = Mapping[str, _Looked]  #: of one host, by place


async def _look(
    judged: _Judged, usable: Sequence[Place], opened: Opened, *, in_flight: int
) -> list[Exception]:
    """Ask about each host from all places at once, and judge it then; what broke on the way."""
    from namaak.enriching.enricher import in_turn

    async with AsyncExitStack() as stack:
        enrichers = {place.name: await stack.enter_async_context(opened(place)) for place in usable}

        async def ask(host: str) -> None:
            # Judged at once, and then forgotten: pages of many hosts would fill the memory.
            with PagesAside(judged.scratch) as aside:
                asked = await asyncio.gather(
                    *(
                        _from_one(enricher, host, judged.urls[host], aside)
                        for enricher in enrichers.values()
                    ),
                    return_exceptions=True,
                )
                seen = dict(zip(enrichers, map(_unbroken, asked), strict=True))
                judged.judge(host, seen, aside)

        try:
            async with aclosing(in_turn(judged.urls, ask, in_flight)) as coming:
                async for _ in coming:
                    pass
        except ExceptionGroup as group:
            return [group]
    return []


async def _from_one(
    enricher: Enricher, host: str, urls: Iterable[str], aside: PagesAside
) -> _Looked:
    until = asyncio.get_running_loop().time() + _SECONDS_A_HOST
    findings = await enricher.enrich(host)
    return _Looked(findings, await enricher.ask_known(findings, urls, until=until, aside=aside.put))


def _unbroken(looked: _Looked | BaseException) -> _Looked:
    if isinstance(looked, BaseException):
        raise looked
    return looked


class _Judged:
    """Rounds of hosts that every place looked at, their answers and pages stored first."""

    def __init__(
        self, hosts: Sequence[Candidate], usable: Sequence[Place], settings: Settings,
        *, now: datetime,
    ) -> None:  # fmt: skip
        self._hosts = hosts
        self._usable = usable
        self._settings = settings
        self._now = now
        self._evidence = EvidenceStore(settings.evidence)
        self._known = _known_before(hosts, settings)
        self._rounds: dict[str, Round] = {}
        self._answers: list[Finding] = []
        self.scratch = settings.data
        self.urls: dict[str, dict[str, None]] = {}  #: of each host, known addresses
        for one in hosts:
            self.urls.setdefault(one.subject, {}).update(dict.fromkeys(one.known.urls))

    def judge(self, host: str, seen: _Seen, aside: PagesAside) -> None:
        """Every case of a host, by what each place saw of it."""
        for one in self._hosts:
            if one.subject == host:
                self._rounds[one.case_id] = self._round(one, seen, aside)
        self._answers += seen[HERE].findings
        held = (len(answer.content) for answer in answers_of(self._answers))
        if sum(held) > _MOST_HELD:
            self._keep_answers()

    def rounds(self) -> list[Round]:
        """In the order of the cases."""
        self._keep_answers()
        return [self._rounds[one.case_id] for one in self._hosts if one.case_id in self._rounds]

    def _keep_answers(self) -> None:
        # As if enrichment had asked: it need not ask again, and ranking weighs it next time.
        with Answers(self._settings.lake) as answers:
            keep(self._answers, answers, at=self._now)
        self._answers = []

    def _round(self, one: Candidate, seen: _Seen, aside: PagesAside) -> Round:
        known = self._known.get(one.case_id, {})
        showed = one.showed or _showed_a_page((*one.baseline.values(), *known.values()))
        views = []
        for place in self._usable:
            view = _view(one, place, seen, showed=showed)
            if view.content_sha256 is not None:
                self._evidence.keep(_content(view.content_sha256, seen[place.name], aside))
            views.append(view)
        return Round(case_id=one.case_id, checked_at=self._now, views=tuple(views), known=known)


def _view(one: Candidate, place: Place, seen: _Seen, *, showed: bool) -> View:
    """What one place saw."""
    here, there = seen[HERE], seen[place.name]
    answers = _answers(there.findings, here.findings)
    known = {}
    for url in one.known.urls:
        if (findings := there.known.get(url)) is None:
            continue
        own = _answers(findings, here.known.get(url, ()))
        elsewhere = next((f.host for f in findings if f.aspect is Aspect.DNS), None)
        if elsewhere is None and is_ip_address(host := host_of(url) or ""):
            elsewhere = host
        known[url] = Page(
            page=own.pop(str(Aspect.PAGE), None),
            host=elsewhere,
            names=own if elsewhere else {},
            sha256=_sha256_of(findings),
        )
    view = view_of_host(
        answers,
        host=one.subject,
        vantage=place.name,
        showed_a_page=showed,
        front_sha256=_sha256_of(there.findings),
        known=known,
        left_out=one.known.not_looked_at,
        missed=one.known.missed,
    )
    return replace(view, names_by=place.names_by, pages_by=place.pages_by)


def _answers(findings: Iterable[Finding], here: Iterable[Finding]) -> dict[str, Answer]:
    """By aspect. here: of the same, as seen from here."""
    answers = {str(f.aspect): Answer(str(f.outcome), f.facts) for f in findings}
    # The registry's word is the same everywhere: asked once, it counts for every place.
    for finding in here:
        if finding.aspect is Aspect.RDAP:
            answers.setdefault(str(finding.aspect), Answer(str(finding.outcome), finding.facts))
    return answers


def _sha256_of(findings: Iterable[Finding]) -> str | None:
    """Of the page among them as it came; None where none came."""
    pages = (finding for finding in findings if finding.aspect is Aspect.PAGE)
    return next((page.facts.get("html_sha256") for page in pages), None)


def _content(sha256: str, looked: _Looked, aside: PagesAside) -> bytes:
    """Of the front page, which stays in memory until its answers are kept, or of another one."""
    for finding in looked.findings:
        page = finding.raw if finding.aspect is Aspect.PAGE else None
        if page is not None and finding.raw_sha256 == sha256:
            return page
    content = aside.get(sha256)
    assert content is not None, "every page that has a digest was put aside"
    return content


def _showed_a_page(aspects: Iterable[Mapping[str, Any]]) -> bool:
    return any(
        page.get("kind") in OWN_KINDS
        for one in aspects
        for page in (one, *one.get(PAGES, {}).values())
    )


def _known_before(
    hosts: Sequence[Candidate], settings: Settings
) -> dict[str, dict[str, dict[str, Any]]]:
    """What enrichment knew of hosts that no check has looked at: with that the first is compared.

    What it says today about a page that is gone by now is the only word that it was ever there.
    """
    first = [one for one in hosts if not one.baseline]
    known: dict[str, dict[str, dict[str, Any]]] = {}
    if not first:
        return known
    with open_snapshot(settings.casebook) as snapshot:
        for one in first:
            answers = {
                row["aspect"]: Answer(row["outcome"], row["facts"])
                for row in last_looks(snapshot, one.subject_key)
            }
            view = view_of_host(answers, host=one.subject, vantage=HERE, showed_a_page=False)
            if view.aspects:
                known[one.case_id] = {HERE: dict(view.aspects)}
    return known


def _round_of_account(one: Candidate, now: datetime) -> Round:
    """What its platform's source brought, at the time when the platform showed it."""
    seen_at = one.profile["profile_seen_at"] if one.profile else None
    newer = seen_at is not None and (one.last_told_at is None or seen_at > one.last_told_at)
    view = view_of_account(one.profile, newer=newer)
    at = seen_at if newer and seen_at is not None else now
    return Round(case_id=one.case_id, checked_at=at, views=(view,))


def _in_parts(wanted: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    rest = iter(wanted)
    while some := list(islice(rest, _RECORDED_EVERY)):
        yield some
