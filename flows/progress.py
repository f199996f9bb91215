"""What a running flow tells: lines on stderr for the person waiting, and Prefect's own log.

May import: namaak.visible.
"""

from __future__ import annotations

import logging
import sys

from namaak.visible import visible

#: Prefect sends it to its log too when PREFECT_LOGGING_EXTRA_LOGGERS names it.
LOGGER = logging.getLogger("namaak")
# Else the root logger's level decides, and Prefect's log would have warnings only.
LOGGER.setLevel(logging.INFO)


def to_stderr() -> None:
    """Send progress to stderr as plain lines: for a run that a person started."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    LOGGER.handlers = [handler]
    LOGGER.propagate = False


def tell(stage: str, message: str) -> None:
    """One line: which stage, and what it did; what strangers wrote in it moves no cursor."""
    LOGGER.info("%-7s %s", stage, visible(message))
