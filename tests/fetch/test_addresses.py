"""Which addresses pass: compared with the registries' text and with the standard library."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.errors import Failure
from namaak.fetch import Allowed, connecting
from namaak.fetch.addresses import refusal, refusal_of
from namaak.fetch.connecting import is_ours
from tests.fetch.asking import fetcher, refused
from tests.peers import hostile, reply


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("0.0.0.0", "this network"),
        ("0.255.255.255", "this network"),
        ("10.255.0.1", "private"),
        ("100.64.0.1", "shared by customers"),
        ("100.127.255.254", "shared by customers"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("168.63.129.16", "a cloud's service"),
        ("169.254.169.254", "link-local"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.192", "of protocols"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "6to4"),
        ("192.168.1.1", "private"),
        ("198.18.0.1", "benchmarks"),
        ("198.19.255.255", "benchmarks"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::2", "inside IPv6"),
        ("::ffff:127.0.0.1", "inside IPv6"),
        ("::ffff:9.9.9.9", "inside IPv6"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b::909:909", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("100::1", "discarded"),
        ("2001::1", "Teredo"),
        ("2001:0:ffff::7f00:1", "Teredo"),
        ("2001:2::1", "benchmarks"),
        ("2001:20::1", "of protocols"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::", "6to4"),
        ("2002:909:909::", "6to4"),
        ("3fff::1", "documentation"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("fe80::1", "link-local"),
        ("fec0::1", "site-local"),
        ("ff02::1", "multicast"),
        ("5f00::1", "outside of global unicast"),
        ("4000::1", "outside of global unicast"),
    ],
)
def test_an_address_is_refused_for_its_own_reason(address, reason):
    assert reason in refusal(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["9.9.9.9", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
     "11.0.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "192.0.1.0", "192.167.255.255",
     "198.17.255.255", "198.20.0.0", "223.255.255.255", "2620:fe::fe", "2a00:1450::1",
     "2001:200::1", "2003::1", "3ffe:ffff::1"],
)  # fmt: skip
def test_global_unicast_passes(address):
    assert refusal(ipaddress.ip_address(address)) is None


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(ADDRESSES)
def test_what_the_standard_library_calls_private_never_passes(address):
    if address.is_private or address.is_reserved or address.is_multicast or address.is_loopback:
        assert refusal(address) is not None


@given(st.ip_addresses(v=4))
def test_no_ipv6_form_of_an_ipv4_address_passes(address):
    number = int(address)
    for form in (
        number,  # compatible
        0xFFFF << 32 | number,  # mapped
        0x64FF9B << 96 | number,  # NAT64
        0x2002 << 112 | number << 80,  # 6to4
        0x20010000 << 96 | (number ^ 0xFFFFFFFF),  # Teredo
    ):
        assert refusal(ipaddress.IPv6Address(form)) is not None


def test_an_exception_holds_for_its_network_and_port_and_nothing_beside():
    allow = [Allowed("127.0.0.0/8", 8080)]

    def of(text, port, ports=(80,)):
        return refusal_of(text, port, ports=ports, allow=allow)

    assert of("127.0.0.1", 8080) is None
    assert of("127.0.0.1", 80) == "127.0.0.1 is loopback"
    assert of("10.0.0.1", 8080) == "10.0.0.1 is private"
    assert of("::ffff:127.0.0.1", 8080) is not None
    assert of("9.9.9.9", 80) is None
    # The port of an exception is not asked anywhere else.
    assert of("9.9.9.9", 8080) == "port 8080 is not among those that are asked"


def test_the_zone_of_an_address_hides_nothing():
    assert "link-local" in refusal_of("fe80::1%eth0", 80, ports=(80,), allow=())


@pytest.mark.parametrize("wrong", [("127.0.0.1/8", 80), ("localhost", 80), ("127.0.0.0/8", 0)])
def test_an_exception_that_is_none_is_refused_when_it_is_made(wrong):
    with pytest.raises(ValueError):
        Allowed(*wrong)


def test_the_machine_knows_its_own_addresses():
    own = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Without a route there is no address to ask for beside loopback.
        if probe.connect_ex(("192.0.2.1", 9)) == 0:
            own.add(probe.getsockname()[0])
    for address in own | {"127.0.0.1"}:
        assert is_ours(address)
    assert not is_ours("192.0.2.1")


def test_an_address_of_this_machine_is_refused_even_where_it_is_public(monkeypatch):
    """Loopback passes the list here, as a public address of this machine would."""
    monkeypatch.setattr(connecting, "refusal_of", lambda *_, **__: None)
    with hostile(reply()) as server:
        error = refused(f"{server.url}/", fetcher(), ports=(server.port,))
        assert server.connections == 0
    assert error.failure is Failure.POLICY
    assert "127.0.0.1 is an address of this machine" in error.says
