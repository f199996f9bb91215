"""The source `wordpress`, against a server on loopback that answers as WordPress.com does."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from namaak.errors import Failure, SourceError
from namaak.sources.base import Known
from namaak.sources.profiles.questions import Way
from namaak.sources.wordpress import WordPress
from tests.sources.profiles.platform import ids, opened_as, platform, reasons, rows, run

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNKNOWN = (404, {}, b'{"error":"unknown_blog","message":"Unknown blog"}')
PRIVATE = (
    403,
    {},
    b'{"error":"unauthorized","message":"User cannot access this private blog."}',
)


@pytest.fixture
def served():
    with platform() as running:
        running.otherwise = lambda _path, _query: UNKNOWN
        yield running


def opened(folder, served, *, known=(), **table):
    table = {"url": served.url, "pictures": False, "probes": 0, **table}
    return opened_as(WordPress, folder, table, port=served.port, known=known)


def blog(number, **given):
    row = {"ID": number, "name": "ACME", "URL": "https://acmehelp.wordpress.com", **given}
    return 200, {}, json.dumps(row).encode()


def case(native_id="1", handle="acmehelp"):
    key = f"account:wordpress:{native_id or f'@{handle}'}"
    return Known(subject_key=key, native_id=native_id, handle=handle)


def look_again(served, folder, *cases, at=AT):
    source = opened(folder, served, known=cases, every_hours=1)
    return run(source, folder, at, instance=Way.KNOWN.value)


def test_addresses_to_fear_are_rows_only_where_there_is_a_blog(served, tmp_path):
    served.answers["/sites/acme.wordpress.com"] = [
        blog(7, URL="https://acme.wordpress.com", icon={"img": "https://a.example/i.png"})
    ]
    source = opened(tmp_path, served, probes=15)
    assert run(source, tmp_path, AT).rejected == 0
    assert [(row["native_id"], row["handle"]) for row in rows(tmp_path)] == [("7", "acme")]
    assert len(served.asked) > 5
    assert all(path.isascii() and "_" not in path for path in served.asked)


def test_a_blog_with_a_domain_of_its_own_keeps_the_name_that_it_was_found_by(served, tmp_path):
    served.answers["/sites/acmehelp.wordpress.com"] = [blog(7, URL="https://acme-help.example")]
    run(opened(tmp_path, served, handles=["acmehelp"]), tmp_path, AT)
    (row,) = rows(tmp_path)
    assert (row["handle"], row["url"]) == ("acmehelp", "https://acme-help.example")


def test_what_was_a_case_is_asked_by_its_number_and_found_under_its_new_name(served, tmp_path):
    served.answers["/sites/1"] = [blog(1, URL="https://acmenew.wordpress.com")]
    look_again(served, tmp_path, case())
    (row,) = rows(tmp_path)
    assert (row["native_id"], row["handle"], row["state"]) == ("1", "acmenew", "live")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (UNKNOWN, "removed"),
        ((410, {}, b'{"error":"blog_deleted","message":"Deleted"}'), "suspended"),
        ((403, {}, b'{"error":"blog_suspended","message":"Suspended"}'), "suspended"),
        (PRIVATE, None),
    ],
)
def test_what_is_said_of_a_case_is_its_state(answer, state, served, tmp_path):
    served.answers["/sites/1"] = [answer]
    look_again(served, tmp_path, case())
    (row,) = rows(tmp_path)
    assert (row["native_id"], row["handle"], row["state"]) == ("1", "acmehelp", state)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((403, {}, b'{"error":"unauthorized","message":"An active access token"}'),
         Failure.MALFORMED),
        ((404, {}, b"<html>"), Failure.MALFORMED),
        ((404, {}, b""), Failure.TRANSIENT),
        ((200, {}, b"[]"), Failure.MALFORMED),
        ((200, {}, b'{"ID": 1, "na'), Failure.TRANSIENT),
        ((500, {}, b""), Failure.TRANSIENT),
        ((429, {}, b""), Failure.THROTTLED),
        ((302, {"Location": "https://acme.example"}, b""), Failure.TRANSIENT),
    ],
)  # fmt: skip
def test_an_answer_that_says_nothing_never_means_gone(answer, failure, served, tmp_path):
    served.answers["/sites/1"] = [answer]
    error = look_again(served, tmp_path, case())
    assert isinstance(error, SourceError) and error.failure is failure
    assert ids(tmp_path) == []


def test_too_many_requests_end_the_run_and_the_next_goes_on(served, tmp_path):
    served.answers["/sites/acmehelp.wordpress.com"] = [(429, {"Retry-After": "9"}, b""), blog(1)]
    source = opened(tmp_path, served, handles=["acmehelp", "acmepay"])
    assert run(source, tmp_path, AT).failure is Failure.THROTTLED
    run(opened(tmp_path, served, handles=["acmehelp", "acmepay"]), tmp_path, AT + HOUR)
    assert ids(tmp_path) == ["1"]
    assert served.asked.count("/sites/acmepay.wordpress.com") == 1


def test_a_case_without_a_number_is_asked_by_its_name_and_one_without_sense_not_at_all(
    served, tmp_path
):
    strange = [case(None, "../x"), case(None, "a b"), case("1/../2", "x"), case(None, None)]
    source = opened(tmp_path, served, known=[case(None, "AcmeHelp.wordpress.com"), *strange])
    (instance,) = source.instances()
    assert [question.texts for question in source.questions(instance)] == [("acmehelp",)]
    served.answers["/sites/acmehelp.wordpress.com"] = [blog(5)]
    run(source, tmp_path, AT)
    assert ids(tmp_path) == ["5"]


def test_a_blog_without_a_number_is_refused(served, tmp_path):
    served.answers["/sites/acmehelp.wordpress.com"] = [(200, {}, b'{"name": "ACME"}')]
    run(opened(tmp_path, served, handles=["acmehelp"]), tmp_path, AT)
    assert ids(tmp_path) == [] and reasons(tmp_path) == ["ID: is missing"]
