"""Words for verdicts, prices, outcomes and refusals, in the language of the page, mail or document being made.

All functions speak the active language (``translation.override``). Money and times come in as facts and leave as words.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assignments.rules import Consequence, Event, RuleError, Verdict
from feetables.rules import FeeError
from feetables.texts import base_name
from office import formats
from office.saving import trigger_says

trigger_says("session_inside_contract", gettext_lazy("The expert has no contract for this kind of work on that day."))
trigger_says(
    "approved_session_is_locked",
    gettext_lazy("The hour list with this session has been approved, so the session can no longer be changed."),
)


class Told(Protocol):
    """What describe_outcome reads: a session, or a frozen row with the same names."""

    outcome: str
    starts_at: datetime
    ends_at: datetime
    free_until: datetime | None
    received_at: datetime | None
    done_starts_at: datetime | None
    done_ends_at: datetime | None
    fee: Decimal
    travel_fee: Decimal


# --- small words -----------------------------------------------------------------------------------------------------


def language() -> str:
    return translation.get_language() or "fi"


def money(amount: Decimal | str | int) -> str:
    return formats.money(Decimal(str(amount)), language())


def day(value: date | datetime) -> str:
    return formats.day(value, language())


def moment(value: datetime) -> str:
    return formats.moment(value, language())


def span(starts_at: datetime, ends_at: datetime) -> str:
    """``to 2.4.2026 klo 10.00–11.00``."""
    start, end = formats.clock(starts_at, language()), formats.timespan(starts_at, ends_at, language())
    return f"{moment(starts_at).removesuffix(start)}{end}"


def _hours(minutes: str) -> str:
    return formats.hours(int(minutes))


def kilometres(value: Decimal | str) -> str:
    """Without needless zeros: 24, 12,5."""
    return formats.number(Decimal(value).normalize() + 0, language())


# --- refusals --------------------------------------------------------------------------------------------------------

REFUSALS: dict[str, Promise] = {
    "agreed_amount_missing": gettext_lazy("Agree on the amount: between %(low)s and %(high)s."),
    "agreed_amount": gettext_lazy("Write the agreed amount in euros and cents."),
    "agreed_amount_outside": gettext_lazy("The agreed amount must be between %(low)s and %(high)s."),
    "agreed_amount_unexpected": gettext_lazy(
        "The fee table gives the fee for this kind of work; no amount is agreed apart."
    ),
    "no_item": gettext_lazy("The fee table has no fee for %(minutes)s of this kind of work."),
    "ambiguous": gettext_lazy("The fee table gives several fees for this work (%(codes)s). Ask the coordinator."),
    "no_minutes": gettext_lazy("The end is before the beginning."),
    "ends_before_start": gettext_lazy("The end is before the beginning."),
    "not_whole_minutes": gettext_lazy("Write times in whole minutes."),
    "receipt": gettext_lazy("Write the receipts in euros and cents."),
    "km": gettext_lazy("Write the kilometres with at most two decimals."),
    "receipts_not_payable": gettext_lazy("Receipts are paid only after a late cancellation."),
    "travel_not_agreed": gettext_lazy("Travel was not agreed for this session, so it is not paid."),
    "event_not_for_task": gettext_lazy("This cannot happen to this kind of work."),
    "received_at_missing": gettext_lazy("Say when it was told."),
    "shortened_in_time": gettext_lazy(
        "It was shortened while cancelling was still free, so the hours done are paid: mark it as held."
    ),
    "decided_amount": gettext_lazy("Write the fee in euros and cents, 0 or more."),
    "decided_same": gettext_lazy("That is what the rule gives already: %(amount)s."),
    "decided_why": gettext_lazy("Write why the fee is decided so."),
}


def describe_refusal(error: RuleError | FeeError) -> str:
    """Why the rules do not allow it."""
    words = REFUSALS.get(error.code)
    if words is None:
        return _("The rules do not allow this (%(code)s).") % {"code": error.code}
    params = dict(error.params)
    for name in params.keys() & {"low", "high", "amount"}:
        params[name] = money(params[name])
    if "minutes" in params:
        params["minutes"] = _hours(params["minutes"])
    return str(words) % params


# --- price -----------------------------------------------------------------------------------------------------------

Words = Callable[[Mapping[str, str]], str]


def _bracket(f: Mapping[str, str]) -> str:
    """Lines frozen before the price was told beside the limits have none."""
    limits = {"over": _hours(f["over"] or "0"), "up_to": _hours(f["up_to"] or "0")}
    if price := f.get("unit_price"):
        limits["price"] = money(price)
        if not f["up_to"]:
            return _("%(price)s for work of more than %(over)s.") % limits
        if f["over"] in {"", "0"}:
            return _("%(price)s for work of at most %(up_to)s.") % limits
        return _("%(price)s for work of more than %(over)s, at most %(up_to)s.") % limits
    if not f["up_to"]:
        return _("Work of more than %(over)s.") % limits
    if f["over"] in {"", "0"}:
        return _("Work of at most %(up_to)s.") % limits
    return _("Work of more than %(over)s, at most %(up_to)s.") % limits


FACTS: dict[str, Words] = {
    "per_hour": lambda f: (
        _("%(price)s an hour × %(hours)s.") % {"price": money(f["unit_price"]), "hours": _hours(f["paid"])}
    ),
    "step": lambda f: (
        _("%(from)s counted as %(to)s: each started %(step)s min counts.")
        % {"from": _hours(f["from"]), "to": _hours(f["to"]), "step": f["step"]}
    ),
    "minimum": lambda f: _("At least %(minimum)s is paid.") % {"minimum": _hours(f["minimum"])},
    "per_month": lambda f: _("%(price)s a month.") % {"price": money(f["unit_price"])},
    "per_meeting": lambda f: _("%(price)s a meeting, whatever its length.") % {"price": money(f["unit_price"])},
    "per_event": lambda f: _("%(price)s agreed for the event.") % {"price": money(f["agreed"])},
    "bracket": _bracket,
    "per_km": lambda f: _("%(km)s km × %(price)s.") % {"km": kilometres(f["km"]), "price": money(f["unit_price"])},
    "km_capped": lambda f: (
        _("%(made)s km were travelled, %(agreed)s km were agreed and are paid.")
        % {"made": kilometres(f["made"]), "agreed": kilometres(f["agreed"])}
    ),
    "receipt_capped": lambda f: (
        _("Receipts show %(made)s; at most %(agreed)s was agreed and is paid.")
        % {"made": money(f["made"]), "agreed": money(f["agreed"])}
    ),
    "by_month": lambda f: _("Paid by the month: %(price)s on a line of its own.") % {"price": money(f["unit_price"])},
    "once_a_month": lambda f: _("For %(month)s, once for the unit however many sessions.") % {"month": f["month"]},
    "allowance": lambda f: (
        _("%(price)s agreed with the journey, which was made; one on a day.") % {"price": money(f["unit_price"])}
    ),
    "beside": lambda _f: _("Beside the session's fee."),
    "rounded": lambda f: (
        _("%(exact)s € is rounded to %(to)s.")
        % {"exact": formats.number(Decimal(f["exact"]).normalize() + 0, language()), "to": money(f["to"])}
    ),
    "share": lambda f: (
        _("%(amount)s is %(percent)s %% of the %(base)s %(base_amount)s.")
        % {
            "amount": money(f["amount"]),
            "percent": formats.number(Decimal(f["percent"]), language()),
            "base": base_name(f["base"]),
            "base_amount": money(f["base_amount"]),
        }
    ),
    "receipt": lambda f: _("Costs against a receipt: %(amount)s.") % {"amount": money(f["amount"])},
    "declined": lambda f: (
        _("The expert works without a fee; it would be %(amount)s.") % {"amount": money(f["instead_of"])}
    ),
    "decided": lambda f: (
        _("By the rule it is %(rule)s; the coordinator has decided %(decided)s: %(reason)s.")
        % {"rule": money(f["rule"]), "decided": money(f["decided"]), "reason": f["reason"].rstrip(".")}
    ),
    "cancelled_in_time": lambda _f: _("Cancelled in time: nothing is paid."),
    "moved": lambda _f: _("Moved to another time: the old time pays nothing."),
    "group_ended": lambda _f: _("The group ended: nothing is paid for the sessions after it."),
    "expert_ill": lambda _f: _("The expert was ill: nothing is paid."),
    "expert_cancelled": lambda _f: _("The expert cancelled: nothing is paid."),
}


def describe_price(price: Mapping[str, Any] | None) -> str:
    """Why a line pays what it pays, from its stored price (feetables.rules.Price as JSON). "" for no line."""
    if not price:
        return ""
    return " ".join(FACTS[code](params) for code, params in price["explanation"] if code in FACTS)


# --- rules -----------------------------------------------------------------------------------------------------------

RULES: dict[str, Promise] = {
    "R11": gettext_lazy(
        "The orderer cancels free of charge until the limit, that moment included; after it what was agreed is paid."
    ),
    "R16": gettext_lazy("When a session is moved and the other side agrees, the old time pays nothing."),
    "R24": gettext_lazy("The expert may decline the fee for one assignment."),
    "S1 6.2": gettext_lazy("The county's service description says what is paid (chapter 6.2)."),
    "cautious": gettext_lazy("The county's documents do not say; nothing is paid."),
}


def describe_rule(rule: str) -> str:
    """The rule that decided, in a sentence; "" for an unknown one."""
    return str(RULES.get(rule, ""))


# --- before it is done -----------------------------------------------------------------------------------------------

EVENTS: dict[Event, Promise] = {
    Event.HELD: gettext_lazy("It was held"),
    Event.ORDERER_CANCELLED: gettext_lazy("Cancel the session"),
    Event.MOVED: gettext_lazy("Move to a new time"),
    Event.NO_SHOW: gettext_lazy("The client did not come"),
    Event.NOBODY_CAME: gettext_lazy("Nobody came"),
    Event.GROUP_ENDED: gettext_lazy("The group ends"),
    Event.EXPERT_ILL: gettext_lazy("The expert is ill"),
    Event.EXPERT_CANCELLED: gettext_lazy("The expert cannot come"),
    Event.SHORTENED: gettext_lazy("It was shortened after the limit"),
}

OWN_EVENTS: dict[Event, Promise] = {
    Event.EXPERT_ILL: gettext_lazy("I am ill"),
    Event.EXPERT_CANCELLED: gettext_lazy("I cannot come"),
}


def describe_event(event: Event, *, own: bool = False) -> str:
    """The heading of a choice; ``own``: said by the expert."""
    return str(OWN_EVENTS.get(event, EVENTS[event]) if own else EVENTS[event])


#: Fees that do not depend on the hours done.
WHATEVER_LENGTH = {"per_meeting", "per_event"}


def describe_consequence(verdict: Verdict, result: Consequence) -> str:
    """What would be paid, before it is done: "The agreed fee €50.00 is paid."."""
    fee = result.fee.amount
    if any(code == "declined" for code, _params in result.fee.explanation):
        words = _("No fee is paid: the expert works without a fee.")
    elif not fee:
        words = _("Nothing is paid.")
    elif verdict.pays == "done" and WHATEVER_LENGTH & {code for code, _params in result.fee.explanation}:
        words = _("The fee %(fee)s is paid.") % {"fee": money(fee)}
    elif verdict.pays == "done":
        words = _("The fee %(fee)s is paid by the hours done.") % {"fee": money(fee)}
    else:
        words = _("The agreed fee %(fee)s is paid.") % {"fee": money(fee)}
    if result.travel and result.travel.amount:
        words += " " + _("Travel: %(travel)s.") % {"travel": money(result.travel.amount)}
    return words


def describe_limit(free_until: datetime, at: datetime, *, own: bool = False) -> str:
    """Whether cancelling is still free, in words; ``own``: said to the expert."""
    if at <= free_until and own:
        return _("The unit may cancel free of charge until %(limit)s") % {"limit": moment(free_until)}
    if at <= free_until:
        return _("Free to cancel until %(limit)s") % {"limit": moment(free_until)}
    return _("The limit for free cancelling was %(limit)s") % {"limit": moment(free_until)}


# --- afterwards ------------------------------------------------------------------------------------------------------


def _how(told: Told) -> str:
    received = moment(told.received_at) if told.received_at else ""
    limit = moment(told.free_until) if told.free_until else ""
    if told.outcome == "held":
        done = (told.done_starts_at or told.starts_at, told.done_ends_at or told.ends_at)
        if done == (told.starts_at, told.ends_at):
            return _("Held as agreed.")
        return _("Held %(time)s instead of the time agreed.") % {"time": span(*done)}
    if told.outcome == "cancelled_in_time":
        return _("Cancelled %(received)s, in time: the limit was %(limit)s.") % {"received": received, "limit": limit}
    if told.outcome == "cancelled_late":
        return _("Cancelled %(received)s, after the limit %(limit)s.") % {"received": received, "limit": limit}
    return {
        "moved": _("Moved to another time."),
        "no_show": _("The client did not come."),
        "nobody_came": _("Nobody came."),
        "group_ended": _("The group ended."),
        "expert_ill": _("The expert was ill."),
        "expert_cancelled": _("The expert cancelled."),
        "shortened_late": _("Shortened after the limit %(limit)s.") % {"limit": limit},
    }.get(told.outcome, "")


def is_decided(price: Mapping[str, Any] | None) -> bool:
    """Whether the coordinator decided this fee against the rule."""
    return any(code == "decided" for code, _params in (price or {}).get("explanation", ()))


AGREED_PAID = {"cancelled_late", "no_show", "nobody_came", "shortened_late"}


def describe_outcome(told: Told) -> str:
    """What happened and what it pays: "Cancelled Wed 7 Oct 2026 at 8:15, after the limit …. The agreed fee … is paid."

    ``told`` is a session or a frozen row with the same names. "" while nothing is marked.
    """
    if not told.outcome:
        return ""
    if is_decided(getattr(told, "price", None)):
        paid = _("The coordinator has decided the fee: %(fee)s.") % {"fee": money(told.fee)}
    elif not told.fee:
        paid = _("No fee is paid.")
    elif told.outcome in AGREED_PAID:
        paid = _("The agreed fee %(fee)s is paid.") % {"fee": money(told.fee)}
    else:
        paid = _("The fee is %(fee)s.") % {"fee": money(told.fee)}
    if told.travel_fee:
        paid += " " + _("Travel: %(travel)s.") % {"travel": money(told.travel_fee)}
    return f"{_how(told)} {paid}"
