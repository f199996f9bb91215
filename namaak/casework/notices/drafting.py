"""A draft of a notice: a template filled with facts, and what it lacks, named one by one.

Pure but for the shipped templates. What strangers wrote becomes one visible line each; addresses
stay exact, between angle brackets on lines of their own, and nothing becomes a link.
May import: the rest of namaak.casework.notices but sending, namaak.visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from namaak.casework.notices.fields import Kind, Origin, fields, sound
from namaak.casework.notices.headers import header_line, subject_values
from namaak.casework.notices.templates import FOLDER, Template, statements
from namaak.casework.notices.wording import placeholder, told

_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something that keeps a draft from being approved."""

    field: str
    do: str  #: what to do about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What would go out, once a person approves it."""

    template: str
    template_version: str
    language: str
    subject: str
    text: str
    fields: Mapping[str, Any]  #: sound values of all fields it may hold; times are datetimes
    missing: tuple[Missing, ...]
    statements: Mapping[str, str]  #: what the person who approves states: name to text

    @property
    def complete(self) -> bool:
        """Whether it may be approved."""
        return not self.missing


def draft(
    template: Template,
    facts: Mapping[str, Any],
    language: str,
    *,
    also_required: Iterable[str] = (),
) -> Draft:
    """Fill the template. facts: values of fields by name; None is unknown.

    language: one of the template's. also_required: further fields that the provider wants; names
    that the register lacks are passed over.
    """
    used = {**template.defaults.get(language, {}), **_said(facts)}  # type: ignore[call-overload]
    values = {name: sound(name, used[name]) for name in fields() if name in used}
    if values.get("abuse"):
        values["abuse"] = [word for word in values["abuse"] if word in template.claims]
    platform = values.get("platform")
    required = dict.fromkeys((*template.required_for(platform), "abuse"))
    required |= dict.fromkeys(name for name in also_required if name in fields())
    missing = [*_lacking(template, values, required), *_wrongly_said(template, values)]
    shown = {
        name: told(name, values[name], language) if values.get(name) else None for name in fields()
    }
    for name in required:
        if not shown[name]:
            gap = placeholder(name, language)
            shown[name] = [gap] if fields()[name].kind.is_list else gap
    stated = {name: statements()[name].texts[language] for name in template.statements}
    text = (
        _environment()
        .get_template(f"{template.name}.{language}.txt.jinja")
        .render(f=shown, statements=list(stated.values()), variant=template.variant(platform))
    )
    subject = template.subject[language]  # type: ignore[index]
    heading = _environment().from_string(subject).render(f=subject_values(values, shown))
    reference = values.get("reference")
    return Draft(
        template=template.name,
        template_version=template.version,
        language=language,
        subject=header_line(f"[{reference}] {heading}" if reference else heading),
        text=_BLANK_LINES.sub("\n\n", text).strip() + "\n",
        fields={name: value for name, value in values.items() if value},
        missing=tuple(missing),
        statements=stated,
    )


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}


def _lacking(
    template: Template, values: Mapping[str, Any], required: Iterable[str]
) -> Iterable[Missing]:
    for name in required:
        if not values.get(name):
            do = fields()[name].do
            if name == "abuse" and template.not_claimed:
                do = f"{do} ({' '.join(template.not_claimed)})"
            yield Missing(field=name, do=do)
    for name, least in template.at_least.items():
        found = len({_element(item) for item in values.get(name) or ()})
        if 0 < found < least:
            yield Missing(field=name, do=f"{least} are needed, {found} found: {fields()[name].do}")


def _element(item: Any) -> str:
    """Elements of a kind are one element; each that a person said is one of its own."""
    if not isinstance(item, Mapping):
        return str(item)
    return f"said:{item['value']}" if item.get("code") == "said" else str(item.get("code"))


def _wrongly_said(template: Template, values: Mapping[str, Any]) -> Iterable[Missing]:
    """What a person wrote that this notice must not claim."""
    named = {*template.required_for(values.get("platform")), *template.optional}
    for field in fields().values():
        if (
            field.name not in named
            or field.source not in (Origin.TEMPLATE, Origin.PERSON)
            or field.kind is Kind.URLS
        ):
            continue
        said = str(values.get(field.name) or "").casefold()
        for word in template.never_says:
            if re.search(rf"\b{re.escape(word.casefold())}", said):
                yield Missing(
                    field=field.name,
                    do=f"it says “{word}”, which {template.name} must not claim: "
                    f"{' '.join(template.not_claimed) or 'say it otherwise'}",
                )


@cache
def _environment() -> Environment:
    # Plain text: nothing to escape, and values are never read as templates.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
