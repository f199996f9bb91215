"""Which owners of `ns` records are registrations."""

import pyarrow as pa
import pytest

from namaak.sources.zones.delegations import Registry

BELOW = "its owner stands below a registration"
SOLD = "its owner is what names are registered under, no registration"


def found_in(apex, owners):
    found = Registry(apex).delegations(pa.array(owners, pa.string()))
    names = dict(zip(found.rows.tolist(), found.names.to_pylist(), strict=True))
    return names, found.refused


@pytest.mark.parametrize(
    ("apex", "owner", "name"),
    [
        ("test", "acme.test", "acme"),
        ("uk", "acme.co.uk", "acme.co"),
        ("uk", "acme.uk", "acme"),
        ("co.uk", "acme.co.uk", "acme"),
        ("ck", "acme.co.ck", "acme.co"),
        ("ck", "www.ck", "www"),
        ("com", "blogspot.com", "blogspot"),
        ("xn--p1ai", "acme.xn--p1ai", "acme"),
        ("", "test", "test"),
    ],
)
def test_a_registration_is_told_by_its_name_without_the_zone(apex, owner, name):
    assert found_in(apex, [owner]) == ({0: name}, {})


@pytest.mark.parametrize(
    ("apex", "owner", "reason"),
    [
        ("test", "www.acme.test", BELOW),
        ("uk", "www.acme.co.uk", BELOW),
        ("uk", "co.uk", SOLD),
        ("ck", "co.ck", SOLD),
        ("test", "acme.example", "its owner is not in the zone test"),
        ("test", "acmetest", "its owner is not in the zone test"),
    ],
)
def test_what_is_no_registration_is_told_with_its_reason(apex, owner, reason):
    assert found_in(apex, [owner]) == ({}, {0: reason})


def test_the_zone_itself_is_neither_a_registration_nor_told():
    assert found_in("test", ["test", "acme.test", "www.acme.test"]) == ({1: "acme"}, {2: BELOW})
