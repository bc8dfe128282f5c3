"""A small twin of each long campaign of the lab: what `make proof` shows at length holds here in short."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks import big_data, parity, rivals, search_cluster
from benchmarks.engines import workload, zyn_engine
from core.lab.backtest_mode import backtest
from core.lab.data import Wanted, load
from core.lab.engines import fast_engine
from core.lab.grid import Grids
from core.matching.fees import FlatFees
from core.model.market import Timeframe
from tests.support.made_candles import bars, write
from tests.support.made_markets import market


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZYN_DATA_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


def test_road_and_kernel_make_the_same_trades_under_every_settings_of_the_campaign() -> None:
    assert len(parity.sets()) >= parity.GENERATED
    found = parity.compare([market(1, 1500, edge=0.3, timeframe=Timeframe.M5)])
    assert all(found[f"{name}: trades"] for name in parity.SETTINGS)


def test_the_workload_makes_the_roads_trades_in_each_of_its_runs() -> None:
    candles = workload.make(1, 3000)
    zyn = zyn_engine.Zyn(candles)
    road = backtest(
        zyn_engine.config(),
        [zyn_engine.history(candles)],
        FlatFees(zyn_engine.FEES.maker, zyn_engine.FEES.taker),
    )
    found = zyn.trades()
    assert [one[2] for one in found] == [float(one.entry_price) for one in road.trips]
    assert zyn.one() == zyn.one() == len(found) > 10
    assert zyn.sweep() > len(found)
    assert rivals.unlike(found, found, 0.0) == 0
    assert rivals.unlike(found, [(*one[:3], one[3] + 1) for one in found[1:]], 0.5) > 0


def test_a_cross_up_needs_both_averages_and_a_candle_before() -> None:
    fast, slow = np.array([np.nan, 3.0, 1.0, 2.0, 3.0, 3.0]), np.array([np.nan, 2.0, 2.0, 2.0, 2.0, 2.0])
    assert workload.crossed_up(fast, slow).tolist() == [False, False, False, False, True, False]


def test_ratios_below_a_goal_are_named() -> None:
    counts = dict.fromkeys((f"one: zyn beside {name}" for name in rivals.KERNEL), 1.0)
    counts |= {f"one: {name}": 10_000.0 for name in rivals.KERNEL} | {"trades": 5, "first run": 1e6}
    for what, names in (
        ("sweep", ("vectorbt", "raptorbt")),
        ("sweep memory", ("vectorbt",)),
        ("process", ("vectorbt", "freqtrade")),
    ):
        for name in names:
            counts |= {f"{what}: zyn beside {name}": 1.0, f"{what}: {name}": 100.0}
    counts |= {f"trades unlike {name}'s": 0 for name in rivals.SAME_TRADES}
    rivals.check(counts)
    assert "one pair-year raptorbt 10,000.0 x" in rivals.told(counts)
    with pytest.raises(AssertionError, match="raptorbt: 2.0 x, not 3; .*first run 30.0 s"):
        rivals.check(counts | {"one: raptorbt": 2.0, "first run": 30e6})


def test_many_pairs_lie_on_disk_and_trade_as_they_do_in_memory(tmp_path: Path) -> None:
    for k in range(10):
        rows = bars(k, 400 + 10 * k, price=100 + k, start_ms=1_704_067_200_000 + k * 300_000)
        write(tmp_path, f"P{k:03d}USD", rows)
    wanted = Wanted(tmp_path, Timeframe.M5)
    shelved = load(wanted, Grids())
    kept = [load(Wanted(tmp_path, Timeframe.M5, (one.symbol,)), Grids())[0] for one in shelved]
    assert all(one.shelf is not None for one in shelved) and all(one.shelf is None for one in kept)
    settings, fees = parity.config({"filters.enabled": ""}), parity.FEES
    outcomes = [
        fast_engine(one, settings, fees, print).run(settings, fees).outcome()
        for one in (shelved, kept, shelved[2:])
    ]
    assert outcomes[0].trips == outcomes[1].trips != outcomes[2].trips
    road = backtest(settings, shelved, FlatFees(fees.maker, fees.taker))
    assert road.trips == outcomes[0].trips
    assert json.dumps([list(one.closes) for one in shelved]) == json.dumps([list(one.closes) for one in kept])


def test_the_memory_of_a_pair_is_measured_above_a_base() -> None:
    big_data.check(Counter({"kb a pair more": 1024, "kb for all": 600_000}))
    with pytest.raises(AssertionError, match="2000 KB a pair"):
        big_data.check(Counter({"kb a pair more": 2000, "kb for all": 600_000}))


@pytest.mark.timeout(300)
def test_a_cluster_that_loses_a_worker_and_its_client_comes_to_what_one_process_does() -> None:
    found = search_cluster.search(seed=1, trials=64, days=30)
    assert found["trials"] >= 64 and found["trials that differ"] == 0
    assert 0 < found["written before the client died"] < found["trials"]
