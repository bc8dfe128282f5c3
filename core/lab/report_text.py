"""A backtest's result in words and one table, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.lab.report import Result
from core.model.time_context import iso


def as_text(results: Sequence[Result]) -> str:
    """The run at each of the fee rates side by side; the first is the configured one."""
    first = results[0]
    currency = first.histories[0].pair.quote
    lines = [
        f"{', '.join(first.symbols)} on {first.histories[0].timeframe} candles, {iso(first.start_ms)} to "
        f"{iso(first.end_ms)}",
        f"{first.outcome.candles:,} candles read, {first.outcome.filled:,} missing ones filled, in "
        f"{_seconds(first.seconds)} by the {first.engine} engine",
        "",
        *_table([_column(one, currency) for one in results]),
        "",
        f"Buy and hold over the same time, without fees: {first.hold:+.2%}",
    ]
    lines += [line for one in results for line in _turned_down(one)]
    lines += [_verdict(one, currency) for one in results]
    if len(first.symbols) > 1:
        lines += ["", *_per_symbol(first, currency)]
    return "\n".join(lines)


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"


def _column(result: Result, currency: str) -> list[tuple[str, str]]:
    total = result.total
    start = result.outcome.start_equity
    return [
        ("", result.label),
        ("fees, maker / taker", f"{result.fees.maker:.2%} / {result.fees.taker:.2%}"),
        ("trades", f"{total.trades:,}"),
        ("wins / losses", f"{total.wins:,} / {total.losses:,}"),
        ("win rate", _share(total.win_rate)),
        ("profit factor", "-" if total.profit_factor is None else f"{total.profit_factor:.2f}"),
        (f"net result, {currency}", f"{total.net_pnl:+,.2f}"),
        ("net result, share", f"{total.net_pnl / start:+.2%}"),
        (f"fees paid, {currency}", f"{total.fees:,.2f}"),
        ("max drawdown", f"{result.max_drawdown:.2%}"),
        ("sharpe", "-" if result.sharpe is None else f"{result.sharpe:.2f}"),
    ]


def _share(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _table(columns: Sequence[Sequence[tuple[str, str]]]) -> list[str]:
    widths = [max(len(text) for _, text in column) for column in columns]
    lines = []
    for rows in zip(*columns, strict=True):
        cells = [text.rjust(width) for (_, text), width in zip(rows, widths, strict=True)]
        lines.append(f"{rows[0][0]:<22}{'   '.join(cells)}".rstrip())
    return lines


def _turned_down(result: Result) -> list[str]:
    if not result.outcome.refused:
        return []
    counts = sorted(result.outcome.refused.items())
    parts = ", ".join(f"{code.replace('_', ' ')} {count:,}" for code, count in counts)
    return [f"Signals turned down at {result.label}: {parts}"]


def _verdict(result: Result, currency: str) -> str:
    net = result.total.net_pnl
    if not result.total.trades:
        return f"No trade at {result.label}."
    word = "earned" if net > 0 else "lost"
    return f"At {result.label} the strategy {word} {abs(net):,.2f} {currency} after fees."


def _per_symbol(result: Result, currency: str) -> list[str]:
    lines = [f"{'pair':<12}{'trades':>8}{'wins':>8}{'net ' + currency:>16}{'fees ' + currency:>16}"]
    for symbol, one in result.by_symbol.items():
        lines.append(f"{symbol:<12}{one.trades:>8,}{one.wins:>8,}{one.net_pnl:>16,.2f}{one.fees:>16,.2f}")
    return lines
