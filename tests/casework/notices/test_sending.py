"""Handing in a mail: a real server on loopback, well behaved and otherwise."""

from __future__ import annotations

import json
import ssl
from contextlib import contextmanager
from email import message_from_bytes, policy

import pytest

from namaak.casework.notices.mail import unsent_mail
from namaak.casework.notices.outbox import send_approved
from namaak.casework.notices.sending import MailServer as Ours
from namaak.casework.notices.sending import Taken, hand_in
from namaak.errors import LakeError, UsageError
from tests.casework.notices.mail_server import MailServer, certificate
from tests.casework.notices.world import ANNA, LOGIN_ID, NOW

SENDER, TO = "desk@acme.example", "abuse@hosting.example"
MAIL = unsent_mail(sender=SENDER, sender_name="Acme", to=TO, subject="A report",
                   text="Line\n.dot\n..\n\nend", message_id="one@acme.example")  # fmt: skip


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusting(pem):
    return ssl.create_default_context(cafile=str(pem))


def ours(server: MailServer, **other) -> Ours:
    return Ours(**({"host": "localhost", "port": server.port, "timeout_s": 5.0} | other))


def hand(server: MailServer, context, mail: bytes = MAIL, **other):
    return hand_in(mail, sender=SENDER, recipient=TO, server=ours(server, **other), context=context)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_is_taken_encrypted_once_and_unchanged(pem, trusting, security):
    with MailServer(pem=pem, tls_at_once=security == "tls") as server:
        handed = hand(server, trusting, security=security)
    assert (handed.taken, handed.says) == (Taken.YES, "250 2.0.0 queued as TEST-1")
    assert server.mails == [MAIL]
    assert server.encrypted == [True]
    assert server.envelopes == [(f"mail FROM:<{SENDER}>", f"rcpt TO:<{TO}>")]


def test_user_and_password_are_given_after_encryption_only(pem, trusting):
    with MailServer(pem=pem, users={"anna": "secret"}) as server:
        assert hand(server, trusting, user="anna", password="secret").taken is Taken.YES
        refused = hand(server, trusting, user="anna", password="wrong")
    assert refused.taken is Taken.NO
    assert "535" in refused.says
    assert len(server.mails) == 1
    first_auth = next(i for i, c in enumerate(server.commands) if c.startswith("AUTH"))
    assert "STARTTLS" in server.commands[:first_auth]


def test_no_password_goes_unencrypted_to_another_machine():
    with pytest.raises(UsageError, match="unencrypted"):
        Ours(host="mail.example", security="none", user="anna", password="secret")
    with pytest.raises(UsageError, match="one is missing"):
        Ours(host="mail.example", user="anna")
    Ours(host="127.0.0.1", security="none", user="anna", password="secret")


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_said(pem):
    for security in ("starttls", "tls"):
        with MailServer(pem=pem, tls_at_once=security == "tls") as server:
            handed = hand(server, ssl.create_default_context(), security=security)
        assert handed.taken is Taken.NO
        assert "certificate was not accepted" in handed.says
        assert server.mails == server.envelopes == []


def test_a_certificate_of_another_name_is_refused(tmp_path):
    other = certificate(tmp_path, "other.example")
    context = ssl.create_default_context(cafile=str(other))
    with MailServer(pem=other) as server:
        handed = hand(server, context)
    assert handed.taken is Taken.NO
    assert server.mails == []


def test_a_server_that_offers_no_encryption_gets_nothing(pem, trusting):
    with MailServer(pem=pem, offers_tls=False) as server:
        assert hand(server, trusting).taken is Taken.NO
    assert server.envelopes == []


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA"])
def test_what_the_server_refuses_is_not_taken_and_its_words_are_told(pem, trusting, word):
    with MailServer(pem=pem, refuse=word) as server:
        handed = hand(server, trusting)
    assert (handed.taken, handed.says) == (Taken.NO, "550 5.1.1 not here")
    assert server.mails == []


def test_a_mail_that_is_put_off_at_its_end_is_not_taken(pem, trusting):
    with MailServer(pem=pem, defer_end=True) as server:
        assert hand(server, trusting).taken is Taken.NO


def test_a_connection_that_ends_within_the_mail_leaves_it_untaken(pem, trusting):
    large = unsent_mail(sender=SENDER, sender_name=None, to=TO, subject="x", text="x\n" * 2_000_000,
                        message_id="two@acme.example")  # fmt: skip
    with MailServer(pem=pem, cut="data") as server:
        assert hand(server, trusting, large).taken is Taken.NO


def test_a_connection_that_ends_after_the_mail_leaves_it_unknown(pem, trusting):
    with MailServer(pem=pem, cut="end") as server:
        handed = hand(server, trusting)
    assert handed.taken is Taken.UNKNOWN
    assert "before the server answered" in handed.says


def test_an_answer_that_is_none_leaves_it_unknown(pem, trusting):
    with MailServer(pem=pem, babbles=True) as server:
        assert hand(server, trusting).taken is Taken.UNKNOWN


def test_where_nobody_listens_nothing_was_sent():
    with MailServer() as server:
        port = server.port
    handed = hand_in(MAIL, sender=SENDER, recipient=TO,
                     server=Ours(host="localhost", port=port, timeout_s=2.0))  # fmt: skip
    assert handed.taken is Taken.NO


def test_what_a_server_says_cannot_move_a_cursor(pem, trusting):
    with MailServer(pem=pem, says="\x1b[2J ok") as server:
        handed = hand(server, trusting)
    assert "\x1b" not in handed.says


@pytest.fixture
def approved(world):
    action = world.draft()
    world.approve(action)
    return action


def send(world, action, server, context, *, now=NOW, **other):
    writing = other.pop("writing", world.writing)
    return send_approved(
        world.row(action), writing=writing, store=world.store, server=ours(server, **other),
        sender=world.watch.watch.contact, actor=ANNA, clock=lambda: now, context=context,
    )  # fmt: skip


def test_an_approved_notice_goes_out_as_approved_with_a_date(world, approved, pem, trusting):
    with MailServer(pem=pem) as server:
        assert send(world, approved, server, trusting).taken is Taken.YES
        with pytest.raises(UsageError, match="state is sent"):
            send(world, approved, server, trusting)
    row = world.row(approved)
    (mail,) = server.mails
    assert mail == world.store.read(row["sent_sha256"])
    date, _, rest = mail.partition(b"\r\n")
    assert date == b"Date: Sun, 22 Nov 2026 09:00:00 +0000"
    assert rest == world.store.read(row["eml_sha256"])
    parsed = message_from_bytes(mail, policy=policy.default)
    assert parsed["To"] == "abuse@hosting.example"
    assert parsed["Subject"].startswith(f"[{approved}] Phishing")
    body = parsed.get_body(("plain",)).get_content()
    assert body.replace("\r\n", "\n") == world.store.read(row["text_sha256"]).decode()
    (attached,) = parsed.iter_attachments()
    assert json.loads(attached.get_content())["category"] == "content"
    assert (row["state"], row["sent_how"]) == ("sent", "smtp")
    assert world.case(LOGIN_ID)["workflow"] == "enforcing"


def test_a_refused_notice_stays_approved_and_may_be_sent_again(world, approved, pem, trusting):
    with MailServer(pem=pem, refuse="RCPT") as server:
        assert send(world, approved, server, trusting).taken is Taken.NO
    row = world.row(approved)
    assert (row["state"], row["sending_at"]) == ("approved", None)
    assert row["sending_says"] == "550 5.1.1 not here"
    assert world.case(LOGIN_ID)["workflow"] == "confirmed"
    with MailServer(pem=pem) as server:
        assert send(world, approved, server, trusting).taken is Taken.YES


def test_one_whose_end_is_unknown_is_never_sent_a_second_time(world, approved, pem, trusting):
    with MailServer(pem=pem, cut="end") as server:
        assert send(world, approved, server, trusting).taken is Taken.UNKNOWN
        server.cut = None
        with pytest.raises(UsageError, match="--it-went-out"):
            send(world, approved, server, trusting)
    assert len(server.mails) == 1
    with world.writing() as book:
        book.settle_sending(approved, went_out=True, actor=ANNA, now=NOW)
    row = world.row(approved)
    assert world.store.read(row["sent_sha256"]) == server.mails[0]


def test_after_a_kill_between_mail_and_record_a_person_is_asked(world, approved, pem, trusting):
    class KilledError(BaseException):
        pass

    calls = []

    @contextmanager
    def writing():
        calls.append(1)
        if len(calls) == 2:
            raise KilledError
        with world.writing() as book:
            yield book

    with MailServer(pem=pem) as server:
        with pytest.raises(KilledError):
            send(world, approved, server, trusting, writing=writing)
        with pytest.raises(UsageError, match="may have gone out"):
            send(world, approved, server, trusting)
    assert len(server.mails) == 1


def test_a_stored_mail_that_was_changed_or_lost_is_not_sent(world, approved, pem, trusting):
    path = world.store.path(world.row(approved)["eml_sha256"])
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"Acme", b"Evil"))
    with MailServer(pem=pem) as server:
        with pytest.raises(LakeError, match="not what was stored"):
            send(world, approved, server, trusting)
        path.unlink()
        with pytest.raises(UsageError, match="not in the evidence store"):
            send(world, approved, server, trusting)
    assert server.commands == []
    assert world.row(approved)["sending_at"] is None


def test_a_mail_that_reads_otherwise_than_it_was_approved_is_not_sent(
    world, approved, pem, trusting
):
    row = world.row(approved)
    mail = world.store.read(row["eml_sha256"])
    poisoned = world.store.keep(b"Reply-To: evil@x.example\r\n" + mail)
    with (
        MailServer(pem=pem) as server,
        pytest.raises(UsageError, match=r"not be read as it was approved \(its headers"),
    ):
        send_approved(
            row | {"eml_sha256": poisoned}, writing=world.writing, store=world.store,
            server=ours(server), sender=SENDER, actor=ANNA, clock=lambda: NOW, context=trusting,
        )  # fmt: skip
    assert server.commands == []
    assert world.row(approved)["sending_at"] is None


def test_a_notice_changed_between_looking_and_sending_is_not_sent(world, approved, pem, trusting):
    """The row that the sender holds is older than the casebook."""
    stale = world.row(approved)
    world.revise(approved, given={"asked_action": ["Another thing."]})
    with MailServer(pem=pem) as server:
        for approve_again in (False, True):
            if approve_again:
                world.approve(approved)
            if approve_again:
                handed = send_approved(
                    stale, writing=world.writing, store=world.store, server=ours(server),
                    sender=SENDER, actor=ANNA, clock=lambda: NOW, context=trusting,
                )  # fmt: skip
                assert handed.taken is Taken.NO
                continue
            with pytest.raises(UsageError, match="state is draft"):
                send_approved(
                    stale, writing=world.writing, store=world.store, server=ours(server),
                    sender=SENDER, actor=ANNA, clock=lambda: NOW, context=trusting,
                )  # fmt: skip
    assert server.mails == []
