"""Recall per kind of lookalike, on names that others or written rules make.

    python -m benchmarks.names kinds [--data DIR]

The generators know nothing of our rules: dnstwist's and ail-typo-squatting's algorithms, and
written cases of what no generator makes. dnstwist's glyphs test our folds, which come from
Unicode and an own list; they are not their source. Of DIR the registry's core brands are used,
so many as the written list has; without it the written list. Prints a JSON line for each kind:
n names, recall (the matcher sees the brand in it, however faintly) and recall_watch (the name
alone reaches the band "watch" or a worse one).
May import: detectors, namaak, benchmarks.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from benchmarks.judging import judge
from benchmarks.names.styles import STYLES
from benchmarks.registry import read_registry
from detectors.names.weighing import weigh
from detectors.observations import Watchlist, compile_watchlist
from namaak.brands import Brand
from namaak.records import Band, Field

#: 3 to 15 letters, coined and of words, with and without letter pairs.
BRANDS = (
    "dhl", "ing", "kpmg", "visa", "apple", "chase", "paypal", "amazon", "google", "adidas",
    "netflix", "spotify", "facebook", "rabobank", "zalando", "coinbase", "microsoft", "instagram",
    "bankofamerica", "deutschetelekom",
)  # fmt: skip
#: Kinds that must be found whole are measured on names of this many letters and more.
_ORDINARY_LENGTH = 5
#: The most names of one kind and brand; drawn with a fixed seed.
_MOST = 400

#: Kinds counted together, by the least recall that is wanted of brands of five letters or more.
#: Left out: ail's vowelSwap (all vowels at once) and changeOrder (a letter moved anywhere).
_TOGETHER = (
    ("ordinary typos", 1.0, (
        "dnstwist addition", "dnstwist bitsquatting", "dnstwist insertion", "dnstwist omission",
        "dnstwist plural", "dnstwist repetition", "dnstwist replacement", "dnstwist transposition",
        "dnstwist vowel-swap", "ail omission", "ail repetition", "ail replacement", "ail addition",
        "ail singularPluralize",
    )),
    ("ASCII homoglyphs", 0.9, ("dnstwist homoglyph, ASCII", "ail homoglyph, ASCII")),
    ("IDN homographs", 0.9, (
        "dnstwist homoglyph, IDN", "dnstwist cyrillic", "ail homoglyph, IDN",
    )),
    ("dots and hyphens inside", 0.95, (
        "dnstwist hyphenation", "dnstwist subdomain", "ail addDash", "ail subdomain",
    )),
    ("styles", 1.0, ("styled", "styled, in words")),
)  # fmt: skip

#: (kind, name): names as hosts with suffix, or as an account shows them.
Made = Iterator[tuple[str, str]]

_DNSTWIST = ("addition", "bitsquatting", "cyrillic", "homoglyph", "hyphenation", "insertion",
             "omission", "plural", "repetition", "replacement", "subdomain", "transposition",
             "vowel-swap")  # fmt: skip
_AIL = ("omission", "repetition", "changeOrder", "replacement", "addition", "vowelSwap", "addDash",
        "homoglyph", "singularPluralize", "subdomain")  # fmt: skip


def of_dnstwist(brand: str) -> Made:
    """dnstwist's fuzzers; homoglyphs split into those of ASCII letters and the rest."""
    import dnstwist

    fuzz = dnstwist.Fuzzer(f"{brand}.com")
    fuzz.generate(list(_DNSTWIST))
    for made in fuzz.permutations():
        kind, host = made["fuzzer"], made["domain"]
        if kind == "homoglyph":
            kind = "homoglyph, IDN" if host.startswith("xn--") else "homoglyph, ASCII"
        yield f"dnstwist {kind}", host


def of_ail(brand: str) -> Made:
    """ail-typo-squatting's algorithms for single kinds."""
    import ail_typo_squatting as ail
    import tldextract

    # Asked for a domain's parts, its default fetches the newest suffix list.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    for kind in _AIL:
        made: list[str] = getattr(ail, kind)(f"{brand}.com", [], False, 100_000)
        for host in made:
            # Some algorithms glue the letter to the suffix, or leave nothing of the name.
            if host.endswith(".com") and host not in (f"{brand}.com", ".com"):
                script = "ASCII" if host.isascii() else "IDN"
                which = f"{kind}, {script}" if kind == "homoglyph" else kind
                yield f"ail {which}", host.lower()


def written(brand: str) -> Made:
    """What no generator makes."""
    yield from (("same label", f"{brand}.{suffix}") for suffix in ("net", "co.uk", "shop", "top"))
    for word in ("login", "secure", "klantenservice", "konto", "verify", "soporte", "jobs", "nl"):
        yield "combosquat, hyphen", f"{brand}-{word}.com"
        yield "combosquat, hyphen", f"{word}-{brand}.online"
        yield "combosquat, glued", f"{brand}{word}.com"
        yield "combosquat, glued", f"{word}{brand}.com"
    yield from (("combosquat, digits", f"{brand}{digits}.com") for digits in ("24", "2026", "365"))
    yield "joined suffix", f"{brand}com.xyz"
    yield "joined suffix", f"{brand}-com.top"
    yield "www glued", f"www{brand}.com"
    yield "www glued", f"www-{brand}.com"
    yield "url-encoded slash", f"2f{brand}.com"
    yield "com label", f"com-{brand}-id.top"
    for host in ("evil-host.xyz", "a1b2c3.ru"):
        yield "level-squat", f"login.{brand}.com.{host}"
        yield "level-squat", f"{brand}.{host}"
        yield "level-squat", f"{brand}-login.{host}"
    for service in ("github.io", "web.app", "pages.dev", "blogspot.com"):
        yield "free host", f"{brand}.{service}"
        yield "free host", f"{brand}-support.{service}"
        yield "free host", f"help.{brand}.{service}"
    if len(brand) >= _ORDINARY_LENGTH:
        swapped = f"{brand[:1]}{brand[2]}{brand[1]}{brand[3:]}"
        omitted = f"{brand[:2]}{brand[3:]}"
        yield from (("combo and typo", f"{name}-login.com") for name in (swapped, omitted))
        leet = STYLES["leet"](brand)
        if leet != brand:
            yield "combo and homoglyph", f"{leet}-secure.com"
            yield "combo and homoglyph", f"secure-{leet}.com"


def styled(brand: str) -> Made:
    """An account's name in each of thirty styles."""
    yield from (("styled", style(brand)) for style in STYLES.values())
    yield from (("styled, in words", f"{style(brand)} Support ✅") for style in STYLES.values())


#: Maker, and the field its names are seen in.
_MAKERS: tuple[tuple[Callable[[str], Made], Field], ...] = (
    (of_dnstwist, Field.HOST),
    (of_ail, Field.HOST),
    (written, Field.HOST),
    (styled, Field.DISPLAY_NAME),
)


def recalls(brands: Iterable[str], watchlist: Watchlist) -> dict[str, tuple[int, int, int]]:
    """Kind to (names, found, at least watched). brands: ids of the watch list, lower-case ASCII.

    A kind gets two entries when brands under five letters are among them: theirs is "short".
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for maker, field in _MAKERS:
        cases = _cases(maker, brands)
        names = [name for _, _, name in cases]
        seen = _seen(names, field, watchlist)
        shown = {
            (one.row, one.brand_id)
            for one in judge(names, field, watchlist)
            if one.reaches(Band.WATCH)
        }
        for row, (kind, brand, _) in enumerate(cases):
            size = "" if len(brand) >= _ORDINARY_LENGTH else ", short"
            tally = counts[f"{kind}{size}"]
            tally[0] += 1
            tally[1] += (row, brand) in seen
            tally[2] += (row, brand) in shown
    return {kind: (n, found, many) for kind, (n, found, many) in counts.items()}


def _seen(names: list[str], field: Field, watchlist: Watchlist) -> set[tuple[int, str]]:
    """(row, brand) of all that the matcher sees, faint ones too."""
    return {
        (weighed.first_row + row, watchlist.matcher.brand_ids[brand])
        for weighed in weigh(pa.array(names, pa.string()), field, watchlist.matcher)
        for row, brand in zip(weighed.row.tolist(), weighed.brand.tolist(), strict=True)
    }


def _cases(maker: Callable[[str], Made], brands: Iterable[str]) -> list[tuple[str, str, str]]:
    """(kind, brand, name), at most _MOST of each kind and brand; none of a maker not installed."""
    found = []
    for brand in brands:
        by_kind: Mapping[str, dict[str, None]] = defaultdict(dict)
        try:
            for kind, name in maker(brand):
                by_kind[kind][name] = None
        except ImportError as missing:
            print(f"{maker.__name__} is left out: {missing}", file=sys.stderr)
            return []
        for kind, names in by_kind.items():
            kept = sorted(names)
            if len(kept) > _MOST:
                kept = random.Random(brand).sample(kept, _MOST)  # noqa: S311
            found += [(kind, brand, name) for name in kept]
    return found


def registered_names(folder: Path) -> tuple[str, ...]:
    """As many core brands of the registry as BRANDS has, of one word and 3 to 15 letters."""
    names = {one.brand.name.lower() for one in read_registry(folder, core_only=True).values()}
    fitting = sorted(name for name in names if re.fullmatch(r"[a-z]{3,15}", name))
    return tuple(random.Random(3).sample(fitting, min(len(BRANDS), len(fitting))))  # noqa: S311


def main(arguments: list[str]) -> int:
    """Prints the lines; exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.names kinds", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    chosen = parser.parse_args(arguments)
    names = registered_names(chosen.data) if chosen.data else BRANDS
    watchlist = compile_watchlist({name: Brand(name=name) for name in names}, {})
    counted = recalls(names, watchlist)
    for kind, tally in counted.items():
        _emit(kind, tally)
    for kind, target, parts in _TOGETHER:
        tallies = [counted[part] for part in parts if part in counted]
        if tallies:
            n, found, shown = map(sum, zip(*tallies, strict=True))
            _emit(f"all {kind}", (n, found, shown), target=target)
    return 0


def _emit(kind: str, tally: tuple[int, int, int], **more: float) -> None:
    n, found, shown = tally
    line = {"bench": "kinds", "kind": kind, "n": n, "recall": round(found / n, 4),
            "recall_watch": round(shown / n, 4), **more}  # fmt: skip
    print(json.dumps(line))
