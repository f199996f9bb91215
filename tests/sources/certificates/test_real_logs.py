"""What real logs served, to the byte: signatures, leaves, names, lists."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from namaak.sources.certificates.log_list import (
    LogKind,
    read_log_keys,
    read_log_list,
    worth_reading,
)
from namaak.sources.certificates.names_tiles import names_tile
from namaak.transparency.heads import (
    HeadError,
    checkpoint_head,
    checkpoint_key_id,
    log_id,
    sth_head,
)
from namaak.transparency.leaves import entry_leaf, tile_leaves
from namaak.transparency.merkle import leaf_hash, tile_hashes
from namaak.transparency.sans import certificate_names

pytestmark = pytest.mark.real

CHECKPOINTS = [
    "eszigno2026h2.log.ct.e-szigno.hu",
    "gouda2026h2.log.ct.ipng.ch",
    "log.sycamore.ct.letsencrypt.org/2026h2",
    "luoshu2027.trustasia.com/luoshu2027",
    "parcelyard2026h2.prod.certificate.transparency.goog",
    "tuscolo2026h2.sunlight.geomys.org",
]
TILES = [("000", 256), ("001", 256), ("002", 256), ("003", 256), ("003.p/10", 10)]


@pytest.fixture
def real(data_folder):
    """Reads a file of the folder `ct`; a missing one skips the test and is named."""

    def read(path: str) -> bytes:
        file = data_folder / "ct" / path
        if not file.is_file():
            pytest.skip(f"CT data {path} not present")
        return file.read_bytes()

    return read


@pytest.fixture
def keys(real):
    logs, faults = read_log_keys(real("real_checkpoints/logs.json"))
    assert faults == ()
    return {log.origin: log.key for log in logs}


def checkpoint(real, origin):
    return real(f"real_checkpoints/{origin.replace('/', '_')}.checkpoint")


def refused(text, origin, key):
    try:
        checkpoint_head(text, origin=origin, key=key)
    except HeadError:
        return True
    return False


@pytest.mark.parametrize("origin", CHECKPOINTS)
def test_the_checkpoint_of_a_live_log_verifies(real, keys, origin):
    text = checkpoint(real, origin)
    head = checkpoint_head(text, origin=origin, key=keys[origin])
    assert str(head.size).encode() == text.split(b"\n")[1]
    assert base64.b64encode(head.root) == text.split(b"\n")[2]
    assert (
        datetime(2026, 9, 27, tzinfo=UTC)
        < datetime.fromtimestamp(head.timestamp_ms / 1000, UTC)
        < datetime(2026, 9, 28, tzinfo=UTC)
    )
    for other, key in keys.items():
        assert refused(text, origin, key) is (other != origin)


@pytest.mark.parametrize("origin", CHECKPOINTS)
def test_no_byte_of_the_text_or_of_the_logs_own_line_may_be_flipped(real, keys, origin):
    """Every bit of each byte; bytes in lines of others are no part of what was verified."""
    text, key = checkpoint(real, origin), keys[origin]
    own_name = f"— {origin} ".encode()
    own_id = checkpoint_key_id(origin, key)
    at, flipped = 0, 0
    for line in text.splitlines(keepends=True):
        signed = at <= text.index(b"\n\n") + 1
        own = line.startswith(own_name) and base64.b64decode(line.split()[2])[:4] == own_id
        for place in range(at, at + len(line)) if signed or own else ():
            for bit in range(8):
                changed = bytearray(text)
                changed[place] ^= 1 << bit
                assert refused(bytes(changed), origin, key), (place, bit)
                flipped += 1
        at += len(line)
    assert flipped > 8 * 200


@pytest.mark.parametrize("origin", CHECKPOINTS)
def test_a_byte_flipped_in_a_line_of_others_never_gives_another_head(real, keys, origin):
    text, key = checkpoint(real, origin), keys[origin]
    head = checkpoint_head(text, origin=origin, key=key)
    for place in range(text.index(b"\n\n") + 2, len(text), 7):
        changed = bytearray(text)
        changed[place] ^= 1
        if not refused(bytes(changed), origin, key):
            found = checkpoint_head(bytes(changed), origin=origin, key=key)
            assert (found.size, found.root, found.timestamp_ms) == (
                head.size, head.root, head.timestamp_ms,
            )  # fmt: skip


def test_real_checkpoints_carry_lines_of_others_also_under_the_logs_own_name(real, keys):
    lines = checkpoint(real, CHECKPOINTS[1]).decode().splitlines()[4:]
    assert sum(line.startswith(f"— {CHECKPOINTS[1]} ") for line in lines) == 3
    assert any(line.startswith("— grease.invalid ") for line in lines)
    assert max(map(len, lines)) > 3000


def test_the_checkpoint_of_skylights_test_log_verifies_and_equals_its_final_head(real):
    described = real("skylight-tree/log.v3.json")
    (log,), _ = read_log_keys(described)
    final = json.loads(described)["final_tree_head"]
    head = checkpoint_head(real("skylight-tree/checkpoint"), origin=log.origin, key=log.key)
    assert (head.size, head.timestamp_ms) == (final["tree_size"], final["timestamp"])
    assert base64.b64encode(head.root).decode() == final["sha256_root_hash"]


def test_the_tree_head_of_argon_verifies_with_its_key_and_no_other(real):
    logs, _ = read_log_list(real("rfc6962/log_list_google.json"))
    body = real("rfc6962/argon2027h1_sth.json")
    verified = []
    for log in logs:
        try:
            verified.append((log.description, sth_head(body, key=log.key).size))
        except HeadError as error:
            assert error.kind == "bad-signature"
    assert verified == [("Google 'Argon2027h1'", 384_065_451)]


def test_no_bit_of_argons_tree_head_may_change(real):
    logs, _ = read_log_list(real("rfc6962/log_list_google.json"))
    (key,) = [log.key for log in logs if "Argon2027h1" in log.description]
    body = real("rfc6962/argon2027h1_sth.json")
    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1
        with pytest.raises(HeadError):
            sth_head(bytes(changed), key=key)


@pytest.mark.parametrize(("tile", "count"), TILES)
def test_leaves_of_a_real_tile_hash_to_its_hash_tile_and_give_the_logs_own_names(real, tile, count):
    leaves = list(tile_leaves(real(f"navigli2025h2/tile/data/{tile}")))
    hashes = tile_hashes(real(f"navigli2025h2/tile/0/{tile}"), count)
    assert [leaf_hash(leaf.merkle_leaf) for leaf in leaves] == hashes
    first = int(tile[:3]) * 256
    assert [leaf.leaf_index for leaf in leaves] == list(range(first, first + count))
    said = list(names_tile(real(f"navigli2025h2/tile/names/{tile}")))
    for leaf, line in zip(leaves, said, strict=True):
        found = certificate_names(leaf.certificate, tbs=leaf.entry_type == "precert")
        assert leaf.timestamp_ms == line.timestamp_ms
        assert [one.decode() for one in found.dns] == line.dns
        assert (found.common_name and found.common_name.decode()) == line.common_name
        assert found.addresses == line.addresses


def test_the_real_tiles_together_hold_1024_entries(real):
    tiles = [real(f"navigli2025h2/tile/data/{tile}") for tile, count in TILES if count == 256]
    leaves = [leaf for tile in tiles for leaf in tile_leaves(tile)]
    assert len(leaves) == 1024
    names = [certificate_names(leaf.certificate, tbs=True) for leaf in leaves]
    assert sum(len(one.dns) for one in names) == 1089
    lived = {one.not_after_s - one.not_before_s for one in names}
    assert all(0 < seconds < 400 * 86_400 for seconds in lived)


@pytest.mark.parametrize(
    ("file", "types"),
    [("argon2027h1_entries_380000000", ["precert"]),
     ("argon2027h1_entries_380000003", ["precert", "x509"])],
)  # fmt: skip
def test_real_answers_to_get_entries_are_read(real, file, types):
    items = json.loads(real(f"rfc6962/{file}.json"))["entries"]
    found = []
    for item in items:
        leaf_input, extra = (base64.b64decode(item[one]) for one in ("leaf_input", "extra_data"))
        leaf = entry_leaf(leaf_input, extra)
        found.append(leaf.entry_type)
        assert leaf.merkle_leaf == leaf_input
        assert leaf.leaf_index is None
        assert datetime.fromtimestamp(leaf.timestamp_ms / 1000, UTC).year == 2026
        precert = leaf.entry_type == "precert"
        names = certificate_names(leaf.certificate, tbs=precert)
        # The certificate as it was submitted, for a library to read.
        submitted = leaf.certificate
        if precert:
            length = int.from_bytes(extra[:3], "big")
            submitted, extra = extra[3 : 3 + length], extra[3 + length :]
        made = x509.load_der_x509_certificate(submitted)
        san = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert [one.decode() for one in names.dns] == san.get_values_for_type(x509.DNSName)
        assert names.dns
        assert int.from_bytes(names.serial, "big") == made.serial_number
        assert names.issuer == made.issuer.public_bytes()
        assert names.not_before_s == made.not_valid_before_utc.timestamp()
        assert names.not_after_s == made.not_valid_after_utc.timestamp()
        if precert:
            length = int.from_bytes(extra[3:6], "big")
            issuer = x509.load_der_x509_certificate(extra[6 : 6 + length])
            spki = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            assert leaf.issuer_key_hash == hashlib.sha256(spki).digest()
    assert found == types


def test_the_list_of_google_has_both_kinds_of_logs(real):
    logs, faults = read_log_list(real("rfc6962/log_list_google.json"))
    assert faults == ()
    assert [log.kind for log in logs].count(LogKind.RFC6962) == 4
    assert [log.kind for log in logs].count(LogKind.TILED) == 2
    for log in logs:
        assert log.log_id == log_id(log.key)
        assert log.not_after is not None
    (tiled, _) = [log for log in logs if log.kind is LogKind.TILED]
    assert tiled.read_url.startswith("https://storage.googleapis.com/")
    assert tiled.origin.endswith(".prod.certificate.transparency.goog")


def test_the_list_of_five_operators_has_every_state(real, keys):
    logs, faults = read_log_list(real("rfc6962/log_list_five_operators.json"))
    assert faults == ()
    named = {log.description: log for log in logs}
    assert len(named) == 9
    assert {log.operator for log in logs} == {
        "Cloudflare", "Sectigo", "Let's Encrypt", "TrustAsia", "Geomys",
    }  # fmt: skip
    mammoth = named["Sectigo 'Mammoth2026h1'"]
    assert (mammoth.state, mammoth.final_size) == ("readonly", 65_240_567)
    assert mammoth.final_root is not None
    assert mammoth.state_since == datetime(2025, 9, 18, 17, 20, tzinfo=UTC)
    assert named["Let's Encrypt 'Oak2026h1'"].state == "retired"
    placeholder = named["Bogus placeholder log to unbreak misbehaving CT libraries"]
    assert (placeholder.state, placeholder.read_url) == ("retired", "https://ct.example.com/bogus/")
    sycamore = named["Let's Encrypt 'Sycamore2026h2'"]
    assert sycamore.read_url == "https://mon.sycamore.ct.letsencrypt.org/2026h2/"
    assert sycamore.origin == "log.sycamore.ct.letsencrypt.org/2026h2"
    assert (sycamore.mmd_s, named["TrustAsia 'HETU2027'"].mmd_s) == (60, 86_400)
    for log in logs:
        if log.origin is not None:
            assert keys[log.origin] == log.key


def test_of_those_logs_the_placeholder_and_the_retired_are_not_worth_reading(real):
    logs, _ = read_log_list(real("rfc6962/log_list_five_operators.json"))
    worth = {
        log.description
        for log in logs
        if worth_reading(
            log,
            now=datetime(2026, 6, 16, tzinfo=UTC),
            states=("qualified", "usable", "readonly"),
            horizon=timedelta(days=398),
        )
    }
    assert worth == {
        "Cloudflare 'Nimbus2027'", "Sectigo 'Mammoth2026h1'", "Sectigo 'Elephant2026h2'",
        "Let's Encrypt 'Sycamore2026h2'", "TrustAsia 'HETU2027'", "TrustAsia Luoshu2027",
        "Geomys 'Tuscolo2026h2'",
    }  # fmt: skip
