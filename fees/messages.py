"""The kinds of messages about hours and payments."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from fees.states import ListState
from office.models import OutboxMessage
from office.outbox import kind


def _list_is_in(*states: str) -> Callable[[OutboxMessage], bool]:
    def still_true(message: OutboxMessage) -> bool:
        from fees.models import HourList  # noqa: PLC0415 - models are not ready when kinds are registered

        return HourList.objects.filter(pk=message.about_id, state__in=states).exists()

    return still_true


LIST_SENT = kind(
    "list_sent",
    _("An hour list waits for the named employee and the deputy"),
    still_true=_list_is_in(ListState.AT_UNIT),
)
LIST_RETURNED = kind(
    "list_returned", _("The unit returned an hour list to the expert"), still_true=_list_is_in(ListState.RETURNED)
)
LIST_APPROVED = kind(
    "list_approved",
    _("The unit approved the expert's hour list"),
    still_true=_list_is_in(ListState.APPROVED, ListState.IN_PAYMENT, ListState.PAID),
)


def _still_to_pay(message: OutboxMessage) -> bool:
    from fees.models import PaymentRun  # noqa: PLC0415 - models are not ready when kinds are registered

    return PaymentRun.objects.filter(pk=message.about_id, state="made").exists()


RUN_MADE = kind("run_made", _("A payment run waits for finance"), still_true=_still_to_pay)
ROWS_REJECTED = kind("rows_rejected", _("The payroll house rejected lines of a payment run"))
PAID = kind("paid", _("The expert's fees have been paid"))
