"""`[evidence]`: with what packs are signed and time-stamped, and what is enclosed.

May import: namaak.practice.strict.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from namaak.practice.strict import Strict


class Evidence(Strict):
    """Everything is optional: a pack says what it lacks."""

    #: Private key of OpenSSH, as `ssh-keygen -t ed25519` makes it, for signing packs.
    signing_key: Path | None = None
    #: Where an RFC 3161 time-stamp is asked for.
    timestamp_url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    #: Certificates of that authority, root last, PEM; they go into the pack.
    timestamp_chain: Path | None = None
    authority_letter: Path | None = None  #: PDF that says for whom we speak
    #: Files of register extracts by number of the mark.
    certificates: dict[str, Path] = Field(default_factory=dict)
    capture_seconds: Annotated[float, Field(gt=0, le=300)] = 45.0  #: of one page
    capture_megabytes: Annotated[float, Field(gt=0, le=500)] = 50.0  #: of one page, all it loads
    capture_requests: Annotated[int, Field(strict=True, ge=1, le=5_000)] = 500  #: of one page
