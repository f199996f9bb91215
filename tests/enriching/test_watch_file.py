"""The table [enrichment]: off by itself, and nothing is asked of whom it does not name."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from namaak.brands import Enrichment, parse_watch_file
from namaak.enriching.findings import Aspect
from namaak.errors import WatchFileError
from namaak.records import Band
from namaak.starter import starter_file
from tests.enriching.cases import WATCH


def test_without_the_table_nothing_is_asked():
    assert parse_watch_file(WATCH).enrichment == Enrichment()
    assert Enrichment().enabled is False
    # What the host's owner would see is asked for by name only.
    assert set(Enrichment().aspects) == {"dns", "rdap"}


def test_its_words_are_those_of_the_program():
    (aspect, _) = get_args(Enrichment.model_fields["aspects"].annotation)
    assert list(get_args(aspect)) == [str(one) for one in Aspect]
    bands = get_args(Enrichment.model_fields["from_band"].annotation)
    assert list(bands) == [str(band) for band in Band if band is not Band.NONE]


def test_the_table_of_the_starter_file_is_sound_once_its_marks_are_taken_away():
    text = starter_file("Waldermond")
    table = re.search(r"^#\[enrichment\]\n(?:#\w+ = .*\n)+", text, re.M)
    uncommented = text.replace(table[0], re.sub("^#", "", table[0], flags=re.M))
    found = parse_watch_file(uncommented).enrichment
    assert found.enabled and found.resolvers
    assert found.model_copy(update={"enabled": False, "resolvers": ()}) == Enrichment()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("enabled = true", "names no resolver"),
        ('resolvers = ["resolver.example"]', "'resolver.example' is no name server"),
        ('resolvers = ["127.0.0.1:0"]', "is no name server"),
        ('resolvers = ["127.0.0.1:65536"]', "is no name server"),
        ('aspects = ["smell"]', "[enrichment] aspects[0]"),
        ('from_band = "none"', "[enrichment] from_band"),
        ("hosts_per_run = 0", "[enrichment] hosts_per_run"),
        ("again_after_days = -1", "[enrichment] again_after_days"),
        ("in_flight = 5000", "[enrichment] in_flight"),
        ("on = true", "[enrichment] on: is not a key namaak knows"),
    ],
)
def test_a_fault_of_the_table_is_told_with_its_key(lines, told):
    with pytest.raises(WatchFileError) as found:
        parse_watch_file(f"{WATCH}[enrichment]\n{lines}\n")
    assert told in str(found.value)


@pytest.mark.parametrize("given", ["127.0.0.1", "127.0.0.1:5353", "[::1]:5353", "2001:db8::1"])
def test_a_resolver_is_an_address(given):
    text = f'{WATCH}[enrichment]\nenabled = true\nresolvers = ["{given}"]\n'
    assert parse_watch_file(text).enrichment.resolvers == (given,)
