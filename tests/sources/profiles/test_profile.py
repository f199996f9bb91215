"""A profile and its row."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.records import OBSERVATION_SCHEMA, Flag, SubjectKind, SubjectState, Verified
from namaak.sources.lists.columns import LIMITS
from namaak.sources.profiles.profile import MOST_LISTED, MOST_RAW, Pictured, Profile, Refused
from namaak.sources.profiles.profile import observe as observe_all

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
#: Also what JSON may hold and UTF-8 may not.
ANY = st.text(st.characters() | st.sampled_from("\ud800\udfff\0"), max_size=30)
MAYBE = st.none() | ANY
COUNTS = st.none() | st.integers(-(2**70), 2**70)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
LISTS = st.lists(ANY, max_size=4).map(tuple)
PROFILES = st.builds(
    Profile,
    native_id=MAYBE, handle=MAYBE, kind=st.sampled_from([SubjectKind.ACCOUNT, SubjectKind.APP]),
    display_name=MAYBE, bio=MAYBE, url=MAYBE, developer=MAYBE, followers=COUNTS, following=COUNTS,
    posts=COUNTS, created_at=TIMES, source_time=TIMES, links=LISTS, proved_links=LISTS,
    contacts=LISTS, verified=st.none() | st.sampled_from(Verified),
    flags=st.lists(st.sampled_from(Flag), max_size=4).map(tuple),
    state=st.none() | st.sampled_from(SubjectState), avatar_url=MAYBE, banner_url=MAYBE,
    whole=st.booleans(), raw=MAYBE,
)  # fmt: skip


def observe(*entries, pictured=None):
    table, rejects = observe_all(
        [(n, entry, pictured or Pictured()) for n, entry in enumerate(entries)],
        source="peer",
        instance="search",
        platform="peer",
        observed_at=AT,
    )
    assert table.schema.equals(OBSERVATION_SCHEMA, check_metadata=True)
    return table.to_pylist(), rejects


@given(st.lists(PROFILES | st.builds(Refused, reason=ANY, excerpt=ANY), max_size=6))
def test_whatever_a_platform_says_each_entry_is_a_row_or_a_reject(entries):
    rows, rejects = observe(*entries)
    told = {row["position"] for row in rows} | {reject.position for reject in rejects}
    assert told == set(range(len(entries)))
    assert len({row["position"] for row in rows}) == len(rows)


@given(PROFILES)
def test_a_row_says_who_it_is_and_a_reject_shows_nothing_that_hides(profile):
    rows, rejects = observe(profile)
    for row in rows:
        assert row["native_id"] or row["handle"]
        assert row["subject_key"].startswith(f"{row['subject_kind']}:peer:")
    for reject in rejects:
        assert len(reject.excerpt) <= 200 and "\n" not in reject.excerpt


@given(PROFILES)
def test_the_same_profile_has_the_same_digest_and_its_json_does_not_count(profile):
    again = Profile(**{name: getattr(profile, name) for name in Profile.__slots__})
    assert again.digest() == profile.digest()


def test_a_changed_name_changes_the_digest_and_changed_json_does_not():
    one = Profile(native_id="1", handle="acme", raw="{}")
    assert one.digest() == Profile(native_id="1", handle="acme", raw="{ }").digest()
    assert one.digest() != Profile(native_id="1", handle="acme_", raw="{}").digest()


def test_the_key_is_the_permanent_id_and_only_without_one_the_handle():
    (row,), _ = observe(Profile(native_id="12", handle="@AcmeHelp"))
    assert (row["subject_key"], row["handle"]) == ("account:peer:12", "AcmeHelp")
    (row,), _ = observe(Profile(handle="@AcmeHelp"))
    assert (row["subject_key"], row["handle"]) == ("account:peer:@acmehelp", "AcmeHelp")


@pytest.mark.parametrize("handle", [None, "", "@", " @ ", "\0" * 600])
def test_who_has_neither_id_nor_handle_is_refused(handle):
    rows, rejects = observe(Profile(handle=handle, display_name="ACME"))
    assert rows == [] and len(rejects) == 1


def test_an_app_without_an_id_is_refused_whatever_its_handle():
    rows, (reject,) = observe(Profile(kind=SubjectKind.APP, handle="acme", display_name="ACME"))
    assert rows == [] and reject.reason == "has no id"


def test_what_says_who_it_is_is_never_cut():
    long = "a" * (LIMITS["native_id"] + 1)
    rows, rejects = observe(Profile(native_id=long))
    assert rows == [] and rejects[0].reason.startswith("native_id: is longer than")
    rows, rejects = observe(Profile(handle="a" * (LIMITS["handle"] + 1)))
    assert rows == [] and len(rejects) == 1


def test_what_is_too_long_is_cut_and_the_cut_is_told():
    (row,), (reject,) = observe(Profile(native_id="1", bio="a" * 10_001))
    assert row["bio"] == "a" * 10_000
    assert reject.reason == "bio: cut to 10000"


def test_what_a_whole_profile_does_not_show_is_empty_and_what_another_answer_lacks_is_unknown():
    said = {"display_name": " ", "bio": None}
    (whole, part), _ = observe(
        Profile(native_id="1", whole=True, **said), Profile(native_id="2", **said)
    )
    texts, lists = ("display_name", "bio"), ("links", "proved_links", "contacts", "flags")
    assert [whole[name] for name in texts] == ["", ""]
    assert [whole[name] for name in lists] == [[], [], [], []]
    assert {part[name] for name in (*texts, *lists)} == {None}
    assert {whole[name] for name in ("url", "developer", "followers", "verified")} == {None}


def test_a_whole_profile_whose_every_link_was_refused_is_not_without_links():
    long = f"https://acme.example/{'a' * LIMITS['url']}"
    (row,), (reject,) = observe(Profile(native_id="1", whole=True, links=(long,)))
    assert row["links"] is None and reject.reason.startswith("links: is longer")


def test_links_beyond_the_most_are_left_out_and_each_is_told():
    links = tuple(f"https://acme.example/{n}" for n in range(MOST_LISTED + 2))
    (row,), rejects = observe(Profile(native_id="1", links=links))
    assert len(row["links"]) == MOST_LISTED
    assert [reject.excerpt for reject in rejects] == list(links[MOST_LISTED:])


def test_json_that_is_too_long_is_known_by_its_hash_alone():
    short, long = "a" * MOST_RAW, "a" * (MOST_RAW + 1)
    (one, other), _ = observe(Profile(native_id="1", raw=short), Profile(native_id="2", raw=long))
    assert one["raw"] == short and other["raw"] is None
    assert len(other["evidence_hash"]) == 64 and other["evidence_hash"] != one["evidence_hash"]


def test_a_picture_that_was_refused_stands_beside_its_row():
    faults = (Refused(reason="image: is empty", excerpt="https://acme.example/a.png"),)
    (row,), (reject,) = observe(Profile(native_id="1"), pictured=Pictured(faults=faults))
    assert row["position"] == reject.position == 0
    assert row["image_sha256"] is None and reject.reason == "image: is empty"


@pytest.mark.parametrize("year", [1, 1969, 2200, 9999])
def test_a_time_before_all_platforms_or_of_no_clock_is_absent(year):
    (row,), _ = observe(Profile(native_id="1", created_at=datetime(year, 1, 1, tzinfo=UTC)))
    assert row["created_at"] is None
