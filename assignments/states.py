"""States of orders, offers, sessions and moves, and who may take which step."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from office.choices import NAMED, ORDERERS, Role
from office.states import step, table


class OrderState(TextChoices):
    DRAFT = "draft", _("Draft")
    TO_CONFIRM = "to_confirm", _("To be confirmed")
    LOOKING = "looking", _("Looking for an expert")
    OFFERED = "offered", _("Offered")
    AGREED = "agreed", _("Agreed")
    CANCELLED = "cancelled", _("Cancelled")


class OfferState(TextChoices):
    QUEUED = "queued", _("Waits for its turn")
    WAITING = "waiting", _("Waiting for an answer")
    CAN = "can", _("Can take it")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("No answer in time")
    NOT_CHOSEN = "not_chosen", _("Somebody else was chosen")


class SessionState(TextChoices):
    PLANNED = "planned", _("Planned")
    AGREED = "agreed", _("Agreed")
    CLOSED = "closed", _("Outcome marked")
    DROPPED = "dropped", _("Never agreed")


class Outcome(TextChoices):
    HELD = "held", _("Held")
    CANCELLED_IN_TIME = "cancelled_in_time", _("Cancelled in time")
    CANCELLED_LATE = "cancelled_late", _("Cancelled late")
    MOVED = "moved", _("Moved")
    NO_SHOW = "no_show", _("The client did not come")
    NOBODY_CAME = "nobody_came", _("Nobody came")
    GROUP_ENDED = "group_ended", _("The group ended")
    EXPERT_ILL = "expert_ill", _("The expert was ill")
    EXPERT_CANCELLED = "expert_cancelled", _("The expert cancelled")
    SHORTENED_LATE = "shortened_late", _("Shortened late")


#: Outcomes in which the expert was there, so that the time stays taken.
TOOK_PLACE = (Outcome.HELD, Outcome.NO_SHOW, Outcome.NOBODY_CAME, Outcome.SHORTENED_LATE)


class MoveState(TextChoices):
    WAITING = "waiting", _("Waiting for an answer")
    SUITS = "suits", _("Suits; the other expert has not answered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


#: A proposed time that has not ended; of two experts kept together one may have said yes already.
OPEN_MOVES = (MoveState.WAITING, MoveState.SUITS)


class ProcessState(TextChoices):
    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Going on")
    ENDED = "ended", _("Ended")


COORDINATOR = {Role.COORDINATOR}
EXPERT = {Role.EXPERT}

ORDER = table(
    step("submit", [OrderState.DRAFT], OrderState.TO_CONFIRM, ORDERERS | COORDINATOR),
    step("confirm_to_coordinator", [OrderState.TO_CONFIRM], OrderState.LOOKING, NAMED | COORDINATOR),
    step("confirm_and_offer", [OrderState.TO_CONFIRM], OrderState.OFFERED, NAMED | COORDINATOR),
    # by staff of a unit that trusts them (UnitHabits.trusts_staff; the action looks)
    step("trust_to_coordinator", [OrderState.TO_CONFIRM], OrderState.LOOKING, {Role.STAFF}),
    step("trust_and_offer", [OrderState.TO_CONFIRM], OrderState.OFFERED, {Role.STAFF}),
    step("offer", [OrderState.LOOKING], OrderState.OFFERED, COORDINATOR),
    # one of two experts kept together is lacking: the unit may choose another one by itself
    step("ask_another", [OrderState.LOOKING], OrderState.OFFERED, ORDERERS | COORDINATOR),
    step("change", [OrderState.OFFERED], OrderState.TO_CONFIRM, NAMED | COORDINATOR),
    step("agree", [OrderState.OFFERED], OrderState.AGREED, EXPERT | COORDINATOR),
    step("choose", [OrderState.OFFERED], OrderState.AGREED, ORDERERS | COORDINATOR),
    step("look_again", [OrderState.OFFERED], OrderState.LOOKING, ORDERERS | EXPERT | COORDINATOR, system=True),
    step(
        "cancel",
        [OrderState.DRAFT, OrderState.TO_CONFIRM, OrderState.LOOKING, OrderState.OFFERED],
        OrderState.CANCELLED,
        ORDERERS | COORDINATOR,
    ),
)

OFFER = table(
    step("accept", [OfferState.WAITING], OfferState.ACCEPTED, EXPERT | COORDINATOR),
    step("decline", [OfferState.WAITING], OfferState.DECLINED, EXPERT | COORDINATOR),
    step("can", [OfferState.WAITING], OfferState.CAN, EXPERT | COORDINATOR),
    step("choose", [OfferState.CAN], OfferState.ACCEPTED, ORDERERS | COORDINATOR),
    step(
        "not_chosen",
        [OfferState.QUEUED, OfferState.WAITING, OfferState.CAN],
        OfferState.NOT_CHOSEN,
        ORDERERS | EXPERT | COORDINATOR,
        system=True,
    ),
    step("turn", [OfferState.QUEUED], OfferState.WAITING, ORDERERS | EXPERT | COORDINATOR, system=True),
    step("expire", [OfferState.WAITING], OfferState.EXPIRED, COORDINATOR, system=True),
    step(
        "withdraw",
        [OfferState.QUEUED, OfferState.WAITING, OfferState.CAN],
        OfferState.WITHDRAWN,
        ORDERERS | COORDINATOR,
    ),
    # nobody has chosen among those who can, and their times cannot be kept free for ever
    step("lapse", [OfferState.CAN], OfferState.EXPIRED, COORDINATOR, system=True),
    # whoever could not take it any more when the turn came is passed over
    step("skip", [OfferState.QUEUED], OfferState.WITHDRAWN, ORDERERS | EXPERT | COORDINATOR, system=True),
)

SESSION = table(
    step("agree", [SessionState.PLANNED], SessionState.AGREED, ORDERERS | EXPERT | COORDINATOR),
    step("drop", [SessionState.PLANNED], SessionState.DROPPED, ORDERERS | COORDINATOR),
    step("close", [SessionState.AGREED], SessionState.CLOSED, ORDERERS | EXPERT | COORDINATOR),
    step("reopen", [SessionState.CLOSED], SessionState.AGREED, ORDERERS | EXPERT | COORDINATOR),
)

MOVE = table(
    # a yes of one of two experts: done only when both have said it
    step("suit", [MoveState.WAITING], MoveState.SUITS, ORDERERS | EXPERT | COORDINATOR),
    step("accept", OPEN_MOVES, MoveState.ACCEPTED, ORDERERS | EXPERT | COORDINATOR),
    step("decline", [MoveState.WAITING], MoveState.DECLINED, ORDERERS | EXPERT | COORDINATOR),
    step("withdraw", OPEN_MOVES, MoveState.WITHDRAWN, ORDERERS | EXPERT | COORDINATOR),
)

PROCESS = table(
    # the first meeting has been held, or its mark was taken back: with the outcome, by whoever marks it
    step("begin", [ProcessState.PLANNED], ProcessState.RUNNING, ORDERERS | EXPERT | COORDINATOR),
    step("back", [ProcessState.RUNNING], ProcessState.PLANNED, ORDERERS | EXPERT | COORDINATOR),
    step("end", [ProcessState.PLANNED, ProcessState.RUNNING], ProcessState.ENDED, ORDERERS | EXPERT | COORDINATOR),
    step("open_again", [ProcessState.ENDED], ProcessState.RUNNING, ORDERERS | COORDINATOR),
)
