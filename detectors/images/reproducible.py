"""The same picture always gives the same numbers, on one machine.

May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2


@contextmanager
def reproducible() -> Iterator[None]:
    """Intel's kernels in OpenCV round by where an array lies in memory: off, for this thread."""
    before = cv2.ipp.useIPP()
    cv2.ipp.setUseIPP(False)
    try:
        yield
    finally:
        cv2.ipp.setUseIPP(before)
