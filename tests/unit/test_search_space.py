"""What a search may change, who may be told, and what a trial may see."""

from __future__ import annotations

import pickle
from array import array
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path

import numpy as np
import pytest

from core.lab.data import Unfit
from core.lab.engines import code_digest, fast_engine
from core.lab.fast import Span
from core.lab.search.hands import Threads, shared_out
from core.lab.search.optimise import Plan, generation, ground_of, optimise
from core.lab.search.space import RANGES, combinations, read_space, span
from core.lab.search.study import Archive
from core.lab.search.trial import Ground, Task, daily_returns, play_all
from core.lab.search.walk_forward import longest_look, walk_forward, windows
from core.model.errors import ConfigError, Refused
from core.model.market import FeeRates
from core.model.tuning import OutOfSample, TuningEvidence, from_json, to_json
from core.trading_config import Config, Mode, changed, load
from tests.support.made_markets import market

FEES = FeeRates(D("0.0016"), D("0.0026"))
SPACE = (span("risk.stop_atr", "1", "8", "0.5"), span("risk.take_profit_atr", "1", "16", "0.5"))


def config(**flags: str) -> Config:
    return load({}, None, {key.replace("__", "."): text for key, text in flags.items()}, Mode.BACKTEST)


def nobody(done: int, total: int) -> None:
    """Nobody looks."""


def test_every_value_of_every_range_is_one_that_the_settings_allow() -> None:
    for one in RANGES:
        for text in one.values:
            changed(config(), {one.key: text})
    for k in (0, -1):
        changed(config(), {one.key: one.values[k] for one in RANGES})
    assert combinations(RANGES) > 10**8


def test_a_range_has_exactly_the_values_that_it_says() -> None:
    assert span("risk.stop_atr", "0.1", "0.4", "0.1").values == ("0.1", "0.2", "0.3", "0.4")
    assert span("risk.cooloff_candles", "0", "10", "4").values == ("0", "4", "8")


def test_what_is_fixed_is_not_searched_and_what_is_named_is_searched_alone() -> None:
    assert len(read_space([], config())) == len(RANGES)
    assert "risk.stop_atr" not in {one.key for one in read_space([], config(risk__stop_atr="2"))}
    found = read_space(
        ["risk.stop_atr", "indicators.sma_fast=3:9:2", "filters.enabled=rsi|rsi,volume"], config()
    )
    assert [(one.key, len(one.values)) for one in found] == [
        ("risk.stop_atr", 15), ("indicators.sma_fast", 4), ("filters.enabled", 2),
    ]  # fmt: skip


def test_all_mistakes_of_a_space_are_told_at_once() -> None:
    wrong = [
        "risk.stopp_atr", "risk.capital", "risk.stop_atr=1:2", "risk.stop_atr=2:1:1",
        "indicators.sma_fast=1:9:2", "risk.sizing=fixed|none", "risk.cooloff_candles", "risk.cooloff_candles",
    ]  # fmt: skip
    with pytest.raises(ConfigError) as caught:
        read_space(wrong, config())
    told = "\n".join(caught.value.problems)
    for words in (
        "risk.stopp_atr: no such setting", "risk.capital: no range is known", "write LOW:HIGH:STEP",
        "needs LOW < HIGH", "sma_fast=1: must be at least 2", "risk.sizing=none", "given twice",
    ):  # fmt: skip
        assert words in told


def test_generations_cover_every_trial_once_and_do_not_depend_on_how_many_are_wanted() -> None:
    bounds = [generation(n) for n in range(1000)]
    assert bounds[0] == (0, 32) and bounds[32] == (32, 64) and bounds[999][1] >= 1000
    assert all(start <= n < end for n, (start, end) in enumerate(bounds))
    assert all(
        after in (before, (before[1], after[1])) for before, after in zip(bounds, bounds[1:], strict=False)
    )


def test_parts_hold_every_task_once() -> None:
    tasks = [Task(n, {}, Span(0, 1)) for n in range(19)]
    assert [task.number for part in shared_out(tasks, 3) for task in part] == list(range(19))
    assert len(shared_out(tasks, 3)) >= 3 and shared_out([], 2) == []


def test_a_stretch_is_traded_as_if_nothing_came_after_it() -> None:
    history = market(1, 1500, edge=0.5)
    settings = config(filters__enabled="rsi")
    whole = fast_engine([history], settings, FEES, print)
    cut = fast_engine([history.head(900)], settings, FEES, print)
    for start in (0, 400):
        alone, within = (one.run(settings, FEES, Span(start, 900)) for one in (cut, whole))
        assert alone.outcome().trips == within.outcome().trips != ()
        assert np.array_equal(alone.points, within.points)
    later = whole.run(settings, FEES, Span(900, 1500)).outcome()
    assert all(trip.opened_ms > history.start_ms + 900 * 3_600_000 for trip in later.trips) and later.trips


def test_daily_returns_add_up_to_the_equity() -> None:
    ground = ground_of(config(filters__enabled=""), [market(2, 1000)], FEES)
    bounds = Span(100, 1000)
    traded = ground.traded({}, bounds)
    returns = daily_returns(traded, bounds)
    assert len(returns) == 1000 // 24 - 100 // 24 + 1
    assert 10_000 * np.prod(1 + returns) == pytest.approx(traded.points["equity"][-1])
    assert len(daily_returns(replace(traded, points=traded.points[:0]), bounds)) == len(returns)


def test_windows_follow_each_other_and_leave_the_purge_out() -> None:
    found = windows(places=24 * 100 + 7, first_day=5, a_day=24, count=4, training=2, purge=30)
    assert len(found) == 4 and found[0].train.start >= 0
    for one in found:
        assert one.test.start - one.train.end == 30
        assert (one.test.start - 5) % 24 == 0 and (one.test.end - one.test.start) % 24 == 0
        assert one.train.end - one.train.start == 2 * (one.test.end - one.test.start)
    assert all(a.test.end == b.test.start for a, b in zip(found, found[1:], strict=False))
    assert found[-1].test.end == 5 + 24 * 100
    with pytest.raises(Refused, match="too few for 4 windows"):
        windows(24 * 5, 0, 24, 4, 2, 30)


def test_the_purge_is_as_long_as_any_rule_looks_back() -> None:
    space = (span("indicators.sma_slow", "50", "200", "10"),)
    assert longest_look(config(), space) == 201
    assert longest_look(config(filters__enabled=""), SPACE) < 60


def test_what_is_chosen_knows_nothing_of_the_candles_it_is_tried_on(tmp_path: Path) -> None:
    history = market(3, 24 * 60, edge=0.4)
    closes = array("d", history.closes)
    for i in range(24 * 50, len(closes)):
        closes[i] = round((history.highs[i] + history.lows[i]) / 2, 2)
    plan = Plan(SPACE, 6, 1)
    chosen = []
    for number, one in enumerate((history, replace(history, closes=closes))):
        ground = ground_of(config(filters__enabled=""), [one], FEES)
        with Archive(tmp_path / f"{number}") as archive:
            walk = walk_forward(ground, plan, (1, 4), archive, Threads(ground, 1), nobody)
        assert walk.steps[0].window.test.start >= 24 * 48
        chosen.append(walk.steps[0].found.best)
    assert chosen[0] == chosen[1]


def test_features_are_judged_once_for_each_distinct_rule_of_a_search(tmp_path: Path) -> None:
    ground = ground_of(config(), [market(4, 600)], FEES)
    with Archive(tmp_path / "trials") as archive:
        found = optimise(ground, Plan(SPACE, 20, 1), archive, Threads(ground, 1), nobody)
    assert len({tuple(one.values.items()) for one in found.trials}) > 10
    assert ground.engine.judged.rules == 1


def test_what_only_the_road_knows_is_refused_by_the_fast_engine() -> None:
    settings = config()
    for features, name in (
        (replace(settings.features, profit_target=True), "profit_target"),
        (replace(settings.features, multi_timeframe=True), "multi_timeframe"),
    ):
        with pytest.raises(Unfit, match=name):
            fast_engine([market(1, 300)], replace(settings, features=features), FEES, print)


def test_no_key_travels_to_the_machines_that_play_trials() -> None:
    secrets = {
        "KRAKEN_API_SECRET": "s3cret-trade",
        "TELEGRAM_BOT_TOKEN": "s3cret-bot",
        "OPENAI_API_KEY": "s3cret-ai",
    }
    ground = ground_of(load(secrets, None, {}, Mode.BACKTEST), [market(6, 300)], FEES)
    sent = pickle.dumps(ground)
    assert b"s3cret" not in sent
    assert pickle.loads(sent).histories == ground.histories


def test_a_worker_of_another_version_refuses() -> None:
    ground = Ground(config(), (market(5, 300),), FEES, "another")
    assert code_digest() != "another"
    with pytest.raises(Refused, match="another version"):
        play_all(ground, [Task(0, {}, Span(0, 300))])


def test_tuning_evidence_survives_its_file_and_proposes_only_what_earned_more() -> None:
    told = TuningEvidence(
        {"risk.stop_atr": "2.5"}, ("BTC/USD",), "5m", 1, 2, 6, 600, OutOfSample(50, 12.5, 1.5),
        OutOfSample(60, -3.0, -0.2), 0.97, "edge",
    )  # fmt: skip
    assert from_json(to_json(told)) == told and told.worth_proposing
    assert not replace(told, verdict="luck").worth_proposing
    assert not replace(told, kept=OutOfSample(60, 20.0, 1.6)).worth_proposing
