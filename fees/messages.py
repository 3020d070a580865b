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
    to=_("The named employee and the deputy"),
    when=_("When an hour list is sent"),
    still_true=_list_is_in(ListState.AT_UNIT),
)
LIST_RETURNED = kind(
    "list_returned",
    _("The unit returned an hour list to the expert"),
    to=_("The expert"),
    when=_("When an hour list is returned"),
    still_true=_list_is_in(ListState.RETURNED),
)
LIST_APPROVED = kind(
    "list_approved",
    _("The unit approved the expert's hour list"),
    to=_("The expert"),
    when=_("When an hour list is approved"),
    still_true=_list_is_in(ListState.APPROVED, ListState.IN_PAYMENT, ListState.PAID),
)
LIST_OPENED = kind(
    "list_opened",
    _("The coordinator opened the unit's approved hour list again"),
    to=_("The named employee and the deputy"),
    when=_("When the coordinator accepts a correction instead of the unit"),
)


def _still_asked(message: OutboxMessage) -> bool:
    from fees.models import CorrectionRequest  # noqa: PLC0415 - models are not ready when kinds are registered

    return CorrectionRequest.objects.filter(pk=message.about_id, state="open").exists()


CORRECTION_ASKED = kind(
    "correction_asked",
    _("An expert asks to correct an approved time"),
    to=_("The named employee and the deputy; coordinators once a payment has it"),
    when=_("When a correction is asked for"),
    still_true=_still_asked,
)
CORRECTION_ANSWERED = kind(
    "correction_answered",
    _("The answer to a correction that the expert asked for"),
    to=_("The expert"),
    when=_("When the correction is accepted or declined"),
)


def _still_to_pay(message: OutboxMessage) -> bool:
    from fees.models import PaymentRun  # noqa: PLC0415 - models are not ready when kinds are registered

    return PaymentRun.objects.filter(pk=message.about_id, state="made").exists()


RUN_MADE = kind(
    "run_made",
    _("A payment run waits for finance"),
    to=_("Finance"),
    when=_("When a payment run is made"),
    still_true=_still_to_pay,
)


def _still_to_correct(message: OutboxMessage) -> bool:
    from fees.models import Correction  # noqa: PLC0415 - models are not ready when kinds are registered

    return Correction.objects.filter(corrects__run=message.about_id, line__isnull=True).exists()


RUN_CORRECTED = kind(
    "run_corrected",
    _("Lines that a payment run has are corrected in the next one"),
    to=_("Finance"),
    when=_("When a line of a payment run is corrected, or differences of a fee table are made"),
    still_true=_still_to_correct,
)
ROWS_REJECTED = kind(
    "rows_rejected",
    _("The payroll house rejected lines of a payment run"),
    to=_("Coordinators"),
    when=_("When the payroll house rejects lines"),
)
PAID = kind(
    "paid", _("The expert's fees have been paid"), to=_("The expert"), when=_("When a payment run has been paid")
)


NEW_PRICES = kind(
    "new_prices",
    _("Agreed times have another price by a fee table approved later"),
    to=_("The expert and the orderers"),
    when=_("When the coordinator chooses the price of the later table"),
)


def _still_to_send(message: OutboxMessage) -> bool:
    """Not reminded: who has sent a minute before (N1)."""
    from fees.reminders import _still_unsent  # noqa: PLC0415 - models are not ready when kinds are registered

    return _still_unsent(message)


def _still_to_check(message: OutboxMessage) -> bool:
    from fees.models import HourList  # noqa: PLC0415 - models are not ready when kinds are registered

    return (
        message.recipient is not None
        and HourList.objects.to_check_by(message.recipient).filter(unit=message.about_id).exists()
    )


REMIND_HOURS = kind(
    "remind_hours",
    _("The coordinator reminds of an hour list that has not been sent"),
    still_true=_still_to_send,
    to=_("Experts whom the month waits for"),
    when=_("When the coordinator reminds on the page of the month, at most once a day"),
)
REMIND_CHECK = kind(
    "remind_check",
    _("The coordinator reminds of hour lists to check"),
    still_true=_still_to_check,
    to=_("Named employees and deputies of units with lists to check"),
    when=_("When the coordinator reminds on the page of the month, at most once a day"),
)
