"""The program as a whole: its help, its exit codes, and how it behaves in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs.make_cli_reference import commands
from namaak import __version__
from namaak.cli import invoke
from namaak.errors import SourceError

ROOT = Path(__file__).resolve().parents[2]
WATCH = """
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
"""
NAMED = dict(commands())
COMMANDS = sorted(NAMED)
NAMAAK = [sys.executable, "-m", "namaak"]


@pytest.fixture
def environment():
    # PYTHONUNBUFFERED would hide what happens to the last buffer when the reader is gone.
    ours = ("NAMAAK_", "PYTHONUNBUFFERED")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**kept, "PYTHONPATH": str(ROOT)}


def test_every_command_that_the_house_promises_is_there():
    assert set(COMMANDS) >= {
        "run", "init", "check", "match", "cases", "case", "triage", "pack", "verify", "export",
        "sql", "doctor",
    }  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_explains_itself_and_every_option(command, capsys):
    assert invoke([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert f"namaak {command}" in text
    for argument in NAMED[command].assemble_argument_collection(parse_docstring=True):
        name = argument.names[0]
        assert name in text
        assert argument.parameter.help, f"{command} {name} says nothing about itself"


def test_an_option_that_many_commands_have_is_explained_by_all_in_the_same_words():
    """But where it is another thing: a sweep needs no watch file."""
    told = {}
    for command, named in NAMED.items():
        for argument in named.assemble_argument_collection(parse_docstring=True):
            told.setdefault(argument.names[0], {})[command] = str(argument.parameter.help)
    assert told["--watch"].pop("sweep").startswith("The watch file, if there is one; else NAMAAK")
    assert set(told["--watch"].values()) == {
        "The watch file; else NAMAAK_WATCH, else ./watch.toml."
    }
    for says in told["--actor"].values():
        assert says.startswith("Who ")
        assert says.endswith("; else NAMAAK_ACTOR, else the name you are logged in with.")
    assert told["--json"].pop("export") == "The same as --format json."
    assert all(says.startswith("One JSON object") for says in told["--json"].values())


def test_the_program_names_every_command_and_its_version(capsys):
    assert invoke(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"│ {command.split()[0]} " in text for command in COMMANDS)
    assert invoke(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_an_unknown_command_is_wrong_use(capsys):
    assert invoke(["destroy"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "destroy" in told.err


def test_an_error_keeps_its_lines_and_moves_no_cursor(monkeypatch, capsys):
    def fail(*_, **__):
        raise SourceError("The log \x1b[2Jx\u202e says:\n  no.")

    monkeypatch.setattr("namaak.cli.app", fail)
    assert invoke(["doctor"]) == SourceError.exit_code
    assert capsys.readouterr().err == "namaak: The log \\x1b[2Jx\\u202e says:\n  no.\n"


def test_the_exit_code_reaches_the_shell(tmp_path, environment):
    done = subprocess.run(
        [*NAMAAK, "check"], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("namaak: ")
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_costs_no_complaint(tmp_path, environment):
    """`namaak match | head -1`, with far more to say than a pipe holds."""
    (tmp_path / "watch.toml").write_text(WATCH)
    names = "".join(f"waldermond-login{number}.test\n" for number in range(5000))
    (tmp_path / "names.txt").write_text(names)
    with (tmp_path / "names.txt").open() as given:
        ours = subprocess.Popen(
            [*NAMAAK, "match", "--json"], cwd=tmp_path, env=environment, stdin=given,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    assert ours.stdout is not None
    assert ours.stderr is not None
    assert b"waldermond-login0.test" in ours.stdout.readline()
    ours.stdout.close()
    complaint = ours.stderr.read()
    ours.stderr.close()
    assert (ours.wait(), complaint) == (0, b"")


def test_a_reader_that_left_before_the_first_line_costs_no_complaint(tmp_path, environment):
    """`namaak sql list | true`, with less to say than a pipe holds."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*NAMAAK, "sql", "list"], cwd=tmp_path, env=environment, stdout=writing,
        stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
