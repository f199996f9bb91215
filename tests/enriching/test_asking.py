"""Asking about hosts of cases: nobody unless allowed, everybody once, nothing stored is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from namaak import asking
from namaak.answers import Answers
from namaak.asking import check_is_on, due_now, enricher_for, look_at, would_ask
from namaak.brands import Enrichment
from namaak.enriching.findings import Aspect
from namaak.errors import CasebookError, UsageError
from namaak.settings import Settings, load_settings
from tests.enriching.cases import host_match, made
from tests.peers import nsd, soa

ROOT = Path(__file__).resolve().parents[2]
HOSTS = [f"waldermond-{number:03}.test" for number in range(130)]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    text = soa() + "".join(f"waldermond-{number:03} 300 IN A 192.0.2.7\n" for number in range(130))
    with nsd({"test": text}, tmp_path_factory.mktemp("zones")) as served:
        yield served


@pytest.fixture
def settings(tmp_path, zones) -> Settings:
    return made(
        tmp_path,
        f'enabled = true\nresolvers = ["{zones.address}"]\naspects = ["dns"]\n',
        [host_match(host, odds=number / 40) for number, host in enumerate(HOSTS)],
    )


def wanted(settings: Settings):
    with Answers(settings.lake) as answers:
        return due_now(settings, answers.last_asked(), now=now())


def asked_times(settings: Settings) -> Counter[str]:
    with Answers(settings.lake) as answers:
        rows = answers.findings(answers.last_asked())
        return Counter(rows["host"].to_pylist())


def look(settings: Settings, **other):
    return look_at(
        wanted(settings), settings.lake, enricher_for(settings, {}, clock=now), clock=now,
        in_flight=8, **other,
    )  # fmt: skip


@pytest.mark.peer
def test_every_host_is_asked_once_the_worst_first(settings):
    told: list[str] = []
    looked = look(settings, told=lambda found: told.append(found[0].host))
    assert (looked.hosts, looked.findings, looked.in_vain) == (130, 130, 0)
    assert asked_times(settings) == Counter(HOSTS)
    # Eight at a time: the order in which they come is nearly that in which they were asked.
    assert set(told[:40]) <= set(HOSTS[-60:])
    assert wanted(settings) == []
    assert look(settings).in_words() == "no host is due"


@pytest.mark.peer
def test_what_was_answered_before_a_stop_is_kept_and_not_asked_again(settings):
    def stop_at_forty(_: object, seen: list[int] = []) -> None:  # noqa: B006
        seen.append(1)
        if len(seen) == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look(settings, told=stop_at_forty)
    stored = asked_times(settings)
    assert 40 <= len(stored) < 130
    look(settings)
    assert asked_times(settings) == Counter(HOSTS)


@pytest.mark.peer
def test_killed_again_and_again_every_host_is_stored_once(settings, tmp_path):
    program = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from datetime import UTC, datetime
from namaak.asking import enricher_for, look_at, due_now
from namaak.answers import Answers
from namaak.settings import load_settings
settings = load_settings(Path({str(settings.watch_path)!r}), {{}})
now = lambda: datetime.now(UTC)
with Answers(settings.lake) as answers:
    wanted = due_now(settings, answers.last_asked(), now=now())
print("started", flush=True)
look_at(wanted, settings.lake, enricher_for(settings, {{}}, clock=now), clock=now, in_flight=2)
"""
    rng = random.Random(5)
    before = -1
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        process.stdout.readline()
        time.sleep(rng.uniform(0.05, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        stored = asked_times(settings)
        assert len(stored) >= before
        assert all(times == 1 for times in stored.values())
        before = len(stored)
    look(settings)
    assert asked_times(settings) == Counter(HOSTS)


@pytest.mark.peer
def test_at_most_as_many_as_the_watch_file_allows(tmp_path, zones):
    settings = made(
        tmp_path,
        f'enabled = true\nresolvers = ["{zones.address}"]\naspects = ["dns"]\nhosts_per_run = 7\n',
        [host_match(host, odds=number / 40) for number, host in enumerate(HOSTS)],
    )
    assert [one.host for one in wanted(settings)] == HOSTS[:-8:-1]
    look(settings)
    assert set(asked_times(settings)) == set(HOSTS[-7:])
    # The next run goes on with those never asked about.
    assert [one.host for one in wanted(settings)] == HOSTS[-8:-15:-1]


def test_off_nobody_is_asked_and_it_says_who_would_be(tmp_path):
    settings = made(tmp_path, 'aspects = ["dns", "page"]', [host_match("a.test")])
    with pytest.raises(UsageError) as told:
        check_is_on(settings)
    text = str(told.value)
    assert str(settings.watch_path) in text and "nobody was asked" in text
    assert "dns: the resolvers you name" in text
    assert "page: the host itself" in text and "abuse@waldermond.example" in text
    assert "rdap" not in text


def test_every_aspect_says_of_whom_it_is_asked():
    everything = Enrichment(
        enabled=True, resolvers=("192.0.2.53", "[2001:db8::1]:5353"), aspects=tuple(asking.ASKED_OF)
    )
    assert list(asking.ASKED_OF) == [str(aspect) for aspect in Aspect]
    lines = would_ask(everything, contact="abuse@acme.example")
    assert len(lines) == len(Aspect)
    assert "192.0.2.53, [2001:db8::1]:5353" in lines[0]
    assert not any("{" in line for line in lines)


def test_without_a_casebook_it_says_what_to_run_first(tmp_path):
    settings = made(tmp_path, "", [])
    settings.casebook.unlink()
    with pytest.raises(CasebookError, match="run `namaak run`"):
        due_now(load_settings(settings.watch_path, {}), {}, now=now())


@pytest.mark.parametrize(("band", "hosts"), [("watch", 3), ("review", 2), ("high", 1)])
def test_whom_nobody_decided_about_is_asked_from_a_band_on(tmp_path, band, hosts):
    matches = [host_match("watch.test", odds=-0.9), host_match("review.test", odds=0.5),
               host_match("high.test", odds=3.0)]  # fmt: skip
    settings = made(
        tmp_path, f'enabled = true\nresolvers = ["192.0.2.53"]\nfrom_band = "{band}"', matches
    )
    assert len(wanted(settings)) == hosts
