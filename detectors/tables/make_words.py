"""Makes words.parquet: how often words are met, for cutting glued names.

Run by a person when the word lists change: `python -m detectors.tables.make_words`, with the
packages wordfreq (running text of eight languages) and pymispwarninglists (Tranco's million, for
words as they stand between hyphens in names) installed; never at run time.

The cost of a word is -ln of its share in a mixture: half English, because names are, a third the
other seven languages, the rest hyphenated names. What an unknown word costs is learnt from the
parts of hyphenated names that are no word. Both weights were set by how well names whose hyphens
were taken out are cut again; see `docs/explanation/ordinary-names.md`.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections import Counter, defaultdict
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.folding import read_as_ascii
from detectors.tables.make_ordinary import hosts_in, labels_of, tranco

TABLE = Path(__file__).with_name("words.parquet")

#: Share of each language in the mixture; the remainder is names.
LANGUAGES = {
    "en": 0.50, "nl": 0.05, "de": 0.05, "fr": 0.05, "es": 0.05, "it": 0.04, "pt": 0.04, "id": 0.04,
}  # fmt: skip
NAMES = 1 - sum(LANGUAGES.values())

MANY = 200_000
_LONGEST = 24
#: Short words must be common to count, or every run of letters falls into scraps of two and three.
_LEAST_ZIPF = {2: 4.8, 3: 3.6}
#: A part of hyphenated names becomes a word when this many names hold it.
_LEAST_NAMES = 5
#: Added to the cost of an unknown word over what its share among the parts of names demands.
_UNKNOWN_EXTRA = 1.5


def spellings(word: str, language: str) -> set[str]:
    """As the word is typed in names: a-z only; none when it cannot be.

    >>> sorted(spellings("münchen", "de"))
    ['muenchen', 'munchen']
    """
    forms = {word.replace("ß", "ss")}
    if language == "de":
        forms |= {w.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue") for w in forms}
    typed = set()
    for form in forms:
        reading = read_as_ascii(form)
        if set(reading.layers) <= {"diacritic"} and 2 <= len(reading.text) <= _LONGEST:
            typed.add(reading.text)
    return {form for form in typed if form.isalpha()}


def text_frequencies() -> dict[str, dict[str, float]]:
    """Language to word to share of running text."""
    import wordfreq  # type: ignore[import-not-found, unused-ignore]

    found: dict[str, dict[str, float]] = {}
    for language in LANGUAGES:
        shares: defaultdict[str, float] = defaultdict(float)
        for word, share in wordfreq.get_frequency_dict(language, "best").items():
            for form in spellings(word, language):
                shares[form] += share
        found[language] = shares
    return found


def hyphenated(labels: set[str]) -> list[list[str]]:
    """Parts of each label that has hyphens between letters only; sorted by label."""
    plain = (label for label in sorted(labels) if "-" in label and label[:4] != "xn--")
    parted = (label.split("-") for label in plain)
    return [parts for parts in parted if all(part.isalpha() for part in parts)]


def mix(
    languages: dict[str, dict[str, float]], parts: Counter[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Word to share in the mixture, and to its share in the language that has most of it."""
    mixture: defaultdict[str, float] = defaultdict(float)
    peak: defaultdict[str, float] = defaultdict(float)
    for language, shares in languages.items():
        for word, share in shares.items():
            mixture[word] += LANGUAGES[language] * share
            peak[word] = max(peak[word], share)
    for word, many in parts.items():
        coined = many >= _LEAST_NAMES and 3 < len(word) <= _LONGEST
        if coined or word in mixture:
            mixture[word] += NAMES * many / parts.total()
    return mixture, peak


def chosen(mixture: dict[str, float]) -> list[str]:
    """The words to ship, sorted: the most frequent, short ones only when they are common."""
    fit = [
        word
        for word, share in mixture.items()
        if len(word) > 1 and math.log10(share * 1e9) >= _LEAST_ZIPF.get(len(word), 0.0)
    ]
    return sorted(sorted(fit, key=lambda word: (-mixture[word], word))[:MANY])


def unknown_word(parts: Counter[str], known: set[str]) -> tuple[float, list[float]]:
    """Nats of beginning a word that is in no table, and of each of its letters a-z.

    Its length is geometric, its letters are independent: a random name, no more.
    """
    strange = {part: many for part, many in parts.items() if part not in known and len(part) > 1}
    letters = Counter("".join(strange)) + Counter("abcdefghijklmnopqrstuvwxyz")
    ending = len(strange) / letters.total()
    beginning = -math.log(sum(strange.values()) / parts.total()) - math.log(ending)
    each = [letters[chr(97 + at)] / letters.total() * (1 - ending) for at in range(26)]
    return beginning + _UNKNOWN_EXTRA, [-math.log(share) for share in each]


def render() -> pa.Table:
    """The whole table, sorted by word, with its metadata."""
    data = tranco()
    hosts, listed = hosts_in(data)
    parts = Counter(part for label in hyphenated(labels_of(hosts)) for part in label)
    mixture, peak = mix(text_frequencies(), parts)
    kept = chosen(mixture)
    beginning, letters = unknown_word(parts, set(kept))
    # One byte each: tenths of a nat, thirtieths of a Zipf unit.
    costs = [min(255, round(-10 * math.log(mixture[word]))) for word in kept]
    zipfs = [round(30 * math.log10(max(1.0, peak[word] * 1e9))) for word in kept]
    model = {
        "unknown": f"{beginning:.2f}",
        "letters": " ".join(f"{cost:.2f}" for cost in letters),
    }
    content = hashlib.sha256(repr((kept, costs, zipfs, model)).encode()).hexdigest()
    languages = " ".join(LANGUAGES)
    head = model | {
        "version": f"{version('wordfreq')}-{content[:6]}",
        "source": f"wordfreq {version('wordfreq')} ({languages}), data CC-BY-SA-4.0; "
        f"Tranco's million {listed} by MISP warning lists, CC0-1.0",
        "licence": "CC-BY-SA-4.0",
        "input": f"names sha256 {hashlib.sha256(data).hexdigest()[:16]}",
        "content_sha256": content,
    }
    columns = {
        "word": pa.array(kept, pa.string()),
        "cost": pa.array(costs, pa.uint8()),
        "zipf": pa.array(zipfs, pa.uint8()),
    }
    return pa.table(columns).replace_schema_metadata(head)


def write(table: pa.Table, out: Path) -> None:
    """Sorted words lie front-coded, which halves the file."""
    encodings = {"word": "DELTA_BYTE_ARRAY", "cost": "PLAIN", "zipf": "PLAIN"}
    pq.write_table(
        table, out, compression="zstd", compression_level=19, use_dictionary=False,
        column_encoding=encodings, write_statistics=False, data_page_size=8 << 20,
    )  # fmt: skip


if __name__ == "__main__":
    made = render()
    write(made, TABLE)
    print(f"{TABLE.name}: {len(made)} words", file=sys.stderr)
