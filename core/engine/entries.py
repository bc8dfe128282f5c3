"""Every entry of the registry: what can be asked, by which words, with which effect. Data only.

Words of other bots stand among the aliases; those that mean nothing on a spot account say why.

Handlers are bound in the composition root; an entry without a handler is not offered on any door.
"""

from __future__ import annotations

from core.engine.registry import (
    EVERYWHERE,
    HANDS,
    AlertSlots,
    AssetSlots,
    BacktestSlots,
    BracketSlots,
    CancelSlots,
    ChartSlots,
    Door,
    Effect,
    Entry,
    ExplainSlots,
    FlattenSlots,
    InsightSlots,
    LearningSlots,
    MandateSlots,
    MarketInfoSlots,
    OrderSlots,
    OrdersSlots,
    PauseSlots,
    PerformanceSlots,
    PreferenceSlots,
    PriceSlots,
    QuerySlots,
    RiskSlots,
    StatusSlots,
    SymbolSlots,
    TextSlots,
    TradesSlots,
    UniverseSlots,
)

BY_SMS = EVERYWHERE | {Door.SMS}
READ, MEMORY, REDUCES, OPENS, OWNER = Effect.READ, Effect.MEMORY, Effect.REDUCES, Effect.OPENS, Effect.OWNER

HELP = Entry(
    "help", "help", "What you can ask", READ, QuerySlots, aliases=("start", "commands"),
    usage="/help [topic|word]",
    doors=HANDS, menu=True,
)  # fmt: skip
STATUS = Entry(
    "get_status", "status", "How things stand", READ, StatusSlots,
    aliases=(
        "dashboard", "mode", "health", "ratelimit", "cost", "ping", "settings", "config", "show_config",
        "show_conf", "web", "edge", "version", "tg_info", "logs", "errors",
    ),
    usage="/status · /health · /settings · /edge · /web · /version · /logs [count]", menu=True,
)  # fmt: skip
BALANCES = Entry(
    "get_balances", "balance", "What is in the account", READ, AssetSlots,
    aliases=("balances", "portfolio"), usage="/balance [coin]", menu=True,
)  # fmt: skip
POSITIONS = Entry(
    "get_positions", "positions", "Open positions with stop and target", READ, SymbolSlots,
    aliases=("position", "count"), usage="/positions [coin]", menu=True,
)  # fmt: skip
ORDERS = Entry(
    "get_orders", "orders", "Orders resting on the exchange, or one order", READ, OrdersSlots,
    aliases=("order",), usage="/orders [coin] · /order ID",
)  # fmt: skip
TRADES = Entry(
    "get_trades", "trades", "Executions as the exchange booked them", READ, TradesSlots,
    aliases=("fills", "history"), usage="/trades [coin] [count]",
)  # fmt: skip
PNL = Entry(
    "get_performance", "pnl", "Profit and loss of a period", READ, PerformanceSlots,
    aliases=(
        "profit", "profit_long", "performance", "daily", "weekly", "monthly", "stats", "entries", "buys",
        "exits", "sells", "mix_tags",
    ),
    usage="/pnl [today|yesterday|this_week|7d|30d|all] [coin] [by coin|rule|reason|regime|hour|weekday|day]",
    menu=True,
)  # fmt: skip
PRICE = Entry(
    "get_price", "price", "Price on the exchange now", READ, PriceSlots, aliases=("p",),
    usage="/price eth", menu=True,
)  # fmt: skip
MARKET_INFO = Entry(
    "get_market_info", "info", "Minimums, steps and fees of a pair", READ, MarketInfoSlots,
    aliases=("limits",), usage="/info eth",
)  # fmt: skip
WHY = Entry(
    "explain_trade", "why", "Why Zyn did or did not trade", READ, ExplainSlots, aliases=("whynot", "explain"),
    usage="/why [coin]", menu=True,
)  # fmt: skip
INSIGHTS = Entry(
    "get_insights", "insights", "What the trades so far show", READ, InsightSlots,
    usage="/insights [coin|rule|hour|weekday|regime|exit]",
)  # fmt: skip
LEARNING = Entry(
    "learning", "learning", "What was learned, how sure it is, and whether it acts", OPENS, LearningSlots,
    aliases=("lessons", "learn", "undo_lesson"), usage="/learning [on|off|undo 3|reset]",
    shows=True,
)  # fmt: skip
CHART = Entry(
    "chart", "chart", "Candles or equity as a picture", READ, ChartSlots, aliases=("equity",),
    usage="/chart [coin] [1h] [light|dark] · /chart equity · /chart trade [coin] · /chart week", menu=True,
)  # fmt: skip
BACKTEST = Entry(
    "backtest", "backtest", "Try the strategy on a pair's recent candles", READ, BacktestSlots,
    usage="/backtest [coin]",
)  # fmt: skip
ORDER = Entry(
    "place_order", "buy", "Buy, previewed first", OPENS, OrderSlots,
    aliases=("sell", "forcebuy", "forcelong", "long"),
    usage="/buy eth 50 [stop 2%] [target 4%] · /sell eth 50", menu=True,
)  # fmt: skip
BRACKET = Entry(
    "place_bracket", "bracket", "Buy with stop and target, or move them", OPENS, BracketSlots,
    aliases=("move_sl", "move_tp"), doors=HANDS,
    usage="/bracket eth 50 stop 2% target 4% · /bracket eth stop 3,050 · /move_sl eth 3,050",
)  # fmt: skip
CANCEL = Entry(
    "cancel_order", "cancel", "Cancel a resting order", REDUCES, CancelSlots,
    aliases=("cancel_all", "cancel_open_order", "coo", "delete"), usage="/cancel [order id|coin|all]",
)  # fmt: skip
FLATTEN = Entry(
    "flatten", "flatten", "Sell everything Zyn holds", REDUCES, FlattenSlots,
    aliases=("close", "sell_all", "forceexit", "forcesell", "fx"), usage="/flatten [coin] [now]", menu=True,
    doors=BY_SMS,
)  # fmt: skip
PANIC = Entry("panic", "panic", "Pause, cancel entries and sell everything at once", REDUCES, doors=HANDS)
PAUSE = Entry(
    "pause", "pause", "Open nothing new; stops stay", REDUCES, PauseSlots,
    aliases=("stopentry", "stopbuy", "stop"), menu=True, doors=BY_SMS,
    usage="/pause [30m|2h|until 18:00|until tomorrow 9am]",
)  # fmt: skip
RESUME = Entry("resume", "resume", "Trade again after a pause", OPENS, menu=True)
UNLOCK = Entry(
    "unlock", "unlock", "End a kill switch or lock, in two steps", OWNER,
    aliases=("delete_locks", "rearm"), doors=HANDS,
)  # fmt: skip
RISK = Entry(
    "set_risk", "risk", "Limits in force, or make them tighter", OPENS, RiskSlots,
    aliases=("set_risk", "locks", "protections", "cooloff"),
    usage="/risk [parameter value] · /risk tuition 50",
    shows=True,
)  # fmt: skip
UNIVERSE = Entry(
    "universe", "universe", "Which pairs I trade, ranked, and why", OPENS, UniverseSlots,
    aliases=("pairs", "whitelist", "blacklist", "blacklist_delete", "bl_delete"),
    usage="/universe [allow|deny|list] [coin]",
    shows=True,
)  # fmt: skip
MANDATE = Entry(
    "mandate", "mandate", "Your standing orders: capital, loss a day, coins, hours, when to ask", OPENS,
    MandateSlots, aliases=("policy",), doors=HANDS,
    usage="/mandate [capital 2000] [loss 3%] [never doge,shib] [hours 08:00-22:00] [ask 500] [drop NAME|all]",
    shows=True,
)  # fmt: skip
PREFERENCE = Entry(
    "set_preference", "set", "Remember how you like things", MEMORY, PreferenceSlots, aliases=("preference",),
    usage="/set quiet_hours 22-7",
)  # fmt: skip
REMEMBER = Entry(
    "remember", "remember", "Remember a fact about you", MEMORY, TextSlots, usage="/remember text"
)
RECALL = Entry("recall", "recall", "What Zyn remembers of you", READ, QuerySlots, aliases=("memory",))
FORGET = Entry("forget", "forget", "Forget a fact about you", MEMORY, QuerySlots, usage="/forget text")

ALERTS = Entry(
    "alerts", "alerts", "What reaches your phone, and conditions you wait for", MEMORY, AlertSlots,
    aliases=("quiet", "sms", "ack", "tell"),
    usage="/alerts [on|silent|off event] [quiet 22-7] [when eth above 3000] [remove 1] · /sms test · /ack",
    shows=True,
)  # fmt: skip

ALL: tuple[Entry, ...] = (
    HELP, STATUS, BALANCES, POSITIONS, ORDERS, TRADES, PNL, PRICE, MARKET_INFO, WHY, INSIGHTS, LEARNING,
    CHART, BACKTEST, ORDER, BRACKET, CANCEL, FLATTEN, PANIC, PAUSE, RESUME, UNLOCK, RISK, UNIVERSE, MANDATE,
    PREFERENCE, ALERTS, REMEMBER, RECALL, FORGET,
)  # fmt: skip

_NO_SHORTS = "I trade spot: there is nothing to sell short, so there are no short results either."
# What other bots know and Zyn does not, with the reason and the way that leads there.
ELSEWHERE = {
    "forceshort": _NO_SHORTS, "short": _NO_SHORTS, "profit_short": _NO_SHORTS,
    "reload_config": "Settings are read at the start: change .env and start me again. /settings shows them.",
    "reload_conf": "Settings are read at the start: change .env and start me again. /settings shows them.",
    "reload_trade": "I read every trade from the exchange anew each minute; there is nothing to reload.",
    "marketdir": "My rule reads the direction from closed candles (/why); it is not told one.",
    "list_custom_data": "What I know of a trade is its receipt: /why eth, or /chart trade eth.",
    "live": "The world is chosen at the start: ZYN_MODE in .env.",
    "paper": "The world is chosen at the start: ZYN_MODE in .env.",
    "leverage": "I trade with what is there: no margin, no leverage.",
    "gateway": "I trade on Kraken alone.", "swap": "I trade on Kraken alone: /buy and /sell.",
    "update": "A new version is installed where I run, never by chat.",
    "walkforward": "That takes long and runs on the machine: zyn walkforward. /backtest tries some.",
    "hyperopt": "That takes long and runs on the machine: zyn optimize. /backtest tries some.",
}  # fmt: skip
