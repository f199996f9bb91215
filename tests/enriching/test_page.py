"""Pages fetched, followed and read: nginx as the web, NSD as the DNS, hostile servers beside."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import re
import ssl
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image

from namaak.decoding.workers import Decoders
from namaak.enriching import Outcome
from namaak.enriching.html import read_page
from namaak.enriching.icons import icon_mmh3
from namaak.enriching.page import Ports, ask_page
from namaak.enriching.page_kinds import kind_of
from namaak.enriching.reading import Reading
from tests.enriching.certificates import DAY, made, shown
from tests.enriching.world import asked, clock
from tests.peers import free_port, hostile, nginx, nsd

AGENT = "namaak/1 (+abuse@waldermond.example)"
HTML = "<html><title>{title}</title><body>{body}</body></html>"


def icon() -> bytes:
    picture = Image.new("RGB", (32, 32), "white")
    picture.paste("red", (4, 4, 20, 28))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    with nsd(
        {"test": "@ IN A 127.0.0.1\n* IN A 127.0.0.1\n"}, tmp_path_factory.mktemp("zones")
    ) as served:
        yield served


def look(zones, port, host="acme-login.test", *, terms=("Acme",), decoders=None, https=None):
    ports = Ports(https=https or free_port(), http=port)
    return asked(
        zones.address,
        lambda _, fetch: ask_page(
            fetch, host, clock=clock, user_agent=AGENT, terms=terms, decoders=decoders, ports=ports
        ),
        ports=[port, ports.https],
    )


def served(zones, folder, locations="", index="", **further):
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text(index or HTML.format(title="Acme", body="Acme"))
    with nginx(folder, locations=f"default_type text/html; {locations}") as web:
        finding = look(zones, web.port, **further)
        return finding, web.requests(), web.port


@pytest.mark.peer
def test_a_phishing_page_is_told_whole(zones, tmp_path):
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "f.png").write_bytes(icon())
    body = (
        "<link rel=icon href=/f.png><img src=https://acme.example/logo.png>Log in to Acme"
        "<form action=https://drop.test/p method=post><input type=password></form>"
    )
    with Decoders(1) as decoders:
        finding, requests, port = served(
            zones, tmp_path / "www", index=HTML.format(title="Acme login", body=body),
            decoders=decoders,
        )  # fmt: skip
    facts = finding.facts
    assert finding.outcome is Outcome.ANSWERED
    assert (facts["title"], facts["status"], facts["kind"]) == ("Acme login", 200, "content")
    assert facts["url"] == f"http://acme-login.test:{port}/"
    # https was tried first, and says so.
    assert [(hop["how"], hop["url"][:6]) for hop in facts["hops"]] == [("failed", "https:")]
    (form,) = facts["forms"]
    assert (form["password"], form["off_site"], form["action_host"]) == (True, True, "drop.test")
    assert facts["images"] == {"acme.example": 1}
    assert facts["mentions"] == {"Acme": 1}
    assert facts["html_sha256"] == finding.raw_sha256
    assert finding.raw_type == "text/html"
    assert finding.vantage == f"127.0.0.1 as {AGENT}"
    (found,) = facts["icons"]
    assert found["sha256"] == hashlib.sha256(icon()).hexdigest()
    assert found["mmh3"] == icon_mmh3(icon())
    assert re.fullmatch("[0-9a-f]{64}", found["phash"])
    assert [kept.content for kept in finding.kept] == [icon()]
    assert requests[0].user_agent.startswith("namaak/")


def look_by_tls(zones, folder, names, *, trusted: bool):
    """https by a server with a certificate of its own, which we trust or do not; no http."""
    (folder / "index.html").write_text("<title>Acme</title>")
    leaf, key = made(names, start=datetime.now(UTC) - DAY, end=datetime.now(UTC) + DAY)
    nobody = free_port()
    context = ssl.create_default_context(cadata=leaf.public_bytes(Encoding.PEM).decode())
    with shown(folder, [leaf], key) as web:
        return asked(
            zones.address,
            lambda _, fetch: ask_page(
                fetch, "acme-login.test", clock=clock, user_agent=AGENT,
                ports=Ports(https=web.port, http=nobody),
            ),
            ports=[web.port, nobody],
            tls=context if trusted else None,
        )  # fmt: skip


@pytest.mark.peer
def test_https_comes_first(zones, tmp_path):
    finding = look_by_tls(zones, tmp_path, ["acme-login.test"], trusted=True)
    assert finding.outcome is Outcome.ANSWERED
    assert finding.facts["url"].startswith("https://acme-login.test:")
    assert finding.facts["hops"] == []


@pytest.mark.peer
def test_a_certificate_that_is_not_accepted_is_told_and_http_is_tried(zones, tmp_path):
    finding = look_by_tls(zones, tmp_path, ["other.test"], trusted=False)
    assert finding.outcome is Outcome.BROKEN
    first, second = finding.facts["hops"]
    assert "certificate" in first["reason"]
    assert second["url"].startswith("http://")


@pytest.mark.peer
def test_every_hop_of_a_chain_is_told(zones, tmp_path):
    finding, _, _ = served(
        zones, tmp_path / "www",
        "location = / { return 302 /one; }"
        "location = /one { return 301 http://acme.test:$server_port/two; }"
        "location = /two { return 200 '<title>end</title>'; }",
    )  # fmt: skip
    hops = [hop for hop in finding.facts["hops"] if hop["how"] == "http"]
    assert [(hop["status"], hop["location"][-3:], hop["address"]) for hop in hops] == [
        (302, "one", "127.0.0.1"), (301, "two", "127.0.0.1"),
    ]  # fmt: skip
    assert finding.facts["final_host"] == "acme.test"
    assert finding.facts["off_site"] is True
    assert finding.facts["title"] == "end"


@pytest.mark.peer
def test_a_page_that_sends_on_by_itself_is_followed(zones, tmp_path):
    finding, _, _ = served(
        zones, tmp_path / "www", "location = /there { return 200 '<title>there</title>'; }",
        index="<meta http-equiv=refresh content='0; url=/there'>",
    )  # fmt: skip
    assert finding.facts["title"] == "there"
    assert finding.facts["hops"][-1]["how"] == "meta-refresh"


@pytest.mark.peer
@pytest.mark.parametrize("field", ["type=password", "name=cardnumber", "name=seed_phrase"])
def test_a_page_that_asks_for_something_is_not_exchanged_for_where_it_sends_on(
    zones, tmp_path, field
):
    finding, requests, _ = served(
        zones, tmp_path / "www", "location = /there { return 200 '<title>there</title>'; }",
        index=f"<title>Acme</title><meta http-equiv=refresh content='3;url=/there'><input {field}>",
    )  # fmt: skip
    assert finding.facts["title"] == "Acme"
    assert finding.facts["forms"]
    assert finding.facts["hops"][-1]["how"] == "meta-refresh"
    assert "/there" not in [one.path for one in requests]


@pytest.mark.peer
def test_a_page_that_sends_on_to_itself_is_not_followed_for_ever(zones, tmp_path):
    finding, requests, _ = served(
        zones, tmp_path / "www",
        "location = /b { return 200 '<meta http-equiv=refresh content=0;/c>'; }"
        "location = /c { return 200 '<meta http-equiv=refresh content=0;/b>'; }",
        index="<meta http-equiv=refresh content=0;/b>",
    )  # fmt: skip
    assert finding.outcome is Outcome.ANSWERED
    assert len([one for one in requests if one.path in "/b/c"]) <= 3


@pytest.mark.peer
@pytest.mark.parametrize(
    "place",
    ["http://169.254.169.254/latest/", "http://10.1.2.3/", "file:///etc/passwd", "http://[::1]/"],
)
def test_a_redirect_to_where_we_do_not_ask_is_refused_and_told(zones, tmp_path, place):
    finding, _, _ = served(zones, tmp_path / "www", f"location = / {{ return 302 {place}; }}")
    assert finding.outcome is Outcome.POLICY
    assert finding.raw is None
    assert finding.facts["reason"]


@pytest.mark.peer
def test_a_page_that_would_send_on_to_a_private_place_is_kept_itself(zones, tmp_path):
    finding, _, _ = served(
        zones, tmp_path / "www",
        index="<title>here</title><meta http-equiv=refresh content='0;url=http://10.0.0.1/'>",
    )  # fmt: skip
    assert finding.outcome is Outcome.ANSWERED
    assert finding.facts["title"] == "here"
    assert finding.facts["hops"][-1]["how"] == "failed"
    assert finding.facts["hops"][-1]["url"] == "http://10.0.0.1/"


@pytest.mark.peer
@pytest.mark.parametrize(
    ("locations", "outcome", "kind"),
    [
        ("location = / { return 403; }", Outcome.BLOCKED, "blocked"),
        ("location = / { return 451; }", Outcome.BLOCKED, "blocked"),
        ("location = / { return 503; }", Outcome.BROKEN, "error"),
        ("location = / { return 404; }", Outcome.ANSWERED, "error"),
        ("location = / { return 429; }", Outcome.THROTTLED, "error"),
        ("location = / { return 200 ''; }", Outcome.EMPTY, "empty"),
        (
            "location = / { default_type application/pdf; return 200 '%PDF'; }",
            Outcome.ANSWERED, "not-html",
        ),
        (
            "location = / { add_header cf-mitigated challenge; return 200 '<title>One</title>'; }",
            Outcome.BLOCKED, "blocked",
        ),
    ],
)  # fmt: skip
def test_what_stands_there_instead_of_a_page_is_told(zones, tmp_path, locations, outcome, kind):
    finding, _, _ = served(zones, tmp_path / "www", locations)
    assert (finding.outcome, finding.facts["kind"]) == (outcome, kind)
    assert outcome is Outcome.ANSWERED or finding.facts["reason"]


@pytest.mark.peer
def test_a_page_over_the_limit_is_refused(zones, tmp_path):
    (tmp_path / "www").mkdir()
    finding, _, _ = served(zones, tmp_path / "www", index="x" * (3 << 20))
    assert finding.outcome is Outcome.POLICY
    assert "more than the 2097152" in finding.facts["reason"]


def test_nobody_there_is_unreachable(zones):
    finding = look(zones, free_port())
    assert finding.outcome is Outcome.UNREACHABLE
    assert [hop["how"] for hop in finding.facts["hops"]] == ["failed", "failed"]


def test_what_is_no_http_is_malformed(zones):
    with hostile(b"SSH-2.0-OpenSSH_9.2\r\n") as server:
        finding = look(zones, server.port)
    assert finding.outcome is Outcome.MALFORMED


@pytest.mark.peer
def test_a_page_that_cannot_be_read_whole_is_read_in_its_beginning(zones, tmp_path, monkeypatch):
    async def slow(body, **given):
        if len(body) > 200_000:
            raise page.Confined("took longer than 20 s")
        return await real(body, **given)

    from namaak.enriching import page

    real = page.read_confined
    monkeypatch.setattr(page, "read_confined", slow)
    finding, _, _ = served(zones, tmp_path / "www", index="<title>Acme</title>" + "<p>x" * 100_000)
    assert finding.outcome is Outcome.ANSWERED
    assert finding.facts["title"] == "Acme"
    assert "could not be read: took longer" in finding.facts["kind_reasons"][-1]


@pytest.mark.peer
def test_an_icon_inside_the_page_is_taken_from_there(zones, tmp_path):
    inside = "data:image/png;base64," + base64.b64encode(icon()).decode()
    finding, requests, _ = served(
        zones, tmp_path / "www", index=f"<title>x</title><link rel=icon href='{inside}'>"
    )
    assert finding.facts["icons"][0]["mmh3"] == icon_mmh3(icon())
    assert not any("favicon" in one.path for one in requests)


@pytest.mark.peer
def test_without_a_named_icon_the_usual_place_is_asked(zones, tmp_path):
    finding, requests, _ = served(zones, tmp_path / "www")
    assert finding.facts["icons"][0]["outcome"] == "absent"
    assert "/favicon.ico" in [one.path for one in requests]


@pytest.mark.peer
def test_an_icon_that_is_a_web_page_is_no_picture(zones, tmp_path):
    with Decoders(1) as decoders:
        finding, _, _ = served(
            zones, tmp_path / "www", "location = /favicon.ico { return 200 '<html>'; }",
            decoders=decoders,
        )  # fmt: skip
    (found,) = finding.facts["icons"]
    assert found["phash"] is None
    assert found["reason"]


def told(html: str, *, status=200, url="http://a.test/", headers=None):
    body = html.encode()
    reading = Reading.model_validate(read_page(body, url=url, content_type="text/html", terms=[]))
    return kind_of(reading, status=status, headers=headers or {}, body=body)


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>", "default-server"),
        ("<title>Apache2 Debian Default Page: It works</title>x", "default-server"),
        ("<title>acme-login.test</title><p>This domain is for sale! Make an offer.", "for-sale"),
        ("<p>Deze domeinnaam is te koop", "for-sale"),
        ("<p>This domain is parked free, courtesy of us", "parked"),
        ("<script src=https://www.google.com/adsense/domains/caf.js></script>x", "parked"),
        ("<title>Account Suspended</title><p>Contact your provider", "suspended"),
        ("<title>Attention Required! | Cloudflare</title>", "blocked"),
        ("<h1>Warning: Suspected phishing site ahead!</h1>", "blocked"),
        ("<title>Acme</title><p>Welcome to our shop", "content"),
        ("", "empty"),
    ],
)
def test_kinds_of_pages_are_told_apart(html, kind):
    found = told(html)
    assert found.kind == kind
    assert bool(found.reasons) == (kind != "content")


def test_a_page_that_asks_for_a_password_is_a_site_whatever_it_says():
    html = "<title>Account Suspended</title>This domain is for sale<input type=password>"
    assert told(html).kind == "content"
    assert told(html, status=403).kind == "content"


def test_words_far_down_a_long_text_decide_nothing():
    assert told("<p>" + "word " * 2000 + "this domain is for sale").kind == "content"


def test_a_path_that_anybody_can_have_says_nothing():
    for path in ("/suspendedpage.html", "/cgi-sys/suspendedpage.cgi"):
        assert told("<p>x", url=f"http://a.test{path}").kind == "content"


@pytest.mark.parametrize(
    "around", ["<!-- {} -->", "<noscript>{}</noscript>", "<template>{}", "<!--{}"]
)
def test_marks_that_nobody_is_shown_decide_nothing(around):
    mark = "<script src=//bodis.com/></script>"
    assert told(f"{mark}<p>x").kind == "parked"
    assert told(f"<p>x</p>{around.format(mark)}").kind != "parked"


def test_the_event_loop_is_left_alone():
    """Nothing of this room keeps a loop or a process open: pytest turns leaks into errors."""
    asyncio.run(asyncio.sleep(0))
