"""Settings of the outside: owner, keys and addresses, the conversation, what reaches the phone, the demo."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.trading_config.param import LIVE_ACK, param


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """The outside: world, owner, keys and addresses."""

    mode: str = param("demo", "the world", env="ZYN_MODE", choices=("demo", "paper", "validate", "live"))
    live_ack: str = param("", f"live starts only with '{LIVE_ACK}'", env="ZYN_LIVE_ACK")
    data_dir: Path = param(Path("./data"), "where everything is kept", "folder", env="ZYN_DATA_DIR")
    owner_name: str = param("jimmy", "how Zyn calls its owner", env="ZYN_OWNER_NAME")
    timezone: str = param(
        "UTC", "the owner's zone: days, reports, quiet hours", "IANA name", env="ZYN_TIMEZONE"
    )
    symbols: tuple[str, ...] = param(
        ("BTC/USD", "ETH/USD"), "pairs Zyn watches (demo: its whole market)", "comma list", env="ZYN_SYMBOLS"
    )
    base_currency: str = param("USD", "money that results are counted in", env="ZYN_BASE_CURRENCY")
    kraken_api_key: str = param(
        "", "trading key; must not be able to withdraw", env="KRAKEN_API_KEY", secret=True
    )
    kraken_api_secret: str = param("", "its secret", "base64", env="KRAKEN_API_SECRET", secret=True)
    kraken_read_api_key: str = param("", "key of the reading lane", env="KRAKEN_READ_API_KEY", secret=True)
    kraken_read_api_secret: str = param("", "its secret", "base64", env="KRAKEN_READ_API_SECRET", secret=True)
    kraken_api_base_url: str = param(
        "https://api.kraken.com", "Kraken's REST", "URL", env="KRAKEN_API_BASE_URL"
    )
    kraken_ws_base_url: str = param(
        "wss://ws.kraken.com", "Kraken's public socket", "URL", env="KRAKEN_WS_BASE_URL"
    )
    kraken_ws_auth_base_url: str = param(
        "wss://ws-auth.kraken.com", "Kraken's private socket", "URL", env="KRAKEN_WS_AUTH_BASE_URL"
    )
    kraken_tier: str = param(
        "starter", "the key's rate limits", env="KRAKEN_TIER", choices=("starter", "intermediate", "pro")
    )
    telegram_bot_token: str = param(
        "", "the bot's token from BotFather", env="TELEGRAM_BOT_TOKEN", secret=True
    )
    telegram_allowed_user_ids: tuple[int, ...] = param(
        (),
        "who is served; empty = pairing by a code on the console",
        "comma list",
        env="TELEGRAM_ALLOWED_USER_IDS",
    )
    telegram_api_base_url: str = param(
        "https://api.telegram.org/bot", "Bot API", "URL", env="TELEGRAM_API_BASE_URL"
    )
    telegram_file_base_url: str = param(
        "https://api.telegram.org/file/bot", "Bot API files", "URL", env="TELEGRAM_FILE_BASE_URL"
    )
    openai_api_key: str = param("", "without it the offline brain answers", env="OPENAI_API_KEY", secret=True)
    openai_base_url: str = param("", "another OpenAI-compatible server", "URL", env="OPENAI_BASE_URL")
    openai_model: str = param("gpt-4o", "the model", env="OPENAI_MODEL")
    openai_fallback_models: tuple[str, ...] = param(
        ("gpt-5.5", "gpt-5.4-mini"),
        "tried in order when it is gone",
        "comma list",
        env="OPENAI_FALLBACK_MODELS",
    )
    openai_transcribe_model: str = param("gpt-transcribe", "for voice notes", env="OPENAI_TRANSCRIBE_MODEL")
    openai_daily_budget_usd: float = param(
        2.0, "most a day", "USD", env="OPENAI_DAILY_BUDGET_USD", low=0, high=1000
    )
    twilio_account_sid: str = param("", "account for SMS", env="TWILIO_ACCOUNT_SID")
    twilio_auth_token: str = param("", "its token", env="TWILIO_AUTH_TOKEN", secret=True)
    twilio_from: str = param("", "number SMS come from", "E.164", env="TWILIO_FROM")
    sms_to: str = param("", "the owner's phone", "E.164", env="SMS_TO")
    twilio_api_base_url: str = param(
        "https://api.twilio.com", "Twilio's REST", "URL", env="TWILIO_API_BASE_URL"
    )
    web_host: str = param("127.0.0.1", "address the pages are served on", env="WEB_HOST")
    web_port: int = param(5000, "port of the pages", env="WEB_PORT", low=0, high=65_535)
    web_password: str = param(
        "", "plain or $argon2id$...; empty = one-time links", env="WEB_PASSWORD", secret=True
    )
    web_public_url: str = param("", "address the owner reaches the pages by", "URL", env="WEB_PUBLIC_URL")
    web_metrics: bool = param(False, "serve /metrics without a session", env="WEB_METRICS")


@dataclass(frozen=True, slots=True)
class AgentConfig:
    memory_turns: int = param(20, "turns of a conversation that are remembered", "turns", low=1, high=200)
    confirm_s: int = param(60, "how long a preview may be confirmed", "wall s", low=10, high=600)
    turn_timeout_s: float = param(
        30.0, "longest thinking before plain code answers", "wall s", low=1, high=300
    )
    max_rounds: int = param(6, "model requests in one turn", "count", low=1, high=20)
    max_calls: int = param(12, "tool calls in one turn", "count", low=1, high=50)


@dataclass(frozen=True, slots=True)
class AlertsConfig:
    """What reaches the owner's phone, and when."""

    rings_a_day: int = param(30, "messages with a sound in a day; critical ones always ring", "count", low=0)
    quiet_hours: str = param("", "when only critical news comes through, such as 22-7", "hours")
    escalate_after_s: float = param(
        120.0, "an unseen critical is texted after this", "wall s", low=1, high=86_400
    )
    escalate_again_s: float = param(300.0, "... and once more after that", "wall s", low=1, high=86_400)
    sms_segments_a_day: int = param(60, "SMS segments in a day; escalations go beyond it", "segments", low=0)
    reports_at: str = param("08:00", "when morning brief and weekly card come", "HH:MM, owner's zone")


@dataclass(frozen=True, slots=True)
class DemoConfig:
    speed: float = param(60.0, "market seconds in a wall second", "x", low=1, high=3600)
    seed: int = param(1, "which market is generated", low=0)
    volume_30d: Decimal = param(
        Decimal(100_000), "30-day volume the demo account starts with; picks its fee tier", "USD", low=0
    )
