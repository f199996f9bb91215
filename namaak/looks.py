"""From stored answers into the casebook: what looks at the hosts of cases say of each brand.

Between the store of answers, which knows no brand, and the casebook, which knows no answers. Only
what is new is read: a newer answer, or another version of what reads them, or of the brand.
May import: namaak.answers, namaak.brands, namaak.casework, namaak.decoding, namaak.enriching,
namaak.records, detectors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from detectors import pages
from detectors.images.picture import Undecodable
from detectors.pages import page_traits
from namaak.answers import Answers
from namaak.brands import Brand, brand_fingerprint
from namaak.casework.casebook import Casebook, LoadSummary
from namaak.casework.loading import Moved, Rank, Seen
from namaak.decoding.reading import LogoKey, decoded_logos
from namaak.decoding.workers import Decoders
from namaak.enriching import standing, traits
from namaak.enriching.findings import Aspect, Finding
from namaak.enriching.keeping import SAYING, findings_of
from namaak.enriching.standing import state_of
from namaak.enriching.traits import LogoHash, host_traits, icon_traits, standing_facts
from namaak.records import SubjectState

Row = dict[str, Any]

#: Hosts of one transaction: their pages are in memory together.
_AT_ONCE = 200
#: The text of a page may be long, and stands in the lake.
_LEFT_IN_THE_LAKE = frozenset({"text"})
#: More than any page needs; the casebook is copied whole at each publishing.
_MOST_TRAITS = 100
_MOST_LETTERS = 500


def _version() -> str:
    """Changes with any line of what reads answers: they are then read again."""
    files = (pages.__file__, traits.__file__, standing.__file__)
    material = b"\0".join(Path(str(file)).read_bytes() for file in files)
    return "looks-1." + hashlib.sha256(material).hexdigest()[:8]


VERSION = _version()


def take_over(
    book: Casebook,
    answers: Answers,
    brands: Mapping[str, Brand],
    logos: Mapping[LogoKey, bytes],
    *,
    rank: Rank,
    rank_version: str,
    now: datetime,
) -> LoadSummary:
    """Bring the casebook up to date with the answers; done again, it changes nothing.

    Cases whose looks say something new are weighed again, and those whose host is in another
    state say so; each with an event. brands: brand_id -> as the watch file has it. logos: their
    files, which favicons are compared with.
    """
    newest = {
        subject_key: max(one.asked_at for one in aspects.values())
        for subject_key, aspects in answers.last_asked().items()
    }
    readers = {name: _reader(name, brand, logos) for name, brand in brands.items()}
    pairs = book.pairs_to_read(newest, readers)
    hashes = _hashes(logos, {brand_id for brand_id, _ in pairs})
    refreshed = 0
    moved: list[Moved] = []
    for hosts in _in_parts(pairs):
        read = _read(answers, hosts, brands, readers, hashes)
        summary = book.record_enrichments(
            *read,
            rank=rank,
            brand_names={name: brand.name for name, brand in brands.items()},
            now=now,
            rank_version=rank_version,
        )
        refreshed += summary.cases_refreshed
        moved += summary.moved
    return LoadSummary(file="looks at hosts", cases_refreshed=refreshed, moved=tuple(moved))


def _reader(brand_id: str, brand: Brand, logos: Mapping[LogoKey, bytes]) -> str:
    digests = tuple(
        hashlib.sha256(logos[key]).hexdigest() for key in sorted(logos) if key[0] == brand_id
    )
    return f"{VERSION}/{brand_fingerprint(brand, logo_digests=digests)}"


def _hashes(
    logos: Mapping[LogoKey, bytes], brand_ids: Collection[str]
) -> dict[str, list[LogoHash]]:
    """Of these brands' logos; a logo that cannot be decoded is compared with nothing."""
    wanted = {key: data for key, data in logos.items() if key[0] in brand_ids}
    hashes: dict[str, list[LogoHash]] = {}
    if not wanted:
        return hashes
    # Nothing else here needs the picture libraries, and most runs have nothing to read.
    from detectors.images.perceptual import as_hex, phash

    with Decoders() as decoders:
        for (brand_id, path), (sha256, picture) in decoded_logos(wanted, decoders).items():
            if not isinstance(picture, Undecodable):
                bits = as_hex(phash(picture.frames[0].pixels))
                hashes.setdefault(brand_id, []).append(
                    LogoHash(path=path, sha256=sha256, phash=bits)
                )
    return hashes


def _in_parts(pairs: Sequence[tuple[str, str]]) -> Iterator[dict[str, list[str]]]:
    """subject_key -> brand_ids, some hosts at a time. pairs: sorted by subject_key."""
    hosts: dict[str, list[str]] = {}
    for subject_key, group in groupby(pairs, key=itemgetter(1)):
        hosts[subject_key] = [brand_id for brand_id, _ in group]
        if len(hosts) == _AT_ONCE:
            yield hosts
            hosts = {}
    if hosts:
        yield hosts


def _read(
    answers: Answers,
    hosts: Mapping[str, Iterable[str]],
    brands: Mapping[str, Brand],
    readers: Mapping[str, str],
    logos: Mapping[str, Sequence[LogoHash]],
) -> tuple[list[Row], list[Row], dict[str, Seen]]:
    """Rows of enrichments, rows of site_traits, and the states of the hosts."""
    stored = answers.findings(hosts)
    enrichments: list[Row] = []
    site_traits: list[Row] = []
    seen: dict[str, Seen] = {}
    findings: dict[str, list[Finding]] = {}
    for finding in findings_of(stored):
        findings.setdefault(f"host:{finding.host}", []).append(finding)
    for subject_key, group in groupby(stored.to_pylist(), key=itemgetter("subject_key")):
        rows = list(group)
        enrichments += enrichment_rows(rows)
        known = findings.get(subject_key, [])
        if (state := state_of(known)) is not None:
            seen[subject_key] = Seen(state=state, why=_why(state, known))
        for brand_id in hosts[subject_key]:
            site_traits.append(
                {
                    "brand_id": brand_id,
                    "subject_key": subject_key,
                    "asked_at": max(row["asked_at"] for row in rows),
                    "reader": readers[brand_id],
                    "traits": traits_for(known, brands[brand_id], logos.get(brand_id, ())),
                }
            )
    return enrichments, site_traits, seen


def enrichment_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows of the casebook's table from all stored rows of one host."""
    last: dict[str, datetime] = {}
    known: dict[str, datetime] = {}
    for row in rows:
        last[row["aspect"]] = max(row["asked_at"], last.get(row["aspect"], row["asked_at"]))
        if row["outcome"] in SAYING:
            known[row["aspect"]] = max(row["asked_at"], known.get(row["aspect"], row["asked_at"]))
    made = []
    for row in rows:
        shown = {
            "latest": row["asked_at"] == last[row["aspect"]],
            "known": row["asked_at"] == known.get(row["aspect"]),
        }
        facts = json.loads(row["facts"])
        for name in _LEFT_IN_THE_LAKE & facts.keys():
            del facts[name]
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
        made.append({**row, **shown, "facts": text if any(shown.values()) else None})
    return made


def traits_for(
    findings: Sequence[Finding], brand: Brand, logos: Sequence[LogoHash] = ()
) -> list[Row]:
    """What all findings of one host say of one brand: name, raw and says, in a fixed order."""
    if not findings:
        return []
    facts, known = standing_facts(findings), traits.known(findings)
    # Age is that of the moment of asking: read again tomorrow, the same answers say the same.
    asked = known.get(Aspect.RDAP) or findings[-1]
    found: list[Row] = [
        {"name": trait.name, "raw": str(trait.raw), "says": trait.says}
        for trait in page_traits(facts, brand, now=asked.asked_at)
    ]
    found += icon_traits(facts.get("page", {}), logos)
    found += host_traits(findings)
    by_name = {
        trait["name"]: {name: text[:_MOST_LETTERS] for name, text in trait.items()}
        for trait in found
        if _holds(trait["name"], findings[0].host, facts.get("dns", {}))
    }
    return [by_name[name] for name in sorted(by_name)[:_MOST_TRAITS]]


def _holds(name: str, host: str, dns: Mapping[str, Any]) -> bool:
    """Whether a trait says of this host what its name says."""
    if name == "dns.wildcard":
        # Below a registered name any label may answer; the registered name itself was chosen.
        return host != dns.get("registrable")
    if name in ("dns.brand-name-servers", "dns.brand-name-servers-claimed"):
        # Anybody may delegate a name to the brand's servers; only the brand has them answer for it.
        return dns.get("answers") is True
    return True


def _why(state: SubjectState, findings: Sequence[Finding]) -> str:
    """For the history: who answered what, and when."""
    if state is SubjectState.UNKNOWN:
        return "nobody answered"
    latest = traits.latest(findings)
    told = [f"{aspect} {finding.outcome}" for aspect, finding in sorted(latest.items())]
    day = max(finding.asked_at for finding in latest.values())
    return f"looked at {day:%Y-%m-%d %H:%M}Z: {', '.join(told)}"
