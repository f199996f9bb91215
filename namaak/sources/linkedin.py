"""LinkedIn: company pages by their exact handle, and again by id, through Organization Lookup.

It answers for one vanity name a call: there is no search, and persons are not shown at all. An app
gets it with LinkedIn's Community Management API, which is given to a registered organisation after
review, and for the keeping of pages; whether watching for imitations is such a use is between you
and LinkedIn. So it is off unless the table says otherwise; by hand everything can be taken in.

Its limits are not published; they are counted by the day, UTC, and told by a 429 only. Pages whose
logo is asked for need rights of their administrators: pictures are not fetched.
API: learn.microsoft.com, LinkedIn Marketing, Organization Lookup, read 2026.
May import: namaak.fetch, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import Field, StringConstraints

from namaak.errors import SourceError
from namaak.fetch import Fetcher, Rate
from namaak.records import SubjectKind, SubjectState
from namaak.sources.base import RECORDED, Example, Served, Surroundings
from namaak.sources.profiles.answers import (
    as_raw,
    count_of,
    entries,
    id_of,
    object_of,
    parse_answer,
    profiles,
    text_of,
)
from namaak.sources.profiles.keyed import KeyedUrl, ask_with_key, key_in, refusal
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.polling import Asked, Page, PolledConfig, PolledSource
from namaak.sources.profiles.probes import probes
from namaak.sources.profiles.profile import Profile, Refused
from namaak.sources.profiles.questions import Question, Way, known_in_calls
from namaak.sources.profiles.recorded import evidence

TOKEN = "LINKEDIN_TOKEN"  # noqa: S105 - the name of the variable, not the token
_RATE = Rate(per_second=0.5, burst=2)
_MOST = 20
_NATIVE_ID = re.compile(r"[0-9]{1,20}")
#: Percent-encoded where need be; what has blanks or commas is none.
_HANDLE = re.compile(r"[^\s/?#,()]{1,100}")


class LinkedInConfig(PolledConfig):
    """`[sources.linkedin]`."""

    #: Unlike other sources it must be switched on in so many words.
    enabled: bool = False
    url: KeyedUrl = "https://api.linkedin.com/rest"
    #: Year and month of the API; LinkedIn ends each after a year.
    version: Annotated[str, StringConstraints(pattern=r"^20[0-9]{4}$")] = "202608"
    every_hours: Annotated[float, Field(gt=0, le=8_760)] = 168.0
    probes: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 40  #: handles of each brand


class LinkedIn(PolledSource[LinkedInConfig]):
    """Company pages, from LinkedIn."""

    name = "linkedin"
    platform = "linkedin"
    kinds = frozenset({SubjectKind.ACCOUNT})
    terms = "LinkedIn's API terms and data storage requirements, for an app that it approved"
    auth = TOKEN
    budget = "free; one call a handle, until LinkedIn's daily limit, which it does not publish"
    cursor = "none: one answer a handle"
    ways = (Way.KNOWN, Way.PROBE)
    Config = LinkedInConfig

    def __init__(self, config: LinkedInConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        around.manners.set_rate(urlsplit(config.url).hostname or "", _RATE)

    def reads_anything(self) -> bool:
        """Off unless the table says `enabled = true`."""
        return self.config.enabled

    def faults(self) -> Iterator[str]:
        """A table that leaves it off."""
        if not self.config.enabled:
            yield "enabled: look-ups are off until it says true; write it or drop the table"

    def lacks(self) -> str | None:
        """See `Source.lacks`."""
        if not self.config.enabled:
            return "linkedin is left out: its table does not say enabled = true."
        if key_in(self.around.environ, TOKEN):
            return None
        return (
            f"{TOKEN} is not set; it is the token of an app with LinkedIn's Community Management "
            "API (rw_organization_admin); or drop the table."
        )

    def questions(self, instance: Asked) -> Sequence[Question]:
        """See `PolledSource.questions`."""
        if instance.way is Way.PROBE:
            handles = probes(self.around.brands, platform=self.platform, most=self.config.probes)
            return [Question(way=Way.PROBE, texts=(handle,)) for handle in handles]
        known = self.around.known(self.platform)
        by_id = [one for one in known if one.native_id]
        by_handle = [one for one in known if not one.native_id]
        return [*known_in_calls(by_id, _MOST), *known_in_calls(by_handle, 1)]

    async def ask(
        self, fetch: Fetcher, instance: Asked, question: Question, cursor: str | None
    ) -> Page:
        """See `PolledSource.ask`."""
        by_handle = question.way is Way.PROBE or question.where == "handle"
        pattern = _HANDLE if by_handle else _NATIVE_ID
        sound = [text for text in question.texts if pattern.fullmatch(text)]
        refused = tuple(
            Refused(reason=f"account {text}: is none of LinkedIn's, not looked up")
            for text in question.texts
            if text not in sound
        )
        if not sound:
            return Page(entries=refused)
        if by_handle:
            asked = f"organizations?q=vanityName&vanityName={quote(sound[0], safe='')}"
            answer = await self._get(fetch, asked, where=str(question))
            rows = entries(answer, "elements", who="LinkedIn", where=str(question))
            found = profiles(rows, _organisation)
            if question.way is Way.KNOWN and not rows:
                found += (Profile(handle=question.known[0].handle, state=SubjectState.REMOVED),)
            return Page(entries=found)
        # Their own notation of a list: its brackets and commas stand as they are.
        asked = f"organizationsLookup?ids=List({','.join(sound)})"
        answer = await self._get(fetch, asked, where=str(question))
        if not isinstance(answer.get("results"), dict):
            raise SourceError(
                f"LinkedIn answered {question} with JSON of another shape; nothing was taken."
            )
        return Page(entries=(*_looked_up(question, sound, answer), *refused))

    async def _get(self, fetch: Fetcher, asked: str, *, where: str) -> Mapping[str, Any]:
        reply = await ask_with_key(
            fetch,
            f"{self.config.url}/{asked}",
            {
                "Authorization": f"Bearer {key_in(self.around.environ, TOKEN)}",
                "LinkedIn-Version": self.config.version,
                "X-Restli-Protocol-Version": "2.0.0",
            },
        )
        if (error := refusal(reply, who="LinkedIn", where=where, key=TOKEN)) is not None:
            raise error
        answer = parse_answer(reply.body, who="LinkedIn", where=where)
        if not isinstance(answer, dict):
            raise SourceError(
                f"LinkedIn answered {where} with JSON of another shape; nothing was taken from it."
            )
        return answer


def _looked_up(
    question: Question, asked: Sequence[str], answer: Mapping[str, Any]
) -> Iterator[Profile | Refused]:
    """Each of the ids that were asked about: what it is, that it is gone, or that nobody says."""
    results, statuses = object_of(answer, "results"), object_of(answer, "statuses")
    for text, known in zip(question.texts, question.known, strict=True):
        if text not in asked:
            continue
        row = object_of(results, text)
        if row:
            yield from profiles([row], _organisation)
        elif count_of(statuses, text) == 404:
            yield Profile(native_id=text, handle=known.handle, state=SubjectState.REMOVED)
        else:
            error = object_of(object_of(answer, "errors"), text)
            yield Refused(
                reason=f"account {text}: is not shown, its state is not known",
                excerpt=text_of(error, "message") or "",
            )


def _organisation(row: Mapping[str, Any]) -> Profile:
    native_id = id_of(row, "id")
    if native_id is None:
        raise ValueError("organization: has no id")
    handle = text_of(row, "vanityName")
    return Profile(
        native_id=native_id,
        handle=handle,
        display_name=text_of(row, "localizedName"),
        bio=text_of(row, "localizedDescription"),
        url=f"https://www.linkedin.com/company/{quote(handle or native_id, safe='')}/",
        links=links_in(text_of(row, "localizedWebsite") or ""),
        raw=as_raw(row),
    )


#: In the shape of the API's own example; the content is made up.
_RECORDED: dict[str, Any] = {
    "paging": {"start": 0, "count": 10, "links": [], "total": 1},
    "elements": [
        {
            "id": 90_000_001,
            "vanityName": "acme-careers",
            "localizedName": "ACME Careers",
            "localizedWebsite": "https://acme-jobs.example",
            "primaryOrganizationType": "NONE",
            "locations": [],
        }
    ],
}

LinkedIn.examples = (
    Example(
        what="a handle like a brand's that a company page has",
        table={"enabled": True, "url": f"{RECORDED}/rest", "probes": 1},
        environ={TOKEN: "a-token"},
        served=(Served(path="/rest/organizations", body=json.dumps(_RECORDED).encode()),),
        observations=(
            {
                "position": 0,
                "subject_kind": "account",
                "subject_key": "account:linkedin:90000001",
                "platform": "linkedin",
                "native_id": "90000001",
                "handle": "acme-careers",
                "display_name": "ACME Careers",
                "url": "https://www.linkedin.com/company/acme-careers/",
                "links": ["https://acme-jobs.example"],
                "state": "live",
                "trust": "platform",
                **evidence(_RECORDED["elements"][0]),
            },
        ),
    ),
)
