"""The table of providers: as its schema says, nobody twice, every way with source and date."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from namaak.casework.contacts.mailboxes import usable
from namaak.casework.contacts.providers import provider, providers, route_of, table_version
from namaak.casework.contacts.providers.table import read_provider
from namaak.casework.contacts.scopes import Abuse, Channel, Scope
from namaak.platforms import platforms

FOLDER = files("namaak.casework.contacts.providers")
FILES = sorted(Path(str(FOLDER.joinpath("files"))).glob("*.toml"))
SCHEMA = json.loads(FOLDER.joinpath("provider.schema.json").read_text(encoding="utf-8"))
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "providers.md"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_as_its_schema_says(path: Path) -> None:
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    faults = Draft202012Validator(SCHEMA).iter_errors(json.loads(json.dumps(read, default=str)))
    assert [f"{list(fault.path)}: {fault.message}" for fault in faults] == []
    assert read["id"] == path.stem


def test_the_schema_knows_the_words_of_the_program() -> None:
    route = SCHEMA["$defs"]["route"]["properties"]
    assert route["scopes"]["items"]["enum"] == [
        "platform", "store", "site-builder", "host", "network", "cdn", "registrar", "registry",
        "mail", "certificate", "blocklist", "clearing-house", "dispute",
    ]  # fmt: skip
    assert set(route["scopes"]["items"]["enum"]) == set(Scope)
    assert set(route["channel"]["enum"]) == set(Channel)
    assert set(route["accepts"]["items"]["enum"]) == set(Abuse)


def test_a_key_that_no_file_may_have_is_an_error_at_once() -> None:
    text = FILES[0].read_text(encoding="utf-8")
    assert read_provider(text).id == FILES[0].stem
    with pytest.raises(TypeError):
        read_provider(text.replace("confidence", "confidense"))


@pytest.mark.parametrize("marks", ["asn", "registrar_iana_ids", "host_suffixes", "tlds"])
def test_no_mark_leads_to_two_providers(marks: str) -> None:
    found = Counter(value for one in providers() for value in getattr(one.marks, marks))
    assert [value for value, times in found.items() if times > 1] == []


def test_ways_of_one_provider_are_told_apart() -> None:
    for one in providers():
        keys = [(route.scope, route.channel, route.address) for route in one.routes]
        assert len(set(keys)) == len(keys), one.id
        ids = [(route.id, route.scope) for route in one.routes]
        assert len(set(ids)) == len(ids), one.id


def test_every_platform_but_the_registries_of_packages_has_a_provider() -> None:
    known = {name for one in providers() for name in one.marks.platforms}
    assert known == {one.id for one in platforms()} - {"packages"}


def test_no_mailbox_of_the_table_is_one_that_we_call_useless() -> None:
    boxes = [
        route.address for one in providers() for route in one.routes if route.channel == "mail"
    ]
    assert len(boxes) > 20
    for box in boxes:
        assert usable(box, own_domains=()).address == box


def test_what_is_documented_says_where_and_what_is_not_does_not_pretend() -> None:
    for one in providers():
        for route in one.routes:
            assert date(2026, 1, 1) <= route.checked <= date(2030, 1, 1)
            if not route.documented:
                continue
            named = route.source.startswith(("http://", "https://"))
            assert named or "registration data" in route.source or "header" in route.source


def test_a_stored_contact_leads_back_to_its_way() -> None:
    for one in providers():
        for route in one.routes:
            address = route.address.replace("{server}", "social.test")
            assert route_of(one.id, route.channel, address, route.scope) == route
    assert route_of("nobody", "mail", "abuse@host.test") is None
    assert route_of("sidn", "mail", "abuse@host.test") is None
    assert route_of(None, "mail", "abuse@host.test") is None


def test_fields_and_templates_that_ways_name_are_those_of_notices() -> None:
    notices = Path(__file__).resolve().parents[3] / "namaak" / "casework" / "notices"
    known = set(tomllib.loads((notices / "fields.toml").read_text(encoding="utf-8")))
    templates: set[str] = set()
    for path in (notices / "templates").glob("*.toml"):
        templates |= {path.stem, *tomllib.loads(path.read_text(encoding="utf-8")).get("also", ())}
    for one in providers():
        for route in one.routes:
            assert set(route.required) <= known, (one.id, set(route.required) - known)
            assert route.template is None or route.template in templates, (one.id, route.template)


def test_the_version_names_month_and_content() -> None:
    month, plus, digest = table_version().partition("+")
    assert (len(month), plus, len(digest)) == (7, "+", 8)


def test_a_provider_that_is_not_there_is_none() -> None:
    assert provider("nobody") is None
    assert [one.id for one in providers()] == sorted(one.id for one in providers())


def test_the_page_of_providers_is_true_to_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for one in providers():
        ways = ", ".join(
            dict.fromkeys(f"{route.channel} ({route.confidence})" for route in one.routes)
        )
        scopes = ", ".join(dict.fromkeys(route.scope for route in one.routes))
        assert f"| {one.name} | `{one.id}` | {scopes} | {ways} |" in page, one.id
