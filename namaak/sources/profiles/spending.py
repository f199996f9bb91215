"""What a source has spent of what it may spend: units of a quota, cents of a budget.

Written before the platform is asked, so that a run that is killed has spent at least what it
counts, never more. Days are those of UTC.
May import: namaak.sqlfiles.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from namaak.sqlfiles import statement


class Ledger:
    """One file of a source's own; several runs may share it."""

    def __init__(self, folder: Path) -> None:
        """folder: `Surroundings.state_folder`; made when something is spent."""
        self._path = folder / "spending.sqlite"

    def spend(
        self, amount: int, unit: str, *, now: datetime, most: int, since: date, account: str = ""
    ) -> bool:
        """Count `amount` in, unless more than `most` would then be spent since that day.

        Two runs at one time never spend the same rest twice. account: whose; each has its own
        `most`.
        """
        today = now.astimezone(UTC).date()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as db:
            db.execute("begin immediate")
            with db:
                spent = self._spent(db, unit, since, account)
                if spent + amount > most:
                    return False
                db.execute(statement("profiles/spend"), (unit, account, today.isoformat(), amount))
        return True

    def give_back(self, amount: int, unit: str, *, at: datetime, account: str = "") -> None:
        """Take back part of what `spend` counted at that time, once it is certain not to be spent.

        at: the `now` of that call, so that it goes back to the day from which it was taken.
        """
        if amount < 0:
            raise ValueError(f"{amount} cannot be given back: it would be spent")
        if amount == 0:
            return
        day = at.astimezone(UTC).date()
        with closing(self._open()) as db:
            db.execute("begin immediate")
            with db:
                db.execute(statement("profiles/spend"), (unit, account, day.isoformat(), -amount))

    def spent(self, unit: str, *, since: date, account: str | None = None) -> int:
        """Since that day, inclusive; None: on all accounts."""
        if not self._path.exists():
            return 0
        with closing(self._open()) as db:
            return self._spent(db, unit, since, account)

    def _spent(self, db: sqlite3.Connection, unit: str, since: date, account: str | None) -> int:
        given = {"unit": unit, "since": since.isoformat(), "account": account}
        return int(db.execute(statement("profiles/spent"), given).fetchone()[0])

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=60, isolation_level=None)
        db.execute(statement("profiles/spending_schema"))
        return db
