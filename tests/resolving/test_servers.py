"""Which servers are asked: named by address, and the system's only when somebody says so."""

from __future__ import annotations

import pytest

from namaak.errors import UsageError
from namaak.resolving import parse_server, system_servers
from namaak.resolving.servers import written_server


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)),
        (" 192.0.2.1:5353 ", ("192.0.2.1", 5353)),
        ("2001:DB8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_addresses_are_read_with_and_without_a_port(text, server):
    assert parse_server(text) == server
    assert parse_server(written_server(*server)) == server


@pytest.mark.parametrize(
    "text",
    ["", "dns.example", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:dns", "[2001:db8::1",
     "[2001:db8::1]5353x", "fe80::1%eth0", "127.0.0.1,127.0.0.2"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_what_to_do(text):
    with pytest.raises(ValueError, match=r"give its address, as in 127\.0\.0\.1"):
        parse_server(text)


def test_the_systems_servers_are_read_and_nothing_else_of_that_file(tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text(
        "# made by hand\nsearch corp.example\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\n"
        "nameserver 2001:db8::53\nnameserver 192.0.2.53\noptions ndots:5\nnameserver\n"
    )
    assert system_servers(path) == ("192.0.2.53:53", "[2001:db8::53]:53")


@pytest.mark.parametrize("text", [None, "search corp.example\n"])
def test_a_system_without_servers_is_told_with_what_to_do(tmp_path, text):
    path = tmp_path / "resolv.conf"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=r"name one yourself, as in 127\.0\.0\.1:53"):
        system_servers(path)
