"""The same promises against nginx: real 429s, redirects, gzip, a bomb, ranges and validators."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ipaddress
import ssl
import time
import tracemalloc

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from namaak.errors import Failure
from namaak.fetch import FetchError, Limits, Manners, Rate
from tests.fetch.asking import CONTACT, Time, fetcher, get, refused
from tests.peers import free_port, nginx

pytestmark = pytest.mark.peer

TEXT = "".join(f"name-{n}.example\n" for n in range(5_000)).encode()


def test_too_many_requests_are_throttled_by_limit_req_and_slowed_until_they_pass(tmp_path):
    (tmp_path / "entries").write_bytes(b"{}")
    zone = "limit_req_zone $binary_remote_addr zone=few:1m rate=5r/s; limit_req_status 429;"
    with nginx(tmp_path, http=zone, locations="location / { limit_req zone=few; }") as served:

        async def run():
            async with fetcher(served.port, random=lambda: 0.5) as fetch:
                for _ in range(4):
                    await fetch.get(f"{served.url}/entries", retries=6, deadline_s=20)
                return fetch.take_attempts()

        attempts = asyncio.run(run())
        statuses = [asked.status for asked in served.requests()]
    assert statuses.count(200) == 4
    assert statuses.count(429) == len(attempts) >= 1
    assert {attempt.failure for attempt in attempts} == {Failure.THROTTLED}


def test_a_rate_that_is_kept_meets_no_limit(tmp_path):
    (tmp_path / "entries").write_bytes(b"{}")
    # A busy machine may deliver two requests closer together than they were sent.
    limited = "location / { limit_req zone=few burst=2 nodelay; }"
    zone = "limit_req_zone $binary_remote_addr zone=few:1m rate=10r/s; limit_req_status 429;"
    with nginx(tmp_path, http=zone, locations=limited) as served:

        async def run():
            made = fetcher(served.port, manners=Manners(default=Rate(per_second=9, burst=1)))
            async with made as fetch:
                urls = [f"{served.url}/entries"] * 8
                await asyncio.gather(*(fetch.get(url, retries=0) for url in urls))
                return fetch.take_attempts()

        assert asyncio.run(run()) == ()
        assert {asked.status for asked in served.requests()} == {200}


def test_the_agent_of_every_request_names_program_and_contact(tmp_path):
    with nginx(tmp_path, locations="location = /old { return 301 /new; }") as served:
        refused(f"{served.url}/old")
        agents = {asked.user_agent for asked in served.requests()}
    (agent,) = agents
    assert agent.startswith("namaak/")
    assert CONTACT in agent


def test_a_redirect_of_nginx_is_followed_within_the_site(tmp_path):
    (tmp_path / "new").write_bytes(b"here")
    with nginx(tmp_path, locations="location = /old { return 302 /new; }") as served:
        answer = get(f"{served.url}/old")
    assert (answer.body, answer.hops[0].status) == (b"here", 302)
    assert answer.address == "127.0.0.1"


def test_a_redirect_of_nginx_to_a_service_inside_is_refused(tmp_path):
    inside = "location = /old { return 302 http://169.254.169.254/latest/meta-data/; }"
    with nginx(tmp_path, locations=inside) as served:
        error = refused(f"{served.url}/old")
    assert error.failure is Failure.POLICY
    assert "169.254.169.254 is link-local" in error.says
    assert error.hops[0].location == "http://169.254.169.254/latest/meta-data/"


@pytest.mark.parametrize("how", ["gzip on; gzip_types *;", "gzip_static always;"])
def test_gzip_of_nginx_is_decoded_also_unasked(tmp_path, how):
    (tmp_path / "names.gz").write_bytes(gzip.compress(TEXT))
    (tmp_path / "names").write_bytes(TEXT)
    with nginx(tmp_path, locations=how) as served:
        answer = get(f"{served.url}/names")
    assert answer.body == TEXT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.sent_bytes < len(TEXT) / 3


@pytest.fixture(scope="module")
def bomb(tmp_path_factory):
    """Ten gigabytes of zeros in ten megabytes of gzip: one member of ten megabytes, repeated."""
    member = gzip.compress(bytes(10 << 20), 9)
    folder = tmp_path_factory.mktemp("bomb")
    (folder / "bomb.gz").write_bytes(member * 1_000)
    (folder / "small.gz").write_bytes(member * 100)
    return folder


@pytest.mark.parametrize(
    ("file", "limits", "says"),
    [
        ("bomb", Limits(), "10221000 bytes, more than the 2097152"),
        ("small", Limits(), "larger than the 2097152"),
        ("bomb", Limits(max_bytes=1 << 40), "more than 200 bytes for each byte"),
        ("bomb", Limits(max_bytes=32 << 20, max_ratio=1e9), "larger than the 33554432"),
    ],
    ids=["said-size", "size", "ratio", "size-alone"],
)
def test_a_bomb_is_refused_before_it_fills_the_memory(bomb, file, limits, says):
    with nginx(bomb, locations="gzip_static always;") as served:
        tracemalloc.start()
        before = time.monotonic()
        error = refused(f"{served.url}/{file}", limits=limits)
        seconds = time.monotonic() - before
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert error.failure is Failure.POLICY
    assert says in error.says
    assert seconds < 5
    assert peak < min(limits.max_bytes, 8 << 20) * 2 + (32 << 20)


def test_a_bomb_as_a_download_is_as_large_as_it_is(bomb, tmp_path):
    with nginx(bomb, locations="gzip_static always;") as served:

        async def run():
            async with fetcher(served.port) as fetch:
                return await fetch.download(f"{served.url}/bomb", tmp_path / "kept")

        done = asyncio.run(run())
    assert done.size == (bomb / "bomb.gz").stat().st_size
    assert done.content_encoding == "gzip"


def test_what_was_not_modified_is_not_sent_again(tmp_path):
    (tmp_path / "list.json").write_bytes(b"{}")
    with nginx(tmp_path) as served:
        url = f"{served.url}/list.json"
        first = get(url)
        again = get(url, validators=first.validators)
        (tmp_path / "list.json").write_bytes(b"[1]")
        changed = get(url, validators=first.validators)
    assert first.validators.etag
    assert first.validators.last_modified
    assert (again.not_modified, again.status, again.body) == (True, 304, b"")
    assert (changed.not_modified, changed.body) == (False, b"[1]")


def test_a_range_that_the_caller_asks_for_is_an_answer(tmp_path):
    (tmp_path / "names").write_bytes(TEXT)
    with nginx(tmp_path) as served:
        answer = get(f"{served.url}/names", headers={"Range": "bytes=5-9"})
    assert (answer.status, answer.body) == (206, TEXT[5:10])


def test_head_gives_the_header_alone(tmp_path):
    (tmp_path / "zone.gz").write_bytes(bytes(5 << 20))
    with nginx(tmp_path) as served:
        answer = get(f"{served.url}/zone.gz", method="HEAD")
    assert (answer.body, answer.headers["content-length"]) == (b"", str(5 << 20))


def test_proxies_and_passwords_of_the_environment_play_no_part(tmp_path, monkeypatch):
    (tmp_path / "direct").write_bytes(b"direct")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    netrc.chmod(0o600)
    # Nobody listens there: a client that obeyed would fail.
    proxy = f"http://127.0.0.1:{free_port()}"
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy)
        monkeypatch.setenv(name.upper(), proxy)
    monkeypatch.setenv("NETRC", str(netrc))
    log = "location / { add_header X-Auth '[$http_authorization]' always; }"
    with nginx(tmp_path, locations=log) as served:
        answer = get(f"{served.url}/direct")
    assert answer.body == b"direct"
    assert answer.headers["x-auth"] == "[]"


@pytest.mark.parametrize("network", ["127.0.0.0/8", "0.0.0.0/0"])
def test_the_environment_widens_nothing(tmp_path, monkeypatch, network):
    for name in ("ALLOW", "NAMAAK_ALLOW", "NAMAAK_FETCH_ALLOW", "no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, network)
    with nginx(tmp_path) as served:
        error = refused(f"{served.url}/", fetcher(), ports=(served.port,))
        assert served.requests() == []
    assert error.failure is Failure.POLICY


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself, and a context that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback.example")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("shop.example")]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder


def _tls(folder, locations=""):
    return {
        "listen_extra": "ssl",
        "locations": f"ssl_certificate {folder}/cert.pem; "
        f"ssl_certificate_key {folder}/key.pem; {locations}",
    }


def test_a_certificate_that_nobody_vouches_for_is_refused_once(tmp_path, certified):
    with nginx(tmp_path, **_tls(certified)) as served:
        error = refused(f"{served.url}/", retries=3)
        assert served.requests() == []
    assert error.failure is Failure.POLICY
    assert "certificate" in error.says


def test_from_https_to_http_is_followed_only_where_it_is_asked_for(tmp_path, certified):
    (tmp_path / "plain").write_bytes(b"plain")
    trusting = ssl.create_default_context(cafile=certified / "cert.pem")
    with nginx(tmp_path) as plain:
        down = f"location = /down {{ return 302 {plain.url}/plain; }}"
        with nginx(tmp_path, **_tls(certified, down)) as served:

            def made():
                return fetcher(served.port, plain.port, tls=trusting)

            error = refused(f"{served.url}/down", made())
            assert plain.requests() == []
            followed = get(f"{served.url}/down", made(), allow_downgrade=True)
    assert error.failure is Failure.POLICY
    assert "from https" in error.says
    assert followed.body == b"plain"
    assert followed.hops[0].url.startswith("https://")


def test_http_asked_of_a_port_that_speaks_tls_is_an_error_not_a_hang(tmp_path, certified):
    with nginx(tmp_path) as served:
        error = refused(f"https://127.0.0.1:{served.port}/", fetcher(served.port, time=Time()))
    assert error.failure is Failure.MALFORMED
    assert isinstance(error, FetchError)
