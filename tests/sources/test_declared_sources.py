"""Every discovered source: what it declares, and its examples replayed."""

import contextlib
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from namaak.brands import parse_watch_file
from namaak.errors import WatchFileError
from namaak.records import OBSERVATION_SCHEMA, SubjectKind
from namaak.sources import discover, open_sources
from namaak.sources.base import excerpt
from tests.sources.replaying import replayed

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ALL = discover()
REPOSITORY = Path(__file__).parents[2]
EXAMPLES = [
    pytest.param(declared, example, id=f"{name}: {example.what}")
    for name, declared in ALL.items()
    for example in declared.examples
]
WATCH = """
[watch]
contact = "abuse@acme.example"
[brands.acme]
name = "ACME"
"""


@pytest.mark.parametrize("declared", ALL.values(), ids=list(ALL))
def test_a_source_declares_what_an_operator_must_know(declared):
    for line in (declared.name, declared.terms, declared.budget, declared.cursor):
        assert line.strip() and "\n" not in line
    assert declared.kinds <= frozenset(SubjectKind) and declared.kinds
    assert declared.examples


@pytest.mark.parametrize(("declared", "example"), EXAMPLES)
def test_an_example_gives_the_observations_it_declares(declared, example, tmp_path):
    with replayed(example, tmp_path) as (table, given):
        source = declared(declared.Config.model_validate(table), given)
        found, rejects = gathered_from(declared, source)
    blank = dict.fromkeys(set(OBSERVATION_SCHEMA.names) - {"source", "instance", "observed_at"})
    assert len(found) == len(example.observations)
    for row, declares in zip(found, example.observations, strict=True):
        # What a whole profile shows as empty is absent, too; an example may name it all the same.
        absent = {name for name in set(row) - set(declares) if row[name] in ("", [])}
        assert row | dict.fromkeys(absent) == blank | dict(declares)
    assert len(rejects) == len(example.rejects)
    for reject, (position, reason) in zip(rejects, example.rejects, strict=True):
        assert reject.position == position
        assert reject.reason.startswith(reason)


@pytest.mark.parametrize(("declared", "example"), EXAMPLES)
def test_what_a_source_lacks_is_told_without_reading_or_asking_anything(
    declared, example, tmp_path
):
    with replayed(example, tmp_path) as (table, given):
        for environ in ({}, example.environ):
            source = declared(
                declared.Config.model_validate(table), replace(given, environ=environ)
            )
            with heard() as events:
                source.lacks()
                list(source.faults())
            assert events == []


_listening: list[list[str]] = []
_READS = ("socket.", "sqlite3.", "subprocess.")


def _hear(event, given):
    """No way leads back from such a hook: it says nothing as long as nobody listens."""
    # What comes with the programme itself (its tables, its modules) is no reading of anybody's.
    ours = (str(REPOSITORY), sys.prefix, sys.base_prefix)
    if _listening and (
        event.startswith(_READS) or (event == "open" and not str(given[0]).startswith(ours))
    ):
        _listening[-1].append(f"{event} {given[:1]}")


sys.addaudithook(_hear)


@contextlib.contextmanager
def heard():
    _listening.append([])
    try:
        yield _listening[-1]
    finally:
        _listening.pop()


def gathered_from(declared, source):
    found, rejects = [], []
    for instance in source.instances():
        for batch in source.batches(instance, observed_at=NOW):
            assert batch.observations.schema.equals(OBSERVATION_SCHEMA, check_metadata=True)
            assert batch.instance_id == instance.id
            rejects += batch.rejects
            for row in batch.observations.to_pylist():
                assert (row.pop("source"), row.pop("instance")) == (declared.name, instance.id)
                assert row.pop("observed_at") == NOW
                if row["image_sha256"] is not None:
                    assert row["image_sha256"] in batch.images
                for name in ("created_at", "source_time", "valid_from", "valid_to"):
                    row[name] = row[name] and row[name].isoformat()
                found.append(row)
    return found, rejects


def test_only_enabled_sources_are_opened():
    tables = '[sources.files]\nenabled = false\ninputs = "not even a list"\n'
    assert open_sources(parse_watch_file(WATCH + tables)) == []
    (source,) = open_sources(parse_watch_file(WATCH + "[sources.files]\n"))
    assert source.name == "files"


def test_all_faults_of_all_source_tables_are_told_at_once():
    tables = """
    [sources.flies]
    [sources.files]
    rows_per_batch = 0
    [[sources.files.inputs]]
    kind = "hots"
    """
    with pytest.raises(WatchFileError) as caught:
        open_sources(parse_watch_file(WATCH + tables))
    problems = caught.value.problems
    assert any(p.startswith("[sources] flies: is not a source namaak knows") for p in problems)
    assert "[sources.files.inputs[0]] path: is missing; add it" in problems
    assert any(p.startswith("[sources.files.inputs[0]] kind: ") for p in problems)
    assert any(p.startswith("[sources.files] rows_per_batch: ") for p in problems)
    assert str(caught.value).startswith("The watch file has 4 problems:")


def test_an_excerpt_shows_what_would_hide_and_stays_short():
    assert excerpt("a\x1b[2J\u202e") == "a\\x1b[2J\\u202e"
    assert excerpt(b"\xff\x00") == "\\xff\\x00"
    assert len(excerpt("\0" * 500)) == 200


def test_what_a_run_may_ask_is_counted_per_source():
    tables = """
    [sources.crtsh]
    enabled = true
    requests_per_run = 2
    megabytes_per_run = 1
    [sources.registrations]
    """
    bounded, free = open_sources(parse_watch_file(WATCH + tables))
    fetchers = [bounded.around.fetcher(), bounded.around.fetcher()]
    assert [fetchers[0].budget.request(), fetchers[1].budget.request()] == [None, None]
    assert "2 requests of this run are spent" in fetchers[0].budget.request()
    assert "bytes of this run are spent" in fetchers[0].budget.received(1_000_001)
    assert free.around.fetcher().budget.request() is None
