"""An agreed order on paper: its confirmation for the unit, the coordinator and the expert (R4), and the dates of a
group or reception for the wall and the hand (R9). Tagged PDF.

Each reads what the page shows them: the unit the expert's contact as consented, the expert the employee's. The words
are in the language that is active; the facts are those of the order and its sessions as they stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from assignments import texts
from assignments.actions.plans import plan_of
from assignments.calendar import OFF
from assignments.models import Order, Session
from assignments.pairs import name_of_other, other_of
from assignments.plan_words import plan_facts
from assignments.plans import ASKED
from assignments.states import OrderState, Outcome, SessionState
from experts.seen import facts_for
from experts.shown import Stage
from office import formats
from office.kinds import TaskType
from office.models import User
from office.pdf import render
from office.templatetags.erfa import localname


@dataclass(frozen=True, slots=True)
class Row:
    """One time in words."""

    when: str
    place: str
    limit: str
    fee: Decimal
    travel: Decimal


def confirmation(order: Order, reader: User) -> bytes:
    """The order as it is agreed now. Select ``unit``, ``orderer``, ``expert__user``, ``companion``, ``lead`` and
    ``plan`` with it. Raises ValueError for an order that is not agreed.
    """
    if order.state != OrderState.AGREED or order.expert is None:
        message = "Only an agreed order has a confirmation."
        raise ValueError(message)
    sessions = list(order.sessions.exclude(state=SessionState.DROPPED).order_by("starts_at", "pk"))
    language = translation.get_language() or "fi"
    title = _("Order confirmation")
    rows = [_row(one, order) for one in sessions]
    context = {
        "county": settings.COUNTY_NAME.get(language, settings.COUNTY_NAME["fi"]),
        "title": title,
        "order": order,
        "expert": facts_for(reader, order.expert, Stage.AFTER),
        "own": order.expert.user_id == reader.pk,
        "facts": _facts(order, reader),
        "rows": rows,
        "fees": sum((row.fee for row in rows), Decimal(0)),
        "travel": sum((row.travel for row in rows), Decimal(0)),
    }
    return render(
        render_to_string("pdf/order.html", context),
        title=f"{title} {order.pk}",
        language=language,
        created=_as_of(order, sessions),
        foot=_("Order %(number)s, as agreed on %(moment)s") % {
            "number": order.pk, "moment": texts.moment(_as_of(order, sessions)),
        },
        page_word=_("Page"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Date:
    """One time for the wall: ``off`` says that it is not held."""

    day: str
    clock: str
    place: str
    off: str


def dates(order: Order) -> bytes:
    """The dates of a period on one sheet: place, who leads, whom to ask on the day, a column for how many came.

    It may hang on a wall: no fee, no contact of an expert, no client. Select with it ``unit``, ``expert``, ``plan``,
    ``companion__expert`` and ``lead__expert``. Raises ValueError for an order that is not agreed, or of no period (R9).
    """
    if order.state != OrderState.AGREED or "first_day" not in ASKED[order.kind]:
        message = "Only an agreed period has dates to hang up."
        raise ValueError(message)
    rows = order.sessions.exclude(state=SessionState.DROPPED).exclude(outcome=Outcome.MOVED)
    sessions = list(rows.order_by("starts_at", "pk"))
    language = translation.get_language() or "fi"
    plan, other = plan_of(order), other_of(order)
    leaders = [one.expert.short_name for one in (order, other) if one is not None and one.expert is not None]
    context = {
        "county": settings.COUNTY_NAME.get(language, settings.COUNTY_NAME["fi"]),
        "title": _("The days"),
        "order": order,
        "leaders": [*leaders, plan.co_leader] if plan is not None and plan.co_leader else leaders,
        "rows": [_date(one, order, language) for one in sessions],
        "period": " – ".join(dict.fromkeys(texts.day(one.starts_at) for one in sessions[:1] + sessions[-1:])),
        "group": order.kind == TaskType.GROUP,
    }
    return render(
        render_to_string("pdf/dates.html", context),
        title=f"{context['title']}: {order.task}",
        language=language,
        created=_as_of(order, sessions),
        foot=_("As it stood on %(moment)s") % {"moment": texts.moment(_as_of(order, sessions))},
        page_word=_("Page"),
    )


def _date(session: Session, order: Order, language: str) -> Date:
    starts_at, ends_at = formats.local(session.starts_at), formats.local(session.ends_at)
    return Date(
        day=texts.day(session.starts_at),
        clock=f"{formats.clock(starts_at, language)}–{formats.clock(ends_at, language)}",
        place=session.place if session.place != order.place else "",
        off=_("Not held") if session.outcome in OFF else "",
    )


def _as_of(order: Order, sessions: Sequence[Session]) -> datetime:
    """When the newest of the facts was agreed or recorded."""
    moments = [moment for one in sessions for moment in (one.agreed_at, one.recorded_at)]
    return max(moment for moment in [order.confirmed_at, order.created_at, *moments] if moment is not None)


def _row(session: Session, order: Order) -> Row:
    limit = texts.describe_outcome(session)
    if not limit and session.free_until is not None:
        limit = _("Free to cancel until %(limit)s") % {"limit": texts.moment(session.free_until)}
    return Row(
        when=texts.span(session.starts_at, session.ends_at),
        place=session.place if session.place != order.place else "",
        limit=limit,
        fee=session.fee,
        travel=session.travel_fee,
    )


def _facts(order: Order, reader: User) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("Unit"), localname(order.unit)),
        (_("Kind of work"), order.get_kind_display()),
        (_("Language"), order.get_language_display()),
        (_("Place"), ", ".join(part for part in (_("Remotely") if order.remote else "", order.place) if part) or "–"),
    ]
    if (other := other_of(order)) is not None:
        facts.append((_("Together with"), name_of_other(reader, other) or _("a second expert")))
    facts += plan_facts(order)
    facts.append((_("Travel"), _travel(order)))
    return facts


def _travel(order: Order) -> str:
    words = _journey(order)
    return f"{words}, {order.get_allowance_display()}" if order.allowance else words


def _journey(order: Order) -> str:
    if order.travel_mode == Order.TravelMode.TICKET and order.travel_cap is not None:
        words = _("By public transport: tickets against receipts, at most %(cap)s each time")
        return words % {"cap": texts.money(order.travel_cap)}
    if order.travel_km:
        return _("By car, %(km)s km each time") % {"km": texts.kilometres(order.travel_km)}
    return _("No travel is paid.")
