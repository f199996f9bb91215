"""The source `telegram`: pages as Telegram writes them, and pages that only look so."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.errors import Failure, SourceError
from namaak.records import Flag
from namaak.sources.base import Known
from namaak.sources.profiles.questions import Way
from namaak.sources.telegram import Telegram, read_page
from tests.sources.profiles.platform import opened_as, platform, reasons, rows, run

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

NOBODY = """<html><head><title>Telegram: Contact @{0}</title><meta name="robots" content="noindex">
<meta property="og:title" content="Telegram: Contact @{0}"></head><body><div class="tgme_page">
<div class="tgme_page_icon"><i class="tgme_icon_user"></i></div>
<div class="tgme_page_description">If you have <strong>Telegram</strong>, you can contact
<a class="tgme_username_link">@{0}</a> right away.</div></div></body></html>"""


def page(title="ACME", extra="", about="", action="Send Message", marks="", photo="", more=""):
    return f"""<html><head><title>Telegram: Contact @acmehelp</title>
<meta property="og:title" content="{title}"></head><body><div class="tgme_page">
<div class="tgme_page_photo">{photo}</div>
<div class="tgme_page_title" dir="auto"><span dir="auto">{title}</span>{marks}</div>
<div class="tgme_page_extra">{extra}</div>
<div class="tgme_page_description" dir="auto">{about}</div>
<div class="tgme_page_action"><a class="tgme_action_button_new">{action}</a></div>{more}
</div></body></html>""".encode()


def read(**given):
    return read_page(page(**given), "acmehelp")


@pytest.fixture
def served():
    with platform() as running:
        running.otherwise = lambda path, _query: (200, {}, NOBODY.format(path[1:]).encode())
        yield running


def opened(folder, served, *, known=(), **table):
    table = {"enabled": True, "url": served.url, "probes": 0, **table}
    return opened_as(Telegram, folder, table, port=served.port, known=known)


def test_it_is_off_until_the_watch_file_says_otherwise(served, tmp_path):
    source = opened(tmp_path, served, enabled=False, handles=["acmehelp"])
    assert not source.reads_anything() and list(source.instances()) == []
    assert any("enabled" in fault for fault in source.faults())


@pytest.mark.parametrize(
    ("extra", "action", "kind", "count"),
    [
        ("8\u00a0123\u202f456 subscribers", "View in Telegram", "channel", 8_123_456),
        ("1 subscriber", "View in Telegram", "channel", 1),
        ("12 345 members, 1 234 online", "View in Telegram", "group", 12_345),
        ("4,321 monthly users", "Start Bot", "bot", 4_321),
        ("@acmebot", "Start Bot", "bot", None),
        ("@acmehelp", "Send Message", "user", None),
    ],
)
def test_what_has_a_handle_is_told_from_its_page(extra, action, kind, count):
    preview = read(extra=extra, action=action)
    assert (preview.kind, preview.count) == (kind, count)


def test_a_handle_keeps_the_case_that_its_page_shows():
    assert read(extra="@AcmeHeIp").handle == "acmehelp"  # a capital I is another handle
    assert read(extra="@AcmeHelp").handle == "AcmeHelp"
    link = '<div class="tgme_page_action"><a href="tg://resolve?domain=AcmeHELP">x</a></div>'
    assert read(more=link).handle == "AcmeHELP"


def test_a_tick_of_telegram_counts_and_one_in_the_name_does_not():
    ours = read(marks='<i class="verified-icon"> ✔</i>')
    assert (ours.title, ours.verified) == ("ACME", True)
    assert read(title="ACME ✅").verified is False
    assert read(about="verified-icon").verified is False


@pytest.mark.parametrize(
    ("given_", "flags"),
    [
        ({"marks": '<span class="tgme_scam_label">SCAM</span>'}, (Flag.SCAM,)),
        ({"more": '<div class="tgme_page_fake"></div>'}, (Flag.FAKE,)),
        ({"about": "⚠️ Warning: Many users reported this account as a scam. Be careful."},
         (Flag.SCAM,)),
        ({"about": "⚠️ Many users reported that this account impersonates a famous person."},
         (Flag.FAKE,)),
        ({"about": "No scam. We never fake anything."}, ()),
        ({"title": "scam fake"}, ()),
    ],
)  # fmt: skip
def test_verdicts_of_telegram_are_flags_and_words_of_strangers_are_not(given_, flags):
    assert read(**given_).flags == flags


def test_a_photo_is_an_address_and_the_general_logo_is_none():
    image = '<img class="tgme_page_photo_image" src="{}">'
    address = "https://cdn.example.invalid/file/a.jpg"
    assert read(photo=image.format(address)).photo == address
    assert read(photo=image.format("data:image/svg+xml,x")).photo is None
    assert read(photo=image.format("https://telegram.org/img/t_logo_2x.png")).photo is None
    assert read(photo=image.format("javascript:alert(1)")).photo is None


def test_the_general_page_is_nobodys_and_any_other_page_is_no_answer():
    assert read_page(NOBODY.format("AcmeHelp").encode(), "acmehelp") is None
    for body in (b"", b"<html><title>Just a moment...</title></html>", b"\xff" * 50,
                 NOBODY.format("somebody").encode()):  # fmt: skip
        with pytest.raises(SourceError, match="cannot be told"):
            read_page(body, "acmehelp")


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8")))
def test_no_page_gives_another_error_than_ours(body):
    for inside in (body, page(title="x") + body, b'<div class="tgme_page_title">' + body):
        try:
            preview = read_page(inside, "acmehelp")
        except SourceError:
            continue
        assert preview is None or preview.title


@pytest.mark.parametrize("unit", ["<div>", "<div class=tgme_page_title>", "<span dir>", "<!--"])
def test_a_page_nested_without_end_is_read_or_refused_at_once(unit):
    body = page(more=unit * 40_000)
    assert read_page(body, "acmehelp").title == "ACME"


def test_handles_that_nobody_has_are_no_rows(served, tmp_path):
    served.answers["/acmehelp"] = [(200, {}, page(extra="5 subscribers", about="Pay at a.example"))]
    source = opened(tmp_path, served, handles=["acmehelp"], probes=10)
    done = run(source, tmp_path, AT, instance=Way.PROBE.value)
    assert (done.rows, done.rejected) == (1, 0)
    (row,) = rows(tmp_path)
    assert (row["subject_key"], row["followers"]) == ("account:telegram:@acmehelp", 5)
    assert row["links"] == ["https://a.example"] and row["flags"] == ["group"]
    assert len(served.asked) > 5


def test_what_was_a_case_is_alive_or_gone_or_not_known_but_never_guessed(served, tmp_path):
    case = Known(subject_key="account:telegram:@acmehelp", native_id=None, handle="AcmeHelp")
    served.answers["/AcmeHelp"] = [
        (200, {}, page()),
        (200, {}, NOBODY.format("AcmeHelp").encode()),
        (200, {}, b"<html><title>Just a moment...</title></html>"),
        (503, {}, b""),
    ]
    states = []
    for hour in range(4):
        source = opened(tmp_path, served, known=[case], every_hours=1)
        done = run(source, tmp_path, AT + hour * HOUR, instance=Way.KNOWN.value)
        states.append(
            done.failure if isinstance(done, SourceError) else rows(tmp_path)[-1]["state"]
        )
    assert states == ["live", "removed", Failure.MALFORMED, Failure.TRANSIENT]
    assert {row["subject_key"] for row in rows(tmp_path)} == {case.subject_key}


def test_too_many_requests_end_the_run_and_the_next_goes_on(served, tmp_path):
    served.answers["/acmehelp"] = [(429, {"Retry-After": "900"}, b""), (200, {}, page())]
    assert run(
        opened(tmp_path, served, handles=["acmehelp"]), tmp_path, AT
    ).failure is Failure.THROTTLED  # fmt: skip
    run(opened(tmp_path, served, handles=["acmehelp"]), tmp_path, AT + HOUR)
    assert [row["handle"] for row in rows(tmp_path)] == ["acmehelp"]


def test_a_photo_that_is_gone_is_a_reason_beside_its_row(served, tmp_path):
    image = f'<img class="tgme_page_photo_image" src="{served.url}/photo.jpg">'
    served.answers["/acmehelp"] = [(200, {}, page(photo=image))]
    served.answers["/photo.jpg"] = [(404, {}, b"")]
    assert run(opened(tmp_path, served, handles=["acmehelp"]), tmp_path, AT).rows == 1
    assert reasons(tmp_path)[0].startswith("image: has status 404")


def test_a_handle_of_a_case_that_is_no_handle_is_never_put_into_an_address(served, tmp_path):
    cases = [
        Known(subject_key=str(n), native_id=None, handle=handle)
        for n, handle in enumerate(["../x", "a b", "", "acme/../../x", "x" * 40, None])
    ]
    assert list(opened(tmp_path, served, known=cases).instances()) == []
