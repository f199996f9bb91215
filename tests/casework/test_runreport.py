"""The run's page: sums that add up, and no word of a stranger's that does anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from namaak.casework.casebook import LoadSummary
from namaak.casework.runreport import RunReport, escaped
from namaak.gathering import Gathered
from namaak.records import Band

HOSTILE = [
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "<img src=https://evil.example/x.png onerror=alert(1)>",
    "<https://evil.example>",
    "https://evil.example/",
    "www.evil.example",
    "someone@evil.example",
    "&lt;script&gt;",
    "**bold** _it_ ~~gone~~ `code`",
    "a | b | c",
    "# heading",
    "line\n\n# another\n<script>alert(1)</script>",
    "\\",
    "\\[x](https://evil.example)",
    "\u202e\u200b\x1b[31m",
    ":smile:",
]


class Page(HTMLParser):
    """What a browser would make of the page: elements, attributes, text of cells."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[str] = []
        self.rows = 0
        self.in_cell = False
        self.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.rows += tag == "tr"
        if tag in ("td", "th"):
            self.cells.append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.cells[-1] += data


def summary(**changes: Any) -> LoadSummary:
    given = {
        "file": "f",
        "matches": 10,
        "cases_opened": 3,
        "cases_refreshed": 2,
        "suppressed": 4,
        "below_watch": 1,
        "opened": (("NK-9FNBGW9JXTVS", Band.HIGH),),
    }
    return LoadSummary(**(given | changes))


def worst(text: str) -> dict[str, Any]:
    return {
        "case_id": "NK-9FNBGW9JXTVS",
        "band": "high",
        "score": 87,
        "brand": text,
        "subject": text,
        "kind": "combosquat",
        "reasons": [text, "second", "third"],
    }


def gathered(text: str) -> Gathered:
    return Gathered(
        source="files",
        label=text,
        batches=1,
        rows=1234,
        first_seen_rows=1000,
        rejected=7,
        failure=text,
    )


def test_the_sums_are_those_of_all_match_files() -> None:
    report = RunReport()
    report.add(summary())
    report.add(summary(matches=5, opened=(("NK-1", Band.CRITICAL), ("NK-2", Band.HIGH))))
    report.woken = 6
    assert report.counts() == {
        "matches": 15,
        "cases_opened": 6,
        "cases_refreshed": 4,
        "moved": 0,
        "suppressed": 8,
        "faint": 0,
        "below_watch": 2,
        "woken": 6,
        "urgent": 3,
    }
    assert report.opened[0] == ("NK-9FNBGW9JXTVS", Band.HIGH)


def test_every_sum_is_told_to_the_person_waiting() -> None:
    report = RunReport()
    report.add(summary(matches=12345, cases_opened=30, below_watch=17))
    words = report.in_words()
    for number in ("12,345", "30", "1 of them", "2 refreshed", "4 matches are", "17 subjects"):
        assert number in words


def test_a_run_without_matches_says_so_and_still_has_a_page() -> None:
    report = RunReport()
    assert report.in_words() == "no new matches, the cases stand as they stood"
    page = Page(report.markdown([], []))
    assert page.rows == 2  # the two headings
    assert page.elements <= {"h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td"}


def test_two_reports_share_no_list() -> None:
    one = RunReport()
    one.add(summary())
    assert RunReport().opened == []


def test_the_page_tells_what_was_gathered_and_the_worst_cases() -> None:
    report = RunReport()
    report.add(summary())
    page = Page(report.markdown([gathered("hosts")], [worst("acme")]))
    assert page.cells[6:12] == ["files", "hosts", "1,234", "1,000", "7", "hosts"]
    assert page.cells[-7:] == [
        "NK-9FNBGW9JXTVS", "high", "87", "acme", "acme", "combosquat", "acme; second",
    ]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_text_in_its_cell(text: str) -> None:
    page = Page(RunReport().markdown([gathered(text)], [worst(text)]))
    assert page.elements <= {"h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.attributes <= {"style"}
    assert page.rows == 4
    assert len(page.cells) == 2 * 6 + 2 * 7
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    assert page.cells[7] == page.cells[-4] == shown


@pytest.mark.parametrize("text", ["www.evil.example", "https://evil.example", "a@evil.example"])
def test_nothing_is_left_that_lenient_renderers_turn_into_a_link(text: str) -> None:
    assert not re.search(r"www\.|(?<!\\)://|\w@\w", escaped(text))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_any_text_is_one_line_of_text(text: str) -> None:
    page = Page(f"x{escaped(text)}x")
    assert page.elements == {"p"}
    assert escaped(text).splitlines() in ([escaped(text)], [])


def test_a_book_of_a_name_is_cut() -> None:
    assert escaped("a" * 500) == "a" * 200
