"""Closing a month into a payment run, paying it, correcting a line (R20, R23)."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from fees import run as building
from fees.actions.lists import ListSum, log_lists
from fees.messages import PAID
from fees.models import Correction, HourList, PaymentRun, RunLine
from fees.rules import first_of
from fees.states import RUN, ListState
from feetables.rules import ZERO, round_cents
from office import outbox
from office.actions import log, move
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import User
from office.validators import no_identity_code

#: One at a time: whoever closes a month waits here for the one who was first. Any number that nobody else uses.
CLOSING = 7_300_000_001


def make_run(month: date, *, by: User | None, at: datetime, documents: bool = True) -> PaymentRun:
    """Closes a month: takes the approved lists of it and of earlier months, and waiting corrections, into a run.

    One transaction: number without gaps, frozen lines, control totals, lists in payment, a log row for each. Without a
    person (``by=None``) it is the office's own command. Raises Refused without the role, for a month that is not over
    or has been closed, and when there is nothing to pay; nothing has changed then. ``documents=False`` leaves the
    documents to the caller; else a task makes them after commit.
    """
    if by is not None and not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    month = first_of(month)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLOSING])
        if refusal := building.why_not(month, at):
            raise Refused(refusal)
        # Locked, so that nobody takes an approval back while the lines are written.
        list_ids = list(
            building.to_be_paid(month).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)
        )
        list(Correction.objects.select_for_update().filter(line__isnull=True).values_list("pk"))
        built = building.build(list_ids, building.waiting_corrections())
        if not built.lines:
            raise Refused(_("Nothing has been approved for payment."))
        run = PaymentRun.objects.create(
            number=(PaymentRun.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
            month=month,
            pay_date=building.pay_date_of(month),
            made_at=at,
            made_by=by,
            lists=built.lists,
            rows=built.rows,
            experts=built.experts,
            fees=built.fees,
            travel=built.travel,
            total=built.fees + built.travel,
            lines_hash=building.lines_hash(built.lines),
        )
        building.store(run, built.lines)
        _control(run)
        HourList.objects.filter(pk__in=list_ids).update(state=ListState.IN_PAYMENT, run=run)
        sums = _sums_of_lists(built)
        log_lists("take_to_run", list_ids, ListState.APPROVED, ListState.IN_PAYMENT, by=by, at=at, sums=sums)
        _tie_corrections(run, built.corrections)
        log(
            "paymentrun.make",
            run,
            by=by,
            at=at,
            to_state=run.state,
            number=run.number,
            lists=run.lists,
            rows=run.rows,
            total=str(run.total),
        )
        if documents:
            from fees.tasks import make_documents  # noqa: PLC0415 - tasks import the actions

            transaction.on_commit(partial(make_documents.delay, run.pk))
    return run


def _control(run: PaymentRun) -> None:
    """What stands in the database must be what the run says, else nothing is kept."""
    stored = building.sums_of_run(run)
    fees = sum((unit.fees for unit in stored.units), ZERO)
    travel = sum((unit.travel for unit in stored.units), ZERO)
    rows = RunLine.objects.filter(run=run, kind=building.FEE).count()
    if (fees, travel, rows) != (run.fees, run.travel, run.rows):
        raise RuntimeError(f"run {run.number}: {fees} {travel} {rows} stored, {run.fees} {run.travel} {run.rows} meant")


def _sums_of_lists(built: building.Built) -> dict[int, ListSum]:
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for line in built.lines:
        if line.hour_list_id is not None and line.kind != building.CORRECTION:
            of_list = sums[line.hour_list_id]
            of_list[0] += line.kind == building.FEE
            of_list[1 if line.kind == building.FEE else 2] += line.amount
    return {pk: ListSum(int(rows), fees, travel) for pk, (rows, fees, travel) in sums.items()}


def _tie_corrections(run: PaymentRun, corrections: tuple[Correction, ...]) -> None:
    """Each correction names the line it became, so that no other run takes it."""
    made = RunLine.objects.filter(run=run, kind=building.CORRECTION).order_by("position")
    for correction, line in zip(corrections, made, strict=True):
        correction.line = line
        correction.save(update_fields=["line"])


def mark_paid(run: PaymentRun, *, by: User, at: datetime) -> None:
    """Finance has paid the run: its lists are paid, and each expert gets one message (N8). A second click: Conflict."""
    with transaction.atomic():
        move(run, RUN["pay"], by=by, at=at, facts={"number": run.number}, paid_at=at, paid_by=by)
        lists = HourList.objects.filter(run=run, state=ListState.IN_PAYMENT)
        list_ids = list(lists.order_by("pk").values_list("pk", flat=True))
        lists.update(state=ListState.PAID)
        log_lists("pay", list_ids, ListState.IN_PAYMENT, ListState.PAID, by=by, at=at, sums={})
        paid = dict(run.lines.order_by().values_list("expert__user_id").annotate(paid=Sum("amount")))
        for user in User.objects.filter(pk__in=[pk for pk in paid if pk]).order_by("pk"):
            outbox.post(PAID, user, about=run, at=at, once="paid", total=paid[user.pk])


def correct(line: RunLine, amount: Decimal, *, by: User, at: datetime, reason: str) -> Correction:
    """A plus or minus to a frozen line, for the next run (R23). Amount in euros and cents.

    Raises Refused without the role, for nothing, for more than the line paid, and for a correction of a correction.
    """
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    if line.kind == RunLine.Kind.CORRECTION:
        raise Refused(_("Correct the line itself, not its correction."))
    if not amount.is_finite() or not amount or amount != round_cents(amount):
        raise Refused(_("Write an amount of euros and cents that is not zero."))
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise Refused(_("Write why the line is corrected."))
    try:
        no_identity_code(reason)
    except ValidationError as error:
        raise Refused(error.messages[0]) from None
    with transaction.atomic():
        # Two corrections of the same line wait for each other, so that the limit below holds.
        RunLine.objects.select_for_update(of=("self",), no_key=True).get(pk=line.pk)
        earlier = Correction.objects.filter(corrects=line).aggregate(sum=Sum("amount"))["sum"] or ZERO
        if line.amount + earlier + amount < 0:
            raise Refused(_("More than the line has paid cannot be taken back."))
        correction = Correction.objects.create(corrects=line, amount=amount, reason=reason, made_by=by, made_at=at)
        log("correction.make", correction, by=by, at=at, reason=reason, line=line.pk, amount=str(amount))
    return correction


def drop_correction(correction: Correction, *, by: User, at: datetime) -> None:
    """Takes back a correction that no run has taken yet."""
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    with transaction.atomic():
        waiting = Correction.objects.select_for_update(of=("self",)).filter(pk=correction.pk, line__isnull=True).first()
        if waiting is None:
            raise Conflict(_("A payment run has taken the correction already."))
        log("correction.drop", waiting, by=by, at=at, line=waiting.corrects_id, amount=str(waiting.amount))
        waiting.delete()
