"""`namaak contacts`: shows, asks only when told to, and keeps what stands."""

from __future__ import annotations

import json

import pytest

from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.casework.contacts.reading import contacts_of, failures_of
from namaak.casework.reading import open_snapshot, read_case
from namaak.cli import invoke
from namaak.records import case_id
from tests.enriching.cases import NOW, host_match, made

HOST = "waldermond-login.nl"
CASE = case_id("waldermond", f"host:{HOST}")
ACCOUNT = case_id("waldermond", "account:x:77")


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch):
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    monkeypatch.delenv("NAMAAK_WATCH", raising=False)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    account = host_match(
        "x", subject_key="account:x:77", subject_kind="account", field="handle",
        value="waldermond", resemblance="same-name", place="whole",
    )  # fmt: skip
    return made(tmp_path, "", [host_match(HOST), account])


def ran(capsys, *tokens: str) -> tuple[int, str, str]:
    code = invoke(list(tokens))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_it_shows_whom_to_write_to_and_what_is_not_known(settings, capsys) -> None:
    code, out, err = ran(capsys, "contacts", CASE, "--abuse", "phishing")
    assert code == 0
    table, _, vain = out.partition("Looked for in vain")
    rows = [line.split("\t") for line in table.strip().splitlines()]
    assert rows[0] == ["rank", "scope", "provider_name", "channel", "address", "source", "why"]
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(1, len(rows))]
    assert "SIDN" in {row[2] for row in rows[1:]}
    assert f"registrar\trdap\t{HOST}\tno registry was asked" in vain
    assert err == ""


def test_what_may_be_claimed_is_said_beside_the_table(settings, capsys) -> None:
    _, _, err = ran(capsys, "contacts", CASE)
    assert err.startswith("What may be claimed: trademark: the name or picture")


def test_json_gives_contacts_then_failures(settings, capsys) -> None:
    code, out, _ = ran(capsys, "contacts", ACCOUNT[:9], "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row["what"] for row in rows] == ["contact"] * len(rows)
    assert {row["provider_id"] for row in rows} == {"x"}
    assert {row["case_id"] for row in rows} == {ACCOUNT}


def test_what_is_shown_is_what_is_stored_for_notices(settings, capsys) -> None:
    _, out, _ = ran(capsys, "contacts", CASE, "--json")
    shown = [json.loads(line) for line in out.splitlines()]
    with open_snapshot(settings.casebook) as snapshot:
        kept = [row["address"] for row in contacts_of(snapshot, CASE)]
        vain = [row["says"] for row in failures_of(snapshot, CASE)]
    assert [row["address"] for row in shown if row["what"] == "contact"] == kept
    assert sorted(row["says"] for row in shown if row["what"] == "in-vain") == sorted(vain)


def test_where_visitors_are_sent_on_to_the_brand_its_host_is_no_contact(settings, capsys) -> None:
    end = {"url": "https://www.waldermond.example/", "address": "198.51.100.20"}
    box = {"address": end["address"], "abuse": {"email": ["abuse@brandhost.test"]}}
    facts = {
        "dns": {"addresses": []},
        "network": {"networks": [box]},
        "page": {"hops": [end], "final_host": "www.waldermond.example"},
    }
    looks = [
        {
            "subject_key": f"host:{HOST}", "host": HOST, "aspect": aspect, "asked_at": NOW,
            "vantage": "here", "outcome": "answered", "latest": True, "known": True,
            "facts": json.dumps(told), "raw_sha256": None, "raw_type": None, "version": "1",
            "due_at": None,
        }
        for aspect, told in facts.items()
    ]  # fmt: skip
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        book.record_enrichments(
            looks, [], {}, rank=ranking.rank, brand_names={"waldermond": "Waldermond"}, now=NOW,
            rank_version=ranking.VERSION,
        )  # fmt: skip
    _, out, _ = ran(capsys, "contacts", CASE, "--json")
    assert "abuse@brandhost.test" not in out
    vain = [json.loads(line) for line in out.splitlines()]
    said = {row["subject"]: row["says"] for row in vain if row["what"] == "in-vain"}
    assert said["www.waldermond.example"].startswith("the brand's own")


def test_looking_twice_publishes_once(settings, capsys) -> None:
    ran(capsys, "contacts", CASE)
    before = settings.casebook.stat().st_mtime_ns, settings.casebook.stat().st_ino
    ran(capsys, "contacts", CASE)
    assert (settings.casebook.stat().st_mtime_ns, settings.casebook.stat().st_ino) == before


def test_the_history_says_who_looked_and_what_was_found(settings, capsys) -> None:
    assert ran(capsys, "contacts", CASE, "--actor", "bram")[0] == 0
    assert ran(capsys, "contacts", CASE, "--actor", "anna")[0] == 0
    with open_snapshot(settings.casebook) as snapshot:
        events = read_case(snapshot, CASE).events
    assert [(one["kind"], one["actor"]) for one in events[1:]] == [("contacts-found", "bram")]
    code, _, err = ran(capsys, "contacts", ACCOUNT, "--actor", "flow:contacts")
    assert code == 2 and "reads like that of a flow" in err


def test_looking_up_an_account_asks_nobody_and_says_whom_it_would(settings, capsys) -> None:
    # An account has no address, so the one request that could fail is never made.
    code, out, err = ran(capsys, "contacts", ACCOUNT, "--look-up", "--json")
    assert code == 0
    assert "stat.ripe.net" in err
    assert out


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (("NK-ZZZZZZZZZZZZ",), "There is no case"),
        ((CASE, "--abuse", "rudeness"), "Nobody takes reports of 'rudeness'"),
        ((CASE, "--look-up-at", "https://finder.test/"), "add --look-up"),
        ((), "case"),
    ],
)
def test_wrong_use_is_said(settings, capsys, tokens: tuple[str, ...], says: str) -> None:
    code, out, err = ran(capsys, "contacts", *tokens)
    assert (code, out) == (2, "")
    assert says.lower() in err.lower()


def test_without_a_casebook_it_says_what_to_run(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "watch.toml").write_text(
        '[watch]\ncontact = "abuse@waldermond.example"\n[brands.w]\nname = "Waldermond"\n'
    )
    code, _, err = ran(capsys, "contacts", CASE)
    assert code == 1
    assert "namaak run" in err
