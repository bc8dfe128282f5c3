"""Every setting of trading, and all sections together: frozen dataclasses with unit, meaning and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from core.model.orders import LONGEST_DEADLINE_S
from core.trading_config.outside import AgentConfig, AlertsConfig, DemoConfig, ServiceConfig
from core.trading_config.param import Mode, param

_FRAMES = ("5m", "15m", "1h", "4h", "1d")
FILTER_NAMES = ("trend", "rsi", "volume", "volatility", "chop", "atr_spike")


@dataclass(frozen=True, slots=True)
class IndicatorConfig:
    """What is computed from candles."""

    cross: str = param(
        "price_fast", "which lines must cross for a signal", choices=("price_fast", "fast_slow")
    )
    sma_fast: int = param(20, "length of the fast moving average", "candles", low=2, high=500)
    sma_slow: int = param(50, "length of the slow moving average", "candles", low=2, high=500)
    rsi_period: int = param(14, "Wilder's RSI period", "candles", low=2, high=200)
    atr_period: int = param(14, "Wilder's ATR period", "candles", low=1, high=200)


@dataclass(frozen=True, slots=True)
class MarketFilters:
    """The hard filters: a signal trades only when every enabled one passes."""

    enabled: tuple[str, ...] = param(
        FILTER_NAMES, "which filters are asked, in this order", "comma list", choices=FILTER_NAMES
    )
    rsi_long_max: float = param(70.0, "a long needs RSI below this", "0-100", low=0, high=100)
    rsi_short_min: float = param(30.0, "a short needs RSI above this", "0-100", low=0, high=100)
    volume_lookback: int = param(96, "candles a volume is ranked among", "candles", low=5, high=700)
    volume_percentile_min: float = param(
        60.0, "the candle's volume must rank at least here", "percentile", low=0, high=100
    )
    volatility_min: float = param(0.002, "ATR/price must be at least this", "share", low=0, high=1)
    volatility_max: float = param(0.03, "ATR/price must be at most this", "share", low=0, high=1)
    chop_lookback: int = param(20, "candles over which chop is judged", "candles", low=2, high=500)
    chop_slope_min: float = param(
        0.001, "choppy when the fast SMA moved less than this over the lookback", "share", low=0, high=1
    )
    chop_range_min: float = param(
        0.012, "... and the price range was below this", "share of price", low=0, high=1
    )
    atr_spike_lookback: int = param(50, "candles whose mean ATR is normal", "candles", low=2, high=500)
    atr_spike_max: float = param(2.0, "a spike is ATR above this many times normal", "x", low=1, high=100)
    trend_min: float = param(
        0.0, "a long needs (fast SMA - slow SMA)/slow SMA above this", "share", low=0, high=1
    )


@dataclass(frozen=True, slots=True)
class RiskConfig:
    """How much may be lost, and how. These limits live in code, never in a prompt."""

    capital: Decimal | None = param(
        None, "most quote money Zyn may use; empty = the quote balance", "quote", low=0
    )
    sizing: str = param("risk_percent", "how a position is sized", choices=("risk_percent", "fixed"))
    risk_per_trade: float = param(
        0.01, "share of equity lost when a stop is hit", "share of equity", low=0.0001, high=0.1
    )
    fixed_stake: Decimal = param(Decimal(1000), "stake of the fixed sizing", "quote", low=1)
    max_position: float = param(
        0.25, "largest notional of one position", "share of equity", low=0.001, high=1
    )
    max_exposure: float = param(0.5, "all positions together", "share of equity", low=0.001, high=1)
    owner_reserve: float = param(
        0.0,
        "part of max_exposure that only the owner's own orders may use (demo: 0.05)",
        "share of equity",
        low=0,
        high=1,
    )
    max_open_positions: int = param(5, "positions at a time", "count", low=1, high=200)
    stop_atr: float = param(2.0, "stop distance below the entry", "x ATR", low=0.1, high=50)
    take_profit_atr: float = param(3.0, "target distance above the entry", "x ATR", low=0.1, high=100)
    daily_loss_limit: float = param(
        0.03, "fall of equity since the day's start that stops trading; 1 = off", "share", low=0.001, high=1
    )
    kill_rearm: str = param(
        "next_day", "how the kill switch ends (live: manual)", choices=("manual", "next_day")
    )
    kill_action: str = param(
        "flatten",
        "what a tripped kill switch does with open positions (backtest: keep their brackets)",
        choices=("flatten", "keep_brackets"),
    )
    cooloff_candles: int = param(6, "candles a pair rests after a losing exit", "candles", low=0, high=10_000)
    gap_stress: float = param(
        0.20, "gap through all stops at once that the book must bear", "share", low=0, high=1
    )
    max_gap_loss: float = param(
        0.12, "most that such a gap may cost; above it nothing is opened", "share of equity", low=0, high=1
    )
    max_trade_risk: float = param(
        0.1, "most that one trade may lose at its stop, however it is sized", "share of equity", low=0, high=1
    )
    max_turnover: float = param(
        20.0, "bought within 24 hours, all entries together", "x equity", low=0, high=1_000_000
    )
    autopilot_turnover: float = param(
        3.0, "of that, most that the autopilot buys by itself", "x equity", low=0, high=1_000_000
    )
    adjust_to_minimum: bool = param(
        True, "a size below the pair's minimum is raised to it where the whole risk of a trade allows it"
    )
    max_entries_per_hour: int = param(30, "entries in any 60 minutes", "count", low=1, high=1000)
    price_band: float = param(
        0.01, "an entry's price may be this far from the judged close; 1 = off", "share", low=0.0001, high=1
    )

    def for_autopilot(self) -> RiskConfig:
        """The limits the autopilot keeps to: room for the owner's own orders stays free."""
        return replace(
            self,
            max_exposure=max(0.0, self.max_exposure - self.owner_reserve),
            max_turnover=min(self.max_turnover, self.autopilot_turnover),
        )


@dataclass(frozen=True, slots=True)
class ExitConfig:
    on_opposite_signal: bool = param(True, "a raw cross down closes a long")


@dataclass(frozen=True, slots=True)
class CostConfig:
    """What trading costs where the exchange does not say."""

    source: str = param(
        "seed", "where fee rates come from (live: kraken)", choices=("seed", "kraken", "manual")
    )
    maker: float = param(0.0016, "fee of a resting limit order", "share", low=0, high=0.05)
    taker: float = param(0.0026, "fee of everything else", "share", low=0, high=0.05)
    spread_bps: float = param(5.0, "bid-ask spread of simulated fills", "basis points", low=0, high=500)
    volume_30d: Decimal = param(Decimal(0), "30-day volume that picks the published fee tier", "USD", low=0)


@dataclass(frozen=True, slots=True)
class PaperConfig:
    start_cash: Decimal = param(
        Decimal(10_000), "quote money a simulated account starts with", "quote", low=1
    )


@dataclass(frozen=True, slots=True)
class AutopilotConfig:
    interval_s: int = param(
        300, "the loop wakes this often, aligned to the candle's close", "market s", low=60
    )
    timeframe: str = param("5m", "candles that signals are judged on", choices=_FRAMES)


@dataclass(frozen=True, slots=True)
class ExecutionConfig:
    entry: str = param("taker", "how entries are sent", choices=("taker", "maker_first"))
    maker_patience_s: float = param(
        120.0, "maker_first: a resting entry is given up after this", "market s", low=10, high=280
    )
    deadline_s: float = param(
        5.0, "an order is void when it reaches the exchange later", "market s", low=2, high=LONGEST_DEADLINE_S
    )


@dataclass(frozen=True, slots=True)
class SyncConfig:
    interval_s: int = param(
        60, "balances, orders and trades are settled this often", "market s", low=5, high=3600
    )
    audit_s: int = param(
        1200, "the whole account is audited over REST this often", "market s", low=60, high=86_400
    )


@dataclass(frozen=True, slots=True)
class FlattenConfig:
    steps: tuple[Decimal, ...] = param(
        (Decimal("0.1"), Decimal("0.3"), Decimal(1), Decimal(3)),
        "immediate limits that a position is offered at, one after the other",
        "percent below the bid, comma list",
        low=0,
        high=50,
    )
    market_after_s: float = param(
        6.0, "from then on what is left is sold at market", "wall s", low=0, high=600
    )
    retry_s: float = param(
        1.0, "first pause between attempts; doubles up to a minute", "wall s", low=0.1, high=60
    )
    confirm_s: int = param(600, "how long a flatten button stays good", "wall s", low=60, high=3600)


@dataclass(frozen=True, slots=True)
class EdgeConfig:
    gate: str = param(
        "warn",
        "entries whose expected move is below cost (live: enforce)",
        choices=("off", "warn", "enforce"),
    )
    min_record: int = param(
        30, "closed trades from which the rule's own record may close the gate; 0 = never", "count", low=0
    )
    slippage_bps: float = param(
        2.0, "slippage of one side while fewer than 20 fills are measured", "basis points", low=0, high=500
    )


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """Flags of modules; off means decisions identical to a build without them."""

    crypto_universe: bool = param(False, "pairs chosen by liquidity instead of ZYN_SYMBOLS")
    profit_target: bool = param(False, "no new entries after the day's target")
    multi_timeframe: bool = param(False, "1h, 4h and 1d must confirm a long")
    api_watchdog: bool = param(True, "entries stop while the exchange or its candles are not trustworthy")
    backtest_mode: bool = param(True, "historical backtests may be run")


@dataclass(frozen=True, slots=True)
class LearningConfig:
    enabled: bool = param(True, "what was learned may scale risk down, never up")
    compare_rules: bool = param(True, "other rules watch along, so that results can be compared")
    barrier: int = param(
        288,
        "a followed signal whose bracket is still open is closed after so many",
        "candles",
        low=1,
        high=100_000,
    )


@dataclass(frozen=True, slots=True)
class RetentionConfig:
    """How long rows stay that are no evidence of money or learning."""

    holds: int = param(2, "receipts of candles on which nothing happened", "days", low=1, high=3650)
    marks: int = param(400, "points of the equity curve", "days", low=1, high=36_500)
    errors: int = param(90, "errors", "days", low=1, high=3650)


@dataclass(frozen=True, slots=True)
class ProfitTargetConfig:
    daily: float = param(0.02, "the day's target", "share of equity", low=0.0001, high=1)
    action: str = param("stop_entries", "what reaching it does", choices=("stop_entries", "notify"))


@dataclass(frozen=True, slots=True)
class MultiTimeframeConfig:
    """Which slower candles must confirm a long, when features.multi_timeframe is on."""

    timeframes: tuple[str, ...] = param(
        ("1h", "4h", "1d"),
        "slower candles that must confirm",
        "comma list",
        choices=_FRAMES[1:],
    )
    sma: int = param(20, "each must have closed above its average of so many", "candles", low=2, high=200)


@dataclass(frozen=True, slots=True)
class UniverseConfig:
    """Which pairs are watched, when features.crypto_universe is on."""

    size: int = param(200, "most pairs that are watched", "count", low=1, high=1000)
    min_volume: Decimal = param(Decimal(100_000), "least that is traded in 24 hours", "quote", low=0)
    max_spread_bps: float = param(40.0, "widest bid-ask spread", "basis points", low=0.1, high=1000)
    min_age_days: int = param(30, "days that a pair must have traded", "days", low=0, high=720)
    refresh_s: int = param(3600, "every pair is measured again this often", "market s", low=60, high=86_400)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything in force, resolved for one world."""

    service: ServiceConfig = field(default_factory=ServiceConfig)
    autopilot: AutopilotConfig = field(default_factory=AutopilotConfig)
    execution: ExecutionConfig = field(default_factory=ExecutionConfig)
    sync: SyncConfig = field(default_factory=SyncConfig)
    indicators: IndicatorConfig = field(default_factory=IndicatorConfig)
    filters: MarketFilters = field(default_factory=MarketFilters)
    risk: RiskConfig = field(default_factory=RiskConfig)
    exits: ExitConfig = field(default_factory=ExitConfig)
    costs: CostConfig = field(default_factory=CostConfig)
    flatten: FlattenConfig = field(default_factory=FlattenConfig)
    edge: EdgeConfig = field(default_factory=EdgeConfig)
    paper: PaperConfig = field(default_factory=PaperConfig)
    agent: AgentConfig = field(default_factory=AgentConfig)
    alerts: AlertsConfig = field(default_factory=AlertsConfig)
    features: FeatureConfig = field(default_factory=FeatureConfig)
    learning: LearningConfig = field(default_factory=LearningConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    profit_target: ProfitTargetConfig = field(default_factory=ProfitTargetConfig)
    multi_timeframe: MultiTimeframeConfig = field(default_factory=MultiTimeframeConfig)
    universe: UniverseConfig = field(default_factory=UniverseConfig)
    demo: DemoConfig = field(default_factory=DemoConfig)
    sources: Mapping[str, str] = field(
        default_factory=dict, compare=False
    )  # dotted key -> environment, .env, flag

    @property
    def mode(self) -> Mode:
        return Mode(self.service.mode)

    @property
    def world_dir(self) -> Path:
        """The folder of this mode's files; modes never share one."""
        return self.service.data_dir / self.mode.value
