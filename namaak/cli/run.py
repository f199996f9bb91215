"""`namaak run`: the main job, in a process of its own because Prefect takes seconds to load."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App

from namaak.cli.options import Several, WatchPath, as_json
from namaak.cli.output import emit, say
from namaak.errors import LakeError, UsageError

if TYPE_CHECKING:
    from namaak.settings import Settings

_TOP = 20
_LEAST_FREE = 100_000_000


def register(app: App) -> None:
    """Add the command."""
    app.command(run)


def run(
    *,
    watch: WatchPath = None,
    source: Several = (),
    brand: Several = (),
    top: int = _TOP,
    json: Annotated[bool, as_json("per case, and nothing else on stdout")] = False,
) -> int:
    """Gather, detect, rank and publish; then show the worst cases.

    Runs the Prefect flow on its embedded server (15 to 40 seconds of start-up), or on the
    server that PREFECT_API_URL names. Safe to repeat and to stop: it goes on where it was.

    Parameters
    ----------
    source
        Only this source; may be given more than once.
    brand
        Only this brand's id; may be given more than once.
    top
        How many cases to show.
    """
    from namaak.casework.reading import find_cases, open_snapshot
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    if top < 0:
        raise UsageError(f"--top {top} makes no sense; give 0 or more.")
    _make_home(settings.data / ".prefect")
    _check(settings, source, brand)
    started = time.monotonic()
    if not os.environ.get("PREFECT_API_URL"):
        say("Starting Prefect's embedded server; this takes 15 to 40 seconds.")
    command = [sys.executable, "-m", "flows.run", "--watch", str(settings.watch_path)]
    for name in source:
        command += ["--source", name]
    for name in brand:
        command += ["--brand", name]
    returned = _run_to_its_end([*command, "--leave-with-caller"], _environment(settings.data))
    if returned == UsageError.exit_code:
        return returned  # nothing was run, so there is nothing new to show
    if not settings.casebook.exists():
        return _exit_code(returned) or 1
    with open_snapshot(settings.casebook) as snapshot:
        cases = find_cases(snapshot, limit=max(top, 1))
    columns = ("case_id", "band", "score", "brand", "subject", "kind", "reasons")
    rows = [case if json else {**case, "reasons": case["reasons"][:2]} for case in cases]
    if top:
        emit(rows, columns, as_json=json, empty="No cases yet.")
    if returned == 0 and cases and not json:
        _next_steps(settings.casebook, settings.watch_path, cases, time.monotonic() - started)
    return _exit_code(returned)


def _run_to_its_end(command: list[str], environment: dict[str, str]) -> int:
    """The flow's own return code. It holds the other end of a pipe and stops when that closes.

    So that a run whose caller was killed does not go on unseen.
    """
    # Our own interpreter and module; paths and names are arguments, never a shell's text.
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as flow:  # noqa: S603
        return flow.wait()


def _exit_code(returned: int) -> int:
    """0, 1 or 2, whatever became of the flow's process."""
    if returned < 0:
        say(f"namaak: the run was killed (signal {-returned}); run it again to go on.")
    return returned if returned in (0, 1, 2) else 1


def _check(settings: Settings, sources: tuple[str, ...], brands: tuple[str, ...]) -> None:
    """Tell what is wrong with the request before a server is started for it."""
    from namaak.enrolment import enrol
    from namaak.gathering import wanted_sources

    enrol(settings.watch, detectors="", only=brands)
    if not any(source.reads_anything() for source in wanted_sources(settings.watch, only=sources)):
        say("No list or folder is named in the watch file; add one, as [[sources.files.inputs]].")


def _make_home(home: Path) -> None:
    """Make Prefect's folder, and see that it can be written.

    Its server would wait five minutes before it says that it cannot start there.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / ".writable").touch()
        free = shutil.disk_usage(home).free
    except OSError as error:
        raise LakeError(
            f"The data folder {home.parent} cannot be written ({error.strerror}); mend its rights "
            "or name another one in the watch file or with NAMAAK_DATA."
        ) from None
    if free < _LEAST_FREE:
        raise LakeError(
            f"Only {free / 1e6:.0f} MB are free for {home.parent}, and a run needs "
            f"{_LEAST_FREE / 1e6:.0f} MB to begin; free some space or name another data folder."
        )


def _environment(data: Path) -> dict[str, str]:
    """Prefect's settings for a run by hand; whatever the person has set wins."""
    defaults = {
        "PREFECT_HOME": str(data / ".prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        # Errors of ours come out as one sentence; Prefect would print each three times.
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
        "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
        "DO_NOT_TRACK": "1",
    }
    return {**defaults, **os.environ}


def _next_steps(casebook: Path, watch: Path, cases: list[dict[str, object]], took_s: float) -> None:
    worst = str(cases[0]["case_id"]) if cases else "NK-..."
    # What was given with --watch must be given again, unless it is found by itself.
    default = watch == Path("watch.toml").absolute() or bool(os.environ.get("NAMAAK_WATCH"))
    option = "" if default else f" --watch {_short(watch)}"
    installed = Path(sys.argv[0]).name == "namaak"
    program = "namaak" if installed else f"{_short(Path(sys.executable))} -m namaak"
    say(f"Done in {took_s:.0f} seconds.")
    say(f"The casebook: {_short(casebook)} (read-only, for any DuckDB client)")
    steps = (
        (f"case {worst}", "why it ranks where it does"),
        (f"pack {worst} --output packs", "an evidence pack to look into"),
        (f"triage {worst} confirm", "take a decision; it is kept for ever"),
    )
    commands = [f"{program} {command}{option}" for command, _ in steps]
    say("Try next:")
    for command, (_, why) in zip(commands, steps, strict=True):
        say(f"  {command:<{max(map(len, commands))}}  {why}")


def _short(path: Path) -> str:
    """Relative to here where that is shorter; the interpreter's symlink is not followed."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
