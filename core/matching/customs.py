"""What nobody outside knows of the real exchange: switches, so that a trader is tried with every answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Customs:
    """The defaults are the safer assumptions. All may be changed while the exchange runs."""

    hold_trigger_orders: bool = True  # untriggered stops hold balance
    fragments_below_minimum: bool = True  # a conditional close below the minimum is placed, else it never is
    children_inherit_client_id: bool = False  # conditional closes carry their primary's cl_ord_id
    closed_by_client_id: bool = True  # ClosedOrders finds by cl_ord_id
    short_minimum_words: bool = False  # EOrder:Order minimum not met, else the longer EGeneral words
    short_duplicate_words: bool = False  # EOrder:Duplicate cl_ord_id, else the longer EGeneral words
    python_true_validates: bool = True  # validate=True with a capital is honoured, else the order is live
    pairs_tell_fees: bool = True  # AssetPairs has the fields fees and fees_maker
    limits_bind_cancels: bool = True  # cancels are refused too while the order counter is full
    index_available: bool = True  # orders triggered by the index are taken
    sells_pay_in_coins: bool = False  # a sell without a fee flag pays in coins, as if it said fcib
    public_calls_limited: bool = False  # one public call a second for each address
