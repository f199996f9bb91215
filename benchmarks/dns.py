"""Questions to the DNS: how many names one CPU second asks about, and what is said of them.

    python -m benchmarks.dns [--questions 60000] [--in-flight 200] [--runs 3]

NSD serves a made-up zone on loopback; 17 of 100 names do not exist in it. What is counted is this
process, event loop and c-ares' thread together, not the server. JSON lines, one a run: `queries`
are what was sent, `questions` what was asked of us: a name that does not exist costs two, because
absence is confirmed by asking for an alias. Beside each run stands plain aiodns with the same
questions, as it comes and without any of our care: on a busy machine the ratio says more than the
figure. Every outcome is counted and compared with the zone;
a wrong one ends the benchmark. A loaded machine makes time-outs: they are counted, not hidden.
May import: benchmarks, namaak, and the servers of tests.peers.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiodns

from benchmarks.measuring import emit, measured, say
from namaak.resolving import Outcome, Resolver
from tests.peers import nsd

_SEED = 20261122
_ABSENT = 0.17
_ZONE = "bench.test"


def made_zone(names: int) -> str:
    """Hosts of one address each, in the private range."""
    return "".join(
        f"name-{number} IN A 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\n"
        for number in range(names)
    )


def questions(names: int, many: int) -> Iterator[tuple[str, str]]:
    """Each existing name at most once, so that nothing is answered from memory."""
    chosen = random.Random(_SEED)  # noqa: S311
    present = chosen.sample(range(names), names)
    for number in range(many):
        if chosen.random() < _ABSENT or not present:
            yield f"nobody-{number}.{_ZONE}", "A"
        else:
            yield f"name-{present.pop()}.{_ZONE}", "A"


def right(name: str, outcome: Outcome) -> bool:
    """Whether the zone says so, or nothing was said."""
    if outcome is Outcome.TIMEOUT:
        return True
    return outcome is (Outcome.ABSENT if name.startswith("nobody-") else Outcome.ANSWERED)


async def ask_all(address: str, names: int, many: int, in_flight: int) -> dict[str, object]:
    """Asks everything once. Raises AssertionError for an answer that the zone does not give."""
    outcomes: Counter[str] = Counter()
    asked = list(questions(names, many))
    async with Resolver(servers=[address], in_flight=in_flight) as resolver:
        with measured() as spent:
            async for answer in resolver.ask_many(asked):
                assert right(answer.name, answer.outcome), f"{answer.name}: {answer.outcome}"
                outcomes[answer.outcome] += 1
        queries = resolver.tries_by_outcome.total()
        timeouts = resolver.tries_by_outcome[Outcome.TIMEOUT]
    return {
        "bench": "dns", "questions": many, "queries": queries, "in_flight": in_flight,
        "queries_per_cpu_s": spent.per_cpu_s(queries),
        "questions_per_cpu_s": spent.per_cpu_s(many),
        "queries_per_s": round(queries / spent.wall_s), "outcomes": dict(sorted(outcomes.items())),
        "timeouts_of_tries": timeouts, **spent.columns(),
    }  # fmt: skip


async def ask_plainly(address: str, names: int, many: int, in_flight: int) -> dict[str, object]:
    """The same by aiodns alone: nothing is confirmed, asked again or read."""
    asked = iter(list(questions(names, many)))
    async with aiodns.DNSResolver([address], timeout=3, tries=3) as resolver:

        async def work() -> None:
            for name, type_ in asked:
                with suppress(aiodns.error.DNSError):
                    await resolver.query_dns(name, type_)

        with measured() as spent:
            await asyncio.gather(*(work() for _ in range(in_flight)))
    return {"bench": "dns", "queries": many, "queries_per_cpu_s": spent.per_cpu_s(many),
            **spent.columns()}  # fmt: skip


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, default=60_000, help="names to ask about")
    parser.add_argument("--in-flight", type=int, default=200, help="questions at the same time")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    if shutil.which("nsd") is None and not Path("/usr/sbin/nsd").exists():
        say("This benchmark needs nsd, which is not installed.")
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="namaak-dns-") as folder,
        nsd(
            {_ZONE: made_zone(given.questions)}, Path(folder), extra="minimal-responses: yes"
        ) as served,
    ):
        for run in range(given.runs):
            found = asyncio.run(
                ask_all(served.address, given.questions, given.questions, given.in_flight)
            )
            emit("dns", {"run": run, **found})
            plain = asyncio.run(
                ask_plainly(served.address, given.questions, given.questions, given.in_flight)
            )
            emit("dns-aiodns-alone", {"run": run, **plain})
    return 0


if __name__ == "__main__":
    sys.exit(main())
