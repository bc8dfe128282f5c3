"""What a search came to: words, JSON and a page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from core.lab.report_html import page, table
from core.lab.search.evidence import moments
from core.lab.search.job import Searched
from core.lab.search.optimise import Finding
from core.lab.search.study import Trial
from core.lab.search.walk_forward import Step, Stretch, WalkForward, together, tuning, yearly
from core.ledger.performance import DAY_MS
from core.model.time_context import from_ms
from core.model.tuning import EDGE, LOSS, LUCK, TOO_LITTLE, OutOfSample
from core.pictures.search import trials_picture, walk_picture
from core.pictures.theme import LIGHT

_SHOWN = 5


def finding_text(searched: Searched, found: Finding) -> str:
    """For the terminal."""
    best = found.best
    lines = [
        _candles(searched),
        f"{len(found.trials):,} trials in this search, {found.tried:,} ever on these candles.",
        "",
        *_top(found.trials),
        "",
        f"The best is trial {best.number}:",
        *(f"  --set {key}={value}" for key, value in best.values.items()),
        "",
        *(f"{name:<46}{figure:>8}" for name, figure in _evidence(found)),
        "",
        finding_verdict(found),
    ]
    return "\n".join(lines)


def _evidence(found: Finding) -> list[tuple[str, str]]:
    halves = found.overfitting
    rows = [
        ("Sharpe ratio of the best, a year", f"{yearly(found.best.score.moments.sharpe):.2f}"),
        (f"of the luckiest of {found.tried:,} worthless ones", f"{yearly(found.luck):.2f}"),
        ("probability that the best is more than luck", f"{found.beyond_luck:.1%}"),
        ("deflated Sharpe ratio", f"{found.deflated:.1%}"),
    ]
    if halves is not None:
        rows.append(("probability of backtest overfitting", f"{halves.pbo:.1%}"))
        rows.append(("the best of one half loses in the other", f"{halves.loss:.1%}"))
    return rows


def finding_verdict(found: Finding) -> str:
    """One plain sentence or two."""
    return {
        EDGE: "An edge, as far as these candles can say. The next question is zyn walkforward.",
        LUCK: "This is what luck looks like: "
        f"among {found.tried:,} worthless rules one this good is no surprise.",
        LOSS: "Nothing that was tried earned anything after fees.",
        TOO_LITTLE: "Too few days or trades to say anything.",
    }[found.verdict]


def finding_json(searched: Searched, found: Finding) -> dict[str, Any]:
    """Sharpe ratios a year; probabilities as fractions; what is undefined is None."""
    halves = found.overfitting
    return {
        "trials": len(found.trials), "tried": found.tried, "days": found.best.score.moments.days,
        "best": _trial_json(found.best), "luck_sharpe": yearly(found.luck),
        "beyond_luck": found.beyond_luck, "deflated_sharpe": found.deflated,
        "pbo": halves.pbo if halves else None, "probability_of_loss": halves.loss if halves else None,
        "verdict": found.verdict, "says": finding_verdict(found), "study": str(searched.archive),
    }  # fmt: skip


def _trial_json(trial: Trial) -> dict[str, Any]:
    score = trial.score
    return {
        "number": trial.number, "settings": dict(trial.values), "sharpe": yearly(score.moments.sharpe),
        "trades": score.trades, "net_pnl": round(score.net, 8),
    }  # fmt: skip


def finding_page(searched: Searched, found: Finding) -> str:
    sharpes = [yearly(one.score.moments.sharpe) for one in found.trials]
    best = yearly(found.best.score.moments.sharpe)
    picture = trials_picture(sharpes, best, yearly(found.luck), LIGHT)
    return page("Zyn optimize", _parts(finding_text(searched, found), picture))


def _candles(searched: Searched) -> str:
    engine, histories = searched.ground.engine, searched.ground.histories
    first, last = engine.start_ms, engine.start_ms + engine.places * engine.length_ms
    names = ", ".join(one.symbol for one in histories[:8]) + (" ..." if len(histories) > 8 else "")
    return f"{names} on {histories[0].timeframe} candles, {_day(first)} to {_day(last)}"


def _day(ms: int) -> str:
    return f"{from_ms(ms):%Y-%m-%d}"


def _top(trials: Sequence[Trial]) -> list[str]:
    ranked = sorted(trials, key=lambda one: (-one.score.goal, one.number))[:_SHOWN]
    lines = [f"{'trial':>7}{'sharpe':>9}{'trades':>9}{'net':>14}"]
    for one in ranked:
        sharpe = yearly(one.score.moments.sharpe)
        lines.append(f"{one.number:>7}{sharpe:>9.2f}{one.score.trades:>9,}{one.score.net:>14,.2f}")
    return lines


def walk_text(searched: Searched, walk: WalkForward) -> str:
    """For the terminal."""
    told = tuning(walk, searched.ground)
    lines = [
        _candles(searched),
        f"{len(walk.steps)} windows, {walk.tried:,} trials ever on these candles, "
        f"{walk.walks} walk-forward{'s' if walk.walks > 1 else ''}.",
        "",
        *(
            "".join(cell.rjust(width) for cell, width in zip(row, _WIDTHS, strict=True))
            for row in _rows(searched, walk)
        ),
        "",
        f"Unseen candles, as chosen:         {_figures(told.proposed)}",
        f"... with the settings in force:    {_figures(told.kept)}",
        f"probability of a Sharpe ratio above zero {walk.probability:.1%}",
        "",
        walk_verdict(walk),
    ]
    if told.worth_proposing:
        lines += ["Next it would use:", *(f"  --set {key}={value}" for key, value in told.settings.items())]
    return "\n".join(lines)


_WIDTHS = (25, 12, 9, 12, 9, 14, 14)


def _rows(searched: Searched, walk: WalkForward) -> list[list[str]]:
    head = ["unseen", "found with", "sharpe", "unseen with", "trades", "net", "unchanged net"]
    return [head, *(_row(searched, step) for step in walk.steps)]


def _row(searched: Searched, step: Step) -> list[str]:
    engine = searched.ground.engine
    first, last = (engine.start_ms + place * engine.length_ms for place in step.window.test)
    return [
        f"{_day(first)} {_day(last)}", f"trial {step.found.best.number}",
        f"{yearly(step.found.best.score.moments.sharpe):.2f}",
        f"{yearly(moments(step.proposed.returns).sharpe):.2f}",
        f"{step.proposed.trades:,}", f"{step.proposed.net:,.2f}", f"{step.kept.net:,.2f}",
    ]  # fmt: skip


def _figures(told: OutOfSample) -> str:
    return f"{told.trades:,} trades, net {told.net:+,.2f}, Sharpe ratio a year {told.sharpe:.2f}"


def walk_verdict(walk: WalkForward) -> str:
    """One plain sentence."""
    return {
        EDGE: "What was chosen went on earning on candles it had not seen.",
        LUCK: "This is what luck looks like: what was chosen earned too little on unseen candles to tell.",
        LOSS: "What was chosen lost on unseen candles.",
        TOO_LITTLE: "Too few days or trades to say anything.",
    }[walk.verdict]


def walk_json(searched: Searched, walk: WalkForward) -> dict[str, Any]:
    """Sharpe ratios a year; money in quote units."""
    told, engine = tuning(walk, searched.ground), searched.ground.engine
    return {
        "windows": [_step_json(step, engine.start_ms, engine.length_ms) for step in walk.steps],
        "trials": told.trials, "walks": walk.walks, "probability": walk.probability,
        "out_of_sample": _sample_json(told.proposed), "unchanged": _sample_json(told.kept),
        "settings": dict(told.settings), "worth_proposing": told.worth_proposing, "verdict": walk.verdict,
        "says": walk_verdict(walk), "study": str(searched.archive),
    }  # fmt: skip


def _step_json(step: Step, start_ms: int, length_ms: int) -> dict[str, Any]:
    def times(span: tuple[int, int]) -> list[int]:
        return [start_ms + place * length_ms for place in span]

    return {
        "train_ms": times(step.window.train), "test_ms": times(step.window.test),
        "chosen": _trial_json(step.found.best), "out_of_sample": _stretch_json(step.proposed),
        "unchanged": _stretch_json(step.kept),
    }  # fmt: skip


def _stretch_json(one: Stretch) -> dict[str, Any]:
    return {"trades": one.trades, "net_pnl": round(one.net, 8), "sharpe": yearly(moments(one.returns).sharpe)}


def _sample_json(told: OutOfSample) -> dict[str, Any]:
    return {"trades": told.trades, "net_pnl": told.net, "sharpe": told.sharpe}


def walk_page(searched: Searched, walk: WalkForward) -> str:
    told, steps = tuning(walk, searched.ground), walk.steps
    zone, cash = searched.ground.config.service.timezone, float(searched.ground.config.paper.start_cash)
    picture = walk_picture(
        _curve([step.proposed for step in steps], told.start_ms, cash),
        _curve([step.kept for step in steps], told.start_ms, cash),
        [told.start_ms + k * len(steps[0].proposed.returns) * DAY_MS for k in range(1, len(steps))],
        LIGHT, zone,
    )  # fmt: skip
    return page(
        "Zyn walkforward", [*_parts(walk_text(searched, walk), picture), table(_rows(searched, walk))]
    )


def _curve(stretches: Sequence[Stretch], start_ms: int, cash: float) -> list[tuple[int, float]]:
    """The stretches one after the other, what was earned kept in."""
    equity = cash * np.cumprod(1.0 + together(stretches).returns)
    return [(start_ms, cash), *((start_ms + (k + 1) * DAY_MS, float(one)) for k, one in enumerate(equity))]


def _parts(text: str, picture: tuple[bytes, str]) -> list[str]:
    png, alternative = picture
    shown = base64.b64encode(png).decode()
    return [
        f'<img style="width:100%" alt="{escape(alternative)}" src="data:image/png;base64,{shown}">',
        f"<pre>{escape(text)}</pre>",
    ]
