"""The house as a whole: what starts at once, what is locked, what never stands in a file."""

from __future__ import annotations

import json
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import namaak.cli
from namaak import sqlfiles

ROOT = Path(__file__).resolve().parents[1]
WATCH = """
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
"""
#: Modules that take seconds or belong to the flows alone.
SLOW = ("prefect", "fastapi", "sqlalchemy", "flows")
LOADED = f"""
import json, sys
print(json.dumps([name for name in sys.modules if name.split(".")[0] in {SLOW!r}]))
"""
COMMANDS = sorted(name for name in namaak.cli.app if not name.startswith("-"))
COMMAND_MODULES = sorted(
    f"namaak.cli.{module.name}" for module in pkgutil.iter_modules(namaak.cli.__path__)
)


@pytest.fixture
def python(tmp_path):
    """Run a program in an empty folder; the last line of its stdout, as JSON."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NAMAAK_")}

    def run(program: str) -> object:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, check=False, capture_output=True,
            text=True, env={**kept, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_importing_the_command_line_imports_no_prefect(python):
    imports = "".join(f"import {name}\n" for name in ("namaak.cli", *COMMAND_MODULES))
    assert python(imports + LOADED) == []


def test_commands_run_to_their_end_without_prefect(tmp_path, python):
    (tmp_path / "watch.toml").write_text(WATCH)
    # Only the casebook of a run is missing here; what reads it opens an empty one.
    program = f"""
from pathlib import Path
from namaak.casework.casebook import Casebook
from namaak.cli import invoke
from namaak.settings import load_settings
settings = load_settings(Path("watch.toml"), {{}})
with Casebook.writing(working=settings.working_casebook, published=settings.casebook):
    pass
for command in (["match", "waldermond-login.test"], ["cases"], ["sql", "from inbox"], ["check"],
                ["export"], ["doctor"], ["case", "NK-0000", "--json"], ["init", "Acme", "-o", "a"]):
    assert invoke(command) == (2 if command[0] == "case" else 0), command
{LOADED}"""
    assert python(program) == []


def _tracked() -> list[Path]:
    """Every file that belongs to the house: known to git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a checkout: git does not know this folder")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_the_lock_has_hashes_for_everything_and_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE)
    pinned = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(pinned) > 50
    for requirement in pinned:
        name = requirement.split()[0]
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9, -]+\])?==[^ ;]+", requirement), name
        assert "--hash=sha256:" in requirement, name


def test_what_is_locked_with_extras_is_locked_without_them_too():
    """pip 23 refuses the lock otherwise, where one dependant wants extras and another does not."""
    pinned = re.findall(
        r"^([A-Za-z0-9._-]+)(\[[^\]]*\])?==(\S+)",
        (ROOT / "requirements.lock").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    bare = {(name, version) for name, extras, version in pinned if not extras}
    extra = {(name, version) for name, extras, version in pinned if extras}
    assert extra
    assert extra <= bare


def test_every_direct_dependency_is_in_the_lock():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    for requirement in wanted:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower()
        name = re.sub(r"[-_.]+", "-", name)  # as the packaging standards fold names
        assert re.search(rf"^{re.escape(name)}(\[[a-z0-9, ]+\])?==", lock, re.MULTILINE), name


def test_no_file_tells_of_a_machine_or_of_a_registry():
    # In pieces, so that this file holds none of them itself.
    telling = re.compile(
        rb"/(?:wo" + rb"rk|ro" + rb"ot|ho" + rb"me|Us" + rb"ers|op" + rb"t)/[A-Za-z0-9]"
        rb"|(?:pypi|simple|files|registry|index)[.-][a-z0-9.-]*"
        rb"(?:pythonhosted|pypi|npmjs|artifactory|nexus)[a-z0-9.-]*/"
        rb"|--(?:extra-)?index-" + rb"url"
    )
    found = []
    for path in _tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            found += [
                f"{path.relative_to(ROOT)}: {hit[0].decode(errors='replace')}"
                for hit in telling.finditer(content)
            ]
    assert found == []


def test_every_sql_file_of_the_lake_says_what_it_is_its_grain_and_its_key():
    """Those of the casebook are looked at in tests/casework/test_sql.py."""
    # A single row needs no key, and neither does no row at all.
    keyed = re.compile(r"^-- Grain.*: (?:none\b|one row\.$|.*\b[Kk]ey\b)|^-- Grain and key: ", re.M)
    for path in (sqlfiles.sql_folder() / "lake").glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert re.match(r"-- [A-Z]", text), path.name
        assert keyed.search(text), path.name


def test_no_folder_of_sql_is_left_unread():
    folders = {path.parent.name for path in sqlfiles.sql_folder().rglob("*.sql")}
    assert folders == {
        "casebook", "forgetting", "lake", "macros", "measures", "migrations", "permutations",
        "portraits", "profiles", "queries", "retention", "views", "wearing",
    }  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_mentions_every_command(command):
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("there is no README.md yet")
    assert re.search(rf"namaak {command}\b", readme.read_text(encoding="utf-8"))


def test_sql_stands_in_sql_files_only():
    statement = re.compile(
        r"""["'](?:select .+ from|insert into|update \w+ set|delete from|create (?:table|view)) """,
        re.IGNORECASE,
    )
    for room in ("namaak", "detectors", "flows"):
        for path in (ROOT / room).rglob("*.py"):
            hit = statement.search(path.read_text(encoding="utf-8"))
            assert hit is None, f"{path.relative_to(ROOT)}: {hit}"
