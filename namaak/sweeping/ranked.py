"""The names of a sweep as rows, ranked by the same evidence and in the same words as cases are.

A name that was made on purpose resembles the domain by how it was made; how much it deserves a
person is what the detectors and the ranking say of it, as if somebody had seen it in a list.
Pure: no clock, no network. May import: namaak.sweeping, namaak.casework.ranking, namaak.enriching,
namaak.looks, namaak.records, detectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import idna

from detectors.observations import Watchlist, compile_watchlist, match_values
from detectors.permutations import Kind
from namaak.casework import ranking
from namaak.enriching import Aspect, Finding
from namaak.enriching.standing import state_of
from namaak.looks import traits_for
from namaak.records import Band, Field, Score, SubjectState
from namaak.sweeping.asking import Sighting, Standing
from namaak.sweeping.memory import Memory, News
from namaak.sweeping.target import Target

#: How a name was made, as the end of "It is the domain ...".
MADE = {
    Kind.OMISSION: "with a letter left out",
    Kind.TRANSPOSITION: "with two letters in the other order",
    Kind.REPETITION: "with a letter twice",
    Kind.REPLACEMENT: "with a neighbouring key in place of a letter",
    Kind.INSERTION: "with a neighbouring key hit as well",
    Kind.ADDITION: "with one more letter at its end",
    Kind.VOWEL_SWAP: "with another vowel",
    Kind.PLURAL: "with an s more or less",
    Kind.HYPHEN_INSIDE: "with a hyphen more or less",
    Kind.DOT_INSIDE: "with a dot inside",
    Kind.HOMOGLYPH: "with letters that look alike",
    Kind.HOMOGLYPH_TWICE: "with letters that look alike, twice",
    Kind.IDN_HOMOGRAPH: "with a letter that carries a mark",
    Kind.WHOLE_SCRIPT: "in letters of another script",
    Kind.MIXED_SCRIPT: "with a letter of another script",
    Kind.BITSQUAT: "with one bit of a letter flipped",
    Kind.WWW_GLUED: "with www glued to it",
    Kind.JOINED_SUFFIX: "with its suffix made part of the name",
    Kind.OTHER_SUFFIX: "under another suffix",
    Kind.LURE: "with a word that lures beside it",
}


#: Of CSV and JSON.
COLUMNS = (
    "host", "name", "score", "band", "kind", "state", "standing", "new", "first_seen", "absent_at",
    "registered", "registrar", "a", "mx", "ns", "reasons", "suppressed",
)  # fmt: skip
#: What is new to somebody who saw the last sweep; None: no earlier sweep asked.
_IS_NEW = {News.KNOWN: False, News.NEW: True, News.AGAIN: True, News.FIRST_ASKED: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One name for a person or a program. Columns: docs/how-to/sweep-a-domain.md."""

    host: str  #: A-labels
    name: str  #: as people read it
    standing: Standing
    score: int | None  #: None of names that are not registered
    band: Band | None
    evidence: float  #: tells equal scores apart
    kind: str
    state: SubjectState | None
    news: News | None
    first_seen: datetime | None  #: by a sweep
    absent_at: datetime | None  #: when a sweep last found it not to be there
    registered: str | None  #: day, ISO 8601, by the registry's word
    registrar: str | None
    a: tuple[str, ...]
    mx: tuple[str, ...]
    ns: tuple[str, ...]
    reasons: tuple[str, ...]
    suppressed: str | None  #: why it is no case

    def as_dict(self) -> dict[str, Any]:
        """By column, in the order of `COLUMNS`."""
        found = {name: getattr(self, name) for name in COLUMNS if name != "new"}
        found["new"] = _IS_NEW[self.news] if self.news else None
        return {name: found[name] for name in COLUMNS}


def ranked_rows(sightings: Sequence[Sighting], target: Target, *, before: Memory) -> list[Row]:
    """Registered names worst first, then the others in the order given.

    before: what was remembered when the sweep began.
    """
    registered = [one for one in sightings if one.standing is Standing.REGISTERED]
    others = [one for one in sightings if one.standing is not Standing.REGISTERED]
    hits = _hits([one.candidate.host for one in registered], target)
    rows = [
        _registered_row(one, hits.get(one.candidate.host), target, before=before)
        for one in registered
    ]
    rows.sort(key=lambda row: (row.suppressed is not None, -(row.score or 0), -row.evidence,
                               row.host))  # fmt: skip
    return rows + [_other_row(one, before) for one in others]


def _hits(hosts: Sequence[str], target: Target) -> dict[str, dict[str, Any]]:
    """The best match of each host; none where it is too faintly like the brand to be one."""
    if not hosts:
        return {}
    watchlist: Watchlist = compile_watchlist({target.brand_id: target.brand}, {})
    return {str(hit["input"]): hit for hit in match_values(hosts, Field.HOST, watchlist)}


def _registered_row(
    sighting: Sighting,
    hit: Mapping[str, Any] | None,
    target: Target,
    *,
    before: Memory,
) -> Row:
    host = sighting.candidate.host
    dns, rdap = _facts(sighting.findings, Aspect.DNS), _facts(sighting.findings, Aspect.RDAP)
    found = _score(sighting, hit, target)
    asked_ns = sighting.answer.values if sighting.answer.type == "NS" else ()
    known = before.registered.get(host)
    reasons = [f"It is {target.domain} {MADE[kind]}" for kind in sighting.candidate.kinds[:1]]
    if found is not None:
        reasons = [signal.says for signal in found.signals] + list(found.gates)
    registered_at = rdap.get("registered_at")
    return Row(
        host=host,
        name=_readable(host),
        standing=sighting.standing,
        score=found.score if found else 0,
        band=found.band if found else Band.NONE,
        evidence=found.evidence if found else 0.0,
        kind=str(sighting.candidate.kind),
        state=state_of(sighting.findings) or SubjectState.REGISTERED,
        news=sighting.news,
        first_seen=known.first if known else sighting.answer.asked_at,
        absent_at=known.gone if known else before.absent.get(host),
        registered=registered_at[:10] if isinstance(registered_at, str) else None,
        registrar=rdap.get("registrar"),
        a=tuple(dns.get("addresses") or dns.get("apex_addresses") or _addresses(sighting)),
        mx=tuple(dns.get("mail_servers") or ()),
        ns=tuple(dns.get("name_servers") or asked_ns),
        reasons=tuple(reasons),
        suppressed=hit["suppressed"] if hit else None,
    )


def _score(sighting: Sighting, hit: Mapping[str, Any] | None, target: Target) -> Score | None:
    if hit is None:
        return None
    # What is suppressed is scored all the same, so that a person sees what was let pass.
    alone = {
        **hit, "suppressed": None, "match_id": "", "subject_kind": "host",
        "site": traits_for(sighting.findings, target.brand),
    }  # fmt: skip
    return ranking.score([alone])


def _other_row(sighting: Sighting, before: Memory) -> Row:
    host = sighting.candidate.host
    known = before.registered.get(host)
    why = sighting.doubt or sighting.answer.says or sighting.answer.outcome
    reasons = {
        Standing.ABSENT: "Is not registered",
        Standing.NO_ANSWER: f"Gave no answer ({why}); it may well be registered",
        Standing.WILDCARD: "Any name exists there, so that this one says nothing",
    }
    return Row(
        host=host,
        name=_readable(host),
        standing=sighting.standing,
        score=None,
        band=None,
        evidence=0.0,
        kind=str(sighting.candidate.kind),
        state=None,
        news=None,
        first_seen=known.first if known else None,
        absent_at=before.absent.get(host),
        registered=None,
        registrar=None,
        a=(),
        mx=(),
        ns=(),
        reasons=(reasons[sighting.standing],),
        suppressed=None,
    )


def _facts(findings: Iterable[Finding], aspect: Aspect) -> Mapping[str, Any]:
    """Of the answer about that aspect; empty where nobody answered."""
    for finding in findings:
        if finding.aspect is aspect and finding.outcome.says_something:
            return finding.facts
    return {}


def _addresses(sighting: Sighting) -> tuple[str, ...]:
    return sighting.answer.values if sighting.answer.type == "A" else ()


def _readable(host: str) -> str:
    """U-labels where they can be told."""
    if "xn--" not in host:
        return host
    labels = []
    for label in host.split("."):
        try:
            labels.append(idna.ulabel(label) if label.startswith("xn--") else label)
        except idna.IDNAError:
            labels.append(label)
    return ".".join(labels)
