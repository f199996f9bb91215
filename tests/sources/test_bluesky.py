"""Bluesky's accounts, against a server that answers as the real one does."""

import io
import json
from datetime import timedelta

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image

from namaak.errors import Failure
from namaak.records import SubjectState, Verified
from namaak.sources.atproto.views import Reading, read_view
from namaak.sources.base import Known
from namaak.sources.bluesky import Bluesky, BlueskyConfig
from namaak.sources.profiles.pictures import MAX_PICTURE_BYTES
from namaak.sources.profiles.profile import Pictured, observe
from tests.sources.appview import appview, did, view
from tests.sources.reading import NOW, given, run_of

LABELER = "did:plc:" + "l" * 24
READING = Reading(hosts=("bsky.social",), labelers=(LABELER,), now=NOW)


def opened(served, folder, *, names=("ACME",), known=(), **table):
    config = BlueskyConfig.model_validate({"url": served.url, "probes": 0, **table})
    return Bluesky(config, given(folder, served.port, names=names, known=known))


def handles(rows):
    return [row["handle"] for row in rows]


@pytest.fixture
def served():
    with appview() as made:
        yield made


def test_a_search_reads_all_pages_and_looks_every_account_up_for_its_counts(served, tmp_path):
    served.page = 30
    served.add(*(view(n, f"acme{n}.bsky.social", followersCount=n) for n in range(70)))
    rows = run_of(opened(served, tmp_path), "search").on()
    assert handles(rows) == [f"acme{n}.bsky.social" for n in range(70)]
    assert [row["followers"] for row in rows] == list(range(70))
    assert [row["position"] for row in rows] == list(range(70))
    assert [len(query["actors"]) for query in served.calls("getProfiles")] == [25, 5, 25, 5, 10]
    assert [query.get("cursor") for query in served.calls("searchActors")] == [None, ["30"], ["60"]]


def test_a_round_that_is_done_is_not_asked_again_before_it_is_due(served, tmp_path):
    served.add(view(1, "acme.bsky.social"))
    run = run_of(opened(served, tmp_path), "search")
    assert handles(run.on()) == ["acme.bsky.social"]
    assert run.on(NOW + timedelta(hours=1)) == []
    assert len(served.calls("searchActors")) == 1
    assert handles(run.on(NOW + timedelta(hours=25))) == ["acme.bsky.social"]


def test_an_account_that_is_renamed_between_pages_is_one_subject_with_both_names(served, tmp_path):
    served.page = 1
    served.add(view(1, "acme-old.bsky.social"), view(2, "acme-two.bsky.social"))

    def rename(_):
        served.after_page = None
        served.accounts[did(1)]["handle"] = "acme-new.bsky.social"
        served.accounts = dict(reversed(served.accounts.items()))

    served.after_page = rename
    rows = run_of(opened(served, tmp_path), "search").on()
    assert {row["subject_key"] for row in rows} == {f"account:bluesky:{did(1)}"}
    # The look-up behind the search knows the new name at once; the second page says nothing new.
    assert handles(rows) == ["acme-new.bsky.social"]


def test_a_page_that_comes_twice_gives_its_accounts_once(served, tmp_path):
    served.page = 1
    served.add(view(1, "acme1.bsky.social"), view(2, "acme2.bsky.social"))
    served.cursors = {"": "0"}
    run = run_of(opened(served, tmp_path), "search")
    assert handles(run.on()) == ["acme1.bsky.social", "acme2.bsky.social"]
    assert len(served.calls("searchActors")) == 3


def test_a_cursor_that_stays_the_same_is_told(served, tmp_path):
    served.page = 1
    served.add(view(1, "acme1.bsky.social"), view(2, "acme2.bsky.social"))
    served.cursors = {"": "0", "0": "0"}
    run = run_of(opened(served, tmp_path), "search")
    assert handles(run.on()) == ["acme1.bsky.social"]
    assert "gives one page again and again" in run.rejects[-1][1]


def test_a_cursor_that_leads_in_a_circle_ends_at_the_bound_and_is_told(served, tmp_path):
    served.page = 1
    served.add(*(view(n, f"acme{n}.bsky.social") for n in range(3)))
    served.cursors = {"": "1", "1": "2", "2": "1"}
    run = run_of(opened(served, tmp_path, pages_per_question=7), "search")
    assert handles(run.on()) == [f"acme{n}.bsky.social" for n in range(3)]
    assert len(served.calls("searchActors")) == 7
    assert "more than the 7 pages" in run.rejects[-1][1]


def test_a_cursor_too_long_to_ask_with_is_told(served, tmp_path):
    served.add(view(1, "acme.bsky.social"))
    served.cursors = {"": "x" * 9_000}
    run = run_of(opened(served, tmp_path), "search")
    assert len(run.on()) == 1 and run.error is None
    assert "cursor is too long" in run.rejects[0][1]


def test_half_a_page_fails_its_question_alone_and_is_asked_again_by_the_next_run(served, tmp_path):
    served.add(view(1, "acme.bsky.social"), view(2, "waldermond.bsky.social", displayName="W"))
    served.instead["searchActors"] = [(200, {}, b'{"actors":[{"did":"did:plc:')]
    run = run_of(opened(served, tmp_path, names=("ACME", "Waldermond")), "search")
    assert handles(run.on()) == ["waldermond.bsky.social"]
    assert run.error.failure is Failure.TRANSIENT
    assert "bluesky gave no answer to a search for 'ACME'" in str(run.error)
    assert "breaks off after 27 bytes" in str(run.error)
    assert handles(run.on()) == ["acme.bsky.social"] and run.error is None


def test_a_run_that_is_killed_goes_on_at_its_page(served, tmp_path):
    served.page = 1
    served.add(*(view(n, f"acme{n}.bsky.social") for n in range(4)))
    run = run_of(opened(served, tmp_path), "search")
    assert len(run.on(most=2)) == 2
    assert handles(run.on()) == ["acme2.bsky.social", "acme3.bsky.social"]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "900"}])
def test_too_many_requests_end_the_run_with_one_sentence(served, tmp_path, headers):
    served.add(view(1, "acme.bsky.social"))
    refused = (429, headers, b'{"error":"RateLimitExceeded","message":"Rate Limit Exceeded"}')
    served.instead["searchActors"] = [refused] * 9
    run = run_of(opened(served, tmp_path, names=("ACME", "Waldermond")), "search")
    assert run.on() == []
    assert run.error.failure is Failure.THROTTLED
    assert {query["q"][0] for query in served.calls("searchActors")} == {"ACME"}
    served.instead.clear()
    run.source = opened(served, tmp_path, names=("ACME", "Waldermond"))
    assert handles(run.on()) == ["acme.bsky.social"]


def test_a_short_wait_that_the_host_asks_for_is_waited(served, tmp_path):
    served.add(view(1, "acme.bsky.social"))
    served.instead["searchActors"] = [(429, {"Retry-After": "0"}, b"")]
    run = run_of(opened(served, tmp_path), "search")
    assert handles(run.on()) == ["acme.bsky.social"] and run.error is None
    assert [one.status for one in run.batches[0].attempts] == [429]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_access_ends_the_run(served, tmp_path, status):
    served.instead["searchActors"] = [(status, {}, b'{"error":"AuthMissing"}')]
    run = run_of(opened(served, tmp_path, names=("ACME", "Waldermond")), "search")
    assert run.on() == [] and run.error.failure is Failure.AUTH
    assert len(served.asked) == 1


def test_an_account_that_is_suspended_between_search_and_look_up_is_kept(served, tmp_path):
    served.add(view(1, "acme1.bsky.social"), view(2, "acme2.bsky.social"))
    served.refusals[did(1)] = "AccountTakedown"
    rows = run_of(opened(served, tmp_path), "search").on()
    assert handles(rows) == ["acme1.bsky.social", "acme2.bsky.social"]


def test_probes_give_rows_for_handles_that_exist_and_none_for_others(served, tmp_path):
    source = opened(served, tmp_path, probes=60)
    asked = [text for one in source.questions(source.instance("probe")) for text in one.texts]
    assert len(asked) == 60 and asked[0] == "acme.bsky.social"
    assert all(one.count(".") == 2 and one.endswith(".bsky.social") for one in asked)
    served.add(view(1, asked[0]), view(2, asked[40]), view(3, "acme-other.bsky.social"))
    assert handles(run_of(source, "probe").on()) == [asked[0], asked[40]]
    assert [len(query["actors"]) for query in served.calls("getProfiles")] == [25, 25, 10]


def test_probes_are_made_below_the_first_of_the_hosts(served, tmp_path):
    source = opened(served, tmp_path, probes=1, hosts=["host.example", "bsky.social"])
    (question,) = source.questions(source.instance("probe"))
    assert question.texts == ("acme.host.example",)


def known(number, handle="acme.bsky.social"):
    return Known(subject_key=f"account:bluesky:{did(number)}", native_id=did(number), handle=handle)


def test_what_is_a_case_is_looked_up_by_its_permanent_id(served, tmp_path):
    served.add(
        view(1, "renamed.bsky.social"), view(2, "asleep.bsky.social"), view(3, "bad.bsky.social"),
        # Somebody else took the name of the account that is gone.
        view(9, "acme.bsky.social"),
    )  # fmt: skip
    served.refusals = {did(2): "AccountDeactivated", did(3): "AccountTakedown"}
    cases = [known(1), known(2, "asleep.bsky.social"), known(3), known(4)]
    rows = run_of(opened(served, tmp_path, known=cases), "known").on()
    assert [(row["native_id"], row["handle"], row["state"]) for row in rows] == [
        (did(1), "renamed.bsky.social", "live"),
        (did(2), "asleep.bsky.social", "removed"),
        (did(3), "acme.bsky.social", "suspended"),
        (did(4), "acme.bsky.social", "removed"),
    ]
    assert json.loads(rows[2]["raw"])["error"] == "AccountTakedown"
    assert [query["actor"] for query in served.calls("getProfile")] == [
        [did(2)], [did(3)], [did(4)],
    ]  # fmt: skip


def test_a_case_known_by_its_handle_alone_is_looked_up_by_it(served, tmp_path):
    served.add(view(1, "acme.bsky.social"))
    cases = [
        Known(subject_key="account:bluesky:@acme", native_id=None, handle="acme.bsky.social"),
        Known(subject_key="account:bluesky:@no", native_id=None, handle="no.bsky.social"),
    ]
    rows = run_of(opened(served, tmp_path, known=cases), "known").on()
    assert [(row["native_id"], row["handle"], row["state"]) for row in rows] == [
        (did(1), "acme.bsky.social", "live"),
        (None, "no.bsky.social", "removed"),
    ]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((502, {}, b"<html>bad gateway"), Failure.TRANSIENT),
        ((400, {}, b'{"error":"UpstreamFailure","message":"x"}'), Failure.MALFORMED),
        ((400, {}, b'{"error":"InvalidRequest","message":"Invalid actor"}'), Failure.MALFORMED),
        ((404, {}, b"no such page"), Failure.GONE),
        ((204, {}, b""), Failure.MALFORMED),
        ((400, {}, b"{"), Failure.TRANSIENT),
    ],
)
def test_an_error_never_means_that_an_account_is_gone(served, tmp_path, answer, failure):
    served.instead["getProfile"] = [answer]
    run = run_of(opened(served, tmp_path, known=[known(1)]), "known")
    assert run.on() == []
    assert run.error.failure is failure
    assert [row["state"] for row in run.on()] == ["removed"]


def test_too_many_requests_in_the_second_look_end_the_run(served, tmp_path):
    served.instead["getProfile"] = [(429, {}, b"")]
    run = run_of(opened(served, tmp_path, known=[known(1)]), "known")
    assert run.on() == [] and run.error.failure is Failure.THROTTLED


def test_an_account_that_is_back_at_the_second_look_is_live(served, tmp_path):
    served.add(view(1, "acme.bsky.social"))
    served.instead["getProfiles"] = [(200, {}, b'{"profiles":[]}')]
    (row,) = run_of(opened(served, tmp_path, known=[known(1)]), "known").on()
    assert row["state"] == "live"


def test_pictures_are_kept_as_they_come_and_a_bomb_is_refused(served, tmp_path):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    served.files = {"/ok": picture.getvalue(), "/bomb": bytes(MAX_PICTURE_BYTES + 1)}
    served.add(
        view(1, "acme1.bsky.social", avatar=f"{served.url}/ok", banner=f"{served.url}/ok"),
        view(2, "acme2.bsky.social", avatar=f"{served.url}/bomb"),
        view(3, "acme3.bsky.social", avatar="file:///etc/passwd"),
    )
    run = run_of(opened(served, tmp_path), "search")
    rows = run.on()
    assert [bool(row["image_sha256"]) for row in rows] == [True, False, False]
    assert rows[0]["banner_sha256"] == rows[0]["image_sha256"]
    assert run.batches[0].images == {rows[0]["image_sha256"]: picture.getvalue()}
    ((position, reason),) = run.rejects
    assert position == 1 and reason.startswith("image: ")


def flags(*labels):
    return [
        str(flag)
        for flag in read_view(view(1, "a.bsky.social", labels=list(labels)), READING).flags
    ]


def label(val, src=LABELER, **more):
    return {"src": src, "uri": did(1), "val": val, "cts": "2026-11-22T11:15:38.588Z", **more}


def test_labels_of_the_moderation_service_are_flags():
    assert flags(label("impersonation"), label("spam"), label("rude")) == ["impersonation", "spam"]
    assert flags(label("!hide"), label("!warn")) == ["limited"]


def test_a_label_that_was_withdrawn_or_has_run_out_is_none():
    assert flags(label("scam", neg=True)) == []
    assert flags(label("scam", exp="2026-11-22T11:59:00Z")) == []
    assert flags(label("scam", exp="2026-11-22T12:01:00Z")) == ["scam"]


def test_what_others_and_the_account_itself_say_is_no_verdict():
    assert flags(label("impersonation", src=did(7)), label("scam", src=did(1))) == []
    assert flags(label("parody", src=did(1)), label("bot", src=did(1))) == ["bot", "parody"]


@pytest.mark.parametrize(
    ("handle", "verification", "expected", "proved"),
    [
        ("acme.bsky.social", {}, Verified.NONE, ()),
        ("acme.example", {}, Verified.DOMAIN, ("https://acme.example",)),
        ("acme.example", {"verifiedStatus": "valid"}, Verified.TRUSTED, ("https://acme.example",)),
        ("acme.bsky.social", {"verifiedStatus": "valid"}, Verified.TRUSTED, ()),
        ("acme.bsky.social", {"verifiedStatus": "invalid"}, Verified.NONE, ()),
        ("acme.bsky.social", {"trustedVerifierStatus": "valid"}, Verified.TRUSTED, ()),
        ("notbsky.social", {}, Verified.DOMAIN, ("https://notbsky.social",)),
    ],
)
def test_what_the_platform_vouches_for(handle, verification, expected, proved):
    profile = read_view(view(1, handle, verification=verification), READING)
    assert (profile.verified, profile.proved_links) == (expected, proved)


def test_a_handle_that_does_not_point_back_is_no_handle_and_proves_nothing():
    profile = read_view(view(1, "handle.invalid"), READING)
    assert profile.handle is None and profile.proved_links == ()
    assert profile.verified is Verified.NONE
    assert profile.url == f"https://bsky.app/profile/{did(1)}"


def test_links_of_the_bio_are_found():
    profile = read_view(view(1, "a.bsky.social", description="see acme-pay.example/x!"), READING)
    assert profile.links == ("https://acme-pay.example/x",)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_FIELDS = (
    "did", "handle", "displayName", "description", "avatar", "banner", "createdAt", "indexedAt",
    "followersCount", "labels", "verification",
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@examples(
    st.fixed_dictionaries(
        {},
        optional={
            name: _json | st.just(did(1)) | st.just([{"src": LABELER, "val": "spam", "exp": 1}])
            for name in _FIELDS
        },
    )
)
def test_any_object_is_a_profile_or_has_no_id(row):
    try:
        profile = read_view(row, READING)
    except ValueError as error:
        assert str(error) == "did: is none"
        return
    assert profile.native_id == did(1) and profile.state is SubjectState.LIVE
    rows, _ = observe(
        [(0, profile, Pictured())],
        source="bluesky", instance="x", platform="bluesky", observed_at=NOW,
    )  # fmt: skip
    assert rows.num_rows == 1


@pytest.mark.parametrize(
    ("claimed", "indexed", "created"),
    [
        ("1999-01-01T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-20"),
        ("2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-21"),
        ("2022-11-16T23:59:59Z", None, None),
        ("2022-11-17T00:00:00Z", None, "2022-11-17"),
        ("1999-01-01T00:00:00Z", "1999-01-01T00:00:00Z", None),
        (None, "2026-11-20T00:00:00Z", None),
    ],
)
def test_an_account_is_as_old_as_the_network_saw_it_and_not_as_it_says(claimed, indexed, created):
    row = {"did": did(1), "createdAt": claimed, "indexedAt": indexed}
    at = read_view(row, READING).created_at
    assert (at and at.date().isoformat()) == created


def test_an_emptied_profile_is_empty_in_a_look_up_and_unknown_in_a_search(served, tmp_path):
    served.add(view(1, "acme.bsky.social", displayName="", description="", followersCount=3))
    (row,) = run_of(opened(served, tmp_path), "search").on()
    assert (row["display_name"], row["bio"], row["links"], row["flags"]) == ("", "", [], [])
    part = read_view({"did": did(1), "handle": "acme.bsky.social", "labels": []}, READING)
    assert not part.whole
