"""Order ids that are pure functions of their inputs, so that a crash can recompute them.

An id is UUIDv5 of account, cause, leg and attempt. The cause is symbol and candle for the autopilot, or the
command's id for a hand. A new attempt, hence a new id, exists only after the last one is proven not placed.
"""

from __future__ import annotations

import uuid

_ZYN = uuid.uuid5(uuid.NAMESPACE_DNS, "zyn.order")


def account_namespace(mode: str, account: str) -> uuid.UUID:
    """A namespace for one account in one mode: ids of paper and live can never meet."""
    return uuid.uuid5(_ZYN, f"{mode}|{account}")


def client_order_id(namespace: uuid.UUID, cause: str, leg: str, attempt: int = 0) -> str:
    """The cl_ord_id of one attempt at one leg; 36 characters as Kraken accepts them."""
    return str(uuid.uuid5(namespace, f"{cause}|{leg}|{attempt}"))


def is_ours(cl_ord_id: str | None) -> bool:
    """Whether an order id has the shape only Zyn gives: a version-5 UUID."""
    if not cl_ord_id:
        return False
    try:
        return uuid.UUID(cl_ord_id).version == 5
    except ValueError:
        return False


def candle_cause(symbol: str, candle_ms: int) -> str:
    return f"{symbol}@{candle_ms}"


def plain_id(cl_ord_id: str) -> str:
    """An order id as a number: an exchange may give a UUID back without dashes or in another case."""
    return cl_ord_id.replace("-", "").lower()
