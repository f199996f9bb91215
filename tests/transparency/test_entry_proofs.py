"""Proofs of entries as they are kept: every step is computed again, nothing taken on trust."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.transparency.entry_proofs import ProofError, Proved, proved, read_proof
from namaak.transparency.merkle import (
    MerkleError,
    audit_ranges,
    inclusion_root,
    joined,
    leaf_hash,
    subtrees,
)
from tests.ct_entries import FIRST_TIME, cheap_entry, raw_entry
from tests.ct_log import CtLog, some_entries
from tests.ct_tree import Tree

HOST = "acme-login.example"
INDEX, SIZE = 5, 11


def a_log(folder: Any, **how: Any) -> CtLog:
    log = CtLog(folder, **how)
    log.append(some_entries(INDEX))
    log.append([cheap_entry([HOST, "www.acme-login.example"], number=INDEX)])
    log.append(some_entries(SIZE - INDEX - 1, start=INDEX + 1))
    return log


def document(log: CtLog, index: int = INDEX, size: int = SIZE) -> dict[str, Any]:
    leaf = b"\0\0" + log.timestamped_entry(index, log.entries[index])
    head = log.checkpoint(size) if log.tiled else log.sth(size)
    return {
        "log": {
            "log_id": log.log_id.hex(),
            "key": base64.b64encode(log.key).decode(),
            "kind": "tiled" if log.tiled else "rfc6962",
            "origin": log.origin if log.tiled else None,
            "description": "Made-up log",
            "operator": "Made-up Operator",
            "url": "https://log.example/",
        },
        "leaf_index": index,
        "leaf": base64.b64encode(leaf).decode(),
        "path": [one.hex() for one in log.tree.audit_path(index, size)],
        "head": head.decode(),
    }


def checked(given: dict[str, Any]) -> Proved:
    return proved(read_proof(json.loads(json.dumps(given))))


@given(st.data())
def test_the_path_of_the_definition_leads_to_the_root_and_no_other_does(data):
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    tree = Tree([leaf_hash(number.to_bytes(2, "big")) for number in range(size)])
    path, leaf = tree.audit_path(index), tree.leaves[index]
    assert inclusion_root(index, size, leaf, path) == tree.root()
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert _leads(other, size, leaf, path) != tree.root()
        assert _leads(index, size, tree.leaves[other], path) != tree.root()
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert _leads(index, size, leaf, [*path[:at], bytes(32), *path[at + 1 :]]) != tree.root()
        assert _leads(index, size, leaf, [*path[:at], *path[at + 1 :]]) is None
    assert _leads(index, size, leaf, [*path, bytes(32)]) is None


def _leads(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes | None:
    try:
        return inclusion_root(index, size, leaf, path)
    except MerkleError:
        return None


@given(st.data())
def test_the_hashes_of_a_path_can_be_joined_of_complete_subtrees(data):
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    tree = Tree([leaf_hash(number.to_bytes(2, "big")) for number in range(size)])
    for (start, end), one in zip(audit_ranges(index, size), tree.audit_path(index), strict=True):
        parts = [
            tree.subtree(number << level, (number + 1) << level)
            for level, number in subtrees(start, end)
        ]
        assert joined(parts) == one


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3), (0, 2**63)])
def test_there_is_no_path_to_what_is_not_in_the_tree(index, size):
    with pytest.raises(MerkleError):
        audit_ranges(index, size)


@pytest.mark.parametrize("how", [{}, {"rsa_key": True}, {"tiled": False, "rfc6962": True}])
def test_a_proof_tells_the_names_the_place_and_the_times(tmp_path, how):
    log = a_log(tmp_path, **how)
    found = checked(document(log))
    assert found.hosts == (HOST, "www.acme-login.example")
    assert found.is_for(HOST) and not found.is_for("acme.example")
    assert (found.leaf_index, found.head.size, found.head.root) == (INDEX, SIZE, log.root())
    assert found.in_log_by == FIRST_TIME + timedelta(seconds=SIZE, milliseconds=500)
    assert found.taken_at == FIRST_TIME + timedelta(seconds=INDEX)


def test_every_character_that_matters_is_missed_when_it_is_another(tmp_path):
    log = a_log(tmp_path, foreign_lines=False)
    true = document(log)
    text = json.dumps(true)
    # Of these nothing follows: they are a list's, and say so.
    unproved = [json.dumps(true["log"][name]) for name in ("description", "operator", "url")]
    spans = [(at := text.index(one), at + len(one)) for one in unproved]
    for at in range(len(text)):
        if any(start <= at < end for start, end in spans):
            continue
        changed = text[:at] + ("B" if text[at] != "B" else "C") + text[at + 1 :]
        with pytest.raises((ProofError, json.JSONDecodeError)):
            proved(read_proof(json.loads(changed)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"leaf_index": INDEX + 1}, "another root"),
        ({"leaf_index": SIZE}, "does not fit its head"),
        ({"leaf_index": -1}, "another form"),
        ({"path": []}, "does not fit its head"),
        ({"path": ["00" * 32] * 64}, "another form"),
        ({"path": ["AA" * 32] * 4}, "another form"),
        ({"leaf": "AAAA"}, "another root"),
        ({"leaf": "A" * 1_400_000}, "another form"),
        ({"head": ""}, "no good head"),
        ({"head": "\ud800"}, "another form"),
        ({"more": 1}, "another form"),
    ],
)
def test_a_proof_that_does_not_hold_says_in_what(tmp_path, change, says):
    with pytest.raises(ProofError, match=says):
        proved(read_proof(document(a_log(tmp_path)) | change))


def test_a_head_of_another_log_or_key_is_no_head_of_this_one(tmp_path):
    log, other = a_log(tmp_path), a_log(tmp_path, origin="other.example")
    true = document(log)
    stranger = document(other)
    for wrong in (
        true | {"head": log.checkpoint(SIZE, signed_by=other).decode()},
        true | {"head": stranger["head"]},
        true | {"log": true["log"] | {"key": stranger["log"]["key"]}},
        true | {"log": true["log"] | {"log_id": stranger["log"]["log_id"]}},
        true | {"log": true["log"] | {"kind": "rfc6962"}},
        true | {"log": true["log"] | {"kind": "rfc6962", "origin": None}},
    ):
        with pytest.raises(ProofError):
            checked(wrong)


def test_an_entry_that_says_another_index_than_its_place_is_refused(tmp_path):
    log = a_log(tmp_path)
    strange = CtLog(tmp_path / "strange")
    strange.append(log.entries)
    # The tree of the log holds, at this place, a leaf that was made for another one.
    leaf = b"\0\0" + log.timestamped_entry(9, log.entries[INDEX])
    log.tree.leaves[INDEX] = leaf_hash(leaf)
    log.tree._subtrees.clear()
    wrong = document(log) | {"leaf": base64.b64encode(leaf).decode()}
    with pytest.raises(ProofError, match="says it is number 9"):
        checked(wrong)


def test_a_leaf_that_is_no_certificate_proves_no_names(tmp_path):
    log = CtLog(tmp_path)
    log.append([raw_entry(b"nothing", number=0)])
    with pytest.raises(ProofError, match="cannot be read"):
        checked(document(log, 0, 1))


def test_a_leaf_whose_time_no_calendar_has_is_proved_without_it(tmp_path):
    log = CtLog(tmp_path)
    entry = cheap_entry([HOST], number=0)
    object.__setattr__(entry, "timestamp_ms", 2**64 - 1)
    log.append([entry])
    found = checked(document(log, 0, 1))
    assert found.taken_at is None and found.in_log_by > datetime(2026, 1, 1, tzinfo=UTC)


def test_a_name_is_known_by_its_a_label_whatever_the_certificate_writes(tmp_path):
    log = CtLog(tmp_path)
    log.append([cheap_entry(["*.WALDERMÖND.example.", b"\xff.example"], number=0)])
    found = checked(document(log, 0, 1))
    assert found.is_for("xn--waldermnd-67a.example")
    assert "\\xff.example" in found.hosts
