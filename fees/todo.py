"""What waits for a person about hours and payment."""

from collections.abc import Iterator
from datetime import datetime, time

from django.db.models import Count
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
    """The month to send, and returned lists."""
    if not user.has_role(Role.EXPERT):
        return
    language = get_language() or "fi"
    month = month_before(first_of(local_date(at)))
    loose = Session.objects.filter(expert__user=user, hour_row__isnull=True, state__in=["agreed", "closed"]).exclude(
        outcome="moved"
    )
    count = loose.between(*month_span(month)).count()
    if count:
        due = dates_of(month).due
        words = ngettext("%(month)s: %(count)s time to send.", "%(month)s: %(count)s times to send.", count)
        said = words % {"month": formats.month_name(month, language), "count": count}
        yield Todo(
            said[:1].upper() + said[1:],
            reverse("fees:my_month_of", args=[f"{month:%Y-%m}"]),
            _("Check and send"),
            due=at_wall_clock(due, END_OF_DAY),
            due_text=_("Send by %(day)s") % {"day": formats.day(due, language)},
        )
    for hour_list in HourList.objects.filter(expert__user=user, state="returned").select_related("unit"):
        yield Todo(
            _("The unit returned your list of %(month)s.") % {"month": formats.month_name(hour_list.month, language)},
            reverse("fees:my_month_of", args=[f"{hour_list.month:%Y-%m}"]),
            _("Mend and send"),
            due_text=hour_list.return_reason,
            urgent=True,
        )


@source
def lists_to_check(user: User, at: datetime) -> Iterator[Todo]:  # noqa: ARG001 - lists wait whatever the hour
    """Hour lists at the person's units."""
    if not user.has_role(*NAMED):
        return
    counted = HourList.objects.to_check_by(user).order_by("month").values_list("month").annotate(number=Count("id"))
    language = get_language() or "fi"
    for month, number in counted:
        words = ngettext("%(count)s hour list of %(month)s waits.", "%(count)s hour lists of %(month)s wait.", number)
        yield Todo(
            words % {"count": number, "month": formats.month_name(month, language)}, reverse("fees:check"), _("Check")
        )


@source
def month_to_close(user: User, at: datetime) -> Iterator[Todo]:
    """Approved lists that no payment has taken."""
    if not user.has_role(Role.COORDINATOR):
        return
    month = month_before(first_of(local_date(at)))
    number = HourList.objects.filter(state="approved", month__lte=month).count()
    if number and not PaymentRun.objects.filter(month=month).exists():
        pay_date = dates_of(month).pay
        words = ngettext(
            "%(count)s approved list waits for the payment.", "%(count)s approved lists wait for the payment.", number
        )
        yield Todo(
            words % {"count": number},
            reverse("fees:close", args=[f"{month:%Y-%m}"]),
            _("Look at the payment run"),
            due=at_wall_clock(pay_date, END_OF_DAY),
            due_text=_("Pay day %(day)s") % {"day": formats.day(pay_date, get_language() or "fi")},
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
