"""What a sweep sees of registered names, at a real web server and a real name server."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from detectors.permutations import Candidate, Kind
from namaak.enriching import Aspect, Enricher
from namaak.enriching.page import Ports
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.records import SubjectState
from namaak.resolving import Resolver
from namaak.sweeping import Sweep, find_target, ranked_rows
from namaak.sweeping.dns_only import DnsOnly
from tests.peers import free_port, nginx, nsd, soa

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TARGET = find_target("waldermond.test", watch=None, day=date(2026, 11, 22))
HERE = "@ IN A 127.0.0.1\n"
ZONES = {
    "test": soa() + "waldermnd IN NS ns.test.\nwaldermonds IN NS ns.test.\nidle IN NS ns.test.\n",
    "waldermnd.test": HERE + "@ IN MX 10 mail\n",
    "waldermonds.test": HERE,
    "idle.test": soa(),
}
KIT = """<html><title>Waldermond - sign in</title><body>
<p>Your account was limited. Sign in to confirm that it is you.</p>
<form action="http://drop.example/take"><input type="text"><input type="password"></form>"""


def candidates(*hosts: str) -> list[Candidate]:
    return [
        Candidate(host=host, kind=Kind.OMISSION, kinds=(Kind.OMISSION,), priority=0.1)
        for host in hosts
    ]


def clock() -> datetime:
    return NOW


@pytest.mark.peer
def test_a_page_that_plays_the_brand_ranks_above_the_same_name_without(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "kit.html").write_text(KIT)
    (root / "plain.html").write_text("<html><title>Hats</title><body>We sell hats.")
    pages = "map $host $page { default /plain.html; waldermnd.test /kit.html; }"
    with (
        nsd(ZONES, tmp_path) as zones,
        nginx(root, locations="location = / { rewrite ^ $page; }", http=pages) as web,
    ):
        # Nobody speaks TLS here: a page is asked for over https first, and then over http.
        closed = free_port()
        allowed = [Allowed("127.0.0.0/8", port) for port in (web.port, closed)]

        async def main() -> Sweep:
            async with (
                Resolver(servers=[zones.address]) as resolver,
                Fetcher(
                    contact="abuse@waldermond.example",
                    manners=Manners(Rate(per_second=10_000, burst=1_000)),
                    nameservers=[zones.address], allow=allowed, retries=0,
                ) as fetcher,
            ):  # fmt: skip
                enricher = Enricher(
                    resolver, fetcher, aspects=(Aspect.DNS, Aspect.PAGE),
                    brands={TARGET.brand_id: TARGET.brand}, clock=clock, allow=allowed,
                    page_ports=Ports(https=closed, http=web.port),
                )  # fmt: skip
                sweep = Sweep(
                    TARGET, candidates("waldermnd.test", "waldermonds.test"), resolver=resolver,
                    enricher=enricher, clock=clock, memory_path=None,
                )  # fmt: skip
                await sweep.run()
                return sweep

        sweep = asyncio.run(main())
        asked = {request.user_agent for request in web.requests()}
    rows = {
        row.host: row
        for row in ranked_rows(list(sweep.sightings.values()), TARGET, before=sweep.before)
    }
    kit, plain = rows["waldermnd.test"], rows["waldermonds.test"]
    assert kit.state is plain.state is SubjectState.LIVE
    assert "The title of the page names waldermond" in kit.reasons
    assert any("password" in reason for reason in kit.reasons)
    assert not any("page" in reason for reason in plain.reasons)
    assert kit.score > plain.score
    assert all("abuse@waldermond.example" in agent for agent in asked)


@pytest.mark.peer
def test_without_a_contact_the_dns_alone_fills_what_it_can(tmp_path):
    names = candidates("waldermnd.test", "idle.test", "none.test")
    with nsd(ZONES, tmp_path) as zones:

        async def main() -> Sweep:
            async with Resolver(servers=[zones.address]) as resolver:
                sweep = Sweep(
                    TARGET, names, resolver=resolver, enricher=DnsOnly(resolver, clock=clock),
                    clock=clock, memory_path=None,
                )  # fmt: skip
                await sweep.run()
                return sweep

        sweep = asyncio.run(main())
    rows = {
        row.host: row
        for row in ranked_rows(list(sweep.sightings.values()), TARGET, before=sweep.before)
    }
    assert rows["waldermnd.test"].a == ("127.0.0.1",)
    assert rows["waldermnd.test"].mx == ("mail.waldermnd.test",)
    assert "It takes mail" in rows["waldermnd.test"].reasons
    assert rows["idle.test"].a == ()
    assert rows["idle.test"].state is SubjectState.REGISTERED
    assert sweep.sightings["none.test"].findings == []


@pytest.mark.peer
def test_looking_through_the_dns_ends_when_nobody_listens_any_more(tmp_path):
    """Whoever stops taking findings leaves no task behind."""
    with nsd(ZONES, tmp_path) as zones:

        async def main() -> int:
            async with Resolver(servers=[zones.address]) as resolver:
                looked = DnsOnly(resolver, clock=clock).enrich_many(
                    (f"n{number}.test" for number in range(500)), in_flight=3
                )
                await anext(looked)
                await looked.aclose()
                return len(asyncio.all_tasks())

        assert asyncio.run(main()) == 1
