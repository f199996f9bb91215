"""Each kind makes the names that it is called after, and no kind makes what nobody can register."""

from __future__ import annotations

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.folding import is_foreign_letter
from detectors.permutations import KINDS, Kind, origins, permutations, suffix_table
from detectors.permutations.kinds import SHARES
from detectors.permutations.labels import sold_host
from detectors.suffixes import suffix_list
from namaak.brands import Brand

LABELS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,14}[a-z0-9])?", fullmatch=True).filter(
    lambda label: label[2:4] != "--"
)
CHEAP = [kind for kind in KINDS if kind not in (Kind.LURE, Kind.OTHER_SUFFIX)]


def hosts(domain, *kinds, **options):
    return [one.host for one in permutations(domain, kinds=kinds or KINDS, **options)]


@pytest.mark.parametrize(
    ("kind", "made", "not_made"),
    [
        (Kind.OMISSION, {"waldermnd.nl", "aldermond.nl"}, {"waldermond.nl"}),
        (Kind.TRANSPOSITION, {"wladermond.nl", "waldermodn.nl"}, {"nawldermod.nl"}),
        (Kind.REPETITION, {"walldermond.nl", "waldermondd.nl"}, set()),
        (Kind.REPLACEMENT, {"walfermond.nl", "qaldermond.nl"}, {"walpermond.nl"}),
        (Kind.INSERTION, {"waldfermond.nl", "walfdermond.nl"}, {"waldermonqd.nl"}),
        (Kind.ADDITION, {"waldermond1.nl", "waldermondx.nl"}, {"xwaldermond.nl"}),
        (Kind.VOWEL_SWAP, {"waldermund.nl", "woldermond.nl"}, {"waldermznd.nl"}),
        (Kind.PLURAL, {"waldermonds.nl"}, {"wsaldermond.nl"}),
        (Kind.HYPHEN_INSIDE, {"walder-mond.nl"}, {"-waldermond.nl", "waldermond-.nl"}),
        (Kind.DOT_INSIDE, {"walder.mond.nl"}, {".waldermond.nl"}),
        (Kind.HOMOGLYPH, {"waldermoncl.nl", "vvaldermond.nl", "wa1dermond.nl", "walderm0nd.nl",
                          "walderrnond.nl"}, {"waldermond0.nl"}),
        (Kind.HOMOGLYPH_TWICE, {"vva1dermond.nl"}, set()),
        (Kind.BITSQUAT, {"waldermgnd.nl"}, {"walderm/nd.nl"}),
        (Kind.WWW_GLUED, {"wwwwaldermond.nl", "www-waldermond.nl"}, set()),
        (Kind.JOINED_SUFFIX, {"waldermondnl.com", "waldermond-com.nl", "com-waldermond.nl"}, set()),
        (Kind.OTHER_SUFFIX, {"waldermond.com", "waldermond.be", "waldermond.top",
                             "waldermond.co.uk"}, {"waldermond.nl"}),
        (Kind.LURE, {"waldermond-login.nl", "loginwaldermond.com", "waldermondsupport.nl"},
         {"waldermond-rabat.nl"}),
    ],
)  # fmt: skip
def test_a_kind_makes_what_it_is_called_after(kind, made, not_made):
    found = set(hosts("waldermond.nl", kind))
    assert made <= found
    assert not not_made & found


def test_idn_kinds_are_asked_where_they_are_sold():
    under = {host.rpartition(".")[2] for host in hosts("waldermond.nl", Kind.IDN_HOMOGRAPH)}
    assert under == {"com"}
    under = {host.rpartition(".")[2] for host in hosts("waldermond.de", Kind.IDN_HOMOGRAPH)}
    assert under == {"com", "de"}


def test_idn_kinds_stay_within_the_scripts_that_they_name():
    latin = [idna.decode(h) for h in hosts("acme.com", Kind.IDN_HOMOGRAPH)]
    assert "acmé.com" in latin
    assert not any(map(is_foreign_letter, "".join(latin)))
    whole = [idna.decode(host) for host in hosts("rabobank.nl", Kind.WHOLE_SCRIPT)]
    assert whole[0].partition(".")[0] == "гаьоьапк"
    assert all("а" <= char <= "ӿ" or char in "ѕіјӏԁԍԛԝѡѣѵҍҫү" for char in whole[0].split(".")[0])
    mixed = [idna.decode(h) for h in hosts("acme.com", Kind.MIXED_SCRIPT)]
    assert "аcme.com" in mixed


def test_a_name_with_a_letter_that_has_no_lookalike_has_no_label_in_another_script():
    assert hosts("fizz.com", Kind.WHOLE_SCRIPT) == []
    assert hosts("2024.com", Kind.WHOLE_SCRIPT) == []


def test_of_an_idn_the_plain_letters_are_varied_too():
    found = hosts("bücher.example")
    assert "bucher.example" in found  # what others may take
    assert "xn--bcher-kva.example" not in found  # its own
    assert {"buchers.example", "xn--bchers-3ya.example"} <= set(found)
    assert found == hosts("xn--bcher-kva.example")


def test_a_name_that_several_kinds_make_is_one_candidate_with_all_of_them():
    (found,) = [one for one in permutations("waldermond.nl") if one.host == "waldermonds.nl"]
    assert found.kinds == (Kind.INSERTION, Kind.ADDITION, Kind.PLURAL)
    assert found.kind is Kind.INSERTION
    (alone,) = [one for one in permutations("waldermond.nl", kinds=[Kind.PLURAL])
                if one.host == found.host]  # fmt: skip
    assert alone.kinds == (Kind.PLURAL,)
    assert found.priority > alone.priority


@given(LABELS, st.sampled_from(["nl", "com", "co.uk", "example"]))
def test_whatever_is_made_can_be_registered_and_stands_there_once(label, suffix):
    found = permutations(label, suffix=suffix, kinds=CHEAP)
    made = [one.host for one in found]
    assert len(set(made)) == len(made)
    assert f"{label}.{suffix}" not in made
    assert [one.priority for one in found] == sorted((o.priority for o in found), reverse=True)
    for one in found:
        assert len(one.host) <= 253
        for part in one.host.split("."):
            assert 0 < len(part) <= 63 and not part.startswith("-") and not part.endswith("-")
            if part.startswith("xn--"):
                assert idna.alabel(idna.ulabel(part)).decode() == part
            else:
                assert part[2:4] != "--"
        assert one.kind == one.kinds[0]
        assert 0 < one.priority < 1
    assert sum(one.priority for one in found) <= 1.000001


def test_no_label_announces_an_encoding_that_it_has_not():
    """Two hyphens in the third and fourth place (RFC 5891, section 4.2.3.1)."""
    found = hosts("ab-c.nl")
    assert "ab--c.nl" not in found
    assert "ab-cc.nl" in found and "a-b-c.nl" in found


def test_the_same_names_come_in_the_same_order_every_time():
    assert permutations("waldermond.nl") == permutations("waldermond.nl")


def test_the_shares_of_all_kinds_are_a_whole():
    assert set(SHARES) == set(Kind)
    assert sum(share.of_names for share in SHARES.values()) == pytest.approx(1, abs=0.01)
    assert all(share.reason for share in SHARES.values())


def test_likelier_names_come_first():
    found = hosts("waldermond.nl", languages=("nl", "en"))
    assert found.index("waldermnd.nl") < found.index("waldermond-login.nl")
    assert found.index("waldermond-login.nl") < found.index("loginwaldermond.top")
    assert found.index("waldermond.com") < found.index("waldermond.zw")
    assert found.index("waldermnd.nl") < found.index("aldermond.nl")


def test_lure_words_are_those_of_the_brands_languages():
    dutch = set(hosts("waldermond.nl", Kind.LURE, languages=("nl",)))
    english = set(hosts("waldermond.nl", Kind.LURE, languages=("en",)))
    assert "waldermond-klantenservice.nl" in dutch - english
    assert "waldermond-support.nl" in english - dutch


def test_words_and_suffixes_of_ones_own_take_the_place_of_those_shipped():
    found = hosts("acme.nl", Kind.LURE, lures=["paint"])
    assert {"acme-paint.nl", "paintacme.com"} <= set(found)
    assert all("paint" in host for host in found)
    found = hosts("acme.nl", Kind.OTHER_SUFFIX, suffixes=["example", "nl", "test"])
    assert found == ["acme.example", "acme.test"]


@pytest.mark.parametrize("domain", ["", "co.uk", "-acme.nl", "a b.nl", "acme..nl", "xn--a.nl",
                                    f"{'x' * 64}.nl", "\u202eacme.nl"])  # fmt: skip
def test_what_is_no_domain_is_refused(domain):
    with pytest.raises(ValueError):
        permutations(domain)


def test_names_are_made_of_the_brands_domains_and_of_its_names():
    brand = Brand(
        name="Acme Bank",
        aliases=("ACME", "Ä"),
        domains=("www.acme.nl", "acme.co.uk", "login.acme.nl"),
    )
    assert origins(brand) == ["acme.nl", "acme.co.uk", "acmebank.nl"]
    assert origins(Brand(name="L'Oréal")) == ["loreal.com"]
    assert origins(Brand(name="株式会社")) == []


def test_every_suffix_of_the_table_is_one_where_names_are_sold():
    table = suffix_table()
    listed = {*table.familiar, *table.abused, *table.countries, *table.without_idn}
    listed.update(suffix for near in table.languages.values() for suffix in near)
    split = suffix_list().split
    for suffix in sorted(listed):
        cut = split(f"zzqx.{suffix}")
        assert f"zzqx.{suffix}"[cut.suffix :] == suffix, f"{suffix} is no public suffix"


def test_no_country_is_forgotten_but_those_that_sell_nothing():
    countries = {suffix for suffix in suffix_table().countries if "." not in suffix}
    known = {rule for rule in suffix_list().right_parts() if len(rule) == 2 and rule.isalpha()}
    above = {suffix.rpartition(".")[2] for suffix in suffix_table().countries}
    assert countries <= known
    assert known - above == {"aq", "bv", "ck", "er", "fk", "gb", "hm", "kp", "sj"}


def test_a_whole_host_is_too_long_or_not():
    assert sold_host("x" * 63, "example") is not None
    assert sold_host("x" * 64, "example") is None
    assert sold_host(".".join(["x" * 60] * 4), "example" * 3) is None
