"""Small values that outlive a restart, such as the owner's lists."""

from __future__ import annotations

from typing import Protocol


class Values(Protocol):
    """Durable before `set_value` returns."""

    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


class ForOneRun:
    """Values of a world that is never resumed."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def get_value(self, key: str) -> str | None:
        return self._kept.get(key)

    async def set_value(self, key: str, value: str) -> None:
        self._kept[key] = value
