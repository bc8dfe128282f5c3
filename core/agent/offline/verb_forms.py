"""Forms of verbs in other languages that are told apart by accents and endings, written out before both go.

'Compré' (I bought) and 'compre' (buy!), 'vendí' and 'vendi', 'acheté' and 'achète' are one word without
accents, and the spelling repair reads 'compraría' (I would buy) as 'comprar': so what was done becomes
'bought' and 'sold', what would be done 'maybe buy', a supposition 'suppose', a condition 'if'.
"""

from __future__ import annotations

import re

_BOUGHT = (
    r"compr(?:é|ó|aste|asteis|amos|aron|ab(?:a|as|an)|ábamos|ei|ou|aram|av(?:a|as|am|o|i|amo|ano)|ai|ammo|arono"
    r"|at[oai]|ad[oa]s?)"
    r"|acquist(?:ai|at[oai]|av[oai]|avamo|avano|ammo|arono|ò)|adquir(?:í|i(?:ó|eron|mos|d[oa]))"
    r"|achet(?:ée?s?|ai[st]|ions|iez|aient|ai|a|èrent)"
    r"|gekauft|kaufte(?:n|st|t)?"
)
_SOLD = (
    r"vend(?:í|ió|iste|isteis|imos|ieron|[íi]a[sn]?|íamos|iam|id[oa]s?|eu|eram|este|ut[oaie]|ett[ei]|ev[oai]"
    r"|evamo|evano|ues?|us?|ai[st]|ions|iez|aient|it|irent)"
    r"|verkaufte(?:n|st|t)?"
)
_CLOSED = (
    r"cerré|cerró|cerraste|cerramos|cerrad[oa]s?|fermée?s?|geschlossen|schloss|chius[oaie]|fechei|fechou"
    r"|fechad[oa]s?|liquidé|liquidó|liquidad[oa]s?|liquidat[oai]"
)
_CANCELLED = (
    r"cancelé|canceló|cancelaste|cancelad[oa]s?|annulée?s?|annullat[oaie]|storniert|cancelei|cancelou"
    r"|anulé|anuló|gelöscht"
)
_MIGHT_BUY = (
    r"comprar(?:[íi]a[sn]?|íamos|iamos|iam|é|á|ás|emos|án|ei|ão|an?)|comprer(?:ei|ebbe|esti|emmo|ò|emo|anno|à)"
    r"|kauft|comprass(?:e|i|em|imo)|acquister(?:ei|ebbe|ò|emo)|ach[eè]ter(?:ai[st]|ions|iez|aient|ai|as?|ons|ont)"
)
_MIGHT_SELL = (
    r"vender(?:[íi]a[sn]?|íamos|iamos|iam|é|á|ás|emos|án|ei|ebbe|esti|emmo|ò|emo|anno|à|ão)"
    r"|vend(?:ier|ies|ess)(?:a|an|e|em|en|i|imo)|vendr(?:ai[st]|ions|iez|aient|ai|as?|ons|ont)"
)
_VERB = r"(?:compr|vend|ach[eè]t|acquist|cierr|cerr|ferm|chiud|fech|inviert|invest|liquid)"
_WHO = (
    r"(?:(?:yo|tu|io|eu|ellos?|el|él|il|elle|ils|on|nous|vous|lo|la|le|les|los|li|ne|me|te|mi|je) |[jltm]')"
)
_DEED = rf"(?:{_VERB}|prendre|(?:ver)?kauf|schlie(?:ß|ss)|cancel|storni|annul)"
_CAN = (
    r"(?:est[- ]ce que )?(?:me |mi )?(?:puedes|podrías|podrias|podés|puede usted"
    r"|podría usted|tu peux|tu pourrais|peux[- ]tu"
    r"|pourrais[- ]tu|vous pouvez|vous pourriez|pouvez[- ]vous|pourriez[- ]vous|puoi|potresti"
    r"|kannst du|könntest du|koenntest du|konntest du|würdest du|pode|podes|poderia|poderias|você pode)"
)
_WRITTEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form), meant)
    for form, meant in (
        (
            r"\b(?:angenommen|nehmen wir (?:mal )?an|gesetzt den fall|stell dir vor|supongamos|supón"
            r"|suponiendo|imagínate|imaginemos|digamos|supposons|imaginons|admettons|supponiamo|mettiamo"
            r"|ammettiamo|immagina|immaginiamo|suponhamos|suponha|digamos"
            r"|was(?: wäre| passiert| ist)?,? wenn"
            r"|et si|y si|e se|qué pasa si|qué pasaría si|cosa succede se|che succede se)\b"
            r"(?:,? (?:que|che|dass)\b)?",
            "suppose",
        ),
        # 'si vende' is a yes without its accent, other forms of the verb follow an if
        (rf"\b(?:si (?!(?:compra|vende|cierra|vendi)\b)|se )(?={_WHO}{{0,2}}{_VERB})", "if "),
        (r"\bsi (?=\w{2,}(?:iera|ieran|iese|asse|esse|ait|ais|ía)\b|bajara|subiera|pudiera|fuera)", "if "),
        (r"\bs'(?:ils?|elles?) (?!te |vous )", "if il "),
        (r"\bfalls (?=(?:ich|du|wir|er|sie|es|man|der|die|das|mein)\b)|\b(?:sofern|sobald) ", "if "),
        (r"\bvendi (?=(?:mis?|el|los|todo|todos|toda|meus?|minhas?|tudo|os)\b)", "sold "),
        (rf"\b(?:{_BOUGHT})(?!\w)", "bought"),
        (rf"\b(?:{_SOLD})(?!\w)", "sold"),
        (rf"\b(?:{_CLOSED})(?!\w)", "closed"),
        (rf"\b(?:{_CANCELLED})(?!\w)", "cancelled"),
        (rf"\b(?:{_MIGHT_BUY})(?!\w)", "maybe buy"),
        (rf"\b(?:{_MIGHT_SELL})(?!\w)", "maybe sell"),
        (r"\b(?:compran|compran[ot]|compram|ach[eè]tent|acquistano)\b", "they buy"),
        (r"\b(?:vende[mn]t?|vendono)\b", "they sell"),
        (r"\balle (?=(?:ver)?kaufen (?!bitte\b|jetzt\b|sofort\b)\w)", "alle leute "),
        (
            r"\b((?:[jtl]'?)?(?:ai|as|avons|avez|ont|avais|avait|aurais|aurait)(?:-tu|-je|-vous)?)"
            r" achete[es]?\b",
            r"\1 bought",
        ),
        (r"\b(ho|hai|ha|abbiamo|avete|hanno) comprate\b", r"\1 bought"),
        (r"\bw(?:ü|ue)rde(?:n)? (ich |wir )?(?:sehr )?gerne?\b", r"möchte \1"),
        (rf"\b{_CAN} (?=(?:[\w$€.,]+ ){{0,6}}{_DEED})", "can you "),
        (r"\b(?:nich|ned|net|nit) (?=(?:[\w.,]+ ){0,5}(?:(?:ver)?kauf|schlie(?:ß|ss)|handel))", "nicht "),
        (rf"\bnix (?=(?:[\w.,]+ ){{0,3}}(?:{_DEED}|handeln|traden))", "nichts "),
        (rf"\bmai (?={_VERB})", "never "),
        (rf"\b(?:sin|sans|senza|sem)(?: que)? (?={_VERB})", "without "),
    )
)
_MAY_HOLD = re.compile(
    r"compr|acquist|adquir|ach[eè]t|kauf|vend|cerr|ferm|schl|chius|fech|liquid|cancel|annul|anul|storn|gelöscht"
    r"|prend|inv"
)


def written_out(text: str) -> str:
    """A message in lower case, with its accents, in which such forms stand in plain English."""
    if not _MAY_HOLD.search(text):
        return text
    for form, meant in _WRITTEN:
        text = form.sub(meant, text)
    return text
