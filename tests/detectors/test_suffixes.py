"""Public suffixes: the set walk agrees with the library whose list it uses."""

from __future__ import annotations

import pytest
import tldextract
from hypothesis import given
from hypothesis import strategies as st

from detectors.suffixes import SuffixList, registrable_domain, suffix_list

_LABEL = st.text("abcxyz019-", min_size=1, max_size=8).filter(
    lambda label: not label.startswith("-") and not label.endswith("-")
)
_TAIL = st.sampled_from(
    ["com", "co.uk", "nl", "github.io", "ck", "www.ck", "kawasaki.jp", "city.kawasaki.jp",
     "workers.dev", "s3.amazonaws.com", "com.br", "example", "xn--p1ai"]
)  # fmt: skip
_extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


@given(st.lists(_LABEL, max_size=3), _TAIL)
def test_it_splits_as_tldextract_does(labels: list[str], tail: str) -> None:
    host = ".".join([*labels, tail])
    split = suffix_list().split(host)
    theirs = _extract(host)
    # tldextract knows no default rule for unknown top-level domains.
    suffix = theirs.suffix or host.rpartition(".")[2]
    if host == suffix:
        assert split.suffix == 0
        return
    assert host[split.suffix :] == suffix
    assert host[split.registrable :] == (theirs.top_domain_under_public_suffix or
                                         ".".join(host.split(".")[-2:]))  # fmt: skip


@pytest.mark.parametrize(
    ("host", "private"),
    [("acme.github.io", True), ("acme.nl", False), ("x.acme.web.app", True), ("acme.co.uk", False)],
)
def test_hosting_services_are_told_from_registries(host: str, private: bool) -> None:
    assert suffix_list().split(host).private is private


@pytest.mark.parametrize("host", ["com", "github.io", "s3.amazonaws.com", "", "localhost"])
def test_a_bare_suffix_has_no_label_and_does_no_harm(host: str) -> None:
    assert registrable_domain(host) == host


def test_rules_of_every_form_are_read() -> None:
    rules = SuffixList("// VERSION: t\ncom\n*.ck\n!www.ck\n")
    assert rules.version == "t"
    assert [rules.split(host).suffix for host in ("a.com", "a.b.ck", "www.ck")] == [2, 2, 4]
