"""What is claimed, what it has saved or cost, and when it is let go.

Columns are the features in their order and, last, the whole strategy; rows are traders.
"""

from __future__ import annotations

from math import log

import numpy as np

from core.learning.evidence import Bools, Floats

# Pre-registered: what may matter, and its part of the false-claim budget.
FEATURES = ("session", "symbol", "strength", "side", "weekend", "vol", "trend")
WEIGHTS = (0.27, 0.37, 0.07, 0.06, 0.05, 0.11, 0.07)
ALPHA = 0.045  # of any false claim about a feature, ever
ALPHA_ALL = 0.05  # of a false "everything loses", ever
ALL = len(FEATURES)  # the column of the whole strategy

FIRST_LOSS = 10.0  # R that a rule may cost before it has saved anything
FIRST_LOSS_ALL = 4.0  # the same for stopping everything
MOST_LOSS = 22.0  # R that a rule may give back of what it saved
TRIAL_LOSS = 4.0  # R that acting on an edge's reverse may cost before it is claimed
TRIAL = 1.4  # ln of fresh evidence from which the reverse of a dropped rule is acted on
TURNED = 5.3  # ln of evidence given back before a rule is dropped
TOTAL_LOSS = 7.0  # R that all rules together may cost before none of them acts
REGAINED = 4.0  # R of cost that they must get back to, as they would have acted, before they act again


class Rules:
    """The rules in force, all arrays (traders, 8) unless said otherwise."""

    def __init__(self, traders: int) -> None:
        shape = (traders, ALL + 1)
        self.active = np.zeros(shape, dtype=bool)  # claimed
        self.trial = np.zeros(shape, dtype=bool)  # the reverse of a dropped rule, acted on but not claimed
        self.dropped = np.zeros(shape, dtype=bool)  # its evidence began afresh when its edge turned
        self.peak = np.zeros(shape)  # highest ln evidence since the claim
        self.saved = np.zeros(shape)  # R since it began to act; below zero it has cost
        self.best = np.zeros(shape)  # highest `saved` since
        self.ended = np.zeros(shape)  # what those let go today had saved
        self.net = np.zeros(traders)  # R saved by all together, as if they always acted
        self.held = np.zeros(traders, dtype=bool)  # together they cost too much: none acts

    @property
    def acting(self) -> Bools:
        return self.active | self.trial

    def account(self, saved: Floats, together: Floats) -> None:
        """Book what each rule saved on a day, and all of them together, (traders,)."""
        self.saved += np.where(self.acting, saved, 0.0)
        self.best = np.maximum(self.best, self.saved)
        self.net += together
        self.held = np.where(self.held, self.net < -REGAINED, self.net < -TOTAL_LOSS)

    def retire(self, evidence: Floats) -> tuple[Bools, Bools]:
        """Let go of what turned or cost too much: (withdrawn claims, failed trials); both begin afresh."""
        self.peak = np.where(self.active, np.maximum(self.peak, evidence), evidence)
        first = np.array((FIRST_LOSS,) * ALL + (FIRST_LOSS_ALL,))
        lost = (self.best - self.saved > MOST_LOSS) | (self.saved < -first)
        turned = (self.peak - evidence > TURNED) | (evidence < 0)
        withdrawn = self.active & (lost | turned)
        failed = self.trial & (self.saved < -TRIAL_LOSS)
        self.ended = self.saved.copy()
        self.active &= ~withdrawn
        self.dropped = (self.dropped & ~failed) | withdrawn
        self.dropped[:, ALL] = False
        self.trial &= ~(withdrawn | failed)
        self._forget(withdrawn | failed)
        return withdrawn, failed

    def claim(self, evidence: Floats) -> Bools:
        """What the evidence allows to be claimed now and was not before."""
        fresh = passing(evidence) & ~self.active
        self.active |= fresh
        self.peak[fresh] = evidence[fresh]
        self._forget(fresh & ~self.trial)
        self.dropped &= ~fresh
        weights = np.append(np.log(WEIGHTS), 0.0)
        self.trial = self.dropped & (self.trial | (evidence - weights > TRIAL))
        return fresh

    def _forget(self, which: Bools) -> None:
        self.saved[which] = self.best[which] = 0.0


def passing(evidence: Floats) -> Bools:
    """e-BH over the weighted features (Wang and Ramdas 2022); the whole strategy by itself.

    `evidence` is ln of weight x e-value, (traders, 8).
    """
    features = evidence[:, :ALL]
    order = np.argsort(-features, axis=1, kind="stable")
    ranked = np.take_along_axis(features, order, axis=1)
    enough = ranked >= log(1 / ALPHA) - np.log(np.arange(1, ALL + 1))
    most = np.where(enough.any(axis=1), ALL - enough[:, ::-1].argmax(axis=1), 0)
    chosen = np.zeros(evidence.shape, dtype=bool)
    np.put_along_axis(chosen, order, np.arange(ALL) < most[:, None], axis=1)
    chosen[:, ALL] = evidence[:, ALL] >= log(1 / ALPHA_ALL)
    return chosen
