"""A bundled table of coins and their grids, so that a backtest or a dry chat turn needs no exchange.

The live service reads the exchange's own table; this one knows the usual names and close enough grids.
A row is: coin, decimals of its price in dollars, smallest order, names people use for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from core.model.market import Pair

LOT = Decimal("0.00000001")
MIN_COST = Decimal("0.5")

_COINS = """
BTC 1 0.00005 bitcoin xbt btc bitcoins
ETH 2 0.001 ethereum ether eth ethers
SOL 2 0.02 solana sol
XRP 5 1.65 ripple xrp
DOGE 7 13 dogecoin doge xdg doges
ADA 6 4.4 cardano ada
LTC 2 0.04 litecoin ltc litecoins
BCH 2 0.01 bitcoin-cash bch bcash
DOT 4 1.2 polkadot dot
LINK 5 0.2 chainlink link
AVAX 2 0.17 avalanche avax
ATOM 4 0.9 cosmos atom
UNI 3 0.5 uniswap uni
AAVE 2 0.02 aave
ETC 3 0.2 ethereum-classic etc
XLM 6 12 stellar xlm lumens
XMR 2 0.015 monero xmr
ZEC 2 0.02 zcash zec
DASH 3 0.1 dash
XTZ 4 6 tezos xtz
ALGO 5 20 algorand algo
TRX 6 16 tron trx
NEAR 4 1.6 near near-protocol
FIL 3 1.5 filecoin fil
ICP 3 0.8 internet-computer icp
APT 4 0.8 aptos apt
ARB 4 9 arbitrum arb
OP 4 5 optimism op
SUI 4 1.5 sui
SEI 5 15 sei
INJ 3 0.3 injective inj
TIA 4 1.3 celestia tia
TON 3 1.5 toncoin ton
BNB 2 0.007 binance-coin bnb
PEPE 9 400000 pepe pepecoin
SHIB 8 350000 shiba shiba-inu shib
BONK 8 200000 bonk
WIF 4 4 dogwifhat wif
FLOKI 8 60000 floki floki-inu
TRUMP 3 0.5 official-trump trump trump-coin
PENGU 6 200 pudgy-penguins pengu
FARTCOIN 4 5 fartcoin
POPCAT 4 12 popcat
MOG 10 5000000 mog mog-coin
TURBO 6 1500 turbo
JUP 5 8 jupiter jup
PYTH 4 20 pyth pyth-network
JTO 4 2.5 jito jto
RAY 3 1.5 raydium ray
RENDER 3 1 render rndr render-token
FET 4 6 fetch fetch-ai fet
TAO 2 0.01 bittensor tao
GRT 5 40 the-graph grt graph-token
AKT 3 2.5 akash akt akash-network
AR 3 0.4 arweave ar
MANA 5 14 decentraland mana
SAND 4 14 sandbox the-sandbox sand
AXS 4 1.5 axie axie-infinity axs
GALA 5 250 gala
APE 4 6 apecoin ape
ENJ 5 50 enjin enj
IMX 4 7 immutable immutable-x imx
CHZ 5 80 chiliz chz
FLOW 3 10 flow-token flow
CRV 4 6 curve curve-dao crv
COMP 2 0.1 compound comp
MKR 1 0.003 maker mkr
SKY 5 80 sky-token sky
SNX 3 5 synthetix snx
SUSHI 4 6 sushi sushiswap
YFI 0 0.0008 yearn yearn-finance yfi
LDO 4 4 lido lido-dao ldo
ENS 3 0.2 ethereum-name-service ens
1INCH 4 20 1inch oneinch
BAL 3 3 balancer bal
BAT 5 22 basic-attention-token bat
ZRX 5 16 0x zrx
KNC 4 12 kyber knc
UMA 3 3 uma
RPL 3 0.6 rocket-pool rpl
CVX 3 1.5 convex cvx
GMX 3 0.25 gmx
DYDX 4 8 dydx
PENDLE 3 1.2 pendle
ONDO 4 5 ondo
ENA 4 10 ethena ena
EIGEN 3 4 eigenlayer eigen
ETHFI 3 4 ether-fi ethfi
STRK 4 35 starknet strk
ZK 5 90 zksync zk
ZRO 3 2 layerzero zro
W 4 60 wormhole
POL 5 20 polygon matic pol
STX 3 6 stacks stx
RUNE 3 3 thorchain rune
QNT 2 0.05 quant qnt
EGLD 2 0.25 multiversx elrond egld
KSM 2 0.25 kusama ksm
KAVA 4 11 kava
MINA 4 20 mina
HBAR 5 25 hedera hbar hedera-hashgraph
KAS 5 50 kaspa kas
FLR 5 250 flare flr
XDC 5 60 xdc xdc-network
VET 5 200 vechain vet
EOS 4 8 eos
QTUM 4 2 qtum
ICX 4 30 icon icx
SC 5 1200 siacoin sc
LSK 4 8 lisk lsk
STORJ 4 15 storj
OXT 5 70 orchid oxt
LRC 4 40 loopring lrc
MLN 2 0.4 enzyme melon mln
GNO 2 0.03 gnosis gno
REP 3 0.5 augur rep
NANO 6 5 nano xno
LPT 3 0.7 livepeer lpt
MASK 3 2.5 mask-network mask
BLUR 4 30 blur
WLD 4 5 worldcoin wld
ORDI 3 0.5 ordi ordinals
JASMY 5 350 jasmy jasmycoin
LUNA 4 20 terra luna
LUNC 8 80000 terra-classic lunc
VIRTUAL 4 5 virtuals virtuals-protocol virtual
KAITO 4 5 kaito
BERA 3 2 berachain bera
HYPE 3 0.15 hyperliquid hype
PAXG 2 0.002 pax-gold paxg
USDT 5 5 tether usdt
USDC 4 5 usd-coin usdc
DAI 5 5 dai
"""

_DOLLARS = ("USD", "USDT", "USDC")
_MONEY = (*_DOLLARS, "EUR", "GBP")  # quotes whose prices have the magnitude of dollar prices
_IN_BITCOIN = {"ETH": 5, "SOL": 7, "XRP": 8, "LTC": 6, "ADA": 8, "DOT": 8, "LINK": 7, "BCH": 5, "XMR": 6}
_KRAKEN_ASSETS = {"XBT": "BTC", "XDG": "DOGE"}
_LEGACY = frozenset({"BTC", "ETH", "LTC", "XRP", "XLM", "XMR", "ZEC", "ETC", "REP", "MLN"})
_FIAT = frozenset({"USD", "EUR", "GBP"})


@dataclass(frozen=True, slots=True)
class Coin:
    """One coin: `tick` is its price step in dollars; `names` are lower case, words joined by '-'."""

    code: str
    tick: Decimal
    min_qty: Decimal
    names: tuple[str, ...]


@cache
def coins() -> Mapping[str, Coin]:
    """Every bundled coin by its code, in the order of the table."""
    return {row.code: row for row in map(_coin, _COINS.split("\n")[1:-1])}


def _coin(line: str) -> Coin:
    code, decimals, min_qty, *names = line.split()
    return Coin(code, Decimal(1).scaleb(-int(decimals)), Decimal(min_qty), tuple(names) or (code.lower(),))


@cache
def coin_names() -> Mapping[str, str]:
    """Every known name of a coin, lower case with '-' between words, and its code: bitcoin -> BTC."""
    return {name: coin.code for coin in coins().values() for name in coin.names}


def asset_code(text: str) -> str:
    """An asset's code as Zyn writes it: XBT is BTC, XDG is DOGE."""
    code = text.strip().upper()
    return _KRAKEN_ASSETS.get(code, code)


def symbol_of(text: str) -> str | None:
    """BASE/QUOTE of a pair written BTCUSD, XBTUSD, XXBTZUSD, BTC-USD or BTC/USD; None for no pair."""
    name = text.strip().upper().replace("-", "/").replace("_", "/")
    if name.count("/") == 1:
        base, quote = name.split("/")
        return f"{asset_code(base)}/{asset_code(quote)}" if base and quote else None
    return _legacy_names().get(name) or _split(name)


def _split(name: str) -> str | None:
    """Cuts a pair written without a slash at the longest quote it ends with."""
    quotes = ("USDT", "USDC", "USD", "EUR", "GBP", "CAD", "AUD", "CHF", "JPY", "DAI", "XBT", "BTC", "ETH")
    for quote in quotes:
        if name.endswith(quote) and len(name) > len(quote):
            return f"{asset_code(name.removesuffix(quote))}/{asset_code(quote)}"
    return None


@cache
def _legacy_names() -> Mapping[str, str]:
    return {pair.venue_id: pair.symbol for pair in bundled_pairs().values()}


@cache
def bundled_pairs() -> Mapping[str, Pair]:
    """Every bundled pair by its symbol: in dollars, euros, pounds and dollar coins, some in bitcoin."""
    found = [
        _pair(coin, quote, coin.tick) for coin in coins().values() for quote in _MONEY if coin.code != quote
    ]
    for code, decimals in _IN_BITCOIN.items():
        found.append(_pair(coins()[code], "BTC", Decimal(1).scaleb(-decimals)))
    return {pair.symbol: pair for pair in found}


def bundled_pair(symbol: str) -> Pair | None:
    """The grid of BASE/QUOTE, or None when the table does not know it."""
    return bundled_pairs().get(symbol)


def _pair(coin: Coin, quote: str, tick: Decimal) -> Pair:
    min_cost = Decimal("0.00002") if quote == "BTC" else MIN_COST
    return Pair(
        symbol=f"{coin.code}/{quote}", base=coin.code, quote=quote, tick=tick, lot=LOT,
        min_qty=coin.min_qty, min_cost=min_cost, venue_id=_venue_id(coin.code, quote),
    )  # fmt: skip


def _venue_id(base: str, quote: str) -> str:
    """Kraken's own name: old assets carry a class letter where both sides are old, such as XXBTZUSD."""
    kraken = {"BTC": "XBT", "DOGE": "XDG"}
    left, right = kraken.get(base, base), kraken.get(quote, quote)
    if base == "USDT" and quote == "USD":
        return "USDTZUSD"
    if base in _LEGACY and (quote in _FIAT or quote in _LEGACY):
        return f"X{left}{'Z' if quote in _FIAT else 'X'}{right}"
    return left + right
