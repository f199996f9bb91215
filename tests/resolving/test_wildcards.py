"""What two answers for names that nobody made say of a zone, and what they explain."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from namaak.resolving import Answer, Outcome
from namaak.resolving.wildcards import random_label, told_wildcard


def answer(outcome, *values, aliases=()):
    return Answer(
        name="x.test", type="A", outcome=outcome, values=values, ttl=None,
        asked_at=datetime(2026, 11, 22, tzinfo=UTC), resolver="127.0.0.1:53", attempts=1,
        aliases=aliases,
    )  # fmt: skip


ONE = answer(Outcome.ANSWERED, "192.0.2.1")
OTHER = answer(Outcome.ANSWERED, "192.0.2.2")
EMPTY = answer(Outcome.EMPTY)
ABSENT = answer(Outcome.ABSENT)
SILENT = answer(Outcome.TIMEOUT)


@pytest.mark.parametrize("other", [ONE, EMPTY, ABSENT, SILENT])
def test_one_name_that_does_not_exist_proves_that_not_all_do(other):
    assert told_wildcard("test", ABSENT, other) is told_wildcard("test", other, ABSENT) is None


def test_a_server_that_fails_proves_nothing():
    found = told_wildcard("test", ONE, SILENT)
    assert found.answers_for_all is None and found.outcome is Outcome.TIMEOUT
    assert not found.explains(ONE)


def test_an_answer_that_any_name_would_get_is_explained_and_another_is_not():
    found = told_wildcard("test", ONE, ONE)
    assert found.answers_for_all and found.stable
    assert found.explains(ONE)
    assert not found.explains(OTHER) and not found.explains(EMPTY) and not found.explains(ABSENT)


def test_where_answers_differ_for_every_name_any_answer_is_explained():
    found = told_wildcard("test", ONE, OTHER)
    assert not found.stable
    assert found.explains(answer(Outcome.ANSWERED, "192.0.2.77")) and found.explains(EMPTY)


def test_the_same_alias_explains_whatever_address_it_leads_to():
    parked = {"aliases": ("parked.example",)}
    found = told_wildcard("test", *[answer(Outcome.ANSWERED, "192.0.2.1", **parked)] * 2)
    assert found.explains(answer(Outcome.ANSWERED, "192.0.2.8", **parked))
    assert not found.explains(answer(Outcome.ANSWERED, "192.0.2.8", aliases=("mine.example",)))


def test_empty_answers_for_all_names_explain_empty_ones_only():
    found = told_wildcard("test", EMPTY, EMPTY)
    assert found.explains(EMPTY) and not found.explains(ONE)


def test_labels_that_nobody_made_differ_and_follow_the_given_source():
    labels = {random_label(random.Random(seed)) for seed in range(50)}
    assert len(labels) == 50
    assert random_label(random.Random(3)) == random_label(random.Random(3))
