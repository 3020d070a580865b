"""What waits in recruitment: new applications, views to write, decisions. They name nobody."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import NamedTuple

from django.db.models import Case, Count, F, Q, Subquery, When
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.choices import Role
from office.formats import day, moment
from office.models import RetentionPeriod, User
from office.periods import kept_until
from office.todo import Ask, Todo, source
from office.workdays import at_wall_clock, local_date
from recruitment.actions.interviews import MAY_INTERVIEW
from recruitment.models import Application
from recruitment.rules import INTERVIEWERS, LEFT, STILL_MONTHS, STILL_WARNING
from recruitment.states import ApplicationState

State = ApplicationState
OWN = Q(interview__interviewers__given_at__isnull=True, state__in=[State.INTERVIEW_BOOKED, State.INTERVIEWED])


class Waiting(NamedTuple):
    """An open application: views given, and when the reader's own interview is (None: no view to write)."""

    pk: int
    state: str
    given: int
    own: datetime | None


@source
def recruitment(user: User, at: datetime) -> Iterator[Ask]:
    """For the coordinator new applications and decisions; for an interviewer interviews and views."""
    if not user.has_role(*MAY_INTERVIEW):
        return
    mine = OWN & Q(interview__interviewers__user=user)
    wanted = mine
    if user.has_role(Role.COORDINATOR):
        wanted |= Q(state__in=[State.RECEIVED, State.INTERVIEWED])
    rows = (
        Application.objects.order_by("interview__starts_at", "pk")
        .filter(wanted)
        .values("pk", "state", "interview__starts_at")
        .annotate(
            given=Count("interview__interviewers", filter=Q(interview__interviewers__given_at__isnull=False)),
            mine=Count("interview__interviewers", filter=mine),
            own=Case(When(mine__gt=0, then=F("interview__starts_at"))),
        )
        .values_list("pk", "state", "given", "own")
    )
    coordinator = user.has_role(Role.COORDINATOR)
    if coordinator:
        decided = RetentionPeriod.objects.filter(record_class=LEFT).values("months")
        still = Application.objects.still().order_by().values_list("ended", Subquery(decided[:1]))
        yield Ask(still, lambda found: _left(found, local_date(at)))
    yield Ask(rows, lambda found: _told([Waiting(*row) for row in found], at, coordinator=coordinator))


def _left(rows: Iterable[tuple[date, int | None]], today: date) -> Iterator[Todo]:
    """Open applications that retention removes soon, because nothing has happened for long."""
    soon = today + STILL_WARNING
    lasts = [kept_until(last, STILL_MONTHS if months is None else months) for last, months in rows]
    if near := [last for last in lasts if last < soon]:
        said = ngettext(
            "Nothing has happened on %(n)s open application for long: decide, or it is removed.",
            "Nothing has happened on %(n)s open applications for long: decide, or they are removed.",
            len(near),
        )
        due = min(near)
        yield Todo(
            said % {"n": len(near)}, reverse("recruitment:applications"), _("Decide"),
            due=at_wall_clock(due, time(16)), due_text=day(due, translation.get_language() or "fi"),
        )  # fmt: skip


def _told(rows: list[Waiting], at: datetime, *, coordinator: bool) -> Iterator[Todo]:
    where = reverse("recruitment:applications")
    if coordinator and (n := sum(row.state == State.RECEIVED for row in rows)):
        said = ngettext(
            "%(n)s new application waits for an interview.", "%(n)s new applications wait for an interview.", n
        )
        yield Todo(said % {"n": n}, f"{where}?state={State.RECEIVED}", _("See them"))
    if coordinator and (n := sum(row.state == State.INTERVIEWED and row.given == INTERVIEWERS for row in rows)):
        said = ngettext("%(n)s applicant waits for a decision.", "%(n)s applicants wait for a decision.", n)
        yield Todo(said % {"n": n}, f"{where}?state={State.INTERVIEWED}", _("Decide"))
    language = translation.get_language() or "fi"
    for row in rows:
        if row.own is None:
            continue
        url, when = reverse("recruitment:view", args=[row.pk]), moment(row.own, language)
        if row.own > at:
            yield Todo(_("You interview an applicant."), url, _("Prepare"), due=row.own, due_text=when)
        else:
            said = _("Write your view of the interview of %(when)s.") % {"when": when}
            yield Todo(said, url, _("Write"), urgent=True)
