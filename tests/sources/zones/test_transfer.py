"""Transfers from a real name server, and from servers that lie or stop."""

import base64
import gzip
import socket
import struct
import threading
import time
from contextlib import contextmanager

import dns.message
import dns.name
import dns.rrset
import dns.tsig
import pytest

from namaak.errors import Failure, SourceError
from namaak.sources.zones import transfer as transferring
from namaak.sources.zones.measuring import stretches
from namaak.sources.zones.servers import Server, parse_server
from namaak.sources.zones.transfer import Asked, Key, serial_of, transfer
from tests.peers import nsd
from tests.peers.zones import Tsig, soa

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER = base64.b64encode(b"another secret of 32 octets ....").decode()


def asked(port, *, key=None, **more):
    given = {"zone": "test", "timeout_s": 20.0, "max_bytes": 1 << 30, **more}
    return Asked(server=Server(host="127.0.0.1", port=port), key=key, **given)


def names_in(path):
    parts = stretches(path, "test", max_bytes=1 << 30)
    return [name for part in parts for name in part.owners.to_pylist()]


@pytest.mark.peer
def test_a_zone_of_twenty_thousand_records_arrives_whole(tmp_path):
    names = [f"name{number}" for number in range(9_000)]
    text = soa(2026112201) + "".join(
        f"{name} NS ns1.hoster.invalid.\n{name} NS ns2.{name}\n" for name in names
    )
    text += "ns2.name7 A 192.0.2.7\nns2.name7 AAAA 2001:db8::7\nsigned DS 1 13 2 " + "ab" * 32
    text += '\nodd TXT "a;b" "c (d"\nNAME7 TYPE65280 \\# 2 abcd\n'
    path = tmp_path / "test.zone"
    with nsd({"test": text}, tmp_path) as served:
        assert serial_of(asked(served.port)) == 2026112201
        begun = time.monotonic()
        assert transfer(asked(served.port), path) == 2026112201
        assert time.monotonic() - begun < 20
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert len(lines) == 2 * 9_000 + 8
    assert lines[0] == lines[-1]
    assert lines[0].startswith("test.\t3600\tin\tsoa\tns.test. hostmaster.test. 2026112201 ")
    for line in (
        "ns2.name7.test.\t3600\tin\ta\t192.0.2.7",
        "ns2.name7.test.\t3600\tin\taaaa\t2001:db8::7",
        f"signed.test.\t3600\tin\tds\t\\# 36 00010d02{'ab' * 32}",
        "odd.test.\t3600\tin\ttxt\t\\# 9 03613b620463202864",
        "name7.test.\t3600\tin\ttype65280\t\\# 2 abcd",
    ):
        assert line in lines
    assert sorted(names_in(path)) == sorted(["test", *(f"{name}.test" for name in names)])


@pytest.mark.peer
def test_the_same_zone_is_the_same_file(tmp_path):
    with nsd({"test": "acme NS ns1.hoster.invalid.\n"}, tmp_path) as served:
        transfer(asked(served.port), tmp_path / "one")
        transfer(asked(served.port), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.peer
@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sha512"])
def test_a_signed_transfer_is_taken_when_every_signature_holds(tmp_path, algorithm):
    text = soa(5) + "".join(f"name{n} NS ns.hoster.invalid.\n" for n in range(8_000))
    key = Key(name="transfers", algorithm=algorithm, secret=SECRET)
    tsig = Tsig(name="transfers", secret=SECRET, algorithm=algorithm)
    with nsd({"test": text}, tmp_path, tsig=tsig) as served:
        assert serial_of(asked(served.port, key=key)) == 5
        assert transfer(asked(served.port, key=key), tmp_path / "zone") == 5
        assert len(names_in(tmp_path / "zone")) == 8_001


@pytest.mark.peer
@pytest.mark.parametrize(
    "key",
    [
        None,
        Key(name="transfers", algorithm="hmac-sha256", secret=OTHER),
        Key(name="unknown", algorithm="hmac-sha256", secret=SECRET),
        Key(name="transfers", algorithm="hmac-sha512", secret=SECRET),
    ],
    ids=["none", "another secret", "another name", "another algorithm"],
)
def test_without_the_right_key_nothing_is_taken_and_the_reason_is_the_key(tmp_path, key):
    tsig = Tsig(name="transfers", secret=SECRET)
    with nsd({"test": "acme NS ns.hoster.invalid.\n"}, tmp_path, tsig=tsig) as served:
        with pytest.raises(SourceError, match="TSIG key") as caught:
            transfer(asked(served.port, key=key), tmp_path / "zone")
        assert caught.value.failure is Failure.AUTH
        assert SECRET not in str(caught.value) and OTHER not in str(caught.value)
        # NSD answers for a SOA record whatever the algorithm of its key.
        if key is not None and key.algorithm == "hmac-sha256":
            with pytest.raises(SourceError, match="TSIG key"):
                serial_of(asked(served.port, key=key))
    assert not (tmp_path / "zone").exists()


@pytest.mark.peer
def test_a_zone_that_the_server_does_not_have_is_refused_in_words(tmp_path):
    with nsd({"other": ""}, tmp_path) as served:
        with pytest.raises(SourceError, match="does not give the zone test"):
            transfer(asked(served.port), tmp_path / "zone")
        with pytest.raises(SourceError, match="does not give the zone test"):
            serial_of(asked(served.port))


@pytest.mark.peer
def test_a_zone_larger_than_its_limit_leaves_nothing(tmp_path):
    text = soa(5) + "".join(f"name{n} NS ns.hoster.invalid.\n" for n in range(1_000))
    with (
        nsd({"test": text}, tmp_path / "nsd") as served,
        pytest.raises(SourceError, match="larger than 5000 bytes") as caught,
    ):
        transfer(asked(served.port, max_bytes=5_000), tmp_path / "zone")
    assert caught.value.failure is Failure.POLICY
    assert [path.name for path in tmp_path.iterdir()] == ["nsd"]


def answer(query, *texts, question=True):
    """One message of an answer; texts: records."""
    reply = dns.message.make_response(query)
    if not question:
        reply.question = []
    for record in texts:
        owner, kind, content = record.split(" ", 2)
        rrset = dns.rrset.from_text(owner, 60, "IN", kind, content)
        reply.answer.append(rrset)
    return reply


SOA_7 = "test. SOA ns.test. h.test. 7 1 2 3 4"
SOA_8 = "test. SOA ns.test. h.test. 8 1 2 3 4"
A_NAME = "acme.test. NS ns.hoster.invalid."


@contextmanager
def server(answering):
    """A server of one transfer: `answering` gets the query and gives octets to send."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listening:
            stream, _ = listening.accept()
            with stream:
                (size,) = struct.unpack("!H", stream.recv(2, socket.MSG_WAITALL))
                octets = stream.recv(size, socket.MSG_WAITALL)
                try:
                    for sent in answering(octets):
                        stream.sendall(sent)
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        thread.join()


def framed(octets):
    return struct.pack("!H", len(octets)) + octets


@pytest.mark.parametrize(
    ("texts", "reason", "failure"),
    [
        ([[SOA_7, A_NAME]], "cut short .the server closed", Failure.TRANSIENT),
        ([], "cut short", Failure.TRANSIENT),
        ([[SOA_7], [A_NAME], [SOA_8]], "changed from serial 7 to 8", Failure.MALFORMED),
        ([[A_NAME, SOA_7]], "does not speak DNS", Failure.MALFORMED),
        ([["a.test. A 192.0.2.1"]], "does not begin with a SOA", Failure.MALFORMED),
        ([[SOA_7, SOA_7, A_NAME]], "records follow the closing", Failure.MALFORMED),
        ([["b.test. SOA ns.test. h.test. 7 1 2 3 4"]], "of another zone", Failure.MALFORMED),
    ],
)
def test_a_stream_that_is_no_whole_zone_leaves_nothing(tmp_path, texts, reason, failure):
    def answering(octets):
        query = dns.message.from_wire(octets)
        for records in texts:
            yield framed(answer(query, *records).to_wire())

    with server(answering) as port, pytest.raises(SourceError, match=reason) as caught:
        transfer(asked(port), tmp_path / "zone")
    assert caught.value.failure is failure
    assert not list(tmp_path.iterdir())


def test_an_ns_record_before_the_first_soa_is_refused(tmp_path):
    def answering(octets):
        yield framed(answer(dns.message.from_wire(octets), A_NAME, SOA_7).to_wire())

    with server(answering) as port, pytest.raises(SourceError, match="begin with a SOA"):
        transfer(asked(port), tmp_path / "zone")


def test_a_stream_cut_within_a_message_is_cut_short(tmp_path):
    def answering(octets):
        whole = framed(answer(dns.message.from_wire(octets), SOA_7, A_NAME, SOA_7).to_wire())
        yield whole[:-5]

    with server(answering) as port, pytest.raises(SourceError, match="cut short"):
        transfer(asked(port), tmp_path / "zone")


def test_an_answer_to_another_question_is_refused(tmp_path):
    def answering(octets):
        query = dns.message.from_wire(octets)
        query.id ^= 1
        yield framed(answer(query, SOA_7, SOA_7).to_wire())

    with server(answering) as port, pytest.raises(SourceError, match="no answer to what was asked"):
        transfer(asked(port), tmp_path / "zone")


def test_a_server_that_dawdles_is_left_at_the_deadline(tmp_path):
    def answering(octets):
        whole = framed(answer(dns.message.from_wire(octets), SOA_7).to_wire())
        for octet in whole:
            time.sleep(0.05)
            yield bytes([octet])

    with server(answering) as port, pytest.raises(SourceError, match=r"takes longer than 0\.3 s"):
        transfer(asked(port, timeout_s=0.3), tmp_path / "zone")


def signed_by(octets, texts, signed):
    """Messages of a signed stream; signed: which of them carry a signature."""
    secret = dns.tsig.Key("transfers.", SECRET, "hmac-sha256.")
    query = dns.message.from_wire(octets, keyring=secret)
    context = None
    for records, with_signature in zip(texts, signed, strict=True):
        reply = answer(query, *records)
        if with_signature:
            reply.use_tsig(secret, original_id=query.id)
            wire = reply.to_wire(multi=True, tsig_ctx=context)
            context = reply.tsig_ctx
        else:
            reply.tsig = None
            wire = reply.to_wire()
            if context is not None:
                context.update(wire)
        yield wire


KEY = Key(name="transfers", algorithm="hmac-sha256", secret=SECRET)
THREE = [[SOA_7], [A_NAME], [SOA_7]]


@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        ([True, True, True], None),
        ([True, False, True], None),
        ([False, True, True], "a part of the transfer is not signed"),
        ([True, True, False], "its end is not signed"),
        ([True, False, False], "its end is not signed"),
    ],
)
def test_messages_may_be_unsigned_only_between_signed_ones(tmp_path, signed, reason):
    def answering(octets):
        yield from map(framed, signed_by(octets, THREE, signed))

    with server(answering) as port:
        if reason is None:
            assert transfer(asked(port, key=KEY), tmp_path / "zone") == 7
            assert names_in(tmp_path / "zone") == ["acme.test"]
        else:
            with pytest.raises(SourceError, match=reason):
                transfer(asked(port, key=KEY), tmp_path / "zone")
            assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_message_changed_on_its_way_is_noticed(tmp_path, number):
    def answering(octets):
        messages = list(signed_by(octets, THREE, [True, False, True]))
        changed = bytearray(messages[number])
        changed[changed.index(b"\x04test") + 1] ^= 0x20
        messages[number] = bytes(changed)
        yield from map(framed, messages)

    with server(answering) as port, pytest.raises(SourceError) as caught:
        transfer(asked(port, key=KEY), tmp_path / "zone")
    assert caught.value.failure is Failure.AUTH
    assert not list(tmp_path.iterdir())


def test_too_many_unsigned_messages_in_a_row_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(transferring, "_MAX_UNSIGNED", 2)

    def answering(octets):
        texts = [[SOA_7], *[[A_NAME]] * 3, [SOA_7]]
        yield from map(framed, signed_by(octets, texts, [True, False, False, False, True]))

    with server(answering) as port, pytest.raises(SourceError, match="part of the transfer"):
        transfer(asked(port, key=KEY), tmp_path / "zone")


def test_a_signature_of_another_time_is_refused(tmp_path):
    def answering(octets):
        yield from map(framed, signed_by(octets, THREE, [True] * 3))

    later = asked(0, key=KEY, now=lambda: time.time() + 3_600)
    with server(answering) as port, pytest.raises(SourceError, match="the clock"):
        transfer(
            Asked(zone="test", server=Server(host="127.0.0.1", port=port), key=KEY,
                  timeout_s=9, max_bytes=9_999, now=later.now),
            tmp_path / "zone",
        )  # fmt: skip


def test_nobody_at_home_is_told_as_such(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(SourceError, match="did not answer") as caught:
        transfer(asked(port), tmp_path / "zone")
    assert caught.value.failure is Failure.TRANSIENT
    with pytest.raises(SourceError, match="did not answer"):
        serial_of(asked(port))


def test_a_name_that_points_into_the_own_network_is_not_followed():
    with pytest.raises(SourceError, match="is loopback") as caught:
        list(parse_server("localhost").addresses())
    assert caught.value.failure is Failure.POLICY
    assert list(parse_server("127.0.0.1:5353").addresses()) == ["127.0.0.1"]
    assert list(parse_server("[::1]:53").addresses()) == ["::1"]


@pytest.mark.parametrize(
    "text", ["", "a b", "192.0.2.1:0", "192.0.2.1:99999", "[::1", "a/b", "[x]:53"]
)
def test_what_is_no_name_server_is_refused(text):
    with pytest.raises(ValueError, match="is no name server"):
        parse_server(text)


def test_a_secret_that_is_no_base64_is_told_without_it(tmp_path):
    key = Key(name="transfers", algorithm="hmac-sha256", secret="no base64!")
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        pytest.raises(SourceError, match="is no base64") as caught,
    ):
        transfer(asked(listening.getsockname()[1], key=key), tmp_path / "zone")
    assert "no base64!" not in str(caught.value).replace("is no base64;", "")
    assert "no base64!" not in repr(key)
