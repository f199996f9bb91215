"""Retry-After in all its forms, and pauses that grow."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.fetch.retrying import backoff_s, retry_after_s
from tests.fetch.asking import NOW


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("9" * 400, 1e10),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120),
        ("Sunday, 22-Nov-26 12:02:00 GMT", 120),
        ("Sun Nov 22 12:02:00 2026", 120),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
        ("Sun, 22 Nov 99999999999999999999 12:00:00 GMT", None),
        ("Sun, 22 Nov 2026 12:00:00 +99999999999999999999", None),
    ],
)
def test_what_retry_after_says(value, seconds):
    assert retry_after_s(value, date=None, now=NOW) == seconds


@given(st.integers(0, 10**9), st.integers(-(10**8), 10**8))
def test_a_date_is_read_by_the_clock_of_who_wrote_it(wait, skew):
    theirs = NOW + timedelta(seconds=skew)
    at = format_datetime(theirs + timedelta(seconds=wait), usegmt=True)
    assert retry_after_s(at, date=format_datetime(theirs, usegmt=True), now=NOW) == wait


@given(st.text(), st.text())
def test_any_text_is_seconds_or_nothing(value, date):
    seconds = retry_after_s(value, date=date, now=NOW)
    assert seconds is None or 0 <= seconds < 1e12


@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_within_its_bound(attempt, chance):
    assert 0 <= backoff_s(attempt, chance) <= min(30, 0.5 * 2 ** min(attempt, 10))


def test_a_clock_out_of_all_bounds_is_no_clock():
    far = "Sun, 22 Nov 99999999999999999999 12:00:00 GMT"
    assert retry_after_s("Sun, 22 Nov 2026 12:02:00 GMT", date=far, now=NOW) == 120
