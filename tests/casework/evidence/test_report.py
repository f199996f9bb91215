"""The report: hostile words are inert and visible, and the page needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from detectors.images.decoding import decode
from namaak.casework.evidence import comparison as comparisons
from namaak.casework.evidence.comparison import Comparison
from namaak.casework.evidence.report import (
    MAX_EVENTS,
    MAX_MATCHES,
    MAX_NOTE,
    MAX_TEXT,
    Report,
    render,
    shown,
    utc,
)
from namaak.casework.evidence.reported import MOST_SHOWN, Reported, Screenshot

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SEEN = NOW - timedelta(days=1)

HOSTILE = (
    '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>'
    "' style='x' <a href=javascript:alert(3)>{{ 7 * 7 }}</style></title>"
    "\u202eknab\u202c\u200b\u2066\0\n\x1b[31m\u2028\ud800"
)


class Page(HTMLParser):
    """Elements, attributes and text of a page, as a parser that is not ours reads them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.pieces: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.pieces).split())


def compare(logo: bytes | None, seen: bytes | None, **match: object) -> Comparison:
    return comparisons.compare(logo, seen, decode=decode, match=match or None)


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    return encoded(Image.new("RGB", (40, 30), colour), kind)


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind)
    return out.getvalue()


def match(word: str = "Αcme Bank", **changes: object) -> dict[str, object]:
    return {
        "match_id": "0" * 32,
        "field": "display-name",
        "value": word,
        "term": "Acme Bank",
        "resemblance": "homograph",
        "strength": 0.9,
        "span_start": 0,
        "span_end": len(word),
        "layers": ["skeleton"],
        "lures": [],
        "traits": [],
        "suppressed": None,
    } | changes


def told(word: str = "plain", **changes: object) -> Reported:
    values: dict[str, object] = {
        "seen_at": SEEN,
        "gathered_at": NOW,
        "link": word,
        "note": word,
        "screenshot": None,
    }
    return Reported(**(values | changes))  # type: ignore[arg-type]


def screenshot(**changes: object) -> Screenshot:
    values: dict[str, object] = {
        "sha256": "d" * 64,
        "original": b"x",
        "png": picture(),
        "thumbnail": picture(),
        "problem": None,
    }
    return Screenshot(**(values | changes))  # type: ignore[arg-type]


def report(word: str = "plain", **changes: object) -> Report:
    """A report in which `word` stands wherever a stranger's text can stand."""
    case = {
        "case_id": "NK-9FNBGW9JXTVS",
        "brand_name": word,
        "subject": word,
        "subject_kind": "account",
        "kind": word,
        "score": 87,
        "band": "high",
        "workflow": "triage",
        "subject_state": "live",
        "reason_code": word,
        "assignee": word,
        "gates": [word],
        "opened_at": SEEN,
        "first_observed_at": SEEN,
        "last_observed_at": SEEN,
    }
    signals = [
        {"name": word, "says": word, "raw": word, "weight": 2.0, "contribution": 1.5},
        {"name": "b", "says": "b", "raw": "b", "weight": -1.0, "contribution": -0.75},
    ]
    texts = dict.fromkeys(("layers", "lures", "traits"), word)
    observation = {
        "source": word,
        "instance": word,
        "position": 3,
        "observed_at": SEEN,
        "handle": word,
        "display_name": word,
        "bio": word,
        "url": word,
    }
    event = {
        "case_seq": 1,
        "happened_at": SEEN,
        "actor": word,
        "kind": word,
        "data": '{"note": "<b>x</b>"}',
        "hash": "ab" * 32,
    }
    values: dict[str, object] = {
        "case": case,
        "signals": [signal | {"detector": word} for signal in signals],
        "matches": [match(word, **{name: [text] for name, text in texts.items()})],
        "events": [event, event | {"case_seq": 2, "data": word}],
        "observations": [observation],
        "comparison": compare(picture(), picture("blue")),
        "missing": [{"what": "Time stamp", "reason": "None was asked."}],
        "files": [("data/case.json", "c" * 64)],
        "organisation": word,
        "contact": word,
        "version": "0.1.0",
        "reported": [told(word)],
    }
    return Report(**(values | changes))  # type: ignore[arg-type]


def test_hostile_text_adds_no_element_and_no_attribute() -> None:
    hostile = Page(render(report(HOSTILE), now=NOW))
    plain = Page(render(report(), now=NOW))
    # Boxes of hidden characters and of spaces, and no more.
    assert hostile.tags == plain.tags
    skipped = {"bdi", "span", "div", "tr", "td", "code", "table", "thead", "tbody", "th", "p"}
    for tag in hostile.tags - skipped:
        assert [e for e in hostile.elements if e[0] == tag] == [
            e for e in plain.elements if e[0] == tag
        ], tag
    named = {(tag, name) for tag, attributes in plain.elements for name in attributes}
    assert {(tag, name) for tag, attrs in hostile.elements for name in attrs} <= named
    assert not plain.tags & {"script", "a", "link", "iframe", "object", "embed", "form", "base"}


def test_hostile_text_is_shown_with_its_code_points() -> None:
    page = Page(render(report(HOSTILE), now=NOW))
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    for box in ("U+202E", "U+202C", "U+200B", "U+2066", "␀ U+0000", "␊ U+000A", "U+D800"):
        assert box in page.text
    hidden = {c for c in page.text if unicodedata.category(c) in ("Cc", "Cf", "Cs")}
    assert hidden <= {"\n"}


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    html = render(report(HOSTILE), now=NOW)
    page = Page(html)
    sources = [attrs["src"] for _, attrs in page.elements if "src" in attrs]
    assert len(sources) == 2
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    attributes = {name for _, attrs in page.elements for name in attrs}
    assert not attributes & {"href", "srcset", "style", "action", "background", "data", "poster"}
    assert not [name for name in attributes if name.startswith("on")]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    assert not re.search(r"url\(|@import|http", style[1])


def test_the_content_policy_allows_this_style_sheet_and_nothing_else_but_data_pictures() -> None:
    html = render(report(), now=NOW)
    policies = [
        attrs["content"]
        for tag, attrs in Page(html).elements
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policies == [
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    ]
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_the_pictures_are_encoded_anew() -> None:
    seen = picture("blue", "JPEG") + b"GIF89a<script>"
    page = Page(render(report(comparison=compare(picture(), seen)), now=NOW))
    for source in (attrs["src"] for tag, attrs in page.elements if tag == "img"):
        content = base64.b64decode(source.partition(",")[2])
        assert content.startswith(b"\x89PNG")
        assert b"script" not in content and content != seen


def test_a_picture_that_does_not_decode_is_told_in_its_place() -> None:
    page = Page(render(report(comparison=compare(picture(), b"junk")), now=NOW))
    assert "The seen picture is not shown: not a picture" in page.text
    assert [tag for tag, _ in page.elements].count("img") == 1


def test_the_edits_are_told_in_both_languages_below_the_overlay() -> None:
    drawn = Image.new("RGB", (96, 96), "white")
    ImageDraw.Draw(drawn).polygon([(15, 20), (80, 30), (30, 80)], fill="#0a7a55")
    ImageDraw.Draw(drawn).rectangle((60, 55, 84, 84), fill="#c22a00")
    logo, seen = encoded(drawn), encoded(ImageOps.mirror(drawn))
    found = compare(logo, seen, detector=HOSTILE, strength=0.9, evidence={"llr": 6.25})
    html = render(report(comparison=found), now=NOW)
    page = Page(html)
    text = " ".join(page.text.split())
    assert "The seen picture shows the official drawing mirrored." in text
    assert "toont de officiële tekening gespiegeld." in text
    assert "llr 6.25" in page.words and "<script>" not in html
    assert [tag for tag, _ in page.elements].count("img") == 3


def test_the_headline_has_brand_subject_band_and_score() -> None:
    page = Page(render(report("acme-login.example"), now=NOW))
    assert "acme-login.example resembles the brand acme-login.example" in page.words
    assert "87 of 100 high" in page.words


def test_a_replaced_letter_is_marked_and_named_on_both_sides() -> None:
    html = render(report(matches=[match()]), now=NOW)
    words = Page(html).words
    assert "U+0391 GREEK CAPITAL LETTER ALPHA" in words
    assert "U+0041 LATIN CAPITAL LETTER A" in words
    assert html.count('class="replaced"') == 1


def test_a_suppressed_match_comes_last_and_says_why() -> None:
    own = match("Acme Banc", suppressed="The brand's own account.", strength=1.0)
    words = Page(render(report(matches=[own, match("Acne Bank", strength=0.2)]), now=NOW)).words
    first, last = words.index("display-name Acne Bank"), words.index("display-name Acme Banc")
    assert first < last < words.index("Not counted: The brand's own account.")


def test_a_foreign_host_is_shown_both_ways() -> None:
    host = match("аcme.example", field="host", term="acme", span_end=4)
    words = Page(render(report(matches=[host]), now=NOW)).words
    assert "host аcme.example and the brand's acme" in words
    assert "Written in the name system as xn--cme-5cd.example" in words


def test_contributions_are_signed_and_drawn_to_scale_from_the_middle() -> None:
    page = Page(render(report(), now=NOW))
    bars = [attrs for tag, attrs in page.elements if tag == "rect"]
    assert [(bar["class"], bar["x"], bar["width"]) for bar in bars] == [
        ("bar for", "100.0", "98.0"),
        ("bar against", "51.0", "49.0"),
    ]
    assert "+1.50" in page.text and "-0.75" in page.text


def test_a_case_with_nothing_but_itself_is_still_a_page() -> None:
    bare = report(
        signals=[],
        matches=[],
        events=[],
        observations=[],
        comparison=compare(None, None),
        organisation=None,
    )
    page = Page(render(bare, now=NOW))
    words = page.words
    assert "figure" not in page.tags
    assert "No official logo was at hand." in words
    assert "No signal is recorded." in words
    assert "No name was matched" in words


def test_what_does_not_fit_the_page_is_counted() -> None:
    many = report(
        matches=[match() for _ in range(MAX_MATCHES + 2)],
        events=[report().events[0]] * (MAX_EVENTS + 3),
        observations=[report().observations[0]] * 40,
    )
    words = Page(render(many, now=NOW)).words
    assert "2 further matches are in matches.json" in words
    assert "3 earlier events are in events.jsonl" in words
    assert "28 further observations are in observations.jsonl" in words


def test_what_was_reported_stands_there_with_its_time_link_note_and_screenshot() -> None:
    one = told("https://x.com/acme_help", note="asks for card numbers", screenshot=screenshot())
    page = Page(render(report(reported=[one], comparison=compare(None, None)), now=NOW))
    assert "What was reported wat is gemeld" in page.words
    assert utc(SEEN) in page.words and "https://x.com/acme_help asks for card numbers" in page.words
    (shot,) = [attrs for tag, attrs in page.elements if tag == "img"]
    assert base64.b64decode(shot["src"].partition(",")[2]) == picture()
    assert "d" * 64 in page.words


def test_a_report_that_says_little_and_a_screenshot_that_is_not_shown_are_told() -> None:
    hidden = screenshot(png=None, thumbnail=None, problem="It is kept and not shown: no picture.")
    rows = [told(seen_at=None, note=None), told(screenshot=hidden)]
    page = Page(render(report(reported=rows), now=NOW))
    assert "not said" in page.words and "It is kept and not shown: no picture." in page.words
    assert len([tag for tag, _ in page.elements if tag == "img"]) == 2  # of the comparison


def test_a_long_note_is_shown_further_than_other_texts_and_then_cut() -> None:
    page = Page(render(report(reported=[told(note="x" * (MAX_NOTE + 7))]), now=NOW))
    assert "x" * MAX_NOTE + " … 7 more" in page.text


def test_where_nothing_was_reported_the_page_says_nothing_of_reports() -> None:
    assert "What was reported" not in render(report(reported=[]), now=NOW)


def test_the_last_reports_are_shown_and_the_others_counted() -> None:
    rows = [told(note=f"note {number}.") for number in range(MOST_SHOWN + 3)]
    words = Page(render(report(reported=rows), now=NOW)).words
    assert "3 earlier reports are in observations.jsonl" in words
    assert "note 2." not in words and "note 3." in words


def test_what_is_missing_and_the_hashes_of_the_files_are_listed() -> None:
    words = Page(render(report(), now=NOW)).words
    assert "Time stamp None was asked." in words
    assert f"data/case.json {'c' * 64}" in words


def test_headings_are_english_with_dutch_beneath() -> None:
    page = Page(render(report(), now=NOW))
    assert ("html", {"lang": "en"}) in page.elements
    assert "What was observed waarnemingen" in page.words
    assert ("span", {"class": "other", "lang": "nl"}) in page.elements


def test_a_pile_of_marks_is_taken_apart() -> None:
    assert shown("e\u0301\u0302") == "<bdi>e\u0301\u0302</bdi>"
    assert shown("e" + "\u0301" * 40).count("U+0301") == 38


@pytest.mark.parametrize("character", ["\u00a0", "\u3164", "\u2800", "\ufe0f", "\U000e0041"])
def test_what_prints_as_nothing_is_spelled_out(character: str) -> None:
    assert f"U+{ord(character):04X}" in shown(character)


def test_a_book_of_a_text_is_cut_and_counted() -> None:
    text = Page(shown("x" * (MAX_TEXT + 7))).text
    assert text == "x" * MAX_TEXT + " … 7 more"


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_becomes_one_isolated_run_without_hidden_characters(text: str) -> None:
    page = Page(shown(text))
    assert page.elements[0] == ("bdi", {})
    classes = [attributes for name, attributes in page.elements[1:] if name == "span"]
    assert len(classes) == len(page.elements) - 1
    assert all(one["class"] in ("cp", "scr", "cp prn") for one in classes)
    assert not {unicodedata.category(c) for c in page.text} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    assert utc(datetime(2026, 1, 2, 3, 4)) == "2026-01-02 03:04 UTC"
    assert utc(datetime.fromisoformat("2026-01-02T03:04+02:00")) == "2026-01-02 01:04 UTC"
    assert utc(None) == "–"
