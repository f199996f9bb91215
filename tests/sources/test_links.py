"""Web addresses in free text, as people write them to be read by people."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.sources.profiles.links import links_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://acme.example/pay?x=1#y", ["https://acme.example/pay?x=1#y"]),
        ("HTTPS://Acme.Example:8443/p.", ["HTTPS://Acme.Example:8443/p"]),
        ("acme.example/pay or www.acme.test", ["https://acme.example/pay", "https://www.acme.test"]),
        ("acme.example:8443/x acme.example: yes", ["https://acme.example:8443/x", "https://acme.example"]),
        ("t.me/acme_help | wa.me/31600", ["https://t.me/acme_help", "https://wa.me/31600"]),
        ("(https://acme.example/a_(b)).", ["https://acme.example/a_(b)"]),
        ("[shop](https://acme.example/shop)", ["https://acme.example/shop"]),
        ("https://a.example,https://b.example/x;", ["https://a.example", "https://b.example/x"]),
        ('<a href="https://acme.example/x">acme.example/x</a>', ["https://acme.example/x"]),
        ("https://web.example/https://acme.example/", ["https://web.example/https://acme.example/"]),
        ("公式サイトはacme.exampleです。", ["https://acme.example"]),
        ("アクメ.example acme。example", ["https://アクメ.example", "https://acme.example"]),
        ("пример.рф пример.xn--p1ai", ["https://пример.рф", "https://пример.xn--p1ai"]),
        ("_acme.example_ acme.example-", ["https://acme.example"]),
        ("mastodon.example/@acme", ["https://mastodon.example/@acme"]),
        ("https://paypal.example@acme.example/", ["https://paypal.example@acme.example/"]),
        ("http://203.0.113.9/x", ["http://203.0.113.9/x"]),
    ],
)  # fmt: skip
def test_what_is_written_as_an_address_is_found(text, found):
    assert links_in(text) == tuple(found)


@pytest.mark.parametrize(
    "text",
    [
        "pay@acme.example", "mailto:a.b@acme.example", "first.last+tag@acme.example",
        "x@acme.example/foo", "@acme.example", "@acme.bsky.social", "node.js", "v1.2.3", "e.g.",
        "203.0.113.9", "https://", "http://]", "ftp://files.acme.example/x", "...", "a..com",
        "-.com", "", "x" * 64 + ".com", "find us at acme dot example",
    ],
)  # fmt: skip
def test_what_is_none_is_not(text):
    assert links_in(text) == ()


def test_each_is_told_once_in_order():
    assert links_in("b.com a.com https://b.com a.com") == ("https://b.com", "https://a.com")


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="htps:/.@,()[]ax 。-", max_size=200))
def test_any_text_gives_addresses_that_begin_with_a_scheme(text):
    for link in links_in(text):
        assert link.lower().startswith(("http://", "https://"))
        assert not any(char.isspace() for char in link)


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "a@",
        "https://",
        "https://a.b ",
        "a.com ",
        "https://a,",
        "a.com/",
        ")",
        "a",
        "-.",
        ":/",
    ],
)
def test_time_grows_with_the_length_and_not_with_its_square(piece):
    links_in("warm.com")

    def seconds(length):
        text = "https://a.example/" + piece * (length // len(piece))
        began = time.process_time()
        links_in(text)
        return time.process_time() - began

    # Ten times as long: a square would take a hundred times as long.
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.002)
