"""Records as text, whatever bytes their owner wrote, and the way through aliases."""

from __future__ import annotations

import re

import pycares
from hypothesis import given
from hypothesis import strategies as st

from namaak.resolving.answers import Outcome
from namaak.resolving.records import Record, Told, cares_records, escaped, read_answer

NAMES = st.sampled_from(["a.test", "b.test", "c.test", "d.test"])
RECORDS = st.lists(
    st.builds(Record, NAMES, st.sampled_from(["A", "CNAME", "TXT"]), st.integers(0, 99), NAMES),
    max_size=8,
)


def unescaped(text: str) -> bytes:
    return re.sub(rb"\\(\d{3})", lambda found: bytes([int(found[1])]), text.encode("ascii"))


@given(st.binary(max_size=300))
def test_escaped_bytes_are_printable_and_can_be_had_back(content):
    text = escaped(content)
    assert text.isascii() and (text.isprintable() or not text)
    assert unescaped(text) == content


@given(NAMES, st.sampled_from(["A", "TXT"]), RECORDS)
def test_any_records_give_an_answer_and_only_records_of_the_chain_are_used(name, type_, records):
    told = read_answer(name, type_, records)
    assert told.outcome is not Outcome.ABSENT
    last = told.aliases[-1] if told.aliases else name
    held = {record.value for record in records if (record.owner, record.type) == (last, type_)}
    assert set(told.values) <= held
    assert (told.outcome is Outcome.ANSWERED) == bool(told.values)
    assert len(set(told.aliases)) == len(told.aliases)


def test_a_record_of_a_type_nobody_asked_for_says_that_the_name_exists():
    assert read_answer("a.test", "A", [Record("a.test", "TXT", 5, "x")]) == Told(Outcome.EMPTY)


def test_what_c_ares_gives_as_bytes_is_escaped_as_well():
    odd = pycares.DNSRecord(
        name="a.test", type=pycares.QUERY_TYPE_CAA, record_class=1, ttl=5,
        data=pycares.CAARecordData(critical=0, tag="issue", value=b"caf\xe9"),
    )  # fmt: skip
    unread = pycares.DNSRecord(
        name="a.test", type=pycares.QUERY_TYPE_URI, record_class=1, ttl=5,
        data=pycares.URIRecordData(priority=1, weight=1, target="x"),
    )  # fmt: skip
    result = pycares.DNSResult(answer=[odd, unread], authority=[], additional=[])
    assert cares_records(result) == [Record("a.test", "CAA", 5, r'0 issue "caf\233"')]
