"""Places that look by a way of their own: a page that hides from one address is not gone."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from namaak.brands import parse_watch_file
from namaak.casework.followup.verdict import ONE_ADDRESS, SAME_RESOLVERS
from namaak.casework.history import in_words
from namaak.enriching.findings import Aspect, Outcome
from namaak.rechecking import Place, enrichers, places
from tests.casework.followup.following import GONE, HOST, THERE, Site, Story, settings_of
from tests.enriching.world import clock
from tests.peers import hostile, nginx, nsd, proxying, reply, soa

pytestmark = pytest.mark.peer
HOUR = timedelta(hours=1)
LOGIN = "<title>Waldermond - log in</title><form><input type=password></form>"
#: Once a file says so: hidden from the address of this machine, or gone for all.
HIDING = (
    "location = / { set $hide 0; if ($remote_addr = 127.0.0.1) { set $hide 1; } "
    "if (-f $document_root/hides) { set $hide 1$hide; } if ($hide = 11) { return 404; } "
    "if (-f $document_root/gone) { return 404; } "
    "try_files /index.html =404; }"
)
WATCH = """
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.example"]
[enrichment]
resolvers = ["192.0.2.53:53", "192.0.2.54:53"]
"""


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zones")
    with (
        nsd(THERE, folder / "a") as a,
        nsd(THERE, folder / "b") as b,
        nsd(GONE, folder / "c") as c,
        nsd(GONE, folder / "d") as d,
    ):
        yield {"there": a, "there too": b, "gone": c, "gone too": d}


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "www"
    folder.mkdir()
    with nginx(folder, locations=HIDING) as web:
        made = Site(web, folder)
        made.register(["active"])
        made.show(LOGIN)
        yield made


def reservations(story) -> list[str]:
    """Of the event, which in words tells them too."""
    (event,) = (one for one in story.case().events if one["kind"] == "down")
    found = json.loads(event["data"])["reservations"]
    assert all(one in in_words(event) for one in found)
    return found


def test_a_page_that_hides_from_our_address_is_seen_by_the_proxy(tmp_path, zones, site):
    story = Story(settings_of(tmp_path / "made"), site)
    seen_by = {"here": zones["there"].address, "far": zones["there"].address}
    with proxying() as proxy:
        assert story.looks(HOUR, seen_by, far=proxy.url).kinds == ()
        (site.folder / "hides").touch()
        for _ in range(2):
            told = story.looks(24 * HOUR, seen_by, far=proxy.url)
            assert "down" not in told.kinds
        assert "here: the server says that there is no such page" in told.says
        assert "far: a page of somebody's own" in told.says
        (site.folder / "gone").touch()
        story.looks(24 * HOUR, seen_by, far=proxy.url)
        assert "down" in story.looks(HOUR, seen_by, far=proxy.url).kinds
    assert reservations(story) == []
    assert not any(HOST in head for head in proxy.heads)
    rows = story.rows("from checks order by checked_at desc, vantage limit 2")
    assert [(row["vantage"], row["rests_on"], row["pages_by"]) for row in rows] == [
        ("far", "page", proxy.url), ("here", "page", "this machine"),
    ]  # fmt: skip


def test_page_evidence_from_one_address_is_told_as_such(tmp_path, zones, site):
    story = Story(settings_of(tmp_path / "made"), site)
    seen_by = {"here": zones["there"].address, "far": zones["there too"].address}
    up = story.looks(HOUR, seen_by)
    (site.folder / "hides").touch()
    story.looks(7 * HOUR, seen_by)
    down = story.looks(HOUR, seen_by)
    assert "down" in down.kinds and ONE_ADDRESS in down.says and ONE_ADDRESS not in up.says
    assert reservations(story) == [ONE_ADDRESS]


def test_a_name_that_two_resolvers_deny_is_told_without_reservation(tmp_path, zones, site):
    story = Story(settings_of(tmp_path / "made"), site)
    apart = {"here": zones["gone"].address, "far": zones["gone too"].address}
    story.looks(HOUR, apart)
    assert "down" in story.looks(HOUR, apart).kinds
    assert reservations(story) == []


def test_a_name_that_the_same_resolvers_deny_twice_is_told_as_such(tmp_path, zones, site):
    story = Story(settings_of(tmp_path / "made"), site)
    same = {"here": zones["gone"].address, "far": zones["gone"].address}
    with proxying() as proxy:
        story.looks(HOUR, same, far=proxy.url)
        assert "down" in story.looks(HOUR, same, far=proxy.url).kinds
    assert reservations(story) == [SAME_RESOLVERS]


def test_the_registrys_own_word_needs_no_second_resolver(tmp_path, zones, site):
    story = Story(settings_of(tmp_path / "made"), site)
    site.register(["client hold"])
    same = {"here": zones["gone"].address, "far": zones["gone"].address}
    with proxying() as proxy:
        story.looks(HOUR, same, far=proxy.url)
        assert "down" in story.looks(HOUR, same, far=proxy.url).kinds
    assert reservations(story) == []
    assert {row["rests_on"] for row in story.rows("from checks")} == {"registry"}


@pytest.mark.parametrize("status", ["407 No", "404 Not Found"])
def test_a_proxy_that_refuses_says_nothing_of_the_host(tmp_path, zones, site, status):
    story = Story(settings_of(tmp_path / "made"), site)
    seen_by = {"here": zones["there"].address, "far": zones["there"].address}
    story.looks(HOUR, seen_by)
    site.show(None)
    with hostile(reply(status=status)) as proxy:
        for _ in range(2):
            assert story.looks(24 * HOUR, seen_by, far=proxy.url).kinds == ()
    rows = story.rows("from checks where vantage = 'far' order by checked_at desc limit 1")
    assert (rows[0]["down"], rows[0]["state"], rows[0]["rests_on"]) == (None, "unknown", None)
    assert 'the proxy of the vantage "far"' in rows[0]["says"]


def test_places_are_those_with_resolvers_or_a_proxy_of_their_own():
    text = WATCH + (
        '[[vantages]]\nname = "berlin-2"\nproxy = "http://192.0.2.9:3128"\n'
        '[[vantages]]\nname = "turned"\nresolvers = ["192.0.2.54:53", "192.0.2.53:53"]\n'
        '[[vantages]]\nname = "both"\nresolvers = ["198.51.100.53:53"]\n'
        'proxy = "http://192.0.2.9:3128"\n'
    )
    environ = {"NAMAAK_PROXY_BERLIN_2": "ada:secret"}
    found = places(parse_watch_file(text), environ)
    here, berlin, both = found.usable
    assert (berlin.names_by, berlin.pages_by) == (here.names_by, "http://192.0.2.9:3128")
    assert both.resolvers == ("198.51.100.53:53",)
    assert (berlin.credentials, both.credentials) == ("ada:secret", None)
    assert "secret" not in repr(found) and "secret" not in repr(berlin.way_out())
    (note,) = found.notes
    assert "turned asks the same resolvers as another place" in note
    assert here.way_out() is None


def test_that_all_places_share_an_address_is_said():
    text = WATCH + '[[vantages]]\nname = "far"\nresolvers = ["198.51.100.53:53"]\n'
    (note,) = places(parse_watch_file(text), {}).notes
    assert "All places ask for pages from the address of this machine" in note


def test_what_is_opened_for_a_place_asks_for_pages_by_its_proxy(tmp_path):
    """The address is one of the world's; nothing goes there, as the proxy lets nobody through."""
    zone = {"test": soa(), HOST: "@ 300 IN A 9.9.9.9\n"}
    settings = settings_of(tmp_path / "made")
    with nsd(zone, tmp_path / "zone") as served, hostile(reply(status="403 No")) as proxy:
        place = Place(
            name="far", resolvers=(served.address,), proxy=proxy.url, credentials="ada:secret"
        )

        async def run():
            async with enrichers(settings, {}, clock=clock)(place) as enricher:
                return [one async for found in enricher.enrich_many([HOST], 1) for one in found]

        page = next(one for one in asyncio.run(run()) if one.aspect is Aspect.PAGE)
    assert page.outcome is Outcome.POLICY
    assert {head.split()[1] for head in proxy.heads} == {"9.9.9.9:443"}
    assert proxy.header("Proxy-Authorization") is not None
    assert not any(HOST in head for head in proxy.heads)
