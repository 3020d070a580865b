"""The calendar: day, week, month and list; and the private addresses to subscribe to it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments.calendar import entries as session_entries
from assignments.models import Session
from assignments.states import SessionState
from calendars import actions
from calendars.access import SEE_CALENDAR
from calendars.forms import FeedForm, PickForm
from calendars.models import Feed
from calendars.times import Scope, Time, bounds, counted, entries, times
from office import formats
from office.access import public, requires
from office.errors import RuleError
from office.forms import tell
from office.ical import written
from office.policies import rules_on
from office.requests import Request
from office.workdays import DAY, is_working_day, local_date, next_month

#: As many sessions as a page writes out; beyond that a week or a month tells numbers, and a day has pages.
MOST = 150
LIST_DAYS = 60
WEEK = 7
NEW_ADDRESS = "new_calendar_address"
SHOWN = ("day", "week", "month", "list")


@dataclass
class Day:
    """One day of the page. ``number`` stands for its sessions when they are too many to write out."""

    day: date
    off: bool
    today: bool
    outside: bool = False
    times: list[Time] = field(default_factory=list)
    number: int = 0


def _asked_day(request: HttpRequest, today: date) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return asked if date(2000, 1, 1) <= asked <= date(2100, 1, 1) else today


def _span(show: str, day: date) -> tuple[date, date]:
    """First and last day of what is shown; a month is shown in whole weeks."""
    monday = day - day.weekday() * DAY
    if show == "day":
        return day, day
    if show == "week":
        return monday, monday + (WEEK - 1) * DAY
    if show == "list":
        return day, day + (LIST_DAYS - 1) * DAY
    first = day.replace(day=1)
    last = next_month(first) - DAY
    return first - first.weekday() * DAY, last + (WEEK - 1 - last.weekday()) * DAY


def _neighbours(show: str, day: date) -> tuple[date, date]:
    """The day to go back to, and on to."""
    if show == "month":
        first = day.replace(day=1)
        return (first - DAY).replace(day=1), next_month(first)
    step = {"day": 1, "week": WEEK, "list": LIST_DAYS}[show] * DAY
    return day - step, day + step


def _heading(show: str, first: date, last: date, day: date, language: str) -> str:
    if show == "day":
        return formats.day_long(day, language)
    if show == "month":
        name = formats.month_name(day, language)
        return name[:1].upper() + name[1:]
    if show == "week":
        week = _("Week %(number)s") % {"number": first.isocalendar().week}
        return f"{week} · {formats.day(first, language)} – {formats.day(last, language)}"
    return _("From %(day)s") % {"day": formats.day(first, language)}


def _days(scope: Scope, first: date, last: date, today: date, page: str) -> tuple[list[Day], Page[Time] | None]:
    """The days with what is on them: written out, or as numbers when they are too many. A long day has pages."""
    closed = rules_on(today).closing_days
    start, end = bounds(first, last)
    days = {
        day: Day(day, not is_working_day(day, closing_days=closed), day == today)
        for day in (first + n * DAY for n in range((last - first).days + 1))
    }
    numbers = counted(scope, first, last)
    if len(days) > 1 and sum(numbers.values()) > MOST:
        for day, number in numbers.items():
            days[day].number = number
        return list(days.values()), None
    found = times(scope, start, end)
    part = Paginator(found, MOST).get_page(page) if len(days) == 1 else None
    for one in found if part is None else part.object_list:
        on = days.get(local_date(one.starts_at))
        if on is not None:
            on.times.append(one)
    return list(days.values()), part


@requires(SEE_CALENDAR)
@require_GET
def calendar(request: Request) -> HttpResponse:
    """My times, or a unit's, or an expert's: a day, a week, a month or a list from a day on."""
    today = local_date(timezone.now())
    language = translation.get_language() or "fi"
    show = request.GET.get("show", "")
    show = show if show in SHOWN else "week"
    day = _asked_day(request, today)
    form = PickForm(request.GET, user=request.user)
    scope = Scope(request.user, form.picked("unit"), form.picked("expert"))
    first, last = _span(show, day)
    days, part = _days(scope, first, last, today, request.GET.get("page", ""))
    for one in days:
        one.outside = show == "month" and one.day.month != day.month
    back, on = _neighbours(show, day)
    context = {
        "form": form if form.offers_choice else None,
        "picked": not scope.whole,
        "show": show,
        "views": [(name, _view_word(name)) for name in SHOWN],
        "heading": _heading(show, first, last, day, language),
        "page_obj": part,
        "days": days if show in {"week", "month"} else [one for one in days if one.times or one.number],
        "weekdays": [formats.weekday(first + n * DAY, language) for n in range(WEEK)] if show == "month" else [],
        "any": any(one.times or one.number for one in days),
        "day": day,
        "today": today,
        "back": back,
        "on": on,
    }
    return render(request, "calendars/calendar.html", context)


def _view_word(name: str) -> str:
    return {"day": _("Day"), "week": _("Week"), "month": _("Month"), "list": _("List")}[name]


# --- addresses to subscribe to ---------------------------------------------------------------------------------------


@requires(SEE_CALENDAR)
@require_http_methods(["GET", "POST"])
def feeds(request: Request) -> HttpResponse:
    """The person's private addresses; a new one is shown once."""
    form = FeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = actions.make_feed(form.cleaned_data["name"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            request.session[NEW_ADDRESS] = token
            return redirect("calendars:feeds")
    token = request.session.pop(NEW_ADDRESS, "")
    address = settings.SITE_URL + reverse("calendars:feed", args=[token]) if token else ""
    context = {
        "form": form,
        "feeds": list(Feed.objects.filter(user=request.user, revoked_at__isnull=True)),
        "address": address,
        "webcal": f"webcal://{address.partition('//')[2]}" if address else "",
    }
    return render(request, "calendars/feeds.html", context)


@requires(SEE_CALENDAR)
@require_POST
def feed_close(request: Request, pk: int) -> HttpResponse:
    """Closes one's own address."""
    held = get_object_or_404(Feed, pk=pk, user=request.user)
    actions.revoke(held, by=request.user, at=timezone.now())
    messages.success(request, _("The address is closed. Calendars that use it get nothing any more."))
    return redirect("calendars:feeds")


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@public
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a private address; closed addresses and people who have left are 404."""
    at: datetime = timezone.now()
    held = (
        Feed.objects.filter(token_hash=actions.hash_of(token), revoked_at__isnull=True).select_related("user").first()
    )
    if held is None or not held.user.is_active or not held.user.holdings.roles & SEE_CALENDAR.roles:
        raise Http404
    with translation.override(held.user.language):
        content = written(entries(held.user, at), _("Experience experts"))
    actions.note_reading(held, at=at)
    etag = quote_etag(sha256(content).hexdigest())
    answer = _file(content, "erfa.ics")
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request, etag=etag, response=answer) or answer


@requires(SEE_CALENDAR)
@require_GET
def session_file(request: Request, pk: int) -> HttpResponse:
    """One agreed session for one's own calendar."""
    seen = Session.objects.visible_to(request.user).exclude(state=SessionState.PLANNED).select_related("unit")
    session = get_object_or_404(seen, pk=pk)
    return _file(written(session_entries([session]), _("Experience experts")), f"erfa-{pk}.ics")
