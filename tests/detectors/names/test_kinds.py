"""The field's names for what was done to a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from detectors.names.kinds import company_kinds, cut_kinds, disguise_kinds, spelling_kinds


@pytest.mark.parametrize(
    ("raw", "written", "kinds"),
    [
        ("paypal", "paypal", []),
        ("paypal", "papal", ["omission"]),
        ("paypal", "paypaal", ["repetition"]),
        ("paypal", "paypxal", ["insertion"]),
        ("paypal", "papyal", ["transposition"]),
        ("paypal", "pajpal", ["replacement"]),
        ("paypal", "peypal", ["replacement", "vowel-swap", "bitsquat"]),
        ("paypal", "paypak", ["replacement", "keyboard-adjacent"]),
        ("paypal", "paupal", ["replacement", "vowel-swap", "keyboard-adjacent:qwerty/azerty"]),
        ("zalando", "ealando", ["replacement", "keyboard-adjacent:azerty"]),
        ("amazon", "amayon", ["replacement"]),
        ("amazon", "amatzon", ["insertion", "keyboard-adjacent:qwertz"]),
        ("google", "goohle", ["replacement", "keyboard-adjacent"]),
        ("microsoft", "mitrosoft", ["replacement"]),
        ("microsoft", "mhcrosoft", ["replacement", "bitsquat"]),
        ("acmebank", "acmebanks", ["plural"]),
        ("boss", "bosses", ["plural"]),
        ("acmebanks", "acmebank", ["plural"]),
        ("google", "g00gle", ["leet"]),
        ("paypal", "paypai", ["homoglyph"]),
        ("microsoft", "rnicrosoft", ["pair-homoglyph"]),
        ("learnify", "leamify", ["pair-homoglyph"]),
        ("microsoft", "rnicros0ft", ["pair-homoglyph", "leet"]),
        ("facebook", "faceboolc", ["pair-homoglyph"]),
        ("rabobank", "radobank", ["replacement", "homoglyph"]),
        ("spotify", "spotifi", ["replacement", "vowel-swap", "sound-alike", "bitsquat"]),
    ],
)  # fmt: skip
def test_each_edit_has_its_name(raw: str, written: str, kinds: list[str]) -> None:
    assert list(spelling_kinds(raw, written)) == kinds


_WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)


@given(_WORD, _WORD)
def test_whatever_differs_has_a_kind_and_whatever_does_not_has_none(raw: str, other: str) -> None:
    assert bool(spelling_kinds(raw, other)) == (raw != other)


@given(_WORD, st.integers(0, 11), st.sampled_from("abcxyz019"))
def test_one_edit_is_named_as_one_edit(raw: str, at: int, letter: str) -> None:
    inserted = raw[:at] + letter + raw[at:]
    assert OSA.distance(raw, inserted) == 1
    assert {"insertion", "repetition", "plural"} & set(spelling_kinds(raw, inserted))
    assert {"omission", "plural"} & set(spelling_kinds(inserted, raw))


@pytest.mark.parametrize(
    ("shown", "layers", "host", "kinds"),
    [
        ("paypal", set(), True, []),
        ("pаypal", {"confusable"}, True, ["idn-homograph", "mixed-script"]),
        ("аррӏе", {"confusable"}, True, ["idn-homograph", "whole-script"]),
        ("аррӏе", {"confusable"}, False, ["homoglyph", "whole-script"]),
        ("аррӏе", {"sound"}, False, ["transliteration"]),
        ("páypal", {"diacritic"}, True, ["idn-homograph", "diacritic"]),
        ("páypal", {"diacritic"}, False, ["diacritic"]),
        ("𝐩𝐚𝐲𝐩𝐚𝐥", {"styled"}, False, ["styled"]),
        ("pay\u200bpal", set(), False, ["invisible"]),
    ],
)
def test_characters_that_disguise_are_named(
    shown: str, layers: set[str], host: bool, kinds: list[str]
) -> None:
    assert list(disguise_kinds(shown, layers, host=host)) == kinds


@pytest.mark.parametrize(
    ("text", "kind"),
    [("pay-pal", "hyphen-inside"), ("pay.pal", "dot-inside"), ("pay pal", "space-inside"),
     ("pay_pal", "underscore-inside"), ("pay~pal", "sign-inside")],
)  # fmt: skip
def test_what_cuts_a_name_is_named(text: str, kind: str) -> None:
    assert cut_kinds(text) == (kind,)


@pytest.mark.parametrize(
    ("before", "after", "lures", "kinds"),
    [
        ("www", "", [], ["www-glued"]),
        ("www-", "", [], ["www-glued"]),
        ("ww", "", [], ["www-glued"]),
        ("https", "", [], ["www-glued"]),
        ("aww", "", [], []),
        ("2f", "", [], ["url-encoded"]),
        ("3a2f2f", "", [], ["url-encoded"]),
        ("42f", "", [], []),
        ("com-", "-id", ["access:id"], ["com-label", "affix-access"]),
        ("", "com", ["web:com"], ["joined-suffix"]),
        ("", "-nl", ["place:nl"], ["joined-suffix", "affix-place"]),
        ("get", "", ["web:get"], ["affix-verb"]),
        ("mijn", "-login", ["access:mijn", "access:login"], ["affix-verb", "affix-access"]),
        ("", "company", [], []),
        ("", "2026", [], ["digit-tail"]),
        ("", "_24", [], ["digit-tail"]),
        ("", "-help", ["support:help", "support:desk"], ["affix-support"]),
    ],
)
def test_what_stands_beside_the_name_is_named(
    before: str, after: str, lures: list[str], kinds: list[str]
) -> None:
    assert list(company_kinds(before, after, lures)) == kinds
