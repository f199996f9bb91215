"""The command `namaak`: one file per group of commands, put together here.

Results go to stdout, talk to stderr. Exit codes: 0 done, 1 could not, 2 wrong use. Nothing
here imports Prefect: `namaak run` starts the flow in a process of its own, so that everything
else starts at once. The modules of the commands import what they need when they run.
May import: everything of namaak and detectors, but not flows.
"""

from __future__ import annotations

import os
import sys

from cyclopts import App, CycloptsError

from namaak import __version__
from namaak.cli import (
    allow,
    audit,
    campaigns,
    capture,
    cases,
    contacts,
    ct,
    doctor,
    enrich,
    evidence,
    export,
    forget,
    hold,
    intake,
    learn,
    match,
    measures,
    notices,
    open_case,
    recheck,
    run,
    setup,
    sources,
    sql,
    sweep,
    ties,
    views,
)
from namaak.errors import NamaakError
from namaak.visible import visible_lines

app = App(
    name="namaak",
    help="Finds accounts, domains, apps and images that pose as a brand, and ranks them as cases.",
    version=__version__,
    help_format="plaintext",
)
for module in (
    *(run, setup, intake, sweep, match, cases, audit, allow, ties, hold, open_case, views),
    *(campaigns, enrich, contacts, capture),
    *(evidence, export, notices, recheck, measures, learn, sql, sources, ct, forget, doctor),
):
    module.register(app)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(invoke(sys.argv[1:]))


def invoke(tokens: list[str]) -> int:
    """Run one command. Returns the exit code; prints, and lets defects keep their traceback."""
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        # A reader that is gone must be noticed here: at exit Python would complain about it.
        sys.stdout.flush()
    except CycloptsError as error:
        # Messages quote strangers: names of logs, replies of servers, hosts.
        print(f"namaak: {visible_lines(str(error))}".rstrip(), file=sys.stderr)
        print("Try `namaak --help`, or `namaak COMMAND --help`.", file=sys.stderr)
        return 2
    except NamaakError as error:
        print(f"namaak: {visible_lines(str(error))}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain at exit otherwise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("namaak: stopped; nothing is half-done, run it again to go on.", file=sys.stderr)
        return 1
    return result if isinstance(result, int) else 0
