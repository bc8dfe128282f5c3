"""Turns of phrase, a concept a row, read before the plain vocabulary; written like it."""

IDIOMS = """
NOTIFY: inform-me inform
LAUGH: get-out-of-here
WANT: let-us-have bring-me
BUY: round-up
PRICE: value-of
PRECINFO: how-many-places how-many-digits
PNL: what-came-of haul how-rich-did-you-make sum-up
EXPECT: the-average-we average-we-make
FEEINFO: pay-the-exchange paid-the-exchange pay-kraken paid-kraken pay-to-kraken paid-to-kraken
TRADELIST: anything-happen anything-happened what-went-down what-you-did
BUY: give-me-exposure-to get-exposure-to give-me-some-exposure-to
SELL: part-ways-with
AT: not-for-less-than not-for-more-than but-not-for-less-than but-not-for-more-than
PNL: net net-after-fees how-is-the-score what-is-the-score money-made money-lost contribution contributed
PNL: contribute pulling-its-weight pulled-its-weight pulling-their-weight earning-its-keep earned-its-keep
PNL: paying-its-way paying-for-itself paid-for-itself worth-our-while been-good-for-us been-bad-for-us
FILLER: after-fees net-of-fees before-fees including-fees incl-fees minus-fees with-fees-included
FILLER: right-now
BEST: the-winner
WORST: the-loser
WHY: did-you-come-to did-you-see-in did-you-like-about
INSIGHT: get-wrong got-wrong what-are-we-good-at what-are-we-bad-at in-common you-have-picked-up
INSIGHT: have-you-picked-up did-you-pick-up you-picked-up picked-up-lately picked-up-recently
BALANCE: how-loaded
OWN: are-mine is-mine belong-to-me belongs-to-me
POSITION: my-book longs
RESTING: still-waiting
ALIVE: breathing kicking
SHOW: set-out lay-out spell-out
BEST: the-star largest heaviest bread-and-butter crown-jewel
WORST: clanger howler own-goal facepalm
STATUS: where-do-we-stand where-do-things-stand how-do-things-stand how-do-we-stand what-is-the-plan
STATUS: anything-going-on something-going-on anything-happening game-plan short-version gist
FILLER: broken-down-by sorted-by grouped-by in-a-nutshell long-story-short
PNL: bread-on-the-table food-on-the-table home-the-bacon
POSITION: what-are-we-sitting-in what-are-we-sitting-on what-are-you-sitting-in what-am-i-sitting-in
POSITION: what-am-i-sitting-on
STATUS: everything-good all-well what-is-cooking how-is-it-hanging
ON: fire-it-up fire-it-back-up fire-back-up fire-up-again
PAUSE: power-down power-off hold-your-fire stand-by that-is-it-for-today that-is-all-for-today
PAUSE: enough-is-enough
NOTIFY: shout holler yell give-me-a-shout buzz-me ring-me
CROSSES: passes pass exceeds exceed tops tests
BACKTEST: replay
HELP: how-does-this-thing-work how-do-i-use-this how-do-i-use-you where-do-i-start where-to-start i-am-new
HELP: what-else-can-you how-to-use
MAXOPEN: trades-at-the-same-time trades-simultaneously positions-simultaneously
LEVERAGE: lend-me puts-on calls-on put-options call-options options-on put-option call-option
VERBOSITY: more-detail more-details less-detail
RESUME: you-can-go-on you-may-go-on let-us-roll roll-again let-us-roll-again
TARGET: take-the-money take-the-money-and-run bank-it bank-the-profit bank-the-profits bank-the-gain
TARGET: bank-the-gains cash-in-the-gain cash-in-the-gains pocket-the-gain pocket-the-gains
TARGET: pocket-the-profit profit-taken profits-taken profit-to-be-taken profits-to-be-taken gains-taken
"""
