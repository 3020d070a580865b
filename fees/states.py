"""States of hour lists and payment runs, and who may take which step."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from office.choices import NAMED, Role
from office.states import step, table


class ListState(TextChoices):
    OPEN = "open", _("Not sent")
    AT_UNIT = "at_unit", _("At the unit")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    IN_PAYMENT = "in_payment", _("In payment")
    PAID = "paid", _("Paid")


#: States in which the unit has not yet approved, so that outcomes may still be mended.
MENDABLE = (ListState.OPEN, ListState.AT_UNIT, ListState.RETURNED)


class RunState(TextChoices):
    MADE = "made", _("Made")
    SENT = "sent", _("Sent to payroll")
    PAID = "paid", _("Paid")


class RejectionState(TextChoices):
    WAITING = "waiting", _("Waiting for payment")
    RESENT = "resent", _("Sent again")
    CARRIED = "carried", _("In a later run")


class RequestState(TextChoices):
    OPEN = "open", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")


COORDINATOR = {Role.COORDINATOR}
EXPERT = {Role.EXPERT}

HOUR_LIST = table(
    step("send", [ListState.OPEN, ListState.RETURNED], ListState.AT_UNIT, EXPERT | COORDINATOR | NAMED),
    step("take_back", [ListState.AT_UNIT], ListState.OPEN, EXPERT | COORDINATOR | NAMED),
    step("return", [ListState.AT_UNIT], ListState.RETURNED, NAMED),
    step("approve", [ListState.AT_UNIT], ListState.APPROVED, NAMED),
    step("unapprove", [ListState.APPROVED], ListState.AT_UNIT, NAMED),
    # Only by accepting what was asked for (fees.actions.requests): the approval falls, the list goes to the expert.
    step("mend", [ListState.APPROVED, ListState.AT_UNIT], ListState.RETURNED, NAMED | COORDINATOR),
    step("take_to_run", [ListState.APPROVED], ListState.IN_PAYMENT, COORDINATOR),
    step("pay", [ListState.IN_PAYMENT], ListState.PAID, {Role.FINANCE}),
)

RUN = table(
    step("send", [RunState.MADE], RunState.SENT, {Role.FINANCE}),
    step("pay", [RunState.SENT], RunState.PAID, {Role.FINANCE}),
)

#: A line that the payroll house rejected: put right in a supplementary file of its run, or by a line of a later run.
REJECTION = table(
    step("resend", [RejectionState.WAITING], RejectionState.RESENT, {Role.FINANCE}),
    step("carry", [RejectionState.WAITING], RejectionState.CARRIED, COORDINATOR, system=True),
)

#: The expert asks to correct what the unit has approved.
REQUEST = table(
    step("accept", [RequestState.OPEN], RequestState.ACCEPTED, NAMED | COORDINATOR),
    step("decline", [RequestState.OPEN], RequestState.DECLINED, NAMED | COORDINATOR),
    # The correction that was made of it is taken back before a run has it: it is answered anew, nothing is lost.
    step("reopen", [RequestState.ACCEPTED], RequestState.OPEN, COORDINATOR),
    step("withdraw", [RequestState.OPEN], RequestState.WITHDRAWN, EXPERT | COORDINATOR | NAMED),
)
