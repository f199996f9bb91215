"""`namaak audit`, `allow`, `views`, `open`, `merge`, `split`, `hold`: what else people do."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from namaak.cli.acting import acting_person
from namaak.cli.output import cell, emit, say
from namaak.errors import CasebookError, UsageError

if TYPE_CHECKING:
    from namaak.casework.allowing import Preview
    from namaak.casework.audit import Audit, KeptHead

_FLAG = Parameter(negative="")
_HIDDEN = ("case_id", "band", "score", "subject", "workflow", "matches")
_RULES = ("rule_id", "brand_name", "asset", "until", "holds", "author", "reason")
_MAX_HEAD_BYTES = 1_000_000
#: Of what a rule would hide; the others are counted.
_SHOWN = 20


def register(app: App) -> None:
    """Add the commands."""
    for command in (audit, allow, merge, split, hold):
        app.command(command)
    app.command(open_, name="open")
    views = App(
        name="views",
        help="Lists of cases under a name: `namaak cases --view NAME` shows one.",
        help_format="plaintext",
    )
    views.command(save)
    views.command(list_, name="list")
    views.command(delete)
    app.command(views)


def audit(
    *,
    head: Path | None = None,
    expect: str | None = None,
    keep: Path | None = None,
    watch: Path | None = None,
    json: Annotated[bool, _FLAG] = False,
) -> int:
    """Check that nobody changed the casebook: its whole history, and every case against it.

    Recomputes the chain of all events and names the first link that is broken; tells each case
    with its captures, packs, notices, answers and contacts again from its events, and what people
    said by hand and verdicts rest on; names what says otherwise, is gone, or was never told. What
    no event tells is listed as not checked. A history that was cut off at its end looks whole:
    keep its head elsewhere (--keep) and hold the next audit against it. Exit code 1 when anything
    is wrong.

    Parameters
    ----------
    head
        A file with a head that was kept: an earlier `namaak audit --json`, or the
        data/chain-head.json of an evidence pack.
    expect
        The chain hash of a head that was kept, 64 hexadecimal digits.
    keep
        Write the head into this file, if the casebook is sound; put it where nobody who may write
        the casebook may write.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object, with the head to keep.
    """
    from namaak.casework.audit import audit as examine
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    if head and expect:
        raise UsageError("Give a file or a hash to hold it against, not both.")
    kept = _kept(head, expect)
    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        found = examine(snapshot, kept=kept)
    if json:
        emit([_audited(found)], (), as_json=True, empty="")
    else:
        _show_audit(found, held_against=kept is not None)
    if keep is not None and found.is_sound:
        _keep(keep, found)
    return 0 if found.is_sound else CasebookError.exit_code


def _keep(path: Path, found: Audit) -> None:
    text = jsonlib.dumps({"seq": found.head.seq, "chain_hash": found.head.chain_hash})
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The head cannot be written to {path} ({error.strerror}); name another file."
        ) from None
    say(f"The head is in {path}.")


def _kept(head: Path | None, expect: str | None) -> KeptHead | None:
    from namaak.casework.audit import kept_head

    if expect is not None:
        return kept_head(expect)
    if head is None:
        return None
    try:
        with head.open("rb") as file:
            text = file.read(_MAX_HEAD_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The head that was kept in {head} cannot be read ({error}).") from None
    return kept_head(text)


def _audited(found: Audit) -> dict[str, object]:
    from namaak.casework.audit import NOT_CHECKED

    broken = found.broken
    return {
        "sound": found.is_sound,
        "events": found.events,
        "cases": found.cases,
        "head": {"seq": found.head.seq, "chain_hash": found.head.chain_hash},
        "broken": broken
        and {
            "case_id": broken.case_id,
            "case_seq": broken.case_seq,
            "seq": broken.seq,
            "what": broken.what,
        },
        "unlike": [{"case_id": case, "what": what} for case, what in found.unlike],
        "unlike_cases": found.unlike_cases,
        "cut": found.cut,
        "untold_cases": found.untold_cases,
        "not_checked": list(NOT_CHECKED),
    }


def _show_audit(found: Audit, *, held_against: bool) -> None:
    from namaak.casework.audit import NOT_CHECKED

    if found.broken is not None:
        place = f" (event {found.broken.seq} of all)" if found.broken.seq else ""
        print(f"broken    {cell(str(found.broken))}{place}")
    for case, what in found.unlike:
        print(f"changed   {cell(case)}: {cell(what)}")
    if more := found.unlike_cases - len(found.unlike):
        print(f"changed   {more:,} more cases")
    if found.cut is not None:
        print(f"cut       the history does not go on from what was kept: {cell(found.cut)}")
    if found.is_sound:
        also = ", and it goes on from the head that was kept" if held_against else ""
        print(f"sound     {found.events:,} events of {found.cases:,} cases agree{also}")
    else:
        print("Nothing was repaired. A copy of the casebook from before shows what was there;")
        print("docs/how-to/upgrade-and-back-up.md says how to put one back.")
    print(f"head      event {found.head.seq}, chain hash {found.head.chain_hash}")
    if found.untold_cases:
        print(
            f"not checked: what {found.untold_cases:,} cases were opened as, beyond what an older "
            "namaak wrote down (name, domain, kind, confidence, severity or state)"
        )
    for what in NOT_CHECKED:
        print(f"not checked: {what}")


def allow(
    asset: str | None = None,
    *,
    brand: str | None = None,
    reason: str | None = None,
    until: str | None = None,
    preview: Annotated[bool, _FLAG] = False,
    yes: Annotated[bool, _FLAG] = False,
    withdraw: str | None = None,
    list: Annotated[bool, _FLAG] = False,
    actor: str | None = None,
    watch: Path | None = None,
    json: Annotated[bool, _FLAG] = False,
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
    actor
        Who allows it; else NAMAAK_ACTOR, else the name you are logged in with.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object per case that it covers, or per rule.
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
    from namaak.casework.allowing import rule_of
    from namaak.casework.casebook import Casebook
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
    if hidden.brand_id not in settings.watch.brands:
        raise UsageError(
            f"{hidden.brand_name} is in the watch file no more, so nothing is matched."
        )
    if not json or not preview:
        _tell(hidden)
    if preview:
        rows = [*hidden.open_cases, *hidden.acted_on]
        emit(rows if json else rows[:_SHOWN], _HIDDEN, as_json=json, empty="It would hide no case.")
        return 0
    if not _agreed("Write the rule?", yes=yes):
        say("Nothing was written.")
        return 1
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
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
    for row in hidden.open_cases[:_SHOWN]:
        say(f"  {row['case_id']}  {row['band']:<9} {row['score']:>3}  {cell(row['subject'])}")
    if count > _SHOWN:
        say(f"  and {count - _SHOWN:,} more")
    for row in hidden.acted_on[:_SHOWN]:
        say(
            f"  {row['case_id']}  is {row['workflow']} and stays so: decide about it yourself "
            f"({cell(row['subject'])})"
        )


def _agreed(question: str, *, yes: bool) -> bool:
    """Whether a person says yes. Raises UsageError where there is nobody to ask."""
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("Nobody is there to ask; look at it with --preview, then say --yes.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _list_rules(watch: Path | None, json: bool) -> int:
    from namaak.casework.allowing import allow_rules
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        rows = allow_rules(snapshot, today=datetime.now(UTC).date())
    emit(rows, _RULES, as_json=json, empty="Nothing is allowed beside the watch file.")
    return 0


def _withdraw(rule_id: str, actor: str | None, watch: Path | None, json: bool) -> int:
    from namaak.casework.casebook import Casebook
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        woken = book.withdraw_rule(rule_id, actor=acting_person(actor), now=datetime.now(UTC))
    return _cases_now(settings.casebook, woken, json, empty="It had dismissed no case.")


def open_(
    subject: str,
    *,
    brand: str,
    reason: str,
    actor: str | None = None,
    watch: Path | None = None,
    json: Annotated[bool, _FLAG] = False,
) -> int:
    """Open a case by hand: for what no detector found, or found too weak.

    It stands at review, is found again by its subject, and is refreshed by whatever is seen of it
    later. What is a case already stays that case, and notes why you ask for it.

    Parameters
    ----------
    subject
        A host, a link, platform:handle, or store:id of an app.
    brand
        As whom it poses (id or name).
    reason
        Why it should be a case.
    actor
        Who opens it; else NAMAAK_ACTOR, else the name you are logged in with.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object.
    """
    from detectors.suffixes import registrable_domain
    from namaak.casework.casebook import Casebook
    from namaak.casework.naming import named, refuse_own
    from namaak.casework.ranking import VERSION, rank
    from namaak.records import SubjectKind
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    found = named(subject)
    for brand_id, one in settings.watch.brands.items():
        if brand.casefold() in (brand_id, one.name.casefold()):
            refuse_own(found, one)
    domain = registrable_domain(found.text) if found.kind is SubjectKind.HOST else None
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        case_id, new = book.open_case(
            brand, found, reason=reason, actor=acting_person(actor), now=datetime.now(UTC),
            rank=rank, rank_version=VERSION, domain=domain,
        )  # fmt: skip
    if not new:
        say(f"{found.text} is a case already; your reason stands in its history.")
    return _cases_now(settings.casebook, [case_id], json, empty="")


def merge(
    *case_ids: str,
    note: str | None = None,
    actor: str | None = None,
    watch: Path | None = None,
    json: Annotated[bool, _FLAG] = False,
) -> int:
    """Say that cases belong together: they are one campaign from now on, whatever they share.

    Parameters
    ----------
    case_ids
        Two cases or more.
    note
        Why.
    actor
        Who says so; else NAMAAK_ACTOR, else the name you are logged in with.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object per case of the campaign.
    """
    from namaak.casework.casebook import Casebook
    from namaak.casework.reading import open_snapshot, read_campaign
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        campaign = book.merge(
            case_ids, actor=acting_person(actor), now=datetime.now(UTC), note=note
        )
    with open_snapshot(settings.casebook) as snapshot:
        cases = read_campaign(snapshot, campaign).cases
    say(f"Campaign {campaign} has {len(cases)} cases.")
    emit(cases, ("case_id", "band", "score", "workflow", "subject"), as_json=json, empty="")
    return 0


def split(
    case_id: str,
    *,
    apart_from: Annotated[Sequence[str], Parameter(name="--from", negative="")] = (),
    note: str | None = None,
    actor: str | None = None,
    watch: Path | None = None,
    json: Annotated[bool, _FLAG] = False,
) -> int:
    """Say that a case does not belong to its campaign: it stands alone, whatever it shares.

    Until somebody merges it with another again. With --from nothing that it shares with that case
    ties the two any more; they stay in one campaign where other cases tie both to it.

    Parameters
    ----------
    case_id
        The case.
    apart_from
        Only apart from this case; may be given again.
    note
        Why.
    actor
        Who says so; else NAMAAK_ACTOR, else the name you are logged in with.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object.
    """
    from namaak.casework.casebook import Casebook
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.split(
            case_id, apart_from=apart_from, actor=acting_person(actor), now=datetime.now(UTC),
            note=note,
        )  # fmt: skip
    return _cases_now(settings.casebook, [case_id], json, empty="")


def hold(
    *case_ids: str,
    reason: str,
    release: Annotated[bool, _FLAG] = False,
    actor: str | None = None,
    watch: Path | None = None,
    json: Annotated[bool, _FLAG] = False,
) -> int:
    """Put cases under legal hold: nothing of them is deleted, whatever the rules of retention say.

    Parameters
    ----------
    case_ids
        One case or more; all are held, or none.
    reason
        Why: the matter, the court, who asked.
    release
        End the hold instead.
    actor
        Who does; else NAMAAK_ACTOR, else the name you are logged in with.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object per case.
    """
    from namaak.casework.casebook import Casebook
    from namaak.settings import environment_settings

    if not case_ids:
        raise UsageError("Name at least one case.")
    settings = environment_settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        change = book.release if release else book.hold
        done = change(case_ids, reason=reason, actor=who, now=now)
    cases = "1 case is" if len(done) == 1 else f"{len(done)} cases are"
    if release:
        say(f"{cases} released; what [retention] says holds again.")
    else:
        say(f"{cases} under legal hold: nothing of it is deleted until --release.")
    return _cases_now(settings.casebook, done, json, empty="")


def save(
    name: str,
    *,
    brand: str | None = None,
    band: Literal["watch", "review", "high", "critical"] | None = None,
    workflow: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    assignee: str | None = None,
    since: str | None = None,
    updated_since: str | None = None,
    every: Annotated[bool, _FLAG] = False,
    limit: int | None = None,
    actor: str | None = None,
    watch: Path | None = None,
) -> int:
    """Save a list of cases under a name; one that has the name already is replaced.

    The conditions are those of `namaak cases`. Spans stay spans: `--since 7d` means the last seven
    days whenever the list is shown.

    Parameters
    ----------
    name
        What to call it.
    brand
        Only this brand (id or name).
    band
        This band and worse ones.
    workflow
        Only cases in this state.
    kind
        Only this kind of resemblance, or by-hand.
    subject
        Only subjects that contain this text.
    assignee
        Only this person's.
    since
        Opened since a date or a span back from now.
    updated_since
        Changed since a date or a span back from now.
    every
        Every case of a series.
    limit
        At most so many.
    actor
        Who saves it; else NAMAAK_ACTOR, else the name you are logged in with.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    """
    from namaak.casework.casebook import Casebook
    from namaak.casework.views import query_of
    from namaak.settings import environment_settings

    given = {
        "brand": brand, "band": band, "workflow": workflow, "kind": kind, "subject": subject,
        "assignee": assignee, "since": since, "updated_since": updated_since, "limit": limit,
        "every": every or None,
    }  # fmt: skip
    query = query_of({name: value for name, value in given.items() if value is not None})
    settings = environment_settings(watch)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        kept = book.save_view(name, query, author=acting_person(actor), now=datetime.now(UTC))
    say(f"Saved; `namaak cases --view {kept!r}` shows it.")
    return 0


def list_(*, watch: Path | None = None, json: Annotated[bool, _FLAG] = False) -> int:
    """List the saved views.

    Parameters
    ----------
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object per view.
    """
    from namaak.casework.reading import open_snapshot
    from namaak.casework.views import saved_views
    from namaak.settings import environment_settings

    with open_snapshot(environment_settings(watch).casebook) as snapshot:
        rows = saved_views(snapshot)
    emit(
        rows, ("name", "query", "author", "updated_at"), as_json=json,
        empty="No view is saved; `namaak views save` saves one.",
    )  # fmt: skip
    return 0


def delete(name: str, *, watch: Path | None = None) -> int:
    """Forget a saved view; no case is touched.

    Parameters
    ----------
    name
        Its name.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    """
    from namaak.casework.casebook import Casebook
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        gone = book.delete_view(name)
    say(f"The view {gone!r} is gone.")
    return 0


def _cases_now(published: Path, case_ids: Sequence[str], json: bool, *, empty: str) -> int:
    from namaak.casework.reading import open_snapshot, read_case

    with open_snapshot(published) as snapshot:
        rows = [read_case(snapshot, one).case for one in case_ids]
    emit(
        [{**row, "brand": row["brand_id"]} for row in rows],
        ("case_id", "band", "score", "workflow", "reason_code", "brand", "subject"),
        as_json=json, empty=empty,
    )  # fmt: skip
    return 0
