"""Which side of an order a clause wishes for: buy, sell, both to be asked about, or none at all."""

from __future__ import annotations

from core.agent.offline.clause import Clause
from core.agent.offline.clauses import bare_purchase
from core.agent.offline.flow import leaves, taken_out
from core.agent.offline.lexicon import known_words
from core.agent.offline.splitting import splits
from core.agent.offline.tokens import Kind, Token

BUYING = ("BUY", "SPEND", "BID", "ALLIN")
_LIMIT_NAMES = ("DAYLOSS", "MAXPOS", "MAXEXP", "MAXOPEN", "STOPATR", "TARGETATR", "COOLOFF")
SELLING = ("SELL", "OFFER")
READ_NOUNS = (
    "PRICE", "CHART", "PNL", "STATUS", "POSITION", "TRADELIST", "BALANCE", "HELP", "BACKTEST", "INSIGHT",
    "ORDER", "MININFO", "PRECINFO", "FEEINFO", "LISTINFO", "INFO", "TRADE", "WHY", "DAILYREPORT",
    "NOTIFY", "WINRATE",
)  # fmt: skip


def side_of(clause: Clause) -> str | None:
    """buy, sell, both, or None."""
    buys, sells = clause.has(*BUYING), clause.has(*SELLING)
    if clause.has("CONVERT") and len(clause.coins) + clause.has("MONEY", "BALANCE") >= 1:
        return _convert_side(clause)
    if buys and sells:
        return (
            "both"
            if clause.says("or")
            else "buy"
            if clause.place(*BUYING) < clause.place(*SELLING)
            else "sell"
        )
    if buys or sells:
        return "buy" if buys else "sell"
    return _weak_side(clause)


def _weak_side(clause: Clause) -> str | None:
    """Words that order something only beside a coin and an amount: want, put, cut, bracket."""
    measured = bool(clause.numbers) or clause.has("SOME", "ALLIN") or clause.run("a", "bit")
    if splits(clause):
        return "buy"
    if leaves(clause) or _moves_level(clause):
        return "sell" if taken_out(clause) else None
    if clause.has("WANT", "MOVE") and _bare_worth(clause):
        return "buy"
    if (
        clause.has("ORDER")
        and clause.has("SET", "MOVE", "OPENED")
        and clause.has("LIMIT", "MARKET")
        and not clause.question
    ):
        return "both"
    placed = clause.has("ORDER") and clause.has("MOVE") and clause.coins and not clause.question
    if placed and not clause.has("MY", "RESTING", "OPENED", "LAST", "CANCEL"):
        return "both"
    if clause.has("BRACKET") and (clause.coins or measured):
        return "buy"
    if (
        clause.has("LESSEN")
        and (clause.has("POSITION") or (clause.coins and clause.numbers))
        and not clause.has(*_LIMIT_NAMES)
        and not clause.has("STOP")
    ):
        return "sell"
    if (
        clause.has("TIMES")
        and (clause.has("MY") or (clause.coins and clause.run("the", clause.coins[0].text)))
        and not clause.question
        and (clause.coins or clause.has("POSITION"))
    ):
        return "sell" if clause.says("halve") else "buy"
    grows = clause.has("RAISE") and not clause.has("RISKWORD", "STOP", "STOPLOSS", "LIMIT", *_LIMIT_NAMES)
    if grows and (clause.coins or clause.has("POSITION")) and not clause.question:
        return "buy"
    if poured(clause):
        return "buy"
    away = clause.run("out", "of") or (clause.texts and clause.texts[-1] == "out")
    if away and clause.has("MOVE", "WANT") and clause.coins and clause.numbers:
        return "sell"
    return _shape_of_purchase(clause, measured)


def too_little(clause: Clause) -> bool:
    """'Can I buy just 1 ada or is that too little': asks whether it is enough, and orders nothing."""
    doubted = any(clause.run(*words) for words in (("too", "little"), ("too", "small"), ("too", "tiny")))
    doubted = doubted or (clause.run("less", "than") and clause.has("CAN", "IS"))
    doubted = doubted or (clause.says("enough", "allowed", "possible") and clause.says("or", "is", "that"))
    return (
        doubted
        and clause.has("CAN", "IS")
        and bool(clause.coins)
        and clause.has("BUY", "SELL", "WANT", "ORDER")
    )


def poured(clause: Clause) -> bool:
    """'Put all of it into btc', 'move everything to eth': whatever money there is."""
    told = clause.has("MOVE", "SPEND", "WANT") and clause.has("ALL") and len(clause.coins) == 1
    at = next((at for at, token in enumerate(clause.tokens) if token.kind is Kind.COIN), 0)
    aimed = at > 0 and clause.tokens[at - 1].text in ("into", "in", "on", "to", "onto")
    return bool(told) and aimed and not (clause.numbers or clause.question or clause.has("SELL", "MY"))


def _shape_of_purchase(clause: Clause, measured: bool) -> str | None:
    """Money and a coin in a shape that only a purchase has: '$200 btc', 'some more sol', '50 into eth'."""
    used = clause.says("use", "order") and not clause.has("LIMIT", "CANCEL", "SHOW", "RESTING", "SET")
    first = clause.opening[0].text if clause.opening else ""
    if used and first in ("use", "order") and clause.coins and clause.numbers and not clause.question:
        return "buy"
    added = first == "add" and not clause.has("STOP", "STOPLOSS", "TARGET", "NOTIFY")
    if added and clause.coins and clause.numbers and not clause.question:
        return "buy"
    opened = (
        first in ("open", "start", "begin", "initiate") and clause.has("POSITION", "TRADE") and clause.coins
    )
    if opened and clause.numbers and not clause.question and not clause.has("PRICE", "SHOW"):
        return "buy"
    if _only_money_and_coin(clause) or (bare_purchase(clause.tokens) and not clause.asked):
        return "buy"
    names_kind = bool(clause.opening) and clause.opening[0].tag in ("LIMIT", "MARKET") and clause.has("ORDER")
    if names_kind and clause.coins and not clause.asked:
        return "both"
    wants_more = bool(clause.opening) and clause.opening[0].tag == "SOME" and len(clause.opening) <= 4
    if wants_more and clause.coins and not clause.question:
        return "buy"
    if clause.has("MOVE") and clause.coins and clause.has("SOME", "BALANCE", "MONEY") and not clause.question:
        return "buy"
    if (
        clause.has("MOVE")
        and clause.numbers
        and clause.says("in", "into", "on", "to", "at", "towards", "toward", "behind")
    ):
        return "buy" if not clause.has("STOP", "STOPLOSS", "TARGET") or clause.coins else None
    wanted = clause.has("WANT") and not clause.has(*READ_NOUNS) and bool(clause.coins) and not clause.question
    if wanted and (measured or len(clause.opening) <= 4):
        return "buy"
    poured_out = clause.has("ALL") and clause.has("MONEY", "BALANCE")  # all my dollars into pepe
    if clause.says("into") and clause.coins and (clause.numbers or poured_out) and not clause.question:
        return "buy"
    guarded = clause.has("STOP") and clause.opening[0].kind is Kind.NUMBER and not clause.question
    levels = clause.has("TARGET", "STOPLOSS", "LIMIT") or guarded
    if levels and clause.coins and len(clause.numbers) >= 2:
        return "buy"
    return None


def _moves_level(clause: Clause) -> bool:
    """'Move my eth stop to 2500', 'put a target of 5% on it': the level is what is moved, not money."""
    at = clause.place("MOVE", "RAISE", "LESSEN", "WANT")
    after = [t for t in clause.tokens[at + 1 :] if t.tag != "MY" and t.text not in ("a", "the", "s")]
    level = next((t for t in after if t.kind is not Kind.COIN), Token(""))
    return at >= 0 and level.tag in ("STOP", "STOPLOSS", "TARGET") and not clause.has("BRACKET")


def _bare_worth(clause: Clause) -> bool:
    """'Get 40 bucks worth': of the coin just spoken of."""
    money = any(number.unit in ("USD", "EUR", "GBP") for number in clause.numbers)
    of_what = clause.has("WORTH") or clause.run("of", "it")
    return money and (of_what or _of_a_stranger(clause)) and not clause.coins and not clause.question


def _of_a_stranger(clause: Clause) -> bool:
    """'35 usd of blorp': of a word that nobody knows, where a coin stands."""
    after = [two for one, two in clause.pairs() if one.text == "of"]
    return any(
        two.kind is Kind.WORD and not two.tag and len(two.text) > 2 and two.text not in known_words()
        for two in after
    )


def money_of_stranger(clause: Clause) -> bool:
    """'150 dollars of blorp token please': a purchase of what nobody knows."""
    first = clause.opening[0] if clause.opening else Token("")
    money = first.kind is Kind.NUMBER and first.unit in ("USD", "EUR", "GBP") and len(clause.numbers) == 1
    return (
        money and _of_a_stranger(clause) and not (clause.coins or clause.question or clause.has(*READ_NOUNS))
    )


_HURRYING = ("of", "in", "go", "now", "quick", "quickly", "today", "then", "just", "only")


def _only_money_and_coin(clause: Clause) -> bool:
    """'$200 btc': money and a coin and nothing else can only mean to buy."""
    words = [
        t
        for t in clause.tokens
        if t.tag not in ("PLEASE", "WORTH", "FILLER", "OKAY", "THANKS", "MARKET")
        and t.kind is not Kind.MARK
        and t.text not in _HURRYING
    ]
    plain = (
        len(words) == 2 and {token.kind for token in words} == {Kind.NUMBER, Kind.COIN} and not clause.asked
    )
    return plain and any(number.unit in ("USD", "EUR", "GBP") for number in clause.numbers)


def _convert_side(clause: Clause) -> str:
    """Money into a coin buys; a coin into money sells; between two coins it is asked."""
    into = next(
        (at for at, token in enumerate(clause.tokens) if token.text in ("to", "into", "for", "in")), -1
    )
    after = clause.tokens[into + 1 :] if into >= 0 else ()
    if any(token.kind is Kind.COIN for token in after):
        return "buy" if len(clause.coins) == 1 else "both"
    return "sell"
