"""Exits told in a sentence, read as the stop and the target they are: 'sell it if it drops 3%'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token

_ENTERING = bag("BUY SPEND MOVE WANT BRACKET BID ALLIN")
_LEAVING = bag("SELL FLAT CLOSE CASHOUT TARGET STOP STOPLOSS LESSEN")
_DOWN = bag(
    "loses lose losing falls fall drops drop dips dip sinks down minus below under beneath loss lower -"
)
_UP = bag("gains gain rises rise climbs climb grows jumps up plus above over profit higher +")
_PRICE = bag("to below under beneath above over")
_BETWEEN = bag(
    "them those to it its is out all the price goes go get gets by at of a when once if whenever ever more"
    " than"
)
_CONDITION = bag("at when once if whenever")
_REACH = 8  # tokens between the verb and its number


def with_exits(tokens: Sequence[Token]) -> list[Token]:
    """The tokens of a message, each exit of a new order folded to 'stop 3%' or 'take profit 6%'.

    Left as it is, and so asked about, is whatever does not say plainly on which side it lies.
    """
    tokens = _both_ways(tokens)
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        entered = any(token.tag in _ENTERING for token in tokens[:at]) or _opened_bare(tokens, at)
        told = _told_after(tokens, at) if entered and tokens[at].text in _CONDITION else None
        if told:
            out += told[0]
            at = told[1]
            continue
        end = _number_of_exit(tokens, at) if entered and tokens[at].tag in _LEAVING else 0
        after = tokens[end + 1].text if end + 1 < len(tokens) else ""
        past = _told_behind(tokens, end) if end else 0
        words = [*tokens[at:end], *([Token("to"), *tokens[end + 1 : past]] if past else [])]
        level = (_level(words, tokens[end], after) or _above_stop(words, tokens[end], out)) if end else None
        out += level or [tokens[at]]
        at = (past or end + 1 + (after in _DOWN | _UP)) if level else at + 1
        if level:
            other, at = _other_side(tokens, at)
            out += other
    return out


def _opened_bare(tokens: Sequence[Token], at: int) -> bool:
    """'0.3 eth, stop at 2750, exit at 3400': an amount of a coin and its stop, and no verb."""
    named = [token.kind for token in tokens[:2]] == [Kind.NUMBER, Kind.COIN]
    return named and any(token.tag in ("STOP", "STOPLOSS", "TARGET") for token in tokens[:at])


_LOSING = bag("down below under loss lower")
_GAINING = bag("up above gain higher profit")


def _both_ways(tokens: Sequence[Token]) -> Sequence[Token]:
    """'(200 of link,) risk 5% down, 12% up, then out': a share each way is a stop and a target."""
    shares = [at for at, one in enumerate(tokens[:-1]) if one.kind is Kind.NUMBER and one.unit == "%"]
    falls = [at for at in shares if tokens[at + 1].text in _LOSING]
    rises = [at for at in shares if tokens[at + 1].text in _GAINING]
    levelled = any(one.tag in ("STOP", "STOPLOSS", "TARGET") for one in tokens)
    if len(shares) != 2 or len(falls) != 1 or len(rises) != 1 or levelled:
        return tokens
    if not any(one.kind is Kind.COIN for one in tokens) or any(one.text == "?" for one in tokens):
        return tokens
    out = [one for one in tokens if one.tag != "RISKWORD" and one.text not in ("then", "out")]
    for share, head in (
        (falls[0], Token("stop", tag="STOP")),
        (rises[0], Token("take profit", tag="TARGET")),
    ):
        at = out.index(tokens[share])
        out[at : at + 2] = [head, tokens[share]]
    return out


def _told_after(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """'If it falls 6% get out': the condition first. The exit it is, and where reading goes on."""
    end = _number_of_exit(tokens, at)
    deed = end + 1
    while end and deed < len(tokens) and tokens[deed].text in (",", "then", "just", "please", *_DOWN, *_UP):
        deed += 1
    if not end or deed >= len(tokens) or tokens[deed].tag not in _LEAVING:
        return None
    after = tokens[end + 1].text
    level = _level([tokens[deed], *tokens[at:end]], tokens[end], after)
    past = deed + 1 + (deed + 1 < len(tokens) and tokens[deed + 1].text in ("it", "out", "all"))
    return (level, past) if level else None


def _told_behind(tokens: Sequence[Token], end: int) -> int:
    """'(Get me out at 2600) if it drops': where a condition ends that stands behind the number; else 0."""
    place = end + 1
    if place >= len(tokens) or tokens[place].text not in _CONDITION - {"at"}:
        return 0
    while (
        place < len(tokens) and place <= end + 4 and set(tokens[place].text.split()) <= _BETWEEN | _DOWN | _UP
    ):
        if tokens[place].text in _DOWN | _UP:
            return place + 1
        place += 1
    return 0


def _other_side(tokens: Sequence[Token], at: int) -> tuple[list[Token], int]:
    """'... or gains 9%': the second level of the same exit, and where reading goes on."""
    joint = at < len(tokens) and tokens[at].text in ("or", "and")
    end = _number_of_exit(tokens, at) if joint else 0
    if not end:
        return [], at
    after = tokens[end + 1].text if end + 1 < len(tokens) else ""
    level = _level([tokens[at], Token("if"), *tokens[at + 1 : end]], tokens[end], after)
    return (level, end + 1 + (after in _DOWN | _UP)) if level else ([], at)


def _number_of_exit(tokens: Sequence[Token], at: int) -> int:
    """Where the number of an exit stands, with nothing but its condition before it; else 0."""
    bought = {token.unit for token in tokens[:at] if token.kind is Kind.COIN}
    for place in range(at + 1, min(at + _REACH, len(tokens))):
        token = tokens[place]
        if token.kind is Kind.NUMBER:
            return place
        same = token.kind is Kind.COIN and token.unit in bought
        if not same and not set(token.text.split()) <= _BETWEEN | _DOWN | _UP:
            return 0
    return 0


_BAILING = bag("bail cut") | {"bail out", "stop out", "cut it", "stop it out"}


def _above_stop(exit_words: Sequence[Token], number: Token, before: Sequence[Token]) -> list[Token] | None:
    """'(Bail out if it falls to 1.05) and cash in at 1.55': a price to leave at, above the stop just told."""
    plain = [one for one in before if one.tag != "AT" and one.text not in ("to", "of")]
    told = zip(plain, plain[1:], strict=False)
    it = any(one.text in ("it", "them", "those", "that") for one in exit_words[1:])
    priced_at = exit_words[-1].tag == "AT" and number.unit not in ("%", "part", "x")
    if priced_at and it and exit_words[0].tag == "SELL":
        return [Token("take profit", tag="TARGET"), number]  # buy 5 and sell them at 30
    if priced_at and exit_words[0].text in _BAILING:
        return [Token("stop", tag="STOP"), number]
    stop = next((two for one, two in told if one.tag == "STOP" and two.kind is Kind.NUMBER), None)
    priced = stop is not None and number.unit not in ("%", "part") and stop.unit not in ("%", "part")
    if stop is None or not priced or number.amount <= stop.amount or exit_words[-1].tag != "AT":
        return None
    return [Token("take profit", tag="TARGET"), number]


def _level(exit_words: Sequence[Token], number: Token, after: str) -> list[Token] | None:
    words = {after, *(word for token in exit_words[1:] for word in token.text.split())}
    falls, rises = bool(words & _DOWN) or number.amount < 0, bool(words & _UP)
    share = number.unit == "%"
    named = exit_words[0].tag
    contradicts = rises and named in ("STOP", "STOPLOSS") or falls and named == "TARGET"
    if falls == rises or contradicts or not words & _CONDITION or not (share or words & _PRICE):
        return None
    head = Token("stop", tag="STOP") if falls else Token("take profit", tag="TARGET")
    return [head, replace(number, value=abs(number.amount))]
