"""What was said before: the last wish, half-finished ones, and the coin last spoken of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.amounts import OrderNumbers, changed_amount, order_numbers
from core.agent.offline.asides import tells_a_move
from core.agent.offline.assemble import assemble
from core.agent.offline.charts import timeframe_of
from core.agent.offline.clause import Clause
from core.agent.offline.clauses import bare_purchase
from core.agent.offline.control import until_of
from core.agent.offline.lessons import topic_of
from core.agent.offline.levels import filled_levels, moves, whole_move
from core.agent.offline.lexicon import bag, known_words
from core.agent.offline.periods import one_before
from core.agent.offline.recurring import agreed
from core.agent.offline.results import grouping
from core.agent.offline.scene import Frame, Scene, ask
from core.agent.offline.sense import judged
from core.agent.offline.settling import settled
from core.agent.offline.standing import alert_at
from core.agent.offline.tagging import read
from core.agent.offline.tokens import Kind, Token
from core.engine.registry import Effect
from core.model.pair_table import bundled_pair

ORDER_INTENTS = ("place_order", "place_bracket")
HEADS = bag(
    """BUY SELL SPEND CONVERT FLAT CLOSE PAUSE RESUME CANCEL PANIC REMEMBER FORGET RECALL BID OFFER CASHOUT
    UNLOCK CHART BACKTEST WHY HELP OFF ON PRICE BALANCE POSITION PNL TRADELIST STATUS INSIGHT WINRATE
    PROFITFACTOR DRAWDOWN MININFO FEEINFO PRECINFO HOLDINGS AUTOPILOT ORDER TRADE HOLD NAMED DAILYREPORT
    NOTIFY RISKWORD DAYLOSS MAXPOS MAXEXP MAXOPEN THANKS GREET BYE PANIC OWN BOUGHT SOLD WITHDRAW SHOULD
    ADVICE ALIVE NEVER WELL"""
)
_ORDERING = bag("WANT MOVE CONVERT ALLIN CASHOUT")  # orders beside a coin and an amount
_LINKING = bag("MY FILLER PLEASE MONEY SOME WORTH EACH YES OKAY INSTEAD TIMES HALF ALL COINWORD")
_ELLIPTIC = bag(
    "and but ditto likewise do would will could you same over as well also again now with for of the too in"
    " on what how about more another a an further extra additional then plus it that at"
)


def is_fragment(message: Clause) -> bool:
    """Whether a message holds no wish of its own and leans on what was said before."""
    whole_order = message.has(*_ORDERING) and bool(message.coins) and bool(message.numbers)
    heads = HEADS - {"BALANCE"} if _share_of_cash(message) else HEADS
    whole_order = whole_order or whole_move(message)
    asks = _whole_question(message) or _asks_of_us(message)
    own_wish = whole_order or asks or message.has("IF", "HAD", "CROSSES", *heads)
    return not own_wish and len(message.tokens) <= 10


def _share_of_cash(message: Clause) -> bool:
    """'Half my cash', 'all of the balance': an amount, no question for the account."""
    counted = any(token.unit in ("%", "part") for token in message.numbers) or message.has("ALL")
    asked = message.question or message.has("SHOW")
    return counted and message.has("BALANCE") and not asked and len(message.tokens) <= 6


def chosen_side(message: Clause) -> str:
    """'Buy', 'sell it please': buy or sell, and nothing else."""
    beside = _LINKING | {"IT"}
    words = [one for one in message.tokens if one.kind is not Kind.MARK and one.tag not in beside]
    return words[0].tag.lower() if len(words) == 1 and words[0].tag in ("BUY", "SELL") else ""


def only_answers(text: str) -> bool:
    """A yes or a no and nothing else: it answers the wish before it, and is none itself."""
    said = [token for token in read(text[:_GIST]) if token.kind is not Kind.MARK]
    return bool(said) and len(said) <= 3 and all(t.tag in _ANSWERS for t in said)


_ANSWERS = ("YES", "OKAY", "NO", "PLEASE", "THANKS", "NEUTRAL")
_GIST = 300  # characters that say whether an answer is all there is


def _asks_of_us(message: Clause) -> bool:
    """'What did you do today', 'how much have we made': asks, says of whom, and leans on nothing."""
    first = message.opening[0] if message.opening else Token("")
    asked = first.tag in ("WHAT", "HOW", "WHO", "WHERE", "WHEN") and message.has("DO", "IS", "OWN", "HAD")
    asked = asked or {"how", "is"} <= set(first.text.split())
    who = message.says("you", "we", "i", "us", "zyn")
    return asked and who and not message.has("IT") and len(message.opening) >= 4


def _whole_question(message: Clause) -> bool:
    """What is, where is, how is some coin: a question of its own, whatever was asked before."""
    coins = any(token.kind is Kind.COIN for token in message.tokens)
    return coins and message.has("IS") and message.has("WHAT", "WHERE", "HOW")


def continued(message: Clause, last: Plan, scene: Scene) -> Plan | None:
    """A fragment read as the last wish with something changed: 'and last week?', 'now eth', '50 dollars'."""
    spoken = [*last.calls, *([last.draft] if last.draft else [])]
    if tells_a_move(message) and any(call.intent in (*ORDER_INTENTS, "flatten") for call in spoken):
        return None
    if last.outcome is Outcome.CLARIFY and last.draft:
        whole = filled(message, last.draft, last.missing, scene)
        if whole:
            return whole
    if pause := _longer_pause(message, last):
        return pause
    calls = [call for call in last.calls if call.intent not in ("pause", "resume", "remember", "forget")]
    if not calls:
        return None
    if priced := _in_money(message, calls[-1]):
        return priced
    if repeats(message):
        return _once_more(calls, scene)
    looked_up = calls if all(call.effect is Effect.READ for call in calls) else calls[-1:]
    again = [plan for call in looked_up if (plan := _same_again(message, call, scene))]
    if not again:
        return None
    found = [call for plan in again for call in plan.calls]
    return replace(again[0], calls=tuple(call for at, call in enumerate(found) if call not in found[:at]))


def _longer_pause(message: Clause, last: Plan) -> Plan | None:
    """'(Pause for an hour.) Make it two', 'how long': the pause with another end, or when it ends."""
    call = next((call for call in last.calls if call.intent == "pause"), None)
    if call is None or len(message.tokens) > 6:
        return None
    if message.run("how", "long") or message.run("until", "when"):
        return Plan(Outcome.CALL, (Call("get_status", {}),))
    until = until_of(message) if message.tokens[0].text in ("until", "till", "til") else None
    if until:
        kept = {name: value for name, value in call.slots.items() if name != "duration"}
        return Plan(Outcome.EXECUTE, (Call("pause", {**kept, "until": until}),))
    unit = str(call.slots.get("duration") or "")[-1:]
    for token in message.tokens:
        if token.kind is Kind.SPAN:
            return Plan(Outcome.EXECUTE, (call.with_slots(duration=f"{token.amount:f}{token.unit}"),))
        if token.kind is Kind.NUMBER and not token.unit and unit and message.has("IT", "SET"):
            return Plan(Outcome.EXECUTE, (call.with_slots(duration=f"{token.amount:f}{unit}"),))
    return None


_AGAIN = bag("ditto again same repeat encore rerun another more twice")
_BESIDE_AGAIN = bag(
    "do it that the one once please order thing trade now for me zyn and ok okay a time yes just"
)


def repeats(message: Clause) -> bool:
    """'Same again', 'do that once more': nothing is said but that it shall be done again."""
    words = {word for token in message.tokens if token.kind is not Kind.MARK for word in token.text.split()}
    return words <= _AGAIN | _BESIDE_AGAIN and bool(words & bag("ditto again same repeat encore rerun more"))


def _once_more(calls: Sequence[Call], scene: Scene) -> Plan:
    """The last wish as a new one; what touches money is shown again first."""
    if all(call.effect is Effect.READ for call in calls):
        return Plan(Outcome.CALL, tuple(calls))
    frames = [
        Frame(Outcome.CONFIRM, call.intent, dict(call.slots))
        for call in calls
        if call.effect is not Effect.READ
    ]
    return assemble(
        [
            judged(frame, OrderNumbers(amount=frame.slots.get("amount")), scene)
            if frame.intent in ORDER_INTENTS
            else frame
            for frame in frames
        ]
    )


def _same_again(message: Clause, call: Call, scene: Scene) -> Plan | None:
    number_alone = call.intent == "set_risk" and _a_limit_alone(message)
    leans = number_alone or (elliptic(message) and not _only_asks_of(message))
    if call.effect is not Effect.READ and not leans:
        return None  # 'tell me about btc' closes nothing, whatever was closed before
    if call.intent in ("flatten", "cancel_order", "resume") and message.numbers:
        return None  # 'and 80 dollars of uni' is no whole position
    changes = _sorted_by(message, call)
    if message.coins and call.intent != "get_balances":
        changes["symbol"] = scene.symbol(message.coins[0])
    if message.coins and call.intent == "get_balances":
        changes["asset"] = message.coins[0].unit
    frame, period = timeframe_of(message), scene.period(message.tokens)
    if message.says("before", "previous", "prior") and call.slots.get("period"):
        period = one_before(call.slots["period"], scene.today) or period
    if call.intent == "get_price" and period is not None and not message.coins:
        return Plan(
            Outcome.CALL, (Call("get_performance", {"symbol": call.slots["symbol"], "period": period}),)
        )
    if call.intent == "chart" and frame:
        changes["timeframe"] = frame
    elif period is not None and call.intent in (
        "get_performance",
        "get_trades",
        "explain_trade",
        "backtest",
        "chart",
    ):
        changes["period"] = period
    if call.intent in ORDER_INTENTS:
        return _again_order(message, call, scene)
    if call.intent == "set_risk" and len(message.numbers) == 1:
        return filled(message, call, (), scene)
    ranked = next((tag.lower() for tag in ("BEST", "WORST", "LAST") if message.has(tag)), None)
    if message.has("COINWORD", "HOURS", "WEEKDAYS", "REGIME", "STRATEGY"):
        ranked = None  # which coin is best: a question of its own
    if call.intent == "explain_trade" and ranked:
        changes["which"] = ranked
    if (call.intent == "get_insights" and ranked) or (message.run("when", "was") and "symbol" in call.slots):
        return Plan(Outcome.CALL, (call,))
    counted = [number for number in message.numbers if not number.unit]
    if call.intent == "get_trades" and counted and _a_limit_alone(message):
        changes["limit"] = int(counted[0].amount)
    if not changes:
        return None
    calls = [call.with_slots(**{**changes, **({"symbol": scene.symbol(coin)} if "symbol" in changes else {})})
             for coin in message.coins or (Token(""),)]  # fmt: skip
    acts = call.intent in ("flatten", "cancel_order", "set_risk", "resume")
    return Plan(Outcome.CONFIRM if acts else Outcome.CALL, tuple(calls))


def _in_money(message: Clause, call: Call) -> Plan | None:
    """'(What is eth at.) In euros?': the same price in other money."""
    units = [token.unit for token in message.tokens if token.tag == "MONEY"]
    if (
        call.intent != "get_price"
        or len(units) != 1
        or message.coins
        or message.numbers
        or not elliptic(message)
    ):
        return None
    symbol = f"{str(call.slots['symbol']).partition('/')[0]}/{units[0]}"
    return Plan(Outcome.CALL, (call.with_slots(symbol=symbol),)) if bundled_pair(symbol) else None


def _sorted_by(message: Clause, call: Call) -> dict[str, Any]:
    """'And broken down by coin?': the lessons or the results, sorted another way."""
    if call.intent == "get_insights" and message.says("day", "days"):
        return {"topic": "day_of_week"}
    if call.intent == "get_insights" and (topic := topic_of(message, ranked=True)):
        return {"topic": topic}
    if call.intent == "get_performance" and (by := grouping(message)):
        return {"by": by}
    return {}


def _a_limit_alone(message: Clause) -> bool:
    """'0.5', 'make it 2%', 'actually 100 dollars': a number for the limit just spoken of."""
    other = message.has("BUY", "SELL", "MOVE", "WANT", "SPEND", "CONVERT", "WORTH")
    return bool(message.numbers) and not (message.coins or other or stranger(message))


def stranger(message: Clause) -> bool:
    """Whether a word that nobody knows stands where a coin would: 'of moonwaffle', '0.2 lightcoin'."""
    return any(
        two.kind is Kind.WORD
        and not two.tag
        and len(two.text) > 3
        and two.text not in known_words()
        and (one.text in ("of", "on", "in", "into", "at", "for") or one.kind is Kind.NUMBER)
        for one, two in message.pairs()
    )


def _only_asks_of(message: Clause) -> bool:
    """'btc?': a coin and a question mark."""
    said = [token for token in message.tokens if token.kind is not Kind.MARK and token.text not in _NOW]
    return message.asked and bool(said) and all(token.kind is Kind.COIN for token in said)


_NOW = ("now", "right now", "please", "today", "then", "currently")


def _again_order(message: Clause, call: Call, scene: Scene) -> Plan | None:
    if not (message.coins or message.numbers) or not elliptic(message):
        return None
    if call.slots.get("side") == "sell" and bare_purchase(message.tokens):
        return None  # '35 bucks on ada' buys, whatever was sold before
    numbers = order_numbers(message, str(call.slots.get("side", "buy")))
    amount = changed_amount(message, numbers, call.slots.get("amount"))
    slots = dict(call.slots) | ({"amount": amount} if amount else {})
    frames = [
        judged(
            Frame(Outcome.CONFIRM, call.intent, {**slots, "symbol": symbol}),
            OrderNumbers(amount=slots.get("amount")),
            scene,
        )
        for symbol in [scene.symbol(coin) for coin in message.coins] or [slots["symbol"]]
    ]
    return assemble(frames)


def elliptic(message: Clause) -> bool:
    """Whether nothing is said but what changes: 'and 30 of sol', 'same for eth', 'how about ada'."""
    said = (token for token in message.tokens if token.kind is Kind.WORD and token.tag not in _LINKING)
    return not message.run("about", "me") and all(token.text in _ELLIPTIC for token in said)


def filled(message: Clause, draft: Call, missing: tuple[str, ...], scene: Scene) -> Plan | None:
    """The unfinished wish with what the owner just added."""
    if _asks_itself(message) or _only_refuses(message):
        return None
    if moves(draft):
        return filled_levels(message, draft, missing, scene)
    if draft.intent == "alerts" and message.coins and message.numbers:
        return assemble(alert_at(message, scene))
    if once := agreed(message, draft, missing, scene):
        return once
    if draft.intent in ORDER_INTENTS:
        return _filled_order(message, draft, missing, scene)
    if settling := settled(message, draft, missing):
        return settling
    if draft.intent == "set_risk" and "parameter" in draft.slots and _a_limit_alone(message):
        value = message.numbers[0]
        unit = "percent" if value.unit in ("%", "part") else "count" if not value.unit else "quote"
        unit = str(draft.slots.get("unit", unit)) if not value.unit else unit
        return Plan(Outcome.CONFIRM, (draft.with_slots(value=value.amount, unit=unit),))
    if message.coins and ("symbol" in missing or draft.intent == "cancel_order"):
        outcome = Outcome.CONFIRM if draft.intent in ("flatten", "cancel_order") else Outcome.CALL
        return Plan(outcome, tuple(draft.with_slots(symbol=scene.symbol(coin)) for coin in message.coins))
    if draft.intent == "cancel_order" and message.has("LAST"):
        return Plan(Outcome.CONFIRM, (draft.with_slots(which="last"),))
    if draft.intent == "cancel_order" and message.has("ALL"):
        return Plan(Outcome.CONFIRM, (draft.with_slots(which="all"),))
    return None


def _only_refuses(message: Clause) -> bool:
    """'No thanks': fills in nothing, and drops what was asked about."""
    said = [token for token in message.tokens if token.kind is not Kind.MARK]
    return message.has("NO") and all(token.tag in _ANSWERS for token in said)


def _asks_itself(message: Clause) -> bool:
    """'Which of my coins is the star': a question of its own answers none."""
    first = message.opening[0].text.split()[:1] if message.opening else []
    return first in _ASKED and not message.numbers and not elliptic(message)


_ASKED = [[word] for word in ("what", "who", "how", "which", "why", "where", "when")]


def _filled_order(message: Clause, draft: Call, missing: tuple[str, ...], scene: Scene) -> Plan | None:
    if stranger(message) and "symbol" in draft.slots:
        return None
    side = str(draft.slots.get("side", "buy"))
    numbers, slots = order_numbers(message, side), dict(draft.slots)
    plain = slots.pop("plain", None)
    if "side" not in slots and (chosen := chosen_side(message)):
        slots["side"] = chosen
    changed = message.has("SET", "INSTEAD", "NOT", "NO") or message.says("actually", "rather")
    if message.coins and "symbol" in slots and not (changed or message.numbers or elliptic(message)):
        return None  # another coin is only spoken of
    changed = changed or len(message.coins) == 1
    if message.coins and ("symbol" not in slots or changed):
        slots["symbol"] = scene.symbol(message.coins[-1 if changed else 0], numbers.money)
    slots |= numbers.slots
    settled = False
    if plain is not None and "amount" not in slots and (unit := _unit_said(message, slots, missing)):
        slots["amount"] = (plain, unit)
    elif plain is not None and "amount" not in slots and numbers.plain is None:
        numbers = replace(numbers, plain=plain)
    elif "amount_unit" in missing and numbers.amount:
        settled = True  # the number once more, with its unit
    elif "amount_unit" in missing and "amount" in slots and (unit := _unit_said(message, slots, missing)):
        slots["amount"], settled = (slots["amount"][0], unit), True
    if slots.get("type") == "limit" and "limit_price" not in slots and numbers.plain is not None:
        slots["limit_price"], numbers = numbers.plain, replace(numbers, plain=None)
    if slots == dict(draft.slots) and numbers.plain is None and not settled:
        return None
    if "side" not in slots:
        return assemble([ask("Buy or sell?", "side")])
    if "symbol" not in slots:
        return assemble([Frame(Outcome.CLARIFY, draft.intent, slots, ("symbol",), "Which coin?")])
    return assemble(
        [
            judged(
                Frame(Outcome.CONFIRM, draft.intent, slots),
                replace(numbers, amount=slots.get("amount"), scaled=False, unit_said=settled),
                scene,
            )
        ]
    )


def _unit_said(message: Clause, slots: Mapping[str, Any], missing: tuple[str, ...]) -> str:
    if message.has("MONEY", "BALANCE", "WORTH") or message.says("money", "cash"):
        return "quote"
    named = bool(message.coins) and "symbol" not in missing
    if named or message.has("COINWORD") or message.says("base", "units"):
        return "base"
    return ""
