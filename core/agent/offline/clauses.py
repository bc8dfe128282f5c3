"""The clause splitter: sentences, then clauses that each hold a wish of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.agent.offline.clause import POLITE, Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token

_ENDS = bag("? ! . ;") | {"\n"}
_JOINTS = bag("and then also plus & , y und et e + while meanwhile")
_READS_ON = bag("SHOW WHAT HOW CHART")
_VERBS = bag(
    """BUY SELL SPEND CONVERT FLAT CLOSE PAUSE RESUME CANCEL PANIC REMEMBER FORGET RECALL BID OFFER CASHOUT
    UNLOCK CHART BACKTEST WHY HELP ON OFF SHOW SET WITHDRAW LESSEN RAISE NAMED MOVE WANT"""
)
_NOUNS = bag(
    """PRICE BALANCE POSITION PNL TRADELIST STATUS INSIGHT WINRATE PROFITFACTOR DRAWDOWN MININFO FEEINFO
    PRECINFO HOLDINGS AUTOPILOT"""
)
_ORDERING = bag("BUY SELL SPEND FLAT CLOSE CONVERT BID OFFER MOVE WANT")
_ASKING = bag("WHAT HOW IS WHERE MUCH")
_OPENS_QUESTION = bag("WHAT HOW IS WHERE WHY SHOULD")
_AUXILIARIES = bag("do did have am are was were")
_READING = bag("SHOW CHART BACKTEST WHY HELP WANT HOLD OWN")


def sentences(tokens: Sequence[Token]) -> list[Clause]:
    """Cut at full stops, question and exclamation marks, semicolons and line ends."""
    found: list[Clause] = []
    start = 0
    for at, token in enumerate([*tokens, Token(".", Kind.MARK)]):
        if token.kind is Kind.MARK and token.text in _ENDS:
            if at > start:
                found.append(Clause(tuple(tokens[start:at]), asked=token.text == "?"))
            start = at + 1
    return _with_levels(found)


def apart(sentence: Clause) -> list[Clause]:
    """'Which coins did I tell you of, and what did we earn': a recall, and a question of its own."""
    for at, token in enumerate(sentence.tokens):
        head, rest = sentence.tokens[:at], sentence.tokens[at:]
        if token.text not in ("and", ","):
            continue
        if len(head) > 2 and [one.tag for one in rest[1:2]] == ["REMEMBER"] and head[0].tag in _VERBS:
            return [Clause(head), Clause(rest, sentence.asked)]
        if head and head[0].tag == "REMEMBER" and asks_to_see(rest[1:]):
            return [Clause(head), Clause(rest[1:], sentence.asked)]
        if head and head[0].tag in ("RESUME", "PAUSE") and _sets_messages(rest[1:]):
            return [Clause(head), Clause(rest[1:], sentence.asked)]
        if not any(one.tag == "RECALL" for one in head):
            continue
        asks = _asks_anew(rest, head) or any(
            one.tag in ("SHOW", "PAUSE", *_ORDERING - {"WANT"}) for one in rest[1:3]
        )
        if asks and not any(one.tag == "RECALL" for one in rest):
            while head and head[-1].kind is Kind.MARK:
                head = head[:-1]
            return [Clause(head, asked=sentence.asked), Clause(rest, sentence.asked)]
    return [sentence]


def _sets_messages(tokens: Sequence[Token]) -> bool:
    """'(Start again, and) send me the daily summary at noon'."""
    return len(tokens) > 3 and any(one.tag == "DAILYREPORT" for one in tokens)


_SEEN = bag("PRICE POSITION BALANCE PNL STATUS ORDER TRADELIST CHART")


def asks_to_see(tokens: Sequence[Token]) -> bool:
    """'Tell me the price of litecoin', 'show my positions'."""
    return bool(tokens) and tokens[0].tag == "SHOW" and any(one.tag in _SEEN for one in tokens)


def _with_levels(parts: Sequence[Clause]) -> list[Clause]:
    """'Buy 10 avax; stop at 22': a level of its own belongs to the order before it."""
    out: list[Clause] = []
    for part in parts:
        level = part.tokens[0].tag in ("STOP", "STOPLOSS", "TARGET") and bool(part.numbers)
        ordered = bool(out) and (
            out[-1].has("BUY", "SPEND", "BRACKET", "MOVE") or money_and_coin(out[-1].tokens)
        )
        if level and ordered and not part.asked:
            out[-1] = Clause((*out[-1].tokens, Token(",", Kind.MARK), *part.tokens), out[-1].asked)
        else:
            out.append(part)
    return out


def money_and_coin(tokens: Sequence[Token]) -> bool:
    """'$200 link': a sum and a coin, and nothing else."""
    words = [one for one in tokens if one.tag not in POLITE | {"MARKET"} and one.kind is not Kind.MARK]
    sums = [one for one in words if one.kind is Kind.NUMBER and one.unit in ("USD", "EUR", "GBP")]
    return len(words) <= 3 and len(sums) == 1 and _coin(words)


def split(sentence: Clause) -> list[Clause]:
    """The clauses of a sentence; a fragment without a wish of its own stays with the one before."""
    if sentence.has("SPLIT") and len(sentence.coins) > 1 and sentence.numbers:
        return [sentence]
    groups: list[list[Token]] = []
    for fragment in _fragments(sentence.tokens):
        if groups and not _stands_alone(fragment, groups[-1]):
            groups[-1] += fragment
        else:
            groups.append(list(fragment))
    last = len(groups) - 1
    return [Clause(tuple(group), asked=sentence.asked and at == last) for at, group in enumerate(groups)]


def _fragments(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Runs of tokens between joints; each joint stays at the head of the run after it."""
    run: list[Token] = []
    for token, after in zip(tokens, [*tokens[1:], Token("")], strict=True):
        turns = token.text == "but" and (after.tag in _READS_ON or after.text in _KEEPING)
        if (token.text in _JOINTS or turns) and run:
            yield run
            run = []
        run.append(token)
    if run:
        yield run


_KEEPING = bag("keep hold leave retain hodl spare") | {"hold on", "hang on", "hold on to", "hang on to"}
_KEPT = bag(
    "rest other others half remainder remaining it them everything positions position coins alone open"
)
_STEERED = bag("RISKWORD STOP STOPLOSS TARGET DAYLOSS MAXPOS MAXEXP MAXOPEN NOTIFY BID")


def keeps(clause: Clause) -> bool:
    """'(Sell 2 sol) and keep the rest', 'keep my eth', 'leave the other half': what no deed is to touch."""
    words = [token for token in clause.opening if token.kind is not Kind.MARK and token.text != "but"]
    kept = bool(clause.coins) or clause.says(*_KEPT) or clause.has("ORDER", "POSITION", "HOLDINGS", "MY")
    first = words[0].text if words else ""
    return (first in _KEEPING or first == "keep the") and kept and not clause.has(*_STEERED, "SELL", "PNL")


def _stands_alone(fragment: Sequence[Token], before: Sequence[Token]) -> bool:
    own, said = {token.tag for token in fragment}, {token.tag for token in before}
    if all(token.kind is Kind.MARK or token.tag in POLITE for token in before):
        return False
    if {"REMEMBER", "NEVER"} & said:
        return False
    if said & _ORDERING and keeps(Clause(tuple(fragment))):
        return True
    if _of_the_order(fragment, before) or _sets_it(fragment, said):
        return False
    if _shared_with(fragment, before) or _bare_why(fragment):
        return False
    if _points_back(fragment, before) or _verb_at_the_end(fragment, before) or _funded(fragment, before):
        return False
    if _measures(fragment, said) or _both_deeds(fragment, before):
        return False
    if _asks_anew(fragment, before):
        return True
    if own & {"STOP", "STOPLOSS", "TARGET"} and said & _ORDERING and not own & {"PAUSE", "FLAT", "PRICE"}:
        return _pausing_stop(fragment)
    if own & _VERBS:
        return bool(said & (_VERBS | _NOUNS | {"ORDER", "TRADE", "HOW", "WHAT", "IS", "STOP"})) or _coin(
            before
        )
    if (
        own & _ORDERING
        or _second_order(fragment, said)
        or ((bare_purchase(before) or _goes_on(before)) and _second_order(fragment, _ORDERING))
    ):
        return True
    if _a_price(fragment) and said & _ORDERING:
        return False
    if own & _NOUNS:
        return _other_noun(own, said, _coin(before))
    ordering = _ORDERING - {"WANT"} if "SHOW" in said else _ORDERING  # i want to see
    listed = "ORDER" in own or {"LAST", "TRADE"} <= own  # and the last 3 trades
    return listed and bool(said & _NOUNS) and not said & ordering


def _sets_it(fragment: Sequence[Token], said: set[str]) -> bool:
    """'(5% risk is too much,) set it to 2%': the limit that was only judged before."""
    changes = [token for token in fragment if token.tag in ("SET", "LESSEN", "RAISE")]
    it = any(token.tag == "IT" for token in fragment) or any(one.text.endswith(" it") for one in changes)
    numbered = any(token.kind is Kind.NUMBER for token in fragment) and not _coin(fragment)
    limited = said & {"RISKWORD", "DAYLOSS", "MAXPOS", "MAXEXP", "MAXOPEN"}
    return bool(limited and changes) and it and numbered


def _both_deeds(fragment: Sequence[Token], before: Sequence[Token]) -> bool:
    """'What did you buy (and sell yesterday)': both verbs of one question."""
    asks = before[0].tag in _OPENS_QUESTION or "did" in (before[0].text, before[-1].text)
    deeds = {"BUY", "SELL", "BOUGHT", "SOLD"}
    return asks and before[-1].tag in deeds and len(fragment) > 1 and fragment[1].tag in deeds


_OF_CANDLES = bag("CHART TRADELIST EACH BACKTEST SCHEDULE HOURS")
_BESIDE_SPAN = bag("for on of with over the a last past in each both per at using and days history data")


_FRAMES = bag("hourly daily weekly")


def _measures(fragment: Sequence[Token], said: set[str]) -> bool:
    """'(Chart link and ada), 4 hour candles', '(test it on eth), 90 days of history each': its length."""
    words = [token for token in fragment if token.kind is not Kind.MARK and token.tag not in POLITE]
    spans = any(token.kind is Kind.SPAN or token.text in _FRAMES for token in words)
    only = all(
        token.kind is Kind.SPAN
        or token.text in _FRAMES
        or token.tag in _OF_CANDLES
        or token.tag in ("LAST", "ALL")
        or token.text in _BESIDE_SPAN
        for token in words
    )
    return bool(said & {"CHART", "BACKTEST"}) and spans and only


def _bare_why(fragment: Sequence[Token]) -> bool:
    """'(The eth sale yesterday,) why': asks for the reason of what stands before."""
    words = [token for token in fragment if token.kind is not Kind.MARK and token.tag not in POLITE]
    return len(words) == 1 and words[0].tag == "WHY"


def _shared_with(fragment: Sequence[Token], before: Sequence[Token]) -> bool:
    """'(60 dollars in sol) and avax 50/50', '(doge) and ada for 20 dollars each': a sum of all of them."""
    numbers = [token for token in fragment if token.kind is Kind.NUMBER]
    fifties = [number.amount for number in numbers if not number.unit] == [50, 50]
    each = len(numbers) == 1 and any(token.tag == "EACH" for token in fragment)
    uncounted = _coin(before) and not any(token.kind is Kind.NUMBER for token in before)
    return _coin(before) and (fifties or (each and uncounted))


def _points_back(fragment: Sequence[Token], before: Sequence[Token]) -> bool:
    """'My eth has to go, sell it': the verb of a thing that was only named before."""
    named = _coin(before) and not any(
        t.text == "not" or t.tag in _VERBS | _NOUNS | _ASKING | {"IS", "DO", "ORDER"} for t in before
    )
    told = any(token.tag in _ORDERING for token in fragment) and any(t.tag == "IT" for t in fragment)
    bare = not _coin(fragment) and not any(token.kind is Kind.NUMBER for token in fragment)
    only = all(token.kind in (Kind.COIN, Kind.MARK) or token.tag in POLITE for token in before)
    return named and ((told and bare) or (only and not _coin(fragment) and _ordered(fragment)))


def _of_the_order(fragment: Sequence[Token], before: Sequence[Token]) -> bool:
    """'That link order is old, get rid of it': what is to go is the order, and no coin."""
    return names_an_order(before) and bare_of_it(fragment)


_DONE = bag("filled executed done through hit triggered")


def names_an_order(tokens: Sequence[Token]) -> bool:
    """Whether a resting order is what was last spoken of; one that was filled is a position by now."""
    named = any(t.tag in ("ORDER", "RESTING", "BID") for t in tokens)
    return named and not any(t.text in _DONE or t.tag in ("POSITION", "HOLDINGS", "BUY") for t in tokens)


_POINTED = (["it"], ["them"], ["that"], ["those"])


def bare_of_it(tokens: Sequence[Token]) -> bool:
    """'(Then) take it out', 'get rid of them': a deed on what was named before, and nothing of its own."""
    pointing = any(t.tag == "IT" or t.text.split()[-1:] in _POINTED for t in tokens)
    deed = any(t.tag in ("SELL", "FLAT", "CLOSE", "CANCEL", "CASHOUT", "MOVE", "LESSEN") for t in tokens)
    own = any(t.kind in (Kind.COIN, Kind.NUMBER) or t.tag in ("POSITION", "BUY", "HOLDINGS") for t in tokens)
    return pointing and deed and not own


def _funded(fragment: Sequence[Token], before: Sequence[Token]) -> bool:
    """'Take 20 percent of my cash and buy link': how much, and only then what for."""
    taken = any(token.tag in ("WANT", "MOVE", "SPEND") or token.text in ("use", "with") for token in before)
    money = any(token.kind is Kind.NUMBER for token in before) and not _coin(before)
    bare = _coin(fragment) and not any(token.kind is Kind.NUMBER for token in fragment)
    return taken and money and bare and any(token.tag == "BUY" for token in fragment)


def _ordered(fragment: Sequence[Token]) -> bool:
    return any(token.tag in ("BUY", "SELL") for token in fragment)


def _verb_at_the_end(fragment: Sequence[Token], before: Sequence[Token]) -> bool:
    """'2.5 sol please, buy': an amount and a coin that waited for their verb."""
    words = [t for t in fragment if t.kind is not Kind.MARK and t.tag not in POLITE and t.text != "it"]
    before = [token for token in before if token.kind is not Kind.MARK]
    if [token.text for token in before[:2]] == ["how", "about"]:
        before = before[2:]
    waits = _coin(before) and any(token.kind is Kind.NUMBER for token in before)
    told = len(words) == 1 and words[0].tag in ("BUY", "SELL")
    return told and waits and not any(token.tag in _VERBS | _NOUNS | _ASKING for token in before)


def _asks_anew(fragment: Sequence[Token], before: Sequence[Token]) -> bool:
    """'... and am I holding eth': a second question beside something whole."""
    words = [token for token in fragment if token.text not in _JOINTS and token.tag != "FILLER"]
    whole = _coin(before) or any(
        token.tag in _VERBS | _NOUNS | {"ORDER", "TRADE", "HOLD", "OWN"} for token in before
    )
    asks = bool(words) and (
        words[0].tag in _OPENS_QUESTION
        or words[0].text.split()[0] in ("how", "what", "where")
        or (words[0].text in _AUXILIARIES and len(words) > 1 and words[1].text in ("i", "we", "you"))
    )
    opened = bool(before) and before[0].tag in _OPENS_QUESTION and len(before) >= 3
    spoken = sum(len(token.text.split()) for token in words)
    return spoken >= 3 and asks and (whole or opened)


def _pausing_stop(fragment: Sequence[Token]) -> bool:
    """'... and stop' is a wish; '... and stop 2700' and '... and a stop' belong to an order."""
    rest = [token for token in fragment if token.text not in _JOINTS]
    return (
        bool(rest)
        and rest[0].tag == "STOP"
        and not any(t.kind is Kind.NUMBER for t in rest)
        and len(rest) <= 3
    )


def _second_order(fragment: Sequence[Token], said: frozenset[str] | set[str]) -> bool:
    """'and 30 of sol' after an order: an amount and a coin of its own."""
    kinds = {token.kind for token in fragment}
    whole = "SELL" in said and any(token.tag == "ALL" for token in fragment) and Kind.COIN in kinds
    return bool(said & _ORDERING) and (whole or {Kind.NUMBER, Kind.COIN} <= kinds)


def _goes_on(tokens: Sequence[Token]) -> bool:
    """', 25 usd of eth': an order that took its verb from the one before it."""
    amount = {Kind.NUMBER, Kind.COIN} <= {token.kind for token in tokens}
    return amount and not any(token.tag in _VERBS | _NOUNS | _ASKING for token in tokens)


_LEADING = bag("let us do go make it lets another and then for just")


def bare_purchase(tokens: Sequence[Token]) -> bool:
    """'50 in btc': an amount, where it goes, and nothing that says more."""
    words = [
        token
        for token in tokens
        if token.tag not in POLITE and token.kind is not Kind.MARK and token.text not in _LEADING
    ]
    if len(words) == 4 and words[0].kind is Kind.WORD and words[0].tag in ("", "FREE"):
        words = words[1:]  # park 200 in btc: a verb that nobody knows
    if len(words) == 5 and words[3].tag == "AT" and words[4].kind is Kind.NUMBER:
        words = words[:3]  # 150 in xrp at 0.45
    return (
        len(words) == 3
        and words[0].kind is Kind.NUMBER
        and words[0].unit in ("", "USD", "EUR", "GBP")
        and (
            words[1].text in ("in", "into", "on", "to", "towards", "toward")
            or (words[1].text == "for" and words[0].unit != "")
        )
        and words[2].kind is Kind.COIN
    )


def _a_price(fragment: Sequence[Token]) -> bool:
    """', price 84.5': the price of the order before it."""
    words = [
        token
        for token in fragment
        if token.text not in _JOINTS and token.text not in ("the", "a", "my", "at")
    ]
    first, rest = (words[0], words[1:]) if words else (Token(""), [])
    return first.tag == "PRICE" and any(token.kind is Kind.NUMBER for token in rest[:2])


_DONE_DEEDS = bag("DIDTRADE BOUGHT SOLD")


def _other_noun(own: set[str], said: set[str], coin: bool) -> bool:
    nouns = own & _NOUNS
    whole = bool(said & (_NOUNS | _VERBS | {"ORDER", "TRADE"})) or (coin and bool(said & _ASKING))
    shown = said & _READING and not said & (_NOUNS | _DONE_DEEDS | {"TRADE", "ORDER", "CHART", "BACKTEST"})
    return not nouns <= said and whole and not shown


def _coin(tokens: Sequence[Token]) -> bool:
    return any(token.kind is Kind.COIN for token in tokens)
