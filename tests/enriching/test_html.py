"""What a page says, read from its HTML; and no bytes that make the reader do anything else."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from namaak.enriching.charset import decode_html
from namaak.enriching.html import read_page
from namaak.enriching.reading import Reading
from namaak.enriching.trackers import tracker_ids

URL = "https://acme-login.test/a/"


def read(html, *, url=URL, content_type="text/html", terms=()) -> Reading:
    body = html if isinstance(html, bytes) else html.encode()
    return Reading.model_validate(read_page(body, url=url, content_type=content_type, terms=terms))


def test_title_language_and_what_calls_itself_what():
    page = read(
        "<html lang=NL><title> Acme\n  Bank </title><meta property=og:site_name content='Acme'>"
        "<meta name=Description content='Log in'><meta name=generator content=WordPress>"
        "<svg><title>an icon</title></svg>"
    )
    assert (page.title, page.language, page.site_name, page.description, page.generator) == (
        "Acme Bank", "nl", "Acme", "Log in", "WordPress",
    )  # fmt: skip


def test_a_form_and_where_it_posts():
    page = read(
        '<base href="https://acme-login.test/x/"><form method=POST action="go.php">'
        "<input TYPE=PassWord name=p><input type=email></form>"
        "<form action='//drop.test/c'><input name=cardNumber></form>"
    )
    first, second = page.forms
    assert (first.action, first.method, first.password, first.fields) == (
        "https://acme-login.test/x/go.php", "post", True, ["email", "password"],
    )  # fmt: skip
    assert (second.action_host, second.password, second.fields) == ("drop.test", False, ["card"])


def test_a_form_without_a_target_posts_to_its_page():
    (form,) = read("<form><input type=password></form>").forms
    assert (form.action, form.method) == (URL, "get")


def test_a_password_field_outside_any_form_counts():
    (form,) = read("<div><input type=password></div>").forms
    assert (form.method, form.password) == ("script", True)


def test_fields_for_codes_and_wallets_are_told():
    (form,) = read(
        "<form><input autocomplete=one-time-code><textarea name=seed_phrase></textarea></form>"
    ).forms
    assert form.fields == ["code", "seed"]


def test_what_is_loaded_from_where():
    page = read(
        "<script src=//cdn.test/a.js?v=1></script><link rel=stylesheet href=https://acme.test/s.css>"
        "<img src=https://acme.test/logo.png srcset='https://img.test/1.png 1x, /2.png 2x'>"
        "<iframe src=https://frame.test/></iframe><a href=https://acme.test/help>?</a>"
        "<div style=\"background:url('https://acme.test/bg.jpg')\"></div>"
        "<style>p{background:url(https://img.test/p.png)}</style><img src=data:image/png;base64,x>"
    )
    assert page.resources == {
        "acme.test": 3, "cdn.test": 1, "img.test": 2, "frame.test": 1, "acme-login.test": 1,
    }  # fmt: skip
    assert page.images == {"acme.test": 3, "img.test": 2, "acme-login.test": 1}
    assert page.links == {"acme.test": 1}


def test_names_beyond_ascii_become_a_labels():
    assert read("<a href=https://b\u00fccher.test/>x</a>").links == {"xn--bcher-kva.test": 1}


def test_only_what_people_see_is_text():
    page = read(
        "<body>Log in to A\u00adc\u200bme <p hidden>not <i>this</i></p>"
        "<p style='Display : NONE'>nor this</p><script>nor()</script>"
        "<template>or this</template><noscript>x</noscript>"
        "<b>now</b><!-- never --></body>",
        terms=["Acme", "this"],
    )
    assert page.text == "Log in to Acme now"
    assert page.mentions == {"Acme": 1}


def test_the_text_is_cut_and_the_whole_is_counted():
    page = read("<p>" + "acme " * 10_000, terms=["acme"])
    assert len(page.text) == 20_000
    assert page.text_length == 49_999
    assert page.mentions == {"acme": 10_000}


def test_a_name_inside_another_word_is_no_mention():
    page = read("<p>during the meeting, ING said: ing-bank. 楽天市場", terms=["ING", "楽天"])
    assert page.mentions == {"ING": 2, "楽天": 1}


def test_a_page_that_sends_on_is_told():
    page = read('<meta http-equiv="Refresh" content="3; URL=\'/next\'">')
    assert (page.refresh.after_s, page.refresh.url) == (3, "https://acme-login.test/next")
    page = read("<script>window.location.href = 'https://acme.test/'</script>")
    assert page.script_sends_to == "https://acme.test/"


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "file:///etc/x", ""])
def test_other_schemes_lead_nowhere(target):
    page = read(
        f'<meta http-equiv=refresh content="0;url={target}"><a href="{target}">x</a>'
        f'<form action="{target}"><input type=password></form><img src="{target}">'
    )
    assert page.refresh is None
    assert page.forms[0].action == URL
    assert not page.links
    assert not page.resources


def test_icons_in_the_order_of_the_page():
    page = read(
        "<link rel='shortcut icon' href=/f.ico><link rel=icon href='data:image/png;base64,eA=='>"
        "<link rel=canonical href=/x>"
    )
    assert page.icons == ["https://acme-login.test/f.ico", "data:image/png;base64,eA=="]


def test_the_same_scripts_give_the_same_hash_in_any_order_and_version():
    one = read("<script src=/a.js?v=1></script><link rel=stylesheet href=/b.css>")
    other = read("<link rel=stylesheet href=/b.css><script src=/a.js?v=2></script>")
    assert one.script_set == other.script_set is not None
    assert read("<script src=/c.js></script>").script_set != one.script_set
    assert read("<p>").script_set is None


def test_near_pages_have_near_hashes_and_short_ones_none():
    page = "".join(f"<p class=c{number}>Account {number * 7919}</p>" for number in range(80))
    assert read("<p>hi").html_tlsh is None
    one, other = read(page), read(page.replace("Account 7919", "Konto 7919"))
    import tlsh

    assert tlsh.diff(one.html_tlsh, other.html_tlsh) < 30


def test_a_script_that_writes_the_page_is_told():
    hidden = "<script>document.write(unescape('" + "%3C" * 400 + "'))</script>"
    assert read(hidden).obfuscated
    assert not read(hidden + "<p>" + "words " * 500).obfuscated


def test_trackers_are_found_and_sorted():
    text = """gtag('config', 'G-ABCD123456'); (w,d,s,l,'GTM-ABC123'); UA-12345-1
    fbq('init', '1234567890'); ym(87654321, "init", {}); _paq.push(['setSiteId', '7']);
    var u="//stats.acme.test/"; hjid:1234567 ca-pub-1234567890123"""
    assert tracker_ids(text) == [
        "google-adsense:ca-pub-1234567890123", "google-analytics:G-ABCD123456",
        "google-analytics:UA-12345-1", "google-tag-manager:GTM-ABC123", "hotjar:1234567",
        "matomo:stats.acme.test:7", "meta-pixel:1234567890", "yandex-metrica:87654321",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("caf\u00e9".encode(), "text/html", "caf\u00e9"),
        ("caf\u00e9".encode("latin-1"), "text/html", "caf\u00e9"),
        ("caf\u00e9".encode("utf-16"), "text/html; charset=utf-8", "caf\u00e9"),
        ("мир".encode("cp1251"), "text/html; charset=windows-1251", "мир"),
        ("<meta charset=shift_jis>日".encode("shift_jis"), "", "<meta charset=shift_jis>日"),
        (b"x", "text/html; charset=punycode", "x"),
        (b"x", "text/html; charset=\x00\xff", "x"),
        (b"eJw=", "text/html; charset=zlib", "eJw="),
    ],
)  # fmt: skip
def test_bytes_become_text_as_in_browsers(body, content_type, text):
    assert decode_html(body, content_type)[0] == text


_TAGS = st.sampled_from(
    [
        "<form action=", "<input type=password>", "<meta http-equiv=refresh content='0;url=",
        "<base href=", "<link rel=icon href=", "<a href='http://[", "<img srcset=' ,, ", "<title>",
        "</title>", "'>", ">", "<svg>", "<template>", "<style>url(", "<script>location='http://",
        "</p>", "<p hidden>", "<table><tr><form>", "<math><mtext>", "http://\u2488.test", "<!--",
        "\x00", "&#0;", "&#xd800;", "<frameset>",
    ]
)  # fmt: skip


@given(st.binary(max_size=300), st.text(max_size=40))
@example(b"<a href='http://[::1'>", "")
@example(b"<base href='http://[x'><a href=y>", "text/html; charset=utf-7")
def test_any_bytes_give_a_reading(body, content_type):
    read(body, content_type=content_type, terms=["acme", "\u00df"])


@given(st.lists(_TAGS | st.text(max_size=8), max_size=30).map("".join))
def test_any_broken_html_gives_a_reading(html):
    read(html.encode("utf-8", "replace"), terms=["acme"])


def test_a_page_of_two_thousand_hosts_is_cut_and_says_so():
    page = read("".join(f"<a href=https://h{number}.test/>x</a>" for number in range(2000)))
    assert len(page.links) == 200
    assert page.links_cut


@pytest.mark.parametrize(
    "around", ["noscript", "template", "noscript><div", "iframe", "textarea", "xmp"]
)
def test_a_page_does_not_send_on_by_what_browsers_do_not_read(around):
    refresh = "<meta http-equiv=refresh content='0;url=https://acme.test/'>"
    assert read(f"<title>x</title><{around}>{refresh}").refresh is None
    assert read(f"<{around}></{around}>{refresh}").refresh is not None
