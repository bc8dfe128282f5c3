"""Corrections in the same breath: 'buy 20, no wait, 30 usd of ltc' means 30, 'eth, sorry, sol' means sol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile

from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token

_TAKES_BACK = bag(
    "well excuse pardon no wait sorry mean meant actually oops whoops correction rather scratch make nope"
    " espera perdon digo warte quatsch entschuldigung attends aspetta scusa desculpa"
)
_BESIDE = bag("i it that me my all of , - . ! & : or er uh um hmm hm to no the my of was wanted say")
_REACH = 5  # tokens between a value and its correction
_VALUES = (Kind.NUMBER, Kind.COIN, Kind.SPAN, Kind.TIME)
_OF_IT = bag("of it them that those the lot")


def without_slips(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with each value that was taken back at once replaced by the one that was meant."""
    out = _without_ruled_out(tokens)
    at = 1
    while at < len(out):
        end = _end_of_marker(out, at)
        found = _corrected(out, at, end) if end else None
        out = found or out
        at += 1
    return out


_INSTEAD = bag(", but only just rather make it - . the my")


def _without_ruled_out(tokens: Sequence[Token]) -> list[Token]:
    """'Not 200, only 120': the value that is ruled out falls away beside the one that is meant."""
    out = list(tokens)
    for at in range(len(out) - 2, -1, -1):
        if out[at].text not in ("not", "no"):
            continue
        start = at + 1 + any(one.text in ("the", "my") for one in out[at + 1 : at + 2])
        if start >= len(out) or out[start].kind not in _VALUES:
            continue
        end = start + 1
        while end < len(out) and out[end].text in _INSTEAD:
            end += 1
        if out[start].kind is Kind.COIN and out[at].text == "not" and _named_before(out, at):
            out[at : start + 1] = []  # sell the ada, not the eth
        elif start + 1 < end < len(out) and out[end].kind is out[start].kind:
            out[at:end] = []
    return out


def _named_before(tokens: Sequence[Token], at: int) -> bool:
    """Whether another coin stands right before, or with a comma between: that one is meant."""
    before = [token for token in tokens[max(0, at - 2) : at] if token.text not in (",", "-", "and")]
    return bool(before) and before[-1].kind is Kind.COIN


def _end_of_marker(tokens: Sequence[Token], at: int) -> int:
    """Where the words end that take something back, with a value right behind them; else 0."""
    end, strong = at, False
    while end < len(tokens) and tokens[end].kind not in _VALUES:
        words = set(tokens[end].text.split())
        if strong and tokens[end].tag == "ALL":
            return end
        if not words <= _TAKES_BACK | _BESIDE:
            return 0
        strong |= bool(words & _TAKES_BACK)
        end += 1
    return end if strong and end < len(tokens) else 0


def _corrected(tokens: list[Token], at: int, end: int) -> list[Token] | None:
    meant = tokens[end]
    reach = range(at - 1, max(at - _REACH, 0) - 1, -1)
    first = next((place for place in reach if _may_stand_for(meant, tokens[place])), -1)
    if (
        first < 0
        or (first and tokens[first - 1].tag in ("NOT", "INSTEAD", "NO"))
        or any(token.kind is Kind.WORD and token.tag in _DEEDS for token in tokens[first:at])
        or _was_till_now(tokens, first, at, end)
    ):
        return None
    if meant.kind is Kind.NUMBER and not meant.unit:
        meant = replace(meant, kind=tokens[first].kind, unit=tokens[first].unit)
    rest = tokens[end + 1 :]
    if meant.tag == "ALL":
        rest = list(dropwhile(lambda token: token.text in _OF_IT, rest))
    between = [] if any(token.kind is Kind.COIN for token in rest) else tokens[first + 1 : at]
    return [*tokens[:first], meant, *between, *rest]


def _may_stand_for(meant: Token, said: Token) -> bool:
    """Whether a value corrects one like it: 'two hours, no, three', 'half of it, sorry, all'."""
    if meant.tag == "ALL":
        return said.kind is Kind.NUMBER and said.unit in ("part", "%")
    bare = meant.kind is Kind.NUMBER and not meant.unit
    return said.kind is meant.kind or (bare and said.kind is Kind.SPAN)


def _was_till_now(tokens: Sequence[Token], first: int, at: int, end: int) -> bool:
    """'The risk was 2%, make it 1%': what was is told, and not taken back."""
    told = first > 0 and tokens[first - 1].text in ("was", "is")
    return told and any("make" in token.text.split() for token in tokens[at:end])


_DEEDS = bag("BUY SELL SPEND FLAT CLOSE CANCEL PAUSE STOP STOPLOSS TARGET AT LIMIT IF WHEN")
