"""What a run may ask of the network in all, whoever asks: requests and bytes, then it ends.

May import: nothing of ours.
"""

from __future__ import annotations

import threading


class Budget:
    """Shared by all fetchers of a run, across threads. Retries and redirects count as requests."""

    def __init__(self, *, requests: int | None = None, received_bytes: int | None = None) -> None:
        """None: no bound. received_bytes: of bodies, as they come over the network."""
        self._bounds = (requests, received_bytes)
        self._spent = [0, 0]
        self._lock = threading.Lock()

    @property
    def spent(self) -> tuple[int, int]:
        """Requests and bytes until now."""
        with self._lock:
            return self._spent[0], self._spent[1]

    def request(self) -> str | None:
        """Spend one request. Gives the reason why not, where the budget is spent."""
        requests, received = self._bounds
        with self._lock:
            if requests is not None and self._spent[0] >= requests:
                return f"the {requests} requests of this run are spent"
            if received is not None and self._spent[1] >= received:
                return f"the {received} bytes of this run are spent"
            self._spent[0] += 1
            return None

    def received(self, size: int) -> str | None:
        """Spend bytes that came. Gives the reason to stop, where they are more than is left."""
        received = self._bounds[1]
        with self._lock:
            self._spent[1] += size
            if received is not None and self._spent[1] > received:
                return f"the {received} bytes of this run are spent"
            return None
