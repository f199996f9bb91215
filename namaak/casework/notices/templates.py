"""The templates of notices: each is a TOML file and a text in each of its languages.

A template is added by adding its files; nothing else names it. What a file says wrong is told with
the name of the file.
Reads the shipped folder, once. May import: namaak.casework.notices.{fields, headers},
namaak.errors, namaak.practice.strict.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from namaak.casework.notices.fields import fields
from namaak.casework.notices.headers import IN_A_SUBJECT, MADE_FOR_A_SUBJECT
from namaak.errors import UsageError
from namaak.practice.strict import Strict, Text

FOLDER = Path(__file__).with_name("templates")
Language = Literal["en", "nl"]
_NAMED = re.compile(r"\bf\.(\w+)")
_Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_XARF = Literal[
    "content/phishing", "content/brand_infringement", "content/suspicious_registration",
    "content/fraud", "copyright/copyright",
]  # fmt: skip


class FormField(Strict):
    """One box of a form, or one key of an interface: exactly one of the three."""

    field: Text | None = None  #: of the register
    value: Text | None = None  #: always the same
    text: bool = False  #: the text of the notice

    @model_validator(mode="after")
    def _says_one_thing(self) -> FormField:
        if sum((self.field is not None, self.value is not None, self.text)) != 1:
            raise ValueError("holds none or several of field, value and text; say one")
        return self


class Variant(Strict):
    """What one platform asks for beyond the rest."""

    platforms: tuple[Text, ...]
    required: tuple[Text, ...] = ()
    note: Text  #: what the person should know


class Template(Strict):
    """One template, without its texts."""

    name: str
    version: Text
    title: Text
    also: tuple[Text, ...] = ()  #: other names that tables of providers use
    scopes: tuple[Text, ...]  #: whose door it is for
    channels: tuple[Literal["mail", "form", "api", "post"], ...]
    languages: tuple[Language, ...]
    subject_kinds: tuple[Literal["host", "account", "app", "image"], ...]
    providers: tuple[Text, ...] = ()  #: only for these; empty: for all
    platforms: tuple[Text, ...] = ()  #: only for these; empty: for all
    intent: Literal["demand", "inform", "prepare"] = "demand"
    #: What it may claim; the case's evidence, or a person, must support one of these.
    claims: tuple[Text, ...]
    not_claimed: tuple[Text, ...] = ()  #: sentences for people: what it must not be used for
    never_says: tuple[Text, ...] = ()  #: words that what a person adds may not hold
    required: tuple[Text, ...]
    optional: tuple[Text, ...] = ()
    at_least: dict[str, Annotated[int, Field(ge=2)]] = Field(default_factory=dict)
    statements: tuple[Text, ...] = ()
    xarf: tuple[_XARF, ...] = ()  #: the first that fits is made
    xarf_only: bool = False  #: the provider takes nothing else
    subject: dict[Language, Text]
    defaults: dict[Language, dict[str, _Paragraph]] = Field(default_factory=dict)
    form: dict[str, FormField] = Field(default_factory=dict)
    variants: dict[str, Variant] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Template:
        named = [
            *self.required, *self.optional, *self.at_least,
            *(name for one in self.variants.values() for name in one.required),
            *(one.field for one in self.form.values() if one.field),
            *(name for said in self.defaults.values() for name in said),
        ]  # fmt: skip
        if unknown := sorted(set(named) - fields().keys()):
            raise ValueError(f"names fields that fields.toml lacks: {', '.join(unknown)}")
        if unknown := sorted(set(self.statements) - statements().keys()):
            raise ValueError(f"names statements that statements.toml lacks: {', '.join(unknown)}")
        for language in self.languages:
            if language not in self.subject:
                raise ValueError(f"has no subject in {language}")
            drawn = set(_NAMED.findall(self.subject[language]))
            if strange := sorted(drawn - IN_A_SUBJECT - MADE_FOR_A_SUBJECT):
                raise ValueError(
                    f"names in its subject what strangers choose: {', '.join(strange)}"
                )
            if not text_path(self.name, language).is_file():
                raise ValueError(f"has no text in {language}; add {self.name}.{language}.txt.jinja")
        return self

    def variant(self, platform: str | None) -> Variant | None:
        """What this platform asks for; None where that is nothing of its own."""
        found = (one for one in self.variants.values() if platform in one.platforms)
        return next(found, None)

    def required_for(self, platform: str | None) -> tuple[str, ...]:
        """Required fields, those of the platform last; each once."""
        own = self.variant(platform)
        return tuple(dict.fromkeys((*self.required, *(own.required if own else ()))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that the person who approves states."""

    name: str
    texts: Mapping[str, str]  #: by language


def text_path(name: str, language: str) -> Path:
    """Where the text of a template lies."""
    return FOLDER / f"{name}.{language}.txt.jinja"


@cache
def statements() -> Mapping[str, Statement]:
    """All statements, by name."""
    path = Path(__file__).with_name("statements.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Statement(name=name, texts=texts) for name, texts in table.items()}


@cache
def templates() -> Mapping[str, Template]:
    """All templates, by name. Raises UsageError for a file that is wrong, with all its faults."""
    return {path.stem: read_template(path) for path in sorted(FOLDER.glob("*.toml"))}


def read_template(path: Path) -> Template:
    """One file. Raises UsageError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return Template.model_validate({**table, "name": path.stem})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise UsageError(f"The template {path.name} is wrong ({faults}); mend it.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"The template {path.name} cannot be read ({error}); mend it.") from None


def template(name: str) -> Template:
    """The one of this name, or of a name that tables of providers use. Raises UsageError."""
    found = templates().get(name)
    if found is None:
        found = next((one for one in templates().values() if name in one.also), None)
    if found is None:
        raise UsageError(f"There is no template {name!r}; use one of {', '.join(templates())}.")
    return found


def fitting(
    *,
    scope: str,
    channel: str,
    subject_kind: str,
    abuse: Iterable[str],
    provider_id: str | None = None,
    platform: str | None = None,
    hint: str | None = None,
) -> Template | None:
    """The template for this door and this kind of abuse; None where none may be used.

    hint: what the table of providers advises; it wins where it fits. Else the one whose first claim
    is the gravest that the case supports, and of these the one made for the fewest doors.
    """
    claimed = set(abuse)
    fit = [
        one
        for one in templates().values()
        if scope in one.scopes
        and channel in one.channels
        and subject_kind in one.subject_kinds
        and (not one.providers or provider_id in one.providers)
        and (not one.platforms or platform in one.platforms)
        and claimed.intersection(one.claims)
    ]
    if hint:
        advised = [one for one in fit if hint in (one.name, *one.also)]
        fit = advised or fit
    return min(fit, key=lambda one: _order(one, claimed), default=None)


#: Gravest first: what is claimed decides how soon somebody looks.
_GRAVITY = (
    "phishing", "malware", "botnet", "pharming", "spam", "fraud", "counterfeit", "impersonation",
    "trademark", "copyright", "suspicious-registration",
)  # fmt: skip


def _order(one: Template, claimed: set[str]) -> tuple[int, int, int, str]:
    gravest = min(
        (_GRAVITY.index(claim) for claim in one.claims if claim in claimed and claim in _GRAVITY),
        default=len(_GRAVITY),
    )
    prepared = {"demand": 0, "inform": 1, "prepare": 2}[one.intent]
    return (prepared, gravest, len(one.scopes) if not one.providers else 0, one.name)
