"""crt.sh: what it answers, what it answers instead, and how seldom it is asked."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.brands import Brand
from namaak.errors import Failure, SourceError
from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.gathering import gather_instance
from namaak.lake import Lake
from namaak.sources import crtsh, discover
from namaak.sources.crtsh import CrtSh, CrtShConfig, read_answer, spellings
from namaak.sources.issuances import observe
from tests.peers import nginx
from tests.surroundings import CONTACT
from tests.surroundings import around as surroundings

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BRANDS = {"waldermond": Brand(name="Waldermond"), "boll": Brand(name="Boll")}


def row(number, *names, **more):
    """A row as the service writes it."""
    return {
        "issuer_ca_id": 295813,
        "issuer_name": "C=XX, O=Example Trust, CN=E7",
        "common_name": names[0] if names else None,
        "name_value": "\n".join(names),
        "id": number,
        "not_before": "2026-09-20T12:02:14",
        "not_after": "2026-12-19T12:02:13",
        "serial_number": "0676e3f05c27",
        "result_count": 2,
        **more,
    }


def body(*rows) -> bytes:
    return json.dumps(rows).encode()


def hosts(answer):
    table, _ = observe(answer.issuances, source="crtsh", instance="i", observed_at=NOW)
    return table["host"].to_pylist()


def fetcher_at(port):
    """May ask loopback at that port, as fast as it likes."""
    return partial(
        Fetcher, contact=CONTACT, manners=Manners(Rate(per_second=10_000, burst=1_000)),
        allow=[Allowed("127.0.0.0/8", port)], sleep=at_once,
    )  # fmt: skip


async def at_once(seconds):
    """Retries wait for nobody here."""


def opened(table, around) -> CrtSh:
    return CrtSh(CrtShConfig.model_validate(table), around)


@pytest.fixture
def around(tmp_path):
    return surroundings(
        tmp_path, brands=BRANDS, fetcher=lambda: pytest.fail("nothing may be asked")
    )


# What is asked


def test_it_asks_nothing_unless_the_table_says_so_in_so_many_words(around):
    for table in ({}, {"enabled": False}):
        source = opened(table, around)
        assert not source.reads_anything()
        assert list(source.instances()) == []
        assert list(source.faults()) == [
            "enabled: look-ups are off until it says true; write it or drop the table"
        ]
    assert opened({"enabled": True}, around).reads_anything()


def test_each_form_of_each_spelling_is_a_query_of_its_own(around):
    source = opened({"enabled": True, "brands": ["waldermond"]}, around)
    assert [query.id for query in source.instances()] == [
        "waldermond/waldermond%", "waldermond/%waldermond%",
    ]  # fmt: skip
    assert spellings(Brand(name="Müller & Zoon", aliases=("MZ",))) == (
        "müllerzoon", "müller-zoon", "mz",
    )  # fmt: skip


def test_names_too_short_to_look_for_are_told_and_given_terms_count_instead(around):
    source = opened({"enabled": True}, around)
    assert all("waldermond" in query.id for query in source.instances())
    assert [fault for fault in source.faults() if "boll" in fault] == [
        "terms: no name of boll has 5 letters, so it is not looked up; give longer ones"
    ]
    given = {"boll": ["bollwerk", "a%&q=b", "two.labels", "bollwerk"]}
    source = opened({"enabled": True, "terms": given, "forms": ["prefix"]}, around)
    assert [query.pattern for query in source.instances() if query.id.startswith("boll")] == [
        "bollwerk%"
    ]


def test_brands_that_do_not_exist_are_told(around):
    source = opened({"enabled": True, "brands": ["walderman"]}, around)
    assert list(source.faults()) == [
        "brands: there is no brand 'walderman' in the watch file; mend it"
    ]


def test_a_name_beyond_ascii_is_asked_for_as_certificates_write_it(tmp_path, around):
    source = opened({"enabled": True, "terms": {"boll": ["bücher"]}}, around)
    patterns = [query.pattern for query in source.instances()]
    assert "xn--bcher-kva%" in patterns


def test_its_host_is_asked_five_times_a_minute_and_no_oftener(around):
    opened({"enabled": True}, around)
    waits = [around.manners.turn("crt.sh") for _ in range(6)]
    assert waits[0] == 0
    assert waits[5] == pytest.approx(60, abs=1)


# What it answers


def test_every_host_of_every_row_is_observed_once():
    answer = read_answer(
        body(
            row(9, "*.a.example", "a.example", "www.a.example"),
            row(3, "*.b.example"),
            row(8, "d.example", "*.d.example"),
            row(9, "c.example", common_name=None),
        )
    )
    assert answer.rejects == []
    table, rejects = observe(answer.issuances, source="crtsh", instance="i", observed_at=NOW)
    assert not rejects
    assert [(r["position"], r["host"], r["wildcard"]) for r in table.to_pylist()] == [
        (3, "b.example", True), (8, "d.example", False), (9, "a.example", False),
        (9, "www.a.example", False), (9, "c.example", False),
    ]  # fmt: skip
    assert set(table["trust"].to_pylist()) == {"unauthenticated"}
    assert set(table["entry_type"].to_pylist()) == {None}


def test_times_without_a_zone_are_utc():
    (found,) = read_answer(
        body(row(1, "a.example", entry_timestamp="2026-09-20T13:00:44.354"))
    ).issuances
    assert found.seen_at == datetime(2026, 9, 20, 13, 0, 44, 354000, tzinfo=UTC)
    assert found.valid_to == datetime(2026, 12, 19, 12, 2, 13, tzinfo=UTC)


def test_names_that_are_no_hosts_are_refused_one_by_one():
    names = (
        "good.example", "x" * 300 + ".example", "info@a.example", "Waldermond Holding NV",
        "a/b.example", "192.0.2.1", "\x1b[2J.example", "a..example",
    )  # fmt: skip
    answer = read_answer(body(row(7, *names)))
    table, rejects = observe(answer.issuances, source="crtsh", instance="i", observed_at=NOW)
    assert table["host"].to_pylist() == ["good.example"]
    assert [(reject.position, reject.reason) for reject in rejects] == [
        (7, "name has a label longer than 63 bytes"),
        (7, "name is a mail address, not a host"),
        (7, "name has a character that no host name may hold"),
        (7, "name has a character that no host name may hold"),
        (7, "name is an IP address, not a name"),
        (7, "name has a character that no host name may hold"),
        (7, "name has an empty label"),
    ]
    assert all(reject.excerpt.isprintable() for reject in rejects)


def test_bytes_that_are_no_utf8_cost_only_the_name_they_stand_in():
    raw = body(row(7, "bad.example", "good.example")).replace(b"bad", b"b\xff\xfed")
    answer = read_answer(raw)
    table, rejects = observe(answer.issuances, source="crtsh", instance="i", observed_at=NOW)
    assert table["host"].to_pylist() == ["good.example"]
    assert {reject.reason for reject in rejects} == {"name is not UTF-8"}


def test_nulls_and_fields_of_another_kind_cost_only_themselves():
    answer = read_answer(
        body(
            row(1, "a.example", common_name=None, not_before=None, serial_number=None),
            row(2, "b.example", not_after="soon", serial_number=12, entry_timestamp=[]),
            row(3, "c.example", common_name={"a": 1}),
            row(4, name_value=None, common_name="d.example"),
        )
    )
    assert hosts(answer) == ["a.example", "b.example", "c.example", "d.example"]
    assert [(reject.position, reject.reason) for reject in answer.rejects] == [
        (2, "entry_timestamp is no time"),
        (2, "not_after is no time"),
        (2, "serial_number is no hexadecimal number"),
        (3, "common_name is no text"),
    ]


def test_rows_without_an_id_are_told_and_the_others_taken():
    answer = read_answer(
        body({"name_value": "a.example"}, 5, None, row(True, "b.example"), row(2**64, "c.example"),
             row(-1, "d.example"), row(4, "e.example"))
    )  # fmt: skip
    assert hosts(answer) == ["e.example"]
    assert [(reject.position, reject.reason) for reject in answer.rejects] == [
        (0, "row 1: has no id"), (0, "row 2: is no object"), (0, "row 3: is no object"),
        (0, "row 4: has no id"), (0, "row 5: has an id out of range"),
        (0, "row 6: has an id out of range"),
    ]  # fmt: skip


def test_a_certificate_with_thousands_of_names_is_cut_and_the_cut_is_told():
    answer = read_answer(body(row(1, *(f"h{number}.example" for number in range(6_000)))))
    table, rejects = observe(answer.issuances, source="crtsh", instance="i", observed_at=NOW)
    assert table.num_rows == 5_000
    assert [reject.reason for reject in rejects] == ["1,000 names too many"]


# What it answers instead


@pytest.mark.parametrize(
    "answered",
    [
        b"", b"  \n", b"<html><body>502 Bad Gateway</body></html>",
        b"[BEGIN_HEADERS]\nContent-Type: application/json\n[END_HEADERS]\n"
        b"<BR><BR>Sorry, something went wrong...",
        body(row(1, "a.example"))[:-1], body(row(1, "a.example"))[:100], b"[", b'[{"id": 12',
        b'[{"id": nul',
    ],
)  # fmt: skip
def test_an_error_page_nothing_and_half_an_answer_are_asked_again(answered):
    with pytest.raises(SourceError) as caught:
        read_answer(answered)
    assert caught.value.failure is Failure.TRANSIENT
    assert "asks again" in str(caught.value)


@pytest.mark.parametrize(
    "answered",
    [
        b"<BR><BR>Unsupported use of '%'</BODY>\n", b'{"error": "no"}', b'"text"', b"12", b"null",
        b"[1, 2}", b"hello", b"[" * 100_000, b"[" + b"9" * 5_000 + b"]", b'[{"id": "7"}, {}]',
    ],
)  # fmt: skip
def test_what_will_be_the_same_next_time_is_malformed(answered):
    with pytest.raises(SourceError) as caught:
        read_answer(answered)
    assert caught.value.failure is Failure.MALFORMED
    assert "\n" not in str(caught.value)


def test_a_brand_called_html_is_no_error_page():
    assert hosts(read_answer(body(row(1, "<html>", "html.example")))) == ["html.example"]


@given(st.binary(max_size=300))
def test_no_bytes_bring_anything_but_an_answer_or_our_error(raw):
    try:
        read_answer(raw)
    except SourceError as error:
        assert error.failure in (Failure.TRANSIENT, Failure.MALFORMED)


@given(st.lists(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(sorted(row(1, "a"))), inner, max_size=9),
    max_leaves=9,
), max_size=5))  # fmt: skip
def test_no_json_brings_anything_but_an_answer_or_our_error(rows):
    try:
        answer = read_answer(body(*rows))
    except SourceError as error:
        assert error.failure is Failure.MALFORMED
    else:
        table, _ = observe(answer.issuances, source="crtsh", instance="i", observed_at=NOW)
        positions = table["position"].to_pylist()
        assert positions == sorted(positions)


# At a real server


@pytest.fixture
def served(tmp_path):
    """nginx in a folder, and how to open the source there."""
    root = tmp_path / "root"
    root.mkdir()
    locations = """
        location /502 { return 502; }
        location /404 { return 404; }
        location /429 { add_header Retry-After 7200 always; return 429; }
        location /page { default_type application/json; return 200 "<html>Sorry</html>"; }
    """
    with nginx(root, locations=locations) as web:

        def open_at(path: str, **table) -> CrtSh:
            around = surroundings(
                tmp_path, brands={"waldermond": BRANDS["waldermond"]},
                fetcher=fetcher_at(web.port),
            )  # fmt: skip
            config = {"enabled": True, "url": web.url + path, "forms": ["prefix"], **table}
            return opened(config, around)

        yield root, web, open_at


def read_all(source, start=0, *, at=NOW, state=None):
    (query,) = source.instances()
    return list(source.batches(query, start, observed_at=at, state=state))


@pytest.mark.peer
def test_the_question_is_the_documented_one_and_names_whom_to_write_to(served):
    root, web, open_at = served
    (root / "c.json").write_bytes(body(row(7, "waldermond-login.example")))
    (batch,) = read_all(open_at("/c.json"))
    (asked,) = web.requests()
    assert asked.path == "/c.json?q=waldermond%25&output=json&exclude=expired"
    assert CONTACT in asked.user_agent
    assert (batch.start, batch.end, batch.last) == (0, 8, False)
    read_all(open_at("/c.json", expired=True))
    assert web.requests()[-1].path == "/c.json?q=waldermond%25&output=json"


@pytest.mark.peer
def test_the_next_run_takes_only_what_is_newer_and_the_same_to_the_byte(served):
    root, _, open_at = served
    source = open_at("/c.json")
    (root / "c.json").write_bytes(body(row(7, "a.example"), row(5, "b.example")))
    (first,) = read_all(source)
    (again,) = read_all(source)
    assert again == first
    later = NOW + timedelta(days=2)
    (root / "c.json").write_bytes(
        body(row(12, "c.example"), row(7, "a.example"), row(5, "b.example", not_after="bad"))
    )
    (second,) = read_all(source, first.end, at=later, state=first.state)
    assert (second.start, second.end) == (8, 13)
    assert second.observations["host"].to_pylist() == ["c.example"]
    assert second.rejects == ()


@pytest.mark.peer
def test_it_is_not_asked_again_before_its_hours_are_over(served):
    root, web, open_at = served
    (root / "c.json").write_bytes(b"[]")
    source = open_at("/c.json", hours=24)
    (empty,) = read_all(source)
    assert (empty.start, empty.end, empty.observations.num_rows) == (0, 0, 0)
    assert read_all(source, at=NOW + timedelta(hours=23), state=empty.state) == []
    assert len(web.requests()) == 1
    assert len(read_all(source, at=NOW + timedelta(hours=25), state=empty.state)) == 1
    # A clock that was set back must not silence it for ever.
    assert len(read_all(source, at=NOW - timedelta(days=900), state=empty.state)) == 1


@pytest.mark.peer
@pytest.mark.parametrize(
    ("path", "failure"),
    [("/502", Failure.TRANSIENT), ("/page", Failure.TRANSIENT), ("/404", Failure.GONE)],
)
def test_its_bad_days_are_told_apart(served, path, failure):
    _, _, open_at = served
    with pytest.raises(SourceError) as caught:
        read_all(open_at(path))
    assert caught.value.failure is failure


def test_a_server_that_never_answers_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(crtsh, "_DEADLINE_S", 0.5)
    monkeypatch.setattr(crtsh, "_RETRIES", 0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        around = surroundings(tmp_path, brands=BRANDS, fetcher=fetcher_at(port))
        table = {"enabled": True, "url": f"http://127.0.0.1:{port}/", "brands": ["waldermond"]}
        source = opened({**table, "forms": ["prefix"]}, around)
        with pytest.raises(SourceError) as caught:
            read_all(source)
    assert caught.value.failure is Failure.TRANSIENT


@pytest.mark.peer
def test_an_answer_that_is_too_large_is_refused_and_not_swallowed(served):
    root, _, open_at = served
    with (root / "c.json").open("wb") as file:
        file.truncate(3 << 20)
    with pytest.raises(SourceError) as caught:
        read_all(open_at("/c.json", max_megabytes=1))
    assert caught.value.failure is Failure.POLICY


@pytest.mark.peer
def test_gathered_twice_the_lake_holds_every_certificate_once(served, tmp_path):
    root, _, open_at = served
    (root / "c.json").write_bytes(body(row(7, "a.example"), row(5, "b.example", "Some Body")))
    source = open_at("/c.json")
    (query,) = source.instances()
    first = gather_instance(source, query, tmp_path / "lake", now=lambda: NOW)
    assert (first.rows, first.rejected) == (2, 1)
    (root / "c.json").write_bytes(body(row(9, "c.example"), row(7, "a.example")))
    # Within its hours nothing is asked; afterwards only what is newer is taken.
    assert gather_instance(source, query, tmp_path / "lake", now=lambda: NOW).rows == 0
    later = NOW + timedelta(days=2)
    assert gather_instance(source, query, tmp_path / "lake", now=lambda: later).rows == 1
    with Lake(tmp_path / "lake") as lake:
        assert lake.totals()["rows"] == 3
        assert lake.cursor("crtsh", query.id).next_position == 10


def test_it_is_found_by_looking():
    assert discover()["crtsh"] is CrtSh
