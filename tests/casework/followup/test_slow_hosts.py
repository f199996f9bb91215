"""Hosts that take their time, or answer with all that is allowed: real servers, bounded looks."""

from __future__ import annotations

import json
import time
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest

from namaak.evidence_store import EvidenceStore
from tests.casework.followup.following import (
    CASE,
    HOST,
    START,
    THERE,
    Site,
    Story,
    decided_cases,
    settings_of,
    writing,
)
from tests.casework.followup.test_known_pages import LOGIN, _insert, shows
from tests.peers import nginx, nsd, soa

pytestmark = pytest.mark.peer
HOUR = timedelta(hours=1)
#: What begins with "slow" comes a byte a second; a page is a file; "large" ones are no HTML.
SLOW = (
    "location = / { try_files /index.html =404; } "
    "location /slow { limit_rate 1; try_files $uri.html =404; } "
    "location /large { types { } default_type text/plain; } "
    "location / { try_files $uri.html =404; }"
)
LONG = LOGIN + "<p>" + "x" * 10_000


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zones")
    everything = {"test": f"{soa()}* 300 IN A 127.0.0.1\n"}
    below = {"test": soa(), HOST: "pay 300 IN A 127.0.0.1\n"}
    with (
        nsd(THERE, folder / "a") as a,
        nsd(THERE, folder / "b") as b,
        nsd(everything, folder / "c") as c,
        nsd(everything, folder / "d") as d,
        nsd(below, folder / "e") as e,
        nsd(below, folder / "f") as f,
    ):
        yield {
            "up": {"here": a.address, "far": b.address},
            "all": {"here": c.address, "far": d.address},
            "below": {"here": e.address, "far": f.address},
        }


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "www"
    folder.mkdir()
    with nginx(folder, locations=SLOW) as web:
        made = Site(web, folder)
        made.register(["active"])
        yield made


def visited(story: Story, *urls: str, case: str = CASE) -> None:
    """Captures of the case found pages there, the first one last."""
    with writing(story.settings) as book, book._transaction():
        for number, url in enumerate(urls):
            _insert(
                book._con, "captures", capture_id=f"NC-{case}-{number}", case_id=case,
                outcome="ok", url=url, page_kind="content", requests=1, bytes=1, refused=0,
                started_at=START - number * HOUR, ended_at=START - number * HOUR,
            )  # fmt: skip


def addresses(story: Story) -> list[dict]:
    row = story.rows("from checks where vantage = 'far' order by checked_at desc limit 1")[0]
    assert row["down"] is None
    return json.loads(row["addresses"])


def paths(site: Site) -> list[str]:
    return [one.path for one in site.web.requests()]


def test_after_two_time_outs_in_a_row_a_host_is_asked_no_more_and_is_never_down(
    tmp_path, servers, site, monkeypatch
):
    monkeypatch.setattr("namaak.enriching.page._DEADLINE_S", 0.5)
    story = Story(settings_of(tmp_path / "made"), site)
    slow = [shows(site, f"slow{number}", LONG) for number in range(4)]
    visited(story, *slow)
    for _ in range(2):
        assert story.looks(7 * HOUR, servers["up"]).kinds == ()
    found = {one["url"]: one for one in addresses(story)}
    assert [found[url]["down"] for url in slow] == [None] * 4
    unasked = [one for one in found.values() if "timed out 2 times in a row" in one["says"]]
    assert len(unasked) == 2
    # Two rounds, two places: of each two were asked.
    assert len([one for one in paths(site) if one.startswith("/slow")]) == 8


def test_a_front_page_that_times_out_counts_as_the_first_of_the_two(
    tmp_path, servers, site, monkeypatch
):
    monkeypatch.setattr("namaak.enriching.page._DEADLINE_S", 0.5)
    site.show(LONG)
    with nginx(site.folder, locations=SLOW.replace("= / {", "= / { limit_rate 1;")) as dripping:
        slower = replace(site, web=dripping)
        slower.register(["active"])
        story = Story(settings_of(tmp_path / "made"), slower)
        visited(story, *(shows(slower, f"slow{number}", LONG) for number in range(3)))
        assert story.looks(7 * HOUR, servers["up"]).kinds == ()
        asked = [one for one in paths(slower) if one.startswith("/slow")]
    # Two places: of each only one.
    assert len(asked) == 2
    assert sum("2 times in a row" in one["says"] for one in addresses(story)) == 2


def test_an_answer_between_two_time_outs_begins_the_count_anew(
    tmp_path, servers, site, monkeypatch
):
    monkeypatch.setattr("namaak.enriching.page._DEADLINE_S", 1.5)
    story = Story(settings_of(tmp_path / "made"), site)
    urls = [
        shows(site, path, LONG if path.startswith("slow") else LOGIN)
        for path in ("slow1", "login", "slow2", "other")
    ]
    visited(story, *urls)
    told = story.looks(7 * HOUR, servers["up"])
    assert "/login: a page of somebody's own" in told.says
    assert {"/slow1", "/login", "/slow2", "/other"} <= {*paths(site)}


def test_a_host_has_one_deadline_from_each_place_and_the_rest_cannot_be_told(
    tmp_path, servers, site, monkeypatch
):
    monkeypatch.setattr("namaak.rechecking._SECONDS_A_HOST", 3.0)
    story = Story(settings_of(tmp_path / "made"), site)
    slow = [shows(site, f"slow{number}", LONG) for number in range(3)]
    visited(story, *slow)
    began = time.monotonic()
    assert story.looks(7 * HOUR, servers["up"]).kinds == ()
    # One address alone may take thirty seconds.
    assert time.monotonic() - began < 15
    late = [one for one in addresses(story) if "this host took too long" in one["says"]]
    assert len(late) == 3 and {one["down"] for one in late} == {None}
    assert len([one for one in paths(site) if one.startswith("/slow")]) <= 2


def test_a_name_below_that_was_not_asked_about_is_not_gone_with_the_one_above(
    tmp_path, servers, site, monkeypatch
):
    story = Story(settings_of(tmp_path / "made"), site)
    visited(story, f"http://pay.{HOST}:{site.web.port}/login")
    monkeypatch.setattr("namaak.rechecking._SECONDS_A_HOST", 0.0)
    for _ in range(3):
        assert story.looks(7 * HOUR, servers["below"]).kinds == ()
    (there,) = addresses(story)
    assert "the DNS told nothing: it was not asked to its end" in there["says"]
    assert paths(site).count("/login") == 0


def test_pages_do_not_stay_in_memory_and_only_what_decided_becomes_evidence(
    tmp_path, servers, site
):
    hosts, pages, size = 6, 5, 1 << 20
    decisions = [("confirm", {})] * hosts
    settings, cases = decided_cases(tmp_path / "made", decisions)
    story = Story(settings, site)
    for number in range(hosts):
        host = f"waldermond-{number}.test"
        urls = []
        for page in range(pages):
            path = f"large{number}{page}"
            (site.folder / path).write_bytes(path.encode().ljust(size, b"."))
            urls.append(f"http://{host}:{site.web.port}/{path}")
        visited(story, *urls, case=cases[number])
    before = {*settings.data.iterdir()}
    tracemalloc.start()
    story.looks(7 * HOUR, servers["all"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    asked = [one for one in paths(site) if one.startswith("/large")]
    assert len(asked) == 2 * hosts * pages
    # All at once they are 60 MiB; of each host and place one is in memory while it comes.
    assert peak < 2 * hosts * size * 2.5
    rows = story.rows("from checks")
    assert len(rows) == 2 * hosts and all(row["content_sha256"] for row in rows)
    kept = {path.name for path in settings.evidence.rglob("*") if path.is_file()}
    assert kept == {row["content_sha256"] for row in rows}
    evidence = EvidenceStore(settings.evidence)
    assert all(len(evidence.read(sha256) or b"") == size for sha256 in kept)
    assert {path.name for path in settings.data.iterdir()} - {path.name for path in before} <= {
        "evidence",
        "lake",
    }
