"""Every setting of Zyn in one place: default, unit, meaning, bounds, and where its value came from.

Each setting has a dotted key (`risk.stop_atr`) that is also an environment variable (`ZYN_RISK__STOP_ATR`)
and a flag (`--set risk.stop_atr=2`); the outside names of CONTRACT keep their own variables. A real variable
beats `.env`, a flag beats both. All mistakes are reported at once and none is half-applied.
"""

from core.trading_config.loading import SLOTS, changed, load, read_dotenv
from core.trading_config.outside import AgentConfig, AlertsConfig, DemoConfig, ServiceConfig
from core.trading_config.param import LIVE_ACK, Mode
from core.trading_config.settings import (
    FILTER_NAMES,
    AutopilotConfig,
    Config,
    CostConfig,
    EdgeConfig,
    ExecutionConfig,
    ExitConfig,
    FeatureConfig,
    FlattenConfig,
    IndicatorConfig,
    LearningConfig,
    MarketFilters,
    MultiTimeframeConfig,
    PaperConfig,
    ProfitTargetConfig,
    RiskConfig,
    SyncConfig,
    UniverseConfig,
)
from core.trading_config.showing import Setting, as_text, describe, secrets_of
from core.trading_config.worlds import backtest_rules

__all__ = [
    "FILTER_NAMES", "LIVE_ACK", "SLOTS", "AgentConfig", "AlertsConfig", "AutopilotConfig", "Config",
    "CostConfig",
    "DemoConfig", "EdgeConfig", "ExecutionConfig", "ExitConfig", "FeatureConfig", "FlattenConfig",
    "IndicatorConfig", "LearningConfig", "MarketFilters", "Mode", "MultiTimeframeConfig", "PaperConfig",
    "ProfitTargetConfig", "RiskConfig", "ServiceConfig", "Setting", "SyncConfig", "UniverseConfig",
    "as_text", "backtest_rules", "changed", "describe", "load", "read_dotenv",
    "secrets_of",
]  # fmt: skip
