"""Registries of packages: their forms, exact names, and answers that are none."""

from __future__ import annotations

import csv
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namaak.brands import Brand
from namaak.errors import Failure
from namaak.sources import packages
from namaak.sources.base import Known
from namaak.sources.packages import Packages, Registry
from namaak.sources.profiles.profile import Profile
from namaak.sources.profiles.questions import Way
from tests.sources.web_platform import BRANDS, Says, opened, platform, run

FORMS = ("npm-search", "crates-search", "rubygems-search", "pypi-json")
SEARCHING = FORMS[:3]


def hit(form, name, **more):
    """A row of a search in the registry's own words."""
    if form == "npm-search":
        links = {"npm": f"https://pages.invalid/{name}", "repository": "git+https://code.example/w"}
        package = {
            "name": name,
            "description": "Pays",
            "links": links,
            "publisher": {"username": "maker", "email": "maker@maker.example"},
            **more,
        }
        return {"package": package, "searchScore": 1}  # fmt: skip
    if form == "crates-search":
        return {"id": name, "name": name, "description": "Pays", "homepage": None,
                "repository": "https://code.example/w", "created_at": "2026-10-30T09:15:00+00:00",
                **more}  # fmt: skip
    return {"name": name, "info": "Pays", "authors": "maker", "project_uri": None,
            "homepage_uri": "https://code.example/w", **more}  # fmt: skip


def page(form, rows, total):
    if form == "npm-search":
        return Says({"objects": rows, "total": total, "time": "now"})
    if form == "crates-search":
        return Says({"crates": rows, "meta": {"total": total, "next_page": None}})
    return Says(rows)


def single(form, name, **more):
    """The answer about one package."""
    if form == "npm-search":
        return Says({
            "name": name, "description": "Pays", "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": {"author": {"name": "maker"}}},
            "time": {"created": "2026-10-30T09:15:00Z"}, "readme": "x" * 100_000, **more,
        })  # fmt: skip
    if form == "crates-search":
        return Says({"crate": hit(form, name, **more), "versions": []})
    if form == "rubygems-search":
        return Says(hit(form, name, **more))
    info = {"name": name, "summary": "Pays", "author": "", "author_email": "M <m@maker.example>",
            "description": "x" * 100_000, "home_page": None,
            "project_urls": {"Source": "https://code.example/w"}, **more}  # fmt: skip
    files = [{"upload_time_iso_8601": f"2026-{month}-30T09:15:00.000000Z"} for month in (11, 10)]
    return Says({"info": info, "releases": {"1.0": files[:1], "0.9": files[1:]}})


def case(native_id):
    return Known(subject_key=f"app:packages:{native_id}", native_id=native_id, handle=native_id[4:])


def registries(at, *forms):
    return [{"name": f"r{n}", "url": f"{at.url}/r{n}", "form": f} for n, f in enumerate(forms)]


def open_at(folder, at, *forms, **more):
    return opened(Packages, folder, at, registries=registries(at, *forms), **more)


def test_no_registry_is_asked_by_default_and_it_says_what_to_add(tmp_path):
    with platform(lambda got: Says()) as at:
        source = opened(Packages, tmp_path, at)
        assert "[[sources.packages.registries]]" in source.lacks()
        assert list(source.instances()) == []
        assert open_at(tmp_path, at, "npm-search").lacks() is None


def test_two_registries_of_one_name_are_a_fault(tmp_path):
    with platform(lambda got: Says()) as at:
        twice = registries(at, "npm-search") * 2
        (fault,) = opened(Packages, tmp_path, at, registries=twice).faults()
    assert fault.startswith("registries: two are called 'r0'")


@pytest.mark.parametrize("form", SEARCHING)
def test_a_search_is_read_page_by_page_and_every_package_once(tmp_path, monkeypatch, form):
    monkeypatch.setattr(packages._FORMS[form], "_SIZE", 2)
    names = ["waldermond", "waldermond-pay", "waldermond-pay", "waldermond-x", "waldermond-y"]

    def answer(got):
        start = int(got.query.get("from", 2 * (int(got.query.get("page", 1)) - 1)))
        return page(form, [hit(form, name) for name in names[start : start + 2]], len(names))

    with platform(answer) as at:
        read = run(open_at(tmp_path, at, form), Way.SEARCH, server="r0")
    assert read.error is None
    assert read.ids == [f"r0/{name}" for name in dict.fromkeys(names)]
    assert (read.skipped, read.end) == (1, 5)
    assert {row["platform"] for row in read.rows} == {"packages"}
    assert all(row["handle"] == row["display_name"] and row["bio"] == "Pays" for row in read.rows)
    assert all(row["links"] == ["https://code.example/w"] for row in read.rows)
    assert len(at.asked) == 3


def test_a_page_that_leads_to_itself_ends(tmp_path):
    """Whatever it counts, a page without rows is the last one."""
    with platform(lambda got: page("npm-search", [], 10**9)) as at:
        read = run(open_at(tmp_path, at, "npm-search"), Way.SEARCH, server="r0")
    assert (read.rows, read.error, len(at.asked)) == ([], None, 1)


def test_each_registry_is_asked_by_itself_in_the_ways_it_answers(tmp_path):
    known = [case("r0/waldermond"), case("r1/waldermond"), case("other/waldermond")]
    with platform(lambda got: Says()) as at:
        source = open_at(tmp_path, at, "npm-search", "pypi-json", known=known)
        assert [one.id for one in source.instances()] == [
            "known@r0", "search@r0", "known@r1", "probe@r1",
        ]  # fmt: skip
        (question,) = source.questions(source.instance(Way.KNOWN, "r1"))
        assert question.texts == ("waldermond",)


def test_a_registry_without_a_search_is_asked_for_the_names_that_a_brand_fears(tmp_path):
    def answer(got):
        name = got.path.removeprefix("/r0/pypi/").removesuffix("/json")
        return single("pypi-json", names[1]) if name == names[1] else Says(b"{}", 404)

    with platform(answer) as at:
        source = open_at(tmp_path, at, "pypi-json", probes=12)
        names = [one.texts[0] for one in source.questions(source.instance(Way.PROBE, "r0"))]
        read = run(source, Way.PROBE, server="r0")
    assert "waldermond" in names and len(at.asked) == len(names) == 12
    assert all(name == name.lower() and "_" not in name for name in names)
    assert (read.ids, read.error) == ([f"r0/{names[1]}"], None)
    (row,) = read.rows
    assert row["created_at"].isoformat() == "2026-10-30T09:15:00+00:00"
    assert row["contacts"] == ["mail:m@maker.example"]
    assert len(row["raw"]) < 2_000


@pytest.mark.parametrize("form", FORMS)
def test_of_known_packages_the_missing_are_removed(tmp_path, form):
    def answer(got):
        return single(form, "waldermond") if "waldermond" in got.path else Says(b"gone", 404)

    known = [case("r0/gone"), case("r0/waldermond")]
    with platform(answer) as at:
        source = open_at(tmp_path, at, form, known=known)
        read = run(source, Way.KNOWN, server="r0")
    assert [(row["native_id"], row["state"]) for row in read.rows] == [
        ("r0/gone", "removed"), ("r0/waldermond", "live"),
    ]  # fmt: skip
    assert {row["subject_kind"] for row in read.rows} == {"app"}
    assert len(read.rows[1]["raw"]) < 2_000


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("answer", ["500", "empty", "no JSON", "{}", "[]", "another", "half"])
def test_no_answer_never_means_that_a_package_is_gone(tmp_path, form, answer):
    says = {
        "500": Says(status=500), "empty": Says(b""), "no JSON": Says(b"<html>"), "{}": Says({}),
        "[]": Says([]), "another": single(form, "another"),
        "half": Says(single(form, "waldermond").body, cut=True),
    }[answer]  # fmt: skip
    with platform(lambda got: says) as at:
        source = open_at(tmp_path, at, form, known=[case("r0/waldermond")])
        read = run(source, Way.KNOWN, server="r0")
    assert read.rows == []
    assert read.error is not None


def test_a_page_that_was_made_too_large_holds_up_no_other_package(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "_LIMITS", packages.Limits(max_bytes=1_000))

    def answer(got):
        return Says(b"x" * 5_000) if "huge" in got.path else single("crates-search", "waldermond")

    with platform(answer) as at:
        source = open_at(
            tmp_path, at, "crates-search", known=[case("r0/huge"), case("r0/waldermond")]
        )
        read = run(source, Way.KNOWN, server="r0")
    assert read.ids == ["r0/waldermond"]
    assert read.error.failure is Failure.MALFORMED


def test_names_that_a_registry_takes_for_one_are_one_package(tmp_path):
    """PEP 503."""
    with platform(lambda got: single("pypi-json", "Walder_Mond")) as at:
        source = open_at(tmp_path, at, "pypi-json", known=[case("r0/walder-mond")])
        (row,) = run(source, Way.KNOWN, server="r0").rows
    assert (row["native_id"], row["handle"]) == ("r0/walder-mond", "Walder_Mond")


def test_a_scope_is_a_part_of_the_name_and_no_path(tmp_path):
    with platform(lambda got: single("npm-search", "@wald/mond")) as at:
        known = [case("r0/@wald/mond"), case("r0/../../etc"), case("r0/a?b")]
        read = run(open_at(tmp_path, at, "npm-search", known=known), Way.KNOWN, server="r0")
    assert [got.target for got in at.asked] == ["/r0/@wald%2Fmond"]
    assert read.ids == ["r0/@wald/mond"]
    assert read.rejects == ["native id: is no package name"] * 2


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "900"}], ids=["without", "with"])
def test_too_many_requests_end_the_run_of_that_registry(tmp_path, headers):
    def answer(got):
        rows = [hit("npm-search", "waldermond")]
        busy = got.path.startswith("/r0/")
        return Says(status=429, headers=headers) if busy else page("npm-search", rows, 1)

    with platform(answer) as at:
        source = open_at(tmp_path, at, "npm-search", "npm-search")
        read = run(source, Way.SEARCH, server="r0")
        assert (read.error.failure, len(at.asked)) == (Failure.THROTTLED, 1)


def test_half_a_page_is_asked_for_again(tmp_path):
    whole = iter([False, True])
    rows = [hit("npm-search", "waldermond")]
    with platform(lambda got: Says(page("npm-search", rows, 1).body, cut=not next(whole))) as at:
        source = open_at(tmp_path, at, "npm-search")
        first = run(source, Way.SEARCH, server="r0")
        assert (first.rows, first.error.failure) == ([], Failure.TRANSIENT)
        second = run(source, Way.SEARCH, after=first, server="r0")
    assert (second.ids, second.error) == (["r0/waldermond"], None)


def test_a_search_that_is_not_there_is_no_empty_answer(tmp_path):
    with platform(lambda got: Says(b"{}", 404)) as at:
        read = run(open_at(tmp_path, at, "npm-search"), Way.SEARCH, server="r0")
    assert read.error.failure is Failure.GONE


@pytest.mark.real
def test_names_of_real_imitations_are_names_that_packages_may_have(data_folder):
    listed = data_folder / "packages_positive.csv.gz"
    if not listed.exists():
        pytest.skip(f"needs {listed.name}")
    with gzip.open(listed, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    registries = {"pypi": "pypi-json", "npm": "npm-search", "rubygems": "rubygems-search"}
    names = [
        (packages._FORMS[registries[row["ecosystem"]]], row["malicious_package"])
        for row in rows
        if row["ecosystem"] in registries
    ]
    assert len(names) > 30
    for form, name in names:
        made = form(Registry(name="r", url="https://r.example", form=FORMS[0]))
        row = {"name": name, "package": {"name": name}}
        assert made.hit(row).handle == name


_VALUE = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.lists(st.none())
_ROW = st.dictionaries(
    st.sampled_from(["name", "id", "description", "package", "links", "publisher", "maintainers",
                     "info", "project_urls", "author_email", "homepage", "created_at", "releases"]),
    _VALUE | st.dictionaries(st.sampled_from(["name", "homepage", "email", "x"]), _VALUE),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FORMS), _ROW)
def test_any_row_is_a_package_or_refused(name, row):
    form = packages._FORMS[name](Registry(name="r", url="https://r.example", form=name))
    package = form.package(row)
    assert package is None or isinstance(package, dict)
    try:
        assert isinstance(form.hit(row), Profile)
    except ValueError as error:
        assert str(error) == "package: has no name"


def test_people_are_not_searched_among_packages(tmp_path):
    people = Brand(name="Waldermond", executives=({"name": "Somebody Invented"},))
    with platform(lambda got: Says()) as at:
        source = open_at(tmp_path, at, "npm-search", brands={"w": people})
        asked = [one.texts for one in source.questions(source.instance(Way.SEARCH, "r0"))]
    assert asked == [("Waldermond",)] == [(brand.name,) for brand in BRANDS.values()]
