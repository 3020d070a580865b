"""What the month reminds of: hour lists to send and to check, the month to close, tax cards before a payment."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assignments.models import Session
from assignments.states import Outcome, SessionState
from experts.cards import lacking
from experts.models import Expert
from experts.readers import CAN_BE_TOLD, reader_of
from fees.board import NOT_SENT, WITH_EXPERT, month_lists, state_sums
from fees.dates import dates_of
from fees.models import HourList, HourRow, PaymentRun
from fees.rules import first_of, month_before, month_span
from fees.states import ListState
from office.choices import NAMED, Role
from office.models import OutboxMessage, RoleGrant, User
from office.reminders import Note, Round, holders, occasion, reminder
from office.workdays import is_working_day, list_reminder_day, local_date, previous_working_day


def _unsent(month: date) -> QuerySet[Session]:
    """What of the month has not left an expert who has an account and has not left."""
    left = HourRow.objects.filter(session=OuterRef("pk")).exclude(hour_list__state__in=WITH_EXPERT)
    return (
        Session.objects.between(*month_span(month))
        .filter(state__in=[SessionState.AGREED, SessionState.CLOSED], expert__user__is_active=True)
        .exclude(outcome=Outcome.MOVED)
        .exclude(expert__state=Expert.State.ENDED)
        .exclude(Exists(left))
    )


def _still_unsent(message: OutboxMessage) -> bool:
    """Not reminded: who has sent a minute before, and who has left (N1, N3)."""
    return bool(_those_still_unsent([message]))


def _those_still_unsent(messages: Sequence[OutboxMessage]) -> list[int]:
    """One query a month."""
    found = set()
    for month in {occasion(message)[:7] for message in messages}:
        sessions = _unsent(date.fromisoformat(f"{month}-01")).filter(expert__in={one.about_id for one in messages})
        found |= {(expert, month) for expert in sessions.order_by().values_list("expert", flat=True).distinct()}
    return [message.pk for message in messages if (message.about_id, occasion(message)[:7]) in found]


def _to_send(asked: Round, month: date, due: date, once: str) -> Iterator[Note]:
    """One note an expert, whatever the number of rows and units (N8). Two queries."""
    rows = dict(_unsent(month).order_by().values("expert").annotate(rows=Count("pk")).values_list("expert", "rows"))
    url = reverse("fees:my_month_of", args=[f"{month:%Y-%m}"])
    for expert in Expert.objects.filter(pk__in=rows).select_related("user").order_by("pk"):
        if expert.user is not None:
            said = {"month": month, "due": due, "rows": rows[expert.pk], "today": local_date(asked.at)}
            yield Note(expert.user, expert, once, url, said)


@reminder(
    "list_ready",
    _("The hour list of the month is ready to send"),
    to=_("Experts who have something to send"),
    when=_("On the 1st at %(clock)s, or on the working day after it"),
    still_true=_still_unsent,
    still_true_of=_those_still_unsent,
)
def list_ready(asked: Round) -> Iterator[Note]:
    for first in asked.begun:
        month = month_before(first)
        if first.day == 1 and local_date(asked.at) <= (due := dates_of(month).due):
            yield from _to_send(asked, month, due, f"{month:%Y-%m}")


@reminder(
    "list_due",
    _("The hour list has not been sent"),
    to=_("Experts who have something to send"),
    when=_("%(days)s working days before the due day at %(clock)s, and on the working day before a due day off"),
    days=(2,),
    still_true=_still_unsent,
    still_true_of=_those_still_unsent,
)
def list_due(asked: Round) -> Iterator[Note]:
    """R19: the limit stays the 9th; when it is a day off the reminder comes on the working day before."""
    month = month_before(first_of(asked.today))
    due, closing = dates_of(month).due, asked.rules.closing_days
    days = {_working_days_before(due, number, asked) for number in asked.before}
    if not is_working_day(due, closing_days=closing):
        days.add(list_reminder_day(month, due_day=due.day, closing_days=closing))
    if days & set(asked.days) and local_date(asked.at) <= due:
        yield from _to_send(asked, month, due, f"{month:%Y-%m}/{asked.name}")


def _working_days_before(day: date, number: int, asked: Round) -> date:
    for _step in range(number):
        day = previous_working_day(day, closing_days=asked.rules.closing_days)
    return day


@reminder(
    "list_last_day",
    _("The hour list is due today"),
    to=_("Experts who have something to send"),
    when=_("On the due day at %(clock)s, when it is a working day"),
    clock=time(12),
    urgent=True,
    still_true=_still_unsent,
    still_true_of=_those_still_unsent,
)
def list_last_day(asked: Round) -> Iterator[Note]:
    month = month_before(first_of(asked.today))
    due = dates_of(month).due
    if due in asked.days and local_date(asked.at) <= due:
        yield from _to_send(asked, month, due, f"{month:%Y-%m}/{due.isoformat()}")


# --- the unit and the coordinator ------------------------------------------------------------------------------------


def _still_to_check(message: OutboxMessage) -> bool:
    return message.recipient is not None and HourList.objects.to_check_by(message.recipient).exists()


@reminder(
    "lists_to_check",
    _("Hour lists wait to be checked"),
    to=_("Named employees and deputies"),
    when=_("On working days after the due day at %(clock)s"),
    still_true=_still_to_check,
)
def lists_to_check(asked: Round) -> Iterator[Note]:
    """One note a person for all units; nobody's own list (R23). Two queries."""
    month = month_before(first_of(asked.today))
    latest = month if asked.today > dates_of(month).due else month_before(month)
    lists = HourList.objects.filter(state=ListState.AT_UNIT, month__lte=latest)
    waiting: dict[int, list[int | None]] = defaultdict(list)
    for unit_id, user_id in lists.order_by().values_list("unit", "expert__user"):
        waiting[unit_id].append(user_id)
    counts: dict[User, int] = defaultdict(int)
    held = RoleGrant.objects.in_force(asked.at).filter(role__in=NAMED, user__is_active=True, unit__in=waiting)
    for user, place in sorted(
        {(one.user, one.unit_id or 0) for one in held.select_related("user")}, key=lambda pair: (pair[0].pk, pair[1])
    ):
        counts[user] += sum(owner != user.pk for owner in waiting[place])
    for user, count in counts.items():
        if count:
            said = {"count": count, "pay": dates_of(month).pay}
            yield Note(user, user, asked.name, reverse("fees:check"), said)


def _month_is_open(message: OutboxMessage) -> bool:
    month = date.fromisoformat(f"{occasion(message)[:7]}-01")
    return not PaymentRun.objects.filter(month=month).exists()


@reminder(
    "month_board",
    _("How far the month is"),
    to=_("Coordinators"),
    when=_("On working days after the due day at %(clock)s, until the month is closed"),
    still_true=_month_is_open,
)
def month_board(asked: Round) -> Iterator[Note]:
    """How many lists are where. Seven queries."""
    month = month_before(first_of(asked.today))
    due = dates_of(month).due
    if asked.today <= due or PaymentRun.objects.filter(month=month).exists():
        return
    sums = {one.state: one.lists for one in state_sums(month_lists(month, at=asked.at))}
    said = {
        "month": month,
        "pay": dates_of(month).pay,
        "not_sent": sums[NOT_SENT] + sums[ListState.RETURNED],
        "at_unit": sums[ListState.AT_UNIT],
        "approved": sums[ListState.APPROVED],
    }
    if said["not_sent"] or said["at_unit"] or said["approved"]:
        url = reverse("fees:board_of", args=[f"{month:%Y-%m}"])
        for person in holders(asked.at, Role.COORDINATOR):
            yield Note(person, person, f"{month:%Y-%m}/{asked.name}", url, said)


# --- before payment --------------------------------------------------------------------------------------------------


def _lacking(year: int, at: datetime) -> QuerySet[Expert]:
    """Experts with something to be paid and no tax card of the year (R21)."""
    unpaid = HourList.objects.filter(
        expert=OuterRef("pk"), state__in=[ListState.AT_UNIT, ListState.APPROVED, ListState.IN_PAYMENT]
    )
    paid_soon = Expert.objects.filter(CAN_BE_TOLD, Exists(unpaid))
    return lacking(paid_soon, year, local_date(at))


def _still_lacking(message: OutboxMessage) -> bool:
    return _lacking(int(occasion(message)[:4]), timezone.now()).filter(pk=message.about_id).exists()


@reminder(
    "tax_card_payment",
    _("The tax card is missing before a payment"),
    to=_("Experts who will be paid and whose tax card is missing"),
    when=_("%(days)s days before the pay day at %(clock)s"),
    days=(5,),
    still_true=_still_lacking,
)
def tax_card_payment(asked: Round) -> Iterator[Note]:
    pay = dates_of(month_before(first_of(asked.today))).pay
    if pay not in {day for number in asked.before for day in asked.coming(number)}:
        return
    for expert in _lacking(pay.year, asked.at).select_related("user").order_by("pk"):
        if reader := reader_of(expert):
            url = reverse("experts:tax_card", args=[expert.pk])
            yield Note(reader, expert, pay.isoformat(), url, {"year": pay.year, "pay": pay})
