"""A small world for tests of notices: three cases of Acme, looked at, captured, with contacts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from namaak.brands import WatchFile, parse_watch_file
from namaak.casework.casebook import Casebook
from namaak.casework.contacts.contact import Contact
from namaak.casework.contacts.scopes import Channel, Scope, Source
from namaak.casework.lifecycle import Decision
from namaak.casework.notices.choosing import Wanted
from namaak.casework.notices.preparing import Prepared, prepare, prepare_again
from namaak.casework.notices.reading import read_action
from namaak.casework.reading import open_snapshot, read_case, read_rows, verify_history
from namaak.evidence_store import EvidenceStore
from namaak.records import MATCH_SCHEMA, Band, Score, Signal, account_key, case_id, match_id

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANNA, BRAM = "Anna Example", "Bram Example"
LOGIN, PAY, FAN = "acme-login.example", "acme-pay.example", "account"
LOGIN_ID = case_id("acme", f"host:{LOGIN}")
PAY_ID = case_id("acme", f"host:{PAY}")
FAN_KEY = account_key("x", "77", "acme_help")
FAN_ID = case_id("acme", FAN_KEY)
WATCH = """
[watch]
contact = "brand-protection@acme.example"
data = "kept"
[organisation]
name = "Acme Bank"
address = "Voorbeeldlaan 1, 0000 AA Nergenshuizen"
country = "NL"
contact_name = "Brand protection desk"
phone = "+44 7700 900123"
authority = "owner of the marks"
[notices]
signature = "Brand protection desk"
[brands.acme]
name = "Acme"
domains = ["acme.example"]
[brands.acme.accounts]
x = ["acmebank"]
[[brands.acme.marks]]
text = "ACME"
kind = "word"
office = "BOIP"
number = "0000000-EXAMPLE-1"
classes = [9, 36]
jurisdictions = ["BX"]
owner = "Acme Bank N.V."
[[brands.acme.marks]]
text = "ACME LOGIN"
kind = "combined"
office = "EUIPO"
number = "0000000-EXAMPLE-2"
classes = [36]
jurisdictions = ["EU"]
owner = "Acme Bank N.V."
"""


def match(subject_key: str, kind: str, field: str, value: str, resemblance: str) -> dict[str, Any]:
    row = {
        "brand_id": "acme", "subject_key": subject_key, "subject_kind": kind, "source": "files",
        "instance": "list", "position": 1, "observed_at": NOW - 48 * HOUR, "field": field,
        "value": value, "term": "Acme", "resemblance": resemblance, "place": "token",
        "distance": 0, "strength": 0.9, "span_start": 0, "span_end": 4, "layers": [],
        "lures": ["login:login"], "traits": [], "evidence": {}, "suppressed": None,
        "detector": "names/1", "tables": "lures/1",
    }  # fmt: skip
    identity = (row[name] for name in ("brand_id", "subject_key", "field", "value", "resemblance"))
    return {"match_id": match_id(identity), **row}


def rank(brand_id: str, rows: list[dict[str, Any]]) -> Score:
    signals = tuple(
        Signal(name="name.test", says="It is like it", raw=row["value"], weight=1.0,
               contribution=0.9, detector="names/1")
        for row in rows
    )  # fmt: skip
    return Score(score=90, band=Band.CRITICAL, signals=signals, gates=())


def host_matches(host: str) -> list[dict[str, Any]]:
    return [match(f"host:{host}", "host", "host", host, "combosquat")]


def looks(host: str) -> list[dict[str, Any]]:
    told = {
        "dns": {"exists": True, "addresses": ["192.0.2.7"], "name_servers": ["ns1.dns.example"],
                "mail_servers": ["mx.mail.example"], "parking": []},
        "rdap": {"registrar": "Registrar Example B.V.",
                 "registered_at": "2026-11-20T08:00:00+00:00", "name_servers": ["ns1.dns.example"]},
        "network": {"networks": [{"address": "192.0.2.7", "holder": "Hosting Example B.V.",
                                  "asn": [64500], "outcome": "answered"}]},
        "page": {"url": f"https://{host}/sign-in", "kind": "content", "asks_password": True,
                 "asks_card": False, "forms": [{"fields": ["email", "password"]}],
                 "mentions": {"Acme": 7}, "title": "Acme sign in", "hops": [], "final_host": host,
                 "status": 200},
    }  # fmt: skip
    return [
        {
            "subject_key": f"host:{host}", "host": host, "aspect": aspect,
            "asked_at": NOW - 2 * HOUR, "vantage": "192.0.2.7 as namaak", "outcome": "answered",
            "latest": True, "known": True, "facts": json.dumps(facts), "raw_sha256": None,
            "raw_type": None, "version": "1", "due_at": None,
        }
        for aspect, facts in told.items()
    ]  # fmt: skip


def capture(case: str, host: str, store: EvidenceStore, ended_at: datetime) -> dict[str, Any]:
    kept = store.keep(f"picture of {host} at {ended_at}".encode())
    return {
        "capture_id": f"NC-{kept[:12].upper()}", "case_id": case, "url": f"https://{host}/sign-in",
        "final_url": f"https://{host}/sign-in?step=1", "started_at": ended_at - HOUR / 60,
        "ended_at": ended_at, "vantage": "here", "outcome": "ok", "http_status": 200,
        "title": "Acme sign in", "address": "192.0.2.7", "operator": ANNA, "tools": "{}",
        "wacz_sha256": kept, "view_sha256": kept, "document_sha256": kept, "requests": 3,
        "bytes": 1000, "refused": 0,
    }  # fmt: skip


def contact(scope: str, address: str, rank: int, **other: Any) -> Contact:
    given = {
        "scope": Scope(scope), "channel": Channel.MAIL, "address": address, "source": Source.RDAP,
        "subject": "192.0.2.7", "checked_at": NOW, "rank": rank, "why": "the registry says so",
    }  # fmt: skip
    return Contact(**(given | other))


CONTACTS = (
    contact("host", "abuse@hosting.example", 1, provider_name="Hosting Example B.V."),
    contact("registrar", "abuse@registrar.example", 2, provider_name="Registrar Example B.V."),
    contact("cdn", "https://cdn.example/abuse", 3, channel=Channel.FORM, provider_name="CDN"),
)


class World:
    """Its casebook in a folder, with what tests do to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open = ExitStack()
        self.book: Casebook | None = None
        self.watch: WatchFile = parse_watch_file(WATCH, folder=folder)
        self.store = EvidenceStore(folder / "kept" / "evidence")

    @property
    def paths(self) -> dict[str, Path]:
        kept = self.folder / "kept"
        return {"working": kept / "working" / "casebook.duckdb",
                "published": kept / "casebook.duckdb"}  # fmt: skip

    @contextmanager
    def writing(self) -> Iterator[Casebook]:
        """One writer for the whole test: opening one takes longer than what most tests do."""
        if self.book is None:
            self.book = self._open.enter_context(Casebook.writing(**self.paths))
        yield self.book

    @contextmanager
    def snapshot(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """What the writer sees; without one the published casebook."""
        if self.book is not None:
            yield self.book._con
            return
        with open_snapshot(self.paths["published"]) as con:
            yield con

    def publish(self) -> None:
        self._open.close()
        self.book = None

    def files(self) -> list[tuple[str, int, int, int]]:
        """What readers see, file by file: name, inode, time, size; another one was published."""
        published = self.paths["published"]
        found = sorted(published.parent.glob(f"{published.name}*"))
        states = [(one.name, one.stat()) for one in found]
        return [(name, is_.st_ino, is_.st_mtime_ns, is_.st_size) for name, is_ in states]

    def fill(self) -> None:
        (self.folder / "watch.toml").write_text(WATCH)
        rows = [*host_matches(LOGIN), *host_matches(PAY),
                match(FAN_KEY, "account", "handle", "acme_help", "combosquat"),
                match(FAN_KEY, "account", "display-name", "Acme Help", "combosquat")]  # fmt: skip
        with self.writing() as book:
            book.load_matches(
                pa.Table.from_pylist(rows, schema=MATCH_SCHEMA), file="m1", rank=rank,
                brand_names={"acme": "Acme"}, subjects={FAN_KEY: "x/@acme_help"},
                now=NOW - 24 * HOUR, rank_version="1",
            )  # fmt: skip
            book.record_enrichments(
                [*looks(LOGIN), *looks(PAY)], [], {}, rank=rank, brand_names={"acme": "Acme"},
                now=NOW, rank_version="1",
            )  # fmt: skip
            book.decide_all([LOGIN_ID, PAY_ID], Decision(kind="confirm"), actor=ANNA, now=NOW)
            for case, host in ((LOGIN_ID, LOGIN), (PAY_ID, PAY)):
                book.record_capture(capture(case, host, self.store, NOW - HOUR))
                book.record_contacts(case, CONTACTS, (), actor=ANNA, now=NOW)

    def prepare(self, case: str = LOGIN_ID, *, now: datetime = NOW, **wanted: Any) -> Prepared:
        with self.snapshot() as con:
            return prepare(con, case, Wanted(**wanted), watch=self.watch, read=self.store.read,
                           now=now)  # fmt: skip

    def draft(
        self, case: str = LOGIN_ID, *, now: datetime = NOW, actor: str = ANNA, **wanted: Any
    ) -> str:
        made = self.prepare(case, now=now, **wanted)
        made.keep(self.store.keep)
        with self.writing() as book:
            return book.draft_action(made.row, made.case_ids, actor=actor, now=now,
                                     again=wanted.get("again", False))  # fmt: skip

    def revise(self, action: str, *, now: datetime = NOW, **other: Any) -> str:
        with self.snapshot() as con:
            made = prepare_again(con, action, watch=self.watch, read=self.store.read, now=now,
                                 **other)  # fmt: skip
        made.keep(self.store.keep)
        with self.writing() as book:
            return book.draft_action(made.row, made.case_ids, actor=ANNA, now=now)

    def approve(self, action: str, *, now: datetime = NOW, actor: str = BRAM, **other: Any) -> None:
        row = self.row(action)
        given = {"content_sha256": row["content_sha256"],
                 "confirmed": list(json.loads(row["statements"]))} | other  # fmt: skip
        with self.writing() as book:
            book.approve_action(action, actor=actor, now=now, **given)

    def sent(self, case: str = LOGIN_ID, *, now: datetime = NOW, **wanted: Any) -> str:
        action = self.draft(case, now=now, **wanted)
        self.approve(action, now=now, without_capture="seen by hand")
        with self.writing() as book:
            book.sent_by_hand(action, actor=ANNA, now=now)
        return action

    def row(self, action: str) -> dict[str, Any]:
        with self.snapshot() as con:
            return read_action(con, action)

    def case(self, case: str) -> dict[str, Any]:
        with self.snapshot() as con:
            return read_case(con, case).case

    def told(self, case: str, kind: str = "action-changed") -> list[dict[str, Any]]:
        """Particulars of the events of a kind, with their actors; the chain holds."""
        with self.snapshot() as con:
            assert verify_history(con) is None
            events = read_case(con, case).events
        return [
            {**json.loads(event["data"]), "actor": event["actor"]}
            for event in events
            if event["kind"] == kind
        ]

    def ask(self, sql: str) -> list[dict[str, Any]]:
        with self.snapshot() as con:
            return list(read_rows(con, sql))

    def tie(self) -> None:
        """Both hosts become one campaign."""
        with self.writing() as book, book._transaction():
            for case in (LOGIN_ID, PAY_ID):
                book._con.execute(
                    "insert into campaign_members (case_id, campaign_id) values (?, ?)",
                    [case, LOGIN_ID],
                )
            book._con.execute(
                "insert into campaign_edges by name select ? as one_case_id, ? as other_case_id, "
                "'certificate' as reason, 'v' as value, 'same' as says, 2 as shared_by",
                sorted([LOGIN_ID, PAY_ID]),
            )
