"""What every model of the watch file has in common: unknown keys are refused, nothing changes.

May import: nothing of ours.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Strict(BaseModel):
    """A table of the watch file."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
