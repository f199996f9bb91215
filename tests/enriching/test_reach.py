"""What is said of a host without an address: a fact about the host, or about our resolver."""

from __future__ import annotations

import asyncio
import socket

import pytest

from namaak.enriching.reach import Unreachable, checked_addresses
from namaak.resolving import Resolver
from tests.peers import nsd


def said(server: str, host: str) -> str:
    async def run() -> str:
        async with Resolver(servers=[server], timeout_s=0.2, tries=1) as resolver:
            with pytest.raises(Unreachable) as caught:
                await checked_addresses(resolver, host, 443, ports=(443,), allow=())
            assert not caught.value.refused
            return str(caught.value)

    return asyncio.run(run())


def test_a_resolver_that_is_silent_is_named_and_says_nothing_of_the_host():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{silent.getsockname()[1]}"
        says = said(server, "acme-login.test")
    assert says == (
        f"could not be looked up: no resolver answered in time ({server}); see `resolvers` of "
        "[enrichment], or of the vantage, in the watch file"
    )


def test_a_name_that_cannot_be_asked_is_no_fault_of_a_resolver():
    assert said("127.0.0.1:9", "acme..test") == "is no name that can be asked"


@pytest.mark.peer
def test_only_a_resolver_s_word_makes_a_host_one_without_address(tmp_path):
    with nsd({"test": "idle IN TXT x\n"}, tmp_path) as served:
        assert said(served.address, "idle.test") == "has no address"
        assert said(served.address, "gone.test") == "has no address"
        assert "the resolver refuses to answer us" in said(served.address, "acme.example")
