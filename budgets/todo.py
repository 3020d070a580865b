"""What waits of budgets: forecasts near or over them, until somebody has taken note (the figures of budgets.tasks)."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from budgets.models import Outlook
from budgets.rules import Level, share
from budgets.texts import LEVEL_WORDS
from office import formats
from office.choices import NAMED, Role
from office.models import User
from office.todo import Ask, Todo, source
from office.together import Row
from office.workdays import local_date

#: Levels that wait, the worst first.
WARNED = (Level.OVER, Level.NEAR)


@source
def budgets(user: User, at: datetime) -> Iterator[Ask]:
    """Own units one by one for the named employee and the deputy; for the coordinator how many there are."""
    warned = Outlook.objects.filter(year=local_date(at).year, level__gte=Level.NEAR, unit__is_active=True)
    if user.has_role(*NAMED):
        own = warned.filter(unit__in=user.holdings.units_as(*NAMED), level__gt=F("unit_noted"))
        names = ("unit_id", "unit__name_fi", "unit__name_sv", "level", "forecast", "budget")
        yield Ask(own.order_by("unit__code").values_list(*names), _of_units)
    if user.has_role(Role.COORDINATOR):
        yield Ask(warned.filter(Q(level__gt=F("office_noted"))).values_list("level"), _of_all)


def _of_units(rows: list[Row]) -> Iterator[Todo]:
    language = get_language() or "fi"
    for pk, name_fi, name_sv, level, forecast, budget in rows:
        told = share(forecast, budget)
        part = "" if told is None else f" ({formats.number(told, language, 1)}{formats.NBSP}%)"
        yield Todo(
            _("%(level)s: %(unit)s, forecast of the year %(forecast)s%(share)s")
            % {
                "level": LEVEL_WORDS[Level(level)],
                "unit": name_sv if language == "sv" else name_fi,
                "forecast": formats.money(forecast, language),
                "share": part,
            },
            reverse("budgets:unit", args=[pk]),
            _("Look at the budget"),
        )


def _of_all(rows: list[Row]) -> Iterator[Todo]:
    counts = [(level, sum(row[0] == level for row in rows)) for level in WARNED]
    words = {
        Level.OVER: ngettext(
            "The forecast of %(count)s unit goes over its budget.",
            "The forecasts of %(count)s units go over their budgets.",
            counts[0][1],
        ),
        Level.NEAR: ngettext(
            "The forecast of %(count)s unit comes near its budget.",
            "The forecasts of %(count)s units come near their budgets.",
            counts[1][1],
        ),
    }
    for level, count in counts:
        if count:
            url = f"{reverse('budgets:overview')}?level={level.value}"
            yield Todo(words[level] % {"count": count}, url, _("Look at the budgets"))
