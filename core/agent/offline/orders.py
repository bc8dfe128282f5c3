"""Rules for orders: buy and sell wishes with amount, price, stop and target, checked for sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.agent.intents import Outcome
from core.agent.offline.amounts import OrderNumbers, of_cash, order_numbers
from core.agent.offline.clause import Clause
from core.agent.offline.flow import mine_into_money, to_a_size
from core.agent.offline.manner import Manner
from core.agent.offline.recurring import by_a_plan, once_instead, recurs
from core.agent.offline.scene import Frame, Scene, ask, chat, look_up
from core.agent.offline.sense import judged
from core.agent.offline.sides import BUYING, READ_NOUNS, SELLING, money_of_stranger, side_of, too_little
from core.agent.offline.splitting import shared_out
from core.agent.offline.tokens import Kind, Token
from core.agent.offline.unmeant import only_named


def orders(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    """The order frames of a clause, or None when it wishes for none."""
    side = None if too_little(clause) else side_of(clause)
    planned = side is None and by_a_plan(clause) and manner in (Manner.PLAIN, Manner.SCHEDULED)
    side = "buy" if planned else side
    if side is None or (_shows(clause) and not clause.numbers):
        return _nothing_named(clause, scene) if manner is Manner.PLAIN else None
    clause = _without_excluded(clause)
    if manner is Manner.QUESTION:
        return _asked(clause, scene, side)
    at = clause.place(*BUYING, *SELLING, "MOVE", "WANT", "CONVERT", "LESSEN", "BRACKET")
    if (
        clause.negated(at)
        or _wants_none(clause)
        or clause.has("NOT")
        and not clause.has("WITHOUT", "CONFIRMWORD")
    ):
        return [_declined(clause, side, raw)]
    manner = Manner.SCHEDULED if manner is Manner.PLAIN and recurs(clause) else manner
    answer = _not_plain(clause, manner, scene, side)
    if answer is not None:
        return answer
    if side == "both":
        return [ask("Buy or sell: which of the two?", "side")]
    return order_frames(clause, side, scene)


def _wants_none(clause: Clause) -> bool:
    """'I want no more link': what is wanted is none of it."""
    return any(one.tag == "WANT" and two.text in ("no", "none", "zero") for one, two in clause.pairs())


def _shows(clause: Clause) -> bool:
    """'Show me every buy from last week', 'last sell': deeds as things to be listed."""
    return bool(clause.opening) and clause.opening[0].tag in ("SHOW", "LAST")


_OTHER_WISHES = (
    "SHOW", "REMEMBER", "RECALL", "FORGET", "STOP", "STOPLOSS", "TARGET", "SET", "RISKWORD", "MAXPOS",
    "MAXEXP", "MAXOPEN", "DAYLOSS", "PAUSE", "RESUME", "CANCEL", "CLOSE", "FLAT", "HOLD", "OWN", "BOUGHT",
    "SOLD", "CROSSES", "COMPARE", "NAMED", "QUIET", "NOT", "NO", "NEVER", "AT",
)  # fmt: skip


def _amount_and_coin(clause: Clause) -> bool:
    """'Snaffle 50 dollars of eth': money of a coin behind a verb nobody knows."""
    words = [token for token in clause.opening if token.kind is not Kind.MARK]
    unknown = bool(words) and words[0].kind is Kind.WORD and words[0].tag in ("", "MY")
    money = [number for number in clause.numbers if number.unit in ("USD", "EUR", "GBP")]
    whole = len(clause.coins) == 1 and len(money) == 1 == len(clause.numbers) and len(words) <= 7
    return unknown and whole and not clause.has(*READ_NOUNS, *_OTHER_WISHES)


def _only_amount_of_coin(clause: Clause) -> bool:
    """'0.5 btc', '100 ada please': so many coins, and not a word of what to do with them."""
    words = [token for token in clause.opening if token.kind is not Kind.MARK and token.tag != "PLEASE"]
    kinds = [token.kind for token in words]
    return kinds == [Kind.NUMBER, Kind.COIN] and words[0].unit == "" and not clause.asked


def _either_side(clause: Clause, scene: Scene) -> list[Frame]:
    numbers = order_numbers(clause, "buy")
    symbol = scene.symbol(clause.coins[0], numbers.money)
    slots = {"symbol": symbol, "type": "market"} | ({"amount": numbers.amount} if numbers.amount else {})
    return [ask("Buy it or sell it?", "side", intent="place_order", **slots)]


def _nothing_but_coin(words: Sequence[Token]) -> bool:
    """'(Trade) some sol for me': a coin, and neither an amount nor a list to be seen."""
    return all(
        one.kind is Kind.COIN or one.tag == "SOME" or one.text in ("for", "me", "now") for one in words
    )


def _nothing_named(clause: Clause, scene: Scene) -> list[Frame] | None:
    """'Limit order please', 'trade something': an order with nothing in it."""
    words = [
        token for token in clause.opening if token.tag != "PLEASE" and token.text not in ("a", "an", "one")
    ]
    first = words[0] if words else Token("")
    kind = len(words) == 2 and first.tag in ("LIMIT", "MARKET", "BUY", "SELL") and words[1].text == "order"
    bare = first.text == "trade" and len(words) == 2 and words[1].text in ("something", "anything")
    if clause.question:
        return None
    if money_of_stranger(clause):
        numbers = order_numbers(clause, "buy")
        slots = {"side": "buy", "type": "market"} | numbers.slots
        return [
            ask("I do not know that coin. Which one do you mean?", "symbol", intent="place_order", **slots)
        ]
    if _amount_and_coin(clause) or _only_amount_of_coin(clause):
        return _either_side(clause, scene)
    if first.text == "trade" and len(clause.coins) == 1 and _nothing_but_coin(words[1:]):
        symbol = scene.symbol(clause.coins[0])
        return [ask("Buy or sell, and how much?", "side", "amount", intent="place_order", symbol=symbol)]
    if clause.has("MOVE", "SPEND") and clause.says("into", "in") and clause.has("COINWORD"):
        return [ask("Which coin, and how much?", "symbol", "amount", intent="place_order", side="buy")]
    if not (kind or bare):
        return None
    return [ask("Buy or sell, which coin, and how much?", "side", "symbol", "amount", intent="place_order")]


def _without_excluded(clause: Clause) -> Clause:
    """'Buy 30 usd of eth, not btc': the coin that is only ruled out falls away."""
    verb, kept, ruled_out = clause.place(*BUYING, *SELLING), list(clause.tokens), False
    for at in range(len(kept) - 2, max(verb, 0), -1):
        excludes = kept[at].text in ("not", "instead of", "rather than")
        if excludes and kept[at + 1].kind is Kind.COIN:
            del kept[at : at + 2]
            ruled_out = True
    shorter = Clause(tuple(kept), clause.asked)
    return shorter if ruled_out and verb >= 0 and shorter.coins else clause


def _declined(clause: Clause, side: str, raw: str) -> Frame:
    if clause.says("ever") and clause.coins:
        return look_up("remember", text=raw.strip()[:500])
    verb = {"buy": "buy", "sell": "sell"}.get(side, "trade")
    return chat(f"Understood: I do not {verb} that. Say 'never {verb} ...' if you want me to remember it.")


def _not_plain(clause: Clause, manner: Manner, scene: Scene, side: str) -> list[Frame] | None:
    """The answer to an order that is asked about, supposed, conditional or reported; None for a plain one."""
    if manner is Manner.PLAIN:
        return None
    if manner is Manner.TENTATIVE and side != "both" and clause.numbers and _one_of_several(clause):
        return order_frames(clause, side, scene)
    if manner is Manner.PAST:
        return None if clause.coins and clause.numbers and clause.has("BUY", "SELL") else []
    if manner is Manner.REPORTED:
        return [chat("That is somebody else's idea. If it is yours too, tell me the coin and the amount.")]
    if manner is Manner.CONDITION:
        return [
            ask(
                "I do not wait for conditions. A limit order would do it: coin, amount and price?",
                "price",
            )
        ]
    if manner is Manner.SCHEDULED:
        return once_instead(order_frames(clause, side, scene) if side != "both" else [])
    prices = [look_up("get_price", symbol=scene.symbol(coin)) for coin in clause.coins]
    return [
        *prices,
        chat("I do not give tips; the decision is yours. Tell me an amount and I will prepare it."),
    ]


def _asked(clause: Clause, scene: Scene, side: str) -> list[Frame] | None:
    """'Can I get 2 sol?' is a wish when it is complete; other questions are left to the rules for reading."""
    first = clause.opening[0] if clause.opening else Token("")
    complete = bool(clause.coins and clause.numbers) and first.tag not in (
        "HOW",
        "WHAT",
        "DO",
        "IS",
        "WHY",
        "WHERE",
        "WHO",
        "HELP",
    )
    if complete and not clause.says("or") and not only_named(clause):
        return order_frames(clause, side, scene) if side != "both" else None
    return None


def order_frames(clause: Clause, side: str, scene: Scene) -> list[Frame]:
    """One frame a coin, each complete or with what is missing."""
    if shared := shared_out(clause, side, scene):
        return shared
    numbers = order_numbers(clause, side)
    if numbers.leverage:
        return [Frame(Outcome.REFUSE, say="I trade spot only: no leverage.")]
    symbols = _symbols(clause, scene, numbers.money)
    if to_a_size(clause):
        kept = {"symbol": symbols[0]} if len(symbols) == 1 else {}
        return [
            ask(
                "By how much? I trade an amount or a share.",
                "amount",
                intent="place_order",
                side=side,
                **kept,
            )
        ]
    if (
        numbers.amount is None
        and numbers.plain is None
        and side == "sell"
        and numbers.limit
        and (clause.has("MY") or (clause.coins and clause.run("the", clause.coins[0].text)))
    ):
        numbers = replace(numbers, amount=(Decimal(100), "percent_position"))
    if side == "sell" and numbers == OrderNumbers(money=numbers.money) and mine_into_money(clause):
        return [Frame(Outcome.CONFIRM, "flatten", {"symbol": symbol}) for symbol in symbols]
    slots = _slots(clause, side, numbers)
    intent = "place_bracket" if (numbers.stop and numbers.target) or clause.has("BRACKET") else "place_order"
    if not symbols:
        return [_without_coin(intent, slots, numbers, clause)]
    if len(symbols) > 1 and not _list_of_coins(clause):
        return [
            ask("Which of the coins do you mean, and against which money?", "symbol", intent=intent, **slots)
        ]
    draft = Frame(Outcome.CONFIRM, intent, slots)
    frames = [judged(replace(draft, slots={**slots, "symbol": one}), numbers, scene) for one in symbols]
    whole = intent == "place_order" and side == "buy" and frames[0].outcome is Outcome.CONFIRM
    told = _unsaid_level(clause, numbers) if whole else ""
    return [frames[0].lacks(("stop",), told)] if told else frames


def _unsaid_level(clause: Clause, numbers: OrderNumbers) -> str:
    """'Buy 40 usd of sol with a tight stop': a level is wished for, and not a word of where."""
    if clause.has("STOP", "STOPLOSS") and numbers.stop is None and not clause.has("WITHOUT", "NO", "NOT"):
        return "Where shall the stop be: a price, or how many percent below?"
    return ""


def _symbols(clause: Clause, scene: Scene, money: str) -> list[str]:
    found = [scene.symbol(coin, money) for coin in clause.coins]
    if found:
        return found
    if money in ("USDT", "USDC") and clause.has("BUY", "SELL"):
        return [f"{money}/USD"]
    spoken_of = (
        clause.has("IT", "SOME", "TIMES", "POSITION") or clause.says("there") or _leaves_coin_open(clause)
    )
    spoken_of = spoken_of and not clause.says("something", "anything", "whatever")
    if scene.last_symbol and spoken_of and not _unknown_coin(clause):
        return [scene.last_symbol]
    if clause.has("SELL", "LESSEN") and len(scene.positions) == 1 and not _unknown_coin(clause):
        return [scene.positions[0]]
    return []


def _leaves_coin_open(clause: Clause) -> bool:
    """'sell half', 'buy 50 more': nothing but verb and amount."""
    return len(clause.opening) <= 3 and bool(clause.numbers) and not clause.has("SPEND")


_NO_COIN = ("there", "too", "also", "now", "then", "today", "please", "again", "for", "and", "now")


def _unknown_coin(clause: Clause) -> bool:
    """Whether a word stands where a coin is expected, and nobody knows it."""
    for before, token in clause.pairs():
        plain = token.kind is Kind.WORD and not token.tag and len(token.text) > 2 and not token.unit
        plain = plain and token.text not in _NO_COIN
        if plain and (before.text in ("of", "some", "in", "into", "on") or before.kind is Kind.NUMBER):
            return True
    return False


def _one_of_several(clause: Clause) -> bool:
    """'40 dollars of btc or maybe eth': the coin is what is left open, and is asked for."""
    places = [at for at, token in enumerate(clause.tokens) if token.kind is Kind.COIN]
    doubted = [at for at, token in enumerate(clause.tokens) if token.tag == "MAYBE"]
    between = clause.texts[places[0] : places[-1]] if len(clause.coins) > 1 else ()
    return "or" in between and all(at > places[0] for at in doubted)


def _list_of_coins(clause: Clause) -> bool:
    places = [at for at, token in enumerate(clause.tokens) if token.kind is Kind.COIN]
    between = clause.tokens[places[0] + 1 : places[-1]]
    joined = all(
        token.kind is Kind.COIN or token.text in ("and", ",", "&", "y", "und", "et", "e") for token in between
    )
    return (
        joined
        and not clause.has("CONVERT")
        and sum(number.unit not in ("%", "part") for number in clause.numbers) <= 1
    )


def _slots(clause: Clause, side: str, numbers: OrderNumbers) -> Mapping[str, Any]:
    amount = numbers.amount
    if amount and side == "buy" and amount[1] == "percent_balance" and _of_position(clause):
        amount = None
    limited = numbers.limit is not None or (clause.has("LIMIT", "BID", "OFFER") and not clause.has("MARKET"))
    slots = {
        "side": side, "amount": amount, "type": "limit" if limited and not clause.has("MARKET") else "market",
        "limit_price": numbers.limit, "stop": numbers.stop, "take_profit": numbers.target,
    }  # fmt: skip
    return {name: value for name, value in slots.items() if value is not None}


def _of_position(clause: Clause) -> bool:
    """'buy 20% more': a share of the position, which no order can be sized by."""
    return clause.has("SOME") and not of_cash(clause) and not clause.has("ALL")


def _without_coin(intent: str, slots: Mapping[str, Any], numbers: OrderNumbers, clause: Clause) -> Frame:
    missing = ("symbol",) if "amount" in slots or numbers.plain is not None else ("symbol", "amount")
    unknown = _unknown_coin(clause)
    say = "I do not know that coin. Which one do you mean?" if unknown else "Which coin?"
    if "amount" not in missing and numbers.plain is not None:
        spent = clause.has("SPEND", "MOVE")
        slots = {**slots, **({"amount": (numbers.plain, "quote")} if spent else {"plain": numbers.plain})}
    return Frame(
        Outcome.CLARIFY, intent, slots, missing, say if len(missing) == 1 else "Which coin, and how much?"
    )
