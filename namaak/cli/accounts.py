"""What `namaak case` says of an account or app: its profile, its history, and whose handle it was.

May import: namaak.cli.output.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from namaak.cli.output import cell

#: A text of a stranger may be long; `--json` has all of it.
_MOST_LETTERS = 400
_FACTS = (
    ("name", "display_name"), ("handle", "handle"), ("developer", "developer"), ("text", "bio"),
    ("address", "url"), ("links", "links"), ("proved", "proved_links"), ("contacts", "contacts"),
    ("followers", "followers"), ("following", "following"), ("posts", "posts"),
    ("made", "created_at"), ("verified", "verified"), ("flags", "flags"), ("state", "state"),
    ("picture", "image_sha256"), ("banner", "banner_sha256"),
)  # fmt: skip


def identity_lines(
    joined: Sequence[dict[str, Any]], aliases: Sequence[dict[str, Any]]
) -> Iterator[str]:
    """Where a case went, what came into it, and whose its handle was."""
    for one in joined:
        subject = cell(one["subject"])
        if one["direction"] == "into":
            yield f"went to    {one['case_id']} ({subject}): it is the same account"
        else:
            yield f"took in    {one['case_id']} ({subject}): it is the same account"
    for alias in aliases:
        if alias["outcome"] == "ambiguous":
            yield f"identity   not told: {cell(alias['says'])}"


def profile_lines(versions: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The profile as it was seen last, then what it was before. versions: oldest first."""
    if not versions:
        return
    last = versions[-1]
    for word, column in _FACTS:
        value = last[column]
        if value is not None and value not in ("", []):
            yield f"{word:<12} {_cut(value)}"
    seen_at = cell(last["last_seen_at"])
    yield f"{'seen':<12} {seen_at} by {cell(last['source'])}"
    for before, after in pairwise(versions):
        what = ", ".join(after["changed"]) or "another thing"
        yield (
            f"{'until':<12} {cell(after['first_seen_at'])}  {_named(before)}  "
            f"(then changed: {what}{_left_out(after)})"
        )


def _named(version: dict[str, Any]) -> str:
    parts = [f"@{version['handle']}" if version["handle"] else "", version["display_name"] or ""]
    parts.append(version["state"] or "")
    return ", ".join(cell(part) for part in parts if part) or "nothing known"


def _left_out(version: dict[str, Any]) -> str:
    return (
        f"; {version['left_out']} versions between are in the lake" if version["left_out"] else ""
    )


def _cut(value: Any) -> str:
    text = cell(value)
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
