"""Which known addresses are asked for, by what the host's own name says."""

from __future__ import annotations

import asyncio

import pytest

from namaak.enriching import Enricher
from namaak.enriching.findings import Aspect, Finding, Outcome
from tests.enriching.world import NOW, asking, clock
from tests.peers import nginx, nsd, soa

pytestmark = pytest.mark.peer
BARE = "waldermond-login.test"
WWW = f"www.{BARE}"


def gone(host: str, *, exists: bool) -> list[Finding]:
    """What a look at a name found that leads nowhere."""
    outcome = Outcome.EMPTY if exists else Outcome.ABSENT
    questions = [{"name": host, "type": kind, "outcome": outcome, "values": []} for kind in "A"]
    facts = {"exists": exists, "addresses": [], "questions": questions}
    of = {"host": host, "asked_at": NOW, "vantage": "-", "due_at": NOW}
    return [
        Finding(aspect=Aspect.DNS, outcome=outcome, facts=facts, **of),
        Finding(aspect=Aspect.PAGE, outcome=Outcome.NO_ADDRESS, facts={}, **of),
    ]


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(("host", "beside"), [(BARE, WWW), (WWW, BARE)])
def test_a_name_that_leads_nowhere_takes_its_own_pages_along_and_no_other_names(
    tmp_path, host, beside, exists
):
    (tmp_path / "pay").write_text("<title>Pay</title>")
    zones = {"test": soa(), beside: "@ 300 IN A 127.0.0.1\n"}

    async def asked() -> dict[str, list[Finding]]:
        async with asking(names.address, web.port) as (resolver, fetch):
            enricher = Enricher(resolver, fetch, aspects={Aspect.DNS, Aspect.PAGE}, clock=clock)
            urls = [f"http://{name}:{web.port}/pay" for name in (host, beside)]
            return await enricher.ask_known(gone(host, exists=exists), urls)

    with nginx(tmp_path) as web, nsd(zones, tmp_path / "zones") as names:
        found = asyncio.run(asked())
    ((url, (dns, page)),) = found.items()
    assert beside in url and (dns.host, dns.aspect) == (beside, Aspect.DNS)
    assert (page.outcome, page.facts["status"]) == (Outcome.ANSWERED, 200)
