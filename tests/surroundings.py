"""What a source is given, for tests that open one by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from namaak.brands import Brand
from namaak.fetch import Fetcher, Manners
from namaak.sources.base import Surroundings

CONTACT = "abuse@acme.example"


def around(
    folder: Path,
    *,
    brands: Mapping[str, Brand] | None = None,
    environ: Mapping[str, str] | None = None,
    fetcher: Callable[..., Fetcher] | None = None,
    now: datetime | None = None,
) -> Surroundings:
    """folder: of the watch file; the source's own files go to `state` in it."""
    manners = Manners()
    return Surroundings(
        folder=folder,
        state_folder=folder / "state",
        contact=CONTACT,
        brands=brands or {"acme": Brand(name="ACME")},
        environ=environ or {},
        now=lambda: now or datetime.now(UTC),
        manners=manners,
        fetcher=fetcher or partial(Fetcher, contact=CONTACT, manners=manners),
    )
