"""Proofs of single entries: asked of real web servers, verified, and refused where they lie."""

from __future__ import annotations

import asyncio
import base64
import gzip
from pathlib import Path

import pytest

from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.sources.certificates.doors import FolderDoor, WebDoor
from namaak.sources.certificates.inclusion import Found, Unproved, Wanted, prove_entry
from namaak.sources.certificates.log_list import Log, read_log_list
from namaak.transparency.entry_proofs import Outcome, proved
from tests.ct_entries import cheap_entry, raw_entry
from tests.ct_log import FIRST_TIME_MS, CtLog, log_list, nginx_locations, some_entries
from tests.peers import nginx
from tests.surroundings import CONTACT

HOST = "waldermond-login.example"
INDEX = 301


def a_log(folder: Path, **how: object) -> CtLog:
    log = CtLog(folder, **how)
    log.append([*some_entries(INDEX), cheap_entry([HOST, f"*.{HOST}"], number=INDEX)])
    log.append(some_entries(400, start=INDEX + 1))
    return log


def listed(log: CtLog, url: str = "https://tiles.example/", **entry: object) -> Log:
    (found,), _ = read_log_list(log_list(log.list_entry(url) | entry))
    return found


def wanted(log: CtLog, head: bytes | None = None, **changes: object) -> Wanted:
    given = {
        "position": INDEX, "host": HOST, "leaf_hash": log.leaf_hash(INDEX),
        "first_head": None if head is None else head.decode(),
    }  # fmt: skip
    return Wanted(**(given | changes))


def asked(log: CtLog, want: Wanted, **entry: object) -> Found | Unproved:
    """From the log's folder, as from a copy of it; what stops it is given, not raised."""
    try:
        return asyncio.run(prove_entry(FolderDoor(log.folder), listed(log, **entry), want))
    except Unproved as why:
        return why


def from_the_web(log: CtLog, want: Wanted, **entry: object) -> Found | Unproved:
    async def run() -> Found:
        quick = Manners(default=Rate(per_second=10_000, burst=10_000))
        allow = [Allowed("127.0.0.0/8", served.port)]
        async with Fetcher(contact=CONTACT, manners=quick, allow=allow, retries=0) as fetch:
            url = f"{served.url}/"
            return await prove_entry(WebDoor(fetch, url), listed(log, url, **entry), want)

    with nginx(log.folder, locations=nginx_locations()) as served:
        try:
            return asyncio.run(run())
        except Unproved as why:
            return why


def test_a_tiled_log_proves_an_entry_under_the_first_head_that_was_kept(tmp_path):
    log = a_log(tmp_path)
    log.publish(500)
    first = log.checkpoint(500)
    log.publish()
    found = asked(log, wanted(log, first))
    assert isinstance(found, Found), found
    by = proved(found.proof)
    assert (by.head.size, by.leaf_index, by.leaf_hash) == (500, INDEX, log.leaf_hash(INDEX))
    assert [bytes.fromhex(one) for one in found.proof.path] == log.tree.audit_path(INDEX, 500)
    assert by.hosts == (HOST, f"*.{HOST}") and by.is_for(HOST)
    assert found.note is None


@pytest.mark.parametrize("size", [302, 303, 512, 513, 600, 702])
def test_at_every_size_the_path_out_of_tiles_is_that_of_the_definition(tmp_path, size):
    log = a_log(tmp_path)
    log.publish()
    found = asked(log, wanted(log, log.checkpoint(size)))
    assert isinstance(found, Found), found
    assert [bytes.fromhex(one) for one in found.proof.path] == log.tree.audit_path(INDEX, size)


def test_without_a_head_of_old_it_is_proved_under_the_head_of_now(tmp_path):
    log = a_log(tmp_path)
    log.publish()
    for first in (None, b"no head", log.checkpoint(800, root=bytes(32)), log.checkpoint(INDEX)):
        found = asked(log, wanted(log, first))
        assert isinstance(found, Found), found
        assert proved(found.proof).head.size == 702


def test_a_log_that_was_read_by_names_proves_the_leaf_that_names_the_host(tmp_path):
    log = a_log(tmp_path)
    log.publish()
    assert isinstance(asked(log, wanted(log, leaf_hash=None)), Found)
    other = asked(log, wanted(log, leaf_hash=None, host="acme.example"))
    assert isinstance(other, Unproved) and other.outcome is Outcome.WRONG
    assert "does not name acme.example" in str(other)


def test_that_an_older_head_is_not_proved_is_said_beside_the_proof(tmp_path):
    log = a_log(tmp_path)
    log.publish()
    # Signed by the log, over another tree than the one that it serves: a fork.
    found = asked(log, wanted(log, log.checkpoint(500, root=bytes(range(32)))))
    assert isinstance(found, Found)
    assert proved(found.proof).head.size == 702
    assert "leads to another root than the one that the log signed" in (found.note or "")


@pytest.mark.peer
@pytest.mark.parametrize("tiled", [True, False])
def test_from_a_web_server_both_kinds_of_logs_prove_it(tmp_path, tiled):
    log = a_log(tmp_path, tiled=tiled, rfc6962=not tiled, rsa_key=not tiled)
    log.publish()
    if not tiled:
        log.prove_entry(INDEX, 500)
    first = (log.checkpoint if tiled else log.sth)(500)
    found = from_the_web(log, wanted(log, first))
    assert isinstance(found, Found), found
    by = proved(found.proof)
    assert (by.head.size, by.log.kind) == (500, "tiled" if tiled else "rfc6962")


@pytest.mark.peer
def test_an_older_log_that_proves_only_its_head_of_now_is_taken_at_that(tmp_path):
    log = a_log(tmp_path, tiled=False, rfc6962=True)
    log.publish()
    log.prove_entry(INDEX, 702)
    found = from_the_web(log, wanted(log, log.sth(500)))
    assert isinstance(found, Found), found
    assert proved(found.proof).head.size == 702
    assert "HTTP" in (found.note or "") or "400" in (found.note or "")


@pytest.mark.peer
def test_an_older_log_that_proves_nothing_says_that_it_is_not_offered(tmp_path):
    log = a_log(tmp_path, tiled=False, rfc6962=True)
    log.publish()
    log.answer_from(INDEX)
    found = from_the_web(log, wanted(log))
    assert isinstance(found, Unproved) and found.outcome is Outcome.NOT_OFFERED, found


@pytest.mark.peer
@pytest.mark.parametrize("lie", ["short", "long", "changed", "no-hashes", "endless", "elsewhere"])
def test_a_path_that_is_not_the_trees_is_refused_and_said(tmp_path, lie):
    log = a_log(tmp_path, tiled=False, rfc6962=True)
    log.publish()
    true = log.tree.audit_path(INDEX, 702)
    paths = {
        "short": true[:-1],
        "long": [*true, bytes(32)],
        "changed": [*true[:-1], bytes(32)],
        "no-hashes": [b"five!"] * len(true),
        "endless": [bytes(32)] * 1_000,
        "elsewhere": true,
    }
    log.prove_entry(INDEX, 702, path=paths[lie])
    if lie == "elsewhere":
        (answer,) = (tmp_path / "ct/v1/get-proof-by-hash").iterdir()
        answer.write_bytes(answer.read_bytes().replace(b'"leaf_index":301', b'"leaf_index":302'))
    found = from_the_web(log, wanted(log))
    assert isinstance(found, Unproved) and found.outcome is Outcome.WRONG, found
    assert str(found).endswith(".")


def test_another_entry_at_that_place_is_refused(tmp_path):
    log = a_log(tmp_path)
    log.publish()
    found = asked(log, wanted(log, leaf_hash=bytes(32)))
    assert isinstance(found, Unproved) and found.outcome is Outcome.WRONG
    assert "another entry at that place than the one that was observed" in str(found)


def test_a_log_that_forked_before_the_entry_does_not_prove_it(tmp_path):
    log = a_log(tmp_path)
    log.publish()
    log.fork(200, some_entries(600, start=5_000)).publish()
    found = asked(log, wanted(log))
    assert isinstance(found, Unproved) and found.outcome is Outcome.WRONG


@pytest.mark.parametrize("path", ["tile/0/001", "tile/1/000.p/2", "tile/data/001", "checkpoint"])
def test_a_bit_that_is_changed_on_the_way_leaves_no_proof(tmp_path, path):
    log = a_log(tmp_path)
    log.publish()
    # In the hash beside the leaf, in one further up, in the leaf itself, in the signed root.
    before = {
        "tile/0/001": (INDEX - 1 - 256) * 32, "tile/1/000.p/2": 0,
        "tile/data/001": len(log.data_tile(256, INDEX)), "checkpoint": len(f"{log.origin}\n702\n"),
    }  # fmt: skip
    log.tamper(path, at=before[path] + 7)
    found = asked(log, wanted(log))
    assert isinstance(found, Unproved) and found.outcome is Outcome.WRONG


def test_a_log_that_is_gone_and_one_that_is_behind_are_told_apart(tmp_path):
    log = a_log(tmp_path)
    log.publish(100)
    behind = asked(log, wanted(log))
    assert isinstance(behind, Unproved) and behind.outcome is Outcome.UNANSWERED
    assert "has 100 entries" in str(behind) and "is behind" in str(behind)
    (tmp_path / "checkpoint").unlink()
    gone = asked(log, wanted(log))
    assert isinstance(gone, Unproved) and gone.outcome is Outcome.GONE
    retired = asked(log, wanted(log), state={"retired": {"timestamp": "2026-01-01T00:00:00Z"}})
    assert isinstance(retired, Unproved) and "is retired" in str(retired)


def test_a_copy_that_is_behind_the_lakes_head_is_asked_again_and_nothing_is_held_against_it(
    tmp_path,
):
    log = a_log(tmp_path)
    log.publish(100)
    found = asked(log, wanted(log, log.checkpoint(500)))
    assert isinstance(found, Unproved) and found.outcome is Outcome.UNANSWERED, found
    assert "is behind the head that was kept, of 500 entries; capture again later" in str(found)


def test_a_copy_whose_head_alone_is_behind_proves_it_under_the_lakes(tmp_path):
    log = a_log(tmp_path)
    log.publish(500)
    late = log.checkpoint(100)
    (tmp_path / "checkpoint").write_bytes(late)
    found = asked(log, wanted(log, log.checkpoint(500)))
    assert isinstance(found, Found), found
    assert proved(found.proof).head.size == 500
    assert "what serves it is behind the head that was kept" in (found.note or "")
    other = asked(log, wanted(log, log.checkpoint(500), leaf_hash=bytes(32)))
    assert isinstance(other, Unproved) and other.outcome is Outcome.WRONG


def test_a_log_that_signs_a_smaller_head_after_a_larger_one_is_a_matter_for_a_person(tmp_path):
    log = a_log(tmp_path)
    larger = log.checkpoint(500)
    log.publish(100, timestamp_ms=FIRST_TIME_MS + 900_000)
    found = asked(log, wanted(log, larger))
    assert isinstance(found, Unproved) and found.outcome is Outcome.WRONG
    assert "had signed one of 500 entries before that" in str(found)


def test_a_tile_that_is_gone_or_cut_leaves_no_proof(tmp_path):
    log = a_log(tmp_path)
    log.publish()
    tile = tmp_path / "tile/data/001"
    tile.write_bytes(tile.read_bytes()[:200])
    cut = asked(log, wanted(log))
    assert isinstance(cut, Unproved) and cut.outcome is Outcome.WRONG
    tile.unlink()
    gone = asked(log, wanted(log))
    assert isinstance(gone, Unproved) and gone.outcome is Outcome.NOT_OFFERED


def test_an_entry_that_is_no_certificate_or_far_too_large_is_refused(tmp_path):
    log = CtLog(tmp_path)
    log.append([raw_entry(b"nothing", number=0), raw_entry(bytes(1_100_000), number=1)])
    log.publish()
    for index, says in ((0, "cannot be read"), (1, "more than any certificate needs")):
        found = asked(log, wanted_at(log, index))
        assert isinstance(found, Unproved) and found.outcome is Outcome.WRONG
        assert says in str(found)


def wanted_at(log: CtLog, index: int) -> Wanted:
    return Wanted(position=index, host=HOST, leaf_hash=log.leaf_hash(index), first_head=None)


@pytest.mark.peer
def test_a_server_that_packs_gigabytes_into_an_answer_is_not_unpacked(tmp_path):
    log = a_log(tmp_path)
    log.publish()
    bomb = gzip.compress(bytes(80 << 20))
    (tmp_path / "checkpoint").write_bytes(bomb)
    locations = "location = /checkpoint { add_header Content-Encoding gzip; }"
    want = wanted(log)

    async def run() -> Found:
        allow = [Allowed("127.0.0.0/8", served.port)]
        async with Fetcher(contact=CONTACT, manners=Manners(), allow=allow, retries=0) as fetch:
            url = f"{served.url}/"
            return await prove_entry(WebDoor(fetch, url), listed(log, url), want)

    with nginx(tmp_path, locations=locations) as served, pytest.raises(Unproved) as why:
        asyncio.run(run())
    assert why.value.outcome in (Outcome.UNANSWERED, Outcome.NOT_OFFERED)


def test_without_an_exception_no_log_on_a_private_address_is_asked(tmp_path):
    log = a_log(tmp_path)
    log.publish()

    async def run() -> Found:
        async with Fetcher(contact=CONTACT, manners=Manners(), retries=0) as fetch:
            url = "http://127.0.0.1:9/"
            return await prove_entry(WebDoor(fetch, url), listed(log, url), wanted(log))

    with pytest.raises(Unproved, match="loopback"):
        asyncio.run(run())


def test_a_proof_says_the_key_and_the_head_as_they_are(tmp_path):
    log = a_log(tmp_path)
    log.publish()
    found = asked(log, wanted(log))
    assert isinstance(found, Found)
    assert base64.b64decode(found.proof.log.key) == log.key
    assert found.proof.head.encode() == (tmp_path / "checkpoint").read_bytes()
