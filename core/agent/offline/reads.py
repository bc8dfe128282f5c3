"""Rules for questions: which room answers, and those about the market and Zyn itself."""

from __future__ import annotations

from collections.abc import Callable

from core.agent.offline.cancelling import TXID
from core.agent.offline.charts import backtest, chart
from core.agent.offline.clause import Clause
from core.agent.offline.holdings import balances, my_coin, orders, positions
from core.agent.offline.lessons import insights
from core.agent.offline.lexicon import bag
from core.agent.offline.listing import trades
from core.agent.offline.manner import Manner
from core.agent.offline.periods import find_period
from core.agent.offline.reasons import why
from core.agent.offline.results import (
    one_symbol,
    one_trade,
    performance,
    stretch,
    symbols_of,
)
from core.agent.offline.scene import Frame, Scene, ask, chat, look_up
from core.agent.offline.sides import too_little
from core.agent.offline.supposing import asks_of_a_crash, would_add
from core.agent.offline.tokens import Kind
from core.agent.offline.verdicts import against_holding, cost_so_far, eaten

Reader = Callable[[Clause, Scene], list[Frame] | None]
_NOUNS = (
    "SHOW",
    "PRICE",
    "BALANCE",
    "POSITION",
    "PNL",
    "ORDER",
    "TRADELIST",
    "STATUS",
    "CHART",
    "WHY",
    "BACKTEST",
)
_ASKS = ("HOW", "WHAT", "WHERE", "IS", "SHOW", "MUCH", "WANT", "CAN", "DO")


def reads(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    """The look-ups that answer a clause, or None when it asks nothing Zyn knows."""
    if manner is Manner.REPORTED:
        return None
    thanked = clause.has("THANKS") and not clause.question and not clause.coins and not clause.has(*_NOUNS)
    if clause.has("GUARANTEE") or thanked:
        return None
    order = TXID.search(raw) if not clause.has("CANCEL", "BUY", "SELL") else None
    if order and "-" in order[0]:
        return [look_up("get_orders", order_id=order[0])]
    if _asks_if_halted(clause) or _asks_if_real(clause):
        return [look_up("get_status")]
    if view := _inner_view(clause):
        return [look_up("get_status", view=view)]
    if (
        manner is Manner.ADVICE
        and clause.coins
        and (clause.has("HOLD", "MOVE", "SPEND") or clause.says("keep", "hang", "wait"))
    ):
        return _price(clause, scene)
    if (
        manner is Manner.ADVICE
        and not clause.coins
        and scene.last_symbol
        and clause.says("it", "them", "mine", "that")
    ):
        return [look_up("get_price", symbol=scene.last_symbol)]
    if manner is Manner.ADVICE and would_add(clause):
        return [chat("How much of your money works here is yours to decide; I give no advice on that.")]
    if manner is Manner.HYPOTHESIS and clause.coins and clause.says("i", "we") and not clause.has("PRICE"):
        symbols = symbols_of(clause, scene)
        return [look_up(intent, symbol=one) for one in symbols for intent in ("get_positions", "get_price")]
    if asks_of_a_crash(clause, manner):
        return [look_up("get_status", view="limits")]
    for reader in _READERS:
        found = reader(clause, scene)
        if found:
            return found
    return None


def _asks_if_halted(clause: Clause) -> bool:
    """'Did you stop', 'have you stopped trading': of Zyn itself, and of no order."""
    halted = any(clause.run("you", word) for word in ("stop", "stopped", "quit", "halted", "stop trading"))
    return halted and clause.question and not clause.has("WHY", "ORDER", "HELP") and not clause.coins


_MONEY_KINDS = bag("paper live real demo simulation simulated simulator fake pretend practice test play")


def _asks_if_real(clause: Clause) -> bool:
    """'Is this a simulation or real', 'are we on paper or live': which money Zyn trades with."""
    kinds = {word for text in clause.texts for word in text.split()} & _MONEY_KINDS
    mode = clause.says("mode", "account", "money") and clause.says("demo", "paper", "fake", "pretend")
    asked = clause.question and not (
        clause.coins or clause.numbers or clause.has("PNL", "BUY", "SELL", "COMPARE")
    )
    return asked and ((len(kinds) > 1 and clause.says("or")) or mode)


_MARKET_ASKED = (("the", "market"), ("the", "markets"), ("crypto", "doing"), ("crypto", "today"))


def _the_market(clause: Clause, scene: Scene) -> list[Frame] | None:
    """'How is the market': the two coins that lead it."""
    asked = any(clause.run(*words) for words in _MARKET_ASKED) and clause.has("HOW", "WHAT", "IS")
    if not asked or clause.coins or clause.has("ORDER", "POSITION", "PNL", "FEEINFO", "INSIGHT", "TRADE"):
        return None
    return [look_up("get_price", symbol=f"{coin}/{scene.quote}") for coin in ("BTC", "ETH")]


def _universe(clause: Clause, scene: Scene) -> list[Frame] | None:
    """Which pairs are traded; the owner's word on single ones is typed, for it changes what is traded."""
    asked = clause.says("pairs", "coins", "markets", "cryptos", "symbols") and clause.says(
        "watch",
        "follow",
        "choose",
        "watched",
        "watching",
        "following",
        "tracking",
        "track",
        "scanning",
        "scan",
    )
    traded = clause.says("pairs", "coins", "markets", "cryptos", "symbols") and any(
        clause.run(*words) for words in (("do", "you", "trade"), ("can", "you", "trade"), ("you", "trading"))
    )
    traded = (
        traded
        or clause.run("you", "looking", "at")
        or any(clause.run("what", may, who, "trade") for may in ("do", "can") for who in ("you", "we"))
    )
    if not (clause.says("universe") or ((asked or traded) and not clause.coins)):
        return None
    return [look_up("universe", symbol=one_symbol(clause, scene) if clause.coins else None)]


_FIELDS = {
    "MININFO": "min_size", "PRECINFO": "precision", "FEEINFO": "fees", "LISTINFO": "status", "INFO": "all",
}  # fmt: skip


_PAYING = (
    ("round", "trip", "cost"), ("round", "trips", "cost"), ("does", "a", "trade", "cost"),
    ("do", "trades", "cost"), ("walk", "forward"),
    ("cost", "of", "a", "trade"), ("pay", "for", "themselves"), ("pays", "for", "itself"),
    ("pay", "for", "itself"), ("worth", "trading"), ("live", "with", "paper"), ("live", "to", "paper"),
    ("live", "and", "paper"), ("live", "vs", "paper"), ("paper", "twin"), ("paper", "twins"),
)  # fmt: skip


def _paying(clause: Clause, scene: Scene) -> list[Frame] | None:
    """Whether a trade pays for itself, what a walk-forward would change, and how true paper is."""
    asked = clause.question or clause.has("SHOW", "WHAT", "HOW", "IS", "COMPARE") or clause.says("compare")
    said = any(clause.run(*words) for words in _PAYING) or clause.says("walk-forward", "walkforward")
    if not (asked and said) or clause.coins or clause.numbers:
        return None
    return [look_up("get_status", view="edge")]


def _market_info(clause: Clause, scene: Scene) -> list[Frame] | None:
    symbols = symbols_of(clause, scene)
    field = next((name for tag, name in _FIELDS.items() if clause.has(tag)), None)
    if field == "min_size" and not clause.coins and scene.period(clause.tokens):
        return None  # the least bad thing we did this week
    if field is None and symbols:
        field = _meant_field(clause)
    if field == "fees" and _paid_so_far(clause, scene, bool(symbols)):
        return None
    if field is None or (field == "all" and not symbols):
        return None
    symbols = symbols or [name for name in [scene.last_symbol] if name]
    if not symbols:
        return [ask("Of which coin?", "symbol", intent="get_market_info", field=field)]
    return [look_up("get_market_info", symbol=symbol, field=field) for symbol in symbols]


def _meant_field(clause: Clause) -> str | None:
    """What of a coin's market is asked for without its name: the least, the limits, whether it is traded."""
    least = clause.says("least") and clause.has("HOW", "WHAT") and clause.has("BUY", "WANT")
    if (least and not clause.numbers) or too_little(clause):
        return "min_size"
    resting = clause.has("MY", "ORDER", "RESTING", "OPENED") or clause.says("buys", "sells", *_OF_AN_ORDER)
    limits = clause.has("LIMIT") and not resting and (clause.question or clause.says("limits"))
    traded = clause.says("trade") and clause.has("CAN") and not clause.has("POSITION", "OPENED")
    carried = clause.says("kraken") and clause.says("have", "offer", "carry", "list", "trade", "got", "has")
    there = clause.run("on", "kraken") and not clause.has("PRICE", "ORDER", "POSITION", "TRADE")
    listed = clause.has("IS") and (clause.says("available", "offered") or there)
    if traded or listed or (carried and clause.has("DO")):
        return "status"
    return "all" if limits else None


_OF_AN_ORDER = ("fill", "filled", "hit", "through", "there", "trigger", "triggered")


def _paid_so_far(clause: Clause, scene: Scene, named: bool) -> bool:
    """Whether the fees of trades are meant, and not the rate."""
    spent = clause.says("paid", "spent", "total", "cost") or (clause.says("pay") and not named)
    weighed = not named and clause.says(*_TOO_DEAR)
    return clause.has("PNL") or spent or weighed or find_period(clause.tokens, scene.today) is not None


_TOO_DEAR = tuple(
    bag(
        """worried worry worrying concerned bothered afraid eating eat hurting hurt killing bleeding adding
        add steep heavy hefty problem ruining draining crippling"""
    )
)


def _help(clause: Clause, scene: Scene) -> list[Frame] | None:
    if clause.has("THANKS") or clause.says("been") or clause.run("your", "help") or _helps_elsewhere(clause):
        return None
    if any(one.text in _WHO_IS and two.text.endswith("ing") for one, two in clause.pairs()):
        return None  # what are you looking at
    taught = clause.says("how") and clause.has("BUY", "SELL", "CANCEL", "PAUSE", "CLOSE")
    return [look_up("help")] if clause.has("HELP") and (taught or not clause.coins) else None


_WHO_IS = ("who are you", "what are you")
_HELPED_IN = bag("it this that these them everything zyn commands trading bot crypto settings alerts kraken")


def _helps_elsewhere(clause: Clause) -> bool:
    """'Help me with my homework': with a thing that is not of the trade."""
    at = next((at for at, (one, two) in enumerate(clause.pairs()) if two.text in ("with", "to")), -1)
    words = [token for token in clause.tokens[at + 2 :] if token.kind is Kind.WORD] if at >= 0 else []
    asked = clause.tokens[at].text in ("help", "me", "us") if at >= 0 else False
    things = [token for token in words if not token.tag and token.text not in _LITTLE]
    of_trade = any(token.tag in _NOUNS or token.text in _HELPED_IN for token in words) or clause.has(
        *_OF_TRADE
    )
    return asked and bool(things) and not of_trade


_LITTLE = bag("the a an of for with to in and or my some what do")
_OF_TRADE = (
    "TRADE",
    "BUY",
    "SELL",
    "ALERTS",
    "NOTIFY",
    "AUTOPILOT",
    "COINWORD",
    "RISKWORD",
    "PAUSE",
    "CANCEL",
)


def _price(clause: Clause, scene: Scene) -> list[Frame] | None:
    money = next((token.unit for token in clause.tokens if token.tag == "MONEY"), "")
    symbols = [scene.symbol(coin, money) for coin in clause.coins]
    mine = clause.has("MY") and clause.has("WORTH")
    asks = (
        clause.has("PRICE", "WORTH", "COMPARE", *_ASKS)
        or clause.asked
        or len(clause.opening) <= 2
        or all(one.kind in (Kind.COIN, Kind.MARK) or one.text == "and" for one in clause.opening)
        or (bool(money) and len(clause.opening) <= 3 and not clause.numbers)
        or clause.has("ADVICE", "SHOULD")
    )
    moving = clause.question and clause.has("IT") and clause.says("up", "down", "moving", "higher", "lower")
    if not symbols and moving and scene.last_symbol and not clause.has("AUTOPILOT"):
        return [look_up("get_price", symbol=scene.last_symbol)]
    if symbols and mine:
        return [look_up("get_balances", asset=coin.unit) for coin in clause.coins] + [
            look_up("get_price", symbol=s) for s in symbols
        ]
    if symbols and asks:
        return [look_up("get_price", symbol=symbol) for symbol in symbols]
    if scene.named and not symbols and clause.run("what", "is", "it") and len(clause.opening) <= 5:
        return [look_up("get_price", symbol=scene.named)]
    level_of_it = clause.has("WHAT", "WHERE") and clause.has("IT") and clause.has("IS") and not clause.numbers
    if (
        scene.last_symbol
        and not symbols
        and level_of_it
        and clause.says("at", "now")
        and not clause.has("STOP")
    ):
        return [look_up("get_price", symbol=scene.last_symbol)]
    if clause.has("PRICE", "WORTH") and not symbols:
        if scene.last_symbol:
            return [look_up("get_price", symbol=scene.last_symbol)]
        return [ask("The price of which coin?", "symbol", intent="get_price")]
    return None


_VIEWS = (
    ("health", ("health", "healthy", "connection", "connectivity", "latency", "lag", "lagging")),
    ("settings", ("settings", "configuration", "config")),
    ("edge", ("edge",)),
    ("version", ("version", "release", "build")),
    ("logs", ("logs", "logfile", "errors")),
    ("web", ("login-link", "web-link", "web-address", "link", "dashboard")),
)


def _view(clause: Clause) -> str | None:
    """Which side of the status is asked for."""
    told = Clause(tuple(token for token in clause.tokens if token.text != "short version"))
    return next((name for name, words in _VIEWS if told.says(*words)), None)


def _inner_view(clause: Clause) -> str | None:
    """The edge, the version or the log, where it is what is asked for."""
    asked = clause.question or clause.has("SHOW", "WHAT", "STATUS") or len(clause.opening) <= 2
    if not asked or clause.has("BUY", "SELL", "TRADE"):
        return None
    return view if (view := _view(clause)) in ("edge", "version", "logs") else None


def _status(clause: Clause, scene: Scene) -> list[Frame] | None:
    """How Zyn itself is: running, paused, what it is doing."""
    said = ("what is happening", "what is up", "what is going on")
    happening = bool(clause.coins) and any(clause.run(words, "with") for words in said)
    if happening and not clause.has("AUTOPILOT"):
        return [look_up("get_price", symbol=scene.symbol(coin)) for coin in clause.coins]
    if clause.says("still") and clause.says("you") and clause.has("TRADE", "ALIVE", "ON", "PAUSE", "DOING"):
        return [look_up("get_status")]
    if clause.has("STATUS") or (clause.has("CAN") and clause.says("lose")):
        view = _view(clause)
        return [look_up("get_status", view="limits" if view is None and not clause.has("STATUS") else view)]
    asked = clause.question or clause.asked
    machine = clause.has("AUTOPILOT") or clause.says("you", "we", "trading", "mode", "everything")
    living = clause.has("ALIVE", "TRADE", "ON", "OFF", "DOING", "PAUSE", "PANIC") or clause.says(
        "on",
        "off",
        "ok",
        "okay",
        "there",
        "up",
        "running",
        "working",
        "down",
        "active",
        "live",
        "mode",
        "paper",
        "fine",
        "alright",
    )
    if machine and living and (asked or clause.has("IS", "HOW", "SHOW")):
        return [look_up("get_status")]
    if clause.run("you", "there") or (clause.has("AUTOPILOT") and asked) or clause.has("ALIVE") and asked:
        return [look_up("get_status")]
    well = clause.has("HOW") and (clause.says("things", "everything", "stuff") or clause.has("DOING"))
    if clause.has("SAFETY") and clause.says("limits") and clause.has("SHOW", "WHAT", "MY"):
        return [look_up("get_status", view="limits")]
    safe = asked and clause.has("SAFETY", "RESUME", "UNLOCK")
    return (
        [look_up("get_status")]
        if well or safe or (clause.has("WHAT") and clause.run("you", "doing"))
        else None
    )


_READERS: tuple[Reader, ...] = (
    why, against_holding, eaten, cost_so_far,
    backtest, chart, _help, _universe, _paying, _market_info, one_trade, insights, my_coin, performance,
    orders, positions,
    trades,
    balances, _the_market, _price, _status, stretch,
)  # fmt: skip
