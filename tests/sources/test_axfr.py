"""AXFR against NSD: serial first, what is new since the last, keys from the environment."""

import base64
import socket
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from namaak.errors import Failure, SourceError
from namaak.sources.axfr import Axfr, AxfrConfig
from tests.peers import nsd
from tests.peers.zones import Tsig, soa
from tests.surroundings import around

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
KEY = {"name": "Transfers.", "algorithm": "hmac-sha256", "secret_env": "TSIG_TEST"}


def zone(names, serial=2026112200):
    return soa(serial) + "".join(f"{name} NS ns.hoster.invalid.\n" for name in names)


def source(tmp_path, *servers, key=None, now=NOW, environ=None, **config):
    table = {"zones": [{"zone": "Test.", "servers": servers, "key": key}], **config}
    surroundings = around(tmp_path, now=now, environ=environ)
    return Axfr(AxfrConfig.model_validate(table), surroundings)


def hosts(axfr, instance):
    batches = list(axfr.batches(instance, observed_at=axfr.around.now()))
    return [host for batch in batches for host in batch.observations["host"].to_pylist()]


@pytest.mark.peer
def test_only_what_is_new_since_the_last_serial_comes_out(tmp_path):
    with nsd({"test": zone(["acme", "beta"])}, tmp_path / "nsd") as served:
        axfr = source(tmp_path, served.address)
        (first,) = axfr.instances()
        assert (first.id, first.label) == ("test/2026112200", "test at serial 2026112200")
        assert sorted(hosts(axfr, first)) == ["acme.test", "beta.test"]
        served.change("test", zone(["acme", "beta", "new"], 2026112201))
        tomorrow = source(tmp_path, served.address, now=NOW + timedelta(days=1))
        (second,) = tomorrow.instances()
        assert hosts(tomorrow, second) == ["new.test"]


@pytest.mark.peer
def test_nothing_is_transferred_while_the_serial_stands(tmp_path):
    with nsd({"test": zone(["acme"])}, tmp_path / "nsd", extra="verbosity: 2") as served:
        for day in range(3):
            axfr = source(tmp_path, served.address, now=NOW + timedelta(days=day))
            (instance,) = axfr.instances()
            assert instance.id == "test/2026112200"
            if day == 0:
                list(axfr.batches(instance, observed_at=NOW))
        # The lake knows the instance as finished; even asked again it is read from the disk.
        list(axfr.batches(instance, observed_at=NOW))
        assert served.log_path.read_text().count("axfr for") == 1


@pytest.mark.peer
def test_a_zone_is_not_even_asked_about_twice_a_day(tmp_path):
    with nsd({"test": zone(["acme"])}, tmp_path / "nsd") as served:
        axfr = source(tmp_path, served.address)
        (instance,) = axfr.instances()
        hosts(axfr, instance)
        server = served.address
    later = source(tmp_path, server, now=NOW + timedelta(hours=2))
    assert [found.id for found in later.instances()] == [instance.id]
    tomorrow = source(tmp_path, server, now=NOW + timedelta(hours=24))
    (found,) = tomorrow.instances()
    with pytest.raises(SourceError, match="did not answer"):
        hosts(tomorrow, found)


@pytest.mark.peer
def test_a_server_that_lags_behind_is_refused_before_a_transfer(tmp_path):
    with nsd({"test": zone(["acme"], 7)}, tmp_path / "nsd", extra="verbosity: 2") as served:
        axfr = source(tmp_path, served.address)
        (instance,) = axfr.instances()
        hosts(axfr, instance)
        served.change("test", zone(["acme", "old"], 5))
        tomorrow = source(tmp_path, served.address, now=NOW + timedelta(days=1))
        (found,) = tomorrow.instances()
        with pytest.raises(SourceError, match="serial is 5 and was 7") as caught:
            hosts(tomorrow, found)
        assert caught.value.failure is Failure.STALE
        assert served.log_path.read_text().count("axfr for") == 1


@pytest.mark.peer
def test_a_zone_that_moves_on_before_it_is_transferred_is_left_for_the_next_run(tmp_path):
    with nsd({"test": zone(["acme"])}, tmp_path / "nsd") as served:
        axfr = source(tmp_path, served.address)
        (instance,) = axfr.instances()
        served.change("test", zone(["acme", "new"], 2026112201))
        with pytest.raises(SourceError, match="moved to serial 2026112201") as caught:
            hosts(axfr, instance)
        assert caught.value.failure is Failure.TRANSIENT
        (instance,) = axfr.instances()
        assert sorted(hosts(axfr, instance)) == ["acme.test", "new.test"]


@pytest.mark.peer
def test_the_next_server_is_asked_where_the_first_is_silent(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    with nsd({"test": zone(["acme"])}, tmp_path / "nsd") as served:
        axfr = source(tmp_path, f"127.0.0.1:{port}", served.address)
        (instance,) = axfr.instances()
        assert hosts(axfr, instance) == ["acme.test"]


@pytest.mark.peer
def test_a_key_signs_with_the_secret_of_the_environment(tmp_path):
    tsig = Tsig(name="transfers", secret=SECRET)
    with nsd({"test": zone(["acme"])}, tmp_path / "nsd", tsig=tsig) as served:
        axfr = source(tmp_path, served.address, key=KEY, environ={"TSIG_TEST": SECRET})
        (instance,) = axfr.instances()
        assert hosts(axfr, instance) == ["acme.test"]


def test_a_secret_that_is_missing_is_told_by_the_name_of_its_variable(tmp_path):
    axfr = source(tmp_path, "192.0.2.1", key=KEY)
    assert list(axfr.faults()) == [
        "zones[0].key.secret_env: TSIG_TEST is not in the environment; set it to the key's secret "
        "in base64"
    ]
    (instance,) = axfr.instances()
    with pytest.raises(SourceError, match="needs TSIG_TEST") as caught:
        hosts(axfr, instance)
    assert caught.value.failure is Failure.AUTH


@pytest.mark.peer
def test_half_a_transfer_changes_nothing(tmp_path):
    names = [f"name{number}" for number in range(300)]
    with nsd({"test": zone(names)}, tmp_path / "nsd") as served:
        axfr = source(tmp_path, served.address)
        (instance,) = axfr.instances()
        assert len(hosts(axfr, instance)) == 300
        served.change("test", zone([*names, "new"], 2026112201))
        tomorrow = source(tmp_path, served.address, now=NOW + timedelta(days=1), timeout_s=0.0001)
        (found,) = tomorrow.instances()
        with pytest.raises(SourceError, match="cut short"):
            hosts(tomorrow, found)
        patient = source(tmp_path, served.address, now=NOW + timedelta(days=1))
        assert hosts(patient, found) == ["new.test"]


@pytest.mark.parametrize(
    "change",
    [
        {"zone": "a b"}, {"servers": []}, {"servers": ["192.0.2.1:0"]},
        {"key": {**KEY, "algorithm": "hmac-md5"}}, {"key": {**KEY, "secret_env": "lower"}},
        {"key": {"name": "x", "secret": SECRET}},
    ],
)  # fmt: skip
def test_a_table_that_cannot_work_is_refused(change):
    good = {"zone": "test", "servers": ["192.0.2.1"], "key": KEY}
    AxfrConfig.model_validate({"zones": [good]})
    with pytest.raises(ValidationError):
        AxfrConfig.model_validate({"zones": [{**good, **change}]})
