"""Cert Spotter's search, asked about single domains: every certificate that holds below them.

It answers for a registered domain and what is below it, never for a word: so it is of use for the
domains that a brand owns (who else obtains certificates there?) and for those that a person has an
eye on, and cannot find new lookalikes. It is off unless the table says otherwise.

The ids of its issuances are opaque and come in the order in which they were found, so that the last
one asks for what came after it. A position here is the number of the issuance in that order.
API: sslmate.com/help/reference/ct_search_api_v1, read 2026. A precertificate and its certificate
are one issuance, and nothing in the answer is signed.
May import: namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import Field, StringConstraints

from namaak.brands import Domain
from namaak.errors import Failure, SourceError
from namaak.fetch import Fetcher, Limits, Rate, Reply
from namaak.records import OBSERVATION_SCHEMA, SubjectKind
from namaak.sources.base import (
    RECORDED,
    Batch,
    Example,
    Instance,
    Reject,
    Served,
    Source,
    SourceConfig,
    Surroundings,
    drive,
    excerpt,
)
from namaak.sources.issuances import (
    Issuance,
    field_reject,
    in_order,
    moment,
    names_of,
    observe,
    parse_json,
)

TOKEN = "CERTSPOTTER_TOKEN"  # noqa: S105 - the name of the variable, not the token
_LIMITS = Limits(max_bytes=32 << 20, max_ratio=200, max_header_bytes=32_768)
_RATE = Rate(per_second=0.5, burst=1)
_DEADLINE_S = 60.0
_MAX_ID = 200
_ENTRY_TYPES = {"cert": "x509", "precert": "precert"}


class CertSpotterConfig(SourceConfig):
    """`[sources.certspotter]`."""

    #: Unlike other sources it must be switched on in so many words.
    enabled: bool = False
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = (
        "https://api.certspotter.com/v1/issuances"
    )
    owned: bool = True  #: the domains that the brands own
    domains: tuple[Domain, ...] = ()  #: and these, of whomever
    hours: Annotated[int, Field(ge=1, le=8_760)] = 24  #: at least, between two questions
    pages_per_run: Annotated[int, Field(ge=1, le=1_000)] = 5  #: of one domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Instance):
    """One domain."""

    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """How far a domain was read."""

    after: str | None = None  #: id of the last issuance that was taken
    asked_at: datetime | None = None  #: when there was nothing more; None: there may be more

    @classmethod
    def load(cls, text: str | None) -> _State:
        if text is None:
            return cls()
        read = json.loads(text)
        asked_at = read["asked_at"] and datetime.fromisoformat(read["asked_at"])
        return cls(after=read["after"], asked_at=asked_at)

    def dump(self) -> str:
        return json.dumps(
            {"after": self.after, "asked_at": self.asked_at and self.asked_at.isoformat()}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One reply: the issuances up to the last one by which can be asked on."""

    rows: int  #: positions that it covers
    last_id: str | None  #: None of an empty page
    issuances: tuple[Issuance, ...] = ()
    rejects: tuple[Reject, ...] = field(default=())


class CertSpotter(Source[CertSpotterConfig]):
    """Certificates by domain, from Cert Spotter."""

    name = "certspotter"
    kinds = frozenset({SubjectKind.HOST})
    terms = "SSLMate's terms of its search API; free without a key within its limits"
    auth = TOKEN
    budget = "one request a domain and page, 5 pages a run; without a key some ten an hour"
    cursor = "the id of the last issuance of a domain; the number of the issuance is its position"
    Config = CertSpotterConfig
    networked = True

    def __init__(self, config: CertSpotterConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def reads_anything(self) -> bool:
        """Off unless the table says `enabled = true`."""
        return self.config.enabled and any(True for _ in self.instances())

    def faults(self) -> Iterator[str]:
        """A source that is off, has nothing to ask about, or would show its key to others."""
        if not self.config.enabled:
            yield "enabled: look-ups are off until it says true; write it or drop the table"
        elif not self.reads_anything():
            yield "domains: no brand owns a domain and none is named, so nothing is asked; add one"
        if self._token() and not self._is_private():
            yield f"url: {TOKEN} is not sent over http; write https://"

    def instances(self) -> Iterator[Watched]:
        """One for each domain, owned ones first."""
        if not self.config.enabled:
            return
        owned = [
            domain for brand in self.around.brands.values() for domain in brand.domains
        ] if self.config.owned else []  # fmt: skip
        for domain in dict.fromkeys((*owned, *self.config.domains)):
            yield Watched(
                id=domain, label=f"Cert Spotter: {domain}", kind=SubjectKind.HOST, domain=domain
            )

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. A batch a page; not asked at all before `hours` are over."""
        if not isinstance(instance, Watched):
            raise TypeError(f"not an instance of this source: {instance!r}")
        known = _State.load(state)
        pause = timedelta(hours=self.config.hours)
        # A clock that was set back must not silence the source for ever.
        if known.asked_at is not None and timedelta() <= observed_at - known.asked_at < pause:
            return iter(())
        return drive(self._read_on(instance, start, known.after, observed_at), self.around.stop)

    async def _read_on(
        self, instance: Watched, start: int, after: str | None, observed_at: datetime
    ) -> AsyncGenerator[Batch, None]:
        async with self.around.fetcher() as fetch:
            for _ in range(self.config.pages_per_run):
                reply = await self._page(fetch, instance.domain, after)
                page = read_page(reply.body, start=start, domain=instance.domain)
                if page.last_id is not None and page.last_id == after:
                    raise SourceError(
                        f"Cert Spotter gives the same issuances of {instance.domain} again and "
                        "again; reading stops there until it does otherwise."
                    )
                rows, refused = observe(
                    page.issuances, source=self.name, instance=instance.id, observed_at=observed_at
                )
                done = page.last_id is None
                after = after if done else page.last_id
                yield Batch(
                    instance_id=instance.id,
                    start=start,
                    end=start + page.rows,
                    observations=OBSERVATION_SCHEMA.empty_table() if done else rows,
                    rejects=in_order((*page.rejects, *refused)),
                    skipped=0,
                    images={},
                    last=False,
                    state=_State(after=after, asked_at=observed_at if done else None).dump(),
                    attempts=fetch.take_attempts(),
                )
                if done:
                    return
                start += page.rows

    async def _page(self, fetch: Fetcher, domain: str, after: str | None) -> Reply:
        url = (
            f"{self.config.url}?domain={quote(domain, safe='')}"
            "&include_subdomains=true&expand=dns_names"
        )
        if after is not None:
            url += f"&after={quote(after, safe='')}"
        headers = {"Accept": "application/json"}
        token = self._token()
        if token and self._is_private():
            headers["Authorization"] = f"Bearer {token}"
        # The key must reach nobody else: whoever redirects gets no second request.
        return await fetch.get(
            url, limits=_LIMITS, headers=headers, redirects=0, deadline_s=_DEADLINE_S
        )

    def _token(self) -> str:
        return self.around.environ.get(TOKEN, "").strip()

    def _is_private(self) -> bool:
        """Whether nobody on the way can read the key: by TLS, or because there is no way."""
        parts = urlsplit(self.config.url)
        return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1")


def read_page(body: bytes, *, start: int = 0, domain: str = "a domain") -> Page:
    """One reply; its first issuance has position `start`.

    Raises SourceError: throttled or malformed for its own words of error, transient for half an
    answer, malformed for JSON of another shape and for rows by which it cannot be asked on.
    """
    where = f"about {domain}"
    rows = parse_json(body, who="Cert Spotter", where=where)
    if isinstance(rows, dict) and isinstance(rows.get("code"), str):
        message = rows.get("message")
        said = excerpt(message if isinstance(message, str) else rows["code"])
        throttled = rows["code"] == "rate_limited"
        raise SourceError(
            f"Cert Spotter refuses to answer {where}: {said}",
            Failure.THROTTLED if throttled else Failure.MALFORMED,
        )
    if not isinstance(rows, list):
        raise SourceError(
            f"Cert Spotter answered {where} with JSON of another shape "
            f"({excerpt(body[:60])}); nothing was taken from it."
        )
    ids = [_id(row) for row in rows]
    # What follows the last id comes again with the next page, and is judged then.
    taken = max((number for number, known in enumerate(ids, 1) if known), default=0)
    if rows and not taken:
        raise SourceError(
            f"Cert Spotter answered {where} with {len(rows):,} rows, none of which has an id; "
            "nothing was taken from them."
        )
    issuances: list[Issuance] = []
    rejects: list[Reject] = []
    for position, row in enumerate(rows[:taken], start):
        if ids[position - start] is None:
            rejects.append(field_reject(position, "row", ValueError("has no id"), row))
        else:
            issuances.append(_issuance(position, row, rejects))
    return Page(
        rows=taken,
        last_id=ids[taken - 1] if taken else None,
        issuances=tuple(issuances),
        rejects=tuple(rejects),
    )


def _id(row: object) -> str | None:
    """Opaque; seen as text and as number. None where it could not be asked with."""
    found = row.get("id") if isinstance(row, dict) else None
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if isinstance(found, str) and found.isprintable() and found.isascii():
        return found if 0 < len(found) <= _MAX_ID else None
    return None


def _issuance(position: int, row: dict[str, Any], rejects: list[Reject]) -> Issuance:
    def read(name: str, parse: Any) -> Any:
        try:
            return parse(row.get(name))
        except ValueError as error:
            rejects.append(field_reject(position, name, error, row.get(name)))
            return None

    certificate = row.get("cert")
    kind = certificate.get("type") if isinstance(certificate, dict) else None
    return Issuance(
        position=position,
        names=tuple(dict.fromkeys(read("dns_names", names_of) or ())),
        entry_type=_ENTRY_TYPES.get(kind) if isinstance(kind, str) else None,
        valid_from=read("not_before", moment),
        valid_to=read("not_after", moment),
    )


_RECORDED = b"""[
{"id":"8147372441","tbs_sha256":"b4c7","cert_sha256":"5b1f",
 "dns_names":["*.acme.example","acme.example"],"pubkey_sha256":"d5bf",
 "not_before":"2026-10-07T01:42:38Z","not_after":"2027-01-05T02:40:17Z","revoked":false},
{"id":"8147399015","tbs_sha256":"0c2a","cert_sha256":"77e0",
 "dns_names":["pay.acme.example","acme-pay.example","not a host"],"pubkey_sha256":"91aa",
 "not_before":"2026-10-08T00:00:00-00:00","not_after":"2026-12-31T23:59:59-00:00","revoked":null}
]
"""

_ASKED = "/v1/issuances?domain=acme.example&include_subdomains=true&expand=dns_names"

CertSpotter.examples = (
    Example(
        what="a page of two issuances, one with a name that is none, and no more",
        table={
            "enabled": True,
            "url": f"{RECORDED}/v1/issuances",
            "domains": ["acme.example"],
        },
        served=(
            Served(path=_ASKED, body=_RECORDED),
            Served(path=f"{_ASKED}&after=8147399015", body=b"[]"),
        ),
        observations=(
            {
                "position": 0, "subject_kind": "host", "subject_key": "host:acme.example",
                "host": "acme.example", "trust": "unauthenticated", "wildcard": False,
                "valid_from": "2026-10-07T01:42:38+00:00",
                "valid_to": "2027-01-05T02:40:17+00:00",
            },
            {
                "position": 1, "subject_kind": "host", "subject_key": "host:pay.acme.example",
                "host": "pay.acme.example", "trust": "unauthenticated", "wildcard": False,
                "valid_from": "2026-10-08T00:00:00+00:00",
                "valid_to": "2026-12-31T23:59:59+00:00",
            },
            {
                "position": 1, "subject_kind": "host", "subject_key": "host:acme-pay.example",
                "host": "acme-pay.example", "trust": "unauthenticated", "wildcard": False,
                "valid_from": "2026-10-08T00:00:00+00:00",
                "valid_to": "2026-12-31T23:59:59+00:00",
            },
        ),
        rejects=((1, "name has a character that no host name may hold"),),
    ),
)  # fmt: skip
