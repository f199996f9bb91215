"""Who is told of what: once, together where it belongs together, and not in the night."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from namaak.alerting import ADDRESSES, AppriseNotifier, notifier, send_alerts, to_tell
from namaak.casework.alerts import (
    day_began,
    defanged,
    digest,
    digest_day,
    messages_of,
    quiet_until,
)
from namaak.casework.casebook import Casebook
from namaak.casework.contacts.contact import Contact
from namaak.casework.contacts.scopes import Channel, Scope, Source
from namaak.casework.events import Draft, EventKind
from namaak.casework.lifecycle import Decision, DecisionKind
from namaak.casework.reading import open_snapshot, read_case
from namaak.cli import invoke
from namaak.errors import UsageError
from namaak.practice.alerts import Alerts
from namaak.settings import Settings, load_settings
from tests.casework.opening import open_hosts

#: A plugin of Apprise imports what Python 3.13 leaves out; it has a way of its own for that.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def row(number: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "hash": f"h{number}", "kind": "opened", "happened_at": NOW, "data": "{}",
        "case_id": f"NK-{number}", "brand_id": "acme", "brand_name": "Acme",
        "subject": f"acme-{number}.example", "subject_kind": "host", "band": "high", "score": 88,
        "workflow": "new", "together": f"NK-{number}",
    } | other  # fmt: skip


def test_cases_of_one_campaign_are_one_message():
    messages = messages_of([row(1, together="c"), row(2), row(3, together="c")])
    assert [message.title for message in messages] == [
        "namaak: 2 cases of Acme new",
        "namaak: 1 case of Acme new",
    ]
    assert [one.alert_id for one in messages[0].alerts] == ["h1", "h3"]


def test_a_long_message_counts_what_it_leaves_out_and_all_of_it_was_told():
    (message,) = messages_of([row(number, together="c") for number in range(50)])
    assert message.body.splitlines()[-1] == "and 40 more"
    assert len(message.alerts) == 50


def test_what_happens_to_a_case_over_and_over_is_one_line_with_a_count():
    again = {"kind": "relapsed", "case_id": "NK-1", "together": "c"}
    rows = [row(number, **again) for number in range(30)]
    (message,) = messages_of([*rows, row(99, kind="relapsed", together="c")])
    assert message.title == "namaak: 2 cases of Acme back again"
    assert [line.startswith("NK-") for line in message.body.splitlines()] == [True, True]
    assert message.body.splitlines()[0].endswith("(30 times)")
    assert "times" not in message.body.splitlines()[1]
    assert len(message.alerts) == 31, "each of them was told"


@pytest.mark.parametrize(
    "subject",
    ["https://a.example/x", "a.example", "x/@a\u202eelpmaxe.moc", "a\n\nb.example", "a" * 500],
)
def test_what_a_stranger_is_called_is_one_line_and_no_link(subject):
    shown = defanged(subject)
    assert "://" not in shown and ".example" not in shown and ".moc" not in shown
    assert "\n" not in shown and "\u202e" not in shown
    assert len(shown) < 120


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        ("22:00-07:00", "2026-11-22T20:59:00Z", None),
        # Amsterdam is an hour ahead in winter.
        ("22:00-07:00", "2026-11-22T21:00:00Z", "2026-11-23T06:00:00+00:00"),
        ("22:00-07:00", "2026-11-23T05:59:00Z", "2026-11-23T06:00:00+00:00"),
        ("22:00-07:00", "2026-11-23T06:00:00Z", None),
        ("12:00-13:00", "2026-07-01T10:30:00Z", "2026-07-01T11:00:00+00:00"),
        ("12:00-13:00", "2026-07-01T11:30:00Z", None),
        # The night in which the clock is put forward: seven is seven.
        ("22:00-07:00", "2026-03-28T22:30:00Z", "2026-03-29T05:00:00+00:00"),
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(hours, at, until):
    config = Alerts(quiet_hours=hours, time_zone="Europe/Amsterdam")
    ends = quiet_until(config, datetime.fromisoformat(at))
    assert (ends and ends.isoformat()) == until


def test_a_time_zone_that_there_is_not_is_said():
    with pytest.raises(UsageError, match=r"no time zone 'Mars/Olympus'.*Europe/Amsterdam"):
        quiet_until(Alerts(quiet_hours="22:00-07:00", time_zone="Mars/Olympus"), NOW)


def test_the_digest_is_due_once_its_hour_has_struck():
    config = Alerts(digest_at=time(8, 30), time_zone="Europe/Amsterdam")
    assert digest_day(config, datetime(2026, 11, 22, 7, 29, tzinfo=UTC)) is None
    assert digest_day(config, datetime(2026, 11, 22, 7, 30, tzinfo=UTC)) == "2026-11-22"


def test_a_digest_of_nothing_is_not_sent():
    idle = dict.fromkeys(
        ("opened", "confirmed", "dismissed", "down", "resolved", "relapsed", "urgent", "review",
         "enforcing"), 0
    )  # fmt: skip
    assert digest([{**idle, "brand_name": "Acme"}], day="2026-11-22", since=NOW) is None
    told = digest([{**idle, "brand_name": "Acme", "down": 2}], day="2026-11-22", since=NOW)
    assert told is not None
    assert "Acme: 2 down; waiting: nothing" in told.body


# With a casebook and a real address


WATCH = """
[watch]
contact = "abuse@acme.example"
data = "data"
[brands.acme]
name = "Acme"
[alerts]
enabled = true
"""


class Inbox:
    """A server that takes what Apprise's json:// sends."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if inbox.status == 200:
                    inbox.got.append(json.loads(body))
                self.send_response(inbox.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.address = f"json://127.0.0.1:{self.server.server_port}/"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def inbox():
    made = Inbox()
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "watch.toml"
    path.write_text(WATCH)
    return load_settings(path, {})


def decide(settings: Settings, case_id: str, kind: DecisionKind, now: datetime) -> None:
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.decide(case_id, Decision(kind=kind), actor="Jo", now=now)


def test_a_new_case_is_told_once(settings, inbox):
    open_hosts(settings, "acme-login.example", now=NOW)
    told = AppriseNotifier(inbox.address)
    assert send_alerts(settings, told, now=NOW).told == 1
    assert send_alerts(settings, told, now=NOW + timedelta(hours=1)).told == 0
    (message,) = inbox.got
    assert message["title"] == "namaak: 1 case of Acme new"
    assert "acme-login[.]example" in message["message"]


def relapse(settings: Settings, case_id: str, now: datetime) -> None:
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        draft = Draft(case_id=case_id, kind=EventKind.RELAPSED, actor="flow:recheck",
                      happened_at=now, data={"was": "confirmed"})  # fmt: skip
        with book._transaction():
            book._append([draft])


def test_nobody_is_rung_because_contacts_were_found(settings, inbox):
    (case_id,) = open_hosts(settings, "acme-login.example", now=NOW)
    told = AppriseNotifier(inbox.address)
    assert send_alerts(settings, told, now=NOW).told == 1
    decide(settings, case_id, DecisionKind.CONFIRM, NOW)
    door = Contact(scope=Scope.HOST, channel=Channel.MAIL, address="abuse@host.example", rank=1,
                   source=Source.RDAP, subject="192.0.2.7", checked_at=NOW)  # fmt: skip
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.record_contacts(case_id, [door], (), actor="Jo", now=NOW)
    with open_snapshot(settings.casebook) as con:
        assert read_case(con, case_id).events[-1]["kind"] == "contacts-found"
    assert send_alerts(settings, told, now=NOW + timedelta(hours=1)).told == 0


def test_a_page_that_is_switched_off_and_on_is_told_of_once_a_day(settings, inbox):
    (one, other) = open_hosts(settings, "acme-login.example", "acme-pay.example", now=NOW)
    for case_id in (one, other):
        decide(settings, case_id, DecisionKind.CONFIRM, NOW)
    told = AppriseNotifier(inbox.address)
    sent = []
    for hour in range(6):
        now = NOW + timedelta(hours=hour)
        relapse(settings, one, now)
        sent.append(send_alerts(settings, told, now=now).told)
    assert sent == [1, 0, 0, 0, 0, 0]
    relapse(settings, other, NOW + timedelta(hours=6))
    assert send_alerts(settings, told, now=NOW + timedelta(hours=6)).told == 1
    assert "acme-pay[.]example" in inbox.got[-1]["message"]
    # What waited is told of the next day, and counted.
    assert send_alerts(settings, told, now=NOW + timedelta(hours=16)).told == 1
    assert inbox.got[-1]["message"].endswith("acme-login[.]example (5 times)")
    assert send_alerts(settings, told, now=NOW + timedelta(hours=17)).told == 0
    assert len(inbox.got) == 3


def test_the_day_begins_at_midnight_by_the_clock_on_the_wall():
    config = Alerts(time_zone="Europe/Amsterdam")
    for at, began in (
        ("2026-11-22T22:59:00Z", "2026-11-21T23:00:00+00:00"),
        ("2026-11-22T23:00:00Z", "2026-11-22T23:00:00+00:00"),
        ("2026-03-29T12:00:00Z", "2026-03-28T23:00:00+00:00"),
    ):
        assert day_began(config, datetime.fromisoformat(at)).isoformat() == began


def test_what_was_not_taken_is_tried_again_and_not_for_ever(settings, inbox):
    open_hosts(settings, "acme-login.example", now=NOW)
    told = AppriseNotifier(inbox.address)
    inbox.status = 500
    assert [send_alerts(settings, told, now=NOW).failed for _ in range(6)] == [1, 1, 1, 1, 1, 0]
    assert inbox.got == []


def test_a_failure_that_is_mended_is_told(settings, inbox):
    open_hosts(settings, "acme-login.example", now=NOW)
    told = AppriseNotifier(inbox.address)
    inbox.status = 500
    send_alerts(settings, told, now=NOW)
    inbox.status = 200
    assert send_alerts(settings, told, now=NOW).told == 1
    assert len(inbox.got) == 1


def test_nothing_goes_out_in_quiet_hours_and_is_told_after_them(settings, inbox):
    open_hosts(settings, "acme-login.example", now=NOW)
    quiet = settings.watch.model_copy(
        update={"alerts": Alerts(enabled=True, quiet_hours="08:00-10:00")}
    )
    at_night = Settings(watch_path=settings.watch_path, watch=quiet, data=settings.data)
    told = AppriseNotifier(inbox.address)
    sent = send_alerts(at_night, told, now=NOW)
    assert sent.quiet == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert inbox.got == []
    assert send_alerts(at_night, told, now=NOW + timedelta(hours=1)).told == 1


def test_a_case_that_somebody_dismissed_meanwhile_is_no_news(settings):
    open_hosts(settings, "acme-login.example", now=NOW)
    (alert,) = to_tell(settings, now=NOW).alerts
    decide(settings, str(alert.case_id), DecisionKind.CONFIRM, NOW)
    assert to_tell(settings, now=NOW).alerts == ()


def test_what_is_days_old_is_no_news(settings):
    open_hosts(settings, "acme-login.example", now=NOW)
    assert to_tell(settings, now=NOW + timedelta(days=4)).alerts == ()


def test_alerts_that_are_off_send_nothing(settings, inbox):
    off = settings.watch.model_copy(update={"alerts": Alerts()})
    with pytest.raises(UsageError, match="is off"):
        send_alerts(
            Settings(watch_path=settings.watch_path, watch=off, data=settings.data),
            AppriseNotifier(inbox.address), now=NOW,
        )  # fmt: skip


def test_a_wrong_address_is_refused_without_saying_it():
    with pytest.raises(UsageError) as refused:
        AppriseNotifier("json://localhost nonsense://user:hunter2@host")
    assert "Address 2" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_without_an_address_nobody_can_be_told():
    with pytest.raises(UsageError, match=f"set {ADDRESSES}"):
        notifier({})


def test_whoever_tells_says_from_which_environment_the_addresses_come(monkeypatch):
    monkeypatch.setenv(ADDRESSES, "nonsense://somebody")
    assert notifier({ADDRESSES: "json://localhost/"})
    with pytest.raises(TypeError, match="environ"):
        notifier()


def test_the_command_lists_sends_and_tests(settings, inbox, capsys, monkeypatch):
    monkeypatch.setenv(ADDRESSES, inbox.address)
    open_hosts(settings, "acme-login.example", now=datetime.now(UTC))
    watch = ["--watch", str(settings.watch_path)]
    assert invoke(["alerts", *watch, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "opened"
    assert inbox.got == [], "listing tells nobody"
    assert invoke(["alerts", *watch, "--test"]) == 0
    assert invoke(["alerts", *watch, "--send"]) == 0
    assert [message["title"] for message in inbox.got] == [
        "namaak: a test", "namaak: 1 case of Acme new",
    ]  # fmt: skip
