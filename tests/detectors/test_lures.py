"""What stands beside the brand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.lures import lexicon, read_rest


@pytest.mark.parametrize(
    ("rest", "lures"),
    [
        ("login", ("access:login",)),
        ("klantenservice ", ("support:klantenservice",)),
        ("securelogin", ("access:secure", "access:login")),
        ("rechnung-de", ("money:rechnung", "place:de")),
        ("qwxz", ()),
    ],
)
def test_words_are_found_alone_glued_and_in_every_language(
    rest: str, lures: tuple[str, ...]
) -> None:
    assert read_rest(rest)[0] == lures


def test_letters_that_form_no_word_are_counted() -> None:
    assert read_rest("qwxz-login")[1] == ("letters:4",)
    assert read_rest("klantenservicejan")[1] == ("letters:3",)


def test_digits_are_told() -> None:
    assert "digits" in read_rest("login24")[1]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            "support",
            "support help helpdesk care service klantenservice kundenservice soporte assist",
        ),
        ("authority", "official real the hq admin inc ltd bv gmbh"),
        ("money", "airdrop giveaway promo bonus reward gift voucher claim refund cashback invest"),
        ("money", "trade earn donate fund card wallet pay factuur rechnung paiement tarjeta"),
        ("work", "jobs careers hr recruitment hiring vacature karriere emploi empleo"),
        ("place", "nl uk usa africa espana de fr madrid amsterdam muenchen jp"),
        ("shop", "app mobile shop store outlet sale online winkel angebot soldes tienda"),
        ("delivery", "track parcel pakket sendung colis paquete"),
        ("access", "login verify mijn anmelden connexion acceso"),
        ("industry", "bank insurance verzekering versicherung assurance seguros"),
        ("web", "com net get try go my join use"),
        ("address", "www http https 2f"),
    ],
)
def test_every_kind_of_affix_is_known_in_the_languages_of_the_brands(kind: str, words: str) -> None:
    classes = lexicon().classes
    assert {word: classes.get(word) for word in words.split()} == dict.fromkeys(words.split(), kind)


def test_words_are_as_typed_in_names() -> None:
    words = lexicon()
    for word in {*words.classes, *words.generic}:
        assert word.isascii(), word
        assert word.isalnum(), word
        assert word == word.lower()


def test_generic_words_are_no_lures_by_that() -> None:
    assert {"bank", "group", "shop", "the", "gmbh"} <= lexicon().generic
    assert "generic" not in lexicon().classes.values()
    assert read_rest("solutions") == ((), ("letters:9",))


def test_short_words_count_only_where_they_stand_alone() -> None:
    assert read_rest("nl")[0] == ("place:nl",)
    assert read_rest("loginnl")[0] == ("access:login",)


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-. ", max_size=40))
def test_no_rest_breaks_it(rest: str) -> None:
    lures, _ = read_rest(rest)
    assert all(lure.partition(":")[2] in lexicon().classes for lure in lures)
