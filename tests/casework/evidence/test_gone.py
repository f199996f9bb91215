"""The report says what a finding of "down" rests on, and what limits it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.casework.events import EventKind
from namaak.casework.evidence.gone import FoundDown, found_down
from namaak.casework.evidence.material import Profile
from namaak.casework.evidence.report import render
from namaak.casework.followup.verdict import NOT_LOOKED_AT, ONE_ADDRESS, SAME_RESOLVERS
from tests.casework.evidence.test_pack import packed, specimen
from tests.casework.evidence.test_report import HOSTILE, NOW, Page, report

LOGIN = "https://waldermond-login.test/login"


def down(*reservations: str, **other: object) -> dict[str, object]:
    def seen(hour: int) -> dict[str, object]:
        says = f"at {LOGIN}: the server says that there is no such page (HTTP 404)"
        views = [{"vantage": place, "state": "removed", "says": says} for place in ("far", "here")]
        return {"checked_at": f"2026-11-20T{hour:02}:00:00Z", "views": views}

    data = {
        "since": "2026-11-20T07:00:00Z", "confirmed_at": "2026-11-20T08:00:00Z",
        "first": seen(7), "second": seen(8), "addresses": [LOGIN],
        "reservations": list(reservations),
    } | other  # fmt: skip
    return event(EventKind.DOWN, data)


def event(kind: str, data: object) -> dict[str, object]:
    return {"kind": str(kind), "data": json.dumps(data), "case_seq": 9, "happened_at": NOW,
            "actor": "flow:recheck", "hash": "ab" * 32}  # fmt: skip


def words(found: FoundDown | None) -> str:
    return Page(render(report(down=found), now=NOW)).words


def test_the_report_names_every_look_every_address_and_every_limit():
    found = found_down([down(ONE_ADDRESS, f"{NOT_LOOKED_AT}: 3")])
    said = words(found)
    assert "2026-11-20 07:00 UTC" in said and "2026-11-20 08:00 UTC" in said
    assert said.count("the server says that there is no such page") == 4
    assert "a page can show a 404 to that address and itself to everybody else" in said
    assert "een pagina kan dat adres een 404 tonen" in said
    assert "nobody knows whether they are gone: 3." in said
    assert said.count(LOGIN) == 5


@pytest.mark.parametrize("name", [ONE_ADDRESS, SAME_RESOLVERS, "something that is new"])
def test_no_limit_is_left_out_and_none_is_made_up(name):
    found = found_down([down(name)])
    assert found is not None and len(found.limits) == 1
    assert found.limits[0][0] in words(found)
    assert "Nothing that is known" in words(found_down([down()]))
    assert "Nothing that is known" not in words(found)


def test_what_came_back_is_not_gone_and_what_went_again_is():
    back = event(EventKind.RELAPSED, {"down_since": "2026-11-20T07:00:00Z"})
    assert found_down([]) is None
    assert found_down([down(), back]) is None
    again = found_down([down(), back, down(ONE_ADDRESS)])
    assert again is not None and len(again.limits) == 1
    assert "That it is gone" not in words(None)


@settings(max_examples=20, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["first", "second", "views", "says", "addresses", "reservations"]), inner,
        max_size=4,
    ),
    max_leaves=9,
))  # fmt: skip
def test_a_history_of_any_shape_gives_a_report(data):
    found = found_down([event(EventKind.DOWN, data), event("noted", data)])
    assert found is not None
    assert words(found)


def test_hostile_words_of_a_look_are_inert():
    found = found_down([down(HOSTILE, since=HOSTILE, addresses=[HOSTILE])])
    page = Page(render(report(down=found), now=NOW))
    assert not page.tags & {"script", "a", "iframe", "form"}
    assert "\u202e" not in page.text and "U+202E" in page.text


@pytest.mark.parametrize("profile", Profile)
def test_both_packs_say_it(tmp_path: Path, profile):
    case = specimen()
    case.events.append(down(ONE_ADDRESS))
    if profile is Profile.NOTICE:
        pack = packed(tmp_path, case, profile=profile)
    else:
        pack = packed(tmp_path, case)
    said = Page((pack / "data" / "report.html").read_text()).words
    assert "a page can show a 404 to that address and itself to everybody else" in said
