"""Bluesky's own servers on loopback: directory, host of accounts and search, with their real code.

Heavy, and so for whoever wants it: it needs the npm package `@atproto/dev-env` in a folder that
NAMAAK_ATPROTO_DEV names, Node, PostgreSQL and Redis. Without any of them the test is skipped and
the reason says which. Everything listens on 127.0.0.1, writes below one temporary folder and is
ended with it.
"""

from __future__ import annotations

import base64
import json
import os
import pwd
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.peers.programs import HOST, free_port, program, running

NODE_FOLDER = "NAMAAK_ATPROTO_DEV"
_HERE = Path(__file__).parent
#: Starting the network took 30 to 107 seconds on two busy cores.
_START_S = 300.0
_DEED_S = 60.0


@dataclass(slots=True, kw_only=True)
class Bluesky:
    """The servers, and what can be done to the accounts in them."""

    plc: str  #: base addresses
    pds: str
    bsky: str
    dids: dict[str, str] = field(default_factory=dict)  #: by name, as a test fills it in
    labeler: str = ""
    _process: subprocess.Popen[str]
    _lines: queue.Queue[str] = field(default_factory=queue.Queue)

    def do(self, deed: str, **what: Any) -> Any:
        """One deed of `network.mjs`; waits until it is done."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": deed, **what}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(_line(self._lines, _DEED_S))
        if "failed" in answer:
            raise AssertionError(f"{deed}: {answer['failed']}")
        return answer["done"]


@contextmanager
def bluesky(picture: bytes) -> Iterator[Bluesky]:
    """The whole network, empty. picture: PNG that stands for every avatar."""
    folder = os.environ.get(NODE_FOLDER)
    if not folder or not Path(folder, "node_modules/@atproto/dev-env").is_dir():
        pytest.skip(
            f"needs Bluesky's development network; install the npm package @atproto/dev-env and "
            f"name its folder in {NODE_FOLDER}"
        )
    node, redis = program("node"), program("redis-server")
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="bsky-") as made:
        room = Path(made)
        _give_to_user(room)
        database = stack.enter_context(_postgres(room))
        cache = stack.enter_context(_redis(redis, room))
        given = {
            "node": folder,
            "db": database,
            "picture": base64.b64encode(picture).decode(),
            **{name: free_port() for name in ("plc", "pds", "bsky")},
        }
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(room),
            "NAMAAK_PEER": json.dumps(given),
            "DB_POSTGRES_URL": database,
            "REDIS_HOST": cache,
            "LOG_ENABLED": "false",
            "NODE_NO_WARNINGS": "1",
        }
        log = room / "network.log"
        with log.open("wb") as told:
            process = subprocess.Popen(
                [node, "--require", str(_HERE / "shim.cjs"), str(_HERE / "network.mjs")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told,
                env=environ, text=True, cwd=room,
            )  # fmt: skip
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=_read, args=(process, lines))
        reader.start()
        try:
            try:
                where = json.loads(_line(lines, _START_S))
            except queue.Empty:
                pytest.fail(f"the network did not start: {log.read_text()[-3000:]}")
            yield Bluesky(**where, _process=process, _lines=lines)
        finally:
            process.kill()
            process.wait()
            reader.join()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put("")


def _line(lines: queue.Queue[str], within_s: float) -> str:
    line = lines.get(timeout=within_s)
    if not line:
        raise queue.Empty
    return line


def _user() -> pwd.struct_passwd | None:
    """As whom PostgreSQL runs: it refuses to be root's."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("needs a user `postgres` or `nobody` to run PostgreSQL as")


def _give_to_user(room: Path) -> None:
    if (user := _user()) is not None:
        os.chown(room, user.pw_uid, user.pw_gid)


@contextmanager
def _postgres(room: Path) -> Iterator[str]:
    """Address of an empty database."""
    tools = _tools()
    user = _user()
    how: dict[str, Any] = (
        {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    )
    files = room / "pg"
    subprocess.run(
        [str(tools / "initdb"), "-D", str(files), "-U", "peer", "-A", "trust", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd=room, **how,
    )  # fmt: skip
    port = free_port()
    with (room / "pg.log").open("wb") as told:
        process = subprocess.Popen(
            [str(tools / "postgres"), "-D", str(files), "-p", str(port), "-k", str(room),
             "-c", f"listen_addresses={HOST}", "-c", "fsync=off", "-c", "max_connections=200"],
            stdout=told, stderr=told, cwd=room, **how,
        )  # fmt: skip
    try:
        ready = [str(tools / "pg_isready"), "-h", HOST, "-p", str(port), "-q"]
        end = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode != 0:
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"PostgreSQL did not start: {(room / 'pg.log').read_text()[-2000:]}")
            time.sleep(0.2)
        yield f"postgresql://peer@{HOST}:{port}/postgres"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _tools() -> Path:
    """Where the programs of PostgreSQL are; the newest, where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    if (initdb := shutil.which("initdb")) is not None:
        return Path(initdb).parent
    pytest.skip("needs PostgreSQL (initdb, postgres); install it to run this test")


@contextmanager
def _redis(redis: str, room: Path) -> Iterator[str]:
    def command(port: int) -> list[str]:
        return [redis, "--bind", HOST, "--port", str(port), "--save", "", "--dir", str(room)]

    def answers(port: int) -> bool:
        try:
            with socket.create_connection((HOST, port), 0.2):
                return True
        except OSError:
            return False

    with running(command, answers, room / "redis.log") as (port, _):
        yield f"{HOST}:{port}"
