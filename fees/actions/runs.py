"""Closing a month into a payment run, correcting a line (R20, R23)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from fees import preview
from fees import run as building
from fees.actions.documents import prepare
from fees.actions.lists import ListSum, log_lists, sums_of
from fees.actions.telling import tell_finance
from fees.messages import RUN_MADE
from fees.models import Correction, CorrectionRequest, HourList, PaymentRun, Rejection, RunLine
from fees.rules import first_of
from fees.run_sums import Totals, stored_totals
from fees.states import REQUEST, ListState
from feetables.rules import ZERO, round_cents
from office import outbox
from office.actions import log, move
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import RoleGrant, User
from office.validators import no_identity_code

#: One at a time: whoever closes a month waits here for the one who was first. Any number that nobody else uses.
CLOSING = 7_300_000_001


def make_run(
    month: date,
    *,
    by: User | None,
    at: datetime,
    expected_lists: int | None = None,
    expected_total: Decimal | None = None,
    looked: Collection[int] = (),
    documents: bool = True,
) -> PaymentRun:
    """Closes a month: takes the approved lists of it and of earlier months, waiting corrections and what the payroll
    house rejected in earlier runs, into a run.

    One transaction: number without gaps, frozen lines, control totals, lists in payment, a log row for each. Without a
    person (``by=None``) it is the office's own command. Raises Refused without the role, for a month that is not over
    or has been closed, when there is nothing to pay, for a row without price or contract, and while a person has not
    looked at an unusual sum (``looked``: ids of experts; it stays in the run's history); Conflict when lists or euros
    are others than the person was shown. Nothing has changed then. ``documents=False`` leaves the documents to the
    caller; else a task makes them.
    """
    if by is not None and not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    month = first_of(month)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLOSING])
        if refusal := preview.why_not(month, at):
            raise Refused(refusal)
        # Locked, so that nobody takes an approval back while the lines are written.
        list_ids = list(
            preview.to_be_paid(month).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)
        )
        list(Correction.objects.select_for_update().filter(line__isnull=True).values_list("pk"))
        corrections = building.waiting_corrections()
        list(Rejection.objects.select_for_update().waiting().values_list("pk"))
        rejections = building.waiting_rejections()
        if not list_ids and not corrections and not rejections:
            raise Refused(_("Nothing has been approved for payment."))
        if stops := preview.rows_that_stop(list_ids):
            raise Refused(f"{stops[0].expert}, {stops[0].text}")
        run_id = building.next_run_id()
        stored = building.store(run_id, list_ids, corrections)
        building.store_carried(run_id, rejections, after=stored, by=by, at=at)
        totals = stored_totals(run_id)
        asks = _asks(totals, month, looked if by else None)
        sums = sums_of(list_ids)
        _control(totals, sums, corrections, rejections)
        if expected_lists not in {None, totals.lists} or expected_total not in {None, totals.total}:
            raise Conflict(_("Lists have been approved or taken back since you opened the page. Look again."))
        run = PaymentRun.objects.create(
            pk=run_id,
            number=(PaymentRun.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
            month=month,
            pay_date=preview.pay_date_of(month),
            made_at=at,
            made_by=by,
            lists=totals.lists,
            rows=totals.rows,
            experts=totals.experts,
            fees=totals.fees,
            travel=totals.travel,
            total=totals.total,
            by_expert={pk: str(amount) for pk, (_name, amount) in totals.by_expert.items()},
            lines_hash=building.stored_hash(run_id),
        )
        HourList.objects.filter(pk__in=list_ids).update(state=ListState.IN_PAYMENT, run=run)
        log_lists("take_to_run", list_ids, ListState.APPROVED, ListState.IN_PAYMENT, by=by, at=at, sums=sums)
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
        for ask in asks:
            facts: dict[str, Any] = {"expert": ask.expert_id, "amount": str(ask.amount), "highest": str(ask.highest)}
            log("paymentrun.look" if by else "paymentrun.no_look", run, by=by, at=at, **facts)
        for rejection in rejections:
            log("rejection.carry", rejection, by=by, at=at, from_state="waiting", to_state="carried", run=run.number)
        grants = RoleGrant.objects.in_force(at).filter(role=Role.FINANCE, user__is_active=True).select_related("user")
        for grant in grants.order_by("user", "pk"):
            outbox.post(RUN_MADE, grant.user, about=run, at=at, once="made")
        if documents:
            from fees.tasks import start_documents  # noqa: PLC0415 - tasks import the actions

            prepare(run, by=by, at=at)
            transaction.on_commit(partial(start_documents, run.pk))
    return run


def _asks(totals: Totals, month: date, looked: Collection[int] | None) -> list[preview.Unusual]:
    """Unusual sums, all of them looked at (``None``: there is nobody to look)."""
    asks = preview.unusual_sums(totals.by_expert, month)
    if looked is not None and (missing := [ask for ask in asks if ask.expert_id not in looked]):
        raise Refused(
            _("Look at the unusual sum of %(name)s first, and tick that you have.") % {"name": missing[0].expert}
        )
    return asks


def _control(
    totals: Totals,
    sums: dict[int, ListSum],
    corrections: Sequence[Correction],
    rejections: Sequence[Rejection],
) -> None:
    """The stored lines against what the units approved, added up another way: else nothing is kept."""
    rows = sum(of_list.rows for of_list in sums.values())
    euros = sum((of_list.total for of_list in sums.values()), ZERO)
    euros = sum((correction.amount for correction in corrections), euros)
    euros = sum((rejection.line.amount for rejection in rejections), euros)
    if (totals.lists, totals.rows, totals.total) != (len(sums), rows, euros):
        raise RuntimeError(f"{totals.rows} rows, {totals.total} € stored; {rows} rows, {euros} € approved")


def correct(line: RunLine, amount: Decimal, *, by: User, at: datetime, reason: str, asked: bool = False) -> Correction:
    """A plus or minus to a frozen line, for the next run (R23). Amount in euros and cents.

    Raises Refused without the role, for one's own line, for nothing, for more than the line paid, and for a
    correction of a correction.
    ``asked``: the unit accepts what the expert has asked for (fees.actions.requests has checked who).
    """
    if not asked and not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    if line.expert.user_id == by.pk:
        raise Refused(_("Nobody corrects their own fees. Leave it to another coordinator."))
    if line.kind == RunLine.Kind.CORRECTION:
        raise Refused(_("Correct the line itself, not its correction."))
    if line.kind == RunLine.Kind.CARRIED:
        raise Refused(_("Correct the line that was rejected, not the one that pays it later."))
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
        tell_finance(line.run, 1, amount, once=f"correction/{correction.pk}", by=by, at=at)
    return correction


def drop_correction(correction: Correction, *, by: User, at: datetime) -> None:
    """Takes back a correction that no run has taken yet. One that an expert has asked for waits for an answer again.

    Refused when a minus that counted on it would take more than the line has paid; Conflict when a run has taken it.
    """
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    with transaction.atomic():
        # As in ``correct``: who mends the same line waits here, so that its limit holds for what is left too.
        line = RunLine.objects.select_for_update(of=("self",), no_key=True).get(pk=correction.corrects_id)
        waiting = Correction.objects.select_for_update(of=("self",)).filter(pk=correction.pk, line__isnull=True).first()
        if waiting is None:
            raise Conflict(_("A payment run has taken the correction already."))
        if waiting.corrects.expert.user_id == by.pk:
            raise Refused(_("Nobody corrects their own fees. Leave it to another coordinator."))
        others = Correction.objects.filter(corrects=line).exclude(pk=waiting.pk)
        if line.amount + (others.aggregate(sum=Sum("amount"))["sum"] or ZERO) < 0:
            raise Refused(_("A minus of the same line counts on this one. Take the minus back first."))
        for asked in CorrectionRequest.objects.filter(correction=waiting):
            if CorrectionRequest.objects.filter(session=asked.session_id, state="open").exists():
                continue  # the newer one is answered
            move(asked, REQUEST["reopen"], by=by, at=at, answer="", answered_at=None, answered_by=None, correction=None)
        log("correction.drop", waiting, by=by, at=at, line=waiting.corrects_id, amount=str(waiting.amount))
        waiting.delete()
