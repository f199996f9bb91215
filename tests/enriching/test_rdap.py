"""Registration data asked for: whom by, in which order, and what each failure is called."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from namaak.enriching import Outcome
from namaak.enriching.bootstrap import Bootstrap
from namaak.enriching.network import Allocations, OriginZones
from namaak.enriching.rdap import ask_rdap
from namaak.errors import SourceError
from namaak.fetch import Fetcher, Manners, Rate
from tests.enriching.registry import (
    bootstrap_list,
    domain_answer,
    network_answer,
    registrar_answer,
)
from tests.enriching.world import CONTACT, NOW, allowed, asked, clock
from tests.peers import nginx, nsd

NAME = "acme-login.test"
JSON = "default_type application/rdap+json;"


class Registries:
    """IANA's lists, a registry and a registrar, all on one server."""

    def __init__(self, folder, served):
        self.folder, self.served = folder, served
        self.urls = {key: f"{served.url}/{key}.json" for key in ("dns", "ipv4", "ipv6")}
        self.put("dns.json", bootstrap_list(["test"], f"{served.url}/registry/"))
        self.put("ipv4.json", bootstrap_list(["203.0.113.0/24"], f"{served.url}/rir"))
        self.put("ipv6.json", bootstrap_list(["2001:db8::/32"], f"{served.url}/rir"))

    def put(self, path, content):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())

    def ask(self, host=NAME, *, state=None, clock=clock):
        async def run():
            rate = Rate(per_second=10_000, burst=10_000)
            async with Fetcher(
                contact=CONTACT, manners=Manners(default=rate), retries=0, now=clock,
                allow=allowed(self.served.port),
            ) as fetch:  # fmt: skip
                bootstrap = Bootstrap(state or self.folder / "state", clock=clock, urls=self.urls)
                return await ask_rdap(fetch, bootstrap, host, clock=clock)

        return asyncio.run(run())

    def paths(self):
        return [one.path for one in self.served.requests()]


@pytest.fixture
def registries(tmp_path, request):
    folder = tmp_path / "www"
    folder.mkdir()
    locations = JSON + (getattr(request, "param", "") or "")
    with nginx(folder, locations=locations) as served:
        yield Registries(folder, served)


@pytest.mark.peer
def test_the_registry_and_then_the_registrar_are_asked(registries):
    link = f"{registries.served.url}/registrar/domain/{NAME}"
    registries.put(f"registry/domain/{NAME}", domain_answer(registrar_url=link))
    registries.put(f"registrar/domain/{NAME}", registrar_answer())
    finding = registries.ask(f"www.{NAME}")
    assert finding.outcome is Outcome.ANSWERED
    assert registries.paths() == [
        "/dns.json", f"/registry/domain/{NAME}", f"/registrar/domain/{NAME}",
    ]  # fmt: skip
    facts = finding.facts
    assert facts["registrar"] == "Halfpenny Names Ltd"
    assert facts["abuse"]["email"] == ["abuse@names.example", "trust@names.example"]
    assert json.loads(finding.raw) == domain_answer(registrar_url=link)
    (kept,) = finding.kept
    assert [server["sha256"] for server in facts["servers"]] == [
        finding.raw_sha256, kept.sha256,
    ]  # fmt: skip
    assert json.loads(kept.content) == registrar_answer()
    assert "127.0.0.1" in finding.vantage
    assert finding.due_at == NOW + timedelta(days=7)


@pytest.mark.peer
def test_404_of_the_registry_is_not_registered(registries):
    finding = registries.ask()
    assert finding.outcome is Outcome.ABSENT
    assert finding.facts["registered"] is False


@pytest.mark.peer
def test_a_suffix_without_a_server_has_no_rdap(registries):
    finding = registries.ask("acme.example")
    assert finding.outcome is Outcome.NO_RDAP
    assert registries.paths() == ["/dns.json"]


@pytest.mark.peer
def test_a_suffix_of_a_hosting_service_is_not_asked_about(registries):
    finding = registries.ask("acme-login.github.io")
    assert finding.outcome is Outcome.NO_RDAP
    assert not registries.served.requests()


@pytest.mark.peer
@pytest.mark.parametrize(
    ("registries", "outcome"),
    [
        ("location /registry { return 429; }", Outcome.THROTTLED),
        ("location /registry { return 403; }", Outcome.REFUSED),
        ("location /registry { return 500; }", Outcome.BROKEN),
        ("location /registry { return 302 http://10.0.0.1/; }", Outcome.POLICY),
        ("location /registry { return 200 '<html>'; }", Outcome.MALFORMED),
    ],
    indirect=["registries"],
)
def test_what_a_registry_fails_with_is_no_absence(registries, outcome):
    finding = registries.ask()
    assert finding.outcome is outcome
    assert finding.facts.get("registered") is None
    assert finding.facts["reason"]
    assert finding.facts["servers"][0]["outcome"] == outcome


@pytest.mark.peer
def test_an_answer_that_cannot_be_read_is_kept(registries):
    registries.put(f"registry/domain/{NAME}", domain_answer("other.test"))
    finding = registries.ask()
    assert finding.outcome is Outcome.MALFORMED
    assert json.loads(finding.raw)["ldhName"] == "OTHER.TEST"


@pytest.mark.peer
@pytest.mark.parametrize(
    ("link", "outcome"),
    [
        ("http://169.254.169.254/latest/meta-data", "policy"),
        ("http://127.0.0.1:1/x", "policy"),
        ("http://localhost/x", "policy"),
    ],
)
def test_a_registrar_at_a_private_address_is_refused_and_the_registry_stands(
    registries, link, outcome
):
    registries.put(f"registry/domain/{NAME}", domain_answer(registrar_url=link))
    finding = registries.ask()
    assert finding.outcome is Outcome.ANSWERED
    assert finding.facts["servers"][1]["outcome"] == outcome
    assert finding.facts["registrar"] == "Halfpenny Names Ltd"


@pytest.mark.peer
def test_a_registrar_that_answers_nonsense_costs_nothing(registries):
    link = f"{registries.served.url}/registrar/nonsense"
    registries.put("registrar/nonsense", b"{}")
    registries.put(f"registry/domain/{NAME}", domain_answer(registrar_url=link))
    finding = registries.ask()
    assert finding.outcome is Outcome.ANSWERED
    assert finding.facts["servers"][1]["outcome"] == "malformed"
    assert [kept.content for kept in finding.kept] == [b"{}"]


@pytest.mark.peer
def test_the_lists_are_kept_for_a_day_and_then_asked_for_with_validators(registries):
    registries.put(f"registry/domain/{NAME}", domain_answer())
    registries.ask()
    registries.ask()
    assert registries.paths().count("/dns.json") == 1
    registries.ask(clock=lambda: NOW + timedelta(hours=25))
    statuses = [one.status for one in registries.served.requests() if one.path == "/dns.json"]
    assert statuses == [200, 304]
    # Asked for again, it is good for another day.
    registries.ask(clock=lambda: NOW + timedelta(hours=26))
    assert registries.paths().count("/dns.json") == 2


@pytest.mark.peer
def test_a_list_that_cannot_be_renewed_is_used_on(registries):
    registries.put(f"registry/domain/{NAME}", domain_answer())
    registries.ask()
    (registries.folder / "dns.json").unlink()
    finding = registries.ask(clock=lambda: NOW + timedelta(days=30))
    assert finding.outcome is Outcome.ANSWERED


@pytest.mark.peer
@pytest.mark.parametrize("content", [b"[]", b"<html>", b'{"services": [[["test"]]]}'])
def test_without_any_list_nothing_is_said_of_the_domain(registries, content):
    registries.put("dns.json", content)
    finding = registries.ask()
    assert finding.outcome is Outcome.MALFORMED
    assert "list of RDAP servers" in finding.facts["reason"]
    assert "registered" not in finding.facts


@pytest.mark.peer
def test_a_damaged_list_in_the_folder_is_fetched_anew(registries, tmp_path):
    registries.put(f"registry/domain/{NAME}", domain_answer())
    registries.ask(state=tmp_path / "state")
    (tmp_path / "state" / "dns.json").write_bytes(b"{")
    assert registries.ask(state=tmp_path / "state").outcome is Outcome.ANSWERED
    assert registries.paths().count("/dns.json") == 2


@pytest.mark.peer
def test_the_longest_match_and_the_encrypted_server_win(registries):
    registries.put(
        "dns.json",
        json.dumps(
            {
                "services": [
                    [["test"], ["http://short.test/"]],
                    [["co.test"], ["http://plain.test/rdap", "https://safe.test/rdap"]],
                ]
            }
        ).encode(),
    )
    registries.put(
        "ipv4.json",
        json.dumps(
            {"services": [[["203.0.0.0/8"], ["https://wide.test/"]],
                          [["203.0.113.0/24"], ["https://narrow.test/"]]]}
        ).encode(),
    )  # fmt: skip

    async def look(resolver, fetch):
        bootstrap = Bootstrap(registries.folder / "s", clock=clock, urls=registries.urls)
        return (
            await bootstrap.for_domain(fetch, "acme.co.test"),
            await bootstrap.for_domain(fetch, "acme.test"),
            await bootstrap.for_address(fetch, "203.0.113.9"),
            await bootstrap.for_address(fetch, "203.9.113.9"),
            await bootstrap.for_address(fetch, "9.9.9.9"),
        )

    assert asked("127.0.0.1:9", look, ports=[registries.served.port]) == (
        "https://safe.test/rdap/", "http://short.test/", "https://narrow.test/",
        "https://wide.test/", None,
    )  # fmt: skip


def test_a_list_that_is_not_there_raises_one_sentence(tmp_path):
    async def look(resolver, fetch):
        bootstrap = Bootstrap(tmp_path, clock=clock, urls={"dns": "http://127.0.0.1:9/dns.json"})
        with pytest.raises(SourceError):
            await bootstrap.for_domain(fetch, "acme.test")

    asked("127.0.0.1:9", look)


def networks(registries, addresses, *, nameserver="127.0.0.1:9", **further):
    async def look(resolver, fetch):
        bootstrap = Bootstrap(registries.folder / "state", clock=clock, urls=registries.urls)
        allocations = Allocations(fetch, bootstrap, resolver=resolver, clock=clock, **further)
        return [await allocations.ask("a.test", group) for group in addresses]

    return asked(nameserver, look, ports=[registries.served.port])


@pytest.mark.peer
def test_whose_address_it_is_and_where_they_take_complaints(registries):
    registries.put("rir/ip/203.0.113.7", network_answer())
    (finding,) = networks(registries, [["203.0.113.7"]])
    assert finding.outcome is Outcome.ANSWERED
    assert finding.facts["abuse_emails"] == ["abuse@penny.example"]
    assert finding.facts["asn"] == [64500]
    (network,) = finding.facts["networks"]
    assert (network["name"], network["asn_from"]) == ("PENNY-HOSTING", "rdap")
    assert network["sha256"] == finding.raw_sha256


@pytest.mark.peer
def test_a_neighbour_is_not_asked_about_again(registries):
    registries.put("rir/ip/203.0.113.7", network_answer())
    first, second = networks(registries, [["203.0.113.7"], ["203.0.113.9"]])
    assert second.facts["networks"][0]["address"] == "203.0.113.9"
    assert second.facts["networks"][0]["name"] == first.facts["networks"][0]["name"]
    assert second.raw == first.raw
    assert [path for path in registries.paths() if path.startswith("/rir")] == [
        "/rir/ip/203.0.113.7"
    ]


@pytest.mark.peer
def test_a_range_smaller_than_the_block_answers_for_itself_alone(registries):
    small = network_answer("203.0.113.0", "203.0.113.15", 28)
    registries.put("rir/ip/203.0.113.7", small)
    _, second = networks(registries, [["203.0.113.7"], ["203.0.113.99"]])
    assert second.outcome is Outcome.ABSENT
    assert "/rir/ip/203.0.113.99" in registries.paths()


@pytest.mark.peer
def test_an_address_outside_of_all_lists_has_no_rdap(registries):
    (finding,) = networks(registries, [["198.51.100.7"]])
    assert finding.outcome is Outcome.NO_RDAP


@pytest.mark.peer
def test_one_address_that_is_known_is_enough_and_the_other_keeps_its_reason(registries):
    registries.put("rir/ip/203.0.113.7", network_answer("203.0.113.0", "203.0.113.15", 28))
    (finding,) = networks(registries, [["198.51.100.7", "203.0.113.7"]])
    assert finding.outcome is Outcome.ANSWERED
    assert [one["outcome"] for one in finding.facts["networks"]] == ["no-rdap", "answered"]


@pytest.mark.peer
def test_the_announcing_network_comes_from_a_zone_only_where_one_is_named(registries, tmp_path):
    answer = network_answer()
    del answer["arin_originas0_originautnums"]
    registries.put("rir/ip/203.0.113.7", answer)
    zone = '7.113.0.203 IN TXT "64501 64502 | 203.0.113.0/24 | NL | example | 2020-01-01"\n'
    with nsd({"origin.test": zone}, tmp_path / "zones") as zones:
        (without,) = networks(registries, [["203.0.113.7"]], nameserver=zones.address)
        (finding,) = networks(
            registries, [["203.0.113.7"]], nameserver=zones.address,
            origins=OriginZones(v4="origin.test", v6="origin6.test"),
        )  # fmt: skip
    assert without.facts["asn"] == []
    assert finding.facts["asn"] == [64501, 64502]
    assert finding.facts["networks"][0]["asn_from"] == "dns:origin.test"
