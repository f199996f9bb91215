"""What a pack can enclose beside the case's own rows: captures, answers, papers, notices.

All of it comes in as plain rows and bytes, so that a pack can be made of a casebook, of a copy of
one, or in a test; who gathers it is not asked here. Rows have the columns of the casebook's tables.
Pure. May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Row = Mapping[str, object]

#: What notices are sent with: providers' mail systems refuse more.
NOTICE_BYTES = 5_000_000


class Profile(StrEnum):
    """For whom a pack is."""

    FULL = "full"  #: court, dispute proceedings, the archive: everything there is
    NOTICE = "notice"  #: a provider: what it needs to act, and of persons as little as may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document of the brand's own that is enclosed as it is."""

    name: str  #: what it is: the number of the mark, "authority letter"
    content: bytes | None
    ending: str  #: "pdf", "png": ours, from a short list
    problem: str | None = None  #: why it is not here, as a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The case for another program."""

    name: str  #: of its file: "stix.json", "misp.json", "case.csv"
    content: bytes | None
    problem: str | None = None  #: why it is not here, as a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """Everything beside the case file. Empty is what was not at hand; the pack then says so."""

    captures: Sequence[Row] = ()  #: rows of `captures`
    findings: Sequence[Row] = ()  #: rows of `enrichments` of this host, with raw_sha256
    logged: Sequence[Row] = ()  #: signed heads as stored, with `instance` of their log
    log_proofs: Sequence[Row] = ()  #: what logs were asked to prove: `entries` of ct-proofs.json
    versions: Sequence[Row] = ()  #: rows of account_history
    aliases: Sequence[Row] = ()  #: whose handle it was, and when
    avatar: bytes | None = None  #: the account's picture, original bytes
    avatar_left_out: bool = False  #: it was found; this recipient gets it encoded anew only
    marks: Sequence[Row] = ()  #: trade marks as the watch file has them
    papers: Sequence[Paper] = ()  #: certificates of marks and the authority letter
    members: Sequence[Row] = ()  #: cases of the same campaign
    edges: Sequence[Row] = ()  #: what ties them
    actions: Sequence[Row] = ()  #: rows of `actions`, in the order in which they were drafted
    replies: Sequence[Row] = ()  #: rows of `action_replies`
    exports: Sequence[Export] = ()
    #: Bytes by SHA-256 for all digests that the rows above name, as far as they are kept.
    kept: Mapping[str, bytes] = field(default_factory=dict)
