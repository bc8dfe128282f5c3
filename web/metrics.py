"""/metrics for Prometheus, on a registry of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsFloat

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from core.model.views import Health, StatusView


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

        self._readings = {
            name: Gauge(f"zyn_{name}", text, ["of"] if name in _BY_NAME else (), registry=self._registry)
            for name, text in _READINGS.items()
        }

    def count(self, method: str, status: int) -> None:
        known = method if method in _METHODS else "OTHER"
        counter = self._counted.get((known, status))
        if counter is None:
            counter = self._counted[known, status] = self._requests.labels(known, str(status))
        counter.inc()

    def render(self, view: StatusView | None, gauges: Iterable[Health], sockets: int) -> bytes:
        """The text exposition format; without a view only what the pages and the gauges know."""
        self._gauges["web_sockets"].set(sockets)
        self._gauges["up"].set(1)
        if view is not None:
            self._read(view)
        self._measure(gauges)
        return generate_latest(self._registry)

    def _measure(self, gauges: Iterable[Health]) -> None:
        for name in _BY_NAME:
            self._readings[name].clear()  # what is not measured any more is not shown with its last value
        for one in (gauge.reading for gauge in gauges):
            if one is not None:
                gauge = self._readings[one.metric]
                (gauge.labels(one.of) if one.of else gauge).set(one.value)

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
_BY_NAME = frozenset({"socket_up", "exchange_answer_seconds", "request_budget_points"})
_READINGS = {
    "candle_age_seconds": "market seconds since the last judged candle closed",
    "account_age_seconds": "market seconds since the account was settled with the exchange",
    "socket_up": "1 while a WebSocket to the exchange stands",
    "exchange_answer_seconds": "the middle of the exchange's newest answers, lane by lane",
    "request_budget_points": "points of a request budget that may be spent now",
    "lag_seconds": "how late the loop was at the last look",
    "database_bytes": "size of the database on disk",
    "model_cost_usd": "what the language model cost today",
}
