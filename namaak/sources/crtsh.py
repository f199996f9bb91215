"""crt.sh, asked about one brand at a time: certificates whose names begin with it or hold it.

For a brand that was just added, whose past is wanted and not the logs from today on. Never a feed:
the service is one donated database that allows five requests a minute and answers what is too much
for it with an error page, with nothing, or not at all. It is off unless the table says otherwise.

Two forms are asked because neither finds everything: `brand%` finds the names that begin with the
brand, `%brand%` those that hold it anywhere, but at times that one gives an empty list where there
are certificates. So an empty list is never taken for "there is none": the cursor stays.
The answers carry no signature, and no word of whether a row is a certificate or its precertificate.
Format: the service's JSON as seen in 2020 to 2026; entry_timestamp is missing in the newest.
May import: namaak.brands, namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, StringConstraints

from namaak.brands import Brand
from namaak.errors import Failure, SourceError
from namaak.fetch import Limits, Rate
from namaak.records import OBSERVATION_SCHEMA, SubjectKind
from namaak.sources.base import (
    RECORDED,
    Batch,
    Example,
    Instance,
    Served,
    Source,
    SourceConfig,
    Surroundings,
    drive,
    excerpt,
)
from namaak.sources.hosts import normalise_host
from namaak.sources.issuances import (
    MAX_POSITION,
    Answer,
    Issuance,
    field_reject,
    hex_number,
    in_order,
    moment,
    observe,
    parse_json,
    row_reject,
)

Form = Literal["prefix", "substring"]
_PATTERNS: dict[Form, str] = {"prefix": "{}%", "substring": "%{}%"}
#: Shorter terms stand in half the names there are; crt.sh gives up on them.
SHORTEST_TERM = 5
#: In practice; it promises more, and refuses by pages of error instead of saying so.
_RATE = Rate(per_second=5 / 60, burst=1)
_DEADLINE_S = 150.0
_RETRIES = 2
_MAX_RATIO = 200
#: What its pages say where JSON was asked for; sent with status 200 too.
_UNSUPPORTED = "unsupported use of '%'"
_PAGE = re.compile(r"<(?:!doctype|html|head|body|br|title|center)\b|\[BEGIN_HEADERS\]", re.I)

Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=63)]


class CrtShConfig(SourceConfig):
    """`[sources.crtsh]`."""

    #: Unlike other sources it must be switched on in so many words.
    enabled: bool = False
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = "https://crt.sh/"
    brands: tuple[str, ...] = ()  #: ids of the watch file; all when empty
    #: By brand id: what to look for instead of its names.
    terms: Mapping[str, tuple[Term, ...]] = Field(default_factory=dict)
    forms: tuple[Form, ...] = ("prefix", "substring")
    expired: bool = False  #: also certificates that have ended: many more, and slower
    hours: Annotated[int, Field(ge=1, le=8_760)] = 24  #: at least, between two questions
    max_megabytes: Annotated[int, Field(ge=1, le=512)] = 64  #: of one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Instance):
    """One pattern of one brand."""

    pattern: str


class CrtSh(Source[CrtShConfig]):
    """Certificates by brand, from crt.sh."""

    name = "crtsh"
    kinds = frozenset({SubjectKind.HOST})
    terms = "free and donated by Sectigo; no agreement: ask seldom, and expect nothing"
    auth = None
    budget = "one request a brand, spelling and form a day; at most five a minute"
    cursor = "crt.sh's id of a certificate, per brand and pattern; only higher ids are taken"
    Config = CrtShConfig
    networked = True

    def __init__(self, config: CrtShConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def reads_anything(self) -> bool:
        """Off unless the table says `enabled = true`."""
        return self.config.enabled and any(True for _ in self.instances())

    def faults(self) -> Iterator[str]:
        """Brands that do not exist and names that are too short to look for."""
        if not self.config.enabled:
            yield "enabled: look-ups are off until it says true; write it or drop the table"
            return
        for brand_id in (*self.config.brands, *self.config.terms):
            if brand_id not in self.around.brands:
                yield f"brands: there is no brand {brand_id!r} in the watch file; mend it"
        for brand_id in self._brand_ids():
            if not self._terms(brand_id):
                yield (
                    f"terms: no name of {brand_id} has {SHORTEST_TERM} letters, so it is not "
                    "looked up; give longer ones"
                )

    def instances(self) -> Iterator[Query]:
        """One for each brand, term and form."""
        if not self.config.enabled:
            return
        for brand_id in self._brand_ids():
            for term in self._terms(brand_id):
                for form in self.config.forms:
                    pattern = _PATTERNS[form].format(term)
                    yield Query(
                        id=f"{brand_id}/{pattern}",
                        label=f"crt.sh: {pattern} for {brand_id}",
                        kind=SubjectKind.HOST,
                        pattern=pattern,
                    )

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. Asks once, and not at all before `hours` are over."""
        if not isinstance(instance, Query):
            raise TypeError(f"not an instance of this source: {instance!r}")
        asked_at = _asked_at(state)
        pause = timedelta(hours=self.config.hours)
        # A clock that was set back must not silence the source for ever.
        if asked_at is not None and timedelta() <= observed_at - asked_at < pause:
            return iter(())
        return drive(self._ask(instance, start, observed_at), self.around.stop)

    async def _ask(
        self, instance: Query, start: int, observed_at: datetime
    ) -> AsyncGenerator[Batch, None]:
        where = f"about {instance.pattern}"
        url = f"{self.config.url}?q={quote(instance.pattern, safe='')}&output=json"
        if not self.config.expired:
            url += "&exclude=expired"
        async with self.around.fetcher(idle_s=_DEADLINE_S) as fetch:
            reply = await fetch.get(
                url,
                limits=Limits(
                    max_bytes=self.config.max_megabytes << 20,
                    max_ratio=_MAX_RATIO,
                    max_header_bytes=32_768,
                ),
                headers={"Accept": "application/json"},
                deadline_s=_DEADLINE_S,
                retries=_RETRIES,
            )
            attempts = fetch.take_attempts()
        answer = read_answer(reply.body, where=where)
        fresh = [issuance for issuance in answer.issuances if issuance.position >= start]
        rows, refused = observe(
            fresh, source=self.name, instance=instance.id, observed_at=observed_at
        )
        end = fresh[-1].position + 1 if fresh else start
        # Faults of rows that were taken in an earlier run were told by that run.
        told = [r for r in answer.rejects if r.position >= start or (r.position == 0 and fresh)]
        yield Batch(
            instance_id=instance.id,
            start=start,
            end=end,
            observations=rows if fresh else OBSERVATION_SCHEMA.empty_table(),
            rejects=in_order((*told, *refused)) if fresh else (),
            skipped=0,
            images={},
            last=False,
            state=json.dumps({"asked_at": observed_at.isoformat()}),
            attempts=attempts,
        )

    def _brand_ids(self) -> tuple[str, ...]:
        wanted = self.config.brands or tuple(self.around.brands)
        return tuple(dict.fromkeys(name for name in wanted if name in self.around.brands))

    def _terms(self, brand_id: str) -> tuple[str, ...]:
        given = self.config.terms.get(brand_id)
        brand = self.around.brands[brand_id]
        spelled = given or spellings(brand)
        return tuple(dict.fromkeys(term for term in map(_label, spelled) if term))


def spellings(brand: Brand) -> tuple[str, ...]:
    """The brand's names as a label of a host would write them.

    >>> spellings(Brand(name="Acme Bank"))
    ('acmebank', 'acme-bank')
    """
    found = []
    for name in brand.names:
        words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name).casefold())
        found += ["".join(words), "-".join(words)]
    return tuple(dict.fromkeys(filter(None, found)))


def _label(term: str) -> str | None:
    """The term as an A-label; None when it is none, or too short to look for.

    What a person gave must not smuggle in a `%` of its own, or another parameter.
    """
    try:
        label = normalise_host(f"{term}.invalid").removesuffix(".invalid")
    except ValueError:
        return None
    return label if len(label) >= SHORTEST_TERM and "." not in label else None


def read_answer(body: bytes, *, where: str = "a query") -> Answer:
    """One reply; rows in ascending order of their ids, each id once.

    Raises SourceError: transient for what may be well next time (an error page, nothing, half an
    answer), malformed for a query that it does not take and for JSON of another shape.
    """
    page = body[:4_000].decode("utf-8", "replace")
    if _UNSUPPORTED in page.lower():
        raise SourceError(
            f"crt.sh does not take the pattern {where}; leave its form out with `forms` in "
            "[sources.crtsh]."
        )
    if not page.lstrip().startswith("[{") and _PAGE.search(page):
        raise SourceError(
            f"crt.sh answered {where} with a page instead of JSON, as it does when a query is too "
            "much for it; the next run asks again.",
            Failure.TRANSIENT,
        )
    rows = parse_json(body, who="crt.sh", where=where)
    if not isinstance(rows, list):
        raise SourceError(
            f"crt.sh answered {where} with JSON of another shape ({excerpt(page[:60])}); nothing "
            "was taken from it."
        )
    found: dict[int, Issuance] = {}
    answer = Answer()
    for number, row in enumerate(rows, 1):
        try:
            position = _position(row)
        except ValueError as error:
            answer.rejects.append(row_reject(number, str(error), row))
            continue
        issuance = _issuance(position, row, answer)
        known = found.get(position)
        if known is not None:
            # A certificate that matches by several names may have a row for each.
            names = tuple(dict.fromkeys((*known.names, *issuance.names)))
            issuance = replace(issuance, names=names)
        found[position] = issuance
    if rows and not found:
        raise SourceError(
            f"crt.sh answered {where} with {len(rows):,} rows, none of which has an id; nothing "
            "was taken from them."
        )
    answer.issuances = [found[position] for position in sorted(found)]
    return answer


def _position(row: object) -> int:
    if not isinstance(row, dict):
        raise ValueError("is no object")
    position = row.get("id")
    if isinstance(position, bool) or not isinstance(position, int):
        raise ValueError("has no id")
    if not 0 < position <= MAX_POSITION:
        raise ValueError("has an id out of range")
    return position


def _issuance(position: int, row: dict[str, Any], answer: Answer) -> Issuance:
    """What the row says; a field of another kind is left out and told."""

    def read(name: str, parse: Any) -> Any:
        try:
            return parse(row.get(name))
        except ValueError as error:
            answer.rejects.append(field_reject(position, name, error, row.get(name)))
            return None

    names = [*(read("name_value", _lines) or ()), *(read("common_name", _lines) or ())]
    return Issuance(
        position=position,
        names=tuple(dict.fromkeys(names)),
        seen_at=read("entry_timestamp", moment),
        valid_from=read("not_before", moment),
        valid_to=read("not_after", moment),
        serial=read("serial_number", hex_number),
    )


def _lines(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, str):
        raise ValueError("is no text")
    return [line.strip() for line in value.split("\n") if line.strip()]


def _asked_at(state: str | None) -> datetime | None:
    return datetime.fromisoformat(json.loads(state)["asked_at"]) if state else None


_RECORDED = b"""[
{"issuer_ca_id":295813,"issuer_name":"C=XX, O=Example Trust, CN=E7",
 "common_name":"acmebank-login.example",
 "name_value":"*.acmebank-login.example\\nacmebank-login.example","id":21155962885,
 "entry_timestamp":"2026-09-20T13:00:44.354","not_before":"2026-09-20T12:02:14",
 "not_after":"2026-12-19T12:02:13","serial_number":"0676e3f05c270fa5af31a3a416ccc12fd074",
 "result_count":3},
{"issuer_ca_id":16418,"issuer_name":"C=XX, O=Example Trust, CN=X3","common_name":null,
 "name_value":"www.acmebank.example\\nAcme Bank NV","id":3616206571,"not_before":null,
 "not_after":"2026-12-05T15:46:43","serial_number":"03FF","result_count":2}
]
"""

CrtSh.examples = (
    Example(
        what="two certificates, one of which names a company too",
        table={
            "enabled": True,
            "url": f"{RECORDED}/",
            "terms": {"acme": ["acmebank"]},
            "forms": ["prefix"],
        },
        served=(Served(path="/?q=acmebank%25&output=json&exclude=expired", body=_RECORDED),),
        observations=(
            {
                "position": 3616206571, "subject_kind": "host",
                "subject_key": "host:www.acmebank.example", "host": "www.acmebank.example",
                "trust": "unauthenticated", "wildcard": False, "serial": "03ff",
                "valid_to": "2026-12-05T15:46:43+00:00",
            },
            {
                "position": 21155962885, "subject_kind": "host",
                "subject_key": "host:acmebank-login.example", "host": "acmebank-login.example",
                "trust": "unauthenticated", "wildcard": False,
                "source_time": "2026-09-20T13:00:44.354000+00:00",
                "valid_from": "2026-09-20T12:02:14+00:00",
                "valid_to": "2026-12-19T12:02:13+00:00",
                "serial": "0676e3f05c270fa5af31a3a416ccc12fd074",
            },
        ),
        rejects=((3616206571, "name has a character that no host name may hold"),),
    ),
)  # fmt: skip
