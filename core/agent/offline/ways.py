"""How Zyn goes about its work, whom it hears and what it never does: asked in words, told in words."""

from __future__ import annotations

import re

from core.agent.offline.scene import Frame, chat

_PERSON = (
    r"(?:wife|husband|partner|girlfriend|boyfriend|son|daughter|kids?|child|children|mother|father|mum|mom"
    r"|dad|brother|sister|friends?|family|neighbou?r|colleague|boss|accountant|somebody|someone|anybody|anyone"
    r"|others|other people|strangers?|people)"
)
_WAYS = (
    (
        r"\bwhat (?:can(?:not| not)?|will|would|do|could) (?:you|zyn) (?:not |never |refuse to )+"
        r"(?:do|be able)?\b|\bwhat (?:can not|cannot|will not|would not) (?:you|zyn) do\b"
        r"|\bwhat are your (?:weaknesses|boundaries)\b",
        "I cannot move money out of the exchange, borrow, go short, show a key, loosen a limit past its "
        "setting or end a lock; and I promise no profit. Outside the trade I know little.",
    ),
    (
        r"\bwhat (?:happens|would happen|will happen|if)\b.*\b(?:kraken|exchange)\b.*"
        r"\b(?:down|offline|out|hacked|bankrupt|broke|closes?|fails?|dies?|unreachable|maintenance)\b",
        "While the exchange is down nobody trades there, and I open nothing. I keep asking, send nothing "
        "twice, and settle with it first when it is back. The stops are orders of its own book; what becomes "
        "of the exchange itself I cannot guard against.",
    ),
    (
        r"\bwho (?:really |actually |here )?(?:decides|chooses|picks|calls the shots|has the"
        r" (?:last|final) (?:say|word)|makes (?:the|all the|our|your) (?:decisions?|calls?|choices?)|is"
        r" (?:in charge|the boss|in control|deciding|calling the shots))\b",
        "You set the limits and the mandate; inside them fixed rules in code decide every trade. A language "
        "model, where a key is set, only helps me to understand you: it decides nothing. /why shows the "
        "rules behind each trade.",
    ),
    (
        r"\b(?:what|which) (?:brain|model|ai|llm|engine|gpt)\b.*\b(?:you|me|answers?|answering|speaks?"
        r"|talking|this|use|used|using|running)\b"
        r"|\bis (?:the |your )?(?:openai|chat ?gpt|gpt|llm|language model|model|ai)"
        r" (?:on|off|up|down|working|running|active|connected|used|there|available)\b"
        r"|\b(?:how are you|are you|what makes you) (?:any )?(?:different|better|smarter)\b.*"
        r"\b(?:chat ?gpt|gpt|ai|llm|claude|gemini)\b"
        r"|\b(?:are you|do you|is (?:this|it|that)) (?:currently |now |just |still |really |also )?"
        r"(?:use|using|on|run on|running on|powered by|based on|asking|through) (?:a |an |the )?"
        r"(?:chat ?gpt|gpt|openai|ai|llm|language model|model|claude|gemini)\b",
        "This answer comes from my own rules, without a language model. Where a key is set and the service "
        "answers, a model helps me to understand you; what is traded, and every limit, code alone decides.",
    ),
    (
        r"\b(?:can|could|do|does|will|would|are|may|is) (?:you|we|i|zyn|it)"
        r"(?: also| ever| even| able to| allowed to| permitted to)*"
        r"(?: go| trade| sell| do| open| take)?(?: any)? (?:short|shorts|shorting|short positions?|short"
        r" selling)$"
        r"|\b(?:can|could|do|will|would) (?:you|we|i)(?: ever| also)? short"
        r" (?:the market|crypto|anything|coins)$"
        r"|\b(?:is|are) (?:shorts?|shorting|short selling|margin|leverage|futures)"
        r" (?:allowed|possible|permitted|supported|on|available)\b"
        r"|\b(?:do|can|are|will) (?:you|we|i)(?: ever| also| allowed to)? (?:trade|trading|use|using)"
        r"(?: with| on)?(?: any)? (?:leverage|margin|futures)$",
        "I trade spot only, with money that is there: I buy what I expect to rise and sell what I hold. No "
        "shorts, no margin, no leverage, no futures.",
    ),
    (
        r"\b(?:can|could|may|is|are|will|does|do) (?:my |our |the |an? )?"
        + _PERSON
        + r"(?: also| too| ever| else| get to)?(?: be)?(?: allowed to| able to)?"
        r" (?:use|talk|text|write|control|command|message|ask|order|run|read|see|share|tell)"
        r" (?:to |with )?(?:you|zyn|this bot|the bot)\b"
        r"|\bwho (?:else )?(?:can|could|may|is able to)"
        r" (?:use|talk|see|control|command|write|message|access)\b"
        r"|\b(?:does|do|can|may|is) (?:any|some)(?:body|one) else\b.*\b(?:you|orders|access)\b",
        "Only who is paired with me is heard, in a private chat: a stranger who writes gets no answer and "
        "moves nothing. Who shall be served is set on the machine where I run.",
    ),
    (
        r"\b(?:what (?:happens|would happen|will happen|if)|what do you do|do you (?:still |keep |go on )*"
        r"\w+) (?:when|if|while|once)? ?"
        r"(?:i|my phone|my battery|my wifi|my internet|some(?:one|body)|a thief)\b.*"
        r"\b(?:offline|unreachable|(?:lose|lost|drop|break|smash|steals?|takes?|finds?|hacks?) my phone"
        r"|asleep|sleep|away|on (?:a )?"
        r"(?:holiday|vacation|plane|flight)|no (?:signal|internet|reception)|(?:is|are|am)"
        r" (?:gone|off|dead|out(?! of))|dies|stolen|signal|(?:turn|switch) (?:it |my phone )?off)\b",
        "I run on the computer you started me on, not on your phone: the trading goes on, the stops rest on "
        "the exchange, and what I wrote waits for you here. If the phone is in strange hands, end its "
        "Telegram session from another device; the dashboard can pause me meanwhile.",
    ),
    (
        r"\b(?:is|are) (?:everything|anything|the market|the markets|crypto|kraken|the exchange|you|we)"
        r"(?: also| still| ever)? (?:open|closed|shut|trading|working)(?: on| at| over| during| all)?"
        r"(?: the)? (?:weekends?|sundays?|saturdays?|holidays?|nights?|christmas|easter|new year)\b"
        r"|\bwhen (?:does|do) (?:the |this )?(?:markets?|exchange|crypto) (?:open|close)\b",
        "Day and night, weekends and holidays too: this market never closes, and neither do I.",
    ),
    (
        r"\bhow (?:do|does|did|would) (?:you|zyn|it|the bot) (?:make up (?:your|its) mind"
        r"|(?:come to|reach|arrive at|make) (?:a|your|its|the) (?:decisions?|conclusions?|choices?|mind)"
        r"|make decisions)\b"
        r"|\bhow (?:do|does|did|can|would|will) (?:you|zyn|it|the bot|this)(?: even| actually)?"
        r" (?:decide|choose|pick|select|know|find|trade|figure out|judge|work out|determine)\b"
        r"|\b(?:what|which) (?:is|are) (?:your|the|our) (?:strategy|method|approach|rules?(?!.*\bi"
        r" (?:gave|set|told|made|laid|wrote)\b)|system|algo"
        r"|algorithm)\b"
        r"|\b(?:your|the|our) (?:strategy|method|approach|rule|algo|algorithm)(?: (?:actually"
        r"|even))? works?\b"
        r"|\b(?:explain|describe|tell me about) (?:your|the|our) (?:strategy|method|approach|rules|algo"
        r"|algorithm)\b"
        r"|\bwhat (?:strategy|method|rules?|algo|algorithm) do you (?:use|follow|run)\b",
        "I look at closed five-minute candles. When the price crosses above its moving average, that is a "
        "signal; then six filters, the limits and the edge must all agree. The size follows from the "
        "stop, and "
        "every position has its stop on the exchange. /why shows each judgement with its figures.",
    ),
    (
        r"\b(?:what (?:happens|would happen|will happen|do you do)|what if|how safe).*"
        r"\b(?:you|zyn|server|computer|machine|internet|power|connection|network|laptop|line|wifi)\b.*"
        r"\b(?:crash\w*|die\w*|down|goes? (?:off|out|dark)|fails?|stops?|loses?|lost|reboots?|restarts?|cut"
        r"|offline|breaks?|drops?|killed)\b",
        "Your stops rest on the exchange and work without me. When I am back I settle with the exchange "
        "first: "
        "what is held I know, cover, and do not buy twice. Then I go on.",
    ),
    (
        r"\b(?:is|are) (?:my|our|the) (?:money|funds?|coins?|account|savings) (?:really "
        r"|actually )?(?:safe|secure|protected)\b"
        r"|\bhow (?:do|does|would) (?:you|zyn) (?:protect|guard|keep|look after)\b.*\b(?:money|funds?"
        r"|coins?|account|me|us)\b"
        r"|\b(?:can|could) you (?:steal|run off|run away)\b|\bhow safe (?:is|are|am)\b",
        "My key cannot withdraw, so nothing leaves the exchange through me. Every position has its stop "
        "there, a "
        "day may lose only so much before I stop by myself, and what opens risk at your word I show you "
        "first. "
        "Losses within those limits can happen.",
    ),
    (
        r"\b(?:can|should|could|do|would) i (?:really )?trust you\b|\bwhy (?:should|would|do) i trust you\b"
        r"|\b(?:can|should) i (?:trust|believe|rely on) (?:these|the|your|those|any of) \w+"
        r"|\b(?:making|make) (?:this|it|that|these|things|numbers|the numbers) up\b|\bare you lying\b"
        r"|\bare (?:these|the|your) (?:numbers|figures) (?:real|true|right|correct|made up)\b"
        r"|\bare you (?:any good|trustworthy|reliable|honest|legit)\b",
        "Judge me by the receipts: every trade and every refusal has its reasons in /why, every result "
        "its fees "
        "in /pnl, and the limits are yours. I promise no profit.",
    ),
    (
        r"\bhow (?:do|does|can) (?:you|zyn|it) learn\b|\bhow does (?:the |your )?learning work\b"
        r"|\bwhat do you learn from\b|\bdo you (?:really )?learn\b",
        "From every outcome, taken or not. I act on a lesson only when the evidence is strong enough not "
        "to be "
        "luck, and a lesson can only make me trade less. /learning shows them; you can undo each.",
    ),
    (
        r"\bhow often do you (?:look|check|trade|scan|judge|think|update)\b"
        r"|\bwhen do you (?:look|check|scan|judge)\b",
        "I judge the market at every closed five-minute candle, and settle with the exchange every minute. I "
        "trade only when everything agrees, which may be rarely.",
    ),
    (
        r"\bdo you (?:also |ever |still )?(?:trade|work|run|watch|operate)\b.*"
        r"\b(?:night|24/7|weekends?|around the clock|all day|sundays?|holidays?)\b"
        r"|\b(?:what|which) (?:hours|times) do you (?:trade|work)\b|\bdo you (?:ever )?sleep\b"
        r"|\bwhen do you (?:trade|work|sleep)\b",
        "Day and night, weekends too: the market never closes. You can lay down hours: 'only trade between 8 "
        "and 22'.",
    ),
    (
        r"^(?!.*\b(?:paper|live|money|cash|simulat\w+|demo|account|trading|fake|test)\b).*"
        r"\b(?:are you|do you use|is (?:this|it)) (?:really |actually |just )*(?:an? )?(?:ai|gpt|chatgpt"
        r"|llm|openai|language model|human|person"
        r"|real person|robot|machine|program|chatbot|real)\b|\bwho am i (?:talking|speaking|chatting) to\b",
        "I am Zyn, a program. A language model may help me to understand you when a key is set; what is "
        "traded, and every limit, is decided by code alone.",
    ),
    (
        r"\b(?:what|which) exchanges?\b.*\b(?:you|we|use|on|support)\b|\bwhere do (?:you|we) trade\b",
        "I trade on Kraken, spot only.",
    ),
    (
        r"\bhow long do you (?:usually |normally |typically )?(?:hold|keep|stay in)\b"
        r"|\bhow long (?:does|do) (?:a|your|our) (?:trades?|positions?) (?:last|take|stay|run)\b",
        "Until the stop, the target or a signal the other way ends it: often hours, sometimes minutes. "
        "/trades shows what it was lately.",
    ),
    (
        r"\bhow (?:big|large|much) (?:are|is|do|will) (?:your|our|a|each|the|you) (?:trades?|orders?"
        r"|positions?)\b"
        r"(?!.*\b(?:eth|btc|open|now)\b)|\bhow do you (?:size|set the size|pick the size|decide the size)\b",
        "As large as its stop allows: each trade risks the same small share of your money, never more "
        "than the "
        "caps on a position and on all of them. /risk shows the figures.",
    ),
    (
        r"\bhow (?:do|will|would) i (?:know|hear|find out|be told)\b"
        r"(?! (?:that )?(?:you|this|these|they|it is))|\bwill you (?:tell|text|message"
        r"|warn) me (?:when|if)\b$",
        "I write to you here whenever something is bought, sold, refused or out of order; /alerts says "
        "what and "
        "when, and is yours to change.",
    ),
    (
        r"\bhow (?:do|can|would) i (?:stop|halt|pause|switch off|turn off|shut down) (?:you|the bot|zyn"
        r"|trading|it|this|everything)\b",
        "Say 'pause' and I open nothing more at once; your stops stay. 'flatten' sells what I hold, and "
        "/panic "
        "does both at once.",
    ),
    (
        r"\b(?:how much )?(?:do|what do|does) (?:you|zyn|it) (?:charge|cost)\b"
        r"|\bdo you (?:get paid|take a cut|earn (?:anything|money))\b"
        r"|\bhow much do you (?:charge|cost|take)\b"
        r"|\bwhat (?:is|are) your (?:fee|fees|commission|cut)\b",
        "I take nothing. Kraken takes its fee on every fill; ask 'fees on eth' for the figures, or /pnl "
        "for what "
        "they came to.",
    ),
    (
        r"\bwhy (?:do|does|would|are) (?:you|zyn|we|it) (?:always |keep |have to )?(?:ask|asking|confirm"
        r"|confirming|check|checking)\b"
        r"|\bwhy (?:do|must|should) i (?:have to |need to |always )?(?:confirm|say yes|tap|approve)\b",
        "Because it is your money: whatever opens risk at your word I show you first, with its worst "
        "loss, and "
        "it waits for your yes. What reduces risk I do at once.",
    ),
)
_WAYS_READ = tuple((re.compile(asked), told) for asked, told in _WAYS)


def ways(said: str) -> Frame | None:
    """How Zyn goes about its work, in a few plain sentences."""
    return next((chat(told) for asked, told in _WAYS_READ if asked.search(said)), None)
