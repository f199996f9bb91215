"""Recall per way of posing, per band and platform; precision; innocents; official accounts.

    python -m benchmarks.accounts quality [--data DIR] [--brands 40] [--each 12] [--seed 20261122]

Accounts are made with labels (`labelled`, `posing`) and go the whole way of a run (`judged`). Of
DIR the registry gives the brands, the logos file their marks, other people's handles the
bystanders; without it all brands are invented, their marks drawn, and bystanders ordinary names.
JSON lines:

way        of one way of posing, by what shows the brand: share of accounts in each band or a worse
platform   the same by platform, of ways 1 to 24 where logo or display name agrees
target     that set as one line, with what is wanted of it
band       of all labelled accounts in the band, the share that poses. Depends on how many of each
           there are, which the line tells
bystanders by kind: how many reach each band, for any brand of the watch list
tricky     the innocents that are easily taken for impostors, and their neighbours, one by one
official   all handles that Wikidata calls official, against all core brands of the registry:
           own (on the brand's list, no case) and others, by band. A case for a brand of the same
           entry would be an error; one for another brand is a namesake
live       handles that lived beside well-known brands in a public study, by band, handle alone

May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.accounts import tricky
from benchmarks.accounts.brands import World, all_registered, build, drawn_logo, reference
from benchmarks.accounts.judged import Account, band_of, judge, worst
from benchmarks.accounts.labelled import Impostor, bystanders, impostors, official_account
from benchmarks.images.edits import canvas, recompressed
from benchmarks.judging import at_least
from benchmarks.measuring import emit, measured, say, share
from benchmarks.registry import rows_of
from detectors.images.decoding import decode
from detectors.images.picture import Picture, Undecodable
from detectors.observations import Watchlist, compile_watchlist
from namaak.brands import Brand
from namaak.platforms import fold_platform
from namaak.records import Band, Score

SEED = 20261122
#: What is wanted of ways 1 to 24 where the logo or the display name agrees, from "review" on.
WANTED_RECALL = 0.95
LAST_FOLDED_WAY = 24
_SHOWN = (Band.WATCH, Band.REVIEW, Band.HIGH, Band.CRITICAL)
_AT_ONCE = 5_000

Judged = Sequence[Mapping[str, Score | None]]  #: per account: brand id to its case


def judged(
    accounts: Sequence[Account], watchlist: Watchlist, pictures: Mapping[str, Picture | Undecodable]
) -> Judged:
    """In the order of accounts; one that resembles nobody has no entries."""
    by_account: list[dict[str, Score | None]] = [{} for _ in accounts]
    for first in range(0, len(accounts), _AT_ONCE):
        some = accounts[first : first + _AT_ONCE]
        for (place, brand_id), score in judge(some, watchlist, pictures).items():
            by_account[first + place][brand_id] = score
    return by_account


def recalls(labelled: Sequence[Impostor], bands: Sequence[Band]) -> dict[str, float | int | None]:
    """n, and which share reaches each band."""
    found = {
        f"recall_{least}": share(sum(at_least(band, least) for band in bands), len(bands))
        for least in _SHOWN
    }
    return {"n": len(labelled), **found}


def report_impostors(labelled: Sequence[Impostor], judgements: Judged) -> list[Band]:
    """Prints the lines "way", "platform" and "target"; returns the band of each."""
    bands = [band_of(of.get(one.brand_id)) for one, of in zip(labelled, judgements, strict=True)]
    rows = list(zip(labelled, bands, strict=True))

    def lines(measure: str, key: Callable[[Impostor], tuple[tuple[str, object], ...]],
              some: Iterable[tuple[Impostor, Band]]) -> None:  # fmt: skip
        groups: dict[tuple[tuple[str, object], ...], list[tuple[Impostor, Band]]] = defaultdict(
            list
        )
        for row in some:
            groups[key(row[0])].append(row)
        for named, group in groups.items():
            emit(measure, {**dict(named), **recalls([one for one, _ in group],
                                                    [band for _, band in group])})  # fmt: skip

    lines("way", lambda one: (("number", one.posing.number), ("way", one.posing.name),
                              ("shows", one.shows), ("logo", one.logo)), rows)  # fmt: skip
    folded = [row for row in rows if row[0].posing.number <= LAST_FOLDED_WAY]
    agreeing = [row for row in folded if row[0].agrees]
    alone = [row for row in folded if not row[0].agrees]
    lines("platform", lambda one: (("platform", one.account.platform),), agreeing)
    for what, group in (("logo or display name agrees", agreeing),
                        ("one name alone", alone)):  # fmt: skip
        wanted = {"wanted_review": WANTED_RECALL} if group is agreeing else {}
        emit("target", {"ways": f"1-{LAST_FOLDED_WAY}", "where": what,
                        **recalls([one for one, _ in group], [band for _, band in group]),
                        **wanted})  # fmt: skip
    return bands


def misses_target(labelled: Sequence[Impostor], bands: Sequence[Band]) -> bool:
    """Whether too few of those that show the logo or the display name as well reach review."""
    agreeing = [
        at_least(band, Band.REVIEW)
        for one, band in zip(labelled, bands, strict=True)
        if one.agrees and one.posing.number <= LAST_FOLDED_WAY
    ]
    return sum(agreeing) < WANTED_RECALL * len(agreeing)


def report_precision(posing: Sequence[Band], innocent: Sequence[Band]) -> None:
    """Lines "band"."""
    for band in _SHOWN:
        true, false = posing.count(band), innocent.count(band)
        emit("band", {"band": band, "posing": true, "innocent": false,
                      "precision": share(true, true + false), "of_posing": len(posing),
                      "of_innocent": len(innocent)})  # fmt: skip


def report_tricky(chosen: random.Random) -> int:
    """Lines "tricky" and their sum; returns how many innocents rank higher than they may."""
    logo = drawn_logo("ACME Bank")
    file, avatar = reference(logo), recompressed(canvas(logo), chosen)
    brands = {
        brand_id: brand.model_copy(update={"logos": (Path("logo.png"),)})
        if brand_id == "acme"
        else brand
        for brand_id, brand in tricky.BRANDS.items()
    }
    watchlist = compile_watchlist(brands, {("acme", "logo.png"): ("reference", decode(file))})
    accounts = [
        replace(one.account, avatar="avatar") if one.account.avatar else one.account
        for one in tricky.CASES
    ]
    above = lost = 0
    judgements = judged(accounts, watchlist, {"avatar": decode(avatar)})
    for one, of in zip(tricky.CASES, judgements, strict=True):
        score = of.get(one.brand_id)
        band = band_of(score)
        too_high = not at_least(one.most, band)
        too_low = not at_least(band, one.least)
        above += one.innocent and too_high
        lost += not one.innocent and too_low
        emit("tricky", {"number": one.number, "what": one.what, "innocent": one.innocent,
                        "band": band, "score": score.score if score else None,
                        "most": one.most, "least": one.least, "kept": not (too_high or too_low),
                        "gates": list(score.gates) if score else []})  # fmt: skip
    innocents = sum(one.innocent for one in tricky.CASES)
    emit("tricky sum", {"innocents": innocents, "above_what_they_may": above, "wanted": 0,
                        "neighbours": len(tricky.CASES) - innocents, "lost": lost})  # fmt: skip
    return above


def report_official(data: Path, brands: Mapping[str, Brand], watchlist: Watchlist) -> int:
    """The line "official"; returns how many own accounts became cases above "watch"."""
    rows = list(rows_of(data / "handles_official.csv.gz"))
    own = {
        (platform, handle.casefold(), brand_id)
        for brand_id, brand in brands.items()
        for platform, handles in brand.accounts.items()
        for handle in handles
    }
    judgements = judged([official_account(row) for row in rows], watchlist, {})
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    wrong = 0
    for row, of in zip(rows, judgements, strict=True):
        platform = fold_platform(row["platform"])
        is_own = False
        others = []
        for brand_id, score in of.items():
            if (platform, row["handle"].casefold(), brand_id) in own:
                is_own = True
                wrong += at_least(band_of(score), Band.REVIEW)
                counts["own"][band_of(score)] += 1
            else:
                others.append(score)
        # Listing them settles the first; the second is what an analyst sees of namesakes.
        counts["own, for another brand" if is_own else "others"][worst(others)] += 1
    emit("official", {"handles": len(rows), "brands": len(brands),
                      **{whose: dict(bands) for whose, bands in counts.items()},
                      "own_above_watch": wrong, "wanted": 0})  # fmt: skip
    return wrong


def report_live(data: Path, watchlist: Watchlist) -> None:
    """The line "live"."""
    rows = [row for row in rows_of(data / "handles_positive.csv.gz")
            if row["brand_id"] in watchlist.brands]  # fmt: skip
    accounts = [
        Account(platform=fold_platform(row["platform"]), handle=row["handle"]) for row in rows
    ]
    own = found = 0
    bands: Counter[str] = Counter()
    for row, of in zip(rows, judged(accounts, watchlist, {}), strict=True):
        found += row["brand_id"] in of
        own += row["brand_id"] in of and of[row["brand_id"]] is None
        bands[band_of(of.get(row["brand_id"]))] += 1
    emit("live", {"handles": len(rows), "found": found, "own": own, "bands": dict(bands)})


def report_bystanders(kinds: Mapping[str, Sequence[Account]], world: World) -> list[Band]:
    """Lines "bystanders"; returns the worst band of each."""
    every: list[Band] = []
    for kind, accounts in kinds.items():
        bands = [worst(of.values()) for of in judged(accounts, world.watchlist, {})]
        emit("bystanders", {"kind": kind, "n": len(bands),
                            "bands": dict(Counter(map(str, bands)))})  # fmt: skip
        every += bands
    return every


def main(argv: list[str]) -> int:
    """Prints the lines; 1 where an innocent or an own account ranks higher than it may, or too few
    impostors reach review."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accounts quality")
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument("--brands", type=int, default=40, help="brands that are posed as")
    parser.add_argument("--each", type=int, default=12, help="accounts of a way, per showing")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(argv)
    chosen = random.Random(given.seed)  # noqa: S311 - a sample, not a secret
    with measured() as spent:
        say("Drawing the accounts.")
        world = build(given.data, many=given.brands, chosen=chosen)
        labelled, pictures, impossible = impostors(world, chosen, each=given.each)
        emit("set", {"seed": given.seed, "brands": len(world.brands), "impostors": len(labelled),
                     "pictures": len(pictures), "handles_no_platform_takes": impossible,
                     "data": given.data is not None})  # fmt: skip
        say(f"Judging {len(labelled):,} impostors.")
        posing = report_impostors(
            labelled, judged([one.account for one in labelled], world.watchlist, pictures)
        )
        kinds = bystanders(given.data, many=5_000, chosen=chosen)
        innocent = report_bystanders(kinds, world)
        report_precision(posing, innocent)
        above = report_tricky(chosen)
        wrong = 0
        if given.data:
            say("Judging official accounts against all core brands.")
            brands = all_registered(given.data)
            watchlist = compile_watchlist(brands, {})
            wrong = report_official(given.data, brands, watchlist)
            report_live(given.data, watchlist)
    emit("spent", spent.columns())
    return 1 if above or wrong or misses_target(labelled, posing) else 0
