"""The real process in front of an exchange that is not there."""

import time
from pathlib import Path

from tests.support.process import ZynProcess

NOWHERE = "http://127.0.0.1:9"


async def test_paper_waits_for_a_dead_kraken_says_so_and_still_stops_at_once(tmp_path: Path) -> None:
    zyn = ZynProcess(tmp_path, {"ZYN_MODE": "paper", "KRAKEN_API_BASE_URL": NOWHERE})
    line = await zyn.start(until="Kraken does not answer")
    assert NOWHERE in line and "Check KRAKEN_API_BASE_URL" in line
    began = time.monotonic()
    await zyn.stop()
    assert time.monotonic() - began < 5
    assert not any("Traceback" in one for one in zyn.lines)
