"""The evidence pack: one case as a BagIt 1.0 bag that a stranger can check.

BagIt (RFC 8493), because archives, courts and registrars have tools for it and because
`sha256sum -c` alone already checks half of it. Written here and not with the bagit package,
which declares version 0.97; our tests let that package validate the result. The same case
at the same time gives the same bytes. A pack is built in a folder beside its place, flushed,
and renamed there, so nobody ever finds half of one.
No name in the pack comes from a stranger.
May import: namaak.errors, namaak.casework.{alignment, comparison, events, report}.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from namaak.casework.alignment import UNICODE_VERSION, explain
from namaak.casework.comparison import Comparison, compare, hash_facts
from namaak.casework.events import verify_events
from namaak.casework.report import Report, render
from namaak.errors import NamaakError, UsageError

ALGORITHMS = ("sha256", "sha512")
_BAGIT_TXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_CASE_ID = re.compile(r"NK-[0-9A-HJKMNP-TV-Z]{12}")
_MANIFEST_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)")
_READ_BYTES = 1 << 20


class CaseFile(Protocol):
    """All that is known of one case, as namaak.casework.reading reads it."""

    @property
    def case(self) -> Mapping[str, object]: ...
    @property
    def signals(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def matches(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def events(self) -> Sequence[Mapping[str, object]]: ...


def write_pack(
    case: CaseFile,
    *,
    output: Path,
    now: datetime,
    contact: str,
    organisation: str | None,
    observations: Sequence[Mapping[str, object]],
    subject_image: bytes | None,
    logo: bytes | None,
    version: str,
) -> Path:
    """Write `output/case-<id>-<utc>/` and return it.

    now: aware, when the pack is made. observations: rows of OBSERVATION_SCHEMA, as seen.
    subject_image, logo: the original bytes; a picture that is absent or does not decode is
    told in missing.json. Raises UsageError where the pack is already there or `output` is no
    folder, NamaakError where it cannot be written; in both cases nothing is left behind.
    """
    case_id = str(case.case["case_id"])
    if not _CASE_ID.fullmatch(case_id):
        raise UsageError(f"{case_id!r} is not a case id; give one as `namaak cases` prints it.")
    comparison = compare(logo, subject_image)
    payload = _payload(case, observations, comparison, subject_image)
    report = Report(
        case=case.case,
        signals=_in_order(case.signals, "position"),
        matches=_in_order(case.matches, "match_id"),
        events=_in_order(case.events, "case_seq"),
        observations=_in_order(observations, *_OBSERVATION_ORDER),
        comparison=comparison,
        missing=_missing(case.case, comparison),
        files=[(path, hashlib.sha256(payload[path]).hexdigest()) for path in sorted(payload)],
        organisation=organisation,
        contact=contact,
        version=version,
    )
    payload["data/report.html"] = render(report, now=now).encode("utf-8")
    info = {
        "Source-Organization": organisation,
        "Contact-Email": contact,
        "External-Identifier": case_id,
        "Bagging-Date": now.astimezone(UTC).date().isoformat(),
        "Bag-Software-Agent": f"namaak {version}",
        "Payload-Oxum": f"{sum(map(len, payload.values()))}.{len(payload)}",
    }
    name = f"case-{case_id}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return _put(output, name, payload | _tag_files(payload, info))


def canonical_json(value: object, *, indent: int | None = 2) -> bytes:
    """Sorted keys, UTF-8, one newline at the end; moments as ISO 8601 in UTC with `Z`.

    Characters that a terminal obeys or does not show are escaped, so that a pack can be read
    with `cat`. A number that JSON cannot say (nan, inf) is told as text.
    """
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, indent=indent)
    # Line breaks outside strings are ours; inside, json has already escaped them.
    escaped = "".join(
        _json_escape(c) if c != "\n" and unicodedata.category(c) in _UNSEEN else c for c in text
    )
    return escaped.encode("utf-8") + b"\n"


def verify_pack(path: Path) -> tuple[str, ...]:
    """What is wrong with a pack, a sentence each; empty when it is sound.

    Trusts nothing in the folder: follows no link and opens no path that a manifest names
    unless it was found by walking. Raises UsageError when there is no such folder, NamaakError
    when it cannot be read.
    """
    if not path.is_dir():
        raise UsageError(f"There is no pack at {path}; name the folder that holds bagit.txt.")
    try:
        digests, sizes, problems = _walk(path)
        problems += _tag_problems(path, digests)
        for algorithm in ALGORITHMS:
            problems += _manifest_problems(path, algorithm, digests)
        problems += _oxum_problems(path, sizes)
        if "data/events.jsonl" in digests:
            problems += _event_problems(path / "data" / "events.jsonl")
    except OSError as error:
        raise NamaakError(
            f"The pack {path} cannot be read: {error}; check the folder's permissions."
        ) from None
    return tuple(problems)


# What goes in


_OBSERVATION_ORDER = ("observed_at", "source", "instance", "position")


def _payload(
    case: CaseFile,
    observations: Sequence[Mapping[str, object]],
    comparison: Comparison,
    subject_image: bytes | None,
) -> dict[str, bytes]:
    """Path in the bag -> content, all but the report, which lists the others."""
    row = case.case
    score = {name: row[name] for name in ("score", "band", "gates", "rank_version")}
    matches = [dict(m, alignment=explain(m)) for m in _in_order(case.matches, "match_id")]
    payload = {
        "data/case.json": canonical_json(row),
        "data/score.json": canonical_json(score | {"signals": _in_order(case.signals, "position")}),
        "data/events.jsonl": _lines(_in_order(case.events, "case_seq")),
        "data/observations.jsonl": _lines(_in_order(observations, *_OBSERVATION_ORDER)),
        "data/matches.json": canonical_json(
            {"unicode_version": UNICODE_VERSION, "matches": matches}
        ),
        "data/missing.json": canonical_json(_missing(row, comparison)),
        "data/comparison/hashes.json": canonical_json(hash_facts(comparison)),
    }
    if subject_image is not None:
        payload["data/comparison/subject.orig"] = subject_image
    if comparison.official is not None:
        payload["data/comparison/official.png"] = comparison.official.png
    if comparison.seen is not None:
        payload["data/comparison/subject.png"] = comparison.seen.png
    if comparison.side_by_side is not None:
        payload["data/comparison/side-by-side.png"] = comparison.side_by_side
    return payload


def _missing(case: Mapping[str, object], comparison: Comparison) -> list[dict[str, str]]:
    """What a full pack would hold and this one does not; `what` and `reason`."""
    unvisited = "This pack tells what was observed; the subject was not visited to make it."
    entries = [("Fresh capture (WACZ, screenshots)", unvisited)]
    if case["subject_kind"] == "host":
        entries.append(("DNS, RDAP, TLS certificate, CT records", unvisited))
    if case["subject_kind"] in ("account", "app"):
        entries.append(("Fresh profile or store page", unvisited))
    if comparison.official_problem is not None:
        entries.append(("Official picture", comparison.official_problem))
    if comparison.seen_problem is not None:
        entries.append(("Seen picture", comparison.seen_problem))
    entries += [
        ("Trade-mark certificates, authority letter", "None is added when a pack is made."),
        ("Signature over the tag manifest", "The pack is not signed; whoever sends it vouches."),
        ("Time stamp (RFC 3161)", "No time-stamp authority was asked; the times are namaak's."),
    ]
    return [{"what": what, "reason": reason} for what, reason in entries]


def _in_order(rows: Sequence[Mapping[str, object]], *names: str) -> list[Mapping[str, object]]:
    return sorted(rows, key=lambda row: tuple(row[name] for name in names))


def _lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    return b"".join(canonical_json(row, indent=None) for row in rows)


#: Categories of characters that a terminal obeys or does not show.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def _plain(value: object) -> object:
    match value:
        case datetime():
            aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return aware.isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case float() if not math.isfinite(value):
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(name): _plain(entry) for name, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
    return value


# The bag


_VERIFY_TXT = """\
How to check this pack without namaak
=====================================

In this folder:

  sha256sum -c manifest-sha256.txt       every file below data/ is as it was packed
  sha256sum -c tagmanifest-sha256.txt    so are the manifests and this text
  sha512sum -c manifest-sha512.txt       the same with the second hash

One folder up, with the Library of Congress's bagit-python, which also finds files that
nobody listed (this is a BagIt 1.0 bag, RFC 8493):

  bagit.py --validate FOLDER

The history of the case, data/events.jsonl, is a chain: each event carries the hash of the
event before it, so none can be changed, removed or put in between without every later hash
changing. `hash` is the SHA-256 of the event as JSON with sorted keys and without white space,
`data` being an object in it. Recompute it in this folder with Python 3 alone:

python3 - <<'END'
import hashlib, json
previous = "0" * 64
for line in open("data/events.jsonl", encoding="utf-8"):
    event = json.loads(line)
    names = ("actor", "case_id", "case_seq", "happened_at", "kind", "previous_hash")
    document = {name: event[name] for name in names}
    document["data"] = json.loads(event["data"])
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if event["previous_hash"] != previous:
        raise SystemExit("event %s does not follow the one before" % event["case_seq"])
    previous = hashlib.sha256(text.encode("utf-8")).hexdigest()
    if event["hash"] != previous:
        raise SystemExit("event %s was changed" % event["case_seq"])
print("the chain is whole and ends in", previous)
END

A chain that was cut off at its end still holds: compare the hash in which it ends with one
that you were told earlier. (`chain_hash` ties this case to all others of the same casebook;
it can be recomputed only there.)

What the pack proves: that its files are those that were packed together, if you have the
hash of tagmanifest-sha256.txt from somebody you trust; and that the history is consistent.
What it does not prove: that what was observed was true, who made the pack, or when. It is
not signed and not time-stamped unless a file beside tagmanifest-sha256.txt ends in .sig or
.tsr. data/missing.json lists what a full pack would hold and this one does not.

data/comparison/subject.orig, where it exists, is a stranger's file, byte for byte. Do not
open it to look at it; subject.png beside it shows the same picture, encoded anew.
"""


def _tag_files(payload: Mapping[str, bytes], info: Mapping[str, str | None]) -> dict[str, bytes]:
    """The files beside data/: declaration, facts, manifests, and how to check all that."""
    stated = [f"{name}: {_one_line(value)}\n" for name, value in info.items() if value]
    tags = {
        "bagit.txt": _BAGIT_TXT.encode(),
        "bag-info.txt": "".join(stated).encode(),
        "VERIFY.txt": _VERIFY_TXT.encode(),
    }
    tags |= {f"manifest-{name}.txt": _manifest(name, payload) for name in ALGORITHMS}
    return tags | {f"tagmanifest-{name}.txt": _manifest(name, tags) for name in ALGORITHMS}


def _one_line(text: str) -> str:
    """A line break in a value would begin a tag of its own."""
    return " ".join("".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text).split())


def _manifest(algorithm: str, files: Mapping[str, bytes]) -> bytes:
    # Two spaces: what sha256sum reads.
    return "".join(
        f"{hashlib.new(algorithm, files[path]).hexdigest()}  {path}\n" for path in sorted(files)
    ).encode()


def _put(output: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Write all files below a name of no meaning, flush them, rename the folder to `name`."""
    final = output / name
    work = output / f".{name}.{uuid.uuid4().hex}"
    try:
        output.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{output} is not a folder; name a folder for the pack.") from None
    except OSError as error:
        raise _unwritten(output, error) from None
    if os.path.lexists(final):
        raise UsageError(
            f"The pack {final} is already there; wait a second or name another folder."
        )
    try:
        for path in sorted(files):
            target = work / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as out:
                out.write(files[path])
                out.flush()
                os.fsync(out.fileno())
        for folder in (work / "data" / "comparison", work / "data", work):
            _flush_folder(folder)
        # Fails, as it must, if another process put a pack of this name here meanwhile.
        work.rename(final)
        _flush_folder(output)
    except OSError as error:
        raise _unwritten(output, error) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return final


def _unwritten(output: Path, error: OSError) -> NamaakError:
    reason = error.strerror or str(error)
    return NamaakError(
        f"The pack could not be written below {output}: {reason}; make room or mend the "
        "folder's permissions, or name another folder."
    )


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Checking one


def _walk(bag: Path) -> tuple[dict[str, dict[str, str]], dict[str, int], list[str]]:
    """Hashes and sizes of all regular files, by path in the bag; whatever else is a problem."""
    digests: dict[str, dict[str, str]] = {}
    sizes: dict[str, int] = {}
    problems: list[str] = []
    for folder, folders, files in os.walk(bag):
        for name in sorted((*folders, *files)):
            place = Path(folder, name)
            path = place.relative_to(bag).as_posix()
            if place.is_symlink() or not (place.is_file() or place.is_dir()):
                problems.append(f"{path!r} is a link or device, which a pack never holds.")
            elif place.is_file():
                digests[path], sizes[path] = _digest(place)
    return digests, sizes, problems


def _digest(place: Path) -> tuple[dict[str, str], int]:
    hashes = {name: hashlib.new(name) for name in ALGORITHMS}
    size = 0
    with place.open("rb") as content:
        while block := content.read(_READ_BYTES):
            size += len(block)
            for running in hashes.values():
                running.update(block)
    return {name: running.hexdigest() for name, running in hashes.items()}, size


def _tag_problems(bag: Path, digests: Mapping[str, object]) -> list[str]:
    problems = []
    if "bagit.txt" not in digests or _text(bag / "bagit.txt") != _BAGIT_TXT:
        problems.append("bagit.txt does not declare a BagIt 1.0 bag in UTF-8.")
    if "fetch.txt" in digests:
        problems.append("fetch.txt promises files from elsewhere, which a pack never does.")
    return problems


def _manifest_problems(
    bag: Path, algorithm: str, digests: Mapping[str, Mapping[str, str]]
) -> list[str]:
    payload = {path for path in digests if path.startswith("data/")}
    manifests = {f"manifest-{name}.txt" for name in ALGORITHMS}
    tags = {"bagit.txt", "bag-info.txt", "VERIFY.txt"} | manifests
    problems = []
    for manifest, expected in (
        (f"manifest-{algorithm}.txt", payload),
        (f"tagmanifest-{algorithm}.txt", tags),
    ):
        if manifest not in digests:
            problems.append(f"{manifest} is missing.")
            continue
        listed: dict[str, str] = {}
        for number, line in enumerate(_text(bag / manifest).splitlines(), start=1):
            parts = _MANIFEST_LINE.fullmatch(line)
            if parts is None or parts[2] in listed:
                problems.append(f"{manifest}, line {number}, is no new hash and path.")
                continue
            listed[parts[2]] = parts[1].lower()
        for path in sorted(expected - listed.keys()):
            problems.append(f"{path!r} is not listed in {manifest}.")
        for path, digest in sorted(listed.items()):
            if path not in digests:
                problems.append(f"{path!r} is listed in {manifest} and is not there.")
            elif digests[path][algorithm] != digest:
                problems.append(f"{path!r} was changed: its {algorithm} is not that in {manifest}.")
    return problems


def _oxum_problems(bag: Path, sizes: Mapping[str, int]) -> list[str]:
    if "bag-info.txt" not in sizes:
        return ["bag-info.txt is missing."]
    payload = [size for path, size in sizes.items() if path.startswith("data/")]
    oxum = f"{sum(payload)}.{len(payload)}"
    if f"Payload-Oxum: {oxum}" not in _text(bag / "bag-info.txt").splitlines():
        return [f"Payload-Oxum in bag-info.txt is not {oxum}, which is what the folder holds."]
    return []


def _text(place: Path) -> str:
    return place.read_text(encoding="utf-8", errors="replace")


def _event_problems(place: Path) -> list[str]:
    try:
        broken = verify_events(json.loads(line) for line in _text(place).splitlines())
    # A line that somebody wrote may be any JSON, or none.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ["data/events.jsonl does not hold one event on each line."]
    if broken is None:
        return []
    return [f"data/events.jsonl: event {broken.case_seq!r} is broken: {broken.what}."]
