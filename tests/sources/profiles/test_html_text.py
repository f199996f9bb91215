"""HTML of strangers as people read it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.profiles.html_text import MAX_HTML, read_html


def test_blocks_are_lines_and_blanks_are_one():
    assert (
        read_html("<p>We&nbsp;  help.<br>Now</p>\n\n<p>Always</p>").text == "We help.\nNow\nAlways"
    )


def test_an_address_that_is_shortened_for_the_eye_is_whole():
    html = (
        '<a href="https://acme.example/pay"><span class="invisible">https://</span>'
        '<span class="ellipsis">acme.example/</span><span class="invisible">pay</span></a>'
    )
    read = read_html(html)
    assert read.text == "https://acme.example/pay"
    assert read.links == ("https://acme.example/pay",)


def test_mentions_and_topics_are_text_and_no_links():
    html = (
        '<a class="u-url mention" href="https://a.example/@jan">@jan</a> '
        '<a class="mention hashtag" href="https://a.example/tags/acme">#acme</a>'
    )
    read = read_html(html)
    assert (read.text, read.links) == ("@jan #acme", ())


@pytest.mark.parametrize("href", ["javascript:x", "/inside", "", "data:x", "mailto:a@b.example"])
def test_only_web_addresses_are_links(href):
    assert read_html(f'<a href="{href}">x</a>').links == ()


def test_a_link_counts_once():
    assert read_html('<a href="https://a.example">x</a>' * 3).links == ("https://a.example",)


@pytest.mark.parametrize("tag", ["script", "style", "template", "iframe", "svg", "title"])
def test_what_nobody_sees_is_not_read(tag):
    assert read_html(f"a <{tag}>hidden</{tag}> b").text == "a b"


@given(st.text(st.characters() | st.sampled_from("<>&\ud800\0"), max_size=300))
def test_any_text_is_read_without_an_error(html):
    read = read_html(html)
    assert "\n\n" not in read.text and read.text == read.text.strip()
    read.text.encode()


@given(st.text(st.sampled_from("abc \n"), max_size=60))
def test_text_without_tags_stays_its_words(text):
    assert read_html(text).text.split() == text.split()


@pytest.mark.parametrize("unit", ["<ul><li>", "<div>", "<b>", "<table>", "<a href=x>", "&#0;", "<"])
def test_nesting_without_end_takes_no_time(unit):
    began = time.process_time()
    read_html(unit * (4 * MAX_HTML // len(unit)))
    assert time.process_time() - began < 0.2
