"""What is wrong with a watch file beyond its form: logos, sources, names nobody can match.

May import: namaak.brands, namaak.enrolment, namaak.sources, detectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from detectors.folding import SHORTEST_TERM, letters_of
from detectors.images.gate import unfit
from detectors.images.picture import Picture, Undecodable
from detectors.profiles.owned import LEAST_FIXED
from detectors.suffixes import suffix_list
from namaak.brands import Brand, WatchFile, read_watch_file, sound_part
from namaak.decoding.reading import decoded_logos
from namaak.decoding.workers import Decoders
from namaak.enrolment import pictures_of, read_logos, read_ordinary_names
from namaak.errors import WatchFileError
from namaak.sources import discover, open_sources


def problems_of_file(path: Path) -> tuple[str, ...]:
    """Every problem of a watch file, of its form and beyond, so that it is mended once.

    Raises WatchFileError when it cannot be read or is no TOML: nothing more can be said then.
    """
    try:
        return problems_of(read_watch_file(path))
    except WatchFileError as error:
        if not error.problems:
            raise
        text = path.read_text(encoding="utf-8")
        return error.problems + problems_of(sound_part(text, folder=path.resolve().parent))


def problems_of(watch: WatchFile) -> tuple[str, ...]:
    """Every problem as `[table] key: what is wrong; what to do`, in the order of the file."""
    problems: list[str] = []
    for brand_id, brand in watch.brands.items():
        if all(len(letters_of(name)) < SHORTEST_TERM for name in brand.names):
            problems.append(
                f"[brands.{brand_id}] name: {brand.name!r} has fewer than two letters or digits "
                "that can be matched; add an alias in Latin letters"
            )
        problems.extend(_switched_off(brand_id, brand))
    for check in (_logos, _ordinary_names, _sources):
        try:
            problems.extend(check(watch))
        except WatchFileError as error:
            problems.extend(error.problems or (str(error),))
    return tuple(problems)


def missing_keys(watch: WatchFile, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Sources that are switched on, and the keys of theirs that the environment does not hold."""
    known = discover()
    for name, table in watch.sources.items():
        source = known.get(name)
        if source is None or source.auth is None:
            continue
        if not table.get("enabled", source.Config.model_fields["enabled"].default):
            continue
        missing = [key for key in source.auth.split(" and ") if not environ.get(key)]
        if missing:
            yield name, " and ".join(missing)


def _switched_off(brand_id: str, brand: Brand) -> Iterator[str]:
    """What would suppress more than anybody means."""
    names = {letters_of(name) for name in brand.names}
    for number, word in enumerate(brand.negative_words):
        if letters_of(word) in names:
            yield (
                f"[brands.{brand_id}] negative_words[{number}]: {word!r} is the brand's own name "
                "and would suppress everything; name words that hold it by chance"
            )
    for platform, handles in brand.accounts.items():
        for number, handle in enumerate(handles):
            if "*" in handle and sum(map(str.isalnum, handle)) < LEAST_FIXED:
                yield (
                    f"[brands.{brand_id}] accounts.{platform}[{number}]: {handle} would be nearly "
                    f"everybody's and owns nobody; write {LEAST_FIXED} letters or more beside *"
                )
    for number, rule in enumerate(brand.allow):
        if ":" not in rule.asset and not suffix_list().split(rule.asset).suffix:
            yield (
                f"[brands.{brand_id}] allow[{number}]: {rule.asset} is a public suffix, under "
                "which anybody may have a name; allow the domain itself"
            )


def _ordinary_names(watch: WatchFile) -> list[str]:
    """Raises WatchFileError for a sample of ordinary names that cannot be read or is none."""
    if "watch" in watch.model_fields_set:
        read_ordinary_names(watch)
    return []


def _logos(watch: WatchFile) -> list[str]:
    """Pictures that cannot be read, or cannot serve as a reference."""
    logos, problems = read_logos(watch, watch.brands)
    with Decoders() as decoders:
        for (brand_id, path), (_, picture) in decoded_logos(logos, decoders).items():
            why = _why_unfit(picture)
            if why:
                brand = watch.brands[brand_id]
                place = next(at for at, one in pictures_of(brand) if str(one) == path)
                problems.append(
                    f"[brands.{brand_id}] {place}: {path} cannot be used ({why}); give a PNG, "
                    "JPEG, GIF or WebP, a logo on a plain ground"
                )
    return problems


def _why_unfit(picture: Picture | Undecodable) -> str | None:
    if isinstance(picture, Undecodable):
        return picture.reason
    if "truncated" in picture.notes:
        # Good enough for a stranger's picture; half a logo would be looked for for ever.
        return "damaged: only the beginning of it can be read"
    return unfit(picture.frames[0])


def _sources(watch: WatchFile) -> list[str]:
    """Tables of sources that do not fit, and what they name that is not there."""
    return [
        f"[sources.{source.name}] {fault}"
        for source in open_sources(watch)
        for fault in source.faults()
    ]
