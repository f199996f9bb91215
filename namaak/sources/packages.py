"""Names in the registries of software packages: whoever takes a brand's name there ships its code.

No registry is asked by default: each is named in the watch file with its address and with the form
in which it answers, so that a mirror or a registry of one's own is asked in the same way. A package
is an app whose store is the registry: its id is the registry's name, a slash, and the package's.

Registries with a search are searched for names; one that only answers for exact names is asked for
those that a brand should fear. The permanent id of a package is its name, so it cannot be renamed;
one that is taken down and made anew by somebody else is the same package with another owner.
Forms: `npm-search` (/-/v1/search), `crates-search` (/api/v1/crates), `rubygems-search`
(/api/v1/search.json), `pypi-json` (/pypi/NAME/json, which has no search).
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlencode, urlsplit

from pydantic import Field, StringConstraints

from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, FetchError, Limits, Rate
from namaak.records import SubjectKind, SubjectState
from namaak.sources.base import RECORDED, Example, Known, Served, Surroundings, Table
from namaak.sources.profiles.answers import (
    as_raw,
    count_of,
    entries,
    moment_of,
    object_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, searches

PLATFORM = "packages"
#: The page of one package lists all its releases and their files.
_LIMITS = Limits(max_bytes=32 << 20)
#: What the most careful of them asks of programs.
_RATE = Rate(per_second=1.0, burst=1)
_DEADLINE_S = 60.0
#: Of a package's name, in any of these registries; `@scope/` only before it.
_NAME = re.compile(r"(?:@[A-Za-z0-9._~-]{1,100}/)?[A-Za-z0-9._~-]{1,214}")
#: Letters, digits and single hyphens: GitHub's rule, and what all registries take.
_PROBED_AS = "github"
_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Registry(Table):
    """`[[sources.packages.registries]]`."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+[^\s?#/]$")]
    form: Literal["npm-search", "crates-search", "rubygems-search", "pypi-json"]


class PackagesConfig(PolledConfig):
    """`[sources.packages]`."""

    pages_per_run: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1_000
    registries: Annotated[tuple[Registry, ...], Field(max_length=50)] = ()
    #: Names of each brand, where a registry only answers for exact ones. Of thirty known imitations
    #: three hundred names find thirteen, a hundred find four (the table of positives, Nov 2026).
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 300


class Packages(PolledSource[PackagesConfig]):
    """Packages, from the registries that the watch file names."""

    name = "packages"
    platform = PLATFORM
    kinds = frozenset({SubjectKind.APP})
    terms = "those of each registry; most want programs to say who they are and to ask seldom"
    auth = None
    budget = "a request a second and registry: one a name and page, or one a name that is feared"
    cursor = "the page of a search, or how many hits came before it"
    ways = (Way.KNOWN, Way.SEARCH, Way.PROBE)
    Config = PackagesConfig

    def __init__(self, config: PackagesConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._forms = {one.name: _FORMS[one.form](one) for one in config.registries}
        for one in config.registries:
            around.manners.set_rate(urlsplit(one.url).hostname or "", _RATE)

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if self.config.registries:
            return None
        return "No registry is named; add [[sources.packages.registries]] with name, url and form."

    def faults(self) -> Iterator[str]:
        """Two registries of one name: which of them has a package could not be told."""
        names = [one.name for one in self.config.registries]
        for name in sorted({one for one in names if names.count(one) > 1}):
            yield f"registries: two are called {name!r}; give each a name of its own"

    def instances(self) -> Iterator[Asked]:
        """One for each registry and way in which there is something to ask."""
        for registry in self._forms:
            for way in self.ways:
                instance = self.instance(way, registry)
                if self.questions(instance):
                    yield instance

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        form = self._forms[instance.server]
        if instance.way is Way.KNOWN:
            prefix = f"{instance.server}/"
            return [
                Question(way=Way.KNOWN, texts=(one.native_id.removeprefix(prefix),), known=(one,))
                for one in sorted(self.around.known(PLATFORM), key=lambda one: one.subject_key)
                if one.native_id and one.native_id.startswith(prefix)
            ]
        if instance.way is Way.SEARCH:
            if not form.searches:
                return []
            return [
                Question(way=Way.SEARCH, texts=(name,))
                for name in searches(self.around.brands, people=False)
            ]
        if form.searches or not self.config.probes:
            return []
        feared = probes(
            self.around.brands,
            platform=_PROBED_AS,
            most=self.config.probes,
            year=self.around.now().year,
        )
        names = dict.fromkeys(one.lower() for one in feared)
        return [Question(way=Way.PROBE, texts=(name,)) for name in names]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        form = self._forms[instance.server]
        where = f"{question} in {instance.server}"
        if question.way is not Way.SEARCH:
            return await self._one(fetch, form, question, where)
        at = int(cursor) if cursor and cursor.isascii() and cursor.isdecimal() else 0
        answer = await self._get(fetch, form, form.search_path(question.texts[0], at), where)
        rows, following = form.hits(answer, at, where)
        return Page(
            entries=profiles(rows, form.hit), next=None if following is None else str(following)
        )

    async def _one(self, fetch: Fetcher, form: Form, question: Question, where: str) -> Page:
        name, known = question.texts[0], question.known[0] if question.known else None
        if not _NAME.fullmatch(name):
            return Page(entries=(Refused(reason="native id: is no package name", excerpt=name),))
        try:
            answer = await self._get(fetch, form, form.package_path(name), where)
        except FetchError as error:
            if error.failure is not Failure.EXPECTED_ABSENT:
                raise
            return Page(entries=() if known is None else (_removed(known),))
        row = form.package(answer)
        told = None if row is None else form.read(row).name
        if row is None or told is None or form.canonical(told) != form.canonical(name):
            raise SourceError(
                f"{form.who} answered {where} with something else than that package; nothing was "
                "taken from it."
            )
        return Page(entries=profiles([row], form.hit))

    async def _get(self, fetch: Fetcher, form: Form, path: str, where: str) -> Any:
        """Raises FetchError of class `expected-absent` where the registry has no such thing."""
        absent = (404, 410) if not form.is_search(path) else ()
        try:
            reply = await fetch.get(
                f"{form.url}/{path}",
                limits=_LIMITS,
                headers={"Accept": "application/json"},
                absent=absent,
                deadline_s=_DEADLINE_S,
            )
        except FetchError as error:
            if error.failure is Failure.POLICY and "of this run are spent" not in error.says:
                # Whoever makes a package decides how large its page is: no reason to ask nothing
                # else of this registry any more.
                raise SourceError(str(error), Failure.MALFORMED) from error
            raise
        return parse_answer(reply.body, who=form.who, where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What any registry tells of a package."""

    name: str | None
    title: str | None
    developer: str | None
    links: tuple[str | None, ...]
    mail: str | None = None
    created_at: datetime | None = None
    url: str | None = None


class Form(ABC):
    """In which words a registry is asked, and how its answers are read."""

    searches: ClassVar[bool] = True
    search: ClassVar[str] = ""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry.name
        self.url = registry.url
        self.who = f"The registry {registry.name}"

    def canonical(self, name: str) -> str:
        """The one spelling that stands for all that the registry takes for this name."""
        return name

    def is_search(self, path: str) -> bool:
        """Whether this asks for hits, so that "nothing there" is no answer."""
        return bool(self.search) and path.startswith(self.search + "?")

    def search_path(self, name: str, at: int) -> str:
        """What to ask for; at: 0, or what `hits` gave."""
        raise NotImplementedError(f"{type(self).__name__} has no search")

    def hits(self, answer: Any, at: int, where: str) -> tuple[list[Any], int | None]:
        """The rows of a page, and with what to ask for the next one."""
        raise NotImplementedError(f"{type(self).__name__} has no search")

    @abstractmethod
    def package_path(self, name: str) -> str:
        """What to ask for one package, by its exact name."""

    @abstractmethod
    def package(self, answer: Any) -> Mapping[str, Any] | None:
        """The package in that answer, as `read` takes it."""

    @abstractmethod
    def read(self, row: Mapping[str, Any]) -> Package:
        """What the row of one package tells."""

    def hit(self, row: Mapping[str, Any]) -> Profile:
        """Raises ValueError where it has no name that a package may have."""
        found = self.read(row)
        if found.name is None or not _NAME.fullmatch(found.name):
            raise ValueError("package: has no name")
        links = (link.removeprefix("git+") for link in found.links if link)
        return Profile(
            kind=SubjectKind.APP,
            native_id=f"{self.registry}/{self.canonical(found.name)}",
            handle=found.name,
            display_name=found.name,
            bio=found.title,
            url=found.url,
            developer=found.developer,
            created_at=found.created_at,
            links=tuple(dict.fromkeys(links)),
            contacts=(f"mail:{found.mail}",) if found.mail else (),
            raw=as_raw(row),
        )


class NpmSearch(Form):
    """The form of npm's registry, and of those that stand in for it."""

    search = "-/v1/search"
    _SIZE = 250

    def search_path(self, name: str, at: int) -> str:
        return f"{self.search}?{urlencode({'text': name, 'size': self._SIZE, 'from': at})}"

    def hits(self, answer: Any, at: int, where: str) -> tuple[list[Any], int | None]:
        rows = entries(answer, "objects", who=self.who, where=where)
        total = count_of(answer, "total") or 0
        following = at + len(rows)
        return rows, following if rows and following < total else None

    def package_path(self, name: str) -> str:
        return quote(name, safe="@")

    def package(self, answer: Any) -> Mapping[str, Any] | None:
        if not isinstance(answer, dict) or text_of(answer, "name") is None:
            return None
        latest = text_of(object_of(answer, "dist-tags"), "latest") or ""
        package = object_of(object_of(answer, "versions"), latest)
        kept = {name: value for name, value in answer.items() if isinstance(value, str)}
        kept.pop("readme", None)
        people = {
            name: value
            for name in ("author", "maintainers", "repository", "homepage")
            if (value := answer.get(name, package.get(name))) is not None
        }
        made = text_of(object_of(answer, "time"), "created")
        return {"package": {**kept, **people, "created": made}}

    def read(self, row: Mapping[str, Any]) -> Package:
        package = object_of(row, "package")
        links = object_of(package, "links")
        listed = package.get("maintainers")
        first = listed[0] if isinstance(listed, list) and listed else None
        publisher = object_of(package, "publisher") or object_of({"one": first}, "one")
        author = object_of(package, "author")
        return Package(
            name=text_of(package, "name"),
            title=text_of(package, "description"),
            developer=text_of(publisher, "username", "name") or text_of(author, "name"),
            mail=text_of(publisher, "email") or text_of(author, "email"),
            links=(
                text_of(links, "homepage"),
                text_of(links, "repository"),
                text_of(package, "homepage"),
                text_of(object_of(package, "repository"), "url"),
            ),
            created_at=moment_of(package, "created"),
            url=text_of(links, "npm"),
        )


class CratesSearch(Form):
    """The form of the registry of Rust."""

    search = "api/v1/crates"
    _SIZE = 100

    def search_path(self, name: str, at: int) -> str:
        return f"{self.search}?{urlencode({'q': name, 'per_page': self._SIZE, 'page': at + 1})}"

    def hits(self, answer: Any, at: int, where: str) -> tuple[list[Any], int | None]:
        rows = entries(answer, "crates", who=self.who, where=where)
        total = count_of(object_of(answer, "meta"), "total") or 0
        return rows, at + 1 if rows and (at + 1) * self._SIZE < total else None

    def package_path(self, name: str) -> str:
        return f"{self.search}/{quote(name, safe='')}"

    def package(self, answer: Any) -> Mapping[str, Any] | None:
        return object_of(answer, "crate") or None if isinstance(answer, dict) else None

    def read(self, row: Mapping[str, Any]) -> Package:
        return Package(
            name=text_of(row, "name", "id"),
            title=text_of(row, "description"),
            developer=None,
            links=tuple(text_of(row, name) for name in ("homepage", "repository", "documentation")),
            created_at=moment_of(row, "created_at"),
        )


class RubyGemsSearch(Form):
    """The form of the registry of Ruby."""

    search = "api/v1/search.json"
    _SIZE = 30

    def search_path(self, name: str, at: int) -> str:
        return f"{self.search}?{urlencode({'query': name, 'page': at + 1})}"

    def hits(self, answer: Any, at: int, where: str) -> tuple[list[Any], int | None]:
        rows = entries({"gems": answer}, "gems", who=self.who, where=where)
        # It says nowhere how many there are: a page that is not full is the last one.
        return rows, at + 1 if len(rows) >= self._SIZE else None

    def package_path(self, name: str) -> str:
        return f"api/v1/gems/{quote(name, safe='')}.json"

    def package(self, answer: Any) -> Mapping[str, Any] | None:
        return answer if isinstance(answer, dict) and text_of(answer, "name") else None

    def read(self, row: Mapping[str, Any]) -> Package:
        return Package(
            name=text_of(row, "name"),
            title=text_of(row, "info"),
            developer=text_of(row, "authors"),
            links=tuple(text_of(row, name) for name in ("homepage_uri", "source_code_uri")),
            url=text_of(row, "project_uri"),
        )


class PypiJson(Form):
    """The form of the registry of Python, which answers for exact names only."""

    searches = False

    def canonical(self, name: str) -> str:
        # PEP 503.
        return re.sub(r"[-_.]+", "-", name).lower()

    def package_path(self, name: str) -> str:
        return f"pypi/{quote(name, safe='')}/json"

    def package(self, answer: Any) -> Mapping[str, Any] | None:
        info = object_of(answer, "info") if isinstance(answer, dict) else {}
        if text_of(info, "name") is None:
            return None
        releases = object_of(answer, "releases")
        made = [
            text
            for files in releases.values()
            for file in (files if isinstance(files, list) else ())
            if isinstance(file, dict) and (text := text_of(file, "upload_time_iso_8601"))
        ]
        # The long description is for readers, and would hide what changed.
        kept = {name: value for name, value in info.items() if name != "description"}
        return {**kept, "first_upload": min(made, default=None)}

    def read(self, row: Mapping[str, Any]) -> Package:
        named = object_of(row, "project_urls")
        return Package(
            name=text_of(row, "name"),
            title=text_of(row, "summary"),
            developer=text_of(row, "author", "maintainer", "author_email"),
            mail=parseaddr(text_of(row, "author_email", "maintainer_email") or "")[1] or None,
            links=(text_of(row, "home_page"), *(text_of(named, name) for name in named)),
            created_at=moment_of(row, "first_upload"),
            url=text_of(row, "package_url", "project_url"),
        )


_FORMS: Mapping[str, type[Form]] = {
    "npm-search": NpmSearch,
    "crates-search": CratesSearch,
    "rubygems-search": RubyGemsSearch,
    "pypi-json": PypiJson,
}


def _removed(known: Known) -> Profile:
    return Profile(
        kind=SubjectKind.APP,
        native_id=known.native_id,
        handle=known.handle,
        state=SubjectState.REMOVED,
    )


_PACKAGE: dict[str, Any] = {
    "package": {
        "name": "acme-wallet",
        "version": "1.0.0",
        "description": "Pay with ACME",
        "keywords": ["acme"],
        "date": "2026-10-30T09:15:00.000Z",
        "links": {
            "npm": "https://registry.invalid/package/acme-wallet",
            "homepage": "https://acme-wallet.example",
        },
        "publisher": {"username": "walletmaker", "email": "maker@acme-wallet.example"},
        "maintainers": [{"username": "walletmaker", "email": "maker@acme-wallet.example"}],
    },
    "score": {"final": 0.1, "detail": {"quality": 0.1, "popularity": 0.1, "maintenance": 0.1}},
    "searchScore": 12.5,
}
_RAW = as_raw(_PACKAGE)

Packages.examples = (
    Example(
        what="a search that finds one package, and a row that has no name",
        table={
            "registries": [{"name": "npm", "url": f"{RECORDED}/npm", "form": "npm-search"}],
            "pictures": False,
        },
        served=(
            Served(
                path="/npm/-/v1/search?text=ACME&size=250&from=0",
                body=json.dumps(
                    {
                        "objects": [_PACKAGE, {"package": {"version": "1"}}],
                        "total": 2,
                        "time": "2026-11-22T08:00:00.000Z",
                    }
                ).encode(),
            ),
        ),
        observations=(
            {
                "position": 0,
                "subject_kind": "app",
                "subject_key": "app:packages:npm/acme-wallet",
                "platform": "packages",
                "native_id": "npm/acme-wallet",
                "handle": "acme-wallet",
                "display_name": "acme-wallet",
                "bio": "Pay with ACME",
                "url": "https://registry.invalid/package/acme-wallet",
                "developer": "walletmaker",
                "links": ["https://acme-wallet.example"],
                "contacts": ["mail:maker@acme-wallet.example"],
                "state": "live",
                "trust": "platform",
                "raw": _RAW,
                "evidence_hash": hashlib.sha256(_RAW.encode()).hexdigest(),
            },
        ),
        rejects=((1, "package: has no name"),),
    ),
)
