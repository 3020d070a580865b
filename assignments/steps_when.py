"""Step "when" of ordering: rows are added, removed and repeated by the server, with all that was typed kept."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assignments.access import ORDER
from assignments.actions.plans import plan_of
from assignments.forms_times import (
    KEEP,
    MOST_TIMES,
    BaseTimesFormSet,
    RepeatForm,
    Row,
    WeeklyFormSet,
    asks,
    checked_times,
    edited,
    filled,
    repeated,
    row_of,
    settled,
    shown_repeat,
    shown_times,
    shown_weekly,
    span_of,
    suggested,
    typed_rows,
    typed_weekly,
    weekly,
)
from assignments.models import Order
from assignments.plan_words import plan_facts
from assignments.plans import WITH_PERIOD
from assignments.preview import read_times
from assignments.states import Outcome, SessionState
from assignments.steps import draft_of, gone_on, onward, person, save_some, step_page, times_of
from office.access import requires
from office.errors import RuleError
from office.policies import rules_on
from office.workdays import is_working_day, local_date

#: How often the plan says, in weeks.
WEEKS = {"weekly": 1, "fortnight": 2, "monthly": 4}


def _period(order: Order) -> tuple[date, date] | None:
    plan = plan_of(order)
    if plan is None or order.kind not in WITH_PERIOD or not plan.first_day or not plan.last_day:
        return None
    return plan.first_day, plan.last_day


def _first_rows(order: Order, at: datetime, closing_days: Any) -> tuple[list[Row], bool]:
    """The saved times (days off were decided on when they were saved), or those of the order this one is copied from;
    and whether they are only suggested.
    """
    saved = times_of(order)
    if saved or order.copied_from is None:
        off = [not is_working_day(local_date(starts_at), closing_days=closing_days) for starts_at, _ends_at in saved]
        return [row_of(times, KEEP if is_off else "") for times, is_off in zip(saved, off, strict=True)], False
    earlier = order.copied_from.sessions.exclude(state=SessionState.DROPPED).exclude(outcome=Outcome.MOVED)
    rows = suggested(list(earlier.values_list("starts_at", "ends_at")), at)
    return rows, bool(rows)


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def when(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: the times. One on a day off is asked about: keep it, leave it out, or the next working day."""
    at, order = timezone.now(), draft_of(request, pk)
    if gone := gone_on(request, order):
        return gone
    page = _Page(request, order, at)
    if request.method == "GET":
        rows, page.suggested = _first_rows(order, at, page.closing_days)
        return page.answer(rows)
    rows, do = typed_rows(request.POST), request.POST.get("do", "next")
    if page.period and (do == "weekly" or (do == "next" and typed_weekly(request.POST))):
        rows, done = page.weekly_rows(rows, page.period)
        do = do if done and do == "next" else "look"
    if do == "repeat" or (do == "next" and request.POST.get("count")):
        rows, done = page.series(rows)
        do = do if done and do == "next" else "look"
    if do != "next":
        return page.answer(edited(rows, do))
    return page.save(settled(filled(rows), page.closing_days))


class _Page:
    """The page, each row with what its time would mean as far as it can be read."""

    def __init__(self, request: HttpRequest, order: Order, at: datetime) -> None:
        self.request, self.order, self.at = request, order, at
        self.closing_days = rules_on(local_date(at)).closing_days
        self.period = _period(order)
        plan = plan_of(order)
        self.weeks = WEEKS.get(plan.spacing, 1) if plan else 1
        # what was typed there stays until it has been used
        self.repeat = shown_repeat({"weeks": self.weeks} | request.POST.dict())
        self.weekly = shown_weekly(request.POST)
        self.suggested = False

    def weekly_rows(self, rows: list[Row], period: tuple[date, date]) -> tuple[list[Row], bool]:
        """With the weekly times of the period; and whether one may go on: nobody has seen yet one on a day off."""
        forms = WeeklyFormSet(self.request.POST, prefix="week")
        found = weekly(rows, forms, period, self.at, self.closing_days)
        if found is None:
            self.weekly = forms
            return rows, False
        self.weekly = shown_weekly({})
        return found, not any(asks(row, self.closing_days) for row in found if row not in rows)

    def series(self, rows: list[Row]) -> tuple[list[Row], bool]:
        """With the repetitions; and whether one may go on: nobody has seen yet a new time on a day off."""
        repeat = RepeatForm(self.request.POST)
        found = repeated(rows, repeat, self.closing_days)
        if found is None:
            self.repeat = repeat
            return rows, False
        self.repeat = shown_repeat({"weeks": self.weeks})
        return found, not any(asks(row, self.closing_days) for row in found[len(filled(rows)) :])

    def save(self, rows: list[Row]) -> HttpResponse:
        """Keeps the times and goes on, or tells what is wrong with them."""
        times = checked_times(rows, self.at, closing_days=self.closing_days, period=self.period or (None, None))
        if times.is_valid():
            try:
                save_some(self.order, person(self.request), self.at, times=times.times)
            except RuleError as error:
                times.non_form_errors().append(str(error.message))
            else:
                return onward(self.request, self.order, "who")
        return self.answer(rows, times)

    def answer(self, rows: list[Row], times: BaseTimesFormSet | None = None) -> HttpResponse:
        """The page with these rows."""
        rows = rows or filled(rows)
        spans = [span_of(row) for row in rows]
        known = read_times([span for span in spans if span], self.at)
        read = {(time.starts_at, time.ends_at): time for time in known}
        times = times or shown_times(rows, self.at)
        told = [(form, read.get(span) if span else None) for form, span in zip(times.forms, spans, strict=True)]
        return step_page(
            self.request, "when", self.order, times=times, rows=told, most=MOST_TIMES, suggested=self.suggested,
            repeat=self.repeat, plan=plan_facts(self.order), period=self.period,
            weekly=self.weekly if self.period else None,
        )  # fmt: skip
