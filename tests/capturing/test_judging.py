"""What came of a visit: dead is only what is known to be, and a wall is no page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from namaak.capturing.captured import CaptureOutcome
from namaak.capturing.judging import judged
from namaak.capturing.visited import Visited
from namaak.enriching.html import read_page
from namaak.enriching.reading import Reading
from namaak.resolving import Answer, Outcome
from tests.capturing.test_frames import PNG
from tests.capturing.test_warc import exchange

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SITE = "<title>Acme</title><body>" + "words and words " * 20

SUSPENDED = (
    "<title>Account Suspended</title><h1>Account Suspended</h1><p>This Account has been suspended. "
    "<a href=mailto:x@host.test>Contact your hosting provider</a> for more information."
)


def told(outcome: Outcome, *values: str, type_: str = "A") -> Answer:
    return Answer(
        name="a.test", type=type_, outcome=outcome, values=values, ttl=None, asked_at=NOW,
        resolver="192.0.2.53:53", attempts=1,
    )  # fmt: skip


def judge(html=SITE, *, status=200, headers=(), names=(), refusals=(), unreached=(), **visited):
    last = None
    reading = None
    if html is not None:
        last = exchange(html.encode(), status=status, response_headers=list(headers))
        reading = Reading.model_validate(
            read_page(html.encode(), url=last.url, content_type="text/html", terms=[])
        )
    state = Visited(**{"view": PNG} | visited)
    return judged(
        state, last, reading, names=names, host="a.test", refusals=dict.fromkeys(refusals, 1),
        unreached=dict(unreached),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("html", "status", "outcome"),
    [
        (SITE, 200, "ok"),
        ("<title>Just a moment...</title>x", 403, "captcha"),
        ("<title>x</title>Not available in your country", 403, "geo"),
        ("<title>x</title>Niet beschikbaar in uw land", 403, "geo"),
        ("<title>x</title>no", 451, "geo"),
        ("<title>403 Forbidden</title>", 403, "blocked"),
        ("<title>Suspected phishing site | x</title>y", 200, "blocked"),
        (SITE, 429, "blocked"),
        (SUSPENDED, 200, "dead"),
        ("<title>Not found</title>x", 404, "dead"),
        ("<title>410 Gone</title>x", 410, "dead"),
        # Anybody can say so and show more than that; then it is what has to be captured.
        ("<title>Account Suspended</title>Restore your Acme account", 200, "ok"),
        (SUSPENDED + "<script src=/login.js></script>", 200, "ok"),
        ("<title>Not found</title><div id=root></div><script src=/login.js></script>", 404, "ok"),
        ("<title>x</title>x", 503, "failed"),
        # Whoever asks for a password answers whatever he likes beside it.
        ("<title>Just a moment...</title><input type=password>", 403, "ok"),
        ("<title>Not found</title><input type=password>", 404, "ok"),
        # Parked is a page like any other.
        ("<title>x</title>This domain is for sale", 200, "ok"),
    ],
)
def test_a_page_is_called_what_it_is(html, status, outcome):
    found = judge(html, status=status)
    assert str(found.outcome) == outcome
    assert (found.reason is None) == (outcome == "ok")


def test_a_page_that_a_script_drew_is_not_dead_though_it_looks_so():
    found = judge("<script>draw()</script>", status=200, dom=SUSPENDED.encode())
    assert found.outcome is CaptureOutcome.OK


def test_a_name_that_is_not_there_is_dead():
    names = [told(Outcome.ABSENT), told(Outcome.ABSENT, type_="AAAA")]
    found = judge(None, names=names, failed="load", says="x", refusals=["a.test has no address"])
    assert (found.outcome, found.reason) == (CaptureOutcome.DEAD, "a.test does not exist")


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.BROKEN, Outcome.REFUSED])
def test_silence_of_name_servers_is_not_death(outcome):
    names = [told(outcome), told(Outcome.EMPTY, type_="AAAA")]
    assert judge(None, names=names, failed="load", says="x").outcome is CaptureOutcome.FAILED


def test_a_host_that_refuses_connections_is_dead_and_a_silent_one_is_not():
    names = [told(Outcome.ANSWERED, "192.0.2.7")]
    refuses = judge(
        None, names=names, failed="load", unreached={"a.test": ConnectionRefusedError(111)}
    )
    silent = judge(None, names=names, failed="load", unreached={"a.test": TimeoutError()})
    proxy = OSError("the proxy of this vantage cannot be reached")
    elsewhere = judge(None, names=names, failed="load", unreached={"a.test": proxy})
    assert refuses.outcome is CaptureOutcome.DEAD
    assert silent.outcome is elsewhere.outcome is CaptureOutcome.FAILED
    assert elsewhere.reason.endswith("the proxy of this vantage cannot be reached")


def test_what_our_own_rules_refuse_is_not_dead():
    names = [told(Outcome.ANSWERED, "10.0.0.1")]
    found = judge(None, names=names, failed="load", refusals=["10.0.0.1 is private"])
    assert found.outcome is CaptureOutcome.FAILED
    assert found.reason == "a.test is not asked: 10.0.0.1 is private"


@pytest.mark.parametrize("failed", ["crash", "memory", "time", "download", "nonsense", "start"])
def test_a_visit_that_ended_early_is_failed_with_its_reason(failed):
    found = judge(failed=failed, says="because")
    assert (found.outcome, found.reason) == (CaptureOutcome.FAILED, "because")


def test_without_a_picture_nobody_can_see_the_page():
    found = judge(view=None, lacks={"view": "there was no time left"})
    assert found.outcome is CaptureOutcome.FAILED
    assert found.reason.endswith("there was no time left")
