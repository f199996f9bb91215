"""The walk through a certificate: its names, whoever made it and whatever is planted in it."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from namaak.transparency.sans import DerError, certificate_names
from tests.ct_entries import (
    alternative_names,
    certificate,
    cheap_entry,
    der,
    name,
    raw_entry,
    signed_entry,
    tbs_certificate,
)

SAN = alternative_names([b"true.example"])
#: The whole extension with another name, wherever it can be put.
PLANTED = alternative_names([b"planted.example"])
_MOMENTS = st.datetimes(
    datetime(1950, 1, 1), datetime(9999, 12, 31, 23, 59, 59), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))


def names_of(*extensions: bytes, **fields):
    return certificate_names(tbs_certificate(extensions=extensions, **fields), tbs=True)


def refusal(content: bytes, *, tbs: bool = True) -> str:
    with pytest.raises(DerError) as raised:
        certificate_names(content, tbs=tbs)
    return str(raised.value)


@given(
    names=st.lists(st.binary(max_size=300), max_size=8),
    addresses=st.lists(st.ip_addresses().map(str), max_size=3),
    common_name=st.none() | st.binary(max_size=70),
    serial=st.integers(0, 2**159),
    not_after=_MOMENTS,
    precert=st.booleans(),
)
def test_what_was_put_into_a_certificate_comes_out(
    names, addresses, common_name, serial, not_after, precert
):
    entry = cheap_entry(
        names,
        number=3,
        precert=precert,
        addresses=addresses,
        common_name=common_name,
        serial=serial,
        not_after=not_after,
    )
    found = certificate_names(entry.certificate, tbs=precert)
    assert found.dns == names
    assert (found.addresses, found.others) == (len(addresses), 0)
    assert found.common_name == common_name
    assert int.from_bytes(found.serial, "big", signed=True) == serial
    assert found.not_before_s == entry.not_before.timestamp()
    assert found.not_after_s == not_after.timestamp()
    assert found.issuer == name(b"Made-up Issuing CA 1")


@pytest.mark.parametrize("precert", [False, True])
def test_certificates_that_others_made_are_read(precert):
    entry = signed_entry(["a.example", "*.b.example"], number=5, precert=precert, common_name="c d")
    found = certificate_names(entry.certificate, tbs=precert)
    assert found.dns == [b"a.example", b"*.b.example"]
    assert found.common_name == b"c d"
    assert int.from_bytes(found.serial, "big") == entry.serial
    assert (found.not_before_s, found.not_after_s) == (
        entry.not_before.timestamp(),
        entry.not_after.timestamp(),
    )


_LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789-*_", min_size=1, max_size=20)
_GENERAL_NAMES = st.lists(
    _LABEL.map(x509.DNSName)
    | st.ip_addresses().map(x509.IPAddress)
    | _LABEL.map(lambda label: x509.UniformResourceIdentifier(f"https://{label}.example/"))
    | _LABEL.map(lambda label: x509.RFC822Name(f"{label}@mail.example"))
    | _LABEL.map(
        lambda label: x509.DirectoryName(
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, label)])
        )
    ),
    min_size=1,
    max_size=12,
)
_KEY = ec.derive_private_key(77, ec.SECP256R1())


@given(_GENERAL_NAMES, st.integers(1, 2**159 - 1), _MOMENTS, st.booleans(), st.booleans())
def test_the_walk_agrees_with_a_library_on_what_the_library_makes(
    general_names, serial, begins, critical, organised
):
    ends = min(begins + timedelta(days=90), datetime(9999, 12, 31, tzinfo=UTC))
    attributes = [
        x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "NL"),
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "x" * 60),
        x509.NameAttribute(x509.NameOID.COMMON_NAME, "first.example"),
        x509.NameAttribute(x509.NameOID.COMMON_NAME, "last.example"),
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(attributes if organised else []))
        .issuer_name(x509.Name(attributes[:2]))
        .public_key(_KEY.public_key())
        .serial_number(serial)
        .not_valid_before(begins)
        .not_valid_after(max(begins, ends))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(general_names), critical=critical)
        .add_extension(x509.SubjectKeyIdentifier(bytes(20)), critical=False)
        .sign(_KEY, SHA256())
    )
    whole = certificate_names(made.public_bytes(Encoding.DER), tbs=False)
    assert whole == certificate_names(made.tbs_certificate_bytes, tbs=True)
    expected = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    dns = expected.get_values_for_type(x509.DNSName)
    addresses = expected.get_values_for_type(x509.IPAddress)
    assert [one.decode() for one in whole.dns] == dns
    assert whole.addresses == len(addresses)
    assert whole.others == len(general_names) - len(dns) - len(addresses)
    assert whole.common_name == (b"last.example" if organised else None)
    assert int.from_bytes(whole.serial, "big") == serial
    assert whole.issuer == made.issuer.public_bytes()
    assert whole.not_before_s == made.not_valid_before_utc.timestamp()
    assert whole.not_after_s == made.not_valid_after_utc.timestamp()


def test_names_that_are_no_hosts_come_out_as_they_are():
    odd = [
        b"",
        b"\xff\xfe.example",
        b"x" * 300,
        b"a\0b.example",
        b"\x1b[2J",
        "b\u00fc.example".encode(),
    ]
    assert names_of(alternative_names(odd)).dns == odd


def test_a_certificate_without_names_has_none():
    found = names_of(der(0x30, b"\x06\x03\x55\x1d\x13", der(0x04, b"\x30\x00")))
    assert (found.dns, found.common_name) == ([], None)
    assert names_of().dns == []
    assert names_of(alternative_names([])).dns == []


def test_names_of_both_extensions_are_found_where_there_are_two():
    first = alternative_names([b"true.example"], [bytes(4)])
    found = names_of(first, alternative_names([b"second.example"], [bytes(16)]))
    assert found.dns == [b"true.example", b"second.example"]
    assert found.addresses == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": name(PLANTED)},
        {"serial": int.from_bytes(b"\1" + PLANTED)},
        {"extensions": [der(0x30, b"\x06\x03\x55\x1d\x0e", der(0x04, PLANTED)), SAN]},
        {"extensions": [der(0x30, b"\x06\x03\x55\x1d\x0e", der(0x04, PLANTED[2:])), SAN]},
        {"extensions": [der(0x30, b"\x06\x05\x55\x1d\x11\x55\x1d", der(0x04, PLANTED)), SAN]},
        {"extensions": [der(0x30, der(0x30, PLANTED[2:])), SAN]},
        {"extensions": [SAN, der(0x30, b"\x06\x03\x55\x1d\x0e", der(0x04, PLANTED))]},
        {"extensions": [alternative_names([b"true.example"]), der(0x30, PLANTED)]},
    ],
)  # fmt: skip
def test_an_extension_planted_in_another_field_is_not_one(fields):
    fields = {"extensions": [SAN]} | fields
    found = certificate_names(tbs_certificate(**fields), tbs=True)
    assert found.dns == [b"true.example"]


def test_an_extension_planted_in_a_name_is_but_that_name():
    assert names_of(alternative_names([PLANTED])).dns == [PLANTED]


def test_a_common_name_planted_in_another_attribute_is_not_one():
    organisation = b"\x06\x03\x55\x04\x0a"
    planted = b"\x06\x03\x55\x04\x03\x0c\x07planted"
    subject = der(0x30, der(0x31, der(0x30, organisation, der(0x0C, planted))))
    assert names_of(SAN, subject=subject).common_name is None
    true = der(0x31, der(0x30, b"\x06\x03\x55\x04\x03", der(0x13, b"true")))
    both = der(0x30, true, der(0x31, der(0x30, organisation, der(0x0C, planted))))
    assert names_of(SAN, subject=both).common_name == b"true"


def test_the_last_common_name_counts_also_within_one_set():
    first, last = (
        der(0x30, b"\x06\x03\x55\x04\x03", der(0x0C, one)) for one in (b"first", b"last")
    )
    assert names_of(subject=der(0x30, der(0x31, first, last))).common_name == b"last"
    assert names_of(subject=der(0x30, der(0x31, first), der(0x31, last))).common_name == b"last"


@pytest.mark.parametrize(
    ("tag", "content", "expected"),
    [
        (0x13, b"a.example", b"a.example"),
        (0x14, b"a\xe9", b"a\xe9"),
        (0x1E, "b\u00fc".encode("utf-16-be"), "b\u00fc".encode()),
        (0x1C, "b\u00fc".encode("utf-32-be"), "b\u00fc".encode()),
        (0x1E, b"\xd8\x00", b"\xd8\x00"),
        (0x1E, b"odd", b"odd"),
    ],
)
def test_a_common_name_is_bytes_whatever_its_type(tag, content, expected):
    subject = der(0x30, der(0x31, der(0x30, b"\x06\x03\x55\x04\x03", der(tag, content))))
    assert names_of(subject=subject).common_name == expected


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x17, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x17, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x17, b"700101000000Z", datetime(1970, 1, 1, tzinfo=UTC)),
        (0x18, b"20240229120000Z", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        (0x18, b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x17, b"230229000000Z", None),
        (0x17, b"2301010000Z", None),
        (0x17, b"230101000000+0100", None),
        (0x17, b"23010100000 Z", None),
        (0x17, b"2301010000_0Z", None),
        (0x17, b"230101000060Z", None),
        (0x17, b"230101006000Z", None),
        (0x17, b"230101240000Z", None),
        (0x17, b"20230101000000Z", None),
        (0x18, b"230101000000Z", None),
        (0x18, b"00000101000000Z", None),
        (0x18, b"20230101000000.5Z", None),
        (0x17, b"", None),
        (0x17, b"\xd9\xa1" * 6 + b"Z", None),
    ],
)
def test_a_time_out_of_form_is_unknown_and_the_names_are_read_all_the_same(tag, text, expected):
    found = names_of(SAN, validity=der(0x17, b"260701000000Z") + der(tag, text))
    assert found.dns == [b"true.example"]
    assert found.not_before_s == datetime(2026, 7, 1, tzinfo=UTC).timestamp()
    assert found.not_after_s == (None if expected is None else int(expected.timestamp()))


def test_a_certificate_cut_short_anywhere_is_refused():
    for precert in (False, True):
        whole = cheap_entry(["a.example"], number=1, precert=precert, common_name="b").certificate
        for cut in range(len(whole)):
            refusal(whole[:cut], tbs=precert)
        refusal(whole + b"\0", tbs=precert)


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        (b"\x80", "indefinite or huge"),
        (b"\x84\x00\x00\x00\x0f", "indefinite or huge"),
        (b"\x88" + b"\xff" * 8, "indefinite or huge"),
        (b"\xff", "indefinite or huge"),
        (b"\x81\x0f", "longer than DER allows"),
        (b"\x81\x7f", "longer than DER allows"),
        (b"\x82\x00\x0f", "longer than DER allows"),
        (b"\x82\x00\xff", "longer than DER allows"),
        (b"\x83\x00\x00\x0f", "longer than DER allows"),
        (b"\x83\x00\xff\xff", "longer than DER allows"),
        (b"\x7f", "longer than what encloses it"),
        (b"\x82\xff\xff", "longer than what encloses it"),
        (b"\x83\xff\xff\xff", "longer than what encloses it"),
    ],
)
def test_a_length_that_der_does_not_know_is_refused_wherever_it_stands(length, reason):
    odd = lambda tag, content: bytes([tag]) + length + content  # noqa: E731
    long_name = odd(0x82, b"x" * 15)
    inner = der(0x30, long_name)
    extension = der(0x30, b"\x06\x03\x55\x1d\x11", der(0x04, inner))
    assert reason in refusal(tbs_certificate(extensions=[extension]))
    assert reason in refusal(tbs_certificate(extensions=[odd(0x30, SAN)]))
    assert reason in refusal(tbs_certificate(subject=odd(0x30, bytes(15))))
    common_name = der(0x30, b"\x06\x03\x55\x04\x03", odd(0x0C, b"x" * 15))
    assert reason in refusal(tbs_certificate(subject=der(0x30, der(0x31, common_name))))
    if not reason.endswith("encloses it"):
        assert reason in refusal(odd(0x30, tbs_certificate()))


def test_a_field_may_not_reach_beyond_what_encloses_it():
    # The name says 14 bytes where its list ends after 13; one more byte follows outside.
    name_field = b"\x82\x0e" + b"x" * 13
    extension = der(0x30, b"\x06\x03\x55\x1d\x11", der(0x04, der(0x30, name_field)))
    assert "longer than what encloses it" in refusal(tbs_certificate(extensions=[extension, SAN]))
    trailing = der(0x30, b"\x06\x03\x55\x1d\x11", der(0x04, der(0x30), b"\x05\x00"))
    assert "something after" in refusal(tbs_certificate(extensions=[trailing]))


@pytest.mark.parametrize("tag", [0x9F, 0xBF, 0x1F])
def test_a_name_with_a_tag_of_several_bytes_is_refused(tag):
    extension = der(0x30, b"\x06\x03\x55\x1d\x11", der(0x04, der(0x30, der(tag, b"x"))))
    assert "tag takes several bytes" in refusal(tbs_certificate(extensions=[extension]))


def test_the_parts_of_a_certificate_must_be_what_they_are():
    whole = tbs_certificate(extensions=[SAN])
    assert "tag" in refusal(certificate(whole), tbs=True)
    assert "tag" in refusal(whole, tbs=False)
    assert "unknown field" in refusal(tbs_certificate(more=der(0x0C, b"x")))
    assert "tag" in refusal(tbs_certificate(subject=der(0x31)))
    assert "no time" in refusal(tbs_certificate(validity=der(0x0C, b"260701000000Z") * 2))
    assert "no time" in refusal(tbs_certificate(validity=b"\x17\x0e260701000000Z"))
    one = der(0x17, b"260701000000Z")
    assert "no time" in refusal(tbs_certificate(validity=one + b"\x17\x0e260701000000Z"))
    long = b"\x17\x81" + bytes(129) + one
    assert "no time" in refusal(tbs_certificate(validity=long))
    refusal(tbs_certificate(validity=one))
    assert "tag 0x31" in refusal(tbs_certificate(extensions=[der(0x31, SAN[2:]), SAN]))
    outside = der(0xA3, der(0x30, SAN), der(0x05))
    assert "something after its extensions" in refusal(tbs_certificate(more=outside))
    refusal(tbs_certificate(validity=b""))


def test_unique_ids_between_key_and_extensions_are_stepped_over():
    ids = der(0x81, bytes(9)) + der(0xA2, bytes(3))
    assert names_of(SAN, more=ids).dns == [b"true.example"]


def test_garbage_nested_a_million_deep_is_stepped_over_in_no_time():
    nest = b"\x30\x80" * 1_000_000
    deep = der(0x30, b"\x06\x03\x55\x1d\x0e", der(0x04, nest))
    whole = tbs_certificate(extensions=[deep, SAN], subject=name(nest))
    begun = time.process_time()
    assert certificate_names(whole, tbs=True).dns == [b"true.example"]
    assert time.process_time() - begun < 1
    refusal(nest)
    refusal(certificate(nest), tbs=False)


def test_time_grows_with_the_size_and_no_faster():
    many = tbs_certificate(extensions=[alternative_names([b"a"] * 200_000)])
    oids = tbs_certificate(extensions=[der(0x30, b"\x06\x03\x55\x1d\x0e" * 200_000), SAN])
    begun = time.process_time()
    assert len(certificate_names(many, tbs=True).dns) == 200_000
    assert certificate_names(oids, tbs=True).dns == [b"true.example"]
    assert time.process_time() - begun < 3


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_names_or_our_error(content, tbs):
    with suppress(DerError):
        certificate_names(content, tbs=tbs)


@given(st.booleans(), st.data())
def test_a_damaged_certificate_is_names_or_our_error(precert, drawn):
    whole = bytearray(
        signed_entry(["a.example", "b.example"], number=1, common_name="c").certificate
        if precert
        else cheap_entry(["a.example"], number=1, precert=False, common_name="c").certificate
    )
    for _ in range(drawn.draw(st.integers(1, 4))):
        whole[drawn.draw(st.integers(0, len(whole) - 1))] = drawn.draw(st.integers(0, 255))
    with suppress(DerError):
        found = certificate_names(bytes(whole), tbs=precert)
        assert all(one in bytes(whole) for one in found.dns)


def test_a_raw_entry_of_garbage_is_our_error():
    refusal(raw_entry(b"not a certificate", number=1).certificate, tbs=False)
