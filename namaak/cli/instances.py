"""Which log, zone or list a person means: by its id or label, or the beginning of either."""

from __future__ import annotations

from typing import Any

from namaak.errors import UsageError


def one_instance(rows: list[dict[str, Any]], source: str, given: str) -> dict[str, Any]:
    """Raises UsageError unless exactly one instance of the source is meant."""
    mine = [row for row in rows if row["source"] == source]
    exact = [row for row in mine if given in (row["instance"], row["label"])]
    found = exact or [
        row for row in mine if row["instance"].startswith(given) or row["label"].startswith(given)
    ]
    if len(found) != 1:
        which = "no instance" if not found else f"{len(found)} instances"
        raise UsageError(f"{given!r} means {which} of {source!r}; see `namaak coverage --json`.")
    return found[0]
