"""Addresses to pay to: what its own check sum proves, and nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.profiles.keccak import keccak_256
from detectors.profiles.payments import payments_in

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58check(version: int, payload: bytes) -> str:
    """Written here again, from the definition, so that reading is tested by another hand."""
    held = bytes([version]) + payload
    held += hashlib.sha256(hashlib.sha256(held).digest()).digest()[:4]
    number, text = int.from_bytes(held, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    return "1" * (len(held) - len(held.lstrip(b"\0"))) + text


def iban(country: str, account: str) -> str:
    turned = "".join(str(int(char, 36)) for char in f"{account}{country}00")
    return f"{country}{98 - int(turned) % 97:02}{account}"


def ethereum(payload: bytes) -> str:
    digits = payload.hex()
    digest = keccak_256(digits.encode()).hex()
    return "0x" + "".join(
        char.upper() if int(digest[at], 16) > 7 else char for at, char in enumerate(digits)
    )


#: Published by their makers as examples: of EIP-55, BIP-173 and BIP-350, and of the hash itself.
_EXAMPLES = {
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed": "ethereum",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359": "ethereum",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": "bitcoin",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4": "bitcoin",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": "bitcoin",
}


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_the_digest_is_keccak_and_not_sha3(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest
    assert keccak_256(data) != hashlib.sha3_256(data).digest()


def test_more_than_a_block_is_digested() -> None:
    # The permutation is the one of SHA-3, so a block's end is all that may go wrong: these lengths
    # stand on both sides of it.
    assert len({keccak_256(bytes(size)) for size in (134, 135, 136, 137, 272, 273)}) == 6


@pytest.mark.parametrize(("address", "system"), _EXAMPLES.items())
def test_a_published_address_is_found_among_words(address: str, system: str) -> None:
    (found,) = payments_in(f"Send only to {address}, thank you")
    assert (found.kind, found.system) == ("crypto", system)
    assert found.address == address.lower()


@pytest.mark.parametrize("address", [*_EXAMPLES])
def test_one_wrong_letter_makes_it_no_address(address: str) -> None:
    wrong = address[:-1] + ("q" if address[-1] != "q" else "p")
    if address.startswith("0x"):
        at = max(at for at, char in enumerate(address) if char.isalpha())
        wrong = address[:at] + address[at].swapcase() + address[at + 1 :]
    assert payments_in(f"Send only to {wrong}, thank you") == ()


@given(st.sampled_from([(0, "bitcoin"), (5, "bitcoin"), (0x30, "litecoin"), (0x1E, "dogecoin"),
                        (0x41, "tron")]), st.binary(min_size=20, max_size=20))  # fmt: skip
@settings(deadline=None, max_examples=50)
def test_whatever_is_paid_to_the_address_is_read(kind: tuple[int, str], payload: bytes) -> None:
    address = base58check(kind[0], payload)
    (found,) = payments_in(f"pay: {address}")
    assert (found.system, found.address) == (kind[1], address)


@given(st.binary(min_size=20, max_size=20))
@settings(deadline=None, max_examples=25)
def test_one_purse_in_any_case_is_one_address(payload: bytes) -> None:
    checked = ethereum(payload)
    assert {one.address for one in payments_in(checked)} <= {checked.lower()}
    if len(set(payload.hex())) > 2:
        assert payments_in(checked) == payments_in(checked.lower())


def test_a_version_that_nobody_uses_is_no_address() -> None:
    assert payments_in(base58check(0x99, bytes(range(20)))) == ()


@pytest.mark.parametrize(
    ("country", "account"), [("NL", "ACME0417164300"), ("DE", "370400440532013000"),
                             ("BE", "539007547034"), ("FR", "20041010050500013M02606")]
)  # fmt: skip
def test_a_bank_account_is_found_however_it_is_grouped(country: str, account: str) -> None:
    number = iban(country, account)
    grouped = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    for text in (number, f"Pay to {grouped} please", f"Pay to {grouped} NOW OR NEVER"):
        (found,) = payments_in(text)
        assert (found.kind, found.address) == ("bank", number)
    turned = number[:-2] + number[-1] + number[-2]
    if turned != number:
        assert payments_in(f"Pay to {turned}") == ()


def test_a_sound_number_of_a_wrong_length_is_no_bank_account() -> None:
    assert payments_in(iban("NL", "ACME041716430012")) == ()


@pytest.mark.parametrize(
    ("text", "system", "address"),
    [
        ("paypal.me/AcmeHelp", "paypal", "acmehelp"),
        ("https://www.PayPal.me/AcmeHelp?x", "paypal", "acmehelp"),
        ("Cash App: $AcmeHelp", "cashapp", "acmehelp"),
        ("cash.app/$acmehelp", "cashapp", "acmehelp"),
        ("venmo @acme-help", "venmo", "acme-help"),
        ("revolut.me/acmehelp", "revolut", "acmehelp"),
        ("pay acme.help@okicici", "upi", "acme.help"),
    ],
)
def test_a_payment_handle_is_found(text: str, system: str, address: str) -> None:
    (found,) = payments_in(text)
    assert (found.kind, found.system) == ("handle", system)
    assert found.address.startswith(address)


@pytest.mark.parametrize(
    "text",
    ["I like cash", "order NL20 1234 5678 9012", "a" * 60, "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf",
     "0x" + "0" * 40, "support@acme.example", "c0ffee" * 10],
)  # fmt: skip
def test_ordinary_text_holds_no_address(text: str) -> None:
    assert payments_in(text) == ()


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=100)
def test_any_text_is_read(text: str) -> None:
    assert len(payments_in(text)) <= 10


def test_a_flood_of_letters_is_read_quickly_and_not_to_its_end() -> None:
    late = "x " * 3000 + "paypal.me/acmehelp"
    assert payments_in(late) == ()
    assert payments_in("1" * 200_000) == ()
