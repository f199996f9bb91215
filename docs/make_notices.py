"""Writes docs/reference/notices.md from the templates themselves, so that both agree.

A person runs it after changing a template: `.venv/bin/python -m docs.make_notices` from the
repository's folder. A test compares the page with what this would write.
May import: namaak.casework.notices.
"""

from __future__ import annotations

import sys
from pathlib import Path

from namaak.casework.notices.fields import Origin, fields
from namaak.casework.notices.templates import Template, statements, templates

PAGE = Path(__file__).resolve().parent / "reference" / "notices.md"

_HEADING = """\
# Notices

Made from the templates by `python -m docs.make_notices`; edit the files in
`namaak/casework/notices/`, not this page. How to use them is in
[send a notice](../how-to/send-a-notice.md).

A template is a TOML file and a text in each of its languages, in
`namaak/casework/notices/templates/`; a new one is added by adding its files. A draft that lacks a
required field is kept, says what to do about each, and cannot be approved. What a template may
claim must be supported by the evidence of the case, or said by a person with `--field abuse=...`.

Every notice is a text; one that goes by mail is also a mail (`.eml`) with a reference in its
subject, one for a form or interface says what to paste where (`fields`), and where the facts allow
it carries a report in XARF 4.2. A-labels (`xn--...`) do not fit the pattern that XARF has for
domains: there the address says it all.

## What is approved, and what is sent

Approval covers one digest over text, mail, report, form, pack, recipient and statements, and the
history keeps it. What differs from it in anything is not sent. The mail as approved has no `Date`;
sending puts one before it and changes nothing else. An approval holds for 24 hours, and so does the
capture that it stands on, unless the person who approves says why it goes without. A sending is
written down before it begins: if its end is not known, a person finds out, and nothing sends again
by itself.
"""

_SOURCES = {
    Origin.CASE: "the case",
    Origin.LOOK: "looks and captures",
    Origin.BRAND: "the brand in the watch file",
    Origin.MARK: "a mark of the brand",
    Origin.ORGANISATION: "`[organisation]`",
    Origin.NOTICES: "`[notices]`, else `[watch]`",
    Origin.ACTION: "this notice and earlier ones",
    Origin.TEMPLATE: "the template",
    Origin.PERSON: "a person",
}


def page() -> str:
    """The whole page as Markdown."""
    parts = [_HEADING, "## Templates\n"]
    parts += [_template(one) for one in templates().values()]
    parts.append(_fields())
    parts.append(_statements())
    return "\n".join(parts)


def _template(one: Template) -> str:
    lines = [
        f"### `{one.name}`",
        "",
        f"{one.title}. Version {one.version}.",
        "",
        "| | |",
        "|---|---|",
        f"| for | {', '.join(one.scopes)} |",
        f"| by | {', '.join(one.channels)} |",
        f"| languages | {', '.join(one.languages)} |",
        f"| about | {', '.join(one.subject_kinds)} |",
        f"| may claim | {', '.join(one.claims)} |",
        f"| required | {_names(one.required)} |",
        f"| also used | {_names(one.optional)} |",
        f"| states | {_names(one.statements)} |",
        f"| XARF | {', '.join(one.xarf) or 'none'} |",
    ]
    for name, least in one.at_least.items():
        lines.append(f"| at least {least} | {_names((name,))} |")
    for name, own in one.variants.items():
        where = ", ".join(own.platforms)
        lines.append(f"| {name} ({where}) | {_names(own.required)}. {own.note} |")
    if one.not_claimed:
        lines += ["", " ".join(one.not_claimed)]
    return "\n".join([*lines, ""])


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _fields() -> str:
    rows = [
        f"| `{one.name}` | {one.labels['en']} | {_SOURCES[one.source]} | "
        f"{'yes' if one.person else 'no'} |"
        for one in fields().values()
    ]
    head = (
        "## Fields\n\nA person may say a field with `--field name=value` where the last column "
        "says yes; that wins over what was found.\n\n"
        "| Field | Holds | From | A person may say it |\n"
        "|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def _statements() -> str:
    rows = [f"| `{one.name}` | {one.texts['en']} |" for one in statements().values()]
    head = (
        "## Statements\n\nWhoever approves a notice that carries one makes it in person.\n\n"
        "| Statement | Says |\n|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
