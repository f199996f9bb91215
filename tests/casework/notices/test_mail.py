"""Mails: the same bytes each time, threads that hold, and headers that nobody writes into."""

from __future__ import annotations

import hashlib
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.notices.headers import header_line
from namaak.casework.notices.mail import (
    Attachment,
    Promised,
    dated,
    mail_problem,
    mailbox,
    unsent_mail,
)
from namaak.casework.notices.replies import MAX_BYTES, read_answer
from namaak.errors import UsageError
from tests.casework.notices.world import NOW

GIVEN = {"sender": "desk@acme.example", "sender_name": "Acme", "to": "abuse@host.example",
         "subject": "[NA-1] A report", "text": "text\n",
         "message_id": "na-1@acme.example"}  # fmt: skip
HEADERS = {"From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type",
           "Content-Transfer-Encoding"}  # fmt: skip
WORDS = (
    "=?utf-8?q?=0d=0aReply-To:_evil@x.example=0d=0a=0d=0aPlease_disregard.?=",
    "=?utf-8?b?DQpCY2M6IHhAeS5leGFtcGxl?=",
    "=?us-ascii?q?=0A=0Dx?=",
    "=??=?",
    "é",
    " ",
    "a" * 90,
)
#: Long ones, so that they are folded, with encoded words that end lines once they are decoded.
LONG = st.lists(st.sampled_from(WORDS) | st.text(max_size=40), max_size=12).map(" ".join)
NASTY = LONG | st.text(max_size=200) | st.sampled_from(
    ["a\r\nBcc: evil@x.example", "a\nX: y", "\r\n\r\nbody", "=?utf-8?q?=0d=0aBcc:_x?=", "\x00",
     'Anna" <evil@x.example>, "', "\u2028Bcc: x", "é" * 300, "\x85Bcc: x", "\x0b\x0c\x1c"]
)  # fmt: skip


def make(**other) -> bytes:
    return unsent_mail(**(GIVEN | other))


@given(NASTY, NASTY, NASTY)
def test_no_text_becomes_a_header(subject, name, text):
    mail = make(subject=subject, sender_name=name, text=text)
    parsed = message_from_bytes(mail, policy=policy.default)
    assert set(parsed.keys()) == HEADERS
    assert [one.addr_spec for one in parsed["From"].addresses] == ["desk@acme.example"]
    assert [one.addr_spec for one in parsed["To"].addresses] == ["abuse@host.example"]
    assert mail.isascii()
    assert all(len(line) <= 998 for line in mail.split(b"\r\n"))
    assert b"\n" not in mail.replace(b"\r\n", b"")


@given(LONG)
def test_a_subject_reads_as_it_was_approved_however_long_and_whatever_is_in_it(text):
    line = header_line(text)
    assert "=?" not in line
    assert header_line(line) == line
    mail = make(subject=text)
    assert str(message_from_bytes(mail, policy=policy.default)["Subject"]) == line
    old = message_from_bytes(mail, policy=policy.compat32)["Subject"].replace("\r\n", "")
    assert str(make_header(decode_header(old))) == line


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        (b"Subject: [NA-1]", b"Reply-To: x@y.example\r\nSubject: [NA-1]", "headers"),
        (b"Subject: [NA-1]", b"Subject: [NA-1]\r\n\r\nour own account", "headers"),
        (b"Subject: [NA-1]", b"Subject: [NA-2]", "subject"),
        (b"To: abuse@host.example", b"To: evil@host.example", "somebody else"),
        (b"text", b"test", "text"),
        (b"na-1@", b"na-2@", "Message-ID"),
        (b"YWJj", b"YWJk", "attached"),
    ],
)
def test_a_mail_that_reads_otherwise_than_promised_is_told(was, becomes, says):
    attached = Attachment(name="a.zip", maintype="application", subtype="zip", content=b"abc")
    mail = make(attachments=[attached])
    promised = Promised(
        to="abuse@host.example", subject="[NA-1] A report", message_id="na-1@acme.example",
        text_sha256=hashlib.sha256(b"text\n").hexdigest(),
        attached=[hashlib.sha256(b"abc").hexdigest()],
    )  # fmt: skip
    assert mail_problem(mail, promised) is None
    # "text" stands in "text/plain" as well: the last one is the text itself.
    head, _, tail = mail.rpartition(was)
    assert says in mail_problem(head + becomes + tail, promised)


@given(NASTY)
def test_what_is_no_mailbox_is_refused(text):
    try:
        found = mailbox(text)
    except UsageError:
        return
    local, _, domain = found.rpartition("@")
    assert local and domain.isascii() and found.isprintable() and " " not in found
    assert mailbox(found) == found


def test_addresses_that_are_none_are_refused():
    for bad in ("a@b.example\r\nRCPT TO:<x@y.example>", "a", "@b.example", "a@b", "a b@c.example",
                "a@b.example,c@d.example", "<a@b.example>", "a@-", "é@b.example", "a@" + "b" * 300,
                "a@b.example>", "a..b@c.example", "a@192.0.2.1",
                "=?utf-8?q?=0d=0aX?=@b.example"):  # fmt: skip
        with pytest.raises(UsageError, match=r"no mail address|too long"):
            mailbox(bad)


def test_the_text_comes_back_as_it_was():
    text = "ACME – <https://acme-login.example/" + "x" * 2000 + ">\n.\nFrom here\n  é\n"
    parsed = message_from_bytes(make(text=text), policy=policy.default)
    assert parsed.get_content().replace("\r\n", "\n") == text


@given(st.binary(max_size=500))
def test_an_attachment_comes_back_as_it_was(content):
    attached = Attachment(name="a.zip", maintype="application", subtype="zip", content=content)
    mail = make(attachments=[attached])
    assert mail == make(attachments=[attached])
    (part,) = message_from_bytes(mail, policy=policy.default).iter_attachments()
    assert part.get_content() == content
    assert part.get_filename() == "a.zip"


def test_a_thread_names_all_before_it():
    parsed = message_from_bytes(make(references=["a@x.example", "b@x.example"]),
                                policy=policy.default)  # fmt: skip
    assert parsed["In-Reply-To"] == "<b@x.example>"
    assert parsed["References"] == "<a@x.example> <b@x.example>"


def test_sending_adds_a_date_and_nothing_else():
    assert dated(make(), NOW) == b"Date: Sun, 22 Nov 2026 09:00:00 +0000\r\n" + make()


@given(st.binary(min_size=1, max_size=400), st.booleans())
def test_any_answer_can_be_read(content, is_mail):
    try:
        answer = read_answer(content, is_mail=is_mail)
    except UsageError as error:
        assert "is empty" in str(error)
        return
    for text in (answer.sender, answer.summary):
        assert text is None or text.isprintable()


@given(NASTY, NASTY, NASTY)
def test_headers_of_an_answer_stay_one_line(sender, subject, date):
    head = f"From: {sender}\r\nSubject: {subject}\r\nDate: {date}\r\n\r\nbody"
    answer = read_answer(head.encode("utf-8", "replace"), is_mail=True)
    assert answer.summary is None or "\n" not in answer.summary


def test_an_answer_tells_sender_time_gist_and_what_it_is_about():
    answer = read_answer(
        b"From: Abuse desk <abuse@host.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
        b"Subject: Re: [NA-0123456789AB] =?utf-8?q?Ontvangen_=E2=9C=93?=\r\n\r\nThank you",
        is_mail=True,
    )
    assert answer.sender == "abuse@host.example"
    assert answer.received_at == NOW
    assert answer.summary == "Re: [NA-0123456789AB] Ontvangen ✓"
    assert answer.references == ("NA-0123456789AB",)


def test_an_answer_too_large_or_empty_is_refused():
    with pytest.raises(UsageError, match="bytes"):
        read_answer(b"x" * (MAX_BYTES + 1), is_mail=True)
    with pytest.raises(UsageError, match="empty"):
        read_answer(b" \n", is_mail=False)
