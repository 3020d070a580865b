"""Amounts: euros as Decimal, each rounded half up to a cent once."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")
WHOLE = Decimal(1)
ZERO = Decimal("0.00")
MINUTES_IN_HOUR = 60
# A third of an hour has no end of decimals. Eight, rounded up, always give back the same cent when multiplied (up to
# 16 000 € an hour), which two or four decimals do not.
HOUR_DECIMALS = Decimal("0.00000001")


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


def hours(minutes: int) -> Decimal:
    """`minutes` as hours: exact when a decimal can be (1 h 45 min is 1.75), else with eight decimals."""
    units = (Decimal(minutes) / MINUTES_IN_HOUR).quantize(HOUR_DECIMALS, rounding=ROUND_CEILING)
    return max(
        units.normalize(),
        units.quantize(CENT),
        key=lambda value: -int(value.as_tuple().exponent),
    )


def cents(amount: Decimal, code: str) -> Decimal:
    """Euros and cents, not below zero. Raises FeeError with the code."""
    if not amount.is_finite() or amount < 0 or amount != round_cents(amount):
        raise FeeError(code, amount=amount)
    return round_cents(amount)


def decimal(value: object) -> Decimal:
    """A stored number. Raises FeeError "not_a_number"."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise FeeError("not_a_number", value=value) from None
