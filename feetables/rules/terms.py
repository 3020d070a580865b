"""What one item of a fee table says, as it was agreed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from feetables.rules.amounts import FeeError, cents, decimal, share

#: The fields of a price that is a share of a base amount.
SHARE = ("percent", "base", "base_amount", "whole")


Fact = tuple[str, dict[str, str]]


class Basis(StrEnum):
    """What the amount of a fee item is for."""

    PER_HOUR = "per_hour"
    PER_MEETING = "per_meeting"
    PER_EVENT = "per_event"
    BY_DURATION = "by_duration"
    PER_KM = "per_km"
    PER_MONTH = "per_month"


class Unit(StrEnum):
    """What the units of a price are."""

    HOUR = "hour"
    MEETING = "meeting"
    EVENT = "event"
    KM = "km"
    MONTH = "month"
    DAY = "day"
    RECEIPT = "receipt"


UNITS = {
    Basis.PER_HOUR: Unit.HOUR,
    Basis.PER_MEETING: Unit.MEETING,
    Basis.PER_EVENT: Unit.EVENT,
    Basis.BY_DURATION: Unit.EVENT,
    Basis.PER_KM: Unit.KM,
    Basis.PER_MONTH: Unit.MONTH,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """One item of a fee table as it was agreed: enough to price the work without asking the table again (R4).

    `amount` is euros per unit of `basis`; for PER_EVENT the lowest, when `amount_max` is the highest that can be
    agreed. `minimum_minutes` is paid at least; each started `step_minutes` counts (0 or 1: by the minute). A bracket of
    BY_DURATION is for more than `over_minutes` and up to and with `up_to_minutes`; None is an open end. `income_type`
    is that of the incomes register (R22). An amount that is a share keeps its `percent`, the code of the base amount
    (`base`) and what that was on the day (`base_amount`); `whole`: rounded to whole euros. Raises FeeError.
    """

    code: str
    basis: Basis
    amount: Decimal
    income_type: str
    amount_max: Decimal | None = None
    minimum_minutes: int = 0
    step_minutes: int = 0
    over_minutes: int | None = None
    up_to_minutes: int | None = None
    percent: Decimal | None = None
    base: str = ""
    base_amount: Decimal | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "basis", Basis(self.basis))
        object.__setattr__(self, "amount", cents(self.amount, "amount"))
        if self.amount_max is not None:
            object.__setattr__(self, "amount_max", cents(self.amount_max, "amount_max"))
        self._check_item()
        self._check_bracket()
        self._check_share()

    def _check_item(self) -> None:
        if not self.code:
            raise FeeError("code")
        if not (self.income_type.isascii() and self.income_type.isdigit() and len(self.income_type) == 3):
            raise FeeError("income_type", income_type=self.income_type)
        if self.amount_max is not None and self.basis is not Basis.PER_EVENT:
            raise FeeError("amount_max_only_per_event")
        if self.amount_max is not None and self.amount_max < self.amount:
            raise FeeError("amount_max_below_amount")
        if self.minimum_minutes < 0 or self.step_minutes < 0:
            raise FeeError("negative_minutes")
        if (self.minimum_minutes or self.step_minutes > 1) and self.basis is not Basis.PER_HOUR:
            raise FeeError("minutes_only_per_hour")

    def _check_bracket(self) -> None:
        bounds = [bound for bound in (self.over_minutes, self.up_to_minutes) if bound is not None]
        if bounds and self.basis is not Basis.BY_DURATION:
            raise FeeError("bracket_only_by_duration")
        if any(bound < 0 for bound in bounds) or (len(bounds) == 2 and bounds[0] >= bounds[1]):
            raise FeeError("bracket_empty")
        if self.basis is Basis.BY_DURATION and not bounds:
            raise FeeError("bracket_missing")

    def _check_share(self) -> None:
        if self.percent is None:
            if self.base or self.base_amount is not None or self.whole:
                raise FeeError("share_without_percent")
            return
        if not self.percent.is_finite() or self.percent <= 0 or not self.base or self.base_amount is None:
            raise FeeError("share_incomplete")
        object.__setattr__(self, "base_amount", cents(self.base_amount, "base_amount"))
        if self.amount_max is not None:
            raise FeeError("share_is_no_range")
        if self.amount != share(self.base_amount, self.percent, whole=self.whole):
            raise FeeError("share_amount", amount=self.amount)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Where the amount comes from, when it is a share of a base amount."""
        if self.percent is None:
            return ()
        told = {"percent": str(self.percent), "base": self.base, "base_amount": str(self.base_amount)}
        return (("share", {**told, "amount": str(self.amount)}),)

    def fits(self, minutes: int) -> bool:
        """Whether this item is for work of that many minutes; only brackets say no."""
        return (self.over_minutes is None or minutes > self.over_minutes) and (
            self.up_to_minutes is None or minutes <= self.up_to_minutes
        )

    def to_json(self) -> dict[str, str | int | None]:
        """For freezing on an agreed session: amounts are strings."""
        stored: dict[str, str | int | None] = asdict(self)
        stored["basis"] = self.basis.value
        stored["amount"] = str(self.amount)
        for name in ("amount_max", "percent", "base_amount"):
            stored[name] = None if stored[name] is None else str(stored[name])
        if self.percent is None:  # most items are no share: the stored price stays short, and as it was before shares
            for name in SHARE:
                del stored[name]
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What `to_json` wrote. Raises FeeError."""
        try:
            values = dict(stored)
            values["basis"] = Basis(values["basis"])
            values["amount"] = decimal(values["amount"])
            for name in ("amount_max", "percent", "base_amount"):
                if values.get(name) is not None:
                    values[name] = decimal(values[name])
            return cls(**values)
        except FeeError:
            raise
        except (KeyError, TypeError, ValueError):
            raise FeeError("stored_terms") from None
