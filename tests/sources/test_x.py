"""X: its money first, then what it shows, leaves out and refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from namaak.brands import Brand
from namaak.errors import Failure
from namaak.records import Verified
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Way
from namaak.sources.profiles.spending import Ledger
from namaak.sources.x import APP_TOKEN, USER_TOKEN, X, XConfig, _profile
from tests.sources.keyed_platform import NOW, KeyedPlatform, Says, known, opened, run, serving

KEYS = {APP_TOKEN: "the-app", USER_TOKEN: "the-person"}
ROOT = Path(__file__).resolve().parents[2]


def user(number, handle="waldermond", **more):
    return {"id": str(number), "name": "Waldermond", "username": handle, **more}


def not_found(value):
    return {
        "value": value, "resource_id": value, "resource_type": "user", "parameter": "ids",
        "title": "Not Found Error", "detail": f"Could not find user with ids: [{value}].",
        "type": "https://api.x.com/2/problems/resource-not-found",
    }  # fmt: skip


def suspended(value):
    return not_found(value) | {
        "title": "Forbidden", "detail": f"User has been suspended: [{value}]."
    }  # fmt: skip


def x(folder, at, **more):
    table = {"dollars_per_month": 100, "probes": 0, "environ": KEYS, **more}
    return opened(X, folder, at, **table)


def spent(folder) -> Decimal:
    """Dollars that are counted as spent in the month of NOW."""
    ledger = Ledger(folder / "state")
    since = NOW.date().replace(day=1)
    return Decimal(ledger.spent("microdollars", since=since, account="")) / 1_000_000


# Money


def test_nothing_is_asked_until_somebody_says_what_it_may_cost(tmp_path):
    at = KeyedPlatform(port=1)
    source = opened(X, tmp_path, at, environ=KEYS)
    assert "set dollars_per_month" in source.lacks()
    assert "$0.010 for each account" in source.lacks()
    assert source.quota() is None
    assert f"{APP_TOKEN} is not set" in opened(X, tmp_path, at, dollars_per_month=5).lacks()
    assert x(tmp_path, at).lacks() is None


@pytest.mark.parametrize("dollars", [0, -1, "NaN", "Infinity", 1e9])
def test_a_budget_is_an_amount_of_money(dollars):
    with pytest.raises(ValidationError):
        XConfig.model_validate({"dollars_per_month": dollars})


def test_a_budget_below_the_price_of_one_call_is_a_fault(tmp_path):
    at = KeyedPlatform(port=1)
    assert list(x(tmp_path, at).faults()) == []
    faults = x(tmp_path, at, dollars_per_month=0.5, dollars_per_brand_per_month=0.25).faults()
    assert [fault.partition(":")[0] for fault in faults] == [
        "dollars_per_month", "dollars_per_brand_per_month",
    ]  # fmt: skip


def test_a_call_is_counted_in_full_before_it_is_made_and_the_rest_given_back_after_it(tmp_path):
    during = []

    def answer(_):
        during.append(spent(tmp_path))
        return Says({"data": [user(1), user(2)], "meta": {"result_count": 2}})

    with serving(answer) as at:
        source = x(tmp_path, at)
        read = run(source, Way.SEARCH)
    assert read.ids == ["1", "2"]
    assert during == [Decimal("1.00")]  # a hundred accounts at a cent
    assert spent(tmp_path) == Decimal("0.02")
    assert source.quota() == "$99.98 of $100.00 left this month"


def test_an_account_that_a_look_up_does_not_find_is_counted_as_if_it_were_charged(tmp_path):
    cases = [known("x", "1"), known("x", "2"), known("x", "3")]
    answer = {"data": [user(1)], "errors": [not_found("2"), suspended("3")]}
    with serving(lambda _: Says(answer)) as at:
        run(x(tmp_path, at, cases=cases), Way.KNOWN)
    assert spent(tmp_path) == Decimal("0.03")


def test_more_accounts_than_were_asked_for_are_counted_too(tmp_path):
    data = [user(number) for number in range(150)]
    with serving(lambda _: Says({"data": data})) as at:
        run(x(tmp_path, at), Way.SEARCH)
    assert spent(tmp_path) == Decimal("1.50")


@pytest.mark.parametrize("status", [401, 402, 403, 429])
def test_a_refusal_shows_no_account_and_costs_nothing(tmp_path, status):
    with serving(lambda _: Says({"title": "no"}, status=status)) as at:
        run(x(tmp_path, at), Way.SEARCH)
    assert len(at.asked) == 1
    assert spent(tmp_path) == 0


@pytest.mark.parametrize(
    "says",
    [
        Says({"data": [user(1)]}, cut=True),
        Says(b'{"data": [{"id": "1"'),
        Says({"title": "Internal"}, status=500),
        Says(["what"]),
    ],
    ids=["cut", "half", "500", "shape"],
)
def test_what_may_have_been_charged_stays_counted_and_is_not_tried_again_at_once(tmp_path, says):
    with serving(lambda _: says) as at:
        read = run(x(tmp_path, at), Way.SEARCH)
    assert read.error is not None
    assert len(at.asked) == 1
    assert spent(tmp_path) == Decimal("1.00")


def test_when_the_money_is_spent_the_run_ends_and_says_when_there_is_more(tmp_path):
    brands = {"waldermond": Brand(name="Waldermond", aliases=("Walder", "Mond"))}
    data = [user(number) for number in range(100)]
    with serving(lambda _: Says({"data": data, "meta": {"result_count": 100}})) as at:
        source = x(tmp_path, at, dollars_per_month=2.5, brands=brands)
        read = run(source, Way.SEARCH)
        assert read.error.failure is Failure.THROTTLED
        assert "X's money for this month is spent" in str(read.error)
        assert "renewed on 01 Dec 2026" in str(read.error)
        assert [one.one("query") for one in at.asked] == ["Waldermond", "Walder"]
        # The next run asks nothing, the first one of the next month goes on.
        assert run(x(tmp_path, at, dollars_per_month=2.5, brands=brands), Way.SEARCH, after=read)
        assert len(at.asked) == 2
        december = datetime(2026, 12, 1, 0, 5, tzinfo=UTC)
        later = x(tmp_path, at, dollars_per_month=2.5, brands=brands, now=december)
        run(later, Way.SEARCH, after=read)
    assert [one.one("query") for one in at.asked[2:]] == ["Mond"]
    assert spent(tmp_path) - Decimal("1.00") == Decimal("2.00")


def test_a_brand_whose_share_is_spent_holds_up_no_other(tmp_path):
    brands = {"one": Brand(name="Waldermond", aliases=("Wald",)), "two": Brand(name="Peerwinkel")}
    data = [user(number) for number in range(100)]
    table = {"brands": brands, "dollars_per_brand_per_month": 1}
    with serving(lambda _: Says({"data": data})) as at:
        read = run(x(tmp_path, at, **table), Way.SEARCH)
    assert [one.one("query") for one in at.asked] == ["Waldermond", "Peerwinkel"]
    assert "X's money for the brand one for this month is spent" in str(read.error)
    assert spent(tmp_path) == Decimal("2.00")


def test_the_next_run_asks_first_what_there_is_money_for(tmp_path):
    brands = {
        "one": Brand(name="Waldermond", aliases=("Wald", "Mond")),
        "two": Brand(name="Peerwinkel", aliases=("Peer Shop", "Peer App")),
    }

    def answer(got):
        shown = 10 if got.one("query").startswith("Peer") else 100
        return Says({"data": [user(number) for number in range(shown)]})

    table = {"brands": brands, "dollars_per_brand_per_month": 1.5}
    with serving(answer) as at:
        read = run(x(tmp_path, at, **table), Way.SEARCH)
        assert [one.one("query") for one in at.asked] == ["Waldermond", "Peerwinkel"]
        run(x(tmp_path, at, **table), Way.SEARCH, after=read)
    assert [one.one("query") for one in at.asked[2:]] == ["Peer Shop", "Peer App"]


def test_two_runs_at_one_time_together_spend_no_more_than_the_budget(tmp_path):
    names = tuple(f"Waldermond {number}" for number in range(8))
    brands = {"waldermond": Brand(name="Waldermond", aliases=names)}
    charged, counting = [], threading.Lock()

    def answer(_):
        with counting:
            charged.append(30)
        return Says({"data": [user(number) for number in range(30)]})

    with serving(answer) as at:
        runs = [
            threading.Thread(
                target=run,
                args=(x(tmp_path, at, dollars_per_month=1.9, brands=brands), Way.SEARCH),
            )
            for _ in range(2)
        ]
        for one in runs:
            one.start()
        for one in runs:
            one.join()
    billed = Decimal(sum(charged)) / 100
    assert Decimal("0.9") <= billed <= Decimal("1.9")
    assert spent(tmp_path) == billed


def test_a_run_that_is_killed_while_it_asks_has_counted_what_it_may_have_cost(tmp_path):
    """The program itself, killed by a signal that it cannot catch."""
    child: list[subprocess.Popen] = []

    def answer(_):
        os.kill(child[0].pid, signal.SIGKILL)
        return Says({"data": [user(1)]})

    program = (
        "import sys; from pathlib import Path; from namaak.sources.profiles.questions import Way;"
        "from tests.sources.test_x import x; from tests.sources.keyed_platform import *;"
        "run(x(Path(sys.argv[1]), KeyedPlatform(int(sys.argv[2]))), Way.SEARCH)"
    )
    with serving(answer) as at:
        asking = [sys.executable, "-c", program, str(tmp_path), str(at.port)]
        with subprocess.Popen(asking, cwd=ROOT, stdin=subprocess.PIPE) as process:
            child.append(process)
            assert process.wait(timeout=60) == -signal.SIGKILL
    assert len(at.asked) == 1
    assert spent(tmp_path) == Decimal("1.00")


def test_what_is_given_back_after_midnight_is_given_back_to_the_month_it_came_from(tmp_path):
    ledger = Ledger(tmp_path)
    # Told in a zone where it is December already: days are those of UTC.
    late = datetime(2026, 12, 1, 0, 59, tzinfo=timezone(timedelta(hours=1)))
    since = datetime(2026, 12, 1).date()
    november = datetime(2026, 11, 1).date()
    assert ledger.spend(100, "microdollars", now=late, most=100, since=november)
    ledger.give_back(40, "microdollars", at=late)
    assert ledger.spent("microdollars", since=since) == 0
    assert ledger.spent("microdollars", since=november) == 60
    with pytest.raises(ValueError, match="cannot be given back"):
        ledger.give_back(-1, "microdollars", at=late)


def test_a_case_that_was_paid_for_lately_is_not_paid_for_again_when_another_joins_it(tmp_path):
    first, second = known("x", "1"), known("x", "0")

    def answer(got):
        return Says({"data": [user(one) for one in got.one("ids").split(",")]})

    with serving(answer) as at:
        read = run(x(tmp_path, at, cases=[first]), Way.KNOWN)
        read = run(x(tmp_path, at, cases=[first, second]), Way.KNOWN, after=read)
        later = NOW + timedelta(hours=25)
        run(x(tmp_path, at, cases=[first, second], now=later), Way.KNOWN, after=read, at=later)
    assert [one.one("ids") for one in at.asked] == ["1", "0", "0,1"]
    assert spent(tmp_path) == Decimal("0.04")


def test_what_was_not_stored_is_asked_and_paid_for_again(tmp_path):
    with serving(lambda _: Says({"data": [user(1)]})) as at:
        for _ in range(2):
            source = x(tmp_path, at, cases=[known("x", "1")])
            batches = source.batches(source.instance(Way.KNOWN), observed_at=NOW)
            assert next(batches).observations.num_rows == 1
            batches.close()
    assert len(at.asked) == 2


def test_what_is_a_case_already_is_looked_up_more_often_than_names_are_searched(tmp_path):
    with serving(lambda got: Says({"data": [user(1 if "search" in got.path else 2)]})) as at:
        cases = [known("x", "1"), known("x", "2")]
        searched = run(x(tmp_path, at), Way.SEARCH)
        looked = run(x(tmp_path, at, cases=cases), Way.KNOWN)
        later = NOW + timedelta(hours=25)
        source = x(tmp_path, at, cases=cases, now=later)
        run(source, Way.SEARCH, after=searched, at=later)
        run(source, Way.KNOWN, after=looked, at=later)
    # What the search showed a moment ago is not paid for again either.
    asked = [one.one("ids") or one.one("query") for one in at.asked]
    assert asked == ["Waldermond", "2", "1,2"]


# What is asked and shown


def test_the_key_is_in_a_header_and_in_no_address(tmp_path):
    with serving(lambda _: Says({"meta": {"result_count": 0}})) as at:
        run(x(tmp_path, at), Way.SEARCH)
        run(x(tmp_path, at, cases=[known("x", "1")]), Way.KNOWN)
    assert [one.headers["Authorization"] for one in at.asked] == [
        "Bearer the-person", "Bearer the-app",
    ]  # fmt: skip
    assert not any("the-" in one.target for one in at.asked)


@pytest.mark.parametrize("url", ["http://api.x.com/2", "http://127.0.0.1:1@x.test", "ftp://x"])
def test_a_key_is_sent_nowhere_where_others_could_read_it(url):
    with pytest.raises(ValidationError):
        XConfig.model_validate({"url": url})


def test_without_a_persons_token_names_are_not_searched_and_the_quota_says_so(tmp_path):
    source = x(tmp_path, KeyedPlatform(1), environ={APP_TOKEN: "the-app"}, probes=2)
    assert [one.way for one in source.instances()] == [Way.PROBE]
    assert f"no {USER_TOKEN}, so no searches" in source.quota()


def test_probes_are_asked_a_hundred_at_a_time_and_an_absent_handle_is_no_row(tmp_path):
    def answer(got):
        (first, *others) = got.one("usernames").split(",")
        return Says({"data": [user(7, first)], "errors": [not_found(one) for one in others]})

    with serving(answer) as at:
        read = run(x(tmp_path, at, probes=150), Way.PROBE)
    assert [len(one.one("usernames").split(",")) for one in at.asked] == [100, 50]
    assert len(read.rows) == 2
    assert read.rejects == []


def test_of_a_case_it_is_told_whether_it_is_there_renamed_gone_suspended_or_unknown(tmp_path):
    cases = [known("x", str(number), f"handle_{number}") for number in range(1, 6)]
    answer = {
        "data": [user(1, "renamed")],
        "errors": [not_found("2"), suspended("3"), not_found("4") | {"title": "Odd"}],
    }
    with serving(lambda _: Says(answer)) as at:
        read = run(x(tmp_path, at, cases=[*cases, known("x", "no id")]), Way.KNOWN)
    assert at.asked[0].one("ids") == "1,2,3,4,5"
    told = {row["native_id"]: (row["handle"], row["state"]) for row in read.rows}
    assert told == {
        "1": ("renamed", "live"),
        "2": ("handle_2", "removed"),
        "3": ("handle_3", "suspended"),
    }
    assert read.rejects == [
        "account 4: is not shown, its state is not known",
        "account 5: is not shown, its state is not known",
        "account no id: is none of X's, not looked up",
    ]


def test_pages_of_a_search_are_followed_and_what_comes_twice_counts_once(tmp_path):
    def answer(got):
        if got.one("next_token") is None:
            return Says({"data": [user(1), user(2)], "meta": {"next_token": "more"}})
        return Says({"data": [user(2), user(3)], "meta": {"result_count": 2}})

    with serving(answer) as at:
        read = run(x(tmp_path, at, pages_per_question=3), Way.SEARCH)
    assert read.ids == ["1", "2", "3"]
    assert read.skipped == 1
    assert len(at.asked) == 2


def test_an_account_renamed_between_two_pages_is_one_account_seen_twice(tmp_path):
    def answer(got):
        if got.one("next_token") is None:
            return Says({"data": [user(1, "before")], "meta": {"next_token": "more"}})
        return Says({"data": [user(1, "after")]})

    with serving(answer) as at:
        read = run(x(tmp_path, at, pages_per_question=3), Way.SEARCH)
    assert {row["subject_key"] for row in read.rows} == {"account:x:1"}
    assert [row["handle"] for row in read.rows] == ["before", "after"]


def test_a_cursor_that_leads_to_itself_ends_and_costs_no_more(tmp_path):
    answer = Says({"data": [user(1)], "meta": {"next_token": "round"}})
    with serving(lambda _: answer) as at:
        read = run(x(tmp_path, at, pages_per_question=10), Way.SEARCH)
    assert len(at.asked) == 2
    assert any("again and again" in reason for reason in read.rejects)
    assert spent(tmp_path) == Decimal("0.02")


@pytest.mark.parametrize(
    ("status", "failure", "says"),
    [
        (401, Failure.AUTH, f"does not accept what {USER_TOKEN} holds"),
        (402, Failure.AUTH, "rights, plan and credit"),
        (403, Failure.AUTH, f"with the key in {USER_TOKEN}"),
        (429, Failure.THROTTLED, "from 22 Nov 12:15 UTC on a run goes on"),
        (503, Failure.TRANSIENT, "the next run asks again"),
        (302, Failure.POLICY, "elsewhere"),
    ],
)
def test_a_refusal_is_one_sentence_that_says_what_to_do(tmp_path, status, failure, says):
    reset = str(int((NOW + timedelta(minutes=15)).timestamp()))
    headers = {"x-rate-limit-reset": reset, "Location": "https://other.example/"}
    refusal = Says({"detail": "why\x1b[2J"}, status=status, headers=headers)
    with serving(lambda _: refusal) as at:
        read = run(x(tmp_path, at), Way.SEARCH)
    assert read.error.failure is failure
    assert says in str(read.error)
    assert "\n" not in str(read.error) and "\x1b" not in str(read.error)
    assert "the-person" not in str(read.error)


@pytest.mark.parametrize(
    ("said", "verified"),
    [
        ("blue", Verified.PAID), ("business", Verified.ORGANISATION),
        ("government", Verified.ORGANISATION), ("none", Verified.NONE), ("new", None),
    ],
)  # fmt: skip
def test_a_badge_that_is_sold_is_told_from_one_that_is_checked(said, verified):
    assert _profile(user(1, verified_type=said, verified=True)).verified is verified


def test_a_profile_shows_where_its_links_lead_its_flags_and_the_picture_as_uploaded():
    read = _profile(
        user(
            1,
            protected=True,
            parody=True,
            withheld={"country_codes": ["NL"]},
            url="https://t.co/a",
            profile_image_url="https://pictures.example/1/a_normal.png",
        )
    )
    assert read.flags == ("protected", "limited", "parody")
    assert read.links == ("https://t.co/a",)
    assert read.avatar_url == "https://pictures.example/1/a.png"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["id", "username", "entities", "public_metrics", "url", "withheld", "profile_image_url"]
)


@given(st.dictionaries(_FIELDS, _JSON))
def test_a_row_is_a_profile_or_refused_whatever_its_fields_hold(row):
    try:
        assert isinstance(_profile(row), Profile)
    except ValueError as error:
        assert str(error) == "user: has no id"
