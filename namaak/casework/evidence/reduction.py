"""The pack for a recipient of a notice: what it needs to act, and of persons as little as may be.

Left out: who of us did what, what people reported and in which words, other cases' rows, registry
answers with their contacts, notices to others, original files of strangers. Each is said in the
pack. What is left in is enough to look, to compare, and to check what was seen: what the account
says of itself, former names included, is what the complaint is about.
Pure. May import: namaak.casework.evidence.{json_text, material}, namaak.platforms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from namaak.casework.evidence.json_text import canonical_json, parsed
from namaak.casework.evidence.material import Enclosed, Row
from namaak.platforms import platform

#: Of the case's row, what a stranger may read.
_CASE = frozenset({
    "case_id", "brand_id", "brand_name", "subject_key", "subject_kind", "subject", "domain", "kind",
    "score", "band", "confidence", "severity", "gates", "subject_state", "workflow", "opened_at",
    "updated_at", "first_observed_at", "last_observed_at", "down_since", "relapses", "rank_version",
})  # fmt: skip
#: What columns of an observation stay empty: others' addresses, and all that a platform sent.
_OBSERVED = frozenset({"raw", "contacts", "links", "proved_links", "developer"})
_MEMBER = ("subject", "subject_kind", "band", "first_observed_at", "last_observed_at")
_ASPECTS = frozenset({"dns", "certificate", "page"})
#: What of a profile a platform knows better than we do, or others own.
_PROFILE = frozenset({"contacts", "raw", "links", "bio"})
_REPORTED = "intake"
_WE, _MACHINE = "analyst", "namaak"

LEFT_OUT = (
    ("Names of the people who worked on it", "A role stands for them; the full pack names them."),
    ("What people reported, and their screenshots", "It is theirs; the full pack holds it."),
    ("The hash chain of the history", "It binds the names of people; the full pack holds it."),
    ("Original files of the subject", "Pictures stand here encoded anew, with their digests."),
    ("Notices to others and their answers", "They are not this recipient's."),
    ("Registry answers (RDAP)", "Their contacts are others' personal data; registries have them."),
)
#: What is left out where no visit fits.
NO_VISIT = (
    "Visits of the page",
    "None that was made shows the page of this case; the full pack holds what came of them.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A case file with less in it; the same four names as the reader's."""

    case: Row
    signals: Sequence[Row]
    matches: Sequence[Row]
    events: Sequence[Row]


def cut_case(
    case: Row, signals: Sequence[Row], matches: Sequence[Row], events: Sequence[Row]
) -> Cut:
    """The case without our people. Its events are told, and chain no more."""
    empty = dict.fromkeys(name for name in case if name not in _CASE)
    return Cut(
        case={**case, **empty},
        signals=signals,
        matches=[_unnamed(row) for row in matches],
        events=[_told(row) for row in events],
    )


def cut_observations(case: Row, observations: Sequence[Row]) -> list[Row]:
    """Those of the subject itself, and none that a person reported."""
    own = [row for row in observations if row["subject_key"] == case["subject_key"]]
    own = [row for row in own if row["source"] != _REPORTED]
    return [{**row, **dict.fromkeys(_OBSERVED & row.keys())} for row in own]


def cut_enclosed(case: Row, enclosed: Enclosed) -> Enclosed:
    """The last good visit, what DNS and server say, the rights, and which others belong to it."""
    last = sorted(fit_captures(case, enclosed), key=lambda row: str(row["started_at"]))[-1:]
    kept = dict(enclosed.kept)
    captures = []
    for row in last:
        cut = {**row, "operator": _WE, "dom_sha256": None, "text_sha256": None}
        # What is proved of entries of logs stands in network/ct.json.
        cut["document_sha256"] = cut["ct_sha256"] = None
        cut["document"] = _document(kept.get(str(row.get("document_sha256"))))
        captures.append(cut)
    return replace(
        enclosed,
        captures=captures,
        findings=[row for row in enclosed.findings if row["aspect"] in _ASPECTS],
        versions=[
            {**row, **dict.fromkeys(_PROFILE & row.keys())} for row in enclosed.versions[-1:]
        ],
        members=[{name: row.get(name) for name in _MEMBER} for row in enclosed.members],
        edges=(),
        actions=(),
        replies=(),
        exports=(),
        avatar=None,
        avatar_left_out=enclosed.avatar is not None,
        kept=kept,
    )


def fit_captures(case: Row, enclosed: Enclosed) -> list[Row]:
    """Visits that show the case's own page: what failed, or was of another, tells only of us."""
    good = (row for row in enclosed.captures if row.get("outcome") == "ok")
    return [row for row in good if _is_own(case, enclosed, row)]


def _is_own(case: Row, enclosed: Enclosed, captured: Row) -> bool:
    """Whether the visit was to the case's own page, and not to another that a person named.

    Of a host that is any page; of a profile the one its platform told, where anybody knows it.
    """
    host, path = _place(captured.get("url"))
    if case["subject_kind"] == "host":
        known = {str(case["subject"]), str(case["subject_key"]).partition(":")[2]}
        return host in {_place(f"//{name}")[0] for name in known}
    pages = {_place(url) for row in enclosed.versions for url in _pages(row) if url}
    return not pages or (host, path) in pages


def _pages(version: Row) -> tuple[object, object]:
    of = platform(str(version.get("platform") or ""))
    handle, native_id = version.get("handle"), version.get("native_id")
    written = of and of.link(
        None if handle is None else str(handle), None if native_id is None else str(native_id)
    )
    return version.get("url"), written


def _place(url: object) -> tuple[str | None, str]:
    """Host and path; no host where it is no address."""
    try:
        parts = urlsplit(str(url or ""))
        return parts.hostname, parts.path.rstrip("/")
    except ValueError:
        return None, ""


def history(events: Sequence[Row]) -> bytes:
    """What happened when, for the place of events.jsonl."""
    told = [{name: row[name] for name in ("happened_at", "kind", "actor")} for row in events]
    return canonical_json(told)


def _told(row: Row) -> Row:
    machine = str(row["actor"]).startswith("flow:")
    return {
        "case_seq": row["case_seq"],
        "happened_at": row["happened_at"],
        "kind": row["kind"],
        "actor": _MACHINE if machine else _WE,
        "data": "",
        "hash": None,
    }


def _unnamed(row: Row) -> Row:
    """A list that people report into may bear a person's name."""
    return {**row, "instance": "reported"} if row.get("source") == _REPORTED else row


def _document(content: bytes | None) -> object:
    """capture.json as it was kept, without who sat at it."""
    if content is None:
        return None
    document = parsed(content.decode("utf-8", "replace"))
    return _without(document, frozenset({"operator", "actor", "run", "user", "host_name"}))


def _without(value: object, names: frozenset[str]) -> object:
    if isinstance(value, Mapping):
        return {name: _without(entry, names) for name, entry in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(entry, names) for entry in value]
    return value
