"""Accounts of the fediverse, asked of servers that speak Mastodon's API.

There is no search of all servers: each knows its own accounts and those of others that somebody on
it has met. So a list of servers is watched, and what each tells of its own accounts counts for more
than what it has heard of others'. What is a case elsewhere is looked at where it lives, but whoever
runs a server that nobody chose may be the impostor: what it says is a claim, and its silence none.
An account is its ActivityPub actor, so that one seen by several
servers stays one. The directory of newest accounts is read for those that wear a logo without the
name; it lists only who agreed to be listed.
API: docs.joinmastodon.org/methods (search, directory, accounts, instance), read 2026.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, FetchError, Limits, Rate, Reply
from namaak.records import SubjectKind, SubjectState
from namaak.sources.base import Known, Surroundings
from namaak.sources.mastodon_.accounts import read_account
from namaak.sources.mastodon_.examples import EXAMPLES
from namaak.sources.mastodon_.servers import (
    About,
    AboutFile,
    base_of,
    host_of,
    is_private,
    read_about,
    rest_s,
    tokens_of,
    watched_share,
    whereabouts,
)
from namaak.sources.mastodon_.strangers import SECONDS, few
from namaak.sources.profiles.answers import entries, parse_answer, profiles
from namaak.sources.profiles.pictures import PICTURE_S, is_spent
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, searches

TOKENS = "MASTODON_TOKENS"
_LIMITS = Limits(max_bytes=4 << 20)
#: Servers allow 300 requests in five minutes from one address.
_RATE = Rate(per_second=0.8, burst=4)
_SEARCH_ROWS = 40
_LISTED_ROWS = 80
_ABSENT = (404, 410)
#: The question that asks a server about itself.
_ITSELF = "what the server says of itself"

Server = Annotated[
    str,
    StringConstraints(
        to_lower=True,
        pattern=r"^(?:https?://)?[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?$",
    ),
]
#: Large servers that take part in the network at large, in several languages.
_SERVERS = (
    *("mastodon.social", "mastodon.online", "mstdn.social", "mastodon.world", "mas.to"),
    *("hachyderm.io", "infosec.exchange", "fosstodon.org", "techhub.social", "universeodon.com"),
    *("mastodonapp.uk", "mstdn.ca", "aus.social", "mastodon.nl", "troet.cafe", "norden.social"),
    *("piaille.fr", "masto.es", "mastodon.uno", "mstdn.jp", "pawoo.net"),
)


class MastodonConfig(PolledConfig):
    """`[sources.mastodon]`."""

    #: Host names, or base addresses; each is asked by itself.
    servers: Annotated[tuple[Server, ...], Field(max_length=500)] = _SERVERS
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 10  #: a brand and server
    directory: bool = True  #: read the newest accounts of each server


class Mastodon(PolledSource[MastodonConfig]):
    """Accounts of watched servers, and what these know of others."""

    name = "mastodon"
    platform = "mastodon"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "each server's own; public interfaces, at most 300 requests in five minutes"
    auth = TOKENS
    budget = "0.8 requests a second and server; a brand: a search and ten look-ups on each server"
    cursor = "the offset in a server's search or directory; rounds of questions, one a day"
    Config = MastodonConfig
    ways = (Way.SEARCH, Way.PROBE, Way.LISTING, Way.KNOWN)
    examples = EXAMPLES

    def __init__(self, config: MastodonConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._servers = tuple(dict.fromkeys(map(base_of, config.servers)))
        self._tokens, self._misread = tokens_of(around.environ.get(TOKENS, ""))
        self._about: dict[str, About | None] = {}
        self._about_file = AboutFile(around.state_folder / "servers.json")
        for server in self._servers:
            around.manners.set_rate(host_of(server), _RATE)

    def reads_anything(self) -> bool:
        """Not where no server is named."""
        return bool(self._servers)

    def faults(self) -> Iterator[str]:
        """Tokens that cannot be read, that nobody is asked with, or that all could read."""
        if self._misread:
            yield (
                f"servers: {TOKENS} has {self._misread} parts that are not host=token; "
                "mend it, with commas between them"
            )
        hosts = {host_of(server) for server in self._servers}
        for host in sorted(set(self._tokens) - hosts):
            yield f"servers: {TOKENS} has a token for {host}, which is no server here; add it"
        for server in self._servers:
            if host_of(server) in self._tokens and not is_private(server):
                yield f"servers: the token of {server} is not sent over http; write https://"

    def quota(self) -> str | None:
        """How much of the network is watched."""
        return watched_share(len(self._servers), self._about_file.read())

    def instances(self) -> Iterator[Asked]:
        """One for each way and server; what is a case is asked where it lives.

        Servers that are not watched are one together: their number is anybody's to choose.
        """
        for server in self._servers:
            for way in (Way.SEARCH, Way.PROBE, Way.LISTING):
                instance = self._instance(way, server)
                if self.questions(instance):
                    yield instance
        homes = {home for home, _, _ in self._homes()}
        for server in sorted(homes.intersection(self._servers)):
            yield self._instance(Way.KNOWN, server)
        if homes.difference(self._servers):
            label = "mastodon known, at servers that are not watched"
            yield replace(self.instance(Way.KNOWN), label=label)

    def _instance(self, way: Way, server: str) -> Asked:
        return self.instance(way, server.removeprefix("https://"))

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.SEARCH:
            return [
                Question(way=Way.SEARCH, texts=(name,)) for name in searches(self.around.brands)
            ]
        if instance.way is Way.PROBE:
            if not self.config.probes:
                return []
            handles = probes(self.around.brands, platform="mastodon", most=self.config.probes)
            return [Question(way=Way.PROBE, texts=(handle,)) for handle in handles]
        if instance.way is Way.LISTING:
            if not self.config.directory:
                return []
            return [
                Question(way=Way.LISTING, texts=(_ITSELF,)),
                Question(way=Way.LISTING, texts=()),
            ]
        here = None if _is_strange(instance) else base_of(instance.server)
        return [
            Question(way=Way.KNOWN, texts=(name,), known=(known,), where=host_of(home))
            for home, name, known in self._homes()
            if (home == here if here else home not in self._servers)
        ]

    def chosen(
        self, instance: Asked, waiting: Sequence[Question]
    ) -> tuple[Sequence[Question], str | None]:
        """See `PolledSource.chosen`."""
        return few(waiting) if _is_strange(instance) else super().chosen(instance, waiting)

    def rounds_in_full(self, instance: Asked) -> bool:
        """See `PolledSource.rounds_in_full`."""
        return not _is_strange(instance)

    def picture_s(self, instance: Asked) -> float:
        """See `PolledSource.picture_s`."""
        return SECONDS if _is_strange(instance) else PICTURE_S

    def _homes(self) -> Iterator[tuple[str, str, Known]]:
        """Base address of its own server, its name there, and the account itself."""
        watched = {host_of(server): server for server in self._servers}
        for known in sorted(self.around.known("mastodon"), key=lambda one: one.subject_key):
            if (place := whereabouts(known.native_id, known.handle)) is not None:
                host, name = place
                yield watched.get(host, f"https://{host}"), name, known

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        if _is_strange(instance):
            return await self._look_at_a_stranger(fetch, question)
        server = base_of(instance.server)
        offset = int(cursor or 0)
        if question.way is Way.SEARCH:
            return await self._search(fetch, server, question, offset)
        if question.way is Way.PROBE:
            return await self._probe(fetch, server, question)
        if question.way is Way.KNOWN:
            return await self._look_again(fetch, server, question)
        if question.texts:
            about = await self._itself(fetch, server, again=True)
            if about is not None:
                self._about_file.keep(host_of(server), about)
            return Page(entries=())
        return await self._listed(fetch, server, question, offset)

    async def _search(self, fetch: Fetcher, server: str, question: Question, offset: int) -> Page:
        asked = {
            "q": question.texts[0],
            "type": "accounts",
            "limit": str(_SEARCH_ROWS),
            "resolve": "false",
        }
        has_token = self._token(server) is not None
        if has_token:
            # Without one, a server refuses to page at all.
            asked["offset"] = str(offset)
        reply = await self._get(fetch, server, f"/api/v2/search?{urlencode(asked)}")
        rows = entries(
            self._parsed(reply, server, question), "accounts", who=server, where=str(question)
        )
        found = await self._profiles(fetch, server, rows)
        if len(rows) < _SEARCH_ROWS:
            return Page(entries=found)
        if has_token:
            return Page(entries=found, next=str(offset + len(rows)))
        why = (
            f"{question}: {host_of(server)} shows the first {len(rows)} accounts only without a "
            f"token; put one into {TOKENS} for the rest"
        )
        return Page(entries=(*found, Refused(reason=why)))

    async def _listed(self, fetch: Fetcher, server: str, question: Question, offset: int) -> Page:
        asked = {"order": "new", "local": "true", "limit": str(_LISTED_ROWS), "offset": str(offset)}
        reply = await self._get(fetch, server, f"/api/v1/directory?{urlencode(asked)}")
        rows = entries(self._parsed(reply, server, question), who=server, where=str(question))
        # Some give fewer at once than is asked for: only an empty page is the last.
        return Page(
            entries=await self._profiles(fetch, server, rows),
            next=str(offset + len(rows)) if rows else None,
        )

    async def _probe(self, fetch: Fetcher, server: str, question: Question) -> Page:
        row = await self._looked_up(fetch, server, question)
        return Page(entries=() if row is None else await self._profiles(fetch, server, [row]))

    async def _look_again(self, fetch: Fetcher, server: str, question: Question) -> Page:
        (known,) = question.known
        gone = Profile(native_id=known.native_id, handle=known.handle, state=SubjectState.REMOVED)
        row = await self._looked_up(fetch, server, question)
        if row is None:
            # Only who speaks this API can say that an account is not there.
            if await self._itself(fetch, server) is None:
                raise SourceError(
                    f"{host_of(server)} does not say what it is, so that its silence about "
                    f"{question.texts[0]!r} is no answer; look at the account itself."
                )
            return Page(entries=(gone,))
        found = await self._profiles(fetch, server, [row])
        told = found[0]
        if isinstance(told, Profile) and known.native_id not in (None, told.native_id):
            # Names do not wander on a server: who bore it is no more.
            return Page(entries=(gone, told))
        return Page(entries=found)

    async def _look_at_a_stranger(self, fetch: Fetcher, question: Question) -> Page:
        """What a server that nobody watches claims of an account of its own; once a round."""
        server, (known,) = f"https://{question.where}", question.known
        try:
            row = await self._looked_up(fetch, server, question, within_s=SECONDS)
        except SourceError as error:
            if isinstance(error, FetchError) and is_spent(error):
                raise
            # One that fails must end nothing for all others, and is not asked twice.
            return Page(
                entries=(Refused(reason=f"{question}: gave no answer", excerpt=str(error)),)
            )
        if row is None:
            why = (
                f"{question}: it says that there is no such account, which is believed of watched "
                "servers only; look at it, or add its server to `servers`"
            )
            return Page(entries=(Refused(reason=why),))
        domain = _domain_of(known.handle, question.where)
        return Page(
            entries=profiles(
                [row],
                lambda row: read_account(row, host=question.where, domain=domain, watched=False),
            )
        )

    async def _looked_up(
        self, fetch: Fetcher, server: str, question: Question, *, within_s: float | None = None
    ) -> Mapping[str, Any] | None:
        """within_s: instead of the usual time, and then only once."""
        path = f"/api/v1/accounts/lookup?acct={quote(question.texts[0], safe='')}"
        try:
            reply = await self._get(fetch, server, path, absent=_ABSENT, within_s=within_s)
        except FetchError as error:
            if error.failure is Failure.EXPECTED_ABSENT:
                return None
            raise
        row = self._parsed(reply, server, question)
        if not isinstance(row, dict):
            raise SourceError(
                f"{host_of(server)} answered {question} with JSON of another shape; nothing was "
                "taken from it."
            )
        return row

    async def _profiles(
        self, fetch: Fetcher, server: str, rows: Sequence[Any]
    ) -> tuple[Profile | Refused, ...]:
        about = await self._itself(fetch, server) if rows else None
        domain = about.domain if about else host_of(server)
        return profiles(
            rows,
            lambda row: read_account(row, host=host_of(server), domain=domain, watched=True),
        )

    async def _itself(self, fetch: Fetcher, server: str, *, again: bool = False) -> About | None:
        """None where the server does not say. Asked once as long as this source is open."""
        if server in self._about and not again:
            return self._about[server]
        try:
            reply = await self._get(fetch, server, "/api/v1/instance", absent=(401, 403, *_ABSENT))
        except FetchError as error:
            if error.failure is not Failure.EXPECTED_ABSENT:
                raise
            about = None
        else:
            where = "what it is"
            answer = parse_answer(reply.body, who=host_of(server), where=where)
            about = read_about(answer, host_of(server))
        self._about[server] = about
        return about

    async def _get(
        self,
        fetch: Fetcher,
        server: str,
        path: str,
        *,
        absent: Sequence[int] = (),
        within_s: float | None = None,
    ) -> Reply:
        host = host_of(server)
        headers = {"Accept": "application/json"}
        if (token := self._token(server)) is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            # A token must reach nobody else, and elsewhere the accounts are others.
            reply = await fetch.get(
                f"{server}{path}",
                limits=_LIMITS,
                headers=headers,
                redirects=0,
                absent=absent,
                retries=None if within_s is None else 0,
                deadline_s=within_s,
            )
        except FetchError as error:
            if error.failure is not Failure.AUTH:
                raise
            has = "does not take its token" if token else "says nothing without a token"
            raise SourceError(
                f"{host} {has} (status {error.status}); put a valid one into {TOKENS} as "
                f"{host}=..., or take the server out of `servers`.",
                Failure.AUTH,
            ) from error
        if rest := rest_s(reply):
            self.around.manners.slow_down(host, rest)
        return reply

    def _token(self, server: str) -> str | None:
        return self._tokens.get(host_of(server)) if is_private(server) else None

    def _parsed(self, reply: Reply, server: str, question: Question) -> Any:
        return parse_answer(reply.body, who=host_of(server), where=str(question))


def _is_strange(instance: Asked) -> bool:
    """Whether it is the one of all servers that are not watched."""
    return not instance.server


def _domain_of(handle: str | None, host: str) -> str:
    """Behind the "@" of a server's accounts, as the handle that is known writes it."""
    domain = (handle or "").rpartition("@")[2].lower()
    return domain if "." in domain and f".{host}".endswith(f".{domain}") else host
