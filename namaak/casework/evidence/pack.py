"""The evidence pack: what is told of one case, so that a stranger can check it.

Here is what goes in. What stands where is contents, what a recipient of a notice gets is
reduction; how all of it becomes a folder is bagging, sealing and bag. The same case at the same
time gives the same bytes, but for signatures and time stamps. No name in it comes from a stranger.
May import: its own package, namaak.casework.overlay, namaak.errors and detectors.images.picture.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from detectors.images.picture import Undecodable
from namaak.casework.evidence import contents, reduction
from namaak.casework.evidence.alignment import UNICODE_VERSION, explain
from namaak.casework.evidence.bagging import CaseFile, Maker, in_order
from namaak.casework.evidence.checking import HOW_TO_VERIFY, verify_pack
from namaak.casework.evidence.comparison import Comparison, Decode, compare, hash_facts
from namaak.casework.evidence.gone import found_down
from namaak.casework.evidence.json_text import canonical_json, lines
from namaak.casework.evidence.log_entries import LogEntry, log_entries
from namaak.casework.evidence.material import NOTICE_BYTES, Enclosed, Profile
from namaak.casework.evidence.report import Captured
from namaak.casework.evidence.reported import Reported, reported
from namaak.casework.evidence.sealing import Made, seal
from namaak.casework.evidence.signing import ALLOWED_SIGNERS, Signer
from namaak.casework.evidence.stamping import CHAIN, Ask
from namaak.casework.overlay import png, shrunk
from namaak.errors import UsageError

__all__ = ["Made", "canonical_json", "make_pack", "verify_pack", "write_pack"]

_CASE_ID = re.compile(r"NK-[0-9A-HJKMNP-TV-Z]{12}")
_NOT_LAID = "No way was found to lay one over the other so that their edges run together."
_VIEW = 900  #: pixels: of a picture of a page in the report
_NOTICE_VIEW = 1280  #: the same in a pack for a notice


def write_pack(case: CaseFile, **material: object) -> Path:
    """`make_pack`, for whoever only wants to know where it is."""
    return make_pack(case, **material).path  # type: ignore[arg-type]


def make_pack(
    case: CaseFile,
    *,
    output: Path,
    now: datetime,
    contact: str,
    organisation: str | None,
    observations: Sequence[Mapping[str, object]],
    subject_image: bytes | None,
    logo: bytes | None,
    decode: Decode,
    version: str,
    chain_head: Mapping[str, object] | None = None,
    screenshots: Mapping[str, bytes] | None = None,
    enclosed: Enclosed | None = None,
    profile: Profile = Profile.FULL,
    max_bytes: int | None = None,
    language: str = "en",
    to_pdf: Callable[[str], bytes] | None = None,
    signer: Signer | None = None,
    ask: Ask | None = None,
    chain: bytes | None = None,
) -> Made:
    """Write `output/case-<id>-<utc>/`.

    now: aware, when the pack is made. observations: rows of OBSERVATION_SCHEMA, as seen.
    subject_image, logo: the original bytes; a picture that is absent or does not decode is
    told in missing.json. decode: turns bytes into pixels, under limits. chain_head: `seq` and
    `chain_hash` of the casebook's last event, by which a history that was cut short later is
    noticed. screenshots: of those that the observations name, the original bytes by SHA-256.
    enclosed: what else there is. max_bytes: of the whole pack; for a notice NOTICE_BYTES without.
    language: of the report's labels, "en" or "nl". to_pdf: prints the report; None where it is not
    to be printed. signer, ask: who signs, and who asks an authority for a time stamp; None where
    nobody does. chain: the authority's certificates, PEM.
    Raises UsageError where the pack is already there or `output` is no folder, NamaakError where
    it cannot be signed, does not fit, or cannot be written; in all cases nothing is left behind.
    A time stamp that does not come is no error: the pack says so.
    """
    case_id = str(case.case["case_id"])
    if not _CASE_ID.fullmatch(case_id):
        raise UsageError(f"{case_id!r} is not a case id; give one as `namaak cases` prints it.")
    material = enclosed or Enclosed()
    left_out: list[tuple[str, str]] = []
    match = _picture_match(case.matches, subject_image)
    comparison = compare(logo, subject_image, decode=decode, match=match)
    # Before anything is cut: what limits a finding belongs to it, whoever reads it.
    down = found_down(in_order(case.events, "case_seq"))
    if profile is Profile.NOTICE:
        if material.captures and not reduction.fit_captures(case.case, material):
            left_out.append(reduction.NO_VISIT)
        material = reduction.cut_enclosed(case.case, material)
        case = reduction.cut_case(case.case, case.signals, case.matches, case.events)
        observations = reduction.cut_observations(case.case, observations)
        material = _scaled(material, decode)
        subject_image, chain_head, screenshots = None, None, None
        left_out += reduction.LEFT_OUT
        max_bytes = max_bytes or NOTICE_BYTES
    ordered = in_order(observations, *_OBSERVATION_ORDER)
    reports = reported(ordered, screenshots or {}, decode=decode)
    parts = _parts(case.case, ordered, comparison, material)
    payload = _payload(case, ordered, comparison, subject_image) | _kept(reports)
    if profile is Profile.NOTICE:
        del payload["data/events.jsonl"]
        payload["data/history.json"] = reduction.history(case.events)
    for part in parts:
        payload |= part.files
    if chain_head is not None:
        payload["data/chain-head.json"] = canonical_json(chain_head)
    missing = [
        *left_out,
        *_lacking(comparison, chain_head, reports, profile),
        *(entry for part in parts for entry in part.missing),
    ]
    if to_pdf is None:
        missing.append(("report.pdf", "It was not asked for; report.html is the same report."))
    notes = {HOW_TO_VERIFY: _how_to_verify(chain_head, signer, ask, payload).encode("utf-8")}
    if signer is not None:
        notes[ALLOWED_SIGNERS] = signer.allowed_signers
    if ask is not None and chain:
        notes[CHAIN] = chain
    maker = Maker(
        case=case,
        observations=ordered,
        comparison=comparison,
        reports=reports,
        captures=_captured(material, decode),
        logged=_logged(case.case, ordered, material),
        base=payload,
        missing=missing,
        now=now,
        contact=contact,
        organisation=organisation,
        version=version,
        language=language,
        actions=material.actions,
        down=down,
        chain_head=chain_head,
        to_pdf=to_pdf,
        notes=notes,
    )
    return seal(maker, output, max_bytes=max_bytes, signer=signer, ask=ask, chain=chain)


# What goes in


_OBSERVATION_ORDER = ("observed_at", "source", "instance", "position")


def _parts(
    case: Mapping[str, object],
    observations: Sequence[Mapping[str, object]],
    comparison: Comparison,
    enclosed: Enclosed,
) -> list[contents.Part]:
    official = None if comparison.official is None else comparison.official.png
    return [
        contents.captures_part(enclosed),
        contents.network_part(case, observations, enclosed),
        contents.account_part(case, enclosed),
        contents.brand_part(official, enclosed),
        contents.cluster_part(enclosed),
        contents.actions_part(enclosed),
        contents.exports_part(enclosed),
    ]


def _logged(
    case: Mapping[str, object], observations: Sequence[Mapping[str, object]], enclosed: Enclosed
) -> list[LogEntry]:
    """Certificates of the host, for the report."""
    return log_entries(observations, enclosed) if case["subject_kind"] == "host" else []


def _payload(
    case: CaseFile,
    observations: Sequence[Mapping[str, object]],
    comparison: Comparison,
    subject_image: bytes | None,
) -> dict[str, bytes]:
    """Path in the bag -> content: the case itself, and the pictures that are compared.

    observations: in the order in which they are told.
    """
    row = case.case
    score = {name: row[name] for name in ("score", "band", "gates", "rank_version")}
    score |= {name: row.get(name) for name in ("confidence", "severity")}
    matches = [dict(m, alignment=explain(m)) for m in in_order(case.matches, "match_id")]
    payload = {
        "data/case.json": canonical_json(row),
        "data/score.json": canonical_json(score | {"signals": in_order(case.signals, "position")}),
        "data/events.jsonl": lines(in_order(case.events, "case_seq")),
        "data/observations.jsonl": lines(observations),
        "data/matches.json": canonical_json(
            {"unicode_version": UNICODE_VERSION, "matches": matches}
        ),
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
    if comparison.overlay is not None:
        payload["data/comparison/overlay.png"] = comparison.overlay
    return payload


def _kept(reports: Sequence[Reported]) -> dict[str, bytes]:
    """Path in the bag -> content: screenshots as they were reported, and as people see them."""
    payload = {}
    for one in (report.screenshot for report in reports):
        if one is not None and one.original is not None:
            # No ending that a programme opens: the bytes are a stranger's.
            payload[f"data/reported/{one.sha256}.orig"] = one.original
            if one.png is not None:
                payload[f"data/reported/{one.sha256}.png"] = one.png
    return payload


def _captured(enclosed: Enclosed, decode: Decode) -> list[Captured]:
    """Each visit for the report; of the last good one of each vantage what a visitor saw."""
    folders = contents.capture_folders(enclosed.captures)
    shown = {row["vantage"]: name for name, row in folders if row.get("view_sha256")}
    captured = []
    for name, row in folders:
        sha256 = row.get("view_sha256")
        content = enclosed.kept.get(str(sha256)) if shown.get(row["vantage"]) == name else None
        picture = None if content is None else _smaller(content, decode, _VIEW)
        captured.append(
            Captured(
                row=row,
                folder=name,
                picture=picture,
                sha256=None if picture is None else str(sha256),
            )
        )
    return captured


def _scaled(enclosed: Enclosed, decode: Decode) -> Enclosed:
    """Pictures of pages at most so large; their rows name the digests of what is then there."""
    kept = dict(enclosed.kept)
    captures = []
    for row in enclosed.captures:
        cut = dict(row)
        for name in ("full_sha256", "view_sha256"):
            content = kept.get(str(row.get(name)))
            made = None if content is None else _smaller(content, decode, _NOTICE_VIEW)
            if made is not None:
                digest = hashlib.sha256(made).hexdigest()
                kept[digest] = made
                cut |= {name: digest, f"{name}_before_scaling": row[name]}
        captures.append(cut)
    return replace(enclosed, captures=captures, kept=kept)


def _smaller(content: bytes, decode: Decode, side: int) -> bytes | None:
    """PNG at most `side` pixels a side; None for what cannot be decoded."""
    decoded = decode(content)
    if isinstance(decoded, Undecodable):
        return None
    pixels = decoded.frames[0].pixels if decoded.large is None else decoded.large
    return png(shrunk(pixels, side))


def _picture_match(
    matches: Sequence[Mapping[str, object]], subject_image: bytes | None
) -> Mapping[str, object] | None:
    """The strongest match by this very picture; None where the picture matched nothing."""
    if subject_image is None:
        return None
    sha256 = hashlib.sha256(subject_image).hexdigest()
    found = [row for row in matches if row["field"] == "image" and row["value"] == sha256]
    return max(found, key=lambda row: (float(str(row["strength"])), row["match_id"]), default=None)


def _lacking(
    comparison: Comparison,
    chain_head: Mapping[str, object] | None,
    reports: Sequence[Reported],
    profile: Profile,
) -> list[tuple[str, str]]:
    """What a full pack would hold of the case itself and this one does not; what and why."""
    entries = []
    if comparison.official_problem is not None:
        entries.append(("Official picture", comparison.official_problem))
    if comparison.seen_problem is not None:
        entries.append(("Seen picture", comparison.seen_problem))
    if comparison.side_by_side is not None and comparison.overlay is None:
        entries.append(("Official picture laid over the seen one", _NOT_LAID))
    shots = {one.screenshot.sha256: one.screenshot for one in reports if one.screenshot}
    for sha256, shot in sorted(shots.items()):
        if shot.problem is not None:
            entries.append((f"Reported screenshot {sha256[:12]}…", shot.problem))
    if chain_head is None and profile is Profile.FULL:
        entries.append(("End of the casebook's history", "It was not asked for."))
    return entries


def _shown_proofs(payload: Mapping[str, bytes]) -> list[tuple[str, bool]]:
    """Folder of each proof of a log, and whether it is of a precertificate."""
    keys = sorted(path for path in payload if path.endswith("/log-key.pem"))
    folders = [path.removesuffix("/log-key.pem") for path in keys]
    return [(folder, f"{folder}/tbs-certificate.der" in payload) for folder in folders]


def _how_to_verify(
    chain_head: Mapping[str, object] | None,
    signer: Signer | None,
    ask: Ask | None,
    payload: Mapping[str, bytes],
) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=False,  # noqa: S701 - plain text, and nothing of a stranger's goes into it
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("VERIFY.txt.jinja").render(
        chain_head=chain_head,
        signer=None if signer is None else signer.principal,
        stamped=ask is not None,
        proofs=_shown_proofs(payload),
        archives=sorted(path for path in payload if path.endswith(".wacz")),
        chained="data/events.jsonl" in payload,
        original="data/comparison/subject.orig" in payload,
    )
