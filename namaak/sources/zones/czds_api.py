"""ICANN's Centralized Zone Data Service: a token, the list of zones, and the zones.

Three calls (CZDS API 1.0.9): a POST with name and password gives a token that lives 24 hours; with
it, a GET gives the addresses of the approved zones, a HEAD says of what day and size a zone is, a
GET gives it. The first call is rationed by ICANN, so the token is kept, readable by its owner only,
until the service refuses it; then one new token is asked for, and never a third.
The token goes to the hosts named in the watch file and to no other, whatever the list says.
May import: namaak.durable, namaak.errors, namaak.fetch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit

import filelock
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from namaak import durable
from namaak.errors import Failure, SourceError
from namaak.fetch import Downloaded, Fetcher, FetchError, Limits, Validators

T = TypeVar("T")

_LINKS_BYTES: Final = 4 << 20
_ZONE: Final = re.compile(r"(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}")
_Token = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,8192}$")]


class _Authenticated(BaseModel):
    """The reply to the first call; it has a message, too, which says nothing."""

    accessToken: _Token


class NotApproved(SourceError):
    """CZDS does not let this account have the zone."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Failure.AUTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who asks, and where. Its repr shows neither name nor password."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    accounts_url: str  #: without a slash at the end, as the others
    api_url: str
    download_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What the service says of a zone before it is downloaded."""

    modified: datetime
    length: int
    validators: Validators


class TokenFile:
    """The token as it is kept between runs, shared by all threads and processes of the source."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._refusal: str | None = None

    def read(self) -> str | None:
        """None where there is none that could be one."""
        try:
            return TypeAdapter(_Token).validate_python(self._path.read_text("ascii"))
        except (OSError, ValueError):
            return None

    async def renewed(self, refused: str | None, authenticate: Callable[[], Awaitable[str]]) -> str:
        """A token other than the one that was refused; asks for one unless somebody else did."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{self._path}.lock", timeout=300):
            current = self.read()
            if current is not None and current != refused:
                return current
            if self._refusal is not None:
                # Every zone would ask again, and the account would be locked.
                raise SourceError(self._refusal, Failure.AUTH)
            try:
                token = await authenticate()
            except SourceError as error:
                if error.failure is Failure.AUTH:
                    self._refusal = str(error)
                raise
            durable.replace(self._path, lambda path: _write_secret(path, token))
            return token


class CzdsApi:
    """The calls, within one event loop. They are made one after the other."""

    def __init__(self, fetch: Fetcher, account: Account, token: TokenFile) -> None:
        self._fetch = fetch
        self._account = account
        self._token = token

    async def links(self) -> dict[str, str]:
        """The address of each approved zone, by name. Raises SourceError."""
        url = f"{self._account.api_url}/czds/downloads/links"

        async def ask(headers: dict[str, str]) -> bytes:
            limits = Limits(max_bytes=_LINKS_BYTES)
            reply = await self._fetch.get(url, headers=headers, limits=limits, redirects=0)
            return reply.body

        body = await self._with_token(ask)
        try:
            found = TypeAdapter(list[str]).validate_json(body, strict=True)
        except ValidationError:
            raise SourceError(
                f"{url} did not give a list of addresses; nothing of it was used."
            ) from None
        return self._by_zone(found)

    async def announced(self, zone: str, url: str) -> Announced:
        """Of what day and size the zone is. Raises SourceError."""

        async def ask(headers: dict[str, str]) -> Announced:
            reply = await self._fetch.get(url, method="HEAD", headers=headers, redirects=0)
            return Announced(
                modified=http_date(reply.headers.get("Last-Modified")),
                length=_length(reply.headers.get("Content-Length")),
                validators=reply.validators,
            )

        try:
            return await self._with_token(ask)
        except ValueError as error:
            raise SourceError(
                f"{url} does not say of what day and size the zone {zone} is ({error}); nothing "
                "was downloaded."
            ) from None
        except FetchError as error:
            raise _not_allowed(zone, error) from None

    async def download(self, zone: str, url: str, path: Path, *, max_bytes: int) -> Downloaded:
        """Bring a zone to `path`; goes on where an earlier call broke off. Raises SourceError."""

        async def ask(headers: dict[str, str]) -> Downloaded:
            limits = Limits(max_bytes=max_bytes)
            return await self._fetch.download(
                url, path, headers=headers, limits=limits, redirects=0
            )

        try:
            return await self._with_token(ask)
        except FetchError as error:
            raise _not_allowed(zone, error) from None

    async def _with_token(self, ask: Callable[[dict[str, str]], Awaitable[T]]) -> T:
        """Ask, and once more with a new token where the one that was kept is refused."""
        kept = self._token.read()
        if kept is not None:
            try:
                return await ask(_bearer(kept))
            except FetchError as error:
                if error.status != 401:
                    raise
        token = await self._token.renewed(kept, self._authenticate)
        try:
            return await ask(_bearer(token))
        except FetchError as error:
            if error.status != 401:
                raise
            raise SourceError(
                f"{error.url} refused a token that is new; look into your CZDS account, the next "
                "run asks for another.",
                Failure.AUTH,
            ) from None

    async def _authenticate(self) -> str:
        account = self._account
        url = f"{account.accounts_url}/api/authenticate"
        body = json.dumps({"username": account.username, "password": account.password}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            # Never twice: ICANN counts these calls, and a wrong password locks the account.
            reply = await self._fetch.get(
                url, method="POST", body=body, headers=headers, retries=0, redirects=0
            )
        except FetchError as error:
            if error.failure is not Failure.AUTH:
                raise
            raise SourceError(
                f"{url} did not take the name and password (status {error.status}); check "
                "CZDS_USERNAME and CZDS_PASSWORD in the environment.",
                Failure.AUTH,
            ) from None
        try:
            return _Authenticated.model_validate_json(reply.body).accessToken
        except ValidationError:
            # Its text would repeat what came, which may be a token.
            raise SourceError(
                f"{url} gave no token; look whether the service has changed."
            ) from None

    def _by_zone(self, links: list[str]) -> dict[str, str]:
        """Raises SourceError for an address to which the token must not go."""
        homes = {_origin(self._account.api_url), _origin(self._account.download_url)}
        found: dict[str, str] = {}
        for link in links:
            name = link.rpartition("/")[2].lower().removesuffix(".zone")
            if _origin(link) not in homes:
                raise SourceError(
                    "CZDS lists a zone at a host that is neither that of api_url nor of "
                    "download_url; no token was sent there. Look whether the service has moved.",
                    Failure.POLICY,
                )
            if _ZONE.fullmatch(name):
                found[name] = link
        return found


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _not_allowed(zone: str, error: FetchError) -> SourceError:
    """403 in words; any other error as it is."""
    if error.status == 403:
        return NotApproved(
            f"CZDS does not let you have the zone {zone} any more: its approval is pending, was "
            "denied or has expired; ask for it again in your CZDS account, or drop it from "
            "`zones`."
        )
    return error


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme.lower(), parts.netloc.lower()


def http_date(text: str | None) -> datetime:
    """A Last-Modified. Raises ValueError."""
    if text is None:
        raise ValueError("no Last-Modified")
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("no date in Last-Modified") from None


def _length(text: str | None) -> int:
    """Raises ValueError."""
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ValueError("no Content-Length")
    return int(text)


def _write_secret(path: Path, token: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    durable.write_bytes(path, token.encode("ascii"))
