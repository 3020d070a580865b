"""What stands in somebody's calendar: sessions, dates of supervision and of courses. A fixed number of queries."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from assignments.calendar import entries as session_entries
from assignments.models import Order, Session
from assignments.querysets import SessionQuerySet
from assignments.states import OfferState, OrderState, Outcome, SessionState
from experts.shown import short_name
from office.addresses import addresses
from office.choices import TASK_TYPES, Role
from office.ical import Entry, Status, host
from office.models import User
from office.spans import span_number
from office.templatetags.erfa import localname, name_of_two
from office.workdays import DAY, at_wall_clock
from supervision.models import Attendance, SupervisionMeeting
from training.models import CourseDate

#: What a subscription tells of the past and of the future.
BACK, ON = timedelta(days=90), timedelta(days=400)
#: What an entry of a subscription needs of a session and its unit; the rest is long.
NEEDED = (
    "order_id", "kind", "starts_at", "ends_at", "done_starts_at", "done_ends_at", "place", "state", "outcome",
    "began_as_id", "unit__name_fi", "unit__name_sv",
)  # fmt: skip
#: Questions to an expert that are not decided.
ASKED = [OfferState.WAITING, OfferState.CAN]
#: Orders whose times are shown though they are not agreed yet.
COMING = [OrderState.TO_CONFIRM, OrderState.LOOKING, OrderState.OFFERED]


@dataclass(frozen=True)
class Scope:
    """Whose times: everything that the person may see, or of it one unit's or one expert's."""

    user: User
    unit_id: int | None = None
    expert_id: int | None = None
    agreed_only: bool = False

    @property
    def whole(self) -> bool:
        """Nothing is picked: the person's dates of supervision and courses are shown too."""
        return self.unit_id is None and self.expert_id is None

    @cached_property
    def asked(self) -> list[int]:
        """Times that the person is asked for as an expert and that are not decided. One query, for an expert."""
        if self.agreed_only or not self.user.has_role(Role.EXPERT):
            return []
        rows = Session.objects.filter(state=SessionState.PLANNED, order__offers__state__in=ASKED)
        return list(rows.filter(order__offers__expert__user=self.user).values_list("pk", flat=True))


@dataclass(frozen=True)
class Time:
    """A row on the page. ``state`` decides the look, ``word`` says it."""

    starts_at: datetime
    ends_at: datetime
    title: str
    who: str
    place: str
    state: str
    word: str
    url: str


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The days from ``first`` to ``last`` as half-open moments in UTC."""
    return at_wall_clock(first, time(0)), at_wall_clock(last + DAY, time(0))


def sessions(scope: Scope, start: datetime, end: datetime) -> SessionQuerySet:
    """Agreed times and what became of them, and times that are asked for. What was moved stands at its new time."""
    picked = {"unit": scope.unit_id, "expert": scope.expert_id}
    return (
        _seen(scope)
        .filter(starts_at__gte=start, starts_at__lt=end)
        .agreed_or(Order.objects.filter(state__in=COMING))
        .exclude(outcome="moved")
        .filter(**{name: value for name, value in picked.items() if value is not None})
        .order_by("starts_at", "pk")
    )


def _seen(scope: Scope) -> SessionQuerySet:
    """Sessions visible to the person, and times that an expert is asked for."""
    seen = Session.objects.visible_to(scope.user)
    # by their keys, for each side of the "or" to use its own index
    return seen | Session.objects.filter(pk__in=scope.asked) if scope.asked else seen


def supervision(scope: Scope, start: datetime, end: datetime) -> QuerySet[SupervisionMeeting]:
    """Dates that the person is signed up for, or supervises; all of them for nobody."""
    mine = Q(attendances__expert__user=scope.user, attendances__state__in=TAKEN) | Q(group__supervisor=scope.user)
    return SupervisionMeeting.objects.filter(mine, starts_at__gte=start, starts_at__lt=end).distinct()


def courses(scope: Scope, start: datetime, end: datetime) -> QuerySet[CourseDate]:
    """Dates of the courses on which the person is."""
    mine = CourseDate.objects.filter(course__participants__expert__user=scope.user)
    found = mine.exclude(course__participants__state="interrupted").filter(starts_at__gte=start, starts_at__lt=end)
    return found.select_related("course__training").distinct()


TAKEN = [Attendance.State.SIGNED_UP, Attendance.State.PRESENT]


def counted(scope: Scope, first: date, last: date) -> dict[date, int]:
    """How many sessions each of the days has, those with any (one query): a whole county's month is not written out."""
    days = [first + n * DAY for n in range((last - first).days + 1)]
    rows = sessions(scope, *bounds(first, last)).order_by()
    of_day = rows.annotate(of_day=span_number("starts_at", [at_wall_clock(day, time(0)) for day in days]))
    # COUNT(*): a count of keys would read the table, this is answered by the index of the time
    return {days[number - 1]: n for number, n in of_day.values_list("of_day").annotate(n=Count("*"))}


class _Row(NamedTuple):
    """What the page needs of a session, its unit and its expert: a day of the county has hundreds."""

    pk: int
    order: int
    kind: str
    starts_at: datetime
    ends_at: datetime
    done_starts_at: datetime | None
    done_ends_at: datetime | None
    place: str
    state: str
    outcome: str
    unit_fi: str
    unit_sv: str
    account: int | None
    first_name: str | None  # none while nobody is chosen
    last_name: str | None


ROW = (
    "pk", "order_id", "kind", "starts_at", "ends_at", "done_starts_at", "done_ends_at", "place", "state", "outcome",
    "unit__name_fi", "unit__name_sv", "expert__user_id", "expert__first_name", "expert__last_name",
)  # fmt: skip


def times(scope: Scope, start: datetime, end: datetime) -> list[Time]:
    """Everything in the half-open interval, in the order of time (three queries)."""
    kinds = {kind: str(word) for kind, word in TASK_TYPES}
    words = _words()
    mine = scope.user.has_role(Role.EXPERT)
    everything = scope.user.has_role(Role.COORDINATOR)
    to_order, to_session = addresses("assignments:order"), addresses("assignments:session")
    found = []
    for row in map(_Row._make, sessions(scope, start, end).values_list(*ROW)):
        unit = name_of_two(row.unit_fi, row.unit_sv)
        expert = ""
        if row.first_name is not None and row.last_name is not None:
            expert = f"{row.first_name} {row.last_name}" if everything else short_name(row.first_name, row.last_name)
        own = mine and row.account == scope.user.pk
        whom = " · ".join(part for part in (unit, expert) if part) if everything else expert
        state = row.outcome or row.state
        found.append(
            Time(
                starts_at=row.done_starts_at or row.starts_at,
                ends_at=row.done_ends_at or row.ends_at,
                title=kinds.get(row.kind, row.kind),
                who=unit if own or (mine and not expert) else whom,
                place=row.place,
                state=state,
                word=words.get(state, ""),
                url=to_order(row.order) if row.state == SessionState.PLANNED else to_session(row.pk),
            )
        )
    if scope.whole:
        found += _others(scope, start, end)
    return sorted(found, key=lambda one: (one.starts_at, one.ends_at, one.url))


def _words() -> dict[str, str]:
    """Outcomes and states as words (a model's own ``get_…_display`` goes through all choices for each row)."""
    words = dict(SessionState.choices) | dict(Outcome.choices) | {SessionState.PLANNED: _("Not agreed yet")}
    return {name: str(word) for name, word in words.items()}


def _others(scope: Scope, start: datetime, end: datetime) -> list[Time]:
    found = [
        Time(
            meeting.starts_at,
            meeting.ends_at,
            _("Work supervision"),
            localname(meeting.group),
            meeting.place,
            "cancelled" if meeting.cancelled_at else "signed_up",
            _("Cancelled") if meeting.cancelled_at else _("Signed up"),
            reverse("supervision:groups"),
        )
        for meeting in supervision(scope, start, end).select_related("group")
    ]
    found += [
        Time(
            day.starts_at,
            day.ends_at,
            _("Training"),
            localname(day.course.training),
            day.place,
            "signed_up",
            _("Signed up"),
            reverse("experts:me"),
        )
        for day in courses(scope, start, end)
    ]
    return found


def entries(user: User, at: datetime) -> list[Entry]:
    """What a subscription tells: agreed times and dates, also cancelled ones; never what is only asked for."""
    scope, start, end = Scope(user, agreed_only=True), at - BACK, at + ON
    found = session_entries(
        list(sessions(scope, start, end).exclude(state=SessionState.PLANNED).select_related("unit").only(*NEEDED))
    )
    home = settings.SITE_URL
    for meeting in supervision(scope, start, end):
        off = meeting.cancelled_at is not None
        found.append(
            Entry(
                uid=f"supervision-{meeting.pk}@{host(home)}",
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                title=_("Cancelled: %(what)s") % {"what": _("Work supervision")} if off else _("Work supervision"),
                changed_at=meeting.cancelled_at or meeting.starts_at,
                sequence=int(off),
                status=Status.CANCELLED if off else Status.CONFIRMED,
                place=meeting.place,
                url=home + reverse("supervision:groups"),
            )
        )
    found += [
        Entry(
            uid=f"course-{day.pk}@{host(home)}",
            starts_at=day.starts_at,
            ends_at=day.ends_at,
            title=_("Training"),
            changed_at=day.course.created_at,
            place=day.place,
            url=home + reverse("experts:me"),
        )
        for day in courses(scope, start, end)
    ]
    return found
