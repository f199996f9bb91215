"""What a look at a host may do to a case, and what an adversary may not do by feigning."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.names import scorecard
from namaak.casework import ranking, site_signals
from namaak.casework.name_signals import PRIOR
from namaak.casework.site_signals import (
    AGAINST,
    CONTENT,
    CONTENT_MOST,
    FEIGNED,
    FEIGNED_MOST,
    NOT_THERE,
    SETTING,
    WEIGHTLESS,
    weighed_names,
)
from namaak.records import Band

ORDER = list(Band)
HEAVIEST = max(scorecard.weights(), key=lambda name: scorecard.weights()[name])
NAMES = sorted(weighed_names())


def trait(name: str, raw: str = "seen") -> dict[str, str]:
    return {"name": name, "raw": raw, "says": f"A look gave {name}"}


def host(*traits: str | dict[str, str], odds: float = 0.7, **changes: Any) -> dict[str, Any]:
    """A host whose name alone adds up to `odds`, and what a look at it gave."""
    weight = scorecard.weights()[HEAVIEST]
    return {
        "match_id": "00", "brand_id": "acme", "subject_key": "host:acmebank-x.example",
        "subject_kind": "host", "field": "host", "value": "acmebank-x.example",
        "term": "Acme Bank", "resemblance": "combosquat", "place": "token", "distance": 0,
        "span_start": 0, "span_end": 8, "layers": [], "lures": [], "traits": [], "kinds": [],
        "evidence": {HEAVIEST: (odds + scorecard.review_at()) / weight}, "suppressed": None,
        "detector": "names-2", "tables": "",
        "site": [trait(one) if isinstance(one, str) else one for one in traits],
    } | changes  # fmt: skip


def looked(*traits: str | dict[str, str], odds: float = 0.7, **changes: Any):
    return ranking.score([host(*traits, odds=odds, **changes)])


def contributions(made) -> dict[str, float]:
    return {s.name: s.contribution for s in made.signals if not s.name.startswith("host.")}


@pytest.mark.parametrize("name", sorted({*CONTENT, *SETTING}))
def test_what_he_has_to_do_to_profit_raises_the_case(name):
    assert looked(name).score > looked().score
    (signal,) = (one for one in looked(name).signals if one.name == name)
    assert signal.says == f"A look gave {name}"
    assert signal.contribution == {**CONTENT, **SETTING}[name]


@pytest.mark.parametrize("name", sorted({*AGAINST, *FEIGNED}))
def test_what_speaks_against_lowers_it_and_is_shown(name):
    assert looked(name, odds=3.0).score < looked(odds=3.0).score
    assert contributions(looked(name, odds=3.0))[name] < 0


@pytest.mark.parametrize("name", sorted(WEIGHTLESS - NOT_THERE.keys()))
def test_what_half_of_everything_has_weighs_nothing(name):
    assert looked(name) == looked()


def test_nothing_known_changes_nothing():
    assert looked() == ranking.score([{k: v for k, v in host().items() if k != "site"}])


def test_what_a_newer_reader_tells_is_passed_over():
    assert looked("page.smells-of-fish") == looked()


@pytest.mark.parametrize(
    ("days", "weight"),
    [("0", 1.5), ("2", 1.5), ("3", 1.0), ("14", 1.0), ("15", 0.3), ("90", 0.3), ("91", None),
     ("400 days", None), ("1 day", 1.5), ("", None), ("-1", None), ("soon", None)],
)  # fmt: skip
def test_the_younger_the_registration_the_more_it_says(days, weight):
    assert contributions(looked(trait("rdap.young", days))).get("rdap.young") == weight


def test_several_signs_of_one_page_count_once_and_a_little():
    form = looked("page.password-form")
    both = looked("page.password-form", "page.title-brand")
    assert contributions(both)["page.password-form"] == CONTENT["page.password-form"]
    assert contributions(both)["page.title-brand"] == CONTENT["page.title-brand"] / 2
    assert both.score > form.score
    everything = contributions(looked(*CONTENT))
    assert sum(everything.values()) == pytest.approx(CONTENT_MOST)
    # The form that posts elsewhere is the form: it is not counted twice.
    assert "page.password-form" not in everything


def test_the_brands_own_page_at_the_end_of_a_redirect_is_no_imitation():
    through = contributions(looked(*CONTENT, "page.redirects-to-brand", odds=3.0))
    assert through.keys() == {"page.redirects-to-brand"}


def test_words_that_only_would_lead_to_the_brand_take_nothing_from_a_page():
    assert looked(*CONTENT, "page.sends-to-brand") == looked(*CONTENT)


@pytest.mark.parametrize("name", ["dns.parked", "dns.brand-name-servers-claimed"])
def test_a_page_that_asks_for_a_password_is_not_believed_to_be_parked(name):
    feigned = looked("page.password-form", "page.parked", "page.for-sale", name, odds=3.0)
    assert feigned == looked("page.password-form", odds=3.0)


def test_all_that_can_be_feigned_takes_little_together():
    taken = contributions(looked(*FEIGNED, odds=5.0))
    assert set(taken) == FEIGNED.keys()
    assert sum(taken.values()) == pytest.approx(FEIGNED_MOST, abs=0.01)


def test_a_cheap_trick_does_not_take_a_case_out_of_the_inbox_of_the_worst():
    """A critical name whose page looks parked and for sale, and redirects, is still urgent."""
    before = looked(odds=5.0)
    after = looked("page.parked", "page.for-sale", "page.default-server", odds=5.0)
    assert before.band is Band.CRITICAL
    assert ORDER.index(after.band) >= ORDER.index(Band.HIGH)


@pytest.mark.parametrize("odds", [-1.0, 0.0, 0.7, 2.0, 5.0])
def test_nothing_that_a_look_gives_takes_a_case_below_watch(odds):
    before = looked(odds=odds)
    after = looked(*AGAINST, *FEIGNED, *NOT_THERE, odds=odds)
    assert before.band is not Band.NONE
    assert after.band is not Band.NONE
    assert after.score >= ranking._BANDS[-1][0]


def test_below_watch_already_nothing_lowers_it_further():
    assert looked(*AGAINST, *FEIGNED, odds=-5.0).score == looked(odds=-5.0).score


@pytest.mark.parametrize("name", NOT_THERE)
def test_what_is_not_there_waits_on_the_watchlist_and_keeps_its_score(name):
    there, gone = looked(odds=5.0), looked(name, odds=5.0)
    assert (gone.band, gone.score) == (Band.WATCH, there.score)
    assert gone.gates == (NOT_THERE[name],)


def test_a_host_that_the_brands_servers_answer_for_goes_down_and_stays_in_sight():
    assert looked(odds=2.0).band is Band.REVIEW or looked(odds=2.0).band is Band.HIGH
    assert looked("dns.brand-name-servers", odds=2.0).band is Band.WATCH


def test_the_gates_of_names_hold_whatever_a_page_shows():
    short = {"term": "Ing", "lures": [], "place": "edge"}
    assert looked(*CONTENT, odds=5.0, **short).band is Band.WATCH


def test_what_a_look_gave_counts_once_however_many_matches_there_are():
    one = host("page.password-form")
    other = {**one, "match_id": "01"}
    assert ranking.score([one, other]) == ranking.score([one])


def test_suppressed_matches_bring_no_look_with_them():
    own = host("page.password-form", match_id="01", suppressed="the brand's own domain")
    assert ranking.score([host(), own]) == ranking.score([host()])


@settings(max_examples=60)
@given(st.lists(st.sampled_from(NAMES), unique=True), st.floats(-6, 8, allow_nan=False),
       st.sampled_from(["0", "30", "x"]))  # fmt: skip
def test_whatever_a_look_gives_the_sum_is_explained_and_stays_in_sight(names, odds, raw):
    made = looked(*(trait(name, raw) for name in names), odds=odds)
    total = PRIOR + sum(signal.contribution for signal in made.signals)
    assert made.score == round(100 / (1 + math.exp(-total / ranking._SPREAD)))
    bare = looked(odds=odds)
    assert made.score >= min(bare.score, ranking._BANDS[-1][0])
    assert all(signal.contribution for signal in made.signals)


@given(st.lists(st.sampled_from(NAMES), unique=True), st.randoms())
def test_the_order_of_what_was_seen_does_not_matter(names, rng):
    shuffled = rng.sample(names, len(names))
    assert looked(*names) == looked(*shuffled)


def test_another_rule_is_another_version_of_the_ranking(tmp_path, monkeypatch):
    changed = tmp_path / "site_signals.py"
    source = Path(str(site_signals.__file__)).read_bytes()
    changed.write_bytes(source.replace(b"share = 1.0 if", b"share = 0.9 if"))
    assert changed.read_bytes() != source
    monkeypatch.setattr(site_signals, "__file__", str(changed))
    spec = importlib.util.spec_from_file_location("ranking_anew", str(ranking.__file__))
    anew = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "ranking_anew", anew)
    spec.loader.exec_module(anew)
    assert anew.VERSION != ranking.VERSION


def test_a_parked_name_that_takes_mail_is_told_and_counts_for_the_case():
    for where in ("dns.parked", "page.parked", "page.for-sale"):
        signals = {one.name: one for one in looked(where, "dns.mail-capable").signals}
        assert signals["dns.mail-parked"].contribution > 0
        assert "dns.mail-parked" not in {one.name for one in looked(where).signals}
    assert "dns.mail-parked" not in {one.name for one in looked("dns.mail-capable").signals}


def test_what_harms_is_told_apart_from_how_sure_it_is():
    bare, form, title = looked(), looked("page.password-form"), looked("page.title-brand")
    assert form.severity > bare.severity and form.confidence == bare.confidence
    assert title.confidence > bare.confidence and title.severity == bare.severity
    assert form.score > bare.score and title.score > bare.score
