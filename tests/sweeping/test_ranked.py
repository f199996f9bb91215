"""Names of a sweep as rows: the reasons of the casebook, worst first, nothing made up."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from detectors.permutations import KINDS, Candidate, Kind
from namaak.brands import parse_watch_file
from namaak.enriching import Aspect, Finding
from namaak.enriching import Outcome as Looked
from namaak.records import Band, SubjectState
from namaak.resolving import Answer, Outcome
from namaak.sweeping import Memory, News, Sighting, Standing, find_target, ranked_rows
from namaak.sweeping.memory import Known
from namaak.sweeping.ranked import COLUMNS, MADE

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
EARLIER = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
TARGET = find_target("waldermond.test", watch=None, day=date(2026, 11, 22))


def sighting(host, kind=Kind.OMISSION, standing=Standing.REGISTERED, **more) -> Sighting:
    outcome = {
        Standing.REGISTERED: Outcome.ANSWERED, Standing.ABSENT: Outcome.ABSENT,
        Standing.NO_ANSWER: Outcome.TIMEOUT, Standing.WILDCARD: Outcome.EMPTY,
    }[standing]  # fmt: skip
    answer = Answer(
        name=host, type="NS", outcome=outcome, values=("ns1.example",), ttl=60, asked_at=NOW,
        resolver="127.0.0.1:53", attempts=1, says="no answer within 3 s",
    )  # fmt: skip
    news = News.FIRST_ASKED if standing is Standing.REGISTERED else None
    candidate = Candidate(host=host, kind=kind, kinds=(kind,), priority=0.1)
    return Sighting(**{"candidate": candidate, "standing": standing, "answer": answer,
                       "news": news, **more})  # fmt: skip


def finding(host, aspect, facts, outcome=Looked.ANSWERED) -> Finding:
    return Finding(
        host=host, aspect=aspect, asked_at=NOW, vantage="here", outcome=outcome, facts=facts
    )


def rows(*sightings, target=TARGET, before=None):
    return ranked_rows(sightings, target, before=before or Memory(domain=target.domain))


def test_the_worst_name_comes_first_with_the_reasons_of_the_casebook():
    found = rows(
        sighting("ac.mebanq.test"),
        sighting("waldermnd.test"),
        sighting("waldermond-login.test", Kind.LURE),
    )
    assert [row.host for row in found] == [
        "waldermond-login.test", "waldermnd.test", "ac.mebanq.test",
    ]  # fmt: skip
    worst, second, none = found
    assert worst.score > second.score > none.score == 0
    assert worst.band is Band.CRITICAL
    assert any("“login”" in reason for reason in worst.reasons)
    assert any("misspelling" in reason for reason in second.reasons)


def test_a_name_too_faint_for_the_matcher_is_shown_with_how_it_was_made():
    (row,) = rows(sighting("ac.mebanq.test", Kind.DOT_INSIDE))
    assert (row.score, row.band) == (0, Band.NONE)
    assert row.reasons == ("It is waldermond.test with a dot inside",)
    assert set(MADE) == set(KINDS)


def test_what_was_answered_fills_the_columns():
    host = "waldermnd.test"
    looked = [
        finding(host, Aspect.DNS, {"addresses": ["192.0.2.7"], "mail_servers": ["mail.test"],
                                   "name_servers": ["ns2.example"], "registered": True}),
        finding(host, Aspect.RDAP, {"registered_at": "2026-11-20T10:00:00+00:00",
                                    "registrar": "Example Registrar"}),
        finding(host, Aspect.PAGE, {"kind": "content"}),
    ]  # fmt: skip
    (row,) = rows(sighting(host, findings=looked))
    assert (row.a, row.mx, row.ns) == (("192.0.2.7",), ("mail.test",), ("ns2.example",))
    assert (row.registered, row.registrar) == ("2026-11-20", "Example Registrar")
    assert row.state is SubjectState.LIVE


def test_what_nobody_answered_stays_empty_and_is_not_taken_for_no():
    host = "waldermnd.test"
    looked = [
        finding(host, Aspect.DNS, {"reason": "time-out"}, Looked.TIMEOUT),
        finding(host, Aspect.RDAP, {"reason": "no such service", "registered_at": "2001-01-01"},
                Looked.NO_RDAP),
    ]  # fmt: skip
    for sighted in (sighting(host), sighting(host, findings=looked)):
        (row,) = rows(sighted)
        assert (row.a, row.mx, row.registered, row.registrar) == ((), (), None, None)
        assert row.ns == ("ns1.example",), "that was answered when it was asked about"


def test_names_that_are_not_registered_come_behind_and_say_why():
    found = rows(
        sighting("b.test", standing=Standing.NO_ANSWER),
        sighting("c.test", standing=Standing.WILDCARD),
        sighting("waldermnd.test"),
        sighting("a.test", standing=Standing.ABSENT),
    )
    assert [row.host for row in found] == ["waldermnd.test", "b.test", "c.test", "a.test"]
    assert [(row.score, row.band, row.state) for row in found[1:]] == [(None, None, None)] * 3
    assert found[1].reasons == (
        "Gave no answer (no answer within 3 s); it may well be registered",
    )  # fmt: skip


def test_what_the_watch_file_allows_comes_last_with_the_reason():
    watch = parse_watch_file("""
[watch]
contact = "abuse@waldermond.example"
[brands.waldermond]
name = "Waldermond"
domains = ["waldermond.test"]
[[brands.waldermond.allow]]
asset = "waldermond-login.test"
reason = "a dealer"
author = "anna"
until = 2026-12-31
""")
    target = find_target("waldermond.test", watch=watch, day=NOW.date())
    found = rows(
        sighting("waldermond-login.test", Kind.LURE), sighting("waldermnd.test"), target=target
    )
    assert [row.host for row in found] == ["waldermnd.test", "waldermond-login.test"]
    assert "a dealer" in found[1].suppressed


def test_new_is_said_only_where_an_earlier_sweep_asked():
    before = Memory(
        domain=TARGET.domain,
        registered={"a.test": Known(first=EARLIER, last=EARLIER)},
        absent={"b.test": EARLIER},
    )
    found = {
        row.host: row.as_dict()
        for row in rows(
            sighting("a.test", news=News.KNOWN),
            sighting("b.test", news=News.NEW),
            sighting("c.test", news=News.FIRST_ASKED),
            sighting("d.test", news=News.AGAIN),
            before=before,
        )
    }
    assert {host: row["new"] for host, row in found.items()} == {
        "a.test": False, "b.test": True, "c.test": None, "d.test": True,
    }  # fmt: skip
    assert (found["a.test"]["first_seen"], found["b.test"]["absent_at"]) == (EARLIER, EARLIER)
    assert found["c.test"]["first_seen"] == NOW


def test_a_row_has_the_promised_columns_and_is_json():
    for row in rows(sighting("waldermnd.test"), sighting("a.test", standing=Standing.ABSENT)):
        assert tuple(row.as_dict()) == COLUMNS
        json.dumps(row.as_dict(), default=str)


@pytest.mark.parametrize(
    ("host", "name"),
    [("xn--waldrmond-e4a.test", "waldérmond.test"), ("xn--a.test", "xn--a.test"), ("a.test",) * 2],
)
def test_names_are_shown_as_people_read_them(host, name):
    (row,) = rows(sighting(host))
    assert (row.host, row.name) == (host, name)


def test_no_names_are_no_rows_and_compile_nothing(monkeypatch):
    from namaak.sweeping import ranked

    monkeypatch.setattr(ranked, "compile_watchlist", lambda *given: pytest.fail("compiled"))
    assert rows() == []
    assert len(rows(sighting("a.test", standing=Standing.ABSENT))) == 1
