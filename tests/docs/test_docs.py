"""The documentation says what the program does: checked here, so that it cannot drift."""

from __future__ import annotations

import inspect
import re
import shlex
import shutil
import subprocess
import types
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cyclopts import CycloptsError
from pydantic import BaseModel

from detectors import observations
from detectors.names.terms import rule_for
from detectors.suffixes import registrable_domain
from docs import make_cli_reference, make_weights
from namaak.brands import WatchFile
from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.casework.events import EventKind
from namaak.casework.lifecycle import TRANSITIONS, ReasonCode
from namaak.casework.reading import open_snapshot, read_rows
from namaak.casework.subjects import host_domains, subject_texts
from namaak.cli import app, invoke
from namaak.decoding.reading import decoded_logos, kept_pictures
from namaak.decoding.workers import Decoders
from namaak.enrolment import enrol
from namaak.gathering import gather_instance, open_instances, wanted_sources
from namaak.health import examine
from namaak.lake import Lake
from namaak.records import (
    ENRICHMENT_SCHEMA,
    MATCH_SCHEMA,
    OBSERVATION_SCHEMA,
    Band,
    Resemblance,
    SubjectKind,
    SubjectState,
    Trust,
    Workflow,
)
from namaak.settings import Settings, load_settings
from namaak.sources import discover
from namaak.sources.lists.columns import ALIASES
from namaak.sources.lists.opening import FORMATS
from namaak.sqlfiles import sql_files
from namaak.wearing import pictures, worn_pictures

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*DOCS.rglob("*.md"), *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING",
     "CHANGELOG", "SECURITY"))]
)  # fmt: skip
REFERENCE = DOCS / "reference"
COMMANDS = dict(make_cli_reference.commands())


def _name(page: object) -> str:
    return str(page.relative_to(ROOT)) if isinstance(page, Path) else str(page)


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


# What is generated


def test_the_page_of_commands_is_current() -> None:
    made = make_cli_reference.reference()
    assert _text(make_cli_reference.PAGE) == made, "run `python -m docs.make_cli_reference`"


def test_the_page_of_weights_is_current() -> None:
    assert _text(make_weights.PAGE) == make_weights.page(), "run `python -m docs.make_weights`"


def test_the_page_of_commands_has_every_option_of_every_command() -> None:
    page = _text(make_cli_reference.PAGE)
    for name, command in COMMANDS.items():
        section = page.partition(f"\n## namaak {name}\n")[2].partition("\n## ")[0]
        taken = inspect.signature(command.default_command).parameters
        assert len(make_cli_reference.options(command)) == len(taken) > 0
        for argument in make_cli_reference.options(command):
            assert argument.parameter.help, f"{name} {argument.names} is not explained"
            if not make_cli_reference.is_positional(argument):
                assert all(f"`{option}`" in section for option in argument.names), name


# What the reference must mention


def test_every_command_is_in_the_readme() -> None:
    readme = _text(ROOT / "README.md")
    for name in COMMANDS:
        assert f"| `namaak {name}" in readme, f"the table of commands lacks {name}"


def test_the_readme_lists_no_command_that_does_not_exist() -> None:
    named = re.findall(r"^\| `namaak ([a-z]+(?: [a-z]+)?)", _text(ROOT / "README.md"), re.M)
    assert set(named) == {*COMMANDS}


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            if inspect.isclass(part) and issubclass(part, BaseModel):
                yield from _models(part)


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for part in typing.get_args(annotation):
            yield from _parts(part)


def test_every_key_of_the_watch_file_is_explained() -> None:
    page = _text(REFERENCE / "watch-file.md")
    configured = [source.Config for source in discover().values()]
    ours = {
        *("brands", "sources", "watch", "organisation", "enrichment", "retention", "folder"),
        *("evidence", "vantages", "notices", "follow_up", "alerts"),
    }
    for top in (WatchFile, *configured):
        for model in _models(top):
            for key in model.model_fields.keys() - ours:
                assert f"| `{key}` |" in page, f"{model.__name__}.{key}"
    for table in (
        "[watch]", "[organisation]", "[enrichment]", "[retention]", "[brands.<id>]",
        "[evidence]", "[[vantages]]", "[notices]", "[follow_up]", "[alerts]",
        "[sources.<name>]",
    ):  # fmt: skip
        assert f"`{table}`" in page


def test_no_key_is_explained_that_the_watch_file_does_not_have() -> None:
    known = {"enabled"}
    for top in (WatchFile, *(source.Config for source in discover().values())):
        for model in _models(top):
            known |= model.model_fields.keys()
    page = _text(REFERENCE / "watch-file.md")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.M)) <= known


def test_the_whole_watch_file_of_the_reference_is_sound(tmp_path: Path) -> None:
    page = _text(REFERENCE / "watch-file.md")
    (tmp_path / "watch.toml").write_text(re.findall(r"```toml\n(.*?)```", page, re.S)[-1])
    assert load_settings(tmp_path / "watch.toml", {}).watch.brands["acme"].name == "Acme Bank"


@pytest.mark.parametrize("folder", ["views", "queries"])
def test_every_view_and_query_is_in_the_reference(folder: str) -> None:
    page = _text(REFERENCE / "casebook.md")
    for file in sql_files(folder):
        assert f"\n| `{file.name}` | " in page, file.name


def test_every_table_event_and_state_is_in_the_reference(casebook: Settings) -> None:
    page = _text(REFERENCE / "casebook.md")
    with open_snapshot(casebook.casebook) as snapshot:
        tables = [row["name"] for row in read_rows(snapshot, "show tables")]
    views = {file.name for file in sql_files("views")}
    for table in set(tables) - views:
        assert f"| `{table}` |" in page, table
    for kind in EventKind:
        assert f"`{kind}`" in page, kind


def test_every_word_and_column_of_the_records_is_in_the_reference() -> None:
    page = _text(REFERENCE / "records.md")
    words = [*Band, *Workflow, *SubjectState, *Resemblance, *SubjectKind, *ReasonCode, *Trust]
    columns = [*OBSERVATION_SCHEMA.names, *MATCH_SCHEMA.names, *ENRICHMENT_SCHEMA.names]
    for word in (*words, *columns):
        assert f"`{word}`" in page, word


def test_the_table_of_decisions_is_the_programs() -> None:
    page = _text(REFERENCE / "records.md")
    for transition in TRANSITIONS:
        row = re.search(rf"^\| `{transition.decision}` \| ([^|]*) \| ([^|]*) \|", page, re.M)
        assert row, transition.decision
        start = set(row[1].split(", "))
        if row[1] == "all":
            start = set(Workflow)
        elif row[1].startswith("all but "):
            start = set(Workflow) - {Workflow(row[1].removeprefix("all but "))}
        assert start == set(transition.start), transition.decision
        assert row[2] == (transition.to or "as it was")


def test_every_source_column_and_ending_is_in_the_reference() -> None:
    page = _text(REFERENCE / "sources.md")
    for name, source in discover().items():
        assert f"`{name}`" in page
        assert source.cursor in page
    for fields in ALIASES.values():
        for field, aliases in fields.items():
            assert f"| `{field}` |" in page
            assert all(re.search(rf"\b{alias}\b", page) for alias in aliases), field
    for ending in filter(None, FORMATS):
        assert f"`{ending}`" in page, ending


def test_the_rules_by_length_are_the_programs() -> None:
    page = _text(DOCS / "explanation" / "matching.md")
    rows = re.findall(r"^\| (\d+)[^|]*\| (\d) \| (\d|not looked for) \| ([^|]*)\|", page, re.M)
    *rows, common = rows
    assert [int(length) for length, *_ in rows] == [2, 3, 4, 6, 12]
    for row, (length, token, inside, note) in enumerate(rows):
        last = int(rows[row + 1][0]) - 1 if row + 1 < len(rows) else 40
        for letters in (int(length), last):
            rule = rule_for(letters, common_word=False)
            assert rule.token_edits == int(token)
            assert rule.inside_edits == (-1 if inside == "not looked for" else int(inside))
            assert rule.edge == ("edge" in note)
    rule = rule_for(int(common[0]), common_word=True)
    assert (rule.token_edits, rule.inside_edits) == (int(common[1]), int(common[2]))


def test_every_environment_variable_the_code_reads_is_in_the_reference() -> None:
    page = _text(REFERENCE / "environment.md")
    for path in (ROOT / "namaak").rglob("*.py"):
        for name in re.findall(r"\b(?:NAMAAK|PREFECT)_[A-Z_]+\b", _text(path)):
            assert f"`{name}`" in page, f"{name} in {path.name}"


# What the pages point to


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", _text(page), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), target
        if anchor:
            assert anchor in {_anchor(h) for h in re.findall(r"^#+ (.*)$", _text(aim), re.M)}, (
                anchor
            )


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_page_is_reached_from_the_readme(page: Path) -> None:
    seen: set[Path] = set()
    due = [ROOT / "README.md"]
    while due:
        here = due.pop()
        if here in seen or here.suffix != ".md":
            continue
        seen.add(here)
        for target in re.findall(r"\]\(([^)\s#]+)", _text(here)):
            if "://" not in target:
                due.append((here.parent / target).resolve())
    assert page in seen


def test_pages_that_the_code_names_exist() -> None:
    rooms = ("namaak", "detectors", "flows", "sql", "tests", "examples")
    for path in (path for room in rooms for path in (ROOT / room).rglob("*")):
        if path.suffix in (".py", ".sql", ".toml", ".jinja") and "namaak-data" not in path.parts:
            for named in re.findall(r"\bdocs/[\w/-]+\.(?:md|py)", _text(path)):
                assert (ROOT / named).is_file(), f"{path.name} names {named}"


def test_files_of_the_house_that_pages_name_exist() -> None:
    shape = r"`((?:namaak|detectors|flows|sql|examples|docs|\.ci)/[\w./-]*)`"
    for page in PAGES:
        for named in re.findall(shape, _text(page)):
            assert (ROOT / named).exists(), f"{_name(page)} names {named}"


# What the pages tell people to type


def _blocks(page: Path) -> Iterator[tuple[bool, str]]:
    """(to be run here, text) of every block of shell."""
    for mark, text in re.findall(r"(<!-- runs -->\n)?```sh\n(.*?)```", _text(page), re.S):
        yield bool(mark), text


def _typed(page: Path) -> Iterator[str]:
    """Every call of namaak in shell blocks and tables, without what the shell does with it."""
    lines = [line for _, block in _blocks(page) for line in block.splitlines()]
    lines += re.findall(r"`(namaak [a-z]+ [^`]*)`", _text(page))
    for line in lines:
        call = re.match(r"(?:\.venv/bin/python -m )?namaak (.*)", line)
        # A name that is mentioned is not typed.
        if call and call[1] not in COMMANDS:
            yield call[1]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_in_the_pages_are_understood(page: Path) -> None:
    for call in _typed(page):
        tokens = shlex.split(re.sub(r"\.\.\.|\bCOMMAND\b|\[[^]]*\]", "", call))
        if not tokens or tokens[0].startswith("-"):
            continue
        try:
            app.parse_args(tokens, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            raise AssertionError(f"namaak {call}: {error}") from None


def test_make_targets_in_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", _text(ROOT / "Makefile"), re.M))
    for page in PAGES:
        for _, block in _blocks(page):
            assert set(re.findall(r"^make ([a-z]+)$", block, re.M)) <= targets


def test_deployments_in_the_pages_are_those_of_prefect_yaml() -> None:
    settings = _text(ROOT / "prefect.yaml")
    names = re.findall(r"^  - name: (\S+)\n    entrypoint: \S+:(\w+)$", settings, re.M)
    deployed = {f"{flow}/{name}" for name, flow in names}
    page = _text(DOCS / "how-to" / "schedule.md")
    assert deployed == set(re.findall(r"^\| `(\w+/[\w-]+)`", page, re.M))
    assert re.search(r"^    name: namaak$", settings, re.M), "pages start a pool named namaak"


@pytest.fixture(scope="module")
def casebook(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The examples gathered, matched and ranked, as the flows do it but without Prefect."""
    data = tmp_path_factory.mktemp("data")
    settings = load_settings(ROOT / "examples" / "watch.toml", {"NAMAAK_DATA": str(data)})
    now = datetime.now(UTC)
    for source, instance in open_instances(wanted_sources(settings.watch)):
        gather_instance(source, instance, settings.lake, now=lambda: now)
    enrolled = enrol(settings.watch, detectors=observations.version())
    with (
        Decoders() as decoders,
        Lake(settings.lake) as lake,
        Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book,
    ):
        watchlist = observations.compile_watchlist(
            enrolled.brands, decoded_logos(enrolled.logos, decoders)
        )
        read = partial(kept_pictures, read_image=lake.read_image, decoders=decoders)
        for work in lake.pending(enrolled.fingerprints):
            for batch_id in work.batch_ids:
                found = observations.match_observations(
                    lake.observations(batch_id), watchlist, read
                )
                lake.record_matches(
                    batch_id, enrolled.fingerprints, found.matches,
                    pictures=found.pictures, detected_at=now,
                )  # fmt: skip
        book.record_brands(enrolled.brands, enrolled.fingerprints, now=now)
        names = {brand: enrolled.brands[brand].name for brand in enrolled.brands}
        book.record_worn_pictures(
            worn_pictures(lake), rank=ranking.rank, brand_names=names, now=now,
            rank_version=ranking.VERSION,
        )  # fmt: skip
        for file in lake.match_files():
            matches = lake.matches(file)
            book.load_matches(
                matches, file=file.name, rank=ranking.rank, brand_names=names,
                subjects=subject_texts(lake.observations(file.batch_id), matches),
                domains=host_domains(matches, registrable_domain),
                now=now, rank_version=ranking.VERSION,
            )  # fmt: skip
        book.record_pictures(pictures(lake, book.wanted_pictures()), lake.picture_outcomes())
        book.record_coverage(**lake.coverage().tables())
    return settings


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(runs for runs, _ in _blocks(page))], ids=_name
)
def test_what_the_page_says_to_run_runs(
    page: Path,
    casebook: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    # Pages share the casebook, and each decides from the beginning.
    shutil.copytree(casebook.data, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NAMAAK_WATCH", "examples/watch.toml")
    monkeypatch.setenv("NAMAAK_DATA", str(tmp_path / "data"))
    lines = [line for runs, block in _blocks(page) if runs for line in block.splitlines()]
    for line in lines:
        if line.startswith("namaak "):
            # In this process: starting Python for each line would take most of the time.
            words = _shell(f"printf '%s\\0' {line}").split("\0")[1:-1]
            code = invoke(words)
            told = capsys.readouterr()
            assert code == 0, f"{line}: {told.err}"
            assert told.out, f"{line} should have an answer where people are shown it"
        else:
            _shell(line)


def _shell(line: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout


def test_the_health_check_of_a_lake_made_so_has_nothing_wrong(casebook: Settings) -> None:
    found = examine(casebook.watch_path, {"NAMAAK_DATA": str(casebook.data)}, now=datetime.now(UTC))
    assert [check.says for check in found if check.state == "wrong"] == []


def test_the_hash_chain_is_recomputed_by_the_recipe_of_the_reference(casebook: Settings) -> None:
    import hashlib
    import json

    with open_snapshot(casebook.casebook) as snapshot:
        rows = list(read_rows(snapshot, "from events order by seq"))
    previous: dict[str, str] = {}
    chain = "0" * 64
    for row in rows:
        document = {name: row[name] for name in ("actor", "case_id", "case_seq", "kind")}
        document["data"] = json.loads(row["data"])
        document["happened_at"] = row["happened_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        document["previous_hash"] = previous.get(row["case_id"], "0" * 64)
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(text.encode()).hexdigest() == row["hash"]
        chain = hashlib.sha256((chain + row["hash"]).encode()).hexdigest()
        assert chain == row["chain_hash"]
        previous[row["case_id"]] = row["hash"]
    assert len(rows) > 100


def test_pages_are_plain_and_finished() -> None:
    for page in PAGES:
        text = _text(page)
        assert not re.search(r"\b(?:TODO|TBD|FIXME|XXX)\b|@@", text), page
        assert not re.search(r"https?://img\.shields|\]\(https?://[^)]*badge", text), page
