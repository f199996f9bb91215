"""Gone, there, or nobody can tell: what a look at a host or a word of a platform is taken for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.followup.judging import Answer
from namaak.casework.followup.seeing import MISSED, Page, view_of_account, view_of_host
from namaak.casework.followup.views import RestsOn
from namaak.enriching.findings import Outcome
from namaak.enriching.html import read_page
from namaak.enriching.page import page_facts
from namaak.enriching.reading import Reading
from namaak.fetch import Reply, Validators
from namaak.records import SubjectState, Trust
from namaak.visible import visible

HOST = "acme-login.test"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def dns(host: str = HOST, *, address: bool = True, mx: str | None = "answered", **other) -> Answer:
    """mx: the outcome of the question for mail servers; "answered" has one, "null" RFC 7505's."""
    domain = "acme-login.test"
    values = {"answered": ["10 mx.mail.example"], "null": ["0 ."]}.get(mx or "", [])
    outcome = "answered" if mx == "null" else mx
    questions = [
        {"name": host, "type": kind, "outcome": "answered" if address else "empty", "values": []}
        for kind in ("A", "AAAA")
    ]
    if mx is not None:
        questions += [
            {"name": name, "type": "MX", "outcome": outcome, "values": values}
            for name in {host, domain}
        ]
    facts = {
        "exists": True, "registrable": domain, "questions": questions,
        "addresses": ["192.0.2.7"] if address else [],
        "mail_servers": ["mx.mail.example"] if mx == "answered" else [],
        "name_servers": ["ns1.names.example", "ns2.names.example"],
    } | other  # fmt: skip
    return Answer("answered", facts)


def page(kind: str = "content", status: int = 200, outcome: str = "answered", **other) -> Answer:
    return Answer(outcome, {"kind": kind, "status": status, "off_site": False} | other)


def looked(*, showed: bool = False, host: str = HOST, **answers: Answer):
    return view_of_host(answers, host=host, vantage="here", showed_a_page=showed)


NONE = dns(mx="empty")
BARE = page("error", 404, recognised="a bare error")
GONE = Answer("absent", {"exists": False, "registrable": HOST, "questions": []})


def test_a_page_of_its_own_is_there():
    seen = looked(dns=dns(), page=page())
    assert (seen.state, seen.down) == (SubjectState.LIVE, False)


@pytest.mark.parametrize(
    ("rdap", "state"),
    [
        (Answer("answered", {"on_hold": True, "status": ["client hold"]}), "suspended"),
        (Answer("answered", {"on_hold": False, "status": ["active"]}), "registered"),
        (Answer("absent", {}), "unregistered"),
        (Answer("no-rdap", {}), "unregistered"),
        (Answer("timeout", {}), "unknown"),
    ],
)
def test_a_name_that_is_not_in_the_dns_is_gone_and_its_registry_says_why(rdap, state):
    seen = looked(dns=GONE, rdap=rdap)
    assert (seen.state, seen.down) == (state, True)
    if state == "suspended":
        assert "client hold" in seen.says


def test_a_name_on_hold_that_still_answers_is_not_gone():
    rdap = Answer("answered", {"on_hold": True, "status": ["client hold"]})
    assert looked(dns=dns(), rdap=rdap, page=page()).down is False
    assert looked(dns=Answer("timeout", {}), rdap=rdap).down is None


@pytest.mark.parametrize(
    "answer",
    [
        *(page(outcome=one) for one in ("timeout", "unreachable", "broken", "throttled")),
        *(page(outcome=one) for one in ("policy", "malformed", "refused", "blocked")),
        page("error", 403), page("error", 401), page("error", 451), page("error", 500),
        page("error", 418), page("blocked"), page("empty"), page("something-new"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("showed", [True, False])
def test_silence_walls_and_errors_are_never_gone(answer, showed):
    assert looked(dns=NONE, page=answer, showed=showed).down is None


@pytest.mark.parametrize("outcome", [one for one in Outcome if not one.says_something])
def test_a_dns_that_tells_nothing_is_never_gone(outcome):
    seen = looked(dns=Answer(str(outcome), {"reason": "no\x1b answer"}), page=page("suspended"))
    assert (seen.state, seen.down) == (SubjectState.UNKNOWN, None)
    assert "\x1b" not in seen.says


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        (page("error", 404, recognised="a bare error"), "removed"),
        (page("error", 410, recognised="a bare error"), "removed"),
        (page("default-server", recognised="a default page"), "parked"),
    ],
)
def test_an_error_or_a_placeholder_is_gone_only_where_a_page_was_and_no_mail_is(shown, state):
    seen = looked(dns=NONE, page=shown, showed=True)
    assert (seen.state, seen.down) == (state, True)
    assert looked(dns=NONE, page=shown, showed=False).down is False
    assert looked(dns=dns(), page=shown, showed=True).down is None
    assert looked(dns=dns(mx="timeout"), page=shown, showed=True).down is None
    assert looked(dns=dns(mx="null"), page=shown, showed=True).down is True


PARKING = ["ns1.sedoparking.com", "ns2.sedoparking.com"]


def parked(*by: str, kind: str = "name-server", **other) -> Answer:
    signs = [{"by": kind, "value": one, "service": "Sedo", "kind": "for-sale"} for one in by]
    return dns(mx="empty", parking=signs, **other)


@pytest.mark.parametrize("shown", [page("parked"), page("for-sale")])
def test_a_parking_page_is_gone_only_where_a_parking_service_answers_for_the_name(shown):
    theirs = parked(*PARKING, name_servers=PARKING)
    registered = Answer("answered", {"name_servers": PARKING})
    seen = looked(dns=theirs, rdap=registered, page=shown, showed=True)
    assert (seen.state, seen.down) == (SubjectState.PARKED, True)
    assert looked(dns=theirs, rdap=registered, page=shown).down is False
    alias = parked("x.sedoparking.com", kind="alias")
    assert looked(dns=alias, page=shown, showed=True).down is True
    # Whoever owns the zone writes name servers into it as he likes, and phrases into the page.
    other = Answer("answered", {"name_servers": [PARKING[0], "ns1.names.example"]})
    for answers in (
        {"dns": NONE}, {"dns": NONE, "rdap": registered}, {"dns": theirs},
        {"dns": theirs, "rdap": other}, {"dns": theirs, "rdap": Answer("timeout", {})},
        {"dns": parked(*PARKING), "rdap": registered},
    ):  # fmt: skip
        seen = looked(**answers, page=shown, showed=True)
        assert (seen.state, seen.down) == (SubjectState.UNKNOWN, None)


def test_an_alias_of_the_domain_is_not_one_of_a_host_below_it():
    alias = parked("x.sedoparking.com", kind="alias")
    assert looked(dns=alias, page=page("parked"), showed=True, host="a." + HOST).down is None


@pytest.mark.parametrize("mx", ["answered", "empty"])
@pytest.mark.parametrize(
    "shown",
    [page("suspended"), page("error", 404), page("error", 410), page("default-server")],
)
def test_a_page_that_only_says_so_is_not_gone(shown, mx):
    seen = looked(dns=dns(mx=mx), page=shown, showed=True)
    assert (seen.state, seen.down) == (SubjectState.UNKNOWN, None)
    assert "may hold more" in seen.says


def read_as(html: str, status: int = 200, **other) -> Answer:
    """The facts that the probe takes from a page of HOST."""
    reply = Reply(
        url=f"https://{HOST}/", status=status, headers={"content-type": "text/html"} | other,
        body=html.encode(), received_at=NOW, hops=(), address="192.0.2.7", sent_bytes=1,
        validators=Validators(), not_modified=False,
    )  # fmt: skip
    read = read_page(reply.body, url=reply.url, content_type="text/html", terms=["acme"])
    return Answer("answered", page_facts(HOST, reply, Reading.model_validate(read), []))


SUSPENDED = (
    "<title>Account Suspended</title><link rel=stylesheet "
    "href=//use.fontawesome.com/releases/v5.0.6/css/all.css><style>p{color:#333}</style>"
    "<h1>Account Suspended</h1><p>This Account has been suspended. "
    "<a href=mailto:support@host.test>Contact your hosting provider</a> for more information."
)
NOT_FOUND = (
    "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center>"
    "<hr><center>nginx/1.22.1</center></body></html><!-- padding for a browser -->"
)
NGINX = (
    "<title>Welcome to nginx!</title><style>body{font-family:sans-serif}</style><h1>Welcome to "
    "nginx!</h1><p>If you see this page, the nginx web server is successfully installed and "
    "working. See <a href=http://nginx.org/>nginx.org</a> or <a href=http://nginx.com/>here</a>."
)


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        (read_as(SUSPENDED), "suspended"),
        (read_as(NOT_FOUND, 404), "removed"),
        (read_as("", 410), "removed"),
        (read_as(NGINX), "parked"),
    ],
)
def test_the_pages_of_panels_and_servers_are_known(shown, state):
    seen = looked(dns=NONE, page=shown, showed=True)
    assert (seen.state, seen.down) == (state, True), seen.says


MORE = [
    "<script src=/app.js></script>", "<script>draw()</script>", "<p onclick=draw()>x</p>",
    "<noscript><!--</noscript><script>draw()</script>-->", "<iframe src=/login></iframe>",
    "<meta http-equiv=Refresh content='0;url=/login'>", "<object data=/login></object>",
    "<input name=code>", "<form action=/go></form>", "<div contenteditable>x</div>",
    "<a href=/login>Log in</a>", "<a href='javascript:draw()'>x</a>", "<a href=tel:0800>x</a>",
    "<a href=https://chat.example/1>chat</a>", "<img src=/login.png>", "<svg></svg>",
    "<p style='background:url(/login.png)'>x</p>", "<style>p{background:url(//x.test/a)}</style>",
    "<style>p::after{content:'Call us'}</style>", "<style>p{background:u\\72l(x)}</style>",
    "<p hidden>x</p>", "<p style='display: none'>x</p>", "<link rel=stylesheet href=/own.css>",
    "<template shadowrootmode=open><p>x</p></template>", "Call 0800 123 4567", "write to a@b.test",
    "Acme Bank", "<p>" + "word " * 1000, "<!--" + "x" * 70_000 + "-->",
]  # fmt: skip


@pytest.mark.parametrize("more", MORE)
@pytest.mark.parametrize(("html", "status"), [(SUSPENDED, 200), (NOT_FOUND, 404), (NGINX, 200)])
def test_a_page_that_holds_anything_more_is_never_gone(html, status, more):
    for whole in (more + html, html + more):
        seen = looked(dns=NONE, page=read_as(whole, status), showed=True)
        assert seen.down is not True, seen.says


@pytest.mark.parametrize("header", ["refresh", "link"])
def test_a_header_that_makes_another_page_of_it_counts_as_more(header):
    shown = read_as(NOT_FOUND, 404, **{header: "</login.css>; rel=stylesheet"})
    assert looked(dns=NONE, page=shown, showed=True).down is None


@given(st.text(max_size=200), st.sampled_from(MORE), st.sampled_from([200, 404, 410, 503]))
def test_no_text_beside_a_script_makes_a_page_gone(text, more, status):
    script = "<script src=/app.js></script>"
    shown = read_as(f"<title>Account suspended</title>{script}{text}{more}", status)
    assert looked(dns=NONE, page=shown, showed=True).down is not True


def test_mail_of_the_domain_is_not_mail_of_a_host_below_it():
    """A page on somebody's hacked site is gone though the site's owner still gets mail."""
    answer = dns("login.shop.acme-login.test")
    for one in answer.facts["questions"]:
        if one["type"] == "MX" and one["name"] != HOST:
            one["values"], one["outcome"] = [], "empty"
    seen = looked(dns=answer, page=BARE, showed=True, host="login.shop." + HOST)
    assert seen.down is True
    assert looked(dns=dns("www." + HOST), page=BARE, showed=True).down is None


def test_a_404_of_another_domain_is_that_ones():
    shown = page("error", 404, off_site=True, recognised="a bare error")
    assert looked(dns=NONE, page=shown, showed=True).down is None


def test_a_suspended_account_is_gone_whatever_was_there():
    seen = looked(dns=dns(), page=page("suspended", recognised="a panel"))
    assert (seen.state, seen.down) == (SubjectState.SUSPENDED, True)


def test_a_suspended_account_of_another_domain_is_that_ones():
    shown = page("suspended", recognised="a panel", off_site=True)
    assert looked(dns=dns(), page=shown).down is None


def test_a_name_without_address_is_gone_only_without_mail():
    assert looked(dns=dns(address=False, mx="empty")).down is True
    seen = looked(dns=dns(address=False))
    assert (seen.state, seen.down) == (SubjectState.REGISTERED, False)
    assert looked(dns=dns(address=False, mx=None)).down is None


@given(
    st.sampled_from(list(Outcome)), st.sampled_from(list(Outcome)), st.booleans(),
    st.integers(100, 599),
    st.sampled_from(["content", "error", "parked", "blocked", "empty", "suspended", "?"]),
    st.sampled_from([None, "a page"]),
)  # fmt: skip
def test_gone_is_said_only_where_somebody_said_something(
    names, shown, showed, status, kind, recognised
):
    answer = Answer(str(names), dns(mx="empty").facts if names.says_something else {})
    view = page(kind, status, str(shown), recognised=recognised)
    seen = looked(dns=answer, page=view, showed=showed)
    if seen.down:
        assert names.says_something and shown.says_something and recognised
        assert kind == "suspended" or status in (404, 410)


def test_what_is_compared_is_taken_from_what_was_told():
    facts = {
        "charset": "utf-8", "title": "Acme", "asks_password": True, "final_host": "www." + HOST,
        "forms": [{"off_site": True, "action_host": "a.drop.example"}], "mentions": {"Acme": 3},
        "icons": [{"phash": None}, {"phash": "0" * 64}], "text_tlsh": "T1" + "0" * 70,
    }  # fmt: skip
    seen = looked(
        dns=dns(),
        page=page(**facts),
        certificate=Answer(
            "answered", {"names": [HOST, "stranger.example"], "issuer_organisation": "CA"}
        ),
        network=Answer("answered", {"networks": [{"outcome": "answered", "asn": [64500]}]}),
        rdap=Answer("answered", {"registrar": "Halfpenny", "registered_at": "2026-11-20T09:30:00",
                                 "on_hold": False}),
    )  # fmt: skip
    assert seen.aspects == {
        "addresses": ["192.0.2.7"], "servers": ["names.example"], "mail": ["mail.example"],
        "registrar": "Halfpenny", "registrar-name": "Halfpenny", "registered": "2026-11-20",
        "hold": False, "networks": ["AS64500"], "certificate": [HOST], "issuer": "CA",
        "kind": "content", "secrets": True, "sends": ["drop.example"], "lands": HOST,
        "mentions": ["Acme"], "title": "Acme", "text": "T1" + "0" * 70, "icon": "0" * 64,
    }  # fmt: skip


def test_what_was_not_told_is_not_compared():
    seen = looked(
        dns=Answer("timeout", {}),
        page=page(outcome="timeout"),
        certificate=Answer("broken", {"names": ["x"]}),
        network=Answer("answered", {"networks": [
            {"outcome": "answered", "asn": [1]}, {"outcome": "timeout"}]}),
    )  # fmt: skip
    assert seen.aspects == {}


def profile(state: str | None, trust: str = Trust.PLATFORM, **other):
    return {
        "state": state, "trust": trust, "handle": "acme", "display_name": "Acme", "bio": None,
        "url": "https://social.example/@acme", "links": None, "phash": None,
    } | other  # fmt: skip


@pytest.mark.parametrize(
    ("state", "down"),
    [("removed", True), ("suspended", True), ("live", False), ("unknown", None), (None, None)],
)
def test_an_account_is_what_its_platform_says(state, down):
    seen = view_of_account(profile(state), newer=True)
    assert (seen.down, seen.state) == (down, state or "unknown")
    assert seen.aspects == {"handle": "acme", "name": "Acme"}


def test_what_somebody_else_says_of_an_account_is_not_its_state():
    assert view_of_account(profile("removed", Trust.UNAUTHENTICATED), newer=True).down is None


@pytest.mark.parametrize("given", [None, profile("removed")])
def test_nothing_is_guessed_of_an_account_that_nobody_looked_up_again(given):
    seen = view_of_account(given, newer=False)
    assert (seen.state, seen.down, seen.aspects) == (SubjectState.UNKNOWN, None, {})


UP, DOWN, WALL = page(), page("error", 404, recognised="a bare error"), page("error", 403)
LOGIN, PAY = f"https://{HOST}/login", f"https://{HOST}/pay"


def with_known(front: Answer, *, names: Answer = NONE, showed: bool = True, **known: Answer):
    return view_of_host(
        {"dns": names, "page": front}, host=HOST, vantage="here", showed_a_page=showed,
        front_sha256="front",
        known={f"https://{HOST}/{path}": Page(page=one, sha256=path)
               for path, one in known.items()},
    )  # fmt: skip


def test_any_address_that_is_there_is_enough_and_is_named():
    seen = with_known(DOWN, login=UP, pay=WALL)
    assert (seen.state, seen.down, seen.rests_on) == (SubjectState.LIVE, False, RestsOn.PAGE)
    assert seen.says.startswith(f"at {LOGIN}: a page of somebody's own (HTTP 200); nothing at ")
    assert (seen.http_status, seen.content_sha256) == (200, "login")
    assert [(one.url, one.down) for one in seen.addresses] == [
        (f"https://{HOST}/", True), (LOGIN, False), (PAY, None),
    ]  # fmt: skip


def test_all_addresses_must_be_gone_and_one_that_cannot_be_told_keeps_it_open():
    seen = with_known(DOWN, login=DOWN)
    assert (seen.state, seen.down, seen.rests_on) == (SubjectState.REMOVED, True, RestsOn.PAGE)
    assert seen.says.startswith("none of 2 known addresses is there: at ")
    open_ = with_known(DOWN, login=DOWN, pay=WALL)
    assert (open_.down, open_.rests_on) == (None, None)
    assert f"at {PAY}: the server will not show the page to us" in open_.says
    assert with_known(DOWN, names=dns(), login=DOWN).down is None, "it still takes mail"


def test_where_any_page_was_ever_seen_a_bare_front_page_is_no_page():
    """Else a host whose front page was a 404 from the first could never go down."""
    assert with_known(DOWN, showed=False).down is False
    first = with_known(DOWN, showed=False, login=UP)
    assert [one.down for one in first.addresses] == [True, False]
    assert with_known(DOWN, showed=False, login=DOWN).down is False


def test_a_name_that_is_gone_takes_all_its_pages_with_it():
    seen = view_of_host({"dns": GONE}, host=HOST, vantage="here", showed_a_page=True)
    assert (seen.down, seen.rests_on, seen.addresses) == (True, RestsOn.NAMES, ())


def test_an_address_under_another_name_is_judged_by_that_name():
    there = "https://waldermond-pay.test/card"

    def led(names: Answer, shown: Answer | None):
        return view_of_host(
            {"dns": NONE, "page": DOWN}, host=HOST, vantage="here", showed_a_page=True,
            known={there: Page(page=shown, host="waldermond-pay.test", names={"dns": names})},
        )  # fmt: skip

    other = dns("waldermond-pay.test", mx="empty")
    assert led(other, UP).down is False
    assert led(other, page(outcome="timeout")).down is None
    assert led(GONE, None).down is True
    empty = dns("waldermond-pay.test", address=False, mx="empty")
    assert led(empty, None).down is True
    assert led(Answer("timeout", {}), None).down is None


def test_a_name_without_address_is_not_gone_while_a_name_below_it_shows_a_page():
    names = dns(address=False, mx="empty")
    below = Page(page=UP, host=f"pay.{HOST}", names={"dns": dns(f"pay.{HOST}", mx="empty")})
    seen = view_of_host(
        {"dns": names}, host=HOST, vantage="here", showed_a_page=False,
        known={f"https://pay.{HOST}/": below},
    )  # fmt: skip
    assert (seen.down, len(seen.addresses)) == (False, 1)
    assert looked(dns=names).down is True


def test_two_addresses_that_end_at_one_page_are_one():
    ended = page(url=LOGIN)
    seen = with_known(ended, login=ended)
    assert seen.says == "a page of somebody's own (HTTP 200)"
    gone = page("error", 404, recognised="a bare error", url=LOGIN)
    assert "known addresses" not in with_known(gone, login=gone).says


@given(
    st.sampled_from([UP, DOWN, WALL]),
    st.lists(st.sampled_from([UP, DOWN, WALL]), max_size=5),
)
def test_of_several_addresses_there_outweighs_unclear_and_unclear_outweighs_gone(front, others):
    seen = with_known(front, **{f"p{place}": one for place, one in enumerate(others)})
    all_of_them = [front, *others]
    expected = False if UP in all_of_them else None if WALL in all_of_them else True
    assert seen.down is expected
    assert len(seen.addresses) == len(all_of_them)


@given(st.text(max_size=300))
def test_no_address_hides_anything_in_a_sentence(path):
    url = f"https://{HOST}/{path}"
    seen = view_of_host(
        {"dns": NONE, "page": DOWN}, host=HOST, vantage="here", showed_a_page=True,
        known={url: Page(page=UP)},
    )  # fmt: skip
    assert visible(seen.says) == seen.says and len(seen.says) < 2_000


def at_address(known: dict[str, Page], *, missed=(), **answers: Answer):
    return view_of_host(
        answers, host=HOST, vantage="here", showed_a_page=True, known=known, missed=missed
    )


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::9"])
def test_a_page_at_an_ip_address_is_judged_by_itself_whatever_the_names_say(address):
    for names in ({"dns": NONE, "page": BARE}, {"dns": GONE}):
        there = {"https://x/": Page(page=page(), host=address)}
        seen = at_address(there, **names)
        assert (seen.down, seen.rests_on) == (False, RestsOn.PAGE)
        silent = {"https://x/": Page(page=Answer("timeout", {}), host=address)}
        assert at_address(silent, **names).down is None
        gone = {"https://x/": Page(page=BARE, host=address)}
        assert (at_address(gone, **names).down, at_address(gone, **names).rests_on) == (
            True, RestsOn.PAGE,
        )  # fmt: skip


def test_no_page_that_is_gone_counts_while_nobody_looked_at_what_matters():
    seen = at_address({}, dns=NONE, page=BARE, missed=[HOST, ""])
    assert (seen.down, seen.rests_on) == (None, None)
    assert seen.says.endswith(f"{MISSED}: 2")
    assert at_address({}, dns=NONE, page=BARE).down is True
    # What is there is there, whatever else was not looked at.
    assert at_address({}, dns=NONE, page=page(), missed=[HOST]).down is False


def test_a_name_that_is_gone_takes_what_nobody_looked_at_with_it_as_far_as_it_reaches():
    on_hold = Answer("answered", {"on_hold": True, "status": ["client hold"]})
    own, beside, elsewhere = [HOST, ""], [f"www.{HOST}"], ["elsewhere.example"]
    assert at_address({}, dns=GONE, missed=own).down is True
    assert at_address({}, dns=GONE, missed=beside).down is None
    assert at_address({}, dns=GONE, rdap=on_hold, missed=[*own, *beside]).down is True
    assert at_address({}, dns=GONE, rdap=on_hold, missed=elsewhere).down is None


def test_where_a_long_address_ended_is_kept_whole():
    there = f"https://{HOST}/{'a' * 900}"
    known = {f"https://{HOST}/pay": Page(page=page(url=there, asks_password=True))}
    assert at_address(known, dns=NONE, page=BARE).addresses[1].final_url == there
