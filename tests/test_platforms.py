"""Platforms: one spelling each, so that an owned account is found to be owned; what their handles
may be, so that no impossible one is asked for; what a pasted link says, and what none may say."""

from __future__ import annotations

import json
import re
import time
import tomllib
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.platforms import (
    MAX_LINK,
    Platform,
    bare_server,
    fold_platform,
    nearest_platform,
    platform,
    platforms,
    read_link,
    recognise,
)
from namaak.sources import discover

_TABLE = files("namaak.platforms")


@pytest.mark.parametrize("name", ["X", "x", " Twitter ", "twitter.com", "X.com", "TWITTER"])
def test_every_name_of_x_is_x(name: str) -> None:
    assert fold_platform(name) == "x"


@pytest.mark.parametrize("name", ["Google Play", "google-play", "GOOGLE  PLAY", "google\tplay"])
def test_letter_case_and_spaces_do_not_tell_platforms_apart(name: str) -> None:
    assert fold_platform(name) == "google-play"


@given(st.text(max_size=30) | st.sampled_from([n for one in platforms() for n in one.other_names]))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold_platform(fold_platform(name)) == fold_platform(name)


def test_a_name_that_the_table_does_not_have_stays_as_it_is() -> None:
    assert fold_platform("Somewhere Else") == "somewhere-else"
    assert platform("Somewhere Else") is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("instagramm", "instagram"),
        ("Insta gram", "instagram"),
        ("facebok", "facebook"),
        ("Twiter", "x"),
        ("Linkedln", "linkedin"),
        ("google plays", "google-play"),
        ("Somewhere Else", None),
        ("", None),
        ("a" * 100_000, None),
    ],
)
def test_a_mistyped_name_is_told_which_platform_is_nearest(name: str, meant: str | None) -> None:
    assert nearest_platform(name) == meant


# The table


def test_the_table_is_as_its_schema_says() -> None:
    schema = json.loads(_TABLE.joinpath("platforms.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    table = tomllib.loads(_TABLE.joinpath("platforms.toml").read_text(encoding="utf-8"))
    faults = sorted(
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
        for fault in jsonschema.Draft202012Validator(schema).iter_errors(table)
    )
    assert faults == []


def test_no_two_platforms_share_a_name_or_a_host() -> None:
    names = [name for one in platforms() for name in (one.id, *one.other_names)]
    hosts = [host for one in platforms() for host in one.hosts]
    assert sorted(names) == sorted(set(names))
    assert sorted(hosts) == sorted(set(hosts))


_WANTED = """
bluesky mastodon youtube github app-store google-play telegram reddit x instagram facebook
linkedin pinterest tiktok tripadvisor yelp wordpress wikipedia threads twitch discord snapchat
whatsapp medium packages
"""


@pytest.mark.parametrize("name", _WANTED.split())
def test_every_platform_that_brands_ask_for_has_a_row(name: str) -> None:
    found = platform(name)
    assert found is not None
    assert found.needs and found.native_id_is
    assert found.sources or found.links or found.subdomains


@pytest.mark.parametrize("one", platforms(), ids=lambda one: one.id)
def test_every_pattern_of_a_handle_can_be_read_and_knows_its_own_limits(one: Platform) -> None:
    if one.handle is None:
        assert not one.allows("acme")
        return
    re.compile(one.handle)
    longest = "a" * one.longest
    assert one.allows(longest)
    assert not one.allows(longest + "a")
    assert not one.allows("")
    assert not one.allows("a" * (one.shortest - 1))
    for hostile in ("acme\n", "ac me", "acme/x", "acme\x00", "a\u200bcme", "acme?x", "@acme"):
        assert not one.allows(hostile) or (one.id == "wikipedia" and hostile == "ac me")


def test_every_source_of_a_platform_stands_in_its_row_and_no_other() -> None:
    covered = {(one.id, source) for one in platforms() for source in one.sources}
    declared = {
        (source.platform, name)
        for name, source in discover().items()
        if source.platform is not None
    }
    assert covered == declared


def _row_of_the_page(one: Platform) -> str:
    limits = "none"
    if one.handle is not None:
        limits = f"{one.shortest} to {one.longest}"
        limits += ", letter case matters" * one.case_matters
        limits += ", dots mean nothing" * one.dots_ignored
    covered = ", ".join(f"`{source}`" for source in one.sources) or "by hand"
    report = f"[rules or form]({one.report})" if one.report else ""
    cells = (one.name, f"`{one.id}`", limits, one.native_id_is, covered, one.needs, report)
    return f"| {' | '.join(cells)} |"


def test_the_page_of_platforms_is_true_to_the_table() -> None:
    page = Path(__file__).resolve().parents[1] / "docs" / "reference" / "platforms.md"
    rows = re.findall(r"^\| [^|]+ \| `[a-z-]+` \| .*$", page.read_text(encoding="utf-8"), re.M)
    assert rows == [_row_of_the_page(one) for one in platforms()]


# Handles


@pytest.mark.parametrize(
    ("name", "handle", "allowed"),
    [
        ("x", "acme_help", True),
        ("x", "acm", False),
        ("x", "acme.help", False),
        ("x", "a" * 16, False),
        ("instagram", "acme.help", True),
        ("instagram", "acme..help", False),
        ("instagram", "acme-help", False),
        ("telegram", "acme1", True),
        ("telegram", "1acme", False),
        ("telegram", "acme_", False),
        ("github", "acme-help", True),
        ("github", "acme--help", False),
        ("github", "-acme", False),
        ("github", "acme_help", False),
        ("reddit", "ac", False),
        ("youtube", "акме", True),
        ("youtube", "ac", False),
        ("facebook", "a.c.m.e", False),
        ("facebook", "acme.bank", True),
        ("bluesky", "acme", True),
        ("bluesky", "ac", False),
        ("bluesky", "ac.bsky.social", False),
        ("bluesky", "acme.bsky.social", True),
        ("bluesky", "acme.example", True),
        ("bluesky", "acme_help", False),
        ("mastodon", "acme_help", True),
        ("mastodon", "acme@social.example", True),
        ("mastodon", "acme@social", False),
        ("mastodon", "acme@evil.example/x", False),
        ("whatsapp", "acme", False),
    ],
)
def test_a_handle_is_allowed_where_its_platform_would_give_it(
    name: str, handle: str, allowed: bool
) -> None:
    found = platform(name)
    assert found is not None
    assert found.allows(handle) is allowed


@pytest.mark.parametrize(
    ("name", "handle", "fitted"),
    [
        ("x", "@AcmeHelp", "acmehelp"),
        ("facebook", "Acme.Bank.NL", "acmebanknl"),
        ("bluesky", "Acme", "acme.bsky.social"),
        ("bluesky", "Acme.example", "acme.example"),
        ("wikipedia", "AcmeBank", "AcmeBank"),
        ("x", "acme help", None),
        ("tiktok", "a", None),
    ],
)
def test_a_handle_is_fitted_to_how_its_platform_compares_it(
    name: str, handle: str, fitted: str | None
) -> None:
    found = platform(name)
    assert found is not None
    assert found.fitted(handle) == fitted


@given(st.sampled_from(platforms()), st.text(max_size=60))
def test_what_is_fitted_is_allowed_and_stays(one: Platform, handle: str) -> None:
    fitted = one.fitted(handle)
    if fitted is not None:
        assert one.allows(fitted)
        assert one.fitted(fitted) == fitted


# Links

_LINKS = [
    # link, platform, handle, native id, the link as it should be
    (
        "https://www.youtube.com/@ACME/videos",
        "youtube",
        "ACME",
        None,
        "https://www.youtube.com/@ACME",
    ),
    (
        "youtube.com/channel/UCabcdefghij-_0123456789?si=1",
        "youtube",
        None,
        "UCabcdefghij-_0123456789",
        "https://www.youtube.com/channel/UCabcdefghij-_0123456789",
    ),
    ("m.youtube.com/c/AcmeNL", "youtube", "c/AcmeNL", None, "https://www.youtube.com/c/AcmeNL"),
    ("youtube.com/user/acme", "youtube", "user/acme", None, "https://www.youtube.com/user/acme"),
    (
        "https://www.youtube.com/@%D0%B0%D0%BA%D0%BC%D0%B5",
        "youtube",
        "акме",
        None,
        "https://www.youtube.com/@%D0%B0%D0%BA%D0%BC%D0%B5",
    ),
    ("t.me/s/acme_help?before=12", "telegram", "acme_help", None, "https://t.me/acme_help"),
    ("https://t.me/acme_help/17", "telegram", "acme_help", None, "https://t.me/acme_help"),
    ("https://t.me/+AbC-dE", "telegram", None, "+AbC-dE", "https://t.me/+AbC-dE"),
    ("https://t.me/joinchat/AbCdE", "telegram", None, "+AbCdE", "https://t.me/+AbCdE"),
    (
        "nl.linkedin.com/company/acme-bank/about/",
        "linkedin",
        "acme-bank",
        None,
        "https://www.linkedin.com/company/acme-bank/",
    ),
    (
        "https://www.linkedin.com/company/1234567/",
        "linkedin",
        None,
        "1234567",
        "https://www.linkedin.com/company/1234567/",
    ),
    (
        "linkedin.com/in/Acme-Desk-0a1?trk=x",
        "linkedin",
        "in/Acme-Desk-0a1",
        None,
        "https://www.linkedin.com/in/Acme-Desk-0a1/",
    ),
    (
        "linkedin.com/school/acme",
        "linkedin",
        "school/acme",
        None,
        "https://www.linkedin.com/school/acme/",
    ),
    (
        "https://m.facebook.com/profile.php?ref=x&id=100000000000001#top",
        "facebook",
        None,
        "100000000000001",
        "https://www.facebook.com/100000000000001",
    ),
    (
        "https://www.facebook.com/people/Acme-Bank/100000000000002/",
        "facebook",
        None,
        "100000000000002",
        "https://www.facebook.com/100000000000002",
    ),
    (
        "https://nl-nl.facebook.com/Acme.Bank/posts/1?fbclid=abc",
        "facebook",
        "Acme.Bank",
        None,
        "https://www.facebook.com/Acme.Bank",
    ),
    (
        "facebook.com/groups/acme.fans",
        "facebook",
        "groups/acme.fans",
        None,
        "https://www.facebook.com/groups/acme.fans",
    ),
    (
        "https://apps.apple.com/nl/app/acme-bank/id6400000101?l=nl",
        "app-store",
        None,
        "6400000101",
        "https://apps.apple.com/app/id6400000101",
    ),
    (
        "apps.apple.com/app/id6400000101",
        "app-store",
        None,
        "6400000101",
        "https://apps.apple.com/app/id6400000101",
    ),
    (
        "https://play.google.com/store/apps/details?hl=nl&id=example.acme.app",
        "google-play",
        None,
        "example.acme.app",
        "https://play.google.com/store/apps/details?id=example.acme.app",
    ),
    (
        "https://social.example/@Acme",
        "mastodon",
        "Acme@social.example",
        None,
        "https://social.example/@Acme",
    ),
    (
        "https://social.example/@acme@other.example",
        "mastodon",
        "acme@other.example",
        None,
        "https://other.example/@acme",
    ),
    (
        "social.example/users/acme",
        "mastodon",
        "acme@social.example",
        None,
        "https://social.example/@acme",
    ),
    (
        "@acme@social.example",
        "mastodon",
        "acme@social.example",
        None,
        "https://social.example/@acme",
    ),
    (
        "acme@social.example",
        "mastodon",
        "acme@social.example",
        None,
        "https://social.example/@acme",
    ),
    (
        "https://xn--bcher-kva.example/@acme",
        "mastodon",
        "acme@xn--bcher-kva.example",
        None,
        "https://xn--bcher-kva.example/@acme",
    ),
    (
        "https://bücher.example/@acme",
        "mastodon",
        "acme@xn--bcher-kva.example",
        None,
        "https://xn--bcher-kva.example/@acme",
    ),
    (
        "https://bsky.app/profile/acme.bsky.social/post/3k",
        "bluesky",
        "acme.bsky.social",
        None,
        "https://bsky.app/profile/acme.bsky.social",
    ),
    (
        "bsky.app/profile/did%3Aplc%3Aabcdefghijklmnopqrstuvwx",
        "bluesky",
        None,
        "did:plc:abcdefghijklmnopqrstuvwx",
        "https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx",
    ),
    (
        "did:plc:abcdefghijklmnopqrstuvwx",
        "bluesky",
        None,
        "did:plc:abcdefghijklmnopqrstuvwx",
        "https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx",
    ),
    (
        "at://acme.example/app.bsky.feed.post/3k",
        "bluesky",
        "acme.example",
        None,
        "https://bsky.app/profile/acme.example",
    ),
    (
        "old.reddit.com/u/Acme_Help/comments",
        "reddit",
        "Acme_Help",
        None,
        "https://www.reddit.com/user/Acme_Help/",
    ),
    ("reddit.com/r/acme", "reddit", "r/acme", None, "https://www.reddit.com/r/acme/"),
    ("https://github.com/orgs/acme/people", "github", "acme", None, "https://github.com/acme"),
    ("github.com/Acme/tool", "github", "Acme", None, "https://github.com/Acme"),
    (
        "https://WWW.TIKTOK.COM/@Acme.Help?lang=nl",
        "tiktok",
        "Acme.Help",
        None,
        "https://www.tiktok.com/@Acme.Help",
    ),
    ("nl.pinterest.com/acme/board", "pinterest", "acme", None, "https://www.pinterest.com/acme/"),
    ("https://pinterest.nl/acme", "pinterest", "acme", None, "https://www.pinterest.com/acme/"),
    ("acme.wordpress.com/2020/", "wordpress", "acme", None, "https://acme.wordpress.com/"),
    (
        "https://www.yelp.com/biz/acme-utrecht-2",
        "yelp",
        "acme-utrecht-2",
        None,
        "https://www.yelp.com/biz/acme-utrecht-2",
    ),
    (
        "www.tripadvisor.nl/Hotel_Review-g188590-d12345-Reviews-Acme-Utrecht.html",
        "tripadvisor",
        None,
        "d12345",
        "https://www.tripadvisor.com/d12345",
    ),
    ("discord.gg/AcMe", "discord", None, "invite/AcMe", "https://discord.com/invite/AcMe"),
    (
        "https://discord.com/invite/AcMe?event=1",
        "discord",
        None,
        "invite/AcMe",
        "https://discord.com/invite/AcMe",
    ),
    (
        "https://www.whatsapp.com/channel/0029VaAcme",
        "whatsapp",
        None,
        "channel/0029VaAcme",
        "https://whatsapp.com/channel/0029VaAcme",
    ),
    ("wa.me/31600000000", "whatsapp", None, "31600000000", "https://wa.me/31600000000"),
    (
        "https://api.whatsapp.com/send?phone=%2B31600000000&text=hi",
        "whatsapp",
        None,
        "31600000000",
        "https://wa.me/31600000000",
    ),
    ("threads.net/@acme", "threads", "acme", None, "https://www.threads.com/@acme"),
    ("snapchat.com/add/acme", "snapchat", "acme", None, "https://www.snapchat.com/@acme"),
    (
        "https://m.twitch.tv/acme_live",
        "twitch",
        "acme_live",
        None,
        "https://www.twitch.tv/acme_live",
    ),
    ("medium.com/@acme/a-post-1", "medium", "acme", None, "https://medium.com/@acme"),
    ("https://acme.medium.com/about", "medium", "acme", None, "https://medium.com/@acme"),
    ("acme.tumblr.com/post/1", "tumblr", "acme", None, "https://acme.tumblr.com/"),
    ("linktr.ee/acme.help", "linktree", "acme.help", None, "https://linktr.ee/acme.help"),
    ("mobile.twitter.com/AcmeHelp/status/1", "x", "AcmeHelp", None, "https://x.com/AcmeHelp"),
    ("x.com:443/acme", "x", "acme", None, "https://x.com/acme"),
    ("https://x.com/i/user/12", "x", None, "12", "https://x.com/i/user/12"),
    (
        " (<HTTPS://INSTAGRAM.COM/ACME/?hl=nl#x>).\n",
        "instagram",
        "ACME",
        None,
        "https://www.instagram.com/ACME/",
    ),
    (
        "https://nl.wikipedia.org/wiki/Gebruiker:Acme_Desk",
        "wikipedia",
        "Acme Desk",
        None,
        "https://meta.wikimedia.org/wiki/User:Acme_Desk",
    ),
]


@pytest.mark.parametrize(("link", "where", "handle", "native_id", "url"), _LINKS)
def test_a_link_says_who_it_is(
    link: str, where: str, handle: str | None, native_id: str | None, url: str
) -> None:
    found = read_link(link)
    assert (found.platform, found.handle, found.native_id, found.canonical_url) == (
        where,
        handle,
        native_id,
        url,
    )
    assert found.kind == ("app" if where in ("app-store", "google-play") else "account")


@pytest.mark.parametrize("url", sorted({row[4] for row in _LINKS}))
def test_a_link_as_it_should_be_stays_as_it_is(url: str) -> None:
    if not url.startswith("https://www.tripadvisor.com/d"):
        assert read_link(url).canonical_url == url


def test_every_platform_with_links_has_one_that_is_tried_here() -> None:
    assert {one.id for one in platforms() if one.links or one.subdomains} == {
        row[1] for row in _LINKS
    }


@pytest.mark.parametrize("handle", ["acme", "acme@social.example", "acme.example"])
@pytest.mark.parametrize("one", platforms(), ids=lambda one: one.id)
def test_a_link_made_from_a_handle_is_recognised_as_that_handle(one: Platform, handle: str) -> None:
    link = one.link(handle)
    if link is not None:
        found = read_link(link)
        whole = f"{handle}.bsky.social" if one.id == "bluesky" and handle == "acme" else handle
        assert (found.platform, found.handle) == (one.id, whole)


def test_a_name_beside_the_handles_keeps_its_prefix_and_has_its_own_link() -> None:
    linkedin = platform("linkedin")
    assert linkedin is not None
    assert linkedin.link("in/acme-desk") == "https://www.linkedin.com/in/acme-desk/"
    assert linkedin.link("acme-desk") == "https://www.linkedin.com/company/acme-desk/"
    assert linkedin.link("out/acme-desk") is None
    assert not linkedin.allows("in/acme-desk")


_REFUSED = [
    ("", "is empty"),
    ("https://", "has no host"),
    ("hello world", "no link"),
    ("javascript:alert(1)//x.com/acme", "is no web link"),
    ("data:text/html,x.com/acme", "is no web link"),
    ("https://x.com@evil.example/acme", "hides its host"),
    ("https://x.com\\@evil.example/@acme", "hides its host|host"),
    ("https://evil.example/x.com/acme", "that namaak knows"),
    ("https://x.com.evil.example/acme", "that namaak knows"),
    ("https://xn--x-.com/acme", "host|knows"),
    ("https://business.facebook.com/acme", "that namaak knows"),
    ("https://192.0.2.1/@acme", "has no host"),
    ("https://[2001:db8::1]/@acme", "has no host"),
    ("https://[2001:db8::1/@acme", "cannot be read"),
    ("https://localhost/@acme", "has no host"),
    ("x.com:8080/acme", "names a port"),
    ("x.com:99999/acme", "cannot be read"),
    ("https://x.com/home", "page of X, but no profile"),
    ("https://x.com/HOME", "page of X, but no profile"),
    ("https://x.com/", "page of X, but no profile"),
    ("https://www.instagram.com/p/AbC/", "but no profile"),
    ("https://www.instagram.com/ac-me/", "no handle that Instagram"),
    ("https://x.com/%2e%2e%2facme", "leads elsewhere"),
    ("https://x.com/ac%00me", "nobody sees"),
    ("https://x.com/ac\u200bme", "nobody sees"),
    ("https://x.com/ac\u202eme", "nobody sees"),
    ("https://x.com/ac\x1bme", "nobody sees"),
    ("https://x.com/%ff", "not UTF-8"),
    ("https://t.me/c/123/4", "but no profile"),
    ("https://apps.apple.com/nl/developer/acme/id123", "but no profile"),
    ("https://play.google.com/store/apps/details?id=a%0ab", "but no profile"),
    ("https://play.google.com/store/apps/dev?id=5", "but no profile"),
    ("https://bsky.app/profile/handle.invalid", "no handle that Bluesky"),
    ("acme@gmail.com", "mail address"),
    ("@acme@gmail.com", "mail address"),
    ("Jan.Jansen@ziggo.nl", "mail address"),
    ("help@acme.example", "put an @ before it"),
    ("jan@acme.social", "put an @ before it"),
    ("https://de.wikipedia.org/wiki/Acme", "but no profile"),
    ("x" * (MAX_LINK + 1), "longer than"),
    ("https://" + "ü" * 500 + ".example/@acme", "host is too long"),
    ("https://x.com/" + "a" * 400, "has over 300"),
]


@pytest.mark.parametrize(("link", "reason"), _REFUSED)
def test_what_is_no_profile_is_refused_with_the_reason(link: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_link(link)
    assert recognise(link) is None


@pytest.mark.parametrize(
    ("link", "handle"),
    [
        ("acme@mastodon.social", "acme@mastodon.social"),
        ("acme@CHAOS.social", "acme@chaos.social"),
        ("acme@mastodon.acme.example", "acme@mastodon.acme.example"),
        ("acme@social.example", "acme@social.example"),
        ("@help@acme.example", "help@acme.example"),
        ("https://acme.example/@help", "help@acme.example"),
    ],
)
def test_an_account_without_an_at_is_taken_for_one_where_its_server_says_so(
    link: str, handle: str
) -> None:
    found = read_link(link)
    assert (found.platform, found.handle) == ("mastodon", handle)


def test_only_what_is_written_as_a_mail_address_has_a_bare_server() -> None:
    assert bare_server(" (Help@ACME.example). ") == "acme.example"
    for other in ("@help@acme.example", "https://acme.example/@help", "help", "help@acme", ""):
        assert bare_server(other) is None


_PIECES = """
https:// http:// www. m. x.com t.me facebook.com @ / // ? # id= profile.php %2F %00 .. acme
: ü \u202e channel did:plc: wordpress.com social.example -Reviews -d1 -g tripadvisor.nl
"""


@given(st.text(max_size=200) | st.lists(st.sampled_from(_PIECES.split()), max_size=25).map("".join))
def test_a_link_is_recognised_or_refused_and_nothing_else_ever(link: str) -> None:
    found = recognise(link)
    if found is None:
        return
    parts = urlsplit(found.canonical_url)
    assert parts.scheme == "https"
    assert parts.hostname and "@" not in parts.netloc
    assert found.canonical_url.isascii() and found.canonical_url.isprintable()
    assert bool(found.handle) != bool(found.native_id)
    again = recognise(found.canonical_url)
    if again is not None:
        assert again.platform == found.platform


@given(st.sampled_from([row[0] for row in _LINKS]), st.integers(0, 60), st.characters())
def test_a_damaged_link_never_becomes_a_link_of_another_host(link: str, at: int, char: str) -> None:
    found = recognise(link[:at] + char + link[at:])
    if found is not None and found.platform not in ("mastodon", "wordpress", "medium", "tumblr"):
        hosts = {host for one in platforms() for host in one.hosts}
        host = urlsplit(found.canonical_url).hostname or ""
        assert host.removeprefix("www.") in hosts


def test_a_link_made_to_be_slow_is_read_at_once() -> None:
    began = time.process_time()
    for link in (
        "tripadvisor.com/" + "-g-d" * 70,
        "https://" + "ü." * 900,
        "x.com/" + "/" * 1900,
        "x.com/?" + "&a=" * 600,
        "facebook.com/people/" + "a-" * 140 + "/" + "1" * 290 + "x",
        "app" * 600 + "@" * 100,
        "apps.apple.com/" + "app/" * 450 + "id1x",
    ):
        recognise(link)
    assert time.process_time() - began < 1
