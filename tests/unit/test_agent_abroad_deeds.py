"""In other languages, too, only a wish leads to a preview: not what was done, would be done, or others do."""

from __future__ import annotations

from datetime import date

import pytest

from core.agent.intents import Outcome, Plan
from core.agent.offline.brain import Moment, understand


def plan_of(text: str) -> Plan:
    held = ("LINK/USD", "ETH/USD")
    resting = ({"id": "OAAA", "symbol": "LINK/USD"},)
    return understand(Moment(text, date(2026, 11, 29), positions=held, orders=resting))


TOLD_OF = """
el martes compré 3 sol
vendimos 5 link la semana pasada
he comprado 2 eth esta mañana
había vendido mis link
cerré mi eth anoche
cancelé la orden de link
gestern habe ich 2 eth gekauft
ich kaufte 2 eth
ich wollte gestern alles verkaufen
ich habe die link order storniert
nous avons vendu 5 link
avant-hier j'ai acheté 3 link
j'ai fermé ma position eth
j'ai annulé mon ordre link
ieri ho venduto 5 link
abbiamo comprato 2 sol
ho chiuso la posizione eth
vendemmo tutto nel 2021
o meu irmão comprou 2 eth
ontem vendi 5 link
vendi mis link el lunes
acabo de comprar 2 eth
je viens de vendre mes link
ho appena comprato 2 eth
jai achete 2 eth
als ich 2 eth kaufte fiel er
"""
SUPPOSED = """
si vendemos todo, ¿qué pasa?
¿y si compro 2 eth?
compraríamos 2 sol con más dinero
vendería mis eth si pudiera
tal vez compre 1 eth
venderé todo mañana
wenn ich alles verkaufe, was bleibt mir
falls wir 3 sol kaufen, was kostet das
nehmen wir an ich kaufe 2 eth
was passiert wenn ich 5 link verkaufe
ich würde 1 eth kaufen wenn ich Geld hätte
si je vends tout, combien il me reste ?
et si on achetait 2 eth ?
j'achèterais 2 eth si le prix baissait
supposons que j'achète 2 eth
se compro 2 eth quanto pago?
comprerei 2 eth se scendesse
mettiamo che compro 2 sol
se eu vender tudo, quanto sobra?
eu compraria 2 eth se caísse
wenn ich im lotto gewinne kaufe ich 100 eth
si je gagne au loto j'achète 100 eth
un giorno venderò tutto
podría vender 5 link
je pourrais vendre 5 link
"""
OF_OTHERS = """
mi vecino vende todo su link
mi mujer quiere vender todo
la gente vende sus eth
me aconseja vender mis eth
mein Kollege verkauft 5 link
mein Chef meinte: verkauf alles
er möchte 10 sol kaufen
sie will 2 eth kaufen
wer kauft 1 eth?
mon frère achète 10 link
ma copine veut tout vendre
on m'a dit de vendre mes eth
mia moglie vuole vendere tutto
lui vende 5 link
il mio capo dice vendi tutto
minha esposa quer vender tudo
ele vende 5 link
el partido continúa mañana
reprends ta lecture
continue ton récit
todos venden eth
alle verkaufen ihre eth
les banques vendent tout
le banche vendono tutto
eles vendem 5 link
auf reddit steht kauf 10 link
blackrock compra 100 eth
elle annule son ordre link
"""
THOUGHT_ALOUD = """
estaba a punto de vender mis link
no sé si vender mis link
vender 5 link sería un error
debería haber vendido mis eth
ich denke darüber nach, 2 sol zu kaufen
es wäre dumm, alles zu verkaufen
ich hätte alles verkaufen sollen
ich träume davon 100 eth zu kaufen
j'hésite à vendre mes link
j'ai failli vendre mes eth
vendre mes eth serait stupide
sto pensando di vendere tutto
stavo per vendere tutto
forse vendo 5 link
estou pensando em vender tudo
deveria ter vendido tudo
me arrepiento de vender mis link
ich bereue es, meine link zu verkaufen
ich habe geträumt, dass ich alles verkaufe
j'ai peur de vendre mes link
la orden de vender 5 link no me gusta
die idee 5 link zu verkaufen
übersetze verkauf alles
je me demande si je vends 5 link
ich muss überlegen ob ich 5 link verkaufe
"""
DENIED = """
nix mehr kaufen
nich alles verkaufen
bloß ned 3 eth kaufen
auf keinen Fall verkaufen
finger weg von eth kaufen
sin comprar 2 eth
sans acheter 2 eth
senza vendere 5 link
sem vender 5 link
mai comprare 2 eth
ni se te ocurra vender mis link
verboten 5 link zu verkaufen
interdit de vendre 5 link
evita di vendere 5 link
en aucun cas vendre 5 link
"""
ASKED = """
¿cuánto cuesta comprar 1 eth?
hast du 5 link verkauft?
as-tu vendu mes link ?
hai venduto i miei link?
você vendeu meus link?
mi fai vedere il mio saldo?
¿debería vender mis link?
lohnt es sich 2 eth zu kaufen?
est-ce le moment de vendre mes link ?
vale a pena comprar 2 eth?
"""


@pytest.mark.parametrize(
    "text",
    [
        line
        for group in (TOLD_OF, SUPPOSED, OF_OTHERS, THOUGHT_ALOUD, DENIED, ASKED)
        for line in group.strip().splitlines()
    ],
)
def test_what_is_only_told_of_shows_no_preview(text: str) -> None:
    plan = plan_of(text)
    assert plan.outcome is not Outcome.CONFIRM
    assert not {"place_order", "flatten", "cancel_order", "resume"} & {call.intent for call in plan.calls}


BOUGHT = """
quiero que compres 2 sol
me gustaría comprar 2 sol
¿me puedes comprar 2 sol?
por favor compre 2 sol
con 100 dólares compra sol
ich möchte dass du 2 sol kaufst
ich würde gern 2 sol kaufen
ich hätte gern 2 sol
könnten sie bitte 2 sol kaufen?
kauf mir mal 2 sol
für 50 dollar sol kaufen
kauf 2 sol, falls möglich
j'aimerais acheter 2 sol
est-ce que tu peux acheter 2 sol ?
achète-moi 2 sol
avec 100 dollars achète du sol
achète 2 sol si tu peux
voglio comprare 2 sol
puoi comprare 2 sol per favore?
voglio che tu compri 2 sol
compra 2 sol per piacere
quero comprar 2 sol
você pode comprar 2 sol?
vamos a comprar 2 sol
lass uns 2 sol kaufen
pon una orden limitada de compra de 2 sol a 100
ve y compra 2 sol
usa 100 dólares para comprar sol
te pido que compres 2 sol
nochmal 2 sol kaufen
sei so lieb, kauf 2 sol
prends 100 dollars et achète du sol
mi piacerebbe comprare 2 sol
bora comprar 2 sol
2 sol kaufen
acheter 2 sol
"""
SOLD = """
necesito vender 5 link ya
por favor, quiero que vendas la mitad de mis link
podrías vender la mitad de mis link, por favor?
hey zyn, kannst du bitte die hälfte meiner link verkaufen?
ich muss 5 link verkaufen
ich brauche geld, verkauf 5 link
j'ai besoin de vendre 5 link
tu pourrais vendre la moitié de mes link ?
allez, vends 5 link
ho bisogno di vendere 5 link
per favore vendi metà dei miei link
quero vender metade do meu link
pon una orden para vender 5 link a 20
mach eine order um 5 link zu verkaufen
ich bitte dich, 5 link zu verkaufen
sei so gut und verkauf 5 link
pourriez-vous vendre 5 link svp
veuillez vendre 5 link
potresti vendere 5 link?
¿podría vender 5 link?
preciso vender 5 link
"""
CLOSED = """
ayer bajó mucho, vende mis link
ich habe angst, verkauf alles
tengo miedo, vende todo
sí, vende todo
me voy de vacaciones, vende todo
puedes vender todo?
cierra todo
alles verkaufen bitte
verkauf bitte sofort alle meine link
der urlaub ruft, verkauf alles
j'en ai marre, vends tout
je veux que tu vendes mes link
il faut vendre mes link
basta, vendi tutto
vendi tutto se puoi
il mercato crolla, vendi i miei link
vende tudo
ich möchte, dass du alle meine link verkaufst
ich habe beschlossen, alles zu verkaufen
kannst du die position in eth schließen?
peux-tu fermer ma position eth ?
ho deciso di vendere tutti i miei link
"""
CANCELLED = """
puedes cancelar la orden de link?
kannst du die link order stornieren?
tu peux annuler l'ordre link ?
puoi annullare l'ordine link?
"""


@pytest.mark.parametrize(
    ("text", "intent", "side"),
    [
        (line, intent, side)
        for group, intent, side in (
            (BOUGHT, "place_order", "buy"),
            (SOLD, "place_order", "sell"),
            (CLOSED, "flatten", None),
            (CANCELLED, "cancel_order", None),
            ("sigue operando\nhandel fortsetzen\nreprends le trading\nriprendi", "resume", None),
        )
        for line in group.strip().splitlines()
    ],
)
def test_a_wish_shows_its_preview(text: str, intent: str, side: str | None) -> None:
    plan = plan_of(text)
    assert plan.outcome is Outcome.CONFIRM
    assert (plan.calls[-1].intent, plan.calls[-1].slots.get("side")) == (intent, side)


@pytest.mark.parametrize(
    ("text", "side", "period"),
    [
        ("ayer compramos 2 sol", "buy", "yesterday"),
        ("qu'as-tu acheté hier ?", "buy", "yesterday"),
        ("gestern habe ich alles verkauft", "sell", "yesterday"),
        ("ho venduto i miei link ieri", "sell", "yesterday"),
        ("la settimana scorsa ho comprato link", "buy", "last_week"),
    ],
)
def test_what_was_done_is_looked_up(text: str, side: str, period: str) -> None:
    [call] = plan_of(text).calls
    assert (call.intent, call.slots["side"], call.slots["period"]) == ("get_trades", side, period)


def test_a_verb_in_the_subjunctive_keeps_its_side() -> None:
    [call] = plan_of("quiero que vendas 3 link").calls
    assert (call.intent, call.slots["side"]) == ("place_order", "sell")


@pytest.mark.parametrize(
    "text",
    [
        "estoy seguro de 2 eth",
        "sempre 5 link",
        "tout contre 5 link",
        "der verlauf von 5 link",
        "la verdad de 5 link",
    ],
)
def test_an_everyday_word_is_not_read_as_a_deed(text: str) -> None:
    assert plan_of(text).outcome is not Outcome.CONFIRM


def test_no_coin_is_heard_in_a_word_that_only_sounds_like_one() -> None:
    assert [call.slots.get("symbol") for call in plan_of("vends tout, je rigole").calls] in ([], [None])
