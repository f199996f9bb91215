"""What was found, in the words of a notice's language.

Pure but for the shipped table, which is read once. May import: namaak.casework.notices.fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from namaak.casework.notices.fields import Kind, fields


@cache
def words() -> Mapping[str, Any]:
    """The table of words.toml."""
    path = Path(__file__).with_name("words.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def told(name: str, value: Any, language: str) -> str | list[str]:
    """A sound value as templates print it: a text, or a list of lines."""
    kind = fields()[name].kind
    if kind is Kind.TIME:
        return moment(value)
    if kind is Kind.COPIED:
        table = words()["copied"][language]
        return [table[item["code"]].format_map(_Parts(item)) for item in value]
    if kind is Kind.EVIDENCE:
        return [_evidence(item, words()["evidence"][language]) for item in value]
    if kind is Kind.EARLIER:
        table = words()["earlier"][language]
        return [
            table["line"].format_map(_Parts({"provider": table["nobody"], **item}))
            for item in value
        ]
    if name in ("abuse", "asked_for"):
        table = words()[name][language]
        return [table.get(item, item) for item in value]
    if kind.is_list:
        return [str(item) for item in value]
    return str(value)


def moment(when: datetime) -> str:
    """A time as notices write it.

    >>> moment(datetime(2026, 1, 31, 9, 5, tzinfo=UTC))
    '2026-01-31 09:05 UTC'
    """
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def placeholder(name: str, language: str) -> str:
    """What stands in a draft where a required field lacks.

    >>> placeholder("mark_number", "en")
    '[missing: registration number]'
    """
    return f"[{words()['missing'][language]}: {fields()[name].labels[language]}]"


def _evidence(item: Mapping[str, str], table: Mapping[str, str]) -> str:
    named = {"what": table.get(item.get("what", ""), item.get("what", ""))}
    return table["line"].format_map(_Parts({**item, **named}))


class _Parts(dict[str, str]):
    """What a sentence is filled with; a part that nobody knows is left empty."""

    def __missing__(self, key: str) -> str:
        return ""
