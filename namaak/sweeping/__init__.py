"""Sweeps around a domain: names like it are made, asked about, looked at and ranked, in one go.

`target` says whose lookalikes are wanted, `asking` finds out, `memory` knows what was there last
time, `ranked` makes rows of it. Nothing here reads a clock, the environment or a setting.
"""

from namaak.sweeping.asking import Progress, Sighting, Stage, Standing, Sweep
from namaak.sweeping.memory import Memory, News, default_path
from namaak.sweeping.ranked import Row, ranked_rows
from namaak.sweeping.target import Target, find_target

__all__ = [
    "Memory",
    "News",
    "Progress",
    "Row",
    "Sighting",
    "Stage",
    "Standing",
    "Sweep",
    "Target",
    "default_path",
    "find_target",
    "ranked_rows",
]
