"""Aspects asked in order: nothing of a host that is not there, and nothing twice."""

from __future__ import annotations

import json

import pytest

from namaak.brands import Brand
from namaak.enriching import Aspect, Enricher, Outcome
from namaak.enriching.bootstrap import Bootstrap
from namaak.enriching.enricher import USUAL
from namaak.enriching.findings import findings_table
from namaak.enriching.page import Ports
from namaak.enriching.screenshot import Screenshots
from namaak.enriching.standing import state_of
from namaak.errors import UsageError
from namaak.records import ENRICHMENT_SCHEMA, SubjectState
from tests.enriching.registry import bootstrap_list, domain_answer
from tests.enriching.world import allowed, asked, clock
from tests.peers import free_port, nginx, nsd, soa

BRANDS = {"acme": Brand(name="Acme", domains=("acme.example",))}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """One name server and one web server that is site, registry and IANA at once."""
    folder = tmp_path_factory.mktemp("www")
    (folder / "index.html").write_text("<title>Acme</title><p>Acme<input type=password>")
    registry = folder / "registry" / "domain"
    registry.mkdir(parents=True)
    for name in ("acme-login.test", "acme-idle.test", "acme-dark.test"):
        (registry / name).write_text(json.dumps(domain_answer(name)))
    zones = {
        "acme-login.test": "@ IN A 127.0.0.1\nwww IN A 127.0.0.1\nempty IN TXT x\n",
        "acme-idle.test": soa(),
        "test": soa(),
    }
    with nginx(folder, locations="default_type text/html;") as web:
        (folder / "dns.json").write_bytes(bootstrap_list(["test"], f"{web.url}/registry/"))
        (folder / "ipv4.json").write_bytes(bootstrap_list(["9.0.0.0/8"], f"{web.url}/rir/"))
        with nsd(zones, tmp_path_factory.mktemp("zones")) as names:
            yield web, names, folder


def enriched(world, *hosts, aspects=USUAL, in_flight=8, nameserver=None):
    web, names, folder = world
    urls = {key: f"{web.url}/{key}.json" for key in ("dns", "ipv4", "ipv6")}
    nobody = free_port()

    async def look(resolver, fetch):
        enricher = Enricher(
            resolver, fetch, aspects=aspects, brands=BRANDS, clock=clock,
            bootstrap=Bootstrap(folder / "state", clock=clock, urls=urls),
            page_ports=Ports(https=nobody, http=web.port), tls_port=nobody,
            allow=allowed(web.port),
        )  # fmt: skip
        found = {}
        async for findings in enricher.enrich_many(hosts, in_flight):
            found[findings[0].host] = {finding.aspect: finding for finding in findings}
        return found

    return asked(nameserver or names.address, look, ports=[web.port, nobody])


@pytest.mark.peer
def test_a_living_site_is_asked_about_in_every_way(world):
    found = enriched(world, "www.acme-login.test")["www.acme-login.test"]
    assert list(found) == [aspect for aspect in Aspect if aspect in USUAL]
    assert found[Aspect.DNS].outcome is Outcome.ANSWERED
    assert found[Aspect.RDAP].outcome is Outcome.ANSWERED
    assert found[Aspect.PAGE].outcome is Outcome.ANSWERED
    assert found[Aspect.PAGE].facts["mentions"] == {"Acme": 1}
    # Loopback is nobody's to ask about, and is spoken to only where a test allows the port.
    assert found[Aspect.NETWORK].outcome is Outcome.POLICY
    assert found[Aspect.CERTIFICATE].outcome is Outcome.POLICY
    assert state_of(found.values()) is SubjectState.LIVE


@pytest.mark.peer
def test_a_host_without_an_address_gets_no_request_and_says_why(world):
    web, _, _ = world
    before = len(web.requests())
    found = enriched(world, "acme-idle.test", aspects=USUAL - {Aspect.RDAP})["acme-idle.test"]
    for aspect in (Aspect.NETWORK, Aspect.CERTIFICATE, Aspect.PAGE):
        assert found[aspect].outcome is Outcome.NO_ADDRESS
        assert found[aspect].facts["reason"] == "acme-idle.test has no address"
        assert found[aspect].vantage == "nobody was asked"
    assert len(web.requests()) == before


@pytest.mark.peer
def test_a_sub_domain_without_an_address_is_not_its_domain(world):
    found = enriched(world, "empty.acme-login.test")["empty.acme-login.test"]
    assert found[Aspect.PAGE].outcome is Outcome.NO_ADDRESS
    assert found[Aspect.DNS].facts["apex_addresses"] == ["127.0.0.1"]


@pytest.mark.peer
def test_a_name_without_servers_is_asked_of_its_registry(world):
    found = enriched(world, "acme-dark.test", "acme-free.test")
    dark, free = found["acme-dark.test"], found["acme-free.test"]
    assert dark[Aspect.DNS].outcome is free[Aspect.DNS].outcome is Outcome.ABSENT
    assert state_of(dark.values()) is SubjectState.REGISTERED
    assert state_of(free.values()) is SubjectState.UNREGISTERED


@pytest.mark.peer
def test_silence_of_the_dns_says_nothing_of_the_page(world):
    found = enriched(
        world, "acme-login.test", aspects=USUAL - {Aspect.RDAP},
        nameserver=f"127.0.0.1:{free_port()}",
    )["acme-login.test"]  # fmt: skip
    assert found[Aspect.PAGE].outcome not in (Outcome.NO_ADDRESS, Outcome.ABSENT)
    assert "could not be told" in found[Aspect.PAGE].facts["reason"]
    assert state_of(found.values()) is SubjectState.UNKNOWN


@pytest.mark.peer
def test_hosts_of_one_domain_share_its_registration(world):
    web, _, _ = world
    hosts = ["acme-login.test", "www.acme-login.test", "a.acme-login.test"]
    before = [one.path for one in web.requests()].count("/registry/domain/acme-login.test")
    found = enriched(world, *hosts, aspects={Aspect.RDAP})
    after = [one.path for one in web.requests()].count("/registry/domain/acme-login.test")
    assert after - before == 1
    assert [found[host][Aspect.RDAP].host for host in hosts] == hosts


@pytest.mark.peer
@pytest.mark.parametrize("in_flight", [1, 3])
def test_every_host_comes_once_however_many_are_asked_at_once(world, in_flight):
    hosts = [f"h{number}.test" for number in range(7)]
    found = enriched(world, *hosts, aspects={Aspect.DNS}, in_flight=in_flight)
    assert sorted(found) == sorted(hosts)


@pytest.mark.peer
def test_findings_become_rows_of_the_schema(world):
    found = enriched(world, "acme-login.test")["acme-login.test"]
    table = findings_table(found.values())
    assert table.schema.equals(ENRICHMENT_SCHEMA)
    rows = {row["aspect"]: row for row in table.to_pylist()}
    assert rows["page"]["raw_sha256"] == found[Aspect.PAGE].raw_sha256
    assert json.loads(rows["dns"]["facts"])["registrable"] == "acme-login.test"
    assert rows["dns"]["subject_key"] == "host:acme-login.test"


@pytest.mark.peer
def test_no_picture_is_taken_where_there_is_no_page(world):
    web, names, _ = world
    nobody = free_port()

    async def look(resolver, fetch):
        enricher = Enricher(
            resolver, fetch, aspects={Aspect.PAGE, Aspect.SCREENSHOT}, clock=clock,
            page_ports=Ports(https=nobody, http=nobody),
            # A program that would fail the test, were it started.
            screenshots=Screenshots(resolver, clock=clock, executable="/nonexistent/chromium"),
        )  # fmt: skip
        return await enricher.enrich("acme-login.test"), await enricher.enrich("acme-idle.test")

    unreachable, idle = asked(names.address, look, ports=[nobody])
    assert [finding.outcome for finding in unreachable] == [Outcome.UNREACHABLE] * 2
    assert "no page to take a picture of" in unreachable[1].facts["reason"]
    assert [finding.outcome for finding in idle] == [Outcome.NO_ADDRESS] * 2
    assert not [one for one in web.requests() if "Chrom" in one.user_agent]


def test_what_an_aspect_needs_is_asked_for_at_once():
    with pytest.raises(UsageError, match="Bootstrap"):
        Enricher(None, None, aspects={Aspect.RDAP})
    with pytest.raises(UsageError, match="browser"):
        Enricher(None, None, aspects={Aspect.SCREENSHOT})


@pytest.mark.peer
def test_an_error_that_nobody_foresaw_ends_one_host_and_is_told_behind_the_others(
    world, monkeypatch
):
    from namaak.enriching import enricher

    real = enricher.ask_dns

    async def faulty(resolver, host, **given):
        if host == "h1.test":
            raise ZeroDivisionError("a fault of ours")
        return await real(resolver, host, **given)

    monkeypatch.setattr(enricher, "ask_dns", faulty)
    found = []

    async def look(resolver, fetch):
        asking = Enricher(resolver, fetch, aspects={Aspect.DNS}, clock=clock)
        async for findings in asking.enrich_many([f"h{number}.test" for number in range(5)], 2):
            found.append(findings[0].host)

    with pytest.raises(ExceptionGroup) as raised:
        asked(world[1].address, look)
    assert sorted(found) == ["h0.test", "h2.test", "h3.test", "h4.test"]
    (fault,) = raised.value.exceptions
    assert isinstance(fault, ZeroDivisionError)
    assert fault.__notes__ == ["while looking at h1.test"]


@pytest.mark.peer
@pytest.mark.parametrize("error", [UsageError("no memory"), ZeroDivisionError("with every host")])
def test_what_is_wrong_with_this_machine_ends_the_asking(world, monkeypatch, error):
    from namaak.enriching import enricher

    begun = []

    async def faulty(resolver, host, **given):
        begun.append(host)
        raise type(error)(*error.args)

    monkeypatch.setattr(enricher, "ask_dns", faulty)

    async def look(resolver, fetch):
        asking = Enricher(resolver, fetch, aspects={Aspect.DNS}, clock=clock)
        async for _ in asking.enrich_many((f"h{number}.test" for number in range(900)), 2):
            pass

    with pytest.raises((UsageError, ExceptionGroup)):
        asked(world[1].address, look)
    assert len(begun) < 60
