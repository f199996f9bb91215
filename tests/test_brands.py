"""The watch file: every fault at once, each where a person finds it, and nothing but our error."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.brands import (
    AllowRule,
    Brand,
    Mark,
    WatchFile,
    brand_fingerprint,
    parse_watch_file,
    read_watch_file,
    to_a_label,
)
from namaak.errors import WatchFileError

WATCH = '[watch]\ncontact = "abuse@acme.example"\n'
LEAST = WATCH + '[brands.acme]\nname = "ACME"\n'


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(WatchFileError) as caught:
        parse_watch_file(text)
    return caught.value.problems


def test_the_least_watch_file_is_enough() -> None:
    watch = parse_watch_file(LEAST)
    assert watch.brands["acme"].names == ("ACME",)
    assert watch.sources == {} and watch.organisation is None


def test_every_fault_is_told_at_once_with_its_table_and_key() -> None:
    problems = problems_of(
        """
        colour = "blue"
        [watch]
        contact = "nobody"
        [organisation]
        name = ""
        [brands.Acme_Bank]
        name = "x"
        [brands.acme]
        nane = "ACME"
        domains = ["acme.example", "https://acme.example/"]
        languages = ["Dutch"]
        common_word = "perhaps"
        [[brands.acme.marks]]
        number = "1"
        classes = [46]
        """
    )
    assert {problem.partition(":")[0] for problem in problems} == {
        "[top] colour",
        "[watch] contact",
        "[organisation] name",
        "[brands] Acme_Bank",
        "[brands.acme] nane",
        "[brands.acme] name",
        "[brands.acme] domains[1]",
        "[brands.acme] languages[0]",
        "[brands.acme] common_word",
        "[brands.acme.marks[0]] office",
        "[brands.acme.marks[0]] classes[0]",
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[brands.acme]\nnane = "x"', "[brands.acme] name: is missing; add it"),
        (
            '[brands.acme]\nname = "x"\nnane = "x"',
            "[brands.acme] nane: is not a key namaak knows; mend the spelling or drop it",
        ),
        ('[brands.acme]\nname = " "', "[brands.acme] name: is empty; fill it in or drop the key"),
        (
            '[brands."a b"]\nname = "x"',
            "[brands] a b: is not a brand id; use lower-case letters, digits and hyphens, "
            "as in acme-bank",
        ),
        (
            '[brands.acme]\nname = "x"\ndomains = ["acme"]',
            "[brands.acme] domains[0]: 'acme' is a single label; write the whole domain, "
            "as in acme.nl",
        ),
    ],
)
def test_a_fault_says_what_is_wrong_and_what_to_do(text: str, problem: str) -> None:
    assert problem in problems_of(WATCH + text)


@pytest.mark.parametrize(
    "mailbox",
    ["me", "", "a b@acme.example", "a@b@acme.example", "desk@acme", "désk@acme.example",
     '\\"desk\\"@acme.example', "desk@acme.example\\nBcc: x@y.example", "desk..nl@acme.example",
     "=?utf-8?q?x?=@acme.example", "desk@192.0.2.1", "desk@-acme.example"],
)  # fmt: skip
def test_a_mailbox_that_no_mail_can_come_from_is_told_with_its_table_and_key(mailbox: str) -> None:
    """And not first when a notice that was approved is to be sent."""
    brand = '[brands.acme]\nname = "x"\n'
    (problem,) = problems_of(f'[watch]\ncontact = "{mailbox}"\n{brand}')
    assert problem.startswith("[watch] contact: is not a mail address (")
    assert problem.endswith("give a role mailbox, as in abuse@acme.example")
    (problem,) = problems_of(f'{WATCH}[notices]\nsender = "{mailbox}"\n{brand}')
    assert problem.startswith("[notices] sender: is not a mail address (")


def test_a_mailbox_is_kept_as_mails_write_it() -> None:
    text = '[watch]\ncontact = "Desk@Bücher.example"\n[brands.acme]\nname = "x"\n'
    assert parse_watch_file(text).watch.contact == "Desk@xn--bcher-kva.example"


def test_a_file_without_brands_is_a_fault() -> None:
    assert problems_of(WATCH) == ("[top] brands: is missing; add it",)
    assert len(problems_of(WATCH + "[brands]\n")) == 1


def test_a_key_that_hides_characters_is_shown_without_them() -> None:
    (problem,) = problems_of(LEAST + '"colour\\u202e\\u001b" = 1\n')
    assert problem.startswith("[brands.acme] colour: is not a key")


def test_the_error_counts_its_problems_and_lists_them() -> None:
    with pytest.raises(WatchFileError) as caught:
        parse_watch_file(LEAST + "x = 1\ny = 2\n")
    heading, *listed = str(caught.value).splitlines()
    assert heading == "The watch file has 2 problems:"
    assert listed == [f"  - {problem}" for problem in caught.value.problems]


def test_a_file_that_is_no_toml_names_the_line() -> None:
    with pytest.raises(WatchFileError, match=r"not valid TOML: .*line 3") as caught:
        parse_watch_file("[watch]\n\ncontact = \n")
    assert caught.value.problems == ()


def test_the_folder_is_not_for_the_file_to_say() -> None:
    with pytest.raises(WatchFileError, match="`folder`, which namaak sets itself"):
        parse_watch_file('folder = "/etc"\n' + LEAST)


def test_a_number_too_long_and_brackets_too_deep_are_faults_of_the_file() -> None:
    for text in ("x = " + "1" * 10_000, "x = " + "[" * 100_000):
        with pytest.raises(WatchFileError):
            parse_watch_file(text + "\n" + LEAST)


def test_a_file_that_is_read_is_named_in_every_error(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    with pytest.raises(WatchFileError, match=f"There is no watch file at {path}"):
        read_watch_file(path)
    with pytest.raises(WatchFileError, match=f"The watch file {tmp_path} cannot be read"):
        read_watch_file(tmp_path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(WatchFileError, match=f"The watch file {path} cannot be read"):
        read_watch_file(path)
    path.write_text(LEAST + "x = 1\n")
    with pytest.raises(WatchFileError) as caught:
        read_watch_file(path)
    assert str(caught.value).startswith(f"The watch file {path} has 1 problem:\n  - [brands.acme]")
    assert len(caught.value.problems) == 1


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text(LEAST)
    watch = read_watch_file(tmp_path / "w.toml")
    assert watch.resolve(Path("logo.png")) == tmp_path / "logo.png"
    assert watch.resolve(Path("/logo.png")) == Path("/logo.png")


def test_names_come_once_each_in_the_order_given() -> None:
    watch = parse_watch_file(LEAST + 'aliases = ["Acme Bank", "ACME", "AB", "Acme Bank"]\n')
    assert watch.brands["acme"].names == ("ACME", "Acme Bank", "AB")


def test_platforms_have_one_spelling_and_handles_no_at_sign() -> None:
    watch = parse_watch_file(LEAST + '[brands.acme.accounts]\n"Twitter" = ["@acme", "acme_help"]\n')
    assert watch.brands["acme"].accounts == {"x": ("acme", "acme_help")}


# Domains


@pytest.mark.parametrize(
    ("given_domain", "a_label"),
    [
        ("ACME.example", "acme.example"),
        (" acme.example. ", "acme.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ａｃｍｅ.example", "acme.example"),
        ("acme\u200b.example", "acme.example"),
    ],
)
def test_a_domain_becomes_a_labels(given_domain: str, a_label: str) -> None:
    assert to_a_label(given_domain) == a_label
    assert to_a_label(a_label) == a_label


@pytest.mark.parametrize(
    "text",
    ["", ".", "acme", "a..example", "https://acme.example", "acme.example/x", "x@acme.example",
     "acme bank.example", "-acme.example", "xn--a.example", "a" * 64 + ".example", "\0.example",
     "1.\u0663"],
)  # fmt: skip
def test_what_is_no_domain_is_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a domain name|is a single label") as caught:
        to_a_label(text)
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_domain_or_a_value_error(text: str) -> None:
    try:
        a_label = to_a_label(text)
    except ValueError:
        return
    assert a_label == a_label.lower() and a_label.isascii() and "." in a_label
    assert to_a_label(a_label) == a_label


# What decides matches


BRAND = Brand.model_validate(
    {
        "name": "Acme Bank",
        "aliases": ("AB",),
        "domains": ("acme.example",),
        "accounts": {"x": ("acme",)},
        "apps": {"google-play": ("example.acme",)},
        "logos": (Path("logo.png"),),
        "executives": ({"name": "Jo Doe"},),
    }
)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Acme"},
        {"aliases": ()},
        {"aliases": ("AB", "A.B.")},
        {"common_word": True},
        {"domains": ("acme.example", "acme.test")},
        {"accounts": {"x": ("acme", "acme_help")}},
        {"apps": {}},
        {"logos": ()},
        {"executives": ()},
        {"negative_words": ("acmestone",)},
        {"case_type": "dispute"},
        {"allow": ()},
        {"marks": (Mark(office="BOIP", number="1", text="ACMECO"),)},
    ],
    ids=str,
)
def test_what_decides_matches_changes_the_fingerprint(change: dict[str, object]) -> None:
    brand = BRAND.model_copy(update={"allow": (ALLOWED,)})
    changed = brand.model_copy(update=change)
    assert brand_fingerprint(changed) != brand_fingerprint(brand)


ALLOWED = AllowRule(asset="Dealer.example", reason="dealer", author="desk", until="2026-06-30")


@pytest.mark.parametrize(
    ("day", "holds"), [(date(2026, 6, 30), True), (date(2026, 7, 1), False)], ids=str
)
def test_an_allow_rule_holds_until_the_end_of_its_last_day(day: date, holds: bool) -> None:
    brand = BRAND.model_copy(update={"allow": (ALLOWED,)})
    assert brand.on(day).allow == ((ALLOWED,) if holds else ())
    assert (brand_fingerprint(brand.on(day)) == brand_fingerprint(brand)) is holds


@pytest.mark.parametrize(
    ("asset", "kept"),
    [
        ("Dealer.Example", "dealer.example"),
        ("Twitter:@Acme_Dealer", "x:acme_dealer"),
        ("instagram:fans", "instagram:fans"),
    ],
)
def test_an_allowed_asset_is_a_domain_or_an_account(asset: str, kept: str) -> None:
    rule = AllowRule(asset=asset, reason="r", author="a", until="2027-01-01")
    assert rule.asset == kept


@pytest.mark.parametrize("asset", ["dealer", "instagram:", "x:@", "two words.example"])
def test_what_is_neither_is_refused(asset: str) -> None:
    with pytest.raises(ValueError, match=r"(domain|account|label)"):
        AllowRule(asset=asset, reason="r", author="a", until="2027-01-01")


@pytest.mark.parametrize(
    "change",
    [
        {"marks": ({"office": "BOIP", "number": "1"},)},
        {"languages": ("nl", "fr")},
        {"industry": "banking"},
    ],
    ids=str,
)
def test_what_does_not_decide_matches_leaves_it_alone(change: dict[str, object]) -> None:
    changed = Brand.model_validate({**BRAND.model_dump(), **change})
    assert changed != BRAND
    assert brand_fingerprint(changed) == brand_fingerprint(BRAND)


def test_the_bytes_of_the_logos_are_part_of_the_fingerprint() -> None:
    made = {brand_fingerprint(BRAND, logo_digests=given) for given in ((), ("a",), ("b",), ("a",))}
    assert len(made) == 3
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in made)


# Hostile files


_KEYS = st.sampled_from(
    ["watch", "brands", "brands.acme", "brands.acme.accounts", "sources", "organisation", "x.y"]
)
_NAMES = st.sampled_from(
    ["name", "contact", "domains", "aliases", "logos", "data", "accounts", "languages", "enabled",
     "marks", "executives", "folder", '"\\u0000"', "'a b'"]
)  # fmt: skip
_VALUES = st.one_of(
    st.integers().map(str),
    st.floats().map(lambda number: str(number)),
    st.booleans().map(lambda flag: str(flag).lower()),
    st.sampled_from(
        ['""', '"acme"', '["acme.example"]', "[[1]]", "{}", "{a = 1}", "1979-05-27", "07:32:00",
         '["\\u202e.example"]', '"a@b.example"', "9999-99-99", "-0x1", "[1, ''' ''']"]
    ),
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML that is nearly a watch file."""
    parts = [draw(st.sampled_from(["", WATCH, LEAST]))]
    for _ in range(draw(st.integers(0, 4))):
        brackets = draw(st.sampled_from(["[{}]", "[[{}]]"]))
        parts.append(brackets.format(draw(_KEYS)))
        parts += [f"{draw(_NAMES)} = {draw(_VALUES)}" for _ in range(draw(st.integers(0, 4)))]
    return "\n".join(parts) + "\n"


@settings(max_examples=250, deadline=None)
@given(st.one_of(st.text(max_size=200), documents()))
def test_any_text_is_a_watch_file_or_a_watch_file_error(text: str) -> None:
    try:
        assert isinstance(parse_watch_file(text), WatchFile)
    except WatchFileError as error:
        assert str(error)
        assert all(problem.startswith("[") and "]" in problem for problem in error.problems)


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_in_the_file_are_a_watch_file_or_a_watch_file_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes.toml"
    path.write_bytes(content)
    with pytest.raises(WatchFileError, match="The watch file"):
        read_watch_file(path)
