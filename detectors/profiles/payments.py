"""Where a text asks for money to be sent: addresses of currencies, bank accounts, payment handles.

Only what its own check sum proves is called an address: texts hold many runs of letters and
digits, and a wrong one would link strangers into one campaign. The addresses go to the casebook in
one spelling, so that two accounts which collect for the same purse meet there.
May import: detectors.profiles.keccak.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from detectors.profiles.keccak import keccak_256

#: Of a text; a longer one is read so far.
_MOST_READ = 5000
_MOST_FOUND = 10
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_RUN = re.compile(r"(?<![A-Za-z0-9])[1-9A-HJ-NP-Za-km-z]{26,106}(?![A-Za-z0-9])")
_BECH32_RUN = re.compile(r"(?<![A-Za-z0-9])(?:bc|ltc)1[a-z0-9]{11,87}(?![a-z0-9])", re.IGNORECASE)
_HEX_RUN = re.compile(r"(?<![A-Za-z0-9])0x[0-9A-Fa-f]{40}(?![A-Za-z0-9])")
_IBAN_RUN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?"
    r"(?![A-Za-z0-9])"
)
#: First byte of what base58check holds: whose address it is.
_BASE58_KINDS = {
    0x00: "bitcoin", 0x05: "bitcoin", 0x30: "litecoin", 0x32: "litecoin", 0x1E: "dogecoin",
    0x41: "tron",
}  # fmt: skip
_BECH32_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_SUMS = (1, 0x2BC830A3)
_BECH32_KINDS = {"bc": "bitcoin", "ltc": "litecoin"}
_MONERO = (18, 19, 42)
#: Letters and digits of an account number by country; what is not here may have any length.
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IT": 27,
    "LT": 20, "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24,
    "SE": 24, "SI": 19, "SK": 24, "TR": 26,
}  # fmt: skip
_HANDLES = (
    ("paypal", re.compile(r"\bpaypal\.me/([A-Za-z0-9._-]{2,40})", re.IGNORECASE)),
    ("cashapp", re.compile(r"\bcash\.app/\$?([A-Za-z][A-Za-z0-9]{1,24})", re.IGNORECASE)),
    ("cashapp", re.compile(r"\bcash\s?app\W{0,3}\$?([A-Za-z][A-Za-z0-9]{2,24})", re.IGNORECASE)),
    ("venmo", re.compile(r"\bvenmo(?:\.com/(?:u/)?|\W{1,3}@)([A-Za-z0-9_-]{3,30})", re.IGNORECASE)),
    ("revolut", re.compile(r"\brevolut\.me/([A-Za-z0-9]{3,30})", re.IGNORECASE)),
    ("wise", re.compile(r"\bwise\.com/pay/me/([A-Za-z0-9]{3,40})", re.IGNORECASE)),
    ("ko-fi", re.compile(r"\bko-fi\.com/([A-Za-z0-9_]{3,40})", re.IGNORECASE)),
    ("upi", re.compile(
        r"(?<![\w.-])([A-Za-z0-9._-]{3,40}@(?:ok(?:axis|hdfcbank|icici|sbi)|paytm|ybl|upi))\b",
        re.IGNORECASE)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One place that money can be sent to."""

    kind: Literal["crypto", "bank", "handle"]
    system: str  #: "bitcoin", "iban", "paypal", ...
    address: str  #: in one spelling, however it was written


def payments_in(text: str) -> tuple[Payment, ...]:
    """Each once, in the order of kinds; ten at most."""
    text = text[:_MOST_READ]
    found = dict.fromkeys((*_crypto(text), *_bank(text), *_handles(text)))
    return tuple(found)[:_MOST_FOUND]


def _crypto(text: str) -> Iterator[Payment]:
    for run in _HEX_RUN.findall(text):
        if _is_ethereum(run):
            yield Payment(kind="crypto", system="ethereum", address=run.lower())
    for run in _BECH32_RUN.findall(text):
        if system := _bech32_system(run):
            yield Payment(kind="crypto", system=system, address=run.lower())
    for run in _BASE58_RUN.findall(text):
        if system := _base58_system(run):
            yield Payment(kind="crypto", system=system, address=run)


def _is_ethereum(run: str) -> bool:
    """One case has no check sum; mixed case must be the one that the digest of it gives."""
    digits = run[2:]
    if digits in (digits.lower(), digits.upper()):
        return len(set(digits.lower())) > 2
    digest = keccak_256(digits.lower().encode()).hex()
    expected = (
        digit.upper() if int(nibble, 16) >= 8 else digit
        for digit, nibble in zip(digits.lower(), digest[:40], strict=True)
    )
    return "".join(expected) == digits


def _bech32_system(run: str) -> str | None:
    if run not in (run.lower(), run.upper()):
        return None
    person, _, data = run.lower().rpartition("1")
    # A second "1" in what follows cannot be: the letters of the data have none.
    if person not in _BECH32_KINDS or any(char not in _BECH32_LETTERS for char in data):
        return None
    values = [ord(char) >> 5 for char in person] + [0] + [ord(char) & 31 for char in person]
    values += [_BECH32_LETTERS.index(char) for char in data]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= term if top >> bit & 1 else 0
    return _BECH32_KINDS[person] if check in _BECH32_SUMS else None


def _base58_system(run: str) -> str | None:
    if len(run) in (95, 106):
        return "monero" if _is_monero(run) else None
    if len(run) > 35:
        return None
    number = 0
    for char in run:
        number = number * 58 + _BASE58.index(char)
    zeros = len(run) - len(run.lstrip("1"))
    held = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(held) != 25:
        return None
    digest = hashlib.sha256(hashlib.sha256(held[:-4]).digest()).digest()
    return _BASE58_KINDS.get(held[0]) if digest[:4] == held[-4:] else None


def _is_monero(run: str) -> bool:
    """Blocks of eleven letters hold eight bytes each, what is left over fewer."""
    held = b""
    for start in range(0, len(run), 11):
        block = run[start : start + 11]
        size = {11: 8, 7: 5}.get(len(block))
        number = 0
        for char in block:
            number = number * 58 + _BASE58.index(char)
        if size is None or number >= 1 << 8 * size:
            return False
        held += number.to_bytes(size, "big")
    return held[0] in _MONERO and keccak_256(held[:-4])[:4] == held[-4:]


def _bank(text: str) -> Iterator[Payment]:
    for run in _IBAN_RUN.findall(text):
        written = re.sub(r"[ -]", "", run)
        length = _IBAN_LENGTHS.get(written[:2])
        # Words in capitals may follow the number: what is too long is tried at its length.
        for number in dict.fromkeys((written, written[:length])):
            if _is_iban(number, length):
                yield Payment(kind="bank", system="iban", address=number)
                break


def _is_iban(number: str, length: int | None) -> bool:
    if not 15 <= len(number) <= 34 or (length is not None and len(number) != length):
        return False
    turned = number[4:] + number[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def _handles(text: str) -> Iterator[Payment]:
    for system, pattern in _HANDLES:
        for name in pattern.findall(text):
            yield Payment(kind="handle", system=system, address=name.lower())
