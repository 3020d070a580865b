"""Hour lists that an office brings along: sent and approved on paper before the program was there."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assignments.models import Session
from experts.models import Expert
from fees.models import HourList, HourRow
from fees.states import ListState
from office.actions import log
from office.errors import Refused
from office.models import Unit, User


def take_approved(
    expert: Expert,
    unit: Unit,
    month: date,
    sessions: Collection[Session],
    *,
    approver: User,
    by: User | None,
    at: datetime,
    file: str,
) -> HourList:
    """A list of the sessions, approved by ``approver``. Nobody is told: it was all known before.

    Raises Refused when the unit has approved this expert's month already, and for the approver's own list (R23).
    """
    if expert.user_id is not None and expert.user_id == approver.pk:
        raise Refused(_("Nobody checks their own hour list."))
    with transaction.atomic():
        list_, made = HourList.objects.select_for_update(of=("self",)).get_or_create(
            expert=expert, unit=unit, month=month
        )
        if not made and list_.state != ListState.OPEN:
            raise Refused(
                _("The list of %(name)s for the unit %(unit)s has left already. Add what is missing in the program.")
                % {"name": expert, "unit": unit.code}
            )
        HourRow.objects.bulk_create(HourRow(hour_list=list_, session=session) for session in sessions)
        HourList.objects.filter(pk=list_.pk).update(
            state=ListState.APPROVED,
            sent_at=at,
            sent_by=None if by == approver else by,
            approved_at=at,
            approved_by=approver,
        )
        list_.refresh_from_db()
        log(
            "hourlist.imported",
            list_,
            by=by,
            at=at,
            on_behalf_of=approver,
            from_state=ListState.OPEN,
            to_state=ListState.APPROVED,
            file=file,
            rows=len(sessions),
        )
    return list_
