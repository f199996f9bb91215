"""The page of templates says what the files say."""

from __future__ import annotations

from docs import make_notices
from namaak.casework.notices.fields import fields
from namaak.casework.notices.templates import templates


def test_the_page_of_notices_is_current():
    found = make_notices.PAGE.read_text(encoding="utf-8")
    assert found == make_notices.page(), "run `python -m docs.make_notices`"


def test_every_template_and_field_is_on_the_page():
    page = make_notices.page()
    for name, form in templates().items():
        section = page.partition(f"\n### `{name}`\n")[2].partition("\n### ")[0]
        for field in form.required:
            assert f"`{field}`" in section, (name, field)
    for name in fields():
        assert f"\n| `{name}` |" in page
