"""A pack made to fit, signed, stamped and written, in this order.

The manifests are known before anything is on the disk, so signatures and time stamp are made of
them in memory: nobody ever finds a pack that is half sealed, and a key that cannot be used leaves
nothing behind.
May import: namaak.errors, and its own package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

from namaak.casework.evidence.bag import put
from namaak.casework.evidence.bagging import Bagged, Maker
from namaak.casework.evidence.checking import STAMPED, TAG_MANIFESTS, TOKEN
from namaak.casework.evidence.signing import Signer
from namaak.casework.evidence.stamping import Ask, NoStamp, Stamp, ask_for_stamp
from namaak.errors import NamaakError


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A pack that was made."""

    path: Path
    tagmanifest_sha256: str  #: whoever knows it can tell whether a pack is this one
    signed: bool
    stamped: bool
    size: int  #: bytes of all files
    missing: tuple[tuple[str, str], ...]  #: what and why
    doubts: tuple[str, ...]  #: what should be looked after: a time stamp that did not come


def seal(
    maker: Maker,
    output: Path,
    *,
    max_bytes: int | None,
    signer: Signer | None,
    ask: Ask | None,
    chain: bytes | None,
) -> Made:
    """Made to fit, signed, stamped and written, in this order: nothing half is ever there."""
    more = [] if signer is not None else [_UNSIGNED]
    if ask is None:
        more.append(_UNSTAMPED)
    bagged = _fitting(maker, max_bytes, more)
    seals: dict[str, bytes] = {}
    stamp: Stamp | None = None
    doubts: list[str] = []
    if ask is not None:
        try:
            stamp = ask_for_stamp(bagged.files[STAMPED], ask, chain=chain)
        except NoStamp as error:
            doubts.append(str(error))
            # What is missing is said in the pack itself, so the pack becomes another.
            bagged = _fitting(maker, max_bytes, [*more, (_UNSTAMPED[0], str(error))])
        else:
            seals[TOKEN] = stamp.reply
            doubts += [] if stamp.doubt is None else [stamp.doubt]
    if signer is not None:
        for name in TAG_MANIFESTS:
            seals[f"{name}.sig"] = signer.sign(bagged.files[name])
        if stamp is not None:
            seals[f"{TOKEN}.sig"] = signer.sign(stamp.reply)
    case_id = str(maker.case.case["case_id"])
    name = f"case-{case_id}-{maker.now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return Made(
        path=put(output, name, {**bagged.files, **seals}),
        tagmanifest_sha256=hashlib.sha256(bagged.files[STAMPED]).hexdigest(),
        signed=signer is not None,
        stamped=stamp is not None,
        size=bagged.size + sum(map(len, seals.values())),
        missing=bagged.missing,
        doubts=tuple(doubts),
    )


_UNSIGNED = (
    "Signature over the tag manifest",
    "The pack is not signed; whoever sends it vouches.",
)
_UNSTAMPED = (
    "Time stamp (RFC 3161)",
    "No time-stamp authority was asked; the times are namaak's.",
)
#: What goes first where a pack is too large, the end of its path and why it can be spared.
_SPARED = (
    ("/capture.wacz", "the pictures and the page's text are here; ask for the full pack"),
    ("/screenshot-full.png", "what a visitor saw first is here"),
    ("/dom.html", "the pictures are here"),
    ("data/report.pdf", "report.html is the same report"),
    ("data/comparison/side-by-side.png", "the report shows both pictures"),
    ("data/comparison/overlay.png", "it is in the report"),
    ("data/comparison/subject.png", "it is in the report"),
    ("data/comparison/official.png", "it is in brand/"),
    ("/screenshot-view.png", "it is in the report, smaller"),
)
#: Room for signatures and a time stamp.
_SEALS_BYTES = 16_000
#: What a line about a file that was left out takes, in both reports and missing.json.
_SAID_BYTES = 1_000


def _fitting(maker: Maker, max_bytes: int | None, more: Sequence[tuple[str, str]]) -> Bagged:
    """The bag with as much as fits; what was left out for it is missing with that reason."""
    bagged = maker.files(frozenset(), more)
    if max_bytes is None or bagged.size + _SEALS_BYTES <= max_bytes:
        return bagged
    left: set[str] = set()
    said: list[tuple[str, str]] = []
    size = bagged.size
    for path, why in _spared(bagged.files):
        left.add(path)
        size -= len(bagged.files[path])
        said.append((path.removeprefix("data/"), f"It is too large for this recipient; {why}."))
        # What is said instead makes the report a little larger.
        if size + _SEALS_BYTES + _SAID_BYTES * len(said) <= max_bytes:
            break
    if "data/report.pdf" in left:
        maker = replace(maker, to_pdf=None)
    bagged = maker.files(frozenset(left), [*more, *said])
    if bagged.size + _SEALS_BYTES > max_bytes:
        raise NamaakError(
            f"The pack does not fit into {max_bytes} bytes: {bagged.size} are left when everything "
            "is left out that can be; allow more, or send the full pack another way."
        )
    return bagged


def _spared(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Files that can be spared, the dearest of each kind first, and why."""
    for ending, why in _SPARED:
        found = [path for path in files if path.endswith(ending)]
        for path in sorted(found, key=lambda path: (-len(files[path]), path)):
            yield path, why
