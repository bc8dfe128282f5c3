"""state.json: replaced whole or not at all, and never believed when it is torn."""

from __future__ import annotations

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.store import state_file
from core.store.state_file import InlineExecutor, StateFile, encode, previous_of, write_state

FIRST = {"candles": {"ETH/USD": 1_719_792_000_000}, "positions": []}
SECOND = {"candles": {"ETH/USD": 1_719_792_300_000}, "positions": [{"symbol": "ETH/USD", "qty": "0.5"}]}


@pytest.fixture
def mirror(tmp_path: Path) -> StateFile:
    mirror = StateFile(tmp_path, InlineExecutor())
    mirror.save(FIRST)
    mirror.save(SECOND)
    return mirror


def test_the_last_state_comes_back(mirror: StateFile, tmp_path: Path) -> None:
    assert mirror.load() == SECOND
    assert StateFile(tmp_path, InlineExecutor()).load() == SECOND


def test_nothing_there_is_no_state(tmp_path: Path) -> None:
    assert StateFile(tmp_path).load() is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{" * 200_000,
        encode(SECOND)[:-20],
        encode(SECOND).replace(b"0.5", b"5.0"),
        b'{"equity": NaN}',
        b'{"equity": Infinity}',
    ],
    ids=["empty", "null", "list", "binary", "deep", "torn", "edited", "nan", "infinity"],
)
def test_a_spoiled_file_is_passed_over_for_the_copy_before_it(
    mirror: StateFile, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "state.json").write_bytes(content)
    assert mirror.load() == FIRST
    previous_of(tmp_path / "state.json").write_bytes(content)
    assert mirror.load() is None


def test_a_huge_file_is_not_even_read(mirror: StateFile, tmp_path: Path) -> None:
    with open(tmp_path / "state.json", "wb") as file:
        file.truncate(state_file.LARGEST + 1)
    assert mirror.load() == FIRST


def test_a_cut_at_any_byte_gives_one_of_the_two_good_states_or_none(tmp_path: Path) -> None:
    path, rng = tmp_path / "state.json", random.Random(7)
    for _ in range(300):
        write_state(path, encode(FIRST))
        write_state(path, encode(SECOND))
        victim = rng.choice([path, previous_of(path)])
        body = victim.read_bytes()
        victim.write_bytes(body[: rng.randrange(len(body))])
        assert StateFile(tmp_path, InlineExecutor()).load() in (FIRST, SECOND)


def test_decimals_are_kept_as_text_and_nan_is_refused(tmp_path: Path) -> None:
    mirror = StateFile(tmp_path, InlineExecutor())
    mirror.save({"cash": Decimal("10.50")})
    mirror.save({"cash": float("nan")})
    assert mirror.load() == {"cash": "10.50"}
    assert "not written" in mirror.trouble
    mirror.save({"cash": object()})
    assert "object cannot be kept" in mirror.trouble


def test_a_disk_that_refuses_is_trouble_and_not_a_crash(tmp_path: Path) -> None:
    mirror = StateFile(tmp_path, InlineExecutor())
    (tmp_path / "state.json.tmp").mkdir()
    mirror.save(FIRST)
    assert "could not be written" in mirror.trouble
    (tmp_path / "state.json.tmp").rmdir()
    mirror.save(SECOND)
    assert (mirror.trouble, mirror.load()) == ("", SECOND)


def test_saving_never_waits_and_the_newest_state_wins(tmp_path: Path) -> None:
    gate, pool = threading.Event(), ThreadPoolExecutor(1)
    pool.submit(gate.wait)
    mirror = StateFile(tmp_path, pool)
    for number in range(50):
        mirror.save({"number": number})
    assert mirror.load() is None
    gate.set()
    mirror.close()
    assert mirror.load() == {"number": 49}
    assert not previous_of(tmp_path / "state.json").exists()


async def test_a_save_from_the_loop_blocks_nothing(tmp_path: Path) -> None:
    mirror = StateFile(tmp_path)
    state: dict[str, Any] = {"number": 1}
    mirror.save(state)
    state["number"] = 2
    await _in_thread(mirror.close)
    assert await _in_thread(mirror.load) == {"number": 1}


async def _in_thread(work: Any) -> Any:
    return await asyncio.to_thread(work)
