"""Through a validating resolver: a signature that does not hold is a failure, not an absence."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.rrset
import dns.zone
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from namaak.resolving import Outcome, Resolver
from tests.peers import nsd, unbound
from tests.peers.zones import soa

pytestmark = pytest.mark.peer

ZONE = dns.name.from_text("signed.test.")


def signed_zone() -> tuple[str, str]:
    """The zone's text, signed but for one broken signature, and its DS record."""
    text = f"$ORIGIN {ZONE}\n$TTL 300\n{soa()}a IN A 192.0.2.1\nbroken IN A 192.0.2.2\n"
    zone = dns.zone.from_text(text, ZONE, relativize=False)
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), "ECDSAP256SHA256", flags=257)
    now = datetime.now(UTC)
    with zone.writer() as change:
        dns.dnssec.sign_zone(
            zone, change, [(private, key)], add_dnskey=True, dnskey_ttl=300,
            inception=now - timedelta(hours=1), expiration=now + timedelta(days=1),
        )  # fmt: skip
    broken = dns.name.from_text("broken", ZONE)
    signatures = zone.find_rdataset(broken, dns.rdatatype.RRSIG, dns.rdatatype.A)
    (right,) = signatures
    wrong = right.replace(signature=bytes([right.signature[0] ^ 1]) + right.signature[1:])
    zone.replace_rdataset(broken, dns.rdataset.from_rdata_list(300, [wrong]))
    digest = dns.dnssec.make_ds(ZONE, key, "SHA256")
    return zone.to_text(relativize=False), f"{ZONE} 300 IN DS {digest}"


@pytest.fixture(scope="module")
def resolver_address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dns")
    text, digest = signed_zone()
    with (
        nsd({"signed.test": text, "plain.test": "a IN A 192.0.2.3\nlost IN CNAME gone\n"},
            folder / "nsd") as zones,
        unbound(
            folder / "unbound",
            stub_zones={
                "signed.test": (zones.host, zones.port), "plain.test": (zones.host, zones.port)
            },
            trust_anchors=[digest],
        ) as served,
    ):  # fmt: skip
        yield served.address


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("a.signed.test", Outcome.ANSWERED),
        ("broken.signed.test", Outcome.BROKEN),
        ("nobody.signed.test", Outcome.ABSENT),
        ("a.plain.test", Outcome.ANSWERED),
        ("lost.plain.test", Outcome.EMPTY),
        ("nobody.plain.test", Outcome.ABSENT),
        ("a.elsewhere.example", Outcome.REFUSED),
    ],
)
def test_a_validating_resolver_tells_a_broken_signature_from_an_absent_name(
    resolver_address, name, outcome
):
    async def ask():
        async with Resolver(servers=[resolver_address], timeout_s=5) as resolver:
            return await resolver.ask(name, "A")

    answer = asyncio.run(ask())
    assert answer.outcome is outcome
    assert answer.outcome.exists is {Outcome.ANSWERED: True, Outcome.EMPTY: True,
                                     Outcome.ABSENT: False}.get(outcome)  # fmt: skip
