"""/metrics for Prometheus, on a registry of its own."""

from __future__ import annotations

from typing import SupportsFloat

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from core.model.views import StatusView


class WebMetrics:
    """Counts requests as they pass; the trader's figures are read off a status at the moment of asking."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "zyn_web_requests", "HTTP requests answered", ["method", "status"], registry=self._registry
        )
        self._counted: dict[tuple[str, int], Counter] = {}
        self._gauges = {
            name: Gauge(f"zyn_{name}", text, registry=self._registry) for name, text in _FIGURES.items()
        }

    def count(self, method: str, status: int) -> None:
        known = method if method in _METHODS else "OTHER"
        counter = self._counted.get((known, status))
        if counter is None:
            counter = self._counted[known, status] = self._requests.labels(known, str(status))
        counter.inc()

    def render(self, view: StatusView | None, sockets: int) -> bytes:
        """The text exposition format; without a view only what the pages themselves know."""
        self._gauges["web_sockets"].set(sockets)
        self._gauges["up"].set(1)
        if view is not None:
            self._read(view)
        return generate_latest(self._registry)

    def _read(self, view: StatusView) -> None:
        figures: dict[str, SupportsFloat] = {
            "trading": view.trading,
            "equity": view.equity,
            "cash": view.cash,
            "pnl_today": view.pnl_today,
            "loss_budget_left": view.loss_budget_left,
            "open_positions": view.open_positions,
            "trades_today": view.trades_today,
            "unhealthy": sum(1 for one in view.health if not one.ok),
            "last_candle_seconds": (view.last_candle_ms or 0) / 1000,
            "status_age_seconds": max(0, view.market_ms - view.stamp.as_of_ms) / 1000,
        }
        for name, value in figures.items():
            self._gauges[name].set(float(value))


_METHODS = frozenset({"GET", "HEAD", "POST"})
_FIGURES = {
    "up": "1 while the process answers",
    "web_sockets": "live browsers connected",
    "trading": "1 when entries may happen",
    "equity": "equity in the base currency",
    "cash": "free quote money",
    "pnl_today": "profit and loss since the owner's midnight",
    "loss_budget_left": "money that may still be lost today",
    "open_positions": "positions open",
    "trades_today": "executions since the owner's midnight",
    "unhealthy": "watched things that are not well",
    "last_candle_seconds": "open time of the last judged candle",
    "status_age_seconds": "age of the status on market time",
}
