"""The bundled coins and pairs."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from core.model.pair_table import asset_code, bundled_pair, bundled_pairs, coin_names, coins, symbol_of


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("BTCUSD", "BTC/USD"), ("XBTUSD", "BTC/USD"), ("BTC/USD", "BTC/USD"), ("xbt/usd", "BTC/USD"),
        ("XXBTZUSD", "BTC/USD"), ("XETHXXBT", "ETH/BTC"), ("XDGUSD", "DOGE/USD"), ("eth-usd", "ETH/USD"),
        ("SOL_EUR", "SOL/EUR"), ("BTCUSDT", "BTC/USDT"), ("USDTZUSD", "USDT/USD"), ("1INCHUSD", "1INCH/USD"),
        ("FLRUSD", "FLR/USD"), ("nonsense", None), ("/USD", None), ("USD", None), ("", None),
    ],
)  # fmt: skip
def test_a_pair_may_be_written_in_many_ways(text: str, symbol: str | None) -> None:
    assert symbol_of(text) == symbol


def test_every_name_leads_to_one_coin() -> None:
    names = coin_names()
    assert names["bitcoin"] == names["xbt"] == "BTC"
    assert names["ether"] == names["ethereum"] == "ETH"
    assert names["doge"] == names["xdg"] == "DOGE"
    written = [name for coin in coins().values() for name in coin.names]
    assert len(written) == len(set(written)) and all(name == name.lower() for name in written)
    assert len(coins()) >= 120


def test_krakens_asset_names_become_ours() -> None:
    assert (asset_code("XBT"), asset_code("xdg"), asset_code("ETH")) == ("BTC", "DOGE", "ETH")


def test_the_grids_are_those_of_the_exchange() -> None:
    found = {symbol: bundled_pair(symbol) for symbol in ("BTC/USD", "ETH/USD", "DOGE/USD")}
    ticks = {symbol: pair.tick for symbol, pair in found.items() if pair}
    assert ticks == {"BTC/USD": D("0.1"), "ETH/USD": D("0.01"), "DOGE/USD": D("1E-7")}
    assert bundled_pair("NOPE/USD") is None
    ids = [pair.venue_id for pair in bundled_pairs().values()]
    assert len(ids) == len(set(ids))
