"""Turns the registry of brands into a watch file, with logos beside it.

    python -m benchmarks.watch_from_registry --data DIR --output watch.toml

Everything that fits is taken: names, aliases, domains (of the whole family), official accounts
by platform, and the logo where the registry's slug is a key of logos.parquet, written to
`logos/` beside the watch file. No name is called a common word: how ordinary it is, is measured
at enrolment. `--input PATH:KIND` adds an input; KIND is host, account, app or image and may be
left away. Prints one JSON line: how many brands, names and logos.
May import: benchmarks, namaak.brands.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.drawings import Drawing, read_drawings, references
from benchmarks.measuring import emit, measured, say
from benchmarks.registry import Registered, read_registry
from namaak.brands import Brand, read_watch_file
from namaak.records import SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One `[[sources.files.inputs]]`."""

    path: str
    kind: SubjectKind | None = None


def parse_input(text: str) -> Input:
    """`PATH` or `PATH:KIND`; a colon followed by anything but a kind belongs to the path.

    >>> parse_input("lists/hosts.txt:host").kind
    <SubjectKind.HOST: 'host'>
    """
    path, _, kind = text.rpartition(":")
    if path and kind in [*SubjectKind]:
        return Input(path=path, kind=SubjectKind(kind))
    return Input(path=text)


def watch_toml(
    brands: Mapping[str, Brand], inputs: Iterable[Input], *, data: str = "namaak-data"
) -> str:
    """The text of a watch file."""
    lines = ["[watch]", 'contact = "brand-protection@registry.example"', f"data = {_text(data)}"]
    for given in inputs:
        lines += ["", "[[sources.files.inputs]]", f"path = {_text(given.path)}"]
        lines += [f"kind = {_text(given.kind)}"] if given.kind else []
    for brand_id, brand in brands.items():
        lines += ["", f"[brands.{brand_id}]", f"name = {_text(brand.name)}"]
        lines += [f"aliases = {_texts(brand.aliases)}"] if brand.aliases else []
        lines += [f"domains = {_texts(brand.domains)}"] if brand.domains else []
        lines += [f"logos = {_texts(map(str, brand.logos))}"] if brand.logos else []
        lines += ["common_word = true"] if brand.common_word else []
        if brand.accounts:
            lines += [f"[brands.{brand_id}.accounts]"]
            lines += [f"{name} = {_texts(owned)}" for name, owned in brand.accounts.items()]
    return "\n".join(lines) + "\n"


def with_logos(
    registered: Mapping[str, Registered], drawings: Mapping[str, Drawing]
) -> tuple[dict[str, Brand], list[Drawing]]:
    """Brands with the paths of their logos, and the drawings to be written there."""
    brands, wanted = {}, {}
    for brand_id, one in registered.items():
        drawing = drawings.get(one.logo_key or "")
        logos = (Path("logos") / drawing.file_name,) if drawing else ()
        brands[brand_id] = one.brand.model_copy(update={"logos": logos})
        if drawing:
            wanted[drawing.key] = drawing
    return brands, list(wanted.values())


def write_watch_file(
    data: Path, output: Path, inputs: Sequence[Input], *, core_only: bool
) -> dict[str, object]:
    """Write the watch file and its logos, read it back as namaak does. Returns counts.

    data: the folder of the registry. Raises OSError, and WatchFileError were it not valid.
    """
    registered = read_registry(data, core_only=core_only)
    brands, drawings = with_logos(registered, references(read_drawings(data)))
    (output.parent / "logos").mkdir(parents=True, exist_ok=True)
    for drawing in drawings:
        (output.parent / "logos" / drawing.file_name).write_bytes(drawing.png)
    output.write_text(watch_toml(brands, inputs), encoding="utf-8")
    read_watch_file(output)
    return {
        "brands": len(brands),
        "names": sum(len(brand.names) for brand in brands.values()),
        "domains": sum(len(brand.domains) for brand in brands.values()),
        "accounts": sum(len(brand.accounts) for brand in brands.values()),
        "logos": sum(bool(brand.logos) for brand in brands.values()),
    }


def _text(value: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--output", type=Path, required=True, help="the watch file to write")
    parser.add_argument("--core", action="store_true", help="only core brands")
    parser.add_argument(
        "--input", action="append", default=[], type=parse_input, help="PATH or PATH:KIND"
    )
    given = parser.parse_args()
    say(f"Writing {given.output}.")
    with measured() as spent:
        counts = write_watch_file(given.data, given.output, given.input, core_only=given.core)
    emit("watch-file", {**counts, **spent.columns()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
