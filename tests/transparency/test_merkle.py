"""The tree: roots, proofs, and joining it in the middle."""

from __future__ import annotations

import functools
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.transparency.merkle import (
    EMPTY_ROOT,
    CompactRange,
    MerkleError,
    joinable,
    leaf_hash,
    node_hash,
    range_from_consistency,
    subtrees,
    tile_hashes,
    verify_consistency,
)
from tests.ct_tree import Tree

#: From the tests of the first log software; every later one repeats them.
LEAVES = [
    bytes.fromhex(one)
    for one in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
BIG = 70_000


@functools.cache
def small():
    return Tree(sha256(bytes([number])).digest() for number in range(130))


@functools.cache
def big():
    return Tree(sha256(number.to_bytes(4, "big")).digest() for number in range(BIG))


def grown(hashes):
    made = CompactRange()
    made.extend(list(hashes))
    return made


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size):
    assert grown(map(leaf_hash, LEAVES[:size])).root().hex() == ROOTS[size]


def test_an_empty_tree_has_the_hash_of_nothing():
    assert CompactRange().root() == EMPTY_ROOT == sha256().digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=300), st.data())
def test_the_root_is_the_same_however_the_leaves_come(hashes, drawn):
    pieces, at = CompactRange(), 0
    while at < len(hashes):
        step = drawn.draw(st.integers(1, len(hashes) - at))
        pieces.extend(hashes[at : at + step])
        at += step
        pieces = CompactRange.load(json.loads(json.dumps(pieces.dump())))
    assert pieces.size == len(hashes)
    assert pieces.root() == Tree(hashes).root()


def test_a_range_keeps_one_hash_for_each_bit_of_its_size():
    for size in range(131):
        held = grown(small().leaves[:size])
        assert len(held.hashes) == size.bit_count() <= 64


def test_a_leaf_is_no_node():
    assert leaf_hash(bytes(64)) != node_hash(bytes(32), bytes(32))


def test_a_copy_grows_on_its_own():
    first = grown(small().leaves[:5])
    other = first.copy()
    other.append(small().leaves[5])
    assert (first.size, first.root()) == (5, small().root(5))
    assert (other.size, other.root()) == (6, small().root(6))


@given(st.integers(0, 130), st.integers(0, 130))
def test_subtrees_make_up_a_stretch_and_extend_a_range(one, other):
    start, end = sorted((one, other))
    made, at = grown(small().leaves[:start]), start
    for level, index in subtrees(start, end):
        assert index << level == at
        at += 1 << level
        made.extend([small().subtree(index << level, at)], level)
    assert at == end == made.size
    assert made.root() == small().root(end)
    assert len(subtrees(start, end)) <= 2 * 8


def test_a_subtree_is_refused_where_none_begins():
    with pytest.raises(MerkleError):
        grown(small().leaves[:3]).extend([bytes(32)], 1)


@pytest.mark.parametrize(
    "dumped",
    [
        {}, {"size": 3}, {"size": 3, "hashes": ["00" * 32]}, {"size": 1, "hashes": ["00" * 31]},
        {"size": 1, "hashes": ["zz" * 32]}, {"size": 1, "hashes": [1]}, {"size": -1, "hashes": []},
        {"size": "1", "hashes": ["00" * 32]}, {"size": True, "hashes": ["00" * 32]},
        {"size": 2**63, "hashes": ["00" * 32]}, {"size": 0, "hashes": "00"},
    ],
)  # fmt: skip
def test_a_stored_range_that_is_none_is_refused(dumped):
    with pytest.raises(MerkleError):
        CompactRange.load(dumped)


def test_a_range_takes_as_many_hashes_as_its_size_has_bits():
    with pytest.raises(MerkleError, match="takes 2 hashes, not 1"):
        CompactRange.of(3, [bytes(32)])


def test_consistency_is_proven_between_any_two_sizes():
    for second in range(1, 70):
        for first in range(second + 1):
            verify_consistency(
                first,
                small().root(first),
                second,
                small().root(second),
                small().consistency_proof(first, second),
            )


@given(st.integers(1, 129), st.integers(2, 130), st.data())
def test_a_proof_that_was_touched_proves_nothing(first, second, drawn):
    if first >= second:
        return
    proof = small().consistency_proof(first, second)
    roots = [small().root(first), small().root(second)]
    hashes = [*roots, *proof]
    at = drawn.draw(st.integers(0, len(hashes) - 1))
    bit = drawn.draw(st.integers(0, 255))
    flipped = bytearray(hashes[at])
    flipped[bit // 8] ^= 1 << bit % 8
    hashes[at] = bytes(flipped)
    with pytest.raises(MerkleError):
        verify_consistency(first, hashes[0], second, hashes[1], hashes[2:])
    for wrong in (proof[:-1], [*proof, bytes(32)], [], [one[:31] for one in proof], proof * 40):
        with pytest.raises(MerkleError):
            verify_consistency(first, roots[0], second, roots[1], wrong)


def test_a_tree_that_shrank_or_has_two_roots_of_one_size_is_not_consistent():
    one, other = small().root(7), small().root(8)
    for first, root1, second, root2, proof in (
        (8, other, 7, one, []),
        (7, one, 7, other, []),
        (7, one, 7, one, [bytes(32)]),
        (0, one, 7, one, []),
        (0, EMPTY_ROOT, 7, one, [bytes(32)]),
    ):
        with pytest.raises(MerkleError):
            verify_consistency(first, root1, second, root2, proof)


def test_a_proof_for_another_size_than_the_signed_one_proves_nothing():
    """A log that signs the root of four entries as that of eight has a fitting, shorter proof."""
    short, long = small().consistency_proof(3, 4), small().consistency_proof(3, 8)
    assert short == long[: len(short)]
    with pytest.raises(MerkleError, match="too short"):
        verify_consistency(3, small().root(3), 8, small().root(4), short)
    with pytest.raises(MerkleError, match="too short"):
        range_from_consistency(3, 8, small().root(4), short)
    with pytest.raises(MerkleError, match="too long"):
        verify_consistency(3, small().root(3), 4, small().root(8), long)
    with pytest.raises(MerkleError, match="too long"):
        range_from_consistency(3, 4, small().root(8), long)


def test_a_proof_between_two_forks_does_not_exist():
    forked = Tree([*small().leaves[:50], bytes(32), *small().leaves[51:100]])
    with pytest.raises(MerkleError):
        verify_consistency(
            60, small().root(60), 100, forked.root(), forked.consistency_proof(60, 100)
        )


def test_a_consistency_proof_gives_the_range_of_what_came_before():
    for size in range(2, 100):
        for start in range(size):
            proof = small().consistency_proof(start, size)
            if start and not start & (start - 1):
                with pytest.raises(MerkleError, match="cannot be joined"):
                    range_from_consistency(start, size, small().root(size), proof)
                continue
            joined = range_from_consistency(start, size, small().root(size), proof)
            assert joined.dump() == grown(small().leaves[:start]).dump()
            joined.extend(small().leaves[start:size])
            assert joined.root() == small().root(size)


@given(st.integers(3, 129), st.data())
def test_a_range_is_taken_from_no_proof_that_was_touched(start, drawn):
    size = 130
    if not start & (start - 1):
        return
    proof = small().consistency_proof(start, size)
    at = drawn.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:at], sha256(proof[at]).digest(), *proof[at + 1 :]]
    for wrong in (changed, proof[:-1], [*proof, bytes(32)], proof[::-1], []):
        if wrong != proof:
            with pytest.raises(MerkleError):
                range_from_consistency(start, size, small().root(size), wrong)
    with pytest.raises(MerkleError):
        range_from_consistency(start, size, small().root(129), proof)
    with pytest.raises(MerkleError):
        range_from_consistency(size, size, small().root(size), [])


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from([1, 32, 256, 1024]))
def test_a_place_to_join_is_aligned_before_the_end_and_no_power_of_two(wanted, size, step):
    start = joinable(wanted, size, step)
    assert 0 <= start <= wanted
    assert start % step == 0
    if start:
        assert start < size
        assert start & (start - 1)
    if wanted < size and step > 1:
        assert wanted - start < 2 * step or start == 0


def test_a_tile_holds_as_many_hashes_as_it_must():
    assert tile_hashes(bytes(64), 2) == [bytes(32)] * 2
    for wrong in (bytes(63), bytes(65), bytes(32), b""):
        with pytest.raises(MerkleError):
            tile_hashes(wrong, 2)
