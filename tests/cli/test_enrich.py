"""`namaak enrich`: off it asks nobody and says so; on it asks, keeps, ranks again and shows."""

from __future__ import annotations

import json

import pytest

from namaak.answers import Answers
from namaak.casework.reading import open_snapshot, read_case
from namaak.cli import invoke
from namaak.records import case_id
from tests.enriching.cases import host_match, made
from tests.peers import free_port, nsd, soa

LOGIN, PARKED, GONE = "waldermond-login.test", "waldermond-bank.test", "waldermond-help.test"
LOGIN_ID = case_id("waldermond", f"host:{LOGIN}")
ACCOUNT = "account:x:77"
ZONES = {
    "test": soa() + "waldermond-login 300 IN NS ns1.waldermond-login\n"
    "ns1.waldermond-login 300 IN A 192.0.2.53\n",
    LOGIN: soa() + "@ 300 IN MX 10 mx.mail.example.\n@ 300 IN A 192.0.2.7\n",
    PARKED: "@ 300 IN SOA ns1.sedoparking.com. h.sedo.example. 1 1 1 1 1\n"
    "@ 300 IN NS ns1.sedoparking.com.\n@ 300 IN A 192.0.2.8\n",
}


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch):
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    monkeypatch.delenv("NAMAAK_WATCH", raising=False)


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    with nsd(ZONES, tmp_path_factory.mktemp("zones")) as served:
        yield served


def matches():
    return [
        host_match(LOGIN, odds=2.0),
        host_match(PARKED, odds=1.0),
        host_match(GONE, odds=0.5),
        host_match(
            "x", odds=3.0, subject_key=ACCOUNT, subject_kind="account", field="handle",
            value="waldermond", resemblance="same-name", place="whole",
        ),
    ]  # fmt: skip


@pytest.fixture
def world(tmp_path, zones):
    table = f'enabled = true\nresolvers = ["{zones.address}"]\naspects = ["dns"]'
    return made(tmp_path, table, matches())


def ran(capsys, *tokens: str) -> tuple[int, str, str]:
    code = invoke(list(tokens))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def case(world, identity=LOGIN_ID):
    with open_snapshot(world.casebook) as snapshot:
        return read_case(snapshot, identity)


@pytest.mark.peer
def test_what_is_due_is_looked_at_kept_and_ranked_again(world, capsys):
    before = case(world).case
    code, out, err = ran(capsys, "enrich", "--watch", str(world.watch_path), "--json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["host"] for row in rows} == {LOGIN, PARKED, GONE}
    assert {row["aspect"] for row in rows} == {"dns"}
    (login,) = (row for row in rows if row["host"] == LOGIN)
    assert "mail by mx.mail.example" in login["says"]
    assert login["facts"]["mail_servers"] == ["mx.mail.example"]
    assert login["vantage"].startswith("resolver 127.0.0.1")
    after = case(world)
    assert after.case["subject_state"] == "registered"
    assert after.case["score"] > before["score"]
    assert [event["kind"] for event in after.events] == ["opened", "score-changed", "state-changed"]
    assert "gained dns.mail-capable" in err
    assert case(world, case_id("waldermond", f"host:{PARKED}")).case["subject_state"] == "parked"


@pytest.mark.peer
def test_the_case_shows_what_a_look_at_it_gave(world, capsys):
    ran(capsys, "enrich", LOGIN_ID, "--watch", str(world.watch_path))
    code, out, _ = ran(capsys, "case", LOGIN_ID, "--watch", str(world.watch_path))
    assert code == 0
    part = out.partition("What a look at it gave\n")[2].partition("\n\n")[0]
    assert "dns" in part and "mail by mx.mail.example" in part and "seen from resolver" in part
    assert "it is registered" in out and "unknown to registered" in out
    _, out, _ = ran(capsys, "case", LOGIN_ID, "--watch", str(world.watch_path), "--json")
    (look,) = json.loads(out)["enrichments"]
    assert look["facts"]["mail_capable"] is True


@pytest.mark.peer
def test_nobody_is_asked_again_before_it_is_due_unless_named(world, capsys):
    watch = ("--watch", str(world.watch_path))
    ran(capsys, "enrich", *watch)
    code, out, err = ran(capsys, "enrich", *watch)
    assert (code, out) == (0, "")
    assert "No host is due" in err
    code, out, _ = ran(capsys, "enrich", LOGIN_ID[:9].lower(), *watch, "--json")
    assert code == 0
    assert json.loads(out)["host"] == LOGIN
    with Answers(world.lake) as answers:
        assert len(answers.findings([f"host:{LOGIN}"])) == 2


@pytest.mark.peer
def test_a_limit_looks_at_the_worst(world, capsys):
    _, out, _ = ran(capsys, "enrich", "--limit", "1", "--watch", str(world.watch_path), "--json")
    assert [json.loads(line)["host"] for line in out.splitlines()] == [LOGIN]


@pytest.mark.peer
def test_a_table_shows_one_line_an_answer(world, capsys):
    code, out, err = ran(capsys, "enrich", LOGIN_ID, "--watch", str(world.watch_path))
    heading, line = out.splitlines()
    assert code == 0
    assert heading.split("\t") == ["host", "aspect", "outcome", "says"]
    assert line.split("\t")[:3] == [LOGIN, "dns", "answered"]
    assert "Looking at 1 host: dns." in err


def test_a_resolver_that_is_silent_changes_no_case_and_is_told(tmp_path, capsys):
    table = f'enabled = true\nresolvers = ["127.0.0.1:{free_port()}"]\naspects = ["dns"]'
    world = made(tmp_path, table, matches())
    before = case(world)
    code, out, _ = ran(capsys, "enrich", LOGIN_ID, "--watch", str(world.watch_path))
    assert code == 0
    assert "not known" in out
    after = case(world)
    assert (after.case, after.events) == (before.case, before.events)
    assert [look["known"] for look in after.enrichments] == [False]


def test_off_it_asks_nobody_and_says_who_would_be_asked(tmp_path, capsys):
    world = made(tmp_path, 'aspects = ["dns", "rdap", "page"]', matches())
    code, out, err = ran(capsys, "enrich", LOGIN_ID, "--watch", str(world.watch_path))
    assert (code, out) == (2, "")
    assert "Enrichment is off" in err and "nobody was asked" in err
    assert "page: the host itself" in err
    with Answers(world.lake) as answers:
        assert answers.last_asked() == {}


@pytest.mark.peer
@pytest.mark.parametrize(
    ("tokens", "code", "told"),
    [
        (["--limit", "0"], 2, "--limit 0 makes no sense"),
        (["NK-ZZZZZZZZ"], 2, "There is no case"),
        ([case_id("waldermond", ACCOUNT)], 2, "is about an account; only hosts"),
    ],
)
def test_wrong_use_is_told_and_asks_nobody(world, capsys, tokens, code, told):
    assert ran(capsys, "enrich", *tokens, "--watch", str(world.watch_path))[0] == code
    ran_again = ran(capsys, "enrich", *tokens, "--watch", str(world.watch_path))
    assert told in ran_again[2]
    with Answers(world.lake) as answers:
        assert answers.last_asked() == {}


@pytest.mark.peer
def test_without_a_casebook_it_says_what_to_run_first(world, capsys):
    world.casebook.unlink()
    code, _, err = ran(capsys, "enrich", "--watch", str(world.watch_path))
    assert code == 1
    assert "run `namaak run`" in err
