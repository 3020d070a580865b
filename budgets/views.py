"""The budgets of all units in one table, and a unit's year month by month."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from budgets import actions, exports
from budgets.access import SEE_BUDGETS, SET_BUDGETS
from budgets.figures import Year, altogether, years_of
from budgets.forms import OverviewFilter
from budgets.models import Budget, Outlook
from budgets.querysets import followed_by
from budgets.rules import Level, bars
from budgets.texts import LEVEL_WORDS, PART_WORDS
from feetables.rules import ZERO
from office.access import allowed, requires
from office.choices import NAMED, Role
from office.models import Unit, User
from office.requests import Request
from office.templatetags.erfa import localname
from office.workdays import local_date

#: Room of the longest bar and of the row of a month, in units of the drawing (templates/budgets/_chart.html).
ROOM, ROW, HEAD = 190, 26, 30

SORTS: dict[str, Callable[[Year], Any]] = {
    "unit": lambda year: localname(year.unit).casefold(),
    "budget": lambda year: year.budget or ZERO,
    "used": lambda year: year.columns.used,
    "approved": lambda year: year.columns.approved,
    "reported": lambda year: year.columns.reported,
    "agreed": lambda year: year.columns.agreed,
    "left": lambda year: year.left or ZERO,
    "offered": lambda year: year.columns.offered,
    "forecast": lambda year: year.forecast.total,
    "share": lambda year: year.share or ZERO,
}
#: What needs a look comes first.
USUAL = "-share"


def year_asked(request: Request, at: datetime) -> int:
    """The year of the address, else the one that is going on. 404 for what is no year of ours."""
    text = request.GET.get("year") or request.POST.get("year") or ""
    if not text:
        return local_date(at).year
    if not (text.isascii() and text.isdigit() and 2000 <= int(text[:5]) <= 2100):
        raise Http404
    return int(text)


# --- all units -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """A warning level as components/stages.html shows it: how many units, and the units of it."""

    count: int
    label: str
    detail: str
    url: str
    current: bool


@dataclass(frozen=True)
class Head:
    """A column that the table can be sorted by."""

    label: str
    url: str
    order: str  # for aria-sort
    is_number: bool = True


@dataclass(frozen=True)
class Listed:
    """What the overview shows: the years as filtered and sorted, all of them, the filter and the sorting."""

    years: list[Year]
    everything: list[Year]
    form: OverviewFilter
    sort: str


def listed(request: Request, year: int, at: datetime) -> Listed:
    """The units whose money the person follows; those that are in no use only with a budget or a euro."""
    units = followed_by(request.user, Unit.objects.all()).select_related("service_area").order_by("code")
    everything = [
        found
        for found in years_of(units, year, at=at)
        if found.unit.is_active or found.budget is not None or any(m.forecast for m in found.forecast.months)
    ]
    areas = {found.unit.service_area_id: found.unit.service_area for found in everything}
    form = OverviewFilter(request.GET, sorted(areas.values(), key=lambda area: localname(area).casefold()))
    shown = everything
    if form.is_valid():
        if area := form.cleaned_data["area"]:
            shown = [found for found in shown if str(found.unit.service_area_id) == area]
        if level := form.cleaned_data["level"]:
            shown = [found for found in shown if str(found.level.value) == level]
    sort = request.GET.get("sort", USUAL)
    sort = sort if sort.removeprefix("-") in SORTS else USUAL
    shown = sorted(shown, key=SORTS["unit"])
    shown.sort(key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return Listed(shown, everything, form, sort)


def _query(request: Request, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _stages(request: Request, found: Listed) -> list[Stage]:
    current = request.GET.get("level", "")
    made = []
    for level in sorted(Level, reverse=True):
        own = [year for year in found.everything if year.level == level]
        chosen = current == str(level.value)
        url = _query(request, level="" if chosen else str(level.value))
        made.append(Stage(len(own), str(LEVEL_WORDS[level]), "", url, chosen))
    return made


def _heads(request: Request, sort: str) -> list[Head]:
    promised = ((name, PART_WORDS[name]) for name in ("used", "approved", "reported", "agreed"))
    labels = (
        ("unit", _("Unit")), ("budget", _("Budget")), *promised, ("left", _("Left")), ("offered", _("Asked")),
        ("forecast", _("Forecast")), ("share", _("Of the budget")),
    )  # fmt: skip
    made = []
    for name, label in labels:
        order = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        descends = order == "ascending" or (not order and name != "unit")
        made.append(Head(str(label), _query(request, sort=f"-{name}" if descends else name), order, name != "unit"))
    return made


def _neighbours(request: Request, year: int, today: int) -> dict[str, Any]:
    return {
        "year": year,
        "before": (year - 1, _query(request, year=str(year - 1))),
        "after": (year + 1, _query(request, year=str(year + 1))) if year <= today else None,
    }


@requires(SEE_BUDGETS)
@require_GET
def overview(request: Request) -> HttpResponse:
    """All units whose money the person follows; who follows one goes to it."""
    at = timezone.now()
    year = year_asked(request, at)
    if not request.user.has_role(Role.COORDINATOR):
        own = request.user.holdings.units_as(*NAMED)
        if len(own) == 1:
            return redirect(f"{reverse('budgets:unit', args=[own.pop()])}?year={year}")
    found = listed(request, year, at)
    sums = altogether(found.years)
    context = {
        "years": found.years,
        "form": found.form,
        "is_filtered": any(request.GET.get(name) for name in ("area", "level")),
        "clear": f"?year={year}",
        "stages": _stages(request, found),
        "heads": _heads(request, found.sort),
        "sums": sums,
        "may_set": allowed(request.user, SET_BUDGETS),
        "again": _again(request.user, year, local_date(at).year),
        "levels": found.everything[0].levels if found.everything else None,
        **_neighbours(request, year, local_date(at).year),
    }
    return render(request, "budgets/overview.html", context)


def _again(user: User, year: int, today: int) -> bool:
    """Whether the page leads to "the same as last year": this year and the next one."""
    return allowed(user, SET_BUDGETS) and year in {today, today + 1}


@requires(SEE_BUDGETS)
@require_GET
def overview_file(request: Request) -> HttpResponse:
    """The overview as a file: the same units, in the same order."""
    at = timezone.now()
    year = year_asked(request, at)
    return exports.overview(listed(request, year, at).years, year, csv=request.GET.get("form") == "csv")


# --- one unit --------------------------------------------------------------------------------------------------------


def unit_of(request: Request, pk: int) -> Unit:
    """The unit behind a page. 404 when the person does not follow its money."""
    return get_object_or_404(followed_by(request.user, Unit.objects.select_related("service_area")), pk=pk)


def _year_of(unit: Unit, year: int, at: datetime) -> Year:
    [found] = years_of([unit], year, at=at)
    return found


@requires(SEE_BUDGETS)
@require_GET
def unit(request: Request, pk: int) -> HttpResponse:
    """A unit's year: what is used, agreed and expected, month by month, and what the budget has been."""
    at = timezone.now()
    shown, year = unit_of(request, pk), year_asked(request, at)
    found = _year_of(shown, year, at)
    twelfth = (found.budget / 12).quantize(Decimal("0.01")) if found.budget else None
    drawn, mark = bars(found.forecast.months, ROOM, twelfth)
    context = {
        "unit": shown,
        "found": found,
        "bars": [(place * ROW + HEAD, bar) for place, bar in enumerate(drawn)],
        "mark": mark,
        "legend": list(PART_WORDS.items()),
        "patterned": ("approved", "reported", "agreed"),
        "twelfth": twelfth,
        "height": HEAD + len(drawn) * ROW + 4,
        "versions": Budget.objects.versions(shown.pk, year),
        "may_set": allowed(request.user, SET_BUDGETS),
        "waits": _waits(request.user, shown, year, at) if found.level >= Level.NEAR else False,
        **_neighbours(request, year, local_date(at).year),
    }
    return render(request, "budgets/unit.html", context)


def _waits(user: User, unit: Unit, year: int, at: datetime) -> bool:
    """Whether the warning still waits on the person's first page."""
    if year != local_date(at).year:
        return False
    row = Outlook.objects.filter(unit=unit, year=year).first()
    if row is None or row.level < Level.NEAR:
        return False
    as_unit = user.holdings.holds(NAMED, unit.pk) and row.unit_noted < row.level
    return as_unit or (user.has_role(Role.COORDINATOR) and row.office_noted < row.level)


@requires(SEE_BUDGETS)
@require_GET
def unit_file(request: Request, pk: int) -> HttpResponse:
    """A unit's year by month as a file."""
    at = timezone.now()
    shown, year = unit_of(request, pk), year_asked(request, at)
    return exports.unit(_year_of(shown, year, at), year, csv=request.GET.get("form") == "csv")


@requires(SEE_BUDGETS)
@require_POST
def noted(request: Request, pk: int) -> HttpResponse:
    """Takes note of a warning; it comes back when it gets worse."""
    shown = unit_of(request, pk)
    level = request.POST.get("level", "")
    if level not in {str(Level.NEAR.value), str(Level.OVER.value)}:
        raise Http404
    actions.note(shown, level=int(level), by=request.user, at=timezone.now())
    return redirect("budgets:unit", shown.pk)
