"""The one door through which strangers' pictures are decoded: processes with limits.

A picture that crashes its decoder, hangs it or makes it answer nonsense costs that picture and a
new process, never this one; the refusal says which of these it was. There is no way back to
decoding in this process. For systems with POSIX limits (Linux, macOS, BSD).
May import: detectors.images, namaak.decoding.wire, namaak.errors.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
import PIL

from detectors.images.decoding import MAX_BYTES
from detectors.images.picture import Picture, Undecodable
from namaak.decoding import wire
from namaak.errors import NamaakError

#: Seconds on the clock for one picture.
DEADLINE_S = 10.0
#: Pictures after which a process is replaced: one that a picture took over lies for no longer.
PICTURES_PER_PROCESS = 250

_START_S = 60.0
_PATIENCE_S = 2.0  # for a process to end by itself
_PACKAGES = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path[:0] = sys.argv[1:]; from namaak.decoding.child import serve; serve()"
_OUT_OF_MEMORY = "needed more memory than allowed"

Key = TypeVar("Key")


class Decoders:
    """A few decoding processes, started when first needed; safe to use from several threads.

    A context manager: its processes end with it. In a forked copy of this process new ones are
    started, since two cannot share a pipe.
    """

    def __init__(self, count: int | None = None, *, deadline_s: float = DEADLINE_S) -> None:
        """count: processes at once; by default two, or one where there is one processor."""
        self._count = count or min(2, os.cpu_count() or 1)
        self._deadline_s = deadline_s
        self._reset()

    def _reset(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(self._count)
        self._idle: list[_Process] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends all processes; waits for none that is decoding longer than a moment."""
        self._after_a_fork()
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def decode(self, data: bytes) -> Picture | Undecodable:
        """data: the original bytes of one file.

        NamaakError where no process can be started: that says nothing about the picture.
        """
        if len(data) > MAX_BYTES:
            return Undecodable(f"larger than {MAX_BYTES // 1_000_000} MB")
        self._after_a_fork()
        with self._slots:
            process = self._take()
            first_use = process.served == 0
            try:
                return self._ask(process, data)
            except _Failed as failed:
                if first_use or failed.reason == self._too_long():
                    return Undecodable(failed.reason)
            # An earlier picture may have done the harm; a fresh process tells.
            try:
                return self._ask(_Process(), data)
            except _Failed as failed:
                return Undecodable(failed.reason)

    def decode_many(
        self, pictures: Iterable[tuple[Key, bytes]]
    ) -> Iterator[tuple[Key, Picture | Undecodable]]:
        """In the order given, a few ahead of whoever consumes it; pictures is read as needed."""
        waiting: deque[tuple[Key, Future[Picture | Undecodable]]] = deque()
        pool = ThreadPoolExecutor(self._count, thread_name_prefix="decoding")
        try:
            for key, data in pictures:
                waiting.append((key, pool.submit(self.decode, data)))
                if len(waiting) > 2 * self._count:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _ask(self, process: _Process, data: bytes) -> Picture | Undecodable:
        try:
            answer = process.ask(data, self._deadline_s)
        except TimeoutError:
            process.kill()
            raise _Failed(self._too_long()) from None
        except wire.Nonsense:
            process.kill()
            raise _Failed("its decoder answered nonsense") from None
        except (OSError, EOFError):
            raise _Failed(self._why_ended(process.kill())) from None
        except BaseException:
            # Interrupted in the middle of an answer: the next would get the rest of it.
            process.kill()
            raise
        self._give_back(process, answer)
        return answer

    def _too_long(self) -> str:
        return f"took longer than {self._deadline_s:g} s"

    def _why_ended(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return self._too_long()
        # Linux ends a process so when the machine's memory is at its end.
        return _OUT_OF_MEMORY if code == -signal.SIGKILL else "its decoder crashed"

    def _take(self) -> _Process:
        with self._lock:
            if self._closed:
                raise ValueError("These decoders are closed: make new ones.")
            while self._idle:
                process = self._idle.pop()
                if process.is_alive():
                    return process
                process.kill()
        return _Process()

    def _give_back(self, process: _Process, answer: Picture | Undecodable) -> None:
        # After a lack of memory what is left may be in pieces.
        spent = isinstance(answer, Undecodable) and answer.reason == _OUT_OF_MEMORY
        with self._lock:
            if not (self._closed or spent or process.served >= PICTURES_PER_PROCESS):
                self._idle.append(process)
                return
        process.end()

    def _after_a_fork(self) -> None:
        if self._owner == os.getpid():
            return
        for process in self._idle:
            process.forget()
        self._reset()


class _Failed(Exception):
    """A process that gave no answer; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Process:
    """One child and its two pipes."""

    def __init__(self) -> None:
        self.served = 0
        paths = dict.fromkeys(
            str(path)
            for path in (
                _PACKAGES,
                Path(PIL.__file__).resolve().parents[1],
                Path(np.__file__).resolve().parents[1],
            )
        )
        try:
            self._child = subprocess.Popen(  # noqa: S603 - ourselves, with fixed arguments
                [sys.executable, "-I", "-S", "-c", _START, *paths],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                close_fds=True,
                # One thread: the limits forbid more, and numpy would ask for as many as there
                # are processors.
                env={"OPENBLAS_NUM_THREADS": "1"},
                # Ctrl-C at a terminal is for this process, which ends the child in its own time.
                start_new_session=True,
            )
        except OSError as error:
            raise NamaakError(
                f"No process for decoding pictures can be started ({error}); "
                "free memory or processes and try again."
            ) from error
        assert self._child.stdin and self._child.stdout and self._child.stderr
        self._to, self._from = self._child.stdin.fileno(), self._child.stdout.fileno()
        try:
            os.set_blocking(self._to, False)
            os.set_blocking(self._from, False)
            greeting = self._read(len(wire.READY), time.monotonic() + _START_S)
        except (OSError, EOFError):
            greeting = bytearray()
        except BaseException:
            self.kill()
            raise
        if greeting != wire.READY:
            self._child.kill()
            said = self._child.stderr.read().decode(errors="replace").strip().splitlines()
            self.kill()
            raise NamaakError(
                "The process for decoding pictures does not start "
                f"({said[-1] if said else 'it says nothing'}); check the installation, and that "
                "limits on memory and processes leave room."
            )
        self._child.stderr.close()

    def ask(self, data: bytes, deadline_s: float) -> Picture | Undecodable:
        """TimeoutError, EOFError, OSError, wire.Nonsense; in each case it is to be killed."""
        until = time.monotonic() + deadline_s
        self.served += 1
        self._write(wire.REQUEST.pack(len(data)), until)
        self._write(data, until)
        head, arrays = wire.lengths(self._read(wire.ANSWER.size, until))
        return wire.unpack(bytes(self._read(head, until)), self._read(arrays, until))

    def is_alive(self) -> bool:
        return self._child.poll() is None

    def end(self) -> None:
        """Closes the pipe of requests, at which a sound process ends."""
        assert self._child.stdin
        self._child.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_PATIENCE_S)
        self.kill()

    def kill(self) -> int:
        """Ends it at once and returns its exit status, negative for a signal."""
        # One that died by itself keeps its own status; a moment, since the pipe closes first.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(0.1)
        self._child.kill()
        code = self._child.wait()
        self._close_pipes()
        return code

    def forget(self) -> None:
        """In a forked copy: lets go of another process's child."""
        self._close_pipes()
        self._child.returncode = 0

    def _close_pipes(self) -> None:
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()

    def _write(self, data: bytes, until: float) -> None:
        rest = memoryview(data)
        while rest:
            self._await(self._to, select.POLLOUT, until)
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(self._to, rest) :]

    def _read(self, length: int, until: float) -> bytearray:
        data = bytearray(length)
        rest = memoryview(data)
        while rest:
            self._await(self._from, select.POLLIN, until)
            with contextlib.suppress(BlockingIOError):
                count = os.readv(self._from, [rest])
                if not count:
                    raise EOFError
                rest = rest[count:]
        return data

    def _await(self, descriptor: int, event: int, until: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError
