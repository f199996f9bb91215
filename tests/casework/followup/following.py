"""A world to follow a case in: a casebook, a web server, and name servers that disagree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from namaak.brands import Brand
from namaak.casework.casebook import Casebook
from namaak.casework.checks import Told
from namaak.casework.lifecycle import Decision
from namaak.casework.reading import CaseFile, open_snapshot, read_case, read_rows
from namaak.enriching import Enricher
from namaak.enriching.bootstrap import Bootstrap
from namaak.enriching.page import Ports
from namaak.fetch import Fetcher, Manners, Rate
from namaak.rechecking import Place, due_cases, recheck
from namaak.records import case_id
from namaak.resolving import Resolver
from namaak.settings import Settings
from tests.enriching.cases import host_match, made
from tests.enriching.registry import bootstrap_list, domain_answer
from tests.enriching.world import CONTACT, allowed
from tests.peers import WebServed, free_port, soa

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOST = "waldermond-login.test"
CASE = case_id("waldermond", f"host:{HOST}")
BRANDS = {"waldermond": Brand(name="Waldermond", domains=("waldermond.example",))}
#: The name leads to loopback; the name is not there.
THERE = {"test": soa(), HOST: "@ 300 IN A 127.0.0.1\n"}
GONE = {"test": soa()}


def settings_of(folder: Path, *, decision: str | None = "confirm", **other: Any) -> Settings:
    """A casebook with one case of HOST; decision: what ann said of it."""
    settings = made(folder, "enabled = false", [host_match(HOST)])
    if decision is not None:
        decide(settings, decision, **other)
    return settings


def decided_cases(
    folder: Path, decisions: Sequence[tuple[str, Mapping[str, Any]] | None]
) -> tuple[Settings, list[str]]:
    """One casebook with a case for each decision of ann's; their ids, in that order."""
    hosts = [f"waldermond-{number}.test" for number, _ in enumerate(decisions)]
    settings = made(folder, "enabled = false", map(host_match, hosts))
    ids = [case_id("waldermond", f"host:{host}") for host in hosts]
    with writing(settings) as book:
        for identity, decision in zip(ids, decisions, strict=True):
            if decision is not None:
                kind, other = decision
                book.decide(identity, Decision(kind=kind, **other), actor="ann", now=START)
    return settings, ids


def decide(settings: Settings, kind: str, *, now: datetime = START, **other: Any) -> None:
    with writing(settings) as book:
        book.decide(CASE, Decision(kind=kind, **other), actor="ann", now=now)


def writing(settings: Settings):
    return Casebook.writing(working=settings.working_casebook, published=settings.casebook)


@dataclass
class Site:
    """What a web server on loopback shows: the page, and the registry's record of the name."""

    web: WebServed
    folder: Path

    def show(self, html: str | None) -> None:
        """None: there is no such page any more."""
        page = self.folder / "index.html"
        page.unlink(missing_ok=True)
        if html is not None:
            page.write_text(html)

    def register(self, status: list[str] | None) -> None:
        """None: the registry knows no such name."""
        record = self.folder / "registry" / "domain" / HOST
        record.parent.mkdir(parents=True, exist_ok=True)
        record.unlink(missing_ok=True)
        if status is not None:
            record.write_text(json.dumps(domain_answer(HOST) | {"status": status}))
        (self.folder / "dns.json").write_bytes(
            bootstrap_list(["test"], f"{self.web.url}/registry/")
        )


@dataclass
class Story:
    """A case followed through simulated time; places by the name server that each asks."""

    settings: Settings
    site: Site
    now: datetime = START
    told: list[Told] = field(default_factory=list)

    def looks(self, after: timedelta, places: Mapping[str, str], **proxies: str) -> Told | None:
        """Go on in time, and look at what is due then. None: nothing was.

        proxies: by name of the place; its pages are asked for by it.
        """
        self.now += after
        wanted = due_cases(self.settings, now=self.now)
        usable = [
            Place(name=name, resolvers=(server,), proxy=proxies.get(name))
            for name, server in places.items()
        ]
        told = recheck(wanted, self.settings, usable, self.opened, clock=lambda: self.now)
        self.told += told
        return told[0] if told else None

    @asynccontextmanager
    async def opened(self, place: Place):
        port, nobody = self.site.web.port, free_port()
        rate = Rate(per_second=10_000, burst=10_000)
        async with (
            Resolver(servers=place.resolvers, timeout_s=0.5, tries=1) as resolver,
            Fetcher(
                contact=CONTACT, manners=Manners(default=rate), nameservers=place.resolvers,
                retries=0, allow=allowed(port, nobody), now=lambda: self.now,
                proxy=place.way_out(),
            ) as fetch,
        ):  # fmt: skip
            yield Enricher(
                resolver, fetch, aspects=place.aspects, brands=BRANDS, clock=lambda: self.now,
                bootstrap=Bootstrap(
                    self.site.folder / "state", clock=lambda: self.now,
                    urls={"dns": f"{self.site.web.url}/dns.json",
                          "ipv4": f"{self.site.web.url}/none.json",
                          "ipv6": f"{self.site.web.url}/none.json"},
                ),
                page_ports=Ports(https=nobody, http=port), tls_port=nobody,
                allow=allowed(port),
            )  # fmt: skip

    def case(self) -> CaseFile:
        with open_snapshot(self.settings.casebook) as con:
            return read_case(con, CASE)

    def row(self) -> dict[str, Any]:
        (found,) = self.rows("from cases")
        return found

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with open_snapshot(self.settings.casebook) as con:
            return list(read_rows(con, sql))

    def happened(self) -> list[str]:
        return [event["kind"] for event in self.case().events]
