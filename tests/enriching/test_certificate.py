"""Certificates as servers show them: seen whatever is wrong with them, and told as they are."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import threading
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from namaak.enriching import Outcome
from namaak.enriching.certificate import _FAULTS, ask_certificate, certificate_facts
from tests.enriching.certificates import DAY, der, made, shown
from tests.enriching.world import NOW, allowed, asked, asking, clock
from tests.peers import free_port, nginx, nsd


def facts(names, host="a.test", **further):
    return certificate_facts([der(made(names, **further)[0])], host, now=NOW)


def look(host, port, *, allow=None, nameserver="127.0.0.1:9"):
    return asked(
        nameserver,
        lambda resolver, _: ask_certificate(
            resolver, host, clock=clock, port=port,
            allow=allowed(port) if allow is None else allow,
        ),
    )  # fmt: skip


@pytest.mark.peer
def test_the_chain_is_kept_as_it_was_sent(tmp_path):
    root = made(["Penny Root"])
    leaf, key = made(["a.test", "*.a.test"], issuer=root)
    with (
        shown(tmp_path, [leaf, root[0]], key) as served,
        nsd({"a.test": "@ IN A 127.0.0.1\n"}, tmp_path / "zones") as zones,
    ):
        finding = look("a.test", served.port, nameserver=zones.address)
    assert finding.outcome is Outcome.ANSWERED
    told = finding.facts
    assert told["sha256"] == hashlib.sha256(der(leaf)).hexdigest()
    assert told["names"] == ["a.test", "*.a.test"]
    assert (told["address"], told["port"], told["serial"]) == ("127.0.0.1", served.port, "abcdef")
    assert (told["self_signed"], told["mismatch"], told["expired"]) == (False, False, False)
    assert (told["chain_length"], told["sends_chain"]) == (2, True)
    assert told["issuer"] == "CN=Penny Root"
    assert told["tls_version"].startswith("TLSv1.")
    kept = [ssl.PEM_cert_to_DER_cert(part + "-----END CERTIFICATE-----\n")
            for part in finding.raw.decode().split("-----END CERTIFICATE-----\n")[:-1]]  # fmt: skip
    assert kept == [der(leaf), der(root[0])]


@pytest.mark.peer
def test_a_certificate_made_by_its_own_server_is_seen_and_told(tmp_path):
    leaf, key = made(["other.test"], start=NOW - 9 * DAY, end=NOW - 2 * DAY)
    with shown(tmp_path, [leaf], key) as served:
        told = look("127.0.0.1", served.port).facts
    assert (told["self_signed"], told["mismatch"], told["expired"]) == (True, True, True)
    assert told["valid_to"] == (NOW - 2 * DAY).isoformat()


def test_names_are_compared_label_by_label():
    assert facts(["*.a.test"], "www.a.test")["mismatch"] is False
    assert facts(["*.a.test"], "a.test")["mismatch"] is True
    assert facts(["*.test"], "www.a.test")["mismatch"] is True


def test_a_certificate_of_tomorrow_is_not_yet_valid():
    told = facts(["a.test"], start=NOW + DAY, end=NOW + 2 * DAY)
    assert (told["not_yet_valid"], told["expired"]) == (True, False)


def test_one_that_only_says_to_be_its_own_issuer_is_not_self_signed():
    stranger = ec.generate_private_key(ec.SECP256R1())
    leaf, _ = made(["a.test"])
    forged, _ = made(["a.test"], issuer=(leaf, stranger))
    assert certificate_facts([der(forged)], "a.test", now=NOW)["self_signed"] is False


def test_a_certificate_without_names_matches_nothing():
    assert facts([])["mismatch"] is True


def test_a_private_address_is_not_spoken_to(tmp_path):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        finding = look("127.0.0.1", listening.getsockname()[1], allow=())
        listening.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listening.accept()
    assert finding.outcome is Outcome.POLICY
    assert "loopback" in finding.facts["reason"]


def test_nobody_there_is_unreachable():
    assert look("127.0.0.1", free_port()).outcome is Outcome.UNREACHABLE


@pytest.mark.peer
def test_a_server_without_tls_is_broken(tmp_path):
    with nginx(tmp_path) as served:
        finding = look("127.0.0.1", served.port)
    assert finding.outcome is Outcome.BROKEN
    assert "handshake failed" in finding.facts["reason"]


def test_a_server_that_never_speaks_is_a_timeout(monkeypatch):
    monkeypatch.setattr("namaak.enriching.certificate._DEADLINE_S", 0.3)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert look("127.0.0.1", listening.getsockname()[1]).outcome is Outcome.TIMEOUT


def test_a_server_that_hangs_up_is_unreachable():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        hanging = threading.Thread(target=lambda: listening.accept()[0].close())
        hanging.start()
        finding = look("127.0.0.1", listening.getsockname()[1])
        hanging.join()
    assert finding.outcome in (Outcome.UNREACHABLE, Outcome.BROKEN)


def test_a_name_that_tls_cannot_ask_for_is_told_and_does_not_raise():
    # A label of 64 characters: the codec of TLS refuses it.
    finding = asyncio.run(_with_name("x" * 64 + ".test"))
    assert finding.outcome in (Outcome.POLICY, Outcome.NO_ADDRESS)


async def _with_name(host):
    async with asking("127.0.0.1:9") as (resolver, _):
        return await ask_certificate(resolver, host, clock=clock, port=443)


LEAF = der(made(["a.test"])[0])


@given(st.integers(0, len(LEAF) - 1), st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_unreadable(place, byte):
    damaged = LEAF[:place] + bytes([byte]) + LEAF[place + 1 :]
    with suppress(*_FAULTS):
        certificate_facts([damaged], "a.test", now=NOW)


def test_a_certificate_of_a_version_that_does_not_exist_is_one_that_cannot_be_read():
    leaf = der(made(["a.test"])[0])
    version = leaf.index(b"\xa0\x03\x02\x01\x02") + 4
    with pytest.raises(_FAULTS):
        certificate_facts([leaf[:version] + b"\x05" + leaf[version + 1 :]], "a.test", now=NOW)
