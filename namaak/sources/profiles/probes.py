"""Handles that brands should fear, for asking a platform which of them exist.

That one exists says next to nothing: most short handles belong to somebody. What comes back is
matched like any other account, by its names, its picture and what it says of itself.
May import: namaak.brands, namaak.platforms, detectors.permutations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from detectors.permutations.handles import handle_permutations
from namaak.brands import Brand
from namaak.platforms import platform as platform_called


def probes(
    brands: Mapping[str, Brand], *, platform: str, most: int, year: int | None = None
) -> list[str]:
    """At most so many for each brand, the likeliest of every brand first, each handle once.

    platform: as in `namaak.platforms`; raises KeyError for one that is not in its table. year: of
    today, for handles that bear one. Handles are as the platform itself writes them, whole: of
    Bluesky with the host they stand under. Left out is what any brand of the watch file owns there.
    """
    fitted = _fitting(platform)
    owned = {
        fitted(handle) for brand in brands.values() for handle in brand.accounts.get(platform, ())
    }
    lists = []
    for brand in brands.values():
        made = handle_permutations(
            brand.names,
            languages=brand.languages,
            allows=lambda handle: (fit := fitted(handle)) is not None and fit not in owned,
            most=most,
            year=year,
        )
        lists.append([fitted(one.handle) for one in made])
    in_turn = (handles[place] for place in range(most) for handles in lists if place < len(handles))
    return list(dict.fromkeys(handle for handle in in_turn if handle is not None))


def _fitting(platform: str) -> Callable[[str], str | None]:
    """As the platform compares handles; None for one that it does not allow."""
    found = platform_called(platform)
    if found is None:
        raise KeyError(platform)
    if found.form == "domain":
        # A dot would make it a domain of somebody's own: the domain sources ask for those.
        return lambda handle: (
            found.fitted(handle)
            if "." not in handle.removesuffix(f".{found.default_host}")
            else None
        )
    return found.fitted
