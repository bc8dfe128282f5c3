"""The closed vocabulary: every word and phrase the grammar knows, and the concept it stands for.

A row is `CONCEPT: word word two-word-phrase`. A concept may have several rows. Words outside of it are
repaired towards it by edit distance, or carry no meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from core.agent.offline.common import COMMON, WORLD
from core.agent.offline.english import ENGLISH
from core.agent.offline.idioms import IDIOMS
from core.agent.offline.languages import FOREIGN, FOREIGN_COMMON, FOREIGN_WISHING

_CONTRACTED = """
what's:what-is whats:what-is how'd:how-did what'd:what-did why'd:why-did how's:how-is hows:how-is
where's:where-is wheres:where-is who's:who-is that's:that-is thats:that-is it's:it-is i'm:i-am im:i-am
i've:i-have ive:i-have we've:we-have i'd:i-would we'd:we-would you've:you-have youve:you-have we're:we-are
you're:you-are youre:you-are they're:they-are i'll:i-will we'll:we-will let's:let-us lets:let-us
there's:there-is theres:there-is when's:when-is why's:why-is don't:do-not dont:do-not doesn't:does-not
doesnt:does-not didn't:did-not didnt:did-not can't:can-not cant:can-not cannot:can-not won't:will-not
wont:will-not isn't:is-not isnt:is-not aren't:are-not arent:are-not wasn't:was-not wasnt:was-not
haven't:have-not havent:have-not hasn't:has-not hasnt:has-not shouldn't:should-not shouldnt:should-not
wouldn't:would-not wouldnt:would-not couldn't:could-not gimme:give-me wanna:want-to gonna:going-to
lemme:let-me gotta:have-to dunno:do-not-know whatcha:what-are-you id:i-would u:you ur:your r:are pls:please
plz:please plss:please thx:thanks ty:thanks wats:what-is wht:what whts:what-is wat:what wut:what y'all:you
rn:now atm:now asap:now tmrw:tomorrow tmr:tomorrow yday:yesterday yest:yesterday wk:week mth:month
avg:average acct:account bal:balance pos:positions ords:orders pct:percent perc:percent abt:about bout:about
cuz:because cos:because w/o:without lmt:limit mkt:market tgt:target tgts:targets cxl:cancel cncl:cancel
px:price pxs:prices prc:price wtd:this-week mtd:this-month qtd:this-quarter pf:profit-factor wr:win-rate
dd:drawdown mdd:max-drawdown qty:quantity upnl:unrealised-pnl msg:message msgs:messages notif:notification
notifs:notifications trds:trades trd:trade grp:group sry:sorry wot:what hist:history yr:year ofc:of-course
defo:definitely obv:obviously prolly:probably howre:how-are how're:how-are hw:how gm:hello tx:thanks
pnls:pnl perf:performance tldr:summary tl;dr:summary
wy:why whyy:why oders:orders ordes:orders oreders:orders
nvm:nevermind nm:nevermind nvmd:nevermind tysm:thanks tyvm:thanks thnx:thanks thanx:thanks tks:thanks
gn:good-night lmk:let-me-know wdym:what-do-you-mean kk:ok okey:ok
dough:money moolah:money winned:won losed:lost
wassup:what-is-up wazzup:what-is-up
that'll:that-will it'll:it-will there'll:there-will what'll:what-will who'll:who-will they'll:they-will
she'll:she-will he'll:he-will rember:remember remembr:remember remeber:remember everythin:everything
shud:should shuld:should shoud:should shld:should shd:should shood:should sould:should shoudl:should
sholud:should shlud:should shuold:should cud:could cld:could coud:could culd:could wud:would wuld:would
wld:would woud:would wen:when wher:where dnt:do-not dotn:do-not dnot:do-not donot:do-not shal:shall
shll:shall mite:might myt:might sez:says whyd:why-did isit:is-it shoulda:should-have shudda:should-have
coulda:could-have woulda:would-have hld:hold wiat:wait wate:wait hv:have
bitkoin:bitcoin bitkoina:bitcoin bitkoiny:bitcoin efir:ethereum efira:ethereum solanu:solana
"""
CONTRACTIONS: Mapping[str, str] = {
    short: full.replace("-", " ") for short, full in (pair.split(":") for pair in _CONTRACTED.split())
}

MONEY_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}
MONEY_WORDS: Mapping[str, str] = {
    word: code
    for code, words in {
        "USD": """usd dollar dollars buck bucks dolares dolar dolars dollers dolla dolleurs dollari
            dollarov dollara dolarow dolary doleurs""",
        "EUR": "eur euro euros",
        "GBP": "gbp pound pounds quid sterling",
        "USDT": "usdt tether",
        "USDC": "usdc",
    }.items()
    for word in words.split()
}


def bag(text: str) -> frozenset[str]:
    """The words of a line as a set."""
    return frozenset(text.split())


@cache
def _rows() -> tuple[tuple[str, str], ...]:
    rows = (line.split(":", 1) for line in (IDIOMS + ENGLISH + FOREIGN).splitlines() if line.strip())
    return tuple((tag.strip(), word) for tag, words in rows for word in words.split())


@cache
def words() -> Mapping[str, str]:
    """Single words and their concept; the first row that names a word wins."""
    found: dict[str, str] = {}
    for tag, word in _rows():
        if "-" not in word:
            found.setdefault(word, tag)
    return found


@cache
def phrases() -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Phrases by their first word, longest first: each the words of it and the concept."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for tag, word in _rows():
        if "-" in word:
            parts = tuple(word.split("-"))
            found.setdefault(parts[0], []).append((parts, tag))
    return {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in found.items()}


@cache
def known_words() -> frozenset[str]:
    """Words whose spelling is never repaired."""
    spelled = {part for _, word in _rows() for part in word.split("-")}
    return frozenset(
        spelled | bag(COMMON) | bag(WORLD) | bag(FOREIGN_COMMON + FOREIGN_WISHING) | set(MONEY_WORDS)
    )
