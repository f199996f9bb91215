"""The first reading of an edition: is it whole, what is its serial, which names does it have.

Nothing of it becomes an observation before this has gone through the file to its end, because a
zone cut in half looks like a zone from which half of the names were dropped today, and in which
they all are new tomorrow.
May import: namaak.errors, namaak.sources.*.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from namaak.errors import SourceError
from namaak.sources.lists.opening import Opened, content_digest
from namaak.sources.zones.delegations import Registry
from namaak.sources.zones.diffing import HashFile
from namaak.sources.zones.reading import Stretch, read_zone
from namaak.sources.zones.siphash import siphash
from namaak.sources.zones.snapshots import Facts
from namaak.sources.zones.tolerant import Soa

#: Lines and owners that are refused; with more of them it is no zone, or not this zone.
MAX_REFUSED: Final = 10_000
_GZIP: Final = b"\x1f\x8b"
#: SOA records that are remembered; one is at the beginning and one at the end.
_MAX_SOAS: Final = 16


def stretches(path: Path, apex: str, *, max_bytes: int) -> Iterator[Stretch]:
    """The zone in a file, gzipped or plain. Raises SourceError when it cannot be opened."""
    try:
        packed = _is_packed(path)
        raw = path.open("rb")
    except OSError as error:
        raise SourceError(
            f"{path} cannot be opened ({error.strerror}); remove it to have it fetched again."
        ) from None
    with raw:
        stream = gzip.GzipFile(fileobj=raw) if packed else raw
        yield from read_zone(Opened(stream=stream, max_bytes=max_bytes).blocks(), apex)


def measure(path: Path, apex: str, *, key: bytes, names: Path, max_bytes: int) -> Facts:
    """Read an edition once and write the fingerprints of its registrations to `names`.

    Raises SourceError when the file cannot be opened, or the fingerprints not be written.
    """
    registry = Registry(apex)
    soas: list[Soa] = []
    refused = lines = 0
    damage: str | None = None
    closed = False
    hashes = HashFile(names)
    try:
        for stretch in stretches(path, apex, max_bytes=max_bytes):
            found = registry.delegations(stretch.owners)
            hashes.add(siphash(found.names, key))
            refused += len(stretch.rejects) + len(found.refused)
            soas += stretch.soas[: max(0, _MAX_SOAS - len(soas))]
            lines, damage, closed = stretch.end - 1, stretch.damage, stretch.ends_with_soa
            if damage is None and refused > MAX_REFUSED:
                damage = f"more than {MAX_REFUSED} of its lines could not be taken"
            if damage is not None:
                break
        count = hashes.close()
    except OSError as error:
        raise SourceError(
            f"The fingerprints of {path} cannot be written ({error.strerror}); free some space."
        ) from None
    finally:
        hashes.discard()
    own = [soa for soa in soas if soa.owner == apex]
    serials = {soa.serial for soa in own}
    packed = _is_packed(path)
    closed = closed and len(own) > 1
    if damage is None:
        damage = _lacking(own, serials, closed=closed, packed=packed)
    notes = () if closed or damage else (_NO_CLOSING_SOA,)
    return Facts(
        sha256=content_digest(path).hex(),
        lines=lines,
        names=count,
        serial=own[0].serial if own else None,
        damage=damage,
        notes=notes,
    )


_NO_CLOSING_SOA: Final = (
    "zone: it does not end with its SOA record; the compressed file is whole, but whether the "
    "registry wrote all of it cannot be told"
)


def _lacking(own: list[Soa], serials: set[int], *, closed: bool, packed: bool) -> str | None:
    if not own:
        return "it has no SOA record"
    if len(serials) > 1:
        return f"it has two serials, {min(serials)} and {max(serials)}: it changed while written"
    if not closed and not packed:
        return "it does not end with its SOA record, and nothing else says that it is whole"
    return None


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _GZIP
