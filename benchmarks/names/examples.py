"""The committed examples against their labels; needs no data.

    python -m benchmarks.names examples

Per field and kind of examples/data/labels.csv, the share that matches the brand it is about (any
brand, where it is about none) and the share that would rank in a band or worse. High is good for
lookalikes, low for innocents.
May import: benchmarks.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks.labelled_examples import measure_examples


def main(argv: Sequence[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.names examples", description=(__doc__ or "").splitlines()[0]
    )
    parser.parse_args(argv)
    measure_examples()
    return 0
