"""Ways off the platform: links, messengers, mailboxes, telephones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.profiles.contacts import contact_traits, host_of, linked_hosts


def found(bio: str = "", **columns: Any) -> dict[str, str]:
    return {name: raw for name, raw, _ in contact_traits({"bio": bio, **columns})}


@pytest.mark.parametrize(
    "bio",
    ["WhatsApp us", "t.me/acme_help", "https://wa.me/31612345678", "\u0422\u0435legram: @acme",
     "".join(chr(0x1D41A + ord(char) - ord("a")) for char in "telegram")],
)  # fmt: skip
def test_a_messenger_is_found_however_it_is_written(bio: str) -> None:
    assert "profile.contact-messenger" in found(bio)


@pytest.mark.parametrize("bio", ["I sell telegraphs", "nota.me", "Tea time", "best.me/x"])
def test_what_only_resembles_a_messenger_is_none(bio: str) -> None:
    assert "profile.contact-messenger" not in found(bio)


@pytest.mark.parametrize(
    ("bio", "number"),
    [("Call +31 6 1234 5678", "+31612345678"), ("bel 06-12345678", "0612345678"),
     ("WhatsApp: (202) 555-0143", "2025550143"), ("0044 20 7946 0018", "+442079460018")],
)  # fmt: skip
def test_a_telephone_number_is_found(bio: str, number: str) -> None:
    assert found(bio)["profile.contact-phone"] == number


@pytest.mark.parametrize("bio", ["Since 1984-2024", "12 345 678 fans", "v1.2.3.4.5.6.7.8", "2026"])
def test_numbers_that_nobody_calls_are_no_telephones(bio: str) -> None:
    assert "profile.contact-phone" not in found(bio)


def test_fields_made_for_contacts_count_as_the_text_does() -> None:
    given_ones = found(contacts=["mail:help@gmail.com", "phone:+31201234567"])
    assert given_ones["profile.contact-freemail"] == "gmail.com"
    assert given_ones["profile.contact-phone"] == "+31201234567"


def test_a_mailbox_of_an_own_domain_is_no_freemail() -> None:
    assert "profile.contact-freemail" not in found("press@acme.example")
    assert "profile.contact-freemail" in found("acme.help@GMAIL.com")


@pytest.mark.parametrize(
    "bio", ["DM us!", "Stuur een DM", "Schreib mir", "écrivez-moi", "Escríbenos"]
)
def test_who_asks_to_be_written_to_in_private_is_noticed(bio: str) -> None:
    assert "profile.contact-direct" in found(bio)


def test_hubs_and_shortened_links_are_told_apart() -> None:
    said = found("linktr.ee/acme and bit.ly/3x", links=["https://acme.example/x"])
    assert said["profile.link-hub"] == "linktr.ee"
    assert said["profile.link-shortened"] == "bit.ly"
    assert said["profile.links"] == "acme.example, linktr.ee, bit.ly"


def test_hosts_are_a_labels_each_once_in_order() -> None:
    profile = {
        "links": ["https://B\u00fccher.example/a", "acme.example"],
        "bio": "https://acme.example:8443/x, x@only.example and xn--bcher-kva.example",
    }
    assert linked_hosts(profile) == ("xn--bcher-kva.example", "acme.example")


@pytest.mark.parametrize(
    "link",
    ["", "javascript:alert(1)", "https://[::1", "https://a b/", "1.2.3.4", "https://localhost/",
     "mailto:x"],
)  # fmt: skip
def test_what_is_no_address_of_the_web_has_no_host(link: str) -> None:
    assert host_of(link) is None


@pytest.mark.parametrize("bio", ["Ends here.Then more", "e.g. this", "3.14", "Dr.No"])
def test_a_full_stop_makes_no_link_of_short_words(bio: str) -> None:
    assert all(len(host) > 4 for host in linked_hosts({"bio": bio}))


def test_nothing_known_gives_nothing() -> None:
    assert found() == {}
    assert list(contact_traits({})) == []


@given(st.text(max_size=200), st.lists(st.text(max_size=40), max_size=5))
@settings(deadline=None, max_examples=100)
def test_any_profile_is_read(bio: str, links: list[str]) -> None:
    for name, raw, says in contact_traits({"bio": bio, "links": links, "contacts": links}):
        assert name.startswith("profile.")
        assert says
        assert isinstance(raw, str)
