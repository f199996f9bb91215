"""`namaak notice`: what it tells a person to do next is what works."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from namaak.casework.notices.fields import given_fields
from namaak.cli import invoke
from namaak.cli.notices.sending import by_hand_says
from tests.casework.notices.world import LOGIN, LOGIN_ID, NOW, World, capture


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """As the small world has it: its captures are old by the clock of the machine."""
    folder = tmp_path_factory.mktemp("words")
    world = World(folder)
    world.fill()
    failed = capture(LOGIN_ID, "x.example", world.store, NOW) | {
        "outcome": "failed", "reason": "x.example has \x1b[2Jno address",
    }  # fmt: skip
    with world.writing() as book:
        book._con.execute("update captures set ended_at = ended_at - interval 9 day")
        book.record_capture(failed)
    world.publish()
    return folder


@pytest.fixture
def world(tmp_path, filled, monkeypatch):
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NAMAAK_ACTOR", "Anna Example")
    for name in ("NAMAAK_DATA", "NAMAAK_WATCH", "NAMAAK_SMTP_USER", "NAMAAK_SMTP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return World(tmp_path)


@pytest.fixture
def run(world, capsys):
    def ran(*words: str) -> tuple[int, str, str]:
        code = invoke(["notice", *words])
        out = capsys.readouterr()
        return code, out.out, out.err

    return ran


def test_a_draft_without_a_fresh_capture_says_so_and_what_to_do(run):
    code, out, err = run("draft", LOGIN_ID, "--json")
    one = json.loads(out)["action_id"]
    assert code == 0
    assert "Complete" not in err
    assert f"{one} needs a capture of the last 24 hours" in err
    assert "ended failed (x.example has" in err and "\x1b" not in err
    assert f"`namaak capture {LOGIN_ID}`" in err
    assert f"`namaak notice approve {one} --without-capture REASON`" in err
    assert run("approve", one, "--yes")[0] == 2
    assert run("approve", one, "--yes", "--without-capture", "seen by hand")[0] == 0


def test_what_lacks_and_the_capture_are_told_together(world, run):
    watch = world.folder / "watch.toml"
    watch.write_text(watch.read_text().replace('domains = ["acme.example"]', ""))
    _, _, err = run("draft", LOGIN_ID)
    assert "official_site: list" in err
    assert "also needs a capture" in err


def test_a_form_is_pasted_and_not_mailed_also_without_a_mail_server(run):
    _, out, _ = run("draft", LOGIN_ID, "--route", "cdn", "--json")
    one = json.loads(out)["action_id"]
    assert "once it is approved" in run("send", one)[2]
    run("approve", one, "--yes", "--without-capture", "seen by hand")
    code, _, err = run("send", one)
    assert code == 2
    assert f"{one} goes by form to https://cdn.example/abuse" in err
    assert f"`namaak notice show {one} --as fields`" in err
    assert "eml" not in err and "smtp" not in err
    assert run("show", one, "--as", "fields")[0] == 0
    assert run("send", one, "--by-hand")[0] == 0


@pytest.mark.parametrize(
    ("channel", "form", "xarf", "part"),
    [("api", "f", "x", "xarf"), ("api", "f", None, "fields"), ("api", None, None, "text"),
     ("post", None, None, "text"), ("form", "f", "x", "fields")],
)  # fmt: skip
def test_each_channel_names_a_part_that_there_is(channel, form, xarf, part):
    row = {"action_id": "NA-1", "channel": channel, "address": None, "approved_at": NOW,
           "form_sha256": form, "xarf_sha256": xarf}  # fmt: skip
    assert f"--as {part}" in by_hand_says(row)
    assert f"goes by {channel}, " in by_hand_says(row)


def test_the_example_of_a_field_is_one_that_may_be_said(run):
    code, _, err = run("draft", LOGIN_ID, "--field", "phone")
    assert code == 2
    name, _, value = re.search(r"as in (\w+=\S+)\.", err)[1].partition("=")
    assert given_fields({name: [value]}, now=NOW) == {name: value}


def test_an_address_of_a_stranger_is_refused_in_a_sentence(run):
    code, out, err = run("draft", LOGIN_ID, "--field", "urls=https://stranger.example/")
    assert (code, out) == (2, "")
    assert f"is no page of {LOGIN_ID} ({LOGIN}" in err


def test_a_reply_to_a_draft_is_refused(run):
    _, out, _ = run("draft", LOGIN_ID, "--json")
    code, _, err = run("reply", json.loads(out)["action_id"], "--text", "they rang")
    assert (code, "was never sent" in err) == (2, True)
