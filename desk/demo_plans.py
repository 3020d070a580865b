"""What each kind of work asks besides, as the demonstration office answers; and a draft of each kind to go on with."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from assignments import actions as work
from assignments.models import UnitHabits
from desk.demo_people import TASKS
from office.kinds import TaskType as Kind
from office.workdays import at_wall_clock, local_date, next_working_day, previous_working_day

if TYPE_CHECKING:
    from desk.demo_cast import UnitCast

_GOALS = (
    ("Rohkeutta käyttää palvelua itse", "Mod att själv använda tjänsten"),
    ("Oma keino jaksaa arjessa", "Ett eget sätt att orka i vardagen"),
    ("Toivoa siitä, että toipuminen on mahdollista", "Hopp om att återhämtning är möjlig"),
)
_MORE = ("Tie palveluun on ollut pitkä", "Vägen till tjänsten har varit lång")
_CONTACT = (
    "Omatyöntekijä soittaa molemmille ja kertoo peruutuksista",
    "Egenarbetaren ringer båda och meddelar avbokningar",
)
_REASONS = ("Osallistujia on alle kolme", "Deltagarna är färre än tre")
_THEMES = (("Miltä hoitoon tulo tuntui", "Att komma till vården"), ("Mikä minua auttoi", "Vad som hjälpte mig"))
_AUDIENCES = (("Yksikön henkilöstö", "Enhetens personal"), ("Omaiset ja läheiset", "Anhöriga och närstående"))
_EQUIPMENT = ("Mikrofoni ja induktiosilmukka", "Mikrofon och hörslinga")


def plan_for(kind: str, spans: list[tuple[datetime, datetime]], n: int, *, swedish: bool) -> Mapping[str, Any]:
    """Answers to the questions of the kind; ``n`` varies them. ``spans`` are the times of the order."""
    first = local_date(min(spans)[0]) if spans else None
    last = local_date(max(spans)[0]) if spans else None
    period = {"first_day": first, "last_day": last + timedelta(days=7) if last else None}
    meetings = max(len(spans), 1) if n % 7 else 5
    if kind in {Kind.INDIVIDUAL, Kind.PAIR}:
        return {
            "goal": _GOALS[n % len(_GOALS)][swedish],
            "meetings": meetings,
            "more_reason": _MORE[swedish] if meetings > 3 else "",
            "spacing": ("weekly", "fortnight", "as_agreed")[n % 3],
            "first_joint": n % 4 != 3,
            "contact_way": _CONTACT[swedish],
        }
    if kind == Kind.GROUP:
        leaders = {"co_leader": ("Outi Vesterholm", "Ann-Charlotte Lindholm")[n % 2], "end_reasons": _REASONS[swedish]}
        return period | leaders | {"preparation_minutes": (60, 90, 120)[n % 3]}
    if kind == Kind.LECTURE:
        audience = {"audience": _AUDIENCES[n % 2][swedish], "audience_size": (12, 25, 60)[n % 3]}
        return audience | {"theme": _THEMES[n % 2][swedish], "equipment": _EQUIPMENT[swedish] if n % 3 else ""}
    return period if kind in {Kind.APPOINTMENT, Kind.WALK_IN} else {}


def load_drafts(cast: "UnitCast", *, now: datetime) -> None:
    """A draft of each kind of work by the employee who orders, begun on the last days; and the unit's contact."""
    orderer = cast.staff[0]
    contact: dict[str, Any] = {"contact_name": str(cast.named), "contact_phone": cast.named.phone}
    UnitHabits.objects.update_or_create(unit=cast.unit, defaults=contact)
    for n, kind in enumerate(Kind):
        day = local_date(now)
        at = at_wall_clock(previous_working_day(day - timedelta(days=n // 3)), time(9 + 2 * (n % 3), 5 * n))
        first = next_working_day(day + timedelta(days=20))
        period = {"first_day": first, "last_day": first + timedelta(days=42)}
        plan = dict(plan_for(kind, [], n + 1, swedish=False))
        work.save_draft(
            None, by=orderer, at=at, unit=cast.unit, kind=str(kind), task=TASKS[kind][-1][0], place=cast.unit.place,
            plan=plan | (period if "first_day" in plan else {}), **contact,
        )  # fmt: skip
