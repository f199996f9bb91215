"""Makes everything under logos/ and data/, always the same: `python make_examples.py`.

The files are committed, so nobody needs to run this; it is here to show how they came about
and to make them again when the world changes. The truths go to data/labels.csv, which
benchmarks and tests read and the flow does not.
May import: world.
"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path
from random import Random
from typing import Final

from world.apps import apps, fresh_handles
from world.bystanders import everybody, official, traps
from world.impersonators import impersonators
from world.innocents import NOT_UTF8, broken, innocents
from world.labels import Label, to_csv
from world.lookalikes import lookalikes
from world.pictures import avatars, logos, loose_images, picture_labels
from world.profiles import to_jsonl
from world.words import ordinary_hosts

SEED: Final = "namaak examples 1"
ORDINARY_HOSTS: Final = 3_700
REPEATED_HOSTS: Final = 12
ORDINARY_PROFILES: Final = 190


def make() -> dict[str, bytes]:
    """Every file's bytes by its path in the examples' folder."""
    files: dict[str, bytes] = dict(logos())
    hosts = [*lookalikes(_rng("lookalikes")), *innocents(), *broken()]
    people = [
        *official(),
        *impersonators(),
        *traps(),
        *everybody(_rng("everybody"), ORDINARY_PROFILES),
    ]
    app_rows, app_labels = apps(_rng("apps"), ordinary=25)
    handle_rows, handle_labels = fresh_handles(
        _rng("handles"), ordinary=60, taken={person.handle for person in people}
    )
    pictures = avatars(_rng("avatars")) | loose_images(_rng("images"))
    labels = [
        *hosts,
        *_of_profiles([label for person in people for label in person.labels()]),
        *app_labels,
        *handle_labels,
        *picture_labels(list(pictures)),
    ]
    files["data/domains.txt.gz"] = gzip.compress(_domains(hosts), compresslevel=9, mtime=0)
    files["data/profiles.jsonl"] = to_jsonl(people).encode()
    files["data/handles.csv"] = handle_rows.encode()
    files["data/apps.csv"] = app_rows.encode()
    files["data/labels.csv"] = to_csv(labels).encode()
    files |= {f"data/{path}": picture for path, picture in pictures.items()}
    return dict(sorted(files.items()))


def main() -> None:
    """Write the files, beside this script unless told otherwise."""
    parser = argparse.ArgumentParser(description="Make the example data again.")
    parser.add_argument("--output", type=Path, default=Path(__file__).resolve().parent)
    output: Path = parser.parse_args().output
    files = make()
    for name, content in files.items():
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    total = sum(len(content) for content in files.values())
    print(f"{len(files)} files, {total:,} bytes, under {output}")


def _rng(what: str) -> Random:
    """A source of its own for each sort of thing: one more lookalike moves no profile."""
    return Random(f"{SEED}: {what}")


def _domains(hosts: list[Label]) -> bytes:
    lines = {label.input for label in hosts}
    lines.update(ordinary_hosts(_rng("ordinary"), ORDINARY_HOSTS))
    # Feeds repeat themselves.
    again = _rng("duplicates").sample(sorted(lines), REPEATED_HOSTS)
    raw = [*(line.encode() for line in (*lines, *again)), NOT_UTF8]
    return b"\n".join(sorted(raw)) + b"\n"


def _of_profiles(labels: list[Label]) -> list[Label]:
    """One truth a text: a name that is right for its owner poses when strangers bear it.

    Several accounts show the bank's own name; matching sees the text alone, and the text is
    the bank's, so the lookalike's truth stands and ownership is ranking's to know.
    """
    kept: dict[tuple[str, str, str], Label] = {}
    for label in sorted(labels, key=lambda label: (label.verdict != "lookalike", label)):
        kept.setdefault((label.input, label.field, label.brand), label)
    return list(kept.values())


if __name__ == "__main__":
    main()
