"""The casebook of a watch file, opened by a command that changes it.

May import: namaak.casework.casebook, when it runs.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from namaak.casework.casebook import Casebook
    from namaak.settings import Settings


def writing(settings: Settings) -> AbstractContextManager[Casebook]:
    """As `Casebook.writing`: published when the block ends well."""
    from namaak.casework.casebook import Casebook

    return Casebook.writing(working=settings.working_casebook, published=settings.casebook)
