"""GitHub: users and organisations by name, by login, and again by their numeric id.

A search shows of an account little more than its login, so the account itself is asked for too,
within `details_per_run`, and not again for a week. A search ends after a thousand hits, whatever it
counted: one that counts more is asked again by the day on which accounts were made, the newest
first, in stretches short enough to be shown whole.

An account that GitHub hides for abuse answers like one that was deleted: both are `removed`.
API: docs.github.com/rest, version 2022-11-28: search, users, orgs.
May import: namaak.durable, namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field, StringConstraints

from namaak import durable
from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Rate, Reply
from namaak.records import Flag, SubjectKind, SubjectState, Verified
from namaak.sources.base import RECORDED, Example, Known, Served, Surroundings, excerpt
from namaak.sources.profiles.answers import (
    as_raw,
    count_of,
    entries,
    id_of,
    moment_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, known_in_calls, searches

PLATFORM = "github"
TOKEN = "GITHUB_TOKEN"  # noqa: S105 - the name of the variable, not the token
_LIMITS = Limits(max_bytes=4 << 20)
#: 5,000 an hour; searches have a limit of their own, which their answers tell.
_RATE = Rate(per_second=1.3, burst=5)
#: Longer than a pause for searches, which is a minute at most.
_DEADLINE_S = 90.0
_LONGEST_PAUSE_S = 61.0
_PER_PAGE = 100
#: What a search shows at most, however many it counts.
_SHOWN = 1_000
#: Before the first account was made.
_FIRST_DAY = date(2007, 10, 1)
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,100}")
_PLACE = re.compile(r"(?:(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d))?:(\d{1,2})")
_Count = Annotated[int, Field(strict=True, ge=1)]


class GitHubConfig(PolledConfig):
    """`[sources.github]`."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = (
        "https://api.github.com"
    )
    pages_per_run: Annotated[_Count, Field(le=1_000_000)] = 1_000
    pages_per_question: Annotated[_Count, Field(le=10_000)] = 30
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 60  #: logins of each brand
    details_per_run: Annotated[int, Field(strict=True, ge=0)] = 500  #: accounts of searches
    details_again_days: Annotated[float, Field(ge=0, le=365)] = 7.0


class GitHub(PolledSource[GitHubConfig]):
    """Users and organisations, from GitHub."""

    name = "github"
    platform = PLATFORM
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "GitHub's terms for its API: no spam, no selling of personal data"
    auth = TOKEN
    budget = "5,000 requests an hour and 30 searches a minute with a free token"
    cursor = "the page of a search, and the days on which its accounts were made"
    ways = (Way.KNOWN, Way.PROBE, Way.SEARCH)
    pictures_change = True
    Config = GitHubConfig

    def __init__(self, config: GitHubConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._host = urlsplit(config.url).hostname or ""
        around.manners.set_rate(self._host, _RATE)
        self._details = _Details(
            around.state_folder / "details.json", days=config.details_again_days
        )

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if self._token():
            return None
        return f"{TOKEN} is not set; make a token without any rights, or drop the table."

    def faults(self) -> Iterator[str]:
        """A token that others could read on its way."""
        if self._token() and not self._is_private():
            yield f"url: {TOKEN} is not sent over http; write https://"

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.SEARCH:
            return [Question(way=Way.SEARCH, texts=(text,)) for text in self._searched()]
        if instance.way is Way.KNOWN:
            return list(known_in_calls(self.around.known(PLATFORM), 1))
        if not self.config.probes:
            return []
        year = self.around.now().year
        logins = probes(self.around.brands, platform=PLATFORM, most=self.config.probes, year=year)
        return [Question(way=Way.PROBE, texts=(login,)) for login in logins]

    def _searched(self) -> Iterator[str]:
        """Names, and names written as one word where they are several: a login has no blanks."""
        seen: set[str] = set()
        for name in searches(self.around.brands):
            # Whatever else a name holds would be read as a part of the query language.
            words = re.sub(r"[^\w-]+", " ", name).strip()
            for text in (words, words.replace(" ", "")):
                if text and text.casefold() not in seen:
                    seen.add(text.casefold())
                    yield text

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        if question.way is Way.SEARCH:
            return await self._search(fetch, question, _Place.read(cursor))
        known = question.known[0] if question.known else None
        by_id = known is not None and known.native_id is not None
        asked = question.texts[0]
        if by_id and not (asked.isascii() and asked.isdecimal()):
            return Page(entries=(Refused(reason="native id: is none of GitHub's", excerpt=asked),))
        if not (by_id or _LOGIN.fullmatch(asked)):
            return Page(entries=(Refused(reason="login: is none of GitHub's", excerpt=asked),))
        path = f"user/{asked}" if by_id else f"users/{quote(asked, safe='')}"
        row = await self._account(fetch, path, str(question))
        if row is None:
            return Page(entries=() if known is None else (_removed(known),))
        if by_id and id_of(row, "id") != asked:
            raise SourceError(
                f"GitHub answered {question} with another account; nothing was taken from it."
            )
        return Page(entries=profiles([row], _profile))

    # Searches

    async def _search(self, fetch: Fetcher, question: Question, place: _Place) -> Page:
        self._details.store()
        where = str(question)
        asked = {
            "q": f"{question.texts[0]} in:login in:name{place.created}",
            # The newest first; and no hit moves from one page to another meanwhile.
            "sort": "joined",
            "order": "desc",
            "per_page": str(_PER_PAGE),
            "page": str(place.page),
        }
        reply = await self._get(fetch, f"search/users?{urlencode(asked)}", where)
        if reply.status == 404:
            raise SourceError(f"GitHub says that there is nothing to ask for {where}.")
        self._mind_searches(reply)
        answer = parse_answer(reply.body, who="GitHub", where=where)
        rows = entries(answer, "items", who="GitHub", where=where)
        total = count_of(answer, "total_count")
        if total is None:
            raise SourceError(f"GitHub does not say how many hits {where} has.")
        told: list[Refused] = []
        if answer.get("incomplete_results") is True:
            told.append(
                Refused(reason=f"{question}: GitHub ran out of time; some hits are missing")
            )
        following, cut = place.following(total, self.around.now().date())
        if cut:
            told.append(
                Refused(
                    reason=f"{question}: shows {_SHOWN:,} of {total:,} accounts{place.created}; "
                    "the rest is not known"
                )
            )
        splits = following is not None and following.page == 1 and total > _SHOWN and not cut
        full = rows if splits else [await self._detailed(fetch, row, where, told) for row in rows]
        return Page(
            entries=(*profiles(full, _profile), *told),
            next=None if following is None else str(following),
        )

    async def _detailed(self, fetch: Fetcher, row: Any, where: str, told: list[Refused]) -> Any:
        """The account behind a hit, or the hit itself where there is no more to be had now."""
        native_id = id_of(row, "id") if isinstance(row, dict) else None
        if native_id is None:
            return row
        if (had := self._details.had(native_id)) is not None:
            return had
        login = text_of(row, "login") or ""
        today = self.around.now().date()
        if not (_LOGIN.fullmatch(login) and self._details.wants(native_id, today)):
            return row
        if self._details.asked >= self.config.details_per_run:
            return row
        self._details.asked += 1
        try:
            full = await self._account(fetch, f"users/{quote(login, safe='')}", where)
        except SourceError as error:
            if error.failure in (Failure.AUTH, Failure.THROTTLED, Failure.POLICY):
                raise
            told.append(Refused(reason=f"{where}: no details", excerpt=str(error)))
            return row
        # The login may have changed hands since the search was made.
        if full is None or id_of(full, "id") != native_id:
            return row
        self._details.keep(native_id, full, today)
        return full

    async def _account(self, fetch: Fetcher, path: str, where: str) -> dict[str, Any] | None:
        """What GitHub tells of one account; of an organisation, what it calls itself too."""
        row = await self._object(fetch, path, where)
        login = text_of(row, "login") if row else None
        if row is None or row.get("type") != "Organization" or not _LOGIN.fullmatch(login or ""):
            return row
        # Only there it says whether the domain of an organisation is proved.
        more = await self._object(fetch, f"orgs/{quote(login or '', safe='')}", where)
        return row if more is None or more.get("id") != row.get("id") else {**row, **more}

    async def _object(self, fetch: Fetcher, path: str, where: str) -> dict[str, Any] | None:
        reply = await self._get(fetch, path, where)
        answer = parse_answer(reply.body, who="GitHub", where=where)
        if not isinstance(answer, dict):
            raise SourceError(
                f"GitHub answered {where} with JSON of another shape; nothing was taken from it."
            )
        if reply.status == 404:
            # Any server on the way can say 404; only GitHub's own word counts.
            if answer.get("message") != "Not Found":
                raise SourceError(f"Something else than GitHub answered {where} with status 404.")
            return None
        return answer

    async def _get(self, fetch: Fetcher, path: str, where: str) -> Reply:
        """An answer, or the 404 that stands for one. Raises SourceError."""
        if not self._is_private():
            raise SourceError(
                f"{TOKEN} is not sent over http; write https:// as `url` of [sources.github].",
                Failure.POLICY,
            )
        # The token must reach nobody else: whoever redirects gets no second request.
        reply = await fetch.get(
            f"{self.config.url}/{path}",
            limits=_LIMITS,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token()}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            redirects=0,
            deadline_s=_DEADLINE_S,
            any_status=True,
        )
        if reply.status not in (200, 404):
            raise _refusal(reply, where, self.around.now())
        return reply

    def _mind_searches(self, reply: Reply) -> None:
        """Thirty a minute: after the last of them nothing is asked until the minute is over."""
        if reply.headers.get("X-RateLimit-Remaining") == "0":
            pause = _seconds_until_reset(reply, self.around.now())
            if pause is not None and 0 < pause <= _LONGEST_PAUSE_S:
                self.around.manners.slow_down(self._host, pause)

    # The token

    def _token(self) -> str:
        return self.around.environ.get(TOKEN, "").strip()

    def _is_private(self) -> bool:
        """Whether nobody on the way can read the token: by TLS, or because there is no way."""
        parts = urlsplit(self.config.url)
        return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A page of the accounts made on some days, both included; of all of them without days.

    >>> str(_Place.read("2026-01-01..2026-02-01:3"))
    '2026-01-01..2026-02-01:3'
    """

    since: date | None = None
    until: date | None = None
    page: int = 1

    @classmethod
    def read(cls, cursor: str | None) -> _Place:
        """A cursor that an earlier page gave, or the beginning."""
        found = _PLACE.fullmatch(cursor or ":1")
        if found is None:
            return cls()
        since, until = (day and date.fromisoformat(day) for day in found.group(1, 2))
        return cls(since=since or None, until=until or None, page=int(found[3]))

    def __str__(self) -> str:
        days = f"{self.since}..{self.until}" if self.since else ""
        return f"{days}:{self.page}"

    @property
    def created(self) -> str:
        """The part of the query that says so."""
        return f" created:{self.since}..{self.until}" if self.since else ""

    def following(self, total: int, today: date) -> tuple[_Place | None, bool]:
        """Where to go on when so many were counted, and whether some will never be shown."""
        last = -(-min(total, _SHOWN) // _PER_PAGE)
        since, until = self.since or _FIRST_DAY, self.until or today + timedelta(days=1)
        days = (until - since).days
        if total > _SHOWN and self.page == 1 and days > 0:
            # The newest half of these days; the other half comes when that one is done.
            return _Place(since=until - timedelta(days=days // 2), until=until), False
        cut = total > _SHOWN and self.page == 1
        if self.page < last:
            return _Place(since=self.since, until=self.until, page=self.page + 1), cut
        if self.since is None or since <= _FIRST_DAY:
            return None, cut
        # Longer stretches again: accounts are made at an uneven pace.
        before = since - timedelta(days=1)
        return (
            _Place(since=max(_FIRST_DAY, before - timedelta(days=2 * days + 1)), until=before),
            cut,
        )


class _Details:
    """The accounts that were asked for one by one, and when; kept in a small file."""

    def __init__(self, path: Path, *, days: float) -> None:
        self._path = path
        self._lasts = timedelta(days=days)
        self._on: dict[str, str] | None = None
        self._new: dict[str, str] = {}
        self._rows: dict[str, Any] = {}
        self.asked = 0  #: in this run

    def had(self, native_id: str) -> Any:
        """What this run was told of it already: said again, it must not say less."""
        return self._rows.get(native_id)

    def wants(self, native_id: str, today: date) -> bool:
        """Whether it was not asked for lately."""
        on = self._read().get(native_id)
        return on is None or not timedelta() <= today - date.fromisoformat(on) < self._lasts

    def keep(self, native_id: str, row: Any, today: date) -> None:
        self._rows[native_id] = row
        self._new[native_id] = today.isoformat()

    def store(self) -> None:
        """Remember those of the pages before this one: they are in the lake by now."""
        if not self._new:
            return
        latest = date.fromisoformat(max(self._new.values()))
        kept = {**self._read(), **self._new}
        self._on = {
            native_id: on
            for native_id, on in kept.items()
            if latest - date.fromisoformat(on) <= self._lasts
        }
        self._new = {}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = json.dumps(self._on).encode()
        durable.replace(self._path, lambda path: durable.write_bytes(path, written))

    def _read(self) -> dict[str, str]:
        """Ids, and the day on which each was asked for."""
        if self._on is None:
            try:
                self._on = json.loads(self._path.read_bytes())
            except (FileNotFoundError, ValueError):
                # A damaged file costs no more than asking again.
                self._on = {}
        return self._on


def _refusal(reply: Reply, where: str, now: datetime) -> SourceError:
    said = _message(reply.body)
    told = f"status {reply.status}: {said}" if said else f"status {reply.status}"
    retry_after = reply.headers.get("Retry-After")
    spent = reply.headers.get("X-RateLimit-Remaining") == "0"
    limited = retry_after is not None or spent or "rate limit" in said.lower()
    if reply.status == 429 or (reply.status == 403 and limited):
        pause = _seconds_until_reset(reply, now) if spent else None
        if pause is None and retry_after and retry_after.isascii() and retry_after.isdecimal():
            pause = float(retry_after[:6])
        when = f" in {max(1, round(pause / 60)):,} min" if pause is not None else " within the hour"
        return SourceError(
            f"GitHub answers no more questions for now ({told}); its limit is renewed{when}, and "
            "the next run goes on where this one stopped.",
            Failure.THROTTLED,
        )
    if reply.status in (401, 403):
        return SourceError(
            f"GitHub refuses the token in {TOKEN} ({told}); check that it is valid and not "
            "expired.",
            Failure.AUTH,
        )
    if reply.status >= 500:
        return SourceError(
            f"GitHub cannot answer {where} now ({told}); the next run asks again.",
            Failure.TRANSIENT,
        )
    return SourceError(f"GitHub refuses to answer {where} ({told}); nothing was taken.")


def _message(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return excerpt((text_of(answer, "message") if isinstance(answer, dict) else None) or "")


def _seconds_until_reset(reply: Reply, now: datetime) -> float | None:
    reset = moment_of({"at": count_of(reply.headers, "X-RateLimit-Reset")}, "at")
    return None if reset is None else max(0.0, (reset - now.astimezone(UTC)).total_seconds())


def _profile(row: Mapping[str, Any]) -> Profile:
    native_id = id_of(row, "id")
    if native_id is None:
        raise ValueError("account: has no id")
    bio = text_of(row, "bio", "description")
    blog, mail, other = (text_of(row, name) for name in ("blog", "email", "twitter_username"))
    links = [*(links_in(blog) or (blog,))] if blog else []
    links += links_in(bio) if bio else ()
    # A name as this platform lets anybody write it; what is no name there leads nowhere.
    links += [f"https://x.com/{quote(other, safe='')}"] if other else []
    proved = row.get("is_verified")
    return Profile(
        native_id=native_id,
        handle=text_of(row, "login"),
        display_name=text_of(row, "name"),
        bio=bio,
        url=text_of(row, "html_url"),
        followers=count_of(row, "followers"),
        following=count_of(row, "following"),
        posts=count_of(row, "public_repos"),
        created_at=moment_of(row, "created_at"),
        links=tuple(links),
        contacts=(f"mail:{mail}",) if mail else (),
        verified=(Verified.DOMAIN if proved else Verified.NONE)
        if isinstance(proved, bool)
        else None,
        flags=(Flag.BOT,) if row.get("type") == "Bot" else (),
        avatar_url=text_of(row, "avatar_url"),
        # What a search shows has no counts, and no words either.
        whole="followers" in row,
        raw=as_raw(row),
    )


def _removed(known: Known) -> Profile:
    return Profile(native_id=known.native_id, handle=known.handle, state=SubjectState.REMOVED)


_API = "https://api.github.com"


def _recorded(number: int, login: str, kind: str) -> dict[str, Any]:
    """A simple user, as searches show it: in the shape of GitHub's published description."""
    at = f"{_API}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": f"node-{number}",
        "avatar_url": f"https://pictures.invalid/u/{number}?v=4",
        "gravatar_id": "",
        "url": at,
        "html_url": f"https://github.com/{login}",
        "followers_url": f"{at}/followers",
        "following_url": f"{at}/following{{/other_user}}",
        "gists_url": f"{at}/gists{{/gist_id}}",
        "starred_url": f"{at}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{at}/subscriptions",
        "organizations_url": f"{at}/orgs",
        "repos_url": f"{at}/repos",
        "events_url": f"{at}/events{{/privacy}}",
        "received_events_url": f"{at}/received_events",
        "type": kind,
        "site_admin": False,
    }


_HITS = [
    {**_recorded(41, "acme-support", "User"), "score": 1.0},
    {**_recorded(42, "acme", "Organization"), "score": 1.0},
]
_USER: dict[str, Any] = {
    **_recorded(41, "acme-support", "User"),
    "name": "ACME Support",
    "company": None,
    "blog": "acme-help.example",
    "location": None,
    "email": "help@acme-help.example",
    "hireable": None,
    "bio": "Refunds and help",
    "twitter_username": "acme_help",
    "public_repos": 1,
    "public_gists": 0,
    "followers": 3,
    "following": 40,
    "created_at": "2026-10-30T09:15:00Z",
    "updated_at": "2026-11-01T00:00:00Z",
}
_ORGANISATION: dict[str, Any] = {
    **_recorded(42, "acme", "Organization"),
    "name": "ACME",
    "company": None,
    "blog": "https://acme.example",
    "location": None,
    "email": None,
    "hireable": None,
    "bio": None,
    "public_repos": 12,
    "public_gists": 0,
    "followers": 900,
    "following": 0,
    "created_at": "2012-01-02T00:00:00Z",
    "updated_at": "2026-11-01T00:00:00Z",
}
_MORE: dict[str, Any] = {
    "login": "acme",
    "id": 42,
    "node_id": "node-42",
    "url": f"{_API}/orgs/acme",
    "repos_url": f"{_API}/orgs/acme/repos",
    "events_url": f"{_API}/orgs/acme/events",
    "hooks_url": f"{_API}/orgs/acme/hooks",
    "issues_url": f"{_API}/orgs/acme/issues",
    "members_url": f"{_API}/orgs/acme/members{{/member}}",
    "public_members_url": f"{_API}/orgs/acme/public_members{{/member}}",
    "avatar_url": "https://pictures.invalid/u/42?v=4",
    "description": "What ACME makes",
    "name": "ACME",
    "blog": "https://acme.example",
    "is_verified": True,
    "has_organization_projects": True,
    "has_repository_projects": True,
    "public_repos": 12,
    "public_gists": 0,
    "followers": 900,
    "following": 0,
    "html_url": "https://github.com/acme",
    "created_at": "2012-01-02T00:00:00Z",
    "updated_at": "2026-11-01T00:00:00Z",
    "archived_at": None,
    "type": "Organization",
}


def _evidence(row: Mapping[str, Any]) -> dict[str, str]:
    raw = as_raw(row)
    return {"raw": raw, "evidence_hash": hashlib.sha256(raw.encode()).hexdigest()}


GitHub.examples = (
    Example(
        what="a search that finds a user and an organisation with a proved domain",
        table={"url": RECORDED, "probes": 0, "pictures": False},
        environ={TOKEN: "a-token"},
        served=(
            Served(
                path="/search/users?q=ACME+in%3Alogin+in%3Aname&sort=joined&order=desc"
                "&per_page=100&page=1",
                body=json.dumps(
                    {"total_count": 2, "incomplete_results": False, "items": _HITS}
                ).encode(),
            ),
            Served(path="/users/acme-support", body=json.dumps(_USER).encode()),
            Served(path="/users/acme", body=json.dumps(_ORGANISATION).encode()),
            Served(path="/orgs/acme", body=json.dumps(_MORE).encode()),
        ),
        observations=(
            {
                "position": 0,
                "subject_kind": "account",
                "flags": [],
                "proved_links": [],
                "subject_key": "account:github:41",
                "platform": "github",
                "native_id": "41",
                "handle": "acme-support",
                "display_name": "ACME Support",
                "bio": "Refunds and help",
                "url": "https://github.com/acme-support",
                "followers": 3,
                "following": 40,
                "posts": 1,
                "created_at": "2026-10-30T09:15:00+00:00",
                "links": ["https://acme-help.example", "https://x.com/acme_help"],
                "contacts": ["mail:help@acme-help.example"],
                "state": "live",
                "trust": "platform",
                **_evidence(_USER),
            },
            {
                "position": 1,
                "subject_kind": "account",
                "subject_key": "account:github:42",
                "platform": "github",
                "native_id": "42",
                "handle": "acme",
                "display_name": "ACME",
                "bio": "What ACME makes",
                "url": "https://github.com/acme",
                "followers": 900,
                "following": 0,
                "posts": 12,
                "created_at": "2012-01-02T00:00:00+00:00",
                "links": ["https://acme.example"],
                "verified": "domain",
                "state": "live",
                "trust": "platform",
                **_evidence({**_ORGANISATION, **_MORE}),
            },
        ),
    ),
)
