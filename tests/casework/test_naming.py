"""What a person names is not the brand's own."""

from __future__ import annotations

import pytest

from namaak.brands import Brand
from namaak.casework.naming import named, refuse_own
from namaak.errors import UsageError

ACME = Brand(
    name="Acme",
    domains=("acme.example",),
    accounts={"x": ("AcmeHelp",)},
    apps={"google-play": ("example.acme.pay",)},
)


@pytest.mark.parametrize(
    "own",
    [
        "acme.example",
        "https://www.acme.example/login",
        "x:@acmehelp",
        "google-play:example.acme.pay",
    ],
)
def test_what_is_the_brands_own_is_refused_by_name(own):
    with pytest.raises(UsageError, match=r"is Acme's own by the watch file"):
        refuse_own(named(own), ACME)


@pytest.mark.parametrize(
    "other", ["acme.example.test", "notacme.example", "instagram:acmehelp", "x:acmehelp1"]
)
def test_what_only_looks_like_it_is_not(other):
    refuse_own(named(other), ACME)
