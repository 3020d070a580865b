"""The only writers of supervision: groups, dates, places, attendance (R10)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from office.actions import log
from office.choices import Role
from office.errors import Refused
from office.models import User
from office.outbox import post
from office.saving import readable, save
from supervision.messages import SUPERVISION_CANCELLED
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting

State = Attendance.State


def may_run(group: SupervisionGroup, user: User) -> bool:
    """The coordinator, and the group's own supervisor."""
    own = user.has_role(Role.SUPERVISOR) and group.supervisor_id == user.pk
    return own or user.has_role(Role.COORDINATOR)


def _run(group: SupervisionGroup, by: User) -> None:
    if not may_run(group, by):
        raise Refused(_("You may not do this."))


def save_group(group: SupervisionGroup, *, by: User, at: datetime) -> SupervisionGroup:
    """Adds or changes a group. Fewer seats than are taken stay taken; nobody is put out."""
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    new = group.pk is None
    with readable():
        save(group)
        log("group.add" if new else "group.change", group, by=by, at=at)
    return group


def add_dates(
    group: SupervisionGroup, times: Sequence[tuple[datetime, datetime]], *, place: str, by: User, at: datetime
) -> int:
    """Adds dates (UTC, half-open). All or none: refused when one has passed or is there already. Gives the number."""
    _run(group, by)
    with readable():
        for starts_at, ends_at in times:
            if starts_at <= at:
                raise Refused(_("A date has passed already."))
            save(SupervisionMeeting(group=group, starts_at=starts_at, ends_at=ends_at, place=place))
        log("group.dates", group, by=by, at=at, dates=len(times))
    return len(times)


def _locked(meeting: SupervisionMeeting) -> SupervisionMeeting:
    """The row, locked: places are counted by one at a time."""
    return SupervisionMeeting.objects.select_for_update(of=("self",)).select_related("group").get(pk=meeting.pk)


def _who(expert: Expert, by: User) -> User | None:
    """On whose behalf: the expert signs up alone, the coordinator for them."""
    if expert.user_id == by.pk:
        return None
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    return expert.user


def sign_up(meeting: SupervisionMeeting, expert: Expert, *, by: User, at: datetime) -> None:
    """Takes a place. Refused when it is full, cancelled or has begun. A second click is harmless."""
    behalf = _who(expert, by)
    with readable():
        held = _locked(meeting)
        place = held.attendances.filter(expert=expert).first()
        if place is not None and place.state != State.SIGNED_OFF:
            return
        if held.cancelled_at is not None:
            raise Refused(_("This date is cancelled."))
        if held.starts_at <= at:
            raise Refused(_("This date has begun already."))
        if expert.state == Expert.State.ENDED or not held.group.is_active:
            raise Refused(_("Nobody can sign up for this group now."))
        if held.attendances.exclude(state=State.SIGNED_OFF).count() >= held.group.seats:
            raise Refused(_("All seats are taken. Choose another date."))
        Attendance.objects.update_or_create(meeting=held, expert=expert, defaults={"state": State.SIGNED_UP})
        log("meeting.sign_up", held, by=by, at=at, on_behalf_of=behalf)


def sign_off(meeting: SupervisionMeeting, expert: Expert, *, by: User, at: datetime) -> None:
    """Gives the place back before it begins. A second click is harmless."""
    behalf = _who(expert, by)
    with readable():
        held = _locked(meeting)
        if held.starts_at <= at:
            raise Refused(_("This date has begun already."))
        if held.attendances.filter(expert=expert, state=State.SIGNED_UP).update(state=State.SIGNED_OFF):
            log("meeting.sign_off", held, by=by, at=at, on_behalf_of=behalf)


def mark(place: Attendance, *, present: bool, by: User, at: datetime) -> None:
    """Whether the expert came; from the beginning on, and corrected as often as needed."""
    with readable():
        held = _locked(place.meeting)
        _run(held.group, by)
        if held.cancelled_at is not None:
            raise Refused(_("This date is cancelled."))
        if at < held.starts_at:
            raise Refused(_("Attendance is marked when the date has begun."))
        state = State.PRESENT if present else State.ABSENT
        rows = held.attendances.filter(pk=place.pk).exclude(state__in=[State.SIGNED_OFF, state])
        if rows.update(state=state):
            log("meeting.attendance", held, by=by, at=at)


def cancel(meeting: SupervisionMeeting, *, by: User, at: datetime) -> tuple[int, list[Expert]]:
    """Cancels a date before it begins and tells those who had a place. Twice: told once.

    Gives how many get a message, and the experts without an account, whom somebody has to call.
    """
    with readable():
        held = _locked(meeting)
        _run(held.group, by)
        if held.cancelled_at is not None:
            return 0, []
        if held.starts_at <= at:
            raise Refused(_("This date has begun already."))
        held.cancelled_at = at
        held.save(update_fields=["cancelled_at"])
        log("meeting.cancel", held, by=by, at=at)
        places = list(held.attendances.filter(state=State.SIGNED_UP).select_related("expert__user"))
        told = [post(SUPERVISION_CANCELLED, p.expert.user, about=held, at=at, once="cancelled") for p in places]
        to_call = [place.expert for place, message in zip(places, told, strict=True) if message is None]
        return len(places) - len(to_call), to_call
