"""What is wrong with a watch file beyond its form: logos, sources, names nobody can match.

May import: namaak.brands, namaak.decoding, namaak.enrolment, namaak.fetch, namaak.lacking,
namaak.sources, detectors.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

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
from namaak.fetch.addresses import refusal
from namaak.fetch.urls import UrlRefused, target
from namaak.lacking import is_on, lacks_of, missing_of, opened_alone
from namaak.sources import discover, open_sources
from namaak.sources.base import Source

_PORTS = (80, 443)
_URL = re.compile(r"(?:http|ws)s?://", re.IGNORECASE)
#: What a source fills in by itself, as in https://lists.example/{date}.txt.
_FILLED_IN = re.compile(r"\{\w+\}")


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
    for check in (_logos, _ordinary_names, _sources, _not_public):
        try:
            problems.extend(check(watch))
        except WatchFileError as error:
            problems.extend(error.problems or (str(error),))
    return tuple(problems)


def notes_of(watch: WatchFile, environ: Mapping[str, str]) -> Iterator[str]:
    """What is no fault and yet not as it may seem: `[table] what; what to do`. watch: sound."""
    for brand_id, brand in watch.brands.items():
        for platform, handles in brand.accounts.items():
            for number, handle in enumerate(handles):
                if "*" in handle:
                    owned = handle.replace("*", "help")
                    yield (
                        f"[brands.{brand_id}] accounts.{platform}[{number}]: {handle} owns every "
                        f"handle that fits, as {owned}, whoever registered it; list exact handles "
                        "where others can have such a one"
                    )
    for source in _opened(watch, environ):
        for lack in lacks_of(source):
            yield f"[sources.{source.name}] {lack.removesuffix('.')}"


def missing_keys(watch: WatchFile, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Sources that are switched on, and keys they need that the environment does not hold."""
    for source in _opened(watch, environ):
        if missing := missing_of(source):
            yield source.name, " and ".join(missing)


def _opened(watch: WatchFile, environ: Mapping[str, str]) -> Iterator[Source[Any]]:
    """The sources that are on; those whose tables have faults are told elsewhere."""
    for name in watch.sources:
        if is_on(name, watch):
            with suppress(WatchFileError):
                yield opened_alone(name, watch, environ=environ)


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


def _not_public(watch: WatchFile) -> Iterator[str]:
    """Servers that a run would refuse to ask, wherever a table of a source names them."""
    known = discover()
    for name, table in watch.sources.items():
        if table.get("enabled") is False or name not in known:
            continue
        for place, text in _texts(table):
            # Name servers (`resolvers`, `zones[0].servers`) stand where you like, on any port.
            is_host = place.startswith("servers[")
            why = _why_refused(text) if _URL.match(text) or is_host else None
            if why:
                yield f"[sources.{name}] {place}: {why}"


def _texts(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a table with where it stands, as in `lists[0].url`."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _texts(one, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _texts(one, f"{place}[{number}]")


def _why_refused(text: str) -> str | None:
    """text: a URL, or a host with or without its port."""
    url = text.strip() if _URL.match(text) else f"https://{text.strip()}"
    url = re.sub(r"^ws", "http", _FILLED_IN.sub("x", url), flags=re.IGNORECASE)
    try:
        host = target(url, ports=_PORTS).host
    except UrlRefused as error:
        return f"{text} {error}; write another"
    if host == "localhost" or host.endswith(".localhost"):
        return f"{host} is this machine; namaak asks public servers only"
    try:
        reason = refusal(ipaddress.ip_address(host))
    except ValueError:
        return None
    return reason and f"{reason}; namaak asks public servers only"
