"""The name detector, measured. Each command prints JSON lines.

    python -m benchmarks.names speed      names per second, next to its peers
    python -m benchmarks.names oracle     against brute force: missed and extra pairs
    python -m benchmarks.names quality    recall at budgets of alerts per million names
    python -m benchmarks.names kinds      recall per kind of lookalike, on names made by others
    python -m benchmarks.names fit        fits the weights on the data, or on your own verdicts
    python -m benchmarks.names examples   examples/data/labels.csv; needs no data

`python -m benchmarks.names COMMAND --help` says what each takes.
May import: benchmarks.
"""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = ("speed", "oracle", "quality", "kinds", "fit", "examples")


def main() -> int:
    """Returns the exit code; 2 for a command that does not exist."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in COMMANDS:
        wanted = command in ("-h", "--help")
        print(__doc__, file=sys.stdout if wanted else sys.stderr)
        return 0 if wanted else 2
    code: int = import_module(f"benchmarks.names.{command}").main(sys.argv[2:])
    return code


if __name__ == "__main__":
    sys.exit(main())
