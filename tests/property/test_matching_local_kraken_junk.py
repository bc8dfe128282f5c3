"""Whatever a client sends, the local Kraken answers or refuses in words, and its money still adds up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import ManualClock
from core.model.errors import Rejected
from core.sim.kraken.books import Books
from core.sim.kraken.exchange import Exchange, Founding
from core.sim.kraken.listing import Listing
from core.sim.kraken.params import Params
from core.sim.kraken.private import PRIVATE
from core.sim.kraken.public import PUBLIC

HANDLERS = {**PUBLIC, **{name: handler for name, (handler, _) in PRIVATE.items()}}


def words(text: str) -> list[str]:
    return text.split()


NAMES = words("""
    pair type ordertype volume price price2 oflags timeinforce expiretm starttm deadline validate cl_ord_id
    userref leverage close[ordertype] close[price] close[price2] txid order_qty limit_price trigger_price
    post_only timeout ofs start end count since interval asset trades closetime without_count info stptype
    trigger
""")
GOOD = words("""
    XBTUSD buy sell market limit stop-loss take-profit stop-loss-limit trailing-stop trailing-stop-limit
    0.01 0.5 94000 95000.1 50000 +5% -1% #3 post viqc fciq IOC FOK GTD GTC +60 true USD 5 60 close open
""")
BAD = [
    "",
    "NaN",
    "1e400",
    "-1",
    "1E+30",
    "99999999999999999999",
    "0x",
    "é",
    "None",
    "[]",
    "1,2",
    "%",
    "1e-30",
    "--5",
    "²",
    "٣",
    "1_0",
    "253402300800",
]

values = st.one_of(st.sampled_from(GOOD), st.sampled_from(BAD), st.text(max_size=8))
calls = st.tuples(
    st.sampled_from(sorted(HANDLERS)), st.dictionaries(st.sampled_from(NAMES), values, max_size=9)
)
orders = st.fixed_dictionaries(
    {
        "pair": st.just("XBTUSD"),
        "type": st.sampled_from(["buy", "sell"]),
        "ordertype": st.sampled_from([kind for kind in GOOD if kind in ("market", "limit") or "-" in kind]),
        "volume": st.sampled_from(["0.01", "0.05", "1e20"]),
    },
    optional={
        "price": st.sampled_from(["94000", "120000", "50000", "+5%", "+200", "1e20"]),
        "price2": st.sampled_from(["93000", "-50", "+1%"]),
        "close[ordertype]": st.just("stop-loss"),
        "close[price]": st.sampled_from(["80000", "-3%"]),
        "oflags": st.sampled_from(["post", "viqc", "fciq"]),
        "timeinforce": st.sampled_from(["IOC", "FOK"]),
        "expiretm": st.just("+30"),
    },
)
moves = st.lists(st.one_of(calls, orders.map(lambda order: ("AddOrder", order))), max_size=12)


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    books = Books(None)
    yield Exchange(ManualClock(1_790_000_000_000), Founding(), books, Listing())
    books.close()


@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_junk_is_refused_and_the_ledger_still_sums(
    exchange: Exchange, steps: list[tuple[str, dict[str, Any]]]
) -> None:
    for method, arguments in steps:
        exchange.clock.now_ms += 15_000  # type: ignore[attr-defined]
        exchange.advance()
        try:
            HANDLERS[method](exchange, Params(arguments))
        except Rejected as refusal:
            assert str(refusal).startswith("E")
    for asset, balance in exchange.engine.balances().items():
        assert 0 <= balance.held <= balance.total
        assert exchange.ledger.balances.get(asset, D(0)) == balance.total
