"""Which pages are looked at again: what is known of the case, and never a stranger's."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.followup.addresses import (
    ELSEWHERE,
    MAX_URL,
    MOST,
    MOST_NAMED,
    NAMED_ELSEWHERE,
    NO_WEB_PORT,
    TOO_LONG,
    TOO_MANY,
    By,
    Told,
    known_of,
)

HOST = "waldermond-login.test"
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def told(url: str, by: By = By.PERSON, *, days: int = 0, **other) -> Told:
    return Told(url=url, by=by, told_at=AT + days * DAY, **other)


def at(path: str) -> str:
    return f"https://{HOST}{path}"


def test_what_people_named_comes_first_then_what_was_seen_to_ask_for_secrets():
    known = known_of(
        HOST,
        [
            told(at("/visited"), By.VISIT),
            told(at("/looked"), By.LOOK),
            told(at("/given"), By.PERSON),
            told(at("/demanded"), By.NOTICE),
            told(at("/trap"), By.CHECK, asks=True),
        ],
    )
    assert [urlsplit(url).path for url in known.urls] == [
        "/demanded", "/given", "/trap", "/looked", "/visited",
    ]  # fmt: skip
    assert (dict(known.left_out), known.not_looked_at) == ({}, 0)


def test_an_address_told_twice_in_other_spellings_is_one():
    spellings = [at("/pay"), "HTTPS://Waldermond-Login.TEST:443/pay#form", f" {at('/pay')}".strip()]
    assert known_of(HOST, map(told, spellings)).urls == (at("/pay"),)


def test_the_front_page_is_looked_at_anyhow_and_is_none_of_them():
    assert known_of(HOST, [told(at("/")), told(f"https://{HOST}")]).urls == ()
    # By http it may be another one.
    assert known_of(HOST, [told(f"http://{HOST}/")]).urls == (f"http://{HOST}/",)


def test_ports_are_kept_where_pages_may_be_served():
    urls = (f"http://{HOST}:8080/a", f"https://{HOST}:8443/b")
    assert known_of(HOST, map(told, urls)).urls == urls
    for port in (22, 25, 0, 65_536, 99_999):
        known = known_of(HOST, [told(f"http://{HOST}:{port}/")])
        assert (known.urls, known.left_out) == ((), {NO_WEB_PORT: 1})


def test_more_than_a_handful_are_counted_and_the_latest_are_kept():
    known = known_of(HOST, [told(at(f"/{n}"), By.CAPTURE, days=n) for n in range(9)])
    assert known.urls == tuple(at(f"/{n}") for n in (8, 7, 6, 5, 4))
    assert known.left_out == {TOO_MANY: 4}
    assert known.not_looked_at == 4


def test_tokens_of_visits_do_not_crowd_out_other_pages():
    visits = [told(at(f"/login?visit={n}"), By.CAPTURE, days=n) for n in range(20)]
    known = known_of(HOST, [*visits, told(at("/wallet"), By.VISIT)])
    assert known.urls[:2] == (at("/login?visit=19"), at("/wallet"))
    assert len(known.urls) == MOST


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"https://ann:secret@{HOST}/", "has a user name before its host"),
        (f"https://{HOST}@elsewhere.example/", "has a user name before its host"),
        (f"ftp://{HOST}/", "is neither http:// nor https://"),
        (f"javascript://{HOST}/%0aalert(1)", "is neither http:// nor https://"),
        (f"file://{HOST}/etc/passwd", "is neither http:// nor https://"),
        (
            f"https://{HOST}\\@elsewhere.example/",
            "has a backslash, which programs read in two ways",
        ),
        (at("/a\r\nHost: elsewhere.example"), "has a control character"),
        (at("/" + "a" * MAX_URL), TOO_LONG),
        (at("/" + "\u00e9" * (MAX_URL // 2)), TOO_LONG),
        ("", "is neither http:// nor https://"),
    ],
)
def test_what_is_hostile_is_left_out_once_and_counted(url, why):
    known = known_of(HOST, [told(url), told(url, By.NOTICE), told(at("/pay"))])
    assert known.urls == (at("/pay"),)
    assert known.left_out == {why: 1}
    assert known.not_looked_at == 1
    # It was named, so somebody means it.
    assert known.missed == ("",)
    assert known_of(HOST, [told(url, By.VISIT)]).missed == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/login",
        f"https://{HOST}.elsewhere.example/",
        f"https://not-{HOST}/",
        "https://login.test/",
        "https://127.0.0.1/",
        "https://[::1]/",
    ],
)
@pytest.mark.parametrize("by", By)
def test_a_page_of_somebody_elses_is_never_looked_at_and_counted_where_a_person_named_it(url, by):
    known = known_of(HOST, [told(url, by, asks=True)])
    assert known.urls == ()
    if by in (By.NOTICE, By.PERSON):
        assert (known.left_out, known.not_looked_at) == ({NAMED_ELSEWHERE: 1}, 1)
        assert known.missed == (urlsplit(url).hostname,)
    else:
        assert (known.left_out, known.not_looked_at, known.missed) == ({ELSEWHERE: 1}, 0, ())


def test_a_page_that_a_notice_names_of_another_case_is_looked_at_in_that_one():
    there = "https://www.waldermond-pay.test/card"
    for counts in (True, False):
        known = known_of(HOST, [told(there, By.NOTICE)], cases={"waldermond-pay.test": counts})
        assert (known.urls, known.left_out, known.missed) == ((), {ELSEWHERE: 1}, ())


def test_names_below_the_host_and_with_or_without_www_are_its_own():
    urls = {f"https://www.{HOST}/", f"https://pay.{HOST}/"}
    assert set(known_of(HOST, map(told, urls)).urls) == urls
    assert known_of(f"www.{HOST}", [told(at("/"))]).urls == (at("/"),)
    beside = f"https://pay.{HOST}/"
    assert known_of(f"www.{HOST}", [told(beside, By.CAPTURE)]).urls == ()
    # Whoever names it means the domain, which is one person's.
    assert known_of(f"www.{HOST}", [told(beside, By.NOTICE)]).urls == (beside,)


def test_where_the_cases_own_redirect_led_counts_if_it_was_named_or_asks_and_is_a_case():
    there = "https://waldermond-pay.test/card"
    led = told(there, By.LOOK, led_from=at("/"), asks=True)
    assert known_of(HOST, [led], cases={"waldermond-pay.test": True}).urls == (there,)
    visited = told(there, By.CAPTURE, led_from=at("/x"))
    assert known_of(HOST, [visited]).urls == ()
    assert known_of(HOST, [visited, told(there, By.NOTICE)]).urls == (there,)
    # Another page of that host is a stranger's, and so is where a stranger's page led.
    other = told("https://waldermond-pay.test/about", By.CAPTURE)
    case = {"waldermond-pay.test": True}
    assert known_of(HOST, [led, other], cases=case).urls == (there,)
    stray = told(there, By.LOOK, led_from="https://elsewhere.test/", asks=True)
    assert known_of(HOST, [stray], cases=case).urls == ()


def test_a_stranger_to_whose_sign_in_page_a_trap_leads_is_not_asked_again():
    there = "https://accounts.bigmail.example/signin?heavy=1"
    seen = [
        told(there, By.CAPTURE, led_from=at("/"), showed=True),
        told(there, By.CHECK, led_from=there, asks=True),
    ]
    # Nor where a person looked at it and said that it is none of ours.
    for cases in ({}, {"bigmail.example": False}):
        known = known_of(HOST, seen, cases=cases)
        assert (known.urls, known.left_out, known.missed) == ((), {ELSEWHERE: 1}, ())


def test_of_another_host_one_page_is_looked_at_unless_a_person_named_more():
    paths = [f"https://waldermond-pay.test/p{n}" for n in range(9)]
    found = [told(url, By.CHECK, days=n, led_from=at("/"), asks=True)
             for n, url in enumerate(paths)]  # fmt: skip
    known = known_of(HOST, found, cases={"waldermond-pay.test": True})
    assert (known.urls, known.left_out) == ((paths[8],), {ELSEWHERE: 8})
    by_name = [told(paths[1], By.NOTICE), told(paths[2], By.NOTICE)]
    known = known_of(HOST, [*found, *by_name], cases={"waldermond-pay.test": True})
    assert set(known.urls) == {paths[1], paths[2]}


def test_a_host_to_which_a_redirect_led_is_the_same_at_any_port_and_with_www():
    led = told("https://evil.test/a", By.CAPTURE, led_from=at("/"))
    for url in ("http://evil.test/pay", "https://evil.test:8443/pay", "https://www.evil.test/pay"):
        assert known_of(HOST, [led, told(url, By.NOTICE)]).urls == (url,)


def test_pages_made_by_the_dozen_push_out_nothing_that_a_person_named():
    decoys = [told(at(f"/d{n}"), By.CHECK, days=n, led_from=at("/"), asks=True) for n in range(9)]
    named = [told(at("/app"), By.NOTICE), told(at("/given"), By.PERSON)]
    known = known_of(HOST, [*decoys, *named])
    assert known.urls[:2] == (at("/app"), at("/given"))
    assert len(known.urls) == 2 + MOST
    # And those of them that nobody looks at are told apart from what never asked for anything.
    assert (known.left_out, known.missed) == ({TOO_MANY: 4}, (HOST,) * 4)
    quiet = [told(at(f"/q{n}"), By.CHECK) for n in range(9)]
    assert known_of(HOST, quiet).missed == ()


def test_more_named_pages_than_have_a_seat_are_missed():
    named = [told(at(f"/{n}"), By.NOTICE, days=n) for n in range(MOST_NAMED + 2)]
    known = known_of(HOST, named)
    assert len(known.urls) == MOST_NAMED
    assert (known.left_out, known.missed) == ({TOO_MANY: 2}, (HOST, HOST))


def test_the_brands_own_site_keeps_no_case_up():
    there = "https://mijn.waldermond.example/login"
    led = told(there, By.LOOK, led_from=at("/"), asks=True)
    assert known_of(HOST, [led, told(there, By.NOTICE)], own={"waldermond.example"}).urls == ()


_HOSTS = st.sampled_from(
    [HOST, f"www.{HOST}", f"a.{HOST}", "elsewhere.test", "waldermond.example", "127.0.0.1"]
)
_PARTS = st.text(alphabet="ab/?&=#%.@:\\\u00e9\n ", max_size=12)
_URLS = st.one_of(
    st.text(max_size=40),
    st.builds(
        "{}://{}{}{}{}".format,
        st.sampled_from(["http", "https", "HTTPS", "ftp", ""]),
        st.sampled_from(["", "ann@", "ann:x@"]),
        _HOSTS,
        st.sampled_from(["", ":80", ":443", ":8443", ":22", ":99999", ":x"]),
        _PARTS.map(lambda text: f"/{text}"),
    ),
)
_TOLD = st.builds(
    Told,
    url=_URLS,
    by=st.sampled_from(By),
    told_at=st.integers(0, 30).map(lambda days: AT + days * DAY),
    led_from=st.none() | _URLS,
    asks=st.booleans(),
)


@given(st.lists(_TOLD, max_size=20), st.randoms(use_true_random=False))
def test_whatever_is_told_a_handful_of_sound_addresses_comes_of_it(
    given_told, shuffle: random.Random
):
    """Bounded, distinct, in the gate's spelling, of this host or led to, all else counted."""
    known = known_of(HOST, given_told, own={"waldermond.example"})
    assert len(known.urls) == len(set(known.urls)) <= MOST_NAMED + MOST
    assert len(known.missed) <= known.not_looked_at
    led_to = {
        urlsplit(one.url).hostname for one in given_told if one.led_from and HOST in one.led_from
    }
    for url in known.urls:
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https") and "@" not in parts.netloc
        assert len(url) <= MAX_URL and url.isascii() and url.isprintable() and "#" not in url
        assert parts.port is None or parts.port >= 1024 or parts.port in (80, 443)
        assert parts.hostname != "waldermond.example"
        assert (
            parts.hostname == HOST
            or parts.hostname.endswith(f".{HOST}")
            or (parts.hostname in led_to)
        )
        assert url != f"https://{HOST}/"
        assert known_of(HOST, [told(url, By.NOTICE, led_from=at("/"))]).urls == (url,)
    assert all(count > 0 for count in known.left_out.values())
    again = list(given_told)
    shuffle.shuffle(again)
    assert known_of(HOST, [*again, *again], own={"waldermond.example"}) == known
