"""A run on its way: sent to payroll, what the payroll house rejects, paid (R20, R23, M12). Finance alone."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fees.actions.documents import prepare
from fees.actions.lists import log_lists
from fees.messages import PAID, ROWS_REJECTED
from fees.models import HourList, PaymentRun, Rejection, RunLine
from fees.querysets import HourListQuerySet
from fees.run import payroll_number_now
from fees.states import REJECTION, RUN, ListState, RejectionState, RunState
from office import outbox
from office.actions import log, move
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import RoleGrant, User
from office.saving import readable, trigger_says
from office.validators import no_identity_code
from office.workdays import local_date

trigger_says(
    "only_a_sent_run_is_rejected", gettext_lazy("Lines are rejected only while the run is at the payroll house.")
)


def _changed() -> Conflict:
    return Conflict(_("This has changed meanwhile. Look at the page again."))


def _said(reason: str) -> str:
    reason = " ".join(reason.split())[:300]
    try:
        no_identity_code(reason)
    except ValidationError as error:
        raise Refused(error.messages[0]) from None
    return reason


def _locked(run: PaymentRun, *, state: str) -> PaymentRun:
    """The run, held until the end of the transaction; Conflict when it is in another state by now."""
    found = PaymentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if found.state != state:
        raise _changed()
    return found


def send_to_payroll(run: PaymentRun, *, by: User, at: datetime) -> None:
    """The payroll file has been given to the payroll house. A second click: Conflict."""
    move(run, RUN["send"], by=by, at=at, facts={"number": run.number}, sent_at=at, sent_by=by)


def reject(run: PaymentRun, lines: Collection[int], *, by: User, at: datetime, reason: str) -> list[Rejection]:
    """Notes that the payroll house did not take these lines (ids) of a sent run, all or none.

    The coordinator is told. Raises Refused without the role, a reason or lines; Conflict for a run that is not sent,
    and for a line that is noted already or belongs to another run.
    """
    if not by.has_role(Role.FINANCE):
        raise Refused(_("You may not do this."))
    reason = _said(reason)
    if not reason:
        raise Refused(_("Write why the payroll house rejected the lines."))
    wanted = sorted(set(lines))
    if not wanted:
        raise Refused(_("Choose the lines that were rejected."))
    with transaction.atomic(), readable():
        _locked(run, state=RunState.SENT)
        free = RunLine.objects.filter(run=run, pk__in=wanted).exclude(
            Exists(Rejection.objects.filter(line=OuterRef("pk")).unpaid_here())
        )
        found = list(free.order_by("position"))
        if len(found) < len(wanted):
            raise _changed()
        made = [Rejection.objects.create(line=line, reason=reason, rejected_at=at, rejected_by=by) for line in found]
        log(
            "paymentrun.reject",
            run,
            by=by,
            at=at,
            reason=reason,
            lines=[line.position for line in found],
            total=str(sum(line.amount for line in found)),
        )
        grants = RoleGrant.objects.in_force(at).filter(role=Role.COORDINATOR, user__is_active=True)
        for grant in grants.select_related("user").order_by("user", "pk"):
            outbox.post(ROWS_REJECTED, grant.user, about=run, at=at, once=f"{made[0].pk}", lines=len(made))
    return made


def resend(run: PaymentRun, rejections: Collection[int], *, by: User, at: datetime) -> int:
    """Sends rejected lines (ids of rejections) again in a supplementary payroll file of the run. Says its number.

    The lines are as they were frozen, but for the payroll house's number of the person, which is the one known now.
    Conflict when one of them is not waiting any more, or the run is paid.
    """
    from fees.tasks import start_documents  # noqa: PLC0415 - tasks import the actions

    wanted = sorted(set(rejections))
    if not wanted:
        raise Refused(_("Choose the lines that are sent again."))
    with transaction.atomic():
        _locked(run, state=RunState.SENT)
        found = list(
            Rejection.objects.select_for_update(of=("self",))
            .filter(line__run=run, pk__in=wanted)
            .select_related("line__expert")
            .order_by("pk")
        )
        if len(found) < len(wanted):
            raise _changed()
        last = Rejection.objects.filter(line__run=run).aggregate(last=Max("part"))["last"]
        part = (last or 1) + 1
        for rejection in found:
            move(
                rejection, REJECTION["resend"], by=by, at=at, facts={"part": part},
                settled_at=at, settled_by=by, part=part, payroll_number=payroll_number_now(rejection.line),
            )  # fmt: skip
        log("paymentrun.resend", run, by=by, at=at, part=part, lines=len(found))
        prepare(run, by=by, at=at)
        transaction.on_commit(partial(start_documents, run.pk))
    return part


def mark_paid(run: PaymentRun, *, by: User, at: datetime, reason: str = "") -> None:
    """Finance has paid the run, but what waits as rejected: its lists are paid, each expert gets one message (N8).

    Before the pay day a reason is asked. A list with a rejected line is paid with the run that pays that line. A second
    click: Conflict.
    """
    if not by.has_role(Role.FINANCE):
        raise Refused(_("You may not do this."))
    reason = _said(reason)
    with transaction.atomic():
        _locked(run, state=RunState.SENT)
        if local_date(at) < run.pay_date and not reason:
            raise Refused(_("The pay day has not come. Write why the run is paid before it."))
        move(run, RUN["pay"], by=by, at=at, reason=reason, facts={"number": run.number}, paid_at=at, paid_by=by)
        list_ids = list(_settled_lists(run).order_by("pk").values_list("pk", flat=True))
        HourList.objects.filter(pk__in=list_ids).update(state=ListState.PAID)
        log_lists("pay", list_ids, ListState.IN_PAYMENT, ListState.PAID, by=by, at=at, sums={})
        unpaid = Exists(Rejection.objects.filter(line=OuterRef("pk")).unpaid_here())
        lines = run.lines.exclude(unpaid)
        paid = dict(lines.order_by().values_list("expert__user_id").annotate(paid=Sum("amount")))
        for user in User.objects.filter(pk__in=[pk for pk in paid if pk]).order_by("pk"):
            outbox.post(PAID, user, about=run, at=at, once="paid", total=paid[user.pk])


def _settled_lists(run: PaymentRun) -> HourListQuerySet:
    """Lists with lines in this paid run of which nothing waits: no line rejected, none in a run that is not paid."""
    own = RunLine.objects.filter(hour_list=OuterRef("pk")).exclude(kind=RunLine.Kind.CORRECTION)
    waiting = Exists(Rejection.objects.filter(line=OuterRef("pk"), state=RejectionState.WAITING))
    open_lines = own.filter(Q(waiting) | ~Q(run__state=RunState.PAID))
    return HourList.objects.filter(Exists(own.filter(run=run)), ~Exists(open_lines), state=ListState.IN_PAYMENT)
