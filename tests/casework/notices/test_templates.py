"""Every template of every language, filled and unfilled; and what no notice may claim or carry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namaak.casework.contacts.providers import route_of
from namaak.casework.notices import drafting, templates
from namaak.casework.notices.choosing import Wanted, template_of
from namaak.casework.notices.composing import Door
from namaak.casework.notices.drafting import draft
from namaak.casework.notices.fields import Kind, as_line, exact_url, fields, given_fields, sound
from namaak.casework.notices.mail import unsent_mail
from namaak.casework.notices.templates import fitting, statements, template
from namaak.casework.notices.wording import words
from namaak.errors import UsageError

NAMES = sorted(templates.templates())
PAIRS = [(name, language) for name in NAMES for language in template(name).languages]
THE_TEMPLATES = {
    "phishing-registrar", "phishing-host", "trademark-host", "cdn", "netbeacon", "aws-abuse",
    "platform-impersonation", "platform-trademark", "app-store", "dmca-512", "dsa-16", "ntd-nl",
    "suspicious-registration", "udrp-annexes", "urs", "blocklist", "cease-and-desist",
}  # fmt: skip
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def full(name: str) -> dict:
    """A value for every field of the register."""
    made = {}
    for field in fields().values():
        if field.kind is Kind.TIME:
            made[field.name] = AT
        elif field.kind is Kind.URLS:
            made[field.name] = ["https://acme-login.example/a?b=1"]
        elif field.kind is Kind.COPIED:
            made[field.name] = [
                {"code": code, "value": "acme-login", "term": "Acme"}
                for code in words()["copied"]["en"]
            ]
        elif field.kind is Kind.EVIDENCE:
            made[field.name] = [{"what": "full", "sha256": "ab" * 32, "about": "https://a.example/",
                                 "taken": "2026-11-22 09:00 UTC"}]  # fmt: skip
        elif field.kind is Kind.EARLIER:
            made[field.name] = [{"action_id": "NA-0123456789AB", "sent": "2026-11-20 09:00 UTC",
                                 "state": "no-reply"}]  # fmt: skip
        else:
            value = f"the {field.labels['en']}"
            made[field.name] = [value] if field.kind is Kind.LINES else value
    made |= {
        "contact_mailbox": "desk@acme.example", "official_site": "https://acme.example/",
        "ip_addresses": ["192.0.2.7"], "mark_classes": "9, 36", "platform": "instagram",
        "abuse": list(template(name).claims),
    }  # fmt: skip
    # What the template itself says stays.
    for own in ("why_unlawful", "asked_action"):
        if any(own in said for said in template(name).defaults.values()):
            del made[own]
    return made


def test_the_templates_are_there():
    assert set(NAMES) == THE_TEMPLATES


@pytest.mark.parametrize(("name", "language"), PAIRS)
def test_a_full_one_lacks_nothing_and_says_all_that_is_required(name, language):
    form = template(name)
    made = draft(form, full(name), language)
    assert made.missing == ()
    assert "missing" not in made.text and "ontbreekt" not in made.text and "None" not in made.text
    for line in made.statements.values():
        assert line in made.text or name in ("blocklist",), line
    for url in made.fields.get("urls", ()):
        if "urls" in form.required:
            assert f"<{url}>" in made.text
    assert "<a " not in made.text and "href" not in made.text
    for field in form.required_for("instagram"):
        value = made.fields[field]
        if field in ("urls", "contact_name", "address", "phone", "country", "platform") or name in (
            "aws-abuse", "cdn", "app-store", "blocklist",
        ):  # fmt: skip
            continue
        if isinstance(value, str):
            assert value.split("\n")[0] in made.text or value in made.subject, field
    assert "\n\n\n" not in made.text
    assert made.subject.startswith("[the our reference] ")


@pytest.mark.parametrize(("name", "language"), PAIRS)
def test_each_required_field_that_lacks_is_named_with_what_to_do(name, language):
    form = template(name)
    said = set().union(*(table for table in form.defaults.values()))
    for field in {*form.required_for("instagram"), "abuse"} - said - {"platform"}:
        without = {key: value for key, value in full(name).items() if key != field}
        (lacking,) = draft(form, without, language).missing
        assert lacking.field == field
        assert lacking.do.startswith(fields()[field].do)


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_a_template_keep_to_what_it_may_claim(name):
    form = template(name)
    own = full(name) | {"abuse": []}
    for language in form.languages:
        for word in form.never_says:
            for text in form.defaults.get(language, {}).values():
                assert not re.search(rf"\b{re.escape(word)}", text, re.IGNORECASE), (word, text)
        assert draft(form, own, language).missing[0].field == "abuse"


@pytest.mark.parametrize("name", ["phishing-registrar", "netbeacon"])
def test_the_use_of_a_mark_is_never_reported_as_dns_abuse(name):
    facts = full(name) | {"abuse": ["trademark", "impersonation"]}
    (lacking,) = draft(template(name), facts, "en").missing
    assert lacking.field == "abuse"
    assert "trade mark alone" in lacking.do
    said = full(name) | {"why_unlawful": "It infringes our trade mark."}
    assert {one.field for one in draft(template(name), said, "en").missing} == {"why_unlawful"}


def test_only_what_the_template_may_claim_is_claimed():
    facts = full("phishing-host") | {"abuse": ["trademark", "phishing"]}
    made = draft(template("phishing-host"), facts, "en")
    assert made.fields["abuse"] == ["phishing"]
    assert "infringement of a trade mark" not in made.text


def test_impersonation_needs_two_elements_of_identity():
    form = template("platform-impersonation")
    handle = {"code": "handle", "value": "acme", "term": "Acme"}
    same = [handle, handle | {"value": "acme2"}]
    facts = full(form.name) | {"shared_elements": same}
    (lacking,) = draft(form, facts, "en").missing
    assert lacking.field == "shared_elements"
    assert "2 are needed, 1 found" in lacking.do
    both = [handle, {"code": "picture", "value": "ab", "term": "Acme"}]
    made = draft(form, facts | {"shared_elements": both}, "en")
    assert made.complete
    assert "  1. the account name acme" in made.text and "  2. the picture" in made.text


def test_platforms_ask_for_more_of_their_own():
    form = template("platform-trademark")
    facts = full(form.name)
    del facts["mark_register"], facts["phone"]
    lacking = {
        where: {one.field for one in draft(form, facts | {"platform": where}, "en").missing}
        for where in ("instagram", "facebook", "tiktok", "bluesky")
    }
    assert lacking == {"instagram": {"mark_register", "phone"}, "facebook": {"phone"},
                       "tiktok": {"phone"}, "bluesky": set()}  # fmt: skip


def test_a_watch_request_demands_nothing():
    facts = full("suspicious-registration") | {"asked_action": "You must suspend it."}
    lacking = draft(template("suspicious-registration"), facts, "en").missing
    assert {one.field for one in lacking} == {"asked_action"}


def test_a_provider_may_want_more():
    facts = full("phishing-host")
    del facts["registrar"]
    made = draft(template("phishing-host"), facts, "en", also_required=("registrar", "unheard-of"))
    assert [one.field for one in made.missing] == ["registrar"]


def test_a_template_is_added_by_adding_its_files(tmp_path, monkeypatch):
    for path in templates.FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "fax.toml").write_text(
        'version = "1"\ntitle = "A fax"\nscopes = ["host"]\nchannels = ["post"]\n'
        'languages = ["en"]\nsubject_kinds = ["host"]\nclaims = ["phishing"]\n'
        'required = ["urls"]\n[subject]\nen = "Fax"\n'
    )
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    monkeypatch.setattr(drafting, "FOLDER", tmp_path)
    templates.templates.cache_clear()
    drafting._environment.cache_clear()
    try:
        with pytest.raises(UsageError, match=r"fax.toml is wrong.*no text in en"):
            template("fax")
        (tmp_path / "fax.en.txt.jinja").write_text("{{ f.urls[0] }}")
        made = draft(template("fax"), {"urls": ["https://a.example/"], "abuse": ["phishing"]}, "en")
        assert made.text == "https://a.example/\n"
        found = fitting(scope="host", channel="post", subject_kind="host", abuse=["phishing"],
                        hint="fax")  # fmt: skip
        assert found == template("fax")
    finally:
        templates.templates.cache_clear()
        drafting._environment.cache_clear()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('required = ["urls", "no-such"]', "fields.toml lacks: no-such"),
        ('statements = ["oath"]', "statements.toml lacks: oath"),
        ("loud = true", "Extra inputs"),
        ("= broken", "cannot be read"),
    ],
)
def test_a_wrong_template_is_told_with_its_fault(tmp_path, line, says):
    sound_one = (templates.FOLDER / "blocklist.toml").read_text()
    (tmp_path / "blocklist.toml").write_text(
        line + "\n" + "\n".join(
            own for own in sound_one.splitlines()
            if own.split(" ")[0] != line.split(" ")[0]
        )
    )  # fmt: skip
    with pytest.raises(UsageError, match=re.escape(says)):
        templates.read_template(tmp_path / "blocklist.toml")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"scope": "host", "abuse": ["phishing", "trademark"]}, "phishing-host"),
        ({"scope": "host", "abuse": ["trademark"]}, "trademark-host"),
        ({"scope": "registrar", "abuse": ["phishing"]}, "phishing-registrar"),
        ({"scope": "registrar", "abuse": ["suspicious-registration"]}, "suspicious-registration"),
        ({"scope": "registrar", "abuse": ["copyright"]}, None),
        ({"scope": "host", "abuse": ["phishing"], "hint": "ntd-nl"}, "ntd-nl"),
        ({"scope": "host", "channel": "api", "abuse": ["phishing"], "provider_id": "amazon-aws"},
         "aws-abuse"),
        ({"scope": "host", "channel": "api", "abuse": ["phishing"]}, None),
        ({"scope": "blocklist", "channel": "form", "abuse": ["phishing"]}, "blocklist"),
        ({"scope": "platform", "abuse": ["impersonation"], "subject_kind": "account"},
         "platform-impersonation"),
        ({"scope": "platform", "abuse": ["trademark"], "subject_kind": "account"},
         "platform-trademark"),
        ({"scope": "store", "abuse": ["impersonation"], "subject_kind": "app"}, "app-store"),
    ],
)  # fmt: skip
def test_the_template_fits_the_door_and_what_may_be_claimed(asked, name):
    found = fitting(**({"channel": "mail", "subject_kind": "host"} | asked))
    assert (found.name if found else None) == name


def test_every_field_and_statement_is_in_both_languages():
    for field in fields().values():
        assert field.labels["en"] and field.labels["nl"] and field.do
    for statement in statements().values():
        assert set(statement.texts) == {"en", "nl"}
    assert words()["copied"]["en"].keys() == words()["copied"]["nl"].keys()


HOSTILE = st.text(max_size=60) | st.sampled_from(
    ["a\r\nBcc: x@y.example", "\x1b[2J", "\u202ekcatta", "{{ f.__class__ }}", "<b>", "{term.x}",
     "\x85\u2028\u2029", "{% include 'x' %}", "\ud800"]
)  # fmt: skip


@cache
def full_text() -> str:
    return draft(template("dsa-16"), full("dsa-16"), "en").text


@given(HOSTILE)
def test_nothing_a_stranger_writes_ends_a_line_or_runs(text):
    facts = full("dsa-16") | {
        "display_name": text, "handle": text, "hosting_provider": text, "registrar": text,
        "copied": [{"code": "display-name", "value": text, "term": "Acme"}],
        "domains": [text],
    }  # fmt: skip
    plain = full_text()
    made = draft(template("dsa-16"), facts, "en")
    made.text.encode()
    assert "\x1b" not in made.text and "\u202e" not in made.text
    lines = {line.split(":")[0] for line in plain.splitlines()}
    for line in made.text.splitlines():
        known = line.split(":")[0] in lines or as_line(text) in line or not line.strip()
        assert known or line.startswith("  - "), line
    assert len(made.text.splitlines()) <= len(plain.splitlines())


ENCODED = "=?utf-8?q?=0d=0aReply-To:_evil@x.example=0d=0a=0d=0aAll_is_well.?="
OURS = {"abuse", "brand", "case_ids", "mark_text", "platform", "reference", "ip_addresses"}


@pytest.mark.parametrize("text", [ENCODED, "x " * 90 + ENCODED])
@pytest.mark.parametrize(("name", "language"), PAIRS)
def test_no_stranger_writes_into_a_subject_and_the_mail_reads_as_it_was_drafted(
    name, language, text
):
    facts = full(name)
    for field in fields().values():
        if field.name in OURS or field.name not in facts:
            continue
        if field.kind in (Kind.LINE, Kind.TEXT):
            facts[field.name] = text
        elif field.kind is Kind.LINES:
            facts[field.name] = [text]
        elif field.kind is Kind.URLS:
            facts[field.name] = [f"https://acme-login.example/{text}"]
    made = draft(template(name), facts, language)
    assert made.subject == draft(template(name), full(name), language).subject
    # Refuses what would be read otherwise.
    unsent_mail(sender="desk@acme.example", sender_name="Acme", to="abuse@host.example",
                subject=made.subject, text=made.text, message_id="na-1@acme.example")  # fmt: skip


@given(st.text(max_size=80))
def test_an_address_is_exact_or_none(text):
    for candidate in (text, f"https://a.example/{text}", f"https://{text}.example/"):
        url = exact_url(candidate)
        if url is None:
            continue
        assert url.isascii() and url.isprintable()
        assert not set(url) & set(' <>"\\')
        assert exact_url(url) == url


def test_addresses_keep_what_a_server_sees():
    for url in (
        "https://a.example/x?y=%2F&z=a+b#c",
        "http://a.example:8080/",
        "https://[2001:db8::1]/a",
    ):
        assert exact_url(url) == url
    assert exact_url("https://user:pw@evil.example/") == "https://evil.example/"
    for bad in (
        "javascript:alert(1)",
        "ftp://a.example/",
        "https://",
        "https://a b/",
        "mailto:x@y",
    ):
        assert exact_url(bad) is None


def test_what_a_person_cannot_say_is_refused_by_name():
    for said, says in (
        ({"case_ids": ["NK-1"]}, "cannot say the field 'case_ids'"),
        ({"nonsense": ["x"]}, "cannot say the field 'nonsense'"),
        ({"handle": ["a", "b"]}, "holds one value"),
        ({"handle": [" "]}, "is empty"),
        ({"urls": ["acme"]}, "is no address"),
        ({"last_verified_at": ["soon"]}, "is no time"),
    ):
        with pytest.raises(UsageError, match=says):
            given_fields(said, now=AT)
    found = given_fields({"last_verified_at": ["2026-11-22"]}, now=AT)
    assert found["last_verified_at"].tzinfo is UTC


def test_long_values_are_bounded():
    assert len(sound("display_name", "x" * 10_000)) == 500
    assert len(sound("domains", [f"{n}.example" for n in range(1000)])) == 200


def test_a_door_that_takes_other_claims_says_which_and_how_to_make_one():
    address = "https://safebrowsing.google.com/safebrowsing/report_phish/"
    door = Door(
        scope="blocklist", channel="form", address=address, provider_id="google-safe-browsing",
        provider_name="Google Safe Browsing",
    )  # fmt: skip
    route = route_of(door.provider_id, door.channel, address, door.scope)
    assert route is not None

    def says(*claimed: str, **given: list[str]) -> str:
        with pytest.raises(UsageError) as refused:
            template_of(door, "host", None, claimed, route, Wanted(given=given))
        return str(refused.value)

    told = says("suspicious-registration", "trademark")
    assert "Google Safe Browsing (blocklist, form) takes notices of phishing, and" in told
    assert "the evidence shows suspicious-registration, trademark;" in told
    assert told.endswith("as in --field abuse=phishing.")
    assert "the evidence shows nothing that a notice may claim;" in says()
    assert "and you say it is copyright;" in says("copyright", abuse=["copyright"])
    assert template_of(door, "host", None, ["phishing"], route, Wanted()).name == "blocklist"
