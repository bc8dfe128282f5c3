"""One clause of what the owner said, with the questions that rules ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token

POLITE = bag("PLEASE GREET OKAY NEUTRAL FILLER YES THANKS LAUGH")
_STARTERS = bag(
    "afterwards first firstly finally lastly secondly next"
    " so and hey zyn but then now well also just please actually hmm um uh oh like btw anyway listen ps"
)
_ASKING = bag("HOW WHAT WHO WHERE IS DO WHY SHOULD WHEN")
_SELF = bag("i we me us")
_ADDRESSED = bag("you zyn ya")
_DEEDS = bag("BUY SELL SPEND FLAT CLOSE MOVE CONVERT")
_BEFORE_WHAT = bag("on for in at by to with from of under through since until about")
_COMMANDS = _DEEDS | bag("CANCEL PAUSE RESUME SET SHOW REMEMBER LESSEN RAISE CASHOUT SEND CHART BACKTEST")
_OPENERS = bag("how what why where who which")
_PLAIN_ASKS = bag("was were are am is did does has have had do")


_FOREIGN_NOTHING = bag("nicht nichts kein keine keinen pas rien jamais nie nada niente nulla")
_FOREIGN_NOT = bag("nao non niet geen inte nie ne")  # before what is not to be done

_TURNS = (
    "do not",
    "never",
    "not",
    "no",
    "none",
    "never mind",
    "nevermind",
    "no need",
    "forget",
    "forget about",
    "no way",
    "no chance",
    "not a chance",
    "fat chance",
)
_FORBIDS = bag("forbid forbade prohibit refrain refuse abstain")
_KEEPS = bag("stop keep prevent hold restrain rather sooner")


@dataclass(frozen=True)
class Clause:
    """Tagged tokens between two joints of a message. `asked` says that it ends with a question mark."""

    tokens: tuple[Token, ...]
    asked: bool = False

    @cached_property
    def tags(self) -> frozenset[str]:
        return frozenset(token.tag for token in self.tokens if token.tag)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.tokens)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word for text in self.texts for word in text.split())

    @cached_property
    def coins(self) -> tuple[Token, ...]:
        """Each coin or pair once, in the order named; a coin beside its own pair is that pair."""
        named = [token for token in self.tokens if token.kind is Kind.COIN]
        pairs = {token.unit: token for token in reversed(named) if token.quote}
        seen: dict[tuple[str, str], Token] = {}
        for token in named:
            whole = token if token.quote else pairs.get(token.unit, token)
            seen.setdefault((whole.unit, whole.quote), whole)
        return tuple(seen.values())

    @cached_property
    def numbers(self) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens if token.kind is Kind.NUMBER)

    def has(self, *tags: str) -> bool:
        return not self.tags.isdisjoint(tags)

    def says(self, *texts: str) -> bool:
        """Whether one of these words is there, also inside a phrase."""
        return not self._words.isdisjoint(texts)

    def place(self, *tags: str) -> int:
        """Where the first token with one of the tags stands, or -1."""
        return next((at for at, token in enumerate(self.tokens) if token.tag in tags), -1)

    def run(self, *texts: str) -> bool:
        """Whether these words follow each other."""
        joined = f" {' '.join(self.texts)} "
        return f" {' '.join(texts)} " in joined

    def pairs(self) -> Iterator[tuple[Token, Token]]:
        return zip(self.tokens, self.tokens[1:], strict=False)

    @cached_property
    def opening(self) -> tuple[Token, ...]:
        """The tokens after greetings, fillers and other words that only start a sentence."""
        at = 0
        while at < len(self.tokens) and (
            self.tokens[at].tag in POLITE
            or self.tokens[at].text in _STARTERS
            or self.tokens[at].kind is Kind.MARK
        ):
            at += 1
        return self.tokens[at:]

    @cached_property
    def polite_request(self) -> bool:
        """Can you, would you, could we: a wish in the form of a question."""
        texts = [token.text for token in self.opening[:3]]
        if len(texts) < 2 or self.opening[0].tag != "CAN":
            return False
        return texts[1] in _ADDRESSED or texts[1] in _SELF

    @cached_property
    def question(self) -> bool:
        """Whether something is asked and nothing is ordered."""
        if self.polite_request:
            return False
        first = self.opening[0] if self.opening else Token("")
        if [token.text for token in self.opening[:2]] in (
            ["you", "still"],
            ["still", "trading"],
            ["you", "even"],
        ):
            return True
        if self.texts[-2:] == ("or", "what") or self._asks_of_a_deed:
            return True
        if self._courteous:
            return False
        if self._amount_then_deed:
            return False
        if (self.asked and not self._only_tagged) or self._told_as_possible:
            return True
        second = self.opening[1] if len(self.opening) > 1 else Token("")
        if first.text == "have" and second.text in ("the", "my", "our", "a"):  # have the report ready at 8
            return False
        if first.text in ("any", "anything") and len(self.opening) > 1:  # any bids on eth
            return self.opening[1].kind is not Kind.MARK and not self.has("IF", "WHEN")
        if first.text in _BEFORE_WHAT and second.tag in ("WHAT", "WHO"):  # on what grounds, for which coin
            return True
        if first.text and first.tag != "NO" and first.text.split()[0] in _PLAIN_ASKS:
            return not self._forbids
        if " " in first.text and first.text.split()[0] in _OPENERS:  # a phrase that opens a question
            return True
        if first.tag == "WHEN":
            return len(self.opening) > 1 and self.opening[1].tag in ("DO", "IS", "OWN", "SHOULD", "CAN")
        return first.tag in _ASKING and first.tag != "DO"

    @property
    def _courteous(self) -> bool:
        """'Would it be possible to suspend ...?', read as please suspend: a wish, no question."""
        lead = self.tokens[: len(self.tokens) - len(self.opening)]
        asked_nicely = any(token.text == "please" for token in lead)
        return asked_nicely and bool(self.opening) and self.opening[0].tag in _COMMANDS

    @property
    def _only_tagged(self) -> bool:
        """'Sell my doge, ok?', 'close it, would you?': a command with a question hung on."""
        last = [token for token in self.tokens[-2:] if token.kind is not Kind.MARK]
        hung = bool(last) and (
            last[-1].tag in ("OKAY", "PLEASE")
            or (len(last) == 2 and last[0].tag == "CAN" and last[1].text == "you")
        )
        return hung and len(self.opening) > 1 and self.opening[0].tag in _COMMANDS

    @property
    def _amount_then_deed(self) -> bool:
        """'How about 15 usd of doge, buy it': the deed after the amount makes it a wish."""
        deed, counted = (
            self.place("BUY", "SELL"),
            self.texts.index("about") if self.run("how", "about") else -1,
        )
        amount = next((at for at, token in enumerate(self.tokens) if token.kind is Kind.NUMBER), deed)
        return 0 <= counted < amount < deed and not self.asked

    @property
    def _told_as_possible(self) -> bool:
        """'The least i can buy', 'how much we could sell': says what is possible, orders nothing."""
        if self.opening and self.opening[0].tag in _DEEDS:
            return False
        run = zip(self.opening[1:], self.opening[2:], self.opening[3:], strict=False)
        return any(
            who.text in _SELF and may.tag == "CAN" and deed.tag in ("BUY", "SELL", "SPEND")
            for who, may, deed in run
        )

    @property
    def _asks_of_a_deed(self) -> bool:
        """'(Whatever word) did you sell my ada': what was done is asked about, and never ordered."""
        early = tuple(self.pairs())[:3]
        return any(one.text == "did" and two.text in ("you", "we", "i", "zyn") for one, two in early)

    @property
    def _forbids(self) -> bool:
        """'Do not open anything': an order in the negative, no question."""
        first, *rest = self.opening
        return first.text.startswith("do not") or (
            first.text == "do" and bool(rest) and rest[0].text in ("not", "nothing")
        )

    def _rules_out_a_coin(self, at: int) -> bool:
        """'No more ltc, close it': the no is of the coin, and the deed follows from it."""
        texts = [token.text for token in self.opening[:2]]
        comma = self.texts.index(",") if "," in self.texts else -1
        return texts == ["no", "more"] and 0 < comma < at and self.tokens[comma - 1].kind is Kind.COIN

    def _kept_from(self, at: int) -> bool:
        """'Stop yourself from selling', 'I would rather die than sell'."""
        before = self.texts[max(0, at - 2) : at]
        return bool({"from", "than"} & set(before)) and not _KEEPS.isdisjoint(self.texts[:at])

    def negated(self, at: int) -> bool:
        """Whether a word is turned into its opposite by one of the few before it."""
        if self._rules_out_a_coin(at):
            return False
        others = {word for place, text in enumerate(self.texts) if place != at for word in text.split()}
        if others & _FOREIGN_NOTHING:  # 'nicht mehr handeln' is a halt, and no halt denied
            return True
        if any(one.text in _FOREIGN_NOT and two.kind is not Kind.MARK for one, two in self.pairs()):
            return True
        if 0 <= at < len(self.tokens) - 1 and self.texts[at + 1] in ("nothing", "none", "neither"):
            return True
        for token in self.tokens[max(0, at - 4) : at]:
            if token.kind is Kind.MARK:
                continue
            if token.tag == "WITHOUT" and self.has("CONFIRMWORD"):
                continue
            if token.tag in ("NOT", "WITHOUT", "INSTEAD") or token.text in _TURNS:
                return True
        return any(token.text in _FORBIDS for token in self.tokens[:at]) or self._kept_from(at)
