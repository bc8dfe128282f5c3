"""A backtest's report as one self-contained HTML page: no script, no outside file, charts as inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

from core.lab.report import TRADE_COLUMNS, Result, hold_curve, months, thinned, trade_rows
from core.lab.report_candles import trades_on_candles
from core.ledger.performance import EquityPoint
from core.model.time_context import from_ms, iso

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 960, 260, 70, 24
_POINTS = 2_000
_ROWS = 5_000  # trades shown; the CSV has them all

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1000px;padding:0 1rem}
body{color:#1a1a1a;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left}
svg{width:100%;height:auto}.note{color:#555}.up{color:#0a6b2d}.down{color:#b00020}
figure{margin:1rem 0}figcaption{color:#555;font-size:.9rem}
.trades{max-height:30rem;overflow:auto}
@media(prefers-color-scheme:dark){body{background:#121212;color:#e8e8e8}th,td{border-color:#333}.note{color:#aaa}
.up{color:#6fd08c}.down{color:#ff8a80}}
"""


def as_html(results: Sequence[Result], title: str) -> str:
    """The page; the first result is the configured one, the others stand beside it."""
    first = results[0]
    currency = first.histories[0].pair.quote
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(', '.join(first.symbols))} on {first.histories[0].timeframe} candles, "
        f"{iso(first.start_ms)} to {iso(first.end_ms)}. {first.outcome.candles:,} candles read, "
        f"{first.outcome.filled:,} missing ones filled flat. Simulated: no order was sent anywhere.</p>",
        "<h2>Result</h2>",
        _figures(results, currency),
        f"<h2>Equity, {currency}</h2>",
        _equity(results),
        "<h2>Drawdown</h2>",
        _drawdown(first),
        "<h2>Trades on candles</h2>",
        trades_on_candles(first),
        "<h2>Months (UTC)</h2>",
        _months(first, currency),
        "<h2>Pairs</h2>",
        _pairs(first, currency),
        "<h2>Trades</h2>",
        _trades(first),
    ]
    return page(title, parts)


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page that needs nothing else."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _figures(results: Sequence[Result], currency: str) -> str:
    rows = [
        ("", [one.label for one in results]),
        ("Fees, maker / taker", [f"{one.fees.maker:.2%} / {one.fees.taker:.2%}" for one in results]),
        ("Trades", [f"{one.total.trades:,}" for one in results]),
        ("Wins / losses", [f"{one.total.wins:,} / {one.total.losses:,}" for one in results]),
        ("Win rate", [_maybe(one.total.win_rate, ".1%") for one in results]),
        ("Profit factor", [_maybe(one.total.profit_factor, ".2f") for one in results]),
        (f"Net result, {currency}", [f"{one.total.net_pnl:+,.2f}" for one in results]),
        ("Net result, share", [f"{one.total.net_pnl / one.outcome.start_equity:+.2%}" for one in results]),
        (f"Fees paid, {currency}", [f"{one.total.fees:,.2f}" for one in results]),
        ("Max drawdown", [f"{one.max_drawdown:.2%}" for one in results]),
        ("Sharpe (daily, yearly)", [_maybe(one.sharpe, ".2f") for one in results]),
        ("Buy and hold, no fees", [f"{one.hold:+.2%}" for one in results]),
    ]
    return table([[name, *cells] for name, cells in rows])


def _maybe(value: Decimal | float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def table(rows: Iterable[Sequence[str]]) -> str:
    """The first row is the head."""
    body = []
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        body.append("<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>")
    return f"<table>{''.join(body)}</table>"


def _months(result: Result, currency: str) -> str:
    rows = [
        [one.name, str(one.trades), f"{one.net_pnl:+,.2f}", f"{one.change:+.2%}"] for one in months(result)
    ]
    return table([["Month", "Trades closed", f"Net, {currency}", "Equity"], *rows])


def _pairs(result: Result, currency: str) -> str:
    rows = [
        [symbol, str(one.trades), str(one.wins), f"{one.net_pnl:+,.2f}", f"{one.fees:,.2f}"]
        for symbol, one in result.by_symbol.items()
    ]
    return table([["Pair", "Trades", "Wins", f"Net, {currency}", f"Fees, {currency}"], *rows])


def _trades(result: Result) -> str:
    rows = []
    for row in trade_rows(result):
        row[2], row[4] = _minute(int(row[2])), _minute(int(row[4]))
        row[8], row[9] = f"{Decimal(row[8]):,.2f}", f"{Decimal(row[9]):+,.2f}"
        rows.append(row)
    note = f'<p class="note">The last {_ROWS:,} of {len(rows):,}.</p>' if len(rows) > _ROWS else ""
    return f'{note}<div class="trades">{table([TRADE_COLUMNS, *rows[-_ROWS:]])}</div>'


def _minute(time_ms: int) -> str:
    return from_ms(time_ms).strftime("%Y-%m-%d %H:%M")


_COLOURS = (("#1f6feb", "Blue"), ("#8250df", "Violet"), ("#0a6b2d", "Green"))


def _equity(results: Sequence[Result]) -> str:
    """The configured run, the others beside it, and buy and hold."""
    told, lines = [], []
    for result, (colour, name) in zip(results, _COLOURS, strict=False):
        lines.append((result.label, thinned(result.curve, _POINTS), colour))
        told.append(f"{name}: the strategy, {result.label}.")
    lines.append(("buy and hold", hold_curve(results[0], 600), "#9a6700"))
    told.append("Brown: the start cash split over the pairs and held.")
    chart = _chart(lines, "equity over time")
    marks = f'<p class="note">{escape(" ".join(told))}</p>'
    return chart + marks


def _drawdown(result: Result) -> str:
    peak, points = Decimal(0), []
    for time_ms, equity in result.curve:
        peak = max(peak, equity)
        points.append((time_ms, (equity / peak - 1) * 100 if peak else Decimal(0)))
    return _chart([("drawdown, %", thinned(points, _POINTS), "#b00020")], "fall from the peak in percent")


def _chart(lines: Sequence[tuple[str, list[EquityPoint], str]], label: str) -> str:
    values = [value for _, points, _ in lines for _, value in points]
    times = [time_ms for _, points, _ in lines for time_ms, _ in points]
    low, high, start, end = min(values), max(values), min(times), max(times)
    span, width = (high - low) or Decimal(1), (end - start) or 1
    drawn = []
    for name, points, colour in lines:
        path = " ".join(
            f"{_LEFT + (_WIDTH - _LEFT) * (time_ms - start) / width:.1f},"
            f"{8 + (_HEIGHT - _BOTTOM - 16) * float((high - value) / span):.1f}"
            for time_ms, value in points
        )
        drawn.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{path}">'
            f"<title>{escape(name)}</title></polyline>"
        )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{_axes(low, high, start, end)}{''.join(drawn)}</svg>"
    )


def _axes(low: Decimal, high: Decimal, start: int, end: int) -> str:
    lines = []
    for step in range(5):
        y = 8 + (_HEIGHT - _BOTTOM - 16) * step / 4
        value = high - (high - low) * step / 4
        lines.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8884" stroke-width="1"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" font-size="11" text-anchor="end" fill="currentColor">'
            f"{value:,.2f}</text>"
        )
    for x, anchor, moment in ((_LEFT, "start", start), (_WIDTH, "end", end)):
        lines.append(
            f'<text x="{x}" y="{_HEIGHT - 6}" font-size="11" text-anchor="{anchor}" fill="currentColor">'
            f"{from_ms(moment):%Y-%m-%d}</text>"
        )
    return "".join(lines)
