"""What waits for a person about hours and payment."""

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import partial
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assignments.models import Session
from fees.dates import dates_of
from fees.models import CorrectionRequest, HourList, PaymentRun, RunLine
from fees.rules import first_of, month_before, month_span
from feetables.models import FeeTable
from office import formats
from office.choices import NAMED, Role
from office.models import LogEntry, User
from office.todo import Ask, Todo, source
from office.together import Row
from office.workdays import at_wall_clock, local_date

END_OF_DAY = time(23, 59)


@source
def hours(user: User, at: datetime) -> Iterator[Ask]:
    """The expert's month to send, returned lists, lists to check at the unit, and the coordinator's month to close."""
    month = month_before(first_of(local_date(at)))
    if user.has_role(Role.EXPERT):
        loose = Session.objects.filter(expert__user=user, hour_row__isnull=True, state__in=["agreed", "closed"])
        loose = loose.exclude(outcome="moved").between(*month_span(month)).order_by()
        yield Ask(loose.values("expert").annotate(number=Count("pk")).values_list("number"), partial(_to_send, month))
    if (lists := _lists(user, month)) is not None:
        yield Ask(lists, partial(_told, month))


def _to_send(month: date, rows: list[Row]) -> Iterator[Todo]:
    language = get_language() or "fi"
    for (number,) in rows:
        due = dates_of(month).due
        words = ngettext("%(month)s: %(count)s time to send.", "%(month)s: %(count)s times to send.", number)
        said = words % {"month": formats.month_name(month, language), "count": number}
        yield Todo(
            said[:1].upper() + said[1:],
            reverse("fees:my_month_of", args=[f"{month:%Y-%m}"]),
            _("Check and send"),
            due=at_wall_clock(due, END_OF_DAY),
            due_text=_("Send by %(day)s") % {"day": formats.day(due, language)},
        )


def _told(month: date, rows: list[Row]) -> Iterator[Todo]:
    language = get_language() or "fi"
    for state, of_month, _returned, reason, number in rows:
        if state == "returned":
            yield Todo(
                _("The unit returned your list of %(month)s.") % {"month": formats.month_name(of_month, language)},
                reverse("fees:my_month_of", args=[f"{of_month:%Y-%m}"]),
                _("Mend and send"),
                due_text=reason,
                urgent=True,
            )
        elif state == "at_unit":
            words = ngettext(
                "%(count)s hour list of %(month)s waits.", "%(count)s hour lists of %(month)s wait.", number
            )
            said = words % {"count": number, "month": formats.month_name(of_month, language)}
            yield Todo(said, reverse("fees:check"), _("Check"))
    if to_run := sum(number for state, *_rest, number in rows if state == "approved"):
        pay = dates_of(month).pay
        words = ngettext(
            "%(count)s approved list waits for the payment.", "%(count)s approved lists wait for the payment.", to_run
        )
        yield Todo(
            words % {"count": to_run},
            reverse("fees:close", args=[f"{month:%Y-%m}"]),
            _("Look at the payment run"),
            due=at_wall_clock(pay, END_OF_DAY),
            due_text=_("Pay day %(day)s") % {"day": formats.day(pay, language)},
        )


def _lists(user: User, month: date) -> "QuerySet[Any, Any] | None":
    """Lists that wait for the person, counted by state and month; a returned one by itself with its reason.

    Approved ones wait for the coordinator until the month is closed; what comes after rides on the next run.
    """
    wanted = Q()
    if user.has_role(Role.EXPERT):
        wanted |= Q(expert__user=user, state="returned")
    if user.has_role(*NAMED):
        wanted |= Q(pk__in=HourList.objects.to_check_by(user).values("pk"))
    if user.has_role(Role.COORDINATOR):
        closed = PaymentRun.objects.filter(month=month)
        wanted |= Q(~Exists(closed), state="approved", month__lte=month)
    if not wanted:
        return None
    returned = Case(When(state="returned", then="pk"))
    reason = Case(When(state="returned", then="return_reason"), default=Value(""))
    counted = HourList.objects.filter(wanted).annotate(returned=returned, reason=reason)
    return (
        counted.values("state", "month", "returned", "reason")
        .annotate(number=Count("pk"))
        .order_by("month", "returned")
        .values_list("state", "month", "returned", "reason", "number")
    )


@source
def tables_after_their_start(user: User, at: datetime) -> Iterator[Ask]:  # noqa: ARG001 - they wait whatever the hour
    """Fee tables approved after their start, when work on their days has been paid by another (R17)."""
    if user.has_role(Role.COORDINATOR):
        looked = LogEntry.objects.filter(
            object_type=FeeTable._meta.label_lower,
            object_id=OuterRef(OuterRef("pk")),
            kind="feetable.looked",
            at__gte=OuterRef("run__made_at"),
        )
        other = RunLine.objects.filter(
            kind="fee",
            session__starts_at__gte=OuterRef("valid_from"),
            session__starts_at__date__lte=Coalesce(OuterRef("valid_to"), Value(date.max)),
        )
        other = other.exclude(session__fee_item__table=OuterRef("pk")).filter(~Exists(looked))
        tables = FeeTable.objects.filter(
            Exists(other), state=FeeTable.State.APPROVED, approved_at__date__gt=F("valid_from")
        )
        yield Ask(tables.order_by("pk").values_list("pk", "name", "name_sv"), _differences)


def _differences(rows: list[Row]) -> Iterator[Todo]:
    for pk, name, name_sv in rows:
        table = FeeTable(name=name, name_sv=name_sv)
        said = _("“%(table)s” was approved after its start: look at the differences.") % {"table": table}
        yield Todo(said, reverse("fees:differences", args=[pk]), _("Look"))


@source
def requests_to_answer(user: User, at: datetime) -> Iterator[Ask]:  # noqa: ARG001 - they wait whatever the hour
    """Corrections that experts ask for."""
    if user.has_role(Role.COORDINATOR, *NAMED):
        waiting = CorrectionRequest.objects.to_answer_by(user).order_by("asked_at", "pk")
        yield Ask(waiting.values_list("pk", "session__expert__first_name", "session__expert__last_name"), _requests)


def _requests(rows: list[Row]) -> Iterator[Todo]:
    for pk, first, last in rows:
        yield Todo(
            _("%(name)s asks for a correction.") % {"name": f"{first} {last}"},
            reverse("fees:request", args=[pk]),
            _("Answer"),
        )


@source
def runs_to_pay(user: User, at: datetime) -> Iterator[Ask]:  # noqa: ARG001 - runs wait whatever the hour
    """Runs that finance has not paid, whether the payroll house has them or not."""
    if user.has_role(Role.FINANCE):
        made = PaymentRun.objects.filter(state__in=["made", "sent"]).order_by("number")
        yield Ask(made.values_list("pk", "number", "total", "pay_date"), _runs)


def _runs(rows: list[Row]) -> Iterator[Todo]:
    language = get_language() or "fi"
    for pk, number, total, pay_date in rows:
        yield Todo(
            _("Payment run %(number)s, %(total)s, waits for payment.")
            % {"number": number, "total": formats.money(total, language)},
            reverse("fees:run", args=[pk]),
            _("Open"),
            due=at_wall_clock(pay_date, END_OF_DAY),
            due_text=_("Pay day %(day)s") % {"day": formats.day(pay_date, language)},
        )
