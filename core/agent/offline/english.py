"""The English vocabulary, a concept a row; phrases are joined by hyphens. Read by lexicon.py."""

ENGLISH = """
MININFO: lowest-size lowest-order smallest-size least-size how-small how-little small minimum min smallest
MININFO: lowest-amount least tiniest min-size the-lot-size minimum-size min-order lot-size minimums
MININFO: order-size
PRECINFO: smallest-price-move smallest-price-step price-grid smallest-step price-steps how-fine tick-grid
PRECINFO: minimum-price-move price-jump price-jumps
BANNED: off-limits forbid forbidden banned blacklisted prohibited barred no-go not-allowed-to-buy
BANNED: not-allowed-to-trade not-letting-you not-supposed-to-buy ruled-out-buying told-you-to-avoid
BANNED: told-you-never-to-buy told-you-not-to-buy forbade banning
SPLIT: split divide spread share-out distribute divvy divvy-up split-up carve-up
FLAT: exposure-to-zero exposure-down-to-zero all-in-cash completely-in-cash fully-in-cash entirely-in-cash
FLAT: out-of-all-positions out-of-everything out-of-all-trades get-us-flat get-me-flat all-cash
FLAT: no-exposure-to no-more-exposure-to be-rid-of want-rid-of square-up square-off exit-the-market
FLAT: pull-the-plug-on empty-the-bag close-up-shop go-to-stables get-rid-of-everything
FLAT: get-rid-of-all-positions exit-everything exit-all want-out-of want-out take-me-out-of take-me-out
FLAT: flatten liquidate unwind close-out get-out get-me-out get-us-out get-out-of get-me-out-of
FLAT: get-us-out-of exit bail bail-out go-flat zero-out dump-everything sell-everything sell-it-all sell-all
FLAT: exiting flattening sell-the-lot dump-the-lot close-everything close-all wind-down step-out-of bail-on
FLAT: exit-out-of liquidating flat-everything flat-it flat-all flat-me flat-out-of get-flat sell-all-of-it
FLAT: everybody-out everyone-out
FLAT: dump-it-all dump-all get-everything-out close-it-all be-out-of pull-out-of pull-me-out-of
HELP: sort-of-things-can kind-of-things-can what-can-she what-can-he what-can-they
HELP: what-can-zyn what-can-the-bot what-can-it-do what-does-it-do what-does-zyn-do menu list-commands usage
HELP: i-am-lost i-am-confused what-now i-am-stuck help commands capabilities features manual instructions
HELP: how-do-i how-does-this-work tutorial what-can-i-ask what-do-you-do what-are-you-able how-does-it-work
HELP: who-made-you who-built-you who-created-you who-programmed-you who-are-you what-are-you options
HELP: abilities what-can-i-say what-can-i-do how-do-you-work
HELP: what-are-my-options guide what-can-you what-are-you-capable
SELL: take-out bin free-up off-the-table dispose-of discard get-shot-of move-out-of rotate-out-of peel-off
SELL: skim-off trade-in scale-down take-off-the-table sell offload unload dump ditch get-rid-of let-go-of
SELL: part-with trim lighten shed market-sell selling scale-out-of scale-out sell-off cash-in-on
SELL: take-some-off realise realize dumping place-a-sell put-in-a-sell take-profits-on take-profit-on flog
SELL: lighten-up-on cash-in for-sale give-up take-some-profit take-some-profits take-some-gains
BUY: snap-up snap fetch-me fetch pull-the-trigger-on sort-me-out-with treat-me-to bag-me i-would-buy in-for
BUY: i-am-in-for count-me-in-for put-me-down-for sign-me-up-for set-me-up-with hook-me-up-with obtain
BUY: procure secure nab hoover-up pile-into jump-into hop-into dive-into average-into average-down-on
BUY: double-down-on take-a-position-in start-a-position-in open-position-in take-a-stake-in get-hold-of
BUY: grab-hold-of get-some-exposure-to top-me-up-with bulk-up-on get-in-on get-exposure-to buy purchase
BUY: acquire grab scoop accumulate snag pick-up pick-me-up scoop-up load-up load-up-on stock-up stock-up-on
BUY: go-long go-long-on buy-up ape-into ape-in market-buy buy-in enter stack buying purchasing open-a-long
BUY: long open-a-position top-up add-to grab-me get-into go-into get-me-into accumulating place-a-buy
BUY: scale-in scale-into scale-in-to cop cop-me sling-me hmu-with slide-into slide-me-into smash-into
BUY: chuck-me lob-me send-it-into
BUY: put-in-a-buy pick-me-some buy-me hit-the-market-for lift-the-offer-for lift-the-ask-for go-in-on
BUY: hit-the-ask-for take-the-offer-for pay-up-for
SELL: hit-the-bid-for hit-the-bid-with hit-the-bid-on hit-the-bids-with
SELL: yeet jettison sack-off bounce-out-of dip-out-of nope-out-of dust-off flush junk toss-out chuck-out
SELL: boot-out kick-out fire-sale punt-off cash-me-out-of peace-out-of paper-hand
SELL: book-profits-on book-profit-on book-some-profit-on book-gains-on
CANCEL: take-it-off take-them-off take-it-down take-them-down pull-it-down pull-them-down
CANCEL: scratch take-back cancel scrap revoke abort void call-off kill pull remove delete retract rescind
CANCEL: nix axe cancelling yank nuke zap clear-out take-it-off-the-book take-it-off-the-books off-the-book
CANCEL: off-the-books take-it-back withdraw-it get-rid-of-the-order take-down cancle
RESTING: not-filled not-yet-filled not-been-filled not-executed
RESTING: sitting-out-there sitting-there sitting-on-the-exchange
RESTING: waiting-to-be-filled unexecuted waiting-to-fill queued-up pending resting unfilled working
RESTING: outstanding queued live-orders on-the-book on-the-books in-the-book
FILLER: lost-track-of lost-count-of after-all
FILLER: not-a-penny-less not-a-penny-more not-a-cent-less nothing-less nothing-more
FILLER: not-more not-a-cent-more no-more-than-that not-less by-the-way just-so-you-know
QUIET: leave-me-alone let-me-sleep do-not-bother-me not-bother-me quiet quiet-hours do-not-disturb silence
QUIET: mute silent dnd disturb
STATUS: real-money play-money paper-money fake-money monopoly-money toy-money real-cash practising practicing
STATUS: simulated demo
STATUS: did-you-crash have-you-crashed anything-i-should-know anything-to-report what-is-new anything-new
STATUS: how-long-have-you-been anything-up anything-wrong any-news any-trouble any-outages
STATUS: alive-or-dead dead-or-alive last-check you-last-look you-last-check last-looked
STATUS: last-checked you-look-last you-still-working are-you-working
STATUS: loss-budget risk-budget next-candle next-look next-check what-are-you-up-to what-are-you-doing
STATUS: live-or-paper still-alive still-running operational-state any-problems any-issues any-errors
STATUS: are-we-live status-check paper-or-live check-in everything-working everything-running anyone-home
STATUS: status health sitrep overview uptime situation report how-are-things how-is-everything update-me
STATUS: everything-ok everything-okay everything-alright all-good what-is-going-on what-is-happening state
STATUS: what-is-up whats-up status-report bring-me-up-to-speed catch-me-up system-check rundown summary
STATUS: briefing recap healthy connection connectivity latency lag lagging settings configuration config
STATUS: web-address dashboard login-link web-link heartbeat ping status-update what-mode which-mode
STATUS: how-is-the-bot fill-me-in
WANT: would-rather-have let-me-have i-will-have i-will-take can-i-have could-i-have may-i-have get-me
WANT: could-use could-do-with-some
WANT: shall-have i-shall-take i-shall-have will-have
WANT: give-me want should-like would-be-glad-of could-do-with need get give take fancy would-like would-love
INSIGHT: do-differently done-differently differently picked-up-about learned-about learnt-about
INSIGHT: picked-up-on picked-up-from picked-up-so-far
INSIGHT: taken-away-from
INSIGHT: know-about-our tendencies weak-spots strengths weaknesses conclusions wisdom rule-of-thumb patterns
INSIGHT: pattern insights insight lessons lesson learned learnt learn learning noticed discovered
INSIGHT: figured-out spotted findings what-works mistakes takeaways observations improving teach taught
INSIGHT: trends doing-wrong going-wrong did-we-do-wrong working-best what-is-working getting-wrong do-better
WHY: the-story-with the-story-on the-story-of what-is-the-story did-you-decide do-you-decide what-was-behind
WHY: made-you make-you made-zyn what-went-wrong what-went-right what-was-that-about what-was-up-with
WHY: what-happened-to what-convinced what-got-you grounds motive tell-me-why reason-for what-happened-with
WHY: what-went-through through-your-head through-your-mind what-was-going-through
WHY: why explain story-behind behind the-deal-with reason reasons reasoning rationale how-come
WHY: what-were-you-thinking what-was-the-thinking what-is-the-thinking what-were-the-reasons justify
WHY: what-made walk-me-through talk-me-through thinking-behind logic-behind whynot logic explanation
WHY: on-what-basis what-prompted what-triggered what-drove break-down what-was-the-idea thought-process
WHY: run-me-through what-led what-caused justification what-possessed
PRICE: goes-at rate-for market-value last-traded trading-level bid-and-ask going-rate price prices quote
PRICE: quotes cost costs trading-at going-for rate ticker valued priced spot changing-hands last-price
PRICE: rates go-for goes-for spot-price selling-for trade-at trades-at trading-for current-price worth-of-one
PRICE: bid-ask
PAUSE: take-the-rest-of-the-day-off take-today-off take-tomorrow-off take-the-week-off take-the-weekend-off
PAUSE: take-the-night-off hold-your-horses ease-off ease-up take-it-easy hit-pause press-pause hibernate
PAUSE: stay-out-of-the-market stay-put sit-on-your-hands stop-for-now no-new-risk take-the-day-off
PAUSE: stand-aside wait-for-me go-idle step-back quit-buying quit-opening stop-for-today stop-for-the-day
PAUSE: give-it-a-rest take-a-rest take-a-breather take-a-breath knock-it-off sit-tight chill-out pause halt
PAUSE: freeze suspend hold-off hold-fire stand-down take-a-break stop-trading stop-buying cease sit-out
PAUSE: no-more-trades no-new-trades no-new-positions no-new-entries no-more-buying quit-trading pausing
PAUSE: stop-the-bot stop-the-autopilot stop-autopilot stop-everything stop-it stop-now standby do-not-trade
PAUSE: do-not-open do-not-enter do-not-buy-anything no-trading no-more-trading stop-opening stop-entering
PAUSE: stop-the-trading stop-all-trading hit-the-brakes timeout time-out no-more-entries no-more-buys
PAUSE: call-it-a-day enough-for-today that-is-enough-for-today no-more-today no-more-for-today pack-it-in
PAUSE: shut-up-shop knock-off-for-today pack-up-for-today enough-trading no-more-for-now
PAUSE: refrain-from-trading abstain-from-trading desist-from-trading stay-away-from-trading
PAUSE: hold-trading stop-all-trades stop-entries stop-new-entries do-not-make-any-trades
PAUSE: do-not-take-any-trades stop-the-machine put-on-hold cease-trading cease-fire stop-zyn stop-placing
PAUSE: make-pause make-a-pause make-stop-of make-a-stop-of make-a-break
PAUSE: take-the-afternoon-off take-the-morning-off take-the-evening-off sit-this-one-out sit-this-out
PAUSE: cool-it hold-everything hold-all-trading take-five-minutes-off take-a-nap put-your-feet-up
PAUSE: keep-out-of-the-market down-tools stop-work stop-working pens-down keep-still
PAUSE: do-not-place stop-making-trades lay-off chill-for rest-for sleep-for nap-for go-to-sleep
AT: no-less-than not-less-than at @ limit-price no-higher-than not-higher-than no-lower-than not-lower-than
AT: at-least for-at-least at-no-more-than at-no-less-than not-above not-below at-or-below at-or-above
AT: or-better at-a-price-of
NOT: can-not-afford not no-longer nor
RESUME: let-us-go-again let-us-get-going let-us-continue go-on-trading go-live-again back-on-again
RESUME: pick-up-where-you-left-off come-back-to-work let-us-trade-again kick-off-trading begin-again
RESUME: end-the-pause end-your-pause back-at-it trade-once-more resume unpause carry-on continue restart
RESUME: start-trading start-again trade-again back-to-work go-again back-to-trading un-pause keep-going
RESUME: reactivate start-the-bot get-going start-up-again begin-trading get-back-to-it back-in-business
RESUME: unfreeze un-freeze start-trading-again turn-trading-back-on start-the-autopilot start-autopilot
RESUME: going-again get-going-again recommence recommence-trading
RESUME: back-in-the-game back-in-the-saddle back-on-the-horse get-back-on-it
RESUME: back-in-action let-it-trade you-can-trade go-back-to-trading wake-up
STOPLOSS: stop-it-out stop-it-out-at stop-me-out stop-me-out-at stop-it-at protect-it protect-it-at
STOPLOSS: protect-me-at protected-at protection-at protect-the-position safety-net safety-stop
STOPLOSS: emergency-exit cut-losses cut-losses-at cut-my-losses cut-the-loss cut-loss-at cut-it-at
STOPLOSS: stopped-out-at stop-loss stoploss sl stop-losses stop-out protective-stop stop-price stop-order
BALANCE: how-liquid purchasing-power account-size total-value liquidity how-much-have-i-got my-stack
BALANCE: my-capital our-capital how-much-capital available-capital free-capital capital-left how-rich
BALANCE: what-am-i-worth am-i-worth net-value how-wealthy balance balances account cash funds wallet money
BALANCE: buying-power portfolio equity net-worth bankroll spendable dry-powder stash purse kitty
BALANCE: wallets accounts available-funds account-value assets-do-i
POSITION: what-am-i-in what-are-we-in coins-do-i-hold what-is-on-the-books got-on have-on long-on riding
POSITION: average-entry entry-price cost-basis breakeven break-even bag position positions exposure
POSITION: what-are-you-holding what-are-you-sitting-on what-are-you-invested-in what-are-you-in
POSITION: skin-in-the-game holdings-open open-trades active-trades long-positions open-trade bags
PNL: brought brought-us brought-in brings-us bring-us result tally tally-up add-up
PNL: roi yield net-gain make-a-profit how-did-we-fare how-did-we-make-out fare winning made-out pay-off
PNL: turn-a-profit damage good-to-us kind-to-us paid-off-for-us pnl profit profits loss losses earnings
PNL: earned performance returns results gains gain winnings stats statistics profitable track-record
PNL: how-we-got-on how-did-we-get-on how-we-are-getting-on how-are-we-getting-on how-have-we-got-on
PNL: how-we-did how-we-fared how-we-have-done how-we-are-doing how-it-went how-things-went how-did-things-go
PNL: ahead-or-behind been-worth-it
PNL: money-wise in-the-red in-the-green in-the-black up-or-down numbers net-result realised realized
PNL: bottom-line scorecard scoreboard making-money losing-money return made-money lost-money treated
PNL: how-did-we-do how-are-we-doing how-have-we-done how-did-you-do how-did-i-do gained how-am-i-doing
PNL: how-are-you-doing-for-us how-much-money-did how-is-business how-did-it-go how-did-trading-go
PNL: how-is-it-going how-have-you-done how-we-doing how-are-we-looking making-us made-us how-well-did upside
PNL: made lost earn lose treat-us treating-us performed perform performing did-for-us done-for-us ahead
PNL: up-on-the in-the-money
BLOCKING: what-are-you-waiting waiting-for is-missing-for stops-you blocked vetoed filtered ruled-out
BLOCKING: held-back kept-you held-you-back stopped-you turned-down stopping-you preventing holding-you-back
BLOCKING: what-would-it-take what-does-it-take what-has-to-happen-for what-needs-to-happen-for
BLOCKING: blocking keeping-you holding-us-back in-the-way
PRECINFO: increments granularity price-increment price-increments tick precision decimals tick-size
PRECINFO: decimal-places increment price-step decimal step-size lot lots digits
TRADELIST: went-through got-filled filled executed were-you-up-to you-been-up-to you-been-doing
TRADELIST: you-get-up-to what-happened did-i-miss while-i-slept while-i-was-asleep while-i-was-away
TRADELIST: while-i-was-in while-i-was-at while-i-was-driving while-i-was-busy while-i-was-working
TRADELIST: while-i-was-sleeping while-i-was-out while-i-was-gone sells buys purchases sales fills executions
TRADELIST: trade-history trading-history history fill execution transactions transaction log journal
TRADELIST: been-up-to recent-activity activity bought-and-sold
WORST: hurt-most hurt-us-most hurt-the-most cost-us-most cost-us-the-most cost-the-most lost-us-most
WORST: lost-the-most lost-us-the-most hurt-us-the-most screw-up biggest-screw-up biggest-mistake
WORST: biggest-blunder blunder worst-mistake biggest-fail painful costliest ugliest most-expensive
WORST: most-costly most-painful dumbest stupidest worst biggest-loss biggest-loser weakest least-profitable
WORST: most-bad most-terrible most-stupid most-ugly
WORST: poorest losing-most bleeding problem-child black-sheep weakest-link dud laggard biggest-dud
WORST: let-us-down dead-weight
BEST: made-the-most made-us-most made-us-the-most earned-the-most earned-us-most went-best did-best best
BEST: biggest-win top greatest most-profitable biggest-winner strongest biggest better most-successful
BEST: star-performer star-player top-dog top-performer pick-of-the-bunch rank ranking ranked
BEST: juiciest sweetest finest nicest proudest smartest
WEEKDAYS: mondays tuesdays wednesdays thursdays fridays saturdays sundays days weekdays weekends weekday
WEEKDAYS: weekend day-of-week day-of-the-week days-of-the-week
THANKS: you-rock you-are-the-best you-are-great you-are-awesome good-boy legend congrats congratulations
THANKS: thanks thank-you cheers thank appreciate appreciated nice-one well-done good-job nice awesome
THANKS: great-job brilliant amazing lovely good-work great-work love-it good-bot
GREET: happy-new-year merry-christmas happy-birthday hello hi hey hiya yo howdy greetings good-morning
GREET: good-evening good-afternoon morning evening sup good-day heya
SPEND: commit dedicate devote sink funnel channel spend invest allocate deploy spending investing
MOVE: pop slap whack bung plonk lob sling plop fling
MOVE: shift put throw stick chuck drop toss move place shove plow pour
CASHOUT: cash-out cash-me-out go-to-cash all-to-cash into-cash to-cash
BID: bid bids
OFFER: offer ask-price-of an-ask on-the-ask ask-order
CONVERT: convert swap exchange-my trade-my rotate flip
CLOSE: close shut closing
LESSEN: shave pare chop clip
LESSEN: reduce cut lower decrease shrink tighten drop-it slash less
RAISE: ramp ramp-up crank crank-up dial-up
RAISE: raise increase bump lift boost higher widen loosen
PANIC: panic mayday sos emergency code-red abort-everything red-alert
OFF: turn-off switch-off shut-down shut-off disable deactivate shutdown turn-it-off switch-it-off
ON: turn-on switch-on enable activate turn-it-on switch-it-on turn-back-on fire-up power-up
UNLOCK: unlock rearm re-arm end-the-lock lift-the-lock
STOP: stop stops quit
TARGET: take-the-win take-the-wins take-the-profit take-the-profits take-the-gain take-the-gains
TARGET: take-my-profit take-my-profits sell-the-win lock-it-in cash-the-win bank-profits bank-profit
TARGET: lock-in-profits lock-in-gains take-gains bank-gains lock-in-profit target take-profit tp
TARGET: profit-target targets takeprofit take-profits profit-taking t/p
BRACKET: bracket brackets oco bracketed
LIMIT: limit limits gtc
MARKET: at-market market-order at-the-market market-price at-market-price market
WORTH: worth
ORDER: order orders bids-and-offers
OPENED: open opened active current currently running
HOLD: hold holding holds held long-in invested-in exposed exposed-to
OWN: own have got has owned possess
FEEINFO: charge charges charged fee fees commission commissions trading-cost trading-costs
LISTINFO: support supports tradable tradeable listed supported available-to-trade trade-able delisted
LISTINFO: available-on kraken-list
INFO: market-rules order-rules order-limits market-limits trading-conditions constraints restrictions
INFO: restriction info details specs market-info trading-limits trading-rules specifications
WINRATE: win-rate winrate hit-rate winning-percentage success-rate strike-rate wins win-ratio
WINRATE: batting-average percentage-of-winners win-percentage winning-trades
PROFITFACTOR: profit-factor
DRAWDOWN: drawdown max-drawdown
SHARPE: sharpe sharpe-ratio
EXPECT: average-profit profit-per-trade average-profit-per-trade average-result-per-trade
EXPECT: average-loss-per-trade
EXPECT: expectancy average-trade average-win average-loss
TRADE: trade trades trading
LAST: last latest most-recent newest previous recent
HOURS: hours hour time-of-day times-of-day session sessions mornings evenings nights afternoons
HOURS: time-of-the-day overnight
COINWORD: coin coins crypto cryptos pair pairs asset assets symbol symbols token tokens market-do altcoin
COINWORD: alts
HOLDINGS: holdings
FREE: free available spare
AUTOPILOT: kraken autopilot bot robot auto-pilot engine algo system zyn autotrading auto-trading machine
AUTOPILOT: autotrader
WELL: how-are-you how-are-you-doing how-are-you-today how-do-you-do how-are-you-feeling how-is-life
WELL: how-have-you-been are-you-well you-well you-good how-goes-it
ALIVE: alive awake online up-and-running functioning operational responding connected paused listening
ALIVE: trading-right-now trading-now asleep sleeping stuck broken you-there you-ok you-okay you-alright
CHART: chart graph plot candles candlestick candlesticks charts draw graphs diagram picture candle
CURVE: equity-curve equity-chart
BACKTEST: backtest back-test backtests backtesting test-the-strategy simulate simulation historical-test
BACKTEST: test-your-strategy test-our-strategy would-the-strategy would-your-strategy would-our-strategy
BACKTEST: backtested
STRATEGY: setups setup strategy strategies rule rules approach
REGIME: choppy-markets trending-markets sideways-markets calm-markets volatile-markets quiet-markets
REGIME: choppy-market trending-market sideways-market calm-market volatile-market wild-markets
REGIME: regime regimes market-regime market-regimes market-condition market-conditions
REMEMBER: remind-me-to remind-me-that remember note memorize memorise keep-in-mind bear-in-mind fyi jot-down
REMEMBER: write-down for-the-record do-not-let-me-forget take-note make-a-note store-this save-this
REMEMBER: do-not-forget for-your-information note-down note-that remember-that please-note keep-a-note
NAMED: call-me my-name-is address-me
RECALL: do-you-know-my do-you-know-when-my do-you-know-what-my do-you-know-when-i do-you-still-know
RECALL: recall do-you-know-about-me do-you-remember did-i-tell did-i-say i-told-you know-about-me
RECALL: remember-about-me what-is-my-name who-am-i when-is-my your-memory your-memories my-preferences
RECALL: know-of-me stored-about-me when-do-i saved-about-me in-your-memory have-i-told
RECALL: what-did-i-ask-you-to-remember remember-of-me my-notes when-am-i what-is-my-favourite
RECALL: what-is-my-favorite what-are-my-preferences remind-me-what do-i-get-paid
FORGET: forget erase unlearn wipe
RISKWORD: risk risks risk-per-trade risking per-trade-risk risk-level at-risk stake per-trade
DAYLOSS: daily-loss daily-loss-limit daily-losses loss-limit daily-limit max-daily-loss loss-a-day
DAYLOSS: lose-a-day daily-stop loss-per-day losses-per-day lose-per-day maximum-daily-loss daily-drawdown
DAYLOSS: loss-cap max-loss daily-loss-cap daily-max-loss lose-in-a-day loses-in-a-day daily-stop-loss
DAYLOSS: loss-of-the-day losses-a-day
MAXPOS: position-size max-position position-limit maximum-position size-per-trade trade-size
MAXPOS: size-of-a-position size-of-each-position size-of-positions size-of-any-position
MAXPOS: max-position-size position-sizes maximum-position-size per-position position-sizing
MAXEXP: max-exposure total-exposure exposure-limit maximum-exposure exposure-cap overall-exposure
MAXOPEN: max-positions open-positions-limit max-open-positions positions-at-once positions-at-a-time
MAXOPEN: maximum-positions open-positions-at-once trades-at-once concurrent-positions simultaneous-positions
MAXOPEN: trades-at-a-time positions-at-the-same-time maximum-open-positions number-of-positions
MAXOPEN: trades-open-at-once positions-open-at-once trades-open-at-a-time positions-open-at-a-time
MAXOPEN: concurrent-trades
STOPATR: stop-distance atr-stop stop-atr stop-multiple stop-multiplier
TARGETATR: target-distance take-profit-atr target-multiple
COOLOFF: cool-off cooloff cooldown cool-down
SET: set change adjust make update modify switch configure cap keep-the edit amend
MAXIMUM: maximum max cap-at at-most no-more-than not-exceed never-exceed never-more-than
DAILYREPORT: daily-summary daily-report daily-recap morning-summary evening-summary morning-report
DAILYREPORT: end-of-day-report day-report nightly-report evening-report summaries reports recaps digest
DAILYREPORT: daily-digest daily-update
NOTIFY: notify notifications notification alerts alert message messages text-me texts ping-me sms push
NOTIFY: pushes messaging texting warn tell-me-when let-me-know wake-me notifying send-me
LANGUAGE: english german french spanish portuguese language deutsch espanol francais portugues italian
VERBOSITY: brief concise detailed verbose short-answers shorter long-answers longer terse
TIMEZONE: timezone time-zone
SHOW: show list display see view print pull-up bring-up check look-at tell show-me tell-me what-are
SHOW: read-me read-out read-me-out
SHOW: let-me-see run-through look-up pull-me
NEVER: never always from-now-on under-no-circumstances
WITHOUT: without except but-not excluding besides apart-from other-than minus everything-but all-but
WITHOUT: except-for
INSTEAD: instead rather-than instead-of
IF: if unless suppose supposing imagine provided assuming hypothetically what-if say-i in-case let-us-say
IF: theoretically in-theory hypothetical as-long-as
WHEN: when once until till whenever as-soon-as after before the-moment every-time
HAD: had would-have could-have should-have if-i-had were-to
MAYBE: maybe perhaps thinking considering might wondering wonder tempted contemplating debating unsure
MAYBE: may-want not-sure planning toying possibly mulling someday eventually
SHOULD: should ought worth-it good-idea good-time bad-time good-moment right-time wise smart recommend
SHOULD: advice worth-holding worth-selling worth-keeping advise suggest opinion think-about safe-to too-late
SHOULD: too-early sensible good-entry what-do-you-think your-take thoughts good-buy worth-buying
SHOULD: dangerous-to makes-sense make-sense afford
ADVICE: will-it-go will-it-rise going-to-moon go-up go-down predict prediction forecast outlook moon crash
ADVICE: bullish bearish rise fall going-up going-down pump
SAID: said says told tweeted wrote claims texted posted saying article email headline newsletter reads
BOUGHT: bought purchased acquired
SOLD: sold
DIDTRADE: traded trades-did
ALLIN: all-in yolo go-all-in everything-into everything-in bet-the-farm the-house all-my-money
ALLIN: all-of-my-money
ALL: complete all everything every whole entire full completely entirely fully the-lot
HALF: half
MY: my mine our
IT: it that this them those these that-one this-one
ME: me i we us you
MUCH: much many
HOW: how
WHAT: what which
WHO: who whom whose
WHERE: where wheres
IS: is are was were am
DO: do does did done doing
CAN: can could would will may shall
PLEASE: please kindly
YES: yes y yep yeah yup yea sure confirm confirmed proceed affirmative approve approved absolutely
YES: definitely do-it go-ahead go-for-it please-do sounds-good make-it-so of-course lgtm send-it fire-away
YES: apply-it quite-right sounds-right
YES: go-on let-us-do-it correct execute-it execute that-is-right looks-good do-that ok-go by-all-means
YES: hit-it pull-the-trigger let-us-go works-for-me exactly yessir aye i-confirm ship-it you-got-it
YES: sure-why-not ok-why-not okay-why-not fine-why-not yeah-why-not yes-why-not
YES: yess yesss yepp yupp yeahh okie okey yas
YES: sure-thing thumbs-up that-will-do spot-on affirm
YES: that-is-fine i-agree agreed perfect
OKAY: ok okay k alright fine good-to-go sounds-great right-away
NEUTRAL: i-guess-so i-suppose-so i-think-so i-guess
NEUTRAL: cool right great good
NO: no n nope nah negative never-mind nevermind forget-it scratch-that not-now leave-it skip-it
NO: changed-my-mind forget-about-it do-not-do-it not-yet cancel-that cancel-it no-way do-not no-thanks
NO: hold-on cancel-this second-thoughts let-it-be do-not-bother disregard ignore-that wait hang-on back-out
NO: let-us-not rather-not better-not i-would-rather-not best-not i-had-better-not
NO: hold-up reject decline stop-that changed-my-mind-about
BYE: bye goodbye good-night goodnight cya see-you later ciao later-zyn
LAUGH: lol haha hahaha lmao wow omg hehe
SCHEDULE: tomorrow tonight weekly monthly daily every-day every-week every-month every-monday later-today
SCHEDULE: recurring next-week every-friday dca dollar-cost-average next-month
TIMES: twice double triple halve
NEGNO: any zero none nothing
SOME: once-more once-again
SOME: chunk some bit little few bunch handful more something couple-more another again
EACH: each apiece per
CROSSES: drops falls hits reaches crosses dips rises breaks climbs touches
DOING: going look looks looking
COMPARE: compare versus vs
LEVERAGE: leverage leveraged margin futures perps perp perpetual perpetuals options-contract cross-margin
LEVERAGE: borrow borrowed borrowing loan futures-contract derivatives
SHORTING: short shorting go-short short-sell short-selling naked-short
WITHDRAW: withdraw withdrawal withdrawing wire wire-transfer transfer payout pay-out send-out remit
WITHDRAW: withdraws deposit-address cashapp venmo paypal
SEND: pay gift donate send sending forward
OUTSIDE: bank iban ledger metamask wallet-address address coinbase binance external cold-wallet
OUTSIDE: hardware-wallet friend friends wife brother sister mom mum dad mate landlord someone charity
OUTSIDE: bank-account trezor
SECRET: api-key api-keys secret secrets password passwords private-key private-keys credentials passphrase
SECRET: openai-key kraken-key env-file dotenv seed-phrase bot-token secret-key keys apikey access-token key
SECRET: system-prompt your-prompt hidden-instructions your-instructions environment-variables initial-prompt
SECRET: api-secret initial-instructions env
REVEAL: reveal leak expose disclose dump-your give-out paste echo share
OVERRIDE: ignore disregard-all bypass override jailbreak circumvent skip-all pretend you-are-now
OVERRIDE: developer-mode admin-mode god-mode dan act-as disregard-your root-access sudo maintenance-mode
PANIC: hit-the-kill-switch pull-the-kill-switch press-the-kill-switch engage-the-kill-switch
OVERRIDE: debug-mode new-instructions
INSTRUCT: instruction rules-you prompt prompts guardrails guidelines programming safeguards safety
INSTRUCT: safety-rules confirmations safety-checks
SAFETY: kill-switch killswitch safety-limits risk-limits loss-limits risk-checks protections risk-management
SAFETY: safety-switch all-limits circuit-breaker risk-controls guard-rails daily-loss-limits
CONFIRMWORD: confirmation asking confirming approval permission asking-me
GUARANTEE: guarantee guaranteed promise risk-free
"""
