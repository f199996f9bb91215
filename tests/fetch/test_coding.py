"""Content codings, attacked: what was coded comes back, all else is our one error."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.errors import Failure
from namaak.fetch import Limits
from namaak.fetch.coding import Body, CodingError, coding_of

WIDE = Limits(max_bytes=1 << 30, max_ratio=1e9)
PIECES = st.integers(1, 50)


def _decoded(coding, octets, size, limits=WIDE):
    body = Body(coding, limits)
    for at in range(0, len(octets), size):
        body.feed(octets[at : at + size])
    return body.whole()


def bare(octets):
    made = zlib.compressobj(wbits=-15)
    return made.compress(octets) + made.flush()


@given(st.binary(), PIECES)
def test_what_was_coded_comes_back_however_it_is_cut(octets, size):
    assert _decoded(None, octets, size) == octets
    assert _decoded("gzip", gzip.compress(octets), size) == octets
    assert _decoded("deflate", zlib.compress(octets), size) == octets


@given(st.binary(), PIECES)
def test_bare_deflate_comes_back_unless_it_looks_like_zlib(octets, size):
    coded = bare(octets)
    if coded[0] & 0x0F != 8 or (coded[0] << 8 | coded[1]) % 31:
        assert _decoded("deflate", coded, size) == octets


@given(st.lists(st.binary(), min_size=1, max_size=5), PIECES)
def test_members_of_gzip_are_joined(parts, size):
    assert _decoded("gzip", b"".join(map(gzip.compress, parts)), size) == b"".join(parts)


@given(st.sampled_from(["gzip", "deflate"]), st.binary(), PIECES)
def test_any_octets_decode_or_are_our_error(coding, octets, size):
    try:
        _decoded(coding, octets, size)
    except CodingError as error:
        assert error.failure is Failure.MALFORMED


@given(st.binary(min_size=1), st.data())
def test_a_truncated_body_is_never_taken_for_whole(octets, data):
    coded = gzip.compress(octets)
    cut = data.draw(st.integers(1, len(coded) - 1))
    with pytest.raises(CodingError) as caught:
        _decoded("gzip", coded[:cut], 7)
    assert caught.value.failure is Failure.MALFORMED


def test_an_empty_body_is_empty_whatever_its_coding():
    assert Body("gzip", WIDE).whole() == b""


@given(st.integers(0, 300_000), st.integers(1, 300_000))
def test_the_limit_is_exact(size, limit):
    octets, limits = bytes(size), Limits(max_bytes=limit, max_ratio=1e9)
    for coding, coded in ((None, octets), ("gzip", gzip.compress(octets))):
        if size <= limit:
            assert _decoded(coding, coded, 50_000, limits) == octets
        else:
            with pytest.raises(CodingError) as caught:
                _decoded(coding, coded, 50_000, limits)
            assert caught.value.failure is Failure.POLICY


def test_a_bomb_is_stopped_within_one_piece_of_its_limit():
    body = Body("gzip", Limits(max_bytes=1 << 20, max_ratio=1e9))
    with pytest.raises(CodingError):
        body.feed(gzip.compress(bytes(100 << 20)))
    assert len(body._decoded) <= (1 << 20) + (1 << 16)


@pytest.mark.parametrize(
    ("values", "coding"),
    [([], None), ([""], None), (["identity"], None), (["GZIP"], "gzip"), (["x-gzip"], "gzip"),
     (["identity", "deflate"], "deflate"), ([" gzip ,"], "gzip")],
)  # fmt: skip
def test_the_coding_that_headers_name(values, coding):
    assert coding_of(values) == coding


@pytest.mark.parametrize(
    ("values", "failure"),
    [(["br"], Failure.MALFORMED), (["zstd"], Failure.MALFORMED), (["gzip;q=1"], Failure.MALFORMED),
     (["gzip, gzip"], Failure.POLICY), (["gzip", "gzip"], Failure.POLICY),
     (["br, gzip"], Failure.POLICY)],
)  # fmt: skip
def test_codings_that_are_not_undone(values, failure):
    with pytest.raises(CodingError) as caught:
        coding_of(values)
    assert caught.value.failure is failure
