"""`namaak allow`: what bears a brand with good reason, until a day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App

from namaak.cli.acting import acting_person
from namaak.cli.agreeing import MOST_SHOWN, agreed, say_cases
from namaak.cli.cases_now import cases_now
from namaak.cli.options import Flag, WatchPath, actor_that, as_json
from namaak.cli.output import cell, emit, say
from namaak.cli.writing import writing
from namaak.errors import UsageError

if TYPE_CHECKING:
    from namaak.casework.allowing import Preview

_HIDDEN = ("case_id", "band", "score", "subject", "workflow", "matches")
_RULES = ("rule_id", "brand_name", "asset", "until", "holds", "author", "reason")


def register(app: App) -> None:
    """Add the command."""
    app.command(allow)


def allow(
    asset: str | None = None,
    *,
    brand: str | None = None,
    reason: str | None = None,
    until: str | None = None,
    preview: Flag = False,
    yes: Flag = False,
    withdraw: str | None = None,
    list: Flag = False,
    actor: Annotated[str | None, actor_that("allows it")] = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per case that it covers, or per rule")] = False,
) -> int:
    """Allow what bears a brand with good reason: a dealer, a fan club, a supplier.

    Shows what the rule would hide and asks before it is written. The open cases that it covers are
    dismissed as licensed at once, and the next run matches the brand again with the rule. After
    its last day, or when it is withdrawn, these cases are open again.

    Parameters
    ----------
    asset
        A domain, with all its sub-domains, or platform:handle, as in instagram:acme-fans.
    brand
        Whose name it bears (id or name).
    reason
        Why it may.
    until
        The last day it holds: a date (2027-01-31) or a span (90d).
    preview
        Only show what it would hide.
    yes
        Write it without asking; needed where nobody can be asked, as in a pipe.
    withdraw
        Take back the rule with this id.
    list
        List the rules of the casebook; those of the watch file stand there.
    """
    if list or withdraw:
        if asset or brand or reason or until or preview or (list and withdraw):
            raise UsageError("--list and --withdraw go alone; leave out the rest.")
        return _list_rules(watch, json) if list else _withdraw(withdraw or "", actor, watch, json)
    if not asset or not brand or not reason or not until:
        raise UsageError("A rule needs ASSET, --brand, --reason and --until; see --help.")
    return _allow(
        asset, brand, reason, until, preview=preview, yes=yes, actor=actor, watch=watch, json=json
    )


def _allow(
    asset: str, brand: str, reason: str, until: str, *, preview: bool, yes: bool,
    actor: str | None, watch: Path | None, json: bool,
) -> int:  # fmt: skip
    from namaak.casework.allowing import preview as foresee
    from namaak.casework.allowing import refuse_covered, rule_of
    from namaak.casework.moments import moment
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    now = datetime.now(UTC)
    rule = rule_of(
        asset=asset, reason=reason, author=acting_person(actor), now=now,
        until=moment(until, now=now, ahead=True).date(),
    )  # fmt: skip
    with open_snapshot(settings.casebook) as snapshot:
        hidden = foresee(snapshot, brand, rule)
        refuse_covered(snapshot, hidden.brand_id, rule, today=now.date())
    if hidden.brand_id not in settings.watch.brands:
        raise UsageError(
            f"{hidden.brand_name} is in the watch file no more, so nothing is matched."
        )
    if not json or not preview:
        _tell(hidden)
    if preview:
        rows = [*hidden.open_cases, *hidden.acted_on]
        shown = rows if json else rows[:MOST_SHOWN]
        emit(shown, _HIDDEN, as_json=json, empty="It would hide no case.")
        return 0
    if not agreed("Write the rule?", yes=yes):
        say("Nothing was written.")
        return 1
    with writing(settings) as book:
        rule_id, done = book.allow(brand, rule, now=now)
    covered = [{**row, "rule_id": rule_id} for row in done.open_cases]
    emit(covered, _HIDDEN, as_json=json, empty="")
    say(f"Rule {rule_id} holds until {rule.until}; `namaak run` matches {done.brand_name} again.")
    return 0


def _tell(hidden: Preview) -> None:
    """What would be hidden, to stderr: it is talk, and not yet a result."""
    count = len(hidden.open_cases)
    say(
        f"{hidden.rule.asset} would hide {count:,} open {'case' if count == 1 else 'cases'} of "
        f"{cell(hidden.brand_name)}, and {hidden.matches:,} stored matches of "
        f"{hidden.subjects:,} subjects."
    )
    say_cases(hidden.open_cases)
    for row in hidden.acted_on[:MOST_SHOWN]:
        say(
            f"  {row['case_id']}  is {row['workflow']} and stays so: decide about it yourself "
            f"({cell(row['subject'])})"
        )


def _list_rules(watch: Path | None, json: bool) -> int:
    from namaak.casework.allowing import allow_rules
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        rows = allow_rules(snapshot, today=datetime.now(UTC).date())
    emit(rows, _RULES, as_json=json, empty="Nothing is allowed beside the watch file.")
    return 0


def _withdraw(rule_id: str, actor: str | None, watch: Path | None, json: bool) -> int:
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with writing(settings) as book:
        woken = book.withdraw_rule(rule_id, actor=acting_person(actor), now=datetime.now(UTC))
    return cases_now(settings.casebook, woken, json, empty="It had dismissed no case.")
