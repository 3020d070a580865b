"""What waits for a person about hours and payment."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.db.models import Case, Count, Exists, Q, Value, When
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assignments.models import Session
from fees.dates import dates_of
from fees.models import HourList, PaymentRun
from fees.rules import first_of, month_before, month_span
from office import formats
from office.choices import NAMED, Role
from office.models import User
from office.todo import Todo, source
from office.workdays import at_wall_clock, local_date

END_OF_DAY = time(23, 59)


@source
def hours(user: User, at: datetime) -> Iterator[Todo]:
    """The expert's month to send, returned lists, lists to check at the unit, and the coordinator's month to close."""
    month = month_before(first_of(local_date(at)))
    to_send = _times_to_send(user, month) if user.has_role(Role.EXPERT) else 0
    lists = _lists(user, month)
    to_run = sum(row["number"] for row in lists if row["state"] == "approved")
    dates = dates_of(month) if to_send or to_run else None
    language = get_language() or "fi"
    if dates and to_send:
        words = ngettext("%(month)s: %(count)s time to send.", "%(month)s: %(count)s times to send.", to_send)
        said = words % {"month": formats.month_name(month, language), "count": to_send}
        yield Todo(
            said[:1].upper() + said[1:],
            reverse("fees:my_month_of", args=[f"{month:%Y-%m}"]),
            _("Check and send"),
            due=at_wall_clock(dates.due, END_OF_DAY),
            due_text=_("Send by %(day)s") % {"day": formats.day(dates.due, language)},
        )
    for row in lists:
        if row["state"] == "returned":
            yield Todo(
                _("The unit returned your list of %(month)s.") % {"month": formats.month_name(row["month"], language)},
                reverse("fees:my_month_of", args=[f"{row['month']:%Y-%m}"]),
                _("Mend and send"),
                due_text=row["reason"],
                urgent=True,
            )
        elif row["state"] == "at_unit":
            number = row["number"]
            words = ngettext(
                "%(count)s hour list of %(month)s waits.", "%(count)s hour lists of %(month)s wait.", number
            )
            said = words % {"count": number, "month": formats.month_name(row["month"], language)}
            yield Todo(said, reverse("fees:check"), _("Check"))
    if dates and to_run:
        words = ngettext(
            "%(count)s approved list waits for the payment.", "%(count)s approved lists wait for the payment.", to_run
        )
        yield Todo(
            words % {"count": to_run},
            reverse("fees:close", args=[f"{month:%Y-%m}"]),
            _("Look at the payment run"),
            due=at_wall_clock(dates.pay, END_OF_DAY),
            due_text=_("Pay day %(day)s") % {"day": formats.day(dates.pay, language)},
        )


def _times_to_send(user: User, month: date) -> int:
    loose = Session.objects.filter(expert__user=user, hour_row__isnull=True, state__in=["agreed", "closed"])
    return loose.exclude(outcome="moved").between(*month_span(month)).count()


def _lists(user: User, month: date) -> Sequence[Mapping[str, Any]]:
    """Lists that wait for the person, counted by state and month; a returned one by itself with its reason (one query).

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
        return []
    returned = Case(When(state="returned", then="pk"))
    reason = Case(When(state="returned", then="return_reason"), default=Value(""))
    counted = HourList.objects.filter(wanted).annotate(returned=returned, reason=reason)
    return list(
        counted.values("state", "month", "returned", "reason")
        .annotate(number=Count("pk"))
        .order_by("month", "returned")
    )


@source
def runs_to_pay(user: User, at: datetime) -> Iterator[Todo]:  # noqa: ARG001 - runs wait whatever the hour
    """Runs that finance has not paid."""
    if not user.has_role(Role.FINANCE):
        return
    language = get_language() or "fi"
    for run in PaymentRun.objects.filter(state="made").order_by("number"):
        yield Todo(
            _("Payment run %(number)s, %(total)s, waits for payment.")
            % {"number": run.number, "total": formats.money(run.total, language)},
            reverse("fees:run", args=[run.pk]),
            _("Open"),
            due=at_wall_clock(run.pay_date, END_OF_DAY),
            due_text=_("Pay day %(day)s") % {"day": formats.day(run.pay_date, language)},
        )
