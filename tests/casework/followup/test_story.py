"""A case followed until it is gone, and back: real servers, simulated time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from namaak.casework.followup.reading import checks_of
from namaak.casework.reading import open_snapshot, verify_history
from namaak.evidence_store import EvidenceStore
from tests.casework.followup.following import CASE, GONE, THERE, Site, Story, settings_of
from tests.peers import free_port, nginx, nsd

pytestmark = pytest.mark.peer
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOGIN = "<title>Waldermond - log in</title><p>Waldermond bank<form><input type=password></form>"
SHOP = "<title>Cheap shoes all year</title><p>Shoes, and more shoes, at prices that nobody has."


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """Two name servers that know the name and two that deny it."""
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
    with nginx(folder, locations="location = / { try_files /index.html =404; }") as web:
        made = Site(web, folder)
        made.register(["active"])
        made.show(LOGIN)
        yield made


def places(servers, here: str, far: str) -> dict[str, str]:
    return {"here": servers[here].address, "far": servers[far].address}


def test_up_then_down_then_resolved_then_back(tmp_path, servers, site):
    story = Story(settings_of(tmp_path / "made"), site)
    up = places(servers, "there", "there too")
    gone = places(servers, "gone", "gone too")

    first = story.looks(HOUR, up)
    assert first.kinds == () and "a page of somebody's own" in first.says
    assert first.due_at == story.now + 6 * HOUR
    assert story.looks(HOUR, up) is None  # not due

    # One place sees it gone, the other still sees the page: not down.
    site.register(["client hold"])
    half = story.looks(6 * HOUR, places(servers, "there", "gone"))
    assert half.kinds == ()
    assert "far: the name is not in the DNS: its registry has it on hold" in half.says
    assert "here: a page of somebody's own" in half.says

    # Both do, once: looked at again within the hour.
    once = story.looks(6 * HOUR, gone)
    assert (once.kinds, once.due_at) == ((), story.now + HOUR)
    assert story.row()["subject_state"] == "live", "one round is not enough"
    since = story.now
    down = story.looks(HOUR, gone)
    assert down.kinds == ("down",)
    case = story.row()
    assert case["subject_state"] == "suspended"
    assert case["down_since"] == since
    assert case["workflow"] == "confirmed"
    (event,) = (one for one in story.case().events if one["kind"] == "down")
    evidence = json.loads(event["data"])
    assert [one["state"] for one in evidence["first"]["views"]] == ["suspended", "suspended"]
    assert [one["state"] for one in evidence["last_up"]["views"]] == ["suspended", "live"]
    (row,) = story.rows("from follow_up")
    assert (row["down_since"], row["resolves_at"]) == (since, since + 7 * DAY)

    # A day on which nobody answers neither ends the run nor shortens it.
    silent = {"here": f"127.0.0.1:{free_port()}", "far": servers["gone"].address}
    for days, seen in ((1, silent), (1, gone), (2, gone), (1, gone), (1, gone)):
        assert story.looks(days * DAY, seen).kinds == ()
    assert story.row()["workflow"] == "confirmed"
    assert story.looks(DAY, gone).kinds == ("resolved",)
    assert story.now - since >= 7 * DAY
    resolved = story.row()
    assert (resolved["workflow"], resolved["down_since"]) == ("resolved", since)

    # It is back, with another page: reopened, with what is otherwise.
    site.register(["active"])
    site.show(SHOP)
    back = story.looks(10 * DAY, up)
    assert back.kinds == ("relapsed", "reopened")
    assert any("title: Waldermond - log in -> Cheap shoes" in line for line in back.changed)
    case = story.row()
    assert (case["workflow"], case["down_since"], case["relapses"]) == ("reopened", None, 1)
    (row,) = story.rows("from relapses")
    assert row["was_resolved"] and row["down_since"] == since
    # Axis two goes along: alive, on hold, alive again.
    assert story.happened() == [
        "opened", "confirmed", "state-changed", "down", "state-changed", "resolved", "relapsed",
        "reopened", "state-changed",
    ]  # fmt: skip
    assert case["subject_state"] == "live"
    with open_snapshot(story.settings.casebook) as con:
        assert verify_history(con) is None


def test_every_check_is_a_row_and_its_page_is_kept(tmp_path, servers, site):
    story = Story(settings_of(tmp_path / "made"), site)
    story.looks(HOUR, places(servers, "there", "gone"))
    with open_snapshot(story.settings.casebook) as con:
        far, here = checks_of(con, CASE)
    assert (far["vantage"], far["down"], far["dns"]) == ("far", True, "absent")
    assert (here["vantage"], here["down"], here["http_status"]) == ("here", False, 200)
    assert here["title"] == "Waldermond - log in"
    assert json.loads(here["facts"])["secrets"] is True
    assert far["content_sha256"] is None
    store = EvidenceStore(story.settings.evidence)
    assert store.read(here["content_sha256"]) == LOGIN.encode()


def test_a_page_that_answers_404_is_down_only_where_one_was(tmp_path, servers, site):
    story = Story(settings_of(tmp_path / "made"), site)
    up = places(servers, "there", "there too")
    site.show(None)
    never = story.looks(HOUR, up)
    assert "nothing else was ever seen there" in never.says
    site.show(LOGIN)
    assert story.looks(7 * HOUR, up).kinds == ("changed",)  # a page began, and asks for secrets
    site.show(None)
    assert story.looks(7 * HOUR, up).kinds == ()
    assert story.looks(HOUR, up).kinds == ("down",)
    (row, _) = story.rows("from checks order by checked_at desc, vantage limit 2")
    assert (row["state"], row["http_status"]) == ("removed", 404)


def test_a_wall_before_the_page_is_never_down(tmp_path, servers):
    folder = tmp_path / "www"
    folder.mkdir()
    with nginx(folder, locations="location = / { return 403; }") as web:
        walled = Site(web, folder)
        walled.register(["active"])
        story = Story(settings_of(tmp_path / "made"), walled)
        assert story.looks(HOUR, places(servers, "there", "there too")).kinds == ()
    assert {row["down"] for row in story.rows("from checks")} == {None}
    assert {row["state"] for row in story.rows("from checks")} == {"blocked-view"}


def test_what_is_watched_is_reopened_by_a_change_and_not_by_a_wobble(tmp_path, servers, site):
    story = Story(settings_of(tmp_path / "made", decision="watch"), site)
    up = places(servers, "there", "there too")
    site.show("<title>Waldermond (1)</title><p>Coming soon")
    assert story.looks(HOUR, up).kinds == ()
    site.show("<title>Waldermond (2)</title><p>Coming soon")
    wobble = story.looks(2 * DAY, up)
    assert (wobble.kinds, wobble.changed) == ((), ())
    site.show(LOGIN)
    told = story.looks(2 * DAY, up)
    assert told.kinds == ("changed", "reopened")
    event = next(one for one in story.case().events if one["kind"] == "changed")
    data = json.loads(event["data"])
    assert data["changes"][0]["says"] == "asks for a password or a card: no -> yes"
    assert data["points"] >= data["threshold"]
    assert story.row()["workflow"] == "reopened"
