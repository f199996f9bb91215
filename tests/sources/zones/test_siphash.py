"""Fingerprints of names, against the published vectors and two other programs' SipHash."""

import shutil
import subprocess

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.zones.siphash import siphash

KEY = bytes(range(16))
MASK = (1 << 64) - 1


def spelled_out(text: bytes, key: bytes) -> int:
    """SipHash-2-4 as its paper writes it, one name at a time."""
    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v = [
        k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D,
        k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573,
    ]  # fmt: skip

    def turned(word, bits):
        return (word << bits | word >> (64 - bits)) & MASK

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & MASK
            v[2] = (v[2] + v[3]) & MASK
            v[1], v[3] = turned(v[1], 13) ^ v[0], turned(v[3], 16) ^ v[2]
            v[0] = turned(v[0], 32)
            v[2] = (v[2] + v[1]) & MASK
            v[0] = (v[0] + v[3]) & MASK
            v[1], v[3] = turned(v[1], 17) ^ v[2], turned(v[3], 21) ^ v[0]
            v[2] = turned(v[2], 32)

    padded = text + bytes(7 - len(text) % 8) + bytes([len(text) & 0xFF])
    for place in range(0, len(padded), 8):
        word = int.from_bytes(padded[place : place + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def test_the_published_vectors_come_out():
    texts = pa.array([bytes(range(size)) for size in (0, 1, 7, 8, 15, 63)], pa.binary())
    published = [
        "310e0edd47db6f72", "fd67dc93c539f874", "37d1018bf50002ab", "6224939a79f5f593",
        "e545be4961ca29a1", "724506eb4c328a95",
    ]  # fmt: skip
    assert [f.tobytes().hex() for f in siphash(texts, KEY)] == published


@pytest.mark.peer
def test_openssl_gives_the_same():
    if shutil.which("openssl") is None:
        pytest.skip("needs the program openssl; install it to run this test")
    names = [b"acme-login", b"x", b"a-name-that-is-longer-than-sixteen-octets"]
    given = siphash(pa.array(names), KEY)
    for name, fingerprint in zip(names, given, strict=True):
        command = ["openssl", "mac", "-macopt", f"hexkey:{KEY.hex()}", "-macopt", "size:8"]
        said = subprocess.run([*command, "SIPHASH"], input=name, capture_output=True, check=True)
        assert fingerprint.tobytes().hex() == said.stdout.decode().strip().lower()


@given(st.lists(st.binary(max_size=70)), st.binary(min_size=16, max_size=16), st.integers(0, 3))
def test_any_column_gives_what_the_paper_says(texts, key, skipped):
    column = pa.array(texts, pa.binary()).slice(skipped)
    assert siphash(column, key).tolist() == [spelled_out(text, key) for text in texts[skipped:]]
    wide = pa.array(texts, pa.large_binary()).slice(skipped)
    assert np.array_equal(siphash(wide, key), siphash(column, key))


def test_a_null_or_a_short_key_is_refused():
    with pytest.raises(ValueError, match="null"):
        siphash(pa.array(["a", None]), KEY)
    with pytest.raises(ValueError, match="16 bytes"):
        siphash(pa.array(["a"]), b"short")
