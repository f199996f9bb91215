"""Pages visited by a real Chromium: what is kept of them, and what they cannot do."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys

import pytest

from namaak.capturing import CaptureOutcome, Limits, Place, capture, lacking
from namaak.casework.events import canonical_json
from tests.capturing.hosts import CSS, GOOD, SCRIPT, png, strangers
from tests.capturing.world import ABOUT, captured, members, records, responses
from tests.enriching.certificates import made, shown
from tests.enriching.world import NOW, allowed
from tests.peers import free_port, nsd

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

#: Host to the limits of its visit; all are visited in one go, four at a time.
VISITS = {
    "good": {"max_height": 3000},
    "rude": {},
    "odd": {"max_bytes": 2 << 20},
    "onward": {},
    "endless": {"seconds": 8.0},
    "flood": {"max_bytes": 3 << 20},
    "inward": {},
    "download": {},
    "crash": {},
    "loop": {"seconds": 6.0},
    "wall": {},
}
_AT_ONCE = 4


@pytest.fixture(scope="module", autouse=True)
def programs():
    if (reason := lacking()) is not None:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    zone = "@ IN A 127.0.0.1\n* IN A 127.0.0.1\n@ IN MX 10 mail\ngone IN TXT x\n"
    with nsd({"test": zone}, tmp_path_factory.mktemp("zones")) as served:
        yield served


@pytest.fixture(scope="module")
def seen(zones):
    """Host to what was captured, the port, and how often it was asked."""

    async def run(port):
        places = asyncio.Semaphore(_AT_ONCE)
        place = Place(name="here", resolvers=(zones.address,))

        async def one(host, limits):
            path = "go" if host == "good" else ""
            async with places:
                return await capture(
                    [f"http://{host}.test:{port}/{path}"], place=place, clock=lambda: NOW,
                    about=ABOUT, allow=allowed(port), limits=Limits(**{"seconds": 40.0} | limits),
                )  # fmt: skip

        found = await asyncio.gather(*(one(host, limits) for host, limits in VISITS.items()))
        return dict(zip(VISITS, found, strict=True))

    with strangers() as port:
        yield asyncio.run(run(port)), port


@pytest.fixture
def good(seen):
    return seen[0]["good"], f"http://good.test:{seen[1]}"


def checked(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# What is kept


def test_what_is_replayed_is_what_was_served(good):
    found, home = good
    assert found.outcome is CaptureOutcome.OK, found.document["reason"]
    kept = responses(found.wacz)
    assert {
        url.removeprefix(home): (status, body) for url, (status, _, _, body) in kept.items()
    } == {
        "/go": ("302", b""),
        "/one": ("301", b""),
        "/": ("200", GOOD),
        "/style.css": ("200", CSS),
        "/logo.png": ("200", png()),
        "/script.js": ("200", SCRIPT),
        "/answer.json?a=1&b=2": ("200", b'{"kept": true}'),
    }


def test_headers_tell_of_the_body_that_is_there(good):
    found, home = good
    for _, (_, http, warc, body) in responses(found.wacz).items():
        names = [name.lower() for name, _ in http.headers]
        assert not {"content-encoding", "transfer-encoding"} & {*names}
        assert names.count("content-length") == 1
        assert http.get_header("Content-Length") == str(len(body))
        assert warc.get_header("WARC-IP-Address") == "127.0.0.1"
        assert warc.get_header("WARC-Truncated") is None
    http = responses(found.wacz)[f"{home}/"][1]
    assert http.get_header("Set-Cookie") == "a=1"


def test_each_answer_has_its_request_and_no_secret_of_ours(good):
    found, _ = good
    asked = [one for one in records(found.wacz) if one[0] == "request"]
    answered = {one[4].get_header("WARC-Record-ID"): one[1] for one in records(found.wacz)
                if one[0] == "response"}  # fmt: skip
    assert {answered[one[4].get_header("WARC-Concurrent-To")] for one in asked} == {
        *answered.values()
    }
    assert len(asked) == len(answered) == 7
    whole = b"".join(members(found.wacz).values()) + json.dumps(found.document).encode()
    for _, _, _, http, _, _ in asked:
        assert http.get_header("Host").startswith("good.test:")
        assert http.get_header("Proxy-Authorization") is None
        assert "HeadlessChrome" in http.get_header("User-Agent")
    assert b"Proxy-Auth" not in whole


def test_programs_of_others_accept_the_archive(good, tmp_path):
    found, home = good
    (tmp_path / "a.wacz").write_bytes(found.wacz)
    (tmp_path / "a.warc.gz").write_bytes(members(found.wacz)["archive/capture.warc.gz"])
    checked("warcio.cli", "check", "-v", str(tmp_path / "a.warc.gz"))
    said = checked("wacz.main", "validate", "-f", str(tmp_path / "a.wacz"))
    assert "the passed WACZ is valid" in said
    lines = members(found.wacz)["pages/pages.jsonl"].decode().splitlines()
    (page,) = (json.loads(line) for line in lines[1:])
    assert (page["url"], page["title"]) == (f"{home}/", "Acme login of good.test")
    # Where the page stands, an index can find it.
    assert members(found.wacz)["indexes/index.cdx.gz"]


def test_pictures_dom_and_text_are_those_of_the_page(good):
    found, _ = good
    sizes = [tuple(int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
             for png in (found.view_png, found.full_png)]  # fmt: skip
    assert sizes == [(1280, 1024), (1280, 3000)]  # the page is taller than what is taken of it
    # After scripts ran, not as served.
    assert b"<title>Acme login of good.test</title>" in found.dom
    assert "Welkom bij Acme \u2713" in found.text.decode()


def test_the_document_tells_the_method_and_the_digests_of_all_files(good):
    found, home = good
    document = found.document
    assert json.loads(canonical_json(document)) == json.loads(json.dumps(document))
    assert {name: one["sha256"] for name, one in document["files"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in found.files().items()
    }
    assert {*document["files"]} == {
        "capture.wacz", "dom.html", "screenshot-full.png", "screenshot-view.png", "text.txt"
    }  # fmt: skip
    assert [(step["url"].removeprefix(home), step["status"], step["how"])
            for step in document["redirects"]] == [
        ("/go", 302, "asked"), ("/one", 301, "http"), ("/", 200, "http"),
    ]  # fmt: skip
    assert (document["operator"], document["case_id"]) == ("Ada Example", ABOUT["case_id"])
    assert document["addresses"] == {"good.test": "127.0.0.1"}
    told = {(one["name"], one["type"]): one for one in document["dns"]}
    assert {type_ for _, type_ in told} == {"A", "AAAA", "CNAME", "NS", "MX", "TXT"}
    assert told["good.test", "A"]["values"] == ["127.0.0.1"]
    assert told["good.test", "AAAA"]["outcome"] == "empty"
    assert document["browser"]["viewport"] == "1280x1024"
    assert {*document["tools"]} == {"namaak", "chromium", "playwright", "warcio", "wacz"}
    assert "unknown" not in document["tools"].values()
    assert document["requests"]["recorded"] == 7
    assert document["clock"]["source"] == "system clock, UTC"


def test_certificates_are_kept_as_shown(zones, tmp_path):
    (tmp_path / "index.html").write_text("<title>secure</title><body>x")
    authority = made(["Waldermond Test CA"])
    leaf, key = made(["secure.test"], issuer=authority)
    with shown(tmp_path, [leaf, authority[0]], key) as served:
        url = f"https://secure.test:{served.port}/"
        found = captured(zones, url, ports=[served.port])
    assert found.outcome is CaptureOutcome.OK, found.document["reason"]
    (told,) = found.document["certificates"]
    assert (told["host"], told["chain_length"], told["mismatch"]) == ("secure.test", 2, False)
    assert found.tls_pem.count(b"BEGIN CERTIFICATE") == 2
    assert found.tls_pem.startswith(f"# secure.test port {served.port}\n".encode())
    read = subprocess.run(
        ["openssl", "x509", "-noout", "-issuer"],
        input=found.tls_pem,
        capture_output=True,
        check=True,
    )
    assert b"Waldermond Test CA" in read.stdout
    assert url in responses(found.wacz)


def test_a_page_that_sends_its_visitor_on_is_followed(seen):
    document = seen[0]["onward"].document
    assert [(step["url"].rpartition("/")[2], step["how"]) for step in document["redirects"]] == [
        ("", "asked"), ("second", "page"), ("third", "page"),
    ]  # fmt: skip
    assert document["title"] == "third"
    assert document["final_url"].endswith("/third")


# What a page cannot do


def test_what_a_page_tries_is_refused_and_counted(seen):
    found = seen[0]["rude"]
    assert found.outcome is CaptureOutcome.OK
    refused = found.document["requests"]["refused"]
    assert refused["10.0.0.1 is private"] == 1
    assert refused["another window"] == refused["a request of another window"] == 1
    assert refused["a download"] == 1
    assert {"a dialog (alert)", "a dialog (confirm)", "a dialog (prompt)"} <= {*refused}
    assert found.document["requests"]["web_sockets"] == 1
    # Nothing of what was refused stands in the archive as if a server had said it.
    home = f"http://rude.test:{seen[1]}"
    assert {url for url in responses(found.wacz) if not url.startswith(home)} == set()
    assert f"{home}/file.bin" not in responses(found.wacz)


def test_words_that_are_meant_to_trip_us_do_not(seen):
    found = seen[0]["odd"]
    assert found.outcome is CaptureOutcome.OK, found.document["reason"]
    assert found.document["title"].startswith("?") and len(found.document["title"]) <= 500
    assert canonical_json(found.document)
    home = f"http://odd.test:{seen[1]}/"
    assert home in responses(found.wacz)
    assert found.document["requests"]["refused"]["10.0.0.1 is private"] == 9
    told = dict(found.document["requests"]["without_answer"])
    assert told[home] == "it has more headers than are kept"


def test_a_page_without_end_is_kept_as_far_as_it_came(seen):
    found = seen[0]["endless"]
    assert found.outcome is CaptureOutcome.OK
    assert found.document["cut"] is True
    assert b"so far" in found.dom and found.view_png
    ((status, _, warc, _),) = responses(found.wacz).values()
    assert (status, warc.get_header("WARC-Truncated")) == ("200", "time")


def test_a_gigabyte_is_cut_off(seen):
    found = seen[0]["flood"]
    assert found.outcome is CaptureOutcome.OK
    refused = found.document["requests"]["refused"]
    # A browser whose picture was cut off may ask for it once more.
    assert refused.keys() == {"more bytes than a page may load"}
    assert sum(refused.values()) <= 2
    assert found.document["requests"]["bytes"] < 5 << 20
    picture = responses(found.wacz)[f"http://flood.test:{seen[1]}/gigabyte"]
    assert picture[2].get_header("WARC-Truncated") == "disconnect"
    assert len(found.wacz) < 5 << 20


def test_a_redirect_inwards_is_not_followed(seen):
    found = seen[0]["inward"]
    assert found.outcome is CaptureOutcome.FAILED
    assert found.document["reason"] == (
        "it leads on, and 10.0.0.1 is not asked: 10.0.0.1 is private"
    )
    # The redirect itself is evidence.
    ((url, (status, http, _, _)),) = responses(found.wacz).items()
    assert (url, status) == (f"http://inward.test:{seen[1]}/", "302")
    assert http.get_header("Location") == "http://10.0.0.1/router"


def test_a_download_is_not_taken(seen):
    found = seen[0]["download"]
    assert found.outcome is CaptureOutcome.FAILED
    assert found.document["reason"] == "it is a download, which is not taken"
    ((_, http, warc, body),) = responses(found.wacz).values()
    assert http.get_header("Content-Disposition") == "attachment"
    assert (body, warc.get_header("WARC-Truncated")) != (b"", None)
    assert b"MZ" not in body


def test_a_page_that_crashes_the_browser_leaves_what_was_seen_before(seen):
    found = seen[0]["crash"]
    assert found.outcome is CaptureOutcome.FAILED
    assert found.document["reason"] == "the page crashed the browser"
    (answer,) = responses(found.wacz).values()
    assert answer[0] == "200"


def test_a_script_without_end_has_an_end(seen):
    found = seen[0]["loop"]
    assert found.outcome is CaptureOutcome.FAILED
    assert found.document["reason"].startswith("no picture of the page could be taken")
    assert found.document["http_status"] == 200
    assert list(responses(found.wacz)) == [f"http://loop.test:{seen[1]}/"]


def test_a_view_that_is_not_the_page_is_called_so(seen):
    found = seen[0]["wall"]
    assert found.outcome is CaptureOutcome.CAPTCHA
    assert found.document["reason"] and found.view_png and found.wacz


def test_visits_at_the_same_time_do_not_mix(seen):
    found, port = seen
    for host, one in found.items():
        homes = {url.split("/")[2] for url in responses(one.wacz)}
        assert homes == {f"{host}.test:{port}"}
        assert {*one.document["addresses"]} <= {f"{host}.test"}


def test_ten_thousand_requests_are_not_made(zones):
    with strangers() as port:
        url = f"http://many.test:{port}/"
        found = captured(zones, url, ports=[port], seconds=8, max_requests=40)
    assert found.document["requests"]["sent"] <= 40
    assert len(responses(found.wacz)) <= 40
    assert found.outcome in (CaptureOutcome.OK, CaptureOutcome.FAILED)


def test_a_page_that_takes_all_memory_is_ended_and_what_came_is_kept(zones, tmp_path):
    with strangers() as port:
        url = f"http://good.test:{port}/"
        found = captured(zones, url, ports=[port], max_memory=60 << 20)
    assert found.outcome is CaptureOutcome.FAILED
    assert found.document["reason"] == "the page took more than 60 MiB of memory"


# Where nobody is


def test_a_name_that_does_not_exist_is_dead(zones):
    found = captured(zones, "http://gone.test/", ports=[])
    assert found.outcome is CaptureOutcome.DEAD
    assert found.document["reason"] == "gone.test has no address"
    assert found.wacz is None and found.view_png is None


def test_a_host_where_no_server_runs_is_dead(zones):
    port = free_port()
    urls = (f"https://silent.test:{port}/", f"http://silent.test:{port}/")
    found = captured(zones, *urls, ports=[port])
    assert found.outcome is CaptureOutcome.DEAD
    assert "refuses connections" in found.document["reason"]
    assert [one["outcome"] for one in found.document["certificates"]] == ["unreachable"]


def test_where_https_is_not_spoken_http_is_tried(zones):
    with strangers() as port:
        secure, plain = f"https://refused.test:{port}/", f"http://refused.test:{port}/"
        found = captured(zones, secure, plain, ports=[port])
    assert found.document["final_url"] == plain
    assert found.document["url"] == secure


def test_an_address_of_ours_is_not_visited(zones):
    found = captured(zones, "http://good.test/", ports=[])
    assert found.outcome is CaptureOutcome.FAILED
    assert found.document["reason"] == "good.test is not asked: 127.0.0.1 is loopback"
    assert found.wacz is None
