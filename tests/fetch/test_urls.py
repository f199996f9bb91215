"""The gate for URLs: what passes is written anew, what is ambiguous is refused."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.fetch.urls import Target, UrlRefused, joined, target

PORTS = frozenset({80, 443, 8080})


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://shop.example", "http://shop.example/"),
        ("HTTP://SHOP.Example:80/A", "http://shop.example/A"),
        ("https://shop.example:8080/a?b=c#d", "https://shop.example:8080/a?b=c"),
        ("https://shop.example?x=/\\", "https://shop.example/?x=/%5C"),
        ("https://shop.example./", "https://shop.example/"),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("http://ＳＨＯＰ。example/", "http://shop.example/"),
        ("http://💩.example/", "http://xn--ls8h.example/"),
        ("http://_dmarc.-odd-.example/", "http://_dmarc.-odd-.example/"),
        ("http://192.0.2.1/", "http://192.0.2.1/"),
        ("http://[2001:DB8:0::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://shop.example/%7e%zz%", "http://shop.example/%7e%25zz%25"),
        ("http://shop.example/<a> \"b\"|c", "http://shop.example/%3Ca%3E%20%22b%22%7Cc"),
        ("http://shop.example:/", "http://shop.example/"),
    ],
)  # fmt: skip
def test_what_passes_is_written_anew(url, text):
    assert target(url, ports=PORTS).text == text


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "neither"),
        ("shop.example/", "neither"),
        ("//shop.example/", "neither"),
        ("ftp://shop.example/", "neither"),
        ("file:///etc/passwd", "neither"),
        ("data:text/html,x", "neither"),
        ("http:shop.example", "neither"),
        ("http:/shop.example", "neither"),
        (" http://shop.example/", "neither"),
        ("view-source:http://shop.example/", "neither"),
        ("http://", "no host"),
        ("http:///path", "no host"),
        ("http://:80/", "no host"),
        ("http://user@shop.example/", "user name"),
        ("http://user:word@shop.example/", "user name"),
        ("http://shop.example@127.0.0.1/", "user name"),
        ("http://shop.example\\@127.0.0.1/", "backslash"),
        ("http://shop.example/a\\b", "backslash"),
        ("http:\\\\shop.example/", "neither"),
        ("http://shop.example/\n", "control"),
        ("http://sh\top.example/", "control"),
        ("http://shop.example/\x00", "control"),
        ("http://shop.example/\x7f", "control"),
        ("http://shop.example/\x85", "control"),
        ("http://shop.example:22/", "port 22"),
        ("http://shop.example:0/", "port 0"),
        ("http://shop.example:65616/", "port 65616"),
        ("http://shop.example:808080/", "something else"),
        ("http://shop.example:8x/", "something else"),
        ("http://shop.example:80:80/", "something else"),
        ("http://shop.example:\u0668\u0660/", "something else"),
        ("http://2130706433/", "number"),
        ("http://0x7f000001/", "number"),
        ("http://0x7f.1/", "number"),
        ("http://0x/", "number"),
        ("http://127.1/", "number"),
        ("http://0177.0.0.1/", "number"),
        ("http://127.0.0.256/", "number"),
        ("http://1.2.3.4.5/", "number"),
        ("http://shop.example.1/", "number"),
        ("http://１２７.1/", "number"),
        ("http://[::1%25eth0]/", "zone"),
        ("http://[fe80::1%eth0]/", "zone"),
        ("http://[::g]/", "IPv6"),
        ("http://[127.0.0.1]/", "IPv6"),
        ("http://[::1]x/", "something else"),
        ("http://::1/", "something else"),
        ("http://shop..example/", "empty label"),
        ("http://.example/", "empty label"),
        ("http://shop.example../", "empty label"),
        ("http://sh%6Fp.example/", "character"),
        ("http://sh op.example/", "character"),
        ("http://shop.exam;ple/", "character"),
        ("http://*.example/", "character"),
        ("http://\u2100.example/", "character"),
        ("http://" + "a" * 64 + ".example/", "label longer"),
        ("http://" + "\u4e00" * 60 + ".example/", "label longer"),
        ("http://" + "\u4e00" * 1_013 + ".example/", "host longer"),
        ("http://" + "a." * 130 + "example/", "host longer"),
        ("http://shop.example/" + "a" * 9_000, "longer than"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(url, reason):
    with pytest.raises(UrlRefused, match=reason):
        target(url, ports=PORTS)


def test_wide_digits_become_the_address_that_they_mean():
    assert target("http://１２７。０。０。１/", ports=PORTS).host == "127.0.0.1"


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ("/b", "https://shop.example/b"),
        ("b?c", "https://shop.example/a/b?c"),
        ("../../../b", "https://shop.example/b"),
        ("//other.example/b", "https://other.example/b"),
        ("HTTP://other.example", "http://other.example/"),
        ("?x", "https://shop.example/a/?x"),
        (" /spaces ", "https://shop.example/spaces"),
        ("/caf\udce9", "https://shop.example/caf%E9"),
    ],
)
def test_a_location_is_joined_to_what_was_asked(location, text):
    assert joined(Target("https", "shop.example", 443, "/a/"), location, ports=PORTS).text == text


@pytest.mark.parametrize(
    "location",
    ["/\\evil.example", "\\\\evil.example", "java\nscript:x", "http://[", "http://[::1/", "x:y"],
)
def test_a_location_that_is_read_in_two_ways_is_refused(location):
    with pytest.raises(UrlRefused):
        joined(Target("https", "shop.example", 443, "/a/"), location, ports=PORTS)


SEEDS = st.sampled_from(
    ["http://", "https://", "//", "@", ":", "\\", "[", "]", "%", "127.0.0.1", "::1", "0x7f", "é",
     "。", "１", ".", "shop.example", "/", "?", "#", "\t", "\u202e", "\udc80", " ", "8080"]
)  # fmt: skip
URLS = st.one_of(st.text(), st.lists(st.one_of(SEEDS, st.text(max_size=3))).map("".join))
WRITTEN = re.compile(
    r"https?://(?:[a-z0-9_.-]+|\[[0-9a-f:]+\])(?::[0-9]+)?/[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*"
)


@given(URLS)
def test_whatever_comes_is_refused_or_written_in_one_way(url):
    for text in (url, "http://" + url):
        try:
            passed = target(text, ports=PORTS)
        except UrlRefused:
            continue
        assert passed.port in PORTS
        assert WRITTEN.fullmatch(passed.text)
        # Read again it is the same: no second reader finds another host in it.
        assert target(passed.text, ports=PORTS) == passed
        if ":" in passed.host or re.search(r"(^|\.)[0-9]+$", passed.host):
            ipaddress.ip_address(passed.host)


@given(URLS)
def test_whatever_location_comes_is_refused_or_written_in_one_way(location):
    try:
        passed = joined(Target("https", "shop.example", 443, "/a/b?c"), location, ports=PORTS)
    except UrlRefused:
        return
    assert target(passed.text, ports=PORTS) == passed


def test_a_refused_port_is_told_with_those_that_are_asked() -> None:
    with pytest.raises(UrlRefused, match=r"^names port 8080, and only 80 and 443 may be asked$"):
        target("http://shop.example:8080/", ports={443, 80})
