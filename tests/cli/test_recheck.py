"""`namaak recheck`: off it asks nobody, dry it tells whom, on it looks and says what it means."""

from __future__ import annotations

import json

import pytest

from namaak.casework.casebook import Casebook
from namaak.casework.lifecycle import Decision
from namaak.casework.reading import open_snapshot, read_rows
from namaak.cli import invoke
from namaak.records import case_id
from tests.enriching.cases import NOW, host_match, made
from tests.peers import nsd, soa

LOGIN, ACCOUNT = "waldermond-login.test", "account:x:77"
LOGIN_ID, ACCOUNT_ID = (case_id("waldermond", key) for key in (f"host:{LOGIN}", ACCOUNT))


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch):
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    monkeypatch.delenv("NAMAAK_WATCH", raising=False)


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    """Two name servers of a zone in which the name is not."""
    folder = tmp_path_factory.mktemp("zones")
    with nsd({"test": soa()}, folder / "a") as one, nsd({"test": soa()}, folder / "b") as other:
        yield one.address, other.address


def world(folder, resolvers: str, further: str = "", *, decided: bool = True):
    account = host_match(
        "x", odds=3.0, subject_key=ACCOUNT, subject_kind="account", field="handle",
        value="waldermond", resemblance="same-name", place="whole",
    )  # fmt: skip
    table = f"resolvers = [{resolvers}]\n{further}"
    settings = made(folder, table, [host_match(LOGIN, odds=2.0), account])
    if decided:
        with Casebook.writing(
            working=settings.working_casebook, published=settings.casebook
        ) as book:
            confirm = Decision(kind="confirm")
            for one in (LOGIN_ID, ACCOUNT_ID):
                book.decide(one, confirm, actor="ann", now=NOW)
    return settings


def ran(capsys, settings, *tokens: str) -> tuple[int, str, str]:
    code = invoke(["recheck", *tokens, "--watch", str(settings.watch_path)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def checks(settings) -> list[dict]:
    with open_snapshot(settings.casebook) as con:
        return list(read_rows(con, "from checks order by case_id, vantage"))


def two_places(zones, *, enabled: bool) -> tuple[str, str]:
    one, other = zones
    on = str(enabled).lower()
    return (
        f'"{one}"',
        f'[follow_up]\nenabled = {on}\n[[vantages]]\nname = "far"\nresolvers = ["{other}"]\n',
    )


@pytest.mark.peer
def test_what_is_due_is_looked_at_from_every_place_and_kept(tmp_path, zones, capsys):
    settings = world(tmp_path, *two_places(zones, enabled=True))
    code, out, err = ran(capsys, settings, "--json")
    assert code == 0
    rows = {row["case_id"]: row for row in map(json.loads, out.splitlines())}
    assert set(rows) == {LOGIN_ID, ACCOUNT_ID}
    assert "far: the name is not in the DNS" in rows[LOGIN_ID]["says"]
    assert "no source has asked its platform" in rows[ACCOUNT_ID]["says"]
    assert rows[LOGIN_ID]["happened"] == []
    assert "Looking at 2 cases from here, far." in err
    found = checks(settings)
    assert {(row["case_id"], row["vantage"], row["down"]) for row in found} == {
        (LOGIN_ID, "far", True), (LOGIN_ID, "here", True), (ACCOUNT_ID, "platform", None),
    }  # fmt: skip
    # Not due any more; a case that is named is looked at all the same.
    code, out, err = ran(capsys, settings)
    assert (code, out) == (0, "")
    assert "No case is due" in err
    code, out, _ = ran(capsys, settings, LOGIN_ID[:9].lower())
    assert code == 0
    assert out.splitlines()[1].split("\t")[:2] == [LOGIN_ID, LOGIN]
    assert len(checks(settings)) == 5
    _, out, _ = ran(capsys, settings, "--now", "--json")
    assert len(out.splitlines()) == 2


@pytest.mark.peer
def test_off_it_asks_nobody_unless_a_case_is_named(tmp_path, zones, capsys):
    settings = world(tmp_path, *two_places(zones, enabled=False))
    for tokens in ((), ("--now",)):
        code, out, err = ran(capsys, settings, *tokens)
        assert (code, out) == (2, "")
        assert "Following is off" in err and "name the cases" in err
    assert checks(settings) == []
    assert ran(capsys, settings, LOGIN_ID)[0] == 0
    assert len(checks(settings)) == 2


def test_a_dry_run_tells_who_would_be_asked_and_asks_nobody(tmp_path, capsys):
    settings = world(
        tmp_path,
        '"192.0.2.53:53"',
        '[[vantages]]\nname = "far"\nresolvers = ["198.51.100.53:53"]\n',
    )
    code, out, _ = ran(capsys, settings, "--dry-run", "--json")
    assert code == 0
    rows = {row["case_id"]: row["asks"] for row in map(json.loads, out.splitlines())}
    here, far = rows[LOGIN_ID]
    assert here.startswith(
        "here: resolvers 192.0.2.53:53 for certificate, dns, network, page, rdap"
    )
    assert far == "far: resolvers 198.51.100.53:53 for dns, page, and the host itself for its page"
    assert rows[ACCOUNT_ID] == ["nobody: what its platform's source last brought is taken"]
    assert checks(settings) == []


def test_a_vantage_with_a_proxy_alone_looks_at_pages_by_it(tmp_path, capsys):
    far = '[[vantages]]\nname = "far"\nproxy = "http://198.51.100.7:3128"\n'
    settings = world(tmp_path, '"192.0.2.53:53"', far)
    code, out, err = ran(capsys, settings, "--dry-run", "--json")
    assert code == 0
    assert "place" not in err  # nothing is lacking
    rows = {row["case_id"]: row["asks"] for row in map(json.loads, out.splitlines())}
    assert rows[LOGIN_ID][1] == (
        "far: resolvers 192.0.2.53:53 for dns, page, and the host itself for its page by the proxy "
        "http://198.51.100.7:3128"
    )


@pytest.mark.parametrize(
    ("further", "told"),
    [
        ("", "Only one place looks, so no host will be called down"),
        ('[[vantages]]\nname = "far"\nresolvers = ["192.0.2.53:53"]\n', "asks the same resolvers"),
    ],
)
def test_a_second_place_that_is_lacking_is_told(tmp_path, capsys, further, told):
    settings = world(tmp_path, '"192.0.2.53:53"', further)
    code, _, err = ran(capsys, settings, "--dry-run")
    assert code == 0
    assert told in err and "Only one place looks" in err


def test_without_a_resolver_nobody_is_asked(tmp_path, capsys):
    settings = world(tmp_path, "")
    code, _, err = ran(capsys, settings, LOGIN_ID)
    assert code == 2
    assert "only by name servers that you name" in err


def test_a_case_that_is_not_there_is_told(tmp_path, capsys):
    settings = world(tmp_path, '"192.0.2.53:53"')
    code, _, err = ran(capsys, settings, "NK-ZZZZZZ")
    assert code == 2
    assert "There is no case" in err
    settings.casebook.unlink()
    code, _, err = ran(capsys, settings, LOGIN_ID)
    assert code == 1
    assert "run `namaak run`" in err


def test_what_nobody_decided_about_is_not_looked_at(tmp_path, capsys):
    settings = world(tmp_path, '"192.0.2.53:53"', "[follow_up]\nenabled = true\n", decided=False)
    code, out, err = ran(capsys, settings)
    assert (code, out) == (0, "")
    assert "No case is due" in err
