"""One made-up log behind a real web server, the source that reads it, and the lake it goes to."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from namaak.fetch import Allowed, Fetcher, Manners, Rate
from namaak.gathering import Gathered, gather_instance
from namaak.lake import Lake
from namaak.sources.base import Batch
from namaak.sources.ct import CertificateLogs, LogInstance
from tests.ct_entries import FIRST_TIME, Entry
from tests.ct_log import CtLog, log_list, nginx_locations
from tests.peers import nginx
from tests.peers.web import WebServed
from tests.surroundings import CONTACT, around

#: The writer stamps heads a second an entry from FIRST_TIME on; logs here have up to 3,000.
NOW = FIRST_TIME + timedelta(minutes=55)
Row = tuple[int, str]
_MARKS = itertools.count()


class OneLog:
    """What a test reads, and how."""

    def __init__(self, folder: Path, log: CtLog, served: WebServed, **listed: Any) -> None:
        """listed: keys that stand otherwise in its entry of the log list."""
        self.folder = folder
        self.log = log
        self.served = served
        self.lake = folder / "lake"
        self.now = NOW
        entry = log.list_entry(f"{served.url}/", tiled=listed.pop("tiled", None)) | listed
        (folder / "logs.json").write_bytes(log_list(entry))
        self._asked = 0

    def source(self, *, manners: Manners | None = None, **table: Any) -> CertificateLogs:
        """table: `[sources.ct]` beside the list of logs."""
        quick = Manners(default=Rate(per_second=10_000, burst=10_000))

        async def no_time(_seconds: float) -> None:
            await asyncio.sleep(0)

        fetcher = partial(
            Fetcher,
            contact=CONTACT,
            manners=manners or quick,
            allow=[Allowed("127.0.0.0/8", self.served.port)],
            **({} if manners else {"sleep": no_time}),
        )
        table = {"log_list": "logs.json", "start": "beginning", "tiles_per_batch": 2} | table
        given = around(self.folder, fetcher=fetcher, now=self.now)
        return CertificateLogs(CertificateLogs.Config.model_validate(table), given)

    def instance(self, source: CertificateLogs) -> LogInstance:
        (instance,) = source.instances()
        return instance

    def gather(self, **table: Any) -> Gathered:
        """One run, into the lake."""
        source = self.source(**table)
        return gather_instance(source, self.instance(source), self.lake, now=lambda: self.now)

    def batches(
        self, start: int = 0, state: str | None = None, now: datetime | None = None, **table: Any
    ) -> list[Batch]:
        """One run, into nothing."""
        source = self.source(**table)
        found = source.batches(
            self.instance(source), start, observed_at=now or self.now, state=state
        )
        return list(found)

    def asked(self) -> list[str]:
        """Paths that were asked for since this was called last."""
        # The server logs a request after it was answered, one after the other: when the line of
        # this one is there, those of all before it are.
        mark = f"/mark-{next(_MARKS)}"
        try:
            urllib.request.urlopen(self.served.url + mark).close()
        except urllib.error.HTTPError as refused:
            refused.close()
        while mark not in (paths := [one.path for one in self.served.requests()]):
            time.sleep(0.005)
        fresh, self._asked = paths[self._asked : -1], len(paths)
        return fresh

    def table(self) -> pa.Table:
        """Everything that counts in the lake, in the order of positions."""
        with Lake(self.lake) as lake:
            files = lake.observation_files()
        return pa.concat_tables([pq.read_table(file, partitioning=None) for file in files]).sort_by(
            [("position", "ascending")]
        )

    def rows(self) -> list[Row]:
        """(position, host) of each."""
        found = self.table()
        return list(zip(found["position"].to_pylist(), found["host"].to_pylist(), strict=True))

    def position(self) -> int:
        with Lake(self.lake) as lake:
            return lake.cursor("ct", self.log.log_id.hex()).next_position

    def heads(self) -> list[tuple[int, str]]:
        """(size, verdict) of the heads that the lake keeps, latest first."""
        with Lake(self.lake) as lake:
            kept = lake.signed_heads("ct", self.log.log_id.hex())
        return [(head["size"], head["verdict"]) for head in kept]

    def gaps(self) -> list[tuple[int, int]]:
        with Lake(self.lake) as lake:
            gaps = lake.coverage().gaps
        return list(
            zip(gaps["start_position"].to_pylist(), gaps["end_position"].to_pylist(), strict=True)
        )


def rows_of(entries: list[Entry], first: int = 0) -> list[Row]:
    """(position, host) that these entries must give, `*.` taken off, each host once an entry."""
    rows = []
    for position, entry in enumerate(entries, first):
        hosts = [name.decode().removeprefix("*.") for name in entry.names]
        rows += [(position, host) for host in dict.fromkeys(hosts)]
    return rows


@contextlib.contextmanager
def serving(
    folder: Path, *, locations: str = "", http: str = "", listed: dict[str, Any] | None = None,
    **how: Any,
) -> Iterator[OneLog]:  # fmt: skip
    """An empty log behind nginx. how: as `CtLog` takes it. listed: as `OneLog` takes it."""
    served_folder = folder / "log"
    served_folder.mkdir()
    log = CtLog(served_folder, **how)
    if log.rfc6962:
        locations += nginx_locations()
    with nginx(served_folder, locations=locations, http=http) as served:
        yield OneLog(folder, log, served, **(listed or {}))
