"""Accounts, measured. Each command prints JSON lines.

    python -m benchmarks.accounts quality   recall per way of posing, band and platform; innocents
    python -m benchmarks.accounts speed     new handles per second against a thousand brands

`python -m benchmarks.accounts COMMAND --help` says what each takes.
May import: benchmarks.
"""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = ("quality", "speed")


def main() -> int:
    """Returns the exit code; 2 for a command that does not exist."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in COMMANDS:
        wanted = command in ("-h", "--help")
        print(__doc__, file=sys.stdout if wanted else sys.stderr)
        return 0 if wanted else 2
    code: int = import_module(f"benchmarks.accounts.{command}").main(sys.argv[2:])
    return code


if __name__ == "__main__":
    sys.exit(main())
