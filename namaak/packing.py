"""An evidence pack of a case: gathers what casebook, lake and store of evidence hold, and makes it.

Here and not in casework, because it reads the lake and goes through the door to the network (for a
time stamp, and only where the watch file names an authority). Visits no page: captures are made
before. May import: all of namaak but namaak.cli and the flows.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb

import namaak
from namaak.answers import Answers
from namaak.brands import Brand
from namaak.casework.capture_reading import captures_of
from namaak.casework.evidence.contents import AUTHORITY, answers_named
from namaak.casework.evidence.json_text import parsed
from namaak.casework.evidence.material import Enclosed, Export, Paper, Profile, Row
from namaak.casework.evidence.pack import Made
from namaak.casework.evidence.pack import make_pack as make
from namaak.casework.evidence.pdf import Printer
from namaak.casework.evidence.signing import Signer, signer
from namaak.casework.evidence.stamping import MAX_REPLY, MEDIA_TYPES, Ask
from namaak.casework.exports.material import CaseExport, Tlp
from namaak.casework.exports.tables import EXPORT_SCHEMA, write_cases
from namaak.casework.notices.reading import actions_of, replies_of
from namaak.casework.reading import (
    CaseFile,
    campaign_of_case,
    chain_head,
    open_snapshot,
    read_campaign,
    read_case,
)
from namaak.decoding.workers import Decoders
from namaak.errors import UsageError
from namaak.evidence_store import EvidenceStore
from namaak.fetch import Allowed, Fetcher, Limits, Manners
from namaak.lake import Lake
from namaak.proving import SCHEMA
from namaak.reports import SOURCE, reports_of
from namaak.settings import Settings

_LOGGED = ("x509", "precert")
#: Endings that a file keeps in a pack; any other is called what it is, bytes.
_ENDINGS = frozenset({"pdf", "png", "jpg", "jpeg", "tif", "tiff", "xml", "txt"})
_MAX_PAPER = 50_000_000
_COLUMNS = (
    "wacz_sha256", "full_sha256", "view_sha256", "dom_sha256", "text_sha256", "document_sha256",
    "tls_sha256", "ct_sha256",
)  # fmt: skip
_NOTICES = ("text_sha256", "sent_sha256", "eml_sha256", "xarf_sha256", "form_sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that a pack of a case is made of."""

    found: CaseFile
    head: Mapping[str, object]
    observations: Sequence[dict[str, Any]]
    subject_image: bytes | None
    screenshots: Mapping[str, bytes]
    logo: bytes | None
    enclosed: Enclosed


def gather(settings: Settings, case_id: str, *, exports: bool = True) -> Gathered:
    """Read everything. case_id: as a person types it. exports: also for other programs, whose
    libraries take a second to load. Raises NamaakError's kin.
    """
    with open_snapshot(settings.casebook) as snapshot:
        found = read_case(snapshot, case_id)
        head = asdict(chain_head(snapshot))
        rows = _casebook_rows(snapshot, found)
    kept = _stored(EvidenceStore(settings.evidence), rows)
    with Lake(settings.lake) as lake:
        observations = _observations(lake, found)
        # The pictures compared are those of the strongest match by picture.
        shown = [match for match in found.matches if match["field"] == "image"]
        shown.sort(key=lambda match: (-match["strength"], match["match_id"]))
        pictures = (row["image_sha256"] for row in observations if row["image_sha256"])
        picture = shown[0]["value"] if shown else next(pictures, None)
        subject_image = lake.read_image(picture) if picture else None
        reported = {row["screenshot_sha256"] for row in observations if row["source"] == SOURCE}
        screenshots = {one: lake.read_image(one) for one in sorted(reported - {None})}
        logged = _heads(lake, observations)
        avatar = _avatar(lake, found, observations)
    findings, answers = _findings(settings, found)
    brand = settings.watch.brands.get(found.case["brand_id"])
    return Gathered(
        found=found,
        head=head,
        observations=observations,
        subject_image=subject_image,
        screenshots={one: content for one, content in screenshots.items() if content is not None},
        logo=_logo(settings, brand, shown),
        enclosed=Enclosed(
            captures=rows.captures,
            findings=findings,
            logged=logged,
            log_proofs=_log_proofs(kept, rows),
            versions=found.profile,
            aliases=found.aliases,
            avatar=avatar,
            marks=[] if brand is None else [mark.model_dump(mode="json") for mark in brand.marks],
            papers=_papers(settings, brand),
            members=rows.members,
            edges=rows.edges,
            actions=rows.actions,
            replies=rows.replies,
            exports=_exports(settings, found, rows) if exports else (),
            kept=answers | kept,
        ),
    )


def make_pack(
    settings: Settings,
    case_id: str,
    *,
    output: Path,
    now: datetime,
    profile: Profile = Profile.FULL,
    max_bytes: int | None = None,
    language: str = "en",
    sign: Path | None = None,
    stamp: bool | None = None,
    pdf: bool = True,
    allow: Sequence[Allowed] = (),
) -> tuple[CaseFile, Made]:
    """Gather, and write `output/case-<id>-<utc>/`. Writes nothing into the casebook.

    sign: a key; else that of the watch file, if it names one. stamp: ask for a time stamp; None is
    where the watch file names an authority. max_bytes: see `evidence.pack.make_pack`, as for
    errors. allow: exceptions to the address rule, for an authority on loopback.
    """
    evidence = settings.watch.evidence
    contact = settings.watch.watch.contact
    organisation = settings.watch.organisation
    who = _signer(settings, sign, contact)
    asking = _asking(settings, stamp, contact, allow)
    chain = None
    if asking is not None and evidence.timestamp_chain is not None:
        chain = _read(settings.watch.resolve(evidence.timestamp_chain))
    with contextlib.ExitStack() as stack:
        # First, because it takes a while to begin and begins by itself.
        to_pdf = stack.enter_context(Printer()) if pdf else None
        decoders = stack.enter_context(Decoders(1))
        gathered = gather(settings, case_id, exports=profile is Profile.FULL)
        made = make(
            gathered.found,
            output=output,
            now=now,
            contact=contact,
            organisation=organisation.name if organisation else None,
            observations=gathered.observations,
            subject_image=gathered.subject_image,
            logo=gathered.logo,
            decode=decoders.decode,
            version=namaak.__version__,
            chain_head=gathered.head,
            screenshots=gathered.screenshots,
            enclosed=gathered.enclosed,
            profile=profile,
            max_bytes=max_bytes,
            language=language,
            to_pdf=to_pdf,
            signer=who,
            ask=asking,
            chain=chain,
        )
    return gathered.found, made


def pack_row(found: CaseFile, made: Made, *, actor: str, now: datetime, profile: Profile) -> Row:
    """The row of `packs`, for Casebook.record_pack."""
    identity = hashlib.sha256(made.tagmanifest_sha256.encode()).hexdigest()[:12].upper()
    return {
        "pack_id": f"NP-{identity}",
        "case_id": found.case["case_id"],
        "made_at": now,
        "actor": actor,
        "profile": str(profile),
        "path": str(made.path),
        "tagmanifest_sha256": made.tagmanifest_sha256,
        "signed": made.signed,
        "stamped": made.stamped,
    }


# The casebook


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    captures: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    replies: list[dict[str, Any]]
    members: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    campaign_id: str | None


def _casebook_rows(snapshot: duckdb.DuckDBPyConnection, found: CaseFile) -> _Rows:
    case_id = found.case["case_id"]
    actions = actions_of(snapshot, case_id)
    replies = [reply for one in actions for reply in replies_of(snapshot, one["action_id"])]
    campaign_id = campaign_of_case(snapshot, case_id)
    campaign = None if campaign_id is None else read_campaign(snapshot, campaign_id)
    return _Rows(
        captures=captures_of(snapshot, case_id),
        actions=actions,
        replies=replies,
        members=campaign.cases if campaign else [],
        edges=campaign.edges if campaign else [],
        campaign_id=campaign_id,
    )


def _stored(store: EvidenceStore, rows: _Rows) -> dict[str, bytes]:
    """Bytes of captures, notices and replies; what is not there any more is left out."""
    wanted = [row.get(name) for row in rows.captures for name in _COLUMNS]
    wanted += [row.get(name) for row in rows.actions for name in _NOTICES]
    wanted += [row.get("content_sha256") for row in rows.replies]
    contents = {sha256: store.read(sha256) for sha256 in dict.fromkeys(wanted) if sha256}
    return {sha256: content for sha256, content in contents.items() if content is not None}


def _log_proofs(kept: Mapping[str, bytes], rows: _Rows) -> list[dict[str, Any]]:
    """What logs were asked to prove, at every visit; documents of another form say nothing."""
    entries: list[dict[str, Any]] = []
    for row in rows.captures:
        content = kept.get(str(row.get("ct_sha256")))
        document = None if content is None else parsed(content.decode("utf-8", "replace"))
        if isinstance(document, dict) and document.get("schema") == SCHEMA:
            entries += document["entries"]
    return entries


def _exports(settings: Settings, found: CaseFile, rows: _Rows) -> list[Export]:
    """The case for other programs; of what an extra is not installed for, the sentence."""
    from namaak.casework.exports.enclosing import enclosed_exports

    row = {**found.case, "brand": found.case["brand_id"]}
    out = BytesIO()
    write_cases([{name: row.get(name) for name in EXPORT_SCHEMA.names}], "csv", out)
    case = CaseExport(
        file=found, owned=settings.watch.owned_domains, actions=rows.actions,
        campaign_id=rows.campaign_id,
    )  # fmt: skip
    organisation = settings.watch.organisation
    name = organisation.name if organisation else None
    made = enclosed_exports(case, tlp=Tlp.AMBER, profile="full", organisation=name)
    return [Export(name="case.csv", content=out.getvalue()), *made]


# The lake


def _observations(lake: Lake, found: CaseFile) -> list[dict[str, Any]]:
    places = dict.fromkeys(
        (match["source"], match["instance"], match["position"]) for match in found.matches
    )
    reports = reports_of(lake, found)
    # Several reports may stand at one line of a list; those of this subject were found by it.
    others = [
        row for place in places if place[0] != SOURCE
        if (row := lake.observation(*place, subject_key=found.case["subject_key"]))
    ]  # fmt: skip
    return [*others, *reports]


def _heads(lake: Lake, observations: Sequence[Row]) -> list[dict[str, Any]]:
    """Of each log that an observation stands in, the first head that covers it, and the latest."""
    last: dict[tuple[str, str], int] = {}
    for row in observations:
        if row.get("entry_type") in _LOGGED:
            log = str(row["source"]), str(row["instance"])
            last[log] = max(last.get(log, 0), int(str(row["position"])))
    heads = []
    for (source, instance), position in sorted(last.items()):
        known = [head for head in lake.signed_heads(source, instance) if head["size"] > position]
        known.sort(key=lambda head: (head["size"], head["received_at"]))
        chosen = {(head["size"], head["root"]): head for head in (*known[:1], *known[-1:])}
        heads += [{"source": source, "instance": instance, **head} for head in chosen.values()]
    return heads


def _avatar(lake: Lake, found: CaseFile, observations: Sequence[Row]) -> bytes | None:
    """The account's latest picture, original bytes."""
    versions = [row.get("image_sha256") for row in reversed(found.profile)]
    seen = [row.get("image_sha256") for row in observations if row["source"] != SOURCE]
    for sha256 in (*versions, *seen):
        if sha256 and (content := lake.read_image(str(sha256))) is not None:
            return content
    return None


def _findings(settings: Settings, found: CaseFile) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """What looks at the host gave, and the answers as they came."""
    if not found.enrichments:
        return [], {}
    kept: dict[str, bytes] = {}
    types: dict[str, str] = {}
    with Answers(settings.lake) as answers:
        for sha256 in answers_named(found.enrichments):
            if (answer := answers.read_answer(sha256)) is not None:
                kept[sha256] = answer.content
                types[sha256] = answer.media_type
    rows = [{**row, "raw_type": types.get(row["raw_sha256"])} for row in found.enrichments]
    return rows, kept


# The watch file


def _logo(settings: Settings, brand: Brand | None, shown: list[dict[str, Any]]) -> bytes | None:
    """The logo that a picture of the case resembles, or else the brand's first; as it is now."""
    if brand is None or not brand.logos:
        return None
    matched = shown[0]["term"] if shown else None
    path = next((logo for logo in brand.logos if str(logo) == matched), brand.logos[0])
    try:
        return settings.watch.resolve(path).read_bytes()
    except OSError:
        # The pack says that it was not at hand.
        return None


def _papers(settings: Settings, brand: Brand | None) -> list[Paper]:
    evidence = settings.watch.evidence
    numbers = [] if brand is None else [mark.number for mark in brand.marks]
    wanted = [
        (f"certificate of mark {number}", evidence.certificates[number])
        for number in numbers
        if number in evidence.certificates
    ]
    if evidence.authority_letter is not None:
        wanted.append((AUTHORITY, evidence.authority_letter))
    return [_paper(name, settings.watch.resolve(path)) for name, path in wanted]


def _paper(name: str, path: Path) -> Paper:
    ending = path.suffix.removeprefix(".").lower()
    ending = ending if ending in _ENDINGS else "bin"
    try:
        if path.stat().st_size > _MAX_PAPER:
            problem = f"The file that the watch file names is larger than {_MAX_PAPER} bytes."
            return Paper(name=name, content=None, ending=ending, problem=problem)
        return Paper(name=name, content=path.read_bytes(), ending=ending)
    except OSError as error:
        problem = f"The file that the watch file names cannot be read ({error.strerror})."
        return Paper(name=name, content=None, ending=ending, problem=problem)


# Signing and stamping


def _signer(settings: Settings, given: Path | None, contact: str) -> Signer | None:
    key = given
    if key is None and settings.watch.evidence.signing_key is not None:
        key = settings.watch.resolve(settings.watch.evidence.signing_key)
    return None if key is None else signer(key, principal=contact)


def _asking(
    settings: Settings, wanted: bool | None, contact: str, allow: Sequence[Allowed]
) -> Ask | None:
    url = settings.watch.evidence.timestamp_url
    if wanted is False or (wanted is None and url is None):
        return None
    if url is None:
        raise UsageError(
            "The watch file names no time-stamp authority; add timestamp_url to [evidence], or "
            "leave --stamp out."
        )
    authority = url

    def ask(question: bytes) -> bytes:
        return asyncio.run(_posted(authority, question, contact, allow))

    return ask


async def _posted(url: str, question: bytes, contact: str, allow: Sequence[Allowed]) -> bytes:
    headers = {"content-type": MEDIA_TYPES[0], "accept": MEDIA_TYPES[1]}
    async with Fetcher(contact=contact, manners=Manners(), allow=allow, retries=2) as fetch:
        reply = await fetch.get(
            url, method="POST", body=question, headers=headers, redirects=0,
            limits=Limits(max_bytes=MAX_REPLY),
        )  # fmt: skip
    return reply.body


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The certificates {path} cannot be read ({error.strerror}); mend timestamp_chain."
        ) from None
