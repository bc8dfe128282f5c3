"""Limits and mandate by talk: shown as rows, changed after a yes, stored, and in force on every order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any, Protocol

from core.clock import Clock
from core.engine import entries, words
from core.engine.confirmations import Confirmations
from core.engine.entrance import Entrance
from core.engine.in_force import InForce
from core.engine.portfolio import Portfolio
from core.engine.registry import (
    Answer,
    Handler,
    MandateSlots,
    Outcome,
    Proposal,
    Registry,
    Request,
    RiskSlots,
    slots_of,
)
from core.engine.status_service import StatusService
from core.engine.treasury import Treasury
from core.model.errors import Refused
from core.model.mandate import PolicyRow
from core.model.money import plain, to_decimal
from core.model.views import Preview, TextView
from core.risk.mandate import ADJUSTABLE, ASK_ABOVE, HOURS, LOSS_A_DAY, NEVER_BUY, loosens
from core.trading_config import as_text

_SHARES = frozenset({"risk_per_trade", "max_trade_risk", "max_position", "max_exposure", "daily_loss_limit"})
_COUNTS = frozenset({"max_open_positions", "max_entries_per_hour", "cooloff_candles"})
_FINE = Decimal("0.0001")  # of a share, as it is shown
_SHOWN = ("risk_per_trade", "max_position", "max_exposure", "max_open_positions", "daily_loss_limit")


class PolicyStore(Protocol):
    """Where the rows outlive a restart."""

    async def policies(self) -> Sequence[PolicyRow]: ...

    async def keep_policies(self, rows: Sequence[PolicyRow], dropped: Sequence[str] = ()) -> None: ...


class Policies:
    """The handlers of /risk and /mandate."""

    def __init__(
        self,
        in_force: InForce,
        store: PolicyStore,
        confirmations: Confirmations,
        status: StatusService,
        entrance: Entrance,
        treasury: Treasury,
        portfolio: Portfolio,
        clock: Clock,
        mode: str,
        confirm_s: float,
        changed: Callable[[], None],
    ) -> None:
        """`changed` hears of rows that came into force."""
        self._in_force = in_force
        self._store = store
        self._confirmations = confirmations
        self._status = status
        self._entrance = entrance
        self._treasury = treasury
        self._portfolio = portfolio
        self._clock = clock
        self._mode = mode
        self._confirm_s = confirm_s
        self._changed = changed
        self._tuition: Handler | None = None

    def bind(self, registry: Registry, tuition: Handler) -> None:
        """`tuition` carries out the one parameter of /risk that is no limit."""
        self._tuition = tuition
        registry.add(entries.RISK, self.risk)
        registry.add(entries.MANDATE, self.mandate)

    async def load(self, mirrored: object = None) -> None:
        """Take over the stored rows; those of the mirror when the database was lost."""
        rows = list(await self._store.policies())
        if not rows and isinstance(mirrored, list):
            rows = [
                PolicyRow(str(name), str(value), str(said), int(at)) for name, value, said, at in mirrored
            ]
            await self._store.keep_policies(rows)
        self._in_force.take(rows)

    async def risk(self, request: Request) -> Outcome:
        """The limits in force, or a change of one inside what the settings allow."""
        slots = slots_of(request, RiskSlots)
        if slots.parameter == "tuition" and self._tuition is not None:
            return await self._tuition(request)
        if slots.parameter is None or slots.value is None:
            return Answer(await self.limits(request))
        row = self._limit_row(slots)
        return self._propose(request, [row], (), self._in_money(row, slots))

    async def limits(self, _: Request) -> TextView:
        """The limits in force, in words."""
        return TextView(await self._limits(), self._limits_data())

    async def _limits(self) -> str:
        treasury, risk = self._treasury, self._in_force.risk
        worst = (await self._status.positions()).worst_loss
        gap, accepted = await self._entrance.gap_loss()
        limits = ", ".join(f"{name.replace('_', ' ')} {_limit(name, getattr(risk, name))}" for name in _SHOWN)
        equity = words.money(treasury.equity, treasury.currency)
        status = await self._status.status()
        locked = "Nothing is locked." if status.trading else f"I open nothing new: {status.why_not}."
        return (
            f"{locked}\nLimits: {limits}.\nIn the market {self._portfolio.exposure:,.2f} of {equity}. "
            f"If every stop is hit that costs {worst:,.2f}; if all gap "
            f"{words.percent(risk.gap_stress, 0)} through their stops {gap:,.2f} "
            f"({accepted:,.2f} is accepted).\n"
            f"Today's loss budget left: {words.money(treasury.loss_budget_left, treasury.currency)}."
        )

    def _limits_data(self) -> dict[str, Any]:
        """Every limit that talk can tighten: what is in force, and the most the settings allow."""
        force, ceiling = self._in_force.risk, self._in_force.ceiling
        return {
            "limits": [
                {
                    "name": name, "value": as_text(getattr(force, name)),
                    "settings": as_text(getattr(ceiling, name)), "share": name in _SHARES,
                }
                for name in ADJUSTABLE
            ]
        }  # fmt: skip

    def _limit_row(self, slots: RiskSlots) -> PolicyRow:
        """The row of a changed limit. Raises Refused beyond the settings, or for what is no limit."""
        name, value = str(slots.parameter), slots.value
        assert value is not None
        if name == "daily_loss_limit" and self._of_money(value, slots.unit):
            return self._row(LOSS_A_DAY, self._money_a_day(value))
        if name not in ADJUSTABLE:
            raise Refused(
                f"{name.replace('_', ' ')} is not changed by talk.", "limits_fixed",
                f"Put ZYN_RISK__{name.upper()}=... into .env and start me again.",
            )  # fmt: skip
        wanted = self._meant(name, value, slots.unit)
        if wanted <= 0 and name != "cooloff_candles":
            raise Refused("A limit of zero or less means nothing.", "bad_limit", "Name one above zero.")
        self._within_settings(name, wanted)
        return self._row(name, wanted)

    def _of_money(self, value: Decimal, unit: str | None) -> bool:
        """Whether a loss a day is money: as said, or a bare number past the settings as a percentage."""
        most = to_decimal(self._in_force.ceiling.daily_loss_limit)
        return unit == "quote" or (unit != "percent" and value / 100 > most)

    def _meant(self, name: str, value: Decimal, unit: str | None) -> Decimal:
        """A limit as the settings hold it. A bare number of a share is percent from 1 on, and below 1 where
        it would be past the settings as a share: 'risk 0.5' is half a percent. Money is its share of equity.
        """
        if name in _COUNTS:
            return Decimal(int(value))
        if name not in _SHARES:
            return value
        if unit == "quote":
            return self._share_of_equity(value)
        percent = unit == "percent" or value >= 1 or loosens(self._in_force.ceiling, name, value)
        return value / 100 if percent else value

    def _share_of_equity(self, value: Decimal) -> Decimal:
        """Money as a share of today's equity, never rounded up. Raises Refused where that is unknown."""
        equity = self._treasury.equity
        if equity <= 0:
            raise Refused("I do not know the equity yet.", "no_equity", "Name a percentage instead.")
        return (value / equity).quantize(_FINE, ROUND_DOWN)

    def _in_money(self, row: PolicyRow, slots: RiskSlots) -> tuple[str, ...]:
        """What the owner said in money, beside the share that is kept."""
        if slots.unit != "quote" or row.name not in _SHARES or slots.value is None:
            return ()
        equity = words.money(self._treasury.equity, self._treasury.currency)
        return (f"That share is what {slots.value:,.2f} is of {equity} now; it moves with the equity",)

    def _within_settings(self, name: str, value: Decimal) -> None:
        if loosens(self._in_force.ceiling, name, value):
            most = _value(PolicyRow(name, as_text(getattr(self._in_force.ceiling, name))))
            raise Refused(
                f"The settings allow {name.replace('_', ' ')} up to {most}; talk goes no further.",
                "limits_fixed", f"Put ZYN_RISK__{name.upper()}=... into .env and start me again.",
            )  # fmt: skip

    def _money_a_day(self, value: Decimal) -> Decimal:
        most = self._treasury.day_start_equity * Decimal(str(self._in_force.ceiling.daily_loss_limit))
        if most <= 0:
            raise Refused("I do not know the equity yet.", "no_equity", "Name a percentage instead.")
        if value > most:
            raise Refused(
                f"The settings let a day lose {most:,.2f} at most; talk goes no further.", "limits_fixed"
            )
        return value

    def _row(self, name: str, value: Decimal | str) -> PolicyRow:
        text = plain(value) if isinstance(value, Decimal) else value
        return PolicyRow(name, text, "", self._clock.wall_ms())

    async def mandate(self, request: Request) -> Outcome:
        """The standing orders in force, or a change of them."""
        slots = slots_of(request, MandateSlots)
        if slots == MandateSlots():
            return Answer(TextView(self._told(), {"rows": [_as_data(row) for row in self._in_force.rows]}))
        dropped = self._dropped(slots.drop) if slots.drop else ()
        return self._propose(request, self._mandate_rows(slots), dropped)

    def _told(self) -> str:
        rows = self._in_force.rows
        if not rows:
            return (
                "You have given me no mandate beyond the settings. Tell me in your words: how much capital, "
                "the most a day may lose, coins I never buy, my hours, and above which amount to ask."
            )
        return "\n".join(["Your mandate, kept on every order:", *(f"- {in_words(row)}" for row in rows)])

    def _mandate_rows(self, slots: MandateSlots) -> list[PolicyRow]:
        rows: list[PolicyRow] = []
        if slots.capital is not None:
            self._within_settings("capital", slots.capital)
            rows.append(self._row("capital", slots.capital))
        if slots.loss_a_day is not None:
            value, unit = slots.loss_a_day
            rows.append(self._limit_row(RiskSlots(parameter="daily_loss_limit", value=value, unit=unit)))
        for coin in (slots.never_buy or "").split(",") if slots.never_buy else ():
            rows.append(self._row(f"{NEVER_BUY}{coin}", "always"))
        if slots.hours is not None:
            rows.append(self._row(HOURS, slots.hours))
        if slots.ask_above is not None:
            rows.append(self._row(ASK_ABOVE, slots.ask_above))
        return rows

    def _dropped(self, name: str) -> tuple[str, ...]:
        known = [row.name for row in self._in_force.rows]
        wanted = name.strip().lower()
        found = (
            known if wanted == "all" else [one for one in known if wanted in (one.lower(), one.lower()[10:])]
        )
        if not found:
            raise Refused(f"There is no row {name!r} in your mandate.", "no_such_row", "/mandate shows them.")
        return tuple(found)

    def _propose(
        self,
        request: Request,
        rows: Sequence[PolicyRow],
        dropped: Sequence[str],
        beside: Sequence[str] = (),
    ) -> Proposal:
        """The rows read back; they come into force with the yes. `beside` is told with them."""
        before = {row.name: row for row in self._in_force.rows}
        lines = [f"{in_words(row)}{self._until_now(row, before)}" for row in rows]
        lines += [*beside, *(f"no longer: {in_words(before[name])}" for name in dropped)]
        preview = Preview(
            summary="Keep this on every order from now on" if rows else "End this standing order",
            intent=request.entry.intent,
            slots=request.slots.model_dump(mode="json", exclude_none=True),
            lines=tuple(line[:1].upper() + line[1:] for line in lines),
            mode=self._mode,
        )
        return self._confirmations.propose(
            preview, request.actor, lambda: self._keep(rows, dropped), self._confirm_s
        )

    def _until_now(self, row: PolicyRow, before: dict[str, PolicyRow]) -> str:
        old = before.get(row.name)
        if old is not None:
            return f" (until now {_value(old)})"
        set_to = getattr(self._in_force.ceiling, row.name, None)
        return (
            f" (the settings say {_value(PolicyRow(row.name, as_text(set_to)))})"
            if set_to is not None
            else ""
        )

    async def _keep(self, rows: Sequence[PolicyRow], dropped: Sequence[str]) -> Answer:
        """Stored first, then in force, then told."""
        await self._store.keep_policies(rows, dropped)
        kept = {row.name: row for row in self._in_force.rows if row.name not in dropped}
        self._in_force.take({**kept, **{row.name: row for row in rows}}.values())
        self._changed()
        told = "; ".join(in_words(row) for row in rows) or "that standing order has ended"
        return Answer(TextView(f"In force: {told}. /mandate shows them all."), done=True)


def _as_data(row: PolicyRow) -> dict[str, Any]:
    return {"name": row.name, "value": row.value, "text": in_words(row)}


def in_words(row: PolicyRow) -> str:
    """A row as the owner would say it."""
    if row.name.startswith(NEVER_BUY):
        return f"never buy {row.name.removeprefix(NEVER_BUY)}"
    told = {
        "capital": f"use at most {_value(row)} of capital",
        LOSS_A_DAY: f"lose at most {_value(row)} a day",
        HOURS: f"open positions only from {row.value.replace('-', ' to ')}, your time",
        ASK_ABOVE: f"open nothing above {_value(row)} without asking",
    }
    return told.get(row.name, f"{row.name.replace('_', ' ')}: {_value(row)}")


def _value(row: PolicyRow) -> str:
    if row.name in _SHARES:
        return words.share(Decimal(row.value)).lstrip("+")
    if row.name in ("capital", LOSS_A_DAY, ASK_ABOVE, "fixed_stake"):
        return f"{Decimal(row.value):,.2f}"
    return row.value


def _limit(name: str, value: Any) -> str:
    """A limit as a person reads it: a share of equity as percent."""
    return f"{plain(100 * to_decimal(value))} %" if name in _SHARES else as_text(value)
