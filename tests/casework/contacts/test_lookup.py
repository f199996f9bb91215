"""Looking contacts up over HTTP, from a server on loopback: asked little, believed less."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from namaak.casework.contacts.contact import Found
from namaak.casework.contacts.facts import CaseFacts, case_facts
from namaak.casework.contacts.lookup import look_up
from namaak.casework.contacts.scopes import Channel, Scope, Source
from namaak.casework.contacts.standing import standing, with_answers
from namaak.enriching.bootstrap import Bootstrap
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from tests.casework.contacts.cases import (
    ADDRESS,
    FURTHER,
    HOST,
    NOW,
    account_case,
    dns,
    host_case,
    network,
    page,
    rdap,
)
from tests.enriching.registry import domain_answer

KNOWN = {
    ADDRESS: ["Abuse@Hoster.test", f"abuse@{HOST}", "no box"],
    FURTHER: [],
    "AS64500": ["abuse@upstream.test"],
}


@contextmanager
def served(answers: dict[str, tuple[int, bytes]]) -> Iterator[tuple[int, list[str]]]:
    """A server that answers by path; its port, and the paths with queries that were asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answers.get(urlsplit(self.path).path, (404, b""))
            if urlsplit(self.path).path == "/finder" and not body:
                resource = parse_qs(urlsplit(self.path).query)["resource"][0]
                body = answer(KNOWN.get(resource, []))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(boxes: list[str]) -> bytes:
    """As RIPEstat writes it."""
    document = {
        "status": "ok", "status_code": 200, "version": "2.1",
        "data": {"abuse_contacts": boxes, "authoritative_rir": "ripe",
                 "parameters": {"resource": "x"}},
    }  # fmt: skip
    return json.dumps(document).encode()


def ask(facts: CaseFacts, port: int) -> Found:
    async def run() -> Found:
        rate = Rate(per_second=10_000, burst=10_000)
        async with Fetcher(
            contact="abuse@waldermond.example", manners=Manners(default=rate), retries=0,
            allow=[Allowed("127.0.0.1/32", port)],
        ) as fetch:  # fmt: skip
            return await look_up(
                fetch, facts, now=NOW, base_url=f"http://127.0.0.1:{port}/finder",
                scheme="http", ports=(80, 443, port),
            )  # fmt: skip

    return asyncio.run(run())


@pytest.fixture
def facts() -> CaseFacts:
    # No website of the registrar: its file lies on a host that no test can resolve.
    return case_facts(
        host_case(rdap(registrar_url=None), network({"abuse": None}), dns(), page()), official=()
    )


def test_addresses_and_as_numbers_are_asked_about_and_nothing_else(facts: CaseFacts) -> None:
    with served({"/finder": (200, b"")}) as (port, asked):
        found = ask(facts, port)
    queries = [parse_qs(urlsplit(path).query) for path in asked]
    assert [query["resource"] for query in queries] == [[ADDRESS], ["AS64500"]]
    assert {query["sourceapp"][0] for query in queries} == {"namaak"}
    told = {(one.scope, one.address, one.source) for one in found.contacts}
    assert told == {
        (Scope.HOST, "abuse@hoster.test", Source.LOOKUP),
        (Scope.NETWORK, "abuse@upstream.test", Source.LOOKUP),
    }


def test_a_mailbox_of_the_other_side_is_refused_whoever_tells_it(facts: CaseFacts) -> None:
    with served({"/finder": (200, b"")}) as (port, _):
        found = ask(facts, port)
    said = [one.says for one in found.failures]
    assert f"abuse@{HOST} is a mailbox of whoever is complained about" in said
    assert "'no box' is no mail address" in said


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (500, b"x", "500"),
        (200, b"not json", "cannot be read"),
        (200, b"[" * 5000, "cannot be read"),
        (200, b'{"status": "ok", "data": {"abuse_contacts": "abuse@x.test"}}', "cannot be read"),
        (200, b'{"status": "error", "data": {"abuse_contacts": []}}', "could not look"),
        (200, answer([]), "knows none"),
        (200, b'{"x": "' + b"a" * 300_000 + b'"}', "the look-up of abuse contacts"),
    ],
)
def test_an_answer_that_is_none_is_kept_as_a_failure(
    facts: CaseFacts, status: int, body: bytes, says: str
) -> None:
    with served({"/finder": (status, body)}) as (port, _):
        found = ask(facts, port)
    assert found.contacts == ()
    assert [one.subject for one in found.failures] == [ADDRESS, "AS64500"]
    assert all(says in one.says and one.source is Source.LOOKUP for one in found.failures)


def test_an_account_is_looked_up_nowhere() -> None:
    with served({"/finder": (200, b"")}) as (port, asked):
        assert ask(case_facts(account_case(), official=()), port) == Found()
    assert asked == []


def test_a_hidden_server_s_network_is_asked_as_the_network_it_is() -> None:
    hidden = case_facts(
        host_case(rdap(registrar_url=None), network({"asn": [13335]}), dns()), official=()
    )
    with served({"/finder": (200, answer(["abuse@cloudflare.com"]))}) as (port, _):
        found = ask(hidden, port)
    assert {one.scope for one in found.contacts} == {Scope.CDN, Scope.NETWORK}
    assert next(one for one in found.contacts if one.scope is Scope.CDN).provider_id == "cloudflare"


def file_of(facts: CaseFacts, text: str) -> tuple[Found, list[str]]:
    """The provider's file from loopback: the resolver of the fetcher knows no other names."""
    from namaak.casework.contacts.lookup import _ask_file

    async def run(port: int) -> Found:
        rate = Rate(per_second=10_000, burst=10_000)
        async with Fetcher(
            contact="abuse@waldermond.example", manners=Manners(default=rate), retries=0,
            allow=[Allowed("127.0.0.1/32", port)],
        ) as fetch:  # fmt: skip
            return await _ask_file(
                fetch, facts, f"http://127.0.0.1:{port}/.well-known/security.txt",
                scope=Scope.REGISTRAR, subject=HOST, name="Registrar Example",
                ports=(port,), now=NOW,
            )  # fmt: skip

    answers = {"/.well-known/security.txt": (200, text.encode())} if text else {}
    with served(answers) as (port, asked):
        return asyncio.run(run(port)), asked


def test_a_provider_s_file_gives_mailbox_and_form(facts: CaseFacts) -> None:
    text = (
        "Contact: mailto:security@registrar.test\nContact: https://registrar.test/abuse\n"
        "Contact: tel:+31-20-0000000\nExpires: 2027-06-01T00:00:00Z\n"
    )
    found, _ = file_of(facts, text)
    assert [(one.channel, one.address) for one in found.contacts] == [
        (Channel.MAIL, "security@registrar.test"),
        (Channel.FORM, "https://registrar.test/abuse"),
    ]
    assert "until 2027-06-01; not signed" in found.contacts[0].note
    assert "is no mail address" in found.failures[0].says


@pytest.mark.parametrize(
    ("contact", "says"),
    [
        (f"mailto:abuse@{HOST}", "complained about"),
        (f"https://{HOST}/abuse", "may not be asked"),
        ("https://user@registrar.test/", "may not be asked"),
        ("https://192.0.2.1/", "may not be asked"),
        ("https://registrar.test/<script>", "may not be asked"),
        ("http://registrar.test/abuse", "is no mail address"),
    ],
)
def test_a_file_leads_to_no_door_of_the_other_side_and_to_no_odd_address(
    facts: CaseFacts, contact: str, says: str
) -> None:
    found, _ = file_of(facts, f"Contact: {contact}\nExpires: 2027-06-01T00:00:00Z\n")
    assert found.contacts == ()
    assert says in found.failures[0].says


def test_a_file_leads_to_no_door_where_the_page_itself_was_seen() -> None:
    hops = [{"url": "https://next.test/"}]
    facts = case_facts(host_case(dns(), page(host="next.test", hops=hops)), official=())
    text = "Contact: mailto:abuse@next.test\nExpires: 2027-06-01T00:00:00Z\n"
    found, _ = file_of(facts, text)
    assert found.contacts == ()
    assert "complained about" in found.failures[0].says


def test_a_look_up_names_the_case_s_host_though_a_redirect_leads_through_its_site() -> None:
    hops = [{"url": "https://www.hoster.test/"}]
    facts = case_facts(
        host_case(rdap(registrar_url=None), network({"abuse": None}), dns(),
                  page(host="www.hoster.test", hops=hops)),
        official=(),
    )  # fmt: skip
    with served({"/finder": (200, b"")}) as (port, _):
        found = ask(facts, port)
    assert "abuse@hoster.test" in [one.address for one in found.contacts]


def test_an_as_number_is_of_the_step_whose_address_it_announces() -> None:
    hops = [{"url": "https://next.test/", "address": FURTHER}]
    nets = network({"abuse": None}, {"address": FURTHER, "abuse": None, "asn": [64501]})
    facts = case_facts(
        host_case(rdap(registrar_url=None), nets, dns(), page(host="next.test", hops=hops)),
        official=(),
    )
    with served({"/finder": (200, answer(["abuse@upstream.test"]))}) as (port, _):
        found = ask(facts, port)
    told = {one.subject: one.hop for one in found.contacts if one.scope is Scope.NETWORK}
    assert told == {"AS64500": 0, "AS64501": 1}


def test_a_provider_without_a_file_is_a_failure(facts: CaseFacts) -> None:
    found, asked = file_of(facts, "")
    assert asked == ["/.well-known/security.txt"]
    assert "there is none" in found.failures[0].says


def test_a_file_is_asked_of_providers_that_registries_name_and_never_of_the_case() -> None:
    from namaak.casework.contacts.lookup import _files

    own = rdap(registrar_url=f"https://{HOST}/")
    assert (
        _files(case_facts(host_case(own, network({"abuse": None}), dns()), official=()), ()) == []
    )
    told = _files(case_facts(host_case(), official=()), ())
    assert [domain for domain, *_ in told] == ["registrar.test", "hoster.test"]


def test_answers_stay_until_asked_again_and_go_when_the_case_moves_away(facts: CaseFacts) -> None:
    with served({"/finder": (200, b"")}) as (port, _):
        asked = ask(facts, port)
    first = with_answers(facts, asked, now=NOW)
    rows = [{name: getattr(one, name) for name in one.__dataclass_fields__}
            for one in first.contacts]  # fmt: skip
    vain = [{name: getattr(one, name) for name in one.__dataclass_fields__}
            for one in first.failures]  # fmt: skip
    assert standing(facts, rows, vain, now=NOW) == first
    moved = case_facts(
        host_case(rdap(), network({"address": FURTHER, "asn": []}), dns(FURTHER)), official=()
    )
    kept = standing(moved, rows, vain, now=NOW)
    assert not [one for one in kept.contacts if one.source is Source.LOOKUP]
    assert not [one for one in kept.failures if one.source is Source.LOOKUP]


def test_the_registrar_of_a_domain_behind_a_redirect_is_asked_of_its_registry(tmp_path) -> None:
    hops = [{"url": f"http://{HOST}/", "address": ADDRESS}, {"url": "https://acme-next.test/"}]
    facts = case_facts(
        host_case(rdap(registrar_url=None), network({"abuse": None}), dns(),
                  page(host="acme-next.test", hops=hops)),
        official=(),
    )  # fmt: skip

    async def run(port: int) -> Found:
        lists = {"dns": f"http://127.0.0.1:{port}/dns.json"}
        rate = Rate(per_second=10_000, burst=10_000)
        async with Fetcher(
            contact="abuse@waldermond.example", manners=Manners(default=rate), retries=0,
            allow=[Allowed("127.0.0.1/32", port)],
        ) as fetch:  # fmt: skip
            return await look_up(
                fetch, facts, now=NOW, base_url=f"http://127.0.0.1:{port}/finder", scheme="http",
                ports=(80, 443, port),
                bootstrap=Bootstrap(tmp_path / "rdap", clock=lambda: NOW, urls=lists),
            )  # fmt: skip

    answers: dict[str, tuple[int, bytes]] = {"/finder": (200, b"")}
    with served(answers) as (port, asked):
        lists = {"services": [[["test"], [f"http://127.0.0.1:{port}/rdap/"]]]}
        answers["/dns.json"] = 200, json.dumps(lists).encode()
        told = domain_answer("acme-next.test")
        answers["/rdap/domain/acme-next.test"] = 200, json.dumps(told).encode()
        found = asyncio.run(run(port))
    boxes = [one for one in found.contacts if one.scope is Scope.REGISTRAR]
    assert [(one.subject, one.source, one.hop) for one in boxes] == [
        ("acme-next.test", Source.LOOKUP, 1)
    ]
    assert boxes[0].provider_name == "Halfpenny Names Ltd"
    before = with_answers(facts, Found(), now=NOW).failures
    after = with_answers(facts, found, now=NOW).failures
    said = "no registry was asked who registered it; --look-up asks"
    assert said in [one.says for one in before]
    assert said not in [one.says for one in after]
    # The case's own domain was asked about before, by the enrichment.
    assert not [path for path in asked if HOST in path]
