"""The history's hash chain: recomputed by a stranger, and broken by any change."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.casework.events import (
    GENESIS,
    ChainHead,
    Draft,
    EventKind,
    canonical_json,
    chain,
    utc_text,
    verify_chain,
    verify_events,
)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=8,
)
drafts = st.builds(
    Draft,
    case_id=st.sampled_from(["NK-A", "NK-B", "NK-C"]),
    kind=st.sampled_from(EventKind),
    actor=text,
    happened_at=st.datetimes(timezones=st.just(UTC)),
    data=st.dictionaries(text, json_values, max_size=4),
)


def history(count: int = 6) -> list[dict]:
    made = [
        Draft(
            case_id=f"NK-{'AB'[number % 2]}",
            kind=EventKind.NOTED,
            actor="ann",
            happened_at=NOW + timedelta(hours=number),
            data={"note": f"number {number}"},
        )
        for number in range(count)
    ]
    return list(chain(made, ends={}, head=ChainHead()))


@given(json_values)
def test_canonical_json_says_the_same_whatever_the_order_of_keys(value):
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written


@pytest.mark.parametrize("value", [1.0, {"a": [0.5]}, float("nan"), {1: "a"}, "\ud800"])
def test_what_programs_write_differently_is_refused(value):
    with pytest.raises(ValueError):
        canonical_json(value)


def test_a_stranger_recomputes_the_hashes_from_the_description_alone():
    first, second = history(2)
    document = (
        '{"actor":"ann","case_id":"NK-A","case_seq":1,"data":{"note":"number 0"},'
        '"happened_at":"2026-11-21T09:30:00.000000Z","kind":"noted","previous_hash":"'
        + "0" * 64
        + '"}'
    )
    assert first["hash"] == hashlib.sha256(document.encode()).hexdigest()
    head = hashlib.sha256(("0" * 64 + first["hash"]).encode()).hexdigest()
    assert first["chain_hash"] == head
    assert second["chain_hash"] == hashlib.sha256((head + second["hash"]).encode()).hexdigest()
    assert second["previous_hash"] == GENESIS


@settings(max_examples=40)
@given(st.lists(drafts, max_size=8), st.integers(0, 8))
def test_a_chain_verifies_however_it_was_cut_into_batches(made, cut):
    start = list(chain(made[:cut], ends={}, head=ChainHead()))
    ends = {row["case_id"]: (row["case_seq"], row["hash"]) for row in start}
    head = ChainHead(**{k: start[-1][k] for k in ("seq", "chain_hash")}) if start else ChainHead()
    rows = start + list(chain(made[cut:], ends=ends, head=head))
    assert rows == list(chain(made, ends={}, head=ChainHead()))
    assert verify_chain(rows) is None
    assert verify_events(rows) is None


@settings(max_examples=40)
@given(
    st.lists(drafts, min_size=1, max_size=6),
    st.data(),
    st.sampled_from(["actor", "kind", "data", "happened_at", "hash", "previous_hash"]),
)
def test_any_changed_field_breaks_the_chain_at_that_event(made, data, name):
    rows = list(chain(made, ends={}, head=ChainHead()))
    place = data.draw(st.integers(0, len(rows) - 1))
    changed = {
        "actor": rows[place]["actor"] + "x",
        "kind": "opened" if rows[place]["kind"] != "opened" else "closed",
        "data": '{"tampered":true}',
        "happened_at": utc_text(rows[place]["happened_at"])[:-1] + "1Z",
        "hash": "f" * 64,
        "previous_hash": "f" * 64,
    }
    rows[place] = {**rows[place], name: changed[name]}
    for broken in (verify_chain(rows), verify_events(rows)):
        assert broken is not None
        assert (broken.case_id, broken.case_seq) == (
            rows[place]["case_id"],
            rows[place]["case_seq"],
        )


def test_one_case_verifies_alone():
    rows = [row for row in history() if row["case_id"] == "NK-B"]
    assert verify_events(rows) is None
    assert verify_events(rows[1:]).what.startswith("event 1 of this case is missing")


def test_a_removed_case_shows_in_the_chain_over_all():
    rows = [row for row in history() if row["case_id"] == "NK-B"]
    assert verify_chain(rows).seq == 2
    renumbered = [{**row, "seq": number} for number, row in enumerate(rows, start=1)]
    assert "chain_hash" in verify_chain(renumbered).what


def test_an_event_rewritten_with_a_fitting_hash_breaks_the_next_one():
    rows = history()
    forged = list(
        chain(
            [
                Draft(
                    case_id="NK-A",
                    kind=EventKind.NOTED,
                    actor="mallory",
                    happened_at=NOW,
                    data={},
                )
            ],
            ends={},
            head=ChainHead(),
        )
    )
    assert verify_chain([*forged, *rows[1:]]).seq == 2
    assert verify_events([*forged, *rows[1:]]).case_seq == 2


@pytest.mark.parametrize(
    "data", ["", "nonsense", '{"a": 1}', '{"a":1.0}', "[" * 100_000, '{"a":1,"a":1}', "9" * 5000]
)
def test_data_that_is_not_canonical_is_a_broken_link_and_no_crash(data):
    rows = history()
    rows[3]["data"] = data
    assert verify_chain(rows).seq == 4


def test_times_are_hashed_in_utc_whatever_zone_they_came_in():
    assert utc_text(NOW.astimezone(timezone(timedelta(hours=5)))) == utc_text(NOW)
    with pytest.raises(ValueError, match="time zone"):
        utc_text(datetime(2026, 1, 1))
    exported = [{**row, "happened_at": utc_text(row["happened_at"])} for row in history()]
    assert verify_chain(exported) is None
