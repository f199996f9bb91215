"""The nouns every room shares, and the Arrow schemas in which they travel.

One definition each: a second list of states or columns elsewhere is a mistake.
Bulk data stays Arrow tables with these schemas; the dataclasses are for the few
rows that a person looks at. Pure: no I/O, no clock.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

import pyarrow as pa

BrandId = NewType("BrandId", str)
#: `host:login.example.nl`, `account:x:12345`, `app:google-play:nl.example.app`,
#: `image:<sha256>`. See `host_key` and its sisters, the only makers of these.
SubjectKey = NewType("SubjectKey", str)
#: `NK-` and twelve characters of Crockford's base32, the same for ever for one brand and subject.
CaseId = NewType("CaseId", str)


class SubjectKind(StrEnum):
    """What sort of unique thing was observed."""

    HOST = "host"
    ACCOUNT = "account"
    APP = "app"
    IMAGE = "image"


class Field(StrEnum):
    """Which part of an observation resembles the brand; also `--kind` of `namaak match`, except
    for the text in a picture, which comes with the picture."""

    HOST = "host"
    HANDLE = "handle"
    DISPLAY_NAME = "display-name"
    APP = "app"
    BIO = "bio"  #: what an account or app says of itself
    IMAGE = "image"
    BANNER = "banner"  #: the wide picture above a profile
    IMAGE_TEXT = "image-text"  #: what a wordmark in the picture says


class Resemblance(StrEnum):
    """In which way a subject resembles a brand, in the field's terms."""

    SAME_LABEL = "same-label"  #: the brand's own label under another public suffix
    SAME_NAME = "same-name"  #: handle, display name or app title equal to the brand
    COMBOSQUAT = "combosquat"  #: the brand and further words
    TYPOSQUAT = "typosquat"  #: one or two edits away
    COMBO_TYPO = "combo-typosquat"
    HOMOGRAPH = "homograph"  #: looks the same, is written otherwise (Unicode, rn/m, 0/o)
    COMBO_HOMOGRAPH = "combo-homograph"
    SPLIT = "split-name"  #: the brand with a hyphen or a dot put inside
    LEVEL_SQUAT = "level-squat"  #: the brand in a sub-label of a foreign domain
    FREE_HOST = "free-host"  #: the brand's label under a private suffix (a hosting service)
    SAME_IMAGE = "same-image"  #: the logo file itself
    NEAR_IMAGE = "near-image"  #: a picture perceptually near the logo
    LOGO_INSIDE = "logo-inside"  #: the logo somewhere in a larger picture


class Trust(StrEnum):
    """How far an observation can be proved to others."""

    VERIFIED = "verified"  #: hashed into a tree whose head the log signed
    NAMES = "names"  #: said by the log beside its tree; nothing signs it
    UNAUTHENTICATED = "unauthenticated"  #: said by whoever gave the list
    PLATFORM = "platform"  #: said by the platform itself, of an account or app of its own
    EXISTENCE = "existence"  #: somebody answers to the name; nothing else is known


class Verified(StrEnum):
    """In which way a platform vouches for an account."""

    NONE = "none"  #: it says that it does not
    DOMAIN = "domain"  #: the handle is a domain that the account proved to hold
    ORGANISATION = "organisation"  #: the platform checked who it is: business, government
    TRUSTED = "trusted"  #: somebody whom the platform trusts vouches for it
    NOTABLE = "notable"  #: the platform marked it by itself, without saying how it knew
    PAID = "paid"  #: whoever pays gets it


class Flag(StrEnum):
    """What a platform says of an account: its verdicts and labels."""

    SCAM = "scam"
    FAKE = "fake"
    IMPERSONATION = "impersonation"
    SPAM = "spam"
    LIMITED = "limited"  #: shown to fewer people, or behind a warning
    PARODY = "parody"
    FAN = "fan"
    BOT = "bot"
    GROUP = "group"  #: a channel, community or group, not one person
    PROTECTED = "protected"
    MOVED = "moved"  #: its owner says that it lives elsewhere now


class PictureOutcome(StrEnum):
    """What became of a picture before any logo was looked for in it."""

    HASHED = "hashed"
    GATED = "gated"  #: says nothing by itself (one colour, a default avatar): kept, not matched
    UNDECODABLE = "undecodable"  #: kept, and tried again when it is seen again


class Place(StrEnum):
    """Where in the text the brand stands."""

    WHOLE = "whole"  #: the whole label, handle or name
    TOKEN = "token"  # noqa: S105 - between separators
    EDGE = "edge"  #: at one end of a label, glued to the rest
    INSIDE = "inside"  #: letters on both sides


class Band(StrEnum):
    """How much of a person's time a case deserves."""

    NONE = "none"
    WATCH = "watch"
    REVIEW = "review"
    HIGH = "high"
    CRITICAL = "critical"


class Workflow(StrEnum):
    """Axis one of a case: what people do with it."""

    NEW = "new"
    TRIAGE = "triage"
    CONFIRMED = "confirmed"
    ENFORCING = "enforcing"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WATCHING = "watching"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    REOPENED = "reopened"


class SubjectState(StrEnum):
    """Axis two of a case: is the thing itself alive? Unknown is not absent."""

    UNKNOWN = "unknown"
    UNREGISTERED = "unregistered"
    REGISTERED = "registered"
    PARKED = "parked"
    LIVE = "live"
    BLOCKED_VIEW = "blocked-view"
    UNREACHABLE = "unreachable"
    REMOVED = "removed"
    SUSPENDED = "suspended"
    TRANSFERRED = "transferred"


class ActionState(StrEnum):
    """Axis three: one state for each takedown action of a case."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    INFO_REQUESTED = "info-requested"
    ACCEPTED = "accepted"
    DENIED = "denied"
    NO_REPLY = "no-reply"
    EXECUTED = "executed"
    WITHDRAWN = "withdrawn"


_UTC = pa.timestamp("us", tz="UTC")

#: One row: at this time, this source showed this name, account, app or image. Immutable.
#: Key: batch_id and row (given by the lake). Facts that were not said are null. A text or list that
#: the platform shows as empty is "" or [], but only where the whole profile was shown.
OBSERVATION_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),  # "files", "bluesky", ...
        pa.field("instance", pa.string(), nullable=False),  # which file, log, server
        pa.field("position", pa.int64(), nullable=False),  # native position: line, leaf, row
        pa.field("observed_at", _UTC, nullable=False),
        pa.field("subject_kind", pa.string(), nullable=False),
        pa.field("subject_key", pa.string(), nullable=False),
        pa.field("host", pa.string()),  # A-labels, lower case, no trailing dot
        pa.field("platform", pa.string()),  # "x", "bluesky", "google-play", ...
        pa.field("native_id", pa.string()),  # the platform's permanent id
        pa.field("handle", pa.string()),  # as shown, original case, without "@"
        pa.field("display_name", pa.string()),  # also an app's title
        pa.field("bio", pa.string()),
        pa.field("url", pa.string()),
        pa.field("developer", pa.string()),  # apps: who published it
        pa.field("followers", pa.int64()),
        pa.field("created_at", _UTC),
        pa.field("image_sha256", pa.string()),  # avatar, icon or the image itself
        pa.field("image_name", pa.string()),  # where the picture came from
        # What only some sources can tell.
        pa.field("source_time", _UTC),  # when the source itself says it was: log, serial, list
        pa.field(
            "entry_type", pa.string()
        ),  # "x509", "precert", "ns", "new", "resolved", "registered"
        pa.field("trust", pa.string()),  # records.Trust; null: not said
        pa.field("evidence_hash", pa.string()),  # SHA-256, hex: the leaf, or the file
        pa.field("wildcard", pa.bool_()),  # the name was given as `*.host`
        pa.field("valid_from", _UTC),  # of the certificate
        pa.field("valid_to", _UTC),
        pa.field("issuer_key_hash", pa.string()),  # SHA-256 of the issuer's key, hex
        pa.field("serial", pa.string()),  # of the certificate, hex
        # What only profiles and apps have.
        pa.field("following", pa.int64()),
        pa.field("posts", pa.int64()),
        pa.field("links", pa.list_(pa.string())),  # addresses that it gives, as it gives them
        pa.field("proved_links", pa.list_(pa.string())),  # those whose target links back
        pa.field("verified", pa.string()),  # records.Verified; null: not said
        pa.field("flags", pa.list_(pa.string())),  # records.Flag: what the platform says of it
        pa.field("state", pa.string()),  # records.SubjectState; null: not said
        pa.field("banner_sha256", pa.string()),  # the wide picture above a profile
        pa.field("screenshot_sha256", pa.string()),  # what a person saw and kept; never matched
        pa.field("contacts", pa.list_(pa.string())),  # "mail:a@b.example", "phone:+31..."; fields
        pa.field("raw", pa.string()),  # the platform's own JSON of this row, for evidence
    ]
)

#: One row: one field of one observation resembles one brand in one way.
#: Key: match_id (see `match_id`), the same whenever the same thing is matched again.
MATCH_SCHEMA = pa.schema(
    [
        pa.field("match_id", pa.string(), nullable=False),
        pa.field("brand_id", pa.string(), nullable=False),
        pa.field("subject_key", pa.string(), nullable=False),
        pa.field("subject_kind", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("instance", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("observed_at", _UTC, nullable=False),
        pa.field("field", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),  # U-labels for IDNs; images: sha256
        pa.field("term", pa.string(), nullable=False),  # the brand's name, or the logo's path
        pa.field("resemblance", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("distance", pa.int32(), nullable=False),  # OSA edits, or Hamming bits of 256
        pa.field("strength", pa.float32(), nullable=False),  # 0..1, this resemblance alone
        pa.field("span_start", pa.int32(), nullable=False),  # code points into value; -1 images
        pa.field("span_end", pa.int32(), nullable=False),
        pa.field("layers", pa.list_(pa.string()), nullable=False),  # folds that were needed
        pa.field("lures", pa.list_(pa.string()), nullable=False),  # "class:word" beside the brand
        pa.field("traits", pa.list_(pa.string()), nullable=False),  # other facts ranking weighs
        pa.field("kinds", pa.list_(pa.string())),  # the resemblance in the field's words; names
        pa.field("evidence", pa.map_(pa.string(), pa.float32())),  # what was measured of it
        pa.field("suppressed", pa.string()),  # why it is no case ("the brand's own domain")
        pa.field("detector", pa.string(), nullable=False),  # name and version
        pa.field("tables", pa.string(), nullable=False),  # versions of the data tables used
    ]
)

#: One row: one region of one frame of one picture, and its hashes. A picture that could not be
#: decoded has one row, without frame and hashes.
#: Key: image_sha256, detector, frame, region.
PICTURE_SCHEMA = pa.schema(
    [
        pa.field("image_sha256", pa.string(), nullable=False),
        pa.field("detector", pa.string(), nullable=False),  # version of the hashes
        pa.field("format", pa.string()),  # as Pillow names it: PNG, JPEG, ...
        pa.field("width", pa.int32()),  # of the original as shown, pixels
        pa.field("height", pa.int32()),
        pa.field("notes", pa.list_(pa.string()), nullable=False),  # "animated", "truncated", ...
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("reason", pa.string()),  # why it is gated or undecodable
        pa.field("frame", pa.string()),  # "first", "last", "small", ...
        pa.field("region", pa.int32(), nullable=False),  # -1: the whole frame
        pa.field("region_kind", pa.string()),  # which way it was cut out
        pa.field("box_x", pa.float32()),  # fractions of the frame
        pa.field("box_y", pa.float32()),
        pa.field("box_w", pa.float32()),
        pa.field("box_h", pa.float32()),
        *(pa.field(f"phash_{word}", pa.uint64()) for word in range(4)),  # whole frames only
        *(pa.field(f"region_{word}", pa.uint64()) for word in range(4)),  # signs of the descriptor
        *(pa.field(f"dct_{word}", pa.uint64()) for word in range(4)),
    ]
)


#: One row: what one way of looking at a host gave at one time. Unknown is not absent: the outcome
#: says whether there was an answer. Key: subject_key, aspect, asked_at.
ENRICHMENT_SCHEMA = pa.schema(
    [
        pa.field("subject_key", pa.string(), nullable=False),
        pa.field("host", pa.string(), nullable=False),
        pa.field("aspect", pa.string(), nullable=False),  # "dns", "rdap", "page", ...
        pa.field("asked_at", _UTC, nullable=False),
        pa.field("vantage", pa.string(), nullable=False),  # whom was asked, and as whom
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("facts", pa.string(), nullable=False),  # JSON; keys per aspect
        pa.field("raw_sha256", pa.string()),  # of the answer as it came; the lake keeps it
        pa.field("raw_type", pa.string()),  # its media type
        pa.field("version", pa.string(), nullable=False),  # of what read it
        pa.field("due_at", _UTC),  # when to ask again; null: only when somebody asks
    ]
)


class Axis(StrEnum):
    """Of which of two questions a signal speaks."""

    CONFIDENCE = "confidence"  #: does it pose as the brand?
    SEVERITY = "severity"  #: how much harm does it do, if it does?


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One named, explained piece of evidence for (positive) or against (negative) a case."""

    name: str  #: stable, e.g. "name.same-label"
    says: str  #: one sentence for a person, in plain English
    raw: str  #: the value seen, as text
    weight: float  #: of this kind of evidence, natural-log odds
    contribution: float  #: what it added to the score
    detector: str  #: name and version of what saw it
    axis: Axis = Axis.CONFIDENCE
    would_change: str = ""  #: one sentence: what would have to be seen for it to weigh otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Signals added up, and what the gates made of the sum."""

    score: int  #: 0..100
    band: Band
    signals: tuple[Signal, ...]
    gates: tuple[str, ...]  #: sentences; why the band is lower than the sum
    #: 0..100: how sure it is that it poses as the brand, and how harmful it is if it does; None
    #: where a ranking does not tell them apart.
    confidence: int | None = None
    severity: int | None = None

    @property
    def evidence(self) -> float:
        """What the signals add up to, natural-log odds: tells equal scores apart."""
        return sum(signal.contribution for signal in self.signals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A brand and a subject that deserve a person. Key: case_id."""

    case_id: CaseId
    brand_id: BrandId
    subject_key: SubjectKey
    subject_kind: SubjectKind
    score: int
    band: Band
    workflow: Workflow
    subject_state: SubjectState
    opened_at: datetime
    updated_at: datetime
    reasons: tuple[str, ...]


def host_key(host: str) -> SubjectKey:
    """host: A-labels, lower case, without trailing dot."""
    return SubjectKey(f"host:{host}")


def account_key(platform: str, native_id: str | None, handle: str) -> SubjectKey:
    """The permanent id where the source gives one: handles change hands, ids do not.

    Without an id the handle has to do, marked with `@` so that both never mix.
    """
    return SubjectKey(f"account:{platform}:{native_id or '@' + handle.casefold()}")


def app_key(store: str, native_id: str) -> SubjectKey:
    """native_id: the store's id, or its bundle name."""
    return SubjectKey(f"app:{store}:{native_id}")


def image_key(sha256: str) -> SubjectKey:
    """sha256: lower-case hex of the original bytes."""
    return SubjectKey(f"image:{sha256}")


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def case_id(brand_id: str, subject_key: str) -> CaseId:
    """The same brand and subject give the same id for ever: 60 bits of SHA-256.

    >>> case_id("acme", "host:acme-login.example")
    'NK-9FNBGW9JXTVS'
    """
    digest = hashlib.sha256(f"{brand_id}\0{subject_key}".encode()).digest()
    bits = int.from_bytes(digest[:8], "big") >> 4
    return CaseId("NK-" + "".join(_CROCKFORD[(bits >> shift) & 31] for shift in range(55, -1, -5)))


def match_id(parts: Iterable[str]) -> str:
    """32 hex digits over (brand, subject, field, value, term, resemblance); no clock, no batch.

    The same resemblance seen again in another batch or by a resumed run is the same match.
    """
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
