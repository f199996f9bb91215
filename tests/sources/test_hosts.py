import time

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.sources.hosts import normalise_host, normalise_hosts

GOOD = [
    (" Acme.Example. ", "acme.example"),
    ("*.login.acme.example", "login.acme.example"),
    ("https://user:pw@pay.acme.example:8443/a?b#c", "pay.acme.example"),
    ("hxxp://evil[.]example\\@acme.example/", "evil.example"),
    ("acme.example/login", "acme.example"),
    ("acme.example:443", "acme.example"),
    ("_dmarc.acme.example", "_dmarc.acme.example"),
    ("-acme-.example", "-acme-.example"),
    ("BÜCHER.example", "xn--bcher-kva.example"),
    ("faß.example", "xn--fa-hia.example"),
    ("acme。example", "acme.example"),
    ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("💩.example", "xn--ls8h.example"),  # refused by IDNA 2008, sold by registries
]
BAD = [
    ("", "empty"),
    ("https:///path", "empty"),
    ("192.0.2.1", "IP address"),
    ("http://[2001:db8::1]:80/", "IP address"),
    ("2001:db8::1", "IP address"),
    ("acme.12", "ends in a number"),
    ("a" * 64 + ".example", "longer than 63"),
    (".".join(["a" * 60] * 5), "longer than 253"),
    ("localhost", "single label"),
    ("a..example", "empty label"),
    ("acme example.test", "no host name may hold"),
    ("℀.example", "no host name may hold"),
    ("a" * 5000 + ".example", "longer than 4000"),
]


@pytest.mark.parametrize(("written", "host"), GOOD)
def test_a_host_is_found_however_it_is_written(written, host):
    assert normalise_host(written) == host
    hosts, reasons = normalise_hosts(pa.array([written]))
    assert hosts.to_pylist() == [host] and reasons == {}


@pytest.mark.parametrize(("written", "reason"), BAD)
def test_what_is_no_host_is_refused_with_the_reason(written, reason):
    with pytest.raises(ValueError, match=reason):
        normalise_host(written)
    hosts, reasons = normalise_hosts(pa.array(["acme.example", None, written]))
    assert hosts.to_pylist() == ["acme.example", None, None]
    assert reason in reasons[2] and set(reasons) == {2}


def test_a_label_that_cannot_fit_is_refused_before_it_is_encoded():
    """Punycode takes quadratic time: a second for such a name, and a certificate holds many."""
    began = time.process_time()
    for length in (60, 900, 3_900):
        name = "".join(chr(0x4E00 + 7 * at % 20_000) for at in range(length)) + ".example"
        for _ in range(10):
            with pytest.raises(ValueError, match=r"is longer than|label longer than 63"):
                normalise_host(name)
    assert time.process_time() - began < 2


def test_what_is_mapped_away_does_not_count_towards_the_length():
    assert normalise_host("b\u00fc" + "\u00ad" * 500 + "cher.example") == "xn--bcher-kva.example"
    # As many code points as fit where each of them takes an octet.
    assert len(normalise_host("\u00e9" + "a" * 53 + ".example").partition(".")[0]) <= 63


HOSTLIKE = st.text(
    st.sampled_from("aZ09-_.*:/@[]%\\ \t\u00df\u0131\u200d\u3002\u2100\u05d0\U0001f4a9x"),
    max_size=40,
) | st.text(max_size=40)


@given(HOSTLIKE)
def test_normalising_is_idempotent_and_gives_plain_labels(text):
    try:
        host = normalise_host(text)
    except ValueError:
        return
    assert normalise_host(host) == host
    assert host.isascii() and host == host.lower() and len(host) <= 253
    assert all(0 < len(label) <= 63 for label in host.split("."))


@given(st.lists(HOSTLIKE | st.none(), max_size=8))
def test_the_column_and_the_single_name_agree(texts):
    hosts, reasons = normalise_hosts(pa.array(texts, pa.string()))
    for row, text in enumerate(texts):
        if text is None:
            assert hosts[row].as_py() is None and row not in reasons
            continue
        try:
            expected = normalise_host(text)
        except ValueError as error:
            assert hosts[row].as_py() is None and reasons[row] == str(error)
        else:
            assert hosts[row].as_py() == expected and row not in reasons
