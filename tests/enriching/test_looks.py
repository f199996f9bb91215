"""From answers into the casebook: only what is new is read, and for each brand by itself."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from detectors.images.perceptual import as_hex, phash
from namaak import looks
from namaak.answers import Answers
from namaak.casework import ranking
from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot, read_case, read_rows
from namaak.decoding.workers import Decoders
from namaak.enriching.findings import Aspect, Finding, Outcome
from namaak.enriching.keeping import keep
from namaak.records import case_id
from tests.enriching.cases import NOW, host_match, made

LOGO = Path(__file__).resolve().parents[2] / "examples" / "logos" / "waldermond.png"
LOGIN = "waldermond-login.test"
PAGE = {"kind": "content", "status": 200, "title": "Waldermond", "text": "x" * 5000, "forms": []}


def page(host: str = LOGIN, *, hours: int = 0, outcome: Outcome = Outcome.ANSWERED, **facts):
    return Finding(
        host=host, aspect=Aspect.PAGE, asked_at=NOW + timedelta(hours=hours), vantage="here",
        outcome=outcome, facts=PAGE | facts,
    )  # fmt: skip


@pytest.fixture
def settings(tmp_path):
    return made(tmp_path, "", [host_match(LOGIN, odds=0.5)])


def store(settings, *findings: Finding) -> None:
    with Answers(settings.lake) as answers:
        keep(findings, answers, at=NOW)


def take_over(settings, *, logos=None, brands=None):
    with (
        Answers(settings.lake) as answers,
        Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book,
    ):
        return looks.take_over(
            book, answers, brands or settings.watch.brands, logos or {}, rank=ranking.rank,
            rank_version=ranking.VERSION, now=NOW,
        )  # fmt: skip


def case(settings, host: str = LOGIN):
    with open_snapshot(settings.casebook) as snapshot:
        return read_case(snapshot, case_id("waldermond", f"host:{host}"))


def test_what_is_stored_moves_the_case_and_taken_over_again_nothing_happens(settings):
    store(settings, page())
    assert len(take_over(settings).moved) == 1
    first = case(settings)
    assert first.case["subject_state"] == "live"
    assert "page.title-brand" in {signal["name"] for signal in first.signals}
    published = settings.casebook.read_bytes()
    assert take_over(settings).cases_refreshed == 0
    assert settings.casebook.read_bytes() == published


def test_the_long_text_of_a_page_stays_in_the_lake(settings):
    store(settings, page())
    take_over(settings)
    (look,) = case(settings).enrichments
    assert "Waldermond" in look["facts"] and "xxx" not in look["facts"]
    with Answers(settings.lake) as answers:
        assert "xxx" in answers.findings([f"host:{LOGIN}"])["facts"][0].as_py()


def test_a_later_answer_is_read_and_what_nobody_answered_takes_nothing_away(settings):
    store(settings, page())
    take_over(settings)
    before = case(settings)
    store(settings, page(hours=5, outcome=Outcome.TIMEOUT, reason="silence"))
    assert take_over(settings).moved == ()
    after = case(settings)
    assert after.case["score"] == before.case["score"]
    assert after.case["subject_state"] == "live"
    assert [look["known"] for look in after.enrichments] == [False, True]
    store(settings, page(hours=9, title="Bakery"))
    (moved,) = take_over(settings).moved
    assert moved.why == ("lost page.title-brand",)


def test_another_version_of_what_reads_has_all_read_again(settings, monkeypatch):
    store(settings, page())
    take_over(settings)
    monkeypatch.setattr(looks, "VERSION", "looks-99")
    monkeypatch.setattr(looks, "page_traits", lambda *_, **__: ())
    (moved,) = take_over(settings).moved
    assert moved.why == ("lost page.title-brand",)


def test_a_favicon_that_is_the_logo_made_small_is_recognised(settings):
    small = Image.open(LOGO).convert("RGBA")
    small.thumbnail((32, 32))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    with Decoders() as decoders:
        bits = as_hex(phash(decoders.decode(buffer.getvalue()).frames[0].pixels))
    store(
        settings, page(icons=[{"url": "https://w.test/i.png", "sha256": "0" * 64, "phash": bits}])
    )
    logos = {("waldermond", "logo.png"): LOGO.read_bytes(), ("waldermond", "no.png"): b"no picture",
             ("zenith", "other.png"): b"no picture"}  # fmt: skip
    take_over(settings, logos=logos)
    says = {signal["name"]: signal["says"] for signal in case(settings).signals}
    assert says["page.icon-brand"].startswith("Its icon is the logo logo.png (")


def test_hosts_of_no_case_and_of_brands_not_asked_for_are_passed_over(settings):
    store(settings, page(), page("stranger.test"))
    assert take_over(settings, brands={"zenith": settings.watch.brands["waldermond"]}).moved == ()
    take_over(settings)
    with open_snapshot(settings.casebook) as con:
        assert [row["host"] for row in read_rows(con, "from enrichments")] == [LOGIN]


def test_more_hosts_than_one_transaction_takes_are_all_read(tmp_path, monkeypatch):
    monkeypatch.setattr(looks, "_AT_ONCE", 3)
    hosts = [f"waldermond-{number}.test" for number in range(8)]
    settings = made(tmp_path, "", [host_match(host, odds=0.5) for host in hosts])
    store(settings, *(page(host) for host in hosts))
    summary = take_over(settings)
    assert (summary.cases_refreshed, len(summary.moved)) == (8, 8)
