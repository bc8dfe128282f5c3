"""What Zyn never does, whoever asks: move money out, borrow, show a secret, drop its guards, be hijacked."""

from __future__ import annotations

import re

from core.agent.offline.clause import Clause
from core.agent.offline.lexicon import bag
from core.agent.offline.scene import Frame, refuse
from core.agent.offline.tokens import Kind, Token

_SMUGGLED = re.compile(
    r"(?i)\b(ignore|disregard|forget|override|bypass|skip|drop)\b.{0,40}"
    r"\b(instructions?|rules|prompts?|guidelines|guardrails|restrictions|safety|safeguards|programming|"
    r"limits|checks)\b"
    r"|\b(ignore|disregard|override)\b.{0,12}\babove\b"
    r"|\b(ignore|disregard|override|bypass)\b.{0,20}\b(rule|instruction|guideline)\b"
    r"|\b(ignore|disregard|override) (everything|anything|all) (before|prior|previous|earlier)\b"
    r"|\byou are now\b|\bdeveloper mode\b|\bgod mode\b|\badmin (mode|override)\b|\bjailbreak"
    r"|\bdo anything now\b"
    r"|\bact as (if|an?|my|the)\b|\bpretend (to be|you|that|there)\b|\bnew (system )?(instructions|prompt)\b"
    r"|\bsystem\s*(prompt|override|message|note)?\s*:|<\s*/?\s*(system|instructions?|assistant)\b|\[\s*system"
    r"|\bas (an? |the |your )?(admin|administrator|developer|root)\b|\broot access\b|\bsudo\b"
    r"|[\[({<*#]\s*(system|assistant|developer|tool|admin)\b[^\n]{0,12}[\])}>*:]"
    r"|\b(the )?(user|owner|customer|jimmy) (has |have |had )?(already )?"
    r"(confirmed|approved|authori[sz]ed|agreed|consented)\b"
    r"|\b(place_order|place_bracket|cancel_order|set_risk)\b"
    r"|\b(acknowledged|confirmed|approved|authorized)\s*[=:]\s*(true|yes|1)\b|\bpre-?(approved|authorized"
    r"|confirmed)\b"
    r"|\bignora (las|todas|tus|as)\b.{0,30}\binstruc|\bignoriere\b.{0,30}\banweisungen"
    r"|\bignore[sz]?\b.{0,30}\bconsignes"
)
_SECRET = re.compile(
    r"(?i)\b(api|private|secret|openai|kraken|telegram|twilio|access|bot|auth|ssh"
    r"|signing)[\s_-]*(api[\s_-]*)?"
    r"(keys?|secrets?|tokens?|password)\b"
    r"|\b(passwords?|passphrase|credentials|seed phrase|private keys?|"
    r"env(ironment)? (file|variables?|vars?))\b"
    r"|\b(system|hidden|initial|internal|original) (prompt|instructions?|message)\b"
    r"|\byour (prompt|instructions)\b"
    r"|\b(print|show|dump|reveal|echo|cat|list|display|give|tell)\b.{0,20}"
    r"\b(environment|env|secrets?|source code)\b"
    r"|(?<![\w.])\.env\b"
    r"|\bclaves? (de|api)|\bcontrasena|\bpasswort|\bmot de passe|\bsenha\b"
)
_NO_REPORT = (
    r"(?!.{0,40}\b(?:report|summary|chart|alert|message|list|price|update|picture|graph|balance|status)\b)"
)
_OUT = re.compile(
    rf"(?i)\b(send|transfer|move|wire|forward|pay|ship)\b{_NO_REPORT}"
    r".{0,50}\b(to|into)\b.{0,25}\b(bank|wallet|address"
    r"|friend|account|"
    r"iban|ledger|metamask|trezor|coinbase|binance|paypal|venmo|"
    r"cash ?app|wife|husband|brother|sister|mom|mum|dad|mate|(?:grand)?(?:son|daughter|kids?|child(?:ren)?"
    r"|mother|father|parents)|nephew|niece|cousin|uncle|aunt|family|neighbou?r|girlfriend|boyfriend|partner|"
    r"exchange|card|0x[0-9a-f]{4,}|bc1[a-z0-9]{4,})\b|\b0x[0-9a-f]{16,}\b|\bbc1[a-z0-9]{10,}\b"
    r"|\bdeposit address\b"
    r"|\b(to|into|onto) (my|a|an|the|our) (bank|iban|paypal|venmo|ledger|metamask|trezor|coinbase|binance"
    r"|visa|mastercard|debit card|credit card|revolut)\b"
    r"|\bpay (my|the|our|for my) \w+( \w+)? (with|in|from|using)\b"
)
# Sent, wired or paid to somebody whose name nobody knows; reports and pictures may be sent.
_GIVEN = re.compile(
    rf"(?i)\b(?:send|transfer|wire|pay|venmo|zelle|remit|gift)\b{_NO_REPORT}"
    r".{0,40}\b(?:to|over to) (?!me\b|us\b|my phone\b|cash\b|usd\b|eur\b|sleep\b|buy\b|sell\b|"
    r"the (?:phone|chat)\b)[a-z]+\s*[.!]?\s*$"
)
_GUARDS = (
    r"(kill[\s-]?switch|stop[\s-]?loss(es)?|stops|safety|"
    r"limits?(?!\s+(order|buy|sell|sale|bid|ask|price|on\b|at\b))|"
    r"risk (checks?|limits?|management|controls?)|"
    r"circuit breaker|guard ?rails|protections?|confirmations?|loss limit|safeguards?|loss cap)"
)
_UNGUARDED = re.compile(
    rf"(?i)\b(disable|turn(ing)? off|switch off|remove|deactivate|get rid of|"
    rf"drop|kill|lift|bypass|ignore|delete|"
    rf"without|stop using|no more|shut off|skip|take off|override|trade with no|"
    rf"trade without)\b.{{0,30}}\b{_GUARDS}"
    rf"|\b(trade|trading|operate|run|work|play) without (a |any |the )?stops?\b"
    rf"|\b{_GUARDS}\b\s+off\b|\bunlimited (risk|losses|leverage)\b|\bno (risk )?limits\b"
)
_UNASKED = re.compile(
    r"(?i)\bwithout (ever |even |always |having to |needing to |first |any |a )*"
    r"(asking|ask|checking|confirm\w*|(my )?(ok|okay|approval|permission|consent|say so))\b"
    r"|\b(skip|drop|leave out|stop showing|stop sending) (the |all |those |these |your )*"
    r"(previews?|questions|confirmations?)\b"
    r"|\b(stop|quit|do not|don'?t|never|no need to) (ask(ing)?|confirm(ing)?)\b(?! (for|about) (news|price))"
)
_WARNS = re.compile(r"(?i)\b(don'?t|do not|never|nothing|not|no)\b.{0,60}\bwithout\b")
_WONDERS = re.compile(r"(?i)\W*(?:what|which|how|why)\b")  # what may you do without asking me
_ASKING_STAYS = "What opens risk I always show you first; that cannot be switched off."
_NEVER_OUT = (
    "I cannot move money out of the exchange: no withdrawals, no transfers. My key is not even allowed to."
)
_SPOT_ONLY = "I trade spot only, with money that is there: no margin, no leverage, no shorts, no futures."
_NO_SECRETS = "Keys, passwords and my inner workings stay where they are; I never show them."
_GUARDS_STAY = (
    "The limits and stops stay on; no message can switch them off. Settings change them, by your own hand."
)
_NOT_OBEYED = (
    "I do not follow instructions that tell me to drop my rules. Tell me in your own words what you want."
)


def danger(text: str, message: Clause) -> Frame | None:
    """A refusal with its reason, or None when nothing dangerous is asked."""
    if _SMUGGLED.search(text):
        return refuse(_NOT_OBEYED)
    if _SECRET.search(text) and not _about_coin(message):
        return refuse(_NO_SECRETS)
    if _moves_out(text, message):
        return refuse(_NEVER_OUT)
    if _borrows(message):
        return refuse(_SPOT_ONLY)
    acts = message.has("BUY", "SELL", "FLAT") or _WONDERS.match(text)
    if _UNASKED.search(text) and not _WARNS.search(text) and not acts:
        return refuse(_ASKING_STAYS)
    if _UNGUARDED.search(text) and not _only_asks(message) and not _limit_of_a_coin(text, message):
        return refuse(_GUARDS_STAY)
    if message.has("UNLOCK") and not message.question:
        return refuse("Only you can end a lock, in two steps: type /unlock.")
    return None


def _limit_of_a_coin(text: str, message: Clause) -> bool:
    """'Kill the sol limit', 'drop the limit on ltc': an order that rests, no guard."""
    guards = re.search(
        r"(?i)\b(loss|risk|daily|stops?|safety|kill[\s-]?switch|exposure|position|confirm\w*)\b", text
    )
    return bool(message.coins) and message.has("LIMIT") and guards is None


def _about_coin(message: Clause) -> bool:
    return message.has("BUY", "SELL", "PRICE") and bool(message.coins)


def _moves_out(text: str, message: Clause) -> bool:
    if message.has("WITHDRAW") and message.has("ORDER", "BID", "OFFER", "LIMIT", "RESTING"):
        return False
    moved = message.has("WITHDRAW") and (
        message.has("MONEY", "OUTSIDE", "BALANCE", "ALL", "MY") or _values(message)
    )
    bare = message.has("WITHDRAW") and not message.has("BUY", "SELL", "PNL")
    reported = message.has("DAILYREPORT", "NOTIFY", "CHART", "STATUS")
    bare = bare or bool(_GIVEN.search(text)) and bool(message.numbers or message.coins)
    sent = (message.has("SEND") and message.has("OUTSIDE") and not reported) or _given_away(message)
    return moved or bare or sent or bool(_OUT.search(text))


def _given_away(message: Clause) -> bool:
    """'Give my brother 100 dollars', 'lend a friend some eth': to somebody, not of something."""
    first = message.opening[0].text if message.opening else ""
    if first == "pay" and message.has("MY", "OUTSIDE") and not message.coins and not message.question:
        return True
    for at, token in enumerate(message.tokens):
        if token.text in ("give", "hand", "lend", "loan", "slip", "gift"):
            return any(one.tag == "OUTSIDE" for one in message.tokens[at + 1 : at + 4])
    return False


def _values(message: Clause) -> bool:
    return bool(message.numbers or message.coins)


def _borrows(message: Clause) -> bool:
    """Leverage in any form. 'short answers' and 'in short' are only words."""
    if message.has("LEVERAGE"):
        return not message.has("PNL") or message.has("BUY") or message.says("open")
    if any(token.unit == "x" for token in message.numbers):
        return bool(message.coins) or message.has("BUY", "SELL", "LEVERAGE")
    if not _shorts(message):
        return False
    talk = message.says(
        "answers",
        "answer",
        "summary",
        "version",
        "messages",
        "replies",
        "in short",
        "term",
        "report",
        "reports",
        "updates",
        "texts",
    )
    return not talk and (
        message.has("BUY") or _values(message) or len(message.tokens) <= 4 or message.says("it")
    )


_NO_DEED = bag("is are was too so very in keep stay cut fall fell s")


def _shorts(message: Clause) -> bool:
    """Whether a 'short' is the trade: life is short, and so is time."""
    pairs = zip((Token(""), *message.tokens), message.tokens, strict=False)
    return any(
        one.tag == "SHORTING" and (one.text != "short" or before.text not in _NO_DEED)
        for before, one in pairs
    )


def _only_asks(message: Clause) -> bool:
    asks = message.question and not message.polite_request
    return (
        asks
        or any(token.kind is Kind.NUMBER and token.unit == "%" for token in message.tokens)
        and message.has("BUY")
    )
