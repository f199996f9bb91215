"""Writes docs/reference/weights.md from the ranking, so that no page tells yesterday's weights.

A person runs it after changing a weight: `.venv/bin/python -m docs.make_weights` from the
repository's folder. A test compares the page with what this would write.
May import: detectors.names.scorecard, namaak.casework.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from detectors.names import scorecard
from namaak.casework import (
    account_signals,
    name_signals,
    picture_signals,
    ranking,
    site_signals,
    tie_signals,
    weights,
)

PAGE = Path(__file__).resolve().parent / "reference" / "weights.md"

_HEADING = f"""\
# Weights

Made by `python -m docs.make_weights` from the two files that hold every weight of
{ranking.VERSION}: `detectors/tables/name_weights.toml` ({scorecard.version()}),
fitted by a program, and
`namaak/casework/tables/weights.toml` ({weights.version()}), where each figure says whether it was
measured or judged and after what. Why they are so is told in
[ranking](../explanation/ranking.md). What your own verdicts make of them is kept in the casebook:
see [fit to your verdicts](../how-to/fit-to-your-verdicts.md). Natural-log odds: +0.7 doubles the
odds, -0.7 halves them.
"""

#: Per question of `name_signals.QUESTIONS`.
_TITLES = {
    "resemblance": "Where the brand stands",
    "edits": "How far off it is",
    "rarity": "How often chance brings it",
    "words": "Whether the letters make the brand",
    "beside": "What stands beside it",
    "suffix": "Under which suffix",
    "others": "Whether another brand explains it better",
}


def page() -> str:
    """The whole page as Markdown. Reads the ranking's own tables, which nobody else needs."""
    sections: dict[str, Iterable[str]] = {"Bands": _bands()}
    for question, title in _TITLES.items():
        sections[title] = _features(name_signals.QUESTIONS[question])
    sections["By hand"] = _table(
        "sign", {name: weight for name, (weight, _) in name_signals.BY_HAND.items()}
    )
    sections["Lures beside a short or ordinary name"] = _table("class", name_signals.LURED_SHORT)
    sections["Pictures"] = _pictures()
    sections["What a look at the host gave"] = _sites()
    sections["What a profile says"] = _accounts()
    sections["What ties it to confirmed cases"] = _ties()
    sections["Confidence and severity"] = _axes()
    sections["What would change each"] = _changes()
    sections["Where the figures come from"] = _sources()
    parts = [_HEADING]
    for title, lines in sections.items():
        parts += [f"## {title}", "", *lines, ""]
    return "\n".join(parts)


def _bands() -> Iterator[str]:
    yield (
        f"Every case starts at {name_signals.PRIOR:+}; the scorecard of names adds its terms and "
        f"takes {scorecard.review_at():.2f} away, the score that 4,000 of a million newly "
        f"registered names reached. One unit of the logistic is {ranking._SPREAD:.2f}, so that "
        "1,000 of them reach *high*."
    )
    yield ""
    yield "| band | from a score of | from a sum of |"
    yield "|---|--:|--:|"
    for least, band in ranking._BANDS:
        odds = ranking._SPREAD * math.log(least / (100 - least))
        yield f"| {band} | {least} | {odds:+.2f} |"


def _features(names: Iterable[str]) -> Iterator[str]:
    fraud, dispute = scorecard.weights("fraud"), scorecard.weights("dispute")
    yield "| measured | fraud | dispute |"
    yield "|---|--:|--:|"
    for name in names:
        both = (fraud.get(name, 0.0), dispute.get(name, 0.0))
        shown = [f"{weight:+.1f}" if weight else "" for weight in both]
        yield f"| `{name}` | {shown[0]} | {shown[1]} |"


def _pictures() -> Iterator[str]:
    yield (
        "A likeness counts its log-likelihood ratio less "
        f"{picture_signals.NEUTRAL_LLR}, within these limits:"
    )
    yield ""
    yield "| kind | at least | at most | where no ratio was measured |"
    yield "|---|--:|--:|--:|"
    for kind, limits in picture_signals.LIKENESS.items():
        yield f"| {kind} | " + " | ".join(f"{weight:+}" for weight in limits) + " |"
    yield ""
    yield (
        f"Edits that hide the logo, from a ratio of {picture_signals.SURE_LLR} and at most two of "
        "them:"
    )
    yield ""
    yield from _table("edit", picture_signals.HIDING)
    yield ""
    yield "Who else wears the picture, and what else is in it:"
    yield ""
    yield "| sign | from | weight |"
    yield "|---|--:|--:|"
    for name, of, steps in (
        ("campaign", "accounts that imitate the brand", picture_signals.CAMPAIGN),
        ("worn-by-many", "accounts", picture_signals.WORN_BY_MANY),
        ("several-logos", "brands in the picture", picture_signals.SEVERAL_LOGOS),
    ):
        for least, weight in steps:
            yield f"| {name} | {least:,} {of} | {weight:+} |"
    yield ""
    yield (
        f"What speaks against a picture takes at most {1 - picture_signals.LEFT_OVER:.0%} of what "
        f"it counts. Accounts whose names imitate {picture_signals.BRANDS_OF_MANY} brands are many "
        "however few they are."
    )
    yield ""
    yield (
        f"A further field of the same subject counts {ranking._SECOND_FIELD:.0%} of what it would "
        "count alone, and only what speaks for the case."
    )


def _sites() -> Iterator[str]:
    yield (
        "Judgement, not fitted. Signs of the page, of which the strongest counts fully, each "
        f"further one {site_signals.CONTENT_FURTHER:.0%}, and all together "
        f"{site_signals.CONTENT_MOST:+} at most; none where the page redirects to the brand's own "
        "site:"
    )
    yield ""
    yield from _table("sign", site_signals.CONTENT)
    yield ""
    yield "How it was set up, added up:"
    yield ""
    yield "| sign | weight |"
    yield "|---|--:|"
    for days, weight in site_signals.YOUNG:
        yield f"| rdap.young, up to {days} days | {weight:+} |"
    for name, weight in site_signals.SETTING.items():
        yield f"| {name} | {weight:+} |"
    yield ""
    yield "What speaks against, and costs whoever wants to bring it about something:"
    yield ""
    yield from _table("sign", site_signals.AGAINST)
    yield ""
    yield (
        f"What speaks against and is feigned in minutes, together {site_signals.FEIGNED_MOST:+} at "
        "most, and nothing where the page has a sign of "
        f"{site_signals.CONTENT_TELLING:+} or more:"
    )
    yield ""
    yield from _table("sign", site_signals.FEIGNED)
    yield ""
    yield (
        "Nothing of this takes a case below *watch*. Shown and of no weight: "
        + ", ".join(f"`{name}`" for name in sorted(site_signals.WEIGHTLESS))
        + "."
    )


def _accounts() -> Iterator[str]:
    yield "Judgement, not fitted. Of accounts and apps; why they are so is told in"
    yield "[accounts and apps](../explanation/accounts.md)."
    for title, table, most in (
        ("Taken over from the brand's own account, or claimed of it", account_signals.IDENTITY,
         account_signals.IDENTITY_MOST),
        ("What it wants of people", account_signals.INTENT, account_signals.INTENT_MOST),
        ("Who it is", account_signals.PROVENANCE, account_signals.PROVENANCE_MOST),
    ):  # fmt: skip
        yield ""
        yield f"{title}; together {most:+} at most:"
        yield ""
        yield from _table("sign", table)
        if table is account_signals.PROVENANCE:
            for days, weight in account_signals.YOUNG:
                yield f"| profile.young, up to {days} days | {weight:+} |"
    yield ""
    yield "Whom it reaches:"
    yield ""
    yield "| sign | weight |"
    yield "|---|--:|"
    for followers, weight in account_signals.REACH:
        yield f"| profile.reach, {followers:,} followers or more | {weight:+} |"
    yield ""
    yield "What its platform says of it; the strongest counts:"
    yield ""
    yield from _table("sign", account_signals.VERDICTS)
    yield ""
    yield "What speaks against; of each group the strongest counts:"
    yield ""
    yield "| group | sign | weight |"
    yield "|---|---|--:|"
    for group, table in account_signals.AGAINST.items():
        for name, weight in table.items():
            yield f"| {group} | {name} | {weight:+} |"
    yield ""
    yield (
        "Nothing of this takes a case below *watch*. Notices and what an employee says count for "
        "nothing where the profile leads people away, asks for money or is marked, or asks for "
        "anything in the brand's dress; an old age neither, nor where intent adds up to "
        f"{account_signals.TELLING_INTENT:+}, where it copies the brand or was renamed. Beside the "
        f"logo an age takes at most {account_signals.AGE_BESIDE_LOGO} away. The official picture "
        f"counts {account_signals.AVATAR_AGAIN:.0%} where it was matched as the logo already. "
        "Proof that the account is the brand's own: "
        + ", ".join(f"`{name}`" for name in account_signals.OWNED)
        + ". Shown and of no weight: "
        + ", ".join(f"`{name}`" for name in sorted(account_signals.WEIGHTLESS))
        + "."
    )


def _ties() -> Iterator[str]:
    yield (
        "By how many cases that people confirmed share something rare with it (an address of a "
        "hosting company is not rare). Never learned from verdicts, as it is made of them."
    )
    yield ""
    yield "| sign | weight |"
    yield "|---|--:|"
    for cases, weight in tie_signals.CONFIRMED_CASES:
        yield f"| {tie_signals.CONFIRMED}, {cases} or more | {weight:+} |"


def _axes() -> Iterator[str]:
    yield (
        "Each sign speaks of one of two questions: does it pose as the brand (confidence), and how "
        "much harm does it do if it does (severity). All add up to the score. Confidence is the "
        "score that the signs of confidence would come to alone; severity is "
        f"100 x (1 - e^(-s/{weights.number('scale.severity')})) of the sum s of the signs of "
        "severity, and 0 where that is below 0:"
    )
    yield ""
    yield "| sum of severity | severity |"
    yield "|--:|--:|"
    for tenths in (0, 5, 10, 20, 30, 45, 60):
        yield f"| {tenths / 10:+.1f} | {weights.severity_of(tenths / 10)} |"


def _changes() -> Iterator[str]:
    yield "| sign | axis | basis | what would have to be seen |"
    yield "|---|---|---|---|"
    for name, told in weights.meanings().items():
        yield f"| {name} | {told.axis} | {told.basis} | {told.would_change} |"


def _sources() -> Iterator[str]:
    yield "Basis: *fitted* by a program to names and verdicts; *measured*, by us or in a published"
    yield "study; *judged*, set by hand after it. In the file each group names its studies:"
    yield ""
    for name, says in weights.group("studies").items():
        yield f"- {name}: {says}"


def _table(what: str, table: Mapping[Any, float]) -> Iterator[str]:
    yield f"| {what} | weight |"
    yield "|---|--:|"
    for name, weight in table.items():
        yield f"| {name} | {weight:+} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote {PAGE}.", file=sys.stderr)


if __name__ == "__main__":
    main()
