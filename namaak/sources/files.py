"""Files that somebody gathered: lists of hosts, handles, profiles and apps, folders of pictures.

One input of the watch file is one list, a zip of lists, or a folder; each list is an
instance whose id is its content, so a list gathered again under another name adds
nothing and an edited one is new. (A picture that a list names is not part of the list's
content: give an edited picture under a new name.) A name that stands twice in a list is
two observations at two positions: the list did say it twice.
May import: namaak.errors, namaak.records, namaak.sources.*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar

import pyarrow as pa
from pydantic import Field, StringConstraints

from namaak.errors import SourceError
from namaak.records import SubjectKind
from namaak.sources.base import (
    Batch,
    Example,
    Instance,
    Reject,
    Source,
    SourceConfig,
    Table,
    excerpt,
)
from namaak.sources.lists.batching import cut_batches
from namaak.sources.lists.facts import Gathering
from namaak.sources.lists.listing import Listing
from namaak.sources.lists.opening import check_readable, content_digest, members
from namaak.sources.lists.pictures import (
    is_picture,
    load_pictures,
    picture_names,
    read_picture,
)
from namaak.sources.lists.tables import Chunk, raw_rows

_Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
_Count = Annotated[int, Field(strict=True, ge=1)]


#: SHA-256 of the picture in the examples.
_PICTURE = "896384f347672eb6dadcc13f68c8288f958f8906239a8fc353ba8755d608f61e"


class FileInput(Table):
    """One `[[sources.files.inputs]]`."""

    path: _Text  #: a list, a zip of lists or a folder of pictures; relative to the watch file
    kind: SubjectKind | None = None  #: what it lists; recognised from its columns if absent
    platform: _Text | None = None  #: where its accounts or apps are, if no column says so


class FilesConfig(SourceConfig):
    """`[sources.files]`."""

    inputs: tuple[FileInput, ...] = ()
    rows_per_batch: Annotated[_Count, Field(le=1_000_000)] = 100_000
    max_bytes: _Count = 20 << 30  #: of one list, unpacked
    max_image_bytes: Annotated[_Count, Field(le=1 << 30)] = 25_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInstance(Instance):
    """Where the instance lies, so that another process than named it can read it."""

    path: Path  #: the list, the zip, or the folder of the pictures
    member: str | None = None  #: a list in a zip, or the only picture of a folder
    platform: str | None = None
    pictures: bool = False  #: the instance is the pictures themselves
    fault: str | None = None  #: why it cannot be read
    notes: tuple[Reject, ...] = ()  #: the instance is an archive: what in it is not read


class Files(Source[FilesConfig]):
    """Lists and pictures from the disk."""

    name: ClassVar = "files"
    kinds: ClassVar = frozenset(SubjectKind)
    terms: ClassVar = "yours: whoever gave you the file said what it may be used for"
    auth: ClassVar = None
    budget: ClassVar = "none; reads every file twice, once for its SHA-256"
    cursor: ClassVar = "the line or row number, from 1; a finished file is never read again"
    Config: ClassVar = FilesConfig
    examples: ClassVar = (
        Example(
            what="a text list of hosts",
            table={"inputs": [{"path": "hosts.txt"}]},
            recorded={
                "hosts.txt": b"# new names\nacme-login.example\n\n"
                b"https://B\xc3\xbccher.example/pay\n192.0.2.1\n"
            },
            observations=(
                {
                    "position": 2,
                    "subject_kind": "host",
                    "subject_key": "host:acme-login.example",
                    "host": "acme-login.example",
                },
                {
                    "position": 4,
                    "subject_kind": "host",
                    "subject_key": "host:xn--bcher-kva.example",
                    "host": "xn--bcher-kva.example",
                    "url": "https://B\u00fccher.example/pay",
                },
            ),
            rejects=((5, "host: is an IP address"),),
        ),
        Example(
            what="profiles with a delimiter of their own",
            table={"inputs": [{"path": "profiles.csv", "platform": "Mastodon"}]},
            recorded={
                "profiles.csv": b"\xef\xbb\xbf"
                b"Handle;Display Name;Network;ID;Followers;Created At;Links;Verified;Flags\r\n"
                b'@acme_help;"ACME ""Help""\nDesk";Twitter;12;7;2026-11-02;'
                b'"https://acme-pay.example t.me/acme";paid;Scam, odd\r\n'
                b"acme;;;;many;;;;\r\n"
            },
            observations=(
                {
                    "position": 2,
                    "subject_kind": "account",
                    "subject_key": "account:x:12",
                    "platform": "x",
                    "native_id": "12",
                    "handle": "acme_help",
                    "display_name": 'ACME "Help"\nDesk',
                    "followers": 7,
                    "created_at": "2026-11-02T00:00:00+00:00",
                    "links": ["https://acme-pay.example", "t.me/acme"],
                    "verified": "paid",
                    "flags": ["scam"],
                },
                {
                    "position": 4,
                    "subject_kind": "account",
                    "subject_key": "account:mastodon:@acme",
                    "platform": "mastodon",
                    "handle": "acme",
                },
            ),
            rejects=((2, "flags: is none that"), (4, "followers: is not a number")),
        ),
        Example(
            what="apps as JSON lines",
            table={"inputs": [{"path": "apps.jsonl"}]},
            recorded={
                "apps.jsonl": b'{"store": "Google Play", "app_id": "example.acme.pay", '
                b'"title": "ACME Pay", "seller": "Somebody"}\n{"store": "\n'
            },
            observations=(
                {
                    "position": 1,
                    "subject_kind": "app",
                    "subject_key": "app:google-play:example.acme.pay",
                    "platform": "google-play",
                    "native_id": "example.acme.pay",
                    "display_name": "ACME Pay",
                    "developer": "Somebody",
                },
            ),
            rejects=((2, "line is not JSON"),),
        ),
        Example(
            what="a folder of pictures",
            table={"inputs": [{"path": "avatars"}]},
            recorded={"avatars/one.png": b"bytes of a picture", "avatars/readme.md": b"x"},
            observations=(
                {
                    "position": 1,
                    "subject_kind": "image",
                    "subject_key": f"image:{_PICTURE}",
                    "image_sha256": _PICTURE,
                    "image_name": "one.png",
                },
            ),
        ),
    )

    def reads_anything(self) -> bool:
        """Whether any input is named."""
        return bool(self.config.inputs)

    def faults(self) -> Iterator[str]:
        """Inputs that are not there."""
        for number, given in enumerate(self.config.inputs):
            if not (self.around.folder / given.path).exists():
                yield f"inputs[{number}].path: there is no {given.path}; mend the path or drop it"

    def instances(self) -> Iterator[FileInstance]:
        """Every list and folder of the inputs. Reads each file once, for its id."""
        seen: set[str] = set()
        for given in self.config.inputs:
            path = self.around.folder / given.path
            try:
                found = list(self._found(given, path))
            except SourceError as error:
                found = [self._faulty(given, str(error))]
            for instance in found:
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
        if not isinstance(instance, FileInstance):
            raise TypeError(f"{instance!r} is no instance of the source {self.name}")
        if instance.fault is not None:
            raise SourceError(instance.fault)
        home = instance.path if instance.pictures else instance.path.parent
        yield from cut_batches(
            self._chunks(instance, start),
            Gathering(
                source=self.name,
                instance=instance.id,
                kind=instance.kind or SubjectKind.HOST,
                platform=instance.platform,
                observed_at=observed_at,
            ),
            start=start,
            rows_per_batch=self.config.rows_per_batch,
            pictures=partial(load_pictures, folder=home, max_bytes=self.config.max_image_bytes),
        )

    def _chunks(self, instance: FileInstance, start: int) -> Iterable[Chunk]:
        if instance.notes:
            return [_rejects_only(instance.notes)]
        if instance.pictures:
            names = picture_names(instance.path) if instance.member is None else [instance.member]
            return [_picture_rows(names)]
        return self._listing(instance).chunks(instance.kind, start=start)

    def _listing(self, instance: FileInstance) -> Listing:
        return Listing(
            path=instance.path,
            member=instance.member,
            where=instance.label,
            platform=instance.platform,
            max_bytes=self.config.max_bytes,
        )

    def _found(self, given: FileInput, path: Path) -> Iterator[FileInstance]:
        check_readable(path)
        if path.is_dir():
            yield self._pictures(given, path, None)
        elif is_picture(path.name):
            yield self._pictures(given, path.parent, path.name)
        elif path.name.lower().endswith(".zip"):
            yield from self._archive(given, path)
        else:
            yield self._list(given, path, content_digest(path), None)

    def _list(
        self, given: FileInput, path: Path, digest: bytes, member: str | None
    ) -> FileInstance:
        label = excerpt(given.path if member is None else f"{given.path}/{member}")
        instance = FileInstance(
            id=_id(given, digest, member or ""),
            label=label,
            kind=given.kind,
            path=path,
            member=member,
            platform=given.platform,
        )
        try:
            kind = self._listing(instance).recognised(given.kind)
        except SourceError as error:
            return self._faulty(given, str(error), member or "")
        return replace(instance, kind=kind)

    def _archive(self, given: FileInput, path: Path) -> Iterator[FileInstance]:
        digest = content_digest(path)
        notes: tuple[Reject, ...]
        try:
            lists, refused = members(path)
        except SourceError as error:
            lists = ()
            notes = (Reject(position=0, reason=f"file ends early: {error}", excerpt=""),)
        else:
            notes = tuple(
                Reject(position=place, reason=reason, excerpt=name)
                for place, reason, name in refused
            )
        for member in lists:
            yield self._list(given, path, digest, member)
        if notes or not lists:
            empty = Reject(position=0, reason="the archive is empty", excerpt="")
            yield FileInstance(
                id=_id(given, digest, "the archive itself"),
                label=excerpt(given.path),
                kind=given.kind,
                path=path,
                notes=notes or (empty,),
            )

    def _pictures(self, given: FileInput, folder: Path, name: str | None) -> FileInstance:
        if given.kind not in (None, SubjectKind.IMAGE):
            raise SourceError(
                f"{given.path} holds pictures but is declared as {given.kind}; "
                "give the list itself or drop `kind`."
            )
        digest = hashlib.sha256()
        for found in picture_names(folder) if name is None else [name]:
            try:
                content = read_picture(found, folder, max_bytes=self.config.max_image_bytes)
            except ValueError as error:
                content = str(error).encode()
            digest.update(found.encode("utf-8", "surrogateescape") + b"\0")
            digest.update(hashlib.sha256(content).digest())
        return FileInstance(
            id=_id(given, digest.digest(), "pictures"),
            label=excerpt(given.path),
            kind=SubjectKind.IMAGE,
            path=folder,
            member=name,
            platform=given.platform,
            pictures=True,
        )

    def _faulty(self, given: FileInput, fault: str, member: str = "") -> FileInstance:
        return FileInstance(
            id=_id(given, given.path.encode(), f"fault/{member}"),
            label=excerpt(f"{given.path}/{member}" if member else given.path),
            kind=given.kind,
            path=self.around.folder / given.path,
            fault=fault,
        )


def _id(given: FileInput, content: bytes, part: str) -> str:
    """32 hex digits over content, part of it, and what the watch file declares it to be."""
    declared = f"{given.kind or ''}\0{given.platform or ''}\0{part}\0"
    return hashlib.sha256(declared.encode("utf-8", "surrogateescape") + content).hexdigest()[:32]


def _picture_rows(names: Iterable[str]) -> Chunk:
    positions: list[int] = []
    kept: list[str] = []
    rejects: list[Reject] = []
    end = 1
    for position, name in enumerate(names, start=1):
        end = position + 1
        try:
            name.encode()
        except UnicodeEncodeError:
            reason = "image: its name is not UTF-8; rename it"
            rejects.append(Reject(position=position, reason=reason, excerpt=excerpt(name)))
        else:
            positions.append(position)
            kept.append(name)
    rows = raw_rows(positions, {"image": pa.array(kept, pa.string())})
    return Chunk(end=end, rows=rows, rejects=tuple(rejects))


def _rejects_only(rejects: tuple[Reject, ...]) -> Chunk:
    return Chunk(end=rejects[-1].position + 1, rows=raw_rows([], {}), rejects=rejects)
