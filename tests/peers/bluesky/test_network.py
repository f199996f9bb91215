"""The sources of Bluesky against its own servers, with accounts made up for it."""

import io
import json
import urllib.request
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from PIL import Image

from namaak.sources.base import Known
from namaak.sources.bluesky import Bluesky, BlueskyConfig
from namaak.sources.plc import Plc, PlcConfig
from tests.peers.bluesky import bluesky
from tests.sources.reading import given, run_of

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]

ACCOUNTS = {
    "acme-support": {
        "displayName": "ACME Support \u2705",
        "description": "Help for ACME: acme-help.example/refund or help@acme.example",
        "avatar": True,
    },
    "acmebank": {"displayName": "ACME Bank", "description": "Official"},
    "waldermond": {"displayName": "Waldermond"},
    "acme-gone": {"displayName": "ACME gone"},
    "acme-asleep": {"displayName": "ACME asleep"},
    "acme-deleted": {"displayName": "ACME deleted"},
}


@pytest.fixture(scope="module")
def network():
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(picture, "PNG")
    with bluesky(picture.getvalue()) as made:
        made.dids = {
            name: made.do("account", name=name, profile=profile)["did"]
            for name, profile in ACCOUNTS.items()
        }
        made.do("settle")
        made.labeler = made.do("label", did=made.dids["acme-support"], val="impersonation")["src"]
        made.do("rename", did=made.dids["waldermond"], handle="waldermond-two.test")
        made.do("takedown", did=made.dids["acme-gone"])
        made.do("deactivate", did=made.dids["acme-asleep"])
        made.do("remove", did=made.dids["acme-deleted"])
        made.do("settle")
        yield made


# The search of the development network compares letters as they are, and handles alone.
def opened(network, folder, *, known=(), names=("acme", "waldermond"), **table):
    config = BlueskyConfig.model_validate(
        {
            "url": network.bsky.replace("localhost", "127.0.0.1"), "hosts": ["test"],
            "labelers": [network.labeler], "probes": 0, "pictures": False, **table,
        }
    )  # fmt: skip
    port = urlsplit(network.bsky).port
    return Bluesky(config, given(folder, port, known=known, names=names))


def test_a_search_finds_accounts_with_their_counts_and_verdicts(network, tmp_path):
    run = run_of(opened(network, tmp_path), "search")
    rows = run.on()
    assert run.error is None
    found = {row["handle"]: row for row in rows}
    assert set(found) == {"acme-support.test", "acmebank.test", "waldermond-two.test"}
    support = found["acme-support.test"]
    assert support["native_id"] == network.dids["acme-support"]
    assert support["display_name"] == "ACME Support \u2705"
    assert support["links"] == ["https://acme-help.example/refund"]
    assert support["flags"] == ["impersonation"] and found["acmebank.test"]["flags"] is None
    assert (support["followers"], support["posts"]) == (0, 0)
    assert "/img/avatar/plain/" in json.loads(support["raw"])["avatar"]


def test_probes_find_the_handles_that_exist(network, tmp_path):
    source = opened(network, tmp_path, probes=400, names=("ACME Bank", "ACME"))
    asked = {text for one in source.questions(source.instance("probe")) for text in one.texts}
    there = {f"{name}.test" for name in ("acme-support", "acmebank")} & asked
    rows = run_of(source, "probe").on()
    assert {row["handle"] for row in rows} == there
    assert there


def test_what_became_of_a_case_is_told_as_the_platform_says_it(network, tmp_path):
    known = [
        Known(subject_key=f"account:bluesky:{did}", native_id=did, handle=f"{name}.test")
        for name, did in network.dids.items()
    ]
    rows = run_of(opened(network, tmp_path, known=known), "known").on()
    became = {row["native_id"]: (row["handle"], row["state"]) for row in rows}
    assert {name: became[did] for name, did in network.dids.items()} == {
        "acme-support": ("acme-support.test", "live"),
        "acmebank": ("acmebank.test", "live"),
        "waldermond": ("waldermond-two.test", "live"),
        "acme-gone": ("acme-gone.test", "suspended"),
        "acme-asleep": ("acme-asleep.test", "removed"),
        "acme-deleted": ("acme-deleted.test", "removed"),
    }


def test_the_export_of_the_directory_is_read_once(network, tmp_path):
    url = network.plc.replace("localhost", "127.0.0.1")
    with urllib.request.urlopen(f"{url}/export") as answer:
        operations = [json.loads(line) for line in answer.read().splitlines()]
    source = Plc(PlcConfig(url=url), given(tmp_path, urlsplit(url).port))
    run = run_of(source)
    rows = run.on(datetime.now(UTC))
    claimed = [
        (one["did"], name.removeprefix("at://"))
        for one in operations
        for name in one["operation"].get("alsoKnownAs", ["at://"])
    ]
    assert [(row["native_id"], row["handle"] or "") for row in rows] == claimed
    assert run.position == len(operations)
    history = [row["handle"] for row in rows if row["native_id"] == network.dids["waldermond"]]
    assert history == ["waldermond.test", "waldermond-two.test"]
    assert run.on(datetime.now(UTC)) == []
    network.do("rename", did=network.dids["waldermond"], handle="waldermond-three.test")
    assert [row["handle"] for row in run.on(datetime.now(UTC))] == ["waldermond-three.test"]
