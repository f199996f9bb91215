"""The peers themselves: they answer, they can be asked what they saw, they leave nothing behind."""

from __future__ import annotations

import urllib.request

import dns.message
import dns.query
import dns.rcode
import dns.resolver
import dns.tsigkeyring
import dns.xfr
import dns.zone
import pytest

from tests.peers import Tsig, nginx, nsd, soa, unbound

pytestmark = pytest.mark.peer


def _ask(peer, name, kind="A"):
    return dns.query.udp(dns.message.make_query(name, kind), peer.host, port=peer.port, timeout=5)


def test_nginx_serves_the_folder_and_tells_who_asked(tmp_path):
    (tmp_path / "checkpoint").write_text("origin\n")
    with nginx(tmp_path) as served:
        with urllib.request.urlopen(served.url + "/checkpoint?a=1") as reply:
            assert reply.read() == b"origin\n"
        (asked,) = served.requests()
        assert (asked.status, asked.path) == (200, "/checkpoint?a=1")
        process_gone = served.port
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{process_gone}/", timeout=2)


def test_nsd_answers_for_its_zones_and_takes_a_new_text(tmp_path):
    with nsd({"shop.example": soa(1) + "www 0 IN A 192.0.2.7\n"}, tmp_path) as zones:
        assert "192.0.2.7" in _ask(zones, "www.shop.example").to_text()
        zones.change("shop.example", soa(2) + "www 0 IN A 192.0.2.8\n")
        assert "192.0.2.8" in _ask(zones, "www.shop.example").to_text()
        assert _ask(zones, "no.shop.example").rcode() == dns.rcode.NXDOMAIN


def test_nsd_transfers_only_to_whom_signs(tmp_path):
    key = Tsig(name="transfer.", secret="c2VjcmV0IG9mIHRoZSB0ZXN0cw==")
    ring = dns.tsigkeyring.from_text({key.name: key.secret})
    with nsd({"shop.example": "www IN A 192.0.2.7\n"}, tmp_path, tsig=key) as zones:
        unsigned = dns.query.xfr(zones.host, "shop.example", port=zones.port, timeout=5)
        with pytest.raises(dns.query.TransferError):
            dns.zone.from_xfr(unsigned)
        signed = dns.query.xfr(
            zones.host, "shop.example", port=zones.port, timeout=5, keyring=ring, keyname=key.name,
            keyalgorithm=key.algorithm,
        )  # fmt: skip
        assert "www" in dns.zone.from_xfr(signed).to_text()


def test_unbound_resolves_its_zones_and_refuses_all_others(tmp_path):
    with (
        nsd({"shop.test": "www IN A 192.0.2.7\n"}, tmp_path) as zones,
        unbound(tmp_path, stub_zones={"shop.test": (zones.host, zones.port)}) as resolver,
    ):
        assert "192.0.2.7" in _ask(resolver, "www.shop.test").to_text()
        assert _ask(resolver, "nope.shop.test").rcode() == dns.rcode.NXDOMAIN
        assert _ask(resolver, "www.elsewhere.example").rcode() == dns.rcode.REFUSED
