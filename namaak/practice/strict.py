"""What every model of the watch file has in common: unknown keys are refused, nothing changes.

May import: namaak.mailbox.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from namaak.mailbox import to_mailbox

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


def _to_role_mailbox(text: str) -> str:
    try:
        return to_mailbox(text)
    except ValueError as error:
        raise ValueError(
            f"is not a mail address ({error}); give a role mailbox, as in abuse@acme.example"
        ) from None


#: Ours, which others will see: one that no mail can come from is refused here and not when a notice
#: is to be sent.
Mailbox = Annotated[str, AfterValidator(_to_role_mailbox)]


class Strict(BaseModel):
    """A table of the watch file."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
