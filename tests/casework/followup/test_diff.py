"""What is otherwise: wobble wakes nobody, a trap being set does, and silence changes nothing."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.followup.diff import (
    carried,
    changes,
    is_enough,
    other_picture,
    other_words,
    table,
    text_distance,
)

A, B = "0" * 64, "f" * 64
PARKED = {"kind": "parked", "addresses": ["192.0.2.1"], "networks": ["AS64500"], "mail": []}
PAGE = {
    "kind": "content",
    "addresses": ["192.0.2.1", "192.0.2.2"],
    "networks": ["AS64500"],
    "servers": ["names.example"],
    "mail": ["mail.example"],
    "registrar": "9999",
    "registrar-name": "Halfpenny Names Ltd",
    "registered": "2026-11-20",
    "hold": False,
    "certificate": ["acme-login.test", "www.acme-login.test"],
    "issuer": "Testing Authority",
    "secrets": False,
    "sends": [],
    "lands": "acme-login.test",
    "mentions": [],
    "title": "(3) Coming soon",
    "icon": A,
}


def seen(**other):
    return changes({"here": PAGE}, {"here": PAGE | other})


def names(found) -> list[str]:
    return [one.name for one in found]


@pytest.mark.parametrize(
    "wobble",
    [
        {},
        {"addresses": ["192.0.2.2", "192.0.2.1"]},
        {"addresses": ["192.0.2.77"]},  # of the same network: a delivery network rotates them
        {"addresses": ["192.0.2.2"], "networks": ["AS64501"]},  # a range renamed, one address kept
        {"networks": ["AS64500", "AS64999"], "addresses": ["198.51.100.1"]},
        {"title": "(12) COMING  soon!"},
        {"title": "Coming soon 2027"},
        {"certificate": ["acme-login.test"]},
        {"servers": ["names.example", "more.example"]},
        {"mail": ["mail.example", "other.example"]},
        {"icon": "0" * 60 + "000f"},
        {"kind": "not-html"},
        {"hold": True},
    ],
)
def test_what_wobbles_is_no_change(wobble):
    assert seen(**wobble) == ()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"addresses": ["198.51.100.1"], "networks": ["AS64501"]}, "network-moves"),
        ({"mail": ["other.example"]}, "mail-moves"),
        ({"mail": []}, "mail-ends"),
        ({"servers": ["other.example"]}, "servers-move"),
        ({"registrar": "8888"}, "registrar-moves"),
        ({"registered": "2027-01-01"}, "registered-anew"),
        ({"certificate": ["acme-login.test", "login.acme-login.test"]}, "certificate-names"),
        ({"issuer": "Another"}, "certificate-issuer"),
        ({"secrets": True}, "asks-for-secrets"),
        ({"sends": ["drop.example"]}, "sends-elsewhere"),
        ({"lands": "drop.example"}, "lands-elsewhere"),
        ({"title": "Acme Bank: log in"}, "title"),
        ({"icon": B}, "icon"),
        ({"mentions": ["Acme"]}, "names-brand"),
        ({"kind": "parked"}, "page-ends"),
    ],
)
def test_each_change_is_told_by_its_name(change, name):
    assert names(seen(**change)) == [name]


def test_a_login_form_is_enough_and_a_moved_certificate_alone_is_not():
    assert is_enough(seen(secrets=True))
    assert not is_enough(seen(issuer="Another"))
    assert not is_enough(seen(title="Acme Bank: log in"))
    assert is_enough(seen(title="Acme Bank: log in", issuer="Another"))


def test_a_page_where_a_parking_page_was_and_mail_where_none_was():
    found = changes({"here": PARKED}, {"here": PARKED | {"kind": "content", "mail": ["m.example"]}})
    assert names(found) == ["mail-begins", "page-begins"]
    assert found[0].in_words() == "mail servers: none -> m.example"


def test_a_suspended_name_that_is_let_go_is_a_change():
    assert names(changes({"here": {"hold": True}}, {"here": {"hold": False}})) == ["hold-ends"]


def test_accounts_are_compared_by_name_picture_words_and_links():
    old = {
        "handle": "acme-help",
        "name": "Acme Help",
        "picture": A,
        "words": "We help.",
        "links": [],
    }
    new = {
        "handle": "acmebank", "name": "Waldermond Bank", "picture": B, "words": "Write us now!",
        "links": ["acme-login.test"],
    }  # fmt: skip
    found = changes({"platform": old}, {"platform": new})
    assert sorted(names(found)) == ["handle", "links", "name", "picture", "words"]
    assert changes({"platform": old}, {"platform": old | {"name": "ACME help 24/7"}}) == ()


def test_what_could_not_be_told_is_no_change_and_is_not_forgotten():
    assert changes({"here": PAGE}, {"here": {}}) == ()
    assert carried({"here": PAGE}, {"here": {}}, told=True) == {"here": PAGE}


def test_small_steps_add_up_because_the_baseline_stays():
    baseline = {"here": PAGE}
    one_step = {"here": PAGE | {"title": "Acme Bank: log in"}}
    assert not is_enough(changes(baseline, one_step))
    baseline = carried(baseline, one_step, told=False)
    assert baseline == {"here": PAGE}
    two_steps = {"here": one_step["here"] | {"icon": B}}
    assert is_enough(found := changes(baseline, two_steps))
    assert names(found) == ["icon", "title"]
    baseline = carried(baseline, two_steps, told=True)
    assert changes(baseline, two_steps) == ()


def test_each_place_is_compared_with_itself():
    """A site that greets two countries in two ways did not change."""
    far = PAGE | {"title": "Binnenkort", "addresses": ["203.0.113.1"], "networks": ["AS64999"]}
    baseline = {"here": PAGE, "far": far}
    assert changes(baseline, {"far": far, "here": PAGE}) == ()
    assert changes(baseline, {"third": far}) == ()
    (found,) = changes(baseline, {"here": PAGE, "far": far | {"secrets": True}})
    assert found.vantage == "far"


def test_what_strangers_wrote_is_short_and_moves_no_cursor():
    (found,) = seen(title="\x1b[2J\u202e" + "log in " * 400)
    assert "\x1b" not in found.after and "\u202e" not in found.after
    assert len(found.after) < 200


def test_texts_are_compared_by_their_digests():
    import tlsh

    letters = "It is a long established fact that a reader looks at pages. "
    old, same, other = (
        tlsh.hash(text.encode())
        for text in (
            letters * 9,
            letters * 8 + "It is a long established fact that a reader leaves pages in May. ",
            "".join(f"{n * n:x} sign in to {n}; " for n in range(90)),
        )
    )
    assert text_distance(old, same) < table().text_some
    assert text_distance(old, other) >= table().text_other
    assert names(changes({"here": {"text": old}}, {"here": {"text": other}})) == ["text-other"]
    assert changes({"here": {"text": old}}, {"here": {"text": same}}) == ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_words_are_compared_the_same_both_ways_enough_to_settle(one, other):
    assert not other_words(one, one)
    assert isinstance(other_words(one, other), bool)


@given(st.integers(0, 2**256 - 1), st.sets(st.integers(0, 255), max_size=256))
def test_pictures_differ_from_the_stated_number_of_bits_on(bits, flipped):
    other = bits
    for place in flipped:
        other ^= 1 << place
    expected = len(flipped) >= table().picture_bits
    assert other_picture(f"{bits:064x}", f"{other:064x}") is expected


aspects = st.fixed_dictionaries({}, optional={
    "mail": st.lists(st.sampled_from(["a.example", "b.example"]), unique=True),
    "networks": st.lists(st.sampled_from(["AS1", "AS2"]), min_size=1, unique=True),
    "servers": st.lists(st.sampled_from(["a.example", "b.example"]), min_size=1, unique=True),
    "title": st.text(max_size=9),
    "kind": st.sampled_from(["content", "parked", "error"]),
    "secrets": st.booleans(),
    "hold": st.booleans(),
})  # fmt: skip
views = st.dictionaries(st.sampled_from(["here", "far"]), aspects, max_size=2)


@given(views, views, st.booleans())
def test_nothing_that_was_known_is_ever_unknown_again(baseline, new, told):
    after = carried(baseline, new, told=told)
    for place, known in baseline.items():
        assert known.keys() <= after[place].keys()
    assert not told or changes(after, new) == ()
    assert carried(after, new, told=told) == after


def pages(**known) -> dict:
    return {"here": PAGE | {"pages": known}}


def test_a_change_of_a_further_page_tells_its_address():
    before = pages(**{"https://acme-login.test/pay": {"secrets": False, "title": "Soon"}})
    after = pages(**{"https://acme-login.test/pay": {"secrets": True, "title": "Soon"}})
    (one,) = changes(before, after)
    assert (one.name, one.address) == ("asks-for-secrets", "https://acme-login.test/pay")
    assert one.in_words() == (
        "asks for a password or a card at https://acme-login.test/pay: no -> yes"
    )


def test_what_several_pages_show_alike_is_one_change():
    fake = {"secrets": True}
    before = pages(a={"secrets": False}, b={"secrets": False})
    found = changes(before, {"here": PAGE | fake | {"pages": {"a": fake, "b": fake}}})
    assert [(one.name, one.address) for one in found] == [("asks-for-secrets", "")]


def test_a_page_that_was_not_known_before_is_no_change_and_one_that_is_not_looked_at_goes():
    before = pages(a={"kind": "content"})
    after = carried({"here": PAGE}, before, told=False)
    assert changes({"here": PAGE}, before) == ()
    assert after["here"]["pages"] == {"a": {"kind": "content"}}
    later = carried(after, pages(b={"kind": "parked"}), told=False)
    assert later["here"]["pages"] == {"b": {"kind": "parked"}}
    assert carried(later, {"here": PAGE}, told=True)["here"]["pages"] == later["here"]["pages"]


@given(views)
def test_what_is_as_it_was_did_not_change(baseline):
    assert changes(baseline, json.loads(json.dumps(baseline))) == ()


def test_every_change_has_its_points_its_words_and_its_reason():
    for name, (points, says, why) in table().changes.items():
        assert 0 < points <= 10 and says and why.endswith("."), name
    text = files("namaak.casework.followup").joinpath("diff.py").read_text("utf-8")
    assert all(f'"{name}"' in text for name in table().changes)
