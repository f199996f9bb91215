"""Rows out of leaves: which names, how often, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.records import OBSERVATION_SCHEMA, Trust
from namaak.sources.certificates.names_tiles import names_tile
from namaak.sources.certificates.rows import MOST_NAMES, LeafColumns, observations_of
from namaak.sources.certificates.tiles import whole_tile
from namaak.transparency.leaves import tile_leaves
from namaak.transparency.merkle import leaf_hash
from tests.ct_entries import cheap_entry, raw_entry
from tests.ct_log import CtLog

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def _rows(tmp_path, *entries, trust=Trust.VERIFIED):
    log = CtLog(tmp_path)
    log.append(entries)
    leaves = list(tile_leaves(log.data_tile(0, len(entries))))
    columns = LeafColumns()
    columns.add_leaves(100, leaves, [leaf_hash(leaf.merkle_leaf) for leaf in leaves])
    table, rejects = observations_of(
        columns, source="ct", instance="log", observed_at=NOW, trust=trust
    )
    assert table.schema.equals(OBSERVATION_SCHEMA, check_metadata=True)
    rows = [(row["position"], row["host"], row["wildcard"]) for row in table.to_pylist()]
    return rows, [(reject.position, reject.reason) for reject in rejects], columns.skipped


def test_a_host_stands_once_for_each_leaf_in_the_order_of_the_certificate(tmp_path):
    one = cheap_entry(["B.example", "a.example", "*.a.example", "b.example."], number=0)
    two = cheap_entry(["a.example"], number=1)
    rows, rejects, _ = _rows(tmp_path, one, two)
    assert rows == [
        (100, "b.example", False), (100, "a.example", True), (101, "a.example", False),
    ]  # fmt: skip
    assert rejects == []


def test_a_common_name_counts_where_it_is_a_host_that_is_not_listed(tmp_path):
    rows, rejects, skipped = _rows(
        tmp_path,
        cheap_entry(["a.example"], number=0, common_name="a.example"),
        cheap_entry(["a.example"], number=1, common_name="old.example"),
        cheap_entry(["a.example"], number=2, common_name="Acme Inc. of Example"),
        cheap_entry(["a.example"], number=3, common_name="192.0.2.1"),
        cheap_entry([], number=4, common_name="alone.example"),
        cheap_entry([], number=5, common_name="Somebody"),
    )
    assert [(position, host) for position, host, _ in rows] == [
        (100, "a.example"), (101, "a.example"), (101, "old.example"), (102, "a.example"),
        (103, "a.example"), (104, "alone.example"),
    ]  # fmt: skip
    # Names of people and firms are no hosts, and no fault of the certificate.
    assert (rejects, skipped) == ([], 1)


def test_addresses_are_no_names_and_a_leaf_of_addresses_says_nothing(tmp_path):
    rows, rejects, skipped = _rows(
        tmp_path,
        cheap_entry([], number=0, addresses=["192.0.2.1", "2001:db8::1"]),
        cheap_entry(["a.example"], number=1, addresses=["192.0.2.1"]),
    )
    assert rows == [(101, "a.example", False)]
    assert (rejects, skipped) == ([], 1)


def test_of_a_certificate_stuffed_with_names_the_rest_is_one_reject(tmp_path):
    rows, rejects, _ = _rows(
        tmp_path,
        cheap_entry([*(f"n{n}.example" for n in range(MOST_NAMES)), *[""] * 50_000], number=0),
        cheap_entry(["a.example"], number=1),
    )
    assert len(rows) == MOST_NAMES + 1
    assert rejects == [(100, "50,000 names too many")]


def test_every_refused_name_has_its_position_and_its_reason(tmp_path):
    rows, rejects, _ = _rows(
        tmp_path,
        cheap_entry([b"\xff\xfe.example", b"", "a b.example", "ok.example"], number=0),
        raw_entry(b"\x30\x82", number=1),
        cheap_entry(["localhost", "x." * 200 + "example", "\u202eevil.example"], number=2),
    )
    assert rows[0] == (100, "ok.example", False)
    assert [position for position, _ in rejects] == [100, 100, 100, 101, 102, 102]
    assert rejects[0][1] == "name: is not UTF-8"
    assert rejects[1][1] == "name: is empty"
    assert rejects[3][1].startswith("certificate: ")


@given(st.lists(st.lists(st.binary(max_size=60), max_size=4), min_size=1, max_size=6))
def test_no_name_is_lost_whatever_bytes_it_has(tmp_path_factory, names):
    entries = [cheap_entry(one, number=at) for at, one in enumerate(names)]
    rows, rejects, skipped = _rows(tmp_path_factory.mktemp("log"), *entries)
    for at, given_names in enumerate(names):
        found = [host for position, host, _ in rows if position == 100 + at]
        refused = [reason for position, reason in rejects if position == 100 + at]
        assert len(set(found)) == len(found) <= len(given_names)
        assert len(found) + len(refused) <= len(given_names)
        assert bool(found or refused) == bool(given_names)
    assert skipped == sum(not one for one in names)


@given(st.binary(max_size=200))
def test_a_leaf_of_any_bytes_is_a_row_or_a_reason(tmp_path_factory, content):
    rows, rejects, skipped = _rows(tmp_path_factory.mktemp("log"), raw_entry(content, number=0))
    assert len(rows) + len(rejects) + skipped >= 1


@pytest.mark.parametrize("timestamp_ms", [0, 253_402_300_800_000, 2**63, 2**64 - 1])
def test_a_time_beyond_all_calendars_is_unknown(tmp_path, timestamp_ms):
    columns = LeafColumns()
    columns.add_said(1, timestamp_ms, [b"a.example"], None)
    table, _ = observations_of(
        columns, source="ct", instance="log", observed_at=NOW, trust=Trust.NAMES
    )
    (row,) = table.to_pylist()
    assert row["source_time"] == (None if timestamp_ms else datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.real
@pytest.mark.parametrize("number", range(4))
def test_real_tiles_give_the_names_that_their_log_says(data_folder, number):
    folder = data_folder / "ct/navigli2025h2/tile"
    if not (folder / "data").is_dir():
        pytest.skip("CT data navigli2025h2/tile/data not present")
    leaves = whole_tile((folder / f"data/{number:03d}").read_bytes(), number, 256)
    hashes = [leaf_hash(leaf.merkle_leaf) for leaf in leaves]
    assert b"".join(hashes) == (folder / f"0/{number:03d}").read_bytes()
    ours, theirs = LeafColumns(), LeafColumns()
    ours.add_leaves(0, leaves, hashes)
    for position, said in enumerate(names_tile((folder / f"names/{number:03d}").read_bytes())):
        theirs.add_said(
            position,
            said.timestamp_ms,
            [name.encode() for name in said.dns],
            said.common_name and said.common_name.encode(),
        )
    shown, said = (
        observations_of(columns, source="ct", instance="n", observed_at=NOW, trust=Trust.NAMES)[0]
        for columns in (ours, theirs)
    )
    same = ["position", "host", "wildcard", "source_time"]
    assert shown.num_rows > 256
    assert shown.select(same).equals(said.select(same))
