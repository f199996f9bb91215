"""Pictures in the ranking: how surely the logo is there, and who else wears the picture."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.casework import picture_signals as module
from namaak.casework.picture_signals import campaign_signals, picture_signals
from namaak.casework.ranking import score
from namaak.records import Band, Resemblance

FACE = "f" * 64


def worn(**changes: Any) -> dict[str, Any]:
    row = {"image_sha256": FACE, "look": FACE, "hashed": True, "imitator": True, "wearers": 1,
           "imitators": 0, "brands_shown": 1, "brands_named": 0} | changes  # fmt: skip
    return {"mostly_imitators": 2 * row["imitators"] >= row["wearers"], **row}


def picture(llr: float | None = 7.0, *, of: dict[str, Any] | None = None, **changes: Any):
    row = {
        "match_id": "p", "brand_id": "acme", "subject_key": "account:x:1",
        "subject_kind": "account", "field": "image", "value": FACE, "term": "logo.png",
        "resemblance": "near-image", "place": "whole", "distance": 40, "strength": 0.5,
        "span_start": -1, "span_end": -1, "layers": [], "lures": [], "traits": [], "kinds": None,
        "evidence": None if llr is None else {"llr": llr}, "suppressed": None,
        "detector": "images-7", "tables": "", "worn": [] if of is None else [of],
    }  # fmt: skip
    return row | changes


def total(match: dict[str, Any]) -> float:
    return sum(signal.contribution for signal in picture_signals(match))


def said(match: dict[str, Any]) -> dict[str, float]:
    return {signal.name: signal.contribution for signal in picture_signals(match)}


@pytest.mark.parametrize("kind", list(module.LIKENESS))
def test_a_likeness_counts_its_ratio_between_floor_and_ceiling(kind: Resemblance) -> None:
    least, most, unmeasured = module.LIKENESS[kind]
    sums = [total(picture(llr, resemblance=kind)) for llr in (-40.0, 3.5, 5.5, 7.0, 9.0, 60.0)]
    assert sums == sorted(sums)
    assert (sums[0], sums[-1]) == (least, most)
    assert total(picture(None, resemblance=kind)) == unmeasured


def test_the_logo_itself_counts_most_and_the_logo_somewhere_inside_least() -> None:
    sums = [total(picture(9.0, resemblance=kind)) for kind in module.LIKENESS]
    assert list(module.LIKENESS) == [
        Resemblance.SAME_IMAGE,
        Resemblance.NEAR_IMAGE,
        Resemblance.LOGO_INSIDE,
    ]
    assert sums == sorted(sums, reverse=True) and len(set(sums)) == 3


def test_a_match_of_before_counts_as_it_did() -> None:
    old = picture(None, resemblance="same-image", layers=["inverted"])
    assert said(old) == {"image.same-image": 3.4, "image.inverted": 0.3}
    assert "40 of 256 bits differ" in picture_signals(old)[0].says


def test_an_edit_that_hides_the_logo_counts_only_where_the_match_is_sure() -> None:
    assert said(picture(7.0, layers=["mirrored", "recoloured"])).keys() == {
        "image.near-image",
        "image.mirrored",
    }
    assert said(picture(5.0, layers=["mirrored"])).keys() == {"image.near-image"}


def test_of_hiding_edits_the_two_weightiest_count() -> None:
    found = said(picture(7.0, layers=list(module.HIDING)))
    assert found.keys() == {"image.near-image", "image.badge", "image.mirrored"}


def test_hiding_edits_are_words_of_the_explanation() -> None:
    explaining = pytest.importorskip("detectors.images.explaining")
    assert module.HIDING.keys() <= explaining.EDITS.keys()


def test_a_picture_that_many_wear_who_do_not_imitate_the_brand_says_less() -> None:
    sums = [total(picture(5.5, of=worn(wearers=n))) for n in (1, 19, 20, 150, 100_000)]
    assert sums[0] == sums[1] > sums[2] >= sums[3] >= sums[4] > 0


def test_nobody_makes_the_one_brands_own_logo_weaker_by_wearing_it_often() -> None:
    assert total(picture(7.0, of=worn(wearers=5000))) == total(picture(7.0))
    assert total(picture(7.0, of=worn(wearers=5000, brands_named=3))) < total(picture(7.0))


def test_a_picture_on_accounts_of_many_brands_says_less_however_few_wear_it() -> None:
    few = worn(wearers=5, imitators=1, brands_named=3)
    (signal,) = [s for s in picture_signals(picture(of=few)) if s.name == "image.worn-by-many"]
    assert signal.contribution == -0.6
    assert "3 brands" in signal.says


def test_a_picture_with_logos_of_several_brands_is_weaker_for_each() -> None:
    sums = [total(picture(of=worn(brands_shown=n))) for n in (1, 2, 3, 6, 60)]
    assert sums[0] > sums[1] > sums[2] > sums[3] == sums[4] > 0


def test_the_facts_of_another_picture_of_the_subject_do_not_count() -> None:
    other = worn(image_sha256="e" * 64, wearers=5000, brands_shown=9)
    assert said(picture(of=other)) == said(picture())


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-20, 20),
    st.integers(0, 10**7),
    st.floats(0, 1),
    st.integers(0, 500),
    st.integers(0, 500),
)
def test_whoever_wears_it_a_likeness_never_turns_against_the_case(
    llr: float, wearers: int, share: float, shown: int, named: int
) -> None:
    of = worn(wearers=wearers, imitators=int(wearers * share), brands_shown=shown,
              brands_named=named)  # fmt: skip
    with_facts, without = total(picture(llr, of=of)), total(picture(llr))
    assert 0 <= with_facts <= without + 1e-9
    assert with_facts >= module.LEFT_OVER * without - 0.01


def test_the_same_picture_on_several_accounts_of_one_brand_is_a_campaign() -> None:
    sizes = [(1, None), (2, 0.4), (3, 0.4), (4, 0.8), (10, 1.2), (30, 1.6), (9000, 1.6)]
    for imitators, weight in sizes:
        of = worn(wearers=imitators, imitators=imitators)
        found = campaign_signals([picture(of=of)])
        assert [signal.contribution for signal in found] == ([weight] if weight else [])


def test_a_campaign_needs_no_logo_in_the_picture() -> None:
    name = picture(field="handle", value="acme_help", resemblance="combosquat", term="Acme",
                   evidence={}, of=worn(wearers=5, imitators=5, brands_shown=0))  # fmt: skip
    (signal,) = campaign_signals([name])
    assert signal.name == "image.campaign"
    assert "5 accounts whose names imitate the brand, of 5 that wear it" in signal.says


def test_a_logo_that_imitators_wear_says_nothing_of_others_who_show_it() -> None:
    fan = worn(wearers=5, imitators=4, imitator=False)
    assert campaign_signals([picture(of=fan)]) == []
    assert campaign_signals([picture(of=fan | {"brands_shown": 0})]) != []


@pytest.mark.parametrize(
    "of",
    [worn(wearers=50, imitators=20), worn(wearers=5, imitators=5, hashed=False)],
    ids=["mostly-others", "default-avatar"],
)
def test_what_most_others_wear_or_what_says_nothing_is_no_campaign(of: dict[str, Any]) -> None:
    assert campaign_signals([picture(of=of)]) == []


def test_a_campaign_lifts_the_score_and_no_gate() -> None:
    alone = score([picture(9.0)])
    campaign = score([picture(9.0, of=worn(wearers=40, imitators=40))])
    assert campaign.score > alone.score
    assert campaign.band is alone.band is Band.REVIEW
    assert any("one element of identity" in gate for gate in campaign.gates)


def test_a_picture_everybody_wears_opens_no_case_by_itself() -> None:
    assert score([picture(7.0)]).band is not Band.NONE
    many = worn(wearers=100_000, imitators=10, brands_named=4)
    assert score([picture(7.0, of=many)]).band is Band.NONE


def test_sentences_on_the_photo_of_a_person_speak_of_no_logo() -> None:
    row = picture(7.0, layers=["mirrored", "badge"]) | {
        "traits": [module.PHOTO],
        "term": "First Last",
    }
    says = [signal.says for signal in picture_signals(row)]
    assert len(says) == 3
    assert all("photo" in one and "logo" not in one for one in says)
    assert "times likelier with the photo than without" in says[0]
    assert "times likelier with the logo than without" in picture_signals(picture(7.0))[0].says
