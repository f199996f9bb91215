"""The image detector, measured. Each command prints JSON lines.

    python -m benchmarks.images quality    recall per edit at fixed shares of false positives
    python -m benchmarks.images speed      pictures per CPU second, and the search's time
    python -m benchmarks.images pages      logos found somewhere on a page, and false alarms
    python -m benchmarks.images wordmarks  names read in wide pictures, and what that costs
    python -m benchmarks.images fit        the tables of the detector, made again

`python -m benchmarks.images COMMAND --help` says what each takes.
May import: benchmarks.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

COMMANDS = ("quality", "speed", "pages", "wordmarks", "fit")


def main() -> int:
    """Returns the exit code; 2 for a command that does not exist."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in COMMANDS:
        wanted = command in ("-h", "--help")
        print(__doc__, file=sys.stdout if wanted else sys.stderr)
        return 0 if wanted else 2
    # Before numpy is loaded: threads that wait for one another would count as CPU seconds.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    code: int = import_module(f"benchmarks.images.{command}").main(sys.argv[2:])
    return code


if __name__ == "__main__":
    sys.exit(main())
