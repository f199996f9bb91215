"""The watch file: who is protected, what they own, where to look.

Foreign text becomes a validated model here and nowhere else; strict, unknown keys are
refused, and all faults are gathered so that a person mends the file once. Secrets are not
part of the model: they come from the environment (see `namaak.settings`).
Pure but for `read_watch_file`, which opens the one file it is given.
May import: namaak.errors, namaak.platforms, namaak.practice, namaak.resolving.servers.
"""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import idna
from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from namaak.errors import WatchFileError
from namaak.platforms import fold_platform
from namaak.practice.alerts import Alerts
from namaak.practice.evidence import Evidence
from namaak.practice.follow_up import FollowUp
from namaak.practice.notices import Notices
from namaak.practice.retention import Retention
from namaak.practice.strict import Mailbox, Strict, Text
from namaak.practice.vantages import Vantage

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
_ID = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"


def to_a_label(domain: str) -> str:
    """A domain as A-labels, lower case, without trailing dot (IDNA 2008 with UTS #46 mapping).

    Raises ValueError with one sentence when it is not a domain name.

    >>> to_a_label("Bücher.example.")
    'xn--bcher-kva.example'
    """
    name = domain.strip().rstrip(".").lower()
    if "/" in name or "@" in name or " " in name:
        raise ValueError(f"{domain!r} is not a domain name; write it without https:// and path")
    try:
        encoded = idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(f"{domain!r} is not a domain name ({error})") from None
    if "." not in encoded:
        raise ValueError(f"{domain!r} is a single label; write the whole domain, as in acme.nl")
    return encoded


Domain = Annotated[Text, AfterValidator(to_a_label)]
Platform = Annotated[Text, AfterValidator(fold_platform)]
Handle = Annotated[Text, AfterValidator(lambda handle: handle.removeprefix("@"))]


class Mark(Strict):
    """A registered trade mark, as notices must cite it."""

    text: Text | None = None
    kind: Literal["word", "figurative", "combined"] = "word"
    office: Text  #: "BOIP", "EUIPO", "USPTO", ...
    number: Text
    classes: tuple[Annotated[int, Field(ge=1, le=45)], ...] = ()  #: Nice classification
    jurisdictions: tuple[Text, ...] = ()  #: ISO 3166 codes, or "EU", "BX"
    owner: Text | None = None


class Executive(Strict):
    """A person whom impersonators pose as; matched like a brand."""

    name: Text
    role: Text | None = None
    photo: Path | None = None


class AllowRule(Strict):
    """Something of somebody else's that bears the brand with good reason."""

    #: A domain, with all its sub-domains; or platform:handle, as in "instagram:acme-fans".
    asset: Annotated[Text, AfterValidator(lambda asset: _to_asset(asset))]
    reason: Text
    author: Text
    until: date  #: the last day it holds: everything allowed is looked at again some day


def _to_asset(asset: str) -> str:
    platform, colon, handle = asset.partition(":")
    if not colon:
        return to_a_label(asset)
    if not handle.removeprefix("@"):
        raise ValueError(f"{asset!r} names no account; write platform:handle or a domain")
    return f"{fold_platform(platform)}:{handle.removeprefix('@').casefold()}"


class Brand(Strict):
    """What is protected."""

    name: Text
    aliases: tuple[Text, ...] = ()
    languages: tuple[Language, ...] = ("en",)
    industry: Text | None = None
    #: The year it began: what is older bears the name for another reason.
    founded: Annotated[int, Field(strict=True, ge=1000, le=2200)] | None = None
    common_word: bool = False  #: the name is an ordinary word, surname or place
    #: Words that hold the name by chance ("pineapple" for Apple): no lookalikes of it.
    negative_words: tuple[Text, ...] = ()
    #: Disputes over names are ranked without what was learned from phishing.
    case_type: Literal["fraud", "dispute"] = "fraud"
    allow: tuple[AllowRule, ...] = ()
    domains: tuple[Domain, ...] = ()  #: owned; all their sub-domains count as owned too
    accounts: dict[Platform, tuple[Handle, ...]] = Field(
        default_factory=dict
    )  #: owned, by platform
    apps: dict[Platform, tuple[Text, ...]] = Field(
        default_factory=dict
    )  #: owned, native ids by store
    logos: tuple[Path, ...] = ()  #: PNG, JPEG, GIF or WebP, beside the watch file
    marks: tuple[Mark, ...] = ()
    executives: tuple[Executive, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases, each once, in the order given."""
        return tuple(dict.fromkeys((self.name, *self.aliases)))

    def on(self, day: date) -> Brand:
        """The brand without the allow rules that no longer hold on that day."""
        kept = tuple(rule for rule in self.allow if rule.until >= day)
        return self if kept == self.allow else self.model_copy(update={"allow": kept})


class Organisation(Strict):
    """Who asks, as notices must say it."""

    name: Text
    address: Text | None = None
    country: Text | None = None
    contact_name: Text | None = None
    phone: Text | None = None
    authority: Text | None = None  #: "owner of the marks", "authorised agent of ..."


class Watch(Strict):
    """General settings."""

    #: A role mailbox: stands in the User-Agent of every request and in notices, and is
    #: shown to the other side, so it should be nobody's own.
    contact: Mailbox
    data: Path = Path("namaak-data")  #: where everything is kept; relative to the watch file
    #: Names that are called ordinary, from detectors/tables/make_ordinary.py; else those shipped.
    ordinary_names: Path | None = None
    #: How many of a million ordinary names one rule of one spelling may bring before it is
    #: lowered; else what was measured to lose next to nothing.
    alerts_per_million: Annotated[float, Field(gt=0, le=1_000_000)] | None = None


def _to_server(text: str) -> str:
    """A resolver's address as it was given. Raises ValueError with one sentence."""
    # Only for a file that names one: the client of the resolver comes along.
    from namaak.resolving.servers import parse_server

    parse_server(text)
    return text


class Enrichment(Strict):
    """What to ask about the hosts of cases, of whom, and how much. Off unless it says otherwise."""

    enabled: bool = False
    #: Name servers that answer for any name, as unbound on this machine; they see every host.
    resolvers: tuple[Annotated[Text, AfterValidator(_to_server)], ...] = ()
    #: The page and its certificate are asked of the host itself, whose owner sees who asks.
    aspects: tuple[
        Literal["dns", "rdap", "network", "certificate", "page", "screenshot"], ...
    ] = ("dns", "rdap")  # fmt: skip
    #: Cases that nobody decided about are looked at from this band on.
    from_band: Literal["watch", "review", "high", "critical"] = "watch"
    hosts_per_run: Annotated[int, Field(ge=1, le=100_000)] = 500
    #: Not asked again sooner than after so many days, even where an answer calls for it.
    again_after_days: Annotated[float, Field(ge=0, le=3650)] = 1.0
    in_flight: Annotated[int, Field(ge=1, le=200)] = 20  #: hosts that are asked about at a time

    @model_validator(mode="after")
    def _names_whom_it_asks(self) -> Enrichment:
        if self.enabled and not self.resolvers:
            raise ValueError(
                'names no resolver; add resolvers = ["127.0.0.1:53"] for one on this machine, or '
                "set enabled = false"
            )
        return self


class WatchFile(Strict):
    """The whole file. `folder` is where it lies: relative paths start there."""

    watch: Watch
    organisation: Organisation | None = None
    enrichment: Enrichment = Enrichment()
    retention: Retention = Retention()
    evidence: Evidence = Evidence()
    vantages: tuple[Vantage, ...] = ()
    notices: Notices = Notices()
    follow_up: FollowUp = FollowUp()
    alerts: Alerts = Alerts()
    brands: dict[Annotated[str, StringConstraints(pattern=_ID)], Brand] = Field(min_length=1)
    #: One table per source, `enabled` and what the source itself declares; each source
    #: validates its own table, so that adding one touches no list here.
    sources: dict[str, dict[str, Any]] = Field(default_factory=dict)
    folder: Path = Path()

    @property
    def owned_domains(self) -> tuple[str, ...]:
        """Domains of all brands, each once: nobody is complained about there."""
        return tuple(dict.fromkeys(one for brand in self.brands.values() for one in brand.domains))

    def resolve(self, path: Path) -> Path:
        """A path of the file, made absolute against the file's folder."""
        return path if path.is_absolute() else self.folder / path


def parse_watch_file(text: str, *, folder: Path = Path()) -> WatchFile:
    """Parse and validate. Raises WatchFileError with every fault: table, key, what, what to do."""
    try:
        document = tomllib.loads(text)
    # Not only TOMLDecodeError: a number of thousands of digits is a plain ValueError, brackets
    # nested thousands deep are a RecursionError.
    except (ValueError, RecursionError) as error:
        raise WatchFileError(
            f"The watch file is not valid TOML: {error}. Mend that line and run `namaak check`."
        ) from None
    if "folder" in document:
        raise WatchFileError("The watch file has a key `folder`, which namaak sets itself; drop it")
    try:
        return WatchFile.model_validate({**document, "folder": folder})
    except ValidationError as error:
        problems = tuple(problem_sentence(fault) for fault in error.errors())
        raise WatchFileError(problems_heading("The watch file", problems), problems) from None


def sound_part(text: str, *, folder: Path = Path()) -> WatchFile:
    """The brands and tables of sources of a faulty file that are sound by themselves.

    So that what else is wrong with those can be told in the same breath. Not for running:
    general settings are absent. text: valid TOML.
    """
    document = tomllib.loads(text)
    brands = {}
    given = document.get("brands")
    for brand_id, table in given.items() if isinstance(given, dict) else ():
        with suppress(ValidationError):
            brands[brand_id] = Brand.model_validate(table)
    tables = document.get("sources")
    sources = {
        name: table
        for name, table in (tables.items() if isinstance(tables, dict) else ())
        if isinstance(table, dict)
    }
    return WatchFile.model_construct(
        _fields_set={"brands", "sources"},
        watch=Watch.model_construct(contact=""),
        brands=brands,
        sources=sources,
        folder=folder,
    )


def read_watch_file(path: Path) -> WatchFile:
    """Read, parse, validate. Raises WatchFileError naming the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WatchFileError(
            f"There is no watch file at {path}; make one with `namaak init`, "
            "or name another with --watch."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WatchFileError(f"The watch file {path} cannot be read: {error}.") from None
    try:
        return parse_watch_file(text, folder=path.resolve().parent)
    except WatchFileError as error:
        heading = str(error).splitlines()[0].replace("The watch file", f"The watch file {path}", 1)
        raise WatchFileError(heading, error.problems) from None


def brand_fingerprint(brand: Brand, *, logo_digests: tuple[str, ...] = ()) -> str:
    """16 hex digits over what decides a brand's matches: it changes when rematching is due.

    logo_digests: SHA-256 of the logo files, so that a replaced picture counts as a change.
    The texts of marks are names too; languages do not decide matches and are left out.
    """
    relevant = brand.model_dump_json(
        include={
            "name",
            "aliases",
            "founded",
            "common_word",
            "negative_words",
            "case_type",
            "allow",
            "domains",
            "accounts",
            "apps",
            "logos",
            "executives",
        }
    )
    marks = [mark.text for mark in brand.marks if mark.text and mark.kind != "figurative"]
    if marks:
        relevant += "\n" + "\n".join(marks)
    material = "\n".join((relevant, *logo_digests))
    return hashlib.sha256(material.encode()).hexdigest()[:16]


def problems_heading(what: str, problems: tuple[str, ...]) -> str:
    """The line above a list of problems, as in `The watch file has 2 problems:`."""
    faults = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return f"{what} has {faults}:"


#: pydantic's fault types whose own words would not help a person who never saw pydantic.
_ADVICE = {
    "extra_forbidden": "is not a key namaak knows; mend the spelling or drop it",
    "missing": "is missing; add it",
    "string_too_short": "is empty; fill it in or drop the key",
    "string_pattern_mismatch": "has characters that are not allowed there",
}


def problem_sentence(fault: Any) -> str:
    """One of pydantic's faults as `[table] key: what is wrong; what to do`."""
    location = [part for part in fault["loc"] if part != "[key]"]
    steps = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    # A list's own index belongs to the key (`domains[0]`), an array of tables' to the table.
    cut = -2 if len(steps) >= 2 and isinstance(location[-1], int) else -1
    table = "".join(steps[:cut]).removeprefix(".") or "top"
    key = "".join(steps[cut:]).removeprefix(".") or "(the file)"
    kind = fault["type"]
    if kind == "string_pattern_mismatch" and location[:1] == ["brands"] and len(location) == 2:
        what = "is not a brand id; use lower-case letters, digits and hyphens, as in acme-bank"
    else:
        what = _ADVICE.get(kind) or _lower_first(str(fault["msg"]).removeprefix("Value error, "))
    shown = "".join(c for c in key if unicodedata.category(c)[0] != "C")
    return f"[{table}] {shown}: {what}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
