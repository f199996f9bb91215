"""What the casebook knows, for those who know no casebook: sources that look up cases again, and
whoever takes bystanders out of the lake.

May import: namaak.casework.reading, namaak.errors, namaak.sources.base, namaak.sqlfiles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from namaak.casework.reading import accounts_to_look_again, open_snapshot
from namaak.errors import CasebookError
from namaak.sources.base import Known
from namaak.sqlfiles import statement


def known_subjects(casebook: Path) -> list[str]:
    """Every key under which the published casebook knows a subject; none before the first run.

    Raises CasebookError for one that cannot be read: then nobody can be called a bystander.
    """
    if not casebook.exists():
        return []
    with open_snapshot(casebook) as snapshot:
        return [row[0] for row in snapshot.execute(statement("casebook/subjects_kept")).fetchall()]


def known_accounts(casebook: Path) -> Callable[[str], Sequence[Known]]:
    """What to ask for the cases of a platform; each platform is read once, when first asked for.

    casebook: the published file; before the first run there is none, and nothing is known.
    """

    @cache
    def on(platform: str) -> Sequence[Known]:
        if not casebook.exists():
            return ()
        try:
            snapshot = open_snapshot(casebook)
        except CasebookError:
            # One of an older version is brought up to date by this very run, and a damaged one
            # stops it later, with its own sentence.
            return ()
        with snapshot:
            return tuple(Known(**row) for row in accounts_to_look_again(snapshot, platform))

    return on
