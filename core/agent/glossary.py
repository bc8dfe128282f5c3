"""The words of the trade in plain language, and how Zyn works: what a newcomer asks before he trusts it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache


def _bag(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TERMS = {
    "limit order, limit orders, limit, limit buy, limit sell": (
        "A limit order waits at the price you name and fills there or better; it may never fill. "
        "Say 'buy 2 sol at 140' and I show it to you first."
    ),
    "market order, market orders, market buy, market sell, at market": (
        "A market order is filled at once at the best price there is. It is sure to fill, and pays the "
        "spread and the higher of the two fees."
    ),
    "stop loss, stop losses, stop-loss, stoploss, stop, stops, sl, protective stop, stop order": (
        "A stop loss sells a coin when its price falls to a level, so that a loss stays small. Mine rest on "
        "the exchange, so they work even while I am down."
    ),
    "take profit, take profits, take-profit, tp, target, profit target": (
        "A take profit sells a coin when its price has risen to a level, so that the gain is banked "
        "without anybody watching."
    ),
    "bracket, brackets, bracket order, bracket orders": (
        "A bracket is an entry with both its exits: a stop below it and a target above it. "
        "Whichever is reached first ends the trade."
    ),
    "oco, oco order, one cancels other, one cancels the other": (
        "One-cancels-other: two exits of which the first to fill ends the other. My brackets work so: "
        "say 'buy 50 usd of eth, stop 3%, target 6%'."
    ),
    "trailing stop, trailing stops, trailing stop loss, trailing": (
        "A trailing stop climbs behind a rising price and never falls back. I do not trail: my stops stay "
        "where the plan of the trade put them."
    ),
    "stop limit, stop-limit, stop limit order, stop limit orders, stop-limit order": (
        "A stop-limit order becomes a limit order once a level is touched; in a fast fall it may not fill. "
        "My stops sell at the market instead, because getting out matters more."
    ),
    "iceberg, iceberg order, iceberg orders": (
        "An iceberg order shows only a small part of its size at a time. I do not place those: your orders "
        "are far too small to move the market."
    ),
    "twap, twap order, time weighted average price": (
        "TWAP cuts a big order into equal slices over a stretch of time. I do not slice: I place an order "
        "once, at market or at your limit."
    ),
    "vwap, volume weighted average price": (
        "VWAP is the average price of a day weighted by what was traded at it. I neither trade by it nor "
        "slice orders along it."
    ),
    "dca, dollar cost averaging, cost averaging": (
        "Dollar-cost averaging buys the same sum again and again, whatever the price. I place orders when "
        "you ask for them, not on a calendar."
    ),
    "grid, grid trading, grid bot": (
        "A grid buys and sells at fixed steps up and down. I do not trade grids; I follow one rule with "
        "filters and a stop under every position."
    ),
    "maker, taker, maker fee, taker fee, maker and taker, maker fees, taker fees, maker/taker": (
        "A maker's order rests in the book and waits; a taker's takes what rests there. Kraken asks less "
        "of makers, because they make the market."
    ),
    "fee, fees, commission, commissions, trading fee, trading fees": (
        "Kraken takes a share of every fill, more at market than at a resting limit. I take nothing. "
        "Ask 'fees on eth' for the figures."
    ),
    "spread, bid ask spread, bid-ask spread": (
        "The spread is the gap between the best bid and the best ask: what buying and selling again at "
        "once would cost, before fees."
    ),
    "bid, ask, bid and ask, bid price, ask price": (
        "The bid is the most that somebody offers to pay now, the ask the least that somebody wants for "
        "selling. You sell at the bid and buy at the ask."
    ),
    "slippage": (
        "Slippage is the difference between the price you saw and the one you got, because the market "
        "moved or your order ate into the book."
    ),
    "liquidity, liquid": (
        "Liquidity is how much can be traded without moving the price. I keep to coins with plenty of it."
    ),
    "order book, orderbook, book depth, depth": (
        "The order book is the list of all resting bids and asks. Its top gives the price, its depth the "
        "liquidity."
    ),
    "tick size, tick, price increment": (
        "The tick is the smallest step a price may take. I round every price to it before an order goes out."
    ),
    "lot size, lot, minimum order, min order": (
        "The lot is the smallest step of an amount, the minimum the least the exchange accepts in one "
        "order. Ask 'min order for sol' for a coin's figures."
    ),
    "rsi, relative strength index": (
        "RSI says how hot a market runs, from nothing to a hundred. When it is too hot I do not buy, "
        "because late entries tend to pay for the early ones."
    ),
    "sma, moving average, moving averages, simple moving average": (
        "A moving average is the mean of the last closing prices. When the price crosses above it, that is "
        "the signal my rule begins with; then the filters judge."
    ),
    "ema, exponential moving average": (
        "An exponential moving average weighs new prices more than old ones. My rule uses the simple one."
    ),
    "macd": "MACD compares two moving averages to show momentum. My rule does not use it.",
    "bollinger, bollinger bands": (
        "Bollinger bands show how far prices usually stray from their mean. My rule measures that with "
        "ATR instead."
    ),
    "atr, average true range": (
        "ATR is how far a price usually moves within one candle. I set stops, targets and sizes by it, so "
        "that a wild coin gets a wider stop and a smaller position."
    ),
    "chop, choppiness, chop filter, choppy": (
        "Chop is a market that goes back and forth without a direction. My filter keeps me out of it."
    ),
    "volatility": (
        "Volatility is how much a price moves about. Too little and nothing pays the fees, too much and no "
        "stop holds; I trade between."
    ),
    "candle, candles, candlestick, candlesticks": (
        "A candle is one stretch of time in four prices: open, high, low and close. I judge only candles "
        "that are closed."
    ),
    "timeframe, time frame": "The timeframe is the length of a candle: five minutes where I look for "
        "signals.",
    "signal, signals, entry signal": (
        "A signal is a closed candle on which my rule says buy. Then six filters and the limits have to "
        "agree before I trade. /why shows them."
    ),
    "filter, filters, hard filter, hard filters": (
        "A filter is a condition that must hold before I buy: trend, RSI, volume, volatility, chop and "
        "sudden spikes. One no is enough; /why names it with its figures."
    ),
    "crossover, cross, golden cross, death cross": (
        "A cross is the moment a price, or a fast average, passes a slower average. Upwards my rule looks "
        "at buying, downwards at leaving."
    ),
    "drawdown, max drawdown, maximum drawdown": (
        "Drawdown is the fall from the highest point of your money to the lowest after it. It is the "
        "figure that says how much patience a strategy asks."
    ),
    "profit factor": (
        "The profit factor is all gains divided by all losses. Above one, the gains are larger."
    ),
    "win rate, winrate, hit rate": (
        "The win rate is the share of trades that ended with a gain. Alone it says little: small wins and "
        "large losses still lose."
    ),
    "sharpe, sharpe ratio": (
        "The Sharpe ratio is return divided by how much it swings. The higher, the steadier the gains."
    ),
    "expectancy": "Expectancy is what an average trade has brought, losers and fees included.",
    "r, r multiple, r multiples, risk multiple, risk multiples": (
        "R is what a trade risks: the distance from entry to stop. A gain of two R brings twice what was "
        "at stake."
    ),
    "edge, edge gate": (
        "The edge is what the expected move pays beyond all costs. While there is none, the gate keeps me "
        "from trading; /edge shows it."
    ),
    "tuition": (
        "Tuition is a bounded sum you allow me to trade with while the edge gate is closed, to gather "
        "experience. It is off unless you set it."
    ),
    "kill switch, killswitch, daily loss limit, loss limit": (
        "The kill switch: when a day has lost as much as its limit allows, I stop opening positions by "
        "myself. Only you can end it, with /unlock."
    ),
    "cool off, cool-off, cooloff, cooldown": (
        "After a losing exit I leave that coin alone for some candles, so that one bad spell does not "
        "become three."
    ),
    "exposure": "Exposure is the worth of all open positions together: what moves when the market moves.",
    "position, positions": "A position is a coin that I bought and have not sold yet, with its stop.",
    "equity": "Equity is cash and positions together, at the prices of now.",
    "pnl, p and l, profit and loss": (
        "P&L is profit and loss: what trades brought after fees. Realised is banked, unrealised still "
        "moves with the price."
    ),
    "realised, unrealised, realized, unrealized, realised pnl, unrealised pnl, realised profit, "
    "unrealised profit, realized pnl, unrealized pnl, floating pnl, paper profit": (
        "Realised profit is that of trades that are closed; unrealised is that of open ones, and moves with "
        "the price until they are."
    ),
    "notional": "The notional is the worth of an order in money: amount times price.",
    "leverage, margin, margin trading": (
        "Leverage, or margin, is trading with borrowed money: it multiplies losses too, and can take all. "
        "I trade spot only, with what is there."
    ),
    "short, shorting, short selling, short position": (
        "To short is to sell borrowed coins in the hope of buying them back cheaper. I do not: I trade spot "
        "only."
    ),
    "long, going long, long position": "To be long is to own a coin in the hope that it rises.",
    "futures, future, perpetual, perpetuals, perp, perps, derivatives, options": (
        "Those are contracts on a price instead of the coin itself, mostly on borrowed money. I trade spot "
        "only."
    ),
    "spot, spot trading, spot market": (
        "Spot means buying and selling the coins themselves, with money that is there. It is all I do."
    ),
    "paper trading, paper mode, paper, demo, demo mode": (
        "Paper trading uses real prices and an account of play money. The demo goes further: its whole "
        "market runs inside me. Both show what I do before it costs anything."
    ),
    "validate mode, validation mode, validate": (
        "In validate mode I send every order to Kraken to be checked and not placed, and book it on paper."
    ),
    "live mode": "In live mode I trade your real account on Kraken, by the same rules as on paper.",
    "backtest, backtesting, back test": (
        "A backtest plays my rule over old candles, with fees, to see what it would have done. It proves "
        "less than it shows: the past was there to be fitted."
    ),
    "walk forward, walkforward, walk-forward": (
        "Walk-forward picks settings on one stretch of the past and tries them on the next, so that a "
        "good result is less likely to be luck."
    ),
    "overfitting, overfit, curve fitting": (
        "Overfitting is finding settings that suit the past by chance. It is why I count every trial."
    ),
    "mandate, standing order, standing orders": (
        "Your mandate is what you lay down once and I hold to on every order: capital, loss a day, coins "
        "never bought, hours, when to ask. /mandate shows it."
    ),
    "flatten, flattening": "To flatten is to sell what I hold at once. /flatten shows it first, with a "
        "button.",
    "panic, panic button": "/panic pauses me, cancels all entries and sells every position at once.",
    "autopilot, auto pilot": (
        "The autopilot is me trading by myself on closed candles, inside your limits. /pause stops it at "
        "once."
    ),
    "hedge, hedging": "To hedge is to hold something that gains when the rest loses. I do not hedge; I "
        "use stops.",
    "stablecoin, stablecoins": "A stablecoin is a coin that is meant to be worth one dollar or euro at "
        "all times.",
    "market cap, market capitalisation, market capitalization": (
        "The market cap is the price of one coin times the number of all of them."
    ),
    "bull market, bear market, bull, bear, bullish, bearish": (
        "A bull market rises for long, a bear market falls for long. I only buy, so in a bear market I "
        "mostly wait."
    ),
    "support, resistance, support and resistance": (
        "Support is a price where falls have often ended, resistance one where rises have. My rule does not "
        "draw them."
    ),
    "hodl, hodling": "To hodl is to hold a coin through everything. My positions have stops instead.",
    "fomo": "FOMO is the fear of missing out: the reason most people buy late. I do not have it.",
    "whale, whales": "A whale is somebody with enough coins to move a price alone.",
    "staking": "Staking lends coins to a network for a reward. I do not stake: what I hold stays sellable.",
    "arbitrage": "Arbitrage buys in one place and sells in another for more. I trade on Kraken alone.",
    "scalping": "Scalping takes many tiny gains. After fees it rarely pays, and I do not do it.",
    "breakout, breakouts": "A breakout is a price leaving the range it kept to, mostly with more volume.",
    "volume": "Volume is how much was traded. A move with little of it is easily undone, so my filter looks.",
    "quote currency, base currency, base, quote, pair, trading pair": (
        "In ETH/USD, ETH is the base, which is bought and sold, and USD the quote, in which it is paid."
    ),
    "gas, gas fee, gas fees": "Gas is paid for moving coins on a chain. Trading on the exchange costs none.",
}  # fmt: skip

# Figures of the owner's own account as well: 'what is the drawdown' asks for his, 'what is a drawdown' not.
FIGURES = _bag(
    """drawdown maxdrawdown maximumdrawdown profitfactor winrate hitrate sharpe sharperatio expectancy pnl
    equity exposure position positions edge fee fees commission commissions tradingfee tradingfees realisedpnl
    unrealisedpnl realizedpnl unrealizedpnl floatingpnl stop stops stoploss target profittarget takeprofit
    bid ask bidprice askprice volume mandate standingorders standingorder dailylosslimit losslimit paper demo
    autopilot signal signals r limit 
    tick lot ticksize lotsize minorder minimumorder stoporder protectivestop base quote
    tuition spread bracket"""
)

# Ways of placing an order that Zyn does not have; named alone they wish for one.
UNOFFERED = _bag("twap vwap iceberg icebergorder trailing trailingstop stoplimit dca grid oco hedge")


@cache
def terms() -> Mapping[str, str]:
    """Every name of a term, without blanks and hyphens, and what it means."""
    return {_key(name): meaning for names, meaning in _TERMS.items() for name in names.split(",")}


def meaning(name: str) -> str | None:
    """What a term means, in one or two plain sentences; None for a word that is none."""
    key = _key(name)
    return terms().get(key) or terms().get(key.removesuffix("s"))


def is_figure(name: str) -> bool:
    """Whether a term is a figure or a thing of the owner's account as well."""
    return _key(name) in FIGURES


def _key(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
