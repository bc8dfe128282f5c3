"""The fast engine against the road: the same trades, one by one, the same refusals and the same equity."""

from __future__ import annotations

import os
import random
from array import array
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path

import pytest

from core.lab import walk
from core.lab.backtest_mode import backtest
from core.lab.compile_cache import cache_folder
from core.lab.data import History, Unfit, Wanted, load
from core.lab.engines import Engines, Timed, check_same, fast_engine
from core.lab.fast import FastEngine
from core.lab.grid import Grids
from core.lab.kernel import Compiled
from core.lab.outcome import Outcome
from core.matching.fees import FlatFees
from core.model.errors import Refused
from core.model.market import FeeRates, Pair, PairStatus, Timeframe
from core.trading_config import FILTER_NAMES, Config, Mode
from core.trading_config import load as load_config
from tests.support.made_candles import MONDAY, bars, write
from tests.support.made_histories import history

M5 = 300_000
FEES = FeeRates(D("0.0016"), D("0.0026"))
NEAR = D("0.00001")  # money of the curve, which the fast engine counts in floats

AAA = Pair("AAA/USD", "AAA", "USD", D("0.01"), D("1E-8"))
BBB = Pair("BBB/USD", "BBB", "USD", D("0.00001"), D("1"), D("10"), D("5"))
CCC = Pair("CCC/USD", "CCC", "USD", D("0.5"), D("0.0001"))
DDD = Pair("DDD/USD", "DDD", "USD", D("1E-9"), D("1E-8"))  # costs finer than an atom


def config(**settings: str) -> Config:
    flags = {key.replace("__", "."): value for key, value in settings.items()}
    return load_config({}, None, flags, Mode.BACKTEST)


def portfolio(seed: int, count: int, still: float = 0.02) -> list[History]:
    """Four pairs that begin and end at different times, on grids that differ."""
    return [
        history(bars(seed, count, still=still), AAA),
        history(bars(seed + 1, count - 250, price=0.05, decimals=5, start_ms=MONDAY + 90 * M5), BBB),
        history(bars(seed + 2, count - 150, price=30_000, decimals=1, still=still), CCC),
        history(bars(seed + 3, count - 100, price=0.00001, decimals=9), DDD),
    ]


def fast(histories: Sequence[History], settings: Config) -> Outcome:
    return fast_engine(histories, settings, FEES, print).run(settings, FEES).outcome()


def road(histories: Sequence[History], settings: Config) -> Outcome:
    return backtest(settings, histories, FlatFees(FEES.maker, FEES.taker))


def same(mine: Outcome, theirs: Outcome) -> int:
    """How many trades there were, when everything is the same."""
    for one, other in zip(mine.trips, theirs.trips, strict=False):
        assert one == other
    assert len(mine.trips) == len(theirs.trips)
    assert mine.refused == theirs.refused
    assert (mine.start_equity, mine.candles, mine.filled) == (
        theirs.start_equity,
        theirs.candles,
        theirs.filled,
    )
    assert [at for at, _ in mine.equity] == [at for at, _ in theirs.equity]
    assert all(
        abs(one - other) < NEAR for (_, one), (_, other) in zip(mine.equity, theirs.equity, strict=True)
    )
    return len(mine.trips)


def compare(histories: Sequence[History], settings: Config) -> int:
    return same(fast(histories, settings), road(histories, settings))


@pytest.mark.parametrize("cross", ["price_fast", "fast_slow"])
@pytest.mark.parametrize("sizing", ["risk_percent", "fixed"])
@pytest.mark.parametrize("filters", [(), ("rsi",), ("trend", "volatility"), FILTER_NAMES])
def test_both_crosses_sizings_and_every_filter(cross: str, sizing: str, filters: tuple[str, ...]) -> None:
    settings = config(indicators__cross=cross, risk__sizing=sizing, filters__enabled=",".join(filters))
    assert compare(portfolio(1, 1100, still=0.05), settings) or filters == FILTER_NAMES


@pytest.mark.parametrize("name", FILTER_NAMES)
def test_each_filter_alone(name: str) -> None:
    loose = {"filters__volatility_max": "0.5", "filters__chop_slope_min": "0.0001"}
    assert compare(portfolio(5, 700), config(filters__enabled=name, **loose))


@pytest.mark.parametrize(
    "settings",
    [
        {"risk__cooloff_candles": "0", "exits__on_opposite_signal": "false"},
        {"risk__cooloff_candles": "25", "risk__stop_atr": "0.5", "risk__take_profit_atr": "0.7"},
        {"risk__max_position": "1", "risk__max_exposure": "1", "risk__risk_per_trade": "0.05"},
        {"risk__sizing": "fixed", "risk__fixed_stake": "9000", "risk__max_position": "1",
         "risk__max_exposure": "1", "risk__max_open_positions": "1"},
        {"risk__sizing": "fixed", "risk__fixed_stake": "8000", "risk__max_position": "1",
         "risk__max_exposure": "1", "risk__daily_loss_limit": "1"},
        {"paper__start_cash": "40", "risk__sizing": "fixed", "risk__fixed_stake": "8",
         "risk__max_position": "1", "risk__max_exposure": "1"},
        {"paper__start_cash": "40", "risk__sizing": "fixed", "risk__fixed_stake": "5.01",
         "risk__max_position": "1", "risk__max_exposure": "1", "risk__daily_loss_limit": "1"},
        {"paper__start_cash": "123.456", "risk__capital": "77.77", "risk__risk_per_trade": "0.0123456789"},
        {"risk__daily_loss_limit": "0.004", "risk__cooloff_candles": "0"},
        {"risk__daily_loss_limit": "0.004", "risk__kill_rearm": "manual"},
        {"risk__daily_loss_limit": "0.004", "risk__kill_action": "flatten",
         "service__timezone": "Asia/Kolkata"},
        {"costs__spread_bps": "80", "risk__cooloff_candles": "0"},
        {"costs__spread_bps": "0", "indicators__atr_period": "1", "risk__stop_atr": "0.1"},
        {"indicators__sma_fast": "2", "indicators__sma_slow": "3", "indicators__cross": "fast_slow",
         "risk__cooloff_candles": "1"},
        {"risk__max_entries_per_hour": "1", "risk__price_band": "0.002", "risk__cooloff_candles": "0"},
        {"edge__gate": "enforce", "risk__take_profit_atr": "4.5"},
        {"risk__stop_atr": "1.2345678901234567", "risk__take_profit_atr": "3.1415926535897931"},
    ],
    ids=[
        "patient", "tight", "large risk", "one position", "cash", "minimums", "left at any size",
        "capital", "daily loss", "until unlocked", "flatten", "wide", "stops too near", "quick",
        "rate and band", "edge", "odd",
    ],
)  # fmt: skip
def test_every_cap_limit_and_switch(settings: dict[str, str]) -> None:
    assert compare(portfolio(1, 900), config(filters__enabled="", **settings))


def test_the_plain_functions_trade_as_the_compiled_ones() -> None:
    settings = config(filters__enabled="rsi,volume,chop", risk__daily_loss_limit="0.004")
    histories = portfolio(11, 500)
    plain = FastEngine(Compiled(), histories).run(settings, FEES).outcome()
    assert same(plain, road(histories, settings))
    assert plain == fast(histories, settings)


def test_prices_off_the_grid_and_of_seventeen_digits() -> None:
    rng, rows, close = random.Random(3), [], 30_000.0
    for i in range(900):
        opened, close = close, close * (1 + rng.gauss(0, 0.002))
        high, low = max(opened, close) * (1 + rng.random() / 1000), min(opened, close) * 0.9995
        rows.append((MONDAY + i * M5, opened, high, low, close, rng.random()))
    columns = [array("d", [row[k] for row in rows]) for k in range(1, 6)]
    pair = Pair("CCC/USD", "CCC", "USD", D("0.5"), D("0.0001"))
    raw = History(pair, Timeframe.M5, MONDAY, *columns, len(rows), 0)  # type: ignore[misc]
    others = portfolio(1, 900)[:2]
    assert compare([raw, *others], config(filters__enabled=""))
    assert compare(
        [raw, *others], config(filters__enabled="", risk__kill_action="flatten", costs__spread_bps="0")
    )


def test_a_pair_that_may_not_be_bought_is_refused() -> None:
    closed = replace(AAA, status=PairStatus.CANCEL_ONLY)
    histories = [history(bars(1, 300), closed)]
    settings = config(filters__enabled="")
    assert compare(histories, settings) == 0
    assert fast(histories, settings).refused["pair_status"]


def test_random_settings_on_random_markets() -> None:
    rng = random.Random(20240101)
    for _ in range(12):
        settings = config(
            indicators__cross=rng.choice(["price_fast", "fast_slow"]),
            indicators__sma_fast=str(rng.randint(2, 15)),
            indicators__sma_slow=str(rng.randint(16, 40)),
            filters__enabled=",".join(rng.sample(FILTER_NAMES, rng.randint(0, 3))),
            filters__volatility_max="0.5",
            risk__sizing=rng.choice(["risk_percent", "fixed"]),
            risk__risk_per_trade=repr(rng.uniform(0.002, 0.05)),
            risk__max_position=repr(rng.uniform(0.05, 1)),
            risk__max_exposure=repr(rng.uniform(0.2, 1)),
            risk__stop_atr=repr(rng.uniform(0.3, 4)),
            risk__take_profit_atr=repr(rng.uniform(0.3, 6)),
            risk__cooloff_candles=str(rng.randint(0, 9)),
            risk__daily_loss_limit=rng.choice(["1", "0.01", "0.03"]),
            risk__kill_action=rng.choice(["flatten", "keep_brackets"]),
            exits__on_opposite_signal=rng.choice(["true", "false"]),
            costs__spread_bps=repr(round(rng.uniform(0, 30), 3)),
        )
        compare(portfolio(rng.randint(1, 10**6), 420, still=rng.choice([0.0, 0.3])), settings)


def test_one_engine_runs_many_settings_and_judges_no_rule_twice() -> None:
    histories = portfolio(2, 600)
    engine = fast_engine(histories, config(filters__enabled=""), FEES, print)
    for stop in ("1", "2", "3"):
        settings = config(filters__enabled="", risk__stop_atr=stop)
        assert same(engine.run(settings, FEES).outcome(), road(histories, settings))
    assert engine.judged.rules == 1


def recorded(shared: Path | None, folder: Path) -> Path:
    """Recorded candles beside the clone, or made ones with holes."""
    found = shared / "data/market/kraken_2024-07_2024-09" if shared else folder
    if not found.is_dir() or found == folder:
        for number, name in enumerate(("ETHUSD", "SOLUSD", "XDGUSD")):
            rows = bars(number, 3000, price=3_000 / 10**number)
            write(folder, name, rows[:1500] + rows[1507:])
        return folder
    return found


@pytest.mark.parametrize("filters", ["rsi", ",".join(FILTER_NAMES)])
def test_recorded_candles(filters: str, shared: Path | None, tmp_path: Path) -> None:
    wanted = Wanted(recorded(shared, tmp_path), Timeframe.M5, ("ETH/USD", "SOL/USD", "XDG/USD"))
    histories = [one.head(2500) for one in load(wanted, Grids())]
    assert compare(histories, config(filters__enabled=filters, risk__daily_loss_limit="0.01"))


def timed(histories: Sequence[History], name: str, said: list[str]) -> Timed:
    settings = config(filters__enabled="")
    return Engines(histories, lambda: 0.0, None, said.append).run(name, settings, FEES)


def test_what_machine_numbers_cannot_hold_takes_the_road_and_says_so() -> None:
    fine = Pair("AAA/USD", "AAA", "USD", D("1E-15"), D("1E-8"))
    histories, said = [history(bars(1, 300), fine)], list[str]()
    taken = timed(histories, "fast", said)
    assert taken.engine == "road" and taken.outcome.trips
    assert said == [
        "The fast engine cannot do this: AAA/USD has prices of more digits than the fast engine can count. "
        "The road engine can, and takes longer."
    ]
    rich = config(filters__enabled="", paper__start_cash="1E15")
    with pytest.raises(Unfit, match="more lots"):
        fast([history(bars(2, 300, price=0.00001, decimals=9), DDD)], rich)


def test_two_engines_that_differ_are_told_by_their_first_difference() -> None:
    histories = [history(bars(1, 400))]
    ours, theirs = timed(histories, "fast", []), timed(histories, "road", [])
    check_same(ours, theirs)
    first, *rest = theirs.outcome.trips
    other = replace(first, reason="target" if first.reason != "target" else "stop")
    with pytest.raises(Refused, match="trade 1 differs: fast AAA/USD"):
        check_same(ours, replace(theirs, outcome=replace(theirs.outcome, trips=(other, *rest))))
    with pytest.raises(Refused, match="fast made"):
        check_same(ours, replace(theirs, outcome=replace(theirs.outcome, trips=(first,))))


def test_compiled_code_goes_to_the_first_folder_that_can_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    told = {"NUMBA_CACHE_DIR": str(blocked), "XDG_CACHE_HOME": str(blocked), "HOME": str(tmp_path / "home")}
    found = cache_folder([walk], told, tmp_path / "data")
    assert found is not None and found.parent == tmp_path / "home/.cache/zyn"
    assert (
        cache_folder([walk], {"HOME": str(blocked)}, tmp_path / "data")
        == tmp_path / "data/cache" / found.name
    )
    assert cache_folder([walk], {"HOME": str(blocked)}, blocked) is None
    assert cache_folder([walk, os], told, tmp_path) != found
