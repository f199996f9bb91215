"""Ten ways to write an address that nobody outside may reach; a server listens behind each."""

from __future__ import annotations

import pytest

from namaak.errors import Failure
from namaak.fetch import Allowed
from tests.fetch.asking import fetcher, get, refused
from tests.peers import hostile, nsd, reply

SPELLINGS = {
    "loopback": "127.0.0.1",
    "localhost": "localhost",
    "v4-mapped": "[::ffff:127.0.0.1]",
    "one-number": "2130706433",
    "hexadecimal": "0x7f.1",
    "this-network": "0.0.0.0",
    "link-local-metadata": "169.254.169.254",
    "carrier-grade-nat": "100.64.0.1",
    "nat64": "[64:ff9b::7f00:1]",
    "6to4": "[2002:7f00:1::]",
}


@pytest.fixture(scope="module")
def listening():
    with hostile(reply(b"private")) as server:
        yield server


@pytest.mark.parametrize("host", SPELLINGS.values(), ids=SPELLINGS)
def test_a_url_spelled_so_is_refused_and_nobody_is_asked(listening, host):
    before = listening.connections
    error = refused(
        f"http://{host}:{listening.port}/", fetcher(), ports=(listening.port,), deadline_s=5
    )
    assert error.failure is Failure.POLICY
    assert "port" not in error.says
    assert listening.connections == before


@pytest.mark.parametrize("host", SPELLINGS.values(), ids=SPELLINGS)
def test_a_redirect_spelled_so_is_refused_and_nobody_is_asked(listening, host):
    place = f"http://{host}:{listening.port}/secret"
    before = listening.connections
    with hostile(reply(status="302 Found", Location=place)) as public:
        # Only the first server may be asked, so that the redirect leads to a refused address.
        error = refused(f"{public.url}/", fetcher(public.port), ports=(listening.port,))
    assert error.failure is Failure.POLICY
    assert len(error.hops) <= 1
    assert listening.connections == before


def test_the_same_server_answers_whom_the_exception_names(listening):
    assert get(f"{listening.url}/", fetcher(listening.port)).body == b"private"


def test_an_exception_holds_for_its_own_port_and_network_only(listening):
    url = f"{listening.url}/"
    other_port = fetcher(allow=[Allowed("127.0.0.1/32", 9)])
    other_network = fetcher(allow=[Allowed("127.0.0.2/32", listening.port)])
    for made in (other_port, other_network):
        assert refused(url, made, ports=(listening.port,)).failure is Failure.POLICY


#: One name each in a zone; what an attacker writes into his own zone.
POINTING = {
    "a-loopback": ("A", "127.0.0.1"),
    "a-this-network": ("A", "0.0.0.0"),
    "a-link-local": ("A", "169.254.169.254"),
    "a-carrier-grade-nat": ("A", "100.64.0.1"),
    "a-private": ("A", "10.1.2.3"),
    "aaaa-loopback": ("AAAA", "::1"),
    "aaaa-v4-mapped": ("AAAA", "::ffff:127.0.0.1"),
    "aaaa-nat64": ("AAAA", "64:ff9b::7f00:1"),
    "aaaa-6to4": ("AAAA", "2002:7f00:1::"),
    "aaaa-unique-local": ("AAAA", "fd00:ec2::254"),
}


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    text = "".join(f"{name} 0 IN {kind} {at}\n" for name, (kind, at) in POINTING.items())
    with nsd({"shop.example": text}, tmp_path_factory.mktemp("zones")) as served:
        yield served


@pytest.mark.peer
@pytest.mark.parametrize("name", POINTING)
def test_a_name_that_points_there_is_refused_at_its_socket(zones, listening, name):
    before = listening.connections
    url = f"http://{name}.shop.example:{listening.port}/"
    error = refused(url, fetcher(nameservers=[zones.address]), ports=(listening.port,))
    assert error.failure is Failure.POLICY
    assert "would come from where namaak never asks (" in error.says
    assert "public servers only" in error.says and "name another" in error.says
    assert listening.connections == before
