"""What work, a journey or a receipt pays by the terms agreed."""

from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from feetables.rules.amounts import MINUTES_IN_HOUR, ZERO, FeeError, cents, hours, round_cents
from feetables.rules.prices import Price
from feetables.rules.terms import UNITS, Basis, Fact, Terms, Unit


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
    agreed = cents(agreed_amount, "agreed_amount")
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
    return _one(
        terms, minutes, terms.amount, ("bracket", {"minutes": str(minutes), "unit_price": str(terms.amount), **bounds})
    )


def travel(terms: Terms, km: Decimal) -> Price:
    """What a journey of `km` kilometres pays. Raises FeeError "not_travel_item", "km"."""
    if terms.basis is not Basis.PER_KM:
        raise FeeError("not_travel_item")
    distance = cents(km, "km")
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
    paid = cents(amount, "receipt")
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
