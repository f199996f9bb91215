"""Makes ordinary.parquet: labels of ordinary domains, to count chance resemblances in.

Run by a person when the list is old or an operator has names of his own that are nearer to what
he watches: `python -m detectors.tables.make_ordinary [--names FILE] [--out FILE]`. Without --names
it reads the Tranco million that the package pymispwarninglists carries (install it first).
What the sample biases: docs/explanation/ordinary-names.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.ordinary import content_digest
from detectors.suffixes import suffix_list

TABLE = Path(__file__).with_name("ordinary.parquet")

_SEED = 20250115
_MANY = 300_000
_LONGEST_HOST = 253


def hosts_in(data: bytes) -> tuple[list[str], str]:
    """The hosts of a warning list (JSON) or of a text with one a line, and the list's version."""
    if data.lstrip()[:1] == b"{":
        found = json.loads(data)
        return [str(host) for host in found["list"]], str(found.get("version", ""))
    lines = data.decode("utf-8", "replace").splitlines()
    return [line.strip() for line in lines if line.strip() and line[0] != "#"], ""


def tranco() -> bytes:
    """The list as pymispwarninglists carries it. Raises ModuleNotFoundError without it."""
    package = files("pymispwarninglists")
    return package.joinpath("data/misp-warninglists/lists/tranco/list.json").read_bytes()


def labels_of(hosts: list[str]) -> set[str]:
    """The label that was registered, or chosen at a hosting service, of every host."""
    split = suffix_list().split
    labels = set()
    for host in hosts:
        lowered = host.lower().rstrip(".")
        if lowered.isascii() and 0 < len(lowered) <= _LONGEST_HOST:
            cut = split(lowered)
            labels.add(lowered[cut.registrable : cut.suffix].rstrip("."))
    return labels - {""}


def sample(labels: set[str], many: int = _MANY) -> list[str]:
    """Sorted; the same labels and seed give the same sample."""
    ordered = sorted(labels)
    if len(ordered) > many:
        ordered = random.Random(_SEED).sample(ordered, many)  # noqa: S311  not a secret
    return sorted(ordered)


def write(labels: list[str], out: Path, *, source: str, licence: str, version: str) -> None:
    """labels: sorted. Parquet, one column `label`, with its origin in the file's metadata."""
    column = pa.array(labels, pa.large_string())
    digest = content_digest(column)
    head = {
        "version": f"{version}-{digest[:6]}" if version else digest[:12],
        "source": source,
        "licence": licence,
        "content_sha256": digest,
    }
    schema = pa.schema([pa.field("label", pa.large_string(), nullable=False)], metadata=head)
    pq.write_table(
        pa.Table.from_arrays([column], schema=schema), out, compression="zstd",
        compression_level=19, use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY",
        write_statistics=False, store_schema=True, data_page_size=8 << 20,
    )  # fmt: skip


def main(argv: list[str]) -> int:
    """Writes the table and says what is in it."""
    parser = argparse.ArgumentParser(prog="python -m detectors.tables.make_ordinary")
    parser.add_argument("--names", type=Path, help="hosts, one a line; default: Tranco's million")
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--licence", default="unknown", help="of --names; kept in the file")
    given = parser.parse_args(argv)
    data = given.names.read_bytes() if given.names else tranco()
    hosts, version = hosts_in(data)
    origin = given.names.name if given.names else "Tranco's million, MISP warning lists"
    labels = sample(labels_of(hosts))
    if not labels:
        print(f"{origin} holds no host names: give a text with one a line", file=sys.stderr)
        return 1
    read = hashlib.sha256(data).hexdigest()[:16]
    source = f"{origin}; {len(hosts)} hosts, input sha256 {read}"
    licence = given.licence if given.names else "CC0-1.0"
    write(labels, given.out, source=source, licence=licence, version=version)
    print(f"{given.out.name}: {len(labels)} labels", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
