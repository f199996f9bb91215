"""`namaak learn`: weights fitted to the verdicts of analysts, kept, activated and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App

from namaak.cli.acting import acting_person
from namaak.cli.options import Flag, WatchPath, actor_that, as_json
from namaak.cli.output import cell, emit, say
from namaak.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from namaak.casework.casebook import Casebook
    from namaak.casework.learned.verdicts import Gathered
    from namaak.casework.ranking import Ranking
    from namaak.settings import Settings

_COLUMNS = ("version", "counts", "made_at", "made_by", "verdicts", "better", "activated_by")
#: As many are weighed again in the command; more wait for the next run.
AT_ONCE = 10_000


def register(app: App) -> None:
    """Add the command."""
    app.command(learn)


def learn(
    *,
    activate: str | None = None,
    back: Flag = False,
    versions: Flag = False,
    force: Flag = False,
    actor: Annotated[str | None, actor_that("does it")] = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per version")] = False,
) -> int:
    """Fit the weights of the ranking to your verdicts, and show what that is worth.

    By itself it changes no score: it shows how verdicts that were held back fit before and after,
    and which weights would move, and keeps them as a version. Read it, then activate the version.

    Parameters
    ----------
    activate
        Make this version count, or `shipped`; cases are weighed again and say why they moved.
    back
        Go back to the weights that counted before.
    versions
        List what was learned, and what counts.
    force
        Activate although held-back verdicts fit worse than before.
    """
    from namaak.settings import environment_settings

    if sum((activate is not None, back, versions)) > 1:
        raise UsageError("Say one of --activate, --back and --versions.")
    if force and activate is None:
        raise UsageError("--force goes with --activate.")
    settings = environment_settings(watch)
    if versions:
        return _list(settings, as_json=json)
    who = acting_person(actor)
    if activate is not None or back:
        return _change(settings, activate, force=force, who=who, as_json=json)
    return _fit(settings, who=who, as_json=json)


def _list(settings: Settings, *, as_json: bool) -> int:
    from namaak.casework.learned.reading import versions
    from namaak.casework.reading import open_snapshot

    with open_snapshot(settings.casebook) as snapshot:
        rows = versions(snapshot)
    shown = [{**row, "counts": "yes" if row["active"] else "", "made_by": row["actor"]}
             for row in rows]  # fmt: skip
    emit(
        shown,
        _COLUMNS,
        as_json=as_json,
        empty="Nothing was learned yet: the shipped weights count.",
    )
    return 0


def _fit(settings: Settings, *, who: str, as_json: bool) -> int:
    """Refuses (UsageError) where there are too few verdicts."""
    from datetime import UTC, datetime

    from namaak.casework import ranking
    from namaak.casework.casebook import Casebook
    from namaak.casework.learned.learning import learn_from
    from namaak.casework.learned.reading import active, gathered
    from namaak.casework.reading import open_snapshot
    from namaak.records import Band

    with open_snapshot(settings.casebook) as snapshot:
        found, counting = gathered(snapshot), active(snapshot)
    bands = {str(band): ranking.least_score(band) for band in (Band.REVIEW, Band.HIGH)}
    lesson = learn_from(
        found.verdicts, before=counting.multipliers, fitted_on=ranking.VERSION,
        points=ranking.points_of, bands=bands,
    )  # fmt: skip
    row = lesson.row(actor=who, now=datetime.now(UTC), left_out=found.left_out)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.keep_weights(row)
    told = lesson.report(found.left_out)
    if as_json:
        facts = {"version": lesson.version, "better": lesson.better, "counts_until_now":
                 counting.version or "shipped", "weights": lesson.fit.multipliers}  # fmt: skip
        emit([{**facts, "report": told}], (), as_json=True, empty="")
        return 0
    _show(lesson.version, told, found, until_now=counting.version or "shipped")
    if lesson.better:
        say(f"Nothing changed yet; `namaak learn --activate {lesson.version}` makes them count.")
    else:
        say("The held-back verdicts fit them worse: they are kept, and not for use.")
    return 0


def _show(version: str, told: Mapping[str, Any], found: Gathered, *, until_now: str) -> None:
    taught, held = told["taught"], told["held_back"]
    print(f"{version}, beside the weights that count until now ({until_now})")
    print(f"  verdicts   {len(found.verdicts)}: {taught} taught, {held} were held back to measure")
    for why, cases in told["left_out"].items():
        print(f"  left out   {cases} {why}")
    print(f"\nOn the {held} held back, before and after")
    before, after = told["before"], told["after"]
    print(
        f"  {'log loss':<24} {before['log_loss']:>8.3f} {after['log_loss']:>8.3f}  less is better"
    )
    for band in before["bands"]:
        for what in ("precision", "recall"):
            pair = (_share(told[when]["bands"][band], what) for when in ("before", "after"))
            shown = " ".join(f"{one:>8}" for one in pair)
            reach = f"{before['bands'][band]['shown']} and {after['bands'][band]['shown']} reach it"
            print(f"  {f'{what} from {band}':<24} {shown}  {reach if what == 'precision' else ''}")
    off = f"{before['off_by']:>8.3f} {after['off_by']:>8.3f}"
    print(f"  {'chances are off by':<24} {off}")
    for part in after["calibration"]:
        said = f"{part['foretold']:.0%} foretold, {part['came']:.0%} confirmed"
        print(f"    of {part['verdicts']:>5} verdicts {said}")
    print("\nWhat would weigh otherwise")
    for moved in told["moved"]:
        share = f"{moved['was']:.2f} to {moved['is']:.2f} times"
        end = ", as far as it may" if moved["at_its_limit"] else ""
        said = f"{moved['confirmed']} confirmed and {moved['dismissed']} dismissed have it{end}"
        print(f"  {cell(moved['name']):<28} {share:<20} {said}")
    if not told["moved"]:
        print("  nothing")
    if told["too_seldom"]:
        print(f"  too seldom met to learn: {cell(told['too_seldom'])}")
    print("\nVerdicts are of cases that were shown; of the others these figures say nothing.")


def _share(at_band: Mapping[str, Any], what: str) -> str:
    share = at_band[what]
    return "none" if share is None else f"{share:.1%}"


def _change(
    settings: Settings, activate: str | None, *, force: bool, who: str, as_json: bool
) -> int:
    from datetime import UTC, datetime

    from namaak.casework import ranking
    from namaak.casework.casebook import Casebook

    now = datetime.now(UTC)
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        if activate is None:
            counting = book.go_back(actor=who, now=now)
        else:
            counting = book.activate_weights(activate, actor=who, now=now, force=force)
        weigher = ranking.ranking_with(counting)
        moved = _weigh_again(book, settings, weigher, now=now)
    name = counting.version or "shipped"
    if as_json:
        facts = {
            "counts": name,
            "rank_version": weigher.version,
            "weighed_again": moved is not None,
        }
        emit([{**facts, "moved": moved}], (), as_json=True, empty="")
        return 0
    if moved is None:
        print(f"The weights {name} count from the next `namaak run` on, which weighs all again.")
    else:
        print(f"The weights {name} count now; {moved:,} cases moved, and their history says why.")
    return 0


def _weigh_again(
    book: Casebook, settings: Settings, weigher: Ranking, *, now: datetime
) -> int | None:
    """How many cases moved; None where there are too many to wait for."""
    if book.pairs() > AT_ONCE:
        return None
    summary = book.weigh_again(
        rank=weigher.rank, rank_version=weigher.version, now=now,
        brand_names={name: brand.name for name, brand in settings.watch.brands.items()},
    )  # fmt: skip
    return len(summary.moved)
