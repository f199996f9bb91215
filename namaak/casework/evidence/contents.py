"""Where each thing stands in a pack, and what is to be said of a thing that is not there.

A part is a folder below data/: what it holds by path, and what it lacks, each with its reason.
No name of a path comes from a stranger: names are ours, numbers, digests, or words of the watch
file that pass a gate.
Pure. May import: namaak.casework.evidence.{json_text, log_entries, material}, namaak.visible.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from namaak.casework.evidence.json_text import canonical_json, parsed
from namaak.casework.evidence.log_entries import ct_files, fitting, lacking, log_entries
from namaak.casework.evidence.material import Enclosed, Paper, Row
from namaak.visible import inert

_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
#: Of a mail, the part in which all that is read of it stands.
_MAX_HEAD = 64 << 10
_GONE = "It is not kept any more, or never came."
_UNVISITED = (
    "The page was not visited to make this pack; `namaak pack --capture` visits it, with the "
    "extra `capture` and a Chromium of the system."
)
#: Aspects of enrichment and the file that holds their answer as it came.
_ANSWERS = {
    "rdap": ("rdap-domain", "Registration of the domain (RDAP)"),
    "network": ("rdap-ip", "Registration of the address (RDAP)"),
    "dns": ("dns", "DNS records"),
    "certificate": ("tls", "Certificate of the server (TLS)"),
}
_ENDINGS = {
    "application/pem-certificate-chain": "pem",
    "application/rdap+json": "json",
    "application/json": "json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A folder of the pack. missing: pairs of what and why."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    missing: Sequence[tuple[str, str]] = ()


def captures_part(enclosed: Enclosed) -> Part:
    """`captures/<utc>-<vantage>/`: each visit of the page."""
    files: dict[str, bytes] = {}
    missing: list[tuple[str, str]] = []
    for name, row in capture_folders(enclosed.captures):
        folder = f"data/captures/{name}"
        for digest, file in _CAPTURED.items():
            sha256 = row.get(digest)
            if not sha256:
                continue
            content = enclosed.kept.get(str(sha256))
            if content is None:
                missing.append((f"captures/{name}/{file}", _GONE))
            else:
                files[f"{folder}/{file}"] = content
        if f"{folder}/capture.json" not in files:
            files[f"{folder}/capture.json"] = canonical_json(row)
        if row.get("outcome") != "ok":
            missing.append((f"Whole page in captures/{name}", _said(row)))
    if not any(row.get("wacz_sha256") for row in enclosed.captures):
        missing.append(("Fresh capture (WACZ, screenshots)", _UNVISITED))
    return Part(files=files, missing=missing)


#: Column of a digest -> file in the capture's folder.
_CAPTURED = {
    "wacz_sha256": "capture.wacz",
    "full_sha256": "screenshot-full.png",
    "view_sha256": "screenshot-view.png",
    "dom_sha256": "dom.html",
    "text_sha256": "text.txt",
    "document_sha256": "capture.json",
    "tls_sha256": "tls.pem",
    "ct_sha256": "ct-proofs.json",
}


def capture_folders(captures: Iterable[Row]) -> list[tuple[str, Row]]:
    """The folder's name of each capture, oldest first."""
    named: list[tuple[str, Row]] = []
    used: set[str] = set()
    ordered = sorted(captures, key=lambda row: (_moment(row["started_at"]), str(row["capture_id"])))
    for row in ordered:
        vantage = str(row.get("vantage"))
        place = vantage if _WORD.fullmatch(vantage) else "elsewhere"
        stem = f"{_moment(row['started_at']):%Y%m%dT%H%M%SZ}-{place}"
        name = stem
        number = 1
        while name in used:
            number += 1
            name = f"{stem}-{number}"
        used.add(name)
        named.append((name, row))
    return named


def network_part(case: Row, observations: Sequence[Row], enclosed: Enclosed) -> Part:
    """`network/`: what DNS, registries, the server and the logs said, as it came."""
    if case["subject_kind"] != "host":
        return Part()
    files: dict[str, bytes] = {}
    missing: list[tuple[str, str]] = []
    told = []
    for aspect, row in _latest(enclosed.findings).items():
        told.append({name: row[name] for name in _TOLD} | {"facts": parsed(row["facts"])})
        if aspect == "page" and (hops := _redirects(row)) is not None:
            files["data/network/redirects.json"] = canonical_json(hops)
    if told:
        files["data/network/findings.json"] = canonical_json(told)
    rows = {aspect: _latest_saying(enclosed.findings, aspect) for aspect in _ANSWERS}
    for aspect, (stem, what) in _ANSWERS.items():
        found = rows[aspect]
        if found is None:
            missing.append((what, _UNASKED))
            continue
        name, content = _answer(stem, aspect, found, enclosed)
        if content is None:
            missing.append((what, _GONE))
        else:
            files[f"data/network/{name}"] = content
        for number, sha256 in enumerate(_further(found), start=2):
            content = enclosed.kept.get(sha256)
            if content is None:
                missing.append((f"{what}, answer {number}", _GONE))
            else:
                files[f"data/network/{stem}-{number}.json"] = content
    entries = log_entries(observations, enclosed)
    if entries:
        fit = fitting(entries)
        files |= ct_files(fit, enclosed.logged)
        missing += lacking(fit)
        if left := len(entries) - len(fit):
            missing.append((f"{left} entries of certificate logs in network/ct.json", _NO_ROOM))
    else:
        missing.append(("Certificate Transparency", "No log entry for the host was observed."))
    return Part(files=files, missing=missing)


_NO_ROOM = "They are too many to be read by whoever checks the pack; see observations.jsonl."
_UNASKED = "It was not asked for, or nobody answered; `namaak enrich` asks."
_TOLD = ("aspect", "asked_at", "vantage", "outcome", "raw_sha256")


def _latest(findings: Iterable[Row]) -> dict[str, Row]:
    """The last finding of each aspect."""
    found: dict[str, Row] = {}
    for row in sorted(findings, key=lambda row: (str(row["aspect"]), _moment(row["asked_at"]))):
        found[str(row["aspect"])] = row
    return found


def _latest_saying(findings: Iterable[Row], aspect: str) -> Row | None:
    """The last finding of an aspect that holds an answer."""
    rows = [row for row in findings if row["aspect"] == aspect]
    rows = [row for row in rows if row["raw_sha256"] or row["outcome"] == "answered"]
    return max(rows, key=lambda row: _moment(row["asked_at"]), default=None)


def _answer(stem: str, aspect: str, row: Row, enclosed: Enclosed) -> tuple[str, bytes | None]:
    sha256 = row["raw_sha256"]
    if not sha256:
        # Many small packets, of which the finding is the record.
        told = {name: row[name] for name in _TOLD} | {"facts": parsed(row["facts"])}
        return f"{stem}.json", canonical_json(told)
    ending = _ENDINGS.get(str(row.get("raw_type")), "pem" if aspect == "certificate" else "json")
    return f"{stem}.{ending}", enclosed.kept.get(str(sha256))


def _further(row: Row) -> list[str]:
    """Digests of the further answers of one finding: the registrar's own, other addresses'."""
    facts = parsed(row["facts"])
    found: list[str] = []
    for name in ("servers", "networks"):
        entries = facts.get(name) if isinstance(facts, Mapping) else None
        for entry in entries if isinstance(entries, list) else ():
            sha256 = entry.get("sha256") if isinstance(entry, Mapping) else None
            if isinstance(sha256, str) and sha256 not in (*found, row["raw_sha256"]):
                found.append(sha256)
    return found


def answers_named(findings: Iterable[Row]) -> list[str]:
    """Digests of all answers that a pack with these findings encloses."""
    findings = list(findings)
    found: list[str] = []
    for aspect in _ANSWERS:
        row = _latest_saying(findings, aspect)
        if row is not None:
            found += [str(row["raw_sha256"])] if row["raw_sha256"] else []
            found += _further(row)
    return found


def _redirects(row: Row) -> dict[str, object] | None:
    facts = parsed(row["facts"])
    if not isinstance(facts, Mapping):
        return None
    names = ("hops", "url", "final_host", "off_site", "status", "refreshes_to", "script_sends_to")
    told = {name: facts[name] for name in names if name in facts}
    return {"asked_at": row["asked_at"], "vantage": row["vantage"], **told} if told else None


def account_part(case: Row, enclosed: Enclosed) -> Part:
    """`account/`: the profile with its history, and the picture as it came."""
    if case["subject_kind"] not in ("account", "app"):
        return Part()
    files: dict[str, bytes] = {}
    missing: list[tuple[str, str]] = []
    if enclosed.versions:
        latest = enclosed.versions[-1]
        profile = {
            "latest": latest,
            "history": list(enclosed.versions),
            "handles": list(enclosed.aliases),
        }
        files["data/account/profile.json"] = canonical_json(profile)
    else:
        missing.append(("Profile or store page", "None was read; only what was observed is here."))
    if enclosed.avatar is not None:
        files["data/account/avatar.orig"] = enclosed.avatar
    elif not enclosed.avatar_left_out:
        missing.append(("Picture of the account", "None was observed, or it is not kept."))
    return Part(files=files, missing=missing)


def brand_part(official: bytes | None, enclosed: Enclosed) -> Part:
    """`brand/`: rights. official: the logo, encoded anew."""
    files: dict[str, bytes] = {}
    missing: list[tuple[str, str]] = []
    if enclosed.marks:
        files["data/brand/marks.json"] = canonical_json(list(enclosed.marks))
    else:
        missing.append(("Trade marks", "The watch file names none for this brand."))
    if official is not None:
        files["data/brand/official-logo.png"] = official
    papers = [paper for paper in enclosed.papers if paper.name != AUTHORITY]
    for number, paper in enumerate(papers, start=1):
        _enclose(paper, f"data/brand/certificates/{number:02d}", files, missing)
    if not papers:
        missing.append(("Trade-mark certificates", _NO_PAPER.format("certificates")))
    letters = [paper for paper in enclosed.papers if paper.name == AUTHORITY]
    for paper in letters:
        _enclose(paper, "data/brand/authority-letter", files, missing)
    if not letters:
        missing.append(("Authority letter", _NO_PAPER.format("authority_letter")))
    return Part(files=files, missing=missing)


#: Name of the paper that says for whom we speak.
AUTHORITY = "authority letter"
_NO_PAPER = "`{}` of [evidence] in the watch file names none."


def _enclose(
    paper: Paper, stem: str, files: dict[str, bytes], missing: list[tuple[str, str]]
) -> None:
    if paper.content is None:
        missing.append((paper.name, paper.problem or _GONE))
    else:
        files[f"{stem}.{paper.ending}"] = paper.content


def cluster_part(enclosed: Enclosed) -> Part:
    """`cluster/`: cases of the same campaign, and what ties them."""
    if not enclosed.members:
        return Part()
    return Part(
        files={
            "data/cluster/members.csv": table(enclosed.members),
            "data/cluster/edges.csv": table(enclosed.edges),
        }
    )


def table(rows: Sequence[Row]) -> bytes:
    """CSV; no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = list(rows[0]) if rows else []
    writer.writerow(names)
    for row in rows:
        writer.writerow([inert(_cell(row.get(name))) for name in names])
    return out.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return _moment(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return [str(entry) for entry in value]
    # What has no character breaks the file; what a terminal obeys stays, as in any CSV.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def actions_part(enclosed: Enclosed) -> Part:
    """`actions/<n>-<route>/`: notices as they went out, and what came back."""
    files: dict[str, bytes] = {}
    missing: list[tuple[str, str]] = []
    replies: dict[str, list[Row]] = {}
    for reply in enclosed.replies:
        replies.setdefault(str(reply["action_id"]), []).append(reply)
    for number, row in enumerate(enclosed.actions, start=1):
        route = str(row.get("route"))
        folder = f"actions/{number:02d}-{route if _WORD.fullmatch(route) else 'route'}"
        files[f"data/{folder}/action.json"] = canonical_json(row)
        mail = row.get("sent_sha256") or row.get("eml_sha256")
        fields = row.get("form_sha256")
        wanted = {
            "notice.txt": row.get("text_sha256"),
            "notice.eml": mail,
            "xarf.json": row.get("xarf_sha256"),
            "fields.json": fields,
        }
        for name, sha256 in wanted.items():
            if not sha256:
                continue
            content = enclosed.kept.get(str(sha256))
            if content is None:
                missing.append((f"{folder}/{name}", _GONE))
            else:
                files[f"data/{folder}/{name}"] = content
        if not fields and row.get("fields"):
            files[f"data/{folder}/fields.json"] = canonical_json(parsed(row["fields"]))
        for place, reply in enumerate(replies.get(str(row["action_id"]), []), start=1):
            files[f"data/{folder}/reply-{place:02d}.json"] = canonical_json(reply)
            content = enclosed.kept.get(str(reply.get("content_sha256")))
            ending = "eml" if content is not None and _is_mail(content) else "txt"
            if content is not None:
                files[f"data/{folder}/reply-{place:02d}.{ending}"] = content
            elif reply.get("content_sha256"):
                missing.append((f"{folder}/reply-{place:02d}.{ending}", _GONE))
    return Part(files=files, missing=missing)


def _is_mail(content: bytes) -> bool:
    """Whether it came as a file of mail (RFC 5322): a head of fields with sender and date.

    >>> _is_mail(b"From: a@b.example\\nDate: 22 Nov 2026 12:00 +0000\\n\\nGone."), _is_mail(b"ok")
    (True, False)
    """
    head = content[:_MAX_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0].rstrip(b"\n")
    # A line that begins with a space goes on with the field before it.
    fields = re.sub(rb"\n[ \t]+", b" ", head).split(b"\n")
    if fields and fields[0].startswith((b"From ", b">From ")):
        fields = fields[1:]
    named = [_FIELD.match(one) for one in fields]
    names = {one[1].lower() for one in named if one}
    return all(named) and {b"from", b"date"} <= names


def exports_part(enclosed: Enclosed) -> Part:
    """`exports/`: the case for other programs."""
    files: dict[str, bytes] = {}
    missing: list[tuple[str, str]] = []
    for export in enclosed.exports:
        if export.content is None:
            missing.append((f"exports/{export.name}", export.problem or _GONE))
        else:
            files[f"data/exports/{export.name}"] = export.content
    return Part(files=files, missing=missing)


def _said(row: Row) -> str:
    reason = row.get("reason")
    said = f"The visit ended as {row.get('outcome')}"
    return f"{said}: {reason}." if isinstance(reason, str) and reason else f"{said}."


def _moment(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
