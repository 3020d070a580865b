"""The fee engine: what one piece of work pays by the approved fee table (R4, R17, R22, R24).

Pure: no Django, no clock, no translated text. Amounts are Decimal euros. A line is multiplied first and rounded half up
to a cent once; a total is the sum of its lines. Durations are whole minutes. docs/fee-rules.md says the same in prose.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Self

CENT = Decimal("0.01")
WHOLE = Decimal(1)
ZERO = Decimal("0.00")
MINUTES_IN_HOUR = 60
# A third of an hour has no end of decimals. Eight, rounded up, always give back the same cent when multiplied (up to
# 16 000 € an hour), which two or four decimals do not.
HOUR_DECIMALS = Decimal("0.00000001")

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
    RECEIPT = "receipt"


UNITS = {
    Basis.PER_HOUR: Unit.HOUR,
    Basis.PER_MEETING: Unit.MEETING,
    Basis.PER_EVENT: Unit.EVENT,
    Basis.BY_DURATION: Unit.EVENT,
    Basis.PER_KM: Unit.KM,
    Basis.PER_MONTH: Unit.MONTH,
}


class FeeError(ValueError):
    """A price that cannot be given. `code` tells why; words are made at the edge."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = {name: str(value) for name, value in params.items()}


def round_cents(amount: Decimal) -> Decimal:
    """`amount` rounded half up (away from zero) to a cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts already rounded."""
    return sum(amounts, ZERO)


def percentage(base: Decimal, percent: Decimal, *, to: Decimal = CENT) -> Decimal:
    """`percent` per cent of `base`, rounded half up to `to`: a fee that is a share of a base amount."""
    return (base * percent / 100).quantize(to, rounding=ROUND_HALF_UP)


def share(base: Decimal, percent: Decimal, *, whole: bool = False) -> Decimal:
    """The amount of an item that is `percent` per cent of `base`, in cents or in whole euros, rounded half up once."""
    return percentage(base, percent, to=WHOLE if whole else CENT).quantize(CENT)


def raised(amount: Decimal, percent: Decimal) -> Decimal:
    """`amount` raised by `percent` per cent, rounded half up to a cent."""
    return round_cents(amount * (100 + percent) / 100)


def _cents(amount: Decimal, code: str) -> Decimal:
    if not amount.is_finite() or amount < 0 or amount != round_cents(amount):
        raise FeeError(code, amount=amount)
    return round_cents(amount)


def _decimal(value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise FeeError("not_a_number", value=value) from None


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
        object.__setattr__(self, "amount", _cents(self.amount, "amount"))
        if self.amount_max is not None:
            object.__setattr__(self, "amount_max", _cents(self.amount_max, "amount_max"))
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
        object.__setattr__(self, "base_amount", _cents(self.base_amount, "base_amount"))
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
            values["amount"] = _decimal(values["amount"])
            for name in ("amount_max", "percent", "base_amount"):
                if values.get(name) is not None:
                    values[name] = _decimal(values[name])
            return cls(**values)
        except FeeError:
            raise
        except (KeyError, TypeError, ValueError):
            raise FeeError("stored_terms") from None


@dataclass(frozen=True, slots=True)
class Price:
    """What a line pays and why. `units` × `unit_price`, rounded half up, is `amount`.

    Show hours as hours and minutes (`minutes_paid`): 1 h 5 min is exact, 1,08 h is not. `minutes_done` are those of the
    work priced, `minutes_paid` those after the minimum and the step. `explanation` holds facts (code, values) to be
    worded at the edge.
    """

    code: str
    income_type: str
    units: Decimal
    unit: Unit
    unit_price: Decimal
    amount: Decimal
    minutes_done: int = 0
    minutes_paid: int = 0
    minimum_applied: bool = False
    step_applied: bool = False
    explanation: tuple[Fact, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For freezing on a line: amounts are strings."""
        stored = asdict(self)
        stored["unit"] = self.unit.value
        for name in ("units", "unit_price", "amount"):
            stored[name] = str(stored[name])
        stored["explanation"] = [[code, dict(params)] for code, params in self.explanation]
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What `to_json` wrote. Raises FeeError."""
        try:
            values = dict(stored)
            values["unit"] = Unit(values["unit"])
            for name in ("units", "unit_price", "amount"):
                values[name] = _decimal(values[name])
            values["explanation"] = tuple((code, dict(params)) for code, params in values["explanation"])
            return cls(**values)
        except FeeError:
            raise
        except (KeyError, TypeError, ValueError):
            raise FeeError("stored_price") from None


def choose(items: Iterable[Terms], minutes: int) -> Terms:
    """The one item, among those of one kind of work, that prices `minutes`.

    Raises FeeError "no_item" when none fits and "ambiguous" when several do.
    """
    fitting = [item for item in items if item.fits(minutes)]
    if not fitting:
        raise FeeError("no_item", minutes=minutes)
    if len(fitting) > 1:
        raise FeeError("ambiguous", codes=", ".join(item.code for item in fitting))
    return fitting[0]


def bracket_faults(items: Sequence[Terms]) -> tuple[str, ...]:
    """What is wrong with the duration brackets of one kind of work, to be told before a table is approved.

    Codes: "starts_late" (short work has no item), "gap", "overlap", "ends_early" (long work has no item).
    """
    brackets = sorted(
        ((item.over_minutes or 0, item.up_to_minutes) for item in items if item.basis is Basis.BY_DURATION),
        key=lambda bracket: bracket[0],
    )
    faults: list[str] = []
    covered: int | None = 0
    for position, (over, up_to) in enumerate(brackets):
        if covered is None or over < covered:
            faults.append("overlap")
        elif over > covered:
            faults.append("gap" if position else "starts_late")
        if covered is not None:
            covered = None if up_to is None else max(covered, up_to)
    if brackets and covered is not None:
        faults.append("ends_early")
    return tuple(dict.fromkeys(faults))


def hours(minutes: int) -> Decimal:
    """`minutes` as hours: exact when a decimal can be (1 h 45 min is 1.75), else with eight decimals."""
    units = (Decimal(minutes) / MINUTES_IN_HOUR).quantize(HOUR_DECIMALS, rounding=ROUND_CEILING)
    return max(
        units.normalize(),
        units.quantize(CENT),
        key=lambda value: -int(value.as_tuple().exponent),
    )


def _started_steps(minutes: int, step: int) -> int:
    """`minutes` up to the end of the started step; an exact step never becomes the next one."""
    return -(-minutes // step) * step if step > 1 else minutes


def _rounding(exact: Decimal) -> tuple[Fact, ...]:
    """That a product was rounded, and from what (four decimals say enough); nothing when it was whole cents."""
    to = round_cents(exact)
    if to == exact:
        return ()
    return (("rounded", {"exact": f"{exact.quantize(Decimal('0.0001'), rounding=ROUND_DOWN)}", "to": str(to)}),)


def _price_per_hour(terms: Terms, minutes: int) -> Price:
    stepped = _started_steps(minutes, terms.step_minutes)
    paid = max(stepped, terms.minimum_minutes)
    minimum_applied = paid > stepped
    step_applied = stepped > minutes and not minimum_applied
    facts: list[Fact] = [
        (
            "per_hour",
            {
                "minutes": str(minutes),
                "paid": str(paid),
                "unit_price": str(terms.amount),
            },
        )
    ]
    if step_applied:
        facts.append(
            (
                "step",
                {
                    "step": str(terms.step_minutes),
                    "from": str(minutes),
                    "to": str(paid),
                },
            )
        )
    if minimum_applied:
        facts.append(("minimum", {"minimum": str(terms.minimum_minutes)}))
    exact = paid * terms.amount / MINUTES_IN_HOUR
    return Price(
        code=terms.code,
        income_type=terms.income_type,
        units=hours(paid),
        unit=Unit.HOUR,
        unit_price=terms.amount,
        amount=round_cents(exact),
        minutes_done=minutes,
        minutes_paid=paid,
        minimum_applied=minimum_applied,
        step_applied=step_applied,
        explanation=(*facts, *_rounding(exact), *terms.facts),
    )


def _one(terms: Terms, minutes: int, amount: Decimal, fact: Fact) -> Price:
    return Price(
        code=terms.code,
        income_type=terms.income_type,
        units=Decimal(1),
        unit=UNITS[terms.basis],
        unit_price=amount,
        amount=amount,
        minutes_done=minutes,
        minutes_paid=minutes,
        explanation=(fact, *terms.facts),
    )


def event_amount(terms: Terms, agreed_amount: Decimal | None) -> Decimal:
    """The amount of an event: the one agreed on the order, inside the item's range.

    Raises FeeError "agreed_amount_missing", "agreed_amount" (not euros and cents), "agreed_amount_outside".
    """
    if agreed_amount is None:
        if terms.amount_max is None:
            return terms.amount
        raise FeeError("agreed_amount_missing", low=terms.amount, high=terms.amount_max)
    agreed = _cents(agreed_amount, "agreed_amount")
    high = terms.amount if terms.amount_max is None else terms.amount_max
    if not terms.amount <= agreed <= high:
        raise FeeError("agreed_amount_outside", low=terms.amount, high=high, amount=agreed)
    return agreed


def price(terms: Terms, minutes: int, agreed_amount: Decimal | None = None) -> Price:
    """What `minutes` of work pay by `terms` (R17). Raises FeeError; kilometres are priced by `travel`."""
    if terms.basis is Basis.PER_KM:
        raise FeeError("travel_item")
    if agreed_amount is not None and terms.basis is not Basis.PER_EVENT:
        raise FeeError("agreed_amount_unexpected")
    if terms.basis is Basis.PER_MONTH:
        return _one(
            terms,
            minutes,
            terms.amount,
            ("per_month", {"unit_price": str(terms.amount)}),
        )
    if minutes <= 0:
        raise FeeError("no_minutes", minutes=minutes)
    if terms.basis is Basis.PER_HOUR:
        return _price_per_hour(terms, minutes)
    if terms.basis is Basis.PER_MEETING:
        return _one(
            terms,
            minutes,
            terms.amount,
            ("per_meeting", {"unit_price": str(terms.amount)}),
        )
    if terms.basis is Basis.PER_EVENT:
        amount = event_amount(terms, agreed_amount)
        return _one(terms, minutes, amount, ("per_event", {"agreed": str(amount)}))
    if not terms.fits(minutes):
        raise FeeError("outside_bracket", minutes=minutes)
    bounds = {
        "over": str(terms.over_minutes or 0),
        "up_to": "" if terms.up_to_minutes is None else str(terms.up_to_minutes),
    }
    return _one(terms, minutes, terms.amount, ("bracket", {"minutes": str(minutes), **bounds}))


def travel(terms: Terms, km: Decimal) -> Price:
    """What a journey of `km` kilometres pays. Raises FeeError "not_travel_item", "km"."""
    if terms.basis is not Basis.PER_KM:
        raise FeeError("not_travel_item")
    distance = _cents(km, "km")
    exact = distance * terms.amount
    return Price(
        code=terms.code,
        income_type=terms.income_type,
        units=distance,
        unit=Unit.KM,
        unit_price=terms.amount,
        amount=round_cents(exact),
        explanation=(
            ("per_km", {"km": str(distance), "unit_price": str(terms.amount)}),
            *_rounding(exact),
            *terms.facts,
        ),
    )


def receipt(terms: Terms, amount: Decimal) -> Price:
    """Travel costs against a receipt, under the code and income type of the travel item. Raises FeeError "receipt"."""
    paid = _cents(amount, "receipt")
    return Price(
        code=terms.code,
        income_type=terms.income_type,
        units=Decimal(1),
        unit=Unit.RECEIPT,
        unit_price=paid,
        amount=paid,
        explanation=(("receipt", {"amount": str(paid)}),),
    )


def declined(full: Price) -> Price:
    """R24: the expert declined this fee (voluntary work). The line stays and shows 0,00 €."""
    fact: Fact = ("declined", {"instead_of": str(full.amount)})
    return replace(full, unit_price=ZERO, amount=ZERO, explanation=(*full.explanation, fact))


def nothing(terms: Terms, reason: str) -> Price:
    """A line that pays nothing, for the reason given as a code."""
    return Price(
        code=terms.code,
        income_type=terms.income_type,
        units=Decimal(0),
        unit=UNITS[terms.basis],
        unit_price=terms.amount,
        amount=ZERO,
        explanation=((reason, {}),),
    )
