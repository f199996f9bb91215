"""What platforms are asked."""

from hypothesis import given
from hypothesis import strategies as st

from namaak.brands import Brand
from namaak.sources.base import Known
from namaak.sources.profiles.questions import Question, Way, in_calls, known_in_calls, searches

QUESTIONS = st.builds(
    Question,
    way=st.sampled_from(Way),
    texts=st.lists(st.text(max_size=8), max_size=4).map(tuple),
    where=st.text(max_size=8),
)


def known(number, *, native_id=None, handle=None):
    return Known(subject_key=f"account:x:{number}", native_id=native_id, handle=handle)


def test_names_are_searched_once_brands_before_aliases_before_people():
    brands = {
        "acme": Brand.model_validate(
            {
                "name": "ACME",
                "aliases": ["Acme Bank", "acme"],
                "executives": [{"name": "Jan Peer"}],
            }
        ),
        "waldermond": Brand(name="Waldermond", aliases=("ACME BANK",)),
    }
    assert list(searches(brands)) == ["ACME", "Waldermond", "Acme Bank", "Jan Peer"]
    assert list(searches(brands, people=False)) == ["ACME", "Waldermond", "Acme Bank"]


@given(st.lists(st.text(), max_size=40), st.integers(1, 9))
def test_calls_hold_every_text_once_and_in_order(texts, size):
    calls = list(in_calls(texts, size))
    assert [text for call in calls for text in call] == texts
    assert all(0 < len(call) <= size for call in calls)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30), st.integers(1, 7))
def test_whoever_has_an_id_is_asked_by_it_and_nobody_is_left_out(given_, size):
    cases = [
        known(n, native_id=f"id{n}" if by_id else None, handle=f"h{n}" if by_handle else None)
        for n, (by_id, by_handle) in enumerate(given_)
    ]
    questions = list(known_in_calls(cases, size))
    asked = [one for question in questions for one in question.known]
    assert sorted(one.subject_key for one in asked) == sorted(
        one.subject_key for one in cases if one.native_id or one.handle
    )
    for question in questions:
        by_id = {one.native_id is not None for one in question.known}
        assert len(by_id) == 1 and len(question.texts) == len(question.known) <= size
        for text, one in zip(question.texts, question.known, strict=True):
            assert text == (one.native_id or one.handle)


@given(QUESTIONS, QUESTIONS)
def test_questions_have_one_key_only_where_they_are_the_same(one, other):
    same = (one.way, one.where, one.texts) == (other.way, other.where, other.texts)
    if not any("\0" in text for text in (one.where, other.where, *one.texts, *other.texts)):
        assert (one.key == other.key) is same


@given(QUESTIONS)
def test_every_question_can_be_told_to_a_person(question):
    assert str(question)
