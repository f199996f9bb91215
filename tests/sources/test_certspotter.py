"""Cert Spotter: its pages, its refusals, and its key, which nobody else may see."""

from __future__ import annotations

import json
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
from namaak.sources import discover
from namaak.sources.certspotter import TOKEN, CertSpotter, CertSpotterConfig, read_page
from namaak.sources.issuances import observe
from tests.peers import nginx
from tests.surroundings import CONTACT
from tests.surroundings import around as surroundings

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BRANDS = {
    "waldermond": Brand(name="Waldermond", domains=("waldermond.example", "waldermond.test")),
    "boll": Brand(name="Boll", domains=("waldermond.test",)),
}


def row(number, *names, **more):
    """An issuance as the service writes it."""
    return {
        "id": str(number),
        "tbs_sha256": "b4c7",
        "cert_sha256": "5b1f",
        "dns_names": list(names),
        "pubkey_sha256": "d5bf",
        "not_before": "2026-10-07T01:42:38Z",
        "not_after": "2027-01-05T02:40:17-00:00",
        "revoked": False,
        **more,
    }


def body(*rows) -> bytes:
    return json.dumps(rows).encode()


def opened(table, around) -> CertSpotter:
    return CertSpotter(CertSpotterConfig.model_validate(table), around)


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
        assert [fault.partition(":")[0] for fault in source.faults()] == ["enabled"]


def test_it_asks_about_owned_domains_and_named_ones_each_once(around):
    table = {"enabled": True, "domains": ["bücher.example", "waldermond.example"]}
    assert [one.id for one in opened(table, around).instances()] == [
        "waldermond.example", "waldermond.test", "xn--bcher-kva.example",
    ]  # fmt: skip
    table["owned"] = False
    assert [one.id for one in opened(table, around).instances()] == [
        "xn--bcher-kva.example", "waldermond.example",
    ]  # fmt: skip


def test_a_source_that_would_ask_nothing_says_so(around):
    source = opened({"enabled": True, "owned": False}, around)
    assert [fault.partition(":")[0] for fault in source.faults()] == ["domains"]


def test_a_key_over_plain_http_is_a_fault(tmp_path):
    around = surroundings(tmp_path, brands=BRANDS, environ={TOKEN: "secret-key"})
    source = opened({"enabled": True, "url": "http://api.example/v1/issuances"}, around)
    (fault,) = source.faults()
    assert fault == f"url: {TOKEN} is not sent over http; write https://"
    assert list(opened({"enabled": True}, around).faults()) == []


def test_its_host_is_asked_every_two_seconds_and_no_oftener(around):
    opened({"enabled": True}, around)
    assert around.manners.turn("api.certspotter.com") == 0
    assert around.manners.turn("api.certspotter.com") == pytest.approx(2, abs=0.5)


# What it answers


def test_positions_count_the_issuances_and_the_last_id_is_asked_with():
    page = read_page(
        body(row(91, "a.example", "*.b.example"), row(95, "c.example")), start=40
    )  # fmt: skip
    assert (page.rows, page.last_id, page.rejects) == (2, "95", ())
    table, _ = observe(page.issuances, source="certspotter", instance="i", observed_at=NOW)
    assert [(r["position"], r["host"], r["wildcard"]) for r in table.to_pylist()] == [
        (40, "a.example", False), (40, "b.example", True), (41, "c.example", False),
    ]  # fmt: skip
    (first, *_) = page.issuances
    assert first.valid_to == datetime(2027, 1, 5, 2, 40, 17, tzinfo=UTC)


def test_whether_it_is_a_precertificate_is_taken_where_it_is_said():
    page = read_page(
        body(
            row(1, "a.example", cert={"type": "precert"}),
            row(2, "b.example", cert={"type": "cert"}),
            row(3, "c.example", cert={"type": ["cert"]}),
            row(4, "d.example", cert=None),
        )
    )
    assert [one.entry_type for one in page.issuances] == ["precert", "x509", None, None]


def test_rows_without_an_id_are_told_where_they_stand():
    page = read_page(
        body(row(1, "a.example"), row(2, "b.example", id=None), 7, row("x\ny", "c.example"),
             row(9, "d.example", id=9)),
        start=10,
    )  # fmt: skip
    assert (page.rows, page.last_id) == (5, "9")
    assert [(one.position, one.names) for one in page.issuances] == [
        (10, ("a.example",)), (14, ("d.example",)),
    ]  # fmt: skip
    assert [(reject.position, reject.reason) for reject in page.rejects] == [
        (11, "row has no id"), (12, "row has no id"), (13, "row has no id"),
    ]  # fmt: skip


def test_what_follows_the_last_id_is_left_for_the_next_page():
    page = read_page(body(row(1, "a.example"), {"dns_names": ["b.example"]}))
    assert (page.rows, page.last_id, page.rejects) == (1, "1", ())
    with pytest.raises(SourceError) as caught:
        read_page(body({"dns_names": ["b.example"]}))
    assert caught.value.failure is Failure.MALFORMED


def test_names_and_times_of_another_kind_cost_only_themselves():
    page = read_page(
        body(row(1, dns_names="a.example"), row(2, dns_names=["b.example", None]),
             row(3, "c.example", not_before=12, not_after=None), row(4, dns_names=[]))
    )  # fmt: skip
    assert [one.names for one in page.issuances] == [(), (), ("c.example",), ()]
    assert [(reject.position, reject.reason) for reject in page.rejects] == [
        (0, "dns_names is no list of texts"), (1, "dns_names is no list of texts"),
        (2, "not_before is no time"),
    ]  # fmt: skip


def test_a_name_of_300_bytes_is_refused_and_its_neighbours_are_kept():
    page = read_page(body(row(1, "x" * 300 + ".example", "a.example")))
    table, rejects = observe(page.issuances, source="certspotter", instance="i", observed_at=NOW)
    assert table["host"].to_pylist() == ["a.example"]
    assert [reject.reason for reject in rejects] == ["name has a label longer than 63 bytes"]


@pytest.mark.parametrize(
    ("answered", "failure"),
    [
        (b'{"code":"rate_limited","message":"You have exceeded the limit"}', Failure.THROTTLED),
        (b'{"code":"not_allowed_by_plan","message":"Cannot search"}', Failure.MALFORMED),
        (b'{"code":"odd","message":["\\u001b[2J"]}', Failure.MALFORMED),
        (b'{"issuances": []}', Failure.MALFORMED),
        (b"<html></html>", Failure.MALFORMED),
        (b"", Failure.TRANSIENT),
        (body(row(1, "a.example"))[:-9], Failure.TRANSIENT),
    ],
)
def test_refusals_and_broken_answers_are_told_apart(answered, failure):
    with pytest.raises(SourceError) as caught:
        read_page(answered, domain="waldermond.example")
    assert caught.value.failure is failure
    assert "waldermond.example" in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.lists(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*row(1, "a"), "cert", "type"]), inner, max_size=9),
    max_leaves=9,
), max_size=5), st.integers(0, 9))  # fmt: skip
def test_no_json_brings_anything_but_a_page_or_our_error(rows, start):
    try:
        page = read_page(body(*rows), start=start)
    except SourceError as error:
        assert error.failure is Failure.MALFORMED
    else:
        told = {one.position for one in page.issuances} | {one.position for one in page.rejects}
        assert told <= set(range(start, start + page.rows))


# At a real server

#: Which page follows which, by what is asked with `after`.
PAGES = """
    map $arg_after $page { default /first.json; 2 /second.json; 3 /empty.json; 7 /same.json; }
    log_format keys '$request_uri\\t$http_authorization';
"""


@pytest.fixture
def served(tmp_path):
    """nginx that pages, and how to open the source there."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "first.json").write_bytes(body(row(1, "a.example"), row(2, "b.example")))
    (root / "second.json").write_bytes(body(row(3, "c.example", "bad name")))
    (root / "empty.json").write_bytes(b"[]")
    (root / "same.json").write_bytes(body(row(7, "a.example")))
    locations = f"""
        location = /v1 {{ access_log {tmp_path}/keys.log keys; rewrite ^ $page last; }}
        location = /same {{ rewrite ^ /same.json last; }}
        location = /limit {{ add_header Retry-After 7200 always; return 429; }}
        location = /moved {{ return 302 /first.json; }}
        location = /secret {{ return 401; }}
        access_log {tmp_path}/keys.log keys;
    """
    with nginx(root, locations=locations, http=PAGES) as web:

        def open_at(path: str, *, environ=None, **table) -> CertSpotter:
            around = surroundings(
                tmp_path, brands={}, environ=environ,
                fetcher=partial(
                    Fetcher, contact=CONTACT, retries=0,
                    manners=Manners(Rate(per_second=10_000, burst=1_000)),
                    allow=[Allowed("127.0.0.0/8", web.port)],
                ),
            )  # fmt: skip
            config = {"enabled": True, "url": web.url + path, "owned": False,
                      "domains": ["waldermond.example"], **table}  # fmt: skip
            return opened(config, around)

        def asked() -> list[list[str]]:
            return [line.split("\t") for line in (tmp_path / "keys.log").read_text().splitlines()]

        yield root, open_at, asked


def read_all(source, start=0, *, at=NOW, state=None):
    (one,) = source.instances()
    return list(source.batches(one, start, observed_at=at, state=state))


@pytest.mark.peer
def test_pages_are_read_to_the_empty_one_and_gone_on_from_there(served):
    _, open_at, asked = served
    source = open_at("/v1")
    first, second, done = read_all(source)
    assert [(one.start, one.end) for one in (first, second, done)] == [(0, 2), (2, 3), (3, 3)]
    assert second.observations["host"].to_pylist() == ["c.example"]
    assert [reject.position for reject in second.rejects] == [2]
    assert [url for url, _ in asked()] == [
        "/v1?domain=waldermond.example&include_subdomains=true&expand=dns_names" + after
        for after in ("", "&after=2", "&after=3")
    ]
    assert read_all(source, 3, at=NOW + timedelta(hours=23), state=done.state) == []
    (again,) = read_all(source, 3, at=NOW + timedelta(hours=24), state=done.state)
    assert again.end == 3
    assert asked()[-1][0].endswith("&after=3")


@pytest.mark.peer
def test_a_run_asks_for_so_many_pages_and_the_next_goes_on_at_once(served):
    _, open_at, asked = served
    source = open_at("/v1", pages_per_run=1)
    (first,) = read_all(source)
    assert len(asked()) == 1
    (second,) = read_all(source, first.end, state=first.state)
    assert second.observations["host"].to_pylist() == ["c.example"]
    assert read_all(source, first.end, state=first.state) == [second]


@pytest.mark.peer
def test_a_page_that_comes_again_and_again_ends_the_reading(served):
    _, open_at, asked = served
    source = open_at("/same", pages_per_run=50)
    (one,) = source.instances()
    batches = source.batches(one, observed_at=NOW)
    assert next(batches).end == 1
    with pytest.raises(SourceError, match="the same issuances"):
        next(batches)
    assert len(asked()) == 2


@pytest.mark.peer
def test_the_key_goes_to_the_service_and_after_no_redirect(served):
    _, open_at, asked = served
    environ = {TOKEN: " secret-key\n"}
    read_all(open_at("/v1", environ=environ))
    assert {key for _, key in asked()} == {"Bearer secret-key"}
    with pytest.raises(SourceError):
        read_all(open_at("/moved", environ=environ))
    assert not any(url.startswith("/first") for url, _ in asked())
    read_all(open_at("/v1"))
    assert asked()[-1][1] == "-"


@pytest.mark.peer
@pytest.mark.parametrize(
    ("path", "failure"),
    [("/limit", Failure.THROTTLED), ("/secret", Failure.AUTH), ("/none", Failure.GONE)],
)
def test_its_statuses_are_told_apart(served, path, failure):
    _, open_at, _ = served
    with pytest.raises(SourceError) as caught:
        read_all(open_at(path))
    assert caught.value.failure is failure


@pytest.mark.peer
def test_what_was_read_before_a_refusal_is_kept_and_not_asked_for_again(served, tmp_path):
    root, open_at, asked = served
    (root / "second.json").write_bytes(b'{"code":"rate_limited","message":"Slow down"}')
    source = open_at("/v1")
    (one,) = source.instances()
    with pytest.raises(SourceError, match="Slow down"):
        gather_instance(source, one, tmp_path / "lake", now=lambda: NOW)
    (root / "second.json").write_bytes(body(row(3, "c.example")))
    assert gather_instance(source, one, tmp_path / "lake", now=lambda: NOW).rows == 1
    with Lake(tmp_path / "lake") as lake:
        assert lake.totals()["rows"] == 3
    assert [url.partition("names")[2] for url, _ in asked()] == [
        "", "&after=2", "&after=2", "&after=3",
    ]  # fmt: skip


def test_it_is_found_by_looking():
    assert discover()["certspotter"] is CertSpotter
