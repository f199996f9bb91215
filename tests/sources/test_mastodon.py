"""The source `mastodon`: against a server that speaks its interface, and against ones that lie."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest

from namaak.brands import Brand
from namaak.errors import Failure, SourceError
from namaak.fetch import Allowed, Budget, Fetcher
from namaak.lake import Lake
from namaak.sources import mastodon as module
from namaak.sources.base import Known
from namaak.sources.mastodon import TOKENS, Mastodon
from namaak.sources.mastodon_ import strangers as strangers_module
from namaak.sources.mastodon_.servers import read_about
from namaak.sources.profiles.questions import Way
from tests.peers.fediverse import fediverse
from tests.sources.profiles.platform import ids, opened_as, platform, reasons, rows, run
from tests.surroundings import CONTACT

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def opened(folder, served, *, known=(), environ=None, brands=None, now=None, **table):
    table = {"servers": [served.url], "pictures": False, "probes": 0, **table}
    return opened_as(
        Mastodon, folder, table, port=served.port, known=known, environ=environ, brands=brands,
        now=now,
    )  # fmt: skip


def gather(source, folder, way, at=AT):
    (asked,) = [one for one in source.instances() if one.way is way]
    return run(source, folder, at, instance=asked.id)


def known(served, name, *, server="127.0.0.1"):
    """A case of an account of that server; the case knows it by its actor."""
    actor = f"https://{server}/users/{name}"
    return Known(
        subject_key=f"account:mastodon:{actor}", native_id=actor, handle=f"{name}@{server}"
    )


# A real server with Mastodon's interface.


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with fediverse(tmp_path_factory.mktemp("fediverse")) as running:
        yield running


@pytest.mark.peer
def test_every_account_and_field_is_what_mastodon_py_reads_of_the_same_server(server, tmp_path):
    client = pytest.importorskip("mastodon", reason="needs the package Mastodon.py")
    api = client.Mastodon(api_base_url=server.url, version_check_mode="none")
    theirs = {
        account.uri: account
        for account in (
            *api.search_v2("ACME", result_type="accounts").accounts,
            *api.directory(order="new", local=True, limit=80),
        )
    }
    api.session.close()
    source = opened(tmp_path, server)
    gather(source, tmp_path, Way.SEARCH)
    gather(source, tmp_path, Way.LISTING)
    ours = {row["native_id"]: row for row in rows(tmp_path)}
    assert ours.keys() == theirs.keys() and len(ours) >= 5
    for actor, account in theirs.items():
        row = ours[actor]
        local = "@" not in account.acct
        assert row["handle"] == (f"{account.acct}@127.0.0.1" if local else account.acct)
        assert row["display_name"] == (account.display_name or ("" if local else None))
        assert row["url"] == account.url
        assert row["followers"] == account.followers_count
        assert row["following"] == account.following_count
        assert row["posts"] == account.statuses_count
        assert row["created_at"] == (account.created_at if local else None)
        assert ("bot" in (row["flags"] or ())) == bool(account.bot)
        assert ("group" in (row["flags"] or ())) == bool(account.group)
        assert row["state"] == ("live" if local else None)
        assert row["trust"] == ("platform" if local else "unauthenticated")
        assert json.loads(row["raw"])["note"] == account.note
    acme = next(row for row in ours.values() if row["handle"] == "acme@127.0.0.1")
    assert acme["bio"] == "Invented.\nSee acme.example"
    assert acme["links"] == ["https://acme.example/"]


@pytest.mark.peer
def test_the_directory_brings_accounts_without_the_name_and_their_pictures(server, tmp_path):
    source = opened(tmp_path, server, pictures=True)
    assert gather(source, tmp_path, Way.LISTING).rejected == 0
    jan = next(row for row in rows(tmp_path) if row["handle"] == "jan@127.0.0.1")
    with Lake(tmp_path / "lake") as lake:
        assert lake.read_image(jan["image_sha256"]).startswith(b"<svg")
        assert lake.read_image(jan["banner_sha256"]) is not None


@pytest.mark.peer
def test_handles_to_fear_that_exist_are_rows_and_the_others_are_nothing(server, tmp_path):
    source = opened(tmp_path, server, probes=6)
    done = gather(source, tmp_path, Way.PROBE)
    assert done.rejected == 0
    assert [row["handle"] for row in rows(tmp_path)] == ["acme@127.0.0.1"]


@pytest.mark.peer
def test_an_account_that_was_a_case_is_found_alive_and_then_gone(server, tmp_path):
    made = server.person("acme_refund", "ACME Refund")
    (account,) = server.call("/api/v2/search?q=acme_refund&type=accounts")["accounts"]
    # This server speaks plain http, and actors of the network never do.
    case = Known(
        subject_key="account:mastodon:@acme_refund@127.0.0.1",
        native_id=None,
        handle="acme_refund@127.0.0.1",
    )
    source = opened(tmp_path, server, known=[case], every_hours=1)
    gather(source, tmp_path, Way.KNOWN)
    assert rows(tmp_path)[-1]["state"] == "live"
    assert rows(tmp_path)[-1]["native_id"] == account["uri"]
    server.call(
        f"/api/v1/admin/accounts/{made['id']}/action", {"type": "suspend"}, token="warden-token"
    )
    gather(
        opened(tmp_path, server, known=[case], every_hours=1), tmp_path, Way.KNOWN, AT + 2 * HOUR
    )
    gone = rows(tmp_path)[-1]
    assert (gone["state"], gone["handle"]) == ("removed", "acme_refund@127.0.0.1")


@pytest.mark.peer
@pytest.mark.parametrize(
    ("effect", "failure", "says"),
    [
        ({"type": "ratelimit"}, Failure.THROTTLED, "429"),
        ({"type": "status", "status": 503}, Failure.TRANSIENT, "503"),
        ({"type": "status", "status": 401}, Failure.AUTH, f"put a valid one into {TOKENS}"),
        ({"type": "malformed"}, Failure.TRANSIENT, "breaks off"),
    ],
    ids=["too many", "down", "refused", "half an answer"],
)
def test_a_server_that_fails_is_one_sentence_and_the_next_run_has_all(
    effect, failure, says, server, tmp_path
):
    server.fault("/api/v2/search", **effect)
    try:
        error = gather(opened(tmp_path, server), tmp_path, Way.SEARCH)
    finally:
        server.heal()
    assert isinstance(error, SourceError) and error.failure is failure
    assert says in str(error) and "\n" not in str(error)
    gather(opened(tmp_path, server), tmp_path, Way.SEARCH, AT + HOUR)
    assert len(ids(tmp_path)) == len(set(ids(tmp_path))) >= 3


@pytest.mark.peer
def test_how_much_of_the_network_is_watched_is_told(server, tmp_path):
    source = opened(tmp_path, server)
    assert source.quota() is None
    gather(source, tmp_path, Way.LISTING)
    assert opened(tmp_path, server).quota() == "1 of 1 known servers watched"


# Servers that say what they like.

ITSELF = (200, {}, json.dumps({"uri": "127.0.0.1", "version": "4.5.0", "stats": {}}).encode())
EMPTY = (200, {}, b'{"accounts": []}')


@pytest.fixture
def served():
    with platform() as running:
        running.answers["/api/v1/instance"] = [ITSELF]
        yield running


def account(name, **given):
    return {"acct": name, "uri": f"https://127.0.0.1/users/{name}", "display_name": "", **given}


def found(*accounts, status=200, **headers):
    return status, headers, json.dumps({"accounts": list(accounts)}).encode()


def search(served, *answers, name="ACME", offset=None):
    behind = "" if offset is None else f"&offset={offset}"
    path = f"/api/v2/search?q={name}&type=accounts&limit=40&resolve=false{behind}"
    served.answers[path] = list(answers)


def lookup(served, name, *answers):
    served.answers[f"/api/v1/accounts/lookup?acct={name}"] = list(answers)


def one(row):
    return 200, {}, json.dumps(row).encode()


def test_a_token_goes_into_the_header_to_its_own_server_and_opens_all_pages(served, tmp_path):
    first = [account(f"acme{n}") for n in range(40)]
    search(served, found(*first), offset=0)
    search(served, found(account("acme40")), offset=40)
    environ = {TOKENS: "127.0.0.1=s3cret, other.example=else"}
    source = opened(tmp_path, served, environ=environ)
    assert gather(source, tmp_path, Way.SEARCH).rejected == 0
    assert len(ids(tmp_path)) == 41
    assert {head.get("Authorization") for head in served.heads} == {"Bearer s3cret"}
    assert not any("s3cret" in path for path in served.asked)


def test_without_a_token_it_is_said_that_there_may_be_more_than_forty(served, tmp_path):
    search(served, found(*(account(f"acme{n}") for n in range(40))))
    gather(opened(tmp_path, served), tmp_path, Way.SEARCH)
    assert len(ids(tmp_path)) == 40
    (reason,) = reasons(tmp_path)
    assert "shows the first 40 accounts only without a token" in reason
    assert all("Authorization" not in head for head in served.heads)


def test_a_token_stands_in_no_error(served, tmp_path):
    search(served, (401, {}, b""), offset=0)
    source = opened(tmp_path, served, environ={TOKENS: "127.0.0.1=s3cret"})
    error = gather(source, tmp_path, Way.SEARCH)
    assert "does not take its token" in str(error) and "s3cret" not in str(error)
    with Lake(tmp_path / "lake") as lake:
        assert "s3cret" not in json.dumps(lake.coverage().attempts.to_pylist(), default=str)


def test_a_server_that_leads_elsewhere_gets_no_second_request(served, tmp_path):
    search(served, (302, {"Location": f"{served.url}/elsewhere"}, b""), offset=0)
    gather(opened(tmp_path, served, environ={TOKENS: "127.0.0.1=t"}), tmp_path, Way.SEARCH)
    assert "/elsewhere" not in served.asked


def test_a_limit_that_is_used_up_ends_the_run_before_the_server_must_refuse(served, tmp_path):
    reset = datetime.now(UTC) + timedelta(minutes=4)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset.isoformat()}
    brands = {"acme": Brand(name="ACME", aliases=("Waldermond",))}
    search(served, (200, spent, EMPTY[2]))
    error = gather(opened(tmp_path, served, brands=brands), tmp_path, Way.SEARCH)
    assert error.failure is Failure.THROTTLED
    assert len(served.asked) == 1


def test_the_directory_is_read_to_an_empty_page_or_as_far_as_is_allowed(served, tmp_path):
    served.otherwise = lambda path, query: (
        200,
        {},
        json.dumps(
            [
                account(f"u{n}")
                for n in range(int(query["offset"]), min(int(query["offset"]) + 40, 90))
            ]
        ).encode(),
    )
    gather(opened(tmp_path, served), tmp_path, Way.LISTING)
    assert len(ids(tmp_path)) == 90 and reasons(tmp_path) == []
    other = tmp_path / "other"
    gather(opened(other, served, pages_per_question=2), other, Way.LISTING)
    assert len(ids(other)) == 80
    assert "there is more than the 2 pages" in reasons(other)[0]


def test_one_actor_seen_by_two_servers_is_one_subject(served, tmp_path):
    actor = "https://social.acme.example/users/acme"
    search(served, found({"acct": "acme@social.acme.example", "uri": actor}))
    gather(opened(tmp_path, served), tmp_path, Way.SEARCH)
    (row,) = rows(tmp_path)
    assert row["subject_key"] == f"account:mastodon:{actor}"
    assert (row["state"], row["trust"]) == (None, "unauthenticated")


def test_what_a_server_says_of_an_account_is_read_as_flags_and_states(served, tmp_path):
    search(
        served,
        found(
            account("gone", suspended=True),
            account("quiet", limited=True),
            account("away", moved={"acct": "x"}),
            account("blocked@a.example", uri="https://a.example/users/b", suspended=True),
            account("robot", bot=True, group=True),
        ),
    )
    gather(opened(tmp_path, served), tmp_path, Way.SEARCH)
    told = [(row["handle"].split("@")[0], row["state"], row["flags"]) for row in rows(tmp_path)]
    assert told == [
        ("gone", "suspended", []),
        ("quiet", "live", ["limited"]),
        ("away", "live", ["moved"]),
        ("blocked", None, ["limited"]),
        ("robot", "live", ["bot", "group"]),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"acct": "acme"}, "uri: is missing"),
        ({"uri": "https://127.0.0.1/users/acme"}, "acct: is missing"),
        (account("acme", uri="https://mastodon.example/users/acme"), "uri: is that of another"),
        (account("acme", uri="http://[::1"), "uri: is that of another"),
        ("acme", "row: is no object"),
    ],
)
def test_an_account_that_does_not_say_who_it_is_is_refused(row, reason, served, tmp_path):
    search(served, found(row, account("other")))
    gather(opened(tmp_path, served), tmp_path, Way.SEARCH)
    assert ids(tmp_path) == ["https://127.0.0.1/users/other"]
    assert reasons(tmp_path)[0].startswith(reason)


def test_what_is_not_there_any_more_is_removed_only_where_the_server_says_what_it_is(
    served, tmp_path
):
    cases = [known(served, "acme_help")]
    lookup(served, "acme_help", (404, {}, b'{"error":"Record not found"}'))
    gather(opened(tmp_path, served, known=cases), tmp_path, Way.KNOWN)
    (row,) = rows(tmp_path)
    assert (row["subject_key"], row["state"]) == (cases[0].subject_key, "removed")
    other = tmp_path / "other"
    served.answers["/api/v1/instance"] = [(404, {}, b"<html>")]
    error = gather(opened(other, served, known=cases), other, Way.KNOWN)
    assert "its silence about 'acme_help' is no answer" in str(error)


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_silence_never_means_that_an_account_is_gone(status, served, tmp_path):
    lookup(served, "acme_help", (status, {}, b""))
    error = gather(
        opened(tmp_path, served, known=[known(served, "acme_help")]), tmp_path, Way.KNOWN
    )
    assert isinstance(error, SourceError)
    assert ids(tmp_path) == []


def test_a_name_that_somebody_else_has_now_is_two_rows(served, tmp_path):
    case = known(served, "acme_help")
    lookup(served, "acme_help", one(account("acme_help", uri="https://127.0.0.1/ap/users/2")))
    gather(opened(tmp_path, served, known=[case]), tmp_path, Way.KNOWN)
    assert [(row["native_id"], row["state"]) for row in rows(tmp_path)] == [
        (case.native_id, "removed"),
        ("https://127.0.0.1/ap/users/2", "live"),
    ]


def test_a_server_that_nobody_named_speaks_of_its_own_accounts_only(served, tmp_path):
    from namaak.sources.mastodon_.accounts import read_account

    foreign = account("acme@mastodon.example", uri="https://mastodon.example/users/acme")
    with pytest.raises(ValueError, match="acct: is of another server"):
        read_account(foreign, host="127.0.0.1", domain="127.0.0.1", watched=False)


def test_a_case_is_asked_at_its_own_server_and_by_its_name_there(tmp_path, served):
    cases = [
        Known(
            subject_key="a", native_id="https://social.acme.example/users/jan", handle="jan@a.nl"
        ),
        Known(subject_key="b", native_id=None, handle="acme@remote.example"),
        Known(subject_key="c", native_id="https://169.254.1.1@x/users/y", handle=None),
        Known(subject_key="d", native_id="urn:x", handle="q@remote.example"),
    ]
    source = opened(tmp_path, served, known=cases)
    asked = {
        one.server: [question.texts for question in source.questions(one)]
        for one in source.instances()
        if one.way is Way.KNOWN
    }
    assert asked == {"": [("jan",), ("acme",)]}
    (elsewhere,) = [one for one in source.instances() if one.way is Way.KNOWN]
    assert [question.where for question in source.questions(elsewhere)] == [
        "social.acme.example",
        "remote.example",
    ]


# Servers that nobody watches. All of them are one server here, by the first part of the path.


def strangers(folder, served, known, **table):
    class Elsewhere(Fetcher):
        async def get(self, url, **given):
            parts = urlsplit(url)
            if parts.hostname != "127.0.0.1":
                url = f"{served.url}/{parts.hostname}{parts.path}?{parts.query}"
            return await super().get(url, **given)

    source = opened(folder, served, known=known, **table)
    fetcher = partial(
        Elsewhere,
        contact=CONTACT,
        manners=source.around.manners,
        allow=(Allowed(network="127.0.0.0/8", port=served.port),),
    )
    source.around = replace(source.around, fetcher=fetcher)
    return source


def elsewhere(host, name="acme_help", **given):
    return (
        200,
        {},
        json.dumps({**account(name), "uri": f"https://{host}/users/{name}", **given}).encode(),
    )


def at(host, name="acme_help"):
    return f"/{host}/api/v1/accounts/lookup?acct={name}"


def test_what_a_server_that_nobody_watches_says_is_a_claim(served, tmp_path):
    proof = {
        "name": "Web",
        "value": '<a href="https://acme.example/" rel="me">acme.example</a>',
        "verified_at": "2026-01-01T00:00:00Z",
    }
    served.answers[at("social.evil.example")] = [
        elsewhere(
            "social.evil.example", fields=[proof], created_at="2008-01-01T00:00:00Z", suspended=True
        )
    ]
    case = Known(
        subject_key="account:mastodon:https://social.evil.example/users/acme_help",
        native_id="https://social.evil.example/users/acme_help",
        handle="acme_help@evil.example",
    )
    gather(strangers(tmp_path, served, [case]), tmp_path, Way.KNOWN)
    (row,) = rows(tmp_path)
    assert row["subject_key"] == case.subject_key and row["handle"] == case.handle
    assert row["trust"] == "unauthenticated"
    assert row["links"] == ["https://acme.example/"]
    assert [row[name] for name in ("proved_links", "created_at", "state", "flags")] == [None] * 4
    assert json.loads(row["raw"])["fields"] == [proof]


@pytest.mark.parametrize("status", [404, 410])
def test_that_an_account_is_gone_is_believed_of_no_server_that_nobody_watches(
    status, served, tmp_path
):
    case = known(served, "acme_help", server="evil.example")
    served.answers[at("evil.example")] = [(status, {}, b"{}")]
    gather(strangers(tmp_path, served, [case]), tmp_path, Way.KNOWN)
    assert rows(tmp_path) == []
    assert "believed of watched servers only" in reasons(tmp_path)[0]


def test_whoever_bears_a_name_elsewhere_now_says_nothing_of_who_bore_it(served, tmp_path):
    case = known(served, "acme_help", server="evil.example")
    served.answers[at("evil.example")] = [
        elsewhere("evil.example", uri="https://evil.example/users/2")
    ]
    gather(strangers(tmp_path, served, [case]), tmp_path, Way.KNOWN)
    assert ids(tmp_path) == ["https://evil.example/users/2"]


def test_a_crowd_of_servers_below_one_domain_takes_three_turns_of_a_run(served, tmp_path):
    crowd = [known(served, "a", server=f"s{n}.evil.example") for n in range(200)]
    others = [known(served, "z", server=f"z{n}.z{n}.example") for n in range(9)]
    served.otherwise = lambda path, query: elsewhere(path.split("/")[1], query["acct"])
    source = strangers(tmp_path, served, [*crowd, *others], every_hours=24)
    assert len([one for one in source.instances() if one.way is Way.KNOWN]) == 1
    gather(source, tmp_path, Way.KNOWN)
    asked = [path.split("/")[1] for path in served.asked]
    assert len(asked) == 12 and len([one for one in asked if one.endswith("evil.example")]) == 3
    (reason,) = reasons(tmp_path)
    assert reason.startswith("197 accounts of servers that are not watched wait for a later run")
    # The crowd that is left keeps nobody else from being looked at the next day.
    gather(source, tmp_path, Way.KNOWN, AT + 24 * HOUR)
    again = [path.split("/")[1] for path in served.asked[12:]]
    assert sorted(again[3:]) == sorted(asked[3:])
    assert not set(again[:3]) & set(asked[:3])


def test_one_run_looks_at_some_accounts_of_servers_that_nobody_watches_and_the_next_at_the_rest(
    served, tmp_path, monkeypatch
):
    monkeypatch.setattr(strangers_module, "MOST", 5)
    cases = [known(served, "z", server=f"z{n:02}.example") for n in range(8)]
    served.otherwise = lambda path, query: elsewhere(path.split("/")[1], query["acct"])
    source = strangers(tmp_path, served, cases)
    gather(source, tmp_path, Way.KNOWN)
    assert len(served.asked) == 5
    gather(source, tmp_path, Way.KNOWN, AT + HOUR)
    assert len(served.asked) == len(set(served.asked)) == 8


@pytest.mark.parametrize("status", [401, 403, 429, 500, 302])
def test_a_server_that_fails_and_that_nobody_watches_holds_up_no_other(status, served, tmp_path):
    cases = [known(served, "acme_help", server=f"{name}.example") for name in "abcdefgh"]
    for name in "abcdefg":
        served.answers[at(f"{name}.example")] = [(status, {"Retry-After": "0"}, b"")]
    served.answers[at("h.example")] = [elsewhere("h.example")]
    source = strangers(tmp_path, served, cases)
    assert not isinstance(gather(source, tmp_path, Way.KNOWN), SourceError)
    assert ids(tmp_path) == ["https://h.example/users/acme_help"]
    assert len(served.asked) == 8
    assert len(reasons(tmp_path)) == 7 and "gave no answer" in reasons(tmp_path)[0]


def test_a_server_that_takes_its_time_gets_little_of_it_and_no_second_try(
    served, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "SECONDS", 0.3)

    def slow(path, query):
        time.sleep(0.8)
        return elsewhere("slow.example")

    served.otherwise = slow
    began = time.monotonic()
    gather(
        strangers(tmp_path, served, [known(served, "acme_help", server="slow.example")]),
        tmp_path,
        Way.KNOWN,
    )
    assert time.monotonic() - began < 0.75
    assert ids(tmp_path) == [] and len(served.asked) == 1
    assert "gave no answer" in reasons(tmp_path)[0]


def test_a_budget_that_is_spent_ends_the_run_of_servers_that_nobody_watches(served, tmp_path):
    cases = [known(served, "z", server=f"z{n}.example") for n in range(4)]
    served.otherwise = lambda path, query: elsewhere(path.split("/")[1], query["acct"])
    source = strangers(tmp_path, served, cases)
    source.around = replace(
        source.around, fetcher=partial(source.around.fetcher, budget=Budget(requests=2))
    )
    error = gather(source, tmp_path, Way.KNOWN)
    assert isinstance(error, SourceError) and "2 requests of this run are spent" in str(error)
    assert len(ids(tmp_path)) == 2 and reasons(tmp_path) == []


@pytest.mark.parametrize(
    ("host", "said", "domain"),
    [
        ("social.acme.example", "acme.example", "acme.example"),
        ("evil.co.uk", "co.uk", "evil.co.uk"),
        ("evil.github.io", "github.io", "evil.github.io"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
    ],
)
def test_a_server_names_its_accounts_by_no_suffix_that_others_share(host, said, domain):
    assert read_about({"version": "4", "uri": said}, host).domain == domain


def test_faults_of_tokens_are_told_without_the_tokens(tmp_path, served):
    environ = {TOKENS: "s3cret,other.example=s3cret2"}
    told = list(opened(tmp_path, served, environ=environ).faults())
    assert len(told) == 2
    assert not any("s3cret" in one for one in told)
    plain = opened_as(
        Mastodon, tmp_path, {"servers": ["http://acme.example"]}, port=1,
        environ={TOKENS: "acme.example=t"},
    )  # fmt: skip
    assert any("not sent over http" in one for one in plain.faults())


@pytest.mark.parametrize("name", ["", "a b", "https://", "ftp://a.example", "a/b", "a.example/x"])
def test_what_is_no_server_is_refused_in_the_watch_file(name):
    with pytest.raises(ValueError, match="servers"):
        Mastodon.Config.model_validate({"servers": [name]})
