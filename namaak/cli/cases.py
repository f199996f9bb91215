"""`namaak cases`, `case` and `triage`: look at the ranked cases and decide."""

from __future__ import annotations

import json as jsonlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App

from namaak.cli.accounts import identity_lines, profile_lines
from namaak.cli.acting import acting_person
from namaak.cli.options import Flag, Json, WatchPath, actor_that, as_json
from namaak.cli.output import cell, emit, say
from namaak.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from namaak.casework.reading import CaseFile
    from namaak.cli.followed import Followed

_COLUMNS = ("case_id", "band", "score", "brand", "subject", "kind", "workflow", "reasons")
_LIMIT = 50
#: Of the cases of a campaign; the others are counted.
_SHOWN = 20
#: Characters of a value: the scorecard's terms make long lines, and JSON has them whole.
_MOST_SEEN = 160
#: Why the parts of a sign need not add up to it.
_LEGEND = (
    '  Parts after "seen" are the scorecard\'s points: a resemblance then weighs a fixed amount\n'
    "  less, what verdicts taught scales a weight, and a second name, picture or text counts half."
)


def register(app: App) -> None:
    """Add the commands."""
    for command in (cases, case, triage):
        app.command(command)


def cases(
    *,
    brand: str | None = None,
    band: Literal["watch", "review", "high", "critical"] | None = None,
    workflow: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    assignee: str | None = None,
    since: str | None = None,
    updated_since: str | None = None,
    view: str | None = None,
    every: Flag = False,
    limit: int | None = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per case")] = False,
) -> int:
    """List cases, worst first.

    Of hosts named by one pattern, as in acme-login-1 and acme-login-2, the worst stands for all
    and says how many more there are.

    Parameters
    ----------
    brand
        Only this brand (id or name).
    band
        This band and worse ones.
    workflow
        Only cases in this state, as in new, triage, confirmed, watching, dismissed.
    kind
        Only this kind of resemblance, as in combosquat or homograph; by-hand for what a person
        opened.
    subject
        Only subjects that contain this text.
    assignee
        Only this person's.
    since
        Opened since: a date (2026-01-31) or a span back from now (7d, 12h).
    updated_since
        Changed since, in anything that is shown of them: a date or a span back from now.
    view
        The conditions of this saved view (`namaak views`); others beside it go before its own.
    every
        List every case of a series.
    limit
        At most so many; 0 for all. 50 unless given, by you or by the view.
    """
    from namaak.casework.reading import find_cases, open_snapshot
    from namaak.casework.views import query_of, saved_view
    from namaak.settings import environment_settings

    given = {
        "brand": brand, "band": band, "workflow": workflow, "kind": kind, "subject": subject,
        "assignee": assignee, "since": since, "updated_since": updated_since,
        "every": every or None, "limit": limit,
    }  # fmt: skip
    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        asked = {name: value for name, value in given.items() if value is not None}
        query = query_of((saved_view(snapshot, view).given() if view else {}) | asked)
        limit = _LIMIT if query.limit is None else query.limit
        wanted = {**query.arguments(now=datetime.now(UTC)), "limit": limit or None}
        rows = find_cases(snapshot, **wanted)
    shown = rows if json else [_shortened(row) for row in rows]
    emit(shown, _COLUMNS, as_json=json, empty="No case fits.")
    if limit and len(rows) == limit and sys.stdout.isatty():
        say(f"The first {limit}; see more with --limit.")
    return 0


def _shortened(row: dict[str, Any]) -> dict[str, Any]:
    """For a table: two reasons, and how many more cases stand behind this one."""
    more = f" and {row['more']} more like it" if row["more"] else ""
    if row["same_picture"]:
        more += f", same picture as {row['same_picture']} more"
    return {**row, "subject": f"{row['subject']}{more}", "reasons": row["reasons"][:2]}


def case(case_id: str, *, watch: WatchPath = None, json: Json = False) -> int:
    """Show one case: every signal with its weight, what was seen, looks at it, and its history.

    Parameters
    ----------
    case_id
        Its id, or the beginning of it.
    """
    from namaak.casework.history import in_words
    from namaak.casework.reading import open_snapshot, read_case
    from namaak.cli.followed import followed_of
    from namaak.lake import Lake
    from namaak.reports import reports_of
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with open_snapshot(settings.casebook) as snapshot:
        found = read_case(snapshot, case_id)
        followed = followed_of(snapshot, found.case["case_id"])
    with Lake(settings.lake) as lake:
        reports = reports_of(lake, found)
    reasons = [signal["says"] for signal in found.signals]
    if json:
        whole = {
            **found.case,
            "brand": found.case["brand_id"],
            "reasons": reasons,
            "signals": found.signals,
            "matches": found.matches,
            "events": [{**event, "says": in_words(event)} for event in found.events],
            "enrichments": [{**look, "facts": _facts(look)} for look in found.enrichments],
            "profile": found.profile,
            "edges": found.edges,
            "joined": found.joined,
            "aliases": found.aliases,
            "reports": [_report(row) for row in reports],
            **followed.as_json(),
        }
        emit([whole], (), as_json=True, empty="")
        return 0
    _show(found, followed)
    if reports:
        print("\nWhat was reported (`namaak pack` keeps the screenshots)")
    for report in map(_report, reports):
        when = cell(report["seen_at"]) or "no time said"
        shot = ", with a screenshot" if report["screenshot_sha256"] else ""
        print(f"  {when}  {cell(report['note'] or report['link'])}{shot}")
    return 0


def _report(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a person handed in, of the row of an observation."""
    from namaak.casework.evidence.reported import words_of

    return {
        "seen_at": row["source_time"],
        "gathered_at": row["observed_at"],
        "link": row["url"],
        "note": words_of(row["raw"]).get("note"),
        "screenshot_sha256": row["screenshot_sha256"],
    }


def _show(found: CaseFile, followed: Followed) -> None:
    from namaak.casework.history import by_whom, in_words
    from namaak.cli.followed import axes_lines

    facts, matches = found.case, found.matches
    print(f"{facts['case_id']}  {cell(facts['subject'])}")
    print(f"  poses as   {cell(facts['brand_name'])} ({facts['brand_id']}), {facts['kind']}")
    sure, harm = facts["confidence"], facts["severity"]
    apart = "" if sure is None else f" (how sure {sure}, how harmful {harm})"
    print(f"  rank       {facts['band']}, {facts['score']} of 100{apart}")
    if expected := _expected(matches):
        print(f"  costs      {expected} of a million ordinary names look as much like it")
    for line in axes_lines(facts, followed.actions):
        print(f"  {line}")
    print(f"  seen       {cell(facts['first_observed_at'])} to {cell(facts['last_observed_at'])}")
    for line in identity_lines(found.joined, found.aliases):
        print(f"  {line}")
    print("\nWhy it ranks there (what each sign adds or takes, in natural-log odds)")
    for signal in found.signals:
        where = signal["name"].partition(".")[0]
        print(f"  {signal['contribution']:+6.2f}  {where:<12}  {cell(signal['says'])}")
        for line in _grounds(signal):
            print(f"{'':<24}{line}")
    for gate in facts["gates"]:
        print(f"    gate  {cell(gate)}")
    if found.signals:
        print(f"\n{_LEGEND}")
    print("\nWhat was seen")
    for match in matches:
        where = f"{cell(match['source'])} {cell(match['instance'][:12])} at {match['position']}"
        unsaid = f"; no case by itself: {cell(match['suppressed'])}" if match["suppressed"] else ""
        print(f"  {match['field']:<12} {cell(match['value'])}  ({where}){unsaid}")
    if found.enrichments:
        print("\nWhat a look at it gave")
    for look in found.enrichments:
        for line in _looked(look):
            print(f"  {line}")
    if found.profile:
        print("\nWhat it says of itself")
    for line in profile_lines(found.profile):
        print(f"  {line}")
    if found.edges:
        print("\nWhat ties it to other cases (`namaak campaigns` with this case shows them all)")
    for edge in found.edges:
        print(f"  {edge['reason']:<12} {edge['case_id']}  {cell(edge['says'])}")
    for line in followed.lines():
        print(line)
    print("\nHistory")
    for event in found.events:
        who = cell(by_whom(event["actor"]))
        print(f"  {cell(event['happened_at'])}  {who:<16}  {cell(in_words(event))}")


def _grounds(signal: Mapping[str, Any]) -> Iterator[str]:
    """What was seen of a signal, where its sentence does not say it, and what would change it."""
    raw = str(signal["raw"])
    if len(raw) > 1 and raw not in signal["says"]:
        yield f"seen: {cell(raw[:_MOST_SEEN])}{'...' if len(raw) > _MOST_SEEN else ''}"
    if signal["would_change"]:
        yield f"would change it: {cell(signal['would_change'])}"


def _looked(look: dict[str, Any]) -> Iterator[str]:
    """Of one aspect of the host. A last look in vain stands beside what was known before it."""
    from namaak.enriching.words import in_words

    said = in_words(look["aspect"], look["outcome"], _facts(look))
    old = "" if look["latest"] else " (the last answer)"
    yield f"{look['aspect']:<12} {cell(look['asked_at'])}  {cell(said)}{old}"
    if look["latest"]:
        yield f"{'':<12} seen from {cell(look['vantage'])}"


def _facts(look: dict[str, Any]) -> dict[str, Any] | None:
    return jsonlib.loads(look["facts"]) if look["facts"] else None


def _expected(matches: list[dict[str, Any]]) -> str:
    """How many ordinary names would rank as high, by the name that says most; empty if unknown."""
    rates = [
        dict(match["evidence"]).get("expected_per_million")
        for match in matches
        if match["evidence"] and not match["suppressed"]
    ]
    known = [rate for rate in rates if rate is not None]
    if not known:
        return ""
    least = min(known)
    return f"{least:,.0f}" if least >= 2 else "hardly any"


def triage(
    *case_ids_and_decision: str,
    reason: str | None = None,
    note: str | None = None,
    until: str | None = None,
    on_change: Flag = False,
    to: str | None = None,
    duplicate_of: str | None = None,
    series: Flag = False,
    campaign: str | None = None,
    yes: Flag = False,
    actor: Annotated[str | None, actor_that("decides")] = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per case decided")] = False,
) -> int:
    """Decide about one or more cases: namaak triage NK-... [NK-...] DECISION

    DECISION is one of triage, confirm, dismiss (needs --reason), watch, snooze (needs --until
    or --on-change), assign (--to), reopen, resolve, close, note (needs --note). All cases are
    decided or none; every decision is kept in the case's history for ever.

    Parameters
    ----------
    case_ids_and_decision
        Case ids, then the decision.
    reason
        Why it is dismissed: own-asset, licensed, fan-parody, unrelated, weak-match, duplicate.
    note
        A remark to keep with it.
    until
        Snooze until a date (2026-01-31) or for a span (7d, 12h).
    on_change
        Snooze until its rank rises, or what it shows changes.
    to
        Whom to assign it to; without it the case is given back.
    duplicate_of
        With the reason duplicate: the case that it doubles.
    series
        Also about all undecided cases of the same series; see `namaak cases`.
    campaign
        About all cases of the campaign of this case: namaak triage --campaign NK-... DECISION
    yes
        With a campaign: decide without asking.
    """
    from namaak.casework.casebook import Casebook
    from namaak.casework.lifecycle import BY_HAND, Decision, DecisionKind
    from namaak.casework.moments import moment
    from namaak.casework.reading import (
        open_snapshot,
        read_case,
        resolve_case_id,
        series_of_case,
    )
    from namaak.settings import environment_settings

    *given, word = case_ids_and_decision or ("",)
    if word not in BY_HAND:
        raise UsageError(f"{word!r} is no decision; end with one of {', '.join(BY_HAND)}.")
    if campaign and (given or series):
        raise UsageError("A campaign goes alone: namaak triage --campaign NK-... DECISION.")
    if not given and not campaign:
        raise UsageError("Name at least one case before the decision, as in NK-0123ABCD confirm.")
    settings = environment_settings(watch)
    now = datetime.now(UTC)
    decision = Decision(
        kind=DecisionKind(word), reason_code=reason, note=note,  # type: ignore[arg-type]
        until=moment(until, now=now, ahead=True) if until else None, on_change=on_change,
        assignee=to, duplicate_of=duplicate_of,
    )  # fmt: skip
    with open_snapshot(settings.casebook) as snapshot:
        ids = list(dict.fromkeys(resolve_case_id(snapshot, typed) for typed in given))
        members = _members(snapshot, campaign) if campaign else []
        if series:
            ids = list(dict.fromkeys(more for one in ids for more in series_of_case(snapshot, one)))
    if campaign:
        ids = [row["case_id"] for row in members]
        if not _agreed_about(members, word, yes=yes):
            say("Nothing was decided.")
            return 1
    who = acting_person(actor)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.decide_all(ids, decision, actor=who, now=now)
    with open_snapshot(settings.casebook) as snapshot:
        rows = [{**read_case(snapshot, one).case} for one in ids]
    emit(
        [{**row, "brand": row["brand_id"]} for row in rows],
        ("case_id", "workflow", "reason_code", "assignee", "brand", "subject"),
        as_json=json, empty="",
    )  # fmt: skip
    return 0


def _members(snapshot: DuckDBPyConnection, typed: str) -> list[dict[str, Any]]:
    """The cases of the campaign that a case is in. Raises UsageError where it is in none."""
    from namaak.casework.reading import campaign_of_case, read_campaign

    found = campaign_of_case(snapshot, typed)
    if found is None:
        raise UsageError(f"Nothing ties {typed} to another case; decide about it alone.")
    return read_campaign(snapshot, found).cases


def _agreed_about(members: list[dict[str, Any]], word: str, *, yes: bool) -> bool:
    """Say what it is about; at a terminal ask. In a pipe the command itself is the answer."""
    counts = Counter(row["workflow"] for row in members)
    told = ", ".join(f"{count:,} {workflow}" for workflow, count in sorted(counts.items()))
    say(f"{word} is for all {len(members):,} cases of the campaign: {told}.")
    for row in members[:_SHOWN]:
        say(f"  {row['case_id']}  {row['band']:<9} {row['workflow']:<10} {cell(row['subject'])}")
    if len(members) > _SHOWN:
        say(f"  and {len(members) - _SHOWN:,} more")
    if yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    print("Decide so? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
