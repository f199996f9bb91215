"""The log of our own that other tests read: other people's programs find it to be one."""

from __future__ import annotations

import json
import subprocess

import pytest

from namaak.sources.certificates.log_list import read_log_list
from namaak.sources.certificates.names_tiles import names_tile
from namaak.transparency.heads import checkpoint_head, sth_head
from namaak.transparency.leaves import entry_leaf, tile_leaves
from namaak.transparency.merkle import CompactRange, leaf_hash, tile_hashes
from namaak.transparency.notes import canonical_base64
from namaak.transparency.tile_paths import (
    data_tile_path,
    hash_tile_path,
    names_tile_path,
    tile_width,
)
from tests.ct_entries import cheap_entry, issuer_certificate, signed_entry
from tests.ct_log import CtLog, log_list, some_entries
from tests.peers.programs import program


@pytest.fixture
def log(tmp_path):
    made = CtLog(tmp_path, rfc6962=True, names_tiles=True)
    made.append(some_entries(300))
    made.publish()
    made.append(some_entries(400, start=300))
    made.publish()
    return made


def openssl(folder, *words):
    return subprocess.run(
        [program("openssl"), *words],
        cwd=folder, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


@pytest.mark.peer
@pytest.mark.parametrize("make", [cheap_entry, signed_entry])
def test_openssl_reads_the_names_of_the_certificates(tmp_path, make):
    entry = make(["a.example", "*.b.example"], number=1, precert=False, common_name="c.example")
    (tmp_path / "certificate.der").write_bytes(entry.certificate)
    shown = openssl(
        tmp_path, "x509", "-inform", "DER", "-in", "certificate.der", "-noout",
        "-ext", "subjectAltName", "-subject", "-serial", "-enddate",
    )  # fmt: skip
    assert "DNS:a.example, DNS:*.b.example" in shown.stdout, shown
    assert "c.example" in shown.stdout
    assert "serial=02" in shown.stdout
    assert "Sep 29 00:00:01 2026 GMT" in shown.stdout


@pytest.mark.peer
def test_openssl_verifies_a_signed_precertificate_under_its_issuer(tmp_path):
    entry = signed_entry(["a.example"], number=1)
    for name, content in (("leaf", entry.submitted), ("issuer", issuer_certificate())):
        (tmp_path / f"{name}.der").write_bytes(content)
        openssl(tmp_path, "x509", "-inform", "DER", "-in", f"{name}.der", "-out", f"{name}.pem")
    done = openssl(
        tmp_path, "verify", "-ignore_critical", "-attime", "1783000000",
        "-CAfile", "issuer.pem", "leaf.pem",
    )  # fmt: skip
    assert done.stdout.strip() == "leaf.pem: OK", done


def test_the_tiles_of_all_kinds_hold_the_same_entries_and_make_up_the_head(log):
    text = (log.folder / "checkpoint").read_bytes()
    head = checkpoint_head(text, origin=log.origin, key=log.key)
    assert (head.size, head.root) == (700, log.root())
    whole = CompactRange()
    for index in range(3):
        width = tile_width(0, index, 700)
        leaves = list(tile_leaves((log.folder / data_tile_path(index, width)).read_bytes()))
        names = list(names_tile((log.folder / names_tile_path(index, width)).read_bytes()))
        hashes = tile_hashes((log.folder / hash_tile_path(0, index, width)).read_bytes(), width)
        assert [leaf_hash(leaf.merkle_leaf) for leaf in leaves] == hashes
        assert [leaf.leaf_index for leaf in leaves] == list(range(index * 256, index * 256 + width))
        assert [line.timestamp_ms for line in names] == [leaf.timestamp_ms for leaf in leaves]
        whole.extend(hashes)
    assert whole.root() == head.root
    above = (log.folder / hash_tile_path(1, 0, 2)).read_bytes()
    assert tile_hashes(above, 2) == [log.tree.subtree(0, 256), log.tree.subtree(256, 512)]


def test_the_answers_of_the_older_kind_hold_the_same_entries(log):
    answers = log.folder / "ct/v1"
    head = sth_head((answers / "get-sth").read_bytes(), key=log.key)
    assert (head.size, head.root) == (700, log.root())
    at, whole = 0, CompactRange()
    while at < head.size:
        answer = json.loads((answers / f"get-entries/{at}.json").read_bytes())
        for item in answer["entries"]:
            leaf_input, extra = map(canonical_base64, (item["leaf_input"], item["extra_data"]))
            assert entry_leaf(leaf_input, extra).certificate == log.entries[at].certificate
            whole.append(leaf_hash(leaf_input))
            at += 1
        assert len(answer["entries"]) <= log.reply
    assert whole.root() == head.root
    # Who stopped at the first head goes on from there, and has its proof.
    first = json.loads((answers / "get-entries/300.json").read_bytes())["entries"]
    assert len(first) == 320 - 300
    proof = json.loads((answers / "get-sth-consistency/300-700.json").read_bytes())["consistency"]
    assert list(map(canonical_base64, proof)) == log.consistency_proof(300, 700)


def test_a_fork_has_the_same_key_and_another_history(log):
    before = log.root(300)
    other = log.fork(250, some_entries(450, start=5000))
    other.publish()
    head = checkpoint_head((log.folder / "checkpoint").read_bytes(), origin=log.origin, key=log.key)
    assert head.root == other.root() != log.root()
    assert other.root(250) == log.root(250)
    assert other.root(300) != before


def test_a_shrunken_head_is_signed_too(log):
    log.publish(299)
    head = checkpoint_head((log.folder / "checkpoint").read_bytes(), origin=log.origin, key=log.key)
    assert (head.size, head.root) == (299, log.root(299))
    assert (log.folder / "tile/data/001.p/43").exists()


@pytest.mark.parametrize(
    ("partials", "left"), [("kept", ["188", "44"]), ("dropped", ["188"]), ("never", [])]
)
def test_partial_tiles_are_kept_dropped_or_never_there(tmp_path, partials, left):
    log = CtLog(tmp_path, partials=partials)
    for count in (300, 400):
        log.append(some_entries(count, start=len(log.entries)))
        log.publish()
    found = (tmp_path / "tile/data").rglob("*.p/*")
    assert sorted(one.name for one in found) == left


def test_a_list_of_logs_names_them_as_they_are_read(log):
    tiled, older = (
        log.list_entry("http://127.0.0.1:1/"),
        log.list_entry("http://127.0.0.1:2/", tiled=False),
    )
    (first,), _ = read_log_list(log_list(tiled))
    (second,), _ = read_log_list(log_list(older))
    assert (first.origin, first.read_url) == (log.origin, "http://127.0.0.1:1/")
    assert (second.origin, second.read_url) == (None, "http://127.0.0.1:2/")
    assert first.log_id == second.log_id == log.log_id
