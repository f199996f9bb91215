"""`namaak notice`: it worked, it was misused, it found nothing."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import zipfile

import pytest

from namaak.casework.evidence.zipping import zip_pack
from namaak.cli import invoke
from tests.casework.evidence.test_notice_pack import notice_pack
from tests.casework.notices.mail_server import MailServer, certificate
from tests.casework.notices.world import (
    CONTACTS,
    HOUR,
    LOGIN,
    LOGIN_ID,
    NOW,
    PAY_ID,
    World,
    capture,
    contact,
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """As of now: the command has the clock of the machine."""
    from datetime import UTC, datetime

    folder = tmp_path_factory.mktemp("notices")
    world = World(folder)
    world.fill()
    now = datetime.now(UTC)
    with world.writing() as book:
        book.record_capture(capture(LOGIN_ID, LOGIN, world.store, now - HOUR))
        book.record_contacts(
            LOGIN_ID, [*CONTACTS, contact("network", "bad address@x", 9, provider_name="Odd")], (),
            actor="anna", now=now,
        )  # fmt: skip
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


def drafted(run, *more: str) -> dict:
    code, out, _ = run("draft", LOGIN_ID, *more, "--json")
    assert code == 0
    return json.loads(out)


def test_a_notice_is_drafted_shown_approved_and_said_to_be_sent(world, run, tmp_path):
    row = drafted(run)
    one = row["action_id"]
    code, shown, _ = run("show", one[:9])
    assert code == 0
    assert "<https://acme-login.example/sign-in>" in shown
    assert "draft, mail to Hosting Example B.V. <abuse@hosting.example>" in shown
    code, out, told = run("approve", one, "--yes")
    assert code == 0
    assert "A person has looked at the content" in told
    assert "<https://acme-login.example/sign-in>" in told
    code, _, _ = run("show", one, "--as", "eml", "--output", str(tmp_path / "n.eml"))
    assert (tmp_path / "n.eml").read_bytes().startswith(b"From: Acme Bank <brand-protection@acme")
    code, out, _ = run("send", one, "--by-hand", "--json")
    assert (code, json.loads(out)["state"]) == (0, "sent")
    assert world.case(LOGIN_ID)["workflow"] == "enforcing"
    (tmp_path / "r.eml").write_bytes(
        b"From: abuse@hosting.example\r\nSubject: Re: ticket\x1b[2J 7\r\n\r\nDone."
    )
    code, out, _ = run("reply", one, "--state", "executed", "--file", "r.eml", "--json")
    assert json.loads(out)["state"] == "executed"
    code, shown, _ = run("show", one)
    assert "Re: ticket" in shown and "\x1b" not in shown
    assert len(run("list", "--json")[1].splitlines()) == 1
    assert run("list", "--due")[1] == ""


def test_nothing_is_approved_in_a_pipe_without_yes(world, run, monkeypatch):
    one = drafted(run)["action_id"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    code, _, err = run("approve", one)
    assert code == 2
    assert "say --yes" in err
    assert world.row(one)["state"] == "draft"


@pytest.mark.parametrize(
    ("typed", "state"), [("yes\n", "approved"), ("y\n", "draft"), ("", "draft")]
)
def test_at_a_terminal_the_person_is_asked(world, run, monkeypatch, typed, state):
    one = drafted(run)["action_id"]
    terminal = io.StringIO(typed)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    code, _, err = run("approve", one)
    assert "Type yes to approve exactly this" in err
    assert (code, world.row(one)["state"]) == (0 if state == "approved" else 1, state)


def test_what_lacks_is_told_and_keeps_it_from_approval(world, run):
    watch = world.folder / "watch.toml"
    watch.write_text(watch.read_text().replace('name = "Acme Bank"\n', 'name = "Acme Bank"\n')
                     .replace('domains = ["acme.example"]', ""))  # fmt: skip
    code, _, err = run("draft", LOGIN_ID)
    assert code == 0
    assert "official_site: list the brand's domain in the watch file" in err
    one = world.ask("from actions")[0]["action_id"]
    code, _, err = run("approve", one, "--yes")
    assert (code, "lacks official_site" in err) == (2, True)
    assert "Subject:" not in err and "states" not in err
    code, _, err = run("revise", one, "--field", "official_site=https://acme.example/")
    assert "Complete" in err
    assert run("approve", one, "--yes")[0] == 0


def test_what_cannot_be_approved_is_refused_before_anybody_reads_it_or_is_asked(world, run):
    one = drafted(run)["action_id"]
    with world.writing() as book, book._transaction():
        book._put(book._row(one) | {"captured_at": None})
    world.publish()
    code, _, err = run("approve", one)
    assert (code, "Subject:" in err) == (2, False)
    assert "has no capture of the last 24 hours" in err
    code, _, err = run("approve", one, "--without-capture", " ")
    assert (code, "The reason is empty" in err, "Subject:" in err) == (2, True, False)
    code, _, err = run("approve", one, "--without-capture", "it is gone")
    assert (code, "say --yes" in err, "Subject:" in err) == (2, True, True)


def test_it_is_sent_by_the_mail_server_of_the_watch_file(world, run, tmp_path, monkeypatch):
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("NAMAAK_SMTP_USER", "anna")
    monkeypatch.setenv("NAMAAK_SMTP_PASSWORD", "secret")
    one = drafted(run)["action_id"]
    run("approve", one, "--yes")
    assert "names no mail server" in run("send", one)[2]
    with MailServer(pem=pem, users={"anna": "secret"}) as server:
        watch = world.folder / "watch.toml"
        watch.write_text(watch.read_text().replace(
            "[notices]", f'[notices]\nsmtp_host = "localhost"\nsmtp_port = {server.port}'
        ))  # fmt: skip
        server.refuse = "RCPT"
        code, _, err = run("send", one)
        assert (code, "still approved" in err) == (1, True)
        server.refuse, server.cut = None, "end"
        code, _, err = run("send", one)
        assert (code, "--it-went-out" in err) == (1, True)
        server.cut = None
        assert run("send", one)[0] == 2
        assert run("send", one, "--it-did-not")[0] == 0
        code, _, err = run("send", one)
        assert (code, "queued as TEST-1" in err) == (0, True)
        assert run("send", one)[0] == 2
    assert len(server.mails) == 2
    assert world.row(one)["state"] == "sent"


def test_a_form_is_not_mailed_and_says_what_to_paste_where(world, run):
    one = drafted(run, "--route", "cdn")["action_id"]
    code, out, _ = run("show", one, "--as", "fields")
    form = json.loads(out)
    assert form["where"] == "https://cdn.example/abuse"
    assert form["fields"]["urls"][0] == "https://acme-login.example/sign-in"
    assert form["fields"]["host_notification"] == "send"
    run("approve", one, "--yes")
    watch = world.folder / "watch.toml"
    watch.write_text(watch.read_text().replace("[notices]", '[notices]\nsmtp_host = "localhost"'))
    code, _, err = run("send", one)
    assert (code, "goes by form" in err) == (2, True)
    assert run("show", one, "--as", "eml")[0] == 1


def test_dutch_where_the_template_is_written_in_it(world, run):
    one = drafted(run, "--language", "nl")["action_id"]
    assert "Ons kenmerk: " + one in run("show", one, "--as", "text")[1]
    code, _, err = run("draft", LOGIN_ID, "--route", "cdn", "--language", "nl")
    assert (code, "not written in 'nl'" in err) == (2, True)


@pytest.fixture
def bag(world, tmp_path):
    """A sound pack of the profile notice that the casebook says was made of the case."""
    made = notice_pack(tmp_path / "packs")
    know(world, made, "notice")
    return made


def know(world, pack, profile, case_id=LOGIN_ID):
    digest = hashlib.sha256((pack / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    with world.writing() as book:
        book.record_pack({
            "pack_id": f"NP-{digest[:12].upper()}", "case_id": case_id, "made_at": NOW,
            "actor": "Anna Example", "profile": profile, "path": str(pack),
            "tagmanifest_sha256": digest, "signed": False, "stamped": False,
        })  # fmt: skip
    world.publish()


def test_a_pack_goes_along_the_same_as_folder_and_as_zip(world, run, bag):
    one = drafted(run, "--pack", str(bag))["action_id"]
    row = world.row(one)
    attached = world.store.read(row["pack_sha256"])
    assert f'filename="{one}-evidence.zip"'.encode() in world.store.read(row["eml_sha256"])
    archive = zip_pack(bag, now=NOW)
    # What lies behind or beside the pack in a zip goes to nobody.
    archive.write_bytes(b"PRIVATE KEY" + archive.read_bytes())
    assert run("revise", one, "--pack", str(archive))[0] == 0
    assert world.store.read(world.row(one)["pack_sha256"]) == attached
    assert b"PRIVATE KEY" not in attached


def test_what_is_no_sound_pack_is_never_attached(world, run, bag, tmp_path):
    def refused(path) -> str:
        code, _, err = run("draft", LOGIN_ID, "--pack", str(path))
        assert code == 2
        return err

    anything = tmp_path / "x.zip"
    with zipfile.ZipFile(anything, "w") as archive:
        archive.writestr("anything.exe", b"MZ")
    assert "is no evidence pack" in refused(anything)
    with zipfile.ZipFile(anything, "w") as archive:
        archive.writestr("pack/bagit.txt", "BagIt-Version: 1.0\n")
        archive.writestr("pack/../../out.txt", "x")
    assert "no pack holds" in refused(anything)
    with zipfile.ZipFile(anything, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pack/bagit.txt", "BagIt-Version: 1.0\n")
        archive.writestr("pack/data/big", bytes(60_000_000))
    assert "far too large" in refused(anything)
    assert "is no zip file" in refused(tmp_path / "watch.toml")
    (bag / "data" / "more.txt").write_text("slipped in")
    assert "no sound evidence pack" in refused(bag)
    assert world.ask("from actions") == []


@pytest.mark.parametrize(
    ("case_id", "profile", "says"),
    [(PAY_ID, "notice", "none that was made of"), (LOGIN_ID, "full", "of the profile full")],
)
def test_a_pack_of_another_case_or_for_another_reader_is_refused(
    world, run, tmp_path, case_id, profile, says
):
    made = notice_pack(tmp_path / "packs")
    know(world, made, profile, case_id)
    code, _, err = run("draft", LOGIN_ID, "--pack", str(made))
    assert (code, says in err) == (2, True)


def test_a_reply_dated_ahead_came_now_and_keeps_its_date_in_the_summary(world, run, tmp_path):
    one = drafted(run)["action_id"]
    run("approve", one, "--yes")
    run("send", one, "--by-hand")
    (tmp_path / "r.eml").write_bytes(
        b"From: a@host.example\r\nDate: Fri, 31 Dec 2099 23:59:59 +0000\r\nSubject: Re\r\n\r\nok"
    )
    assert run("reply", one, "--file", "r.eml")[0] == 0
    (row,) = world.ask("from action_replies")
    assert row["received_at"] == row["logged_at"]
    assert row["summary"] == "Re (dated 2099-12-31T23:59:59Z by its sender)"


def test_withdrawing_tells_to_tell_them(world, run):
    one = drafted(run)["action_id"]
    run("approve", one, "--yes")
    run("send", one, "--by-hand")
    _, out, err = run("withdraw", one, "--reason", "our own page", "--json")
    assert json.loads(out)["state"] == "withdrawn"
    assert f"with {one}" in err


def test_what_is_overdue_is_marked_and_the_next_rung_proposed_once(world, run):
    one = drafted(run)["action_id"]
    run("approve", one, "--yes")
    run("send", one, "--by-hand")
    before = world.files()
    assert run("propose")[2].strip() == "Nothing is due."
    assert world.files() == before
    with world.writing() as book, book._transaction():
        book._con.execute("update actions set due_at = now() - interval 1 day")
    world.publish()
    _, out, err = run("propose", "--json")
    steps = [json.loads(line) for line in out.splitlines()]
    assert one in err
    assert {step["rung"] for step in steps} & {"cdn", "registrar"}
    assert all(step["case_id"] == LOGIN_ID and step["why"] for step in steps)
    before = world.files()
    run("propose", LOGIN_ID)
    assert world.files() == before
    assert len(world.told(LOGIN_ID, "proposed")) == len(steps)
    assert world.row(one)["state"] == "no-reply"
    code, _, err = run("mark", one, "--state", "sent", "--note", "so")
    assert (code, "There is no state 'sent' to mark" in err) == (2, True)
    _, out, _ = run("mark", one, "--state", "executed", "--note", "it is gone", "--json")
    assert json.loads(out)["state"] == "executed"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("draft", "NK-00000000"), "There is no case"),
        (("draft", LOGIN_ID, "--route", "store"), "No contact of"),
        (("draft", LOGIN_ID, "--template", "nonsense"), "There is no template 'nonsense'"),
        (("draft", LOGIN_ID, "--field", "phone"), "is no field"),
        (("draft", LOGIN_ID, "--field", "brand=x"), "cannot say the field 'brand'"),
        (("draft", LOGIN_ID, "--provider", "Odd"), "no mail address"),
        (("draft", LOGIN_ID, "--field", "mark_number=9"), "has no mark with the number '9'"),
        (
            ("draft", LOGIN_ID, "--route", "registrar", "--field", "abuse=copyright"),
            "and you say it is copyright; try another --route, or say what you saw yourself",
        ),
        (("show", "NA-00000000"), "There is no notice"),
        (("send", "NA-00000000", "--by-hand", "--it-went-out"), "Say one of"),
        (("reply", "NA-00000000"), "one of both"),
        (("list", "--state", "flying"), "There is no state"),
        (("list", "--limit", "-1"), "makes no sense"),
        (("mark", "NA-00000000", "--state", "sent", "--note", "so"), "There is no notice"),
        (("list", "--due", "--state", "sent"), "leave the rest out"),
        (("approve", "NA-00000000", "--yes"), "There is no notice"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(run, words, says):
    code, out, err = run(*words)
    assert code == 2
    assert says in err
    assert out == ""


def test_nothing_found_is_said_and_is_no_failure(run):
    for words in (("list",), ("list", "--due"), ("list", LOGIN_ID)):
        code, out, err = run(*words)
        assert (code, out, err.strip()) == (0, "", "No notice fits.")


def test_a_letter_to_a_holder_needs_no_contact_but_a_recipient(world, run):
    code, _, err = run("draft", LOGIN_ID, "--template", "cease-and-desist", "--route", "holder",
                       "--field", "abuse=trademark")  # fmt: skip
    assert code == 0
    assert "recipient: say to whom" in err and "deadline: say until when" in err
