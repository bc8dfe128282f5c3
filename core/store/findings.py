"""What the last walk-forward found, read from where it left it: another process made it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from loguru import logger

from core.model.tuning import FILE_NAME, TuningEvidence, from_json
from core.trading_config import Mode


class Findings:
    """The file that each `zyn walkforward` replaces."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def last(self) -> TuningEvidence | None:
        """None while there is none that can be read."""
        try:
            return from_json(await asyncio.to_thread(self._path.read_text, "utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("{} cannot be read: {}", self._path, error)
            return None


def findings_in(data_dir: Path) -> Findings:
    """Those of the walk-forwards that use this data folder."""
    return Findings(data_dir / Mode.BACKTEST.value / FILE_NAME)
