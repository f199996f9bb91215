"""What was once seen at an address is not forgotten, whatever else is shown in the meantime."""

from __future__ import annotations

from datetime import timedelta

import pytest

from namaak.brands import AllowRule
from namaak.casework.followup.addresses import ELSEWHERE, MAX_URL, TOO_LONG, Known
from namaak.casework.followup.judging import Answer
from namaak.casework.followup.seeing import MISSED, Page, view_of_host
from namaak.casework.followup.views import Round
from namaak.casework.lifecycle import Decision
from namaak.rechecking import due_cases
from namaak.records import case_id
from tests.casework.followup.following import (
    BRANDS,
    CASE,
    HOST,
    START,
    decide,
    settings_of,
    writing,
)
from tests.casework.followup.test_record_checks import events, recorded
from tests.enriching.cases import host_match, made

HOUR = timedelta(hours=1)
FRONT = f"https://{HOST}/"
DNS = Answer(
    "answered",
    {
        "exists": True, "registrable": HOST, "addresses": ["192.0.2.1"],
        "questions": [{"name": HOST, "type": "MX", "outcome": "empty", "values": []}],
    },
)  # fmt: skip


def shown(url: str, kind: str = "content", status: int = 200, *, asks: bool = False) -> Answer:
    facts = {
        "kind": kind, "status": status, "url": url, "off_site": False, "asks_password": asks,
        "recognised": "a bare error" if kind == "error" else None, "charset": "utf-8",
    }  # fmt: skip
    return Answer("blocked" if kind == "blocked" else "answered", facts)


def missing(url: str) -> Answer:
    return shown(url, "error", 404)


class Looks:
    """Rounds of two places, each of which looks at what is known by then."""

    def __init__(self, settings):
        self.settings = settings
        self.now = START

    def known(self) -> Known:
        (case,) = due_cases(self.settings, [CASE], now=self.now)
        return case.known

    def see(self, front, page, *, after=20 * HOUR):
        """front: by place, what the front page shows; page: by address, what that shows."""
        self.now += after
        known = self.known()
        views = tuple(
            view_of_host(
                {"dns": DNS, "page": front(place)}, host=HOST, vantage=place, showed_a_page=True,
                known={url: Page(page=page(url)) for url in known.urls},
                left_out=known.not_looked_at, missed=known.missed,
            )
            for place in ("here", "far")
        )  # fmt: skip
        return recorded(
            self.settings, Round(case_id=CASE, checked_at=self.now, views=views), now=self.now
        )[0]


@pytest.fixture
def looks(tmp_path):
    return Looks(settings_of(tmp_path))


def test_a_login_that_hides_behind_a_wall_for_many_rounds_is_still_looked_at(looks):
    login = f"{FRONT}pay"
    looks.see(lambda _: shown(login, asks=True), missing)
    for _ in range(15):
        looks.see(lambda _: shown(FRONT), lambda url: shown(url, "blocked", 503))
    assert looks.known().urls == (login,)
    for _ in range(8):
        looks.see(lambda _: missing(FRONT), lambda url: shown(url, asks=True))
    assert not {"down", "resolved"} & {kind for kind, _ in events(looks.settings)}


def test_decoys_neither_push_out_what_a_person_gave_nor_make_it_down(looks):
    given = f"{FRONT}app.apk"
    with writing(looks.settings) as book, book._transaction():
        book._con.execute(
            "insert into hand_opened by name select case_id, brand_id, subject_key, "
            "'given by a victim' as reason, 'ann' as actor, ? as url, opened_at as updated_at, "
            "opened_at from cases",
            [given],
        )
    for number in range(4):
        looks.see(lambda place, n=number: shown(f"{FRONT}s{n}{place}", asks=True), shown)
        assert given in looks.known().urls
    for _ in range(12):
        looks.see(
            lambda _: missing(FRONT), lambda url: shown(url) if url == given else missing(url)
        )
    told = looks.see(lambda _: missing(FRONT), missing)
    # That page is gone by now, too; of some that asked for secrets nobody knows.
    assert f"{MISSED}: 3" in told.says
    looks.see(lambda _: missing(FRONT), missing)
    assert not {"down", "resolved"} & {kind for kind, _ in events(looks.settings)}


def test_a_page_with_a_long_address_is_looked_at_and_one_that_is_too_long_is_counted(looks):
    long = f"{FRONT}{'a' * 900}"
    looks.see(lambda _: shown(long, asks=True), missing)
    assert looks.known().urls == (long,)
    looks.see(lambda _: shown(f"{FRONT}{'b' * MAX_URL}", asks=True), missing)
    known = looks.known()
    assert (known.urls, known.left_out, known.missed) == ((long,), {TOO_LONG: 1}, ("",))


@pytest.mark.parametrize("is_case", [False, True])
def test_where_a_redirect_led_is_looked_at_if_that_is_a_case_and_nobody_allowed_it(
    tmp_path, is_case
):
    other = "waldermond-1.test"
    there = f"https://{other}/login"
    settings = made(tmp_path, "enabled = false", map(host_match, [HOST, other][: 1 + is_case]))
    decide(settings, "confirm")
    looks = Looks(settings)
    looks.see(lambda _: shown(there, asks=True), missing)
    if not is_case:
        assert (looks.known().urls, looks.known().left_out) == ((), {ELSEWHERE: 1})
        return
    with writing(settings) as book:
        book.record_brands(BRANDS, dict.fromkeys(BRANDS, "1"), now=START)
        # What is confirmed an allow rule leaves as it is.
        book.decide(
            case_id("waldermond", f"host:{other}"), Decision(kind="confirm"), actor="ann",
            now=START,
        )  # fmt: skip
    assert looks.known().urls == (there,)
    rule = AllowRule(asset=other, reason="a reseller", author="ann", until=looks.now.date())
    with writing(settings) as book:
        book.allow("waldermond", rule, now=looks.now)
    assert looks.known().urls == ()
    looks.now += 48 * HOUR
    assert looks.known().urls == (there,)
    brand = settings.watch.brands["waldermond"]
    again = rule.model_copy(update={"until": looks.now.date()})
    settings.watch.brands["waldermond"] = brand.model_copy(update={"allow": (again,)})
    assert looks.known().urls == ()
