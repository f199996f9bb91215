"""Tree heads: what a log signed is believed, and nothing else."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from namaak.transparency.heads import (
    MAX_HEAD_BYTES,
    HeadError,
    checkpoint_head,
    checkpoint_key_id,
    checkpoint_origin,
    public_key,
    sth_head,
    tree_head_bytes,
)
from tests.ct_log import CtLog, some_entries
from tests.peers.programs import program

ORIGIN = "log.example/2026h2"
BOTH_KEYS = pytest.mark.parametrize("rsa_key", [False, True], ids=["ecdsa", "rsa"])


def a_log(tmp_path, *, rsa_key=False, foreign_lines=True, origin=ORIGIN):
    log = CtLog(tmp_path, origin=origin, rsa_key=rsa_key, foreign_lines=foreign_lines)
    log.append(some_entries(5))
    return log


def own_line(log, checkpoint):
    """The log's own signature line, with what it decodes to."""
    key_id = base64.b64encode(checkpoint_key_id(log.origin, log.key)).decode()[:5]
    lines = checkpoint.decode().splitlines(keepends=True)
    (line,) = [line for line in lines if line.startswith(f"— {log.origin} {key_id}")]
    return line, base64.b64decode(line.split()[2])


def refusal(checkpoint, log, origin=ORIGIN):
    with pytest.raises(HeadError) as raised:
        checkpoint_head(checkpoint, origin=origin, key=log.key)
    return raised.value


@BOTH_KEYS
def test_a_checkpoint_says_size_root_and_time(tmp_path, rsa_key):
    log = a_log(tmp_path, rsa_key=rsa_key)
    text = log.checkpoint(timestamp_ms=1_790_000_000_123)
    head = checkpoint_head(text, origin=ORIGIN, key=log.key)
    assert (head.size, head.root, head.timestamp_ms) == (5, log.root(), 1_790_000_000_123)
    assert head.text.encode() == text


@BOTH_KEYS
def test_an_answer_to_get_sth_says_size_root_and_time(tmp_path, rsa_key):
    log = a_log(tmp_path, rsa_key=rsa_key)
    body = log.sth(4, timestamp_ms=1_790_000_000_123)
    head = sth_head(body, key=log.key)
    assert (head.size, head.root, head.timestamp_ms) == (4, log.root(4), 1_790_000_000_123)
    assert head.text.encode() == body


def test_an_empty_log_has_a_head_too(tmp_path):
    log = CtLog(tmp_path, origin=ORIGIN)
    assert checkpoint_head(log.checkpoint(), origin=ORIGIN, key=log.key).size == 0


@BOTH_KEYS
def test_no_bit_of_the_text_or_of_the_own_line_may_change(tmp_path, rsa_key):
    log = a_log(tmp_path, rsa_key=rsa_key, foreign_lines=False)
    text = log.checkpoint()
    for at in range(len(text)):
        changed = bytearray(text)
        changed[at] ^= 1 << at % 7
        with pytest.raises(HeadError):
            checkpoint_head(bytes(changed), origin=ORIGIN, key=log.key)


@BOTH_KEYS
def test_no_value_of_an_answer_to_get_sth_may_change(tmp_path, rsa_key):
    log = a_log(tmp_path, rsa_key=rsa_key)
    answer = json.loads(log.sth())
    other = json.loads(log.sth(4))
    for name in ("tree_size", "timestamp", "sha256_root_hash", "tree_head_signature"):
        with pytest.raises(HeadError) as raised:
            sth_head(json.dumps(answer | {name: other[name]}).encode(), key=log.key)
        assert raised.value.kind == "bad-signature"


@pytest.mark.peer
@BOTH_KEYS
def test_openssl_accepts_the_test_logs_signatures_and_refuses_a_changed_head(tmp_path, rsa_key):
    log = a_log(tmp_path, rsa_key=rsa_key)
    _, body = own_line(log, log.checkpoint(timestamp_ms=1_790_000_000_123))
    (tmp_path / "key.pem").write_bytes(
        load_der_public_key(log.key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    # Key id, time, two algorithms, length: then what openssl takes.
    (tmp_path / "signature").write_bytes(body[4 + 8 + 4 :])
    signed = tree_head_bytes(size=5, root=log.root(), timestamp_ms=1_790_000_000_123)
    for size, code in ((5, 0), (4, 1)):
        (tmp_path / "head").write_bytes(signed.replace(bytes(7) + b"\5", bytes(7) + bytes([size])))
        done = subprocess.run(
            [program("openssl"), "dgst", "-sha256", "-verify", "key.pem",
             "-signature", "signature", "head"],
            cwd=tmp_path, capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == code, done


def test_lines_of_others_and_of_other_keys_of_the_log_are_passed_over(tmp_path):
    log = a_log(tmp_path)
    text = log.checkpoint()
    line, _ = own_line(log, text)
    foreign = [one for one in text.decode().splitlines() if one.startswith("—")]
    assert sum(one.startswith(f"— {ORIGIN} ") for one in foreign) == 3
    assert foreign.index(line.strip()) == 2
    assert checkpoint_head(text, origin=ORIGIN, key=log.key).size == 5


def test_a_checkpoint_without_a_line_of_the_logs_key_is_refused(tmp_path):
    log, other = a_log(tmp_path), a_log(tmp_path, origin="other.example")
    text = log.checkpoint()
    without = text.decode().replace(own_line(log, text)[0], "").encode()
    assert refusal(without, log).kind == "unknown-key"
    with pytest.raises(HeadError) as raised:
        checkpoint_head(text, origin=ORIGIN, key=other.key)
    assert raised.value.kind == "unknown-key"


def test_a_signature_of_another_key_under_the_logs_key_id_is_refused(tmp_path):
    log, other = a_log(tmp_path), a_log(tmp_path, origin="other.example")
    assert refusal(log.checkpoint(signed_by=other), log).kind == "bad-signature"
    with pytest.raises(HeadError) as raised:
        sth_head(log.sth(signed_by=other), key=log.key)
    assert raised.value.kind == "bad-signature"


def test_one_bad_line_of_the_logs_key_spoils_the_checkpoint(tmp_path):
    log, other = a_log(tmp_path), a_log(tmp_path, origin="other.example")
    text = log.checkpoint()
    bad, _ = own_line(log, log.checkpoint(signed_by=other))
    assert refusal(text + bad.encode(), log).kind == "bad-signature"


def test_a_checkpoint_of_another_origin_is_refused_though_the_key_is_right(tmp_path):
    log = a_log(tmp_path)
    assert refusal(log.checkpoint(), log, origin="other.example").kind == "wrong-origin"
    moved = log.checkpoint().replace(f"{ORIGIN}\n".encode(), b"other.example\n", 1)
    assert refusal(moved, log, origin="other.example").kind == "unknown-key"


def test_the_signature_does_not_cover_further_lines_so_none_may_stand_there(tmp_path):
    log = a_log(tmp_path)
    extended = log.checkpoint().replace(b"\n\n", b"\nanything\n\n", 1)
    assert refusal(extended, log).kind == "malformed"
    shortened = f"{ORIGIN}\n5\n\n".encode() + log.checkpoint().split(b"\n\n")[1]
    assert refusal(shortened, log).kind == "malformed"


@pytest.mark.parametrize("size", ["05", "+5", "-5", " 5", "5 ", "0x5", "", "1099511627777", "٥"])
def test_a_size_is_a_plain_decimal_number_that_a_leaf_index_reaches(tmp_path, size):
    log = a_log(tmp_path)
    changed = log.checkpoint().replace(b"\n5\n", f"\n{size}\n".encode(), 1)
    assert refusal(changed, log).kind == "malformed"


def test_a_root_has_32_bytes_in_canonical_base64(tmp_path):
    log = a_log(tmp_path)
    text, root = log.checkpoint(), base64.b64encode(log.root())
    assert root.endswith(b"=")
    last = bytes([root[-2] + 1]) + b"="  # the two bits that no byte uses
    assert refusal(text.replace(root, root[:-2] + last), log).kind == "malformed"
    assert refusal(text.replace(root, base64.b64encode(bytes(31))), log).kind == "malformed"


def test_a_signature_must_name_its_algorithms_and_its_length(tmp_path):
    log = a_log(tmp_path)
    text = log.checkpoint()
    line, body = own_line(log, text)

    def with_body(changed):
        other = f"— {ORIGIN} {base64.b64encode(changed).decode()}\n"
        return text.decode().replace(line, other).encode()

    assert refusal(with_body(body[:12] + b"\2" + body[13:]), log).kind == "bad-signature"
    assert refusal(with_body(body[:13] + b"\1" + body[14:]), log).kind == "bad-signature"
    assert refusal(with_body(body + b"\0"), log).kind == "malformed"
    assert refusal(with_body(body[:-1]), log).kind == "malformed"
    assert refusal(with_body(body[:14]), log).kind == "malformed"
    assert refusal(with_body(body[:10]), log).kind == "malformed"
    assert refusal(with_body(body[:4] + b"\xff" * 8 + body[12:]), log).kind == "malformed"


def test_a_checkpoint_of_65_kB_is_refused_before_it_is_read(tmp_path):
    log = a_log(tmp_path)
    long = log.checkpoint() + b"x" * MAX_HEAD_BYTES
    assert "longer than" in str(refusal(long, log))
    with pytest.raises(HeadError, match="longer than"):
        sth_head(b" " * MAX_HEAD_BYTES + log.sth(), key=log.key)


@pytest.mark.parametrize(
    "change",
    [
        {"tree_size": -1}, {"tree_size": 2**63}, {"tree_size": "5"}, {"tree_size": 5.0},
        {"tree_size": True}, {"tree_size": None}, {"timestamp": -1}, {"timestamp": 2**60},
        {"sha256_root_hash": "AAAA"}, {"sha256_root_hash": 7}, {"tree_head_signature": "*"},
        {"tree_head_signature": "BAM="}, {"tree_head_signature": None},
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_is_malformed(tmp_path, change):
    log = a_log(tmp_path)
    with pytest.raises(HeadError) as raised:
        sth_head(json.dumps(json.loads(log.sth()) | change).encode(), key=log.key)
    assert raised.value.kind == "malformed"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[" * 60_000, b'{"a":"\xff"}', b"\xff"])
def test_an_answer_that_is_no_such_json_is_malformed(tmp_path, body):
    with pytest.raises(HeadError) as raised:
        sth_head(body, key=a_log(tmp_path).key)
    assert raised.value.kind == "malformed"


@given(at=st.integers(0, 2500), byte=st.integers(0, 255))
def test_a_changed_byte_gives_the_same_head_or_our_error(tmp_path_factory, at, byte):
    log = a_log(tmp_path_factory.getbasetemp())
    text = log.checkpoint()
    changed = text[: at % len(text)] + bytes([byte]) + text[at % len(text) + 1 :]
    try:
        head = checkpoint_head(changed, origin=ORIGIN, key=log.key)
    except HeadError:
        return
    assert (head.size, head.root) == (5, log.root())


def test_only_keys_of_the_two_kinds_that_logs_may_have_are_taken():
    def spki(private_key):
        return private_key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )

    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for key, reason in (
        (spki(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (spki(ed25519.Ed25519PrivateKey.generate()), "neither"),
        (spki(weak), "2048"),
        (b"", "DER"),
        (b"0\x03\x02\x01\x05", "DER"),
    ):
        with pytest.raises(ValueError, match=reason):
            public_key(key)


def test_the_origin_can_be_told_without_a_key(tmp_path):
    assert checkpoint_origin(a_log(tmp_path).checkpoint()) == ORIGIN
    with pytest.raises(HeadError):
        checkpoint_origin(b"nothing")
