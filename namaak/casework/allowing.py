"""Allow rules of the casebook: what bears a brand with good reason, said by a person until a day.

They count as those of the watch file do: merged into its brand when it is enrolled, they suppress
what they cover when it is matched again. Before one is written, a person sees what it would hide.
What a rule covers is asked of the very function that suppresses, so that both never differ.
May import: namaak.brands, namaak.casework.lifecycle and reading, namaak.records, sqlfiles and
errors, detectors.profiles.owned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from pydantic import ValidationError

from detectors.profiles.owned import suppressed_as
from namaak.brands import AllowRule, Brand
from namaak.casework.lifecycle import check_text
from namaak.casework.reading import open_snapshot, read_rows
from namaak.errors import UsageError
from namaak.records import SubjectKind, Workflow, case_id
from namaak.sqlfiles import statement

#: Nobody acted on them yet: a rule dismisses them at once. What people confirmed stays theirs.
OPEN = frozenset(
    {Workflow.NEW, Workflow.TRIAGE, Workflow.REOPENED, Workflow.WATCHING, Workflow.SNOOZED}
)
_ACTED_ON = frozenset({Workflow.CONFIRMED, Workflow.ENFORCING})
MAX_REASON_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule would hide. Rows: of assets_of_brand.sql, the worst first."""

    brand_id: str
    brand_name: str
    rule: AllowRule
    open_cases: list[dict[str, Any]]  #: dismissed as licensed as soon as the rule is made
    acted_on: list[dict[str, Any]]  #: covered, but a person confirmed them: left alone
    other_cases: int  #: covered, and decided or over already
    subjects: int  #: of these and of matches that became no case
    matches: int  #: resemblances stored of them, which will be suppressed


def rule_of(*, asset: str, reason: str, author: str, until: date, now: datetime) -> AllowRule:
    """A sound rule. Raises UsageError for what is none, and for one that is over already."""
    check_text(author, "name of who allows it", 200)
    check_text(reason, "reason", MAX_REASON_CHARACTERS)
    if until < now.astimezone(UTC).date():
        raise UsageError(f"{until} is past; a rule holds until a day to come.")
    try:
        return AllowRule(asset=asset, reason=reason, author=author, until=until)
    except ValidationError as error:
        what = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise UsageError(f"The asset cannot be allowed: {what}.") from None


def rule_id_of(brand_id: str, rule: AllowRule, now: datetime) -> str:
    """NR- and twelve characters, by the same rule as ids of cases."""
    made = case_id(brand_id, f"{rule.asset}\0{now.isoformat()}")
    return "NR-" + made.removeprefix("NK-")


def allow_rules(con: duckdb.DuckDBPyConnection, *, today: date) -> list[dict[str, Any]]:
    """All rules of the casebook, newest first; `holds` says whether one counts that day."""
    return list(read_rows(con, statement("casebook/allow_rules"), {"today": today}))


def rules_that_hold(con: duckdb.DuckDBPyConnection, *, today: date) -> dict[str, list[AllowRule]]:
    """brand_id -> its rules, in the order in which they were made: for `enrol`."""
    found: dict[str, list[AllowRule]] = {}
    for row in reversed(allow_rules(con, today=today)):
        if row["holds"]:
            rule = AllowRule(
                asset=row["asset"], reason=row["reason"], author=row["author"], until=row["until"]
            )
            found.setdefault(row["brand_id"], []).append(rule)
    return found


def rules_of_casebook(published: Path, *, today: date) -> dict[str, list[AllowRule]]:
    """The same of a published casebook; none where there is none yet, or one without such rules.

    Raises CasebookError for a damaged one: without its rules everything that they cover would be
    matched anew, and again with them.
    """
    if not published.is_file():
        return {}
    with open_snapshot(published, any_version=True) as con:
        try:
            return rules_that_hold(con, today=today)
        except duckdb.CatalogException:
            # Of a namaak that had no rules of the casebook.
            return {}


def preview(con: duckdb.DuckDBPyConnection, brand: str, rule: AllowRule) -> Preview:
    """What the rule would hide. brand: id or name. Raises UsageError for an unknown one."""
    brand_id, brand_name = brand_named(con, brand)
    covered = list(_covered(con, brand_id, brand_name, rule))
    cases = [row for row in covered if row["case_id"] is not None]
    open_cases = [row for row in cases if row["workflow"] in OPEN]
    acted_on = [row for row in cases if row["workflow"] in _ACTED_ON]
    return Preview(
        brand_id=brand_id,
        brand_name=brand_name,
        rule=rule,
        open_cases=open_cases,
        acted_on=acted_on,
        other_cases=len(cases) - len(open_cases) - len(acted_on),
        subjects=len(covered),
        matches=sum(row["matches"] for row in covered),
    )


def refuse_covered(
    con: duckdb.DuckDBPyConnection, brand_id: str, rule: AllowRule, *, today: date
) -> None:
    """Raises UsageError where a rule of that brand covers the asset already, for as long.

    Which of the two dismissed a case, and what withdrawing one does, nobody could say. One that
    lasts longer prolongs the other: what that dismissed stays so when its time is over.
    """
    platform, colon, entry = rule.asset.partition(":")
    shown: dict[str, object] = dict.fromkeys(("host", "platform", "native_id", "handle"))
    shown |= {"platform": platform, "handle": entry} if colon else {"host": rule.asset}
    for row in allow_rules(con, today=today):
        if row["brand_id"] != brand_id or not row["holds"] or row["until"] < rule.until:
            continue
        bare = Brand(
            name=str(row["brand_name"]),
            allow=(
                AllowRule(
                    asset=row["asset"],
                    reason=row["reason"],
                    author=row["author"],
                    until=row["until"],
                ),
            ),
        )
        if row["asset"] == rule.asset or suppressed_as(bare, shown, None) is not None:
            raise UsageError(
                f"{rule.asset} is covered already: the rule {row['rule_id']} of {row['author']} "
                f"allows {row['asset']} until {row['until']}; give a later --until to prolong "
                f"it, or withdraw it with `namaak allow --withdraw {row['rule_id']}`."
            )


def brand_named(con: duckdb.DuckDBPyConnection, brand: str) -> tuple[str, str]:
    """Id and name. Raises UsageError where the casebook knows none."""
    row = con.execute(statement("casebook/brand_named"), {"brand": brand}).fetchone()
    if row is None:
        raise UsageError(f"There is no brand {brand!r}; `namaak sql 'from brands'` lists them.")
    return str(row[0]), str(row[1])


def _covered(
    con: duckdb.DuckDBPyConnection, brand_id: str, brand_name: str, rule: AllowRule
) -> Iterator[dict[str, Any]]:
    # No domain, account or word of its own: only the rule can be why.
    bare = Brand(name=brand_name, allow=(rule,))
    for row in read_rows(con, statement("casebook/assets_of_brand"), {"brand_id": brand_id}):
        if suppressed_as(bare, _seen(row), None) is not None:
            yield row


def _seen(row: Mapping[str, Any]) -> dict[str, object]:
    """The subject as an observation shows it, from its key and what its profile said last."""
    kind, _, rest = str(row["subject_key"]).partition(":")
    seen: dict[str, object] = dict.fromkeys(("host", "platform", "native_id", "handle"))
    if kind == SubjectKind.HOST:
        seen["host"] = rest
    elif kind in (SubjectKind.ACCOUNT, SubjectKind.APP):
        platform, _, native = rest.partition(":")
        by_handle = native.startswith("@") and kind == SubjectKind.ACCOUNT
        seen["platform"] = platform
        seen["native_id"] = None if by_handle else native
        seen["handle"] = native[1:] if by_handle else row["handle"]
    return seen
