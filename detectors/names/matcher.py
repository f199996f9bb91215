"""A watch list compiled for names: terms, how far each is stretched, and how rare each is.

Every term is first tried with its widest rule on the sample of ordinary names; what that shows
lowers rules that bring too much by chance, and stays with the matcher as the rarity that ranking
weighs (`calibration`).
May import: namaak.brands, namaak.records, detectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from detectors import delivery
from detectors.folding import fold_table
from detectors.lures import lexicon
from detectors.names import scorecard
from detectors.names.anchors import AnchorTables, Form, build_tables
from detectors.names.calibration import (
    BUDGET,
    Calibration,
    calibrate,
    rarity_of,
    rule_within,
)
from detectors.names.features import TermColumns, term_columns
from detectors.names.kernel import count_grams, scan
from detectors.names.learned import learned
from detectors.names.rarity import Rarity
from detectors.names.terms import Term, compile_terms
from detectors.names.texts import read_column
from detectors.ordinary import read_sample, shipped_sample
from detectors.suffixes import suffix_list
from detectors.words import word_table
from namaak.brands import Brand
from namaak.records import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMatcher:
    """A watch list, compiled. Threads may share it."""

    brands: Mapping[str, Brand]
    brand_ids: tuple[str, ...]  #: `TermColumns.brand` counts in these
    terms: tuple[Term, ...]
    columns: TermColumns  #: of the terms
    person: npt.NDArray[np.bool_]  #: per term: an executive
    dispute: npt.NDArray[np.bool_]  #: per brand: weighed as a dispute
    anchors: AnchorTables
    calibration: Calibration
    rarity: Rarity
    tables: str  #: versions of the data tables, for the record


def compile_names(
    brands: Mapping[str, Brand],
    *,
    ordinary_names: bytes | None = None,
    budget: float | None = None,
) -> NameMatcher:
    """A fifth of a second, and two milliseconds a brand.

    ordinary_names: a file of tables/make_ordinary.py; None for the shipped sample. budget: how
    many of a million ordinary names one rule of a term may bring; None for `BUDGET`. Raises
    ValueError with a sentence for a file that is no such sample.
    """
    sample = shipped_sample() if ordinary_names is None else read_sample(ordinary_names)
    widest = compile_terms(brands)
    columns = term_columns(widest, brands)
    texts = read_column(sample.labels, Field.HANDLE).texts
    sightings = scan(texts, build_tables(forms_of(widest)))
    calibration = calibrate(
        widest, columns, brands, sample.labels, texts, sightings,
        sample=sample.version, card=scorecard.scorecard(), tables=learned(),
    )  # fmt: skip
    terms = tuple(
        replace(
            term,
            rule=rule_within(
                term,
                calibration.terms[term.brand_id][term.raw],
                calibration.labels,
                BUDGET if budget is None else budget,
            ),
        )
        for term in widest
    )
    return NameMatcher(
        brands=brands,
        brand_ids=tuple(brands),
        terms=terms,
        columns=columns,
        person=np.array([term.person for term in terms], np.bool_),
        dispute=np.array([brand.case_type == "dispute" for brand in brands.values()], np.bool_),
        anchors=build_tables(forms_of(terms), common=count_grams(texts)),
        calibration=calibration,
        rarity=rarity_of(calibration, terms),
        tables=table_versions(sample.version),
    )


def forms_of(terms: tuple[Term, ...]) -> list[Form]:
    """The spellings to look for: each term as folded and, where it has pairs, with these merged."""
    forms = []
    for index, term in enumerate(terms):
        rule = term.rule
        for text, merged in ((term.folded, False), (term.merged, True)):
            if text is not None:
                forms.append(
                    Form(text, rule.token_edits, rule.inside_edits, rule.edge, index, merged)
                )
    return forms


def table_versions(ordinary: str | None = None) -> str:
    """Which data tables decide, for the record. ordinary: version of the sample, if not shipped."""
    return (
        f"folds {fold_table().version}; suffixes {suffix_list().version}; "
        f"lures {lexicon().version}; words {word_table().version}; "
        f"ordinary names {ordinary or shipped_sample().version}; learned {learned().version}; "
        f"weights {scorecard.version()}; delivery {delivery.version()}"
    )
