"""Words of the owner's trade in other languages, folded: no accents, Latin letters, lower case."""

FOREIGN = """
BALANCE: me-queda me-quedan il-me-reste me-reste bleibt-mir mi-rimane mi-resta
BALANCE: geld dinero argent dinheiro guthaben kontostand saldo solde
BUY: compra comprar compre comprame quiero-comprar adquiere adquirir
BUY: comprare compri compres compren compralo compralos kaufe kaufen kauf kaufst
BUY: achetes achete acheter achetez achat prends-moi
SPEND: invierte invertir investiere investieren investis investir invista gasta
SELL: vende vender vendeme venda vendes venderme
SELL: verkaufe verkaufen verkauf verkaufst abstossen
SELL: vendas vendan vendelo vendelos vendela vendelas venderlo venderlos venderli
SELL: vendes vends vendre vendez vente vendo
FLAT: liquida liquidar cierra-todo cerrar-todo vende-todo vender-todo liquidiere glattstellen
FLAT: alles-verkaufen
FLAT: verkaufe-alles schliesse-alles alles-schliessen ferme-tout fermer-tout vends-tout tout-vendre
FLAT: vendre-tout
FLAT: liquide liquider feche-tudo fechar-tudo venda-tudo vender-tudo vende-tudo cierra-todas fecha-tudo
FLAT: ferme-toutes schliess-alles vendetelo-todo verkauf-alles verkaufe-bitte-alles
CLOSE: cierra cerrar schliesse schliessen ferme fermer feche fechar cierre fermez fecha schliess
PRICE: precio cuesta vale cotizacion cotiza preis kurs kostet steht prix coute vaut cours preco custa
PRICE: cotacao quanto-esta
PRICE: a-cuanto-esta a-como-esta combien-vaut wert preise precios
BALANCE: saldo saldos cuenta dinero guthaben kontostand konto kasse solde solde-du-compte argent
BALANCE: compte conta dinheiro fondos
POSITION: posicion posiciones positionen posicoes posicao bestand
ORDER: orden ordenes auftrag auftrage auftraege order ordre ordres ordem ordens
CANCEL: cancela cancelar storniere stornieren abbrechen annule annuler cancele loschen anula anular
CANCEL: losche loesche
PAUSE: halte-den-handel-an halt-den-handel-an halte-den-bot-an stoppe-den-bot stopp-den-bot
PAUSE: stell-den-handel-ein stelle-den-handel-ein
PAUSE: pausa pausar pausiere pausieren pausier detente deten detener anhalten stopp stoppe stoppen
PAUSE: halte-an arrete
PAUSE: arreter arretez pause-le pausez mets-en-pause parar pare para-el-bot para-de-operar
PAUSE: para-el-trading halt-an
PAUSE: no-operes no-operes-mas no-compres-mas no-abras-mas no-abras-nada no-hagas-mas-operaciones
PAUSE: handle-nicht-mehr nicht-mehr-handeln keine-trades-mehr kauf-nichts-mehr kaufe-nichts-mehr
PAUSE: ne-trade-plus n-achete-plus-rien ne-negocie-plus plus-de-trades ne-prends-plus-de-positions
PAUSE: deja-de-operar hor-auf aufhoren anhalte unterbrich suspends suspendre pare-de-operar para-todo
PAUSE: pare-o-bot para-o-bot para-o-robo pare-o-robo para-el-robot para-el-bot-ya ferma-il-bot arrete-le-bot
PAUSE: stoppe-den-bot halt-den-bot-an
PAUSE: stoppe-den-handel deja-de-comprar detenlo pausalo pausieren-bitte interrompe para-ya para-o-bot
RESUME: reanuda reanudar continua continuar fortsetzen weitermachen weiter reprends reprendre retome
RESUME: retomar
RESUME: mach-weiter continuez relance sigue vuelve-a-operar reativa volver-a-operar continue-a-operar
STATUS: estado zustand etat lage
ALL: todo todos toda todas alles alle tout toute tous toutes tudo ganze
HALF: mitad halfte haelfte moitie metade media medio
MY: mi mis mein meine meinen meiner meines meinem mon ma mes meu minha meus minhas su tu
HOW: cuanto cuanta cuantos como wie wieviel viel combien comment quanto quanta quantos
WHAT: que cual was welche welcher quel quelle quels quelles qual quais cuales
WHY: por-que warum wieso weshalb pourquoi porque
IS: es esta estan ist sind est sont son esta-o
DO: haz mach fais faca
OWN: tengo tienes habe haben hast ai avons tenho temos tenemos ich-habe
SHOW: muestra muestrame mostrar dime dame zeige zeig montre affiche mostre mostra ver gib-mir donne-moi
YES: si ja oui sim vale-adelante adelante claro d-accord jawohl bestatige confirmo bien-sur genau
YES: vamos dale
NO: nein non nao nunca-mente mejor-no lieber-nicht plutot-non
NOT: nicht pas kein keine jamas nunca jamais niemals nie ne
NEVER: nunca jamais niemals nie
IF: wenn falls cuando lorsque quand quando se-o se-a si-el si-la si-baja si-sube wuerde wurde haette
IF: hatte
IF: s-il-baisse si-le si-je ob se-cair se-subir
SHOULD: deberia debo sollte soll sollten soll-ich devrais dois-je devo deveria devrait conviene
STOPLOSS: perdida-maxima verlustgrenze
TARGET: objetivo ziel objectif alvo
WANT: voglio desidero hatte-gern haette-gern
WANT: quiero quisiera mochte moechte will-haben veux voudrais quero queria gostaria
PLEASE: por-favor bitte s-il-te-plait s-il-vous-plait favor svp
GREET: hola hallo bonjour salut ola guten-morgen buenos-dias bom-dia buenas
THANKS: gracias danke merci obrigado obrigada
HELP: ayuda hilfe aide ajuda
PNL: ganancia ganancias beneficio beneficios gewinn verlust gewinne benefice benefices pertes lucro
PNL: lucros perdidas
PNL: ganado verdient gagne rendimiento ganamos perdimos
SOLD: vendiste vendio vendimos vendido verkauft verkauften vendu vendues vendeu
BOUGHT: compraste compramos comprado gekauft kauften achetees compraram
TODAYWORD: hoy heute hoje aujourd-hui
YESTERDAYWORD: ayer gestern hier ontem ieri
SOME: algo etwas algunos einige quelques um-pouco un-poco ein-bisschen un-peu
WITHDRAW: retira retirar abheben auszahlen uberweise ueberweise ueberweisen uberweisen retirer virer
WITHDRAW: sacar saque
WITHDRAW: transfiere transferir transfere retire
FILLER: de del la el los las un una unos unas al der die das den dem des ein eine einen einem le les
FILLER: du d l au aux
FILLER: o os da dos das em no na nos uma por para pour fur fuer zu zum zur auf mit von und et y e con
FILLER: com sur
FILLER: bitte gerade jetzt ahora maintenant agora mir mich me te toi dich dir yo ich je eu nous wir
FILLER: nosotros
BUY: acquista acquistare comprami koop kopen aankopen kupi kupit kupite kup kupic kop kopa
SELL: vendi vendere vendimi verkoop verkopen prodai prodat prodaite sprzedaj sprzedac salj salja
FLAT: chiudi-tutto vendi-tutto liquida-tutto alles-sluiten sluit-alles verkoop-alles zakroi-vse prodai-vse
FLAT: sprzedaj-wszystko zamknij-wszystko salj-allt
CLOSE: chiudi chiudere sluit sluiten zakroi zakryt zamknij
CANCEL: annulla annullare annuleer annuleren otmeni otmenit anuluj avbryt
PAUSE: pauza pauzu fermati ferma fermare metti-in-pausa pauzeer pauzeren ostanovis ostanovi ostanovit
PAUSE: prekrati wstrzymaj
PAUSE: zatrzymaj stoppa pausa-tutto stop-met-handelen stai-fermo para-de-negociar arrete-de-negocier durdur
RESUME: riprendi riprendere hervat hervatten prodolzhai vozobnovi wznow fortsatt
PRICE: prezzo prijs tsena tsenu stoit cena kosztuje pris kostar
BALANCE: soldi geld-staat balans dengi deneg dengami stan-konta pieniadze pengar
POSITION: posizioni posizione posities positie pozitsii pozitsiya pozitsiyu pozycje positioner
ORDER: ordini ordine opdrachten orderov orderi zlecenia zlecenie
DAILYREPORT: resumen-diario resumen-del-dia informe-diario resumen informe tagesbericht tageszusammenfassung
DAILYREPORT: zusammenfassung taglichen-bericht taglicher-bericht rapport-quotidien resume-quotidien
DAILYREPORT: resume-du-jour bilan-du-jour riepilogo-giornaliero riepilogo rapporto-giornaliero
DAILYREPORT: resumo-diario resumo-do-dia resumo relatorio-diario
BALANCE: conto
DAYLOSS: tageslimit tagesverlust tagesverlustlimit limite-diario limite-de-perdida-diaria limite-journaliere
DAYLOSS: perte-journaliere limite-giornaliero limite-diaria perdida-diaria
RISKWORD: riesgo risiko risque rischio risco
SET: stell stelle setz setze
MOVE: pon ponme mets metti steck stecke
SELL: deshazte-de debarrasse-toi-de sbarazzati-di liberati-di livra-te-de livre-se-de largue
PAUSE: pare-tudo para-tudo no-compres-nada n-achete-rien kauf-nichts kaufe-nichts non-comprare-niente
PAUSE: nao-compre-nada non-comprare-nulla
PNL: come-e-andata come-siamo-andati como-foi como-fomos wie-war-es wie-lief wie-liefen
PNL: wie-stehen-wir wie-lief-es como-nos-fue como-vamos comment-ca-va-le-trading verloren perdu perdido
TRADELIST: operaciones transacciones geschafte operations operacoes transazioni transacties sdelki
LAST: ultima ultimas ultimo ultimos letzte letzten derniere dernieres dernier derniers laatste
PNL: guadagno guadagnato utile winst verdiend pribyl zarabotali zysk zarobilismy vinst
WHY: perche waarom pochemu dlaczego varfor
HOW: quanti quante hoeveel skolko ile hur-mycket
WHAT: che-cosa cosa wat kakoi kakaya kakie jaki jaka vad quale quali
MY: mio mia miei mie mijn moego moei moich mitt
ALL: tutti tutte tutto allemaal vse vsei wszystkie wszystko allt alla
NOT: niet geen nie inte ingen
NEVER: nooit nikogda nigdy aldrig
YES: da podtverzhdayu
NO: nee
IF: als esli jesli se-scende se-sale se-cala kogda kiedy
SCHEDULE: manana morgen demain amanha domani zavtra jutro imorgon cada-lunes cada-semana cada-dia cada-mes
SCHEDULE: jeden-tag jede-woche jeden-monat jeden-montag chaque-semaine chaque-jour chaque-mois chaque-lundi
SCHEDULE: toda-semana todo-dia todo-mes todos-os-dias todos-los-dias todas-las-semanas ogni-giorno elke-dag
SCHEDULE: ogni-settimana elke-week kazhdyi-den kazhduyu-nedelyu tous-les-jours toutes-les-semaines
SAID: meinte dice dijo dicen sagt sagte meint dit disent diz disse dizem zegt zei govorit skazal mowi
AT: zum-preis-von al-precio-de au-prix-de ao-preco-de a-un-precio-de zum-kurs-von al-prezzo-di po-tsene
GREET: buenas-tardes buenas-noches boa-tarde boa-noite guten-tag guten-abend bonsoir buongiorno ciao-zyn
GREET: privet zdravstvui hoi czesc hej
THANKS: grazie dank-je dankjewel spasibo dziekuje tack
HELP: aiuto pomoshch pomoc
PLEASE: per-favore alsjeblieft pozhaluista prosze
FILLER: di dei della delle degli il lo gli nel nella van het u-menya
"""

# Everyday words of these languages, folded: read as typed, never repaired towards an English one.
FOREIGN_COMMON = """
semana semanas mes meses ano anos dia dias horas minuto minutos manana noche tarde ahora luego despues
antes hemos habemos has han he fue fueron era ser estar estoy estamos estado puede puedes puedo podrias
quieres hacer haces hice hizo sobre desde hasta cuando donde quien porque para con sin muy mas menos mejor
peor ultimo ultima ultimos ultimas esta este estos estas eso esa ese bien mal gracias favor operaciones
mercado limite parada vendiste compraste vendio compro cerraste vendimos compramos woche wochen monat monate
jahr jahre stunde stunden heute gestern morgen abend nacht mittag jetzt gleich spater spaeter nachher vorher
haben hatte hattest war waren sein bin bist sind wird werden wurde kann kannst konnen koennen konnte mochte
moechte machen mach macht gemacht uber ueber unter zwischen bis seit wenn weil dass ob aber oder auch noch
schon nur sehr mehr weniger besser schlechter letzte letzten letzter diese dieser dieses welche gut schlecht
viel wenig alle etwas nichts niemand hier dort offene offenen laufende laufenden bitte zeig sag verkauft
gekauft geschlossen verkauften kauften semaine semaines annee annees heure heures jour jours aujourd hui
demain soir matin nuit maintenant apres avant avoir etre suis sommes etes avez avons avait etait peux peut
pouvez pouvoir voudrais veux faire fais fait faites depuis jusqu quand ou qui parce pour avec sans tres plus
moins mieux pire dernier derniere derniers dernieres cette ces cet merci ordres ouvertes ouverts quelque
chose rien personne ici vendu achete vendues achetes ferme agora depois ontem amanha noite manha pode podes
posso voce fazer fez foi eram
wieder fragt fragen nachbar freund freundin frau mann kinder arbeit haus leute immer wieder danke gesagt sagt
meinte amigo amiga vecino hermano hermana trabajo casa gente siempre dice dijo pregunta otra otro vez todavia
voisin voisine ami amie frere soeur travail maison gens toujours dit encore demande fois
dois doit dois-je devrait devrais
sofort voglio ieri anoche vedere vedo vedi vede vediamo vento venti venir vengo ven viene venga vendredi
venerdi viernes comprendo comprende comprender comprendre comprends comprendes comprendere einkaufen
cerca cercare cercar cerco allais allait allions peur verboten pasado pasada pasados passado passata passato
histoire bereue umstanden regrette pento banche banques bancos
risa entrare sentire macchina krank pensar pensare comprido comecar comparar comparare contra contre entrar
entre entrer procurar seguro sempre sicuro stanco lachen voir chiedere copain copine partir grande bailar
sapere spesso endlich padre parler pere offnen finden finire leider somente pasar passar passare fahren
madre mude perder spat mutter wissen notte receber pendant contente repondre menina vendedor vendita venire
ventana verdad verlauf vincere doente manter monte pronto chanter devoir salita tragen legen triste journee
sortir verbot rentrer bruder perdre prendre rigole rigoler zeigen aprire manger marche scherzo scherzavo
broma
"""

# What may stand before a deed that is wished, folded: I want, could you, please, now; with what.
FOREIGN_WISHING = """
please quiero quisiera queria querria deseo necesito gustaria prefiero voy vamos a que hay tengo tienes
debes puedes puede podrias podria pueda podemos ahora ya hoy mismo inmediatamente rapido urgente urgentemente
luego entonces bueno pues primero ahorita mejor solo tambien favor venga anda haz hazme porfa porfis gracias
decidido he bot jefe amigo oye mira zyn mitad parte valor
limitada limitado mercado limite pido ve usa usando utiliza hora es para
um mach mache sei gut lieb nett magst nutze nutz nimm wieder nochmal nochmals zeit ist
prends prenez temps est il utilise usa tempo e prendi
ich will wollen wollte mochte moechte mocht gern gerne kannst konntest koenntest konnten koennten konnen
koennen kann wurdest wuerdest wurden wuerden sie du wir uns lass lasst lassen brauche bitte mal doch jetzt
sofort gleich dann also los schnell einfach nun noch davon dafur sollst musst muss mussen soll ihr so auch
beschlossen entschieden hab habe mich bitten wert im zu heute lieber direkt umgehend dringend erst zuerst
veux voudrais aimerais aimerai souhaite desire vais allez peux pouvez pourriez veuillez vous on tu
maintenant stp svp vite alors donc bon faut besoin decide ai de immediatement tout suite va y vas fais moi
ensuite aussi plutot d abord est ce merci prefere plait dois
voglio vorrei desidero puoi potresti potete subito adesso ora poi allora dai forza bisogna devi devo fammi
bisogno deciso ho prego pure anche prima piacere favore per presto mi piacerebbe andiamo cortesemente
quero gostaria preciso pode podes poderias voce agora logo entao bora vamos la ja urgentemente
in en on auf a con avec pour dass che anche handel trading schluss operaciones pro per nel sur dans na no
to for the my can could would you i we now and then also ok okay yes just of half all some worth with
"""
