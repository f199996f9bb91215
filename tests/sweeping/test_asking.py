"""A sweep at real name servers: who is registered, who is not, and who did not say."""

from __future__ import annotations

import asyncio
import random
import socket
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from detectors.permutations import Candidate, Kind, permutations
from namaak.enriching import Aspect, Finding, Outcome
from namaak.errors import NamaakError
from namaak.resolving import Resolver
from namaak.sweeping import News, Stage, Standing, Sweep, find_target
from namaak.sweeping.asking import question
from namaak.sweeping.memory import load
from namaak.sweeping.ranked import ranked_rows
from tests.peers import nsd, soa, unbound
from tests.resolving.udp import reply, serving_beside

T0 = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
TARGET = find_target("waldermond.test", watch=None, day=date(2026, 11, 1))
OWN = "@ IN A 192.0.2.7\n@ IN MX 10 mail\n"


def delegations(*labels: str, serial: int = 1) -> str:
    """A registry's zone in which these are registered."""
    return soa(serial) + "".join(f"{label} IN NS ns.test.\n" for label in labels)


def candidates(*hosts: str) -> list[Candidate]:
    return [
        Candidate(host=host, kind=Kind.OMISSION, kinds=(Kind.OMISSION,), priority=1 / place)
        for place, host in enumerate(hosts, 1)
    ]


class Looks:
    """Looks at hosts by writing down which."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def enrich_many(self, hosts, in_flight=1):
        for host in hosts:
            self.seen.append(host)
            facts = {"addresses": ["192.0.2.7"]}
            yield [
                Finding(
                    host=host, aspect=Aspect.DNS, asked_at=T0, vantage="here",
                    outcome=Outcome.ANSWERED, facts=facts,
                )
            ]  # fmt: skip


def run(servers, names, *, at=T0, path=None, enricher=None, told=None, stop_after=None, **more):
    """One sweep; with stop_after it is cancelled when so many names are answered."""
    times = count()

    async def main() -> Sweep:
        async with Resolver(servers=servers, rng=random.Random(1), **more) as resolver:
            sweep = Sweep(
                TARGET, names, resolver=resolver, enricher=enricher, memory_path=path,
                clock=lambda: at + timedelta(seconds=next(times)), told=told or (lambda _: None),
            )  # fmt: skip
            task = asyncio.create_task(sweep.run())
            if stop_after is None:
                await task
                return sweep
            while len(sweep.sightings) < stop_after:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return sweep

    return asyncio.run(main())


def hosts(sightings):
    return {sighting.candidate.host for sighting in sightings}


@pytest.mark.peer
def test_of_all_lookalikes_the_registered_ones_are_found(tmp_path):
    zones = {
        "test": delegations("waldermnd", "waldermond-login"), "waldermnd.test": OWN,
        "waldermond-login.test": OWN, "com": delegations("waldermond"), "waldermond.com": OWN,
    }  # fmt: skip
    names = permutations(TARGET.domain, suffixes=["com"], lures=["login"])
    with nsd(zones, tmp_path) as served:
        sweep = run([served.address], names)
    assert hosts(sweep.of(Standing.REGISTERED)) == {
        "waldermnd.test", "waldermond-login.test", "waldermond.com",
    }  # fmt: skip
    assert len(sweep.sightings) == len(names) > 300
    assert hosts(sweep.of(Standing.ABSENT)) >= {"waldermon.test", "login-waldermond.com"}
    assert sweep.whole


@pytest.mark.peer
def test_a_name_that_gave_no_answer_is_never_absent(tmp_path):
    zones = {"test": delegations("a"), "a.test": OWN}
    with (
        nsd(zones, tmp_path) as served,
        unbound(
            tmp_path,
            # A lame delegation: that server does not know the zone.
            stub_zones=dict.fromkeys(("test", "broken.example"), (served.host, served.port)),
        ) as resolver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent,
    ):
        silent.bind(("127.0.0.1", 0))
        asked = candidates("a.test", "b.test", "x.broken.example", "c.elsewhere.example")
        sweep = run([resolver.address], asked)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        mute = run([address], candidates("a.test"), timeout_s=0.1, tries=2)
    outcomes = {one.candidate.host: str(one.answer.outcome) for one in sweep.of(Standing.NO_ANSWER)}
    assert outcomes == {"x.broken.example": "broken", "c.elsewhere.example": "refused"}
    assert hosts(sweep.of(Standing.REGISTERED)) == {"a.test"}
    assert hosts(sweep.of(Standing.ABSENT)) == {"b.test"}
    (timed_out,) = mute.of(Standing.NO_ANSWER)
    assert str(timed_out.answer.outcome) == "timeout"


@pytest.mark.peer
def test_where_any_name_exists_an_answer_says_nothing(tmp_path):
    zones = {
        # A registry that answers for everything, and one registered name of its own.
        "ws": soa() + "* IN A 192.0.2.99\nacme IN NS ns.test.\n", "acme.ws": OWN,
        # A domain of a stranger whose every sub-label exists.
        "ermond.test": OWN + "* IN A 192.0.2.50\n", "test": delegations("ermond"),
    }  # fmt: skip
    names = candidates("waldermond.ws", "acme.ws", "wald.ermond.test", "ermond.test")
    with nsd(zones, tmp_path) as served:
        sweep = run([served.address], names)
    assert hosts(sweep.of(Standing.WILDCARD)) == {"waldermond.ws", "wald.ermond.test"}
    assert hosts(sweep.of(Standing.REGISTERED)) == {"acme.ws", "ermond.test"}
    assert sweep.wildcards == ("ermond.test", "ws")


@pytest.mark.parametrize("outcome", ["silence", "SERVFAIL"])
def test_where_nobody_tells_whether_any_name_exists_a_name_without_servers_is_no_answer(
    tmp_path, outcome
):
    """One that is delegated is somebody's all the same."""
    there = {
        "a.test": ["a.test. 60 NS ns.test."], "b.test": [], "c.a.test": ["c.a.test. 60 A 192.0.2.1"]
    }  # fmt: skip

    def replies(asked):
        name = asked.question[0].name.to_text(omit_final_dot=True)
        if name in there:
            return [reply(asked, *there[name])]
        return [] if outcome == "silence" else [reply(asked, rcode=outcome)]

    path, looks = tmp_path / "memory.json", Looks()
    with serving_beside(replies) as heard:
        sweep = run(
            [heard.address], candidates(*there), path=path, enricher=looks, timeout_s=0.1, tries=1
        )
    assert hosts(sweep.of(Standing.REGISTERED)) == {"a.test"} == set(looks.seen)
    assert hosts(sweep.of(Standing.NO_ANSWER)) == {"b.test", "c.a.test"}
    memory = load(path, TARGET.domain)
    assert set(memory.registered) == {"a.test"} and not memory.absent
    reasons = {
        row.host: row.reasons
        for row in ranked_rows(list(sweep.sightings.values()), TARGET, before=sweep.before)
    }
    why = "timeout" if outcome == "silence" else "broken"
    assert reasons["b.test"] == (
        f"Gave no answer (whether any name exists there: {why}); it may well be registered",
    )


@pytest.mark.peer
def test_the_next_sweep_knows_what_is_new(tmp_path):
    path = tmp_path / "memory.json"
    zones = {"test": delegations("a", "gone"), "a.test": OWN, "b.test": OWN, "gone.test": OWN}
    first, second = candidates("a.test", "b.test", "gone.test"), candidates("a.test", "b.test",
        "gone.test", "c.test")  # fmt: skip
    with nsd({"test": delegations("a", "gone")}, tmp_path) as served:
        sweep = run([served.address], first, path=path)
        assert {one.news for one in sweep.of(Standing.REGISTERED)} == {News.FIRST_ASKED}
        served.change("test", delegations("a", "b", "c", serial=2))
        sweep = run([served.address], second, path=path, at=T0 + timedelta(days=1))
    assert zones
    assert {one.candidate.host: one.news for one in sweep.of(Standing.REGISTERED)} == {
        "a.test": News.KNOWN, "b.test": News.NEW, "c.test": News.FIRST_ASKED,
    }  # fmt: skip
    memory = load(path, TARGET.domain)
    assert memory.registered["a.test"].first == T0
    assert memory.registered["gone.test"].gone == T0 + timedelta(days=1)
    assert [(one.asked, one.registered, one.whole) for one in memory.sweeps] == [
        (3, 2, True), (4, 3, True),
    ]  # fmt: skip


@pytest.mark.peer
def test_a_sweep_that_is_stopped_keeps_what_it_learned_and_marks_nothing_else(tmp_path):
    path = tmp_path / "memory.json"
    labels = [f"w{number}" for number in range(400)]
    names = candidates(*(f"{label}.test" for label in labels))
    with nsd({"test": delegations(*labels[::2])}, tmp_path) as served:
        sweep = run([served.address], names, path=path, stop_after=60, in_flight=5)
    answered = set(sweep.sightings)
    assert 60 <= len(answered) < 400 and not sweep.whole
    memory = load(path, TARGET.domain)
    assert set(memory.registered) | set(memory.absent) <= answered
    assert set(memory.absent) == hosts(sweep.of(Standing.ABSENT))
    (ran,) = memory.sweeps
    assert (ran.whole, ran.asked) == (False, len(answered))
    unasked = next(one.host for one in names if one.host not in answered)
    assert memory.news(unasked) is News.FIRST_ASKED


@pytest.mark.peer
def test_what_a_wildcard_may_have_answered_is_not_remembered_before_that_is_known(tmp_path):
    path = tmp_path / "memory.json"
    names = candidates(*(f"w{number}.ws" for number in range(300)))
    with nsd({"ws": soa() + "* IN A 192.0.2.99\n"}, tmp_path) as served:
        run([served.address], names, path=path, stop_after=1, in_flight=1)
        assert load(path, TARGET.domain).registered == {}


@pytest.mark.peer
def test_what_was_found_is_not_lost_because_it_cannot_be_remembered(tmp_path):
    path = tmp_path / "memory.json"
    names = candidates("a.test", "b.test")
    with nsd({"test": delegations("a")}, tmp_path) as served:
        # Damaged while the sweep runs.
        sweep = run(
            [served.address], names, path=path, told=lambda _: path.write_text("no more"),
        )  # fmt: skip
        assert hosts(sweep.of(Standing.REGISTERED)) == {"a.test"}
        assert "is not what a sweep remembers" in sweep.forgotten
        assert path.read_text() == "no more"
        path.unlink()
        path.mkdir()
        with pytest.raises(NamaakError, match="cannot be read"):
            run([served.address], names, path=path)


def test_a_sweep_that_could_not_remember_does_not_begin(tmp_path):
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    told = []
    with pytest.raises(NamaakError, match="cannot be remembered"):
        run(
            ["127.0.0.1:1"], candidates("a.test"), path=tmp_path / "nowhere" / "memory.json",
            told=told.append,
        )  # fmt: skip
    assert told == []


@pytest.mark.peer
def test_only_registered_names_are_looked_at_and_the_likeliest_first(tmp_path):
    looks, told = Looks(), []
    names = candidates("b.test", "no.test", "a.test", "x.ws")
    zones = {"test": delegations("a", "b"), "ws": soa() + "* IN A 192.0.2.99\n"}
    with nsd(zones, tmp_path) as served:
        sweep = run([served.address], names, enricher=looks, told=told.append)
    assert looks.seen == ["b.test", "a.test"]
    assert sweep.sightings["a.test"].findings[0].facts == {"addresses": ["192.0.2.7"]}
    asked = [one for one in told if one.stage is Stage.ASKING]
    assert [(one.done, one.total) for one in asked] == [(done, 4) for done in (1, 2, 3, 4)]
    assert [(one.done, one.total) for one in told[4:]] == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("acme.co.uk", ("NS", "co.uk")),
        ("acme.test", ("NS", "test")),
        ("ac.me.test", ("A", "me.test")),
        ("acme.github.io", ("A", "github.io")),
        ("a.acme.github.io", ("A", "acme.github.io")),
    ],
)
def test_what_is_asked_fits_who_gives_the_name_out(host, asked):
    assert question(host) == asked


@pytest.mark.peer
def test_a_resolver_that_knows_no_name_at_all_is_not_believed(tmp_path):
    path = tmp_path / "memory.json"
    # Of its own accord it would answer for names that are reserved for tests.
    extra = 'local-zone: "test." nodefault\n    local-zone: "." static'
    with (
        unbound(tmp_path / "dns", stub_zones={}, extra=extra) as nothing,
        pytest.raises(NamaakError, match=r"there is no \.test at all"),
    ):
        run([nothing.address], candidates("waldermomd.test"), path=path)
    assert not load(path, "waldermond.test").absent
