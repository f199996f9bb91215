"""What the browser's process told, checked: a page may have had a hand in every word of it.

May import: namaak.capturing.frames, namaak.enriching.plain.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from namaak.capturing.frames import BadFrame
from namaak.enriching.plain import plain

_URL = re.compile(r"https?://[\x21-\x7e]+")
_PNG = b"\x89PNG\r\n\x1a\n"
#: What is kept of one list.
_MAX_EXCHANGES = 20_000

_Words = Annotated[str, StringConstraints(max_length=2_000)]
_Url = Annotated[str, StringConstraints(max_length=16_000)]
_Headers = Annotated[
    list[tuple[Annotated[str, StringConstraints(max_length=1_000)], str]],
    Field(max_length=500),
]
_Counts = Annotated[dict[_Words, Annotated[int, Field(ge=0)]], Field(max_length=100)]
_Count = Annotated[int, Field(ge=0)]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Exchange(_Frame):
    """One request and its answer. `body` is decoded: no Content-Encoding is left in it."""

    kind: Literal["exchange"]
    seq: int  #: order in which the browser asked
    at: int  #: milliseconds since 1970, UTC
    url: _Url
    method: Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$")]
    request_headers: _Headers
    status: Annotated[int, Field(ge=100, le=999)]
    status_text: Annotated[str, StringConstraints(max_length=300)]
    response_headers: _Headers
    type: Annotated[str, StringConstraints(max_length=30)]
    main: bool  #: the page itself, or one on the way to it
    redirected: bool  #: asked because an answer before said so
    truncated: Literal["length", "time", "disconnect", "unspecified"] | None
    invented: bool = False  #: the browser's own answer, for which no server was asked
    post: Annotated[int, Field(ge=0)]
    body: bytes = b""
    posted: bytes = b""

    def header(self, name: str) -> str | None:
        """The first of that name."""
        wanted = name.lower()
        return next((value for key, value in self.response_headers if key.lower() == wanted), None)


class _Browser(_Frame):
    kind: Literal["browser"]
    version: _Words
    user_agent: _Words


class _Page(_Frame):
    kind: Literal["page"]
    url: _Url
    title: _Words | None


class _SoFar(_Frame):
    kind: Literal["so-far"]
    sent: _Count
    refused: _Counts


class _End(_Frame):
    kind: Literal["end"]
    failed: Literal["start", "load", "download", "crash"] | None
    says: _Words | None
    cut: bool = False
    sent: _Count = 0
    refused: _Counts = {}
    lacks: Annotated[dict[_Words, _Words], Field(max_length=10)] = {}
    failures: Annotated[list[tuple[_Words, _Words]], Field(max_length=50)] = []
    web_sockets: _Count = 0


@dataclass(slots=True)
class Visited:
    """What a visit gave, as far as it came."""

    exchanges: list[Exchange] = field(default_factory=list)
    browser: str | None = None
    user_agent: str | None = None
    url: str | None = None  #: where it ended
    title: str | None = None
    view: bytes | None = None
    full: bytes | None = None
    dom: bytes | None = None
    dom_cut: bool = False
    text: bytes | None = None
    sent: int = 0  #: requests that were let through
    refused: Counter[str] = field(default_factory=Counter)
    lacks: dict[str, str] = field(default_factory=dict)  #: picture or text to why there is none
    failures: list[tuple[str, str]] = field(default_factory=list)  #: URL and why it got nothing
    web_sockets: int = 0
    cut: bool = False  #: looked at before it had loaded
    #: Why it ended early: start, load, download, crash, time, memory or nonsense.
    failed: str | None = None
    says: str | None = None

    def take(self, head: dict[str, Any], body: bytes) -> None:
        """One frame. Raises BadFrame for one that cannot be."""
        try:
            self._take(head, body)
        except ValidationError as error:
            raise BadFrame("a frame holds what it cannot hold") from error

    def _take(self, head: dict[str, Any], body: bytes) -> None:
        match head.get("kind"):
            case "exchange":
                one = Exchange.model_validate(head)
                if not _URL.fullmatch(one.url) or one.post > len(body):
                    raise BadFrame("an exchange is none")
                if len(self.exchanges) < _MAX_EXCHANGES:
                    parts = {"posted": body[: one.post], "body": body[one.post :]}
                    self.exchanges.append(one.model_copy(update=parts))
            case "browser":
                told = _Browser.model_validate(head)
                self.browser, self.user_agent = told.version, told.user_agent
            case "page":
                page = _Page.model_validate(head)
                self.url, self.title = page.url, plain(page.title)
            case "view" if body.startswith(_PNG):
                self.view = body
            case "full" if body.startswith(_PNG):
                self.full = body
            case "dom":
                self.dom, self.dom_cut = body, head.get("cut") is True
            case "text":
                self.text = body
            case "so-far":
                so_far = _SoFar.model_validate(head)
                self.sent, self.refused = so_far.sent, Counter(so_far.refused)
            case "end":
                end = _End.model_validate(head)
                self.failed, self.says, self.cut = end.failed, plain(end.says), end.cut
                self.sent, self.refused = end.sent, Counter(end.refused)
                self.lacks, self.failures = dict(end.lacks), list(end.failures)
                self.web_sockets = end.web_sockets
            case _:
                raise BadFrame("a frame of no kind that there is")
