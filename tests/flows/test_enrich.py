"""The flow that looks at hosts: what is due, once; and answers that nobody weighed yet."""

from __future__ import annotations

import importlib

import pytest

from namaak.answers import Answers
from namaak.brands import brand_fingerprint
from namaak.casework.reading import open_snapshot, read_case
from namaak.enrolment import enrol
from namaak.records import case_id
from tests.enriching.cases import host_match, made
from tests.peers import nsd, soa

LOGIN = "waldermond-login.test"
LOGIN_ID = case_id("waldermond", f"host:{LOGIN}")


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch):
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    monkeypatch.delenv("NAMAAK_WATCH", raising=False)


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    texts = {"test": soa() + "waldermond-login 300 IN MX 10 mx.mail.example.\n"}
    with nsd(texts, tmp_path_factory.mktemp("zones")) as served:
        yield served


@pytest.fixture
def settings(tmp_path, zones):
    table = f'enabled = true\nresolvers = ["{zones.address}"]\naspects = ["dns"]'
    return made(tmp_path, table, [host_match(LOGIN, odds=1.0)])


@pytest.fixture
def flow():
    """The module; imported late, because Prefect takes seconds."""
    return importlib.import_module("flows.enrich")


def case(settings):
    with open_snapshot(settings.casebook) as snapshot:
        return read_case(snapshot, LOGIN_ID)


@pytest.mark.peer
def test_what_is_due_is_asked_once_and_weighed_once(flow, settings):
    enrolled = enrol(settings.watch, detectors="")
    assert flow.look_at_hosts.fn(settings, enrolled).hosts == 1
    assert len(flow.weigh_looks.fn(settings, enrolled).moved) == 1
    first = case(settings)
    assert "dns.mail-without-web" in {signal["name"] for signal in first.signals}
    assert flow.look_at_hosts.fn(settings, enrolled).hosts == 0
    assert flow.weigh_looks.fn(settings, enrolled).cases_refreshed == 0
    assert case(settings) == first


@pytest.mark.peer
def test_answers_that_a_killed_run_had_stored_are_weighed_by_the_next(flow, settings):
    enrolled = enrol(settings.watch, detectors="")
    flow.look_at_hosts.fn(settings, enrolled)
    assert case(settings).enrichments == []
    assert len(flow.weigh_looks.fn(settings, enrolled).moved) == 1


@pytest.mark.peer
def test_a_brand_described_otherwise_has_its_answers_read_again(flow, settings):
    enrolled = enrol(settings.watch, detectors="")
    flow.look_at_hosts.fn(settings, enrolled)
    flow.weigh_looks.fn(settings, enrolled)
    text = settings.watch_path.read_text()
    settings.watch_path.write_text(
        text.replace('["waldermond.example"]', '["waldermond.example", "w.example"]')
    )
    anew = enrol(flow.environment_settings(settings.watch_path).watch, detectors="")
    before = case(settings)
    flow.weigh_looks.fn(settings, anew)
    after = case(settings)
    # Read again, and nothing new in it: the case stands as it stood.
    assert (after.case, after.events) == (before.case, before.events)
    with open_snapshot(settings.casebook) as con:
        (reader,) = con.execute("select reader from site_traits").fetchone()
    assert reader.endswith(brand_fingerprint(anew.brands["waldermond"]))


@pytest.mark.prefect
@pytest.mark.peer
def test_the_flow_runs_on_prefects_own_server(flow, settings, tmp_path_factory, monkeypatch):
    from prefect.settings import PREFECT_HOME, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    home = {PREFECT_HOME: tmp_path_factory.mktemp("prefect")}
    with temporary_settings(home), prefect_test_harness(server_startup_timeout=300):
        assert flow.enrich(watch=str(settings.watch_path))["moved"] == 1
        # Off, it asks nobody; what is stored is still weighed, and nothing is new.
        text = settings.watch_path.read_text().replace("enabled = true", "enabled = false")
        settings.watch_path.write_text(text)
        with Answers(settings.lake) as answers:
            before = answers.last_asked()
        assert flow.enrich(watch=str(settings.watch_path)) == {"cases_refreshed": 0, "moved": 0}
        with Answers(settings.lake) as answers:
            assert answers.last_asked() == before
