"""Zone files of all manners, read; dnspython's parser is the oracle for what is well formed."""

import gzip
import random
import time

import dns.rdatatype
import dns.tokenizer
import dns.zone
import dns.zonefile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.errors import SourceError
from namaak.sources.lists.opening import opened
from namaak.sources.zones import reading
from namaak.sources.zones.reading import MAX_LINE, read_zone

SOA = "@ 3600 IN SOA ns.test. hostmaster.test. 7 7200 3600 1209600 300\n"


class Found:
    """All stretches of a zone put together."""

    def __init__(self, stretches):
        self.names, self.soas, self.rejects, self.ends = [], [], [], []
        self.damage, self.ends_with_soa = None, False
        for stretch in stretches:
            names = stretch.owners.to_pylist()
            self.names += zip(stretch.lines.tolist(), names, strict=True)
            self.soas += stretch.soas
            self.rejects += [(reject.position, reject.reason) for reject in stretch.rejects]
            self.ends.append(stretch.end)
            assert self.damage is None, "something follows what ends a zone"
            self.damage, self.ends_with_soa = stretch.damage, stretch.ends_with_soa

    def __eq__(self, other):
        mine, theirs = dict(vars(self)), dict(vars(other))
        mine["ends"], theirs["ends"] = mine["ends"][-1], theirs["ends"][-1]
        return mine == theirs

    @property
    def owners(self):
        return [name for _, name in self.names]


def read(text, apex="test", *, size=None):
    octets = text.encode("latin-1") if isinstance(text, str) else text
    size = size or max(1, len(octets))
    blocks = [octets[place : place + size] for place in range(0, len(octets), size)]
    return Found(read_zone(blocks, apex))


def read_slowly(text, apex="test"):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_MOSTLY_ODD", -1.0)
        return read(text, apex)


def oracle(text):
    """Owners of `ns` records as dnspython gives them."""
    zone = dns.zone.Zone("test.", relativize=False)
    with zone.writer(True) as transaction:
        tokens = dns.tokenizer.Tokenizer(text)
        dns.zonefile.Reader(tokens, zone.rdclass, transaction).read()
        return {
            name.to_text(omit_final_dot=True).lower()
            for name, rdataset in transaction.iterate_rdatasets()
            if rdataset.rdtype == dns.rdatatype.NS
        }


def test_the_form_of_the_registries_is_read():
    zone = (
        "test.\t900\tin\tsoa\tns.test. h.test. 2026112200 1 2 3 4\n"
        "acme.test.\t86400\tin\tns\tns1.hoster.example.\n"
        "acme.test.\t86400\tin\tns\tns2.hoster.example.\n"
        "acme.test.\t86400\tin\tds\t1 13 2 00\n"
        "ns1.acme.test.\t86400\tin\ta\t192.0.2.1\n"
        "beta.test.\t86400\tin\tns\tns1.hoster.example.\n"
        "test.\t900\tin\tsoa\tns.test. h.test. 2026112200 1 2 3 4\n"
    )
    found = read(zone)
    assert found.names == [(2, "acme.test"), (6, "beta.test")]
    assert [(soa.line, soa.owner, soa.serial) for soa in found.soas] == [
        (1, "test", 2026112200), (7, "test", 2026112200),
    ]  # fmt: skip
    assert (found.rejects, found.damage, found.ends_with_soa) == ([], None, True)
    assert found.ends[-1] == 8


@pytest.mark.parametrize(
    ("zone", "names"),
    [
        ("ACME.Test. 3600 IN NS ns.\n", [(1, "acme.test")]),
        ("acme NS ns\n", [(1, "acme.test")]),
        ("acme IN 3600 NS ns\n", [(1, "acme.test")]),
        ("acme 1h30m IN NS ns\n", [(1, "acme.test")]),
        ("acme 123456789 IN NS ns\n", [(1, "acme.test")]),
        ("acme CLASS1 TYPE2 ns\n", [(1, "acme.test")]),
        ("$ORIGIN co.test.\nacme NS ns\n$ORIGIN sub\nx NS ns\n",
         [(2, "acme.co.test"), (4, "x.sub.co.test")]),
        ("$TTL 1d\nacme NS a\n NS b\n\tNS c\nbeta NS a\n", [(2, "acme.test"), (5, "beta.test")]),
        ("acme A 192.0.2.1\n NS b\n", [(2, "acme.test")]),
        ("@ NS ns\n", [(1, "test")]),
        ("$ORIGIN test.\n@ NS ns\n", [(2, "test")]),
        ("acme NS ns ; one\n;beta NS ns\nc NS ns\n", [(1, "acme.test"), (3, "c.test")]),
        ('acme TXT "a;b (c" "d\\"e"\nacme NS ns\n', [(2, "acme.test")]),
        ("acme ( 3600\nIN NS ) ns\nbeta NS ns\n", [(1, "acme.test"), (3, "beta.test")]),
        ("acme NS (\n ns ; here\n\n)\nbeta NS ns\n", [(1, "acme.test"), (5, "beta.test")]),
        ("\\097cme NS ns\n", [(1, "acme.test")]),
        ("a\\.b NS ns\n", [(1, "a\\.b.test")]),
        ("a\\032b NS ns\n", [(1, "a\\032b.test")]),
        ("b\xfccher NS ns\n", [(1, "b\\252cher.test")]),
        ("acme NS ns\r\nbeta NS ns\r\n", [(1, "acme.test"), (2, "beta.test")]),
        ("acme NS ns", [(1, "acme.test")]),
        ("\n\n  \n\t; nothing\nacme NS ns\n", [(5, "acme.test")]),
        ("acme\tNS\tns\nacme\tDS\t\\# 4 00ff00ff\nbeta\tNS\tns\n",
         [(1, "acme.test"), (3, "beta.test")]),
        ("*.acme NS ns\n", [(1, "*.acme.test")]),
        (". NS ns\n", [(1, "")]),
        ("acme TYPE65280 \\# 2 abcd\n NS ns\n", [(2, "acme.test")]),
        ("acme NSEC3PARAM 1 0 0 -\nacme NS ns\n", [(2, "acme.test")]),
    ],
)  # fmt: skip
def test_what_people_and_programs_write_is_read(zone, names):
    found = read(zone)
    assert (found.names, found.rejects, found.damage) == (names, [], None)
    assert read_slowly(zone) == found
    for size in (1, 2, 7):
        assert read(zone, size=size) == found


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("acme 3600 IN\n", "it has no type"),
        ("acme IN IN NS ns\n", "'IN' is neither TTL, class nor type"),
        ("acme 1 2 NS ns\n", "'2' is neither TTL, class nor type"),
        ("acme CH NS ns\n", "its class is not IN"),
        ("acme BOGUS ns\n", "'BOGUS' is neither TTL"),
        ("acme NS\n", "an ns record names one server, not 0"),
        ("acme NS a b\n", "an ns record names one server, not 2"),
        ("acme..x NS a\n", "its owner has an empty label"),
        (".acme NS a\n", "its owner has an empty label"),
        (f"{'a' * 64} NS a\n", "its owner has a label longer than 63"),
        (f"{'a.' * 130} NS a\n", "its owner is longer than 255"),
        ("acme\\300 NS a\n", "its owner has an escape that is no octet"),
        ("acme NS \"a\n", "a quote is opened and never closed"),
        ("acme NS a\\\n", "it ends in a backslash"),
        ("acme NS a )\n", "a parenthesis is closed that was never opened"),
        ("ac\0me NS a\n", "it holds control characters"),
        ("$SOMETHING 1\n", "it is no directive that namaak knows"),
        ("$TTL\n", "$TTL has 0 values"),
        ("acme SOA a b x 1 2 3 4\n", "the serial of the SOA record is no number"),
        ("acme SOA a b 4294967296 1 2 3 4\n", "the serial of the SOA record has more than 32"),
        ("acme SOA a b 1\n", "a SOA record has 7 values, not 3"),
    ],
)  # fmt: skip
def test_a_line_that_is_refused_costs_itself_and_no_other(line, reason):
    zone = f"alpha NS ns\n{line}omega NS ns\n"
    found = read(zone)
    assert found.names == [(1, "alpha.test"), (3, "omega.test")]
    assert [position for position, _ in found.rejects] == [2]
    assert found.rejects[0][1].startswith(reason)
    assert found.damage is None
    assert read_slowly(zone) == found


def test_a_line_without_owner_does_not_join_an_owner_that_was_refused():
    found = read("alpha NS ns\nbe..ta NS ns\n NS ns2\n A 192.0.2.1\nomega NS ns\n")
    assert found.owners == ["alpha.test", "omega.test"]
    assert [position for position, _ in found.rejects] == [2, 3, 4]
    first = read(" NS ns\nomega NS ns\n")
    assert first.owners == ["omega.test"]
    assert first.rejects == [(1, "it has no owner, and none before it that could be understood")]


def test_a_parenthesis_that_is_never_closed_costs_its_own_line_and_not_the_rest():
    zone = "alpha NS ( ns\n" + "".join(f"name{number} NS ns\n" for number in range(500))
    for found in (read(zone), read(zone, size=37), read_slowly(zone)):
        assert found.rejects == [(1, "a parenthesis is opened and never closed")]
        assert found.names == [(number + 2, f"name{number}.test") for number in range(500)]


@pytest.mark.parametrize(
    ("first", "others"),
    [("(" * 5_000, "(" * 5_000), ("x NS (", "a " * 800 + ";)"), ("x NS (", ' "(' * 800)],
    ids=["parentheses", "ends that are none", "quotes"],
)
def test_lines_written_to_be_read_again_and_again_cost_little(first, others):
    began = time.process_time()
    found = read(f"{first}\n" + f"{others}\n" * 300 + "omega NS ns\n")
    assert time.process_time() - began < 5
    assert found.names == [(302, "omega.test")]
    assert found.rejects[0][0] == 1


def test_a_parenthesis_within_another_costs_its_own_line_and_not_the_rest():
    found = read("alpha NS ( (\n ns ) )\nbeta NS ( ns )\n")
    assert found.names == [(3, "beta.test")]
    assert found.rejects[0] == (1, "a parenthesis is opened within another")


@pytest.mark.parametrize(
    "directive", ["$INCLUDE other.zone", "$include /etc/passwd", "$GENERATE 1-9 h$ NS a"]
)
def test_what_would_bring_in_other_records_ends_the_zone_with_its_line(directive):
    found = read(f"alpha NS ns\n{directive}\nomega NS ns\n")
    assert found.owners == ["alpha.test"]
    assert found.damage.startswith("line 2: $")
    assert "never followed" in found.damage


def test_an_include_inside_of_a_quoted_text_is_text():
    assert read('alpha TXT "\\$INCLUDE x"\n TXT "$INCLUDE y"\n').damage is None


def test_an_origin_that_is_no_name_ends_the_zone():
    assert read("$ORIGIN a..b.\nacme NS ns\n").damage.startswith("line 1: $ORIGIN is no name")


@pytest.mark.parametrize("size", [1, 1000, None])
def test_a_line_that_never_ends_is_refused_and_not_gathered(size, monkeypatch):
    if size == 1:
        monkeypatch.setattr(reading, "MAX_LINE", 100)
    limit = reading.MAX_LINE
    zone = f"alpha NS ns\n{'x' * (limit + 10)} NS ns\nomega NS ns\n"
    found = read(zone, size=size)
    assert found.names == [(1, "alpha.test"), (3, "omega.test")]
    assert found.rejects == [(2, f"it is longer than {limit} octets")]
    assert MAX_LINE <= 4 << 20


def test_a_line_too_long_within_parentheses_is_counted_as_a_line(monkeypatch):
    monkeypatch.setattr(reading, "MAX_LINE", 50)
    found = read(f"alpha NS (\n{'x' * 99}\n ns )\nomega NS ns\n", size=10)
    assert found.names == [(1, "alpha.test"), (4, "omega.test")]
    assert [position for position, _ in found.rejects] == [2]


def test_a_zone_cut_off_in_its_gz_says_so_and_at_which_line(tmp_path):
    lines = "".join(f"name{random.Random(n).random()} NS ns\n" for n in range(60_000))
    path = tmp_path / "test.zone.gz"
    path.write_bytes(gzip.compress((SOA + lines).encode())[:-2000])
    with opened(path, member=None, max_bytes=1 << 30) as source:
        found = Found(read_zone(source.blocks(), "test"))
    assert found.damage.startswith("line ")
    assert found.owners and len(found.owners) < 60_000
    assert not found.ends_with_soa


@pytest.mark.parametrize(
    ("tail", "ends"),
    [("", True), ("\n; done\n\n", True), ("x A 192.0.2.1\n", False), ("x NS ns\n", False)],
)
def test_whether_the_last_record_is_a_soa_is_told(tail, ends):
    assert read(f"{SOA}acme NS ns\n{SOA}{tail}").ends_with_soa is ends


def test_a_source_of_blocks_that_fails_ends_the_zone_after_what_came():
    def blocks():
        yield b"alpha NS ns\nbeta NS "
        raise SourceError("the disk is gone")

    found = Found(read_zone(blocks(), "test"))
    assert found.owners == ["alpha.test"]
    assert "the disk is gone" in found.damage


LABEL = st.text("abcxyzABZ019-_", min_size=1, max_size=12)
ODD_LABEL = st.one_of(
    LABEL,
    st.sampled_from(["a\\.b", "\\065b", "x\\032y", "\\(z", "*", "a\\@b", "s\\;t", "\\$x", 'q\\"r']),
)
OWNER = st.builds(
    lambda labels, ending: ".".join(labels) + ending,
    st.lists(ODD_LABEL, min_size=1, max_size=3),
    st.sampled_from(["", ".test.", ".TEST."]),
)
HEADER = st.sampled_from(
    ["", "3600 ", "IN ", "3600 IN ", "IN 3600 ", "in 1h ", "2d in ", "3600\tIN\t", " 60  IN  "]
)
CONTENT = st.sampled_from(
    ["NS ns1.hoster.example.", "ns ns2", "NS ( ns3\n )", "A 192.0.2.1", "AAAA 2001:db8::1",
     'TXT "a;b" "c (d"', f"DS 1 13 2 (\n {'00' * 32} ) ; hash", "NS ns4 ; note", "MX 10 mail",
     "TYPE65280 \\# 2 abcd"]
)  # fmt: skip
RECORD = st.builds(
    lambda owner, space, header, content: f"{owner}{space}{header}{content}\n",
    st.one_of(OWNER, OWNER, st.just("@"), st.just("")), st.sampled_from([" ", "\t", "  \t"]),
    HEADER, CONTENT,
)  # fmt: skip
LINE = st.one_of(
    RECORD, RECORD, RECORD, RECORD, st.sampled_from(["\n", "; nothing\n", "  \n", "$TTL 1h\n"]),
    LABEL.map(lambda label: f"$ORIGIN {label}.test.\n"),
)  # fmt: skip
ZONE = st.lists(LINE, max_size=30).map(lambda lines: "$TTL 3600\n" + SOA + "".join(lines))


@given(ZONE)
def test_a_well_formed_zone_has_the_names_that_dnspython_finds(zone):
    found = read(zone)
    assert (found.rejects, found.damage) == ([], None)
    assert {*found.owners} == oracle(zone)


@given(ZONE, st.integers(1, 200))
def test_both_ways_of_reading_agree_whatever_the_blocks(zone, size):
    assert read(zone, size=size) == read_slowly(zone)


NOISE = st.lists(
    st.one_of(
        LINE,
        st.text('ab.\\"();$@ \t\n\r0\x00\xff', max_size=20).map(lambda text: f"{text}\n"),
    ),
    max_size=20,
).map("".join)


@given(NOISE, st.integers(1, 100))
def test_any_text_is_read_to_its_end_and_both_ways_agree(text, size):
    found = read(text, size=size)
    slowly = read_slowly(text)
    assert found == slowly
    positions = [position for position, _ in found.rejects]
    assert positions == sorted(positions)
    assert [line for line, _ in found.names] == sorted({line for line, _ in found.names})
    if found.damage is None:
        assert found.ends[-1] == text.count("\n") + 1 + bool(text and not text.endswith("\n"))


@given(st.binary(max_size=300), st.integers(1, 50))
def test_octets_of_any_kind_never_break_the_reader(octets, size):
    assert read(octets, size=size) == read_slowly(octets)
