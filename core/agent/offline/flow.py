"""Which way value flows where the verb alone does not say it: out of a coin that is held, or into one."""

from __future__ import annotations

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token

_WEAK = ("MOVE", "WANT", "CONVERT", "RAISE", "LESSEN", "CANCEL")
_OUT = bag("from off")
_TO = bag("to into in for back as")
_OTHER_TALK = (
    "STOP", "STOPLOSS", "TARGET", "ORDER", "CHART", "PNL", "TRADELIST", "WHY", "BACKTEST", "INSIGHT",
    "NOTIFY", "RISKWORD", "REMEMBER", "RECALL", "HOLD", "OWN", "BOUGHT", "SOLD", "SHOW",
)  # fmt: skip
_KEEPING = ("keep", "hold", "leave", "stay", "protect", "took", "got", "made", "lost")
_NO_VERB = bag("the a an of from on in for at to about only just all off out by with and not no")


def taken_out(clause: Clause) -> bool:
    """'Take 20% off my sol', 'move half my eth to usd': a part of what is held shall become money."""
    if clause.question or clause.has(*_OTHER_TALK) or clause.says(*_KEEPING) or not leaves(clause):
        return False
    first = clause.opening[0] if clause.opening else Token("")
    if _share_of_coin(clause) and (first.tag in ("MOVE", "") or first.text.split()[0] in _TAKING):
        return not clause.has("BUY", "SPEND", "ALLIN")
    if first.kind is Kind.NUMBER and _out_of(clause):
        return True
    unknown_verb = first.kind is Kind.WORD and not first.tag and first.text not in _NO_VERB
    return clause.has(*_WEAK) or (unknown_verb and (_out_of(clause) or _into_money(clause)))


def leaves(clause: Clause) -> bool:
    """Whether the one coin of a clause is the source: from it, off it, a share of mine, mine into money."""
    if len(clause.coins) != 1:
        return False
    link, mine, counted = _link(clause)
    if _out_of(clause) or _cut_off(clause) or _share_of_coin(clause):
        return True
    if link in ("in", "into", "on", "to", "towards", "toward", "behind"):
        return False
    if mine and (counted or (link == "for" and _named_money(clause))):
        return True
    return (mine or counted) and _into_money(clause)


_TAKING = ("take", "lose", "free", "bin", "drop", "let")


def _share_of_coin(clause: Clause) -> bool:
    """'30 percent of the eth', 'half my sol': a share of a coin can only be one of what is held."""
    for at, token in enumerate(clause.tokens):
        if token.kind is not Kind.NUMBER or token.unit not in ("%", "part"):
            continue
        rest = [
            one for one in clause.tokens[at + 1 : at + 5] if one.tag != "MY" and one.text not in ("of", "the")
        ]
        linked = at + 1 < len(clause.tokens) and (
            clause.tokens[at + 1].text in ("of", "the") or clause.tokens[at + 1].tag == "MY"
        )
        return linked and bool(rest) and rest[0].kind is Kind.COIN
    return False


def _cut_off(clause: Clause) -> bool:
    """'Take 35% off ...': a number that is taken off."""
    return any(one.kind is Kind.NUMBER and two.text == "off" for one, two in clause.pairs())


def _named_money(clause: Clause) -> bool:
    return any(number.unit in ("USD", "EUR", "GBP", "USDT", "USDC") for number in clause.numbers)


def _link(clause: Clause) -> tuple[str, bool, bool]:
    """The word that ties the coin to the rest, whether it is 'my' coin, whether it is counted."""
    mine = counted = False
    place = _coin_place(clause)
    for at in range(place - 1, -1, -1):
        token = clause.tokens[at]
        before = clause.tokens[at - 1] if at else Token("")
        if token.tag == "MY":
            mine = True
        elif token.kind is Kind.NUMBER or (token.text == "of" and before.kind is Kind.NUMBER):
            counted = True
        elif token.text != "the":
            return token.text, mine, counted
    return "", mine, counted


def _coin_place(clause: Clause) -> int:
    return next(at for at, token in enumerate(clause.tokens) if token.kind is Kind.COIN)


def _out_of(clause: Clause) -> bool:
    link, _, _ = _link(clause)
    place = _coin_place(clause)
    head = [token.text for token in clause.tokens[:place] if token.tag != "MY" and token.text != "the"]
    return link in _OUT or head[-2:] == ["out", "of"]


def _into_money(clause: Clause) -> bool:
    """Whether money or cash stands as the aim after the coin."""
    after = clause.tokens[_coin_place(clause) + 1 :]
    return any(
        link.text in _TO and (aim.tag in ("MONEY", "BALANCE") or aim.text == "fiat")
        for link, aim in zip(after, after[1:], strict=False)
    )


def mine_into_money(clause: Clause) -> bool:
    """'Turn my xrp back into dollars': all of it, where no part is named."""
    mine = bool(clause.coins) and (clause.has("MY") or clause.says("my")) and not clause.has("SOME")
    return mine and len(clause.coins) == 1 and _into_money(clause)


def to_a_size(clause: Clause) -> bool:
    """'Reduce doge to 20 usd', 'get my eth up to 500': the size that shall be left, not what is traded."""
    for at, (link, number) in enumerate(clause.pairs()):
        if link.text != "to" or number.kind is not Kind.NUMBER:
            continue
        named_before = any(token.kind is Kind.COIN or token.tag == "POSITION" for token in clause.tokens[:at])
        stepped = at > 0 and clause.tokens[at - 1].text in ("up", "down")
        if named_before and (stepped or clause.has("LESSEN", "RAISE")):
            return True
    return False
