"""Profiles that people report: lists of links in a folder, with screenshots beside them.

Customers and colleagues see most impostors first, and for many platforms they are the only source
that there may be. A list is an instance whose id is its content, so that the same list under
another name adds nothing, and an edited one is new. Nothing here asks the network: a link says who
is meant, not whether it is true, so every row is unauthenticated. A screenshot is kept as evidence
by its SHA-256, in a column of its own; it is not the account's picture and is not matched.
May import: namaak.errors, namaak.platforms, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from namaak.errors import SourceError
from namaak.records import SubjectKind
from namaak.sources.base import Batch, Example, Instance, Reject, Source, SourceConfig, excerpt
from namaak.sources.intaking.filing import NOT_FETCHED, lists_in
from namaak.sources.intaking.placing import Placed, observe_placed
from namaak.sources.intaking.reading import ENDINGS, Row, read_rows
from namaak.sources.intaking.reports import REPORTER, understood
from namaak.sources.lists.opening import content_digest
from namaak.sources.lists.pictures import MAX_BATCH_BYTES, is_address, is_picture, read_picture
from namaak.sources.profiles.profile import Pictured, Refused

_Count = Annotated[int, Field(strict=True, ge=1)]
_PICTURE = "896384f347672eb6dadcc13f68c8288f958f8906239a8fc353ba8755d608f61e"
_RAW = (
    '{"link":"https://www.instagram.com/acme_refunds/?hl=nl","seen_at":"2026-11-02",'
    '"note":"asks for card numbers"}'
)
_RAW_PICTURED = (
    '{"link":"t.me/s/acme_help","display_name":"ACME Help","screenshot":"seen.png",'
    f'"screenshot_sha256":"{_PICTURE}"}}'
)
_RAW_PASTED = '{"link":"https://apps.apple.com/nl/app/acme-pay/id6400000999"}'


class IntakeConfig(SourceConfig):
    """`[sources.intake]`."""

    #: Where the lists are; relative to the watch file. It need not exist.
    folder: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] = "intake"
    rows_per_batch: Annotated[_Count, Field(le=100_000)] = 10_000
    max_bytes: Annotated[_Count, Field(le=1 << 30)] = 64_000_000  #: of one list
    max_image_bytes: Annotated[_Count, Field(le=1 << 30)] = 25_000_000
    #: Whether the column reported_by is kept. It holds people's names.
    keep_reporters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Instance):
    """One list of the folder."""

    path: Path
    fault: str | None = None  #: why it cannot be read


@dataclass(slots=True, kw_only=True)
class _Pending:
    """Rows of one batch while it is filled."""

    found: list[Placed] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    images: dict[str, bytes] = field(default_factory=dict)
    screenshots: dict[int, str] = field(default_factory=dict)  #: by position
    weight: int = 0  #: bytes of pictures


class Intake(Source[IntakeConfig]):
    """Links of profiles and apps that somebody reported."""

    name: ClassVar = "intake"
    kinds: ClassVar = frozenset({SubjectKind.ACCOUNT, SubjectKind.APP})
    terms: ClassVar = "yours: whoever reported it agreed that you look into it"
    auth: ClassVar = None
    budget: ClassVar = "none; reads the files of one folder and asks nobody"
    cursor: ClassVar = (
        "the line or the place in the list, from 1; a finished list is never read again"
    )
    Config: ClassVar = IntakeConfig
    examples: ClassVar = (
        Example(
            what="a list from a customer desk",
            table={},
            recorded={
                "intake/desk.csv": b"Link;Seen at;Note;Reported by\r\n"
                b"https://www.instagram.com/acme_refunds/?hl=nl;2026-11-02;"
                b"asks for card numbers;somebody\r\n"
                b"https://acme.example/contact;;;\r\n"
            },
            observations=(
                {
                    "position": 2,
                    "subject_kind": "account",
                    "subject_key": "account:instagram:@acme_refunds",
                    "platform": "instagram",
                    "handle": "acme_refunds",
                    "url": "https://www.instagram.com/acme_refunds/",
                    "source_time": "2026-11-02T00:00:00+00:00",
                    "trust": "unauthenticated",
                    "raw": _RAW,
                    "evidence_hash": hashlib.sha256(_RAW.encode()).hexdigest(),
                },
            ),
            rejects=(
                (0, "reported_by: not kept"),
                (3, "link: is no profile link of a platform that namaak knows"),
            ),
        ),
        Example(
            what="a screenshot beside a list, which is not the account's picture",
            table={},
            recorded={
                "intake/one.json": b'[{"link": "t.me/s/acme_help", "name": "ACME Help", '
                b'"screenshot": "seen.png"}]',
                "intake/seen.png": b"bytes of a picture",
            },
            observations=(
                {
                    "position": 1,
                    "subject_kind": "account",
                    "subject_key": "account:telegram:@acme_help",
                    "platform": "telegram",
                    "handle": "acme_help",
                    "display_name": "ACME Help",
                    "url": "https://t.me/acme_help",
                    "screenshot_sha256": _PICTURE,
                    "trust": "unauthenticated",
                    "raw": _RAW_PICTURED,
                    "evidence_hash": hashlib.sha256(_RAW_PICTURED.encode()).hexdigest(),
                },
            ),
        ),
        Example(
            what="links of a mail",
            table={"folder": "reported"},
            recorded={
                "reported/mail.txt": b"# from the desk\n\nThey pay with "
                b"(https://apps.apple.com/nl/app/acme-pay/id6400000999), it says.\n"
                b"https://user@x.com/acme\n"
            },
            observations=(
                {
                    "position": 3,
                    "subject_kind": "app",
                    "subject_key": "app:app-store:6400000999",
                    "platform": "app-store",
                    "native_id": "6400000999",
                    "url": "https://apps.apple.com/app/id6400000999",
                    "trust": "unauthenticated",
                    "raw": _RAW_PASTED,
                    "evidence_hash": hashlib.sha256(_RAW_PASTED.encode()).hexdigest(),
                },
            ),
            rejects=((4, "link: hides its host behind a user name"),),
        ),
    )

    @property
    def folder(self) -> Path:
        """Where the lists are; perhaps not there yet."""
        return self.around.folder / self.config.folder

    @property
    def _own_domains(self) -> frozenset[str]:
        return frozenset(one for brand in self.around.brands.values() for one in brand.domains)

    def reads_anything(self) -> bool:
        """Whether somebody has put anything there."""
        return next(self.instances(), None) is not None

    def instances(self) -> Iterator[Reported]:
        """Every list of the folder, each content once. Reads each file for its id."""
        seen: set[str] = set()
        try:
            paths = [*lists_in(self.folder), *self._unreadable()]
        except OSError as error:
            raise SourceError(
                f"The folder {self.folder} of [sources.intake] cannot be listed "
                f"({error.strerror}); give namaak the right to read it."
            ) from None
        for path in paths:
            instance = self._instance(path)
            if instance.id not in seen:
                seen.add(instance.id)
                yield instance

    def batches(
        self,
        instance: Instance,
        start: int = 0,
        *,
        observed_at: datetime,
        state: str | None = None,
    ) -> Iterator[Batch]:
        """See `Source.batches`. instance: one of `instances`, of this or an earlier run."""
        if not isinstance(instance, Reported):
            raise TypeError(f"{instance!r} is no instance of the source {self.name}")
        if instance.fault is not None:
            raise SourceError(instance.fault)
        rows = list(read_rows(instance.path, where=instance.label, max_bytes=self.config.max_bytes))
        end = max((row.position for row in rows), default=0) + 1
        if start == 0:
            rows = [*self._about_the_list(rows), *rows]
        place = next((at for at, row in enumerate(rows) if row.position >= start), len(rows))
        while start < end:
            pending = _Pending()
            count = 0
            while place < len(rows) and (
                count < self.config.rows_per_batch and pending.weight < MAX_BATCH_BYTES
            ):
                # All that stands at one position is one batch, so that a run can go on after it.
                position = rows[place].position
                while place < len(rows) and rows[place].position == position:
                    self._take(rows[place], instance.path.parent, pending)
                    place, count = place + 1, count + 1
            following = rows[place].position if place < len(rows) else end
            yield self._batch(instance, pending, start, following, observed_at, end=end)
            start = following

    def _about_the_list(self, rows: list[Row | Reject]) -> Iterator[Reject]:
        if not rows:
            yield Reject(position=0, reason="the list is empty", excerpt="")
        if not self.config.keep_reporters and any(
            isinstance(row, Row) and REPORTER in row.fields for row in rows
        ):
            reason = "reported_by: not kept, because keep_reporters is off"
            yield Reject(position=0, reason=reason, excerpt="")

    def _take(self, row: Row | Reject, home: Path, pending: _Pending) -> None:
        if isinstance(row, Reject):
            pending.rejects.append(row)
            return
        try:
            report = understood(
                row.fields,
                keeps_reporter=self.config.keep_reporters,
                own_domains=self._own_domains,
            )
        except ValueError as error:
            shown = row.fields.get("link") or json.dumps(dict(row.fields), ensure_ascii=False)
            pending.rejects.append(
                Reject(position=row.position, reason=str(error), excerpt=excerpt(shown))
            )
            return
        faults = list(report.faults)
        screenshot = self._picture(row, "screenshot", home, pending, faults)
        avatar = self._picture(row, "avatar", home, pending, faults)
        profile = report.profile
        if avatar is not None:
            profile = replace(profile, avatar_url=row.fields["avatar"])
        if screenshot is not None:
            pending.screenshots[row.position] = screenshot
            # Also in what is hashed as evidence: the picture belongs to these words.
            raw = json.loads(profile.raw or "{}") | {"screenshot_sha256": screenshot}
            kept = json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
            profile = replace(profile, raw=kept)
        pictured = Pictured(avatar=avatar, faults=tuple(faults))
        pending.found.append((row.position, report.platform, profile, pictured))

    def _picture(
        self, row: Row, name: str, home: Path, pending: _Pending, faults: list[Refused]
    ) -> str | None:
        """The SHA-256 of the picture that a column names; its bytes go with the batch."""
        given = row.fields.get(name)
        if given is None:
            return None
        if is_address(given):
            faults.append(Refused(reason=f"{name}: {NOT_FETCHED}", excerpt=given))
            return None
        try:
            content = read_picture(given, home, max_bytes=self.config.max_image_bytes)
        except ValueError as error:
            faults.append(Refused(reason=f"{name}: {error}", excerpt=given))
            return None
        digest = hashlib.sha256(content).hexdigest()
        if digest not in pending.images:
            pending.images[digest] = content
            pending.weight += len(content)
        return digest

    def _batch(
        self,
        instance: Reported,
        pending: _Pending,
        start: int,
        stop: int,
        observed_at: datetime,
        *,
        end: int,
    ) -> Batch:
        found, faults = observe_placed(
            pending.found,
            source=self.name,
            instance=instance.id,
            observed_at=observed_at,
            screenshots=pending.screenshots,
        )
        rejects = sorted(pending.rejects + faults, key=lambda reject: reject.position)
        spoken = {*found["position"].to_pylist(), *(reject.position for reject in rejects)}
        return Batch(
            instance_id=instance.id,
            start=start,
            end=stop,
            observations=found,
            rejects=tuple(rejects),
            skipped=stop - max(start, 1) - len(spoken - {0}),
            images=pending.images,
            last=stop == end,
        )

    def _unreadable(self) -> Iterator[Path]:
        """Files that somebody meant to be read: not ours, no picture, nothing hidden."""
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.iterdir()):
            ours = path.suffix.lower() in (*ENDINGS, ".part") or is_picture(path.name)
            if path.is_file() and not ours and not path.name.startswith("."):
                yield path

    def _instance(self, path: Path) -> Reported:
        label = excerpt(f"{self.config.folder}/{path.name}")
        fault, digest = None, label.encode()
        try:
            digest = content_digest(path) if path.is_file() else digest
            if path.suffix.lower() not in ENDINGS:
                raise SourceError(
                    f"{label} is no list of reports; save it as CSV, or as one of "
                    f"{', '.join(ENDINGS)}."
                )
            # What it lists is told from its beginning; a list without a telling column is at fault.
            rows = read_rows(path, where=label, max_bytes=self.config.max_bytes)
            next(rows, None)
        except SourceError as error:
            fault = str(error)
        declared = f"{path.suffix.lower()}\0{self.config.keep_reporters}\0{fault or ''}\0"
        name = hashlib.sha256(declared.encode("utf-8", "surrogateescape") + digest)
        return Reported(id=name.hexdigest()[:32], label=label, kind=None, path=path, fault=fault)
