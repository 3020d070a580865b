"""Rows added to a month afterwards, only against an agreed order (R4, R18). The unit looks at each of them."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assignments import actions as assignments
from assignments.models import Order, Session
from experts.models import Expert
from fees.actions.checking import checked_text
from fees.models import AddedRow, CorrectionRequest, HourList, HourRow, Receipt, RowDraft
from fees.rules import first_of
from fees.states import ListState
from fees.writing import may_write, must_write
from office.choices import ORDERERS
from office.errors import Conflict, Refused
from office.models import User
from office.saving import readable, trigger_says
from office.workdays import month_of

trigger_says("added_row_is_frozen", gettext_lazy("The unit has approved the list: its rows stay as they are."))


def _refuse_while_sent(expert: Expert, unit_id: int, starts_at: datetime) -> None:
    month = first_of(month_of(starts_at))
    Expert.objects.select_for_update(no_key=True).get(pk=expert.pk)  # a list that is being sent waits, or is seen here
    sent = HourList.objects.filter(expert=expert, unit=unit_id, month=month, state=ListState.AT_UNIT)
    if sent.exists():
        raise Conflict(_("The month has been sent. To change it, take it back first."))


def add_row(
    order: Order,
    what: str,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ordered_by: User,
    why: str,
    by: User,
    at: datetime,
    done_km: Decimal | None = None,
) -> AddedRow:
    """A time done against the order that was not agreed before: held as told, for the unit to look at (UTC).

    Raises Refused for who does not write the expert's hours, for an employee who does not order in the unit, and for
    all that ``assignments.actions.add_held`` refuses; Conflict while the month is at the unit.
    """
    why = checked_text(why)
    if not why:
        raise Refused(_("Say why it was not agreed before."))
    if order.expert is None or not may_write(order.expert, order.unit_id, by):
        raise Refused(_("This is not your hour list."))
    if ordered_by.pk != order.orderer_id and not ordered_by.holdings.holds(ORDERERS, order.unit_id):
        raise Refused(_("Choose an employee of the unit."))
    with readable():
        _refuse_while_sent(order.expert, order.unit_id, starts_at)
        session = assignments.add_held(
            order, starts_at, ends_at, preparation=what == AddedRow.What.PREPARATION, by=by, at=at, done_km=done_km
        )
        return AddedRow.objects.create(
            session=session, what=what, ordered_by=ordered_by, why=why, added_by=by, added_at=at
        )


def remove_row(added: AddedRow, *, by: User, at: datetime) -> None:
    """Takes a row away that was added, while the list is not sent. A second click finds nothing any more."""
    with readable():
        session = Session.objects.select_related("expert__user", "order").get(pk=added.session_id)
        must_write(session, by)
        if session.expert is not None:
            _refuse_while_sent(session.expert, session.unit_id, session.starts_at)
        for rows in (
            HourRow.objects.filter(session=session),
            Receipt.objects.filter(session=session),
            RowDraft.objects.filter(session=session),
            CorrectionRequest.objects.filter(session=session),
            AddedRow.objects.filter(session=session),
        ):
            rows.delete()
        assignments.drop_added(session, by=by, at=at)
