"""Messages of a transfer; dnspython writes them, and reads them as the oracle."""

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.zones.wire import NS, SOA, Message, WireError

LABEL = st.binary(min_size=1, max_size=12)
NAME = st.lists(LABEL, min_size=0, max_size=5).map(lambda labels: dns.name.Name([*labels, b""]))
HEADER = b"\x00\x07\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00"


def message(*rrsets):
    reply = dns.message.Message(7)
    reply.flags = dns.flags.QR | dns.flags.AA
    reply.answer = list(rrsets)
    return reply.to_wire(max_size=65_535)


def ns(owner, *targets):
    return dns.rrset.from_text_list(
        owner, 300, "IN", "NS", [target.to_text() for target in targets]
    )


@given(st.lists(st.tuples(NAME, NAME), max_size=8))
def test_owners_and_servers_are_those_that_dnspython_wrote(pairs):
    octets = message(*(ns(owner, target) for owner, target in pairs))
    read = Message(octets)
    found = [
        (record.owner, record.type, record.ttl, read.ns_target(record)) for record in read.records()
    ]
    assert found == [(text(owner), NS, 300, text(target)) for owner, target in pairs]


def text(name):
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""


def test_the_numbers_of_a_soa_record_are_read():
    rrset = dns.rrset.from_text("test.", 9, "IN", "SOA", "NS.test. Host.master.test. 7 1 2 3 4")
    read = Message(message(rrset))
    (record,) = read.records()
    assert (record.type, record.ttl) == (SOA, 9)
    assert read.soa(record) == ("ns.test", "host.master.test", (7, 1, 2, 3, 4))


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "shorter than its header"),
        (HEADER, "a name is cut off"),
        (HEADER + b"\xc0\x0c", "points forwards, or in a circle"),
        (HEADER + b"\xc0\x20", "points forwards, or in a circle"),
        (HEADER + b"\x01a\xc0\x0c", "points forwards, or in a circle"),
        (HEADER + b"\xc0", "a name is cut off"),
        (HEADER + b"\x40a\x00", "a length that none can have"),
        (HEADER + b"\x05ab", "a name is cut off"),
        (HEADER + b"\x3f" + b"a" * 63 + (b"\x3f" + b"a" * 63) * 3 + b"\x00", "a name is too long"),
        (HEADER + b"\x00\x00\x02\x00\x01", "a record is cut off"),
        (HEADER + b"\x00\x00\x02\x00\x01\x00\x00\x00\x00\x00\x09a", "data of a record are cut off"),
        (HEADER + b"\x00\x00\x02\x00\x01\x00\x00\x00\x00\x00\x00a", "longer than its records"),
    ],
)
def test_octets_that_do_not_fit_are_refused_with_the_reason(octets, reason):
    with pytest.raises(WireError, match=reason):
        list(Message(octets).records())


def test_data_of_another_length_than_a_name_are_refused():
    octets = HEADER + b"\x00\x00\x02\x00\x01\x00\x00\x00\x00\x00\x03\x01a\x00"
    read = Message(octets + b"")
    (record,) = read.records()
    assert read.ns_target(record) == "a"
    longer = Message(octets[:21] + b"\x00\x04" + b"\x01a\x00\x00")
    (record,) = longer.records()
    with pytest.raises(WireError, match="not the length of a name"):
        longer.ns_target(record)


@given(st.binary(max_size=80), st.integers(0, 60), st.integers(0, 255))
def test_damage_of_any_kind_is_a_wire_error_and_ends(tail, place, octet):
    octets = bytearray(message(ns("a.b.test.", dns.name.from_text("ns.a.b.test."))) + tail)
    octets[place % len(octets)] = octet
    try:
        read = Message(bytes(octets))
        for record in read.records():
            if record.type == NS:
                read.ns_target(record)
            elif record.type == SOA:
                read.soa(record)
    except WireError:
        pass
