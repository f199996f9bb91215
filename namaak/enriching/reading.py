"""HTML read in a process of its own, and how its answer is checked: a page may have taken it over.

May import: namaak.enriching.{confined, facts}.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import selectolax
import tlsh  # type: ignore[import-not-found]
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from namaak.enriching.confined import Confined, ask
from namaak.enriching.facts import MAX_FORMS, MAX_HOSTS, MAX_TEXT, MAX_TITLE

#: Seconds on the clock for one page, start of the process included.
DEADLINE_S = 20.0
#: Bytes of HTML that are read; `page` fetches no more.
MAX_HTML = 2 << 20
_MAX_ANSWER = 4 << 20
_MAX_TERMS = 200
_START = "from namaak.enriching.page_child import answer; answer()"

_Host = Annotated[str, StringConstraints(max_length=253)]
_Url = Annotated[str, StringConstraints(max_length=2_000)]
_Words = Annotated[str, StringConstraints(max_length=500)]
_Tlsh = Annotated[str, StringConstraints(pattern=r"^T1[0-9A-F]{70}$")]
_Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=1)]
_Hosts = Annotated[dict[_Host, _Count], Field(max_length=MAX_HOSTS)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FormReading(_Strict):
    """See facts.Form."""

    action: _Url
    action_host: _Host
    method: Annotated[str, StringConstraints(pattern=r"^(get|post|dialog|script)$")]
    password: bool
    fields: Annotated[list[Annotated[str, StringConstraints(max_length=10)]], Field(max_length=10)]


class Refresh(_Strict):
    """`<meta http-equiv=refresh>`."""

    after_s: Annotated[int, Field(ge=0)]
    url: _Url


class Reading(_Strict):
    """What `html.read_page` found; see facts.PageFacts for the meaning of each."""

    charset: Annotated[str, StringConstraints(max_length=20)]
    title: Annotated[str, StringConstraints(max_length=MAX_TITLE)] | None
    description: _Words | None
    site_name: _Words | None
    generator: _Words | None
    language: Annotated[str, StringConstraints(max_length=35)] | None
    refresh: Refresh | None
    script_sends_to: _Url | None
    forms: Annotated[list[FormReading], Field(max_length=MAX_FORMS)]
    resources: _Hosts
    resources_cut: bool
    images: _Hosts
    links: _Hosts
    links_cut: bool
    #: URLs, and pictures inside the page as data: URLs.
    icons: Annotated[
        list[Annotated[str, StringConstraints(max_length=400_000)]], Field(max_length=4)
    ]
    trackers: Annotated[list[_Words], Field(max_length=40)]
    html_tlsh: _Tlsh | None
    script_set: _Hash | None
    headings: Annotated[list[_Words], Field(max_length=20)]
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)]
    text_length: Annotated[int, Field(ge=0)]
    text_tlsh: _Tlsh | None
    mentions: dict[_Words, _Count]
    obfuscated: bool
    active: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[a-z]{3,12}$")]], Field(max_length=20)
    ]


async def read_confined(
    body: bytes,
    *,
    url: str,
    content_type: str,
    terms: Sequence[str],
    deadline_s: float = DEADLINE_S,
) -> Reading:
    """What the page says. Raises Confined with a few words where nothing can be believed."""
    question = json.dumps(
        {"url": url, "content_type": content_type[:500], "terms": list(terms[:_MAX_TERMS])}
    ).encode()
    answer = await ask(
        _START,
        len(question).to_bytes(4, "big") + question + body[:MAX_HTML],
        packages=[Path(selectolax.__file__).parents[1], Path(tlsh.__file__).parent],
        deadline_s=deadline_s,
        max_answer=_MAX_ANSWER,
    )
    try:
        reading = Reading.model_validate_json(answer)
    except ValidationError as error:
        raise Confined("its reader answered nonsense") from error
    if not set(reading.mentions) <= set(terms):
        raise Confined("its reader answered nonsense")
    return reading
