"""Public suffixes: the set walk agrees with the library whose list it uses."""

from __future__ import annotations

import numpy as np
import pytest
import tldextract
from hypothesis import given
from hypothesis import strategies as st

from detectors.suffixes import (
    SplitColumn,
    SuffixList,
    registrable_domain,
    split_column,
    suffix_list,
)  # fmt: skip

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


def _column(hosts: list[bytes], rules: SuffixList | None = None) -> SplitColumn:
    ends = np.cumsum([len(host) for host in hosts], dtype=np.int64)
    begin = np.concatenate(([0], ends))[:-1].astype(np.int64)
    return split_column(np.frombuffer(b"".join(hosts), np.uint8), begin, ends, rules)


_ANY_HOST = st.one_of(
    st.builds(lambda labels, tail: ".".join([*labels, tail]), st.lists(_LABEL, max_size=3), _TAIL),
    st.text("ab.c-k", max_size=12).map(lambda text: text + ".ck"),
    st.text(".comuk", max_size=10),
)


@given(st.lists(_ANY_HOST, max_size=8))
def test_a_column_is_split_as_its_hosts_are(hosts: list[str]) -> None:
    column = _column([host.encode() for host in hosts])
    for row, host in enumerate(hosts):
        split = suffix_list().split(host)
        assert column.registrable[row] == split.registrable
        assert column.suffix[row] == split.suffix
        assert column.private[row] == split.private


def test_every_rule_of_the_list_is_in_the_column_too() -> None:
    rules = [*suffix_list()._rules, *suffix_list()._exceptions]
    rules += [f"x.{rule}" for rule in suffix_list()._wild]
    for prefix in ("", "a.", "a.b."):
        hosts = [prefix + rule for rule in rules]
        column = _column([host.encode() for host in hosts])
        split = [suffix_list().split(host) for host in hosts]
        assert column.suffix.tolist() == [one.suffix for one in split]
        assert column.registrable.tolist() == [one.registrable for one in split]


@pytest.mark.parametrize(
    ("host", "name"),
    [("login.acme.co.uk", "login.acme"), ("acme.github.io", "acme"), ("evil.ck", "evil"),
     ("github.io", "github"), ("localhost", "localhost"), ("", ""), ("co.uk", "co"),
     ("www.ck", "www"), (".com", "")],
)  # fmt: skip
def test_a_name_ends_before_its_suffix_and_a_suffix_has_one_too(host: str, name: str) -> None:
    assert host[: int(_column([host.encode()]).name_end[0])] == name


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_no_bytes_disturb_a_column(hosts: list[bytes]) -> None:
    column = _column(hosts)
    for row, host in enumerate(hosts):
        assert 0 <= column.registrable[row] <= column.suffix[row] <= len(host)
        assert 0 <= column.name_end[row] <= len(host)


def test_a_column_takes_other_rules() -> None:
    rules = SuffixList("// VERSION: t\ncom\n*.ck\n!www.ck\n")
    assert _column([b"a.com", b"a.b.ck", b"www.ck"], rules).suffix.tolist() == [2, 2, 4]
