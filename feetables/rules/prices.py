"""A line: what it pays and why."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Self

from feetables.rules.amounts import FeeError, decimal
from feetables.rules.terms import Fact, Unit


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
                values[name] = decimal(values[name])
            values["explanation"] = tuple((code, dict(params)) for code, params in values["explanation"])
            return cls(**values)
        except FeeError:
            raise
        except (KeyError, TypeError, ValueError):
            raise FeeError("stored_price") from None
