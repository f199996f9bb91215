"""Starting a program on a free loopback port, waiting until it answers, ending it.

A free port can be lost between finding and using it, so a program that dies at its start is
tried again on another one.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

HOST = "127.0.0.1"
#: Debian keeps daemons here, and an ordinary user has it on no PATH.
_DAEMONS = "/usr/sbin:/usr/local/sbin:/sbin"
_START_S = 20.0
_TRIES = 4


def program(name: str) -> str:
    """Path of a program; skips the test, naming it, where it is absent."""
    found = shutil.which(name) or shutil.which(name, path=_DAEMONS)
    if found is None:
        pytest.skip(f"needs the program {name}; install it to run this test")
    return found


def free_port() -> int:
    """A port that is free now for both TCP and UDP on 127.0.0.1."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
        ):
            stream.bind((HOST, 0))
            port: int = stream.getsockname()[1]
            try:
                datagram.bind((HOST, port))
            except OSError:
                continue
            return port


@contextmanager
def running(
    command: Callable[[int], Sequence[str]], answers: Callable[[int], bool], log: Path
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A program in the foreground on a free port. Gives the port and its process.

    command: makes the configuration for a port and says what to run. answers: whether it serves.
    """
    for left in range(_TRIES - 1, -1, -1):
        port = free_port()
        with log.open("ab") as output:
            process = subprocess.Popen(
                command(port), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        try:
            if _served(process, port, answers):
                yield port, process
                return
        finally:
            _end(process)
        if not left:
            told = log.read_text(errors="replace")[-2000:]
            pytest.fail(f"{process.args!r} did not start: {told}")


def _served(process: subprocess.Popen[bytes], port: int, answers: Callable[[int], bool]) -> bool:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        if answers(port):
            # Somebody else's program may be the one that answers, when ours lost the port.
            time.sleep(0.02)
            return process.poll() is None
        time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
