"""Log lists: both kinds of logs, and entries that are not what they say."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.certificates.log_list import (
    LogKind,
    LogListError,
    read_log_keys,
    read_log_list,
    worth_reading,
)
from tests.ct_log import CtLog, log_list

NOW = datetime(2026, 11, 22, tzinfo=UTC)
YEAR = timedelta(days=398)


@pytest.fixture
def entry(tmp_path):
    return CtLog(tmp_path, origin="log.example/2026h2").list_entry("https://mon.example/2026h2/")


@pytest.fixture
def older(tmp_path):
    log = CtLog(tmp_path, origin="older.example")
    return log.list_entry("https://older.example/ct/", tiled=False)


def only(*entries):
    logs, faults = read_log_list(log_list(*entries))
    assert faults == ()
    (log,) = logs
    return log


def fault(entry):
    logs, (found,) = read_log_list(log_list(entry))
    assert logs == ()
    return found


def test_what_a_list_says_of_a_log_is_short_and_moves_no_cursor(entry):
    rude = "\x1b]0;owned\x07\x1b[2J" + "A" * 1_000_000
    content = log_list(entry | {"description": rude, "state": {rude: {}}}, operator=rude)
    (log,), _ = read_log_list(content)
    for told in (log.description, log.operator, log.state):
        assert len(told) <= 200 and told.isprintable() and told.startswith("\\x1b]0;owned")
    for wrong in (
        {"state": {rude: {"timestamp": rude}}},
        {"submission_url": f"https://x:{rude}/"},
        {"monitoring_url": f"https://mon.example/{'a' * 1_000_000}"},
    ):
        found = fault(entry | wrong)
        assert len(found.reason) < 400 and found.reason.isprintable()


def test_a_tiled_log_is_read_at_one_address_and_named_after_another(entry):
    log = only(entry)
    assert log.kind is LogKind.TILED
    assert log.read_url == "https://mon.example/2026h2/"
    assert log.origin == "log.example/2026h2"
    assert log.log_id == hashlib.sha256(log.key).digest()
    assert (log.operator, log.mmd_s, log.state) == ("Made-up Operator", 60, "usable")
    assert log.state_since == datetime(2026, 1, 1, tzinfo=UTC)
    assert log.not_after == (datetime(2026, 7, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert (log.final_size, log.final_root) == (None, None)


def test_an_older_log_is_read_where_it_is(older):
    log = only(older)
    assert (log.kind, log.read_url, log.origin) == (
        LogKind.RFC6962, "https://older.example/ct/", None,
    )  # fmt: skip


def test_addresses_get_their_slash(entry, older):
    entry |= {
        "submission_url": "https://log.example/2026h2",
        "monitoring_url": "http://127.0.0.1:8080",
    }
    assert (only(entry).origin, only(entry).read_url) == (
        "log.example/2026h2",
        "http://127.0.0.1:8080/",
    )
    older["url"] = "https://older.example/ct"
    assert only(older).read_url == "https://older.example/ct/"


def test_a_log_that_is_read_only_ends_where_its_last_head_says(entry):
    head = {
        "sha256_root_hash": base64.b64encode(bytes(range(32))).decode(),
        "tree_size": 65_240_567,
    }
    entry["state"] = {"readonly": {"timestamp": "2025-09-18T17:20:00Z", "final_tree_head": head}}
    log = only(entry)
    assert (log.state, log.final_size, log.final_root) == ("readonly", 65_240_567, bytes(range(32)))
    head["sha256_root_hash"] = "AAAA"
    assert "32 bytes" in fault(entry).reason


def test_what_a_test_list_leaves_out_is_unknown(entry):
    for name in ("state", "temporal_interval", "mmd", "log_id", "description"):
        del entry[name]
    log = only(entry)
    assert (log.state, log.state_since, log.not_after) == (None, None, None)
    assert log.mmd_s == 86_400


@pytest.mark.parametrize(
    "operator",
    [{"logs": []}, {"logs": [], "tiled_logs": []}, {"tiled_logs": None}, {}, {"logs": None}],
)
def test_an_operator_may_have_no_logs_of_a_kind(operator):
    document = {"operators": [{"name": "Nobody", **operator}]}
    assert read_log_list(json.dumps(document).encode()) == ((), ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"log_id": base64.b64encode(bytes(32)).decode()}, "log_id is not the SHA-256 of key"),
        ({"log_id": "!"}, "log_id is not base64"),
        ({"key": base64.b64encode(b"nonsense").decode()}, "key is not a public key"),
        ({"key": "AAB="}, "key is not canonical base64"),
        ({"key": None}, "key: "),
        ({"monitoring_url": None}, "monitoring_url is missing"),
        ({"submission_url": None}, "submission_url is missing"),
        ({"monitoring_url": "file:///etc/passwd"}, "monitoring_url is no address"),
        ({"monitoring_url": "https://"}, "monitoring_url is no address"),
        ({"monitoring_url": "ftp://mon.example/"}, "monitoring_url is no address"),
        ({"monitoring_url": "https://mon.example/a b/"}, "monitoring_url is no address"),
        ({"monitoring_url": "https://mon.example/\n"}, "monitoring_url is no address"),
        ({"monitoring_url": "https://mon.example/?a=b"}, "more than host and path"),
        ({"monitoring_url": "https://me@mon.example/"}, "more than host and path"),
        ({"monitoring_url": "https://mon.example:99999/"}, "[Pp]ort"),
        ({"monitoring_url": "https://[::1/"}, "IPv6"),
        ({"monitoring_url": 7}, "monitoring_url: "),
        ({"mmd": 0}, "mmd: "),
        ({"mmd": "soon"}, "mmd: "),
        ({"state": {"usable": {}, "retired": {}}}, "more than one state"),
        ({"state": "usable"}, "state: "),
        ({"state": {"usable": {"timestamp": "2026-01-01T00:00:00"}}}, "timestamp"),
        ({"temporal_interval": {"start_inclusive": "2026-07-01T00:00:00Z"}}, "end_exclusive"),
    ],
)  # fmt: skip
def test_an_entry_that_is_wrong_is_named_with_its_place_and_left_out(entry, older, change, reason):
    logs, (found,) = read_log_list(log_list(older, entry | change))
    assert [log.kind for log in logs] == [LogKind.RFC6962]
    assert found.where == "operators[0].tiled_logs[0]"
    assert re.search(reason, found.reason)


def test_a_log_that_is_listed_twice_counts_once(entry):
    logs, (found,) = read_log_list(log_list(entry, entry))
    assert len(logs) == 1
    assert found.where == "operators[0].tiled_logs[1]"
    assert "same log_id" in found.reason


@pytest.mark.parametrize(
    "wrong", [None, 7, "log", [], {"name": "x", "logs": 7}, {"tiled_logs": {}}]
)
def test_an_operator_or_a_list_of_another_shape_is_a_fault_and_the_others_are_read(entry, wrong):
    document = json.loads(log_list(entry))
    document["operators"].insert(0, wrong)
    logs, (found,) = read_log_list(json.dumps(document).encode())
    assert len(logs) == 1
    assert found.where.startswith("operators[0]")


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{}", b'{"operators":{}}', b"\xff", b"[" * 100_000, b'{"operators":['],
)
def test_what_is_no_list_at_all_is_refused(content):
    with pytest.raises(LogListError):
        read_log_list(content)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["operators", "logs", "tiled_logs", "key", "url", "state", "log_id", "name", "origin"]
        ), inner, max_size=4,
    ),
    max_leaves=20,
))  # fmt: skip
def test_any_json_is_logs_and_faults_or_our_error(document):
    for content in (document, {"operators": document}, {"operators": [document]}):
        for read in (read_log_list, read_log_keys):
            with suppress(LogListError):
                logs, _ = read(json.dumps(content).encode())
                assert logs == ()


def test_a_file_of_keys_is_read_with_and_without_addresses(entry):
    bare = {"origin": "log.example/2026h2", "key": entry["key"]}
    full = bare | {
        "operator": "Somebody",
        "monitoring_url": "https://mon.example/2026h2/",
        "submission_url": "https://log.example/2026h2/",
    }
    for listed, read_url in (
        (bare, "https://log.example/2026h2/"),
        (full, "https://mon.example/2026h2/"),
    ):
        (log,), faults = read_log_keys(json.dumps({"logs": [listed]}).encode())
        assert faults == ()
        assert (log.origin, log.read_url) == ("log.example/2026h2", read_url)
    assert log.operator == "Somebody"
    (log,), _ = read_log_keys(json.dumps(entry).encode())
    assert log.origin == "log.example/2026h2"
    assert read_log_keys(log_list(entry))[0][0].origin == "log.example/2026h2"
    with pytest.raises(LogListError):
        read_log_keys(b'{"logs":[]}')


@pytest.mark.parametrize(
    ("state", "read"),
    [("usable", True), ("qualified", True), ("readonly", True), ("retired", False),
     ("pending", False), ("rejected", False), ("unheard-of", False), (None, True)],
)  # fmt: skip
def test_only_logs_in_a_wanted_state_are_worth_reading(entry, state, read):
    entry["state"] = {state: {}} if state else {}
    states = ("qualified", "usable", "readonly")
    assert worth_reading(only(entry), now=NOW, states=states, horizon=YEAR) is read


@pytest.mark.parametrize(
    ("start", "end", "read"),
    [
        ("2026-07-01", "2027-01-01", True),
        ("2026-01-01", "2026-11-22", False),  # ended this very moment
        ("2026-01-01", "2026-11-23", True),
        ("2027-12-25", "2028-01-01", True),
        ("2027-12-26", "2028-01-01", False),
    ],
)
def test_only_logs_that_take_certificates_of_today_are_worth_reading(entry, start, end, read):
    entry["temporal_interval"] = {
        "start_inclusive": f"{start}T00:00:00Z", "end_exclusive": f"{end}T00:00:00Z",
    }  # fmt: skip
    assert worth_reading(only(entry), now=NOW, states=("usable",), horizon=YEAR) is read


def test_a_log_without_an_interval_takes_all(entry):
    del entry["temporal_interval"]
    assert worth_reading(only(entry), now=NOW, states=("usable",), horizon=YEAR)
