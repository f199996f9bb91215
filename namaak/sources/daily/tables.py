"""A list as the watch file names it.

May import: namaak.sources.base, namaak.sources.daily.addresses.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from namaak.sources.base import Table
from namaak.sources.daily.addresses import check_pattern

_Days = Annotated[int, Field(strict=True, ge=0, le=365)]


class RegistrationList(Table):
    """One `[[sources.registrations.lists]]`."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    url: Annotated[
        str, StringConstraints(min_length=8, max_length=4_000), AfterValidator(check_pattern)
    ]
    format: Literal["txt", "csv", "jsonl", "parquet"] | None = None  #: else by the address's ending
    first_days: _Days = 1  #: days before today that a new list begins with
    delay_days: _Days = 1  #: after how many days a day's list is to be expected
    retry_days: _Days = 7  #: for how many more days it is asked for
    missing: tuple[Annotated[int, Field(ge=400, le=499)], ...] = (404, 410)  #: statuses: no list
