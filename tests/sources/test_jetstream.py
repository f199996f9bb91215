"""Bluesky's stream, from a websocket on loopback that replays and goes on."""

import contextlib
import hashlib
import json
import threading
from datetime import timedelta

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from namaak.errors import Failure
from namaak.sources import jetstream as module
from namaak.sources.atproto.events import microseconds, read_event
from namaak.sources.jetstream import Jetstream, JetstreamConfig
from namaak.sources.profiles.profile import MOST_RAW, Pictured, observe
from tests.fetch.speaking import speaking
from tests.sources.appview import did
from tests.sources.reading import NOW, given, run_of

BEGAN = microseconds(NOW)
CID = "bafkreifu7omdsdhayoqlkvzrglfplxb27msn76fasid7bgisl4pcvgehs4"


class Stream:
    """Events in order; gives those from the cursor on, the cursor's own instant included."""

    def __init__(self):
        self.events = []
        self.cursors = []
        self.ends_after = None
        self.oldest = 0
        self.url = self.port = None

    def add(self, event):
        self.events.append(event if isinstance(event, bytes) else json.dumps(event).encode())

    async def say(self, request, socket):
        cursor = max(int(request.query["cursor"]), self.oldest)
        self.cursors.append(request.query)
        for said, event in enumerate(self.events):
            if said == self.ends_after:
                return
            if self.time(event) is None or self.time(event) >= cursor:
                await socket.send_bytes(event)
        await socket.receive()

    @staticmethod
    def time(event):
        with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
            return int(json.loads(event)["time_us"])


def profile(number, at, **record):
    return {
        "did": did(number), "time_us": at, "kind": "commit",
        "commit": {
            "rev": "3l", "operation": "create", "collection": "app.bsky.actor.profile",
            "rkey": "self", "cid": "bafy", "record": {"displayName": f"ACME {number}", **record},
        },
    }  # fmt: skip


def account(number, at, **said):
    return {"did": did(number), "time_us": at, "kind": "account", "account": said}


def identity(number, at, handle):
    return {"did": did(number), "time_us": at, "kind": "identity", "identity": {"handle": handle}}


@pytest.fixture
def stream(monkeypatch):
    monkeypatch.setattr(module, "_SILENCE_S", 0.15)
    made = Stream()
    with speaking(made.say) as served:
        made.url, made.port = f"{served.url}/subscribe", served.port
        yield made


def opened(stream, folder, **table):
    config = JetstreamConfig.model_validate({"enabled": True, "url": stream.url, **table})
    return Jetstream(config, given(folder, stream.port))


def names(rows):
    return [row["display_name"] for row in rows]


def test_the_stream_is_off_unless_the_table_says_so(stream, tmp_path):
    source = opened(stream, tmp_path, enabled=False)
    assert not source.reads_anything() and not list(source.instances())
    assert "until it says true" in next(iter(source.faults()))
    assert JetstreamConfig().enabled is False


def test_events_since_the_start_are_rows_at_their_own_time(stream, tmp_path):
    for number in range(5):
        stream.add(profile(number, BEGAN - 1000 + number))
    run = run_of(opened(stream, tmp_path, hours_back=2))
    rows = run.on()
    assert names(rows) == [f"ACME {number}" for number in range(5)]
    assert [row["position"] for row in rows] == [BEGAN - 1000 + number for number in range(5)]
    (asked,) = stream.cursors
    assert asked["cursor"] == str(BEGAN - 7_200_000_000)
    assert asked["wantedCollections"] == "app.bsky.actor.profile"


def test_a_run_ends_when_it_has_caught_up_with_its_beginning(stream, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SILENCE_S", 60)
    stream.add(profile(1, BEGAN - 5))
    stream.add(profile(2, BEGAN))
    stream.add(profile(3, BEGAN + 5))
    run = run_of(opened(stream, tmp_path))
    assert names(run.on()) == ["ACME 1", "ACME 2"]
    assert names(run.on(NOW + timedelta(microseconds=5))) == ["ACME 3"]


def test_a_run_ends_when_its_seconds_are_over(stream, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SILENCE_S", 60)
    for number in range(10):
        stream.add(profile(number, BEGAN - 1000 + number))
    source = opened(stream, tmp_path, seconds_per_run=3)
    ticks = iter(range(1000))
    source._clock = lambda: next(ticks)
    run = run_of(source)
    assert names(run.on()) == ["ACME 0", "ACME 1"]
    # The cursor's own instant comes again and costs its time.
    assert names(run.on()) == ["ACME 2"]


def test_the_cursors_own_instant_comes_again_and_is_not_told_again(stream, tmp_path):
    stream.add(profile(1, BEGAN - 9))
    stream.add(profile(2, BEGAN - 9))
    run = run_of(opened(stream, tmp_path))
    assert names(run.on()) == ["ACME 1", "ACME 2"]
    stream.add(profile(3, BEGAN - 9))
    stream.add(profile(4, BEGAN - 8))
    rows = run.on()
    assert names(rows) == ["ACME 3", "ACME 4"]
    assert [row["position"] for row in rows] == [BEGAN - 8, BEGAN - 8]
    assert stream.cursors[1]["cursor"] == str(BEGAN - 9)
    assert run.on() == []


def test_batches_are_bounded_and_a_killed_run_goes_on(stream, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_EVENTS_A_BATCH", 3)
    for number in range(10):
        stream.add(profile(number, BEGAN - 1000 + number // 2))
    run = run_of(opened(stream, tmp_path))
    assert len(run.on(most=2)) == 6
    run.on()
    assert names(run.rows) == [f"ACME {number}" for number in range(10)]


def test_a_batch_of_large_events_ends_by_their_bytes(stream, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_BYTES_A_BATCH", 30_000)
    for number in range(7):
        stream.add(profile(number, BEGAN - 1000 + number, junk="a" * 10_000))
    run = run_of(opened(stream, tmp_path))
    assert names(run.on()) == [f"ACME {number}" for number in range(7)]
    assert [batch.observations.num_rows for batch in run.batches] == [3, 3, 1]


def test_of_a_large_event_its_hash_and_the_beginning_of_its_words_are_kept_from_the_start():
    junk = "a" * MOST_RAW
    event = profile(1, BEGAN, junk=junk, description=f" {'b' * 20_000}", displayName="c" * 20_000)
    entry = read_event(json.dumps(event).encode()).entry
    assert entry.raw is None and len(entry.bio) == 10_001 and len(entry.display_name) == 1_001
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    (row,) = observe(
        [(0, entry, Pictured())],
        source="s", instance="i", platform="bluesky", observed_at=NOW,
    )[0].to_pylist()  # fmt: skip
    assert row["evidence_hash"] == hashlib.sha256(text.encode()).hexdigest()
    assert row["raw"] is None and row["bio"] == "b" * 10_000


def test_a_server_that_ends_the_stream_is_told_and_what_came_is_kept(stream, tmp_path):
    for number in range(4):
        stream.add(profile(number, BEGAN - 1000 + number))
    stream.ends_after = 3
    run = run_of(opened(stream, tmp_path))
    assert len(run.on()) == 3
    assert run.error.failure is Failure.TRANSIENT and "was ended by the server" in str(run.error)
    stream.ends_after = None
    assert names(run.on()) == ["ACME 3"] and run.error is None


def test_what_the_server_has_forgotten_is_a_gap(stream, tmp_path):
    stream.add(profile(1, BEGAN - 10))
    run = run_of(opened(stream, tmp_path))
    run.on()
    later = NOW + timedelta(hours=50)
    stream.oldest = microseconds(later) - 36 * 3_600_000_000
    stream.add(profile(2, stream.oldest + 7))
    assert names(run.on(later)) == ["ACME 2"]
    (gap,) = run.batches[-1].gaps
    assert (gap.start, gap.end) == (BEGAN - 9, stream.oldest + 7)
    assert "keeps no events from before 2026-11-23T02:00:00.000007+00:00" in gap.reason


def test_a_pause_within_what_the_server_keeps_is_no_gap(stream, tmp_path):
    stream.add(profile(1, BEGAN - 10))
    run = run_of(opened(stream, tmp_path))
    run.on()
    later = NOW + timedelta(hours=30)
    stream.add(profile(2, microseconds(later) - 10))
    assert names(run.on(later)) == ["ACME 2"]
    assert not run.batches[-1].gaps


def test_bad_events_are_kept_aside_with_their_reason_and_end_nothing(stream, tmp_path):
    for bad in (b"{oops", b"[]", b"\xff\xfe", b"[" * 50_000):
        stream.add(bad)
    stream.add({"did": did(1), "kind": "commit"})
    stream.add({"did": "did:key:x", "time_us": BEGAN - 50, "kind": "commit"})
    stream.add({"did": did(1), "time_us": BEGAN - 40, "kind": "dance"})
    stream.add(profile(1, BEGAN + 10**12))
    stream.add(identity(1, BEGAN - 39, "-not a handle"))
    stream.add(account(1, BEGAN - 38, status="takendown"))
    stream.add({**profile(1, BEGAN - 37), "commit": {**profile(1, 0)["commit"], "record": 5}})
    stream.add(profile(2, BEGAN - 30))
    run = run_of(opened(stream, tmp_path))
    assert names(run.on()) == ["ACME 2"] and run.error is None
    assert [reason for _, reason in run.rejects] == [
        "event: is no JSON", "event: is no object", "event: is no JSON", "event: is no JSON",
        "time_us: is no number", "did: is none", "event: is of no known kind",
        "time_us: is no time until now", "handle: is none",
        "account: says not whether it is active", "record: is no object",
    ]  # fmt: skip


def test_a_profile_says_its_words_its_picture_and_no_handle(stream, tmp_path):
    picture = {"$type": "blob", "ref": {"$link": CID}, "mimeType": "image/png", "size": 9}
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "parody"}]}
    stream.add(
        profile(
            1, BEGAN - 9, description="see acme-pay.example/x", avatar=picture, labels=labels,
            createdAt="2026-11-02T09:00:00Z",
        )
    )  # fmt: skip
    stream.add(profile(2, BEGAN - 8, avatar={"cid": CID, "mimeType": "image/png"}))
    stream.add(profile(3, BEGAN - 7, avatar={"ref": {"$link": "../../etc"}}))
    first, second, third = run_of(opened(stream, tmp_path)).on()
    assert (first["native_id"], first["handle"]) == (did(1), None)
    assert first["links"] == ["https://acme-pay.example/x"] and first["flags"] == ["parody"]
    assert [row["image_name"] for row in (first, second, third)] == [f"cid:{CID}"] * 2 + [None]
    # Whoever writes a profile writes any day into it as its first.
    assert first["created_at"] is None
    assert first["source_time"] == NOW - timedelta(microseconds=9)
    assert json.loads(first["raw"])["commit"]["record"]["displayName"] == "ACME 1"


def test_what_became_of_accounts_is_told_and_the_rest_is_counted(stream, tmp_path):
    said = [
        {"active": True}, {"active": False, "status": "takendown"},
        {"active": False, "status": "suspended"}, {"active": False, "status": "deleted"},
        {"active": False, "status": "deactivated"}, {"active": False, "status": "throttled"},
        {"active": False},
    ]  # fmt: skip
    for number, one in enumerate(said):
        stream.add(account(number, BEGAN - 100 + number, **one))
    stream.add(identity(20, BEGAN - 20, "acme.example"))
    stream.add({"did": did(21), "time_us": BEGAN - 19, "kind": "identity", "identity": {}})
    deleted = profile(22, BEGAN - 18)
    deleted["commit"] = {**deleted["commit"], "operation": "delete"}
    stream.add(deleted)
    other = profile(23, BEGAN - 17)
    other["commit"] = {**other["commit"], "collection": "app.bsky.feed.post"}
    stream.add(other)
    run = run_of(opened(stream, tmp_path))
    assert [(row["state"], row["handle"], row["trust"]) for row in run.on()] == [
        ("live", None, "platform"), ("suspended", None, "platform"),
        ("suspended", None, "platform"), ("removed", None, "platform"),
        ("removed", None, "platform"), (None, "acme.example", "unauthenticated"),
    ]  # fmt: skip
    assert sum(batch.skipped for batch in run.batches) == 5 and not run.rejects


def test_who_wants_to_leave_leaves_in_the_midst_of_silence(stream, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SILENCE_S", 60)
    stream.add(profile(1, BEGAN - 9))
    source = opened(stream, tmp_path)
    leave = threading.Timer(0.5, source.around.stop.set)
    leave.start()
    run = run_of(source)
    assert run.on() == [] and run.error is None
    leave.join()
    assert len(stream.cursors) == 1
    source.around.stop.clear()
    monkeypatch.setattr(module, "_SILENCE_S", 0.15)
    assert names(run.on()) == ["ACME 1"]


def test_an_event_before_the_cursor_was_told_before(stream, tmp_path):
    stream.add(profile(1, BEGAN - 50))
    run = run_of(opened(stream, tmp_path))
    run.on()
    state = json.loads(run.state)
    run.state = json.dumps({**state, "time_us": BEGAN - 40, "told": []})
    stream.time = lambda event: None  # a server that begins at the beginning of a block
    stream.add(profile(2, BEGAN - 30))
    assert names(run.on()) == ["ACME 2"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.just(BEGAN),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["did", "time_us", "kind", "commit", "record", "collection", "rkey", "operation",
             "identity", "account", "handle", "active", "status", "avatar", "ref", "labels"]
        ),
        inner,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None, max_examples=80)
@examples(st.binary(max_size=40) | _json.map(lambda value: json.dumps(value).encode()))
def test_any_message_is_an_event(message):
    read_event(message)


@settings(deadline=None, max_examples=60)
@examples(_json, st.sampled_from(["commit", "identity", "account"]))
def test_any_event_of_an_account_is_read_or_refused(value, kind):
    event = {"did": did(1), "time_us": BEGAN, "kind": kind, kind: value}
    if isinstance(value, dict) and kind == "commit":
        value |= {"collection": "app.bsky.actor.profile", "rkey": "self", "operation": "create"}
    assert read_event(json.dumps(event).encode()).time_us == BEGAN
