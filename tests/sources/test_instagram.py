"""Instagram: exact handles only, and what no answer means."""

from __future__ import annotations

import pytest

from namaak.errors import Failure
from namaak.sources.instagram import TOKEN, Instagram
from namaak.sources.profiles.questions import Way
from tests.sources.keyed_platform import KeyedPlatform, Says, known, opened, run, serving

KEYS = {TOKEN: "the-token"}


def found(number, handle, **more):
    row = {"id": str(number), "username": handle, "name": "Waldermond", **more}
    return {"business_discovery": row, "id": "9"}


NOBODY = Says(
    {"error": {"message": "Invalid user id", "code": 110, "error_subcode": 2207013}}, status=400
)


def instagram(folder, at, **more):
    return opened(Instagram, folder, at, **{"account": "9", "environ": KEYS, **more})


def test_it_is_left_out_without_a_token_or_an_account_of_ones_own(tmp_path):
    at = KeyedPlatform(1)
    assert f"{TOKEN} is not set" in instagram(tmp_path, at, environ={}).lacks()
    assert "set account in [sources.instagram]" in instagram(tmp_path, at, account=None).lacks()
    assert instagram(tmp_path, at).lacks() is None


def test_one_handle_is_asked_at_a_time_as_the_own_account(tmp_path):
    with serving(lambda _: NOBODY) as at:
        run(instagram(tmp_path, at, probes=2), Way.PROBE)
    assert at.paths == ["/9", "/9"]
    fields = at.asked[0].one("fields")
    assert fields.startswith("business_discovery.username(")
    assert "){id,username,name,biography,website," in fields


def test_a_probed_handle_that_nobody_answers_to_is_no_row_and_no_failure(tmp_path):
    with serving(lambda _: NOBODY) as at:
        read = run(instagram(tmp_path, at, probes=7), Way.PROBE)
    assert len(at.asked) == 7
    assert (read.rows, read.rejects, read.error) == ([], [], None)


def test_a_case_that_does_not_answer_is_told_as_unknown_never_as_removed(tmp_path):
    cases = [known("instagram", "5", "waldermond.help")]
    with serving(lambda _: NOBODY) as at:
        read = run(instagram(tmp_path, at, cases=cases), Way.KNOWN)
    assert read.rows == []
    (reason,) = read.rejects
    assert "gone, renamed or private, which is not known" in reason


def test_a_handle_that_now_belongs_to_another_is_told_beside_the_new_account(tmp_path):
    cases = [known("instagram", "5", "waldermond.help")]
    with serving(lambda _: Says(found(6, "waldermond.help"))) as at:
        read = run(instagram(tmp_path, at, cases=cases), Way.KNOWN)
    assert read.ids == ["6"]
    (reason,) = read.rejects
    assert "belongs to another account now; what became of 5 is not known" in reason


@pytest.mark.parametrize("handle", ["a){id,media{caption}}", "a b", "a%", "", "x" * 31])
def test_nothing_but_a_handle_gets_into_the_expression_that_is_asked(tmp_path, handle):
    with serving(lambda _: NOBODY) as at:
        read = run(
            instagram(tmp_path, at, cases=[known("instagram", "5", handle or None)]), Way.KNOWN
        )
    assert at.asked == []
    assert len(read.rejects) == 1 and "not looked up" in read.rejects[0]


def test_an_expired_token_ends_the_run_with_one_sentence(tmp_path):
    expired = {"error": {"message": "expired", "code": 190, "error_subcode": 463}}
    with serving(lambda _: Says(expired, status=401)) as at:
        read = run(instagram(tmp_path, at, probes=9), Way.PROBE)
    assert len(at.asked) == 1
    assert read.error.failure is Failure.AUTH
    assert str(read.error).count("\n") == 0


def test_half_an_answer_fails_its_question_and_the_next_run_asks_it_again(tmp_path):
    whole = Says(found(5, "waldermond"))
    answers = iter([Says(whole.sent[:30])])
    with serving(lambda _: next(answers, whole)) as at:
        read = run(instagram(tmp_path, at, probes=2), Way.PROBE)
        assert read.error.failure is Failure.TRANSIENT
        assert read.ids == ["5"]
        again = run(instagram(tmp_path, at, probes=2), Way.PROBE, after=read)
    assert len(at.asked) == 3
    assert at.asked[2].target == at.asked[0].target
    assert again.ids == ["5"] and again.error is None


def test_a_discovery_without_an_id_is_refused_with_the_reason(tmp_path):
    with serving(lambda _: Says({"id": "9"})) as at:
        read = run(instagram(tmp_path, at, probes=1), Way.PROBE)
    assert read.rejects == ["row: is no object"]


def test_the_picture_is_stored_as_it_came_and_a_bomb_stays_closed(tmp_path):
    bomb = b"\x89PNG\r\n\x1a\n" + b"\0" * 5_000

    def answer(got):
        if got.path == "/picture":
            return Says(bomb)
        return Says(found(5, "waldermond", profile_picture_url=f"{at.url}/picture"))

    with serving(answer) as at:
        read = run(instagram(tmp_path, at, probes=1, pictures=True), Way.PROBE)
    assert list(read.images.values()) == [bomb]


def test_a_picture_that_is_too_large_is_a_refused_row_beside_its_account(tmp_path):
    def answer(got):
        if got.path == "/picture":
            return Says(b"\0" * (6 << 20))
        return Says(found(5, "waldermond", profile_picture_url=f"{at.url}/picture"))

    with serving(answer) as at:
        read = run(instagram(tmp_path, at, probes=1, pictures=True), Way.PROBE)
    assert read.ids == ["5"] and read.images == {}
    assert [reason.partition(":")[0] for reason in read.rejects] == ["image"]
