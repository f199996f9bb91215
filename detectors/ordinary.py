"""Ordinary names: the sample in which a brand's chance resemblances are counted.

A resemblance that one ordinary name in a hundred has is no evidence; one that none of 300,000 has
is. The sample is labels of popular domains, drawn by tables/make_ordinary.py; an operator makes a
file of his own names with the same script and hands its bytes to `read_sample`.
What it biases, and why brands' own sites must be left out of the count:
docs/explanation/ordinary-names.md.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinarySample:
    """Labels without suffix, ASCII, lower case, sorted, each once; A-labels as they are."""

    version: str
    source: str
    licence: str
    labels: pa.LargeStringArray


def read_sample(data: bytes) -> OrdinarySample:
    """data: a file of make_ordinary.py. Raises ValueError with a sentence when it is not one.

    The labels must be those that were written: the version that every match records names them.
    """
    try:
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as why:
        raise ValueError(f"the sample of ordinary names is no Parquet file: {why}") from why
    head = {
        key.decode("utf-8", "replace"): value.decode("utf-8", "replace")
        for key, value in (table.schema.metadata or {}).items()
    }
    missing = {"version", "source", "licence", "content_sha256"} - head.keys()
    if table.column_names != ["label"] or not table.num_rows or missing:
        raise ValueError(
            "the sample of ordinary names lacks the column `label`, rows, or its origin: make it "
            "with `python -m detectors.tables.make_ordinary --names FILE`"
        )
    labels = table["label"].combine_chunks()
    if labels.type != pa.large_string() or labels.null_count:
        raise ValueError("the column `label` of the ordinary names must be text, without nulls")
    if content_digest(labels) != head["content_sha256"]:
        raise ValueError("the ordinary names are not those their file was made with: make it again")
    return OrdinarySample(
        version=head["version"], source=head["source"], licence=head["licence"], labels=labels
    )


def content_digest(labels: pa.LargeStringArray) -> str:
    """SHA-256, hex, of Arrow's own bytes: the n + 1 offsets from 0, then the text."""
    # Not of joined text: 300,000 Python strings would cost more than reading the file.
    _, ends, text = labels.buffers()
    first = labels.offset
    offsets = np.frombuffer(ends, np.int64)[first : first + len(labels) + 1]
    digest = hashlib.sha256((offsets - offsets[0]).tobytes())
    if text is not None:
        digest.update(memoryview(text)[offsets[0] : offsets[-1]])
    return digest.hexdigest()


@cache
def shipped_sample() -> OrdinarySample:
    """The sample that comes with the program, read once."""
    return read_sample(files("detectors.tables").joinpath("ordinary.parquet").read_bytes())


def ordinary_sample() -> pa.LargeStringArray:
    """The shipped labels: 300,000 of them."""
    return shipped_sample().labels


def ordinary_version() -> str:
    """The shipped sample's version, for what was counted in it."""
    return shipped_sample().version
