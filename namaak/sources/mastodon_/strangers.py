"""Which accounts of servers that nobody watches are looked at again in one run.

Whoever owns a domain has as many servers below it as he likes, and each may take its time over an
answer. So few are asked in one run, of one registered domain fewer still.
Pure. May import: namaak.sources.profiles, detectors.suffixes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from detectors.suffixes import registrable_domain
from namaak.sources.profiles.questions import Question

#: Accounts of one run, in all and below one registered domain.
MOST, MOST_OF_A_DOMAIN = 50, 3
#: For one answer, with nothing tried twice; and for each picture.
SECONDS = 10.0


def few(waiting: Sequence[Question]) -> tuple[list[Question], str | None]:
    """Those to ask in this run, in their order, and what is told of the others.

    waiting: `where` is the host of an account's server.
    """
    chosen: list[Question] = []
    of_domain: Counter[str] = Counter()
    for question in waiting:
        domain = registrable_domain(question.where)
        if len(chosen) < MOST and of_domain[domain] < MOST_OF_A_DOMAIN:
            of_domain[domain] += 1
            chosen.append(question)
    if len(chosen) == len(waiting):
        return chosen, None
    return chosen, (
        f"{len(waiting) - len(chosen):,} accounts of servers that are not watched wait for a later "
        f"run: one asks for {MOST} of them, and for {MOST_OF_A_DOMAIN} of one domain"
    )
