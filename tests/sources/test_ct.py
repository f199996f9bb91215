"""The source of certificate logs: which logs there are to read, and the list that says so."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from functools import partial

import pytest
from pydantic import ValidationError

from namaak.errors import Failure, SourceError
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.gathering import gather_instance
from namaak.lake import Lake
from namaak.sources.base import IntegrityError
from namaak.sources.ct import CertificateLogs, CtConfig
from tests.ct_log import CtLog, log_list, some_entries
from tests.peers import nginx
from tests.sources.certificates.one_log import serving
from tests.surroundings import CONTACT, around

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def _source(folder, *, now=NOW, fetcher=None, **table):
    return CertificateLogs(
        CtConfig.model_validate({"log_list": "logs.json"} | table),
        around(folder, now=now, fetcher=fetcher),
    )


def _labels(folder, **table):
    return [instance.label for instance in _source(folder, **table).instances()]


def _logs(folder, *entries):
    (folder / "logs.json").write_bytes(log_list(*entries))


def _entry(folder, name, **changed):
    log = CtLog(folder, origin=f"{name}.example/2026h2")
    return log.list_entry(f"https://{name}-tiles.example/") | {"description": name} | changed


def _state(name):
    return {name: {"timestamp": "2026-01-01T00:00:00Z"}}


def test_logs_are_instances_with_their_ids_and_names(tmp_path):
    log = CtLog(tmp_path, origin="one.example/2026h2")
    _logs(tmp_path, log.list_entry("https://tiles.example/"))
    (instance,) = _source(tmp_path).instances()
    assert instance.id == log.log_id.hex()
    assert instance.label == "Made-up log 'one.example/2026h2'"


def test_a_description_that_would_move_a_cursor_is_shown_and_not_obeyed(tmp_path):
    _logs(tmp_path, _entry(tmp_path, "one", description="Log\x1b[2J"))
    assert _labels(tmp_path) == ["Log\\x1b[2J"]


def test_logs_that_take_no_certificates_of_today_are_left_out(tmp_path):
    span = {"start_inclusive": "2026-01-01T00:00:00Z", "end_exclusive": "2026-07-01T00:00:00Z"}
    far = {"start_inclusive": "2028-01-01T00:00:00Z", "end_exclusive": "2028-07-01T00:00:00Z"}
    _logs(
        tmp_path,
        _entry(tmp_path, "now"),
        _entry(tmp_path, "over", temporal_interval=span),
        _entry(tmp_path, "far", temporal_interval=far),
        _entry(tmp_path, "pending", state=_state("pending")),
        _entry(tmp_path, "rejected", state=_state("rejected")),
        _entry(tmp_path, "closed", state=_state("readonly")),
        _entry(tmp_path, "retired", state=_state("retired")),
    )
    assert _labels(tmp_path) == ["now", "closed", "retired"]
    assert _labels(tmp_path, states=["pending"]) == ["pending"]
    assert "far" in _labels(tmp_path, certificate_days=600)


def test_logs_may_be_chosen_by_name_origin_id_or_operator(tmp_path):
    _logs(tmp_path, *(_entry(tmp_path, name) for name in ("alpha", "beta", "gamma")))
    chosen = CtLog(tmp_path, origin="gamma.example/2026h2").log_id.hex()
    assert _labels(tmp_path, logs=["ALPHA", chosen]) == ["alpha", "gamma"]
    assert _labels(tmp_path, logs=["beta.example/2026"]) == ["beta"]
    assert len(_labels(tmp_path, operators=["made-up"])) == 3
    with pytest.raises(SourceError, match=r"No log of logs\.json is wanted"):
        _labels(tmp_path, operators=["Somebody Else"])


def test_an_entry_of_the_list_that_is_wrong_is_a_refused_row_told_once(tmp_path):
    wrong = _entry(tmp_path, "wrong", log_id="AAAA")
    _logs(tmp_path, _entry(tmp_path, "right"), wrong)
    source = _source(tmp_path)
    told, right = source.instances()
    assert right.label == "right"
    for _ in range(2):
        gather_instance(source, told, tmp_path / "lake", now=lambda: NOW)
    with Lake(tmp_path / "lake") as lake:
        (reject,) = lake.coverage().rejects.to_pylist()
    assert reject["reason"] == "log_id is not the SHA-256 of key"
    assert reject["excerpt"] == "operators[0].tiled_logs[1]"


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"operators": 3}', b"\xff" * 100])
def test_a_list_that_is_none_is_said_to_be_none(tmp_path, content):
    (tmp_path / "logs.json").write_bytes(content)
    with pytest.raises(SourceError, match=r"The log list logs\.json"):
        _labels(tmp_path)


def test_a_list_that_is_not_there_is_a_fault_that_is_told_before_reading(tmp_path):
    (fault,) = _source(tmp_path).faults()
    assert fault.startswith("log_list: there is no logs.json")
    with pytest.raises(SourceError, match="mend `log_list`"):
        _labels(tmp_path)
    (tmp_path / "logs.json").touch()
    (fault,) = _source(tmp_path, mirror="copies").faults()
    assert fault.startswith("mirror: ")
    assert not list(_source(tmp_path, log_list="https://logs.example/list.json").faults())


@pytest.mark.parametrize(
    "table",
    [{"poll_s": 5}, {"trust": "blind"}, {"start": "middle"}, {"tiles_per_batch": 0},
     {"requests_per_second": 0}, {"partial_tile_after_s": 1}, {"states": ["good"]}, {"log": "x"}],
)  # fmt: skip
def test_a_table_that_would_be_impolite_or_means_nothing_is_refused(table):
    with pytest.raises(ValidationError):
        CtConfig.model_validate(table)


def test_how_often_a_host_is_asked_is_said_to_the_manners_before_it_is_asked(tmp_path):
    rates = {}

    class Watching(Manners):
        def set_rate(self, host, rate):
            rates[host] = rate.per_second

    old = CtLog(tmp_path, origin="old.example/1").list_entry("https://ct.old.example/", tiled=False)
    slow = CtLog(tmp_path, origin="slow.example/1").list_entry(
        "https://wyvern.ct.digicert.com/2026h2/", tiled=False
    )
    _logs(tmp_path, _entry(tmp_path, "new"), old, slow)
    source = _source(tmp_path)
    object.__setattr__(source.around, "manners", Watching())
    for instance in source.instances():
        source._keep_manners(instance.log, in_tiles=False)
    assert rates == {
        "new-tiles.example": 4.0,
        "ct.old.example": 1.0,
        "wyvern.ct.digicert.com": 0.15,
    }


@pytest.mark.peer
def test_the_list_is_fetched_when_it_changed_and_its_copy_used_when_it_cannot_be(tmp_path):
    served = tmp_path / "served"
    served.mkdir()
    (served / "list.json").write_bytes(log_list(_entry(tmp_path, "one")))
    with nginx(served) as server:
        made = partial(
            Fetcher,
            contact=CONTACT,
            manners=Manners(default=Rate(per_second=1000, burst=1000)),
            allow=[Allowed("127.0.0.0/8", server.port)],
            retries=0,
        )
        table = {"log_list": f"{server.url}/list.json", "fetcher": made}
        assert _labels(tmp_path, **table) == ["one"]
        assert _labels(tmp_path, **table) == ["one"]
        assert [asked.status for asked in server.requests()] == [200, 304]
        (served / "list.json").write_bytes(
            log_list(_entry(tmp_path, "one"), _entry(tmp_path, "two"))
        )
        assert _labels(tmp_path, **table) == ["one", "two"]
        (served / "list.json").unlink()
        source = _source(tmp_path, **table)
        said, *logs = source.instances()
        assert [log.label for log in logs] == ["one", "two"]
        with pytest.raises(SourceError, match="The copy that was kept is used meanwhile"):
            list(source.batches(said, observed_at=NOW))
        # Of another address the copy says nothing.
        (tmp_path / "state" / "log_list.json").unlink()
        with pytest.raises(SourceError) as caught:
            _labels(tmp_path, **table)
        assert caught.value.failure is Failure.GONE


def test_state_of_another_version_is_not_guessed_at(tmp_path):
    _logs(tmp_path, _entry(tmp_path, "one"))
    source = _source(tmp_path)
    (instance,) = source.instances()
    for state in ('{"version": 9}', "not JSON"):
        with pytest.raises(SourceError, match="What the lake keeps of one cannot be read"):
            list(source.batches(instance, observed_at=NOW, state=state))


@pytest.mark.peer
def test_reading_stops_within_seconds_in_the_midst_of_a_batch(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(1100))
        one.log.publish()
        # Ten seconds a request: a batch of this log would take a minute.
        source = one.source(manners=Manners(default=Rate(per_second=0.1)))
        began = time.monotonic()
        threading.Timer(0.5, source.around.stop.set).start()
        assert list(source.batches(one.instance(source), observed_at=one.now)) == []
        assert time.monotonic() - began < 5


@pytest.mark.peer
def test_a_copy_of_a_log_in_a_folder_is_read_and_proved_like_the_log(tmp_path):
    with serving(tmp_path) as one:
        one.log.append(some_entries(700))
        one.log.publish()
        one.gather()
        online = one.rows()
        (tmp_path / "copies").mkdir()
        (tmp_path / "copies" / one.log.log_id.hex()).symlink_to(one.log.folder)
        one.lake = tmp_path / "second"
        one.asked()
        one.gather(mirror="copies")
        assert one.rows() == online
        assert one.asked() == []
        certificate = one.log.entries[256].certificate
        tile = (one.log.folder / "tile/data/001").read_bytes()
        one.log.tamper("tile/data/001", at=tile.index(certificate) + len(certificate) - 1)
        one.lake = tmp_path / "third"
        with pytest.raises(IntegrityError):
            one.gather(mirror="copies")
        (one.log.folder / "checkpoint").unlink()
        one.lake = tmp_path / "fourth"
        with pytest.raises(SourceError, match="missing from the copy"):
            one.gather(mirror="copies")


@pytest.mark.real
def test_the_list_of_a_browser_is_read_as_it_is_published(tmp_path, data_folder):
    path = data_folder / "ct/rfc6962/log_list_five_operators.json"
    if not path.is_file():
        pytest.skip("CT data rfc6962/log_list_five_operators.json not present")
    (tmp_path / "logs.json").write_bytes(path.read_bytes())
    listed = json.loads(path.read_bytes())
    count = sum(len(each.get("logs", [])) + len(each.get("tiled_logs", []))
                for each in listed["operators"])  # fmt: skip
    states = ["pending", "qualified", "usable", "readonly", "retired", "rejected"]
    found = _labels(tmp_path, states=states, logs=["e", "a", "o", "2"])
    assert len([label for label in found if label != "list of logs"]) >= count - 1
