"""`namaak campaigns`, and what `namaak case` says of an account: worked, misused, found nothing."""

from __future__ import annotations

import json
import shutil

import pytest
from cyclopts import App

from namaak.cli import campaigns as command
from namaak.cli import cases
from namaak.cli.campaigns import campaigns
from namaak.errors import UsageError
from namaak.records import case_id
from tests.casework.accounts import World, account, host

WALLET = "0x52908400098527886e0f7030069857d2e4169ee7"
ID = case_id("acme", "account:x:1")
WATCH = """
[watch]
contact = "abuse@waldermond.example"
data = "kept"
[brands.acme]
name = "Acme"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A casebook with one campaign, one renamed account, and one handle that was an account's."""
    made = tmp_path_factory.mktemp("campaigns")
    world = World(made)
    world.see(
        host("acme-login.test"),
        account("old\x1b[2J", "1", bio=f"pay {WALLET}", links=["https://acme-login.test"]),
        account("acme_2", "2", bio=WALLET, followers=5), account("acme_b", None),
        account("acme_roses", "9"),
    )  # fmt: skip
    world.run()
    world.decide("account:x:@acme_b", kind="confirm")
    world.see(account("acme_help", "1", hours=1, bio=WALLET, state="removed"), matched=())
    world.see(account("acme_b", "3", hours=2))
    world.run()
    world.close()
    (made / "kept").mkdir()
    (made / "watch.toml").write_text(WATCH)
    shutil.copy(made / "c.duckdb", made / "kept" / "casebook.duckdb")
    return made


@pytest.fixture
def watch(folder, monkeypatch):
    monkeypatch.delenv("NAMAAK_DATA", raising=False)
    return folder / "watch.toml"


def test_campaigns_are_listed_with_what_ties_them(watch, capsys):
    assert campaigns(watch=watch) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split("\t")[:3] == ["campaign_id", "worst_band", "cases"]
    assert "bio; links-to; payment" in line
    assert "acme-login.test" in line


def test_a_case_shows_its_campaign_with_every_tie(watch, capsys):
    assert campaigns(ID[:9], watch=watch) == 0
    shown = capsys.readouterr().out
    assert "3 cases that pose as Acme" in shown
    assert f"Both name the payment address {WALLET}" in shown
    assert "x/@acme_help links to acme-login.test" in shown


def test_rows_come_as_json(watch, capsys):
    campaigns(watch=watch, json=True)
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    campaigns(ID, watch=watch, json=True)
    (whole,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert whole["campaign_id"] == row["campaign_id"]
    assert {edge["reason"] for edge in whole["edges"]} == {"bio", "links-to", "payment"}
    assert len(whole["members"]) == row["cases"] == 3


def test_the_picture_is_drawn_into_the_file_that_was_named(watch, tmp_path, capsys):
    picture = tmp_path / "campaign.svg"
    assert campaigns(ID, svg=picture, watch=watch) == 0
    assert picture.read_text().startswith("<svg ")
    assert str(picture) in capsys.readouterr().err
    again = tmp_path / "worst.svg"
    campaigns(svg=again, watch=watch)
    assert again.read_bytes() == picture.read_bytes()


def test_what_does_not_fit_is_said_in_a_sentence(watch, tmp_path):
    lonely = case_id("acme", "account:x:9")
    for wrong, says in (
        ({"case_id": "NK-00000000"}, "There is no case"),
        ({"case_id": ID, "brand": "acme"}, "leave out --brand"),
        ({"limit": -1}, "makes no sense"),
        ({"case_id": lonely, "svg": tmp_path / "x.svg"}, "no campaign to draw"),
        ({"case_id": ID, "svg": tmp_path / "no" / "x.svg"}, "cannot be written"),
    ):
        with pytest.raises(UsageError, match=says):
            campaigns(watch=watch, **wrong)
    assert list(tmp_path.iterdir()) == []


def test_nothing_found_is_said_and_is_no_failure(watch, capsys):
    assert campaigns(brand="nobody", watch=watch) == 0
    assert campaigns(case_id("acme", "account:x:9"), watch=watch) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "No cases are tied together." in shown.err
    assert "Nothing ties this case to another." in shown.err


def test_a_case_shows_profile_history_and_ties_and_obeys_no_stranger(watch, capsys):
    cases.case(ID, watch=watch)
    shown = capsys.readouterr().out
    for text in ("What it says of itself", WALLET, "it is removed", "What ties it to other cases",
                 "changed: handle, text", "old\\x1b[2J", "renamed"):  # fmt: skip
        assert text in shown, text
    assert "\x1b" not in shown


def test_a_case_that_joined_another_says_where_it_went_and_the_other_what_came(watch, capsys):
    old, new = case_id("acme", "account:x:@acme_b"), case_id("acme", "account:x:3")
    cases.case(old, watch=watch)
    assert f"went to    {new} (x/@acme_b): it is the same account" in capsys.readouterr().out
    cases.case(new, watch=watch)
    shown = capsys.readouterr().out
    assert f"took in    {old}" in shown
    assert "state      confirmed" in shown
    cases.case(old, watch=watch, json=True)
    found = json.loads(capsys.readouterr().out)
    assert [one["case_id"] for one in found["joined"]] == [new]


def test_the_command_registers_under_its_name():
    app = App()
    command.register(app)
    assert "campaigns" in list(app)
