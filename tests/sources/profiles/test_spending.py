"""The ledger of what is spent."""

import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.profiles.spending import Ledger

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def test_what_would_be_too_much_is_not_spent_at_all(tmp_path):
    ledger = Ledger(tmp_path)
    assert ledger.spend(60, "units", now=NOW, most=100, since=TODAY)
    assert not ledger.spend(41, "units", now=NOW, most=100, since=TODAY)
    assert ledger.spent("units", since=TODAY) == 60
    assert ledger.spend(40, "units", now=NOW, most=100, since=TODAY)
    assert ledger.spent("units", since=TODAY) == 100


def test_nothing_is_spent_and_no_file_is_made_before_the_first_time(tmp_path):
    ledger = Ledger(tmp_path / "state")
    assert ledger.spent("units", since=TODAY) == 0
    assert not (tmp_path / "state").exists()


def test_what_was_spent_before_the_day_does_not_count(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.spend(90, "units", now=NOW - timedelta(days=1), most=100, since=date(2026, 11, 20))
    assert ledger.spend(90, "units", now=NOW, most=100, since=TODAY)
    assert ledger.spent("units", since=date(2026, 11, 1)) == 180


def test_each_account_and_each_unit_has_its_own_most(tmp_path):
    ledger = Ledger(tmp_path)
    assert ledger.spend(9, "cents", now=NOW, most=10, since=TODAY, account="acme")
    assert ledger.spend(9, "cents", now=NOW, most=10, since=TODAY, account="waldermond")
    assert ledger.spend(9, "units", now=NOW, most=10, since=TODAY, account="acme")
    assert not ledger.spend(2, "cents", now=NOW, most=10, since=TODAY, account="acme")
    assert ledger.spent("cents", since=TODAY, account="acme") == 9
    assert ledger.spent("cents", since=TODAY) == 18


def test_a_day_is_a_day_of_utc_wherever_the_clock_stands(tmp_path):
    ledger = Ledger(tmp_path)
    evening = datetime(2026, 11, 20, 20, 0, tzinfo=timezone(timedelta(hours=-8)))
    ledger.spend(5, "units", now=evening, most=10, since=TODAY)
    assert ledger.spent("units", since=TODAY) == 5


def test_two_runs_at_one_time_never_spend_the_same_rest_twice(tmp_path):
    taken = []
    together = threading.Barrier(4)

    class Hesitant(Ledger):
        """Between looking and spending there is time enough for somebody else to look."""

        def _spent(self, *given):
            found = super()._spent(*given)
            time.sleep(0.003)
            return found

    def spend():
        ledger = Hesitant(tmp_path)
        together.wait()
        for _ in range(10):
            if ledger.spend(1, "units", now=NOW, most=25, since=TODAY):
                taken.append(1)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 25
    assert Ledger(tmp_path).spent("units", since=TODAY) == 25


@given(amounts=st.lists(st.integers(0, 50), max_size=12), most=st.integers(0, 100))
def test_never_more_than_the_most_is_spent(amounts, most, tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    spent = 0
    for amount in amounts:
        if ledger.spend(amount, "units", now=NOW, most=most, since=TODAY):
            spent += amount
        assert ledger.spent("units", since=TODAY) == spent <= most
