"""Step "when": the times of an order as people type them, series of them, and what is done on days off (R9)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from assignments.rules import overlap, weekly_dates
from assignments.texts import day as day_words
from office import formats
from office.forms import ClockField, DayField, number_sent, worded
from office.inputs import InputError, span
from office.workdays import (
    DAY,
    HELSINKI,
    SATURDAY,
    at_wall_clock,
    christmas_eve,
    is_working_day,
    local_date,
    next_working_day,
    public_holidays,
    to_utc,
)

#: As many times as one order takes.
MOST_TIMES = 60
#: As many rows of weekly times as the page has.
WEEKLY_ROWS = 3

Row = dict[str, str]
Span = tuple[datetime, datetime]
#: What a row holds; `off` is what is done with a time on a day off.
ROW = ("day", "start", "end", "off")
TYPED = ("day", "start", "end")
PREFIX = "time"
KEEP, LEAVE, NEXT = "keep", "leave", "next"


class TimeForm(forms.Form):
    """One time of an order: a date and from–to. Cleans to `times`, in UTC."""

    day = DayField(label=_("Date"))
    start = ClockField(label=_("Begins"))
    end = ClockField(end=True, label=_("Ends"))
    off = forms.ChoiceField(
        label=_("What is done with this time?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (KEEP, _("Keep it")),
            (NEXT, _("Hold it on the next working day")),
            (LEAVE, _("Leave it out")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["off"].mark_optional = False  # type: ignore[attr-defined]  # read by the form templates

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if all(cleaned.get(name) is not None for name in TYPED):
            try:
                cleaned["times"] = span(cleaned["day"], cleaned["start"], cleaned["end"])
            except InputError as error:
                self.add_error("day" if error.code == "skipped" else "end", worded(error))
        return cleaned


class BaseTimesFormSet(forms.BaseFormSet):  # type: ignore[type-arg]  # the class is not generic at run time
    """Step "when": the times of an order. `at` is the moment of the page: nothing is ordered for the past (N6).

    `closing_days` are the office's; `period` is the one agreed on, which no time leaves (R9).
    """

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "too_few_forms": _("Write at least one time."),
    }

    def __init__(
        self,
        *args: Any,
        at: datetime,
        closing_days: Collection[date] = (),
        period: tuple[date | None, date | None] = (None, None),
        **kwargs: Any,
    ) -> None:
        self.at = at
        self.closing_days = closing_days
        self.period = period
        super().__init__(*args, **kwargs)

    def clean(self) -> None:
        """Marks times that have passed, overlap an earlier row, lie outside the period, or wait for a word."""
        earlier: list[Span] = []
        for form in self.forms:
            times = form.cleaned_data.get("times") if hasattr(form, "cleaned_data") else None
            if not times:
                continue
            first, last = self.period
            day = local_date(times[0])
            if times[0] <= self.at:
                form.add_error("day", _("This time has passed already."))
            elif any(overlap(times[0], times[1], other[0], other[1]) for other in earlier):
                form.add_error("start", _("This time overlaps another one above."))
            elif (first and day < first) or (last and day > last):
                form.add_error("day", _("This day is outside the period of the order."))
            elif not form.cleaned_data["off"] and not is_working_day(day, closing_days=self.closing_days):
                form.add_error("off", _("This is not a working day. Choose what is done."))
            earlier.append(times)

    @property
    def times(self) -> list[Span]:
        """The times of the valid set, in order."""
        return sorted(form.cleaned_data["times"] for form in self.forms)


TimesFormSet: Any = forms.formset_factory(  # Any: the stubs do not know the arguments of the class above
    TimeForm, formset=BaseTimesFormSet, extra=0, min_num=1, max_num=MOST_TIMES, validate_min=True, validate_max=True
)


class RepeatForm(forms.Form):
    """How many times the last time of the list is repeated, and how often."""

    count = forms.IntegerField(
        label=_("How many times in all"),
        required=False,
        min_value=2,
        max_value=MOST_TIMES,
        help_text=_("The last time above is repeated, at the same time of day."),
        widget=forms.TextInput(attrs={"size": 4, "inputmode": "numeric", "autocomplete": "off"}),
    )
    weeks = forms.TypedChoiceField(
        label=_("How often"),
        required=False,
        coerce=int,
        choices=[(1, _("Every week")), (2, _("Every second week")), (4, _("Every fourth week"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for bound in self.fields.values():
            bound.mark_optional = False  # type: ignore[attr-defined]  # read by the form templates


class WeeklyForm(forms.Form):
    """One weekly time of a period: a weekday and from–to. Left empty it does not count."""

    weekday = forms.TypedChoiceField(
        label=_("Weekday"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", _("Choose")), *((number, str(name).capitalize()) for number, name in WEEKDAYS.items())],
    )
    start = ClockField(label=_("Begins"), required=False)
    end = ClockField(end=True, label=_("Ends"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for bound in self.fields.values():
            bound.mark_optional = False  # type: ignore[attr-defined]  # read by the form templates

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        given = {name for name in ("weekday", "start", "end") if cleaned.get(name) is not None}
        for name in ("weekday", "start", "end"):
            if given and name not in given and name not in self.errors:
                self.add_error(name, _("Write the weekday and both times."))
        return cleaned


WeeklyFormSet: Any = forms.formset_factory(WeeklyForm, extra=0, max_num=WEEKLY_ROWS)


# --- rows ------------------------------------------------------------------------------------------------------------


def empty_row() -> Row:
    return dict.fromkeys(ROW, "")


def row_of(times: Span, off: str = "") -> Row:
    """A time as the fields show it, on the clocks of Helsinki."""
    starts_at, ends_at = (to_utc(moment).astimezone(HELSINKI) for moment in times)
    language = translation.get_language() or "fi"
    return {
        "day": f"{starts_at.day}.{starts_at.month}.{starts_at.year}",
        "start": formats.clock(starts_at, language),
        "end": formats.clock(ends_at, language),
        "off": off,
    }


def span_of(row: Mapping[str, str]) -> Span | None:
    """The time that the row says, in UTC, when it can be read."""
    form = TimeForm({name: row.get(name, "") for name in TYPED})
    return form.cleaned_data["times"] if form.is_valid() else None


def typed_rows(data: Mapping[str, Any]) -> list[Row]:
    """The rows as they were typed."""
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "0")
    count = min(number_sent(total) or 0, MOST_TIMES)
    return [{name: data.get(f"{PREFIX}-{n}-{name}", "").strip() for name in ROW} for n in range(count)]


def filled(rows: Sequence[Row]) -> list[Row]:
    """Rows left empty do not count; one always stays."""
    return [row for row in rows if any(row[name] for name in TYPED)] or [empty_row()]


def edited(rows: Sequence[Row], do: str) -> list[Row]:
    """One row more ("add") or less ("remove-2")."""
    left = [row for number, row in enumerate(rows) if do != f"remove-{number}"]
    return [*left, empty_row()] if do == "add" and len(rows) < MOST_TIMES else left


def asks(row: Row, closing_days: Collection[date]) -> bool:
    """Whether the row's time falls on a day off and nobody has said what is done."""
    times = span_of(row)
    return times is not None and not row["off"] and not is_working_day(local_date(times[0]), closing_days=closing_days)


def settled(rows: Sequence[Row], closing_days: Collection[date]) -> list[Row]:
    """The rows with what was chosen for days off done: left out, or on the next working day at the same clock."""
    done: list[Row] = []
    for row in rows:
        times = span_of(row)
        if times is None or is_working_day(local_date(times[0]), closing_days=closing_days):
            done.append(row | {"off": ""})
        elif row["off"] == LEAVE:
            continue
        elif row["off"] == NEXT:
            day = next_working_day(local_date(times[0]), closing_days=closing_days)
            done.append(row | {"day": f"{day.day}.{day.month}.{day.year}", "off": ""})
        else:
            done.append(row)
    return done or [empty_row()]


def _series_row(times: Span, weekday: int, closing_days: Collection[date]) -> Row:
    """A row of a series; a series on Saturdays or Sundays asks about holidays only."""
    day = local_date(times[0])
    holiday = day in closing_days or day in public_holidays(day.year) or day == christmas_eve(day.year)
    return row_of(times, KEEP if weekday >= SATURDAY and not holiday else "")


def repeated(rows: Sequence[Row], repeat: RepeatForm, closing_days: Collection[date] = ()) -> list[Row] | None:
    """The rows with repetitions of the last one (R9). None when that cannot be: then `repeat` tells why."""
    rows = filled(rows)
    last = span_of(rows[-1])
    count = repeat.cleaned_data.get("count") if repeat.is_valid() else None
    if repeat.errors:
        return None
    if not count:
        repeat.add_error("count", _("Write how many times."))
    elif last is None:
        repeat.add_error("count", _("Write the last time first: its date, beginning and end."))
    elif len(rows) + count - 1 > MOST_TIMES:
        repeat.add_error("count", _("One order takes at most %(most)s times.") % {"most": MOST_TIMES})
    else:
        try:
            series = weekly_dates(*last, count, weeks=repeat.cleaned_data["weeks"] or 1)
        except ValueError:
            repeat.add_error("count", _("One of the times falls on the hour when the clock is moved forward."))
        else:
            weekday = local_date(last[0]).weekday()
            return [*rows, *(_series_row(times, weekday, closing_days) for times in series[1:])]
    return None


def weekly(
    rows: Sequence[Row], forms: Any, period: tuple[date, date], at: datetime, closing_days: Collection[date] = ()
) -> list[Row] | None:
    """The rows with every weekly time of the period that is still to come (R9), by time; times already there once.

    None when that cannot be: then the first form tells why.
    """
    if not forms.is_valid():
        return None
    wanted = [form for form in forms if form.cleaned_data.get("weekday") is not None]
    if not wanted:
        forms[0].add_error("weekday", _("Write the weekday and both times."))
        return None
    there = [row for row in rows if any(row[name] for name in TYPED)]
    known = {span_of(row) for row in there}
    found: list[Span] = []
    past = True
    for form in wanted:
        weekday, start, end = (form.cleaned_data[name] for name in ("weekday", "start", "end"))
        day = period[0] + timedelta(days=(weekday - period[0].weekday()) % 7)
        while day <= period[1] and len(found) <= MOST_TIMES:
            try:
                times = span(day, start, end)
            except InputError as error:
                form.add_error("start", f"{day_words(day)}: {' '.join(worded(error).messages)}")
                return None
            past = past and times[0] <= at
            if times not in known and times[0] > at:
                found.append(times)
            day += 7 * DAY
    if past:
        wanted[0].add_error("weekday", _("The period has no such day that is still to come."))
        return None
    if len(there) + len(found) > MOST_TIMES:
        wanted[0].add_error("weekday", _("One order takes at most %(most)s times.") % {"most": MOST_TIMES})
        return None
    added = [_series_row(times, local_date(times[0]).weekday(), closing_days) for times in found]
    return sorted([*there, *added], key=lambda row: (span_of(row) or (at, at))[0]) or [empty_row()]


def suggested(spans: Sequence[Span], at: datetime) -> list[Row]:
    """The times of an earlier order moved by whole weeks, so that all are to come: weekday and clock stay."""
    if not spans:
        return []
    local = [tuple(to_utc(moment).astimezone(HELSINKI) for moment in times) for times in sorted(spans)]
    weeks = 0
    while True:
        moved = [(start.date() + weeks * 7 * DAY, end.date() + weeks * 7 * DAY) for start, end in local]
        if moved[0][0] > local_date(at):
            break
        weeks += 1
    rows = []
    for (start_day, end_day), (start, end) in zip(moved, local, strict=True):
        try:
            rows.append(row_of((at_wall_clock(start_day, start.time()), at_wall_clock(end_day, end.time()))))
        except ValueError:  # in the hour when the clock is moved forward
            continue
    return rows[:MOST_TIMES]


# --- as forms --------------------------------------------------------------------------------------------------------


def shown_repeat(typed: Mapping[str, Any]) -> RepeatForm:
    """The repetition as it was typed; nothing is checked yet."""
    return RepeatForm(initial={name: typed[name] for name in RepeatForm.base_fields if name in typed})


def _typed_week(data: Mapping[str, Any], number: int) -> Row:
    return {name: str(data.get(f"week-{number}-{name}", "")).strip() for name in WeeklyForm.base_fields}


def typed_weekly(data: Mapping[str, Any]) -> bool:
    """Whether weekly times were written."""
    return any(any(_typed_week(data, number).values()) for number in range(WEEKLY_ROWS))


def shown_weekly(data: Mapping[str, Any]) -> Any:
    """The weekly times as they were typed; nothing is checked yet."""
    return WeeklyFormSet(initial=[_typed_week(data, number) for number in range(WEEKLY_ROWS)], prefix="week")


def shown_times(rows: Sequence[Row], at: datetime) -> BaseTimesFormSet:
    """The rows to be written on; nothing is checked yet."""
    times: BaseTimesFormSet = TimesFormSet(initial=list(rows) or None, prefix=PREFIX, at=at)
    return times


def checked_times(rows: Sequence[Row], at: datetime, **known: Any) -> BaseTimesFormSet:
    """The rows as an answer; `known` are the closing days and the period."""
    data = {f"{PREFIX}-TOTAL_FORMS": str(len(rows)), f"{PREFIX}-INITIAL_FORMS": "0"}
    data |= {f"{PREFIX}-{number}-{name}": row[name] for number, row in enumerate(rows) for name in ROW}
    times: BaseTimesFormSet = TimesFormSet(data, prefix=PREFIX, at=at, **known)
    return times
