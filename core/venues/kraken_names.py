"""Kraken's many names for one thing: XXBTZUSD, XBTUSD, XBT/USD and BTC/USD are one pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.model.market import Pair, PairStatus
from core.model.pair_table import coin_names, symbol_of

# Names that Kraken gave before the rest of the world settled on others.
_COMMON = {
    "XBT": "BTC", "XDG": "DOGE", "LUNA": "LUNC", "LUNA2": "LUNA", "UST": "USTC", "REPV2": "REP",
    "FEE": "KFEE",
}  # fmt: skip
# Old assets carry a class letter: X for coins, Z for money. XTZ does not, so the letter alone proves nothing.
_LEGACY = frozenset(
    {
        f"X{coin}"
        for coin in ("XBT", "ETC", "ETH", "LTC", "MLN", "REP", "XDG", "XLM", "XMR", "XRP", "ZEC", "ICN")
    }
    | {f"Z{money}" for money in ("AUD", "CAD", "EUR", "GBP", "JPY", "KRW", "USD")}
)


def asset_code(kraken_id: str) -> str:
    """The code Zyn writes for an asset id such as XXBT, ZUSD or SOL."""
    plain = kraken_id[1:] if kraken_id in _LEGACY else kraken_id
    return _COMMON.get(plain, plain)


def is_tradable_balance(kraken_id: str) -> bool:
    """Whether a balance can be spent on the spot market: BTC.M, ETH2.S, USD.HOLD and the like cannot."""
    return "." not in kraken_id


def symbol_from(wsname: str, base_id: str, quote_id: str) -> str:
    """BASE/QUOTE in Zyn's names; from XBT/USD where Kraken gives that name, else from the asset ids."""
    base, slash, quote = wsname.partition("/")
    if not slash:
        base, quote = base_id, quote_id
    return f"{asset_code(base)}/{asset_code(quote)}"


class PairBook:
    """Every pair of the exchange, found by any of its names."""

    def __init__(self, pairs: Iterable[tuple[Pair, tuple[str, ...]]], money: str = "USD") -> None:
        """`pairs` come with Kraken's names for them; `money` is the quote meant when none is said."""
        self.pairs: dict[str, Pair] = {}
        self._symbols: dict[str, str] = {}
        self._money = money
        for pair, names in sorted(pairs, key=lambda row: row[0].status is not PairStatus.ONLINE):
            self.pairs.setdefault(pair.symbol, pair)
            for name in (*names, pair.symbol, pair.symbol.replace("/", "")):
                self._symbols.setdefault(name.upper(), pair.symbol)

    def symbol(self, name: str) -> str:
        """The symbol for one of Kraken's names in a reply; a pair that is gone keeps the best name known."""
        return self._symbols.get(name.upper()) or symbol_of(name) or name

    def resolve(self, text: str) -> str | None:
        """The symbol that a person means: btc, xbt, bitcoin, XBTUSD, btc-eur; None for no pair of ours."""
        said = "/".join(text.upper().replace("-", "/").replace("_", "/").split())
        written = self._symbols.get(said) or self._symbols.get(symbol_of(text) or "")
        return written or self._coin(text)

    def _coin(self, text: str) -> str | None:
        name = "-".join(text.lower().split())
        code = coin_names().get(name) or asset_code(name.upper())
        return next((s for quote in self._quotes() if (s := f"{code}/{quote}") in self.pairs), None)

    def _quotes(self) -> tuple[str, ...]:
        return (self._money, "USD", "EUR", "USDT", "USDC")


def bundled_book(pairs: Mapping[str, Pair], money: str) -> PairBook:
    """A book over the bundled table, for names asked before the exchange has answered."""
    return PairBook(((pair, (pair.venue_id,)) for pair in pairs.values()), money)
