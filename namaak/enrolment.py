"""Brands made ready for matching: their logos read, and what decides their matches condensed.

Between the watch file, which only names pictures, and the detectors, which do no I/O.
May import: namaak.brands, namaak.errors, detectors.ordinary.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from detectors.ordinary import read_sample
from namaak.brands import AllowRule, Brand, WatchFile, brand_fingerprint
from namaak.errors import UsageError, WatchFileError

_MAX_LOGO_BYTES = 25_000_000
_MAX_ORDINARY_BYTES = 100_000_000
_LEAST_ORDINARY = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What a run needs of the watch file."""

    brands: Mapping[str, Brand]
    #: (brand id, path as in the watch file): bytes; photos of executives among them.
    logos: Mapping[tuple[str, str], bytes]
    ordinary_names: bytes | None  #: the file of the watch file's own sample; None for the shipped
    alerts_per_million: float | None  #: the budget of a rule; None for the measured one
    fingerprints: Mapping[str, str]  #: changes when a brand must be matched again


def enrol(
    watch: WatchFile,
    *,
    detectors: str,
    only: Collection[str] = (),
    day: date | None = None,
    allowed: Mapping[str, Sequence[AllowRule]] | None = None,
) -> Enrolled:
    """Read the logos and take the fingerprints. detectors: versions of what will match.

    only: these brand ids; empty for all. day: allow rules that ended before are left out, which
    has their brands matched again; None keeps them all. allowed: brand_id -> rules of the
    casebook, which count beside the watch file's; a brand with others than before is matched
    again, and no other. Raises WatchFileError naming every logo
    that cannot be read, or the sample of ordinary names; UsageError for a brand that is not in
    the file.
    """
    for brand_id in only:
        if brand_id not in watch.brands:
            known = ", ".join(sorted(watch.brands)[:10])
            raise UsageError(f"There is no brand {brand_id!r} in the watch file; it has {known}.")
    brands = {
        name: brand.on(day) if day else brand
        for name, brand in allowing(watch.brands, allowed or {}).items()
        if not only or name in only
    }
    logos, problems = read_logos(watch, brands)
    if problems:
        count = "1 picture" if len(problems) == 1 else f"{len(problems)} pictures"
        raise WatchFileError(f"The watch file names {count} that cannot be read:", tuple(problems))
    ordinary = read_ordinary_names(watch)
    budget = watch.watch.alerts_per_million
    if ordinary is not None or budget is not None:
        digest = hashlib.sha256(ordinary or b"").hexdigest()[:8]
        detectors = f"{detectors}; ordinary {digest}; budget {budget}"
    fingerprints = {}
    for brand_id, brand in brands.items():
        digests = tuple(
            hashlib.sha256(logos[brand_id, str(path)]).hexdigest()
            for path in dict.fromkeys(path for _, path in pictures_of(brand))
        )
        fingerprints[brand_id] = f"{brand_fingerprint(brand, logo_digests=digests)}/{detectors}"
    return Enrolled(
        brands=brands,
        logos=logos,
        ordinary_names=ordinary,
        alerts_per_million=budget,
        fingerprints=fingerprints,
    )


def allowing(
    brands: Mapping[str, Brand], allowed: Mapping[str, Sequence[AllowRule]]
) -> dict[str, Brand]:
    """The brands with more rules, each rule once; those of brands that are no more are left out."""
    return {
        name: brand.model_copy(
            update={"allow": (*brand.allow, *(one for one in more if one not in brand.allow))}
        )
        if (more := allowed.get(name))
        else brand
        for name, brand in brands.items()
    }


def read_ordinary_names(watch: WatchFile) -> bytes | None:
    """The watch file's own sample; None when it names none. Raises WatchFileError."""
    path = watch.watch.ordinary_names
    if path is None:
        return None
    try:
        with watch.resolve(path).open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError("it is no file")
            data = file.read(_MAX_ORDINARY_BYTES + 1)
        if len(data) > _MAX_ORDINARY_BYTES:
            raise OSError(f"it is larger than {_MAX_ORDINARY_BYTES // 1_000_000} MB")
        labels = len(read_sample(data).labels)
    except OSError as error:
        raise WatchFileError(
            f"[watch] ordinary_names: {path} cannot be read ({error.strerror or error}); mend the "
            "path or drop it"
        ) from None
    except ValueError as error:
        raise WatchFileError(f"[watch] ordinary_names: {path}: {error}") from None
    if labels < _LEAST_ORDINARY:
        raise WatchFileError(
            f"[watch] ordinary_names: {path} has {labels:,} labels; a rate means nothing below "
            f"{_LEAST_ORDINARY:,}, and 100,000 are better"
        )
    return data


def read_logos(
    watch: WatchFile, brands: Mapping[str, Brand]
) -> tuple[dict[tuple[str, str], bytes], list[str]]:
    """((brand id, path as in the watch file) to bytes, a sentence for each that cannot be read)."""
    logos: dict[tuple[str, str], bytes] = {}
    problems = []
    for brand_id, brand in brands.items():
        for place, path in pictures_of(brand):
            try:
                logos[brand_id, str(path)] = _read_logo(watch.resolve(path))
            except OSError as error:
                problems.append(
                    f"[brands.{brand_id}] {place}: {path} cannot be read "
                    f"({error.strerror or error}); mend the path or drop it"
                )
    return logos, problems


def pictures_of(brand: Brand) -> Iterator[tuple[str, Path]]:
    """Each picture that is looked for, after its place in the brand's table.

    The photo of an executive is one as a logo is: known again as that picture, never by the face.
    """
    for number, path in enumerate(brand.logos):
        yield f"logos[{number}]", path
    for number, person in enumerate(brand.executives):
        if person.photo is not None:
            yield f"executives[{number}].photo", person.photo


def _read_logo(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_MAX_LOGO_BYTES + 1)
    if len(data) > _MAX_LOGO_BYTES:
        raise OSError(f"it is larger than {_MAX_LOGO_BYTES // 1_000_000} MB")
    return data
