"""One pack as the files of its bag: the payload, the report that tells of it, what is missing.

Apart from what goes in, because a pack is put together more than once: without what does not fit,
and with the reason why a time stamp did not come.
Pure but for the printer. May import: its own package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from namaak.casework.evidence.bag import bag_files
from namaak.casework.evidence.comparison import Comparison
from namaak.casework.evidence.gone import FoundDown
from namaak.casework.evidence.json_text import canonical_json
from namaak.casework.evidence.log_entries import LogEntry
from namaak.casework.evidence.pdf import NotPrinted
from namaak.casework.evidence.report import Captured, Report, render
from namaak.casework.evidence.reported import Reported


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What stays the same while a pack is made, perhaps several times until it fits."""

    case: CaseFile
    observations: Sequence[Mapping[str, object]]
    comparison: Comparison
    reports: Sequence[Reported]
    captures: Sequence[Captured]
    logged: Sequence[LogEntry]
    base: Mapping[str, bytes]  #: payload without report and missing.json
    missing: Sequence[tuple[str, str]]
    now: datetime
    contact: str
    organisation: str | None
    version: str
    language: str
    actions: Sequence[Mapping[str, object]]
    down: FoundDown | None
    chain_head: Mapping[str, object] | None
    to_pdf: Callable[[str], bytes] | None
    notes: Mapping[str, bytes]

    def files(self, left: frozenset[str], more: Sequence[tuple[str, str]]) -> Bagged:
        """The bag without some of its files. more: what is missing besides."""
        payload = {path: content for path, content in self.base.items() if path not in left}
        missing = [*self.missing, *more]
        page, pdf, pdf_problem = self._report(payload, missing)
        if pdf_problem is not None:
            missing.append(("report.pdf", pdf_problem))
            page, _, _ = self._report(payload, missing, printing=False)
        payload["data/missing.json"] = missing_json(missing)
        payload["data/report.html"] = page.encode("utf-8")
        if pdf is not None:
            payload["data/report.pdf"] = pdf
        info = {
            "Source-Organization": self.organisation,
            "Contact-Email": self.contact,
            "External-Identifier": str(self.case.case["case_id"]),
            "Bagging-Date": self.now.astimezone(UTC).date().isoformat(),
            "Bag-Software-Agent": f"namaak {self.version}",
        }
        return Bagged(files=bag_files(payload, info=info, notes=self.notes), missing=tuple(missing))

    def _report(
        self,
        payload: Mapping[str, bytes],
        missing: Sequence[tuple[str, str]],
        *,
        printing: bool = True,
    ) -> tuple[str, bytes | None, str | None]:
        told = {**payload, "data/missing.json": missing_json(missing)}
        report = Report(
            case=self.case.case,
            signals=in_order(self.case.signals, "position"),
            matches=in_order(self.case.matches, "match_id"),
            events=in_order(self.case.events, "case_seq"),
            observations=self.observations,
            reported=self.reports,
            comparison=self.comparison,
            missing=[{"what": what, "reason": reason} for what, reason in missing],
            files=[(path, hashlib.sha256(told[path]).hexdigest()) for path in sorted(told)],
            organisation=self.organisation,
            contact=self.contact,
            version=self.version,
            captures=self.captures,
            logged=self.logged,
            actions=self.actions,
            down=self.down,
            language=self.language,
        )
        page = render(report, now=self.now)
        if self.to_pdf is None or not printing:
            return page, None, None
        try:
            return page, self.to_pdf(page), None
        except NotPrinted as error:
            return page, None, str(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bagged:
    """The files, and what they do not hold."""

    files: Mapping[str, bytes]
    missing: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.files.values()))


def missing_json(missing: Sequence[tuple[str, str]]) -> bytes:
    """missing: pairs of what and why."""
    return canonical_json([{"what": what, "reason": reason} for what, reason in missing])


def in_order(rows: Sequence[Mapping[str, object]], *names: str) -> list[Mapping[str, object]]:
    """Rows by these columns."""
    return sorted(rows, key=lambda row: tuple(row[name] for name in names))
