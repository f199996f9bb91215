"""Every key, outcome, aspect and trait is explained, and every probe keeps to its keys."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest

from namaak.enriching import facts
from namaak.enriching.findings import Aspect, Outcome

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "reference" / "enrichment.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"`([^`\n]+)`", TEXT))


def section(aspect: str) -> set[str]:
    found = re.search(rf"^## {aspect}\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", found[1]))


@pytest.mark.parametrize("word", [*Aspect, *Outcome])
def test_every_aspect_and_outcome_is_explained(word):
    assert word in WORDS


@pytest.mark.parametrize("aspect", facts.FACTS)
def test_every_key_stands_in_the_section_of_its_aspect(aspect):
    keys = typing.get_type_hints(facts.FACTS[aspect]).keys() - {"reason"}
    assert keys - section(aspect) == set()


def test_the_parts_of_facts_are_explained():
    for part in (
        facts.Question, facts.ParkingSign, facts.Contact, facts.RdapServer, facts.Network,
        facts.Hop, facts.Form, facts.Icon,
    ):  # fmt: skip
        assert typing.get_type_hints(part).keys() - WORDS == set(), part.__name__


def test_every_trait_is_explained():
    source = (ROOT / "detectors" / "pages.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"((?:page|dns|rdap|certificate)\.[a-z-]+)"', source))
    named |= {f"page.{field}-form" for field in ("card", "seed", "code")}
    named |= {f"page.{kind}" for kind in ("parked", "for-sale", "suspended", "default-server")}
    assert len(named) > 20
    assert named - WORDS == set()


def test_every_aspect_has_its_facts():
    assert set(facts.FACTS) == set(Aspect)
