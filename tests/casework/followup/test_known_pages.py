"""A trap that lies deeper than the front page, followed: real servers, simulated time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest

from namaak.casework import ranking
from namaak.casework.followup.addresses import By
from namaak.casework.followup.reading import addresses_of
from namaak.casework.followup.seeing import MISSED
from namaak.casework.followup.verdict import NOT_LOOKED_AT, ONE_ADDRESS
from namaak.casework.naming import named
from namaak.casework.reading import verify_history
from namaak.evidence_store import EvidenceStore
from tests.casework.followup.following import (
    BRANDS,
    CASE,
    GONE,
    HOST,
    START,
    THERE,
    Site,
    Story,
    settings_of,
    writing,
)
from tests.peers import nginx, nsd, soa

pytestmark = pytest.mark.peer
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOGIN = "<title>Waldermond - log in</title><p>Waldermond bank<form><input type=password></form>"
CARD = (
    "<title>Your parcel is waiting</title><p>Your card, please<form><input name=cardnumber></form>"
)
#: The front page is a bare 404, or once a file says so leads to the login; a page is a file.
DEEPER = (
    "location = / { if (-f $document_root/leads) { return 302 /login; } "
    "try_files /index.html =404; } "
    "location /blocked { return 503; } "
    "location / { try_files $uri.html =404; }"
)


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zones")
    with (
        nsd(THERE, folder / "a") as a,
        nsd(THERE, folder / "b") as b,
        nsd(GONE, folder / "c") as c,
        nsd(GONE, folder / "d") as d,
    ):
        yield {
            "up": {"here": a.address, "far": b.address},
            "gone": {"here": c.address, "far": d.address},
        }


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "www"
    folder.mkdir()
    with nginx(folder, locations=DEEPER) as web:
        made = Site(web, folder)
        made.register(["active"])
        yield made


def shows(site: Site, path: str, html: str | None) -> str:
    """The page at a path from now on; None: none. Its address."""
    page = site.folder / f"{path}.html"
    page.unlink(missing_ok=True)
    if html is not None:
        page.write_text(html)
    return f"http://{HOST}:{site.web.port}/{path}"


def story_of(tmp_path, site: Site, *urls: str) -> Story:
    """A confirmed case; urls: what a person gave, of which the case keeps the last."""
    settings = settings_of(tmp_path / "made")
    with writing(settings) as book:
        book.record_brands(BRANDS, dict.fromkeys(BRANDS, "1"), now=START)
        for url in urls:
            # As it stands in the casebook, whatever the command would say of it.
            subject = replace(named(HOST), url=url)
            book.open_case(
                "waldermond", subject, reason="reported by telephone", actor="ann", now=START,
                rank=ranking.rank, rank_version=ranking.VERSION, domain=HOST,
            )  # fmt: skip
    return Story(settings, site)


def event(story: Story, kind: str) -> dict:
    found = [one for one in story.case().events if one["kind"] == kind]
    return json.loads(found[-1]["data"])


def test_a_bare_front_page_is_not_down_while_the_login_lives_and_is_once_it_goes(
    tmp_path, servers, site
):
    login = shows(site, "login", LOGIN)
    story = story_of(tmp_path, site, login)
    for _ in range(3):
        told = story.looks(7 * HOUR, servers["up"])
        assert told.kinds == ()
        assert f"here: at {login}: a page of somebody's own (HTTP 200)" in told.says
    row = story.rows("from checks where vantage = 'far' order by checked_at desc limit 1")[0]
    assert (row["down"], row["http_status"], row["final_url"]) == (False, 200, login)
    assert [(one["url"], one["down"]) for one in json.loads(row["addresses"])] == [
        (f"https://{HOST}/", True), (login, False),
    ]  # fmt: skip
    assert EvidenceStore(story.settings.evidence).read(row["content_sha256"]) == LOGIN.encode()

    shows(site, "login", None)
    once = story.looks(7 * HOUR, servers["up"])
    assert once.kinds == ()
    assert "none of 2 known addresses is there" in once.says and login in once.says
    down = story.looks(HOUR, servers["up"])
    assert down.kinds == ("down",)
    found = event(story, "down")
    assert login in found["addresses"] and len(found["addresses"]) == 2
    assert found["reservations"] == [ONE_ADDRESS]
    assert story.row()["subject_state"] == "removed"

    # Back at the login alone, while the front page stays what it always was.
    for _ in range(8):
        story.looks(DAY, servers["up"])
    assert story.row()["workflow"] == "resolved"
    shows(site, "login", CARD)
    back = story.looks(30 * DAY, servers["up"])
    assert back.kinds == ("relapsed", "reopened")
    assert f"title at {login}: Waldermond - log in -> Your parcel is waiting" in back.changed
    found = event(story, "relapsed")
    assert found["addresses"] == [login]
    assert {one["address"] for one in found["changes"]} == {login}
    assert story.row()["workflow"] == "reopened"


def test_a_front_page_that_leads_to_the_login_is_one_page_and_remembered_behind_it(
    tmp_path, servers, site
):
    login = shows(site, "login", LOGIN)
    (site.folder / "leads").touch()
    story = story_of(tmp_path, site)
    told = story.looks(7 * HOUR, servers["up"])
    assert told.says == "; ".join(
        f"{place}: a page of somebody's own (HTTP 200)" for place in ("far", "here")
    )
    told = story.looks(7 * HOUR, servers["up"])
    asked = [one.path for one in site.web.requests()]
    # Two places, two rounds: where the front page ended there, it is not asked for again.
    assert (asked.count("/"), asked.count("/login")) == (4, 4)
    assert "known addresses" not in told.says
    # The redirect goes, the trap stays: nobody gave its address, and it is looked at.
    (site.folder / "leads").unlink()
    for _ in range(3):
        told = story.looks(7 * HOUR, servers["up"])
        assert told.kinds == ()
        assert f"at {login}: a page of somebody's own (HTTP 200)" in told.says
    shows(site, "login", None)
    story.looks(7 * HOUR, servers["up"])
    assert story.looks(HOUR, servers["up"]).kinds == ("down",)


def test_an_address_that_cannot_be_told_keeps_it_from_being_down(tmp_path, servers, site):
    shows(site, "index", LOGIN)
    story = story_of(tmp_path, site, f"http://{HOST}:{site.web.port}/blocked")
    story.looks(7 * HOUR, servers["up"])
    shows(site, "index", None)
    for _ in range(3):
        told = story.looks(7 * HOUR, servers["up"])
        assert told.kinds == ()
        assert "/blocked: HTTP 503" in told.says or "/blocked: its server" in told.says
    first = min(row["checked_at"] for row in story.rows("from checks"))
    later = [row for row in story.rows("from checks") if row["checked_at"] > first]
    assert {row["down"] for row in later} == {None}


def test_a_page_under_a_name_below_the_host_is_judged_by_that_name(tmp_path, servers, site):
    zone = {"test": soa(), HOST: "@ 300 IN A 127.0.0.1\npay 300 IN A 127.0.0.1\n"}
    shows(site, "login", LOGIN)
    there = f"http://pay.{HOST}:{site.web.port}/login"
    story = story_of(tmp_path, site)
    with writing(story.settings) as book, book._transaction():
        _insert(
            book._con, "captures", capture_id="NC-1", case_id=CASE, outcome="ok", url=there,
            page_kind="content", requests=1, bytes=1, refused=0,
        )  # fmt: skip
    with nsd(zone, tmp_path / "a") as a, nsd(zone, tmp_path / "b") as b:
        told = story.looks(7 * HOUR, {"here": a.address, "far": b.address})
        assert f"far: at {there}: a page of somebody's own" in told.says
    # That name goes, and the front page never was more than a 404.
    story.looks(7 * HOUR, servers["up"])
    down = story.looks(HOUR, servers["up"])
    assert down.kinds == ("down",)
    assert f"at {there}: it has no address and takes no mail" in down.says


def test_a_name_that_is_gone_takes_every_page_with_it_and_none_is_asked_for(
    tmp_path, servers, site
):
    story = story_of(tmp_path, site, shows(site, "login", LOGIN))
    story.looks(7 * HOUR, servers["up"])
    asked = len(site.web.requests())
    site.register(["client hold"])
    story.looks(7 * HOUR, servers["gone"])
    assert story.looks(HOUR, servers["gone"]).kinds == ("down",)
    assert not any(one.path == "/login" for one in site.web.requests()[asked:])
    found = event(story, "down")
    assert (found["addresses"], found["reservations"]) == ([], [])


def test_a_name_beside_the_host_is_asked_for_though_the_host_is_gone(tmp_path, servers, site):
    """Whoever serves the zone takes the bare name out, and leaves the one with www."""
    beside = f"www.{HOST}"
    there = shows(site, "login", LOGIN).replace(HOST, beside)
    story = story_of(tmp_path, site, there)
    zone = {"test": soa(), beside: "@ 300 IN A 127.0.0.1\n"}
    with nsd(zone, tmp_path / "a") as a, nsd(zone, tmp_path / "b") as b:
        story.looks(7 * HOUR, {"here": a.address, "far": b.address})
        for _ in range(3):
            told = story.looks(7 * HOUR, {"here": a.address, "far": b.address})
            assert told.kinds == ()
            assert f"at {there}: a page of somebody's own (HTTP 200)" in told.says
    story.looks(7 * HOUR, servers["gone"])
    assert story.looks(HOUR, servers["gone"]).kinds == ("down",)


def test_a_page_at_an_ip_address_is_asked_for_and_no_name_server_is(tmp_path, servers, site):
    there = shows(site, "login", LOGIN).replace(HOST, "127.0.0.1")
    story = story_of(tmp_path, site, there)
    with writing(story.settings) as book, book._transaction():
        _insert(
            book._con, "captures", capture_id="NC-1", case_id=CASE, outcome="ok",
            url=f"https://{HOST}/", final_url=there, page_kind="content", requests=1, bytes=1,
            refused=0,
        )  # fmt: skip
    for places in ("up", "gone"):
        told = story.looks(7 * HOUR, servers[places])
        assert told.kinds == ()
        assert f"at {there}: a page of somebody's own (HTTP 200)" in told.says
    shows(site, "login", None)
    story.looks(7 * HOUR, servers["gone"])
    assert story.looks(HOUR, servers["gone"]).kinds == ("down",)


def test_an_address_that_a_person_gave_and_that_is_not_asked_keeps_it_from_being_down(
    tmp_path, servers, site
):
    story = story_of(tmp_path, site, f"http://ann:secret@{HOST}:{site.web.port}/login")
    shows(site, "index", LOGIN)
    story.looks(7 * HOUR, servers["up"])
    shows(site, "index", None)
    for _ in range(3):
        told = story.looks(7 * HOUR, servers["up"])
        assert "down" not in told.kinds and f"{MISSED}: 1" in told.says
    # The name itself takes it along.
    story.looks(7 * HOUR, servers["gone"])
    assert "down" in story.looks(HOUR, servers["gone"]).kinds


def test_hostile_addresses_are_left_out_and_a_finding_by_pages_says_so(tmp_path, servers, site):
    story = story_of(tmp_path, site)
    with writing(story.settings) as book, book._transaction():
        _insert(
            book._con, "captures", capture_id="NC-1", case_id=CASE, outcome="dead",
            url=f"http://ann:secret@{HOST}:{site.web.port}/login", requests=1, bytes=1, refused=0,
        )  # fmt: skip
    shows(site, "index", LOGIN)
    story.looks(7 * HOUR, servers["up"])
    shows(site, "index", None)
    story.looks(7 * HOUR, servers["up"])
    down = story.looks(HOUR, servers["up"])
    assert "down" in down.kinds
    assert event(story, "down")["reservations"] == [f"{NOT_LOOKED_AT}: 1", ONE_ADDRESS]
    assert f"{NOT_LOOKED_AT}: 1" in down.says
    assert {row["left_out"] for row in story.rows("from checks")} == {1}
    assert not any(one.path == "/login" for one in site.web.requests())


def test_rows_of_checks_without_addresses_stay_readable(tmp_path, servers, site):
    story = story_of(tmp_path, site, shows(site, "login", LOGIN))
    story.looks(7 * HOUR, servers["up"])
    with writing(story.settings) as book, book._transaction():
        book._con.execute("update checks set addresses = null, left_out = null")
        book._con.execute('update check_plans set baseline = \'{"here":{"kind":"error"}}\'')
    told = story.looks(7 * HOUR, servers["up"])
    assert told.kinds == () and "/login: a page of somebody's own" in told.says


def test_addresses_are_those_of_people_approved_notices_visits_and_looks(tmp_path, site):
    story = story_of(tmp_path, site, f"https://{HOST}/given")
    with writing(story.settings) as book, book._transaction():
        _tell(book._con)
    with duckdb.connect(str(story.settings.casebook), read_only=True) as con:
        con.execute("set timezone = 'UTC'")
        found = addresses_of(con, [CASE])[CASE]
        assert addresses_of(con, ["NK-000000000000"]) == {}
        assert verify_history(con) is None
    seen = {(one.url.removeprefix(f"https://{HOST}"), one.by, one.showed, one.asks)
            for one in found}  # fmt: skip
    assert seen == {
        ("/given", By.PERSON, False, False),
        ("/demanded", By.NOTICE, False, False),
        ("/too", By.NOTICE, False, False),
        ("/visited", By.CAPTURE, True, False),
        ("/ended", By.CAPTURE, True, False),
        ("/dead", By.VISIT, False, False),
        ("/looked", By.LOOK, True, True),
    }
    led = {one.url: one.led_from for one in found if one.led_from}
    assert led[f"https://{HOST}/ended"] == f"https://{HOST}/visited"


def _tell(con: duckdb.DuckDBPyConnection) -> None:
    """Rows as the writers of notices, captures and looks leave them, as far as they count here."""
    for action_id, urls, approved, state in (
        ("NA-1", ["demanded", "too"], START, "sent"),
        ("NA-2", ["drafted"], None, "draft"),
        ("NA-3", ["withdrawn"], START, "withdrawn"),
    ):
        fields = json.dumps({"urls": [f"https://{HOST}/{path}" for path in urls]})
        _insert(con, "actions", action_id=action_id, fields=fields, approved_at=approved,
                state=state, channel="mail", attempt=1, revision=1)  # fmt: skip
        _insert(con, "action_cases", action_id=action_id, case_id=CASE)
    for number, (path, final, outcome, kind) in enumerate(
        [
            ("visited", "ended", "ok", "content"),
            ("dead", None, "dead", "error"),
        ]
    ):
        _insert(
            con, "captures", capture_id=f"NC-{number}", case_id=CASE, outcome=outcome,
            url=f"https://{HOST}/{path}", final_url=final and f"https://{HOST}/{final}",
            page_kind=kind, requests=1, bytes=1, refused=0,
        )  # fmt: skip
    for path, known, facts in (
        ("looked", True, {"kind": "content", "asks_password": True}),
        ("parked", False, {"kind": "parked"}),
    ):
        _insert(
            con, "enrichments", subject_key=f"host:{HOST}", host=HOST, aspect="page",
            asked_at=START + known * HOUR, latest=not known, known=known,
            facts=json.dumps({"url": f"https://{HOST}/{path}", **facts}),
        )  # fmt: skip


def _insert(con: duckdb.DuckDBPyConnection, table: str, **given: object) -> None:
    """A row with what is given, and something harmless in every other column that needs it."""
    columns = con.execute(
        "select column_name, data_type from duckdb_columns() "
        "where table_name = ? and not is_nullable",
        [table],
    ).fetchall()
    usual = {"VARCHAR": "-", "TIMESTAMP WITH TIME ZONE": START, "BOOLEAN": False}
    row = {name: usual.get(kind, 1) for name, kind in columns} | given
    marks = ", ".join("?" for _ in row)
    con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", [*row.values()])
