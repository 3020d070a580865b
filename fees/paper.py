"""The hour list on paper, in large print: agreed times filled in, boxes to tick, where to return it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from experts.models import Expert
from fees.month import Row
from office import formats
from office.choices import NAMED, TASK_TYPES
from office.models import RoleGrant, Unit
from office.pdf import render
from office.templatetags.erfa import localname

LANGUAGES = ("fi", "sv", "en")
#: The number on the paper as somebody types it who has the paper in the hand: expert, year, month.
NUMBER = re.compile(r"\s*(\d{1,8})\s*[-–/. ]\s*(\d{4})\s*[-–/. ]\s*(\d{1,2})\s*", re.ASCII)
KINDS = dict(TASK_TYPES)


@dataclass(frozen=True, slots=True)
class Line:
    """An agreed time in words."""

    day: str
    time: str
    what: str
    where: str
    orderer: str
    km: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where the paper goes: the unit, its place, and whom to give it to."""

    unit: str
    place: str
    people: str


def number_of(expert: Expert, month: date) -> str:
    """What stands on the paper, so that whoever gets it back finds the list: expert and month."""
    return f"{expert.pk}-{month:%Y-%m}"


def read_number(text: str) -> tuple[int, date] | None:
    """The expert's id and the month of a number, None when it is none."""
    found = NUMBER.fullmatch(text)
    if found is None or not 1 <= int(found[3]) <= 12 or not 2000 <= int(found[2]) <= 2100:
        return None
    return int(found[1]), date(int(found[2]), int(found[3]), 1)


def _addresses(units: Sequence[Unit], at: datetime) -> list[Address]:
    people: dict[int | None, list[str]] = {}
    grants = RoleGrant.objects.in_force(at).filter(unit__in=units, role__in=NAMED, user__is_active=True)
    for grant in grants.select_related("user").order_by("-role", "id"):
        people.setdefault(grant.unit_id, []).append(str(grant.user))
    return [Address(localname(unit), unit.place, ", ".join(people.get(unit.pk, []))) for unit in units]


def hour_paper(expert: Expert, month: date, rows: Sequence[Row], *, due: date, language: str, at: datetime) -> bytes:
    """The paper of one month as PDF/A-3a + PDF/UA-1, in the language asked for. ``rows``: the times to print."""
    units = list({row.session.unit_id: row.session.unit for row in rows}.values())
    with translation.override(language):
        title = _("Work and hour list, %(month)s") % {"month": formats.month_name(month, language)}
        context = {
            "county": settings.COUNTY_NAME[language],
            "title": title,
            "expert": str(expert),
            "number": number_of(expert, month),
            "due": formats.day(due, language),
            "lines": [
                Line(
                    formats.day(row.session.starts_at, language),
                    formats.timespan(row.session.starts_at, row.session.ends_at, language),
                    str(KINDS.get(row.session.kind, row.session.kind)),
                    localname(row.session.unit),
                    str(row.session.order.orderer),
                    formats.number(row.session.travel_km, language) if row.session.travel_km else "",
                )
                for row in rows
            ],
            "addresses": _addresses(units, at),
        }
        return render(
            render_to_string("pdf/hour_paper.html", context),
            title=f"{title}, {expert}",
            language=language,
            created=at,
            page_word=_("Page"),
        )
