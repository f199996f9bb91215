"""Entries of a log, in tiles and in answers to get-entries."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.transparency.leaves import LeafError, entry_leaf, tile_leaves
from namaak.transparency.merkle import leaf_hash
from tests.ct_entries import Entry
from tests.ct_log import CtLog, some_entries

_ENTRIES = st.builds(
    Entry,
    timestamp_ms=st.integers(0, 2**64 - 1),
    certificate=st.binary(max_size=300),
    issuer_key_hash=st.none() | st.binary(min_size=32, max_size=32),
    submitted=st.binary(max_size=300),
    chain=st.lists(st.binary(max_size=3), max_size=3).map(tuple),
)
_LOGS = st.lists(_ENTRIES, min_size=1, max_size=20)


def vector(length_bytes: int, content: bytes = b"") -> bytes:
    return len(content).to_bytes(length_bytes, "big") + content


def final_entry(certificate=b"\x30\x00", extensions=b"", kind=0):
    """The bytes of an x509 entry, without what follows it."""
    return struct.pack(">QH", 7, kind) + vector(3, certificate) + vector(2, extensions)


def logged(folder, entries, **options):
    log = CtLog(folder, **options)
    log.append(entries)
    return log


@given(_LOGS)
def test_a_tile_gives_its_entries_and_their_hashes(tmp_path_factory, entries):
    log = logged(tmp_path_factory.getbasetemp(), entries)
    leaves = list(tile_leaves(log.data_tile(0, len(entries))))
    assert len(leaves) == len(entries)
    for index, (leaf, entry) in enumerate(zip(leaves, entries, strict=True)):
        assert leaf.timestamp_ms == entry.timestamp_ms
        assert leaf.certificate == entry.certificate
        assert leaf.issuer_key_hash == entry.issuer_key_hash
        assert leaf.entry_type == ("x509" if entry.issuer_key_hash is None else "precert")
        assert leaf.leaf_index == index
        assert leaf_hash(leaf.merkle_leaf) == log.leaf_hash(index)


@given(_LOGS)
def test_an_answer_to_get_entries_gives_the_same(tmp_path_factory, entries):
    log = logged(tmp_path_factory.getbasetemp(), entries, tiled=False)
    for index, entry in enumerate(entries):
        chain = vector(3, b"".join(vector(3, one) for one in entry.chain))
        extra = chain if entry.issuer_key_hash is None else vector(3, entry.submitted) + chain
        leaf = entry_leaf(b"\0\0" + log.timestamped_entry(index, entry), extra)
        assert (leaf.timestamp_ms, leaf.certificate) == (entry.timestamp_ms, entry.certificate)
        assert (leaf.issuer_key_hash, leaf.leaf_index) == (entry.issuer_key_hash, None)
        assert leaf_hash(leaf.merkle_leaf) == log.leaf_hash(index)


def test_a_tile_cut_short_anywhere_gives_the_leaves_before_the_cut_and_says_so(tmp_path):
    log = logged(tmp_path, some_entries(4))
    tile = log.data_tile(0, 4)
    ends = [len(log.data_tile(0, count)) for count in range(5)]
    for cut in range(len(tile)):
        whole = sum(end <= cut for end in ends[1:])
        found = []
        if cut in ends:
            found = list(tile_leaves(tile[:cut]))
        else:
            with pytest.raises(LeafError) as raised:
                for leaf in tile_leaves(tile[:cut]):
                    found.append(leaf)
            assert raised.value.index == whole
            assert raised.value.reason == "is cut short"
            assert raised.value.rest == tile[ends[whole] : cut]
        assert len(found) == whole


def test_an_answer_cut_short_or_too_long_is_refused():
    leaf_input = b"\0\0" + final_entry(b"\x30\x03abc", b"any extension")
    chain = vector(3, vector(3, b"ca"))
    assert entry_leaf(leaf_input, chain).certificate == b"\x30\x03abc"
    for cut in range(len(leaf_input)):
        with pytest.raises(LeafError) as raised:
            entry_leaf(leaf_input[:cut], chain)
        assert raised.value.rest == leaf_input[:cut]
    for cut in range(len(chain)):
        with pytest.raises(LeafError):
            entry_leaf(leaf_input, chain[:cut])
    with pytest.raises(LeafError, match="followed by something else"):
        entry_leaf(leaf_input + b"\0", chain)
    with pytest.raises(LeafError, match="its chain"):
        entry_leaf(leaf_input, chain + b"\0")


@pytest.mark.parametrize(
    "leaf_input", [b"\1\0" + final_entry(), b"\0\1" + final_entry(), b"", b"\0"]
)
def test_a_leaf_of_another_version_or_type_is_refused(leaf_input):
    with pytest.raises(LeafError, match="unknown version or type"):
        entry_leaf(leaf_input, vector(3))


@pytest.mark.parametrize("kind", [2, 256, 32768])
def test_an_unknown_entry_type_is_named(kind):
    with pytest.raises(LeafError, match=f"leaf 0 is of the unknown entry type {kind}"):
        list(tile_leaves(final_entry(kind=kind) + vector(2)))


def test_what_comes_after_a_wrong_leaf_is_kept_with_its_number():
    good = final_entry() + vector(2)
    bad = final_entry(kind=9) + vector(2)
    found = []
    with pytest.raises(LeafError) as raised:
        for leaf in tile_leaves(good + good + bad + good):
            found.append(leaf)
    assert len(found) == 2
    assert (raised.value.index, raised.value.rest) == (2, bad + good)


def test_a_chain_is_made_of_fingerprints():
    assert list(tile_leaves(final_entry() + vector(2, bytes(64))))
    with pytest.raises(LeafError, match="fingerprints"):
        list(tile_leaves(final_entry() + vector(2, bytes(33))))


def test_a_tile_holds_no_more_than_256_leaves():
    leaf = final_entry() + vector(2)
    assert len(list(tile_leaves(leaf * 256))) == 256
    with pytest.raises(LeafError) as raised:
        list(tile_leaves(leaf * 257))
    assert raised.value.index == 256


@pytest.mark.parametrize(
    ("extensions", "index"),
    [
        (b"", None),
        (b"\0\0\5\0\0\0\1\2", 258),
        (b"\0\0\5\xff\xff\xff\xff\xff", 2**40 - 1),
        (b"\7\0\2ab\0\0\5\0\0\0\1\2", 258),  # another one before it
        (b"\0\0\5\0\0\0\1\2\7\0\0", 258),  # and after it
        (b"\7\0\5\0\0\0\1\2", None),  # of the same length, but not the index
        (b"\0\0\4\0\0\1\2", None),  # of another length
        (b"\0\0\4\0\0\1\2\0", None),
        (b"\0\0\5\0\0\0\1\2\0\0\5\0\0\0\1\2", None),  # twice
        (b"\0\0\5\0\0\0\1", None),
        (b"\7\xff\xff", None),
        (b"ab", None),
    ],
)
def test_the_leaf_index_is_told_where_the_extensions_have_one(extensions, index):
    """RFC 6962 gives extensions no form, so odd ones are no reason to refuse a leaf."""
    entry = final_entry(extensions=extensions)
    (leaf,) = tile_leaves(entry + vector(2))
    assert leaf.leaf_index == index
    assert leaf.merkle_leaf == b"\0\0" + entry
    assert entry_leaf(b"\0\0" + entry, vector(3)).leaf_index == index


@given(st.binary(max_size=400) | st.binary(max_size=60).map(lambda end: final_entry() + end))
def test_any_bytes_are_leaves_or_our_error(content):
    with suppress(LeafError):
        # Nothing is lost: whatever is no leaf is in the error.
        list(tile_leaves(content))
    with suppress(LeafError):
        entry_leaf(content, content)


@given(_LOGS, st.data())
def test_a_damaged_tile_is_leaves_or_our_error_and_never_more(tmp_path_factory, entries, drawn):
    tile = bytearray(logged(tmp_path_factory.getbasetemp(), entries).data_tile(0, len(entries)))
    tile[drawn.draw(st.integers(0, len(tile) - 1))] ^= drawn.draw(st.integers(1, 255))
    used = 0
    try:
        for leaf in tile_leaves(bytes(tile)):
            used += len(leaf.merkle_leaf) - 2
        rest = b""
    except LeafError as error:
        rest = error.rest
        assert bytes(tile).endswith(rest)
    assert used + len(rest) <= len(tile)


def test_an_empty_tile_has_no_leaves():
    assert list(tile_leaves(b"")) == []
