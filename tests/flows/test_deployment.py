"""prefect.yaml: what it declares, and a scheduled run through a real server and worker.

The server, the pool, the deployments and the worker are made by the commands that the README
gives, on a loopback port. Only the hour is changed: a second schedule is due in some seconds.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from namaak.casework.reading import find_cases, open_snapshot

ROOT = Path(__file__).resolve().parents[2]
PREFECT = [sys.executable, "-m", "prefect"]
PATIENCE_S = 200


@dataclass(frozen=True)
class Loopback:
    """A server of our own: how to reach it and what its processes get as environment."""

    api: str
    environment: dict[str, str]
    folder: Path

    def ask(self, path: str, body: Any = None) -> Any:
        """GET, or POST with a body. Raises OSError while nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.api + path, data=data, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def told(self) -> str:
        """The ends of all logs, for whoever reads a failure."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in logs)

    def command(self, *arguments: str) -> None:
        """Run a command of Prefect to its end."""
        done = subprocess.run(
            [*PREFECT, *arguments], cwd=ROOT, env=self.environment, check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE_S,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    @contextmanager
    def running(self, *arguments: str) -> Iterator[None]:
        """Keep a command of Prefect running; it and all that it started end with the block."""
        with (self.folder / f"{arguments[0]}.log").open("wb") as log:
            started = subprocess.Popen(
                [*PREFECT, *arguments], cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            try:
                yield
            finally:
                os.killpg(started.pid, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    started.wait(timeout=15)
                with suppress(ProcessLookupError):
                    os.killpg(started.pid, signal.SIGKILL)
                started.wait()

    def wait_for(self, what: str, found: Callable[[], Any]) -> Any:
        """The first true answer of `found`."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(OSError):
                if answer := found():
                    return answer
            time.sleep(0.5)
        raise AssertionError(f"{what} within {PATIENCE_S} s\n{self.told()}")


@pytest.fixture
def loopback(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    ours = ("PREFECT_", "NAMAAK_", "PYTHONDONTWRITEBYTECODE")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    environment |= {
        "PREFECT_HOME": str(tmp_path / "home"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # The watch file of prefect.yaml is the one in examples/; what is made of it lies here.
        "NAMAAK_DATA": str(tmp_path / "data"),
    }
    server = Loopback(environment["PREFECT_API_URL"], environment, tmp_path)
    with server.running("server", "start", "--host", "127.0.0.1", "--port", str(port)):
        server.wait_for("a server that answers", lambda: server.ask("/health"))
        yield server


@pytest.fixture(scope="module")
def declared():
    return yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))


@pytest.mark.prefect
@pytest.mark.timeout(3 * PATIENCE_S)
def test_a_scheduled_run_publishes_the_casebook(loopback, tmp_path, declared):
    casebook = tmp_path / "data" / "casebook.duckdb"
    loopback.command("work-pool", "create", declared["definitions"]["work_pool"]["name"],
                     "--type", "process")  # fmt: skip
    loopback.command("deploy", "--all")
    deployment = loopback.ask("/deployments/name/run/daily")
    with loopback.running("worker", "start", "--pool", "namaak"):
        due = datetime.now(UTC) + timedelta(seconds=8)
        # Every minute: a busy server may plan the first only when its moment is over.
        soon = {"interval": 60, "anchor_date": due.isoformat(), "timezone": "UTC"}
        loopback.ask(
            f"/deployments/{deployment['id']}/schedules", [{"active": True, "schedule": soon}]
        )
        loopback.wait_for("a published casebook", casebook.exists)
        runs = {
            "deployments": {"id": {"any_": [deployment["id"]]}},
            "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
        }
        run, *_ = loopback.wait_for(
            "a completed run", lambda: loopback.ask("/flow_runs/filter", runs)
        )
        # What the run told stands in the server's log, to which it is sent with a delay.
        of_the_run = {"logs": {"flow_run_id": {"any_": [run["id"]]}}}
        loopback.wait_for(
            "what the run told",
            lambda: any(
                log["name"] == "namaak" and "cases opened" in log["message"]
                for log in loopback.ask("/logs/filter", of_the_run)
            ),
        )
    assert run["auto_scheduled"] is True
    with open_snapshot(casebook) as snapshot:
        assert find_cases(snapshot, band="critical")
    _kept_what_was_declared(loopback, declared)


def _kept_what_was_declared(loopback: Loopback, declared: dict[str, Any]) -> None:
    for one in declared["deployments"]:
        flow = one["entrypoint"].rpartition(":")[2]
        stored = loopback.ask(f"/deployments/name/{flow}/{one['name']}")
        assert stored["description"] == one["description"]
        assert stored["parameters"] == one["parameters"]
        limit = one["concurrency_limit"]
        assert stored["global_concurrency_limit"]["limit"] == limit["limit"]
        assert stored["concurrency_options"]["collision_strategy"] == limit["collision_strategy"]
        crons = {kept["schedule"].get("cron") for kept in stored["schedules"]}
        assert crons >= {schedule["cron"] for schedule in one.get("schedules", ())}
    (automation,) = loopback.ask("/automations/filter", {})
    detect = loopback.ask("/deployments/name/detect/after-gathering")
    assert automation["enabled"] is True
    assert automation["actions"][0]["deployment_id"] == detect["id"]


def test_what_starts_detecting_is_the_deployment_that_gathers(declared):
    deployments = {one["name"]: one for one in declared["deployments"]}
    (trigger,) = deployments["after-gathering"]["triggers"]
    related = trigger["match_related"]
    assert related["prefect.resource.role"] == "deployment"
    assert deployments[related["prefect.resource.name"]]["entrypoint"] == "flows/gather.py:gather"


def test_every_entrypoint_and_watch_file_lies_in_the_project(declared):
    for one in declared["deployments"]:
        path, _, flow = one["entrypoint"].partition(":")
        assert re.search(rf"^def {flow}\(", (ROOT / path).read_text(), re.MULTILINE)
        assert (ROOT / one["parameters"]["watch"]).is_file()


def test_no_two_runs_write_the_casebook_at_once(declared):
    limits = {one["name"]: one["concurrency_limit"] for one in declared["deployments"]}
    assert limits["daily"] == {"limit": 1, "collision_strategy": "ENQUEUE"}
    assert limits["every-six-hours"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    for one in declared["deployments"]:
        assert all(schedule["timezone"] == "UTC" for schedule in one.get("schedules", ()))
