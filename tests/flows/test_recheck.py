"""The flow that looks again: what is due, once; off it asks nobody; late answers are marked."""

from __future__ import annotations

import importlib

import pytest

from namaak.casework.casebook import Casebook
from namaak.casework.lifecycle import Decision
from namaak.casework.reading import open_snapshot, read_rows
from namaak.records import case_id
from namaak.settings import load_settings
from tests.casework.notices.world import HOUR, World
from tests.casework.notices.world import LOGIN_ID as ACME_LOGIN_ID
from tests.enriching.cases import NOW, host_match, made
from tests.peers import nsd, soa

LOGIN = "waldermond-login.test"
LOGIN_ID = case_id("waldermond", f"host:{LOGIN}")


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch):
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    monkeypatch.delenv("NAMAAK_WATCH", raising=False)


@pytest.fixture
def settings(tmp_path, tmp_path_factory):
    with nsd({"test": soa()}, tmp_path_factory.mktemp("zones")) as zones:
        table = f'resolvers = ["{zones.address}"]\n[follow_up]\nenabled = true\n'
        settings = made(tmp_path, table, [host_match(LOGIN)])
        with writing(settings) as book:
            book.decide(LOGIN_ID, Decision(kind="confirm"), actor="ann", now=NOW)
        yield settings


def writing(settings):
    return Casebook.writing(working=settings.working_casebook, published=settings.casebook)


@pytest.fixture
def flow():
    """The module; imported late, because Prefect takes seconds."""
    return importlib.import_module("flows.recheck")


def checks(settings) -> list[dict]:
    with open_snapshot(settings.casebook) as con:
        return list(read_rows(con, "from checks"))


@pytest.mark.peer
def test_what_is_due_is_looked_at_once(flow, settings):
    (told,) = flow.look_at_cases.fn(settings)
    assert told.case_id == LOGIN_ID
    assert "name a second one in [[vantages]]" in told.says
    assert flow.look_at_cases.fn(settings) == []
    assert len(checks(settings)) == 1


@pytest.mark.peer
def test_killed_before_it_recorded_it_looks_again_and_nothing_is_doubled(
    flow, settings, monkeypatch
):
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Casebook, "record_checks", killed)
        with pytest.raises(KeyboardInterrupt):
            flow.look_at_cases.fn(settings)
    assert checks(settings) == []
    assert len(flow.look_at_cases.fn(settings)) == 1
    assert len(checks(settings)) == 1


@pytest.mark.peer
def test_off_it_asks_nobody(flow, settings):
    text = settings.watch_path.read_text().replace("enabled = true", "enabled = false")
    settings.watch_path.write_text(text)
    assert flow.look_at_cases.fn(flow.environment_settings(settings.watch_path)) == []
    assert checks(settings) == []


def test_what_nobody_answered_is_marked_and_its_next_step_proposed_once(
    flow, tmp_path, monkeypatch
):
    """And on every run where nothing is due, nothing is published."""
    world = World(tmp_path)
    world.fill()
    action = world.sent()
    world.publish()
    settings = load_settings(tmp_path / "watch.toml", {})
    due_at, before = world.row(action)["due_at"], world.files()
    monkeypatch.setattr(flow, "_now", lambda: due_at - HOUR)
    assert flow.mark_unanswered.fn(settings) == []
    assert flow.propose_next_steps.fn(settings) == 0
    assert world.files() == before
    monkeypatch.setattr(flow, "_now", lambda: due_at)
    assert flow.mark_unanswered.fn(settings) == [action]
    assert flow.propose_next_steps.fn(settings) == 1
    proposed, before = world.told(ACME_LOGIN_ID, "proposed"), world.files()
    assert proposed
    assert flow.mark_unanswered.fn(settings) == []
    assert flow.propose_next_steps.fn(settings) == 1
    assert world.files() == before
    settings.casebook.unlink()
    assert flow.mark_unanswered.fn(settings) == []


@pytest.mark.prefect
@pytest.mark.peer
def test_the_flow_runs_on_prefects_own_server(flow, settings, tmp_path_factory):
    from prefect.settings import PREFECT_HOME, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    home = {PREFECT_HOME: tmp_path_factory.mktemp("prefect")}
    with temporary_settings(home), prefect_test_harness(server_startup_timeout=300):
        done = flow.recheck(watch=str(settings.watch_path))
        assert done == {"looked_at": 1, "unanswered": 0, "proposed": 0}
        assert flow.recheck(watch=str(settings.watch_path))["looked_at"] == 0
