"""A process that reads strangers' bytes can do nothing else, and is believed in nothing else."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from namaak.enriching import reading
from namaak.enriching.confined import Confined, ask
from namaak.enriching.reading import read_confined

CONFINED = (
    "import os, socket, subprocess; "
    "from namaak.enriching.confinement import confine, read_all; "
    "confine(memory=50_000_000, processor_s=1)\n"
)


def answered(code: str, *, question: bytes = b"", deadline_s: float = 10, max_answer: int = 1000):
    return asyncio.run(
        ask(
            CONFINED + code, question, packages=[], deadline_s=deadline_s, max_answer=max_answer
        )
    )  # fmt: skip


def test_it_answers_what_it_was_asked():
    assert answered("os.write(1, read_all(0, 3))", question=b"abcdef") == b"abc"


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/hostname')",
        "open('/dev/null', 'w')",
        "socket.socket()",
        "subprocess.run(['true'])",
        "bytearray(400_000_000)",
        "os.listdir('.')",
    ],
)
def test_it_can_neither_open_nor_start_nor_take_anything(deed):
    told = answered(f"try:\n  {deed}\nexcept (OSError, MemoryError): os.write(1, b'refused')")
    assert told == b"refused"


def test_one_that_never_ends_is_ended():
    begun = time.monotonic()
    with pytest.raises(Confined, match="took longer"):
        answered("import time; time.sleep(60)", deadline_s=0.5)
    assert time.monotonic() - begun < 10


def test_one_that_computes_for_ever_is_ended_by_its_own_limit():
    with pytest.raises(Confined, match="processor time"):
        answered("while True: pass")


def test_one_that_answers_without_end_is_not_listened_to():
    with pytest.raises(Confined, match="too much"):
        answered("\nwhile True: os.write(1, b'x' * 4096)")


def test_one_that_crashes_is_said_to():
    with pytest.raises(Confined, match="crashed"):
        answered("os.abort()")


def test_one_that_does_not_read_costs_only_its_answer():
    assert answered("os.write(1, b'ok')", question=b"x" * 5_000_000) == b"ok"


def page(body: bytes = b"<title>Acme</title>", **further):
    return asyncio.run(
        read_confined(
            body, url="https://a.test/", content_type="text/html", terms=["acme"], **further
        )
    )


def test_a_page_is_read_behind_the_wall_as_before_it():
    found = page(b"<title>Acme</title><p>acme <a href=https://b\xc3\xbccher.test>x</a>")
    assert (found.title, found.mentions) == ("Acme", {"acme": 1})
    assert found.links == {"xn--bcher-kva.test": 1}


@pytest.mark.parametrize("charset", ["shift_jis", "gb18030", "koi8-r"])
def test_encodings_are_at_hand_behind_the_wall(charset):
    """Python loads them at first use, and behind the wall no file can be opened."""
    body = "<title>\u0410</title>".encode(charset)
    found = asyncio.run(
        read_confined(
            body, url="https://a.test/", content_type=f"text/html; charset={charset}", terms=[]
        )
    )
    assert found.title == "\u0410"


@pytest.mark.parametrize(
    ("key", "lie"),
    [
        ("title", "x" * 501),
        ("title", 7),
        ("mentions", {"other": 1}),
        ("html_tlsh", "T1zz"),
        ("forms", [{"action": "x"}]),
        ("links", {"h.test": -1}),
        ("surplus", 1),
        ("refresh", {"after_s": -1, "url": "x"}),
    ],
)
def test_a_reader_that_was_taken_over_is_not_believed(monkeypatch, key, lie):
    truth = page().model_dump()
    lies = json.dumps({**truth, key: lie})
    monkeypatch.setattr(reading, "_START", f"import os; os.write(1, {lies.encode()!r})")
    with pytest.raises(Confined, match="nonsense"):
        page()


def test_a_page_nested_without_end_costs_its_time_and_nothing_more():
    with pytest.raises(Confined):
        page(b"<div>" * 400_000, deadline_s=2)


def test_the_child_imports_little_so_that_it_starts_fast():
    told = asyncio.run(
        ask(
            "import sys, os; import namaak.enriching.page_child; "
            "os.write(1, repr({'asyncio', 'pydantic', 'pyarrow'} & set(sys.modules)).encode())",
            b"",
            packages=[reading.Path(reading.selectolax.__file__).parents[1]],
            deadline_s=20,
            max_answer=1000,
        )
    )
    assert told == b"set()"
