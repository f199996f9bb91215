"""Keccak-256 as two currencies use it for their check sums.

The standard library has SHA-3, which pads otherwise and so gives other digests. Slow, for a few
dozen bytes at a time.
May import: nothing of ours.
"""

from __future__ import annotations

_RATE = 136  # bytes; 256 bits of digest
_MASK = (1 << 64) - 1
_ROUNDS = 24


def _constants() -> tuple[int, ...]:
    """The round constants, from the shift register that defines them."""
    found, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for power in range(7):
            if register & 1:
                constant |= 1 << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        found.append(constant)
    return tuple(found)


_CONSTANTS = _constants()


def _turned(word: int, bits: int) -> int:
    bits %= 64
    return ((word << bits) | (word >> (64 - bits))) & _MASK


def _permuted(lanes: list[list[int]]) -> list[list[int]]:
    for constant in _CONSTANTS:
        parity = [a ^ b ^ c ^ d ^ e for a, b, c, d, e in lanes]
        for x in range(5):
            mixed = parity[x - 1] ^ _turned(parity[(x + 1) % 5], 1)
            lanes[x] = [lane ^ mixed for lane in lanes[x]]
        x, y, moving = 1, 0, lanes[1][0]
        for step in range(1, _ROUNDS + 1):
            x, y = y, (2 * x + 3 * y) % 5
            moving, lanes[x][y] = lanes[x][y], _turned(moving, step * (step + 1) // 2)
        for y in range(5):
            row = [lanes[x][y] for x in range(5)]
            for x in range(5):
                lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & _MASK & row[(x + 2) % 5])
        lanes[0][0] ^= constant
    return lanes


def keccak_256(data: bytes) -> bytes:
    """32 bytes.

    >>> keccak_256(b"").hex()[:16]
    'c5d2460186f7233c'
    """
    padded = bytearray(data + b"\x01" + bytes(-(len(data) + 1) % _RATE))
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), _RATE):
        for at in range(_RATE // 8):
            word = int.from_bytes(padded[start + 8 * at : start + 8 * at + 8], "little")
            lanes[at % 5][at // 5] ^= word
        lanes = _permuted(lanes)
    return b"".join(lanes[at % 5][at // 5].to_bytes(8, "little") for at in range(4))
