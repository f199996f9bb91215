"""The casebook's writer for weights learned from verdicts, version by version.

A fit is kept and changes nothing until a person activates it; then the ranking multiplies by it,
and what is stored is weighed again, with an event for each case that moves. Also here, because it
too is made of verdicts: what ties a case to others that people confirmed.
May import: namaak.casework.working, events, lifecycle, loading, profiles and learned,
tie_signals, namaak.records, sqlfiles and errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from namaak.casework.learned.reading import Learned, active
from namaak.casework.learned.reading import versions as read_versions
from namaak.casework.lifecycle import FLOW_PREFIX, Who, who_is
from namaak.casework.loading import Changes, Names, Rank, Row
from namaak.casework.profiles import summed
from namaak.casework.tie_signals import CONFIRMED_CASES
from namaak.casework.working import LoadSummary, Working
from namaak.errors import UsageError
from namaak.sqlfiles import statement

#: The name of the weights that come along.
SHIPPED = "shipped"


class Learning(Working):
    """What a writer does with weights learned from verdicts."""

    def learned(self) -> Learned:
        """The weights that count."""
        return active(self._con)

    def weight_versions(self) -> list[dict[str, Any]]:
        """All that were kept, the newest first."""
        return read_versions(self._con)

    def keep_weights(self, row: Mapping[str, Any]) -> None:
        """Keep a fit; it weighs nothing yet. Kept again, it changes nothing.

        row: version, made_at, actor, verdicts, fitted_on, weights and report (JSON), better.
        """
        _check_person(str(row["actor"]))
        table = self._table("weight_versions", [{"active": False, "forced": False, **row}])
        with self._transaction():
            self._apply("insert_weight_version", incoming_versions=table)

    def activate_weights(
        self, version: str, *, actor: str, now: datetime, force: bool = False
    ) -> Learned:
        """Make a kept version, or `shipped`, the one that counts. Weigh again after it.

        Raises UsageError for an unknown version, one that counts already, and, without force, one
        that the held-back verdicts fit worse than what counted when it was made.
        """
        _check_person(actor)
        before = self.learned()
        if version == SHIPPED:
            if before.version:
                self._withdraw_weights(None, actor=actor, now=now)
            return Learned()
        row = next((one for one in self.weight_versions() if one["version"] == version), None)
        if row is None:
            raise UsageError(
                f"There are no weights {version!r}; `namaak learn --versions` lists them."
            )
        if row["active"]:
            raise UsageError(f"The weights {version} count already.")
        if not row["better"] and not force:
            raise UsageError(
                f"The verdicts that were held back fit the weights {version} worse than those "
                "before them; decide about more cases and learn again, or say --force."
            )
        bound = {
            "version": version,
            "now": now,
            "actor": actor,
            "forced": not row["better"],
            "came_after": before.version or None,
        }
        with self._transaction():
            self._con.execute(statement("casebook/activate_weights"), bound)
        return self.learned()

    def go_back(self, *, actor: str, now: datetime) -> Learned:
        """From the weights that count to those before them, in the end to the shipped ones.

        Raises UsageError where the shipped ones count already.
        """
        _check_person(actor)
        row = next((one for one in self.weight_versions() if one["active"]), None)
        if row is None:
            raise UsageError("The weights are as they are shipped; there is nothing to go back to.")
        self._withdraw_weights(row["came_after"], actor=actor, now=now)
        return self.learned()

    def pairs(self) -> int:
        """How many subjects of brands `weigh_again` would weigh."""
        found = self._con.execute(statement("casebook/count_pairs")).fetchone()
        return int(found[0]) if found else 0

    def weigh_again(
        self,
        *,
        rank: Rank,
        rank_version: str,
        brand_names: Mapping[str, str],
        now: datetime,
    ) -> LoadSummary:
        """Weigh everything that the casebook holds matches of. One transaction.

        What was too weak to be here waits in the lake for the next run. The events are a flow's:
        the person decided about weights and not about each case, and a case that opens again so is
        not one that he took his word back of. They name the version, and that who activated it.
        """
        changes = Changes(
            actor=f"{FLOW_PREFIX}learn",
            now=now,
            rank_version=rank_version,
            names=Names(brands=brand_names),
        )
        with self._transaction():
            for step in ("stage_all_pairs", "stage_no_matches"):
                self._con.execute(statement(f"casebook/{step}"))
            self._weigh_and_write(changes, rank)
        return summed("weights", changes)

    def record_confirmed_ties(
        self, *, rank: Rank, brand_names: Mapping[str, str], now: datetime, rank_version: str
    ) -> LoadSummary:
        """Find which cases are tied to confirmed ones; weigh again where that changed.

        Call it after `record_campaigns`. One transaction; done again, it changes nothing.
        """
        changes = Changes(
            actor=f"{FLOW_PREFIX}ties",
            now=now,
            rank_version=rank_version,
            names=Names(brands=brand_names),
        )
        bound = {"steps": [least for least, _ in CONFIRMED_CASES]}
        with self._transaction():
            self._con.execute(statement("casebook/stage_tied_traits"), bound)
            for step in ("stage_newly_tied_pairs", "stage_no_matches", "delete_tied_traits",
                         "insert_tied_traits"):  # fmt: skip
                self._con.execute(statement(f"casebook/{step}"))
            self._weigh_and_write(changes, rank)
        return summed("ties to confirmed cases", changes)

    def _withdraw_weights(self, before: str | None, *, actor: str, now: datetime) -> None:
        bound: Row = {"before": before, "actor": actor, "now": now}
        with self._transaction():
            self._con.execute(statement("casebook/restore_weights"), bound)


def _check_person(actor: str) -> None:
    if who_is(actor) is not Who.PERSON:
        raise UsageError(f"Weights are learned and activated by a person, not by {actor}.")
