"""CZDS against nginx with the three paths of the API: tokens, approvals, resuming, once a day."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from namaak.errors import Failure, SourceError
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.sources.czds import Czds, CzdsConfig
from tests.peers import nginx
from tests.sources.zones.zone_store import SERIAL, packed, zone_text
from tests.surroundings import CONTACT, around

pytestmark = pytest.mark.peer

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
MODIFIED = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
PASSWORD = "pass-word-that-nobody-may-see"
TOKEN = "header.token-that-nobody-may-see.signature"
SECRETS = {"CZDS_USERNAME": "operator@acme.example", "CZDS_PASSWORD": PASSWORD}

LOCATIONS = """
location = /api/authenticate {{ {authenticate} }}
location /czds/ {{
    if ($http_authorization != "Bearer {token}") {{ return 401; }}
    {more}
}}
location = /czds/downloads/denied.zone {{ return 403; }}
"""
GIVES_TOKEN = f"""
    default_type application/json;
    if ($request_method != POST) {{ return 405; }}
    return 200 '{{"accessToken": "{TOKEN}", "message": "Authentication Successful"}}';
"""


class Service:
    """The files that nginx serves, and what it was asked."""

    def __init__(self, folder, served):
        self.folder, self.served = folder, served

    def publish(self, zone, octets, modified=MODIFIED):
        path = self.folder / "czds" / "downloads" / f"{zone}.zone"
        path.write_bytes(octets)
        os.utime(path, (modified.timestamp(), modified.timestamp()))

    def list(self, *zones, host=None):
        links = [f"{host or self.served.url}/czds/downloads/{zone}.zone" for zone in zones]
        (self.folder / "czds" / "downloads" / "links").write_text(json.dumps(links))

    def asked(self):
        return [
            (one.method, one.path.rpartition("/")[2], one.status) for one in self.served.requests()
        ]


@contextmanager
def service(tmp_path, *, authenticate=GIVES_TOKEN, token=TOKEN, more=""):
    folder = tmp_path / "www"
    (folder / "czds" / "downloads").mkdir(parents=True)
    locations = LOCATIONS.format(authenticate=authenticate, token=token, more=more)
    with nginx(folder, locations=locations) as served:
        yield Service(folder, served)


def source(tmp_path, given, *, zones=("test",), now=NOW, environ=SECRETS, **config):
    fetcher = partial(
        Fetcher, contact=CONTACT, manners=Manners(default=Rate(per_second=1e3, burst=100)),
        allow=(Allowed(network="127.0.0.0/8", port=given.served.port),), retries=1,
    )  # fmt: skip
    url = given.served.url
    table = {"zones": zones, "accounts_url": url, "api_url": url, "download_url": url, **config}
    surroundings = around(tmp_path, environ=environ, fetcher=fetcher, now=now)
    return Czds(CzdsConfig.model_validate(table), surroundings)


def hosts(czds, instance):
    batches = list(czds.batches(instance, observed_at=czds.around.now()))
    assert batches[-1].last
    return [host for batch in batches for host in batch.observations["host"].to_pylist()]


def keep_token(tmp_path, token):
    path = tmp_path / "state" / "token"
    path.parent.mkdir(exist_ok=True)
    path.write_text(token)


def test_a_zone_is_listed_looked_at_and_fetched_with_one_token(tmp_path):
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme", "beta"])))
        given.list("test", "other")
        czds = source(tmp_path, given)
        (instance,) = czds.instances()
        assert instance.label == "test of 20261122"
        assert hosts(czds, instance) == ["acme.test", "beta.test"]
        assert given.asked() == [
            ("POST", "authenticate", 200), ("GET", "links", 200), ("HEAD", "test.zone", 200),
            ("GET", "test.zone", 200),
        ]  # fmt: skip
    token = tmp_path / "state" / "token"
    assert token.read_text() == TOKEN
    assert stat.S_IMODE(token.stat().st_mode) == 0o600


def test_a_token_that_was_kept_is_used_again(tmp_path):
    keep_token(tmp_path, TOKEN)
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme"])))
        given.list("test")
        assert len(list(source(tmp_path, given).instances())) == 1
        assert "authenticate" not in [name for _, name, _ in given.asked()]


@pytest.mark.parametrize("kept", ["expired.token.of-yesterday", "no token\nat all", ""])
def test_a_token_that_expired_is_renewed_once(tmp_path, kept):
    keep_token(tmp_path, kept)
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme"])))
        given.list("test")
        czds = source(tmp_path, given)
        (instance,) = czds.instances()
        assert hosts(czds, instance) == ["acme.test"]
        assert [name for _, name, _ in given.asked()].count("authenticate") == 1
        assert [status for *_, status in given.asked()].count(401) == (kept[:7] == "expired")


def test_a_token_that_another_thread_renewed_is_taken_and_not_asked_for_again(tmp_path):
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme"])))
        given.list("test")
        czds = source(tmp_path, given)
        (instance,) = czds.instances()
        keep_token(tmp_path, "expired.token")
        others = source(tmp_path, given)
        read = others._token.read

        def overtaken():
            # Between our request and its refusal, somebody else has got a new token.
            token = read()
            keep_token(tmp_path, TOKEN)
            return token

        others._token.read = overtaken
        assert hosts(others, instance) == ["acme.test"]
        assert [name for _, name, _ in given.asked()].count("authenticate") == 1


def test_a_new_token_that_is_refused_ends_it_without_a_third(tmp_path):
    keep_token(tmp_path, "expired.token")
    with service(tmp_path, token="another") as given:
        given.list("test")
        with pytest.raises(SourceError, match="refused a token that is new") as caught:
            source(tmp_path, given).instances()
        assert caught.value.failure is Failure.AUTH
        assert TOKEN not in str(caught.value)
        assert [name for _, name, _ in given.asked()].count("authenticate") == 1


def test_a_wrong_password_is_told_without_it_and_never_tried_twice(tmp_path, caplog):
    with service(tmp_path, authenticate="return 401;") as given:
        czds = source(tmp_path, given)
        for _ in range(2):
            with pytest.raises(SourceError, match="check CZDS_USERNAME and") as caught:
                czds.instances()
            assert caught.value.failure is Failure.AUTH
            assert PASSWORD not in str(caught.value) + repr(caught.value) + caplog.text
        assert given.asked() == [("POST", "authenticate", 401)]


def test_a_rationed_authentication_is_throttled_and_not_repeated(tmp_path):
    with service(tmp_path, authenticate="return 429;") as given:
        with pytest.raises(SourceError) as caught:
            source(tmp_path, given).instances()
        assert caught.value.failure is Failure.THROTTLED
        assert given.asked() == [("POST", "authenticate", 429)]


@pytest.mark.parametrize(
    "reply", ["{}", "[]", '{"accessToken": 7}', '{"accessToken": "a b"}', "<p>"]
)
def test_a_reply_without_a_token_is_told(tmp_path, reply):
    with service(tmp_path, authenticate=f"return 200 '{reply}';") as given:
        with pytest.raises(SourceError, match="gave no token") as caught:
            source(tmp_path, given).instances()
        assert reply not in str(caught.value)


@pytest.mark.parametrize("missing", list(SECRETS))
def test_a_missing_name_or_password_is_told_before_anything_is_asked(tmp_path, missing):
    with service(tmp_path) as given:
        environ = {key: value for key, value in SECRETS.items() if key != missing}
        with pytest.raises(SourceError, match=f"needs {missing} in the environment"):
            source(tmp_path, given, environ=environ).instances()
        assert given.asked() == []


def test_a_zone_that_is_not_approved_is_told_and_costs_the_others_nothing(tmp_path):
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme"])))
        given.list("test", "denied")
        czds = source(tmp_path, given, zones=["pending", "denied", "test"])
        found = {instance.zone: instance for instance in czds.instances()}
        assert hosts(czds, found["test"]) == ["acme.test"]
        for zone, reason in (("pending", "is not among those"), ("denied", "has expired")):
            with pytest.raises(SourceError, match=reason) as caught:
                list(czds.batches(found[zone], observed_at=NOW))
            assert caught.value.failure is Failure.AUTH
            assert zone in str(caught.value)


def test_all_approved_zones_are_read_where_the_table_says_so(tmp_path):
    with service(tmp_path) as given:
        for zone in ("test", "other"):
            given.publish(zone, packed(zone_text(["acme"])))
        given.list("test", "other")
        found = source(tmp_path, given, zones=["*"]).instances()
        assert [instance.zone for instance in found] == ["other", "test"]


@pytest.mark.parametrize("host", ["http://evil.invalid", "https://127.0.0.1", "//", "http://[", ""])
def test_the_token_goes_to_no_host_that_the_watch_file_does_not_name(tmp_path, host):
    with service(tmp_path) as given:
        given.list("test", host=host or "ftp://x")
        with pytest.raises(SourceError, match="no token was sent there") as caught:
            source(tmp_path, given).instances()
        assert caught.value.failure is Failure.POLICY


@pytest.mark.parametrize("content", ["{}", "[7]", "<html>", '["\\ud800"]'])
def test_a_list_of_another_shape_is_told(tmp_path, content):
    with service(tmp_path) as given:
        (given.folder / "czds" / "downloads" / "links").write_text(content)
        with pytest.raises(SourceError, match=r"did not give a list|no token was sent"):
            source(tmp_path, given).instances()


def test_a_redirect_takes_the_token_nowhere(tmp_path):
    with service(tmp_path, more="rewrite links http://127.0.0.1:9/elsewhere redirect;") as given:
        with pytest.raises(SourceError) as caught:
            source(tmp_path, given).instances()
        assert caught.value.failure is Failure.POLICY


def test_a_zone_is_fetched_at_most_once_a_day(tmp_path):
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme"])))
        given.list("test")
        czds = source(tmp_path, given)
        (first,) = czds.instances()
        assert hosts(czds, first) == ["acme.test"]
        given.publish("test", packed(zone_text(["acme", "new"], SERIAL + 1)), NOW)
        before = len(given.asked())
        (same,) = source(tmp_path, given, now=NOW + timedelta(hours=22)).instances()
        assert same.id == first.id
        assert len(given.asked()) == before
        later = source(tmp_path, given, now=NOW + timedelta(hours=24))
        (second,) = later.instances()
        assert hosts(later, second) == ["new.test"]


@pytest.mark.parametrize("zones", [["test"], ["*"]])
def test_a_zone_whose_next_edition_is_late_is_not_asked_about_by_every_run(tmp_path, zones):
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme"])))
        given.list("test")

        def at(hours):
            before = len(given.asked())
            czds = source(tmp_path, given, zones=zones, now=NOW + timedelta(hours=hours))
            (instance,) = czds.instances()
            return czds, instance, [name for _, name, _ in given.asked()[before:]]

        czds, first, _ = at(0)
        assert hosts(czds, first) == ["acme.test"]
        for hours, asked in ((24, True), (25, False), (26.9, False), (27, True), (29, False)):
            _, same, names = at(hours)
            assert same.id == first.id
            assert names == (["links", "test.zone"] if asked else []), hours
        given.publish("test", packed(zone_text(["acme", "new"], SERIAL + 1)), NOW)
        later, second, _ = at(30)
        assert hosts(later, second) == ["new.test"]


def test_a_zone_that_is_not_approved_is_told_by_every_run_and_asked_about_by_few(tmp_path):
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme"])))
        given.list("denied")

        def told(hours):
            czds = source(
                tmp_path, given, zones=["test", "denied"], now=NOW + timedelta(hours=hours)
            )
            return {one.zone: str(one.fault) for one in czds.instances()}

        first = told(0)
        assert "is not among those" in first["test"] and "has expired" in first["denied"]
        asked = len(given.asked())
        assert told(2) == first and len(given.asked()) == asked
        given.list("test", "denied")
        assert told(3) == {"test": "None", "denied": first["denied"]}


def test_a_damaged_note_of_what_was_asked_costs_a_question_and_no_more(tmp_path):
    with service(tmp_path) as given:
        given.list("denied")
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "asked.json").write_text("{")
        (instance,) = source(tmp_path, given, zones=["denied"]).instances()
        assert "has expired" in str(instance.fault)


def test_a_zone_that_changed_after_it_was_looked_at_is_left_for_the_next_run(tmp_path):
    with service(tmp_path) as given:
        given.publish("test", packed(zone_text(["acme"])))
        given.list("test")
        czds = source(tmp_path, given)
        (instance,) = czds.instances()
        given.publish("test", packed(zone_text(["acme", "new"], SERIAL + 1)), NOW)
        with pytest.raises(SourceError, match="changed while it was fetched") as caught:
            list(czds.batches(instance, observed_at=NOW))
        assert caught.value.failure is Failure.TRANSIENT
        (instance,) = czds.instances()
        assert hosts(czds, instance) == ["acme.test", "new.test"]


def test_a_zone_without_a_date_is_told(tmp_path):
    with service(tmp_path, more="location ~ zone$ { return 200 'x'; }") as given:
        given.list("test")
        (instance,) = source(tmp_path, given).instances()
        with pytest.raises(SourceError, match="no Last-Modified"):
            list(source(tmp_path, given).batches(instance, observed_at=NOW))


CHILD = """
import sys
from pathlib import Path
from namaak.fetch import parts
from tests.sources import test_czds
parts._FLUSH_EVERY = 16_384
class Given:
    class served:
        url, port = sys.argv[2], int(sys.argv[3])
czds = test_czds.source(Path(sys.argv[1]), Given)
(instance,) = czds.instances()
test_czds.hosts(czds, instance)
"""


def test_a_download_that_was_killed_goes_on_where_it_was(tmp_path):
    octets = packed(zone_text([f"{os.urandom(9).hex()}" for _ in range(15_000)]))
    with service(tmp_path, more="limit_rate 400k;") as given:
        given.publish("test", octets)
        given.list("test")
        name = f"20261122T013000Z-{len(octets)}.zone.gz.part"
        part = tmp_path / "state" / "zones" / "test" / name
        command = [sys.executable, "-c", CHILD, str(tmp_path), given.served.url]
        with subprocess.Popen([*command, str(given.served.port)]) as child:
            end = time.monotonic() + 30
            while not (part.exists() and part.stat().st_size > 50_000):
                assert time.monotonic() < end and child.poll() is None
                time.sleep(0.01)
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        reached = part.stat().st_size
        assert reached < len(octets)
        czds = source(tmp_path, given)
        (instance,) = czds.instances()
        assert len(hosts(czds, instance)) == 15_000
        # The killed child's own request is logged only when nginx notices.
        asked = given.served.requests()[-1]
    assert asked.status == 206
    assert 30_000 < int(asked.range.removeprefix("bytes=").removesuffix("-")) <= reached
