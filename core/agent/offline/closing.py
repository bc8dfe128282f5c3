"""Rules for closing: one position, all of them, a part, or the whole at a price."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.agent.intents import Outcome
from core.agent.offline.amounts import order_numbers
from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.lexicon import bag, known_words
from core.agent.offline.manner import Manner
from core.agent.offline.scene import Frame, Scene, ask, chat, if_plain, propose
from core.agent.offline.tokens import Kind, Token


def flatten(clause: Clause, manner: Manner, scene: Scene, raw: str) -> list[Frame] | None:
    if shares := _share_of_all(clause, scene):
        return if_plain(manner, shares, "sell it")
    at = _flat_word(clause, manner)
    if at is None:
        return None
    if clause.negated(at):
        return [chat("Understood: I sell nothing.")]
    if manner in (Manner.QUESTION, Manner.PAST):
        return None
    if clause.says(*_PICKED) and not clause.coins:
        return [ask("Which coins exactly shall I close? I do not pick them by how they stand.", "symbol")]
    if (clause.has("WITHOUT") and not clause.has("CONFIRMWORD")) or _all_but(clause):
        if len(clause.coins) == 1 and clause.numbers and not clause.says("everything"):
            return [_how_many(clause.coins[0], scene)]
        return [ask("I close one coin or everything. Which coins exactly shall I close?", "symbol")]
    return if_plain(manner, _flat_frames(clause, scene), "close it")


def _share_of_all(clause: Clause, scene: Scene) -> list[Frame]:
    """'Sell half of everything', 'reduce all positions by a third': so much of each that is held."""
    shares = [one for one in clause.numbers if one.unit in ("%", "part")]
    told = clause.says("everything") or (clause.has("ALL") and clause.has("POSITION", "HOLDINGS", "BAGS"))
    at = clause.place("SELL", "LESSEN", "CLOSE", "FLAT", "CASHOUT")
    other = clause.coins or clause.question or clause.has("STOP", "TARGET", "STOPLOSS", "NO", "NOT", "NEVER")
    if not told or at < 0 or other or clause.negated(at):
        return []
    if len(shares) != 1 or len(clause.numbers) != 1 or not 0 < shares[0].amount < 100:
        return []
    amount = (shares[0].amount, "percent_position")
    return [
        propose("place_order", side="sell", symbol=symbol, amount=amount, type="market")
        for symbol in scene.positions
    ]


def _how_many(coin: Token, scene: Scene) -> Frame:
    """'All my eth except 0.1': how much that is only the account knows, so the amount is asked."""
    say = f"I sell an amount or a share: how many {coin.unit} shall I sell? Half and 2.5 are fine, too."
    return ask(say, "amount", intent="place_order", side="sell", symbol=scene.symbol(coin), type="market")


def _all_but(clause: Clause) -> bool:
    """'Sell all but 1 eth': what stays is named, and not what goes."""
    if clause.says("else") and not clause.coins:
        return True  # everything else
    return any(
        one.text == "but" and (two.kind in (Kind.NUMBER, Kind.COIN) or two.tag == "MY" or two.text == "the")
        for one, two in clause.pairs()
    )


_PICKED = tuple(bag("losers loser losing winners winner winning red green underwater oldest newest weakest"))


def _gone(clause: Clause) -> int:
    """'I want all my ada gone', 'lose the avax': where a coin is told to leave, or -1."""
    told = clause.run("is", "gone") or clause.run("are", "gone")
    away = clause.texts.index("gone") if "gone" in clause.texts and clause.has("WANT", "MY", "ALL") else -1
    away = -1 if told else away
    first = clause.opening[0].text if clause.opening else ""
    lost = first in ("lose", "ditch", "bin", "drop", "axe", "chuck") and len(clause.opening) <= 4
    leads = (
        lost and (clause.has("MY", "ALL") or clause.says("the")) and not clause.has("ORDER", "LIMIT", "BID")
    )
    return clause.texts.index(first) if leads else away


RIDDING = frozenset(
    {"dump", "ditch", "discard", "jettison", "yeet", "flush", "junk", "dispose of", "get rid of", "let go of"}
    | {"part with", "get shot of", "toss out", "chuck out", "nope out of", "bounce out of", "dip out of"}
)
_OF_THE_OWNER = ("account", "portfolio", "wallet", "book", "books", "holdings", "bags", "life")


def _flat_word(clause: Clause, manner: Manner) -> int | None:
    at = clause.place("FLAT", "CASHOUT")
    if at >= 0:
        return None if _of_another_thing(clause, at) else at
    if clause.coins and not clause.numbers and not clause.question and (gone := _gone(clause)) >= 0:
        return gone
    if clause.has("CLOSE", "SELL") and clause.says(*_PICKED) and not clause.coins and not clause.question:
        return clause.place("CLOSE", "SELL")
    texts = [token.text for token in clause.opening[:2]]
    if texts == ["out", "of"] and clause.coins and not clause.question and not clause.numbers:
        return clause.texts.index("out")
    bare_flat = bool(clause.opening) and clause.opening[0].text == "flat" and not clause.question
    if bare_flat and len(clause.opening) <= 3 and (clause.coins or clause.has("ALL", "IT")):
        return clause.texts.index("flat")
    close, sell, rid = clause.place("CLOSE"), clause.place("SELL"), clause.place("CANCEL")
    things = clause.has("POSITION", "TRADE", "IT", "ALL", "BAGS", "HOLDINGS") or bool(clause.coins)
    if (
        close >= 0
        and not clause.has("PRICE", "CHART", "ORDER")
        and (things or len(clause.opening) <= 2 or clause.numbers)
    ):
        return close
    if rid >= 0 and clause.has("POSITION"):
        return rid
    if clause.coins and clause.says(*_OF_THE_OWNER) and not clause.question and not clause.numbers:
        out = next((at for at, token in enumerate(clause.tokens) if token.text == "out"), -1)
        if out > 0 and clause.tokens[out - 1].kind is Kind.COIN:
            return out
    if sell >= 0 and not clause.has("AT", "LIMIT", "TARGET", "STOPLOSS", "SAID") and not clause.numbers:
        whole = clause.tokens[sell].text in RIDDING and bool(clause.coins) and not clause.has("SOME")
        if whole and not clause.question:
            return sell
        everything = clause.has("ALL") and not clause.says("trading")
        if everything or (clause.coins and clause.has("MY")) or clause.has("POSITION", "HOLDINGS", "IT"):
            return sell
        if clause.coins and clause.run("the", clause.coins[0].text):
            return sell
    return None


_MARKETS = bag("market markets here crypto them these those mess trades coins everything way")


def _of_another_thing(clause: Clause, at: int) -> bool:
    """'(I need to) get out of bed', 'exit the car park': what is left there is no position."""
    rest = [t for t in clause.tokens[at + 1 :] if t.tag not in POLITE]
    after = [t for t in rest if t.text not in ("the", "this", "a")]
    out = clause.texts[at].split()[-1:] in (["out"], ["of"], ["exit"])
    linked = bool(rest) and (rest[0].text in ("of", "the", "this", "a") or clause.texts[at].endswith(" of"))
    thing = next((t for t in after if t.text != "of"), Token(""))
    plain = thing.kind is Kind.WORD and thing.text and not thing.tag and thing.text not in _MARKETS
    return out and linked and bool(plain) and not clause.coins and not clause.has("POSITION", "ALL")


def _flat_frames(clause: Clause, scene: Scene) -> list[Frame]:
    numbers = order_numbers(clause, "sell")
    if not clause.numbers and _vague_share(clause):
        return [_how_much(clause, scene)]
    priced = numbers.limit is not None and not (numbers.stop or numbers.target)
    resting = {"type": "limit", "limit_price": numbers.limit} if priced else {}
    if numbers.amount and numbers.amount[1] == "percent_position" and numbers.amount[0] < 100:
        return _partial(clause, scene, numbers.amount, **resting)
    if numbers.amount and clause.numbers and numbers.amount[1] in ("base", "quote"):
        return _partial(clause, scene, numbers.amount, **resting)
    if priced:
        return _partial(clause, scene, numbers.amount or (Decimal(100), "percent_position"), **resting)
    if numbers.plain is not None:
        return [ask("Of which coin, and in which unit?", "symbol", "amount_unit")]
    if clause.coins:
        return [propose("flatten", symbol=scene.symbol(coin)) for coin in clause.coins]
    if _names_a_stranger(clause):
        return [ask("I do not know that coin. Which one do you mean?", "symbol", intent="flatten")]
    if scene.named and clause.says("it", "lot", "whole", "position", "bag"):
        return [propose("flatten", symbol=scene.named)]
    of_it = clause.says("it") or (
        clause.run("the", "lot") or any(t.endswith("the lot") for t in clause.texts)
    )
    if scene.last_symbol and of_it and not clause.says("everything", "positions", "them"):
        return [propose("flatten", symbol=scene.last_symbol)]
    if _one_thing(clause):
        return [_the_one_position(scene)]
    return [propose("flatten")]


def _names_a_stranger(clause: Clause) -> bool:
    """'Sell all my xrpq': a word where a coin stands, which nobody knows. It closes not everything."""
    return any(
        (one.tag == "MY" or one.text == "of")
        and two.kind is Kind.WORD
        and not two.tag
        and two.text not in known_words()
        for one, two in clause.pairs()
    )


_WHOLE = bag("quantity amount holding holdings rid out rest remainder entirety whole all position bag stack")


def _vague_share(clause: Clause) -> bool:
    """'A bit of my link', 'most of it', 'some positions': less than all, by an unsaid amount."""
    if clause.has("ALL") or any(t.tag == "FLAT" and "all" in t.text.split() for t in clause.tokens):
        return False
    if any(token.tag == "SOME" and token.text not in ("another", "again", "more") for token in clause.tokens):
        return True
    parts = zip(clause.tokens, clause.tokens[1:], clause.tokens[2:], strict=False)
    return any(
        link.text == "of"
        and (thing.tag in ("MY", "IT") or thing.kind is Kind.COIN)
        and one.tag not in ("FLAT", "CASHOUT", "CLOSE", "SELL", "BAGS", "POSITION")
        and one.text not in _WHOLE
        for one, link, thing in parts
    )


def _how_much(clause: Clause, scene: Scene) -> Frame:
    symbol = (
        scene.symbol(clause.coins[0]) if clause.coins else scene.last_symbol if clause.has("IT") else None
    )
    slots = {"symbol": symbol, "side": "sell", "type": "market"}
    if symbol is None:
        return ask("Which coin, and how much?", "symbol", "amount", intent="place_order", **slots)
    say = f"How much of {symbol.split('/')[0]}? Half, a share, or an amount."
    return ask(say, "amount", intent="place_order", **slots)


def _one_thing(clause: Clause) -> bool:
    """'it', 'the position', 'that trade': one of them, not all."""
    if clause.has("ALL") or any("everything" in text or "all" in text.split() for text in clause.texts):
        return False
    words = {word for text in clause.texts for word in text.split()}
    single = bool(words & {"it", "that", "this", "position", "trade", "posicion", "bag"})
    return single or (
        clause.has("CLOSE", "SELL")
        and not words & {"positions", "trades", "them", "out", "bags", "coins", "longs"}
    )


def _the_one_position(scene: Scene) -> Frame:
    symbol = scene.last_symbol or (scene.positions[0] if len(scene.positions) == 1 else None)
    if symbol:
        return propose("flatten", symbol=symbol)
    return ask("Which coin shall I close?", "symbol", intent="flatten")


def _partial(clause: Clause, scene: Scene, amount: tuple[Any, str], **more: Any) -> list[Frame]:
    slots: Mapping[str, Any] = {"side": "sell", "amount": amount, "type": "market", **more}
    if clause.coins:
        return [propose("place_order", symbol=scene.symbol(coin), **slots) for coin in clause.coins]
    symbol = scene.last_symbol or (scene.positions[0] if len(scene.positions) == 1 else None)
    if symbol:
        return [propose("place_order", symbol=symbol, **slots)]
    return [Frame(Outcome.CLARIFY, "place_order", slots, ("symbol",), "Of which coin?")]
