"""mastodon-mock on loopback: a server with Mastodon's interface that remembers what it is told."""

from __future__ import annotations

import importlib.util
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.peers.programs import HOST, running

#: Accounts of its own, and one of another server that it has heard of.
_CONFIGURATION = """
[[seed.accounts]]
username = "warden"
role = "admin"
access_token = "warden-token"
[[seed.accounts]]
username = "acme"
display_name = "ACME"
note = '<p>Invented.<br>See <a href="https://acme.example/">acme.example</a></p>'
access_token = "acme-token"
[[seed.accounts]]
username = "acme_help"
display_name = "ACME Helpdesk"
bot = true
locked = true
[[seed.accounts]]
username = "jan"
display_name = "Support of acme"
[[seed.accounts]]
username = "acme"
domain = "remote.example"
display_name = "ACME elsewhere"
[[seed.follows]]
follower = "jan"
following = "acme_help"
[[seed.statuses]]
account = "acme_help"
text = "Write to us."
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fediverse:
    """A running server."""

    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def call(self, path: str, payload: Mapping[str, Any] | None = None, **given: Any) -> Any:
        """What it answers; a payload makes it a POST. given: `token`, `method`."""
        headers = {"Content-Type": "application/json"}
        if "token" in given:
            headers["Authorization"] = f"Bearer {given['token']}"
        body = None if payload is None else json.dumps(payload).encode()
        method = given.get("method") or ("GET" if body is None else "POST")
        request = urllib.request.Request(
            f"{self.url}{path}", data=body, headers=headers, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.loads(reply.read())

    def person(self, username: str, name: str, *, admin: bool = False) -> dict[str, Any]:
        """A new account with its id and token."""
        payload = {"username": username, "display_name": name, "admin": admin}
        made: dict[str, Any] = self.call("/api/v1/_mock/dev_user", payload)
        return made

    def fault(self, path: str, *, count: int | None = None, **effect: Any) -> None:
        """Have it fail at this path, so many times or for ever."""
        rule = {"match": {"path": path}, "effect": effect, "count": count}
        self.call("/api/v1/_mock/faults", rule)

    def heal(self) -> None:
        """No more faults."""
        self.call("/api/v1/_mock/faults", method="DELETE")


@contextmanager
def fediverse(folder: Path) -> Iterator[Fediverse]:
    """A server with a few invented accounts; skips where it is not installed."""
    if importlib.util.find_spec("mastodon_mock") is None:
        pytest.skip("needs the package mastodon-mock; install the extra dev to run this test")
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "server.toml"

    def command(port: int) -> list[str]:
        configuration.write_text(_CONFIGURATION)
        own = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory"]
        where = ["--config", str(configuration), "--domain", f"{HOST}:{port}"]
        return [*own, *where, "--host", HOST, "--port", str(port), "--log-level", "warning"]

    with running(command, _answers, folder / "log") as (port, _):
        yield Fediverse(port=port)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/api/v1/instance", timeout=2):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
