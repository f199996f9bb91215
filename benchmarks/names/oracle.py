"""The matcher's scan against brute force, which shares no line with it.

    python -m benchmarks.names oracle --data DIR [--rows 20000] [--brands 200]

Folds, pairs, readings and rules are written out here once more, from docs/explanation/matching.md;
distances are rapidfuzz's, of every word and every part of a word with every term. Names are real
hosts without their last label, and attacked ones: terms with edits, swaps, pairs, digits,
separators and words glued on. Prints a JSON line for each kind: rows, pairs (of row and term
within the rules), missed, extra, and other_edits (found, with another number of edits).
May import: benchmarks, detectors, namaak.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from benchmarks.measuring import say
from benchmarks.registry import brands_of, read_registry
from detectors.names.anchors import build_tables
from detectors.names.kernel import scan
from detectors.names.matcher import forms_of
from detectors.names.sightings import Texts
from detectors.names.terms import Term, compile_terms

_SEED = 20261122
#: Rows compared at a time: what bounds memory.
_CHUNK = 2_000

_SHAPES = {"1": "l", "i": "l", "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ALIKE = {"rn": "m", "vv": "w", "cl": "d", "nn": "m", "lc": "k"}
_LEET = {"o": "0", "l": "1", "i": "1", "e": "3", "a": "4", "s": "5", "t": "7", "b": "8", "g": "6"}
_WORDS = ("login", "secure", "my", "shop", "de", "bank", "support", "verify", "app", "247")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One term: what the oracle knows of it."""

    raw: str  #: lower-case ASCII letters and digits
    variant: bool  #: not the name as given: only looked for exactly


def folded(text: str) -> str:
    """Every byte that is no ASCII letter or digit a dot, the rest by its shape.

    >>> folded("PayPa1_x")
    'paypal.x'
    """
    small = (char.lower() if char.isascii() and char.isalnum() else "." for char in text)
    return "".join(_SHAPES.get(char, char) for char in small)


def merged(text: str) -> str:
    """text: lower case. Pairs as the letter they look like, from the left.

    >>> merged("rnicrosoft-vvv")
    'microsoft-wv'
    """
    return re.sub("rn|vv|cl|nn|lc", lambda pair: _ALIKE[pair[0]], text)


def rule_of(term: Wanted) -> tuple[int, int, bool]:
    """(edits of a whole word, edits of a part of one, exact at its beginning or end); -1 never."""
    length = len(term.raw)
    if length <= 3:
        return 0, -1, length == 3
    if term.variant:
        return 0, 0, False
    if length <= 5:
        return 1, 0, False
    return (2, 1, False) if length <= 11 else (2, 2, False)


def expected(texts: Sequence[str], terms: Sequence[Wanted]) -> dict[tuple[int, int], int]:
    """(row, term) to the fewest edits of any reading; only pairs within the rules."""
    lower = [text.lower() for text in texts]
    plain = [folded(text) for text in texts]
    together = [folded(merged(text)) for text in lower]
    # 6, 7 and 9 may be g, l and q where some letter stands beside one of them.
    turned = [
        folded(text.translate(str.maketrans("679", "glq")))
        if re.search("[a-z][679]|[679][a-z]", text, re.ASCII)
        else ""
        for text in lower
    ]
    own = {at: folded(term.raw) for at, term in enumerate(terms)}
    paired = {
        at: folded(merged(term.raw))
        for at, term in enumerate(terms)
        if merged(term.raw) != term.raw
    }
    # Merged texts are the merged form's, if there is one.
    either = own | paired
    rules = [rule_of(term) for term in terms]
    best: dict[tuple[int, int], int] = {}
    for readings, forms, joined in (
        (plain, own, True), (together, either, True), (turned, own, False),
    ):  # fmt: skip
        for row, term, edits in _within(readings, forms, rules, joined=joined):
            best[row, term] = min(edits, best.get((row, term), edits))
    return best


def _within(
    texts: Sequence[str],
    forms: dict[int, str],
    rules: Sequence[tuple[int, int, bool]],
    *,
    joined: bool,
) -> Iterator[tuple[int, int, int]]:
    """(row, term, edits) by the rules' own words; several per pair."""
    by_size: dict[int, list[int]] = defaultdict(list)
    for term, form in forms.items():
        by_size[len(form)].append(term)
    words: dict[str, set[int]] = defaultdict(set)
    for row, text in enumerate(texts):
        for word in filter(None, text.split(".")):
            words[word].add(row)
    parts: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    longest = max(by_size, default=0) + 2
    for word, rows in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + longest) + 1):
                parts[end - start][word[start:end]] |= rows
    for size, group in by_size.items():
        near = {word: rows for word, rows in words.items() if abs(len(word) - size) <= 2}
        yield from _near(near, group, forms, {term: rules[term][0] for term in group})
        for length in range(max(1, size - 2), size + 3):
            yield from _near(parts[length], group, forms, {term: rules[term][1] for term in group})
    edges = [(term, form) for term, form in forms.items() if rules[term][2]]
    for word, rows in words.items():
        for term, form in edges:
            if word.startswith(form) or word.endswith(form):
                yield from ((row, term, 0) for row in rows)
    if joined:
        yield from _joined(texts, forms)
        edited = {term: form for term, form in forms.items() if rules[term][0] > 0}
        yield from _nearly_joined(texts, edited)


def _near(
    rows_of: dict[str, set[int]], group: list[int], forms: dict[int, str], most: dict[int, int]
) -> Iterator[tuple[int, int, int]]:
    strings = list(rows_of)
    if not strings:
        return
    distances = cdist(
        strings, [forms[term] for term in group], scorer=OSA.distance, score_cutoff=2,
        dtype=np.uint8,
    )  # fmt: skip
    for string, column in zip(*np.nonzero(distances <= 2), strict=True):
        edits = int(distances[string, column])
        if edits <= most[group[column]]:
            for row in rows_of[strings[string]]:
                yield row, group[column], edits


def _joined(texts: Sequence[str], forms: dict[int, str]) -> Iterator[tuple[int, int, int]]:
    """Words in a row that spell a form of three letters or more together."""
    spelled: dict[str, list[int]] = defaultdict(list)
    for term, form in forms.items():
        if len(form) >= 3:
            spelled[form].append(term)
    for row, text in enumerate(texts):
        words = [word for word in text.split(".") if word]
        for start in range(len(words)):
            for end in range(start + 2, len(words) + 1):
                for term in spelled.get("".join(words[start:end]), ()):
                    yield row, term, 0


def _nearly_joined(texts: Sequence[str], forms: dict[int, str]) -> Iterator[tuple[int, int, int]]:
    """Two or three words in a row, one edit from a form of five letters or more."""
    rows_of: dict[str, set[int]] = defaultdict(set)
    for row, text in enumerate(texts):
        words = [word for word in text.split(".") if word]
        for many in (2, 3):
            for start in range(len(words) - many + 1):
                rows_of["".join(words[start : start + many])].add(row)
    by_size: dict[int, list[int]] = defaultdict(list)
    for term, form in forms.items():
        if len(form) >= 5:
            by_size[len(form)].append(term)
    for size, group in by_size.items():
        near = {text: rows for text, rows in rows_of.items() if abs(len(text) - size) <= 1}
        yield from _near(near, group, forms, dict.fromkeys(group, 1))


def attacked(names: Sequence[str], count: int, chosen: random.Random) -> list[str]:
    """names: raw terms. Names as an attacker makes them, some past the rules."""
    made = []
    for _ in range(count):
        text = chosen.choice(names)
        for _ in range(chosen.choice((0, 1, 1, 2, 2, 3))):
            text = _edited(text, chosen)
        if chosen.random() < 0.2:
            text = "".join(_LEET.get(c, c) if chosen.random() < 0.5 else c for c in text)
        if chosen.random() < 0.2:
            pair, letter = chosen.choice(list(_ALIKE.items()))
            old, new = chosen.choice(((letter, pair), (pair, letter)))
            text = text.replace(old, new)
        for _ in range(chosen.choice((0, 0, 0, 1, 1, 2))):
            at = chosen.randrange(len(text) + 1)
            text = text[:at] + chosen.choice("-._") + text[at:]
        before, after = (chosen.choice(("", "", chosen.choice(_WORDS))) for _ in range(2))
        made.append(
            before + chosen.choice(("", "-", ".")) + text + chosen.choice(("", "-")) + after
        )
    return made


def _edited(text: str, chosen: random.Random) -> str:
    at, kind = chosen.randrange(len(text) + 1), chosen.randrange(4)
    letter = chosen.choice(_LETTERS + "0123456789")
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + letter + text[at:]
    if kind == 2:
        return text[:at] + letter + text[at + 1 :]
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def as_texts(names: Iterable[bytes]) -> Texts:
    """Names as the scan takes them, whole."""
    rows = list(names)
    ends = np.cumsum([len(row) for row in rows], dtype=np.int64)
    none = np.zeros(len(rows), np.int32)
    return Texts(
        buffer=np.frombuffer(b"".join(rows), np.uint8),
        begin=np.concatenate(([0], ends))[:-1].astype(np.int64),
        end=ends,
        label=none,
        suffix=none,
        flags=none.astype(np.uint8),
        row=np.arange(len(rows), dtype=np.int64),
    )


def compare(kind: str, texts: Sequence[str], compiled: tuple[Term, ...]) -> dict[str, object]:
    """The columns of one line of results."""
    terms = [Wanted(raw=term.raw, variant=bool(term.variant)) for term in compiled]
    tables = build_tables(forms_of(compiled))
    pairs = missed = extra = other = 0
    for first in range(0, len(texts), _CHUNK):
        chunk = texts[first : first + _CHUNK]
        seen = scan(as_texts(text.encode() for text in chunk), tables)
        found: dict[tuple[int, int], int] = {}
        for pair, edits in zip(
            zip(seen.text.tolist(), seen.term.tolist(), strict=True),
            seen.edits.tolist(),
            strict=True,
        ):
            found[pair] = min(edits, found.get(pair, edits))
        right = expected(chunk, terms)
        pairs += len(right)
        missed += len(right.keys() - found.keys())
        extra += len(found.keys() - right.keys())
        other += sum(found[pair] != right[pair] for pair in right.keys() & found.keys())
        for pair in list(right.keys() ^ found.keys())[:3]:
            say(f"differs: {chunk[pair[0]]!r} and {terms[pair[1]].raw!r}")
    return {
        "bench": "oracle", "kind": kind, "terms": len(terms), "rows": len(texts), "pairs": pairs,
        "missed": missed, "extra": extra, "other_edits": other,
    }  # fmt: skip


def main(argv: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.names oracle")
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--rows", type=int, default=20_000, help="names of each kind")
    parser.add_argument("--brands", type=int, default=200)
    given = parser.parse_args(argv)
    chosen = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
    registered = read_registry(given.data)
    ids = chosen.sample(sorted(registered), min(given.brands, len(registered)))
    terms = compile_terms(brands_of({brand_id: registered[brand_id] for brand_id in ids}))
    for kind, file in (("real", "domains_bulk"), ("phishing", "domains_positive")):
        hosts = pq.read_table(given.data / f"{file}.parquet", columns=["host"])["host"].to_pylist()
        picked = chosen.sample(hosts, min(given.rows, len(hosts)))
        names = [host.rpartition(".")[0] or host for host in picked]
        print(json.dumps(compare(kind, names, terms)), flush=True)
    names = attacked([term.raw for term in terms], given.rows, chosen)
    print(json.dumps(compare("attacked", names, terms)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
