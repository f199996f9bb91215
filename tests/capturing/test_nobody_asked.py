"""What no server gave is no answer: not in the archive, nor in what the document says of it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from namaak.capturing import lacking
from namaak.capturing.document import redirects
from namaak.capturing.taking import _from_servers, _went_to_https
from namaak.enriching.proxy import Passed
from tests.capturing.test_warc import exchange
from tests.capturing.world import captured, responses
from tests.peers import nsd

TO_HTTPS = [("Location", "https://acme.test/"), ("Non-Authoritative-Reason", "HSTS")]


class _Marking(BaseHTTPRequestHandler):
    """A server that marks its answers as browsers mark theirs."""

    def do_GET(self) -> None:
        self.send_response(307 if self.path == "/" else 200)
        self.send_header("Non-Authoritative-Reason", "HSTS")
        self.send_header("Location", "/next")
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"page")

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_an_answer_of_the_browser_itself_is_dropped_and_noted_once():
    own = exchange(seq=1, url="http://acme.test/", status=307, response_headers=TO_HTTPS,
                   invented=True)  # fmt: skip
    told = exchange(seq=2, url="https://acme.test/", redirected=True)
    kept = _from_servers([told, own, own], Passed())
    assert kept == [told]
    assert _went_to_https([own, own, told]) == [
        "the browser itself went to https at acme.test; no server sent it there"
    ]
    assert _went_to_https([told]) == []
    (step,) = redirects(kept, {"acme.test": "192.0.2.7"})
    assert (step["url"], step["how"]) == ("https://acme.test/", "asked")


def test_an_answer_that_a_server_gave_is_kept_however_it_is_marked():
    one = exchange(status=307, response_headers=TO_HTTPS)
    assert _from_servers([one], Passed()) == [one]


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    if (reason := lacking()) is not None:
        pytest.skip(reason)
    with nsd({"test": "* IN A 127.0.0.1\n"}, tmp_path_factory.mktemp("zones")) as served:
        yield served


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_a_suffix_that_browsers_ask_by_https_only_gives_no_answer_where_nobody_was_asked(zones):
    # All of this suffix stands in the browser's own list; the resolver refuses to speak of it.
    found = captured(zones, "http://no-such-acme-login.app/", ports=[])
    document = found.document
    assert found.wacz is None and document["redirects"] == [] and document["addresses"] == {}
    assert (document["http_status"], document["final_url"]) == (None, None)
    assert (document["requests"]["sent"], document["requests"]["recorded"]) == (0, 0)
    assert document["notes"] == [
        "the browser itself went to https at no-such-acme-login.app; no server sent it there"
    ]
    assert "could not be looked up: the resolver refuses" in document["reason"]
    assert "[enrichment]" in document["reason"] and zones.address in document["reason"]


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_a_server_that_marks_its_answers_as_the_browser_s_hides_nothing(zones):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Marking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        port = server.server_address[1]
        found = captured(zones, f"http://marking.test:{port}/", ports=[port])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
    assert [step["status"] for step in found.document["redirects"]] == [307, 200]
    assert responses(found.wacz)[f"http://marking.test:{port}/"][0] == "307"
    assert found.document["notes"] == []
