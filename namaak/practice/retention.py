"""`[retention]`: how long each class of things is kept.

May import: namaak.practice.strict.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from namaak.practice.strict import Strict

Days = Annotated[int, Field(strict=True, ge=30, le=36_500)]


class Retention(Strict):
    """Whatever a legal hold is on stays, and so does the history of cases, which holds no bytes."""

    #: Profiles that resemble no brand. Not fewer: pictures are not fetched again for two weeks.
    bystanders_days: Annotated[int, Field(strict=True, ge=15, le=3650)] = 30
    #: Answers of servers as they came, about hosts that are no open case; what they said is kept.
    answers_days: Days = 365
    #: Captures of pages, after their case is over.
    captures_days: Days = 730
    #: Texts and mails of notices, and what was answered, after their cases are over.
    notices_days: Days = 3650
